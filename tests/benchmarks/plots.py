"""The plots of the docs: finding, checking and starting, against the number of places."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from ways.session import Session

from . import peers
from .asking import some, warmed
from .native import native_studio
from .page import Line, median, plot
from .runner import Sizes, Timer, each
from .stored import Stored, seconds, stored
from .worlds import plugins_of, studio


def write(folder: Path, sizes: Sizes) -> list[Path]:
    """Measure and draw the plots; return their paths."""
    made = {"finding": _finding, "checking": _checking, "starting": _starting}
    paths = []
    for name, draw in made.items():
        paths.append(folder / f"performance-{name}.svg")
        paths[-1].write_text(draw(sizes), encoding="utf-8")
    return paths


def _finding(sizes: Sizes) -> str:
    rounds = sizes.rounds * sizes.more
    ours: dict[str, list[tuple[float, float]]] = {"Ways, syntax 1": [], "Ways, syntax 2": [], "the right pattern": []}
    others: dict[str, list[tuple[float, float]]] = {}
    for count in sizes.worlds:
        places = studio(count)
        session = Session(overrides={"WAYS_PLATFORM": "linux", "WAYS_CACHE": "0"})
        session.add_plugins(**plugins_of(places))
        ours["Ways, syntax 1"].append((count, median(warmed(session, some(places)), rounds)))
        native = native_studio(count)
        session = Session(overrides={"WAYS_PLATFORM": "linux", "WAYS_CACHE": "0"})
        session.add_plugins(**native.plugins())
        asked = some(native.spots)
        ours["Ways, syntax 2"].append((count, median(warmed(session, asked), rounds)))
        right = [(re.compile(spot.regex).fullmatch, spot.text) for spot in asked]
        ours["the right pattern"].append((count, median(each(lambda pair: pair[0](pair[1]), right), rounds)))
        for name, timer in peers.finding(places).items() if count <= 1_000 else ():
            others.setdefault(name, []).append((count, median(timer, 3)))
    lines = [Line(name, points) for name, points in (ours | others).items()]
    return plot("Auto-find: time for one text", "places", "time for each text", lines)


def _worlds(sizes: Sizes) -> list[Stored]:
    return [stored(count) for count in (max(30, sizes.places[0] // 10), *sizes.places)]


def _over(worlds: list[Stored], timer_of: Callable[[Stored], Timer], rounds: int) -> list[tuple[float, float]]:
    return [(len(world.spots), median(timer_of(world), rounds)) for world in worlds]


def _checking(sizes: Sizes) -> str:
    lines = [Line("ways check", _over(_worlds(sizes), lambda world: seconds(lambda: world.ways("check")), 2))]
    return plot("ways check of a studio of syntax 2, 50 places a sheet", "places", "time of the processor", lines)


def _starting(sizes: Sizes) -> str:
    worlds = _worlds(sizes)
    found = {
        "ways resolve PATH": lambda world: seconds(lambda: world.ways("resolve", world.spots[-1].text)),
        "get_asset in Python": lambda world: seconds(
            lambda: world.python(f"import ways.api as w; assert w.get_asset({world.spots[-1].text!r})")
        ),
        "python -c pass": lambda world: seconds(lambda: world.python("pass")),
    }
    lines = [Line(name, _over(worlds, timer_of, max(3, sizes.rounds))) for name, timer_of in found.items()]
    return plot("One path in a fresh process, warm, 50 places a sheet", "places", "time of the processor", lines)
