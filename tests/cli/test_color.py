"""Colors: the same words with and without, and none where nobody asked for them."""

from __future__ import annotations

import re

import pytest
from cli.test_main import SHEET, invoke

COMMANDS = {
    "resolve": ["resolve", "/jobs/foo"],
    "a miss": ["resolve", "/jobs/Foo"],
    "check": ["check"],
    "doctor": ["doctor"],
    "tree": ["tree"],
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_colors_change_no_word(write_sheet, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    path = write_sheet(f"{SHEET}  wrong: {{hierarchi: x}}\n")
    plain = invoke("--sheets", path, *arguments).output
    assert "\x1b" not in plain
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    colored = invoke("--sheets", path, *arguments).output
    assert "\x1b[" in colored and re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_no_color_takes_the_colors_away(write_sheet, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    told = invoke("--sheets", write_sheet(f"{SHEET}  wrong: {{hierarchi: x}}\n"), *arguments).output
    assert not re.findall(r"\x1b\[[0-9;]*3[0-9][0-9;]*m", told)
