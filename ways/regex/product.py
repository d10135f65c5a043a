"""Two machines walked side by side: which texts fit both, the shortest and most readable first."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ways.regex.charset import CharSet, common, shown
from ways.regex.machine import EMPTY, Edge, Machine, TooLargeError, reaching, trimmed

#: Pairs of states that are looked at for two mappings, at most.
MOST_PAIRS = 200_000
#: Steps of one search for texts.
MOST_STEPS = 20_000


class Step(NamedTuple):
    """One character of a text of both."""

    on: CharSet
    target: int
    #: What is counted for the first, less what is for the second.
    lead: int
    #: The leaves that the character belongs to, in the first and in the second.
    places: tuple[int, int]


class Product(NamedTuple):
    """The texts of two machines. Each of its states leads to an end."""

    steps: tuple[tuple[Step, ...], ...]
    #: State in which a text may end -> by what the first may then lead.
    ends: dict[int, frozenset[int]]
    #: How many characters are missing to an end, at least.
    distances: tuple[int, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is no text of both."""
        return not self.ends

    def moves(self, after: tuple[int, int]) -> set[tuple[tuple[int, int], tuple[int, int]]]:
        """Return from which leaf to which each step leads, on both sides; :data:`after` is behind the end."""
        at = self.standing
        found = {(at[state], step.places) for state, steps in enumerate(self.steps) for step in steps}
        return found | {(at[state], after) for state in self.ends}

    @property
    def standing(self) -> list[tuple[int, int]]:
        """The leaf that each state stands in, on both sides: every step to a state is of the same."""
        found = [(0, 0)] * len(self.steps)
        for steps in self.steps:
            for step in steps:
                found[step.target] = step.places
        return found


def product(left: Machine, right: Machine) -> Product:
    """Return the texts of both.

    :raises TooLargeError: there are too many pairs of states.
    """
    numbers = {(0, 0): 0}
    order = [(0, 0)]
    steps: list[list[Step]] = []
    for one, other in order:
        found = []
        for on, target, weight, place in left.edges[one]:
            for on_other, target_other, weight_other, place_other in right.edges[other]:
                both = common(on, on_other)
                if both:
                    pair = (target, target_other)
                    number = numbers.get(pair)
                    if number is None:
                        number = numbers[pair] = len(order)
                        order.append(pair)
                    found.append(Step(both, number, weight - weight_other, (place, place_other)))
        steps.append(found)
        if len(order) > MOST_PAIRS:
            raise TooLargeError
    ends = {
        number: frozenset(a - b for a in left.ends[one] for b in right.ends[other])
        for number, (one, other) in enumerate(order)
        if one in left.ends and other in right.ends
    }
    return _useful(steps, ends)


def without_steps(found: Product, barred: Callable[[tuple[int, int], tuple[int, int]], bool]) -> Product:
    """Return the texts that need none of some steps.

    :param barred: tells such a step by the leaves that it leads from and to.
    """
    at = found.standing
    known: dict[tuple[tuple[int, int], tuple[int, int]], bool] = {}
    for state, steps in enumerate(found.steps):
        for step in steps:
            move = (at[state], step.places)
            if move not in known:
                known[move] = barred(*move)
    kept = [[step for step in steps if not known[at[state], step.places]] for state, steps in enumerate(found.steps)]
    return _useful(kept, found.ends)


def _useful(steps: list[list[Step]], ends: dict[int, frozenset[int]]) -> Product:
    distances = reaching(ends, ((step.target for step in some) for some in steps))
    if 0 not in distances:
        return Product(((),), {}, (0,))
    numbers = {state: number for number, state in enumerate(sorted(distances))}
    kept = tuple(
        tuple(step._replace(target=numbers[step.target]) for step in steps[state] if step.target in numbers)
        for state in numbers
    )
    return Product(kept, {numbers[state]: leads for state, leads in ends.items()}, tuple(distances[s] for s in numbers))


class Search:
    """Finds texts of both machines one by one, the shortest first; after it ended, says whether it saw all there was.

    :param lead: by what the first is to lead; ``None`` for anything.
    :param spread: how many characters of each kind are tried.
    :param visits: how often one state is passed.
    """

    def __init__(self, found: Product, lead: int | None = None, *, spread: int = 1, visits: int = 1) -> None:
        self._product = found
        self._lead = lead
        self._spread = spread
        self._visits = visits
        #: Whether no state was left out for want of time.
        self.is_complete = True

    def __iter__(self) -> Iterator[str]:
        if self._product.is_empty:
            return
        counter = itertools.count()
        distances = self._product.distances
        waiting = [(distances[0], 0, next(counter), 0, 0, "")]
        visits: dict[tuple[int, int], int] = {}
        for _ in range(MOST_STEPS):
            if not waiting:
                return
            _, _, _, state, lead, text = heapq.heappop(waiting)
            count = visits[state, lead] = visits.get((state, lead), 0) + 1
            if count > self._visits:
                continue
            leads = self._product.ends.get(state)
            if leads and (self._lead is None or self._lead - lead in leads):
                yield text
            for step in self._product.steps[state]:
                for order, letter in enumerate(shown(step.on, self._spread)):
                    length = len(text) + 1 + distances[step.target]
                    item = (length, -len(text), next(counter), step.target, lead + step.lead, text + letter)
                    heapq.heappush(waiting, item)
        self.is_complete = not waiting


def all_words(found: Product, most: int) -> list[str] | None:
    """Return every text of both, if there are no more than *most*; else ``None``."""
    words: list[str] = []
    waiting = [(0, "")]
    steps = 0
    while waiting:
        state, text = waiting.pop()
        steps += 1
        if steps > 50 * most or len(text) > len(found.steps):
            return None
        if state in found.ends:
            words.append(text)
        for step in found.steps[state]:
            if len(step.on) + len(waiting) > most:
                return None
            waiting += [(step.target, text + letter) for letter in step.on.characters()]
        if len(words) > most:
            return None
    return list(dict.fromkeys(words))


def values_at(found: Product, side: int, place: int) -> Machine:
    """Return the texts that may stand at one place of a repeated token, in the texts of both.

    They may be more: where several paths go through the place, how one begins and another ends is mixed.
    """
    entries = {0: None} if any(step.places[side] == place for step in found.steps[0]) else {}
    leaves = dict.fromkeys(state for state in found.ends)
    inside: set[int] = set()
    for steps in found.steps:
        for step in steps:
            if step.places[side] == place:
                inside.add(step.target)
            elif any(later.places[side] == place for later in found.steps[step.target]):
                entries[step.target] = None
    leaving = {
        state
        for state in inside
        if state in leaves or any(step.places[side] != place for step in found.steps[state])
    }
    return _between(found, side, place, list(entries), leaving)


def _between(found: Product, side: int, place: int, entries: list[int], leaving: set[int]) -> Machine:
    within = [
        tuple(Edge(step.on, step.target + 1) for step in steps if step.places[side] == place) for steps in found.steps
    ]
    first = tuple(edge for state in entries for edge in within[state])
    if not entries:
        return EMPTY
    return trimmed(Machine((first, *within), {state + 1: frozenset((0,)) for state in leaving}))
