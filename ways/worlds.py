"""Worlds to compare: opened from sheets, folders, revisions of a git repository, and sessions that are there already."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ways.compare.contexts import context_changes
from ways.compare.paths import path_changes
from ways.compare.records import Comparison, PathChange
from ways.compare.world import World
from ways.errors import PluginError, SheetReadError
from ways.sources.git import GitRevisionDescriptor
from ways.session import Session, current_session
from ways.sheets.document import Problem


def compare(old: Any, new: Any, paths: Iterable[str] = (), *, assignment: str = "", trust: bool | None = None) -> Comparison:
    """Return what changes from one world to another: for each Context and field, and for each of *paths*.

    :param old: a sheet, a folder, ``REVISION:PATH`` of a git repository, whatever ``add_search_path`` takes; or a
        Session or World that is there already.
    :param new: likewise.
    :param paths: texts; those that resolve differently are told.
    :param assignment: look at this layer alone.
    :param trust: whether code that the sheets name may run; if absent, it may for what is on local disk.
    :raises SheetReadError: nothing of one of them can be read (an OSError).
    """
    before, after = open_world(old, trust=trust), open_world(new, trust=trust)
    return Comparison(
        contexts=tuple(context_changes(before, after, assignment)),
        paths=tuple(path_changes(before, after, paths, assignment)),
    )


def compare_paths(
    old: Any, new: Any, paths: Iterable[str], *, assignment: str = "", trust: bool | None = None
) -> Iterator[PathChange]:
    """Return each of *paths* that resolves differently, one by one, for lists that never end. See :func:`compare`."""
    return path_changes(open_world(old, trust=trust), open_world(new, trust=trust), paths, assignment)


def open_world(description: Any, *, trust: bool | None = None) -> World:
    """Return the world of some sheets: in a session of its own, with the settings of the current one.

    :param description: as for :func:`compare`.
    :raises SheetReadError: nothing of it can be read (an OSError).
    """
    if isinstance(description, World):
        return description
    if isinstance(description, Session):
        return World(pool=description.ready_pool, problems=tuple(description.problems))
    giver, shown = _giver(description)
    session = Session(overrides=current_session().overrides, limits=current_session().limits)
    try:
        found = session.add_search_path(giver, trust=trust)
    except PluginError:
        # It is among the problems, and all that is good was loaded.
        found = giver
    problems = tuple(_as_shown(problem, shown) for problem in session.problems)
    if found is None or not _is_readable(description, session):
        told = "".join(f"\n  {problem}" for problem in problems)
        raise SheetReadError(description, f"no sheet could be read.{told}")
    return World(pool=session.pool, problems=problems, shown=shown)


def _giver(description: Any) -> tuple[Any, Callable[[str], str]]:
    """Return what gives the plugins of a description, and what its paths are called."""
    if not isinstance(description, str) or os.path.exists(description) or ":" not in description:
        return description, str
    try:
        revision = GitRevisionDescriptor.of(description)
    except FileNotFoundError as error:
        raise SheetReadError(description, str(error.args[-1])) from error
    except (OSError, ValueError) as error:
        raise SheetReadError(description, str(error)) from error
    return revision, revision.shown


def _as_shown(problem: Problem, shown: Callable[[str], str]) -> Problem:
    return problem._replace(source=problem.source._replace(path=shown(problem.source.path)))


def _is_readable(description: Any, session: Session) -> bool:
    """Whether anything could be read; a folder without sheets is a world in which nothing is."""
    if session.sheets:
        return any(sheet.is_readable for sheet in session.sheets)
    return not isinstance(description, (str, os.PathLike)) or not os.path.isfile(description)
