"""Which of many mappings may have a text in common: what is left after cheap facts have told the others apart.

Each mapping is cut at one separator, as the index of auto-find does it. Two mappings can only meet where each of their
segments does, so they are walked as one tree, two branches at a time, and each two segments are compared once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ways.check.language import Languages, key_of
from ways.contexts.view import ResolvedContext
from ways.regex.machine import Machine
from ways.regex.parse_tree import TooLargeError
from ways.regex.product import product
from ways.errors import PatternError
from ways.regex.expression import literal_start
from ways.pattern.segments import forms_of
from ways.pattern.template import SEPARATORS, Leaf, Template

#: Pairs that are given at most: each takes some milliseconds to decide.
MOST_CANDIDATES = 20_000


class Part:
    """A segment that some mappings have; each has but one, so that it can be told by what it is."""

    __slots__ = ("template", "leaves", "start", "is_fixed", "crosses", "_machine")

    def __init__(self, template: Template, leaves: Sequence[Leaf], start: str, is_fixed: bool, crosses: bool) -> None:
        self.template = template
        self.leaves = leaves
        #: What each of its texts begins with; the whole of it where it is fixed.
        self.start = start
        self.is_fixed = is_fixed
        #: Whether one of its texts may hold the separator.
        self.crosses = crosses
        self._machine: Machine | None = None

    def machine(self, languages: Languages) -> Machine:
        """Return its texts."""
        if self._machine is None:
            self._machine = languages.of_leaves(self.template, self.leaves)
        return self._machine


class Candidates(NamedTuple):
    """Pairs of mappings, by number, that may have a text in common; any other pair has none."""

    pairs: list[tuple[int, int]]
    #: Whether there are more than were looked for.
    is_cut: bool


def may_meet(views: Sequence[ResolvedContext], languages: Languages) -> Candidates:
    """Return the pairs of mappings that may have a text in common."""
    separator = _separator(views)
    cutter = _Cutter(languages, separator)
    root = _Node()
    for number, view in enumerate(views):
        for row in cutter.rows(view):
            root.add(row, number)
    found: dict[tuple[int, int], None] = {}
    for pair in _Walk(languages).pairs(root):
        found[pair] = None
        if len(found) >= MOST_CANDIDATES:
            return Candidates(sorted(found), True)
    return Candidates(sorted(found), False)


def _separator(views: Sequence[ResolvedContext]) -> str:
    """Return the separator that most mappings are cut at."""
    counts = {separator: 0 for separator in SEPARATORS}
    for view in views:
        for separator in view.template.separators:
            counts[separator] += 1
    return max(SEPARATORS, key=lambda separator: counts[separator])


class _Cutter:
    """Cuts mappings into parts."""

    def __init__(self, languages: Languages, separator: str) -> None:
        self._languages = languages
        self._separator = separator
        self._parts: dict[tuple[object, ...], Part] = {}

    def rows(self, view: ResolvedContext) -> Iterator[tuple[Part, ...]]:
        """Yield the parts of a mapping, for each choice of the optional parts that hold separators; none if it fits nothing."""
        template = view.template
        try:
            forms = forms_of(template, self._separator)
            rows = [tuple(self._part(template, leaves) for leaves in self._cut(form)) for form in forms]
        except (PatternError, re.error):
            return
        if not rows:
            yield (Part(template, template.leaves, "", False, True),)
        for row in rows:
            yield row
            if view.resolved.path and self._separator in template.separators:
                # A file path may have one separator more at its end.
                yield (*row, self._part(template, ()))

    def _cut(self, leaves: Iterable[Leaf]) -> Iterator[tuple[Leaf, ...]]:
        held: list[Leaf] = []
        for leaf in leaves:
            first, *others = [leaf.text] if leaf.is_token else leaf.text.split(self._separator)
            held += [leaf._replace(text=first)] if first else []
            for text in others:
                yield tuple(held)
                held = [leaf._replace(text=text)] if text else []
        yield tuple(held)

    def _part(self, template: Template, leaves: Sequence[Leaf]) -> Part:
        key = tuple(
            (leaf.text, key_of(template.spec(leaf.text), template.separators) if leaf.is_token else None, leaf.options)
            for leaf in leaves
        )
        part = self._parts.get(key)
        if part is None:
            is_fixed = not any(leaf.is_token or leaf.options for leaf in leaves)
            crosses = any(leaf.is_token and self._crosses(template, leaf) for leaf in leaves)
            # An expression may begin with a text that holds the separator.
            start = _start(template, leaves).split(self._separator)[0]
            part = self._parts[key] = Part(template, leaves, start, is_fixed, crosses)
        return part

    def _crosses(self, template: Template, leaf: Leaf) -> bool:
        machine = self._languages.of_token(template.spec(leaf.text), template.separators).machine
        return any(self._separator in edge.on for edges in machine.edges for edge in edges)


def _start(template: Template, leaves: Iterable[Leaf]) -> str:
    start = ""
    for leaf in leaves:
        if leaf.options:
            return start
        reads = template.spec(leaf.text).reads if leaf.is_token else None
        text, is_whole = (literal_start(reads) if reads is not None else ("", False)) if leaf.is_token else (leaf.text, True)
        start += text
        if not is_whole:
            return start
    return start


class _Node:
    """Mappings that begin with the same parts."""

    __slots__ = ("children", "ends", "crossing")

    def __init__(self) -> None:
        self.children: dict[Part, _Node] = {}
        self.ends: list[int] = []
        #: Those of which the next part may hold separators, with that part.
        self.crossing: list[tuple[Part, int]] = []

    def add(self, row: Iterable[Part], number: int) -> None:
        node = self
        for part in row:
            if part.crosses:
                node.crossing.append((part, number))
                return
            node = node.children.setdefault(part, _Node())
        node.ends.append(number)

    def all(self) -> Iterator[int]:
        """Yield every mapping from here on."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield from node.ends
            yield from (number for _, number in node.crossing)
            waiting += node.children.values()


class _Walk:
    """Walks a tree with itself."""

    def __init__(self, languages: Languages) -> None:
        self._languages = languages
        self._compared: dict[tuple[Part, Part], bool] = {}

    def pairs(self, root: _Node) -> Iterator[tuple[int, int]]:
        """Yield the pairs of mappings that may meet, some of them twice."""
        waiting = [(root, root)]
        while waiting:
            left, right = waiting.pop()
            yield from _ordered((one, other) for one in left.ends for other in right.ends)
            yield from _ordered(_loose(left, right))
            if left is not right:
                yield from _ordered(_loose(right, left))
            waiting += self._branches(left, right)

    def _branches(self, left: _Node, right: _Node) -> Iterator[tuple[_Node, _Node]]:
        if left is right:
            yield from ((child, child) for child in left.children.values())
        for one, other in _alike(left, right):
            if one is not other and self._meet(one, other):
                yield left.children[one], right.children[other]
            elif one is other and left is not right:
                yield left.children[one], right.children[other]

    def _meet(self, one: Part, other: Part) -> bool:
        if one.is_fixed and other.is_fixed:
            return False
        if one.is_fixed or other.is_fixed:
            fixed, free = (one, other) if one.is_fixed else (other, one)
            return free.machine(self._languages).fits(fixed.start)
        key = (one, other)
        if key not in self._compared:
            self._compared[key] = self._compared[other, one] = self._have_common(one, other)
        return self._compared[key]

    def _have_common(self, one: Part, other: Part) -> bool:
        try:
            return not product(one.machine(self._languages), other.machine(self._languages)).is_empty
        except TooLargeError:
            return True


def _ordered(pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    return ((min(pair), max(pair)) for pair in pairs if pair[0] != pair[1])


def _alike(left: _Node, right: _Node) -> Iterator[tuple[Part, Part]]:
    """Yield the parts of two nodes that may begin with the same text; of one node, each two once."""
    by_start: dict[str, list[tuple[int, Part]]] = {}
    for number, part in enumerate(right.children):
        by_start.setdefault(part.start, []).append((number, part))
    longer: dict[str, list[tuple[int, Part]]] = {}
    for number, part in enumerate(right.children):
        for end in range(len(part.start)):
            longer.setdefault(part.start[:end], []).append((number, part))
    for count, one in enumerate(left.children):
        shorter = (by_start.get(one.start[:end], ()) for end in range(len(one.start) + 1))
        near = [*(found for some in shorter for found in some), *(() if one.is_fixed else longer.get(one.start, ()))]
        for number, other in near:
            if left is not right or number > count:
                yield one, other


def _loose(left: _Node, right: _Node) -> Iterator[tuple[int, int]]:
    """Yield the pairs of a mapping that may hold any number of separators from here on, and what it may meet."""
    for part, number in left.crossing:
        for other, one in right.crossing:
            if _starts_alike(part, other):
                yield number, one
        for child, node in right.children.items():
            if _starts_alike(part, child):
                yield from ((number, one) for one in node.all())


def _starts_alike(one: Part, other: Part) -> bool:
    return other.start.startswith(one.start) or (not other.is_fixed and one.start.startswith(other.start))
