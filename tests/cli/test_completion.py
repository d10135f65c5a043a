"""Completion in a shell: places, tokens and choices out of the sheets that a command line names."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from ways.cli.main import main

SHEET = """
globals: {syntax: 2}
plugins:
  job: {hierarchy: job, mapping: 'jobs/{JOB}'}
  step:
    hierarchy: job/step
    mapping: 'jobs/{JOB}/{STEP}[_{NOTE}]'
    mapping_details:
      STEP: {choices: {animation: anm, lighting: lgt, layout: lay}}
"""


@pytest.fixture
def complete(tmp_path: Path):
    (tmp_path / "sheet.yml").write_text(SHEET, encoding="utf-8")
    completer = BashComplete(main, {}, "ways", "_WAYS_COMPLETE")

    def answer(*words: str, incomplete: str = "") -> list[str]:
        before = ["--sheets", str(tmp_path / "sheet.yml"), *words]
        return [item.value for item in completer.get_completions(before, incomplete)]

    return answer


@pytest.mark.parametrize("command", ["format", "find", "context", "tree"])
def test_places_are_completed(complete, command):
    assert complete(command, incomplete="job") == ["job", "job/step"]
    assert complete(command, incomplete="job/") == ["job/step"]


def test_tokens_without_a_value_are_completed(complete):
    assert complete("format", "job/step") == ["JOB=", "STEP=", "NOTE="]
    assert complete("format", "job/step", "JOB=dune") == ["STEP=", "NOTE="]
    assert complete("format", "job/step", incomplete="S") == ["STEP="]


def test_choices_are_completed_as_they_are_written(complete):
    assert complete("format", "job/step", incomplete="STEP=") == ["STEP=anm", "STEP=lgt", "STEP=lay"]
    assert complete("find", "job/step", incomplete="STEP=l") == ["STEP=lgt", "STEP=lay"]
    assert complete("find", "job/step", incomplete="JOB=") == []


def test_options_are_completed(complete):
    assert complete("find", "job/step", "--latest", incomplete="N") == ["NOTE"]
    assert complete("resolve", "--to", incomplete="w") == ["windows"]
    assert complete("resolve", "--context", incomplete="job/") == ["job/step"]


def test_without_sheets_or_with_a_wrong_place_there_is_nothing_to_say(complete):
    assert complete("format", "nowhere") == []
    completer = BashComplete(main, {}, "ways", "_WAYS_COMPLETE")
    assert list(completer.get_completions(["--sheets", "nothing.yml", "format"], "")) == []
