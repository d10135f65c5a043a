"""Load sheets in a new session, apart from the current one, to check or to compare them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ways.check.findings import Finding
from ways.check.literal import CHECKED_FORMATS
from ways.check.selection import unknown_code
from ways.compare.contexts import context_changes
from ways.compare.paths import PathChanges
from ways.compare.records import ComparedSheets, Comparison
from ways.errors import PluginError, SheetReadError, led_by, lines
from ways.session import Session, current_session
from ways.settings import DESCRIPTORS_ENV_VAR, Environ, split_paths
from ways.sheets.document import Source
from ways.sheets.formats.foreign import FOREIGN_FORMATS
from ways.sheets.formats.table import FormatTable
from ways.sources.descriptions import decode, default_folders
from ways.sources.descriptors import FolderDescriptor
from ways.sources.git import GitRevisionDescriptor

#: The values of ``create_using`` in an address that run nothing: these descriptors list files.
_RUN_NOTHING = frozenset(
    f"{module}.{name}" for module in ("ways.api", "ways.sources.descriptors") for name in ("FolderDescriptor", "FileDescriptor")
)


def _load(session: Session, descriptions: Iterable[Any], *, trust: bool | None) -> bool:
    """Load *descriptions* into a new session, and return whether something gives the sheets of each."""
    has_all = True
    for description in descriptions:
        try:
            has_all &= session.add_search_path(description, trust=trust) is not None
        except PluginError:
            # It is among the problems of the session, and everything good was loaded.
            continue
    return has_all


# --- to be checked


def check_paths(
    paths: Iterable[str | os.PathLike[str]],
    overrides: Mapping[str, str] | None = None,
    *,
    level: str | None = None,
    ignore: Iterable[str] = (),
    as_syntax: int = 0,
) -> list[Finding]:
    """Return what is wrong with the sheets at *paths*, which belong together; nothing in them runs.

    Of a folder that has no sheets itself, each folder below it that has sheets is checked by itself.

    :param overrides: values that stand in for WAYS_* variables.
    :raises ValueError: there is no such level, code or syntax.
    """
    return check_sessions(checked_sessions(paths, overrides), level=level, ignore=ignore, as_syntax=as_syntax)


def check_sessions(
    sessions: Sequence[Session], *, level: str | None = None, ignore: Iterable[str] = (), as_syntax: int = 0
) -> list[Finding]:
    """Return the findings of some sessions, one session after the other. See ``Session.check``.

    :raises ValueError: there is no such level, syntax or code.
    """
    codes = list(ignore)
    if message := unknown_code(codes, (problem for session in sessions for problem in session.problems)):
        raise ValueError(message)
    # What the files of another system have as a code, one session may know and another not.
    known = [[code for code in codes if not unknown_code([code], session.problems)] for session in sessions]
    return [finding for session, own in zip(sessions, known) for finding in session.check(level=level, ignore=own, as_syntax=as_syntax)]


def checked_sessions(
    paths: Iterable[str | os.PathLike[str]],
    overrides: Mapping[str, str] | None = None,
    formats: FormatTable | None = None,
    *,
    update: bool = False,
) -> list[Session]:
    """Return a session for each set of sheets that belong together, loaded without running anything.

    :param formats: a table of further formats to read.
    :param update: whether a later file of another system may update what an earlier one declares, where the system knows that.
    """
    together: list[str] = []
    apart: list[str] = []
    for path in [os.fspath(path) for path in paths]:
        # A folder that has only sheets of an added format looks as if it had none.
        is_whole = formats is not None or not os.path.isdir(path) or bool(_sheets_in(path))
        (together if is_whole else apart).extend([path] if is_whole else _folders_below(path))
    groups = ([together] if together else []) + [[path] for path in apart]
    return [_checked_session(group, overrides, formats, update=update) for group in groups]


def environment_session(
    overrides: Mapping[str, str] | None = None, formats: FormatTable | None = None, *, update: bool = False
) -> tuple[Session, list[Finding]]:
    """Return a session with the sheets that WAYS_DESCRIPTORS names, and a finding for each item that would run something.

    See :func:`checked_sessions`.
    """
    value = Environ(overrides or {}).get(DESCRIPTORS_ENV_VAR)
    items = default_folders() if value is None else [item.strip() for item in split_paths(value, ()) if item.strip()]
    harmless = [item for item in items if os.path.exists(item) or decode(item).get("create_using", "") in ("", *_RUN_NOTHING)]
    message = f"{DESCRIPTORS_ENV_VAR} names what only running it could tell: a check runs nothing, so it is not looked at"
    findings = [Finding("not-run", "note", Source(item), message) for item in items if item not in harmless]
    return _checked_session(harmless, overrides, formats, update=update), findings


def _checked_session(
    paths: Sequence[str], overrides: Mapping[str, str] | None, formats: FormatTable | None, *, update: bool
) -> Session:
    """Return a session with the sheets at *paths*, all of whose formats are read without running anything."""
    table = FormatTable((*(formats.added if formats else ()), *FOREIGN_FORMATS, *CHECKED_FORMATS))
    table.problems = formats.problems if formats else ()
    session = Session(table.updating() if update else table, overrides)
    # What is checked is the caller's own, and only not run.
    session.reader.follows_links = True
    _load(session, paths, trust=False)
    return session


def _sheets_in(folder: str) -> list[str]:
    descriptor = FolderDescriptor(folder)
    return [path for path in map(os.fspath, descriptor.paths()) if not descriptor.reader.is_other(path)]


def _folders_below(path: str) -> list[str]:
    """Return the folders below one that have sheets; none whose sheets all belong to one above it already."""
    folders: list[str] = []
    known: set[str] = set()
    for folder, names, _ in os.walk(path):
        names.sort()
        sheets = _sheets_in(folder)
        if not known.issuperset(sheets):
            folders.append(folder)
            known.update(sheets)
    return folders


# --- to be compared


def compare(old: Any, new: Any, paths: Iterable[str] = (), *, assignment: str = "", trust: bool | None = None) -> Comparison:
    """Return what changes between two sets of sheets: for each Context and field, and for each of *paths*.

    :param old: a sheet, a folder, ``REVISION:PATH`` of a git repository, or anything else that ``add_search_path`` takes;
        or a Session, or ComparedSheets that you opened before.
    :param new: likewise.
    :param paths: texts; the result has those that resolve differently.
    :param assignment: consider only this layer.
    :param trust: whether code that the sheets name may run; if absent, only for sheets on local disk.
    :raises SheetReadError: no sheet of one side can be read (an OSError).
    """
    before, after = open_world(old, trust=trust), open_world(new, trust=trust)
    return Comparison(
        contexts=tuple(context_changes(before, after, assignment)),
        paths=tuple(PathChanges(before, after, paths, assignment)),
    )


def compare_paths(
    old: Any, new: Any, paths: Iterable[str], *, assignment: str = "", trust: bool | None = None
) -> PathChanges:
    """Yield each of *paths* that resolves differently, even from an endless list; ``counts`` counts all of them.

    See :func:`compare`.
    """
    return PathChanges(open_world(old, trust=trust), open_world(new, trust=trust), paths, assignment)


def open_world(description: Any, *, trust: bool | None = None) -> ComparedSheets:
    """Load sheets into a new session with the settings of the current one, and return them.

    :param description: as for :func:`compare`.
    :raises SheetReadError: no sheet can be read (an OSError).
    """
    if isinstance(description, ComparedSheets):
        return description
    if isinstance(description, Session):
        return ComparedSheets(pool=description.ready_pool, problems=tuple(description.problems))
    search_path: Any = description
    # Returns the path of a sheet as people know it.
    shown: Callable[[str], str] = str
    if isinstance(description, str) and ":" in description and not os.path.exists(description):
        try:
            search_path = GitRevisionDescriptor.of(description)
        except FileNotFoundError as error:
            raise SheetReadError(description, str(error.args[-1])) from error
        except (OSError, ValueError) as error:
            raise SheetReadError(description, str(error)) from error
        shown = search_path.shown
    current = current_session()
    session = Session(current.reader.own_formats, current.overrides, current.limits)
    has_origin = _load(session, [search_path], trust=trust)
    problems = tuple(
        problem._replace(source=problem.source._replace(path=shown(problem.source.path))) for problem in session.problems
    )
    sheets = session.unopened_sheets()
    is_readable = any(sheet.is_readable for sheet in sheets)
    if not sheets:
        # Nothing is wrong with a folder that has no sheets.
        is_readable = not isinstance(description, (str, os.PathLike)) or not os.path.isfile(description)
    if not has_origin or not is_readable:
        raise SheetReadError(description, lines("no sheet could be read.", *(led_by("  ", str(problem)) for problem in problems)))
    return ComparedSheets(pool=session.pool, problems=problems, shown=shown)
