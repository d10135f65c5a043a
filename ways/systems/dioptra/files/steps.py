"""The steps of a task graph: what each calls, with which arguments, what these refer to, and for which steps it waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ways.sheets.document import Pointer
from ways.sheets.schema import kind

#: The keys of a step that names its task under ``task``.
MIXED_KEYS = ("task", "args", "kwargs", "dependencies")
_PLAIN = (str, int, float, bool, type(None))


class BadStep(ValueError):
    """A step that can't be read: what was expected, what was found, and the pointer from the step on."""

    def __init__(self, expected: str, found: str, where: Pointer = (), code: str = "bad-step") -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.expected = expected
        self.found = found
        self.where = where
        self.code = code


class Argument(NamedTuple):
    """A value that a step passes to its task, as it is written, with the pointer from the step on."""

    value: Any
    pointer: Pointer


class Dependency(NamedTuple):
    """The name of a step to wait for, with the pointer from the step on."""

    name: str
    pointer: Pointer


class Step(NamedTuple):
    """A step, read: its task with positional arguments and keywords, and the steps that it names under ``dependencies``."""

    task: str
    task_at: Pointer
    args: tuple[Argument, ...] = ()
    kwargs: Mapping[Any, Argument] = {}
    after: tuple[Dependency, ...] = ()

    def arguments(self) -> Iterator[Argument]:
        """Yield the positional arguments, then the keywords'."""
        yield from self.args
        yield from self.kwargs.values()

    def references(self) -> Iterator[tuple[str, Pointer]]:
        """Yield what the arguments refer to, at any depth, without the ``$``, with the pointer from the step on."""
        for argument in self.arguments():
            yield from references_in(argument.value, argument.pointer)


def read_step(written: Any) -> Step:
    """Return the step that a graph writes, in any of its three forms.

    >>> read_step({"warmer": {"by": "$step"}, "dependencies": "read"}).kwargs
    {'by': Argument(value='$step', pointer=('warmer', 'by'))}

    :raises BadStep: it has none of these forms.
    """
    if not isinstance(written, Mapping):
        raise BadStep("a block of keys with the task of a step", kind(written))
    after = _dependencies(written.get("dependencies", []))
    if "task" in written:
        return _mixed(written, after)
    tasks = [key for key in written if key != "dependencies"]
    if len(tasks) != 1:
        raise BadStep("exactly one task in a step", ", ".join(map(repr, tasks)) or "none")
    task = tasks[0]
    if not isinstance(task, str) or not task.strip():
        raise BadStep("the name of a task", repr(task), (task,), "bad-name")
    given = written[task]
    if isinstance(given, Mapping):
        return Step(task, (task,), (), _keywords(given, (task,)), after)
    return Step(task, (task,), _positional(given, (task,)), {}, after)


def _mixed(written: Mapping[Any, Any], after: tuple[Dependency, ...]) -> Step:
    task = written["task"]
    if not isinstance(task, str):
        raise BadStep("the name of a task", kind(task), ("task",))
    for key in written:
        if key not in MIXED_KEYS:
            raise BadStep(f"only {', '.join(MIXED_KEYS)} beside 'task'", repr(key), (key,))
    args, kwargs = written.get("args", []), written.get("kwargs", {})
    if isinstance(args, Mapping):
        raise BadStep("a list of arguments, or one", kind(args), ("args",))
    if not isinstance(kwargs, Mapping):
        raise BadStep("a block of arguments", kind(kwargs), ("kwargs",))
    return Step(task, ("task",), _positional(args, ("args",)), _keywords(kwargs, ("kwargs",)), after)


def _positional(given: Any, where: Pointer) -> tuple[Argument, ...]:
    if isinstance(given, (list, tuple)):
        return tuple(Argument(value, (*where, index)) for index, value in enumerate(given))
    if not isinstance(given, _PLAIN):
        raise BadStep("a list of arguments, or one text, number, true, false or null", kind(given), where)
    return (Argument(given, where),)


def _keywords(given: Mapping[Any, Any], where: Pointer) -> dict[Any, Argument]:
    return {name: Argument(value, (*where, name)) for name, value in given.items()}


def _dependencies(written: Any) -> tuple[Dependency, ...]:
    where: Pointer = ("dependencies",)
    if isinstance(written, str):
        return (Dependency(written, where),)
    if not isinstance(written, (list, tuple)) or not all(isinstance(name, str) for name in written):
        raise BadStep("a step's name, or a list of them", kind(written), where)
    return tuple(Dependency(name, (*where, index)) for index, name in enumerate(written))


def reference_in(text: str) -> str:
    """Return what a text refers to, without the ``$``; ``""`` for a text that is no reference.

    >>> reference_in("$read.place"), reference_in("$$x"), reference_in("a$b"), reference_in("$")
    ('read.place', '', '', '')
    """
    return text[1:] if text.startswith("$") and not text.startswith("$$") else ""


def plain_text(text: str) -> str:
    """Return the text that is meant by one that is no reference: of two leading ``$``, one is left."""
    return text[1:] if text.startswith("$$") else text


def references_in(value: Any, pointer: Pointer = ()) -> Iterator[tuple[str, Pointer]]:
    """Yield what a value refers to, in lists and in the values of mappings at any depth, each with its pointer."""
    if isinstance(value, str):
        if name := reference_in(value):
            yield name, pointer
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from references_in(item, (*pointer, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from references_in(item, (*pointer, index))
