"""DataPlugin: one absolute plugin, from a sheet or from any object."""

from __future__ import annotations

import uuid

import pytest

from ways.plugins.plugin import DataPlugin


def plugin(**keys):
    return DataPlugin("shot", ["shots.yml"], {"hierarchy": "job/shot", **keys})


def plugin_of(load, keys):
    return load(f"plugins: {{shot: {{hierarchy: job/shot, {keys}}}}}").get_all_plugins()[0]


# --- what each getter answers


@pytest.mark.parametrize(
    "getter, default",
    [
        ("get_mapping", ""),
        ("get_mapping_details", {}),
        ("get_groups", ("*",)),
        ("get_max_folder", ""),
        ("get_platforms", {"*"}),
        ("get_uses", ()),
        ("is_path", None),
        ("get_assignment", "master"),
        ("get_hierarchy", ("job", "shot")),
    ],
)
def test_a_key_that_is_absent_has_its_default(getter, default):
    assert getattr(plugin(), getter)() == default


@pytest.mark.parametrize(
    "key, value, getter, answer",
    [
        ("mapping", "/{SHOT}", "get_mapping", "/{SHOT}"),
        ("mapping_details", {"SHOT": {"casing": "up"}}, "get_mapping_details", {"SHOT": {"casing": "up"}}),
        ("groups", ["a", "b"], "get_groups", ("a", "b")),
        ("max_folder", "/jobs", "get_max_folder", "/jobs"),
        ("platforms", "Linux,windows", "get_platforms", {"linux", "windows"}),
        ("uses", ["job"], "get_uses", ("job",)),
        ("path", False, "is_path", False),
        ("uuid", "one", "get_uuid", "one"),
    ],
)
def test_a_key_is_answered_as_it_is_written(key, value, getter, answer):
    assert getattr(plugin(**{key: value}), getter)() == answer


@pytest.mark.parametrize("word", ["*", "all", "everything", "ALL", "linux,*"])
def test_a_wildcard_is_every_platform(word):
    assert plugin(platforms=word).get_platforms() == {"*"} and plugin(platforms=word).takes_part("amiga")


@pytest.mark.parametrize("platform, takes_part", [("linux", True), ("Linux", True), ("windows", False)])
def test_a_plugin_takes_part_on_its_platforms_in_any_case(platform, takes_part):
    assert plugin(platforms=["LINUX"]).takes_part(platform) is takes_part


@pytest.mark.parametrize("key", ["data", "mapping_details"])
def test_a_null_means_nothing(load, key):
    assert getattr(plugin_of(load, f"{key}: null"), key) == {}


# --- identity


def test_a_generated_uuid_is_one_and_stays(load):
    plugin = plugin_of(load, "mapping: /x")
    assert uuid.UUID(plugin.get_uuid()) and plugin.get_uuid() == plugin.get_uuid()


def test_generated_uuids_differ_for_each_copy(load):
    session = load("plugins: {a: {hierarchy: '{root}/x', uses: [b, c]}}")
    first, second = session.get_all_plugins()
    assert first.get_uuid() != second.get_uuid()


def test_a_plugin_of_a_sheet_knows_its_sheet_as_it_was_found(load, tmp_path):
    assert plugin_of(load, "path: true").sources == (str(tmp_path / "sheet.yml"),)


def test_a_plugin_is_shown_by_its_sheet_and_its_data():
    shown = plugin(data={"a": 1})
    assert repr(shown) == "DataPlugin(sources=('shots.yml',), data={'a': 1})"
    assert str(shown) == "DataPlugin(hierarchy=('job', 'shot'), sources=('shots.yml',))"


def test_a_plugin_can_be_made_from_a_plain_dict():
    made = DataPlugin("a", ("a.yml",), {"hierarchy": "a", "data": {"x": 1}, "unknown": 1}, "client")
    assert (made.name, made.sources, made.assignment, made.data) == ("a", ("a.yml",), "client", {"x": 1})


def test_a_plugin_without_a_hierarchy_is_a_value_error():
    with pytest.raises(ValueError, match="hierarchy"):
        DataPlugin("a", ("a.yml",), {})


# --- any object


class Bare:
    """The least that can be registered."""

    def get_hierarchy(self):
        return "job/shot"


class Full(Bare):
    data = {"fps": 24}

    def get_mapping(self):
        return "/{SHOT}"

    def get_mapping_details(self):
        return {"SHOT": {"required": False}}

    def get_platforms(self):
        return {"linux", "windows"}

    def get_groups(self):
        return ["a"]

    def get_max_folder(self):
        return "/jobs"

    def is_path(self):
        return True

    def get_uuid(self):
        return "one"


def test_an_object_needs_only_a_hierarchy():
    made = DataPlugin.from_object(Bare(), "client")
    assert (made.hierarchy, made.assignment, made.mapping, made.data, made.groups) == (("job", "shot"), "client", "", {}, ("*",))


def test_an_object_answers_by_its_getters():
    made = DataPlugin.from_object(Full(), "master")
    assert (made.mapping, made.data, made.path, made.uuid, made.max_folder) == ("/{SHOT}", {"fps": 24}, True, "one", "/jobs")
    assert made.platforms == {"linux", "windows"} and made.groups == ("a",)


@pytest.mark.parametrize(
    "said, expected", [("linux", {"linux"}), ("*", {"*"}), ("", {"*"}), ("linux,windows", {"linux", "windows"})]
)
def test_an_object_may_say_its_platforms_as_a_text(said, expected):
    author = type("Said", (Bare,), {"get_platforms": lambda self: said})()
    assert DataPlugin.from_object(author, "master").get_platforms() == expected


def test_an_object_with_a_text_for_a_hierarchy_is_found(session):
    session.add_search_path([Bare()])
    assert session.get_context("job/shot").get_all_plugins()[0].__class__ is Bare


def test_a_context_gives_back_the_object_itself(session):
    one = Full()
    session.add_search_path([one])
    assert session.get_context("job/shot").plugins == [one]


def test_a_context_answers_for_objects_without_getters(session):
    session.add_search_path([Bare()])
    context = session.get_context("job/shot")
    assert (context.get_mapping_details(), context.get_max_folder(), context.is_path()) == ({}, "", False)
    assert context.get_platforms() == {"darwin", "java", "linux", "windows"}
    with pytest.raises(RuntimeError):
        context.get_mapping()


def test_a_plugin_can_be_given_for_another_layer_than_its_own(session):
    one = plugin(data={"a": 1})
    session.add_search_path([(one, "client")])
    assert session.get_context("job/shot", "master") is None
    assert session.get_context("job/shot", "client").plugins == [one] and one.assignment == "master"


def test_what_an_object_says_wrongly_is_told_with_its_class(session):
    author = type("Wrong", (Bare,), {"get_mapping": lambda self: 3})()
    with pytest.raises(ValueError, match="Wrong: mapping: expected a text such as .*, found the number 3"):
        DataPlugin.from_object(author, "master")
