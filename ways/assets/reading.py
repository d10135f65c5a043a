"""Reading: the values that a text has in a known Context, by tiers; and the rank of a mapping."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from ways.contexts.context import Context
from ways.contexts.view import ResolvedContext, VariantMismatch
from ways.errors import AmbiguousContextError, MatchTimeoutError, ParseError, PatternError, lines
from ways.hierarchy import Hierarchy
from ways.pattern.pattern import WHOLE, Pattern, TextReading
from ways.regex.budget import TimeBudget
from ways.pattern.scan import expand_string
from ways.pattern.template import SEPARATORS, Template
from ways.settings import expand_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple, TypeAlias
else:
    from ways.lightweight import NamedTuple

#: How well a text fits: ``a`` as a whole and in every value, ``b`` as a whole, ``c`` when split leniently.
TIERS = ("a", "b", "c")
#: Takes only a text that fits as a whole and in every value.
STRICT_TIERS = ("a",)
#: The part of the time of one Context that matching may take in each tier.
SHARES: Mapping[str, float] = {"a": 0.6, "b": 0.3, "c": 0.1}

#: A text, or a path object such as :class:`pathlib.Path` or an Asset, which stands for its text.
PathText: TypeAlias = "str | os.PathLike[str]"

#: Makes a named tuple of a tuple, in half the time of a call of its class.
new_record = tuple.__new__


class Rank(NamedTuple):
    """How much a mapping determines of its texts; the greatest rank wins."""

    literal_characters: int
    constrained_tokens: int
    #: Negative: fewer tokens that hold anything are better.
    free_tokens: int


class Candidate(NamedTuple):
    """A Context that a text fits, with the values that it reads from it."""

    context: Context
    values: dict[str, str]
    tier: str
    rank: Rank
    #: The variant of the Context that the values select.
    view: ResolvedContext

    @property
    def hierarchy(self) -> str:
        """The place, as text."""
        return Hierarchy.of(self.context.hierarchy).text

    @property
    def base_view(self) -> ResolvedContext:
        """What the Context is before its values select a variant, in the state in which it was found."""
        return self.context.view_in(self.view.state)

    @property
    def source(self) -> str:
        """Where the mapping is written: sheet, line and column."""
        source = self.view.provenance.source_of_mapping()
        return "" if source is None else str(source)

    def misfit(self, text: str) -> str:
        """Return why *text* is nothing after all: at a place, :func:`read_text` gives no values where nothing fits; ``""`` if it fits."""
        if self.tier != "c" or self.values:
            return ""
        return f"{text!r} does not fit the mapping of {self.hierarchy}, even leniently."

    def as_dict(self) -> dict[str, Any]:
        """Return the candidate as plain data."""
        return {
            "hierarchy": self.hierarchy,
            "assignment": self.context.assignment,
            "mapping": self.view.get_mapping(),
            "source": self.source,
            "values": dict(self.values),
        }

    def __str__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.values.items()) or "no values"
        layer = f" [{self.context.assignment}]" if self.context.assignment else ""
        return f"{self.hierarchy}{layer} ({self.source}): {values}"


def as_text(text: PathText) -> str:
    """Return the text of a path object; a text as it is."""
    return text if isinstance(text, str) else os.fsdecode(text)


def rank(template: Template, present: frozenset[int] = frozenset()) -> Rank:
    """Return the rank of *template* with these optional parts. A repeated token counts as constrained from its second place on."""
    literal = free = 0
    leaves = [leaf for leaf in template.leaves if not leaf.frames or present.issuperset(leaf.options)]
    parents = {name for leaf in leaves for name in leaf.owners}
    constrained = sum(template.spec(name).is_constrained for name in parents)
    seen: set[str] = set()
    for leaf in leaves:
        if not leaf.is_token:
            literal += len(leaf.text)
        elif leaf.text in seen or template.spec(leaf.text).is_constrained:
            constrained += 1
        else:
            free += 1
        seen.add(leaf.text)
    return Rank(literal, constrained, -free)


def read_match(context: Context, view: ResolvedContext, pattern: Pattern, match: re.Match[str]) -> Candidate:
    """Return what a match of ``pattern.match_at_once`` says of a text.

    :param view: what the Context is: the variant that the pattern belongs to, or any of them where it serves all.
    """
    values = pattern.values(match)
    if view.conditions and view.is_read_alike:
        view = view.selected(asked_values(view, values, pattern, match), context.patterns)
    return new_record(Candidate, (context, values, "a", known_rank(view, pattern.present(match)), view))


def asked_values(view: ResolvedContext, values: Mapping[str, str], pattern: Pattern, match: re.Match[str]) -> Mapping[str, str]:
    """Return the values in a match that decide which variant counts: those of the leaf tokens, or of all, if one is a parent's."""
    for token in view.asked_tokens:
        if token not in values:
            return pattern.reading(match).values
    return values


def known_rank(view: ResolvedContext, present: frozenset[int]) -> Rank:
    """Return the rank of the mapping of *view* with these optional parts; computed once."""
    known: Rank | None = view.ranks.get(present)
    if known is None:
        known = view.ranks[present] = rank(view.template, present)
    return known


def read_at_once(context: Context, view: ResolvedContext, text: str) -> Candidate | None:
    """Return the one strict reading of a text in a known Context; ``None`` where :func:`read_text` has to answer.

    :param view: what the Context is.
    """
    try:
        pattern = view.pattern or context.pattern_of(view)
        if pattern is not None:
            match = pattern.match_at_once(text)
            return None if match is None else read_match(context, view, pattern, match)
        found = None
        for variant, pattern in zip(view.variants, view.text_patterns(context.patterns)):
            match = pattern.match_at_once(text)
            if match is not None:
                if found is not None or text[-1:] in SEPARATORS:
                    return None
                found = read_match(context, variant, pattern, match)
    except (MatchTimeoutError, PatternError):
        return None
    return found


def read_text(context: Context, text: str, tiers: Sequence[str] = TIERS, view: ResolvedContext | None = None) -> Candidate:
    """Return the values that *text* has in a known Context, by the first tier that it fits.

    Where nothing fits, the last tier of all gives no values.

    :param view: the state of the Context; if absent, its current one.
    :raises UnresolvedMappingError: the Context has no mapping.
    :raises ParseError: *text* fits none of *tiers*, and these are not all.
    :raises AmbiguousContextError: it fits with different optional parts, or different variants of the Context.
    :raises MatchTimeoutError: matching takes too long.
    """
    with TimeBudget(context.pool.limits):
        base = context.view if view is None else view
        views = [variant for variant in base.variants if isinstance(variant.mapping, str)]
        if not views:
            base.get_mapping()
        for tier in tiers:
            candidates = [candidate for variant in views for candidate in readings(context, variant, text, tier)]
            if candidates:
                return one_reading(text, candidates)
        if "c" in tiers:
            return Candidate(context, {}, "c", rank(base.template), base)
        notes = [str(mismatch) for variant in views for mismatch in mismatches(context, variant, text)]
        if base.is_windows_path and (refused := _refusal(text)):
            notes = [refused]
        position, untold = views[0].strict_pattern(context.patterns).reach(text)
        raise ParseError(text, views[0].template.mapping, position, lines("", *notes, *([untold] if untold else ())))


def readings_in(context: Context, view: ResolvedContext, text: str) -> list[Candidate]:
    """Return every way in which *text* fits a place strictly, of the variants with most conditions.

    :param view: what the place is, in any of its variants.
    """
    views = [variant for variant in context.view_in(view.state).variants if isinstance(variant.mapping, str)]
    candidates = [candidate for variant in views for candidate in readings(context, variant, text, "a", reader=_read_all)]
    most = max((candidate.view.condition_count for candidate in candidates), default=0)
    return [candidate for candidate in candidates if candidate.view.condition_count == most]


def greatest_rank(template: Template) -> Rank:
    """Return a rank that *template* can't exceed with any text."""
    return rank(template, frozenset(option.number for option in template.options))._replace(free_tokens=0)


def readings(
    context: Context, view: ResolvedContext, text: str, tier: str, *, reader: TierReader | None = None
) -> list[Candidate]:
    """Return the ways in which *text* fits one variant of a Context: none, one, or two that are too many."""
    patterns, read = context.patterns, reader or READERS[tier]
    for tried in texts_to_try(view, text):
        fitting = read(view, tried, context)
        candidates = [_candidate(context, view, reading, tier) for reading in fitting if view.is_selected(reading.values, patterns)]
        if candidates:
            return candidates
    return []


def mismatches(context: Context, view: ResolvedContext, text: str) -> list[VariantMismatch]:
    """Return the ways in which *text* fits one variant of a Context in all but the values that it is of."""
    if not view.conditions:
        return []
    patterns = context.patterns
    read = [reading for tried in texts_to_try(view, text) for reading in _read_strictly(view, tried, context)]
    all_mismatches = [VariantMismatch(reading.values, view, view.selection(reading.values, patterns)) for reading in read]
    return [mismatch for mismatch in all_mismatches if mismatch.selected != view.variant]


def _candidate(context: Context, view: ResolvedContext, reading: TextReading, tier: str) -> Candidate:
    template = view.template
    if tier == "c":
        return Candidate(context, dict(reading.values), tier, rank(template), view)
    values = {name: reading.values[name] for name in template.leaf_tokens if name in reading.values}
    return Candidate(context, values, tier, known_rank(view, reading.present), view)


def one_reading(text: str, candidates: Sequence[Candidate]) -> Candidate:
    """Return the reading of one Context: that of the variant with most conditions.

    :raises AmbiguousContextError: there are several.
    """
    most = max(candidate.view.condition_count for candidate in candidates)
    best = [candidate for candidate in candidates if candidate.view.condition_count == most]
    if len(best) > 1:
        raise AmbiguousContextError(text, best)
    return best[0]


def _read_strictly(view: ResolvedContext, text: str, context: Context) -> list[TextReading]:
    # Of a variant those count that select it: the first two may not.
    return _read_all(view, text, context) if view.conditions else view.strict_pattern(context.patterns).readings(text)


def _read_all(view: ResolvedContext, text: str, context: Context) -> list[TextReading]:
    return view.strict_pattern(context.patterns).all_readings(text)


def _read_whole(view: ResolvedContext, text: str, context: Context) -> list[TextReading]:
    # Ten thousand patterns are not compiled for a text that lacks their literals.
    if view.template.literals_in(text) < len(view.template.leaves):
        return []
    for mode in WHOLE:
        try:
            read = context.patterns.get(view.template, mode).readings(text)
        except PatternError:
            continue
        if read:
            return read
    return []


def _refusal(text: str) -> str:
    from ways.pattern.windows import refusal

    return refusal(text)


def _read_leniently(view: ResolvedContext, text: str, context: Context) -> list[TextReading]:
    """Split as Ways 0.1 did: the mapping or its composed regex, at its literals or by matching its start."""
    from ways.contexts.parser import ContextParser
    from ways.pattern.fill import group_dict

    patterns_of: Mapping[str, Callable[[], str]] = {
        "default": lambda: view.template.leaf_mapping,
        "regex": lambda: ContextParser.of(context, view).get_str("regex", display_tokens=True),
    }
    engines: Mapping[str, Callable[[str, str], dict[str, str]]] = {"default": split, "regex": group_dict}
    order = [name for name in expand_order() if name in engines]
    for pattern in order:
        for engine in order:
            values = engines[engine](patterns_of[pattern](), text)
            if values:
                return [TextReading(values)]
    return []


def texts_to_try(view: ResolvedContext, text: str) -> Iterator[str]:
    """Yield *text*, and for a file path also *text* without one separator at its end; of Windows, each in its forms."""
    if view.is_windows_path:
        forms = view.forms(text)
        yield from forms
        yield from (form[:-1] for form in forms if len(form) > 1 and form[-1] == "\\")
        return
    yield text
    if len(text) > 1 and view.resolved.path and text[-1] in view.template.separators:
        yield text[:-1]


def split(pattern: str, text: str) -> dict[str, str]:
    """Return what *text* has at the tokens of *pattern*, split at its literals; nothing where these don't stand there."""
    try:
        return expand_string(pattern, text)
    except ValueError:
        return {}


TierReader = Callable[[ResolvedContext, str, Context], "list[TextReading]"]
READERS: Mapping[str, TierReader] = {"a": _read_strictly, "b": _read_whole, "c": _read_leniently}
