"""``ways dioptra``: what it writes for people and for programs, and with which code it exits."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as tree
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from systems.dioptra.weather_tree import GRAPH, INPUT_TOML, STEPS, weather

from ways.cli.complete import answer
from ways.cli.draw import graphs
from ways.cli.main import main

SVG = "{http://www.w3.org/2000/svg}"


def ways(path: Path, *arguments: str) -> Any:
    """Run a command on a resource file."""
    return CliRunner().invoke(main, ["--sheets", str(path), "dioptra", *arguments], env={"COLUMNS": "200"})


# validate


def test_valid_entrypoints(tmp_path: Path) -> None:
    done = ways(weather(tmp_path), "validate")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "Day: valid\n", "")


def test_mistakes_stand_at_their_lines_and_once(tmp_path: Path) -> None:
    done = ways(weather(tmp_path, graph=GRAPH.replace("$up,", "$uq,")), "validate", "Day")
    assert done.exit_code == 1 and done.stderr == ""
    first, last = done.stdout.splitlines()
    assert first.startswith(f"error: {tmp_path / 'graphs/day.yaml'}:7:") and "'$uq'" in first and last == "Day: 1 error"


def test_a_mistake_of_one_of_two_entrypoints_with_one_graph_stands_once(tmp_path: Path) -> None:
    path = weather(tmp_path, toml=f'{INPUT_TOML}\n[[entrypoints]]\npath = "graphs/day.yaml"\nname = "Night"\nplugins = ["weather"]\n')
    done = ways(path, "validate")
    lines = (done.stdout + done.stderr).splitlines()
    assert [line for line in lines if not line.startswith("error: ")] == ["Day: valid", "Night: 4 errors"] and len(lines) == 6


def test_mistakes_for_programs(tmp_path: Path) -> None:
    done = ways(weather(tmp_path, graph=GRAPH.replace("$up,", "$uq,")), "validate", "--format", "json")
    [record] = json.loads(done.stdout)
    assert done.exit_code == 1 and record["entrypoint"] == "Day" and record["valid"] is False
    assert record["issues"][0]["line"] == 7 and record["issues"][0]["code"] == "unknown-reference"


def test_errors_of_the_sheets_count_too(tmp_path: Path) -> None:
    done = ways(weather(tmp_path, steps=STEPS.replace("def warmer", "def warner")), "validate")
    assert done.exit_code == 1 and done.stdout == "Day: valid\n" and "error: " in done.stderr and "'warmer'" in done.stderr


@pytest.mark.parametrize("arguments", [["validate"], ["plan", "Day"], ["run", "Day", "--trust"]])
def test_one_layer_can_not_be_named(tmp_path: Path, arguments: list[str]) -> None:
    done = ways(weather(tmp_path), *arguments, "--assignment", "master")
    assert done.exit_code == 2 and done.stdout == "" and "--priority" in done.stderr


def test_sheets_without_entrypoints(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("plugins: {a: {hierarchy: a}}", encoding="utf-8")
    done = ways(tmp_path / "a.yml", "validate")
    assert done.exit_code == 2 and "no Dioptra entrypoint" in done.stderr


@pytest.mark.parametrize("command", ["validate", "plan", "run"])
def test_a_misspelt_entrypoint(tmp_path: Path, command: str) -> None:
    done = ways(weather(tmp_path), command, "Dya")
    assert done.exit_code == 1 and done.stderr == "ways: There is no entrypoint 'Dya'. Did you mean 'Day'?\n" and not done.stdout
    done = ways(weather(tmp_path), command, "Night")
    assert done.exit_code == 1 and done.stderr == "ways: There is no entrypoint 'Night'. There is 'Day'.\n"


# plan


def test_a_plan_is_a_tree(tmp_path: Path) -> None:
    done = ways(weather(tmp_path), "plan", "Day")
    assert done.exit_code == 0 and done.stdout == """\
Day
├── parameters
│   ├── line = "Oslo = 4"
│   ├── step = 2.0
│   └── mark (no value)
├── steps
│   ├── read: parse("Oslo = 4")
│   ├── up: warmer($read.degrees, by=2.0)
│   └── told: report(place=$read.place, degrees=$up, marks=["$mark", "$$literal", 3])
└── artifacts
    └── saved: Json($told.report, indent=0)
"""


def test_a_plan_for_programs(tmp_path: Path) -> None:
    record = json.loads(ways(weather(tmp_path), "plan", "Day", "mark=x", "--format", "json").stdout)
    assert [step["name"] for step in record["steps"]] == ["read", "up", "told"] and record["parameters"]["mark"] == "x"


def test_a_plan_says_what_waits_without_taking_anything(tmp_path: Path) -> None:
    done = ways(weather(tmp_path, graph=GRAPH + "    dependencies: []\n  last: {parse: x=1, dependencies: [told, up]}\n"), "plan", "Day")
    assert 'last: parse("x=1") after told, up' in done.stdout


def test_a_plan_in_the_language_of_graphviz(tmp_path: Path) -> None:
    lines = ways(weather(tmp_path), "plan", "Day", "--format", "dot").stdout.splitlines()
    assert lines[0] == 'digraph "Day" {' and lines[-1] == "}"
    assert '  n0 [label="read\\nparse"];' in lines and "  n0 -> n1;" in lines and "  n2 -> n3;" in lines


def test_a_plan_as_a_picture(tmp_path: Path) -> None:
    picture = tree.fromstring(ways(weather(tmp_path), "plan", "Day", "--format", "svg").stdout)
    texts = [item.text for item in picture.iter(f"{SVG}text")]
    assert texts == ["read", "parse", "up", "warmer", "told", "report", "saved", "Json"]
    assert len(list(picture.iter(f"{SVG}path"))) == 1 + 4


def record_of(steps: dict[str, list[str]]) -> dict[str, Any]:
    """Return the record of a plan that has these steps, each with those before it."""
    plain = {"task": "t", "artifact_inputs": [], "args": [], "kwargs": {}}
    written = [{"name": name, "after": after, **plain} for name, after in steps.items()]
    return {"entrypoint": "<&\x1b", "parameters": {}, "missing": [], "steps": written, "artifacts": [], "artifact_inputs": {"in": ["a"]}}


def test_no_box_of_a_picture_lies_on_another_or_above_what_comes_before_it() -> None:
    steps = {str(number): [str(other) for other in range(number) if (number + other) % 7 == 0] for number in range(30)}
    picture = tree.fromstring(graphs.svg(record_of(steps)))
    texts = [item.text for item in picture.iter(f"{SVG}text")][::2]
    boxes = [tuple(float(item.attrib[key]) for key in ("x", "y", "width")) for item in picture.iter(f"{SVG}rect") if "x" in item.attrib]
    place = dict(zip(texts, boxes))
    assert len(place) == 31 and all(place[before][1] < place[name][1] for name, after in steps.items() for before in after)
    rows: dict[float, list[tuple[float, float]]] = {}
    for x, y, width in boxes:
        rows.setdefault(y, []).append((x, x + width))
    assert all(first[1] < second[0] for row in rows.values() for first, second in zip(sorted(row), sorted(row)[1:]))


def test_names_can_do_no_harm_in_a_picture() -> None:
    record = record_of({'<script>"\x1b\n': []})
    picture = tree.fromstring(graphs.svg(record))
    assert "<script>" in {(item.text or "")[:8] for item in picture.iter(f"{SVG}text")} and not list(picture.iter("script"))
    assert graphs.dot(record).count("\n") == 4 and "\x1b" not in graphs.dot(record) + graphs.svg(record)


# run


def test_a_run_writes_a_line_for_each_step(tmp_path: Path) -> None:
    done = ways(weather(tmp_path), "run", "Day", "mark=hot", "--trust", "--folder", str(tmp_path / "out"))
    assert done.exit_code == 0
    assert re.sub(r"\d\.\d\d s", "N s", done.stdout).splitlines() == [
        "done     read  parse  N s", "  read.place = Oslo", "  read.degrees = 4.0", "done     up  warmer  N s", "  up.degrees = 6.0",
        "done     told  report  N s", '  told.report = {"text": "Oslo: 6", "marks": ["hot", "$literal", 3]}',
        f"saved: {tmp_path / 'out' / 'saved.json'}", "Day: 3 of 3 steps done in N s",
    ]  # fmt: skip
    where = f"{tmp_path / 'graphs/day.yaml'}:12:3: the step 'read'"
    assert done.stderr == f"warning: {where}: The task returned 3 values, where 2 are expected: the others were dropped.\n"


def test_a_run_for_programs_is_a_line_for_each_event(tmp_path: Path) -> None:
    done = ways(weather(tmp_path), "run", "Day", "mark=hot", "--trust", "--format", "json", "--folder", str(tmp_path / "out"))
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events] == ["plan", *["step"] * 6, "end"]
    assert [event["state"] for event in events[1:]] == [*["running", "done"] * 3, "done"]
    assert events[4]["outputs"] == {"degrees": 6.0} and events[-1]["files"] == {"saved": str(tmp_path / "out" / "saved.json")}


def test_a_step_that_fails(tmp_path: Path) -> None:
    done = ways(weather(tmp_path), "run", "Day", "mark=hot", "line=nonsense", "--trust")
    assert done.exit_code == 1 and done.stdout.splitlines()[-1].startswith("Day: 0 of 3 steps done in ")
    assert [line.split()[:2] for line in done.stdout.splitlines()[:3]] == [["failed", "read"], ["skipped", "up"], ["skipped", "told"]]
    assert "day.yaml:12:3: the step 'read' failed in its task 'parse': ValueError" in done.stderr


def test_a_step_that_fails_for_programs(tmp_path: Path) -> None:
    done = ways(weather(tmp_path), "run", "Day", "mark=hot", "line=nonsense", "--trust", "--format", "json")
    end = json.loads(done.stdout.splitlines()[-1])
    assert done.exit_code == 1 and (end["state"], end["error"]["class"]) == ("failed", "StepError")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mark=hot"], "runs only if you trust it: trust=True, or --trust"),
        (["--trust"], "the entrypoint 'Day': no value for mark; give it as mark=VALUE."),
        (["--trust", "mark=1", "step=x"], "The value 'x' does not fit the token step (a number)"),
        (["--dry-run"], "no value for mark"),
    ],
)
def test_a_run_that_is_refused_writes_no_answer(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = ways(weather(tmp_path, steps=STEPS + "\nraise SystemExit('I was run')\n"), "run", "Day", *arguments)
    assert done.exit_code == 1 and done.stdout == "" and words in done.stderr


@pytest.mark.parametrize(
    "arguments", [["mark"], ["mark=1", "mark=2"], ["--artifact", "x"], ["--artifact", "x=y"], ["--timeout", "-1"], ["--folder"]]
)
def test_wrong_usage(tmp_path: Path, arguments: list[str]) -> None:
    done = ways(weather(tmp_path), "run", "Day", *arguments)
    assert done.exit_code == 2 and done.stdout == ""


def test_an_empty_folder_is_not_the_current_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = weather(tmp_path / "sheets")
    monkeypatch.chdir(tmp_path)
    done = ways(path, "run", "Day", "mark=x", "--trust", "--folder", "")
    assert done.exit_code == 2 and done.stdout == "" and "--folder is empty" in done.stderr
    assert [item.name for item in tmp_path.iterdir()] == ["sheets"]


def test_a_dry_run_is_a_plan(tmp_path: Path) -> None:
    path = weather(tmp_path, steps=STEPS + "\nraise SystemExit('I was run')\n")
    assert ways(path, "run", "Day", "mark=x", "--dry-run").stdout == ways(path, "plan", "Day", "mark=x").stdout


def test_an_artifact_is_given(tmp_path: Path) -> None:
    path = weather(tmp_path, toml=INPUT_TOML, graph="graph:\n  read:\n    parse: $earlier\n")
    (tmp_path / "in.json").write_text('"Rome = 3"', encoding="utf-8")
    given = f"earlier=Json:{tmp_path / 'in.json'}"
    done = ways(path, "run", "Day", "mark=x", "--trust", "--artifact", given)
    assert done.exit_code == 0 and "read.place = Rome" in done.stdout
    done = ways(path, "run", "Day", "mark=x", "--trust")
    assert done.exit_code == 1 and "the artifact input 'earlier' was not given, and 'read' needs it" in done.stderr
    assert ways(path, "run", "Day", "--artifact", given, "--artifact", given).exit_code == 2


def test_what_a_task_prints_is_no_answer(tmp_path: Path) -> None:
    steps = STEPS.replace("    return degrees + by", "    print('I print')\n    return degrees + by")
    command = [sys.executable, "-m", "ways", "--sheets", str(weather(tmp_path, steps=steps)), "dioptra", "run", "Day", "mark=x", "--trust"]
    done = subprocess.run([*command, "--format", "json"], capture_output=True, encoding="utf-8", check=True, timeout=60)
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()][-1] == "end" and "I print\n" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a process group that can be interrupted")
@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
@pytest.mark.parametrize("workers", [[], ["--workers", "2"]], ids=["here", "processes"])
def test_a_signal_ends_a_run_with_its_state(tmp_path: Path, workers: list[str], number: signal.Signals, code: int) -> None:
    if workers:
        pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    begun = tmp_path / "begun"
    steps = STEPS.replace("    return degrees + by", f"    import time\n    open({str(begun)!r}, 'w')\n    time.sleep(600)")
    command = [sys.executable, "-m", "ways", "--sheets", str(weather(tmp_path, steps=steps)), "dioptra", "run", "Day", "mark=x", "--trust"]
    command += ["--format", "json", *workers]
    piped: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    with subprocess.Popen(command, start_new_session=True, **piped) as process:
        limit = time.monotonic() + 60
        while not begun.exists() and time.monotonic() < limit and process.poll() is None:
            time.sleep(0.05)
        if number == signal.SIGINT:
            # As a terminal does: all processes that it started get it.
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        out, err = process.communicate(timeout=60)
    ended, limit = False, time.monotonic() + 60
    while not ended and time.monotonic() < limit:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            ended = True
        time.sleep(0.05)
    assert ended
    end = json.loads(out.splitlines()[-1])
    assert (process.returncode, end["event"], end["state"], end["done"], end["files"]) == (code, "end", "interrupted", 1, {})
    assert end["error"] == {"class": "RunInterrupted", "message": "the run of 'Day' was interrupted"}
    assert [line for line in err.splitlines() if not line.startswith("warning: ")] == []


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_terminal_shows_a_live_table(tmp_path: Path) -> None:
    weather(tmp_path)
    program = "import os, pty, sys\nsys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    command = [sys.executable, "-m", "ways", "--sheets", str(tmp_path / "dioptra.toml"), "dioptra", "run", "Day", "mark=x", "--trust"]
    environ = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run([sys.executable, "-c", program, *command], capture_output=True, check=True, env=environ, timeout=60)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", done.stdout.decode())
    lines = [line.split() for line in text.splitlines()]
    assert ["step", "task", "state", "seconds"] in lines and ["up", "warmer", "waiting"] in lines
    assert ["up", "warmer", "done", "0.0"] in lines and "  up.degrees = 6.0" in text.splitlines()


def keys_in(record: Any) -> set[str]:
    """Return the keys of records, at any depth, but for those that are names of a user's."""
    if isinstance(record, list):
        return {key for item in record for key in keys_in(item)}
    if not isinstance(record, dict):
        return set()
    named = ("parameters", "kwargs", "args", "outputs", "files", "artifact_inputs", "issues")
    return {*record, *(key for name, item in record.items() if name not in named for key in keys_in(item))}


def test_every_key_stands_in_the_reference(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.rst").read_text(encoding="utf-8")
    section = page.split("\n``ways dioptra", 1)[1].split("\n``ways ")[0]
    path = weather(tmp_path)
    answers = [ways(path, "validate", "--format", "json").stdout]
    answers += ways(path, "run", "Day", "mark=x", "--trust", "--format", "json").stdout.splitlines()
    answers += ways(path, "run", "Day", "mark=x", "line=x", "--trust", "--format", "json").stdout.splitlines()
    assert [key for key in keys_in([json.loads(answer) for answer in answers]) if f"``{key}``" not in section] == []


# completion


def words(*line: str) -> list[str]:
    *before, start = line
    return [item.value for item in answer.items(before, start) or ()]


def test_completion(tmp_path: Path) -> None:
    sheet = ("--sheets", str(weather(tmp_path)))
    assert words(*sheet, "dioptra", "") == ["plan", "run", "validate"] and words("diop") == ["dioptra"]
    assert words(*sheet, "dioptra", "run", "D") == ["Day"]
    assert words(*sheet, "dioptra", "run", "Day", "") == ["line=", "step=", "mark="]
    assert words(*sheet, "dioptra", "run", "Day", "line=x", "m") == ["mark="]
    assert words(*sheet, "dioptra", "plan", "--format", "s") == ["svg"] and words("dioptra", "run", "--dry") == ["--dry-run"]
    assert words(*sheet, "dioptra", "run", "Nowhere", "") == []
    assert answer.items(["dioptra", "nothing"], "") is None


def test_a_run_in_two_processes(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    path = weather(tmp_path, steps=STEPS.replace("    return degrees", "    print('a word of the task')\n    return degrees"))
    done = subprocess.run(
        [sys.executable, "-m", "ways", "--sheets", str(path), "dioptra", "run", "Day", "mark=hot", "--trust", "--workers", "2",
         "--folder", str(tmp_path / "out"), "--format", "json"],
        capture_output=True, encoding="utf-8", timeout=120, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0 and "a word of the task" in done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["state"] == "done" and last["done"] == 3 and sorted(os.listdir(tmp_path / "out")) == ["artifacts.json", "saved.json"]


def test_a_run_in_processes_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ways.systems import dioptra

    monkeypatch.delitem(vars(dioptra), "local", raising=False)
    monkeypatch.delitem(sys.modules, "ways.systems.engine.dask", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = ways(weather(tmp_path), "run", "Day", "mark=hot", "--trust", "--workers", "2")
    assert done.exit_code == 1 and "pip install 'ways-resolver[dask]'" in done.stderr


def alone(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, as a shell does."""
    command = [sys.executable, "-m", "ways", "--sheets", str(path), "--trust", "dioptra", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=60)


@pytest.mark.parametrize(
    "line",
    ["os.write(1, b'SAID')", "subprocess.run([sys.executable, '-c', 'print(\"SAID\")'])", "os.close(1)", "sys.__stdout__.close()"],
)
def test_standard_output_is_for_answers_alone(tmp_path: Path, line: str) -> None:
    steps = "import os, subprocess, sys\n" + STEPS.replace("    return degrees + by", f"    {line}\n    return degrees + by")
    done = alone(weather(tmp_path, steps=steps), "run", "Day", "mark=x", "--format", "json")
    assert done.returncode == 0 and ("SAID" in done.stderr) == ("SAID" in line)
    assert [json.loads(text)["event"] for text in done.stdout.splitlines()] == ["plan", *["step"] * 6, "end"]


@pytest.mark.parametrize("value", ["nan", "-inf", "1e400"])
def test_numbers_that_json_has_no_word_for_are_texts(tmp_path: Path, value: str) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    done = ways(weather(tmp_path), "plan", "Day", "mark=x", f"step={value}", "--format", "json")
    assert json.loads(done.stdout, parse_constant=refuse)["parameters"]["step"] == str(float(value))


def test_there_are_no_more_processes_than_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    def local(workers: int) -> Any:
        started.append(workers)
        return contextlib.nullcontext()

    pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    monkeypatch.setattr("ways.systems.dioptra.local", local, raising=False)
    assert ways(weather(tmp_path), "run", "Day", "mark=x", "--trust", "--workers", "1000").exit_code == 0
    assert started == [3]
