"""The files of the store: how a file is put in place so that no reader sees half of it, and which files are removed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from time import time_ns

from ways.logs import INFO, STORE, log
from ways.sheets.store.entry_file import BINARY, MAX_ENTRY, is_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple

FOLDERS = ("entries", "indexes", "stamps")
#: Bytes of all files, each counted in whole blocks: a small file takes one, too.
MAX_TOTAL = 256 << 20
BLOCK = 4096
#: Bytes that one process writes until it looks again how much there is.
MAX_WRITTEN = 32 << 20
#: The ending of a file that is being written; before it stands the number of the process that does so.
UNFINISHED = ".new"
#: A file that has not been finished after so many ns is abandoned.
ABANDONED = 60_000_000_000


class StoreFile(NamedTuple):
    """A file of the store."""

    path: str
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

    def files(self) -> Iterator[StoreFile]:
        """Yield each file of the store; links are left out, because they may lead anywhere."""
        for name in FOLDERS:
            folder = os.path.join(self.folder, name)
            try:
                if os.path.islink(folder):
                    continue
                with os.scandir(folder) as items:
                    for item in items:
                        if item.is_file(follow_symlinks=False):
                            status = item.stat(follow_symlinks=False)
                            yield StoreFile(item.path, status.st_size, status.st_mtime_ns)
            except OSError:
                continue

    def clear(self) -> int:
        """Remove every file of the store, and return how many there were."""
        return sum(remove_file(file.path) for file in list(self.files()))

    def _is_ready(self, size: int) -> bool:
        """Make the folders and room in them, if it is time for that; return whether they may be written to."""
        if self._left <= 0:
            try:
                self._make_folders()
            except OSError:
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
            elif os.path.islink(folder):
                raise NotADirectoryError(folder)
        if not is_private(os.stat(self.folder)):
            raise PermissionError(self.folder)

    def _make_room(self) -> None:
        """Remove abandoned files; if there is too much, also the oldest files, until half of the room is free."""
        now = time_ns()
        files = [file for file in self.files() if not (_is_abandoned(file, now) and remove_file(file.path))]
        total = sum(file.room for file in files)
        if total <= MAX_TOTAL:
            return
        # A time in the future was written by a clock that was wrong: such a file counts as the oldest.
        for file in sorted(files, key=lambda file: file.mtime_ns if file.mtime_ns <= now + ABANDONED else 0):
            if total <= MAX_TOTAL // 2:
                return
            total -= file.room
            remove_file(file.path)


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
    if not file.path.endswith(UNFINISHED):
        return False
    number = file.path.rsplit(".", 3)[1]
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
