"""Registry: who is where. The one thing that changes with time; a session owns it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import is_

from ways.errors import DuplicatePluginError
from ways.hierarchy import Hierarchy
from ways.lightweight import Lock
from ways.plugins.plugin import DataPlugin
from ways.plugins.lazy import LazyPlugins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    #: Hierarchy to assignment to plugins, in the order of registration.
    Places = Mapping[Hierarchy, Mapping[str, tuple[DataPlugin, ...]]]
    #: Hierarchy to assignment to action name to action.
    Actions = Mapping[Hierarchy, Mapping[str, Mapping[str, Any]]]
else:
    from ways.lightweight import NamedTuple


class RegistrySnapshot(NamedTuple):
    """One state of the registry. Never changes: a reader takes it once and needs no lock."""

    generation: int = 0
    places: Places = {}
    plugins: Sequence[DataPlugin] = ()
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
            layers = places.get(self.resolve_alias(hierarchy) if aliases else hierarchy)
            if layers is None:
                return []
            found = [plugin for name in assignments for plugin in layers.get(name, ())]
            return found if takes_part is None else [plugin for plugin in found if takes_part(plugin)]

        return at

    def place_texts(self) -> list[str]:
        """Return each place that has a plugin as text, sorted; no lazy plugin is made for it."""
        if isinstance(self.plugins, LazyPlugins):
            return sorted(self.plugins.texts())
        return sorted({place.text for place in self.places})

    @property
    def assignments(self) -> set[str]:
        """Every assignment that some plugin stands in."""
        return {name for layers in self.places.values() for name in layers}

    def resolve_alias(self, hierarchy: Hierarchy) -> Hierarchy:
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
        self.now = RegistrySnapshot()
        #: Held by a writer, from its look at what there is until the swap.
        self.lock = Lock()
        self._uuids: dict[str, DataPlugin] = {}
        self._known: dict[tuple[object, ...], DataPlugin] = {}

    def add_many(self, plugins: Iterable[DataPlugin]) -> list[DuplicatePluginError]:
        """Register *plugins* as one generation, and return what was refused: a uuid that another name has.

        A plugin that is registered already, from the same source and saying the same, is not registered again.
        LazyPlugins stay lazy where nothing else is registered: they have no uuid, and none is there twice.
        """
        with self.lock:
            if isinstance(plugins, LazyPlugins) and self._takes(plugins):
                return []
            self._materialize()
            new, refused = self._sifted(plugins)
            if new:
                self._swap(
                    places=_with(self.now.places, new),
                    plugins=(*self.now.plugins, *new),
                    conditional=self.now.conditional + _conditional(new),
                )
            return refused

    def replace_all(self, plugins: Iterable[DataPlugin]) -> list[DuplicatePluginError]:
        """Register *plugins* in the place of all there are, as one generation; returns as :meth:`add_many`.

        Where these are the very plugins there are, it stays the generation that it is.
        """
        with self.lock:
            self._uuids.clear()
            self._known.clear()
            new, refused = self._sifted(plugins)
            held = self.now.plugins
            # Where nothing changed, what was made of it goes on serving.
            if not isinstance(held, tuple) or len(held) != len(new) or not all(map(is_, held, new)):
                self._swap(places=_with({}, new), plugins=tuple(new), conditional=_conditional(new))
            return refused

    def add_action(self, action: Any, name: str, hierarchy: Hierarchy, assignment: str) -> None:
        """Register an action; one of the same name at the same place and assignment is replaced."""
        with self.lock:
            here = self.now.actions.get(hierarchy, {})
            layer = {**here.get(assignment, {}), name: action}
            self._swap(actions={**self.now.actions, hierarchy: {**here, assignment: layer}})

    def set_aliases(self, aliases: Mapping[Hierarchy, Hierarchy]) -> None:
        """Put *aliases* in the place of all there are."""
        with self.lock:
            self._swap(aliases=dict(aliases))

    def clear(self) -> None:
        """Forget everything. The generation grows all the same."""
        with self.lock:
            self._uuids.clear()
            self._known.clear()
            self.now = RegistrySnapshot(self.now.generation + 1)

    def _takes(self, lazy: LazyPlugins) -> bool:
        """Register lazy plugins as they are, if nothing but such plugins of other sheets is registered."""
        now = self.now.plugins
        if isinstance(now, LazyPlugins) and not now.paths & lazy.paths:
            lazy = now.joined(lazy)
        elif now or self._known:
            return False
        self._swap(places=LazyPlaces(lazy), plugins=lazy, conditional=lazy.conditional)
        return True

    def _materialize(self) -> None:
        """Make all lazy plugins, so that others can be compared with them. No answer changes."""
        lazy = self.now.plugins
        if isinstance(lazy, LazyPlugins):
            self._sifted(lazy)
            self.now = self.now._replace(places=dict(self.now.places), plugins=tuple(lazy))

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


class LazyPlaces(Mapping[Hierarchy, Mapping[str, tuple[DataPlugin, ...]]]):
    """The places of lazy plugins: a place that is asked for makes its own plugins; iteration makes all of them."""

    def __init__(self, plugins: LazyPlugins) -> None:
        self._plugins = plugins
        self._asked: dict[Hierarchy, Mapping[str, tuple[DataPlugin, ...]] | None] = {}
        self._all: Places | None = None

    def __getitem__(self, place: Hierarchy) -> Mapping[str, tuple[DataPlugin, ...]]:
        found: Mapping[str, tuple[DataPlugin, ...]] | None = self.get(place)
        if found is None:
            raise KeyError(place)
        return found

    def get(self, place: Hierarchy, default: Any = None) -> Any:
        """Return the plugins at *place* by layer, or *default*."""
        if self._all is not None:
            return self._all.get(place, default)
        if place not in self._asked:
            self._asked[place] = _with({}, self._plugins.at(place)).get(place)
        found = self._asked[place]
        return default if found is None else found

    def __iter__(self) -> Iterator[Hierarchy]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def _whole(self) -> Places:
        if self._all is None:
            self._all = _with({}, self._plugins)
        return self._all


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
