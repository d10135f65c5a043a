"""A Snapshot to a world again: plugins are made anew, and with them, at need, their patterns."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, NamedTuple

from ways import __version__
from ways.assets.classes import AssetClasses
from ways.contexts.actions import add_default
from ways.contexts.pool import ContextPool
from ways.errors import SnapshotError
from ways.usercode import Failed, call
from ways.hierarchy import Hierarchy
from ways.usercode import import_object
from ways.sources.load import NOTHING, Loading
from ways.plugins.plugin import DataPlugin
from ways.registry import Registry
from ways.settings import PLATFORM_ENV_VAR, PLATFORMS_ENV_VAR, PRIORITY_ENV_VAR
from ways.sheets.store.codec import unpack
from ways.sheets.document import PluginRecord, Problem, Sheet, Source
from ways.snapshot.record import ACTION, CLASS, DEFAULT, LAYOUT, Left, Snapshot


def overrides_of(snapshot: Snapshot) -> dict[str, str]:
    """Return what stands in for WAYS_* variables in the session of a snapshot.

    :raises SnapshotError: another version of Ways made it.
    """
    if not isinstance(snapshot, Snapshot) or (snapshot.layout, snapshot.version) != (LAYOUT, __version__):
        made_by = f"Ways {snapshot.version}" if isinstance(snapshot, Snapshot) else f"nobody: it is {type(snapshot).__name__}"
        raise SnapshotError((), f"A snapshot belongs to the version of Ways that made it: this is {__version__}, that was {made_by}.")
    platform, platforms, priority = snapshot.settings
    return {
        **dict(snapshot.overrides),
        PLATFORM_ENV_VAR: platform,
        PLATFORMS_ENV_VAR: os.pathsep.join(platforms),
        PRIORITY_ENV_VAR: os.pathsep.join(priority),
    }


def loading_of(snapshot: Snapshot) -> Loading:
    """Return the plugins and sheets of a snapshot, and what was wrong with them."""
    made = _Made(snapshot)
    problems = tuple(_problem(told) for told in unpack(snapshot.problems))
    return NOTHING._replace(plugins=tuple(made.plugins()), sheets=tuple(made.sheets), problems=problems)


class _Made:
    """The sheets of a snapshot, and the plugins that are made of them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._positions = [
            {pointer: position for piece in pieces for pointer, position in unpack(piece).items()} for pieces in snapshot.positions
        ]
        #: The records of each sheet; ``None`` for one that was left out.
        self._records = [[self._record(*told) for told in part.records] for part in snapshot.sheets]
        self.sheets = [_sheet(unpack(part.head), records) for part, records in zip(snapshot.sheets, self._records)]

    def plugins(self) -> Iterable[DataPlugin]:
        """Yield each plugin, in the order of registration, but for one that was left out."""
        found = (self._plugin(*unpack(told)) for told in self._snapshot.plugins)
        return (plugin for plugin in found if plugin is not None)

    def _record(self, data: bytes, number: int) -> PluginRecord | None:
        name, values, source = unpack(data)
        known = unpack(values)
        return None if known is None else PluginRecord(name, known, Source(*source), self._positions[number])

    def _plugin(self, layer: str, place: Any, parent: Any, *rest: Any) -> DataPlugin | None:
        hierarchy, above = Hierarchy(place), None if parent is None else Hierarchy(parent)
        if len(rest) == 2:
            # The number of a sheet and of a record in it; else a record that is in no sheet.
            record = self._records[rest[0]][rest[1]] if isinstance(rest[0], int) else self._record(*rest)
            return None if record is None else DataPlugin.from_record(record, layer, hierarchy, above)
        name, sources, source, values = rest
        known = unpack(values)
        if known is None:
            return None
        plugin = DataPlugin.of_values(name, sources, layer, Source(*source), known)
        plugin.hierarchy = hierarchy
        return plugin


def _sheet(head: Any, records: Iterable[PluginRecord | None]) -> Sheet:
    source, follow, problems, is_lost = head
    plugins = tuple(record for record in records if record is not None)
    return Sheet(Source(*source), plugins, tuple(map(_problem, problems)), tuple(follow), is_lost)


def _problem(told: Any) -> Problem:
    return Problem(Source(*told[0]), *told[1:])


class _Found(NamedTuple):
    """What functions and classes were found by their names, and which could not."""

    missing: list[Left]

    def by(self, name: str, kind: str, where: str) -> Any:
        found = call(import_object, name)
        if isinstance(found, Failed):
            self.missing.append(Left(kind, where, f"{name} can't be imported here: {found.error}"))
            return None
        return found


def fill(snapshot: Snapshot, registry: Registry, pool: ContextPool, classes: AssetClasses) -> None:
    """Put everything but the plugins into a new session: aliases, actions, classes, and what was set on data.

    :raises SnapshotError: an action or a class can't be imported here; it names all of them.
    """
    found = _Found([])
    registry.set_aliases({Hierarchy(alias): Hierarchy(real) for alias, real in snapshot.aliases})
    for place, layer, name, action in snapshot.actions:
        registry.add_action(found.by(action, ACTION, f"the action {name}"), name, Hierarchy(place), layer)
    for at, name, told in snapshot.defaults:
        value = unpack(told) if isinstance(told, bytes) else found.by(told, DEFAULT, f"the default of {name}")
        add_default(pool.action_defaults, name, value, None if at is None else Hierarchy(at))
    for place, kind, init, serves_children in snapshot.classes:
        class_type = found.by(kind, CLASS, f"the class of Assets of {Hierarchy(place).text}")
        make = class_type if init == kind else found.by(init, CLASS, f"what makes the Assets of {Hierarchy(place).text}")
        classes.register(class_type, Hierarchy(place), make, serves_children)
    for place, layer, is_forced, data in snapshot.contexts:
        context = pool.get(Hierarchy(place), layer, force=is_forced)
        if context is not None and (changes := unpack(data)):
            context.data.update(changes)
    if found.missing:
        raise SnapshotError(found.missing)
