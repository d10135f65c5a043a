"""What a registry keeps of the answers about its types is what an answer from their bases alone would be, at every moment."""

from __future__ import annotations

import copy
import json
import os
import posixpath
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import type_oracle

from ways.systems.shared import circles
from ways.systems.usd import Registry
from ways.systems.usd import types as usd_types
from ways.systems.usd.errors import PlugError
from ways.systems.usd.files.info import joined
from ways.systems.usd.files.json import plain_copy
from ways.systems.usd.files.paths import is_there
from ways.systems.usd.reading import real_path
from ways.systems.usd.types import TypeGraph, ancestors

NAMES = "ABCDEFG"
DECLARED = st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3))
ALIASED = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.sampled_from(["al", "x", "A", "B"]))


def outcome(question: Callable[..., object], *given: Any) -> object:
    """Return what a question gives, or what it raises, as text."""
    try:
        return question(*given)
    except PlugError as error:
        return str(error), [fault.code for fault in error.errors]


def check(graph: TypeGraph) -> None:
    """Compare everything that can be asked of the types."""
    types = [graph.root, graph.unknown, *(graph.find(name) for name in NAMES)]
    assert graph.has_circles == any(True for _ in circles(types, lambda type: type.baseTypes))
    for type in types:
        assert outcome(type.GetAllDerivedTypes) == outcome(type_oracle.all_derived, type)
        assert outcome(type.GetAllAncestorTypes) == outcome(lambda type=type: tuple(ancestors(type)))
        for name in (*NAMES, "al", "x"):
            assert outcome(type.FindDerivedByName, name) == outcome(type_oracle.find_derived, graph, type, name)
        for other in types:
            assert outcome(type.IsA, other) == outcome(type_oracle.is_a, type, other)
            assert type.GetAliases(other) == type_oracle.aliases(type, other)


@given(st.lists(st.one_of(DECLARED, ALIASED), max_size=9), st.booleans())
@settings(deadline=None)
def test_types_answer_alike_after_each_declaration(steps: list[tuple[Any, ...]], allows_circles: bool) -> None:
    graph = TypeGraph(allows_circles=allows_circles)
    for step in steps:
        if len(step) == 2:
            graph.declare(*step)
        else:
            graph.add_alias(graph.get_or_add(step[0]), graph.get_or_add(step[1]), step[2])
        check(graph)


def test_a_class_that_is_defined_may_close_a_circle() -> None:
    graph = TypeGraph(allows_circles=True)
    above = type("Above", (), {"__module__": "m"})
    below = type("Below", (above,), {"__module__": "m"})
    graph.declare("m.Above", ["m.Below"])
    with pytest.raises(PlugError):
        graph.define(above)
    graph.define(below)
    assert graph.has_circles and "each other's base" in str(outcome(graph.find("m.Above").GetAllAncestorTypes))


@pytest.mark.parametrize("most", [0, 3, 20])
def test_answers_are_kept_no_longer_than_they_may(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usd_types, "MAX_ANSWERS", most)
    graph = TypeGraph()
    for number in range(1, len(NAMES)):
        graph.declare(NAMES[number], [NAMES[number - 1], NAMES[number // 2]])
    for _ in range(2):
        check(graph)
        assert len(graph.kept().above) <= most + 2


def test_the_root_and_the_unknown_type_of_another_registry_are_taken_as_such() -> None:
    graph, other = TypeGraph(["A"]), TypeGraph(["A"])
    assert graph.find("A").IsA(other.root) and not graph.find("A").IsA(other.find("A")) and not graph.unknown.IsA(other.root)
    with pytest.raises(PlugError):
        graph.find("A").IsA(other.unknown)


TYPES = st.dictionaries(
    st.sampled_from(NAMES),
    st.one_of(st.just(5), st.fixed_dictionaries({"bases": st.lists(st.sampled_from(NAMES), max_size=2)})),
    max_size=4,
)


@given(st.lists(TYPES, min_size=1, max_size=3), st.booleans(), st.data())
@settings(deadline=None)
def test_plugins_answer_alike(tmp_path_factory: pytest.TempPathFactory, worlds: list[Any], is_strict: bool, drawn: st.DataObject) -> None:
    folder, registry = tmp_path_factory.mktemp("desk"), Registry(strict=is_strict)
    for number, types in enumerate(worlds):
        # Types that are their own base aren't declared strictly either; circles are.
        path = folder / f"p{number}" / "plugInfo.json"
        path.parent.mkdir()
        entry = {"Type": "resource", "Name": f"p{number}", "Info": {"Types": types, "deep": [{"a": [types]}]}}
        path.write_text(json.dumps({"Plugins": [entry]}), encoding="utf-8")
        registry.register(str(path))
        for plugin in registry.GetAllPlugins():
            for wanted in (registry.types.root, registry.types.unknown, *map(registry.types.find, NAMES)):
                assert outcome(plugin.DeclaresType, wanted, True) == outcome(type_oracle.declares, plugin, registry.types, wanted)
                assert plugin.GetMetadataForType(wanted) == plugin.entry.metadata_of(wanted.typeName)
                owner = registry.GetPluginForType(wanted) if wanted else None
                given = owner.GetMetadataForType(wanted).get("bases", "") if owner else ""
                assert not wanted or registry.GetStringFromPluginMetaData(wanted, "bases") == (given if isinstance(given, str) else "")


def test_a_name_that_becomes_a_type_by_a_refused_base_is_one_for_all_questions(tmp_path: Path) -> None:
    registry = Registry(strict=True)
    for name, types in (("p", {"Q": 5}), ("q", {"T": {}}), ("r", {"T": {"bases": ["Q"]}})):
        (tmp_path / name).mkdir()
        entry = {"Type": "resource", "Name": name, "Info": {"Types": types}}
        (tmp_path / name / "plugInfo.json").write_text(json.dumps({"Plugins": [entry]}), encoding="utf-8")
        registry.register(str(tmp_path / name))
        plugin = registry.GetPluginWithName("p")
        assert plugin is not None and plugin.DeclaresType(registry.types.root, True) is bool(registry.types.find("Q"))
    assert registry.types.find("Q")


@given(st.recursive(st.integers() | st.text(max_size=3), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=2), inner)))
def test_a_copy_is_one_all_the_way_down(value: Any) -> None:
    made = plain_copy(value)
    assert made == copy.deepcopy(value)
    waiting = [(value, made)]
    for one, other in waiting:
        if isinstance(one, (dict, list)):
            assert one is not other and list(one) == list(other)
            waiting += zip(one.values(), other.values()) if isinstance(one, dict) else zip(one, other)


@given(*[st.text("/.ab\0", max_size=6)] * 2)
def test_a_joined_path_is_normal(folder: str, path: str) -> None:
    assert joined(folder, path) == posixpath.normpath(f"{folder}/{path}")


def test_a_path_is_real_and_there_as_the_system_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "f").write_text("")
    (tmp_path / "l").symlink_to("a")
    (tmp_path / "a" / "k").symlink_to("../l/b")
    (tmp_path / "g").symlink_to("l/k/f")
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "ring").symlink_to("ring")
    names = "a/b/f l/b/f a/k/f l/k/f g nowhere gone/x a/b/../b/f a//b/f a/./b/f a/b/ l/.. ring ring/f .".split()
    folders: dict[str, str] = {}
    for path in [*(f"{tmp_path}/{name}" for name in names * 2), "/", "//", "//x", "/..", "/x", "/" + "a/" * 300 + "f"]:
        assert real_path(path, folders) == os.path.realpath(path)
        assert is_there(path) == os.path.lexists(path)
    assert not is_there(f"{tmp_path}/a\0b") and not is_there("/\ud800")
    monkeypatch.setattr("ways.systems.usd.files.paths._HAS_ACCESS", False)
    assert is_there(f"{tmp_path}/nowhere") and not is_there(f"{tmp_path}/gone")
