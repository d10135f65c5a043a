"""Why a place, or an Asset, is what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ways.assets.asset import Asset
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.contexts.view import ResolvedContext
from ways.errors import ContextNotFoundError, UnknownFieldError, WaysError
from ways.explain.environment import variables_of
from ways.explain.fields import Fields
from ways.explain.record import Explanation, FieldExplanation, TokenExplanation, VariantExplanation, PluginReference
from ways.explain.reasons import RULES
from ways.explain.tokens import Tokens
from ways.explain.values import values_told
from ways.hierarchy import Hierarchy


def explain(
    pool: ContextPool, thing: Any, field: str | None = None, assignment: str = "", *, with_runner_up: bool = True
) -> Explanation:
    """Return why *thing* is what it is. See :meth:`Session.explain`."""
    context, asset = _context_of(pool, thing, assignment)
    values = None if asset is None else asset.info
    view = context.view if asset is None else context.view_of(asset.info)
    fields = Fields(context, view, values, with_runner_up=with_runner_up)
    told = list(fields.told())
    kept = told if not field else _chosen(told, field, context)
    details = {one.name.partition(".")[2]: one.winner for one in told if one.name.startswith("mapping_details.") and one.winner}
    tokens = _tokens(Tokens(view, details)) if _has_template(view) else ()
    claims = [claim for one in kept for claim in one.claims]
    state = view.state
    environment = variables_of(claims, (token.name for token in tokens), state.settings, pool.settings.overrides, context.assignment)
    return Explanation(
        hierarchy=view.hierarchy.text,
        assignment=context.assignment,
        real=view.real_hierarchy.text,
        platform=state.settings.platform,
        layers=state.assignments(context.assignment),
        fields=tuple(kept),
        tokens=tokens if not field or field == "mapping" else (),
        variants=tuple(_variants(context, view, fields)) if not field or field == "mapping" else (),
        environment=tuple(environment),
        values=() if asset is None or field else tuple(values_told(asset, view, details)),
    )


def field_names(told: Iterable[FieldExplanation]) -> list[str]:
    """Return what may be asked for: each field, and the fields of many keys as a whole."""
    return list(dict.fromkeys((*RULES, *(one.name for one in told))))


def _context_of(pool: ContextPool, thing: Any, assignment: str) -> tuple[Context, Asset | None]:
    if isinstance(thing, Asset):
        return thing.context, thing
    context = thing if isinstance(thing, Context) else pool.get(thing, assignment)
    if context is None:
        raise ContextNotFoundError(thing if isinstance(thing, str) else Hierarchy.of(thing).text, pool.suggestions())
    return context, None


def _chosen(told: Sequence[FieldExplanation], field: str, context: Context) -> list[FieldExplanation]:
    found = [one for one in told if one.name == field or one.name.startswith(f"{field}.")]
    if not found and field not in RULES:
        raise UnknownFieldError(field, field_names(told), Hierarchy.of(context.hierarchy).text)
    return found


def _has_template(view: ResolvedContext) -> bool:
    try:
        return view.template.all_tokens is not None
    except WaysError:
        return False


def _tokens(tokens: Tokens) -> tuple[TokenExplanation, ...]:
    return tuple(tokens.told())


def _variants(context: Context, view: ResolvedContext, fields: Fields) -> Iterator[VariantExplanation]:
    """Yield each variant of a place that has any."""
    variants = context.view.variants if _has_template(context.view) else ()
    for variant in variants if len(variants) > 1 else ():
        plugins = sorted(variant.variant, key=lambda plugin: view.state.snapshot.conditional.index(plugin))
        conditions = Fields(context, variant, fields.values)
        yield VariantExplanation(
            mapping=variant.mapping if isinstance(variant.mapping, str) else None,
            plugins=tuple(PluginReference.of(plugin, "when") for plugin in plugins),
            when=tuple(told for plugin in plugins for told in conditions.conditions(plugin)),
            is_selected=variant.variant == view.variant,
        )
