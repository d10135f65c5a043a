"""Where each value of an Asset comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ways.assets.asset import Asset, text_of
from ways.assets.reading import read_text
from ways.contexts.parser import environ_of
from ways.contexts.view import ResolvedContext
from ways.errors import WaysError
from ways.explain.record import Origin, ValueExplanation
from ways.pattern.pattern import PatternCache
from ways.pattern.solve import from_children, from_parent, from_parents, texts_of
from ways.pattern.template import Template


def explain_values(asset: Asset, view: ResolvedContext) -> Iterator[ValueExplanation]:
    """Yield each token of an Asset's mapping, then each value for which the mapping has no token."""
    template = view.template
    given = _split_values(asset)
    texts = texts_of(asset.info, template)
    readable = environ_of(view, asset.context.pool.settings.overrides)
    for name in dict.fromkeys((*template.all_tokens, *asset.info)):
        origin, through = _origin(name, asset, texts, given, template, readable)
        value = readable.get(name, "") if origin is Origin.ENVIRONMENT else asset.get_value(name, real=True)
        source = view.provenance.source_of(("mapping_details", name, "default")) if origin is Origin.DEFAULT else None
        functions = template.spec(name).before_return
        yield ValueExplanation(token=name, value=value, origin=origin, through=through, source=source, before_return=functions)


def _origin(
    name: str, asset: Asset, texts: Mapping[str, str], split: Mapping[str, str], template: Template, environ: Mapping[str, str]
) -> tuple[Origin, tuple[str, ...]]:
    """Return where a value comes from, tried in the order in which an Asset does, and the tokens that it comes through.

    :param environ: the variables that may fill the tokens.
    """
    if name in asset.info and asset.info[name] is not None:
        return (Origin.SPLIT if name in split and split[name] == asset.info[name] else Origin.GIVEN), ()
    patterns = asset.context.patterns
    if asset.get_value(name, real=True) != "":
        if parent := _parent_of(name, texts, template, patterns):
            return Origin.PARENT, (parent,)
        if from_children(name, texts, template):
            return Origin.CHILDREN, tuple(dict.fromkeys(template.children(name)))
        return Origin.DEFAULT, ()
    return (Origin.ENVIRONMENT, (name,)) if name in environ else (Origin.MISSING, ())


def _parent_of(name: str, texts: Mapping[str, str], template: Template, patterns: PatternCache) -> str:
    """Return the token that *name* is read out of."""
    known: dict[str, Any] = dict(texts)
    if not from_parents(name, known, template, patterns):
        return ""
    parents = (parent for parent in template.parents(name) if parent in known)
    return next((parent for parent in parents if from_parent(name, parent, known[parent], template, patterns)), "")


def _split_values(asset: Asset) -> Mapping[str, str]:
    """Return the values in the text that an Asset was made of, if it was made of one."""
    text = text_of(asset)
    if text is None:
        return {}
    try:
        return read_text(asset.context, text).values
    except WaysError:
        return {}
