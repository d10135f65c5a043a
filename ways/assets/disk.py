"""Which assets exist on disk: a walk over a Context's mapping that opens only the folders that can match."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from stat import S_ISDIR

from ways.assets.rules import Rules
from ways.contexts.context import Context
from ways.contexts.view import ResolvedContext
from ways.errors import (
    AmbiguousReadingError,
    MatchTimeoutError,
    MissingTokensError,
    PlatformError,
    TokenValueError,
    UnknownTokenError,
    WaysError,
)
from ways.hierarchy import Hierarchy
from ways.pattern.pattern import Pattern, PatternCache, TextReading
from ways.pattern.safety import is_safe_value
from ways.pattern.segment_reader import PATH_SEPARATORS, NameReader, may_hold_path_separator
from ways.pattern.sequence import Frames, gathered
from ways.pattern.solve import find_value, texts_of
from ways.pattern.template import Leaf, Template
from ways.pattern.token import TokenSpec, reason_of
from ways.regex.budget import TimeBudget
from ways.settings import default_platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple, TypeAlias

    #: What a folder holds.
    Entry: TypeAlias = "os.DirEntry[str] | NamedEntry"
    #: Gives what lies in each of the parts, in their order, however it is walked; and takes whether to sort, and a report.
    WalkParts: TypeAlias = "Callable[[Context, Mapping[str, Any], Sequence[Part], bool, Report], Iterable[Iterable[FoundPath]]]"
else:
    from ways.lightweight import NamedTuple

#: Each number in a text.
NUMBERS = re.compile(r"(\d+)")
#: Something that is a path elsewhere, too, but another one: a drive, or separators of Windows.
_OF_WINDOWS = re.compile(r"([A-Za-z]|\{[^{}]*\}):|//|.*\\", re.DOTALL)
#: Takes a path that can't be looked at, or whose name can't be read, and the reason.
Report = Callable[[str, str], None]


class FoundPath(NamedTuple):
    """Something on disk that fits a Context: its path as the mapping writes it, and the values of its leaf tokens."""

    path: str
    values: dict[str, str]
    #: The variant of the Context that the values select.
    view: ResolvedContext


class Part(NamedTuple):
    """What lies below one name in the first folder that a walk lists."""

    #: The variant of the Context, by its number among those with a mapping.
    variant: int
    name: str


def find_on_disk(
    context: Context,
    values: Mapping[str, Any] | None = None,
    *,
    latest: str | None = None,
    sequences: bool = False,
    is_sorted: bool = False,
    is_whole: bool = False,
    report: Report | None = None,
    walk_parts: WalkParts | None = None,
) -> Iterator[FoundPath]:
    """Yield each file and folder that is an Asset of *context* and has these values.

    :param values: values that are fixed; parents may stand for their children. A token of an optional part whose value is
        ``None`` or ``""`` must lack.
    :param latest: a token: of those that differ in it alone, only the greatest is given; numbers count as numbers.
    :param sequences: whether the frames of one thing are given as one, with the range of them for the sequence token.
    :param is_sorted: whether each folder is looked through by name rather than as it lies.
    :param is_whole: whether a folder that can't be read is an error, for an answer that must miss nothing.
    :param report: called with each folder that can't be read and each name that is no text, and the reason.
    :param walk_parts: walks the parts of all walks; they are walked here one after another, if absent.
    :raises OSError: *is_whole*, and a folder can't be read.
    :raises UnresolvedMappingError: the Context has no mapping.
    :raises UnknownTokenError: the mapping has no such token.
    :raises TokenValueError: a token's format can't write a value; in a strict place also: a value doesn't fit its token, or
        contradicts another.
    :raises MissingTokensError: in a strict place, a token that everything there has must lack.
    :raises PlatformError: the mapping is a path of another platform than this machine's.
    """
    all_views = mapped_variants(context)
    if not all_views:
        context.get_mapping()
    known = dict.fromkeys(name for view in all_views for name in view.template.all_tokens)
    for name in (*(values or {}), *((latest,) if latest else ())):
        if name not in known:
            raise UnknownTokenError(name, known)
    views = views_by_rules(context, values) if context.view.is_strict and values else all_views
    for view in views:
        check_machine(view.get_mapping(), view.state.settings.platform)
    report_once = _once(report or (lambda path, reason: None))
    if walk_parts is None:
        walks = [_walk(context, view, values or {}, is_sorted, is_whole, report_once) for view in views]
    else:
        walks = _walks_by_parts(context, views, values or {}, is_sorted, report_once, walk_parts)
    items = walks[0] if len(walks) == 1 else _each_once(walks)
    items = _gathered(items) if sequences else items
    return _latest(items, latest, context.patterns, sequences) if latest else items


def mapped_variants(context: Context) -> list[ResolvedContext]:
    """Return the variants of a place that have a mapping."""
    return [view for view in context.view.variants if isinstance(view.mapping, str)]


def _walks_by_parts(
    context: Context,
    views: Sequence[ResolvedContext],
    values: Mapping[str, Any],
    is_sorted: bool,
    report: Report,
    walk_parts: WalkParts,
) -> list[Iterator[FoundPath]]:
    """Return the walk of each variant, each divided into parts."""
    numbers = {view.variant: number for number, view in enumerate(mapped_variants(context))}
    walks: list[Iterator[FoundPath]] = []
    for view in views:
        walker = _walker_of(context, view, values, is_sorted, False, report)
        names = walker.first_names() if walker is not None else []
        if names is None:
            walks.append(_walk(context, view, values, is_sorted, False, report))
        else:
            parts = [Part(numbers[view.variant], name) for name in names]
            walks.append(chain.from_iterable(walk_parts(context, values, parts, is_sorted, report)))
    return walks


def walk_part(context: Context, values: Mapping[str, Any], part: Part, *, is_sorted: bool, report: Report) -> Iterator[FoundPath]:
    """Yield what lies in one part of a walk; see :func:`find_on_disk`."""
    view = mapped_variants(context)[part.variant]
    return _walk(context, view, values, is_sorted, False, report, part.name)


def _once(report: Report) -> Report:
    """Return what reports each thing once, however many variants of a place meet it."""
    reported: set[tuple[str, str]] = set()

    def report_new(path: str, reason: str) -> None:
        if (path, reason) not in reported:
            reported.add((path, reason))
            report(path, reason)

    return report_new


def _walk(
    context: Context,
    view: ResolvedContext,
    values: Mapping[str, Any],
    is_sorted: bool,
    is_whole: bool,
    report: Report,
    first_name: str | None = None,
) -> Iterator[FoundPath]:
    """Yield what fits one variant of a Context.

    :param first_name: the only name that is taken in the first folder that is listed; any, if absent.
    """
    walker = _walker_of(context, view, values, is_sorted, is_whole, report)
    if walker is None:
        return
    walker.first_name = first_name
    for item in walker.walk():
        with TimeBudget(context.pool.limits):
            is_of_view = not view.conditions or view.is_selected(item.values, context.patterns)
        if is_of_view:
            yield item


def _walker_of(
    context: Context, view: ResolvedContext, values: Mapping[str, Any], is_sorted: bool, is_whole: bool, report: Report
) -> OpenWalker | SegmentWalker | None:
    """Return what walks one variant of a Context; ``None`` where nothing of it can have these values."""
    lacking = frozenset(name for name, value in values.items() if may_lack(view.template, name) and is_nothing(value))
    if not set(values) - lacking <= set(view.template.all_tokens):
        return None
    there = {name: value for name, value in values.items() if name not in lacking}
    given = texts_of(there, view.template, Hierarchy.of(context.hierarchy).text, TokenSpec.given_text)
    for name, value in given.items():
        fits = view.template.spec(name).fits()
        with TimeBudget(context.pool.limits):
            is_fit = fits is None or fits(value)
        if not is_fit:
            report(f"{name}={value}", f"nothing can have this value: {reason_of(view.template.spec(name), value)}")
            return None
        if view.resolved.path and not is_safe_value(view.template, name, value):
            report(f"{name}={value}", "nothing can have this value: it would lead to other folders than the mapping's")
            return None
    return _walker(context, view, given, is_sorted, is_whole, report, lacking)


def _walker(context: Context, view: ResolvedContext, given: Mapping[str, str], *more: Any) -> OpenWalker | SegmentWalker:
    """Return what goes down a mapping, segment by segment where each tells its values."""
    if not view.template.options:
        walker = SegmentWalker(context, view, given, *more)
        if walker.is_told:
            return walker
    return OpenWalker(context, view, given, *more)


def check_machine(path: str, platform: str) -> None:
    """Refuse a path, or a mapping, that another kind of platform writes and that would be another path on this machine.

    :raises PlatformError: it is one.
    """
    machine = default_platform()
    is_windows = platform.lower() == "windows"
    if is_windows == (machine == "windows") or not (_OF_WINDOWS.match(path) if is_windows else path.startswith("/")):
        return
    where = f"is a path of the platform {platform!r}, but this machine is {machine!r}, where it would be another path"
    what = f"Set WAYS_PLATFORM to {machine!r}, or unset it. To write the path only: format, or create_folders(..., dry_run=True)."
    raise PlatformError(platform, (machine,), f"{path!r} {where}. {what}")


def views_by_rules(context: Context, values: Mapping[str, Any]) -> list[ResolvedContext]:
    """Return the variants of a place that values which are fixed leave open, and whose rules they obey.

    :raises UnknownTokenError: none has such a token.
    :raises TokenValueError: a value doesn't fit its token, or contradicts another.
    :raises MissingTokensError: a token has no value (``None`` or ``""``) that everything there has.
    """
    with TimeBudget(context.pool.limits):
        views = mapped_variants(context)
        open_views = [view for view in views if _is_open(view, values, context.patterns)] or views
        errors = {view.variant: _broken(view, values, context.patterns) for view in open_views}
        fitting = [view for view in open_views if errors[view.variant] is None]
        if not fitting:
            # A token that one variant doesn't have says less than a value that another refuses.
            raise min(filter(None, errors.values()), key=lambda error: isinstance(error, UnknownTokenError))
        return fitting


def _broken(view: ResolvedContext, values: Mapping[str, Any], patterns: PatternCache) -> WaysError | None:
    """Return the error of the first rule of a variant that values break which are fixed; ``None`` if there is none."""
    template = view.template
    lacking = [name for name, value in values.items() if is_nothing(value) and not template.spec(name).may_be_empty]
    if missing := [name for name in lacking if not may_lack(template, name)]:
        return MissingTokensError(missing, view.hierarchy.text)
    given = {name: value for name, value in values.items() if name not in lacking}
    if unknown := [name for name in given if name not in template.all_tokens]:
        # Details alone put no value into a text.
        return UnknownTokenError(unknown[0], template.all_tokens, view.hierarchy.text)
    return next((error for _, error in Rules(view, patterns).broken(given)), None)


def _is_open(view: ResolvedContext, values: Mapping[str, Any], patterns: PatternCache) -> bool:
    """Whether something that has these values may be of a variant."""
    given = {name: value for name, value in values.items() if not is_nothing(value)}
    try:
        texts = texts_of(given, view.template, "", TokenSpec.given_text)
    except TokenValueError:
        return True
    for plugin, wants in view.conditions:
        known = {token: find_value(token, texts, view.template, patterns) for token in wants}
        holds = [value in wants[token] for token, value in known.items() if value]
        if not all(holds) if plugin in view.variant else len(holds) == len(wants) and all(holds):
            return False
    return True


def is_nothing(value: Any) -> bool:
    """Whether a value stands for none."""
    return value is None or (isinstance(value, str) and not value)


def may_lack(template: Template, name: str) -> bool:
    """Whether a text need not have a token: it stands in optional parts alone, or not at all, and no value of it is empty."""
    return name not in template.always_tokens and not (name in template.all_tokens and template.spec(name).may_be_empty)


def _each_once(walks: Iterable[Iterator[FoundPath]]) -> Iterator[FoundPath]:
    """Yield what several variants find; a path that more than one takes belongs to the one with most conditions."""
    best: dict[str, FoundPath] = {}
    for item in (item for walk in walks for item in walk):
        known = best.get(item.path)
        if known is None or known.view.condition_count < item.view.condition_count:
            best[item.path] = item
    yield from best.values()


def natural_key(text: str) -> list[Any]:
    """Return what sorts texts with their numbers as numbers: ``v9`` before ``v10``."""
    return [(int(part), part) if part.isdecimal() else part for part in NUMBERS.split(text)]


def order_of(token: str, values: Mapping[str, str], template: Template, patterns: PatternCache) -> list[tuple[int, Any]]:
    """Return what sorts things by a token: by each token that it is written by, those with a type by their values."""
    leaves = template.part(token).leaf_tokens or (token,)
    return [_leaf_order(template.spec(name), find_value(name, values, template, patterns)) for name in leaves]


def _leaf_order(spec: TokenSpec, text: str) -> tuple[int, Any]:
    # Values of different types can't be compared: the first number keeps them apart.
    value = spec.value(text) if spec.kind and text else text
    if isinstance(value, (int, float)):
        return 2, value
    return (1, natural_key(str(value))) if isinstance(value, (str, Frames)) else (3, value)


def tokens_of(template: Template, token: str) -> set[str]:
    """Return a token with those that it is written by, at any depth."""
    return {token, *template.part(token).all_tokens}


def _gathered(paths: Iterable[FoundPath]) -> Iterator[FoundPath]:
    """Yield what differs in the number of a frame alone as one, in the place of its first."""
    groups: dict[tuple[object, ...], list[FoundPath]] = {}
    for item in paths:
        token = _sequence_token(item)
        is_frame = token and item.values[token].lstrip("-").isdecimal()
        others = tuple((name, value) for name, value in item.values.items() if name != token)
        key: tuple[object, ...] = (item.view.variant, token, others) if is_frame else (item.path,)
        groups.setdefault(key, []).append(item)
    for items in groups.values():
        yield from items if len(items) == 1 else _as_ranges(items)


def _as_ranges(items: list[FoundPath]) -> Iterator[FoundPath]:
    """Yield the frames of one thing: one record for each width of their numbers."""
    first = items[0]
    token = _sequence_token(first)
    template = first.view.template
    for frames in gathered((item.values[token] for item in items), template.spec(token).format):
        count = len(frames.frames())
        values = {**first.values, token: frames.at(int(frames.range)) if count == 1 else str(frames)}
        yield FoundPath(template.writer.text(template.as_written(values)), values, first.view)


def _sequence_token(item: FoundPath) -> str:
    """Return the token that holds the frame of an item: the last sequence token; ``''`` for none."""
    spec = item.view.template.spec
    return next((name for name in reversed(item.values) if spec(name).is_sequence), "")


def _latest(paths: Iterator[FoundPath], token: str, patterns: PatternCache, sequences: bool) -> Iterator[FoundPath]:
    """Yield the greatest of those that differ in *token* alone; sequences, and all of it."""
    best: dict[tuple[tuple[str, str], ...], tuple[list[tuple[int, Any]], list[FoundPath]]] = {}
    for item in paths:
        template = item.view.template
        ignored = tokens_of(template, token) | ({_sequence_token(item)} if sequences else set())
        others = tuple((name, value) for name, value in item.values.items() if name not in ignored)
        key = order_of(token, item.values, template, patterns)
        if others not in best or best[others][0] < key:
            best[others] = (key, [item])
        elif sequences and best[others][0] == key:
            best[others][1].append(item)
    yield from (item for _, items in best.values() for item in items)


# --- walks over folders


class OpenFolder(NamedTuple):
    """A folder on the way down."""

    path: str
    #: The segment that its names are of.
    depth: int
    #: A value for each leaf token; ``''`` for those that aren't known yet.
    values: dict[str, str]


class NamedEntry(NamedTuple):
    """Something in a folder that wasn't listed; it can do what is used of :class:`os.DirEntry`."""

    name: str
    path: str

    def is_dir(self) -> bool:
        """Whether it is a folder, or leads to one."""
        try:
            return S_ISDIR(os.stat(self.path).st_mode)
        except FileNotFoundError:
            return False

    def stat(self) -> os.stat_result:
        """Return its status."""
        return os.stat(self.path)


class FolderWalker:
    """Lists folders, and reports what can't be listed."""

    def __init__(
        self,
        context: Context,
        view: ResolvedContext,
        given: Mapping[str, str],
        is_sorted: bool,
        is_whole: bool,
        report: Report,
        lacking: frozenset[str] = frozenset(),
    ) -> None:
        self.view = view
        #: What stands between the names of folders.
        self.separator = "\\" if view.is_windows_path else "/"
        self.template = view.template
        self.pattern: Pattern = view.strict_pattern(context.patterns).compiled()
        self.patterns = context.patterns
        self.given = dict(given)
        #: Tokens of optional parts that must lack.
        self.lacking = lacking
        self.is_sorted = is_sorted
        self.is_whole = is_whole
        self.report = report
        #: The only name that is taken in the first folder that is listed; ``None`` for any. It is not listed then.
        self.first_name: str | None = None
        known = {name: find_value(name, given, self.template, context.patterns) for name in self.template.leaf_tokens}
        #: Leaf tokens that are the same for everything that is looked for.
        self.fixed = {name: value for name, value in known.items() if value or name in given}

    def _read(self, path: str) -> Iterator[FoundPath]:
        """Yield *path* if the whole pattern reads it in one way only, with the values that are looked for."""
        try:
            with TimeBudget(self.view.state.limits):
                readings = self._readings(path)
        except MatchTimeoutError as error:
            self._untold(path, error)
            return
        if len(readings) > 1:
            self.report(path, str(AmbiguousReadingError(path, self.template.mapping, [reading.values for reading in readings])))
            return
        read = readings[0].values if readings else None
        wanted = {**self.given, **self.fixed}
        if read is None or not self.lacking.isdisjoint(read):
            return
        if all(read.get(name) == value for name, value in wanted.items()):
            yield FoundPath(path, {name: read[name] for name in self.template.leaf_tokens if name in read}, self.view)

    def _read_folder(self, path: str) -> Iterator[FoundPath]:
        """Yield a folder whose path ends with a separator where the mapping's text does; after it no token is an empty name."""
        text = f"{path}{self.separator}"
        if os.path.lexists(text):
            yield from (item for item in self._read(text) if not self._last_leaf(item.values).is_token)

    def _last_leaf(self, values: Mapping[str, str]) -> Leaf:
        """Return the last piece of the mapping that is there with these values."""
        present = self.template.options.present(values.keys())
        return next(leaf for leaf in reversed(self.template.leaves) if present.issuperset(leaf.options))

    def _readings(self, path: str) -> list[TextReading]:
        if not self.view.conditions:
            return self.pattern.readings(path)
        # Of a variant those count that select it: the first two may not.
        return [reading for reading in self.pattern.all_readings(path) if self.view.is_selected(reading.values, self.patterns)]

    def _untold(self, path: str, error: MatchTimeoutError) -> None:
        """Report a path of which can't be told in time whether it is one."""
        if self.is_whole:
            raise error
        self.report(path, str(error))

    def _entries(self, folder: str, index: int) -> list[Entry]:
        place = folder if folder else (self.separator if index else ".")
        # On Windows a drive letter alone is the folder that was current there last.
        place += self.separator if place.endswith(":") and self.view.is_windows_path else ""
        if self.first_name is not None:
            name, self.first_name = self.first_name, None
            return [NamedEntry(name, os.path.join(place, name))]
        try:
            with os.scandir(place) as entries:
                listed: list[Entry] = list(entries)
        except (FileNotFoundError, NotADirectoryError, ValueError):
            # No file has a name with NUL, or with half a character that stands for no byte.
            return []
        except OSError as error:
            self._refused(place, error)
            return []
        return sorted(listed, key=lambda entry: entry.name) if self.is_sorted else listed

    def _refused(self, path: str, error: OSError) -> None:
        if self.is_whole:
            raise error
        self.report(path, error.strerror or str(error))

    def _is_folder(self, entry: Entry) -> bool:
        try:
            return entry.is_dir()
        except OSError as error:
            self._refused(entry.path, error)
            return False

    def _is_new(self, entry: Entry, seen: set[tuple[int, int]]) -> bool:
        """Whether a folder was not walked before: links may lead in a circle."""
        try:
            status = entry.stat()
        except OSError as error:
            self._refused(entry.path, error)
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


class SegmentWalker(FolderWalker):
    """Goes down a mapping segment by segment; runs of known names are joined, and never listed."""

    def __init__(
        self,
        context: Context,
        view: ResolvedContext,
        given: Mapping[str, str],
        is_sorted: bool,
        is_whole: bool,
        report: Report,
        lacking: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(context, view, given, is_sorted, is_whole, report, lacking)
        path = context.patterns.path_steps(self.template, self.fixed)
        self.steps, self.crossing, self.depth = path.steps, path.crossing, path.depth
        self.is_told = path.is_told
        # Values that are read on the way are final unless something spans segments, or the value of a parent was given.
        self.needs_check = path.needs_whole or any(name not in self.fixed for name in given)

    def walk(self) -> Iterator[FoundPath]:
        """Yield what fits, folder by folder."""
        if not all(self.pattern.fits(name, value) for name, value in self.fixed.items()):
            return
        waiting = [self._first()]
        while waiting:
            folder = self._joined(waiting.pop())
            if folder.depth == self.depth:
                if os.path.lexists(folder.path or self.separator):
                    yield from self._checked([(folder.path, folder.values)])
            elif folder.depth == self.crossing:
                yield from self._anything_below(folder.path, folder.depth)
            elif folder.depth + 1 == self.depth:
                yield from self._checked(self._inside(folder))
            else:
                inner = [OpenFolder(path, folder.depth + 1, values) for path, values in self._inside(folder)]
                waiting += reversed(inner)

    def _first(self) -> OpenFolder:
        """Return where the walk begins."""
        # A value takes its place in the order of the mapping, whenever it is known.
        return OpenFolder("", 0, {name: self.fixed.get(name, "") for name in self.template.leaf_tokens})

    def _joined(self, folder: OpenFolder) -> OpenFolder:
        """Return the folder below *folder* that names which are known lead to; they are never listed."""
        path, index, values = folder
        while index < len(self.steps) and self.steps[index].names is None:
            name = self.steps[index].name.text(values)
            path = f"{path}{self.separator}{name}" if index else name
            index += 1
        return folder if index == folder.depth else OpenFolder(path, index, values)

    def first_names(self) -> list[str] | None:
        """Return the names in the first folder that is listed which lead on: what lies below each can be walked alone.

        ``None`` where that would give something else than one walk, or depends on the current folder.
        """
        folder = self._joined(self._first())
        is_absolute = folder.depth > 0 and os.path.isabs(f"{folder.path}{self.separator}")
        if not is_absolute or folder.depth + 1 >= self.depth or folder.depth == self.crossing:
            return None
        if not all(self.pattern.fits(name, value) for name, value in self.fixed.items()):
            return []
        start = len(folder.path) + len(self.separator) if folder.depth else 0
        return [path[start:] for path, _ in self._inside(folder)]

    def _inside(self, folder: OpenFolder) -> list[tuple[str, dict[str, str]]]:
        """Return what in *folder* fits its segment and may lead on, as paths with their values."""
        path, index, values = folder
        names = self.steps[index].names
        assert names is not None
        start = f"{path}{self.separator}" if index else ""
        is_last = index + 1 == self.depth
        added = names.reader(values)
        return [
            (start + name, {**values, **new})
            for entry in self._entries(path, index)
            if (new := self._added(names, values, added, entry)) is not None
            and ((name := entry.name).isascii() or self._is_text(entry.path, name))
            and (is_last or self._is_folder(entry))
        ]

    def _added(
        self, names: NameReader, values: Mapping[str, str], added: Callable[[str], dict[str, str] | None], entry: Entry
    ) -> dict[str, str] | None:
        """Return the values that a name adds to *values*; ``None`` where it doesn't fit, or that can't be told in time.

        :param added: what *names* gives for *values*.
        """
        try:
            return added(entry.name)
        except MatchTimeoutError:
            pass
        try:
            # Names that may take long are rare: only these get a budget.
            with TimeBudget(self.view.state.limits):
                return names.read(values, entry.name)
        except MatchTimeoutError as error:
            self._untold(entry.path, error)
            return None

    def _checked(self, paths: Iterable[tuple[str, dict[str, str]]]) -> Iterable[FoundPath]:
        if self.needs_check or self.crossing is not None:
            return (item for path, _ in paths for item in self._read(path))
        view = self.view
        return [FoundPath(path, values, view) for path, values in paths]

    def _anything_below(self, folder: str, index: int) -> Iterator[FoundPath]:
        """Walk everything below *folder*: a token may hold separators, so that an item may lie at any depth."""
        waiting = [folder]
        seen: set[tuple[int, int]] = set()
        last = self.template.leaves[-1]
        ends_with_separator = not last.is_token and last.text.endswith(self.separator)
        while waiting:
            folder = waiting.pop()
            for entry in self._entries(folder, index):
                path = f"{folder}{self.separator}{entry.name}" if index or folder else entry.name
                if not self._is_text(path, entry.name):
                    continue
                yield from self._read(path)
                if not self._is_folder(entry):
                    continue
                if ends_with_separator:
                    yield from self._read_folder(path)
                if self._is_new(entry, seen):
                    waiting.append(path)


class OpenWalker(FolderWalker):
    """Goes down wherever what is there may still become a text of the mapping: parts of it may be left out."""

    def walk(self) -> Iterator[FoundPath]:
        """Yield what fits, folder by folder."""
        from ways.pattern.prefixes import Prefixes

        if not all(self.pattern.fits(name, value) for name, value in self.fixed.items()):
            return
        start = self._start()
        if start and os.path.lexists(start):
            yield from self._read(start)
            yield from self._read_folder(start)
        leaves = self.template.leaves
        is_absolute = leaves[0].text.startswith(self.separator)
        may_go_deep = self._may_go_deep()
        prefixes = Prefixes(self.template, self.fixed)
        above = f"{start}{self.separator}" if start or is_absolute else ""
        waiting = [(start, prefixes.after(prefixes.start, above))]
        seen: set[tuple[int, int]] = set()
        while waiting:
            folder, states = waiting.pop()
            inner = []
            for entry in self._entries(folder, int(is_absolute)):
                path = f"{folder}{self.separator}{entry.name}" if folder or is_absolute else entry.name
                named = prefixes.after(states, entry.name)
                if not named or not self._is_text(path, entry.name):
                    continue
                if prefixes.may_end(named):
                    yield from self._read(path)
                below = prefixes.after(named, self.separator)
                if not below or not self._is_folder(entry):
                    continue
                if prefixes.may_end(below):
                    yield from self._read_folder(path)
                if not may_go_deep or self._is_new(entry, seen):
                    inner.append((path, below))
            waiting += reversed(inner)

    def first_names(self) -> list[str] | None:
        """Return the same as :meth:`SegmentWalker.first_names`."""
        from ways.pattern.prefixes import Prefixes

        start = self._start()
        is_absolute = self.template.leaves[0].text.startswith(self.separator) or (start and os.path.isabs(f"{start}{self.separator}"))
        if not is_absolute or self._may_go_deep():
            return None
        prefixes = Prefixes(self.template, self.fixed)
        states = prefixes.after(prefixes.start, f"{start}{self.separator}")
        if not all(self.pattern.fits(name, value) for name, value in self.fixed.items()):
            return []
        if prefixes.may_end(states) or prefixes.may_end(prefixes.after(prefixes.start, start)):
            return None
        names = []
        for entry in self._entries(start, 1):
            named = prefixes.after(states, entry.name)
            if not named or not self._is_text(f"{start}{self.separator}{entry.name}", entry.name):
                continue
            below = prefixes.after(named, self.separator)
            if prefixes.may_end(named) or (below and prefixes.may_end(below)):
                # It may be something itself, which comes before all that lies in the folders beside it.
                return None
            if below and self._is_folder(entry):
                names.append(entry.name)
        return names

    def _may_go_deep(self) -> bool:
        """Whether tokens may hold separators: links may lead in a circle then."""
        return any(may_hold_path_separator(self.template, leaf.text) for leaf in self.template.leaves if leaf.is_token)

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
        end = max(text.rfind(separator) for separator in PATH_SEPARATORS)
        return text[:end] if end >= 0 else ""


def _go_deeper(leaves: Sequence[Leaf]) -> bool:
    """Whether the text of *leaves* begins with a separator, whichever of their parts are there."""
    while leaves and leaves[0].text[:1] in PATH_SEPARATORS and not leaves[0].is_token:
        options = leaves[0].options
        if not options:
            return True
        leaves = [leaf for leaf in leaves if options[0] not in leaf.options]
    return False
