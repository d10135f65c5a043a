"""Positions: a regular expression as an automaton, one state for each place in it that takes a character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from ways.regex.charset import CharSet, of_operation

#: Repeats that are written out need no more places than these; longer ones count as endless.
_WRITTEN_OUT = 40
#: Steps from place to place that an automaton may have.
_MOST_STEPS = 200_000
#: A part that may be empty, and is asked for more often than this, has as many readings as if there were no end.
_MANY_TRIES = 16
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
_STARTS = (_constants.AT_BEGINNING, _constants.AT_BEGINNING_STRING)
_ENDS = (_constants.AT_END, _constants.AT_END_STRING)

#: Place to the number of ways to come to it, one or more than one.
Ways = Mapping[int, int]


class Undecided(Exception):
    """An expression with something that no automaton has: what stood before, said again."""


class TooLargeError(Undecided):
    """An expression with too much of everything."""


class Positions(NamedTuple):
    """An expression as an automaton. Every text that fits the expression is one of its words."""

    #: What each place takes.
    letters: tuple[CharSet, ...]
    first: Ways
    #: The places after each one.
    follow: tuple[Ways, ...]
    last: frozenset[int]
    #: Whether the empty text is a word.
    is_nullable: bool
    #: Whether its words are just the texts that fit.
    is_exact: bool
    #: The expressions of what is looked at ahead and behind, each by itself.
    looks: tuple[Positions, ...] = ()


class _Part(NamedTuple):
    """A part of an expression: where it begins and ends, and in how many ways it is empty."""

    first: Ways
    last: Ways
    empty: int


_EMPTY = _Part({}, {}, 1)
_NEVER = _Part({}, {}, 0)


def positions_of(expression: str) -> Positions:
    """Return *expression* as an automaton.

    :raises re.error: it is no regular expression.
    :raises Undecided: it refers to what stood before, or its automaton would be too large.
    """
    try:
        tree = _parser.parse(expression)
        return _Maker().made(tree, tree.state.flags)
    except (RecursionError, OverflowError) as error:
        raise TooLargeError(expression) from error


class _Maker:
    def __init__(self) -> None:
        self.letters: list[CharSet] = []
        self.follow: list[dict[int, int]] = []
        self.looks: list[Positions] = []
        self.is_exact = True
        self.steps = 0

    def made(self, tree: Iterable[Any], flags: int) -> Positions:
        whole = self.sequence(tree, flags)
        return Positions(
            tuple(self.letters), whole.first, tuple(self.follow), frozenset(whole.last), bool(whole.empty), self.is_exact,
            tuple(self.looks),
        )

    def sequence(self, tree: Iterable[Any], flags: int) -> _Part:
        found = _EMPTY
        must_end = False
        for operation, argument in tree:
            if operation is _constants.AT:
                # In the middle of a text neither end is met; what stands there never fits.
                found = _NEVER if argument in _STARTS and not found.empty and not flags & re.MULTILINE else found
                must_end = must_end or argument in _ENDS and not flags & re.MULTILINE
                self.is_exact = self.is_exact and (argument in _STARTS or argument in _ENDS)
                continue
            part = self.part(operation, argument, flags)
            if must_end and not part.empty:
                # One line break may follow $.
                part = part if any("\n" in self.letters[place] for place in part.first) else _NEVER
                self.is_exact = False
            found = self.joined(found, part)
        return found

    def part(self, operation: Any, argument: Any, flags: int) -> _Part:
        letters = of_operation(operation, argument, flags)
        if letters is not None:
            return self.place(letters)
        if operation is _constants.BRANCH:
            return _either([self.sequence(branch, flags) for branch in argument[1]])
        if operation is _constants.SUBPATTERN:
            _, added, removed, tree = argument
            return self.sequence(tree, (flags | added) & ~removed)
        if operation in _REPEATS:
            self.is_exact = self.is_exact and operation is not _constants.POSSESSIVE_REPEAT
            least, most, tree = argument
            return self.repeat(least, most, tree, flags)
        if operation is _constants.ATOMIC_GROUP:
            self.is_exact = False
            return self.sequence(argument, flags)
        if operation in (_constants.ASSERT, _constants.ASSERT_NOT):
            look = _Maker().made(argument[1], flags)
            self.is_exact = False
            self.looks.append(look)
            # (?!) says that nothing fits.
            return _NEVER if operation is _constants.ASSERT_NOT and look.is_nullable and look.is_exact else _EMPTY
        if operation is _constants.FAILURE:
            return _NEVER
        raise Undecided(str(operation))

    def place(self, letters: CharSet) -> _Part:
        if not letters:
            return _NEVER
        self.letters.append(letters)
        self.follow.append({})
        here = len(self.letters) - 1
        return _Part({here: 1}, {here: 1}, 0)

    def joined(self, left: _Part, right: _Part) -> _Part:
        self.link(left.last, right.first)
        return _Part(
            _sum(left.first, right.first, left.empty),
            _sum(right.last, left.last, right.empty),
            min(2, left.empty * right.empty),
        )

    def repeat(self, least: int, most: Any, tree: Any, flags: int) -> _Part:
        start = len(self.letters)
        part = self.sequence(tree, flags)
        size = len(self.letters) - start
        is_endless = most is _constants.MAXREPEAT
        if is_endless and least <= 1:
            return self.loop(part, least)
        if not is_endless and most <= 1:
            return part if least else _optional(part) if most else _EMPTY
        count = least if is_endless else int(most)
        if count > _MANY_TRIES and (part.empty or _is_twofold(part)):
            self.is_exact = False
            return self.loop(part, min(least, 1), twice=True)
        if size * count > _WRITTEN_OUT:
            self.is_exact = False
            return self.loop(part, min(least, 1))
        # The last copy first: each one before it may be followed by the rest.
        found = self.loop(part, 1) if is_endless else part if least == count else _optional(part)
        for number in range(count - 1, 0, -1):
            found = self.joined(self.sequence(tree, flags), found)
            found = found if number <= least else _optional(found)
        return found

    def loop(self, part: _Part, least: int, *, twice: bool = False) -> _Part:
        for _ in range(1 + twice):
            self.link(part.last, part.first)
        return part if least else _Part(part.first, part.last, 1)

    def link(self, last: Ways, first: Ways) -> None:
        self.steps += len(last) * len(first)
        if self.steps > _MOST_STEPS:
            raise TooLargeError("too many steps")
        for place, ways in last.items():
            for other, more in first.items():
                self.follow[place][other] = min(2, self.follow[place].get(other, 0) + ways * more)


def _is_twofold(part: _Part) -> bool:
    """Whether a part can be gone through in two ways, as far as its ends tell."""
    return any(ways > 1 for ways in (*part.first.values(), *part.last.values()))


def _optional(part: _Part) -> _Part:
    return part._replace(empty=min(2, part.empty + 1))


def _either(parts: Sequence[_Part]) -> _Part:
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for part in parts:
        # Each part has places of its own.
        first.update(part.first)
        last.update(part.last)
    return _Part(first, last, min(2, sum(part.empty for part in parts)))


def _sum(left: Ways, right: Ways, times: int = 1) -> Ways:
    if not times:
        return left
    return {place: min(2, left.get(place, 0) + times * right.get(place, 0)) for place in (*left, *right)}
