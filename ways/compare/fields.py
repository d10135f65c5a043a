"""The fields of a Context: what each answers, who gives it, and which differ between two worlds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ways.compare.records import Change
from ways.contexts.view import ResolvedContext
from ways.errors import WaysError
from ways.plugins.merge import folder_text
from ways.plugins.plugin import DataPlugin
from ways.sheets.document import Pointer, Source
from ways.sheets.schema import DEFAULT_GROUPS

Fields = Mapping[str, Any]
#: In the order in which they are told.
FIELDS = (
    "mapping", "syntax", "mapping_details", "token_syntax", "data", "platforms", "groups", "path", "folder", "max_folder",
)  # fmt: skip
#: The fields that are told key by key.
CONTAINERS = ("mapping_details", "token_syntax", "data")
_EQUALS_ITSELF_ALONE: Any = object.__eq__
#: Stands for a value that isn't there.
ABSENT: Any = object()


class Difference(NamedTuple):
    """A value that stands at one place in both, or in one of two."""

    pointer: Pointer
    change: Change
    old: Any
    new: Any


def fields_of(view: ResolvedContext) -> Fields:
    """Return what a Context answers; a field that nothing is said of, or what goes without saying, is left out."""
    details, syntaxes = _details(view)
    said = {
        "mapping": view.mapping if isinstance(view.mapping, str) else None,
        "syntax": view.syntax if view.syntax != 1 else None,
        "mapping_details": details,
        "token_syntax": {name: syntaxes[name] for name in syntaxes if (details.get(name) or {}).get("mapping")},
        "data": view.resolved.data,
        "platforms": _platforms(view),
        "groups": view.resolved.groups if view.resolved.groups != DEFAULT_GROUPS else None,
        "path": view.resolved.path or None,
        "folder": view.resolved.folder or None,
        "max_folder": folder_text(view.resolved.max_folder, view.state.settings.platform.lower()) or None,
    }
    return {name: value for name, value in said.items() if value is not None}


#: The fields of a Context that isn't there.
NOTHING: Fields = {name: {} for name in CONTAINERS}


def differences(old: Any, new: Any, pointer: Pointer = ()) -> Iterator[Difference]:
    """Yield what must be changed in *old* for it to be *new*; where both are mappings, key by key."""
    for key in dict.fromkeys((*new, *old)):
        before, after = old.get(key, ABSENT), new.get(key, ABSENT)
        where = (*pointer, key)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from differences(before, after, where)
        elif before is ABSENT:
            yield Difference(where, "added", None, after)
        elif after is ABSENT:
            yield Difference(where, "removed", before, None)
        elif not is_same(before, after):
            yield Difference(where, "changed", before, after)


def field_differences(old: Fields, new: Fields) -> list[Difference]:
    """Return what must be changed in the fields of a Context for them to be others, field by field."""
    return sorted(differences(old, new), key=lambda found: FIELDS.index(str(found.pointer[0])))


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are equal, and of one kind: ``1`` is neither ``1.0`` nor ``true``."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(is_same(value, other[key]) for key, value in one.items())
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(is_same, one, other))
    if type(one).__eq__ is _EQUALS_ITSELF_ALONE:
        # A Python sheet may hold objects that equal nothing but themselves; each load makes them anew.
        return _name(one) == _name(other)
    if type(one) is not type(other):
        return False
    # What equals not even itself is no number.
    return bool(one == other) or bool(one != one and other != other)


def _name(value: Any) -> tuple[str, str, str]:
    kind = type(value)
    return kind.__module__, kind.__qualname__, getattr(value, "__qualname__", "")


def source_of(view: ResolvedContext, pointer: Pointer, number: int = -1) -> Source | None:
    """Return where the value of a field is written, if any plugin gives it.

    :param number: which stretch of a mapping is asked for; the last one, if absent.
    """
    name = str(pointer[0])
    if name in ("mapping", "syntax"):
        parts = () if isinstance(view.mapping_parts, WaysError) else view.mapping_parts
        return parts[min(number, len(parts) - 1)].plugin.source_of(name) if parts else None
    giver = _GIVERS[name](view, pointer)
    keys = ("syntax",) if name == "token_syntax" else pointer
    return None if giver is None else giver.source_of(*keys)


def first_difference(old: ResolvedContext, new: ResolvedContext) -> int:
    """Return the number of the first stretch in which the mappings of two views differ, ``-1`` where one has none."""
    one, other = old.mapping_parts, new.mapping_parts
    if isinstance(one, WaysError) or isinstance(other, WaysError):
        return -1
    pairs = enumerate(zip(one, other))
    return next((number for number, (a, b) in pairs if a.text != b.text), min(len(one), len(other)))


def _details(view: ResolvedContext) -> tuple[Mapping[str, Any], Mapping[str, int]]:
    try:
        return view.token_details()
    except WaysError:
        # What a token refers to has no mapping: then what is written is all there is.
        return view.resolved.mapping_details, view.resolved.syntaxes


def _platforms(view: ResolvedContext) -> list[str] | None:
    """Return the platforms on which all plugins take part, if that isn't everywhere."""
    known = view.state.settings.platforms
    found = view.resolved.platforms if view.resolved.plugins else frozenset()
    return None if found is None or found == known else sorted(found)


def _giver_of_token(view: ResolvedContext, pointer: Pointer) -> DataPlugin | None:
    token = str(pointer[1])
    entry = view.resolved.mapping_details.get(token)
    # Entries aren't copied on their way, so that the very one tells who gave it.
    return next((plugin for plugin in view.givers() if plugin.mapping_details.get(token) is entry), None)


def _giver_of_data(view: ResolvedContext, pointer: Pointer) -> DataPlugin | None:
    return next((plugin for plugin in reversed(view.resolved.plugins) if pointer[1] in plugin.data), None)


def _giver_of_groups(view: ResolvedContext, pointer: Pointer) -> DataPlugin | None:
    return view.resolved.plugins[-1] if view.resolved.plugins else None


def _giver_of_platforms(view: ResolvedContext, pointer: Pointer) -> DataPlugin | None:
    # Where no plugin takes part, those that stand here say why.
    layers = view.state.snapshot.places.get(view.real_hierarchy, {})
    here = view.resolved.plugins or tuple(plugin for layer in layers.values() for plugin in layer)
    return next((plugin for plugin in reversed(here) if plugin.platforms is not None), None)


def _giver_by_key(view: ResolvedContext, pointer: Pointer) -> DataPlugin | None:
    return next((plugin for plugin in view.givers() if plugin.info.get(str(pointer[0]))), None)


_GIVERS: Mapping[str, Callable[[ResolvedContext, Pointer], DataPlugin | None]] = {
    "mapping_details": _giver_of_token,
    "token_syntax": _giver_of_token,
    "data": _giver_of_data,
    "platforms": _giver_of_platforms,
    "groups": _giver_of_groups,
    "path": _giver_by_key,
    "folder": _giver_by_key,
    "max_folder": _giver_by_key,
}
