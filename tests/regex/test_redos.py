"""No text holds a resolver: known expressions, by every way a text meets them; ``python -m tests.stress redos`` for longer."""

from __future__ import annotations

import time

import pytest

from tests.stress import redos
from ways.assets.asset import Asset
from ways.errors import ContextNotFoundError, MatchTimeoutError
from ways.session import Session

HOLDS = "a" * 60
SLOW = {"hierarchy": "slow", "mapping": "/{A}", "mapping_details": {"A": {"parse": {"regex": r"(?:a|a)*b|(?:a|aa)+"}}}}
#: Fits what the slow one may fit too, and says more, as much, or less of it.
OTHERS = {"more": "/aaaa{X}", "as much": "/{X}", "less": "{X}"}


def session_with(name: str) -> Session:
    session = Session()
    details = {"X": {"parse": {"regex": "[a-z/!]+"}}}
    session.add_plugins(slow=SLOW, other={"hierarchy": "other", "mapping": OTHERS[name], "mapping_details": details})
    return session


def test_texts_are_tried_for_two_seconds() -> None:
    outcome = redos.run(2)
    assert outcome.tried and outcome.wrong == ()


def test_a_context_that_cant_tell_stops_none_that_says_more() -> None:
    session = session_with("more")
    assert session.read(f"/{HOLDS}!").hierarchy == "other"
    assert session.get_asset(f"/{HOLDS}!").get_value("X") == "a" * 56 + "!"
    assert [attempt.verdict.name for attempt in session.explain_text(f"/{HOLDS}!").attempts] == ["CHOSEN", "TIMED_OUT"]


@pytest.mark.parametrize("name", ["as much", "less"])
def test_it_is_never_guessed_that_a_context_doesnt_fit(name: str) -> None:
    session = session_with(name)
    for ask in (session.read, session.get_asset):
        with pytest.raises(MatchTimeoutError):
            ask(f"/{HOLDS}!")


def test_of_many_texts_the_others_are_answered() -> None:
    session = session_with("as much")
    slow, none, asset = session.get_assets([f"/{HOLDS}!", "-", "/xyz"])
    assert [type(slow), type(none), type(asset)] == [MatchTimeoutError, ContextNotFoundError, Asset]


@pytest.mark.parametrize("text", ["a_" * 300, "a_" * 15_000 + "!", "_" * 32_000])
def test_a_token_that_stands_twice_holds_no_one(text: str) -> None:
    session = Session()
    session.add_plugins(a={"hierarchy": "a", "mapping": "/{A}_{B}_{A}", "mapping_details": {"A": {"parse": {"regex": r"\w+"}}}})
    for context in (None, "a"):
        started = time.thread_time()
        try:
            session.get_asset(f"/{text}", context)
        except (MatchTimeoutError, ContextNotFoundError):
            pass
        assert time.thread_time() - started < 30
