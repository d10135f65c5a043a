"""``ways tree``: the places, each with its mapping."""

from __future__ import annotations

from typing import Any

import click

from ways import api
from ways.cli.command import command
from ways.cli.complete import by_click
from ways.cli.context import mapping_of
from ways.cli.draw import places as draw
from ways.cli.draw.console import as_json, draw as show
from ways.cli.draw.shapes import UNFOLDED
from ways.cli.options import SharedOptions
from ways.cli.streams import write


@command("text", "json")
@click.argument("hierarchy", default="", shell_complete=by_click.hierarchies)
@click.option(
    "--width",
    type=click.IntRange(min=0),
    metavar="COLUMNS",
    help="Cut lines at this width instead of the terminal's. 0: never cut.",
)
def tree(session: api.Session, options: SharedOptions, form: str, hierarchy: str, width: int | None) -> int:
    """Show all places as a tree, each with its mapping.

    Name a place to see only that one and those below it. On a terminal, long lines are cut off before a token.

    Documentation: docs/tutorial.rst

    \b
    Examples:
      ways --sheets plugin_sheets/film tree job/delivery
      ways --sheets plugin_sheets/film tree --width 0
    """
    nodes = tree_nodes(session, hierarchy, options)
    if form == "json":
        write(as_json(nodes))
    else:
        drawn = draw.tree(nodes, hierarchy.rpartition("/")[0] or ".", is_whole=width == 0)
        show(drawn, width=UNFOLDED if width == 0 else width)
    return 0


def tree_nodes(session: api.Session, hierarchy: str, options: SharedOptions) -> list[dict[str, Any]]:
    """Return the places below *hierarchy*, or all, each with its mapping and the places below it.

    :raises ContextNotFoundError: nothing stands at *hierarchy* or below it.
    """
    top = api.split_hierarchy(hierarchy)
    places = [place for place in session.hierarchies() if place[: len(top)] == top]
    if top and not places:
        raise api.ContextNotFoundError(hierarchy, [api.join_hierarchy(place) for place in session.hierarchies()])
    nodes: dict[tuple[str, ...], dict[str, Any]] = {(): {"children": []}}
    for place in places:
        missing = []
        while place not in nodes:
            missing.append(place)
            place = place[:-1]
        for below in reversed(missing):
            node = nodes[below] = _node(session, below, options)
            nodes[below[:-1]]["children"].append(node)
    children: list[dict[str, Any]] = nodes[top[:-1]]["children"] if top else nodes[()]["children"]
    return children


def _node(session: api.Session, place: tuple[str, ...], options: SharedOptions) -> dict[str, Any]:
    mapping, error = None, None
    try:
        context = session.get_context(place, options.assignment)
        mapping, error = (None, None) if context is None else mapping_of(context)
    except api.HierarchyError as wrong:
        error = str(wrong)
    return {"hierarchy": api.join_hierarchy(place), "mapping": mapping, "error": error, "children": []}
