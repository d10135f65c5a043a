"""What a mapping writes at once, and what it leaves to the exact way."""

from __future__ import annotations

from typing import Any

import pytest

from ways.pattern.pattern import Pattern
from ways.pattern.template import Template


def pattern(mapping: str, details: dict[str, Any] | None = None, **facts: Any) -> Pattern:
    return Pattern(Template.of(mapping, details or {}, 2), **facts)


def text(pattern: Pattern, values: dict[str, Any]) -> str | None:
    match = pattern.match_of(values)
    return None if match is None else match.string


@pytest.mark.parametrize("mapping", ["/x/{A}", "/x/{A}/{B}", "/x/{A}/{B}_{A}", "{A}%s%{B}"])
def test_the_values_of_all_tokens_are_written_and_read_back(mapping: str) -> None:
    values = {"A": "a", "B": "b"} if "B" in mapping else {"A": "a"}
    assert text(pattern(mapping), values) == mapping.format_map(values)


@pytest.mark.parametrize("values", [{"A": "a"}, {"A": "a", "B": ""}, {"A": "a", "B": None}, {"A": "a", "B": "b", "C": "c"}, {}])
def test_too_few_or_too_many_values_are_not_written_at_once(values: dict[str, Any]) -> None:
    assert text(pattern("/x/{A}/{B}"), values) is None


def test_values_that_would_be_read_otherwise_are_not_written_at_once() -> None:
    assert text(pattern("/x/{A}_{B}"), {"A": "a", "B": "b_c"}) is None
    assert text(pattern("/x/{A}", {"A": {"parse": {"regex": r"\d+"}}}), {"A": "a"}) is None


def test_a_number_or_the_name_of_a_choice_becomes_its_text() -> None:
    details = {"A": {"format": "03d"}, "B": {"choices": {"animation": "anm"}}, "C": {}}
    texts = pattern("/x/{A}/{B}/{C}", details).texts_of({"A": 3, "B": "animation", "C": 1})
    assert texts == {"A": "003", "B": "anm", "C": "1"}
    assert pattern("/x/{A}", details).texts_of({"A": "3"}) == {"A": "003"}


@pytest.mark.parametrize("value", [1.5, True, ["a"], "", None])
def test_other_values_are_left_to_the_exact_way(value: Any) -> None:
    assert pattern("/x/{A}", {"A": {}}).texts_of({"A": value}) is None


def test_a_choice_named_as_the_text_of_another_one_is_left_to_the_exact_way() -> None:
    assert pattern("/x/{A}", {"A": {"choices": {"a": "b", "b": "c"}}}).texts_of({"A": "a"}) is None


def test_a_text_longer_than_any_may_be_is_not_written_at_once() -> None:
    assert text(pattern("/x/{A}", longest=10), {"A": "a" * 7}) is not None
    assert text(pattern("/x/{A}", longest=10), {"A": "a" * 8}) is None


def test_a_token_that_holds_no_other_has_no_value_to_write() -> None:
    """Whether the place can do without it is told by the exact way."""
    assert text(pattern("/x/{A}/{P}", {"P": {"mapping": "fixed"}}), {"A": "a"}) is None
