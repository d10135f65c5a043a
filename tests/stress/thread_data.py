"""Many threads change and read the data of one Context, while sheets change below it: nothing is lost, nothing is half."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from .runner import Outcome, Scenario
from .threads import READERS, run_threads, switching_often
from ways.session import Session


class World:
    """A session in which one writer loads data, and others set their own."""

    def __init__(self) -> None:
        self.session = Session(overrides={"WAYS_CACHE": "0", "WAYS_PLATFORM": "linux"})
        self.wrong: list[str] = []
        self.changes = self.looks = 0
        self._load(0)
        self.context: Any = self.session.need_context("job")

    def _load(self, number: int) -> None:
        data = {"left": number, "right": number, "same": [0], f"only{number}": number}
        self.session.add_plugins(**{f"job{number}": {"hierarchy": "job", "data": data}})

    def load(self, stop: threading.Event) -> None:
        """Add plugins that cover what was loaded; as few as leave a resolve short."""
        number = 0
        while not stop.is_set():
            number += 1
            if number % 100 == 0:
                self.session.clear()
            self._load(number)
            self.changes += 1

    def look(self, stop: threading.Event) -> None:
        """See two values that always change together: of one load, or of one change."""
        while not stop.is_set():
            data = self.context.data
            for shown in (dict(data), data.copy(), dict(data.items())):
                self.looks += 1
                if shown.get("left") != shown.get("right") or shown.get("mine") != shown.get("yours"):
                    self.wrong.append(f"half a change: {shown}")

    def owner(self, number: int) -> Callable[[threading.Event], None]:
        """Return what sets keys of its own, and finds each as it left it."""
        return lambda stop: self._own(f"thread{number}", stop)

    def _own(self, key: str, stop: threading.Event) -> None:
        count = 0
        while not stop.is_set():
            count += 1
            self.context.data[key] = count
            self.context.data.update(mine=count, yours=count)
            if self.context.data.get(key) != count:
                self.wrong.append(f"lost: {key} is {self.context.data.get(key)!r}, and not {count}")
            if count % 7 == 0:
                self.context.data.pop(key)
                if key in self.context.data:
                    self.wrong.append(f"still there: {key}")
            self.changes += 1


def data_of_many(seconds: float) -> Outcome:
    """Change and read the data of one Context in many threads."""
    world = World()
    work = [world.load, *(world.owner(number) for number in range(READERS // 2)), *(world.look for _ in range(READERS // 2))]
    with switching_often():
        hanging = run_threads([_noting(item, world) for item in work], seconds)
    told = f"looks at the data of one Context during {world.changes} changes: no change was lost, none was seen by half"
    return Outcome(world.looks, told, tuple([*hanging, *world.wrong][:10]))


def _noting(work: Callable[[threading.Event], None], world: World) -> Callable[[threading.Event], None]:
    return lambda stop: _noted(work, world, stop)


def _noted(work: Callable[[threading.Event], None], world: World, stop: threading.Event) -> None:
    try:
        work(stop)
    except Exception as error:  # The very thing that is looked for.
        world.wrong.append(f"raised {type(error).__name__}: {error}")


SCENARIOS = {
    "thread-data": Scenario("change and read the data of one Context from eight threads", data_of_many),
}
