"""The plugins of compiled sheets, each made when its place is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ways.hierarchy import Hierarchy
from ways.plugins.plugin import DataPlugin
from ways.settings import DEFAULT_ASSIGNMENT
from ways.sheets.document import PluginRecord, Sheet
from ways.sheets.store.codec import Damaged
from ways.sheets.store.compiled import MadePlace, MadePlaces, Row, StoredSheet
from ways.sheets.store.places import PlaceRow, PlaceTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple


class LayeredSheet(NamedTuple):
    """One compiled sheet, and the layer of its plugins that name none."""

    sheet: StoredSheet
    assignment: str


class Making(NamedTuple):
    """Of what a plugin is made."""

    #: Its keys, as its sheet writes them.
    values: Mapping[str, Any]
    place: str | Hierarchy
    #: The parent that it was made for; empty for none.
    parent: str | Hierarchy
    assignment: str


def making_of(plugin: DataPlugin) -> Making:
    """Return of what a plugin was made."""
    return Making(plugin.info, plugin.hierarchy, plugin.parent or "", plugin.assignment)


class LazyTable:
    """A table of places, and which of its sheets are parts of some LazyPlugins: number there to number of the part."""

    def __init__(self, table: PlaceTable, parts: dict[int, int], count: int) -> None:
        self.table = table
        self.parts = parts
        #: Its sheets that are no parts: they were edited, or aren't there any more.
        self.others = frozenset(range(count)).difference(parts)


class LazyPlugins(Sequence[DataPlugin]):
    """The plugins of some compiled sheets, in the order of registration; the same plugin each time it is asked for.

    :param reload: reads the file of a sheet whose compiled form is damaged, and returns its plugins.
    """

    def __init__(self, parts: Sequence[LayeredSheet], reload: Callable[[Sheet, str], Sequence[DataPlugin]]) -> None:
        self.parts = tuple(parts)
        self._reload = reload
        self._plugins: dict[tuple[int, int, int], DataPlugin] = {}
        #: The records of plugins for several parents, by sheet and start: all copies of such a plugin have the same one.
        self._records: dict[tuple[int, int], PluginRecord] = {}
        #: The plugins of each damaged sheet, by its number.
        self._reloaded: dict[int, Sequence[DataPlugin]] = {}
        self._all: tuple[DataPlugin, ...] | None = None
        #: Whether the catalogs that the sheets were found in are left aside, as one is damaged.
        self._is_apart = False
        self._tables: list[LazyTable] | None = None
        #: What :meth:`rows` gave.
        self._rows: dict[str, list[PlaceRow]] = {}

    def at(self, place: Hierarchy) -> list[DataPlugin]:
        """Return the plugins exactly at *place*, in the order of registration."""
        if self._all is not None:
            return [plugin for plugin in self._all if plugin.hierarchy == place]
        found: list[tuple[int, list[DataPlugin]]] = []
        for row in self.rows(place.text):
            if row.sheet not in self._reloaded:
                try:
                    found.append((row.sheet, [self._plugin(row.sheet, row.start, row.parent, place)]))
                except Damaged:
                    self._reload_part(row.sheet)
        if self._reloaded:
            found = [item for item in found if item[0] not in self._reloaded]
            reloaded = dict(self._reloaded)
            found += ((number, [plugin for plugin in some if plugin.hierarchy == place]) for number, some in reloaded.items())
            found.sort(key=lambda item: item[0])
        return [plugin for _, plugins in found for plugin in plugins]

    def rows(self, place: str) -> list[PlaceRow]:
        """Return what makes a place, in the order of registration; each sheet by its number among the parts.

        What damaged sheets make is left out.
        """
        known = self._rows.get(place)
        if known is None:
            # Asked for when a place is found, and again when its plugins are made.
            known = self._rows_of(place)
            if known:
                # There is no end to the names of places that aren't there.
                self._rows[place] = known
        return known

    def _rows_of(self, place: str) -> list[PlaceRow]:
        rows: list[PlaceRow] = []
        for item in self.tables():
            try:
                found = item.table.rows(place)
                if any(row.sheet not in item.parts and row.sheet not in item.others for row in found):
                    raise Damaged("a sheet that is none")
            except Damaged:
                self._leave(item)
                return self._rows_of(place)
            parts = item.parts
            rows += [row._replace(sheet=parts[row.sheet]) for row in found if row.sheet in parts]
        if len(rows) > 1:
            rows.sort(key=_order)
        return rows

    def tables(self) -> list[LazyTable]:
        """Return the tables of all places: of the catalogs that know most of the sheets, and those of the other sheets."""
        while self._tables is None:
            tables: list[LazyTable] = []
            of_catalog: dict[int, LazyTable] = {}
            for number, part in enumerate(self.parts):
                if number in self._reloaded:
                    continue
                known = None if self._is_apart else part.sheet.in_catalog
                if known is None:
                    try:
                        tables.append(LazyTable(PlaceTable(part.sheet.entry), {0: number}, 1))
                    except Damaged:
                        self._reload_part(number)
                    continue
                catalog, own = known
                if id(catalog) not in of_catalog:
                    of_catalog[id(catalog)] = LazyTable(catalog.table, {}, 0)
                of_catalog[id(catalog)].parts[own] = number
            tables += (LazyTable(item.table, item.parts, item.table.sheet_count) for item in of_catalog.values())
            self._tables = tables
        return self._tables

    def _leave(self, item: LazyTable) -> None:
        """Do without a table that is damaged: that of a sheet with its sheet, that of a catalog with all catalogs."""
        if any(self.parts[number].sheet.in_catalog is None or self._is_apart for number in item.parts.values()):
            for number in item.parts.values():
                self._reload_part(number)
        self._is_apart = True
        self._tables = None
        self._rows = {}

    def texts(self) -> set[str]:
        """Return the places as texts, without making any plugin."""
        texts: set[str] = set()
        for number, part in enumerate(self.parts):
            texts.update(self._read(number, part.sheet.places, lambda plugin: plugin.hierarchy.text))
        return texts

    def assignments(self) -> set[str]:
        """Return the layers of the plugins, without making any."""
        names = {
            name or part.assignment or DEFAULT_ASSIGNMENT
            for number, part in enumerate(self.parts)
            if number not in self._reloaded
            for name in part.sheet.assignments
        }
        return names.union(plugin.assignment for plugins in dict(self._reloaded).values() for plugin in plugins)

    def platforms(self) -> set[str]:
        """Return the platforms that the plugins name, without making any."""
        parts = (part for number, part in enumerate(self.parts) if number not in self._reloaded)
        names = {name for part in parts for name in part.sheet.platforms}
        others = (plugin for plugins in dict(self._reloaded).values() for plugin in plugins)
        return names.union(name for plugin in others for name in plugin.platforms or ())

    @property
    def paths(self) -> set[str]:
        """The paths of the sheets."""
        return {part.sheet.source.path for part in self.parts}

    @property
    def is_whole(self) -> bool:
        """Whether :meth:`rows` gives everything: no sheet is damaged."""
        return not self._reloaded

    @property
    def conditional(self) -> tuple[DataPlugin, ...]:
        """The plugins with ``when``, in the order of registration. It makes no other."""
        plugins: list[DataPlugin] = []
        for number, part in enumerate(self.parts):
            records = ((start, *part.sheet.record(start)) for start in part.sheet.conditional)
            plugins += self._read(number, lambda records=records: self._made_of(number, records))  # type: ignore[misc]
        return tuple(plugin for plugin in plugins if plugin.when)

    def record_counts(self) -> dict[str, int]:
        """Return how many records of each sheet make plugins, by its path, without making any."""
        counts = {part.sheet.source.path: part.sheet.record_count for number, part in enumerate(self.parts)}
        for number, plugins in dict(self._reloaded).items():
            counts[self.parts[number].sheet.source.path] = len({plugin.source.pointer for plugin in plugins})
        return counts

    @property
    def is_strict(self) -> bool:
        """Whether a plugin that no foreign format gave is in the second syntax. It makes no plugin."""
        return any(part.sheet.is_strict for part in self.parts)

    def joined(self, other: LazyPlugins) -> LazyPlugins:
        """Return the plugins of both."""
        both = LazyPlugins((*self.parts, *other.parts), self._reload)
        count = len(self.parts)
        # Copies: another thread that reads either of them may add more meanwhile.
        mine, theirs, reloaded = dict(self._plugins), dict(other._plugins), dict(other._reloaded)
        records = dict(other._records)
        both._records = {**self._records, **{(number + count, start): record for (number, start), record in records.items()}}
        both._plugins = {**mine, **{(number + count, start, parent): plugin for (number, start, parent), plugin in theirs.items()}}
        both._reloaded = {**self._reloaded, **{number + count: plugins for number, plugins in reloaded.items()}}
        return both

    def makings(self, parts: slice = slice(None)) -> Iterator[Making]:
        """Yield of what each plugin is made, in the order of registration, without making any.

        :param parts: of these sheets alone.
        """
        for number in range(len(self.parts))[parts]:
            yield from self._read(number, lambda number=number: self._makings_of(number), making_of)  # type: ignore[misc]

    def _makings_of(self, number: int) -> list[Making]:
        layer = self.parts[number].assignment or DEFAULT_ASSIGNMENT
        try:
            return [
                Making(values, place, values["uses"][parent] if parent >= 0 else "", values.get("assignment") or layer)
                for _, (_, values, *_), rows in self.parts[number].sheet.records()
                for place, parent in rows
            ]
        except LookupError as error:
            raise Damaged("a parent that is not named") from error

    def of_sheet(self, path: str) -> list[DataPlugin]:
        """Return the plugins of the sheet at *path*, in the order of registration; those of others are not made."""
        numbers = [number for number, part in enumerate(self.parts) if part.sheet.source.path == path]
        return [plugin for number in numbers for plugin in self._all_of(number)]

    def _all_of(self, number: int) -> list[DataPlugin]:
        """Return the plugins of a sheet."""
        return self._read(number, lambda: self._made_of(number, self.parts[number].sheet.records()))

    def _made_of(self, number: int, records: Iterable[tuple[int, PluginRecord, list[Row]]]) -> list[DataPlugin]:
        """Return the plugins that some records of a sheet make; each record with where it starts."""
        known = self._plugins
        return [
            known.get((number, start, parent)) or self._new(number, start, parent, record, Hierarchy.of(place))
            for start, record, rows in records
            for place, parent in rows
        ]

    def _read(
        self, number: int, read: Callable[[], Iterable[Any]], again: Callable[[DataPlugin], Any] = lambda plugin: plugin
    ) -> list[Any]:
        """Return what *read* gives of a compiled sheet; if that is damaged, what *again* gives of each plugin of its file."""
        if number not in self._reloaded:
            try:
                return list(read())
            except Damaged:
                self._reload_part(number)
        return list(map(again, self._reloaded[number]))

    def _reload_part(self, number: int) -> None:
        part = self.parts[number]
        # Two threads may find it damaged at once: both use what was stored first.
        if number not in self._reloaded:
            self._reloaded.setdefault(number, self._reload(part.sheet, part.assignment))
            self._tables = None
            self._rows = {}

    def _plugin(self, number: int, start: int, parent: int, place: Hierarchy) -> DataPlugin:
        plugin = self._plugins.get((number, start, parent))
        if plugin is None:
            record, rows = self.parts[number].sheet.record(start)
            if (place.text, parent) not in rows:
                raise Damaged("a record of another place")
            plugin = self._new(number, start, parent, record, place)
        return plugin

    def _new(self, number: int, start: int, parent: int, record: PluginRecord, place: Hierarchy) -> DataPlugin:
        layer = record.values.get("assignment") or self.parts[number].assignment or DEFAULT_ASSIGNMENT
        uses = record.values.get("uses") or ()
        if parent >= len(uses):
            raise Damaged("a parent that is not named")
        if len(uses) > 1:
            record = self._records.setdefault((number, start), record)
        plugin = DataPlugin.from_record(record, layer, place, None if parent < 0 else Hierarchy.of(uses[parent]))
        return self._plugins.setdefault((number, start, parent), plugin)

    def _everything(self) -> tuple[DataPlugin, ...]:
        if self._all is None:
            self._all = tuple(plugin for number in range(len(self.parts)) for plugin in self._all_of(number))
        return self._all

    def __iter__(self) -> Iterator[DataPlugin]:
        return iter(self._everything())

    def __len__(self) -> int:
        return sum(part.sheet.plugin_count for part in self.parts) if self._all is None else len(self._all)

    def __getitem__(self, index: Any) -> Any:
        return self._everything()[index]


def _order(row: PlaceRow) -> tuple[int, int]:
    return row.sheet, row.start


def made_places(sheet: Sheet, plugins: Sequence[DataPlugin]) -> MadePlaces | None:
    """Return the places that each record of *sheet* makes.

    :returns: ``None`` if a plugin can't be made without the others, or isn't identified by its place.
    """
    # A sheet is compiled once; most processes read what others compiled.
    from ways.plugins.outline import outline_of, token_notes

    by_record: dict[int, list[DataPlugin]] = {}
    for plugin in plugins:
        by_record.setdefault(id(plugin.record), []).append(plugin)
    rows = []
    seen: set[tuple[object, ...]] = set()
    for record in sheet.plugins:
        row = []
        own = by_record.pop(id(record), [])
        uses = record.values.get("uses") or ()
        if len(own) != max(1, len(uses)) or record.values.get("uuid") or any(plugin.wildcard for plugin in own):
            return None
        for number, plugin in enumerate(own):
            key = (plugin.name, plugin.hierarchy, plugin.assignment, plugin.parent)
            if key in seen or not _has_text(plugin.hierarchy):
                return None
            seen.add(key)
            row.append(MadePlace(plugin.hierarchy.text, number if uses else -1, outline_of(plugin)))
        rows.append(row)
    return None if by_record else MadePlaces(rows, token_notes(plugins))


def _has_text(place: Hierarchy) -> bool:
    """Whether the text of a place leads back to it."""
    return bool(place) and Hierarchy.of(place.text) == place
