"""What stays of an earlier load (docs/howto/reload.rst), and what is recorded of it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from ways.api import Session
from ways.sources.origins import LAST_GOOD


@pytest.fixture
def folder(session: Session, tmp_path: Path) -> Path:
    """A folder with two sheets, which the session has loaded."""
    made = tmp_path / "sheets"
    made.mkdir()
    for name in ("a", "b"):
        (made / f"{name}.yml").write_text(f"plugins: {{{name}: {{hierarchy: job, mapping: /{name}}}}}", encoding="utf-8")
    session.add_search_path(str(made))
    return made


def test_a_broken_sheet_is_among_the_load_results_until_it_reads_again(session: Session, folder: Path) -> None:
    (folder / "b.yml").write_text("plugins: [", encoding="utf-8")
    session.refresh()
    (failed,) = [result for result in session.results()[0] if not result.is_success]
    assert (failed.item, failed.reason, failed.details) == (str(folder / "b.yml"), "load_failure", LAST_GOOD)
    assert "b.yml:1:10" in str(failed.error) and session.need_context("job").get_mapping() == "/b"
    (folder / "b.yml").write_text("plugins: {}", encoding="utf-8")
    session.refresh()
    assert all(result.is_success for result in session.results()[0]) and session.need_context("job").get_mapping() == "/a"


def test_a_broken_sheet_keeps_its_place_in_the_order(session: Session, folder: Path) -> None:
    (folder / "a.yml").write_text("plugins: [", encoding="utf-8")
    session.refresh()
    assert [plugin.name for plugin in session.get_all_plugins()] == ["a", "b"]


def test_a_folder_that_cant_be_listed_keeps_its_sheets(session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.listdir

    def refuse(path: Any = ".") -> list[str]:
        if os.fspath(path) == str(folder):
            raise PermissionError(13, "Permission denied", str(folder))
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "listdir", refuse)
        for _ in range(2):
            session.refresh()
            assert session.need_context("job").get_mapping() == "/b" and len(session.get_all_plugins()) == 2
            assert {problem.code for problem in session.problems} == {"unreadable"}
    session.refresh()
    assert session.problems == [] and len(session.get_all_plugins()) == 2


def test_a_folder_that_is_gone_takes_its_sheets_along_and_is_told_of(session: Session, folder: Path) -> None:
    shutil.rmtree(folder)
    for _ in range(2):
        session.refresh()
        assert session.get_context("job") is None
        assert [(problem.code, problem.source.path) for problem in session.problems] == [("descriptor", str(folder))]
    folder.mkdir()
    session.refresh()
    assert session.problems == []


def test_a_sheet_that_was_deleted_is_gone(session: Session, folder: Path) -> None:
    (folder / "b.yml").unlink()
    session.refresh()
    assert session.need_context("job").get_mapping() == "/a" and session.problems == []


def test_who_asks_meanwhile_sees_all_sheets_or_all_of_before(session: Session, folder: Path) -> None:
    before = session.loader.state
    session.refresh()
    assert session.loader.state is not before and before.sheets.keys() == session.loader.state.sheets.keys()
