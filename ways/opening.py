"""Checking: sheets on disk, loaded into sessions of their own in which nothing runs, and checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from ways.check.findings import Finding
from ways.check.literal import CHECKED_FORMATS
from ways.errors import PluginError
from ways.sources.loader import default_folders
from ways.sources.descriptors import FolderDescriptor, decode
from ways.session import Session
from ways.settings import DESCRIPTORS_ENV_VAR, split_paths
from ways.sheets.document import Source
from ways.sheets.formats.foreign import FOREIGN_ROWS
from ways.sheets.formats.table import FormatTable

#: What an address may name to be made of it: these list files, and run nothing.
_HARMLESS = frozenset(
    f"{module}.{name}" for module in ("ways.api", "ways.sources.descriptors") for name in ("FolderDescriptor", "FileDescriptor")
)


def check_paths(paths: Iterable[str | os.PathLike[str]], overrides: Mapping[str, str] | None = None) -> list[Finding]:
    """Return what is wrong with the sheets at *paths*, which belong together; nothing in them runs.

    Of a folder without sheets of its own, each folder below it that has some is checked by itself.

    :param overrides: values that stand in for WAYS_* variables.
    """
    return [finding for session in checked_sessions(paths, overrides) for finding in session.check()]


def checked_sessions(
    paths: Iterable[str | os.PathLike[str]], overrides: Mapping[str, str] | None = None, formats: FormatTable | None = None
) -> list[Session]:
    """Return a session for each set of sheets that belong together, loaded without running anything.

    :param formats: a table whose added formats are asked, too.
    """
    together: list[str] = []
    apart: list[str] = []
    for path in [os.fspath(path) for path in paths]:
        # A folder of another format's sheets alone looks as if it had none.
        own = formats is not None or _has_sheets(path) or not os.path.isdir(path)
        (together if own else apart).extend([path] if own else _folders_below(path))
    groups = ([together] if together else []) + [[path] for path in apart]
    return [_loaded(group, overrides, formats) for group in groups]


def environment_session(
    overrides: Mapping[str, str] | None = None, formats: FormatTable | None = None
) -> tuple[Session, list[Finding]]:
    """Return a session with the sheets that WAYS_DESCRIPTORS names, and a finding for each item that would run something."""
    value = {**os.environ, **(overrides or {})}.get(DESCRIPTORS_ENV_VAR)
    items = default_folders() if value is None else [item.strip() for item in split_paths(value, ()) if item.strip()]
    harmless = [item for item in items if os.path.exists(item) or decode(item).get("create_using", "") in ("", *_HARMLESS)]
    message = f"{DESCRIPTORS_ENV_VAR} names what only running it could tell: a check runs nothing, so it is not looked at"
    told = [Finding("not-run", "note", Source(item), message) for item in items if item not in harmless]
    return _loaded(harmless, overrides, formats), told


def _loaded(paths: Sequence[str], overrides: Mapping[str, str] | None, formats: FormatTable | None) -> Session:
    table = FormatTable((*(formats.added if formats else ()), *FOREIGN_ROWS, *CHECKED_FORMATS))
    table.problems = formats.problems if formats else ()
    session = Session(table, overrides)
    for path in paths:
        try:
            session.add_search_path(path, trust=False)
        except PluginError:
            # Told with every other problem; all that is good was loaded.
            continue
    return session


def _has_sheets(path: str) -> bool:
    return os.path.isdir(path) and bool(_sheets_in(path))


def _sheets_in(folder: str) -> list[str]:
    return [os.fspath(sheet) for sheet in FolderDescriptor(folder).paths()]


def _folders_below(path: str) -> list[str]:
    """Return the folders below one that have sheets; none whose sheets all belong to one above it already."""
    found: list[str] = []
    known: set[str] = set()
    for folder, names, _ in os.walk(path):
        names.sort()
        sheets = _sheets_in(folder)
        if not known.issuperset(sheets):
            found.append(folder)
            known.update(sheets)
    return found
