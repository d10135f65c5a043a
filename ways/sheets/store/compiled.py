"""Sheets as entries of the store: an entry is written at once, and read piece by piece when a piece is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ways.sheets.document import PluginRecord, Problem, Sheet, Source
from ways.sheets.store.codec import Damaged, Unstorable, pack, unpack
from ways.sheets.store.entry_file import EntryBuilder, StoreEntry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ways.sheets.document import Pointer, Position

#: A place that a plugin makes, as text, and the number of the parent that it was made for; -1 for none.
Row = tuple[str, int]


class StoredSheet(Sheet):
    """A sheet that is read from the store. ``plugins`` is empty: :meth:`record` reads one plugin, and :meth:`whole` all."""

    entry: StoreEntry

    @classmethod
    def of(cls, entry: StoreEntry, source: Source) -> StoredSheet:
        """Return the sheet that *entry* holds; its source is *source*.

        :raises Damaged: the entry's description has another shape than Ways writes.
        """
        meta = entry.meta
        if any(type(meta.get(key)) is not kind for key, kind in _META.items()) or not _are_texts(meta["follow"]):
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
        sheet = cls(source, (), problems, tuple(meta["follow"]))
        sheet.is_plain, sheet.plugin_count, sheet.record_count = meta["is_plain"], meta["plugins"], meta["records"]
        sheet.conditional = tuple(meta["conditional"])
        sheet.assignments = tuple(meta["assignments"])
        sheet.platforms = tuple(meta["platforms"])
        sheet.is_strict = source.is_native and meta["is_strict"]
        sheet.entry = entry
        sheet._shared = meta["positions"]
        sheet._whole = None
        return sheet

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
    _shared: dict[Pointer, Position]
    _whole: Sheet | None

    def whole(self) -> Sheet:
        """Return the sheet with all of its plugins.

        :raises Damaged: a piece of it isn't whole.
        """
        if self._whole is None:
            self._whole = Sheet(self.source, tuple(record for _, record, _ in self.records()), self.problems, self.follow)
        return self._whole

    def records(self) -> Iterator[tuple[int, PluginRecord, list[Row]]]:
        """Yield where each record starts, the record, and the places that it makes."""
        start, entry = self.entry.records, self.entry
        for _ in range(entry.meta["records"]):
            data, end = entry.piece(start)
            yield start, *self._record(unpack(data))
            start = end

    def places(self) -> list[str]:
        """Return the places that its plugins make, as text, sorted.

        :raises Damaged: the list of them isn't whole.
        """
        start = self.entry.meta.get("places")
        names = self.entry.value(start) if isinstance(start, int) else None
        if not isinstance(names, str):
            raise Damaged("no list of places")
        return names.split("\n") if names else []

    def record(self, start: int) -> tuple[PluginRecord, list[Row]]:
        """Return the record that starts there, and the places that it makes."""
        return self._record(self.entry.value(start))

    def _record(self, data: Any) -> tuple[PluginRecord, list[Row]]:
        try:
            name, values, (line, column), positions, rows = data
            source = self.source._replace(pointer=("plugins", name), line=line, column=column)
            if type(positions) is not bytes or type(values) is not dict or not _have_shapes(values):
                raise Damaged("no record")
            return PluginRecord(name, values, source, _PackedPositions(positions, self._shared)), [_row(*row) for row in rows]
        except (KeyError, TypeError, ValueError) as error:
            raise Damaged(str(error)) from error


def _have_shapes(values: Mapping[str, Any]) -> bool:
    return (
        all(isinstance(values[key], _SHAPES.get(key, object)) for key in values)
        and all(_are_texts(values[key]) for key in _TEXTS if key in values)
        and all(type(details) is dict for details in values.get("mapping_details", _NOTHING).values())
    )


def _are_texts(values: Any) -> bool:
    return all(type(value) is str for value in values)


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
    **dict.fromkeys(("mapping_details", "data", "when"), dict),
    "syntax": int,
    "search": bool,
    "ambiguous": str,
}
#: The types of the parts of an entry's description.
_META: dict[str, type] = {
    "format": str, "follow": list, "problems": list, "is_plain": bool, "records": int, "plugins": int, "conditional": list,
    "assignments": list, "platforms": list, "positions": dict, "is_strict": bool,
}  # fmt: skip


def _problem(source: Source, where: Any, *texts: Any) -> Problem:
    pointer, line, column = where
    if type(pointer) is not tuple or type(line) is not int or type(column) is not int or not texts or not _are_texts(texts):
        raise ValueError("no problem")
    hash(pointer)
    return Problem(source._replace(pointer=pointer, line=line, column=column), *texts)


class _PackedPositions(Mapping["Pointer", "Position"]):
    """The positions in one plugin and in the globals, unpacked at the first question: most are never needed."""

    def __init__(self, data: bytes, shared: Mapping[Pointer, Position]) -> None:
        self._data = data
        self._shared = shared
        self._unpacked: Mapping[Pointer, Position] | None = None

    def _all(self) -> Mapping[Pointer, Position]:
        if self._unpacked is None:
            try:
                own = _from_columns(unpack(self._data))
            except Damaged:
                # The checksum was right, so somebody forged this entry: its plugins have no lines, and there is no error.
                own = {}
            self._unpacked = {**self._shared, **own}
        return self._unpacked

    def __getitem__(self, pointer: Pointer) -> Position:
        return self._all()[pointer]

    def __iter__(self) -> Iterator[Pointer]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def _from_columns(data: Any) -> dict[Pointer, Position]:
    """Return the positions of which :func:`_columns` made *data*.

    :raises Damaged: *data* has another shape.
    """
    from array import array

    try:
        path, keys, depths, packed = data
        numbers = array("I", packed)
        positions: dict[Pointer, Position] = {}
        for index, (key, depth) in enumerate(zip(keys, depths, strict=True)):
            path = (*path[: depth - 1], key)
            positions[path] = numbers[2 * index], numbers[2 * index + 1]
        return positions
    except (TypeError, ValueError, IndexError) as error:
        raise Damaged(str(error)) from error


def entry_of(key: str, sheet: Sheet, rows: Sequence[Sequence[Row]] | None) -> bytes:
    """Return the bytes of the entry of *sheet*: its records, and for each place where the records start that make it.

    :param rows: for each plugin, the places that it makes; ``None`` if a plugin can't be made without the others.
    :raises Unstorable: the sheet is too great, or holds other than plain data.
    """
    #: Positions by the first two parts of their pointers.
    grouped: dict[Pointer, dict[Pointer, Position]] = {}
    for pointer, position in sheet.plugins[0].positions.items() if sheet.plugins else ():
        grouped.setdefault(pointer[:2], {})[pointer] = position
    others = [group for head, group in grouped.items() if head[0] != "plugins" or len(head) == 1]
    shared = {pointer: position for group in others for pointer, position in group.items()}
    records = [
        _packable_record(record, grouped.get(record.source.pointer, {}), rows[number] if rows else [])
        for number, record in enumerate(sheet.plugins)
    ]
    entry = EntryBuilder(key, records, len({place for row in rows or () for place, _ in row}))
    starts: dict[str, list[tuple[int, int]]] = {}
    for start, row in zip(entry.starts, rows or ()):
        for place, parent in row:
            starts.setdefault(place, []).append((start, parent))
    meta = {
        "format": sheet.source.format,
        "follow": list(sheet.follow),
        "problems": [((item.source.pointer, item.source.line, item.source.column), *item[1:]) for item in sheet.problems],
        "is_plain": rows is not None,
        "records": len(sheet.plugins),
        "plugins": sum(map(len, rows or ())),
        "conditional": [start for start, record in zip(entry.starts, sheet.plugins) if record.values.get("when")],
        "assignments": sorted({record.values.get("assignment") or "" for record in sheet.plugins}),
        "platforms": sorted({name for record in sheet.plugins for name in record.values.get("platforms") or ()}),
        "is_strict": any(record.values.get("syntax") == 2 for record in sheet.plugins),
        "positions": shared,
        # A list of all names: completion in a shell has no time to read every bucket.
        "places": entry.add("\n".join(sorted(starts))),
    }
    return entry.build(starts, meta)


def _packable_record(record: PluginRecord, positions: Mapping[Pointer, Position], rows: Sequence[Row]) -> tuple[Any, ...]:
    """Return a record as plain data."""
    position = (record.source.line, record.source.column)
    return record.name, dict(record.values), position, pack(_columns(positions)), [tuple(row) for row in rows]


def _columns(positions: Mapping[Pointer, Position]) -> tuple[Any, ...]:
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
    depths = bytes(map(len, positions))
    from array import array

    numbers = array("I", [number for position in positions.values() for number in position])
    first = next(iter(positions), ())
    return first[:-1], [pointer[-1] for pointer in positions], depths, numbers.tobytes()
