"""Prefixes: which texts may go on to be one of a mapping. A walk over folders opens no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ways.pattern.builder import free_expression, stand_in
from ways.pattern.pattern import STRICT
from ways.pattern.template import Frame, Template
from ways.regex.automata import language_of
from ways.regex.machine import ANYTHING, Machine, MachineDraft, of_text
from ways.regex.parse_tree import TooLargeError

#: Characters of an expression whose machine is made; a longer one stands for all texts of the characters that it may hold.
_LONG = 1_000
#: Steps that are kept.
_MANY = 50_000

#: Where a machine may be after a text: nowhere, if no text of the mapping begins so.
States = frozenset[int]


class Prefixes:
    """Tells whether a text may be the beginning of one that a mapping reads strictly; it may be wrong where it says yes.

    Each character is looked at once, so that no text takes long. A token that stands twice may have two values here, and a
    token that others write any.

    :param fixed: the only value that a leaf token may have, for some.
    """

    def __init__(self, template: Template, fixed: Mapping[str, str]) -> None:
        try:
            self._machine = _machine_of(template, fixed)
        except TooLargeError:
            self._machine = ANYTHING
        #: Where the machine is before the first character.
        self.start: States = frozenset() if self._machine.is_empty else frozenset((0,))
        self._known: dict[States, States] = {self.start: self.start}
        self._steps: dict[States, dict[str, States]] = {}
        self._count = 0

    def after(self, states: States, text: str) -> States:
        """Return where the machine may be after *text* from some states; nowhere, if nothing goes on so."""
        for letter in text:
            if not states:
                break
            row = self._steps.get(states)
            if row is None:
                row = self._steps[states] = {}
            following = row.get(letter)
            states = self._step(states, letter, row) if following is None else following
        return states

    def may_end(self, states: States) -> bool:
        """Whether a text may end in one of these states."""
        return not states.isdisjoint(self._machine.ends)

    def _step(self, states: States, letter: str, row: dict[str, States]) -> States:
        edges = self._machine.edges
        found = frozenset(edge.target for state in states for edge in edges[state] if letter in edge.on)
        # The same object for the same states is compared at once.
        found = self._known.setdefault(found, found)
        self._count += 1
        if self._count > _MANY:
            self._known, self._steps, self._count = {}, {}, 0
        row[letter] = found
        return found


def _machine_of(template: Template, fixed: Mapping[str, str]) -> Machine:
    """Return the machine of all texts of a mapping, and of some more.

    :raises TooLargeError: it has too many states.
    """
    draft = MachineDraft()
    begin = end = draft.state()
    open_parts: list[tuple[Frame, int]] = []
    for leaf in template.leaves:
        parts = [frame for frame in leaf.frames if not frame.name]
        end = _closed(draft, end, open_parts, parts)
        for frame in parts[len(open_parts) :]:
            open_parts.append((frame, end))
            end = draft.jump(end, draft.state())
        if leaf.is_token:
            end = draft.copy(end, _token_machine(template, leaf.text, fixed))
        else:
            end = draft.text(end, leaf.text)
    return draft.machine(begin, _closed(draft, end, open_parts, []))


def _closed(draft: MachineDraft, end: int, open_parts: list[tuple[Frame, int]], parts: Sequence[Frame]) -> int:
    """Close the parts that the next leaf doesn't stand in, and return the state after them."""
    while [frame for frame, _ in open_parts] != [*parts[: len(open_parts)]]:
        _, start = open_parts.pop()
        end = draft.jump(end, draft.state())
        draft.jump(start, end)
    return end


def _token_machine(template: Template, name: str, fixed: Mapping[str, str]) -> Machine:
    if name in fixed:
        return of_text(template.spec(name).written(fixed[name]))
    reads = template.spec(name).reads
    if reads is None:
        return language_of(free_expression(template.separators, STRICT)).machine
    return language_of(reads if len(reads) <= _LONG else stand_in(reads)).machine
