"""Where two mappings meet: a separator that lacks, a parent that is absolute, and a separator at the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ways import api


def joined(write_sheet: Callable[..., str], parent: str, child: str, details: str = "{}") -> list[tuple[str, int, int]]:
    path = write_sheet(
        f"globals: {{syntax: 2}}\nplugins:\n  show: {{hierarchy: show, mapping: '{parent}', mapping_details: {details}}}\n"
        f"  task: {{hierarchy: '{{root}}/task', mapping: '{child}', uses: [show]}}\n"
        f"  more: {{hierarchy: '{{root}}/more', mapping: '{child}/{{M}}', uses: [show]}}\n"
    )
    codes = ("missing-separator", "absolute-parent", "doubled-separator")
    return [(finding.code, finding.source.line, finding.source.column) for finding in api.check(path) if finding.code in codes]


@pytest.mark.parametrize(
    "parent, child, column",
    [
        ("/p/{SHOW}", "tasks/{TASK}", 46),
        ("/p/{SHOW}", "{root}tasks/{TASK}", 52),
        ("/p/{SHOW}", "{root}{TASK}", 52),
        ("/p/tasks", "{TASK}", 46),
        ("/p/2024", "4k", 46),
        ("p\\{SHOW}", "tasks", 46),
        ("/p/{SHOW}[_{PART}]", "tasks", 46),
        ("/p/{SHOW}", "{root}[{TASK}]", 52),
        ("{SHOW}", "tasks/{TASK}", 46),
    ],
)
def test_letters_that_meet_without_a_separator_are_reported_where_the_second_stands(
    write_sheet: Callable[..., str], parent: str, child: str, column: int
) -> None:
    assert joined(write_sheet, parent, child)[0] == ("missing-separator", 4, column)
    assert len(joined(write_sheet, parent, child)) == 2


@pytest.mark.parametrize("child", ["{root}_v{V}", "{root}.exr", "{root}-x", "/x", "_x", "{root}/x", "{root}[_{V}]", "x{root}", "{root}"])
def test_mappings_that_meet_at_another_sign_are_meant(write_sheet: Callable[..., str], child: str) -> None:
    assert joined(write_sheet, "/p/{SHOW}", child) == []


@pytest.mark.parametrize("details", ["{V: {format: 03d}}", "{V: {parse: {regex: '[0-9]+'}}}", "{V: {parse: {regex: '_[0-9]+'}}}"])
def test_a_word_with_its_number_is_one_name(write_sheet: Callable[..., str], details: str) -> None:
    assert joined(write_sheet, "/p/{SHOW}/shot", "{root}{V}", details) == []


def test_the_help_for_a_missing_separator_writes_the_mapping_right(write_sheet: Callable[..., str]) -> None:
    path = write_sheet(
        "plugins:\n  show: {hierarchy: show, mapping: 'P:\\{SHOW}'}\n"
        "  task: {hierarchy: '{root}/task', mapping: 'tasks\\{TASK}', uses: [show]}\n"
    )
    [finding] = [finding for finding in api.check(path) if finding.code == "missing-separator"]
    assert finding.help == "Write '{root}\\tasks\\{TASK}'."
    assert [place.source.line for place in finding.related] == [2]


@pytest.mark.parametrize(
    "parent, child, is_reported",
    [
        ("/p/{SHOW}", "late/{root}/x", True),
        ("/p/{SHOW}", "/{root}/x", True),
        ("Z:/p/{SHOW}", "late/{root}/x", True),
        ("Z:/p/{SHOW}", "/mnt{root}/x", True),
        ("//server/{SHOW}", "/mnt/{root}/x", True),
        ("/p/{SHOW}", "/backup{root}/x", False),
        ("/p/{SHOW}", "file://{root}/x", False),
        ("Z:/p/{SHOW}", "file:///{root}/x", False),
        ("p/{SHOW}", "late/{root}/x", False),
    ],
)
def test_an_absolute_parent_in_the_middle_is_reported_as_what_it_is(
    write_sheet: Callable[..., str], parent: str, child: str, is_reported: bool
) -> None:
    found = joined(write_sheet, parent, child)
    assert [place for place in found if place[0] != "absolute-parent"] == []
    assert found[:1] == ([("absolute-parent", 4, 46 + child.index("{root}"))] if is_reported else [])


@pytest.mark.parametrize(
    "mapping, keys, levels",
    [
        ("/j/{JOB}/", "path: true", ["warning"]),
        ("/j/{JOB}/", "path: false", ["note"]),
        ("/j/{JOB}/", "search: false", []),
        ("/j/{JOB}", "path: true", []),
        ("Z:/", "path: true", []),
        ("/", "path: true", []),
    ],
)
def test_a_separator_at_the_end_is_reported_if_nothing_is_built_on_it(
    write_sheet: Callable[..., str], mapping: str, keys: str, levels: list[str]
) -> None:
    path = write_sheet(f"plugins:\n  job: {{hierarchy: job, mapping: '{mapping}', {keys}}}\n")
    assert [finding.level for finding in api.check(path) if finding.code == "trailing-separator"] == levels


@pytest.mark.parametrize(
    "child", ["hierarchy: '{root}/shot', uses: [job], mapping: '{root}{SHOT}'", "hierarchy: shot, mapping: '{@job}{SHOT}'"]
)
def test_a_separator_at_the_end_of_a_mapping_that_others_are_built_on_is_meant(write_sheet: Callable[..., str], child: str) -> None:
    path = write_sheet(f"globals: {{syntax: 2}}\nplugins:\n  job: {{hierarchy: job, mapping: '/j/{{JOB}}/'}}\n  shot: {{{child}}}\n")
    assert "trailing-separator" not in [finding.code for finding in api.check(path)]
