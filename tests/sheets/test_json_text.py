"""JSON: strict, but for a trailing comma, with a position for every key."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.sheets.document import Draft, Source
from ways.sheets.formats import json_text

pytestmark = pytest.mark.portability

HERE = Source("a.json", "json")
TREES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda below: st.one_of(st.lists(below, max_size=4), st.dictionaries(st.text(), below, max_size=4)),
    max_leaves=12,
)


@settings(deadline=None)
@given(TREES, st.sampled_from([None, 2]), st.booleans())
def test_data_is_that_of_the_standard_library(tree, indent, is_ascii):
    assert json_text.read(json.dumps(tree, indent=indent, ensure_ascii=is_ascii), HERE).data == tree


@pytest.mark.parametrize("text", ['{"a": 1,}', '{"a": [1, 2,],}', "[1,]"])
def test_a_trailing_comma_is_forgiven(text):
    draft = json_text.read(text, HERE)
    assert not draft.is_lost and draft.problems == ()


@pytest.mark.parametrize("text", ["", "  \n"], ids=["empty", "space"])
def test_a_text_without_anything_is_no_data(text):
    assert json_text.read(text, HERE) == Draft(None)


@pytest.mark.parametrize(
    "text, position, words",
    [
        ('{"a": 1', (1, 1), "the { that is opened here is not closed"),
        ('{"a" 1}', (1, 6), "expected ':' after the key, found '1'"),
        ("{a: 1}", (1, 2), "a key must stand in double quotes"),
        ('{\n  "a": [1 2]\n}', (2, 10), "no ',' between two items"),
        ('{"a": NaN}', (1, 7), "JSON has no such number"),
        ('{"a": 01}', (1, 8), "expected ',' or '}', found '1'"),
        ("[1,,2]", (1, 4), "expected a value, found ','"),
        ("[1] 2", (1, 5), "expected the end of the file, found '2'"),
        ('{"é": tru}', (1, 7), "JSON writes true in small letters"),
        ('["a\nb"]', (1, 2), "the quote that is opened here is not closed"),
        ('["a', (1, 2), "the quote that is opened here is not closed"),
        ("9" * 5000, (1, 1), "expected a number with fewer digits"),
    ],
    ids=lambda value: value[:16] if isinstance(value, str) else "",
)
def test_what_is_no_json_is_told_with_its_position(text, position, words):
    draft = json_text.read(text, HERE)
    (problem,) = draft.problems
    assert draft.is_lost and (problem.source.line, problem.source.column) == position and words in problem.message


@settings(deadline=None)
@given(st.text('{}[]",:0123.eE-tfn \n\\u', max_size=12))
def test_any_text_is_data_or_one_problem(text):
    draft = json_text.read(text, HERE)
    assert bool(draft.is_lost) is (len([p for p in draft.problems if p.code == "syntax"]) == 1)


def test_brackets_beyond_number_are_only_a_problem():
    assert json_text.read("[" * 100_000, HERE).is_lost


def test_each_key_and_item_has_its_position():
    positions = json_text.read('{\n  "a": {"é": 1, "c": [true,\n "d"]}\n}', HERE).positions
    assert positions == {
        ("a",): (2, 3), ("a", "é"): (2, 9), ("a", "c"): (2, 17), ("a", "c", 0): (2, 23), ("a", "c", 1): (3, 2),
    }  # fmt: skip


def test_a_duplicate_key_is_told_with_both_lines_and_the_last_is_used():
    draft = json_text.read('{"a": 1,\n "a": 3}', HERE)
    (problem,) = draft.problems
    assert draft.data == {"a": 3}
    assert (problem.level, problem.code, problem.source.line) == ("error", "duplicate-key", 2)
    assert "the key 'a' again; it is already on line 1" in problem.message
