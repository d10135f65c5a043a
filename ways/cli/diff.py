"""``ways diff``: what a change of sheets would move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import click

from ways import api
from ways.cli.command import command, write_problems
from ways.cli.draw import comparison as draw
from ways.cli.draw.console import as_json, draw as show
from ways.cli.draw.shapes import Line
from ways.cli.options import SharedOptions, UsageProblem, empty_session
from ways.cli.streams import blocks_in, with_progress, write


@command("text", "json", opened=empty_session)
@click.argument("old", type=click.Path())
@click.argument("new", type=click.Path())
@click.option(
    "--paths",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help="Tell which of the paths in this file, one a line, resolve differently; - reads them from standard input.",
)
@click.option("-0", "--null", is_flag=True, help="Paths end with NUL rather than with a line break.")
@click.option("--all", "is_whole", is_flag=True, help="List each place, also those that one line of a sheet moves together.")
def diff(
    session: api.Session, options: SharedOptions, form: str, old: str, new: str, paths: str | None, null: bool, is_whole: bool
) -> int:
    """Tell what changes from OLD to NEW: for each place and field, and for a list of paths.

    OLD and NEW are sheets, folders of sheets, or REVISION:PATH of a git repository, such as HEAD:sheets. Exit 0: nothing
    moved. Exit 1: something did. Exit 2: wrong usage, or nothing of one of them could be read.

    \b
    Example:
      ways diff plugin_sheets/basics plugin_sheets/film
      ways diff plugin_sheets/basics plugin_sheets/film --all
      find /mnt/projects | ways diff plugin_sheets/basics plugin_sheets/film --paths -
    """
    with session.active():
        before, after = open_sheets(old, options), open_sheets(new, options)
        for world in (before, after):
            write_problems(world.problems)
        contexts = api.compare(before, after, assignment=options.assignment).contexts
        texts = chain.from_iterable(with_progress(blocks_in(paths, null))) if paths else ()
        moved = api.compare_paths(before, after, texts, assignment=options.assignment)
        has_moved = False
        for item in _changes(contexts, moved, form, is_whole):
            show(item) if isinstance(item, Line) else write(as_json(item))
            has_moved = True
    return 1 if has_moved else 0


def open_sheets(description: str, options: SharedOptions) -> api.World:
    """Return the sheets of one side of a comparison, in the settings of the current session.

    :raises UsageProblem: nothing of them can be read.
    """
    try:
        return api.open_world(description, trust=True if options.trust else None)
    except api.SheetError as error:
        raise UsageProblem(str(error)) from error


def _changes(
    contexts: Iterable[api.ContextChange], paths: Iterable[api.PathChange], form: str, is_whole: bool
) -> Iterator[dict[str, Any] | Line]:
    """Yield what is to be written of each change."""
    if form == "json":
        yield from ({"kind": "context", **change.as_dict()} for change in contexts)
        yield from ({"kind": "path", **change.as_dict()} for change in paths)
    else:
        yield from draw.contexts([change.as_dict() for change in contexts], is_whole=is_whole)
        yield from (draw.path(change.as_dict()) for change in paths)
