"""Rows of fresh processes: one path, in the shell and in Python, however many places and sheets there are."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

from ways.session import Session

from .asking import warmed
from .native import Spot
from .runner import Contest, Row, Sizes, Timer
from .stored import Stored, Used, lines, seconds, stored
from .worlds import plugins_of, studio

#: How a text is asked for, and how often that may take what ``python -c pass`` does: warm, after an edit, a new place.
_TARGETS = {"shell": (9.0, 14.0, 9.0), "API": (6.0, 11.0, 6.0)}
_CONDITIONS = ("warm", "a sheet edited right before", "a place never asked before")
_ASSET = "import ways.api as w; assert '/'.join(w.get_asset({text!r}).context.hierarchy) == {place!r}"
#: Asks a text, then times the next ones: what is told is the time for each.
_NEXT = """
import time
import ways.api as w
with open({path!r}, encoding='utf-8') as file:
    texts = file.read().splitlines()
assert w.get_asset(texts[0]) is not None
started = time.process_time()
for text in texts[1:]:
    w.get_asset(text)
print((time.process_time() - started) / len(texts[1:]))
"""
_NEXT_TEXTS = 1_000


class _Asked:
    """A studio on disk, of which one path at a time is asked by a process."""

    def __init__(self, count: int) -> None:
        self._world = stored(count)
        # Its sheets change under the processes that ask it.
        self._edited = stored(count, purpose="edited")
        self.label = self._world.label
        self._unused = itertools.cycle(reversed(self._world.spots[:-1]))

    def timers(self, how: str) -> tuple[Timer, Timer, Timer]:
        """Return the timers of the three conditions."""
        ask = _by_shell if how == "shell" else _by_python
        warm, edited = self._world, self._edited
        asked = (
            lambda: ask(warm, warm.spots[-1]),
            lambda: ask(edited, edited.spots[-1]),
            lambda: ask(warm, next(self._unused)),
        )
        first, second, third = map(seconds, asked)
        return first, _after(lambda: edited.edit(-1), second), third


def _after(prepare: Callable[[], None], timer: Timer) -> Timer:
    def prepared() -> float:
        prepare()
        return timer()

    return prepared


def _by_shell(world: Stored, spot: Spot) -> Used:
    return world.ways("resolve", spot.text)


def _by_python(world: Stored, spot: Spot) -> Used:
    return world.python(_ASSET.format(text=spot.text, place=spot.hierarchy))


def _l1(sizes: Sizes) -> Iterator[Contest]:
    few, many = (_Asked(count) for count in sizes.places)
    bare = seconds(lambda: stored(sizes.places[-1]).python("pass"))
    for how, targets in _TARGETS.items():
        small, large = few.timers(how), many.timers(how)
        for number, condition in enumerate(_CONDITIONS):
            yield Contest(f"{how}, {condition}: one path, {many.label}", large[number], bare, targets[number])
        for number, condition in enumerate(_CONDITIONS):
            yield Contest(f"{how}, {condition}: {many.label}, against {few.label}", large[number], small[number], 1.3)
    yield from _from_files(sizes)
    yield from _next(sizes)


def _from_files(sizes: Sizes) -> Iterator[Contest]:
    """Yield what the first text of a process takes out of a snapshot file, against the same out of the store."""
    for count in sizes.places:
        world = stored(count)
        spot, file = world.spots[-1], str(world.folder / "world.ways")
        world.ways("snapshot", file, "--force")
        program = _ASSET.format(text=spot.text, place=spot.hierarchy)
        ours = seconds(lambda world=world, file=file, program=program: world.python(program, WAYS_SNAPSHOT=file))  # type: ignore[misc]
        store = seconds(lambda world=world, program=program: world.python(program))  # type: ignore[misc]
        yield Contest(f"API, from a snapshot file: one path, {world.label}, against the store", ours, store, 1.0)


def _next(sizes: Sizes) -> Iterator[Contest]:
    """Yield what the second to the thousandth text of a process take, each; against auto-find of plain places, warm."""
    places = studio(sizes.worlds[-1])
    session = Session(overrides={"WAYS_PLATFORM": "linux", "WAYS_CACHE": "0"})
    session.add_plugins(**plugins_of(places))
    plain = warmed(session, places[-50:])
    world = stored(sizes.places[-1])
    asked = [spot for spot in world.spots if "VERSION_NUMBER" in spot.values]
    for count, target in ((50, 2.0), (_NEXT_TEXTS, None)):
        chosen = asked[:: max(1, len(asked) // count)][:count]
        texts = [spot.variant(number)[0] for number, spot in zip(range(_NEXT_TEXTS), itertools.cycle(chosen))]
        path = lines(world.folder / f"next_{count}.txt", texts)
        ours = _told(world, path)
        yield Contest(f"2nd to 1,000th text of a process, each, over {len(chosen)} of {world.label}, against D1", ours, plain, target)


def _told(world: Stored, path: str) -> Timer:
    told = str(world.folder / "told.txt")

    def timer() -> float:
        world.python(_NEXT.format(path=path), stdout=told)
        return float(Path(told).read_text("utf-8"))

    timer()
    return timer


ROWS = (Row("L1", "one path in a fresh process, against python -c pass", "the studio of syntax 2, 50 places in a sheet", _l1),)
