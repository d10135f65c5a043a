"""Samples of an expression: most of them fit, and the same ones are made each time."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.regex.parse_tree import parse
from ways.regex.samples import LONGEST, samples_of_each_kind, samples_with

EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b", r"\d", r"[^a]", "[a-c]", "", "x{2,3}", "(?i:q)"]),
    lambda parts: st.one_of(
        st.tuples(parts, parts).map("".join),
        st.tuples(parts, parts).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(parts, st.sampled_from(["*", "+", "?", "{2}"])).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    ),
    max_leaves=5,
)


@settings(deadline=None)
@given(EXPRESSIONS)
def test_samples_fit_an_expression_that_looks_at_nothing_around(expression: str) -> None:
    texts = samples_with(expression, "a_", 6)
    assert texts == samples_with(expression, "a_", 6)
    assert texts and all(re.fullmatch(expression, text) for text in texts)


@pytest.mark.parametrize("expression", ["(a)?(?(1)b|c)", "(a)?(?(1)b)", "(?>a|b)c", r"(?P<x>[ab])(?P=x)", "(a)(?(1)b|c)"])
def test_samples_fit_an_expression_whose_groups_count_later(expression: str) -> None:
    texts = [*samples_with(expression, "ab", 6), next(samples_of_each_kind(parse(expression)))]
    assert all(re.fullmatch(expression, text) for text in texts)


def test_a_sample_that_gets_too_long_is_cut_and_not_shown() -> None:
    assert {len(text) <= LONGEST for text in samples_of_each_kind(parse("[a-z]{100}" * 9))} == {True}


@pytest.mark.parametrize("expression", ["(", "a{99999999999}"])
def test_what_cannot_be_read_has_no_samples(expression: str) -> None:
    assert samples_with(expression, "", 4) == []


def test_characters_that_are_preferred_are_taken_often() -> None:
    assert sum("_" in text for text in samples_with(r"\w+", "_", 16)) > 4


@pytest.mark.parametrize(
    "expression", [r"[a-z]+_v\d{3}", r"(?P<a>\w+)/(?P=a)", r"(?:exr|abc)", r"[^/]+", r"v\d+(?:_x)?", r"(?i)ab\s\S\D\W"]
)
def test_some_samples_of_each_kind_fit_and_some_do_not(expression: str) -> None:
    fits = [bool(re.fullmatch(expression, text)) for text in samples_of_each_kind(parse(expression))]
    assert any(fits) and not all(fits)
