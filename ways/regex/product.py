"""Products: the texts that fit two machines, and searches for them, the shortest and most readable first."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ways.regex.charset import CharSet, common, shown
from ways.regex.machine import EMPTY, MOST_STATES, Edge, Machine, distances_to, trimmed
from ways.regex.parse_tree import TooLargeError

#: Pairs of states that the product of two machines may have.
MOST_PAIRS = 200_000
#: Steps of one search for texts.
MOST_STEPS = 20_000


#: A part of the text in the first machine, and one in the second; their numbers are those of :class:`Edge`.
Parts = tuple[int, int]


class ProductEdge(NamedTuple):
    """A step by one character that both machines take."""

    on: CharSet
    target: int
    #: The weight in the first machine less that in the second.
    lead: int
    #: The parts of the text that the character belongs to, in the first machine and in the second.
    parts: Parts


class Product(NamedTuple):
    """The texts that fit two machines. From each state an end can be reached."""

    #: The edges of each state.
    edges: tuple[tuple[ProductEdge, ...], ...]
    #: State in which a text may end -> the leads that may be added there.
    ends: dict[int, frozenset[int]]
    #: The least number of characters from each state to an end.
    distances: tuple[int, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no text fits both machines."""
        return not self.ends

    def moves(self, after: Parts) -> set[tuple[Parts, Parts]]:
        """Return from which parts to which others a text can go by one character, or by its end: then to *after*."""
        at = self.parts_at
        moves = {(at[state], edge.parts) for state, edges in enumerate(self.edges) for edge in edges}
        return moves | {(at[state], after) for state in self.ends}

    @property
    def parts_at(self) -> list[Parts]:
        """The parts that each state stands in: all edges to a state are of the same parts."""
        parts = [(0, 0)] * len(self.edges)
        for edges in self.edges:
            for edge in edges:
                parts[edge.target] = edge.parts
        return parts


def product(left: Machine, right: Machine, most: int | None = None) -> Product:
    """Return the texts that fit both.

    :param most: pairs of states that are looked at; :data:`MOST_PAIRS` by default.
    :raises TooLargeError: there are more.
    """
    most = MOST_PAIRS if most is None else most
    numbers = {(0, 0): 0}
    pairs = [(0, 0)]
    edges: list[list[ProductEdge]] = []
    # The list grows while it is walked.
    for one, other in pairs:
        following = []
        for on, target, weight, part in left.edges[one]:
            for other_on, other_target, other_weight, other_part in right.edges[other]:
                both = common(on, other_on)
                if both:
                    pair = (target, other_target)
                    number = numbers.get(pair)
                    if number is None:
                        number = numbers[pair] = len(pairs)
                        pairs.append(pair)
                    following.append(ProductEdge(both, number, weight - other_weight, (part, other_part)))
        edges.append(following)
        if len(pairs) > most:
            raise TooLargeError
    ends = {
        number: frozenset(a - b for a in left.ends[one] for b in right.ends[other])
        for number, (one, other) in enumerate(pairs)
        if one in left.ends and other in right.ends
    }
    return _useful(edges, ends)


def intersection(left: Machine, right: Machine) -> Machine:
    """Return the machine of the texts that fit both, with the parts of the first; weights of the second are subtracted.

    :raises TooLargeError: it would have too many states.
    """
    both = product(left, right, MOST_STATES)
    edges = (tuple(Edge(on, target, lead, parts[0]) for on, target, lead, parts in some) for some in both.edges)
    return Machine(tuple(edges), both.ends)


def shared_text(left: Machine, right: Machine) -> str | None:
    """Return a shortest text that fits both, or ``None`` if none does.

    :raises TooLargeError: there are too many pairs of states.
    """
    return next(iter(TextSearch(product(left, right))), None)


def without_moves(product: Product, is_barred: Callable[[Parts, Parts], bool]) -> Product:
    """Return the texts of *product* that make none of some moves.

    :param is_barred: whether a step is such a move, given the parts that it leads from and to.
    """
    at = product.parts_at
    known: dict[tuple[Parts, Parts], bool] = {}
    for state, edges in enumerate(product.edges):
        for edge in edges:
            move = (at[state], edge.parts)
            if move not in known:
                known[move] = is_barred(*move)
    left = [[edge for edge in edges if not known[at[state], edge.parts]] for state, edges in enumerate(product.edges)]
    return _useful(left, product.ends)


def _useful(edges: list[list[ProductEdge]], ends: dict[int, frozenset[int]]) -> Product:
    """Return the product without the states from which no end can be reached."""
    distances = distances_to(ends, ((edge.target for edge in some) for some in edges))
    if 0 not in distances:
        return Product(((),), {}, (0,))
    numbers = {state: number for number, state in enumerate(sorted(distances))}
    useful = tuple(
        tuple(edge._replace(target=numbers[edge.target]) for edge in edges[state] if edge.target in numbers)
        for state in numbers
    )
    return Product(useful, {numbers[state]: leads for state, leads in ends.items()}, tuple(distances[s] for s in numbers))


class TextSearch:
    """Finds texts that fit both machines of a product one by one, the shortest first.

    :param lead: the lead that a text must have; ``None`` for any.
    :param spread: how many characters are tried for each edge.
    :param visits: how often one state is passed with one lead.
    """

    def __init__(self, product: Product, lead: int | None = None, *, spread: int = 1, visits: int = 1) -> None:
        self._product = product
        self._lead = lead
        self._spread = spread
        self._visits = visits
        #: Whether no state was left out because the search took too many steps. Known after the search has ended.
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
            for edge in self._product.edges[state]:
                length = len(text) + 1 + distances[edge.target]
                for letter in shown(edge.on, self._spread):
                    item = (length, -len(text), next(counter), edge.target, lead + edge.lead, text + letter)
                    heapq.heappush(waiting, item)
        self.is_complete = not waiting


def may_have_lead(product: Product, lead: int) -> bool:
    """Whether some text may have this lead. True if the search has to be ended."""
    search = TextSearch(product, lead)
    return next(iter(search), None) is not None or not search.is_complete


def all_texts(product: Product, most: int) -> list[str] | None:
    """Return every text of *product*, or ``None`` if there are more than *most*."""
    texts: list[str] = []
    waiting = [(0, "")]
    steps = 0
    while waiting:
        state, text = waiting.pop()
        steps += 1
        if steps > 50 * most or len(text) > len(product.edges):
            return None
        if state in product.ends:
            texts.append(text)
        for edge in product.edges[state]:
            if len(edge.on) + len(waiting) > most:
                return None
            waiting += [(edge.target, text + letter) for letter in edge.on.characters()]
        if len(texts) > most:
            return None
    return list(dict.fromkeys(texts))


def texts_of_part(product: Product, side: int, part: int) -> Machine:
    """Return the machine of what may stand in one part of the texts of *product*.

    It may fit more: where the part can be entered or left in several ways, each entry is joined with each exit.

    :param side: 0 for the parts of the first machine, 1 for those of the second.
    """
    entries = {0: None} if any(edge.parts[side] == part for edge in product.edges[0]) else {}
    exits: set[int] = set()
    for edges in product.edges:
        for edge in edges:
            following = product.edges[edge.target]
            if edge.parts[side] != part:
                if any(later.parts[side] == part for later in following):
                    entries[edge.target] = None
            elif edge.target in product.ends or any(later.parts[side] != part for later in following):
                exits.add(edge.target)
    if not entries:
        return EMPTY
    # State 0 is a new one, from which each entry can be left.
    inside = [tuple(Edge(edge.on, edge.target + 1) for edge in edges if edge.parts[side] == part) for edges in product.edges]
    first = tuple(edge for state in entries for edge in inside[state])
    return trimmed(Machine((first, *inside), {state + 1: frozenset((0,)) for state in exits}))
