"""What changes between two sets of sheets, Context by Context and field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.compare.changed import changed_places
from ways.compare.records import Change, ComparedSheets, ContextChange, FieldChange
from ways.contexts.context import Context
from ways.contexts.variants import Condition, variants_of
from ways.contexts.view import ResolvedContext
from ways.errors import WaysError
from ways.hierarchy import Hierarchy
from ways.plugins.merge import folder_text
from ways.plugins.plugin import DataPlugin
from ways.sheets.document import Pointer, Source
from ways.sheets.schema import DEFAULT_GROUPS

#: Token to the texts of which it must have one.
When = Mapping[str, tuple[str, ...]]
Fields = Mapping[str, Any]
#: The fields, in the order of a comparison.
FIELD_ORDER = (
    "mapping", "syntax", "mapping_details", "token_syntax", "data", "platforms", "groups", "path", "folder", "search",
    "ambiguous", "openassetio", "max_folder",
)  # fmt: skip
#: The fields that are compared key by key.
CONTAINERS = ("mapping_details", "token_syntax", "data", "openassetio")
#: Places from which on making the plugins of all takes less time than those of each by itself.
_MANY = 200
_EQUALS_ITSELF_ALONE: Any = object.__eq__
#: Stands for a value that isn't there.
ABSENT: Any = object()
#: The fields of a Context that isn't there.
NOTHING: Fields = {name: {} for name in CONTAINERS}


class Difference(NamedTuple):
    """A value that is in only one of two sets of fields, or differs between them."""

    pointer: Pointer
    change: Change
    old: Any
    new: Any


class ViewPair(NamedTuple):
    """What a Context is for some values on both sides; ``None`` on a side that doesn't have it."""

    old: ResolvedContext | None
    new: ResolvedContext | None
    when: When

    @property
    def change(self) -> Change:
        return "added" if self.old is None else "removed" if self.new is None else "changed"


def context_changes(old: ComparedSheets, new: ComparedSheets, assignment: str = "") -> Iterator[ContextChange]:
    """Yield each Context that answers something else, by place; after it, each of its variants that does.

    :param assignment: compare this layer alone; if empty, the Contexts over all layers that have priority, and then
        those of each single layer, unless these are the same.
    """
    same = _only_layer(old, new)
    places = changed_places(old, new)
    if places is None or len(places) >= _MANY:
        everywhere = old.places | new.places
        places = everywhere if places is None else everywhere & places
    for place in sorted(place for place in places if place and place.is_legal):
        layers = sorted(old.layers_at(place) | new.layers_at(place))
        single = [layer for layer in layers if layer not in same or not _exist_alike(old, new, place, layer)]
        for layer in [assignment] if assignment else ["", *single]:
            for pair in _pairs(old.context(place, layer), new.context(place, layer)):
                fields = tuple(_field_changes(old, new, pair))
                if fields or (pair.change != "changed" and not pair.when):
                    yield ContextChange(hierarchy=place.text, assignment=layer, change=pair.change, fields=fields, when=pair.when)


def _exist_alike(old: ComparedSheets, new: ComparedSheets, place: Hierarchy, layer: str) -> bool:
    """Whether each side has a Context of a layer if it has one over all layers, and only then."""
    return all((side.context(place, layer) is None) == (side.context(place, "") is None) for side in (old, new))


def _only_layer(old: ComparedSheets, new: ComparedSheets) -> set[str]:
    """Return the one layer that has priority and is used, if there is but one: its Contexts are those over all layers."""
    used = old.pool.registry.now.assignments | new.pool.registry.now.assignments
    before, after = ({name for name in side.pool.state().assignments("") if name in used} for side in (old, new))
    return before if before == after and len(before) == 1 else set()


def _pairs(before: Context | None, after: Context | None) -> Iterator[ViewPair]:
    """Yield what a place is on both sides: without conditions, then for each set of values that changes what it is."""
    old, new = before.view if before else None, after.view if after else None
    if old is None and new is None:
        return
    yield ViewPair(old, new, {})
    conditions = (*_conditions(old), *_conditions(new))
    if conditions:
        # Values that select one plugin here may select another there: so both sides are asked for each set.
        olds, news = _by_variant(old), _by_variant(new)
        for chosen in variants_of(conditions):
            if chosen:
                yield ViewPair(_variant(old, olds, chosen), _variant(new, news, chosen), _when(chosen, conditions))


def _conditions(view: ResolvedContext | None) -> Sequence[Condition]:
    try:
        return view.conditions if view is not None else ()
    except WaysError:
        # A mapping that can't be read has no values that could select anything.
        return ()


def _by_variant(view: ResolvedContext | None) -> Mapping[frozenset[DataPlugin], ResolvedContext]:
    return {other.variant: other for other in view.variants} if view is not None and _conditions(view) else {}


def _variant(
    view: ResolvedContext | None, views: Mapping[frozenset[DataPlugin], ResolvedContext], chosen: frozenset[DataPlugin]
) -> ResolvedContext | None:
    own = frozenset(condition.plugin for condition in _conditions(view)) & chosen
    return views.get(own, view)


def _when(chosen: frozenset[DataPlugin], conditions: Iterable[Condition]) -> When:
    """Return the values for which exactly these plugins take part: each token with the texts that it may have."""
    wants: dict[str, set[str]] = {}
    for condition in conditions:
        if condition.plugin in chosen:
            for token, texts in condition.wants.items():
                wants[token] = wants.get(token, set(texts)) & texts
    for condition in conditions:
        if condition.plugin not in chosen and len(condition.wants) == 1:
            ((token, texts),) = condition.wants.items()
            wants[token] = wants.get(token, set()) - texts
    return {token: tuple(sorted(texts)) for token, texts in wants.items() if texts}


def _field_changes(old: ComparedSheets, new: ComparedSheets, pair: ViewPair) -> Iterator[FieldChange]:
    before, after = (NOTHING if view is None else fields_of(view) for view in (pair.old, pair.new))
    number = first_difference(pair.old, pair.new) if pair.old is not None and pair.new is not None else -1
    for difference in sorted(differences(before, after), key=lambda each: FIELD_ORDER.index(str(each.pointer[0]))):
        pointer, change = difference.pointer, difference.change
        old_source = source_of(pair.old, pointer, number) if pair.old is not None and change != "added" else None
        new_source = source_of(pair.new, pointer, number) if pair.new is not None and change != "removed" else None
        yield FieldChange(
            field=pointer,
            change=change,
            old=difference.old,
            new=difference.new,
            old_source=old.text_of(old_source),
            new_source=new.text_of(new_source),
        )


def fields_of(view: ResolvedContext) -> Fields:
    """Return what a Context answers, without fields that no plugin gives and those that have their default."""
    details: Mapping[str, Any]
    try:
        details, syntaxes = view.token_details
    except WaysError:
        # A place that a token refers to has no mapping: the details are compared as they are written.
        details, syntaxes = view.resolved.mapping_details, view.resolved.syntaxes
    # Without a plugin that takes part, there is no platform.
    platforms = view.resolved.platforms if view.resolved.plugins else frozenset()
    fields = {
        "mapping": view.mapping if isinstance(view.mapping, str) else None,
        "syntax": view.syntax if view.syntax != 1 else None,
        "mapping_details": details,
        "token_syntax": {name: syntaxes[name] for name in syntaxes if (details.get(name) or {}).get("mapping")},
        "data": view.resolved.data,
        "platforms": None if platforms is None or platforms == view.state.settings.platforms else sorted(platforms),
        "groups": view.resolved.groups if view.resolved.groups != DEFAULT_GROUPS else None,
        "path": view.resolved.path or None,
        "folder": view.resolved.folder or None,
        "search": False if not view.is_searched else None,
        "ambiguous": view.resolved.ambiguous,
        "openassetio": view.resolved.openassetio,
        "max_folder": folder_text(view.resolved.max_folder, view.state.settings.platform.lower()) or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


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
    # A value that doesn't equal itself is NaN.
    return bool(one == other) or bool(one != one and other != other)


def _name(value: Any) -> tuple[str, str, str]:
    kind = type(value)
    return kind.__module__, kind.__qualname__, getattr(value, "__qualname__", "")


def source_of(view: ResolvedContext, pointer: Pointer, number: int = -1) -> Source | None:
    """Return where the value of a field is written, if a plugin gives it.

    :param number: which part of a mapping is meant; the last one, if absent.
    """
    name = str(pointer[0])
    if name in ("mapping", "syntax"):
        parts = view.provenance.mapping_parts
        return parts[min(number, len(parts) - 1)].plugin.source_of(name) if parts else None
    if name == "token_syntax":
        plugin = view.provenance.plugin_of(("mapping_details", pointer[1]))
        return None if plugin is None else plugin.source_of("syntax")
    if name == "platforms" and not view.resolved.plugins:
        # No plugin takes part, because of the platforms that the plugins at the place name.
        layers = view.state.snapshot.places.get(view.real_hierarchy, {}).values()
        plugins = [plugin for layer in layers for plugin in layer if plugin.platforms is not None]
        return plugins[-1].source_of(name) if plugins else None
    return view.provenance.source_of(pointer)


def first_difference(old: ResolvedContext, new: ResolvedContext) -> int:
    """Return the number of the first part in which the mappings of two views differ, ``-1`` if one has none."""
    before, after = old.mapping_parts, new.mapping_parts
    if isinstance(before, WaysError) or isinstance(after, WaysError):
        return -1
    pairs = enumerate(zip(before, after))
    return next((number for number, (one, other) in pairs if one.text != other.text), min(len(before), len(after)))
