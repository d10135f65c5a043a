"""``ways uses``: the places and fields that a line of a sheet reaches."""

from __future__ import annotations

import click

from ways import api
from ways.cli.command import command
from ways.cli.draw import explanation as draw
from ways.cli.draw.console import as_json, draw as show
from ways.cli.options import SharedOptions, UsageProblem
from ways.cli.streams import write

#: Digits that the number of a line may have.
_DIGITS = 9
#: Characters of a wrong argument that an error shows.
_SHOWN = 200


@command("text", "json")
@click.argument("where", metavar="FILE:LINE")
@click.option("--all", "is_whole", is_flag=True, help="List each place, even if many change in the same way.")
def uses(session: api.Session, options: SharedOptions, form: str, where: str, is_whole: bool) -> int:
    """List every place and field that one line of a sheet affects.

    Places that build on others with "uses" are included.

    Documentation: docs/howto/explain.rst

    \b
    Examples:
      ways --sheets plugin_sheets/film uses plugin_sheets/film/10_shots.yml:8
      ways --sheets plugin_sheets/film uses plugin_sheets/film/10_shots.yml:8 --all
    """
    path, _, line = where.rpartition(":")
    # Longer numbers than any file has lines may be too long for Python to read.
    if not path or not line.isdecimal() or len(line) > _DIGITS or int(line) < 1:
        place = where if len(where) <= _SHOWN else f"...{where[-_SHOWN:]}"
        raise UsageProblem(f"{place!r}: expected FILE:LINE, such as film/10_shots.yml:8.")
    record = session.explain_line(path, int(line)).as_dict()
    if form == "json":
        write(as_json(record))
    else:
        show(*draw.line(record, is_whole=is_whole))
    return 0
