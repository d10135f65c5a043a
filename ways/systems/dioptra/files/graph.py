"""The YAML file of an entrypoint, in both layouts: the task graph alone, or under ``graph`` beside the artifacts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from ways.sheets.document import Draft, Pointer, Position, Problem, Source
from ways.sheets.files import bytes_to_text
from ways.sheets.formats import yaml_text
from ways.sheets.schema import kind
from ways.systems.dioptra.files.resource import MAX_NESTING, MAX_PROBLEMS, MAX_VALUES
from ways.systems.shared import Problems, exceeded_limit

#: The layouts: the document is the graph, or has it under ``graph``.
BARE, NESTED = "bare", "nested"
#: The keys of the artifact outputs in the nested layout. The second is the name that the engine has for them.
ARTIFACTS = ("artifacts", "artifact_outputs")
#: The keys of a step that names its task under ``task``.
_MIXED = ("task", "args", "kwargs", "dependencies")


class Graph(NamedTuple):
    """The file of an entrypoint, read; without ``data``, its problems alone."""

    layout: str = ""
    steps: Mapping[str, Any] = {}
    artifacts: Mapping[str, Any] = {}
    #: The whole file as it is written; ``None`` if it is no task graph.
    data: Any = None
    positions: Mapping[Pointer, Position] = {}
    problems: tuple[Problem, ...] = ()

    @property
    def steps_at(self) -> Pointer:
        """Where the steps stand in the file."""
        return ("graph",) if self.layout == NESTED else ()

    @property
    def artifacts_at(self) -> Pointer:
        """Where the artifact outputs stand in the file."""
        return (next((key for key in ARTIFACTS if key in self.data), ARTIFACTS[0]),)


def read_graph(data: bytes, source: Source, *, is_strict: bool, tasks: Collection[str] | None = None) -> Graph:
    """Return the task graph that an entrypoint's file describes.

    :param tasks: the names that a step may call, if they are known.
    """
    text = bytes_to_text(data, source)
    if isinstance(text, Problem):
        return Graph(problems=(text,))
    draft: Draft = yaml_text.read(text, source)
    if draft.is_lost:
        return Graph(problems=draft.problems)
    problems = Problems(source, draft.positions, is_strict=is_strict, most=MAX_PROBLEMS)
    graph = _graph(draft.data, problems)
    for name, step in graph.steps.items():
        _check_step(name, step, (*graph.steps_at, name), problems)
    # An entrypoint with a step whose task is in none of its plugins still loads, as in Dioptra.
    for name, step in graph.steps.items():
        task = task_of(step) if isinstance(step, dict) else ""
        if task and tasks is not None and task not in tasks:
            help = problems.did_you_mean(task, tasks)
            where = (*graph.steps_at, name, "task" if "task" in step else task)
            expected = "a task of the entrypoint's plugins"
            problems.add_mismatch("unknown-task", expected, repr(task), where, help=help, level="warning")
    return graph._replace(positions=draft.positions, problems=(*draft.problems, *problems.of_sheet()))


def _graph(data: Any, problems: Problems) -> Graph:
    """Return the parts of a document, whichever layout it has."""
    if limit := exceeded_limit(data, depth=MAX_NESTING, values=MAX_VALUES):
        problems.add_mismatch("too-much", f"a task graph {limit}", "more, with all that aliases stand for")
        return Graph()
    if not isinstance(data, dict) or not data:
        problems.add_mismatch("bad-graph", "a task graph: a block of steps, each with its name", kind(data))
        return Graph()
    if "graph" not in data:
        # A document without any step is no graph.
        if any(isinstance(step, dict) for step in data.values()) and _others(data, ARTIFACTS):
            return Graph(BARE, data, {}, data)
        found = f"only {', '.join(map(repr, list(data)[:10]))}"
        problems.add_mismatch("bad-graph", "a task graph, or the key 'graph'", found)
        return Graph()
    steps = data["graph"]
    if not isinstance(steps, dict) or not steps:
        problems.add_mismatch("bad-graph", "a block of steps, each with its name", kind(steps), ("graph",))
        steps = {}
    for key in _others(data, ("graph", *ARTIFACTS)):
        problems.add_unknown_key((key,), ("graph", *ARTIFACTS), level="warning")
    return Graph(NESTED, steps, _artifacts(data, problems), data)


def _others(written: Mapping[Any, Any], known: Collection[str]) -> list[Any]:
    """Return the keys that aren't known, in order."""
    return [key for key in written if key not in known]


def _artifacts(data: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Return the artifact outputs that can be used, and report the others."""
    keys = [key for key in ARTIFACTS if key in data]
    if len(keys) > 1:
        line = problems.at((keys[0],)).line
        found = f"{keys[1]!r} too; line {line} has the other"
        problems.add_mismatch("duplicate-key", f"{ARTIFACTS[0]!r} alone", found, (keys[1],))
        return {}
    if not keys or data[keys[0]] is None:
        return {}
    written = data[keys[0]]
    if not isinstance(written, dict):
        problems.add_mismatch("type", "a block of artifact outputs, each with its name", kind(written), (keys[0],))
        return {}
    return {name: item for name, item in written.items() if _is_artifact(name, item, (keys[0], name), problems)}


def _is_artifact(name: Any, item: Any, where: Pointer, problems: Problems) -> bool:
    if not isinstance(name, str) or not name.strip() or name in (".", "..") or not {"/", "\\", "\0"}.isdisjoint(name):
        problems.add_mismatch("bad-name", "a name that is one part of a path", repr(name), where)
        return False
    if not isinstance(item, dict):
        problems.add_mismatch("type", "a block of keys with 'contents' and 'task'", kind(item), where)
        return False
    is_good = True
    for key in _others(item, {"contents", "task"}):
        is_good = False
        problems.add_unknown_key((*where, key), ("contents", "task"))
    if not isinstance(item.get("contents"), str):
        is_good = False
        problems.add_mismatch("type", "a reference or a text", kind(item.get("contents")), (*where, "contents"))
    task = item.get("task")
    if not isinstance(task, dict) or not isinstance(task.get("name"), str):
        problems.add_mismatch("type", "a block of keys with the 'name' of an artifact task", kind(task), (*where, "task"))
        return False
    for key in _others(task, {"name", "args"}):
        is_good = False
        problems.add_unknown_key((*where, "task", key), ("name", "args"))
    if not isinstance(task.get("args", {}), dict):
        is_good = False
        problems.add_mismatch("type", "a block of arguments", kind(task["args"]), (*where, "task", "args"))
    return is_good


def _check_step(name: Any, step: Any, where: Pointer, problems: Problems) -> None:
    """Report what is wrong with a step."""
    if not isinstance(name, str) or not name.strip() or "." in name:
        problems.add_mismatch("bad-name", "a text without dots as the name of a step", repr(name), where)
    if not isinstance(step, dict):
        problems.add_mismatch("bad-step", "a block of keys with the task of a step", kind(step), where)
        return
    if "task" in step:
        if not isinstance(step["task"], str):
            problems.add_mismatch("bad-step", "the name of a task", kind(step["task"]), (*where, "task"))
        for key in _others(step, _MIXED):
            problems.add_mismatch("bad-step", f"only {', '.join(_MIXED)} beside 'task'", repr(key), (*where, key))
        if isinstance(step.get("args"), dict):
            problems.add_mismatch("bad-step", "a list of arguments, or one", kind(step["args"]), (*where, "args"))
        if "kwargs" in step and not isinstance(step["kwargs"], dict):
            problems.add_mismatch("bad-step", "a block of arguments", kind(step["kwargs"]), (*where, "kwargs"))
    else:
        tasks = [key for key in step if key != "dependencies"]
        if len(tasks) != 1:
            found = ", ".join(map(repr, tasks)) or "none"
            problems.add_mismatch("bad-step", "exactly one task in a step", found, where)
        elif not isinstance(tasks[0], str) or not tasks[0].strip():
            problems.add_mismatch("bad-name", "the name of a task", repr(tasks[0]), (*where, tasks[0]))
    after = step.get("dependencies", [])
    if not isinstance(after, str) and not (isinstance(after, list) and all(isinstance(item, str) for item in after)):
        problems.add_mismatch("bad-step", "a step's name, or a list of them", kind(after), (*where, "dependencies"))


def task_of(step: Mapping[Any, Any]) -> str:
    """Return the task that a step calls; ``""`` if it calls none, or several."""
    tasks = [step["task"]] if "task" in step else [key for key in step if key != "dependencies"]
    return tasks[0] if len(tasks) == 1 and isinstance(tasks[0], str) else ""
