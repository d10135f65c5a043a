"""``ways check``: text, JSON and SARIF, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from ways import api
from ways.cli.main import main

pytestmark = pytest.mark.portability

SHEET = "plugins:\n  job:\n    hierarchy: job\n    mapping: '/jobs/{JOB}'\n    maping: x\n    hierarchy: jobs\n"
GOOD = "plugins: {job: {hierarchy: job, mapping: '/jobs/{JOB}'}}"
#: What SARIF 2.1.0 asks of the parts that are written here.
_TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
_LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "message": _TEXT,
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "additionalProperties": False,
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string", "pattern": r"^[A-Za-z0-9%._~:/?#@!$&'()*+,;=-]*$"}},
                },
                "region": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {name: {"type": "integer", "minimum": 1} for name in ("startLine", "startColumn")},
                },
            },
        },
    },
}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "additionalProperties": False,
                                            "properties": {
                                                "id": {"type": "string"},
                                                "shortDescription": _TEXT,
                                                "help": _TEXT,
                                                "defaultConfiguration": {"properties": {"level": _LEVEL}},
                                            },
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": _LEVEL,
                                "message": _TEXT,
                                "locations": {"type": "array", "items": _LOCATION},
                                "relatedLocations": {"type": "array", "items": _LOCATION},
                                "properties": {"type": "object"},
                            },
                        },
                    },
                },
            },
        },
    },
}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with a sheet that has an error and a warning, and one that has none."""
    (tmp_path / "bad sheet.yml").write_text(SHEET, encoding="utf-8")
    (tmp_path / "good.yml").write_text(GOOD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_error_is_written_with_its_place_and_ends_with_1(folder: Path) -> None:
    done = run("check", "bad sheet.yml")
    assert done.exit_code == 1
    assert "bad sheet.yml:6:5: error: plugins.job.hierarchy: expected each key once" in done.stdout
    assert "\n  see: bad sheet.yml:3:5: the first one" in done.stdout
    assert done.stdout.endswith("\n1 error, 1 warning in 1 sheet\n")


def test_a_clean_sheet_ends_with_0(folder: Path) -> None:
    done = run("check", "good.yml")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "no findings in 1 sheet\n", "")


def test_a_warning_alone_ends_with_0(folder: Path) -> None:
    (folder / "good.yml").write_text("plugins: {job: {hierarchy: job, maping: x}}", encoding="utf-8")
    assert run("check", "good.yml").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [("check", "none.yml"), ("--sheets", "none.yml", "check"), ("check",), ("check", "--format", "env", "good.yml"),
     ("check", "--platform", "beos", "good.yml"), ("check", "--what", "good.yml")],
    ids=["no-file", "no-sheets", "no-descriptors", "format", "platform", "option"],
)  # fmt: skip
def test_wrong_usage_ends_with_2(folder: Path, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.exit_code == 2 and done.stdout == "" and "Error: " in done.stderr


@pytest.mark.parametrize("arguments", [("--format", "json", "check"), ("check", "--format", "json")], ids=["before", "after"])
def test_json_is_one_finding_a_line(folder: Path, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, "bad sheet.yml")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(record["code"], record["level"], record["line"]) for record in records] == [
        ("unknown-key", "warning", 5), ("duplicate-key", "error", 6),
    ]  # fmt: skip
    assert records == [finding.as_dict() for finding in api.check("bad sheet.yml")] and done.exit_code == 1


def test_sheets_may_be_named_before_the_command(folder: Path) -> None:
    assert run("--sheets", "bad sheet.yml", "check").stdout == run("check", "bad sheet.yml").stdout


def test_without_a_path_the_sheets_of_the_environment_are_looked_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_DESCRIPTORS", "bad sheet.yml")
    assert run("check").stdout == run("check", "bad sheet.yml").stdout


def test_what_the_environment_would_run_is_not_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "plugins.py").write_text("open('ran', 'w')", encoding="utf-8")
    (folder / "computed.py").write_text("open('ran', 'w')\nplugins = {}", encoding="utf-8")
    address = api.encode({"create_using": "shutil.rmtree", "path": "good.yml"})
    monkeypatch.setenv("WAYS_PLUGINS", "plugins.py")
    monkeypatch.setenv("WAYS_DESCRIPTORS", f"computed.py:{address}")
    codes = [json.loads(line)["code"] for line in run("check", "--format", "json").stdout.splitlines()]
    assert codes == ["not-run", "not-run"]
    assert not (folder / "ran").exists() and (folder / "good.yml").exists()


def test_the_priority_that_is_said_counts(folder: Path) -> None:
    sheet = "plugins: {a: {hierarchy: a, mapping: /a}, b: {hierarchy: a, mapping: /b, assignment: client}}"
    (folder / "good.yml").write_text(sheet, encoding="utf-8")
    assert "unreachable-assignment" in run("check", "good.yml", "--priority", "master").stdout
    assert run("check", "good.yml", "--priority", "master:client").stdout == "no findings in 1 sheet\n"


def sarif(*paths: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("check", "--format", "sarif", *paths).stdout)
    return found


@pytest.mark.parametrize("name", ["bad sheet.yml", "good.yml"])
def test_sarif_has_the_shape_that_its_schema_asks_for(folder: Path, name: str) -> None:
    jsonschema.validate(sarif(name), SARIF)


def test_sarif_of_every_code_has_that_shape() -> None:
    sheets = Path(__file__).parent.parent / "check" / "sheets"
    for sheet in sorted(sheets.glob("*.yml")):
        jsonschema.validate(sarif(str(sheet)), SARIF)


def test_sarif_says_what_the_text_says(folder: Path) -> None:
    [one] = sarif("bad sheet.yml")["runs"]
    rules = one["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in one["results"]] == [result["ruleId"] for result in one["results"]]
    place = one["results"][1]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "bad%20sheet.yml"}, "region": {"startLine": 6, "startColumn": 5}}
    assert one["results"][1]["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 3


def test_an_absolute_path_is_an_absolute_address(folder: Path) -> None:
    [one] = sarif(str(folder / "bad sheet.yml"))["runs"]
    uri = one["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == (folder / "bad sheet.yml").as_uri()


def test_a_check_is_the_same_twice(write_sheet: Callable[..., str]) -> None:
    path = write_sheet(SHEET)
    assert api.check(path) == api.check(path)


def test_a_file_that_is_no_sheet_is_nothing_to_check(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("plugins: {}", encoding="utf-8")
    result = CliRunner().invoke(main, ["check", str(tmp_path / "notes.txt")])
    assert result.exit_code == 2 and "No sheet was found" in result.stderr and "notes.txt: expected a sheet" in result.stderr


def test_a_form_that_only_other_commands_write_is_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["--format", "env", "check"])
    assert result.exit_code == 2 and "--format env: this command writes" in result.stderr


@pytest.mark.parametrize(
    "arguments, exit_code, last",
    [
        (("--level", "error"), 1, "1 error in 1 sheet"),
        (("--level", "warning"), 1, "1 error, 1 warning in 1 sheet"),
        (("--ignore", "duplicate-key"), 0, "1 warning in 1 sheet"),
        (("--ignore", "duplicate-key", "--ignore", "unknown-key"), 0, "no findings in 1 sheet"),
        (("--ignore", "duplicate-key", "--level", "error"), 0, "no findings in 1 sheet"),
    ],
    ids=["error", "warning", "one code", "two codes", "both"],
)
def test_only_what_is_told_is_counted_and_decides_the_exit_code(
    folder: Path, arguments: tuple[str, ...], exit_code: int, last: str
) -> None:
    done = run("check", "bad sheet.yml", *arguments)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (exit_code, last)


@pytest.mark.parametrize(
    "arguments, exit_code",
    [
        ((), 0),
        (("--fail-on", "error"), 0),
        (("--fail-on", "warning"), 1),
        (("--fail-on", "note"), 1),
        (("--fail-on", "note", "--level", "error"), 0),
        (("--fail-on", "warning", "--format", "json"), 1),
    ],
    ids=["absent", "error", "warning", "note", "nothing shown", "json"],
)
def test_fail_on_sets_the_level_from_which_findings_fail(folder: Path, arguments: tuple[str, ...], exit_code: int) -> None:
    assert run("check", "bad sheet.yml", "--ignore", "duplicate-key", *arguments).exit_code == exit_code


def test_fail_on_any_finding_passes_where_there_is_none(folder: Path) -> None:
    assert run("check", "bad sheet.yml", "--ignore", "duplicate-key", "--ignore", "unknown-key", "--fail-on", "note").exit_code == 0


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("--fail-on", "warnings"), "'warnings' is not one of error, warning, note. Did you mean 'warning'?"),
        (("--level", "errors"), "'errors' is not one of error, warning, note. Did you mean 'error'?"),
        (("--ignore", "unknown-keys"), "There is no finding 'unknown-keys'. Did you mean 'unknown-key'?"),
    ],
    ids=["fail-on", "level", "code"],
)
def test_an_unknown_level_or_code_is_wrong_usage_with_the_nearest(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    done = run("check", "bad sheet.yml", *arguments)
    assert done.exit_code == 2 and done.stdout == "" and message in done.stderr


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_the_other_forms_leave_out_the_same(folder: Path, form: str) -> None:
    written = run("check", "bad sheet.yml", "--ignore", "duplicate-key", "--format", form).stdout
    assert "duplicate-key" not in written and "unknown-key" in written


def test_a_conversion_is_tried_and_nothing_is_written(folder: Path) -> None:
    (folder / "good.yml").write_text("plugins: {job: {hierarchy: job, mapping: '/jobs/{JOB}[1]'}}", encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    done = run("check", "--as-syntax", "2", "good.yml")
    assert done.exit_code == 1 and "[syntax-2]" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
