"""Rows of hosts that speak OpenAssetIO, where that is installed; elsewhere the same without it, below the manager."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ways.api import Session
from ways.systems.openassetio.entities import Entities
from ways.systems.openassetio.listing import Listing
from ways.systems.openassetio.references import compose, parse
from ways.systems.openassetio.traits import LOCATABLE

from .runner import CLOCK, Contest, Row, Sizes, Timer, steady

#: How often each round is gone through.
_GOES = 5
#: Files of one folder.
_FILES = 100
_WORLD = "the files of a host"
_PLUGINS: dict[str, dict[str, Any]] = {
    "shot": {"hierarchy": "shot", "mapping_details": {"SHOT": {"parse": {"regex": r"sh\d{4}"}}}},
    "still": {
        "hierarchy": "{root}/still",
        "uses": ["shot"],
        "mapping": "{root}/still/v{VERSION:03d}/{NAME}.exr",
        "mapping_details": {"NAME": {"parse": {"regex": "[a-z]+"}}},
    },
}


class _Studio:
    """Files, and a reference to each."""

    def __init__(self, folder: Path, count: int) -> None:
        self.sheet = folder / "sheet.json"
        plugins = {name: {**plugin, "syntax": 2, "path": True} for name, plugin in _PLUGINS.items()}
        plugins["shot"]["mapping"] = f"{folder.as_posix()}/{{JOB}}/{{SHOT}}"
        self.session = Session()
        self.session.add_plugins(**plugins)
        self.sheet.write_text(json.dumps({"plugins": plugins}), encoding="utf-8")
        self.references = []
        for number in range(count):
            shot, name = f"sh{number // _FILES:04}", _name(number % _FILES)
            file = folder / "hero" / shot / "still" / "v001" / f"{name}.exr"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
            values = {"JOB": "hero", "SHOT": shot, "NAME": name, "VERSION": "001"}
            self.references.append(compose("shot/still", values))


def _name(number: int) -> str:
    letters = "abcdefghij"
    return letters[number // 10] + letters[number % 10]


def _manager_timers(studio: _Studio) -> tuple[Timer, Timer]:
    """Return timers of one reference: in a batch, and by itself."""
    from openassetio.access import ResolveAccess
    from openassetio.hostApi import HostInterface, ManagerFactory
    from openassetio.log import ConsoleLogger, SeverityFilter
    from openassetio.pluginSystem import PythonPluginSystemManagerImplementationFactory

    from ways.systems.openassetio.__main__ import PLUGIN_PATH

    class Host(HostInterface):  # type: ignore[misc]
        def identifier(self) -> str:
            return "org.ways.benchmarks"

        def displayName(self) -> str:
            return "Benchmarks"

    logger = SeverityFilter(ConsoleLogger())
    plugins = PythonPluginSystemManagerImplementationFactory(logger, PLUGIN_PATH, True)
    manager = ManagerFactory.createManagerForInterface("org.ways.manager", Host(), plugins, logger)
    manager.initialize({"descriptors": str(studio.sheet)})
    entities = [manager.createEntityReference(reference) for reference in studio.references]
    context, traits, read = manager.createContext(), {LOCATABLE}, ResolveAccess.kRead
    answers: dict[int, Any] = {}

    def fail(index: int, error: Any) -> None:
        raise AssertionError(error.message)

    def batch() -> None:
        manager.resolve(entities, traits, read, context, answers.__setitem__, fail)

    def singles() -> None:
        for entity in entities:
            manager.resolve(entity, traits, read, context)

    return _per_one(batch, len(entities)), _per_one(singles, len(entities))


def _own_timers(studio: _Studio) -> tuple[Timer, Timer]:
    """Return the same timers of what is below the manager."""
    entities = Entities(studio.session)

    def batch() -> None:
        entities.find([parse(reference) for reference in studio.references], Listing())

    def singles() -> None:
        for reference in studio.references:
            entities.find([parse(reference)], Listing())

    return _per_one(batch, len(studio.references)), _per_one(singles, len(studio.references))


def _per_one(function: Callable[[], None], count: int) -> Timer:
    """Return a timer of a function that is done with so many, for one of them: the best of a few goes.

    What others do on the machine slows ours, and not a limit that is a number.
    """

    def timer() -> float:
        goes = []
        for _ in range(_GOES):
            started = CLOCK()
            function()
            goes.append((CLOCK() - started) / count)
        return min(goes)

    function()
    return timer


def _resolving(number: int, most: float) -> Callable[[Sizes], Iterator[Contest]]:
    """Return the contest of a row: which of the two timers, and the most seconds that one reference may take."""

    def contests(sizes: Sizes) -> Iterator[Contest]:
        with tempfile.TemporaryDirectory() as folder:
            studio = _Studio(Path(folder), max(10, sizes.texts // 5))
            has_library = find_spec("openassetio") is not None
            timers = (_manager_timers if has_library else _own_timers)(studio)
            label = f"{len(studio.references):,} references{'' if has_library else ', without OpenAssetIO'}"
            yield Contest(label, timers[number], steady(most), 1.0)

    return contests


ROWS = (
    Row("O1", "resolve through OpenAssetIO, all in one batch, for one; at most 20 us", _WORLD, _resolving(0, 20e-6)),
    Row("O2", "the same one by one; at most 40 us", _WORLD, _resolving(1, 40e-6)),
)
