"""The sheets of a snapshot as the store has them: written at once, and read piece by piece when a piece is needed.

So a process that asks one question takes as long for a snapshot of ten thousand places as for one of ten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ways.errors import RefusedCallError, SnapshotError
from ways.plugins.lazy import LayeredSheet, LazyPlugins
from ways.settings import DEFAULT_ASSIGNMENT
from ways.sheets.document import PluginRecord, Sheet, Source
from ways.sheets.store.catalog import MIN_SHEETS, Catalog, SheetToKeep, catalog_bytes
from ways.sheets.store.codec import Damaged, Unstorable
from ways.sheets.store.compiled import STORED_FORMATS, StoredSheet, entry_of, functions_of, functions_to_call
from ways.sheets.store.entry_file import StoreEntry
from ways.sheets.store.stamps import FileStat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from ways.plugins.plugin import DataPlugin

    #: Refuses a plugin that may be anybody's.
    Check = Callable[[PluginRecord], None]
else:
    from ways.lightweight import NamedTuple

#: The pieces are sealed with no secret: the digest of the whole snapshot says that they are whole.
_NO_SECRET = b""
_CATALOG = "c" * 40
#: A snapshot knows nothing of files.
_NO_STAT = FileStat((0, 0, 0, 0), (0, 0), (0, 0))


class Entry(NamedTuple):
    """One sheet as bytes, and the layer of its plugins that name none."""

    data: bytes
    assignment: str


class SnapshotSheet(StoredSheet):
    """A sheet of a snapshot. What isn't as Ways writes it is an error: there is no file to turn to."""

    check: Check

    def _record(self, data: Any, end: int) -> tuple[PluginRecord, list[tuple[str, int]]]:
        record, rows = super()._record(data, end)
        self.check(record)
        return record, rows

    def whole(self) -> Sheet:
        """Return the sheet with all of its plugins.

        :raises SnapshotError: a piece of it is other than Ways writes.
        """
        try:
            return super().whole()
        except Damaged as error:
            raise _wrong(self) from error

    def functions(self, name: object, token: str) -> tuple[str, ...]:
        """Return the functions that the sheet names for the values of a token of a plugin."""
        details = (record.values.get("mapping_details") or {} for record in self.whole().plugins if record.name == name)
        return next((functions_of(own[token]) for own in details if token in own), ())


def _wrong(sheet: Sheet) -> SnapshotError:
    return SnapshotError((), f"{sheet.source.path}: what the snapshot has of this sheet is not as Ways writes it. Make the snapshot anew.")


def _refuse(sheet: Sheet, assignment: str) -> Sequence[DataPlugin]:
    raise _wrong(sheet)


def _key(number: int) -> str:
    return f"{number:040d}"


def entries_of(sheets: Sequence[Sheet], plugins: Iterable[DataPlugin]) -> list[Entry | None]:
    """Return each sheet as the store has it; ``None`` for one that the store can't have.

    :param plugins: those that are registered.
    """
    own: dict[str, list[DataPlugin]] = {sheet.source.path: [] for sheet in sheets}
    for plugin in plugins:
        if plugin.record is not None and plugin.author is None and plugin.source.path in own:
            own[plugin.source.path].append(plugin)
    return [_entry(number, sheet, own[sheet.source.path]) for number, sheet in enumerate(sheets)]


def _entry(number: int, sheet: Sheet, plugins: Sequence[DataPlugin]) -> Entry | None:
    # Few processes write a snapshot.
    from ways.plugins.lazy import made_places

    if sheet.source.format not in STORED_FORMATS or sheet.follow or sheet.is_lost:
        return None
    # Unpacked at another time, the same record is another object.
    records = {plugin.source.pointer: plugin.record for plugin in plugins}
    sheet = sheet._replace(plugins=tuple([records.get(record.source.pointer) or record for record in sheet.plugins]))
    named = {plugin.assignment for plugin in plugins if not plugin.info.get("assignment")}
    try:
        if not all(_names_its_functions(record) for record in sheet.plugins):
            return None
        made = made_places(sheet, plugins) if len(named) <= 1 else None
        if sheet.plugins:
            # One out of the store knows its own positions alone.
            positions = {pointer: position for record in sheet.plugins for pointer, position in record.positions.items()}
            sheet = sheet._replace(plugins=(sheet.plugins[0]._replace(positions=positions), *sheet.plugins[1:]))
        entry = Entry(entry_of(_key(number), sheet, made, _NO_SECRET), next(iter(named), DEFAULT_ASSIGNMENT))
        again = SnapshotSheet.of(StoreEntry(entry.data, _key(number), _NO_SECRET), sheet.source)
        again.check = _believe
        written = [record[:3] for record in again.whole().plugins]
    except (Damaged, Unstorable, RefusedCallError, SnapshotError, RecursionError, OverflowError):
        return None
    return entry if again.problems == sheet.problems and written == [record[:3] for record in sheet.plugins] else None


def _names_its_functions(record: PluginRecord) -> bool:
    """Whether the functions that a plugin names are those that its sheet's file names.

    :raises RefusedCallError: the file can't be read any more.
    """
    if not record.source.is_trusted:
        return True
    named = {token: functions_of(details) for token, details in (record.values.get("mapping_details") or {}).items()}
    return all(functions_to_call(record, token, functions) == functions for token, functions in named.items() if functions)


def _believe(record: PluginRecord) -> None:
    """Take a plugin as it is."""


def catalog_of(entries: Sequence[Entry], sources: Sequence[Source], plugins: Iterable[DataPlugin]) -> bytes | None:
    """Return what finds the places of some entries; empty if they are few.

    :returns: ``None`` if *plugins* aren't just what the entries make, one entry after the other.
    """
    try:
        stored, lazy = lazy_sheets(entries, sources, b"", _believe)
        if list(map(_content, lazy)) != list(map(_content, plugins)):
            return None
        kept = [SheetToKeep(sheet.source.path, _NO_STAT, sheet) for sheet in stored]
        return catalog_bytes(_CATALOG, kept, _NO_SECRET, name="") if len(kept) >= MIN_SHEETS else b""
    except (Damaged, Unstorable, SnapshotError, RecursionError, OverflowError):
        return None


def _content(plugin: DataPlugin) -> tuple[object, ...]:
    return plugin.name, plugin.hierarchy, plugin.assignment, plugin.parent, plugin.wildcard, plugin.source, plugin.info


def stored_sheet(number: int, entry: Entry, source: Source, check: Check) -> SnapshotSheet:
    """Return the sheet of an entry.

    :param number: that of the sheet in its snapshot.
    :param check: refuses a plugin, when it is unpacked.
    :raises Damaged: the entry is other than Ways writes.
    """
    sheet = SnapshotSheet.of(StoreEntry(entry.data, _key(number), _NO_SECRET), source)
    sheet.check = check
    return sheet


def lazy_sheets(
    entries: Sequence[Entry], sources: Sequence[Source], catalog: bytes, check: Check
) -> tuple[list[SnapshotSheet], LazyPlugins]:
    """Return the sheets and the plugins of entries; each plugin is unpacked when it is needed.

    :param sources: where each sheet was.
    :param check: refuses a plugin, when it is unpacked.
    :raises Damaged: an entry is other than Ways writes.
    """

    def open_entry(key: str) -> StoreEntry:
        return StoreEntry(entries[int(key)].data, key, _NO_SECRET)

    known = Catalog(StoreEntry(catalog, _CATALOG, _NO_SECRET)) if catalog else None
    sheets: list[SnapshotSheet] = []
    for number, source in enumerate(sources):
        item = known.get(source.path) if known is not None else None
        if known is None:
            sheet = stored_sheet(number, entries[number], source, check)
        elif item is not None and (item.number, item.key) == (number, _key(number)):
            sheet = SnapshotSheet.described(item.meta, item.key, source, open_entry)
            sheet.in_catalog = known, number
        else:
            raise Damaged("a catalog of other sheets")
        sheet.check = check
        sheets.append(sheet)
    if len({sheet.source.path for sheet in sheets}) != len(sheets) or not all(sheet.is_plain for sheet in sheets):
        raise Damaged("sheets of one path, or of plugins that need each other")
    return sheets, LazyPlugins([LayeredSheet(sheet, entry.assignment) for sheet, entry in zip(sheets, entries)], _refuse)
