"""The merge rules (docs/explanation/merging.rst): how one field of many plugins becomes one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.plugins import merge
from ways.plugins.plugin import DataPlugin
from ways.plugins.resolve import Resolved


def merged(field, *values):
    """Return what a field of plugins, one after the other, amounts to."""
    start = {"mapping_details": {}, "data": {}, "platforms": None, "groups": ("*",), "path": None, "max_folder": ()}
    result = start[field]
    for value in values:
        info = {"hierarchy": "a"} if value is None else {"hierarchy": "a", field: value}
        result = merge.MERGE_RULES[field](result, DataPlugin("a", (), info))
    return result


def test_a_later_key_of_data_replaces_an_earlier_one_whole():
    assert merged("data", {"a": {"x": 1}, "b": 1}, {"a": {"y": 2}}) == {"a": {"y": 2}, "b": 1}


def test_a_later_token_replaces_an_earlier_one_whole():
    details = {"SHOT": {"casing": "up", "required": False}, "JOB": {}}
    assert merged("mapping_details", details, {"SHOT": {"casing": "low"}}) == {"SHOT": {"casing": "low"}, "JOB": {}}


def test_a_default_alone_replaces_the_default_alone():
    details = {"SHOT": {"parse": {"regex": "x"}, "default": "x"}, "JOB": {}}
    later = {"SHOT": {"default": "y"}, "JOB": {"default": "z"}, "NEW": {"default": "n"}}
    assert merged("mapping_details", details, later) == {
        "SHOT": {"parse": {"regex": "x"}, "default": "y"}, "JOB": {"default": "z"}, "NEW": {"default": "n"},
    }  # fmt: skip
    assert details["SHOT"]["default"] == "x"


@pytest.mark.parametrize(
    "values, expected",
    [
        ([None], None),
        (["linux"], {"linux"}),
        (["linux,windows", "windows,darwin"], {"windows"}),
        (["linux", None], {"linux"}),
        ([None, "linux"], {"linux"}),
        (["*", "all"], None),
        (["linux", "windows"], set()),
    ],
    ids=str,
)
def test_platforms_are_those_that_all_have(values, expected):
    assert merged("platforms", *values) == expected


@pytest.mark.parametrize(
    "values, expected", [([["a"], ["b"]], ("b",)), ([["a"], None], ("*",)), ([None], ("*",))], ids=["later", "none", "only none"]
)
def test_the_last_plugin_decides_the_groups_even_if_it_has_none(values, expected):
    assert merged("groups", *values) == expected


@pytest.mark.parametrize(
    "values, expected",
    [([True, False], False), ([True, None], True), ([None, None], None), ([None, True], True), ([True, "no"], "no")],
    ids=str,
)
def test_the_last_path_that_is_said_counts(values, expected):
    assert merged("path", *values) == expected


@pytest.mark.parametrize(
    "folders, expected",
    [
        ([], ""),
        (["", ""], ""),
        (["/a/b"], "/a/b"),
        (["/a/b", "/a/b"], "/a/b"),
        (["/a/b", "/a/b/c"], "/a/b/c"),
        (["/a/b", "/a/bc"], "/a/b/a/bc"),
        (["/a/b", "", "/a/b/c", "/z"], "/a/b/c/z"),
        (["/a/b/", "/a"], "/a/b/a"),
        (["/a/b", "../c"], "/a/b../c"),
        (["/a/./b/"], "/a/b"),
    ],
    ids=str,
)
def test_folders_go_deeper_or_are_added(folders, expected):
    assert merge.folder_text(merged("max_folder", *folders), "linux") == expected


def test_two_plugins_with_one_folder_give_that_folder(load):
    session = load("""
        plugins:
          a: {hierarchy: a, max_folder: /jobs, platforms: [linux]}
          b: {hierarchy: a, max_folder: /jobs, platforms: [linux]}
    """)
    assert session.get_context("a").get_max_folder() == "/jobs"


def test_folders_are_inherited_from_above(load):
    session = load("plugins: {a: {hierarchy: a, max_folder: /jobs}, b: {hierarchy: a/b, max_folder: /jobs/shots}}")
    assert session.get_context("a/b").get_max_folder() == "/jobs/shots"


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers()), max_size=5))
def test_data_is_one_dict_updated_by_each(datas):
    expected = {}
    for data in datas:
        expected.update(data)
    assert merged("data", *datas) == expected


def test_merging_changes_none_of_the_plugins():
    first = DataPlugin("a", (), {"hierarchy": "a", "data": {"x": 1}})
    second = DataPlugin("b", (), {"hierarchy": "a", "data": {"x": 2}})
    merge.merged_data(merge.merged_data({}, first), second)
    assert (first.data, second.data) == ({"x": 1}, {"x": 2})


def test_each_rule_is_for_a_field_of_what_a_place_amounts_to():
    assert set(merge.MERGE_RULES) <= set(Resolved._fields)


@pytest.mark.parametrize(
    "folders, expected",
    [
        (["/a", "/b", "/b/c"], ("/a", "/b/c")),
        (["/a", "/b", "/c", "/c/d"], ("/a", "/b", "/c/d")),
        (["/a", "/b", "/a"], ("/a", "/b", "/a")),
        (["/a", "/b", "/b"], ("/a", "/b")),
        (["/a", "/ab"], ("/a", "/ab")),
    ],
)
def test_a_folder_is_compared_with_the_last_one(folders, expected):
    assert merged("max_folder", *folders) == expected
