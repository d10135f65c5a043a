"""Whatever is done to a session, in whatever order, it answers as a world that is built anew from what there is."""

from __future__ import annotations

import json
import logging
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from oracle.match_oracle import expression, leaf_names, leaves, tree
from oracle.session_model import Model, Refused, Several, registered
from oracle.test_merge_agrees import ASSIGNMENTS, OWN_PLACES, PARENTS, PLACES, said_by_oracle, said_by_ways
from oracle.worlds import World

from ways.errors import AliasError, AmbiguousContextError, WaysError
from ways.hierarchy import Hierarchy
from ways.session import Session

FILES = ("one.yml", "two.json", "all/a.yml", "all/b.json")
#: The file that WAYS_DESCRIPTORS names.
AT_START = "start.yml"
ORIGINS = ("one.yml", "two.json", "all/")
#: What may be asked for: places of plugins, some that are none, and names of aliases.
ALIASES = ("s", "t", "u/v")
ASKED = (*PLACES, "a/b/b", "lib/a/b", "b", "lib/lib", "/a/x", "x-a", "nowhere", *ALIASES)
MAPPINGS = ("/{A}", "-{B}", "{root}/{B}", "{root}", "p{root}q", "\\{A}/", "/{A}_{B}", "/{A}-{A}", "x/{B}")
REGEXES = ("[a-z]+", r"\d+", "ab|a")
DETAILS: tuple[dict[str, Any], ...] = ({}, {"casing": 1}, *({"parse": {"regex": regex}} for regex in REGEXES))
#: What WAYS_PLATFORMS says.
KNOWN = (("linux", "windows"), ("linux",))
BROKEN = ("plugins: {a: [", "{", "\ufffd: \t: x", "- [")
VALUES = ("a", "ab", "b", "1", "12", "a_b", "")
#: Expression to values that fit.
FITTING = {"None": ("a", "b", "1"), "[a-z]+": ("a", "b"), r"\d+": ("1", "12"), "ab|a": ("a", "ab")}

details = st.dictionaries(st.sampled_from("AB"), st.sampled_from(DETAILS))
fields = {
    "mapping": st.sampled_from(("", *MAPPINGS)),
    "mapping_details": details,
    "assignment": st.sampled_from(ASSIGNMENTS),
    "path": st.booleans(),
    "data": st.dictionaries(st.sampled_from("klm"), st.one_of(st.integers(0, 9), st.lists(st.booleans(), max_size=2)), max_size=2),
    "groups": st.lists(st.sampled_from("gh"), min_size=1, max_size=2),
    "max_folder": st.sampled_from(("/j", "/j/k", "y")),
    "platforms": st.sampled_from((["linux"], ["windows"], "*")),
}
uses = st.lists(st.sampled_from(PARENTS), min_size=1, max_size=2, unique=True)
absolute = st.fixed_dictionaries({"hierarchy": st.sampled_from(PLACES)}, optional=fields)
relative = st.fixed_dictionaries({"hierarchy": st.sampled_from(OWN_PLACES), "uses": uses}, optional=fields)
plugins = st.dictionaries(st.sampled_from("pqrst"), st.one_of(absolute, absolute, relative), min_size=1, max_size=4)
shared = st.fixed_dictionaries({}, optional={"assignment": st.sampled_from(ASSIGNMENTS), "path": st.booleans()})
sheets = st.fixed_dictionaries({"plugins": plugins}, optional={"globals": shared})
layers = st.sampled_from(("", "", *ASSIGNMENTS))
places = st.sampled_from(ASKED)
keys = st.sampled_from("klmn")
#: What leaves little to ask about is done one time in four.
rarely = st.sampled_from((False, False, False, True))


def split(place: str) -> tuple[str, ...]:
    return tuple(Hierarchy.of(place))


def values_of(mapping: World) -> st.SearchStrategy[dict[str, str]]:
    """Values for each token of a mapping, most of which fit."""
    usual = {name: FITTING[str(expression(name, mapping.details))] for name in leaf_names(*mapping)}
    return st.fixed_dictionaries({name: st.sampled_from((*some, *some, *some, *VALUES)) for name, some in usual.items()})


class SessionMachine(RuleBasedStateMachine):
    """Does things to a session and to the model; after each step both say the same of what is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        self.model = Model()
        self.environ = mock.patch.dict(os.environ, {"WAYS_DESCRIPTORS": self.path(AT_START), "XDG_CACHE_HOME": self.path(".cache")})
        self.environ.start()
        logging.disable(logging.CRITICAL)
        self.set_environ()
        os.mkdir(self.path("all"))
        self.session = Session()

    def teardown(self) -> None:
        logging.disable(logging.NOTSET)
        self.environ.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name.rstrip("/"))

    def set_environ(self) -> None:
        model = self.model
        os.environ["WAYS_PLATFORM"] = model.platform
        os.environ["WAYS_PLATFORMS"] = os.pathsep.join(model.platforms)
        os.environ["WAYS_PRIORITY"] = os.pathsep.join(model.priority)

    # --- the disk

    @rule(name=st.sampled_from((*FILES, AT_START)), content=sheets, by_name=st.booleans(), is_seen=st.booleans())
    def write(self, name: str, content: dict[str, Any], by_name: bool, is_seen: bool) -> None:
        self.model.disk[name] = content
        self.put(name, json.dumps(content), by_name=by_name)
        if is_seen:
            self.refresh()

    @rule(data=st.data(), text=st.sampled_from((None, *BROKEN)), is_seen=st.booleans())
    def spoil(self, data: st.DataObject, text: str | None, is_seen: bool) -> None:
        """Break a sheet, or delete it."""
        name = data.draw(st.sampled_from(sorted(self.model.disk) or FILES))
        if text is None:
            self.model.disk.pop(name, None)
            Path(self.path(name)).unlink(missing_ok=True)
        else:
            self.model.disk[name] = None
            self.put(name, text)
        if is_seen:
            self.refresh()

    def put(self, name: str, text: str, *, by_name: bool = False) -> None:
        """Write a file in its place, or beside it and then in its place as editors do."""
        path = Path(self.path(name))
        (beside := path.with_name("~new") if by_name else path).write_text(text, encoding="utf-8")
        os.replace(beside, path)

    # --- loading

    @initialize(contents=st.lists(sheets, min_size=2, max_size=2), by_hand=sheets)
    def begin(self, contents: list[dict[str, Any]], by_hand: dict[str, Any]) -> None:
        """Let there be something from the start."""
        for name, content in zip((FILES[0], FILES[2]), contents):
            self.write(name, content, False, False)
            self.add_search_path(ORIGINS[0] if name == FILES[0] else ORIGINS[2])
        self.add_plugins(by_hand)

    @rule(name=st.sampled_from(ORIGINS))
    def add_search_path(self, name: str) -> None:
        # What is added twice is there twice, under uuids that clash: nothing that a world built anew could say.
        if all(origin.name != name for origin in self.model.origins):
            self.model.add(name)
            self.session.add_search_path(self.path(name))

    @rule(sheet=sheets)
    def add_plugins(self, sheet: dict[str, Any]) -> None:
        # Each has a name of its own: what says the same under the same name is there once.
        given = {f"{name}{len(self.model.origins)}": plugin for name, plugin in sheet["plugins"].items()}
        self.model.add("", {"plugins": given})
        self.session.add_plugins(**given)

    @rule()
    def refresh(self) -> None:
        self.model.refresh()
        self.session.refresh()

    @rule(luck=rarely)
    def clear(self, luck: bool) -> None:
        if not luck:
            return
        self.model.clear()
        self.session.clear()

    @rule(luck=rarely)
    def init(self, luck: bool) -> None:
        if not luck:
            return
        self.model.clear()
        self.model.add(AT_START)
        self.session.init_plugins()

    # --- settings, aliases, data

    @rule(platform=st.sampled_from(("linux", "linux", "windows", "linux", "plan9")), known=st.sampled_from(KNOWN))
    def change_platform(self, platform: str, known: tuple[str, ...]) -> None:
        self.model.platform, self.model.platforms = platform, known
        self.set_environ()

    @rule(priority=st.lists(st.sampled_from(ASSIGNMENTS), min_size=1, max_size=3))
    def change_priority(self, priority: list[str]) -> None:
        self.model.priority = tuple(priority)
        self.set_environ()

    @rule(mode=st.sampled_from(("0", "1", "strict")))
    def change_store(self, mode: str) -> None:
        """Compiled sheets change nothing."""
        os.environ["WAYS_CACHE"] = mode

    @rule(name=st.sampled_from(ALIASES), old=places)
    def add_alias(self, name: str, old: str) -> None:
        self.both(
            lambda: self.model.alias(split(name), split(old)),
            lambda: self.session.register_context_alias(name, old),
            AliasError,
        )
        assert self.session.resolve_alias(old) == self.model.real(split(old))

    @rule()
    def clear_aliases(self) -> None:
        self.model.aliases = {}
        self.session.clear_aliases()

    @rule()
    def clear_contexts(self) -> None:
        changed, self.model.user = list(self.model.user), {}
        self.session.clear_contexts()
        for place, layer in changed:
            context = self.session.get_context(place, layer)
            assert context is None or context.data == self.model.data(place, layer)

    @rule(data=st.data(), layer=layers, key=keys, how=st.sampled_from(("set", "set", "delete", "revert")))
    def change_data(self, data: st.DataObject, layer: str, key: str, how: str) -> None:
        place = self.a_place(data)
        context = self.session.get_context(place, layer)
        if context is None:
            return
        own = self.model.user.setdefault((split(place), layer), {})
        if how == "set":
            context.data[key] = own[key] = data.draw(st.integers(10, 12))
        elif how == "revert":
            context.revert()
            own.clear()
        elif key in own:
            del context.data[key], own[key]
        else:
            with pytest.raises(KeyError):
                del context.data[key]
        assert context.data == self.model.data(split(place), layer)

    # --- questions

    def a_place(self, data: st.DataObject) -> str:
        """Return a place to ask about: mostly one that is there."""
        there = [Hierarchy(place).text for place in self.model.places()]
        changed = [Hierarchy(place).text for place, _ in self.model.user]
        return data.draw(st.one_of(st.sampled_from(there or ASKED), st.sampled_from(changed or there or ASKED), places))

    @rule(data=st.data(), layer=layers)
    def get_context(self, data: st.DataObject, layer: str) -> None:
        place = self.a_place(data)
        context, parts = self.session.get_context(place, layer), split(place)
        assert (context is not None) == self.model.exists(parts, layer)
        if context is None:
            return
        world, real = self.model.world(layer), self.model.real(parts)
        expected = {**said_by_oracle(world, real), "data": self.model.data(parts, layer)}
        assert said_by_ways(context, world, real) == expected
        assert context.hierarchy == parts and context.assignment == layer
        assert self.session.get_context(place, layer) is context
        assert self.session.get_context(place, layer, follow_alias=True) is self.session.get_context(real, layer)
        assert pickle.loads(pickle.dumps(context.data)) == expected["data"]

    @rule(data=st.data(), layer=layers, other=st.sampled_from(ASSIGNMENTS))
    def checkout(self, data: st.DataObject, layer: str, other: str) -> None:
        place = self.a_place(data)
        if (context := self.session.get_context(place, layer)) is not None:
            assert context.checkout(other) is self.session.get_context(place, other)
            assert (context.checkout(other) is not None) == self.model.exists(split(place), other)

    @rule(data=st.data())
    def read_at_a_place(self, data: st.DataObject) -> None:
        place = self.a_place(data)
        text = data.draw(self.texts(place))
        if (mapping := self.model.mapping(split(place))) is not None and not mapping.mapping:
            # Where a mapping has no say, an Asset needs every token that has details.
            return
        for question in (
            lambda: self.session.read(text, place).values,
            lambda: self.session.get_asset(text, place, strict=True).info,
        ):
            self.both(lambda: self.model.read(split(place), text), question, WaysError)

    @rule(data=st.data())
    def find(self, data: st.DataObject) -> None:
        place = self.a_place(data)
        text = data.draw(self.texts(place))
        if text.endswith(("/", "\\")) or self.is_long():
            return
        try:
            (found, layer), values = self.model.find(text)
        except Several:
            self.refused(lambda: self.session.get_asset(text), AmbiguousContextError)
        except Refused:
            self.refused(lambda: self.session.get_asset(text, strict=True), WaysError)
            self.refused(lambda: self.session.read(text), WaysError)
        else:
            for strict in (True, False):
                asset = self.session.get_asset(text, strict=strict)
                assert (asset.context.hierarchy, asset.context.assignment, dict(asset.info)) == (found, layer, values)
                assert asset.get_str() == text
                assert {name: asset.get_value(name) for name in values} == values

    @rule(data=st.data())
    def format(self, data: st.DataObject) -> None:
        place = self.a_place(data)
        mapping = self.model.mapping(split(place)) or World("{A}", {})
        if not 0 < len(leaf_names(*mapping)) <= 4:
            return
        values = data.draw(values_of(mapping))
        if data.draw(rarely):
            values.pop(next(iter(values)))
        self.both(lambda: self.model.format(split(place), values), lambda: self.session.format(place, values), WaysError)

    @invariant()
    def the_places_are_those_of_the_model(self) -> None:
        assert self.session.hierarchies() == self.model.places()

    @precondition(lambda self: self.model.origins)
    @rule()
    def plugins_are_those_of_the_model(self) -> None:
        expected = registered(self.model.world())
        assert [(plugin.assignment, tuple(plugin.hierarchy)) for plugin in self.session.get_all_plugins()] == expected
        assert self.session.assignments() == sorted({layer for layer, _ in expected})

    # --- helpers

    def both(self, expected: Callable[[], Any], got: Callable[[], Any], error: type[WaysError]) -> None:
        """Ask the model and the session; where the model refuses, so must the session, in our words."""
        try:
            answer = expected()
        except Refused:
            self.refused(got, error)
        else:
            assert got() == answer

    def refused(self, question: Callable[[], Any], error: type[WaysError]) -> None:
        try:
            answer = question()
        except error as told:
            # It may have to travel to another process.
            assert str(told) and str(pickle.loads(pickle.dumps(told))) == str(told)
        else:
            raise AssertionError(f"it should have been refused, and is {answer!r}")

    def texts(self, place: str) -> st.SearchStrategy[str]:
        """Texts of a place's mapping, and some of nothing."""
        mapping = self.model.mapping(split(place)) if self.model.exists(split(place)) else None
        if mapping is None or len(leaf_names(*mapping)) > 4:
            return st.sampled_from(("/a", "-a", "/a/b", "x/1", "/a_b"))
        pieces = list(leaves(tree(*mapping)))
        return values_of(mapping).map(lambda found: "".join(found.get(leaf.text, leaf.text) for leaf in pieces)[:16])

    def is_long(self) -> bool:
        """Whether the model would take too long to try every mapping."""
        return any(mapping.mapping.count("{") > 6 for group in self.model.bearing() for mapping in group.values())


def test_a_session_answers_as_a_world_built_anew() -> None:
    is_search = os.environ.get("HYPOTHESIS_PROFILE") == "search"
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        SessionMachine,
        settings=settings(deadline=None, max_examples=600 if is_search else 25, stateful_step_count=50 if is_search else 30),
    )
