"""Why a text is of one place and not of the others: each verdict arises, each with how far the text fits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle.worlds import LONGEST_FIRST, World, texts_of, worlds

from ways.api import AmbiguousContextError, Session, Verdict, WaysError
from ways.explain.record import Attempt, TextExplanation

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))
WORD = {"parse": {"regex": "[a-z]+"}}
DIGITS = {"parse": {"regex": r"\d+"}}


def place(mapping: str, details: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"mapping": mapping, "mapping_details": details or {}, **more}


#: Holds the expression below until its time is up.
HOLDING = "/" + "a" * 90
#: Verdict to a text and the places that it is tried against, of which ``it`` has the verdict; and the position.
WORLDS: dict[Verdict, tuple[str, int, dict[str, dict[str, Any]]]] = {
    Verdict.CHOSEN: ("/a", 2, {"it": place("/{A}")}),
    Verdict.AMBIGUOUS: ("/a", 2, {"it": place("/{A}"), "other": place("/{B}")}),
    Verdict.FEWER_LITERALS: ("/a_b", 4, {"it": place("/{A}"), "other": place("/{A}_{B}")}),
    Verdict.FEWER_CONSTRAINED: ("/a", 2, {"it": place("/{A}"), "other": place("/{A}", {"A": WORD})}),
    Verdict.MORE_FREE: ("/ab", 3, {"it": place("/{A}{B}"), "other": place("/{A}")}),
    Verdict.INVALID_VALUES: ("/x/y", 4, {"it": place("/{B}/{C}", {"B": DIGITS, "C": WORD}), "twice": place("/{A}/{A}", {"A": WORD})}),
    Verdict.FEWER_CONDITIONS: (
        "/a", 2,
        {"it": place("/{A}"), "more": place("/{B}", hierarchy="it", when={"B": "a"})},
    ),
    Verdict.OUTSIDE_PRIORITY: ("/a", 2, {"other": place("/{A}"), "it": place("/{B}", assignment="no")}),
    Verdict.LAXER_TIER: ("/a1", 1, {"it": place("/{A}", {"A": WORD}), "other": place("/{A}{B}")}),
    Verdict.OTHER_VARIANT: ("/a", 2, {"it": place("/{A}"), "more": place("/x/{A}", hierarchy="it", when={"A": "a"})}),
    Verdict.TEXT_DIFFERS: ("/a/c/d", 4, {"it": place("/{A}/cx/d")}),
    Verdict.TEXT_ENDS: ("/a/c", 4, {"it": place("/{A}/cx/d")}),
    Verdict.TEXT_GOES_ON: ("/a/c", 2, {"it": place("/{A}", {"A": WORD})}),
    Verdict.VALUE_UNFIT: ("/b/a1/c", 4, {"it": place("/b/{A}/d", {"A": WORD})}),
    Verdict.VALUES_DIFFER: ("/a/b/c", 3, {"it": place("/{A}/{A}/d")}),
    Verdict.NO_DIVISION: ("x", 1, {"it": place("{A}[_{A}]", syntax=2)}),
    Verdict.UNTOLD: (HOLDING, 91, {"it": place("/{A}"), "held": place("/{A}", {"A": {"parse": {"regex": "(?:a|aa)+b"}}})}),
    Verdict.TIMED_OUT: (HOLDING, 0, {"it": place("/{A}", {"A": {"parse": {"regex": "(?:a|aa)+b"}}})}),
    Verdict.NOT_SEARCHED: ("/a", 2, {"it": place("/{A}", search=False)}),
    Verdict.NO_MAPPING: ("/a", 0, {"it": {"uses": ["no"], "mapping": "x", "hierarchy": "it"}}),
}  # fmt: skip
#: Verdicts that arise in the lenient way alone.
LENIENT = {Verdict.INVALID_VALUES}


def session_of(plugins: Mapping[str, dict[str, Any]]) -> Session:
    session = Session()
    session.add_plugins(**{name: {"hierarchy": name, **plugin} for name, plugin in plugins.items()})
    return session


def attempts_of(explanation: TextExplanation) -> dict[str, Attempt]:
    attempts: dict[str, Attempt] = {}
    for attempt in explanation.attempts:
        attempts.setdefault(attempt.hierarchy.rpartition("/")[2] if not attempt.variant else attempt.variant[0].plugin, attempt)
    return attempts


@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict_arises(verdict: Verdict) -> None:
    text, position, plugins = WORLDS[verdict]
    explanation = session_of(plugins).explain_text(text, strict=verdict not in LENIENT)
    attempt = attempts_of(explanation)["it"]
    assert (attempt.verdict, attempt.position) == (verdict, position), attempt
    assert attempt.message and explanation.as_dict()["attempts"]


def test_the_nearest_come_first() -> None:
    session = session_of({"far": place("/x/{A}/b"), "farther": place("x"), "near": place("/x/{A}/c/d"), "fits": place("/x/{A}/c")})
    explanation = session.explain_text("/x/a/c")
    assert [attempt.hierarchy for attempt in explanation.attempts] == ["fits", "near", "far", "farther"]
    assert (explanation.status, explanation.tier, explanation.chosen and explanation.chosen.values) == ("resolved", "a", {"A": "a"})


def test_how_a_text_must_fit_is_as_for_get_asset() -> None:
    for syntax, status in [(1, "resolved"), (2, "unresolved")]:
        session = session_of({"it": place("/b/{A}", {"A": WORD}, syntax=syntax)})
        assert session.explain_text("/b/1").status == status
        assert [session.explain_text("/b/1", strict=strict).status for strict in (False, True)] == ["resolved", "unresolved"]


def test_a_miss_names_the_token_and_what_it_wants() -> None:
    attempt = session_of({"it": place("/b/{A}/d", {"A": WORD})}).explain_text("/b/a1/c").attempts[0]
    assert (attempt.token, attempt.message) == ("A", "A can't be 'a1': regex [a-z]+")
    assert attempt.source is not None and attempt.source.pointer == ("plugins", "it", "mapping")


def test_ambiguous_ones_are_named() -> None:
    explanation = session_of({"a": place("/{A}"), "b": place("/{B}"), "c": place("{C}")}).explain_text("/x")
    assert explanation.status == "ambiguous" and explanation.chosen is None
    assert [attempt.hierarchy for attempt in explanation.attempts if attempt.verdict is Verdict.AMBIGUOUS] == ["a", "b"]
    assert {variable.name for variable in explanation.environment} >= {"WAYS_PARSERS", "WAYS_PRIORITY"}


def test_one_place_that_can_be_read_in_two_ways_is_ambiguous() -> None:
    explanation = session_of({"a": place("{A}[_{B}][_{C}]", {name: WORD for name in "ABC"}, syntax=2)}).explain_text("a_b")
    assert explanation.attempts[0].verdict is Verdict.AMBIGUOUS and explanation.attempts[0].values == {"A": "a", "B": "b"}
    assert explanation.attempts[0].message == "it can also be read as A='a', C='b'"


def test_a_lenient_way_is_told_as_such() -> None:
    session = session_of({"a": place("/x/{A}", {"A": DIGITS})})
    assert session.explain_text("/x/b").tier == "b" and session.explain_text("/x/b", strict=True).status == "unresolved"
    explanation = session.explain_text("more/x/b")
    assert explanation.tier == "c" and "WAYS_EXPAND_CHOICE_ORDER" in {variable.name for variable in explanation.environment}


def test_a_layer_can_be_looked_at_alone() -> None:
    session = session_of({"a": place("/{A}"), "b": place("/{B}", assignment="xyz")})
    assert [attempt.hierarchy for attempt in session.explain_text("/x", assignment="xyz").attempts] == ["b"]


def test_a_text_that_only_a_variant_refuses_says_which() -> None:
    session = session_of({"it": place("/{A}/b"), "more": place("/x/{A}", hierarchy="it", when={"A": "a"})})
    with pytest.raises(WaysError, match=r"It fits '/\{A\}/b', a mapping of it, but its values meet the condition of more \(<python>\)"):
        session.read("/a/b")
    with pytest.raises(WaysError, match="don't meet the condition of more"):
        session.read("/x/c", "it")


@st.composite
def many(draw: st.DrawFn) -> tuple[list[World], str]:
    drawn = draw(st.lists(worlds(expressions=tuple(LONGEST_FIRST)), min_size=1, max_size=4))
    return drawn, draw(texts_of(drawn[0]))


@settings(SLOW, max_examples=80)
@given(many(), st.booleans())
def test_the_chosen_one_is_the_one_that_is_read(drawn: tuple[list[World], str], strict: bool) -> None:
    drawn_worlds, text = drawn
    session = session_of({f"w{number}": place(world.mapping, world.details) for number, world in enumerate(drawn_worlds)})
    explanation = session.explain_text(text, strict=strict)
    try:
        read = session.read(text, tiers=("a",) if strict else ("a", "b", "c"))
    except AmbiguousContextError as error:
        named = sorted(str(candidate.as_dict()["hierarchy"]) for candidate in error.candidates)
        assert explanation.status == "ambiguous"
        assert sorted(each.hierarchy for each in explanation.attempts if each.verdict is Verdict.AMBIGUOUS) == named
    except WaysError:
        assert explanation.status == "unresolved" and explanation.chosen is None
    else:
        chosen = explanation.chosen
        assert chosen and (chosen.hierarchy, chosen.values, explanation.tier) == (read.hierarchy, read.values, read.tier)


@settings(SLOW, max_examples=80)
@given(many())
def test_how_far_a_text_fits_is_what_the_error_says(drawn: tuple[list[World], str]) -> None:
    """Where no value is at fault, the position is that of the error of a place that was named."""
    drawn_worlds, text = drawn
    session = session_of({f"w{number}": place(world.mapping, world.details) for number, world in enumerate(drawn_worlds)})
    for attempt in session.explain_text(text, strict=True).attempts:
        if attempt.verdict.fits or attempt.verdict is Verdict.NO_MAPPING:
            continue
        with pytest.raises(WaysError) as caught:
            session.read(text, attempt.hierarchy)
        assert attempt.position == caught.value.position  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["/x/a/c", "/x/a/b/c9", "/y", "/x/shot_a/w/v001", "/nothing"])
def test_the_nearest_attempts_are_the_first_of_all_and_what_fits(text: str) -> None:
    places = {f"p{number}": place(f"/x/{{A}}/{name}/c{number}", {"A": WORD}) for number, name in enumerate("abcdefgh")}
    session = session_of({**places, "x": place("/x/{A}/c"), "y": place("/{Y}")})
    whole = session.explain_text(text, strict=True)
    few = session.explain_text(text, strict=True, nearest=2)
    fitting = [attempt for attempt in whole.attempts[2:] if attempt.verdict.fits]
    assert list(few.attempts) == [*whole.attempts[:2], *fitting] and few.status == whole.status
    assert few.farther == len(whole.attempts) - len(few.attempts) and whole.farther == 0


def test_sheets_out_of_the_store_explain_a_text_as_they_do_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("WAYS_PLATFORM", "linux")
    film = str(Path(__file__).parents[2] / "plugin_sheets" / "film")
    texts = [
        "/mnt/projects/dune/sequences/rvr/rvr_0010", "/mnt/projects/dune/sequences/rvr/rvr_0010/", "/mnt/projects/D", "", "/",
        "/mnt/projects/dune/sequences/rvr/rvr_0010/plates/bg01_%01", "/mnt/library/x",
    ]  # fmt: skip
    told: list[list[dict[str, Any]]] = []
    for cache in ("0", "1", "1"):
        monkeypatch.setenv("WAYS_CACHE", cache)
        told.append([])
        for text in texts:
            session = Session()
            session.add_search_path(film)
            told[-1].append(session.explain_text(text, strict=True).as_dict())
    assert told[0] == told[1] == told[2]
