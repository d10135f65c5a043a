"""Values to text, strictly: what is written would be read as the same values again."""

from __future__ import annotations

from typing import Any

import pytest

from ways.errors import ContextNotFoundError, MissingTokensError, TokenValueError, UnknownTokenError, UnresolvedMappingError
from ways.session import Session

DETAILS = {"SHOT": {"mapping": "{SEQ}_{NUM}"}, "SEQ": {"parse": {"regex": "[a-z]+"}}, "NUM": {"parse": {"regex": r"\d{3}"}}}


@pytest.fixture
def shots(session: Session) -> Session:
    session.add_plugins(shot={"hierarchy": "job/shot", "mapping": "/{JOB}/{SHOT}/{SEQ}", "mapping_details": DETAILS})
    return session


@pytest.mark.parametrize(
    "values",
    [
        {"JOB": "é x", "SEQ": "aa", "NUM": "001"},
        {"JOB": "é x", "SHOT": "aa_001"},
        {"JOB": "é x", "SHOT": "aa_001", "SEQ": "aa"},
    ],
)
def test_parents_may_stand_for_children_and_children_for_parents(shots: Session, values: dict[str, str]) -> None:
    assert shots.format("job/shot", values) == "/é x/aa_001/aa"


def test_values_that_are_no_text_are_written_as_text(session: Session) -> None:
    session.add_plugins(one={"hierarchy": "one", "mapping": "/{N}"})
    assert session.format("one", {"N": 7}) == "/7"  # type: ignore[dict-item]


def test_missing_tokens_are_all_named(shots: Session) -> None:
    with pytest.raises(MissingTokensError, match="JOB, NUM") as caught:
        shots.format("job/shot", {"SEQ": "aa"})
    assert caught.value.missing == ("JOB", "NUM")


def test_a_misspelt_token_is_refused_with_the_nearest(shots: Session) -> None:
    with pytest.raises(UnknownTokenError, match="no token 'SHOTT'.*Did you mean 'SHOT'"):
        shots.format("job/shot", {"JOB": "x", "SHOTT": "aa_001"})


@pytest.mark.parametrize(
    "values, token",
    [
        ({"SEQ": "AA", "NUM": "001"}, "SEQ"),
        ({"SEQ": "aa", "NUM": "1"}, "NUM"),
        ({"SHOT": "aa_001", "NUM": "002"}, "SHOT"),
        ({"SHOT": "aa"}, "NUM"),
        ({"SHOT": "nothing like it", "SEQ": "aa", "NUM": "001"}, "SHOT"),
        ({"SHOT": "aa_001", "JOB": "a/b"}, "JOB"),
        ({"SHOT": "aa_001", "JOB": ""}, "JOB"),
    ],
    ids=str,
)
def test_a_value_that_does_not_fit_or_contradicts_is_refused_by_name(shots: Session, values: dict[str, Any], token: str) -> None:
    with pytest.raises((TokenValueError, MissingTokensError)) as caught:
        shots.format("job/shot", {"JOB": "x", **values})
    assert token in str(caught.value)


def test_an_empty_value_counts_where_it_was_given_and_may_be(session: Session) -> None:
    session.add_plugins(one={"hierarchy": "one", "mapping": "/{N}x", "mapping_details": {"N": {"parse": {"regex": r"\d*"}}}})
    assert session.format("one", {"N": ""}) == "/x"
    with pytest.raises(MissingTokensError):
        session.format("one", {})


def test_what_can_not_be_written_has_its_error(session: Session) -> None:
    session.add_plugins(one={"hierarchy": "bare"})
    with pytest.raises(UnresolvedMappingError):
        session.format("bare", {})
    with pytest.raises(ContextNotFoundError, match="Did you mean 'bare'"):
        session.format("bar", {})
