"""Sheets to plugins: what a list of paths gives, and everything that is wrong on the way."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from ways.errors import DuplicateUsesError
from ways.plugins.plugin import DataPlugin
from ways.plugins.relative import make_absolute, uses_itself
from ways.sheets.document import PluginRecord, Problem, Sheet, Source
from ways.sheets.reader import SheetReader


class Loading(NamedTuple):
    """What a load gave."""

    plugins: tuple[DataPlugin, ...]
    sheets: tuple[Sheet, ...]
    #: Those of the sheets are among them.
    problems: tuple[Problem, ...]
    #: What an explicit load raises at its end.
    errors: tuple[Exception, ...]


def load_sheets(paths: Iterable[str], reader: SheetReader, *, is_trusted: bool) -> Loading:
    """Return the plugins of the sheets at *paths*, in order."""
    # What reads mappings isn't loaded where there is nothing to check.
    from ways.plugins.language import checked

    plugins: list[DataPlugin] = []
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    errors: list[Exception] = []
    told: set[Problem] = set()
    for path in paths:
        sheet = reader.read(path, is_trusted=is_trusted)
        info = reader.info(os.path.dirname(path))
        # One broken info file stands above many sheets: it is told once.
        problems += [problem for problem in info.problems if problem not in told]
        told.update(info.problems)
        problems += sheet.problems
        sheets.append(sheet)
        for written in sheet.plugins:
            record, faults = checked(written)
            problems += faults
            if record is None:
                continue
            try:
                plugins += make_absolute(record, info.assignment)
            except DuplicateUsesError as error:
                errors.append(error)
                problems.append(_duplicate_uses(record, error))
            if uses_itself(record):
                problems.append(_self_use(record))
    return Loading(tuple(plugins), tuple(sheets), tuple(problems), tuple(errors))


def _duplicate_uses(record: PluginRecord, error: DuplicateUsesError) -> Problem:
    message = f"expected each parent once, found {error.parent!r} twice"
    source: Source = error.source  # type: ignore[assignment]
    return Problem(source, message, "error", "duplicate-uses", "each parent once", repr(error.parent))


def _self_use(record: PluginRecord) -> Problem:
    message = f"expected another place than its own, found {record.values['hierarchy']!r}: the plugin makes nothing"
    return Problem(record.source_of("uses"), message, "warning", "uses-itself", "another place")
