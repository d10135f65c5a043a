"""Parts: the first texts of a mapping, read segment by segment with patterns that mappings share.

Compiling the pattern of a whole mapping takes as long as reading a hundred texts, and most processes read fewer of most
mappings. A world has few kinds of segments: their patterns are compiled once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from ways.regex.expression import embed, keeps_meaning, may_hold
from ways.regex.guard import Match, Piece, at_once, guarded, pieces_of, repeated
from ways.pattern.skeleton import DEEP, SAYS_MORE, Details, is_typed, plain_pieces
from ways.pattern.template import SEPARATORS

#: Texts that are read so before it pays to compile the whole mapping.
USES = 16


class _Word(NamedTuple):
    """Literal text, or a token with its expression."""

    text: str
    is_token: bool = False
    expression: str | None = None


class _Reader(NamedTuple):
    """Reads one segment."""

    fullmatch: Match
    #: The tokens whose values are matched in front, since an earlier segment has them.
    known: tuple[str, ...]
    #: The tokens whose values it adds.
    added: tuple[str, ...]
    #: The token that is all of it, if there is one.
    token: str | None


_NO_READER = _Reader(re.compile("(?!)").fullmatch, (), (), None)


def _none(texts: Sequence[object]) -> None:
    """Return what a mapping without a segment of text alone is told by."""


class First:
    """Reads texts by one mapping, a few times. What it refuses may fit all the same, and only then.

    :param segments: the text of each segment, or what reads it.
    """

    __slots__ = ("_separator", "_count", "_literals_of", "_literals", "_readers", "_left")

    def __init__(self, separator: str, segments: Sequence[str | _Reader]) -> None:
        self._separator = separator
        self._count = len(segments)
        fixed = [index for index, segment in enumerate(segments) if isinstance(segment, str)]
        self._literals_of: Callable[[Sequence[object]], object] = itemgetter(*fixed) if fixed else _none
        self._literals = self._literals_of(segments)
        # A plain tuple is taken apart in half the time.
        self._readers = [(index, *segment) for index, segment in enumerate(segments) if not isinstance(segment, str)]
        self._left = USES

    def values(self, text: str) -> dict[str, str] | None:
        """Return the value of each leaf token in *text*, or ``None`` where the whole pattern has to tell."""
        self._left -= 1
        texts = text.split(self._separator)
        if self._left < 0 or len(texts) != self._count or self._literals_of(texts) != self._literals or "\0" in text:
            return None
        values: dict[str, str] = {}
        for index, fullmatch, known, added, token in self._readers:
            own = texts[index]
            found = fullmatch("".join([f"{values[name]}\0" for name in known]) + own if known else own)
            if found is None:
                return None
            if token is not None:
                values[token] = own
            else:
                values.update(zip(added, found.groups()[len(known) :]))
        return values


class Parts:
    """Makes the first readers of many mappings; each kind of segment is compiled once."""

    #: Segments, by their text, that are kept at most, and kinds of one text.
    LIMIT = 10_000
    KINDS = 100

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], list[_Segment]] = {}

    def first(self, mapping: str, details: Details) -> First | None:
        """Return what reads the first texts of a mapping of the first syntax; ``None`` where it isn't plain enough.

        It is where a match of the whole pattern would say all, and give each token that an Asset needs a value.
        """
        separator = "/" if "/" in mapping else "\\"
        if separator not in mapping or (separator == "/" and "\\" in mapping) or is_typed(details):
            return None
        segments: list[str | _Reader] = []
        seen: set[str] = set()
        splits = may_be_empty = False
        for text in mapping.split(separator):
            if "{" not in text and "}" not in text:
                segments.append(text)
                continue
            segment = self._segment(text, details, separator)
            if segment is None:
                return None
            tokens = segment.tokens
            segments.append(segment.alone if seen.isdisjoint(tokens) else segment.reader(tuple(filter(seen.__contains__, tokens))))
            seen.update(tokens)
            splits = splits or segment.splits
            may_be_empty = may_be_empty or segment.may_be_empty
        # A token that is written by others has no value where all of these are empty.
        return First(separator, segments) if seen and not (splits and may_be_empty) else None

    def _segment(self, text: str, details: Details, separator: str) -> _Segment | None:
        kinds = self._known.get((text, separator))
        if kinds is None:
            if len(self._known) >= self.LIMIT:
                self._known.clear()
            kinds = self._known[text, separator] = []
        for kind in kinds:
            if kind.is_of(details):
                return kind if kind.words else None
        made = _Segment.of(text, details, separator)
        if len(kinds) < self.KINDS:
            kinds.append(made)
        return made if made.words else None


class _Segment:
    """One segment, with what the details say of its tokens.

    :param asked: the details that it was made of, by token.
    :param words: literals and leaf tokens; none where it isn't plain enough.
    """

    def __init__(self, asked: Mapping[str, object], words: tuple[_Word, ...], separator: str) -> None:
        self._names = tuple(asked)
        self._entries = list(asked.values())
        self.words = words
        self._separator = separator
        tokens = [word for word in words if word.is_token]
        #: The leaf tokens, each once.
        self.tokens = tuple(dict.fromkeys(word.text for word in tokens))
        #: Whether a token is written by others.
        self.splits = len(asked) > len(self.tokens)
        self.may_be_empty = any(word.expression is not None and _fits_nothing(word.expression) for word in tokens)
        self._readers: dict[tuple[str, ...], _Reader] = {}
        #: What reads it where no earlier segment has one of its tokens.
        self.alone = self.reader(()) if words else _NO_READER

    @classmethod
    def of(cls, text: str, details: Details, separator: str) -> _Segment:
        """Return the segment of a text."""
        asked: dict[str, object] = {}
        words = _words(text, details, separator, asked)
        return cls(asked, tuple(words or ()), separator)

    def is_of(self, details: Details) -> bool:
        """Whether these details say of its tokens what those say that it was made of."""
        return [details.get(name) for name in self._names] == self._entries

    def reader(self, known: tuple[str, ...]) -> _Reader:
        """Return what reads it where earlier segments have given *known* tokens their values."""
        found = self._readers.get(known)
        if found is None:
            found = self._readers[known] = self._made_reader(known)
        return found

    def _made_reader(self, known: tuple[str, ...]) -> _Reader:
        # Known values are matched as text in front, so that one pattern serves whatever they are. No text has a NUL.
        numbers = {token: number for number, token in enumerate(known, 1)}
        written = [f"(?P<_{number}>[^\0]*)\0" for number in numbers.values()]
        pieces: list[Piece] | None = []
        for word in self.words:
            reads = self._reads(word)
            more = pieces_of(reads) if word.is_token else (word.text,)
            if not word.is_token:
                written.append(reads)
            elif word.text in numbers:
                written.append(f"(?P=_{numbers[word.text]})")
                more = repeated(more)
            else:
                numbers[word.text] = len(numbers) + 1
                written.append(f"(?P<_{numbers[word.text]}>{reads})")
            pieces = None if pieces is None or more is None else [*pieces, *more]
        token = self.tokens[0] if len(self.words) == 1 and not known else None
        return _Reader(at_once(guarded(re.compile("".join(written)), pieces)), known, tuple(numbers)[len(known) :], token)

    def _reads(self, word: _Word) -> str:
        """Return the expression of a piece."""
        if not word.is_token:
            return re.escape(word.text)
        return f"[^{re.escape(self._separator)}]+" if word.expression is None else embed(word.expression, 0)[0]


def _words(text: str, details: Details, separator: str, asked: dict[str, Any], depth: int = 0) -> list[_Word] | None:
    """Return the pieces of a segment, tokens that split replaced; ``None`` where they aren't plain.

    :param asked: told the details of each token.
    """
    pieces = plain_pieces(text)
    if pieces is None or depth > DEEP:
        return None
    words: list[_Word] = []
    for piece, is_token in pieces:
        if not is_token:
            words.append(_Word(piece))
            continue
        entry = asked[piece] = details.get(piece)
        inner = _token_words(piece, entry or {}, details, separator, asked, depth)
        if inner is None:
            return None
        words += inner
    return words


def _token_words(
    name: str, entry: Mapping[str, Any], details: Details, separator: str, asked: dict[str, Any], depth: int
) -> list[_Word] | None:
    parse = entry.get("parse") or {}
    if type(parse) is not dict or not SAYS_MORE.isdisjoint(entry):
        return None
    expression, own = parse.get("regex"), entry.get("mapping")
    if not own or own == f"{{{name}}}":
        is_plain = expression is None or (type(expression) is str and _is_whole(expression, separator))
        return [_Word(name, True, expression)] if is_plain else None
    if expression is not None or any(letter in str(own) for letter in SEPARATORS):
        return None
    words = _words(str(own), details, separator, asked, depth + 1)
    return words if words and any(word.is_token for word in words) else None


@lru_cache(maxsize=4096)
def _is_whole(expression: str, separator: str) -> bool:
    """Whether an expression reads the same inside of a segment, and holds no group and no separator."""
    try:
        return keeps_meaning(expression) and not re.compile(expression).groups and not may_hold(expression, separator)
    except (re.error, RecursionError, OverflowError):
        return False


@lru_cache(maxsize=4096)
def _fits_nothing(expression: str) -> bool:
    return re.fullmatch(expression, "") is not None
