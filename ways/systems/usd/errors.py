"""The errors of the registry: each carries everything that one call found wrong, and the plugins that it registered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ways.errors import WaysError
from ways.sheets.document import Source
from ways.systems.shared import Fault, FaultLevel
from ways.systems.usd.files.info import Entry


class RegisteredPlugin(Protocol):
    """What an error shows of a :class:`~ways.systems.usd.Plugin`. It is a protocol because the module of Plugin imports this one."""

    @property
    def entry(self) -> Entry:
        """The plugin as its file offers it."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def isLoaded(self) -> bool:
        """Whether it was loaded here."""

    def Load(self) -> bool:
        """Load it."""


class PlugError(WaysError, RuntimeError):
    """Everything that one call found wrong. What was right stays registered, or loaded.

    ``errors`` has a :class:`~ways.systems.usd.Fault` each, in order; ``new`` the plugins that were registered.
    """

    def __init__(self, errors: Iterable[Fault], new: Iterable[RegisteredPlugin] = ()) -> None:
        self.errors = tuple(errors)
        self.new = tuple(new)
        super().__init__("\n".join(map(str, self.errors)))


class NotLoadableError(PlugError):
    """Native code, or something that depends on it: that needs the program which it was built for."""


def fault(code: str, message: str, source: Source | None = None, /, *, level: FaultLevel = "error", **parts: str) -> Fault:
    """Return a fault of the registry.

    :param parts: the values that the message speaks of. See :attr:`Fault.parts`.
    """
    return Fault(code, message, source or Source("usd", "usd"), parts, level)
