"""Which Contexts can't be told apart: small worlds, one for each reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from conftest import PLUGIN_SHEETS  # type: ignore[import-not-found]

from ways.check.overlap import Overlap, Overlaps, OverlapVerdict, find_overlaps
from ways.check.scope import CheckScope
from ways.errors import AmbiguousContextError
from ways.regex import product
from ways.session import Session

WORD = {"parse": {"regex": "[a-z]+"}}
ANY_NAME = {"parse": {"regex": r"\w+"}}


def made(**plugins: Mapping[str, Any]) -> Session:
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_plugins(**{name: {"syntax": 2, **plugin} for name, plugin in plugins.items()})
    return session


def overlaps_of(session: Session) -> Overlaps:
    return find_overlaps(session.ready_pool, CheckScope(session.ready_pool, session.sheets, session.problems).states)


def two(first: str, second: str, details: Mapping[str, Any], other_details: Mapping[str, Any] | None = None) -> Session:
    """A world of two places."""
    other = details if other_details is None else other_details
    return made(
        one={"hierarchy": "one", "mapping": first, "mapping_details": dict(details)},
        other={"hierarchy": "other", "mapping": second, "mapping_details": dict(other)},
    )


def only(session: Session) -> Overlap | None:
    pairs = overlaps_of(session).pairs
    assert len(pairs) <= 1
    return pairs[0] if pairs else None


AMBIGUOUS = {
    "same expressions": ("/jobs/{A}", "/jobs/{B}", {"A": WORD, "B": WORD}, "/jobs/a"),
    "shared texts": ("/{A}", "/{B}", {"A": {"parse": {"regex": "[a-m]+x"}}, "B": {"parse": {"regex": "[k-z]+"}}}, "/kx"),
    "letters that are no ASCII": ("/{A}", "/{B}", {"A": ANY_NAME, "B": {"parse": {"regex": "é+"}}}, "/é"),
    "any case": ("/{A}", "/{B}", {"A": {"parse": {"regex": "(?i:exr)"}}, "B": {"parse": {"regex": "[A-Z]+"}}}, "/EXR"),
    "choices": ("/{A}", "/{B}", {"A": {"choices": ["anim", "comp"]}, "B": {"choices": ["comp", "fx"]}}, "/comp"),
    "formats": ("/{A:-03d}", "/{B}", {"A": {}, "B": {"parse": {"regex": "-.*"}}}, "/-10"),
    "optional parts": ("/{A}[_{B}]", "/{A}_{C}", {"A": WORD, "B": WORD, "C": WORD}, "/a_a"),
    "repeated tokens": ("/{A}/{A}_{B}", "/{C}/{D}_{C}", {"A": WORD, "B": WORD, "C": WORD, "D": WORD}, "/a/a_a"),
    "no expressions": ("/{A}_x", "/y_{B}", {}, "/y_x"),
    "tokens written by others": ("/{P}", "/{C}_{D}", {"P": {"mapping": "{A}_{B}"}, "A": WORD, "B": WORD, "C": WORD, "D": WORD}, "/a_a"),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_text_that_fits_two_contexts_equally_is_shown(name: str) -> None:
    first, second, details, text = AMBIGUOUS[name]
    session = two(first, second, details)
    overlap = only(session)
    assert overlap is not None and (overlap.verdict, overlap.text) == (OverlapVerdict.AMBIGUOUS, text)
    with pytest.raises(AmbiguousContextError):
        session.get_asset(overlap.text, strict=True)


APART = {
    "other folders": ("/jobs/{A}", "/library/{A}", {"A": WORD}),
    "other depth": ("/jobs/{A}", "/jobs/{A}/{B}", {}),
    "other characters": ("/{A}", "/{B}", {"A": WORD, "B": {"parse": {"regex": r"\d+"}}}),
    "other lengths": ("/{A}", "/{B}", {"A": {"parse": {"regex": r"v\d{3}"}}, "B": {"parse": {"regex": r"v\d{4,}"}}}),
    "a look ahead": ("/{A}", "/{B}", {"A": {"parse": {"regex": "(?!tmp).*"}}, "B": {"parse": {"regex": "tmp[a-z]*"}}}),
    "ends": ("/{A}", "/{B}", {"A": {"parse": {"regex": "^a+$"}}, "B": {"parse": {"regex": r"\Ab+\Z"}}}),
    "a value in its folder and its file": ("/{A}/{A}.{X}", "/{A}/{A}_{B}.{X}", {"A": ANY_NAME, "B": ANY_NAME, "X": WORD}),
    "more values in its file": ("/{A}/{B}/{A}_{B}_v", "/{A}/{B}/{B}_v", {"A": ANY_NAME, "B": ANY_NAME}),
    "lengths of two values together": ("/{A}_{B}/{A}x{B}", "/{A}_{B}/{A}xx{B}", {"A": ANY_NAME, "B": ANY_NAME}),
    "lengths that expressions allow": (
        "/{A}/{A}{B}", "/{A}/{C}{A}",
        {"A": {"parse": {"regex": "[ab]+"}}, "B": {"parse": {"regex": "[ab]{2}"}}, "C": {"parse": {"regex": "[ab]{3}"}}},
    ),
    "one value for a repeated token": ("/{A}/{A}", "/{B}/{C}", {"A": WORD, "B": {"choices": ["a"]}, "C": {"choices": ["b", "c"]}}),
    "optional parts that agree": (
        "/{A}[/s{S}]/{A}[_s{S}]", "/{A}/s{S}/{A}", {"A": {"parse": {"regex": "[a-m]+"}}, "S": {"parse": {"regex": r"\d"}}}
    ),
    "parents with expressions": (
        "/{P}", "/{C}", {"P": {"mapping": "{A}_{A}", "parse": {"regex": ".*b.*"}}, "A": WORD, "C": {"parse": {"regex": "[ac]+_[ac]+"}}}
    ),
    "few texts, none of both": (
        "/{A}", "/{B}", {"A": {"parse": {"regex": r"(a|b)\1"}}, "B": {"choices": ["ab", "ba"]}}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", APART)
def test_contexts_without_a_common_text_are_proved_to_be_apart(name: str) -> None:
    assert only(two(*APART[name])) is None


def test_more_literal_text_wins_and_that_is_reported() -> None:
    overlap = only(two("/jobs/{A}", "/jobs/library", {"A": WORD}))
    assert overlap is not None and overlap.winner is not None
    assert (overlap.verdict, overlap.text, overlap.winner.place) == (OverlapVerdict.RANKED, "/jobs/library", "other")


@pytest.mark.parametrize(
    "expression, reason",
    [(r"([a-z]+)_\1", "refers back"), (r"[a-z_]+(?<=_x)(?<!_x)", "looks behind"), (r"[a-z]+_(?>x+)xy", "never gives back")],
)
def test_what_cannot_be_decided_is_said_with_the_reason(expression: str, reason: str) -> None:
    overlap = only(two("/{A}", "/{B}", {"A": {"parse": {"regex": expression}}, "B": {"parse": {"regex": "[a-z]+_x[a-z]*y?"}}}))
    assert overlap is not None and overlap.verdict is OverlapVerdict.UNDECIDED
    assert reason in overlap.why and not overlap.text


def test_a_text_of_a_construct_that_remembers_is_found_where_it_is_short() -> None:
    overlap = only(two("/{A}", "/{B}", {"A": {"parse": {"regex": r"([a-z])\1"}}, "B": {"parse": {"regex": "[a-z]{2}"}}}))
    assert overlap is not None and (overlap.verdict, overlap.text) == (OverlapVerdict.AMBIGUOUS, "/aa")


def test_a_third_context_that_wins_hides_the_shortest_text() -> None:
    session = two("/{A}", "/{B}", {"A": WORD, "B": WORD})
    session.add_plugins(third={"hierarchy": "third", "mapping": "/a"})
    overlaps = {frozenset((one.first.place, one.second.place)): one for one in overlaps_of(session).pairs}
    both = overlaps[frozenset(("one", "other"))]
    assert both.verdict is OverlapVerdict.AMBIGUOUS and both.text != "/a"
    with pytest.raises(AmbiguousContextError):
        session.get_asset(both.text, strict=True)


def test_a_file_path_may_have_one_separator_more() -> None:
    session = two("/{A}", "/{A}/", {"A": WORD})
    assert only(session) is None
    session.add_plugins(path={"hierarchy": "one", "path": True})
    overlap = only(session)
    assert overlap is not None and (overlap.verdict, overlap.text) == (OverlapVerdict.RANKED, "/a/")


def test_platforms_are_looked_at_one_by_one() -> None:
    session = made(
        a={"hierarchy": "a", "mapping": "/x/{A}", "platforms": ["linux"], "mapping_details": {"A": WORD}},
        b={"hierarchy": "b", "mapping": "/y/{A}", "platforms": ["linux"], "mapping_details": {"A": WORD}},
        c={"hierarchy": "a", "mapping": "/z/{A}", "platforms": ["windows"], "mapping_details": {"A": WORD}},
        d={"hierarchy": "b", "mapping": "/z/{A}", "platforms": ["windows"], "mapping_details": {"A": WORD}},
    )
    overlap = only(session)
    assert overlap is not None and [state.settings.platform for state in overlap.states] == ["windows"]
    assert (overlap.verdict, overlap.text) == (OverlapVerdict.AMBIGUOUS, "/z/a")


def test_layers_are_looked_at_on_top_of_those_with_priority() -> None:
    session = made(
        a={"hierarchy": "a", "mapping": "/x/{A}", "mapping_details": {"A": WORD}},
        b={"hierarchy": "b", "mapping": "/y/{A}", "mapping_details": {"A": WORD}},
        c={"hierarchy": "b", "mapping": "/x/{A}", "assignment": "client", "mapping_details": {"A": WORD}},
    )
    ambiguous = [one for one in overlaps_of(session).pairs if one.verdict is OverlapVerdict.AMBIGUOUS]
    assert [[state.settings.priority for state in one.states] for one in ambiguous] == [[("master", "client")]]


def test_conditions_part_variants_of_contexts() -> None:
    details = {"A": {"choices": ["x", "y"]}}
    session = made(
        a={"hierarchy": "a", "mapping": "/{A}/1", "mapping_details": details},
        b={"hierarchy": "a", "mapping": "/{A}/2", "when": {"A": "x"}},
        c={"hierarchy": "c", "mapping": "/{A}/2", "mapping_details": {"A": {"choices": ["y"]}}},
    )
    assert only(session) is None
    session.add_plugins(d={"hierarchy": "c", "mapping_details": {"A": {"choices": ["x"]}}})
    overlap = only(session)
    assert overlap is not None and (overlap.verdict, overlap.text) == (OverlapVerdict.AMBIGUOUS, "/x/2")


def test_a_mapping_that_cannot_be_read_meets_nothing() -> None:
    assert only(two("/{A}", "/{B}", {"A": {"parse": {"regex": "("}}, "B": WORD})) is None


@pytest.mark.parametrize("name", ["film", "alab", "basics", "relative"])
def test_every_pair_of_our_own_sheets_is_decided_and_none_is_ambiguous(name: str) -> None:
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_search_path(str(PLUGIN_SHEETS / name))
    overlaps = overlaps_of(session)
    assert not overlaps.of(OverlapVerdict.UNDECIDED) and not overlaps.of(OverlapVerdict.AMBIGUOUS) and not overlaps.is_cut
    assert overlaps.pair_count > 0


def test_what_would_take_too_many_pairs_of_states_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product, "MOST_PAIRS", 40)
    overlap = only(two("/{A}", "/{B}", {"A": {"parse": {"regex": "(a{7}b?)+"}}, "B": {"parse": {"regex": "(a{5}b?){2,}"}}}))
    assert overlap is not None and overlap.verdict is OverlapVerdict.UNDECIDED
