"""Expression to machine: the texts that a regular expression fits as a whole, read from the engine's own parse tree.

A machine never takes fewer texts than its expression. Where it may take more, the language says why: what an expression
remembers (backreferences, conditions), or never gives back (atomic groups), is no matter of states.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

# The reader of regular expressions that re itself uses; it has no public name.
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from ways.regex.charset import EVERY, of_operation
from ways.regex.lookaround import AT_START, Look, watched
from ways.regex.machine import Draft, Edge, Machine, TooLargeError, of_texts

#: Flags of which a group has only one, as the engine has it.
_TYPES = re.ASCII | re.LOCALE | re.UNICODE
#: Expressions are read by recursion; one that nests deeper than this is taken to fit anything.
_TOO_DEEP = "it nests too deep"


class Language(NamedTuple):
    """The texts of an expression, or a few more."""

    machine: Machine
    #: Why it may be more; ``()`` where the machine takes exactly these texts.
    doubts: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether the machine takes no other text."""
        return not self.doubts


@lru_cache(maxsize=4096)
def language_of(expression: str) -> Language:
    """Return the texts that *expression* fits as a whole.

    :raises re.error: it is no regular expression.
    """
    try:
        re.compile(expression)
        tree = _parser.parse(expression)
        return _Reader().language(tree, tree.state.flags)
    except (RecursionError, OverflowError):
        return Language(_anything(), (_TOO_DEEP,))
    except OverflowError as error:
        raise re.error(str(error), expression) from error


def _anything() -> Machine:
    return Machine(((Edge(EVERY, 0),),), {0: frozenset((0,))})


class _Reader:
    """Writes the machine of one parsed expression, or of what it looks at ahead."""

    def __init__(self, groups: dict[int, tuple[Any, int]] | None = None) -> None:
        self.draft = Draft()
        self.doubts: dict[str, None] = {}
        self.is_guarded = False
        self._groups: dict[int, tuple[Any, int]] = {} if groups is None else groups

    def language(self, tree: Iterable[tuple[Any, Any]], flags: int) -> Language:
        try:
            begin = self.draft.state()
            end = self._sequence(tree, flags, begin)
            return self._whole(begin, end)
        except TooLargeError:
            return Language(_anything(), ("it repeats too much",))

    def _whole(self, begin: int, end: int) -> Language:
        if self.is_guarded:
            machine = watched(self.draft, begin, end)
            if machine is not None:
                return Language(machine, tuple(self.doubts))
            self._doubt("it looks ahead in too many ways")
        return Language(self.draft.machine(begin, end), tuple(self.doubts))

    def _doubt(self, reason: str) -> None:
        self.doubts[reason] = None

    def _sequence(self, tree: Iterable[tuple[Any, Any]], flags: int, begin: int) -> int:
        for operation, argument in tree:
            begin = self._one(operation, argument, flags, begin)
        return begin

    def _one(self, operation: Any, argument: Any, flags: int, begin: int) -> int:
        on = of_operation(operation, argument, flags)
        if on is not None:
            return self.draft.read(begin, on)
        return _WRITERS[operation](self, argument, flags, begin)

    def branch(self, argument: Any, flags: int, begin: int) -> int:
        return self._either(argument[1], flags, begin)

    def _either(self, branches: Sequence[Any], flags: int, begin: int) -> int:
        end = self.draft.state()
        for branch in branches:
            self.draft.jump(self._sequence(branch, flags, begin), end)
        return end

    def group(self, argument: Any, flags: int, begin: int) -> int:
        number, added, removed, tree = argument
        inner = ((flags & ~_TYPES if added & _TYPES else flags) | added) & ~removed
        end = self._sequence(tree, inner, begin)
        if number is not None:
            self._groups[number] = (tree, inner)
        return end

    def repeat(self, argument: Any, flags: int, begin: int) -> int:
        least, most, tree = argument
        end = self.draft.state()
        for count in range(least if most is _constants.MAXREPEAT else most):
            if count >= least:
                self.draft.jump(begin, end)
            begin = self._sequence(tree, flags, begin)
        if most is _constants.MAXREPEAT:
            loop = self.draft.jump(begin, self.draft.state())
            begin = self.draft.jump(self._sequence(tree, flags, loop), loop)
        return self.draft.jump(begin, end)

    def possessive(self, argument: Any, flags: int, begin: int) -> int:
        self._doubt("it has a part that never gives back what it took")
        return self.repeat(argument, flags, begin)

    def atomic(self, argument: Any, flags: int, begin: int) -> int:
        self._doubt("it has a part that never gives back what it took")
        return self._sequence(argument, flags, begin)

    def reference(self, argument: Any, flags: int, begin: int) -> int:
        self._doubt("it refers back to what it matched")
        tree, inner = self._groups[argument]
        if flags & re.IGNORECASE:
            return self.draft.copy(begin, _anything())
        return self._sequence(tree, inner, begin)

    def condition(self, argument: Any, flags: int, begin: int) -> int:
        self._doubt("it depends on which of its groups matched")
        _, present, absent = argument
        return self._either((present, absent or ()), flags, begin)

    def ahead(self, argument: Any, flags: int, begin: int) -> int:
        return self._look(argument, flags, begin, False)

    def not_ahead(self, argument: Any, flags: int, begin: int) -> int:
        return self._look(argument, flags, begin, True)

    def failure(self, argument: Any, flags: int, begin: int) -> int:
        # A state that nothing leads to.
        return self.draft.state()

    def _look(self, argument: Any, flags: int, begin: int, is_negative: bool) -> int:
        direction, tree = argument
        if direction < 0:
            self._doubt("it looks behind")
            return begin
        items = list(tree)
        tail = _end_of(items, flags)
        reader = _Reader(self._groups)
        found = reader.language(items[:-1] if tail else items, flags)
        if found.doubts or reader.is_guarded:
            self._doubt("it looks ahead at what itself looks around, or remembers")
            return begin
        machine = found.machine if tail is None else _joined(found.machine, tail)
        return self._watch(begin, Look(machine, is_negative, tail is not None))

    def place(self, argument: Any, flags: int, begin: int) -> int:
        if argument in (_constants.AT_BEGINNING, _constants.AT_BEGINNING_STRING):
            if argument is _constants.AT_BEGINNING and flags & re.MULTILINE:
                self._doubt("it looks behind")
                return begin
            return self._watch(begin, AT_START)
        tail = _end_of([(_constants.AT, argument)], flags)
        if tail is None:
            self._doubt("it looks behind")
            return begin
        end = self._watch(begin, Look(tail, False, True))
        if argument is _constants.AT_END and flags & re.MULTILINE:
            self.draft.jump(begin, end, guard=Look(of_texts(["\n"]), False, False))
        return end

    def _watch(self, begin: int, guard: object) -> int:
        self.is_guarded = True
        return self.draft.jump(begin, self.draft.state(), guard=guard)


def _end_of(items: Sequence[tuple[Any, Any]], flags: int) -> Machine | None:
    """Return what may follow the end of *items*, if that is the end of the text."""
    if not items or items[-1][0] is not _constants.AT:
        return None
    place = items[-1][1]
    if place is _constants.AT_END_STRING:
        return of_texts([""])
    return of_texts(["", "\n"]) if place is _constants.AT_END and (len(items) == 1 or not flags & re.MULTILINE) else None


def _joined(first: Machine, second: Machine) -> Machine:
    draft = Draft()
    begin = draft.state()
    return draft.machine(begin, draft.copy(draft.copy(begin, first), second))


_WRITERS = {
    _constants.BRANCH: _Reader.branch,
    _constants.SUBPATTERN: _Reader.group,
    _constants.MAX_REPEAT: _Reader.repeat,
    _constants.MIN_REPEAT: _Reader.repeat,
    _constants.POSSESSIVE_REPEAT: _Reader.possessive,
    _constants.ATOMIC_GROUP: _Reader.atomic,
    _constants.GROUPREF: _Reader.reference,
    _constants.GROUPREF_EXISTS: _Reader.condition,
    _constants.ASSERT: _Reader.ahead,
    _constants.ASSERT_NOT: _Reader.not_ahead,
    _constants.AT: _Reader.place,
    _constants.FAILURE: _Reader.failure,
}
