"""Texts of other platforms and layers (docs/howto/windows.rst, docs/explanation/hierarchy-and-assignment.rst)."""

from __future__ import annotations

import os
import pickle

import pytest

from ways.api import AmbiguousContextError, ContextNotFoundError, PlatformError, UnresolvedMappingError, WaysError
from ways.contexts.context import Context
from ways.explain.record import Verdict
from ways.session import Session

SHEET = r"""
    globals: {syntax: 2, path: true}
    plugins:
      win: {hierarchy: job, mapping: 'X:/jobs/{JOB}', platforms: windows}
      lin: {hierarchy: job, mapping: '/jobs/{JOB}', platforms: linux}
      mac: {hierarchy: job, mapping: '/Volumes/jobs/{JOB}', platforms: darwin}
      shot: {hierarchy: '{root}/shot', uses: [job], mapping: '{root}/{SHOT}'}
      moon: {hierarchy: moon, mapping: '/moon/{JOB}', assignment: moon}
      local_lin: {hierarchy: local, mapping: '/local/{A}', platforms: linux}
      local_win: {hierarchy: local, mapping: 'L:/{A}', platforms: windows}
      other: {hierarchy: other, mapping: '/local/{A}', platforms: darwin}
      other_win: {hierarchy: other, mapping: 'O:/{A}', platforms: windows}
"""


@pytest.fixture
def studio(write_sheet):
    """A function that gives a session on a platform."""
    sheet = write_sheet(SHEET)

    def on(platform):
        session = Session(overrides={"WAYS_PLATFORM": platform})
        session.add_search_path(sheet)
        return session

    return on


PATHS = {"linux": "/jobs/a/b", "windows": "X:\\jobs\\a\\b", "darwin": "/Volumes/jobs/a/b"}


@pytest.mark.parametrize("here", PATHS)
@pytest.mark.parametrize("source", PATHS)
@pytest.mark.parametrize("goal", PATHS)
def test_a_path_of_any_platform_is_translated_on_each(studio, here, source, goal):
    session = studio(here)
    assert session.translate(PATHS[source], goal) == PATHS[goal]
    assert session.translate(PATHS[source], goal, "job/shot") == PATHS[goal]
    assert session.translate(PATHS[source], goal, from_platform=source) == PATHS[goal]
    told = session.translation(PATHS[source], goal)
    assert (told.from_platform, told.hierarchy, told.text) == (source, "job/shot", PATHS[goal])


def test_the_current_platform_reads_first(studio):
    assert studio("linux").translate("/local/x", "windows") == "L:\\x"
    assert studio("darwin").translate("/local/x", "windows") == "O:\\x"


def test_several_answers_of_other_platforms_are_an_error_that_names_them(studio):
    with pytest.raises(AmbiguousContextError) as caught:
        studio("java").translate("/local/x", "windows")
    for part in ("from linux, as local: L:\\x", "from darwin, as other: O:\\x", "from_platform"):
        assert part in str(caught.value)
    assert studio("java").translate("/local/x", "windows", from_platform="darwin") == "O:\\x"
    assert len(pickle.loads(pickle.dumps(caught.value)).candidates) == 2


def test_a_platform_that_is_named_is_the_only_one(studio):
    with pytest.raises(ContextNotFoundError):
        studio("linux").translate("/jobs/a", "windows", from_platform="darwin")
    for wrong in ({"platform": "amiga"}, {"platform": "linux", "from_platform": "amiga"}):
        with pytest.raises(PlatformError):
            studio("linux").translate("/jobs/a", **wrong)


def test_a_text_of_no_platform_is_the_error_of_the_current_one(studio):
    with pytest.raises(ContextNotFoundError, match="No place fits '/nowhere'"):
        studio("linux").translate("/nowhere", "windows")


@pytest.mark.parametrize("text", ["X:\\jobs\\a", "x:/jobs/a"])
def test_an_unresolved_text_says_on_which_platform_it_fits(studio, text):
    session = studio("linux")
    with pytest.raises(ContextNotFoundError, match="On windows it fits 'job'"):
        session.read(text)
    with pytest.raises(WaysError, match="On windows it fits 'job'"):
        session.read(text, "job")
    [(_, error)] = session.read_many([text])
    assert "On windows it fits 'job'" in str(pickle.loads(pickle.dumps(error)))
    assert [item.as_dict() for item in session.elsewhere(text)] == [{"hierarchy": "job", "platform": "windows", "assignment": ""}]


def test_without_named_platforms_a_path_of_windows_is_told(session):
    session.add_plugins(job={"hierarchy": "job", "mapping": "/jobs/{JOB}", "path": True, "syntax": 2})
    assert [str(item) for item in session.elsewhere("\\jobs\\a")] == ["on windows it fits 'job'"]
    assert session.elsewhere("/job/a") == []


def test_a_layer_without_priority_is_found_only_by_name(studio):
    session = studio("linux")
    with pytest.raises(ContextNotFoundError, match="In the layer 'moon', which WAYS_PRIORITY does not name, it fits 'moon'"):
        session.read("/moon/a")
    with pytest.raises(ContextNotFoundError):
        session.get_asset("/moon/a", strict=True)
    assert "moon" not in {context.hierarchy[0] for context in session.finder().contexts}
    assert session.read("/moon/a", session.get_context("moon", "moon")).values == {"JOB": "a"}
    assert session.read("/moon/a", assignment="moon").hierarchy == "moon"
    told = session.explain_text("/moon/a")
    assert (told.status, told.attempts[0].verdict.name) == ("unresolved", "OUTSIDE_PRIORITY")


def test_a_layer_that_builds_on_others_is_told_too(session):
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/jobs/{JOB}", "syntax": 2},
        out={"hierarchy": "{root}/out", "uses": ["job"], "mapping": "{root}/to_moon", "assignment": "moon", "syntax": 2},
        tip={"hierarchy": "{root}/tip", "uses": ["job"], "mapping": "{root}/tip", "assignment": "sun", "syntax": 2},
    )
    assert [str(item) for item in session.elsewhere("/jobs/a/to_moon")] == [
        "in the layer 'moon', which WAYS_PRIORITY does not name, it fits 'job/out'"
    ]
    assert session.elsewhere("/jobs/a") == session.elsewhere("/jobs/a/to_mars") == []
    attempts = session.explain_text("/jobs/a/to_moon").attempts
    assert [(item.hierarchy, item.assignment, item.values) for item in attempts if item.verdict is Verdict.OUTSIDE_PRIORITY] == [
        ("job/out", "moon", {"JOB": "a"})
    ]


def test_a_layer_is_told_for_a_place_that_is_named(session):
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/jobs/{JOB}", "syntax": 2},
        out={"hierarchy": "{root}/out", "uses": ["job"], "mapping": "{root}/to_moon", "assignment": "moon", "syntax": 2},
        tip={"hierarchy": "tip", "mapping": "/tip", "assignment": "sun", "syntax": 2},
    )
    with pytest.raises(UnresolvedMappingError, match=f"in the layer 'moon': set WAYS_PRIORITY=master{os.pathsep}moon"):
        session.get_asset("/jobs/a/to_moon", "job/out")
    assert [item.assignment for item in session.elsewhere("/jobs/a/to_moon", "job/out")] == ["moon"]
    assert session.elsewhere("/jobs/a", "job/out") == session.elsewhere("/tip", "job/out") == []


def test_a_place_that_a_text_fits_already_is_not_told_for_another_layer(session):
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/jobs/{JOB}", "syntax": 2},
        facts={"hierarchy": "job", "data": {"fps": 25}, "assignment": "moon", "syntax": 2},
    )
    assert [item.verdict for item in session.explain_text("/jobs/a").attempts] == [Verdict.CHOSEN]


def test_a_layer_with_priority_is_found(studio, monkeypatch):
    session = studio("linux")
    monkeypatch.setenv("WAYS_PRIORITY", os.pathsep.join(["master", "moon"]))
    assert session.read("/moon/a").hierarchy == "moon"
    assert session.get_asset("/moon/a", strict=True).get_str() == "/moon/a"


def test_values_find_no_layer_without_priority(session):
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/jobs/{JOB}", "mapping_details": {"JOB": {}}, "syntax": 2},
        moon={"hierarchy": "moon", "mapping": "/moon/{MOON}", "syntax": 2, "assignment": "moon"},
    )
    with pytest.raises(WaysError):
        session.get_asset({"MOON": "b"}, strict=True)
    assert session.get_asset({"MOON": "b"}, session.get_context("moon", "moon")).get_str() == "/moon/b"


def test_in_the_first_syntax_other_layers_serve_where_no_other_fits(session):
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/jobs/{JOB}"},
        moon={"hierarchy": "moon", "mapping": "/moon/{JOB}", "assignment": "moon"},
    )
    assert session.read("/moon/a").hierarchy == "moon"


def test_an_index_on_disk_keeps_layers_apart(write_sheet, tmp_path, monkeypatch):
    sheet = write_sheet(SHEET)
    os.utime(sheet, (1, 1))
    monkeypatch.setenv("WAYS_CACHE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for _ in range(3):
        session = Session(overrides={"WAYS_PLATFORM": "linux"})
        session.add_search_path(sheet)
        for text, place in (("/moon/a", "moon"), ("x:/jobs/a", "job")):
            with pytest.raises(ContextNotFoundError, match=f"fits '{place}'"):
                session.read(text)
        session.finder().index.groups


def test_a_text_that_begins_otherwise_compiles_no_pattern(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    details = {"NAME": {"parse": {"regex": "[a-z]+"}}}
    session.add_plugins(job={"hierarchy": "job", "syntax": 2, "mapping": "/mnt/jobs/{NAME}/x", "mapping_details": details})
    group = session.finder().index.groups[0]
    monkeypatch.setattr(Context, "pattern_of", lambda *args: pytest.fail("compiled"))
    assert group.targets[0].match_strict("/Volumes/jobs/dune/x") == []


def test_in_a_layer_that_was_named_no_other_layer_counts(session: Session) -> None:
    session.add_plugins(job={"hierarchy": "job", "syntax": 2, "mapping": "/jobs/{JOB}", "assignment": "client"})
    assert [place.assignment for place in session.elsewhere("/jobs/x")] == ["client"]
    assert session.elsewhere("/nope", session.need_context("job", "client")) == []


def test_a_text_that_is_too_long_is_nowhere_else(session: Session) -> None:
    session.add_plugins(job={"hierarchy": "job", "syntax": 2, "mapping": "/jobs/{JOB}", "assignment": "client"})
    assert session.elsewhere("/jobs/" + "x" * 40_000) == []
