"""``ways import``: where the sheet and the report go, and the exit codes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from ways.cli.main import main
from ways.systems.imports import SYSTEMS, codes_of

SMALL = str(ROOT / "plugin_sheets" / "imports" / "toolkit")
GOOD = "keys: {Shot: {type: str}}\npaths: {a: 'x/{Shot}'}\n"
ROOTS = "primary: {linux_path: /p, mac_path: /p, windows_path: /p}\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["import", *arguments])


@pytest.fixture
def good(tmp_path: Path) -> str:
    (tmp_path / "templates.yml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "roots.yml").write_text(ROOTS, encoding="utf-8")
    return str(tmp_path / "templates.yml")


def test_the_sheet_goes_to_standard_output_and_the_report_beside_it(good: str) -> None:
    result = run("toolkit", good)
    assert result.exit_code == 0
    assert result.stdout.startswith("# Imported from Toolkit: templates.yml, roots.yml.\n") and result.stdout.endswith("}\n")
    assert result.stderr == "1 root written, 1 key written, 1 template written: 0 errors, 0 notes\n"


def test_a_file_is_overwritten_only_by_force(good: str, tmp_path: Path) -> None:
    sheet = tmp_path / "show.yml"
    assert run("toolkit", good, "-o", str(sheet)).exit_code == 0
    written = sheet.read_text(encoding="utf-8")
    sheet.write_text("mine", encoding="utf-8")
    refused = run("toolkit", good, "-o", str(sheet))
    assert refused.exit_code == 2 and "--force" in refused.stderr and sheet.read_text(encoding="utf-8") == "mine"
    assert run("toolkit", good, "-o", str(sheet), "--force").exit_code == 0
    assert sheet.read_text(encoding="utf-8") == written


def test_a_sheet_that_cannot_be_written_is_an_error(good: str, tmp_path: Path) -> None:
    result = run("toolkit", good, "-o", str(tmp_path / "nowhere" / "show.yml"))
    assert result.exit_code == 2 and "nowhere" in result.stderr


def test_what_is_imported_is_never_overwritten(good: str, tmp_path: Path) -> None:
    for file in (good, str(tmp_path / "roots.yml")):
        result = run("toolkit", good, "-o", file, "--force")
        assert result.exit_code == 2 and "Name another file" in result.stderr
    assert (tmp_path / "templates.yml").read_text(encoding="utf-8") == GOOD


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_no_pipe_or_device_is_replaced_by_a_sheet(good: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for name in ("pipe", "link"):
        result = run("toolkit", good, "-o", str(tmp_path / name), "--force")
        assert result.exit_code == 2 and result.stderr.endswith(": no file\n")
    assert (tmp_path / "pipe").is_fifo() and (tmp_path / "link").is_symlink()


def test_what_is_lost_is_exit_1() -> None:
    assert run("toolkit", SMALL).exit_code == 1


@pytest.mark.parametrize("path", ["nowhere", str(ROOT / "plugin_sheets" / "film"), str(ROOT / "setup.cfg")])
def test_what_cannot_be_read_is_exit_2(path: str) -> None:
    result = run("toolkit", path)
    assert result.exit_code == 2 and result.stdout == "" and result.stderr.startswith("ways: ")


def test_json_has_the_counts_the_places_and_the_sheet(good: str, tmp_path: Path) -> None:
    record = json.loads(run("toolkit", good, "--format", "json").stdout)
    assert record["counts"]["template"] == {"written": 1, "left_out": 0} and record["verified"] is None
    assert record["places"] == {"primary": "primary", "a": "primary/a"} and record["sheet"].startswith("# Imported")
    saved = json.loads(run("toolkit", good, "--format", "json", "-o", str(tmp_path / "a.yml"), "--verify", "2").stdout)
    assert saved["sheet"] is None and saved["verified"]["compared"] == 2 and saved["verified"]["differences"] == []


def test_sarif_says_what_each_code_means() -> None:
    log = json.loads(run("toolkit", SMALL, "--format", "sarif").stdout)
    [run_] = log["runs"]
    rules = {rule["id"]: rule["shortDescription"]["text"] for rule in run_["tool"]["driver"]["rules"]}
    assert rules == {code: codes_of("toolkit")[code].meaning for code in rules} and "undefined-key" in rules
    assert [result["locations"][0]["physicalLocation"]["region"]["startLine"] for result in run_["results"]] == [13, 15, 25, 29]


def test_a_format_that_stands_before_the_command_counts(good: str) -> None:
    assert json.loads(CliRunner().invoke(main, ["--format", "json", "import", "toolkit", good]).stdout)["system"] == "Toolkit"
    assert CliRunner().invoke(main, ["--format", "env", "import", "toolkit", good]).exit_code == 2


def test_a_difference_is_shown_and_is_exit_1(tmp_path: Path) -> None:
    """A number that is padded with spaces is told, and shown where it is written."""
    text = "keys: {take: {type: int, format_spec: '3'}}\npaths: {a: 'x/{take}'}\n"
    (tmp_path / "templates.yml").write_text(text, encoding="utf-8")
    (tmp_path / "roots.yml").write_text(ROOTS, encoding="utf-8")
    result = run("toolkit", str(tmp_path), "-o", str(tmp_path / "sheet.yml"), "--verify", "5")
    assert result.exit_code == 1 and "[padding]" in result.stdout
    assert "a (primary/a): write differs for tank_name=" in result.stdout and "there: /p/" in result.stdout
    log = json.loads(run("toolkit", str(tmp_path), "--verify", "5", "--format", "sarif").stdout)
    assert "difference" in {found["ruleId"] for found in log["runs"][0]["results"]}


def test_verifying_needs_the_other_system(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "lucidity", None)
    result = run("lucidity", str(ROOT / "plugin_sheets" / "imports" / "lucidity"), "--verify", "1")
    assert result.exit_code == 2 and "import-oracle" in result.stderr


def test_names_steer_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "templates.yml").write_text("paths: {\"a\\e[31m\": 'x/{Shot}'}\n", encoding="utf-8")
    result = run("toolkit", str(tmp_path))
    assert "\x1b" not in result.stdout + result.stderr and "undefined-key" in result.stderr


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_code_says_what_it_means_and_what_to_do(system: str) -> None:
    assert all(code.meaning.endswith(".") and code.remedy.endswith(".") for code in codes_of(system).values())
    assert all(code.level in ("error", "note") for code in codes_of(system).values())
