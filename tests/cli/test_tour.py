"""``ways`` alone: a short tour."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ways.cli.main import COMMANDS, main

WAYS = [sys.executable, "-P", "-m", "ways"]
SHEET = """
globals: {syntax: 2}
plugins:
  desk: {hierarchy: desk, mapping: /desk}
  job: {hierarchy: my job, mapping: '/jobs/{JOB}/{TASK}[_{NOTE}]'}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of one's own, to be in, without WAYS_DESCRIPTORS."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.delenv("WAYS_DESCRIPTORS")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tour(**environ: str) -> Result:
    result = CliRunner().invoke(main, [], env=environ)
    assert (result.exit_code, result.stderr) == (0, "") and len(result.stdout.splitlines()) <= 25
    return result


def commands(shown: str) -> list[str]:
    return [line.partition("  #")[0].strip() for line in shown.splitlines() if line.startswith("  ")]


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
def test_each_command_of_the_tour_can_be_run_in_its_order(home: Path) -> None:
    lines = [line.replace(" | less", "") for line in commands(tour().stdout)]
    assert lines[0] == "ways init" and len(lines) == 10 and len(tour().stdout.splitlines()) <= 20
    script = f'set -e\nways() {{ {shlex.join(WAYS)} "$@"; }}\n' + "\n".join(lines)
    done = subprocess.run(["sh", "-c", script], cwd=home, capture_output=True, check=False, encoding="utf-8")
    assert done.returncode == 0 and "/jobs/dune/shots/op_0010\n" in done.stdout, done.stderr


def test_the_tour_names_commands_that_there_are(home: Path) -> None:
    assert {name for name in re.findall(r"ways (\w+)", tour().stdout)} <= {*COMMANDS}


def test_the_tour_uses_a_place_of_the_sheets_that_are_there(write_sheet: Callable[..., str]) -> None:
    shown = tour(WAYS_DESCRIPTORS=write_sheet(SHEET)).stdout
    assert "Loaded: 2 places from 1 sheet.\n" in shown and "ways init" not in shown
    assert "ways format 'my job' JOB=VALUE TASK=VALUE" in commands(shown)
    assert "ways explain 'my job:mapping'" in commands(shown)


def test_the_tour_sends_who_has_problems_to_the_doctor(write_sheet: Callable[..., str]) -> None:
    assert "1 problem: see ways doctor.\n" in tour(WAYS_DESCRIPTORS=write_sheet("plugins: {job: {hierarchy: job, mapin: x}}")).stdout
    assert commands(tour(WAYS_DESCRIPTORS="nowhere.yml").stdout)[:2] == ["ways doctor", "ways init"]


def test_the_tour_of_sheets_without_places_is_that_of_the_starter(write_sheet: Callable[..., str]) -> None:
    assert "ways explain job/shot:mapping" in commands(tour(WAYS_DESCRIPTORS=write_sheet("plugins: {}")).stdout)


def test_options_alone_are_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["--platform", "linux"])
    assert (result.exit_code, result.stdout) == (2, "") and result.stderr.endswith("Error: Missing command.\n")
