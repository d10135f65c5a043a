"""Glushkov's automaton of a regular expression: one state for each place in it that takes a character.

It tells in how many ways an expression can be gone through, which a machine (:mod:`ways.regex.machine`) doesn't: there
two ways through the same characters become one. The degree of backtracking needs just that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ways.regex.charset import CharSet, CharSets, of_operation
from ways.regex.parse_tree import REPEATS, Effort, Operation, TooLargeError, flags_within, ops, parse

#: A repeat is written out if it needs no more places than these; a longer one counts as endless.
_WRITTEN_OUT = 40
#: Steps from place to place that an automaton, with those of its looks, may have.
_MOST_STEPS = 200_000
#: A part that may be empty and is repeated more often than this counts as endless.
_MANY_TRIES = 16
_STARTS = (ops.AT_BEGINNING, ops.AT_BEGINNING_STRING)
_ENDS = (ops.AT_END, ops.AT_END_STRING)

#: Place -> the number of ways to come to it: 1, or 2 for more than one.
Ways = Mapping[int, int]


class UndecidedError(Exception):
    """An expression refers to what it matched before, which no automaton can say."""


class PositionAutomaton(NamedTuple):
    """An expression as an automaton. Every text that fits the expression is one of its words."""

    #: The characters of each place.
    letters: tuple[CharSet, ...]
    #: The places that may follow each one.
    follow: tuple[Ways, ...]
    #: Whether the empty text is a word.
    is_nullable: bool
    #: Whether its words are just the texts that fit.
    is_exact: bool
    #: The automata of what the expression looks at ahead and behind, one for each look.
    looks: tuple[PositionAutomaton, ...] = ()


class _Fragment(NamedTuple):
    """A part of an expression: the places where it begins and ends, and in how many ways it is empty."""

    first: Ways
    last: Ways
    empty: int


_EMPTY = _Fragment({}, {}, 1)
_NEVER = _Fragment({}, {}, 0)


def position_automaton_of(expression: str) -> PositionAutomaton:
    """Return the automaton of *expression*.

    :raises re.error: it is no regular expression.
    :raises UndecidedError: it refers to what it matched before.
    :raises TooLargeError: the automaton would have too many steps, or the expression nests too deep.
    """
    try:
        parsed = parse(expression)
        return _PositionBuilder(Effort(_MOST_STEPS)).automaton(parsed.operations, parsed.flags)
    except (RecursionError, OverflowError) as error:
        raise TooLargeError(expression) from error


class _PositionBuilder:
    """Builds the automaton of one parsed expression, fragment by fragment."""

    def __init__(self, effort: Effort) -> None:
        self.effort = effort
        self.sets = CharSets()
        self.letters: list[CharSet] = []
        self.follow: list[dict[int, int]] = []
        self.looks: list[PositionAutomaton] = []
        self.is_exact = True

    def automaton(self, operations: Iterable[Operation], flags: int) -> PositionAutomaton:
        whole = self.sequence(operations, flags)
        return PositionAutomaton(tuple(self.letters), tuple(self.follow), bool(whole.empty), self.is_exact, tuple(self.looks))

    def sequence(self, operations: Iterable[Operation], flags: int) -> _Fragment:
        sequence = _EMPTY
        must_end = False
        for operation, argument in operations:
            # A part is read again for each time that it is written out, and so are its looks, which take no places here.
            self.effort.spend(5)
            if operation is ops.AT:
                # Neither end of the text is met in its middle: what has to stand there never fits.
                sequence = _NEVER if argument in _STARTS and not sequence.empty and not flags & re.MULTILINE else sequence
                must_end = must_end or argument in _ENDS and not flags & re.MULTILINE
                self.is_exact = self.is_exact and (argument in _STARTS or argument in _ENDS)
                continue
            fragment = self.fragment(operation, argument, flags)
            if must_end and not fragment.empty:
                # One line break may follow $.
                fragment = fragment if any("\n" in self.letters[place] for place in fragment.first) else _NEVER
                self.is_exact = False
            sequence = self.joined(sequence, fragment)
        return sequence

    def fragment(self, operation: Any, argument: Any, flags: int) -> _Fragment:
        letters = of_operation(operation, argument, flags)
        if letters is not None:
            if not letters:
                return _NEVER
            self.sets.add(letters)
            self.letters.append(letters)
            self.follow.append({})
            here = {len(self.letters) - 1: 1}
            return _Fragment(here, here, 0)
        if operation is ops.BRANCH:
            branches = [self.sequence(branch, flags) for branch in argument[1]]
            # No place is in two branches.
            first = {place: ways for branch in branches for place, ways in branch.first.items()}
            last = {place: ways for branch in branches for place, ways in branch.last.items()}
            return _Fragment(first, last, min(2, sum(branch.empty for branch in branches)))
        if operation is ops.SUBPATTERN:
            return self.sequence(argument[3], flags_within(flags, argument))
        if operation in REPEATS:
            self.is_exact = self.is_exact and operation is not ops.POSSESSIVE_REPEAT
            least, most, tree = argument
            return self.repeat(least, most, tree, flags)
        if operation is ops.ATOMIC_GROUP:
            self.is_exact = False
            return self.sequence(argument, flags)
        if operation in (ops.ASSERT, ops.ASSERT_NOT):
            look = _PositionBuilder(self.effort).automaton(argument[1], flags)
            self.is_exact = False
            self.looks.append(look)
            # (?!) says that nothing fits.
            return _NEVER if operation is ops.ASSERT_NOT and look.is_nullable and look.is_exact else _EMPTY
        if operation is ops.FAILURE:
            return _NEVER
        raise UndecidedError(str(operation))

    def joined(self, left: _Fragment, right: _Fragment) -> _Fragment:
        self.link(left.last, right.first)
        return _Fragment(
            _sum(left.first, right.first, left.empty),
            _sum(right.last, left.last, right.empty),
            min(2, left.empty * right.empty),
        )

    def repeat(self, least: int, most: Any, tree: Any, flags: int) -> _Fragment:
        start = len(self.letters)
        part = self.sequence(tree, flags)
        size = len(self.letters) - start
        is_endless = most is ops.MAXREPEAT
        if is_endless and least <= 1:
            return self.loop(part, least)
        if not is_endless and most <= 1:
            return part if least else _optional(part) if most else _EMPTY
        count = least if is_endless else int(most)
        # More than one way to an end of the part shows that it can be gone through in two ways.
        is_twofold = any(ways > 1 for ways in (*part.first.values(), *part.last.values()))
        if count > _MANY_TRIES and (part.empty or is_twofold):
            self.is_exact = False
            return self.loop(part, min(least, 1), twice=True)
        if size * count > _WRITTEN_OUT:
            self.is_exact = False
            return self.loop(part, min(least, 1))
        # The last copy first: each one before it may be followed by the rest.
        copies = self.loop(part, 1) if is_endless else part if least == count else _optional(part)
        for number in range(count - 1, 0, -1):
            copies = self.joined(self.sequence(tree, flags), copies)
            copies = copies if number <= least else _optional(copies)
        return copies

    def loop(self, part: _Fragment, least: int, *, twice: bool = False) -> _Fragment:
        for _ in range(1 + twice):
            self.link(part.last, part.first)
        return part if least else _Fragment(part.first, part.last, 1)

    def link(self, last: Ways, first: Ways) -> None:
        self.effort.spend(len(last) * len(first))
        for place, ways in last.items():
            for other, more in first.items():
                self.follow[place][other] = min(2, self.follow[place].get(other, 0) + ways * more)


def _optional(part: _Fragment) -> _Fragment:
    return part._replace(empty=min(2, part.empty + 1))


def _sum(left: Ways, right: Ways, times: int = 1) -> Ways:
    if not times:
        return left
    return {place: min(2, left.get(place, 0) + times * right.get(place, 0)) for place in (*left, *right)}
