"""Values to text, strictly: what is written would be read as the same values again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from ways.assets.reading import new_record, readings_in
from ways.contexts.context import Context
from ways.contexts.view import ResolvedContext
from ways.errors import (
    AmbiguousContextError,
    FormatError,
    MatchTimeoutError,
    PatternError,
    TokenValueError,
    UnknownTokenError,
    WaysError,
)
from ways.hierarchy import Hierarchy
from ways.limits import check_length, check_values
from ways.logs import ASSETS, WARNING, log
from ways.pattern.pattern import Pattern, PatternCache
from ways.regex.budget import TimeBudget
from ways.pattern.safety import check_path, path_parts
from ways.pattern.solve import find_value, from_children, texts_of, with_defaults
from ways.pattern.template import SEPARATORS, Template
from ways.pattern.token import TokenSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple


_NOBODY: Sequence[Callable[[str], object]] = ()


class Written(NamedTuple):
    """Values of the leaf tokens, as texts; the match of the text that they have, and the pattern that it is of."""

    values: dict[str, Any]
    match: re.Match[str]
    pattern: Pattern


def written_at_once(context: Context, view: ResolvedContext, values: dict[str, Any]) -> Written | None:
    """Return the text of these values, if they obey the rules of a place, and it is surely read as them again; else ``None``."""
    pattern, others = view.pattern, _NOBODY
    if pattern is None and view.conditions and (writer := view.writer_of(values, context.patterns)) is not None:
        pattern, others = writer
    if pattern is None:
        try:
            pattern = context.pattern_of(view)
        except PatternError:
            return None
        if pattern is None:
            return None
    texts: dict[str, Any] | None = values
    match = pattern.match_of(values)
    if match is None:
        texts = pattern.texts_of(values)
        match = None if texts is None else pattern.match_of(texts)
    if match is None or texts is None or not (pattern.is_safe is None or pattern.is_safe(match.string)):
        return None
    if others:
        text = match.string
        # With a separator at its end, or with a value that may be dots alone, more is to be looked at.
        if text[-1:] in SEPARATORS or ".." in text or ". " in text:
            return None
        try:
            for read in others:
                if read(text) is not None:
                    return None
        except MatchTimeoutError:
            return None
    return new_record(Written, (texts, match, pattern))


def translated(context: Context, values: Mapping[str, Any], platform: str, view: ResolvedContext | None = None) -> str:
    """Return the text that these values of *context* have on another platform.

    :param view: the state of the Context; if absent, its current one.
    :raises PlatformError: the platform is unknown.
    :raises UnresolvedMappingError: the Context has no mapping there.
    :raises MissingTokensError: its mapping there needs a token that has no value.
    :raises TokenValueError: a value doesn't fit there.
    """
    there = context.view_on(platform) if view is None else context.view_in(view.state.on(platform))
    where = f"{Hierarchy.of(context.hierarchy).text} on {platform}"
    return formatted(context, there.variant_of(values, context.patterns), values, where)


def formatted(context: Context, view: ResolvedContext, values: Mapping[str, Any], where: str) -> str:
    """Return the text that these values have in one view of a place; values that it has no place for are left out.

    :raises UnresolvedMappingError: it has no mapping.
    :raises MissingTokensError: its mapping needs a token that has no value.
    :raises TokenValueError: a value doesn't fit.
    :raises AmbiguousReadingError: the text could be read in other ways, too, and the place doesn't allow it.
    :raises LimitError: the text would be longer than any may be.
    """
    view.get_mapping()
    with TimeBudget(context.pool.limits):
        leaves = leaf_texts(texts_of(values, view.template, where), view.template, context.patterns)
        check_length(sum(map(len, leaves.values())), context.pool.limits)
        text, _ = _read_back(context, view, leaves, where)
        check_length(len(text), context.pool.limits)
    if view.resolved.path:
        check_path(view.template, path_parts(view.template, leaves), where)
    return text


def written(context: Context, values: Mapping[str, Any], view: ResolvedContext | None = None, ambiguous: str = "") -> str:
    """Return the text of *context* that has these values; parents may stand for children, and children for parents.

    :param view: the state of the Context; if absent, its current one.
    :param ambiguous: ``allow`` or ``refuse``: whether the text is written that can be read in other ways, too; as the place
        says, if absent.
    :raises UnresolvedMappingError: the Context has no mapping.
    :raises UnknownTokenError: the mapping has no such token.
    :raises MissingTokensError: a token has no value, and none follows from the others.
    :raises TokenValueError: a value doesn't fit, contradicts another, or would be read otherwise.
    :raises AmbiguousReadingError: the text could be read with other optional parts, too.
    :raises AmbiguousContextError: it could be read as another variant of the place, too.
    :raises LimitError: the text would be longer than any may be.
    :raises MatchTimeoutError: reading the text back takes too long.
    """
    view = context.view if view is None else view
    at_once = written_at_once(context, view, values if type(values) is dict else dict(values))
    if at_once is not None and not at_once.pattern.has_mixed_choices:
        return at_once.match.string
    check_values(values, context.pool.limits)
    with TimeBudget(context.pool.limits):
        view = view.variant_of(values, context.patterns)
        view.refuse_if_gone()
        view.get_mapping()
        where = Hierarchy.of(context.hierarchy).text
        for name in values:
            if name not in view.template.all_tokens:
                raise UnknownTokenError(name, view.template.all_tokens, where)
        try:
            texts = texts_of(values, view.template, where, TokenSpec.given_text)
            return written_by_rules(context, view, texts, ambiguous)
        except TokenValueError as error:
            if error.token not in values:
                # The token that is at fault stands in one that was given.
                raise
            # The rules of the place name the line of the sheet, and both tokens where two contradict each other.
            from ways.assets.rules import broken_rules

            raise next(iter(broken_rules(context, view, values)), error) from error


def written_by_rules(context: Context, view: ResolvedContext, texts: Mapping[str, str], ambiguous: str = "") -> str:
    """Return the text that has these values, which are texts; else as :func:`written`.

    :param view: the variant of *context* that the values select.
    :param texts: may hold values of tokens that do not stand in the mapping, and give those that do.
    """
    view.refuse_if_gone()
    with TimeBudget(context.pool.limits):
        template, patterns = view.template, context.patterns
        where = Hierarchy.of(context.hierarchy).text
        leaves = leaf_texts(texts, template, patterns)
        check_length(sum(map(len, leaves.values())), context.pool.limits)
        try:
            text, read = _read_back(context, view, leaves, where, ambiguous)
            check_length(len(text), context.pool.limits)
            if view.resolved.path:
                check_path(template, path_parts(template, leaves), where)
            for name, value in texts.items():
                if name not in template.all_tokens and from_children(name, read, template) != value:
                    raise TokenValueError(name, value, f"the mapping {template.mapping!r} has no place for it", where)
                if name in template.all_tokens and read.get(name) != value:
                    raise TokenValueError(name, value, f"in {text!r} it would be read as {read.get(name)!r}", where)
        except TokenValueError as error:
            raise TokenValueError(error.token, error.value, error.expression, view.where(error.token)) from None
        return text


def _read_back(
    context: Context, view: ResolvedContext, leaves: Mapping[str, str], where: str, ambiguous: str = ""
) -> tuple[str, Mapping[str, str]]:
    """Return the text of the leaf tokens' values in one variant of a place, and the value of each token in it.

    The text is read as these values alone, unless *ambiguous* or the place allows another reading: then there is a warning.
    That other places read it, too, is no matter here: that is told where it is read.
    """
    pattern = view.strict_pattern(context.patterns)
    is_allowed = (ambiguous or view.ambiguous) == "allow"
    if not is_allowed and not view.conditions:
        return pattern.format_and_read(leaves, where)
    # The other variants of the place read it, too; and of the readings as this one those count that select it.
    text, values = pattern.fill(leaves, where)
    candidates = readings_in(context, view, text)
    given = {name: values.get(name) for name in leaves}
    is_read = any(one.view.variant == view.variant and {name: one.values.get(name) for name in leaves} == given for one in candidates)
    if is_read and len(candidates) == 1:
        return text, values
    error: WaysError = AmbiguousContextError(text, candidates)
    told = error.message
    if not is_read:
        told = f"{text!r} would be read as {'; '.join(map(str, candidates)) or 'nothing'}."
        error = FormatError(f"{where}: {told}")
    if not is_allowed:
        raise error
    log(ASSETS, WARNING, "%s: %s", where, told)
    return text, values


def leaf_texts(texts: Mapping[str, str], template: Template, patterns: PatternCache) -> dict[str, str]:
    """Return the value of each leaf token that has one: given, found by other tokens, or its default."""
    values = {name: find_value(name, texts, template, patterns) for name in template.leaf_tokens}
    # An empty value counts only where it was given as such.
    known = {name: value for name, value in values.items() if value or name in texts}
    parents = {name: value for name, value in with_defaults(texts, template).items() if name not in texts}
    for name in template.leaf_tokens:
        if name not in known and (value := find_value(name, {**texts, **parents}, template, patterns)):
            if name in template.always_tokens:
                known[name] = value
    return known
