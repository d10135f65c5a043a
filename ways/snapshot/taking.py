"""A session's world to a Snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from ways import __version__
from ways.assets.classes import AssetClasses
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.errors import SnapshotError
from ways.hierarchy import Hierarchy
from ways.plugins.plugin import DataPlugin
from ways.registry import RegistrySnapshot
from ways.settings import PLATFORM_ENV_VAR, PLATFORMS_ENV_VAR, PRIORITY_ENV_VAR, Settings
from ways.sheets.store.codec import Unstorable, pack
from ways.sheets.document import PluginRecord, Pointer, Position, Problem, Sheet
from ways.snapshot.plain import Taking
from ways.snapshot.record import ACTION, CLASS, DEFAULT, KINDS, LAYOUT, OBJECT, Left, Parts, SheetPart, Snapshot

#: What the settings of a snapshot say.
_SETTINGS = (PLATFORM_ENV_VAR, PLATFORMS_ENV_VAR, PRIORITY_ENV_VAR)


class World(NamedTuple):
    """What a snapshot is taken of, all of one moment."""

    registered: RegistrySnapshot
    settings: Settings
    overrides: Mapping[str, str]
    sheets: Sequence[Sheet]
    problems: Sequence[Problem]
    pool: ContextPool
    classes: AssetClasses | None


def taken(world: World, leave_out: bool | Collection[str]) -> Snapshot:
    """Return the snapshot of a world.

    :param leave_out: whether to leave out what can't travel; or the kinds of such things that may be left out.
    :raises SnapshotError: something can't travel; it names all of it.
    """
    taking = Taking()
    written = _Written(taking)
    sheets = tuple(written.sheet(sheet) for sheet in world.sheets)
    plugins = tuple(written.plugin(plugin) for plugin in world.registered.plugins)
    settings = world.settings
    snapshot = Snapshot(
        layout=LAYOUT,
        version=__version__,
        settings=(settings.platform, tuple(sorted(settings.platforms)), settings.priority),
        overrides=tuple((name, value) for name, value in world.overrides.items() if name not in _SETTINGS),
        positions=tuple(written.positions),
        sheets=sheets,
        plugins=plugins,
        problems=pack([_problem(problem) for problem in world.problems]),
        aliases=tuple((tuple(alias), tuple(real)) for alias, real in world.registered.aliases.items()),
        actions=tuple(_actions(world.registered, taking)),
        defaults=tuple(_defaults(world.pool, taking)),
        classes=() if world.classes is None else tuple(_classes(world.classes, taking)),
        contexts=tuple(_contexts(world.pool, taking)),
        left_out=tuple(taking.left),
    )
    _refuse(taking.left, leave_out)
    return snapshot


def _refuse(left: Iterable[Left], leave_out: bool | Collection[str]) -> None:
    kinds = (KINDS if leave_out else ()) if isinstance(leave_out, bool) else leave_out
    if unknown := set(kinds) - set(KINDS):
        raise ValueError(f"leave_out: there is no kind {sorted(unknown)[0]!r}; known are {', '.join(KINDS)}")
    refused = [item for item in left if item.kind not in kinds]
    if refused:
        raise SnapshotError(refused)


class _Written:
    """Sheets and plugins as bytes; what several of them share is written once."""

    def __init__(self, taking: Taking) -> None:
        self.positions: list[tuple[bytes, ...]] = []
        self._taking = taking
        self._numbers: dict[int, int] = {}
        #: Keeps what a number was given to: another object must not get its id.
        self._held: list[object] = []
        #: Sheet and number of each record, by where it is written.
        self._records: dict[object, tuple[int, int]] = {}
        self._count = 0

    def sheet(self, sheet: Sheet) -> SheetPart:
        """Return a sheet, with its plugins as they are written."""
        problems = [_problem(problem) for problem in sheet.problems]
        head = pack((tuple(sheet.source), list(sheet.follow), problems, sheet.is_lost))
        for number, record in enumerate(sheet.plugins):
            self._records[_key(record)] = (self._count, number)
        self._count += 1
        return SheetPart(head, tuple(self._record(record) for record in sheet.plugins))

    def _record(self, record: PluginRecord) -> tuple[bytes, int]:
        values = self._taking.data(dict(record.values), lambda: _of(record))
        return pack((record.name, values, tuple(record.source))), self._positions(record.positions)

    def _positions(self, positions: Mapping[Pointer, Position]) -> int:
        number = self._numbers.get(id(positions))
        if number is None:
            number = self._numbers[id(positions)] = len(self.positions)
            self._held.append(positions)
            grouped: dict[Pointer, dict[Pointer, Position]] = {}
            for pointer, position in positions.items():
                grouped.setdefault(pointer[:2], {})[pointer] = position
            self.positions.append(tuple(_group(group) for group in grouped.values()))
        return number

    def plugin(self, plugin: DataPlugin) -> bytes:
        """Return a plugin: the number of its record, or what it says."""
        if plugin.original is not plugin:
            why = "what it said travels, but not the object itself"
            self._taking.note(OBJECT, f"the plugin {plugin.name} ({plugin.source})", why)
        told: tuple[object, ...] = (plugin.assignment, tuple(plugin.hierarchy), None if plugin.parent is None else tuple(plugin.parent))
        record = plugin.record
        if record is None:
            values = self._taking.data(dict(plugin.info), lambda: f"the plugin {plugin.name} ({plugin.source})")
            rest: tuple[object, ...] = (str(plugin.name), plugin.sources, tuple(plugin.source), values)
        elif (known := self._records.get(_key(record))) is not None:
            rest = known
        else:
            rest = self._record(record)
        return pack((*told, *rest))


def _group(positions: dict[Pointer, Position]) -> bytes:
    try:
        return pack(positions)
    except (Unstorable, RecursionError):
        # A thing without a line is all that is lost.
        return pack({})


def _key(record: PluginRecord) -> object:
    return record.source.path, record.source.pointer


def _of(record: PluginRecord) -> str:
    return f"the plugin {record.name} ({record.source})"


def _problem(problem: Problem) -> tuple[object, ...]:
    return tuple(problem.source), *problem[1:]


def _text(place: Iterable[str]) -> str:
    return Hierarchy(place).text


def _actions(registered: RegistrySnapshot, taking: Taking) -> Iterable[tuple[Parts, str, str, str]]:
    for place, layers in registered.actions.items():
        for layer, actions in layers.items():
            for name, action in actions.items():
                if found := taking.name(ACTION, action, f"the action {name} of {_text(place)}"):
                    yield tuple(place), layer, name, found


def _defaults(pool: ContextPool, taking: Taking) -> Iterable[tuple[Parts | None, str, str | bytes]]:
    for place, values in list(pool.action_defaults.items()):
        for name, value in list(values.items()):
            where = f"the default of the action {name}{'' if place is None else f' of {_text(place)}'}"
            try:
                told: str | bytes = pack(value)
            except (Unstorable, RecursionError):
                told = taking.name(DEFAULT, value, where)
            if told:
                yield None if place is None else tuple(place), name, told


def _classes(classes: AssetClasses, taking: Taking) -> Iterable[tuple[Parts, str, str, bool]]:
    for place, entry in classes.entries.items():
        where = f"the class of Assets of {_text(place)}"
        found = taking.name(CLASS, entry.class_type, where)
        init = found if entry.init is entry.class_type else taking.name(CLASS, entry.init, f"what makes {where}")
        if found and init:
            yield tuple(place), found, init, entry.serves_children


def _contexts(pool: ContextPool, taking: Taking) -> Iterable[tuple[Parts, str, bool, bytes]]:
    forced = set(pool.forced)
    for context in pool.contexts:
        key = Hierarchy.of(context.hierarchy), context.assignment
        changes = context.data_changes()
        if changes or key in forced:
            data = taking.data(changes, lambda context=context: f"the data of {_shown(context)}")  # type: ignore[misc]
            yield tuple(key[0]), key[1], key in forced, data


def _shown(context: Context) -> str:
    return _text(context.hierarchy)
