"""Registry: the plugins, actions and aliases of each place. It changes with time; each session has its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import is_

from ways.errors import DuplicatePluginError
from ways.hierarchy import Hierarchy
from ways.lightweight import Lock
from ways.plugins.plugin import DataPlugin
from ways.plugins.lazy import LazyPlugins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from ways.plugins.wildcards import WildcardCopies
    from ways.sheets.document import Problem

    _Expanded = tuple[tuple[DataPlugin, ...], tuple[DataPlugin, ...], tuple[Problem, ...]]
    #: Hierarchy to assignment to plugins, in the order of registration.
    Places = Mapping[Hierarchy, Mapping[str, tuple[DataPlugin, ...]]]
    #: Hierarchy to assignment to action name to action.
    Actions = Mapping[Hierarchy, Mapping[str, Mapping[str, Any]]]
else:
    from ways.lightweight import NamedTuple


class Aliases(Mapping[Hierarchy, Hierarchy]):
    """Each alias with the place that it stands for, in the order of registration. It never changes.

    One more makes another table, and copies but a few of those that there are.
    """

    def __init__(self, tables: tuple[Mapping[Hierarchy, Hierarchy], ...] = ()) -> None:
        #: Each has more entries than the one after it.
        self._tables = tables

    def with_one(self, alias: Hierarchy, place: Hierarchy) -> Aliases:
        """Return these and one more. Of many that are added so, each is copied some times, and not with each of them."""
        tables, last = list(self._tables), {alias: place}
        while tables and len(tables[-1]) <= len(last):
            last = {**tables.pop(), **last}
        return Aliases((*tables, last))

    def __getitem__(self, alias: Hierarchy) -> Hierarchy:
        for table in self._tables:
            if alias in table:
                return table[alias]
        raise KeyError(alias)

    def __iter__(self) -> Iterator[Hierarchy]:
        return chain.from_iterable(self._tables)

    def __len__(self) -> int:
        return sum(map(len, self._tables))


class RegistrySnapshot(NamedTuple):
    """One state of the registry. It never changes: a reader takes it once and needs no lock."""

    generation: int = 0
    places: Places = {}
    plugins: Sequence[DataPlugin] = ()
    actions: Actions = {}
    #: Alias to the hierarchy it stands for.
    aliases: Mapping[Hierarchy, Hierarchy] = {}
    #: The plugins with ``when``, in the order of registration.
    conditional: tuple[DataPlugin, ...] = ()
    #: Whether a plugin that no foreign format gave is in the second syntax.
    is_strict: bool = False
    #: The plugins as they were registered, with those that stand for some; ``()`` if none does.
    written: tuple[DataPlugin, ...] = ()
    #: What is wrong with the plugins that stand for some.
    problems: tuple[Problem, ...] = ()

    def plugins_at(
        self, assignments: Sequence[str], takes_part: Callable[[DataPlugin], bool] | None = None
    ) -> Callable[[Hierarchy], tuple[DataPlugin, ...]]:
        """Return a function that returns the plugins exactly at a place, in the order of *assignments*, then of registration.

        An alias has the plugins of the place that it stands for, so that places below the alias inherit them.

        :param takes_part: whether a plugin counts; all do, if absent.
        """
        places, aliases = self.places, self.aliases
        #: A place is asked for again by each place below it.
        known: dict[Hierarchy, tuple[DataPlugin, ...]] = {}

        def at(hierarchy: Hierarchy) -> tuple[DataPlugin, ...]:
            counting = known.get(hierarchy)
            if counting is None:
                layers = places.get(self.resolve_alias(hierarchy) if aliases else hierarchy)
                if layers is None:
                    return ()
                plugins = [plugin for name in assignments for plugin in layers.get(name, ())]
                counting = known[hierarchy] = tuple(plugins if takes_part is None else filter(takes_part, plugins))
            return counting

        return at

    @property
    def registered(self) -> Sequence[DataPlugin]:
        """The plugins as they were registered: one with ``*`` in ``uses`` once, and without its copies."""
        return self.written or self.plugins

    @property
    def platforms(self) -> set[str]:
        """The platforms that plugins name, in lower case. It makes no plugin out of a compiled sheet."""
        if isinstance(self.plugins, LazyPlugins):
            return self.plugins.platforms()
        return {name for plugin in self.plugins for name in plugin.platforms or ()}

    def plugins_of(self, path: str) -> list[DataPlugin]:
        """Return the plugins of the sheet at *path*, in the order of registration. It makes none out of another compiled sheet."""
        if isinstance(self.plugins, LazyPlugins):
            return self.plugins.of_sheet(path)
        return [plugin for plugin in self.plugins if plugin.record is not None and plugin.record.source.path == path]

    def record_counts(self) -> Mapping[str, int]:
        """Return how many plugins of each sheet are used, by its path; of a relative one, all copies count as one.

        It makes no plugin out of a compiled sheet.
        """
        if isinstance(self.plugins, LazyPlugins):
            return self.plugins.record_counts()
        counts: dict[str, int] = {}
        own = [plugin.original for plugin in self.plugins if isinstance(plugin.original, DataPlugin)]
        for path, _ in {(plugin.source.path, plugin.source.pointer) for plugin in own}:
            counts[path] = counts.get(path, 0) + 1
        return counts

    def layers_at(self, hierarchy: Hierarchy) -> Mapping[str, tuple[DataPlugin, ...]]:
        """Return the plugins exactly at a place by layer; of an alias those of the place that it stands for."""
        return self.places.get(self.resolve_alias(hierarchy), {})

    def place_texts(self) -> list[str]:
        """Return each place that has a plugin as text, sorted. It makes no plugin out of a compiled sheet."""
        if isinstance(self.plugins, LazyPlugins):
            return sorted(self.plugins.texts())
        return sorted({place.text for place in self.places})

    @property
    def assignments(self) -> set[str]:
        """The assignment of each plugin. It makes no plugin out of a compiled sheet."""
        if isinstance(self.plugins, LazyPlugins):
            return self.plugins.assignments()
        return {name for layers in self.places.values() for name in layers}

    def resolve_alias(self, hierarchy: Hierarchy) -> Hierarchy:
        """Return the hierarchy that an alias stands for, also through other aliases; any other hierarchy as it is."""
        while hierarchy in self.aliases:
            hierarchy = self.aliases[hierarchy]
        return hierarchy


class Registry:
    """Plugins, actions and aliases by place.

    A writer takes the lock, builds the next snapshot and puts it in the place of :attr:`now`; readers take :attr:`now` and
    never wait. The generation only grows.
    """

    def __init__(self) -> None:
        self.now = RegistrySnapshot()
        #: Held by a writer, from its first look at :attr:`now` until it replaces it.
        self.lock = Lock()
        self._uuids: dict[str, DataPlugin] = {}
        self._known: dict[tuple[object, ...], DataPlugin] = {}
        self._copies: WildcardCopies | None = None
        #: Of an alias, one that it leads to, through others: further ahead each time it is asked.
        self._ahead: dict[Hierarchy, Hierarchy] = {}

    def add_many(self, plugins: Iterable[DataPlugin]) -> list[DuplicatePluginError]:
        """Register *plugins* as one generation; return an error for each that has the uuid of a plugin of another name.

        A plugin that is registered already, with the same source and content, is not registered again. LazyPlugins stay
        lazy if nothing else is registered: they have no uuid, and none of them occurs twice.
        """
        with self.lock:
            if isinstance(plugins, LazyPlugins) and self._add_lazy(plugins):
                return []
            if isinstance(lazy := self.now.plugins, LazyPlugins):
                # They are made now, so that others can be compared with them. The generation stays the same.
                self._new_and_refused(lazy)
                self.now = self.now._replace(places=dict(self.now.places), plugins=tuple(lazy))
            new, refused = self._new_and_refused(plugins)
            if new and (self.now.written or any(plugin.wildcard for plugin in new)):
                self._set(*self._with_copies((*self.now.registered, *new)))
            elif new:
                self._swap(
                    places=_with_plugins(self.now.places, new),
                    plugins=(*self.now.plugins, *new),
                    conditional=self.now.conditional + _conditional(new),
                    is_strict=self.now.is_strict or _are_strict(new),
                )
            return refused

    def replace_all(self, plugins: Iterable[DataPlugin]) -> list[DuplicatePluginError]:
        """Replace all plugins by *plugins*, as one generation; return errors as :meth:`add_many` does.

        If all are the same objects as before, the generation stays the same.
        """
        with self.lock:
            self._uuids.clear()
            self._known.clear()
            new, refused = self._new_and_refused(plugins)
            before, (now, written, problems) = self.now.plugins, self._with_copies(tuple(new))
            # If nothing changed, everything that was computed from the snapshot stays valid.
            if not isinstance(before, tuple) or len(before) != len(now) or not all(map(is_, before, now)):
                self._set(now, written, problems)
            elif (written, problems) != (self.now.written, self.now.problems):
                self.now = self.now._replace(written=written, problems=problems)
            return refused

    def _with_copies(self, plugins: tuple[DataPlugin, ...]) -> _Expanded:
        """Return plugins with the copies of those that stand for some, the plugins as they were if any does, and problems."""
        if not any(plugin.wildcard for plugin in plugins):
            return plugins, (), ()
        # Few sheets have them: the others load without this module.
        from ways.plugins.wildcards import WildcardCopies

        if self._copies is None:
            self._copies = WildcardCopies()
        expanded, problems = self._copies.expanded(plugins)
        return tuple(expanded), plugins, problems

    def _set(self, plugins: tuple[DataPlugin, ...], written: tuple[DataPlugin, ...], problems: tuple[Problem, ...]) -> None:
        self._swap(
            places=_with_plugins({}, plugins),
            plugins=plugins,
            conditional=_conditional(plugins),
            is_strict=_are_strict(written or plugins),
            written=written,
            problems=problems,
        )

    def add_action(self, action: Any, name: str, hierarchy: Hierarchy, assignment: str) -> None:
        """Register an action; one of the same name at the same place and assignment is replaced."""
        with self.lock:
            here = self.now.actions.get(hierarchy, {})
            layer = {**here.get(assignment, {}), name: action}
            self._swap(actions={**self.now.actions, hierarchy: {**here, assignment: layer}})

    def set_aliases(self, aliases: Mapping[Hierarchy, Hierarchy]) -> None:
        """Replace all aliases by *aliases*."""
        with self.lock:
            self._ahead.clear()
            self._ahead.update(aliases)
            self._swap(aliases=dict(aliases))

    def add_alias(self, alias: Hierarchy, place: Hierarchy) -> bool:
        """Let *alias*, which is none, stand for *place*, and return whether it may: not if that leads back to it.

        The caller holds the lock.
        """
        if self._end_of(place) == alias:
            return False
        aliases = self.now.aliases
        self._ahead[alias] = place
        self._swap(aliases=(aliases if isinstance(aliases, Aliases) else Aliases((aliases,))).with_one(alias, place))
        return True

    def _end_of(self, place: Hierarchy) -> Hierarchy:
        """Return what a place stands for, through all aliases; those on the way lead there at once from now on."""
        passed = []
        while (ahead := self._ahead.get(place)) is not None:
            passed.append(place)
            place = ahead
        self._ahead.update(dict.fromkeys(passed, place))
        return place

    def clear(self) -> None:
        """Remove everything. The generation grows."""
        with self.lock:
            self._uuids.clear()
            self._known.clear()
            self._ahead.clear()
            self.now = RegistrySnapshot(self.now.generation + 1)

    def _add_lazy(self, lazy: LazyPlugins) -> bool:
        """Register lazy plugins as they are, and return whether that can be: only lazy ones of other sheets are registered."""
        now = self.now.plugins
        if isinstance(now, LazyPlugins) and not now.paths & lazy.paths:
            lazy = now.joined(lazy)
        elif now or self._known:
            return False
        self._swap(places=LazyPlaces(lazy), plugins=lazy, conditional=lazy.conditional, is_strict=lazy.is_strict)
        return True

    def _swap(self, **changes: Any) -> None:
        self.now = self.now._replace(generation=self.now.generation + 1, **changes)

    def _new_and_refused(self, plugins: Iterable[DataPlugin]) -> tuple[list[DataPlugin], list[DuplicatePluginError]]:
        """Return those of *plugins* that are new, and the errors of those whose uuid another plugin has."""
        new, refused = [], []
        for plugin in plugins:
            existing = self._uuids.setdefault(plugin.uuid, plugin) if plugin.uuid else plugin
            if existing.name != plugin.name:
                message = (
                    f"{plugin.source_of('uuid')}: the plugin {plugin.name!r} has the uuid {plugin.uuid!r}, which the plugin "
                    f"{existing.name!r} at {existing.source_of('uuid')} has already. Give each plugin a uuid of its own."
                )
                refused.append(DuplicatePluginError(existing, plugin, message))
                continue
            key: tuple[object, ...] = (plugin.source.path, plugin.name, plugin.hierarchy, plugin.assignment, plugin.parent)
            if is_object := plugin.author is not None:
                key = (id(plugin.author),)
            known = self._known.get(key)
            self._known[key] = plugin
            if known is None or not (is_object or known is plugin or _has_same_content(known, plugin)):
                new.append(plugin)
        return new, refused


class LazyPlaces(Mapping[Hierarchy, Mapping[str, tuple[DataPlugin, ...]]]):
    """The places of lazy plugins: looking a place up makes the plugins of that place; iteration makes all of them."""

    def __init__(self, plugins: LazyPlugins) -> None:
        self._plugins = plugins
        self._known: dict[Hierarchy, Mapping[str, tuple[DataPlugin, ...]] | None] = {}
        self._all: Places | None = None

    def __getitem__(self, place: Hierarchy) -> Mapping[str, tuple[DataPlugin, ...]]:
        layers: Mapping[str, tuple[DataPlugin, ...]] | None = self.get(place)
        if layers is None:
            raise KeyError(place)
        return layers

    def get(self, place: Hierarchy, default: Any = None) -> Any:
        """Return the plugins at *place* by layer, or *default*."""
        if self._all is not None:
            return self._all.get(place, default)
        if place not in self._known:
            self._known[place] = _with_plugins({}, self._plugins.at(place)).get(place)
        layers = self._known[place]
        return default if layers is None else layers

    def __iter__(self) -> Iterator[Hierarchy]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def _whole(self) -> Places:
        if self._all is None:
            self._all = _with_plugins({}, self._plugins)
        return self._all


def _conditional(plugins: Iterable[DataPlugin]) -> tuple[DataPlugin, ...]:
    return tuple(plugin for plugin in plugins if plugin.when)


def _are_strict(plugins: Iterable[DataPlugin]) -> bool:
    return any(plugin.syntax == 2 and plugin.source.is_native for plugin in plugins)


def _has_same_content(left: DataPlugin, right: DataPlugin) -> bool:
    return left.record is not None and right.record is not None and left.info == right.info


def _with_plugins(places: Places, plugins: Sequence[DataPlugin]) -> Places:
    """Return a copy of *places* with *plugins* added; unchanged places are shared."""
    grown: dict[Hierarchy, dict[str, list[DataPlugin]]] = {}
    for plugin in plugins:
        layers = grown.setdefault(plugin.hierarchy, {})
        layers.setdefault(plugin.assignment, []).append(plugin)
    result = dict(places)
    for hierarchy, layers in grown.items():
        before = result.get(hierarchy, {})
        result[hierarchy] = {**before, **{name: (*before.get(name, ()), *new) for name, new in layers.items()}}
    return result
