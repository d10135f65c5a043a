"""A host of OpenAssetIO and a timeline get one answer: what is the latest on disk, which frames, and where. Drawn, and read by hand."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from systems.otio.places import touch

from ways.api import Asset, Session
from ways.systems.openassetio.entities import Entities, Entity
from ways.systems.openassetio.listing import Listing
from ways.systems.openassetio.references import Reference
from ways.systems.openassetio.versions import order_of
from ways.systems.otio.media import Media, find_media

LAYOUTS = (
    "{SHOT}/{VERSION}/beauty.{FRAME}.exr",
    "{SHOT}/{SHOT}_{VERSION}.mov",
    "{SHOT}/{VERSION}/{SHOT}_{VERSION}.{FRAME}.exr",
    "{SHOT}/{SHOT}_{VERSION}.{FRAME}.exr",
    "{SHOT}/{FRAME}.{SHOT}_{VERSION}.exr",
    "{SHOT}/{SHOT}.{FRAME}.exr",
    "{SHOT}/{VERSION}/{FRAME}/image.exr",
    "{SHOT}/{FRAME}/{VERSION}.exr",
    "{SHOT}/{FRAME}/{VERSION}.{FRAME}.exr",
    "{SHOT}/{VERSION}/beauty[_{TAG}].{FRAME}.exr",
    "{SHOT}/{SHOT}[_{TAG}]_{VERSION}.mov",
    "{SHOT}/{VERSION}[/{TAG}]/a.{FRAME}.exr",
)
VERSIONS: dict[str, dict[str, Any]] = {
    "three digits": {"mapping": "v{NUMBER:03d}"},
    "a number": {"mapping": "v{NUMBER}"},
    "no letter": {"format": "03d"},
    "a text": {"parse": {"regex": r"v?\d+"}},
    "two numbers": {"mapping": "v{MAJOR}_{MINOR}"},
}
FRAMES: dict[str, dict[str, Any]] = {
    "four digits": {"format": "04d"},
    "padded": {"sequence": True, "format": "04d"},
    "with a sign": {"sequence": True, "format": "-04d"},
    "of any width": {"sequence": True},
    "not padded": {"format": "d"},
    "two digits": {"format": "02d"},
    "unpadded sequence": {"sequence": True, "format": "d"},
    "an expression": {"parse": {"regex": r"-?\d{3,}"}},
}
NUMBER = {"parse": {"regex": r"\d+"}}
OTHERS: dict[str, dict[str, Any]] = {"NUMBER": NUMBER, "MAJOR": NUMBER, "MINOR": NUMBER, "TAG": {"parse": {"regex": "[a-z]+"}}}
SHOTS = ("sh1", "sh2", "sh3")


class World:
    """A place and files, drawn."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.draw = draw = random.Random(seed)
        self.layout = draw.choice(LAYOUTS)
        self.version, frame = draw.choice(list(VERSIONS.values())), draw.choice(list(FRAMES.values()))
        details = {**OTHERS, "VERSION": self.version, "FRAME": frame}
        mapping = f"{folder.as_posix()}/{self.layout}"
        used = self.layout + str(self.version.get("mapping")) * ("VERSION" in self.layout)
        details = {token: data for token, data in details.items() if f"{{{token}" in used}
        self.session = Session()
        plugin = {"hierarchy": "p", "syntax": 2, "path": True, "mapping": mapping, "mapping_details": details}
        self.session.add_plugins(p=plugin)
        assert self.session.problems == []
        for shot in SHOTS:
            for _ in range(draw.randint(0, 4)):
                touch(folder, *self._files(shot))
            if draw.random() < 0.3:
                touch(folder, f"{shot}/v9999x/beauty.1001.exr", f"{shot}/{shot}_v001_old.mov")
            if draw.random() < 0.3:
                (folder / shot / self._version()).mkdir(parents=True, exist_ok=True)

    def _version(self) -> str:
        draw = self.draw
        if "MAJOR" in str(self.version):
            return f"v{draw.randint(0, 11)}_{draw.randint(0, 11)}"
        letter = "v" if "mapping" in self.version or ("parse" in self.version and draw.random() < 0.5) else ""
        return f"{letter}{draw.choice([1, 2, 9, 10, 11, 100, 999, 1000]):0{draw.choice([1, 3, 3, 3, 4])}d}"

    def _files(self, shot: str) -> Iterator[str]:
        """Yield the files of one version. Some fit no place."""
        draw = self.draw
        version, width, tag = self._version(), draw.choice([1, 2, 4, 4, 4, 0]), draw.choice(["", "", "left"])
        for number in draw.sample([-11, -1, 0, 1, 2, 9, 10, 11, 99, 100, 1001, 1002, 1004, 12345], draw.randint(1, 4)):
            frame = f"{number:0{width or draw.choice([1, 2, 4])}d}"
            text = self.layout.replace("{SHOT}", shot).replace("{VERSION}", version).replace("{FRAME}", frame)
            for sign in "_/":
                text = text.replace(f"[{sign}{{TAG}}]", f"{sign}{tag}" if tag else "")
            yield text

    def asked(self) -> Iterator[dict[str, str]]:
        """Yield what a host may ask for."""
        for shot in SHOTS:
            yield {"SHOT": shot}
            if "VERSION" in self.layout:
                yield {"SHOT": shot, "VERSION": self._version()}
            if "FRAME" in self.layout:
                yield {"SHOT": shot, "FRAME": self.draw.choice(["1001", "0001", "-001", "1", "-1"])}
            if "TAG" in self.layout:
                yield {"SHOT": shot, "TAG": "left"}

    def _order(self, asset: Asset) -> Any:
        """Return what sorts by version."""
        if "VERSION" not in self.layout:
            return 0
        return order_of(asset.info["VERSION"] if "VERSION" in asset.info else asset.get_value("VERSION"))

    def by_hand(self, values: Mapping[str, str]) -> tuple[str, list[int]] | None:
        """Return the first file and the frames of the latest version, from everything that is on disk; ``None`` for nothing."""
        found = self.session.find_assets("p", {"TAG": None, **values} if "TAG" in self.layout else values)
        files = [(asset.info, asset.get_str(), self._order(asset)) for asset in found]
        latest = [(info, path) for info, path, order in files if order == max(order for _, _, order in files)]
        if "FRAME" not in self.layout or "FRAME" in values:
            return (latest[0][1], []) if latest else None
        numbers = {info["FRAME"]: path for info, path in latest}
        if not numbers or len({len(text) for text in numbers if text.startswith(("0", "-0")) and text != "0"}) > 1:
            return None
        return numbers[min(numbers, key=int)], sorted(map(int, numbers))


def of_host(entity: Entity | Exception) -> tuple[str, list[int]] | None:
    if not isinstance(entity, Entity):
        return None
    frames = sorted(map(int, entity.frames))
    return entity.template.replace("{{", "{").format(frame=frames[0]) if frames else entity.path, frames


def of_media(media: Media | Exception) -> tuple[str, list[int]] | None:
    return (media.path, list(media.frames)) if isinstance(media, Media) else None


@pytest.mark.parametrize("seed", range(60))
def test_a_host_and_a_timeline_get_what_is_on_disk(seed: int, tmp_path: Path) -> None:
    world = World(seed, tmp_path)
    asked = list(world.asked())
    entities = Entities(world.session).find([Reference("p", values) for values in asked], Listing())
    media = find_media(world.session, "p", asked)
    expected = [_fitting(world, values) for values in asked]
    assert list(zip(asked, map(of_host, entities))) == list(zip(asked, expected))
    if world.layout.count("{FRAME}") > 1:
        # No sequence of OpenTimelineIO has its number twice.
        expected = [None if answer and answer[1] else answer for answer in expected]
    assert list(zip(asked, map(of_media, media))) == list(zip(asked, expected))


def _fitting(world: World, values: Mapping[str, str]) -> tuple[str, list[int]] | None:
    try:
        return world.by_hand(values)
    except ValueError:
        # A version or a frame that the place can't have.
        return None
