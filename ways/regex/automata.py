"""Machines made from regular expressions.

Every text that fits an expression as a whole fits its machine. Where other texts may fit the machine too, the language says why:
backreferences, conditions on groups, and atomic groups can't be expressed by states.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from ways.regex.charset import CharSets, of_operation
from ways.regex.expression import read
from ways.regex.lookaround import AT_START, LookAhead, machine_with_looks
from ways.regex.machine import ANYTHING, Machine, MachineDraft, of_texts
from ways.regex.parse_tree import REPEATS, Effort, Operation, TooLargeError, flags_within, ops, parse


#: Operations that are written for one expression, those of its looks too, each time that they are repeated.
MOST_WRITTEN = 100_000


class Language(NamedTuple):
    """The texts that fit an expression."""

    machine: Machine
    #: Why other texts may fit the machine too; ``()`` if none does.
    doubts: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether the same texts fit the machine and the expression."""
        return not self.doubts


@lru_cache(maxsize=4096)
def language_of(expression: str) -> Language:
    """Return the texts that fit *expression* as a whole. If it nests too deep, that is any text.

    :raises re.error: it is no regular expression.
    """
    try:
        read(expression)
        parsed = parse(expression)
        return _MachineWriter(Effort(MOST_WRITTEN)).language(parsed.operations, parsed.flags)
    except (RecursionError, OverflowError):
        return Language(ANYTHING, ("it nests too deep",))


class _MachineWriter:
    """Writes the machine of one parsed expression, or of what it looks at ahead.

    Each method takes the state that an operation begins in, and returns the one that it ends in.
    """

    def __init__(self, effort: Effort, groups: dict[int, tuple[Any, int]] | None = None) -> None:
        self._effort = effort
        self.draft = MachineDraft()
        self.doubts: dict[str, None] = {}
        self.has_conditions = False
        self._sets = CharSets()
        self._groups: dict[int, tuple[Any, int]] = {} if groups is None else groups

    def language(self, tree: Iterable[Operation], flags: int) -> Language:
        try:
            begin = self.draft.state()
            end = self._sequence(tree, flags, begin)
            if self.has_conditions:
                machine = machine_with_looks(self.draft, begin, end)
                if machine is not None:
                    return Language(machine, tuple(self.doubts))
                self._doubt("it looks ahead in too many ways")
            return Language(self.draft.machine(begin, end), tuple(self.doubts))
        except TooLargeError:
            return Language(ANYTHING, ("it repeats too much",))

    def _doubt(self, reason: str) -> None:
        self.doubts[reason] = None

    def _sequence(self, tree: Iterable[Operation], flags: int, begin: int) -> int:
        for operation, argument in tree:
            begin = self._one(operation, argument, flags, begin)
        return begin

    def _one(self, operation: Any, argument: Any, flags: int, begin: int) -> int:
        # Looks and edges of words add no states, however often they are repeated.
        self._effort.spend(1)
        on = of_operation(operation, argument, flags)
        if on is not None:
            self._sets.add(on)
            return self.draft.read(begin, on)
        if operation is ops.BRANCH:
            return self._either(argument[1], flags, begin)
        if operation is ops.SUBPATTERN:
            number, _, _, tree = argument
            inner = flags_within(flags, argument)
            end = self._sequence(tree, inner, begin)
            if number is not None:
                self._groups[number] = (tree, inner)
            return end
        if operation in (ops.POSSESSIVE_REPEAT, ops.ATOMIC_GROUP):
            self._doubt("it has a part that never gives back what it took")
        if operation is ops.ATOMIC_GROUP:
            return self._sequence(argument, flags, begin)
        if operation in REPEATS:
            least, most, tree = argument
            return self._repeat(least, most, tree, flags, begin)
        if operation is ops.GROUPREF:
            self._doubt("it refers back to what it matched")
            # A group inside a look behind, or inside a part that stands there no time, isn't read here.
            if flags & re.IGNORECASE or argument not in self._groups:
                return self.draft.copy(begin, ANYTHING)
            tree, inner = self._groups[argument]
            return self._sequence(tree, inner, begin)
        if operation is ops.GROUPREF_EXISTS:
            self._doubt("it depends on which of its groups matched")
            _, present, absent = argument
            return self._either((present, absent or ()), flags, begin)
        if operation in (ops.ASSERT, ops.ASSERT_NOT):
            direction, tree = argument
            return self._look(direction, tree, flags, begin, is_negative=operation is ops.ASSERT_NOT)
        if operation is ops.AT:
            return self._place(argument, flags, begin)
        assert operation is ops.FAILURE, operation
        # A state that nothing leads to.
        return self.draft.state()

    def _either(self, branches: Sequence[Any], flags: int, begin: int) -> int:
        end = self.draft.state()
        for branch in branches:
            self.draft.jump(self._sequence(branch, flags, begin), end)
        return end

    def _repeat(self, least: int, most: Any, tree: Any, flags: int, begin: int) -> int:
        end = self.draft.state()
        for count in range(least if most is ops.MAXREPEAT else most):
            self._effort.spend(1)
            if count >= least:
                self.draft.jump(begin, end)
            begin = self._sequence(tree, flags, begin)
        if most is ops.MAXREPEAT:
            loop = self.draft.jump(begin, self.draft.state())
            begin = self.draft.jump(self._sequence(tree, flags, loop), loop)
        return self.draft.jump(begin, end)

    def _look(self, direction: int, tree: Any, flags: int, begin: int, *, is_negative: bool) -> int:
        if direction < 0:
            self._doubt("it looks behind")
            return begin
        items = list(tree)
        tail = _end_of(items, flags)
        writer = _MachineWriter(self._effort, self._groups)
        language = writer.language(items[:-1] if tail else items, flags)
        if language.doubts or writer.has_conditions:
            self._doubt("it looks ahead at what itself looks around, or remembers")
            return begin
        machine = language.machine
        if tail is not None:
            draft = MachineDraft()
            start = draft.state()
            machine = draft.machine(start, draft.copy(draft.copy(start, machine), tail))
        return self._condition_at(begin, LookAhead(machine, is_negative, tail is not None))

    def _place(self, argument: Any, flags: int, begin: int) -> int:
        if argument in (ops.AT_BEGINNING, ops.AT_BEGINNING_STRING):
            if argument is ops.AT_BEGINNING and flags & re.MULTILINE:
                self._doubt("it looks behind")
                return begin
            return self._condition_at(begin, AT_START)
        tail = _end_of([(ops.AT, argument)], flags)
        if tail is None:
            self._doubt("it looks behind")
            return begin
        end = self._condition_at(begin, LookAhead(tail, False, True))
        if argument is ops.AT_END and flags & re.MULTILINE:
            self.draft.jump(begin, end, guard=LookAhead(of_texts(["\n"]), False, False))
        return end

    def _condition_at(self, begin: int, guard: object) -> int:
        self.has_conditions = True
        return self.draft.jump(begin, self.draft.state(), guard=guard)


def _end_of(items: Sequence[Operation], flags: int) -> Machine | None:
    """Return the texts that may follow *items* if these end with the end of the text; ``None`` if they don't."""
    if not items or items[-1][0] is not ops.AT:
        return None
    place = items[-1][1]
    if place is ops.AT_END_STRING:
        return of_texts([""])
    return of_texts(["", "\n"]) if place is ops.AT_END and (len(items) == 1 or not flags & re.MULTILINE) else None
