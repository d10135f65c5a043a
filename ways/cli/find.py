"""``ways find``: the files and folders on disk that belong to a place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click

from ways import __distribution__, api
from ways.cli.command import command, values_of
from ways.cli.complete import by_click
from ways.cli.draw.console import as_json
from ways.cli.options import SharedOptions
from ways.cli.streams import complain, write, write_exactly


@command("text", "json")
@click.argument("hierarchy", shell_complete=by_click.hierarchies)
@click.argument("values", nargs=-1, metavar="TOKEN=VALUE...", shell_complete=by_click.pairs)
@click.option(
    "--latest",
    metavar="TOKEN",
    help="Keep only the highest value of this token among paths that are otherwise equal.",
    shell_complete=by_click.tokens,
)
@click.option(
    "--sequences",
    is_flag=True,
    help=f"Print each sequence as one path with a frame range. Needs pip install '{__distribution__}[sequences]'.",
)
def find(
    session: api.Session,
    options: SharedOptions,
    form: str,
    hierarchy: str,
    values: tuple[str, ...],
    latest: str | None,
    sequences: bool,
) -> int:
    """List the files and folders on disk that belong to a place.

    Each TOKEN=VALUE narrows the search. The list is sorted. Finding nothing is no error.

    Documentation: docs/howto/find-on-disk.rst

    \b
    Examples:
      ways --sheets plugin_sheets/film find job/sequence/shot JOB=dune
      ways --sheets plugin_sheets/film find job/sequence/shot/plate JOB=dune --latest VERSION
    """
    known = values_of(values)
    for record in files_on_disk(session, hierarchy, known, latest, sequences, options, _complain_of_path):
        if form == "json":
            write(as_json(record))
        else:
            write_exactly(record["text"])
    return 0


def files_on_disk(
    session: api.Session,
    hierarchy: str,
    values: Mapping[str, str],
    latest: str | None,
    sequences: bool,
    options: SharedOptions,
    report: Callable[[str, str], None],
) -> Iterator[dict[str, Any]]:
    """Yield a record for each file and folder on disk that belongs to a place and has these values, sorted."""
    context = session.need_context(hierarchy, options.assignment)
    for asset in session.find_assets(context, values, latest=latest, sequences=sequences, sort=True, report=report):
        try:
            text = asset.get_str()
        except api.TokenValueError as error:
            # A name with a line break would look like two names.
            report(repr(dict(asset.info)), str(error))
            continue
        yield {"text": text, "hierarchy": api.join_hierarchy(context.hierarchy), "values": dict(asset.info)}


def _complain_of_path(path: str, reason: str) -> None:
    complain(f"ways: {path}: {reason}")
