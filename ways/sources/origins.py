"""Origins: where the plugins of a session come from. Each is loaded again on refresh; what can't be read any more stays."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from ways.errors import LimitError, SheetReadError
from ways.lightweight import cached_property
from ways.limits import Limits
from ways.plugins.plugin import DataPlugin
from ways.settings import DEFAULT_ASSIGNMENT
from ways.sheets.allowance import SourceLimitError, folders_below
from ways.sheets.document import (
    LOAD_FAILURE_KEY,
    NOT_CALLABLE_KEY,
    RESOLUTION_FAILURE_KEY,
    LoadResult,
    Problem,
    Sheet,
    Source,
    limit_problem,
)
from ways.sheets.reader import SheetReader, unreadable
from ways.sources.descriptions import DescriptorError, make_descriptor
from ways.sources.descriptors import FileDescriptor, FolderDescriptor
from ways.sources.load_sheets import NOTHING, LoadedPlugins
from ways.usercode import Failed, call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

LAST_GOOD = "its last good plugins stay until it can be read again"


class FailedOrigin(NamedTuple):
    """A description of which no descriptor can be made: what is recorded, and what a refresh needs to try again."""

    description: Any
    trust: bool | None
    result: LoadResult
    problem: Problem


class PluginOrigin:
    """A descriptor, and what it gave last."""

    def __init__(self, descriptor: Any) -> None:
        self.descriptor = descriptor
        self.last: LoadedPlugins | None = None

    @property
    def provider(self) -> Any:
        """What gives the plugins: a function, or a list of them."""
        return getattr(self.descriptor, "get_plugins", self.descriptor)

    def has_sheet(self, path: str) -> bool:
        """Whether the descriptor gave the sheet at *path* last."""
        return self.last is not None and any(sheet.source.path == path for sheet in self.last.sheets)

    def success_result(self, description: Any) -> LoadResult:
        """Return the record that a descriptor was made of *description*."""
        reason = "" if callable(self.provider) else NOT_CALLABLE_KEY
        return LoadResult(description, "success", reason, description=self.provider)

    def load(self, reader: SheetReader) -> LoadedPlugins:
        """Return the plugins of the descriptor; if it fails, those that it gave last, with the error."""
        # A descriptor may be foreign code; it costs what it gave, and nothing else.
        loaded = call(self._load, reader)
        if isinstance(loaded, Failed):
            return (self.last or NOTHING)._replace(problems=(self._problem(loaded),), errors=(loaded.error,))
        self.last = loaded
        return loaded

    def _load(self, reader: SheetReader) -> LoadedPlugins:
        descriptor, provider = self.descriptor, self.provider
        if isinstance(descriptor, FileDescriptor) and type(descriptor).get_plugins is FileDescriptor.get_plugins:
            return descriptor.load(reader)
        # A plugin may be a foreign object; it costs itself, and nothing else.
        limits = reader.limits
        given = iter(provider() if callable(provider) else provider)
        results = [call(_plugin_of, item, limits) for item in islice(given, limits.plugins)]
        failures = [item for item in results if isinstance(item, Failed)]
        plugins = tuple(item for item in results if not isinstance(item, Failed))
        problems = [*map(self._problem, failures[: limits.problems])]
        for name, is_beyond in (
            ("problems", len(failures) > limits.problems),
            ("plugins", len(results) == limits.plugins and any(True for _ in given)),
        ):
            if is_beyond:
                problems.append(limit_problem(limits, name, self._source, "more: the others are left out"))
        return LoadedPlugins(plugins, (), tuple(problems), tuple(item.error for item in failures[: limits.problems]))

    def _problem(self, failed: Failed) -> Problem:
        return Problem(self._source, str(failed), code=code_of(failed, "descriptor"))

    @cached_property
    def _source(self) -> Source:
        """What problems name as their source: the descriptor, of which a list may be as long as what it gives."""
        text = str(self.descriptor) if not isinstance(self.descriptor, (list, tuple, set, dict)) else ""
        return Source(text or f"a {type(self.descriptor).__name__} of {len(self.descriptor)} plugins")

    def reload(self, reader: SheetReader) -> LoadedPlugins:
        """Return what the descriptor gives now; sheets whose folder can't be listed count as unreadable, and not as deleted."""
        before = self.last
        loaded = self.load(reader)
        if before is not None:
            loaded = _with_unlisted(loaded, before)
            if type(self.descriptor) in (FileDescriptor, FolderDescriptor):
                loaded = loaded._replace(problems=(*loaded.problems, *missing_items(self.descriptor.items, before)))
        # A folder that can't be listed now may be listed again.
        self.last = loaded
        return loaded


def resolve_origin(description: Any, trust: bool | None) -> PluginOrigin | FailedOrigin:
    """Return the origin that *description* stands for, or why there is none."""
    try:
        descriptor = make_descriptor(description)
    except DescriptorError as error:
        return _failed_origin(description, trust, RESOLUTION_FAILURE_KEY, error)
    if isinstance(descriptor, FileDescriptor) and trust is not None:
        descriptor = descriptor.with_trust(trust)
    origin = PluginOrigin(descriptor)
    if callable(origin.provider) or isinstance(origin.provider, Iterable):
        return origin
    wrong = TypeError(f"{origin.provider!r} can't be called, and is no list of plugins")
    return _failed_origin(description, trust, NOT_CALLABLE_KEY, wrong, origin.descriptor)


def _failed_origin(
    description: Any, trust: bool | None, reason: str, error: Exception, descriptor: Any = None
) -> FailedOrigin:
    result = LoadResult(description, "failed", reason, traceback=traceback_text(error), description=descriptor)
    path = description if isinstance(description, str) else repr(description)
    problem = Problem(Source(path), f"nothing can be loaded: {error}", code="descriptor")
    return FailedOrigin(description, trust, result, problem)


def traceback_text(error: Exception) -> str:
    """Return the traceback of an error, as Python prints it."""
    import traceback

    return "".join(traceback.format_exception(error))


def _plugin_of(item: Any, limits: Limits) -> DataPlugin:
    plugin, assignment = item if isinstance(item, tuple) else (item, DEFAULT_ASSIGNMENT)
    return plugin_of_object(plugin, assignment, limits)


def plugin_of_object(author: Any, assignment: str, limits: Limits) -> DataPlugin:
    """Return the plugin that an object describes.

    :raises SheetLimitError: it is larger than one of a sheet may be.
    """
    from ways.plugins.precheck import check_object

    return check_object(DataPlugin.from_object(author, assignment), limits)


def reload_plugin(plugin: DataPlugin, limits: Limits) -> LoadedPlugins:
    """Return what the author's object says now of a plugin that was registered from Python."""
    if plugin.author is None:
        return NOTHING._replace(plugins=(plugin,))
    # The author's object is foreign code; if it fails, what it said before stays.
    made = call(plugin_of_object, plugin.author, plugin.assignment, limits)
    if not isinstance(made, Failed):
        return NOTHING._replace(plugins=(made,))
    return NOTHING._replace(plugins=(plugin,), problems=(Problem(plugin.source, str(made), code=code_of(made, "plugin")),))


def code_of(failed: Failed, usual: str) -> str:
    """Return the code of the problem that foreign code makes."""
    return "limit" if isinstance(failed.error, LimitError) else usual


def _with_unlisted(loaded: LoadedPlugins, before: LoadedPlugins) -> LoadedPlugins:
    """Return a load with the sheets of the load before whose folder can't be listed now: they may still be there.

    A sheet that was deleted, or whose folder was, is not among them.
    """
    paths = {sheet.source.path for sheet in loaded.sheets}
    errors: dict[str, OSError | None] = {}
    unlisted = []
    for sheet in before.sheets:
        folder = os.path.dirname(sheet.source.path)
        if sheet.source.path not in paths:
            error = errors[folder] if folder in errors else errors.setdefault(folder, _listing_error(folder))
            unlisted += [] if error is None else [unreadable(sheet.source, error)]
    if not unlisted:
        return loaded
    sheets = {sheet.source.path: sheet for sheet in (*loaded.sheets, *unlisted)}
    # Each at its old place: of two plugins at one place, the later one counts.
    order = dict.fromkeys((*(path for sheet in before.sheets if (path := sheet.source.path) in sheets), *sheets))
    problems = (*loaded.problems, *(problem for sheet in unlisted for problem in sheet.problems))
    return loaded._replace(sheets=tuple(sheets[path] for path in order), problems=problems)


def _listing_error(folder: str) -> OSError | None:
    """Return why a folder can't be listed; ``None`` if it can be, or isn't there."""
    try:
        os.listdir(folder or os.curdir)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return error
    return None


def missing_items(items: Iterable[str | os.PathLike[str]], before: LoadedPlugins) -> Iterator[Problem]:
    """Yield a problem for each of *items*, files and folders, that gave sheets before and isn't there any more."""
    for item in items:
        path = os.fspath(item)
        was_missing = any(problem.code == "descriptor" and problem.source.path == path for problem in before.problems)
        if (before.sheets or was_missing) and not os.path.lexists(path):
            yield Problem(Source(path), f"nothing can be loaded: there is no file or folder {path!r} any more", code="descriptor")


def with_last_good(loaded: LoadedPlugins, known: Iterable[DataPlugin]) -> list[DataPlugin]:
    """Return the plugins of a load; a sheet that can't be read any more keeps those of *known* that it had, at its place."""
    if not loaded.sheets:
        return list(loaded.plugins)
    fresh = _by_path(loaded.plugins)
    is_broken = any(not sheet.is_readable for sheet in loaded.sheets)
    last_good = _by_path(known) if is_broken else {}
    plugins: list[DataPlugin] = []
    for sheet in loaded.sheets:
        plugins += (fresh if sheet.is_readable else last_good).get(sheet.source.path, ())
    return plugins


def _by_path(plugins: Iterable[DataPlugin]) -> dict[str, list[DataPlugin]]:
    by_path: dict[str, list[DataPlugin]] = {}
    for plugin in plugins:
        by_path.setdefault(plugin.source.path, []).append(plugin)
    return by_path


def broken_results(sheets: Sequence[Sheet]) -> list[LoadResult]:
    """Return a load result for each sheet that can't be read: what it said last stays."""
    results = []
    for sheet in sheets:
        if not sheet.is_readable:
            first = next((str(problem) for problem in sheet.problems if problem.level == "error"), "nothing could be read")
            error = SheetReadError(sheet.source, first)
            results.append(LoadResult(sheet.source.path, "failed", LOAD_FAILURE_KEY, details=LAST_GOOD, error=error))
    return results


class WatchedPaths(NamedTuple):
    """Files and folders that are read, by their real paths; they need not exist."""

    #: Sheets, archives, files that may appear, and each link on the way to any of them.
    files: frozenset[str]
    #: Where a new sheet may appear.
    folders: frozenset[str]
    #: How the names of sheets end, in lower case.
    suffixes: tuple[str, ...]
    #: The folders that were named, and those of the files that were, as they were named: each may become another one.
    roots: frozenset[str] = frozenset()


def watched_paths(origins: Iterable[Any], sheets: Iterable[str], reader: SheetReader) -> WatchedPaths:
    """Return the files and folders from which *origins* read, or would read if they existed.

    :param sheets: the paths of the sheets that were read.
    """
    origins = list(origins)
    loaded = [origin.descriptor for origin in origins if isinstance(origin, PluginOrigin)]
    descriptors = [descriptor for descriptor in loaded if isinstance(descriptor, FileDescriptor)]
    in_folders = [descriptor for descriptor in descriptors if isinstance(descriptor, FolderDescriptor)]
    folders = {os.path.realpath(folder) for descriptor in in_folders for folder in _folders(descriptor, reader)}
    named_folders = [item for descriptor in in_folders for item in _paths(descriptor.items)]
    named = [item for descriptor in descriptors if descriptor not in in_folders for item in _paths(descriptor.on_disk())]
    # A path of which no descriptor could be made may appear.
    named += _paths(origin.description for origin in origins if isinstance(origin, FailedOrigin))
    # A sheet in an archive has the archive's path in its own, and the archive is the file on disk.
    files = {_real_path(_file_at_or_above(path)) for path in (*named, *sheets)}
    for path in (*named_folders, *named, *filter(os.path.islink, sheets)):
        links = list(_links_to(path))
        files.update(links)
        if links:
            files.add(os.path.realpath(path))
    roots = frozenset(map(os.path.abspath, (*named_folders, *map(os.path.dirname, map(os.path.abspath, named)))))
    return WatchedPaths(frozenset(files), frozenset(folders), reader.formats.suffixes, roots)


def _links_to(path: str) -> Iterator[str]:
    """Yield each link on the way to a path, by its real path: those of the path itself, and those that they lead to."""
    # Loaded here: only who watches needs it.
    from ways.sources.ownership import steps_to

    try:
        yield from (step for step, is_link in steps_to(path) if is_link)
    except OSError:
        # Too many lead from one to another. Those before are watched.
        return


def _folders(descriptor: FolderDescriptor, reader: SheetReader) -> Iterator[str]:
    for folder in _paths(descriptor.items):
        yield folder
        if descriptor.info_of(folder, reader).is_recursive:
            # Of a folder with too many files nothing is read.
            try:
                yield from (base for base, _ in folders_below(folder, reader.limits))
            except SourceLimitError:
                continue


def _paths(items: Iterable[Any]) -> Iterator[str]:
    """Yield those of *items* that are paths, and no encoded addresses."""
    return (os.fspath(item) for item in items if isinstance(item, (str, os.PathLike)) and "=" not in os.fspath(item))


def _file_at_or_above(path: str) -> str:
    """Return *path*; if there is nothing at it, but a file above it, that file."""
    above = path
    while not os.path.lexists(above) and os.path.dirname(above) != above:
        above = os.path.dirname(above)
    return above if os.path.isfile(above) else path


def _real_path(path: str) -> str:
    # Of a link itself only the folder is resolved: a change to the link is a change in that folder.
    path = os.path.abspath(path)
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
