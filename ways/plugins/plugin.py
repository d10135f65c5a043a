"""DataPlugin: one absolute plugin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ways.hierarchy import Hierarchy
from ways.settings import DEFAULT_ASSIGNMENT, WILDCARDS
from ways.sheets import schema
from ways.sheets.document import PluginRecord, Source
from ways.sheets.schema import DEFAULT_GROUPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class DataPlugin:
    """One unit of configuration: its place, its layer and its values. Immutable.

    :param name: the plugin's name in its sheet.
    :param sources: the files it was read from.
    :param info: its keys, as in a sheet; ``hierarchy`` is required.
    :param assignment: its layer.
    :raises ValueError: *info* has no ``hierarchy``, or a key has a wrong value.
    """

    __slots__ = (
        "name",
        "sources",
        "assignment",
        "info",
        "hierarchy",
        "mapping",
        "mapping_details",
        "data",
        "platforms",
        "uses",
        "groups",
        "max_folder",
        "path",
        "folder",
        "search",
        "ambiguous",
        "openassetio",
        "syntax",
        "when",
        "uuid",
        "source",
        "parent",
        "wildcard",
        "author",
        "record",
        "__weakref__",
    )

    def __init__(
        self, name: object, sources: Iterable[str], info: Mapping[str, Any], assignment: str = DEFAULT_ASSIGNMENT
    ) -> None:
        self.name = name
        self.sources = tuple(sources)
        self.assignment = assignment
        self.source = Source(self.sources[0] if self.sources else str(name))
        self._fill(schema.normalized(info, self.source))

    def _fill(self, values: Mapping[str, Any], hierarchy: Hierarchy | None = None) -> None:
        """Take everything from values.

        :param hierarchy: where the plugin stands, if that isn't as the values say.
        """
        get = values.get
        self.info = values
        self.hierarchy = Hierarchy.of(get("hierarchy", "")) if hierarchy is None else hierarchy
        self.mapping: str = get("mapping", "")
        self.mapping_details: Mapping[str, Mapping[str, Any]] = get("mapping_details") or {}
        self.data: Mapping[Any, Any] = get("data") or {}
        named = get("platforms")
        #: The platforms it takes part on, in lower case; ``None`` for all.
        self.platforms: frozenset[str] | None = frozenset(named) if named and WILDCARDS.isdisjoint(named) else None
        self.uses: tuple[str, ...] = get("uses") or ()
        self.groups: tuple[str, ...] = get("groups") or DEFAULT_GROUPS
        self.max_folder: str = get("max_folder", "")
        self.path: Any = get("path")
        #: Whether the place is a folder to make; ``None`` if the plugin doesn't give it.
        self.folder: Any = get("folder")
        #: Whether texts and values are found to be of the place; ``None`` if the plugin doesn't give it.
        self.search: bool | None = get("search")
        #: ``allow`` or ``refuse``: whether a text is written that can be read in other ways; ``None`` if the plugin doesn't say.
        self.ambiguous: str | None = get("ambiguous")
        #: What hosts that speak OpenAssetIO are told of the place.
        self.openassetio: Mapping[str, Any] = get("openassetio") or {}
        #: The language that its mappings are written in.
        self.syntax: int = get("syntax") or 1
        #: Token to values: the plugin takes part for Assets that have one of them. Empty if it always takes part.
        self.when: Mapping[str, tuple[Any, ...]] = get("when") or {}
        #: The uuid that was written, or ``''``.
        self.uuid: str = get("uuid", "")
        #: The parent that this copy of a relative plugin was made for.
        self.parent: Hierarchy | None = None
        #: What ``uses`` says with ``*``, if this plugin stands for a copy at each place that fits.
        self.wildcard = ""
        #: The object that it was read from; ``None`` for none. Not the plugin itself, which would then outlive its last user.
        self.author: Any = None
        self.record: PluginRecord | None = None

    @classmethod
    def from_record(
        cls, record: PluginRecord, assignment: str, hierarchy: Hierarchy, parent: Hierarchy | None = None
    ) -> DataPlugin:
        """Return the plugin that one record of a sheet makes at *hierarchy*."""
        plugin = cls.__new__(cls)
        plugin.name = record.name
        plugin.sources = (record.source.path,)
        plugin.assignment = assignment
        plugin.source = record.source
        plugin._fill(record.values, hierarchy)
        plugin.parent = parent
        plugin.record = record
        return plugin

    @classmethod
    def from_object(cls, author: Any, assignment: str) -> DataPlugin:
        """Return the plugin that an object with ``get_hierarchy()`` describes; a missing getter means the default.

        Reads the object once; ``session.refresh()`` reads it again.
        """
        if isinstance(author, DataPlugin):
            if author.assignment == assignment:
                return author
            from copy import copy

            plugin = copy(author)
            plugin.assignment, plugin.author = assignment, author.original
            return plugin
        kind = type(author)
        source = Source(f"{kind.__module__}.{kind.__qualname__}", "python")
        values = {key: getattr(author, getter)() for key, getter in _GETTERS.items() if callable(getattr(author, getter, None))}
        values["data"] = getattr(author, "data", None)
        for key in ("platforms", "groups", "uses"):
            if isinstance(values.get(key), (set, frozenset)):
                values[key] = sorted(values[key])
        name, sources = getattr(author, "name", kind.__qualname__), getattr(author, "sources", ())
        plugin = cls.of_values(name, sources, assignment, source, dict(schema.normalized(values, source)))
        plugin.author = author
        return plugin

    @classmethod
    def of_values(
        cls, name: object, sources: Iterable[str], assignment: str, source: Source, values: Mapping[str, Any]
    ) -> DataPlugin:
        """Return the plugin of these values, which must be normalized."""
        plugin = cls.__new__(cls)
        plugin.name = name
        plugin.sources = tuple(sources)
        plugin.assignment = assignment
        plugin.source = source
        plugin._fill(values)
        return plugin

    @property
    def original(self) -> Any:
        """The registered object: this plugin, or the object that it was read from."""
        return self if self.author is None else self.author

    def source_of(self, *keys: object) -> Source:
        """Return where a key of this plugin is written."""
        return self.record.source_of(*keys) if self.record else self.source

    def takes_part(self, platform: str) -> bool:
        """Whether this plugin is active on *platform*."""
        return self.platforms is None or platform.lower() in self.platforms

    @property
    def is_self_append(self) -> bool:
        """Whether the plugin uses its own place."""
        return self.parent is not None and self.parent == self.hierarchy

    def get_assignment(self) -> str:
        """Return the layer of the plugin."""
        return self.assignment

    def get_hierarchy(self) -> tuple[str, ...]:
        """Return the place of the plugin, as a tuple of parts."""
        return self.hierarchy

    def get_mapping(self) -> str:
        """Return the mapping as written, or ``''``."""
        return self.mapping

    def get_mapping_details(self) -> dict[str, Any]:
        """Return the details of its tokens."""
        return dict(self.mapping_details)

    def get_groups(self) -> tuple[str, ...]:
        """Return its labels; ``('*',)`` if it has none."""
        return self.groups

    def get_max_folder(self) -> str:
        """Return the deepest folder that Ways may make, or ``''``."""
        return self.max_folder

    def get_platforms(self) -> set[str]:
        """Return the platforms on which it is active; ``{'*'}`` for all."""
        return {"*"} if self.platforms is None else set(self.platforms)

    def get_uses(self) -> tuple[str, ...]:
        """Return the hierarchies of its parents; ``()`` for an absolute plugin."""
        return self.uses

    def get_uuid(self) -> str:
        """Return its uuid; if it has none, one made from its source, name, place and layer."""
        if self.uuid:
            return self.uuid
        import uuid

        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.source}|{self.name}|{self.hierarchy.text}|{self.assignment}"))

    def is_path(self) -> Any:
        """Return whether its mapping is a file path; ``None`` if the plugin doesn't say."""
        return self.path

    def __repr__(self) -> str:
        return f"DataPlugin(sources={self.sources!r}, data={dict(self.data)!r})"

    def __str__(self) -> str:
        return f"DataPlugin(hierarchy={tuple(self.hierarchy)!r}, sources={self.sources!r})"


#: The getter of a Python plugin for each key of a sheet.
_GETTERS = {
    "hierarchy": "get_hierarchy",
    "mapping": "get_mapping",
    "mapping_details": "get_mapping_details",
    "platforms": "get_platforms",
    "uses": "get_uses",
    "groups": "get_groups",
    "max_folder": "get_max_folder",
    "path": "is_path",
    "uuid": "get_uuid",
}
