"""Temporary folders, in which a thing is made that others may see only when it is complete, and locks of folders."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

try:
    import fcntl
except ImportError:  # There is none on Windows.
    fcntl = None  # type: ignore[assignment]

#: Seconds after which a folder counts as abandoned where locks don't work.
ABANDONED = 3600
#: Seconds between two looks whether a lock is free.
_PAUSE = 0.05
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_DIRECTORY", 0)


@contextmanager
def locked_tempdir(above: str, prefix: str) -> Iterator[str]:
    """Yield a new folder in *above*, which is removed in the end; first remove those that killed processes left there.

    It is locked as long as this process lives, and any program that it starts meanwhile with :func:`inherited_fds`.
    """
    _sweep(above, prefix)
    path, lock = _locked_folder(above, prefix)
    with _holding(lock):
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def exclusive(path: str, patience: float) -> Iterator[bool | None]:
    """Wait until no other process is in a block for this folder; yield whether that is so, or ``None`` if locks don't work.

    :param patience: seconds to wait.
    """
    is_busy, lock = False, None
    try:
        lock = _lock(path, patience)
    except BlockingIOError:
        is_busy = True
    with _holding(lock):
        yield False if is_busy else True if lock is not None else None


def inherited_fds() -> tuple[int, ...]:
    """Return the locks that a started program must inherit, to hold them as well: it may outlive this process."""
    return tuple(_thread.locks)


class _ThreadLocks(threading.local):
    """The locks of the blocks that this thread is in."""

    def __init__(self) -> None:
        self.locks: list[int] = []


_thread = _ThreadLocks()


@contextmanager
def _holding(lock: int | None) -> Iterator[None]:
    """Let the programs that the block starts inherit a lock, and end the lock with the block."""
    if lock is None:
        yield
        return
    _thread.locks.append(lock)
    try:
        yield
    finally:
        _thread.locks.remove(lock)
        os.close(lock)


def _lock(path: str, patience: float = 0) -> int | None:
    """Return the descriptor of the folder at *path*, open and locked; ``None`` if locks don't work.

    :raises BlockingIOError: another process has locked it.
    :raises OSError: it can't be opened.
    """
    if fcntl is None:
        return None
    end = time.monotonic() + patience
    file = os.open(path, _OPEN)
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if time.monotonic() >= end:
                os.close(file)
                raise
        except OSError:
            # A file system that has no locks.
            os.close(file)
            return None
        time.sleep(_PAUSE)


def _locked_folder(above: str, prefix: str) -> tuple[str, int | None]:
    """Return a new folder, and its lock."""
    for _ in range(10):
        path = tempfile.mkdtemp(prefix=prefix, dir=above)
        with suppress(OSError):
            lock = _lock(path)
            # Another process may have removed it as abandoned before it was locked.
            if os.path.isdir(path):
                return path, lock
            if lock is not None:
                os.close(lock)
    return tempfile.mkdtemp(prefix=prefix, dir=above), None


def _is_own_folder(entry: os.DirEntry[str]) -> bool:
    """Whether this is a folder of this user: where others may make folders, theirs stay."""
    if not entry.is_dir(follow_symlinks=False):
        return False
    return os.name != "posix" or entry.stat(follow_symlinks=False).st_uid == os.getuid()


def _sweep(above: str, prefix: str) -> None:
    """Remove the folders that killed processes left."""
    name = re.compile(re.escape(prefix) + "[a-z0-9_]{8}")
    with os.scandir(above) as entries:
        left = [entry.path for entry in entries if name.fullmatch(entry.name) and _is_own_folder(entry)]
    for path in left:
        with suppress(OSError):
            lock = _lock(path)
            try:
                # Where locks don't work, the age says that no process can be using it.
                if lock is not None or abs(time.time() - os.lstat(path).st_mtime) > ABANDONED:
                    shutil.rmtree(path, ignore_errors=True)
            finally:
                if lock is not None:
                    os.close(lock)
