"""The rules for the arguments of artifacts, read from a Python file as text."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from ways.systems.dioptra.files.artifact_rules import written_rules, wrong_argument


def rules_in(body: str) -> Any:
    (node,) = ast.parse(f"class Keep:\n    @staticmethod\n    def validation():\n        {body}").body
    assert isinstance(node, ast.ClassDef)
    return written_rules(node)


@pytest.mark.parametrize(
    "body, rules",
    [
        ("return {'a': {'type': 'integer'}}", {"a": {"type": "integer"}}),
        ("'Documented.'\n        return {'a': {'enum': ['x']}}", {"a": {"enum": ["x"]}}),
        ("return None", {}), ("...", {}), ("return {'a': RULE}", {}), ("return dict(a={})", {}), ("return {1: {}}", {}),
        ("return {**X}", {}), ("return {[]: 1}", {}), ("x = 1\n        return {'a': {}}", {}),
    ],
)  # fmt: skip
def test_rules_that_are_written_out_are_read_and_nothing_is_run(body: str, rules: Any) -> None:
    assert rules_in(body) == rules


@pytest.mark.parametrize(
    "rule, value, is_good",
    [
        ({"type": "integer"}, 5, True), ({"type": "integer"}, 5.0, True),
        ({"type": "integer"}, 5.5, False), ({"type": "integer"}, True, False),
        ({"type": ["string", "null"]}, None, True), ({"type": "boolean"}, 1, False), ({"type": "what"}, 1, True),
        ({"type": 5}, 1, True),
        ({"type": [[], "string"]}, 1, False), ({"minimum": "x"}, 1, True), ({"minimum": 2}, 1, False), ({"maximum": 2}, "long", True),
        ({"maximum": 0.5}, float("nan"), True), ({"enum": "csv"}, "x", True), ({"const": []}, 1, False), ({"pattern": "x"}, "y", True),
    ],
)  # fmt: skip
def test_an_argument_obeys_its_rule_and_a_rule_that_is_none_refuses_nothing(rule: Any, value: Any, is_good: bool) -> None:
    assert (wrong_argument({"a": rule, "b": {"type": "null"}}, {"a": value, "c": 1}) == "") == is_good
