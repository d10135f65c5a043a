"""A random graph that is valid has no fault, and each thing that is broken in it is reported alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ways.systems.dioptra.files.form_check import check_form

#: Type -> literals of it, as a task graph writes them.
LITERALS: dict[str, tuple[Any, ...]] = {
    "string": ("a", "$$a", "$"), "number": (1, 2.5), "integer": (3,), "boolean": (True,), "any": (None, [1], {"a": {"task": "b"}}),
    "texts": (["a"], []), "table": ({"a": "b"}, {}), "maybe": ("a", None),
}  # fmt: skip
TYPES = {"texts": {"list": "string"}, "table": {"mapping": ["string", "any"]}, "maybe": {"union": ["string", "null"]}, "sealed": {}}
#: Type -> the types whose values fit it.
FITTING = {
    **{name: (name,) for name in (*LITERALS, "sealed")}, "number": ("number", "integer"), "maybe": ("maybe", "string"),
    "any": (*LITERALS, "sealed"),
}  # fmt: skip
Draw = Callable[[st.SearchStrategy[Any]], Any]


@st.composite
def forms(draw: Draw) -> dict[str, Any]:
    """Return the description of an entrypoint that is valid: its steps refer to each other in any order, and have any form."""
    kinds = st.sampled_from(sorted(LITERALS))
    parameters: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 3))):
        kind = draw(kinds)
        parameters[f"p{number}"] = {"type": kind}
        if draw(st.booleans()):
            parameters[f"p{number}"]["default"] = draw(st.sampled_from(LITERALS[kind]))
    tasks: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 4))):
        inputs = [
            {"name": f"i{index}", "type": draw(kinds), "required": draw(st.booleans())} for index in range(draw(st.integers(0, 3)))
        ]
        outputs = [{f"o{index}": draw(st.sampled_from(sorted(FITTING)))} for index in range(draw(st.integers(0, 3)))]
        tasks[f"t{number}"] = {"plugin": f"plugin.t{number}", "inputs": inputs, "outputs": outputs[0] if len(outputs) == 1 else outputs}
    available = {f"${name}": item["type"] for name, item in parameters.items()}
    steps: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 6))):
        task = draw(st.sampled_from(sorted(tasks)))
        steps[f"s{number}"] = _step(draw, task, tasks[task]["inputs"], available, list(steps))
        outputs = tasks[task]["outputs"]
        each = list(outputs.items()) if isinstance(outputs, dict) else [pair for output in outputs for pair in output.items()]
        available |= {f"$s{number}.{name}": kind for name, kind in each}
        available |= {f"$s{number}": kind for _, kind in each} if len(each) == 1 else {}
    order = draw(st.permutations(sorted(steps)))
    contents = draw(st.sampled_from(sorted(available)))
    return {
        "types": TYPES, "parameters": parameters, "tasks": tasks, "graph": {name: steps[name] for name in order},
        "artifact_inputs": {"old": {"o": "any"}}, "artifact_outputs": {"kept": {"contents": contents, "task": {"name": "Keep"}}},
    }  # fmt: skip


def _step(draw: Draw, task: str, inputs: list[dict[str, Any]], available: dict[str, str], before: list[str]) -> dict[str, Any]:
    values = []
    for item in inputs:
        references = [name for name, kind in available.items() if kind in FITTING[item["type"]]]
        values.append(draw(st.sampled_from([*LITERALS[item["type"]], *references])))
    split = draw(st.integers(0, len(inputs)))
    rest = list(zip(inputs, values))[split:]
    kwargs = {item["name"]: value for item, value in rest if item["required"] or draw(st.booleans())}
    form = draw(st.sampled_from(["short", "mixed"]))
    step: dict[str, Any] = {"task": task, "args": values[:split], "kwargs": kwargs}
    if form == "short" and not kwargs:
        step = {task: values[:split]}
    elif form == "short" and not split:
        step = {task: kwargs}
    if before and draw(st.booleans()):
        step["dependencies"] = draw(st.sampled_from([before, before[0]]))
    return step


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(forms())
def test_a_valid_graph_has_no_fault(form: dict[str, Any]) -> None:
    assert check_form(form, artifact_tasks={"Keep": {}}) == []


#: A task that takes anything or nothing, one that takes what no literal is, and the output of the first.
FREE = {"plugin": "a.b", "inputs": [{"name": "x", "type": "any", "required": False}], "outputs": {"y": "any"}}
SEALED = {"plugin": "a.b", "inputs": [{"x": "sealed"}]}
#: Code -> what is added to a form, so that nothing but this is wrong.
ADDED: dict[str, dict[str, Any]] = {
    "unknown-task": {"graph": {"new": {"nothing": []}}},
    "bad-step": {"graph": {"new": {"free": [], "sealed": []}}},
    "bad-name": {"graph": {"a.b": {"free": []}}},
    "duplicate-name": {"graph": {"new": {"free": []}}, "parameters": {"new": None}},
    "missing-argument": {"graph": {"new": {"sealed": []}}},
    "surplus-argument": {"graph": {"new": {"free": [1, 2]}}},
    "unknown-argument": {"graph": {"new": {"free": {"z": 1}}}},
    "duplicate-argument": {"graph": {"new": {"task": "free", "args": 1, "kwargs": {"x": 1}}}},
    "unknown-reference": {"graph": {"new": {"free": {"x": [["$nothing"]]}}}},
    "unknown-output": {"graph": {"new": {"free": ["$old.p"]}}},
    "bad-reference": {"graph": {"new": {"free": [{"a": "$p0.value"}]}}},
    "unknown-step": {"graph": {"new": {"free": [], "dependencies": ["nothing"]}}},
    "step-circle": {"graph": {"new": {"free": "$newer"}, "newer": {"free": [], "dependencies": "new"}}},
    "wrong-type": {"graph": {"new": {"sealed": [None]}}},
    "unknown-type": {"tasks": {"new": {"plugin": "a.b", "outputs": {"x": "nothing"}}}},
    "type-circle": {"types": {"new": {"list": {"tuple": ["new"]}}}},
    "bad-structure": {"types": {"new": {"set": "any"}}},
    "built-in-type": {"types": {"any": {}}},
    "bad-value": {"tasks": {"new": {"plugin": "a"}}},
    "unknown-key": {"artifact_outputs": {"new": {"contents": "a", "task": {"name": "Keep", "kwargs": {}}}}},
    "type": {"artifact_outputs": {"new": {"contents": 1, "task": {"name": "Keep"}}}},
}  # fmt: skip


@pytest.mark.parametrize("code", ADDED)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(form=forms(), is_first=st.booleans())
def test_what_is_broken_is_reported_alone(code: str, form: dict[str, Any], is_first: bool) -> None:
    form["tasks"] |= {"free": FREE, "sealed": SEALED}
    for part, added in ADDED[code].items():
        form[part] = {**added, **form[part]} if is_first else {**form[part], **added}
    assert [fault.code for fault in check_form(form, artifact_tasks={"Keep": {}})] == [code]


PARTS = ("types", "parameters", "tasks", "graph", "artifact_inputs", "artifact_outputs")
NAMES = st.sampled_from(
    [*("types parameters tasks graph artifact_inputs artifact_outputs plugin inputs outputs name type required default".split()),
     *("task args kwargs dependencies contents list tuple mapping union is_a string integer any a b $a $a.b $b $$ a.b".split()), ""]
)  # fmt: skip
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.floats() | st.dates() | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.integers(0, 2) | st.none(), inner, max_size=3),
    max_leaves=20,
)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(form=st.fixed_dictionaries({}, optional=dict.fromkeys(PARTS, ANYTHING)))
def test_anything_is_judged(form: dict[str, Any]) -> None:
    for fault in check_form(form, artifact_tasks={"a": form}):
        assert fault.code and fault.message


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(form=forms(), part=st.sampled_from(PARTS), data=st.data())
def test_a_valid_form_with_anything_in_it_is_judged(form: dict[str, Any], part: str, data: st.DataObject) -> None:
    form[part] = {**form[part], data.draw(NAMES): data.draw(ANYTHING)}
    for fault in check_form(form, artifact_tasks={"Keep": {"a": data.draw(ANYTHING)}}):
        assert fault.code and fault.message
