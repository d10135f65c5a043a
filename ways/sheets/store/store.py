"""The compiled sheets on disk: copies of what the sheets say, which may vanish at any time and are never trusted.

An entry is a file. Its name is a digest of a sheet's content and of the versions that read it, so it is never out of date.
It holds no path, layer or trust: these are added when it is opened. It is read piece by piece: one place costs the same in
a sheet of ten plugins and of ten thousand. Each piece has a seal, which only this user can make; any fault means "not stored". See
``docs/explanation/store.rst``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

from ways import __version__
from ways.lightweight import cached_property
from ways.logs import INFO, STORE, log
from ways.sheets.store.codec import Damaged, Unstorable
from ways.sheets.document import Sheet, Source
from ways.sheets.store.catalog import Catalog, SheetToKeep, catalog_bytes
from ways.sheets.store.compiled import MadePlaces, StoredSheet, entry_of
from ways.sheets.store.stamps import FileStat, KnownSheet, Stamp, is_moment
from ways.sheets.store.entry_file import StoreEntry, digest, is_private, note_in, open_file, read_file, sealed_note
from ways.sheets.store.secret import secret_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ways.sheets.store.writer import Report, StoreWriter

#: Modes of a store: off; on; on, and each sheet is read to see whether it changed.
OFF, ON, STRICT = "0", "1", "strict"


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
    :param secret_folder: where the secret lies that seals the entries. Where it can't, it lies among the entries.
    """

    def __init__(self, folder: str, release: str, mode: str = ON, secret_folder: str = "") -> None:
        self.folder = folder
        self.release = release
        self.mode = mode
        self._secret_folder = secret_folder
        self._is_usable: bool | None = None

    @cached_property
    def _writer(self) -> StoreWriter:
        """Writes and removes files; most processes need none of that."""
        from ways.sheets.store.writer import StoreWriter

        return StoreWriter(self.folder)

    @cached_property
    def secret(self) -> bytes:
        """What seals the entries; empty if there can be none, so that nothing is read or written."""
        found = secret_in(self._secret_folder)
        if found is None and self._writer.make_folders():
            found = secret_in(self.folder)
        return found or b""

    def key(self, path: str, content: str) -> str:
        """Return the name of the entry for a sheet whose content has this digest; of its path only the ending counts."""
        ending = os.path.splitext(path)[1].lower()
        return self._named(f"{ending}\0{content}")

    def _named(self, text: str) -> str:
        """Return the name of the file that something has: another one in each release, and with each secret."""
        return digest(f"{self.release}\0{text}".encode("utf-8", "surrogatepass"), self.secret)

    def known(self, path: str, stamp: Stamp) -> KnownSheet | None:
        """Return when the sheet at *path* was seen with this stamp, and the key of its content; ``None`` if that isn't known."""
        if not self._usable():
            return None
        note = self._note(self._stamp_path(path))
        if not isinstance(note, tuple) or len(note) != 5 or note[:2] != (os.path.abspath(path), stamp):
            return None
        _, _, first, last, key = note
        return KnownSheet(FileStat(stamp, first, last), key) if isinstance(key, str) and is_moment(first) and is_moment(last) else None

    def open(self, key: str, source: Source) -> StoredSheet | None:
        """Return the sheet with this key, as the one at *source*; ``None`` if there is none that is whole."""
        if not self._usable() or not key.isalnum():
            return None
        try:
            file = open_file(self._entry_path(key))
        except OSError:
            return None
        try:
            return StoredSheet.of(StoreEntry(file, key, self.secret), source)
        except (OSError, Damaged) as error:
            log(STORE, INFO, "%s: the entry of %s is not whole, and is made anew: %s", self._entry_path(key), source.path, error)
            return None

    def keep_stamp(self, path: str, stat: FileStat, key: str) -> None:
        """Note that the sheet at *path* had the content of *key* when it was seen with its stamp."""
        self._keep_note(self._stamp_path(path), (os.path.abspath(path), *stat, key))

    def _note(self, path: str) -> Any:
        """Return what a note says; ``None`` if there is none that is whole."""
        try:
            return note_in(read_file(path), os.path.basename(path), self.secret)
        except (OSError, Damaged):
            return None

    def _keep_note(self, path: str, note: tuple[object, ...]) -> None:
        if self.secret:
            self._writer.write(path, sealed_note(note, os.path.basename(path), self.secret))

    def keep(self, key: str, sheet: Sheet, made: MadePlaces | None) -> StoredSheet | None:
        """Write the entry of a sheet; if that fails, nothing is written.

        :param made: what its plugins make; ``None`` if a plugin can't be made without the others.
        :returns: the sheet as the entry has it; ``None`` if it can't be stored.
        """
        if not self.secret:
            return None
        try:
            data = entry_of(key, sheet, made, self.secret)
            self._writer.write(self._entry_path(key), data)
            return StoredSheet.of(StoreEntry(data, key, self.secret), sheet.source)
        except (Damaged, Unstorable, RecursionError, OverflowError):
            return None

    def entry(self, key: str) -> StoreEntry:
        """Return an entry that is there.

        :raises Damaged: it isn't there any more, or isn't whole.
        """
        if not self._usable() or not key.isalnum():
            raise Damaged("no store, or no key")
        try:
            return StoreEntry(open_file(self._entry_path(key)), key, self.secret)
        except OSError as error:
            raise Damaged(str(error)) from error

    def catalog(self, folder: str) -> Catalog | None:
        """Return the catalog of the sheets in a folder and below; ``None`` if there is none, or it is damaged."""
        if not self._usable():
            return None
        path = self._catalog_path(folder)
        try:
            catalog = Catalog(StoreEntry(open_file(path), os.path.basename(path), self.secret))
        except (OSError, Damaged):
            return None
        if not catalog.is_settled:
            catalog.settle(self._note(self._confirmed_path(folder)))
        return catalog

    def confirm(self, folder: str, catalog: Catalog, numbers: Iterable[int]) -> None:
        """Note of some sheets of a catalog that their stamps are believed from now on."""
        self._keep_note(self._confirmed_path(folder), catalog.confirmed(numbers))

    def keep_catalog(self, folder: str, sheets: Sequence[SheetToKeep]) -> None:
        """Write the catalog of the sheets in a folder and below; if that fails, nothing is written."""
        path = self._catalog_path(folder)
        if not self.secret:
            return
        try:
            self._writer.write(path, catalog_bytes(os.path.basename(path), sheets, self.secret, name=os.urandom(8).hex()))
        except (Damaged, Unstorable, RecursionError, OverflowError):
            return

    def _catalog_path(self, folder: str) -> str:
        return os.path.join(self.folder, "indexes", self._named(os.path.abspath(folder)))

    def _confirmed_path(self, folder: str) -> str:
        return os.path.join(self.folder, "stamps", self._named(f"confirmed\0{os.path.abspath(folder)}"))

    def info(self) -> dict[str, Any]:
        """Return where the store is, how much is in it, and whether it is used."""
        files = list(self._writer.files())
        entries = [file for file in files if file.folder == "entries"]
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
        if not self._is_private():
            return "not used: another owns the folder, or may write to it"
        if self.secret:
            return "in use"
        return f"not used: there is no place for its secret, neither in {self._secret_folder!r} nor in the folder"

    def drop(self, key: str, catalog: str) -> None:
        """Remove an entry, and the catalog of this name if there is one: what they say is wrong."""
        from ways.sheets.store.writer import StoreFile

        for folder, name in (("entries", key), ("indexes", catalog)):
            if name.isalnum():
                self._writer.remove(StoreFile(folder, name, 0, 0))

    def clear(self, report: Report | None = None) -> int:
        """Remove every file that the store wrote, and return how many there were.

        :param report: is told of what is left, with the reason.
        """
        return self._writer.clear(report)

    def _entry_path(self, key: str) -> str:
        return os.path.join(self.folder, "entries", key)

    def _stamp_path(self, path: str) -> str:
        return os.path.join(self.folder, "stamps", self._named(os.path.abspath(path)))

    def _usable(self) -> bool:
        """Whether the folder is this user's alone, and there is a secret."""
        return self._is_private() and bool(self.secret)

    def _is_private(self) -> bool:
        """Whether the folder belongs to this user, and no other user can write to it."""
        if not self._is_usable:
            try:
                self._is_usable = os.path.isabs(self.folder) and is_private(os.stat(self.folder))
            except OSError:
                return False
        return self._is_usable
