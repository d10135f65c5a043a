"""A run: it goes on where it was, it takes no folder of another, and a part that fails costs itself."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from unittest import mock

import pytest
from stress.faults import Fault, ended
from systems.bulk.bulk_things import (
    digest_of, other_studio, parts_in, poisoned, rows_of, run, studio, studio_resolver, table_in, write_csv,
)  # fmt: skip

from ways.api import resolver
from ways.sources.tempdirs import exclusive
from ways.systems.bulk import run as running, work
from ways.systems.bulk.layout import BulkError
from ways.systems.bulk.run import MANIFEST

needs_posix = pytest.mark.skipif(os.name != "posix", reason="needs processes that are killed, and locks of folders")


@pytest.fixture
def source(tmp_path: Path) -> str:
    return write_csv(tmp_path / "in.csv", rows_of(55))


@pytest.fixture
def whole(source: str, tmp_path: Path) -> str:
    """The digest of a run that nothing disturbs."""
    run(source, tmp_path / "whole")
    return digest_of(tmp_path / "whole")


def test_a_second_run_skips_what_is_there(source: str, tmp_path: Path) -> None:
    run(source, tmp_path / "out")
    stamps = [path.stat().st_mtime_ns for path in parts_in(tmp_path / "out")]
    with mock.patch.object(work.PartWork, "__call__", side_effect=AssertionError):
        again = run(source, tmp_path / "out")
    assert (again.skipped, len(again.done)) == (6, 6) and [path.stat().st_mtime_ns for path in parts_in(tmp_path / "out")] == stamps


@pytest.mark.parametrize("harm", ["gone", "cut"])
def test_a_part_that_is_gone_or_cut_is_made_again(source: str, tmp_path: Path, whole: str, harm: str) -> None:
    run(source, tmp_path / "out")
    part = parts_in(tmp_path / "out")[2]
    part.unlink() if harm == "gone" else part.write_bytes(part.read_bytes()[:-5])
    assert run(source, tmp_path / "out").skipped == 5 and digest_of(tmp_path / "out") == whole


@needs_posix
@pytest.mark.parametrize("at", [1, 3, 5, 8, 11, 14, 18, 22, 27, 33])
def test_a_killed_run_goes_on(source: str, tmp_path: Path, whole: str, at: int) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with mock.patch.object(running, "_SELDOM", 0):
        killed = ended(lambda: len(run(source, out).done), Fault(str(out), at))
    assert killed.was_killed
    done = run(source, out)
    assert len(done.done) == 6 and digest_of(out) == whole


@needs_posix
@pytest.mark.parametrize("at", [4, 12, 20, 29])
def test_a_full_disk_costs_time_alone(source: str, tmp_path: Path, whole: str, at: int) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with mock.patch.object(running, "_SELDOM", 0):
        failed = ended(lambda: len(run(source, out).failures), Fault(str(out), at, "ENOSPC", 10**9))
    assert failed.given is None and os.strerror(errno.ENOSPC) in failed.told
    run(source, out)
    assert digest_of(out) == whole


def test_a_part_that_fails_costs_itself(tmp_path: Path) -> None:
    rows = [*rows_of(25), ("x", "/raise", ""), *rows_of(20)]
    source = write_csv(tmp_path / "in.csv", rows)
    told: list[tuple[int, int]] = []
    done = run(source, tmp_path / "out", resolver=poisoned(), report=lambda *numbers: told.append(numbers))
    assert [str(failure) for failure in done.failures] == ["part-000002.csv (rows 21 to 30): ValueError: it can't be"]
    assert len(parts_in(tmp_path / "out")) == len(done.done) == 4 and told[0] == (0, 46) and told[-1] == (46, 46)
    assert run(source, tmp_path / "out", resolver=resolver(other_studio().snapshot())).skipped == 4
    assert [row["text"] for row in table_in(tmp_path / "out")] == [text for _, text, _ in rows]


def test_later_changes_of_the_sheets_dont_count(source: str, tmp_path: Path, whole: str) -> None:
    session = studio()
    resolve = resolver(session.snapshot())

    def change(done: int, rows: int) -> None:
        session.add_plugins(**{f"p{done}": {"hierarchy": f"p{done}", "mapping": f"/nowhere/{{N{done}}}", "syntax": 2}})

    run(source, tmp_path / "out", resolver=resolve, report=change)
    assert digest_of(tmp_path / "out") == whole
    with pytest.raises(BulkError, match="its parts are of other sheets or settings. Name a new folder, or remove this one"):
        run(source, tmp_path / "out", resolver=resolver(session.snapshot()))
    assert digest_of(tmp_path / "out") == whole


def test_a_folder_of_another_run_is_refused(source: str, tmp_path: Path, whole: str) -> None:
    out, snapshot = tmp_path / "out", studio().snapshot()
    run(source, out)
    other = write_csv(tmp_path / "other.csv", rows_of(54))
    for message, change in [
        ("of another input, or the input has changed", {"source": other}),
        ("another number of rows", {"rows": 11}),
        ("of another column", {"column": "note"}),
        ("read at another place", {"resolver": resolver(snapshot, "job")}),
        ("with another strictness", {"resolver": resolver(snapshot, strict=False)}),
    ]:
        with pytest.raises(BulkError, match=message):
            run(**{"source": source, "out": out, **change})
    assert digest_of(out) == whole
    # The same content elsewhere is the same input.
    shutil.copy(source, tmp_path / "copy.csv")
    assert run(str(tmp_path / "copy.csv"), out).skipped == 6


def test_a_folder_without_parts_is_as_good_as_a_new_one(source: str, tmp_path: Path, whole: str) -> None:
    with mock.patch.object(work.PartWork, "__call__", side_effect=OSError(errno.ENOSPC, "it is full")):
        assert len(run(source, tmp_path / "out", rows=20).failures) == 3
    run(source, tmp_path / "out")
    assert digest_of(tmp_path / "out") == whole


def test_a_folder_of_other_things_is_refused(source: str, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").touch()
    with pytest.raises(BulkError, match="mine: the folder has other things in it, such as 'letter'. Name a new one"):
        run(source, tmp_path / "mine")
    with pytest.raises(BulkError, match="letter: expected a folder for the parts, found a file"):
        run(source, tmp_path / "mine" / "letter")
    no_numbers = '{"parts": {"a": {"rows": "1", "resolved": 0, "unresolved": 0, "ambiguous": 0, "size": 1, "sha256": ""}}}'
    for text in ("", "{}", "[]", '{"parts": {"a": {}}}', '{"parts": 1}', no_numbers):
        (tmp_path / "mine" / MANIFEST).write_text(text, encoding="utf-8")
        with pytest.raises(BulkError, match="this is no manifest of a run"):
            run(source, tmp_path / "mine")
    assert sorted(os.listdir(tmp_path / "mine")) == [MANIFEST, "letter"]


@needs_posix
def test_a_link_to_the_folder_is_followed(source: str, tmp_path: Path, whole: str) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    run(source, tmp_path / "link")
    assert digest_of(tmp_path / "real") == whole


@needs_posix
def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BulkError, match="pipe: expected a file"):
        run(str(tmp_path / "pipe"), tmp_path / "out")


@needs_posix
def test_two_runs_cant_have_one_folder(source: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with exclusive(str(tmp_path / "out"), 0), pytest.raises(BulkError, match="out: another run is writing there"):
        run(source, tmp_path / "out")


def test_a_file_that_changes_meanwhile_is_noticed(source: str, tmp_path: Path) -> None:
    def change(done: int, rows: int) -> None:
        if done == 20:
            Path(source).write_bytes(Path(source).read_bytes() + b"1,/jobs/a,\n")

    done = run(source, tmp_path / "out", report=change)
    assert len(done.done) == 2 and len(done.failures) == 4
    assert "the file changed while it was read" in str(done.failures[0])


def test_what_isnt_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run(str(tmp_path / "no.csv"), tmp_path / "out")
    with pytest.raises(BulkError, match="expected a file, which each part is read from anew; found a folder"):
        run(str(tmp_path), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_process_keeps_a_few_resolvers(source: str, tmp_path: Path) -> None:
    with mock.patch.dict(work._resolvers, clear=True), mock.patch.object(work, "MOST_RESOLVERS", 2):
        for number, place in enumerate(["", "job", "job/shot"]):
            run(source, tmp_path / f"out{number}", resolver=resolver(studio().snapshot(), place))
        assert len(work._resolvers) == 2
        work.SentResolver(studio_resolver()).install()
        assert len(work._resolvers) == 2
