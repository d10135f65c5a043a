"""Entrypoints run in this process: their steps, outputs, artifacts, and everything that can go wrong."""

from __future__ import annotations

import errno
import json
import os
import pickle
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from systems.dioptra.dioptra_tree import write
from ways.errors import MissingTokensError, TokenValueError, UntrustedError, WaysError
from ways.sources.tempdirs import exclusive, locked_tempdir
from ways.systems import dioptra
from ways.systems.engine.base import EngineError
from ways.systems.engine.serial import SerialEngine
from systems.dioptra.weather_tree import GRAPH, INPUT_TOML, KEEP, STEPS, TOML, lone, session_of, weather

HOT = {"mark": "hot"}


def test_day_runs(tmp_path: Path) -> None:
    session = session_of(weather(tmp_path))
    run = dioptra.run(session, "Day", HOT, trust=True, folder=tmp_path / "out")
    assert run.outputs["read"] == {"place": "Oslo", "degrees": 4.0} and run.outputs["up"] == {"degrees": 6.0}
    assert run.outputs["told"]["report"] == {"text": "Oslo: 6", "marks": ["hot", "$literal", 3]}
    assert [step.state for step in run.steps.values()] == ["done"] * 3
    assert run.steps["read"].warnings == ("The task returned 3 values, where 2 are expected: the others were dropped.",)
    assert run.files == {"saved": tmp_path / "out" / "saved.json"}
    assert run.files["saved"].read_text(encoding="utf-8").splitlines()[1] == '"text": "Oslo: 6",'
    [listed] = json.loads((tmp_path / "out" / "artifacts.json").read_text(encoding="utf-8"))
    assert (listed["name"], listed["task"], listed["path"], len(listed["sha256"])) == ("saved", "Json", "saved.json", 64)
    assert sorted(os.listdir(tmp_path / "out")) == ["artifacts.json", "saved.json"]
    json.dumps(run.as_dict())


def test_day_runs_with_other_values(tmp_path: Path) -> None:
    run = dioptra.run(session_of(weather(tmp_path)), "Day", {**HOT, "line": "Rome=20.5", "step": 0.5}, trust=True)
    assert run.outputs["up"]["degrees"] == 21.0 and run.outputs["told"]["report"]["text"] == "Rome: 21"
    assert run.files == {} and run.warnings == ["No folder was given: these artifacts were not saved: saved."]


def test_day_without_a_value_runs_nothing(tmp_path: Path) -> None:
    session = session_of(weather(tmp_path, steps=STEPS + "\nraise SystemExit('I was run')\n"))
    with pytest.raises(MissingTokensError, match="mark") as error:
        dioptra.run(session, "Day", trust=True, folder=tmp_path / "out")
    assert error.value.missing == ("mark",) and not (tmp_path / "out").exists()


def test_a_task_that_raises(tmp_path: Path) -> None:
    session = session_of(weather(tmp_path))
    said = r"the step 'read' failed in its task 'parse': ValueError: not enough values .* \(.*weather/steps.py:5\)"
    with pytest.raises(dioptra.StepError, match=said) as error:
        dioptra.run(session, "Day", {**HOT, "line": "nonsense"}, trust=True, folder=tmp_path / "out")
    assert (error.value.step, error.value.task) == ("read", "parse") and isinstance(error.value.__cause__, ValueError)
    assert str(error.value).startswith(f"{tmp_path / 'graphs/day.yaml'}:12:3: ")
    assert [(name, step.state) for name, step in error.value.run.steps.items()] == [
        ("read", "failed"), ("up", "skipped"), ("told", "skipped"),
    ]  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_what_was_done_before_a_failure_is_there(tmp_path: Path) -> None:
    session = session_of(weather(tmp_path, steps=STEPS.replace("return degrees + by", "raise KeyError('by')")))
    with pytest.raises(dioptra.StepError) as error:
        dioptra.run(session, "Day", HOT, trust=True)
    assert error.value.run.outputs == {"read": {"place": "Oslo", "degrees": 4.0}}
    assert error.value.run.steps["read"].state == "done" and error.value.run.steps["up"].error.startswith("KeyError: 'by' (")


def test_a_failure_can_be_pickled_with_its_run(tmp_path: Path) -> None:
    with pytest.raises(dioptra.StepError) as error:
        dioptra.run(session_of(weather(tmp_path)), "Day", {**HOT, "line": "nonsense"}, trust=True)
    again = pickle.loads(pickle.dumps(error.value))
    assert str(again) == str(error.value) and again.run.steps["read"].state == "failed"


def test_a_task_that_would_end_the_program(tmp_path: Path) -> None:
    session = lone(tmp_path, "import sys\n@register\ndef first():\n    sys.exit(3)\n")
    with pytest.raises(dioptra.StepError, match=r"it would have ended the program: SystemExit\(3\)"):
        dioptra.run(session, "One", trust=True)


@pytest.mark.parametrize("kind", ["SystemExit", "GeneratorExit", "Stop"])
def test_what_a_task_raises_is_the_error_of_its_step(tmp_path: Path, kind: str) -> None:
    session = lone(tmp_path, f"class Stop(BaseException): ...\n@register\ndef first():\n    raise {kind}('now')\n")
    with pytest.raises(dioptra.StepError, match=rf"the step 'only' failed .*: it would have ended the program: {kind}\('now'\)"):
        dioptra.run(session, "One", trust=True)


def test_a_task_that_raises_an_error_of_an_engine_is_a_failed_step(tmp_path: Path) -> None:
    raising = "from ways.systems.dioptra import EngineError\n    raise EngineError('the time is over')"
    steps = STEPS.replace("return degrees + by", raising)
    with pytest.raises(dioptra.StepError, match="the step 'up' failed .*the time is over") as error:
        dioptra.run(session_of(weather(tmp_path, steps=steps)), "Day", HOT, trust=True)
    assert error.value.run.steps["up"].state == "failed" and isinstance(error.value.__cause__, dioptra.EngineError)
    keep = keeping(raising.replace("\n    ", "\n"))
    with pytest.raises(dioptra.ArtifactError, match="the artifact 'saved' can't be saved: EngineError: the time is over"):
        dioptra.run(session_of(weather(tmp_path / "kept", keep=keep)), "Day", HOT, trust=True, folder=tmp_path / "out")


@pytest.mark.parametrize("kind", ["SystemExit", "Stop"])
def test_what_a_plugin_raises_where_it_is_imported_is_told_with_its_line(tmp_path: Path, kind: str) -> None:
    session = lone(tmp_path, f"class Stop(BaseException): ...\n@register\ndef first(): ...\nraise {kind}('now')\n")
    with pytest.raises(dioptra.PluginCodeError, match=rf"it would have ended the program: {kind}\('now'\)") as error:
        dioptra.run(session, "One", trust=True)
    lines = Path(error.value.path).read_text(encoding="utf-8").splitlines()
    assert lines[error.value.line - 1] == f"raise {kind}('now')"


def test_ctrl_c_ends_a_run_and_says_how_far_it_was(tmp_path: Path) -> None:
    code = "@register\ndef first(n):\n    if n == 2: raise KeyboardInterrupt\n    return n\n"
    graph = "graph:\n  a: {first: 1}\n  b: {first: 2, dependencies: a}\n  c: {first: 3, dependencies: b}\n"
    told: list[tuple[str, str]] = []
    with pytest.raises(KeyboardInterrupt, match="the run of 'One' was interrupted") as error:
        session = lone(tmp_path, code, graph, inputs="n", outputs="out")
        dioptra.run(session, "One", trust=True, report=lambda run, name: told.append((name, run.steps[name].state)))
    assert type(error.value) is dioptra.RunInterrupted
    run = pickle.loads(pickle.dumps(error.value)).run
    assert [(step.state, step.error) for step in run.steps.values()] == [("done", ""), ("failed", "interrupted"), ("skipped", "")]
    assert run.outputs == {"a": {"out": 1}} and told[-2:] == [("b", "failed"), ("c", "skipped")]


def test_without_trust_nothing_is_imported(tmp_path: Path) -> None:
    session = session_of(weather(tmp_path, steps=STEPS + "\nraise SystemExit('I was run')\n"))
    before = set(sys.modules)
    with pytest.raises(UntrustedError, match="the code of the plugin 'weather' runs only if you trust it: trust=True, or --trust") as error:
        dioptra.run(session, "Day", HOT)
    assert Path(error.value.path).parent == tmp_path / "plugins" / "weather" and os.path.isfile(error.value.path)
    assert {name for name in set(sys.modules) - before if "dioptra" in name and not name.startswith("ways.")} == set()


def test_an_entrypoint_with_mistakes_does_not_run(tmp_path: Path) -> None:
    session = session_of(weather(tmp_path, graph=GRAPH.replace("$up,", "$uq,").replace("by:", "bye:")), may_be_wrong=True)
    with pytest.raises(dioptra.InvalidGraphError) as error:
        dioptra.run(session, "Day", HOT, trust=True, folder=tmp_path / "out")
    assert {issue.source.line for issue in error.value.issues} == {7, 11} and not (tmp_path / "out").exists()


def test_without_validation_it_fails_where_the_engine_does(tmp_path: Path) -> None:
    session = session_of(weather(tmp_path, graph=GRAPH.replace("$up,", "$uq,")), may_be_wrong=True)
    with pytest.raises(dioptra.StepError, match="'told' .* refers to nothing that has a value") as error:
        dioptra.run(session, "Day", HOT, trust=True, validate=False)
    assert set(error.value.run.outputs) == {"read"}


def test_a_task_that_no_plugin_has_fails_where_it_is_called(tmp_path: Path) -> None:
    code = "@register\ndef first():\n    return 1\n"
    session = lone(tmp_path, code, "graph:\n  a: {first: []}\n  b: {second: [], dependencies: a}\n", outputs="out", may_be_wrong=True)
    with pytest.raises(dioptra.StepError, match="'b' .* none of the entrypoint's plugins has this task") as error:
        dioptra.run(session, "One", trust=True, validate=False)
    assert error.value.run.outputs == {"a": {"out": 1}}


# Outputs.


def outputs_of(folder: Path, returned: str, names: str, **options: bool) -> tuple[object, tuple[str, ...]]:
    session = lone(folder, f"@register\ndef first():\n    return {returned}\n", outputs=names)
    run = dioptra.run(session, "One", trust=True, **options)  # type: ignore[arg-type]
    return run.outputs["only"], run.steps["only"].warnings


@pytest.mark.parametrize("returned", ["(1, 2)", "None", "'ab'", "7"])
def test_one_output_takes_the_whole_value(tmp_path: Path, returned: str) -> None:
    assert outputs_of(tmp_path, returned, "whole") == ({"whole": eval(returned)}, ())


def test_several_outputs_take_the_items(tmp_path: Path) -> None:
    assert outputs_of(tmp_path, "[1, 2]", "a b") == ({"a": 1, "b": 2}, ())


def test_a_generator_gives_items_without_end(tmp_path: Path) -> None:
    assert outputs_of(tmp_path, "iter(lambda: 1, 2)", "a b") == ({"a": 1, "b": 1}, ())


def test_no_output_takes_nothing(tmp_path: Path) -> None:
    assert outputs_of(tmp_path, "5", "") == ({}, ())


def test_a_surplus_value_is_dropped(tmp_path: Path) -> None:
    outputs, [warning] = outputs_of(tmp_path, "(1, 2, 3)", "a b")
    assert outputs == {"a": 1, "b": 2} and warning == "The task returned 3 values, where 2 are expected: the others were dropped."


def test_too_few_values_are_a_warning(tmp_path: Path) -> None:
    outputs, [warning] = outputs_of(tmp_path, "(1, 2)", "a b c")
    assert outputs == {"a": 1, "b": 2} and warning == "The task returned 2 values, where 3 are expected: there is no c."


def test_too_few_values_are_an_error_in_a_strict_run(tmp_path: Path) -> None:
    with pytest.raises(dioptra.StepError, match="'only' .* The task returned 2 values, where 3 are expected: there is no c"):
        outputs_of(tmp_path, "(1, 2)", "a b c", strict=True)


def test_a_missing_output_is_an_error_where_it_is_used(tmp_path: Path) -> None:
    code = "@register\ndef first(*a):\n    return 1, 2\n"
    session = lone(tmp_path, code, "graph:\n  x: {first: []}\n  y: {first: $x.c}\n", inputs="a", outputs="a b c")
    with pytest.raises(dioptra.StepError, match="the step 'y' .*'x' has no output 'c'; it has 'a', 'b'"):
        dioptra.run(session, "One", trust=True, validate=False)


@pytest.mark.parametrize(("returned", "outputs"), [("'xyz'", {"a": "x", "b": "y"}), ("{'k': 1, 'l': 2}", {"a": "k", "b": "l"})])
def test_a_text_or_mapping_for_several_outputs_is_a_warning(tmp_path: Path, returned: str, outputs: object) -> None:
    taken, warnings = outputs_of(tmp_path, returned, "a b")
    assert taken == outputs and "where 2 values are expected: its" in warnings[0]


@pytest.mark.parametrize("returned", ["None", "5"])
def test_nothing_and_a_number_are_no_several_outputs(tmp_path: Path, returned: str) -> None:
    with pytest.raises(dioptra.StepError, match=r"one.yaml:2:3: the step 'only' .* the task returned .* where 2 values are expected: a, b"):
        outputs_of(tmp_path, returned, "a b")


def test_inputs_may_have_the_names_of_the_engine(tmp_path: Path) -> None:
    code = "@register\ndef first(func, package, plugin):\n    return func + package + plugin\n"
    graph = "graph:\n  only:\n    first: {func: 1, package: 2, plugin: 3}\n"
    session = lone(tmp_path, code, graph, inputs="func package plugin", outputs="sum")
    assert dioptra.run(session, "One", trust=True).outputs["only"] == {"sum": 6}


def test_values_are_passed_as_they_are(tmp_path: Path) -> None:
    code = "@register\ndef first(*given):\n    return given[0] if given else object()\n"
    session = lone(tmp_path, code, "graph:\n  x: {first: []}\n  y: {first: $x}\n", inputs="a", outputs="out")
    run = dioptra.run(session, "One", trust=True, validate=False)
    assert run.outputs["x"]["out"] is run.outputs["y"]["out"]


# Artifacts.

FILES = """\
from dioptra.sdk.api.artifact import ArtifactTaskInterface

class Json(ArtifactTaskInterface):
    @staticmethod
    def serialize(working_dir, name, contents, **kwargs):
        {body}
    @staticmethod
    def deserialize(working_dir, path, **kwargs):
        {read}
    @staticmethod
    def validation():
        return None
"""


def keeping(body: str, read: str = "return None") -> str:
    """Return a file whose artifact task has these methods."""
    indent = "\n        "
    return FILES.format(body=body.replace("\n", indent), read=read.replace("\n", indent))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return working_dir.parent / 'x'", "its task wrote outside the folder"),
        ("return '/etc/passwd'", "its task wrote outside the folder: '/etc/passwd'"),
        ("return working_dir", "its task wrote outside the folder"),
        ("return working_dir / 'x.npy'", "its task returned 'x.npy', and wrote no such file"),
        ("return None", "its task must return the path that it wrote, and returned nothing"),
        ("raise KeyError('k')", "KeyError: 'k'"),
        ("path = working_dir / 'l'\npath.symlink_to('/etc/passwd')\nreturn path", "its task wrote outside the folder"),
        ("(working_dir / 'd').mkdir()\n(working_dir / 'd' / 'l').symlink_to('/etc')\nreturn working_dir / 'd'", "its task wrote a link"),
        ("path = working_dir / 'artifacts.json'\npath.touch()\nreturn path", "is written to 'artifacts.json', as is the list"),
    ],
)
def test_a_bad_artifact_saves_nothing(tmp_path: Path, body: str, words: str) -> None:
    session = session_of(weather(tmp_path, keep=keeping(body)))
    with pytest.raises(dioptra.ArtifactError, match=f"day.yaml:2:3: the artifact 'saved' .*{words}") as error:
        dioptra.run(session, "Day", HOT, trust=True, folder=tmp_path / "out")
    assert error.value.artifact == "saved" and error.value.run.steps["told"].state == "done"
    assert os.listdir(tmp_path / "out") == []


@pytest.mark.parametrize("body", ["", "\nreturn path.name"])
def test_the_folder_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    keep = keeping(f"path = working_dir / name\npath.write_text('x'){body}\nreturn path")
    session = session_of(weather(tmp_path, keep=keep))
    monkeypatch.chdir(tmp_path)
    assert dioptra.run(session, "Day", HOT, trust=True, folder="out").files == {"saved": Path("out/saved")}
    assert (tmp_path / "out" / "saved").exists()


def test_of_two_artifacts_none_is_saved_if_one_fails(tmp_path: Path) -> None:
    body = "path = working_dir / name\npath.write_text('x')\nassert name == 'saved'\nreturn path"
    graph = GRAPH.replace("graph:\n  told", "  other:\n    contents: x\n    task: {name: Json}\ngraph:\n  told")
    session = session_of(weather(tmp_path, keep=keeping(body), graph=graph))
    with pytest.raises(dioptra.ArtifactError, match="'other'"):
        dioptra.run(session, "Day", HOT, trust=True, folder=tmp_path / "out")
    assert os.listdir(tmp_path / "out") == []


def test_a_folder_is_an_artifact_too(tmp_path: Path) -> None:
    body = "top = working_dir / name\n(top / 'in').mkdir(parents=True)\n(top / 'in' / 'a.txt').write_text('a')\nreturn str(top)"
    session = session_of(weather(tmp_path, keep=keeping(body)))
    run = dioptra.run(session, "Day", HOT, trust=True, folder=tmp_path / "out")
    assert (run.files["saved"] / "in" / "a.txt").read_text(encoding="utf-8") == "a"
    with pytest.raises(dioptra.ArtifactError, match="is there already, and would be replaced"):
        dioptra.run(session, "Day", HOT, trust=True, folder=tmp_path / "out")


def test_two_runs_that_save_into_one_folder_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fcntl")
    session, out = session_of(weather(tmp_path)), tmp_path / "out"
    out.mkdir()
    with monkeypatch.context() as patch, exclusive(str(out), 0):
        patch.setattr("ways.systems.dioptra.running._PATIENCE", 0.0)
        with pytest.raises(dioptra.ArtifactError, match="out: artifacts can't be saved here: another run is saving here"):
            dioptra.run(session, "Day", HOT, trust=True, folder=out)
        assert os.listdir(out) == []
    with ThreadPoolExecutor() as pool:
        with exclusive(str(out), 0):
            waiting = pool.submit(dioptra.run, session, "Day", HOT, trust=True, folder=out)
        assert waiting.result().files["saved"].is_file()
    assert sorted(os.listdir(out)) == ["artifacts.json", "saved.json"]


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    session, out = session_of(weather(tmp_path)), tmp_path / "out"
    left, other = out / ".ways-artifacts-abcd_123", out / ".ways-artifacts-mine"
    for folder in (left, other):
        (folder / "0").mkdir(parents=True)
    with locked_tempdir(str(out), ".ways-artifacts-") as used:
        os.utime(used, (0, 0))
        dioptra.run(session, "Day", HOT, trust=True, folder=out)
        assert os.path.isdir(used) and not left.exists() and other.is_dir()


def test_a_file_of_an_earlier_run_is_replaced(tmp_path: Path) -> None:
    session = session_of(weather(tmp_path))
    for mark in ("hot", "cold"):
        run = dioptra.run(session, "Day", {"mark": mark}, trust=True, folder=tmp_path / "out")
    assert '"cold"' in run.files["saved"].read_text(encoding="utf-8")


def test_a_name_that_leads_out_is_refused_before_anything_runs(tmp_path: Path) -> None:
    site = {"site.yml": "plugins:\n  ours:\n    hierarchy: dioptra/entrypoints/day\n    data:\n      artifact_outputs:\n"
            "        ../x: {contents: $told, task: {name: Json}}\n"}  # fmt: skip
    session = session_of(weather(tmp_path, steps=STEPS + "\nraise SystemExit('I was run')\n"), write(tmp_path, site) / "site.yml")
    with pytest.raises(dioptra.ArtifactError, match=r"site.yml:6:\d+: the name of the artifact '../x' must be one part of a path"):
        dioptra.run(session, "Day", HOT, trust=True, validate=False, folder=tmp_path / "out")
    with pytest.raises(dioptra.InvalidGraphError, match="one part of a path"):
        dioptra.run(session, "Day", HOT, trust=True, folder=tmp_path / "out")


def test_arguments_of_an_artifact_are_no_references(tmp_path: Path) -> None:
    body = "path = working_dir / name\npath.write_text(kwargs['indent'])\nreturn path"
    session = session_of(weather(tmp_path, keep=keeping(body), graph=GRAPH.replace("indent: 0", "indent: $mark")))
    run = dioptra.run(session, "Day", HOT, trust=True, folder=tmp_path / "out")
    assert run.files["saved"].read_text(encoding="utf-8") == "$mark"


@pytest.mark.parametrize(
    ("rule", "value", "words"),
    [
        ('{"type": "integer"}', "two", "a value of type integer for its argument 'indent', found the text 'two'"),
        ('{"type": "integer"}', "true", "a value of type integer .* found the truth value True"),
        ('{"type": ["null", "string"]}', "3", "a value of type null or a value of type string"),
        ('{"enum": ["csv", 2]}', "3", "one of csv, 2"),
        ('{"const": 2}', "3", "one of 2"),
        ('{"minimum": 4}', "3", "at least 4"),
        ('{"maximum": 2.5}', "3", r"at most 2\.5"),
        ("1 // 0", "3", "its validation failed: ZeroDivisionError"),
    ],
)
def test_arguments_that_the_task_refuses_run_nothing(tmp_path: Path, rule: str, value: str, words: str) -> None:
    # Only a run knows rules that the file doesn't write out.
    keep = KEEP.replace('{"type": "integer"}', f"(lambda: {rule})()")
    session = session_of(weather(tmp_path, keep=keep, graph=GRAPH.replace("indent: 0", f"indent: {value}")))
    told: list[str] = []
    with pytest.raises(dioptra.ArtifactError, match=f"day.yaml:2:3: the artifact 'saved' can't be saved: .*{words}"):
        dioptra.run(session, "Day", HOT, trust=True, folder=tmp_path / "out", report=lambda run, name: told.append(name))
    assert not told and not (tmp_path / "out").exists()


@pytest.mark.parametrize(("rule", "value"), [('{"type": "number"}', "3"), ('{"type": "odd"}', "3"), ("None", "3"), ('{"minimum": 4}', "x")])
def test_arguments_that_the_task_takes(tmp_path: Path, rule: str, value: str) -> None:
    keep = KEEP.replace('{"type": "integer"}', rule)
    session = session_of(weather(tmp_path, keep=keep, graph=GRAPH.replace("indent: 0", f"indent: {value}")))
    assert dioptra.run(session, "Day", HOT, trust=True, folder=tmp_path / "out").files


INPUT_GRAPH = "artifacts:\n  saved: {contents: $earlier, task: {name: Json}}\ngraph:\n  read:\n    parse: $earlier\n"


def with_input(folder: Path, graph: str = INPUT_GRAPH, **changed: str) -> tuple[object, Path]:
    """Return a session whose entrypoint has an artifact input, and a file for it."""
    file = write(folder / "given", {"in.json": '"Rome = 3"'}) / "in.json"
    return session_of(weather(folder, toml=INPUT_TOML, graph=graph, **changed)), file


def test_an_artifact_is_read_by_its_task(tmp_path: Path) -> None:
    session, file = with_input(tmp_path)
    given = {"earlier": dioptra.Artifact("Json", file)}
    run = dioptra.run(session, "Day", HOT, trust=True, artifacts=given, folder=tmp_path / "out")  # type: ignore[arg-type]
    assert run.outputs["read"]["place"] == "Rome" and json.loads(run.files["saved"].read_text(encoding="utf-8")) == "Rome = 3"


def test_an_artifact_may_be_the_value_itself(tmp_path: Path) -> None:
    session, _ = with_input(tmp_path)
    run = dioptra.run(session, "Day", HOT, trust=True, artifacts={"earlier": "Bonn = 1"})  # type: ignore[arg-type]
    assert run.outputs["read"] == {"place": "Bonn", "degrees": 1.0}


def test_an_artifact_has_the_names_of_the_entrypoint(tmp_path: Path) -> None:
    session, file = with_input(tmp_path, INPUT_GRAPH.replace("parse: $earlier", "parse: $earlier.report"))
    given = {"earlier": dioptra.Artifact("Json", file)}
    assert dioptra.run(session, "Day", HOT, trust=True, artifacts=given).outputs["read"]["place"] == "Rome"  # type: ignore[arg-type]


def test_a_step_without_its_artifact_runs_nothing(tmp_path: Path) -> None:
    session, _ = with_input(tmp_path, steps=STEPS + "\nraise SystemExit('I was run')\n")
    with pytest.raises(dioptra.ArtifactError, match="day.yaml:4:3: the artifact input 'earlier' was not given, and 'read' needs it"):
        dioptra.run(session, "Day", HOT, trust=True)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("task", "name", "words"),
    [("Jsen", "in.json", "has the task 'Jsen'. Did you mean 'Json'"), ("Json", "none.json", "there is no '.*none.json'")],
)
def test_an_artifact_that_can_not_be_read(tmp_path: Path, task: str, name: str, words: str) -> None:
    session, file = with_input(tmp_path)
    given = {"earlier": dioptra.Artifact(task, file.with_name(name))}
    with pytest.raises(dioptra.ArtifactError, match=f"the artifact input 'earlier'.*{words}"):
        dioptra.run(session, "Day", HOT, trust=True, artifacts=given)  # type: ignore[arg-type]


def test_a_reader_that_fails_harms_only_a_copy(tmp_path: Path) -> None:
    read = "with open(working_dir / path, 'w') as file:\n    return file.read()"
    session, file = with_input(tmp_path, keep=keeping("return None", read))
    with pytest.raises(dioptra.ArtifactError, match="the artifact input 'earlier' can't be read: UnsupportedOperation") as error:
        dioptra.run(
            session, "Day", HOT, trust=True, artifacts={"earlier": dioptra.Artifact("Json", file)}  # type: ignore[arg-type]
        )
    assert error.value.run.steps["read"].state == "skipped" and file.read_text(encoding="utf-8") == '"Rome = 3"'


def test_an_artifact_of_no_input_is_a_warning(tmp_path: Path) -> None:
    run = dioptra.run(session_of(weather(tmp_path)), "Day", HOT, trust=True, artifacts={"late": 1})
    assert run.warnings[0] == "The entrypoint 'Day' has no artifact input 'late': it is left out."


# Time and progress.


def test_each_step_is_reported(tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    dioptra.run(session_of(weather(tmp_path)), "Day", HOT, trust=True, report=lambda run, name: told.append((name, run.steps[name].state)))
    assert told == [(name, state) for name in ("read", "up", "told") for state in ("running", "done")]


def test_a_run_has_a_limit(tmp_path: Path) -> None:
    code = "import time\n@register\ndef first():\n    time.sleep(0.3)\n"
    session = lone(tmp_path, code, "graph:\n  a: {first: []}\n  b: {first: []}\n  c: {first: []}\n")
    with pytest.raises(EngineError, match="The time for the run is over; not done: 'b', 'c'"):
        dioptra.run(session, "One", trust=True, timeout=0.1)


def test_steps_know_how_long_they_took(tmp_path: Path) -> None:
    run = dioptra.run(lone(tmp_path, "import time\n@register\ndef first():\n    time.sleep(0.05)\n"), "One", trust=True)
    assert 0.05 <= run.steps["only"].seconds < 60


def test_every_fault_is_of_one_family() -> None:
    for name in ("ArtifactError", "InvalidGraphError", "PluginCodeError", "StepError"):
        assert issubclass(getattr(dioptra, name), WaysError)
    assert issubclass(UntrustedError, WaysError) and issubclass(EngineError, WaysError)


#: What a task does that must not reach the caller as it is -> what the error says.
ODD = {
    "raise BadText()": "StepError.*BadText",
    "raise EndingText()": "StepError.*EndingText",
    "return Ends()": "StepError.*SystemExit",
    "return (ends() for _ in 'ab')": "StepError.*SystemExit",
}
ODD_CLASSES = """
def ends(*_):
    raise SystemExit(5)

class BadText(Exception):
    def __str__(self):
        raise RuntimeError("no text")

class EndingText(Exception):
    __str__ = __repr__ = ends

class Ends:
    __iter__ = __repr__ = ends
    shape = property(ends)

class BadShape:
    shape = (Ends(),)

@register
def first():
    """


@pytest.mark.parametrize("line", ODD)
def test_a_task_whose_objects_would_end_the_program_fails_its_step(tmp_path: Path, line: str) -> None:
    session = lone(tmp_path, ODD_CLASSES + line + "\n", outputs="a b")
    with pytest.raises(dioptra.StepError) as error:
        dioptra.run(session, "One", trust=True)
    assert re.search(ODD[line], f"StepError {error.value}")


@pytest.mark.parametrize(
    ("value", "words"), [("Ends()", "Ends"), ("BadShape()", "BadShape"), ("10 ** 5000", "int"), ("2 ** 64", str(2**64))]
)
def test_each_output_can_be_shown(tmp_path: Path, value: str, words: str) -> None:
    session = lone(tmp_path, f"{ODD_CLASSES}return {value}\n", outputs="a")
    run = dioptra.run(session, "One", trust=True)
    assert json.dumps(dioptra.plain(run.outputs["only"]["a"])).strip('"') == words


def test_a_module_whose_names_would_end_the_program(tmp_path: Path) -> None:
    session = lone(tmp_path, "@register\ndef first(): pass\ndel first\ndef __getattr__(name): raise SystemExit(3)\n", may_be_wrong=True)
    with pytest.raises(dioptra.PluginCodeError, match="SystemExit"):
        dioptra.run(session, "One", trust=True)


def test_an_interrupted_import_is_an_interrupted_run(tmp_path: Path) -> None:
    session = lone(tmp_path, "raise KeyboardInterrupt\n@register\ndef first(): pass\n")
    with pytest.raises(dioptra.RunInterrupted):
        dioptra.run(session, "One", trust=True)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_process_that_a_task_forks_does_not_go_on_with_the_run(tmp_path: Path) -> None:
    code = "import os\n@register\ndef first():\n    child = os.fork()\n    if child: os.waitpid(child, 0)\n    return child\n"
    session, told = lone(tmp_path, code, outputs="a"), tmp_path / "told.txt"

    def report(run: dioptra.Run, name: str) -> None:
        with open(told, "a", encoding="utf-8") as file:
            file.write(f"{run.steps[name].state}\n")

    assert dioptra.run(session, "One", trust=True, report=report).outputs["only"]["a"] > 0
    assert told.read_text(encoding="utf-8").split() == ["running", "done"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"values": [("mark", "hot")]}, {"values": "mark=hot"}, {"engine": "dask"}, {"engine": SerialEngine}, {"artifacts": "a=b"},
        {"timeout": "5"}, {"timeout": float("nan")}, {"folder": 5},
        {"artifacts": {"earlier": dioptra.Artifact("Json", None)}},  # type: ignore[arg-type]
    ],
    ids=str,
)  # fmt: skip
def test_arguments_of_the_wrong_kind(tmp_path: Path, wrong: dict[str, Any]) -> None:
    session = session_of(weather(tmp_path, toml=INPUT_TOML))
    with pytest.raises(dioptra.ArgumentTypeError, match=f"{next(iter(wrong))} must be|'earlier' must be"):
        dioptra.run(session, "Day", wrong.pop("values", HOT), trust=True, **wrong)


@pytest.mark.parametrize("ask", [dioptra.plan, dioptra.validate])
def test_values_of_the_wrong_kind(tmp_path: Path, ask: Any) -> None:
    session = session_of(weather(tmp_path))
    with pytest.raises(dioptra.ArgumentTypeError, match="values must be a mapping, and is a list"):
        ask(session, "Day", ["mark"])


def test_a_value_that_contains_itself_or_is_too_large(tmp_path: Path) -> None:
    toml = weather(tmp_path, toml=TOML.replace('"mark", type = "string"', '"mark", type = "list"'))
    session, endless = session_of(toml, may_be_wrong=True), []  # type: ignore[var-annotated]
    endless.append(endless)
    for value in (endless, "[" * 200 + "]" * 200):
        with pytest.raises(TokenValueError, match="nested at most 100 deep|does not fit the token mark"):
            dioptra.plan(session, "Day", {"mark": value}, validate=False)
    with pytest.raises(TokenValueError, match="does not fit the token step"):
        dioptra.plan(session, "Day", {"step": 10**400}, validate=False)


def keep_with(body: str) -> str:
    """Return the file of an artifact task that saves in this way."""
    start, end = KEEP.index("        target ="), KEEP.index("    @staticmethod\n    def deserialize")
    return f"import os\n{KEEP[:start]}        {body}\n\n{KEEP[end:]}"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs os.mkfifo")
@pytest.mark.parametrize("place", ["working_dir / 'f'", "working_dir / 'd' / 'f'"])
def test_what_is_no_file_is_not_saved(tmp_path: Path, place: str) -> None:
    keep = keep_with(f"(working_dir / 'd').mkdir(); os.mkfifo({place}); return str(({place}).relative_to(working_dir)).split(os.sep)[0]")
    with pytest.raises(dioptra.ArtifactError, match="no file and no folder: 'f'"):
        dioptra.run(session_of(weather(tmp_path, keep=keep)), "Day", HOT, trust=True, folder=tmp_path / "out")
    assert os.listdir(tmp_path / "out") == []


def test_nothing_is_saved_where_the_list_can_not_be(tmp_path: Path) -> None:
    (tmp_path / "out" / "artifacts.json").mkdir(parents=True)
    with pytest.raises(dioptra.ArtifactError, match="a folder has this name"):
        dioptra.run(session_of(weather(tmp_path)), "Day", HOT, trust=True, folder=tmp_path / "out")
    assert os.listdir(tmp_path / "out") == ["artifacts.json"]


@pytest.mark.parametrize("folder", ["a\0b", "y/" * 2000])
def test_a_folder_that_no_system_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(dioptra.ArtifactError, match="can't be saved here"):
        dioptra.run(session_of(weather(tmp_path)), "Day", HOT, trust=True, folder=folder)


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ways.systems.dioptra.running._sha256", full)
    with pytest.raises(dioptra.ArtifactError, match="No space left"):
        dioptra.run(session_of(weather(tmp_path)), "Day", HOT, trust=True, folder=tmp_path / "out")
    assert os.listdir(tmp_path / "out") == []


def test_a_task_that_goes_to_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "else").mkdir()
    session = session_of(weather(tmp_path))
    assert dioptra.run(session, "Day", HOT, trust=True, folder="out").files == {"saved": Path("out", "saved.json")}
    steps = "import os\n" + STEPS.replace("    return degrees + by", f"    os.chdir({str(tmp_path / 'else')!r})\n    return degrees + by")
    moving = session_of(weather(tmp_path / "moving", steps=steps))
    assert dioptra.run(moving, "Day", HOT, trust=True, folder="out2").files == {"saved": tmp_path / "out2" / "saved.json"}
    assert (tmp_path / "out2" / "saved.json").exists()
