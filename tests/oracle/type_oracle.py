"""How types derive, answered anew each time from their bases alone: what the registry keeps must say the same."""

from __future__ import annotations

from ways.systems.shared import circles
from ways.systems.usd.errors import PlugError, fault
from ways.systems.usd.plugins import Plugin
from ways.systems.usd.types import Type, TypeGraph, circle_fault


def is_a(type: Type, wanted: Type) -> bool:
    """Whether *wanted* is met on the way up, first bases first."""
    if not wanted:
        raise PlugError([fault("unknown-type", f"{type.typeName!r} can't derive from an unknown type", question="IsA")])
    if type is wanted or (type and wanted.isRoot):
        return True
    return bool(wanted.derivedTypes) and _meets(type, wanted, [], set())


def _meets(type: Type, wanted: Type, below: list[Type], done: set[Type]) -> bool:
    """Whether *wanted* is above a type that was come to from those below it; *done* are types from which it isn't met."""
    path = [*below, type]
    for base in type.baseTypes:
        if base is wanted:
            return True
        if base in path:
            raise PlugError([circle_fault([*path[path.index(base) :], base])])
        if base not in done and _meets(base, wanted, path, done):
            return True
    done.add(type)
    return False


def all_derived(type: Type) -> tuple[Type, ...]:
    """Return what derives from a type, level by level."""
    derived: dict[Type, None] = {}
    waiting = list(type.derivedTypes)
    while waiting:
        level, waiting = waiting, []
        for below in level:
            if below not in derived:
                derived[below] = None
                waiting += below.derivedTypes
    for circle in circles([type], lambda item: item.derivedTypes):
        raise PlugError([circle_fault(circle[::-1])])
    return tuple(derived)


def aliases(base: Type, wanted: Type) -> tuple[str, ...]:
    """Return the aliases that *wanted* has below *base*."""
    return tuple(alias for alias, type in base._aliases.items() if type is wanted)


def find_derived(graph: TypeGraph, base: Type, name: str) -> Type:
    """Return the type of that alias below *base*, or of that name that derives from it."""
    if base.isRoot:
        return graph.find(name)
    if name in base._aliases:
        return base._aliases[name]
    type = graph._types.get(name, graph.unknown)
    return type if type and base and is_a(type, base) else graph.unknown


def declares(plugin: Plugin, types: TypeGraph, wanted: Type) -> bool:
    """Whether the plugin lists a type that is *wanted* or derives from it."""
    listed = plugin.entry.info.get("Types")
    names = list(listed) if isinstance(listed, dict) else []
    if names and not wanted:
        raise PlugError([fault("unknown-type", f"{name!r} can't derive from an unknown type") for name in names])
    return any(name == wanted.typeName or is_a(types.find(name), wanted) for name in names)
