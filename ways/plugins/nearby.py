"""Which places a text may be of, told by the tables of compiled sheets: no plugin is made, and most tables are never read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ways.plugins.lazy import LazyPlugins
from ways.settings import DEFAULT_ASSIGNMENT
from ways.sheets.store.codec import Damaged
from ways.sheets.store.places import Outline, PlaceRow, TokenNotes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Generic, TypeVar

    Kept = TypeVar("Kept")
else:
    from ways.lightweight import Generic

    Kept = None

#: Gives whether a plugin takes part, by its layer and the platforms that it names; ``None`` for all.
TakesPart = Callable[[str, "frozenset[str] | None"], bool]
#: Texts of one kind that are remembered at most.
_MANY = 10_000


class NearbyPlaces(Generic[Kept]):
    """Finds the places that a text may be of as a whole, in one state of the world; perhaps some more.

    A text fits the mapping of a place only if it has each of the segments that are text alone, of the plugin that wrote it
    and of those that it is relative to, and as many separators. So the places are found that have a rare literal of the
    text, and from each place that fits those that are relative to it.

    :param takes_part: whether a plugin counts, whatever ``when`` says.
    :param make: gives what is kept for some places, in the order of registration.
    """

    def __init__(self, plugins: LazyPlugins, takes_part: TakesPart, make: Callable[[list[str]], Kept]) -> None:
        self._plugins = plugins
        self._takes_part = takes_part
        self._make = make
        self._tables = plugins.tables()
        self._rows: dict[str, list[tuple[PlaceRow, Outline]]] = {}
        self._found: dict[tuple[object, ...], Kept] = {}
        self._crossing = TokenNotes.joined(item.table.notes for item in self._tables).crossing_tokens()
        self._known: dict[str, list[str]] = {}
        self._always = self._unsure_places()
        #: The literals of all mappings, and others that no text is told apart by; ``None`` until a second text is asked for.
        self._words: frozenset[str] | None = None

    @property
    def is_valid(self) -> bool:
        """Whether the tables are still those of all plugins."""
        return self._plugins.is_whole and self._plugins.tables() is self._tables

    def near(self, text: str) -> Kept:
        """Return what is kept for the places that *text* may be of.

        :raises Damaged: a table isn't whole.
        """
        is_mixed = "/" in text and "\\" in text
        segments = text.lower().replace("\\", "/").split("/")
        words = self._words
        if words is None:
            # A single text is answered sooner without all words.
            self._words = frozenset()
            return self._make(self._near(segments, None if is_mixed else len(segments) - 1))
        if not words:
            words = self._words = frozenset(self._all_words())
        count = None if is_mixed else len(segments) - 1
        key = (count, *[segment for segment in segments if segment in words])
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _MANY:
                self._found.clear()
            found = self._found[key] = self._make(self._near([segment for segment in segments if segment in words], count))
        return found

    def _all_words(self) -> set[str]:
        return {"", *(word for item in self._tables for word in item.table.words())}

    def _near(self, segments: Sequence[str], count: int | None) -> list[str]:
        there = {"", *segments}
        waiting = [place for word in dict.fromkeys(("", *segments)) for place in self._listed(word, literal=True)]
        waiting += self._always
        seen = set(waiting)
        fitting: list[str] = []
        while waiting:
            place = waiting.pop()
            if self._fits(place, there):
                fitting.append(place)
                more = [below for below in self._listed(place, literal=False) if below not in seen]
                seen.update(more)
                waiting += more
        counts: dict[str, set[int | None]] = {}
        near = [place for place in fitting if count is None or not {None, count}.isdisjoint(self._counts(place, counts))]
        return sorted(near, key=self._order)

    def _fits(self, place: str, segments: set[str]) -> bool:
        return any(outline.parent == place or segments.issuperset(outline.literals) for _, outline in self._mappings(place))

    def _order(self, place: str) -> tuple[int, int]:
        row = self._mappings(place)[0][0]
        return row.sheet, row.start

    def _listed(self, name: str, *, literal: bool) -> list[str]:
        key = f"{'L' if literal else 'B'}{name}"
        places = self._known.get(key)
        if places is None:
            places = []
            for item in self._tables:
                places += item.table.with_literal(name) if literal else item.table.below(name)
            if len(self._known) >= _MANY:
                self._known.clear()
            self._known[key] = places
        return places

    def _mappings(self, place: str) -> list[tuple[PlaceRow, Outline]]:
        """Return the mappings that may count at a place, each with where it comes from."""
        found = self._rows.get(place)
        if found is None:
            rows = self._plugins.rows(place)
            found = [(row, row.outline) for row in rows if row.outline is not None and self._may_count(row, row.outline)]
            self._rows[place] = found
        return found

    def _may_count(self, row: PlaceRow, outline: Outline) -> bool:
        platforms = None if outline.platforms is None else frozenset(outline.platforms)
        return self._takes_part(outline.layer or self._layer(row.sheet), platforms)

    def _layer(self, part: int) -> str:
        return self._plugins.parts[part].assignment or DEFAULT_ASSIGNMENT

    def _counts(self, place: str, known: dict[str, set[int | None]]) -> set[int | None]:
        """Return how many separators the mapping of a place may have; ``None`` among them where that isn't sure."""
        counts = known.get(place)
        if counts is None:
            # In a circle there is no mapping.
            known[place] = {None}
            counts = known[place] = {count for _, outline in self._mappings(place) for count in self._counts_of(place, outline, known)}
        return counts

    def _counts_of(self, place: str, outline: Outline, known: dict[str, set[int | None]]) -> set[int | None]:
        count = outline.separators
        if count is None or outline.parent == place or not self._crossing.isdisjoint(outline.tokens):
            return {None}
        if not outline.parent:
            # Without a separator in it a token may hold any.
            return {count or None}
        return {None if above is None else above + count for above in self._counts_above(outline.parent, known)}

    def _counts_above(self, parent: str, known: dict[str, set[int | None]]) -> set[int | None]:
        counts: set[int | None] = set()
        while parent:
            counts |= self._counts(parent, known)
            if any(outline.is_sure for _, outline in self._mappings(parent)):
                return counts
            # The mapping of the place above it may stand in its place.
            parent = parent.rpartition("/")[0]
        return counts or {None}

    def _unsure_places(self) -> list[str]:
        """Return the places that may be relative to others than their tables say, as a sheet has changed or takes no part."""
        places: dict[str, None] = {}
        for item in self._tables:
            idle = [number for number, part in item.parts.items() if not self._takes_part(self._layer(part), None)]
            for number in (*item.others, *idle):
                for place in item.table.of_sheet(number):
                    places.update(dict.fromkeys(self._listed(place, literal=False)))
        return list(places)


def nearby_places(plugins: object, takes_part: TakesPart, make: Callable[[list[str]], Kept]) -> NearbyPlaces[Kept] | None:
    """Return what finds places, if all plugins come from compiled sheets that are whole; else ``None``."""
    if not isinstance(plugins, LazyPlugins) or not plugins.is_whole:
        return None
    try:
        return NearbyPlaces(plugins, takes_part, make)
    except Damaged:
        return None
