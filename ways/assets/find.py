"""Which Context fits this text, or these values."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from ways.contexts.context import Context, View
from ways.contexts.parser import ContextParser
from ways.contexts.pool import ContextPool, State
from ways.contexts.stray import Stray
from ways.errors import AmbiguousContextError, ContextNotFoundError, ParseError, PatternError, WaysError
from ways.hierarchy import Hierarchy
from ways.pattern.compiled import STRICT, WHOLE, CompiledPattern, PatternCache, Reading
from ways.pattern.engines import group_dict
from ways.pattern.matcher import Matcher
from ways.pattern.scan import expand_string
from ways.pattern.skeleton import Skeleton, Skeletons
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
    #: The variant of the Context that the values select.
    view: View

    @property
    def hierarchy(self) -> str:
        """The place, as text."""
        return Hierarchy.of(self.context.hierarchy).text

    @property
    def source(self) -> str:
        """Where the mapping is written: sheet, line and column."""
        runs = self.view.runs
        return "" if isinstance(runs, WaysError) or not runs else str(runs[-1].plugin.source_of("mapping"))

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


def rank(template: Template, present: frozenset[int] = frozenset()) -> Rank:
    """Return how much *template* says with these optional parts. A token that is repeated is fixed by its first place."""
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


def read_text(context: Context, text: str, tiers: Sequence[str] = TIERS) -> Candidate:
    """Return what *text* says of a known Context, by the first tier that it fits.

    Where nothing fits, the last tier of all gives no values.

    :raises UnresolvedMappingError: the Context has no mapping.
    :raises ParseError: *text* fits none of *tiers*, and these are not all.
    :raises AmbiguousContextError: it fits with different optional parts, or different variants of the Context.
    """
    views = [view for view in context.view.variants if isinstance(view.mapping, str)]
    if not views:
        context.get_mapping()
    for tier in tiers:
        found = [candidate for view in views for candidate in _read(context, view, text, tier)]
        if found:
            return _one(text, found)
    if "c" not in tiers:
        template = views[0].template
        note = "".join(f"\n{stray}" for view in views for stray in strays(context, view, text))
        raise ParseError(text, template.mapping, context.patterns.get(template).reach(text), note)
    return Candidate(context, {}, "c", rank(context.template), context.view)


def _read(context: Context, view: View, text: str, tier: str) -> list[Candidate]:
    """Return the ways in which *text* fits one variant of a Context: none, one, or two that are too many."""
    patterns = context.patterns
    for form in _forms(view, text):
        readings = READERS[tier](view, form, context)
        found = [_candidate(context, view, reading, tier) for reading in readings if _selects(view, reading, patterns)]
        if found:
            return found
    return []


def strays(context: Context, view: View, text: str) -> list[Stray]:
    """Return the ways in which *text* fits one variant of a Context in all but the values that it is of."""
    if not view.conditions:
        return []
    patterns = context.patterns
    readings = [reading for form in _forms(view, text) for reading in _read_strictly(view, form, context)]
    found = [Stray(reading.values, view, view.selection(reading.values, patterns)) for reading in readings]
    return [stray for stray in found if stray.selected != view.variant]


def _selects(view: View, reading: Reading, patterns: PatternCache) -> bool:
    return not view.conditions or view.is_selected(reading.values, patterns)


def _candidate(context: Context, view: View, reading: Reading, tier: str) -> Candidate:
    template = view.template
    if tier == "c":
        return Candidate(context, dict(reading.values), tier, rank(template), view)
    values = {name: reading.values[name] for name in template.leaf_tokens if name in reading.values}
    return Candidate(context, values, tier, rank(template, reading.present), view)


def _one(text: str, found: Sequence[Candidate]) -> Candidate:
    """Return the reading of one Context: that of the variant with most conditions.

    :raises AmbiguousContextError: there are several.
    """
    most = max(candidate.view.condition_count for candidate in found)
    best = [candidate for candidate in found if candidate.view.condition_count == most]
    if len(best) > 1:
        raise AmbiguousContextError(text, best)
    return best[0]


def _read_strictly(view: View, text: str, context: Context) -> list[Reading]:
    return context.patterns.get(view.template, STRICT).readings(text)


def _read_whole(view: View, text: str, context: Context) -> list[Reading]:
    for mode in WHOLE:
        try:
            readings = context.patterns.get(view.template, mode).readings(text)
        except PatternError:
            continue
        if readings:
            return readings
    return []


def _read_leniently(view: View, text: str, context: Context) -> list[Reading]:
    """Split as Ways 0.1 did: the mapping or its composed regex, at its literals or by matching its start."""
    patterns_of: Mapping[str, Callable[[], str]] = {
        "default": lambda: view.template.leaf_mapping,
        "regex": lambda: ContextParser.of(context, view).get_str("regex", display_tokens=True),
    }
    engines: Mapping[str, Callable[[str, str], dict[str, str]]] = {"default": _split, "regex": group_dict}
    order = [name for name in expand_order() if name in engines]
    for pattern in order:
        for engine in order:
            values = engines[engine](patterns_of[pattern](), text)
            if values:
                return [Reading(values)]
    return []


def _forms(view: View, text: str) -> Iterator[str]:
    """Yield *text*, and for a file path also *text* without one separator at its end."""
    yield text
    if len(text) > 1 and view.resolved.path and text[-1] in view.template.separators:
        yield text[:-1]


def _split(pattern: str, text: str) -> dict[str, str]:
    try:
        return expand_string(pattern, text)
    except ValueError:
        return {}


Reader = Callable[[View, str, Context], "list[Reading]"]
READERS: Mapping[str, Reader] = {"a": _read_strictly, "b": _read_whole, "c": _read_leniently}


_new = tuple.__new__


class _Direct(NamedTuple):
    """Reads a text as one variant of a Context where one match of one expression says all there is to say."""

    fullmatch: Callable[[str], re.Match[str] | None]
    names: tuple[str, ...]
    #: The group of each name, and two more: a match gives one group, or none, in another shape.
    groups: tuple[int, ...]
    context: Context
    rank: Rank
    view: View

    @classmethod
    def of(cls, context: Context, view: View) -> _Direct | None:
        """Return what reads a text so; ``None`` where it takes more."""
        template = view.template
        pattern = context.patterns.get(template, STRICT)
        if view.conditions or not pattern.says_all:
            return None
        group_of = {name: pattern.regex.groupindex[group] for group, name in pattern.groups.items()}
        names = template.leaf_tokens
        groups = (*(group_of[name] for name in names), 0, 0)
        return cls(pattern.regex.fullmatch, names, groups, context, rank(template), view)

    def read(self, text: str) -> list[Candidate]:
        found = self.fullmatch(text)
        if found is None:
            if text[-1:] not in SEPARATORS:
                return []
            found = next(filter(None, map(self.fullmatch, _forms(self.view, text))), None)
            if found is None:
                return []
        values = dict(zip(self.names, found.group(*self.groups)))
        # Half as long as Candidate(...), which is a function of its own before it comes to this.
        return [_new(Candidate, (self.context, values, "a", self.rank, self.view))]


class Entry:
    """Something that a text may be found to be of: a Context in one of its variants."""

    __slots__ = ("context", "view", "strictly")

    def __init__(self, context: Context, view: View) -> None:
        self.context = context
        self.view = view
        #: Gives the ways in which a text fits as a whole and in every value.
        self.strictly: Callable[[str], list[Candidate]] = self._first_strictly

    def read(self, text: str, tier: str) -> list[Candidate]:
        """Return the ways in which *text* fits in this tier."""
        try:
            if tier == "c" and not _split(self.view.template.mapping, text):
                return []
            return _read(self.context, self.view, text, tier)
        except PatternError:
            return []

    @property
    def pattern(self) -> CompiledPattern:
        """What reads a text as a whole and in every value."""
        return self.context.patterns.get(self.view.template, STRICT)

    def rank(self, present: frozenset[int]) -> Rank:
        """Return how much the mapping says with these optional parts."""
        return rank(self.view.template, present)

    def strays(self, text: str) -> list[Stray]:
        """Return the ways in which *text* fits in all but the values that this variant is of."""
        try:
            return strays(self.context, self.view, text)
        except PatternError:
            return []

    def _first_strictly(self, text: str) -> list[Candidate]:
        # The pattern is compiled when the first text comes near.
        try:
            direct = _Direct.of(self.context, self.view)
        except PatternError:
            direct = None
        self.strictly = direct.read if direct is not None else partial(self.read, tier="a")
        return self.strictly(text)


class _Group:
    """Contexts that are looked at together."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        skeletons = Skeletons()
        told = ((_skeleton(entry.view, skeletons), entry) for entry in entries)
        found = [(skeleton, entry) for skeleton, entry in told if skeleton is not None]
        self.entries = [entry for _, entry in found]
        self._matcher = Matcher(found)

    def read(self, text: str, tier: str) -> list[Candidate]:
        """Return every way in which *text* fits in this tier."""
        if tier != "a":
            # The matcher knows the strict tier: in the others a token may hold more than its expression says.
            return [candidate for entry in self.entries for candidate in entry.read(text, tier)]
        near = self._near(text) if text[-1:] in SEPARATORS else self._matcher.candidates(text)
        if len(near) == 1:
            return near[0].strictly(text)
        return [candidate for entry in near for candidate in entry.strictly(text)]

    def read_each(self, text: str, tier: str) -> list[tuple[Entry, list[Candidate]]]:
        """Return each Context that *text* fits in this tier, with the ways in which it does."""
        near = self._near(text) if tier == "a" else self.entries
        return [(entry, found) for entry in near if (found := entry.read(text, tier))]

    def strays(self, text: str) -> Iterator[Stray]:
        """Yield the ways in which *text* fits in all but the values that a variant is of."""
        return (stray for entry in self._near(text) for stray in entry.strays(text))

    def _near(self, text: str) -> list[Entry]:
        """Return what *text* may fit, with or without one separator at its end."""
        return list(dict.fromkeys((*self._matcher.candidates(text), *self._matcher.candidates(text[:-1]))))


class Finder:
    """Finds the Context of a text or of values, in one state of the world."""

    def __init__(self, pool: ContextPool, state: State, assignment: str = "") -> None:
        self._pool = pool
        self._state = state
        self._assignment = assignment
        with _paused_collector():
            self._groups = [_Group(group) for group in self._layers()]

    @classmethod
    def of(cls, pool: ContextPool, assignment: str = "") -> Finder:
        """Return the finder of this moment, made once for each state.

        :param assignment: look at the Contexts of this layer alone, rather than at all.
        """
        state = pool.state()
        name = f"finder:{assignment}" if assignment else "finder:"
        held = state.extras.get(name)
        if held is None:
            held = state.extras[name] = cls(pool, state, assignment)
        found: Finder = held
        return found

    def _layers(self) -> tuple[Iterable[Entry], ...]:
        # Contexts over all assignments with priority come first; those of other assignments serve where these don't.
        layer = self._assignment
        return (self._bearing(layer),) if layer else (self._bearing(""), self._aside())

    @property
    def groups(self) -> list[list[Entry]]:
        """What a text may be found to be of, in the order in which it is asked; a group counts where none before it fits."""
        return [list(group.entries) for group in self._groups]

    def read_each(self, text: str, tier: str) -> list[list[tuple[Entry, list[Candidate]]]]:
        """Return, for each group, what *text* fits in this tier, and the ways in which it does."""
        return [group.read_each(text, tier) for group in self._groups]

    @property
    def unread(self) -> list[Entry]:
        """What bears a mapping that comes to nothing, or can't be read."""
        known = {(entry.context, entry.view.variant) for group in self._groups for entry in group.entries}
        return [entry for layer in self._layers() for entry in layer if (entry.context, entry.view.variant) not in known]

    @property
    def contexts(self) -> list[Context]:
        """Every Context that a text may be found to be of."""
        return list(dict.fromkeys(entry.context for group in self._groups for entry in group.entries))

    def find_text(self, text: str, tiers: Sequence[str] = TIERS) -> Candidate:
        """Return the one Context that *text* fits best, by the first tier in which any does.

        In a tier, more literal characters win, then more constrained tokens, then fewer free ones.

        :raises AmbiguousContextError: several fit equally well; it names them.
        :raises ContextNotFoundError: none fits.
        """
        for tier in tiers:
            for group in self._groups:
                found = group.read(text, tier)
                if found:
                    return found[0] if len(found) == 1 else _best(text, found)
        kind = "strictly" if tuple(tiers) == STRICT_TIERS else "even leniently"
        notes = dict.fromkeys(f" {stray}" for group in self._groups for stray in group.strays(text))
        raise ContextNotFoundError(text, (), f"No Context's mapping fits {text!r}, {kind}.{''.join(notes)}")

    def find_values(self, values: Mapping[str, Any], works: Callable[[Context], bool]) -> Context:
        """Return the one Context that takes these values: each is valid, and no required token is left without one.

        :param works: whether an Asset of a Context can be made.
        :raises AmbiguousContextError: several do.
        :raises ContextNotFoundError: none does.
        """
        found = [context for context in self.contexts if self._takes(context, values) and works(context)]
        if len(found) > 1:
            strings = {name: str(value) for name, value in values.items()}
            ranked = [Candidate(context, strings, "a", rank(context.template), context.view) for context in found]
            return _decide(str(dict(values)), ranked).context
        if not found:
            raise ContextNotFoundError(str(dict(values)), (), f"No Context takes the values {dict(values)!r}.")
        return found[0]

    def _aside(self) -> Iterator[Entry]:
        known = set(self._state.assignments(""))
        return (entry for name in sorted(self._state.snapshot.assignments - known) for entry in self._bearing(name))

    def _bearing(self, assignment: str) -> Iterator[Entry]:
        """Yield the Contexts whose own plugins bear a mapping that can be read, in the order of registration."""
        everything = self._state.resolver(assignment, None)
        aliases = self._state.snapshot.aliases
        for place in self._state.snapshot.places:
            # An alias hides the place it covers, and is found only when it is named.
            if not place or place in aliases or not place.is_legal or not everything.bears_mapping(place):
                continue
            context = self._pool.get(place, assignment)
            if context is None:
                continue
            # Where nothing is conditional, what all plugins bear is borne.
            yield from (Entry(context, view) for view in context.view.variants if not view.conditions or view.bears_mapping)

    def _takes(self, context: Context, values: Mapping[str, Any]) -> bool:
        try:
            parser = ContextParser.of(context, context.view_of(values))
            specs = parser.template.all_specs
            return all(parser.is_valid(name, value) for name, value in values.items() if name in specs)
        except (PatternError, AmbiguousContextError):
            return False


def _skeleton(view: View, skeletons: Skeletons) -> Skeleton | None:
    """Return what the matcher needs to know of a variant; ``None`` where it has no mapping that can be read."""
    try:
        return view.skeleton(skeletons) if view.mapping else None
    except WaysError:
        return None


@contextmanager
def _paused_collector() -> Iterator[None]:
    """Keep the garbage collector from looking, again and again, through what is being built: a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _best(text: str, found: list[Candidate]) -> Candidate:
    """Return the greatest of *found*; where it is one of several readings of its Context, these are ambiguous."""
    contexts: dict[Context, list[Candidate]] = {}
    for candidate in found:
        contexts.setdefault(candidate.context, []).append(candidate)
    best = max(candidate.rank for candidate in found)
    leading = [some for some in contexts.values() if any(candidate.rank == best for candidate in some)]
    equal = [_one(text, some) for some in leading]
    return equal[0] if len(equal) == 1 else _decide(text, equal)


def _decide(text: str, equal: list[Candidate]) -> Candidate:
    """Return the only one whose values fit their tokens, by the engines of WAYS_PARSERS."""
    valid = [candidate for candidate in equal if is_valid(candidate)]
    if len(valid) == 1:
        return valid[0]
    raise AmbiguousContextError(text, valid or equal)


def is_valid(candidate: Candidate) -> bool:
    """Whether the values of a candidate fit their tokens, by the engines of WAYS_PARSERS."""
    parser = ContextParser.of(candidate.context, candidate.view)
    template, patterns = candidate.view.template, candidate.context.patterns
    # The mapping's own tokens count, parents too: their values are told by what the text was split into.
    named = {name: find_value(name, candidate.values, template, patterns) for name in template.tokens}
    values = {**candidate.values, **{name: value for name, value in named.items() if value}}
    return all(parser.is_valid(name, value, engine) for engine in parse_order() for name, value in values.items())
