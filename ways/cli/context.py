"""``ways context``: everything about one place."""

from __future__ import annotations

from typing import Any

import click

from ways import api
from ways.cli.command import command
from ways.cli.complete import by_click
from ways.cli.draw import places as draw
from ways.cli.draw.console import as_json, draw as show
from ways.cli.options import SharedOptions
from ways.cli.streams import write


@command("text", "json")
@click.argument("hierarchy", shell_complete=by_click.hierarchies)
def context(session: api.Session, options: SharedOptions, form: str, hierarchy: str) -> int:
    """Show a place in full: its mapping, tokens, data and sheets.

    For each plugin that takes part, the output names the sheet and the line.

    Documentation: docs/reference/cli.rst

    \b
    Examples:
      ways --sheets plugin_sheets/film context job
      ways --sheets plugin_sheets/film context job/sequence/shot --format json
    """
    record = describe(session, hierarchy, options)
    if form == "json":
        write(as_json(record))
    else:
        show(draw.context(record))
    return 0


def describe(session: api.Session, hierarchy: str, options: SharedOptions) -> dict[str, Any]:
    """Return everything that a Context answers, with the place where each of its plugins is written.

    :raises ContextNotFoundError: there is none.
    """
    context = session.need_context(hierarchy, options.assignment)
    mapping, error = mapping_of(context)
    return {
        "hierarchy": api.join_hierarchy(context.hierarchy),
        "assignment": context.assignment,
        "mapping": mapping,
        "error": error,
        "tokens": _tokens(context.template),
        "data": dict(context.data),
        "platforms": sorted(context.get_platforms()),
        "groups": list(context.get_groups()),
        "path": bool(context.is_path()),
        "max_folder": context.get_max_folder(),
        "plugins": [_plugin(plugin) for plugin in context.records],
        "variants": [
            {
                "mapping": view.mapping if isinstance(view.mapping, str) else None,
                "tokens": _tokens(view.template),
                "data": dict(view.resolved.data),
                "plugins": [{**_plugin(plugin), "when": _conditions(plugin)} for plugin in view.variant],
            }
            for view in context.view.variants
            if view.variant
        ],
    }


def mapping_of(context: api.Context) -> tuple[str | None, str | None]:
    """Return the mapping of a place, or why it has none."""
    try:
        return context.get_mapping(), None
    except api.WaysError as error:
        return None, str(error)


def _tokens(template: Any) -> list[dict[str, Any]]:
    try:
        names = template.all_tokens
    except api.WaysError:
        names = template.tokens
    return [_token(template, name) for name in names]


def _token(template: Any, name: str) -> dict[str, Any]:
    spec = template.spec(name)
    return {
        "name": name,
        "mapping": spec.mapping or None,
        "parse": {engine: spec.expression(engine) for engine in spec.parse},
        "format": spec.format or None,
        "choices": {str(value): text for value, text in spec.choices} or None,
        "labels": {text: label for (_, text), label in zip(spec.choices, spec.labels) if label} or None,
        "default": None if spec.default is None else spec.text(spec.default),
        "required": name in template.specs and spec.required and name in template.always_tokens,
    }


def _conditions(plugin: api.DataPlugin) -> dict[str, list[str]]:
    return {token: [str(value) for value in values] for token, values in plugin.when.items()}


def _plugin(plugin: api.DataPlugin) -> dict[str, Any]:
    return {
        "name": str(plugin.name),
        "hierarchy": api.join_hierarchy(plugin.hierarchy),
        "assignment": plugin.assignment,
        "mapping": plugin.mapping or None,
        "source": str(plugin.source),
    }
