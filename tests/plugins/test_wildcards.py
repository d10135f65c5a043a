"""``*`` in ``uses``: a copy of a relative plugin for each place that fits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from ways.session import Session

DEPARTMENTS = {
    name: {"hierarchy": f"project/{name}/department", "mapping": f"/{name}/{{D}}", "mapping_details": {"D": {"choices": [name]}}}
    for name in ("film", "game")
}
TASK = {"hierarchy": "{root}/task", "uses": ["project/*/department"], "mapping": "{root}/{T}"}


def places(session: Session) -> set[str]:
    return {"/".join(plugin.get_hierarchy()) for plugin in session.get_all_plugins()}


def test_each_place_that_fits_is_a_parent(session: Session) -> None:
    session.add_plugins(**DEPARTMENTS, deeper={"hierarchy": "project/a/b/department"}, task=TASK)
    assert {place for place in places(session) if "task" in place} == {"project/film/department/task", "project/game/department/task"}
    assert session.get_context("project/film/department/task").get_mapping() == "/film/{D}/{T}"
    assert session.get_asset("/game/game/x").get_hierarchy() == ("project", "game", "department", "task")


def test_it_is_as_if_each_place_was_named(session: Session) -> None:
    session.add_plugins(**DEPARTMENTS, task=TASK)
    named = Session()
    named.add_plugins(**DEPARTMENTS, task={**TASK, "uses": ["project/film/department", "project/game/department"]})
    assert places(session) == places(named)
    for place in places(named):
        assert session.get_context(place).get_mapping() == named.get_context(place).get_mapping()


def test_a_place_that_is_added_later_is_a_parent(session: Session) -> None:
    session.add_plugins(task=TASK)
    assert session.get_context("project/film/department/task") is None
    session.add_plugins(film=DEPARTMENTS["film"])
    before = session.get_context("project/film/department/task").plugins[-1]
    session.add_plugins(game=DEPARTMENTS["game"])
    assert session.get_context("project/game/department/task").get_mapping() == "/game/{D}/{T}"
    # What was there before is the same plugin still.
    assert session.get_context("project/film/department/task").plugins[-1] is before


def test_a_copy_makes_no_place_for_another(session: Session) -> None:
    session.add_plugins(
        a={"hierarchy": "a/b", "mapping": "/a"},
        one={"hierarchy": "{root}/c", "uses": ["a/*"], "mapping": "/c"},
        two={"hierarchy": "{root}/d", "uses": ["a/*/*"], "mapping": "/d"},
        named={"hierarchy": "{root}/e", "uses": ["a/b/c"], "mapping": "/e"},
    )
    assert places(session) == {"a/b", "a/b/c", "a/b/c/e"}
    assert session.get_context("a/b/c/e").get_mapping() == "/a/c/e"


def test_a_place_is_used_once_however_often_it_fits(session: Session) -> None:
    session.add_plugins(**DEPARTMENTS, task={**TASK, "uses": ["project/*/department", "project/film/department", "*/film/*"]})
    assert sorted(place for place in places(session) if "task" in place) == ["project/film/department/task", "project/game/department/task"]
    assert len(session.get_all_plugins()) == 4


def test_a_name_that_fits_no_place_is_a_problem(session: Session, write_sheet: Callable[[str], str]) -> None:
    session.add_search_path(write_sheet("""
        plugins:
          film: {hierarchy: project/film/department, mapping: /film}
          task:
            hierarchy: '{root}/task'
            uses: [project/*/departmnt, project/*/department]
            mapping: /task
        """))
    problem, = session.problems
    assert (problem.level, problem.code, problem.source.line, problem.source.column) == ("warning", "unmatched-uses", 6, 12)
    assert [finding.code for finding in session.check()] == ["unmatched-uses"]
    session.add_plugins(other={"hierarchy": "project/x/departmnt", "mapping": "/x"})
    assert session.problems == []


def test_the_line_of_the_copy_is_that_of_its_plugin(session: Session, write_sheet: Callable[[str], str]) -> None:
    path = write_sheet("""
        plugins:
          film: {hierarchy: project/film/department, mapping: /film}
          task:
            hierarchy: '{root}/task'
            uses: [other, project/*/department]
            mapping: /task
        """)
    session.add_search_path(path)
    claim = session.explain("project/film/department/task", "mapping").fields[0].winner
    assert (claim.plugin, claim.source.line) == ("task", 7)
    assert [(link.hierarchy, link.source.line, link.source.pointer[-1]) for link in claim.uses] == [("project/film/department", 6, 1)]
    reached = session.explain_line(path, 6).as_dict()
    assert "project/film/department/task" in str(reached)


def test_a_refresh_and_a_snapshot_keep_them(session: Session, write_sheet: Callable[[str], str]) -> None:
    text = "plugins: {{film: {{hierarchy: p/{0}, mapping: '/{0}'}}, task: {{hierarchy: '{{root}}/t', uses: [p/*], mapping: /t}}}}\n"
    path = write_sheet(text.format("film"))
    session.add_search_path(path)
    generation = session.registry.now.generation
    session.refresh()
    assert session.registry.now.generation == generation
    restored = Session.from_snapshot(session.snapshot())
    restored.add_plugins(game={"hierarchy": "p/game", "mapping": "/game"})
    assert {"p/film/t", "p/game/t"} <= places(restored)
    write_sheet(text.format("show"))
    session.refresh()
    assert places(session) == {"p/show", "p/show/t"}


def test_the_store_gives_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Any, write_sheet: Callable[[str], str]) -> None:
    monkeypatch.setenv("WAYS_CACHE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = write_sheet("plugins: {a: {hierarchy: p/a, mapping: /a}, t: {hierarchy: '{root}/t', uses: [p/*], mapping: /t}}")
    for _ in range(2):
        stored = Session()
        stored.add_search_path(path)
        assert places(stored) == {"p/a", "p/a/t"} and stored.read("/a/t").hierarchy == "p/a/t"


def test_the_cost_grows_with_the_places() -> None:
    def seconds(count: int) -> float:
        world = Session()
        parents = {f"p{number}": {"hierarchy": f"project/{number}/d", "mapping": f"/{number}"} for number in range(count)}
        begun = time.thread_time()
        world.add_plugins(**parents, task={**TASK, "uses": ["project/*/d"]})
        taken = time.thread_time() - begun
        assert len(world.get_all_plugins()) == 2 * count
        return taken

    # Eight times as many take eight times as long, not 64 times; the best of some, as the machine does other things too.
    assert min(seconds(8000) for _ in range(2)) < 32 * min(seconds(1000) for _ in range(3))


def test_copies_beyond_the_limit_are_left_out_and_told(session, monkeypatch) -> None:
    monkeypatch.setattr("ways.plugins.wildcards.MOST_COPIES", 3)
    session.add_plugins(**{f"p{number}": {"hierarchy": f"job/p{number}", "mapping": f"/p{number}"} for number in range(5)})
    session.add_plugins(each={"hierarchy": "{root}/each", "mapping": "{root}/each", "uses": ["job/*"]})
    made = [number for number in range(5) if session.get_context(f"job/p{number}/each") is not None]
    assert made == [0, 1, 2]
    assert [problem.code for problem in session.problems if "over 3 plugins" in problem.message] == ["limit"]
