"""Snapshot files of many places: read at need as the store is, refused where they are wrong, and read by many at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ways import __version__
from ways.api import Session, Snapshot, SnapshotError
from ways.plugins.lazy import LazyPlugins
from ways.sheets.store.catalog import MIN_SHEETS
from ways.sheets.store.compiled import StoredSheet
from ways.snapshot.file import save_body

ROOT = Path(__file__).resolve().parents[2]
SHEET = r"""
globals: {syntax: 2}
plugins:
  %(name)s: {hierarchy: %(name)s, mapping: '/%(name)s/{JOB}', path: true, data: {fps: 24}}
  shot:
    hierarchy: '{root}/shot'
    uses: [%(name)s]
    mapping: '{root}/{SHOT}'
    mapping_details: {SHOT: {parse: {regex: 'sh\d+'}, before_return: string.capwords}}
"""
NAMES = [f"show{number}" for number in range(MIN_SHEETS + 1)]


@pytest.fixture
def shows(tmp_path: Path) -> Session:
    """A folder of sheets, each of whose plugins can be made without the others."""
    for name in NAMES:
        (tmp_path / "sheets").mkdir(exist_ok=True)
        (tmp_path / "sheets" / f"{name}.yml").write_text(SHEET % {"name": name}, encoding="utf-8")
    session = Session()
    session.add_search_path(str(tmp_path / "sheets"))
    return session


def answers(session: Session) -> list[Any]:
    """Return what a session answers of each place."""
    found: list[Any] = [session.place_texts(), list(map(str, session.problems)), sorted(session.plugin_counts().items())]
    for place in session.place_texts():
        context = session.need_context(place)
        winner = session.explain(place, "mapping").fields[0].winner
        found += [context.as_dict()["data"], context.get_str(), winner and str(winner.source)]
    found += [session.get_asset(f"/{name}/dune/sh1").get_value("JOB") for name in NAMES]
    return found


def test_one_question_unpacks_no_other_place(shows: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shows.snapshot().save(tmp_path / "a.ways")
    session = Session.from_snapshot(tmp_path / "a.ways", trust=True)
    unpacked = []
    record = StoredSheet._record
    monkeypatch.setattr(StoredSheet, "_record", lambda self, *piece: unpacked.append(self.source.path) or record(self, *piece))
    assert session.get_asset("/show1/dune/sh1").get_value("SHOT") == "Sh1"
    assert {os.path.basename(path) for path in unpacked} == {"show1.yml"}
    assert isinstance(session.registry.now.plugins, LazyPlugins)
    assert answers(session) == answers(shows)


@pytest.mark.parametrize("count", [1, len(NAMES)])
def test_a_piece_that_is_wrong_is_told_of_and_never_read_from_disk(shows: Session, tmp_path: Path, count: int) -> None:
    """The digest is right, as of a file that somebody made so: each piece has a checksum of its own."""
    session = Session()
    for name in NAMES[:count]:
        session.add_search_path(str(tmp_path / "sheets" / f"{name}.yml"))
    snapshot = session.snapshot()
    for path in (tmp_path / "sheets").iterdir():
        path.unlink()
    refused = 0
    entry = snapshot.sheets[0].entry
    for index in range(0, len(entry), 7):
        wrong = entry[:index] + bytes([entry[index] ^ 1]) + entry[index + 1 :]
        sheets = (snapshot.sheets[0]._replace(entry=wrong), *snapshot.sheets[1:])
        refused += is_refused(snapshot._replace(sheets=sheets), tmp_path / "a.ways")
    for index in range(0, len(snapshot.catalog), 31):
        wrong = snapshot.catalog[:index] + bytes([snapshot.catalog[index] ^ 1]) + snapshot.catalog[index + 1 :]
        refused += is_refused(snapshot._replace(catalog=wrong), tmp_path / "a.ways")
    assert refused > 100


def is_refused(snapshot: Snapshot, file: Path) -> bool:
    """Whether a file is refused, at once or where the wrong piece is needed; the message names the file or the sheet."""
    save_body(snapshot.to_bytes(), __version__, str(file), force=True)
    try:
        session = Session.from_snapshot(file)
        for place in session.place_texts():
            session.need_context(place).get_str()
        session.get_all_plugins()
        assert len(session.sheets) == len(snapshot.sheets)
    except SnapshotError as error:
        assert str(file) in str(error) or ".yml" in str(error)
        return True
    return False


def test_a_sheet_that_is_edited_or_deleted_changes_no_answer(shows: Session, tmp_path: Path) -> None:
    (tmp_path / "sheets" / ".ways_plugin_info.yml").write_text("check: {ignore: [unused-token], level: warning}", encoding="utf-8")
    sheet = str(tmp_path / "sheets" / "show1.yml")
    findings, line = [str(item) for item in shows.check()], str(shows.explain_line(sheet, 4))
    before = answers(shows)
    shows.snapshot().save(tmp_path / "a.ways")
    for path in (tmp_path / "sheets").iterdir():
        path.write_text("plugins: {evil: {hierarchy: evil, mapping: /evil}}", encoding="utf-8")
    edited = Session.from_snapshot(tmp_path / "a.ways", trust=True)
    told = [answers(edited), [str(item) for item in edited.check()], str(edited.explain_line(sheet, 4))]
    for path in (tmp_path / "sheets").iterdir():
        path.unlink()
    gone = Session.from_snapshot(tmp_path / "a.ways", trust=True)
    gone.refresh()
    assert told == [answers(gone), [str(item) for item in gone.check()], str(gone.explain_line(sheet, 4))] == [before, findings, line]
    assert gone.files_of(sheet) is None


READS_NOTHING = """
import sys
opened = []
sys.addaudithook(lambda event, arguments: event == "open" and opened.append(str(arguments[0])))
import ways.api as w
asset = w.get_asset("/show1/dune/sh1")
assert asset is not None and asset.context.get_hierarchy() == ("show1", "shot"), asset
heavy = {"typing", "logging", "pathlib", "json", "hashlib", "yaml", "pickle", "urllib", "platform", "dataclasses"}
print([path for path in opened if "sheets" in path and not path.endswith((".py", ".pyc"))], sorted(heavy & set(sys.modules)))
"""


def test_a_job_opens_one_file_and_loads_no_more_than_from_the_store(shows: Session, tmp_path: Path) -> None:
    shows.snapshot().save(tmp_path / "a.ways")
    env = {**os.environ, "WAYS_SNAPSHOT": str(tmp_path / "a.ways"), "WAYS_DESCRIPTORS": str(tmp_path / "sheets")}
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{READS_NOTHING}"]
    done = subprocess.run(command, env=env, capture_output=True, encoding="utf-8", check=False)
    assert (done.stdout, done.stderr) == ("[] []\n", "")


def test_many_jobs_start_at_once(shows: Session, tmp_path: Path) -> None:
    """Fifty here, in fives; ``python -m tests.stress snapshots`` starts as many as one likes."""
    shows.snapshot().save(tmp_path / "a.ways")
    env = {**os.environ, "WAYS_SNAPSHOT": str(tmp_path / "a.ways")}
    code = "import ways.api as w; print(w.get_asset('/show1/dune/sh1').get_str())"
    for _ in range(10):
        jobs = [subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE) for _ in range(5)]
        assert {(job.communicate()[0], job.returncode) for job in jobs} == {(b"/show1/dune/sh1\n", 0)}


@pytest.mark.parametrize("name", ["usd", "imjoy", "dioptra", "ways"])
def test_files_of_other_systems_answer_from_it(name: str, tmp_path: Path) -> None:
    session = Session()
    session.add_search_path(str(ROOT / "plugin_sheets" / "foreign" / name))
    session.snapshot().save(tmp_path / "a.ways")
    again = Session.from_snapshot(tmp_path / "a.ways")
    assert again.place_texts() == session.place_texts() != []
    for place in session.place_texts():
        one, other = session.need_context(place), again.need_context(place)
        assert json.dumps(one.as_dict(), default=str) == json.dumps(other.as_dict(), default=str)
        assert [str(plugin.source) for plugin in one.records] == [str(plugin.source) for plugin in other.records]
    assert list(map(str, again.problems)) == list(map(str, session.problems))


def test_an_archive_is_not_needed_any_more(tmp_path: Path, load: Callable[..., Session]) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "shows.zip", "w") as archive:
        for name in NAMES:
            archive.writestr(f"{name}.yml", SHEET % {"name": name})
    session = Session()
    session.add_search_path(str(tmp_path / "shows.zip"))
    session.snapshot().save(tmp_path / "a.ways")
    expected = answers(session)
    (tmp_path / "shows.zip").unlink()
    assert answers(Session.from_snapshot(tmp_path / "a.ways", trust=True)) == expected
