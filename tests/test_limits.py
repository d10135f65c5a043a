"""Limits: each is told, holds where it stands and not before, and costs what went beyond alone."""

from __future__ import annotations

import pytest

from ways.errors import LimitError, SettingsError
from ways.limits import USUAL, Limits
from ways.session import Session

JOB = {"hierarchy": "job", "mapping": "/jobs/{JOB}"}


def limited(**limits: int) -> Session:
    session = Session(limits=Limits(**limits))
    session.add_plugins(job=JOB)
    return session


def test_limits_are_read_out_of_a_text() -> None:
    assert Limits.of_text("text=5: sheet = 7:") == Limits(text=5, sheet=7)
    assert Limits.of_text("") == USUAL


@pytest.mark.parametrize(
    "text, expected",
    [
        ("txt=5", "did you mean 'text'"),
        ("text=many", "a whole number above 0 for text"),
        ("text=0", "a whole number above 0 for text"),
        ("text=-1", "a whole number above 0 for text"),
        ("text=٣", "a whole number above 0 for text"),
        ("text", "a whole number above 0 for text"),
    ],
)
def test_what_is_no_limit_is_refused(text: str, expected: str) -> None:
    with pytest.raises(SettingsError, match=expected):
        Limits.of_text(text)


def test_the_variable_is_read_when_a_session_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_LIMITS", "text=7")
    session = Session()
    monkeypatch.delenv("WAYS_LIMITS")
    assert session.limits == Limits(text=7) and Session().limits == USUAL
    assert Session(overrides={"WAYS_LIMITS": "text=8"}).limits == Limits(text=8)


def test_a_wrong_variable_is_a_problem_and_the_usual_limits_hold() -> None:
    session = Session(overrides={"WAYS_LIMITS": "text=long"})
    assert session.limits == USUAL
    assert [(problem.code, problem.source.path) for problem in session.problems] == [("settings", "WAYS_LIMITS")]


@pytest.mark.parametrize("context", [None, "job"], ids=["found", "named"])
def test_a_text_at_the_limit_is_read_and_one_beyond_is_refused(context: str | None) -> None:
    session = limited(text=10)
    assert session.get_asset("/jobs/dune", context).get_value("JOB") == "dune"
    with pytest.raises(LimitError, match="at most 10 characters, found 11.*WAYS_LIMITS=text=20") as caught:
        session.get_asset("/jobs/dunes", context)
    assert (caught.value.name, caught.value.limit, caught.value.found) == ("text", 10, 11)


@pytest.mark.parametrize("context", [None, "job"], ids=["found", "named"])
def test_of_many_texts_the_long_ones_alone_are_refused(context: str | None) -> None:
    session = limited(text=10)
    short, long = session.get_assets(["/jobs/dune", "/jobs/dunes"], context)
    assert short.get_value("JOB") == "dune" and isinstance(long, LimitError)
    table = session.get_assets(["/jobs/dune", "/jobs/dunes"], context, as_columns=True)
    assert table["job"]["row"] == [0] and table[""]["row"] == [1]
    assert [type(found) for _, found in session.read_many(["/jobs/dunes"], session.get_context("job"))] == [LimitError]


def test_no_long_text_is_explained_translated_or_written() -> None:
    session = limited(text=10)
    for ask in (
        lambda: session.explain_text("/jobs/dunes"),
        lambda: session.translate("/jobs/dunes", "linux"),
        lambda: session.format("job", {"JOB": "dunes"}),
    ):
        with pytest.raises(LimitError):
            ask()
    assert session.format("job", {"JOB": "dune"}) == "/jobs/dune"
