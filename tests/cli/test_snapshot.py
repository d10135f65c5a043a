"""``ways snapshot`` and ``--snapshot``: each command answers from the file as from the sheets, or says why it can't."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ways.cli.complete import answer
from ways.cli.main import main

FILM = Path(__file__).resolve().parents[2] / "plugin_sheets" / "film"
SHOT = "/mnt/projects/dune/sequences/arr/arr_0100"

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("WAYS_PLATFORM", "linux")

    def invoke(*arguments: str, **more: Any) -> Result:
        return CliRunner().invoke(main, arguments, **more)

    return invoke


@pytest.fixture
def file(run: Run, tmp_path: Path) -> Path:
    result = run("--sheets", str(FILM), "snapshot", str(tmp_path / "shot.ways"), "--format", "json")
    record = json.loads(result.stdout)
    assert (result.exit_code, record["sheets"], record["left_out"], record["bytes"]) == (0, 12, [], (tmp_path / "shot.ways").stat().st_size)
    return tmp_path / "shot.ways"


@pytest.mark.parametrize(
    "command",
    [
        ("resolve", SHOT), ("resolve", "/no/such", SHOT, "--format", "json"), ("resolve", SHOT, "--to", "windows"), ("resolve", "-"),
        ("format", "job", "JOB=dune"), ("format", "job", "JOB=A"), ("find", "job"), ("context", "job/sequence/shot", "--format", "json"),
        ("tree",), ("tree", "--format", "json"), ("explain", "job/sequence/shot"), ("explain", "--path", SHOT), ("explain", "job:mapping"),
        ("sheets",), ("sheets", "--format", "json"), ("--platform", "windows", "tree"), ("--priority", "master", "context", "job"),
        ("resolve", SHOT, "--format", "env"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_each_command_answers_as_from_the_sheets(run: Run, file: Path, command: tuple[str, ...]) -> None:
    texts = f"{SHOT}\n/no\n"
    expected = run("--sheets", str(FILM), *command, input=texts)
    found = run("--snapshot", str(file), *command, input=texts)
    told = found.stderr.replace(f"--snapshot {file}", f"--sheets {FILM}")
    # Where the platform and the layers were set is another thing than what they are.
    outputs = [re.sub(r".*── WAYS_P.*\n", "", result.stdout) for result in (found, expected)]
    assert (found.exit_code, outputs[0], told) == (expected.exit_code, outputs[1], expected.stderr)


def test_uses_and_report_answer_too(run: Run, file: Path, tmp_path: Path) -> None:
    line = f"{sorted(FILM.glob('*.yml'))[0]}:5"
    assert run("--snapshot", str(file), "uses", line).stdout == run("--sheets", str(FILM), "uses", line).stdout != ""
    for name, given in (("a", ("--sheets", str(FILM))), ("b", ("--snapshot", str(file)))):
        assert run(*given, "report", str(tmp_path / f"{name}.html")).exit_code == 0
    assert abs((tmp_path / "a.html").stat().st_size - (tmp_path / "b.html").stat().st_size) < 500


def test_commands_that_read_sheets_say_so(run: Run, file: Path) -> None:
    for command in (("check",), ("diff", str(FILM), str(FILM))):
        result = run("--snapshot", str(file), *command)
        assert result.exit_code == 2 and "--snapshot" in result.stderr, command


def test_a_variable_that_names_no_snapshot_is_told_of_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_SNAPSHOT", "/nowhere")
    for command in ((), ("doctor",), ("tree",), ("check",)):
        result = run(*command)
        assert result.exit_code == 2 and "WAYS_SNAPSHOT" in result.stderr, command
    assert run("check", str(FILM)).exit_code == run("diff", str(FILM), str(FILM)).exit_code == 0


def test_the_doctor_names_the_file(run: Run, file: Path) -> None:
    result = run("--snapshot", str(file), "doctor", "--format", "json")
    assert result.exit_code == 0
    expected = {"path": str(file), "from": "--snapshot", "found": True, "sheets": 12, "plugins": 58}
    assert json.loads(result.stdout)["search_paths"] == [expected]


def test_the_option_goes_before_the_variable_and_that_before_sheets(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_SNAPSHOT", "/nowhere")
    assert run("--snapshot", str(file), "resolve", SHOT).exit_code == 0
    missing = run("resolve", SHOT)
    assert missing.exit_code == 2 and missing.stderr.startswith("ways: WAYS_SNAPSHOT /nowhere: the snapshot is refused: No such file")
    monkeypatch.setenv("WAYS_SNAPSHOT", str(file))
    monkeypatch.setenv("WAYS_DESCRIPTORS", "/nowhere")
    assert run("resolve", SHOT).exit_code == 0


def test_sheets_and_a_snapshot_are_an_error(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = run("--snapshot", str(file), "--sheets", str(FILM), "tree")
    assert both.exit_code == 2 and "--snapshot and --sheets are both given" in both.stderr
    monkeypatch.setenv("WAYS_SNAPSHOT", str(file))
    both = run("--sheets", str(FILM), "tree")
    assert both.exit_code == 2 and "or unset WAYS_SNAPSHOT" in both.stderr


def test_a_file_that_is_there_needs_force(run: Run, file: Path) -> None:
    before = file.read_bytes()
    refused = run("--sheets", str(FILM), "snapshot", str(file))
    assert refused.exit_code == 2 and "--force" in refused.stderr and file.read_bytes() == before
    assert run("--sheets", str(FILM), "snapshot", str(file), "--force").exit_code == 0 and file.read_bytes() == before
    assert run("--sheets", str(FILM), "snapshot", "/nowhere/shot.ways").exit_code == 2


def test_what_a_file_cant_hold_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "from ways.api import Action, add_action\nadd_action(lambda context: 1, 'render', 'job')\n"
    (tmp_path / "more.py").write_text(code, encoding="utf-8")
    monkeypatch.setenv("WAYS_DESCRIPTORS", str(FILM))
    monkeypatch.setenv("WAYS_PLUGINS", str(tmp_path / "more.py"))
    refused = run("snapshot", str(tmp_path / "a.ways"))
    assert refused.exit_code == 1 and "the action render of job" in refused.stderr and not (tmp_path / "a.ways").exists()
    kept = run("snapshot", str(tmp_path / "a.ways"), "--leave-out")
    assert kept.exit_code == 0 and kept.stderr.startswith("left out: the action render of job")


def test_completion_answers_from_it(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    items = answer.items(["--snapshot", "shot.ways", "context"], "job/seq")
    assert items and items[0].value.startswith("job/sequence")
    assert answer.items(["--snapshot", "none.ways", "context"], "job/seq") == []
