"""Loading: Python plugins imported in the order of what they depend on, and native ones refused."""

from __future__ import annotations

import builtins
import importlib
from collections.abc import Callable, Iterator
from sys import modules
from typing import Any

from ways.usercode import Failed, call, call_without_exit
from ways.systems.shared import Fault
from ways.systems.usd.errors import NotLoadableError, PlugError, fault
from ways.systems.usd.plugins import Plugin
from ways.systems.usd.types import Type, TypeGraph


def load_with_dependencies(
    plugin: Plugin, types: TypeGraph, owner_of: Callable[[Type], Plugin | None], loaded: Callable[[Plugin], object]
) -> None:
    """Load *plugin* after all that it depends on, each once.

    :param owner_of: returns the plugin that owns a type, if any does.
    :param loaded: is called with each plugin once its code is there, before it counts as loaded.
    :raises PlugError: something failed. It carries the cause first, and then a fault for each plugin that needed it.
    """
    if plugin.isLoaded:
        return
    seen = {plugin.name}
    path = [(plugin, "", _dependencies(plugin, types, owner_of))]
    while path:
        here, _, needed = path[-1]
        step = next(needed, None)
        cause = None
        if step is None:
            step, cause = _run(here, loaded)
        needed_for = [type for _, type, _ in path]
        if step is None:
            path.pop()
            continue
        if not isinstance(step, Fault):
            type, other = step
            if other.isLoaded:
                continue
            if other.name not in seen:
                seen.add(other.name)
                path.append((other, type, _dependencies(other, types, owner_of)))
                continue
            names = [item.name for item, _, _ in path]
            circle = [*names[names.index(other.name) :], other.name] if other.name in names else [other.name]
            message = f"plugins depend on each other in a circle: {' -> '.join(circle)}"
            step = fault("dep-cycle", message, here.entry.at("Info", "PluginDependencies"), plugin=other.name)
            needed_for.append(type)
        outwards = [
            fault("dep-not-loadable", f"the plugin of the type {type!r} can't be loaded", type=type)
            for type in reversed(needed_for)
            if type
        ]
        kind = NotLoadableError if step.code == "library-load-failed" else PlugError
        raise kind([step, *outwards]) from cause


def _dependencies(
    plugin: Plugin, types: TypeGraph, owner_of: Callable[[Type], Plugin | None]
) -> Iterator[tuple[str, Plugin] | Fault]:
    """Yield each type that *plugin* depends on, with its plugin; or what is wrong with it."""
    written = plugin.entry.info.get("PluginDependencies")
    for base, names in written.items() if isinstance(written, dict) else ():
        where = plugin.entry.at("Info", "PluginDependencies", base)
        if not types.find(base):
            yield fault("dep-unknown-base", f"{plugin.name!r} depends on types below {base!r}, which isn't known", where, type=base)
            continue
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            yield fault("dep-list-wrong-type", f"{plugin.name!r}: expected a list of the names of types", where)
            continue
        for index, name in enumerate(names):
            where = plugin.entry.at("Info", "PluginDependencies", base, index)
            type = types.find(name)
            owner = owner_of(type)
            if not type:
                yield fault("dep-unknown-type", f"{plugin.name!r} depends on the type {name!r}, which isn't known", where, type=name)
            elif owner is None:
                yield fault("dep-no-plugin", f"{plugin.name!r} depends on the type {name!r}, which no plugin has", where, type=name)
            else:
                yield name, owner


def _run(plugin: Plugin, loaded: Callable[[Plugin], object]) -> tuple[Fault | None, BaseException | None]:
    """Load the plugin itself; return what went wrong, and what its module raised."""
    source, name = plugin.entry.source, plugin.name
    if plugin.entry.kind == "library" and plugin.path:
        message = f"{name!r} is a native library, {plugin.path!r}: that needs the program which it was built for"
        return fault("library-load-failed", message, source, plugin=name), None
    if plugin.isPythonModule:
        if not all(part.isidentifier() for part in name.split(".")):
            message = f"{name!r} is no name of a module: nothing is imported"
            return fault("python-import-failed", message, source, plugin=name), None
        # A module may have been written a moment ago.
        importlib.invalidate_caches()
        # The module is foreign code: it may raise anything, or exit.
        module = call(call_without_exit, importlib.import_module, name)
        if isinstance(module, Failed):
            return fault("python-import-failed", f"importing {name!r} failed: {module}", source, plugin=name), module.error
    loaded(plugin)
    plugin._is_loaded = True
    return None, None


def connect_classes(plugin: Plugin, types: TypeGraph, owner_of: Callable[[Type], Plugin | None]) -> None:
    """Give each type of a loaded plugin the class that stands in its module under the name of the type."""
    for name in plugin.entry.types if plugin.isPythonModule else ():
        type = types.find(name)
        # Asking a module for a name may run code of it.
        found = call(attribute_of, plugin, name)
        if owner_of(type) is plugin and isinstance(found, builtins.type):
            types.connect(type, found)


def attribute_of(plugin: Plugin, type_name: str, dotted: str = "") -> Any:
    """Return what the module of a loaded plugin has for a type: ``Name`` for ``module.Name``, else what is named as the type.

    :param dotted: where it is in the module instead.
    :raises PlugError: the module has nothing of that name.
    """
    value: Any = modules[plugin.name]
    dotted = dotted or type_name.removeprefix(f"{plugin.name}.")
    for name in dotted.split("."):
        if not name or not hasattr(value, name):
            message = f"{plugin.name!r} has no {dotted!r}: say where the object of {type_name!r} is, as attribute=..."
            raise PlugError([fault("no-object", message, plugin.entry.source, type=type_name, plugin=plugin.name)])
        value = getattr(value, name)
    return value
