"""Links: nothing outside of a folder that isn't trusted is read through one (docs/explanation/security.rst)."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ways.api import GitRemoteDescriptor, Session, check
from ways.sheets import files as files_module
from ways.sheets.files import FolderFiles, LeadsOut, open_plain

PRIVATE = "plugins: {secret: {hierarchy: secret, mapping: /secret}}"
#: What an error message would quote.
BROKEN = "root:x:0:0: [SECRET\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a sheet, beside a folder with private files."""
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "sheet.yml").write_text(PRIVATE, encoding="utf-8")
    (tmp_path / "private" / "passwd").write_text(BROKEN, encoding="utf-8")
    made = tmp_path / "found"
    (made / "deep").mkdir(parents=True)
    (made / "a.yml").write_text("plugins: {a: {hierarchy: a, mapping: /a}}", encoding="utf-8")
    (made / "deep" / "b.yml").write_text("plugins: {b: {hierarchy: b, mapping: /b}}", encoding="utf-8")
    return made


#: What a link in the folder leads to: by another link, relative, absolute, out and in again.
OUT: dict[str, Callable[[Path], str]] = {
    "relative": lambda folder: "../private/sheet.yml",
    "absolute": lambda folder: str(folder.parent / "private" / "sheet.yml"),
    "a broken file": lambda folder: str(folder.parent / "private" / "passwd"),
    "by a folder": lambda folder: "out/sheet.yml",
    "by folders that are there": lambda folder: "deep/../../private/sheet.yml",
    "by a link": lambda folder: "deep/on.yml",
}


@pytest.mark.parametrize("way", OUT)
def test_a_link_that_leads_out_is_told_and_not_read(session: Session, folder: Path, way: str) -> None:
    (folder / "out").symlink_to("../private")
    (folder / "deep" / "on.yml").symlink_to("../../private/sheet.yml")
    (folder / "link.yml").symlink_to(OUT[way](folder))
    session.add_search_path(str(folder), trust=False)
    assert session.hierarchies() == [("a",)]
    (problem,) = session.problems
    assert problem.source.path == str(folder / "link.yml") and "leads out" in problem.message
    assert "SECRET" not in f"{problem}{problem.found}{problem.help}"


def test_an_info_file_that_leads_out_is_told_and_not_read(session: Session, folder: Path) -> None:
    (folder / ".ways_plugin_info.yml").symlink_to("../private/passwd")
    session.add_search_path(str(folder), trust=False)
    assert session.hierarchies() == [("a",)]
    assert [problem.source.path for problem in session.problems] == [str(folder / ".ways_plugin_info.yml")]
    assert not any("SECRET" in str(problem) for problem in session.problems)


@pytest.mark.parametrize("target", ["deep/b.yml", "./deep/.././deep/b.yml", "chain", "ABSOLUTE"])
def test_a_link_within_the_folder_is_followed(session: Session, folder: Path, target: str) -> None:
    (folder / "chain").symlink_to("deep/b.yml")
    (folder / "link.yml").symlink_to(str(folder / "deep" / "b.yml") if target == "ABSOLUTE" else target)
    session.add_search_path(str(folder), trust=False)
    assert session.hierarchies() == [("a",), ("b",)] and session.problems == []


def test_the_folder_that_was_named_may_be_a_link_itself(session: Session, folder: Path) -> None:
    (folder.parent / "current").symlink_to("found")
    (folder / "link.yml").symlink_to(folder / "deep" / "b.yml")
    session.add_search_path(str(folder.parent / "current"), trust=False)
    assert session.hierarchies() == [("a",), ("b",)] and session.problems == []


def test_a_file_that_was_named_may_be_a_link_itself(session: Session, folder: Path) -> None:
    (folder / "link.yml").symlink_to("../private/sheet.yml")
    session.add_search_path(str(folder / "link.yml"), trust=False)
    assert session.hierarchies() == [("secret",)]


def test_links_of_a_folder_that_is_trusted_lead_anywhere(session: Session, folder: Path) -> None:
    (folder / "link.yml").symlink_to("../private/sheet.yml")
    session.add_search_path(str(folder))
    assert session.hierarchies() == [("a",), ("secret",)]
    # What is checked is the caller's own, and only not run.
    assert not [finding for finding in check(str(folder)) if finding.code == "unreadable"]


def test_a_sheet_that_becomes_a_link_keeps_its_last_answer(session: Session, folder: Path) -> None:
    session.add_search_path(str(folder), trust=False)
    (folder / "a.yml").unlink()
    (folder / "a.yml").symlink_to("../private/sheet.yml")
    session.refresh()
    assert session.hierarchies() == [("a",)] and "leads out" in session.problems[0].message


@pytest.mark.parametrize("trust", [True, False])
def test_a_pipe_keeps_nobody_waiting(session: Session, folder: Path, trust: bool) -> None:
    os.mkfifo(folder / "pipe.yml")
    (folder / "link.yml").symlink_to("pipe.yml")
    (folder / ".ways_plugin_info.yml").symlink_to("pipe.yml")
    session.add_search_path(str(folder), trust=trust)
    assert session.hierarchies() == [("a",)]
    for opened in (lambda: open_plain(str(folder / "pipe.yml")), lambda: FolderFiles(str(folder)).open("link.yml")):
        with pytest.raises(OSError, match="no file"):
            opened()


def test_a_link_in_a_clone_does_not_lead_out(session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))
    (folder / "link.yml").symlink_to(folder.parent / "private" / "passwd")
    who = ["-c", "user.name=Tester", "-c", "user.email=tester@example.com"]
    for arguments in (["init", "-q", "-b", "master"], ["add", "-A"], [*who, "commit", "-q", "-m", "sheets"]):
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)
    session.add_search_path(GitRemoteDescriptor(f"file://{folder}", "."))
    assert session.hierarchies() == [("a",)]
    assert "SECRET" not in "".join(map(str, session.problems))


# --- what a format may read: the look and the opening are one


@pytest.mark.parametrize("path", ["../private/sheet.yml", "deep/../../private/sheet.yml", "/etc/passwd", "out/sheet.yml", "out"])
def test_a_format_reads_nothing_outside(folder: Path, path: str) -> None:
    (folder / "out").symlink_to("../private")
    for ask in (FolderFiles(str(folder)).read, FolderFiles(str(folder)).status, FolderFiles(str(folder)).open):
        with pytest.raises(LeadsOut):
            ask(path)
    assert FolderFiles(str(folder)).list() == ["a.yml", "deep/"]


def test_a_circle_of_links_is_an_error(folder: Path) -> None:
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    with pytest.raises(OSError, match="symbolic links"):
        FolderFiles(str(folder)).read("one")
    assert FolderFiles(str(folder)).list() == ["a.yml", "deep/", "one", "two"]


def test_a_link_that_is_put_there_between_look_and_opening_is_not_followed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = files_module.open_plain

    def late(path: str, flags: int = 0, *, folder: int | None = None) -> int:
        os.unlink(target)
        os.symlink("../private/sheet.yml", target)
        return real(path, flags, folder=folder)

    target = folder / "a.yml"
    monkeypatch.setattr(files_module, "open_plain", late)
    with pytest.raises(LeadsOut):
        FolderFiles(str(folder)).read("a.yml")


@pytest.mark.skipif(not files_module._BY_DESCRIPTOR, reason="this system opens no name in an open folder")
def test_a_folder_that_becomes_a_link_after_the_look_is_not_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def late(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path == "swapped" and not target.is_symlink():
            target.rmdir()
            target.symlink_to("../private")
        return real(path, flags, mode, dir_fd=dir_fd)

    target = folder / "swapped"
    target.mkdir()
    monkeypatch.setattr(os, "open", late)
    with pytest.raises(OSError):
        FolderFiles(str(folder)).list("swapped")


@pytest.mark.parametrize("by_descriptor", [True, False])
def test_no_reader_gets_a_file_from_outside_while_links_are_swapped(
    folder: Path, monkeypatch: pytest.MonkeyPatch, by_descriptor: bool
) -> None:
    monkeypatch.setattr(files_module, "_BY_DESCRIPTOR", by_descriptor and files_module._BY_DESCRIPTOR)
    (folder / "in").symlink_to("deep")
    (folder.parent / "private" / "b.yml").write_text(PRIVATE, encoding="utf-8")
    is_over = threading.Event()

    def swap() -> None:
        while not is_over.is_set():
            for target in ("../private", "deep"):
                os.symlink(target, folder / "new")
                os.replace(folder / "new", folder / "in")

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        read = []
        for _ in range(20_000):
            if len(read) == 300:
                break
            try:
                read.append(FolderFiles(str(folder)).read("in/b.yml"))
            except OSError:
                continue
    finally:
        is_over.set()
        swapping.join()
    # Where folders can't be open, whoever swaps twice at the right moments may still win: docs/explanation/security.rst.
    assert read and (not by_descriptor or not any(b"secret" in data for data in read))


def test_where_folders_cannot_be_open_the_same_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_module, "_BY_DESCRIPTOR", False)
    (folder / "in").symlink_to("deep")
    (folder / "out").symlink_to("../private")
    files = FolderFiles(str(folder))
    assert files.list() == ["a.yml", "deep/", "in/"] and files.read("in/b.yml").startswith(b"plugins")
    for path in ("out/sheet.yml", "../private/sheet.yml"):
        with pytest.raises(LeadsOut):
            files.read(path)
