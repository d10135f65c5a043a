"""The store under faults, each tried briefly; ``python -m tests.stress`` tries them at length."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from stress import belief, crashes
from stress.faults import files_below
from stress.world import caching, store_of

from ways.limits import DEFAULT_LIMITS, Limits
from ways.session import Session
from ways.sheets import reader
from ways.sheets.store import entry_file as entry, store, writer as keeping
from ways.sheets.store.codec import unpack
from ways.sheets.store.entry_file import StoreEntry, EntryBuilder, is_private
from ways.sheets.store.writer import StoreWriter

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the store's folder is set by XDG_CACHE_HOME")

SHEET = "plugins: {job: {hierarchy: job, mapping: /jobs}}\n"
#: A number that no process has.
GONE = 2**22 + 1


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Turn the store on, in a folder of the test's own."""
    monkeypatch.setenv("WAYS_CACHE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Path(store_of(str(tmp_path / "cache")))


def loaded(path: str) -> Session:
    session = Session()
    session.add_search_path(path)
    return session


@pytest.mark.parametrize("name", {**crashes.SCENARIOS, **belief.SCENARIOS})
def test_a_fault_changes_no_answer_and_leaves_nothing_behind(name: str) -> None:
    outcome = {**crashes.SCENARIOS, **belief.SCENARIOS}[name].run(0.7)
    assert outcome.wrong == ()


# --- what a killed writer leaves


def leftovers(cache: Path) -> list[str]:
    return [name for name in files_below(str(cache)) if name.endswith(keeping.UNFINISHED)]


def left_over(cache: Path, process: int, age: float = 0) -> Path:
    """Make a file such as a writer leaves that was killed so many seconds ago."""
    path = cache / "entries" / f"{'a' * 40}.{process}.0123abcd{keeping.UNFINISHED}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half")
    now = path.stat().st_mtime
    os.utime(path, (now - age, now - age))
    return path


def test_what_a_writer_left_who_is_gone_is_removed_by_the_next(cache: Path, write_sheet: Callable[..., str]) -> None:
    for number in range(50):
        left_over(cache, GONE + number)
    cache.chmod(0o700)
    loaded(write_sheet(SHEET))
    assert leftovers(str(cache)) == [] and len(list((cache / "entries").iterdir())) == 1


@pytest.mark.parametrize("age, is_left", [(0, True), (59, True), (61, False), (-61, False)])
def test_what_somebody_is_writing_stays_for_a_minute(cache: Path, write_sheet: Callable[..., str], age: float, is_left: bool) -> None:
    path = left_over(cache, os.getppid(), age)
    cache.chmod(0o700)
    loaded(write_sheet(SHEET))
    assert path.exists() == is_left


def test_a_file_whose_name_tells_of_no_writer_is_removed(cache: Path, write_sheet: Callable[..., str]) -> None:
    left_over(cache, os.getppid()).rename(cache / "entries" / f"odd{keeping.UNFINISHED}")
    cache.chmod(0o700)
    loaded(write_sheet(SHEET))
    assert leftovers(str(cache)) == []


# --- the folder


def test_a_folder_that_is_removed_is_made_again_for_its_owner_alone(cache: Path, write_sheet: Callable[..., str]) -> None:
    session = loaded(write_sheet(SHEET))
    subprocess.run(["rm", "-r", str(cache.parent)], check=True)
    session.add_search_path(write_sheet(SHEET, "other.yml"))
    assert len(list((cache / "entries").iterdir())) == 1 and is_private(cache.stat())


@pytest.mark.parametrize("umask", [0, 0o002, 0o077])
def test_the_folder_is_its_owners_alone_whatever_the_umask(cache: Path, write_sheet: Callable[..., str], umask: int) -> None:
    before = os.umask(umask)
    try:
        loaded(write_sheet(SHEET))
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (cache, *cache.iterdir())} == {0o700}


def test_an_empty_folder_that_others_may_write_to_is_closed_and_used(cache: Path, write_sheet: Callable[..., str]) -> None:
    cache.mkdir(parents=True)
    cache.chmod(0o777)
    loaded(write_sheet(SHEET))
    assert is_private(cache.stat()) and len(list((cache / "entries").iterdir())) == 1


def test_clearing_follows_no_link(cache: Path, tmp_path: Path, write_sheet: Callable[..., str]) -> None:
    session = loaded(write_sheet(SHEET))
    (tmp_path / "own").mkdir()
    kept = tmp_path / "own" / "kept"
    kept.write_bytes(b"mine")
    (cache / "stamps").rmdir()
    (cache / "stamps").symlink_to(tmp_path / "own")
    session.clear_cache()
    assert kept.exists()


@pytest.mark.parametrize(
    "home, state",
    [("relative", "no folder for it is known"), ("file", "it is no folder"), ("missing", "not made yet")],
)
def test_the_state_says_why_it_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str, state: str) -> None:
    monkeypatch.chdir(tmp_path)
    where = tmp_path / "c"
    if home == "file":
        (where / "ways").mkdir(parents=True)
        (where / "ways" / "sheets").write_bytes(b"in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", "c" if home == "relative" else str(where))
    assert state in Session().get_cache_info()["state"]


def test_without_a_home_nothing_is_written_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_sheet: Callable[..., str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    path = write_sheet(SHEET)
    monkeypatch.chdir(tmp_path)
    assert loaded(path).need_context("job").get_mapping() == "/jobs" and os.listdir(tmp_path) == ["sheet.yml"]


# --- when a stamp is believed


def test_a_sheet_that_is_edited_right_after_it_was_read_is_read_again_however_long_that_took(
    write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, read = write_sheet(SHEET), reader._bytes
    stamp = (len(SHEET), 10**18, 10**18, 1)
    times = iter([10**18 + 1, 10**18 + 10 * store.FRESH, 10**18 + 20 * store.FRESH])
    monkeypatch.setattr(reader, "_stamp", lambda path: stamp)
    monkeypatch.setattr(reader, "time_ns", lambda: next(times))
    edit = partial(Path(path).write_bytes, SHEET.replace("/jobs", "/work").encode())
    monkeypatch.setattr(reader, "_bytes", lambda path, limits: (read(path, limits), edit())[0])
    loaded(path)
    assert loaded(path).need_context("job").get_mapping() == "/work"


@pytest.mark.parametrize("mode", ["0", "1", "strict"])
def test_a_session_sees_an_edit_that_no_stamp_tells_while_that_is_fresh(
    write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setenv("WAYS_CACHE", mode)
    path = write_sheet(SHEET)
    stamp = reader._stamp(path)
    monkeypatch.setattr(reader, "_stamp", lambda path: stamp)
    session = loaded(path)
    Path(path).write_bytes(SHEET.replace("/jobs", "/work").encode())
    session.refresh()
    assert session.need_context("job").get_mapping() == "/work"


def test_a_sheet_from_the_future_is_kept_but_its_stamp_is_not(cache: Path, write_sheet: Callable[..., str]) -> None:
    path = write_sheet(SHEET)
    os.utime(path, (4e9, 4e9))
    loaded(path)
    loaded(path)
    assert [name.partition("/")[0] for name in files_below(str(cache))] == ["entries"]


def test_a_sheet_that_is_written_while_it_is_read_is_read_again(write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_sheet(SHEET)
    fstat, edits = os.fstat, iter([SHEET.replace("/jobs", "/one"), SHEET.replace("/jobs", "/two")])

    def edited(file: int) -> os.stat_result:
        status = fstat(file)
        if text := next(edits, ""):
            Path(path).write_bytes(text.encode())
        return status

    monkeypatch.setattr(os, "fstat", edited)
    assert reader._bytes(path, DEFAULT_LIMITS) == SHEET.replace("/jobs", "/two").encode()


def test_what_was_read_of_a_broken_sheet_is_never_kept_for_another(cache: Path, write_sheet: Callable[..., str]) -> None:
    session = loaded(write_sheet("plugins: ["))
    with caching(str(cache.parent.parent), WAYS_CACHE="0"):
        write_sheet(SHEET)
        session.refresh()
    write_sheet("assignment: night\n", ".ways_plugin_info.yml")
    session.refresh()
    path = write_sheet("plugins: [")
    assert [problem.code for problem in loaded(path).problems] == ["syntax"]


def test_what_was_read_within_other_limits_is_another_entry(cache: Path, write_sheet: Callable[..., str]) -> None:
    path = write_sheet(SHEET)
    for limits in (Limits(), Limits(depth=50), Limits()):
        Session(limits=limits).add_search_path(path)
    assert len(list((cache / "entries").iterdir())) == 2


# --- how much there is


def test_a_long_process_makes_room_again_and_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MAX_TOTAL", 40 * keeping.BLOCK)
    monkeypatch.setattr(keeping, "MAX_WRITTEN", 10 * keeping.BLOCK)
    keeper = StoreWriter(str(cache))
    for number in range(500):
        keeper.write(str(cache / "entries" / f"{number:040}"), b"x")
        assert len(list(keeper.files())) <= 50
    assert (cache / "entries" / f"{499:040}").exists()


def test_a_file_whose_time_is_to_come_goes_first(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MAX_TOTAL", 4 * keeping.BLOCK)
    keeper = StoreWriter(str(cache))
    for number in range(6):
        keeper.write(str(cache / "entries" / f"{number:040}"), b"x")
        os.utime(cache / "entries" / f"{number:040}", (4e9, 4e9) if number == 5 else (number, number))
    StoreWriter(str(cache)).write(str(cache / "entries" / f"{6:040}"), b"x")
    assert files_below(str(cache / "entries")) == [f"{number:040}" for number in (3, 4, 6)]


def test_only_so_many_great_entries_are_open_at_once(
    tmp_path: Path, write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gc.collect()
    # What other tests left open is theirs.
    before = len(entry._open)
    monkeypatch.setattr(entry, "SMALL", 0)
    monkeypatch.setattr(entry, "MAX_OPEN", before + 3)
    for number in range(8):
        write_sheet(SHEET.replace("/jobs", f"/{number}"), f"many/{number}.yml")
    loaded(str(tmp_path / "many"))
    gc.collect()
    session = loaded(str(tmp_path / "many"))
    assert len(session.need_context("job").records) == 8 and len(entry._open) == before + 3
    del session
    gc.collect()
    assert len(entry._open) == before


# --- what has the right checksums, and is not ours


def forged(path: Path, meta: dict[str, object], record: list[object]) -> None:
    """Write an entry again, with another description or record: all of it is whole, and says what no sheet says."""
    stored = StoreEntry(os.open(path, os.O_RDONLY), path.name)
    own = unpack(stored.piece(stored.records)[0])
    written = EntryBuilder(path.name, [[*record, *own[len(record) :]], [[], [], [], []]], 1)
    table = {"Pjob": [[0, written.starts[0], -1, None]]}
    path.write_bytes(written.build(table, {**stored.meta, "places": written.add("job"), **meta}))


@pytest.mark.parametrize("wrong", [None, 1.5, "x", -1, [1], {"a": 1}, [["x"]]], ids=str)
@pytest.mark.parametrize("name", ["format", "follow", "problems", "is_plain", "records", "plugins", "positions", "places"])
def test_a_description_of_another_shape_is_ignored(cache: Path, write_sheet: Callable[..., str], name: str, wrong: object) -> None:
    path = write_sheet(SHEET)
    session = loaded(path)
    (entry_path,) = (cache / "entries").iterdir()
    forged(entry_path, {name: wrong}, [])
    session = loaded(path)
    assert session.need_context("job").get_mapping() == "/jobs" and len(session.get_all_plugins()) in (0, 1)
    assert [str(problem) for problem in session.problems] == [] and list(session.place_texts()) in (["job"], [])


RECORDS: dict[str, list[object]] = {
    "a block for a name": [{"a": 1}, {"hierarchy": "job", "mapping": "/x"}],
    "no hierarchy": ["job", {"mapping": "/x"}],
    "no values": ["job", None],
    "a text for values": ["job", "hierarchy"],
    "a number for a mapping": ["job", {"hierarchy": "job", "mapping": 1}],
    "numbers for parents": ["job", {"hierarchy": "job", "uses": (1,)}],
    "a text for parents": ["job", {"hierarchy": "job", "uses": "job"}],
    "a text for details": ["job", {"hierarchy": "job", "mapping": "/x", "mapping_details": {"JOB": "x"}}],
    "no line": ["job", {"hierarchy": "job", "mapping": "/x"}, None],
    "no places": ["job", {"hierarchy": "job", "mapping": "/x"}, [1, 1], None],
    "numbers for places": ["job", {"hierarchy": "job", "mapping": "/x"}, (1, 1), b"", [(1, 2)]],
    "a text for a parent": ["job", {"hierarchy": "job", "mapping": "/x"}, (1, 1), b"", [("job", "job")]],
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_record_of_another_shape_is_ignored(cache: Path, write_sheet: Callable[..., str], record: list[object]) -> None:
    path = write_sheet(SHEET)
    loaded(path)
    (entry_path,) = (cache / "entries").iterdir()
    forged(entry_path, {}, record)
    assert loaded(path).need_context("job").get_mapping() == "/jobs" and len(loaded(path).get_all_plugins()) == 1
