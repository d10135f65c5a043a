"""``ways sheets``: what was loaded from where, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ways import api
from ways.cli.command import command, write_problems
from ways.cli.draw import places as draw
from ways.cli.draw.console import as_json, console
from ways.cli.options import SharedOptions
from ways.cli.streams import write


@command("text", "json")
def sheets(session: api.Session, options: SharedOptions, form: str) -> int:
    """Tell what was loaded from where, how many plugins each sheet has, and each problem.

    \b
    Example:
      ways --sheets plugin_sheets/film sheets
    """
    records = list(sheet_records(session))
    if form == "json":
        for record in records:
            write(as_json(record))
    else:
        console().print(draw.sheets(records))
    write_problems(session.problems)
    return 1 if any(problem.level == "error" for problem in session.problems) else 0


def sheet_records(session: api.Session) -> Iterator[dict[str, Any]]:
    """Yield each sheet that was read: where it is, what kind, how many plugins it writes, and what is wrong."""
    used = used_plugins(session)
    for sheet in session.sheets:
        yield {
            "path": sheet.source.path,
            "format": sheet.source.format,
            "readable": sheet.is_readable,
            "plugins": used[sheet.source.path],
            "problems": [problem.as_dict() for problem in session.problems if problem.source.path == sheet.source.path],
        }


def used_plugins(session: api.Session) -> Counter[str]:
    """Return how many plugins of each sheet are used: those that were refused are not; a relative one counts once."""
    records = {(plugin.source.path, plugin.source.pointer) for plugin in session.get_all_plugins() if isinstance(plugin, api.DataPlugin)}
    return Counter(path for path, _ in records)
