"""Whether memory stays as it is while a process does the same again and again: edits, sessions, Contexts, watches.

Each has a process of its own, whose collector runs when Python lets it. Two thirds of the rounds must not need more than the
first third did, and must leave as many objects. What is kept of mappings until they are 200 comes and goes: the most counts.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from ways import api
from ways.session import Session

from .axes import AXES
from .growth import World, in_folder, in_memory

#: How much more the last third may need than the second: as a part, megabytes, and objects; how often these are counted in each.
MORE, SMALL, FEW, COUNTS = 1.05, 3.0, 200, 10


class Soaked(NamedTuple):
    """Megabytes, and objects after a pass of the collector, at most in each third of the rounds."""

    megabytes: tuple[float, ...]
    objects: tuple[int, ...]

    @property
    def is_flat(self) -> bool:
        """Whether the last third added nothing to the second."""
        return self.megabytes[2] <= MORE * self.megabytes[1] + SMALL and self.objects[2] <= MORE * self.objects[1] + FEW


Round = Callable[[int], object]


def _world(folder: str, plugins: int) -> World:
    return World(AXES["plugins"].made(plugins, os.path.join(folder, "disk")), folder)


def _edit(world: World, number: int) -> None:
    """Change every mapping of the sheets."""
    for name, text in world.grown.sheets.items():
        with open(os.path.join(world.sheets, name), "w", encoding="utf-8") as file:
            file.write(text.replace(world.base, f"{world.base}{number}"))


def _ask(session: Session, world: World, number: str = "") -> None:
    """Ask most of what can be asked."""
    place, text = world.grown.place, world.grown.text.replace(world.base, f"{world.base}{number}")
    assert session.read(text, place).values == {**world.grown.values}
    assert session.get_asset(text).get_str() == text and session.format(place, world.grown.values) == text
    list(session.read_many([text, text + "x"]))
    session.explain(place)
    list(session.find_assets(place))
    _ask_in_vain(session, "/nowhere")


def _ask_in_vain(session: Session, text: str) -> None:
    try:
        session.get_asset(text)
    except ValueError as error:
        str(error)


def edits(folder: str, plugins: int = 2_000) -> Round:
    """Edit every plugin, and ask."""
    world = _world(folder, plugins)
    session = world.session()

    def again(number: int) -> None:
        _edit(world, number)
        session.refresh()
        _ask(session, world, str(number))

    return again


def stored_edits(folder: str) -> Round:
    """Edit every plugin, and ask, where sheets are stored."""
    os.environ["XDG_CACHE_HOME"] = os.path.join(folder, "cache")
    world = _world(folder, 20)
    session = world.session(WAYS_CACHE="1")

    def again(number: int) -> None:
        _edit(world, number)
        session.refresh()
        _ask(session, world, str(number))

    return again


def sessions(folder: str) -> Round:
    """Make a session, ask, and drop it."""
    world = _world(folder, 20)
    return lambda number: _ask(world.session(), world)


def empty_sessions(folder: str) -> Round:
    """Make a session, and drop it."""
    return lambda number: Session().get_context("x")


def contexts(folder: str) -> Round:
    """Ask for places that are there and others, with aliases and without, and forget everything."""
    world = _world(folder, 20)
    session = world.session()

    def again(number: int) -> None:
        session.register_context_alias(f"alias{number}", world.grown.place)
        assert session.get_context(f"alias{number}") is not None
        session.get_context(f"nowhere{number}")
        session.get_context(f"forced{number}", force=True)
        _ask_in_vain(session, f"/nowhere/{number}")
        session.clear_aliases()
        session.clear_contexts()
        if not number % 10:
            session.clear()
            session.add_search_path(world.sheets)
            _ask(session, world)

    return again


def places_that_are_asked(folder: str) -> Round:
    """Ask for places and texts that are no others' again."""
    world = _world(folder, 20)
    session = world.session()

    def again(number: int) -> None:
        session.get_context(f"nowhere{number}")
        _ask_in_vain(session, f"/nowhere/{number}")
        session.read(world.grown.text.replace("plate", "plate" + str(number).translate(str.maketrans("0123456789", "abcdefghij"))))
        try:
            session.need_context(f"kind{number}")
        except ValueError as error:
            str(error)

    return again


def watches(folder: str) -> Round:
    """Watch the sheets, and stop."""
    world = _world(folder, 20)
    session = world.session()

    def again(number: int) -> None:
        session.watch().stop()

    return again


def settings(folder: str) -> Round:
    """Change the platform and the layers."""
    world = _world(folder, 20)
    session = world.session()

    def again(number: int) -> None:
        with_others = session.with_overrides({"WAYS_PLATFORM": "windows" if number % 2 else "linux", "WAYS_PRIORITY": f"master:l{number}"})
        with_others.get_context(world.grown.place)
        with_others.get_asset(world.grown.text)

    return again


def comparisons(folder: str) -> Round:
    """Compare two sets of sheets."""
    world = _world(folder, 20)
    changed = world.changed()

    def again(number: int) -> None:
        with Session(overrides=world.overrides).active():
            for change in api.compare(api.open_world(world.sheets), api.open_world(changed)).contexts:
                change.as_dict()

    return again


def snapshots(folder: str) -> Round:
    """Take a snapshot, and make a session of it."""
    world = _world(folder, 20)
    session = world.session()
    return lambda number: _ask(Session.from_snapshot(session.snapshot()), world)


def checks(folder: str) -> Round:
    """Check the sheets, and make a page of them, at every tenth time."""
    from ways.report.page import data, page

    world = _world(folder, 20)
    session = world.session()
    return lambda number: page(data(session)) if not number % 10 else session.check()


def additions(folder: str) -> Round:
    """Add a plugin, and ask; begin anew at every tenth time."""
    session = Session(overrides={"WAYS_CACHE": "0"})

    def again(number: int) -> None:
        if not number % 10:
            session.clear()
        session.add_plugins(**{f"p{number}": {"hierarchy": f"p{number}", "mapping": f"/p{number}/{{A}}", "syntax": 2}})
        session.get_asset(f"/p{number}/x").get_str()

    return again


#: Each prepares a world in a folder, and returns what is done in a round; the number is that of the round.
SOAKS: Mapping[str, Callable[[str], Round]] = {
    "edits": partial(edits, plugins=2_000), "small edits": partial(edits, plugins=20), "stored edits": stored_edits,
    "sessions": sessions, "empty sessions": empty_sessions, "contexts": contexts, "asked": places_that_are_asked,
    "watches": watches, "settings": settings, "comparisons": comparisons, "snapshots": snapshots, "checks": checks,
    "additions": additions,
}  # fmt: skip


def soaked(again: Round, rounds: int) -> Soaked:
    """Do something again and again in this process, and return what that needed."""
    megabytes, objects = [], []
    for third in range(3):
        most, count = 0.0, 0
        for number in range(third * rounds // 3, (third + 1) * rounds // 3):
            again(number)
            most = max(most, in_memory("VmRSS"))
            if not (number + 1) % max(1, rounds // 3 // COUNTS):
                gc.collect()
                count = max(count, len(gc.get_objects()))
        megabytes.append(most)
        objects.append(count)
    return Soaked(tuple(megabytes), tuple(objects))


def main(arguments: list[str]) -> int:
    """Do each again and again; return how the process ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress soak", description=__doc__, allow_abbrev=False)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"Which; all, if absent: {', '.join(SOAKS)}.")
    parser.add_argument("--rounds", type=int, default=1_000)
    asked = parser.parse_args(arguments)
    if unknown := set(asked.names) - set(SOAKS):
        parser.error(f"no such soak: {', '.join(sorted(unknown))}; known are {', '.join(SOAKS)}")
    logging.disable(logging.CRITICAL)
    os.environ.update(WAYS_DESCRIPTORS="", WAYS_CACHE="0", WAYS_PLATFORM="linux")
    wrong = 0
    for name in asked.names or SOAKS:
        said: Any = in_folder(lambda folder, name=name: soaked(SOAKS[name](folder), asked.rounds), 3_600)
        if said is None:
            wrong += 1
            print(f"{name:<16} WRONG: it ended early", flush=True)
            continue
        found = Soaked(*map(tuple, said))
        verdict = "flat" if found.is_flat else "GROWS"
        wrong += verdict != "flat"
        memory, objects = " ".join(f"{much:7.1f}" for much in found.megabytes), " ".join(f"{count:8}" for count in found.objects)
        print(f"{name:<16} {asked.rounds} rounds  {memory} MB  {objects} objects  {verdict}", flush=True)
    return 1 if wrong else 0
