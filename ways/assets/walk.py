"""Walks over folders: what exists of one mapping. Only folders that can match are opened."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from typing import Any, NamedTuple

from ways.contexts.context import Context
from ways.contexts.state import ViewCache
from ways.contexts.view import ResolvedContext
from ways.errors import AmbiguousReadingError
from ways.lightweight import cached_property
from ways.pattern.builder import Builder
from ways.pattern.compiled import STRICT, CompiledPattern
from ways.regex.expression import may_hold
from ways.regex.guard import TIMEOUT
from ways.pattern.segment import SegmentPattern, segment_pattern
from ways.pattern.solve import find_value
from ways.pattern.template import Leaf, Template

#: Takes a path that can't be looked at, or whose name can't be read, and the reason.
Report = Callable[[str, str], None]
#: What ends a folder's name in a path of this machine.
_SEPARATORS = "/\\" if os.sep == "\\" else "/"


class Found(NamedTuple):
    """Something on disk that fits a Context: its path as the mapping writes it, and the values of its leaf tokens."""

    path: str
    values: dict[str, str]
    #: The variant of the Context that the values select.
    view: ResolvedContext


class _Step(NamedTuple):
    """One segment of a path."""

    leaves: tuple[Leaf, ...]
    #: What its names are matched with; ``None`` where each of its tokens has a value by then.
    pattern: SegmentPattern | None = None

    def text(self, values: Mapping[str, str]) -> str:
        """Return the segment's name where each of its tokens has a value."""
        return "".join(values[leaf.text] if leaf.is_token else leaf.text for leaf in self.leaves)


class _Folder(NamedTuple):
    """A folder on the way down."""

    path: str
    #: The segment that its names are of.
    depth: int
    #: A value for each leaf token; ``''`` for those that aren't known yet.
    values: dict[str, str]


class Folders:
    """Looks into folders, and tells of what can't be looked at."""

    def __init__(self, context: Context, view: ResolvedContext, given: Mapping[str, str], is_sorted: bool, report: Report) -> None:
        self.view = view
        self.template = view.template
        self.pattern: CompiledPattern = context.patterns.get(self.template)
        self.given = dict(given)
        self.is_sorted = is_sorted
        self.report = report
        known = {name: find_value(name, given, self.template, context.patterns) for name in self.template.leaf_tokens}
        #: Leaf tokens that are the same for everything that is looked for.
        self.fixed = {name: value for name, value in known.items() if value or name in given}

    def _read(self, path: str) -> Iterator[Found]:
        """Yield *path* if the whole pattern says that it has the values that are looked for, in one way only."""
        try:
            read = self.pattern.match_all(path)
        except AmbiguousReadingError as error:
            self.report(path, str(error))
            return
        wanted = {**self.given, **self.fixed}
        if read is not None and all(read.get(name) == value for name, value in wanted.items()):
            yield Found(path, {name: read[name] for name in self.template.leaf_tokens if name in read}, self.view)

    def _entries(self, folder: str, index: int) -> list[os.DirEntry[str]]:
        place = folder if folder else ("/" if index else ".")
        try:
            with os.scandir(place) as entries:
                found = list(entries)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self.report(place, error.strerror or str(error))
            return []
        return sorted(found, key=lambda entry: entry.name) if self.is_sorted else found

    def _is_folder(self, entry: os.DirEntry[str]) -> bool:
        try:
            return entry.is_dir()
        except OSError as error:
            self.report(entry.path, error.strerror or str(error))
            return False

    def _is_new(self, entry: os.DirEntry[str], seen: set[tuple[int, int]]) -> bool:
        """Whether a folder was not walked before: links may lead in a circle."""
        try:
            status = entry.stat()
        except OSError as error:
            self.report(entry.path, error.strerror or str(error))
            return False
        key = (status.st_dev, status.st_ino)
        is_new = key not in seen
        seen.add(key)
        return is_new

    def _is_text(self, path: str, name: str) -> bool:
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            self.report(path, "its name is no UTF-8")
            return False
        return True


#: The plans of each session, by the variant of a Context and the names of the tokens with known values.
PLANS: ViewCache[tuple[ResolvedContext, frozenset[str]], _Plan] = ViewCache()


class _Plan:
    """A mapping as steps down from folder to folder, where the values of some tokens are known before.

    :param fixed: these tokens, with their values.
    """

    def __init__(self, template: Template, fixed: Mapping[str, str]) -> None:
        self._template = template
        self._fixed = fixed
        self.segments = list(_cut(_put_in(leaf, fixed) for leaf in template.leaves))
        #: The first segment that may be several.
        self.crossing = next((index for index, segment in enumerate(self.segments) if self._crosses(segment)), None)
        self.steps = self._steps()
        #: Whether an expression has a say that segments alone don't ask.
        self.says_more = any(map(self._says_more, template.all_tokens))

    @classmethod
    def of(cls, context: Context, view: ResolvedContext, fixed: Mapping[str, str]) -> _Plan:
        """Return the plan for a variant of a Context; made once for the same names."""
        if any(map(_holds_separator, fixed.values())):
            return cls(view.template, fixed)
        plans = PLANS.of(context.pool, view.state)
        key = (view, frozenset(fixed))
        plan = plans.get(key)
        if plan is None:
            plan = plans[key] = cls(view.template, fixed)
        return plan

    def _says_more(self, token: str) -> bool:
        spec = self._template.spec(token)
        return spec.is_constrained and (spec.splits or not spec.is_read_whole)

    def _crosses(self, segment: Sequence[Leaf]) -> bool:
        open_tokens = (leaf.text for leaf in segment if leaf.is_token and leaf.text not in self._fixed)
        return any(_may_hold_separator(self._template, token) for token in open_tokens)

    def _steps(self) -> list[_Step]:
        steps: list[_Step] = []
        before = set(self._fixed)
        for segment in self.segments[: self.crossing]:
            tokens = dict.fromkeys(leaf.text for leaf in segment if leaf.is_token)
            if set(tokens) <= before:
                steps.append(_Step(tuple(segment)))
                continue
            known = [token for token in tokens if token in before]
            steps.append(_Step(tuple(segment), segment_pattern(self._template, segment, known)))
            before |= set(tokens)
        return steps


class Walk(Folders):
    """Goes down a mapping segment by segment; runs of known names are joined, and never listed."""

    def __init__(self, context: Context, view: ResolvedContext, given: Mapping[str, str], is_sorted: bool, report: Report) -> None:
        super().__init__(context, view, given, is_sorted, report)
        plan = _Plan.of(context, view, self.fixed)
        self.steps, self.crossing, self.depth = plan.steps, plan.crossing, len(plan.segments)
        # Values that are read on the way are final unless something spans segments, or a parent was asked for.
        self.needs_check = plan.says_more or any(name not in self.fixed for name in given)

    def found(self) -> Iterator[Found]:
        """Yield what fits, folder by folder."""
        if not all(self.pattern.takes(name, value) for name, value in self.fixed.items()):
            return
        # A value takes its place in the order of the mapping, whenever it is known.
        waiting = [_Folder("", 0, {name: self.fixed.get(name, "") for name in self.template.leaf_tokens})]
        while waiting:
            folder = self._joined(waiting.pop())
            if folder.depth == self.depth:
                if os.path.lexists(folder.path or "/"):
                    yield from self._checked([(folder.path, folder.values)])
            elif folder.depth == self.crossing:
                yield from self._anything_below(folder.path, folder.depth)
            elif folder.depth + 1 == self.depth:
                yield from self._checked(self._inside(folder))
            else:
                inner = [_Folder(path, folder.depth + 1, values) for path, values in self._inside(folder)]
                waiting += reversed(inner)

    def _joined(self, folder: _Folder) -> _Folder:
        """Return the folder below *folder* that names which are known lead to; they are never listed."""
        path, index, values = folder
        while index < len(self.steps) and self.steps[index].pattern is None:
            name = self.steps[index].text(values)
            path = f"{path}/{name}" if index else name
            index += 1
        return folder if index == folder.depth else _Folder(path, index, values)

    def _inside(self, folder: _Folder) -> list[tuple[str, dict[str, str]]]:
        """Return what in *folder* fits its segment and may lead on, as paths with their values."""
        path, index, values = folder
        pattern = self.steps[index].pattern
        assert pattern is not None
        start = f"{path}/" if index else ""
        is_last = index + 1 == self.depth
        added = pattern.reader(values)
        return [
            (start + name, {**values, **new})
            for entry in self._entries(path, index)
            if (new := added(name := entry.name)) is not None
            and (name.isascii() or self._is_text(entry.path, name))
            and (is_last or self._is_folder(entry))
        ]

    def _checked(self, found: Iterable[tuple[str, dict[str, str]]]) -> Iterable[Found]:
        if self.needs_check or self.crossing is not None:
            return (item for path, _ in found for item in self._read(path))
        view = self.view
        return [Found(path, values, view) for path, values in found]

    def _anything_below(self, folder: str, index: int) -> Iterator[Found]:
        """Walk everything below *folder*: a token may hold separators, so that depth says nothing."""
        waiting = [folder]
        seen: set[tuple[int, int]] = set()
        while waiting:
            folder = waiting.pop()
            for entry in self._entries(folder, index):
                path = f"{folder}/{entry.name}" if index or folder else entry.name
                if not self._is_text(path, entry.name):
                    continue
                read = self.pattern.match(path)
                if read is not None:
                    yield from self._read(path)
                if self._is_folder(entry) and self._is_new(entry, seen):
                    waiting.append(path)


class OpenWalk(Folders):
    """Goes down wherever what is there may still become a text of the mapping: parts of it may be left out."""

    def found(self) -> Iterator[Found]:
        """Yield what fits, folder by folder."""
        if not all(self.pattern.takes(name, value) for name, value in self.fixed.items()):
            return
        start = self._start()
        if start and os.path.lexists(start):
            yield from self._read(start)
        yield from self._below(start)

    def _start(self) -> str:
        """Return the deepest folder that everything is in."""
        text = ""
        leaves = self.template.leaves
        for number, leaf in enumerate(leaves):
            if leaf.options or (leaf.is_token and leaf.text not in self.fixed):
                if _go_deeper(leaves[number:]):
                    return text
                break
            text += self.fixed[leaf.text] if leaf.is_token else leaf.text
        return text[: max(text.rfind(separator) for separator in _SEPARATORS)] if "/" in text else ""

    def _below(self, start: str) -> Iterator[Found]:
        is_absolute = self.template.leaves[0].text.startswith("/")
        waiting = [start]
        seen: set[tuple[int, int]] = set()
        while waiting:
            folder = waiting.pop()
            inner = []
            for entry in self._entries(folder, int(is_absolute)):
                path = f"{folder}/{entry.name}" if folder or is_absolute else entry.name
                if not self._is_text(path, entry.name):
                    continue
                if self._may_become(path):
                    yield from self._read(path)
                if self._may_become(f"{path}/") and self._is_folder(entry) and self._is_new_here(entry, seen):
                    inner.append(path)
            waiting += reversed(inner)

    def _may_become(self, text: str) -> bool:
        try:
            return self._partial.fullmatch(text, partial=True, timeout=TIMEOUT) is not None
        except TimeoutError:
            # Whether it does is asked again, of all that is found below.
            return True

    @cached_property
    def _partial(self) -> Any:
        # Of the engines only this one can tell whether a text might go on; it costs 16 ms to import.
        import regex

        return regex.compile(Builder.of(self.template, STRICT, fixed=self.fixed).text)

    def _is_new_here(self, entry: os.DirEntry[str], seen: set[tuple[int, int]]) -> bool:
        """Whether a folder is to be looked into: where tokens may hold separators, links may lead in a circle."""
        return not self._may_go_deep or self._is_new(entry, seen)

    @cached_property
    def _may_go_deep(self) -> bool:
        return any(_may_hold_separator(self.template, leaf.text) for leaf in self.template.leaves if leaf.is_token)


def _holds_separator(text: str) -> bool:
    return any(separator in text for separator in _SEPARATORS)


def _may_hold_separator(template: Template, token: str) -> bool:
    expression = template.spec(token).reads
    if expression is not None:
        return any(may_hold(expression, separator) for separator in _SEPARATORS)
    return any(separator not in template.separators for separator in _SEPARATORS[:1])


def _put_in(leaf: Leaf, fixed: Mapping[str, str]) -> Leaf:
    """Return a leaf that stands in no part; a known value that is several segments in the place of its token."""
    value = fixed.get(leaf.text, "") if leaf.is_token else ""
    return Leaf(value, False) if _holds_separator(value) else leaf._replace(frames=())


def _go_deeper(leaves: Sequence[Leaf]) -> bool:
    """Whether the text of *leaves* begins with a separator, whichever of their parts are there."""
    while leaves and leaves[0].text[:1] in _SEPARATORS and not leaves[0].is_token:
        options = leaves[0].options
        if not options:
            return True
        leaves = [leaf for leaf in leaves if options[0] not in leaf.options]
    return False


def _cut(leaves: Iterable[Leaf]) -> Iterator[list[Leaf]]:
    """Yield the leaves of each segment; the first is empty for a path that begins at the root."""
    segment: list[Leaf] = []
    for leaf in leaves:
        if leaf.is_token:
            segment.append(leaf)
            continue
        first, *others = re.split(f"[{re.escape(_SEPARATORS)}]", leaf.text)
        segment += [leaf._replace(text=first)] if first else []
        for text in others:
            yield segment
            segment = [leaf._replace(text=text)] if text else []
    yield segment
