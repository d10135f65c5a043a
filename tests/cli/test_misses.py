"""What ``ways resolve`` says of a text that doesn't resolve."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cli.test_main import invoke
from conftest import PLUGIN_SHEETS

from ways.cli import misses

FILM = str(PLUGIN_SHEETS / "film")
MISSPELT = "/mnt/projects/dune/seqences/rvr"


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked for within a second depends on the machine."""
    monkeypatch.setattr(misses, "SECONDS", 600.0)


def lines(*texts: str, options: tuple[str, ...] = ()) -> list[str]:
    return invoke("--sheets", FILM, *options, "resolve", *texts).stderr.splitlines()


def test_the_nearest_place_and_the_command_that_says_more_end_the_answer() -> None:
    nearest, then = lines(MISSPELT)[-2:]
    assert nearest == "  nearest: job/sequence: after '/mnt/projects/dune/seq': expected 'uences/' here: 'sequences', not 'seqences'"
    assert then == f"  try: ways explain --path {MISSPELT} --sheets {FILM}"


def test_a_value_that_does_not_fit_is_the_nearest_miss() -> None:
    assert lines("/mnt/projects/Dune")[-2] == "  nearest: job: after '/mnt/projects/': JOB can't be 'Dune': regex [a-z][a-z0-9]{2,15}"


def test_the_command_is_quoted_for_a_shell_and_has_the_options_of_the_call() -> None:
    last = lines("/mnt/a b", "--lenient", options=("--platform", "windows", "--priority", "master:client_xyz"))[-1]
    assert last == f"  try: ways explain --path '/mnt/a b' --lenient --sheets {FILM} --platform windows --priority master:client_xyz"


def test_a_text_that_fits_no_start_names_no_nearest_place() -> None:
    assert [line.split(":")[0] for line in lines("nothing")] == ["nothing", "  unresolved", "  try"]


def test_with_a_named_place_the_nearest_miss_is_there() -> None:
    assert "  nearest: job/delivery: after" in "\n".join(lines(MISSPELT, "--context", "job/delivery"))


def test_only_the_first_texts_are_explained_and_the_others_are_counted() -> None:
    written = lines(*[f"/mnt/x/{number}" for number in range(misses.MOST + 1000)])
    assert sum(line.startswith("  try: ") for line in written) == misses.MOST
    assert written[-1] == f"ways: 1,000 more texts don't resolve; for each: ways explain --path TEXT --sheets {FILM}"


def test_json_tells_what_it_told() -> None:
    result = invoke("--sheets", FILM, "resolve", MISSPELT, "--format", "json")
    record = json.loads(result.stdout)
    keys = ["text", "status", "hierarchy", "assignment", "values", "tier", "candidates", "error", "nearest", "elsewhere"]
    assert list(record) == keys and result.stderr == ""
    assert record["error"] == f"No place fits {MISSPELT!r}." and record["elsewhere"] is None
    assert f"  nearest: {record['nearest']}" == lines(MISSPELT)[-2]


def records(*texts: str, options: tuple[str, ...] = (), sheets: str = FILM) -> list[dict[str, Any]]:
    result = invoke("--sheets", sheets, "resolve", *texts, *options, "--format", "json")
    assert (result.exit_code, result.stderr) == (1, "")
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_json_has_where_else_a_text_fits_in_the_words_of_the_text() -> None:
    (record,) = records("P:\\projects\\dune")
    assert record["elsewhere"] == "On windows it fits 'job'." and "windows" not in record["error"]


@pytest.mark.parametrize("options", [("--to", "windows"), ("--as", "job"), ("--context", "job/sequence")], ids=lambda each: each[0])
def test_json_has_the_nearest_miss_with_every_option(options: tuple[str, ...]) -> None:
    assert records(MISSPELT, options=options)[0]["nearest"].startswith("job/sequence: after ")


def test_json_looks_no_longer_than_text_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misses, "SECONDS", 0.0)
    (record,) = records(MISSPELT)
    assert record["nearest"] is None and record["elsewhere"] is None


def test_json_looks_into_the_first_texts_alone() -> None:
    found = records(*[f"/mnt/x/{number}" for number in range(misses.MOST + 5)], "/mnt/projects/dune")
    assert [bool(record.get("nearest")) for record in found] == [True] * misses.MOST + [False] * 6
    assert "nearest" not in found[-1] and found[-2]["nearest"] is None


def test_many_places_are_not_searched_for_a_miss(monkeypatch) -> None:
    monkeypatch.setattr(misses, "MOST_PLACES", 10)
    assert [line.split(":")[0] for line in lines(MISSPELT)][1:] == ["  unresolved", "  try"]


def test_another_platform_that_a_text_fits_is_named_for_the_first_texts_alone() -> None:
    written = lines(*[f"P:\\projects\\dune{number}" for number in range(misses.MOST + 5)])
    assert sum("On windows it fits 'job'." in line for line in written) == misses.MOST


def test_a_layer_without_priority_that_a_text_fits_is_named(write_sheet) -> None:
    plugins = "{a: {hierarchy: a, mapping: '/a', assignment: moon}, b: {hierarchy: b, mapping: '/b'}}"
    path = write_sheet(f"globals: {{syntax: 2}}\nplugins: {plugins}")
    told = invoke("--sheets", path, "resolve", "/a").stderr
    assert "In the layer 'moon', which WAYS_PRIORITY does not name, it fits 'a'." in told
