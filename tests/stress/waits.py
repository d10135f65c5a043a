"""How long a reader waits for an answer: alone, beside a thread that only counts, and beside one that refreshes.

One thread at a time runs Python, so that a reader beside any busy thread waits for its turn. What is told is whether a
writer makes it wait longer than that.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks.worlds import studio, write_studio
from .runner import Outcome, Scenario
from .threads import quiet, run_threads
from ways.session import Session

PLUGINS, SHEETS = 10_000, 100


class Waits(NamedTuple):
    """How long answers took, in milliseconds."""

    count: int
    median: float
    #: What one in a thousand takes.
    rare: float
    longest: float

    def __str__(self) -> str:
        return f"median {self.median:.3f}, one in 1,000 {self.rare:.1f}, longest {self.longest:.1f} ms"


def _waits(ask: Callable[[], Any], seconds: float, beside: Callable[[threading.Event], None] | None) -> Waits:
    took: list[float] = []
    work = [lambda stop: _ask(ask, took, stop), *([beside] if beside else [])]
    run_threads(work, seconds)
    took.sort()
    return Waits(len(took), *(1000 * took[int(part * (len(took) - 1))] for part in (0.5, 0.999, 1.0)))


def _ask(ask: Callable[[], Any], took: list[float], stop: threading.Event) -> None:
    while not stop.is_set():
        start = time.perf_counter()
        ask()
        took.append(time.perf_counter() - start)


def _count(stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        number += 1


class _Refreshing:
    """Changes sheets, and reads them again."""

    def __init__(self, session: Session, paths: list[Path]) -> None:
        self._session, self._paths = session, paths
        self.count = 0
        self.took = 0.0

    def run(self, stop: threading.Event) -> None:
        """Go on until *stop* is set."""
        while not stop.is_set():
            for path in self._paths:
                path.write_text(path.read_text("utf-8") + "\n", "utf-8")
            start = time.perf_counter()
            self._session.refresh()
            self.took += time.perf_counter() - start
            self.count += 1


def reader_waits(seconds: float) -> Outcome:
    """Measure how long a reader waits while 10,000 plugins are read again."""
    with tempfile.TemporaryDirectory() as folder, quiet():
        paths = write_studio(Path(folder) / "sheets", PLUGINS, SHEETS)
        session = Session(overrides={"WAYS_CACHE": "0", "WAYS_PLATFORM": "linux"})
        session.add_search_path(str(Path(folder) / "sheets"))
        place = studio(PLUGINS)[PLUGINS // 2]
        context = session.need_context(place.hierarchy)
        text = context.get_mapping() and place.text
        ask = lambda: session.get_asset(text, place.hierarchy).get_str()  # noqa: E731
        ask()
        part = seconds / 4
        alone, counting = _waits(ask, part, None), _waits(ask, part, _count)
        one, every = _Refreshing(session, paths[:1]), _Refreshing(session, paths)
        beside_one, beside_every = _waits(ask, part, one.run), _waits(ask, part, every.run)
    told = (
        f"answers (get_asset and get_str). Alone: {alone}. Beside a thread that only counts: {counting}. "
        f"Beside {one.count} refreshes of {1000 * one.took / max(1, one.count):.0f} ms, one sheet of {SHEETS} changed: {beside_one}. "
        f"Beside {every.count} refreshes of {1000 * every.took / max(1, every.count):.0f} ms, all changed: {beside_every}. "
        f"A thread has its turn for {1000 * sys.getswitchinterval():.0f} ms"
    )
    refresh = 1000 * every.took / max(1, every.count)
    wrong = (f"a reader waited {beside_every.longest:.0f} ms, as long as a refresh",) if beside_every.longest > max(500, refresh) else ()
    return Outcome(sum(waits.count for waits in (alone, counting, beside_one, beside_every)), told, wrong)


SCENARIOS = {
    "reader-waits": Scenario("measure how long a reader waits while 10,000 plugins are read again", reader_waits),
}
