"""What a run raises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ways.errors import WaysError, led_by, lines
from ways.sheets.document import Problem, Source
from ways.sheets.schema import kind
from ways.usercode import said_by


class ArgumentTypeError(WaysError, TypeError):
    """An argument of a call is no object of the kind that it takes."""

    def __init__(self, name: str, expected: str, found: object) -> None:
        super().__init__(f"{name} must be {expected}, and is {kind(found)}")


def need_mapping(name: str, value: object) -> None:
    """Check that an argument is absent or a mapping.

    :raises ArgumentTypeError: it isn't.
    """
    if value is not None and not isinstance(value, Mapping):
        raise ArgumentTypeError(name, "a mapping", value)


class InvalidGraphError(WaysError, ValueError):
    """An entrypoint has mistakes, and can't run. ``issues`` has all of them."""

    def __init__(self, entrypoint: str, issues: Sequence[Problem]) -> None:
        super().__init__(lines(f"The entrypoint {entrypoint!r} can't run:", *(f"  {issue}" for issue in issues)))
        self.entrypoint = entrypoint
        self.issues = tuple(issues)


class PluginCodeError(WaysError, ImportError):
    """The code of a plugin can't be loaded, or lacks a task.

    ``plugin`` is its name, ``path`` and ``line`` say where the fault is, and ``missing`` is the module, package, function or
    class that isn't there; ``""`` if the code fails in another way. ``source`` is the step that needs it.
    """

    def __init__(self, plugin: str, path: str, line: int, message: str, *, missing: str = "") -> None:
        where = f"{path}:{line}" if line else path
        super().__init__(f"the plugin {plugin!r} can't be used: {where}: {message}")
        self.plugin = plugin
        self.path = path
        self.line = line
        self.missing = missing
        self.source: object = ""

    def needed_at(self, source: object) -> None:
        """Say which step or artifact needs the code."""
        if str(source) and not self.source:
            self.source = source
            self.message = led_by(f"{source}: ", self.message)
            self.args = (self.message,)


class StepError(WaysError, RuntimeError):
    """A step failed. ``step`` and ``task`` name it, ``source`` is where it is written, and ``run`` has what was done before.

    What the task raised is ``__cause__``.
    """

    def __init__(self, step: str, task: str, source: Source, reason: str, run: Any = None) -> None:
        super().__init__(f"{source}: the step {step!r} failed in its task {task!r}: {reason}")
        self.step = step
        self.task = task
        self.source = source
        self.run = run


class ArtifactError(WaysError, ValueError):
    """An artifact can't be read or saved. ``artifact`` is its name, ``source`` is where it is written."""

    def __init__(self, artifact: str, source: object, message: str, run: Any = None) -> None:
        super().__init__(f"{source}: {message}" if str(source) else message)
        self.artifact = artifact
        self.source = source
        self.run = run


class RunInterrupted(KeyboardInterrupt):
    """A run was interrupted, as by Ctrl-C. ``run`` has what was done before."""

    def __init__(self, entrypoint: str, run: Any = None) -> None:
        super().__init__(f"the run of {entrypoint!r} was interrupted")
        self.entrypoint = entrypoint
        self.run = run

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.entrypoint, self.run)


class CodeLine(str):
    """The line of a plugin's code that raised an exception, as a note of that exception."""


def reason_of(error: BaseException) -> str:
    """Return an exception in words: its class, what it says, and the line of a plugin's code, if it has such a note."""
    said = said_by(error)
    reason = f"{type(error).__name__}: {said}" if said else type(error).__name__
    notes = getattr(error, "__notes__", None)
    lines = [note for note in notes if isinstance(note, CodeLine)] if isinstance(notes, list) else []
    return f"{reason} ({lines[0]})" if lines else reason
