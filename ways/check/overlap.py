"""The check for Contexts that can't be told apart: pairs whose mappings fit the same text, each with such a text."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import Enum
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from ways.assets.finding import Finder, highest_ranked
from ways.assets.index import Index, Target, TargetGroup, read_by_each
from ways.assets.reading import Candidate
from ways.check.findings import Finding, FindingLevel, Related
from ways.check.intersection_search import IntersectionSearch
from ways.check.mapping_machines import MOST_STEPS, MappingMachines
from ways.check.pairs import CandidatePairs, CandidateSearch, candidate_pairs
from ways.check.reach import LayerReach
from ways.check.scope import CheckScope, source_of_mapping
from ways.check.shapes import ViewShapes
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.contexts.state import RegistryView
from ways.errors import AmbiguousContextError, ContextNotFoundError, MatchTimeoutError, WaysError
from ways.hierarchy import Hierarchy
from ways.limits import Limits
from ways.regex.budget import Question
from ways.regex.product import Product, Steps, TextSearch, all_texts, may_have_lead
from ways.sheets.document import Source

#: Texts of two mappings that are tried, at most; and of one product, before another is tried.
MOST_TRIED, MOST_AT_ONCE = 24, 8
#: If two mappings have no more texts than these in common, all are tried.
MOST_TEXTS = 200
#: Pairs of Contexts that are told one by one where several have mappings that the same texts fit: those of eight Contexts.
MOST_ALIKE = 28
#: Orders of layers that a finding names.
MOST_ORDERS = 20
#: Texts of which it is kept which Contexts they fit.
MOST_KEPT = 10_000
#: Steps that a Context counts as which a text is read by, and one that is only tried; see :class:`ways.regex.product.Steps`.
STEPS_OF_READING, STEPS_OF_TRYING = 100, 10
#: The reason given if one Context wins and not every text could be tried.
_NOT_ALL = "the ranks may be equal for other texts; none of those that were tried is ambiguous"


class OverlapVerdict(Enum):
    """What is known of the texts that fit two Contexts."""

    #: A text fits both, and nothing decides which Context it belongs to.
    AMBIGUOUS = "ambiguous"
    #: A text fits both, and one of them wins. No ambiguous text was found; without a ``why``, there is none.
    RANKED = "ranked"
    #: It is not known whether a text fits both.
    UNDECIDED = "undecided"


class Overlap(NamedTuple):
    """Two Contexts that a text fits, or may fit."""

    verdict: OverlapVerdict
    first: Target
    second: Target
    #: A text that fits both; ``''`` where none is known.
    text: str
    #: The one that auto-find answers with for the text; ``None`` if it is neither.
    winner: Target | None
    #: Why no more is known; ``''`` if all is known.
    why: str
    #: The platforms and orders of layers where this is so.
    states: tuple[RegistryView, ...]
    #: Whether both are in layers without priority, which are tried only if nothing else fits.
    is_aside: bool = False
    #: How many other Contexts the same is true of: the same texts fit their mappings.
    others: int = 0


class Overlaps(NamedTuple):
    """All pairs of Contexts with a text in common. All other pairs are proved to have none, but for those that are left out."""

    pairs: tuple[Overlap, ...]
    #: The number of pairs that were looked at, in all states together.
    pair_count: int
    #: Whether there were too many pairs that may have a text in common, so that some are unknown.
    is_cut: bool = False
    #: Pairs that may have a text in common, and were not compared, as all together take too many steps.
    left_out: int = 0

    def of(self, verdict: OverlapVerdict) -> list[Overlap]:
        """Return the pairs of one verdict."""
        return [overlap for overlap in self.pairs if overlap.verdict is verdict]


def find_overlaps(
    pool: ContextPool,
    states: Iterable[RegistryView] | None = None,
    shapes: ViewShapes | None = None,
    reach: LayerReach | None = None,
) -> Overlaps:
    """Return every pair of Contexts whose mappings fit the same text, strictly, with a shortest such text.

    :param states: the registry as platforms and orders of layers see it; by default as it is now. Those of one platform follow
        the first of them, and have one layer more each: of them, only what that layer reaches is looked at.
    :param shapes: what is known of the mappings already.
    :param reach: the places that each layer reaches, if that is known already.
    """
    search = _Search(pool, ViewShapes() if shapes is None else shapes, reach or LayerReach(pool.state().snapshot, pool.limits))
    for state in (pool.state(),) if states is None else states:
        search.look_at(state)
    return search.overlaps()


class _Search:
    """Looks for overlaps in one state after the other."""

    def __init__(self, pool: ContextPool, shapes: ViewShapes, reach: LayerReach) -> None:
        self._pool = pool
        self._shapes = shapes
        self._reach = reach
        # To find the pairs may take half of the steps, so that some are left to compare them.
        self._finding, self._comparing = Steps(MOST_STEPS // 2), Steps(MOST_STEPS // 2)
        self._found: list[Overlap] = []
        self._pair_count = self._left_out = 0
        self._is_cut = False
        self._base: _Base | None = None

    def look_at(self, state: RegistryView) -> None:
        """Find the overlaps of one state."""
        base = self._base
        if base is not None and base.is_base_of(state):
            self._further(base, state)
        else:
            self._first(state)

    def overlaps(self) -> Overlaps:
        """Return all that was found."""
        self._finish()
        return Overlaps(tuple(_merged(self._found)), self._pair_count, self._is_cut, self._left_out)

    def _first(self, state: RegistryView) -> None:
        self._finish()
        # The index of the finder is made with the first text: most worlds have none that fits two Contexts.
        finder, machines = Finder(self._pool, state), MappingMachines(self._comparing)
        searched, aside = finder.index.layers()
        group = OverlapGroup(state, searched, _FinderReader(finder), machines, self._shapes)
        machines.steps = self._finding
        candidates = CandidateSearch([some[0].view for some in group.alike], machines, self._shapes)
        self._base = _Base(state, finder, group, machines, candidates)
        self._base.found = self._compared(group, candidates.pairs(), machines)
        # Of the layers without priority, each place has what its layer alone says: a further layer changes nothing in it.
        others = OverlapGroup(state, aside, _FinderReader(finder), machines, self._shapes)
        machines.steps = self._finding
        pairs = candidate_pairs([some[0].view for some in others.alike], machines, self._shapes)
        self._base.others += (overlap._replace(is_aside=True) for overlap in self._compared(others, pairs, machines))

    def _further(self, base: _Base, state: RegistryView) -> None:
        reached = self._reach.places(state.settings.priority[-1])
        base.further.append((state, reached))
        index = Index(self._pool, state)
        targets = (target for place in sorted(reached) for target in index.targets_at(place, ""))
        group = _FurtherGroup(state, targets, base, reached, self._shapes)
        base.machines.steps = self._finding
        candidates = base.candidates.pairs_with([some[0].view for some in group.own_alike])
        pairs = candidates._replace(pairs=[*base.group.hidden_by(reached), *filter(group.is_new, candidates.pairs)])
        base.others += self._compared(group, pairs, base.machines)

    def _compared(self, group: OverlapGroup, candidates: CandidatePairs, machines: MappingMachines) -> list[Overlap]:
        machines.steps = self._comparing
        self._pair_count += group.pair_count
        self._is_cut = self._is_cut or candidates.is_cut
        found: dict[tuple[int, int], Overlap] = {}
        for pair in sorted({*group.pairs_of_alike, *candidates.pairs}):
            if self._comparing.are_spent:
                self._left_out += group.count(pair)
            else:
                found.update(group.overlaps(pair))
        return [overlap for _, overlap in sorted(found.items(), key=itemgetter(0))]

    def _finish(self) -> None:
        """Say of the overlaps of a platform with which further layers there are the same."""
        base, self._base = self._base, None
        if base is None:
            return
        changed: dict[str, set[RegistryView]] = {}
        for state, reached in base.further:
            for place in reached:
                changed.setdefault(place.text, set()).add(state)
        every = (base.state, *(state for state, _ in base.further))
        for overlap in base.found:
            other = changed.get(overlap.first.place, set()) | changed.get(overlap.second.place, set())
            self._comparing.left -= len(every) // 16 if other else 0
            self._found.append(overlap._replace(states=tuple(one for one in every if one not in other) if other else every))
        self._found += base.others


class _Base:
    """What is known of the first state of a platform, which those with a further layer are compared with."""

    def __init__(
        self, state: RegistryView, finder: Finder, group: OverlapGroup, machines: MappingMachines, candidates: CandidateSearch
    ) -> None:
        self.state = state
        self.finder = finder
        self.group = group
        self.machines = machines
        self.candidates = candidates
        #: The overlaps of the Contexts with priority, and all others.
        self.found: list[Overlap] = []
        self.others: list[Overlap] = []
        #: The states with a further layer, each with the places that it reaches.
        self.further: list[tuple[RegistryView, frozenset[Hierarchy]]] = []

    def is_base_of(self, state: RegistryView) -> bool:
        """Whether a state is the same one with a further layer."""
        settings = state.settings
        return settings.priority[:-1] == self.state.settings.priority and settings.platform == self.state.settings.platform


def _merged(overlaps: Iterable[Overlap]) -> Iterator[Overlap]:
    """Yield one overlap for each pair of Contexts: the worst of all their variants and states."""
    pairs: dict[tuple[Context, Context], list[Overlap]] = {}
    for overlap in overlaps:
        pairs.setdefault((overlap.first.context, overlap.second.context), []).append(overlap)
    for some in pairs.values():
        if len(some) == 1:
            yield some[0]
            continue
        worst = min(some, key=_order)
        states = dict.fromkeys(state for other in some if _order(other) == _order(worst) for state in other.states)
        yield worst._replace(states=tuple(states))


def _order(overlap: Overlap) -> tuple[bool, int]:
    return overlap.is_aside, list(OverlapVerdict).index(overlap.verdict)


class _Reading(NamedTuple):
    """The Contexts of a text."""

    #: Those that it fits.
    all: frozenset[Context]
    #: Those of which nothing decides which one it belongs to.
    ambiguous: frozenset[Context]
    #: The one that auto-find answers with; ``None`` if there is an error.
    winner: Context | None


class _FinderReader:
    """Reads texts as auto-find does."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def candidates(self, text: str) -> list[Candidate]:
        """Return each way in which a text fits."""
        return self._finder.candidates(text)

    def find_text(self, text: str) -> Candidate:
        """Return the one that it fits best. Raises as :meth:`Finder.find_text`."""
        return self._finder.find_text(text, ("a",))

    def count_near(self, text: str) -> int:
        """Return how many Contexts it is tried with."""
        return sum(1 for _ in self._finder.index.near(text))


class _FurtherReader:
    """Reads texts as auto-find does where a further layer counts; only the places that it reaches are looked at anew."""

    def __init__(self, base: Finder, own: Iterable[Target], reached: Collection[str], limits: Limits) -> None:
        self._base = base
        self._targets = own
        #: The names of the places that it reaches.
        self._reached = reached
        self._limits = limits

    @cached_property
    def _own(self) -> TargetGroup:
        return TargetGroup(self._targets)

    def _near(self, text: str) -> list[Target]:
        others = [target for target in self._base.index.groups[0].near(text) if target.place not in self._reached]
        return [*others, *self._own.near(text)]

    def candidates(self, text: str) -> list[Candidate]:
        """Return each way in which a text fits."""
        with Question(self._limits):
            return read_by_each(text, self._near(text), lambda target: target.match_strict(text))

    def find_text(self, text: str) -> Candidate:
        """Return the one that it fits best. Raises as :meth:`Finder.find_text`."""
        candidates = self.candidates(text)
        if not candidates:
            raise ContextNotFoundError(text)
        with Question(self._limits):
            return candidates[0] if len(candidates) == 1 else highest_ranked(text, candidates)

    def count_near(self, text: str) -> int:
        """Return how many Contexts it is tried with."""
        return len(self._near(text))


class OverlapGroup:
    """Contexts that auto-find tries together, in one state. A mapping that can't be read is left out: nothing fits it."""

    def __init__(
        self,
        state: RegistryView,
        targets: Iterable[Target],
        reader: _FinderReader | _FurtherReader,
        machines: MappingMachines,
        shapes: ViewShapes,
    ) -> None:
        self._reader = reader
        self._state = state
        self._machines = machines
        self.targets = [target for target in targets if shapes.of(target.view) is not None and shapes.is_readable(target.view)]
        #: The numbers of targets whose mappings the same texts fit.
        self.likenesses: dict[object, list[int]] = {}
        for number, target in enumerate(self.targets):
            likeness = shapes.likeness(target.view)
            self.likenesses.setdefault(number if likeness is None else likeness, []).append(number)
        self._sets = list(self.likenesses.values())
        self._readings: dict[str, _Reading] = {}
        #: The other Contexts that texts fit which two targets have in common, where these alone might be ambiguous.
        self._thirds: dict[Context, None] = {}
        #: Place -> the pairs of sets of which it is not known whether nothing decides between them: it may be the place that does.
        self._hidden: dict[Hierarchy, list[tuple[int, int]]] = {}

    @cached_property
    def at_place(self) -> dict[str, list[int]]:
        """Place -> its targets, by number."""
        found: dict[str, list[int]] = {}
        for number, target in enumerate(self.targets):
            found.setdefault(target.place, []).append(number)
        return found

    @cached_property
    def set_numbers(self) -> dict[int, int]:
        """Number of a target -> that of its set."""
        return {number: index for index, some in enumerate(self._sets) for number in some}

    @cached_property
    def numbers_alike(self) -> dict[object, int]:
        """What is equal for mappings that the same texts fit -> the number of their set."""
        return {likeness: number for number, likeness in enumerate(self.likenesses)}

    @property
    def alike(self) -> list[list[Target]]:
        """The targets in sets whose mappings the same texts fit."""
        return [[self.targets[number] for number in some] for some in self._sets]

    @property
    def pair_count(self) -> int:
        """The number of pairs of targets."""
        return len(self.targets) * (len(self.targets) - 1) // 2

    @property
    def pairs_of_alike(self) -> list[tuple[int, int]]:
        """Each set of several targets, with itself."""
        return [(number, number) for number, some in enumerate(self._sets) if len(some) > 1]

    def hidden_by(self, places: Iterable[Hierarchy]) -> Iterator[tuple[int, int]]:
        """Yield the pairs of sets that may come to something else where one of these places does."""
        return (pair for place in places for pair in self._hidden.get(place, ()))

    def set_of(self, number: int) -> list[int]:
        """Return the targets of a set, by number."""
        return self._sets[number]

    def _members(self, number: int) -> list[int]:
        """Return those of a set that count."""
        return self.set_of(number)

    def count(self, pair: tuple[int, int]) -> int:
        """Return how many pairs there are of targets of two sets, or of one with itself."""
        one, other = (len(self._members(number)) for number in pair)
        return one * (one - 1) // 2 if pair[0] == pair[1] else one * other

    def overlaps(self, pair: tuple[int, int]) -> dict[tuple[int, int], Overlap]:
        """Return what two sets of targets, or one with itself, have in common: of one pair it is true of all.

        Of few, each pair of targets is told; of many, one.
        """
        lefts, rights = self._members(pair[0]), self._members(pair[1])
        every = itertools.combinations(lefts, 2) if lefts is rights else itertools.product(lefts, rights)
        pairs = ((min(one), max(one)) for one in every if self.targets[one[0]].context is not self.targets[one[1]].context)
        # Of one place in several layers nothing is told.
        several = list(itertools.islice(pairs, MOST_ALIKE + 1))
        shown = next((one for one in several if self.targets[one[0]].place != self.targets[one[1]].place), several[0] if several else None)
        if shown is None:
            return {}
        self._thirds = {}
        overlap = self._overlap(self.targets[shown[0]], self.targets[shown[1]])
        if overlap is None or overlap.verdict is not OverlapVerdict.AMBIGUOUS:
            for third in self._thirds:
                self._hidden.setdefault(Hierarchy.of(third.hierarchy), []).append(pair)
        if overlap is None:
            return {}
        if len(several) > MOST_ALIKE:
            return {shown: overlap._replace(others=len({*lefts, *rights}) - 2)}
        winners = None if overlap.winner is None else lefts if overlap.winner in [self.targets[number] for number in lefts] else rights
        found = {}
        for one in several:
            winner = next((self.targets[number] for number in one if winners is not None and number in winners), None)
            found[one] = overlap._replace(first=self.targets[one[0]], second=self.targets[one[1]], winner=winner)
        return found

    def _overlap(self, first: Target, second: Target) -> Overlap | None:
        """Return what two Contexts have in common; ``None`` for nothing."""
        search = IntersectionSearch(self._machines, first.view, second.view)
        overlap = Overlap(OverlapVerdict.UNDECIDED, first, second, "", None, "", (self._state,))
        products: list[Product] = []
        # In most pairs one wins over the other for every text. If that is proved, no text with one rank is looked for.
        may_be_ambiguous = search.may_have_one_rank()
        is_decided = True
        for one in search.products():
            products.append(one)
            if not may_be_ambiguous:
                if len(products) == 1 and not search.is_complete and (text := self._first_common(one, first, second)) is not None:
                    # Further products say no more: texts were left out already, so that the search is not complete.
                    return self._ranked(overlap, text, _NOT_ALL)
                continue
            if not may_have_lead(one, 0, self._machines.steps):
                continue
            is_decided = False
            for text in self._texts([one], 0):
                if self._is_ambiguous(text, first, second):
                    return overlap._replace(verdict=OverlapVerdict.AMBIGUOUS, text=text)
        return self._without_ambiguity(overlap, products, search, is_decided and search.is_complete)

    def _without_ambiguity(
        self, overlap: Overlap, products: Sequence[Product], search: IntersectionSearch, is_decided: bool
    ) -> Overlap | None:
        """Return the overlap of two Contexts for which no ambiguous text was found; ``None`` if they have no text in common.

        :param is_decided: whether it is proved that no text has the same rank in both.
        """
        first, second = overlap.first, overlap.second
        for text in self._texts(products, None):
            if self._is_common(text, first, second):
                return self._ranked(overlap, text, "" if is_decided else _NOT_ALL)
        if search.is_complete and self._have_none(products, first, second):
            return None
        return overlap._replace(why="; ".join(search.doubts))

    def _ranked(self, overlap: Overlap, text: str, why: str) -> Overlap:
        winner = self._winner(text, overlap.first, overlap.second)
        return overlap._replace(verdict=OverlapVerdict.RANKED, text=text, winner=winner, why=why)

    def _first_common(self, product: Product, first: Target, second: Target) -> str | None:
        """Return the first of the shortest texts of a product that fits both; ``None`` if none of those that are tried first does."""
        texts = itertools.islice(TextSearch(product, steps=self._machines.steps), MOST_AT_ONCE)
        return next((text for text in texts if self._is_common(text, first, second)), None)

    def _is_ambiguous(self, text: str, first: Target, second: Target) -> bool:
        reading = self._reading(text)
        if {first.context, second.context} <= reading.ambiguous:
            return True
        if {first.context, second.context} <= reading.all:
            self._thirds.update(dict.fromkeys(reading.all - {first.context, second.context}))
        return False

    def _is_common(self, text: str, first: Target, second: Target) -> bool:
        contexts = self._reading(text).all
        return first.context in contexts and second.context in contexts

    def _winner(self, text: str, first: Target, second: Target) -> Target | None:
        context = self._reading(text).winner
        return next((target for target in (first, second) if target.context is context), None)

    def _reading(self, text: str) -> _Reading:
        """Return which Contexts a text is of. Many pairs have the same shortest text."""
        reading = self._readings.get(text)
        if reading is None:
            if len(self._readings) >= MOST_KEPT:
                self._readings.clear()
            reading = self._readings[text] = self._read(text)
            tried = self._reader.count_near(text)
            self._machines.steps.left -= STEPS_OF_READING * (1 + len(reading.all)) + STEPS_OF_TRYING * tried
        return reading

    def _read(self, text: str) -> _Reading:
        contexts: frozenset[Context] = frozenset()
        try:
            contexts = frozenset(candidate.context for candidate in self._reader.candidates(text))
            return _Reading(contexts, frozenset(), self._reader.find_text(text).context)
        except AmbiguousContextError as error:
            ambiguous = (candidate.context for candidate in error.candidates if isinstance(candidate, Candidate))
            return _Reading(contexts, frozenset(ambiguous), None)
        except MatchTimeoutError:
            # A few of these take as long as all else.
            self._machines.steps.left -= MOST_STEPS // 20
        except WaysError:
            pass
        return _Reading(contexts, frozenset(), None)

    def _have_none(self, products: Sequence[Product], first: Target, second: Target) -> bool:
        """Whether the products have so few texts that each can be tried, and none of them fits both."""
        texts_of = [all_texts(one, MOST_TEXTS) for one in products]
        return all(texts is not None and not any(self._is_common(text, first, second) for text in texts) for texts in texts_of)

    def _texts(self, products: Iterable[Product], lead: int | None) -> Iterator[str]:
        """Yield some texts of *products*, each once, short ones first."""
        texts: dict[str, None] = {}
        for spread, visits in ((1, 1), (2, 2), (4, 8)):
            for product in products:
                search = TextSearch(product, lead, spread=spread, visits=visits, steps=self._machines.steps)
                for text in itertools.islice(search, MOST_AT_ONCE):
                    if text not in texts:
                        texts[text] = None
                        yield text
                    if len(texts) >= MOST_TRIED:
                        return


class _FurtherGroup(OverlapGroup):
    """The Contexts of a state with a further layer: those of its base, whose numbers they keep, and after them those that it reaches.

    :param targets: the latter. Of the base, those at the same places don't count.
    """

    def __init__(
        self, state: RegistryView, targets: Iterable[Target], base: _Base, reached: Collection[Hierarchy], shapes: ViewShapes
    ) -> None:
        targets = list(targets)
        names = frozenset(place.text for place in reached)
        super().__init__(state, targets, _FurtherReader(base.finder, targets, names, state.limits), base.machines, shapes)
        #: The sets of those that the layer reaches.
        self.own_alike = super().alike
        self._base = base.group
        first, self._own_count = len(self._base.targets), len(self.targets)
        self._first_set = len(self._base.likenesses)
        self._gone = {number for name in names for number in self._base.at_place.get(name, ())}
        #: The sets of the base that some of these are in, without them.
        sets = {self._base.set_numbers[number] for number in self._gone}
        self._fewer = {one: [number for number in self._base.set_of(one) if number not in self._gone] for one in sets}
        #: Of each set, that of the base whose mappings the same texts fit.
        self._like = [None if isinstance(likeness, int) else self._base.numbers_alike.get(likeness) for likeness in self.likenesses]
        self._sets = [[first + number for number in some] for some in self._sets]
        self.targets = [*self._base.targets, *self.targets]

    @property
    def pair_count(self) -> int:
        return self._own_count * (len(self.targets) - len(self._gone)) - self._own_count * (self._own_count + 1) // 2

    @property
    def pairs_of_alike(self) -> list[tuple[int, int]]:
        numbers = (self._first_set + number for number in range(len(self._sets)))
        return [(number, number) for number in numbers if len(self._members(number)) > 1]

    def is_new(self, pair: tuple[int, int]) -> bool:
        """Whether a pair of sets is none of alike ones, and has targets on both sides."""
        return bool(self._members(pair[0])) and self._like[pair[1] - self._first_set] != pair[0]

    def _members(self, number: int) -> list[int]:
        if number >= self._first_set:
            like = self._like[number - self._first_set]
            return [*self._sets[number - self._first_set], *(() if like is None else self._members(like))]
        return self._fewer[number] if number in self._fewer else self._base.set_of(number)


# --- as findings


def check_overlaps(scope: CheckScope) -> Iterator[Finding]:
    """Yield each pair of Contexts whose mappings fit the same text, or may do so."""
    overlaps = find_overlaps(scope.pool, scope.states, scope.shapes, scope.reach)
    by_lines: dict[tuple[OverlapVerdict, Source, Source], list[Overlap]] = {}
    for overlap in overlaps.pairs:
        if overlap.is_aside and overlap.first.place == overlap.second.place:
            # Two layers of one place may fit the same text: the priority decides which of them counts.
            continue
        lines = sorted((_source(overlap.first), _source(overlap.second)), key=_line)
        by_lines.setdefault((overlap.verdict, lines[0], lines[1]), []).append(overlap)
    for same_lines in by_lines.values():
        yield _overlap_finding(same_lines, scope)
    source = next((sheet.source for sheet in scope.sheets), Source(""))
    help = "Fix the pairs that are reported first."
    if overlaps.is_cut:
        message = f"too many of {overlaps.pair_count} pairs of Contexts may fit the same text: not each of them was looked at"
        yield Finding("undecided-overlap", "note", source, message, help)
    if overlaps.left_out:
        message = f"undecided: {overlaps.left_out} pairs of Contexts that may fit the same text were not compared, as that takes too long"
        yield Finding("undecided-overlap", "note", source, message, help)
    if left := scope.further_layers[1]:
        message = f"not looked at: {left[0]!r}" + (f" and {len(left) - 1} other layers" if len(left) > 1 else "")
        message += " without priority, as such layers change too many places together"
        help = "Check with the layers that matter: ways check --priority."
        yield Finding("undecided-overlap", "note", source, message, help)


def _overlap_finding(overlaps: Sequence[Overlap], scope: CheckScope) -> Finding:
    """Return the finding for pairs that come from the same two lines. It shows one of them."""
    overlap = min(overlaps, key=lambda one: (one.is_aside, len(one.text)))
    first, second = sorted((overlap.first, overlap.second), key=lambda target: _line(_source(target)))
    both = f"{second.place!r} and {first.place!r} both fit {overlap.text!r}"
    level: FindingLevel = "note"
    if overlap.verdict is OverlapVerdict.AMBIGUOUS:
        code, level = "overlap", "warning" if overlap.is_aside else "error"
        message = f"{both}, and nothing decides between them"
        help = "Give one of them more literal text, or tokens with expressions that the other's texts don't fit."
    elif overlap.verdict is OverlapVerdict.RANKED:
        code = "outranked-overlap"
        answer = f"auto-find answers {overlap.winner.place!r}" if overlap.winner else "auto-find answers with neither"
        message = f"{both}: {answer}{overlap.why and '; '}{overlap.why}"
        help = "See whether that is the one you mean."
    else:
        code = "undecided-overlap"
        message = f"it is not known whether a text fits both {second.place!r} and {first.place!r}: {overlap.why}"
        help = "Write expressions that don't look around, or remember."
    message += _where(overlap, scope)
    if len(overlaps) > 1:
        message += f" (and {len(overlaps) - 1} more of such pairs come from these lines)"
    if others := max(one.others for one in overlaps):
        message += f" (and {others} other{'s' if others > 1 else ''} match the same paths)"
    related = (Related(_source(first), f"the mapping of {first.place!r}: {first.view.get_mapping()}"),)
    return Finding(code, level, _source(second), message, help, related, overlap.text)


def _source(target: Target) -> Source:
    return source_of_mapping(target.view)


def _line(source: Source) -> tuple[str, int, int]:
    return source.path, source.line, source.column


def _where(overlap: Overlap, scope: CheckScope) -> str:
    """Return on which platforms and layers an overlap exists; ``""`` for all of them."""
    if len(overlap.states) == len(scope.states):
        return ""
    platforms = list(dict.fromkeys(state.settings.platform for state in overlap.states))
    orders = list(dict.fromkeys(":".join(state.settings.priority) for state in overlap.states))
    parts = [f"on {', '.join(platforms)}"] if len(scope.platforms) > len(platforms) else []
    if len(scope.priorities) > len(orders):
        more = [f"{len(orders) - MOST_ORDERS} other orders"] if len(orders) > MOST_ORDERS else []
        parts.append(f"with the layers {' or '.join([*orders[:MOST_ORDERS], *more])}")
    return f" ({', '.join(parts)})" if parts else ""
