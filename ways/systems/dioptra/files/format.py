"""The format of Dioptra: the plugins, parameter types and entrypoints that a resource TOML declares. Nothing is imported."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from ways.sheets.document import Draft, Problem, Source
from ways.sheets.files import open_plain, place_in
from ways.sheets.formats.base import Files
from ways.systems.dioptra.files.entrypoints import Entrypoint, read_entrypoints
from ways.systems.dioptra.files.form import form_of
from ways.systems.dioptra.files.form_check import check_form, helped
from ways.systems.dioptra.files.graph import NESTED, Graph, read_graph
from ways.systems.dioptra.files.places import draft_of, draft_of_graph, from_entrypoints, from_plugins, from_types, with_left_out
from ways.systems.dioptra.files.plugins import Plugin, ResourceFolder, read_plugins
from ways.systems.dioptra.files.resource import MAX_PROBLEMS, Resource, read_resource, tables_in
from ways.systems.dioptra.files.types import DeclaredType, read_types
from ways.systems.shared import Fault, Problems

#: What happens where two files declare one name: the later file is refused, both merge, or the later one hides the earlier.
CLASHES = ("fail", "update", "overwrite")
#: Folders that are searched for the resource file that names a task graph, and bytes of each file in them.
_MOST_ABOVE, _LONGEST = 6, 1 << 20
#: Names of entrypoints that a message shows.
_SHOWN = 8
_NAME = re.compile(r"dioptra[\w.-]*\.toml")
#: Arrays of tables, of which the first kind is Dioptra's alone; plugins and entrypoints have a path, which others' plugins haven't.
_TYPES = re.compile(rb"""^[ \t]*(?:\[\[[ \t]*)?["']?plugin_param_types["']?[ \t]*(?:\]\]|=[ \t]*\[)""", re.M)
_ARRAYS = re.compile(
    rb"""^[ \t]*(?:\[\[[ \t]*["']?(?:plugins|entrypoints)["']?[ \t]*(?:\]\]|\.)|["']?(?:plugins|entrypoints)["']?[ \t]*=[ \t]*\[\s*\{)""",
    re.M,
)
_PATH = re.compile(rb"""(?:^|[\s{,])["']?path["']?[ \t]*=""", re.M)
_TABLE = re.compile(rb"""^[ \t]*\[[ \t]*["']?plugins["']?[ \t]*[.\]]|^[ \t]*plugins[ \t]*(?:\.|=[ \t]*\{)""", re.M)


class Declarations(NamedTuple):
    """What a resource file declares."""

    plugins: Mapping[str, Plugin]
    types: list[DeclaredType]
    entrypoints: list[Entrypoint]
    #: The plugins with a task whose shape is wrong, so that not all their tasks are known.
    broken: Collection[str] = ()

    def faults_of(self, entry: Entrypoint, graph: Graph) -> list[Fault]:
        """Return what is wrong with the graph of an entrypoint; the pointers start from the engine's description of it."""
        attached, artifacts = (self._attached(entry, key) for key in ("plugins", "artifact_plugins"))
        form = form_of(
            {**entry.written, "graph": graph.steps, "artifact_outputs": graph.artifacts},
            defaults={param.name: param.written for param in entry.params if param.has_default},
            tasks=[task for plugin in attached or () for task in plugin.functions().items()],
            types={item.name: item.written for item in self.types},
        )
        rules = None if artifacts is None else {name: rules for plugin in artifacts for name, rules in plugin.artifact_tasks().items()}
        faults = check_form(form, artifact_tasks=rules, has_all_tasks=attached is not None)
        functions = {name: plugin.functions() for name, plugin in self.plugins.items()}
        return helped(faults, functions, {name: plugin.artifact_tasks() for name, plugin in self.plugins.items()})

    def _attached(self, entry: Entrypoint, key: str) -> list[Plugin] | None:
        """Return the plugins that an entrypoint names; ``None`` if not all their tasks are known."""
        names = dict.fromkeys(entry.written.get(key, ()))
        if not names.keys() <= self.plugins.keys() or not names.keys().isdisjoint(self.broken):
            return None
        return [self.plugins[name] for name in names]


class DioptraFormat:
    """Reads resource TOML files, in both grammars, and the task graphs that they name, in both layouts.

    :param is_strict: whether what Dioptra accepts, and is nearly always a mistake, is an error.
    :param clash: what happens where two files declare one name: ``fail`` (the later is refused), ``update`` (both
        merge, but for what the later one may leave out: its description and parameters) or ``overwrite``.
    """

    name = "dioptra"
    suffixes: tuple[str, ...] = ()
    #: What can be done where two files declare one name.
    clash_help = (
        "Dioptra refuses the later file, too, unless it is to update the earlier one: "
        "--update, or DioptraFormat(clash='update') in Python."
    )

    def __init__(self, *, is_strict: bool = True, clash: str = "fail") -> None:
        if clash not in CLASHES:
            raise ValueError(f"expected one of {', '.join(CLASHES)} for a clash, found {clash!r}")
        self.is_strict = is_strict
        self.clash = clash

    def updating(self) -> DioptraFormat:
        """Return this format where a later file updates what an earlier one declares."""
        return DioptraFormat(is_strict=self.is_strict, clash="update")

    def looks_like(self, name: str, head: bytes) -> bool:
        """Return whether it is a TOML file whose name begins with ``dioptra``, or that has arrays of tables as Dioptra's."""
        lower = name.lower()
        if not lower.endswith(".toml"):
            return False
        if _NAME.fullmatch(lower):
            return True
        has_arrays = _TYPES.search(head) or (_ARRAYS.search(head) and _PATH.search(head))
        return bool(has_arrays) and not _TABLE.search(head)

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
        broken = {plugin.name for plugin in declared_plugins if not resource.is_whole(plugin.pointer)}
        declared = Declarations({plugin.name: plugin for plugin in declared_plugins}, types, entrypoints, broken)
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
        reader = _NamedFileFormat(self, declared)
        named = tuple(dict.fromkeys(follow))
        # Another resource file may name the same graph.
        return Draft({"plugins": sheet}, positions, problems, named, follow_format=reader, follow_each=tuple(reader.of_graph))

    def help_for(self, data: bytes, source: Source) -> str:
        """Return what would help with a YAML file that was read as a sheet and is a task graph; ``""`` if it is none."""
        graph = read_graph(data, source, is_strict=False)
        if graph.data is None or not isinstance(graph.steps, dict) or not all(isinstance(step, dict) for step in graph.steps.values()):
            return ""
        owner = resource_file_naming(source.path)
        if owner:
            return f"This is a task graph of Dioptra, which {owner} names: check that file."
        if graph.layout == NESTED or any("dependencies" in step or "task" in step for step in graph.steps.values()):
            return "If this is a task graph of Dioptra, check the resource file (dioptra.toml) whose entrypoint names it."
        return ""

    def clash_with(self, source: Source) -> str:
        """Return the path that makes what a resource file declares clash with others' declarations; ``""`` if they may merge."""
        path = source.chain[-1] if source.chain else source.path
        return path if self.clash == "fail" else ""


def resource_file_naming(path: str) -> str:
    """Return the ``dioptra*.toml`` beside a file or above it, the nearest, that names it as a task graph; ``""`` if none does."""
    target = os.path.abspath(path)
    folder = os.path.dirname(target)
    for _ in range(_MOST_ABOVE):
        with suppress(OSError):
            for name in sorted(name for name in os.listdir(folder) if _NAME.fullmatch(name.lower())):
                resource = os.path.join(folder, name)
                if any(os.path.normpath(os.path.join(folder, graph)) == target for graph in _graphs_named_in(resource)):
                    return resource
        folder = os.path.dirname(folder)
    return ""


def _graphs_named_in(resource: str) -> list[str]:
    try:
        with open(open_plain(resource), "rb") as file:
            data = tomllib.loads(file.read(_LONGEST).decode())
    except (OSError, ValueError, RecursionError):
        return []
    paths = [entry.get("path") for entry in tables_in(data.get("entrypoints"))]
    return [path for path in paths if isinstance(path, str)]


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
        graph = read_graph(data, source, is_strict=self.resource_format.is_strict)
        if graph.data is None:
            return Draft(None, {}, graph.problems, (), is_lost=True)
        problems = Problems(source, graph.positions, most=MAX_PROBLEMS)
        found: dict[Problem, tuple[Fault, dict[str, None]]] = {}
        for entry in entries:
            for fault in self.declared.faults_of(entry, graph):
                # What is wrong in the resource file itself is reported there.
                if (at := graph.pointer_of(fault.source.pointer)) is not None:
                    placed = fault._replace(source=problems.at(at))
                    found.setdefault(placed.problem, (placed, {}))[1][entry.name] = None
        problems.add_all(_of_some(fault, list(names)) if len(names) < len(entries) else fault for fault, names in found.values())
        graph = graph._replace(problems=(*graph.problems, *problems.of_sheet()))
        named = [(entry.name, entry.slug) for entry in entries]
        return draft_of_graph(graph, named, clash_with=self.resource_format.clash_with(source))


def _of_some(fault: Fault, names: Sequence[str]) -> Fault:
    """Return a fault of a task graph that names the entrypoints which have it: others share the graph, and don't have it."""
    shown = ", ".join(map(repr, names[:_SHOWN])) + (" and others" if len(names) > _SHOWN else "")
    return fault._replace(message=f"{fault.message} ({'entrypoints' if len(names) > 1 else 'entrypoint'} {shown})")


DIOPTRA_FORMATS = (DioptraFormat(),)
