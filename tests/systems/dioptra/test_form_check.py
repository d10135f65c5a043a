"""What is wrong in the description of an entrypoint is reported where it stands, and what is right is not."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import yaml

from ways.systems.dioptra.files.form_check import check_form, helped

#: A weather report that uses every part once.
DAY = yaml.safe_load("""
types:
  marks: {list: {union: [string, integer]}}
  report: {mapping: {text: string, marks: marks}}
  sealed: {}
  small: {is_a: integer}
parameters:
  line: {type: string, default: Oslo = 4}
  step: {type: number, default: 2.0}
  mark: {type: string}
  free: [1, 2]
tasks:
  parse: {plugin: weather.steps.parse, inputs: [line: string], outputs: [place: string, degrees: number]}
  warmer:
    plugin: weather.steps.warmer
    inputs: [degrees: number, {name: by, type: number, required: false}]
    outputs: {degrees: number}
  report:
    plugin: weather.steps.report
    inputs: [place: string, degrees: number, {name: marks, type: marks, required: false}]
    outputs: {report: report}
  log: {plugin: weather.log, inputs: [{name: name, type: any, required: false}]}
artifact_inputs:
  old: {value: string}
  pair: [a: integer, b: any]
graph:
  told:
    report: {place: $read.place, degrees: $up, marks: [$mark, $$literal, 3]}
  up:
    task: warmer
    args: $read.degrees
    kwargs: {by: $step}
  read:
    parse: $line
  logged:
    log: $old
    dependencies: [told, up]
artifact_outputs:
  saved: {contents: $told.report, task: {name: Json, args: {indent: 0}}}
""".replace("inputs: [line: string]", "inputs: [{line: string}]")
    .replace("[place: string, degrees: number]", "[{place: string}, {degrees: number}]")
    .replace("[degrees: number, {name", "[{degrees: number}, {name")
    .replace("[place: string, degrees: number, {name", "[{place: string}, {degrees: number}, {name")
    .replace("[a: integer, b: any]", "[{a: integer}, {b: any}]"))  # fmt: skip
GONE = object()
#: What the artifact task lets its argument be.
RULES = {"indent": {"type": "integer", "minimum": 0}, "format": {"enum": ["json", "yaml"]}}


def changed(*changes: tuple[str, Any]) -> dict[str, Any]:
    """Return the weather report with other values: ``("graph.up.args", 1)``; ``GONE`` removes one."""
    form: dict[str, Any] = deepcopy(DAY)
    for path, value in changes:
        *above, last = [int(part) if part.isdigit() else part for part in path.split("/")]
        inner: Any = form
        for part in above:
            inner = inner[part]
        if value is GONE:
            del inner[last]
        else:
            inner[last] = value
    return form


def found_in(form: Any, **more: Any) -> list[tuple[str, str]]:
    """Return code and pointer of each fault."""
    return [(fault.code, "/".join(map(str, fault.source.pointer))) for fault in check_form(form, **more)]


def test_a_valid_form_has_no_fault() -> None:
    assert check_form(DAY, artifact_tasks={"Json": RULES}) == []


#: A rule of the engine's validation -> a change, and where the fault of which code is.
FAULTS: dict[str, tuple[tuple[str, Any], str, str]] = {
    # The shape.
    "an unknown key at the top": (("graphs", {}), "unknown-key", "graphs"),
    "tasks are missing": (("tasks", []), "type", "tasks"),
    "the graph is empty": (("graph", {}), "bad-graph", "graph"),
    "the graph is a list": (("graph", [1]), "bad-graph", "graph"),
    "an unknown key of a task": (("tasks/log/input", []), "unknown-key", "tasks/log/input"),
    "inputs as a block": (("tasks/log/inputs", {"name": "any"}), "type", "tasks/log/inputs"),
    "an unknown key of an input": (("tasks/log/inputs/0/default", 1), "unknown-key", "tasks/log/inputs/0/default"),
    "an input of no shape": (("tasks/log/inputs/0", "name"), "type", "tasks/log/inputs/0"),
    "required is no truth": (("tasks/log/inputs/0/required", "yes"), "type", "tasks/log/inputs/0/required"),
    "two outputs as one block": (("tasks/log/outputs", {"a": "any", "b": "any"}), "type", "tasks/log/outputs"),
    "an unknown key of a parameter": (("parameters/mark", {"default": "a", "required": True}), "unknown-key", "parameters/mark/required"),
    # Names.
    "a step's name is no text": (("graph", {**DAY["graph"], 7: {"log": []}}), "bad-name", "graph/7"),
    "a step's name is blank": (("graph/ ", {"log": []}), "bad-name", "graph/ "),
    "a parameter's name is blank": (("parameters/ ", 1), "bad-name", "parameters/ "),
    "a task's name is blank": (("tasks/ ", {"plugin": "a.b"}), "bad-name", "tasks/ "),
    "a type's name is blank": (("types/ ", {}), "bad-name", "types/ "),
    "a step's name has a dot": (("graph/a.b", {"log": []}), "bad-name", "graph/a.b"),
    "a parameter's name has a dot": (("parameters/a.b", 1), "bad-name", "parameters/a.b"),
    "a step and a parameter have one name": (("parameters/logged", 1), "duplicate-name", "graph/logged"),
    "an input twice": (("tasks/log/inputs", [{"name": "name", "type": "any"}] * 2), "duplicate-name", "tasks/log/inputs/1"),
    "an output twice": (("tasks/log/outputs", [{"a": "any"}] * 2), "duplicate-name", "tasks/log/outputs/1"),
    # Types.
    "the type of an input is unknown": (("tasks/log/inputs/0/type", "str"), "unknown-type", "tasks/log/inputs/0/type"),
    "the type of an output is unknown": (("tasks/log/outputs", {"a": "str"}), "unknown-type", "tasks/log/outputs/a"),
    "the type of a parameter is unknown": (("parameters/mark", {"type": "str"}), "unknown-type", "parameters/mark/type"),
    "the type of an artifact input is unknown": (("artifact_inputs/pair/1/b", "x"), "unknown-type", "artifact_inputs/pair/1/b"),
    "a type inside a type is unknown": (("types/other", {"list": "x"}), "unknown-type", "types/other"),
    "a type has a structure of no kind": (("types/other", {"foo": 1}), "bad-structure", "types/other"),
    "a type is named as a built-in one": (("types/string", {}), "built-in-type", "types/string"),
    "a supertype has a structure": (("types/other", {"is_a": "marks"}), "bad-structure", "types/other/is_a"),
    "a key has a type of its own": (("types/other", {"mapping": ["small", "any"]}), "bad-structure", "types/other/mapping/0"),
    "a type holds itself": (("types/other", {"list": "other"}), "type-circle", "types/other"),
    "a type is a kind of itself": (("types/other", {"is_a": "other"}), "type-circle", "types/other"),
    # Tasks.
    "a plugin's id has no dot": (("tasks/log/plugin", "log"), "bad-value", "tasks/log/plugin"),
    "a plugin's id has an empty part": (("tasks/log/plugin", "a..log"), "bad-value", "tasks/log/plugin"),
    # Steps.
    "a step has two tasks": (("graph/logged", {"log": 1, "warmer": 1}), "bad-step", "graph/logged"),
    "a step has no task": (("graph/logged", {"dependencies": "up"}), "bad-step", "graph/logged"),
    "a step is a text": (("graph/logged", "log"), "bad-step", "graph/logged"),
    "a step has another key": (("graph/up/foo", 1), "bad-step", "graph/up/foo"),
    "args are a block": (("graph/up/args", {"degrees": 1}), "bad-step", "graph/up/args"),
    "kwargs are a list": (("graph/up/kwargs", [1]), "bad-step", "graph/up/kwargs"),
    "a date is the only argument": (("graph/logged/log", yaml.safe_load("2024-01-01")), "bad-step", "graph/logged/log"),
    "dependencies are numbers": (("graph/logged/dependencies", [1]), "bad-step", "graph/logged/dependencies"),
    "an unknown task": (("graph/logged", {"logg": 1}), "unknown-task", "graph/logged/logg"),
    "an unknown task in the mixed form": (("graph/logged", {"task": "logg"}), "unknown-task", "graph/logged/task"),
    "too many arguments": (("graph/logged/log", [1, 2]), "surplus-argument", "graph/logged/log/1"),
    "an unknown keyword": (("graph/logged/log", {"nam": 1}), "unknown-argument", "graph/logged/log/nam"),
    "an argument twice": (("graph/up/kwargs", {"degrees": 1}), "duplicate-argument", "graph/up/kwargs/degrees"),
    "a required argument is missing": (("graph/up/args", []), "missing-argument", "graph/up/task"),
    # References.
    "nothing is called so": (("graph/logged/log", "$tld"), "unknown-reference", "graph/logged/log"),
    "nothing is called so, deep inside": (("graph/logged/log", [[{"a": ["$x"]}]]), "unknown-reference", "graph/logged/log/0/0/a/0"),
    "nothing is called so, below a task": (("graph/logged/log", [{"task": 1, "b": "$x"}]), "unknown-reference", "graph/logged/log/0/b"),
    "an unknown output": (("graph/logged/log", "$read.wind"), "unknown-output", "graph/logged/log"),
    "an unknown output of an artifact": (("graph/logged/log", "$old.val"), "unknown-output", "graph/logged/log"),
    "one of several outputs is not named": (("graph/logged/log", "$read"), "bad-reference", "graph/logged/log"),
    "one of several values of an artifact is not named": (("graph/logged/log", "$pair"), "bad-reference", "graph/logged/log"),
    "a step without an output": (("graph/more", {"log": "$logged"}), "bad-reference", "graph/more/log"),
    "an output of a parameter": (("graph/logged/log", "$mark.text"), "bad-reference", "graph/logged/log"),
    "an unknown dependency": (("graph/logged/dependencies", "tld"), "unknown-step", "graph/logged/dependencies"),
    "one unknown dependency of two": (("graph/logged/dependencies", ["up", "mark"]), "unknown-step", "graph/logged/dependencies/1"),
    "steps wait for each other": (("graph/read/dependencies", "told"), "step-circle", "graph/told"),
    "a step waits for itself": (("graph/logged/dependencies", "logged"), "step-circle", "graph/logged"),
    # What fits.
    "a default doesn't fit": (("parameters/step/default", "2"), "wrong-type", "parameters/step/default"),
    "a literal doesn't fit": (("graph/up/args", "warm"), "wrong-type", "graph/up/args"),
    "a parameter doesn't fit": (("graph/up/args", "$mark"), "wrong-type", "graph/up/args"),
    "an output doesn't fit": (("graph/up/args", "$read.place"), "wrong-type", "graph/up/args"),
    "an artifact doesn't fit": (("graph/up/args", "$old"), "wrong-type", "graph/up/args"),
    "an item of a list doesn't fit": (("graph/told/report/marks", [1.5]), "wrong-type", "graph/told/report/marks"),
    "any fits any alone": (("graph/up/args", "$pair.b"), "wrong-type", "graph/up/args"),
    # Artifact outputs.
    "the contents of an artifact are unknown": (
        ("artifact_outputs/saved/contents", "$x"), "unknown-reference", "artifact_outputs/saved/contents",
    ),
    "the contents of an artifact are several": (
        ("artifact_outputs/saved/contents", "$read"), "bad-reference", "artifact_outputs/saved/contents",
    ),
    "the contents of an artifact are a list": (("artifact_outputs/saved/contents", []), "type", "artifact_outputs/saved/contents"),
    "an artifact without a task": (("artifact_outputs/saved/task", GONE), "type", "artifact_outputs/saved/task"),
    "an artifact with another key": (("artifact_outputs/saved/foo", 1), "unknown-key", "artifact_outputs/saved/foo"),
    "keywords of an artifact": (("artifact_outputs/saved/task/kwargs", {}), "unknown-key", "artifact_outputs/saved/task/kwargs"),
    "arguments of an artifact as a list": (("artifact_outputs/saved/task/args", []), "type", "artifact_outputs/saved/task/args"),
    "an argument of an artifact breaks a rule": (
        ("artifact_outputs/saved/task/args/indent", "x"), "wrong-type", "artifact_outputs/saved/task/args/indent",
    ),
    "an argument of an artifact is no choice": (
        ("artifact_outputs/saved/task/args", {"format": "csv"}), "wrong-type", "artifact_outputs/saved/task/args/format",
    ),
    "an unknown artifact task": (("artifact_outputs/saved/task/name", "Jsn"), "unknown-task", "artifact_outputs/saved/task/name"),
    "an artifact outside": (("artifact_outputs", {"..": DAY["artifact_outputs"]["saved"]}), "bad-name", "artifact_outputs/.."),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS.values(), ids=list(FAULTS))
def test_a_fault_is_reported_alone_and_where_it_stands(case: tuple[tuple[str, Any], str, str]) -> None:
    change, code, where = case
    assert found_in(changed(change), artifact_tasks={"Json": RULES}) == [(code, where)]


GOOD: dict[str, tuple[str, Any]] = {
    "no arguments as a list": ("graph/logged/log", []),
    "no arguments as a block": ("graph/logged/log", {}),
    "no arguments in the mixed form": ("graph/logged", {"task": "log"}),
    "null is one argument": ("graph/logged/log", None),
    "a list is one argument": ("graph/logged/log", [[1, 2]]),
    "a date in a list": ("graph/logged/log", [yaml.safe_load("2024-01-01")]),
    "a lone sign is a text": ("graph/logged/log", "$"),
    "a sign inside a text": ("graph/logged/log", "a$b"),
    "an escaped sign": ("graph/logged/log", "$$x"),
    "a key is no reference": ("graph/logged/log", [{"$x": 1}]),
    "a default is no reference": ("parameters/mark/default", "$x"),
    "an artifact's argument is no reference": ("artifact_outputs/saved/task/args", {"type": "$x"}),
    "an argument of an artifact that no rule speaks of": ("artifact_outputs/saved/task/args", {"foo": 1, "indent": 2.0}),
    "a text as the contents": ("artifact_outputs/saved/contents", "x"),
    "an artifact named as a step": ("artifact_outputs/told", {"contents": "x", "task": {"name": "Json"}}),
    "an integer is a number": ("graph/up/args", 3),
    "an input that is left out": ("graph/told/report/marks", GONE),
    "a parameter without a type": ("graph/logged/log", "$free"),
    "a parameter without type and default": ("parameters/mark", {}),
    "a parameter that is null": ("parameters/nothing", None),
    "an output with a dot in its name": ("tasks/parse/outputs", [{"place": "string"}, {"degrees": "number"}, {"a.b": "any"}]),
    "a step and an artifact input have one name": ("artifact_inputs/logged", {"a": "any"}),
    "a union of nothing": ("types/nothing", {"union": []}),
    "a task named task": ("tasks/task", {"plugin": "a.b"}),
    "parts that may be left out": ("types", {}),
}  # fmt: skip


@pytest.mark.parametrize("case", GOOD.values(), ids=list(GOOD))
def test_what_the_engine_takes_is_no_fault(case: tuple[str, Any]) -> None:
    form = changed(case)
    if case == ("types", {}):
        inputs = [{"place": "any"}, {"degrees": "any"}, {"marks": "any"}]
        form["tasks"]["report"] = {"plugin": "a.b", "inputs": inputs, "outputs": {"report": "any"}}
    assert found_in(form, artifact_tasks={"Json": RULES}) == []


def test_a_member_of_a_union_twice_is_a_warning() -> None:
    (fault,) = check_form(changed(("types/other", {"union": ["string", "string"]})))
    assert (fault.code, fault.level) == ("repeated-type", "warning")


@pytest.mark.parametrize(
    "members",
    [
        [{"mapping": {"a": "string", "b": "integer"}}, {"mapping": {"b": "integer", "a": "string"}}],
        [{"union": ["string", "null"]}, {"union": ["null", "string"]}],
        [{"list": {"mapping": {"a": "string", "b": {"union": ["string", "null"]}}}},
         {"list": {"mapping": {"b": {"union": ["null", "string"]}, "a": "string"}}}],
    ],
    ids=["keys", "a union in a union", "deep"],
)  # fmt: skip
def test_a_member_in_another_order_is_the_same_member(members: list[Any]) -> None:
    (fault,) = check_form(changed(("types/other", {"union": members})))
    assert (fault.code, fault.level) == ("repeated-type", "warning")


def test_keys_of_other_types_are_other_members() -> None:
    members = [{"mapping": {"a": "string", "b": "integer"}}, {"mapping": {"a": "integer", "b": "string"}}]
    assert check_form(changed(("types/other", {"union": members}))) == []


@pytest.mark.parametrize(
    "case, words",
    [
        (("graph/logged/log", [1, 2]), "at most 1 argument for the task 'log', found 2"),
        (("graph/told/report", [1, 2, 3, 4]), "at most 3 arguments for the task 'report', found 4"),
    ],
    ids=["one", "several"],
)
def test_how_many_arguments_there_may_be(case: tuple[str, Any], words: str) -> None:
    assert [fault.message for fault in check_form(changed(case)) if fault.code == "surplus-argument"] == [f"expected {words}"]


@pytest.mark.parametrize(
    "written, words",
    [
        ({"?outputs": ["a"], "small": {"log": "x"}, "large": {"log": "y"}}, "choose one of 'small', 'large', and write its task in place"),
        ("x", "choose one, and write its task in place"),
    ],
    ids=["choices", "none"],
)
def test_a_swap_of_a_later_dioptra_is_refused_with_what_helps(written: Any, words: str) -> None:
    (fault,) = check_form(changed(("graph/logged", {"?model": written})))
    assert fault.code == "unknown-task" and f"Dioptra 1.1 has no swaps of tasks: {words} of '?model'" in fault.help


@pytest.mark.parametrize(
    "case, help",
    [
        (("graph/told/report/place", True), "For a text, write it in quotes."),
        (("graph/up/args", "1e-3"), "A number has no quotes, and before an exponent a dot: '1e-3' is read as a text."),
        (("graph/up/args", "warm"), ""),
        (("graph/up/args", "$line"), ""),
    ],
    ids=["yes", "an exponent without a dot", "a text", "a reference"],
)
def test_a_value_that_yaml_reads_as_another_type(case: tuple[str, Any], help: str) -> None:
    (fault,) = check_form(changed(case))
    assert (fault.code, fault.help) == ("wrong-type", help)


def test_a_task_of_a_plugin_that_is_not_attached() -> None:
    form = changed(("graph/logged", {"fry": []}))
    form["artifact_outputs"]["saved"]["task"]["name"] = "Text"
    faults = helped(check_form(form, artifact_tasks={}), {"pan": ["fry"]}, {"words": ["Text"]})
    assert [fault.help for fault in faults if fault.code == "unknown-task"] == [
        "The plugin 'pan' has it: add 'pan' to the 'plugins' of the entrypoint.",
        "The plugin 'words' has it: add 'words' to the 'artifact_plugins' of the entrypoint.",
    ]


def test_a_tuple_and_a_union_of_the_same_types_are_two() -> None:
    assert check_form(changed(("types/other", {"union": [{"tuple": ["string"]}, {"union": ["string"]}]}))) == []


def test_the_chain_of_a_circle_is_named() -> None:
    (fault,) = check_form(changed(("graph/read/dependencies", "told")))
    assert fault.found == "told > read > told"


def test_a_name_that_is_nearly_right_is_suggested() -> None:
    faults = check_form(changed(("graph/logged", {"log": "$tol", "dependencies": "redd"}), ("graph/up/args", "$read.degree")))
    assert [fault.help for fault in faults] == [
        "Did you mean 'degrees'?", "Did you mean 'read'?", "Did you mean '$told'?",
    ]  # fmt: skip


def test_tasks_that_may_stand_elsewhere_are_not_missed() -> None:
    form = changed(("graph/logged", {"other": ["$x", "$read"]}), ("graph/more", {"log": "$logged.a"}))
    assert found_in(form, has_all_tasks=False) == [("unknown-reference", "graph/logged/other/0"), ("bad-reference", "graph/logged/other/1")]


def test_a_value_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert found_in(changed(("graph/logged/log", [endless]))) == [("too-much", "")]


@pytest.mark.parametrize("form", [{}, {"tasks": {}}, {"graph": {"a": {"b": []}}}])
def test_tasks_and_graph_are_required(form: dict[str, Any]) -> None:
    missing = [key for key in ("tasks", "graph") if key not in form]
    messages = [fault.message for fault in check_form(form, has_all_tasks=False)]
    assert messages == [f"expected the key '{key}', found none" for key in missing]
