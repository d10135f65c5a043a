"""Hierarchies: a text or parts become one tuple (``docs/explanation/hierarchy-and-assignment.rst``)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.errors import HierarchyError
from ways.hierarchy import Hierarchy, join_hierarchy, split_hierarchy

pytestmark = pytest.mark.portability

PART = st.text("abcXYZ019_-", min_size=1, max_size=5)


@pytest.mark.parametrize(
    "place",
    ["a/b", "a//b/", " a / b ", ("a/b",), ["a", "b"], ("a", "b"), ("a ", " b"), ("a", "", "b"), Hierarchy.of("a/b")],
    ids=repr,
)
def test_all_ways_to_write_a_place_are_equal(place):
    assert Hierarchy.of(place) == ("a", "b")


@pytest.mark.parametrize("place", ["/a/b", " /a/b", ("/", "a", "b"), ["/a", "b"]], ids=repr)
def test_a_leading_slash_is_a_part_of_its_own(place):
    assert Hierarchy.of(place) == ("/", "a", "b")


@pytest.mark.parametrize("place", ["", "  ", (), [], ("",)], ids=repr)
def test_an_empty_place_has_no_parts(place):
    assert Hierarchy.of(place) == ()


def test_only_slashes_are_the_leading_slash():
    assert Hierarchy.of("//") == ("/",)


@pytest.mark.parametrize("place", [None, 3, 3.5, ["a", 3], [None], b"a/b"], ids=repr)
def test_what_is_neither_text_nor_texts_is_a_type_error(place):
    with pytest.raises(TypeError):
        Hierarchy.of(place)


def test_a_hierarchy_is_equal_to_the_plain_tuple_and_found_by_it():
    assert {Hierarchy.of("a/b"): 1}[("a", "b")] == 1


@pytest.mark.parametrize("text", ["", "a", "a/b c", "/a/b"], ids=repr)
def test_the_text_is_what_was_written(text):
    assert Hierarchy.of(text).text == text


@settings(deadline=None)
@given(parts=st.lists(PART, max_size=4), is_absolute=st.booleans())
def test_text_and_hierarchy_undo_each_other(parts, is_absolute):
    place = Hierarchy(["/", *parts] if is_absolute else parts)
    assert Hierarchy.of(place.text) == place


@settings(deadline=None)
@given(st.text(max_size=20))
def test_any_text_gives_parts_that_are_not_empty_and_not_padded(text):
    assert all(part and part == part.strip() for part in Hierarchy.of(text))


@settings(deadline=None)
@given(st.lists(st.text(max_size=6), max_size=4))
def test_splitting_twice_is_splitting_once(parts):
    place = Hierarchy.of(parts)
    assert Hierarchy.of(tuple(place)) == place


def test_ancestors_are_the_prefixes_shortest_first():
    assert list(Hierarchy.of("a/b/c").ancestors) == [("a",), ("a", "b"), ("a", "b", "c")]


@pytest.mark.parametrize(
    "other, expected",
    [("", True), ("a", True), ("a/b", True), ("a/b/c", False), ("b", False), ("a/bb", False)],
)
def test_a_place_starts_with_itself_and_what_is_above_it(other, expected):
    assert Hierarchy.of("a/b").starts_with(Hierarchy.of(other)) is expected


@pytest.mark.parametrize("text", ["a", "a/b_c", "a-1/B 2", "/a", ""], ids=repr)
def test_letters_digits_underscores_dashes_and_spaces_are_legal(text):
    place = Hierarchy.of(text)
    assert place.is_legal and place.check() is place


@pytest.mark.parametrize(
    "text, character, position",
    [("a.b", ".", 1), ("a/b!", "!", 3), ("/ä", "ä", 1), ("a/{root}/b", "{", 2), ("ab/a.b/a", ".", 4), ("a/b\nc", "\n", 3)],
)
def test_any_other_character_is_named_with_its_position(text, character, position):
    place = Hierarchy.of(text)
    assert not place.is_legal
    with pytest.raises(HierarchyError) as caught:
        place.check()
    assert (caught.value.text[caught.value.position], caught.value.position) == (character, position)


def test_a_bad_place_is_a_value_error_as_it_always_was():
    with pytest.raises(ValueError, match="only .*are allowed between"):
        Hierarchy.of("a.b").check()


@pytest.mark.parametrize("parts, text", [((), ""), (("a", "b"), "a/b"), (("/", "a"), "/a"), (("/",), "/")], ids=repr)
def test_joining_writes_parts_as_one_text(parts, text):
    assert join_hierarchy(parts) == text


def test_splitting_gives_parts():
    assert split_hierarchy("a//b/") == ("a", "b")
