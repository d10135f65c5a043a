"""Which plugInfo files one registration reads, in which order, and which it does not read again; and the standard search."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ways.sheets.document import Source
from ways.systems.shared import Fault
from ways.systems.usd.errors import fault
from ways.systems.usd.files.info import Entry, InfoFile, folder_of, read_info
from ways.systems.usd.files.paths import PatternError, RealDisk, expanded, included

#: Files that one call reads.
MAX_FILES = 20_000
#: Parts of a path, for each of which a function calls itself.
_MOST_PARTS = 100
#: The variable that names the paths of the standard search, and the one that forbids it.
PATH_VARIABLE, DISABLE_VARIABLE = "PXR_PLUGINPATH_NAME", "PXR_DISABLE_STANDARD_PLUG_SEARCH_PATH"


class _Wanted(NamedTuple):
    """A path or pattern to read, the files through which it was reached, and the include that it is, if it is one."""

    path: str
    chain: tuple[str, ...] = ()
    is_file: bool = False
    includer: InfoFile | None = None
    number: int = 0

    @property
    def source(self) -> Source:
        """Where it is written."""
        return Source(self.path, "usd") if self.includer is None else self.includer.include_source(self.number)


class PlugInfoReader:
    """Reads the plugInfo files of one registry.

    Strictly, a path is tried once, as it is spelled. Otherwise a file is read once in each of its states.
    """

    def __init__(self, *, is_strict: bool) -> None:
        self.is_strict = is_strict
        self._disk = RealDisk()
        self._tried: set[str] = set()
        self._read: set[tuple[str, bytes]] = set()

    def entries(self, paths: Iterable[str], faults: list[Fault]) -> Iterator[Entry]:
        """Yield the plugins that each path or pattern stands for: those of a file, and then those that it includes.

        :param faults: what is wrong is added here.
        """
        # Where links lead may change until the next call.
        folders: dict[str, str] = {}
        for path in paths:
            yield from self._entries_of(path, folders, faults)

    def _entries_of(self, path: str, folders: dict[str, str], faults: list[Fault]) -> Iterator[Entry]:
        if not path:
            return
        if os.path.isdir(path) and not path.endswith("/"):
            path += "/"
        if not path.startswith("/"):
            message = f"expected an absolute path, found {path!r}"
            faults.append(fault("path-not-absolute", message, Source(path, "usd"), file=path))
            return
        waiting = [_Wanted(path)]
        for _ in range(MAX_FILES):
            while waiting and not waiting[-1].is_file:
                wanted = waiting.pop()
                waiting += [_Wanted(file, wanted.chain, True) for file in reversed(self._files(wanted, faults))]
            if not waiting:
                return
            wanted = waiting.pop()
            info = self._info(wanted, folders, faults)
            if info is not None:
                faults += info.faults
                yield from info.entries
                chain = (*wanted.chain, wanted.path)
                includes = [_Wanted(included(wanted.path, text), chain, False, info, number) for number, text in info.includes]
                waiting += reversed(includes)
        faults.append(fault("too-many-files", f"{path!r} leads to more than {MAX_FILES} files", Source(path, "usd")))

    def _files(self, wanted: _Wanted, faults: list[Fault]) -> list[str]:
        literal = "" if self.is_strict else folder_of(wanted.chain[-1]) if wanted.chain else ""
        try:
            files = expanded(wanted.path, self._disk, literal=literal, has_missing=self.is_strict)
        except PatternError as error:
            faults.append(fault(error.code, f"{wanted.path!r} isn't followed: {error}", wanted.source, file=wanted.path))
            return []
        if not self.is_strict and wanted.path and not any(map(os.path.exists, files)):
            message = f"{wanted.path!r} is not there" if len(files) == 1 else f"nothing is there that fits {wanted.path!r}"
            faults.append(fault("nothing-included", message, wanted.source, level="warning"))
        return files

    def _info(self, wanted: _Wanted, folders: dict[str, str], faults: list[Fault]) -> InfoFile | None:
        """Return what a file says, if it is there and wasn't read before."""
        file = wanted.path
        if self.is_strict:
            if file in self._tried:
                return None
            self._tried.add(file)
        source = Source(file, "usd", is_trusted=False, chain=wanted.chain)
        try:
            data = self._disk.read(file)
        except OSError as error:
            if not self.is_strict and os.path.lexists(file):
                faults.append(fault("unreadable", f"expected a readable file, found: {error.strerror}", source, file=file))
            return None
        if self.is_strict:
            return read_info(data, file, source, is_strict=True)
        # The text itself tells one state of a file from another: it is kept anyway, for positions in it.
        state = real_path(file, folders), data
        if state in self._read:
            return None
        info = read_info(data, file, source, is_strict=False)
        if not info.is_lost:
            self._read.add(state)
        return info


def real_path(path: str, folders: dict[str, str]) -> str:
    """Return what ``os.path.realpath`` does, without looking at a folder twice.

    :param folders: the real paths of folders that are known; more are added.
    """
    folder, _, name = path.rpartition("/")
    if not folder or name in ("", ".", "..") or path.startswith("//") or path.count("/") > _MOST_PARTS:
        return os.path.realpath(path)
    real = folders.get(folder)
    if real is None:
        real = folders[folder] = real_path(folder, folders)
    path = os.path.join(real, name)
    return os.path.realpath(path) if os.path.islink(path) else path


def paths_of(given: Any, *, may_be_path: bool) -> list[str]:
    """Return the paths that an argument stands for.

    :raises TypeError: it is neither a path nor several.
    """
    single = (str, bytes, os.PathLike) if may_be_path else (str, bytes)
    if isinstance(given, single):
        return [os.fsdecode(given)]
    if isinstance(given, (os.PathLike, bytearray)) or not isinstance(given, Iterable):
        raise TypeError(f"expected a path or several, found {given!r}")
    paths = list(given)
    for path in paths:
        if not isinstance(path, single):
            raise TypeError(f"expected paths, found {path!r} among them")
    return [os.fsdecode(path) for path in paths]


def is_search_disabled(environ: Mapping[str, str]) -> bool:
    """Whether the environment forbids the standard search."""
    return environ.get(DISABLE_VARIABLE, "").lower() in ("1", "true", "yes", "on")


def search_paths(value: str) -> tuple[list[str], list[Fault]]:
    """Return the paths that are searched, in order, and a warning for each that isn't.

    :param value: what PXR_PLUGINPATH_NAME says.
    """
    paths = [path for path in value.split(os.pathsep) if path]
    reason = "is relative to the folder of OpenUSD's library, which isn't here: it isn't searched"
    faults = [
        fault("relative-search-path", f"{path!r} {reason}", Source(PATH_VARIABLE, "usd"), level="warning")
        for path in paths
        if not os.path.isabs(path)
    ]
    return [path for path in paths if os.path.isabs(path)], faults
