"""The engine that does one thing after another, in the thread that waits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

from ways.systems.engine.base import Change, EngineError, Package, Ticket
from ways.usercode import Failed, call


class _Waiting(NamedTuple):
    """Work that didn't begin yet."""

    work: Callable[..., Any]
    after: tuple[Ticket, ...]


class SerialEngine:
    """Does one piece of work after another in this process, in the order in which they were given, as far as that can be.

    A piece of work that has begun can't be interrupted: a timeout counts between two of them.
    """

    shares_disk = True

    def __init__(self) -> None:
        self._waiting: dict[Ticket, _Waiting] = {}
        self._results: dict[Ticket, Any] = {}
        #: The work that was reported as running, and is done at the next wait.
        self._begun: Ticket | None = None

    def submit(self, work: Callable[..., Any], after: Sequence[Ticket] = (), *, packages: Sequence[Package] = ()) -> Ticket:
        """Take a piece of work. See :class:`ways.systems.engine.base.Engine`."""
        for package in packages:
            package.install()
        ticket = Ticket()
        self._waiting[ticket] = _Waiting(work, tuple(after))
        return ticket

    def wait(self, tickets: Collection[Ticket], timeout: float) -> list[Change]:
        """Report that the next piece of work begins; at the next call, do it.

        :raises EngineError: none of the work can begin, as what it needs failed or was given up.
        """
        ticket = self._begun if self._begun in tickets else self._next(tickets)
        if ticket is None:
            raise EngineError("None of the work can begin: what it needs failed, or was given up.")
        if ticket is not self._begun:
            self._begun = ticket
            return [Change(ticket, "running")]
        self._begun = None
        work, after = self._waiting.pop(ticket)
        result = call(work, *(self._results[before] for before in after))
        if isinstance(result, Failed):
            return [Change(ticket, "failed", error=result.error)]
        self._results[ticket] = result
        return [Change(ticket, "done", result)]

    def _next(self, tickets: Collection[Ticket]) -> Ticket | None:
        ready = (ticket for ticket, item in self._waiting.items() if ticket in tickets and self._results.keys() >= set(item.after))
        return next(ready, None)

    def cancel(self, tickets: Collection[Ticket]) -> None:
        """Forget this work and its results."""
        for ticket in tickets:
            self._waiting.pop(ticket, None)
            self._results.pop(ticket, None)
        self._begun = None if self._begun in tickets else self._begun

    def close(self) -> None:
        """Forget everything."""
        self.cancel([*self._waiting, *self._results])
