"""Two readings of one text are told: by both engines, for short and long texts, whatever the tokens are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from engines import ENGINES, engine

from ways.errors import AmbiguousReadingError, MatchTimeoutError
from ways.pattern.pattern import Pattern
from ways.pattern.template import Template
from ways.regex.expression import has_references
from ways.regex.guard import cost_pieces, guarded_match

SEQUENCE = {"sequence": True}
#: Mapping, details, and a text of two readings in which ``#`` stands for a text of any length.
AMBIGUOUS: list[tuple[str, dict[str, Any], str]] = [
    ("/x/{A}[_{B}].{F}.exr", {"F": SEQUENCE}, "/x/#_fog.1001.exr"),
    ("/x/{A}[_{B}].{F}.exr", {"F": {**SEQUENCE, "format": "04d"}}, "/x/#_fog.1-10%04d.exr"),
    ("/x/{A}[_{B}].exr", {}, "/x/#_fog.exr"),
    ("/x/{A}[.{F}].exr", {"F": SEQUENCE}, "/x/#.1001.exr"),
    ("/x/{A}[_{B}[-{C}]].{F}.exr", {"F": SEQUENCE}, "/x/#_a-b.1001.exr"),
    ("/x/{A}[_{B}]/{A}[_{B}].{F}.exr", {"F": SEQUENCE}, "/x/#_a/#_a.1001.exr"),
    ("/x/{P}.{F}.exr", {"P": {"mapping": "{A}[_{B}]"}, "F": SEQUENCE}, "/x/#_a.1001.exr"),
    ("/x/{A}[_{B:d}].exr", {}, "/x/#_12.exr"),
    ("/x/{A}[_{B:02d}].{F}.exr", {"F": SEQUENCE}, "/x/#_12.1001.exr"),
    ("/x/{A}[_{B}].{F}.exr", {"B": {"choices": ["fog", "sky"]}, "F": SEQUENCE}, "/x/#_fog.1001.exr"),
    ("/x/{A}[_{B}].{F}.exr", {"A": {"parse": {"regex": r"(?:[a-z]+_?)+"}}, "F": SEQUENCE}, "/x/#_fog.1001.exr"),
    ("/x/{A}[_{B}]", {"A": {"parse": {"regex": r"[a-z_]+"}}, "B": {"parse": {"regex": r"(?:[a-z]+-?)+"}}}, "/x/#_fog"),
    ("/x[/{A}][/{B}]/{C}.{F}.exr", {"F": SEQUENCE}, "/x/#/c.1001.exr"),
]
IDS = [f"{mapping} {text}" for mapping, _, text in AMBIGUOUS]


def pattern(mapping: str, details: dict[str, Any]) -> Pattern:
    return Pattern(Template.of(mapping, details, 2, dict.fromkeys(details, 2)))


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("length", [1, 30, 3_000])
@pytest.mark.parametrize("mapping, details, text", AMBIGUOUS, ids=IDS)
def test_each_engine_tells_both_readings(mapping: str, details: dict[str, Any], text: str, length: int, name: str) -> None:
    with engine(name):
        first, second = pattern(mapping, details).readings(text.replace("#", "s" * length))
    assert first.present != second.present


@pytest.mark.parametrize("length", [1, 9, 30, 30_000])
def test_a_sequence_has_two_readings_at_any_length(length: int) -> None:
    text = f"/x/{'s' * length}_fog.1001.exr"
    with pytest.raises(AmbiguousReadingError):
        pattern("/x/{A}[_{B}].{F}.exr", {"F": SEQUENCE}).match(text)


@pytest.mark.parametrize("name", ENGINES)
def test_a_part_whose_token_always_has_a_value_is_always_there(name: str) -> None:
    with engine(name):
        assert [reading.values for reading in pattern("/x/{A}[_{A}]{B}", {}).readings("/x/ab_abc")] == [{"A": "ab", "B": "c"}]


# --- references, which regex overlooks in some places

#: An expression with one, and a text of it that regex refuses.
OVERLOOKED = [
    (r"(?P<A>[a-z]+)[a-z]+(?:-(?P=A))?\.", "abab-ab."),
    (r"(?P<A>[a-z]+)[a-z]*(?:-(?P=A)){1,2}\.", "abab-ab."),
    (r"(?P<A>(?:[ab]+)*)(?P<B>(?:a*_?)*).(?P=A)", "a__b"),
]


@pytest.mark.parametrize("expression, text", OVERLOOKED)
def test_regex_gives_no_answer_where_it_overlooks_a_reference(expression: str, text: str) -> None:
    """What it doesn't refuse in error today, it may tomorrow: with the same text it depends on what stands around."""
    regex = re.compile(expression)
    assert regex.fullmatch(text) and has_references(expression)
    with engine("regex"), pytest.raises(MatchTimeoutError):
        guarded_match(regex, cost_pieces(expression))(text)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(
    "mapping, details, text, values",
    [
        ("{A}{C}[-_{A}].", {"A": {"parse": {"regex": "[a-z]+"}}, "C": {"parse": {"regex": "[a-z]+"}}}, "abab-_ab.", {"A": "ab", "C": "ab"}),
        ("{A}_{F}.{A}", {"A": {"parse": {"regex": "(?:[a-z]+_?)+"}}, "F": SEQUENCE}, "a_b_1-9#.a_b", {"A": "a_b", "F": "1-9#"}),
    ],
)
def test_a_mapping_with_references_is_read_alike_by_both(
    mapping: str, details: dict[str, Any], text: str, values: dict[str, str], name: str
) -> None:
    with engine(name):
        assert pattern(mapping, details).match(text) == values


def test_an_expression_that_regex_would_misread_is_checked_by_itself() -> None:
    details = {"A": {"parse": {"regex": r"([a-z])(?:-\1)?"}}, "C": {"parse": {"regex": "[a-z]+"}}, "F": SEQUENCE}
    compiled = pattern("{A}{C}.{F}.exr", details)
    assert compiled.expression.loose_tokens == {"A"}
    assert compiled.match("a-aab.1-9#.exr") == {"A": "a-a", "C": "ab", "F": "1-9#"}


@pytest.mark.parametrize("name", ENGINES)
def test_a_sequence_takes_as_much_text_as_it_can(name: str) -> None:
    with engine(name):
        assert pattern("x{F}{A}", {"F": SEQUENCE}).match("x1-2#a") == {"F": "1-2#", "A": "a"}


def test_all_readings_are_those_of_each_set_of_parts() -> None:
    readings = pattern("x[_{A}][_{B}][_{C}]", {}).all_readings("x_y")
    assert [dict(reading.values) for reading in readings] == [{"A": "y"}, {"B": "y"}, {"C": "y"}]
