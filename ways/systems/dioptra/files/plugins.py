"""The plugins that a resource file declares, and their tasks, compared with the Python files that they name."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from ways.sheets.document import Pointer
from ways.sheets.formats.base import Files
from ways.systems.dioptra.files.code import METHODS, Class, Function, Module, PluginFiles, read_files
from ways.systems.dioptra.files.resource import ARRAY, Resource, tables_in, wrong_path
from ways.systems.dioptra.files.types import check_type
from ways.systems.shared import Problems

_NAME = re.compile(r"[A-Za-z]|[A-Za-z_][A-Za-z0-9_]+", re.ASCII)


class DeclaredTask(NamedTuple):
    """A task as a resource file declares it: a function, or the class of an artifact task."""

    name: str
    filename: str
    is_artifact: bool
    pointer: Pointer
    written: Mapping[str, Any]

    @property
    def name_pointer(self) -> Pointer:
        """Where the task's name stands in the file."""
        return (*self.pointer, "name")

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """The inputs in order, each with ``required``, which a file may leave out."""
        return [{**item, "required": item.get("required", False)} for item in self.written.get("input_params", ())]


class Plugin(NamedTuple):
    """A plugin that a resource file declares."""

    name: str
    #: Its folder, below the root of the files.
    folder: str
    pointer: Pointer
    written: Mapping[str, Any]
    tasks: tuple[DeclaredTask, ...]
    files: PluginFiles | None = None

    def functions(self) -> dict[str, dict[str, Any]]:
        """Return the table of each function task by its name, with the ``id`` of the task."""
        functions = (task for task in self.tasks if not task.is_artifact)
        return {task.name: {**task.written, "input_params": task.inputs, "id": self.task_id(task)} for task in functions}

    def artifact_tasks(self) -> dict[str, Mapping[str, Any]]:
        """Return the rules for the arguments of each artifact task, by its name."""
        return {task.name: self.rules_of(task) for task in self.tasks if task.is_artifact}

    def rules_of(self, task: DeclaredTask) -> Mapping[str, Any]:
        """Return the rules for the arguments of an artifact task, as its file writes them."""
        module = self.files.modules.get(task.filename) if self.files is not None else None
        definition = module.classes.get(task.name) if module is not None else None
        return definition.rules if definition is not None else {}

    def task_id(self, task: DeclaredTask) -> str:
        """Return the dotted name by which a task graph's engine knows a task."""
        parts = task.filename.removesuffix(".py").split("/")
        return ".".join([self.name, *(parts[:-1] if parts == ["__init__"] else parts), task.name])


class ResourceFolder(NamedTuple):
    """The folder from which the paths of a resource file start."""

    #: The files that may be listed and read; ``None`` if they aren't at hand.
    files: Files | None
    #: The folder, below the root of the files.
    path: str

    def join(self, path: str) -> str:
        """Return where a path of the resource file is, below the root of the files."""
        parts = [part for part in f"{self.path}/{path}".split("/") if part not in ("", ".")]
        return "/".join(parts)


def read_plugins(resource: Resource, types: Mapping[str, object], folder: ResourceFolder) -> list[Plugin]:
    """Return the plugins of a file in order; report what is wrong with them.

    :param types: the types that the file declares, by name.
    """
    problems = resource.problems
    entries = []
    for pointer, entry in resource.tables("plugins"):
        if wrong := wrong_path(entry["path"]):
            found = f"{wrong}: {entry['path']!r}"
            problems.add_mismatch("outside", "a path below the folder of this file", found, (*pointer, "path"))
        else:
            entries.append((pointer, entry))
    names = [(plugin_name(entry["path"]), (*pointer, "path")) for pointer, entry in entries]
    again = resource.repeated("plugin", names)
    plugins = []
    for (name, where), (pointer, entry) in zip(names, entries):
        if where in again:
            continue
        if not _NAME.fullmatch(name) or keyword.iskeyword(name):
            help = "The name of a plugin is that of its folder."
            problems.add_lax("bad-name", "a folder whose name can be imported", repr(name), where, help=help)
            if problems.is_strict or not name:
                continue
        tasks = tuple(_tasks(resource, pointer, types))
        path = folder.join(entry["path"])
        files = None if folder.files is None else read_files(folder.files, path, where, problems)
        if files is not None:
            _check_code(tasks, files.modules, pointer, entry, problems)
        plugins.append(Plugin(name, path, pointer, entry, tasks, files))
    return plugins


def plugin_name(path: str) -> str:
    """Return the name of the plugin at a path: its last part, up to the last dot of that."""
    return PurePosixPath(path).stem


def _tasks(resource: Resource, pointer: Pointer, types: Mapping[str, object]) -> Iterator[DeclaredTask]:
    """Yield the tasks of one plugin, functions first; of several tasks with one name, only the first. Report what is wrong."""
    of_functions = (*pointer, "tasks") if resource.grammar == ARRAY else (*pointer, "tasks", "functions")
    tasks = [_task(where, entry, is_artifact=False) for where, entry in resource.tables(*of_functions)]
    again = resource.repeated("task", [(task.name, task.name_pointer) for task in tasks])
    if resource.grammar != ARRAY:
        of_file = {(task.filename, task.name) for task in tasks}
        classes = [_task(where, entry, is_artifact=True) for where, entry in resource.tables(*pointer, "tasks", "artifacts")]
        again |= resource.repeated("task", [(task.name, task.name_pointer) for task in classes])
        for task in classes:
            if (task.filename, task.name) in of_file:
                found = f"{task.name!r}, which is a function of {task.filename!r} as well"
                resource.problems.add_mismatch("duplicate-name", "another name than a function's", found, task.name_pointer)
                again.add(task.name_pointer)
        tasks += classes
    for task in tasks:
        if task.name_pointer not in again:
            for key, what in (("input_params", "input"), ("output_params", "output")):
                items = list(enumerate(task.written.get(key, ())))
                resource.repeated(what, [(item["name"], (*task.pointer, key, index, "name")) for index, item in items])
                for index, item in items:
                    check_type(item["type"], (*task.pointer, key, index, "type"), types, resource.problems)
            yield task


def _task(pointer: Pointer, entry: Mapping[str, Any], *, is_artifact: bool) -> DeclaredTask:
    return DeclaredTask(entry["name"], entry["filename"], is_artifact, pointer, entry)


def _check_code(
    tasks: Iterable[DeclaredTask],
    modules: Mapping[str, Module | None],
    pointer: Pointer,
    entry: Mapping[str, Any],
    problems: Problems,
) -> None:
    """Report where tasks and Python files differ: tasks that only one of both has, and other parameters.

    :param entry: the plugin's table, by which a task whose shape is wrong is known too.
    """
    for task in tasks:
        if task.filename not in modules:
            help = problems.did_you_mean(task.filename, list(modules))
            where = (*task.pointer, "filename")
            problems.add_lax("missing-file", "a Python file of the plugin", repr(task.filename), where, help=help)
        elif (module := modules[task.filename]) is not None:
            _check_task(task, module, problems)
    written = entry.get("tasks")
    arrays = written.values() if isinstance(written, dict) else [written]
    pairs = [(item.get("filename"), item.get("name")) for array in arrays for item in tables_in(array)]
    mentioned = {(filename, name) for filename, name in pairs if isinstance(filename, str) and isinstance(name, str)}
    for filename, module in modules.items():
        functions = [item.name for item in module.functions.values() if item.is_task] if module else []
        classes = [item.name for item in module.classes.values() if item.is_artifact] if module else []
        for name in (*functions, *classes):
            if (filename, name) not in mentioned:
                found = f"{name!r} of {filename!r}, which is in none"
                problems.add_mismatch("undeclared-task", "each task of the files in 'tasks'", found, pointer, level="warning")


def _check_task(task: DeclaredTask, module: Module, problems: Problems) -> None:
    definitions: Mapping[str, Function | Class] = module.classes if task.is_artifact else module.functions
    definition = definitions.get(task.name)
    if definition is None:
        expected = f"a {'class' if task.is_artifact else 'function'} of {task.filename!r}"
        help = problems.did_you_mean(task.name, list(definitions))
        problems.add_lax("missing-function", expected, repr(task.name), task.name_pointer, help=help)
    elif isinstance(definition, Class):
        missing = [name for name in METHODS if name not in definition.methods] if definition.is_artifact else []
        if missing:
            expected, found = f"a class with {', '.join(METHODS)}", f"no {', no '.join(missing)}"
            problems.add_lax("missing-function", expected, found, task.name_pointer)
    else:
        if definition.is_task is False:
            found = f"{task.name!r} in line {definition.line} of {task.filename!r} without it"
            problems.add_lax("not-registered", "a function that has the decorator pyplugs.register", found, task.name_pointer)
        _check_parameters(task, definition, problems)


def _check_parameters(task: DeclaredTask, function: Function, problems: Problems) -> None:
    """Report where the inputs of a task and the parameters of its function differ."""
    parameters = {parameter.name: parameter for parameter in function.parameters}
    inputs = {item["name"]: item for item in task.inputs}
    at = f"line {function.line} of {task.filename!r}"
    of_inputs = (*task.pointer, "input_params")
    for index, (name, item) in enumerate(inputs.items()):
        if name not in parameters:
            if not function.takes_more:
                expected = f"a parameter of the function in {at}: {', '.join(parameters) or 'none'}"
                problems.add_mismatch("parameter-differs", expected, repr(name), (*of_inputs, index, "name"), level="warning")
        elif item["required"] != parameters[name].is_required:
            words = ("optional", "required")
            expected = f"{name!r} {words[parameters[name].is_required]}, as in {at}"
            problems.add_mismatch("parameter-differs", expected, words[item["required"]], (*of_inputs, index), level="warning")
    missing = [name for name in parameters if name not in inputs]
    if missing:
        expected, found = f"all parameters of the function in {at}", f"no input {', '.join(map(repr, missing))}"
        problems.add_mismatch("parameter-differs", expected, found, of_inputs, level="warning")
    elif [name for name in inputs if name in parameters] != list(parameters):
        expected = f"the order of {at}: {', '.join(parameters)}"
        problems.add_mismatch("parameter-differs", expected, ", ".join(inputs), of_inputs, level="warning")
