"""``ways report``: one page that shows everything."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from ways import api
from ways.cli.command import command
from ways.cli.draw.console import as_json
from ways.cli.options import SharedOptions, UsageProblem
from ways.cli.streams import save, write, write_for_people
from ways.lightweight import CollectorPause

#: Places from which on a bar is worth its line.
MANY = 100


@command("text", "json")
@click.argument("out", type=click.Path(), metavar="OUT.html")
@click.option("--title", default="", metavar="TEXT", help="Set the title of the page.")
def report(session: api.Session, options: SharedOptions, form: str, out: str, title: str) -> int:
    """Write everything about your sheets to one HTML page.

    The page shows the places as a tree, which line sets each field, and every finding. It also resolves the paths that you type into it.

    Documentation: docs/howto/report.rst

    \b
    Examples:
      ways --sheets plugin_sheets/alab report "$(mktemp -d)"/alab.html
      ways --sheets plugin_sheets/film report "$(mktemp -d)"/film.html --title "Film"
    """
    from ways.report.page import data, page

    # Millions of small records are made, and none of them is garbage.
    with CollectorPause():
        content = data(session, title, _with_progress)
        text = page(content)
    _save(out, text)
    size = len(text.encode())
    # Mappings that a browser can't try are marked.
    groups = content["groupings"][content["worlds"][0]["grouping"]]
    marked = sum("marked" in content["entries"][number] for group in groups for number in group)
    counts = {"contexts": len(content["contexts"]), "findings": len(content["findings"]), "marked": marked}
    record = {"path": out, "bytes": size, **counts}
    if form == "json":
        write(as_json(record))
    else:
        write_for_people(f"{out}: {counts['contexts']} places, {size / 1e6:.1f} MB")
    return 0


def _save(out: str, text: str) -> None:
    """Write the page beside its place and put it there at once: a reader never sees half of it.

    A link is followed; what is neither file nor free (a device, a pipe, a folder) stays as it is.
    """
    out = os.path.realpath(out)
    if os.path.exists(out) and not os.path.isfile(out):
        raise UsageProblem(f"{out} is no file, and stays as it is. Name a file: ways report page.html")
    try:
        save(out, text)
    except OSError as error:
        raise UsageProblem(f"{out}: {error.strerror}") from error


def _with_progress(items: Iterable[Any]) -> Iterator[Any]:
    """Yield *items*, with a bar on a terminal if they are many."""
    known = list(items)
    if len(known) < MANY or not sys.stderr.isatty():
        yield from known
        return
    with click.progressbar(known, file=sys.stderr, label="places") as bar:
        yield from bar
