"""Machine: the texts of a pattern as states and edges; each edge takes one character."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ways.regex.charset import EVERY, CharSet, common, except_for, literal

#: States that one machine may have. A mapping of ten tokens has about a hundred.
MOST_STATES = 20_000
#: Jumps that are followed while one is made, from all of its states.
MOST_JUMPS = 500_000


class TooLargeError(Exception):
    """A machine would have more states than there may be."""


class Edge(NamedTuple):
    """One character of a text, from one state to the next."""

    on: CharSet
    target: int
    #: What is counted on the way: see :mod:`ways.check.language`.
    weight: int = 0
    #: The number of the leaf that the character belongs to, from 1; 0 for none.
    place: int = 0


class Machine(NamedTuple):
    """A machine that begins in state 0; several edges may take the same character. Never changes."""

    edges: tuple[tuple[Edge, ...], ...]
    #: State in which a text may end -> what else is counted there.
    ends: Mapping[int, frozenset[int]]

    @property
    def is_empty(self) -> bool:
        """Whether no text fits; true of every machine without an end."""
        return not self.ends

    def fits(self, text: str) -> bool:
        """Whether *text* is one of its texts."""
        states = {0}
        for letter in text:
            states = {edge.target for state in states for edge in self.edges[state] if letter in edge.on}
        return not states.isdisjoint(self.ends)


EMPTY = Machine(((),), {})


class Jump(NamedTuple):
    """A way from one state to another that takes no character."""

    target: int
    weight: int = 0
    #: What must hold of the text around it, if anything: see :mod:`ways.regex.automata`.
    guard: object = None


class Draft:
    """A machine that is being written: with jumps, from state to state."""

    def __init__(self) -> None:
        self.edges: list[list[Edge]] = []
        self.jumps: list[list[Jump]] = []

    def state(self) -> int:
        """Return a new state.

        :raises TooLargeError: there are too many.
        """
        if len(self.edges) >= MOST_STATES:
            raise TooLargeError
        self.edges.append([])
        self.jumps.append([])
        return len(self.edges) - 1

    def jump(self, begin: int, end: int, weight: int = 0, guard: object = None) -> int:
        """Lead from one state to another by no text; return the latter."""
        self.jumps[begin].append(Jump(end, weight, guard))
        return end

    def read(self, begin: int, on: CharSet) -> int:
        """Lead from a state by one character to a new one, and return that."""
        end = self.state()
        self.edges[begin].append(Edge(on, end))
        return end

    def text(self, begin: int, text: str) -> int:
        """Lead from a state by a text to a new one, and return that."""
        for letter in text:
            begin = self.read(begin, literal(letter))
        return begin

    def copy(self, begin: int, machine: Machine, place: int = 0) -> int:
        """Lead from a state by the texts of a machine to a new one, and return that."""
        states = [self.state() for _ in machine.edges]
        end = self.state()
        self.jump(begin, states[0])
        for state, edges in zip(states, machine.edges):
            self.edges[state] += [Edge(on, states[target], weight, place or at) for on, target, weight, at in edges]
        for state, weights in machine.ends.items():
            for weight in weights:
                self.jump(states[state], end, weight)
        return end

    def machine(self, begin: int, end: int) -> Machine:
        """Return the machine of the texts between two states. Guards count for nothing.

        :raises TooLargeError: jumps lead from everywhere to everywhere.
        """
        numbers = {begin: 0}
        order = [begin]
        edges: list[tuple[Edge, ...]] = []
        ends: dict[int, frozenset[int]] = {}
        spent = 0
        # The list grows while it is walked.
        for number, state in enumerate(order):
            near = self._near(state)
            spent += len(near)
            if spent > MOST_JUMPS:
                raise TooLargeError
            found: dict[Edge, None] = {}
            for through, before in near:
                for on, target, weight, place in self.edges[through]:
                    if target not in numbers:
                        numbers[target] = len(order)
                        order.append(target)
                    found[Edge(on, numbers[target], before + weight, place)] = None
            edges.append(tuple(found))
            weights = frozenset(weight for through, weight in near if through == end)
            if weights:
                ends[number] = weights
        return trimmed(Machine(tuple(edges), ends))

    def _near(self, state: int) -> dict[tuple[int, int], None]:
        """Return the states that jumps lead to, each with what is counted on the way."""
        found = {(state, 0): None}
        waiting = [(state, 0)]
        while waiting:
            here, weight = waiting.pop()
            for target, more, _ in self.jumps[here]:
                if (target, weight + more) not in found:
                    found[target, weight + more] = None
                    waiting.append((target, weight + more))
        return found


def reaching(ends: Iterable[int], edges: Iterable[Iterable[int]]) -> dict[int, int]:
    """Return each state from which one of *ends* can be reached, and by how many edges at least.

    :param edges: of each state those that an edge leads to.
    """
    before: dict[int, list[int]] = {}
    for state, targets in enumerate(edges):
        for target in targets:
            before.setdefault(target, []).append(state)
    found = dict.fromkeys(ends, 0)
    waiting = list(found)
    for state in waiting:
        for earlier in before.get(state, ()):
            if earlier not in found:
                found[earlier] = found[state] + 1
                waiting.append(earlier)
    return found


def trimmed(machine: Machine) -> Machine:
    """Return the machine without states that lead to no end."""
    useful = reaching(machine.ends, ((edge.target for edge in edges) for edges in machine.edges))
    if 0 not in useful:
        return EMPTY
    if len(useful) == len(machine.edges):
        return machine
    numbers = {state: number for number, state in enumerate(sorted(useful))}
    edges = tuple(
        tuple(edge._replace(target=numbers[edge.target]) for edge in machine.edges[state] if edge.target in numbers)
        for state in numbers
    )
    return Machine(edges, {numbers[state]: weights for state, weights in machine.ends.items()})


def intersection(left: Machine, right: Machine) -> Machine:
    """Return the machine of the texts of both; what is counted, and places, are those of the first.

    :raises TooLargeError: it would have too many states.
    """
    numbers = {(0, 0): 0}
    order = [(0, 0)]
    edges: list[tuple[Edge, ...]] = []
    for one, other in order:
        found = []
        for on, target, weight, place in left.edges[one]:
            for edge in right.edges[other]:
                both = common(on, edge.on)
                if both:
                    pair = (target, edge.target)
                    if pair not in numbers:
                        numbers[pair] = len(order)
                        order.append(pair)
                    found.append(Edge(both, numbers[pair], weight, place))
        edges.append(tuple(found))
        if len(order) > MOST_STATES:
            raise TooLargeError
    ends = {numbers[pair]: left.ends[pair[0]] for pair in order if pair[0] in left.ends and pair[1] in right.ends}
    return trimmed(Machine(tuple(edges), ends))


def of_texts(texts: Iterable[str]) -> Machine:
    """Return the machine of these texts."""
    draft = Draft()
    begin, end = draft.state(), draft.state()
    for text in texts:
        draft.jump(draft.text(begin, text), end)
    return draft.machine(begin, end)


def one_of(machines: Iterable[Machine]) -> Machine:
    """Return the machine of the texts of any of these."""
    draft = Draft()
    begin, end = draft.state(), draft.state()
    for machine in machines:
        draft.jump(draft.copy(begin, machine), end)
    return draft.machine(begin, end)


def opposite_of_texts(texts: Iterable[str]) -> Machine:
    """Return the machine of every text but these."""
    barred = set(texts)
    prefixes = sorted({text[:end] for text in barred for end in range(len(text) + 1)} or {""}, key=len)
    draft = Draft()
    begin, end, anything = draft.state(), draft.state(), draft.state()
    states = {prefix: begin if not prefix else draft.state() for prefix in prefixes}
    draft.edges[anything].append(Edge(EVERY, anything))
    draft.jump(anything, end)
    for prefix, state in states.items():
        following = [other[-1] for other in prefixes if other and other[:-1] == prefix]
        draft.edges[state] += [Edge(literal(letter), states[prefix + letter]) for letter in following]
        draft.edges[state].append(Edge(except_for("".join(following)), anything))
        if prefix not in barred:
            draft.jump(state, end)
    return draft.machine(begin, end)
