"""Whether a text that a mapping writes may have another reading: with other optional parts, or divided otherwise among the tokens.

The answers err to one side. "No" is certain; "yes" may be too careful.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any, NamedTuple

from ways.regex.automata import language_of
from ways.regex.expression import held_characters
from ways.regex.parse_tree import TooLargeError
from ways.regex.product import shared_text

#: Characters that stand for all: those of ASCII, and a letter and a sign outside of it.
_SAMPLE = frozenset({*map(chr, range(32, 127)), "é", "…"})
#: What a token without an expression may have.
_FREE = _SAMPLE - {"/", "\\"}
_SEPARATOR = frozenset("/")
_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
#: What a frame number has beside its digits: pads and ranges.
_PADS = frozenset("%d#@$F<>UDIM-,x: ")
_SEQUENCE = r"(?:-?\d+|[-\d,x: ]*(?:%\d*d|#+|@+|\$F\d*|<UDIM>))"
_ITEM = re.compile(r"\[\[|\]\]|[\[\]]|\{(?P<token>[^{}:]+)(?::(?P<format>[^{}]*))?\}|.", re.DOTALL)


#: Choices of optional parts that are compared by the texts which they fit.
_MOST_CHOICES = 16


class Piece(NamedTuple):
    """A character of the text, a token, or an optional part."""

    characters: frozenset[str] = frozenset()
    #: Those that it may begin with.
    first: frozenset[str] = frozenset()
    #: What fits it, or more.
    expression: str = ""
    token: str = ""
    part: tuple[Piece, ...] = ()
    #: Whether its text is already known from another place of the mapping.
    is_known: bool = False


class OtherReadings(NamedTuple):
    """What other readings a text may have."""

    #: With other optional parts: reading such a text is an error.
    by_parts: bool
    #: With the same parts, but divided otherwise among the tokens: such a text is read as one of the values that give it.
    by_division: bool


def other_readings(mapping: str, details: Mapping[str, Mapping[str, Any]]) -> OtherReadings:
    """Return whether some values might be written as a text that has another reading.

    :param mapping: in the token language of ``syntax: 2``, without references to other places.
    :param details: those of the tokens, as in ``mapping_details``.
    """
    pieces = _pieces(mapping, details)
    by_division = _has_several(_flat(pieces))
    has_parts = any(piece.part for piece in pieces)
    return OtherReadings(has_parts and _has_several(pieces, _has_one_choice), by_division)


def _flat(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return the pieces with all parts, none of which may be left out."""
    return tuple(inner for piece in pieces for inner in (_flat(piece.part) if piece.part else (piece,)))


def _has_several(pieces: Sequence[Piece], last_resort: Callable[[Sequence[Piece]], bool] | None = None) -> bool:
    """Whether a text may have several readings.

    :param last_resort: whether there is one reading, as far as it matters, of a segment of which nothing simpler is known.
    """
    open_segments = _segments(pieces)
    known: set[str] = set()
    while True:
        left = []
        for segment in open_segments:
            if _has_one_reading(_with_known(segment, known)):
                known |= _tokens(segment)
            else:
                left.append(segment)
        if len(left) == len(open_segments):
            rests = [_uncertain(_with_known(segment, known)) for segment in left]
            return not all(last_resort is not None and last_resort(rest) for rest in rests)
        open_segments = left


def _pieces(mapping: str, details: Mapping[str, Mapping[str, Any]]) -> tuple[Piece, ...]:
    """Return the pieces of a mapping."""
    above: list[list[Piece]] = []
    here: list[Piece] = []
    for item in _ITEM.finditer(mapping):
        text, token = item[0], item["token"]
        if text == "[":
            above.append(here)
            here = []
        elif text == "]" and above or text == "]]" and len(above) > 1:
            for _ in text:
                part, here = here, above.pop()
                here.append(Piece(part=tuple(part)))
        elif token:
            own = dict(details.get(token) or {})
            if own.get("mapping"):
                here += _pieces(own["mapping"], {name: entry for name, entry in details.items() if name != token})
                continue
            if item["format"]:
                own["format"] = item["format"]
            here.append(_token(token, own))
        else:
            character = frozenset(text[0])
            here.append(Piece(character, character, re.escape(text[0])))
    for outer in reversed(above):
        outer.append(Piece(part=tuple(here)))
        here = outer
    return tuple(here)


def _token(name: str, details: Mapping[str, Any]) -> Piece:
    characters = _characters(details)
    expression = (details.get("parse") or {}).get("regex")
    if details.get("sequence"):
        return Piece(characters, characters - frozenset("dxFUDIM>:, "), _SEQUENCE, name)
    if not expression or details.get("choices"):
        free = r"[^/\\]+" if characters == _FREE else "(?s:.+)" if characters == _SAMPLE else ""
        return Piece(characters, characters, free or f"[{''.join(map(re.escape, sorted(characters)))}]+", name)
    edges = language_of(expression).machine.edges[0]
    return Piece(characters, frozenset(c for c in characters if any(c in edge.on for edge in edges)), f"(?:{expression})", name)


def _characters(details: Mapping[str, Any]) -> frozenset[str]:
    """Return the characters that a token's text may have, as far as the sample goes."""
    choices, expression, form = details.get("choices"), (details.get("parse") or {}).get("regex"), str(details.get("format", ""))
    if choices:
        texts = [_choice_text(choices[value] if isinstance(choices, Mapping) else value) for value in choices]
        return frozenset("".join(texts))
    if form.startswith("%") or "%" in form:
        return frozenset(form) | _DIGITS | _LETTERS
    if form.endswith("d"):
        sign = {"-"} if form.startswith("-") else set()
        return _DIGITS | sign | (_PADS if details.get("sequence") else frozenset())
    if expression:
        return _held(expression)
    return _SAMPLE if details.get("segments") else _FREE


@lru_cache(256)
def _held(expression: str) -> frozenset[str]:
    """Return the characters that a text of an expression may have; many tokens have the same one."""
    return frozenset(held_characters(expression, _SAMPLE))


def _choice_text(written: Any) -> str:
    return str(written.get("text", "")) if isinstance(written, Mapping) else str(written)


def _segments(pieces: Sequence[Piece]) -> list[tuple[Piece, ...]]:
    """Return the segments of a path, which can be read one by one. One of them may be of several folders: counted from both ends, the
    others have their places all the same. If there are two of them, all is one."""
    segments: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece.characters == _SEPARATOR and not piece.token:
            segments.append([])
        else:
            segments[-1].append(piece)
    if sum(any(map(_may_be_longer, segment)) for segment in segments) > 1:
        return [tuple(pieces)]
    return [tuple(segment) for segment in segments if segment]


def _may_be_longer(piece: Piece) -> bool:
    return any("/" in characters or "\\" in characters for characters in _all_characters(piece))


def _all_characters(piece: Piece) -> list[frozenset[str]]:
    return [piece.characters, *(characters for inner in piece.part for characters in _all_characters(inner))]


def _tokens(pieces: Sequence[Piece]) -> set[str]:
    return {name for piece in pieces for name in ({piece.token} if piece.token else _tokens(piece.part))}


def _with_known(pieces: Sequence[Piece], known: Collection[str]) -> tuple[Piece, ...]:
    return tuple(piece._replace(is_known=piece.token in known, part=_with_known(piece.part, known)) for piece in pieces)


def _has_one_reading(pieces: Sequence[Piece]) -> bool:
    """Whether every text of a segment has one reading: what is certain from either side is taken off, the rest is a deterministic walk."""
    rest = _uncertain(pieces)
    return len(rest) < 2 and not any(piece.part for piece in rest) or _is_deterministic(rest) or _is_deterministic(_reversed(rest))


def _uncertain(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return the pieces without those that are certain from either side."""
    rest = _without_certain(pieces)
    return rest[: len(_without_certain(_reversed(rest)))]


def _reversed(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return the pieces as they are read from the other side."""
    return tuple(piece._replace(part=_reversed(piece.part), first=piece.characters) for piece in pieces[::-1])


def _has_one_choice(pieces: Sequence[Piece]) -> bool:
    """Whether no text of a segment fits two choices of its optional parts."""
    choices = _expressions(pieces)
    if not choices:
        return False
    try:
        machines = [language_of(expression).machine for expression in choices]
        return all(shared_text(left, right) is None for left, right in combinations(machines, 2))
    except (re.error, TooLargeError):
        return False


def _expressions(pieces: Sequence[Piece]) -> list[str]:
    """Return the expression of the pieces for each choice of optional parts; none if they are too many."""
    choices = [""]
    for piece in pieces:
        inner = _expressions(piece.part) if piece.part else []
        if piece.part and (not inner or len(choices) * (len(inner) + 1) > _MOST_CHOICES):
            return []
        choices = [choice + text for choice in choices for text in (["", *inner] if piece.part else [piece.expression])]
    return choices


def _without_certain(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return the pieces without those at the start whose end is certain: text, and tokens before a character that they can't have."""
    start = 0
    while start < len(pieces) and not pieces[start].part:
        piece, following = pieces[start], pieces[start + 1 : start + 2]
        is_text = not piece.token or piece.is_known
        ends = bool(following) and not following[0].part and not following[0].token and not piece.characters & following[0].characters
        if not (is_text or ends):
            break
        start += 1
    return tuple(pieces[start:])


def _is_deterministic(pieces: Sequence[Piece]) -> bool:
    """Whether, read from the left, each character has one place in the pieces that it can belong to."""
    places: list[frozenset[str]] = []
    following: list[set[int]] = []

    def lay(sequence: Sequence[Piece]) -> tuple[set[int], set[int], bool]:
        """Return the first and last places of a sequence, and whether it may be empty."""
        first: set[int] = set()
        last: set[int] = set()
        is_empty = True
        for piece in sequence:
            if piece.part:
                inner_first, inner_last, _ = lay(piece.part)
                may_be_absent = True
            else:
                number = len(places)
                places.append(piece.first)
                following.append(set())
                inner_first, inner_last, may_be_absent = {number}, {number}, False
                if piece.token and not piece.is_known:
                    places.append(piece.characters)
                    following[number].add(number + 1)
                    following.append({number + 1})
                    inner_last = {number, number + 1}
            for end in last:
                following[end] |= inner_first
            first |= inner_first if is_empty else set()
            last = last | inner_last if may_be_absent else inner_last
            is_empty = is_empty and may_be_absent
        return first, last, is_empty

    first, _, _ = lay(pieces)
    return all(_are_apart([places[number] for number in numbers]) for numbers in (first, *following))


def _are_apart(sets: Sequence[frozenset[str]]) -> bool:
    return sum(map(len, sets)) == len(frozenset().union(*sets))
