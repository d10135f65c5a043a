"""Missing: which tokens of a mapping have no value, neither given nor out of the values of others."""

from __future__ import annotations

from collections.abc import Mapping

from ways.contexts.context import Context
from ways.contexts.view import ResolvedContext
from ways.pattern.pattern import PatternCache
from ways.pattern.solve import find_value
from ways.pattern.template import Template
from ways.regex.budget import TimeBudget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def needed_tokens(template: Template) -> list[str]:
    """Return the required tokens that a mapping can hold, in the order of their details; all, for an empty mapping.

    Details are inherited, and are best written once near the top: tokens that only deeper places use are not needed here.
    """
    always = template.always_tokens
    return [
        name
        for name, spec in template.all_specs.items()
        if spec.required and spec.default is None and (name in always or not template.mapping)
    ]


def strictly_needed_tokens(template: Template) -> list[str]:
    """Return the tokens that stand outside of every optional part, and are not said to be needless, in the order of the mapping."""
    tokens = [name for name in template.all_tokens if name in template.always_tokens]
    return [name for name in tokens if (spec := template.spec(name)).required and spec.default is None]


def missing_tokens(context: Context, info: Mapping[str, Any], view: ResolvedContext | None = None) -> list[str]:
    """Return the required tokens of a Context's mapping that *info* gives no value, in the order of their details.

    :param view: the state of the Context; if absent, its current one.
    """
    with TimeBudget(context.pool.limits):
        patterns = context.patterns
        template = (context.view_of(info) if view is None else view.variant_of(info, patterns)).template
        return _without_value(needed_tokens(template), info, template, patterns)


def missing_strictly(view: ResolvedContext, texts: Mapping[str, str], patterns: PatternCache) -> list[str]:
    """Return the tokens that a strict place needs and that *texts* give no value: tokens without details count as well.

    :param view: the variant of the place that *texts* select.
    """
    return _without_value(strictly_needed_tokens(view.template), texts, view.template, patterns)


def _without_value(needed: list[str], info: Mapping[str, Any], template: Template, patterns: PatternCache) -> list[str]:
    with TimeBudget():
        values = dict(info) if template.is_plain else {name: value for name, value in info.items() if value is not None}
        missing = set()
        for name in reversed(needed):
            if name in values:
                continue
            value = find_value(name, values, template, patterns)
            if value or is_written(name, values, template):
                values[name] = value
            else:
                missing.add(name)
        return without_waiting([name for name in needed if name in missing], template)


def is_written(name: str, values: Mapping[str, Any], template: Template, path: tuple[str, ...] = ()) -> bool:
    """Whether each token that *name* is written by has a value: theirs may all be empty, and so is its own then."""
    children = template.children(name) if name not in path and template.spec(name).splits else ()
    return bool(children) and all(
        child in values or is_written(child, values, template, (*path, name)) for child in children
    )


def without_waiting(missing: list[str], template: Template) -> list[str]:
    """Return those of *missing* that have to be given: not the ones that only wait for tokens they are written by."""
    return [name for name in missing if not set(missing).intersection(template.children(name)) - {name}]
