"""The catalog of a folder's compiled sheets: their stamps and descriptions, and one table of all their places.

It spares a process from opening every entry. It is made of the entries alone, and an edited sheet makes it neither wrong nor
useless: what it says of that sheet is left out, and the sheet's own entry is asked. Once several sheets differ it is written
anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ways.sheets.document import Source
from ways.sheets.store.codec import Damaged
from ways.sheets.store.compiled import StoredSheet
from ways.sheets.store.entry_file import EntryBuilder, StoreEntry
from ways.sheets.store.places import PlaceRow, PlaceTable, TokenNotes, table_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

#: With fewer sheets there is no catalog: opening each of them takes no longer.
MIN_SHEETS = 4
#: A catalog in which more sheets differ is written anew.
MAX_DIFFERING = 8
#: What a description of a sheet has, beside the parts that only its entry has.
_LEFT_OUT = frozenset({"table", "places", "positions", "tokens"})


class CatalogedSheet(NamedTuple):
    """A sheet as a catalog knows it."""

    number: int
    #: Size, mtime_ns, ctime_ns, inode; and when these were taken, in ns.
    stamp: tuple[int, ...]
    taken: int
    key: str
    meta: Any


class SheetToKeep(NamedTuple):
    """A sheet that is to stand in a catalog."""

    path: str
    stamp: tuple[int, ...]
    taken: int
    sheet: StoredSheet


class Catalog:
    """A catalog that was read."""

    def __init__(self, file: StoreEntry) -> None:
        self.table = PlaceTable(file)
        self._file = file
        self._names: list[str] | None = None
        try:
            self._sheets = {
                path: CatalogedSheet(number, tuple(stamp), taken, key, meta)
                for number, (path, stamp, taken, key, meta) in enumerate(file.meta["sheets"])
            }
        except (KeyError, TypeError, ValueError) as error:
            raise Damaged(str(error)) from error
        if any(type(item.taken) is not int or type(item.key) is not str for item in self._sheets.values()):
            raise Damaged("no sheets")

    def get(self, path: str) -> CatalogedSheet | None:
        """Return what is known of the sheet at an absolute path, if anything is."""
        return self._sheets.get(path)

    def places(self, number: int) -> str:
        """Return the places that one of the sheets makes, each on a line.

        :raises Damaged: the list of them isn't whole.
        """
        names = self._names
        if names is None:
            start = self._file.meta.get("names")
            names = self._file.value(start) if type(start) is int else None
            if type(names) is not list or len(names) != len(self._sheets) or not all(type(name) is str for name in names):
                raise Damaged("no list of places")
            self._names = names
        return names[number]

    def sheet(self, item: CatalogedSheet, source: Source, open_entry: Callable[[str], StoreEntry]) -> StoredSheet:
        """Return one of the sheets; its entry is opened when a piece of it is needed.

        :raises Damaged: its description has another shape than Ways writes.
        """
        key = item.key
        sheet = StoredSheet.described(item.meta, key, source, lambda: open_entry(key))
        sheet.in_catalog = self, item.number
        return sheet


def catalog_bytes(key: str, sheets: Iterable[SheetToKeep]) -> bytes:
    """Return the bytes of a catalog.

    :raises Damaged: the entry of one of the sheets isn't whole.
    :raises Unstorable: there is too much.
    """
    rows: dict[str, list[PlaceRow]] = {}
    described: list[Any] = []
    names: list[str] = []
    notes: list[TokenNotes] = []
    for number, item in enumerate(sheets):
        for place, made in item.sheet.made_places().items():
            rows.setdefault(place, []).extend(row._replace(sheet=number) for row in made)
        names.append("\n".join(item.sheet.places()))
        notes.append(PlaceTable(item.sheet.entry).notes)
        meta = {key: value for key, value in item.sheet.entry.meta.items() if key not in _LEFT_OUT}
        described.append([item.path, list(item.stamp), item.taken, item.sheet.key, meta])
    values = table_values(rows)
    builder = EntryBuilder(key, (), len(values))
    return builder.build(values, {"sheets": described, "tokens": list(TokenNotes.joined(notes)), "names": builder.add(names)})
