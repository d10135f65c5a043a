"""Loading: Python plugins imported in the order of what they depend on, and native ones refused."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from sys import modules
from typing import Any

from ways.usercode import Failed, call, call_without_exit
from ways.systems.shared import Fault
from ways.systems.usd.errors import NotLoadableError, PlugError, fault
from ways.systems.usd.plugins import Plugin
from ways.systems.usd.types import Type, TypeGraph


class PluginLoad:
    """One load of a plugin and of all that it depends on; dependencies first, each once.

    :param owner_of: returns the plugin that owns a type, if any does.
    """

    def __init__(self, types: TypeGraph, owner_of: Callable[[Type], Plugin | None]) -> None:
        self._types = types
        self._owner_of = owner_of
        self._seen: set[str] = set()
        self.cause: BaseException | None = None

    def load(self, plugin: Plugin) -> list[Fault]:
        """Load *plugin*; return what failed, the cause first and then each plugin that needed it."""
        if plugin.isLoaded:
            return []
        self._seen.add(plugin.name)
        path = [(plugin, "", self._needed(plugin))]
        while path:
            here, _, needed = path[-1]
            step = next(needed, None)
            if isinstance(step, Fault):
                return [step, *_outwards([type for _, type, _ in path])]
            if step is None:
                failed = self._run(here)
                if failed is not None:
                    return [failed, *_outwards([type for _, type, _ in path])]
                path.pop()
                continue
            type, other = step
            if other.isLoaded:
                continue
            if other.name in self._seen:
                return [_circle_fault(other, here, [item for item, _, _ in path]), *_outwards([*(name for _, name, _ in path), type])]
            self._seen.add(other.name)
            path.append((other, type, self._needed(other)))
        return []

    def _needed(self, plugin: Plugin) -> Iterator[tuple[str, Plugin] | Fault]:
        """Yield each type that *plugin* depends on, with its plugin; or what is wrong with it."""
        written = plugin.entry.info.get("PluginDependencies")
        for base, names in written.items() if isinstance(written, dict) else ():
            where = plugin.entry.at("Info", "PluginDependencies", base)
            if not self._types.find(base):
                yield fault("dep-unknown-base", f"{plugin.name!r} depends on types below {base!r}, which isn't known", where, type=base)
            elif not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                yield fault("dep-list-wrong-type", f"{plugin.name!r}: expected a list of the names of types", where)
            else:
                yield from (self._dependency(plugin, base, index, name) for index, name in enumerate(names))

    def _dependency(self, plugin: Plugin, base: str, index: int, name: str) -> tuple[str, Plugin] | Fault:
        where = plugin.entry.at("Info", "PluginDependencies", base, index)
        type = self._types.find(name)
        if not type:
            return fault("dep-unknown-type", f"{plugin.name!r} depends on the type {name!r}, which isn't known", where, type=name)
        owner = self._owner_of(type)
        if owner is None:
            return fault("dep-no-plugin", f"{plugin.name!r} depends on the type {name!r}, which no plugin has", where, type=name)
        return name, owner

    def _run(self, plugin: Plugin) -> Fault | None:
        """Load the plugin itself; return what went wrong."""
        source, name = plugin.entry.source, plugin.name
        if plugin.entry.kind == "library" and plugin.path:
            message = f"{name!r} is a native library, {plugin.path!r}: that needs the program which it was built for"
            return fault("library-load-failed", message, source, plugin=name)
        if plugin.isPythonModule:
            if not all(part.isidentifier() for part in name.split(".")):
                message = f"{name!r} is no name of a module: nothing is imported"
                return fault("python-import-failed", message, source, plugin=name)
            # A module may have been written a moment ago.
            importlib.invalidate_caches()
            # It is the plugin's own code.
            module = call(call_without_exit, importlib.import_module, name)
            if isinstance(module, Failed):
                self.cause = module.error
                message = f"importing {name!r} failed: {module}"
                return fault("python-import-failed", message, source, plugin=name)
        plugin._is_loaded = True
        return None

    def raise_all(self, faults: list[Fault]) -> None:
        """Raise the error of *faults*, if there are any, from what a module raised."""
        if faults:
            kind = NotLoadableError if faults[0].code == "library-load-failed" else PlugError
            raise kind(faults) from self.cause


def _outwards(types: list[str]) -> list[Fault]:
    """Return a fault for each plugin on the way out of a failure, by the type that it was needed for."""
    return [
        fault("dep-not-loadable", f"the plugin of the type {type!r} can't be loaded", type=type) for type in reversed(types) if type
    ]


def _circle_fault(plugin: Plugin, needed_by: Plugin, path: list[Plugin]) -> Fault:
    names = [item.name for item in path]
    circle = [*names[names.index(plugin.name) :], plugin.name] if plugin.name in names else [plugin.name]
    message = f"plugins depend on each other in a circle: {' -> '.join(circle)}"
    return fault("dep-cycle", message, needed_by.entry.at("Info", "PluginDependencies"), plugin=plugin.name)


def attribute_of(plugin: Plugin, type_name: str, dotted: str) -> Any:
    """Return what the module of a loaded plugin has under a dotted name.

    :raises PlugError: it has no such thing.
    """
    value: Any = modules[plugin.name]
    for name in dotted.split("."):
        if not name or not hasattr(value, name):
            message = f"{plugin.name!r} has no {dotted or type_name!r}: say where the object of {type_name!r} is, as attribute=..."
            raise PlugError([fault("no-object", message, plugin.entry.source, type=type_name, plugin=plugin.name)])
        value = getattr(value, name)
    return value
