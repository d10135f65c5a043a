"""A mapping cut at its separators: for the index of auto-find, for first readings, for walks over folders and for checks.

:func:`cut` cuts the leaves of a Template. :class:`TextCutter` cuts the text of a mapping, where the text alone decides
the answer: that takes a tenth of the time that the Template takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import methodcaller

from ways.regex.expression import literal_start, may_hold
from ways.pattern.template import REFERENCE, SEPARATORS, Leaf, Template
from ways.pattern.token import TokenSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

#: A mapping whose optional parts with separators allow more forms than this has no shape but its start and end.
MANY_FORMS = 16
#: The text cutter follows tokens that are written by other tokens this deep; deeper ones take a Template.
DEEP = 8
_TOKEN = re.compile(r"\{([^{}]+)\}")
#: Keys of a token's details that, beside an expression, say what its text looks like.
SAYS_MORE = frozenset(("format", "choices", "sequence", "segments"))

Details = Mapping[str, "Mapping[str, Any]"]


class Word(NamedTuple):
    """A piece of one segment: literal text, or a leaf token with its expression."""

    text: str
    is_token: bool = False
    expression: str | None = None


class SegmentShape(NamedTuple):
    """What stands between two separators: text alone, or tokens between a literal start and a literal end."""

    is_fixed: bool
    start: str
    end: str
    #: Whether one of its tokens may hold the separator.
    crosses: bool = False


class MatchShape(NamedTuple):
    """The segments of a mapping, cut at one separator. Every text that fits the mapping fits one of its forms."""

    separator: str
    #: The segments for each choice of the optional parts that hold separators.
    forms: tuple[tuple[SegmentShape, ...], ...]
    #: Whether a text may have more segments than a form.
    crosses: bool
    #: What it shares with other mappings, where that is known; see :mod:`ways.pattern.skeletons`.
    skeleton: Any = None


def cut(leaves: Iterable[Leaf], separators: str) -> Iterator[list[Leaf]]:
    """Yield the leaves of each segment; the first segment is empty where the text begins with a separator.

    :param separators: one character, or several that all end a segment.
    """
    split = methodcaller("split", separators) if len(separators) == 1 else re.compile(f"[{re.escape(separators)}]").split
    segment: list[Leaf] = []
    for leaf in leaves:
        if leaf.is_token:
            segment.append(leaf)
            continue
        first, *others = split(leaf.text)
        segment += [leaf._replace(text=first)] if first else []
        for text in others:
            yield segment
            segment = [leaf._replace(text=text)] if text else []
    yield segment


def forms_of(template: Template, separator: str) -> list[list[Leaf]]:
    """Return the leaves of a template for each choice of the parts that hold *separator*; ``[]`` for too many.

    A leaf that stands in such a part alone no longer counts as optional.
    """
    if not template.options:
        return [list(template.leaves)]
    cutting = {
        number
        for leaf in template.leaves
        if not leaf.is_token and separator in leaf.text
        for number in leaf.options
    }
    choices: list[frozenset[int]] = [frozenset()]
    for option in template.options:
        if option.number in cutting:
            also = [chosen | {option.number} for chosen in choices if option.outer is None or option.outer in chosen]
            choices += also
            if len(choices) > MANY_FORMS:
                return []
    return [
        [_chosen(leaf, cutting) for leaf in template.leaves if cutting.intersection(leaf.options) <= chosen]
        for chosen in choices
    ]


def _chosen(leaf: Leaf, chosen: set[int]) -> Leaf:
    return leaf._replace(frames=tuple(frame for frame in leaf.frames if frame.name or frame.number not in chosen))


def is_typed(details: Details) -> bool:
    """Whether a token's own mapping may give other tokens a format, which counts wherever these stand."""
    for entry in details.values():
        if entry and "mapping" in entry and ":" in str(entry["mapping"]):
            return True
    return False


class TextCutter:
    """Cuts the segments of mappings of the first syntax into words. Remembers the texts that it has cut."""

    #: Texts that are remembered at most.
    LIMIT = 100_000

    def __init__(self) -> None:
        self._pieces: dict[str, tuple[tuple[str, bool], ...] | None] = {}

    def words(
        self, text: str, details: Details, asked: dict[str, Mapping[str, Any] | None] | None = None, depth: int = 0
    ) -> tuple[Word, ...] | None:
        """Return the words of one segment, each token that splits replaced by its own mapping.

        :param asked: receives the details of each token that was met, parents too.
        :returns: ``None`` where the text doesn't decide: formats, references, stray braces, a token of several segments.
        """
        if text not in self._pieces:
            if len(self._pieces) >= self.LIMIT:
                self._pieces.clear()
            self._pieces[text] = _plain_pieces(text)
        pieces = self._pieces[text]
        if pieces is None or depth > DEEP:
            return None
        words: list[Word] = []
        for piece, is_token in pieces:
            entry = details.get(piece) if is_token else None
            if asked is not None and is_token:
                asked[piece] = entry
            own = entry.get("mapping") if entry else None
            if not own or own == f"{{{piece}}}":
                words.append(Word(piece, is_token, _expression(piece, entry) if entry else None))
                continue
            own = str(own)
            inner = None if "/" in own or "\\" in own else self.words(own, details, asked, depth + 1)
            if inner is None:
                return None
            words += inner
        return tuple(words)


def _plain_pieces(text: str) -> tuple[tuple[str, bool], ...] | None:
    """Return the pieces of a text, and whether each is a token; ``None`` for formats, references and stray braces."""
    pieces = [(piece, bool(index % 2)) for index, piece in enumerate(_TOKEN.split(text))]
    for piece, is_token in pieces:
        if (":" in piece or piece.startswith(REFERENCE)) if is_token else ("{" in piece or "}" in piece):
            return None
    return tuple((piece, is_token) for piece, is_token in pieces if piece)


def _expression(name: str, entry: Mapping[str, Any]) -> str | None:
    """Return the expression of a token that isn't written by others: the same as :attr:`TokenSpec.reads`."""
    parse = entry.get("parse")
    # Making a spec takes eight times as long, and most details are like this.
    if type(parse) is dict and SAYS_MORE.isdisjoint(entry):
        expression = parse.get("regex")
        if expression is None or type(expression) is str:
            return expression
    try:
        return TokenSpec.of(name, entry).reads
    except ValueError:
        # What can't be written fits nothing.
        return None


class MatchShapes:
    """Makes the shapes of many mappings; each expression, and each segment that is written alike, is read once."""

    def __init__(self) -> None:
        self._words = TextCutter().words
        self._starts: dict[str, tuple[str, bool]] = {}
        self._segments: dict[str, dict[object, SegmentShape]] = {separator: {} for separator in SEPARATORS}

    def of(self, mapping: str, details: Details, template: Callable[[], Template]) -> MatchShape:
        """Return the shape of a mapping of the first syntax.

        :param template: gives the Template, which is asked where the text alone doesn't decide.
        """
        typed = is_typed(details)
        best: MatchShape | None = None
        for separator in _in_order(mapping):
            shape = None if typed else self._of_text(mapping, details, separator)
            if shape is None:
                return self.of_template(template())
            if not shape.crosses:
                return shape
            best = shape if best is None or _least(shape) > _least(best) else best
        assert best is not None
        return best

    def of_template(self, template: Template) -> MatchShape:
        """Return the shape of any Template."""
        best: MatchShape | None = None
        for separator in _in_order(template.separators):
            is_free = separator not in template.separators
            forms = tuple(
                tuple(self._segment(_words_of(template, segment), separator, is_free) for segment in cut(form, separator))
                for form in forms_of(template, separator)
            )
            shape = MatchShape(separator, forms, any(segment.crosses for form in forms for segment in form))
            if forms and not shape.crosses:
                return shape
            best = shape if best is None or _least(shape) > _least(best) else best
        return best if best is not None and best.forms else MatchShape("/", ((SegmentShape(False, "", "", True),),), True)

    def _of_text(self, mapping: str, details: Details, separator: str) -> MatchShape | None:
        """Return the shape of a mapping as its text shows it; ``None`` where it takes a Template."""
        known = self._segments[separator]
        segments = []
        texts = mapping.split(separator)
        is_free = len(texts) == 1
        crosses = False
        for text in texts:
            if "{" not in text and "}" not in text:
                segments.append(known.get(text) or known.setdefault(text, SegmentShape(True, text, text)))
                continue
            words = self._words(text, details)
            if words is None:
                return None
            key = (is_free, *words)
            segment = known.get(key)
            if segment is None:
                segment = known[key] = self._segment(words, separator, is_free)
            segments.append(segment)
            crosses = crosses or segment.crosses
        return MatchShape(separator, (tuple(segments),), crosses)

    def _segment(self, words: Sequence[Word | None], separator: str, is_free: bool) -> SegmentShape:
        """Return the shape of one segment.

        :param words: its words; ``None`` for one of any text.
        :param is_free: whether a token without an expression may hold the separator.
        """
        if all(word is not None and not word.is_token for word in words):
            text = "".join(word.text for word in words if word is not None)
            return SegmentShape(True, text, text)
        start = ""
        for word in words:
            text, is_whole = ("", False) if word is None else self._start(word)
            start += text
            if not is_whole:
                break
        last = words[-1]
        end = "" if last is None or last.is_token else last.text
        expressions = (word.expression for word in words if word is not None and word.is_token)
        crosses = any(is_free if expression is None else may_hold(expression, separator) for expression in expressions)
        return SegmentShape(False, start, end, crosses)

    def _start(self, word: Word) -> tuple[str, bool]:
        """Return the text that a word begins with, and whether that is all of it."""
        if not word.is_token:
            return word.text, True
        if word.expression is None:
            return "", False
        if word.expression not in self._starts:
            self._starts[word.expression] = literal_start(word.expression)
        return self._starts[word.expression]


def _in_order(text: str) -> Sequence[str]:
    """Return the separators, first those in a text: a path of Windows is cut at its own."""
    return SEPARATORS[::-1] if "\\" in text and "/" not in text else SEPARATORS


def _words_of(template: Template, leaves: Iterable[Leaf]) -> list[Word | None]:
    """Return the words of a segment; ``None`` for what an optional part adds, which may be any text or none."""
    words: list[Word | None] = []
    for leaf in leaves:
        words += [None] if leaf.options else []
        if leaf.is_token:
            # A token in a part that may be left out may still hold separators.
            words.append(Word(leaf.text, True, template.spec(leaf.text).reads))
        elif not leaf.options:
            words.append(Word(leaf.text))
    return words


def _least(shape: MatchShape) -> int:
    """Return how many segments each form has at least."""
    return min(map(len, shape.forms), default=0)
