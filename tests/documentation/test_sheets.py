"""The sheets that the documentation shows are sheets."""

from __future__ import annotations

from pathlib import Path

import pytest
from documentation.examples import ROOT

from ways.api import Session

SHEETS = ROOT / "plugin_sheets"
FILES = sorted(
    path
    for path in SHEETS.rglob("*")
    if path.is_file() and not {"__pycache__", "foreign", "imports"} & {*path.parts} and not path.name.startswith(".")
)
#: Those of other systems; folders hold what belongs together.
FOREIGN = SHEETS / "foreign"
FOLDERS = sorted(path for path in SHEETS.iterdir() if path.is_dir() and path not in (FOREIGN, SHEETS / "imports"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SHEETS).as_posix())
def test_sheet_loads_without_a_problem(path: Path) -> None:
    """Each sheet by itself is read, gives plugins, and has nothing wrong with it."""
    session = Session()
    session.add_search_path(str(path))
    assert session.problems == []
    assert session.get_all_plugins()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_sheets_of_a_folder_agree(folder: Path) -> None:
    """All sheets of a folder load together, and each has its plugins."""
    session = Session()
    session.add_search_path(str(folder))
    assert session.problems == []
    assert {Path(sheet.source.path) for sheet in session.sheets} == {path for path in FILES if path.parent == folder}


def test_sheets_of_other_systems_load_together() -> None:
    """The folder says that it is read with all below it, and nothing is wrong with anything there."""
    session = Session()
    session.add_search_path(str(FOREIGN))
    assert session.problems == []
    assert {place[0] for place in session.hierarchies()} >= {"dioptra", "imjoy", "usd"}


@pytest.mark.parametrize("folder", sorted(path for path in FOREIGN.iterdir() if path.is_dir()), ids=lambda path: path.name)
def test_each_other_system_stands_by_itself(folder: Path) -> None:
    """The sheets of each system are read without those of the others."""
    session = Session()
    session.add_search_path(str(folder))
    assert session.problems == []
    assert session.get_all_plugins()
