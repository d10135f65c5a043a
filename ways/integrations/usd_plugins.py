"""Plugin: one plugin that a registry knows; what it says, and how a Python one is loaded."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ways.integrations.usd_errors import NotLoadableError, PlugError, fault
from ways.integrations.usd_types import Type, TypeGraph
from ways.sheets.formats.usd_info import Entry, Fault, joined
from ways.sheets.formats.usd_json import plain_copy

if TYPE_CHECKING:
    from ways.integrations.usd_registry import Registry


class Plugin:
    """One plugin. A registry makes it, and gives the same object each time; it never changes but for being loaded."""

    def __init__(self, entry: Entry, registry: Registry) -> None:
        self._entry = entry
        self._registry = registry
        self._is_loaded = entry.kind == "resource"

    @property
    def entry(self) -> Entry:
        """The plugin as its file offers it, with where it is written."""
        return self._entry

    @property
    def name(self) -> str:
        """Its name: of a Python plugin, the module."""
        return self._entry.name

    @property
    def path(self) -> str:
        """The library, or the root of one that has none; ``''`` for what is built into the host."""
        return self._entry.path

    @property
    def resourcePath(self) -> str:
        """The folder of its resources."""
        return self._entry.resource_path

    @property
    def isPythonModule(self) -> bool:
        """Whether it is a Python module."""
        return self._entry.kind == "python"

    @property
    def isResource(self) -> bool:
        """Whether it holds resources only."""
        return self._entry.kind == "resource"

    @property
    def isLoaded(self) -> bool:
        """Whether it was loaded here; resources always are."""
        return self._is_loaded

    @property
    def expired(self) -> bool:
        """Whether it is gone; nothing ever goes away."""
        return False

    @property
    def metadata(self) -> dict[str, Any]:
        """A copy of its ``Info``.

        :raises UnicodeDecodeError: it was read strictly, and holds bytes that are no UTF-8.
        """
        found: dict[str, Any] = checked_copy(self._entry.info)
        return found

    def GetMetadataForType(self, type: Type | str) -> dict[str, Any]:
        """Return what this plugin says of a type, whoever owns that; ``{}`` if it says nothing."""
        found: dict[str, Any] = checked_copy(self._entry.types.get(self._types.converted(type).typeName, {}))
        return found

    def DeclaresType(self, type: Type | str, includeSubclasses: bool = False) -> bool:
        """Whether the plugin lists a type, or with *includeSubclasses* one that derives from it.

        :raises PlugError: *includeSubclasses*, and the type is unknown.
        """
        wanted = self._types.converted(type)
        listed = self._entry.info.get("Types")
        names = list(listed) if isinstance(listed, dict) else []
        if not includeSubclasses:
            return wanted.typeName in names
        if names and not wanted:
            raise PlugError([fault("unknown-type", f"{name!r} can't derive from an unknown type") for name in names])
        return any(name == wanted.typeName or self._types.is_a(self._types.find(name), wanted) for name in names)

    def MakeResourcePath(self, path: str) -> str:
        """Return where a resource is: below the resource path, if *path* is relative."""
        return path if not path or path.startswith("/") else joined(self.resourcePath, path)

    def FindPluginResource(self, path: str, verify: bool = True) -> str:
        """Return where a resource is; ``''`` if nothing is there and *verify* is asked for."""
        found = self.MakeResourcePath(path)
        return found if not verify or (found and os.path.lexists(found)) else ""

    def Load(self) -> bool:
        """Import the module of a Python plugin, after the plugins that it depends on; true if that is done.

        :raises NotLoadableError: it is a native library, or depends on one.
        :raises PlugError: a dependency isn't there, or a module raised; that error is its cause. What was loaded before
            stays loaded.
        """
        return self._registry.load(self)

    @property
    def _types(self) -> TypeGraph:
        return self._registry.types

    def __repr__(self) -> str:
        return f"Plugin({self._entry.kind} {self.name!r} of {self._entry.source})"


def checked_copy(value: Any) -> Any:
    """Return a copy of plain data.

    :raises UnicodeDecodeError: a text in it holds bytes that are no UTF-8.
    """
    copy = plain_copy(value)
    waiting = [copy]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str) and not found.isascii():
            found.encode("utf-8", "surrogateescape").decode("utf-8")
        elif isinstance(found, dict):
            waiting += [*found, *found.values()]
        elif isinstance(found, list):
            waiting += found
    return copy


class Loading:
    """One load of a plugin and of all that it depends on; dependencies first, each once."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
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
                return [_cycle(other, here, [item for item, _, _ in path]), *_outwards([*(name for _, name, _ in path), type])]
            self._seen.add(other.name)
            path.append((other, type, self._needed(other)))
        return []

    def _needed(self, plugin: Plugin) -> Iterator[tuple[str, Plugin] | Fault]:
        """Yield each type that *plugin* depends on, with its plugin; or what is wrong with it."""
        written = plugin.entry.info.get("PluginDependencies")
        for base, names in written.items() if isinstance(written, dict) else ():
            where = plugin.entry.at("Info", "PluginDependencies", base)
            if not self._registry.types.find(base):
                yield fault("dep-unknown-base", f"{plugin.name!r} depends on types below {base!r}, which isn't known", where, type=base)
            elif not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                yield fault("dep-list-wrong-type", f"{plugin.name!r}: expected a list of the names of types", where)
            else:
                yield from (self._owner(plugin, base, index, name) for index, name in enumerate(names))

    def _owner(self, plugin: Plugin, base: str, index: int, name: str) -> tuple[str, Plugin] | Fault:
        where = plugin.entry.at("Info", "PluginDependencies", base, index)
        type = self._registry.types.find(name)
        if not type:
            return fault("dep-unknown-type", f"{plugin.name!r} depends on the type {name!r}, which isn't known", where, type=name)
        owner = self._registry.owner(type)
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
            try:
                # A module may have been written a moment ago.
                importlib.invalidate_caches()
                importlib.import_module(name)
            except (Exception, SystemExit) as error:  # The module is the plugin's own code.
                self.cause = error
                message = f"importing {name!r} failed: {type(error).__name__}: {error}"
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


def _cycle(plugin: Plugin, needed_by: Plugin, path: list[Plugin]) -> Fault:
    names = [item.name for item in path]
    circle = [*names[names.index(plugin.name) :], plugin.name] if plugin.name in names else [plugin.name]
    message = f"plugins depend on each other in a circle: {' -> '.join(circle)}"
    return fault("dep-cycle", message, needed_by.entry.at("Info", "PluginDependencies"), plugin=plugin.name)
