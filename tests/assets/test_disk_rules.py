"""The rules of strict places where things are looked for on disk: what nothing can have is an error, and no empty answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ways import api
from ways.api import Session

DETAILS: dict[str, Any] = {
    "SHOT": {"mapping": "{SEQ}_{NUM}"},
    "SEQ": {"parse": {"regex": "[a-z]+"}},
    "NUM": {"format": "03d"},
    "TASK": {"choices": ["anim", "light"]},
}


@pytest.fixture
def shots(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """One place in syntax 2, and one in syntax 1, of the same files; one is on disk."""
    mapping = "s/{SHOW}/{SHOT}[_{TASK}]_v{V:d}.ma"
    session.add_plugins(
        shot={"hierarchy": "shot", "syntax": 2, "mapping": mapping, "mapping_details": DETAILS},
        old={"hierarchy": "old", "mapping": "s/{SHOW}/{SHOT}_v{V}.ma", "mapping_details": DETAILS},
        owls={
            "hierarchy": "shot", "syntax": 2, "when": {"SHOW": "owl"},
            "mapping_details": {"SEQ": {"parse": {"regex": "[A-Z]+"}}},
        },
    )  # fmt: skip
    monkeypatch.chdir(tmp_path)
    for name in ("s/dune/abc_010_v1.ma", "s/owl/ABC_010_v4.ma"):
        Path(name).parent.mkdir(parents=True)
        Path(name).touch()
    return session


@pytest.mark.parametrize("values, error, words", [
    ({"NUM": "x10"}, api.TokenValueError, "'x10' does not fit the token NUM"),
    ({"SHOT": "abc_10"}, api.TokenValueError, "'abc_10' does not fit the token SHOT"),
    ({"TASK": "anm"}, api.TokenValueError, "TASK"),
    ({"SHOT": "abc_010", "SEQ": "xyz"}, api.TokenValueError, "'abc'"),
    ({"SHOW": "dune", "SEQ": "ABC"}, api.TokenValueError, "SEQ"),
    ({"SHOW": "owl", "SEQ": "abc"}, api.TokenValueError, "SEQ"),
    ({"SHO": "abc"}, api.UnknownTokenError, "Did you mean 'SHOW'"),
    ({"SHOT": ""}, api.MissingTokensError, "no value for SHOT"),
    ({"SEQ": None}, api.MissingTokensError, "no value for SEQ"),
], ids=repr)  # fmt: skip
def test_values_that_nothing_can_have_are_errors_in_a_strict_place(shots: Session, values: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        shots.find_assets("shot", values)
    with pytest.raises(error, match=words):
        shots.get_next("shot", "V", values)


@pytest.mark.parametrize("values, count", [
    ({"SEQ": "abc"}, 2), ({"SEQ": "ABC"}, 5), ({"SHOW": "owl", "SHOT": "ABC_010"}, 5), ({"NUM": 10}, 5), ({"NUM": "10"}, 5),
    ({"TASK": ""}, 5), ({"TASK": "anim"}, 1), ({"SHOW": "heron"}, 1), ({}, 5),
], ids=repr)  # fmt: skip
def test_values_that_something_could_have_are_looked_for(shots: Session, values: Any, count: int) -> None:
    assert max((asset.get_value("V") for asset in shots.find_assets("shot", values)), default=0) + 1 == count
    assert shots.get_next("shot", "V", values) == count


def test_a_token_of_another_variant_is_an_error(shots: Session) -> None:
    shots.add_plugins(
        cut={"hierarchy": "cut", "syntax": 2, "mapping": "c/{SHOW:l}_v{V:d}", "mapping_details": {"REEL": {"format": "d"}}},
        owls_cut={"hierarchy": "cut", "syntax": 2, "when": {"SHOW": "owl"}, "mapping": "c/{SHOW:l}[_{REEL}]_v{V:d}"},
    )
    Path("c").mkdir()
    for name in ("owl_v1", "owl_2_v4", "dune_v6"):
        Path("c", name).touch()
    for ask in (shots.find_assets, lambda place, values: shots.get_next(place, "V", values)):
        with pytest.raises(api.UnknownTokenError, match="REEL"):
            ask("cut", {"SHOW": "dune", "REEL": 2})
    assert [shots.get_next("cut", "V", {"SHOW": show, "REEL": reel}) for show, reel in (("owl", 2), ("owl", ""), ("dune", ""))] == [5, 2, 7]
    assert [asset.get_str() for asset in shots.find_assets("cut", {"REEL": ""}, sort=True)] == ["c/dune_v6", "c/owl_v1"]


def test_what_another_place_says_and_nothing_here_can_have_is_an_error(shots: Session) -> None:
    shots.add_plugins(work={"hierarchy": "work", "syntax": 2, "mapping": "w/{SHOW:l}/{SEQ}_v{V:d}"})
    work = shots.get_asset("w/dune/7_v1")
    with pytest.raises(api.TokenValueError, match="SEQ"):
        shots.find_assets("shot", work)
    with pytest.raises(api.TokenValueError, match="SEQ"):
        shots.get_next("shot", "V", work)


def test_places_that_are_not_strict_find_nothing_and_report_it(shots: Session) -> None:
    reports: list[str] = []
    assert list(shots.find_assets("old", {"NUM": "x10"}, report=lambda path, reason: reports.append(path))) == []
    assert reports == ["NUM=x10"]
    assert list(shots.find_assets("old", {"SHOT": "abc_010", "SEQ": "xyz"})) == []


def test_a_parent_that_nothing_can_have_finds_nothing_where_places_are_not_strict(
    shots: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAYS_STRICT", "0")
    for place in ("old", "shot"):
        assert [list(shots.find_assets(place, {"SHOT": shot})) for shot in ("abc_x1", "ABC010")] == [[], []]


def test_what_several_variants_refuse_is_reported_once(shots: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_STRICT", "0")
    reports: list[str] = []
    assert list(shots.find_assets("shot", {"NUM": "x10"}, report=lambda path, reason: reports.append(path))) == []
    assert reports == ["NUM=x10"]


def test_of_sequences_the_latest_has_all_its_frames(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    details = {"F": {"sequence": True, "format": "04d"}, "NAME": {"parse": {"regex": "[a-z]+"}}}
    session.add_plugins(plate={"hierarchy": "plate", "syntax": 2, "mapping": "{NAME}_v{V:d}.{F}.exr", "mapping_details": details})
    monkeypatch.chdir(tmp_path)
    for number in range(1, 4):
        for version in (1, 2, 10):
            Path(f"a_v{version}.{number:04d}.exr").touch()
    found = [asset.get_str() for asset in session.find_assets("plate", latest="V", sequences=True)]
    assert found == ["a_v10.1-3####.exr"]
