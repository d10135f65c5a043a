"""Which Context fits this text, or these values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.contexts.context import Context
from ways.contexts.pool import ContextPool, State
from ways.errors import AmbiguousContextError, ContextNotFoundError, ParseError, PatternError, UnresolvedMappingError, WaysError
from ways.hierarchy import Hierarchy
from ways.pattern.compiled import STRICT, WHOLE, PatternCache
from ways.pattern.engines import group_dict
from ways.pattern.matcher import Matcher
from ways.pattern.scan import expand_string
from ways.pattern.solve import find_value
from ways.pattern.template import SEPARATORS, Template
from ways.settings import expand_order, parse_order

#: How well a text fits: ``a`` as a whole and in every value, ``b`` as a whole, ``c`` when split leniently.
TIERS = ("a", "b", "c")
STRICT_TIERS = ("a",)


class Rank(NamedTuple):
    """How much a mapping says; the greatest wins."""

    literal_characters: int
    constrained_tokens: int
    #: Negative: fewer tokens that hold anything are better.
    free_tokens: int


class Candidate(NamedTuple):
    """A Context that a text fits, with the values it would give."""

    context: Context
    values: dict[str, str]
    tier: str
    rank: Rank

    @property
    def hierarchy(self) -> str:
        """The place, as text."""
        return Hierarchy.of(self.context.hierarchy).text

    @property
    def source(self) -> str:
        """Where the mapping is written: sheet, line and column."""
        runs = self.context.view.runs
        return "" if isinstance(runs, WaysError) or not runs else str(runs[-1].plugin.source_of("mapping"))

    def as_dict(self) -> dict[str, Any]:
        """Return the candidate as plain data."""
        return {
            "hierarchy": self.hierarchy,
            "assignment": self.context.assignment,
            "mapping": self.context.get_mapping(),
            "source": self.source,
            "values": dict(self.values),
        }

    def __str__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.values.items()) or "no values"
        layer = f" [{self.context.assignment}]" if self.context.assignment else ""
        return f"{self.hierarchy}{layer} ({self.source}): {values}"


def rank(template: Template) -> Rank:
    """Return how much *template* says. A token that is repeated is fixed by its first place."""
    literal = free = 0
    parents = {name for leaf in template.leaves for name, _ in leaf.owners}
    constrained = sum(template.spec(name).expression("regex") is not None for name in parents)
    seen: set[str] = set()
    for leaf in template.leaves:
        if not leaf.is_token:
            literal += len(leaf.text)
        elif leaf.text in seen or template.spec(leaf.text).expression("regex") is not None:
            constrained += 1
        else:
            free += 1
        seen.add(leaf.text)
    return Rank(literal, constrained, -free)


def read_text(context: Context, text: str, tiers: Sequence[str] = TIERS) -> Candidate:
    """Return what *text* says of a known Context, by the first tier that it fits.

    Where nothing fits, the last tier of all gives no values.

    :raises UnresolvedMappingError: the Context has no mapping.
    :raises ParseError: *text* fits none of *tiers*, and these are not all.
    """
    context.get_mapping()
    template = context.template
    ranked = rank(template)
    for tier in tiers:
        for form in _forms(context, text):
            values = READERS[tier](template, form, context.patterns, context)
            if values is not None:
                return Candidate(context, values, tier, ranked)
    if "c" not in tiers:
        pattern = context.patterns.get(template)
        raise ParseError(text, template.mapping, pattern.reach(text))
    return Candidate(context, {}, "c", ranked)


def _read_strictly(template: Template, text: str, patterns: PatternCache, context: Context) -> dict[str, str] | None:
    return patterns.get(template, STRICT).match(text)


def _read_whole(template: Template, text: str, patterns: PatternCache, context: Context) -> dict[str, str] | None:
    for mode in WHOLE:
        try:
            values = patterns.get(template, mode).match(text)
        except PatternError:
            continue
        if values is not None:
            return values
    return None


def _read_leniently(template: Template, text: str, patterns: PatternCache, context: Context) -> dict[str, str] | None:
    """Split as Ways 0.1 did: the mapping or its composed regex, at its literals or by matching its start."""
    patterns_of: Mapping[str, Callable[[], str]] = {
        "default": lambda: template.leaf_mapping,
        "regex": lambda: context.get_str("regex", display_tokens=True),
    }
    engines: Mapping[str, Callable[[str, str], dict[str, str]]] = {"default": _split, "regex": group_dict}
    order = [name for name in expand_order() if name in engines]
    for pattern in order:
        for engine in order:
            values = engines[engine](patterns_of[pattern](), text)
            if values:
                return values
    return None


def _forms(context: Context, text: str) -> Iterator[str]:
    """Yield *text*, and for a file path also *text* without one separator at its end."""
    yield text
    if len(text) > 1 and text[-1] in context.template.separators and context.is_path():
        yield text[:-1]


def _split(pattern: str, text: str) -> dict[str, str]:
    try:
        return expand_string(pattern, text)
    except ValueError:
        return {}


Reader = Callable[[Template, str, PatternCache, Context], "dict[str, str] | None"]
READERS: Mapping[str, Reader] = {"a": _read_strictly, "b": _read_whole, "c": _read_leniently}


class Finder:
    """Finds the Context of a text or of values, in one state of the world."""

    def __init__(self, pool: ContextPool, state: State, assignment: str = "") -> None:
        self._pool = pool
        self._state = state
        # Contexts over all assignments with priority come first; those of other assignments serve where these don't.
        groups = (self._bearing(assignment),) if assignment else (self._bearing(""), self._aside())
        self._groups = [list(group) for group in groups]
        self._matchers = [Matcher([(context.template, context) for context in group]) for group in self._groups]

    @classmethod
    def of(cls, pool: ContextPool, assignment: str = "") -> Finder:
        """Return the finder of this moment, made once for each state.

        :param assignment: look at the Contexts of this layer alone, rather than at all.
        """
        state = pool.state()
        held = state.extras.get(f"finder:{assignment}")
        if held is None:
            held = state.extras[f"finder:{assignment}"] = cls(pool, state, assignment)
        found: Finder = held
        return found

    @property
    def contexts(self) -> list[Context]:
        """Every Context that a text may be found to be of."""
        return [context for group in self._groups for context in group]

    def find_text(self, text: str, tiers: Sequence[str] = TIERS) -> Candidate:
        """Return the one Context that *text* fits best, by the first tier in which any does.

        In a tier, more literal characters win, then more constrained tokens, then fewer free ones.

        :raises AmbiguousContextError: several fit equally well; it names them.
        :raises ContextNotFoundError: none fits.
        """
        for tier in tiers:
            for group, matcher in zip(self._groups, self._matchers):
                # The matcher knows the strict tier: in the others a token may hold more than its expression says.
                near = _near(matcher, text) if tier == "a" else group
                found = [candidate for context in near if (candidate := self._read(context, text, tier))]
                if found:
                    return _best(text, found)
        kind = "strictly" if tuple(tiers) == STRICT_TIERS else "even leniently"
        raise ContextNotFoundError(text, (), f"No Context's mapping fits {text!r}, {kind}.")

    def find_values(self, values: Mapping[str, Any], works: Callable[[Context], bool]) -> Context:
        """Return the one Context that takes these values: each is valid, and no required token is left without one.

        :param works: whether an Asset of a Context can be made.
        :raises AmbiguousContextError: several do.
        :raises ContextNotFoundError: none does.
        """
        found = [context for context in self.contexts if self._takes(context, values) and works(context)]
        if len(found) > 1:
            strings = {name: str(value) for name, value in values.items()}
            ranked = [Candidate(context, strings, "a", rank(context.template)) for context in found]
            return _decide(str(dict(values)), ranked).context
        if not found:
            raise ContextNotFoundError(str(dict(values)), (), f"No Context takes the values {dict(values)!r}.")
        return found[0]

    def _aside(self) -> Iterator[Context]:
        known = set(self._state.assignments(""))
        return (context for name in sorted(self._state.snapshot.assignments - known) for context in self._bearing(name))

    def _bearing(self, assignment: str) -> Iterator[Context]:
        """Yield the Contexts whose own plugins bear a mapping that can be read, in the order of registration."""
        resolver = self._state.resolver(assignment)
        aliases = self._state.snapshot.aliases
        for place in self._state.snapshot.places:
            # An alias hides the place it covers, and is found only when it is named.
            if not place or place in aliases or not place.is_legal or not resolver.bears_mapping(place):
                continue
            context = self._pool.get(place, assignment)
            if context is not None and _is_readable(context):
                yield context

    def _read(self, context: Context, text: str, tier: str) -> Candidate | None:
        template = context.template
        try:
            if tier == "c" and not _split(template.mapping, text):
                return None
            read = (READERS[tier](template, form, context.patterns, context) for form in _forms(context, text))
            values = next((values for values in read if values is not None), None)
        except PatternError:
            return None
        return None if values is None else Candidate(context, values, tier, rank(template))

    def _takes(self, context: Context, values: Mapping[str, Any]) -> bool:
        parser = context.get_parser()
        specs = context.template.specs
        try:
            return all(parser.is_valid(name, value) for name, value in values.items() if name in specs)
        except PatternError:
            return False


def _near(matcher: Matcher[Context], text: str) -> Iterable[Context]:
    """Return the Contexts that *text* may fit, with or without one separator at its end."""
    if text[-1:] not in SEPARATORS:
        return matcher.candidates(text)
    return dict.fromkeys((*matcher.candidates(text), *matcher.candidates(text[:-1])))


def _is_readable(context: Context) -> bool:
    try:
        return bool(context.get_mapping()) and context.template.leaves is not None
    except (UnresolvedMappingError, PatternError, WaysError):
        return False


def _best(text: str, found: list[Candidate]) -> Candidate:
    best = max(candidate.rank for candidate in found)
    equal = [candidate for candidate in found if candidate.rank == best]
    return equal[0] if len(equal) == 1 else _decide(text, equal)


def _decide(text: str, equal: list[Candidate]) -> Candidate:
    """Return the only one whose values fit their tokens, by the engines of WAYS_PARSERS."""
    valid = [candidate for candidate in equal if _is_valid(candidate)]
    if len(valid) == 1:
        return valid[0]
    raise AmbiguousContextError(text, valid or equal)


def _is_valid(candidate: Candidate) -> bool:
    parser = candidate.context.get_parser()
    template, patterns = candidate.context.template, candidate.context.patterns
    # The mapping's own tokens count, parents too: their values are told by what the text was split into.
    named = {name: find_value(name, candidate.values, template, patterns) for name in template.tokens}
    values = {**candidate.values, **{name: value for name, value in named.items() if value}}
    return all(parser.is_valid(name, value, engine) for engine in parse_order() for name, value in values.items())
