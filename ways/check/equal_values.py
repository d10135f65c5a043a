"""Where two mappings run side by side: places that both always pass together, and what follows from that.

Between two such places stands the same text in both. So a token that fills the whole stretch in each has one value
in both, wherever else it stands; two of these that begin together must end together; and the lengths of all stretches
must agree. What is left after this may still be nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from ways.regex.machine import Machine
from ways.regex.product import Product, without_moves


class Place(NamedTuple):
    """A leaf of a mapping, on one way through its machine."""

    #: The token's name; ``''`` for literal text.
    token: str
    #: How long its text may be.
    least: int
    most: int | None
    #: Whether it stands in each text.
    is_sure: bool


Places = tuple[Sequence[Place], Sequence[Place]]
#: A side, and a token of it or the number of a place that is no such.
Name = tuple[int, object]


class _Stretch(NamedTuple):
    """What stands between two places that are passed together: of each side, the first leaf and the one after the last."""

    left: tuple[int, int]
    right: tuple[int, int]


def aligned(found: Product, places: Places) -> Product | None:
    """Return the texts of both in which equal values begin and end together; ``None`` where there can't be one."""
    while True:
        stretches = list(_stretches(found, places))
        classes = _Classes()
        for stretch in stretches:
            whole = _whole(stretch, places)
            if whole:
                classes.join(*whole)
        together = set(_together(stretches, places, classes)) - {(s.left[1], s.right[1]) for s in stretches}
        if not together:
            return found if _lengths_agree(stretches, places) else None
        smaller = without_moves(found, lambda before, after: any(_parts(before, after, pair) for pair in together))
        if smaller.is_empty:
            return None
        if _size(smaller) == _size(found):
            return found if _lengths_agree(stretches, places) else None
        found = smaller


def _size(found: Product) -> int:
    return sum(map(len, found.edges)) + len(found.ends)


def _parts(before: tuple[int, int], after: tuple[int, int], pair: tuple[int, int]) -> bool:
    """Whether a step passes one of two places alone. A place is passed by leaving the leaf of its number, or going past."""
    return (before[0] <= pair[0] < after[0]) != (before[1] <= pair[1] < after[1])


def _stretches(found: Product, places: Places) -> Iterator[_Stretch]:
    """Yield the stretches between places that both sides always pass together, from the first to the last."""
    moves = sorted(found.moves((len(places[0]) + 1, len(places[1]) + 1)))
    passed: list[dict[int, tuple[int, ...]]] = [
        {place: tuple(n for n, (a, b) in enumerate(moves) if a[side] <= place < b[side]) for place in range(len(places[side]) + 1)}
        for side in (0, 1)
    ]
    by_moves: dict[tuple[int, ...], int] = {}
    for place, numbers in passed[1].items():
        by_moves.setdefault(numbers, place)
    begin = (0, 0)
    for place, numbers in passed[0].items():
        other = by_moves.get(numbers)
        if place and other is not None and other > begin[1]:
            yield _Stretch((begin[0], place), (begin[1], other))
            begin = (place, other)


def _whole(stretch: _Stretch, places: Places) -> tuple[Name, Name] | None:
    """Return the two tokens that fill a stretch, one on each side."""
    (first, after), (other, after_other) = stretch
    if after - first != 1 or after_other - other != 1:
        return None
    left, right = places[0][first], places[1][other]
    return ((0, left.token), (1, right.token)) if _is_sure_token(left) and _is_sure_token(right) else None


def _is_sure_token(place: Place) -> bool:
    return bool(place.token) and place.is_sure


def _together(stretches: Sequence[_Stretch], places: Places, classes: _Classes) -> Iterator[tuple[int, int]]:
    """Yield places that must be passed together: tokens of one value begin, or end, a stretch on both sides."""
    for (first, after), (other, after_other) in stretches:
        if _are_equal(places[0][first], places[1][other], classes):
            yield first + 1, other + 1
        if _are_equal(places[0][after - 1], places[1][after_other - 1], classes):
            yield after - 1, after_other - 1


def _are_equal(left: Place, right: Place, classes: _Classes) -> bool:
    return _is_sure_token(left) and _is_sure_token(right) and classes.are_one((0, left.token), (1, right.token))


class _Classes:
    """Tokens that have one value."""

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

    def are_one(self, one: Name, other: Name) -> bool:
        return self.of(one) == self.of(other)


#: Name -> how often it counts; under ``None`` what must be the sum.
_Row = dict[Name, Fraction]


def _lengths_agree(stretches: Sequence[_Stretch], places: Places) -> bool:
    """Whether the texts may have such lengths that each stretch is as long on both sides."""
    bounds: dict[Name, tuple[int, int | None]] = {}
    rows: list[_Row] = []
    for stretch in stretches:
        row: _Row = {}
        for side, (first, after) in enumerate(stretch):
            for number in range(first, after):
                place = places[side][number]
                name: Name = (side, place.token if _is_sure_token(place) else number)
                bounds[name] = (place.least if place.is_sure else 0, place.most)
                row[name] = row.get(name, Fraction()) + (1 if not side else -1)
        rows.append(row)
    return all(_can_be_nought(row, bounds) for row in (*rows, *_reduced(rows)))


def _reduced(rows: Sequence[_Row]) -> Iterator[_Row]:
    """Yield the rows with as few names in common as can be (Gauss)."""
    waiting = [dict(row) for row in rows]
    while waiting:
        row = {name: count for name, count in waiting.pop(0).items() if count}
        if not row:
            continue
        yield row
        name, count = min(row.items(), key=lambda item: repr(item[0]))
        for other in waiting:
            if times := other.get(name, Fraction()) / count:
                for each, much in row.items():
                    other[each] = other.get(each, Fraction()) - times * much


def _can_be_nought(row: _Row, bounds: dict[Name, tuple[int, int | None]]) -> bool:
    least: Fraction | None = Fraction()
    most: Fraction | None = Fraction()
    for name, count in row.items():
        low, high = bounds[name]
        ends = (low, high) if count > 0 else (high, low)
        least = None if least is None or ends[0] is None else least + count * ends[0]
        most = None if most is None or ends[1] is None else most + count * ends[1]
    return (least is None or least <= 0) and (most is None or most >= 0)


def lengths_of(machine: Machine) -> tuple[int, int | None]:
    """Return how short and how long the texts of a machine are; ``None`` for any length."""
    level, count = {0}, 0
    least = -1
    while level and count <= len(machine.edges):
        if least < 0 and not level.isdisjoint(machine.ends):
            least = count
        longest = count
        level = {edge.target for state in level for edge in machine.edges[state]}
        count += 1
    return max(least, 0), None if level else longest
