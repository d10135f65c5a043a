"""Take a Snapshot of what a session answers from: plain data as bytes, functions and classes by their names."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from ways import __version__
from ways.assets.classes import AssetClasses
from ways.contexts.pool import ContextPool
from ways.errors import RefusedCallError, SnapshotError
from ways.hierarchy import Hierarchy, join_hierarchy
from ways.plugins.plugin import DataPlugin
from ways.registry import RegistrySnapshot
from ways.settings import PLATFORM_ENV_VAR, PLATFORMS_ENV_VAR, PRIORITY_ENV_VAR, STRICT_ENV_VAR
from ways.sheets.document import PluginRecord, Pointer, Position, Problem, Sheet
from ways.sheets.reader import Info
from ways.sheets.store.codec import MAX_DEPTH, Unstorable, pack
from ways.sheets.store.compiled import functions_of, functions_to_call
from ways.snapshot.snapshot import ACTION, CLASS, DEFAULT, KINDS, LAYOUT, OBJECT, VALUE, Omission, Parts, SheetPart, Snapshot
from ways.snapshot.stored import Entry, catalog_of, entries_of
from ways.sources.plugin_files import MODULE_PREFIX

#: The variables whose values are the settings of a snapshot.
_SETTINGS = (PLATFORM_ENV_VAR, PLATFORMS_ENV_VAR, PRIORITY_ENV_VAR, STRICT_ENV_VAR)
#: Stands for a value that can't travel.
_LOST = object()


def take_snapshot(
    pool: ContextPool,
    *,
    overrides: Mapping[str, str],
    given: Collection[str],
    sheets: Sequence[Sheet],
    infos: Mapping[str, Info],
    problems: Iterable[Problem],
    classes: AssetClasses | None,
    leave_out: bool | Collection[str],
) -> Snapshot:
    """Return a snapshot of the plugins, Contexts and actions of a pool, and of the rest that a session has.

    The caller must see to it that nothing is loaded meanwhile.

    :param given: the variables that are set.
    :param infos: by the folder of sheets, what the nearest info file says of them.
    :param classes: the classes that make Assets, if any were registered.
    :param leave_out: whether to leave out what can't travel; or the kinds of such things that may be left out.
    :raises SnapshotError: something can't travel; the error names all of it.
    """
    may_be_lost = (KINDS if leave_out else ()) if isinstance(leave_out, bool) else leave_out
    if unknown := set(may_be_lost) - set(KINDS):
        raise ValueError(f"leave_out: there is no kind {sorted(unknown)[0]!r}; known are {', '.join(KINDS)}")
    registered, settings = pool.registry.now, pool.settings.now()
    strict = "" if settings.strict is None else str(int(settings.strict))
    pickler = Pickler()
    encoder = _SheetEncoder(pickler)
    entries = entries_of(sheets, registered.registered)
    whole = [entry for entry in entries if entry is not None]
    is_whole = bool(whole) and len(whole) == len(entries)
    catalog = catalog_of(whole, [sheet.source for sheet in sheets], registered.registered) if is_whole else None
    # The sheets go before the plugins, which refer to them, and both before the positions, which they share.
    parts = tuple([encoder.sheet(sheet, entry) for sheet, entry in zip(sheets, entries)])
    plugins = tuple([encoder.plugin(plugin) for plugin in registered.registered]) if catalog is None else ()
    snapshot = Snapshot(
        layout=LAYOUT,
        version=__version__,
        settings=(settings.platform, tuple(sorted(settings.platforms)), settings.priority, strict),
        given=tuple(sorted(given)),
        limits=tuple(zip(pool.limits._fields, pool.limits)),
        overrides=tuple((name, value) for name, value in overrides.items() if name not in _SETTINGS),
        infos=tuple([_info(folder, info, pickler) for folder, info in sorted(infos.items())]),
        sheets=parts,
        catalog=catalog or b"",
        plugins=plugins,
        plugin_count=len(registered.registered),
        positions=tuple(encoder.positions),
        problems=pack([_problem(problem) for problem in problems]),
        aliases=tuple((tuple(alias), tuple(real)) for alias, real in registered.aliases.items()),
        actions=tuple(_actions(registered, pickler)),
        defaults=tuple(_defaults(pool, pickler)),
        classes=() if classes is None else tuple(_classes(classes, pickler)),
        contexts=tuple(_contexts(pool, pickler)),
        left_out=tuple(pickler.omissions),
    )
    if refused := [omission for omission in pickler.omissions if omission.kind not in may_be_lost]:
        raise SnapshotError(refused)
    return snapshot


class Pickler:
    """Turns values into what can travel, and notes each that can't."""

    def __init__(self) -> None:
        self.omissions: list[Omission] = []

    def data(self, value: Any, where: Callable[[], str]) -> bytes:
        """Return plain data as bytes, without the entries that can't travel.

        :param where: returns where the value is; called only if something can't travel.
        """
        try:
            return pack(value)
        except (Unstorable, RecursionError):
            rest = self._without_omissions(value, (), where)
        try:
            return pack(None if rest is _LOST else rest)
        except (Unstorable, RecursionError) as error:
            self.omit(VALUE, where(), str(error))
            return pack(None)

    def omit(self, kind: str, where: str, why: str) -> None:
        """Note something that can't travel."""
        self.omissions.append(Omission(kind, where, why))

    def import_name(self, kind: str, thing: Any, where: str) -> str:
        """Return the name by which another process can import a function or a class; ``''`` if there is none."""
        module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
        if not isinstance(module, str) or not isinstance(name, str):
            self.omit(kind, where, f"{thing!r} is no function and no class")
            return ""
        if module.startswith(MODULE_PREFIX):
            self.omit(kind, where, f"{name} is defined in a plugin file, which no other process can import")
            return ""
        value: Any = sys.modules.get(module)
        for part in name.split("."):
            value = getattr(value, part, None)
        if value is not thing:
            self.omit(kind, where, f"{module}.{name} is no name by which another process finds it")
            return ""
        return f"{module}:{name}"

    def _without_omissions(self, value: Any, path: tuple[object, ...], where: Callable[[], str]) -> Any:
        """Return *value* without what can't travel. A list, tuple or set that holds such a thing is lost as a whole."""
        if len(path) > MAX_DEPTH:
            return self._lost("lies too deep", path, where)
        if type(value) is dict:
            values = {
                key: self._without_omissions(item, (*path, key), where)
                for key, item in value.items()
                if self._without_omissions(key, (*path, key), where) is not _LOST
            }
            return {key: item for key, item in values.items() if item is not _LOST}
        if type(value) in (list, tuple, set):
            items = [self._without_omissions(item, (*path, index), where) for index, item in enumerate(value)]
            return _LOST if any(item is _LOST for item in items) else type(value)(items)
        try:
            pack(value)
        except (Unstorable, RecursionError):
            text = repr(value)
            return self._lost(f"{text if len(text) < 80 else f'{text[:77]}...'} is no plain value", path, where)
        return value

    def _lost(self, why: str, path: Iterable[object], where: Callable[[], str]) -> object:
        self.omit(VALUE, f"{where()}: {'.'.join(map(str, path))}", why)
        return _LOST


class _SheetEncoder:
    """Encodes sheets and plugins as bytes. Positions that several of them share are encoded once."""

    def __init__(self, pickler: Pickler) -> None:
        self.positions: list[tuple[bytes, ...]] = []
        self._pickler = pickler
        #: The index in ``positions`` of each mapping of positions, by its id.
        self._indices: dict[int, int] = {}
        #: Keeps these mappings alive, so that no other object gets the id of one.
        self._encoded: list[object] = []
        #: The indices of sheet and record, by where the record is written.
        self._records: dict[object, tuple[int, int]] = {}
        self._sheet_count = 0

    def sheet(self, sheet: Sheet, entry: Entry | None) -> SheetPart:
        """Return a sheet, with its plugins as they are written."""
        problems = [_problem(problem) for problem in sheet.problems]
        head = pack((tuple(sheet.source), list(sheet.follow), problems, sheet.is_lost))
        for index, record in enumerate(sheet.plugins):
            self._records[_key(record)] = (self._sheet_count, index)
        self._sheet_count += 1
        return SheetPart(head, tuple(map(self._record, sheet.plugins))) if entry is None else SheetPart(head, (), *entry)

    def plugin(self, plugin: DataPlugin) -> bytes:
        """Return a plugin: the indices of its sheet and record, or the record or values themselves."""
        label = f"the plugin {plugin.name} ({plugin.source})"
        if plugin.author is not None:
            self._pickler.omit(OBJECT, label, "what it said travels, but not the object itself")
        parent = None if plugin.parent is None else tuple(plugin.parent)
        content: tuple[object, ...]
        if plugin.record is not None and (numbers := self._records.get(_key(plugin.record))):
            # As lists, which are read faster.
            return pack([plugin.assignment, list(plugin.hierarchy), parent and list(parent), *numbers])
        if plugin.record is None:
            content = str(plugin.name), plugin.sources, tuple(plugin.source), self._pickler.data(dict(plugin.info), lambda: label)
        else:
            content = self._record(plugin.record)
        return pack((plugin.assignment, tuple(plugin.hierarchy), parent, *content))

    def _record(self, record: PluginRecord) -> tuple[bytes, int]:
        values = self._pickler.data(self._values(record), lambda: f"the plugin {record.name} ({record.source})")
        return pack((record.name, values, tuple(record.source))), self._index_of(record.positions)

    def _values(self, record: PluginRecord) -> dict[str, Any]:
        """Return the values of a record, with the functions that would be called here: the other process has no sheet to ask."""
        details = record.values.get("mapping_details") or {}
        named = {token: functions for token, own in details.items() if (functions := functions_of(own))}
        if not named or not record.source.is_trusted:
            return dict(record.values)
        written = {}
        for token, functions in named.items():
            try:
                functions = functions_to_call(record, token, functions)
            except RefusedCallError as error:
                self._pickler.omit(VALUE, f"the plugin {record.name} ({record.source})", str(error))
                functions = ()
            written[token] = {**details[token], "before_return": functions}
        return {**record.values, "mapping_details": {**details, **written}}

    def _index_of(self, positions: Mapping[Pointer, Position]) -> int:
        index = self._indices.get(id(positions))
        if index is None:
            index = self._indices[id(positions)] = len(self.positions)
            self._encoded.append(positions)
            groups: dict[Pointer, dict[Pointer, Position]] = {}
            for pointer, position in positions.items():
                groups.setdefault(pointer[:2], {})[pointer] = position
            encoded = []
            for group in groups.values():
                try:
                    encoded.append(pack(group))
                except (Unstorable, RecursionError):
                    # All that is lost is the lines of these values.
                    encoded.append(pack({}))
            self.positions.append(tuple(encoded))
        return index


def _key(record: PluginRecord) -> object:
    return record.source.path, record.source.pointer


def _problem(problem: Problem) -> tuple[object, ...]:
    return tuple(problem.source), *problem[1:]


def _info(folder: str, info: Info, pickler: Pickler) -> bytes:
    problems = [_problem(problem) for problem in info.problems]
    positions = {pointer: position for pointer, position in info.positions.items() if pointer[:1] == ("check",)}
    values = info.assignment, info.is_recursive, problems, info.check_level, info.ignored_codes, tuple(info.source), positions, info.size
    return pickler.data((folder, *values), lambda: f"the info file {info.source}")


def _actions(registered: RegistrySnapshot, pickler: Pickler) -> Iterable[tuple[Parts, str, str, str]]:
    for place, layers in registered.actions.items():
        for layer, actions in layers.items():
            for name, action in actions.items():
                if import_name := pickler.import_name(ACTION, action, f"the action {name} of {place.text}"):
                    yield tuple(place), layer, name, import_name


def _defaults(pool: ContextPool, pickler: Pickler) -> Iterable[tuple[Parts | None, str, str | bytes]]:
    for place, values in list(pool.action_defaults.items()):
        for name, value in list(values.items()):
            where = f"the default of the action {name}{'' if place is None else f' of {join_hierarchy(place)}'}"
            try:
                travelling: str | bytes = pack(value)
            except (Unstorable, RecursionError):
                travelling = pickler.import_name(DEFAULT, value, where)
            if travelling:
                yield None if place is None else tuple(place), name, travelling


def _classes(classes: AssetClasses, pickler: Pickler) -> Iterable[tuple[Parts, str, str, bool]]:
    for place, entry in classes.entries.items():
        where = f"the class of Assets of {place.text}"
        kind = pickler.import_name(CLASS, entry.class_type, where)
        init = kind if entry.init is entry.class_type else pickler.import_name(CLASS, entry.init, f"what makes {where}")
        if kind and init:
            yield tuple(place), kind, init, entry.serves_children


def _contexts(pool: ContextPool, pickler: Pickler) -> Iterable[tuple[Parts, str, bool, bytes]]:
    forced = set(pool.forced)
    for context in pool.contexts:
        key = Hierarchy.of(context.hierarchy), context.assignment
        changes = context.data_changes()
        if changes or key in forced:
            where = f"the data of {key[0].text}"
            yield tuple(key[0]), key[1], key in forced, pickler.data(changes, lambda where=where: where)  # type: ignore[misc]
