"""Way: every plugin that stands where a place takes something from, weakest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from ways.contexts.view import ResolvedContext
from ways.explain.reasons import Reason
from ways.hierarchy import Hierarchy
from ways.plugins.plugin import DataPlugin
from ways.plugins.resolve import MappingSource


class Standing(NamedTuple):
    """A plugin at a place on the way."""

    plugin: DataPlugin
    #: The place on the way: of an alias it is not that of the plugin.
    place: Hierarchy
    #: Why it takes no part; ``None`` where it does.
    absent: Reason | None = None


class Way:
    """What one ResolvedContext is made of, told slowly: which plugins stand where, and in which order they count."""

    def __init__(self, view: ResolvedContext) -> None:
        self.view = view
        self.resolver = view.resolver
        self.state = view.state
        self.layers = view.state.assignments(view.assignment)
        self._lines: dict[tuple[Hierarchy, bool], list[Hierarchy]] = {}
        self._left_out = {condition.plugin for condition in view.left_out}
        everywhere = (*self.layers, *sorted(self.state.snapshot.assignments.difference(self.layers)))
        self._at = self.state.snapshot.plugins_at(everywhere)

    @cached_property
    def above(self) -> list[Hierarchy]:
        """The place and each one above it, the first part first."""
        return list(self.view.real_hierarchy.ancestors)

    @cached_property
    def with_lenders(self) -> list[Hierarchy]:
        """The places that token details come from."""
        return self._line(self.view.real_hierarchy, with_references=True)

    @cached_property
    def with_parents(self) -> list[Hierarchy]:
        """The places that the path flag comes from."""
        return self._line(self.view.real_hierarchy, with_references=False)

    @cached_property
    def givings(self) -> list[MappingSource]:
        """What gives the mapping: the nearest place first, then the places whose mappings it takes in."""
        found: dict[Hierarchy, MappingSource] = {}
        waiting = [self.view.real_hierarchy]
        while waiting:
            giving = self.resolver.mapping_source(waiting.pop(0))
            if giving is not None and giving.place not in found:
                found[giving.place] = giving
                waiting += [*((giving.base,) if giving.base else ()), *giving.references]
        return list(found.values())

    def standings(self, places: Iterable[Hierarchy]) -> Iterator[Standing]:
        """Yield each plugin at *places*, weakest first; those that take no part too."""
        for place in places:
            found = [Standing(plugin, place, self.absence(plugin)) for plugin in self._at(place)]
            # Those that take part have the order in which they are merged.
            yield from sorted(found, key=lambda standing: standing.absent is None)
        yield from self._hidden(places)

    def absence(self, plugin: DataPlugin) -> Reason | None:
        """Return why a plugin takes no part."""
        settings = self.state.settings
        if plugin.assignment not in self.layers:
            return Reason.OTHER_LAYER
        if not settings.knows_platform:
            return Reason.UNKNOWN_PLATFORM
        if not plugin.takes_part(settings.platform):
            return Reason.OTHER_PLATFORM
        if plugin.when and plugin not in self.view.variant:
            return Reason.TOO_MANY_VARIANTS if plugin in self._left_out else Reason.CONDITION_NOT_MET
        return None

    def _hidden(self, places: Iterable[Hierarchy]) -> Iterator[Standing]:
        snapshot = self.state.snapshot
        for place in dict.fromkeys((*places, *self.view.hierarchy.ancestors)):
            if place in snapshot.aliases:
                layers = snapshot.places.get(place, {})
                yield from (Standing(plugin, place, Reason.HIDDEN_BY_ALIAS) for some in layers.values() for plugin in some)

    def _line(self, place: Hierarchy, *, with_references: bool) -> list[Hierarchy]:
        """Return the places whose plugins are merged into *place*, weakest first; one that comes twice counts where it is strongest."""
        if not place:
            return []
        key = (place, with_references)
        if key not in self._lines:
            parent, references = self.resolver.detail_sources(place)
            lenders = [*(reversed(references) if with_references else ()), *((parent,) if parent else ())]
            lines = [self._line(lender, with_references=with_references) for lender in lenders]
            lines += [self._line(Hierarchy(place[:-1]), with_references=with_references), [place]]
            strongest = dict.fromkeys(other for line in reversed(lines) for other in reversed(line))
            self._lines[key] = list(reversed(strongest))
        return self._lines[key]
