"""Sheets as entries of the store: an entry is written at once, and read piece by piece when a piece is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ways.errors import RefusedCallError
from ways.logs import STORE, WARNING, log
from ways.sheets.document import PluginRecord, Problem, Sheet, Source
from ways.sheets.store.codec import Damaged, Unstorable, unpack
from ways.sheets.store.entry_file import EntryBuilder, StoreEntry
from ways.sheets.store.places import Outline, PlaceRow, TokenNotes, packed_row, rows_of_value, table_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NamedTuple, Protocol, Self

    from ways.sheets.document import Pointer, Position
    from ways.sheets.store.places import PlaceTable

    class SheetsTable(Protocol):
        """One table of the places of many sheets: a catalog."""

        table: PlaceTable
        key: str

        def places(self, number: int) -> str: ...

    class SheetHome(Protocol):
        """What a stored sheet comes from: reads its file, and removes what is stored of it."""

        def read_source_again(self, source: Source) -> Sheet: ...

        def drop(self, source: Source, key: str, catalog: str) -> None: ...

else:
    from ways.lightweight import NamedTuple

#: The formats that are compiled. Python sheets may read anything, so they run each time.
STORED_FORMATS = frozenset({"yaml", "json", "toml"})

#: A place that a plugin makes, as text, and the number of the parent that it was made for; -1 for none.
Row = tuple[str, int]


class MadePlace(NamedTuple):
    """A place that a record makes."""

    place: str
    #: The number of the parent that it was made for; -1 for none.
    parent: int
    outline: Outline | None


class MadePlaces(NamedTuple):
    """What the plugins of a sheet make, each without the others."""

    #: Of each record.
    rows: list[list[MadePlace]]
    notes: TokenNotes


class StoredSheet(Sheet):
    """A sheet that is read from the store. ``plugins`` is empty: :meth:`record` reads one plugin, and :meth:`whole` all."""

    @classmethod
    def of(cls, entry: StoreEntry, source: Source) -> Self:
        """Return the sheet that *entry* holds; its source is *source*.

        :raises Damaged: the entry's description has another shape than Ways writes.
        """
        sheet = cls.described(entry.meta, entry.key, source)
        sheet._entry = entry
        return sheet

    @classmethod
    def described(cls, meta: Any, key: str, source: Source, open_entry: Callable[[str], StoreEntry] | None = None) -> Self:
        """Return the sheet of an entry that has this description and this key; it is opened when a piece of it is needed.

        :param open_entry: gives the entry of a key, or raises Damaged.
        :raises Damaged: the description has another shape than Ways writes.
        """
        if type(meta) is not dict:
            raise Damaged("no description")
        # A comprehension takes half the time of a generator, and every sheet there is may come along here.
        if [type(meta.get(key)) for key in _META] != _META_TYPES or meta["follow"] or meta["format"] not in STORED_FORMATS:
            # No sheet of these formats names another one to be read.
            raise Damaged("no description")
        if not _are_texts((*meta["assignments"], *meta["platforms"])):
            raise Damaged("no layers")
        if any(type(start) is not int or start < 0 for start in meta["conditional"]):
            raise Damaged("no conditions")
        try:
            source = source._replace(format=meta["format"])
            problems = tuple(_problem(source, *fields) for fields in meta["problems"])
        except (TypeError, ValueError) as error:
            raise Damaged(str(error)) from error
        sheet = cls(source, (), problems, tuple(meta["follow"]), size=meta["size"])
        sheet.is_plain, sheet.plugin_count, sheet.record_count = meta["is_plain"], meta["plugins"], meta["records"]
        sheet.conditional = tuple(meta["conditional"])
        sheet.assignments = tuple(meta["assignments"])
        sheet.platforms = tuple(meta["platforms"])
        sheet.is_strict = source.is_native and meta["is_strict"]
        sheet.key = key
        sheet._open_entry = open_entry
        sheet.home = sheet._entry = sheet._whole = sheet._functions = sheet.in_catalog = None
        return sheet

    #: The name of its content.
    key: str
    #: Whether each plugin can be made without the others.
    is_plain: bool
    #: How many plugins are made of it, and of how many records: a relative one may make several.
    plugin_count: int
    record_count: int
    #: Where the records of plugins with ``when`` start.
    conditional: tuple[int, ...]
    #: The layers that its plugins name; ``""`` if one names none.
    assignments: tuple[str, ...]
    #: The platforms that its plugins name.
    platforms: tuple[str, ...]
    #: Whether a plugin is in the second syntax, and the sheet is of no foreign format.
    is_strict: bool
    #: What reads its file, and removes its entry; ``None`` for a sheet that has none.
    home: SheetHome | None
    #: The catalog that it was found in, and its number there.
    in_catalog: tuple[SheetsTable, int] | None
    _open_entry: Callable[[str], StoreEntry] | None
    _entry: StoreEntry | None
    _whole: Sheet | None
    #: What ``before_return`` says in the sheet's file, by plugin and token.
    _functions: dict[tuple[object, str], tuple[str, ...]] | None

    @property
    def entry(self) -> StoreEntry:
        """Where it is stored.

        :raises Damaged: it isn't there any more, or isn't whole.
        """
        entry = self._entry
        if entry is None:
            if self._open_entry is None:
                raise Damaged("no entry")
            entry = self._entry = self._open_entry(self.key)
        return entry

    def read_again(self) -> Sheet:
        """Return the sheet as its file has it."""
        return Sheet(self.source, is_lost=True) if self.home is None else self.home.read_source_again(self.source)

    def drop(self) -> None:
        """Remove the entry from the store, and the catalog that it was found in, if it was."""
        if self.home is not None:
            self.home.drop(self.source, self.key, self.in_catalog[0].key if self.in_catalog is not None else "")

    def whole(self) -> Sheet:
        """Return the sheet with all of its plugins.

        :raises Damaged: a piece of it isn't whole.
        """
        if self._whole is None:
            self._whole = Sheet(self.source, tuple(record for _, record, _ in self.records()), self.problems, self.follow, size=self.size)
        return self._whole

    def functions(self, name: object, token: str) -> tuple[str, ...]:
        """Return the functions that the sheet's own file names for the values of a token of a plugin.

        What an entry says is never called: it may be another's, though each seal is right. The file is read once.

        :raises RefusedCallError: the sheet can't be read any more.
        """
        known = self._functions
        if known is None:
            again = self.read_again()
            if not again.is_readable:
                raise RefusedCallError(
                    f"{self.source.path}: the sheet can't be read any more, so that what it says in before_return of {token!r} is "
                    "not known and nothing is called. Fix it, and refresh the session."
                )
            known = self._functions = {
                (record.name, key): functions_of(details)
                for record in again.plugins
                for key, details in (record.values.get("mapping_details") or _NOTHING).items()
                if details.get("before_return")
            }
        return known.get((name, token), ())

    def records(self) -> Iterator[tuple[int, PluginRecord, list[Row]]]:
        """Yield where each record starts, the record, and the places that it makes."""
        start, entry = self.entry.records, self.entry
        for _ in range(entry.meta["records"]):
            data, end = entry.piece(start)
            yield start, *self._record(unpack(data), end)
            start = entry.after(end)

    def places(self) -> list[str]:
        """Return the places that its plugins make, as text, sorted.

        :raises Damaged: the list of them isn't whole.
        """
        if self.in_catalog is not None and self._entry is None:
            catalog, number = self.in_catalog
            names: Any = catalog.places(number)
        else:
            start = self.entry.meta.get("places")
            names = self.entry.value(start) if isinstance(start, int) else None
        if not isinstance(names, str):
            raise Damaged("no list of places")
        return names.split("\n") if names else []

    def record(self, start: int) -> tuple[PluginRecord, list[Row]]:
        """Return the record that starts there, and the places that it makes."""
        data, end = self.entry.piece(start)
        return self._record(unpack(data), end)

    def _record(self, data: Any, end: int) -> tuple[PluginRecord, list[Row]]:
        try:
            name, values, (line, column), rows = data
            if type(values) is not dict:
                raise Damaged("no record")
            for key in _TEXTS:
                if key in values and type(values[key]) is list:
                    values[key] = tuple(values[key])
            when = values.get("when")
            if when:
                values["when"] = {token: tuple(some) if type(some) is list else some for token, some in when.items()}
            # A name that is none, such as a list, has no hash.
            hash(name)
            if "hierarchy" not in values or not has_shapes(values):
                raise Damaged("no record")
            own = self.source
            source = Source(own.path, own.format, ("plugins", name), line, column, own.is_trusted, own.chain)
            return PluginRecord(name, values, source, _StoredPositions(self, name, end)), [_row(*row) for row in rows]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Damaged(str(error)) from error

    def made_places(self) -> dict[str, list[PlaceRow]]:
        """Return the rows of each place that it makes, as its entry has them.

        :raises Damaged: they aren't whole.
        """
        entry = self.entry
        start = entry.meta.get("table")
        table = entry.value(start) if type(start) is int else None
        if type(table) is not dict or not _are_texts(table):
            raise Damaged("no table of places")
        return {place: rows_of_value(rows) for place, rows in table.items()}


def functions_to_call(record: PluginRecord | None, token: str, named: tuple[str, ...]) -> tuple[str, ...]:
    """Return the functions to call for the values of a token.

    For a plugin out of the store, these are the ones that its sheet's file names, read anew. If the entry says otherwise, it
    is removed, and the sheet is read by the next refresh.

    :param named: those that the plugin names.
    :raises RefusedCallError: the sheet can't be read any more.
    """
    positions = None if record is None else record.positions
    if record is None or not isinstance(positions, _StoredPositions):
        return named
    sheet = positions.sheet
    written = sheet.functions(record.name, token)
    if written != named:
        message = "%s: before_return of %s is %s, and not %s as the store of compiled sheets says: the sheet counts"
        log(STORE, WARNING, message, record.source, token, list(written), list(named))
        sheet.drop()
    return written


def functions_of(details: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the functions that the details of a token name."""
    named = details.get("before_return") or ()
    return (named,) if isinstance(named, str) else tuple(named)


def has_shapes(values: Mapping[str, Any]) -> bool:
    """Whether each value of a plugin has a type that Ways writes."""
    # A comprehension takes half the time of a generator, and every plugin there is may come along here.
    return (
        all([isinstance(value, _SHAPES.get(key, object)) for key, value in values.items()])
        and all([_are_texts(values[key]) for key in _TEXTS if key in values])
        and all([type(details) is dict for details in values.get("mapping_details", _NOTHING).values()])
    )


def _are_texts(values: Any) -> bool:
    return all([type(value) is str for value in values])


def _row(place: Any, parent: Any) -> Row:
    if type(place) is not str or type(parent) is not int:
        raise Damaged("no place")
    return place, parent


_TEXTS = ("uses", "platforms", "groups")
_NOTHING: dict[str, Any] = {}
#: The types of a plugin's values. Ways never writes another, and no plugin is made of another.
_SHAPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("hierarchy", "mapping", "assignment", "uuid", "max_folder"), str),
    **dict.fromkeys(_TEXTS, tuple),
    **dict.fromkeys(("mapping_details", "data", "when", "openassetio"), dict),
    "syntax": int,
    "search": bool,
    "ambiguous": str,
}
#: The types of the parts of an entry's description.
_META: dict[str, type] = {
    "format": str, "follow": list, "problems": list, "is_plain": bool, "records": int, "plugins": int, "conditional": list,
    "assignments": list, "platforms": list, "is_strict": bool, "size": int,
}  # fmt: skip
_META_TYPES = list(_META.values())


def _problem(source: Source, where: Any, *texts: Any) -> Problem:
    pointer, line, column = where
    if type(pointer) is not list or type(line) is not int or type(column) is not int or not texts or not _are_texts(texts):
        raise ValueError("no problem")
    pointer = tuple(pointer)
    hash(pointer)
    return Problem(source._replace(pointer=pointer, line=line, column=column), *texts)


class _StoredPositions(Mapping["Pointer", "Position"]):
    """The positions in one plugin and in the globals, read at the first question: most are never needed."""

    __slots__ = ("sheet", "_name", "_start", "_unpacked")

    def __init__(self, sheet: StoredSheet, name: object, start: int) -> None:
        self.sheet = sheet
        self._name = name
        self._start = start
        self._unpacked: Mapping[Pointer, Position] | None = None

    def _all(self) -> Mapping[Pointer, Position]:
        if self._unpacked is None:
            try:
                entry = self.sheet.entry
                self._unpacked = {**_shared_positions(entry), **_from_columns(entry.value(self._start))}
            except Damaged:
                again = self.sheet.read_again()
                self._unpacked = next((record.positions for record in again.plugins if record.name == self._name), {})
        return self._unpacked

    def __getitem__(self, pointer: Pointer) -> Position:
        return self._all()[pointer]

    def __iter__(self) -> Iterator[Pointer]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def _shared_positions(entry: StoreEntry) -> dict[Pointer, Position]:
    """Return the positions in the globals of a sheet."""
    start = entry.meta.get("positions")
    shared = entry.value(start) if type(start) is int else None
    if type(shared) is not dict:
        raise Damaged("no positions")
    return shared


def _from_columns(data: Any) -> dict[Pointer, Position]:
    """Return the positions of which :func:`_columns` made *data*.

    :raises Damaged: *data* has another shape.
    """
    try:
        path, keys, depths, numbers = data
        path = tuple(path)
        if not all(type(number) is int for number in (*depths, *numbers)):
            raise Damaged("no numbers")
        positions: dict[Pointer, Position] = {}
        for index, (key, depth) in enumerate(zip(keys, depths, strict=True)):
            path = (*path[: depth - 1], key)
            positions[path] = numbers[2 * index], numbers[2 * index + 1]
        return positions
    except (TypeError, ValueError, IndexError) as error:
        raise Damaged(str(error)) from error


def entry_of(key: str, sheet: Sheet, made: MadePlaces | None, secret: bytes) -> bytes:
    """Return the bytes of the entry of *sheet*: its records, and for each place where the records start that make it.

    :param made: what its plugins make; ``None`` if a plugin can't be made without the others.
    :param secret: that of the store.
    :raises Unstorable: the sheet is too great, or holds other than plain data.
    """
    #: Positions by the first two parts of their pointers.
    grouped: dict[Pointer, dict[Pointer, Position]] = {}
    for pointer, position in sheet.plugins[0].positions.items() if sheet.plugins else ():
        grouped.setdefault(pointer[:2], {})[pointer] = position
    others = [group for head, group in grouped.items() if head[0] != "plugins" or len(head) == 1]
    shared = {pointer: position for group in others for pointer, position in group.items()}
    rows = made.rows if made is not None else []
    pieces: list[Any] = []
    for number, record in enumerate(sheet.plugins):
        pieces += [_packable_record(record, rows[number] if rows else ()), _columns(grouped.get(record.source.pointer, {}))]
    entry = EntryBuilder(key, pieces, 2 * len({item.place for row in rows for item in row}), secret)
    starts = entry.starts[::2]
    places: dict[str, list[PlaceRow]] = {}
    for start, row in zip(starts, rows):
        for place, parent, outline in row:
            places.setdefault(place, []).append(PlaceRow(0, start, parent, outline))
    if any("\n" in place for place in places):
        raise Unstorable("a place whose name has a line break: the names stand one a line")
    table = table_values(places)
    meta = {
        "format": sheet.source.format,
        "follow": list(sheet.follow),
        "problems": [[[list(item.source.pointer), item.source.line, item.source.column], *item[1:]] for item in sheet.problems],
        "is_plain": made is not None,
        "records": len(sheet.plugins),
        "size": sheet.size,
        "plugins": sum(map(len, rows)),
        "conditional": [start for start, record in zip(starts, sheet.plugins) if record.values.get("when")],
        "assignments": sorted({record.values.get("assignment") or "" for record in sheet.plugins}),
        "platforms": sorted({name for record in sheet.plugins for name in record.values.get("platforms") or ()}),
        "is_strict": any(record.values.get("syntax") == 2 for record in sheet.plugins),
        "positions": entry.add(shared),
        # A list of all names: completion in a shell has no time to read every bucket.
        "places": entry.add("\n".join(sorted(places))),
        # The same as in the table, at once: for a catalog of many sheets.
        "table": entry.add({place: list(map(packed_row, own)) for place, own in places.items()}),
        "tokens": [made.notes.crossing, made.notes.parts] if made is not None else [[], {}],
    }
    return entry.build(table, meta)


def _packable_record(record: PluginRecord, made: Iterable[MadePlace]) -> list[Any]:
    """Return a record as plain data."""
    where = [record.source.line, record.source.column]
    return [record.name, _as_lists(record.values), where, [list(item[:2]) for item in made]]


def _as_lists(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a record with lists for those that are always tuples: JSON has no others."""
    lists: dict[str, Any] = {key: list(values[key]) for key in _TEXTS if type(values.get(key)) is tuple}
    when = values.get("when")
    if when:
        lists["when"] = {token: list(some) if type(some) is tuple else some for token, some in when.items()}
    return {**values, **lists}


def _columns(positions: Mapping[Pointer, Position]) -> list[Any]:
    """Return positions as columns: the last part of each pointer, its depth, its line and column.

    :raises Unstorable: a pointer stands before the pointer of what it lies in, or has more than 255 parts.
    """
    if max(map(len, positions), default=0) > 255:
        raise Unstorable("too deep")
    path: Pointer = ()
    for pointer in positions:
        if pointer[:-1] != path[: len(pointer) - 1] and path:
            raise Unstorable("positions in no order")
        path = pointer
    depths = list(map(len, positions))
    numbers = [number for position in positions.values() for number in position]
    first = next(iter(positions), ())
    return [list(first[:-1]), [pointer[-1] for pointer in positions], depths, numbers]
