"""A folder of this process's own, for targets whose readers want files; it goes when the process ends."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import lru_cache


@lru_cache(maxsize=None)
def _made(process: int, name: str) -> str:
    place = tempfile.mkdtemp(prefix=f"ways-fuzz-{name}")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


def folder(name: str = "") -> str:
    """Return the folder of that name; the same at each call."""
    return _made(os.getpid(), name)


def written(name: str, data: bytes) -> str:
    """Write a file into the folder, and return its path."""
    path = os.path.join(folder(), name)
    with open(path, "wb") as file:
        file.write(data)
    return path
