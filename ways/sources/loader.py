"""Loader: what a session has loaded, from where, and how it is loaded again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from ways.errors import DuplicatePluginError, SheetErrors, SheetSchemaError
from ways.usercode import Failed, call
from ways.lightweight import CollectorPause, Lock
from ways.logs import ERROR, INFO, LOADING, log
from ways.limits import DEFAULT_LIMITS
from ways.sources.descriptors import DescriptorError, FileDescriptor, FolderDescriptor, made
from ways.sources.last_good import broken_results, gone, with_last_good, with_unlisted
from ways.sources.load import NOTHING, Loading
from ways.plugins.plugin import DataPlugin
from ways.plugins.precheck import validated
from ways.plugins.relative import make_absolute
from ways.registry import Registry
from ways.settings import (
    DEFAULT_ASSIGNMENT,
    DESCRIPTORS_ENV_VAR,
    PLUGINS_ENV_VAR,
    Environ,
    cache_folder,
    cache_mode,
    split_paths,
)
from ways.sheets import schema
from ways.sheets.document import (
    LOAD_FAILURE_KEY,
    NOT_CALLABLE_KEY,
    RESOLUTION_FAILURE_KEY,
    Draft,
    LoadResult,
    PluginRecord,
    Problem,
    Sheet,
    Source,
    pointer_text,
)
from ways.sheets.reader import SheetReader
from ways.sheets.store.store import OFF, Store, release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Any, NamedTuple

    from ways.sources.watched import Places
else:
    from ways.lightweight import NamedTuple


class Told(NamedTuple):
    """What was read so far, and what is wrong with it. Never changes: who asks sees one moment."""

    #: The sheets that were read, by path, in order.
    sheets: Mapping[str, Sheet] = {}
    #: Everything that is wrong with what was loaded, in order.
    problems: tuple[Problem, ...] = ()
    #: One record for each sheet that a refresh could not read.
    broken: tuple[LoadResult, ...] = ()

    def with_more(self, sheets: Iterable[Sheet], problems: Iterable[Problem]) -> Told:
        """Return this with some more."""
        return Told({**self.sheets, **{sheet.source.path: sheet for sheet in sheets}}, (*self.problems, *problems), self.broken)


class Loader:
    """Fills a registry from descriptors, plugin files and Python objects, and tells how that went.

    :param overrides: values that stand in for WAYS_* variables.
    :param active: makes the session the current one while foreign code runs: what that defines is the session's.
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
        #: Put in the place of the one before as a whole.
        self.told = Told()
        #: Whether what the environment names was loaded, or is not to be.
        self.is_loaded = True
        self._overrides = overrides
        self._active = active
        #: Where plugins come from, in order: descriptors, failed descriptions, and plugins registered from Python.
        self._origins: list[Any] = []
        #: Descriptors that were added but not loaded yet.
        self._waiting: list[Any] = []
        #: What each descriptor gave last, for one that fails on refresh.
        self._given: dict[int, Loading] = {}
        self._is_loading = False
        self._store: Store | None = None

    @property
    def sheets(self) -> Mapping[str, Sheet]:
        """The sheets that were read, by path, in order."""
        return self.told.sheets

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with what was loaded, in order."""
        return self.told.problems

    def end(self) -> None:
        """Let nothing come back by itself. A file that does so while it is loaded doesn't end the loading."""
        self.is_loaded = not self._is_loading

    def forget(self) -> None:
        """Forget every origin, sheet, problem and result; the registry is another's to clear."""
        self.descriptor_results.clear()
        self.plugin_results.clear()
        self._origins.clear()
        self._waiting.clear()
        self._given.clear()
        self.told = Told()

    def load_once(self) -> None:
        """Load what the environment names, if that is still to be done; other threads wait meanwhile."""
        if self.is_loaded:
            return
        with self.lock:
            # The thread that loads may call in again, through a file it runs: it sees what there is so far.
            if not self.is_loaded and not self._is_loading:
                self._is_loading = True
                try:
                    # Current before its files run: what they call is this session, half loaded.
                    with self._active():
                        self._load_environment()
                finally:
                    self._is_loading = False
                    self.is_loaded = True

    def add_search_path(self, description: Any, update: bool = True, *, trust: bool | None = None) -> Any:
        """Load what *description* stands for, and return what gives it. See :meth:`Session.add_search_path`."""
        self.load_once()
        giver, errors = self._add(description, update=update, trust=trust)
        if errors:
            raise errors[0]
        return giver

    def add_plugins(self, plugins: Mapping[str, Mapping[str, Any]]) -> None:
        """Register plugins given as a sheet gives them. See :meth:`Session.add_plugins`."""
        self.load_once()
        source = Source("<python>", "python")
        records, problems = schema.check(Draft({"plugins": plugins}), source)
        readable: list[PluginRecord] = []
        for record in records:
            usable, faults = validated(record)
            problems = (*problems, *faults)
            readable += (usable,) if usable is not None else ()
        if wrong := [_error_of(problem) for problem in problems if problem.level == "error"]:
            raise wrong[0] if len(wrong) == 1 else SheetErrors(wrong)
        self.register(plugin for record in readable for plugin in make_absolute(record))

    def add_plugin(self, plugin: Any, assignment: str = "") -> None:
        """Register an object with ``get_hierarchy()``, or a class of such. See :meth:`Session.add_plugin`."""
        self.load_once()
        author = plugin() if isinstance(plugin, type) else plugin
        own = getattr(author, "get_assignment", None)
        layer = assignment or (own() if callable(own) else "") or DEFAULT_ASSIGNMENT
        self.register([DataPlugin.from_object(author, layer)])

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
            # What lies beyond the limits is no part of what a sheet becomes.
            self._store = Store(folder, release() if limits == DEFAULT_LIMITS else f"{release()} {tuple(limits)}", mode)
        return self._store

    def _cache_mode(self) -> str:
        return cache_mode(Environ(self._overrides))

    def _run(self, path: str, *, may_exit: bool = True) -> None:
        from ways.sources.plugin_files import plugin_files, run_plugin_file

        # Current while its files run: the classes that they define are this session's.
        with self.lock, self._active():
            for file in plugin_files(path):
                result = run_plugin_file(file, may_exit=may_exit)
                self.plugin_results.append(result)
                if not result.is_success:
                    log(LOADING, ERROR, "%s: %s: %s", file, result.reason, result.error)

    def register(self, plugins: Iterable[DataPlugin]) -> None:
        """Register plugins made in Python; a refresh asks them anew.

        :raises DuplicatePluginError: one has the uuid of another.
        """
        with self.lock:
            before = len(self.registry.now.plugins)
            refused = self.registry.add_many(plugins)
            self._origins += self.registry.now.plugins[before:]
        if refused:
            raise refused[0]

    def places(self) -> Places:
        """Return the files and folders that have a say, as they are now."""
        from ways.sources.watched import places_of

        with self.lock:
            origins = list(self._origins)
        unresolved = [origin.description for origin in origins if isinstance(origin, _Unresolved)]
        return places_of(origins, unresolved, self.sheets, suffixes=self.reader.formats.suffixes)

    def is_stale(self) -> bool:
        """Whether a sheet changed, came or went since it was read, as far as the stamps of files tell."""
        with self.lock:
            descriptors = [origin for origin in self._origins if isinstance(origin, FileDescriptor)]
            if any(path not in self.sheets for descriptor in descriptors for path in descriptor.paths()):
                return True
            return self.reader.is_stale(self.sheets)

    def adopt(self, loading: Loading) -> None:
        """Take what was loaded elsewhere in the place of all there is; a refresh leaves it as it is."""
        with self.lock:
            self._origins = [loading]
            self.registry.replace_all(loading.plugins)
            self.told = Told().with_more(loading.sheets, loading.problems)

    def refresh(self) -> None:
        """Read everything again. See :meth:`Session.refresh`."""
        self.load_once()
        with self.lock, self._active(), CollectorPause(stays=True):
            self.reader.store = self.store()
            known = set(self.problems)
            self._waiting.clear()
            fresh: list[DataPlugin] = []
            sheets: list[Sheet] = []
            problems: list[Problem] = []
            for index, origin in enumerate(self._origins):
                if isinstance(origin, _Unresolved):
                    origin = self._origins[index] = self._tried_again(origin)
                found = self._fresh(origin)
                fresh += found.plugins if found is origin else with_last_good(found, self.registry.now.plugins)
                sheets += found.sheets
                problems += found.problems
            problems += map(_clash, self.registry.replace_all(fresh))
            self.told = Told(broken=tuple(broken_results(sheets))).with_more(sheets, problems)
            _log_problems(problem for problem in self.problems if problem not in known)

    def _tried_again(self, failed: _Unresolved) -> Any:
        found = self._resolved(failed.description, failed.trust)
        if not isinstance(found, _Unresolved):
            self.descriptor_results.append(_success(failed.description, found))
        return found

    def _fresh(self, origin: Any) -> Loading:
        """Return what an origin gives now."""
        if isinstance(origin, Loading):
            # Of a snapshot: what can't be read was not read there either, and its last good plugins came along.
            return origin
        if isinstance(origin, _Unresolved):
            return NOTHING._replace(problems=(origin.problem,))
        if isinstance(origin, DataPlugin):
            return _asked_anew(origin)
        before = self._given.get(id(origin))
        loading = with_unlisted(self._loading(origin), before)
        if type(origin) in (FileDescriptor, FolderDescriptor):
            loading = loading._replace(problems=(*loading.problems, *gone(origin.items, before)))
        # What can't be listed now may be listed again.
        self._given[id(origin)] = loading
        return loading

    def _load_environment(self) -> None:
        environ = Environ(self._overrides)
        value = environ.get(DESCRIPTORS_ENV_VAR)
        items = default_folders() if value is None else split_paths(value, ())
        for item in items:
            if item.strip():
                giver, errors = self._add(item.strip())
                self.descriptor_results += [_load_failure(item.strip(), giver, error) for error in errors]
        for path in split_paths(environ.get(PLUGINS_ENV_VAR), ()):
            if path.strip():
                self._run(path.strip(), may_exit=False)

    def _add(
        self, description: Any, *, update: bool = True, trust: bool | None = None
    ) -> tuple[Any, list[Exception]]:
        """Load a description. What is wrong with it is recorded, and what an explicit load raises is returned."""
        # Current meanwhile: what a descriptor imports may define plugins and actions.
        with self.lock, self._active(), CollectorPause(stays=True):
            self.reader.store = self.store()
            descriptor = self._resolved(description, trust)
            self._origins.append(descriptor)
            if isinstance(descriptor, _Unresolved):
                self.told = self.told.with_more((), [descriptor.problem])
                self.descriptor_results.append(descriptor.result)
                _log_problems([descriptor.problem])
                return None, []
            self.descriptor_results.append(_success(description, descriptor))
            self._waiting.append(descriptor)
            return _giver(descriptor), self._load_waiting() if update else []

    def _resolved(self, description: Any, trust: bool | None) -> Any:
        """Return the descriptor that *description* stands for, or why there is none."""
        try:
            descriptor = made(description)
        except DescriptorError as error:
            failed = _Unresolved.of(description, trust, RESOLUTION_FAILURE_KEY, error)
        else:
            giver = _giver(descriptor)
            if callable(giver) or isinstance(giver, Iterable):
                if isinstance(descriptor, FileDescriptor) and trust is not None:
                    descriptor.trust = trust
                return descriptor
            wrong = TypeError(f"{giver!r} can't be called, and is no list of plugins")
            failed = _Unresolved.of(description, trust, NOT_CALLABLE_KEY, wrong, descriptor)
        return failed

    def _load_waiting(self) -> list[Exception]:
        """Load the descriptors that were added and not loaded yet; return what an explicit load raises."""
        waiting, self._waiting = self._waiting, []
        loaded = [self._loading(descriptor) for descriptor in waiting]
        refused = self.registry.add_many(_all_plugins(loaded))
        problems = [*(problem for loading in loaded for problem in loading.problems), *map(_clash, refused)]
        self.told = self.told.with_more((sheet for loading in loaded for sheet in loading.sheets), problems)
        _log_problems(problems)
        return [*(error for loading in loaded for error in loading.errors), *refused]

    def _loading(self, descriptor: Any) -> Loading:
        # A descriptor may be foreign code; it costs what it gave, and nothing else.
        loading = call(_given_by, descriptor, self.reader)
        if isinstance(loading, Failed):
            last = self._given.get(id(descriptor), NOTHING)
            return last._replace(problems=(_foreign_problem(descriptor, loading),), errors=(loading.error,))
        self._given[id(descriptor)] = loading
        return loading


def _clash(error: DuplicatePluginError) -> Problem:
    plugin: DataPlugin = error.duplicate  # type: ignore[assignment]
    source = plugin.source_of("uuid")
    return Problem(source, error.message.removeprefix(f"{source}: "), "error", "duplicate-uuid")


def _asked_anew(plugin: DataPlugin) -> Loading:
    """Return what a plugin that was registered from Python says now."""
    # The author's object is foreign code; if it fails, what it said before stays.
    asked = call(DataPlugin.from_object, plugin.original, plugin.assignment)
    if not isinstance(asked, Failed):
        return NOTHING._replace(plugins=(asked,))
    return NOTHING._replace(plugins=(plugin,), problems=(Problem(plugin.source, str(asked), code="plugin"),))


def _all_plugins(loaded: Sequence[Loading]) -> Iterable[DataPlugin]:
    # LazyPlugins are given as they are, so that they can stay lazy.
    return loaded[0].plugins if len(loaded) == 1 else (plugin for loading in loaded for plugin in loading.plugins)


class _Unresolved(NamedTuple):
    """A description that nothing can be made of: what is recorded, and what a refresh needs to try again."""

    description: Any
    trust: bool | None
    result: LoadResult
    problem: Problem

    @classmethod
    def of(
        cls, description: Any, trust: bool | None, reason: str, error: Exception, descriptor: Any = None
    ) -> _Unresolved:
        """Return the record of a failure; *descriptor* is what was made, if anything was."""
        result = LoadResult(description, "failed", reason, traceback=_traceback(error), description=descriptor)
        path = description if isinstance(description, str) else repr(description)
        return cls(description, trust, result, Problem(Source(path), f"nothing can be loaded: {error}", code="descriptor"))


def default_folders() -> list[str]:
    """Return the folders whose sheets are used without WAYS_DESCRIPTORS: the site's, then the user's."""
    return [folder for folder in possible_folders() if os.path.isdir(folder)]


def possible_folders() -> list[str]:
    """Return the folders of :func:`default_folders`, those that are not there too."""
    import platformdirs

    site = platformdirs.site_config_dir("ways", appauthor=False, multipath=True).split(os.pathsep)
    folders = [*reversed(site), platformdirs.user_config_dir("ways", appauthor=False)]
    return list(dict.fromkeys(folders))


def _giver(descriptor: Any) -> Any:
    return getattr(descriptor, "get_plugins", descriptor)


def _given_by(descriptor: Any, reader: SheetReader) -> Loading:
    overrides = type(descriptor).get_plugins if isinstance(descriptor, FileDescriptor) else None
    if isinstance(descriptor, FileDescriptor) and overrides is FileDescriptor.get_plugins:
        return descriptor.load(reader)
    giver = _giver(descriptor)
    # A plugin may be a foreign object; it costs itself, and nothing else.
    asked = [call(_plugin_of, item) for item in (giver() if callable(giver) else giver)]
    failed = [item for item in asked if isinstance(item, Failed)]
    problems = tuple(_foreign_problem(descriptor, item) for item in failed)
    plugins = tuple(item for item in asked if not isinstance(item, Failed))
    return Loading(plugins, (), problems, tuple(item.error for item in failed))


def _foreign_problem(descriptor: Any, failed: Failed) -> Problem:
    return Problem(Source(str(descriptor)), str(failed), code="descriptor")


def _error_of(problem: Problem) -> SheetSchemaError:
    source = problem.source
    told = str(problem).removeprefix(f"{source}: ")
    pointer = pointer_text(source.pointer)
    return SheetSchemaError(source, told, pointer=pointer, expected=problem.expected, found=problem.found)


def _plugin_of(item: Any) -> DataPlugin:
    plugin, assignment = item if isinstance(item, tuple) else (item, DEFAULT_ASSIGNMENT)
    return DataPlugin.from_object(plugin, assignment)


def _success(description: Any, descriptor: Any) -> LoadResult:
    giver = _giver(descriptor)
    return LoadResult(description, "success", "" if callable(giver) else NOT_CALLABLE_KEY, description=giver)


def _load_failure(description: Any, giver: Any, error: Exception) -> LoadResult:
    return LoadResult(description, "failed", LOAD_FAILURE_KEY, "", _traceback(error), error, giver)


def _traceback(error: Exception) -> str:
    import traceback

    return "".join(traceback.format_exception(error))


def _log_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        log(LOADING, ERROR if problem.level == "error" else INFO, "%s", problem)
