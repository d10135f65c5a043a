"""Which files a path or pattern of a plugInfo file stands for, on the disk or below one root."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from ways.sheets.files import open_plain
from ways.systems.usd.files.info import joined
from ways.systems.usd.files.patterns import double_star_pieces, matches, matches_name, plain_name

PLUG_INFO = "plugInfo.json"
#: Names that one pattern may look at.
MAX_NAMES = 100_000
#: Bytes of one file.
MAX_BYTES = 16 << 20


class PatternError(Exception):
    """A pattern isn't followed. ``code`` is that of the fault: ``bad-pattern`` if the registry can't read it, or ``too-many-files``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Name(NamedTuple):
    """One name in a folder."""

    name: str
    is_folder: bool
    is_link: bool


class Disk(Protocol):
    """What can be asked of paths; they are absolute, or all relative to one place."""

    def names(self, folder: str) -> list[Name]:
        """Return what is in *folder*, sorted by name; nothing where it can't be listed."""

    def exists(self, path: str) -> bool:
        """Whether there is something; a link that leads nowhere counts."""

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder, perhaps by a link."""


class RealDisk:
    """The disk itself."""

    def names(self, folder: str) -> list[Name]:
        """Return what is in *folder*, sorted by name; nothing where it can't be listed."""
        try:
            with os.scandir(folder or ".") as entries:
                names = [Name(entry.name, _is_folder(entry), entry.is_symlink()) for entry in entries]
        except (OSError, ValueError):
            return []
        return sorted(names, key=lambda name: os.fsencode(name.name))

    def exists(self, path: str) -> bool:
        """Whether there is something; a link that leads nowhere counts."""
        return os.path.lexists(path)

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder, perhaps by a link."""
        return os.path.isdir(path)

    def read(self, path: str) -> bytes:
        """Return the contents of a file; those of a folder are empty, as in C++.

        :raises OSError: it can't be read, or is too large.
        """
        try:
            with open(open_plain(path), "rb") as file:
                data = file.read(MAX_BYTES + 1)
        except IsADirectoryError:
            return b""
        except ValueError as error:
            raise OSError(22, str(error), path) from error
        if len(data) > MAX_BYTES:
            raise OSError(27, f"a file of more than {MAX_BYTES >> 20} MiB", path)
        return data


#: Whether the system tells without an error whether something is there, a link that leads nowhere too.
_HAS_ACCESS = os.access in os.supports_follow_symlinks


def is_there(path: str) -> bool:
    """Return what ``os.path.lexists`` does, in half the time for what isn't there."""
    try:
        return os.access(path, os.F_OK, follow_symlinks=False) if _HAS_ACCESS else os.path.lexists(path)
    except ValueError:
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def included(owner: str, include: str) -> str:
    """Return the path or pattern that *include* is in the file *owner*: relative to its folder. A last slash stays."""
    if not include or include.startswith("/"):
        return include
    path = joined(owner[: owner.rfind("/") + 1] or ".", include)
    return f"{path}/" if include.endswith("/") else path


def expanded(path: str, disk: Disk, *, literal: str = "", has_missing: bool = False) -> list[str]:
    """Return the paths of the files that a path or pattern stands for; a path without a star is given as it is.

    :param literal: a folder at its beginning, whose marks are no pattern.
    :param has_missing: whether the plugInfo.json of a folder is given that has none: OpenUSD tries it, and never again.
    :raises PatternError: the registry can't read it, or it looks at more names than it may.
    """
    if not path:
        return []
    full = path + PLUG_INFO if path.endswith("/") else path
    if "*" not in full:
        return [full]
    names = _LimitedDisk(disk)
    if "**" in full:
        return list(_double_star(full.replace("\\", "/"), names, literal))
    start = literal if literal and path.startswith(literal) else "/" if path.startswith("/") else ""
    rest = path[len(start) :] if start == literal else path.lstrip("/")
    found = sorted(_below([start], _parts(rest), names), key=os.fsencode)
    if not path.endswith("/"):
        return found
    files = [folder + PLUG_INFO for folder in found]
    return files if has_missing else [file for file in files if disk.exists(file)]


def _parts(pattern: str) -> list[str]:
    """Return a pattern, one part a level, as C reads it: slashes at its end are one, and between parts behind a mark two at most."""
    parts = pattern.rstrip("/").split("/") + [""] * pattern.endswith("/")
    first = next((index for index, part in enumerate(parts) if plain_name(part) is None), len(parts))
    return [part for index, part in enumerate(parts) if part or index <= first or parts[index - 1]]


class _LimitedDisk:
    """A disk, and how many names a pattern may still look at."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.left = MAX_NAMES

    def names(self, folder: str) -> list[Name]:
        names = self.disk.names(folder)
        self.left -= 1 + len(names)
        if self.left < 0:
            raise PatternError("too-many-files", f"more than {MAX_NAMES} names")
        return names


#: Two names in each folder, which only a pattern that begins with a dot fits.
_DOTS = (Name(".", True, False), Name("..", True, False))


def _below(folders: list[str], parts: list[str], names: _LimitedDisk) -> list[str]:
    """Return the paths that fit *parts*, one part a level, below *folders*."""
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        ending = "" if is_last else "/"
        if part == "":
            folders = [folder + ending for folder in folders]
        elif (plain := plain_name(part)) is not None:
            is_there = names.disk.exists if is_last else names.disk.is_folder
            folders = [f"{folder}{plain}{ending}" for folder in folders if is_there(folder + plain)]
        else:
            folders = [
                f"{folder}{name.name}{ending}"
                for folder in folders
                for name in (*_DOTS, *names.names(folder))
                if (is_last or name.is_folder) and matches_name(part, name.name)
            ]
    return folders


def _double_star(pattern: str, names: _LimitedDisk, literal: str) -> Iterator[str]:
    """Yield what a pattern with ``**`` finds: on each way down, the first match and nothing below or beside it."""
    head = pattern.index("**")
    top = pattern[: pattern.rfind("/", 0, head) + 1]
    folder = posixpath.normpath(top)
    start = folder if folder.endswith("/") else f"{folder}/"
    written = (start + pattern[len(top) :]).removeprefix(literal)
    if any(mark in written for mark in "]}"):
        # The registry can't read these either. In the name of the folder itself they are not the author's fault.
        raise PatternError("bad-pattern", "expected a pattern without ']' and '}' beside its '**'")
    pieces, ending = double_star_pieces(pattern[len(top) :]), pattern.rpartition("*")[2]
    waiting = [start]
    while waiting:
        here = waiting.pop()
        listed = names.names(here)
        below = here[len(start) :]
        # A link counts as a file wherever it leads: to a folder, which then reads as an empty file, or nowhere.
        files = (name.name for name in listed if name.is_link or not name.is_folder)
        # Nearly every name is excluded by its ending.
        candidates = (name for name in files if (below + name).endswith(ending))
        match = next((name for name in candidates if matches(pieces, below + name)), None)
        if match is not None:
            yield here + match
            continue
        waiting += [f"{here}{name.name}/" for name in reversed(listed) if name.is_folder and not name.is_link]
