"""What running an ImJoy plugin raises."""

from __future__ import annotations

import signal
from collections.abc import Sequence

from ways.errors import ImJoyError, lines


class ScriptError(ImJoyError):
    """The script of a plugin raised. ``type`` is the name of the exception's class, ``text`` is what it says.

    ``path`` and ``line`` are where the script stands, ``line`` is 0 if it isn't known; ``traceback`` has all of it. ``code`` is
    ``script-error``, or what the exception says of itself, such as ``needs-interface``.
    """

    def __init__(
        self, path: str, line: int, type: str, text: str, *, code: str = "", traceback: str = "", help: str = ""
    ) -> None:
        said = f"{type}: {text}" if text else type
        super().__init__(code or "script-error", f"{path}:{line}: {said}" if line else f"{path}: {said}", help)
        self.path = path
        self.line = line
        self.type = type
        self.text = text
        self.traceback = traceback


class WorkerDied(ImJoyError):
    """The process of a plugin ended. ``exit_code`` is negative for a signal, ``lines`` are the last ones that it printed."""

    def __init__(self, name: str, exit_code: int | None, reason: str, printed: Sequence[str]) -> None:
        super().__init__("worker-died", "")
        how = reason or _how_it_ended(exit_code)
        shown = [f"  {line}" for line in printed]
        self.message = lines(f"the process of {name!r} {how}{'; it last printed:' if shown else ''}", *shown)
        self.args = (self.message,)
        self.exit_code = exit_code
        self.lines = tuple(printed)


class CallTimeout(ImJoyError, TimeoutError):
    """A call of a plugin took too long; its process was ended.

    ``seconds`` is the limit, ``where`` is the file and the line that the plugin was at, if they are known.
    """

    def __init__(self, name: str, function: str, seconds: float, where: str = "") -> None:
        at = f" at {where}" if where else ""
        message = f"{name!r} did not answer {function!r} within {seconds:g} s, and was ended{at}"
        super().__init__("timeout", message, "Give it more time: timeout=, worker.timeout or --timeout, in seconds.")
        self.seconds = seconds
        self.where = where


def _how_it_ended(exit_code: int | None) -> str:
    """Return how a process ended, with the name of the signal that ended it, and what that often means."""
    names = {-item: item.name for item in signal.Signals}
    if exit_code not in names:
        return f"ended with exit code {exit_code}"
    meaning = {"SIGKILL": "; memory may have run out", "SIGSEGV": "; compiled code in it crashed"}.get(names[exit_code], "")
    return f"was ended by {names[exit_code]}{meaning}"
