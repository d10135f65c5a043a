"""The compiled sheets on disk: copies of what the sheets say, which may vanish at any time and are never trusted.

An entry is a file. Its name is a digest of a sheet's content and of the versions that read it, so it is never out of date.
It holds no path, layer or trust: these are added when it is opened. It is read piece by piece: one place costs the same in
a sheet of ten plugins and of ten thousand. Each piece has a checksum; any fault means "not stored". See
``docs/explanation/store.rst``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from ways import __version__
from ways.lightweight import cached_property
from ways.logs import INFO, STORE, log
from ways.sheets.store.codec import Damaged, Unstorable, pack, unpack
from ways.sheets.document import Sheet, Source
from ways.sheets.store.catalog import Catalog, SheetToKeep, catalog_bytes
from ways.sheets.store.compiled import MadePlaces, StoredSheet, entry_of
from ways.sheets.store.entry_file import StoreEntry, digest, is_private, open_file, read_file, with_checksum, without_checksum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ways.sheets.store.writer import StoreWriter

#: Modes of a store: off; on; on, and each sheet is read to see whether it changed.
OFF, ON, STRICT = "0", "1", "strict"
#: A file that changed less than this before its stamp was taken, in ns: a further change may leave the stamp as it is.
FRESH = 2_000_000_000
#: The formats that are compiled. Python sheets may read anything, so they run each time.
STORED_FORMATS = frozenset({"yaml", "json", "toml"})

#: Size, mtime_ns, ctime_ns, inode.
Stamp = tuple[int, int, int, int]


def is_too_recent(stamp: Stamp, taken: int) -> bool:
    """Whether the content of a file may have changed since without a change to its stamp.

    :param taken: when the content was read, in ns.
    """
    return max(stamp[1], stamp[2]) > taken - FRESH


def release() -> str:
    """Return the versions of Ways and Python as one text: what decides, beside a sheet's content, what is made of it."""
    name = f"{__version__} {sys.version_info[0]}.{sys.version_info[1]} {sys.byteorder}"
    return f"{name} {_code_stamps()}" if "dev" in __version__ else name


def _code_stamps() -> str:
    """Return the stamps of the code that reads sheets: a version under development changes without another number."""
    home = os.path.dirname(os.path.abspath(__file__))
    if not os.path.isdir(home):
        # It lies in a zip file, whose stamp counts.
        while not os.path.exists(home):
            home = os.path.dirname(home)
        return str(os.stat(home).st_mtime_ns)
    stamps = []
    sheets = os.path.dirname(home)
    rooms = ("assets", "contexts", "pattern", "plugins", "regex", "sources")
    for folder in (home, sheets, os.path.join(sheets, "formats"), *(os.path.join(os.path.dirname(sheets), room) for room in rooms)):
        with os.scandir(folder) as items:
            stamps += [(item.name, item.stat().st_mtime_ns) for item in items if item.name.endswith(".py")]
    return str(sorted(stamps))


class Store:
    """The entries in one folder.

    :param folder: where the entries lie; made when the first is written, for its owner alone.
    :param release: what decides, beside a sheet's content, what is made of it: see :func:`release`.
    :param mode: :data:`ON` or :data:`STRICT`.
    """

    def __init__(self, folder: str, release: str, mode: str = ON) -> None:
        self.folder = folder
        self.release = release
        self.mode = mode
        self._is_usable: bool | None = None

    @cached_property
    def _writer(self) -> StoreWriter:
        """Writes and removes files; most processes need none of that."""
        from ways.sheets.store.writer import StoreWriter

        return StoreWriter(self.folder)

    def key(self, path: str, content: str) -> str:
        """Return the name of the entry for a sheet whose content has this digest; of its path only the ending counts."""
        ending = os.path.splitext(path)[1].lower()
        return digest(f"{self.release}\0{ending}\0{content}".encode("utf-8", "surrogatepass"))

    def known_key(self, path: str, stamp: Stamp) -> str | None:
        """Return the key of the content of the sheet at *path*, if its stamp is known and old enough; else ``None``."""
        if self.mode == STRICT or not self._usable():
            return None
        try:
            note = unpack(without_checksum(read_file(self._stamp_path(path))))
        except (OSError, Damaged):
            return None
        if not isinstance(note, tuple) or len(note) != 4 or note[:2] != (os.path.abspath(path), stamp):
            return None
        _, _, taken, key = note
        return key if isinstance(key, str) and isinstance(taken, int) and not is_too_recent(stamp, taken) else None

    def open(self, key: str, source: Source) -> StoredSheet | None:
        """Return the sheet with this key, as the one at *source*; ``None`` if there is none that is whole."""
        if not self._usable() or not key.isalnum():
            return None
        try:
            file = open_file(self._entry_path(key))
        except OSError:
            return None
        try:
            return StoredSheet.of(StoreEntry(file, key), source)
        except (OSError, Damaged) as error:
            log(STORE, INFO, "%s: the entry of %s is not whole, and is made anew: %s", self._entry_path(key), source.path, error)
            return None

    def keep_stamp(self, path: str, stamp: Stamp, taken: int, key: str) -> None:
        """Note that the sheet at *path* has the content of *key* as long as it has this stamp.

        :param taken: the time, in ns, after the stamp was taken and before the content was read.
        """
        # A stamp that is too young proves nothing.
        if not is_too_recent(stamp, taken):
            self._writer.write(self._stamp_path(path), with_checksum(pack((os.path.abspath(path), stamp, taken, key))))

    def keep(self, key: str, sheet: Sheet, made: MadePlaces | None) -> StoredSheet | None:
        """Write the entry of a sheet; if that fails, nothing is written.

        :param made: what its plugins make; ``None`` if a plugin can't be made without the others.
        :returns: the sheet as the entry has it; ``None`` if it can't be stored.
        """
        try:
            data = entry_of(key, sheet, made)
            self._writer.write(self._entry_path(key), data)
            return StoredSheet.of(StoreEntry(data, key), sheet.source)
        except (Damaged, Unstorable, RecursionError, OverflowError):
            return None

    def entry(self, key: str) -> StoreEntry:
        """Return an entry that is there.

        :raises Damaged: it isn't there any more, or isn't whole.
        """
        if not self._usable() or not key.isalnum():
            raise Damaged("no store, or no key")
        try:
            return StoreEntry(open_file(self._entry_path(key)), key)
        except OSError as error:
            raise Damaged(str(error)) from error

    def catalog(self, folder: str) -> Catalog | None:
        """Return the catalog of the sheets in a folder and below; ``None`` if there is none, or it is damaged."""
        if not self._usable():
            return None
        path = self._catalog_path(folder)
        try:
            return Catalog(StoreEntry(open_file(path), os.path.basename(path)))
        except (OSError, Damaged):
            return None

    def keep_catalog(self, folder: str, sheets: Sequence[SheetToKeep]) -> None:
        """Write the catalog of the sheets in a folder and below; if that fails, nothing is written."""
        path = self._catalog_path(folder)
        try:
            self._writer.write(path, catalog_bytes(os.path.basename(path), sheets))
        except (Damaged, Unstorable, RecursionError, OverflowError):
            return

    def _catalog_path(self, folder: str) -> str:
        name = f"{self.release}\0{os.path.abspath(folder)}".encode("utf-8", "surrogatepass")
        return os.path.join(self.folder, "indexes", digest(name))

    def info(self) -> dict[str, Any]:
        """Return where the store is, how much is in it, and whether it is used."""
        files = list(self._writer.files())
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
        return self._writer.clear()

    def _entry_path(self, key: str) -> str:
        return os.path.join(self.folder, "entries", key)

    def _stamp_path(self, path: str) -> str:
        name = f"{self.release}\0{os.path.abspath(path)}".encode("utf-8", "surrogatepass")
        return os.path.join(self.folder, "stamps", digest(name))

    def _usable(self) -> bool:
        """Whether the folder belongs to this user, and no other user can write to it."""
        if not self._is_usable:
            try:
                self._is_usable = os.path.isabs(self.folder) and is_private(os.stat(self.folder))
            except OSError:
                return False
        return self._is_usable
