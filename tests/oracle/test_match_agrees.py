"""The compiled pattern, the matcher and auto-find agree with trying everything."""

from __future__ import annotations

from itertools import islice
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from oracle import match_oracle, rank_oracle
from oracle.worlds import LONGEST_FIRST, World, all_texts, texts_of, values_of, worlds, worlds_with_text
from ways.errors import AmbiguousContextError, ContextNotFoundError, FormatError, PatternError, WaysError
from ways.pattern import matcher
from ways.pattern.pattern import Pattern
from ways.pattern.matcher import Matcher
from ways.pattern.segments import MatchShapes
from ways.pattern.template import Template
from ways.session import Session

SLOW = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
#: More ways to read one text than this are not worth listing.
MANY = 2000


def pattern_of(world: World) -> Pattern:
    return Pattern(Template.of(world.mapping, world.details))


@SLOW
@given(worlds_with_text())
def test_a_text_is_accepted_where_some_division_is_valid(case: tuple[World, str]) -> None:
    world, text = case
    found = pattern_of(world).match_all(text)
    first = next(match_oracle.readings(*world, text), None)
    assert (found is None) == (first is None)
    assert found is None or found in islice(match_oracle.readings(*world, text), MANY)


@SLOW
@given(worlds_with_text(expressions=tuple(LONGEST_FIRST)))
def test_the_longest_values_to_the_left_are_read(case: tuple[World, str]) -> None:
    world, text = case
    assume(world.is_longest_first)
    assert pattern_of(world).match_all(text) == next(match_oracle.readings(*world, text), None)


@pytest.mark.parametrize(
    "mapping, details",
    [
        ("{P}_{B}", {"P": {"mapping": "{A}_{B}", "parse": {"regex": "[ab]_[ab]"}}}),
        ("{P}{P}", {"P": {"mapping": "{A}{B}", "parse": {"regex": "a.*"}}, "A": {"parse": {"regex": "a?"}}}),
        ("{A}{B}{A}", {"A": {"parse": {"regex": "[ab]*"}}, "B": {"parse": {"regex": r"_*\b"}}}),
        ("{P}/{A}", {"P": {"mapping": "{A}_{B}", "parse": {"regex": "(?!a_b).*"}}}),
        ("{P}{C}", {"P": {"mapping": "{A}{B}", "parse": {"regex": ".{2,3}"}}}),
        ("{A}{P}{A}", {"P": {"mapping": "{B}{C}", "parse": {"regex": "[ab]_*"}}, "A": {"parse": {"regex": "[ab]*"}}}),
        (
            "{B}{A}{P}{A}",
            {
                "B": {"parse": {"regex": "[ab]*"}},
                "A": {"parse": {"regex": "[ab]+"}},
                "P": {"mapping": "{C}", "parse": {"regex": "[ab]?_a?"}},
            },
        ),
        ("{P}b", {"P": {"mapping": "{Q}{B}", "parse": {"regex": "^.{2}$"}}, "Q": {"mapping": "{A}"}}),
    ],
)
def test_every_short_text_is_read_as_by_trying_everything(mapping: str, details: dict[str, dict[str, object]]) -> None:
    pattern = Pattern(Template.of(mapping, details))
    for text in all_texts("ab_/" if "/" in mapping else "ab_", 5 if "/" in mapping else 7):
        assert pattern.match_all(text) == next(match_oracle.readings(mapping, details, text), None), text


@SLOW
@given(st.data(), worlds())
def test_what_is_formatted_is_read_as_the_same_values(data: st.DataObject, world: World) -> None:
    pattern = pattern_of(world)
    values = data.draw(values_of(world))
    try:
        text = pattern.format(values)
    except FormatError:
        return
    assert pattern.match(text) == values


@SLOW
@given(worlds_with_text())
def test_what_is_read_is_formatted_as_the_same_text(case: tuple[World, str]) -> None:
    world, text = case
    pattern = pattern_of(world)
    values = pattern.match(text)
    assert values is None or pattern.format(values) == text


@SLOW
@given(st.data(), worlds(expressions=tuple(LONGEST_FIRST)))
def test_values_are_refused_only_where_the_text_would_be_read_otherwise(data: st.DataObject, world: World) -> None:
    values = data.draw(values_of(world))
    text = "".join(values[leaf.text] if leaf.kind == "token" else leaf.text for leaf in match_oracle.leaves(match_oracle.tree(*world)))
    first = next(match_oracle.readings(*world, text), {"": ""})
    is_read_so = all(first.get(name) == value for name, value in values.items()) and "" not in first
    try:
        written = pattern_of(world).format(values)
    except FormatError:
        written = None
    assert written == (text if is_read_so else None)


@SLOW
@given(st.data(), st.lists(worlds(most=6), min_size=1, max_size=12))
def test_candidates_are_every_template_that_matches_and_in_order(data: st.DataObject, many: list[World]) -> None:
    templates = [Template.of(*world) for world in many]
    made = Matcher([(MatchShapes().of_template(template), number) for number, template in enumerate(templates)])
    text = data.draw(texts_of(data.draw(st.sampled_from(many))))
    candidates = list(made.candidates(text))
    assert {n for n, template in enumerate(templates) if Pattern(template).match(text) is not None} <= set(candidates)
    assert candidates == sorted(set(candidates))


SEGMENTS = st.sampled_from(["/jobs", "/{A}", "/{B}", "/a", "/ab", "/{A}_{B}", "/v{C}", "/{B}.a", "/a_{A}", "/{P}", "/x", "/{A}"])
PATH_DETAILS = {
    "B": {"parse": {"regex": "[a-z]+"}},
    "C": {"parse": {"regex": r"\d+"}},
    "P": {"mapping": "{A}-{C}", "parse": {"regex": "[a-z].*"}},
}
PATHS = st.lists(SEGMENTS, min_size=1, max_size=4).map("".join)


@st.composite
def path_texts(draw: st.DrawFn) -> str:
    names = st.sampled_from(["jobs", "a", "ab", "x", "v1", "a_b", "ab.a", "a-1", "é"])
    return "/" + "/".join(draw(st.lists(names, min_size=1, max_size=4)))


#: Parts that may be left out, tokens that may hold separators, types, and mappings of other tokens.
ODD_SEGMENTS = st.sampled_from(
    ["[/{A}]", "/x[_{B}]", "[/jobs/{C}]", "/{REST}", "/a_{REST}.a", "/{N:03d}", "/{KIND}", "/{@P}", "/{Q}", "\\x", "/{B}"]
)
ODD_DETAILS: dict[str, dict[str, Any]] = {
    **PATH_DETAILS,
    "REST": {"parse": {"regex": ".+"}},
    "KIND": {"choices": {"jobs": "jobs", "other": "a/ab"}},
    "Q": {"mapping": "{B}/{C}"},
}
ODD_PATHS = st.lists(st.one_of(SEGMENTS, ODD_SEGMENTS), min_size=1, max_size=5).map("".join)


@st.composite
def thresholds(draw: st.DrawFn) -> dict[str, int]:
    """From how many on each way to tell mappings apart is used: few are enough to see each at work."""
    names = ("SOME_SHAPES", "MANY_SHAPES", "RARE", "MANY_ENTRIES")
    return {name: draw(st.sampled_from((1, 2, 4, 1000))) for name in names}


@SLOW
@given(st.lists(PATHS, min_size=1, max_size=40), path_texts(), thresholds())
def test_candidates_among_many_paths_are_every_template_that_matches(mappings: list[str], text: str, limits: dict[str, int]) -> None:
    _check_candidates(mappings, PATH_DETAILS, 1, text, limits)


@SLOW
@given(st.lists(ODD_PATHS, min_size=1, max_size=40), path_texts(), thresholds(), st.sampled_from((1, 2)))
def test_candidates_among_odd_paths_are_every_template_that_matches(
    mappings: list[str], text: str, limits: dict[str, int], syntax: int
) -> None:
    _check_candidates(mappings, ODD_DETAILS, syntax, text, limits)


def _check_candidates(mappings: list[str], details: dict[str, Any], syntax: int, text: str, limits: dict[str, int]) -> None:
    templates = [template for mapping in mappings if (template := _readable(mapping, details, syntax)) is not None]
    matching = {n for n, template in enumerate(templates) if Pattern(template).readings(text)}
    numbered = list(zip(templates, range(len(templates))))
    shapes = MatchShapes()
    with mock.patch.multiple(matcher, **limits):
        assert matching <= set(Matcher([(shapes.of_template(template), number) for template, number in numbered]).candidates(text))
        if syntax == 1:
            told = [(shapes.of(template.mapping, details, lambda: template), number) for template, number in numbered]  # noqa: B023
            assert matching <= set(Matcher(told).candidates(text))


def _readable(mapping: str, details: dict[str, Any], syntax: int) -> Template | None:
    try:
        template = Template.of(mapping, details, syntax)
        Pattern(template).compiled()
    except PatternError:
        return None
    return template


@SLOW
@given(st.lists(worlds(most=6), min_size=1, max_size=12), st.data(), thresholds())
def test_what_is_told_of_the_text_of_a_mapping_keeps_every_template_that_matches(
    many: list[World], data: st.DataObject, limits: dict[str, int]
) -> None:
    shapes = MatchShapes()
    with mock.patch.multiple(matcher, **limits):
        made = Matcher([(shapes.of(*world, lambda: Template.of(*world)), n) for n, world in enumerate(many)])  # noqa: B023
        text = data.draw(texts_of(data.draw(st.sampled_from(many))))
        assert {n for n, world in enumerate(many) if pattern_of(world).match(text) is not None} <= set(made.candidates(text))


@SLOW
@given(st.lists(PATHS, min_size=1, max_size=12), st.lists(path_texts(), min_size=1, max_size=5))
def test_auto_find_is_trying_every_pattern(mappings: list[str], texts: list[str]) -> None:
    session = Session()
    plugins = {
        f"p{number}": {"hierarchy": f"place{number}", "mapping": mapping, "mapping_details": PATH_DETAILS}
        for number, mapping in enumerate(mappings)
    }
    session.add_plugins(**plugins)
    worlds_by_place = {f"place{number}": World(mapping, PATH_DETAILS) for number, mapping in enumerate(mappings)}
    for text in texts:
        best = rank_oracle.best(worlds_by_place, text)
        if len(best) == 1:
            found = session.read(text)
            assert (found.hierarchy, found.tier) == (best[0], "a")
            assert found.values == rank_oracle.leaf_values(worlds_by_place[best[0]], text)
        else:
            with pytest.raises(AmbiguousContextError if best else ContextNotFoundError) as caught:
                session.read(text)
            assert [one.hierarchy for one in getattr(caught.value, "candidates", ())] == best


@SLOW
@given(st.lists(worlds(most=4), min_size=1, max_size=6), st.data())
def test_auto_find_by_any_expression_is_trying_every_pattern(many: list[World], data: st.DataObject) -> None:
    session = Session()
    session.add_plugins(
        **{
            f"p{number}": {"hierarchy": f"place{number}", "mapping": world.mapping, "mapping_details": world.details}
            for number, world in enumerate(many)
        }
    )
    text = data.draw(texts_of(data.draw(st.sampled_from(many))))
    best = rank_oracle.best({f"place{number}": world for number, world in enumerate(many)}, text)
    try:
        found = [session.read(text).hierarchy]
    except AmbiguousContextError as error:
        found = [one.hierarchy for one in error.candidates]  # type: ignore[attr-defined]
    except WaysError:
        found = []
    assert found == best
