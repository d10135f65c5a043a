"""Many texts at once: a list in, a list of the same order out, errors as values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ways.assets.asset import Asset
from ways.errors import ContextNotFoundError, MissingTokensError, WaysError
from ways.session import Session


@pytest.fixture
def studio(session: Session) -> Session:
    word = {"parse": {"regex": "[a-z]+"}}
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/jobs/{JOB}", "mapping_details": {"JOB": word, "SHOT": word}},
        shot={"hierarchy": "job/shot", "mapping": "/jobs/{JOB}/{SHOT}"},
    )
    return session


def test_each_text_has_its_asset_or_its_error_in_order(studio: Session) -> None:
    first, second, third = studio.get_assets(["/jobs/dune", "/jobs/7", "/jobs/dune/aa"], strict=True)
    assert (first.info, third.get_hierarchy()) == ({"JOB": "dune"}, ("job", "shot"))
    assert isinstance(second, ContextNotFoundError)


def test_the_single_form_is_the_batch_of_one(studio: Session) -> None:
    assert studio.get_assets(["/jobs/dune"]) == [studio.get_asset("/jobs/dune")]


def test_a_known_context_serves_all_and_an_unknown_one_is_an_error_at_once(studio: Session) -> None:
    assert all(isinstance(asset, Asset) for asset in studio.get_assets(["/jobs/a", "/jobs/b"], "job"))
    with pytest.raises(ContextNotFoundError):
        studio.get_assets([], "jobb")


def test_columns_have_a_list_for_each_token_and_the_number_of_each_text(studio: Session) -> None:
    table = studio.get_assets(["/jobs/a/b", "no", "/jobs/c/d"], strict=True, as_columns=True)
    assert table["job/shot"] == {"row": [0, 2], "text": ["/jobs/a/b", "/jobs/c/d"], "JOB": ["a", "c"], "SHOT": ["b", "d"]}
    assert table[""]["row"] == [1] and "no" in table[""]["error"][0]


def test_format_many_gives_texts_and_errors_in_order(studio: Session) -> None:
    first, second = studio.format_many("job/shot", [{"JOB": "a", "SHOT": "b"}, {"JOB": "a"}])
    assert first == "/jobs/a/b" and isinstance(second, MissingTokensError)


VALUES = st.fixed_dictionaries(
    {"JOB": st.text("ab_/. {}%", max_size=3)},
    optional={"VERSION": st.sampled_from(["001", "1", "01", "x", "1234", "", 7, None]), "SHOT": st.just("a")},
)


@given(st.lists(VALUES, max_size=4), st.sampled_from(["/a/{JOB}/v{VERSION}", "/a/{JOB}[_v{VERSION}]", "/a/{JOB}.{VERSION}.{JOB}"]))
def test_many_texts_are_those_that_are_written_one_by_one(values: list[dict[str, Any]], mapping: str) -> None:
    """Many are written by the pattern of the place, and each alone by all its rules."""
    session = Session()
    details = {"JOB": {"parse": {"regex": "[ab_ {}%.]+"}}, "VERSION": {"format": "03d"}}
    session.add_plugins(a={"hierarchy": "a", "syntax": 2, "path": True, "mapping": mapping, "mapping_details": details})

    def one(given: dict[str, Any]) -> str:
        try:
            return session.format("a", given)
        except WaysError as error:
            return str(error)

    assert [str(text) for text in session.format_many("a", values)] == [one(given) for given in values]
