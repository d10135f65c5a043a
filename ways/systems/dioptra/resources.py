"""Dioptra's resources as a session describes them: entrypoints by their exact names, what its engine reads, and tasks.

Nothing of a plugin is imported or run: a task is catalogued, and says so when it is called.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ways.api import Context, Session, quoted_hierarchy
from ways.errors import WaysError, did_you_mean
from ways.systems.dioptra.git import GitAddress, GitAddressError, git_source, parse_git_address
from ways.systems.dioptra.task_signatures import Signature, signatures
from ways.systems.dioptra.files.format import DioptraFormat
from ways.systems.dioptra.files.params import BAD_DEFAULT, TYPES
from ways.systems.dioptra.files.places import ENTRYPOINTS, PLUGINS
from ways.systems.dioptra.files.places import TYPES as TYPES_PLACE

__all__ = [
    "DioptraFormat", "GitAddress", "GitAddressError", "NoEntrypointError", "NotLoadedError", "Signature", "Task",
    "add_tasks", "engine_form", "get_entrypoint", "git_source", "parse_git_address", "signatures",
]

#: What a type of an entrypoint's parameter is to the engine; the others are told by the default.
_ENGINE_TYPES = {"string": "string", "boolean": "boolean", "integer": "integer", "float": "number"}


class NoEntrypointError(WaysError, LookupError):
    """There is no entrypoint of that name."""


class NotLoadedError(WaysError, RuntimeError):
    """A task is described only: its plugin's code isn't loaded."""


class Task(NamedTuple):
    """A function task of a plugin, as its resource file describes it: an action that can't be run."""

    name: str
    plugin: str
    #: The dotted name by which a task graph's engine knows it.
    id: str
    inputs: tuple[Mapping[str, Any], ...]
    outputs: tuple[Mapping[str, Any], ...]

    def get_hierarchy(self) -> tuple[str, ...]:
        """Return the place that the task serves: its plugin's."""
        return (*PLUGINS, quoted_hierarchy((self.plugin,)))

    def __call__(self, context: Context, /, *args: object, **kwargs: object) -> Any:
        """Raise: describing a plugin never runs it.

        :raises NotLoadedError: always.
        """
        raise NotLoadedError(f"The task {self.id!r} is described, and its code is not loaded: it can't be called.")


def get_entrypoint(session: Session, name: str) -> Context:
    """Return the place of the entrypoint that has exactly this name.

    :raises NoEntrypointError: there is none.
    """
    found = _entrypoints(session)
    if name not in found:
        raise NoEntrypointError(f"There is no entrypoint {name!r}.{did_you_mean(name, list(found))}")
    return found[name]


def _entrypoints(session: Session) -> dict[str, Context]:
    return {str(context.data.get("name", context.hierarchy[-1])): context for context in _below(session, ENTRYPOINTS)}


def _below(session: Session, top: tuple[str, ...]) -> list[Context]:
    """Return the places right below a place."""
    places = [found for found in session.hierarchies() if found[:-1] == top]
    return [context for found in places if (context := session.get_context(found)) is not None]


def tasks_of(context: Context) -> list[Task]:
    """Return the function tasks of a plugin's place, in the order of its resource file."""
    plugin = str(context.data.get("name", context.hierarchy[-1]))
    return [
        Task(name, plugin, item["id"], tuple(item.get("input_params", ())), tuple(item.get("output_params", ())))
        for name, item in context.data.get("tasks", {}).items()
    ]


def add_tasks(session: Session) -> list[Task]:
    """Register each function task of each plugin as an action at its plugin's place, and return them."""
    found = []
    for context in _below(session, PLUGINS):
        for task in tasks_of(context):
            session.add_action(task, context=context.hierarchy)
            found.append(task)
    return found


def engine_form(session: Session, name: str) -> dict[str, Any]:
    """Return the description of an entrypoint that Dioptra's task engine reads.

    :raises NoEntrypointError: there is none of that name.
    """
    data = get_entrypoint(session, name).data
    attached = [context for context in _below(session, PLUGINS) if context.data.get("name") in data.get("plugins", ())]
    return {
        "types": _types(session),
        "parameters": {item["name"]: _parameter(item) for item in _whole(data.get("params")) if item.get("type") in TYPES},
        "tasks": {task.name: _engine_task(task) for context in attached for task in tasks_of(context)},
        "artifact_inputs": {item["name"]: _outputs(_whole(item.get("output_params"))) for item in _whole(data.get("artifact_params"))},
        "graph": dict(data.get("graph", {})),
        "artifact_outputs": dict(data.get("artifact_outputs", {})),
    }


def _whole(items: Any) -> list[Mapping[str, Any]]:
    """Return those of a file's tables that have a name; what is wrong with the others was told when it was read."""
    given = items if isinstance(items, (list, tuple)) else ()
    return [item for item in given if isinstance(item, Mapping) and isinstance(item.get("name"), str)]


def _types(session: Session) -> dict[str, Any]:
    there = TYPES_PLACE in session.hierarchies()
    context = session.get_context(TYPES_PLACE) if there else None
    declared = context.data if context is not None else {}
    return {name: dict(item.get("structure", {})) for name, item in declared.items()}


def _parameter(item: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "default_value" in item:
        # A default that isn't of its type was told when the file was read, and is none.
        with contextlib.suppress(*BAD_DEFAULT):
            found["default"] = TYPES[item["type"]](item["default_value"])
    if item["type"] in _ENGINE_TYPES:
        found["type"] = _ENGINE_TYPES[item["type"]]
    return found


def _engine_task(task: Task) -> dict[str, Any]:
    found: dict[str, Any] = {"plugin": task.id, "inputs": [dict(item) for item in task.inputs]}
    return {**found, "outputs": _outputs(task.outputs)} if task.outputs else found


def _outputs(written: Iterable[Mapping[str, Any]]) -> Any:
    """Return outputs as the engine has them: one as a mapping, several as a list of such."""
    each = [{item["name"]: item["type"]} for item in written]
    return each[0] if len(each) == 1 else each
