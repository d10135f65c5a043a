"""``uses`` and ``{root}``: one record to many absolute plugins (docs/howto/relative-sheets.rst)."""

from __future__ import annotations

from collections.abc import Container, Sequence

from ways.errors import DuplicateUsesError
from ways.hierarchy import Hierarchy
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
    named = next((number for number, used in enumerate(plugin.uses) if Hierarchy.of(used) == parent), None)
    return named if named is not None else next((number for number, used in enumerate(plugin.uses) if _fits(used, parent)), None)


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


def circle_of(
    plugin: DataPlugin, everything: Sequence[DataPlugin], occupied: Container[Hierarchy] | None = None
) -> list[DataPlugin]:
    """Return relative plugins that need each other, from one of them round to itself; ``[]`` if there are none.

    Each uses a parent at which no plugin stands, and at which only the next one could stand: *a* below *b*, and *b*
    below *a*.

    :param occupied: the places at which one of *everything* stands, if they are known.
    """
    if occupied is None:
        occupied = {other.hierarchy for other in everything}
    if plugin.parent is None or plugin.parent in occupied:
        # Returned early: this is called for each place below one without a mapping.
        return []
    waiting = [other for other in everything if other.parent is not None and other.parent not in occupied]
    path = [plugin]
    while path[-1].parent is not None and path[-1].parent not in occupied:
        parent = path[-1].parent
        # A plugin doesn't make its own parent, even if its own hierarchy is the end of it.
        others = (other for other in waiting if other.record is not path[-1].record)
        following = next((other for other in others if _could_make(other, parent)), None)
        if following is None:
            return []
        if following in path:
            return [*path[path.index(following) :], following]
        path.append(following)
    return []


def _could_make(plugin: DataPlugin, place: Hierarchy) -> bool:
    """Whether what a plugin's own hierarchy adds to its parent is the end of *place*."""
    added = tuple(part for part in Hierarchy.of(plugin.info["hierarchy"]) if ROOT not in part)
    return bool(added) and place[-len(added) :] == added
