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
#: Pairs of edges that are compared for one product.
MOST_COMPARED = 5_000_000
#: Edges of one product that are kept: each takes some 150 bytes.
MOST_EDGES = 500_000
#: Ranges of a set that two others share which take as long as a pair of edges.
_RANGES_PER_STEP = 8
#: Steps of one search for texts.
MOST_STEPS = 20_000


class Steps:
    """Steps that several searches may take together. They are counted and not timed: each run on the same input ends alike."""

    __slots__ = ("left",)

    def __init__(self, most: int) -> None:
        self.left = most

    @property
    def are_spent(self) -> bool:
        """Whether none are left."""
        return self.left <= 0

    def take(self, count: int) -> None:
        """Count some steps.

        :raises TooLargeError: so many are not left.
        """
        self.left -= count
        if self.left <= 0:
            raise TooLargeError("the searches take too many steps together")


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


def product(left: Machine, right: Machine, most: int | None = None, steps: Steps | None = None) -> Product:
    """Return the texts that fit both.

    :param most: pairs of states that are looked at; :data:`MOST_PAIRS` by default.
    :param steps: those that may be taken: about one for each pair of edges.
    :raises TooLargeError: there are more, of either; or more than :data:`MOST_EDGES` edges.
    """
    most = MOST_PAIRS if most is None else most
    may_take = min(MOST_COMPARED, MOST_COMPARED if steps is None else max(steps.left, 0))
    compared = kept = 0
    numbers = {(0, 0): 0}
    pairs = [(0, 0)]
    edges: list[list[ProductEdge]] = []
    # The list grows while it is walked.
    for one, other in pairs:
        following = []
        # A pair of states takes as long as some pairs of edges.
        compared += 4 + len(left.edges[one]) * len(right.edges[other])
        if compared > may_take:
            break
        for on, target, weight, part in left.edges[one]:
            for other_on, other_target, other_weight, other_part in right.edges[other]:
                both = common(on, other_on)
                if both:
                    if both is not on and both is not other_on:
                        # A set as large as \w takes as long as a hundred small ones.
                        compared += len(both.ranges) // _RANGES_PER_STEP
                    pair = (target, other_target)
                    number = numbers.get(pair)
                    if number is None:
                        number = numbers[pair] = len(pairs)
                        pairs.append(pair)
                    following.append(ProductEdge(both, number, weight - other_weight, (part, other_part)))
        edges.append(following)
        kept += len(following)
        if len(pairs) > most or kept > MOST_EDGES:
            break
    if steps is not None:
        steps.take(compared)
    if len(edges) < len(pairs) or len(pairs) > most or kept > MOST_EDGES:
        raise TooLargeError
    ends = {
        number: frozenset(a - b for a in left.ends[one] for b in right.ends[other])
        for number, (one, other) in enumerate(pairs)
        if one in left.ends and other in right.ends
    }
    return _useful(edges, ends)


def intersection(left: Machine, right: Machine, steps: Steps | None = None) -> Machine:
    """Return the machine of the texts that fit both, with the parts of the first; weights of the second are subtracted.

    :param steps: as for :func:`product`.
    :raises TooLargeError: it would have too many states.
    """
    both = product(left, right, MOST_STATES, steps)
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
    :param steps: those that may be taken, beside :data:`MOST_STEPS` of each search.
    """

    def __init__(
        self, product: Product, lead: int | None = None, *, spread: int = 1, visits: int = 1, steps: Steps | None = None
    ) -> None:
        self._product = product
        self._steps = steps
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
            if self._steps is not None:
                # Each edge makes a text that is longer by a character: a long one is copied.
                self._steps.left -= 4 + len(self._product.edges[state]) * (4 + len(text) // 1000)
                if self._steps.are_spent:
                    break
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
        self.is_complete = not waiting and not (self._steps is not None and self._steps.are_spent)


def may_have_lead(product: Product, lead: int, steps: Steps | None = None) -> bool:
    """Whether some text may have this lead. True if the search has to be ended."""
    search = TextSearch(product, lead, steps=steps)
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
    #: Of each state, whether a character of the part may follow, and whether one of another part.
    leads_in = [any(edge.parts[side] == part for edge in edges) for edges in product.edges]
    leads_out = [any(edge.parts[side] != part for edge in edges) for edges in product.edges]
    entries = {0: None} if leads_in[0] else {}
    exits: set[int] = set()
    for edges in product.edges:
        for edge in edges:
            if edge.parts[side] != part:
                if leads_in[edge.target]:
                    entries[edge.target] = None
            elif edge.target in product.ends or leads_out[edge.target]:
                exits.add(edge.target)
    if not entries:
        return EMPTY
    # State 0 is a new one, from which each entry can be left.
    inside = [tuple(Edge(edge.on, edge.target + 1) for edge in edges if edge.parts[side] == part) for edges in product.edges]
    first = tuple(edge for state in entries for edge in inside[state])
    return trimmed(Machine((first, *inside), {state + 1: frozenset((0,)) for state in exits}))
