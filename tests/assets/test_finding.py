"""Auto-find: the tiers and ranks of docs/explanation/token-engine.rst, a test for each rule."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from ways import api
from ways.assets.finding import Finder
from ways.assets.reading import STRICT_TIERS, TIERS, rank
from ways.errors import AmbiguousContextError, ContextNotFoundError, UnresolvedMappingError
from ways.pattern.template import Template
from ways.session import Session

pytestmark = pytest.mark.portability

DIGITS = {"ID": {"parse": {"regex": r"\d+"}}}
LETTERS = {"ID": {"parse": {"regex": "[a-z]+"}}}


def world(session: Session, **mappings: Any) -> Session:
    """Add a plugin for each mapping, at a hierarchy of its name; a tuple is a mapping with its details."""
    plugins = {}
    for name, given in mappings.items():
        mapping, details = given if isinstance(given, tuple) else (given, {})
        plugins[name] = {"hierarchy": name, "mapping": mapping, "mapping_details": details}
    session.add_plugins(**plugins)
    return session


def found(session: Session, text: str, tiers: tuple[str, ...] = TIERS) -> tuple[str, str, dict[str, str]]:
    candidate = session.read(text, None, tiers)
    return candidate.hierarchy, candidate.tier, candidate.values


# --- regression test number one


@pytest.mark.parametrize("tiers", [TIERS, STRICT_TIERS])
def test_the_deepest_context_that_fits_is_found_and_never_job_with_all_the_rest(
    load: Callable[[str], Session], tiers: tuple[str, ...]
) -> None:
    session = load(
        """
        plugins:
          job: {hierarchy: job, mapping: '/jobs/{JOB}'}
          scenes: {hierarchy: '{root}/scene', mapping: '{root}/{SCENE}/sc', uses: [job]}
          shot: {hierarchy: '{root}/shot', mapping: '{root}/{SHOT}', uses: [job/scene]}
          discipline: {hierarchy: '{root}/discipline', mapping: '{root}/{DISCIPLINE}', uses: [job/scene/shot]}
        """
    )
    values = {"JOB": "foo", "SCENE": "s19", "SHOT": "sh01", "DISCIPLINE": "anim"}
    assert found(session, "/jobs/foo/s19/sc/sh01/anim", tiers) == ("job/scene/shot/discipline", "a", values)
    assert found(session, "/jobs/foo/s19/sc/sh01", tiers)[0] == "job/scene/shot"
    assert session.get_asset("/jobs/foo/s19/sc/sh01/anim").info == values


def test_the_api_finds_in_the_current_session(session: Session) -> None:
    world(session, wide="/data/{A}", deep="/data/{A}/cache/{B}")
    assert api.get_asset("/data/x/cache/y").get_hierarchy() == ("deep",)
    with pytest.raises(ValueError):
        api.get_asset("/data/x/y/z", strict=True)


def test_job_alone_takes_a_deeper_path_only_leniently(session: Session) -> None:
    world(session, job="/jobs/{JOB}")
    assert found(session, "/jobs/foo/s19") == ("job", "b", {"JOB": "foo/s19"})
    with pytest.raises(ContextNotFoundError, match=r"No place fits '/jobs/foo/s19'\.$"):
        session.read("/jobs/foo/s19")
    with pytest.raises(ValueError):
        session.get_asset("/jobs/foo/s19", strict=True)


# --- tiers


@pytest.mark.parametrize(
    "mapping, text, tier",
    [
        (("/{ID}/x", DIGITS), "/7/x", "a"),
        (("/{ID}/x", DIGITS), "/seven/x", "b"),
        (("/{ID}/x", DIGITS), "/7/x/more", "c"),
        (("/{ID}/x", DIGITS), "/before/7/x", "b"),
        ("/{A}/x", "/a/x", "a"),
        ("/{A}/x", "/a/b/x", "b"),
        ("/{A}/x", "before/a/x", "c"),
        ("/{A}/{A}", "/a/a", "a"),
        ("/{A}/{A}", "/a/b", "b"),
        (r"P:\{A}\x", r"P:\a\b\x", "b"),
        (r"P:\{A}\x", r"P:\a/b\x", "a"),
        ("{A}_x", "a/b_x", "a"),
    ],
    ids=str,
)
def test_a_text_fits_in_a_tier(session: Session, mapping: Any, text: str, tier: str) -> None:
    world(session, one=mapping)
    assert session.read(text, None, TIERS).tier == tier
    assert session.read(text, "one", TIERS).tier == tier
    assert session.read(text, "one", (tier,)).tier == tier


def test_a_token_with_mapping_and_expression_satisfies_both_in_tier_a(session: Session) -> None:
    details = {"SHOT": {"mapping": "{SEQ}_{NUM}", "parse": {"regex": r"[a-z]+_\d+"}}}
    world(session, one=("/{SHOT}", details))
    assert [session.read(text, None, TIERS).tier for text in ("/ab_1", "/ab_x", "/12_1")] == ["a", "b", "b"]


def test_a_better_tier_wins_over_a_longer_mapping(session: Session) -> None:
    world(session, short=("/{ID}", {"ID": {"parse": {"regex": ".+"}}}), long=("/very/long/{ID}", DIGITS))
    assert found(session, "/very/long/seven")[:2] == ("short", "a")


def test_the_session_reads_strictly_unless_asked_and_the_api_in_all_tiers(session: Session) -> None:
    world(session, one=("/{ID}", DIGITS))
    with pytest.raises(ContextNotFoundError):
        session.read("/x")
    assert session.get_asset("/x").info == {"ID": "x"}


def test_nothing_that_fits_is_a_value_error(session: Session) -> None:
    world(session, one="/{A}/x")
    with pytest.raises(ValueError, match="even leniently"):
        session.get_asset("no separator")


CONDITIONAL = {
    "shot": {"hierarchy": "shot", "syntax": 2, "mapping": "/{JOB}/shot/{ID}", "mapping_details": DIGITS},
    "fast": {"hierarchy": "shot", "syntax": 2, "mapping": "/fast/{JOB}/{ID}", "when": {"JOB": "owl"}},
}


@pytest.mark.parametrize("text", ["/owl/a", "/dune/cut/1", "/dune/shot/x", "/dune/shot/1x", "/fast/dune/1", "nothing"])
def test_a_miss_is_told_after_one_search(session: Session, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    session.add_plugins(**CONDITIONAL, job={"hierarchy": "job", "syntax": 2, "mapping": "/{ID}/{ID}", "mapping_details": DIGITS})
    with pytest.raises(ContextNotFoundError) as long_way:
        session.read(text)
    for _ in range(12):
        with monkeypatch.context() as patch:
            if text != "/fast/dune/1":
                # Which variant it is of is decided by more than one match.
                patch.setattr(Finder, "find_text", lambda *args: pytest.fail("searched again"))
            with pytest.raises(ContextNotFoundError) as error:
                session.get_asset(text)
        assert str(error.value) == str(long_way.value)


def test_a_miss_names_the_variant_that_it_is_not_of(session: Session) -> None:
    session.add_plugins(**CONDITIONAL)
    with pytest.raises(ContextNotFoundError, match="its values don't meet the condition of fast"):
        session.get_asset("/fast/dune/1")


def test_a_miss_is_sure_only_where_other_tiers_and_layers_do_not_count(session: Session) -> None:
    session.add_plugins(job={"hierarchy": "job", "mapping": "/{JOB}/x", "mapping_details": {"JOB": {"parse": {"regex": "[a-z]+"}}}})
    assert session.get_asset("/Dune/x").context.hierarchy == ("job",)
    with pytest.raises(ContextNotFoundError):
        session.get_asset("/Dune/x", strict=True)
    session.add_plugins(late={"hierarchy": "late", "mapping": "/{JOB}/y", "assignment": "late"})
    assert session.get_asset("/dune/y", strict=True).context.hierarchy == ("late",)


def test_a_lenient_text_splits_the_unexpanded_mapping(session: Session) -> None:
    world(session, one=("/x/{P}", {"P": {"mapping": "{A}_{B}"}}), two=("/x/{A}{B}/y", {}))
    assert found(session, "more/x/a_b") == ("one", "c", {"A": "a", "B": "b"})


@pytest.mark.parametrize("text", ["/x/a/b", "/x/ab/c/y"])
def test_a_token_may_cross_separators_in_tier_b_wherever_it_stands(session: Session, text: str) -> None:
    world(session, one="/x/{A}", two="/x/{A}/{B}/{C}/y", three=("/z/{A}", DIGITS))
    assert session.read(text, None, ("b",)).tier == "b"


# --- rank


def test_more_literal_text_wins(session: Session) -> None:
    world(session, wide="/data/{A}", deep="/data/{A}/cache/{B}")
    assert found(session, "/data/x/cache/y") == ("deep", "a", {"A": "x", "B": "y"})


def test_then_more_tokens_with_an_expression(session: Session) -> None:
    world(session, free="/n/{X}", digits=("/n/{ID}", DIGITS))
    assert found(session, "/n/7")[0] == "digits"
    assert found(session, "/n/x")[0] == "free"


def test_then_fewer_tokens_without_one(session: Session) -> None:
    details = {"A": {"parse": {"regex": "[a-z]+"}}}
    world(session, more=("/{A}_{B}{C}", details), fewer=("/{A}_{B}", details))
    assert found(session, "/a_bc")[0] == "fewer"


def test_more_literal_text_beats_more_expressions(session: Session) -> None:
    world(session, expressions=("/{ID}_{B}", {**DIGITS, "B": {"parse": {"regex": "b"}}}), literal="/7_{X}")
    assert found(session, "/7_b")[0] == "literal"


@pytest.mark.parametrize(
    "mapping, details, expected",
    [
        ("/a/{X}", {}, (3, 0, -1)),
        ("/{ID}/{X}", DIGITS, (2, 1, -1)),
        ("/{A}/{A}", {}, (2, 1, -1)),
        ("/{P}", {"P": {"mapping": "{A}_{ID}"}, **DIGITS}, (2, 1, -1)),
        ("/{P}", {"P": {"mapping": "{A}_{ID}", "parse": {"regex": ".+"}}, **DIGITS}, (2, 2, -1)),
    ],
)
def test_a_rank_counts_literals_expressions_and_free_tokens(mapping: str, details: Any, expected: tuple[int, ...]) -> None:
    assert rank(Template.of(mapping, details)) == expected


def test_the_expression_of_a_token_that_others_write_counts(session: Session) -> None:
    shot = {"SHOT": {"mapping": "{SEQ}_{NUM}", "parse": {"regex": r"[a-z]+_\d+"}}}
    world(session, plain="/{SEQ}_{NUM}", shot=("/{SHOT}", shot))
    assert found(session, "/ab_1")[0] == "shot"


# --- equal ranks


def test_of_two_same_mappings_the_valid_one_is_found(session: Session) -> None:
    world(session, digits=("/n/{ID}", DIGITS), letters=("/n/{ID}", LETTERS))
    assert [found(session, text)[0] for text in ("/n/7", "/n/x")] == ["digits", "letters"]


@pytest.mark.parametrize("text", ["/n/7", "/n/anything"])
def test_two_same_mappings_without_expressions_are_ambiguous(session: Session, text: str) -> None:
    world(session, one="/n/{ID}", two="/n/{ID}")
    with pytest.raises(ValueError) as caught:
        session.get_asset(text)
    assert isinstance(caught.value, AmbiguousContextError)


def test_equal_ranks_in_a_lenient_tier_are_decided_by_validated_values(session: Session) -> None:
    world(session, digits=("/n/{ID}/x", DIGITS), letters=("/n/{ID}/x", LETTERS))
    assert found(session, "/n/7/x/more") == ("digits", "c", {"ID": "7"})
    with pytest.raises(AmbiguousContextError):
        session.get_asset("/n/7x/x/more")


def test_a_parents_expression_decides_too(session: Session) -> None:
    def shot(regex: str) -> dict[str, Any]:
        return {"P": {"mapping": "{A}_{B}", "parse": {"regex": regex}}}

    world(session, one=("/{P}/x", shot("a.*")), two=("/{P}/x", shot("b.*")))
    assert found(session, "/b_c/x/more") == ("two", "c", {"A": "b", "B": "c"})


@pytest.mark.parametrize("value, place", [("abc", "words"), ("a7", "words")])
def test_values_are_found_where_they_are_valid(session: Session, value: str, place: str) -> None:
    world(session, numbers=("/n/{ID}", DIGITS), words=("w.{ID}", {"ID": {"parse": {"regex": r"\w+"}}}))
    assert session.get_asset({"ID": value}).get_hierarchy() == (place,)
    assert session.get_asset([("ID", value)]).get_hierarchy() == (place,)


def test_values_that_are_valid_in_two_places_are_ambiguous(session: Session) -> None:
    world(session, numbers=("/n/{ID}", DIGITS), words=("w.{ID}", {"ID": {"parse": {"regex": r"\w+"}}}))
    with pytest.raises(ValueError, match="numbers.*\n.*words"):
        session.get_asset({"ID": "7"})


def test_contexts_without_a_mapping_are_no_answer_to_values(session: Session) -> None:
    world(session, one=("/n/{ID}", DIGITS))
    session.add_plugins(bare={"hierarchy": "bare"})
    assert session.get_asset({"ID": "7"}).get_hierarchy() == ("one",)


def test_two_contexts_without_a_mapping_are_a_value_error(session: Session) -> None:
    session.add_plugins(one={"hierarchy": "one"}, two={"hierarchy": "two"})
    with pytest.raises(ValueError):
        session.get_asset({"ID": "7"})


def test_values_need_every_required_token(session: Session) -> None:
    world(session, one=("/{A}", {"A": {}}), two=("/{A}/{B}", {"A": {}, "B": {}}))
    assert session.get_asset({"A": "x"}).get_hierarchy() == ("one",)


def test_values_that_no_context_takes_are_a_value_error(session: Session) -> None:
    world(session, one=("/{ID}", DIGITS))
    with pytest.raises(ContextNotFoundError, match="takes the values"):
        session.get_asset({"ID": "x"})


def test_ties_are_decided_by_the_engines_of_a_setting(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    world(session, digits=("/n/{ID}/x", DIGITS), letters=("/n/{ID}/x", LETTERS))
    monkeypatch.setenv("WAYS_PARSERS", "glob")
    with pytest.raises(NotImplementedError, match="glob"):
        session.get_asset("/n/7/x/more")


# --- which Contexts are tried


def test_the_context_found_is_the_one_over_all_assignments(session: Session) -> None:
    world(session, one="/n/{ID}")
    assert session.get_asset("/n/7").context is session.get_context("one")
    assert session.get_asset("/n/7") == session.get_asset("/n/7", context="one")


def test_heirs_of_a_mapping_are_found_only_when_named(session: Session) -> None:
    world(session, job="/jobs/{JOB}")
    session.add_plugins(heir={"hierarchy": "job/settings", "data": {"a": 1}})
    assert found(session, "/jobs/foo")[0] == "job"
    assert session.read("/jobs/foo", "job/settings").hierarchy == "job/settings"


def test_aliases_are_found_only_when_named(session: Session) -> None:
    world(session, job="/jobs/{JOB}")
    session.register_context_alias("other", "job")
    assert found(session, "/jobs/foo")[0] == "job"
    assert session.read("/jobs/foo", "other").values == {"JOB": "foo"}


def test_a_hierarchy_with_bad_characters_poisons_nothing(session: Session) -> None:
    world(session, job="/jobs/{JOB}")
    session.add_plugins(bad={"hierarchy": "jo&b", "mapping": "/jobs/{JOB}"})
    assert found(session, "/jobs/foo")[0] == "job"


def test_a_mapping_that_can_not_be_read_is_no_candidate(session: Session) -> None:
    broken = {"A": {"parse": {"regex": "("}}}
    circle = {"A": {"mapping": "{B}"}, "B": {"mapping": "{A}"}}
    world(session, good="/n/{ID}", broken=("/n/{A}", broken), circle=("/n/{A}", circle))
    session.add_plugins(lost={"hierarchy": "lost", "mapping": "{root}/n", "uses": ["lost"]})
    assert found(session, "/n/7")[0] == "good"
    assert session.get_asset({"ID": "7"}).get_hierarchy() == ("good",)


@pytest.mark.platform("linux")
def test_plugins_of_another_platform_are_no_candidates(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.add_plugins(
        unix={"hierarchy": "unix", "mapping": "/n/{ID}", "platforms": ["linux", "darwin"]},
        windows={"hierarchy": "windows", "mapping": "/n/{ID}", "platforms": ["windows"]},
    )
    assert found(session, "/n/7")[0] == "unix"
    monkeypatch.setenv("WAYS_PLATFORM", "windows")
    assert found(session, "/n/7")[0] == "windows"


def layered(session: Session) -> Session:
    session.add_plugins(
        master={"hierarchy": "job", "mapping": "/jobs/{JOB}"},
        client={"hierarchy": "job", "mapping": "/client/{JOB}", "assignment": "client"},
    )
    return session


def test_assignments_without_priority_serve_where_the_others_do_not(session: Session) -> None:
    layered(session)
    assert session.read("/jobs/foo").context.assignment == ""
    assert session.read("/client/foo").context.assignment == "client"


def test_assignments_with_priority_are_mixed(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    layered(session)
    monkeypatch.setenv("WAYS_PRIORITY", "master:client")
    assert session.read("/client/foo").context.assignment == ""
    with pytest.raises(ContextNotFoundError):
        session.read("/jobs/foo")


def test_one_assignment_may_be_looked_at_alone(session: Session) -> None:
    layered(session)
    assert session.read("/client/foo", assignment="client").context.assignment == "client"
    with pytest.raises(ContextNotFoundError):
        session.read("/jobs/foo", assignment="client")


def test_a_sheet_added_later_is_found_at_once(session: Session) -> None:
    world(session, one="/n/{ID}")
    assert found(session, "/n/7")[0] == "one"
    world(session, two=("/n/{ID}", DIGITS))
    assert found(session, "/n/7")[0] == "two"


# --- what an ambiguous text tells


def test_an_ambiguous_text_names_every_candidate_with_its_place_and_values(
    session: Session, write_sheet: Callable[[str], str]
) -> None:
    path = write_sheet(
        """\
        plugins:
          one:
            hierarchy: first/place
            mapping: /n/{A}_{B}
          two:
            hierarchy: second/place
            mapping: /n/{X}_{Y}
          other:
            hierarchy: third/place
            mapping: /n/{X}
        """
    )
    session.add_search_path(path)
    with pytest.raises(AmbiguousContextError) as caught:
        session.get_asset("/n/7_8")
    told = str(caught.value)
    assert f"first/place ({path}:4:5): A='7', B='8'" in told
    assert f"second/place ({path}:7:5): X='7', Y='8'" in told
    assert "'/n/7_8' fits 2 Contexts equally well" in told and "third" not in told


def test_an_error_of_several_contexts_travels_without_their_session(session: Session) -> None:
    world(session, one="/n/{A}", two="/n/{B}")
    with pytest.raises(AmbiguousContextError) as caught:
        session.read("/n/7")
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value) and again.text == "/n/7"
    assert list(map(str, again.candidates)) == list(map(str, caught.value.candidates))
    assert [told.as_dict() for told in again.candidates] == [told.as_dict() for told in caught.value.candidates]


def test_an_ambiguous_text_carries_its_candidates_as_data(session: Session) -> None:
    world(session, one="/n/{A}", two="/n/{B}")
    with pytest.raises(AmbiguousContextError) as caught:
        session.read("/n/7")
    assert isinstance(caught.value, ValueError)
    first = caught.value.candidates[0].as_dict()
    assert {name: first[name] for name in ("hierarchy", "assignment", "mapping", "values")} == {
        "hierarchy": "one",
        "assignment": "",
        "mapping": "/n/{A}",
        "values": {"A": "7"},
    }
    assert "source" in first


# --- path: true


@pytest.mark.platform("linux")
@pytest.mark.parametrize("text, fits", [("/n/x", True), ("/n/x/", True), ("/n/x//", False), ("/n//x", False), ("\\n\\x", False)])
def test_a_path_ignores_one_separator_at_its_end_and_normalizes_nothing_else(session: Session, text: str, fits: bool) -> None:
    session.add_plugins(one={"hierarchy": "one", "mapping": "/n/{A}", "path": True})
    for context in (None, "one"):
        if fits:
            assert session.read(text, context).values == {"A": "x"}
        else:
            with pytest.raises(ValueError):
                session.read(text, context)


def test_a_windows_path_ignores_a_backslash_at_its_end(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.add_plugins(one={"hierarchy": "one", "mapping": "P:/n/{A}", "path": True})
    monkeypatch.setenv("WAYS_PLATFORM", "windows")
    assert session.read("P:\\n\\x\\").values == {"A": "x"}


def test_a_text_that_is_no_path_keeps_the_separator_at_its_end(session: Session) -> None:
    world(session, one="/n/{A}")
    with pytest.raises(ContextNotFoundError):
        session.read("/n/x/")


@pytest.mark.platform("linux")
def test_a_mapping_that_ends_with_a_separator_is_read_as_it_is(session: Session) -> None:
    session.add_plugins(one={"hierarchy": "one", "mapping": "/n/{A}/", "path": True})
    assert session.read("/n/x/").values == session.read("/n/x//").values == {"A": "x"}


# --- a known Context


def test_a_known_context_without_a_mapping_is_an_error(session: Session) -> None:
    session.add_plugins(one={"hierarchy": "one"})
    with pytest.raises(UnresolvedMappingError):
        session.read("/x", "one")


def test_a_mapping_with_optional_parts_is_not_passed_over_by_the_short_way() -> None:
    word = {"parse": {"regex": "[a-z]+"}}
    session = Session()
    session.add_plugins(
        one={"syntax": 2, "hierarchy": "one", "mapping": "/{A}[_{B}]", "mapping_details": {"A": word, "B": word}},
        other={"syntax": 2, "hierarchy": "other", "mapping": "/{A}_{B}", "mapping_details": {"A": word, "B": word}},
    )
    with pytest.raises(AmbiguousContextError):
        session.get_asset("/a_a", strict=True)
