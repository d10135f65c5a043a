"""Moving: the values that an Asset has at another place, the place above it, and what identifies it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping

from ways.assets.disk import may_lack
from ways.assets.rules import change_by_rules
from ways.assets.writing import leaf_texts, written_by_rules
from ways.contexts.context import Context
from ways.contexts.view import ResolvedContext
from ways.hierarchy import Hierarchy
from ways.pattern.solve import find_value, from_children, texts_of
from ways.pattern.template import Template
from ways.pattern.token import TokenSpec
from ways.regex.budget import Question, TimeBudget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOTHING: Mapping[str, Any] = {}


def values_at(
    context: Context,
    info: Mapping[str, Any],
    place: Context,
    changes: Mapping[str, Any] = NOTHING,
    *,
    forced: Collection[str] = (),
) -> dict[str, str]:
    """Return the values of an Asset of *context* as another place writes them. See :meth:`Asset.at`.

    :param info: the values of the Asset.
    :param changes: new or changed values.
    :param forced: tokens whose values in *info* don't have to fit.
    :raises MissingTokensError: a token that the place needs has no value.
    :raises UnknownTokenError: a change names a token that the place doesn't have.
    :raises TokenValueError: a value doesn't fit there, or contradicts another.
    """
    view = place.view
    with Question(place.pool.limits):
        kept = kept_values(context, info, place, view, changes=changes)
        still_forced = {name for name in kept if name in forced and name not in changes}
        texts, variant = change_by_rules(place, kept, changes, still_forced)
        if not still_forced:
            # What is read otherwise, or in two ways, is told here rather than when it is written.
            written_by_rules(place, variant, texts)
        return texts


def kept_values(
    context: Context,
    info: Mapping[str, Any],
    place: Context,
    view: ResolvedContext,
    *,
    changes: Mapping[str, Any] = NOTHING,
    free: str = "",
) -> dict[str, str]:
    """Return those values of an Asset of *context* that another place has, too, as they are written there.

    A token that others write there has a value only where theirs don't say it.

    :param view: what *place* is.
    :param changes: values that count instead where values decide what the place is.
    :param free: a token that is to have no value, and neither are those that it writes, or that write it.
    """
    own = context.view_of(info).template
    texts = texts_of(info, own, Hierarchy.of(context.hierarchy).text)
    known = {**texts, **leaf_texts(texts, own, context.patterns)}
    names = dict.fromkeys(name for variant in view.variants for name in variant.template.all_tokens)
    names |= dict.fromkeys(token for condition in view.conditions for token in condition.wants)
    found = {name: find_value(name, known, own, context.patterns) for name in names}
    found = {name: text for name, text in found.items() if text or name in known}
    template = view.variant_of({**_without(found, changes, view.template), **changes}, place.patterns).template
    # A token that only conditions name needs details there.
    there = {*template.all_tokens, *(token for condition in view.conditions for token in condition.wants if token in template.specs)}
    kept = {name: _rewritten(text, own.spec(name), template.spec(name)) for name, text in found.items() if name in there}
    if free:
        kept = _without(kept, (free,), template)
    return {name: text for name, text in kept.items() if not _is_said(name, kept, template)}


def lacking_tokens(context: Context, info: Mapping[str, Any], view: ResolvedContext, free: str = "") -> list[str]:
    """Return the tokens that an Asset of *context* lacks where its mapping has an optional part, if it may lack elsewhere, too.

    :param view: what the other place is; tokens that it always has are not told: their values are still to come.
    :param free: a token whose value is looked for: neither it nor what always stands beside it is told.
    """
    own, there = context.view_of(info).template, view.variants
    names = [name for name in own.all_tokens if may_lack(own, name) and any(name in variant.template.all_tokens for variant in there)]
    names = [name for name in names if all(may_lack(variant.template, name) for variant in there)]
    if not names:
        return names
    texts = texts_of(info, own, Hierarchy.of(context.hierarchy).text)
    known = {**texts, **leaf_texts(texts, own, context.patterns)}
    beside = {name for template in (own, *(variant.template for variant in there)) for name in _beside(template, free)}
    return [name for name in names if name not in beside and not find_value(name, known, own, context.patterns)]


def _beside(template: Template, token: str) -> set[str]:
    """Return the tokens of the optional parts that *token* stands in, which a text has if it has *token*; and those it writes."""
    names = {token, *template.part(token).all_tokens} if token in template.all_tokens else {token}
    leaves = [(leaf.options, {leaf.text, *leaf.owners}) for leaf in template.leaves if leaf.is_token]
    parts = [options for options, tokens in leaves if not names.isdisjoint(tokens)]
    return names.union(*(tokens for options, tokens in leaves if any(part[: len(options)] == options for part in parts)))


def _without(values: Mapping[str, str], changes: Iterable[str], template: Template) -> dict[str, str]:
    """Return *values* without those that a change says anew: of the same tokens, of their children and of their parents."""
    said = {name: set(template.part(name).all_tokens) for name in template.all_tokens}
    changed = {name: {name, *said.get(name, ())} for name in changes}
    return {
        name: text
        for name, text in values.items()
        if all(name not in below and change not in said.get(name, ()) for change, below in changed.items())
    }


def _is_said(name: str, values: Mapping[str, str], template: Template) -> bool:
    """Whether the tokens that *name* is written by all have a value."""
    children = template.children(name) if template.spec(name).splits else ()
    return bool(children) and all(child in values or _is_said(child, values, template) for child in children)


def _rewritten(text: str, old: TokenSpec, new: TokenSpec) -> str:
    """Return how a value that one token writes as *text* is written by another: ``003`` as ``03``, where both are numbers."""
    if new.is_plain or old == new:
        return text
    try:
        written_anew = new.given_text(old.value(text))
    except ValueError:
        return text
    fits = new.fits()
    return written_anew if fits is None or fits(written_anew) else text


def place_above(context: Context) -> Context | None:
    """Return the nearest place above that has a mapping itself, in the same layer; ``None`` if there is none."""
    for above in reversed(list(context.view.real_hierarchy.ancestors)[:-1]):
        place: Context | None = context.pool.get(above, context.assignment)
        if place is not None and any(view.has_own_mapping and isinstance(view.mapping, str) for view in place.view.variants):
            return place
    return None


def key_of(context: Context, info: Mapping[str, Any]) -> Hashable:
    """Return what identifies an Asset of these values: its place, its layer, and its values as they are written.

    It is the same for an Asset that was made of a text, of its values, or of parents that stand for them.
    """
    with TimeBudget(context.pool.limits):
        template = context.view_of(info).template
        texts = texts_of(info, template, Hierarchy.of(context.hierarchy).text)
        leaves = leaf_texts(texts, template, context.patterns)
    given = {name: text for name, text in texts.items() if name not in leaves and from_children(name, leaves, template) != text}
    return tuple(context.hierarchy), context.assignment, frozenset((leaves | given).items())
