"""The structure language of Dioptra's parameter types."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ways.systems.dioptra.files.types import (
    KEY_TYPES,
    BadStructure,
    Definition,
    Fields,
    ListOf,
    MappingOf,
    Simple,
    TupleOf,
    UnionOf,
    names_in,
    parse_structure,
    structure_of,
    text_of,
)

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)


def _around(types: Any) -> Any:
    several = st.lists(types, max_size=3).map(tuple)
    return st.one_of(
        types.map(ListOf),
        several.map(TupleOf),
        st.lists(types, min_size=1, max_size=3).map(tuple).map(UnionOf),
        st.builds(MappingOf, st.sampled_from(KEY_TYPES), types),
        st.dictionaries(NAMES, types, max_size=3).map(lambda fields: Fields(tuple(fields.items()))),
    )


STRUCTURED = _around(st.recursive(NAMES, _around, max_leaves=8))
DEFINITIONS = st.one_of(st.builds(Simple, st.none() | NAMES), STRUCTURED)


@given(DEFINITIONS)
def test_a_definition_comes_back_from_plain_data(definition: Definition) -> None:
    assert parse_structure(structure_of(definition)) == definition


@given(DEFINITIONS)
def test_a_definition_comes_back_from_its_text(definition: Definition) -> None:
    assert parse_structure(tomllib.loads(f"structure = {text_of(definition)}")["structure"]) == definition


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["string", "integer"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["is_a", "list", "tuple", "mapping", "union", "x"]), inner, max_size=2),
    max_leaves=10,
)


@given(JSON)
def test_whatever_is_written_is_a_definition_or_reported(value: Any) -> None:
    try:
        definition = parse_structure(value)
    except BadStructure as error:
        assert error.expected and error.found
    else:
        assert structure_of(definition) == ({} if value is None else value)


@pytest.mark.parametrize(
    "value, definition",
    [
        (None, Simple()),
        ({}, Simple()),
        ({"is_a": "number"}, Simple("number")),
        ({"list": "string"}, ListOf("string")),
        ({"list": {"union": ["string", "integer"]}}, ListOf(UnionOf(("string", "integer")))),
        ({"tuple": []}, TupleOf(())),
        ({"mapping": ["string", "any"]}, MappingOf("string", "any")),
        ({"mapping": {}}, Fields(())),
        ({"mapping": {"a": "any"}}, Fields((("a", "any"),))),
    ],
)
def test_each_structure_is_read(value: Any, definition: Definition) -> None:
    assert parse_structure(value) == definition


@pytest.mark.parametrize(
    "value, where, expected",
    [
        ("list", (), "a table such as"),
        ({"foo": 1}, (), "exactly one of is_a, list, tuple, mapping, union"),
        ({"list": "any", "tuple": []}, (), "exactly one of"),
        ({"list": ["string"]}, ("list",), "the name of a type, or a structure"),
        ({"list": ""}, ("list",), "the name of a type"),
        ({"list": {}}, ("list",), "the name of a type, or a structure"),
        ({"list": None}, ("list",), "the name of a type, or a structure"),
        ({"list": {"is_a": "any"}}, ("list",), "the name of a type, or a structure"),
        ({"tuple": "any"}, ("tuple",), "a list of types"),
        ({"tuple": ["any", 1]}, ("tuple", 1), "the name of a type, or a structure"),
        ({"mapping": ["any", "any"]}, ("mapping", 0), "'string' or 'integer' for the keys"),
        ({"mapping": ["string"]}, ("mapping",), "a table of keys and types"),
        ({"mapping": {1: "any"}}, ("mapping",), "keys that are texts"),
        ({"mapping": {"a": {"list": 1}}}, ("mapping", "a", "list"), "the name of a type, or a structure"),
        ({"union": []}, ("union",), "at least one type"),
        ({"is_a": {"list": "any"}}, ("is_a",), "the name of a type"),
    ],
)
def test_what_is_no_structure_is_reported_with_its_place(value: Any, where: tuple[Any, ...], expected: str) -> None:
    with pytest.raises(BadStructure) as caught:
        parse_structure(value)
    assert caught.value.where == where and caught.value.expected.startswith(expected)


def test_the_names_in_a_structure_are_in_order() -> None:
    assert list(names_in(parse_structure({"tuple": ["a", {"mapping": {"x": {"list": "b"}}}, "c"]}))) == ["a", "b", "c"]
