"""Which assets exist on disk: a walk over a Context's mapping that opens only the folders that can match."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.contexts.context import Context
from ways.errors import MissingTokensError, UnknownTokenError
from ways.hierarchy import Hierarchy
from ways.pattern.compiled import CompiledPattern
from ways.pattern.expression import may_hold
from ways.pattern.segment import SegmentPattern, segment_pattern
from ways.pattern.solve import find_value
from ways.pattern.template import Leaf, Template

#: Takes a path that can't be looked at, or whose name can't be read, and the reason.
Report = Callable[[str, str], None]
#: What ends a folder's name in a path of this machine.
_SEPARATORS = "/\\" if os.sep == "\\" else "/"
_NUMBERS = re.compile(r"(\d+)")


class Found(NamedTuple):
    """Something on disk that fits a Context: its path as the mapping writes it, and the values of its leaf tokens."""

    path: str
    values: dict[str, str]


def find_on_disk(
    context: Context,
    values: Mapping[str, Any] | None = None,
    *,
    latest: str | None = None,
    is_sorted: bool = False,
    report: Report | None = None,
) -> Iterator[Found]:
    """Yield each file and folder that is an Asset of *context* and has these values.

    :param values: values that are fixed; parents may stand for their children.
    :param latest: a token: of those that differ in it alone, only the greatest is given; numbers count as numbers.
    :param is_sorted: whether each folder is looked through by name rather than as it lies.
    :param report: told of each folder that can't be read, and of each name that is no text.
    :raises UnresolvedMappingError: the Context has no mapping.
    :raises UnknownTokenError: the mapping has no such token.
    """
    context.get_mapping()
    given = {name: str(value) for name, value in (values or {}).items()}
    for name in (*given, *((latest,) if latest else ())):
        if name not in context.template.all_tokens:
            raise UnknownTokenError(name, context.template.all_tokens)
    found = _Walk(context, given, is_sorted, report or _ignore).found()
    return _latest(found, latest, context, is_sorted) if latest else found


def natural_key(text: str) -> list[Any]:
    """Return what sorts texts with their numbers as numbers: ``v9`` before ``v10``."""
    return [(int(part), part) if part.isdecimal() else part for part in _NUMBERS.split(text)]


def next_value(context: Context, info: Mapping[str, Any], token: str) -> str:
    """Return the value after the greatest that exists on disk, all other tokens being equal: ``v004`` after ``v003``.

    Where nothing exists, it is the value after the one that *info* has; else the first: its number is 1.

    :raises ValueError: the values hold no number.
    """
    template, patterns = context.template, context.patterns
    below = _tokens_of(template, token)
    others = {name: find_value(name, info, template, patterns) for name in template.leaf_tokens if name not in below}
    fixed = {name: value for name, value in others.items() if value}
    texts = [_text(token, found.values, context) for found in find_on_disk(context, fixed, latest=token)]
    text = max(texts, key=natural_key, default="") or find_value(token, info, template, patterns)
    number = next(reversed(list(_NUMBERS.finditer(text))), None)
    if number is None:
        raise ValueError(f"{token}={text!r} holds no number to count on from.")
    count = str(int(number[0]) + 1).zfill(len(number[0]))
    return text[: number.start()] + count + text[number.end() :]


def folders_of(context: Context, info: Mapping[str, Any], pool_get: Callable[[Hierarchy], Context | None]) -> list[str]:
    """Return the folders that belong to an Asset: of its place and of each above it that says ``folder: true``.

    :raises MissingTokensError: such a place needs a value that *info* doesn't have.
    """
    folders: list[str] = []
    for place in Hierarchy.of(context.hierarchy).ancestors:
        above = pool_get(place)
        if above is not None and above.is_folder():
            folders.append(_folder(above, info))
    return list(dict.fromkeys(folders))


def make_folders(folders: Iterable[str]) -> None:
    """Make each folder that isn't there, with those it stands in."""
    for folder in folders:
        os.makedirs(folder, exist_ok=True)


def _folder(context: Context, info: Mapping[str, Any]) -> str:
    context.get_mapping()
    template, patterns = context.template, context.patterns
    leaves = {name: str(find_value(name, info, template, patterns)) for name in template.leaf_tokens}
    missing = [name for name, value in leaves.items() if not value]
    if missing:
        raise MissingTokensError(missing, str(context))
    return patterns.get(template).format(leaves, str(context))


class _Step(NamedTuple):
    """One segment of a path."""

    leaves: tuple[Leaf, ...]
    #: What its names are matched with; ``None`` where each of its tokens has a value by then.
    pattern: SegmentPattern | None = None

    def text(self, values: Mapping[str, str]) -> str:
        """Return the segment's name where each of its tokens has a value."""
        return "".join(values[leaf.text] if leaf.is_token else leaf.text for leaf in self.leaves)


class _Walk:
    def __init__(self, context: Context, given: Mapping[str, str], is_sorted: bool, report: Report) -> None:
        self.template = context.template
        self.pattern: CompiledPattern = context.patterns.get(self.template)
        self.given = dict(given)
        self.is_sorted = is_sorted
        self.report = report
        known = {name: find_value(name, given, self.template, context.patterns) for name in self.template.leaf_tokens}
        #: Leaf tokens that are the same for everything that is looked for.
        self.fixed = {name: value for name, value in known.items() if value or name in given}
        leaves = [self._put_in(leaf) for leaf in self.template.leaves]
        self.segments = list(_cut(leaves))
        self.crossing = next((index for index, segment in enumerate(self.segments) if self._crosses(segment)), None)
        self.steps = self._steps()
        # Values that are read on the way are final unless something spans segments, or a parent was asked for.
        self.needs_check = any(name not in self.fixed for name in given) or any(map(self._says_more, self.template.all_tokens))

    def found(self) -> Iterator[Found]:
        """Yield what fits, folder by folder."""
        if all(self.pattern.takes(name, value) for name, value in self.fixed.items()):
            yield from self._descend("", 0, dict(self.fixed))

    def _says_more(self, token: str) -> bool:
        """Whether a token has an expression that segments alone don't ask."""
        spec = self.template.spec(token)
        return spec.is_constrained and (spec.splits or not spec.is_read_whole)

    def _put_in(self, leaf: Leaf) -> Leaf:
        leaf = leaf._replace(frames=())
        return Leaf(self.fixed[leaf.text], False, ()) if leaf.is_token and leaf.text in self.fixed else leaf

    def _crosses(self, segment: Sequence[Leaf]) -> bool:
        return any(self._may_hold_separator(leaf.text) for leaf in segment if leaf.is_token)

    def _may_hold_separator(self, token: str) -> bool:
        expression = self.template.spec(token).reads
        if expression is not None:
            return any(may_hold(expression, separator) for separator in _SEPARATORS)
        return any(separator not in self.template.separators for separator in _SEPARATORS[:1])

    def _steps(self) -> list[_Step]:
        steps: list[_Step] = []
        before: set[str] = set()
        for segment in self.segments[: self.crossing]:
            tokens = dict.fromkeys(leaf.text for leaf in segment if leaf.is_token)
            if set(tokens) <= before:
                steps.append(_Step(tuple(segment)))
                continue
            known = [token for token in tokens if token in before]
            steps.append(_Step(tuple(segment), segment_pattern(self.template, segment, known)))
            before |= set(tokens)
        return steps

    def _descend(self, folder: str, index: int, values: dict[str, str]) -> Iterator[Found]:
        # Runs of known names are joined, and never listed.
        while index < len(self.steps) and self.steps[index].pattern is None:
            name = self.steps[index].text(values)
            folder = f"{folder}/{name}" if index else name
            index += 1
        if index == len(self.segments):
            if os.path.lexists(folder or "/"):
                yield from self._checked(folder, values)
            return
        if index == self.crossing:
            yield from self._anything_below(folder, index)
            return
        pattern = self.steps[index].pattern
        assert pattern is not None
        is_last = index + 1 == len(self.segments)
        for entry in self._entries(folder, index):
            new = pattern.match(entry.name, values)
            if new is None or not self._is_text(entry.path, entry.name):
                continue
            path = f"{folder}/{entry.name}" if index else entry.name
            if is_last:
                yield from self._checked(path, new)
            elif self._is_folder(entry):
                yield from self._descend(path, index + 1, new)

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
                    yield from self._checked(path, read)
                if self._is_folder(entry) and self._is_new(entry, seen):
                    waiting.append(path)

    def _checked(self, path: str, values: dict[str, str]) -> Iterator[Found]:
        if self.needs_check or self.crossing is not None:
            read = self.pattern.match_all(path)
            wanted = {**self.given, **self.fixed}
            if read is None or any(read.get(name) != value for name, value in wanted.items()):
                return
            values = read
        yield Found(path, {name: values[name] for name in self.template.leaf_tokens})

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


def _latest(found: Iterator[Found], token: str, context: Context, is_sorted: bool) -> Iterator[Found]:
    below = _tokens_of(context.template, token)
    best: dict[tuple[str, ...], tuple[list[Any], Found]] = {}
    for item in found:
        others = tuple(value for name, value in item.values.items() if name not in below)
        key = natural_key(_text(token, item.values, context))
        if others not in best or best[others][0] < key:
            best[others] = (key, item)
    return (item for _, item in best.values())


def _tokens_of(template: Template, token: str) -> set[str]:
    return {token, *template.part(token).all_tokens}


def _text(token: str, values: Mapping[str, str], context: Context) -> str:
    return find_value(token, values, context.template, context.patterns)


def _ignore(path: str, reason: str) -> None:
    pass
