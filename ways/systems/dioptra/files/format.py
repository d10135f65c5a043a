"""Dioptra: the plugins, parameter types and entrypoints that a resource TOML declares, as places. Nothing is imported."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from ways.sheets.document import Draft, Source
from ways.sheets.files import place_in
from ways.sheets.formats.base import Files
from ways.systems.dioptra.files.base import Teller
from ways.systems.dioptra.files.entrypoints import Entrypoint, read_entrypoints
from ways.systems.dioptra.files.graph import read_graph
from ways.systems.dioptra.files.places import draft_of, entrypoint_places, graph_draft, hiding, plugin_places, type_places
from ways.systems.dioptra.files.schema import check_shape, grammar_of, resource_shape, unit_of
from ways.systems.dioptra.files.tasks import Place, Plugin, read_plugins
from ways.systems.dioptra.files.toml import Resource, read_resource
from ways.systems.dioptra.files.typetable import Declared, read_types

#: How a file meets what an earlier one declares: both can't be, both merge, or the later one hides the earlier.
CLASHES = ("fail", "update", "overwrite")
_NAME = re.compile(r"dioptra[\w.-]*\.toml")
_ARRAYS = re.compile(rb"""^[ \t]*(?:\[\[[ \t]*)?["']?(?:plugins|plugin_param_types|entrypoints)["']?[ \t]*(?:\]\]|\.|=[ \t]*\[)""", re.M)
_TABLE = re.compile(rb"""^[ \t]*\[[ \t]*["']?plugins["']?[ \t]*[.\]]|^[ \t]*plugins[ \t]*(?:\.|=[ \t]*\{)""", re.M)


class Read(NamedTuple):
    """A resource file, read and checked."""

    grammar: str
    types: list[Declared]
    plugins: Mapping[str, Plugin]
    entrypoints: list[Entrypoint]
    #: The entrypoints of each graph's file.
    graphs: Mapping[str, list[Entrypoint]]
    teller: Teller


class DioptraFormat:
    """Reads resource TOML files, in both grammars, and the task graphs that they name, in both layouts.

    :param is_strict: whether what Dioptra takes without a word, and is nearly always a mistake, is an error.
    :param clash: what happens where two files declare one name: ``fail`` (the later is refused), ``update`` (both
        merge, but for what the later one may leave out: its description and parameters) or ``overwrite``.
    """

    name = "dioptra"
    suffixes: tuple[str, ...] = ()

    def __init__(self, *, is_strict: bool = True, clash: str = "fail") -> None:
        if clash not in CLASHES:
            raise ValueError(f"expected one of {', '.join(CLASHES)} for a clash, found {clash!r}")
        self.is_strict = is_strict
        self.clash = clash
        #: The file that was read last: those that it names come right after it, and ask for it.
        self._last: tuple[str, bytes, Read] | None = None

    def looks_like(self, name: str, head: bytes) -> bool:
        """Whether it is a TOML file of that name, or one whose ``plugins`` and the like are arrays."""
        lower = name.lower()
        if not lower.endswith(".toml"):
            return False
        return bool(_NAME.fullmatch(lower)) or (bool(_ARRAYS.search(head)) and not _TABLE.search(head))

    def read(self, data: bytes, source: Source, files: Files | None = None) -> Draft:
        """Return what a file declares, as places; the graphs that it names are to be followed."""
        owner = self._owner(source, files)
        if owner is None or files is None:
            return self._resource(data, source, files)
        place = place_in(files, source.path)
        entries = owner.graphs.get(place, [])
        if not entries and not place.endswith(".py"):
            return self._resource(data, source, files)
        if not entries:
            # A Python file of a plugin. It was looked into with its plugin; on its own it says nothing, and is no sheet.
            return Draft(None)
        return self._graph(data, source, owner, entries)

    def _owner(self, source: Source, files: Files | None) -> Read | None:
        """Return the resource file that names this one, if any does."""
        if not source.chain or files is None:
            return None
        above = source._replace(path=source.chain[-1], chain=source.chain[:-1])
        try:
            data = files.read(place_in(files, above.path))
        except OSError:
            return None
        if self._last is not None and self._last[:2] == (above.path, data):
            return self._last[2]
        resource = read_resource(data, above)
        # Its own faults were told when it was read itself.
        return None if resource.is_lost else self._read(resource, above, Place(None, _folder(files, above.path)))

    def _resource(self, data: bytes, source: Source, files: Files | None) -> Draft:
        resource = read_resource(data, source)
        if resource.is_lost:
            return Draft(None, {}, resource.problems, (), is_lost=True)
        found = self._read(resource, source, Place(files, "" if files is None else _folder(files, source.path)))
        self._last = (source.path, data, found)
        made = [
            *plugin_places(found.plugins.values(), found.grammar),
            *type_places(found.types),
            *entrypoint_places(found.entrypoints, found.grammar),
        ]
        made = [hiding(item, self.clash) for item in made]
        plugins, positions = draft_of(made, found.teller.positions, clash_with=self._clash_with(source))
        follow = [entry.graph for entry in found.entrypoints if entry.graph] if files is not None else []
        follow += [f"{plugin.folder}/{path}" for plugin in found.plugins.values() if plugin.files for path in plugin.files.modules]
        return Draft({"plugins": plugins}, positions, tuple(found.teller.problems), tuple(dict.fromkeys(follow)))

    def _read(self, resource: Resource, source: Source, place: Place) -> Read:
        grammar = grammar_of(resource.data)
        teller = Teller(source, resource.positions, is_strict=self.is_strict)
        teller.problems += resource.problems
        check_shape(resource.data, resource_shape(grammar), (), teller)
        teller.note_broken(unit_of)
        types = read_types(resource.data, teller)
        names = dict.fromkeys(item.name for item in types)
        plugins = read_plugins(resource.data, grammar, names, place, teller)
        entrypoints = read_entrypoints(resource.data, plugins, names, place, teller)
        graphs: dict[str, list[Entrypoint]] = {}
        for entry in entrypoints:
            graphs.setdefault(entry.graph, []).append(entry)
        return Read(grammar, types, {plugin.name: plugin for plugin in plugins}, entrypoints, graphs, teller)

    def _graph(self, data: bytes, source: Source, owner: Read, entries: list[Entrypoint]) -> Draft:
        graph = read_graph(data, source, is_strict=self.is_strict, tasks=_tasks(owner, entries))
        if graph.is_lost:
            return Draft(None, {}, graph.problems, (), is_lost=True)
        named = [(entry.name, entry.slug) for entry in entries]
        return graph_draft(graph, named, clash_with=self._clash_with(source))

    def _clash_with(self, source: Source) -> str:
        return source.path if self.clash == "fail" else ""


def _folder(files: Files, path: str) -> str:
    """Return the folder of a file, below the root."""
    return place_in(files, path).rpartition("/")[0]


def _tasks(owner: Read, entries: list[Entrypoint]) -> set[str] | None:
    """Return the names that the steps of a graph may call; ``None`` where they can't be told."""
    names = {name for entry in entries for name in entry.written.get("plugins", ())}
    if not names <= owner.plugins.keys():
        return None
    return {task.name for name in names for task in owner.plugins[name].tasks if not task.is_artifact}


DIOPTRA_FORMATS = (DioptraFormat(),)
