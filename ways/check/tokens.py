"""Checks of tokens: unused details, neighbors, references, engines and conditions."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from ways.check.findings import Finding, Related
from ways.check.scope import CheckScope, other_case, source_of_mapping
from ways.check.shapes import template_of
from ways.contexts.view import ResolvedContext
from ways.errors import WaysError, nearest
from ways.pattern.fill import ENVIRONMENT_ENGINES
from ways.pattern.skeletons import Skeleton
from ways.pattern.template import REFERENCE, Leaf, Template
from ways.plugins.plugin import DataPlugin
from ways.sheets.document import Source
from ways.sheets.schema import ONLY_OF_PLUGINS, PLUGIN_KEYS, TOKEN_KEYS, way_out_of_details

#: Stands in a mapping for that of a parent.
_ROOT = "root"
#: The engines of expressions: keys of ``parse``.
ENGINES = frozenset({"regex", "glob", "format", *ENVIRONMENT_ENGINES})
#: What other tools call an engine -> the engine.
ENGINE_SYNONYMS = {
    **dict.fromkeys(("pattern", "re", "expression", "regular_expression"), "regex"),
    **dict.fromkeys(("wildcard", "fnmatch"), "glob"),
}
#: Those that are no keys of a token: written a level too high they are ignored.
MISPLACED = ENGINES - {"format"}

#: Pairs of tokens side by side that are told of one mapping, and optional parts between two that are looked at.
MOST_NEIGHBORS = 50


def check_unused(scope: CheckScope) -> Iterator[Finding]:
    """Yield the details of each token that stands in no mapping of any place that inherits them."""
    for (_, token), (plugin, there) in scope.unused_details.items():
        if any(name != token and name.strip() == token for name in there):
            # It is the token with spaces around its name that is wrong.
            continue
        close = scope.nearest(token, there - {_ROOT, *plugin.mapping_details})
        entry = plugin.mapping_details[token]
        if close:
            help = f"Did you mean {close!r}, which has none?{other_case(token, close)}"
        elif "mapping" in entry and not plugin.mapping:
            # Indented too deep, or below the table of the token in TOML.
            help = f"Is the 'mapping' meant for the plugin, which has none? Then {way_out_of_details(plugin.source.format)}"
        elif moved := ", ".join(repr(key) for key in entry if key in ONLY_OF_PLUGINS):
            help = f"Keys of the plugin stand in them: {moved}. See whether its mapping does too."
        elif token in TOKEN_KEYS or token in ENGINES or token in PLUGIN_KEYS:
            help = f"{token!r} looks like a key: is it indented as it should be?"
        else:
            help = "Remove them, or use the token in a mapping."
        message = f"details of the token {token!r}, which no mapping has at {plugin.hierarchy.text!r} or below"
        related = _place_of(scope, close)
        yield Finding("unused-details", "warning", plugin.source_of("mapping_details", token), message, help, related)


def _place_of(scope: CheckScope, token: str) -> tuple[Related, ...]:
    """Return the first mapping that has a token; none for no token."""
    if token not in scope.mappings_with:
        return ()
    plugin, keys = scope.mappings_with[token]
    return (Related(scope.exact(plugin.source_of(*keys), f"{{{token}}}", 1), f"the mapping with {{{token}}}"),)


def check_neighbors(scope: CheckScope) -> Iterator[Finding]:
    """Yield each two tokens without an expression that may stand side by side; of one mapping, some of them."""
    for view, template in scope.with_fault(lambda template: bool(_free_neighbors(template))):
        for left, right in _free_neighbors(template):
            message = f"the tokens {left} and {right} stand side by side, and neither has an expression"
            help = f"Nothing says where {left} ends: give one of them an expression, or put text between them."
            yield Finding("adjacent-tokens", "warning", source_of_mapping(view, right), message, help)


def _free_neighbors(template: Template) -> list[tuple[str, str]]:
    free = {name for name in template.leaf_tokens if not template.spec(name).is_constrained}
    return list(itertools.islice((pair for pair in _neighbors(template.leaves) if free.issuperset(pair)), MOST_NEIGHBORS)) if free else []


def _neighbors(leaves: tuple[Leaf, ...]) -> Iterator[tuple[str, str]]:
    """Yield each two tokens with nothing between them, or only what may lack while both are there."""
    options = [frozenset(leaf.options) for leaf in leaves]
    for number, left in enumerate(leaves):
        # Of what stands between them, in which optional parts it is that the first token is not in.
        between: dict[frozenset[int], None] = {}
        for right, there in zip(leaves[number + 1 :], options[number + 1 :]) if left.is_token else ():
            if right.is_token and all(inner - there for inner in between):
                yield left.text, right.text
            if there <= options[number]:
                break
            between[there - options[number]] = None
            if len(between) >= MOST_NEIGHBORS:
                break


def check_references(scope: CheckScope) -> Iterator[Finding]:
    """Yield each ``{@NAME}`` that refers to nothing. It is read as a token of that name."""
    reported: set[tuple[Source, str]] = set()
    for view, template in scope.with_fault(lambda template: bool(_unknown_references(template))):
        for token in _unknown_references(template):
            source = source_of_mapping(view, token)
            if (source, token) in reported:
                continue
            reported.add((source, token))
            name = token.removeprefix(REFERENCE)
            tokens = [other for other, spec in template.specs.items() if spec.mapping]
            close = scope.nearest(name, [*tokens, *scope.legal_names])
            message = f"{{{token}}} refers to nothing: {name!r} is no token with a mapping, and no place; it is a token of that name"
            help = "Name a token that has a mapping, or a place."
            help = f"Did you mean {{{REFERENCE}{close}}}?{other_case(name, close)}" if close else help
            yield Finding("unknown-reference", "warning", source, message, help)


def _unknown_references(template: Template) -> list[str]:
    return [token for token in template.leaf_tokens if token.startswith(REFERENCE) and token not in template.specs]


def check_token_keys(scope: CheckScope) -> Iterator[Finding]:
    """Yield each engine that stands beside ``parse`` instead of in it, and each key of ``parse`` that is spelled nearly like an engine."""
    for plugin in scope.records:
        for name, entry in plugin.mapping_details.items():
            for key in sorted(MISPLACED.intersection(entry)):
                message = f"{key!r} is next to the keys of the token {name!r}, where it has no effect"
                source = plugin.source_of("mapping_details", name, key)
                yield Finding("misplaced-key", "warning", source, message, "Put it under 'parse'.")
            for engine in entry.get("parse") or {}:
                close = "" if engine in ENGINES else ENGINE_SYNONYMS.get(engine) or nearest(engine, ENGINES, cutoff=0.75)
                if close:
                    message = f"there is no engine {engine!r}, so the expression of the token {name!r} says nothing"
                    source = plugin.source_of("mapping_details", name, "parse", engine)
                    yield Finding("unknown-engine", "warning", source, message, f"Did you mean {close!r}?")


def check_conditions(scope: CheckScope) -> Iterator[Finding]:
    """Yield each value in a ``when`` that its token can't have."""
    reported: set[Source] = set()
    # The plugins with which nothing is wrong where a mapping has some skeleton.
    sound: set[tuple[Skeleton | None, DataPlugin]] = set()
    for view in scope.views if scope.state.snapshot.conditional else ():
        skeleton = scope.shapes.skeleton(view)
        conditional = [plugin for plugin in view.resolved.plugins if plugin.when and (skeleton, plugin) not in sound]
        template = template_of(view) if conditional else None
        if template is None:
            continue
        for plugin in conditional:
            found = [_condition(scope, view, template, plugin, token, values) for token, values in plugin.when.items()]
            if skeleton is not None and not any(found):
                sound.add((skeleton, plugin))
            for finding in filter(None, found):
                if finding.source not in reported:
                    reported.add(finding.source)
                    yield finding


def _condition(
    scope: CheckScope, view: ResolvedContext, template: Template, plugin: DataPlugin, token: str, values: Iterable[Any]
) -> Finding | None:
    source = plugin.source_of("when", token)
    if token not in template.all_tokens and token not in template.all_specs:
        close = scope.did_you_mean(token, template.all_tokens)
        message = f"the condition asks for the token {token!r}, which the mapping of {view.hierarchy.text!r} hasn't"
        return Finding("impossible-condition", "warning", source, message, close)
    spec = template.spec(token)
    try:
        fits = spec.fits()
        texts_of = list(spec.texts(values))
        if any(text is None for _, text in texts_of):
            return None
        bad = [value for value, text in texts_of if fits is not None and not fits(text or "")]
    except (WaysError, ValueError):
        return None
    if not bad:
        return None
    texts = [text for _, text in spec.choices]
    message = f"the token {token} can't have the value {bad[0]!r}, so the plugin never applies for it"
    help = scope.did_you_mean(str(bad[0]), texts) if texts else f"It has to fit {spec.own_expression or spec.format!r}."
    return Finding("impossible-condition", "error", source, message, help)
