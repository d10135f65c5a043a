"""Watching: sheets are read again when they change. ``python -m tests.stress reload`` for longer."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stress.reload import reloads

from ways.api import Session
from ways.errors import MissingExtraError
from ways.sheets.document import Problem
from ways.sources.origins import WatchedPaths
from ways.watch import Watch

pytest.importorskip("watchfiles")
LONG = 30.0


def sheet(number: int) -> str:
    return f"plugins: {{job: {{hierarchy: job, mapping: '/{number}/{{JOB}}'}}}}"


def until(is_so: Callable[[], bool]) -> bool:
    """Wait until something is so, and return whether it ever was."""
    end = time.monotonic() + LONG
    while not (answer := is_so()) and time.monotonic() < end:
        time.sleep(0.01)
    return answer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one sheet."""
    made = tmp_path / "sheets"
    made.mkdir()
    (made / "job.yml").write_text(sheet(0), encoding="utf-8")
    return made


@pytest.fixture
def watched(session: Session, folder: Path) -> Session:
    session.add_search_path(str(folder))
    return session


def says(session: Session, number: int | None) -> Callable[[], bool]:
    """Return what tells whether the sheet of that number counts; ``None`` for none."""

    def tell() -> bool:
        context = session.get_context("job")
        try:
            return number is None if context is None else context.get_mapping() == f"/{number}/{{JOB}}"
        except RuntimeError:
            return False

    return tell


def test_every_change_is_seen_and_no_reader_waits() -> None:
    outcome = reloads(2.0, seed=3)
    assert not outcome.wrong and outcome.tried > 2


def test_the_callback_gets_the_paths_that_changed(watched: Session, folder: Path) -> None:
    batches: list[frozenset[str]] = []
    with watched.watch(batches.append):
        (folder / "job.yml").write_text(sheet(1), encoding="utf-8")
        assert until(says(watched, 1)) and until(lambda: bool(batches))
    assert {path for paths in batches for path in paths} == {str(folder / "job.yml")}


def test_a_watch_needs_no_session(folder: Path) -> None:
    batches: list[frozenset[str]] = []
    places = WatchedPaths(files=frozenset(), folders=frozenset({str(folder.resolve())}), suffixes=(".yml",))
    refreshed: list[int] = []
    with Watch(lambda: refreshed.append(1), lambda: [], lambda: places, lambda: False, batches.append):
        (folder / "job.yml").write_text(sheet(1), encoding="utf-8")
        assert until(lambda: bool(batches))
    assert refreshed and batches[0] == {str(folder.resolve() / "job.yml")}


def test_a_sheet_that_became_broken_keeps_its_last_answer_and_is_told_of_once(watched: Session, folder: Path) -> None:
    problems: list[Problem] = []
    with watched.watch(on_problem=problems.append):
        (folder / "job.yml").write_text("plugins: [", encoding="utf-8")
        assert until(lambda: bool(problems)) and says(watched, 0)()
        (folder / "other.yml").write_text("plugins: {}", encoding="utf-8")
        assert until(lambda: len(watched.sheets) == 2)
        assert len(problems) == 1 and problems[0].code == "syntax"
        (folder / "job.yml").write_text(sheet(1), encoding="utf-8")
        assert until(says(watched, 1)) and watched.problems == []


def test_a_refresh_that_finds_nothing_new_leaves_everything_as_it_is(watched: Session, folder: Path) -> None:
    before = watched.registry.now
    is_refreshed = threading.Event()
    with watched.watch(lambda paths: is_refreshed.set()):
        (folder / "empty.yml").write_text("plugins: {}", encoding="utf-8")
        assert is_refreshed.wait(LONG)
    assert watched.registry.now is before


@pytest.mark.parametrize("name", ["notes.txt", "job.yml~", "image.exr", "__pycache__/job.pyc"])
def test_other_files_are_no_cause(watched: Session, folder: Path, name: str) -> None:
    (folder / "__pycache__").mkdir()
    batches: list[frozenset[str]] = []
    with watched.watch(batches.append):
        (folder / name).write_text("x", encoding="utf-8")
        (folder / "job.yml").write_text(sheet(1), encoding="utf-8")
        assert until(says(watched, 1)) and until(lambda: bool(batches))
    assert {path for paths in batches for path in paths} == {str(folder / "job.yml")}


def test_an_info_file_is_a_cause(watched: Session, folder: Path) -> None:
    with watched.watch():
        (folder / "below").mkdir()
        (folder / "below" / "more.yml").write_text("plugins: {m: {hierarchy: more}}", encoding="utf-8")
        (folder / ".ways_plugin_info.yml").write_text("recursive: true", encoding="utf-8")
        assert until(lambda: watched.get_context("more") is not None)
        (folder / "below" / "deep").mkdir()
        (folder / "below" / "deep" / "x.yml").write_text("plugins: {m: {hierarchy: deep}}", encoding="utf-8")
        assert until(lambda: watched.get_context("deep") is not None)


def test_one_sheet_by_its_name_is_watched(session: Session, folder: Path) -> None:
    session.add_search_path(str(folder / "job.yml"))
    with session.watch():
        new = folder / "new"
        new.write_text(sheet(1), encoding="utf-8")
        new.replace(folder / "job.yml")
        assert until(says(session, 1))
        (folder / "job.yml").unlink()
        assert until(says(session, None))
        (folder / "job.yml").write_text(sheet(2), encoding="utf-8")
        assert until(says(session, 2))


def test_a_search_path_that_comes_to_be_there_is_loaded(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "sheets"
    assert session.add_search_path(str(path)) is None
    with session.watch():
        path.mkdir(parents=True)
        (path / "job.yml").write_text(sheet(1), encoding="utf-8")
        assert until(says(session, 1))


def test_a_search_path_that_is_added_later_is_watched_too(watched: Session, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yml"
    other.write_text("plugins: {o: {hierarchy: other, mapping: /1}}", encoding="utf-8")
    with watched.watch(poll=0.3):
        watched.add_search_path(str(other))
        other.write_text("plugins: {o: {hierarchy: other, mapping: /2}}", encoding="utf-8")
        assert until(lambda: watched.need_context("other").get_mapping() == "/2")


def test_what_changes_before_it_is_ready_is_seen(watched: Session, folder: Path) -> None:
    (folder / "job.yml").write_text(sheet(1), encoding="utf-8")
    with watched.watch():
        assert until(says(watched, 1))


def test_a_callback_that_raises_is_logged_and_ends_nothing(watched: Session, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    def fail(paths: frozenset[str]) -> None:
        raise LookupError("no such thing")

    with watched.watch(fail, fail), caplog.at_level(logging.ERROR, "ways.watch"):  # type: ignore[arg-type]
        (folder / "job.yml").write_text(sheet(1), encoding="utf-8")
        assert until(lambda: "no such thing" in caplog.text)
        (folder / "job.yml").write_text(sheet(2), encoding="utf-8")
        assert until(says(watched, 2))


def test_what_fails_outside_of_a_callback_ends_nothing_either(
    watched: Session, folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failed = watched.loader.refresh, threading.Event()

    def fail() -> None:
        monkeypatch.setattr(watched.loader, "refresh", real)
        failed.set()
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(watched.loader, "refresh", fail)
    with caplog.at_level(logging.ERROR, "ways.watch"), watched.watch():
        (folder / "job.yml").write_text(sheet(1), encoding="utf-8")
        assert failed.wait(LONG) and until(lambda: "Input/output error" in caplog.text)
        # By its stamp: no change was reported again.
        assert until(says(watched, 1))


def test_it_ends_with_its_block_and_may_be_stopped_twice(watched: Session) -> None:
    with watched.watch() as watch:
        assert watch.is_running
    assert not watch.is_running
    watch.stop()


def test_a_callback_may_stop_it(watched: Session, folder: Path) -> None:
    watches: list[Any] = []
    watches.append(watched.watch(lambda paths: watches[0].stop()))
    (folder / "job.yml").write_text(sheet(1), encoding="utf-8")
    assert until(lambda: not watches[0].is_running)


def test_a_program_ends_although_nobody_stopped_it(folder: Path) -> None:
    code = f"from ways.api import Session; s = Session(); s.add_search_path({str(folder)!r}); w = s.watch(); print(w.wait())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=2 * LONG)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


def test_without_the_package_the_extra_is_named(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ways\[watch\]'"):
        session.watch()


def test_many_changes_at_once_are_few_refreshes(watched: Session, folder: Path) -> None:
    batches: list[frozenset[str]] = []
    with watched.watch(batches.append, quiet=0.3):
        for number in range(1, 60):
            (folder / "job.yml").write_text(sheet(number), encoding="utf-8")
        assert until(says(watched, 59))
    assert len(batches) < 10
