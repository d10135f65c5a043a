"""Mapping text to pieces, and the lenient splitting: tier c of docs/explanation/token-engine.rst."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ways.pattern.scan import expand_string, scan, token_names

TEXTS = st.text(alphabet=st.one_of(st.sampled_from("{}ab_/.\\[("), st.characters()), max_size=30)


@given(TEXTS)
def test_joined_pieces_are_the_mapping(mapping: str) -> None:
    assert "".join(str(piece) for piece in scan(mapping)) == mapping


@given(TEXTS)
def test_each_piece_says_where_it_starts(mapping: str) -> None:
    assert all(mapping.startswith(str(piece), piece.start) for piece in scan(mapping))


@given(TEXTS)
def test_the_names_are_those_of_the_pieces(mapping: str) -> None:
    assert token_names(mapping) == [piece.text for piece in scan(mapping) if piece.is_token]


@pytest.mark.parametrize(
    "mapping, names",
    [
        ("/{A}/{B}", ["A", "B"]),
        ("{SHOT NAME}-{take-1}{2}", ["SHOT NAME", "take-1", "2"]),
        ("{A}{A}", ["A", "A"]),
        (r"\d{3}", ["3"]),
        ("{}", []),
        ("{{A}}", ["A"]),
        ("{A", []),
        ("A}", []),
        ("{A:03d}", ["A:03d"]),
        ("", []),
    ],
)
def test_a_token_is_a_brace_characters_and_a_brace(mapping: str, names: list[str]) -> None:
    assert token_names(mapping) == names


@pytest.mark.parametrize(
    "pattern, text, values",
    [
        ("/pub/{A}/x", "/pub/q/x", {"A": "q"}),
        ("/pub/{A}", "/pub/q", {"A": "q"}),
        ("{A}/x", "q/x", {"A": "q"}),
        ("{A}", "anything/at all", {"A": "anything/at all"}),
    ],
)
def test_a_text_is_split_at_the_literals(pattern: str, text: str, values: dict[str, str]) -> None:
    assert expand_string(pattern, text) == values


def test_splitting_is_greedy_to_the_left() -> None:
    assert expand_string("{A}_{B}", "a_b_c") == {"A": "a_b", "B": "c"}


@pytest.mark.parametrize("text", ["/pub/q/x/more", "/else/pub/q/x", "/else/pub/q/x/more"])
def test_splitting_ignores_what_stands_outside_the_outer_literals(text: str) -> None:
    assert expand_string("/pub/{A}/x", text) == {"A": "q"}


def test_splitting_gives_nothing_where_a_literal_does_not_occur() -> None:
    assert expand_string("/pub/{A}/x", "/pub/q/y") == {}


def test_splitting_keeps_the_leftmost_value_of_a_repeated_token() -> None:
    assert expand_string("{A}/{B}_{A}", "one/b_two") == {"A": "one", "B": "b"}


def test_splitting_refuses_tokens_side_by_side() -> None:
    with pytest.raises(ValueError, match="side by side"):
        expand_string("{A}{B}", "ab")


def test_splitting_by_a_pattern_without_tokens_gives_nothing() -> None:
    assert expand_string("/pub", "/pub") == {}


@given(st.lists(st.sampled_from(["{A}", "{B}", "/", "_", "x"]), max_size=5), TEXTS)
def test_splitting_gives_every_token_or_nothing(pieces: list[str], text: str) -> None:
    pattern = "".join(pieces)
    if "}{" in pattern:
        return
    assert set(expand_string(pattern, text)) in (set(), set(token_names(pattern)))
