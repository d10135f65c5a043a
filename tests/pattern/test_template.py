"""A mapping with the details of its tokens."""

from __future__ import annotations

import pytest

from ways.errors import PatternError, TokenCycleError
from ways.pattern.template import Template

DETAILS = {"SHOT": {"mapping": "{SEQ}_{NUM}"}, "NUM": {"parse": {"regex": r"\d+"}}, "ELSE": {"mapping": "{X}"}}
TEMPLATE = Template.of("/jobs/{JOB}/{SHOT}/{SHOT}", DETAILS)


def test_a_template_is_its_mapping_as_text() -> None:
    assert (str(TEMPLATE), repr(TEMPLATE)) == ("/jobs/{JOB}/{SHOT}/{SHOT}", "Template('/jobs/{JOB}/{SHOT}/{SHOT}')")


def test_the_mappings_own_tokens_keep_their_repeats() -> None:
    assert TEMPLATE.tokens == ("JOB", "SHOT", "SHOT")


def test_leaf_tokens_are_what_a_text_is_split_into() -> None:
    assert TEMPLATE.leaf_tokens == ("JOB", "SEQ", "NUM")
    assert TEMPLATE.leaf_mapping == "/jobs/{JOB}/{SEQ}_{NUM}/{SEQ}_{NUM}"


def test_all_tokens_are_parents_before_their_children() -> None:
    assert TEMPLATE.all_tokens == ("JOB", "SHOT", "SEQ", "NUM")


@pytest.mark.parametrize(
    "mapping, separators", [("/{JOB}", "/"), (r"P:\{JOB}", "\\"), ("{JOB}", ""), (r"/{JOB}\x", "/\\"), ("{P}", "/")]
)
def test_separators_are_those_of_the_literal_text(mapping: str, separators: str) -> None:
    assert Template.of(mapping, {"P": {"mapping": "{A}/{B}"}}).separators == separators


@pytest.mark.parametrize(
    "details, chain",
    [
        ({"A": {"mapping": "{B}"}, "B": {"mapping": "{A}"}}, ("A", "B", "A")),
        ({"A": {"mapping": "{A}_x"}}, ("A", "A")),
        ({"A": {"mapping": "{B}"}, "B": {"mapping": "{C}"}, "C": {"mapping": "{B}"}}, ("B", "C", "B")),
    ],
)
def test_tokens_in_a_circle_are_refused_with_the_chain(details: dict[str, dict[str, str]], chain: tuple[str, ...]) -> None:
    with pytest.raises(TokenCycleError, match=" -> ".join(chain)) as caught:
        Template.of("/{A}", details).leaves
    assert caught.value.chain == chain
    assert isinstance(caught.value, (PatternError, ValueError))


def test_a_token_may_stand_in_two_parents() -> None:
    details = {"P": {"mapping": "{S}-{T}"}, "Q": {"mapping": "{S}_{U}"}}
    assert list(Template.of("/{P}/{Q}", details).parents("S")) == ["P", "Q"]


def test_the_part_of_a_token_is_its_own_mapping() -> None:
    assert Template.of("/{SHOT}", DETAILS).part("SHOT").leaf_mapping == "{SEQ}_{NUM}"


def test_templates_that_say_the_same_have_one_key() -> None:
    more = {**DETAILS, "UNUSED": {"parse": {"regex": "x"}}}
    assert Template.of(str(TEMPLATE), more).key == TEMPLATE.key
    assert Template.of(str(TEMPLATE), {**DETAILS, "NUM": {"parse": {"regex": "x"}}}).key != TEMPLATE.key
