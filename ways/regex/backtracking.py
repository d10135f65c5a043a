"""How the time that ``re`` takes to refuse a text grows with its length: linear, by a power, or beyond any."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from math import inf, nan

from ways.regex.charset import EVERY, CharSet, common
from ways.regex.glushkov import PositionAutomaton, UndecidedError, position_automaton_of
from ways.regex.parse_tree import Effort, TooLargeError

#: Steps of one search. After these, what it looks for counts as found: the answer may be too great, never too small.
_MOST_SEARCH_STEPS = 200_000
#: Steps of all searches of an expression: about a second. After these it is too large to tell.
_MOST_STEPS = 500_000
#: Loops that are compared, each with each.
_MOST_LOOPS = 60

#: Places that lead to each other: a strongly connected component of the automaton.
Component = frozenset[int]


@lru_cache(maxsize=4096)
def degree_of(expression: str) -> float | None:
    """Return the power of a text's length by which the time to refuse it grows at most: 1, 2, ... or infinity.

    A text is refused after every way to read its start was tried. There are more and more of them where a loop can be
    followed by another that takes the same characters (one power each, as in ``\\w+\\w+``), and no power is enough
    where one loop can be gone through in two ways (``(\\w+)+``).

    ``None`` if *expression* is no regular expression, or refers to what it matched before; ``nan`` if it is too large.

    The rule is the degree of ambiguity of an automaton, after Weber and Seidl.
    """
    try:
        return _degree(position_automaton_of(expression), Effort(_MOST_STEPS))
    except TooLargeError:
        return nan
    except (re.error, UndecidedError):
        return None


def _degree(automaton: PositionAutomaton, effort: Effort) -> float:
    loops = _loops(automaton)
    if any(_is_gone_through_twice(automaton, loop, effort) for loop in loops):
        return inf
    if len(loops) > _MOST_LOOPS:
        raise TooLargeError(f"{len(loops)} loops")
    return max([1 + _longest(automaton, loops, effort), *(_degree(look, effort) for look in automaton.looks)])


def _loops(automaton: PositionAutomaton) -> list[Component]:
    """Return the loops of an automaton, in the order of the expression."""
    before: list[list[int]] = [[] for _ in automaton.letters]
    for place, following in enumerate(automaton.follow):
        for other in following:
            before[other].append(place)
    # Kosaraju: walked backwards from the place that was left last, all that is reached leads back to it.
    loops: list[Component] = []
    taken: set[int] = set()
    for start in reversed(_in_order_of_leaving(automaton)):
        if start in taken:
            continue
        together, waiting = {start}, [start]
        while waiting:
            new = [other for other in before[waiting.pop()] if other not in taken and other not in together]
            together.update(new)
            waiting += new
        taken |= together
        if len(together) > 1 or start in automaton.follow[start]:
            loops.append(frozenset(together))
    return sorted(loops, key=min)


def _in_order_of_leaving(automaton: PositionAutomaton) -> list[int]:
    """Return the places in the order in which a depth-first walk leaves them."""
    order: list[int] = []
    seen: set[int] = set()
    for start in range(len(automaton.letters)):
        if start in seen:
            continue
        seen.add(start)
        path = [(start, iter(automaton.follow[start]))]
        while path:
            new = next((other for other in path[-1][1] if other not in seen), None)
            if new is None:
                order.append(path.pop()[0])
            else:
                seen.add(new)
                path.append((new, iter(automaton.follow[new])))
    return order


def _reached(automaton: PositionAutomaton, start: int) -> set[int]:
    """Return the places that can come after *start*."""
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        new = automaton.follow[waiting.pop()].keys() - seen
        seen |= new
        waiting += new
    return seen


def _is_gone_through_twice(automaton: PositionAutomaton, loop: Component, effort: Effort) -> bool:
    """Whether some text leads from a place of a loop back to it in two ways."""
    if any(ways > 1 and other in loop for place in loop for other, ways in automaton.follow[place].items()):
        return True
    # Two ways part at some place, and meet at some place again: from there both go on together.
    seen: set[tuple[int, ...]] = set()
    for place in loop:
        seen.update(pair for pair in _steps(automaton, (place, place), [loop, loop], effort) if pair[0] != pair[1])
    waiting = list(seen)
    while waiting:
        for pair in _steps(automaton, waiting.pop(), [loop, loop], effort):
            if pair[0] == pair[1] or len(seen) > _MOST_SEARCH_STEPS:
                return True
            if pair not in seen:
                seen.add(pair)
                waiting.append(pair)
    return False


def _longest(automaton: PositionAutomaton, loops: Sequence[Component], effort: Effort) -> int:
    """Return the greatest number of times that a text can be handed over from one loop to a later one."""
    after = {loop: _reached(automaton, min(loop)) for loop in loops}
    # A loop that leads to another has more places after it.
    order = sorted(loops, key=lambda loop: len(after[loop]), reverse=True)
    best: dict[Component, int] = {}
    for number, loop in enumerate(order):
        before = [other for other in order[:number] if loop & after[other]]
        best[loop] = max((best[other] + _hands_over(automaton, other, loop, effort) for other in before), default=0)
    return max(best.values(), default=0)


def _hands_over(automaton: PositionAutomaton, one: Component, other: Component, effort: Effort) -> bool:
    """Whether some text can be gone through in *one*, in *other*, or from *one* to *other*, back to where it began."""
    everywhere = frozenset(range(len(automaton.letters)))
    count = 0
    for start in one:
        for end in other:
            waiting: list[tuple[int, ...]] = [(start, start, end)]
            seen = set(waiting)
            while waiting:
                for step in _steps(automaton, waiting.pop(), [one, everywhere, other], effort):
                    count += 1
                    if step == (start, end, end) or count > _MOST_SEARCH_STEPS:
                        return True
                    if step not in seen:
                        seen.add(step)
                        waiting.append(step)
    return False


def _steps(
    automaton: PositionAutomaton, places: tuple[int, ...], within: Sequence[Component], effort: Effort
) -> list[tuple[int, ...]]:
    """Return where several walks come to by the same character, each of them within the places given for it."""
    steps: list[tuple[tuple[int, ...], CharSet]] = [((), EVERY)]
    for place, allowed in zip(places, within):
        effort.spend(len(steps) * len(automaton.follow[place]))
        steps = [
            ((*done, following), shared)
            for done, letters in steps
            for following in automaton.follow[place]
            if following in allowed and (shared := common(letters, automaton.letters[following]))
        ]
    return [done for done, _ in steps]
