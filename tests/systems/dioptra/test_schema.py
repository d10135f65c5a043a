"""Our checks of a resource file's shape agree with JSON Schema on every file."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.sheets.document import Source
from ways.systems.dioptra.files.resource import ARRAY, TABLE, check_shape, resource_shape
from ways.systems.shared import Problems

jsonschema = pytest.importorskip("jsonschema", reason="the extra 'test' brings it: this compares with it")

TEXT = {"type": "string"}


def table(keys: dict[str, Any], *required: str, is_open: bool = False) -> dict[str, Any]:
    return {"type": "object", "properties": keys, "required": list(required), "additionalProperties": is_open}


def array(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


OUTPUTS = array(table({"name": TEXT, "type": TEXT}, "name", "type"))
INPUTS = array(table({"name": TEXT, "type": TEXT, "required": {"type": "boolean"}}, "name", "type"))
FUNCTION = table(
    {"filename": TEXT, "name": TEXT, "input_params": INPUTS, "output_params": OUTPUTS},
    "filename", "name", "input_params", "output_params",
)  # fmt: skip
ARTIFACT = table({"filename": TEXT, "name": TEXT, "output_params": OUTPUTS}, "filename", "name", "output_params")
VALUE = {"type": ["string", "number", "boolean", "null"]}
ENTRY = {
    "path": TEXT, "name": TEXT, "description": TEXT, "plugins": array(TEXT),
    "params": array(table({"name": TEXT, "type": TEXT, "default_value": VALUE}, "name", "type")),
}  # fmt: skip
ARTIFACT_PARAM = table({"name": TEXT, "output_params": OUTPUTS}, "name", "output_params")
NEWER = {"artifact_params": array(ARTIFACT_PARAM), "artifact_plugins": array(TEXT)}


def schema(tasks: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    keys = {
        "plugins": array(table({"path": TEXT, "description": TEXT, "tasks": tasks}, "path")),
        "plugin_param_types": array(table({"name": TEXT, "description": TEXT, "structure": {"type": "object"}}, "name")),
        "entrypoints": array(table(entry, "path")),
    }
    return table(keys, is_open=True)


SCHEMAS = {
    ARRAY: schema(array(FUNCTION), ENTRY),
    # Strict reading is closed here, where Dioptra's own schema is open: what it ignores is nearly always a mistake.
    TABLE: schema(table({"functions": array(FUNCTION), "artifacts": array(ARTIFACT)}), {**ENTRY, **NEWER}),
}
PARTS = st.one_of(st.booleans(), st.integers(), st.floats(), st.text(max_size=2), st.dates(), st.just([]), st.just({}))
EXTRA = st.sampled_from(["", "", "", "queues", "required", "name", "input_params", "description"])


def tables(keys: dict[str, Any], *required: str) -> Any:
    """Return a strategy of tables that are nearly always right."""
    right = st.fixed_dictionaries(
        {key: keys[key] for key in required}, optional={key: value for key, value in keys.items() if key not in required}
    )
    return st.one_of(right, right, right, st.builds(_spoilt, right, EXTRA, PARTS, st.integers(0, 5)), PARTS)


def _spoilt(written: dict[str, Any], extra: str, value: Any, number: int) -> dict[str, Any]:
    keys = list(written)
    kept = {key: item for key, item in written.items() if not keys or key != keys[number % len(keys)]}
    return {**kept, extra: value} if extra else kept


def arrays(items: Any) -> Any:
    return st.lists(items, max_size=2)


NAME = st.text(max_size=2)
OUTPUT = arrays(tables({"name": NAME, "type": NAME}, "name", "type"))
INPUT = arrays(tables({"name": NAME, "type": NAME, "required": st.booleans()}, "name", "type"))
TASK = tables({"filename": NAME, "name": NAME, "input_params": INPUT, "output_params": OUTPUT}, *FUNCTION["required"])
LABEL = tables({"filename": NAME, "name": NAME, "output_params": OUTPUT}, *ARTIFACT["required"])
TASKS = st.one_of(arrays(TASK), tables({"functions": arrays(TASK), "artifacts": arrays(LABEL)}))
FILES = tables(
    {
        "plugins": arrays(tables({"path": NAME, "description": NAME, "tasks": TASKS}, "path")),
        "plugin_param_types": arrays(tables({"name": NAME, "description": NAME, "structure": st.just({"list": "any"})}, "name")),
        "entrypoints": arrays(
            tables(
                {
                    "path": NAME, "name": NAME, "description": NAME, "plugins": arrays(NAME), "artifact_plugins": arrays(NAME),
                    "params": arrays(tables({"name": NAME, "type": NAME, "default_value": PARTS}, "name", "type")),
                    "artifact_params": arrays(tables({"name": NAME, "output_params": OUTPUT}, "name", "output_params")),
                },
                "path",
            )
        ),
    }
).filter(lambda value: isinstance(value, dict))  # fmt: skip


@pytest.mark.parametrize("grammar", [ARRAY, TABLE])
@settings(max_examples=200, deadline=None)
@given(data=FILES)
def test_our_checks_agree_with_json_schema(grammar: str, data: dict[str, Any]) -> None:
    problems = Problems(Source("dioptra.toml"), is_strict=True)
    check_shape(data, resource_shape(grammar), (), problems)
    is_good = not [fault for fault in problems.faults if fault.level == "error"]
    assert is_good == jsonschema.Draft202012Validator(SCHEMAS[grammar]).is_valid(data)
