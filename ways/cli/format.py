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
@click.option("--ambiguous", is_flag=True, help="Write the text, with a warning, even if it can be read in other ways, too.")
def format_(
    session: api.Session, options: SharedOptions, form: str, hierarchy: str, values: tuple[str, ...], ambiguous: bool
) -> int:
    """Write the text of a place that has these token values; it would be read as the same values again.

    \b
    Example:
      ways --sheets plugin_sheets/film format job JOB=dune
    """
    with warnings_told():
        text = session.format(hierarchy, values_of(values), options.assignment, ambiguous="allow" if ambiguous else "")
    if form == "json":
        write(as_json({"text": text, "hierarchy": hierarchy}))
    else:
        write_exactly(text)
    return 0
