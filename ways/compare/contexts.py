"""What changes between two worlds, Context by Context."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ways.compare.fields import NOTHING, Difference, field_differences, fields_of, first_difference, source_of
from ways.compare.records import Change, ContextChange, FieldChange
from ways.compare.world import ComparedSheets
from ways.contexts.context import Context
from ways.contexts.view import ResolvedContext
from ways.contexts.variants import Condition, variants_of
from ways.errors import WaysError
from ways.hierarchy import Hierarchy
from ways.plugins.plugin import DataPlugin

When = Mapping[str, tuple[str, ...]]


class _Pair(NamedTuple):
    """A Context in both worlds, or in one of them, as it is for some values."""

    old: ResolvedContext | None
    new: ResolvedContext | None
    when: When

    @property
    def change(self) -> Change:
        return "added" if self.old is None else "removed" if self.new is None else "changed"


def context_changes(old: ComparedSheets, new: ComparedSheets, assignment: str = "") -> Iterator[ContextChange]:
    """Yield each Context that answers something else, by place; after it, each of its variants that does.

    :param assignment: look at this layer alone; if absent, at the Contexts over all layers that have priority, and then
        at those of each single layer, unless these are the same.
    """
    same = _only_layer(old, new)
    for place in sorted(old.places | new.places):
        layers = sorted(old.layers_at(place) | new.layers_at(place))
        own = [layer for layer in layers if layer not in same or not _stand_alike(old, new, place, layer)]
        for layer in [assignment] if assignment else ["", *own]:
            yield from _changes_at(old, new, place, layer)


def _stand_alike(old: ComparedSheets, new: ComparedSheets, place: Hierarchy, layer: str) -> bool:
    """Whether there is a Context of a layer, in either world, just where there is one over all layers."""
    return all((world.context(place, layer) is None) == (world.context(place, "") is None) for world in (old, new))


def _only_layer(old: ComparedSheets, new: ComparedSheets) -> set[str]:
    """Return the one layer that has priority and is used, if there is but one: its Contexts are those over all layers."""
    used = old.pool.registry.now.assignments | new.pool.registry.now.assignments
    found = [{name for name in world.pool.state().assignments("") if name in used} for world in (old, new)]
    return found[0] if found[0] == found[1] and len(found[0]) == 1 else set()


def _changes_at(old: ComparedSheets, new: ComparedSheets, place: Hierarchy, layer: str) -> Iterator[ContextChange]:
    before, after = old.context(place, layer), new.context(place, layer)
    for pair in _pairs(before, after):
        fields = tuple(_field_changes(old, new, pair))
        if fields or (pair.change != "changed" and not pair.when):
            yield ContextChange(hierarchy=place.text, assignment=layer, change=pair.change, fields=fields, when=pair.when)


def _pairs(before: Context | None, after: Context | None) -> Iterator[_Pair]:
    """Yield what a place is in both worlds: without conditions, then for each set of values that changes what it is."""
    old, new = before.view if before else None, after.view if after else None
    if old is None and new is None:
        return
    yield _Pair(old, new, {})
    conditions = (*_conditions(old), *_conditions(new))
    if conditions:
        # Values that select one plugin here may select another there: both worlds are asked together.
        olds, news = _by_variant(old), _by_variant(new)
        for chosen in variants_of(conditions):
            if chosen:
                yield _Pair(_variant(old, olds, chosen), _variant(new, news, chosen), _when(chosen, conditions))


def _conditions(view: ResolvedContext | None) -> Sequence[Condition]:
    try:
        return view.conditions if view is not None else ()
    except WaysError:
        # A mapping that can't be read has no values that could select anything.
        return ()


def _by_variant(view: ResolvedContext | None) -> Mapping[frozenset[DataPlugin], ResolvedContext]:
    return {other.variant: other for other in view.variants} if view is not None and _conditions(view) else {}


def _variant(view: ResolvedContext | None, views: Mapping[frozenset[DataPlugin], ResolvedContext], chosen: frozenset[DataPlugin]) -> ResolvedContext | None:
    own = frozenset(condition.plugin for condition in _conditions(view)) & chosen
    return views.get(own, view)


def _when(chosen: frozenset[DataPlugin], conditions: Iterable[Condition]) -> When:
    """Return the values for which exactly these plugins take part: each token with the texts that it may have."""
    found: dict[str, set[str]] = {}
    for condition in conditions:
        if condition.plugin in chosen:
            for token, texts in condition.wants.items():
                found[token] = found.get(token, set(texts)) & texts
    for condition in conditions:
        if condition.plugin not in chosen and len(condition.wants) == 1:
            ((token, texts),) = condition.wants.items()
            found[token] = found.get(token, set()) - texts
    return {token: tuple(sorted(texts)) for token, texts in found.items() if texts}


def _field_changes(old: ComparedSheets, new: ComparedSheets, pair: _Pair) -> Iterator[FieldChange]:
    before, after = (NOTHING if view is None else fields_of(view) for view in (pair.old, pair.new))
    number = first_difference(pair.old, pair.new) if pair.old is not None and pair.new is not None else -1
    for found in field_differences(before, after):
        yield _field_change(old, new, pair, found, number)


def _field_change(old: ComparedSheets, new: ComparedSheets, pair: _Pair, found: Difference, number: int) -> FieldChange:
    pointer, change, before, after = found
    old_source = source_of(pair.old, pointer, number) if pair.old is not None and change != "added" else None
    new_source = source_of(pair.new, pointer, number) if pair.new is not None and change != "removed" else None
    return FieldChange(
        field=pointer, change=change, old=before, new=after, old_source=old.told(old_source), new_source=new.told(new_source)
    )
