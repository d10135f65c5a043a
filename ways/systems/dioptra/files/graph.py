"""Entrypoint YAML files, in both layouts: a task graph by itself, or below ``graph`` beside the artifacts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from ways.sheets.files import bytes_to_text
from ways.sheets.document import Draft, Pointer, Position, Problem, Source
from ways.sheets.formats import yaml_text
from ways.systems.dioptra.files.base import MAX_NESTING, MAX_VALUES, Teller, kind, weight_of

#: The layouts: the document is the graph, or has it below ``graph``.
BARE, NESTED = "bare", "nested"
#: Where the artifact outputs are, in the nested layout; the second is what the engine calls them.
ARTIFACTS = ("artifacts", "artifact_outputs")


class Graph(NamedTuple):
    """What an entrypoint's file says."""

    layout: str = ""
    steps: Mapping[str, Any] = {}
    artifacts: Mapping[str, Any] = {}
    #: Everything as it is written.
    data: Any = None
    positions: Mapping[Pointer, Position] = {}
    problems: tuple[Problem, ...] = ()
    is_lost: bool = False

    @property
    def steps_at(self) -> Pointer:
        """Where the steps stand in the file."""
        return ("graph",) if self.layout == NESTED else ()

    @property
    def artifacts_at(self) -> Pointer:
        """Where the artifact outputs stand in the file."""
        return (next((key for key in ARTIFACTS if key in self.data), ARTIFACTS[0]),)


def read_graph(data: bytes, source: Source, *, is_strict: bool, tasks: Collection[str] | None = None) -> Graph:
    """Return what an entrypoint's file says.

    :param tasks: the names that a step may call, where they are known.
    """
    text = bytes_to_text(data, source)
    if isinstance(text, Problem):
        return Graph(problems=(text,), is_lost=True)
    draft: Draft = yaml_text.read(text, source)
    if draft.is_lost:
        return Graph(problems=draft.problems, is_lost=True)
    teller = Teller(source, draft.positions, is_strict=is_strict)
    teller.problems += draft.problems
    found = _graph(draft.data, teller)
    if not found.is_lost:
        for name, step in found.steps.items():
            _check_step(name, step, (*found.steps_at, name), teller)
        if tasks is not None:
            _check_tasks(found, tasks, teller)
    return found._replace(positions=draft.positions, problems=tuple(teller.problems))


def _graph(data: Any, teller: Teller) -> Graph:
    """Return the parts of a document, whichever layout it has."""
    lost = Graph(is_lost=True)
    weight = weight_of(data)
    if weight.depth > MAX_NESTING or weight.values > MAX_VALUES:
        expected = f"at most {MAX_VALUES} values, nested at most {MAX_NESTING} deep"
        teller.tell((), "too-much", expected, f"{weight.values}, {weight.depth} deep, aliases counted where they stand")
        return lost
    if not isinstance(data, dict) or not data:
        teller.tell((), "bad-graph", "a task graph: a mapping of names to steps", kind(data))
        return lost
    if "graph" not in data:
        # What has no step at all is no graph, whatever it is.
        is_graph = any(isinstance(step, dict) for step in data.values()) and _others(data, ARTIFACTS)
        if not is_graph:
            teller.tell((), "bad-graph", "a task graph, or the key 'graph'", f"only {', '.join(map(repr, list(data)[:10]))}")
        return Graph(BARE, data, {}, data) if is_graph else lost
    steps = data["graph"]
    if not isinstance(steps, dict) or not steps:
        teller.tell(("graph",), "bad-graph", "a mapping of names to steps", kind(steps))
        steps = {}
    for key in _others(data, ("graph", *ARTIFACTS)):
        teller.tell_unknown((key,), ("graph", *ARTIFACTS), level="warning")
    return Graph(NESTED, steps, _artifacts(data, teller), data)


def _others(written: Mapping[Any, Any], known: Collection[str]) -> list[Any]:
    """Return the keys that aren't known, in order."""
    return [key for key in written if key not in known]


def _artifacts(data: Mapping[str, Any], teller: Teller) -> dict[str, Any]:
    """Return the artifact outputs that can be used."""
    there = [key for key in ARTIFACTS if key in data]
    if len(there) > 1:
        line = teller.line_of((there[0],))
        teller.tell((there[1],), "duplicate-key", f"{ARTIFACTS[0]!r} alone", f"{there[1]!r} too; line {line} has the other")
        return {}
    if not there or data[there[0]] is None:
        return {}
    written = data[there[0]]
    if not isinstance(written, dict):
        teller.tell((there[0],), "type", "a mapping of names to artifact outputs", kind(written))
        return {}
    return {name: item for name, item in written.items() if _is_artifact(name, item, (there[0], name), teller)}


def _is_artifact(name: Any, item: Any, where: Pointer, teller: Teller) -> bool:
    if not isinstance(name, str) or not name.strip() or name in (".", "..") or not {"/", "\\", "\0"}.isdisjoint(name):
        teller.tell(where, "bad-name", "a name that is one part of a path", repr(name))
        return False
    if not isinstance(item, dict):
        teller.tell(where, "type", "a mapping with 'contents' and 'task'", kind(item))
        return False
    before = len(teller.problems)
    for key in _others(item, {"contents", "task"}):
        teller.tell_unknown((*where, key), ("contents", "task"))
    if not isinstance(item.get("contents"), str):
        teller.tell((*where, "contents"), "type", "a reference or a text", kind(item.get("contents")))
    task = item.get("task")
    if not isinstance(task, dict) or not isinstance(task.get("name"), str):
        teller.tell((*where, "task"), "type", "a mapping with the 'name' of an artifact task", kind(task))
        return False
    for key in _others(task, {"name", "args"}):
        teller.tell_unknown((*where, "task", key), ("name", "args"))
    if not isinstance(task.get("args", {}), dict):
        teller.tell((*where, "task", "args"), "type", "a mapping of arguments", kind(task["args"]))
    return len(teller.problems) == before


_MIXED = ("task", "args", "kwargs", "dependencies")


def _check_step(name: Any, step: Any, where: Pointer, teller: Teller) -> None:
    """Note what keeps a step from being one."""
    if not isinstance(name, str) or not name.strip() or "." in name:
        teller.tell(where, "bad-name", "a text without dots as the name of a step", repr(name))
    if not isinstance(step, dict):
        teller.tell(where, "bad-step", "a mapping with the task of a step", kind(step))
        return
    if "task" in step:
        _check_mixed(step, where, teller)
    else:
        tasks = [key for key in step if key != "dependencies"]
        if len(tasks) != 1:
            found = ", ".join(map(repr, tasks)) or "none"
            teller.tell(where, "bad-step", "exactly one task in a step", found)
        elif not isinstance(tasks[0], str) or not tasks[0].strip():
            teller.tell((*where, tasks[0]), "bad-name", "the name of a task", repr(tasks[0]))
    after = step.get("dependencies", [])
    if not isinstance(after, str) and not (isinstance(after, list) and all(isinstance(item, str) for item in after)):
        teller.tell((*where, "dependencies"), "bad-step", "a step's name, or a list of them", kind(after))


def _check_mixed(step: Mapping[Any, Any], where: Pointer, teller: Teller) -> None:
    if not isinstance(step["task"], str):
        teller.tell((*where, "task"), "bad-step", "the name of a task", kind(step["task"]))
    for key in step:
        if key not in _MIXED:
            teller.tell((*where, key), "bad-step", f"only {', '.join(_MIXED)} beside 'task'", repr(key))
    if isinstance(step.get("args"), dict):
        teller.tell((*where, "args"), "bad-step", "a list of arguments, or one", kind(step["args"]))
    if "kwargs" in step and not isinstance(step["kwargs"], dict):
        teller.tell((*where, "kwargs"), "bad-step", "a mapping of arguments", kind(step["kwargs"]))


def task_of(step: Mapping[Any, Any]) -> str:
    """Return the task that a step calls; ``""`` where it calls none, or several."""
    tasks = [step["task"]] if "task" in step else [key for key in step if key != "dependencies"]
    return tasks[0] if len(tasks) == 1 and isinstance(tasks[0], str) else ""


def _check_tasks(found: Graph, tasks: Collection[str], teller: Teller) -> None:
    """Note steps whose task none of the entrypoint's plugins has. Such an entrypoint still loads, as in Dioptra."""
    for name, step in found.steps.items():
        task = task_of(step) if isinstance(step, dict) else ""
        if task and task not in tasks:
            help = teller.meant(task, tasks)
            where = (*found.steps_at, name, *(("task",) if "task" in step else (task,)))
            expected = "a task of the entrypoint's plugins"
            teller.tell(where, "unknown-task", expected, repr(task), help=help, level="warning")
