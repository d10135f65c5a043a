"""``ways otio link``: from a timeline in a file to one whose clips have files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT
from systems.otio.places import COMP, session_of, touch

from ways.cli.main import main

REEL = ROOT / "plugin_sheets" / "foreign" / "otio" / "reel.otio"


def ways(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a sheet, files of one shot and a timeline of three clips, of which the last can't be linked."""
    pytest.importorskip("opentimelineio", reason="the extra 'otio' is not installed")
    session_of(tmp_path, comp=COMP)
    touch(tmp_path, "sh1/v001/sh1_v001.#.exr", frames=range(1001, 1003))
    write(tmp_path / "cut.otio", ["ways:///comp?SHOT=sh1", None, "ways:///comp?SHOT=sh9"])
    return tmp_path


def write(path: Path, asked: list[Any], name: str = "a") -> None:
    clips = [
        {"OTIO_SCHEMA": "Clip.1", "name": f"{name}{number}", "metadata": {"ways": text} if text else {}, "media_reference": None}
        for number, text in enumerate(asked)
    ]
    track = {"OTIO_SCHEMA": "Track.1", "name": "V1", "kind": "Video", "children": clips}
    path.write_text(json.dumps(track), encoding="utf-8")


def link(folder: Path, *more: Any) -> Result:
    return ways("--sheets", folder / "sheet.json", "otio", "link", folder / "cut.otio", folder / "out.otio", *more)


def test_a_table_shows_each_clip_and_the_counts(folder: Path) -> None:
    result = link(folder, "--rate", 24)
    assert result.exit_code == 1 and result.stderr == ""
    assert result.stdout.splitlines() == [
        "clip  name  status   place  file, or why there is none",
        f"   1  a0    linked   comp   {folder}/sh1/v001/sh1_v001.1001-1002####.exr",
        "   2  a1    left            ",
        "   3  a2    missing  comp   Nothing on disk has SHOT=sh9.",
        "3 clips: 1 linked, 1 missing, 1 left",
    ]
    kinds = [clip["media_references"]["DEFAULT_MEDIA"] for clip in json.loads((folder / "out.otio").read_text("utf-8"))["children"]]
    assert [kind["OTIO_SCHEMA"] for kind in kinds] == ["ImageSequenceReference.1", "MissingReference.1", "MissingReference.1"]


def test_json_has_a_line_for_each_clip(folder: Path) -> None:
    result = link(folder, "--rate", 24, "--format", "json")
    first, left, missing = map(json.loads, result.stdout.splitlines())
    assert first == {
        "clip": "a0", "number": 1, "status": "linked", "place": "comp", "values": {"SHOT": "sh1"}, "found": {"NUMBER": "001"},
        "path": f"{folder}/sh1/v001/sh1_v001.1001-1002####.exr", "frames": "1001-1002", "note": None, "reason": None,
    }  # fmt: skip
    assert (left["status"], left["place"]) == ("left", None)
    assert (missing["status"], missing["reason"]) == ("missing", "Nothing on disk has SHOT=sh9.")


def test_the_exit_code_says_whether_all_clips_are_linked(folder: Path) -> None:
    write(folder / "cut.otio", ["ways:///comp?SHOT=sh1&FRAME=1001", None])
    assert link(folder).exit_code == 0
    write(folder / "cut.otio", [None])
    result = link(folder, "--force")
    assert result.exit_code == 1 and "no clip names a place" in result.stderr
    write(folder / "cut.otio", [])
    assert link(folder, "--force").exit_code == 1


def test_a_file_that_is_there_is_overwritten_with_force_only(folder: Path) -> None:
    (folder / "out.otio").write_text("mine", encoding="utf-8")
    result = link(folder)
    assert result.exit_code == 2 and "out.otio exists already. Overwrite it with --force" in result.stderr
    assert (folder / "out.otio").read_text("utf-8") == "mine"
    assert link(folder, "--force").exit_code == 1 and (folder / "out.otio").read_text("utf-8") != "mine"


def test_what_cannot_be_read_or_written_is_wrong_usage(folder: Path) -> None:
    (folder / "cut.otio").write_text("{", encoding="utf-8")
    result = link(folder)
    assert result.exit_code == 2 and "cut.otio: it can't be read: " in result.stderr and not (folder / "out.otio").exists()
    (folder / "cut.otio").write_text("[1]", encoding="utf-8")
    result = link(folder)
    assert result.exit_code == 2 and "cut.otio: expected a timeline, a composition, a collection or a clip" in result.stderr
    write(folder / "cut.otio", [None])
    for output, why in (("no/out.otio", "No such file or directory"), ("out.unknown", "unknown")):
        result = ways("--sheets", folder / "sheet.json", "otio", "link", folder / "cut.otio", folder / output)
        assert result.exit_code == 2 and f"{output}: it can't be written" in result.stderr and why in result.stderr
    assert sorted(path.name for path in folder.iterdir() if "out" in path.name) == []


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf", "many"])
def test_a_rate_is_a_number_of_frames(folder: Path, rate: str) -> None:
    assert link(folder, f"--rate={rate}").exit_code == 2


def test_names_that_steer_a_terminal_are_escaped(folder: Path) -> None:
    write(folder / "cut.otio", ["ways:///comp?SHOT=%1b%5b2J"], name="\x1b[2J\n")
    result = link(folder)
    assert "\x1b" not in result.stdout + result.stderr and len(result.stdout.splitlines()) == 3


def test_the_layer_and_the_platform_are_those_of_the_options(folder: Path) -> None:
    write(folder / "cut.otio", ["ways:///comp?SHOT=sh1&FRAME=1001"])
    result = link(folder, "--assignment", "client")
    assert result.exit_code == 1 and "no plugin has the assignment 'client'" in result.stderr and "missing" in result.stdout


def test_without_the_package_the_extra_is_named(tmp_path: Path) -> None:
    session_of(tmp_path, comp=COMP)
    gone = [name for name in sys.modules if name.startswith(("ways.systems.otio.linking", "ways.systems.otio.timelines"))]
    with mock.patch.dict(sys.modules, {"opentimelineio": None}):
        for name in gone:
            del sys.modules[name]
        result = ways("--sheets", tmp_path / "sheet.json", "otio", "link", REEL, tmp_path / "out.otio")
    assert result.exit_code == 1 and "pip install 'ways-resolver[otio]'" in result.stderr
