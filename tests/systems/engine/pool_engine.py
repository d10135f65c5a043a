"""An engine of processes, for tests: nothing that it does is known to the steps that it carries out."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable, Collection, Sequence
from concurrent import futures
from typing import Any

from ways.systems.engine.base import Change, EngineError, Package, Ticket


def carried_out(packages: Sequence[Package], work: bytes, results: Sequence[Any]) -> Any:
    """Do a piece of work in the process of a worker."""
    for package in packages:
        package.install()
    try:
        return pickle.loads(work)(*results)
    except KeyboardInterrupt as error:
        raise RuntimeError(f"it would have ended the program: {error!r}") from error


class PoolEngine:
    """Sends work to processes once the work before it is done."""

    shares_disk = False

    def __init__(self, workers: int = 2) -> None:
        self._pool = futures.ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
        self._waiting: dict[Ticket, tuple[tuple[Ticket, ...], Sequence[Package], bytes]] = {}
        self._running: dict[Ticket, futures.Future[Any]] = {}
        self._results: dict[Ticket, Any] = {}

    def submit(self, work: Callable[..., Any], after: Sequence[Ticket] = (), *, packages: Sequence[Package] = ()) -> Ticket:
        ticket = Ticket()
        self._waiting[ticket] = tuple(after), packages, pickle.dumps(work)
        self._begin()
        return ticket

    def _begin(self) -> None:
        for ticket, (after, packages, work) in list(self._waiting.items()):
            if self._results.keys() >= set(after):
                del self._waiting[ticket]
                self._running[ticket] = self._pool.submit(carried_out, packages, work, [self._results[item] for item in after])

    def wait(self, tickets: Collection[Ticket], timeout: float) -> list[Change]:
        running = {future: ticket for ticket, future in self._running.items() if ticket in tickets}
        if not running:
            raise EngineError("None of the work can begin.")
        changes = []
        for future in futures.wait(running, timeout, futures.FIRST_COMPLETED).done:
            ticket = running[future]
            del self._running[ticket]
            error = future.exception()
            if error is None:
                self._results[ticket] = future.result()
                changes.append(Change(ticket, "done", future.result()))
            else:
                assert isinstance(error, Exception)
                changes.append(Change(ticket, "failed", error=error))
        self._begin()
        return changes

    def cancel(self, tickets: Collection[Ticket]) -> None:
        for ticket in tickets:
            self._waiting.pop(ticket, None)
            self._results.pop(ticket, None)
            if future := self._running.pop(ticket, None):
                future.cancel()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
