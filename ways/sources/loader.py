"""Loader: what a session has loaded, from where, and how it is loaded again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from ways.errors import SheetError, SheetErrors, SheetSchemaError
from ways.lightweight import CollectorPause, Lock
from ways.limits import DEFAULT_LIMITS
from ways.logs import ERROR, INFO, LOADING, log
from ways.plugins.plugin import DataPlugin
from ways.plugins.relative import make_absolute
from ways.registry import Registry
from ways.settings import (
    DEFAULT_ASSIGNMENT,
    DESCRIPTORS_ENV_VAR,
    PLUGINS_ENV_VAR,
    Environ,
    cache_folder,
    cache_mode,
    owners,
    split_paths,
    state_folder,
)
from ways.sheets import schema
from ways.sheets.document import LOAD_FAILURE_KEY, Draft, LoadResult, PluginRecord, Problem, Sheet, Source, pointer_text
from ways.sheets.reader import SheetReader
from ways.sheets.store.store import OFF, Store, release
from ways.sources.clashes import by_files, problem_of
from ways.sources.descriptions import default_folders
from ways.sources.descriptors import FileDescriptor
from ways.sources.load_sheets import NOTHING, LoadedPlugins
from ways.sources.origins import (
    FailedOrigin,
    PluginOrigin,
    WatchedPaths,
    broken_results,
    plugin_of_object,
    reload_plugin,
    resolve_origin,
    traceback_text,
    watched_paths,
    with_last_good,
)
from ways.usercode import call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Any, NamedTuple

    from ways.sheets.formats.base import Files
else:
    from ways.lightweight import NamedTuple


class LoadState(NamedTuple):
    """What was read so far, and what is wrong with it. It never changes: a reader sees one moment."""

    #: The sheets that were read, by path, in order.
    sheets: Mapping[str, Sheet] = {}
    #: Everything that is wrong with what was loaded, in order.
    problems: tuple[Problem, ...] = ()
    #: One record for each sheet that a refresh could not read.
    broken: tuple[LoadResult, ...] = ()

    def with_more(self, sheets: Iterable[Sheet], problems: Iterable[Problem]) -> LoadState:
        """Return this state with further sheets and problems."""
        return LoadState({**self.sheets, **{sheet.source.path: sheet for sheet in sheets}}, (*self.problems, *problems), self.broken)


class Loader:
    """Fills a registry from descriptors, plugin files and Python objects, and records how that went.

    :param overrides: values that stand in for WAYS_* variables.
    :param active: returns a block in which the session is the current one: what foreign code defines in it belongs to it.
    """

    def __init__(
        self,
        registry: Registry,
        reader: SheetReader,
        overrides: Mapping[str, str],
        active: Callable[[], AbstractContextManager[object]],
    ) -> None:
        self.registry = registry
        self.reader = reader
        self.lock = Lock()
        #: One record for each description that was loaded, or that failed to.
        self.descriptor_results: list[LoadResult] = []
        #: One record for each plugin file that was run.
        self.plugin_results: list[LoadResult] = []
        #: What was read, replaced as a whole.
        self.state = LoadState()
        #: Whether what the environment names was loaded, or need not be.
        self.is_loaded = True
        self._overrides = overrides
        self._active = active
        #: Where plugins come from, in order; a DataPlugin for itself, and LoadedPlugins for those of a snapshot.
        self._origins: list[PluginOrigin | FailedOrigin | DataPlugin | LoadedPlugins] = []
        #: Origins that were added but not loaded yet.
        self._waiting: list[PluginOrigin] = []
        self._is_loading = False
        self._store: Store | None = None

    @property
    def sheets(self) -> Mapping[str, Sheet]:
        """The sheets that were read, by path, in order."""
        return self.state.sheets

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with what was loaded, in order."""
        return self.state.problems

    def skip_environment(self) -> None:
        """Never load again what the environment names; a load that is running goes on."""
        self.is_loaded = not self._is_loading

    def forget(self) -> None:
        """Forget every origin, sheet, problem and result. The registry stays as it is."""
        self.descriptor_results.clear()
        self.plugin_results.clear()
        self._origins.clear()
        self._waiting.clear()
        self.state = LoadState()

    def load_once(self) -> None:
        """Load what the environment names, if that was not done yet; other threads wait meanwhile."""
        if self.is_loaded:
            return
        with self.lock:
            # The thread that loads may call this again, through a file that it runs: that sees what was loaded so far.
            if not self.is_loaded and not self._is_loading:
                self._is_loading = True
                try:
                    # The session is the current one while its files run: what they call is this session, half loaded.
                    with self._active():
                        self._load_environment()
                finally:
                    self._is_loading = False
                    self.is_loaded = True

    def add_search_path(self, description: Any, update: bool = True, *, trust: bool | None = None) -> Any:
        """Load what *description* stands for, and return what gives it. See :meth:`Session.add_search_path`."""
        self.load_once()
        provider, errors = self._add(description, update=update, trust=trust)
        if errors:
            raise errors[0]
        return provider

    def add_plugins(self, plugins: Mapping[str, Mapping[str, Any]]) -> None:
        """Register plugins given as a sheet gives them. See :meth:`Session.add_plugins`."""
        from ways.plugins.precheck import check_plugins_of_python, check_records_of_python, too_many_problems, validated
        from ways.regex.budget import Question

        self.load_once()
        source, limits = Source("<python>", "python"), self.reader.limits
        check_plugins_of_python(plugins, source, limits)
        records, problems = schema.check(Draft({"plugins": plugins}), source, limits.problems)
        check_records_of_python(records, source, limits)
        readable: list[PluginRecord] = []
        with Question(limits):
            for record in records:
                usable, faults = validated(record)
                problems = (*problems, *faults)
                readable += (usable,) if usable is not None else ()
        if wrong := [_error_of(problem) for problem in problems if problem.level == "error"]:
            if len(wrong) > limits.problems:
                wrong[limits.problems :] = [too_many_problems(source, limits)]
            raise wrong[0] if len(wrong) == 1 else SheetErrors(wrong)
        self.register(plugin for record in readable for plugin in make_absolute(record))

    def add_plugin(self, plugin: Any, assignment: str = "") -> None:
        """Register an object with ``get_hierarchy()``, or a class of such objects. See :meth:`Session.add_plugin`."""
        self.load_once()
        author = plugin() if isinstance(plugin, type) else plugin
        own = getattr(author, "get_assignment", None)
        layer = assignment or (own() if callable(own) else "") or DEFAULT_ASSIGNMENT
        self.register([plugin_of_object(author, layer, self.reader.limits)])

    def add_plugin_file(self, path: str) -> None:
        """Run a plugin file, or each in a folder; the outcome is recorded."""
        self.load_once()
        self._run(path)

    def store(self) -> Store | None:
        """Return the store of compiled sheets, or ``None`` where WAYS_CACHE says that none is used."""
        return None if self._cache_mode() == OFF else self.any_store()

    def any_store(self) -> Store:
        """Return the store of compiled sheets, used or not; the same as long as the environment says the same."""
        mode = self._cache_mode()
        folder = os.path.join(cache_folder(Environ(self._overrides)), "sheets")
        if self._store is None or (self._store.folder, self._store.mode) != (folder, mode):
            limits = self.reader.limits
            # What is beyond the limits is left out of an entry, so other limits have other entries.
            made_by = release() if limits == DEFAULT_LIMITS else f"{release()} {tuple(limits)}"
            self._store = Store(folder, made_by, mode, state_folder(Environ(self._overrides)))
        return self._store

    def _prepare_reader(self) -> None:
        """Let the reader go by what the environment says now."""
        self.reader.store = self.store()
        self.reader.owners = owners(Environ(self._overrides))

    def _cache_mode(self) -> str:
        return cache_mode(Environ(self._overrides))

    def _run(self, path: str, *, may_exit: bool = True) -> None:
        from ways.sources.plugin_files import plugin_files, run_plugin_file

        # The session is the current one while its files run: the classes that they define belong to it.
        with self.lock, self._active():
            for file in plugin_files(path):
                result = run_plugin_file(file, may_exit=may_exit)
                self.plugin_results.append(result)
                if not result.is_success:
                    log(LOADING, ERROR, "%s: %s: %s", file, result.reason, result.error)

    def register(self, plugins: Iterable[DataPlugin]) -> None:
        """Register plugins made in Python; a refresh asks their authors' objects again.

        :raises DuplicatePluginError: one has the uuid of another.
        """
        with self.lock:
            before = len(self.registry.now.registered)
            refused = self.registry.add_many(plugins)
            self._origins += self.registry.now.registered[before:]
        if refused:
            raise refused[0]

    def files_of(self, path: str) -> Files | None:
        """Return the files among which the sheet at *path* was found; ``None`` if no descriptor of sheets read it here."""
        self.load_once()
        with self.lock:
            for origin in reversed(self._origins):
                if isinstance(origin, PluginOrigin) and isinstance(origin.descriptor, FileDescriptor) and origin.has_sheet(path):
                    return origin.descriptor.files(path)
        return None

    def places(self) -> WatchedPaths:
        """Return the files and folders that are read, as they are now."""
        with self.lock:
            return watched_paths(self._origins, self.sheets, self.reader)

    def is_stale(self) -> bool:
        """Whether a sheet changed, appeared, was deleted or is left out since it was read, as far as the stamps of files show."""
        with self.lock:
            for origin in self._origins:
                if isinstance(origin, PluginOrigin) and isinstance(origin.descriptor, FileDescriptor):
                    # One that can't be looked at says nothing of the others.
                    if call(origin.descriptor.differs, self.sheets, self.reader) is True:
                        return True
            return self.reader.is_stale(self.sheets)

    def adopt(self, loaded: LoadedPlugins) -> None:
        """Replace everything by what was loaded elsewhere; a refresh leaves that as it is."""
        with self.lock:
            self._origins = [loaded]
            if self.registry.now.plugins:
                self.registry.replace_all(loaded.plugins)
            else:
                # Plugins that are made at need are still made at need.
                self.registry.add_many(loaded.plugins)
            self.state = LoadState().with_more(loaded.sheets, loaded.problems)

    def refresh(self) -> None:
        """Read everything again. See :meth:`Session.refresh`."""
        self.load_once()
        with self.lock, self._active(), CollectorPause():
            self._prepare_reader()
            known = set(self.problems)
            self._waiting.clear()
            fresh: list[DataPlugin] = []
            sheets: list[Sheet] = []
            problems: list[Problem] = []
            for index, origin in enumerate(self._origins):
                if isinstance(origin, FailedOrigin):
                    description = origin.description
                    origin = self._origins[index] = resolve_origin(description, origin.trust)
                    if isinstance(origin, PluginOrigin):
                        self.descriptor_results.append(origin.success_result(description))
                loaded = self._reloaded(origin)
                fresh += loaded.plugins if loaded is origin else with_last_good(loaded, self.registry.now.registered)
                sheets += loaded.sheets
                problems += loaded.problems
            problems += map(problem_of, by_files(self.registry.replace_all(fresh), self.reader.formats))
            self.state = LoadState(broken=tuple(broken_results(sheets))).with_more(sheets, problems)
            self.reader.forget_gone(self.state.sheets)
            _log_problems(problem for problem in self.problems if problem not in known)

    def _reloaded(self, origin: PluginOrigin | FailedOrigin | DataPlugin | LoadedPlugins) -> LoadedPlugins:
        """Return what an origin gives now."""
        if isinstance(origin, PluginOrigin):
            return origin.reload(self.reader)
        if isinstance(origin, FailedOrigin):
            return NOTHING._replace(problems=(origin.problem,))
        if isinstance(origin, DataPlugin):
            return reload_plugin(origin, self.reader.limits)
        # The plugins of a snapshot are never read again.
        return origin

    def _load_environment(self) -> None:
        environ = Environ(self._overrides)
        value = environ.get(DESCRIPTORS_ENV_VAR)
        items = default_folders() if value is None else split_paths(value, ())
        for item in filter(None, map(str.strip, items)):
            provider, errors = self._add(item, is_searched=value is None)
            self.descriptor_results += [
                LoadResult(item, "failed", LOAD_FAILURE_KEY, "", traceback_text(error), error, provider) for error in errors
            ]
        for path in filter(None, map(str.strip, split_paths(environ.get(PLUGINS_ENV_VAR), ()))):
            self._run(path, may_exit=False)

    def _add(
        self, description: Any, *, update: bool = True, trust: bool | None = None, is_searched: bool = False
    ) -> tuple[Any, list[Exception]]:
        """Load a description; return what gives its plugins, and what an explicit load raises.

        :param is_searched: whether nobody named it: it is a configuration folder.
        """
        # The session is the current one meanwhile: what a descriptor imports may define plugins and actions.
        with self.lock, self._active(), CollectorPause():
            self._prepare_reader()
            origin = resolve_origin(description, trust)
            if is_searched and isinstance(origin, PluginOrigin):
                origin.descriptor.is_searched = True
            self._origins.append(origin)
            if isinstance(origin, FailedOrigin):
                self.state = self.state.with_more((), [origin.problem])
                self.descriptor_results.append(origin.result)
                _log_problems([origin.problem])
                return None, []
            self.descriptor_results.append(origin.success_result(description))
            self._waiting.append(origin)
            if not update:
                return origin.provider, []
            waiting, self._waiting = self._waiting, []
            loaded = [item.load(self.reader) for item in waiting]
            # Plugins that are made at need are given as they are, so that they are still made at need.
            plugins = loaded[0].plugins if len(loaded) == 1 else (plugin for item in loaded for plugin in item.plugins)
            refused = by_files(self.registry.add_many(plugins), self.reader.formats)
            problems = [*(problem for item in loaded for problem in item.problems), *map(problem_of, refused)]
            self.state = self.state.with_more((sheet for item in loaded for sheet in item.sheets), problems)
            _log_problems(problems)
            return origin.provider, [*(error for item in loaded for error in item.errors), *refused]


def _error_of(problem: Problem) -> SheetError:
    source = problem.source
    message = str(problem).removeprefix(f"{source}: ")
    pointer = pointer_text(source.pointer)
    return SheetSchemaError(source, message, pointer=pointer, expected=problem.expected, found=problem.found)


def _log_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        log(LOADING, ERROR if problem.level == "error" else INFO, "%s", problem)
