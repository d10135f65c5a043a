"""Watching: sheets are read again when they change. ``python -m tests.stress reload`` for longer."""

from __future__ import annotations

import logging
import mmap
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Container
from pathlib import Path
from typing import Any

import pytest
from stress.reload import LEAST, reloads

from ways.api import Session
from ways.errors import MissingExtraError
from ways.sheets.document import Problem
from ways.sheets.reader import SheetReader
from ways.sources.descriptors import FileDescriptor
from ways.sources.origins import WatchedPaths
from ways.watch import Watch

pytest.importorskip("watchfiles")
LONG = 60.0


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
    assert not outcome.wrong and outcome.tried >= LEAST


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
    with pytest.raises(MissingExtraError, match=r"pip install 'ways-resolver\[watch\]'"):
        session.watch()


def test_many_changes_at_once_are_few_refreshes(watched: Session, folder: Path) -> None:
    batches: list[frozenset[str]] = []
    with watched.watch(batches.append, quiet=0.3):
        for number in range(1, 60):
            (folder / "job.yml").write_text(sheet(number), encoding="utf-8")
        assert until(says(watched, 59))
    assert len(batches) < 10


# --- links on the way to the sheets, and folders above them


class Versions:
    """Two versions of a folder of sheets, and what leads to one of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for number in (1, 2):
            (root / "store" / f"v{number}" / "sheets").mkdir(parents=True)
            (root / "store" / f"v{number}" / "sheets" / "job.yml").write_text(sheet(number), encoding="utf-8")

    def lead(self, link: str, target: str) -> None:
        """Let a link lead elsewhere, at once."""
        (self.root / link).parent.mkdir(exist_ok=True)
        (self.root / "new").symlink_to(target)
        (self.root / "new").replace(self.root / link)


#: What is named, which links lead there, and which of them is changed to what.
CHAINS: dict[str, tuple[str, list[tuple[str, str]], tuple[str, str]]] = {
    "the folder itself": ("current", [("current", "store/v1/sheets")], ("current", "store/v2/sheets")),
    "a folder above": ("current/sheets", [("current", "store/v1")], ("current", "store/v2")),
    "a file below": ("current/sheets/job.yml", [("current", "store/v1")], ("current", "store/v2")),
    "a file itself": ("job.yml", [("job.yml", "store/v1/sheets/job.yml")], ("job.yml", "store/v2/sheets/job.yml")),
    "a link to a link": ("a/sheets", [("b/on", "../store/v1"), ("a", "b/on")], ("b/on", "../store/v2")),
    "the first of two links": ("a/sheets", [("b/on", "../store/v1"), ("b/other", "../store/v2"), ("a", "b/on")], ("a", "b/other")),
    "a link in the middle": ("a/x/sheets", [("b/x", "../store/v1"), ("a", "b")], ("b/x", "../store/v2")),
    "an absolute link": ("current/sheets", [("current", "ROOT/store/v1")], ("current", "ROOT/store/v2")),
}


@pytest.mark.parametrize("poll", [0.0, 2.0])
@pytest.mark.parametrize("chain", CHAINS)
def test_a_link_that_leads_elsewhere_is_seen_and_what_it_leads_to_is_watched(
    session: Session, tmp_path: Path, chain: str, poll: float
) -> None:
    named, links, change = CHAINS[chain]
    versions = Versions(tmp_path)
    for link, target in links:
        versions.lead(link, target.replace("ROOT", str(tmp_path)))
    session.add_search_path(str(tmp_path / named))
    assert says(session, 1)()
    with session.watch(poll=poll):
        versions.lead(change[0], change[1].replace("ROOT", str(tmp_path)))
        assert until(says(session, 2))
        target = tmp_path / "store" / "v2" / "sheets"
        (target / "job.yml").write_text(sheet(3), encoding="utf-8")
        assert until(says(session, 3))
        if not named.endswith(".yml"):
            (target / "more.yml").write_text("plugins: {m: {hierarchy: more}}", encoding="utf-8")
            assert until(lambda: session.get_context("more") is not None)


def test_a_link_that_is_removed_and_made_again_is_seen(session: Session, tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    versions.lead("current", "store/v1")
    session.add_search_path(str(tmp_path / "current" / "sheets"))
    with session.watch(poll=0):
        (tmp_path / "current").unlink()
        assert until(says(session, None))
        (tmp_path / "current").symlink_to("store/v2")
        assert until(says(session, 2))


def test_a_folder_far_above_that_is_replaced_is_seen(session: Session, tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"top{number}" / "a" / "b" / "sheets").mkdir(parents=True)
        (tmp_path / f"top{number}" / "a" / "b" / "sheets" / "job.yml").write_text(sheet(number), encoding="utf-8")
    session.add_search_path(str(tmp_path / "top1" / "a" / "b" / "sheets"))
    with session.watch(poll=0):
        (tmp_path / "top1").rename(tmp_path / "old")
        (tmp_path / "top2").rename(tmp_path / "top1")
        assert until(says(session, 2))
        (tmp_path / "top1" / "a" / "b" / "sheets" / "job.yml").write_text(sheet(3), encoding="utf-8")
        assert until(says(session, 3))


def test_a_sheet_that_is_a_link_is_watched_where_it_leads(session: Session, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").mkdir()
    (tmp_path / "far" / "job.txt").write_text(sheet(1), encoding="utf-8")
    (tmp_path / "near" / "job.yml").symlink_to("../far/job.txt")
    session.add_search_path(str(tmp_path / "near"))
    with session.watch(poll=0):
        (tmp_path / "far" / "job.txt").write_text(sheet(2), encoding="utf-8")
        assert until(says(session, 2))


def packed(path: Path, number: int) -> Path:
    """Write an archive with one sheet."""
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("job.yml", sheet(number))
    return path


def test_a_link_above_an_archive_that_leads_elsewhere_is_seen(session: Session, tmp_path: Path) -> None:
    for number in (1, 2):
        packed(tmp_path / f"v{number}" / "sheets.zip", number)
    (tmp_path / "current").symlink_to("v1")
    session.add_search_path(str(tmp_path / "current" / "sheets.zip"))
    with session.watch(poll=0):
        (tmp_path / "new").symlink_to("v2")
        (tmp_path / "new").replace(tmp_path / "current")
        assert until(says(session, 2))
        packed(tmp_path / "v3" / "sheets.zip", 3).replace(tmp_path / "v2" / "sheets.zip")
        assert until(says(session, 3))


def test_the_stamp_of_an_archive_shows_that_it_is_another(session: Session, tmp_path: Path) -> None:
    session.add_search_path(str(packed(tmp_path / "sheets.zip", 1)))
    assert says(session, 1)() and not session.loader.is_stale()
    packed(tmp_path / "new.zip", 2).replace(tmp_path / "sheets.zip")
    assert session.loader.is_stale()
    session.refresh()
    assert says(session, 2)() and not session.loader.is_stale()


@pytest.mark.parametrize("broken", ["archive", "descriptor"])
def test_what_cannot_be_looked_at_keeps_nothing_else_from_being_watched(
    session: Session, folder: Path, tmp_path: Path, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken.zip").write_bytes(b"no archive")
    session.add_search_path(str(tmp_path / "broken.zip") if broken == "archive" else Unlistable(str(folder / "no.yml")))
    session.add_search_path(str(folder))
    caplog.clear()
    with session.watch(poll=0.1) as watch:
        assert watch.wait(LONG)
        for number in (1, 2):
            (folder / "job.yml").write_text(sheet(number), encoding="utf-8")
            assert until(says(session, number))
    assert not [record for record in caplog.records if record.name == "ways.watch"]


class Unlistable(FileDescriptor):
    """Its sheets can be read, but not be looked at."""

    def differs(self, known: Container[str], reader: SheetReader) -> bool:
        raise OSError("not now")


@pytest.mark.parametrize("is_synced", [True, False])
def test_a_write_through_a_memory_map_is_seen(watched: Session, folder: Path, is_synced: bool) -> None:
    with watched.watch(), open(folder / "job.yml", "r+b") as file:
        with mmap.mmap(file.fileno(), 0) as mapped:
            at = mapped.find(b"/0/")
            mapped[at : at + 3] = b"/7/"
            if is_synced:
                mapped.flush()
            assert until(says(watched, 7))


def test_looks_that_take_long_are_few(watched: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []

    def slow() -> bool:
        looks.append(time.monotonic())
        time.sleep(0.1)
        return False

    with Watch(watched.refresh, lambda: [], watched.loader.places, slow, poll=0.01):
        time.sleep(1.5)
    # One at the start, and the next after fifty times as long.
    assert len(looks) <= 2
