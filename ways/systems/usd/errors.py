"""What the registry raises: all that is wrong at once, and what was good all the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from ways.errors import WaysError
from ways.sheets.document import Source
from ways.systems.shared import Fault

if TYPE_CHECKING:
    from ways.systems.usd.plugins import Plugin


class Registration(NamedTuple):
    """What one call registered, and everything that is wrong, warnings too."""

    new: tuple[Plugin, ...]
    problems: tuple[Fault, ...]

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The problems that aren't mere warnings."""
        return tuple(problem for problem in self.problems if problem.level == "error")


class PlugError(WaysError, RuntimeError):
    """Everything that one call found wrong. What was right stays registered, or loaded.

    ``errors`` has a :class:`~ways.systems.usd.Fault` each, in order; ``new`` the plugins that were registered.
    """

    def __init__(self, errors: Iterable[Fault], new: Iterable[Plugin] = ()) -> None:
        self.errors = tuple(errors)
        self.new = tuple(new)
        super().__init__("\n".join(map(str, self.errors)))


class NotLoadableError(PlugError):
    """Native code, or something that depends on it: that needs the program which it was built for."""


def fault(code: str, message: str, source: Source | None = None, /, *, level: str = "error", **parts: str) -> Fault:
    """Return a fault of the registry; only what it speaks of is among its parts."""
    return Fault(code, message, source or Source("usd", "usd"), parts, level)  # type: ignore[arg-type]
