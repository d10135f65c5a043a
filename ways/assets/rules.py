"""Rules: what the values of an Asset obey in a strict place, so that the text which is written is read as the same values.

A value is known to the mapping, fits its token and agrees with the others; none is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ways.assets.missing import missing_strictly
from ways.contexts.context import Context
from ways.contexts.view import ResolvedContext
from ways.errors import (
    AmbiguousContextError,
    FormatError,
    MissingTokensError,
    PatternError,
    TokenValueError,
    UnknownTokenError,
    WaysError,
)
from ways.limits import check_values
from ways.pattern.pattern import PatternCache
from ways.pattern.safety import is_safe_value
from ways.pattern.solve import find_value, from_children, text_or_raise
from ways.pattern.template import Template
from ways.pattern.token import TokenSpec, reason_of
from ways.regex.budget import TimeBudget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple


def texts_by_rules(
    context: Context,
    view: ResolvedContext,
    values: Mapping[str, Any],
    *,
    forced: Collection[str] = (),
    needs_all: bool = True,
) -> dict[str, str]:
    """Return *values* as they are written, if they obey the rules of a place; ``None`` and ``""`` stand for no value.

    :param view: the variant of *context* that the values select.
    :param forced: tokens whose values need not fit.
    :param needs_all: whether each required token needs a value.
    :raises UnknownTokenError: neither the mapping nor its details have such a token.
    :raises TokenValueError: a value doesn't fit its token, or contradicts another.
    :raises MissingTokensError: a required token has no value.
    :raises ContextNotFoundError: a refresh took the place away.
    :raises UnresolvedMappingError: the place has no mapping.
    """
    with TimeBudget(context.pool.limits):
        view.refuse_if_gone()
        view.get_mapping()
        rules = Rules(view, context.patterns)
        for name, broken in rules.broken(values, forced):
            raise broken
        texts = rules.texts(values)
        if needs_all and (missing := missing_strictly(view, texts, context.patterns)):
            raise MissingTokensError(missing, rules.place)
        return texts


def broken_rules(context: Context, view: ResolvedContext, values: Mapping[str, Any]) -> list[WaysError]:
    """Return an error for each rule of a place that *values* break, but that none may be missing; ``[]`` if that can't be told."""
    try:
        with TimeBudget(context.pool.limits):
            variant = view.variant_of(values, context.patterns)
            pattern, tokens = variant.strict_pattern(context.patterns), variant.template.leaf_tokens
            # Takes a microsecond for plain values.
            if all(name in tokens and type(value) is str and pattern.fits(name, value) for name, value in values.items()):
                return []
            return [error for _, error in Rules(variant, context.patterns).broken(values)]
    except WaysError:
        return []


class Rules:
    """What one variant of a place asks of values.

    :param patterns: the compiled patterns of the session.
    """

    def __init__(self, view: ResolvedContext, patterns: PatternCache) -> None:
        self._view = view
        self._template: Template = view.template
        self._patterns = patterns
        self._pattern = view.strict_pattern(patterns)
        self.place = view.hierarchy.text

    def texts(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Return *values* as they are written; what stands for no value is left out.

        :raises TokenValueError: a token's format can't write its value.
        """
        texts = {name: self._text(name, value) for name, value in values.items() if value is not None}
        return {name: text for name, text in texts.items() if self._is_value(name, text)}

    def _is_value(self, name: str, text: str) -> bool:
        """Whether *text* is a value: an empty one is only where it fits the token."""
        return bool(text) or self._template.spec(name).may_be_empty

    def _text(self, name: str, value: Any) -> str:
        spec = self._template.spec(name)
        try:
            return spec.given_text(value)
        except ValueError:
            return text_or_raise(spec, value, TokenSpec.given_text, self._view.where(name))

    def broken(self, values: Mapping[str, Any], forced: Collection[str] = ()) -> Iterator[tuple[str, FormatError | PatternError]]:
        """Yield each token whose value breaks a rule, with the error that says which; a missing value breaks none here.

        :param forced: tokens whose values need not fit.
        """
        texts: dict[str, str] = {}
        known = dict.fromkeys((*self._template.all_tokens, *self._template.all_specs))
        for name, value in values.items():
            if name not in known:
                yield name, UnknownTokenError(name, known, self.place)
                continue
            try:
                text = "" if value is None else self._text(name, value)
            except TokenValueError as error:
                yield name, error
                continue
            # Whether a token needs a value is another rule.
            if value is None or name in forced or not self._is_value(name, text):
                continue
            texts[name] = text
            if reason := self.misfit(name, text):
                yield name, TokenValueError(name, text, reason, self._view.where(name))
                del texts[name]
        yield from self._contradictions(texts)

    def misfit(self, name: str, text: str) -> str:
        """Return why *text* can't be the value of a token, as far as it can be told without the other values; else ``""``."""
        template = self._template
        spec = template.spec(name)
        if name in template.leaf_tokens:
            fits = self._pattern.fits(name, text)
        else:
            check = spec.fits()
            fits = check is None or bool(check(text))
        if not fits:
            return reason_of(spec, text)
        if spec.splits and not self._readings(name, text):
            return f"it can't be read as {spec.mapping}"
        if self._view.resolved.path and not is_safe_value(template, name, text):
            return "in a file path no value leads to another folder, unless the token's expression allows it"
        return ""

    def _readings(self, parent: str, text: str) -> list[Mapping[str, str]]:
        """Return the values that *text* gives to the tokens that *parent* is written by, in each way to read it."""
        return [reading.values for reading in self._patterns.get(self._template.part(parent)).readings(text)]

    def _contradictions(self, texts: Mapping[str, str]) -> Iterator[tuple[str, TokenValueError]]:
        """Yield each token whose value is another than a parent's value says."""
        #: The value of each token, and the token whose value says so.
        said = {name: (text, name) for name, text in texts.items()}
        for parent, text in texts.items():
            if not self._template.spec(parent).splits or self._is_written(parent, text, texts):
                continue
            readings = self._readings(parent, text)
            others = [{name: value for name, value in values.items() if name != parent} for values in readings]
            agreeing = [values for values in others if all(said.get(name, (value, ""))[0] == value for name, value in values.items())]
            for name, value in (agreeing or others)[0].items():
                other, by = said.setdefault(name, (value, parent))
                if other != value:
                    reason = f"{parent}, which is {text!r}, makes it {value!r}"
                    if by != name:
                        reason = f"it makes {name} {other!r}; {reason}"
                    reason = f"{reason}; {parent} is set by {self._view.where(parent)}"
                    yield by, TokenValueError(by, texts[by], reason, self._view.where(by))
                    break

    def _is_written(self, parent: str, text: str, texts: Mapping[str, str]) -> bool:
        """Whether the values of its children write *text*."""
        others = {name: value for name, value in texts.items() if name != parent}
        return from_children(parent, others, self._template) == text

    # --- changes

    def changed(self, values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, str]:
        """Return *values* with *changes*: a parent gives its children's values, and a child is written in each of its parents.

        A change to ``None`` or ``""`` takes a value away.

        :param changes: values that break no rule by themselves.
        """
        new = {name: self._text(name, "" if value is None else value) for name, value in changes.items()}
        # What is replaced may be nothing that has a text.
        old = self.texts({name: value for name, value in values.items() if name not in new})
        #: The new values of the tokens that nothing writes; those that were given themselves count before those of parents.
        leaves: dict[str, str] = {}
        for name in sorted(new, key=lambda name: not self._template.spec(name).splits):
            leaves |= self._leaf_values(name, new[name])
        texts: dict[str, str] = {}
        for name in (name for name in dict.fromkeys((*values, *new)) if name in new or name in old):
            if name in new or name in leaves:
                texts[name] = new.get(name, leaves.get(name, ""))
            elif leaves.keys().isdisjoint(own := leaves_of(self._template, name)):
                texts[name] = old[name]
            else:
                known = {leaf: find_value(leaf, old, self._template, self._patterns) for leaf in own} | {
                    leaf: leaves[leaf] for leaf in own if leaf in leaves
                }
                written = from_children(name, known, self._template)
                texts |= {name: written} if written else known
        return {name: text for name, text in texts.items() if self._is_value(name, text)}

    def _leaf_values(self, name: str, text: str) -> dict[str, str]:
        """Return the values that *text*, as the value of a token, gives to the tokens that it is written by in the end."""
        leaves = leaves_of(self._template, name)
        if name in leaves:
            return {name: text}
        # A forced value may have none.
        values = next(iter(self._readings(name, text)), {}) if text else {}
        return {leaf: values.get(leaf, "") for leaf in leaves}


def leaves_of(template: Template, name: str, path: tuple[str, ...] = ()) -> frozenset[str]:
    """Return the tokens that *name* is written by in the end; the token itself, where nothing writes it."""
    if name in path or not template.spec(name).splits:
        return frozenset((name,))
    children = (leaves_of(template, child, (*path, name)) for child in template.children(name))
    return frozenset().union(*children) or frozenset((name,))


class Change(NamedTuple):
    """The values after a change, and the variant of their place that they select."""

    texts: dict[str, str]
    view: ResolvedContext


def as_values(values: Any) -> Mapping[str, Any]:
    """Return values by token, given as a mapping or as pairs.

    :raises FormatError: they are something else.
    """
    if isinstance(values, Mapping):
        return values
    try:
        return dict(values.items()) if hasattr(values, "items") else dict(values)
    except (TypeError, ValueError):
        raise FormatError(f"expected a dict or pairs of token and value, found {values!r}") from None


def change_by_rules(
    context: Context,
    values: Mapping[str, Any],
    changes: Mapping[str, Any],
    forced: Collection[str] = (),
    *,
    needs_all: bool = True,
) -> Change:
    """Return the values of an Asset after *changes*, if they obey the rules of the variant that they select.

    :param forced: tokens whose values need not fit, and neither do those of tokens that they write.
    :param needs_all: whether each required token needs a value.
    :raises UnknownTokenError: neither the mapping nor its details have such a token.
    :raises TokenValueError: a value doesn't fit its token, or contradicts another.
    :raises MissingTokensError: a required token has no value left.
    :raises AmbiguousContextError: the values select several variants.
    :raises LimitError: the changes have more characters than a text may have.
    """
    check_values(changes, context.pool.limits)
    with TimeBudget(context.pool.limits):
        base = context.view
        results: list[Change] = []
        first_error: FormatError | PatternError | None = None
        for view in base.variants:
            try:
                texts = _changed_in(view, context.patterns, values, changes, forced)
            except (FormatError, PatternError) as error:
                first_error = first_error or error
                continue
            if view.is_selected(texts, context.patterns):
                results.append(Change(texts, view))
        if not results:
            raise first_error or AmbiguousContextError(str(dict(changes)), base.variants)
        most = max(result.view.condition_count for result in results)
        best = [result for result in results if result.view.condition_count == most]
        if len(best) > 1:
            raise AmbiguousContextError(str(dict(changes)), [result.view for result in best])
        change = best[0]
        template = change.view.template
        unfit = {name for name in change.texts if name in forced or not leaves_of(template, name).isdisjoint(forced)} if forced else ()
        return change._replace(texts=texts_by_rules(context, change.view, change.texts, forced=unfit, needs_all=needs_all))


def _changed_in(
    view: ResolvedContext, patterns: PatternCache, values: Mapping[str, Any], changes: Mapping[str, Any], forced: Collection[str]
) -> dict[str, str]:
    rules = Rules(view, patterns)
    for name, broken in rules.broken(changes, forced):
        raise broken
    return rules.changed(values, changes)
