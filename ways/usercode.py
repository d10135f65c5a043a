"""The one door to foreign code: what we did not write may raise anything, and costs only what it was asked for.

Plugin files, Python sheets, makers of descriptors, descriptors and plugins made in Python, formats of other packages,
Asset classes, modules of USD plugins and listeners are called through it wherever their failure becomes a record.
``before_return`` and actions are not: they run because the caller asked for them, and what they raise is the caller's.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Found = TypeVar("Found")


class Failed:
    """A call that raised, and what it raised."""

    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __str__(self) -> str:
        return f"{type(self.error).__name__}: {self.error}"


def outcome(function: Callable[..., Found], *arguments: Any, **named: Any) -> Found | Failed:
    """Call a function of another's; return what it gives, or that it failed."""
    try:
        return function(*arguments, **named)
    except Exception as error:
        return Failed(error)


def staying(function: Callable[..., Found], *arguments: Any) -> Found:
    """Call a function that may want to end the program; that it wants to is an error like any other.

    :raises RuntimeError: it raised ``SystemExit``.
    """
    try:
        return function(*arguments)
    except SystemExit as error:
        raise RuntimeError(f"it would have ended the program: SystemExit({error.code!r})") from error
