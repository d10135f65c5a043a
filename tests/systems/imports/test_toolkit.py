"""Configurations of Toolkit, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from documentation.examples import DOCS, literals, tables

from ways.api import Session
from ways.systems.imports import Import, UnreadableError, codes_of, import_from

SMALL = str(ROOT / "plugin_sheets" / "imports" / "toolkit")


def imported(folder: Path, templates: str, roots: str = "primary: {linux_path: /p, mac_path: /p, windows_path: /p}\n") -> Import:
    (folder / "core").mkdir(exist_ok=True)
    (folder / "core" / "templates.yml").write_text(templates, encoding="utf-8")
    (folder / "core" / "roots.yml").write_text(roots, encoding="utf-8")
    return import_from("toolkit", str(folder))


def session_of(done: Import, folder: Path) -> Session:
    (folder / "sheet.yml").write_text(done.sheet.text, encoding="utf-8")
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_search_path(str(folder / "sheet.yml"))
    assert session.problems == []
    return session


def remarks_of(done: Import) -> list[tuple[str, int]]:
    return [(remark.code, remark.source.line) for remark in done.report.remarks]


def test_the_same_input_gives_the_same_bytes() -> None:
    assert import_from("toolkit", SMALL).sheet.text == import_from("toolkit", SMALL).sheet.text


def test_templates_that_differ_in_their_parent_alone_are_one_plugin() -> None:
    places = import_from("toolkit", SMALL).sheet.places
    assert places["maya_shot_work"] == "primary/shot_root/maya_work" and places["maya_asset_work"] == "primary/asset_root/maya_work"


def test_a_key_that_another_name_stands_for_has_its_own_details(tmp_path: Path) -> None:
    done = import_from("toolkit", SMALL)
    values = {"tank_name": "dune", "Shot": "sh010", "name": "main", "version": 3}
    assert session_of(done, tmp_path).format("primary/client_movie", values) == "/mnt/projects/dune/delivery/sh010_main_v0003.mov"


def test_what_is_lost_is_told_with_its_line() -> None:
    assert remarks_of(import_from("toolkit", SMALL)) == [
        ("shotgun-field", 13), ("unused-key", 15), ("divided", 25), ("undefined-key", 29),
    ]  # fmt: skip


def test_an_empty_folder_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="expected core/templates.yml in this folder"):
        import_from("toolkit", str(tmp_path))


def test_the_page_tells_each_code() -> None:
    [table] = tables((DOCS / "howto" / "come-from-toolkit.rst").read_text(encoding="utf-8"))
    codes = codes_of("toolkit")
    assert [(literals(row[0])[0], row[1].strip()) for row in table[1:]] == [(code, codes[code].level) for code in codes]
