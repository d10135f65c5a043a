"""A token's value from its parents or from its children."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

from ways.errors import PatternError
from ways.pattern.compiled import PatternCache
from ways.pattern.engines import group_dict, named_groups
from ways.pattern.scan import expand_string, scan
from ways.pattern.template import Template


def find_value(name: str, values: Mapping[str, str], template: Template, patterns: PatternCache) -> str:
    """Return the value of the token *name*: given, read from a parent, or written by its children; else ``''``.

    Parents are tried in the order of the details, each before its own parents; the first value that is not empty is
    the answer.
    """
    if name in values:
        return values[name]
    return from_parents(name, dict(values), template, patterns) or from_children(name, values, template)


def from_parents(
    name: str,
    values: MutableMapping[str, str],
    template: Template,
    patterns: PatternCache,
    path: tuple[str, ...] = (),
) -> str:
    """Return the value of *name* read from a token that holds it, or ``''``; what is found on the way joins *values*."""
    for parent in template.parents(name):
        if parent in path or parent == name:
            continue
        if parent not in values:
            found = from_parents(parent, values, template, patterns, (*path, name))
            if not found:
                continue
            values[parent] = found
        value = from_parent(name, parent, values[parent], template, patterns)
        if value:
            return value
    return ""


def from_parent(name: str, parent: str, text: str, template: Template, patterns: PatternCache) -> str:
    """Return the value of *name* in *text*, which is the value of its *parent*; ``''`` where it can't be told.

    First as the whole parent reads, then by splitting at its literals, then by its expressions alone.
    """
    text = str(text)
    readers = (_read_whole, _read_by_splitting, _read_by_expressions)
    return next((value for read in readers if (value := read(parent, text, template, patterns).get(name))), "")


def from_children(name: str, values: Mapping[str, str], template: Template, path: tuple[str, ...] = ()) -> str:
    """Return the value of *name* written by the tokens of its mapping, or ``''`` where one of them has none."""
    spec = template.spec(name)
    if not spec.splits or not spec.children or name in path:
        return ""
    parts = []
    for piece in scan(spec.mapping):
        part = piece.text
        if piece.is_token:
            given = values.get(part)
            part = from_children(part, values, template, (*path, name)) if given is None else str(given)
        if not part:
            return ""
        parts.append(part)
    return "".join(parts)


def _read_whole(parent: str, text: str, template: Template, patterns: PatternCache) -> Mapping[str, str]:
    try:
        return patterns.get(template.part(parent)).match_all(text) or {}
    except PatternError:
        return {}


def _read_by_splitting(parent: str, text: str, template: Template, patterns: PatternCache) -> Mapping[str, str]:
    try:
        return expand_string(template.spec(parent).mapping, text)
    except ValueError:
        return {}


def _read_by_expressions(parent: str, text: str, template: Template, patterns: PatternCache) -> Mapping[str, str]:
    try:
        return group_dict(named_groups(template, parent), text)
    except PatternError:
        return {}
