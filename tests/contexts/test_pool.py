"""Getting a Context by its place; the same place is the same object (``docs/explanation/hierarchy-and-assignment.rst``)."""

from __future__ import annotations

import os

import pytest

from ways.contexts.context import Context
from ways.errors import HierarchyError

SHEET = """
    plugins:
      a: {hierarchy: a/b, mapping: /ab}
      slash: {hierarchy: /a/b, mapping: /slash}
      layer: {hierarchy: only/client, assignment: client}
      other: {hierarchy: only/windows, platforms: windows}
      bad: {hierarchy: 'a.b'}
"""

# --- existence


@pytest.mark.parametrize("place", ["a/b", ("a", "b"), ["a", "b"], "a//b/", " a / b ", ("a/b",)], ids=repr)
def test_every_way_to_write_a_place_gives_the_same_object(load, place):
    session = load(SHEET)
    assert session.get_context(place) is session.get_context("a/b") is not None


def test_a_leading_slash_is_another_place(load):
    session = load(SHEET)
    assert session.get_context("/a/b").get_mapping() == "/slash"
    assert session.get_context("/a/b").hierarchy == ("/", "a", "b")


def test_a_context_is_given_back_unchanged(load):
    context = load(SHEET).get_context("a/b", "master")
    assert load(SHEET).get_context(context) is context


@pytest.mark.parametrize("place", ["nowhere", "a", "a/b/c", "", ()], ids=repr)
def test_a_place_that_no_plugin_stands_at_is_none(load, place):
    assert load(SHEET).get_context(place) is None


@pytest.mark.parametrize("place", ["only/client", "only/windows"])
def test_a_place_exists_in_any_layer_and_on_any_platform(load, place):
    context = load(SHEET).get_context(place)
    assert context is not None and context.plugins == []


@pytest.mark.parametrize("assignment, exists", [("client", True), ("master", False), ("nothing", False)])
def test_an_explicit_layer_needs_a_plugin_of_its_own(load, assignment, exists):
    assert (load(SHEET).get_context("only/client", assignment) is not None) is exists


def test_a_miss_is_not_remembered(session, write_sheet):
    assert session.get_context("a/b") is None
    session.add_search_path(write_sheet(SHEET))
    assert session.get_context("a/b") is not None


def test_the_place_of_no_name_never_sees_plugins(load):
    context = load("plugins: {a: {hierarchy: '', mapping: /a}}").get_context("")
    assert context is not None and context.plugins == []


@pytest.mark.parametrize("place", [None, 3, 3.5, object()], ids=["None", "int", "float", "object"])
def test_what_is_no_place_is_a_type_error(session, place):
    with pytest.raises(TypeError):
        session.get_context(place)


def test_more_arguments_are_a_type_error(session):
    with pytest.raises(TypeError):
        session.get_context("a", "master", False, False, "more")


# --- force


def test_force_makes_a_context_where_nothing_is(session):
    context = session.get_context("nowhere", force=True)
    assert context.plugins == [] and context.data == {} and context.get_groups() == ("*",)


def test_what_was_forced_is_there_from_then_on(session):
    assert session.get_context("nowhere", force=True) is session.get_context("nowhere") is session.get_context(("nowhere",))


# --- characters


@pytest.mark.parametrize("place", ["a.b", ("a.b",)], ids=repr)
def test_a_bad_character_is_a_value_error_when_the_context_is_made(load, place):
    with pytest.raises(ValueError, match=r"'\.' at position 1"):
        load(SHEET).get_context(place)


@pytest.mark.parametrize("place", ["no!where", "no{where}", "nö"])
def test_an_unknown_place_with_a_bad_character_is_none_and_an_error_only_by_force(session, place):
    assert session.get_context(place) is None
    with pytest.raises(HierarchyError):
        session.get_context(place, force=True)


def test_what_is_refused_does_not_exist_afterwards(session):
    with pytest.raises(HierarchyError):
        session.get_context("no!where", force=True)
    assert session.get_context("no!where") is None


def test_letters_digits_underscores_dashes_and_spaces_are_allowed(session):
    assert session.get_context("Job_1/a-b/two words", force=True).hierarchy == ("Job_1", "a-b", "two words")


# --- one object a place


def test_each_layer_has_an_object_with_data_of_its_own(load):
    session = load(SHEET)
    every, master = session.get_context("a/b"), session.get_context("a/b", "master")
    every.data["mine"] = 1
    assert every is not master and master is session.get_context("a/b", "master") and master.data == {}


def test_no_layer_may_be_said_as_none(load):
    context = load(SHEET).get_context("a/b", None)
    assert context.assignment == "" and context.get_mapping() == "/ab"


def test_making_a_context_by_its_class_gives_one_of_its_own(load):
    session = load(SHEET)
    made = Context("a/b")
    made.data["mine"] = 1
    assert made is not session.get_context("a/b") and made.get_mapping() == "/ab" and session.get_context("a/b").data == {}


def test_contexts_are_equal_only_to_themselves(load):
    session = load(SHEET)
    assert session.get_context("a/b") != session.get_context("a/b", "master") and len({session.get_context("a/b")}) == 1


def test_clearing_contexts_makes_new_ones_and_keeps_the_plugins(load):
    session = load(SHEET)
    before = session.get_context("a/b")
    before.data["mine"] = 1
    session.clear_contexts()
    after = session.get_context("a/b")
    assert after is not before and after.data == {} and after.get_mapping() == "/ab"


def test_two_sessions_share_no_context(load, write_sheet):
    from ways.session import Session

    one, two = load(SHEET), Session()
    two.add_search_path(write_sheet(SHEET))
    one.get_context("a/b").data["mine"] = 1
    assert two.get_context("a/b").data == {}


# --- checkout


def test_checking_out_gives_the_context_of_another_layer(load):
    session = load(SHEET)
    assert session.get_context("a/b").checkout() is session.get_context("a/b", "master")
    assert session.get_context("a/b").checkout("nothing") is None


def test_a_repeated_layer_counts_where_it_stands_last(load, monkeypatch):
    session = load("plugins: {a: {hierarchy: a, mapping: /m}, b: {hierarchy: a, mapping: /c, assignment: client}}")
    monkeypatch.setenv("WAYS_PRIORITY", os.pathsep.join(["client", "master", "client"]))
    assert session.get_context("a").get_mapping() == "/c" and len(session.get_context("a").plugins) == 2
