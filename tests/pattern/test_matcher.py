"""Many templates, one text. That no candidate is lost is proven in tests/oracle/test_match_agrees.py."""

from __future__ import annotations

import pytest

from ways.pattern.matcher import Matcher
from ways.pattern.segments import MatchShapes
from ways.pattern.template import Template


def matcher(*mappings: str, **expressions: str) -> Matcher[str]:
    details = {name: {"parse": {"regex": regex}} for name, regex in expressions.items()}
    shapes = MatchShapes()
    return Matcher([(shapes.of_template(Template.of(mapping, details)), mapping) for mapping in mappings])


def candidates(made: Matcher[str], text: str) -> list[str]:
    return list(made.candidates(text))


def test_only_templates_of_the_same_depth_and_literals_are_candidates() -> None:
    made = matcher("/jobs/{A}", "/jobs/{A}/x", "/jobs/{A}/y", "/else/{A}/x", "/jobs/{A}/{B}")
    assert candidates(made, "/jobs/foo/x") == ["/jobs/{A}/x", "/jobs/{A}/{B}"]


def test_tokens_that_may_hold_separators_are_tried_at_any_depth() -> None:
    made = matcher("/jobs/{A}", "/jobs/{REST}", "{ANY}", REST=".+")
    assert candidates(made, "/jobs/a/b/c") == ["/jobs/{REST}", "{ANY}"]


def test_candidates_come_in_the_order_given() -> None:
    mappings = ["{ANY}", "/{A}/x", "/{REST}", "/{A}/{B}", "/a/{B}"]
    assert candidates(matcher(*mappings, REST=".+"), "/a/x") == mappings


def test_backslashes_separate_too() -> None:
    made = matcher(r"P:\{A}", r"P:\{A}\x", "/{A}")
    assert candidates(made, r"P:\a\x") == [r"P:\{A}\x"]


@pytest.mark.parametrize("count", [10, 300])
def test_many_templates_are_told_apart_by_their_literals(count: int) -> None:
    made = matcher(*(f"/jobs/{{A}}/kind{number}_{{B}}/v{{C}}" for number in range(count)))
    assert candidates(made, "/jobs/foo/kind2_x/v1") == ["/jobs/{A}/kind2_{B}/v{C}"]


def test_many_shapes_are_walked_as_a_tree() -> None:
    shapes = [f"/{'/'.join('a' if number >> bit & 1 else '{T%d}' % bit for bit in range(5))}" for number in range(32)]
    assert set(candidates(matcher(*shapes), "/a/a/a/a/a")) == set(shapes)
    assert candidates(matcher(*shapes), "/b/b/b/b/b") == ["/{T0}/{T1}/{T2}/{T3}/{T4}"]


def test_no_template_is_a_candidate_of_nothing() -> None:
    assert candidates(matcher(), "/x") == []
    assert candidates(matcher("/a", "/{A}"), "") == []


def test_a_template_of_no_text_is_a_candidate_of_no_text() -> None:
    assert candidates(matcher(""), "") == [""]


def test_a_rare_literal_finds_mappings_of_many_shapes() -> None:
    shapes = [f"/{'/'.join('x' if number >> bit & 1 else '{T%d}' % bit for bit in range(5))}/only{number}" for number in range(32)]
    assert candidates(matcher(*shapes), "/x/x/x/x/x/only5") == [shapes[5]]


def test_literals_find_mappings_whose_tokens_may_hold_separators() -> None:
    mappings = [f"/{{REST}}/kind{number % 10}/only{number // 10}/{{A}}.x" for number in range(100)]
    made = matcher(*mappings, REST=".+")
    assert candidates(made, "/a/b/c/kind1/only3/foo.x") == [mappings[31]]
    assert candidates(made, "/a/b/c/kind1/only3/foo.y") == []


@pytest.mark.parametrize("count", [1, 2, 20])
def test_mappings_that_share_their_rarest_literal_are_all_candidates(count: int) -> None:
    others = [f"/{'/'.join('{A}' if number >> place & 1 else f'w{number}' for place in range(5))}/end" for number in range(1, 20)]
    alike = [f"/rare/{{A}}/{{B}}/{'{C}' if number % 2 else 'x'}/{{D}}/{'{E}' if number % 3 else 'end'}" for number in range(count)]
    assert candidates(matcher(*others, *alike), "/rare/a/b/x/d/end") == alike
