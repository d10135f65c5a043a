"""``ways resolve --as``: the text of another place with the same values."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ways.cli.main import main

pytestmark = pytest.mark.portability

SHEET = """
globals: {syntax: 2}
plugins:
  shot:
    hierarchy: shot
    mapping: '/jobs/{JOB}/{SHOT}'
    mapping_details: {JOB: {parse: {regex: '[a-z=]+'}}}
  work: {hierarchy: shot/work, mapping: '/jobs/{JOB}/{SHOT}/work/{TASK:l}_v{VERSION:03d}.ma'}
  publish:
    hierarchy: shot/publish
    mapping: '/jobs/{JOB}/{SHOT}/publish/{TASK:l}_v{VERSION:03d}.{EXT}'
    mapping_details: {EXT: {choices: [ma, abc]}}
  drive: {hierarchy: shot, platforms: [windows], mapping: 'P:/jobs/{JOB}/{SHOT}'}
"""
WORK = "/jobs/dune/aa/work/anim_v003.ma"


@pytest.fixture
def resolve(write_sheet: Callable[..., str]) -> Callable[..., Result]:
    """Run the command with the sheet above."""
    path = write_sheet(SHEET)

    def run(*arguments: str, given: Any = None) -> Result:
        return CliRunner().invoke(main, ["--sheets", path, "resolve", *arguments], input=given)

    return run


@pytest.mark.parametrize("line", [
    [WORK, "--as", "shot/publish", "EXT=abc", "VERSION=4"],
    ["--as", "shot/publish", WORK, "VERSION=4", "EXT=abc"],
    ["--as=shot/publish", WORK, "EXT=abc", "VERSION=004"],
    ["--as", "shot/publish", "EXT=abc", "VERSION=4", WORK],
    ["--as", "shot/publish", "EXT=abc", WORK, "VERSION=4"],
], ids=str)  # fmt: skip
def test_the_text_of_the_other_place_is_written(resolve: Callable[..., Result], line: list[str]) -> None:
    answer = resolve(*line)
    assert (answer.stdout, answer.exit_code) == ("/jobs/dune/aa/publish/anim_v004.abc\n", 0)


def test_a_misspelt_token_before_the_text_is_told(resolve: Callable[..., Result]) -> None:
    answer = resolve("--as", "shot/publish", "EX=ma", WORK)
    assert answer.exit_code == 1 and "Did you mean 'EXT'" in answer.stderr


def test_a_text_with_an_equals_sign_may_be_the_first(write_sheet: Callable[..., str]) -> None:
    sheet = write_sheet("globals: {syntax: 2}\nplugins: {a: {hierarchy: a, mapping: 'A={A}'}, b: {hierarchy: b, mapping: 'B={A}/{B}'}}")
    for line in (["A=x", "B=y"], ["A=x", "--", "B=y"]):
        answer = CliRunner().invoke(main, ["--sheets", sheet, "resolve", "--as", "b", *line])
        assert (answer.stdout, answer.exit_code) == ("B=x/y\n", 0), answer.stderr


def test_a_place_that_is_none_is_told_before_any_text_is_read(resolve: Callable[..., Result]) -> None:
    answer = resolve("/nothing", "-", "--as", "shot/publsh", given="/nothing\n")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr == "ways: --as: There is no Context 'shot/publsh'. Did you mean 'shot/publish'?\n"


@pytest.mark.platform("linux")
def test_each_of_several_texts_is_moved(resolve: Callable[..., Result]) -> None:
    answer = resolve("-", "--as", "shot/publish", "EXT=ma", given=f"{WORK}\nnothing\n{WORK}\n")
    assert (answer.stdout, answer.exit_code) == ("/jobs/dune/aa/publish/anim_v003.ma\n" * 2, 1)
    answer = resolve(WORK, "/jobs/a=b/aa/work/x_v001.ma", "--as", "shot")
    assert (answer.stdout, answer.exit_code) == ("/jobs/dune/aa\n/jobs/a=b/aa\n", 0)


def test_json_has_both_places(resolve: Callable[..., Result]) -> None:
    record = json.loads(resolve(WORK, "--as", "shot/publish", "EXT=ma", "--format", "json").stdout)
    values = {"JOB": "dune", "SHOT": "aa", "TASK": "anim", "VERSION": "003", "EXT": "ma"}
    assert record["as"] == {"hierarchy": "shot/publish", "values": values, "text": "/jobs/dune/aa/publish/anim_v003.ma"}
    assert (record["hierarchy"], record["status"]) == ("shot/work", "resolved")


def test_a_shell_gets_the_values_there(resolve: Callable[..., Result]) -> None:
    assert "export EXT='ma'" in resolve(WORK, "--as", "shot/publish", "EXT=ma", "--format", "env").stdout
    assert "VERSION" not in resolve(WORK, "--as", "shot", "--format", "env").stdout


@pytest.mark.platform("linux")
def test_the_other_place_may_be_asked_for_on_another_platform(resolve: Callable[..., Result]) -> None:
    assert resolve(WORK, "--as", "shot", "--to", "windows").stdout == "P:/jobs/dune/aa\n"


@pytest.mark.parametrize("more, message", [
    ([], "no value for EXT; give it as EXT=VALUE"),
    (["EXT=mb"], "'mb' does not fit the token EXT"),
    (["EX=ma"], "Did you mean 'EXT'"),
], ids=str)  # fmt: skip
def test_values_that_lack_or_break_a_rule_are_exit_code_1(resolve: Callable[..., Result], more: list[str], message: str) -> None:
    answer = resolve(WORK, "--as", "shot/publish", *more)
    assert (answer.stdout, answer.exit_code) == ("", 1)
    assert message in answer.stderr and "nearest" not in answer.stderr


@pytest.mark.parametrize("line, message", [
    (["--as", "shot/publsh"], "--as: There is no Context 'shot/publsh'. Did you mean 'shot/publish'?"),
    (["--as", "shot", "JOB=a", "JOB=b"], "JOB is given twice."),
    (["--as", "shot", "--to", "linux", "--from", "linux"], "--from linux: the place of --as is one of this platform"),
], ids=str)  # fmt: skip
def test_wrong_usage_is_exit_code_2(resolve: Callable[..., Result], line: list[str], message: str) -> None:
    answer = resolve(WORK, *line)
    assert (answer.exit_code, message in answer.stderr) == (2, True)
