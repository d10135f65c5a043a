"""Dioptra's resources in a session: entrypoints by their exact names, the form that the engine reads, and tasks.

No code of a plugin is imported or run. A task is an action that raises when it is called.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ways.api import Context, Session, quoted_hierarchy
from ways.errors import WaysError, did_you_mean
from ways.systems.dioptra.files.entrypoints import PARAMETER_TYPES, value_of
from ways.systems.dioptra.files.places import ENTRYPOINTS, PLUGINS, TYPES

#: The engine's name for the type of an entrypoint's parameter. For other types the engine goes by the default.
_ENGINE_TYPES = {"string": "string", "boolean": "boolean", "integer": "integer", "float": "number"}


class NoEntrypointError(WaysError, LookupError):
    """There is no entrypoint of that name."""


class NotLoadedError(WaysError, RuntimeError):
    """A task was called, but is only described: its plugin's code isn't loaded."""


class Task(NamedTuple):
    """A function task of a plugin, as its resource file describes it: an action that raises when it is called."""

    name: str
    plugin: str
    #: The dotted name by which a task graph's engine knows it.
    id: str
    inputs: tuple[Mapping[str, Any], ...]
    outputs: tuple[Mapping[str, Any], ...]

    def get_hierarchy(self) -> tuple[str, ...]:
        """Return the hierarchy of the task's plugin."""
        return (*PLUGINS, quoted_hierarchy((self.plugin,)))

    def __call__(self, context: Context, /, *args: object, **kwargs: object) -> Any:
        """Raise an error, as the code of a plugin isn't loaded.

        :raises NotLoadedError: always.
        """
        raise NotLoadedError(f"The task {self.id!r} is described, and its code is not loaded: it can't be called.")


def get_entrypoint(session: Session, name: str) -> Context:
    """Return the Context of the entrypoint that has exactly this name.

    :raises NoEntrypointError: there is none.
    """
    contexts = {str(context.data.get("name", context.hierarchy[-1])): context for context in _children(session, ENTRYPOINTS)}
    if name not in contexts:
        raise NoEntrypointError(f"There is no entrypoint {name!r}.{did_you_mean(name, list(contexts))}")
    return contexts[name]


def _children(session: Session, parent: tuple[str, ...]) -> list[Context]:
    """Return the Contexts one level below a hierarchy."""
    hierarchies = [hierarchy for hierarchy in session.hierarchies() if hierarchy[:-1] == parent]
    return [context for hierarchy in hierarchies if (context := session.get_context(hierarchy)) is not None]


def tasks_of(context: Context) -> list[Task]:
    """Return the function tasks of a plugin's Context, in the order of its resource file."""
    plugin = str(context.data.get("name", context.hierarchy[-1]))
    return [
        Task(name, plugin, item["id"], tuple(item.get("input_params", ())), tuple(item.get("output_params", ())))
        for name, item in context.data.get("tasks", {}).items()
    ]


def add_tasks(session: Session) -> list[Task]:
    """Register each function task of each plugin as an action of its plugin's Context, and return them."""
    tasks = []
    for context in _children(session, PLUGINS):
        for task in tasks_of(context):
            session.add_action(task, context=context.hierarchy)
            tasks.append(task)
    return tasks


def engine_form(session: Session, name: str) -> dict[str, Any]:
    """Return the description of an entrypoint that Dioptra's task engine reads.

    :raises NoEntrypointError: there is none of that name.
    """
    data = get_entrypoint(session, name).data
    types = session.get_context(TYPES) if TYPES in session.hierarchies() else None
    parameters: dict[str, dict[str, Any]] = {}
    for item in _named(data.get("params")):
        if item.get("type") not in PARAMETER_TYPES:
            continue
        parameter = parameters[item["name"]] = {}
        if "default_value" in item:
            # A default that isn't of its type is left out. It was reported when the file was read.
            with contextlib.suppress(ValueError):
                parameter["default"] = value_of(item["type"], item["default_value"])
        if item["type"] in _ENGINE_TYPES:
            parameter["type"] = _ENGINE_TYPES[item["type"]]
    tasks: dict[str, dict[str, Any]] = {}
    attached = [context for context in _children(session, PLUGINS) if context.data.get("name") in data.get("plugins", ())]
    for task in (task for context in attached for task in tasks_of(context)):
        tasks[task.name] = {"plugin": task.id, "inputs": [dict(item) for item in task.inputs]}
        if task.outputs:
            tasks[task.name]["outputs"] = _outputs(task.outputs)
    return {
        "types": {name: dict(item.get("structure", {})) for name, item in types.data.items()} if types is not None else {},
        "parameters": parameters,
        "tasks": tasks,
        "artifact_inputs": {item["name"]: _outputs(_named(item.get("output_params"))) for item in _named(data.get("artifact_params"))},
        "graph": dict(data.get("graph", {})),
        "artifact_outputs": dict(data.get("artifact_outputs", {})),
    }


def _named(items: Any) -> list[Mapping[str, Any]]:
    """Return the tables of a file that have a name. The others were reported when the file was read."""
    given = items if isinstance(items, (list, tuple)) else ()
    return [item for item in given if isinstance(item, Mapping) and isinstance(item.get("name"), str)]


def _outputs(written: Iterable[Mapping[str, Any]]) -> Any:
    """Return outputs as the engine reads them: one as a mapping, several as a list of mappings."""
    each = [{item["name"]: item["type"]} for item in written]
    return each[0] if len(each) == 1 else each
