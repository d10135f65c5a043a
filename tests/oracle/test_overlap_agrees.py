"""Overlaps, compared with asking auto-find for every short text of few characters."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from oracle.expressions import texts
from ways.assets.finding import Finder
from ways.check.overlap import Overlap, OverlapVerdict, find_overlaps
from ways.check.scope import CheckScope
from ways.errors import AmbiguousContextError, WaysError
from ways.session import Session

TEXTS = [text for text in texts("ab/_", 5) if text]
SLOW = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
EXPRESSIONS = [
    "a+", "[ab]+", "ab|a", "b?a", "a|b", "[ab_]+", "(?!ab)[ab]+", "^[ab]{1,2}$", "[ab/]+", "a*", r"(a|b)\1", r"\w{2}", "(?>a+)b?",
    "(?i:A)b*",
]  # fmt: skip
PARENTS = ["{X}_{Y}", "{X}{Z}", "a{Y}", "[{X}_]{Y}"]
PIECES = ["a", "_", "b", "/", "/", "{X}", "{Y}", "{Z}", "{P}", "[_{X}]", "[{Y}/]", "[a{Z}]", "[{X}[_{Y}]]", "[{X}]"]

ENTRIES = st.one_of(
    st.builds(lambda regex: {"parse": {"regex": regex}}, st.sampled_from(EXPRESSIONS)),
    st.builds(lambda choices: {"choices": choices}, st.sampled_from([["a", "b"], ["ab", "a"], ["a", "a_b"]])),
    st.just({}),
)
PARENT = st.builds(
    lambda mapping, regex: {"mapping": mapping, **({"parse": {"regex": regex}} if regex else {})},
    st.sampled_from(PARENTS),
    st.sampled_from(["", "[ab_]+", "a.*", ".{1,3}"]),
)
PLUGINS = st.fixed_dictionaries(
    {
        "mapping": st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join),
        "mapping_details": st.fixed_dictionaries({"X": ENTRIES, "Y": ENTRIES, "Z": ENTRIES, "P": PARENT}),
        "path": st.booleans(),
    }
)


def world(plugins: list[dict[str, Any]]) -> Session:
    session = Session()
    named = {f"p{n}": {"syntax": 2, "hierarchy": f"c{n}", **plugin} for n, plugin in enumerate(plugins)}
    try:
        session.add_plugins(**named)
    except (WaysError, ValueError):
        assume(False)
    return session


def pair_of(overlap: Overlap) -> frozenset[Any]:
    return frozenset((overlap.first.context, overlap.second.context))


def overlaps_of(session: Session) -> dict[frozenset[Any], Overlap]:
    return {pair_of(one): one for one in find_overlaps(session.ready_pool).pairs}


def is_ambiguous(finder: Finder, text: str, pair: frozenset[Any]) -> bool:
    try:
        finder.find_text(text, ("a",))
    except AmbiguousContextError as error:
        return pair <= {candidate.context for candidate in error.candidates}  # type: ignore[attr-defined]
    except WaysError:
        pass
    return False


@SLOW
@given(st.lists(PLUGINS, min_size=2, max_size=3))
def test_pairs_that_are_apart_have_no_text_and_what_is_shown_is_one(plugins: list[dict[str, Any]]) -> None:
    session = world(plugins)
    overlaps, finder = overlaps_of(session), session.finder()
    for text in TEXTS:
        contexts = {candidate.context for candidate in finder.candidates(text)}
        for pair in map(frozenset, itertools.combinations(contexts, 2)):
            assert pair in overlaps, text
            if is_ambiguous(finder, text, pair):
                assert overlaps[pair].verdict is not OverlapVerdict.RANKED, text
    for pair, overlap in overlaps.items():
        if overlap.verdict is OverlapVerdict.UNDECIDED:
            assert overlap.why and not overlap.text
        else:
            assert pair <= {candidate.context for candidate in finder.candidates(overlap.text)}
        if overlap.verdict is OverlapVerdict.AMBIGUOUS:
            with pytest.raises(AmbiguousContextError):
                session.get_asset(overlap.text, strict=True)


LAYERED = st.fixed_dictionaries(
    {
        "hierarchy": st.sampled_from(["a", "b", "c", "a/x", "b/x"]),
        "mapping": st.sampled_from(["/{X}", "/a{X}", "/{X}/{Y}", "/a/{Y}", "/{X}_{Y}", "/b", "{@a}/{Y}", "{@b}_{Y}", "{root}/{Y}", ""]),
        "assignment": st.sampled_from(["master", "master", "one", "two", "three"]),
        "uses": st.sampled_from([[], [], [], ["a"], ["b"], ["alias"]]),
        "mapping_details": st.fixed_dictionaries({"X": ENTRIES, "Y": ENTRIES}),
    }
)


@SLOW
@given(st.lists(LAYERED, min_size=2, max_size=7), st.sampled_from([1, 2]))
def test_what_further_layers_change_is_what_each_of_them_by_itself_shows(plugins: list[dict[str, Any]], syntax: int) -> None:
    session = Session()
    for number, plugin in enumerate(plugins):
        with contextlib.suppress(WaysError, ValueError):
            session.add_plugins(**{f"p{number}": {"syntax": syntax, **plugin}})
    session.register_context_alias("alias", "a")
    pool = session.ready_pool
    states = CheckScope(pool, session.sheets, session.problems).states
    found = {pair_of(one): one for one in find_overlaps(pool, states).pairs if not one.is_aside}
    alone: dict[frozenset[Any], list[Overlap]] = {}
    for state in states:
        for one in find_overlaps(pool, [state]).pairs:
            if not one.is_aside:
                alone.setdefault(pair_of(one), []).append(one)
    assert found.keys() == alone.keys()
    for pair, some in alone.items():
        verdict = min((one.verdict for one in some), key=list(OverlapVerdict).index)
        # Which of the two comes first decides what is tried within the steps.
        assert found[pair].verdict is verdict or OverlapVerdict.UNDECIDED in (found[pair].verdict, verdict)
        if verdict is OverlapVerdict.AMBIGUOUS:
            assert {*found[pair].states} >= {state for one in some if one.verdict is verdict for state in one.states}
