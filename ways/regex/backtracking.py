"""How the time that ``re`` takes to refuse a text grows with its length: linear, by a power, or beyond any."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from math import inf, nan

from ways.regex.charset import EVERY, CharSet, common
from ways.regex.glushkov import Positions, TooLargeError, Undecided, positions_of

#: So many steps of a search, and what it looks for counts as found: the answer may be too great, never too small.
_BUDGET = 200_000
#: Pairs of steps, from all places of a loop, that are looked at.
_MOST_PAIRS = 5_000_000
#: Loops that are told apart, two by two.
_MOST_LOOPS = 60

Loop = frozenset[int]


@lru_cache(maxsize=4096)
def degree_of(expression: str) -> float | None:
    """Return the power of a text's length by which the time to refuse it grows at most: 1, 2, ... or infinity.

    A text is refused after every way to read its start was tried. There are more and more of them where a loop can be
    followed by another that takes the same characters (one power each, as in ``\\w+\\w+``), and no power is enough
    where one loop can be gone through in two ways (``(\\w+)+``). ``None`` where that can't be told: the expression is
    none, or refers to what stood before. Not a number where it is too large to be told.

    The rule is the degree of ambiguity of an automaton, after Weber and Seidl.
    """
    try:
        return _degree(positions_of(expression))
    except TooLargeError:
        return nan
    except (re.error, Undecided):
        return None


def _degree(machine: Positions) -> float:
    loops = _loops(machine)
    if any(_is_gone_through_twice(machine, loop) for loop in loops):
        return inf
    if len(loops) > _MOST_LOOPS:
        raise TooLargeError(f"{len(loops)} loops")
    return max([1 + _longest(machine, loops), *map(_degree, machine.looks)])


def _loops(machine: Positions) -> list[Loop]:
    """Return each set of places that lead to each other, those that come first in the expression first."""
    before: list[list[int]] = [[] for _ in machine.letters]
    for place, following in enumerate(machine.follow):
        for other in following:
            before[other].append(place)
    # Against the steps, those that were left last come first: what is then reached leads back to where it began.
    found: list[Loop] = []
    taken: set[int] = set()
    for start in reversed(_left(machine)):
        if start in taken:
            continue
        together, waiting = {start}, [start]
        while waiting:
            new = [other for other in before[waiting.pop()] if other not in taken and other not in together]
            together.update(new)
            waiting += new
        taken |= together
        if len(together) > 1 or start in machine.follow[start]:
            found.append(frozenset(together))
    return sorted(found, key=min)


def _left(machine: Positions) -> list[int]:
    """Return the places in the order in which a walk in depth has seen all that comes after them."""
    order: list[int] = []
    seen: set[int] = set()
    for start in range(len(machine.letters)):
        if start in seen:
            continue
        seen.add(start)
        path = [(start, iter(machine.follow[start]))]
        while path:
            new = next((other for other in path[-1][1] if other not in seen), None)
            if new is None:
                order.append(path.pop()[0])
            else:
                seen.add(new)
                path.append((new, iter(machine.follow[new])))
    return order


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
    if any(ways > 1 and other in loop for place in loop for other, ways in machine.follow[place].items()):
        return True
    if sum(len(machine.follow[place]) ** 2 for place in loop) > _MOST_PAIRS:
        raise TooLargeError(f"{len(loop)} places in a loop")
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
