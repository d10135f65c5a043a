"""The index of auto-find that is kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ways.assets import index as index_module
from ways.assets import many
from ways.errors import ContextNotFoundError
from ways.session import Session
from ways.sheets.store import store as store_module

SHEET = """
    plugins:
      job: {hierarchy: job, mapping: '/jobs/{JOB}', mapping_details: {JOB: {parse: {regex: '[a-z]+'}}}, path: true}
      shot: {hierarchy: job/shot, mapping: '/jobs/{JOB}/{SHOT}'}
      home: {hierarchy: home, mapping: '/home/{USER}', platforms: linux}
      win: {hierarchy: home, mapping: 'C:/users/{USER}', platforms: windows}
      any: {hierarchy: any, mapping: 'x{A}', mapping_details: {A: {parse: {regex: '.+'}}}}
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of the test's own; sheets need not wait until their stamps are old."""
    monkeypatch.setenv("WAYS_CACHE", "1")
    monkeypatch.setattr("ways.sources.loader.cache_folder", lambda environ: str(tmp_path / "cache" / "ways"))
    monkeypatch.setattr(store_module, "FRESH", 0)
    return tmp_path / "cache" / "ways" / "sheets"


@pytest.fixture
def opened(cache: Path, write_sheet: Callable[..., str]) -> Callable[[], Session]:
    """Gives a new session with the sheet; it and its index were stored before."""
    path = write_sheet(SHEET)

    def open_one() -> Session:
        session = Session()
        session.add_search_path(path)
        return session

    for _ in range(2):
        open_one().get_asset("/jobs/dune")
    return open_one


def is_built(session: Session) -> bool:
    return session.finder().index._groups is not None


@pytest.mark.parametrize(
    "text, place", [("/jobs/dune", "job"), ("/jobs/dune/", "job"), ("/jobs/dune/sh1", "job/shot"), ("/home/ann", "home"), ("xa/b", "any")]
)
def test_a_text_is_found_without_a_look_at_every_plugin(opened: Callable[[], Session], text: str, place: str) -> None:
    session = opened()
    assert session.read(text).hierarchy == place
    assert not is_built(session)


def test_an_asset_is_found_without_a_look_at_every_plugin(opened: Callable[[], Session]) -> None:
    session = opened()
    assert session.get_asset("/jobs/dune/sh1").info == {"JOB": "dune", "SHOT": "sh1"}
    assert not is_built(session)


def test_what_is_nothing_is_told_without_a_look_at_every_plugin(opened: Callable[[], Session]) -> None:
    session = opened()
    with pytest.raises(ContextNotFoundError):
        session.read("/no/such/place")
    assert not is_built(session)


def test_another_platform_has_an_index_of_its_own(opened: Callable[[], Session], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_PLATFORM", "windows")
    session = opened()
    assert session.read("C:/users/ann").hierarchy == "home"
    assert is_built(session)
    with pytest.raises(ContextNotFoundError):
        session.read("/home/ann")


def test_after_many_texts_all_contexts_are_known(opened: Callable[[], Session], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "FEW", 3)
    session = opened()
    for number in range(5):
        assert session.get_asset(f"/jobs/dune/sh{number}").get_value("SHOT") == f"sh{number}"
    assert is_built(session)


def indexes(cache: Path) -> list[Path]:
    return sorted((cache / "indexes").iterdir())


def test_many_texts_build_the_index_in_memory_and_few_do_not(opened: Callable[[], Session]) -> None:
    texts = ["/jobs/dune/sh1"] * many.MANY
    at_once, few, one_by_one = opened(), opened(), opened()
    assert next(iter(at_once.read_many(texts)))[0] == texts[0] and is_built(at_once)
    assert len(list(few.read_many(texts[1:]))) == len(texts) - 1 and not is_built(few)
    assert len(list(one_by_one.read_many(iter(texts * 2)))) == len(texts) * 2 and is_built(one_by_one)


def test_a_damaged_index_is_ignored_and_written_again(opened: Callable[[], Session], cache: Path) -> None:
    (path,) = indexes(cache)
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        session = opened()
        assert [session.read(text).hierarchy for text in ("/jobs/dune", "/jobs/dune/sh1", "xa")] == ["job", "job/shot", "any"]
        with pytest.raises(ContextNotFoundError):
            session.read("/no/such/place")
    opened().get_assets(["/jobs/dune", "nothing"])
    assert path.read_bytes() == whole


@pytest.mark.parametrize("rows", [{"/3": 1}, {"/3 jobs": [1]}, {"/3 jobs": [("job", [(9, "x")], ())]}, {"/3": [(1, 2, 3)]}])
def test_an_index_of_another_shape_is_ignored(opened: Callable[[], Session], rows: dict[str, Any]) -> None:
    session = opened()
    world, store = session.pool.state().cache_key, session.loader.store()
    assert world is not None and store is not None
    store.keep_index(world, rows, {"kinds": ["/3"], "is_all": False})
    assert opened().read("/jobs/dune").hierarchy == "job"


def test_clearing_the_cache_removes_indexes(opened: Callable[[], Session], cache: Path) -> None:
    assert indexes(cache)
    opened().clear_cache()
    assert not indexes(cache)
