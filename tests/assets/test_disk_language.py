"""Finding on disk with optional parts, types, sequences and variants; and in a tree of 50,000 files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ways import api
from ways.api import Session, WaysError
from ways.pattern.sequence import Frames


def paths_of(session: Session, *args: object, **kwargs: object) -> list[str]:
    return sorted(asset.get_str() for asset in session.find_assets(*args, **kwargs))


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


@pytest.fixture
def shots(session: Session, tmp_path: Path) -> Session:
    session.add_plugins(shot={
        "hierarchy": "shot", "syntax": 2,
        "mapping": f"{tmp_path}/{{JOB}}[/{{EP}}]/sh{{SHOT:03d}}/plate[_{{EYE}}].{{FRAME:04d}}.exr",
        "mapping_details": {
            "EP": {"parse": {"regex": r"ep\d"}}, "EYE": {"choices": {"left": "l", "right": "r"}}, "FRAME": {"sequence": True},
            "JOB": {"parse": {"regex": "[a-z]+"}},
        },
    })  # fmt: skip
    touch(tmp_path, "dune/sh010/plate.0001.exr", "dune/sh010/plate_l.0001.exr", "dune/ep1/sh010/plate_r.0001.exr")
    touch(tmp_path, "dune/ep1/sh10/plate.0001.exr", "dune/ep1/sh010/plate.1.exr", "dune/other/sh010/plate.0001.exr", "dune/sh020")
    touch(tmp_path, *(f"heron/sh001/plate.{number:04d}.exr" for number in (998, 999, 1000, 1001, 1005)), "heron/sh001/plate_l.0998.exr")
    return session


def test_parts_may_be_there_or_lack(shots: Session, tmp_path: Path) -> None:
    paths = [text.removeprefix(str(tmp_path)) for text in paths_of(shots, "shot", {"JOB": "dune"})]
    assert paths == ["/dune/ep1/sh010/plate_r.0001.exr", "/dune/sh010/plate.0001.exr", "/dune/sh010/plate_l.0001.exr"]
    assert len(paths_of(shots, "shot", {"EYE": "left"})) == 2 == len(paths_of(shots, "shot", {"EYE": "l"}))
    assert len(paths_of(shots, "shot", {"SHOT": 10, "EP": "ep1"})) == 1


def test_folders_that_can_not_match_are_not_opened(shots: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (opened.append(str(path)), real(path))[1])
    list(shots.find_assets("shot", {"JOB": "dune"}))
    assert sorted(path.removeprefix(str(tmp_path)) for path in opened) == ["/dune", "/dune/ep1", "/dune/ep1/sh010", "/dune/sh010"]


def test_frames_are_one_asset(shots: Session, tmp_path: Path) -> None:
    assets = {asset.get_str(): asset for asset in shots.find_assets("shot", {"JOB": "heron"}, sequences=True)}
    paths = {text.removeprefix(str(tmp_path)) for text in assets}
    assert paths == {"/heron/sh001/plate.998-1001,1005####.exr", "/heron/sh001/plate_l.0998.exr"}
    frames = assets[f"{tmp_path}/heron/sh001/plate.998-1001,1005####.exr"].get_value("FRAME")
    assert isinstance(frames, Frames) and frames.frames() == [998, 999, 1000, 1001, 1005]
    assert assets[f"{tmp_path}/heron/sh001/plate_l.0998.exr"].get_value("FRAME") == 998


def test_a_value_that_is_known_before_stands_in_front_of_frames(session: Session, tmp_path: Path) -> None:
    session.add_plugins(a={
        "hierarchy": "a", "syntax": 2, "mapping": f"{tmp_path}/{{N}}/{{N}}_{{E}}.{{F:04d}}.exr",
        "mapping_details": {"F": {"sequence": True}},
    })  # fmt: skip
    touch(tmp_path, "sh010/sh010_left.1001.exr", "sh010/sh010_left.####.exr", "sh010/sh010_left.1-5,8####.exr", "sh010/sh01_left.1001.exr")
    assert len(paths_of(session, "a", {"E": "left"})) == 3 == len(paths_of(session, "a", {"N": "sh010"})) == len(paths_of(session, "a"))


def test_the_latest_of_sequences_is_whole(session: Session, tmp_path: Path) -> None:
    session.add_plugins(a={
        "hierarchy": "a", "mapping": f"{tmp_path}/v{{V:03d}}/{{N}}.{{F}}.exr",
        "mapping_details": {"F": {"sequence": True}, "N": {"format": "l"}},
    })  # fmt: skip
    touch(tmp_path, *(f"v001/a.{frame:04d}.exr" for frame in range(1, 9)), *(f"v002/a.{frame:04d}.exr" for frame in range(1, 4)))
    touch(tmp_path, "v001/b.0001.exr", "v010/c.0001.exr")
    paths = paths_of(session, "a", latest="V", sequences=True)
    assert [text.removeprefix(str(tmp_path)) for text in paths] == ["/v001/b.0001.exr", "/v002/a.1-3####.exr", "/v010/c.0001.exr"]
    asset = session.get_asset({"V": 1, "N": "a", "F": range(1, 9)}, "a")
    assert session.get_next(asset, "V") == 3


def test_an_ambiguous_name_is_reported(session: Session, tmp_path: Path) -> None:
    session.add_plugins(a={"hierarchy": "a", "syntax": 2, "mapping": f"{tmp_path}/{{A}}[_{{B}}].txt"})
    touch(tmp_path, "x_y.txt", "z.txt")
    paths: list[tuple[str, str]] = []
    assert paths_of(session, "a", report=lambda path, reason: paths.append((path, reason))) == [f"{tmp_path}/z.txt"]
    assert paths[0][0] == f"{tmp_path}/x_y.txt" and "different ways" in paths[0][1]


def test_a_value_that_nothing_can_have_is_told(shots: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(api.TokenValueError, match="SHOT"):
        shots.find_assets("shot", {"SHOT": "x10"})
    monkeypatch.setenv("WAYS_STRICT", "0")
    paths: list[tuple[str, str]] = []
    assert paths_of(shots, "shot", {"SHOT": "x10"}, report=lambda path, reason: paths.append((path, reason))) == []
    assert paths == [("SHOT=x10", "nothing can have this value: format 03d")]


@pytest.mark.parametrize("given", [10, "10", "010"])
def test_a_typed_value_is_looked_for_by_its_number(shots: Session, given: object) -> None:
    assert paths_of(shots, "shot", {"SHOT": given}) == paths_of(shots, "shot", {"SHOT": "010"}) != []


MAPPINGS = ["{A}[/{B}]", "{A}[_{B}]", "[{A}/]{B}", "{A}[/{B}[_{C}]]", "{A}[_{B}/{A}]", "{A}[/{B}][/{C}]", "[{A}-]{B}[_{A}]"]
NAMES = st.sampled_from(["x", "a", "b", "a_b", "x_a", "1", "b-a", "a_1"])


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    mapping=st.sampled_from(MAPPINGS),
    entries=st.lists(st.sampled_from(["", "[a-z]", "[a-z]+", r"\d", ".+"]), min_size=3, max_size=3),
    files=st.lists(st.lists(NAMES, min_size=1, max_size=3), max_size=10),
    fixed=st.dictionaries(st.sampled_from("ABC"), st.sampled_from(["a", "b", "1"]), max_size=1),
)
def test_the_walk_gives_what_looking_at_every_path_gives(mapping, entries, files, fixed, tmp_path_factory) -> None:
    root = tmp_path_factory.mktemp("walk")
    for parts in files:
        root.joinpath(*parts).mkdir(parents=True, exist_ok=True)
    details = {name: {"parse": {"regex": entry}} for name, entry in zip("ABC", entries) if entry}
    session = Session()
    session.add_plugins(it={"hierarchy": "it", "syntax": 2, "mapping": f"{root}/{mapping}", "mapping_details": details})
    fixed = {name: value for name, value in fixed.items() if f"{{{name}}}" in mapping}
    wanted = set()
    for folder, folders, _ in os.walk(root):
        for path in (os.path.join(folder, name) for name in folders):
            try:
                if fixed.items() <= session.read(path, "it").values.items():
                    wanted.add(path)
            except WaysError:
                continue
    try:
        got = [asset.get_str() for asset in session.find_assets("it", fixed, report=lambda path, reason: None)]
    except api.TokenValueError:
        # Nothing can have such a value.
        got = []
    assert set(got) == wanted and len(got) == len(wanted)


def test_a_tree_of_50_000_files_gives_what_looking_at_each_gives(session: Session, tmp_path: Path) -> None:
    session.add_plugins(
        plain={
            "hierarchy": "plain", "mapping": f"{tmp_path}/{{JOB}}/{{SHOT}}/{{STEP}}/{{SHOT}}_{{STEP}}_v{{V}}.{{EXT}}",
            "mapping_details": {"V": {"parse": {"regex": r"\d{3}"}}, "EXT": {"parse": {"regex": "ma|nk"}}},
        },
        parts={
            "hierarchy": "parts", "syntax": 2,
            "mapping": f"{tmp_path}/{{JOB}}/{{SHOT}}/{{STEP}}/{{SHOT}}_{{STEP}}_v{{V:03d}}[_{{NOTE}}].{{EXT}}",
            "mapping_details": {"NOTE": {"choices": ["old", "new"]}, "EXT": {"choices": ["ma", "nk"]}},
        },
    )  # fmt: skip
    every = []
    for job in range(5):
        for shot in range(20):
            for step in ("anim", "comp", "light", "track", "roto"):
                folder = tmp_path / f"job{job}" / f"sh{shot:03d}" / step
                folder.mkdir(parents=True)
                for version in range(20):
                    for end in (".ma", "_old.ma", ".nk", ".bak", "x.nk"):
                        name = f"sh{shot:03d}_{step}_v{version:03d}{end}"
                        every.append(f"{folder}/{name}")
                        os.close(os.open(f"{folder}/{name}", os.O_CREAT))
    assert len(every) == 50_000
    for place, fits in (("plain", (".ma", ".nk")), ("parts", (".ma", ".nk", "_old.ma"))):
        ends = tuple(f"{version:03d}{end}" for version in range(20) for end in fits)
        wanted = {path for path in every if path.endswith(ends)}
        assert set(paths_of(session, place)) == wanted
        some = {path for path in wanted if "/job3/" in path and "/comp/" in path}
        assert set(paths_of(session, place, {"JOB": "job3", "STEP": "comp"})) == some
    read = session.get_assets(every, "parts", strict=True)
    assert {asset.get_str() for asset in read if not isinstance(asset, Exception)} == wanted


@pytest.mark.parametrize("details", [{"format": "s"}, {"segments": True}, {"parse": {"regex": "[a-z/]+"}}])
def test_folders_of_a_mapping_that_ends_with_a_separator_are_found_at_any_depth(
    session: Session, tmp_path: Path, details: dict[str, object]
) -> None:
    session.add_plugins(it={"hierarchy": "it", "mapping": f"{tmp_path}/{{A}}/", "mapping_details": {"A": details}, "syntax": 2})
    touch(tmp_path, "a/b/c", "d")
    assert paths_of(session, "it") == [f"{tmp_path}/a/", f"{tmp_path}/a/b/"]
    assert [asset.get_str() for asset in session.find_assets("it", {"A": "a/b"})] == [f"{tmp_path}/a/b/"]


def test_a_token_that_stands_again_divides_a_name_as_reading_does(session: Session, tmp_path: Path) -> None:
    session.add_plugins(it={"hierarchy": "it", "mapping": f"{tmp_path}/{{A}}{{B}}/{{A}}", "syntax": 2})
    touch(tmp_path, "abc/a", "abc/ab", "abc/b")
    # How abc is divided is decided by the last name.
    found = {asset.get_str(): (asset.get_value("A"), asset.get_value("B")) for asset in session.find_assets("it")}
    assert found == {f"{tmp_path}/abc/a": ("a", "bc"), f"{tmp_path}/abc/ab": ("ab", "c")}
    assert all(session.read(path, "it").values == {"A": values[0], "B": values[1]} for path, values in found.items())
    assert {asset.get_str() for asset in session.find_assets("it", {"A": "a"})} == {f"{tmp_path}/abc/a"}


def test_a_token_that_stands_twice_in_a_name_is_found_whatever_its_expression(session: Session, tmp_path: Path) -> None:
    details = {"A": {"parse": {"regex": r"(?:\w|\w\.)+"}}}
    session.add_plugins(it={"hierarchy": "it", "mapping": f"{tmp_path}/{{A}}{{A}}{{A}}", "mapping_details": details, "syntax": 2})
    touch(tmp_path, "ab.ab.ab.", "ab.ab.ab", "ab.ab.abc")
    assert paths_of(session, "it") == [f"{tmp_path}/ab.ab.ab."]


def test_folders_that_names_tell_are_still_joined(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    details = {name: {"parse": {"regex": "[a-z]+"}} for name in ("SEQ", "SHOT")}
    mapping = f"{tmp_path}/{{SEQ}}_{{SHOT}}/{{SEQ}}/{{SHOT}}"
    session.add_plugins(it={"hierarchy": "it", "mapping": mapping, "mapping_details": details, "syntax": 2})
    touch(tmp_path, "a_b/a/b", "a_c/a/b", "a_c/x/y")
    opened: list[str] = []
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (opened.append(str(path)), real(path))[1])
    assert paths_of(session, "it") == [f"{tmp_path}/a_b/a/b"] and opened == [str(tmp_path)]


def test_what_has_no_value_that_its_place_needs_is_reported(session: Session, tmp_path: Path) -> None:
    details = {"A": {"parse": {"regex": ".*"}}, "P": {"mapping": "[_{B}]{A}"}}
    session.add_plugins(it={"hierarchy": "it", "mapping": f"{tmp_path}/_{{P}}", "mapping_details": details, "syntax": 2})
    touch(tmp_path, "_", "_a")
    told: list[str] = []
    assert [asset.get_value("A") for asset in session.find_assets("it", report=lambda path, reason: told.append(path))] == ["a"]
    assert told == [f"{tmp_path}/_"]


@pytest.mark.parametrize("mapping", ["{A}{C}/", "{A}{C}[_{B}]/"])
def test_a_folder_whose_last_token_is_empty_is_found(session: Session, tmp_path: Path, mapping: str) -> None:
    details = {"A": {"parse": {"regex": "[a-z]+"}}, "C": {"parse": {"regex": "[0-9]*"}}}
    session.add_plugins(it={"hierarchy": "it", "mapping": f"{tmp_path}/{mapping}", "mapping_details": details, "syntax": 2})
    touch(tmp_path, "a/x", "b1/x", "c")
    assert paths_of(session, "it") == [f"{tmp_path}/a/", f"{tmp_path}/b1/"]
