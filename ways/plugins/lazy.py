"""Shelf: the plugins of compiled sheets, each made when its place is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ways.hierarchy import Hierarchy
from ways.plugins.plugin import DataPlugin
from ways.settings import DEFAULT_ASSIGNMENT
from ways.sheets.store.codec import Damaged
from ways.sheets.document import PluginRecord, Sheet
from ways.sheets.store.compiled import StoredSheet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple


class Part(NamedTuple):
    """One compiled sheet, and the layer of its plugins that name none."""

    sheet: StoredSheet
    assignment: str


class Shelf(Sequence[DataPlugin]):
    """The plugins of some compiled sheets, in the order of registration; the same plugin each time it is asked for.

    :param again: gives the plugins of a sheet as its file says, in the place of one that turns out to be damaged.
    """

    def __init__(self, parts: Sequence[Part], again: Callable[[Sheet, str], Sequence[DataPlugin]]) -> None:
        self.parts = tuple(parts)
        self._again = again
        self._made: dict[tuple[int, int, int], DataPlugin] = {}
        #: What stands in the place of a damaged sheet, by its number.
        self._mended: dict[int, Sequence[DataPlugin]] = {}
        self._all: tuple[DataPlugin, ...] | None = None

    def at(self, place: Hierarchy) -> list[DataPlugin]:
        """Return the plugins exactly at *place*, in the order of registration."""
        if self._all is not None:
            return [plugin for plugin in self._all if plugin.hierarchy == place]
        return [plugin for number in range(len(self.parts)) for plugin in self._at(number, place)]

    def texts(self) -> set[str]:
        """Return the places as text; no plugin is made for it."""
        return {text for number in range(len(self.parts)) for text in self._texts(number)}

    def _texts(self, number: int) -> Iterable[str]:
        if number not in self._mended:
            try:
                return self.parts[number].sheet.places()
            except Damaged:
                self._mend(number)
        return [plugin.hierarchy.text for plugin in self._mended[number]]

    @property
    def paths(self) -> set[str]:
        """The paths of the sheets."""
        return {part.sheet.source.path for part in self.parts}

    @property
    def digests(self) -> tuple[tuple[str, str], ...] | None:
        """What names the content of each sheet, with its layer; ``None`` where one is damaged."""
        return None if self._mended else tuple((part.sheet.entry.key, part.assignment) for part in self.parts)

    @property
    def conditional(self) -> tuple[DataPlugin, ...]:
        """The plugins that say ``when``."""
        if not any(part.sheet.conditional for part in self.parts):
            return ()
        return tuple(plugin for plugin in self if plugin.when)

    def joined(self, other: Shelf) -> Shelf:
        """Return one shelf with the sheets of both."""
        shelf = Shelf((*self.parts, *other.parts), self._again)
        count = len(self.parts)
        # Copies: who reads either of them may make more meanwhile.
        mine, theirs, mended = dict(self._made), dict(other._made), dict(other._mended)
        shelf._made = {**mine, **{(number + count, start, parent): made for (number, start, parent), made in theirs.items()}}
        shelf._mended = {**self._mended, **{number + count: made for number, made in mended.items()}}
        return shelf

    def _at(self, number: int, place: Hierarchy) -> list[DataPlugin]:
        if number not in self._mended:
            try:
                entry = self.parts[number].sheet.entry
                return [self._plugin(number, start, parent, place) for start, parent in entry.starts(place.text)]
            except Damaged:
                self._mend(number)
        return [plugin for plugin in self._mended[number] if plugin.hierarchy == place]

    def _mend(self, number: int) -> None:
        part = self.parts[number]
        # Of two that find it damaged at once, the first has its say.
        self._mended.setdefault(number, self._again(part.sheet, part.assignment))

    def _plugin(self, number: int, start: int, parent: int, place: Hierarchy) -> DataPlugin:
        held = self._made.get((number, start, parent))
        if held is None:
            record, rows = self.parts[number].sheet.record(start)
            if (place.text, parent) not in rows:
                raise Damaged("a record of another place")
            held = self._made.setdefault((number, start, parent), self._new(number, record, place, parent))
        return held

    def _new(self, number: int, record: PluginRecord, place: Hierarchy, parent: int) -> DataPlugin:
        layer = record.values.get("assignment") or self.parts[number].assignment or DEFAULT_ASSIGNMENT
        uses = record.values.get("uses") or ()
        if parent >= len(uses):
            raise Damaged("a parent that is not named")
        return DataPlugin.from_record(record, layer, place, None if parent < 0 else Hierarchy.of(uses[parent]))

    def _everything(self) -> tuple[DataPlugin, ...]:
        if self._all is None:
            self._all = tuple(plugin for number in range(len(self.parts)) for plugin in self._whole(number))
        return self._all

    def _whole(self, number: int) -> Sequence[DataPlugin]:
        if number not in self._mended:
            try:
                return [self._of_row(number, start, record, row) for start, record, rows in self._records(number) for row in rows]
            except Damaged:
                self._mend(number)
        return self._mended[number]

    def _records(self, number: int) -> Iterator[tuple[int, PluginRecord, Any]]:
        return self.parts[number].sheet.records()

    def _of_row(self, number: int, start: int, record: PluginRecord, row: tuple[str, int]) -> DataPlugin:
        place, parent = row
        held = self._made.get((number, start, parent))
        return held or self._made.setdefault((number, start, parent), self._new(number, record, Hierarchy.of(place), parent))

    def __iter__(self) -> Iterator[DataPlugin]:
        return iter(self._everything())

    def __len__(self) -> int:
        return sum(part.sheet.plugin_count for part in self.parts) if self._all is None else len(self._all)

    def __getitem__(self, index: Any) -> Any:
        return self._everything()[index]


def rows_of(sheet: Sheet, plugins: Sequence[DataPlugin]) -> list[list[tuple[str, int]]] | None:
    """Return the places that each record of *sheet* makes, each with the number of its parent.

    :returns: ``None`` where a plugin can't be made without a look at the others, or told by its place.
    """
    made: dict[int, list[DataPlugin]] = {}
    for plugin in plugins:
        made.setdefault(id(plugin.record), []).append(plugin)
    rows = []
    seen: set[tuple[object, ...]] = set()
    for record in sheet.plugins:
        row = []
        own = made.pop(id(record), [])
        uses = record.values.get("uses") or ()
        if len(own) != max(1, len(uses)) or record.values.get("uuid"):
            return None
        for number, plugin in enumerate(own):
            told = (plugin.name, plugin.hierarchy, plugin.assignment, plugin.parent)
            if told in seen or not _is_told_by_text(plugin.hierarchy):
                return None
            seen.add(told)
            row.append((plugin.hierarchy.text, number if uses else -1))
        rows.append(row)
    return None if made else rows


def _is_told_by_text(place: Hierarchy) -> bool:
    return bool(place) and Hierarchy.of(place.text) == place
