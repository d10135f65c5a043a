"""The data of a Context: what its plugins give, and over it what the user set (``docs/explanation/sessions-and-threads.rst``)."""

from __future__ import annotations

import copy
import json
import os
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.contexts.data import Overlay
from ways.lightweight import Lock

SHEET = """
    plugins:
      a: {hierarchy: job, data: {fps: 24, ui: {tint: red}}}
      b: {hierarchy: job, data: {tasks: [anim]}}
"""


def data_of(loaded):
    return Overlay(Lock()).over(loaded)


# --- the user's own keys


def test_data_is_equal_to_a_plain_dict(load):
    context = load(SHEET).get_context("job")
    assert context.data == {"fps": 24, "ui": {"tint": "red"}, "tasks": ["anim"]} and {"k": 8} != context.data


def test_a_new_key_stays(load):
    context = load(SHEET).get_context("job")
    context.data["new"] = 1
    assert context.data["new"] == 1


def test_a_loaded_key_can_be_changed_and_shows_again_when_the_change_is_removed(load):
    context = load(SHEET).get_context("job")
    context.data["fps"] = 25
    assert context.data["fps"] == 25
    del context.data["fps"]
    assert context.data["fps"] == 24


def test_a_key_of_the_user_can_be_removed(load):
    context = load(SHEET).get_context("job")
    context.data["new"] = 1
    del context.data["new"]
    assert "new" not in context.data


@pytest.mark.parametrize("remove", [lambda data: data.__delitem__("fps"), lambda data: data.pop("fps"), lambda data: data.pop("fps", 0)])
def test_a_loaded_key_cannot_be_removed(load, remove):
    context = load(SHEET).get_context("job")
    with pytest.raises(KeyError, match="can be changed, but not removed"):
        remove(context.data)
    assert context.data["fps"] == 24


def test_a_key_that_is_not_there_is_a_plain_key_error():
    with pytest.raises(KeyError, match="'no'"):
        del data_of({})["no"]


def test_data_can_be_set_as_a_whole_and_loaded_keys_show_through(load):
    context = load(SHEET).get_context("job")
    context.data["old"] = 1
    context.data = {"new": 2}
    assert context.data == {"fps": 24, "ui": {"tint": "red"}, "tasks": ["anim"], "new": 2}


def test_what_is_set_as_a_whole_is_not_tied_to_the_dict_it_came_from():
    data, given_ = data_of({}), {"a": 1}
    data.replace(given_)
    given_["a"] = 2
    assert data == {"a": 1}


def test_updating_in_place_makes_only_those_keys_the_users(load, write_sheet):
    session = load(SHEET)
    context = session.get_context("job")
    context.data |= {"new": 1}
    session.add_search_path(write_sheet("plugins: {c: {hierarchy: job, data: {fps: 30}}}", "later.yml"))
    assert context.data["fps"] == 30 and context.data["new"] == 1


# --- nested values


def test_a_nested_change_is_seen_by_every_holder(load):
    session = load(SHEET)
    session.get_context("job").data["ui"]["tint"] = "blue"
    assert session.get_context("job").data["ui"] == {"tint": "blue"}


@pytest.mark.parametrize("change", [lambda data: data["ui"].update(tint="blue"), lambda data: data["tasks"].append("comp")])
def test_reverting_undoes_a_nested_change_of_any_plugin(load, change):
    context = load(SHEET).get_context("job")
    change(context.data)
    context.revert()
    assert context.data == {"fps": 24, "ui": {"tint": "red"}, "tasks": ["anim"]}


def test_a_nested_change_survives_a_sheet_that_is_added_later(load, write_sheet):
    session = load(SHEET)
    context = session.get_context("job")
    context.data["ui"]["tint"] = "blue"
    session.add_search_path(write_sheet("plugins: {c: {hierarchy: job, data: {ui: {tint: green}, x: 1}}}", "later.yml"))
    assert context.data["ui"] == {"tint": "blue"} and context.data["x"] == 1


def test_contexts_that_share_a_plugin_do_not_share_its_values(load):
    session = load("plugins: {a: {hierarchy: job, data: {ui: {tint: red}}}, b: {hierarchy: job/shot}}")
    session.get_context("job").data["ui"]["tint"] = "blue"
    assert session.get_context("job/shot").data["ui"] == {"tint": "red"}
    assert session.get_context("job", "master").data["ui"] == {"tint": "red"}


def test_a_value_that_yaml_shares_by_an_alias_is_not_shared(load):
    session = load("plugins: {a: {hierarchy: a, data: {x: &x [1]}}, b: {hierarchy: b, data: {x: *x}}}")
    session.get_context("a").data["x"].append(2)
    assert session.get_context("b").data == {"x": [1]}


# --- live


def test_a_sheet_that_is_added_later_is_seen(load, write_sheet):
    session = load(SHEET)
    context = session.get_context("job")
    assert context.data["fps"] == 24
    session.add_search_path(write_sheet("plugins: {c: {hierarchy: job, data: {fps: 30, new: 1}}}", "later.yml"))
    assert (context.data["fps"], context.data["new"]) == (30, 1)


def test_a_key_of_the_user_stands_over_a_sheet_that_is_added_later(load, write_sheet):
    session = load(SHEET)
    context = session.get_context("job")
    context.data["fps"] = 25
    session.add_search_path(write_sheet("plugins: {c: {hierarchy: job, data: {fps: 30}}}", "later.yml"))
    assert context.data["fps"] == 25
    context.revert()
    assert context.data["fps"] == 30


def test_data_of_another_layer_goes_when_the_layer_does(load, monkeypatch):
    session = load("plugins: {a: {hierarchy: job, data: {x: 1}}, b: {hierarchy: job, data: {y: 2}, assignment: client}}")
    context = session.get_context("job")
    monkeypatch.setenv("WAYS_PRIORITY", f"master{os.pathsep}client")
    assert context.data == {"x": 1, "y": 2}
    monkeypatch.setenv("WAYS_PRIORITY", "master")
    assert context.data == {"x": 1}


def test_a_number_that_is_not_equal_to_itself_is_not_taken_for_a_change():
    assert data_of({"x": float("nan")})._overlay.over({"x": 1}) == {"x": 1}


# --- what was loaded


def test_without_changes_a_context_tells_what_was_loaded(load):
    context = load(SHEET).get_context("job")
    context.data["fps"] = 25
    assert context.as_dict(changes=False)["data"]["fps"] == 24 and context.as_dict()["data"]["fps"] == 25


@pytest.mark.parametrize("changes", [True, False])
def test_what_a_context_tells_can_be_changed_without_harm(load, changes):
    context = load(SHEET).get_context("job")
    context.as_dict(changes=changes)["data"]["ui"]["tint"] = "blue"
    assert context.data["ui"] == {"tint": "red"}


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, dict, lambda data: pickle.loads(pickle.dumps(data)), lambda data: data | {}],
    ids=["copy", "deepcopy", "dict", "pickle", "or"],
)
def test_a_copy_is_a_plain_dict(copied):
    data = data_of({"a": [1]})
    data["b"] = 2
    assert type(copied(data)) is dict and copied(data) == {"a": [1], "b": 2}


def test_data_can_be_written_as_json():
    assert json.loads(json.dumps(data_of({"a": [1]}))) == {"a": [1]}


def test_the_last_key_of_the_user_is_popped():
    data = data_of({"a": 1})
    data["b"] = 2
    assert data.popitem() == ("b", 2)
    with pytest.raises(KeyError):
        data.popitem()


def test_what_is_there_is_kept_by_setdefault_and_what_is_not_is_popped_as_the_default():
    data = data_of({"a": 1})
    assert data.setdefault("a", 2) == 1 and data.setdefault("b", 3) == 3 and data.setdefault("b", 4) == 3
    assert data.pop("c", 5) == 5 and data.pop("c", None) is None
    assert data == {"a": 1, "b": 3}


class Meanwhile:
    """A lock; while somebody waits for it the first time, another thread does something."""

    def __init__(self, act):
        self.lock, self.act = Lock(), act

    def __enter__(self):
        act, self.act = self.act, None
        if act is not None:
            act()
        self.lock.__enter__()

    def __exit__(self, *error):
        self.lock.__exit__(*error)


def test_threads_that_look_first_at_once_share_what_is_set(load, monkeypatch):
    context = load(SHEET).get_context("job")
    monkeypatch.setattr(context.pool, "data_lock", Meanwhile(lambda: context.data.update(seen=1)))
    context.data["own"] = 2
    assert (context.data["seen"], context.data["own"]) == (1, 2)


def test_threads_that_look_at_once_after_a_change_of_sheets_share_what_is_set():
    overlay, loaded = Overlay(Lock()), {"a": 1}
    overlay.lock = Meanwhile(lambda: overlay.over(loaded).update(seen=1))
    assert overlay.over(loaded) is overlay.current
    assert overlay.over(loaded) == {"a": 1, "seen": 1}


# --- against a model of two plain dicts

KEYS = st.sampled_from("abc")
VALUES = st.one_of(st.integers(0, 3), st.lists(st.integers(0, 3), max_size=2))
DICTS = st.dictionaries(KEYS, VALUES, max_size=3)
STEPS = st.one_of(
    st.tuples(st.just("set"), KEYS, VALUES),
    st.tuples(st.just("delete"), KEYS, st.none()),
    st.tuples(st.just("pop"), KEYS, st.none()),
    st.tuples(st.just("setdefault"), KEYS, VALUES),
    st.tuples(st.just("append"), KEYS, st.integers(10, 99)),
    st.tuples(st.just("update"), st.none(), DICTS),
    st.tuples(st.just("replace"), st.none(), DICTS),
    st.tuples(st.just("sync"), st.none(), DICTS),
    st.tuples(st.just("revert"), st.none(), st.none()),
    st.tuples(st.just("clear"), st.none(), st.none()),
)


class Model:
    """Two plain dicts, the user's over the loaded one."""

    def __init__(self, loaded):
        self.loaded, self.user = loaded, {}

    @property
    def shown(self):
        return {**self.loaded, **self.user}

    def append(self, key, value):
        self.user.setdefault(key, copy.deepcopy(self.loaded.get(key)))
        self.user[key].append(value)


def step(data, model, verb, key, value):
    """Do the same to both; a key that can't be removed is refused by both. Return the data that counts from now on."""
    if verb in ("delete", "pop"):
        if key in model.user:
            removed = model.user.pop(key)
            assert data.pop(key) == removed if verb == "pop" else data.__delitem__(key) is None
        else:
            with pytest.raises(KeyError):
                del data[key]
    elif verb == "append":
        if isinstance(model.shown.get(key), list):
            model.append(key, value)
            data[key].append(value)
    elif verb == "sync":
        model.loaded = value
        return data._overlay.over(value)
    elif verb in ("revert", "clear"):
        model.user = {}
        getattr(data, verb)()
    elif verb == "replace":
        model.user = copy.deepcopy(value)
        data.replace(value)
    elif verb == "update":
        model.user.update(copy.deepcopy(value))
        data.update(value)
    elif verb == "set":
        model.user[key] = copy.deepcopy(value)
        data[key] = value
    elif key not in model.shown:
        model.user[key] = copy.deepcopy(value)
        assert data.setdefault(key, value) == value
    # What replaces everything at once is another object, for those who ask the Context.
    return data._overlay.over(data._loaded)


@settings(deadline=None)
@given(DICTS, st.lists(STEPS, max_size=12))
def test_any_changes_show_what_two_plain_dicts_would(loaded, steps):
    data, model = data_of(copy.deepcopy(loaded)), Model(copy.deepcopy(loaded))
    for verb, key, value in steps:
        held, data = data, step(data, model, verb, key, copy.deepcopy(value))
        assert data == model.shown and data.loaded() == model.loaded
        assert verb == "sync" or held == data


# --- dicts in values: what a plugin gives can't be removed at any depth

NESTED = {"ui": {"tint": "red", "deep": {"a": 1, "b": {"c": 2}}}, "list": [1, {"x": 1}], "plain": 1}


@pytest.fixture
def nested(session):
    session.add_plugins(job={"hierarchy": "job", "data": copy.deepcopy(NESTED)})
    return session.get_context("job")


REMOVALS = {
    "del": lambda data: data["ui"].__delitem__("tint"),
    "pop": lambda data: data["ui"].pop("tint"),
    "clear": lambda data: data["ui"].clear(),
    "deep": lambda data: data["ui"]["deep"]["b"].pop("c"),
    "whole": lambda data: data["ui"].pop("deep"),
    "popitem": lambda data: data["ui"]["deep"].popitem(),
    "twice": lambda data: (data["ui"].pop("deep"), data["ui"].pop("tint")),
}


@pytest.mark.parametrize("remove", REMOVALS.values(), ids=REMOVALS)
def test_what_is_removed_from_a_dict_of_a_plugin_is_there_again(nested, remove):
    for _ in range(3):
        remove(nested.data)
        assert nested.data == NESTED
        assert nested.data_changes() == {}


def test_what_was_changed_in_a_dict_stays_when_another_key_is_removed(nested):
    nested.data["ui"]["tint"] = "blue"
    nested.data["ui"]["own"] = 1
    del nested.data["ui"]["deep"]
    assert nested.data["ui"] == {"tint": "blue", "own": 1, "deep": NESTED["ui"]["deep"]}
    del nested.data["ui"]["own"]
    del nested.data["ui"]["tint"]
    assert nested.data["ui"] == NESTED["ui"]


def test_a_list_is_a_value_and_may_lose_items(nested):
    nested.data["list"].pop()
    assert nested.data["list"] == [1]
    nested.revert()
    del nested.data["list"][1]["x"]
    assert nested.data["list"] == [1, {}]


def test_a_dict_that_the_user_set_is_the_users(nested):
    nested.data["ui"] = {"tint": "blue", "x": {"y": 1}}
    nested.data["ui"].pop("tint")
    assert nested.data["ui"] == {"x": {"y": 1}}
    del nested.data["ui"]
    assert nested.data == NESTED
    nested.data["ui"]["deep"] = {"z": 1}
    assert nested.data["ui"]["deep"] == {"z": 1}


def test_after_a_revert_and_another_plugin_it_is_still_so(nested, session):
    nested.data["ui"]["tint"] = "blue"
    nested.revert()
    session.add_plugins(more={"hierarchy": "job", "data": {"other": {"o": 1}}})
    nested.data["other"].clear()
    nested.data["ui"].clear()
    assert nested.data == {**NESTED, "other": {"o": 1}}
    assert len(nested._overlay._copies) == 4
