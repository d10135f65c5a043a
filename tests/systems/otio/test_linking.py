"""Clips of real timelines are linked to real files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from conftest import ROOT
from systems.otio.places import COMP, session_of, touch

from ways.api import Limits, LimitError, Session

otio = pytest.importorskip("opentimelineio", reason="the extra 'otio' is not installed")

from ways.systems.otio import Linked, UnlinkedError, link  # noqa: E402
from ways.systems.otio.linking import arguments_of, linked_clips  # noqa: E402
from ways.systems.otio.timelines import TimelineError, read_timeline, write_timeline  # noqa: E402

schema = otio.schema


def span(start: float, count: float, rate: float = 24) -> Any:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(count, rate))


def clip(asked: Any, name: str = "clip", **more: Any) -> Any:
    return schema.Clip(name, **{"metadata": {} if asked is None else {"ways": asked}, "source_range": span(1001, 2), **more})


def comp(shot: str, **values: Any) -> dict[str, Any]:
    return {"place": "comp", "values": {"SHOT": shot, **values}}


def path_of(url: str) -> Path:
    return Path(unquote(urlsplit(url).path))


@pytest.fixture
def shots(tmp_path: Path) -> Session:
    touch(tmp_path, "sh1/v001/sh1_v001.#.exr", "sh1/v002/sh1_v002.#.exr", frames=range(1001, 1005))
    touch(tmp_path, "movies/sh1_v001.mov", "movies/sh1_v003.mov")
    return session_of(tmp_path, comp=COMP, movie="movies/{SHOT}_{VERSION}.mov")


def test_a_sequence_is_linked_with_its_frames(shots: Session, tmp_path: Path) -> None:
    [linked] = link(clip(comp("sh1")), shots)
    reference = linked.clip.media_reference
    assert isinstance(reference, schema.ImageSequenceReference) and reference.available_range == span(1001, 4)
    urls = [reference.target_url_for_image_number(number) for number in range(reference.number_of_images_in_sequence())]
    assert [path_of(url) for url in urls] == [tmp_path / f"sh1/v002/sh1_v002.{frame}.exr" for frame in range(1001, 1005)]
    assert linked.status == "linked" and linked.frames == "1001-1004" and linked.path.endswith("sh1_v002.1001-1004####.exr")
    assert reference.metadata["ways"] == {"place": "comp", "values": {"SHOT": "sh1"}, "found": {"NUMBER": "002"}}


@pytest.mark.parametrize("rate", [24, 23.976023976023978, 25, 59.94005994005994])
@pytest.mark.parametrize("step", [1, 2, 7])
def test_each_image_of_a_sequence_exists_at_every_rate_and_step(rate: float, step: int, tmp_path: Path) -> None:
    frames = range(990, 990 + 301 * step, step)
    touch(tmp_path, "sh1/v001/sh1_v001.#.exr", frames=frames)
    [linked] = link(clip(comp("sh1"), source_range=span(990, 10, rate)), session_of(tmp_path, comp=COMP))
    reference = linked.reference
    assert reference.number_of_images_in_sequence() == 301 and linked.note == ""
    assert all(path_of(reference.target_url_for_image_number(number)).exists() for number in range(301))


def test_names_are_percent_encoded(tmp_path: Path) -> None:
    folder = tmp_path / "a b#c é"
    folder.mkdir()
    touch(folder, "sh 1%/v001/sh 1%_v001.#.exr", "movies/q?&.mov", frames=[1001, 1002])
    session = session_of(folder, comp=COMP, movie="movies/{SHOT}.mov")
    track = schema.Track(children=[clip(comp("sh 1%")), clip({"place": "movie", "values": {"SHOT": "q?&"}})])
    sequence, movie = [linked.clip.media_reference for linked in link(track, session)]
    assert path_of(movie.target_url) == folder / "movies/q?&.mov" and "?" not in movie.target_url and "#" not in movie.target_url
    assert path_of(sequence.target_url_for_image_number(1)) == folder / "sh 1%/v001/sh 1%_v001.1002.exr"
    assert otio.url_utils.filepath_from_url(movie.target_url) == (folder / "movies/q?&.mov").as_posix()


def test_a_reference_says_the_same_as_a_place_and_values(shots: Session) -> None:
    text = "ways:///movie?SHOT=sh1"
    clips = [clip(asked) for asked in (text, {"reference": text}, {"place": "movie", "values": {"SHOT": "sh1", "NUMBER": None}})]
    clips.append(schema.Clip(media_reference=schema.ExternalReference("ways:///movie?SHOT=sh1")))
    clips.append(schema.Clip(media_reference=schema.MissingReference(metadata={"ways": "ways:///movie?SHOT=sh1"})))
    assert {linked.path[-12:] for linked in link(schema.Track(children=clips), shots)} == {"sh1_v003.mov"}
    assert {item.media_reference.target_url[-12:] for item in clips} == {"sh1_v003.mov"}


def test_clips_of_nested_stacks_are_linked_and_others_stay(shots: Session) -> None:
    inner = schema.Stack(children=[schema.Track(children=[clip(comp("sh1")), schema.Gap(source_range=span(0, 5)), clip(comp("sh1"))])])
    fade = schema.Transition(in_offset=otio.opentime.RationalTime(1, 24), out_offset=otio.opentime.RationalTime(1, 24))
    other = schema.Clip("other", media_reference=schema.ExternalReference("file:///other.mov"), source_range=span(0, 5))
    timeline = schema.Timeline("cut")
    timeline.tracks.append(schema.Track(children=[inner, fade, other]))
    before = other.to_json_string()
    assert [linked.status for linked in link(timeline, shots)] == ["linked", "linked", "left"] and other.to_json_string() == before
    collection = schema.SerializableCollection(children=[timeline.deepcopy(), clip(comp("sh1"))])
    assert [linked.status for linked in link(collection, shots)] == ["linked", "linked", "left", "linked"]


def test_what_cannot_be_linked_says_why_and_keeps_what_it_had(shots: Session) -> None:
    was = schema.ExternalReference("file:///old.mov", available_range=span(0, 9), metadata={"reel": "A001"})
    was.name = "old"
    [linked] = link(clip(comp("sh9"), media_reference=was), shots)
    missing = linked.clip.media_reference
    assert isinstance(missing, schema.MissingReference) and missing.metadata["ways"]["reason"] == "Nothing on disk has SHOT=sh9."
    assert missing.name == "old" and missing.available_range == span(0, 9) and missing.metadata["reel"] == "A001"
    assert missing.metadata["ways"]["was"].is_equivalent_to(was)
    link(linked.clip, shots)
    assert linked.clip.media_reference.is_equivalent_to(missing)


def test_a_clip_is_linked_anew_once_there_is_more_on_disk(shots: Session, tmp_path: Path) -> None:
    item = schema.Clip(media_reference=schema.ExternalReference("ways:///comp?SHOT=sh2"), source_range=span(1001, 2))
    assert [linked.status for linked in link(item, shots)] == ["missing"]
    touch(tmp_path, "sh2/v001/sh2_v001.#.exr", frames=range(1001, 1003))
    link(item, shots)
    assert item.media_reference.available_range == span(1001, 2)
    touch(tmp_path, "sh2/v002/sh2_v002.#.exr", frames=range(993, 1011))
    [linked] = link(item, shots)
    assert linked.path.endswith("sh2_v002.993-1010####.exr") and item.media_reference.available_range == span(993, 18)


def test_the_time_of_former_media_stays(shots: Session) -> None:
    """An editor's cut counts from the timecode that the media had."""
    item = clip(comp("sh1"), media_reference=schema.MissingReference(available_range=span(86400, 4)), source_range=span(86401, 2))
    [linked] = link(item, shots)
    assert item.media_reference.available_range == span(86400, 4) and linked.note == ""
    assert item.media_reference.start_frame == 1001 and item.media_reference.frame_for_time(span(86401, 1).start_time) == 1002


def test_gaps_and_cuts_beyond_the_media_are_noted(tmp_path: Path) -> None:
    touch(tmp_path, "sh1/v001/sh1_v001.#.exr", frames=[1001, 1002, 1005, 1007])
    [linked] = link(clip(comp("sh1"), source_range=span(1000, 10)), session_of(tmp_path, comp=COMP))
    assert linked.note == "missing frames: 1003-1004,1006; the clip uses 1000-1009 of 1001-1007"
    assert linked.reference.metadata["ways"]["missing_frames"] == "1003-1004,1006"


def test_frames_need_a_rate(shots: Session) -> None:
    [linked] = link(clip(comp("sh1"), source_range=None), shots)
    assert linked.reason == "Neither the clip nor its media has a rate, which frames need: give the argument rate."
    [linked] = link(clip(comp("sh1"), source_range=None), shots, rate=25)
    assert linked.reference.rate == 25
    [linked] = link(clip(comp("sh1"), source_range=span(0, 1, 0)), shots)
    assert linked.reason


WRONG = {
    "a number": 5, "nothing": {}, "null": None, "a list": ["comp"], "no place": {"values": {}}, "a place of the wrong type": {"place": 3},
    "an empty place": {"place": ""}, "values of the wrong type": {"place": "comp", "values": ["SHOT"]},
    "a list as value": comp("sh1", TAG=["a"]),
    "a mapping as value": comp("sh1", TAG={"a": 1}), "true as value": comp("sh1", TAG=True), "an unknown place": {"place": "nope"},
    "an illegal place": {"place": "a//b\n"}, "a reference of the wrong type": {"reference": 1}, "another scheme": "file:///a",
    "no reference": "ways:///", "a bad escape": "ways:///comp?SHOT=%zz", "half a surrogate pair": "ways:///comp?SHOT=%ED%A0%80",
    "NUL": "ways:///comp?SHOT=a%00b", "a broken rule": comp("sh1", VERSION="v1"), "an unknown token": comp("sh1", SHOOT="a"),
    "a value that leads elsewhere": comp("../sh1"), "a float": comp("sh1", NUMBER=1.5), "a huge number": comp("sh1", NUMBER=2**62),
    "a long value": comp("x" * 1_000_000), "an infinite number": comp("sh1", NUMBER=float("inf")),
}  # fmt: skip


def test_bad_input_is_missing_for_that_clip_alone(shots: Session) -> None:
    clips = [schema.Clip(name, metadata={"ways": data}, source_range=span(1, 1)) for name, data in WRONG.items()]
    done = link(schema.Track(children=[clip(comp("sh1")), *clips, clip(comp("sh1"))]), shots)
    assert {linked.clip.name: linked.status for linked in done[1:-1]} == dict.fromkeys(WRONG, "missing")
    assert all("\n" not in linked.reason and linked.reason for linked in done[1:-1])
    assert done[0].status == done[-1].status == "linked"
    # What is written can be read again.
    again = otio.adapters.read_from_string(schema.Track(children=[item.deepcopy() for item in clips]).to_json_string(), "otio_json")
    assert all(isinstance(item.media_reference, schema.MissingReference) for item in again)


def test_the_policy_says_what_becomes_of_a_clip_that_cannot_be_linked(shots: Session) -> None:
    bad, good = clip(comp("sh9"), "bad"), clip(comp("sh1"))
    bad.media_reference = schema.ExternalReference("file:///old.mov")
    assert [linked.status for linked in link(schema.Track(children=[bad, good]), shots, on_error="keep")] == ["missing", "linked"]
    assert bad.media_reference.target_url == "file:///old.mov"
    with pytest.raises(UnlinkedError, match="The clip 'bad' can't be linked: Nothing on disk has SHOT=sh9."):
        link(bad, shots, on_error="raise")
    assert issubclass(UnlinkedError, otio.exceptions.OTIOError)


@pytest.mark.parametrize("given", [{"on_eror": "keep"}, {"rate": "24"}, {"rate": True}, {"assignment": 1}, {"on_error": None}])
def test_an_argument_of_a_host_that_is_wrong_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        arguments_of(given)


@pytest.mark.parametrize("given", [{"on_error": "kep"}, {"rate": -1}, {"rate": float("nan")}, {"rate": float("inf")}])
def test_a_value_that_an_argument_cannot_have_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        list(linked_clips([], Session(), **given))


def test_only_what_has_clips_can_be_linked() -> None:
    with pytest.raises(TypeError, match="expected a timeline"):
        link({"a": 1}, Session())


def test_a_clip_without_any_media_reference_is_linked(shots: Session) -> None:
    data = {"OTIO_SCHEMA": "Clip.2", "metadata": {"ways": "ways:///movie?SHOT=sh1"}, "media_references": {}}
    item = schema.Clip.from_json_string(json.dumps({**data, "active_media_reference_key": "a"}))
    assert item.media_reference is None and [linked.status for linked in link(item, shots)] == ["linked"]


def test_500_clips_resolve_to_files_that_exist(tmp_path: Path) -> None:
    session = session_of(tmp_path, comp=COMP, movie="movies/{SHOT}_{VERSION}.mov")
    track = schema.Track()
    for number in range(250):
        shot = f"sh{number:04}"
        touch(tmp_path, f"{shot}/v001/{shot}_v001.#.exr", f"{shot}/v002/{shot}_v002.#.exr", frames=[1001, 1002])
        touch(tmp_path, f"movies/{shot}_v001.mov", f"movies/{shot}_v002.mov")
        track.extend([clip(comp(shot), shot), clip(f"ways:///movie?SHOT={shot}", shot)])
    path = tmp_path / "cut.otio"
    path.write_text(schema.Timeline("cut", tracks=[track]).to_json_string(), encoding="utf-8")
    timeline = read_timeline(str(path), session.limits)
    link(timeline, session)
    clips = list(timeline.find_clips())
    assert len(clips) == 500
    for number, item in enumerate(clips):
        media = item.media_reference
        url = media.target_url if number % 2 else media.target_url_for_image_number(1)
        assert path_of(url).exists() and "_v002." in url and item.name in url


# --- as OpenTimelineIO finds the linker


def run(code: str, tmp_path: Path, **environ: str) -> str:
    """Return what Python prints in a process that has the entry point of the package, and no other plugins."""
    settings = RawConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    about = tmp_path / "packages" / "ways_by_entry_point-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Name: ways-by-entry-point\nVersion: 1\n", encoding="utf-8")
    points = settings["options.entry_points"]["opentimelineio.plugins"]
    (about / "entry_points.txt").write_text(f"[opentimelineio.plugins]{points}\n", encoding="utf-8")
    path = os.pathsep.join([str(about.parent), str(ROOT), os.environ.get("PYTHONPATH", "")])
    own = {"PYTHONPATH": path, "OTIO_PLUGIN_MANIFEST_PATH": "", "WAYS_DESCRIPTORS": str(tmp_path / "sheet.json"), **environ}
    command, environment = [sys.executable, "-c", code], {**os.environ, **own}
    done = subprocess.run(command, env=environment, cwd=tmp_path, check=False, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_linker_is_found_by_its_entry_point(shots: Session, tmp_path: Path) -> None:
    path = tmp_path / "cut.otio"
    timeline = schema.Timeline(tracks=[schema.Track(children=[clip(comp("sh1")), clip(comp("sh9"))])])
    path.write_text(timeline.to_json_string(), encoding="utf-8")
    code = (
        "import sys, opentimelineio as otio\n"
        "assert 'ways' in otio.media_linker.available_media_linker_names() and 'ways.session' not in sys.modules\n"
        "for clip in otio.adapters.read_from_file('cut.otio').find_clips(): print(type(clip.media_reference).__name__)\n"
        "kept = otio.adapters.read_from_file('cut.otio', media_linker_name='ways', media_linker_argument_map={'on_error': 'keep'})\n"
        "print(kept.find_clips()[1].media_reference.metadata)\n"
        "from ways.api import Session\n"
        "with Session().active(): clip = otio.adapters.read_from_file('cut.otio').find_clips()[0]\n"
        "print(clip.media_reference.metadata['ways']['reason'])\n"
    )
    told = run(code, tmp_path, OTIO_DEFAULT_MEDIA_LINKER="ways").splitlines()
    assert told[:3] == ["ImageSequenceReference", "MissingReference", "{}"] and told[3].startswith("There is no Context 'comp'")


# --- files


def test_a_file_is_read_without_linking_and_written_whole(shots: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTIO_DEFAULT_MEDIA_LINKER", "ways")
    write_timeline(clip(comp("sh1")), str(tmp_path / "a.otio"))
    assert isinstance(read_timeline(str(tmp_path / "a.otio"), shots.limits).media_reference, schema.MissingReference)
    (tmp_path / "b.otio").mkdir()
    with pytest.raises(TimelineError, match="b.otio: it can't be written"):
        write_timeline(clip(None), str(tmp_path / "b.otio"))
    with pytest.raises(TimelineError, match="no/a.otio: it can't be written"):
        write_timeline(clip(None), str(tmp_path / "no" / "a.otio"))
    assert sorted(path.name for path in tmp_path.iterdir() if "otio" in path.name) == ["a.otio", "b.otio"]


BAD_FILES = {
    "empty": b"", "no JSON": b"{", "another text": b"TITLE: cut", "bytes": bytes(range(256)),
    "an unknown version": b'{"OTIO_SCHEMA":"Clip.99"}', "a wrong type": b'{"OTIO_SCHEMA":"Timeline.1","tracks":5}',
    "half a surrogate pair": b'{"OTIO_SCHEMA":"Clip.1","name":"\\ud800"}',
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_timeline_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "bad.otio").write_bytes(BAD_FILES[name])
    with pytest.raises(TimelineError, match="bad.otio: it can't be read"):
        read_timeline(str(tmp_path / "bad.otio"), Limits())


@pytest.mark.parametrize("path", ["none.otio", "none.unknown", "a\0b.otio"])
def test_a_file_that_cannot_be_read_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(TimelineError, match="it can't be read"):
        read_timeline(str(tmp_path / path), Limits())


def test_deep_nesting_is_refused_before_it_ends_the_process(tmp_path: Path) -> None:
    def text(depth: int, name: str) -> str:
        return f"{'[' * depth}{json.dumps(name)}{']' * depth}"

    path = tmp_path / "deep.otio"
    path.write_text(text(100_000, ""), encoding="utf-8")
    with pytest.raises(LimitError, match="deep.otio: expected at most 100 lists and objects in each other"):
        read_timeline(str(path), Limits())
    path.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(LimitError):
        read_timeline(str(path), Limits())
    path.write_text(text(101, ""), encoding="utf-8")
    with pytest.raises(LimitError):
        read_timeline(str(path), Limits())
    path.write_text(text(100, '[[[{"' * 200), encoding="utf-8")
    read_timeline(str(path), Limits())


def test_a_large_timeline_is_read_and_linked(shots: Session, tmp_path: Path) -> None:
    """Ten megabytes, most of them metadata of another program."""
    track = schema.Track(children=[clip(comp("sh1"), metadata={"ways": comp("sh1"), "other": {"note": "x" * 20_000}}) for _ in range(500)])
    write_timeline(track, str(tmp_path / "large.otio"))
    assert (tmp_path / "large.otio").stat().st_size > 10_000_000
    done: list[Linked] = link(read_timeline(str(tmp_path / "large.otio"), shots.limits), shots)
    assert {linked.status for linked in done} == {"linked"} and done[7].clip.metadata["other"]["note"] == "x" * 20_000
