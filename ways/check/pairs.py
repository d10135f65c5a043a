"""Which pairs of mappings may have a text in common: a fast search that leaves out the others.

Each mapping is cut at one separator, as the index of auto-find does it. Two mappings can only share a text if each of
their segments can. So they stand in one tree, which is walked with itself, and each two segments are compared once.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ways.check.mapping_machines import MappingMachines, token_key
from ways.check.shapes import ViewShapes
from ways.contexts.view import ResolvedContext
from ways.errors import PatternError
from ways.pattern.segments import MatchShape, cut, forms_of
from ways.pattern.skeletons import Skeleton
from ways.pattern.template import SEPARATORS, Leaf, Template
from ways.regex.expression import literal_start
from ways.regex.machine import Machine
from ways.regex.parse_tree import TooLargeError
from ways.regex.product import product

#: Pairs that are returned at most: to decide one takes some milliseconds.
MOST_CANDIDATES = 20_000


class SharedSegment:
    """A segment of mappings. What is written alike in several mappings is one object, so that identity means equality."""

    __slots__ = ("template", "leaves", "start", "is_fixed", "crosses", "_machine")

    def __init__(self, template: Template, leaves: Sequence[Leaf], start: str, is_fixed: bool, crosses: bool) -> None:
        self.template = template
        self.leaves = leaves
        #: What each of its texts begins with; if it is fixed, the only text.
        self.start = start
        self.is_fixed = is_fixed
        #: Whether one of its texts may hold the separator.
        self.crosses = crosses
        self._machine: Machine | None = None

    def machine(self, machines: MappingMachines) -> Machine:
        """Return the machine of its texts, which is made once."""
        if self._machine is None:
            self._machine = machines.of_leaves(self.template, self.leaves)
        return self._machine


class CandidatePairs(NamedTuple):
    """Pairs of mappings, by number, that may have a text in common; all other pairs have none."""

    pairs: list[tuple[int, int]]
    #: Whether the search was ended because there are too many.
    is_cut: bool


class CandidateSearch:
    """Finds the pairs of mappings that may have a text in common. Each of *views* can be read.

    A search is ended where there are too many, or the steps of *machines* are spent.
    """

    def __init__(self, views: Sequence[ResolvedContext], machines: MappingMachines, shapes: ViewShapes) -> None:
        counts = Counter(separator for view in views for separator in shapes.separators(view))
        # Of the most frequent separators, the first.
        self._cutter = _SegmentCutter(machines, max(SEPARATORS, key=lambda separator: counts[separator]), shapes)
        self._search = _PairSearch(machines)
        self._count = len(views)
        self._root = self._tree(views, 0)

    def pairs(self) -> CandidatePairs:
        """Return the pairs among *views*, by their numbers."""
        return _first_pairs(self._search.pairs(self._root, self._root))

    def pairs_with(self, others: Sequence[ResolvedContext]) -> CandidatePairs:
        """Return the pairs of some other mappings with those of *views*, and among each other: their numbers follow."""
        tree = self._tree(others, self._count)
        return _first_pairs(itertools.chain(self._search.pairs(tree, tree), self._search.pairs(tree, self._root)))

    def _tree(self, views: Iterable[ResolvedContext], first: int) -> _SegmentNode:
        root = _SegmentNode()
        for number, view in enumerate(views, first):
            for form in self._cutter.forms(view):
                root.add(form, number)
        return root


def _first_pairs(found: Iterable[tuple[int, int]]) -> CandidatePairs:
    pairs: dict[tuple[int, int], None] = {}
    try:
        for pair in found:
            pairs[pair] = None
            if len(pairs) >= MOST_CANDIDATES:
                return CandidatePairs(sorted(pairs), True)
    except TooLargeError:
        return CandidatePairs(sorted(pairs), True)
    return CandidatePairs(sorted(pairs), False)


def candidate_pairs(views: Sequence[ResolvedContext], machines: MappingMachines, shapes: ViewShapes) -> CandidatePairs:
    """Return the pairs of mappings that may have a text in common; see :class:`CandidateSearch`."""
    return CandidateSearch(views, machines, shapes).pairs()


class _SegmentCutter:
    """Cuts mappings into segments."""

    def __init__(self, machines: MappingMachines, separator: str, shapes: ViewShapes) -> None:
        self._machines = machines
        self._separator = separator
        self._shapes = shapes
        self._segments: dict[tuple[object, ...], SharedSegment] = {}
        #: The segments of each skeleton; and those of plain text, by their text.
        self._skeletons: dict[Skeleton, tuple[SharedSegment, ...]] = {}
        self._plain: dict[str, SharedSegment] = {}

    def forms(self, view: ResolvedContext) -> Iterator[tuple[SharedSegment, ...]]:
        """Yield the segments of a mapping for each choice of the optional parts that hold separators.

        Yields nothing if an expression can't be read: no text fits then.
        """
        shape = self._shapes.of(view)
        skeleton: Skeleton | None = shape.skeleton if shape is not None and shape.separator == self._separator else None
        template = view.template if skeleton is None else skeleton.template
        try:
            if shape is not None and skeleton is not None:
                forms = [self._shared_form(skeleton, shape)]
            else:
                forms = [
                    tuple(self._segment(template, leaves) for leaves in cut(form, self._separator))
                    for form in forms_of(template, self._separator)
                ]
        except (PatternError, re.error):
            return
        if not forms:
            # There are too many choices.
            yield (SharedSegment(template, template.leaves, "", False, True),)
        for form in forms:
            yield form
            if view.resolved.path and self._separator in template.separators:
                # A file path may have one separator more at its end.
                yield (*form, self._segment(template, ()))

    def _shared_form(self, skeleton: Skeleton, shape: MatchShape) -> tuple[SharedSegment, ...]:
        """Return the segments of a mapping: those of its skeleton, with its own plain text at the slots."""
        known = self._skeletons.get(skeleton)
        template = skeleton.template
        if known is None:
            (form,) = forms_of(template, self._separator)
            known = self._skeletons[skeleton] = tuple(self._segment(template, leaves) for leaves in cut(form, self._separator))
        segments = [*known]
        for slot in skeleton.slots:
            text = shape.forms[0][slot].start
            plain = self._plain.get(text)
            if plain is None:
                plain = self._plain[text] = self._segment(template, (Leaf(text, False),) if text else ())
            segments[slot] = plain
        return tuple(segments)

    def _segment(self, template: Template, leaves: Sequence[Leaf]) -> SharedSegment:
        key = tuple(
            (leaf.text, token_key(template.spec(leaf.text), template.separators) if leaf.is_token else None, leaf.options)
            for leaf in leaves
        )
        segment = self._segments.get(key)
        if segment is None:
            is_fixed = not any(leaf.is_token or leaf.options for leaf in leaves)
            specs = [template.spec(leaf.text) for leaf in leaves if leaf.is_token]
            crosses = any(self._machines.crosses(spec, template.separators, self._separator) for spec in specs)
            # An expression may begin with a text that holds the separator.
            start = _start(template, leaves).split(self._separator)[0]
            segment = self._segments[key] = SharedSegment(template, leaves, start, is_fixed, crosses)
        return segment


def _start(template: Template, leaves: Iterable[Leaf]) -> str:
    """Return what each text of *leaves* begins with."""
    start = ""
    for leaf in leaves:
        if leaf.options:
            return start
        if not leaf.is_token:
            start += leaf.text
            continue
        reads = template.spec(leaf.text).reads
        text, is_whole = ("", False) if reads is None else literal_start(reads)
        start += text
        if not is_whole:
            return start
    return start


class _SegmentNode:
    """The mappings that begin with the same segments."""

    __slots__ = ("children", "ends", "crossing", "_starts")

    def __init__(self) -> None:
        self._starts: _Starts | None = None
        self.children: dict[SharedSegment, _SegmentNode] = {}
        #: The mappings that end here, by number.
        self.ends: list[int] = []
        #: Those whose next segment may hold separators, with that segment.
        self.crossing: list[tuple[SharedSegment, int]] = []

    def add(self, form: Iterable[SharedSegment], number: int) -> None:
        node = self
        for segment in form:
            if segment.crosses:
                node.crossing.append((segment, number))
                return
            node = node.children.setdefault(segment, _SegmentNode())
        node.ends.append(number)

    @property
    def starts(self) -> _Starts:
        """What the next segments begin with. Nothing is added once it is known."""
        if self._starts is None:
            self._starts = _Starts(self.children)
        return self._starts

    def all(self) -> Iterator[int]:
        """Yield every mapping from here on."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield from node.ends
            yield from (number for _, number in node.crossing)
            waiting += node.children.values()


class _NodePair(NamedTuple):
    """Two nodes whose mappings may begin with the same text."""

    left: _SegmentNode
    right: _SegmentNode


class _PairSearch:
    """Walks a tree of segments with itself, or with another."""

    def __init__(self, machines: MappingMachines) -> None:
        self._machines = machines
        self._compared: dict[tuple[SharedSegment, SharedSegment], bool] = {}

    def pairs(self, left: _SegmentNode, right: _SegmentNode) -> Iterator[tuple[int, int]]:
        """Yield the pairs of mappings that may have a text in common, some of them twice.

        :raises TooLargeError: the steps of the machines are spent.
        """
        # Depth first: if the steps are spent before the end, the pairs that were found are whole.
        found = [self._found_at(left, right)]
        while found:
            item = next(found[-1], None)
            if item is None:
                found.pop()
            elif isinstance(item, _NodePair):
                found.append(self._found_at(*item))
            else:
                yield item

    def _found_at(self, left: _SegmentNode, right: _SegmentNode) -> Iterator[tuple[int, int] | _NodePair]:
        """Yield the pairs of mappings that meet at two nodes, and the pairs of nodes at which others may meet."""
        self._machines.steps.take(1)
        yield from _ordered((one, other) for one in left.ends for other in right.ends)
        yield from _ordered(self._crossing_pairs(left, right))
        if left is not right:
            yield from _ordered(self._crossing_pairs(right, left))
        else:
            yield from (_NodePair(child, child) for child in left.children.values())
        alike = _segments_alike(left.children) if left is right else _segments_meeting(left, right)
        for one, other in alike:
            self._machines.steps.take(1)
            if one is other or self._share_a_text(one, other):
                yield _NodePair(left.children[one], right.children[other])

    def _crossing_pairs(self, left: _SegmentNode, right: _SegmentNode) -> Iterator[tuple[int, int]]:
        """Yield each mapping on the left that may hold any number of separators from here on, with those it may meet."""
        for segment, number in left.crossing:
            self._machines.steps.take(1 + len(right.crossing) + len(right.children))
            for other, one in right.crossing:
                if _starts_alike(segment, other):
                    yield number, one
            for child, node in right.children.items():
                if _starts_alike(segment, child):
                    for one in node.all():
                        self._machines.steps.take(1)
                        yield number, one

    def _share_a_text(self, one: SharedSegment, other: SharedSegment) -> bool:
        if one.is_fixed and other.is_fixed:
            return False
        if one.is_fixed or other.is_fixed:
            fixed, free = (one, other) if one.is_fixed else (other, one)
            self._machines.steps.take(4 * len(fixed.start))
            return free.machine(self._machines).fits(fixed.start)
        key = (one, other)
        if key not in self._compared:
            try:
                share = not product(one.machine(self._machines), other.machine(self._machines), steps=self._machines.steps).is_empty
            except TooLargeError:
                # Too large by themselves, or because no steps are left.
                self._machines.steps.take(1)
                share = True
            self._compared[key] = self._compared[other, one] = share
        return self._compared[key]


def _ordered(pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    return ((min(pair), max(pair)) for pair in pairs if pair[0] != pair[1])


def _segments_alike(segments: Iterable[SharedSegment]) -> Iterator[tuple[SharedSegment, SharedSegment]]:
    """Yield each two segments of one node that may begin with the same text, once."""
    by_start: dict[str, list[SharedSegment]] = {}
    for segment in segments:
        by_start.setdefault(segment.start, []).append(segment)
    #: What the start at hand begins with, from short to long, and is no text by itself. In order, it stands before all these.
    shorter: list[str] = []
    for start in sorted(by_start):
        while shorter and not start.startswith(shorter[-1]):
            shorter.pop()
        longer = by_start[start]
        yield from itertools.combinations(longer, 2)
        yield from ((one, other) for before in shorter for other in by_start[before] if not other.is_fixed for one in longer)
        if not all(segment.is_fixed for segment in longer):
            shorter.append(start)


def _segments_meeting(left: _SegmentNode, right: _SegmentNode) -> Iterator[tuple[SharedSegment, SharedSegment]]:
    """Yield the segments of two nodes that may begin with the same text. It looks at each of the node with fewer."""
    is_swapped = len(left.children) > len(right.children)
    few, starts = (right, left.starts) if is_swapped else (left, right.starts)
    for one in few.children:
        for other in starts.alike(one):
            yield (other, one) if is_swapped else (one, other)


class _Starts:
    """What segments begin with, in order."""

    def __init__(self, segments: Iterable[SharedSegment]) -> None:
        self._segments: dict[str, list[SharedSegment]] = {}
        for segment in segments:
            self._segments.setdefault(segment.start, []).append(segment)
        self._sorted = sorted(self._segments)
        self._lengths = sorted(set(map(len, self._segments)))

    def alike(self, segment: SharedSegment) -> Iterator[SharedSegment]:
        """Yield the segments that may begin with the same text as another."""
        start = segment.start
        for length in self._lengths[: bisect_left(self._lengths, len(start))]:
            yield from (other for other in self._segments.get(start[:length], ()) if not other.is_fixed)
        yield from self._segments.get(start, ())
        if not segment.is_fixed:
            for number in range(bisect_right(self._sorted, start), len(self._sorted)):
                if not self._sorted[number].startswith(start):
                    break
                yield from self._segments[self._sorted[number]]


def _starts_alike(one: SharedSegment, other: SharedSegment) -> bool:
    return other.start.startswith(one.start) or (not other.is_fixed and one.start.startswith(other.start))
