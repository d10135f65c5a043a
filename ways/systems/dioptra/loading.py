"""The code of plugins: read from where it was described, and imported under a name that has its digest."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib import abc, import_module, machinery
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from ways.api import Context, Session
from ways.errors import WaysError
from ways.sheets.files import path_in, place_in
from ways.systems.dioptra.failures import CodeLine, PluginCodeError, reason_of
from ways.systems.dioptra.files.code import METHODS, digest_of
from ways.systems.dioptra.stand_in import dioptra_modules, registered_task
from ways.usercode import Failed, call, call_without_exit

#: Characters of the digest that the name of a module has.
_SHORT = 16
_INTERFACE = "ArtifactTaskInterface"


class PluginCode(NamedTuple):
    """The Python files of a plugin. It can be pickled, and is a package of an engine."""

    plugin: str
    #: The name of the package that they are imported as; it has the digest, unless it is the plugin's own.
    name: str
    digest: str
    #: By path below the plugin's folder.
    files: Mapping[str, bytes]
    #: Where each file is, as tracebacks and messages have it.
    paths: Mapping[str, str]

    def install(self) -> None:
        """Let this process import the plugin; nothing is imported yet."""
        _finder.add(self)

    def path_of(self, id: str) -> str:
        """Return where the file is that the task with this id is in; that of the first file, if there is no such file."""
        place = "/".join(id.split(".")[1:-1])
        known = [self.paths[name] for name in _files_of(place) if name in self.paths]
        return known[0] if known else next(iter(self.paths.values()), self.plugin)


class TaskRef(NamedTuple):
    """A task by the package that its code is imported as, and its id. It can be pickled; the code is not in it."""

    package: str
    id: str
    is_artifact: bool = False

    def load(self) -> Any:
        """Return the function, or the class of an artifact task; its code must be installed.

        :raises PluginCodeError: there is none, its code can't be imported, or it is no task.
        """
        code = _finder.code_of(self.package)
        parts = self.id.split(".")
        module = call(call_without_exit, import_module, ".".join([self.package, *parts[1:-1]]))
        if isinstance(module, Failed):
            raise _import_failure(code, self.id, module.error) from module.error
        task = call(call_without_exit, getattr, module, parts[-1], None)
        if isinstance(task, Failed):
            raise _import_failure(code, self.id, task.error) from task.error
        what = "class" if self.is_artifact else "function"
        path = code.path_of(self.id)
        if task is None:
            raise PluginCodeError(code.plugin, path, 1, f"it has no {what} {parts[-1]!r}", missing=parts[-1])
        if self.is_artifact:
            _check_artifact_task(task, code, path)
            return task
        registered = registered_task(module.__name__, parts[-1])
        if registered is None:
            line = getattr(getattr(task, "__code__", None), "co_firstlineno", 1)
            raise PluginCodeError(code.plugin, path, line, f"{parts[-1]!r} is no task: give it the decorator pyplugs.register")
        return registered

    def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call the task, or what calls it. What it raises gets a note of the line of the plugin that raised it."""
        process = os.getpid()
        value = call(call_without_exit, lambda: function(*arguments, **named))
        if os.getpid() != process:
            # The code forked, and this is the child: the run is its parent's.
            os._exit(isinstance(value, Failed))
        if isinstance(value, Failed):
            if line := _line_of(value.error, _finder.code_of(self.package)):
                # An exception may be made so that it takes no note.
                call(value.error.add_note, CodeLine(f"{line[0]}:{line[1]}"))
            raise value.error
        return value


def _line_of(error: BaseException, code: PluginCode) -> tuple[str, int] | None:
    """Return the file and the line of a plugin that raised an exception, the innermost one; ``None`` if it has none."""
    cause = error.__cause__
    # What would have ended the program is the cause of what is raised in its place.
    raised = error if cause is None or isinstance(cause, Exception) else cause
    found = None
    for frame, line in traceback.walk_tb(raised.__traceback__):
        name = str(frame.f_globals.get("__name__", ""))
        if name == code.name or name.startswith(f"{code.name}."):
            # Not the name of the file: the same code may have been read from another folder before.
            place = name[len(code.name) + 1 :].replace(".", "/")
            path = next((code.paths[file] for file in _files_of(place) if file in code.paths), frame.f_code.co_filename)
            found = path, line
    return found


def _files_of(place: str) -> tuple[str, ...]:
    """Return the files that a module at a place below its plugin may be, the likeliest first."""
    return (f"{place}.py", f"{place}/__init__.py", "__init__.py")


def _check_artifact_task(task: Any, code: PluginCode, path: str) -> None:
    """Check that a class has everything that an artifact task has.

    :raises PluginCodeError: it hasn't.
    """
    bases = [base for base in getattr(task, "__mro__", ()) if base.__name__ == _INTERFACE]
    name = getattr(task, "__name__", str(task))
    if not bases or task in bases:
        raise PluginCodeError(code.plugin, path, 1, f"{name!r} is no artifact task: its base must be {_INTERFACE}")
    missing = [method for method in METHODS if getattr(task, method) is getattr(bases[0], method, None)]
    if missing:
        raise PluginCodeError(code.plugin, path, 1, f"the artifact task {name!r} has no {missing[0]!r}", missing=missing[0])


def _import_failure(code: PluginCode, id: str, error: Exception) -> PluginCodeError:
    """Return why a plugin can't be imported, with the line of its own files that failed."""
    own = set(code.paths.values())
    path, line = _line_of(error, code) or (code.path_of(id), 1)
    if isinstance(error, SyntaxError) and error.filename in own:
        path, line = error.filename or path, error.lineno or 1
    missing = error.name or "" if isinstance(error, ImportError) else ""
    own_name = missing.removeprefix(f"{code.name}.")
    if own_name != missing or missing == code.name:
        return PluginCodeError(code.plugin, path, line, f"it has no module {own_name!r}", missing=own_name)
    if isinstance(error, ModuleNotFoundError):
        plugins = {item.plugin for item in _finder.codes()}
        advice = "use plain=True (--plain), as it is a plugin" if missing.partition(".")[0] in plugins else "install it"
        return PluginCodeError(code.plugin, path, line, f"it imports {missing!r}, which isn't here: {advice}", missing=missing)
    reason = str(error) if isinstance(error, ImportError) else reason_of(error)
    return PluginCodeError(code.plugin, path, line, reason, missing=missing)


def read_code(session: Session, context: Context, *, plain: bool = False) -> PluginCode:
    """Return the Python files of a plugin, read anew from the folder, archive or commit that its resource file was read from.

    :param context: that of the plugin.
    :param plain: whether it is imported by its own name, so that plugins can import each other, but no two versions of it.
    :raises PluginCodeError: the files can't be read, or aren't those that were described.
    """
    data = context.data
    plugin = str(data.get("name", context.hierarchy[-1]))
    digest = str(data.get("digest") or "")
    record = next((item for item in reversed(context.records) if "digest" in item.data), None)
    if record is None or not digest:
        raise PluginCodeError(plugin, str(context.records[-1].source.path), 0, "its Python files are not known")
    source = record.source.path
    files = call(session.files_of, source)
    if isinstance(files, Failed) or files is None:
        reason = "this session did not read it" if files is None else str(files)
        raise PluginCodeError(plugin, source, record.source.line, f"its Python files can't be read: {reason}")
    folder = "/".join([*place_in(files, source).split("/")[:-1], str(data.get("path", ""))])
    content: dict[str, bytes] = {}
    paths: dict[str, str] = {}
    for name in data.get("files", ()):
        paths[name] = path_in(files, f"{folder}/{name}")
        try:
            content[name] = files.read("/".join(part for part in f"{folder}/{name}".split("/") if part not in ("", ".")))
        except OSError as error:
            raise PluginCodeError(plugin, paths[name], 0, f"changed since it was described: {error.strerror}; {_REFRESH}") from error
    if f"sha256:{digest_of(content)}" != digest:
        where = paths[next(iter(paths))] if len(paths) == 1 else path_in(files, folder)
        raise PluginCodeError(plugin, where, 0, f"changed since it was described; {_REFRESH}")
    # Two packages of one name would be one: the name tells apart what a digest does, and a plugin of two names.
    name = plugin if plain else f"_dioptra_{plugin}_{digest.partition(':')[2][:_SHORT]}"
    if plain:
        _check_plain_name(plugin)
    return PluginCode(plugin, name, digest, content, paths)


def _check_plain_name(plugin: str) -> None:
    """Check that no other module has the name of a plugin.

    :raises PluginCodeError: one has.
    """
    other = machinery.PathFinder.find_spec(plugin)
    where = other.origin if other is not None else None
    if where or plugin in sys.stdlib_module_names:
        raise PluginCodeError(plugin, where or plugin, 0, "plain=True (--plain) would hide this module; rename the plugin's folder")


_REFRESH = "call session.refresh(), or start anew"


class UnknownPackageError(WaysError, LookupError):
    """The code of a task was not installed in this process."""


class _PluginFinder(abc.MetaPathFinder):
    """Finds the modules of plugins whose code was installed, and no others."""

    def __init__(self) -> None:
        self._codes: dict[str, PluginCode] = {}
        self._lock = threading.Lock()

    def add(self, code: PluginCode) -> None:
        """Find the modules of a plugin from now on. Those of another one that has the name are forgotten."""
        with self._lock:
            known = self._codes.get(code.name)
            if known is not None and known.digest != code.digest:
                for name in [name for name in sys.modules if name == code.name or name.startswith(f"{code.name}.")]:
                    del sys.modules[name]
            self._codes = {**self._codes, code.name: code}
            if self not in sys.meta_path:
                sys.meta_path.insert(0, self)

    def codes(self) -> Sequence[PluginCode]:
        """Return what was installed."""
        return list(self._codes.values())

    def code_of(self, name: str) -> PluginCode:
        """Return what was installed under a name.

        :raises UnknownPackageError: nothing.
        """
        if name not in self._codes:
            raise UnknownPackageError(f"The code of {name!r} is not installed in this process.")
        return self._codes[name]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> machinery.ModuleSpec | None:
        """Return how a module of a plugin is loaded; ``None`` for every other module."""
        top, _, below = fullname.partition(".")
        code = self._codes.get(top)
        if code is None:
            return None
        place = below.replace(".", "/")
        inside = f"{place}/__init__.py" if place else "__init__.py"
        is_package = inside in code.files or not place or any(name.startswith(f"{place}/") for name in code.files)
        name = inside if is_package else f"{place}.py"
        if not is_package and name not in code.files:
            return None
        spec = machinery.ModuleSpec(fullname, _PluginLoader(code, name), origin=code.paths.get(name), is_package=is_package)
        spec.has_location = name in code.files
        return spec


class _PluginLoader(abc.InspectLoader):
    """Runs one file of a plugin; none for a folder without ``__init__.py``."""

    def __init__(self, code: PluginCode, name: str) -> None:
        self._code = code
        self._name = name

    def is_package(self, fullname: str) -> bool:
        """Whether it is a folder."""
        return self._name.endswith("__init__.py")

    def get_source(self, fullname: str) -> str:
        """Return the text of the file; tracebacks show its lines."""
        return self._code.files.get(self._name, b"").decode("utf-8-sig", "replace")

    def get_code(self, fullname: str) -> CodeType:
        """Return what the file is compiled to."""
        data = self._code.files.get(self._name, b"")
        code: CodeType = compile(data, self._code.paths.get(self._name, fullname), "exec", dont_inherit=True)
        return code

    def exec_module(self, module: ModuleType) -> None:
        """Run the file, with Dioptra's modules at hand."""
        with dioptra_modules():
            exec(self.get_code(module.__name__), module.__dict__)


_finder = _PluginFinder()
