"""Registry: who is where. The one thing that changes with time; a session owns it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ways.errors import DuplicatePluginError
from ways.hierarchy import Hierarchy
from ways.plugins.plugin import DataPlugin

#: Hierarchy to assignment to plugins, in the order of registration.
Places = Mapping[Hierarchy, Mapping[str, tuple[DataPlugin, ...]]]
#: Hierarchy to assignment to action name to action.
Actions = Mapping[Hierarchy, Mapping[str, Mapping[str, Any]]]


class Snapshot(NamedTuple):
    """One state of the registry. Never changes: a reader takes it once and needs no lock."""

    generation: int = 0
    places: Places = {}
    plugins: tuple[DataPlugin, ...] = ()
    actions: Actions = {}
    #: Alias to the hierarchy it stands for.
    aliases: Mapping[Hierarchy, Hierarchy] = {}
    #: The plugins that say ``when``, in the order of registration.
    conditional: tuple[DataPlugin, ...] = ()

    def plugins_at(
        self, assignments: Sequence[str], takes_part: Callable[[DataPlugin], bool] | None = None
    ) -> Callable[[Hierarchy], list[DataPlugin]]:
        """Return a function that gives the plugins exactly at a place: by assignment, then by registration.

        At an alias stand those of the place it stands for, so that what is below the alias inherits them.
        """
        places, aliases = self.places, self.aliases

        def at(hierarchy: Hierarchy) -> list[DataPlugin]:
            layers = places.get(self.real(hierarchy) if aliases else hierarchy)
            if layers is None:
                return []
            found = [plugin for name in assignments for plugin in layers.get(name, ())]
            return found if takes_part is None else [plugin for plugin in found if takes_part(plugin)]

        return at

    @property
    def assignments(self) -> set[str]:
        """Every assignment that some plugin stands in."""
        return {name for layers in self.places.values() for name in layers}

    def real(self, hierarchy: Hierarchy) -> Hierarchy:
        """Return the hierarchy that an alias stands for, through chains; any other one as it is."""
        while hierarchy in self.aliases:
            hierarchy = self.aliases[hierarchy]
        return hierarchy


class Registry:
    """Plugins, actions and aliases by place.

    Writers lock, build the next snapshot, and swap it in; readers take :attr:`now` and never wait. The generation only
    grows.
    """

    def __init__(self) -> None:
        self.now = Snapshot()
        self._lock = threading.RLock()
        self._uuids: dict[str, DataPlugin] = {}
        self._known: dict[tuple[object, ...], DataPlugin] = {}

    def add_many(self, plugins: Iterable[DataPlugin]) -> list[DuplicatePluginError]:
        """Register *plugins* as one generation, and return what was refused: a uuid that another name has.

        A plugin that is registered already, from the same source and saying the same, is not registered again.
        """
        with self._lock:
            new, refused = self._sifted(plugins)
            if new:
                self._swap(
                    places=_with(self.now.places, new),
                    plugins=self.now.plugins + tuple(new),
                    conditional=self.now.conditional + _conditional(new),
                )
            return refused

    def replace_all(self, plugins: Iterable[DataPlugin]) -> list[DuplicatePluginError]:
        """Register *plugins* in the place of all there are, as one generation; returns as :meth:`add_many`."""
        with self._lock:
            self._uuids.clear()
            self._known.clear()
            new, refused = self._sifted(plugins)
            self._swap(places=_with({}, new), plugins=tuple(new), conditional=_conditional(new))
            return refused

    def add_action(self, action: Any, name: str, hierarchy: Hierarchy, assignment: str) -> None:
        """Register an action; one of the same name at the same place and assignment is replaced."""
        with self._lock:
            here = self.now.actions.get(hierarchy, {})
            layer = {**here.get(assignment, {}), name: action}
            self._swap(actions={**self.now.actions, hierarchy: {**here, assignment: layer}})

    def set_aliases(self, aliases: Mapping[Hierarchy, Hierarchy]) -> None:
        """Put *aliases* in the place of all there are."""
        with self._lock:
            self._swap(aliases=dict(aliases))

    def clear(self) -> None:
        """Forget everything. The generation grows all the same."""
        with self._lock:
            self._uuids.clear()
            self._known.clear()
            self.now = Snapshot(self.now.generation + 1)

    def _swap(self, **changes: Any) -> None:
        self.now = self.now._replace(generation=self.now.generation + 1, **changes)

    def _sifted(self, plugins: Iterable[DataPlugin]) -> tuple[list[DataPlugin], list[DuplicatePluginError]]:
        """Return those of *plugins* that are new, and the errors of those that clash."""
        new, refused = [], []
        for plugin in plugins:
            if (error := self._clash(plugin)) is not None:
                refused.append(error)
            elif not self._is_known(plugin):
                new.append(plugin)
        return new, refused

    def _clash(self, plugin: DataPlugin) -> DuplicatePluginError | None:
        if not plugin.uuid:
            return None
        existing = self._uuids.setdefault(plugin.uuid, plugin)
        if existing.name == plugin.name:
            return None
        message = (
            f"{plugin.source_of('uuid')}: the plugin {plugin.name!r} has the uuid {plugin.uuid!r}, which the plugin "
            f"{existing.name!r} at {existing.source_of('uuid')} has already. Give each plugin a uuid of its own."
        )
        return DuplicatePluginError(existing, plugin, message)

    def _is_known(self, plugin: DataPlugin) -> bool:
        if plugin.original is not plugin:
            key: tuple[object, ...] = (id(plugin.original),)
        else:
            key = (plugin.source.path, plugin.name, plugin.hierarchy, plugin.assignment, plugin.parent)
        known = self._known.get(key)
        self._known[key] = plugin
        return known is not None and (plugin.original is not plugin or known is plugin or _says_the_same(known, plugin))


def _conditional(plugins: Iterable[DataPlugin]) -> tuple[DataPlugin, ...]:
    return tuple(plugin for plugin in plugins if plugin.when)


def _says_the_same(left: DataPlugin, right: DataPlugin) -> bool:
    return left.record is not None and right.record is not None and left.info == right.info


def _with(places: Places, plugins: Sequence[DataPlugin]) -> Places:
    """Return *places* with *plugins* added; what doesn't change is shared."""
    grown: dict[Hierarchy, dict[str, list[DataPlugin]]] = {}
    for plugin in plugins:
        layers = grown.setdefault(plugin.hierarchy, {})
        layers.setdefault(plugin.assignment, []).append(plugin)
    result = dict(places)
    for hierarchy, layers in grown.items():
        before = result.get(hierarchy, {})
        result[hierarchy] = {**before, **{name: (*before.get(name, ()), *new) for name, new in layers.items()}}
    return result
