"""Plugin and Action: the rules of docs/reference/api.rst, a test a rule."""

from __future__ import annotations

from typing import Any

import pytest

from ways import api
from ways.api import Action, Plugin, Session
from ways.contexts.context import Context


def plugin(hierarchy: Any = "place", **members: Any) -> type[Plugin]:
    """Run the class statement of a plugin."""
    return type("Made", (Plugin,), {"get_hierarchy": lambda self: hierarchy, **members})


def action(hierarchy: Any = "place", name: str = "Made", base: type[Action] = Action, **members: Any) -> type[Action]:
    """Run the class statement of an action."""
    return type(name, (base,), {"get_hierarchy": classmethod(lambda cls: hierarchy), **members})


# --- Plugin


def test_a_subclass_is_instantiated_and_registered_when_it_is_made(session: Session) -> None:
    first, second = plugin(), plugin()
    assert [type(made) for made in session.get_plugins("place", "master")] == [first, second]
    assert session.get_all_plugins() == session.get_plugins("place")


@pytest.mark.parametrize("hierarchy", ["job/shot", ("job", "shot"), ["job", "shot"]], ids=repr)
def test_a_hierarchy_may_be_text_or_parts(session: Session, hierarchy: Any) -> None:
    plugin(hierarchy)
    assert session.hierarchies() == [("job", "shot")]


def test_a_plugin_stands_in_the_layer_it_says(session: Session) -> None:
    plugin(get_assignment=classmethod(lambda cls: "job"))
    assert len(session.get_plugins("place", "job")) == 1
    assert session.get_plugins("place", "master") == []


def test_a_plugin_that_is_not_to_register_does_not_and_its_subclasses_neither(session: Session) -> None:
    base = plugin(add_to_registry=False)
    type("Below", (base,), {})
    assert session.get_all_plugins() == []


def test_a_subclass_can_register_again(session: Session) -> None:
    below = type("Below", (plugin(add_to_registry=False),), {"add_to_registry": True})
    assert [type(made) for made in session.get_all_plugins()] == [below]


@pytest.mark.parametrize("members", [{"_data": {"x": 1}}, {"data": property(lambda self: {"x": 1})}], ids=["_data", "data"])
def test_data_is_a_class_attribute_or_a_property(session: Session, members: dict[str, Any]) -> None:
    plugin(**members)
    assert session.need_context("place").data == {"x": 1}


def test_a_hierarchy_is_enough_and_everything_else_has_its_default(session: Session) -> None:
    plugin()
    context = session.need_context("place")
    assert (context.data, context.get_mapping_details(), context.get_groups()) == ({}, {}, ("*",))
    assert (context.get_max_folder(), context.is_path()) == ("", False)
    assert context.get_platforms() == {"darwin", "java", "linux", "windows"}


def test_every_getter_of_a_plugin_counts(session: Session) -> None:
    answers = {"mapping": "/{X}", "mapping_details": {"X": {"required": False}}, "groups": ["a"], "max_folder": "/m"}
    getters = {f"get_{name}": lambda self, answer=answer: answer for name, answer in answers.items()}
    plugin(**getters, get_platforms=lambda self: "linux,windows", is_path=lambda self: True)
    context = session.need_context("place")
    assert (context.get_mapping(), context.get_mapping_details()) == ("/{X}", {"X": {"required": False}})
    assert (context.get_groups(), context.get_max_folder(), context.is_path()) == (("a",), "/m", True)
    assert context.get_platforms() == {"linux", "windows"}


@pytest.mark.parametrize("platforms, takes_part", [("linux", True), ("*", True), ("", True), ("windows", False)])
def test_platforms_of_a_plugin_may_be_one_text(session: Session, platforms: str, takes_part: bool) -> None:
    plugin(get_platforms=lambda self: platforms)
    assert bool(session.need_context("place").plugins) is takes_part


def test_a_plugin_without_a_hierarchy_says_what_it_needs(session: Session) -> None:
    with pytest.raises(NotImplementedError, match="Made needs get_hierarchy"):
        type("Made", (Plugin,), {})


def test_a_plugin_without_a_uuid_is_never_checked_and_one_with_an_empty_uuid_neither(session: Session) -> None:
    for _ in range(2):
        plugin()
        plugin(get_uuid=lambda self: "")
    assert len(session.get_all_plugins()) == 4


def test_an_object_is_registered_once_and_a_second_assignment_is_ignored(session: Session) -> None:
    made = plugin(add_to_registry=False)()
    for assignment in ("job", "job", "other"):
        api.register_plugin(made, assignment)
    assert session.get_plugins("place", "job") == session.get_all_plugins() == [made]


def test_a_registered_object_is_master_if_nothing_else_is_said(session: Session) -> None:
    made = plugin(add_to_registry=False, get_assignment=classmethod(lambda cls: "job"))()
    api.register_plugin(made)
    assert session.get_plugins("place", "master") == [made]


def test_a_registered_object_with_a_taken_uuid_is_a_runtime_error(session: Session) -> None:
    session.add_plugins(a={"hierarchy": "a", "uuid": "u"})
    with pytest.raises(RuntimeError, match="'u'"):
        api.register_plugin(plugin(add_to_registry=False, get_uuid=lambda self: "u")())


def test_a_data_plugin_can_be_made_of_a_plain_dict(session: Session) -> None:
    """REC of 9.3."""
    made = api.DataPlugin("name", ["/a.yml"], {"hierarchy": "a/b", "data": {"x": 1}}, "job")
    assert (made.name, made.sources, made.assignment, made.data) == ("name", ("/a.yml",), "job", {"x": 1})
    assert (made.get_hierarchy(), made.get_assignment(), made.get_mapping()) == (("a", "b"), "job", "")
    assert str(made) == "DataPlugin(hierarchy=('a', 'b'), sources=('/a.yml',))"
    assert repr(made) == "DataPlugin(sources=('/a.yml',), data={'x': 1})"


def test_a_data_plugin_without_a_hierarchy_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="hierarchy"):
        api.DataPlugin("name", (), {}, "master")


# --- Action


def test_an_action_is_registered_when_it_is_made(session: Session) -> None:
    made = action()
    assert session.get_action("Made", "place") is made


@pytest.mark.parametrize("hierarchy", ["job/shot", ("job", "shot")], ids=repr)
def test_the_hierarchy_of_an_action_may_be_text_or_parts(session: Session, hierarchy: Any) -> None:
    action(hierarchy)
    assert api.get_action_hierarchies("Made") == {("job", "shot")}


def test_an_action_is_called_by_its_name_or_else_by_its_class(session: Session) -> None:
    action(name="Own")
    for name, given in [("Other", ""), ("Named", "called")]:
        type(name, (Action,), {"name": given, "get_hierarchy": classmethod(lambda cls: "place")})
    assert set(api.get_action_names("place")) == {"Own", "Other", "called"}


def test_an_action_below_one_without_a_name_has_its_own(session: Session) -> None:
    action(name="Below", base=action(name="Above"))
    assert set(api.get_action_names("place")) == {"Above", "Below"}


def test_a_name_that_was_given_is_inherited(session: Session) -> None:
    base = type("Base", (Action,), {"name": "look", "add_to_registry": False})
    below = action(name="Below", base=base, add_to_registry=True)
    assert session.get_action("look", "place") is below


def test_an_action_stands_in_the_layer_it_says(session: Session) -> None:
    made = action(get_assignment=classmethod(lambda cls: "job"))
    assert session.get_action("Made", "place") is None
    assert session.get_action("Made", "place", "job") is made


@pytest.mark.parametrize("members", [{}, {"get_hierarchy": classmethod(lambda cls: "")}], ids=["absent", "empty"])
def test_an_action_without_a_hierarchy_is_a_value_error(session: Session, members: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="'Made' has an empty hierarchy"):
        type("Made", (Action,), members)


def test_an_action_that_is_not_to_register_does_not_and_its_subclasses_neither(session: Session) -> None:
    base = action(add_to_registry=False)
    action(base=base)
    assert api.get_all_action_hierarchies() == {}


def test_a_subclass_of_one_that_does_not_register_can(session: Session) -> None:
    made = action(base=type("Base", (Action,), {"add_to_registry": False}), add_to_registry=True)
    assert session.get_action("Made", "place") is made


def test_the_context_of_an_action_is_that_of_its_place_and_layer(session: Session) -> None:
    session.add_plugins(a={"hierarchy": "place", "assignment": "job"})
    made = action(get_assignment=classmethod(lambda cls: "job"))()
    assert made.context is session.get_context("place", "job")


def test_the_context_of_an_action_is_found_when_it_is_asked_for(session: Session) -> None:
    made = action()()
    assert made.context is None
    session.add_plugins(a={"hierarchy": "place"})
    assert isinstance(made.context, Context)


def test_the_context_of_an_action_cannot_be_set(session: Session) -> None:
    with pytest.raises(AttributeError):
        action()().context = None  # type: ignore[misc]


def test_an_action_that_does_nothing_says_what_it_needs(session: Session) -> None:
    with pytest.raises(NotImplementedError, match="Made needs __call__"):
        action()()(None)
