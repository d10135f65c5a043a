"""Commands that show what there is: context, tree, sheets, schema, cache."""

from __future__ import annotations

import json
from typing import Any

import click

from ways import api
from ways.cli import commands
from ways.cli.complete import click_types as completion
from ways.cli.draw import render
from ways.cli.command import Choice, command, formats, tell
from ways.cli.commands import Options
from ways.cli.streams import write


@command("text", "json")
@click.argument("hierarchy", shell_complete=completion.hierarchies)
def context(session: api.Session, options: Options, form: str, hierarchy: str) -> int:
    """Tell everything about a place: mapping, tokens, data, and the sheet and line of each plugin used.

    \b
    Example:
      ways --sheets plugin_sheets/film context job
    """
    record = commands.describe(session, hierarchy, options)
    if form == "json":
        write(render.as_json(record))
    else:
        render.console().print(render.context(record))
    return 0


@command("text", "json")
@click.argument("hierarchy", default="", shell_complete=completion.hierarchies)
def tree(session: api.Session, options: Options, form: str, hierarchy: str) -> int:
    """Draw the places as a tree, each with its mapping; all of them, or one and those below it.

    \b
    Example:
      ways --sheets plugin_sheets/film tree job/delivery
    """
    nodes = commands.tree(session, hierarchy, options)
    if form == "json":
        write(render.as_json(nodes))
    else:
        render.console().print(render.tree(nodes, hierarchy.rpartition("/")[0] or "."))
    return 0


@click.command(
    epilog="\b\nExample:\n  ways cache info\n  ways cache clear",
)
@click.argument("action", type=Choice(("info", "clear")))
@formats("text", "json")
def cache(action: str, form: str | None) -> None:
    """Tell where the compiled sheets are and how many; or remove them, which only costs the time to compile them again."""
    session = api.Session()
    record: dict[str, Any] = {"removed": session.clear_cache()} if action == "clear" else session.get_cache_info()
    if form == "json":
        write(render.as_json(record))
    else:
        write("\n".join(f"{name}: {value}" for name, value in record.items()))


@click.command(epilog="\b\nExample:\n  ways schema\n  ways schema --path")
@click.option("--path", is_flag=True, help="Write where the file with it lies, for the settings of an editor.")
def schema(path: bool) -> None:
    """Write the JSON Schema of a Plugin Sheet, by which editors complete, explain and check sheets while you type."""
    write(api.get_sheet_schema_path() if path else json.dumps(api.get_sheet_schema(), indent=2))


@command("text", "json")
def sheets(session: api.Session, options: Options, form: str) -> int:
    """Tell what was loaded from where, how many plugins each sheet has, and each problem.

    \b
    Example:
      ways --sheets plugin_sheets/film sheets
    """
    records = list(commands.sheets(session))
    if form == "json":
        for record in records:
            write(render.as_json(record))
    else:
        render.console().print(render.sheets(records))
    tell(session.problems)
    return 1 if any(problem.level == "error" for problem in session.problems) else 0
