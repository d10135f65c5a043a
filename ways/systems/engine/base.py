"""The protocol of an engine, and what goes into it and comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

from ways.errors import WaysError


class EngineError(WaysError, RuntimeError):
    """An engine can't go on: it is lost, or nothing came of the work in time."""


class LostWorkError(WaysError, RuntimeError):
    """A piece of work ended the process that did it, each time that it was tried. The engine goes on."""


class UnsendableError(WaysError, TypeError):
    """What a piece of work returned or raised can't be sent from one process to another."""


class Package(Protocol):
    """Code that work needs. It can be pickled, so that an engine can send it to each process once."""

    @property
    def name(self) -> str:
        """The name by which it is known. No other content has it."""

    def install(self) -> None:
        """Let this process import it; nothing is imported yet. Doing it again changes nothing."""


class Ticket:
    """Stands for one piece of work that an engine was given."""

    __slots__ = ()


class Change(NamedTuple):
    """What became of a piece of work."""

    ticket: Ticket
    #: It began (an engine may leave that out), came to a good end, or raised.
    state: Literal["running", "done", "failed"]
    #: What it returned.
    result: Any = None
    #: What it raised; an EngineError if it was the engine that failed.
    error: Exception | None = None
    #: Whether it was the engine that failed: work may raise an EngineError, too.
    is_of_engine: bool = False


@runtime_checkable
class Engine(Protocol):
    """Carries out pieces of work, each after those whose results it needs."""

    #: Whether work sees the same files as the caller, and may write to a folder of the caller's.
    shares_disk: bool

    def submit(self, work: Callable[..., Any], after: Sequence[Ticket] = (), *, packages: Sequence[Package] = ()) -> Ticket:
        """Take a piece of work, and return at once.

        :param work: called with the results of *after*, in that order. It can be pickled, once *packages* are left out. If what it
            returns has a mapping ``outputs``, an engine of other processes names the one that can't be sent.
        :param after: work that comes before. Where one of these fails, this one never begins.
        :param packages: what must be installed where the work is called.
        :raises EngineError: the engine is lost or closed.
        """

    def wait(self, tickets: Collection[Ticket], timeout: float) -> list[Change]:
        """Return what became of any of *tickets* since the last call; nothing if *timeout* seconds passed.

        :raises EngineError: the engine is lost, or none of the work can ever begin.
        """

    def cancel(self, tickets: Collection[Ticket]) -> None:
        """Give up this work as far as it can be given up, and forget its results. Nothing is reported of it any more."""

    def close(self) -> None:
        """Give up everything, and end what the engine started."""
