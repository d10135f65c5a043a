"""What the page can switch to: other platforms and layers. They share all that is the same in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from ways import api
from ways.report.patterns import PatternTable, SkeletonOf

#: Platforms and layers of one page at most, in all their combinations.
MOST_WORLDS = 40
#: The platform whose paths have another separator.
WINDOWS = "windows"

#: Gives the record of a place, as a session sees it.
RecordOf = Callable[[api.Session, tuple[str, ...]], dict[str, Any]]


class WorldTable:
    """Makes the record of each platform and order of layers: its places, and how texts are read there.

    The first world is that of the session, whose records of places are known. For the others only those places are looked
    at again that some plugin counts for in one of both, and not in the other.

    :param places: all places; their numbers in the page are those in this list.
    :param skeleton_of: gives what the mapping of a place shares with others.
    """

    def __init__(
        self, session: api.Session, places: list[tuple[str, ...]], record_of: RecordOf, skeleton_of: SkeletonOf
    ) -> None:
        self._session = session
        self._places = places
        self._numbers = {place: number for number, place in enumerate(places)}
        self._record_of = record_of
        self.patterns = PatternTable(session, skeleton_of)
        #: The records of places that differ from those of the first world.
        self.changed: list[dict[str, Any]] = []
        #: For each way to read texts the numbers of the entries that are tried together, group by group.
        self.groupings: list[list[list[int]]] = []
        self._known: dict[object, dict[str, Any]] = {}
        self._records: dict[object, int] = {}
        state = session.ready_pool.state()
        self._plugins = list(state.snapshot.plugins)
        self._first = self._statuses_in(state)
        views = [session.need_context(place).view for place in places if _is_known(session, place)]
        self._has_paths = any(view.resolved.path for view in views)
        #: For each place the places whose plugins may change what it amounts to.
        self._dependencies: dict[tuple[str, ...], set[Any]] = {view.hierarchy: _dependencies(view) for view in views}
        self._plugins_at: dict[Any, list[int]] = {}
        for number, plugin in enumerate(self._plugins):
            self._plugins_at.setdefault(plugin.hierarchy, []).append(number)
        #: The numbers of the entries of a place, by all that decides what they are.
        self._entries: dict[object, list[int]] = {}

    def worlds(self) -> Iterator[dict[str, Any]]:
        """Yield the record of each platform and order of layers, first that of the session."""
        settings = self._session.settings
        for platform, priority in self._combinations():
            is_first = (platform, priority) == (settings.platform, settings.priority)
            variables = {"WAYS_PLATFORM": platform, "WAYS_PRIORITY": os.pathsep.join(priority)}
            seen = self._session if is_first else self._session.with_overrides(variables)
            yield {"platform": platform, "priority": list(priority), **self._world(seen, platform.lower() == WINDOWS)}

    def _world(self, seen: api.Session, is_windows: bool) -> dict[str, Any]:
        statuses = self._statuses_in(seen.ready_pool.state())
        key = (statuses, is_windows and self._has_paths)
        if key not in self._known:
            affected = self._affected(statuses)
            contexts = {number: self._changed_number(seen, number, statuses) for number in affected}
            keys = {number: self._key(number, statuses) for number in affected}
            self.groupings.append(self._grouping(seen, keys, is_windows))
            self._known[key] = {"contexts": contexts, "grouping": len(self.groupings) - 1}
        return self._known[key]

    def _statuses_in(self, state: Any) -> tuple[tuple[int, bool], ...]:
        """Return for each plugin how strong its layer is, and whether it is there on the platform."""
        strengths = {layer: number for number, layer in enumerate(state.assignments(""))}
        return tuple((strengths.get(plugin.assignment, -1), state.takes_part(plugin)) for plugin in self._plugins)

    def _affected(self, statuses: tuple[tuple[int, bool], ...]) -> list[int]:
        """Return the numbers of the places that a plugin counts for in this world or the first, and in the other not, or otherwise."""
        pairs = zip(self._plugins, self._first, statuses)
        changed = {plugin.hierarchy for plugin, before, after in pairs if before != after}
        return [self._numbers[place] for place, needed in self._dependencies.items() if not changed.isdisjoint(needed)]

    def _key(self, number: int, statuses: tuple[tuple[int, bool], ...]) -> object:
        """Return what is equal for worlds in which the same plugins count for a place."""
        needed = sorted(plugin for place in self._dependencies[self._places[number]] for plugin in self._plugins_at.get(place, ()))
        return tuple(statuses[plugin] for plugin in needed)

    def _changed_number(self, seen: api.Session, number: int, statuses: tuple[tuple[int, bool], ...]) -> int:
        """Return the number of the record of a place in another world."""
        key = (number, self._key(number, statuses))
        if key not in self._records:
            self._records[key] = len(self.changed)
            self.changed.append(self._record_of(seen, self._places[number]))
        return self._records[key]

    def _grouping(self, seen: api.Session, keys: dict[int, object], is_windows: bool) -> list[list[int]]:
        """Return the numbers of the entries that are tried together, group by group.

        :param keys: those of the places that differ from the first world.
        """
        groups: list[list[int]] = []
        # Texts are read in the first world alone: for the others it isn't found out which are near a text.
        for group in seen.entries() if seen is self._session else seen.finder().index.layers():
            # A place has an entry for each of its variants.
            targets: dict[tuple[Any, ...], list[Any]] = {}
            for target in group:
                number = self._numbers[target.context.hierarchy]
                is_path = is_windows and bool(target.view.resolved.path)
                targets.setdefault((number, target.context.assignment, keys.get(number), is_path), []).append(target)
            for key, some in targets.items():
                if key not in self._entries:
                    self._entries[key] = [self._entry(seen, target) for target in some if self.patterns.can_read(target)]
            # As which Python reads no text, either, is left out.
            known = (number for key in targets for number in self._entries[key])
            groups.append([number for number in dict.fromkeys(known) if not self.patterns.entries[number].get("broken")])
        return groups

    def _entry(self, seen: api.Session, target: Any) -> int:
        context = target.context
        name = api.join_hierarchy(context.hierarchy)
        # Its layer has no priority, so that a text is found there only under the name of the layer.
        named = f"{name} [{context.assignment}]" if context.assignment else name
        number = self._numbers[context.hierarchy]
        return self.patterns.number_of(seen, target, number, named, with_samples=seen is self._session)

    def _combinations(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield each platform with each order of layers, first those of the session.

        Platforms that no plugin names are alike, except that Windows has other separators.
        """
        settings = self._session.settings
        named = {name for plugin in self._plugins for name in plugin.platforms or ()} | ({WINDOWS} if self._has_paths else set())
        platforms = dict.fromkeys((settings.platform, *sorted(named & settings.platforms)))
        priorities = list(_priorities(self._session))[: MOST_WORLDS // len(platforms) or 1]
        for priority in priorities:
            yield from ((platform, priority) for platform in platforms)


def _priorities(session: api.Session) -> Iterator[tuple[str, ...]]:
    """Yield the order of layers of the session, then this one with each other layer on top, then the weaker layers alone."""
    priority = session.settings.priority
    yield priority
    yield from ((*priority, layer) for layer in session.assignments() if layer not in priority)
    yield from (priority[:count] for count in range(len(priority) - 1, 0, -1))


def _is_known(session: api.Session, place: tuple[str, ...]) -> bool:
    try:
        return session.get_context(place) is not None
    except ValueError:
        return False


def _dependencies(view: Any) -> set[Any]:
    """Return the places whose plugins may change what a place amounts to."""
    return {*view.state.resolver("", None).dependencies(view.real_hierarchy), *view.hierarchy.ancestors}
