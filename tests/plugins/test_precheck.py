"""What is counted of a plugin before it is made: at a limit it is let through, and one beyond it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ways.limits import MAX_HIERARCHY, Limits
from ways.plugins.precheck import limits_exceeded, needs_language_check, validated
from ways.regex.parse_tree import MAX_NESTING
from ways.sheets.document import PluginRecord, Source

pytestmark = pytest.mark.portability


def record(values: dict[str, Any]) -> PluginRecord:
    return PluginRecord("p", values, Source("sheet.yml", "yaml", ("plugins", "p"), 1, 1), {})


#: The limit, what a plugin has, and how much of it that is.
COUNTED: dict[str, tuple[str, dict[str, Any], int]] = {
    "mapping": ("mapping", {"mapping": "x" * 50}, 50),
    "tokens of a mapping": ("tokens", {"mapping": "{A}/{B}/{A}"}, 3),
    "tokens with details": ("tokens", {"mapping": "{A}", "mapping_details": {"A": {}, "B": {}}}, 2),
    "mapping of a token": ("mapping", {"mapping_details": {"A": {"mapping": "x" * 20}, "B": {"mapping": "x"}}}, 20),
    "text of a hierarchy": ("mapping", {"hierarchy": "x" * 9}, 9),
    "text of a hierarchy for its parents": ("mapping", {"hierarchy": "a{root}b{root}", "uses": ["xxxx/yyyy", "z"]}, 14 + 2 * 9),
    "text of a parent": ("mapping", {"uses": ["a", "abcd", "ab"]}, 4),
    "parts": ("hierarchy", {"hierarchy": "a/b"}, 2),
    "parts, empty ones left out": ("hierarchy", {"hierarchy": "/a// /b/"}, 2),
    "parts below the deepest parent": ("hierarchy", {"hierarchy": "a/b", "uses": ["x/y/z", "w"]}, 5),
    "parts below a parent of one part": ("hierarchy", {"hierarchy": "a/b", "uses": ["w"]}, 3),
    "parts with a parent": ("hierarchy", {"hierarchy": "{root}/a/b", "uses": ["x/y/z"]}, 5),
    "parts with a parent twice": ("hierarchy", {"hierarchy": "a/{root}/b/{root}", "uses": ["x/y/z"]}, 8),
    "a part with a parent twice": ("hierarchy", {"hierarchy": "a/b/c{root}{root}", "uses": ["x/y/z"]}, 8),
    "parts with a parent that is missing": ("hierarchy", {"hierarchy": "a/{root}"}, 2),
    "as many parts as there may be": ("hierarchy", {"hierarchy": "a/" * MAX_HIERARCHY}, MAX_HIERARCHY),
    "expressions": ("expression", {"mapping_details": {"A": {"parse": {"regex": "abc"}}, "B": {"parse": {"regex": "de"}}}}, 5),
    "what is no expression": ("expression", {"mapping_details": {"A": {"parse": {"regex": "abc", "glob": 3}}}}, 11),
}


@pytest.mark.parametrize("name, values, count", COUNTED.values(), ids=COUNTED)
def test_what_is_at_a_limit_is_let_through_and_one_more_is_refused(name: str, values: dict[str, Any], count: int) -> None:
    assert limits_exceeded(record(values), Limits(**{name: count})) is None
    problem = limits_exceeded(record(values), Limits(**{name: count - 1}))
    assert problem is not None and (problem.code, problem.found) == ("limit", str(count))


def test_a_depth_that_nothing_can_have_is_told_where_the_plugin_is_made() -> None:
    assert limits_exceeded(record({"hierarchy": "a/" * (MAX_HIERARCHY + 1)}), Limits(hierarchy=1)) is None


@pytest.mark.parametrize("before", ["x", "xx"])
def test_a_group_too_deep_is_pointed_at(before: str) -> None:
    expression = f"{before}{'(' * (MAX_NESTING + 2)}a{')' * (MAX_NESTING + 2)}"
    found, (problem,) = validated(record({"mapping": "{A}", "mapping_details": {"A": {"parse": {"regex": expression}}}}))
    assert found is None
    assert problem.excerpt == f"{expression}\n{' ' * len(before)}{' ' * MAX_NESTING}^"


@pytest.mark.parametrize("expression", ["a{99999999}", "(a+){99999999}", "(((a{999}){999}){999}){999}"])
def test_repeats_are_measured_with_groups_or_without(expression: str) -> None:
    values = {"mapping": "{A}", "mapping_details": {"A": {"parse": {"regex": expression}}}}
    assert [problem.code for problem in validated(record(values))[1]] == ["bad-expression"]


@pytest.mark.parametrize(
    "mapping, is_needed",
    [
        ("/jobs/{JOB}", False),
        ("Z:/jobs/{JOB}", False),
        ("{JOB}:x", False),
        ("{JOB}/Z:/{SHOT}", False),
        ("x:{V:03d}", True),
        ("{A}{V:03d}", True),
    ],
)
def test_a_format_in_braces_is_checked_and_a_drive_is_not(mapping: str, is_needed: bool) -> None:
    assert needs_language_check(record({"mapping": mapping})) is is_needed
    assert needs_language_check(record({"mapping": "/x", "mapping_details": {"A": {"mapping": mapping}}})) is is_needed
