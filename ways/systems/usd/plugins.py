"""The plugins that a registry knows, with the names of ``Plug.Plugin``, and the notices of new plugins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ways.systems.shared import Fault
from ways.systems.usd import tf
from ways.systems.usd.errors import PlugError, fault
from ways.systems.usd.types import Type, TypeGraph, TypeLike, checked_text
from ways.systems.usd.files.info import Entry, joined
from ways.systems.usd.files.json import plain_copy
from ways.systems.usd.files.paths import is_there


class Plugin:
    """One plugin. A registry makes it, and gives the same object each time; it never changes but for being loaded.

    :param types: the types of its registry.
    :param load: loads a plugin of its registry, and returns whether it is loaded.
    """

    __slots__ = ("_entry", "_types", "_load", "_is_loaded", "__weakref__")

    def __init__(self, entry: Entry, types: TypeGraph, load: Callable[[Plugin], bool]) -> None:
        self._entry = entry
        self._types = types
        self._load = load
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
        """Whether it is gone, which it never is."""
        return False

    @property
    def metadata(self) -> dict[str, Any]:
        """A copy of its ``Info``.

        :raises UnicodeDecodeError: it was read strictly, and holds bytes that are no UTF-8.
        """
        return self._copy(self._entry.info)

    def GetMetadataForType(self, type: TypeLike) -> dict[str, Any]:
        """Return what this plugin says of a type, whoever owns that; ``{}`` if it says nothing."""
        known = type if isinstance(type, Type) else self._types.converted(type)
        return self._copy(self._entry.metadata_of(known._name))

    def _copy(self, value: Mapping[str, Any]) -> dict[str, Any]:
        copy: dict[str, Any] = plain_copy(value) if self._entry.is_utf8 else checked_copy(value)
        return copy

    def metadata_value(self, type: Type, key: str) -> Any:
        """Return one value of what this plugin says of a type, which isn't copied: the caller leaves it as it is.

        :raises UnicodeDecodeError: see :attr:`metadata`.
        """
        metadata = self._entry.metadata_of(type._name)
        return (metadata if self._entry.is_utf8 else checked_copy(metadata)).get(key)

    def DeclaresType(self, type: TypeLike, includeSubclasses: bool = False) -> bool:
        """Whether the plugin lists a type, or with *includeSubclasses* one that derives from it.

        :raises PlugError: *includeSubclasses*, and the type is unknown.
        """
        types = self._types
        wanted = type if isinstance(type, Type) else types.converted(type)
        if includeSubclasses:
            answers = types.answers
            above = answers.declared.get(self) if answers is not None else None
            if wanted in (self._above() if above is None else above):
                return True
        listed = self._entry.info.get("Types")
        names = listed if isinstance(listed, dict) else {}
        if not includeSubclasses or wanted._name in names:
            return wanted._name in names
        if names and wanted is wanted._graph.unknown:
            raise PlugError([fault("unknown-type", f"{name!r} can't derive from an unknown type", question="IsA") for name in names])
        return types.has_circles and any(types.find(name).IsA(wanted) for name in names)

    def _above(self) -> frozenset[Type]:
        """Return all that its types are and derive from."""
        listed = self._entry.info.get("Types")
        answers = self._types.kept()
        types = [self._types.find(name) for name in (listed if isinstance(listed, dict) else ())]
        above = answers.declared[self] = frozenset().union(*map(self._types.above, types))
        answers.left -= len(above)
        return above

    def MakeResourcePath(self, path: str) -> str:
        """Return where a resource is: below the resource path, if *path* is relative."""
        path = checked_text(path)
        return path if not path or path[0] == "/" else joined(self._entry.resource_path, path)

    def FindPluginResource(self, path: str, verify: bool = True) -> str:
        """Return where a resource is; ``''`` if nothing is there and *verify* is asked for."""
        resource = self.MakeResourcePath(path)
        return resource if not verify or (resource and is_there(resource)) else ""

    def Load(self) -> bool:
        """Import the module of a Python plugin, after the plugins that it depends on; true if that is done.

        :raises NotLoadableError: it is a native library, or depends on one.
        :raises PlugError: a dependency isn't there, or a module raised; that error is its cause. What was loaded before
            stays loaded.
        """
        return self._load(self)

    def __copy__(self) -> Plugin:
        return self

    def __deepcopy__(self, memo: object) -> Plugin:
        return self

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Plugin):
            return NotImplemented
        return (self.name, self._entry.kind) < (other.name, other._entry.kind)

    def __repr__(self) -> str:
        return f"Plugin({self._entry.kind} {self.name!r} of {self._entry.source})"


def checked_copy(value: Any) -> Any:
    """Return a copy of plain data.

    :raises UnicodeDecodeError: a text in it holds bytes that are no UTF-8.
    """
    copy = plain_copy(value)
    waiting = [copy]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str) and not item.isascii():
            item.encode("utf-8", "surrogateescape").decode("utf-8")
        elif isinstance(item, dict):
            waiting += [*item, *item.values()]
        elif isinstance(item, list):
            waiting += item
    return copy


class Registration(NamedTuple):
    """What one call registered, and everything that is wrong, warnings too."""

    new: tuple[Plugin, ...]
    problems: tuple[Fault, ...]

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The problems that aren't mere warnings."""
        return tuple(problem for problem in self.problems if problem.level == "error")


class Notice:
    """The notices of a registry."""

    class Base(tf.Notice):
        """What every notice is."""

    class DidRegisterPlugins(Base):
        """Sent once for each call that registered something new, when that can be asked for already."""

        def __init__(self, new: Iterable[Plugin] = ()) -> None:
            self._new = list(new)

        def GetNewPlugins(self) -> list[Plugin]:
            """Return exactly the plugins that are new."""
            return list(self._new)


#: What OpenUSD calls the classes in C++.
NOTICE_NAMES: dict[str, type[Notice.Base]] = {
    "PlugNotice::Base": Notice.Base,
    "PlugNotice::DidRegisterPlugins": Notice.DidRegisterPlugins,
}
