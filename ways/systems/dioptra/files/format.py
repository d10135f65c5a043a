"""The format of Dioptra: the plugins, parameter types and entrypoints that a resource TOML declares. Nothing is imported."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from ways.sheets.document import Draft, Source
from ways.sheets.files import place_in
from ways.sheets.formats.base import Files
from ways.systems.dioptra.files.entrypoints import Entrypoint, read_entrypoints
from ways.systems.dioptra.files.graph import read_graph
from ways.systems.dioptra.files.places import draft_of, draft_of_graph, from_entrypoints, from_plugins, from_types, with_left_out
from ways.systems.dioptra.files.plugins import Plugin, ResourceFolder, read_plugins
from ways.systems.dioptra.files.resource import Resource, read_resource
from ways.systems.dioptra.files.types import read_types

#: What happens where two files declare one name: the later file is refused, both merge, or the later one hides the earlier.
CLASHES = ("fail", "update", "overwrite")
_NAME = re.compile(r"dioptra[\w.-]*\.toml")
_ARRAYS = re.compile(rb"""^[ \t]*(?:\[\[[ \t]*)?["']?(?:plugins|plugin_param_types|entrypoints)["']?[ \t]*(?:\]\]|\.|=[ \t]*\[)""", re.M)
_TABLE = re.compile(rb"""^[ \t]*\[[ \t]*["']?plugins["']?[ \t]*[.\]]|^[ \t]*plugins[ \t]*(?:\.|=[ \t]*\{)""", re.M)


class Declarations(NamedTuple):
    """The plugins and entrypoints that a resource file declares."""

    plugins: Mapping[str, Plugin]
    entrypoints: list[Entrypoint]

    def tasks_of(self, entrypoints: list[Entrypoint]) -> set[str] | None:
        """Return the names that the steps of these entrypoints may call; ``None`` if not all of their plugins are known."""
        names = {name for entry in entrypoints for name in entry.written.get("plugins", ())}
        if not names <= self.plugins.keys():
            return None
        return {task.name for name in names for task in self.plugins[name].tasks if not task.is_artifact}


class DioptraFormat:
    """Reads resource TOML files, in both grammars, and the task graphs that they name, in both layouts.

    :param is_strict: whether what Dioptra accepts, and is nearly always a mistake, is an error.
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

    def looks_like(self, name: str, head: bytes) -> bool:
        """Return whether it is a TOML file whose name begins with ``dioptra``, or whose ``plugins`` and the like are arrays."""
        lower = name.lower()
        if not lower.endswith(".toml"):
            return False
        return bool(_NAME.fullmatch(lower)) or (bool(_ARRAYS.search(head)) and not _TABLE.search(head))

    def read(self, data: bytes, source: Source, files: Files | None = None) -> Draft:
        """Return what a resource file declares, as plugins of a sheet. The files that it names are to be followed."""
        resource = read_resource(data, source, is_strict=self.is_strict)
        if not isinstance(resource, Resource):
            return Draft(None, {}, resource, (), is_lost=True)
        folder = "" if files is None else place_in(files, source.path).rpartition("/")[0]
        at = ResourceFolder(files, folder)
        types = read_types(resource)
        names = dict.fromkeys(item.name for item in types)
        declared_plugins = read_plugins(resource, names, at)
        entrypoints = read_entrypoints(resource, declared_plugins, names, at)
        declared = Declarations({plugin.name: plugin for plugin in declared_plugins}, entrypoints)
        plugins = [
            *from_plugins(declared.plugins.values(), resource.grammar),
            *from_types(types),
            *from_entrypoints(entrypoints, resource.grammar),
        ]
        plugins = [with_left_out(plugin, self.clash) for plugin in plugins]
        sheet, positions = draft_of(plugins, resource.problems.positions, clash_with=self.clash_with(source))
        problems = (*resource.syntax, *resource.problems.of_sheet())
        follow = [entry.graph for entry in entrypoints if entry.graph] if files is not None else []
        for plugin in declared.plugins.values():
            follow += [f"{plugin.folder}/{path}" for path in plugin.files.modules] if plugin.files is not None else []
        follow_format = _NamedFileFormat(self, declared)
        return Draft({"plugins": sheet}, positions, problems, tuple(dict.fromkeys(follow)), follow_format=follow_format)

    def clash_with(self, source: Source) -> str:
        """Return the path that makes the plugins of a file clash with those of others; ``""`` if they may merge."""
        return source.path if self.clash == "fail" else ""


class _NamedFileFormat:
    """Reads the files that one resource file names: task graphs, and the Python files of its plugins.

    :param declared: the plugins and entrypoints of the resource file.
    """

    name = DioptraFormat.name

    def __init__(self, resource_format: DioptraFormat, declared: Declarations) -> None:
        self.resource_format = resource_format
        self.declared = declared
        #: The entrypoints of each task graph's file.
        self.of_graph: dict[str, list[Entrypoint]] = {}
        for entry in declared.entrypoints:
            self.of_graph.setdefault(entry.graph, []).append(entry)

    def read(self, data: bytes, source: Source, files: Files | None = None) -> Draft:
        """Return what a task graph adds to its entrypoints; nothing for a Python file, which was parsed with its plugin."""
        place = source.path if files is None else place_in(files, source.path)
        entries = self.of_graph.get(place, [])
        if not entries:
            return Draft(None) if place.endswith(".py") else self.resource_format.read(data, source, files)
        tasks = self.declared.tasks_of(entries)
        graph = read_graph(data, source, is_strict=self.resource_format.is_strict, tasks=tasks)
        if graph.data is None:
            return Draft(None, {}, graph.problems, (), is_lost=True)
        named = [(entry.name, entry.slug) for entry in entries]
        return draft_of_graph(graph, named, clash_with=self.resource_format.clash_with(source))


DIOPTRA_FORMATS = (DioptraFormat(),)
