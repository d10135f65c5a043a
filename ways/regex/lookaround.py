"""Conditions of an expression on the text around a place: looks ahead, and starts and ends of the text.

A machine with such conditions becomes one without: each of its states is joined with the looks that are open there,
and how far the machine of each has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ways.regex.charset import CharSet, common, without
from ways.regex.machine import Edge, Machine, MachineDraft, trimmed
from ways.regex.parse_tree import Effort, TooLargeError

#: States of a machine made here, at most.
MOST_STATES = 2_000
#: Looks that are followed over a character or a jump, one by one, at most: about a microsecond each.
MOST_MOVES = 300_000
#: The condition that no character stands before a place.
AT_START = "at the start"


@dataclass(frozen=True, eq=False)
class LookAhead:
    """The condition that a text of a machine follows a place, or that none does."""

    machine: Machine
    is_negative: bool
    #: Whether the text must end where that of the machine does.
    is_whole: bool


class _OpenLook(NamedTuple):
    """A look ahead that isn't decided yet, with the states of its machine that the text since its place leads to."""

    look: LookAhead
    states: frozenset[int]

    @property
    def _has_match(self) -> bool:
        return not self.states.isdisjoint(self.look.machine.ends)

    @property
    def answer(self) -> bool | None:
        """Whether the condition is met, no matter what follows; ``None`` if that depends on it."""
        if not self.states:
            return self.look.is_negative
        if self._has_match and not self.look.is_whole:
            return not self.look.is_negative
        return None

    @property
    def is_met_at_end(self) -> bool:
        """Whether the condition is met if the text ends here."""
        return self._has_match != self.look.is_negative

    def after(self, on: CharSet) -> _OpenLook:
        """Return the look after one more character; all those in *on* lead to the same states."""
        edges = (edge for state in self.states for edge in self.look.machine.edges[state])
        return _OpenLook(self.look, frozenset(edge.target for edge in edges if common(on, edge.on)))


class _StateWithLooks(NamedTuple):
    """A state of the draft, and the looks that are open there."""

    state: int
    looks: frozenset[_OpenLook] = frozenset()


def machine_with_looks(draft: MachineDraft, begin: int, end: int) -> Machine | None:
    """Return the machine of the texts that lead from *begin* to *end* and meet all conditions; ``None`` if it is too large."""
    try:
        return _machine_with_looks(draft, begin, end)
    except TooLargeError:
        return None


def _machine_with_looks(draft: MachineDraft, begin: int, end: int) -> Machine:
    effort = Effort(MOST_MOVES)
    numbers = {_StateWithLooks(begin): 0}
    order = list(numbers)
    edges: list[tuple[Edge, ...]] = []
    ends: dict[int, frozenset[int]] = {}
    # The list grows while it is walked. Only its first item stands at the start of a text: no edge leads to it.
    for number, point in enumerate(order):
        following_edges: dict[Edge, None] = {}
        for near in _near(draft, point, effort, is_start=number == 0):
            if near.state == end and all(look.is_met_at_end for look in near.looks):
                ends[number] = frozenset((0,))
            for on, following in _steps(draft, near, effort):
                if following not in numbers:
                    numbers[following] = len(order)
                    order.append(following)
                following_edges[Edge(on, numbers[following])] = None
        edges.append(tuple(following_edges))
        if len(order) > MOST_STATES:
            raise TooLargeError
    return trimmed(Machine(tuple(edges), ends))


def _near(draft: MachineDraft, point: _StateWithLooks, effort: Effort, *, is_start: bool) -> dict[_StateWithLooks, None]:
    """Return *point*, and the states that jumps lead to, without those where a condition can't be met."""
    near = {point: None}
    waiting = [point]
    while waiting:
        here = waiting.pop()
        for target, _, guard in draft.jumps[here.state]:
            looks = here.looks
            effort.spend(1 + len(looks))
            if isinstance(guard, LookAhead):
                still_open = _still_open([*looks, _OpenLook(guard, frozenset((0,)))])
                if still_open is None:
                    continue
                looks = still_open
            elif guard == AT_START and not is_start:
                continue
            following = _StateWithLooks(target, looks)
            if following not in near:
                near[following] = None
                waiting.append(following)
    return near


def _still_open(looks: Iterable[_OpenLook]) -> frozenset[_OpenLook] | None:
    """Return the looks that aren't decided yet; ``None`` if one of them is not met."""
    still_open = set()
    for look in looks:
        answer = look.answer
        if answer is False:
            return None
        if answer is None:
            still_open.add(look)
    return frozenset(still_open)


def _steps(draft: MachineDraft, point: _StateWithLooks, effort: Effort) -> Iterator[tuple[CharSet, _StateWithLooks]]:
    count = sum(len(look.machine.edges[state]) for look, states in point.looks for state in states)
    effort.spend(1 + count)
    seen = {edge.on for open_look in point.looks for state in open_look.states for edge in open_look.look.machine.edges[state]}
    # Sorted, so that each run makes the same machine.
    sets = sorted(seen, key=lambda letters: letters.ranges)
    for edge in draft.edges[point.state]:
        # Parts of the characters, each of which is wholly inside or wholly outside of each set that a look sees.
        parts = [edge.on]
        for letters in sets:
            effort.spend(len(parts))
            parts = [half for part in parts for half in (common(part, letters), without(part, letters)) if half]
        for on in parts:
            effort.spend(1 + count)
            still_open = _still_open(look.after(on) for look in point.looks)
            if still_open is not None:
                yield on, _StateWithLooks(edge.target, still_open)
