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
from ways.sheets.store.stamps import FileStat, Stamp, is_moment
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
    stat: FileStat
    key: str
    meta: Any

    @property
    def stamp(self) -> Stamp:
        """Size, mtime_ns, ctime_ns, inode."""
        return self.stat.stamp


class SheetToKeep(NamedTuple):
    """A sheet that is to stand in a catalog."""

    path: str
    stat: FileStat
    sheet: StoredSheet


class Catalog:
    """A catalog that was read."""

    def __init__(self, file: StoreEntry) -> None:
        self.table = PlaceTable(file)
        self._file = file
        #: The name of its file.
        self.key = file.key
        self._names: list[str] | None = None
        self._sheets: dict[str, CatalogedSheet] = {}
        try:
            #: What no other catalog is called, not even the next one of the same folder.
            self.name: str = file.meta["name"]
            for number, (path, stamp, first, last, key, meta) in enumerate(file.meta["sheets"]):
                stat = FileStat(tuple(stamp), tuple(first), tuple(last))
                if type(key) is not str or not (is_moment(stat.first) and is_moment(stat.last)):
                    raise Damaged("no sheets")
                self._sheets[path] = CatalogedSheet(number, stat, key, meta)
        except (KeyError, TypeError, ValueError) as error:
            raise Damaged(str(error)) from error

    @property
    def is_settled(self) -> bool:
        """Whether the stamp of every sheet is believed."""
        return all(item.stat.is_settled for item in self._sheets.values())

    def settle(self, note: object) -> None:
        """Believe the stamps of the sheets that a note says so of; see :meth:`confirmed`. A note of another catalog says nothing."""
        if not isinstance(note, tuple) or len(note) != 2 or note[0] != self.name or type(note[1]) is not str:
            return
        if len(note[1]) == len(self._sheets):
            for (path, item), flag in zip(self._sheets.items(), note[1]):
                if flag == "1":
                    self._sheets[path] = CatalogedSheet(item.number, item.stat.settled(), item.key, item.meta)

    def confirmed(self, numbers: Iterable[int]) -> tuple[str, str]:
        """Return a note that the stamps of some sheets are believed from now on, beside those that are already."""
        flags = ["1" if item.stat.is_settled else "0" for item in self._sheets.values()]
        for number in numbers:
            flags[number] = "1"
        return self.name, "".join(flags)

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
        sheet = StoredSheet.described(item.meta, item.key, source, open_entry)
        sheet.in_catalog = self, item.number
        return sheet


def catalog_bytes(key: str, sheets: Iterable[SheetToKeep], secret: bytes, *, name: str) -> bytes:
    """Return the bytes of a catalog, sealed by the secret of the store.

    :param name: what no other catalog of the store is called.
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
        described.append([item.path, *map(list, item.stat), item.sheet.key, meta])
    values = table_values(rows)
    builder = EntryBuilder(key, (), len(values), secret)
    description = {"sheets": described, "tokens": list(TokenNotes.joined(notes)), "names": builder.add(names)}
    return builder.build(values, {"name": name, **description})
