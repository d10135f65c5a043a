"""The pictures of the docs show what commands print today, and need nothing but themselves."""

from __future__ import annotations

import os
import re

import pictures
import pytest


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_a_picture_shows_what_is_printed_today(name: str) -> None:
    recorded = (pictures.FOLDER / name).read_text(encoding="utf-8")
    assert recorded == pictures.PICTURES[name](), f"docs/pictures/{name} is out of date: run python -m tests.pictures"


def test_each_picture_is_one_that_is_recorded() -> None:
    assert {path.name for path in pictures.FOLDER.glob("*.*g")} == {*pictures.PICTURES, pictures.REPORT.name}


def test_the_picture_of_the_page_is_small_enough_to_load_at_once() -> None:
    assert pictures.REPORT.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" and pictures.REPORT.stat().st_size < 150_000


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_a_picture_loads_nothing_and_names_no_folder_of_this_machine(name: str) -> None:
    drawn = (pictures.FOLDER / name).read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|url\((?!#)|@import|href", drawn)
    assert str(pictures.ROOT) not in drawn and os.path.expanduser("~") + os.sep not in drawn


def test_the_settings_of_who_records_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = pictures.PICTURES["check.svg"]()
    for name, value in {"NO_COLOR": "1", "COLORTERM": "truecolor", "COLUMNS": "40", "WAYS_PLATFORM": "windows"}.items():
        monkeypatch.setenv(name, value)
    assert pictures.PICTURES["check.svg"]() == before
