"""The files of the store: how a file is put in place so that no reader sees half of it, and which files are removed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from time import time_ns

from ways.logs import INFO, STORE, log
from ways.sheets.store.entry_file import BINARY, MARK, MAX_ENTRY, NOTE, is_own, is_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NamedTuple

    #: Is told of a path, with what is the matter with it.
    Report = Callable[[str, str], None]
else:
    from ways.lightweight import NamedTuple

FOLDERS = ("entries", "indexes", "stamps")
#: Whether files can be named from an open folder.
_HAS_PLACES = os.open in os.supports_dir_fd and os.unlink in os.supports_dir_fd and os.scandir in os.supports_fd
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
#: Bytes of all files, each counted in whole blocks: a small file takes one, too.
MAX_TOTAL = 256 << 20
BLOCK = 4096
#: Bytes that one process writes until it looks again how much there is.
MAX_WRITTEN = 32 << 20
#: The ending of a file that is being written; before it stands the number of the process that does so.
UNFINISHED = ".new"
#: A file that has not been finished after so many ns is abandoned.
ABANDONED = 60_000_000_000


#: Letters of the digest that a file is named by.
_DIGEST = 40
_HEX = frozenset("0123456789abcdef")


class StoreFile(NamedTuple):
    """A file of the store: a folder of it, and the name there."""

    folder: str
    name: str
    size: int
    mtime_ns: int

    @property
    def room(self) -> int:
        """The bytes that it takes on disk, at least."""
        return _room(self.size)


class StoreWriter:
    """Writes and removes the files below one folder. A failure is a line in the log: the sheets themselves are there."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        #: Bytes that may still be written until room is made again.
        self._left = 0

    def write(self, path: str, data: bytes) -> None:
        """Put *data* in the place of what is at *path*, which stays as it is if that can't be done."""
        if len(data) > MAX_ENTRY or not self._is_ready(len(data)):
            return
        try:
            try:
                _put(path, data)
            except FileNotFoundError:
                # Someone has just removed the folder.
                self._make_folders()
                _put(path, data)
        except OSError as error:
            # The disk may be full or read-only.
            log(STORE, INFO, "%s: can't be written: %s", path, error)

    def make_folders(self) -> bool:
        """Make the folders where they are missing; return whether they may be written to."""
        try:
            self._make_folders()
        except OSError:
            return False
        return True

    def files(self) -> Iterator[StoreFile]:
        """Yield each file that has a name as the store gives it; links are left out, because they may lead anywhere."""
        for folder in FOLDERS:
            try:
                for item, status in self._listed(folder):
                    if _is_plain(status) and _is_name(item):
                        yield StoreFile(folder, item, status.st_size, status.st_mtime_ns)
            except OSError:
                continue

    def clear(self, report: Report | None = None) -> int:
        """Remove every file that the store wrote, and return how many there were.

        :param report: is told of what is left, with the reason.
        """
        count = 0
        tell = report or _ignore
        for folder in FOLDERS:
            path = os.path.join(self.folder, folder)
            try:
                names = [item for item, _ in self._listed(folder)]
                with self._opened(folder) as place:
                    for name in names:
                        reason = place.removed_or_why(name)
                        count += not reason
                        if reason:
                            tell(os.path.join(path, name), reason)
            except FileNotFoundError:
                continue
            except OSError as error:
                tell(path, str(error.strerror or error))
        return count

    def remove(self, file: StoreFile) -> bool:
        """Remove a file; return whether it was there."""
        try:
            with self._opened(file.folder) as place:
                return place.unlink(file.name)
        except OSError:
            return False

    def _listed(self, folder: str) -> list[tuple[str, os.stat_result]]:
        """Return what is in a folder of the store: names, each with what it is; of a link, the link.

        :raises OSError: the folder can't be read, or may not be believed.
        """
        with self._opened(folder) as place, os.scandir(place.where) as items:
            return [(item.name, item.stat(follow_symlinks=False)) for item in items]

    def _opened(self, folder: str) -> _Place:
        """Return a folder of the store, to be entered.

        :raises OSError: it isn't there, is a link, or another owns it or may write to it; or to what it lies in.
        """
        if not os.path.isabs(self.folder):
            raise FileNotFoundError(self.folder)
        return _Place(self.folder, folder)

    def _is_ready(self, size: int) -> bool:
        """Make the folders and room in them, if it is time for that; return whether they may be written to."""
        if self._left <= 0:
            if not self.make_folders():
                return False
            self._make_room()
            self._left = MAX_WRITTEN
        self._left -= _room(size)
        return True

    def _make_folders(self) -> None:
        """Make the folders where they are missing: someone may remove them at any time.

        :raises OSError: they can't be made, or others may write to them.
        """
        if not os.path.isabs(self.folder):
            # Without a home there is no place for it, and the current folder is none.
            raise FileNotFoundError(self.folder)
        if not os.path.isdir(self.folder):
            os.makedirs(os.path.dirname(self.folder), exist_ok=True)
            _make_folder(self.folder)
        for name in FOLDERS:
            folder = os.path.join(self.folder, name)
            if not os.path.isdir(folder):
                if not os.listdir(self.folder):
                    # It was made beforehand, perhaps open to other users.
                    os.chmod(self.folder, 0o700)
                _make_folder(folder)
            elif not is_private(os.lstat(folder)):
                # A link, or made by another before the folder was closed to others.
                raise PermissionError(folder)
        if not is_private(os.stat(self.folder)):
            raise PermissionError(self.folder)

    def _make_room(self) -> None:
        """Remove abandoned files; if there is too much, also the oldest files, until half of the room is free."""
        now = time_ns()
        files = [file for file in self.files() if not (_is_abandoned(file, now) and self.remove(file))]
        total = sum(file.room for file in files)
        if total <= MAX_TOTAL:
            return
        # A time in the future was written by a clock that was wrong: such a file counts as the oldest.
        for file in sorted(files, key=lambda file: file.mtime_ns if file.mtime_ns <= now + ABANDONED else 0):
            if total <= MAX_TOTAL // 2:
                return
            total -= file.room
            self.remove(file)


class _Place:
    """A folder of the store that is open: what is done there is done in this very folder, whatever its path leads to meanwhile.

    Where files can't be named from an open folder, as on Windows, they are named by paths.

    :raises OSError: it isn't there, is a link, or another owns it or may write to it; or to what it lies in.
    """

    def __init__(self, store: str, name: str) -> None:
        #: What names the folder to the functions of os; and what is put before a name in it.
        self.where: int | str = os.path.join(store, name)
        self._files: list[int] = []
        try:
            if _HAS_PLACES:
                # The folder of the store may be a link, which this user set.
                self._files.append(os.open(store, _FOLDER))
                self._files.append(os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=self._files[0]))
                self.where = self._files[1]
                found = [os.fstat(file) for file in self._files]
            else:
                found = [os.stat(store), os.lstat(self.where)]
            if not all(map(is_private, found)):
                raise PermissionError(errno.EPERM, "another owns it, or may write to it", store)
        except OSError:
            self._close()
            raise

    def __enter__(self) -> _Place:
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def _close(self) -> None:
        while self._files:
            os.close(self._files.pop())

    def unlink(self, name: str) -> bool:
        """Remove a file; return whether it was there."""
        path, below = self._named(name)
        try:
            os.unlink(path, dir_fd=below)
        except OSError:
            return False
        return True

    def removed_or_why(self, name: str) -> str:
        """Remove a file that the store wrote, and return ``""``; or why it was left."""
        if not _is_name(name):
            return "its name is none that Ways gives"
        path, below = self._named(name)
        try:
            file = os.open(path, os.O_RDONLY | BINARY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0), dir_fd=below)
            try:
                status, head = os.fstat(file), os.read(file, len(MARK)) if _is_plain(os.fstat(file)) else b""
            finally:
                os.close(file)
        except OSError as error:
            return "it is a link" if error.errno == errno.ELOOP else str(error.strerror)
        if not (_is_plain(status) and is_own(status)):
            return "it is no file of this user"
        # What is half written may have any part of it.
        is_written = head.startswith((MARK, NOTE)) or name.endswith(UNFINISHED) and MARK.startswith(head)
        if not is_written:
            return "Ways did not write it"
        return "" if self.unlink(name) else "it can't be removed"

    def _named(self, name: str) -> tuple[str, int | None]:
        """Return what names a file of the folder to the functions of os: a path, and the folder from which it counts."""
        return (os.path.join(self.where, name), None) if isinstance(self.where, str) else (name, self.where)


def _ignore(path: str, reason: str) -> None:
    """Tell nobody what was left."""


def _is_plain(status: os.stat_result) -> bool:
    return status.st_mode & 0o170000 == 0o100000


def _is_name(name: str) -> bool:
    """Whether the store gives such names: a digest; behind it, while the file is written, a process and a random part."""
    key, *rest = name.split(".")
    if len(key) != _DIGEST or not _HEX.issuperset(key):
        return False
    if not rest:
        return True
    if len(rest) != 3 or f".{rest[2]}" != UNFINISHED:
        return False
    return rest[0].isdecimal() and rest[0].isascii() and _HEX.issuperset(rest[1])


def _room(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _make_folder(path: str) -> None:
    """Make a folder for this user alone; another process may have been first."""
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not os.path.isdir(path):
            raise


def _put(path: str, data: bytes) -> None:
    """Put a file in the place of what is at *path*.

    It isn't flushed to the disk, which takes long: a file that a power cut spoils has wrong checksums.
    """
    # A name that no other process uses, also on another machine that shares the folder.
    new = f"{path}.{os.getpid()}.{os.urandom(6).hex()}{UNFINISHED}"
    try:
        file = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | BINARY, 0o600)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(file, left) :]
        finally:
            os.close(file)
        # A process that has the old file open goes on reading that one.
        os.replace(new, path)
    except OSError:
        remove_file(new)
        raise


def _is_abandoned(file: StoreFile, now: int) -> bool:
    """Whether a file will never be finished: its writer has ended, or began long ago.

    A writer on another machine counts as ended, which costs no more than the file that it writes.
    """
    if not file.name.endswith(UNFINISHED):
        return False
    number = file.name.split(".")[1]
    return abs(now - file.mtime_ns) > ABANDONED or not (number.isdecimal() and _is_running(int(number)))


def _is_running(process: int) -> bool:
    # Elsewhere the same call would end it.
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def remove_file(path: str) -> bool:
    """Remove a file; return whether it was there."""
    try:
        os.unlink(path)
    except OSError:
        return False
    return True
