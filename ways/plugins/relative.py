"""``uses`` and ``{root}``: one record to many absolute plugins (docs/howto/relative-sheets.rst)."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from functools import lru_cache

from ways.errors import DuplicateUsesError
from ways.hierarchy import Hierarchy
from ways.lightweight import cached_property
from ways.limits import MAX_HIERARCHY
from ways.plugins.plugin import DataPlugin
from ways.settings import DEFAULT_ASSIGNMENT
from ways.sheets.document import PluginRecord

ROOT = "{root}"
#: In ``uses``, stands for one part of a hierarchy.
ANY = "*"


def make_absolute(record: PluginRecord, assignment: str = "") -> list[DataPlugin]:
    """Return the plugins that *record* makes: one, or one for each parent it uses.

    A plugin that uses its own hierarchy makes none. Parents need not exist. One with ``*`` gives a plugin that stands for
    all that the registry makes of it.

    :param assignment: the layer if the record names none; ``'master'`` if empty.
    :raises DuplicateUsesError: a parent is named twice.
    :raises HierarchyError: it would stand too deep.
    """
    layer = record.values.get("assignment") or assignment or DEFAULT_ASSIGNMENT
    own = record.values["hierarchy"]
    uses = record.values.get("uses") or ()
    if not uses:
        return [DataPlugin.from_record(record, layer, _shallow(Hierarchy.of(own)))]
    if len(set(uses)) < len(uses):
        index = next(index for index, parent in enumerate(uses) if parent in uses[:index])
        raise DuplicateUsesError(record.source_of("uses", index), uses[index])
    if uses_itself(record):
        return []
    return [_relative(record, layer, own, parent) for parent in uses]


def _relative(record: PluginRecord, layer: str, own: str, used: str) -> DataPlugin:
    parent = Hierarchy.of(used)
    return copy_of(record, layer, _shallow(below(parent, own)), parent)


def copy_of(record: PluginRecord, layer: str, place: Hierarchy, parent: Hierarchy | None) -> DataPlugin:
    """Return the plugin that a record makes at *place* for one parent, which may be any that fits."""
    plugin = DataPlugin.from_record(record, layer, place, parent)
    if parent is not None and ANY in parent:
        plugin.wildcard = next((used for used in plugin.uses if is_wildcard(used) and Hierarchy.of(used) == parent), "")
    return plugin


def is_wildcard(used: str) -> bool:
    """Whether what ``uses`` names is any place that fits, rather than one place."""
    return ANY in used and ANY in parts_of(used)


def parts_of(used: str) -> list[str]:
    """Return the parts of what ``uses`` names, as they are written: ``%2A`` is a part that is called ``*``."""
    return [part for text in used.split("/") if (part := text.strip())]


def uses_number(plugin: DataPlugin) -> int | None:
    """Return which of its ``uses`` a copy of a relative plugin was made for: the one that names its parent, else one that fits."""
    parent = plugin.parent
    if parent is None:
        return None
    named = _numbers(plugin.uses).get(parent)
    return named if named is not None else next((number for number, used in enumerate(plugin.uses) if _fits(used, parent)), None)


@lru_cache(maxsize=4)
def _numbers(uses: tuple[str, ...]) -> Mapping[Hierarchy, int]:
    """Return the number of each parent: what names very many is asked about for each plugin that it makes."""
    return {Hierarchy.of(used): number for number, used in reversed(list(enumerate(uses)))}


def _fits(used: str, place: Hierarchy) -> bool:
    parts = parts_of(used)
    return ANY in parts and len(parts) == len(place) and all(part == ANY or Hierarchy.of(part)[0] == own for part, own in zip(parts, place))


def _shallow(place: Hierarchy) -> Hierarchy:
    return place if len(place) <= MAX_HIERARCHY else place.check()


def uses_itself(record: PluginRecord) -> bool:
    """Whether a record names its own hierarchy among its parents: it then makes no plugin at all."""
    return record.values["hierarchy"] in (record.values.get("uses") or ())


def below(parent: Hierarchy, own: str) -> Hierarchy:
    """Return where a relative hierarchy stands under *parent*: in place of each ``{root}``, else after the parent.

    >>> below(Hierarchy.of("a/b"), "lib/{root}") == ("lib", "a", "b")
    True
    """
    parts = Hierarchy.of(own)
    if not any(ROOT in part for part in parts):
        return Hierarchy(parent + parts)
    root = parent.text
    return Hierarchy(
        name
        for part in parts
        for name in (Hierarchy.of(part.replace(ROOT, root)) if ROOT in part else (part,))
    )


class Circles:
    """Finds relative plugins that need each other.

    Each of them uses a parent at which no plugin stands, and at which only the next one could stand: *a* below *b*, and *b*
    below *a*. Or that next one uses a place that is made by the first, or by what is relative to it: *b* below *job/a*, and *a*
    below *job/a/b*.

    :param everything: every plugin there is.
    :param occupied: the places at which one of these stands.
    """

    def __init__(self, everything: Sequence[DataPlugin], occupied: Container[Hierarchy]) -> None:
        self._everything = everything
        self._occupied = occupied
        #: What a plugin adds to its parent -> the first plugin that adds it, and the first of another record; each with its number.
        self._adding: dict[tuple[str, ...], list[tuple[int, DataPlugin]]] = {}
        self._circles: dict[DataPlugin, list[DataPlugin]] = {}
        for number, plugin in enumerate(everything):
            if plugin.parent is not None and plugin.parent not in occupied:
                added = _added(plugin)
                known = self._adding.setdefault(added, [])
                if not known or len(known) == 1 and known[0][1].record is not plugin.record:
                    known.append((number, plugin))

    def of(self, plugin: DataPlugin) -> list[DataPlugin]:
        """Return the plugins that a relative one waits for, from one of them round to itself; ``[]`` if there are none.

        It is the same list for all plugins that wait for the same ones.
        """
        path: dict[DataPlugin, None] = {}
        circle: list[DataPlugin] = []
        following: DataPlugin | None = plugin
        while following is not None and following.parent is not None:
            if following in self._circles:
                circle = self._circles[following]
                break
            if following in path:
                members = list(path)
                circle = [*members[members.index(following) :], following]
                if all(member.parent in self._occupied for member in circle):
                    # These have their parents: their mappings are a circle, which is found where they are asked for.
                    circle = []
                break
            path[following] = None
            following = self._made.get(following.parent) if following.parent in self._occupied else self._following(following)
        self._circles.update(dict.fromkeys(path, circle))
        return circle

    def _following(self, plugin: DataPlugin) -> DataPlugin | None:
        """Return the first plugin whose own hierarchy, as far as it is added to a parent, is the end of the place of a plugin's parent."""
        place = tuple(plugin.parent or ())
        ends = (place[start:] for start in range(len(place)))
        # A plugin doesn't make its own parent, even if its own hierarchy is the end of it.
        others = (pair for end in ends for pair in self._adding.get(end, ()) if pair[1].record is not plugin.record)
        first = min(others, key=lambda pair: pair[0], default=(0, None))[1]
        return self._from_below(place) if first is None else first

    def _from_below(self, place: tuple[str, ...]) -> DataPlugin | None:
        """Return the first plugin that could stand at *place* and uses one below it; ``None`` if there is none."""
        below = (self._using_below.get((place[start:], place)) for start in range(len(place)))
        return next((plugin for plugin in below if plugin is not None), None)

    @cached_property
    def _using_below(self) -> Mapping[tuple[tuple[str, ...], tuple[str, ...]], DataPlugin]:
        """What a plugin adds to its parent, which is there, and each place above that parent -> the first plugin for which that is so."""
        using: dict[tuple[tuple[str, ...], tuple[str, ...]], DataPlugin] = {}
        for plugin in self._everything:
            if plugin.parent is not None and plugin.parent in self._occupied and plugin.parent != plugin.hierarchy:
                added = _added(plugin)
                for end in range(1, len(plugin.parent)):
                    using.setdefault((added, tuple(plugin.parent[:end])), plugin)
        return using

    @cached_property
    def _made(self) -> Mapping[Hierarchy, DataPlugin | None]:
        """The first relative plugin at each place; ``None`` where a plugin stands that uses no other."""
        made: dict[Hierarchy, DataPlugin | None] = {}
        for plugin in self._everything:
            if plugin.parent is None:
                made[plugin.hierarchy] = None
            elif plugin.parent != plugin.hierarchy:
                made.setdefault(plugin.hierarchy, plugin)
        return made


def _added(plugin: DataPlugin) -> tuple[str, ...]:
    """Return what the hierarchy of a relative plugin adds to its parent."""
    return tuple(part for part in Hierarchy.of(plugin.info["hierarchy"]) if ROOT not in part)
