"""Folders to make something in that others see only when it is whole; those of processes that were killed go."""

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
except ImportError:  # pragma: no cover - there is none on Windows
    fcntl = None  # type: ignore[assignment]

#: Seconds after which nobody uses a folder any more, where no lock can tell.
ABANDONED = 3600
#: Seconds between two looks whether a lock is free.
_PAUSE = 0.05
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_DIRECTORY", 0)


@contextmanager
def scratch(above: str, prefix: str) -> Iterator[str]:
    """Give a new folder in *above*, and remove it in the end; first those that a killed process left there.

    It is locked as long as this process lives, and any program that it starts meanwhile with :func:`held`.
    """
    _sweep(above, prefix)
    path, lock = _locked_folder(above, prefix)
    try:
        with _holding(lock):
            yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        if lock is not None:
            os.close(lock)


@contextmanager
def alone(path: str, patience: float) -> Iterator[bool]:
    """Wait until no other process is in a block for this folder; give whether that is so.

    :param patience: seconds to wait.
    """
    lock = _lock(path, patience)
    try:
        with _holding(lock):
            yield lock is not None
    finally:
        if lock is not None:
            os.close(lock)


def held() -> tuple[int, ...]:
    """Return the locks that a program must get to hold them too: it may outlive this process."""
    return tuple(_mine.locks)


class _Mine(threading.local):
    """The locks of the blocks that this thread is in."""

    def __init__(self) -> None:
        self.locks: list[int] = []


_mine = _Mine()


@contextmanager
def _holding(lock: int | None) -> Iterator[None]:
    if lock is not None:
        _mine.locks.append(lock)
    try:
        yield
    finally:
        if lock is not None:
            _mine.locks.remove(lock)


def _lock(path: str, patience: float = 0) -> int | None:
    """Return the open and locked folder at *path*, or ``None`` where another holds it, or nobody can."""
    if fcntl is None:
        return None
    end = time.monotonic() + patience
    file = os.open(path, _OPEN)
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if time.monotonic() < end:
                time.sleep(_PAUSE)
                continue
        except OSError:
            # A file system that has no locks.
            pass
        os.close(file)
        return None


def _locked_folder(above: str, prefix: str) -> tuple[str, int | None]:
    """Return a new folder, and its lock."""
    for _ in range(10):
        path = tempfile.mkdtemp(prefix=prefix, dir=above)
        with suppress(OSError):
            lock = _lock(path)
            # Somebody may have taken it for a left one before it was locked.
            if os.path.isdir(path):
                return path, lock
            if lock is not None:
                os.close(lock)
    return tempfile.mkdtemp(prefix=prefix, dir=above), None


def _sweep(above: str, prefix: str) -> None:
    """Remove the folders that a killed process left."""
    name = re.compile(re.escape(prefix) + "[a-z0-9_]{8}")
    with os.scandir(above) as found:
        left = [item.path for item in found if name.fullmatch(item.name) and item.is_dir(follow_symlinks=False)]
    for path in left:
        with suppress(OSError):
            _remove_left(path)


def _remove_left(path: str) -> None:
    lock = _lock(path)
    try:
        if lock is not None or _is_abandoned(path):
            shutil.rmtree(path, ignore_errors=True)
    finally:
        if lock is not None:
            os.close(lock)


def _is_abandoned(path: str) -> bool:
    """Whether nobody uses a folder any more, as far as its time tells."""
    return abs(time.time() - os.lstat(path).st_mtime) > ABANDONED
