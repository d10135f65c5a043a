"""``ways sheets``: what was loaded from where, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from ways import api
from ways.cli.command import command, write_problems
from ways.cli.draw import places as draw
from ways.cli.draw.console import as_json, draw as show
from ways.cli.options import SharedOptions
from ways.cli.streams import write


@command("text", "json")
@click.option("--all", "is_all", is_flag=True, help="Also list the files of other programs that a folder has: Ways passes them over.")
def sheets(session: api.Session, options: SharedOptions, form: str, is_all: bool) -> int:
    """List the sheets that were loaded, and any problems in them.

    For each sheet, see how many of its plugins are used. Exit 1: one of the problems is an error.

    Documentation: docs/howto/sheets-that-cannot-be-read.rst

    \b
    Examples:
      ways --sheets plugin_sheets/film sheets
      ways --sheets plugin_sheets/film sheets --format json
    """
    records = [*sheet_records(session), *(_passed_over(path) for path in session.passed_over() if is_all)]
    if form == "json":
        for record in records:
            write(as_json(record))
    else:
        show(draw.sheets(records))
    write_problems(session.problems)
    return 1 if any(problem.level == "error" for problem in session.problems) else 0


def _passed_over(path: str) -> dict[str, Any]:
    return {"path": path, "format": None, "readable": True, "plugins": 0, "problems": []}


def sheet_records(session: api.Session) -> Iterator[dict[str, Any]]:
    """Yield each sheet that was read: where it is, what kind, how many plugins of it are used, and what is wrong."""
    used = session.plugin_counts()
    problems: dict[str, list[dict[str, Any]]] = {}
    for problem in session.problems:
        problems.setdefault(problem.source.path, []).append(problem.as_dict())
    for sheet in session.unopened_sheets():
        path = sheet.source.path
        yield {
            "path": path,
            "format": sheet.source.format,
            "readable": sheet.is_readable,
            "plugins": used.get(path, 0),
            "problems": problems.get(path, []),
        }
