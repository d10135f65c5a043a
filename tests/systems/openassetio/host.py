"""A host that asks the manager of Ways through OpenAssetIO's own API, and files for it to find."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openassetio.errors import BatchElementError
from openassetio.hostApi import HostInterface, Manager, ManagerFactory
from openassetio.log import LoggerInterface
from openassetio.pluginSystem import PythonPluginSystemManagerImplementationFactory

from ways.systems.openassetio.__main__ import PLUGIN_PATH
from ways.systems.openassetio.references import compose
from ways.systems.openassetio.traits import PREFIX

IMAGE = f"{PREFIX}twoDimensional.Image"
COLOR = f"{PREFIX}color.OCIOColorManaged"

SHEET = """
globals: {syntax: 2, path: true}
plugins:
  shot:
    hierarchy: shot
    mapping: 'FOLDER/{JOB}/{SHOT}'
  render:
    hierarchy: '{root}/render'
    uses: [shot]
    mapping: '{root}/render/v{VERSION:03d}/{NAME}.{FRAME}.exr'
    mapping_details:
      NAME: {parse: {regex: '[a-z{}#]+'}}
      FRAME: {sequence: true, format: 04d}
    openassetio: {traits: [twoDimensional.Image], required: [twoDimensional.Image], mime: image/x-exr, publish: true}
  still:
    hierarchy: '{root}/still'
    uses: [shot]
    mapping: '{root}/still/{VERSION}/{NAME}.exr'
    mapping_details: {VERSION: {parse: {regex: 'v\\d+'}}}
    openassetio: {publish: true}
  plate:
    hierarchy: '{root}/plate'
    uses: [shot]
    mapping: '{root}/plate_v{VERSION:03d}.exr'
    openassetio: {publish: true}
  scan:
    hierarchy: '{root}/scan'
    uses: [shot]
    mapping: '{root}/{FRAME:05d}/{NAME}.{FRAME:05d}.dpx'
  flip:
    hierarchy: '{root}/flip'
    uses: [shot]
    mapping: '{root}/flip.{TAKE}.png'
    mapping_details: {TAKE: {sequence: true}}
    openassetio: {frame: TAKE}
  cache:
    hierarchy: '{root}/cache'
    uses: [shot]
    mapping: '{root}/cache/{NAME}.abc'
    openassetio: {publish: true}
  notes:
    hierarchy: '{root}/notes'
    uses: [shot]
    mapping: '{root}/notes.txt'
  whole:
    hierarchy: '{root}/whole'
    uses: [shot]
    mapping: '{root}/whole/{VERSION}/{NAME}.exr'
    mapping_details: {VERSION: {mapping: 'v{NUMBER}'}, NUMBER: {format: 03d}}
    openassetio: {publish: true}
  loose:
    hierarchy: loose
    path: false
    mapping: 'FOLDER/{NAME}/a'
    openassetio: {publish: true}
  near:
    hierarchy: near
    mapping: 'here/{NAME}/a'
    openassetio: {publish: true}
  nothing:
    hierarchy: nothing
    data: {a: 1}
"""
SHOT = {"JOB": "hero #1", "SHOT": "sh010"}
BEAUTY = {**SHOT, "NAME": "beauty"}


def write_files(folder: Path) -> Path:
    """Write the sheet and files of each place; return the sheet."""
    sheet = folder / "sheet.yml"
    sheet.write_text(SHEET.replace("FOLDER", folder.as_posix()), encoding="utf-8")
    shot = folder / "hero #1" / "sh010"
    names = [f"render/v{version}/beauty.{frame}.exr" for version in ("001", "002", "005") for frame in (1001, 1002, 1003)]
    names += ["still/v9/beauty.exr", "still/v10/beauty.exr", "plate_v001.exr", "plate_v002.exr", "notes.txt", "cache/beauty.abc"]
    names += [f"{frame}/scan.{frame}.dpx" for frame in ("00001", "00002")] + ["flip.001.png", "flip.012.png"]
    for name in names:
        (shot / name).parent.mkdir(parents=True, exist_ok=True)
        (shot / name).touch()
    return sheet


class Host(HostInterface):
    """The host of the tests."""

    def identifier(self) -> str:
        return "org.ways.tests"

    def displayName(self) -> str:
        return "Tests"


class Messages(LoggerInterface):
    """Keeps what is logged."""

    def __init__(self) -> None:
        LoggerInterface.__init__(self)
        self.lines: list[str] = []

    def log(self, severity: Any, message: str) -> None:
        if severity in (self.Severity.kWarning, self.Severity.kError, self.Severity.kCritical):
            self.lines.append(message)


def new_manager(messages: Messages | None = None, **settings: Any) -> Manager:
    """Return a manager that a host found in the plugin path."""
    logger = messages or Messages()
    plugins = PythonPluginSystemManagerImplementationFactory(logger, PLUGIN_PATH, True)
    manager = ManagerFactory.createManagerForInterface("org.ways.manager", Host(), plugins, logger)
    manager.initialize(settings)
    return manager


def reference(manager: Manager, place: str, **values: str) -> Any:
    return manager.createEntityReference(compose(place, values))


class Answers:
    """The callbacks of a batch. Fails if one is called twice, or for no element."""

    def __init__(self, count: int) -> None:
        self._answers: list[Any] = [None] * count

    def success(self, index: int, value: Any) -> None:
        assert self._answers[index] is None
        self._answers[index] = (value,)

    def error(self, index: int, error: BatchElementError) -> None:
        assert self._answers[index] is None
        self._answers[index] = error

    @property
    def all(self) -> list[Any]:
        """The value or the error of each element."""
        assert None not in self._answers
        return [answer if isinstance(answer, BatchElementError) else answer[0] for answer in self._answers]


def codes(answers: Iterable[Any]) -> list[str]:
    """Return the code of each error, and ``""`` for each value."""
    return [answer.code.name if isinstance(answer, BatchElementError) else "" for answer in answers]
