"""The ``ways`` command, inside this process; tests/cli/test_shell.py runs it as a shell does."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ways import __version__
from ways.cli.main import main

pytestmark = pytest.mark.portability

SHEET = """\
plugins:
  job:
    hierarchy: job
    mapping: /jobs/{JOB}
    mapping_details: {JOB: {parse: {regex: '[a-zé]+'}}}
    data: {owner: td}
    path: true
  shot:
    hierarchy: '{root}/shot'
    mapping: '{root}/{SHOT}'
    mapping_details:
      SHOT: {mapping: '{SEQ}_{NUM}'}
      NUM: {parse: {regex: '[0-9]{3}'}}
    uses: [job]
  spot:
    hierarchy: spot
    mapping: '{A}:{B}'
  spot_again:
    hierarchy: spot/again
    mapping: '{A}:{C}'
  client:
    hierarchy: job
    mapping: /client/{JOB}
    assignment: xyz
  window:
    hierarchy: job/window
    mapping: 'P:/{JOB}'
    platforms: [windows]
"""


@pytest.fixture
def ways(write_sheet: Callable[..., str]) -> Callable[..., Result]:
    """Run the command with the sheet above: ``ways("resolve", "/jobs/foo")``."""
    path = write_sheet(SHEET)

    def run(*arguments: str, sheets: bool = True, given: Any = None) -> Result:
        return invoke(*(("--sheets", path) if sheets else ()), *arguments, given=given)

    return run


def invoke(*arguments: str, given: Any = None) -> Result:
    result = CliRunner().invoke(main, arguments, input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def records(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


# --- resolve


@pytest.mark.platform("linux")
def test_resolve_tells_the_place_and_the_values(ways: Callable[..., Result]) -> None:
    result = ways("resolve", "/jobs/foo/aa_001")
    assert result.stdout == "/jobs/foo/aa_001\n  job/shot\n  JOB = foo\n  SEQ = aa\n  NUM = 001\n"
    assert (result.exit_code, result.stderr) == (0, "")


def test_resolve_in_json_has_these_keys_in_any_case(ways: Callable[..., Result]) -> None:
    result = ways("resolve", "--format", "json", "/jobs/foo", "/nothing", "1:2")
    keys = ["text", "status", "hierarchy", "assignment", "values", "tier", "candidates", "error"]
    found = records(result)
    assert [list(record)[: len(keys)] for record in found] == [keys] * 3
    assert [list(record)[len(keys) :] for record in found] == [[], ["nearest", "elsewhere"], []]


@pytest.mark.platform("linux")
def test_resolve_in_json_is_one_object_a_line_in_the_order_given(ways: Callable[..., Result]) -> None:
    texts = ["/jobs/foo", "/nothing", "1:2", "/jobs/foo", "/jobs/foo/aa_001"]
    result = ways("resolve", "--format", "json", *texts)
    assert [record["text"] for record in records(result)] == texts
    assert [record["status"] for record in records(result)] == ["resolved", "unresolved", "ambiguous", "resolved", "resolved"]
    assert result.exit_code == 1


@pytest.mark.platform("linux")
def test_a_resolved_record(ways: Callable[..., Result]) -> None:
    assert records(ways("resolve", "--format", "json", "/jobs/foo/aa_001")) == [
        {
            "text": "/jobs/foo/aa_001",
            "status": "resolved",
            "hierarchy": "job/shot",
            "assignment": "",
            "values": {"JOB": "foo", "SEQ": "aa", "NUM": "001"},
            "tier": "a",
            "candidates": [],
            "error": None,
        }
    ]


def test_an_unresolved_record(ways: Callable[..., Result]) -> None:
    (record,) = records(ways("resolve", "--format", "json", "/nothing"))
    assert "/nothing" in record.pop("error") and record.pop("nearest") == "spot: expected ':' here"
    assert record == {
        "text": "/nothing",
        "status": "unresolved",
        "hierarchy": None,
        "assignment": None,
        "values": {},
        "tier": None,
        "candidates": [],
        "elsewhere": None,
    }


def test_an_ambiguous_record_has_its_candidates(ways: Callable[..., Result]) -> None:
    (record,) = records(ways("resolve", "--format", "json", "1:2"))
    assert [one["hierarchy"] for one in record["candidates"]] == ["spot", "spot/again"]
    assert [one["values"] for one in record["candidates"]] == [{"A": "1", "B": "2"}, {"A": "1", "C": "2"}]
    assert [one["source"].rpartition("sheet.yml")[2] for one in record["candidates"]] == [":17:5", ":20:5"]
    assert record["hierarchy"] is None and "equally well" in record["error"]


@pytest.mark.parametrize("text", ["/nothing", "1:2", "/jobs/f0o", "/jobs/foo/aa_1", "/jobs/foo/bar/baz"])
def test_a_text_that_is_not_resolved_is_told_on_stderr_and_exit_1(ways: Callable[..., Result], text: str) -> None:
    result = ways("resolve", text)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{text}\n  ")


@pytest.mark.platform("linux")
def test_good_and_bad_texts_are_all_answered(ways: Callable[..., Result]) -> None:
    result = ways("resolve", "/nothing", "/jobs/foo")
    assert result.exit_code == 1 and "JOB = foo" in result.stdout and "/nothing" in result.stderr


@pytest.mark.platform("linux")
def test_strict_is_the_default_and_lenient_takes_more(ways: Callable[..., Result]) -> None:
    assert ways("resolve", "/jobs/FOO").exit_code == ways("resolve", "--strict", "/jobs/FOO").exit_code == 1
    (record,) = records(ways("resolve", "--lenient", "--format", "json", "/jobs/FOO"))
    assert (record["tier"], record["hierarchy"], record["values"]) == ("b", "job", {"JOB": "FOO"})
    assert "(tier c)" in ways("resolve", "--lenient", "before/jobs/FOO").stdout


@pytest.mark.platform("linux")
def test_a_text_may_be_read_by_a_named_context(ways: Callable[..., Result]) -> None:
    (record,) = records(ways("resolve", "--context", "spot", "--format", "json", "1:2"))
    assert (record["status"], record["hierarchy"]) == ("resolved", "spot")
    result = ways("resolve", "--context", "job", "1:2")
    assert result.exit_code == 1 and "does not fit the mapping '/jobs/{JOB}'" in result.stderr


def test_a_text_that_a_named_context_takes_in_no_way_is_unresolved(ways: Callable[..., Result]) -> None:
    (record,) = records(ways("resolve", "--lenient", "--context", "job", "--format", "json", "1:2"))
    assert (record["status"], record["values"], record["tier"]) == ("unresolved", {}, None)


def test_an_unknown_context_is_wrong_usage(ways: Callable[..., Result]) -> None:
    result = ways("resolve", "--context", "job/shit", "/jobs/foo")
    assert result.exit_code == 2 and "Did you mean 'job/shot'?" in result.stderr


@pytest.mark.platform("linux")
def test_a_path_ignores_one_separator_at_its_end(ways: Callable[..., Result]) -> None:
    assert [ways("resolve", text).exit_code for text in ("/jobs/foo/", "/jobs/foo//", "1:2/")] == [0, 1, 1]
    assert records(ways("resolve", "--format", "json", "/jobs/foo/"))[0]["text"] == "/jobs/foo/"


# --- standard input


def test_texts_are_read_from_standard_input_one_a_line(ways: Callable[..., Result]) -> None:
    result = ways("resolve", "--format", "json", "-", given="/jobs/foo\n/jobs/a b\n\n /jobs/foo\n/jobs/foo\r\n/jobs/bar")
    assert [record["text"] for record in records(result)] == [
        "/jobs/foo", "/jobs/a b", "", " /jobs/foo", "/jobs/foo", "/jobs/bar",
    ]


def test_texts_may_end_with_nul(ways: Callable[..., Result]) -> None:
    result = ways("resolve", "-0", "--format", "json", "-", given="/jobs/foo\0/jobs/a\nb\0\0/jobs/bar")
    assert [record["text"] for record in records(result)] == ["/jobs/foo", "/jobs/a\nb", "", "/jobs/bar"]


def test_bytes_that_are_no_utf8_are_kept(ways: Callable[..., Result]) -> None:
    given = "\udcff:é".encode("utf-8", "surrogateescape")
    (record,) = records(ways("resolve", "--context", "spot", "--format", "json", "-", given=given))
    assert record["values"] == {"A": "\udcff", "B": "é"}
    assert given in ways("resolve", "--context", "spot", "-", given=given).stdout_bytes


@pytest.mark.platform("linux")
def test_a_letter_may_stand_across_two_blocks(ways: Callable[..., Result]) -> None:
    given = "/jobs/é\n" * 30000
    result = ways("resolve", "--format", "json", "-", given=given)
    assert result.exit_code == 0 and len(records(result)) == 30000


def test_no_texts_on_standard_input_is_no_answer_and_no_error(ways: Callable[..., Result]) -> None:
    result = ways("resolve", "-", given="")
    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.platform("linux")
def test_standard_input_may_stand_among_other_texts(ways: Callable[..., Result]) -> None:
    result = ways("resolve", "--format", "json", "/jobs/a", "-", "/jobs/c", given="/jobs/b\n")
    assert [record["values"]["JOB"] for record in records(result)] == ["a", "b", "c"]


# --- options


@pytest.mark.platform("linux")
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    "options, text, assignment",
    [
        (["--assignment", "xyz"], "/client/foo", "xyz"),
        (["--priority", "master:xyz"], "/client/foo", ""),
        (["--platform", "windows"], "P:\\foo", ""),
        ([], "/client/foo", "xyz"),
    ],
)
def test_options_stand_before_or_after_the_command(
    write_sheet: Callable[..., str], before: bool, options: list[str], text: str, assignment: str
) -> None:
    options = ["--sheets", write_sheet(SHEET), "--format", "json", *options]
    (record,) = records(invoke(*options, "resolve", text) if before else invoke("resolve", *options, text))
    assert (record["status"], record["assignment"]) == ("resolved", assignment)


@pytest.mark.platform("linux")
def test_what_stands_after_the_command_goes_before_what_stands_before_it(ways: Callable[..., Result]) -> None:
    assert ways("--format", "json", "resolve", "--format", "text", "/jobs/foo").stdout.startswith("/jobs/foo\n")
    assert ways("--platform", "linux", "format", "--platform", "windows", "job/window", "JOB=a").stdout == "P:\\a\n"


@pytest.mark.platform("linux")
def test_several_sheets_may_be_named(ways: Callable[..., Result], write_sheet: Callable[..., str]) -> None:
    other = write_sheet("plugins: {more: {hierarchy: more, mapping: '/more/{M}'}}", "other.yml")
    assert ways("--sheets", other, "resolve", "/more/x", "/jobs/foo").exit_code == 0


@pytest.mark.platform("linux")
def test_the_sheets_of_the_environment_are_used_unless_some_are_named(
    ways: Callable[..., Result], write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAYS_DESCRIPTORS", write_sheet("plugins: {more: {hierarchy: more, mapping: '/more/{M}'}}", "other.yml"))
    assert [ways("resolve", text).exit_code for text in ("/jobs/foo", "/more/x")] == [0, 1]
    assert [ways("resolve", text, sheets=False).exit_code for text in ("/jobs/foo", "/more/x")] == [1, 0]


# --- --format env


@pytest.mark.platform("linux")
def test_format_env_prints_assignments_for_a_shell(ways: Callable[..., Result]) -> None:
    result = ways("resolve", "--format", "env", "/jobs/foo/a'b_001")
    assert result.stdout == "export JOB='foo'\nexport SEQ='a'\"'\"'b'\nexport NUM='001'\n"


@pytest.mark.platform("linux")
def test_format_env_takes_a_prefix(ways: Callable[..., Result]) -> None:
    assert ways("resolve", "--format", "env", "--env-prefix", "W_", "/jobs/foo").stdout == "export W_JOB='foo'\n"


@pytest.mark.parametrize("name", ["SHOT NAME", "take-1", "1ST", "é", "A:B", "A;rm", "$(x)"])
def test_tokens_that_are_no_shell_names_are_skipped_with_a_note(write_sheet: Callable[..., str], name: str) -> None:
    sheet = write_sheet(json.dumps({"plugins": {"p": {"hierarchy": "p", "mapping": f"/{{{name}}}/{{GOOD}}"}}}), "s.json")
    result = invoke("--sheets", sheet, "resolve", "--format", "env", "/a/b")
    assert (result.exit_code, result.stdout) == (0, "export GOOD='b'\n")
    assert name in result.stderr and "skipped" in result.stderr


def test_a_prefix_may_make_a_shell_name_of_a_token(write_sheet: Callable[..., str]) -> None:
    sheet = write_sheet("plugins: {p: {hierarchy: p, mapping: '/{1ST}'}}")
    assert invoke("--sheets", sheet, "resolve", "--format", "env", "--env-prefix", "T", "/a").stdout == "export T1ST='a'\n"
    assert invoke("--sheets", sheet, "resolve", "--format", "env", "--env-prefix", "a b", "/a").stdout.strip() == ""


@pytest.mark.parametrize("texts", [["/jobs/a", "/jobs/b"], ["-"]])
def test_format_env_takes_one_text(ways: Callable[..., Result], texts: list[str]) -> None:
    assert ways("resolve", "--format", "env", *texts, given="/jobs/a\n").exit_code == 2


def test_format_env_of_what_is_not_resolved_prints_nothing(ways: Callable[..., Result]) -> None:
    result = ways("resolve", "--format", "env", "/nothing")
    assert (result.exit_code, result.stdout) == (1, "") and "/nothing" in result.stderr


# --- format, context, tree, sheets


@pytest.mark.platform("linux")
def test_format_writes_the_text(ways: Callable[..., Result]) -> None:
    assert ways("format", "job/shot", "JOB=foo", "SHOT=aa_001").stdout == "/jobs/foo/aa_001\n"
    (record,) = records(ways("format", "--format", "json", "job/shot", "JOB=foo", "SEQ=aa", "NUM=001"))
    assert record == {"text": "/jobs/foo/aa_001", "hierarchy": "job/shot"}


def test_a_value_may_hold_an_equals_sign(ways: Callable[..., Result]) -> None:
    assert ways("format", "spot", "A=a=b", "B=").stdout == ""
    assert ways("format", "spot", "A=a=b", "B==").stdout == "a=b:=\n"


@pytest.mark.parametrize(
    "arguments, exit_code, told",
    [
        (["job/shot", "JOB=foo"], 1, "SEQ, NUM"),
        (["job/shot", "JOB=foo", "SEQ=aa", "NUM=1"], 1, "NUM"),
        (["job/shot", "JOB=foo", "SHOT=aa_001", "NUM=002"], 1, "SHOT"),
        (["job/shot", "JOB=foo", "SHOOT=aa_001"], 1, "Did you mean 'SHOT'?"),
        (["job/shit", "JOB=foo"], 1, "Did you mean 'job/shot'?"),
        (["job/shot", "JOB"], 2, "TOKEN=VALUE"),
        (["job/shot", "=x"], 2, "TOKEN=VALUE"),
        (["job/shot", "JOB=a", "JOB=b"], 2, "given twice"),
    ],
    ids=str,
)
def test_what_can_not_be_formatted_is_told(ways: Callable[..., Result], arguments: list[str], exit_code: int, told: str) -> None:
    result = ways("format", *arguments)
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert told in result.stderr


@pytest.mark.platform("linux")
def test_context_tells_everything_about_a_place(ways: Callable[..., Result]) -> None:
    (record,) = records(ways("context", "--format", "json", "job/shot"))
    assert (record["hierarchy"], record["assignment"], record["mapping"]) == ("job/shot", "", "/jobs/{JOB}/{SHOT}")
    assert [token["name"] for token in record["tokens"]] == ["JOB", "SHOT", "SEQ", "NUM"]
    assert record["tokens"][0]["parse"] == {"regex": "[a-zé]+"}
    assert record["tokens"][1]["mapping"] == "{SEQ}_{NUM}"
    assert record["data"] == {"owner": "td"}
    assert record["platforms"] == ["darwin", "java", "linux", "windows"] and record["path"] is True
    assert [plugin["source"].rpartition("sheet.yml")[2] for plugin in record["plugins"]] == [":2:3", ":8:3"]


@pytest.mark.platform("linux")
def test_context_as_text_shows_the_same(ways: Callable[..., Result], write_sheet: Callable[..., str]) -> None:
    told = ways("context", "job/shot").stdout
    for part in ("job/shot", "/jobs/{JOB}/{SHOT}", "[a-zé]+", "= {SEQ}_{NUM}", "owner: 'td'", "linux", "sheet.yml:8:3"):
        assert part in told
    assert "[xyz]" in ways("context", "job", "--assignment", "xyz").stdout


def test_context_of_a_place_without_a_mapping_says_why(write_sheet: Callable[..., str]) -> None:
    sheet = write_sheet("plugins: {p: {hierarchy: p}}")
    result = invoke("--sheets", sheet, "context", "p")
    assert result.exit_code == 0 and "has no mapping" in result.stdout


def test_an_unknown_place_is_told_with_the_nearest(ways: Callable[..., Result]) -> None:
    for command in ("context", "tree"):
        result = ways(command, "job/shit")
        assert result.exit_code == 1 and "Did you mean 'job/shot'?" in result.stderr


@pytest.mark.platform("linux")
def test_tree_draws_the_places_with_their_mappings(ways: Callable[..., Result]) -> None:
    lines = ways("tree").stdout.splitlines()
    assert [line.split("── ")[-1] for line in lines] == [
        ".", "job  /jobs/{JOB}", "shot  /jobs/{JOB}/{SHOT}", "window  /jobs/{JOB}", "spot  {A}:{B}", "again  {A}:{C}",
    ]
    assert "job" not in ways("tree", "spot").stdout


@pytest.mark.parametrize("width", [12, 20, 24, 30, 40])
def test_tree_cuts_a_long_line_but_never_within_a_token(ways: Callable[..., Result], width: int) -> None:
    whole = [line.split("── ")[-1].partition("  ") for line in ways("tree", "--width", "0").stdout.splitlines()[1:]]
    lines = ways("tree", "--width", str(width)).stdout.splitlines()[1:]
    cut = [line.split("── ")[-1].partition("  ") for line in lines]
    assert len(cut) == len(whole) and all(len(line) <= width for line in lines)
    for (name, _, mapping), (shown, _, end) in zip(whole, cut):
        assert name.startswith(shown.rstrip("…")) and mapping.endswith(end.lstrip("…")) and end.count("{") == end.count("}")


def test_tree_is_as_wide_as_its_lines_where_no_terminal_reads_it(ways: Callable[..., Result]) -> None:
    assert ways("tree").stdout == ways("tree", "--width", "0").stdout == ways("tree", "--width", "200").stdout


def test_tree_in_json_is_nested(ways: Callable[..., Result]) -> None:
    (nodes,) = (json.loads(line) for line in ways("tree", "--format", "json", "job").stdout.splitlines())
    assert [node["hierarchy"] for node in nodes] == ["job"]
    assert [child["hierarchy"] for child in nodes[0]["children"]] == ["job/shot", "job/window"]


def test_sheets_tells_what_was_loaded(ways: Callable[..., Result]) -> None:
    (record,) = records(ways("sheets", "--format", "json"))
    assert record["path"].endswith("sheet.yml")
    assert (record["plugins"], record["problems"], record["readable"]) == (6, [], True)
    result = ways("sheets")
    assert result.exit_code == 0 and "sheet.yml" in result.stdout


# --- problems and exits


@pytest.fixture
def mixed(write_sheet: Callable[..., str], tmp_path: Any) -> str:
    """A folder with a good sheet, one that can't be read, and one with a bad plugin."""
    write_sheet(SHEET, "sheets/good.yml")
    write_sheet("plugins: [\n", "sheets/broken.yml")
    write_sheet("plugins: {one: {hierarchee: x}, two: {hierarchy: two, mapping: '/two/{T}'}}", "sheets/half.yml")
    return str(tmp_path / "sheets")


@pytest.mark.platform("linux")
def test_broken_sheets_are_told_on_stderr_and_good_ones_answer(mixed: str) -> None:
    result = invoke("--sheets", mixed, "resolve", "--format", "json", "/jobs/foo", "/two/x")
    assert result.exit_code == 0 and [record["status"] for record in records(result)] == ["resolved", "resolved"]
    assert "broken.yml:1:10" in result.stderr and "half.yml:1" in result.stderr and "hierarchee" in result.stderr


def test_sheets_tells_each_problem_and_exits_with_1(mixed: str) -> None:
    result = invoke("--sheets", mixed, "sheets", "--format", "json")
    by_name = {record["path"].rpartition("/")[2]: record for record in records(result)}
    assert (result.exit_code, by_name["broken.yml"]["readable"], by_name["half.yml"]["plugins"]) == (1, False, 1)
    assert by_name["good.yml"]["problems"] == [] and by_name["half.yml"]["problems"]
    assert "broken.yml" in result.stderr


def test_no_sheet_that_can_be_read_exits_with_2(write_sheet: Callable[..., str]) -> None:
    result = invoke("--sheets", write_sheet("plugins: ["), "resolve", "/jobs/foo")
    assert result.exit_code == 2 and "No sheet could be read" in result.stderr and "sheet.yml:1" in result.stderr


def test_no_sheet_at_all_exits_with_2(tmp_path: Any) -> None:
    assert invoke("--sheets", str(tmp_path / "nothing.yml"), "tree").exit_code == 2
    assert invoke("--sheets", str(tmp_path), "tree").exit_code == 2
    result = invoke("tree")
    assert result.exit_code == 2 and "WAYS_DESCRIPTORS" in result.stderr


def test_no_sheet_anywhere_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.delenv("WAYS_DESCRIPTORS")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    result = invoke("tree")
    assert result.exit_code == 2 and "--sheets PATH" in result.stderr


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["resolv", "x"], "Did you mean 'resolve'?"),
        (["resolve"], "TEXT"),
        (["resolve", "--format", "yaml", "x"], "yaml"),
        (["--format", "env", "tree"], "this command writes text, json"),
        (["tree", "--format", "env"], "env"),
        (["--platform", "lunix", "resolve", "x"], "darwin, java, linux, windows"),
        (["resolve", "--platform", "lunix", "x"], "lunix"),
        (["resolve", "--no-such-option", "x"], "--no-such-option"),
        (["format"], "HIERARCHY"),
        (["tree", "a", "b"], "b"),
        (["--trust"], "Missing command"),
    ],
    ids=str,
)
def test_wrong_usage_exits_with_2(ways: Callable[..., Result], arguments: list[str], told: str) -> None:
    result = ways(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_a_suggestion_is_made_once(ways: Callable[..., Result]) -> None:
    assert ways("resolv").stderr.count("ean") == 1


def test_version_is_told() -> None:
    assert invoke("--version").stdout == f"ways, version {__version__}\n"


def test_cache_tells_of_the_store_and_clears_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_CACHE", "1")
    monkeypatch.setattr("ways.sources.loader.cache_folder", lambda environ: str(tmp_path / "cache"))
    sheet = tmp_path / "job.yml"
    sheet.write_text("plugins: {job: {hierarchy: job, mapping: /jobs}}", encoding="utf-8")
    run = CliRunner().invoke
    assert run(main, ["--sheets", str(sheet), "context", "job"]).exit_code == 0
    assert json.loads(run(main, ["cache", "info", "--format", "json"]).output)["entries"] == 1
    assert json.loads(run(main, ["cache", "clear", "--format", "json"]).output) == {"removed": 2}
    assert "entries: 0\n" in run(main, ["cache", "info"]).output


PLATFORMS = """
    globals: {syntax: 2, path: true}
    plugins:
      win: {hierarchy: job, mapping: 'X:/jobs/{JOB}', platforms: windows}
      lin: {hierarchy: job, mapping: '/jobs/{JOB}', platforms: linux}
      mac: {hierarchy: job, mapping: '/Volumes/jobs/{JOB}', platforms: darwin}
"""


@pytest.mark.parametrize(
    "line, output",
    [
        ("--to windows /jobs/a", "X:\\jobs\\a\n"),
        ("--to linux x:/jobs/a", "/jobs/a\n"),
        ("--to windows --from darwin /Volumes/jobs/a", "X:\\jobs\\a\n"),
        ("--to windows --context job /Volumes/jobs/a", "X:\\jobs\\a\n"),
        ("--platform windows --to darwin x:\\jobs/a", "/Volumes/jobs/a\n"),
    ],
)
def test_a_path_of_any_platform_is_translated(write_sheet, line: str, output: str) -> None:
    result = invoke("--sheets", write_sheet(PLATFORMS), "resolve", *line.split(" "))
    assert (result.exit_code, result.stdout) == (0, output)


def test_a_path_of_windows_is_read_with_either_separator(write_sheet) -> None:
    line = ["--sheets", write_sheet(PLATFORMS), "resolve", "--platform", "windows", "--format", "json", "-"]
    result = CliRunner().invoke(main, line, input="x:/jobs/a\n")
    assert json.loads(result.stdout)["values"] == {"JOB": "a"}


@pytest.mark.platform("linux")
def test_an_unresolved_path_names_its_platform(write_sheet) -> None:
    result = invoke("--sheets", write_sheet(PLATFORMS), "resolve", "x:/jobs/a")
    assert result.exit_code == 1 and "On windows it fits 'job'." in result.stderr


@pytest.mark.parametrize("line", ["--from linux /jobs/a", "--from linx --to linux /jobs/a", "--from linux --to linx /jobs/a"])
def test_a_wrong_platform_to_read_is_wrong_usage(write_sheet, line: str) -> None:
    assert invoke("--sheets", write_sheet(PLATFORMS), "resolve", *line.split(" ")).exit_code == 2


def test_find_names_the_extra_that_sequences_need(tmp_path: Path, write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fileseq", None)
    mapping = f"{tmp_path.as_posix()}/{{F}}.exr"
    sheet = write_sheet(f"plugins: {{f: {{hierarchy: f, mapping: '{mapping}', mapping_details: {{F: {{sequence: true}}}}}}}}")
    for number in ("1001", "1002"):
        (tmp_path / f"{number}.exr").touch()
    result = invoke("--sheets", sheet, "find", "f", "--sequences")
    assert result.exit_code == 1
    assert result.stderr == "ways: Frame ranges need the package fileseq: pip install 'ways-resolver[sequences]'.\n"
    assert "pip install 'ways-resolver[sequences]'" in CliRunner().invoke(main, ["find", "--help"], env={"COLUMNS": "80"}).stdout


VARIANTS = """
globals: {syntax: 2}
plugins:
  show: {hierarchy: show, mapping: '/mnt/{SHOW}/{B}', data: {fps: 24, res: hd}, mapping_details: {B: {parse: {regex: '[0-9]'}}}}
  owl: {hierarchy: show, when: {SHOW: owl}, data: {fps: 25}, mapping_details: {B: {parse: {regex: '[a-z]'}}}}
"""


def test_a_variant_is_told_with_the_data_and_tokens_that_it_has_otherwise(write_sheet: Callable[..., str]) -> None:
    sheet = write_sheet(VARIANTS)
    text = CliRunner().invoke(main, ["--sheets", sheet, "context", "show"]).stdout
    lines = [line.strip() for line in text.partition("variants")[2].splitlines()]
    assert lines[1:] == ["/mnt/{SHOW}/{B}", "B  regex [a-z]", "fps: 25"] and lines[0].endswith("owl at show when SHOW is owl")
    record = json.loads(CliRunner().invoke(main, ["--sheets", sheet, "context", "show", "--format", "json"]).stdout)
    [variant] = record["variants"]
    assert variant["data"] == {"fps": 25, "res": "hd"}
    assert [token["parse"] for token in variant["tokens"]] == [{}, {"regex": "[a-z]"}]
