"""What a run would do: the steps in order, their arguments, and where each is written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from systems.dioptra.dioptra_tree import write
from ways.api import Session
from ways.errors import MissingTokensError, TokenValueError
from ways.systems import dioptra
from systems.dioptra.weather_tree import GRAPH, ONE, lone, one_task, session_of, weather

TASK = "@register\ndef first(*args):\n    return args\n"


def graph_session(folder: Path, graph: str, **given: str) -> Session:
    return lone(folder, TASK, graph, inputs="a b", may_be_wrong=True, **given)


def test_day_is_planned(tmp_path: Path) -> None:
    session = session_of(weather(tmp_path))
    plan = dioptra.plan(session, "Day", {"mark": "hot"})
    assert [step.name for step in plan] == ["read", "up", "told"] and len(plan) == 3
    assert [step.task for step in plan] == ["parse", "warmer", "report"]
    read, up, told = plan
    assert (read.id, read.args, read.kwargs, read.after) == ("weather.steps.parse", ("Oslo = 4",), {}, ())
    assert (up.args, up.kwargs, up.after) == ((dioptra.Reference("read", "degrees"),), {"by": 2.0}, ("read",))
    assert told.kwargs["marks"] == ["hot", "$literal", 3] and told.after == ("read", "up")
    assert str(told.source) == f"{tmp_path / 'graphs/day.yaml'}:6:3"
    assert plan.artifacts[0].name == "saved" and plan.artifacts[0].id == "weather.keep.Json"


def test_a_plan_is_plain_data_that_a_graph_could_have(tmp_path: Path) -> None:
    plan = dioptra.plan(session_of(weather(tmp_path)), "Day")
    record = json.loads(json.dumps(plan.as_dict()))
    assert record["missing"] == ["mark"] and record["parameters"] == {"line": "Oslo = 4", "step": 2.0}
    assert record["steps"][2]["kwargs"] == {"place": "$read.place", "degrees": "$up", "marks": ["$mark", "$$literal", 3]}


def test_a_plan_without_all_values_can_be_made_and_not_run(tmp_path: Path) -> None:
    plan = dioptra.plan(session_of(weather(tmp_path)), "Day")
    assert plan.missing == ("mark",)
    with pytest.raises(MissingTokensError, match="the entrypoint 'Day': no value for mark; give it as mark=VALUE"):
        plan.need_values()


@pytest.mark.parametrize(
    ("graph", "order"),
    [
        ("{c: {first: $z}, y: {first: []}, z: {first: []}}", "z y c"),
        ("{x1: {first: []}, x2: {first: $x1}, y: {first: []}}", "x1 y x2"),
        ("{a: {first: []}, b: {first: [], dependencies: [d, a]}, c: {first: []}, d: {first: []}}", "a d c b"),
        ("{b: {first: []}, a: {first: []}}", "b a"),
        ("{b: {first: {a: [{task: q, other: $a}]}}, a: {first: []}}", "a b"),
    ],
)
def test_order_of_steps(tmp_path: Path, graph: str, order: str) -> None:
    session = graph_session(tmp_path, f"graph: {graph}\n", outputs="out")
    assert [step.name for step in dioptra.plan(session, "One", validate=False)] == order.split()


def test_circles_are_refused_even_without_validation(tmp_path: Path) -> None:
    session = graph_session(tmp_path, "graph:\n  x:\n    first: $y\n  y:\n    first: $x\n", outputs="out")
    with pytest.raises(dioptra.InvalidGraphError, match="y > x > y|x > y > x") as error:
        dioptra.plan(session, "One", validate=False)
    assert error.value.issues[0].source.line in (2, 4)


@pytest.mark.parametrize(
    ("given", "value"), [("7", 7.0), (7, 7.0), (0.5, 0.5), (" 1e3 ", 1000.0)]
)
def test_values_are_of_the_types_of_their_parameters(tmp_path: Path, given: object, value: float) -> None:
    plan = dioptra.plan(session_of(weather(tmp_path)), "Day", {"step": given})
    assert plan.parameters["step"] == value and isinstance(plan.parameters["step"], float)


@pytest.mark.parametrize(("name", "given"), [("step", "warm"), ("step", True), ("step", [1]), ("line", 5), ("line", None)])
def test_values_of_other_types_are_refused(tmp_path: Path, name: str, given: object) -> None:
    with pytest.raises(TokenValueError, match=f"does not fit the token {name} .*set by the caller of 'Day'"):
        dioptra.plan(session_of(weather(tmp_path)), "Day", {name: given})


@pytest.mark.parametrize(
    ("type", "text", "value"),
    [("integer", "7", 7), ("boolean", "TRUE", True), ("list", "[1, 2]", [1, 2]), ("mapping", '{"a": 1}', {"a": 1}), ("string", "7", "7")],
)
def test_texts_are_read_as_values(tmp_path: Path, type: str, text: str, value: object) -> None:
    toml = one_task(TASK, inputs="a") + f'params = [ {{ name = "p", type = "{type}" }} ]\n'
    write(tmp_path, {"dioptra.toml": toml, "one.yaml": "graph:\n  only:\n    first: $p\n", "plugins/lone/steps.py": TASK})
    plan = dioptra.plan(session_of(tmp_path / "dioptra.toml"), "One", {"p": text}, validate=False)
    assert plan[0].args == (value,) and type != "boolean" or plan[0].args[0] is True


def test_a_value_of_no_parameter_is_left_out_with_a_warning(tmp_path: Path) -> None:
    plan = dioptra.plan(session_of(weather(tmp_path)), "Day", {"colour": "red"})
    assert plan.warnings == ("The entrypoint 'Day' has no parameter 'colour': its value is left out.",)


def test_a_value_that_begins_with_a_dollar_is_a_value(tmp_path: Path) -> None:
    plan = dioptra.plan(session_of(weather(tmp_path)), "Day", {"mark": "$up"})
    assert plan[2].kwargs["marks"][0] == "$up" and plan.as_dict()["steps"][2]["kwargs"]["marks"][0] == "$$up"


def test_a_site_sheet_changes_the_default(tmp_path: Path) -> None:
    site = write(tmp_path, {"site.yml": SITE}) / "site.yml"
    plan = dioptra.plan(session_of(weather(tmp_path), site), "Day")
    assert plan[0].args == ("Bergen = 9",)


SITE = """\
plugins:
  ours:
    hierarchy: dioptra/entrypoints/day
    mapping_details:
      line:
        default: Bergen = 9
"""


def test_values_decide_which_plugins_take_part(tmp_path: Path) -> None:
    site = write(tmp_path, {"site.yml": SITE + "    when: {mark: cold}\n"}) / "site.yml"
    session = session_of(weather(tmp_path), site)
    lines = [dioptra.plan(session, "Day", {"mark": mark})[0].args for mark in ("hot", "cold")]
    assert lines == [("Oslo = 4",), ("Bergen = 9",)]


def test_an_entrypoint_with_mistakes_has_no_plan(tmp_path: Path) -> None:
    session = session_of(weather(tmp_path, graph=GRAPH.replace("$up,", "$uq,")), may_be_wrong=True)
    with pytest.raises(dioptra.InvalidGraphError, match=r"The entrypoint 'Day' can't run:\n  \S+day\.yaml:7:\d+.*\$uq") as error:
        dioptra.plan(session, "Day")
    assert error.value.issues[0].source.line == 7


def test_planning_and_validating_import_nothing(tmp_path: Path) -> None:
    weather(tmp_path)
    program = (
        "import sys; from ways.api import Session; from ways.systems import dioptra; session = Session();"
        f"session.add_search_path({str(tmp_path / 'dioptra.toml')!r}); assert dioptra.validate(session, 'Day') == [];"
        "plan = dioptra.plan(session, 'Day', {'mark': 'x'}); print(*plan.missing);"
        "print([name for name in sys.modules if name.startswith(('_dioptra', 'dioptra', 'weather', 'distributed', 'rich'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n[]\n", "")


def test_one_step(tmp_path: Path) -> None:
    assert [step.id for step in dioptra.plan(lone(tmp_path, TASK, ONE), "One")] == ["lone.steps.first"]


@pytest.mark.parametrize(
    "outputs",
    ["{1: {contents: a, task: {name: Json}}}", "{a: 1}", "{a: {contents: b}}", "{a: {task: {name: Json}}}", "{a: {contents: b, task: []}}",
     "{a: {contents: b, task: {name: [1]}}}", "{a: {contents: b, task: {name: Json, args: [1]}}}", "[a]", "5"],
)  # fmt: skip
def test_what_can_not_be_read_is_refused_without_validation_too(tmp_path: Path, outputs: str) -> None:
    graph = f"artifacts: {outputs}\n{GRAPH[GRAPH.index('graph:'):]}"
    session = session_of(weather(tmp_path, graph=graph), may_be_wrong=True)
    with pytest.raises(dioptra.InvalidGraphError) as error:
        dioptra.plan(session, "Day", validate=False)
    assert [issue.source.line for issue in error.value.issues] == [1]
