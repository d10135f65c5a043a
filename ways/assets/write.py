"""Values to text, strictly: what is written would be read as the same values again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ways.contexts.context import Context
from ways.errors import MissingTokensError, TokenValueError, UnknownTokenError
from ways.hierarchy import Hierarchy
from ways.pattern.solve import find_value


def translated(context: Context, values: Mapping[str, Any], platform: str) -> str:
    """Return the text that these values of *context* have on another platform.

    :raises PlatformError: it is none of the known platforms.
    :raises UnresolvedMappingError: the Context has no mapping there.
    :raises MissingTokensError: its mapping there needs a token that has no value.
    :raises TokenValueError: a value doesn't fit there.
    """
    view = context.view_on(platform)
    if not isinstance(view.mapping, str):
        raise view.mapping
    template, patterns = view.template, context.patterns
    texts = {name: str(value) for name, value in values.items()}
    leaves = {name: find_value(name, texts, template, patterns) for name in template.leaf_tokens}
    where = f"{Hierarchy.of(context.hierarchy).text} on {platform}"
    missing = [name for name, value in leaves.items() if not value and name not in texts]
    if missing:
        raise MissingTokensError(missing, where)
    return patterns.get(template).format(leaves, where)


def written(context: Context, values: Mapping[str, Any]) -> str:
    """Return the text of *context* that has these values; parents may stand for children, and children for parents.

    :raises UnresolvedMappingError: the Context has no mapping.
    :raises UnknownTokenError: the mapping has no such token.
    :raises MissingTokensError: a token has no value, and none can be told from the others.
    :raises TokenValueError: a value doesn't fit, contradicts another, or would be read otherwise.
    """
    context.get_mapping()
    template, patterns = context.template, context.patterns
    for name in values:
        if name not in template.all_tokens:
            raise UnknownTokenError(name, template.all_tokens)
    texts = {name: str(value) for name, value in values.items()}
    leaves = {name: find_value(name, texts, template, patterns) for name in template.leaf_tokens}
    where = Hierarchy.of(context.hierarchy).text
    # An empty value counts only where it was given as such.
    missing = [name for name, value in leaves.items() if not value and name not in texts]
    if missing:
        raise MissingTokensError(missing, where)
    pattern = patterns.get(template)
    text = pattern.format(leaves, where)
    read = pattern.match_all(text) or {}
    for name, value in texts.items():
        if read.get(name) != value:
            raise TokenValueError(name, value, f"in {text!r} it would be read as {read.get(name)!r}", where)
    return text
