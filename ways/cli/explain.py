"""``ways explain``: why a place, a value or a text is what it is."""

from __future__ import annotations

from collections.abc import Mapping

import click

from ways import api
from ways.cli.command import command, values_of
from ways.cli.complete import by_click
from ways.cli.draw import explanation as draw
from ways.cli.draw.console import as_json, draw as show
from ways.cli.options import SharedOptions, UsageProblem
from ways.cli.streams import write

#: Attempts that are drawn beside those that fit, unless all are asked for.
NEAREST = 5


@command("text", "json")
@click.argument("what", default="", metavar="[HIERARCHY[:FIELD]]", shell_complete=by_click.fields)
@click.argument("values", nargs=-1, metavar="[TOKEN=VALUE...]", shell_complete=by_click.pairs)
@click.option("--path", "text", metavar="TEXT", help="Tell why a text is of one place and not of the others.")
@click.option("--strict/--lenient", default=True, help="With --path: accept only exact fits (the default), or looser ones too.")
@click.option("--all", "is_whole", is_flag=True, help="With --path: draw every place that was tried, and not the nearest alone.")
def explain(
    session: api.Session,
    options: SharedOptions,
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
        nearest = None if is_whole or form == "json" else NEAREST
        explanation = session.explain_text(text, strict=strict, assignment=options.assignment, nearest=nearest)
        if form == "json":
            write(as_json(explanation.as_dict()))
        else:
            show(draw.text(explanation.as_dict(), explanation.farther, explanation.unmet))
        return 0 if explanation.status == "resolved" else 1
    hierarchy, _, field = what.partition(":")
    known = values_of(values)
    thing = _asset(session, session.need_context(hierarchy, options.assignment), known) if known else hierarchy
    record = session.explain(thing, field or None, options.assignment).as_dict()
    if form == "json":
        write(as_json(record))
    else:
        show(draw.place(record))
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
    asset: api.Asset | None = session.get_asset(values, context, strict=True)
    return asset
