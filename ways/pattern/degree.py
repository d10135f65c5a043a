"""How the time that ``re`` takes to refuse a text grows with its length: linear, by a power, or beyond any."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from math import inf

from ways.pattern.charset import EVERY, CharSet, common
from ways.pattern.positions import Positions, Undecided, positions_of

#: So many steps of a search, and what it looks for counts as found: the answer may be too great, never too small.
_BUDGET = 200_000

Loop = frozenset[int]


@lru_cache(maxsize=4096)
def degree_of(expression: str) -> float | None:
    """Return the power of a text's length by which the time to refuse it grows at most: 1, 2, ... or infinity.

    A text is refused after every way to read its start was tried. There are more and more of them where a loop can be
    followed by another that takes the same characters (one power each, as in ``\\w+\\w+``), and no power is enough
    where one loop can be gone through in two ways (``(\\w+)+``). ``None`` where that can't be told: the expression is
    none, or refers to what stood before.

    The rule is the degree of ambiguity of an automaton, after Weber and Seidl.
    """
    try:
        return _degree(positions_of(expression))
    except (re.error, Undecided):
        return None


def _degree(machine: Positions) -> float:
    loops = _loops(machine)
    if any(_is_gone_through_twice(machine, loop) for loop in loops):
        return inf
    return max([1 + _longest(machine, loops), *map(_degree, machine.looks)])


def _loops(machine: Positions) -> list[Loop]:
    """Return each set of places that lead to each other, those that come first in the expression first."""
    reach = [_reached(machine, place) for place in range(len(machine.letters))]
    found: dict[Loop, None] = {}
    for place, reached in enumerate(reach):
        if place in reached:
            found[frozenset(other for other in reached if place in reach[other])] = None
    return list(found)


def _reached(machine: Positions, start: int) -> set[int]:
    """Return the places that can come after *start*."""
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        new = machine.follow[waiting.pop()].keys() - seen
        seen |= new
        waiting += new
    return seen


def _is_gone_through_twice(machine: Positions, loop: Loop) -> bool:
    """Whether some text leads from a place of a loop back to it in two ways."""
    if any(machine.follow[place].get(other, 0) > 1 for place in loop for other in loop):
        return True
    # Two ways part at some place, and meet at some place again: from there both go on together.
    waiting = [pair for place in loop for pair in _steps(machine, (place, place), [loop, loop]) if pair[0] != pair[1]]
    seen = set(waiting)
    while waiting:
        for pair in _steps(machine, waiting.pop(), [loop, loop]):
            if pair[0] == pair[1] or len(seen) > _BUDGET:
                return True
            if pair not in seen:
                seen.add(pair)
                waiting.append(pair)
    return False


def _longest(machine: Positions, loops: Sequence[Loop]) -> int:
    """Return the greatest number of times that a text can be handed over from one loop to a later one."""
    after = {loop: _reached(machine, min(loop)) for loop in loops}
    # A loop that leads to another has more places after it.
    order = sorted(loops, key=lambda loop: len(after[loop]), reverse=True)
    best: dict[Loop, int] = {}
    for number, loop in enumerate(order):
        before = [other for other in order[:number] if loop & after[other]]
        best[loop] = max((best[other] + _hands_over(machine, other, loop) for other in before), default=0)
    return max(best.values(), default=0)


def _hands_over(machine: Positions, one: Loop, other: Loop) -> bool:
    """Whether some text can be gone through in *one*, in *other*, or from *one* to *other*, back to where it began."""
    everywhere = frozenset(range(len(machine.letters)))
    count = 0
    for start in one:
        for end in other:
            waiting: list[tuple[int, ...]] = [(start, start, end)]
            seen = set(waiting)
            while waiting:
                for step in _steps(machine, waiting.pop(), [one, everywhere, other]):
                    count += 1
                    if step == (start, end, end) or count > _BUDGET:
                        return True
                    if step not in seen:
                        seen.add(step)
                        waiting.append(step)
    return False


def _steps(machine: Positions, places: tuple[int, ...], within: Sequence[Loop]) -> list[tuple[int, ...]]:
    """Return where several readers, each within its own places, can come to by one and the same character."""
    found: list[tuple[tuple[int, ...], CharSet]] = [((), EVERY)]
    for place, allowed in zip(places, within):
        found = [
            ((*done, following), shared)
            for done, letters in found
            for following in machine.follow[place]
            if following in allowed and (shared := common(letters, machine.letters[following]))
        ]
    return [done for done, _ in found]
