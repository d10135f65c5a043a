"""How far layers reach: the places that may come to something else where the plugins of a layer count."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from ways.hierarchy import Hierarchy
from ways.limits import Limits
from ways.plugins.resolve import Resolver
from ways.registry import RegistrySnapshot


class LayerReach:
    """Which places each layer reaches. To know it of all layers takes one look at each plugin, and one at each place reached."""

    def __init__(self, snapshot: RegistrySnapshot, limits: Limits) -> None:
        self._snapshot = snapshot
        self._limits = limits
        self._known: dict[str, frozenset[Hierarchy]] = {}

    @cached_property
    def layers(self) -> dict[str, set[Hierarchy]]:
        """Layer -> the places at which a plugin of it stands."""
        places: dict[str, set[Hierarchy]] = {}
        for plugin in self._snapshot.plugins:
            places.setdefault(plugin.assignment, set()).add(plugin.hierarchy)
        return places

    def places(self, layer: str) -> frozenset[Hierarchy]:
        """Return the places with a plugin that may come to something else where the plugins of *layer* count."""
        known = self._known.get(layer)
        if known is None:
            reached = {*self.layers.get(layer, ())}
            waiting = [*reached]
            while waiting:
                new = [place for place in self._dependents.get(waiting.pop(), ()) if place not in reached]
                reached.update(new)
                waiting += new
            known = self._known[layer] = frozenset(place for place in reached if place in self._snapshot.places)
        return known

    @cached_property
    def _dependents(self) -> dict[Hierarchy, Collection[Hierarchy]]:
        """Place -> the places that take something from it at once, whichever layers count."""
        resolve_alias = self._snapshot.resolve_alias
        resolver = Resolver(self._snapshot.plugins_at([*self.layers]), self._snapshot.plugins, self._limits)
        dependents: dict[Hierarchy, dict[Hierarchy, None]] = {}
        seen: set[Hierarchy] = set()
        # An alias has what stands at its place, and those below it take from it.
        waiting = [*self._snapshot.places, *self._snapshot.aliases]
        while waiting:
            place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            for other in resolver.direct_dependencies(place):
                for one in (other, resolve_alias(other)):
                    dependents.setdefault(one, {})[place] = None
                waiting.append(other)
        return dict(dependents)
