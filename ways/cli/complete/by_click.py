"""Completion by click: the values of its parameters, and the answer for a line that :mod:`ways.cli.complete.answer` can't read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click
from click.shell_completion import BashComplete, CompletionItem

from ways.cli.complete import suggest
from ways.cli.complete.request import VARIABLE, Item
from ways.cli.options import SharedOptions


def hierarchies(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the places that begin so."""
    return suggest.hierarchies(_options(ctx), incomplete)


def fields(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the places that begin so; after a ``:``, each field of the place."""
    return suggest.fields(_options(ctx), incomplete)


def platforms(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the platforms that begin so."""
    return suggest.platforms(_options(ctx), incomplete)


def layers(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the layers that begin so."""
    return suggest.layers(_options(ctx), incomplete)


def priority(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the list of layers with each way to end the last name in it."""
    return suggest.priority(_options(ctx), incomplete)


def tokens(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the tokens of the place that was named, those that begin so."""
    return suggest.tokens(_options(ctx), _hierarchy(ctx), incomplete)


def entrypoints(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of entrypoints that begin so."""
    return suggest.entrypoints(_options(ctx), incomplete)


def parameters(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return ``PARAMETER=`` for each parameter of the entrypoint that has no value yet."""
    named = str(ctx.params.get("name") or next(iter(ctx.args), ""))
    return _items(suggest.parameters(_options(ctx), named, ctx.params.get("values") or (), incomplete))


def imjoy_plugins(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of ImJoy plugins that begin so, and the tags of one that is followed by ``@``."""
    return suggest.imjoy_plugins(_options(ctx), incomplete)


def imjoy_fields(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return ``FIELD=`` for each field of the ImJoy plugin's form that has no value yet."""
    named = str(ctx.params.get("uri") or next(iter(ctx.args), ""))
    return _items(suggest.imjoy_fields(_options(ctx), named, ctx.params.get("words") or (), incomplete))


def pairs(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return ``TOKEN=`` for each token that has no value yet, and ``TOKEN=VALUE`` where a token has choices."""
    return _items(suggest.pairs(_options(ctx), _hierarchy(ctx), ctx.params.get("values") or (), incomplete))


def pairs_there(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the same for the tokens of the place that ``--as`` names; nothing without it."""
    return _items(suggest.pairs(_options(ctx), ctx.params.get("place") or "", ctx.params.get("texts") or (), incomplete))


def _items(values: Mapping[str, str]) -> list[CompletionItem]:
    return [CompletionItem(value, help=help or None) for value, help in values.items()]


def _hierarchy(ctx: click.Context) -> str:
    # An option that still lacks its value leaves the arguments before it unread.
    named = ctx.params.get("hierarchy") or ctx.params.get("what") or next(iter(ctx.args), "")
    return str(named).partition(":")[0]


def _options(ctx: click.Context) -> SharedOptions:
    """Return the options that were given, before the command or after it."""
    given = [ctx.params]
    while ctx.parent is not None:
        ctx = ctx.parent
        given.append(ctx.params)
    values = {name: next((params[name] for params in given if params.get(name)), None) for name in SharedOptions._fields}
    return SharedOptions(**{name: value for name, value in values.items() if value})


def items(program: click.Command, words: Sequence[str], start: str) -> list[Item]:
    """Return the ways to go on with *start* after *words*, as click itself knows them."""
    completions = BashComplete(program, {}, "ways", VARIABLE).get_completions(list(words), start)
    return [Item(item.value, "file" if item.type in ("file", "dir") else "plain", item.help or "") for item in completions]
