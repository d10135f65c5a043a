"""The registry: plugins by place, one generation a change, and readers who never see half of one.

The rules: ``docs/explanation/sessions-and-threads.rst``.
"""

from __future__ import annotations

import os
import threading

import pytest

from ways.hierarchy import Hierarchy
from ways.plugins.plugin import DataPlugin
from ways.registry import Registry
from ways.session import Session

GOOD = "plugins: {a: {hierarchy: job, mapping: /job}}"


def plugin(name="a", hierarchy="job", assignment="master", **keys):
    return DataPlugin(name, [f"{name}.yml"], {"hierarchy": hierarchy, **keys}, assignment)


def names_at(registry, hierarchy="job", assignments=("master",)):
    return [found.name for found in registry.now.plugins_at(assignments)(Hierarchy.of(hierarchy))]


# --- what a registry holds


def test_a_new_registry_is_empty_and_of_generation_zero():
    registry = Registry()
    assert registry.now.plugins == () and registry.now.generation == 0 and names_at(registry) == []


def test_plugins_stand_in_the_order_of_registration():
    registry = Registry()
    registry.add_many([plugin("b"), plugin("a")])
    registry.add_many([plugin("c")])
    assert names_at(registry) == ["b", "a", "c"]


def test_assignments_are_given_in_the_order_that_is_asked_for():
    registry = Registry()
    registry.add_many([plugin("a", assignment="client"), plugin("b")])
    assert names_at(registry, assignments=("master", "client")) == ["b", "a"]
    assert names_at(registry, assignments=("client", "master")) == ["a", "b"]


def test_an_assignment_that_is_not_asked_for_is_left_out():
    registry = Registry()
    registry.add_many([plugin("a", assignment="client"), plugin("b")])
    assert names_at(registry, assignments=("client",)) == ["a"]


def test_plugins_that_take_no_part_are_left_out():
    registry = Registry()
    registry.add_many([plugin("a"), plugin("b")])
    at = registry.now.plugins_at(("master",), lambda found: found.name == "b")
    assert [found.name for found in at(Hierarchy.of("job"))] == ["b"]


def test_every_assignment_is_known():
    registry = Registry()
    registry.add_many([plugin("a", assignment="client"), plugin("b")])
    assert registry.now.assignments == {"client", "master"}


# --- generations


def test_many_plugins_are_one_generation():
    registry = Registry()
    registry.add_many([plugin("a"), plugin("b")])
    assert registry.now.generation == 1


def test_a_generation_that_adds_nothing_is_none():
    registry = Registry()
    registry.add_many([])
    assert registry.now.generation == 0


def test_the_generation_grows_when_all_is_cleared():
    registry = Registry()
    registry.add_many([plugin("a")])
    registry.clear()
    assert registry.now.generation == 2 and registry.now.plugins == ()


def test_a_snapshot_never_changes():
    registry = Registry()
    registry.add_many([plugin("a")])
    before = registry.now
    registry.add_many([plugin("b"), plugin("c", hierarchy="other")])
    assert [found.name for found in before.plugins] == ["a"]
    assert [found.name for found in before.plugins_at(("master",))(Hierarchy.of("job"))] == ["a"]
    assert Hierarchy.of("other") not in before.places


def test_a_reader_never_sees_half_of_what_is_added():
    registry = Registry()
    seen = []
    done = threading.Event()

    def read():
        while not done.is_set():
            now = registry.now
            seen.append((len(now.plugins), len(now.plugins_at(("master",))(Hierarchy.of("job")))))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(100):
        registry.add_many([plugin(f"{number}-{index}") for index in range(10)])
    done.set()
    reader.join()
    assert all(everything == here and everything % 10 == 0 for everything, here in seen)


def test_writers_lose_nothing_to_each_other():
    registry = Registry()
    groups = [[plugin(f"{thread}-{index}") for index in range(50)] for thread in range(8)]
    threads = [threading.Thread(target=lambda g=group: [registry.add_many([p]) for p in g]) for group in groups]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(registry.now.plugins) == 400 and registry.now.generation == 400


# --- uuids (docs/reference/sheet-keys.rst)


def test_one_uuid_for_two_names_is_refused():
    registry = Registry()
    (error,) = registry.add_many([plugin("a", uuid="x"), plugin("b", uuid="x")])
    assert (error.existing.name, error.duplicate.name) == ("a", "b")
    assert names_at(registry) == ["a"]


def test_a_clash_is_a_runtime_error_that_names_both_and_says_what_to_do():
    registry = Registry()
    (error,) = registry.add_many([plugin("a", uuid="x"), plugin("b", uuid="x")])
    assert isinstance(error, RuntimeError)
    assert "'a' at a.yml" in str(error) and "'b'" in str(error) and "a uuid of its own" in str(error)


def test_one_uuid_for_one_name_is_accepted_also_from_another_file():
    registry = Registry()
    first = DataPlugin("a", ["one.yml"], {"hierarchy": "job", "uuid": "x"})
    second = DataPlugin("a", ["two.yml"], {"hierarchy": "job", "uuid": "x"})
    assert registry.add_many([first, second]) == [] and names_at(registry) == ["a", "a"]


@pytest.mark.parametrize("keys", [{}, {"uuid": ""}, {"uuid": None}], ids=["no uuid", "empty", "null"])
def test_plugins_without_a_uuid_never_clash(keys):
    assert Registry().add_many([plugin("a", **keys), plugin("b", **keys)]) == []


def test_what_is_good_beside_a_clash_is_registered():
    registry = Registry()
    registry.add_many([plugin("a", uuid="x"), plugin("b", uuid="x"), plugin("c")])
    assert names_at(registry) == ["a", "c"]


def test_a_uuid_is_free_again_after_clear():
    registry = Registry()
    registry.add_many([plugin("a", uuid="x")])
    registry.clear()
    assert registry.add_many([plugin("b", uuid="x")]) == []


def test_the_copies_of_a_relative_plugin_share_its_uuid(load):
    session = load("plugins: {a: {hierarchy: '{root}/x', uses: [b, c], uuid: one}, b: {hierarchy: b}, c: {hierarchy: c}}")
    assert [session.get_context(place).plugins[-1].get_uuid() for place in ("b/x", "c/x")] == ["one", "one"]


# --- loading again


def test_the_same_plugin_object_is_registered_once():
    registry, one = Registry(), plugin("a")
    registry.add_many([one, one])
    registry.add_many([one])
    assert names_at(registry) == ["a"]


def test_a_folder_that_is_added_twice_adds_nothing(session, write_sheet):
    folder = os.path.dirname(write_sheet(GOOD))
    session.add_search_path(folder)
    generation = session.registry.now.generation
    session.add_search_path(folder)
    assert len(session.get_all_plugins()) == 1 and session.registry.now.generation == generation


def test_adding_another_folder_adds_only_its_own(session, write_sheet):
    for name in ("one", "two"):
        session.add_search_path(os.path.dirname(write_sheet(GOOD, f"{name}/sheet.yml")))
    assert len(session.get_all_plugins()) == 2


def test_a_sheet_that_is_moved_away_keeps_its_plugins_when_another_is_added(session, write_sheet):
    path = write_sheet(GOOD, "one/sheet.yml")
    session.add_search_path(os.path.dirname(path))
    os.rename(path, f"{path}.away")
    session.add_search_path(write_sheet("plugins: {b: {hierarchy: other}}", "two/sheet.yml"))
    assert session.get_context("job").get_mapping() == "/job"


def test_all_plugins_are_a_list_that_can_be_changed_without_harm(load):
    session = load(GOOD)
    session.get_all_plugins().clear()
    assert len(session.get_all_plugins()) == 1


def test_all_plugins_are_gone_after_clear(load):
    session = load(GOOD)
    session.clear()
    assert session.get_all_plugins() == [] and session.get_context("job") is None


# --- replacing


def test_replacing_all_is_one_generation():
    registry = Registry()
    registry.add_many([plugin("a"), plugin("b")])
    registry.replace_all([plugin("c")])
    assert names_at(registry) == ["c"] and registry.now.generation == 2


def test_replacing_all_tells_clashes_too():
    assert len(Registry().replace_all([plugin("a", uuid="x"), plugin("b", uuid="x")])) == 1


# --- actions and aliases


def test_an_action_replaces_one_of_the_same_name_at_the_same_place():
    registry = Registry()
    for action in ("first", "second"):
        registry.add_action(action, "render", Hierarchy.of("job"), "master")
    assert registry.now.actions == {("job",): {"master": {"render": "second"}}}


def test_actions_of_other_layers_stay():
    registry = Registry()
    registry.add_action("one", "render", Hierarchy.of("job"), "master")
    registry.add_action("two", "render", Hierarchy.of("job"), "client")
    assert registry.now.actions[Hierarchy.of("job")] == {"master": {"render": "one"}, "client": {"render": "two"}}


def test_a_chain_of_aliases_leads_to_the_real_place():
    registry = Registry()
    registry.set_aliases({Hierarchy.of("a"): Hierarchy.of("b"), Hierarchy.of("b"): Hierarchy.of("c")})
    assert registry.now.resolve_alias(Hierarchy.of("a")) == ("c",) and registry.now.resolve_alias(Hierarchy.of("z")) == ("z",)


def test_a_place_that_is_not_there_is_a_key_error(write_sheet, monkeypatch, tmp_path):
    monkeypatch.setenv("WAYS_CACHE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sheet = write_sheet("plugins: {job: {hierarchy: job}}")
    for _ in range(2):
        session = Session()
        session.add_search_path(sheet)
        with pytest.raises(KeyError):
            session.registry.now.places[Hierarchy.of("nowhere")]
