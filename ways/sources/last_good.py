"""What stays of an earlier load: sheets that can't be read any more keep what they said last."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from ways.errors import SheetReadError
from ways.sources.load import Loading
from ways.plugins.plugin import DataPlugin
from ways.sheets.document import LOAD_FAILURE_KEY, LoadResult, Problem, Sheet, Source
from ways.sheets.reader import unreadable

KEPT = "what it said last stays, until it can be read again"


def with_unlisted(loading: Loading, before: Loading | None) -> Loading:
    """Return a load with those sheets of the one before that may still be there: their folder can't be listed.

    A sheet that was deleted, or whose folder was, is gone.
    """
    if before is None:
        return loading
    found = {sheet.source.path for sheet in loading.sheets}
    errors: dict[str, OSError | None] = {}
    lost = []
    for sheet in before.sheets:
        folder = os.path.dirname(sheet.source.path)
        if sheet.source.path not in found:
            error = errors[folder] if folder in errors else errors.setdefault(folder, _why_unlisted(folder))
            lost += [] if error is None else [unreadable(sheet.source, error)]
    if not lost:
        return loading
    sheets = {sheet.source.path: sheet for sheet in (*loading.sheets, *lost)}
    # Each at its old place: of two plugins at one place, the later one counts.
    order = dict.fromkeys((*(path for sheet in before.sheets if (path := sheet.source.path) in sheets), *sheets))
    problems = (*loading.problems, *(problem for sheet in lost for problem in sheet.problems))
    return loading._replace(sheets=tuple(sheets[path] for path in order), problems=problems)


def _why_unlisted(folder: str) -> OSError | None:
    try:
        os.listdir(folder or os.curdir)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return error
    return None


def gone(items: Iterable[str | os.PathLike[str]], before: Loading | None) -> Iterator[Problem]:
    """Yield a problem for each of *items*, files and folders, that gave sheets before and isn't there any more."""
    if before is None:
        return
    for item in items:
        path = os.fspath(item)
        was_gone = any(problem.code == "descriptor" and problem.source.path == path for problem in before.problems)
        if (before.sheets or was_gone) and not os.path.lexists(path):
            yield Problem(Source(path), f"nothing can be loaded: there is no file or folder {path!r} any more", code="descriptor")


def with_last_good(loading: Loading, known: Iterable[DataPlugin]) -> list[DataPlugin]:
    """Return the plugins of a load; a sheet that no longer reads keeps those of *known* that it had, at its place."""
    if not loading.sheets:
        return list(loading.plugins)
    fresh = _by_path(loading.plugins)
    broken = any(not sheet.is_readable for sheet in loading.sheets)
    last_good = _by_path(known) if broken else {}
    plugins: list[DataPlugin] = []
    for sheet in loading.sheets:
        plugins += (fresh if sheet.is_readable else last_good).get(sheet.source.path, ())
    return plugins


def _by_path(plugins: Iterable[DataPlugin]) -> dict[str, list[DataPlugin]]:
    found: dict[str, list[DataPlugin]] = {}
    for plugin in plugins:
        found.setdefault(plugin.source.path, []).append(plugin)
    return found


def broken_results(sheets: Sequence[Sheet]) -> list[LoadResult]:
    """Return a load result for each sheet that can't be read: what it said last stays."""
    return [_broken_result(sheet) for sheet in sheets if not sheet.is_readable]


def _broken_result(sheet: Sheet) -> LoadResult:
    first = next(problem for problem in sheet.problems if problem.level == "error") if sheet.problems else None
    error = SheetReadError(sheet.source, str(first)) if first else SheetReadError(sheet.source, "nothing could be read")
    return LoadResult(sheet.source.path, "failed", LOAD_FAILURE_KEY, details=KEPT, error=error)
