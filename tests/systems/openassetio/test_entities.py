"""What references mean on disk, which takes no OpenAssetIO."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ways.session import Session
from ways.systems.openassetio.entities import Entities, Entity, UnreadableFramesError
from ways.systems.openassetio.listing import Listing, width_of
from ways.systems.openassetio.references import Reference

V = {"VERSION": {"format": "03d"}}
LETTERS = {"N": {"parse": {"regex": "[a-z]+"}}}
FRAMES = {"FRAME": {"sequence": True, "format": "04d"}}


def entities_of(folder: Path, mapping: str, details: dict[str, Any], *names: str) -> Entities:
    """Return the entities of one place, with files."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    session = Session()
    plugin = {"hierarchy": "a", "syntax": 2, "path": True, "mapping": f"{folder.as_posix()}/{mapping}", "mapping_details": details}
    session.add_plugins(a=plugin)
    return Entities(session)


WORLDS: dict[str, tuple[str, dict[str, Any], list[str], dict[str, str], list[str]]] = {
    "folders": ("v{VERSION}/{N}.exr", V, ["v001/x.exr", "v002/y.exr", "v010/x.exr"], {"N": "x"}, ["010", "001"]),
    "names": ("{N}_v{VERSION}.exr", V, ["x_v001.exr", "x_v002.exr", "y_v003.exr"], {"N": "x"}, ["002", "001"]),
    "both": ("v{VERSION}/{N}_v{VERSION}.exr", V, ["v001/x_v001.exr", "v002/x_v001.exr"], {"N": "x"}, ["001"]),
    "twice": ("{VERSION}_{VERSION}/{N}", V, ["001_001/x", "002_001/x", "003_003/x"], {"N": "x"}, ["003", "001"]),
    "like others": ("{N}.{VERSION}.{M}", V, ["001.001.001", "001.002.001", "001.003.002"], {"N": "001", "M": "001"}, ["002", "001"]),
    "more digits": ("v{VERSION}/{N}", V, ["v999/x", "v1000/x", "v998/x"], {"N": "x"}, ["1000", "999", "998"]),
    "other digits": ("v{VERSION}/{N}", V, ["v001/x", "v01/x", "v0000001/x", "v0002/x"], {"N": "x"}, ["001"]),
    "texts": ("{VERSION}/{N}", {}, ["v9/x", "v10/x", "final/x"], {"N": "x"}, ["v10", "v9", "final"]),
    "no numbers": ("{VERSION}/{N}", {}, ["final/x", "draft/x"], {"N": "x"}, ["final", "draft"]),
    "frames": (
        "v{VERSION}/{N}.{FRAME}.exr", V | FRAMES, ["v001/x.0001.exr", "v002/x.1.exr", "v003/x.0002.exr"], {"N": "x"}, ["003", "001"],
    ),
    "names with frames": (
        "{N}_v{VERSION}.{FRAME}.exr", V | FRAMES, ["x_v001.0001.exr", "x_v002.0007.exr", "x_v010.0009.exr", "x_v011.1.exr"], {"N": "x"},
        ["010", "002", "001"],
    ),
    "folders of frames": ("{FRAME}/v{VERSION}.exr", V | FRAMES, ["0001/v001.exr", "0002/v002.exr"], {}, ["002", "001"]),
    "frames that don't fit": (
        "v{VERSION}/{FRAME}.exr", V | {"FRAME": {"format": "04d"}}, ["v001/0001.exr", "v002/-001.exr", "v003/1.exr"], {}, ["001"],
    ),
    "no option": ("v{VERSION}/{N}[_{P}].exr", V | LETTERS, ["v001/x.exr", "v002/x_p.exr"], {"N": "x"}, ["001"]),
    "an option": ("v{VERSION}/{N}[_{P}].exr", V | LETTERS, ["v001/x.exr", "v002/x_p.exr"], {"N": "x", "P": "p"}, ["002"]),
    "a version of parts": (
        "{VERSION}/{N}", {"VERSION": {"mapping": "v{NUMBER}"}, "NUMBER": {"format": "03d"}}, ["v001/x", "v010/x"], {"N": "x"},
        ["v010", "v001"],
    ),
    "a parent in an option": (
        "{VERSION}/a[_{P}]", {**V, "P": {"mapping": "{A}-{B}"}}, ["001/a_x-y", "002/a_x-z", "003/a"], {"P": "x-y"}, ["001"],
    ),
    "none": ("v{VERSION}/{N}", V, ["v001/y"], {"N": "x"}, []),
}  # fmt: skip


@pytest.mark.parametrize("world", WORLDS)
def test_versions_are_those_on_disk_the_newest_first(world: str, tmp_path: Path) -> None:
    mapping, details, names, values, expected = WORLDS[world]
    entities = entities_of(tmp_path, mapping, details, *names)
    assert entities.versions(entities.place("a"), values, Listing()) == expected


def test_what_is_found_of_a_version_is_found_by_its_reference(tmp_path: Path) -> None:
    mapping, details, names, values, _ = WORLDS["frames"]
    entities = entities_of(tmp_path, mapping, details, *names)
    [latest, named] = entities.find([Reference("a", values), Reference("a", {**values, "VERSION": "1"})], Listing())
    assert isinstance(latest, Entity) and isinstance(named, Entity)
    assert (latest.is_latest, latest.values["VERSION"], named.is_latest) == (True, "003", False)
    assert latest.template == f"{tmp_path.as_posix()}/v003/x.{{frame:04d}}.exr"


def test_frames_are_numbers_that_the_place_writes(tmp_path: Path) -> None:
    names = ["a.-001.exr", "a.0001.exr", "a.1001.exr", "a.10000.exr", "a.02.exr"]
    for format_, template, frames in (("04d", "{frame:04d}", ["0001", "1001", "10000"]), ("d", "{frame:d}", ["1001", "10000"])):
        entities = entities_of(tmp_path, "{N}.{FRAME}.exr", {"FRAME": {"format": format_}}, *names)
        [found] = entities.find([Reference("a", {"N": "a"})], Listing())
        assert isinstance(found, Entity) and found.template == f"{tmp_path.as_posix()}/a.{template}.exr"
        assert sorted(found.frames, key=int) == frames


def test_frames_of_several_widths_are_refused(tmp_path: Path) -> None:
    details = {"FRAME": {"sequence": True}}
    entities = entities_of(tmp_path, "v{VERSION}/{FRAME}.exr", V | details, "v001/0001.exr", "v002/1.exr", "v002/001.exr")
    first, latest = entities.find([Reference("a", {"VERSION": "001"}), Reference("a", {})], Listing())
    assert isinstance(first, Entity) and isinstance(latest, UnreadableFramesError)
    assert str(latest) == f"a: the frames of {tmp_path.as_posix()}/v002/#.exr are written with several widths."


def test_a_part_of_a_version_is_no_version(tmp_path: Path) -> None:
    mapping, details, names, values, _ = WORLDS["a version of parts"]
    entities = entities_of(tmp_path, mapping, details, *names)
    [whole, part] = entities.find([Reference("a", {**values, **version}) for version in ({"VERSION": "v001"}, {"NUMBER": "1"})], Listing())
    assert isinstance(whole, Entity) and whole.path.endswith("/v001/x")
    assert str(part) == "a: NUMBER is a part of the version. Give VERSION as a whole, or nothing of it."


def test_versions_are_found_without_opening_each_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the latest, the folder of versions is listed, and that of the greatest."""
    names = [f"v{version:03}/x.{frame:04}.exr" for version in range(1, 6) for frame in range(20)]
    entities = entities_of(tmp_path, "v{VERSION}/{N}.{FRAME}.exr", V | FRAMES, *names)
    listed: list[str] = []
    listing = Listing()
    names_in = listing.names

    def names_of(folder: str) -> frozenset[str]:
        listed.append(folder)
        return names_in(folder)

    monkeypatch.setattr(listing, "names", names_of)
    assert entities.latest(entities.place("a"), {"N": "x"}, listing) == "005"
    assert set(listed) == {f"{tmp_path.as_posix()}/", f"{tmp_path.as_posix()}/v005"}


@pytest.mark.parametrize(("texts", "width"), [(["1001", "1002"], 4), (["001", "1001"], 3), (["9", "10"], 1), (["1", "0"], 1), ([], 0)])
def test_the_width_of_frames(texts: list[str], width: int) -> None:
    assert width_of(texts) == width


@pytest.mark.parametrize("count", [1, 5, 30])
def test_a_listing_says_of_few_files_what_it_says_of_many(count: int, tmp_path: Path) -> None:
    for number in range(0, count, 2):
        (tmp_path / f"{number}").touch()
    (tmp_path / "link").symlink_to("nowhere")
    listing = Listing()
    assert [listing.has(f"{tmp_path}/{number}") for number in range(count)] == [number % 2 == 0 for number in range(count)]
    assert not listing.has(f"{tmp_path}/a\0b") and not listing.has("/\ud800") and not listing.names(f"{tmp_path}/a\0b")
    assert listing.has(f"{tmp_path}/link") and not listing.has(f"{tmp_path}/nothing/here") and not listing.has(f"{tmp_path}/0/here")
