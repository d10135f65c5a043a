"""ContextParser: fills the tokens of a Context's mapping."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from ways.contexts.filling import KnownFilling
from ways.contexts.view import LiveContext, ResolvedContext
from ways.errors import FormatError, TokenCycleError, UnknownEngineError, UnknownTokenError
from ways.limits import check_length
from ways.pattern.pattern import PatternCache
from ways.pattern.fill import Filling, asks_environment, compose, fill
from ways.pattern.scan import scan, token_names
from ways.pattern.solve import find_value, from_parent
from ways.pattern.template import Template
from ways.pattern.token import TokenSpec
from ways.regex.budget import TimeBudget
from ways.settings import ReadableEnviron

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The engines that can check a value.
VALIDATING_ENGINES = ("regex",)


class ContextParser:
    """Holds values for the tokens of one Context's mapping, and fills the mapping. Use it in one thread only."""

    def __init__(self, context: LiveContext) -> None:
        self.context = context
        self._view: ResolvedContext | None = None
        self._values: dict[str, Any] = {}

    @classmethod
    def of(cls, context: LiveContext, view: ResolvedContext) -> ContextParser:
        """Return a parser of one variant of a Context."""
        parser = cls(context)
        parser._view = view
        return parser

    @property
    def view(self) -> ResolvedContext:
        """The Context at this moment, or the variant that this parser was made for."""
        return self._view or self.context.view

    @property
    def template(self) -> Template:
        """The Context's parsed mapping; an empty one if the Context has none."""
        return self.view.template

    @property
    def _patterns(self) -> PatternCache:
        return self.context.patterns

    def get_str(
        self,
        resolve_with: str | Iterable[str] = "",
        depth: int = -1,
        holdout: str | Iterable[str] | None = None,
        groups: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None,
        display_tokens: bool = False,
    ) -> str:
        """Return the mapping, filled as far as possible.

        :param resolve_with: engines in order; the first that knows a token fills it: ``('env', 'regex')``.
        :param depth: rounds of filling and expanding; -1 for as many as needed, 0 for the mapping itself.
        :param holdout: tokens to leave as they are.
        :param groups: values by token, which take precedence over the engines and the values of this parser.
        :param display_tokens: write each value as a named group, ``(?P<TOKEN>value)``.
        :raises ValueError: a token in *holdout* has a value, or *groups* is neither a dict nor pairs.
        :raises UnresolvedMappingError: the Context has no mapping.
        :raises TokenValueError: the mapping is a file path, and a value isn't allowed in one.
        :raises LimitError: a value, or the text, is longer than any text may be.
        """
        return self.filled(resolve_with, depth, holdout, groups, display_tokens)

    def filled(
        self,
        resolve_with: str | Iterable[str] = "",
        depth: int = -1,
        holdout: str | Iterable[str] | None = None,
        groups: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None,
        display_tokens: bool = False,
        drops: bool = False,
    ) -> str:
        """Return the mapping, filled as by :meth:`get_str`.

        :param drops: leave an optional part out if one of its tokens has no value.
        """
        values = {**self._values, **as_groups(groups)}
        held_out = frozenset((holdout,) if isinstance(holdout, str) else holdout or ())
        if both := sorted(held_out.intersection(values)):
            raise FormatError(f"{', '.join(both)}: a token can't be held out and be given a value at once.")
        engines = (resolve_with,) if isinstance(resolve_with, str) else tuple(resolve_with)
        view = self.view
        mapping = view.get_mapping()
        if not depth:
            return mapping
        limits = self.context.pool.limits
        for value in values.values():
            check_length(len(value) if isinstance(value, str) else 0, limits)
        path_of = str(self.context) if values and view.resolved.path else ""
        environ = environ_of(view, self.context.pool.settings.overrides) if asks_environment(engines) else {}
        filling = Filling(engines, values, held_out, environ, display_tokens, drops, path_of)
        known = None if values or isinstance(environ, ReadableEnviron) else _known_filling(view, filling, depth)
        if known is not None:
            return known.text()
        text = fill(view.template.pieces, view.template, filling, depth)
        # A mapping as it stands, and expressions in it, have limits of their own.
        if values or environ:
            check_length(len(text), limits)
        return text

    @classmethod
    def resolve_with_tokens(
        cls,
        mapping: str,
        tokens: Iterable[str],
        details: Mapping[str, Any],
        options: Iterable[str],
        groups: Mapping[str, Any],
        display_tokens: bool = False,
    ) -> str:
        """Return *mapping* with one round of filling for *tokens*, by the engines in *options*, without expanding.

        The mapping is your own, so the engine ``env`` reads the variable of any of its tokens.
        """
        wanted = set(tokens)
        specs = {name: TokenSpec.of(name, {**entry, "mapping": ""}) for name, entry in details.items()}
        others = frozenset(token_names(mapping)) - wanted
        filling = Filling(tuple(options), groups, others, os.environ, display_tokens)
        return fill(scan(mapping), Template("", specs), filling, 1)

    def get_mapping_details(self) -> Iterator[dict[str, Any]]:
        """Yield the details of the tokens: the Context's merged ones."""
        yield self.get_all_mapping_details()

    def get_all_mapping_details(self) -> dict[str, Any]:
        """Return the details of every token, by token."""
        return self.view.get_mapping_details()

    def get_tokens(self, required_only: bool = False) -> list[str]:
        """Return the tokens that have details; with *required_only*, only those that an Asset needs."""
        return self.get_required_tokens() if required_only else list(self.template.specs)

    def get_required_tokens(self) -> list[str]:
        """Return the tokens that have details without ``required: false``."""
        return [name for name, spec in self.template.specs.items() if spec.required]

    def get_child_tokens(self, token: str) -> list[str]:
        """Return the tokens in a token's own mapping; ``[]`` for none."""
        return self.template.children(token)

    def get_token_parse(self, name: str, parse_type: str) -> Any:
        """Return a token's expression as written in the sheet, or one joined from its children's, or ``''``."""
        template = self.template
        own = template.spec(name).parse.get(parse_type)
        return compose(template, name, parse_type) or "" if own is None else own

    def is_valid(self, token: str, value: Any, resolve_with: str = "regex") -> bool:
        """Whether the whole *value* fits a token; true for a token without an expression.

        :raises UnknownEngineError: the engine isn't ``regex``.
        :raises PatternError: the token's expression isn't a valid regular expression.
        :raises LimitError: the value is longer than any text may be.
        """
        if resolve_with not in VALIDATING_ENGINES:
            raise UnknownEngineError(resolve_with, VALIDATING_ENGINES)
        template = self.template
        spec = template.spec(token)
        fits = spec.fits()
        try:
            text = spec.text(value)
        except ValueError:
            return False
        check_length(len(text), self.context.pool.limits)
        with TimeBudget(self.context.pool.limits):
            if fits is not None and not fits(text):
                return False
            if not spec.splits or compose(template, token, "regex", own=False) is None:
                return True
            return bool(self._patterns.get(template.part(token)).readings(text))

    def get_value_from_parent(self, name: str, parent: str, parse_type: str = "regex") -> str:
        """Return the value of *name* within this parser's value of *parent*; ``''`` if it doesn't fit.

        :raises UnknownTokenError: this parser has no value for *parent*.
        """
        with TimeBudget(self.context.pool.limits):
            return from_parent(name, parent, str(self[parent]), self.template, self._patterns)

    def find_value(self, name: str) -> str:
        """Return the value of a token: its own, or one found from its parents or children; otherwise ``''``."""
        with TimeBudget(self.context.pool.limits):
            return find_value(name, self._values, self.template, self._patterns)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __getitem__(self, key: str) -> Any:
        if key not in self._values:
            raise UnknownTokenError(key, self._values)
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._values[key] = value


def environ_of(view: ResolvedContext, overrides: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables that may fill the tokens of a Context.

    These are all of them where trusted sheets wrote its mapping; else those of tokens that a trusted sheet writes, and those
    that WAYS_ENV_ALLOW names.

    :param overrides: the values that the session has in the place of variables.
    """
    own = view.provenance.trusted_tokens
    return os.environ if own is None else ReadableEnviron(own, overrides)


def _known_filling(view: ResolvedContext, filling: Filling, depth: int) -> KnownFilling | None:
    """Return the known texts of a filling; ``None`` if it depends on the variables whether there is one."""
    key = (filling.engines, filling.holdout, depth, filling.display, filling.drops)
    known = view.fillings.get(key)
    if known is None:
        try:
            known = KnownFilling(view.template, filling, depth)
        except TokenCycleError:
            return None
        if len(view.fillings) >= KnownFilling.LIMIT:
            view.fillings.clear()
        view.fillings[key] = known
    return known


def as_groups(groups: Mapping[str, Any] | Iterable[tuple[str, Any]] | None) -> dict[str, Any]:
    """Return values by token, given as a mapping, as pairs or not at all.

    :raises ValueError: they are something else.
    """
    try:
        return dict(groups or {})
    except (TypeError, ValueError):
        raise FormatError(f"groups: expected a dict, or pairs of token and value, found {groups!r}") from None
