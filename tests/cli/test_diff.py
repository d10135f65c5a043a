"""``ways diff`` and ``ways schema``, inside this process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ways.api import get_sheet_schema, get_sheet_schema_path
from ways.cli.main import main

OLD = """\
plugins:
  job: {hierarchy: job, mapping: '/jobs/{JOB}', data: {fps: 24, note: '24'}}
  shot: {hierarchy: job/shot, mapping: '/jobs/{JOB}/{SHOT}'}
  night: {hierarchy: job, when: {JOB: dune}, data: {fps: 48}}
  client: {hierarchy: job, assignment: client, data: {fps: 30}}
"""


def invoke(*arguments: str, given: Any = None) -> Result:
    result = CliRunner().invoke(main, arguments, input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def diff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command on the sheet above and on itself after some replacements: ``diff(("24", "25"), "--format", "json")``."""
    monkeypatch.chdir(tmp_path)

    def run(*parts: tuple[str, str] | str, given: Any = None) -> Result:
        new = OLD
        for part in parts:
            new = new if isinstance(part, str) else new.replace(*part)
        Path("old.yml").write_text(OLD, encoding="utf-8")
        Path("new.yml").write_text(new, encoding="utf-8")
        return invoke("diff", "old.yml", "new.yml", *(part for part in parts if isinstance(part, str)), given=given)

    return run


Diff = Callable[..., Result]


def test_nothing_is_written_where_nothing_moved(diff: Diff) -> None:
    result = diff()
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_what_moved_is_told_by_place_with_both_lines(diff: Diff) -> None:
    result = diff(("/jobs/{JOB}/{SHOT}", "/jobs/{JOB}/shots/{SHOT}"))
    assert result.exit_code == 1
    assert result.stdout == (
        "~ job/shot\n"
        "  - mapping: /jobs/{JOB}/{SHOT}        old.yml:3:31\n"
        "  + mapping: /jobs/{JOB}/shots/{SHOT}  new.yml:3:31\n"
    )


def test_texts_are_told_apart_from_what_they_look_like(diff: Diff) -> None:
    lines = diff(("'24'", "null"), ("fps: 24", "fps: ' x'")).stdout.splitlines()
    assert [line.split("  ")[1] for line in lines[1:5]] == ["- data.fps: 24", '+ data.fps: " x"', '- data.note: "24"', "+ data.note: null"]


def test_characters_that_move_the_cursor_are_written_as_names(diff: Diff) -> None:
    result = diff(("'24'", '"\\e[2J\\a"'))
    assert "\x1b" not in result.stdout and '+ data.note: "\\u001b[2J\\u0007"' in result.stdout


def test_places_that_come_and_go_are_marked(diff: Diff) -> None:
    result = diff(("hierarchy: job/shot,", "hierarchy: job/scene,"))
    headings = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert headings == ["+ job/scene", "+ job/scene when JOB is dune", "- job/shot", "- job/shot when JOB is dune"]


def test_layers_and_conditions_stand_in_the_heading(diff: Diff) -> None:
    result = diff(("30", "31"), ("48", "50"))
    headings = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert headings == ["~ job when JOB is dune", "~ job [client]", "~ job/shot when JOB is dune"]


def test_what_a_condition_shares_with_the_whole_is_told_once(diff: Diff) -> None:
    result = diff(("'24'", "x"))
    assert result.stdout.count("data.note") == 4 and " when " not in result.stdout


MANY = "".join(f"  p{number}: {{hierarchy: '{{root}}/p{number}', mapping: '{{root}}/{number}', uses: [job]}}\n" for number in range(8))


def test_what_one_line_moves_in_many_places_is_drawn_once(diff: Diff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "OLD", OLD.partition("  shot")[0] + MANY)
    lines = diff(("'/jobs/{JOB}'", "'/work/{JOB}'")).stdout.splitlines()
    assert lines == [
        "~ new.yml:2 changes 9 places: job, job/p0, job/p1, job/p2, job/p3 and 4 more; --all lists each",
        "  - mapping of job: /jobs/{JOB}  old.yml:2:25",
        "  + mapping of job: /work/{JOB}  new.yml:2:25",
    ]
    everything = diff(("'/jobs/{JOB}'", "'/work/{JOB}'"), "--all").stdout
    assert everything.count("~ ") == 9 and "changes" not in everything
    assert len(diff(("'/jobs/{JOB}'", "'/work/{JOB}'"), "--format", "json").stdout.splitlines()) == 9


def test_no_option_is_named_that_would_list_no_more(diff: Diff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "OLD", OLD.partition("  shot")[0] + "".join(MANY.splitlines(keepends=True)[:4]))
    first, *_ = diff(("fps: 24", "fps: 25")).stdout.splitlines()
    assert first == "~ new.yml:2 changes 5 places: job, job/p0, job/p1, job/p2, job/p3"


def test_what_moves_for_another_cause_is_drawn_by_itself(diff: Diff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "OLD", OLD.partition("  shot")[0] + MANY)
    text = diff(("fps: 24", "fps: 25"), ("'{root}/3'", "'{root}/three'")).stdout
    assert "changes 9 places" in text and "- data.fps: 24" in text
    assert "~ job/p3\n  - mapping: /jobs/{JOB}/3 " in text


def test_json_is_one_document_a_line(diff: Diff) -> None:
    records = [json.loads(line) for line in diff(("30", "31"), "--format", "json").stdout.splitlines()]
    assert records == [
        {
            "kind": "context",
            "hierarchy": "job",
            "assignment": "client",
            "change": "changed",
            "when": {},
            "fields": [
                {
                    "field": "data.fps",
                    "change": "changed",
                    "old": 30,
                    "new": 31,
                    "old_source": "old.yml:5:55",
                    "new_source": "new.yml:5:55",
                }
            ],
        }
    ]


@pytest.mark.parametrize("null", [False, True], ids=["lines", "NUL"])
@pytest.mark.parametrize("name", ["-", "paths.txt"])
def test_paths_are_read_from_a_file_or_standard_input(diff: Diff, tmp_path: Path, name: str, null: bool) -> None:
    end = "\0" if null else "\n"
    given = end.join(["/jobs/dune", "/jobs/dune/sh_010", "/nothing"]) + end
    (tmp_path / "paths.txt").write_text(given, encoding="utf-8")
    options = ["--paths", name, *(["-0"] if null else [])]
    result = diff(("{JOB}/{SHOT}", "{JOB}/{SEQ}_{SHOT}"), *options, given=given)
    assert result.exit_code == 1 and result.stdout.endswith(
        "~ /jobs/dune/sh_010\n"
        "  - job/shot: JOB=dune, SHOT=sh_010       old.yml:3:31\n"
        "  + job/shot: JOB=dune, SEQ=sh, SHOT=010  new.yml:3:31\n"
        "3 paths: 1 resolves differently, 1 stays the same, 1 resolves on neither side\n"
    )


@pytest.mark.parametrize("name", ["-", "paths.txt"])
def test_lists_as_programs_on_windows_write_them_are_lists_of_the_same_paths(diff: Diff, tmp_path: Path, name: str) -> None:
    given = b"\xef\xbb\xbf/jobs/dune/sh_010\r\n/jobs/dune/sh_020\r\n/jobs/dune/sh_030\r\n/jobs/dune/sh_040"
    (tmp_path / "paths.txt").write_bytes(given)
    result = diff(("{JOB}/{SHOT}", "{JOB}/x_{SHOT}"), "--paths", name, given=given)
    assert result.stdout.endswith("\n4 paths: 4 no longer resolve\n") and result.stderr == ""


def test_a_carriage_return_before_a_nul_is_part_of_a_path(diff: Diff) -> None:
    result = diff(("{JOB}/{SHOT}", "{JOB}/x_{SHOT}"), "--paths", "-", "-0", given="\ufeff/jobs/dune\0/jobs/dune/sh_010\r\0")
    assert "No place fits '/jobs/dune/sh_010\\r'." in result.stdout
    assert result.stdout.endswith("2 paths: 1 no longer resolves, 1 resolves on neither side\n")


def test_paths_that_change_nothing_are_counted(diff: Diff) -> None:
    result = diff("--paths", "-", given="/jobs/dune\n" * 1200)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "1,200 paths: 1,200 stay the same\n", "")
    assert diff("--paths", "-", given="").stdout == "0 paths\n"


@pytest.mark.parametrize(
    "good, bad, told",
    [
        (0, 1, "1 of 1 path resolves on neither side; the first is '/Volumes/jobs/0'."),
        (2, 38, "38 of 40 paths resolve on neither side; the first is '/Volumes/jobs/0'."),
        (3, 38, ""),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_list_of_other_sheets_is_warned_of(diff: Diff, form: str, good: int, bad: int, told: str) -> None:
    given = "".join(["/jobs/dune\n"] * good + [f"/Volumes/jobs/{number}\n" for number in range(bad)])
    result = diff("--paths", "-", "--format", form, given=given)
    assert result.exit_code == 0 and result.stderr.startswith(f"warning: {told}" if told else "") and bool(result.stderr) == bool(told)


def test_paths_in_json_are_documents_of_their_own(diff: Diff) -> None:
    result = diff(("{JOB}/{SHOT}", "{JOB}/x_{SHOT}"), "--paths", "-", "--format", "json", given="/jobs/dune/sh_010\n")
    record, counts = map(json.loads, result.stdout.splitlines()[-2:])
    assert counts == {
        "kind": "counts", "total": 1, "removed": 1, "added": 0, "changed": 0, "untold": 0, "same": 0, "unresolved": 0,
    }  # fmt: skip
    assert (record["kind"], record["change"], record["old"]["status"], record["new"]["status"]) == (
        "path", "removed", "resolved", "unresolved"
    )  # fmt: skip


def test_an_unresolved_path_says_why(diff: Diff) -> None:
    result = diff(("{JOB}/{SHOT}", "{JOB}/x_{SHOT}"), "--paths", "-", given="/jobs/dune/sh_010\n")
    assert "- /jobs/dune/sh_010\n" in result.stdout and "  + unresolved: No place fits" in result.stdout
    assert "'.\n  + would be: /jobs/dune/x_sh_010\n1 path: " in result.stdout


@pytest.mark.parametrize("option, count", [("--platform", 1), ("--priority", 1), ("--assignment", 1)])
def test_options_say_in_which_world_to_look(diff: Diff, option: str, count: int) -> None:
    value = {"--platform": "windows", "--priority": "master:client", "--assignment": "client"}[option]
    result = diff(("30", "31"), option, value)
    assert result.exit_code == 1 and result.stdout.count("+ data.fps: 31") == (2 if option == "--priority" else count)


def test_problems_go_to_standard_error(diff: Diff) -> None:
    result = diff(("/jobs/{JOB}/{SHOT}'", "/jobs/{JOB}/{SHOT}', maping: x"))
    assert (result.exit_code, result.stdout) == (0, "") and "warning: new.yml:3" in result.stderr


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["old.yml"], "Missing argument 'NEW'"),
        (["old.yml", "nowhere"], "nowhere: no sheet could be read"),
        (["old.yml", "broken.yml"], "broken.yml:1:10"),
        (["HEAD:old.yml", "old.yml"], "in no git repository"),
        (["old.yml", "old.yml", "--paths", "nowhere"], "'nowhere' does not exist"),
        (["old.yml", "old.yml", "--platform", "amiga"], "--platform amiga"),
        (["old.yml", "old.yml", "--format", "env"], "'env'"),
        (["old.yml", "old.yml", "--sheets", "old.yml"], "takes its sheets as arguments"),
    ],
    ids=lambda part: str(part)[:30],
)
def test_wrong_usage_and_what_cannot_be_read_is_exit_2(diff: Diff, tmp_path: Path, arguments: list[str], told: str) -> None:
    diff()
    (tmp_path / "broken.yml").write_text("plugins: [", encoding="utf-8")
    result = invoke("diff", *arguments)
    assert result.exit_code == 2 and told in result.stderr and result.stdout == ""


@pytest.mark.skipif(shutil.which("git") is None, reason="the program git is not installed")
def test_a_trusted_python_sheet_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sources.test_git import Repository

    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Tester")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "tester@example.com")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    repository = Repository(tmp_path / "repository")
    repository.write("sheets/job.py", "plugins = {'job': {'hierarchy': 'job'}}\n")
    repository.commit("/x/{X}")
    monkeypatch.chdir(repository.path)
    result = invoke("diff", "HEAD:sheets", "sheets")
    assert result.exit_code == 0 and "error: HEAD:sheets/job.py" in result.stderr
    assert "error" not in invoke("diff", "HEAD:sheets", "sheets", "--trust").stderr


# --- schema


def test_the_schema_is_written_as_json() -> None:
    assert json.loads(invoke("schema").stdout) == get_sheet_schema()


def test_the_schema_that_is_written_is_the_shipped_one() -> None:
    assert invoke("schema").stdout == Path(get_sheet_schema_path()).read_text(encoding="utf-8")


def test_the_place_of_the_schema_is_told() -> None:
    assert invoke("schema", "--path").stdout == f"{get_sheet_schema_path()}\n"
