"""Who gave a value: provenance agrees with the resolver, value by value, and with the oracle, plugin by plugin."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle.merge_oracle import Plugin, World
from oracle.test_merge_agrees import (
    ASSIGNMENTS, PLATFORMS, details, flag, platforms, priorities, session_of, sheets_of, written_fields, written_mappings,
)  # fmt: skip

from ways.errors import WaysError
from ways.plugins.plugin import DataPlugin
from ways.plugins.provenance import Decision, Provenance, given_value
from ways.plugins.resolve import Resolver

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))
Written = Sequence[Mapping[str, Any]]
worlds = st.one_of(sheets_of({}, written_fields), sheets_of(written_mappings, flag))
#: Mappings that refer to other places, which the oracle doesn't know.
REFERRING = ("{@lib}{@a}", "{@a/b}-{@lib/a}", "{@lib/a}{root}", "{root}{@a}{@lib}", "/{A}", "")
referring_worlds = sheets_of({"mapping_details": details, "mapping": st.sampled_from(REFERRING)}, flag)


def counting(decision: Decision) -> list[DataPlugin]:
    """Return the plugins whose values count, weakest first."""
    return [contributor.plugin for contributor in (*decision.parts, *((decision.winner,) if decision.winner else ()))]


def assert_gives_the_values(provenance: Provenance, resolver: Resolver) -> None:
    """Make each value again of what the plugins that won give, and of nothing else."""
    resolved = resolver.at(provenance.place)
    decisions = {keys: counting(decision) for keys, decision in provenance.decisions().items()}
    for field in ("data", "mapping_details"):
        given_by = {keys[1]: plugins for keys, plugins in decisions.items() if keys[0] == field}
        values = {key: given_value(plugins[-1], (field, key)) for key, plugins in given_by.items() if plugins}
        if field == "mapping_details":
            # Those before the last have a part only where it gives a default alone.
            parts = {key: [given_value(plugin, (field, key)) for plugin in plugins] for key, plugins in given_by.items() if plugins}
            values = {key: {name: value for part in some for name, value in part.items()} for key, some in parts.items()}
        assert values == getattr(resolved, field)
    for field in ("path", "folder"):
        plugins = decisions[(field,)]
        assert getattr(resolved, field) == (given_value(plugins[-1], (field,)) if plugins else None)
    assert resolved.groups == (decisions[("groups",)][-1].groups if decisions[("groups",)] else ("*",))
    sets = [plugin.platforms for plugin in decisions[("platforms",)] if plugin.platforms is not None]
    assert resolved.platforms == (frozenset.intersection(*sets) if sets else None)
    assert resolved.max_folder == tuple(plugin.max_folder for plugin in decisions[("max_folder",)])
    try:
        parts = resolver.mapping_parts(provenance.place)
    except WaysError:
        assert not decisions[("mapping",)] and provenance.mapping_parts is None
    else:
        assert provenance.mapping_parts == parts and {part.plugin for part in parts} <= set(decisions[("mapping",)])


def identity(plugin: DataPlugin | Plugin | None) -> object:
    """Return what tells a plugin of the oracle from others, or one of Ways."""
    if plugin is None:
        return None
    if isinstance(plugin, Plugin):
        return plugin.place, plugin.assignment, plugin.parent, plugin.mapping, plugin.written.get("mapping_details") or {}
    return plugin.hierarchy, plugin.assignment, plugin.parent, plugin.mapping, dict(plugin.mapping_details)


def assert_agrees(provenance: Provenance, world: World) -> None:
    place = tuple(provenance.place)
    for token, writer in world.detail_writers(place).items():
        assert identity(provenance.plugin_of(("mapping_details", token))) == identity(writer)
    assert identity(provenance.plugin_of(("path",))) == identity(world.path_writer(place))


@settings(SLOW, max_examples=200)
@given(written=worlds, priority=priorities, platform=platforms)
def test_provenance_agrees_with_the_resolver_and_the_oracle(
    written: Written, priority: list[str], platform: tuple[str, str]
) -> None:
    current, known = platform
    environ = {"WAYS_PRIORITY": os.pathsep.join(priority), "WAYS_PLATFORM": current}
    environ["WAYS_PLATFORMS"] = known.replace(":", os.pathsep)
    with TemporaryDirectory() as folder, mock.patch.dict(os.environ, environ):
        session = session_of(written, folder)
        for assignment in ("", *ASSIGNMENTS):
            order = [assignment] if assignment else priority
            world = World.of(written, platform=current, platforms=frozenset(known.split(":")), assignments=order)
            resolver = session.pool.state().resolver(assignment)
            for place in session.registry.now.places:
                provenance = Provenance(resolver, place)
                assert_gives_the_values(provenance, resolver)
                assert_agrees(provenance, world)


@settings(SLOW, max_examples=200)
@given(written=referring_worlds)
def test_provenance_agrees_with_the_resolver_where_mappings_refer_to_others(written: Written) -> None:
    with TemporaryDirectory() as folder:
        session = session_of(written, folder)
        resolver = session.pool.state().resolver("")
        for place in session.registry.now.places:
            assert_gives_the_values(Provenance(resolver, place), resolver)


@settings(SLOW, max_examples=100)
@given(written=worlds, priority=priorities)
def test_plugins_that_take_no_part_change_no_winner(written: Written, priority: list[str]) -> None:
    """explain asks with those that take no part, everyone else without them."""
    environ = {"WAYS_PRIORITY": os.pathsep.join(priority), "WAYS_PLATFORM": PLATFORMS[0][0]}
    with TemporaryDirectory() as folder, mock.patch.dict(os.environ, environ):
        session = session_of(written, folder)
        for place in session.hierarchies():
            plain = session.need_context(place).view.provenance
            for field in session.explain(place).fields:
                keys = tuple(field.name.split("."))
                winner = field.winner and field.winner.record
                assert winner is plain.plugin_of(keys)
