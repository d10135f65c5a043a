"""What Dioptra's files declare, as plugins in the shape of a native sheet, with the position of everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.hierarchy import quoted_hierarchy
from ways.sheets.document import Draft, Pointer, Position, position_of
from ways.systems.dioptra.files.entrypoints import Entrypoint
from ways.systems.dioptra.files.graph import Graph
from ways.systems.dioptra.files.plugins import Plugin
from ways.systems.dioptra.files.types import DeclaredType
from ways.systems.shared import moved_positions

#: The hierarchies of plugins, parameter types and entrypoints.
PLUGINS, TYPES, ENTRYPOINTS = ("dioptra", "plugins"), ("dioptra", "types"), ("dioptra", "entrypoints")
#: By clash and array of a file: the values of keys that a later file leaves out, so that those of an earlier file don't show.
_LEFT_OUT: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("update", "plugins"): {"description": None},
    ("update", "entrypoints"): {"description": None, "params": []},
    ("overwrite", "plugins"): {"description": None, "files": [], "digest": None},
    ("overwrite", "entrypoints"): {
        "description": None, "params": [], "plugins": [], "artifact_params": [], "artifact_plugins": [], "graph": {}, "layout": None,
        "artifact_outputs": {},
    },
}  # fmt: skip


class SheetPlugin(NamedTuple):
    """A plugin of a native sheet, made of a part of a file."""

    #: The name that the sheet has for it.
    name: str
    written: dict[str, Any]
    #: Where that part stands in the file.
    pointer: Pointer
    #: Further parts of the file, each with its pointer below the plugin.
    moved: tuple[tuple[Pointer, Pointer], ...] = ()
    #: Where the plugin begins in the file, if not at ``pointer``.
    begins: Pointer = ()


def draft_of(
    plugins: Iterable[SheetPlugin], positions: Mapping[Pointer, Position], *, clash_with: str = ""
) -> tuple[dict[str, Any], dict[Pointer, Position]]:
    """Return the plugins of a native sheet, and where everything in them is written.

    :param clash_with: the file's path, if two files may not make the same plugin: then the sheets' names of both differ,
        while their uuids are the same, and the later one is refused. Else names and uuids are the same, and both merge.
    """
    if clash_with:
        plugins = [plugin._replace(name=f"{plugin.name} of {clash_with}") for plugin in plugins]
    moves: dict[Pointer, list[Pointer]] = {}
    data: dict[str, Any] = {}
    moved: dict[Pointer, Position] = {}
    for plugin in plugins:
        top = ("plugins", plugin.name)
        data[plugin.name] = plugin.written
        moves.setdefault(plugin.pointer, []).append((*top, "data"))
        for old, new in plugin.moved:
            moves.setdefault(old, []).append((*top, *new))
        line, column = position_of(plugin.begins or plugin.pointer, positions)
        for key in ((), *((key,) for key in plugin.written if key != "data")):
            moved[(*top, *key)] = (line or 1, column or 1)
    moved.update(moved_positions(positions, moves))
    return data, moved


def with_left_out(plugin: SheetPlugin, clash: str) -> SheetPlugin:
    """Return a plugin with the keys that its file leaves out, where those of an earlier file must not show.

    :param clash: see :class:`ways.systems.dioptra.DioptraFormat`.
    """
    left_out = _LEFT_OUT.get((clash, str(plugin.pointer[0])), {}) if len(plugin.pointer) == 2 else {}
    return plugin._replace(written={**plugin.written, "data": {**left_out, **plugin.written["data"]}}) if left_out else plugin


def from_plugins(plugins: Iterable[Plugin], grammar: str) -> Iterator[SheetPlugin]:
    """Yield a plugin of the sheet for each plugin of the file, and one for each artifact task."""
    for plugin in plugins:
        functions = [task for task in plugin.tasks if not task.is_artifact]
        data = {key: value for key, value in plugin.written.items() if key != "tasks"}
        data |= {"name": plugin.name, "grammar": grammar}
        data["tasks"] = plugin.functions()
        if plugin.files is not None:
            data |= {"files": list(plugin.files.modules), "digest": f"sha256:{plugin.files.digest}"}
        written = {
            "hierarchy": quoted_hierarchy((*PLUGINS, plugin.name)),
            "uuid": f"dioptra:plugins/{plugin.name}",
            "data": data,
        }
        moved = tuple((task.pointer, ("data", "tasks", task.name)) for task in functions)
        yield SheetPlugin(f"plugin {plugin.name}", written, plugin.pointer, moved)
        for task in plugin.tasks:
            if task.is_artifact:
                rules = plugin.rules_of(task)
                written = {
                    "hierarchy": quoted_hierarchy((*PLUGINS, plugin.name, "artifacts", task.name)) if task.name else "",
                    "uuid": f"dioptra:plugins/{plugin.name}/artifacts/{task.name}",
                    "data": {**task.written, "id": plugin.task_id(task), **({"rules": dict(rules)} if rules else {})},
                }
                yield SheetPlugin(f"artifact {plugin.name}.{task.name}", written, task.pointer)


def from_types(types: Sequence[DeclaredType]) -> Iterator[SheetPlugin]:
    """Yield a plugin of the sheet for each type. All have one hierarchy, as the name of a type may be any text."""
    for item in types:
        written = {
            "hierarchy": quoted_hierarchy(TYPES),
            "uuid": f"dioptra:types/{item.name}",
            "data": {item.name: dict(item.written)},
        }
        yield SheetPlugin(f"type {item.name}", written, (*item.pointer, "name"), ((item.pointer, ("data", item.name)),))


def from_entrypoints(entrypoints: Sequence[Entrypoint], grammar: str) -> Iterator[SheetPlugin]:
    """Yield a plugin of the sheet for each entrypoint. Its parameters are the tokens of its mapping."""
    for entry in entrypoints:
        written = {
            "hierarchy": quoted_hierarchy((*ENTRYPOINTS, entry.slug)),
            "uuid": entry.name,
            "mapping": entry.mapping,
            "mapping_details": entry.tokens(),
            "data": {**entry.written, "name": entry.name, "grammar": grammar},
        }
        params = [param for param in entry.params if param.name in written["mapping_details"]]
        tokens = [(param.pointer, ("mapping_details", param.name)) for param in params]
        moved = [*tokens, *((param.pointer, ("data", *param.pointer[2:])) for param in params)]
        for param in params:
            moved.append(((*param.pointer, "default_value"), ("mapping_details", param.name, "default")))
            moved.append(((*param.pointer, "default_value"), ("data", *param.pointer[2:], "default_value")))
        yield SheetPlugin(f"entrypoint {entry.name}", written, entry.pointer, tuple(moved))


def draft_of_graph(graph: Graph, entries: Sequence[tuple[str, str]], *, clash_with: str = "") -> Draft:
    """Return what the file of a task graph adds to the hierarchies of its entrypoints.

    :param entries: name and slug of each.
    :param clash_with: as for :func:`draft_of`.
    """
    nested = {key: value for key, value in graph.data.items() if key not in ("graph", "artifacts", "artifact_outputs")}
    data = {**({} if graph.layout == "bare" else nested), "graph": graph.steps, "layout": graph.layout}
    if graph.artifacts:
        data["artifact_outputs"] = graph.artifacts
    first: Pointer = graph.steps_at or tuple(graph.steps)[:1]
    added = [
        SheetPlugin(
            f"graph of {name}",
            {"hierarchy": quoted_hierarchy((*ENTRYPOINTS, slug)), "uuid": f"dioptra:graphs/{slug}", "data": data},
            ("graph",) if graph.steps_at else (),
            ((graph.steps_at, ("data", "graph")), (graph.artifacts_at, ("data", "artifact_outputs"))),
            first,
        )
        for name, slug in entries
    ]
    plugins, positions = draft_of(added, graph.positions, clash_with=clash_with)
    return Draft({"plugins": plugins}, positions, graph.problems)
