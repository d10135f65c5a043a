"""Checks of tokens: unused details, missing expressions, neighbours, braces, references, engines and conditions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ways.check.findings import Finding
from ways.check.scope import CheckScope, source_of_mapping, source_of_token, template_of, written_mappings
from ways.contexts.view import ResolvedContext
from ways.errors import WaysError, caret, did_you_mean, nearest
from ways.pattern.fill import ENVIRONMENT_ENGINES
from ways.pattern.scan import token_names
from ways.pattern.template import REFERENCE, Leaf, Template
from ways.plugins.plugin import DataPlugin
from ways.sheets.document import Source
from ways.sheets.schema import PLUGIN_KEYS, TOKEN_KEYS

#: Stands in a mapping for that of a parent.
_ROOT = "root"
#: A token without an expression is reported if at least so many others of its mapping have one.
_ENOUGH_OTHERS = 2
_BRACES = re.compile(r"\{[^{}]+\}|([{}])")
#: The engines of expressions: keys of ``parse``.
ENGINES = frozenset({"regex", "glob", "format", *ENVIRONMENT_ENGINES})
#: Those that are no keys of a token: written a level too high they are ignored.
MISPLACED = ENGINES - {"format"}


def check_unused(scope: CheckScope) -> Iterator[Finding]:
    """Yield the details of each token that stands in no mapping of any place that inherits them."""
    used: dict[int, set[str]] = {}
    for place in scope.places:
        # Every plugin that may count at the place, on any layer and platform.
        dependencies = scope.resolver_of_all.dependencies(scope.state.snapshot.resolve_alias(place))
        seen = [plugin for other in dependencies for plugin in scope.resolver_of_all.plugins_at(other)]
        tokens = _tokens_used(seen)
        for plugin in seen:
            used.setdefault(id(plugin.record or plugin), set()).update(tokens)
    for plugin in scope.records:
        there = used.get(id(plugin.record or plugin), set())
        for token in plugin.mapping_details:
            if token in there:
                continue
            close = nearest(token, there - {_ROOT, *plugin.mapping_details})
            if close:
                help = f"Did you mean {close!r}, which has none?"
            elif token in TOKEN_KEYS or token in ENGINES or token in PLUGIN_KEYS:
                help = f"{token!r} looks like a key: is it indented as it should be?"
            else:
                help = "Remove them, or use the token in a mapping."
            message = f"details of the token {token!r}, which no mapping has at {plugin.hierarchy.text!r} or below"
            yield Finding("unused-details", "warning", plugin.source_of("mapping_details", token), message, help)


def _tokens_used(plugins: Iterable[DataPlugin]) -> set[str]:
    """Return the tokens in the mappings of *plugins*, those in the mappings of these tokens, and those made of them all."""
    inner: dict[str, set[str]] = {}
    used: set[str] = set()
    for plugin in plugins:
        used.update(_names(plugin.mapping))
        used.update(plugin.when)
        for name, entry in plugin.mapping_details.items():
            inner.setdefault(name, set()).update(_names(str(entry.get("mapping") or "")))
    while True:
        below = {name for token in used for name in inner.get(token, ())}
        # A token that is made of tokens with values has a value too, and may be given instead of them.
        above = {token for token, names in inner.items() if names and names <= used}
        if below | above <= used:
            return used
        used |= below | above


def _names(mapping: str) -> Iterator[str]:
    for name in token_names(mapping):
        yield name
        yield name.partition(":")[0].removeprefix(REFERENCE)


def check_neighbours(scope: CheckScope) -> Iterator[Finding]:
    """Yield each two tokens without an expression that may stand side by side."""
    for view, template in scope.templates:
        for left, right in _neighbours(template.leaves):
            if not template.spec(left).is_constrained and not template.spec(right).is_constrained:
                message = f"the tokens {left} and {right} stand side by side, and neither has an expression"
                help = f"Nothing says where {left} ends: give one of them an expression, or put text between them."
                yield Finding("adjacent-tokens", "warning", source_of_mapping(view, right), message, help)


def _neighbours(leaves: tuple[Leaf, ...]) -> Iterator[tuple[str, str]]:
    """Yield each two tokens with nothing between them, or only what may lack while both are there."""
    for number, left in enumerate(leaves):
        between: list[Leaf] = []
        for right in leaves[number + 1 :] if left.is_token else ():
            if right.is_token and all(set(leaf.options).difference(left.options, right.options) for leaf in between):
                yield left.text, right.text
            between.append(right)
            if set(right.options) <= set(left.options):
                break


def check_undescribed(scope: CheckScope) -> Iterator[Finding]:
    """Yield each token without an expression, if it is the only one of its mapping."""
    reported: set[tuple[Source, str]] = set()
    for view, template in scope.templates:
        free = [name for name in template.leaf_tokens if not template.spec(name).is_constrained]
        if len(free) != 1 or len(template.leaf_tokens) - 1 < _ENOUGH_OTHERS:
            continue
        token = free[0]
        details = view.resolved.mapping_details
        source = source_of_token(view, token) if token in details else source_of_mapping(view, token)
        if (source, token) not in reported:
            reported.add((source, token))
            close = "" if token in details else nearest(token, details, cutoff=0.8)
            help = f"Did you mean {close!r}?" if close else "Every other token of its mapping has an expression: give it one too."
            message = f"nothing says what the token {token!r} may hold, so it takes any text"
            yield Finding("undescribed-token", "warning", source, message, help)


def check_braces(scope: CheckScope) -> Iterator[Finding]:
    """Yield each brace of a mapping without a partner. It is read as text."""
    for plugin in scope.records:
        for keys, mapping in written_mappings(plugin):
            for match in _BRACES.finditer(mapping):
                if match[1]:
                    message = f"a {match[1]} without a partner in the mapping: it is taken as text"
                    help = "Write a token as {NAME}."
                    excerpt = caret(mapping, match.span(1))
                    yield Finding("stray-brace", "error", plugin.source_of(*keys), message, help, excerpt=excerpt)
                    break


def check_references(scope: CheckScope) -> Iterator[Finding]:
    """Yield each ``{@NAME}`` that refers to nothing. It is read as a token of that name."""
    reported: set[tuple[Source, str]] = set()
    for view, template in scope.templates:
        for token in template.leaf_tokens:
            source = source_of_mapping(view, token)
            if not token.startswith(REFERENCE) or token in template.specs or (source, token) in reported:
                continue
            reported.add((source, token))
            name = token.removeprefix(REFERENCE)
            tokens = [other for other, spec in template.specs.items() if spec.mapping]
            close = nearest(name, [*tokens, *(place.text for place in scope.places)])
            message = f"{{{token}}} refers to nothing: {name!r} is no token with a mapping, and no place; it is a token of that name"
            help = f"Did you mean {{{REFERENCE}{close}}}?" if close else "Name a token that has a mapping, or a place."
            yield Finding("unknown-reference", "warning", source, message, help)


def check_token_keys(scope: CheckScope) -> Iterator[Finding]:
    """Yield each engine that stands beside ``parse`` instead of in it, and each key of ``parse`` that is spelled nearly like an engine."""
    for plugin in scope.records:
        for name, entry in plugin.mapping_details.items():
            for key in sorted(MISPLACED.intersection(entry)):
                message = f"{key!r} stands beside the keys of the token {name!r}, where it says nothing"
                source = plugin.source_of("mapping_details", name, key)
                yield Finding("misplaced-key", "warning", source, message, "Put it under 'parse'.")
            for engine in entry.get("parse") or {}:
                close = "" if engine in ENGINES else nearest(engine, ENGINES, cutoff=0.75)
                if close:
                    message = f"there is no engine {engine!r}, so the expression of the token {name!r} says nothing"
                    source = plugin.source_of("mapping_details", name, "parse", engine)
                    yield Finding("unknown-engine", "warning", source, message, f"Did you mean {close!r}?")


def check_conditions(scope: CheckScope) -> Iterator[Finding]:
    """Yield each value in a ``when`` that its token can't have."""
    reported: set[Source] = set()
    for view in scope.views:
        template = template_of(view)
        if template is None:
            continue
        for plugin in view.resolved.plugins:
            for token, values in plugin.when.items():
                source = plugin.source_of("when", token)
                if source not in reported and (finding := _condition(view, template, plugin, token, values)) is not None:
                    reported.add(source)
                    yield finding


def _condition(view: ResolvedContext, template: Template, plugin: DataPlugin, token: str, values: Iterable[Any]) -> Finding | None:
    source = plugin.source_of("when", token)
    if token not in template.all_tokens and token not in template.all_specs:
        close = did_you_mean(token, template.all_tokens).strip()
        message = f"the condition asks for the token {token!r}, which the mapping of {view.hierarchy.text!r} hasn't"
        return Finding("impossible-condition", "warning", source, message, close)
    spec = template.spec(token)
    try:
        fits = spec.fits()
        bad = [value for value in values if fits is not None and not fits(spec.text(value))]
    except (WaysError, ValueError):
        return None
    if not bad:
        return None
    texts = [text for _, text in spec.choices]
    message = f"the token {token} can't have the value {bad[0]!r}, so the plugin never takes part for it"
    help = did_you_mean(str(bad[0]), texts).strip() if texts else f"It has to fit {spec.own_expression or spec.format!r}."
    return Finding("impossible-condition", "error", source, message, help)
