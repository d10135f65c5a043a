"""One wide table of many texts: the same columns for any texts, a row for each, whatever it is."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from ways.api import ContextNotFoundError, Session
from ways.assets import table as table_module

PLUGINS: dict[str, Any] = {
    "job": {"hierarchy": "job", "mapping": "/jobs/{JOB}", "mapping_details": {"JOB": {"parse": {"regex": "[a-z]+"}}}, "syntax": 2},
    "shot": {"hierarchy": "shot", "uses": ["job"], "mapping": "{root}/{SHOT:03d}[-{NOTE}]", "syntax": 2},
    "one": {"hierarchy": "same/one", "mapping": "/same/{NAME}", "syntax": 2},
    "other": {"hierarchy": "same/other", "mapping": "/same/{WORD}", "syntax": 2},
    "hidden": {"hierarchy": "hidden", "mapping": "/hidden/{SECRET}", "search": False, "syntax": 2},
}


@pytest.fixture
def studio(session: Session) -> Session:
    session.add_plugins(**PLUGINS)
    return session


def test_every_text_is_a_row(studio: Session) -> None:
    table = studio.table(["/jobs/dune", "/jobs/dune/010-b", "/same/a", "/nowhere"])
    error = table["error"][2]
    assert error.startswith("'/same/a' ")
    assert table == {
        "text": ["/jobs/dune", "/jobs/dune/010-b", "/same/a", "/nowhere"],
        "place": ["job", "job/shot", None, None],
        "status": ["resolved", "resolved", "ambiguous", "unresolved"],
        "error": [None, None, error, "No place fits '/nowhere'."],
        "JOB": ["dune", "dune", None, None],
        "SHOT": [None, "010", None, None],
        "NOTE": [None, "b", None, None],
        "NAME": [None] * 4,
        "WORD": [None] * 4,
    }


def test_the_columns_are_the_same_for_any_texts(studio: Session) -> None:
    columns = ["text", "place", "status", "error", "JOB", "SHOT", "NOTE", "NAME", "WORD"]
    for texts in ([], ["/nowhere"], ["/jobs/dune"], ["/jobs/dune/010"] * 200):
        assert list(studio.table(texts)) == studio.table_columns() == columns


def test_the_columns_dont_depend_on_the_order_of_registration(session: Session) -> None:
    session.add_plugins(**dict(reversed(PLUGINS.items())))
    assert session.table_columns() == ["text", "place", "status", "error", "JOB", "SHOT", "NOTE", "NAME", "WORD"]


def test_of_one_place_only_its_own_tokens_are_columns(studio: Session) -> None:
    assert studio.table_columns("job") == ["text", "place", "status", "error", "JOB"]
    table = studio.table(["/jobs/dune", "/jobs/Dune"], "job")
    assert (table["place"], table["status"], table["JOB"]) == (["job", None], ["resolved", "unresolved"], ["dune", None])
    assert "JOB can't be 'Dune'" in table["error"][1] or "/jobs/Dune" in table["error"][1]
    assert studio.table(["/hidden/x"], studio.need_context("hidden"))["SECRET"] == ["x"]


@pytest.mark.parametrize("place", [None, "nothing", ()])
def test_a_place_that_isnt_there_is_an_error(studio: Session, place: Any) -> None:
    for ask in (studio.table_columns, lambda place: studio.table(["/jobs/dune"], place)):
        with pytest.raises(ContextNotFoundError):
            ask(place)


def test_what_is_no_text_is_a_row_with_an_error(studio: Session) -> None:
    table = studio.table([None, "/jobs/dune", 1.5, Path("/jobs/owl"), b"/jobs/cat"])  # type: ignore[list-item]
    assert table["text"] == [None, "/jobs/dune", None, "/jobs/owl", "/jobs/cat"]
    assert table["JOB"] == [None, "dune", None, "owl", "cat"]
    assert table["status"] == ["unresolved", "resolved", "unresolved", "resolved", "resolved"]
    assert table["error"] == ["expected a text or a path, found None", None, "expected a text or a path, found 1.5", None, None]


def test_what_cant_even_be_shown_costs_its_own_row(studio: Session) -> None:
    class Secret:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    table = studio.table([Secret(), "/jobs/dune"])  # type: ignore[list-item]
    assert table["JOB"] == [None, "dune"] and table["error"] == ["expected a text or a path, found Secret", None]


def test_texts_may_come_from_an_iterator(studio: Session) -> None:
    assert studio.table(text for text in ["/jobs/a", "/jobs/b"])["JOB"] == ["a", "b"]


def test_a_table_is_the_callers_own(studio: Session) -> None:
    texts = ["/jobs/a"]
    studio.table(texts)["text"].append("changed")
    assert texts == ["/jobs/a"]


def test_a_token_that_is_called_like_a_column_has_one_of_its_own(session: Session) -> None:
    session.add_plugins(note={"hierarchy": "note", "mapping": "/{text}/{status}/{other}", "syntax": 2})
    assert session.table_columns() == ["text", "place", "status", "error", "{text}", "{status}", "other"]
    table = session.table(["/a/b/c"])
    assert (table["text"], table["{text}"], table["status"], table["{status}"]) == (["/a/b/c"], ["a"], ["resolved"], ["b"])


def test_a_text_that_is_too_long_is_a_row(studio: Session) -> None:
    for place in ("", "job"):
        table = studio.table(["/jobs/dune", "/jobs/" + "a" * 40_000], place)
        assert table["status"] == ["resolved", "unresolved"] and table["error"][1]


def test_loosely_more_texts_fit(studio: Session) -> None:
    texts = ["/jobs/Dune", "/jobs/dune"]
    assert studio.table(texts)["JOB"] == [None, "dune"]
    assert studio.table(texts, strict=False)["JOB"] == ["Dune", "dune"]


def test_what_a_place_cant_read_even_loosely_is_nothing(studio: Session) -> None:
    texts = ["/jobs/Dune", "/nowhere", ""]
    table = studio.table(texts, "job", strict=False)
    assert (table["JOB"], table["status"]) == (["Dune", None, None], ["resolved", "unresolved", "unresolved"])
    assert table["place"] == ["job", None, None] and table["error"][1] == "'/nowhere' does not fit the mapping of job, even leniently."
    errors = studio.get_assets(texts, "job", strict=False)[1:]
    assert [str(error) for error in errors] == table["error"][1:] and {type(error) for error in errors} == {ContextNotFoundError}
    columns = studio.get_assets(texts, "job", strict=False, as_columns=True)
    assert (columns["job"]["JOB"], columns[""]["error"]) == (["Dune"], table["error"][1:])


def test_a_mapping_that_cant_be_read_costs_its_own_rows(load: Callable[..., Session]) -> None:
    sheet = "globals: {syntax: 2}\nplugins: {a: {hierarchy: a, mapping: '/a/{A}'}, b: {hierarchy: b, mapping: '/b/{B'}}"
    session = load(sheet, "sheet.yml")
    assert session.table(["/a/x", "/b/x"])["status"] == ["resolved", "unresolved"]


def test_equal_values_are_kept_once(studio: Session) -> None:
    names = studio.table([f"/jobs/{'du'}{'ne'}/{number:03d}" for number in range(300)])["JOB"]
    assert len({id(name) for name in names}) == 1


def test_a_table_in_blocks_is_the_same(studio: Session) -> None:
    texts = ["/jobs/dune", "/nowhere", "/jobs/dune/010-b", "/same/a", None, "/jobs/owl/003"] * 5
    whole = [studio.table(texts, place) for place in ("", "job")]  # type: ignore[arg-type]
    with mock.patch.object(table_module, "BLOCK", 4), mock.patch.object(table_module, "MOST_SHARED", 2):
        assert [studio.table(texts, place) for place in ("", "job")] == whole  # type: ignore[arg-type]


def test_the_collector_is_as_before(studio: Session) -> None:
    before = gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()
    studio.table(["/jobs/dune"] * 100)
    assert (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()) == before
