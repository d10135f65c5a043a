"""Timing side by side: each contestant takes its turn in each round, so that a busy machine slows all of them alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

#: What times work in this process: the processor's time, which a busy machine doesn't add to. Processes are timed by the clock.
CLOCK = time.process_time
#: Gives how long one go took, in seconds; for memory, how much is held, in bytes.
Timer = Callable[[], float]


class Sizes(NamedTuple):
    """How much work a run does."""

    #: Numbers of plugins, of Contexts, ...: a row takes those that its target names.
    worlds: tuple[int, ...] = (10, 100, 1_000, 10_000)
    texts: int = 100_000
    files: int = 50_000
    sheets: int = 200
    #: Numbers of places of the studio in syntax 2, and of their sheets, all of one size.
    places: tuple[int, ...] = (1_000, 10_000)
    #: How many texts are piped to the shell.
    lines: int = 100_000
    rounds: int = 9
    #: Short rounds are so many times as many: a busy machine disturbs some of them.
    more: int = 5
    #: Seconds that one timing of something short lasts.
    burst: float = 0.01

    @property
    def large(self) -> tuple[int, ...]:
        """The two greatest worlds."""
        return self.worlds[-2:]

    @property
    def medium(self) -> int:
        """The second greatest world."""
        return self.worlds[-2]


FULL = Sizes()
QUICK = Sizes(texts=5_000, files=3_000, lines=10_000, rounds=3, burst=0.002)
TINY = Sizes((4, 8, 12, 16), texts=20, files=30, sheets=3, places=(40, 60), lines=100, rounds=1, more=1, burst=0.0)


class Contest(NamedTuple):
    """Ours against the limit, and perhaps against peers."""

    label: str
    ours: Timer
    limit: Timer
    #: The greatest ratio of ours to the limit that is good enough; ``None`` if it is told only.
    target: float | None
    peers: Mapping[str, Timer] = {}
    unit: str = "s"


class Row(NamedTuple):
    """One line of the targets: its name, what it measures, in which world, and the contests that it sets up."""

    name: str
    what: str
    world: str
    contests: Callable[[Sizes], Iterable[Contest]]


class Figure(NamedTuple):
    """How one contest ended. Times are medians, in seconds for one go; bytes where the unit says so."""

    row: str
    label: str
    ours: float
    limit: float
    #: The median of the rounds' ratios: the two that are compared ran one after the other.
    ratio: float
    target: float | None
    unit: str
    peers: Mapping[str, float]

    @property
    def is_met(self) -> bool:
        """Whether the ratio is within the target."""
        return self.target is None or self.ratio <= self.target

    def as_dict(self) -> dict[str, Any]:
        """Return the figure as plain data."""
        return {**self._asdict(), "peers": dict(self.peers), "is_met": self.is_met}


def figures(rows: Iterable[Row], sizes: Sizes) -> Iterator[Figure]:
    """Yield a figure for each contest of each row, as soon as it is there."""
    for row in rows:
        for contest in row.contests(sizes):
            yield measured(row.name, contest, sizes.rounds, sizes.more)


#: A round that takes less than so many seconds is short; of rounds that take more than the second number, three must do.
_SHORT, _LONG = 0.05, 10.0


def measured(name: str, contest: Contest, rounds: int, more: int = 1) -> Figure:
    """Return the figure of one contest.

    :param more: how many times as many rounds there are if one is short.
    """
    timers = {"ours": contest.ours, "limit": contest.limit, **contest.peers}
    taken: dict[str, list[float]] = {timer: [] for timer in timers}
    number = 0
    while number < rounds:
        started = time.perf_counter()
        # Who goes first changes: what the first one warms up serves the second.
        order = list(timers) if number % 2 else list(reversed(timers))
        for timer in order:
            taken[timer].append(timers[timer]())
        if number == 0:
            lasted = time.perf_counter() - started
            rounds = rounds * more if lasted < _SHORT else min(rounds, 3) if lasted > _LONG else rounds
        number += 1
    middle = {timer: statistics.median(times) for timer, times in taken.items()}
    ratio = statistics.median(ours / limit for ours, limit in zip(taken["ours"], taken["limit"]))
    peers = {peer: middle[peer] for peer in contest.peers}
    return Figure(name, contest.label, middle["ours"], middle["limit"], ratio, contest.target, contest.unit, peers)


def calls(function: Callable[[], Any], burst: float) -> Timer:
    """Return a timer of something short: called so often that one timing lasts *burst* seconds."""
    started = CLOCK()
    function()
    count = max(1, int(burst / max(CLOCK() - started, 1e-8)))

    def timer() -> float:
        turns = range(count)
        started = CLOCK()
        for _ in turns:
            function()
        return (CLOCK() - started) / count

    function()
    # The first go may have been slow, as it makes what later ones use: count again.
    count = max(1, int(burst / max(timer(), 1e-8)))
    return timer


def each(function: Callable[[Any], Any], items: Sequence[Any]) -> Timer:
    """Return a timer of *function*, for one item; it goes through all of them."""

    def timer() -> float:
        started = CLOCK()
        for item in items:
            function(item)
        return (CLOCK() - started) / len(items)

    timer()
    return timer


def once(function: Callable[[], Any], prepare: Callable[[], Any] | None = None) -> Timer:
    """Return a timer of something that is done once, each time after *prepare*."""

    def timer() -> float:
        if prepare is not None:
            prepare()
        gc.collect()
        started = CLOCK()
        kept = function()
        taken = CLOCK() - started
        # What was made is thrown away after the clock stopped.
        del kept
        return taken

    return timer


def steady(value: float) -> Timer:
    """Return a timer that always gives *value*: for what was measured elsewhere."""
    return lambda: value


def held(function: Callable[[], Any]) -> float:
    """Return how many bytes live on after *function*, in what it returned."""
    import tracemalloc

    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = function()
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    return float(after - before)
