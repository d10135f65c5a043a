"""What the formats of foreign systems share: problems, sizes, circles, and positions that move."""

from __future__ import annotations

import doctest
from typing import Any

import pytest
from hypothesis import given, strategies as st

from ways.sheets.document import Source
from ways.systems import shared
from ways.systems.shared import Fault, Problems, circles, exceeded_limit, moved_positions

SOURCE = Source("a.toml")


def test_the_examples_are_true() -> None:
    assert doctest.testmod(shared, optionflags=doctest.ELLIPSIS).failed == 0


# --- problems


def test_a_problem_has_the_position_of_its_pointer_or_of_what_holds_it() -> None:
    problems = Problems(SOURCE, {("tasks",): (4, 2), ("tasks", 0): (5, 3)})
    problems.add("type", "wrong", ("tasks", 0, "name"))
    problems.add("type", "wrong", ("tasks", 1))
    problems.add("type", "wrong", ("other",))
    problems.add("type", "wrong", ("other",), at=(7, 1))
    assert [(fault.source.line, fault.source.column) for fault in problems.faults] == [(5, 3), (4, 2), (1, 1), (7, 1)]


def test_a_part_of_a_file_has_pointers_of_the_file_and_its_own_position() -> None:
    problems = Problems(SOURCE._replace(line=9, column=5), {("plugins", 1, "name"): (10, 7)}, within=("plugins", 1))
    problems.add("name", "wrong", ("name",))
    problems.add("name", "wrong")
    assert [str(fault) for fault in problems.faults] == ["a.toml:10:7: plugins[1].name: wrong", "a.toml:9:5: plugins[1]: wrong"]


def test_a_mismatch_says_what_was_expected() -> None:
    problems = Problems(SOURCE)
    problems.add_mismatch("type", "a text", "a list", ("name",))
    problem = problems.of_sheet()[0]
    assert (problem.message, problem.expected, problem.found) == ("expected a text, found a list", "a text", "a list")


@pytest.mark.parametrize("is_strict, level", [(True, "error"), (False, "warning")])
def test_what_the_system_accepts_is_an_error_in_strict_reading_only(is_strict: bool, level: str) -> None:
    problems = Problems(SOURCE, is_strict=is_strict)
    problems.add_lax("type", "a text", "a list")
    assert problems.faults[0].level == level


def test_an_unknown_key_has_a_suggestion_while_that_is_quick() -> None:
    problems = Problems(SOURCE)
    problems.add_unknown_key(("tasks", "nmae"), ["name", "path"])
    problems.add_unknown_key(("tasks", "x" * 101), ["name", "path"])
    assert [fault.help for fault in problems.faults] == ["Did you mean 'name'?", ""]
    assert problems.faults[0].message == "expected one of name, path, found the key 'nmae'"


def test_too_many_problems_are_left_out_and_the_last_one_says_so() -> None:
    problems = Problems(SOURCE, most=2)
    for number in range(5):
        problems.add("type", f"wrong {number}", file="a")
    assert [fault.code for fault in problems.faults] == ["type", "type", "too-much"]
    problems = Problems(SOURCE, most=2)
    problems.add_all([Fault("type", "wrong", SOURCE)] * 5)
    assert len(problems.faults) == 2


def test_a_sheet_has_each_problem_once_and_no_information() -> None:
    problems = Problems(SOURCE)
    problems.add("unknown-key", "it is kept", level="info")
    problems.add("type", "wrong", key="a")
    problems.add("type", "wrong", key="b")
    assert [problem.code for problem in problems.of_sheet()] == ["type"]
    assert [fault.as_dict()["level"] for fault in problems.faults] == ["info", "error", "error"]


# --- sizes


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value, limit", [(nested(3), ""), (nested(4), "nested at most 3 deep"), ({"a": {"b": []}}, ""), (1, "")])
def test_depth_is_how_many_containers_are_inside_each_other(value: Any, limit: str) -> None:
    assert exceeded_limit(value, depth=3) == limit


def test_values_and_characters_are_counted_where_they_stand() -> None:
    shared_list = ["ab", "cd"]
    assert exceeded_limit([shared_list, shared_list], depth=9, values=6, characters=8) == ""
    assert exceeded_limit([shared_list, shared_list], depth=9, values=5) == "of at most 5 values"
    assert exceeded_limit([shared_list, shared_list], depth=9, characters=7) == "of at most 7 characters"


def test_aliases_of_aliases_take_no_longer_than_the_limit() -> None:
    value: Any = ["x"] * 10
    for _ in range(60):
        value = [value] * 10
    assert exceeded_limit(value, depth=100, values=10_000) == "of at most 10000 values"


# --- circles

EDGES = st.dictionaries(st.integers(0, 6), st.lists(st.integers(0, 6), max_size=4), max_size=7)


@given(EDGES)
def test_a_circle_is_found_wherever_there_is_one(edges: dict[int, list[int]]) -> None:
    ways = list(circles(edges, lambda node: edges.get(node, ())))
    for way in ways:
        assert way[0] == way[-1] and all(end in edges[start] for start, end in zip(way, way[1:]))
    assert bool(ways) == any(reaches(edges, node, node) for node in edges)


def reaches(edges: dict[int, list[int]], start: int, end: int) -> bool:
    reached: set[int] = set()
    waiting = [start]
    while waiting:
        for node in edges.get(waiting.pop(), ()):
            if node not in reached:
                reached.add(node)
                waiting.append(node)
    return end in reached


def test_a_long_row_is_gone_through_once() -> None:
    edges = {number: [number + 1] for number in range(50_000)}
    assert list(circles(edges, lambda node: edges.get(node, ()))) == []
    edges[50_000] = [0]
    assert len(next(circles(edges, edges.__getitem__))) == 50_002


# --- positions


def test_positions_move_by_the_longest_pointer_to_every_place() -> None:
    positions = {("tasks",): (1, 1), ("tasks", 0): (2, 1), ("tasks", 0, "name"): (3, 1), ("tasks", 1): (4, 1)}
    moves: Any = {("tasks",): [("all",)], ("tasks", 0): [("x", "data"), ("y", "data")], ("tasks", 1): []}
    assert dict(moved_positions(positions, moves)) == {
        ("all",): (1, 1),
        ("x", "data"): (2, 1),
        ("y", "data"): (2, 1),
        ("x", "data", "name"): (3, 1),
        ("y", "data", "name"): (3, 1),
    }


def test_the_empty_pointer_moves_a_whole_file() -> None:
    assert dict(moved_positions({("a",): (1, 1)}, {(): [("plugins", "x")]})) == {("plugins", "x", "a"): (1, 1)}
