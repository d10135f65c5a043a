"""Plugin: one plugin that a registry knows, and what it says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ways.systems.usd.errors import PlugError, fault
from ways.systems.usd.graph import TypeGraph
from ways.systems.usd.types import Type
from ways.systems.usd.files.info import Entry, joined
from ways.systems.usd.files.json import plain_copy

if TYPE_CHECKING:
    from ways.systems.usd.registry import Registry


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
        found: dict[str, Any] = checked_copy(self._entry.metadata_of(self._types.converted(type).typeName))
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
