"""The resolver answers as the slow, obvious rules of the oracle do, on worlds that nobody would write by hand."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.merge_oracle import Circle, Place, Unresolved, World

from ways.contexts.context import Context
from ways.errors import RelativeCycleError, UnresolvedMappingError
from ways.session import Session

ASSIGNMENTS = ("master", "client", "artist")
PLACES = ("a", "a/b", "lib", "lib/a")
PARENTS = (*PLACES, "lib/a/b", "/a")
OWN_PLACES = ("", "{root}", "b", "{root}/b", "lib/{root}", "{root}/c/{root}", "x-{root}")
MAPPINGS = ("/{A}", "-{B}", "{root}/{B}", "{root}", "({root}|{root})", "p{root}q", "\\{A}/")
FOLDERS = ("/j", "/j/k", "/j/k/l", "/z", "y", "/j/")
#: WAYS_PLATFORM and WAYS_PLATFORMS; the last knows no platform that is current.
PLATFORMS = (("linux", "linux:windows"), ("windows", "linux:windows"), ("Linux", "Linux:java"), ("plan9", "linux"))

entries = st.dictionaries(st.sampled_from(("casing", "default")), st.sampled_from("wxyz"))
details = st.dictionaries(st.sampled_from("AB"), entries)
flag = {"path": st.booleans(), "assignment": st.sampled_from(ASSIGNMENTS)}
written_mappings = {"mapping_details": details, "mapping": st.sampled_from(("", *MAPPINGS))}
written_fields = {
    **flag,
    "data": st.dictionaries(st.sampled_from("klm"), st.one_of(st.integers(0, 9), st.lists(st.booleans()))),
    "groups": st.lists(st.sampled_from("gh"), min_size=1, max_size=2),
    "mapping": st.sampled_from(("", "{root}/{C}")),
    "mapping_details": details,
    "max_folder": st.sampled_from(FOLDERS),
    "platforms": st.sampled_from([["linux"], ["windows"], ["Linux", "windows"], "*", "linux,darwin", ["everything"]]),
}

#: No mapping has characters that mean something in one syntax alone.
fields_of_two_syntaxes = {
    "assignment": st.sampled_from(ASSIGNMENTS),
    "mapping": st.sampled_from(("", "/{A}", "-{B}", "{root}/{B}", "{root}", "p{root}q")),
    "platforms": st.sampled_from([["linux"], ["windows"], "*"]),
    "syntax": st.sampled_from((1, 2)),
}


Keys = Mapping[str, st.SearchStrategy[Any]]


def sheets_of(must: Keys, may: Keys) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return a strategy for sheets, whose plugins are absolute or relative, have the one keys and may have the others."""
    uses = st.lists(st.sampled_from(PARENTS), min_size=1, max_size=2, unique=True)
    absolute = st.fixed_dictionaries({**must, "hierarchy": st.sampled_from(PLACES)}, optional=may)
    relative = st.fixed_dictionaries({**must, "hierarchy": st.sampled_from(OWN_PLACES), "uses": uses}, optional=may)
    plugins = st.dictionaries(st.sampled_from("pqrstuvw"), st.one_of(absolute, relative), min_size=2, max_size=8)
    shared = st.fixed_dictionaries({}, optional=flag)
    return st.lists(st.fixed_dictionaries({"plugins": plugins}, optional={"globals": shared}), min_size=1, max_size=2)


priorities = st.lists(st.sampled_from(ASSIGNMENTS), min_size=1, max_size=3, unique=True)
platforms = st.sampled_from(PLATFORMS)


def session_of(written: Sequence[Mapping[str, Any]], folder: str) -> Session:
    """Return a session that has read *written* from files, in their order."""
    for index, content in enumerate(written):
        Path(folder, f"{index}.json").write_text(json.dumps(content), encoding="utf-8")
    session = Session()
    session.add_search_path(folder)
    return session


def said_by_ways(context: Context, world: World, place: Place) -> dict[str, Any]:
    try:
        mapping: object = context.get_mapping()
    except UnresolvedMappingError:
        mapping = Unresolved
    except RelativeCycleError:
        # Plugins that use parents which only they could make have no mapping; Ways may name the circle.
        mapping = Unresolved if world.waits_for_parents(place) else Circle
    return {
        "mapping": mapping,
        "details": context.get_mapping_details(),
        "data": context.data,
        "platforms": context.get_platforms(),
        "groups": context.get_groups(),
        "path": context.is_path(),
        "max_folder": context.get_max_folder(),
        "plugins": [(plugin.assignment, tuple(plugin.hierarchy)) for plugin in context.plugins],
    }


def said_by_oracle(world: World, place: Place) -> dict[str, Any]:
    try:
        mapping: object = world.mapping(place)
    except (Unresolved, Circle) as error:
        mapping = type(error)
    path = world.path(place)
    return {
        "mapping": mapping,
        "details": world.details(place),
        "data": world.data(place),
        "platforms": world.common_platforms(place),
        "groups": world.groups(place),
        "path": False if path is None else path,
        "max_folder": world.max_folder(place),
        "plugins": [(plugin.assignment, plugin.place) for plugin in world.seen_from(place)],
    }


def assert_agrees(written: Sequence[Mapping[str, Any]], priority: Sequence[str], platform: tuple[str, str]) -> None:
    """Ask every place that anything stands at, in every assignment, both ways."""
    current, known = platform
    view = {"WAYS_PRIORITY": os.pathsep.join(priority), "WAYS_PLATFORM": current}
    view["WAYS_PLATFORMS"] = known.replace(":", os.pathsep)
    with TemporaryDirectory() as folder, mock.patch.dict(os.environ, view):
        session = session_of(written, folder)
        for assignment in ("", *ASSIGNMENTS):
            order = [assignment] if assignment else priority
            world = World.of(written, platform=current, platforms=frozenset(known.split(":")), assignments=order)
            for place in {plugin.place for plugin in world.plugins}:
                context = session.get_context(place, assignment, force=True)
                assert context is not None
                assert said_by_ways(context, world, place) == said_by_oracle(world, place)


@settings(max_examples=200, deadline=None)
@given(written=sheets_of(written_mappings, flag), priority=priorities)
def test_mappings_are_those_of_the_oracle(written: list[dict[str, Any]], priority: list[str]) -> None:
    assert_agrees(written, priority, PLATFORMS[0])


@settings(max_examples=400, deadline=None)
@given(written=sheets_of({}, fields_of_two_syntaxes), priority=priorities, platform=platforms)
def test_mappings_that_are_absent_here_are_those_of_the_oracle(
    written: list[dict[str, Any]], priority: list[str], platform: tuple[str, str]
) -> None:
    for plugin in (plugin for sheet in written for plugin in sheet["plugins"].values()):
        # How appends of both syntaxes follow each other isn't asked here.
        if plugin["hierarchy"] in ("", "{root}"):
            plugin["syntax"] = 2
    assert_agrees(written, priority, platform)


@settings(max_examples=200, deadline=None)
@given(written=sheets_of({}, written_fields), priority=priorities, platform=platforms)
def test_all_other_fields_are_those_of_the_oracle(
    written: list[dict[str, Any]], priority: list[str], platform: tuple[str, str]
) -> None:
    assert_agrees(written, priority, platform)
