"""``uses`` and ``{root}`` at load (docs/howto/relative-sheets.rst): one record to many absolute plugins."""

from __future__ import annotations

import pytest

from ways.errors import DuplicateUsesError
from ways.hierarchy import Hierarchy
from ways.plugins.relative import Circles, below, make_absolute, uses_itself, uses_number
from ways.sheets.document import PluginRecord, Source

pytestmark = pytest.mark.portability


def record(hierarchy, uses=(), **values):
    return PluginRecord("a", {"hierarchy": hierarchy, "uses": tuple(uses), **values}, Source("a.yml", "yaml", ("plugins", "a")), {})


def places(hierarchy, *uses):
    return [plugin.hierarchy for plugin in make_absolute(record(hierarchy, uses))]


@pytest.mark.parametrize(
    "own, expected",
    [
        ("x", "a/b/x"),
        ("{root}/x", "a/b/x"),
        ("lib/{root}/x", "lib/a/b/x"),
        ("{root}/x/{root}", "a/b/x/a/b"),
        ("pre-{root}", "pre-a/b"),
        ("", "a/b"),
        ("{root}", "a/b"),
        ("{root}-{root}", "a/b-a/b"),
    ],
)
def test_a_relative_hierarchy_stands_below_its_parent(own, expected):
    assert places(own, "a/b") == [Hierarchy.of(expected)]


def test_a_leading_slash_stays_a_part():
    assert places("/x", "a/b") == [("a", "b", "/", "x")]


def test_another_name_in_braces_is_kept():
    assert places("{zz}/x", "a/b") == [("a", "b", "{zz}", "x")]


def test_a_parent_with_a_leading_slash_is_split_again():
    assert below(Hierarchy.of("/a"), "lib/{root}") == ("lib", "/", "a")


def test_each_parent_makes_one_plugin():
    assert places("{root}/x", "a", "b/c") == [("a", "x"), ("b", "c", "x")]


def test_a_copy_knows_its_parent_and_keeps_all_else():
    first, second = make_absolute(record("x", ["a", "b"], mapping="{root}/m", uuid="one", assignment="client"))
    assert (first.parent, second.parent) == (("a",), ("b",))
    assert {(plugin.name, plugin.assignment, plugin.mapping, plugin.uuid, plugin.uses) for plugin in (first, second)} == {
        ("a", "client", "{root}/m", "one", ("a", "b"))
    }


@pytest.mark.parametrize("uses", ["", "uses: null", "uses: []", "uses: ''"], ids=["missing", "null", "empty", "empty text"])
def test_without_parents_a_plugin_is_absolute(load, uses):
    (plugin,) = load(f"plugins: {{a: {{hierarchy: x, {uses}}}}}").get_all_plugins()
    assert plugin.get_hierarchy() == ("x",) and plugin.parent is None and plugin.get_uses() == ()


def test_a_text_is_one_parent(load):
    (plugin,) = load("plugins: {a: {hierarchy: x, uses: a/b}}").get_all_plugins()
    assert plugin.get_hierarchy() == ("a", "b", "x")


def test_a_parent_twice_is_an_error_that_says_where():
    with pytest.raises(DuplicateUsesError, match="'uses' names 'k' twice") as caught:
        make_absolute(record("x", ["k", "j", "k"]))
    assert isinstance(caught.value, ValueError) and caught.value.parent == "k"


def test_parents_are_the_same_only_by_their_text():
    assert places("x", "k", "k/") == [("k", "x"), ("k", "x")]


def test_a_plugin_that_uses_its_own_place_makes_nothing():
    assert places("job", "job") == [] and uses_itself(record("job", ["other", "job"]))


def test_a_plugin_that_uses_its_own_place_is_told_as_a_warning(load):
    session = load("plugins: {a: {hierarchy: job, uses: [job]}}")
    (problem,) = session.problems
    assert (problem.level, problem.code) == ("warning", "uses-itself") and session.get_all_plugins() == []


def test_a_parent_need_not_exist(load):
    session = load("plugins: {a: {hierarchy: '{root}/x', uses: [nowhere]}}")
    assert session.get_context("nowhere/x") is not None


def test_using_a_parent_does_not_make_it_exist(load):
    session = load("plugins: {a: {hierarchy: '{root}/x', uses: [nowhere]}}")
    assert session.get_context("nowhere") is None and session.get_context("nowhere", "master") is None


@pytest.mark.parametrize(
    "values, layer, expected",
    [({"assignment": "own"}, "info", "own"), ({}, "info", "info"), ({}, "", "master"), ({"assignment": ""}, "", "master")],
    ids=["own", "of the info file", "neither", "empty"],
)
def test_the_assignment_is_its_own_or_that_of_the_info_file_or_master(values, layer, expected):
    (plugin,) = make_absolute(record("x", **values), layer)
    assert plugin.assignment == expected


def test_of_two_that_are_waited_for_the_first_is_told(session):
    session.add_plugins(
        x={"hierarchy": "{root}/a", "uses": ["p/b"], "mapping": "x"},
        y={"hierarchy": "{root}/b", "uses": ["q/a"], "mapping": "y"},
        z={"hierarchy": "{root}/b", "uses": ["r/a"], "mapping": "z"},
    )
    plugins = session.get_all_plugins()
    circles = Circles(plugins, {plugin.hierarchy for plugin in plugins})
    assert [[each.name for each in circles.of(plugin)] for plugin in plugins] == [["x", "y", "x"]] * 3


def test_a_plugin_that_waits_for_one_of_its_own_kind_waits_for_another(session):
    session.add_plugins(
        x={"hierarchy": "{root}/a", "uses": ["p/a"], "mapping": "x"}, y={"hierarchy": "{root}/a", "uses": ["q/a"], "mapping": "y"}
    )
    plugins = session.get_all_plugins()
    circles = Circles(plugins, {plugin.hierarchy for plugin in plugins})
    assert [each.name for each in circles.of(plugins[0])] == ["x", "y", "x"]


@pytest.mark.parametrize(
    "more, chain",
    [
        ({"a": {"hierarchy": "{root}/a", "uses": ["job/a/b"], "mapping": "x"}}, ["b", "a", "b"]),
        (
            {
                "a": {"hierarchy": "{root}/a", "uses": ["job/a/b/c"], "mapping": "x"},
                "c": {"hierarchy": "{root}/c", "uses": ["job/a/b"], "mapping": "x"},
            },
            ["b", "a", "c", "b"],
        ),
        ({"a": {"hierarchy": "{root}/a", "uses": ["job/x"], "mapping": "x"}, "x": {"hierarchy": "job/x"}}, []),
        ({"a": {"hierarchy": "{root}/a", "uses": ["job/a/x"], "mapping": "x"}, "x": {"hierarchy": "job/a/x"}}, []),
    ],
    ids=["two", "three", "elsewhere", "a place that is there"],
)
def test_a_plugin_that_uses_what_waits_for_it_is_in_a_circle(session, more, chain):
    session.add_plugins(job={"hierarchy": "job"}, b={"hierarchy": "{root}/b", "uses": ["job/a"], "mapping": "y"}, **more)
    plugins = session.get_all_plugins()
    circles = Circles(plugins, {plugin.hierarchy for plugin in plugins})
    assert [each.name for each in circles.of(plugins[1])] == chain


def test_the_parent_that_a_copy_was_made_for_is_known_by_its_number(session):
    session.add_plugins(x={"hierarchy": "{root}/a", "uses": ["c", "b", "a"], "mapping": "x"})
    assert [(plugin.parent.text, uses_number(plugin)) for plugin in session.get_all_plugins()] == [("c", 0), ("b", 1), ("a", 2)]


def test_the_parents_that_a_record_names_are_looked_through_once_for_all_plugins_that_it_makes(monkeypatch):
    made = make_absolute(record("x", [f"p{number}" for number in range(60)]))
    read = []
    of = Hierarchy.of
    monkeypatch.setattr(Hierarchy, "of", lambda place: (read.append(place), of(place))[1])
    assert [uses_number(plugin) for plugin in made] == list(range(60))
    assert len(read) == 60
