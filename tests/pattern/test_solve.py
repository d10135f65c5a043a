"""A token's value from its parents or its children: "Finding one value" in docs/explanation/token-engine.rst."""

from __future__ import annotations

from typing import Any

import pytest

from ways.errors import TokenValueError
from ways.pattern.pattern import PatternCache
from ways.pattern.solve import find_value, texts_of
from ways.pattern.template import Template

SHOT = {"SHOT": {"mapping": "{SEQ}_{NUM}"}}
ADJACENT = {
    "TAG": {"mapping": "{DEPT}{REV}"},
    "DEPT": {"parse": {"regex": "[a-z]+"}},
    "REV": {"mapping": "{MAJ}.{MIN}"},
    "MAJ": {"parse": {"regex": "[1-9]"}},
    "MIN": {"parse": {"regex": r"\d{2}"}},
}


def value(name: str, info: dict[str, Any], details: dict[str, Any]) -> Any:
    return find_value(name, info, Template.of("/x", details), PatternCache())


def test_what_is_given_is_the_value() -> None:
    assert value("NUM", {"NUM": "1", "SHOT": "aa_002"}, SHOT) == "1"


def test_a_child_is_read_from_its_parent_by_splitting() -> None:
    assert value("NUM", {"SHOT": "aa_001"}, SHOT) == "001"


@pytest.mark.parametrize("name, expected", [("DEPT", "comp"), ("REV", "3.07"), ("MAJ", "3"), ("MIN", "07")])
def test_tokens_side_by_side_are_told_apart_by_their_regex_through_two_levels(name: str, expected: str) -> None:
    assert value(name, {"TAG": "comp3.07"}, ADJACENT) == expected


def test_a_grandparent_gives_the_value_of_a_parent() -> None:
    details = {**SHOT, "CODE": {"mapping": "{JOB}-{SHOT}"}}
    assert value("NUM", {"CODE": "job-aa_001"}, details) == "001"


def test_a_great_grandparent_does_too() -> None:
    details = {**SHOT, "CODE": {"mapping": "{JOB}-{SHOT}"}, "ALL": {"mapping": "<{CODE}>"}}
    assert value("SEQ", {"ALL": "<job-aa_001>"}, details) == "aa"


def test_a_parent_is_written_by_its_children() -> None:
    assert value("SHOT", {"SEQ": "aa", "NUM": "001"}, SHOT) == "aa_001"


def test_a_parent_is_written_by_grandchildren() -> None:
    assert value("CODE", {"JOB": "j", "SEQ": "aa", "NUM": "001"}, {**SHOT, "CODE": {"mapping": "{JOB}-{SHOT}"}}) == "j-aa_001"


def test_a_child_that_is_a_parent_itself_may_be_given() -> None:
    assert value("CODE", {"JOB": "j", "SHOT": "aa_001"}, {**SHOT, "CODE": {"mapping": "{JOB}-{SHOT}"}}) == "j-aa_001"


@pytest.mark.parametrize("info", [{"SEQ": "aa"}, {"NUM": "1"}, {"SEQ": "aa", "NUM": ""}, {}])
def test_a_parent_is_empty_where_a_child_is(info: dict[str, str]) -> None:
    assert value("SHOT", info, SHOT) == ""


def test_a_child_with_nothing_but_literal_text_gives_nothing() -> None:
    assert not value("A", {}, {"A": {"mapping": "{B}"}, "B": {"mapping": "fixed"}})


@pytest.mark.parametrize("name", ["JOB", "SHOT", "nothing"])
def test_nothing_found_is_the_empty_text(name: str) -> None:
    assert value(name, {}, SHOT) == ""


ORDER = {"A": {"mapping": "{S}-{T}"}, "B": {"mapping": "{S}_{U}"}}


def test_parents_are_asked_in_the_order_of_the_details() -> None:
    assert value("S", {"A": "s1-t", "B": "s2_u"}, ORDER) == "s1"
    assert value("S", {"A": "s1-t", "B": "s2_u"}, dict(reversed(ORDER.items()))) == "s2"


def test_the_next_parent_is_asked_where_the_first_can_not_be_split() -> None:
    assert value("S", {"A": "s1", "B": "s2_u"}, ORDER) == "s2"


def test_a_parents_own_parent_is_asked_before_the_next_parent() -> None:
    details = {**ORDER, "TOP": {"mapping": "({A})"}}
    assert value("S", {"TOP": "(s1-t)", "B": "s2_u"}, details) == "s1"


def test_parents_are_asked_before_children() -> None:
    details = {**SHOT, "CODE": {"mapping": "{JOB}-{SHOT}"}}
    assert value("SHOT", {"CODE": "j-bb_002", "SEQ": "aa", "NUM": "001"}, details) == "bb_002"


def test_children_are_not_searched_for_in_their_other_parents() -> None:
    details = {**SHOT, "OTHER": {"mapping": "{NUM}!"}}
    assert value("SHOT", {"SEQ": "aa", "OTHER": "001!"}, details) == ""


def test_a_parent_is_split_leniently_where_it_does_not_fit() -> None:
    details = {**SHOT, "NUM": {"parse": {"regex": r"\d{3}"}}}
    assert value("NUM", {"SHOT": "aa_1"}, details) == "1"


def test_tokens_side_by_side_are_told_apart_by_the_start_of_a_parent_that_does_not_fit() -> None:
    assert value("MAJ", {"REV": "3.07b"}, {**ADJACENT, "REV": {"mapping": "{MAJ}{MIN}"}, "MIN": {"parse": {"regex": r"\.\d{2}"}}}) == "3"


def test_a_parent_that_fits_is_read_as_its_expressions_say() -> None:
    details = {**SHOT, "SEQ": {"parse": {"regex": "[a-z]+"}}}
    assert value("SEQ", {"SHOT": "aa_b_c"}, details) == "aa"


def test_values_that_are_no_text_are_written_as_text() -> None:
    assert value("SHOT", {"SEQ": "aa", "NUM": 7}, SHOT) == "aa_7"
    assert value("SHOT", {"SEQ": "aa", "NUM": 0}, SHOT) == "aa_0"
    assert value("NUM", {"NUM": 7}, SHOT) == 7
    assert value("A", {"P": 1.5}, {"P": {"mapping": "{A}.{B}"}}) == "1"


@pytest.mark.parametrize("info, expected", [({}, ""), ({"B": "x"}, "x"), ({"B": "<x>"}, "x")])
def test_tokens_in_a_circle_end(info: dict[str, str], expected: str) -> None:
    details = {"A": {"mapping": "{B}"}, "B": {"mapping": "<{A}>"}}
    assert value("A", info, details) == expected


def test_an_expression_that_is_none_is_no_obstacle() -> None:
    assert value("NUM", {"SHOT": "aa_1"}, {**SHOT, "NUM": {"parse": {"regex": "("}}}) == "1"


def test_nothing_that_was_given_changes() -> None:
    info = {"CODE": "j-aa_001"}
    value("NUM", info, {**SHOT, "CODE": {"mapping": "{JOB}-{SHOT}"}})
    assert info == {"CODE": "j-aa_001"}


def test_a_value_that_a_format_can_not_write_is_told_with_its_token() -> None:
    template = Template.of("/{V:03d}", {})
    with pytest.raises(TokenValueError) as caught:
        texts_of({"V": 1.5}, template, "here")
    assert caught.value.token == "V" and "here" in str(caught.value)
