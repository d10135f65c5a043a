"""Where a name is unknown, the nearest known one is named."""

from __future__ import annotations

import os

import pytest
from click.testing import CliRunner

from ways.cli.init import STARTER
from ways.cli.main import main

SHEET = """
globals: {syntax: 2}
plugins:
  job: {hierarchy: job, mapping: 'jobs/{JOB}'}
  step:
    hierarchy: job/step
    mapping: 'jobs/{JOB}/{STEP}'
    mapping_details:
      STEP: {choices: {animation: anm, layout: lay}}
  client: {hierarchy: job, mapping: 'clients/{JOB}', assignment: client}
"""


@pytest.mark.parametrize(
    "line, near",
    [
        ("treee", "tree"),
        ("tree --platfrm x", "--platform"),
        ("tree --format jsn", "json"),
        ("--format jsn tree", "json"),
        ("cache inf", "info"),
        ("tree job/stp", "job/step"),
        ("context job/stp", "job/step"),
        ("find job/stp", "job/step"),
        ("format job/stp", "job/step"),
        ("resolve x --context job/stp", "job/step"),
        ("format job/step JB=x", "JOB"),
        ("find job/step JB=x", "JOB"),
        ("find job/step --latest STP", "STEP"),
        ("format job/step JOB=x STEP=anmi", "anm"),
        ("find job/step STEP=anmi", "anm"),
        ("--platform linx tree", "linux"),
        ("resolve jobs/x --to linx", "linux"),
        ("--assignment clint tree", "client"),
        ("--priority clint tree", "client"),
        ("context job/step --assignment clint", "client"),
    ],
)
def test_the_nearest_name_is_named(write_sheet, line: str, near: str) -> None:
    result = CliRunner().invoke(main, ["--sheets", write_sheet(SHEET), *line.split()])
    assert f"Did you mean '{near}'?" in result.stderr


@pytest.mark.parametrize("command", ["format job JOB=x", "resolve jobs/x", "find job", "context job", "explain job", "tree"])
def test_a_misspelt_layer_in_an_option_gives_no_answer(write_sheet, command: str) -> None:
    result = CliRunner().invoke(main, ["--sheets", write_sheet(SHEET), *command.split(), "--priority", f"master{os.pathsep}clint"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith("no plugin has the assignment 'clint'. Did you mean 'client'?\n")


def test_a_wrong_separator_of_layers_names_the_order_to_write(write_sheet) -> None:
    result = CliRunner().invoke(main, ["--sheets", write_sheet(SHEET), "tree", "--priority", "master,client"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"Separate layers by {os.pathsep!r}: --priority master{os.pathsep}client" in result.stderr


def test_a_layer_that_no_name_is_near_is_a_warning_with_the_answer(write_sheet) -> None:
    result = CliRunner().invoke(main, ["--sheets", write_sheet(SHEET), "format", "job", "JOB=x", "--priority", f"master{os.pathsep}zzz"])
    assert (result.exit_code, result.stdout) == (0, "jobs/x\n") and "zzz" in result.stderr


def test_a_misspelt_layer_in_the_environment_is_an_error_with_the_answer(write_sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_PRIORITY", f"master{os.pathsep}clint")
    result = CliRunner().invoke(main, ["--sheets", write_sheet(SHEET), "format", "job", "JOB=x"])
    assert (result.exit_code, result.stdout) == (0, "jobs/x\n") and "Did you mean 'client'?" in result.stderr


@pytest.mark.parametrize("wrong, near", [("maping: x", "mapping"), ("platfroms: linux", "platforms")])
def test_a_key_of_a_sheet_is_near_another(write_sheet, wrong: str, near: str) -> None:
    result = CliRunner().invoke(main, ["--sheets", write_sheet(f"plugins: {{a: {{hierarchy: a, {wrong}}}}}"), "tree"])
    assert f"Did you mean '{near}'?" in result.stderr


def test_a_platform_in_the_environment_is_told_of(write_sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_PLATFORM", "linx")
    result = CliRunner().invoke(main, ["--sheets", write_sheet(SHEET), "tree"])
    assert "Did you mean 'linux'?" in result.stderr


def test_a_place_that_stands_in_other_layers_is_not_called_unknown(write_sheet) -> None:
    result = CliRunner().invoke(main, ["--sheets", write_sheet(SHEET), "context", "job/step", "--assignment", "client"])
    assert result.exit_code == 1 and "its layers are master" in result.stderr


@pytest.mark.parametrize(
    "line, parts",
    [
        ("format job/shto JOB=dune", ["'job/shto'", "Did you mean 'job/shot'?"]),
        (
            "format job/shot/publish JOB=dune SHOT_NAME=op_0010 TASK=animaton VERSION=7 EXTENSION=usd",
            ["'animaton'", "TASK", "one of", "'animation'", ":73:"],
        ),
        ("format job/shot JOB=dune SHOTNAME=op_0010", ["'SHOTNAME'", "Did you mean 'SHOT_NAME'?"]),
        (
            "format job/shot JOB=dune SHOT_NAME=op_0010 SHOT=0020",
            ["'0020'", "token SHOT ", "SHOT_NAME, which is 'op_0010'", "makes it '0010'", ":43:", ":45:"],
        ),
        ("format job/shot JOB=Dune SHOT_NAME=op_0010", ["'Dune'", "JOB", "regex [a-z][a-z0-9_]*", ":31:"]),
        ("explain job/shot JOB=dune SHOT_NAME=op_0010 SHOT=0020", ["'0020'", "SHOT_NAME, which is 'op_0010'"]),
    ],
    ids=["place", "value", "token", "contradiction", "expression", "explain"],
)
def test_the_commonest_mistakes_name_what_is_wrong_and_where(line: str, parts: list[str]) -> None:
    result = CliRunner().invoke(main, ["--sheets", str(STARTER), *line.split()])
    assert (result.exit_code, result.stdout) == (1, "")
    assert all(part in result.stderr for part in parts), result.stderr


@pytest.mark.parametrize("text, quoted", [("/data/x y", "'/data/x y'"), ("C:\\jobs\\x", "'C:\\jobs\\x'"), ("./x", "./x"), ("~/x", "'~/x'")])
@pytest.mark.parametrize("command", ["explain", "find", "context", "format", "tree"])
def test_a_path_in_the_place_of_a_place_is_told_how_to_ask_for_it(write_sheet, command: str, text: str, quoted: str) -> None:
    sheet = write_sheet(SHEET)
    result = CliRunner().invoke(main, ["--sheets", sheet, "--platform", "linux", command, text])
    first, last = result.stderr.splitlines()
    assert result.exit_code == 1 and first == f"ways: There is no Context {text!r}."
    assert last == f"ways: it looks like a path; try: ways explain --path {quoted} --sheets {sheet} --platform linux"


def test_what_is_no_path_is_told_nothing_about_paths(write_sheet) -> None:
    assert "path" not in CliRunner().invoke(main, ["--sheets", write_sheet(SHEET), "explain", "jobs/x:mapping"]).stderr
