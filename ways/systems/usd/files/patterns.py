"""The patterns of plugInfo files, as the registry of OpenUSD reads them: those of C, and those with ``**``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

#: A character, or the whole of a set; stars stand apart.
Test = Callable[[str], bool]


class Star(NamedTuple):
    """Any text, or any text without this character."""

    without: str = ""


Piece = Test | Star

_CLASSES: dict[str, Test] = {
    "alnum": str.isalnum,
    "alpha": str.isalpha,
    "blank": " \t".__contains__,
    "cntrl": lambda letter: unicodedata.category(letter) == "Cc",
    "digit": "0123456789".__contains__,
    "graph": lambda letter: letter.isprintable() and not letter.isspace(),
    "lower": str.islower,
    "print": str.isprintable,
    "punct": lambda letter: letter.isprintable() and not letter.isalnum() and not letter.isspace(),
    "space": " \t\n\r\v\f".__contains__,
    "upper": str.isupper,
    "xdigit": "0123456789abcdefABCDEF".__contains__,
}

_NAMED_CLASS = re.compile(r"\[:([a-z]+):\]")


def matches(pieces: Sequence[Piece], text: str) -> bool:
    """Whether the whole of *text* fits. Takes len(pieces) x len(text) steps at most, for any pattern."""
    states = _past_stars({0}, pieces)
    for letter in text:
        following: set[int] = set()
        for state in states:
            if state == len(pieces):
                continue
            piece = pieces[state]
            if isinstance(piece, Star):
                if letter != piece.without:
                    following.add(state)
            elif piece(letter):
                following.add(state + 1)
        if not following:
            return False
        states = _past_stars(following, pieces)
    return len(pieces) in states


def _past_stars(states: set[int], pieces: Sequence[Piece]) -> set[int]:
    """Return *states* with those that lie behind stars that stand for nothing."""
    for state in sorted(states):
        while state < len(pieces) and isinstance(pieces[state], Star):
            state += 1
            states.add(state)
    return states


def matches_name(part: str, name: str) -> bool:
    """Whether a name fits one part of a pattern of C; a leading dot must be written out."""
    if name.startswith(".") and not part.startswith((".", "\\.")):
        return False
    return matches(pieces_of(part), name)


class _Letter:
    """One character that stands for itself."""

    def __init__(self, letter: str) -> None:
        self.letter = letter

    def __call__(self, letter: str) -> bool:
        return letter == self.letter


def plain_name(part: str) -> str | None:
    """Return the only name that one part of a pattern of C stands for, without its backslashes; ``None`` if it may be others."""
    pieces = pieces_of(part)
    letters = [piece.letter for piece in pieces if isinstance(piece, _Letter)]
    return "".join(letters) if len(letters) == len(pieces) else None


def pieces_of(part: str) -> list[Piece]:
    """Return one part of a pattern of C, as pieces: ``*``, ``?``, ``[...]``, and a backslash before a character that stands for itself."""
    pieces: list[Piece] = []
    index = 0
    while index < len(part):
        letter = part[index]
        index += 1
        if letter == "*":
            pieces.append(Star())
        elif letter == "?":
            pieces.append(_Set([], is_negated=True))
        elif letter == "[" and (bracket := _bracket(part, index)) is not None:
            piece, index = bracket
            pieces.append(piece)
        elif letter == "\\" and index < len(part):
            pieces.append(_Letter(part[index]))
            index += 1
        else:
            pieces.append(_Letter(letter))
    return pieces


class _Set:
    """One character of those in brackets, or of all others."""

    def __init__(self, tests: Sequence[Test], is_negated: bool) -> None:
        self.tests = tests
        self.is_negated = is_negated

    def __call__(self, letter: str) -> bool:
        return any(test(letter) for test in self.tests) != self.is_negated


class _Range:
    """The characters from one to another."""

    def __init__(self, first: str, last: str) -> None:
        self.first = first
        self.last = last

    def __call__(self, letter: str) -> bool:
        return self.first <= letter <= self.last


def _bracket(part: str, index: int) -> tuple[Piece, int] | None:
    """Return the set whose bracket opened before *index*, and where it ends; ``None`` if it never closes."""
    is_negated = part[index : index + 1] in ("!", "^")
    index += is_negated
    tests: list[Test] = []
    is_first = True
    while index < len(part):
        if part[index] == "]" and not is_first:
            return _Set(tests, is_negated), index + 1
        is_first = False
        named = _NAMED_CLASS.match(part, index)
        if named and named[1] in _CLASSES:
            tests.append(_CLASSES[named[1]])
            index = named.end()
            continue
        first, index = _member(part, index)
        last = first
        if part[index : index + 1] == "-" and part[index + 1 : index + 2] not in ("", "]"):
            last, index = _member(part, index + 1)
        tests.append(_Range(first, last))
    return None


def _member(part: str, index: int) -> tuple[str, int]:
    """Return the character at *index* inside brackets, and where the next one is."""
    for opening, closing in (("[.", ".]"), ("[=", "=]")):
        if part.startswith(opening, index) and part.startswith(closing, index + 3):
            return part[index + 2], index + 5
    if part[index] == "\\" and index + 1 < len(part):
        index += 1
    return part[index], index + 1


def double_star_pieces(pattern: str) -> list[Piece]:
    """Return a pattern with ``**`` as pieces: ``**`` is any text, ``*`` any without a slash; all else stands for itself."""
    stars: dict[str, Piece] = {"**": Star(), "*": Star("/")}
    return [stars.get(text) or _Letter(text) for text in re.findall(r"\*\*|.", pattern, re.DOTALL)]
