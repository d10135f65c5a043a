"""``ways format``: from values to the text of a place."""

from __future__ import annotations

import click

from ways import api
from ways.cli.command import command, values_of
from ways.cli.complete import by_click
from ways.cli.draw.console import as_json
from ways.cli.options import SharedOptions
from ways.cli.streams import warnings_told, write, write_exactly


@command("text", "json")
@click.argument("hierarchy", shell_complete=by_click.hierarchies)
@click.argument("values", nargs=-1, metavar="TOKEN=VALUE...", shell_complete=by_click.pairs)
@click.option("--ambiguous", is_flag=True, help="Print the path even if it is read otherwise, or in several ways, with a warning.")
def format_(
    session: api.Session, options: SharedOptions, form: str, hierarchy: str, values: tuple[str, ...], ambiguous: bool
) -> int:
    """Build the path of a place from token values.

    Resolving the path gives the same values back. Exit 1: a value is missing, or doesn't fit its token.

    Documentation: docs/howto/write-a-sheet.rst

    \b
    Examples:
      ways --sheets plugin_sheets/film format job JOB=dune
      ways --sheets plugin_sheets/film format job/sequence JOB=dune SEQUENCE=rvr
    """
    with warnings_told():
        text = session.format(hierarchy, values_of(values), options.assignment, ambiguous="allow" if ambiguous else "")
    if form == "json":
        write(as_json({"text": text, "hierarchy": hierarchy}))
    else:
        write_exactly(text)
    return 0
