"""Names and values that would steer a terminal, or are no text: shown as what they are, in every command."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ways.cli.main import main
from ways.errors import on_one_line, visible

HOSTILE = """
globals: {{syntax: 2}}
plugins:
  "soup\\e[2J":
    hierarchy: soup
    mapping: "/soup/\\e[31m{{BOWL}}\\u202e"
    data: {{"spoon\\e": "\\e]0;owned\\a"}}
    mapping_details: {{"BOWL\\e": {{parse: {{regex: "\\e{bad}"}}}}}}
    "maping\\e": x
"""
COMMANDS = {
    "check": ["check", "SHEET"],
    "sheets": ["--sheets", "SHEET", "sheets"],
    "tree": ["--sheets", "SHEET", "tree"],
    "context": ["--sheets", "SHEET", "context", "soup"],
    "explain": ["--sheets", "SHEET", "explain", "soup"],
    "explain a text": ["--sheets", "SHEET", "explain", "--path", "/soup/\x1b[31mx"],
    "uses": ["--sheets", "SHEET", "uses", "SHEET:5"],
    "doctor": ["--sheets", "SHEET", "doctor"],
    "diff": ["diff", "SHEET", "OTHER"],
    "an error": ["--sheets", "SHEET", "explain", "soup:data.\x1b"],
    "json": ["check", "SHEET", "--format", "json"],
    "sarif": ["check", "SHEET", "--format", "sarif"],
}


def run(arguments: list[str], sheet: str, other: str) -> Result:
    return CliRunner().invoke(main, [part.replace("SHEET", sheet).replace("OTHER", other) for part in arguments])


@pytest.mark.parametrize("bad", ["+", "(", ")*"], ids=["sound", "no expression", "no expression either"])
@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_no_command_hands_a_terminal_what_it_would_obey(tmp_path: Path, arguments: list[str], bad: str) -> None:
    sheet, other = tmp_path / "so\x1b[31mup.yml", tmp_path / "other.yml"
    sheet.write_text(HOSTILE.format(bad=bad), encoding="utf-8")
    other.write_text("plugins: {a: {hierarchy: a, mapping: /a}}", encoding="utf-8")
    result = run(arguments, str(sheet), str(other))
    assert result.exit_code in (0, 1) and isinstance(result.exception, SystemExit | None)
    assert not set(result.output) & set("\x1b\x07\u202e")


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_names_that_are_no_text_are_told_all_the_same(tmp_path: Path, arguments: list[str]) -> None:
    sheet = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"\xff\xfe.yml"))
    with open(sheet, "w", encoding="utf-8") as file:
        file.write("plugins: {soup: {hierarchy: soup, mapping: '/soup/{BOWL}{SPOON}', maping: x}}")
    (tmp_path / "other.yml").write_text("plugins: {a: {hierarchy: a, mapping: /a}}", encoding="utf-8")
    result = run(arguments, sheet, str(tmp_path / "other.yml"))
    assert result.exit_code in (0, 1) and isinstance(result.exception, SystemExit | None)


def test_the_address_of_a_name_that_is_no_text_has_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(os.fsdecode(b"\xff.yml")).write_text("plugins: {a: {}}", encoding="utf-8")
    log = json.loads(run(["check", ".", "--format", "sarif"], "", "").stdout)
    (result,) = log["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "%FF.yml"


def test_a_page_may_have_a_title_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("plugins: {a: {hierarchy: a, mapping: /a}}", encoding="utf-8")
    arguments = ["--sheets", str(tmp_path / "a.yml"), "report", str(tmp_path / "out.html"), "--title", os.fsdecode(b"\xff")]
    assert run(arguments, "", "").exit_code == 0
    assert "?" in (tmp_path / "out.html").read_text(encoding="utf-8").partition("<title>")[2][:5]


def test_letters_and_columns_are_shown_as_they_are() -> None:
    assert visible("a\tb c é 日本 🎬 \udcff") == on_one_line("a\tb c é 日本 🎬 \udcff") == "a\tb c é 日本 🎬 \udcff"
    assert visible("\r\x1b\x7f\x9b") == on_one_line("\r\x1b\x7f\x9b") == r"\x0d\x1b\x7f\x9b"


@pytest.mark.parametrize("code", [*range(9), *range(10, 32), *range(127, 160), 0x2028, 0x2029, 0xD800, 0xDC7F, 0xDD00, 0xDFFF])
def test_what_ends_a_line_or_is_half_a_character_is_shown_as_an_escape(code: int) -> None:
    for show in (visible, on_one_line):
        shown = show(f"a{chr(code)}b")
        assert shown.isprintable() and shown.isascii() and len(shown) > 3


def test_a_character_that_turns_others_around_is_text_for_a_program_alone() -> None:
    assert visible("a\u202eb") == r"a\u202eb" and on_one_line("a\u202eb") == "a\u202eb"


def test_every_character_that_is_shown_as_an_escape_counts_as_unprintable() -> None:
    assert not any(visible(f"{chr(code)}\n")[:-4] != chr(code) and chr(code).isprintable() for code in range(0x11000))
