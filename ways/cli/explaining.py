"""Commands that say why: explain, uses."""

from __future__ import annotations

from collections.abc import Mapping

import click

from ways import api
from ways.cli import commands
from ways.cli.complete import click_types as completion
from ways.cli.draw import explanation as explained, render
from ways.cli.command import command
from ways.cli.commands import Options, UsageProblem
from ways.cli.streams import write

#: Attempts that are drawn, unless all are asked for.
NEAREST = 5
#: Digits that the number of a line may have.
_DIGITS = 9
#: Characters of a wrong argument that an error shows.
_SHOWN = 200


@command("text", "json")
@click.argument("what", default="", metavar="[HIERARCHY[:FIELD]]", shell_complete=completion.fields)
@click.argument("values", nargs=-1, metavar="[TOKEN=VALUE...]", shell_complete=completion.pairs)
@click.option("--path", "text", metavar="TEXT", help="Tell why a text is of one place and not of the others.")
@click.option("--strict/--lenient", default=True, help="With --path: whether a text must fit in all ways (the default), or somehow.")
@click.option("--all", "is_whole", is_flag=True, help="With --path: draw every place that was tried, and not the nearest alone.")
def explain(
    session: api.Session,
    options: Options,
    form: str,
    what: str,
    values: tuple[str, ...],
    text: str | None,
    strict: bool,
    is_whole: bool,
) -> int:
    """Tell why a place is what it is: who says each field, who lost, and why; with values, of such a thing.

    \b
    Example:
      ways --sheets plugin_sheets/film explain job/sequence/shot:mapping
      ways --sheets plugin_sheets/film explain --path /mnt/projects/dune/sequences/rvr/rvr_40
    """
    if bool(what) == (text is not None):
        raise UsageProblem("Name a place, as HIERARCHY or HIERARCHY:FIELD, or a text, as --path TEXT.")
    if text is not None:
        told = session.explain_text(text, strict=strict, assignment=options.assignment)
        if form == "json":
            write(render.as_json(told.as_dict()))
        else:
            render.console().print(explained.text(told.as_dict(), None if is_whole else NEAREST))
        return 0 if told.status == "resolved" else 1
    hierarchy, _, field = what.partition(":")
    given = commands.values_of(values)
    thing = _asset(session, session.need_context(hierarchy, options.assignment), given) if given else hierarchy
    record = session.explain(thing, field or None, options.assignment).as_dict()
    if form == "json":
        write(render.as_json(record))
    else:
        render.console().print(explained.place(record))
    return 0


def _asset(session: api.Session, context: api.Context, values: Mapping[str, str]) -> api.Asset | None:
    """Return the thing of a place that has these values.

    :raises WaysError: a token is none of its mapping, whatever the values are.
    """
    known = dict.fromkeys(token for view in context.view.variants for token in view.template.all_tokens)
    unknown = next((token for token in values if token not in known), None)
    if unknown is not None:
        close = api.did_you_mean(unknown, known)
        raise api.WaysError(f"There is no token {unknown!r}; the tokens are {', '.join(known) or 'none'}.{close}")
    found: api.Asset | None = session.get_asset(values, context, strict=True)
    return found


@command("text", "json")
@click.argument("where", metavar="FILE:LINE")
def uses(session: api.Session, options: Options, form: str, where: str) -> int:
    """List each place and field that a line of a sheet has a say in, also through uses.

    \b
    Example:
      ways --sheets plugin_sheets/film uses plugin_sheets/film/10_shots.yml:8
    """
    path, _, line = where.rpartition(":")
    # Longer numbers than any file has lines may be too long for Python to read.
    if not path or not line.isdecimal() or len(line) > _DIGITS or int(line) < 1:
        shown = where if len(where) <= _SHOWN else f"...{where[-_SHOWN:]}"
        raise UsageProblem(f"{shown!r}: expected FILE:LINE, such as film/10_shots.yml:8.")
    record = session.explain_line(path, int(line)).as_dict()
    if form == "json":
        write(render.as_json(record))
    else:
        render.console().print(explained.line(record))
    return 0
