"""The one door to code that isn't ours: import it by name, call it, and catch what it raises.

Plugin files, Python sheets, makers of descriptors, descriptors and plugins made in Python, formats of other packages,
Asset classes, modules of USD plugins and listeners are called through :func:`call` wherever their failure becomes a
record. ``before_return`` and actions are called plainly: the caller asked for them, and gets what they raise. See
``docs/decisions/0025-one-door-to-foreign-code.rst``.
"""

from __future__ import annotations

import builtins

from ways.errors import RefusedCallError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Result = TypeVar("Result")

#: Builtins that run code or reach outside of the program: no sheet may have them called.
REFUSED_BUILTINS = frozenset({"eval", "exec", "compile", "__import__", "open", "input", "breakpoint", "exit", "quit"})


class Failed:
    """A call that raised, and what it raised."""

    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __str__(self) -> str:
        return f"{type(self.error).__name__}: {self.error}"


def call(function: Callable[..., Result], *arguments: Any, **named: Any) -> Result | Failed:
    """Call a function that isn't ours; return what it returns, or a :class:`Failed` with the exception it raised."""
    try:
        return function(*arguments, **named)
    except Exception as error:
        return Failed(error)


def call_without_exit(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call a function and return what it returns; it can't end the program.

    :raises RuntimeError: it raised ``SystemExit``.
    """
    try:
        return function(*arguments)
    except SystemExit as error:
        raise RuntimeError(f"it would have ended the program: SystemExit({error.code!r})") from error


def import_object(name: str) -> Any:
    """Return the object that a dotted name names: ``package.module.function``, or ``package.module:function``.

    :raises ImportError: there is no such module, or nothing of that name in it.
    """
    # Loaded here: it takes 0.6 ms, and few sheets name anything to import.
    from importlib import import_module

    path = name.replace(":", ".").split(".")
    if not all(path):
        raise ImportError(f"{name!r} can't be imported: it is no dotted name")
    for end in range(len(path), 0, -1):
        module = ".".join(path[:end])
        try:
            value = import_module(module)
        except ModuleNotFoundError as error:
            # Only the module asked for may be missing; a module that it needs is another matter.
            if not f"{module}.".startswith(f"{error.name}."):
                raise
            continue
        try:
            for part in path[end:]:
                value = getattr(value, part)
        except AttributeError as error:
            raise ImportError(f"{name!r} can't be imported: {error}") from error
        return value
    raise ImportError(f"{name!r} can't be imported: there is no module {path[0]!r}")


def function_of(name: str) -> Any:
    """Return the function that a sheet names: a dotted name is imported, a plain one is a builtin.

    :raises RefusedCallError: there is none, or it is one that no sheet may call.
    """
    if name.replace(":", ".").removeprefix("builtins.") in REFUSED_BUILTINS:
        raise RefusedCallError(f"The function {name!r} is never called from a sheet: it could run any code.")
    if "." not in name and ":" not in name and hasattr(builtins, name):
        return getattr(builtins, name)
    try:
        return import_object(name)
    except ImportError as error:
        raise RefusedCallError(f"The function {name!r} that a sheet names can't be found: {error}") from error
