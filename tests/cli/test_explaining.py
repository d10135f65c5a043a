"""``ways explain`` and ``ways uses``."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from cli.test_main import SHEET, invoke
from conftest import PLUGIN_SHEETS

pytestmark = pytest.mark.portability

FILM = str(PLUGIN_SHEETS / "film")


@pytest.fixture
def ways(write_sheet: Callable[..., str]) -> Callable[..., Result]:
    path = write_sheet(SHEET)
    return lambda *arguments: invoke("--sheets", path, *arguments)


def film(*arguments: str) -> Result:
    return invoke("--sheets", FILM, "--platform", "linux", *arguments)


def test_a_mapping_that_a_client_overrides_shows_both_sheets_and_lines() -> None:
    result = film("--priority", "master:client_xyz", "explain", "job/sequence/shot/plate:mapping")
    lines = result.stdout.splitlines()
    won = next(line for line in lines if "won " in line)
    lost = next(line for line in lines if "lost " in line)
    assert f"xyz_plate [client_xyz] ({FILM}{os.sep}90_client_xyz.yml:10:5)" in won
    assert f"plate ({FILM}{os.sep}10_shots.yml:41:5)" in lost
    assert "strongest-layer" in result.stdout and "weaker-layer" in result.stdout and result.exit_code == 0


def test_the_text_and_the_json_tell_the_same(ways: Callable[..., Result]) -> None:
    told = json.loads(ways("explain", "job/shot:data", "--format", "json").stdout)
    assert [(one["name"], one["value"], one["winner"]["reason"]) for one in told["fields"]] == [("data.owner", "td", "only")]
    assert told["fields"][0]["winner"]["source"]["pointer"] == "plugins.job.data.owner"
    text = ways("explain", "job/shot:data").stdout
    assert "data.owner = td" in text and "only: no other plugin sets it" in text


def test_a_list_in_the_data_is_drawn_as_a_list() -> None:
    usd = str(PLUGIN_SHEETS / "foreign" / "usd" / "plugInfo.json")
    text = invoke("--sheets", usd, "explain", "usd/types/DeskBrush").stdout
    assert "data.bases = ['DeskTool']" in text and ")  ['DeskTool']" in text
    assert "platforms = darwin, java, linux, windows" in text


@pytest.mark.platform("linux")
def test_everything_of_a_place_is_told(ways: Callable[..., Result]) -> None:
    text = ways("--priority", "master:xyz", "explain", "job/shot").stdout
    for part in ("mapping = ", "next in line: ", "tokens", "SEQ in SHOT: anything but /", "uses job (", "WAYS_PRIORITY"):
        assert part in text, part


@pytest.mark.parametrize(
    "arguments, parts",
    [
        (("SHOT=aa_001", "JOB=foo"), ("SHOT = aa_001  given", "NUM = 001  parent through SHOT")),
        (("SEQ=aa", "NUM=001", "JOB=foo"), ("SHOT = aa_001  children through SEQ, NUM",)),
    ],
    ids=["parent", "children"],
)
def test_values_are_told_with_where_they_come_from(ways: Callable[..., Result], arguments: tuple[str, ...], parts: tuple[str, ...]) -> None:
    text = ways("explain", "job/shot", *arguments).stdout
    assert all(part in text for part in parts), text


@pytest.mark.platform("linux")
def test_a_path_is_told_with_a_caret_under_what_stops_it(ways: Callable[..., Result]) -> None:
    result = ways("explain", "--path", "/jobs/foo/aa_1x")
    lines = result.stdout.splitlines()
    assert result.exit_code == 1 and lines[0] == "/jobs/foo/aa_1x  (unresolved)"
    pointed = next(number for number, line in enumerate(lines) if line.endswith("^"))
    assert lines[pointed].index("^") - lines[pointed - 1].index("/jobs") == len("/jobs/foo/aa_")
    assert "NUM can't be '1x': regex [0-9]{3}" in lines[pointed - 2]


@pytest.mark.platform("linux")
def test_a_path_that_resolves_names_the_place_first(ways: Callable[..., Result]) -> None:
    result = ways("explain", "--path", "/jobs/foo/aa_001")
    assert result.exit_code == 0 and "job/shot" in result.stdout.splitlines()[1] and "chosen: it fits best" in result.stdout
    told = json.loads(ways("explain", "--path", "/jobs/foo/aa_001", "--format", "json").stdout)
    assert (told["status"], told["attempts"][0]["verdict"], told["attempts"][0]["values"]["NUM"]) == ("resolved", "chosen", "001")


def test_a_path_that_several_places_take_names_them(ways: Callable[..., Result]) -> None:
    result = ways("explain", "--path", "1:2")
    assert result.exit_code == 1 and result.stdout.count("ambiguous: ") == 2
    assert "spot/again" in result.stdout and "A='1', B='2'" in result.stdout


def test_the_nearest_are_drawn_unless_all_are_asked_for() -> None:
    few, everything = film("explain", "--path", "/mnt/x").stdout, film("explain", "--path", "/mnt/x", "--all").stdout
    assert "more places fit less of the text; --all shows them" in few and len(few) * 5 < len(everything)


@pytest.mark.platform("linux")
def test_the_lenient_way_is_told_if_it_is_asked_for(ways: Callable[..., Result]) -> None:
    assert ways("explain", "--path", "/jobs/1").exit_code == 1
    result = ways("explain", "--path", "/jobs/1", "--lenient")
    assert result.exit_code == 0 and "(resolved, tier b)" in result.stdout


def test_uses_lists_what_a_line_reaches(ways: Callable[..., Result], tmp_path: object) -> None:
    where = f"{tmp_path}/sheet.yml:4"
    text = ways("uses", where).stdout
    assert text.splitlines()[0] == f"{where}  plugins.job.mapping"
    assert "job/shot" in text and "mapping  part" in text and "job/window" in text
    told = json.loads(ways("uses", where, "--format", "json").stdout)
    assert [(each["hierarchy"], each["field"], each["reason"]) for each in told["reached"]][:2] == [
        ("job", "mapping", "only"), ("job/shot", "mapping", "part"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "arguments, exit_code, error",
    [
        (("explain",), 2, "Name a place"),
        (("explain", "job", "--path", "x"), 2, "Name a place"),
        (("explain", "jbo"), 1, "Did you mean 'job'?"),
        (("explain", "job:maping"), 1, "Did you mean 'mapping'?"),
        (("explain", "job:data.ownr"), 1, "Did you mean 'data.owner'?"),
        (("explain", "job/shot", "JOB=x"), 1, "no value for"),
        (("uses", "sheet.yml"), 2, "expected FILE:LINE"),
        (("uses", "nowhere.yml:1"), 1, "no such sheet was loaded"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else None,
)
def test_wrong_questions_are_told(ways: Callable[..., Result], arguments: tuple[str, ...], exit_code: int, error: str) -> None:
    result = ways(*arguments)
    assert (result.exit_code, result.stdout) == (exit_code, "") and error in result.stderr


def test_variants_are_told(write_sheet: Callable[..., str]) -> None:
    sheet = """\
        plugins:
          job: {hierarchy: job, mapping: '/{JOB}/x'}
          dune: {hierarchy: job, mapping: '/dune/{JOB}', when: {JOB: dune}}
        """
    path = write_sheet(sheet, "when.yml")
    text = invoke("--sheets", path, "explain", "job").stdout
    assert "JOB is dune: /dune/{JOB}; dune (" in text and f"when JOB is dune ({path}:3:57)" in text
    text = invoke("--sheets", path, "explain", "--path", "/dune/x").stdout
    assert "other-variant: It fits '/{JOB}/x', a mapping of job, but its values meet the condition of dune" in text


@pytest.mark.parametrize("line", ["0", "-1", "9" * 5000, "1.5", "", "x"], ids=["zero", "negative", "huge", "fraction", "none", "letter"])
def test_what_is_no_line_is_wrong_usage(tmp_path: Path, line: str) -> None:
    sheet = tmp_path / "a.yml"
    sheet.write_text("plugins: {a: {hierarchy: a, mapping: '/{A}'}}", encoding="utf-8")
    result = invoke("--sheets", str(sheet), "uses", f"{sheet}:{line}")
    assert result.exit_code == 2 and "expected FILE:LINE" in result.stderr


def test_a_line_beyond_the_sheet_is_told_with_the_nearest(tmp_path: Path) -> None:
    sheet = tmp_path / "a.yml"
    sheet.write_text("plugins:\n  a:\n    hierarchy: a\n", encoding="utf-8")
    result = invoke("--sheets", str(sheet), "uses", f"{sheet}:99")
    assert result.exit_code == 1 and "the nearest line with something is 3" in result.stderr


@pytest.mark.parametrize("values", [["ROOOM=hall"], ["ROOM=hall", "ROOOM=hall"]], ids=["instead", "beside"])
def test_an_unknown_token_is_told_with_the_nearest(tmp_path: Path, values: list[str]) -> None:
    sheet = tmp_path / "a.yml"
    sheet.write_text("plugins: {a: {hierarchy: a, mapping: '/{ROOM}'}}", encoding="utf-8")
    result = invoke("--sheets", str(sheet), "explain", "a", *values)
    assert result.exit_code == 1
    assert result.stderr == "ways: There is no token 'ROOOM'; the tokens are ROOM. Did you mean 'ROOM'?\n"


WHEN = """\
globals: {syntax: 2}
plugins:
  show: {hierarchy: show, mapping: '/jobs/{SHOW}', mapping_details: {SHOW: {parse: {regex: '[a-z]+'}}}}
  shot: {hierarchy: '{root}/shot', uses: [show], mapping: '{root}/{SHOT}'}
  work: {hierarchy: '{root}/work', uses: [show/shot], mapping: '{root}/work/{TASK}.ma'}
  owl: {hierarchy: show, mapping: '/jobs/{SHOW}/night', when: {SHOW: owl}}
"""


def test_variants_whose_condition_the_text_can_not_meet_are_left_out(write_sheet: Callable[..., str]) -> None:
    path = write_sheet(WHEN)
    text = invoke("--sheets", path, "explain", "--path", "/jobs/tinytoes/s1/wrk/a.ma").stdout
    assert "condition not met: SHOW is owl, not tinytoes; 3 variants left out" in text and "night" not in text
    whole = invoke("--sheets", path, "explain", "--path", "/jobs/tinytoes/s1/wrk/a.ma", "--all").stdout
    assert whole.count("condition not met: SHOW is owl, not tinytoes") == 3 == whole.count("with owl")


def test_the_place_without_conditions_is_left_out_where_the_text_meets_them(write_sheet: Callable[..., str]) -> None:
    text = invoke("--sheets", write_sheet(WHEN), "explain", "--path", "/jobs/owl/nigt/s1").stdout
    assert "SHOW is owl, so that the plugin owl counts" in text and "'night', not 'nigt'" in text


def test_a_value_that_may_go_on_meets_and_breaks_no_condition(write_sheet: Callable[..., str]) -> None:
    told = json.loads(invoke("--sheets", write_sheet(WHEN), "explain", "--path", "/jobs/ow9", "--format", "json").stdout)
    assert [attempt["unmet"] for attempt in told["attempts"]] == [[]] * 6


def test_the_nearest_miss_is_of_a_variant_that_the_text_can_be_of(write_sheet: Callable[..., str]) -> None:
    told = invoke("--sheets", write_sheet(WHEN), "resolve", "/jobs/owl/nigt/s1").stderr
    assert "  nearest: show with owl: after '/jobs/owl/nig': " in told


@pytest.mark.parametrize("columns", [30, 40, 80, 200])
def test_the_caret_stands_below_its_character_at_any_width(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("ways.cli.draw.shapes.UNFOLDED", columns)
    lines = film("explain", "--path", "/mnt/projects/dune/sequences/rvr/rvr_0010/plates/bg01_%01").stdout.splitlines()
    carets = [number for number, line in enumerate(lines) if line.endswith("^")]
    assert carets and "%" == lines[carets[0] - 1][lines[carets[0]].index("^")]


def test_uses_draws_places_that_a_line_moves_alike_once() -> None:
    where = f"{FILM}{os.sep}00_roots.yml:8"
    text = film("uses", where).stdout
    assert "changes 131 places: job/sequence, " in text and " and 126 more; --all lists each\n    └── mapping  part" in text
    everything = film("uses", where, "--all").stdout.splitlines()
    assert sum(line.endswith("mapping  part") for line in everything) == 131
    assert len(json.loads(film("uses", where, "--format", "json").stdout)["reached"]) == 132


def test_of_very_many_plugins_the_first_are_drawn_and_the_json_has_all(write_sheet: Callable[..., str]) -> None:
    entries = {f"p{number}": {"hierarchy": "a", "mapping": "/x", "data": {f"k{number}": 1}} for number in range(400)}
    path = write_sheet(json.dumps({"plugins": entries}), "many.json")
    drawn = invoke("--sheets", path, "explain", "a").stdout
    assert "more plugins that lost; --format json has all" in drawn and "more fields; --format json has all" in drawn
    assert len(drawn.splitlines()) < 2_000
    told = json.loads(invoke("--sheets", path, "explain", "a", "--format", "json").stdout)
    assert len(told["fields"]) > 400


def test_what_a_plugin_file_set_is_told(write_sheet: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = write_sheet(
        """
        globals: {syntax: 2}
        plugins:
          job: {hierarchy: job, mapping: '/jobs/{JOB}', data: {fps: 24}, mapping_details: {JOB: {default: x}}}
          unix: {hierarchy: job, data: {os: unix}, platforms: [linux, darwin]}
        """
    )
    code = "from ways import api\napi.register_context_alias('short', 'job')\napi.need_context('job').data['fps'] = 25\n"
    (tmp_path / "good.py").write_text(code, encoding="utf-8")
    (tmp_path / "bad.py").write_text("raise RuntimeError('on purpose')\n", encoding="utf-8")
    monkeypatch.setenv("WAYS_DESCRIPTORS", sheet)
    monkeypatch.setenv("WAYS_PLUGINS", os.pathsep.join([str(tmp_path / "good.py"), str(tmp_path / "bad.py")]))
    monkeypatch.setenv("WAYS_PLATFORM", "linux")
    alias = invoke("explain", "short").stdout
    assert alias.startswith("short  (an alias of job)\n") and "counts on darwin, linux" in alias
    assert "data.fps = 25  (set by hand)" in invoke("explain", "job").stdout
    assert "default x" in invoke("context", "job").stdout
    told = invoke("doctor").stdout
    assert f"{tmp_path / 'good.py'} (WAYS_PLUGINS): loaded" in told
    assert f"error: {tmp_path / 'bad.py'}: the plugin file did not load: import_failure: on purpose" in told


def test_where_nothing_is_loaded_doctor_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert invoke("doctor").stdout.startswith("What is loaded\n  none\n")
