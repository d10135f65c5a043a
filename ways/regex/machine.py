"""Machines: the texts that fit an expression as states and edges; each edge takes one character."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from ways.regex.charset import EVERY, CharSet, except_for, literal
from ways.regex.parse_tree import TooLargeError

#: States that one machine may have. A mapping of ten tokens has about a hundred.
MOST_STATES = 20_000
#: Jumps that are followed while one is made, from all of its states.
MOST_JUMPS = 500_000


class Edge(NamedTuple):
    """A step from one state to the next by one character."""

    on: CharSet
    target: int
    #: A number of the caller: the weights along a text are added up.
    weight: int = 0
    #: The part of the text that the character belongs to, numbered by the caller from 1; 0 for none.
    part: int = 0


class Machine(NamedTuple):
    """A machine that begins in state 0. Several edges of a state may take the same character. Never changes."""

    #: The edges of each state.
    edges: tuple[tuple[Edge, ...], ...]
    #: State in which a text may end -> the weights that are added there, one of them for each way to end.
    ends: Mapping[int, frozenset[int]]

    @property
    def is_empty(self) -> bool:
        """Whether no text fits."""
        return not self.ends

    def fits(self, text: str) -> bool:
        """Whether *text* fits."""
        states = {0}
        for letter in text:
            states = {edge.target for state in states for edge in self.edges[state] if letter in edge.on}
        return not states.isdisjoint(self.ends)


EMPTY = Machine(((),), {})
ANYTHING = Machine(((Edge(EVERY, 0),),), {0: frozenset((0,))})


def holding(letter: str) -> Machine:
    """Return the machine of every text that has a character in it."""
    return Machine(((Edge(EVERY, 0), Edge(literal(letter), 1)), (Edge(EVERY, 1),)), {1: frozenset((0,))})


class Jump(NamedTuple):
    """A step from one state to another that takes no character."""

    target: int
    weight: int = 0
    #: What must be true of the text around it: ``None``, or a condition of :mod:`ways.regex.lookaround`.
    guard: object = None


class MachineDraft:
    """A machine that is being made: its states are joined by edges and by jumps."""

    def __init__(self) -> None:
        self.edges: list[list[Edge]] = []
        self.jumps: list[list[Jump]] = []

    def state(self) -> int:
        """Add a state and return its number.

        :raises TooLargeError: there are too many states.
        """
        if len(self.edges) >= MOST_STATES:
            raise TooLargeError
        self.edges.append([])
        self.jumps.append([])
        return len(self.edges) - 1

    def jump(self, begin: int, end: int, weight: int = 0, guard: object = None) -> int:
        """Add a jump between two states and return the second one."""
        self.jumps[begin].append(Jump(end, weight, guard))
        return end

    def read(self, begin: int, on: CharSet) -> int:
        """Add a state after *begin* that one character leads to, and return it."""
        end = self.state()
        if on:
            self.edges[begin].append(Edge(on, end))
        return end

    def text(self, begin: int, text: str) -> int:
        """Add states after *begin* for the characters of *text*, and return the last one."""
        for letter in text:
            begin = self.read(begin, literal(letter))
        return begin

    def copy(self, begin: int, machine: Machine, part: int = 0) -> int:
        """Add the states of a machine after *begin*, and a last one after its ends; return that.

        :param part: the part of the text that its characters belong to; 0 for those of *machine*.
        """
        states = [self.state() for _ in machine.edges]
        end = self.state()
        self.jump(begin, states[0])
        for state, edges in zip(states, machine.edges):
            self.edges[state] += [Edge(on, states[target], weight, part or own_part) for on, target, weight, own_part in edges]
        for state, weights in machine.ends.items():
            for weight in weights:
                self.jump(states[state], end, weight)
        return end

    def machine(self, begin: int, end: int) -> Machine:
        """Return the machine of the texts that lead from *begin* to *end*. The guards of jumps are passed over.

        :raises TooLargeError: jumps lead from too many states to too many others.
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
            following: dict[Edge, None] = {}
            for through, before in near:
                for on, target, weight, part in self.edges[through]:
                    if target not in numbers:
                        numbers[target] = len(order)
                        order.append(target)
                    following[Edge(on, numbers[target], before + weight, part)] = None
            edges.append(tuple(following))
            weights = frozenset(weight for through, weight in near if through == end)
            if weights:
                ends[number] = weights
        return trimmed(Machine(tuple(edges), ends))

    def _near(self, state: int) -> dict[tuple[int, int], None]:
        """Return the states that jumps lead to from *state*, itself included, each with the weight of the jumps."""
        near = {(state, 0): None}
        waiting = [(state, 0)]
        while waiting:
            here, weight = waiting.pop()
            for target, more, _ in self.jumps[here]:
                if (target, weight + more) not in near:
                    near[target, weight + more] = None
                    waiting.append((target, weight + more))
        return near


def distances_to(ends: Iterable[int], targets_of: Iterable[Iterable[int]]) -> dict[int, int]:
    """Return each state from which one of *ends* can be reached -> the least number of edges to it.

    :param targets_of: of each state, those that an edge leads to.
    """
    before: dict[int, list[int]] = {}
    for state, targets in enumerate(targets_of):
        for target in targets:
            before.setdefault(target, []).append(state)
    distances = dict.fromkeys(ends, 0)
    waiting = list(distances)
    for state in waiting:
        for earlier in before.get(state, ()):
            if earlier not in distances:
                distances[earlier] = distances[state] + 1
                waiting.append(earlier)
    return distances


def trimmed(machine: Machine) -> Machine:
    """Return the machine without the states from which no end can be reached."""
    useful = distances_to(machine.ends, ((edge.target for edge in edges) for edges in machine.edges))
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


@lru_cache(maxsize=4096)
def of_text(text: str) -> Machine:
    """Return the machine that *text* alone fits: the same for each call."""
    return of_texts([text])


def of_texts(texts: Iterable[str]) -> Machine:
    """Return the machine that *texts* fit, and no other text."""
    draft = MachineDraft()
    begin, end = draft.state(), draft.state()
    for state in _tree(draft, begin, texts)[0]:
        draft.jump(state, end)
    return draft.machine(begin, end)


def _tree(draft: MachineDraft, begin: int, texts: Iterable[str]) -> tuple[list[int], dict[int, str]]:
    """Add states for the characters of some texts; those that begin alike share their first states.

    Returns the state at the end of each text, and each state that another follows -> the characters that lead from it.
    """
    targets: dict[tuple[int, str], int] = {}
    letters: dict[int, str] = {}
    ends: list[int] = []
    for text in dict.fromkeys(texts):
        state = begin
        for letter in text:
            following = targets.get((state, letter))
            if following is None:
                following = targets[state, letter] = draft.read(state, literal(letter))
                letters[state] = letters.get(state, "") + letter
            state = following
        ends.append(state)
    return ends, letters


def one_of(machines: Iterable[Machine]) -> Machine:
    """Return the machine of all texts that fit any of *machines*."""
    draft = MachineDraft()
    begin, end = draft.state(), draft.state()
    for machine in machines:
        draft.jump(draft.copy(begin, machine), end)
    return draft.machine(begin, end)


def opposite_of_texts(texts: Iterable[str]) -> Machine:
    """Return the machine of every text except *texts*."""
    draft = MachineDraft()
    begin, end, anything = draft.state(), draft.state(), draft.state()
    barred, letters = _tree(draft, begin, texts)
    draft.edges[anything].append(Edge(EVERY, anything))
    draft.jump(anything, end)
    refused = set(barred)
    for state in [begin, *range(anything + 1, len(draft.edges))]:
        draft.edges[state].append(Edge(except_for(letters.get(state, "")), anything))
        if state not in refused:
            draft.jump(state, end)
    return draft.machine(begin, end)
