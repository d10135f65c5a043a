"""Actions, a test a rule (``docs/explanation/hierarchy-and-assignment.rst``)."""

from __future__ import annotations

import functools
import os
from typing import Any

import pytest

from ways import api
from ways.api import Action, Asset, AssetFinder, Context, Find, Session


def said(obj: Any, *args: Any) -> Any:
    """An action that gives what it was called with."""
    return (obj, *args)


@pytest.fixture
def shot(session: Session) -> Context:
    """The Context of ``job/shot``, below ``job``."""
    session.add_plugins(job={"hierarchy": "job"}, shot={"hierarchy": "job/shot", "mapping": "/{SHOT}"})
    return session.need_context("job/shot")


@pytest.fixture
def asset(shot: Context) -> Asset:
    """An Asset of ``job/shot``."""
    return Asset({"SHOT": "a"}, shot)


def give(*values: str) -> str:
    return os.pathsep.join(values)


# --- 8.1 add_action


def test_a_function_is_called_by_its_own_name(shot: Context) -> None:
    api.add_action(said, context="job")
    assert api.get_action("said", "job") is said


def test_a_name_that_is_given_goes_before_the_own_one(shot: Context) -> None:
    named = type("Named", (), {"name": "own", "__call__": said})()
    api.add_action(named, context="job")
    api.add_action(named, "given", "job")
    assert api.get_action_names("job") == ["own", "given"]


def test_an_action_without_any_name_is_a_runtime_error(session: Session) -> None:
    with pytest.raises(RuntimeError, match="no name"):
        api.add_action(functools.partial(said), context="job")


def test_a_property_called_name_is_no_name(session: Session) -> None:
    api.add_action(type("Own", (), {"name": property(said)}), context="job")
    assert api.get_action_names("job") == ["Own"]


def test_an_action_without_a_place_is_a_runtime_error(session: Session) -> None:
    with pytest.raises(RuntimeError, match="'said' has no place"):
        api.add_action(said)


def test_an_action_may_bring_its_own_place(session: Session) -> None:
    api.add_action(type("Own", (), {"get_hierarchy": classmethod(lambda cls: ("job", "shot"))}))
    assert api.get_action_hierarchies("Own") == {("job", "shot")}


@pytest.mark.parametrize("place", ["job/shot", ("job", "shot"), ["job/shot"]], ids=repr)
def test_the_place_may_be_a_text_or_parts(session: Session, place: Any) -> None:
    api.add_action(said, context=place)
    assert api.get_action_hierarchies(said) == {("job", "shot")}


def test_the_place_may_be_a_context(shot: Context) -> None:
    api.add_action(said, context=shot)
    assert shot.get_action("said") is said


def test_an_empty_place_is_a_value_error(session: Session) -> None:
    with pytest.raises(ValueError, match="empty hierarchy"):
        api.add_action(type("Own", (), {"get_hierarchy": classmethod(lambda cls: "")}))


def test_the_place_need_not_exist(session: Session) -> None:
    api.add_action(said, context="no/where")
    assert (api.get_action("said", "no/where"), session.get_context("no/where")) == (said, None)


def test_the_same_name_at_the_same_place_and_layer_is_replaced(shot: Context) -> None:
    api.add_action(said, "x", "job")
    api.add_action(len, "x", "job")
    assert api.get_actions("job") == [len]


# --- 8.2 defaults


def test_a_default_answers_everywhere_where_there_is_no_action(shot: Context) -> None:
    value: list[int] = []
    api.add_action_default("sizes", value)
    assert shot.actions.sizes() is value
    assert shot.actions.sizes() is value


def test_an_action_goes_before_a_default(shot: Context) -> None:
    api.add_action_default("said", 1)
    api.add_action(said, context="job")
    assert shot.actions.said() == (shot,)


@pytest.mark.parametrize("place, expected", [("a", 1), ("a/b", 2), ("a/b/c", 2), ("a/b/c/d", 4), ("other", 0)])
def test_a_default_of_the_place_goes_before_the_nearest_above_and_that_before_the_one_for_all(
    session: Session, place: str, expected: int
) -> None:
    """REC of 8.2."""
    for value, hierarchy in [(0, None), (1, "a"), (2, ("a", "b")), (4, "a/b/c/d")]:
        api.add_action_default("x", value, hierarchy)
    assert api.Context(place).actions.x() == expected


def test_a_default_of_one_place_is_none_elsewhere(session: Session) -> None:
    api.add_action_default("x", 1, hierarchy="a")
    assert not hasattr(api.Context("b").actions, "x")


def test_a_default_may_be_none(shot: Context) -> None:
    api.add_action_default("x", None)
    assert shot.actions.x() is None


def test_a_default_is_given_whatever_it_is_called_with(shot: Context, asset: Asset) -> None:
    """REC of 8.2: an Asset gives the value and not itself."""
    api.add_action_default("x", 1)
    assert [finder.x(5, key="value") for finder in (shot.actions, asset.actions)] == [1, 1]


def test_defaults_can_be_added_to_and_cleared_by_the_class(shot: Context) -> None:
    Find.add_to_defaults("x", 1)
    Find.add_to_defaults("y", 2, hierarchy="job")
    assert (shot.actions.x(), shot.actions.y()) == (1, 2)
    Find.clear()
    assert (Find.defaults, hasattr(shot.actions, "x")) == ({}, False)


def test_clear_forgets_defaults(session: Session) -> None:
    api.add_action_default("x", 1)
    api.clear()
    assert not hasattr(api.Context("a").actions, "x")


# --- 8.3 look-up


def test_parents_serve_their_children_and_children_override(shot: Context) -> None:
    api.add_action(said, "x", "job")
    assert (shot.get_action("x"), api.get_action("x", "job/shot")) == (said, said)
    api.add_action(len, "x", "job/shot")
    assert (shot.get_action("x"), api.get_action("x", "job")) == (len, said)


def test_an_unknown_action_is_none(shot: Context) -> None:
    assert (shot.get_action("x"), api.get_action("x", "job")) == (None, None)


def test_an_action_of_a_child_does_not_serve_its_parent(shot: Context) -> None:
    api.add_action(said, context="job/shot")
    assert api.get_action("said", "job") is None


def test_one_layer_is_searched_where_one_is_named(shot: Context) -> None:
    api.add_action(said, "x", "job/shot", "master")
    api.add_action(len, "x", "job", "client")
    assert (api.get_action("x", "job/shot"), api.get_action("x", "job/shot", "client")) == (said, len)


LAST = {"client": (("master", "client"), len), "master": (("client", "master"), said)}


@pytest.mark.parametrize("priority, expected", LAST.values(), ids=LAST)
def test_the_layer_listed_last_wins_as_it_does_for_plugins(
    shot: Context, monkeypatch: pytest.MonkeyPatch, priority: tuple[str, ...], expected: Any
) -> None:
    """REC of 8.3."""
    api.add_action(said, "x", "job", "master")
    api.add_action(len, "x", "job", "client")
    monkeypatch.setenv("WAYS_PRIORITY", give(*priority))
    assert shot.get_action("x") is expected


def test_every_layer_of_the_priority_is_searched_at_each_place(shot: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """REC of 8.3: an action of one layer hides none of another."""
    monkeypatch.setenv("WAYS_PRIORITY", give("master", "client"))
    api.add_action(said, "x", "job/shot", "master")
    api.add_action(len, "y", "job/shot", "client")
    assert (shot.get_action("x"), shot.get_action("y")) == (said, len)


def test_a_nearer_place_goes_before_a_stronger_layer(shot: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_PRIORITY", give("master", "client"))
    api.add_action(said, "x", "job/shot", "master")
    api.add_action(len, "x", "job", "client")
    assert shot.get_action("x") is said


def test_a_context_searches_its_own_layer(session: Session) -> None:
    session.add_plugins(job={"hierarchy": "job", "assignment": "client"})
    api.add_action(said, context="job")
    api.add_action(len, "said", "job", "client")
    assert session.need_context("job", "client").get_action("said") is len


def test_a_context_gives_an_instance_of_a_class_and_the_function_gives_the_class(shot: Context) -> None:
    own = type("Own", (), {})
    api.add_action(own, context="job")
    assert isinstance(shot.get_action("Own"), own)
    assert api.get_action("Own", "job") is own


def test_actions_are_not_looked_up_through_an_alias(shot: Context, session: Session) -> None:
    api.register_context_alias("short", "job/shot")
    api.add_action(said, context="job/shot")
    assert session.need_context("short").get_action("said") is None


# --- 8.4 attributes


def test_an_action_gets_the_context_first(shot: Context) -> None:
    api.add_action(said, context="job")
    assert shot.actions.said(1, 2) == (shot, 1, 2)
    assert Find(shot).said() == (shot,)


def test_an_action_class_is_made_anew_each_time(shot: Context) -> None:
    made: list[int] = []
    api.add_action(type("Own", (), {"__init__": lambda self: made.append(1), "__call__": said}), context="job")
    shot.actions.Own(), shot.actions.Own()
    assert len(made) == 2


def test_an_unknown_attribute_is_an_attribute_error_that_suggests(shot: Context, asset: Asset) -> None:
    api.add_action(said, context="job")
    for finder in (shot.actions, asset.actions):
        with pytest.raises(AttributeError, match="no action 'sade' at .*job/shot.* Did you mean 'said'"):
            finder.sade()
        assert (hasattr(finder, "said"), hasattr(finder, "sade"), getattr(finder, "sade", 1)) == (True, False, 1)


def test_an_attribute_error_inside_an_action_is_its_own(shot: Context) -> None:
    api.add_action(lambda obj: obj.no_such_thing, "broken", "job")
    with pytest.raises(AttributeError, match="no_such_thing"):
        shot.actions.broken()


def test_dir_names_the_actions_that_serve(shot: Context, asset: Asset) -> None:
    api.add_action(said, context="job")
    api.add_action(len, "other", "job/shot")
    assert {"said", "other"} <= set(dir(shot.actions)) & set(dir(asset.actions))


def test_dir_names_those_of_the_contexts_own_layer(session: Session) -> None:
    """REC of 8.4."""
    session.add_plugins(job={"hierarchy": "job", "assignment": "client"})
    api.add_action(said, "of_master", "job")
    api.add_action(said, "of_client", "job", "client")
    names = set(dir(session.need_context("job", "client").actions))
    assert names & {"of_master", "of_client"} == {"of_client"}


# --- 7.8 an Asset's actions


def test_an_asset_passes_itself_and_its_context_passes_the_context(asset: Asset) -> None:
    api.add_action(said, context="job")
    assert asset.actions.said(1) == (asset, 1)
    assert asset.context.actions.said(1) == (asset.context, 1)


def test_the_finder_of_an_asset_tells_what_it_is_made_of(asset: Asset) -> None:
    assert isinstance(asset.actions, AssetFinder)
    assert (asset.actions.finder.context, asset.actions._asset) == (asset.context, asset)


def test_a_finder_can_be_made_by_hand(asset: Asset) -> None:
    api.add_action(said, context="job")
    assert AssetFinder(finder=Find(asset.context), asset=asset).said() == (asset,)


# --- 8.5 queries


@pytest.fixture
def three(session: Session) -> None:
    """``x`` and ``y`` at ``a/b``, and another ``x`` at ``a``."""
    for name, place, function in [("x", "a", len), ("x", "a/b", said), ("y", "a/b", repr)]:
        api.add_action(function, name, place)


def test_actions_are_listed_nearest_first_without_those_that_are_hidden(three: None) -> None:
    assert api.get_actions("a/b") == list(api.get_actions_iter("a/b")) == [said, repr]
    assert api.get_actions("a") == [len]


def test_duplicates_are_listed_if_they_are_asked_for(three: None) -> None:
    assert api.get_actions("a/b", duplicates=True) == [said, repr, len]
    assert api.get_action_names("a/b") == ["x", "y"]


def test_actions_are_given_by_name_nearest_first(three: None) -> None:
    assert list(api.get_actions_info("a/b").items()) == [("x", said), ("y", repr)]


def test_a_level_without_actions_is_no_obstacle_with_all_layers(three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_PRIORITY", give("master", "client"))
    assert api.get_actions("a/b/c/d", assignment="") == [said, repr]
    assert api.get_actions("elsewhere", assignment="") == []


def test_every_action_is_told_with_its_places(session: Session) -> None:
    made = type("Made", (Action,), {"get_hierarchy": classmethod(lambda cls: "a")})
    assert api.get_all_action_hierarchies() == {made: {"hierarchies": {("a",)}, "name": "Made"}}


def test_names_of_python_s_own_are_never_actions(session):
    session.add_plugins(job={"hierarchy": "job", "mapping": "/{JOB}"})
    for finder in (session.get_context("job").actions, session.get_asset("/x").actions):
        assert not hasattr(finder, "__wrapped__") and not hasattr(finder, "__deepcopy__")
