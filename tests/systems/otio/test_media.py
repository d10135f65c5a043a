"""What is on disk for a place and values. Nothing here needs OpenTimelineIO."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from systems.otio.places import COMP, session_of, touch

from ways.api import ContextNotFoundError, MissingTokensError, Session, TokenValueError, UnknownTokenError
from ways.systems.otio.media import Media, NoMediaError, find_media, frame_ranges

#: Where the version and the frame stand: the version in a folder, in the name, in both; in several ways that can't be looked up quickly.
MAPPINGS = {
    "folder": "{SHOT}/{VERSION}/beauty.{FRAME:04d}.exr",
    "name": "{SHOT}/{SHOT}_{VERSION}.mov",
    "both": COMP,
    "same name": "{SHOT}/{SHOT}_{VERSION}.{FRAME:04d}.exr",
    "frames only": "{SHOT}/{SHOT}.{FRAME:04d}.exr",
    "folders of frames": "{SHOT}/{VERSION}/{FRAME:04d}/image.exr",
    "optional part": "{SHOT}/{VERSION}/beauty[_{TAG}].{FRAME:04d}.exr",
}


def one(session: Session, place: str, **values: Any) -> Media:
    [found] = find_media(session, place, [values])
    if isinstance(found, Exception):
        raise found
    return found


def test_the_latest_version_and_all_frames_are_those_on_disk(tmp_path: Path) -> None:
    session = session_of(tmp_path, comp=COMP)
    touch(tmp_path, "sh1/v002/sh1_v002.#.exr", "sh1/v009/sh1_v009.#.exr", frames=range(1001, 1004))
    touch(tmp_path, "sh1/v010/sh1_v010.#.exr", frames=[1001, 1003])
    touch(tmp_path, "sh1/v011/notes.txt", "sh1/v1000x/other")
    media = one(session, "comp", SHOT="sh1")
    assert media == Media(
        f"{tmp_path.as_posix()}/sh1/v010/sh1_v010.1001.exr", [1001, 1003], f"{tmp_path.as_posix()}/sh1/v010/sh1_v010.", 4, ".exr",
        {"NUMBER": "010"},
    )  # fmt: skip
    assert media.gaps() == [1002] and media.step == 1
    assert one(session, "comp", SHOT="sh1", VERSION="v002").frames == [1001, 1002, 1003]
    assert one(session, "comp", SHOT="sh1", VERSION="v002", FRAME="####").frames == [1001, 1002, 1003]
    assert one(session, "comp", SHOT="sh1", NUMBER=2, FRAME=1002) == Media(f"{tmp_path.as_posix()}/sh1/v002/sh1_v002.1002.exr")


def test_a_sheet_may_name_the_tokens_of_versions_and_frames(tmp_path: Path) -> None:
    session = Session()
    mapping = f"{tmp_path.as_posix()}/{{SHOT}}/{{TAKE}}.{{IMAGE}}.exr"
    session.add_plugins(thing={"hierarchy": "thing", "mapping": mapping, "openassetio": {"version": "TAKE", "frame": "IMAGE"}})
    touch(tmp_path, "sh1/t9.#.exr", "sh1/t10.#.exr", frames=[1001, 1002])
    media = one(session, "thing", SHOT="sh1")
    assert (media.frames, media.found) == ([1001, 1002], {"TAKE": "t10"})


@pytest.mark.parametrize("name", MAPPINGS)
def test_looking_into_folders_finds_what_reading_all_names_finds(name: str, tmp_path: Path) -> None:
    """Each shot alone is looked up among all names; together, all but the first are looked up in their folders."""
    draw = random.Random(name)
    session = session_of(tmp_path, thing=MAPPINGS[name])
    shots = [f"sh{number}0" for number in range(12)]
    for shot in shots:
        for version in draw.sample(range(1, 1200), draw.randint(0, 4)):
            for frame in draw.sample(range(990, 1010), draw.randint(1, 4)):
                values = {"SHOT": shot, "NUMBER": version, "FRAME": frame, **({"TAG": "left"} if draw.random() < 0.4 else {})}
                known = session.need_context("thing").get_all_tokens()
                touch(tmp_path, os.path.relpath(session.format("thing", {k: v for k, v in values.items() if k in known}), tmp_path))
        touch(tmp_path, f"{shot}/v9999x/beauty.1001.exr", f"{shot}/{shot}_v001_old.mov", f"{shot}/{shot}.01.exr")
    alone = [find_media(session, "thing", [{"SHOT": shot}])[0] for shot in shots]
    together = find_media(session, "thing", [{"SHOT": shot} for shot in shots])
    assert [str(media) for media in together] == [str(media) for media in alone]
    assert sum(isinstance(media, Media) for media in alone) > 5


def test_a_frame_that_stands_twice_in_a_path_is_no_sequence(tmp_path: Path) -> None:
    session = session_of(tmp_path, thing="{SHOT}/{FRAME:04d}/image.{FRAME:04d}.exr")
    touch(tmp_path, "sh1/1001/image.1001.exr")
    with pytest.raises(NoMediaError, match="stands more than once"):
        one(session, "thing", SHOT="sh1")


def test_frames_of_several_widths_are_no_sequence(tmp_path: Path) -> None:
    session = session_of(tmp_path, thing="{SHOT}.{FRAME}.exr")
    touch(tmp_path, "sh1.001.exr", "sh1.02.exr")
    with pytest.raises(NoMediaError, match="several widths"):
        one(session, "thing", SHOT="sh1")
    touch(tmp_path, "sh2.9.exr", "sh2.10.exr", "sh3.098.exr", "sh3.1001.exr")
    assert one(session, "thing", SHOT="sh2").width == 1 and one(session, "thing", SHOT="sh3").width == 3


def test_negative_frames_are_frames(tmp_path: Path) -> None:
    session = session_of(tmp_path, thing="{SHOT}.{FRAME}.exr")
    touch(tmp_path, "sh1.-1.exr", "sh1.0.exr", "sh1.1.exr", "sh1.-.exr", "sh1.1-2.exr")
    media = one(session, "thing", SHOT="sh1")
    assert (media.frames, media.before[-4:], media.path[-8:]) == ([-1, 0, 1], "sh1.", "1.-1.exr")


@pytest.mark.parametrize(
    ("frames", "step", "gaps"),
    [([1, 2, 3], 1, []), ([1, 3, 5], 2, []), ([1, 5], 1, [2, 3, 4]), ([1, 3, 4], 1, [2]), ([7], 1, []), ([], 1, [])],
    ids=["each", "every second", "two", "a gap", "one", "none"],
)
def test_a_step_is_the_same_between_three_frames_at_least(frames: list[int], step: int, gaps: list[int]) -> None:
    media = Media("a", frames)
    assert (media.step, media.gaps()) == (step, gaps)


def test_numbers_are_written_as_ranges() -> None:
    assert list(frame_ranges([1, 2, 3, 7, 9, 10])) == ["1-3", "7", "9-10"] and list(frame_ranges([])) == []


def test_what_is_not_there_has_an_error_and_the_others_go_on(tmp_path: Path) -> None:
    session = session_of(tmp_path, comp=COMP)
    touch(tmp_path, "sh1/v001/sh1_v001.#.exr", frames=[1001])
    asked: list[dict[str, Any]] = [
        {"SHOT": "sh1"}, {"SHOT": "sh2"}, {}, {"SHOT": "sh1", "VERSION": "best"}, {"SHOTT": "sh1"}, {"SHOT": "a\0b"}, {"SHOT": "../sh1"},
        {"SHOT": "sh1", "VERSION": "v001", "FRAME": 1002}, {"SHOT": "sh1", "FRAME": "1001-1002####"}, {"SHOT": ["sh1"]}, {"SHOT": "\ud800"},
        {"SHOT": "x" * 100_000},
    ]  # fmt: skip
    found = find_media(session, "comp", asked)
    assert isinstance(found[0], Media) and all(isinstance(error, Exception) for error in found[1:])
    assert str(found[1]) == "Nothing on disk has SHOT=sh2." and isinstance(found[2], MissingTokensError)
    assert isinstance(found[3], TokenValueError) and isinstance(found[4], UnknownTokenError) and isinstance(found[7], NoMediaError)


def test_an_unknown_place_has_an_error_for_each(tmp_path: Path) -> None:
    found = find_media(session_of(tmp_path, comp=COMP), "shto", [{}, {}])
    assert len(found) == 2 and all(isinstance(error, ContextNotFoundError) for error in found)


def test_importing_ways_and_looking_up_media_imports_nothing_of_opentimelineio() -> None:
    code = "import sys, ways.api, ways.cli.main, ways.systems.otio.media; sys.exit(any('opentimelineio' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_without_the_package_the_extra_is_named() -> None:
    code = "import sys; sys.modules['opentimelineio'] = None; from ways.systems.otio import link"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, encoding="utf-8")
    assert "Timelines need the package opentimelineio: pip install 'ways-resolver[otio]'." in done.stderr
