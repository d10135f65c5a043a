"""The compiled sheets on disk. A copy of what the sheets say, which may vanish at any time and is never trusted.

An entry is a file named by the digest of a sheet's content and of what reads it, so that it can't be out of date. It
holds no path, layer or trust: these join when it is opened. It is read piece by piece: one place costs the same in a
sheet of ten plugins and of ten thousand. Each piece has a checksum; whatever is wrong anywhere means "not stored".
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence

from ways import __version__
from ways.logs import INFO, STORE, log
from ways.sheets.store.codec import Damaged, Unstorable, pack, unpack
from ways.sheets.document import PluginRecord, Problem, Sheet, Source
from ways.sheets.store.entry import Entry, Written, checked, digest, is_private, opened, whole_file, with_checksum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ways.sheets.document import Pointer, Position
    from ways.sheets.store.writer import Keeper

#: Modes of a store: off; on; on, and each sheet is read to see whether it changed.
OFF, ON, STRICT = "0", "1", "strict"
#: A file that changed so shortly before its stamp was taken may have changed again without another stamp, in ns.
FRESH = 2_000_000_000
#: The formats that are compiled. Python sheets may read anything, so they run each time.
STORED_FORMATS = frozenset({"yaml", "json", "toml"})

#: Size, mtime_ns, ctime_ns, inode.
Stamp = tuple[int, int, int, int]
#: A place that a plugin makes, as text, and the number of the parent that it was made for; -1 for none.
Row = tuple[str, int]


def is_fresh(stamp: Stamp, taken: int) -> bool:
    """Whether a file may have another content by now, and this very stamp all the same.

    :param taken: when its content was looked at, in ns.
    """
    return max(stamp[1], stamp[2]) > taken - FRESH


def release() -> str:
    """Return what names everything that has a say in what a sheet becomes: the versions of package and Python."""
    name = f"{__version__} {sys.version_info[0]}.{sys.version_info[1]} {sys.byteorder}"
    return f"{name} {_code_stamps()}" if "dev" in __version__ else name


def _code_stamps() -> str:
    """Return the stamps of the code that reads sheets: while it is being developed, no version tells of a change."""
    home = os.path.dirname(os.path.abspath(__file__))
    if not os.path.isdir(home):
        return _stamp_of_archive(home)
    stamps = []
    sheets = os.path.dirname(home)
    rooms = ("assets", "contexts", "pattern", "plugins", "regex", "sources")
    for folder in (home, sheets, os.path.join(sheets, "formats"), *(os.path.join(os.path.dirname(sheets), room) for room in rooms)):
        with os.scandir(folder) as found:
            stamps += [(item.name, item.stat().st_mtime_ns) for item in found if item.name.endswith(".py")]
    return str(sorted(stamps))


def _stamp_of_archive(inside: str) -> str:
    """Return the stamp of the zip file that holds *inside*."""
    while not os.path.exists(inside):
        inside = os.path.dirname(inside)
    return str(os.stat(inside).st_mtime_ns)


class Store:
    """The entries of one folder.

    :param folder: where they lie; it is made at need, for its owner alone.
    :param release: names everything that has a say in what a sheet becomes: version of package and Python.
    :param mode: :data:`ON` or :data:`STRICT`.
    """

    def __init__(self, folder: str, release: str, mode: str = ON) -> None:
        self.folder = folder
        self.release = release
        self.mode = mode
        self._is_usable: bool | None = None
        self._kept_by: Keeper | None = None

    @property
    def _keeper(self) -> Keeper:
        """What writes and removes files; most starts need none."""
        if self._kept_by is None:
            from ways.sheets.store.writer import Keeper

            self._kept_by = Keeper(self.folder)
        return self._kept_by

    def key(self, path: str, content: str) -> str:
        """Return the name of the entry for a sheet whose content has this digest; of its path only the ending counts."""
        ending = os.path.splitext(path)[1].lower()
        return digest(f"{self.release}\0{ending}\0{content}".encode("utf-8", "surrogatepass"))

    def known_key(self, path: str, stamp: Stamp) -> str | None:
        """Return the key of the content that the sheet at *path* has, if that can be told by its stamp."""
        if self.mode == STRICT or not self._usable():
            return None
        try:
            found = unpack(checked(whole_file(self._stamp_path(path))))
        except (OSError, Damaged):
            return None
        if not isinstance(found, tuple) or len(found) != 4 or found[:2] != (os.path.abspath(path), stamp):
            return None
        _, _, taken, key = found
        return key if isinstance(key, str) and isinstance(taken, int) and not is_fresh(stamp, taken) else None

    def open(self, key: str, source: Source) -> StoredSheet | None:
        """Return the sheet with this key, as the one at *source*; ``None`` if there is none that is whole."""
        if not self._usable() or not key.isalnum():
            return None
        try:
            file = opened(self._entry_path(key))
        except OSError:
            return None
        try:
            return StoredSheet.of(Entry(file, key), source)
        except (OSError, Damaged) as error:
            log(STORE, INFO, "%s: the entry of %s is not whole, and is made anew: %s", self._entry_path(key), source.path, error)
            return None

    def keep_stamp(self, path: str, stamp: Stamp, taken: int, key: str) -> None:
        """Note that the sheet at *path* has the content of *key*, as long as its stamp is this.

        :param taken: when that was looked at: after the stamp, before the content.
        """
        # Nobody would believe it.
        if not is_fresh(stamp, taken):
            self._keeper.write(self._stamp_path(path), with_checksum(pack((os.path.abspath(path), stamp, taken, key))))

    def keep(self, key: str, sheet: Sheet, rows: Sequence[Sequence[Row]] | None) -> None:
        """Write the entry of a sheet; whatever hinders it, nothing is written.

        :param rows: what each of its plugins makes; ``None`` if that can't be told for each by itself.
        """
        from ways.sheets.store.compiled import entry_of

        try:
            self._keeper.write(self._entry_path(key), entry_of(key, sheet, rows))
        except (Unstorable, RecursionError, OverflowError):
            return

    def open_index(self, world: tuple[object, ...]) -> StoredIndex | None:
        """Return the index of auto-find that was kept for a world; ``None`` if there is none that is whole."""
        if not self._usable():
            return None
        path = self._index_path(world)
        try:
            return StoredIndex(opened(path), os.path.basename(path))
        except (OSError, Damaged):
            return None

    def keep_index(self, world: tuple[object, ...], held: Mapping[str, Any], meta: Mapping[str, Any]) -> None:
        """Keep the index of auto-find for a world; whatever hinders it, nothing is kept."""
        path = self._index_path(world)
        try:
            written = Written(os.path.basename(path), list(held.values()), len(held))
            self._keeper.write(path, written.whole(dict(zip(held, written.starts)), meta))
        except (Unstorable, RecursionError, OverflowError):
            return

    def _index_path(self, world: tuple[object, ...]) -> str:
        told = f"{self.release}\0{world!r}".encode("utf-8", "surrogatepass")
        return os.path.join(self.folder, "indexes", digest(told))

    def info(self) -> dict[str, Any]:
        """Return where the store is, how much is in it, and whether it is used."""
        files = list(self._keeper.files())
        entries = [file for file in files if file.path.startswith(os.path.join(self.folder, "entries"))]
        return {"folder": self.folder, "entries": len(entries), "bytes": sum(file.size for file in files), "state": self._state()}

    def _state(self) -> str:
        if self.mode == OFF:
            return "off"
        if not os.path.isabs(self.folder):
            return "not used: no folder for it is known, HOME and XDG_CACHE_HOME are missing or relative"
        if not os.path.lexists(self.folder):
            return "not made yet"
        if not os.path.isdir(self.folder):
            return "not used: it is no folder"
        return "in use" if self._usable() else "not used: another owns the folder, or may write to it"

    def clear(self) -> int:
        """Remove every file of the store, and return how many there were."""
        return self._keeper.clear()

    def _entry_path(self, key: str) -> str:
        return os.path.join(self.folder, "entries", key)

    def _stamp_path(self, path: str) -> str:
        told = f"{self.release}\0{os.path.abspath(path)}".encode("utf-8", "surrogatepass")
        return os.path.join(self.folder, "stamps", digest(told))

    def _usable(self) -> bool:
        """Whether the folder is its user's own, and nobody else can write to it."""
        if not self._is_usable:
            try:
                self._is_usable = os.path.isabs(self.folder) and is_private(os.stat(self.folder))
            except OSError:
                return False
        return self._is_usable


class StoredIndex(Entry):
    """An index of auto-find out of the store; what it holds by a name is a piece by itself."""

    def held(self, name: str) -> Any:
        """Return what is held by *name*, or ``None``.

        :raises Damaged: its piece isn't whole.
        """
        start = super().held(name)
        if start is None:
            return None
        if type(start) is not int or start < 0:
            raise Damaged("no start")
        return self.value(start)


class StoredSheet(Sheet):
    """A sheet out of the store; its plugins are read when they are asked for, each by itself where that will do."""

    entry: Entry

    @classmethod
    def of(cls, entry: Entry, source: Source) -> StoredSheet:
        """Return the sheet of an entry, as the one at *source*.

        :raises Damaged: its description isn't what it should be.
        """
        meta = entry.meta
        if any(type(meta.get(key)) is not kind for key, kind in _META.items()) or not _are_texts(meta["follow"]):
            raise Damaged("no description")
        try:
            source = source._replace(format=meta["format"])
            problems = tuple(_problem(source, *told) for told in meta["problems"])
        except (TypeError, ValueError) as error:
            raise Damaged(str(error)) from error
        found = cls(source, (), problems, tuple(meta["follow"]))
        found.is_plain, found.plugin_count = meta["is_plain"], meta["plugins"]
        found.conditional = tuple(meta["conditional"])
        found.entry = entry
        found._shared = meta["positions"]
        found._whole = None
        return found

    #: Whether each plugin can be made without a look at the others.
    is_plain: bool
    #: How many plugins are made of it.
    plugin_count: int
    #: Where the records start that take part for some values only.
    conditional: tuple[int, ...]
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

    def _record(self, told: Any) -> tuple[PluginRecord, list[Row]]:
        try:
            name, values, (line, column), positions, rows = told
            source = self.source._replace(pointer=("plugins", name), line=line, column=column)
            if type(positions) is not bytes or type(values) is not dict or not _have_shapes(values):
                raise Damaged("no record")
            return PluginRecord(name, values, source, _Positions(positions, self._shared)), [_row(*row) for row in rows]
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
#: What the values of a plugin are. A wrong one can't come from us, and must not come to be a plugin.
_SHAPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("hierarchy", "mapping", "assignment", "uuid", "max_folder"), str),
    **dict.fromkeys(_TEXTS, tuple),
    **dict.fromkeys(("mapping_details", "data", "when"), dict),
    "syntax": int,
}


#: What the parts of the description are.
_META: dict[str, type] = {
    "format": str, "follow": list, "problems": list, "is_plain": bool, "records": int, "plugins": int, "conditional": list,
    "positions": dict,
}  # fmt: skip


def _problem(source: Source, where: Any, *told: Any) -> Problem:
    pointer, line, column = where
    if type(pointer) is not tuple or type(line) is not int or type(column) is not int or not told or not _are_texts(told):
        raise ValueError("no problem")
    hash(pointer)
    return Problem(source._replace(pointer=pointer, line=line, column=column), *told)


class _Positions(Mapping["Pointer", "Position"]):
    """The positions in one plugin and in the globals; most are never asked for."""

    def __init__(self, data: bytes, shared: Mapping[Pointer, Position]) -> None:
        self._data = data
        self._shared = shared
        self._found: Mapping[Pointer, Position] | None = None

    def _all(self) -> Mapping[Pointer, Position]:
        if self._found is None:
            self._found = {**self._shared, **self._own()}
        return self._found

    def _own(self) -> dict[Pointer, Position]:
        try:
            return _unflat(unpack(self._data))
        except Damaged:
            # The checksum was right, so nobody but a forger wrote this: a place without a line is all he gets.
            return {}

    def __getitem__(self, pointer: Pointer) -> Position:
        return self._all()[pointer]

    def __iter__(self) -> Iterator[Pointer]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def _unflat(told: Any) -> dict[Pointer, Position]:
    """Return the positions that :func:`_flat` told.

    :raises Damaged: they are none.
    """
    from array import array

    try:
        path, keys, depths, packed = told
        numbers = array("I", packed)
        found: dict[Pointer, Position] = {}
        for index, (key, depth) in enumerate(zip(keys, depths, strict=True)):
            path = (*path[: depth - 1], key)
            found[path] = numbers[2 * index], numbers[2 * index + 1]
        return found
    except (TypeError, ValueError, IndexError) as error:
        raise Damaged(str(error)) from error
