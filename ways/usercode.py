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
    from collections.abc import Callable, Iterator
    from typing import Any, TypeVar

    Result = TypeVar("Result")

#: Builtins that take a text as code, import, open or show what a text names, wait for a person, or end the program.
REFUSED_BUILTINS = frozenset(
    {"eval", "exec", "compile", "__import__", "open", "input", "breakpoint", "help", "exit", "quit"}
)
#: These by their ids, as they are at the start: a program may put another object in the place of one.
_REFUSED = {id(getattr(builtins, name)): name for name in REFUSED_BUILTINS if hasattr(builtins, name)}
#: The classes of those that are no functions: each object of them does the same.
_KINDS = {
    type(item): name
    for name in sorted(REFUSED_BUILTINS)
    if type(item := getattr(builtins, name, None)).__module__ == "_sitebuiltins"
}


class Failed:
    """A call that raised, and what it raised."""

    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __str__(self) -> str:
        return f"{type(self.error).__name__}: {said_by(self.error)}"


def call(function: Callable[..., Result], *arguments: Any, **named: Any) -> Result | Failed:
    """Call a function that isn't ours; return what it returns, or a :class:`Failed` with the exception it raised."""
    try:
        return function(*arguments, **named)
    except Exception as error:
        return Failed(error)


def call_without_exit(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call a function and return what it returns; it can't end the program, but for Ctrl-C.

    :raises RuntimeError: it raised ``SystemExit``, or another exception that is no ``Exception``.
    """
    try:
        return function(*arguments)
    except BaseException as error:
        if isinstance(error, (Exception, KeyboardInterrupt)):
            raise
        raise RuntimeError(f"it would have ended the program: {_shown(error)}") from error


def _shown(error: BaseException) -> str:
    """Return an exception's class and its plain arguments. Nothing of its class is called: that may raise as well."""
    arguments = BaseException.__dict__["args"].__get__(error)
    return f"{type(error).__name__}({', '.join(repr(item) for item in arguments if type(item) in (int, str))})"


def said_by(error: BaseException) -> str:
    """Return what an exception says; ``""`` if its class is made so that it can't be asked."""
    said = call(call_without_exit, str, error)
    return "" if isinstance(said, Failed) else said


def import_object(name: str) -> Any:
    """Return the object with a dotted name: ``package.module.function``, or ``package.module:function``.

    :raises ImportError: there is no such module, or no such name in it.
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

    :raises RefusedCallError: there is none, or it is one of :data:`REFUSED_BUILTINS`, whatever name it goes by.
    """
    plain = name.replace(":", ".").removeprefix("builtins.")
    if plain in REFUSED_BUILTINS:
        raise _refused(name, plain)
    if "." not in name and ":" not in name and hasattr(builtins, name):
        function = getattr(builtins, name)
    else:
        try:
            function = import_object(name)
        except ImportError as error:
            raise RefusedCallError(f"The function {name!r} that a sheet names can't be found: {error}") from error
    refused = _refused_in(function)
    if refused:
        raise _refused(name, refused)
    return function


def _refused(name: str, builtin: str) -> RefusedCallError:
    which = "" if name == builtin else f", which is {builtin!r},"
    return RefusedCallError(f"The function {name!r}{which} is never called from a sheet: it could run any code.")


def _refused_in(function: Any) -> str:
    """Return the name of the refused builtin that *function* is, or passes its arguments on to; ``""`` if none.

    A builtin is told by what it is, not by its name: ``io.open`` is ``open``, and a program may give it further names.
    """
    now = {id(getattr(builtins, name)): name for name in REFUSED_BUILTINS if hasattr(builtins, name)}
    waiting, seen = [function], set[int]()
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        name = now.get(id(item)) or _REFUSED.get(id(item)) or next((_KINDS[kind] for kind in _KINDS if isinstance(item, kind)), "")
        if name:
            return name
        waiting += _called_by(item)
    return ""


def _called_by(item: Any) -> Iterator[Any]:
    """Yield what an object that was made of another one calls when it is called."""
    # Loaded here: few sheets name a function.
    from functools import lru_cache, partial
    from types import MethodType, MethodWrapperType

    if isinstance(item, (staticmethod, classmethod, MethodType)):
        yield item.__func__
    if isinstance(item, (MethodType, MethodWrapperType)):
        yield item.__self__
    if isinstance(item, partial):
        yield item.func
    if isinstance(item, type(lru_cache(len))):
        yield item.__wrapped__
    for kind in type(item).__mro__:
        if "__call__" in vars(kind):
            yield vars(kind)["__call__"]
            return
