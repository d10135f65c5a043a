"""What is in folders, each looked at once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

#: Each place in a name where a frame's number may stand. A minus may also be text before it.
_NUMBER = re.compile(r"[0-9]+")
#: So often a folder is asked about file by file; to list one that holds many takes longer.
_FEW = 8
_IS_WINDOWS = os.name == "nt"
#: What the name of a sidecar begins and ends with.
SIDECAR = (".", ".openassetio.json")


class Listing:
    """The names in folders, for one question of a host: a folder that is asked about often is listed once.

    A folder that isn't there has no names.
    """

    def __init__(self) -> None:
        self._names: dict[str, frozenset[str]] = {}
        self._numbers: dict[str, dict[tuple[str, str], list[str]]] = {}
        #: How often each folder was asked about before it was listed.
        self._asked: dict[str, int] = {}

    def names(self, folder: str) -> frozenset[str]:
        """Return the names in a folder.

        :raises OSError: it can't be read.
        """
        names = self._names.get(folder)
        if names is None:
            try:
                names = frozenset(os.listdir(folder))
            except (FileNotFoundError, NotADirectoryError, ValueError):
                names = frozenset()
            self._names[folder] = names
        return names

    def has(self, path: str) -> bool:
        """Whether something has this path.

        :raises OSError: its folder can't be read.
        """
        folder, name = split(path)
        names = self._names.get(folder)
        if names is not None and name in names:
            return True
        asked = self._asked.get(folder, 0)
        if names is not None or asked == _FEW:
            # What lists as another name may open by this one, where the case of letters doesn't matter.
            return name in self.names(folder) or (_IS_WINDOWS and _is_there(path))
        self._asked[folder] = asked + 1
        return _is_there(path)

    def numbers(self, before: str, after: str) -> list[str]:
        """Return each number, as a text, that stands between these two texts in the path of a file."""
        folder, start = split(before)
        by_name = self._numbers.get(folder)
        if by_name is None:
            by_name = self._numbers[folder] = _numbered(self.names(folder))
        return by_name.get((start, after), [])


def _numbered(names: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    """Return each number in names, by what stands before and after it."""
    found: dict[tuple[str, str], list[str]] = {}
    for name in names:
        for match in _NUMBER.finditer(name):
            start, end = match.span()
            found.setdefault((name[:start], name[end:]), []).append(match[0])
            if start and name[start - 1] == "-":
                found.setdefault((name[: start - 1], name[end:]), []).append("-" + match[0])
    return found


def width_of(texts: Iterable[str]) -> int:
    """Return the digits that numbers are padded to: those of one that begins with a nought, else of the shortest."""
    lengths = [(not (len(text) > 1 and text.startswith("0")), len(text)) for text in texts]
    return min(lengths)[1] if lengths else 0


def sidecar_of(path: str) -> str:
    """Return the path of the sidecar of a file or folder: hidden, beside it."""
    folder, name = split(path)
    before, after = SIDECAR
    return os.path.join(folder, f"{before}{name}{after}")


def split(path: str) -> tuple[str, str]:
    """Return the folder of a path, and its name there."""
    if _IS_WINDOWS:
        return os.path.split(path)
    folder, _, name = path.rpartition("/")
    return folder or "/", name


def _is_there(path: str) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        # A text with a character that no path has is no path.
        return False
    return True
