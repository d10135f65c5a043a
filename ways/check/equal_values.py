"""Which texts two mappings may share, given that a token has the same value each time it stands in a mapping.

Between two boundaries of leaves that every shared text passes at once on both sides, the same text stands in both. So a
token that fills such a span in each mapping has one value in both, wherever else it stands; where two tokens of one value
begin a span together, they must end together; and both sides of each span must be of one length. That is not enough to be
sure that a text is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from ways.regex.machine import Machine
from ways.regex.product import Parts, Product, Steps, without_moves


class LeafBounds(NamedTuple):
    """A leaf of a mapping, and how long its text may be."""

    #: The token's name; ``''`` for literal text.
    token: str
    #: In characters; no *most* means any length.
    least: int
    most: int | None
    #: Whether it stands in each text.
    is_always: bool

    @property
    def is_token_always(self) -> bool:
        """Whether it is a token that stands in each text."""
        return bool(self.token) and self.is_always


#: The leaves of two mappings.
Leaves = tuple[Sequence[LeafBounds], Sequence[LeafBounds]]
#: A side, 0 or 1, and a token of it, or the number of a leaf that is no token or not always there.
Name = tuple[int, object]


class _SharedSpan(NamedTuple):
    """A span of text in both mappings: of each side, the number of its first leaf and of the one after its last."""

    left: tuple[int, int]
    right: tuple[int, int]


def with_equal_values(product: Product, leaves: Leaves, steps: Steps) -> Product | None:
    """Return the texts of *product* in which equal values begin and end together; ``None`` if there can be none.

    :param steps: those that may be taken.
    :raises TooLargeError: there are more.
    """
    while True:
        steps.take(_size(product))
        spans = list(_shared_spans(product, leaves, steps))
        equal = _EqualNames()
        for (first, after), (other, after_other) in spans:
            left, right = leaves[0][first], leaves[1][other]
            # Two tokens that fill a span, one on each side.
            if after - first == after_other - other == 1 and left.is_token_always and right.is_token_always:
                equal.join((0, left.token), (1, right.token))
        boundaries = set(_equal_boundaries(spans, leaves, equal)) - {(span.left[1], span.right[1]) for span in spans}
        if not boundaries:
            return product if _lengths_agree(spans, leaves, steps) else None
        smaller = without_moves(product, lambda before, after: any(_passes_one(before, after, pair) for pair in boundaries))
        if smaller.is_empty:
            return None
        if _size(smaller) == _size(product):
            return product if _lengths_agree(spans, leaves, steps) else None
        product = smaller


def _size(product: Product) -> int:
    return sum(map(len, product.edges)) + len(product.ends)


def _passes_one(before: Parts, after: Parts, boundary: Parts) -> bool:
    """Whether a step passes a boundary on one side only. The boundary n is passed by going from part n or before to a later."""
    return (before[0] <= boundary[0] < after[0]) != (before[1] <= boundary[1] < after[1])


def _shared_spans(product: Product, leaves: Leaves, steps: Steps) -> Iterator[_SharedSpan]:
    """Yield the spans between boundaries that every text passes at once on both sides, from the first to the last."""
    moves = sorted(product.moves((len(leaves[0]) + 1, len(leaves[1]) + 1)))
    steps.take(len(moves) * (len(leaves[0]) + len(leaves[1])) // 4)
    # Of each boundary of each side, the moves that pass it.
    passing: list[dict[int, tuple[int, ...]]] = [
        {end: tuple(n for n, (a, b) in enumerate(moves) if a[side] <= end < b[side]) for end in range(len(leaves[side]) + 1)}
        for side in (0, 1)
    ]
    by_moves: dict[tuple[int, ...], int] = {}
    for boundary, numbers in passing[1].items():
        by_moves.setdefault(numbers, boundary)
    begin = (0, 0)
    for boundary, numbers in passing[0].items():
        other = by_moves.get(numbers)
        if boundary and other is not None and other > begin[1]:
            yield _SharedSpan((begin[0], boundary), (begin[1], other))
            begin = (boundary, other)


def _equal_boundaries(spans: Sequence[_SharedSpan], leaves: Leaves, equal: _EqualNames) -> Iterator[Parts]:
    """Yield boundaries that must be passed at once: tokens of one value begin, or end, a span on both sides."""
    for (first, after), (other, after_other) in spans:
        if _are_equal(leaves[0][first], leaves[1][other], equal):
            yield first + 1, other + 1
        if _are_equal(leaves[0][after - 1], leaves[1][after_other - 1], equal):
            yield after - 1, after_other - 1


def _are_equal(left: LeafBounds, right: LeafBounds, equal: _EqualNames) -> bool:
    return left.is_token_always and right.is_token_always and equal.of((0, left.token)) == equal.of((1, right.token))


class _EqualNames:
    """Which names have one value: sets of names that are joined (union-find)."""

    def __init__(self) -> None:
        self._above: dict[Name, Name] = {}

    def of(self, name: Name) -> Name:
        while name in self._above:
            name = self._above[name]
        return name

    def join(self, one: Name, other: Name) -> None:
        one, other = self.of(one), self.of(other)
        if one != other:
            self._above[one] = other


#: An equation: the sum of the lengths of these names, each as often as said, is 0.
_Equation = dict[Name, Fraction]


def _lengths_agree(spans: Sequence[_SharedSpan], leaves: Leaves, steps: Steps) -> bool:
    """Whether the texts may have such lengths that each span is as long on both sides."""
    bounds: dict[Name, tuple[int, int | None]] = {}
    equations: list[_Equation] = []
    for span in spans:
        equation: _Equation = {}
        for side, (first, after) in enumerate(span):
            for number in range(first, after):
                leaf = leaves[side][number]
                name: Name = (side, leaf.token if leaf.is_token_always else number)
                bounds[name] = (leaf.least if leaf.is_always else 0, leaf.most)
                equation[name] = equation.get(name, Fraction()) + (1 if not side else -1)
        equations.append(equation)
    return all(_can_be_true(equation, bounds) for equation in (*equations, *_reduced(equations, steps)))


def _reduced(equations: Sequence[_Equation], steps: Steps) -> Iterator[_Equation]:
    """Yield equations that say the same with as few names in common as possible (Gauss)."""
    waiting = [dict(equation) for equation in equations]
    while waiting:
        equation = {name: count for name, count in waiting.pop(0).items() if count}
        if not equation:
            continue
        yield equation
        steps.take(len(equation) + len(waiting))
        name, count = min(equation.items(), key=lambda item: repr(item[0]))
        for other in waiting:
            if times := other.get(name, Fraction()) / count:
                steps.take(4 * len(equation))
                for each, much in equation.items():
                    other[each] = other.get(each, Fraction()) - times * much


def _can_be_true(equation: _Equation, bounds: dict[Name, tuple[int, int | None]]) -> bool:
    least: Fraction | None = Fraction()
    most: Fraction | None = Fraction()
    for name, count in equation.items():
        low, high = bounds[name]
        ends = (low, high) if count > 0 else (high, low)
        least = None if least is None or ends[0] is None else least + count * ends[0]
        most = None if most is None or ends[1] is None else most + count * ends[1]
    return (least is None or least <= 0) and (most is None or most >= 0)


def lengths_of(machine: Machine) -> tuple[int, int | None]:
    """Return the least and the greatest length of the texts of a machine, in characters; ``None`` for any length."""
    following = [{edge.target for edge in edges} for edges in machine.edges]
    least, level, seen = 0, {0}, {0}
    while level and level.isdisjoint(machine.ends):
        level = {target for state in level for target in following[state]} - seen
        seen |= level
        least += 1
    return least if level else 0, _longest(following)


def _longest(following: Sequence[set[int]]) -> int | None:
    """Return the most steps that can be taken from state 0; ``None`` for any number: some states lead to themselves."""
    counts = [0] * len(following)
    for targets in following:
        for target in targets:
            counts[target] += 1
    # State by state, each after all those that lead to it. The states of a circle never come.
    waiting = [state for state, count in enumerate(counts) if not count]
    steps = [0] * len(following)
    for state in waiting:
        for target in following[state]:
            steps[target] = max(steps[target], steps[state] + 1)
            counts[target] -= 1
            if not counts[target]:
                waiting.append(target)
    return max(steps) if len(waiting) == len(following) else None
