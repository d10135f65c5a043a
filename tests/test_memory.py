"""What is let go of dies at once, by counts of references, without the host's collector: docs/explanation/sessions-and-threads.rst."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from weakref import ref

import pytest

from ways.api import Session

PLACES = 5


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """Let the collector rest."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def sheet(number: int) -> str:
    """Return a sheet whose mappings, expressions, tokens and data are those of no other number."""
    lines = [
        f"  p{place}: {{hierarchy: job/p{place}, mapping: '/v{number}/p{place}/{{A}}_{{B{number}}}[_{{C}}]', data: {{x: {number}}}, "
        f"mapping_details: {{A: {{parse: {{regex: '[a-z]+|x{number}'}}}}, B{number}: {{parse: {{regex: '(a|b{number})+'}}}}}}}}"
        for place in range(PLACES)
    ]
    return "\n".join(["globals: {syntax: 2}", "plugins:", *lines]) + "\n"


def our_objects() -> int:
    """Return how many objects there are whose class is of this package."""
    return sum(1 for thing in gc.get_objects() if str(type(thing).__module__).startswith("ways."))


class Desk:
    """A folder with one sheet, and a session that reads it."""

    def __init__(self, folder: Path, **overrides: str) -> None:
        self.path = folder / "a.yml"
        self.number = 0
        self.path.write_text(sheet(0), "utf-8")
        self.session = Session(overrides={"WAYS_CACHE": "0", **overrides})
        self.session.add_search_path(os.fspath(folder))

    def edit(self) -> None:
        """Change everything in the sheet, and refresh."""
        self.number += 1
        self.path.write_text(sheet(self.number), "utf-8")
        self.session.refresh()


def ask(desk: Desk) -> None:
    """Ask most of what can be asked."""
    session, number = desk.session, desk.number
    texts = [f"/v{number}/p{place}/q_a_c" for place in range(PLACES)]
    for place, text in enumerate(texts):
        context = session.need_context(f"job/p{place}")
        assert context.data["x"] == number and context.get_mapping_details()
        # The first texts of a mapping are read without compiling it.
        for end in ("", "", "d", "e"):
            assert session.get_asset(text + end).get_value("A") == "q"
            assert session.get_asset(text + end, f"job/p{place}").get_str() == text + end
    session.get_assets(texts)
    list(session.read_many(texts))
    session.format("job/p1", {"A": "q", f"B{number}": "a"})
    session.find_assets("job/p1", {"A": "q"})
    session.finder("master").find_text(texts[0])
    session.explain("job/p1")
    session.explain_text(texts[0])
    session.translate(texts[0], "linux")
    with pytest.raises(ValueError):
        session.get_asset("/nowhere", strict=True)


QUESTIONS: dict[str, Callable[[Desk], Any]] = {
    "nothing": lambda desk: None,
    "all": ask,
    "one Context": lambda desk: desk.session.need_context("job/p1").get_mapping(),
    "one text": lambda desk: desk.session.get_asset(f"/v{desk.number}/p1/q_a"),
    "one layer": lambda desk: desk.session.finder("master").find_text(f"/v{desk.number}/p1/q_a"),
    "an explanation": lambda desk: desk.session.explain("job/p1"),
    "a platform": lambda desk: desk.session.translate(f"/v{desk.number}/p1/q_a", "linux"),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_plugins_before_an_edit_die_with_the_next_question(tmp_path: Path, name: str) -> None:
    """Whatever was asked before: what isn't asked again keeps nothing."""
    desk = Desk(tmp_path)
    QUESTIONS[name](desk)
    before = [ref(plugin) for plugin in desk.session.get_all_plugins()]
    desk.edit()
    desk.session.need_context("job/p0").get_mapping()
    assert [plugin for plugin in before if plugin() is not None] == []


def test_a_context_that_a_user_holds_keeps_nothing_of_before(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    context, asset = desk.session.need_context("job/p1"), desk.session.get_asset("/v0/p1/q_a")
    assert context.get_mapping().startswith("/v0/") and asset.get_value("A") == "q"
    before = [ref(plugin) for plugin in context.records]
    desk.edit()
    desk.session.need_context("job/p0").get_mapping()
    assert [plugin() for plugin in before] == [None]
    assert context.get_mapping().startswith("/v1/") and asset.get_value("A") == "q"


def test_a_session_that_is_discarded_dies_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    parts = [ref(desk.session), ref(desk.session.loader), ref(desk.session.reader), *map(ref, desk.session.get_all_plugins())]
    desk.edit()
    del desk
    assert [part() for part in parts] == [None] * len(parts)


def test_what_goes_on_without_its_session_answers_still(tmp_path: Path) -> None:
    context = Desk(tmp_path).session.need_context("job/p1")
    gc.collect()
    assert context.get_mapping() == "/v0/p1/{A}_{B0}[_{C}]"
    assert context.checkout("master").data == {"x": 0}
    Session().loader.refresh()


def test_a_plugin_is_its_own_original(session: Session) -> None:
    session.add_plugins(a={"hierarchy": "a"})
    [plugin] = session.get_all_plugins()
    assert plugin.original is plugin and plugin.author is None


@pytest.mark.parametrize("mode", ["0", "1"], ids=["without a store", "with a store"])
def test_edits_without_end_leave_as_many_objects(tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is another sheet by name as well: what is kept of files by their names has to go too."""
    monkeypatch.setenv("XDG_CACHE_HOME", os.fspath(tmp_path / "cache"))
    monkeypatch.setattr("ways.pattern.pattern.PatternCache.FEW", 20)
    (tmp_path / "sheets").mkdir()
    desk = Desk(tmp_path / "sheets", WAYS_CACHE=mode)
    counts = []
    for edit in range(60):
        desk.path = desk.path.rename(desk.path.with_name(f"s{edit}.yml"))
        desk.edit()
        ask(desk)
        if edit >= 20:
            gc.collect()
            counts.append(our_objects())
    first, last = counts[:20], counts[-20:]
    assert max(last) <= 1.05 * max(first)


def test_discarded_sessions_leave_as_many_objects(tmp_path: Path) -> None:
    def count() -> int:
        for _ in range(10):
            ask(Desk(tmp_path))
        gc.collect()
        return our_objects()

    count()
    assert count() <= 1.02 * count()
