"""Make a session of a Snapshot: plugins are made again; their patterns are compiled when they are needed."""

from __future__ import annotations

import os
from typing import Any

from ways import __version__
from ways.assets.classes import AssetClasses
from ways.contexts.actions import add_default
from ways.contexts.pool import ContextPool
from ways.errors import SnapshotError
from ways.hierarchy import Hierarchy
from ways.plugins.plugin import DataPlugin
from ways.plugins.relative import copy_of
from ways.settings import PLATFORM_ENV_VAR, PLATFORMS_ENV_VAR, PRIORITY_ENV_VAR, STRICT_ENV_VAR
from ways.sheets.document import PluginRecord, Problem, Sheet, Source
from ways.sheets.store.codec import unpack
from ways.snapshot.snapshot import ACTION, CLASS, DEFAULT, LAYOUT, Omission, Snapshot
from ways.sources.load_sheets import NOTHING, LoadedPlugins
from ways.usercode import Failed, call, import_object


def overrides_of(snapshot: Snapshot) -> dict[str, str]:
    """Return the overrides of WAYS_* variables for the session of a snapshot.

    :raises SnapshotError: it is no snapshot, or another version of Ways made it.
    """
    if not isinstance(snapshot, Snapshot):
        raise SnapshotError((), f"A session is made of a Snapshot, and this is none: it is {type(snapshot).__name__}.")
    if (snapshot.layout, snapshot.version) != (LAYOUT, __version__):
        rule = f"A snapshot belongs to the version of Ways that made it: this is {__version__}"
        raise SnapshotError((), f"{rule}, that was Ways {snapshot.version}.")
    platform, platforms, priority, strict = snapshot.settings
    return {
        **dict(snapshot.overrides),
        PLATFORM_ENV_VAR: platform,
        PLATFORMS_ENV_VAR: os.pathsep.join(platforms),
        PRIORITY_ENV_VAR: os.pathsep.join(priority),
        **({STRICT_ENV_VAR: strict} if strict else {}),
    }


def loading_of(snapshot: Snapshot) -> LoadedPlugins:
    """Return the plugins and sheets of a snapshot, and what was wrong with them."""
    positions = [
        {pointer: position for group in groups for pointer, position in unpack(group).items()} for groups in snapshot.positions
    ]
    # The records of each sheet.
    records: list[list[PluginRecord | None]] = []
    sheets = []
    for part in snapshot.sheets:
        source, follow, problems, is_lost = unpack(part.head)
        records.append([_record(positions, *encoded) for encoded in part.records])
        written = tuple(record for record in records[-1] if record is not None)
        sheets.append(Sheet(Source(*source), written, tuple(map(_problem, problems)), tuple(follow), is_lost))
    plugins = [_plugin(positions, records, *unpack(encoded)) for encoded in snapshot.plugins]
    return NOTHING._replace(
        plugins=tuple(plugin for plugin in plugins if plugin is not None),
        sheets=tuple(sheets),
        problems=tuple(map(_problem, unpack(snapshot.problems))),
    )


def _record(positions: list[Any], encoded: bytes, index: int) -> PluginRecord | None:
    """Return a record; ``None`` for one that was left out."""
    name, encoded_values, source = unpack(encoded)
    values = unpack(encoded_values)
    return None if values is None else PluginRecord(name, values, Source(*source), positions[index])


def _plugin(
    positions: list[Any], records: list[list[PluginRecord | None]], layer: str, place: Any, parent: Any, *content: Any
) -> DataPlugin | None:
    """Return a plugin; ``None`` for one that was left out."""
    hierarchy, above = Hierarchy(place), None if parent is None else Hierarchy(parent)
    if len(content) == 2:
        # The indices of a sheet and of a record in it; else a record that is in no sheet.
        is_in_sheet = isinstance(content[0], int)
        record = records[content[0]][content[1]] if is_in_sheet else _record(positions, *content)
        return None if record is None else copy_of(record, layer, hierarchy, above)
    name, sources, source, encoded_values = content
    values = unpack(encoded_values)
    if values is None:
        return None
    plugin = DataPlugin.of_values(name, sources, layer, Source(*source), values)
    plugin.hierarchy = hierarchy
    return plugin


def _problem(values: Any) -> Problem:
    return Problem(Source(*values[0]), *values[1:])


def restore_into(pool: ContextPool, classes: AssetClasses, snapshot: Snapshot) -> None:
    """Put everything but the plugins into the pool of a new session: aliases, actions, classes, and changed data.

    :raises SnapshotError: actions or classes can't be imported here; the error names all of them.
    """
    missing: list[Omission] = []
    pool.registry.set_aliases({Hierarchy(alias): Hierarchy(real) for alias, real in snapshot.aliases})
    for place, layer, name, import_name in snapshot.actions:
        action = _import(import_name, ACTION, f"the action {name}", missing)
        pool.registry.add_action(action, name, Hierarchy(place), layer)
    for at, name, encoded in snapshot.defaults:
        if isinstance(encoded, bytes):
            value = unpack(encoded)
        else:
            value = _import(encoded, DEFAULT, f"the default of {name}", missing)
        add_default(pool.action_defaults, name, value, None if at is None else Hierarchy(at))
    for place, kind, init, serves_children in snapshot.classes:
        where = f"the class of Assets of {Hierarchy(place).text}"
        class_type = _import(kind, CLASS, where, missing)
        make = class_type if init == kind else _import(init, CLASS, f"what makes {where}", missing)
        classes.register(class_type, Hierarchy(place), make, serves_children)
    for place, layer, is_forced, data in snapshot.contexts:
        context = pool.get(Hierarchy(place), layer, force=is_forced)
        if context is not None and (changes := unpack(data)):
            context.data.update(changes)
    if missing:
        raise SnapshotError(missing)


def _import(name: str, kind: str, where: str, missing: list[Omission]) -> Any:
    """Return a function or class by its import name. If there is none, note it in *missing* and return ``None``."""
    outcome = call(import_object, name)
    if isinstance(outcome, Failed):
        missing.append(Omission(kind, where, f"{name} can't be imported here: {outcome.error}"))
        return None
    return outcome
