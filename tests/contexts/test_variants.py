"""Plugins that say ``when``: variants of a place, chosen by the values of an Asset."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ways.api import AmbiguousContextError, ContextNotFoundError, PatternError, Session
from ways.assets.reading import Candidate
from ways.contexts.variants import MAX_VARIANTS

pytestmark = pytest.mark.portability


@pytest.fixture
def studio(session: Session) -> Session:
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/jobs/{JOB}", "data": {"fps": 24, "lut": "a"}},
        shot={
            "hierarchy": "shot", "uses": ["job"], "mapping": "{root}/{SHOT:03d}/plates",
            "mapping_details": {"STEP": {"choices": {"animation": "anm"}}},
        },
        special={"hierarchy": "job/shot", "when": {"SHOT": [10, 20]}, "mapping": "/special/{JOB}/{SHOT:03d}", "data": {"fps": 30}},
        dune={"hierarchy": "job", "when": {"JOB": "dune"}, "data": {"lut": "desert"}},
        both={"hierarchy": "job/shot", "when": {"JOB": "dune", "SHOT": "010"}, "data": {"fps": 48}},
    )  # fmt: skip
    return session


@pytest.mark.parametrize("text, data", [
    ("/jobs/heron/030/plates", {"fps": 24, "lut": "a"}),
    ("/jobs/dune/030/plates", {"fps": 24, "lut": "desert"}),
    ("/special/heron/020", {"fps": 30, "lut": "a"}),
    ("/special/dune/010", {"fps": 48, "lut": "desert"}),
])  # fmt: skip
def test_an_asset_answers_as_its_values_say(studio: Session, text: str, data: dict[str, Any]) -> None:
    asset = studio.get_asset(text)
    assert (asset.data, asset.get_str()) == (data, text)
    assert asset.context is studio.get_context("job/shot") and asset.context.data == {"fps": 24, "lut": "a"}
    assert asset.context.get_mapping() == "/jobs/{JOB}/{SHOT:03d}/plates"
    typed = studio.get_asset({"JOB": asset.info["JOB"], "SHOT": int(asset.info["SHOT"])}, "job/shot")
    assert (typed.get_str(), typed.mapping, typed.data) == (text, asset.mapping, data)
    assert studio.format("job/shot", asset.info) == text


@pytest.mark.parametrize("text", ["/jobs/dune/010/plates", "/special/dune/030"])
def test_a_text_of_a_variant_whose_values_select_another_is_nothing(studio: Session, text: str) -> None:
    with pytest.raises(ContextNotFoundError):
        studio.read(text)


def test_places_below_have_the_variants_too(studio: Session) -> None:
    studio.add_plugins(comp={"hierarchy": "comp", "uses": ["job/shot"], "mapping": "{root}/comp.{EXT}"})
    assert studio.read("/special/heron/010/comp.nk").hierarchy == "job/shot/comp"
    assert studio.read("/jobs/heron/011/plates/comp.nk").hierarchy == "job/shot/comp"
    assert studio.get_asset("/jobs/dune/011/plates/comp.nk").data["lut"] == "desert"


@pytest.mark.platform("linux")
def test_details_and_other_platforms_vary_too(studio: Session) -> None:
    studio.add_plugins(
        windows={"hierarchy": "job", "mapping": "Z:/jobs/{JOB}", "platforms": ["windows"]},
        step={"hierarchy": "job", "when": {"JOB": "dune"}, "mapping_details": {"JOB": {"format": "l"}}},
    )
    asset = studio.get_asset("/jobs/dune/030/plates")
    assert asset.mapping_details["JOB"] == {"format": "l"} and "JOB" not in asset.context.get_mapping_details()
    assert studio.translate("/special/dune/010", "windows") == "/special/dune/010"
    assert studio.translate("/jobs/heron/030/plates", "windows") == "Z:/jobs/heron/030/plates"


def test_conditions_in_one_place_that_say_as_much_are_ambiguous(session: Session) -> None:
    session.add_plugins(
        base={"hierarchy": "a", "mapping": "x/{A}"},
        one={"hierarchy": "a", "when": {"A": "1"}, "mapping": "{A}/{B}"},
        two={"hierarchy": "a", "when": {"C": "1"}, "mapping": "{C}/{D}"},
    )
    with pytest.raises(AmbiguousContextError) as caught:
        session.read("1/x")
    assert "A='1', B='x'" in str(caught.value) and "C='1', D='x'" in str(caught.value)


def test_at_most_so_many_variants_are_made(session: Session) -> None:
    names = "ABCDEFG"
    session.add_plugins(a={"hierarchy": "a", "mapping": "/".join(f"{{{name}}}" for name in names)})
    for name in names:
        session.add_plugins(**{f"p{name}": {"hierarchy": "a", "when": {name: "1"}, "data": {name: 1}}})
    view = session.need_context("a").view
    assert len(view.variants) == MAX_VARIANTS and [condition.plugin.name for condition in view.left_out] == ["pF", "pG"]
    assert [problem.code for problem in session.problems] == ["variants", "variants"]
    assert session.get_asset("1/2/1/2/2/1/1").data == {"A": 1, "C": 1}


PLUGINS = st.lists(
    st.dictionaries(st.sampled_from("AB"), st.lists(st.sampled_from("123"), min_size=1, max_size=2), min_size=1, max_size=2),
    max_size=4,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PLUGINS)
def test_the_data_is_that_of_the_plugins_that_fit(conditions: list[dict[str, list[str]]]) -> None:
    session = Session()
    session.add_plugins(a={"hierarchy": "a", "mapping": "{A}/{B}", "data": {"last": None}})
    for number, when in enumerate(conditions):
        session.add_plugins(**{f"p{number}": {"hierarchy": "a", "when": when, "data": {"last": number, number: True}}})
    for a, b in itertools.product("1234", repeat=2):
        fitting = [n for n, when in enumerate(conditions) if all({"A": a, "B": b}[t] in values for t, values in when.items())]
        expected = {"last": fitting[-1] if fitting else None, **dict.fromkeys(fitting, True)}
        assert session.get_asset(f"{a}/{b}").data == expected
        assert session.get_asset({"A": a, "B": b}, "a").data == expected


def test_values_that_select_two_variants_are_told_with_both(session: Session) -> None:
    session.add_plugins(
        base={"hierarchy": "job", "mapping": "/{AB}", "mapping_details": {"AB": {"mapping": "{X}_{Y}"}}},
        one={"hierarchy": "job", "when": {"X": "1"}, "mapping_details": {"AB": {"mapping": "{X}_{Y}"}}},
        two={"hierarchy": "job", "when": {"X": "2"}, "mapping_details": {"AB": {"mapping": "{Y}_{X}"}}},
    )
    with pytest.raises(AmbiguousContextError) as caught:
        session.need_context("job").view_of({"AB": "1_2"})
    assert [candidate.as_dict()["when"] for candidate in caught.value.candidates] == [[{"X": ("1",)}], [{"X": ("2",)}]]


def _fast_place(**variant: object) -> tuple[Session, Any]:
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    place = {"hierarchy": "shot", "mapping": "/jobs/{JOB}/{SHOT}", "syntax": 2}
    session.add_plugins(shot=place, fast={"hierarchy": "shot", "when": {"JOB": "dune"}, "syntax": 2, **variant})
    return session, session.need_context("shot")


def test_given_values_tell_which_variant_writes_them() -> None:
    _, context = _fast_place(mapping="/fast/{JOB}/{SHOT}")
    for job, start in (("dune", "/fast/"), ("alien", "/jobs/")):
        writer = context.view.writer_of({"JOB": job, "SHOT": "a"}, context.patterns)
        assert writer is not None
        assert str(writer[0].template).startswith(start)
        assert len(writer[1]) == 1


@pytest.mark.parametrize("job", [None, "", 1, ["dune"]])
def test_values_that_are_no_texts_leave_the_variant_to_the_exact_way(job: object) -> None:
    _, context = _fast_place(mapping="/fast/{JOB}/{SHOT}")
    assert context.view.writer_of({"JOB": job, "SHOT": "a"}, context.patterns) is None


def test_a_variant_writes_nothing_that_another_one_reads_too() -> None:
    session, _ = _fast_place(mapping="/jobs/{SHOT}/{JOB}")
    assert session.format("shot", {"JOB": "dune", "SHOT": "a"}) == "/jobs/a/dune"
    session.add_plugins(slow={"hierarchy": "shot", "when": {"JOB": "alien"}, "syntax": 2, "mapping": "/jobs/{JOB}/{SHOT}"})
    with pytest.raises(AmbiguousContextError):
        session.format("shot", {"JOB": "dune", "SHOT": "alien"})


def test_the_plugins_of_a_variant_are_named_in_the_order_of_registration(session: Session) -> None:
    names = [f"plugin{number}" for number in range(4)]
    more = {name: {"hierarchy": "shot", "when": {"JOB": "dune"}, "data": {name: 1}} for name in names}
    session.add_plugins(shot={"hierarchy": "shot", "mapping": "/jobs/{JOB}"}, **more)
    shown = str(session.need_context("shot").view.variants[-1])
    assert [shown.index(f"{name} (") for name in names] == sorted(shown.index(f"{name} (") for name in names)


def test_a_place_with_variants_whose_mapping_can_not_be_read_hides_no_other_place(session: Session) -> None:
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/jobs", "syntax": 2},
        # Its part holds a token only where the parent has one.
        shot={"hierarchy": "shot", "uses": ["job"], "mapping": "[{root}]/x", "when": {"A": "a"}, "syntax": 2},
        still={"hierarchy": "shot", "uses": ["job"], "mapping": "[{root}]/y", "syntax": 2},
        home={"hierarchy": "home", "mapping": "/home/{USER}", "syntax": 2},
    )
    assert session.read("/home/ann").hierarchy == "home"
    ((_, found),) = session.read_many(["/home/ann"])
    assert isinstance(found, Candidate)
    with pytest.raises(PatternError):
        session.read("/x", "job/shot")


@pytest.mark.parametrize("text, values", [("/R/a_x", {"C": "a"}), ("/R/b_x", {"C": "b_x"}), ("/R/_abca_x", {"C": "a", "A": "bc"})])
def test_a_token_that_a_part_has_too_selects_where_that_part_is_not_there(session: Session, text: str, values: dict[str, str]) -> None:
    place = {"hierarchy": "it", "mapping": "/R/[_{C}{A}]{C}", "mapping_details": {"C": {"parse": {"regex": "[ab](?:_x)?"}}}, "syntax": 2}
    session.add_plugins(it=place, variant={"hierarchy": "it", "when": {"C": "a"}, "mapping": "/R/[_{C}{A}]{C}_x", "syntax": 2})
    for asked in (("it",), ()):
        assert session.read(text, *asked).values == session.get_asset(text, *asked).info == values
    assert [dict(answer.values) for _, answer in session.read_many([text] * 2)] == [values] * 2
