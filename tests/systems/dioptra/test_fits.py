"""Which type fits which: each rule by its name, and what holds for all types."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ways.systems.dioptra.files.fits import Types, type_of
from ways.systems.dioptra.files.form_check import check_form
from ways.systems.dioptra.files.types import (
    BUILT_IN, Fields, ListOf, MappingOf, Simple, TupleOf, Type, UnionOf, parse_structure,
)  # fmt: skip

WRITTEN: dict[str, Any] = {
    "bread": {}, "rye": {"is_a": "bread"}, "dark": {"is_a": "rye"}, "oil": {}, "count": {"is_a": "integer"},
    "breads": {"list": "bread"}, "loaves": {"list": "bread"}, "texts": {"list": "string"}, "anything": {"list": "any"},
    "pair": {"tuple": ["bread", "oil"]}, "box": {"mapping": {"a": "bread"}}, "shelf": {"mapping": ["string", "bread"]},
    "food": {"union": ["bread", "oil"]}, "meal": {"union": ["bread", "oil"]}, "maybe": {"union": ["number", "null"]},
}  # fmt: skip
TYPES = Types({name: parse_structure(written) for name, written in WRITTEN.items()})


def one(written: Any) -> Type:
    """Return the type that YAML writes: a name, or a structure."""
    read = yaml.safe_load(written)
    definition = read if isinstance(read, str) else parse_structure(read)
    assert not isinstance(definition, Simple)
    return definition


#: Rule -> pairs that fit, and pairs that don't. The type that is given stands first.
RULES: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str]]]] = {
    "everything fits any": ([("string", "any"), ("'null'", "any"), ("breads", "any"), ("food", "any"), ("{list: bread}", "any")], []),
    "any fits any alone": (
        [("any", "any"), ("any", "{union: [bread, any]}")], [("any", "string"), ("any", "bread"), ("any", "breads")],
    ),
    "a type fits itself": ([(name, name) for name in WRITTEN], []),
    "an integer is a number": ([("integer", "number"), ("count", "number")], [("number", "integer"), ("integer", "count")]),
    "a boolean is no number": ([], [("boolean", "number"), ("boolean", "integer"), ("integer", "boolean")]),
    "a simple type fits the type that it is a kind of": ([("rye", "bread"), ("dark", "bread")], [("bread", "rye"), ("rye", "oil")]),
    "an opaque type takes no literal": ([], [("string", "bread"), ("'null'", "bread"), ("{tuple: []}", "bread")]),
    "a simple type and a structure never fit": ([], [("bread", "breads"), ("breads", "bread"), ("bread", "shelf"), ("box", "bread")]),
    "a union fits where all its members fit": (
        [("food", "any"), ("{union: [rye, dark]}", "bread")], [("food", "bread"), ("maybe", "number")],
    ),
    "what fits a member fits the union": (
        [("rye", "food"), ("integer", "maybe"), ("'null'", "maybe")], [("string", "food"), ("boolean", "maybe")],
    ),
    "the name of a union says nothing": ([("food", "meal"), ("{union: [oil]}", "meal")], [("{union: [oil, string]}", "meal")]),
    "two structures of different names never fit": ([], [("breads", "loaves"), ("breads", "anything"), ("texts", "anything")]),
    "a structure without a name fits by its structure": (
        [("breads", "{list: bread}"), ("{list: rye}", "breads")], [("{list: oil}", "breads")],
    ),
    "a list fits a list whose items fit": ([("{list: rye}", "{list: bread}")], [("{list: bread}", "{list: rye}")]),
    "a tuple fits a tuple item by item": (
        [("{tuple: [rye, oil]}", "pair"), ("{tuple: []}", "{tuple: []}")],
        [("{tuple: [oil, rye]}", "pair"), ("{tuple: [rye]}", "pair"), ("{tuple: []}", "{tuple: [oil]}")],
    ),
    "a tuple fits a list": ([("{tuple: [rye, bread]}", "breads"), ("{tuple: []}", "breads")], [("{tuple: [rye, oil]}", "breads")]),
    "a list fits no tuple": ([], [("breads", "{tuple: [bread]}"), ("{list: bread}", "{tuple: [bread, bread]}")]),
    "exact keys fit the same keys": (
        [("{mapping: {a: rye}}", "box"), ("{mapping: {b: oil, a: rye}}", "{mapping: {a: bread, b: oil}}")],
        [("{mapping: {b: rye}}", "box"), ("{mapping: {a: rye, b: rye}}", "box"), ("{mapping: {}}", "box"), ("{mapping: {a: oil}}", "box")],
    ),
    "exact keys fit free keys that are texts": (
        [("{mapping: {a: rye, b: bread}}", "shelf"), ("{mapping: {}}", "shelf")],
        [
            ("{mapping: {a: oil}}", "shelf"), ("{mapping: {a: rye}}", "{mapping: [integer, bread]}"),
            ("{mapping: {}}", "{mapping: [integer, any]}"),
        ],
    ),
    "free keys fit free keys of the same type": (
        [("{mapping: [string, rye]}", "shelf")], [("{mapping: [integer, rye]}", "shelf"), ("{mapping: [string, oil]}", "shelf")],
    ),
    "free keys fit no exact keys": ([], [("shelf", "box"), ("{mapping: [string, bread]}", "{mapping: {a: bread}}")]),
    "other kinds of structures never fit": ([], [("breads", "shelf"), ("shelf", "breads"), ("pair", "box"), ("box", "pair")]),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_which_type_fits_which(rule: str) -> None:
    good, bad = RULES[rule]
    assert [pair for pair in good if not TYPES.fits(*map(one, pair))] == []
    assert [pair for pair in bad if TYPES.fits(*map(one, pair))] == []


VALUES: dict[str, tuple[Any, Any]] = {
    "a text": ("a", "string"), "a number": (1.5, "number"), "an integer": (1, "integer"), "a truth": (True, "boolean"),
    "null": (None, "null"),
    "a list is a tuple": ([1, "a"], TupleOf(("integer", "string"))), "an empty list": ([], TupleOf(())),
    "keys that are texts": ({"a": 1, "b": [True]}, Fields((("a", "integer"), ("b", TupleOf(("boolean",)))))),
    "no keys": ({}, Fields(())), "keys that are integers": ({1: "a", 2: "b"}, MappingOf("integer", "string")),
    "values of several types": ({1: "a", 2: 3}, MappingOf("integer", UnionOf(("string", "integer")))),
    "other keys": ({1.5: 1, "a": 2}, "any"), "a date": (yaml.safe_load("2024-01-01"), "any"),
    "a set is a list": ({"a"}, TupleOf(("string",))),
}  # fmt: skip


@pytest.mark.parametrize("case", VALUES.values(), ids=list(VALUES))
def test_the_type_of_a_written_value(case: tuple[Any, Type]) -> None:
    value, expected = case
    assert type_of(value) == expected


def test_a_reference_has_the_type_of_what_it_refers_to() -> None:
    value = ["$a", "$$a", {"$a": "$a"}]
    assert type_of(value, {"a": "bread"}.__getitem__) == TupleOf(("bread", "string", Fields((("$a", "bread"),))))
    assert type_of(value) == TupleOf(("string", "string", Fields((("$a", "string"),))))


def test_a_name_that_no_type_has_fits_everything() -> None:
    assert TYPES.fits("lost", "bread") and TYPES.fits("bread", "lost") and TYPES.fits(ListOf("lost"), "breads")


def unions(height: int) -> dict[str, Any]:
    """Return types of which each is a union of the one below it, as itself and in a tuple: ``2 ** height`` ways lead through them."""
    declared: dict[str, Any] = {"a0": {}, "b0": {}}
    for number in range(1, height):
        declared |= {f"{letter}{number}": {"union": [{"tuple": [f"{letter}{number - 1}"]}, f"{letter}{number - 1}"]} for letter in "ab"}
    return declared


def test_types_made_of_each_other_many_times_over_are_judged_at_once() -> None:
    types = Types({name: parse_structure(written) for name, written in unions(100).items()})
    assert types.fits("a99", "a99") and not types.fits("a99", "b99") and types.questions_left > 0


def test_types_may_lead_to_each_other_in_any_depth() -> None:
    types = Types({f"a{number}": Simple(f"a{number - 1}" if number else None) for number in range(5000)})
    assert types.fits("a4999", "a0") and not types.fits("a0", "a4999")


def test_types_that_take_too_long_to_compare_are_refused() -> None:
    tasks = {"f": {"plugin": "a.b", "inputs": [{"x": "b1999"}], "outputs": {"y": "a1999"}}}
    form = {"types": unions(2000), "tasks": tasks, "graph": {"one": {"f": "$two"}, "two": {"f": "$one"}}}
    assert [fault.code for fault in check_form(form)] == ["step-circle", "too-much"]


NAMES = st.sampled_from([*WRITTEN, *BUILT_IN])


def _around(types: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(types, max_size=3).map(tuple)
    return st.one_of(
        types.map(ListOf),
        several.map(TupleOf),
        st.lists(types, min_size=1, max_size=3).map(tuple).map(UnionOf),
        st.builds(MappingOf, st.sampled_from(["string", "integer"]), types),
        st.dictionaries(st.sampled_from("ab"), types, max_size=2).map(lambda fields: Fields(tuple(fields.items()))),
    )


ANY_TYPE: st.SearchStrategy[Type] = st.recursive(NAMES, _around, max_leaves=6)
VALUE: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    | st.dictionaries(st.integers(), inner, max_size=2),
    max_leaves=6,
)  # fmt: skip


@given(ANY_TYPE)
def test_every_type_fits_itself_and_any(kind: Type) -> None:
    assert TYPES.fits(kind, kind) and TYPES.fits(kind, "any")


@given(ANY_TYPE, st.lists(ANY_TYPE, max_size=3))
def test_every_member_fits_its_union(member: Type, others: list[Type]) -> None:
    assert TYPES.fits(member, UnionOf((*others, member)))


@given(st.lists(ANY_TYPE, min_size=1, max_size=3), ANY_TYPE)
def test_a_union_fits_exactly_where_all_its_members_do(members: list[Type], expected: Type) -> None:
    assert TYPES.fits(UnionOf(tuple(members)), expected) == all(TYPES.fits(member, expected) for member in members)


@given(ANY_TYPE, ANY_TYPE)
def test_lists_tuples_and_mappings_fit_as_what_they_hold(given_type: Type, expected: Type) -> None:
    fits = TYPES.fits(given_type, expected)
    assert TYPES.fits(ListOf(given_type), ListOf(expected)) == fits
    assert TYPES.fits(TupleOf((given_type,)), ListOf(expected)) == fits
    assert TYPES.fits(TupleOf((given_type, "null")), TupleOf((expected, "null"))) == fits
    assert TYPES.fits(Fields((("a", given_type),)), Fields((("a", expected),))) == fits
    assert TYPES.fits(Fields((("a", given_type),)), MappingOf("string", expected)) == fits


@given(NAMES, NAMES, NAMES)
def test_kinds_of_simple_types_are_kinds_of_what_these_are_kinds_of(first: str, second: str, third: str) -> None:
    simple = all(isinstance(TYPES.declared[name], Simple) for name in (first, second, third))
    if simple and TYPES.fits(first, second) and TYPES.fits(second, third):
        assert TYPES.fits(first, third)


@given(VALUE)
def test_a_value_fits_its_own_type_and_that_in_a_union(value: Any) -> None:
    kind = type_of(value)
    assert TYPES.fits(kind, kind) and TYPES.fits(kind, UnionOf(("bread", kind)))


@given(ANY_TYPE)
def test_any_fits_nothing_but_any_and_unions_with_it(expected: Type) -> None:
    members = expected.members if isinstance(expected, UnionOf) else (expected,)
    assert TYPES.fits("any", expected) == any(
        member == "any" or (isinstance(member, UnionOf) and TYPES.fits("any", member)) for member in members
    )
