"""The check for Contexts that can't be told apart: pairs whose mappings fit the same text, each with such a text."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from ways.assets.finding import Finder
from ways.assets.index import Target
from ways.assets.reading import Candidate
from ways.check.findings import Finding, FindingLevel, Related
from ways.check.intersection_search import IntersectionSearch
from ways.check.mapping_machines import MappingMachines
from ways.check.pairs import candidate_pairs
from ways.check.scope import CheckScope, source_of_mapping
from ways.check.shapes import ViewShapes
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.contexts.state import RegistryView
from ways.errors import AmbiguousContextError, WaysError
from ways.regex.product import Product, TextSearch, all_texts, may_have_lead
from ways.sheets.document import Source

#: Texts of two mappings that are tried, at most; and of one product, before another is tried.
MOST_TRIED, MOST_AT_ONCE = 24, 8
#: If two mappings have no more texts than these in common, all are tried.
MOST_TEXTS = 200
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


class Overlaps(NamedTuple):
    """All pairs of Contexts with a text in common. All other pairs are proved to have none."""

    pairs: tuple[Overlap, ...]
    #: The number of pairs that were looked at, in all states together.
    pair_count: int
    #: Whether there were too many pairs to decide, so that some are unknown.
    is_cut: bool = False

    def of(self, verdict: OverlapVerdict) -> list[Overlap]:
        """Return the pairs of one verdict."""
        return [overlap for overlap in self.pairs if overlap.verdict is verdict]


def find_overlaps(
    pool: ContextPool, states: Iterable[RegistryView] | None = None, shapes: ViewShapes | None = None
) -> Overlaps:
    """Return every pair of Contexts whose mappings fit the same text, strictly, with a shortest such text.

    :param states: the registry as platforms and orders of layers see it; by default as it is now.
    :param shapes: what is known of the mappings already.
    """
    shapes = ViewShapes() if shapes is None else shapes
    overlaps: list[Overlap] = []
    pair_count = 0
    is_cut = False
    for state in (pool.state(),) if states is None else states:
        # The index of the finder is made with the first text: most worlds have none that fits two Contexts.
        finder, machines = Finder(pool, state), MappingMachines()
        for number, targets in enumerate(finder.index.layers()):
            group = OverlapGroup(finder, state, targets, machines, shapes)
            candidates = candidate_pairs([target.view for target in group.targets], machines, shapes)
            pair_count += len(group.targets) * (len(group.targets) - 1) // 2
            is_cut = is_cut or candidates.is_cut
            overlaps += (overlap._replace(is_aside=number > 0) for overlap in map(group.overlap, candidates.pairs) if overlap)
    return Overlaps(tuple(_merged(overlaps)), pair_count, is_cut)


def _merged(overlaps: Iterable[Overlap]) -> Iterator[Overlap]:
    """Yield one overlap for each pair of Contexts: the worst of all their variants and states."""
    pairs: dict[tuple[Context, Context], list[Overlap]] = {}
    for overlap in overlaps:
        pairs.setdefault((overlap.first.context, overlap.second.context), []).append(overlap)
    for some in pairs.values():
        worst = min(some, key=_order)
        states = dict.fromkeys(state for other in some if _order(other) == _order(worst) for state in other.states)
        yield worst._replace(states=tuple(states))


def _order(overlap: Overlap) -> tuple[bool, int]:
    return overlap.is_aside, list(OverlapVerdict).index(overlap.verdict)


class OverlapGroup:
    """Contexts that auto-find tries together, in one state. A mapping that can't be read is left out: nothing fits it."""

    def __init__(
        self, finder: Finder, state: RegistryView, targets: Iterable[Target], machines: MappingMachines, shapes: ViewShapes
    ) -> None:
        self._finder = finder
        self._state = state
        self._machines = machines
        self.targets = [target for target in targets if shapes.of(target.view) is not None and shapes.is_readable(target.view)]

    def overlap(self, pair: tuple[int, int]) -> Overlap | None:
        """Return what two Contexts, given by the numbers of their targets, have in common; ``None`` for nothing."""
        first, second = self.targets[pair[0]], self.targets[pair[1]]
        if first.context is second.context:
            return None
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
            if not may_have_lead(one, 0):
                continue
            is_decided = False
            for text in _texts([one], 0):
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
        for text in _texts(products, None):
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
        return next((text for text in itertools.islice(TextSearch(product), MOST_AT_ONCE) if self._is_common(text, first, second)), None)

    def _is_ambiguous(self, text: str, first: Target, second: Target) -> bool:
        try:
            self._finder.find_text(text, ("a",))
        except AmbiguousContextError as error:
            contexts = [candidate.context for candidate in error.candidates if isinstance(candidate, Candidate)]
            return first.context in contexts and second.context in contexts
        except WaysError:
            pass
        return False

    def _is_common(self, text: str, first: Target, second: Target) -> bool:
        contexts = [candidate.context for candidate in self._finder.candidates(text)]
        return first.context in contexts and second.context in contexts

    def _winner(self, text: str, first: Target, second: Target) -> Target | None:
        try:
            context = self._finder.find_text(text, ("a",)).context
        except WaysError:
            return None
        return next((target for target in (first, second) if target.context is context), None)

    def _have_none(self, products: Sequence[Product], first: Target, second: Target) -> bool:
        """Whether the products have so few texts that each can be tried, and none of them fits both."""
        texts_of = [all_texts(one, MOST_TEXTS) for one in products]
        return all(texts is not None and not any(self._is_common(text, first, second) for text in texts) for texts in texts_of)


def _texts(products: Iterable[Product], lead: int | None) -> Iterator[str]:
    """Yield some texts of *products*, each once, short ones first."""
    texts: dict[str, None] = {}
    for spread, visits in ((1, 1), (2, 2), (4, 8)):
        for product in products:
            for text in itertools.islice(TextSearch(product, lead, spread=spread, visits=visits), MOST_AT_ONCE):
                if text not in texts:
                    texts[text] = None
                    yield text
                if len(texts) >= MOST_TRIED:
                    return


# --- as findings


def check_overlaps(scope: CheckScope) -> Iterator[Finding]:
    """Yield each pair of Contexts whose mappings fit the same text, or may do so."""
    overlaps = find_overlaps(scope.pool, scope.states, scope.shapes)
    by_lines: dict[tuple[OverlapVerdict, Source, Source], list[Overlap]] = {}
    for overlap in overlaps.pairs:
        if overlap.is_aside and overlap.first.place == overlap.second.place:
            # Two layers of one place may fit the same text: the priority decides which of them counts.
            continue
        lines = sorted((_source(overlap.first), _source(overlap.second)), key=_line)
        by_lines.setdefault((overlap.verdict, lines[0], lines[1]), []).append(overlap)
    for same_lines in by_lines.values():
        yield _overlap_finding(same_lines, scope)
    if overlaps.is_cut:
        source = next((sheet.source for sheet in scope.sheets), Source(""))
        message = f"too many of {overlaps.pair_count} pairs of Contexts may fit the same text: not each of them was looked at"
        yield Finding("undecided-overlap", "note", source, message, "Mend the pairs that are reported first.")


def _overlap_finding(overlaps: Sequence[Overlap], scope: CheckScope) -> Finding:
    """Return the finding for pairs that come from the same two lines. It shows one of them."""
    overlap = min(overlaps, key=lambda one: (one.is_aside, len(one.text)))
    first, second = sorted((overlap.first, overlap.second), key=lambda target: _line(_source(target)))
    both = f"{second.place!r} and {first.place!r} both fit {overlap.text!r}"
    level: FindingLevel = "note"
    if overlap.verdict is OverlapVerdict.AMBIGUOUS:
        code, level = "overlap", "warning" if overlap.is_aside else "error"
        message = f"{both}, and nothing decides which of them it belongs to"
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
    layers = list(dict.fromkeys(":".join(state.settings.priority) for state in overlap.states))
    parts = [f"on {', '.join(platforms)}"] if len(scope.platforms) > len(platforms) else []
    parts += [f"with the layers {' or '.join(layers)}"] if len(scope.priorities) > len(layers) else []
    return f" ({', '.join(parts)})" if parts else ""
