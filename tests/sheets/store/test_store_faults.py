"""The store under faults, each tried briefly; ``python -m tests.stress`` tries them at length."""

from __future__ import annotations

import errno
import gc
import os
import shutil
import stat
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
from ways.sheets.store import entry_file as entry, stamps, writer as keeping
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


def test_the_command_keeps_nothing_in_the_home_of_its_caller(tmp_path: Path) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "COV"))}
    command = [sys.executable, "-m", "tests.stress", "limits", "--seconds", "0"]
    root = Path(__file__).parents[3]
    done = subprocess.run(command, env={**own, "HOME": str(tmp_path)}, cwd=root, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr, os.listdir(tmp_path)) == (0, "", [])


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


def test_a_file_whose_name_tells_of_no_writer_is_anothers_and_stays(cache: Path, write_sheet: Callable[..., str]) -> None:
    left_over(cache, os.getppid()).rename(cache / "entries" / f"odd{keeping.UNFINISHED}")
    cache.chmod(0o700)
    loaded(write_sheet(SHEET))
    assert leftovers(str(cache)) == [f"entries/odd{keeping.UNFINISHED}"]


def test_a_name_with_a_line_break_is_one_place_and_no_two(cache: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "a.json"
    sheet.write_text('{"plugins": {"a": {"hierarchy": "soup\\nbowl", "mapping": "/a"}, "b": {"hierarchy": "b"}}}', encoding="utf-8")
    told = [loaded(str(sheet)).place_texts() for _ in range(3)]
    assert told[0] == told[1] == told[2] and "bowl" not in told[0]


# --- what is removed


def cleared(session: Session) -> tuple[int, dict[str, str]]:
    """Clear the store; return how many files went, and what was left, with the reasons."""
    left: dict[str, str] = {}
    return session.clear_cache(lambda path, reason: left.update({os.path.basename(path): reason})), left


def test_only_what_the_store_wrote_is_removed(cache: Path, write_sheet: Callable[..., str], tmp_path: Path) -> None:
    session = loaded(write_sheet(SHEET))
    digest = "0123456789abcdef" * 2 + "01234567"
    count_before = len(list(StoreWriter(str(cache)).files()))
    own = {"notes.txt": b"mine", digest: b"mine", f"{digest}.1.ab.new": b"mine", f"{digest}.new": b"ways sheet 3"}
    own[digest.upper()] = b"ways sheet 3"
    # No process has such a number, and no random part such letters.
    own |= {f"{digest}.{middle}.new": b"ways sheet 3" for middle in ("1.xyz", "\u0663.ab", "x.ab", "1.2.ab")}
    for name, data in own.items():
        (cache / "entries" / name).write_bytes(data)
    outside = tmp_path / "outside"
    outside.write_bytes(b"ways sheet 3\n")
    (cache / "stamps" / ("a" * 40)).symlink_to(outside)
    (cache / "stamps" / ("b" * 40)).mkdir()
    os.mkfifo(cache / "stamps" / ("c" * 40))
    os.mknod(cache / "indexes" / ("c" * 39 + "d"), stat.S_IFSOCK | 0o600)
    (cache / "entries" / ("d" * 40)).write_bytes(b"ways sheet 2\nof an older release")
    (cache / "entries" / ("e" * 40 + ".17.abcdef012345.new")).write_bytes(b"ways")
    (cache / "stamps" / ("f" * 40)).write_bytes(b"U\0\0\0\0")
    count, left = cleared(session)
    assert count == count_before + 3 and set(left) == {*own, "a" * 40, "b" * 40, "c" * 40, "c" * 39 + "d"}
    assert outside.read_bytes() and (cache / "stamps" / ("a" * 40)).is_symlink() and left["a" * 40] == "it is a link"
    assert left["c" * 39 + "d"] == os.strerror(errno.ENXIO)
    assert {name: (cache / "entries" / name).read_bytes() for name in own} == own


def test_what_is_not_there_was_not_removed(cache: Path, write_sheet: Callable[..., str]) -> None:
    loaded(write_sheet(SHEET))
    keeper = StoreWriter(str(cache))
    (entry_file,) = (file for file in keeper.files() if file.folder == "entries")
    assert [keeper.remove(entry_file) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("folder", ["relative", "file"])
def test_folders_that_can_not_be_made_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    assert StoreWriter(str(tmp_path / "store")).make_folders()
    assert not StoreWriter(folder if folder == "relative" else str(tmp_path / folder)).make_folders()
    assert not (tmp_path / "relative").exists()


def test_nothing_is_written_through_a_link_that_is_planted_for_a_new_file(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, outside = StoreWriter(str(cache)), tmp_path / "outside"
    path = cache / "entries" / ("a" * 40)
    keeper.make_folders()
    outside.write_bytes(b"mine")
    monkeypatch.setattr(os, "urandom", bytes)
    Path(f"{path}.{os.getpid()}.{'00' * 6}{keeping.UNFINISHED}").symlink_to(outside)
    keeper.write(str(path), b"ours")
    assert outside.read_bytes() == b"mine" and not path.is_symlink()


@pytest.mark.parametrize("name", ["entries", "stamps", "indexes"])
def test_nothing_is_removed_through_a_planted_link(cache: Path, write_sheet: Callable[..., str], tmp_path: Path, name: str) -> None:
    session = loaded(write_sheet(SHEET))
    outside = tmp_path / "outside"
    outside.mkdir(0o700)
    for number in range(3):
        (outside / f"{number:040}").write_bytes(b"ways sheet 3\n")
    (cache / name).rename(tmp_path / "aside")
    (cache / name).symlink_to(outside)
    count, left = cleared(session)
    assert name in left and len(list(outside.iterdir())) == 3
    assert not any(file.folder == name for file in StoreWriter(str(cache)).files())


def test_a_link_that_is_planted_between_looking_and_removing_leads_nowhere(
    cache: Path, write_sheet: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = loaded(write_sheet(SHEET))
    (name,) = os.listdir(cache / "entries")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / name).write_bytes(b"ways sheet 3\n")
    removed_or_why = keeping._Place.removed_or_why

    def swapped(place: keeping._Place, name: str) -> str:
        if (cache / "entries").exists() and not (cache / "entries").is_symlink():
            (cache / "entries").rename(tmp_path / "aside")
            (cache / "entries").symlink_to(tmp_path / "outside")
        return removed_or_why(place, name)

    monkeypatch.setattr(keeping._Place, "removed_or_why", swapped)
    cleared(session)
    assert (tmp_path / "outside" / name).exists() and not os.listdir(tmp_path / "aside")


@pytest.mark.parametrize("name", ["", "entries"])
def test_nothing_is_removed_from_a_folder_that_others_may_write_to(cache: Path, write_sheet: Callable[..., str], name: str) -> None:
    session = loaded(write_sheet(SHEET))
    before = files_below(str(cache))
    (cache / name).chmod(0o777)
    count, left = cleared(session)
    assert "entries" in left and "may write to it" in left["entries"]
    assert [path for path in before if "entries" in path] == [path for path in files_below(str(cache)) if "entries" in path]
    (cache / name).chmod(0o700)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs to be root, to give a folder away")
def test_nothing_is_removed_from_a_folder_of_another_owner(cache: Path, write_sheet: Callable[..., str]) -> None:
    session = loaded(write_sheet(SHEET))
    os.chown(cache / "entries", 65534, 65534)
    (file,) = (cache / "entries").iterdir()
    assert "entries" in cleared(session)[1] and file.exists()
    os.chown(cache / "entries", 0, 0)
    os.chown(file, 65534, 65534)
    assert file.name in cleared(session)[1] and file.exists()


def test_a_full_store_leaves_files_of_others_and_what_links_lead_to(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MAX_TOTAL", 4 * keeping.BLOCK)
    keeper = StoreWriter(str(cache))
    keeper.make_folders()
    (cache / "entries" / "mine").write_bytes(b"x" * 99_999)
    (cache / "indexes").rmdir()
    (cache / "indexes").symlink_to(tmp_path / "outside")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / ("a" * 40)).write_bytes(b"x" * 99_999)
    for number in range(9):
        StoreWriter(str(cache)).write(str(cache / "entries" / f"{number:040}"), b"x")
    assert (cache / "entries" / "mine").exists() and (tmp_path / "outside" / ("a" * 40)).exists()


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


def test_a_folder_with_files_that_others_may_write_to_stays_open_and_unused(cache: Path, write_sheet: Callable[..., str]) -> None:
    cache.mkdir(parents=True)
    (cache / "notes").write_bytes(b"theirs")
    cache.chmod(0o777)
    assert loaded(write_sheet(SHEET)).need_context("job").get_mapping() == "/jobs"
    assert cache.stat().st_mode & 0o777 == 0o777 and not list(cache.glob("entries/*"))


def test_clearing_follows_no_link(cache: Path, tmp_path: Path, write_sheet: Callable[..., str]) -> None:
    session = loaded(write_sheet(SHEET))
    (tmp_path / "own").mkdir()
    kept = tmp_path / "own" / "kept"
    kept.write_bytes(b"mine")
    shutil.rmtree(cache / "stamps")
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


class Clocks:
    """The clocks of this machine, as a test sets them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.steady = 10**18, 10**12
        monkeypatch.setattr(stamps, "time_ns", lambda: self.wall)
        monkeypatch.setattr(stamps, "monotonic_ns", lambda: self.steady)

    def wait(self, nanoseconds: int) -> None:
        """Let time pass."""
        self.wall += nanoseconds
        self.steady += nanoseconds


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were read so far."""
    read, paths = reader._bytes, []
    monkeypatch.setattr(reader, "_bytes", lambda path, *told: (paths.append(path), read(path, *told))[1])
    return paths


def test_a_sheet_that_is_edited_right_after_it_was_read_is_read_again_however_long_that_took(
    cache: Path, clocks: Clocks, write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, read = write_sheet(SHEET), reader._bytes
    monkeypatch.setattr(reader, "_stamp", lambda *_: (len(SHEET), 10**18, 10**18, 1))
    edit = partial(Path(path).write_bytes, SHEET.replace("/jobs", "/work").encode())
    monkeypatch.setattr(reader, "_bytes", lambda *told: (read(*told), clocks.wait(10 * stamps.FRESH), edit())[0])
    loaded(path)
    assert loaded(path).need_context("job").get_mapping() == "/work"


@pytest.mark.parametrize("mode", ["0", "1", "strict"])
@pytest.mark.parametrize("behind", [0, 10**10, 10**15, -(10**10), -(10**15)])
def test_an_edit_that_no_stamp_tells_is_seen_whatever_the_clock_of_the_file_server_shows(
    cache: Path, write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch, mode: str, behind: int
) -> None:
    monkeypatch.setenv("WAYS_CACHE", mode)
    path = write_sheet(SHEET)
    size, mtime, ctime, inode = reader._stamp(path)
    monkeypatch.setattr(reader, "_stamp", lambda *_: (size, mtime - behind, ctime - behind, inode))
    session = loaded(path)
    Path(path).write_bytes(SHEET.replace("/jobs", "/work").encode())
    assert loaded(path).need_context("job").get_mapping() == "/work"
    session.refresh()
    assert session.need_context("job").get_mapping() == "/work"


@pytest.mark.parametrize("time", [4e9, 1e9, 0])
def test_a_stamp_is_believed_once_its_content_was_seen_again_later(
    cache: Path, clocks: Clocks, reads: list[str], write_sheet: Callable[..., str], time: float
) -> None:
    path = write_sheet(SHEET)
    os.utime(path, (time, time))
    for is_read, waited in [(True, 1), (True, stamps.FRESH // 2), (True, stamps.FRESH), (True, 1), (False, 0)]:
        reads.clear()
        assert loaded(path).need_context("job").get_mapping() == "/jobs"
        assert bool(reads) is is_read
        clocks.wait(waited)


def test_a_session_believes_a_stamp_by_the_same_rule(clocks: Clocks, reads: list[str], write_sheet: Callable[..., str]) -> None:
    session = loaded(write_sheet(SHEET))
    for is_read in (True, False):
        clocks.wait(stamps.FRESH)
        reads.clear()
        session.refresh()
        assert bool(reads) is is_read


@pytest.mark.parametrize("start", [0, 1, stamps.FRESH // 3, 10**15])
def test_a_machine_may_have_started_just_now(start: int) -> None:
    seen = stamps.FileStat((1, 2, 3, 4), (10**18, start), (10**18 + stamps.FRESH, start + stamps.FRESH))
    assert seen.is_settled and not seen._replace(last=(10**18, start + stamps.FRESH - 1)).is_settled


@pytest.mark.parametrize("set_by", [10**10, -(10**10), 10**18])
def test_where_a_clock_was_set_or_is_anothers_it_begins_anew(
    cache: Path, clocks: Clocks, reads: list[str], write_sheet: Callable[..., str], set_by: int
) -> None:
    path = write_sheet(SHEET)
    loaded(path)
    clocks.wall += set_by
    clocks.wait(stamps.FRESH)
    loaded(path)
    reads.clear()
    loaded(path)
    assert reads
    clocks.wait(stamps.FRESH)
    loaded(path)
    reads.clear()
    loaded(path)
    assert not reads


def test_the_stamps_of_a_catalog_are_believed_by_one_note_of_them(
    cache: Path, clocks: Clocks, reads: list[str], write_sheet: Callable[..., str], tmp_path: Path
) -> None:
    for number in range(20):
        write_sheet(SHEET.replace("job,", f"job{number},"), f"sheets/{number}.yml")
    written = []
    for count in (20, 20, 0, 0):
        reads.clear()
        assert loaded(str(tmp_path / "sheets")).need_context("job7").get_mapping() == "/jobs"
        assert len(reads) == count
        clocks.wait(stamps.FRESH)
        written.append({name: (cache / name).read_bytes() for name in files_below(str(cache))})
    first, second, *later = written
    assert later == [second] * 2 and len(second.keys() - first.keys()) == 1 and second.items() >= first.items()
    # One that is edited costs itself, and the note says nothing of it any more.
    write_sheet("plugins: {job: {hierarchy: job7, mapping: /work}}", "sheets/7.yml")
    reads.clear()
    assert loaded(str(tmp_path / "sheets")).need_context("job7").get_mapping() == "/work" and len(reads) == 1


def test_a_note_of_a_catalog_adds_sheets_to_those_that_are_believed(cache: Path, write_sheet: Callable[..., str], tmp_path: Path) -> None:
    for number in range(5):
        write_sheet(SHEET.replace("job,", f"job{number},"), f"sheets/{number}.yml")
    folder = str(tmp_path / "sheets")
    store = loaded(folder).loader.any_store()
    catalog = store.catalog(folder)
    assert catalog is not None and not catalog.is_settled
    for number, flags in ((1, "01000"), (3, "01010"), (1, "01010")):
        note = catalog.confirmed([number])
        assert note == (catalog.name, flags)
        catalog.settle(note)
    for wrong in (("other", "11111"), (catalog.name, "1111"), (catalog.name, 1), None):
        catalog.settle(wrong)
    assert catalog.confirmed([]) == (catalog.name, "01010")


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


# --- what has the right seals, and is not ours


def forged(path: Path, meta: dict[str, object], record: list[object]) -> None:
    """Write an entry again, with another description or record: all of it is whole, and says what no sheet says."""
    secret = Session().loader.any_store().secret
    stored = StoreEntry(os.open(path, os.O_RDONLY), path.name, secret)
    own = unpack(stored.piece(stored.records)[0])
    written = EntryBuilder(path.name, [[*record, *own[len(record) :]], [[], [], [], []]], 1, secret)
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
