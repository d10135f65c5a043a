"""Tasks as a resource file declares them, held against the Python files they name."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, Protocol

from ways.sheets.document import Pointer
from ways.systems.dioptra.files.base import Teller
from ways.systems.dioptra.files.code import METHODS, Class, Function, Module


class Written(Protocol):
    """A task, as far as it is looked at here."""

    @property
    def name(self) -> str: ...
    @property
    def filename(self) -> str: ...
    @property
    def is_artifact(self) -> bool: ...
    @property
    def pointer(self) -> Pointer: ...
    @property
    def inputs(self) -> list[dict[str, Any]]: ...


def check_code(
    tasks: Iterable[Written],
    modules: Mapping[str, Module | None],
    pointer: Pointer,
    teller: Teller,
    *,
    mentioned: Container[tuple[object, object]],
) -> None:
    """Note tasks that the files don't have, or have otherwise; and those that the files have beyond.

    :param mentioned: file and name of each task that is written, be it rightly or not.
    """
    for task in tasks:
        if task.filename not in modules:
            help = teller.meant(task.filename, list(modules))
            where = (*task.pointer, "filename")
            teller.tell_lax(where, "missing-file", "a Python file of the plugin", repr(task.filename), help=help)
        elif (module := modules[task.filename]) is not None:
            _check_task(task, module, teller)
    _tell_unregistered(modules, pointer, teller, mentioned)


def _check_task(task: Written, module: Module, teller: Teller) -> None:
    there: Mapping[str, Function | Class] = module.classes if task.is_artifact else module.functions
    found = there.get(task.name)
    where = (*task.pointer, "name")
    what = "class" if task.is_artifact else "function"
    if found is None:
        help = teller.meant(task.name, list(there))
        teller.tell_lax(where, "missing-function", f"a {what} of {task.filename!r}", repr(task.name), help=help)
    elif isinstance(found, Class):
        missing = [name for name in METHODS if name not in found.methods] if found.is_artifact else []
        if missing:
            teller.tell_lax(where, "missing-function", f"a class with {', '.join(METHODS)}", f"none of {', '.join(missing)}")
    else:
        if found.is_task is False:
            found_text = f"{task.name!r} in line {found.line} of {task.filename!r} without it"
            teller.tell_lax(where, "not-registered", "a function that has the decorator pyplugs.register", found_text)
        _check_parameters(task, found, teller)


def _check_parameters(task: Written, function: Function, teller: Teller) -> None:
    """Note where the inputs of a task and the parameters of its function differ."""
    parameters = {parameter.name: parameter for parameter in function.parameters}
    inputs = {item["name"]: item for item in task.inputs}
    at = f"line {function.line} of {task.filename!r}"
    for index, (name, item) in enumerate(inputs.items()):
        where = (*task.pointer, "input_params", index)
        if name not in parameters:
            if not function.takes_more:
                expected = f"a parameter of the function in {at}: {', '.join(parameters) or 'none'}"
                teller.tell((*where, "name"), "parameter-differs", expected, repr(name), level="warning")
        elif item["required"] != parameters[name].is_required:
            words = ("optional", "required")
            expected = f"{name!r} {words[parameters[name].is_required]}, as in {at}"
            teller.tell(where, "parameter-differs", expected, words[item["required"]], level="warning")
    missing = [name for name in parameters if name not in inputs]
    if missing:
        expected = f"all parameters of the function in {at}"
        found = f"no input {', '.join(map(repr, missing))}"
        teller.tell((*task.pointer, "input_params"), "parameter-differs", expected, found, level="warning")
    elif [name for name in inputs if name in parameters] != list(parameters):
        expected = f"the order of {at}: {', '.join(parameters)}"
        teller.tell((*task.pointer, "input_params"), "parameter-differs", expected, ", ".join(inputs), level="warning")


def _tell_unregistered(
    modules: Mapping[str, Module | None],
    pointer: Pointer,
    teller: Teller,
    mentioned: Container[tuple[object, object]],
) -> None:
    """Note functions and classes that are tasks in the files alone."""
    for filename, module in modules.items():
        functions = [item.name for item in module.functions.values() if item.is_task] if module else []
        classes = [item.name for item in module.classes.values() if item.is_artifact] if module else []
        for name in (*functions, *classes):
            if (filename, name) not in mentioned:
                found = f"{name!r} of {filename!r}, which is in none"
                teller.tell(pointer, "undeclared-task", "each task of the files in 'tasks'", found, level="warning")
