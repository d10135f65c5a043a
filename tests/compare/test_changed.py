"""What differs in compiled sheets is asked of the places that it can reach, and the answer is that of all places."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ways.compare import contexts as compared
from ways.compare.changed import changed_places
from ways.compare.contexts import context_changes
from ways.contexts.pool import ContextPool
from ways.opening import open_world
from ways.plugins.lazy import LazyPlugins
from ways.sheets.store import stamps

PLUGINS = (
    "{hierarchy: job, mapping: '/jobs/{JOB}'}",
    "{hierarchy: job, mapping: '/work/{JOB}', assignment: night}",
    "{hierarchy: job, data: {fps: 24}}",
    "{hierarchy: job, data: {fps: 24.0}, platforms: [linux]}",
    "{hierarchy: job/shot, mapping: '{JOB}/{SHOT}', syntax: 2}",
    "{hierarchy: '{root}/shot', uses: [job], mapping: '{root}/{SHOT}'}",
    "{hierarchy: '{root}/lib', uses: [job, job/shot], mapping: '{root}/lib'}",
    "{hierarchy: lib, mapping: '{@job}/lib', mapping_details: {JOB: {parse: {regex: '[a-z]+'}}}}",
    "{hierarchy: lib/book, data: {n: 1}}",
    "{hierarchy: job/shot, data: {n: 2}, when: {JOB: [owl]}}",
    "{hierarchy: job, mapping_details: {JOB: {mapping: '{A}_{B}'}}, when: {JOB: [owl]}}",
)
WORLDS = st.lists(st.lists(st.sampled_from(PLUGINS), min_size=1, max_size=3), min_size=1, max_size=3)


@pytest.fixture(autouse=True)
def _store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_CACHE", "1")
    monkeypatch.setenv("WAYS_PLATFORM", "linux")
    monkeypatch.setattr("ways.sources.loader.cache_folder", lambda environ: str(tmp_path / "cache"))
    monkeypatch.setattr(stamps, "FRESH", 0)


def written(folder: Path, world: list[list[str]]) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for number, plugins in enumerate(world):
        lines = [f"  plugin_{number}_{index}: {plugin}" for index, plugin in enumerate(plugins)]
        (folder / f"sheet_{number}.yml").write_text("\n".join(["plugins:", *lines, ""]), "utf-8")
    open_world(str(folder))
    return str(folder)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(WORLDS, st.data())
def test_the_places_that_are_reached_are_all_that_differ(tmp_path: Path, world: list[list[str]], data: st.DataObject) -> None:
    edited = [list(plugins) for plugins in world]
    number = data.draw(st.integers(0, len(world) - 1))
    edited[number] = data.draw(st.lists(st.sampled_from(PLUGINS), min_size=1, max_size=3) | st.permutations(world[number]))
    old, new = written(tmp_path / "old", world), written(tmp_path / "new", edited)
    answers = [list(context_changes(open_world(old), open_world(new)))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compared, "changed_places", lambda old, new: None)
        answers.append(list(context_changes(open_world(old), open_world(new))))
    assert answers[0] == answers[1]


def test_equal_sheets_ask_no_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = [[PLUGINS[0], PLUGINS[2]], [PLUGINS[5]]]
    old, new = (open_world(written(tmp_path / name, world)) for name in ("old", "new"))
    monkeypatch.setattr(LazyPlugins, "_everything", lambda self: pytest.fail("no plugin is wanted"))
    monkeypatch.setattr(ContextPool, "get", lambda self, *given: pytest.fail("no Context is wanted"))
    assert changed_places(old, new) == set()
    assert not list(context_changes(old, new))


def test_one_edited_sheet_asks_what_it_reaches(tmp_path: Path) -> None:
    old = open_world(written(tmp_path / "old", [[PLUGINS[0], PLUGINS[8]], [PLUGINS[5]], [PLUGINS[7]]]))
    new = open_world(written(tmp_path / "new", [[PLUGINS[0], PLUGINS[8]], [PLUGINS[5].replace("{SHOT}", "s/{SHOT}")], [PLUGINS[7]]]))
    assert changed_places(old, new) == {("job", "shot")}
    new = open_world(written(tmp_path / "new", [[PLUGINS[0].replace("jobs", "j"), PLUGINS[8]], [PLUGINS[5]], [PLUGINS[7]]]))
    assert changed_places(old, new) == {("job",), ("job", "shot"), ("lib",), ("lib", "book")}
