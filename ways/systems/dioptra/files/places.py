"""What a resource file declares, as places in the shape of a native sheet, with the position of everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.sheets.document import Draft, Pointer, Position
from ways.systems.dioptra.files.entrypoints import Entrypoint
from ways.systems.dioptra.files.graph import Graph
from ways.systems.dioptra.files.tasks import Plugin, Task
from ways.systems.dioptra.files.typetable import Declared
from ways.hierarchy import quoted_hierarchy

#: Where plugins, parameter types and entrypoints stand.
PLUGINS, TYPES, ENTRYPOINTS = ("dioptra", "plugins"), ("dioptra", "types"), ("dioptra", "entrypoints")


#: What a later file says that leaves a key out, by how it meets an earlier one: so nothing of that shows.
_LEFT_OUT: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("update", "plugins"): {"description": None},
    ("update", "entrypoints"): {"description": None, "params": []},
    ("overwrite", "plugins"): {"description": None, "files": [], "digest": None},
    ("overwrite", "entrypoints"): {
        "description": None, "params": [], "plugins": [], "artifact_params": [], "artifact_plugins": [], "graph": {}, "layout": None,
        "artifact_outputs": {},
    },
}  # fmt: skip


class Made(NamedTuple):
    """A place made of a part of a file."""

    #: What the sheet calls it.
    name: str
    written: dict[str, Any]
    #: Where that part stands in the file.
    pointer: Pointer
    #: Further parts of the file, and where each is to be found below the place.
    moved: tuple[tuple[Pointer, Pointer], ...] = ()
    #: What stands for its beginning, if not that part.
    begins: Pointer = ()


def draft_of(
    places: Sequence[Made], positions: Mapping[Pointer, Position], *, clash_with: str = ""
) -> tuple[dict[str, Any], dict[Pointer, Position]]:
    """Return the plugins of a native sheet, and where everything in them is written.

    :param clash_with: the file's path, where a place that another file makes too is to be refused: their names differ,
        and their uuids are one. Else both merge.
    """
    if clash_with:
        places = [made._replace(name=f"{made.name} of {clash_with}") for made in places]
    moves: dict[Pointer, list[Pointer]] = {}
    found: dict[Pointer, Position] = {}
    for made in places:
        top = ("plugins", made.name)
        moves.setdefault(made.pointer, []).append((*top, "data"))
        for old, new in made.moved:
            moves.setdefault(old, []).append((*top, *new))
        for key in ((), *((key,) for key in made.written if key != "data")):
            found[(*top, *key)] = _position(made.begins or made.pointer, positions)
    found.update(_moved(positions, moves))
    hidden = () if clash_with else ("uuid",)
    return {made.name: {key: made.written[key] for key in made.written if key not in hidden} for made in places}, found


def hiding(made: Made, clash: str) -> Made:
    """Return a place of a plugin or an entrypoint as it is to meet an earlier one; any other place as it is."""
    left_out = _LEFT_OUT.get((clash, str(made.pointer[0])), {}) if len(made.pointer) == 2 else {}
    return made._replace(written={**made.written, "data": {**left_out, **made.written["data"]}}) if left_out else made


def _position(pointer: Pointer, positions: Mapping[Pointer, Position]) -> Position:
    return next((positions[pointer[:end]] for end in range(len(pointer), 0, -1) if pointer[:end] in positions), (1, 1))


def _moved(
    positions: Mapping[Pointer, Position], moves: Mapping[Pointer, Sequence[Pointer]]
) -> Iterator[tuple[Pointer, Position]]:
    """Yield where the parts of the file are as parts of places: by the longest pointer that was moved."""
    lengths = sorted({len(old) for old in moves}, reverse=True)
    for pointer, position in positions.items():
        length = next((length for length in lengths if length <= len(pointer) and pointer[:length] in moves), None)
        for new in moves[pointer[:length]] if length is not None else ():
            yield (*new, *pointer[length:]), position


def plugin_places(plugins: Iterable[Plugin], grammar: str) -> Iterator[Made]:
    """Yield the place of each plugin, and that of each of its artifact tasks."""
    for plugin in plugins:
        functions = [task for task in plugin.tasks if not task.is_artifact]
        data = {key: value for key, value in plugin.written.items() if key != "tasks"}
        data |= {"name": plugin.name, "grammar": grammar}
        data["tasks"] = {task.name: _task_data(plugin, task) for task in functions}
        if plugin.files is not None:
            data |= {"files": list(plugin.files.modules), "digest": f"sha256:{plugin.files.digest}"}
        written = {
            "hierarchy": quoted_hierarchy((*PLUGINS, plugin.name)),
            "uuid": f"dioptra:plugins/{plugin.name}",
            "data": data,
        }
        moved = tuple((task.pointer, ("data", "tasks", task.name)) for task in functions)
        yield Made(f"plugin {plugin.name}", written, plugin.pointer, moved)
        yield from (_artifact(plugin, task) for task in plugin.tasks if task.is_artifact)


def _task_data(plugin: Plugin, task: Task) -> dict[str, Any]:
    inputs = {} if task.is_artifact else {"input_params": task.inputs}
    return {**task.written, **inputs, "id": plugin.task_id(task)}


def _artifact(plugin: Plugin, task: Task) -> Made:
    written = {
        "hierarchy": quoted_hierarchy((*PLUGINS, plugin.name, "artifacts", task.name)) if task.name else "",
        "uuid": f"dioptra:plugins/{plugin.name}/artifacts/{task.name}",
        "data": _task_data(plugin, task),
    }
    return Made(f"artifact {plugin.name}.{task.name}", written, task.pointer)


def type_places(types: Sequence[Declared]) -> Iterator[Made]:
    """Yield what each type adds to the one place of all: names are free text, and are no hierarchies."""
    for item in types:
        written = {
            "hierarchy": quoted_hierarchy(TYPES),
            "uuid": f"dioptra:types/{item.name}",
            "data": {item.name: dict(item.written)},
        }
        yield Made(f"type {item.name}", written, (*item.pointer, "name"), ((item.pointer, ("data", item.name)),))


def entrypoint_places(entrypoints: Sequence[Entrypoint], grammar: str) -> Iterator[Made]:
    """Yield the place of each entrypoint; its parameters are the tokens of it."""
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
        yield Made(f"entrypoint {entry.name}", written, entry.pointer, tuple(moved))


def graph_draft(graph: Graph, entries: Sequence[tuple[str, str]], *, clash_with: str = "") -> Draft:
    """Return what an entrypoint's file adds to the places of its entrypoints.

    :param entries: name and slug of each.
    :param clash_with: as for :func:`draft_of`.
    """
    nested = {key: value for key, value in graph.data.items() if key not in ("graph", "artifacts", "artifact_outputs")}
    data = {**({} if graph.layout == "bare" else nested), "graph": graph.steps, "layout": graph.layout}
    if graph.artifacts:
        data["artifact_outputs"] = graph.artifacts
    first: Pointer = graph.steps_at or tuple(graph.steps)[:1]
    made = [
        Made(
            f"graph of {name}",
            {"hierarchy": quoted_hierarchy((*ENTRYPOINTS, slug)), "uuid": f"dioptra:graphs/{slug}", "data": data},
            ("graph",) if graph.steps_at else (),
            ((graph.steps_at, ("data", "graph")), (graph.artifacts_at, ("data", "artifact_outputs"))),
            first,
        )
        for name, slug in entries
    ]
    plugins, positions = draft_of(made, graph.positions, clash_with=clash_with)
    return Draft({"plugins": plugins}, positions, graph.problems)
