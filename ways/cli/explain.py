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
@click.option("--path", "text", metavar="TEXT", help="Explain why this path belongs to one place and not to another.")
@click.option("--strict/--lenient", default=True, help="With --path: accept only exact matches (the default), or looser ones too.")
@click.option("--all", "is_whole", is_flag=True, help="With --path: show every place that was tried, not only the nearest.")
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
    """Explain why a place, a value or a path is what it is.

    For each field, see which line of which sheet sets it, which ones lost, and why. With TOKEN=VALUE, see why that one thing is what it is;
    with --path, why a path belongs to one place and not to another. Exit 1: the path doesn't resolve.

    Documentation: docs/howto/explain.rst

    \b
    Examples:
      ways --sheets plugin_sheets/film explain job/sequence/shot:mapping
      ways --sheets plugin_sheets/film explain --path /mnt/projects/dune/sequences/rvr/rvr_0040
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
    # The drive of a path of Windows is no place.
    hierarchy, _, field = what.partition(":") if what[1:3] not in (":\\", ":/") else (what, "", "")
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
