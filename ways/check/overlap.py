"""Which Contexts can't be told apart: pairs whose mappings fit the same text, with such a text."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from ways.assets.finding import Finder
from ways.assets.reading import Candidate
from ways.check.language import Languages
from ways.check.intersection_search import Meeting
from ways.check.pairs import may_meet
from ways.contexts.state import RegistryView
from ways.contexts.view import ResolvedContext
from ways.regex.product import Product, TextSearch, all_texts
from ways.check.world import template_of
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.errors import AmbiguousContextError, WaysError
from ways.hierarchy import Hierarchy
from ways.sheets.document import Source

#: Texts of two mappings that are asked for, at most.
MOST_ASKED = 24
#: Where two mappings have no more texts than these in common, all are asked for.
MOST_WORDS = 200


#: Said where one wins, and not every text could be tried.
_NOT_ALL = "the ranks may be equal for other texts; none of those that were tried is ambiguous"


class Verdict(Enum):
    """How two Contexts meet."""

    #: A text fits both, and nothing decides which it is of.
    AMBIGUOUS = "ambiguous"
    #: A text fits both, and one of them wins; none was found for which nothing decides. Where there is no ``why``,
    #: there is none.
    RANKED = "ranked"
    #: It can't be told whether a text fits both.
    UNDECIDED = "undecided"


class Side(NamedTuple):
    """One of two Contexts, in one of its variants."""

    context: Context
    view: ResolvedContext

    @property
    def hierarchy(self) -> str:
        """The place, as text."""
        return Hierarchy.of(self.context.hierarchy).text

    @property
    def mapping(self) -> str:
        """The mapping, as the platform has it."""
        return self.view.get_mapping()

    @property
    def source(self) -> Source | None:
        """Where the last plugin that writes the mapping does so."""
        return self.view.provenance.source_of_mapping()


class Overlap(NamedTuple):
    """Two Contexts that meet, or may do so."""

    verdict: Verdict
    first: Side
    second: Side
    #: A text that fits both; ``''`` where none is known.
    text: str
    #: Which of them the text is found to be of; ``None`` where neither wins.
    winner: Side | None
    #: Why no more can be said; ``''`` where all is said.
    why: str
    #: In which states of the world this is so.
    states: tuple[RegistryView, ...]
    #: Whether both are of layers without priority, and are asked only where nothing else fits.
    is_aside: bool = False


class Overlaps(NamedTuple):
    """Every two Contexts that meet; all others are proved to have no text in common."""

    found: tuple[Overlap, ...]
    #: Pairs of Contexts that were looked at, in all states together.
    pair_count: int
    #: Whether there were more pairs to decide than are decided at most, so that the others are unknown.
    is_cut: bool = False

    def of(self, verdict: Verdict) -> list[Overlap]:
        """Return the pairs that meet so."""
        return [overlap for overlap in self.found if overlap.verdict is verdict]


def find_overlaps(pool: ContextPool, states: Iterable[RegistryView] | None = None) -> Overlaps:
    """Return every two Contexts whose mappings fit the same text, strictly, with the shortest such text.

    :param states: the world as platforms and orders of layers see it; as it is at this moment, if absent.
    """
    found: list[Overlap] = []
    count = 0
    is_cut = False
    for state in (pool.state(),) if states is None else states:
        world = _World(Finder(pool, state), state)
        for number, sides in enumerate(world.groups):
            count += len(sides) * (len(sides) - 1) // 2
            near = may_meet([side.view for side in sides], world.languages)
            is_cut = is_cut or near.is_cut
            told = (world.overlap(sides[one], sides[other]) for one, other in near.pairs)
            found += (overlap._replace(is_aside=number > 0) for overlap in told if overlap)
    return Overlaps(tuple(_merged(found)), count, is_cut)


def _merged(found: Iterable[Overlap]) -> Iterator[Overlap]:
    """Yield one overlap for each pair: of its variants, and of all states, the one that says most."""
    pairs: dict[tuple[Context, Context], list[Overlap]] = {}
    for overlap in found:
        pairs.setdefault((overlap.first.context, overlap.second.context), []).append(overlap)
    for some in pairs.values():
        worst = min(some, key=_order)
        states = dict.fromkeys(state for other in some if _order(other) == _order(worst) for state in other.states)
        yield worst._replace(states=tuple(states))


def _order(overlap: Overlap) -> tuple[bool, int]:
    return overlap.is_aside, list(Verdict).index(overlap.verdict)


class _World:
    """The Contexts of one state of the world."""

    def __init__(self, finder: Finder, state: RegistryView) -> None:
        self._finder = finder
        self._state = state
        self.languages = Languages()

    @property
    def groups(self) -> list[list[Side]]:
        """The Contexts that are looked at together. A mapping that can't be read fits nothing."""
        return [
            [Side(target.context, target.view) for target in group.targets if template_of(target.view) is not None]
            for group in self._finder.index.groups
        ]

    def overlap(self, first: Side, second: Side) -> Overlap | None:
        """Return how two Contexts meet; ``None`` if they don't."""
        if first.context is second.context:
            return None
        meeting = Meeting(self.languages, first.view, second.view)
        overlap = Overlap(Verdict.UNDECIDED, first, second, "", None, "", (self._state,))
        products: list[Product] = []
        for one in meeting.products():
            for text in _texts([one], 0):
                if self._is_ambiguous(text, first, second):
                    return overlap._replace(verdict=Verdict.AMBIGUOUS, text=text)
            products.append(one)
        return self._without_ambiguity(overlap, products, meeting)

    def _without_ambiguity(self, overlap: Overlap, products: Sequence[Product], meeting: Meeting) -> Overlap | None:
        """Return how two Contexts meet of which no ambiguous text was found; ``None`` if they don't."""
        _, first, second, *_ = overlap
        for text in _texts(products, None):
            if self._is_common(text, first, second):
                why = "" if meeting.is_complete and not any(map(_may_be_equal, products)) else _NOT_ALL
                return overlap._replace(verdict=Verdict.RANKED, text=text, winner=self._winner(text, first, second), why=why)
        if meeting.is_complete and self._have_none(products, first, second):
            return None
        return overlap._replace(why="; ".join(meeting.doubts))

    def _is_ambiguous(self, text: str, first: Side, second: Side) -> bool:
        try:
            self._finder.find_text(text, ("a",))
        except AmbiguousContextError as error:
            found = [candidate.context for candidate in error.candidates if isinstance(candidate, Candidate)]
            return first.context in found and second.context in found
        except WaysError:
            pass
        return False

    def _is_common(self, text: str, first: Side, second: Side) -> bool:
        found = [candidate.context for candidate in self._finder.candidates(text)]
        return first.context in found and second.context in found

    def _winner(self, text: str, first: Side, second: Side) -> Side | None:
        try:
            found = self._finder.find_text(text, ("a",)).context
        except WaysError:
            return None
        return next((side for side in (first, second) if side.context is found), None)

    def _have_none(self, products: Sequence[Product], first: Side, second: Side) -> bool:
        """Whether these hold so few texts that each can be asked for, and none fits both."""
        words = [all_texts(one, MOST_WORDS) for one in products]
        return all(some is not None and not any(self._is_common(text, first, second) for text in some) for some in words)


def _may_be_equal(found: Product) -> bool:
    """Whether neither of two mappings leads for some text, as far as can be told."""
    search = TextSearch(found, 0)
    return next(iter(search), None) is not None or not search.is_complete


def _texts(products: Iterable[Product], lead: int | None) -> Iterator[str]:
    """Yield some texts of these products, each once, short ones first."""
    found: dict[str, None] = {}
    for spread, visits in ((1, 1), (2, 2), (4, 8)):
        for one in products:
            for text in itertools.islice(TextSearch(one, lead, spread=spread, visits=visits), 8):
                if text not in found:
                    found[text] = None
                    yield text
                if len(found) >= MOST_ASKED:
                    return
