"""What is logged: by which logger, how loudly, and never at the cost of an import that nobody asked for."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from documentation.examples import DOCS, literals, tables

from ways import logs
from ways.session import Session

pytestmark = pytest.mark.portability

Load = Callable[..., Session]
TREE = "plugins: {job: {hierarchy: job, mapping: '/{JOB}', mapping_details: {JOB: {parse: {regex: '[a-z]+'}}}}}"
BROKEN = "plugins: {bad: {hierarchy: job, path: [1]}, odd: {hierarchy: job, maping: x}}"


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.name, record.levelname) for record in caplog.records]


def test_a_problem_is_an_error_or_a_note_by_its_level(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ways")
    load(BROKEN)
    assert sorted(logged(caplog)) == [("ways.loading", "ERROR"), ("ways.loading", "INFO")]
    assert all("sheet.yml:1:" in record.getMessage() for record in caplog.records)


def test_a_plugin_file_that_fails_is_an_error(session: Session, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "plugin.py").write_text("1 / 0", encoding="utf-8")
    session.add_plugin_file(str(tmp_path))
    assert logged(caplog) == [("ways.loading", "ERROR")] and "division by zero" in caplog.text


def test_a_text_that_is_no_asset_is_a_note(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ways")
    session = load(TREE)
    assert session.get_asset({}, context="job") is None
    assert logged(caplog) == [("ways.assets", "INFO")] and "JOB" in caplog.text


def test_a_note_of_a_foreign_error_has_its_traceback(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ways")
    session = load(TREE)
    session.register_asset_class(int, "job")
    assert session.get_asset({"JOB": "x"}, context="job") is None
    assert "Traceback" in caplog.text and "TypeError" in caplog.text


@pytest.mark.platform("linux")
def test_a_folder_that_can_not_be_looked_into_is_a_warning(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    session = load(f"plugins: {{job: {{hierarchy: job, mapping: '{tmp_path.as_posix()}/{{JOB}}', path: true}}}}")

    def closed(path: str) -> None:
        raise PermissionError(13, "closed", path)

    monkeypatch.setattr(os, "scandir", closed)
    assert list(session.find_assets("job")) == []
    assert logged(caplog) == [("ways.assets", "WARNING")]


def test_a_record_says_where_it_was_logged(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    load("plugins: [")
    assert [record.filename for record in caplog.records] == ["loader.py"]


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, timeout=60)


def test_a_note_that_nobody_can_hear_imports_nothing() -> None:
    code = "import sys; from ways import logs; logs.log('ways', 20, 'x'); print('logging' in sys.modules)"
    assert run(code).stdout == "False\n"


def test_an_error_is_heard_without_any_setting_up() -> None:
    assert run("from ways import logs; logs.log('ways', 40, 'a sheet %s', 'broke')").stderr == "a sheet broke\n"


def test_no_logger_has_a_handler_or_a_level_of_its_own() -> None:
    code = "import logging, ways.api; ways.api.init_plugins(); logger = logging.getLogger('ways'); print(logger.handlers, logger.level)"
    assert run(code).stdout == "[] 0\n"


def test_the_page_names_each_logger_and_no_other() -> None:
    page = (DOCS / "reference" / "logging.rst").read_text(encoding="utf-8")
    named = {name for row in tables(page)[0][1:] for name in literals(row[0])}
    assert named == {"ways", logs.LOADING, logs.ASSETS, logs.STORE, logs.WATCH}


def test_an_entry_of_the_store_that_is_damaged_is_a_note(
    write_sheet: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ways")
    monkeypatch.setenv("WAYS_CACHE", "strict")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sheet = write_sheet("plugins: {job: {hierarchy: job}}")
    Session().add_search_path(sheet)
    for path in (tmp_path / "cache").rglob("entries/*"):
        path.write_bytes(path.read_bytes()[:-9] + b"?" * 9)
    session = Session()
    session.add_search_path(sheet)
    assert session.get_context("job") and logged(caplog) == [("ways.store", "INFO")]
