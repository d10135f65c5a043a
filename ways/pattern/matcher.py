"""Matcher: many patterns, one text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from ways.pattern.expression import literal_start, may_hold
from ways.pattern.template import SEPARATORS, Leaf, Template

Item = TypeVar("Item")

#: From so many shapes at one depth on, walking a tree is faster than asking one table for each shape.
MANY_SHAPES = 16
#: From so many entries under one key on, the starts and ends of their variable segments are looked up too.
MANY_ENTRIES = 6
#: Templates whose parts with separators allow more forms than these are found by their start and end alone.
MANY_FORMS = 16


class _Segment(NamedTuple):
    """What stands between two separators: text alone, or tokens between a literal start and a literal end."""

    is_fixed: bool
    start: str
    end: str


class _Entry(NamedTuple):
    """One template, cut at its separators."""

    number: int
    segments: tuple[_Segment, ...]


class Matcher(Generic[Item]):
    """Narrows many templates to those that one text may fit; each that is left must be confirmed by its own pattern.

    A text is cut at its separators once. Templates whose tokens can't hold a separator are found by the number of
    their segments and by those of them that are literal, so that the cost follows the number of shapes there are, and
    not the number of templates. Built once, a depth at its first need, and then only read.
    """

    def __init__(self, entries: Sequence[tuple[Template, Item]]) -> None:
        self._items = [item for _, item in entries]
        self._facts = _Facts()
        self._depths: dict[str, dict[int, list[_Entry]]] = {separator: {} for separator in SEPARATORS}
        self._ready: dict[tuple[str, int], Callable[[Sequence[str]], Iterable[int]]] = {}
        self._crossing: list[tuple[str, str, int]] = []
        for number, (template, _) in enumerate(entries):
            self._add(number, template)
        self._by_start = _ByStart(self._crossing)

    def candidates(self, text: str) -> list[Item]:
        """Return every item whose template *text* may fit as a whole, in the order given; perhaps some more."""
        numbers: list[int] = []
        for separator, depths in self._depths.items():
            if depths:
                segments = text.split(separator)
                if len(segments) in depths:
                    numbers += self._depth(separator, len(segments))(segments)
        if self._crossing:
            numbers += self._by_start.find(text)
        if len(numbers) > 1:
            # One that may be there with some parts or with others can be found twice.
            numbers = sorted(set(numbers))
        return [self._items[number] for number in numbers]

    def _add(self, number: int, template: Template) -> None:
        leaves = template.leaves
        for separator in SEPARATORS:
            if not self._facts.may_cross(template, separator) and (forms := _forms(template, separator)):
                for form in forms:
                    segments = tuple(self._facts.segments(template, form, separator))
                    self._depths[separator].setdefault(len(segments), []).append(_Entry(number, segments))
                return
        start = "" if not leaves or _varies(leaves[0]) else leaves[0].text
        end = "" if not leaves or _varies(leaves[-1]) else leaves[-1].text
        self._crossing.append((start, end, number))

    def _depth(self, separator: str, count: int) -> Callable[[Sequence[str]], Iterable[int]]:
        find = self._ready.get((separator, count))
        if find is None:
            find = self._ready[(separator, count)] = _finder(self._depths[separator][count])
        return find


class _Facts:
    """What the matcher knows of templates and expressions; each expression is read once."""

    def __init__(self) -> None:
        self._holds: dict[tuple[str, str], bool] = {}
        self._starts: dict[str, tuple[str, bool]] = {}

    def may_cross(self, template: Template, separator: str) -> bool:
        """Whether some token of *template* can hold *separator*; true where that can't be told."""
        checked = set()
        for leaf in template.leaves:
            if leaf.is_token and leaf.text not in checked:
                checked.add(leaf.text)
                expression = template.spec(leaf.text).reads
                if separator not in template.separators if expression is None else self._may_hold(expression, separator):
                    return True
        return False

    def segments(self, template: Template, leaves: Iterable[Leaf], separator: str) -> Iterable[_Segment]:
        """Yield the segments of *leaves*, the tokens of which hold no separator."""
        pieces: list[Leaf] = []
        for leaf in leaves:
            if leaf.is_token:
                pieces.append(leaf)
                continue
            first, *others = leaf.text.split(separator)
            pieces += [leaf._replace(text=first)] if first else []
            for text in others:
                yield self._segment(template, pieces)
                pieces = [leaf._replace(text=text)] if text else []
        yield self._segment(template, pieces)

    def _segment(self, template: Template, pieces: list[Leaf]) -> _Segment:
        if not any(map(_varies, pieces)):
            text = "".join(piece.text for piece in pieces)
            return _Segment(True, text, text)
        start = ""
        for piece in pieces:
            text, is_whole = self._start(template, piece)
            start += text
            if not is_whole:
                break
        last = pieces[-1]
        return _Segment(False, start, "" if _varies(last) else last.text)

    def _start(self, template: Template, piece: Leaf) -> tuple[str, bool]:
        """Return the text that a piece begins with, and whether that is all of it."""
        if piece.frames and piece.options:
            return "", False
        if not piece.is_token:
            return piece.text, True
        expression = template.spec(piece.text).reads
        if expression is None:
            return "", False
        if expression not in self._starts:
            self._starts[expression] = literal_start(expression)
        return self._starts[expression]

    def _may_hold(self, expression: str, separator: str) -> bool:
        key = (expression, separator)
        if key not in self._holds:
            self._holds[key] = may_hold(expression, separator)
        return self._holds[key]


def _varies(leaf: Leaf) -> bool:
    """Whether the text at a leaf isn't always the same: it is a token, or may be left out."""
    return leaf.is_token or bool(leaf.frames and leaf.options)


def _forms(template: Template, separator: str) -> list[list[Leaf]]:
    """Return the leaves of a template for each choice of the parts that hold *separator*; ``[]`` for too many.

    A leaf that stands in such a part alone is no longer told to be optional.
    """
    if not template.options:
        return [list(template.leaves)]
    bearing = {
        number
        for leaf in template.leaves
        if not leaf.is_token and separator in leaf.text
        for number in leaf.options
    }
    choices: list[frozenset[int]] = [frozenset()]
    for option in template.options:
        if option.number in bearing:
            also = [chosen | {option.number} for chosen in choices if option.outer is None or option.outer in chosen]
            choices += also
            if len(choices) > MANY_FORMS:
                return []
    return [
        [_chosen(leaf, bearing) for leaf in template.leaves if bearing.intersection(leaf.options) <= chosen]
        for chosen in choices
    ]


def _chosen(leaf: Leaf, bearing: set[int]) -> Leaf:
    return leaf._replace(frames=tuple(frame for frame in leaf.frames if frame.name or frame.number not in bearing))


def _finder(entries: list[_Entry]) -> Callable[[Sequence[str]], Iterable[int]]:
    """Return what finds the entries of one depth: a table for each shape, or a tree where there are many shapes."""
    shapes: dict[tuple[int, ...], list[_Entry]] = {}
    for entry in entries:
        fixed = tuple(index for index, segment in enumerate(entry.segments) if segment.is_fixed)
        shapes.setdefault(fixed, []).append(entry)
    return _Tables(shapes).find if len(shapes) <= MANY_SHAPES else _Tree(entries).find


class _Tables:
    """One table for each set of literal positions, keyed by the literals that stand there."""

    def __init__(self, shapes: dict[tuple[int, ...], list[_Entry]]) -> None:
        self._tables = [(_getter(fixed), _buckets(fixed, entries)) for fixed, entries in shapes.items()]

    def find(self, segments: Sequence[str]) -> list[int]:
        found: list[int] = []
        for getter, table in self._tables:
            bucket = table.get(getter(segments))
            if bucket is not None:
                found += bucket.find(segments)
        return found


class _Tree:
    """A tree over segments: at each, the literals that may stand there, and what a variable segment leads to."""

    def __init__(self, entries: list[_Entry]) -> None:
        self._bucket: _Bucket | None = None
        self._fixed: dict[str, _Tree] = {}
        self._variable: _Tree | None = None
        self._grow(entries, 0)

    def _grow(self, entries: list[_Entry], depth: int) -> None:
        if depth == len(entries[0].segments):
            self._bucket = _Bucket(entries)
            return
        fixed: dict[str, list[_Entry]] = {}
        variable = [entry for entry in entries if not entry.segments[depth].is_fixed]
        for entry in entries:
            if entry.segments[depth].is_fixed:
                fixed.setdefault(entry.segments[depth].start, []).append(entry)
        self._fixed = {text: _branch(some, depth + 1) for text, some in fixed.items()}
        self._variable = _branch(variable, depth + 1) if variable else None

    def find(self, segments: Sequence[str]) -> list[int]:
        level = [self]
        for segment in segments:
            level = [
                branch
                for node in level
                for branch in (node._fixed.get(segment), node._variable)
                if branch is not None
            ]
        return [number for node in level if node._bucket for number in node._bucket.find(segments)]


def _branch(entries: list[_Entry], depth: int) -> _Tree:
    tree = _Tree.__new__(_Tree)
    tree._bucket, tree._fixed, tree._variable = None, {}, None
    tree._grow(entries, depth)
    return tree


class _Bucket:
    """Entries that agree in their literal segments. Many are told apart by how one variable segment starts or ends."""

    def __init__(self, entries: list[_Entry]) -> None:
        self._all = [entry.number for entry in entries]
        self._index = -1
        if len(entries) >= MANY_ENTRIES:
            self._split(entries)

    def find(self, segments: Sequence[str]) -> list[int]:
        if self._index < 0:
            return self._all
        segment = segments[self._index]
        found: list[int] = []
        for length, table in self._by_length:
            found += table.get(segment[len(segment) - length :] if self._at_end else segment[:length], ())
        return found

    def _split(self, entries: list[_Entry]) -> None:
        """Choose the segment, and the end of it, whose literals differ most."""
        variable = [index for index, segment in enumerate(entries[0].segments) if not segment.is_fixed]
        kinds = {(i, at_end): {_literal(entry, i, at_end) for entry in entries} for i in variable for at_end in (False, True)}
        if not kinds:
            return
        (index, at_end), literals = max(kinds.items(), key=lambda kind: len(kind[1]))
        if len(literals) < 2:
            return
        self._index, self._at_end = index, at_end
        tables: dict[int, dict[str, list[int]]] = {}
        for entry in entries:
            literal = _literal(entry, index, at_end)
            tables.setdefault(len(literal), {}).setdefault(literal, []).append(entry.number)
        self._by_length = list(tables.items())


def _literal(entry: _Entry, index: int, at_end: bool) -> str:
    return entry.segments[index].end if at_end else entry.segments[index].start


def _getter(positions: tuple[int, ...]) -> Callable[[Sequence[str]], Any]:
    return itemgetter(*positions) if positions else lambda segments: ()


def _buckets(positions: tuple[int, ...], entries: list[_Entry]) -> dict[Any, _Bucket]:
    getter = _getter(positions)
    found: dict[Any, list[_Entry]] = {}
    for entry in entries:
        found.setdefault(getter([segment.start for segment in entry.segments]), []).append(entry)
    return {key: _Bucket(some) for key, some in found.items()}


class _ByStart:
    """Templates whose tokens may hold separators, by the literal text they start with."""

    def __init__(self, crossing: list[tuple[str, str, int]]) -> None:
        tables: dict[int, dict[str, list[tuple[str, int]]]] = {}
        for start, end, number in crossing:
            tables.setdefault(len(start), {}).setdefault(start, []).append((end, number))
        self._by_length = list(tables.items())

    def find(self, text: str) -> list[int]:
        found: list[int] = []
        for length, table in self._by_length:
            found += [number for end, number in table.get(text[:length], ()) if text.endswith(end)]
        return found
