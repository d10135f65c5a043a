"""Make a session of a Snapshot: plugins are made again; their patterns are compiled when they are needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping

from ways import __version__
from ways.contexts.actions import add_default
from ways.contexts.pool import ContextPool
from ways.errors import SnapshotError, lines
from ways.hierarchy import Hierarchy, join_hierarchy
from ways.limits import MAX_HIERARCHY, Limits
from ways.plugins.plugin import DataPlugin
from ways.plugins.precheck import costly_expressions, limits_exceeded
from ways.plugins.relative import copy_of
from ways.settings import (
    EXPAND_ORDER_ENV_VAR,
    PARSERS_ENV_VAR,
    PLATFORM_ENV_VAR,
    PLATFORMS_ENV_VAR,
    PRIORITY_ENV_VAR,
    STRICT_ENV_VAR,
    checked,
)
from ways.sheets import schema
from ways.sheets.document import PluginRecord, Pointer, Position, Problem, Sheet, Source
from ways.sheets.store.codec import Damaged, unpack
from ways.sheets.store.compiled import has_shapes
from ways.snapshot.file import read_body, refused
from ways.sheets.reader import Info
from ways.snapshot.snapshot import ACTION, CLASS, DEFAULT, LAYOUT, Omission, SheetPart, Snapshot
from ways.snapshot.stored import Entry, lazy_sheets, stored_sheet
from ways.sources.load_sheets import NOTHING, LoadedPlugins
from ways.usercode import Failed, call, import_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from ways.assets.classes import AssetClasses
else:
    from ways.lightweight import NamedTuple

#: What is raised for data that Ways did not write.
_WRONG = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
#: The variables that a snapshot may set which isn't trusted: none lets more be read, or run.
_HARMLESS = frozenset({PARSERS_ENV_VAR, EXPAND_ORDER_ENV_VAR})


class _Either(tuple[object, ...]):
    """Some shapes, of which a value has one."""


_PLACE = [str]
#: The shape of each field of a Snapshot: a type, a tuple of the shapes of its items, or a list with the shape of every item.
_SHAPES = {
    "layout": int,
    "version": str,
    "settings": (str, [str], [str], str),
    "given": [str],
    "limits": [(str, int)],
    "overrides": [(str, str)],
    "infos": [bytes],
    "positions": [[bytes]],
    "sheets": [(bytes, [(bytes, int)], bytes, str)],
    "catalog": bytes,
    "plugins": [bytes],
    "plugin_count": int,
    "problems": bytes,
    "aliases": [(_PLACE, _PLACE)],
    "actions": [(_PLACE, str, str, str)],
    "defaults": [(_Either((_PLACE, type(None))), str, _Either((str, bytes)))],
    "classes": [(_PLACE, str, str, bool)],
    "contexts": [(_PLACE, str, bool, bytes)],
    "left_out": [(str, str, str)],
}


class Restored(NamedTuple):
    """A snapshot, and what it gives."""

    snapshot: Snapshot
    loaded: LoadedPlugins
    #: What info files say of the sheets, by the folders of these.
    infos: Mapping[str, Info]
    #: The file that it is out of; ``""`` for none.
    path: str = ""


def restored(snapshot: Snapshot) -> Restored:
    """Return what a snapshot gives that was made by this process, or by one that it believes.

    :raises SnapshotError: it is no snapshot, or another version of Ways made it.
    """
    overrides_of(snapshot)
    decoder = _Decoder(snapshot, is_trusted=True, limits=None)
    return Restored(snapshot, decoder.loading(), decoder.infos())


def restored_from(path: str, *, trust: bool, limits: Limits, owners: Collection[str]) -> Restored:
    """Return the snapshot in a file, and what it gives. See :func:`ways.snapshot.file.read_body`.

    :param trust: whether its code may run; if not, the snapshot comes without it, and with no limit above *limits*.
    :raises SnapshotError: it is refused.
    """
    body = read_body(path, limits=limits, owners=owners)
    try:
        snapshot = _snapshot_of(body)
        checked(overrides_of(snapshot))
        allowed = Limits(**dict(snapshot.limits))
        allowed = allowed if trust else Limits(*map(min, allowed, limits))
        decoder = _Decoder(snapshot, is_trusted=trust, limits=allowed)
        made = Restored(snapshot._replace(limits=tuple(zip(allowed._fields, allowed))), decoder.loading(), decoder.infos(), path)
    except SnapshotError as error:
        raise refused(path, str(error).rstrip(".")) from error
    except _WRONG as error:
        raise refused(path, f"it is not as Ways writes it: {error}") from error
    return made if trust else _without_code(made)


def _without_code(made: Restored) -> Restored:
    """Return a snapshot without what it has imported, or what lets more be read here; with a problem that says so."""
    snapshot, loaded, _, path = made
    omissions = [Omission(ACTION, f"the action {name} of {join_hierarchy(place)}", what) for place, _, name, what in snapshot.actions]
    defaults = [(name, value) for _, name, value in snapshot.defaults if isinstance(value, str)]
    omissions += [Omission(DEFAULT, f"the default of the action {name}", value) for name, value in defaults]
    omissions += [Omission(CLASS, f"the class of Assets of {join_hierarchy(place)}", kind) for place, kind, *_ in snapshot.classes]
    rest = snapshot._replace(
        overrides=tuple(item for item in snapshot.overrides if item[0] in _HARMLESS),
        actions=(),
        defaults=tuple(item for item in snapshot.defaults if isinstance(item[2], bytes)),
        classes=(),
        left_out=(*snapshot.left_out, *(item._replace(why=f"{item.why} isn't imported") for item in omissions)),
    )
    if not omissions:
        return made._replace(snapshot=rest)
    first = ", ".join(item.where for item in omissions[:3]) + (f" and {len(omissions) - 3} more" if len(omissions) > 3 else "")
    help = "If you know who wrote it, trust it: --trust, or Session.from_snapshot(path, trust=True)."
    problem = Problem(Source(path), f"the snapshot is not trusted, so its code isn't loaded: {first}", "warning", "not-run", help=help)
    return made._replace(snapshot=rest, loaded=loaded._replace(problems=(*loaded.problems, problem)))


def _snapshot_of(body: bytes) -> Snapshot:
    """Return the Snapshot that bytes stand for.

    :raises Damaged: they stand for none.
    """
    fields = unpack(body)
    if not _has_shape(fields, tuple(map(_SHAPES.__getitem__, Snapshot._fields))):
        raise Damaged("a part has another shape")
    snapshot = Snapshot(*fields)
    if (snapshot.layout, snapshot.version) != (LAYOUT, __version__):
        raise Damaged("another version stands in it")
    sheets = tuple(SheetPart(*part) for part in snapshot.sheets)
    return snapshot._replace(sheets=sheets, left_out=tuple(Omission(*item) for item in snapshot.left_out))


def _has_shape(value: Any, shape: Any) -> bool:
    """Whether plain data has a shape: see :data:`_SHAPES`."""
    if isinstance(shape, _Either):
        return any(_has_shape(value, one) for one in shape)
    if isinstance(shape, list):
        return type(value) is tuple and all([_has_shape(item, shape[0]) for item in value])
    if isinstance(shape, tuple):
        return type(value) is tuple and len(value) == len(shape) and all([_has_shape(*pair) for pair in zip(value, shape)])
    return type(value) is shape


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


class _Decoder:
    """Makes the plugins and sheets of a snapshot again.

    :param is_trusted: whether code that trusted sheets name may run.
    :param limits: those that each plugin must be within, if the snapshot is out of a file: it is checked as one of a sheet is.
    """

    def __init__(self, snapshot: Snapshot, is_trusted: bool, limits: Limits | None) -> None:
        self._snapshot = snapshot
        self._is_trusted = is_trusted
        self._limits = limits
        self._positions = [_Positions(groups) for groups in snapshot.positions]
        #: The places that were read, by their parts, and the records that are within the limits, by their ids.
        self._places: dict[Any, Hierarchy] = {}
        self._checked: set[int] = set()
        #: The records of each sheet; ``None`` for one that was left out.
        self._records: list[list[PluginRecord | None]] = []

    def loading(self) -> LoadedPlugins:
        """Return the plugins and sheets, and what was wrong with them.

        :raises SnapshotError: a plugin is beyond the limits.
        :raises ValueError: a part is other than Ways writes.
        """
        snapshot = self._snapshot
        heads = [unpack(part.head) for part in snapshot.sheets]
        sources = [self._source(source) for source, *_ in heads]
        problems = tuple(map(self._problem, unpack(snapshot.problems)))
        if snapshot.plugin_count and not snapshot.plugins:
            entries = [Entry(part.entry, part.assignment) for part in snapshot.sheets]
            stored, lazy = lazy_sheets(entries, sources, snapshot.catalog, self._check)
            return NOTHING._replace(plugins=lazy, sheets=tuple(stored), problems=problems)
        sheets: list[Sheet] = []
        for number, (part, source, (_, follow, faults, is_lost)) in enumerate(zip(snapshot.sheets, sources, heads)):
            if part.entry:
                sheet: Sheet = stored_sheet(number, Entry(part.entry, part.assignment), source, self._check_shape)
                self._records.append(list(sheet.whole().plugins))
            else:
                self._records.append([self._record(*encoded) for encoded in part.records])
                written = tuple(record for record in self._records[-1] if record is not None)
                sheet = Sheet(source, written, tuple(map(self._problem, faults)), tuple(follow), bool(is_lost))
            sheets.append(sheet)
        plugins = [self._plugin(*unpack(encoded)) for encoded in snapshot.plugins]
        return NOTHING._replace(
            plugins=tuple(plugin for plugin in plugins if plugin is not None),
            sheets=tuple(sheets),
            problems=problems,
        )

    def infos(self) -> dict[str, Info]:
        """Return what info files say of the sheets, by the folders of these."""
        return dict(map(self._info, self._snapshot.infos))

    def _info(self, encoded: bytes) -> tuple[str, Info]:
        folder, assignment, is_recursive, problems, level, codes, source, positions, size = unpack(encoded)
        for text in (folder, assignment, level, *codes):
            _text(text)
        if level not in ("", *schema.FINDING_LEVELS) or type(positions) is not dict or type(size) is not int:
            raise Damaged("no info")
        problems = tuple(map(self._problem, problems))
        return folder, Info(assignment, bool(is_recursive), problems, level, tuple(codes), self._source(source), positions, size)

    def _record(self, encoded: bytes, index: int) -> PluginRecord | None:
        name, encoded_values, source = unpack(encoded)
        values = unpack(encoded_values)
        if values is None:
            return None
        hash(name)
        record = PluginRecord(name, values, self._source(source), self._positions[index])
        self._check_shape(record)
        return record

    def _plugin(self, layer: str, place: Any, parent: Any, *content: Any) -> DataPlugin | None:
        """Return a plugin; ``None`` for one that was left out."""
        hierarchy, above = self._place(place), None if parent is None else self._place(parent)
        _text(layer)
        if len(content) == 2:
            # The indices of a sheet and of a record in it; else a record that is in no sheet.
            is_in_sheet = isinstance(content[0], int)
            record = self._records[content[0]][content[1]] if is_in_sheet else self._record(*content)
            if record is None:
                return None
            self._check_size(record)
            return copy_of(record, layer, hierarchy, above)
        name, sources, source, encoded_values = content
        values = unpack(encoded_values)
        if values is None:
            return None
        record = PluginRecord(_text(name), values, self._source(source), {})
        self._check_shape(record)
        self._check_size(record)
        plugin = DataPlugin.of_values(name, map(_text, sources), layer, self._source(source), values)
        plugin.hierarchy = hierarchy
        return plugin

    def _check(self, record: PluginRecord) -> None:
        self._check_shape(record)
        self._check_size(record)

    def _check_shape(self, record: PluginRecord) -> None:
        """Check what anybody may have written.

        :raises ValueError: a key has what none may have.
        """
        if self._limits is not None:
            if not has_shapes(record.values):
                raise Damaged(f"the plugin {record.name} has another shape")
            # What is written in a sheet passed these rules.
            schema.normalized(record.values, record.source)

    def _check_size(self, record: PluginRecord) -> None:
        """Check a record of which a plugin is made: a sheet may have others, of which none was.

        :raises SnapshotError: it is larger than it may be.
        """
        if (limits := self._limits) is not None and id(record) not in self._checked:
            self._checked.add(id(record))
            if (problem := limits_exceeded(record, limits) or next(costly_expressions(record), None)) is not None:
                raise SnapshotError((), str(problem))

    def _source(self, values: Any) -> Source:
        path, format, pointer, line, column, is_trusted, chain = values
        for text in (path, format, *chain):
            _text(text)
        if type(pointer) is not tuple or not (type(line) is type(column) is int):
            raise Damaged("no source")
        hash(pointer)
        return Source(path, format, pointer, line, column, self._is_trusted and bool(is_trusted), tuple(chain))

    def _problem(self, values: Any) -> Problem:
        source, message, level, *texts = values
        if level not in ("error", "warning"):
            raise Damaged("no level")
        return Problem(self._source(source), _text(message), level, *map(_text, texts))

    def _place(self, parts: Any) -> Hierarchy:
        parts = tuple(parts)
        place = self._places.get(parts)
        if place is None:
            place = self._places[parts] = Hierarchy(parts)
            if self._limits is not None and (len(place) > MAX_HIERARCHY or Hierarchy.of(parts) != place):
                raise Damaged("no place")
        return place


class _Positions(Mapping[Pointer, Position]):
    """Where things are written in a sheet, unpacked at the first question: most are never asked for."""

    __slots__ = ("_groups", "_unpacked")

    def __init__(self, groups: tuple[bytes, ...]) -> None:
        self._groups = groups
        self._unpacked: dict[Pointer, Position] | None = None

    def _all(self) -> dict[Pointer, Position]:
        if self._unpacked is None:
            try:
                found = {pointer: position for group in self._groups for pointer, position in unpack(group).items()}
                is_whole = all(type(pointer) is tuple and _has_shape(position, (int, int)) for pointer, position in found.items())
            except _WRONG:
                is_whole = False
            # All that is lost is the lines.
            self._unpacked = found if is_whole else {}
        return self._unpacked

    def __getitem__(self, pointer: Pointer) -> Position:
        return self._all()[pointer]

    def __iter__(self) -> Iterator[Pointer]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def _text(value: Any) -> str:
    if type(value) is not str:
        raise Damaged("no text")
    return value


def restore_into(pool: ContextPool, classes: Callable[[], AssetClasses], made: Restored) -> None:
    """Put everything but the plugins into the pool of a new session: aliases, actions, classes, and changed data.

    :param classes: gives the classes of the session.
    :raises SnapshotError: actions or classes can't be imported here; the error names all of them.
    """
    path = made.path
    try:
        missing = _put_into(pool, classes, made.snapshot)
    except _WRONG as error:
        raise (refused(path, f"it is not as Ways writes it: {error}") if path else error) from error
    if missing:
        what = "The snapshot names what can't be imported here:"
        raise SnapshotError(missing, lines(f"{path}: {what}" if path else what, *(f"  {item}" for item in missing)))


def _put_into(pool: ContextPool, classes: Callable[[], AssetClasses], snapshot: Snapshot) -> list[Omission]:
    """Put everything but the plugins into the pool; return what can't be imported."""
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
        classes().register(class_type, Hierarchy(place), make, serves_children)
    for place, layer, is_forced, data in snapshot.contexts:
        context = pool.get(Hierarchy(place), layer, force=is_forced)
        if context is not None and (changes := unpack(data)):
            context.data.update(changes)
    return missing


def _import(name: str, kind: str, where: str, missing: list[Omission]) -> Any:
    """Return a function or class by its import name. If there is none, note it in *missing* and return ``None``."""
    outcome = call(import_object, name)
    if isinstance(outcome, Failed):
        missing.append(Omission(kind, where, f"{name} can't be imported here: {outcome.error}"))
        return None
    return outcome
