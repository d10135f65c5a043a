"""Sheets to plugins: what a list of paths gives, and everything that is wrong on the way."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, NamedTuple

from ways.errors import DuplicateUsesError
from ways.plugins.plugin import DataPlugin
from ways.plugins.relative import make_absolute, uses_itself
from ways.sheets.document import PluginRecord, Problem, Sheet, Source
from ways.sheets.reader import Info, SheetReader


class Loading(NamedTuple):
    """What a load gave."""

    plugins: tuple[DataPlugin, ...]
    sheets: tuple[Sheet, ...]
    #: Those of the sheets are among them.
    problems: tuple[Problem, ...]
    #: What an explicit load raises at its end.
    errors: tuple[Exception, ...]


class Made(NamedTuple):
    """What one sheet gives in one layer."""

    sheet: Sheet
    assignment: str
    plugins: tuple[DataPlugin, ...]
    problems: tuple[Problem, ...]
    errors: tuple[Exception, ...]


def load_sheets(paths: Iterable[str], reader: SheetReader, *, is_trusted: bool) -> Loading:
    """Return the plugins of the sheets at *paths*, in order."""
    made: list[Made] = []
    problems: list[Problem] = []
    told: set[Problem] = set()
    infos: dict[str, Info] = {}
    for path in paths:
        sheet = reader.read(path, is_trusted=is_trusted)
        folder = os.path.dirname(path)
        # One info file stands above many sheets: it is looked for once, and told of once if it is broken.
        info = infos.get(folder) or infos.setdefault(folder, reader.info(folder))
        problems += [problem for problem in info.problems if problem not in told]
        told.update(info.problems)
        made.append(_made(sheet, info.assignment, reader.made))
        problems += sheet.problems
        problems += made[-1].problems
    return Loading(
        tuple(plugin for item in made for plugin in item.plugins),
        tuple(item.sheet for item in made),
        tuple(problems),
        tuple(error for item in made for error in item.errors),
    )


def _made(sheet: Sheet, assignment: str, held: dict[str, Any]) -> Made:
    """Return what *sheet* gives; the same again while the sheet is the same."""
    before: Made | None = held.get(sheet.source.path)
    if before is not None and before.sheet is sheet and before.assignment == assignment:
        return before
    found = held[sheet.source.path] = _make(sheet, assignment)
    return found


def _make(sheet: Sheet, assignment: str) -> Made:
    # What reads mappings isn't loaded where there is nothing to check.
    from ways.plugins.language import checked

    plugins: list[DataPlugin] = []
    problems: list[Problem] = []
    errors: list[Exception] = []
    for written in sheet.plugins:
        record, faults = checked(written)
        problems += faults
        if record is None:
            continue
        try:
            plugins += make_absolute(record, assignment)
        except DuplicateUsesError as error:
            errors.append(error)
            problems.append(_duplicate_uses(record, error))
        if uses_itself(record):
            problems.append(_self_use(record))
    return Made(sheet, assignment, tuple(plugins), tuple(problems), tuple(errors))


def _duplicate_uses(record: PluginRecord, error: DuplicateUsesError) -> Problem:
    message = f"expected each parent once, found {error.parent!r} twice"
    source: Source = error.source  # type: ignore[assignment]
    return Problem(source, message, "error", "duplicate-uses", "each parent once", repr(error.parent))


def _self_use(record: PluginRecord) -> Problem:
    message = f"expected another place than its own, found {record.values['hierarchy']!r}: the plugin makes nothing"
    return Problem(record.source_of("uses"), message, "warning", "uses-itself", "another place")
