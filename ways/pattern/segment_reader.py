"""Texts and names that are read segment by segment: the first texts of a mapping, and the names in folders.

Compiling the expression of a whole mapping takes as long as reading a hundred texts, and most processes read fewer of most
mappings. The sheets of one studio have few kinds of segments: their expressions are compiled once.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter

from ways.regex.expression import embed, keeps_meaning, may_hold, read
from ways.regex.guard import CostPiece, Match, at_once, cost_pieces, guarded_match, reference_pieces
from ways.regex.parse_tree import UNREADABLE, compiled
from ways.pattern.segments import SAYS_MORE, Details, TextCutter, Word, cut, is_typed
from ways.pattern.template import Leaf, Template, Writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

#: Texts that are read segment by segment before it pays to compile the whole mapping.
USES = 64
#: What ends a folder's name in a path of this machine.
PATH_SEPARATORS = "/\\" if os.sep == "\\" else "/"


class SegmentMatch(NamedTuple):
    """The expression of one segment, compiled."""

    fullmatch: Match
    #: The tokens whose values are matched in front of the segment, each with a NUL after it: they are known before.
    known: tuple[str, ...]
    #: The tokens whose values the segment adds, and the names of their groups.
    added: tuple[str, ...]
    groups: tuple[str, ...]


def segment_match(words: Iterable[Word], known: Iterable[str], free: str) -> SegmentMatch:
    """Return the compiled expression of one segment.

    :param known: tokens of the segment that an earlier segment gave a value. Their values are matched as text in front,
        so that one expression serves all values. No name has a NUL.
    :param free: the expression of a token that has none.
    :raises re.error: an expression is no regular expression.
    """
    group_of = {token: f"_{number}" for number, token in enumerate(known)}
    ahead = tuple(group_of)
    written = [f"(?P<{group}>[^\0]*)\0" for group in group_of.values()]
    count = len(group_of)
    pieces: list[CostPiece] | None = []
    for word in words:
        more: tuple[CostPiece, ...] | None = (word.text,)
        if not word.is_token:
            written.append(re.escape(word.text))
        else:
            expression, groups = (free, 0) if word.expression is None else embed(word.expression, count + 1)
            more = cost_pieces(expression)
            if word.text in group_of:
                written.append(f"(?P={group_of[word.text]})")
                more = reference_pieces(more)
            else:
                group_of[word.text] = f"_{len(group_of)}"
                written.append(f"(?P<{group_of[word.text]}>{expression})")
                count += 1 + groups
        pieces = None if pieces is None or more is None else [*pieces, *more]
    added = tuple(group_of)[len(ahead) :]
    return SegmentMatch(guarded_match(compiled("".join(written)), pieces), ahead, added, tuple(group_of[token] for token in added))


# --- the first texts of a mapping

#: What reads one segment: its ``fullmatch``, the tokens that are matched in front, those that it adds, and the token that is
#: all of it, if there is one. A plain tuple is taken apart in half the time of a record.
SegmentStep = tuple[Match, tuple[str, ...], tuple[str, ...], "str | None"]


class SegmentReader:
    """Reads the first texts of one mapping. A text that it refuses may still fit the mapping.

    :param segments: the literal text of each segment, or what reads it.
    """

    #: Whether a text that the whole pattern refuses doesn't fit.
    can_refuse = True
    __slots__ = ("_separator", "_count", "_literals_of", "_literals", "_steps", "_left")

    def __init__(self, separator: str, segments: Sequence[str | SegmentStep]) -> None:
        self._separator = separator
        self._count = len(segments)
        fixed = [index for index, segment in enumerate(segments) if isinstance(segment, str)]
        self._literals_of: Callable[[Sequence[object]], object] = itemgetter(*fixed) if fixed else lambda texts: None
        self._literals = self._literals_of(segments)
        self._steps = [(index, *segment) for index, segment in enumerate(segments) if not isinstance(segment, str)]
        self._left = USES

    def values(self, text: str) -> dict[str, str] | None:
        """Return the value of each leaf token in *text*; ``None`` where the whole pattern has to answer.

        :raises MatchTimeoutError: that may take long; nothing was tried.
        """
        self._left -= 1
        texts = text.split(self._separator)
        if self._left < 0 or len(texts) != self._count or self._literals_of(texts) != self._literals or "\0" in text:
            return None
        values: dict[str, str] = {}
        for index, fullmatch, known, added, token in self._steps:
            own = texts[index]
            match = fullmatch("".join([f"{values[name]}\0" for name in known]) + own if known else own)
            if match is None:
                return None
            if token is not None:
                values[token] = own
            else:
                values.update(zip(added, match.groups()[len(known) :]))
        return values


class SegmentCache:
    """Makes the segment readers of many mappings; each kind of segment is compiled once."""

    #: Segments, by their text, that are kept at most, and kinds of one text.
    LIMIT = 10_000
    KINDS = 100

    def __init__(self) -> None:
        self._cutter = TextCutter()
        self._known: dict[tuple[str, str], list[_SegmentKind]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def reader(self, mapping: str, details: Details) -> SegmentReader | None:
        """Return what reads the first texts of a mapping of the first syntax; ``None`` where it isn't plain enough.

        It is plain enough where a match of the whole pattern decides alone, and gives a value to each token that an Asset
        needs.
        """
        separator = "/" if "/" in mapping else "\\"
        if separator not in mapping or (separator == "/" and "\\" in mapping) or is_typed(details):
            return None
        segments: list[str | SegmentStep] = []
        seen: set[str] = set()
        splits = may_be_empty = False
        for text in mapping.split(separator):
            if "{" not in text and "}" not in text:
                segments.append(text)
                continue
            kind = self._kind(text, details, separator)
            if kind is None:
                return None
            tokens = kind.tokens
            segments.append(kind.alone if seen.isdisjoint(tokens) else kind.step(tuple(filter(seen.__contains__, tokens))))
            seen.update(tokens)
            splits = splits or kind.splits
            may_be_empty = may_be_empty or kind.may_be_empty
        # A token that is written by others has no value where all of these are empty.
        return SegmentReader(separator, segments) if seen and not (splits and may_be_empty) else None

    def _kind(self, text: str, details: Details, separator: str) -> _SegmentKind | None:
        kinds = self._known.get((text, separator))
        if kinds is None:
            if len(self._known) >= self.LIMIT:
                self._known.clear()
            kinds = self._known[text, separator] = []
        for kind in kinds:
            if kind.is_of(details):
                return kind if kind.words else None
        asked: dict[str, Mapping[str, Any] | None] = {}
        words = self._cutter.words(text, details, asked)
        is_plain = words is not None and all(_is_plain(name, entry, separator) for name, entry in asked.items())
        made = _SegmentKind(asked, words if words is not None and is_plain else (), separator)
        if len(kinds) < self.KINDS:
            kinds.append(made)
        return made if made.words else None


class _SegmentKind:
    """The text of one segment, with one set of details of its tokens.

    :param asked: these details, by token.
    :param words: its words; none where it isn't plain enough.
    """

    def __init__(self, asked: Mapping[str, object], words: tuple[Word, ...], separator: str) -> None:
        self._names = tuple(asked)
        self._entries = list(asked.values())
        self.words = words
        self._free = f"[^{re.escape(separator)}]+"
        tokens = [word for word in words if word.is_token]
        #: The leaf tokens, each once.
        self.tokens = tuple(dict.fromkeys(word.text for word in tokens))
        #: Whether a token is written by others.
        self.splits = len(asked) > len(self.tokens)
        self.may_be_empty = any(word.expression is not None and _fits_nothing(word.expression) for word in tokens)
        self._steps: dict[tuple[str, ...], SegmentStep] = {}
        if words:
            #: What reads it where no earlier segment has one of its tokens.
            self.alone = self.step(())

    def is_of(self, details: Details) -> bool:
        """Whether *details* say the same of its tokens."""
        return [details.get(name) for name in self._names] == self._entries

    def step(self, known: tuple[str, ...]) -> SegmentStep:
        """Return what reads it where earlier segments gave *known* tokens a value."""
        step = self._steps.get(known)
        if step is None:
            match = segment_match(self.words, known, self._free)
            token = self.tokens[0] if len(self.words) == 1 and not known else None
            step = self._steps[known] = (at_once(match.fullmatch), match.known, match.added, token)
        return step


def _is_plain(name: str, entry: Mapping[str, Any] | None, separator: str) -> bool:
    """Whether a token's text is matched as well in its segment alone as in the whole mapping."""
    if not entry:
        return True
    parse = entry.get("parse") or {}
    if type(parse) is not dict or not SAYS_MORE.isdisjoint(entry):
        return False
    expression, own = parse.get("regex"), entry.get("mapping")
    if own and own != f"{{{name}}}":
        return expression is None and "{" in str(own)
    return expression is None or (type(expression) is str and _is_whole(expression, separator))


@lru_cache(maxsize=4096)
def _is_whole(expression: str, separator: str) -> bool:
    """Whether an expression reads the same inside of a segment, and holds no group and no separator."""
    try:
        return keeps_meaning(expression) and not read(expression).groups and not may_hold(expression, separator)
    except UNREADABLE:
        return False


@lru_cache(maxsize=4096)
def _fits_nothing(expression: str) -> bool:
    return read(expression).fullmatch("") is not None


# --- the names in folders


class NameReader:
    """Matches the names in a folder against one segment."""

    def __init__(self, match: SegmentMatch) -> None:
        self._match = match
        self._read = _NameValues(match).__getitem__
        self._known = match.known

    def reader(self, values: Mapping[str, str]) -> Callable[[str], dict[str, str] | None]:
        """Return a function that gives the values which a name adds to *values*, or ``None`` where it doesn't fit.

        The dicts are shared: copy them before you hand them out. Of a name that may take long it raises MatchTimeoutError at
        once: :meth:`read` tells.
        """
        if not self._known:
            return self._read
        front = self._front(values)
        return lambda name: self._read(front + name)

    def read(self, values: Mapping[str, str], name: str) -> dict[str, str] | None:
        """Return the same for one name, however long it takes.

        :raises MatchTimeoutError: that takes too long.
        """
        return _added_by(self._match, self._match.fullmatch(self._front(values) + name))

    def _front(self, values: Mapping[str, str]) -> str:
        return "".join(f"{values[token]}\0" for token in self._known)


def _added_by(of: SegmentMatch, match: re.Match[str] | None) -> dict[str, str] | None:
    return None if match is None else {token: match[group] for group, token in zip(of.groups, of.added)}


class _NameValues(dict[str, "dict[str, str] | None"]):
    """Names with their values; a name is matched when it is first asked for. A tree has the same names in many folders."""

    #: Names that are kept at most.
    LIMIT = 10_000

    def __init__(self, match: SegmentMatch) -> None:
        super().__init__()
        self._segment = match
        self._fullmatch = at_once(match.fullmatch)

    def __missing__(self, name: str) -> dict[str, str] | None:
        if len(self) >= self.LIMIT:
            self.clear()
        values = self[name] = _added_by(self._segment, self._fullmatch(name))
        return values


class PathStep(NamedTuple):
    """One segment of a path on disk."""

    #: Writes the segment's name where each of its tokens has a value.
    name: Writer
    #: What its names are matched with; ``None`` where each of its tokens has a value by then.
    names: NameReader | None = None


class PathSteps:
    """A mapping as steps down from folder to folder, where the values of some tokens are known before.

    :param fixed: these tokens, with their values; only values of several segments count, others may change.
    :raises re.error: an expression is no regular expression.
    """

    def __init__(self, template: Template, fixed: Mapping[str, str]) -> None:
        self._template = template
        self._fixed = fixed
        segments = list(cut((_put_in(leaf, fixed) for leaf in template.leaves), PATH_SEPARATORS))
        #: The number of segments.
        self.depth = len(segments)
        #: The first segment that may be several.
        self.crossing = next((index for index, segment in enumerate(segments) if self._crosses(segment)), None)
        #: The steps up to that segment.
        self.steps: list[PathStep] = []
        #: Whether the steps take each name that the whole mapping takes, with the same values of tokens that stand again later.
        self.is_told = True
        counts = Counter(name for segment in segments for name in {leaf.text for leaf in segment if leaf.is_token})
        before = set(fixed)
        for segment in segments[: self.crossing]:
            tokens = dict.fromkeys(leaf.text for leaf in segment if leaf.is_token)
            names = None
            if not tokens.keys() <= before:
                known = [token for token in tokens if token in before]
                words = [self._word(leaf) for leaf in segment]
                is_shared = any(counts[token] > 1 for token in tokens if token not in before)
                self.is_told = self.is_told and _may_be_repeated(words, before) and not (is_shared and _may_be_divided(words, before))
                names = NameReader(segment_match(words, known, "(?s:.+)"))
                before |= tokens.keys()
            self.steps.append(PathStep(Writer(segment), names))
        #: Whether an expression refuses paths that the steps alone would take.
        specs = map(template.spec, template.all_tokens)
        self.needs_whole = any(spec.is_constrained and (spec.splits or not spec.is_read_whole) for spec in specs)

    def _crosses(self, segment: Sequence[Leaf]) -> bool:
        open_tokens = (leaf.text for leaf in segment if leaf.is_token and leaf.text not in self._fixed)
        return any(may_hold_path_separator(self._template, token) for token in open_tokens)

    def _word(self, leaf: Leaf) -> Word:
        if not leaf.is_token:
            return Word(leaf.text)
        spec = self._template.spec(leaf.text)
        # An expression that would mean something else inside a larger one stands for any name: the whole mapping is asked
        # in the end.
        return Word(leaf.text, True, spec.reads if spec.reads is None or not spec.is_plain or spec.is_read_whole else "(?s:.*)")


def _may_be_divided(words: Sequence[Word], known: Container[str]) -> bool:
    """Whether a name may be divided among the words in several ways, as far as that is not sure.

    :param known: the tokens whose values are known before.
    """
    tokens = {word.text for word in words if word.is_token and word.text not in known}
    if len(tokens) < 2:
        # All else has its length.
        return False
    for word, following in zip(words, words[1:]):
        if word.text in tokens and word.is_token:
            if following.is_token or word.expression is None or may_hold(word.expression, following.text[0]):
                return True
    return False


def _may_be_repeated(words: Sequence[Word], known: Container[str]) -> bool:
    """Whether the guard of a segment's expression lets a token stand twice: not if its loops stand inside each other."""
    tokens = [word for word in words if word.is_token and word.text not in known]
    return len({word.text for word in tokens}) == len(tokens) or all(cost_pieces(word.expression or "") is not None for word in tokens)


def holds_path_separator(text: str) -> bool:
    """Whether a text is several segments of a path on this machine."""
    return any(separator in text for separator in PATH_SEPARATORS)


def may_hold_path_separator(template: Template, token: str) -> bool:
    """Whether a token's value may be several segments of a path on this machine."""
    expression = template.spec(token).reads
    if expression is not None:
        return any(may_hold(expression, separator) for separator in PATH_SEPARATORS)
    return PATH_SEPARATORS[0] not in template.separators


def _put_in(leaf: Leaf, fixed: Mapping[str, str]) -> Leaf:
    """Return a leaf that stands in no part; a known value that is several segments in the place of its token."""
    value = fixed.get(leaf.text, "") if leaf.is_token else ""
    return Leaf(value, False) if holds_path_separator(value) else leaf._replace(frames=())
