"""plugin_sheets/film: a studio in few plugins, in which each place is found by its own texts."""

from __future__ import annotations

from functools import cache

import pytest

from conftest import PLUGIN_SHEETS  # type: ignore[import-not-found]
from oracle.sampler import sample
from ways.contexts.context import Context
from ways.hierarchy import Hierarchy
from ways.session import Session

PLATFORMS = ("linux", "darwin", "windows")
PRIORITIES = ("master", "master:client_xyz")
WORLDS = [(platform, priority) for platform in PLATFORMS for priority in PRIORITIES]


@cache
def studio(platform: str, priority: str) -> Session:
    """The studio's sheets, as on a platform; only asked, never changed."""
    session = Session(overrides={"WAYS_PLATFORM": platform, "WAYS_PRIORITY": priority})
    session.add_search_path(str(PLUGIN_SHEETS / "film"))
    return session


def places(session: Session) -> list[Context]:
    """Return the Contexts that have a mapping of their own."""
    contexts = [session.need_context(hierarchy) for hierarchy in session.hierarchies()]
    return [context for context in contexts if session.pool.state().resolver("").has_own_mapping(Hierarchy.of(context.hierarchy))]


def values_of(context: Context, seed: int) -> dict[str, str]:
    template = context.template
    expressions = {name: template.spec(name).expression("regex") for name in template.leaf_tokens}
    assert None not in expressions.values(), f"{context}: a token without an expression"
    return {name: sample(str(expression), seed) for name, expression in expressions.items()}


def test_the_sheets_have_no_problem() -> None:
    assert studio("linux", "master").problems == []


def test_few_plugins_are_written() -> None:
    assert sum(len(sheet.plugins) for sheet in studio("linux", "master").sheets) <= 60


@pytest.mark.parametrize("platform, priority", WORLDS)
def test_many_contexts_have_a_mapping_each(platform: str, priority: str) -> None:
    mappings = [context.get_mapping() for context in places(studio(platform, priority))]
    assert len(mappings) == len(set(mappings)) >= 120


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("platform, priority", WORLDS)
def test_what_each_context_writes_is_found_to_be_its_own(platform: str, priority: str, seed: int) -> None:
    session = studio(platform, priority)
    for context in places(session):
        values = values_of(context, seed)
        text = session.format(context.hierarchy, values)
        candidate = session.read(text)
        assert candidate.context is context, text
        assert (candidate.tier, candidate.values) == ("a", values)


@pytest.mark.parametrize("platform, separator", [("linux", "/"), ("darwin", "/"), ("windows", "\\")])
def test_paths_have_the_separators_of_their_platform(platform: str, separator: str) -> None:
    for context in places(studio(platform, "master")):
        assert context.is_path()
        assert context.template.separators == separator, context.get_mapping()


def test_one_disk_differs_from_platform_to_platform() -> None:
    roots = [studio(platform, "master").format("job", {"JOB": "dune"}) for platform in PLATFORMS]
    assert len(set(roots)) == 3


def test_the_client_changes_some_places_and_no_other() -> None:
    plain, client = (
        {context.hierarchy: (context.get_mapping(), context.template.leaf_mapping) for context in places(studio("linux", priority))}
        for priority in PRIORITIES
    )
    changed = {hierarchy for hierarchy in plain if plain[hierarchy] != client[hierarchy]}
    assert plain.keys() == client.keys()
    assert 0 < len(changed) < len(plain) / 2


def test_every_kind_of_place_is_there() -> None:
    parts = {part for context in places(studio("linux", "master")) for part in context.hierarchy}
    for kind in ("job", "sequence", "shot", "asset", "work", "publish", "render", "plate", "cache", "editorial", "delivery"):
        assert kind in parts
