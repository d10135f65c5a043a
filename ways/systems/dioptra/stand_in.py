"""The modules of Dioptra that plugins import, for a process without Dioptra: there while a plugin's file is run, and gone after."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import machinery
from types import ModuleType
from typing import Any, NoReturn

from ways.usercode import Failed, call

#: The top of Dioptra's own package. On PyPI another company has a package of that name.
_TOP = "dioptra"
#: The tasks that plugins registered with the stand-in, by module and name; the last one of a name counts.
_registered: dict[tuple[str, str], Any] = {}
_lock = threading.Lock()
#: How many files are being run, and what stood in ``sys.modules`` before the first of them.
_count = 0
_before: dict[str, ModuleType] = {}


def register(function: Any = None, *, sort_value: int = 0) -> Any:
    """Register a task, and return it unchanged; a decorator with or without parentheses."""
    if function is None:
        return _register
    return _register(function)


def _register(function: Any) -> Any:
    _registered[function.__module__, function.__name__] = function
    return function


class ArtifactTaskInterface:
    """The base of artifact tasks, which are never instantiated."""

    @staticmethod
    def serialize(*args: Any, **kwargs: Any) -> Any:
        """Write an artifact, and return its path."""
        raise NotImplementedError

    @staticmethod
    def deserialize(*args: Any, **kwargs: Any) -> Any:
        """Return what was written."""
        raise NotImplementedError

    @staticmethod
    def validation() -> Any:
        """Return what the arguments of ``serialize`` may be."""
        raise NotImplementedError


def get_authenticated_worker_client(*args: Any, **kwargs: Any) -> NoReturn:
    """Raise an error: there is no Dioptra server."""
    raise RuntimeError("There is no Dioptra server here: the task runs without one.")


def registered_task(module: str, name: str) -> Any:
    """Return the task that a module registered under a name, with the stand-in or with Dioptra itself; ``None`` for none.

    It need not be what the module has under that name: another decorator may have made something else of it.
    """
    if (module, name) in _registered:
        return _registered[module, name]
    real = sys.modules.get(f"{_TOP}.pyplugs")
    package, _, plugin = module.rpartition(".")
    # It raises where a module registers nothing of that name.
    task = None if real is None else call(real.get, package, plugin, name)
    return None if isinstance(task, Failed) else task


def is_dioptra_installed() -> bool:
    """Whether Dioptra itself can be imported here. Nothing is imported to find out."""
    loaded = sys.modules.get(f"{_TOP}.pyplugs")
    if loaded is not None and loaded.__dict__.get("register") is not register:
        return True
    spec = machinery.PathFinder.find_spec(_TOP)
    places = None if spec is None else spec.submodule_search_locations
    return places is not None and machinery.PathFinder.find_spec(f"{_TOP}.pyplugs", places) is not None


def _modules() -> Iterator[ModuleType]:
    """Yield the modules of the stand-in, those that hold others first."""
    parts: dict[str, dict[str, Callable[..., Any]]] = {
        "": {},
        ".pyplugs": {"register": register},
        ".sdk": {},
        ".sdk.api": {},
        ".sdk.api.artifact": {"ArtifactTaskInterface": ArtifactTaskInterface},
        ".sdk.utilities": {},
        ".sdk.utilities.auth_client": {"get_authenticated_worker_client": get_authenticated_worker_client},
    }
    made: dict[str, ModuleType] = {}
    for below, names in parts.items():
        name = f"{_TOP}{below}"
        module = made[below] = ModuleType(name, "A stand-in for a module of Dioptra.")
        module.__spec__ = machinery.ModuleSpec(name, None, is_package=not names)
        if not names:
            module.__path__ = []
        module.__dict__.update(names)
        above, dot, last = below.rpartition(".")
        if dot:
            setattr(made[above], last, module)
        yield module


@contextmanager
def dioptra_modules() -> Iterator[None]:
    """Let Dioptra's modules be imported in this block, where Dioptra itself can't be."""
    if is_dioptra_installed():
        yield
        return
    global _count
    with _lock:
        _count += 1
        if _count == 1:
            _before.update(_taken_away())
            sys.modules.update({module.__name__: module for module in _modules()})
    try:
        yield
    finally:
        with _lock:
            _count -= 1
            if not _count:
                _taken_away()
                sys.modules.update(_before)
                _before.clear()


def _taken_away() -> dict[str, ModuleType]:
    """Take all modules of that name out of ``sys.modules``, and return them."""
    names = [name for name in sys.modules if name == _TOP or name.startswith(f"{_TOP}.")]
    return {name: sys.modules.pop(name) for name in names}
