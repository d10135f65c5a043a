"""The files of a Dioptra plugin: which Python files it has, and what they hold."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ways.sheets.document import Pointer, Problem
from ways.sheets.files import path_in
from ways.sheets.formats.base import Files
from ways.systems.dioptra.files.base import Level, Teller
from ways.systems.dioptra.files.code import MAX_CODE, BadCode, Module, read_module

#: Names that are looked at in one plugin, how deep below it, and bytes of Python in it.
MAX_NAMES, MAX_DEPTH, MAX_BYTES = 10_000, 16, 16 << 20
_FOLDER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_FILE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.py")
_SUFFIX = ".py"


class PluginFiles(NamedTuple):
    """The Python files of a plugin."""

    #: By path below the plugin's folder; ``None`` for what can't be read as Python.
    modules: Mapping[str, Module | None]
    #: Of the names and contents of all of them.
    digest: str


def read_files(files: Files, folder: str, pointer: Pointer, teller: Teller) -> PluginFiles | None:
    """Return what is in a plugin's folder; ``None``, and a problem, if there is no such folder."""
    try:
        paths = sorted(_python_files(files, folder, pointer, teller))
    except OSError:
        expected = "a folder with the plugin's Python files"
        teller.tell_lax(pointer, "missing-file", expected, f"no folder {folder or '.'!r}")
        return None
    modules: dict[str, Module | None] = {}
    digest = hashlib.sha256()
    total = 0
    for path in paths:
        data = _content(files, f"{folder}/{path}", pointer, teller)
        if data is None:
            continue
        total += len(data)
        if total > MAX_BYTES:
            teller.tell(pointer, "too-much", f"at most {MAX_BYTES >> 20} MiB of Python in a plugin", "more")
            break
        digest.update(f"{path}\0{len(data)}\0".encode("utf-8", "surrogatepass") + data)
        modules[path] = _module(files, f"{folder}/{path}", data, teller)
    return PluginFiles(modules, digest.hexdigest())


def _content(files: Files, place: str, pointer: Pointer, teller: Teller) -> bytes | None:
    try:
        return files.read(place)
    except OSError as error:
        teller.tell(pointer, "unreadable-file", "a readable file", f"{place!r}: {error.strerror or error}")
        return None


def _module(files: Files, place: str, data: bytes, teller: Teller) -> Module | None:
    try:
        return read_module(data)
    except BadCode as error:
        at = teller.source._replace(
            path=path_in(files, place),
            pointer=(),
            line=error.line,
            column=error.column,
            chain=(*teller.source.chain, teller.source.path),
        )
        level: Level = "error" if teller.is_strict or len(data) > MAX_CODE else "warning"
        message = f"expected Python, found {error}: the file is not looked into"
        teller.add(Problem(at, message, level, "bad-code", "Python", str(error)))
        return None


def _python_files(files: Files, folder: str, pointer: Pointer, teller: Teller) -> Iterator[str]:
    """Yield the paths of the Python files below a folder; hidden folders, caches and links to folders are passed over.

    :raises OSError: the folder itself can't be listed.
    """
    waiting: list[tuple[str, list[str]]] = [("", files.list(folder))]
    count = 0
    while waiting:
        below, names = waiting.pop()
        for name in names:
            count += 1
            if count > MAX_NAMES:
                return teller.tell(pointer, "too-much", f"at most {MAX_NAMES} names in a plugin's folder", "more")
            path = f"{below}{name}"
            if name.endswith("/") and _is_looked_into(files, folder, path):
                waiting.append((path, _names(files, f"{folder}/{path.rstrip('/')}")))
            elif name.endswith(_SUFFIX) and not name.startswith(".") and _is_well_named(path, pointer, teller):
                yield path


def _is_looked_into(files: Files, folder: str, path: str) -> bool:
    name = path.rstrip("/").rpartition("/")[2]
    is_plain = not name.startswith(".") and name != "__pycache__" and path.count("/") <= MAX_DEPTH
    return is_plain and not files.is_link(f"{folder}/{path.rstrip('/')}")


def _names(files: Files, folder: str) -> list[str]:
    try:
        return files.list(folder)
    except OSError:
        return []


def _is_well_named(path: str, pointer: Pointer, teller: Teller) -> bool:
    """Whether a file can be imported by the name that its path makes; if not, note it."""
    *folders, name = path.split("/")
    is_good = bool(_FILE.fullmatch(name)) and all(map(_FOLDER.fullmatch, folders)) and not (folders and name.startswith("_"))
    if not is_good:
        expected = "file and folder names of letters, digits and underscores, which below the top don't start with one"
        teller.tell(pointer, "bad-name", expected, f"{path!r}: the file is left out")
    return is_good
