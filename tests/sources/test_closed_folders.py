"""What is named and gives nothing is told: a folder that can't be listed, a file that is no sheet by its name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ways import api


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder that can't be listed; whoever runs the tests may list any."""
    folder = str(tmp_path / "shows" / "closed")
    os.makedirs(folder)
    monkeypatch.setattr(os, "listdir", _refusing(os.listdir, folder))
    monkeypatch.setattr(os, "scandir", _refusing(os.scandir, folder))
    return folder


def _refusing(listing: Callable[[Any], Any], folder: str) -> Callable[[Any], Any]:
    def listed(path: Any = ".") -> Any:
        if os.fspath(path) == folder:
            raise PermissionError(13, "Permission denied", folder)
        return listing(path)

    return listed


def test_a_folder_that_cannot_be_listed_is_a_problem(session: api.Session, closed: str) -> None:
    session.add_search_path(closed)
    (problem,) = session.problems
    assert (problem.code, problem.level, problem.source.path) == ("unreadable", "error", closed)
    assert problem.message == "expected a folder that can be listed, found: Permission denied"


def test_a_folder_below_that_cannot_be_listed_is_a_problem(session: api.Session, closed: str) -> None:
    above = Path(closed).parent
    (above / ".ways_plugin_info.yml").write_text("recursive: true", encoding="utf-8")
    (above / "a.yml").write_text("plugins: {a: {hierarchy: a}}", encoding="utf-8")
    session.add_search_path(above)
    assert [(problem.code, problem.source.path) for problem in session.problems] == [("unreadable", closed)]
    assert session.hierarchies() == [("a",)]


def test_a_folder_that_opened_again_is_no_problem_any_more(
    session: api.Session, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.add_search_path(closed)
    monkeypatch.undo()
    session.refresh()
    assert not session.problems


@pytest.mark.parametrize("name", ["notes.txt", "sheet", "sheet.yml.bak", "SHEET.YAML~"])
def test_a_file_that_is_no_sheet_by_its_name_is_a_warning(session: api.Session, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("plugins: {a: {hierarchy: a}}", encoding="utf-8")
    session.add_search_path(tmp_path / name)
    (problem,) = session.problems
    assert (problem.code, problem.level, problem.source.path) == ("format", "warning", str(tmp_path / name))
    assert session.hierarchies() == []


def test_other_files_in_a_folder_are_left_out_without_a_word(session: api.Session, tmp_path: Path) -> None:
    for name in ("notes.txt", "a.yml"):
        (tmp_path / name).write_text("plugins: {a: {hierarchy: a}}", encoding="utf-8")
    session.add_search_path(tmp_path)
    assert not session.problems and session.hierarchies() == [("a",)]


def test_a_folder_whose_sheets_all_stand_deeper_names_the_switch(session: api.Session, tmp_path: Path) -> None:
    (tmp_path / "film" / "shots").mkdir(parents=True)
    (tmp_path / "film" / "setup.py").write_text("", encoding="utf-8")
    (tmp_path / "film" / "shots" / "a.yml").write_text("plugins: {a: {hierarchy: a}}", encoding="utf-8")
    session.add_search_path(tmp_path)
    (problem,) = session.problems
    assert (problem.code, problem.level, problem.source.path) == ("sheets-below", "warning", str(tmp_path))
    assert os.path.join("film", "shots", "a.yml") in problem.message.replace("\\\\", "\\") and "recursive: true" in problem.help
    (tmp_path / ".ways_plugin_info.yml").write_text("recursive: true", encoding="utf-8")
    session.refresh()
    assert not session.problems and session.hierarchies() == [("a",)]


@pytest.mark.parametrize("below", [".git/a.yml", "program/a.py", "texts/a.txt"])
def test_a_folder_without_a_sheet_below_it_is_none(session: api.Session, tmp_path: Path, below: str) -> None:
    (tmp_path / below).parent.mkdir()
    (tmp_path / below).write_text("plugins: {a: {hierarchy: a}}", encoding="utf-8")
    session.add_search_path(tmp_path)
    assert not session.problems
