"""Matcher: narrows many mappings to those that one text may fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter

from ways.pattern.segments import MatchShape, SegmentShape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Generic, NamedTuple, TypeVar

    Item = TypeVar("Item")
else:
    from ways.lightweight import Generic, NamedTuple

    Item = None


#: From so many shapes at one depth on, looking for a rare literal is faster than asking one table for each shape.
SOME_SHAPES = 4
#: From so many shapes on, where no literal is rare, walking a tree is faster than asking their tables.
MANY_SHAPES = 16
#: A literal is rare where so many entries share one on average.
RARE = 8
#: From so many entries under one key on, the starts and ends of their variable segments are looked up too.
MANY_ENTRIES = 6


class ShapeEntry(NamedTuple):
    """One form of a shape."""

    number: int
    segments: tuple[SegmentShape, ...]

    @property
    def literals(self) -> dict[str, None]:
        """The segments that are text alone."""
        return {segment.start: None for segment in self.segments if segment.is_fixed}


#: Gives the numbers of the entries that a text, cut into segments, may fit.
Find = Callable[[Sequence[str]], Sequence[int]]


class AtDepth(NamedTuple, Generic[Item]):
    """Finds the items that a text of one number of segments may fit."""

    #: Gives the key of a text's segments; and the item that alone has this key, if there is one.
    key_of: Callable[[Sequence[str]], Any]
    single: Callable[[Any], Item | None]
    #: Gives the numbers of all, in *items*.
    find: Find
    items: Sequence[Item]


class Matcher(Generic[Item]):
    """Narrows many mappings to those that one text may fit; each that is left must be confirmed by its own pattern.

    A text is cut at its separators once. Mappings whose tokens can't hold a separator are found by the number of
    their segments and by those of them that are literal, so that the cost follows the number of shapes there are, and
    not the number of mappings; others are found by a literal that stands somewhere in the text. Each depth is built at
    its first need, and then only read.
    """

    def __init__(self, entries: Iterable[tuple[MatchShape, Item]]) -> None:
        self._items: list[Item] = []
        straight: dict[str, dict[int, list[ShapeEntry]]] = {}
        crossing: dict[str, list[ShapeEntry]] = {}
        for number, (shape, item) in enumerate(entries):
            self._items.append(item)
            for segments in shape.forms:
                entry = ShapeEntry(number, segments)
                if shape.crosses:
                    crossing.setdefault(shape.separator, []).append(entry)
                else:
                    straight.setdefault(shape.separator, {}).setdefault(len(segments), []).append(entry)
        self._finders: list[Callable[[str], Sequence[int]]] = [
            *(_ByDepth(separator, depths).find for separator, depths in straight.items()),
            *(_Crossing(separator, some).find for separator, some in crossing.items()),
        ]

    @property
    def separator(self) -> str | None:
        """What every text is cut at, if it is one separator, and :meth:`at_depth` knows each mapping; else ``None``."""
        finders = [find.__self__ for find in self._finders]  # type: ignore[attr-defined]
        return finders[0].separator if len(finders) == 1 and isinstance(finders[0], _ByDepth) else None

    def at_depth(self, length: int) -> AtDepth[Item]:
        """Return what finds the items that a text of so many segments may fit; only where :attr:`separator` is one."""
        find = self._finders[0].__self__.finder(length) or (lambda segments: ())  # type: ignore[attr-defined]
        table = getattr(find, "__self__", None)
        if not isinstance(table, _Table):
            return AtDepth(lambda segments: None, {}.get, find, self._items)
        singles = ((key, bucket) for key, bucket in table.buckets.items() if isinstance(bucket, tuple) and len(bucket) == 1)
        return AtDepth(table.getter, {key: self._items[bucket[0]] for key, bucket in singles}.get, find, self._items)

    def candidates(self, text: str) -> list[Item]:
        """Return every item whose mapping *text* may fit as a whole, in the order given; perhaps some more."""
        numbers: Sequence[int] = ()
        for find in self._finders:
            more = find(text)
            if more:
                numbers = [*numbers, *more] if numbers else more
        if len(numbers) == 1:
            return [self._items[numbers[0]]]
        # A mapping with optional parts has several forms, and may be there twice.
        return [self._items[number] for number in sorted(set(numbers))]


class _ByDepth:
    """Entries whose tokens hold no separator: a text that fits has as many segments as they have."""

    __slots__ = ("separator", "_depths", "_ready")

    def __init__(self, separator: str, depths: dict[int, list[ShapeEntry]]) -> None:
        self.separator = separator
        self._depths = depths
        self._ready: dict[int, Find] = {}

    def find(self, text: str) -> Sequence[int]:
        segments = text.split(self.separator)
        find = self._ready.get(len(segments)) or self.finder(len(segments))
        return () if find is None else find(segments)

    def finder(self, length: int) -> Find | None:
        """Return what finds the entries of so many segments, if there are any."""
        find, entries = self._ready.get(length), self._depths.get(length)
        if find is None and entries is not None:
            find = self._ready[length] = _finder(entries)
        return find


def _finder(entries: list[ShapeEntry]) -> Find:
    """Return what finds the entries of one depth: by shapes where these are few, by rare literals where there are such."""
    if len(entries) < MANY_ENTRIES and len(entries[0].segments) == 1:
        return _Starts(entries).find
    shapes = _shapes(entries)
    if len(shapes) == 1:
        return _Table(_distinguishing_places(*shapes.popitem()), entries).find
    if len(shapes) < SOME_SHAPES:
        return _Tables(shapes).find
    anchored = _anchored(entries)
    if len(entries) <= RARE * len(anchored):
        return _Anchors(anchored).find
    return _finder_without_anchors(entries)


def _finder_without_anchors(entries: list[ShapeEntry]) -> Find:
    shapes = _shapes(entries)
    return _Tables(shapes).find if len(shapes) <= MANY_SHAPES else _Tree(entries).find


def _shapes(entries: list[ShapeEntry]) -> dict[tuple[int, ...], list[ShapeEntry]]:
    """Return the entries by the places of their literal segments."""
    shapes: dict[tuple[int, ...], list[ShapeEntry]] = {}
    for entry in entries:
        fixed = tuple(index for index, segment in enumerate(entry.segments) if segment.is_fixed)
        shapes.setdefault(fixed, []).append(entry)
    return shapes


def _anchored(entries: list[ShapeEntry], used: frozenset[str] = frozenset()) -> dict[str | None, list[ShapeEntry]]:
    """Return the entries, each under the rarest of its literals that aren't *used*; ``None`` for none."""
    counts = Counter(literal for entry in entries for literal in entry.literals)
    anchored: dict[str | None, list[ShapeEntry]] = {}
    for entry in entries:
        literals = [literal for literal in entry.literals if literal not in used]
        anchored.setdefault(min(literals, key=counts.__getitem__, default=None), []).append(entry)
    return anchored


class _Anchors:
    """Entries of many shapes, each under a literal that stands in every text that fits it, wherever that is."""

    __slots__ = ("_get", "_without")

    def __init__(self, anchored: dict[str | None, list[ShapeEntry]]) -> None:
        without = anchored.pop(None, None)
        self._without = _finder_without_anchors(without) if without else None
        at_anchor: dict[str | None, tuple[int, ...] | Find] = {
            anchor: (some[0].number,) if len(some) == 1 else _finder_without_anchors(some) for anchor, some in anchored.items()
        }
        self._get = at_anchor.get

    def find(self, segments: Sequence[str]) -> Sequence[int]:
        numbers = [] if self._without is None else [*self._without(segments)]
        for inner in map(self._get, segments):
            if inner is not None:
                numbers += inner if isinstance(inner, tuple) else inner(segments)
        return numbers


def _distinguishing_places(places: tuple[int, ...], entries: list[ShapeEntry]) -> tuple[int, ...]:
    """Return a few of the places of literal segments that distinguish the entries as well as all of them do.

    What a text has at the others is seen when it is matched.
    """
    literals = {place: [entry.segments[place].start for entry in entries] for place in places}
    most = len(set(zip(*literals.values()))) if places else 1
    chosen: list[int] = []
    while len(set(zip(*(literals[place] for place in chosen))) or " ") < most:
        left = (place for place in places if place not in chosen)
        chosen.append(max(left, key=lambda place: len(set(zip(*(literals[other] for other in (*chosen, place)))))))
    return tuple(sorted(chosen))


class _Table:
    """Entries of one set of literal positions, keyed by the literals that stand there."""

    __slots__ = ("getter", "buckets", "_get")

    def __init__(self, positions: tuple[int, ...], entries: list[ShapeEntry]) -> None:
        self.getter: Callable[[Sequence[str]], Any] = itemgetter(*positions) if positions else lambda segments: ()
        by_key: dict[Any, list[ShapeEntry]] = {}
        for entry in entries:
            by_key.setdefault(self.getter([segment.start for segment in entry.segments]), []).append(entry)
        self.buckets = {key: _bucket(some) for key, some in by_key.items()}
        self._get = self.buckets.get

    def find(self, segments: Sequence[str]) -> Sequence[int]:
        bucket = self._get(self.getter(segments))
        if bucket is None:
            return ()
        return bucket if isinstance(bucket, tuple) else bucket.find(segments)


class _Starts:
    """A few entries of one segment, by how it starts."""

    __slots__ = ("_starts", "_numbers")

    def __init__(self, entries: list[ShapeEntry]) -> None:
        self._starts = tuple(entry.segments[0].start for entry in entries)
        self._numbers = [entry.number for entry in entries]

    def find(self, segments: Sequence[str]) -> Sequence[int]:
        text = segments[0]
        if not text.startswith(self._starts):
            return ()
        if len(self._numbers) == 1:
            return self._numbers
        return [number for start, number in zip(self._starts, self._numbers) if text.startswith(start)]


class _Tables:
    """One table for each set of literal positions."""

    __slots__ = ("_tables",)

    def __init__(self, shapes: dict[tuple[int, ...], list[ShapeEntry]]) -> None:
        tables = [_Table(fixed, entries) for fixed, entries in shapes.items()]
        self._tables = [(table.getter, table.buckets.get) for table in tables]

    def find(self, segments: Sequence[str]) -> Sequence[int]:
        numbers: Sequence[int] = ()
        for getter, get in self._tables:
            bucket = get(getter(segments))
            if bucket is not None:
                more = bucket if isinstance(bucket, tuple) else bucket.find(segments)
                numbers = [*numbers, *more] if numbers else more
        return numbers


class _Tree:
    """A tree over segments: at each, the literals that may stand there, and what a variable segment leads to."""

    __slots__ = ("_bucket", "_fixed", "_variable")

    def __init__(self, entries: list[ShapeEntry], depth: int = 0) -> None:
        self._bucket: tuple[int, ...] | _Bucket | None = None
        self._fixed: dict[str, _Tree] = {}
        self._variable: _Tree | None = None
        if depth == len(entries[0].segments):
            self._bucket = _bucket(entries)
            return
        fixed: dict[str, list[ShapeEntry]] = {}
        variable = [entry for entry in entries if not entry.segments[depth].is_fixed]
        for entry in entries:
            if entry.segments[depth].is_fixed:
                fixed.setdefault(entry.segments[depth].start, []).append(entry)
        self._fixed = {text: _Tree(some, depth + 1) for text, some in fixed.items()}
        self._variable = _Tree(variable, depth + 1) if variable else None

    def find(self, segments: Sequence[str]) -> list[int]:
        level = [self]
        for segment in segments:
            level = [
                branch
                for node in level
                for branch in (node._fixed.get(segment), node._variable)
                if branch is not None
            ]
        numbers: list[int] = []
        for bucket in (node._bucket for node in level):
            numbers += bucket.find(segments) if isinstance(bucket, _Bucket) else bucket or ()
        return numbers


def _bucket(entries: list[ShapeEntry]) -> tuple[int, ...] | _Bucket:
    """Return what finds entries that agree in their literal segments: all, or some of many.

    Many are distinguished by the variable segment, and the end of it, whose literals differ most.
    """
    if len(entries) >= MANY_ENTRIES:
        variable = [index for index, segment in enumerate(entries[0].segments) if not segment.is_fixed]
        ends = [(index, at_end) for index in variable for at_end in (False, True)]
        counts = {end: len({_literal(entry, *end) for entry in entries}) for end in ends}
        if max(counts.values(), default=0) > 1:
            return _Bucket(entries, *max(ends, key=counts.__getitem__))
    return tuple(entry.number for entry in entries)


class _Bucket:
    """Many entries that agree in their literal segments, distinguished by how one variable segment starts or ends."""

    __slots__ = ("_index", "_by_slice")

    def __init__(self, entries: list[ShapeEntry], index: int, at_end: bool) -> None:
        self._index = index
        tables: dict[int, dict[str, list[int]]] = {}
        for entry in entries:
            literal = _literal(entry, index, at_end)
            tables.setdefault(len(literal), {}).setdefault(literal, []).append(entry.number)
        self._by_slice = [(_end(length) if at_end else slice(length), table.get) for length, table in tables.items()]

    def find(self, segments: Sequence[str]) -> Sequence[int]:
        segment = segments[self._index]
        matching: Sequence[int] = ()
        for part, get in self._by_slice:
            numbers = get(segment[part])
            if numbers is not None:
                matching = [*matching, *numbers] if matching else numbers
        return matching


def _end(length: int) -> slice:
    return slice(-length, None) if length else slice(0)


def _literal(entry: ShapeEntry, index: int, at_end: bool) -> str:
    return entry.segments[index].end if at_end else entry.segments[index].start


class _Crossing:
    """Entries whose tokens may hold separators: what they have in text alone still stands in each text that fits."""

    __slots__ = ("_separator", "_entries", "_anywhere")

    def __init__(self, separator: str, entries: list[ShapeEntry]) -> None:
        self._separator = separator
        self._entries = entries
        self._anywhere: _Anywhere | None = None

    def find(self, text: str) -> Sequence[int]:
        anywhere = self._anywhere
        if anywhere is None:
            anywhere = self._anywhere = _Anywhere(self._entries, self._separator)
        return anywhere.find(text, text.split(self._separator))


class _Anywhere:
    """Entries under the rarest of their literals, those of one literal under the next; else by their starts and ends."""

    __slots__ = ("_loose", "_get")

    def __init__(self, entries: list[ShapeEntry], separator: str, used: frozenset[str] = frozenset()) -> None:
        anchored = _anchored(entries, used) if len(entries) >= MANY_ENTRIES else {None: entries}
        self._loose = _by_start(anchored.pop(None, []), separator)
        self._get = {
            anchor: _Anywhere(some, separator, used | {anchor}) for anchor, some in anchored.items() if anchor is not None
        }.get

    def find(self, text: str, segments: Sequence[str]) -> list[int]:
        matching: list[int] = []
        for length, table in self._loose:
            matching += [number for end, number in table.get(text[:length], ()) if text.endswith(end)]
        for inner in filter(None, map(self._get, segments)):
            matching += inner.find(text, segments)
        return matching


def _by_start(entries: list[ShapeEntry], separator: str) -> list[tuple[int, dict[str, list[tuple[str, int]]]]]:
    """Return the entries by the length of the text that they start with, and by that; each with the text it ends with."""
    tables: dict[int, dict[str, list[tuple[str, int]]]] = {}
    for entry in entries:
        start = separator.join(segment.start for segment in _until_variable(entry.segments))
        ends = [segment.end for segment in _until_variable(reversed(entry.segments))]
        end_and_number = (separator.join(reversed(ends)), entry.number)
        tables.setdefault(len(start), {}).setdefault(start, []).append(end_and_number)
    return list(tables.items())


def _until_variable(segments: Iterable[SegmentShape]) -> Iterable[SegmentShape]:
    """Yield *segments* up to the first that isn't text alone, that one too."""
    for segment in segments:
        yield segment
        if not segment.is_fixed:
            return
