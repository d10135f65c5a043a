"""The files among which a sheet was found, read again after the load: of a folder, an archive, a commit."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ways.api import GitLocalDescriptor, Session
from ways.sheets.files import place_in

SHEET = "plugins:\n  a:\n    hierarchy: a\n    mapping: /a\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a sheet, and a file beside it."""
    folder = tmp_path / "tree"
    (folder / "in").mkdir(parents=True)
    (folder / "a.yml").write_text(SHEET, encoding="utf-8")
    (folder / "in" / "note.txt").write_text("note", encoding="utf-8")
    return folder


def note_beside(session: Session) -> bytes:
    """Return the file beside the sheet of a session."""
    [sheet] = session.sheets
    files = session.files_of(sheet.source.path)
    assert files is not None and place_in(files, sheet.source.path).endswith("a.yml")
    folder = place_in(files, sheet.source.path).rpartition("a.yml")[0]
    return files.read(f"{folder}in/note.txt")


@pytest.mark.parametrize("name", ["", "a.yml"])
def test_files_of_a_folder(folder: Path, name: str) -> None:
    session = Session()
    session.add_search_path(str(folder / name))
    assert note_beside(session) == b"note"
    (folder / "in" / "note.txt").write_text("new", encoding="utf-8")
    assert note_beside(session) == b"new"


@pytest.mark.parametrize("kind", ["tar", "zip", "bztar"])
def test_files_of_an_archive(folder: Path, kind: str) -> None:
    session = Session()
    session.add_search_path(shutil.make_archive(str(folder.parent / "packed"), kind, folder))
    assert note_beside(session) == b"note"


def test_an_archive_that_is_gone_has_no_files(folder: Path) -> None:
    path = shutil.make_archive(str(folder.parent / "packed"), "zip", folder)
    session = Session()
    session.add_search_path(path)
    Path(path).write_text("no archive", encoding="utf-8")
    with pytest.raises(OSError, match="archive"):
        note_beside(session)


@pytest.mark.parametrize("branch", ["main", "older"])
def test_files_of_a_commit(folder: Path, branch: str) -> None:
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "a"], ["branch", "older"]):
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    (folder / "in" / "note.txt").write_text("not committed", encoding="utf-8")
    session = Session()
    session.add_search_path(GitLocalDescriptor(str(folder), ["a.yml"], branch=branch))
    assert note_beside(session) == (b"note" if branch == "older" else b"not committed")


def test_a_sheet_that_was_not_read_has_no_files(folder: Path) -> None:
    session = Session()
    session.add_search_path(str(folder))
    assert session.files_of("other.yml") is None
    copy = Session.from_snapshot(session.snapshot())
    assert copy.files_of(str(folder / "a.yml")) is None
