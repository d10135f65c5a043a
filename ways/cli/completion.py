"""What may come next on a command line. Completion never fails: without sheets it has nothing to say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from ways import api
from ways.cli import commands
from ways.cli.commands import Options, UsageProblem


def hierarchies(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the places that begin so."""
    session = _session(ctx)
    places = map(commands.hierarchy_text, session.hierarchies()) if session else ()
    return sorted(place for place in places if place.startswith(incomplete))


def platforms(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the platforms that begin so."""
    session = _session(ctx)
    return sorted(name for name in session.settings.platforms if name.startswith(incomplete)) if session else []


def tokens(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the tokens of the place that was named, those that begin so."""
    context = _context(ctx)
    return [name for name in context.template.all_tokens if name.startswith(incomplete)] if context else []


def pairs(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return ``TOKEN=`` for each token that has no value yet, and ``TOKEN=VALUE`` where a token has choices."""
    context = _context(ctx)
    if context is None:
        return []
    name, equals, start = incomplete.partition("=")
    if equals:
        choices = context.template.spec(name).choices
        return [f"{name}={text}" for _, text in choices if text.startswith(start)]
    given = {pair.partition("=")[0] for pair in ctx.params.get("values") or ()}
    return [f"{token}=" for token in context.template.all_tokens if token.startswith(name) and token not in given]


def _context(ctx: click.Context) -> api.Context | None:
    session = _session(ctx)
    # An option that still lacks its value leaves the arguments before it unread.
    hierarchy = ctx.params.get("hierarchy") or next(iter(ctx.args), None)
    try:
        context = session.get_context(hierarchy) if session and hierarchy else None
        return context if context and context.template.all_tokens else None
    except api.WaysError:
        return None


def _session(ctx: click.Context) -> api.Session | None:
    try:
        return commands.open_session(Options(**dict(_given(ctx))))
    except (UsageProblem, api.WaysError):
        return None


def _given(ctx: click.Context) -> Iterator[tuple[str, Any]]:
    """Yield the options that were given, before the command or after it."""
    above = ctx.parent.params if ctx.parent else {}
    for name in Options._fields:
        value = ctx.params.get(name) or above.get(name)
        if value:
            yield name, value
