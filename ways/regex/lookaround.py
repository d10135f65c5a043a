"""What an expression says of the text around a place, followed as sets of states beside the machine itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ways.regex.charset import CharSet, common, without
from ways.regex.machine import Draft, Edge, Machine, trimmed

#: States of a machine that looks ahead, at most.
MOST_WATCHED = 2_000
#: Holds before the first character.
AT_START = "at the start"


@dataclass(frozen=True, eq=False)
class Look:
    """What must follow a place, or must not."""

    machine: Machine
    is_negative: bool
    #: Whether all that follows counts, and not only how it begins.
    is_whole: bool


class _Watch(NamedTuple):
    """A look on its way: how far the text since its place has come in its machine."""

    look: Look
    states: frozenset[int]

    @property
    def _has_hit(self) -> bool:
        return not self.states.isdisjoint(self.look.machine.ends)

    @property
    def verdict(self) -> bool | None:
        """Whether it holds, whatever follows; ``None`` where that is still open."""
        if not self.states:
            return self.look.is_negative
        if self._has_hit and not self.look.is_whole:
            return not self.look.is_negative
        return None

    @property
    def holds_at_end(self) -> bool:
        """Whether it holds if the text ends here."""
        return self._has_hit != self.look.is_negative

    def after(self, on: CharSet) -> _Watch:
        """Return it one character on; all those in *on* lead to the same states."""
        edges = (edge for state in self.states for edge in self.look.machine.edges[state])
        return _Watch(self.look, frozenset(edge.target for edge in edges if common(on, edge.on)))


class _Point(NamedTuple):
    """A state of the draft, and what is being watched there."""

    state: int
    watches: frozenset[_Watch] = frozenset()


def watched(draft: Draft, begin: int, end: int) -> Machine | None:
    """Return the machine of the texts between two states where every guard holds; ``None`` for one that is too large."""
    numbers = {_Point(begin): 0}
    order = list(numbers)
    edges: list[tuple[Edge, ...]] = []
    ends: dict[int, frozenset[int]] = {}
    # The list grows while it is walked. Only its first point is the start: edges lead to states of their own.
    for number, point in enumerate(order):
        found: dict[Edge, None] = {}
        for near in _near(draft, point, is_start=not number):
            if near.state == end and all(watch.holds_at_end for watch in near.watches):
                ends[number] = frozenset((0,))
            for on, following in _steps(draft, near):
                if following not in numbers:
                    numbers[following] = len(order)
                    order.append(following)
                found[Edge(on, numbers[following])] = None
        edges.append(tuple(found))
        if len(order) > MOST_WATCHED:
            return None
    return trimmed(Machine(tuple(edges), ends))


def _near(draft: Draft, point: _Point, *, is_start: bool) -> dict[_Point, None]:
    """Return the points that jumps lead to, where their guards may hold."""
    found = {point: None}
    waiting = [point]
    while waiting:
        here = waiting.pop()
        for target, _, guard in draft.jumps[here.state]:
            watches = here.watches
            if isinstance(guard, Look):
                still = _settled([*watches, _Watch(guard, frozenset((0,)))])
                if still is None:
                    continue
                watches = still
            elif guard == AT_START and not is_start:
                continue
            following = _Point(target, watches)
            if following not in found:
                found[following] = None
                waiting.append(following)
    return found


def _settled(watches: Iterable[_Watch]) -> frozenset[_Watch] | None:
    """Return what is still open; ``None`` where one can't hold any more."""
    still = set()
    for watch in watches:
        verdict = watch.verdict
        if verdict is False:
            return None
        if verdict is None:
            still.add(watch)
    return frozenset(still)


def _steps(draft: Draft, point: _Point) -> Iterator[tuple[CharSet, _Point]]:
    seen = [edge.on for watch in point.watches for state in watch.states for edge in watch.look.machine.edges[state]]
    for edge in draft.edges[point.state]:
        for on in _divided(edge.on, dict.fromkeys(seen)):
            still = _settled(watch.after(on) for watch in point.watches)
            if still is not None:
                yield on, _Point(edge.target, still)


def _divided(on: CharSet, sets: Iterable[CharSet]) -> list[CharSet]:
    """Return *on* in parts, each of which is wholly inside or wholly outside of each set."""
    parts = [on]
    for one in sets:
        parts = [half for part in parts for half in (common(part, one), without(part, one)) if half]
    return parts
