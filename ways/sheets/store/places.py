"""The places of compiled sheets by name: which records make them, and by which text each is found.

A table has three kinds of names. Under a place stand its rows. Under a literal stand the places whose mapping has it, and
few others do. Under a place stand, too, the places that are relative to it and have no rare literal of their own: a text that
fits one of these fits what it is relative to. The mappings stand in the table as their plugins wrote them, so that the rows
of one sheet never depend on what another sheet says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ways.sheets.store.codec import Damaged
from ways.sheets.store.entry_file import StoreEntry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

#: A literal is rare if it stands in the mappings of so many places at most.
RARE = 50
_PLACE, _LITERAL, _BELOW, _SHEET, _WORDS = "P", "L", "B", "S", "W"


class Outline(NamedTuple):
    """What the mapping of one plugin says of the texts that fit it."""

    #: How many separators it has; ``None`` where that isn't sure.
    separators: int | None
    #: Segments of text alone that every text has that fits, in lower case.
    literals: list[str]
    #: The names of its tokens, with and without what stands behind a colon.
    tokens: list[str]
    #: The place that it is relative to; ``""`` for none.
    parent: str
    #: The layer that the plugin names; ``""`` for that of its sheet.
    layer: str
    #: The platforms that the plugin names; ``None`` for all.
    platforms: list[str] | None
    #: Whether the plugin takes part for some values alone.
    is_conditional: bool
    #: Whether it continues a segment of the mapping that it is relative to.
    is_glued: bool

    @property
    def is_sure(self) -> bool:
        """Whether it takes part wherever its sheet's layer does."""
        return not (self.layer or self.platforms is not None or self.is_conditional)


class TokenNotes(NamedTuple):
    """Where the values of tokens may reach."""

    #: Tokens whose values may hold a separator.
    crossing: list[str]
    #: The tokens that stand in the mappings of others.
    parts: dict[str, list[str]]

    @classmethod
    def joined(cls, notes: Iterable[TokenNotes]) -> TokenNotes:
        """Return what some notes say together: one may name the tokens that stand in a mapping, and another what these hold."""
        crossing: dict[str, None] = {}
        parts: dict[str, dict[str, None]] = {}
        for each in notes:
            crossing.update(dict.fromkeys(each.crossing))
            for name, inner in each.parts.items():
                parts.setdefault(name, {}).update(dict.fromkeys(inner))
        return cls(list(crossing), {name: list(inner) for name, inner in parts.items()})

    def crossing_tokens(self) -> set[str]:
        """Return the tokens whose values may hold a separator, those that are written by such tokens too."""
        found = set(self.crossing)
        while more := {name for name, inner in self.parts.items() if name not in found and not found.isdisjoint(inner)}:
            found |= more
        return found


class PlaceRow(NamedTuple):
    """One record that makes a place."""

    #: The number of its sheet.
    sheet: int
    #: Where the record starts.
    start: int
    #: The number of the parent that it was made for; -1 for none.
    parent: int
    #: That of its mapping; ``None`` if it has none.
    outline: Outline | None


def table_values(rows: Mapping[str, Sequence[PlaceRow]]) -> dict[str, Any]:
    """Return what stands in a table of places under each name."""
    counts: dict[str, int] = {}
    for made in _outlines(rows.values()):
        for literal in made.literals:
            counts[literal] = counts.get(literal, 0) + 1
    words = sorted({literal for outline in _outlines(rows.values()) for literal in outline.literals})
    values: dict[str, Any] = {_WORDS: "/".join(words), **{_PLACE + place: list(map(packed_row, own)) for place, own in rows.items()}}
    for place, own in rows.items():
        for row in own:
            if (outline := row.outline) is None:
                continue
            for name in _names_of(place, outline, rows, counts):
                found = values.setdefault(name, [])
                if place not in found[-1:]:
                    found.append(place)
    for place, own in rows.items():
        if _BELOW + place in values:
            for number in dict.fromkeys(row.sheet for row in own if row.outline is not None and row.outline.is_sure):
                values.setdefault(f"{_SHEET}{number}", []).append(place)
    return values


def _names_of(
    place: str, outline: Outline, rows: Mapping[str, Sequence[PlaceRow]], counts: Mapping[str, int]
) -> Iterator[str]:
    """Yield the names under which a place is found, for one of its mappings."""
    if outline.is_glued or outline.parent == place:
        yield _LITERAL
        return
    rarest = min(outline.literals, key=counts.__getitem__, default="")
    if not outline.parent or (rarest and counts[rarest] <= RARE):
        yield _LITERAL + rarest
        return
    parent = outline.parent
    while parent:
        yield _BELOW + parent
        # Where no plugin of the parent takes part, the mapping of the place above it may stand in its place.
        if any(other.is_sure for other in _outlines((rows.get(parent, ()),))):
            return
        parent = parent.rpartition("/")[0]


def _outlines(rows: Iterable[Sequence[PlaceRow]]) -> Iterator[Outline]:
    return (row.outline for own in rows for row in own if row.outline is not None)


def packed_row(row: PlaceRow) -> list[Any]:
    """Return a row as plain data; :func:`rows_of_value` reads such."""
    return [*row[:3], None if row.outline is None else list(row.outline)]


class PlaceTable:
    """A table of places, in an entry or in a catalog."""

    def __init__(self, file: StoreEntry) -> None:
        self._find = file.find
        #: How many sheets it is of.
        self.sheet_count = len(file.meta.get("sheets", "1"))
        try:
            crossing, parts = file.meta["tokens"]
            self.notes = TokenNotes(list(map(_text, crossing)), {_text(name): list(map(_text, inner)) for name, inner in parts.items()})
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Damaged(str(error)) from error

    def rows(self, place: str) -> list[PlaceRow]:
        """Return what makes a place, in order.

        :raises Damaged: it isn't whole.
        """
        return rows_of_value(self._find(_PLACE + place) or ())

    def with_literal(self, literal: str) -> list[str]:
        """Return the places that are found by a literal; ``""`` for those that may be found anywhere. Raises as :meth:`rows`."""
        return self._places(_LITERAL + literal)

    def below(self, place: str) -> list[str]:
        """Return the places that are found by the place that they are relative to. Raises as :meth:`rows`."""
        return self._places(_BELOW + place)

    def words(self) -> list[str]:
        """Return every literal that a mapping has. Raises as :meth:`rows`."""
        return _text(self._find(_WORDS) or "").split("/")

    def of_sheet(self, number: int) -> list[str]:
        """Return the places by which others are found, as a sheet surely gives them a mapping. Raises as :meth:`rows`."""
        return self._places(f"{_SHEET}{number}")

    def _places(self, name: str) -> list[str]:
        found = self._find(name)
        return [] if found is None else list(map(_text, _list(found)))


def rows_of_value(value: Any) -> list[PlaceRow]:
    """Return the rows that stand under a place.

    :raises Damaged: they are none.
    """
    try:
        return [_row(*fields) for fields in value]
    except (TypeError, ValueError) as error:
        raise Damaged(str(error)) from error


def _row(sheet: Any, start: Any, parent: Any, fields: Any) -> PlaceRow:
    if type(sheet) is not int or type(start) is not int or type(parent) is not int:
        raise Damaged("no row")
    if fields is None:
        return PlaceRow(sheet, start, parent, None)
    outline = Outline(*fields)
    separators, literals, tokens, above, layer, platforms, *_ = outline
    if not all(type(item) is list for item in (literals, tokens, platforms or [])) or not (separators is None or type(separators) is int):
        raise Damaged("no outline")
    for text in (*literals, *tokens, above, layer, *(platforms or ())):
        _text(text)
    return PlaceRow(sheet, start, parent, outline)


def _text(value: Any) -> str:
    if type(value) is not str:
        raise Damaged("no text")
    return value


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise Damaged("no list")
    return value
