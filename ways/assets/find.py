"""Which Context fits this text, or these values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

from ways.assets.index import Indexes, StoredIndex
from ways.assets.read import (
    SHARES,
    STRICT_TIERS,
    TIERS,
    Candidate,
    Rank,
    forms_of,
    greatest_rank,
    one_reading,
    rank,
    readings,
    split,
    mismatches,
)
from ways.contexts.context import Context
from ways.contexts.parser import ContextParser
from ways.contexts.pool import ContextPool
from ways.contexts.state import RegistryView, ViewCache
from ways.contexts.view import ResolvedContext, VariantMismatch
from ways.errors import AmbiguousContextError, ContextNotFoundError, MatchTimeoutError, PatternError, WaysError
from ways.hierarchy import Hierarchy
from ways.lightweight import CollectorPause
from ways.pattern.compiled import STRICT, CompiledPattern
from ways.regex.guard import TIMEOUT, TimeBudget
from ways.pattern.matcher import Matcher
from ways.pattern.plan import Plan
from ways.pattern.skeleton import Skeleton, Skeletons
from ways.pattern.solve import find_value
from ways.pattern.template import SEPARATORS
from ways.settings import parse_order

_new = tuple.__new__


class _Direct(NamedTuple):
    """Reads a text as one variant of a Context where one match of one expression says all there is to say."""

    fullmatch: Callable[[str], re.Match[str] | None]
    names: tuple[str, ...]
    #: The group of each name, and two more: a match gives one group, or none, in another shape.
    groups: tuple[int, ...]
    context: Context
    rank: Rank
    view: ResolvedContext

    @classmethod
    def of(cls, context: Context, view: ResolvedContext) -> _Direct | None:
        """Return what reads a text so; ``None`` where it takes more."""
        template = view.template
        pattern = context.patterns.get(template, STRICT)
        if view.conditions or not pattern.says_all:
            return None
        group_of = {name: pattern.regex.groupindex[group] for group, name in pattern.groups.items()}
        names = template.leaf_tokens
        groups = (*(group_of[name] for name in names), 0, 0)
        return cls(pattern.fullmatch, names, groups, context, rank(template), view)

    @property
    def is_quick(self) -> bool:
        """Whether it takes no time to speak of, whatever the text."""
        return not hasattr(getattr(self.fullmatch, "__self__", None), "at_once")

    def read_in_time(self, text: str) -> list[Candidate]:
        """Return the same as :meth:`read`.

        :raises MatchTimeoutError: that can't be told in time.
        """
        with TimeBudget(SHARES["a"]):
            return self.read(text)

    def read(self, text: str) -> list[Candidate]:
        found = self.fullmatch(text)
        if found is None:
            if text[-1:] not in SEPARATORS:
                return []
            found = next(filter(None, map(self.fullmatch, forms_of(self.view, text))), None)
            if found is None:
                return []
        values = dict(zip(self.names, found.group(*self.groups)))
        # Half as long as Candidate(...), which is a function of its own before it comes to this.
        return [_new(Candidate, (self.context, values, "a", self.rank, self.view))]


class Entry:
    """Something that a text may be found to be of: a Context in one of its variants."""

    __slots__ = ("context", "view", "strictly", "plan")

    def __init__(self, context: Context, view: ResolvedContext) -> None:
        self.context = context
        self.view = view
        #: The short ways to read by the mapping: ``None`` until they are asked for, ``False`` where there are none.
        self.plan: Plan | Literal[False] | None = None
        #: Gives the ways in which a text fits as a whole and in every value.
        self.strictly: Callable[[str], list[Candidate]] = self._first_strictly

    @property
    def place(self) -> str:
        """The hierarchy, as text."""
        return Hierarchy.of(self.context.hierarchy).text

    def planned(self) -> Plan | Literal[False]:
        """Return :attr:`plan`, made now."""
        try:
            plan = self.context.plan_of(self.view)
        except WaysError:
            plan = None
        # Among several, one that the short way can't tell of may fit too.
        self.plan = plan if plan is not None and plan.is_short else False
        return self.plan

    def read(self, text: str, tier: str) -> list[Candidate]:
        """Return the ways in which *text* fits in this tier.

        :raises MatchTimeoutError: that can't be told in time.
        """
        try:
            if tier == "c" and not split(self.view.template.mapping, text):
                return []
            with TimeBudget(SHARES[tier]):
                return readings(self.context, self.view, text, tier)
        except PatternError:
            return []

    @property
    def pattern(self) -> CompiledPattern:
        """What reads a text as a whole and in every value."""
        return self.context.patterns.get(self.view.template, STRICT)

    def rank(self, present: frozenset[int]) -> Rank:
        """Return how much the mapping says with these optional parts."""
        return rank(self.view.template, present)

    def read_or_error(self, text: str, tier: str) -> list[Candidate] | WaysError:
        """Return the ways in which *text* fits in this tier, or the error that says why it can't be told."""
        try:
            return self.read(text, tier)
        except WaysError as error:
            return error

    def mismatches(self, text: str) -> list[VariantMismatch]:
        """Return the ways in which *text* fits in all but the values that this variant is of."""
        try:
            return mismatches(self.context, self.view, text)
        except WaysError:
            return []

    def _first_strictly(self, text: str) -> list[Candidate]:
        # The pattern is compiled when the first text comes near.
        try:
            direct = _Direct.of(self.context, self.view)
        except PatternError:
            direct = None
        if direct is None:
            self.strictly = partial(self.read, tier="a")
        else:
            self.strictly = direct.read if direct.is_quick else direct.read_in_time
        return self.strictly(text)


class _Group:
    """Contexts that are looked at together."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        skeletons = Skeletons()
        told = ((_skeleton(entry.view, skeletons), entry) for entry in entries)
        #: The Contexts whose mapping can be read, each with its skeleton.
        self.found = [(skeleton, entry) for skeleton, entry in told if skeleton is not None]
        self.entries = [entry for _, entry in self.found]
        #: Gives what a text may fit strictly as it is.
        self.matcher = Matcher(self.found)

    def read(self, text: str, tier: str) -> list[Candidate]:
        """Return every way in which *text* fits in this tier.

        :raises MatchTimeoutError: of a Context that can't be told in time, and that would count for as much as the others.
        """
        if tier != "a":
            # The matcher knows the strict tier: in the others a token may hold more than its expression says.
            return _read_by_each(self.entries, lambda entry: entry.read(text, tier))
        near = self.near(text) if text[-1:] in SEPARATORS else self.matcher.candidates(text)
        if len(near) == 1:
            return near[0].strictly(text)
        return _read_by_each(near, lambda entry: entry.strictly(text))

    def read_each(self, text: str, tier: str) -> list[tuple[Entry, list[Candidate] | WaysError]]:
        """Return each Context that *text* fits in this tier, with the ways in which it does, or why that can't be told."""
        near = self.near(text) if tier == "a" else self.entries
        return [(entry, found) for entry in near if (found := entry.read_or_error(text, tier))]

    def near(self, text: str) -> list[Entry]:
        """Return what *text* may fit, with or without one separator at its end."""
        return list(dict.fromkeys((*self.matcher.candidates(text), *self.matcher.candidates(text[:-1]))))


#: The Finders of each session, by assignment.
FINDERS: ViewCache[str, Finder] = ViewCache()


class Finder:
    """Finds the Context of a text or of values, in one state of the world.

    :param state: that of this moment, or another of the same plugins: as a platform sees them, or with other priorities.
    :param indexes: where the index of this world may be kept, so that a first text needs no look at every plugin.
    """

    def __init__(self, pool: ContextPool, state: RegistryView, assignment: str = "", indexes: Indexes | None = None) -> None:
        self._pool = pool
        self._state = state
        self._assignment = assignment
        #: Whether the world is still in that state.
        self.is_live = state.is_live
        self._stored = StoredIndex(state.cache_key if not assignment else None, indexes)
        self._built: list[_Group] | None = None

    @classmethod
    def of(cls, pool: ContextPool, assignment: str = "", indexes: Indexes | None = None) -> Finder:
        """Return the finder of this moment, made once for each state.

        :param assignment: look at the Contexts of this layer alone, rather than at all.
        """
        state = pool.state()
        finders = FINDERS.of(pool, state)
        finder = finders.get(assignment)
        if finder is None:
            finder = finders[assignment] = cls(pool, state, assignment, indexes)
        return finder

    @property
    def _groups(self) -> list[_Group]:
        if self._built is None:
            with CollectorPause():
                built = self._built = [_Group(group) for group in self._layers()]
                is_all = not any(group.entries for group in built[1:])
                self._stored.keep([(skeleton, entry.place) for skeleton, entry in built[0].found], is_all)
        return self._built

    def _layers(self) -> tuple[Iterable[Entry], ...]:
        # Contexts over all assignments with priority come first; those of other assignments serve where these don't.
        layer = self._assignment
        return (self._bearing(layer),) if layer else (self._bearing(""), self._aside())

    @property
    def groups(self) -> list[list[Entry]]:
        """What a text may be found to be of, in the order in which it is asked; a group counts where none before it fits."""
        return [list(group.entries) for group in self._groups]

    @property
    def unread(self) -> list[Entry]:
        """What bears a mapping that comes to nothing, or can't be read."""
        known = {(entry.context, entry.view.variant) for group in self._groups for entry in group.entries}
        return [entry for layer in self._layers() for entry in layer if (entry.context, entry.view.variant) not in known]

    def read_each(self, text: str, tier: str) -> list[list[tuple[Entry, list[Candidate] | WaysError]]]:
        """Return, for each group, what *text* fits in this tier, and the ways in which it does; or why it can't be told."""
        return [group.read_each(text, tier) for group in self._groups]

    @property
    def matcher(self) -> Matcher[Entry] | None:
        """Gives what a text may be of strictly, before all others, as it is; ``None`` while the kept index tells that."""
        return self._groups[0].matcher if self._built is not None or not self._stored.is_open else None

    def near(self, text: str) -> list[Entry]:
        """Return what *text* may be of strictly, before all others, as it is."""
        places = self._stored.near(text) if self._built is None else None
        if places is None:
            return self._groups[0].matcher.candidates(text)
        return [entry for place in places for entry in self._known_at(place)]

    def _near_stored(self, text: str) -> Iterable[Entry]:
        return dict.fromkeys((*self.near(text), *(self.near(text[:-1]) if text[-1:] in SEPARATORS else ())))

    def _known_at(self, place: str) -> list[Entry]:
        entries = self._stored.entries.get(place)
        if entries is None:
            entries = self._stored.entries[place] = list(self._entries_at(Hierarchy.of(place), self._assignment))
        return entries

    @property
    def contexts(self) -> list[Context]:
        """Every Context that a text may be found to be of."""
        return list(dict.fromkeys(entry.context for group in self._groups for entry in group.entries))

    def candidates(self, text: str, tier: str = "a") -> list[Candidate]:
        """Return every way in which *text* fits in a tier, those that others win over too."""
        return next((found for group in self._groups if (found := group.read(text, tier))), [])

    def find_text(self, text: str, tiers: Sequence[str] = TIERS) -> Candidate:
        """Return the one Context that *text* fits best, by the first tier in which any does.

        In a tier, more literal characters win, then more constrained tokens, then fewer free ones.

        :raises AmbiguousContextError: several fit equally well; it names them.
        :raises ContextNotFoundError: none fits.
        :raises MatchTimeoutError: one that might win can't be told in time.
        """
        if self._built is None and self._stored.is_open and tiers[:1] == STRICT_TIERS:
            first = _read_by_each(self._near_stored(text), lambda entry: entry.strictly(text))
            if len(first) == 1:
                return first[0]
            if not first and self._stored.is_all and tuple(tiers) == STRICT_TIERS:
                raise self._not_found(text, tiers)
        for tier in tiers:
            for group in self._groups:
                found = group.read(text, tier)
                if found:
                    return found[0] if len(found) == 1 else _best(text, found)
        raise self._not_found(text, tiers)

    def _not_found(self, text: str, tiers: Sequence[str]) -> ContextNotFoundError:
        kind = "strictly" if tuple(tiers) == STRICT_TIERS else "even leniently"
        near: Iterable[Entry] = ()
        if self._state.snapshot.conditional:
            near = self._near_stored(text) if self._built is None else (entry for group in self._built for entry in group.near(text))
        notes = dict.fromkeys(f" {mismatch}" for entry in near for mismatch in entry.mismatches(text))
        return ContextNotFoundError(text, (), f"No Context's mapping fits {text!r}, {kind}.{''.join(notes)}")

    def find_values(self, values: Mapping[str, Any], works: Callable[[Context, ResolvedContext], bool]) -> Candidate:
        """Return the one Context that takes these values: each is valid, and no required token is left without one.

        :param works: whether an Asset of a Context can be made.
        :raises AmbiguousContextError: several do.
        :raises ContextNotFoundError: none does.
        """
        strings = {name: str(value) for name, value in values.items()}
        views = [(context, context.view_in(self._state)) for context in self.contexts]
        found = [
            Candidate(context, strings, "a", rank(view.template), view)
            for context, view in views
            if _takes(context, view, values) and works(context, view)
        ]
        if not found:
            raise ContextNotFoundError(str(dict(values)), (), f"No Context takes the values {dict(values)!r}.")
        return _decide(str(dict(values)), found) if len(found) > 1 else found[0]

    def _aside(self) -> Iterator[Entry]:
        known = set(self._state.assignments(""))
        return (entry for name in sorted(self._state.snapshot.assignments - known) for entry in self._bearing(name))

    def _bearing(self, assignment: str) -> Iterator[Entry]:
        """Yield the Contexts whose own plugins bear a mapping that can be read, in the order of registration."""
        return (entry for place in self._state.snapshot.places for entry in self._entries_at(place, assignment))

    def _entries_at(self, place: Hierarchy, assignment: str) -> Iterator[Entry]:
        everything = self._state.resolver(assignment, None)
        # An alias hides the place it covers, and is found only when it is named.
        if not place or place in self._state.snapshot.aliases or not place.is_legal or not everything.has_own_mapping(place):
            return
        context = self._pool.at(place, assignment, self._state.snapshot)
        if context is not None:
            # Where nothing is conditional, what all plugins bear is borne.
            variants = context.view_in(self._state).variants
            yield from (Entry(context, view) for view in variants if not view.conditions or view.has_own_mapping)


def _takes(context: Context, view: ResolvedContext, values: Mapping[str, Any]) -> bool:
    try:
        with TimeBudget(TIMEOUT):
            parser = ContextParser.of(context, view.variant_of(values, context.patterns))
            specs = parser.template.all_specs
            return all(parser.is_valid(name, value) for name, value in values.items() if name in specs)
    except (PatternError, AmbiguousContextError):
        return False


def _read_by_each(entries: Iterable[Entry], read: Callable[[Entry], list[Candidate]]) -> list[Candidate]:
    """Return what each of *entries* makes of a text. One that can't tell in time is never guessed to fit, or not to.

    :raises MatchTimeoutError: one can't, and none of the others says so much of the text that it wouldn't matter.
    """
    found: list[Candidate] = []
    late: list[tuple[Entry, MatchTimeoutError]] = []
    for entry in entries:
        try:
            found += read(entry)
        except MatchTimeoutError as error:
            late.append((entry, error))
    if late and not outranks(found, [entry for entry, _ in late]):
        raise late[0][1].with_traceback(None)
    return found


def outranks(found: Iterable[Candidate], late: Iterable[Entry]) -> bool:
    """Whether the best of *found* wins over each of *late*, fit as they may."""
    best = max((candidate.rank for candidate in found), default=None)
    return best is not None and all(best > greatest_rank(entry.view.template) for entry in late)


def _skeleton(view: ResolvedContext, skeletons: Skeletons) -> Skeleton | None:
    """Return what the matcher needs to know of a variant; ``None`` where it has no mapping that can be read."""
    try:
        return view.skeleton(skeletons) if view.mapping else None
    except WaysError:
        return None


def _best(text: str, found: list[Candidate]) -> Candidate:
    """Return the greatest of *found*; where it is one of several readings of its Context, these are ambiguous."""
    contexts: dict[Context, list[Candidate]] = {}
    for candidate in found:
        contexts.setdefault(candidate.context, []).append(candidate)
    best = max(candidate.rank for candidate in found)
    leading = [some for some in contexts.values() if any(candidate.rank == best for candidate in some)]
    equal = [one_reading(text, some) for some in leading]
    return equal[0] if len(equal) == 1 else _decide(text, equal)


def _decide(text: str, equal: list[Candidate]) -> Candidate:
    """Return the only one whose values fit their tokens, by the engines of WAYS_PARSERS."""
    valid = [candidate for candidate in equal if is_valid(candidate)]
    if len(valid) == 1:
        return valid[0]
    raise AmbiguousContextError(text, valid or equal)


def is_valid(candidate: Candidate) -> bool:
    """Whether the values of a candidate fit their tokens, by the engines of WAYS_PARSERS.

    :raises MatchTimeoutError: that can't be told in time.
    """
    with TimeBudget(TIMEOUT):
        return _is_valid(candidate)


def _is_valid(candidate: Candidate) -> bool:
    parser = ContextParser.of(candidate.context, candidate.view)
    template, patterns = candidate.view.template, candidate.context.patterns
    # The mapping's own tokens count, parents too: their values are told by what the text was split into.
    named = {name: find_value(name, candidate.values, template, patterns) for name in template.tokens}
    values = {**candidate.values, **{name: value for name, value in named.items() if value}}
    return all(parser.is_valid(name, value, engine) for engine in parse_order() for name, value in values.items())
