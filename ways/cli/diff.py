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
from ways.cli.streams import blocks_in, complain, with_progress, write
from ways.errors import counted

#: From this share of paths that resolve on neither side on, the list is probably not one of these sheets.
SUSPECT = 0.95


@command("text", "json", opened=empty_session)
@click.argument("old", type=click.Path())
@click.argument("new", type=click.Path())
@click.option(
    "--paths",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help="Also show which of the paths in this file, one per line, resolve differently. -: standard input.",
)
@click.option("-0", "--null", is_flag=True, help="Paths end with NUL, not with a line break, as in find -print0.")
@click.option("--all", "is_whole", is_flag=True, help="List each place, even if one line of a sheet changes many.")
def diff(
    session: api.Session, options: SharedOptions, form: str, old: str, new: str, paths: str | None, null: bool, is_whole: bool
) -> int:
    """Show what changes between two versions of your sheets.

    OLD and NEW are sheets, folders of sheets, or REVISION:PATH of a git repository, such as HEAD:sheets. Exit 0: nothing changes. Exit 1:
    something does. Exit 2: wrong usage, or one side can't be read.

    Documentation: docs/howto/compare.rst

    \b
    Examples:
      ways diff plugin_sheets/basics plugin_sheets/film  # exit 1
      ways diff plugin_sheets/film plugin_sheets/film
      find /mnt/projects | ways diff plugin_sheets/basics plugin_sheets/film --paths -  # exit 1
    """
    with session.active():
        before, after = open_sheets(old, options), open_sheets(new, options)
        for world in (before, after):
            write_problems(world.problems)
        contexts = api.compare(before, after, assignment=options.assignment).contexts
        texts = chain.from_iterable(with_progress(blocks_in(paths, null, session.limits.text))) if paths else ()
        moved = api.compare_paths(before, after, texts, assignment=options.assignment)
        has_moved = False
        for item in _changes(contexts, moved, form, is_whole):
            show(item) if isinstance(item, Line) else write(as_json(item))
            has_moved = True
        if paths:
            _write_counts(moved, form)
    return 1 if has_moved else 0


def _write_counts(moved: api.PathChanges, form: str) -> None:
    """Write how many paths there were and what became of them, and a warning if next to none resolves."""
    total, lost = sum(moved.counts.values()), moved.counts["unresolved"]
    if form == "json":
        write(as_json({"kind": "counts", "total": total, **moved.counts}))
    else:
        show(draw.counts(moved.counts))
    if lost and lost >= SUSPECT * total:
        resolve = "resolves" if lost == 1 else "resolve"
        complain(
            f"warning: {lost:,} of {counted(total, 'path')} {resolve} on neither side; the first is {moved.unresolved!r}. "
            "Is it a path of another mount point or platform? ways explain --path shows where it stops fitting."
        )


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
