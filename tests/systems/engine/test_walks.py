"""Walks by an engine: the same Assets in the same order as one walk here finds, and the same reports."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from systems.engine.pool_engine import PoolEngine

from ways.api import Asset, Session
from ways.snapshot import resolving
from ways.systems.engine.base import Change, Engine, EngineError, Ticket
from ways.systems.engine.serial import SerialEngine

pytestmark = pytest.mark.platform("linux")
WORD = {"parse": {"regex": "[a-z]+"}}


class Counting(SerialEngine):
    """Counts the work that it has at a time, and all that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[Any] = []
        self.most = 0

    def submit(self, work: Callable[..., Any], *more: Any, **named: Any) -> Ticket:
        self.given.append(work)
        self.most = max(self.most, len(self._waiting) + len(self._results) + 1)
        return super().submit(work, *more, **named)

    def left(self) -> int:
        """Return how much work it still has, and results of it."""
        return len(self._waiting) + len(self._results)


@pytest.fixture
def studio(session: Session, tmp_path: Path) -> Session:
    """Two roots of one place, with shots and versions; some with a note."""
    for root in ("disk_a", "disk_b"):
        for job in ("dune", "heron", "Other", "owl"):
            for shot in ("aa", "bb"):
                folder = tmp_path / root / job / shot
                folder.mkdir(parents=True)
                for version in ("v1", "v9", "v10"):
                    (folder / f"{shot}_{version}.ma").touch()
                    (folder / f"{shot}_{version}-note.ma").touch()
                for frame in range(3):
                    (folder / f"{shot}.{frame:04d}.exr").touch()
        (tmp_path / root / "file").touch()
    os.symlink(tmp_path / "disk_a" / "dune", tmp_path / "disk_a" / "link")
    details = {
        "JOB": WORD, "SHOT": WORD, "NOTE": WORD, "VERSION": {"parse": {"regex": r"v\d+"}}, "DISK": {"choices": ["disk_a", "disk_b"]},
        "FRAME": {"format": "04d", "sequence": True},
    }  # fmt: skip
    common = {"mapping_details": details, "path": True, "syntax": 2}
    below = f"{tmp_path}/{{DISK}}/{{JOB}}"
    session.add_plugins(
        scene={"hierarchy": "scene", "mapping": f"{tmp_path}/disk_a/{{JOB}}/{{SHOT}}/{{SHOT}}_{{VERSION}}.ma", **common},
        noted={"hierarchy": "noted", "mapping": f"{tmp_path}/disk_a/{{JOB}}/{{SHOT}}/{{SHOT}}_{{VERSION}}[-{{NOTE}}].ma", **common},
        both={"hierarchy": "both", "mapping": f"{below}/{{SHOT}}/{{SHOT}}_{{VERSION}}.ma", **common},
        other={"hierarchy": "two", "mapping": f"{tmp_path}/disk_a/{{JOB}}/{{SHOT}}", **common},
        owl={"hierarchy": "two", "mapping": f"{tmp_path}/disk_b/{{JOB}}/{{SHOT}}", "when": {"JOB": "owl"}, **common},
        frames={"hierarchy": "frames", "mapping": f"{tmp_path}/disk_a/{{JOB}}/{{SHOT}}/{{SHOT}}.{{FRAME}}.exr", **common},
        job={"hierarchy": "job", "mapping": f"{tmp_path}/disk_a/{{JOB}}", **common},
        any={"hierarchy": "any", "mapping": f"{tmp_path}/disk_a/{{ANY}}/{{MORE}}", **common},
        tree={"hierarchy": "tree", "mapping": f"{tmp_path}/disk_a/{{TREE}}/{{SHOT}}_{{VERSION}}.ma", **common}
        | {"mapping_details": {**details, "TREE": {"segments": True}}},
    )
    return session


QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("scene", {}),
    ("scene", {"values": {"JOB": "dune"}}),
    ("scene", {"values": {"JOB": "nobody"}}),
    ("scene", {"values": {"SHOT": "aa"}}),
    ("scene", {"latest": "VERSION"}),
    ("scene", {"latest": "JOB"}),
    ("noted", {}),
    ("noted", {"values": {"NOTE": None}}),
    ("both", {}),
    ("both", {"latest": "DISK"}),
    ("two", {}),
    ("frames", {"sequences": True}),
    ("job", {}),
    ("tree", {}),
]


def shown(assets: Iterator[Asset]) -> list[Any]:
    return [(asset.get_str(), asset.info, asset.context.hierarchy) for asset in assets]


@pytest.mark.parametrize("place, question", QUESTIONS)
def test_an_engine_finds_the_same_in_the_same_order(studio: Session, place: str, question: dict[str, Any]) -> None:
    expected = shown(studio.find_assets(place, **question, sort=True))
    engine = Counting()
    assert shown(studio.find_assets(place, **question, sort=True, engine=engine)) == expected
    assert (expected or question.get("values", {}).get("JOB") == "nobody") and not engine.left()


def test_each_folder_of_the_first_variable_part_is_one_piece_of_work(studio: Session) -> None:
    works = {}
    for place in ("scene", "noted", "both", "two"):
        engine = Counting()
        list(studio.find_assets(place, engine=engine))
        works[place] = sorted(work.args[-1].name for work in engine.given)
    jobs = ["dune", "heron", "link", "owl"]
    assert works == {"scene": jobs, "noted": jobs, "both": ["disk_a", "disk_b"], "two": sorted([*jobs, "dune", "heron", "owl"])}


def test_a_bounded_number_of_parts_waits(studio: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "MOST_PARTS", 2)
    engine = Counting()
    assert shown(studio.find_assets("scene", sort=True, engine=engine)) == shown(studio.find_assets("scene", sort=True))
    assert engine.most <= 2


def test_a_walk_that_is_left_gives_up_its_work(studio: Session) -> None:
    engine = Counting()
    walk = studio.find_assets("scene", engine=engine)
    next(walk)
    walk.close()  # type: ignore[attr-defined]
    assert not engine.left()


def test_what_an_engine_cant_read_is_reported(studio: Session, tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff")
    (tmp_path / "disk_a" / name).mkdir()
    (tmp_path / "disk_a" / "dune" / name).mkdir()
    reports: list[list[tuple[str, str]]] = [[], []]
    for told, engine in zip(reports, (None, SerialEngine())):
        list(studio.find_assets("any", sort=True, engine=engine, report=lambda *report, told=told: told.append(report)))
    assert reports[0] == reports[1] and len(reports[0]) == 3


def test_a_mapping_below_the_current_folder_is_walked_here(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jobs" / "dune").mkdir(parents=True)
    session.add_plugins(job={"hierarchy": "job", "mapping": "{ROOT}/{JOB}", "path": True, "syntax": 2})
    engine = Counting()
    assert [asset.get_str() for asset in session.find_assets("job", engine=engine)] == ["jobs/dune"] and engine.given == []


class Failing(SerialEngine):
    def wait(self, *_: Any) -> list[Change]:
        raise EngineError("lost")


def test_a_lost_engine_is_an_error(studio: Session) -> None:
    with pytest.raises(EngineError, match="lost"):
        list(studio.find_assets("scene", engine=Failing()))


def broken() -> None:
    raise OSError("gone")


def test_a_part_that_fails_is_an_error(studio: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "_walked", lambda *_: broken())
    with pytest.raises(OSError, match="gone"):
        list(studio.find_assets("scene", engine=SerialEngine()))


def dask_engine() -> Engine:
    pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    from ways.systems.engine.dask import local

    return local(2)


@pytest.mark.parametrize("make", [partial(PoolEngine, 2), dask_engine], ids=["pool", "dask"])
def test_processes_find_the_same(studio: Session, make: Callable[[], Any]) -> None:
    engine = make()
    try:
        for place, question in QUESTIONS[:7]:
            expected = shown(studio.find_assets(place, **question, sort=True))
            assert shown(studio.find_assets(place, **question, sort=True, engine=engine)) == expected
    finally:
        engine.close()
