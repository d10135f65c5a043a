"""``search: false``: a place that is read and written where it is named, and never found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ways.errors import ContextNotFoundError
from ways.session import Session

SHEET = """
globals: {syntax: 2}
plugins:
  shot: {hierarchy: shot, mapping: '/jobs/{JOB}/{SHOT}.ma', mapping_details: {SHOT: {}}}
  any: {hierarchy: any, mapping: '/jobs/{JOB}/{FILE}', search: false}
  below: {hierarchy: '{root}/below', uses: [any], mapping: '{root}/{BELOW}', mapping_details: {BELOW: {choices: [below]}}}
"""


@pytest.fixture
def studio(session: Session, write_sheet: Callable[[str], str]) -> Session:
    session.add_search_path(write_sheet(SHEET))
    return session


def test_a_text_is_never_found_to_be_of_the_place(studio: Session) -> None:
    assert studio.read("/jobs/dune/a.ma").hierarchy == "shot"
    for tier in ("a", "b", "c"):
        with pytest.raises(ContextNotFoundError):
            studio.read("/jobs/dune/a.mb", tiers=(tier,))


def test_values_are_never_found_to_be_of_the_place(studio: Session) -> None:
    with pytest.raises(ContextNotFoundError):
        studio.get_asset({"JOB": "dune", "FILE": "a"})
    assert studio.get_asset({"JOB": "dune", "FILE": "a"}, "any").get_str() == "/jobs/dune/a"


def test_the_named_place_reads_and_writes(studio: Session) -> None:
    asset = studio.get_asset("/jobs/dune/a.mb", "any", strict=True)
    assert (asset.info, asset.get_str()) == ({"JOB": "dune", "FILE": "a.mb"}, "/jobs/dune/a.mb")
    assert studio.get_asset(asset.info, "any").get_str() == studio.format("any", asset.info) == "/jobs/dune/a.mb"
    assert studio.read("/jobs/dune/a.mb", "any").hierarchy == "any"


def test_a_place_below_is_found(studio: Session) -> None:
    assert studio.read("/jobs/dune/a.mb/below").hierarchy == "any/below"


def test_the_strongest_plugin_of_the_place_itself_decides(session: Session) -> None:
    session.add_plugins(
        first={"hierarchy": "a", "mapping": "/a/{A}", "search": False},
        again={"hierarchy": "a", "data": {"x": 1}},
        below={"hierarchy": "a/b", "mapping": "/b/{A}"},
    )
    assert session.get_context("a").view.is_searched is False and session.read("/b/x").hierarchy == "a/b"
    session.add_plugins(last={"hierarchy": "a", "search": True})
    assert session.read("/a/x").hierarchy == "a"


def test_a_variant_may_be_left_out(session: Session) -> None:
    session.add_plugins(
        shot={"hierarchy": "shot", "mapping": "/jobs/{JOB}"},
        old={"hierarchy": "shot", "when": {"JOB": "old"}, "search": False},
    )
    assert session.read("/jobs/new").hierarchy == "shot"
    with pytest.raises(ContextNotFoundError):
        session.read("/jobs/old", tiers=("a",))
    assert session.read("/jobs/old", "shot").values == {"JOB": "old"}


def test_the_explanation_says_that_it_was_not_tried(studio: Session) -> None:
    attempts = {attempt.hierarchy: attempt for attempt in studio.explain_text("/jobs/dune/a.mb").attempts}
    assert attempts["any"].verdict.value == "not-searched"
    assert attempts["any"].values == {"JOB": "dune", "FILE": "a.mb"} and ":5:" in attempts["any"].message


def test_it_is_no_conflict_with_places_that_are_found(session: Session) -> None:
    texts = {"mapping": "/jobs/{A}", "syntax": 2}
    session.add_plugins(one={"hierarchy": "one", **texts}, two={"hierarchy": "two", **texts, "search": False})
    assert not [finding for finding in session.check() if "told apart" in finding.message]


def test_the_index_on_disk_leaves_it_out(tmp_path: Path, write_sheet: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_CACHE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sheet = write_sheet(SHEET)
    for _ in range(2):
        session = Session()
        session.add_search_path(sheet)
        assert session.read("/jobs/dune/a.ma").hierarchy == "shot"
        with pytest.raises(ContextNotFoundError):
            session.read("/jobs/dune/a.mb")


def test_anything_but_true_or_false_is_a_warning_and_ignored(session: Session, write_sheet: Callable[[str], str]) -> None:
    session.add_search_path(write_sheet("plugins: {a: {hierarchy: a, mapping: '/a', search: maybe}}\n"))
    problem, = session.problems
    assert problem.level == "warning" and "expected true or false, found the text 'maybe'" in problem.message
    assert session.read("/a").hierarchy == "a"
