"""Skeleton: what an index of many mappings needs to know of one, told without making its Template where that will do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ways.regex.expression import literal_start, may_hold
from ways.pattern.template import REFERENCE, SEPARATORS, Leaf, Template
from ways.pattern.token import TokenSpec

#: Templates whose parts with separators allow more forms than these are known by their start and end alone.
MANY_FORMS = 16
#: Tokens that are written by others which are written by others, so deep, are the Template's to see through.
DEEP = 8
_TOKEN = re.compile(r"\{([^{}]+)\}")
#: What a token's details say of its text beside an expression.
SAYS_MORE = frozenset(("format", "choices", "sequence"))

Details = Mapping[str, Mapping[str, Any]]


class Segment(NamedTuple):
    """What stands between two separators: text alone, or tokens between a literal start and a literal end."""

    is_fixed: bool
    start: str
    end: str
    #: Whether one of its tokens may hold the separator.
    crosses: bool = False


class Skeleton(NamedTuple):
    """A mapping, cut at one separator. Every text that fits the mapping fits one of its forms."""

    separator: str
    #: The segments for each choice of the optional parts that hold separators.
    forms: tuple[tuple[Segment, ...], ...]
    #: Whether a text may have more segments than a form.
    crosses: bool


class _Word(NamedTuple):
    """A piece of one segment: literal text, or a token with its expression."""

    text: str
    is_token: bool
    expression: str | None = None


class Skeletons:
    """Makes the skeletons of many mappings; each expression, and each segment that is written alike, is read once."""

    def __init__(self) -> None:
        self._holds: dict[tuple[str, str], bool] = {}
        self._starts: dict[str, tuple[str, bool]] = {}
        self._pieces: dict[str, tuple[tuple[str, bool], ...] | None] = {}
        self._segments: dict[str, dict[object, Segment]] = {separator: {} for separator in SEPARATORS}

    def of(self, mapping: str, details: Details, template: Callable[[], Template]) -> Skeleton:
        """Return the skeleton of a mapping of the first syntax.

        :param template: gives the Template, which is asked where the text alone doesn't tell.
        """
        typed = is_typed(details)
        best: Skeleton | None = None
        for separator in SEPARATORS:
            found = None if typed else self._plain(mapping, details, separator)
            if found is None:
                return self.of_template(template())
            if not found.crosses:
                return found
            best = found if best is None or _least(found) > _least(best) else best
        assert best is not None
        return best

    def of_template(self, template: Template) -> Skeleton:
        """Return the skeleton of any Template."""
        best: Skeleton | None = None
        for separator in SEPARATORS:
            forms = tuple(tuple(self._cut(template, form, separator)) for form in forms_of(template, separator))
            found = Skeleton(separator, forms, any(segment.crosses for form in forms for segment in form))
            if forms and not found.crosses:
                return found
            best = found if best is None or _least(found) > _least(best) else best
        return best if best is not None and best.forms else Skeleton("/", ((Segment(False, "", "", True),),), True)

    def _plain(self, mapping: str, details: Details, separator: str) -> Skeleton | None:
        """Return the skeleton of a mapping as its text shows it; ``None`` where it takes a Template to tell."""
        held = self._segments[separator]
        found = []
        texts = mapping.split(separator)
        is_free = len(texts) == 1
        crosses = False
        for text in texts:
            if "{" not in text and "}" not in text:
                found.append(held.get(text) or held.setdefault(text, Segment(True, text, text)))
                continue
            words = self._words(text, details)
            if words is None:
                return None
            key = (is_free, *words)
            segment = held.get(key)
            if segment is None:
                segment = held[key] = self._segment(words, separator, is_free)
            found.append(segment)
            crosses = crosses or segment.crosses
        return Skeleton(separator, (tuple(found),), crosses)

    def _words(self, text: str, details: Details, depth: int = 0) -> tuple[_Word, ...] | None:
        """Return the pieces of a segment, tokens that split replaced; ``None`` where it takes a Template to tell."""
        if text not in self._pieces:
            self._pieces[text] = plain_pieces(text)
        pieces = self._pieces[text]
        if pieces is None or depth > DEEP:
            return None
        words: list[_Word] = []
        for piece, is_token in pieces:
            entry = details.get(piece) if is_token else None
            own = entry.get("mapping") if entry else None
            if not own or own == f"{{{piece}}}":
                words.append(_Word(piece, is_token, _expression(piece, entry) if entry else None))
                continue
            own = str(own)
            inner = None if "/" in own or "\\" in own else self._words(own, details, depth + 1)
            if inner is None:
                return None
            words += inner
        return tuple(words)

    def _cut(self, template: Template, leaves: Iterable[Leaf], separator: str) -> Iterator[Segment]:
        is_free = separator not in template.separators
        words: list[_Word | None] = []
        for leaf in leaves:
            first, *others = [leaf.text] if leaf.is_token else leaf.text.split(separator)
            # A part that may be left out says nothing; a token in it may still hold separators.
            word = _Word(first, leaf.is_token, template.spec(leaf.text).reads if leaf.is_token else None)
            words += ([None] if leaf.options else []) + ([word] if leaf.is_token or not leaf.options else [])
            for text in others:
                yield self._segment(words, separator, is_free)
                words = [_Word(text, False)]
        yield self._segment(words, separator, is_free)

    def _segment(self, words: Iterable[_Word | None], separator: str, is_free: bool) -> Segment:
        """Return what is known of a segment.

        :param words: its pieces; ``None`` for one of any text.
        :param is_free: whether a token without an expression may hold the separator.
        """
        pieces = [word for word in words if word is None or word.is_token or word.text]
        if all(word is not None and not word.is_token for word in pieces):
            text = "".join(word.text for word in pieces if word is not None)
            return Segment(True, text, text)
        start = ""
        for word in pieces:
            text, is_whole = ("", False) if word is None else self._start(word)
            start += text
            if not is_whole:
                break
        last = pieces[-1]
        end = "" if last is None or last.is_token else last.text
        crosses = any(self._crosses(word, separator, is_free) for word in pieces if word is not None and word.is_token)
        return Segment(False, start, end, crosses)

    def _start(self, word: _Word) -> tuple[str, bool]:
        """Return the text that a piece begins with, and whether that is all of it."""
        if not word.is_token:
            return word.text, True
        if word.expression is None:
            return "", False
        if word.expression not in self._starts:
            self._starts[word.expression] = literal_start(word.expression)
        return self._starts[word.expression]

    def _crosses(self, word: _Word, separator: str, is_free: bool) -> bool:
        if word.expression is None:
            return is_free
        key = (word.expression, separator)
        if key not in self._holds:
            self._holds[key] = may_hold(word.expression, separator)
        return self._holds[key]


def is_typed(details: Details) -> bool:
    """Whether a token's own mapping may give others a format: that counts wherever they stand."""
    for entry in details.values():
        if entry and "mapping" in entry and ":" in str(entry["mapping"]):
            return True
    return False


def plain_pieces(text: str) -> tuple[tuple[str, bool], ...] | None:
    """Return the pieces of a segment, and whether each is a token; ``None`` for formats, references and stray braces."""
    pieces = [(piece, bool(index % 2)) for index, piece in enumerate(_TOKEN.split(text))]
    for piece, is_token in pieces:
        if (":" in piece or piece.startswith(REFERENCE)) if is_token else ("{" in piece or "}" in piece):
            return None
    return tuple((piece, is_token) for piece, is_token in pieces if piece)


def _expression(name: str, entry: Mapping[str, Any]) -> str | None:
    """Return the expression of a token that isn't written by others, as :attr:`TokenSpec.reads` tells it."""
    parse = entry.get("parse")
    # Making a spec takes eight times as long, and most details are like this.
    if type(parse) is dict and SAYS_MORE.isdisjoint(entry):
        found = parse.get("regex")
        if found is None or type(found) is str:
            return found
    try:
        return TokenSpec.of(name, entry).reads
    except ValueError:
        # What can't be written fits nothing.
        return None


def forms_of(template: Template, separator: str) -> list[list[Leaf]]:
    """Return the leaves of a template for each choice of the parts that hold *separator*; ``[]`` for too many.

    A leaf that stands in such a part alone is no longer told to be optional.
    """
    if not template.options:
        return [list(template.leaves)]
    bearing = {
        number
        for leaf in template.leaves
        if not leaf.is_token and separator in leaf.text
        for number in leaf.options
    }
    choices: list[frozenset[int]] = [frozenset()]
    for option in template.options:
        if option.number in bearing:
            also = [chosen | {option.number} for chosen in choices if option.outer is None or option.outer in chosen]
            choices += also
            if len(choices) > MANY_FORMS:
                return []
    return [
        [_chosen(leaf, bearing) for leaf in template.leaves if bearing.intersection(leaf.options) <= chosen]
        for chosen in choices
    ]


def _chosen(leaf: Leaf, bearing: set[int]) -> Leaf:
    return leaf._replace(frames=tuple(frame for frame in leaf.frames if frame.name or frame.number not in bearing))


def _least(skeleton: Skeleton) -> int:
    """Return how many segments each form has at least."""
    return min(map(len, skeleton.forms), default=0)
