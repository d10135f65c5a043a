"""A question takes no longer than its limit, however many Contexts it is about."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from clock import LONG, SLOW, Clock, clock_of_matches

from ways.api import Limits, MatchTimeoutError, Session, Verdict
from ways.regex.budget import FEW

#: Read in more ways than anybody can try, and refused.
TEXT = f"/x/{LONG}!"
PLACES = 40


def slow(count: int = PLACES, syntax: int = 2) -> dict[str, Any]:
    """Places of which each takes long to refuse TEXT."""
    details = [{"A": {"parse": {"regex": SLOW}}, "B": {"parse": {"regex": f"z{number}"}}} for number in range(count)]
    return {
        f"p{number}": {"hierarchy": f"p{number}", "mapping": "/x/{A}{B}", "mapping_details": own, "syntax": syntax}
        for number, own in enumerate(details)
    }


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    with clock_of_matches() as clock:
        yield clock


@pytest.fixture
def matches(clock: Clock) -> list[str]:
    """The texts that were matched by what stops when its time is up, as a test goes on."""
    return clock.matched


ASKED: dict[str, Callable[[Session], Any]] = {
    "read": lambda session: session.read(TEXT),
    "read, all tiers": lambda session: session.read(TEXT, tiers=("a", "b", "c")),
    "get_asset": lambda session: session.get_asset(TEXT),
    "get_asset, lenient": lambda session: session.get_asset(TEXT, strict=False),
    "translate": lambda session: session.translate(TEXT, "linux"),
    "values": lambda session: session.get_asset({"A": TEXT[3:], "B": "z"}),
}


@pytest.mark.parametrize("syntax", [1, 2])
@pytest.mark.parametrize("name", ASKED)
def test_one_question_has_one_limit_for_all_contexts(name: str, syntax: int, matches: list[str]) -> None:
    session = Session(limits=Limits(question=30))
    session.add_plugins(**slow(syntax=syntax))
    with pytest.raises(MatchTimeoutError) as raised:
        ASKED[name](session)
    assert raised.value.limit == "question" and raised.value.timeout == 0.03
    assert "WAYS_LIMITS=question=60" in str(raised.value)
    # The first Context takes all of it, and no other is tried.
    assert len(matches) == 1
    assert raised.value.contexts == PLACES and f"no time was left for {PLACES} Contexts" in str(raised.value)


def test_one_context_has_a_limit_of_its_own() -> None:
    session = Session(limits=Limits(time=20))
    session.add_plugins(**slow(1))
    with pytest.raises(MatchTimeoutError, match="WAYS_LIMITS=time=40") as raised:
        session.read(TEXT)
    assert (raised.value.limit, raised.value.timeout, raised.value.contexts) == ("time", 0.02, 1)
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_a_greater_limit_gives_more_time(matches: list[str]) -> None:
    session = Session(limits=Limits(time=10, question=100_000))
    session.add_plugins(**slow(12))
    with pytest.raises(MatchTimeoutError) as raised:
        session.read(TEXT)
    # Each had its turn, by more than one way to read.
    assert len(matches) >= 12 and raised.value.limit == "time"


def test_many_texts_have_a_question_each(matches: list[str]) -> None:
    session = Session(limits=Limits(question=20))
    session.add_plugins(**slow(), good={"hierarchy": "good", "mapping": "/y/{C}", "syntax": 2})
    answers = [answer for _, answer in session.read_many([TEXT, "/y/a", TEXT + "!", "/y/b"])]
    assert [getattr(answer, "limit", None) or answer.hierarchy for answer in answers] == ["question", "good", "question", "good"]
    assert len(matches) == 2


def test_a_surely_better_answer_stays() -> None:
    session = Session(limits=Limits(question=20))
    session.add_plugins(**slow(), good={"hierarchy": "good", "mapping": "/x/{C}!", "syntax": 2})
    assert session.read(TEXT).hierarchy == "good"


def test_what_an_error_adds_is_a_question_of_its_own(matches: list[str]) -> None:
    session = Session(overrides={"WAYS_PLATFORM": "linux", "WAYS_PLATFORMS": "linux:darwin:windows"}, limits=Limits(question=20))
    mac = {name: {**plugin, "platforms": "darwin"} for name, plugin in slow().items()}
    session.add_plugins(**mac, here={"hierarchy": "here", "mapping": "/y/{C}", "syntax": 2})
    with pytest.raises(ValueError) as raised:
        session.read(TEXT)
    assert not any("!" in text for text in matches)
    assert "No place fits" in str(raised.value) and len(matches) == 1
    assert session.elsewhere(TEXT) == [] and len(matches) == 2


def test_an_explanation_names_those_that_had_no_time(matches: list[str]) -> None:
    session = Session(limits=Limits(question=20))
    session.add_plugins(**slow())
    explanation = session.explain_text(TEXT)
    assert explanation.status == "unresolved"
    assert {attempt.verdict for attempt in explanation.attempts} == {Verdict.TIMED_OUT}
    assert len(matches) == 1


def test_quick_contexts_take_nothing_of_a_question() -> None:
    session = Session(limits=Limits(question=1))
    places = {f"p{n}": {"hierarchy": f"p{n}", "mapping": f"/x/{{A}}_{n}", "syntax": 2} for n in range(2_000)}
    session.add_plugins(**places)
    assert session.read("/x/a_1999").hierarchy == "p1999"
    assert session.explain_text("/y").status == "unresolved"
    with pytest.raises(ValueError, match="No Context takes exactly"):
        session.get_asset({"B": "b"})


def test_more_than_a_few_contexts_are_tried_in_a_question_alone() -> None:
    session = Session()
    count = FEW + 4
    places = {
        f"p{n}": {"hierarchy": f"p{n}", "mapping": "/x/{A}", "mapping_details": {"A": {"parse": {"regex": f"a+{n:02d}"}}}, "syntax": 2}
        for n in range(count)
    }
    session.add_plugins(**places)
    last = f"/x/aaa{count - 1:02d}"
    assert session.get_asset(last).info == {"A": last[3:]}
    assert session.read(last).hierarchy == f"p{count - 1}"
    assert [answer.hierarchy for _, answer in session.read_many([last])] == [f"p{count - 1}"]


def test_a_place_that_can_not_tell_whether_it_takes_values_is_not_passed_over() -> None:
    session = Session(limits=Limits(time=20))
    details = {"A": {"parse": {"regex": SLOW}}}
    session.add_plugins(
        slow={"hierarchy": "slow", "mapping": "/x/{A}", "mapping_details": details, "syntax": 2},
        quick={"hierarchy": "quick", "mapping": "/y/{A}", "syntax": 2},
    )
    assert session.get_asset({"A": "-"}).context.hierarchy == ("quick",)
    with pytest.raises(MatchTimeoutError):
        session.get_asset({"A": TEXT[3:]})


@pytest.mark.platform("linux")
def test_a_name_that_takes_long_is_reported_and_the_others_are_found(tmp_path: Path) -> None:
    session = Session(limits=Limits(time=20))
    details = {"A": {"parse": {"regex": SLOW}}}
    session.add_plugins(it={"hierarchy": "it", "mapping": f"{tmp_path}/{{A}}.e", "mapping_details": details, "syntax": 2})
    for name in (f"{LONG}!.e", "b.e"):
        (tmp_path / name).touch()
    told: list[tuple[str, str]] = []
    found = session.find_assets("it", report=lambda path, reason: told.append((path, reason)))
    assert [asset.get_value("A") for asset in found] == ["b"]
    assert [path for path, _ in told] == [str(tmp_path / (f"{LONG}!.e"))]
    assert "WAYS_LIMITS=time=40" in told[0][1]
    # The next value must miss none.
    with pytest.raises(MatchTimeoutError):
        session.get_next("it", "A")


@pytest.mark.platform("linux")
def test_with_optional_parts_a_name_is_refused_without_a_match(tmp_path: Path, matches: list[str]) -> None:
    session = Session()
    details = {"A": {"parse": {"regex": SLOW}}, "V": {"parse": {"regex": r"\w+"}}}
    session.add_plugins(it={"hierarchy": "it", "mapping": f"{tmp_path}/{{A}}[.{{V}}].e", "mapping_details": details, "syntax": 2})
    for name in (f"{LONG}!.e", "m².e", "½.e", "½.².e"):
        (tmp_path / name).touch()
    assert sorted(asset.get_value("A") for asset in session.find_assets("it")) == ["m²", "½", "½"]
    assert not any("!" in text for text in matches)
