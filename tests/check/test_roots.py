"""How a plugin joins its parent: what is surely a mistake is told, and what may be meant is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ways import api

SHOW = "show: {hierarchy: show, mapping: '/shows/{SHOW}'}"


def places_of(findings: list[api.Finding]) -> list[tuple[str, str, int, int]]:
    return [(finding.code, finding.level, finding.source.line, finding.source.column) for finding in findings]


def test_a_root_without_a_parent_is_reported_once_for_a_plugin(write_sheet: Callable[..., str]) -> None:
    path = write_sheet(f"plugins:\n  {SHOW}\n  shot:\n    hierarchy: '{{root}}/shot'\n    mapping: '{{root}}/{{SHOT}}'\n")
    assert places_of(api.check(path)) == [("root-without-uses", "error", 4, 17)]


def test_a_root_in_the_mapping_of_a_place_below_another_is_told_with_that_other(write_sheet: Callable[..., str]) -> None:
    path = write_sheet(f"plugins:\n  {SHOW}\n  shot: {{hierarchy: show/shot, mapping: '{{root}}/{{SHOT}}'}}\n")
    [finding] = api.check(path)
    assert finding.help == "To build on 'show': hierarchy: '{root}/shot' and uses: [show]."


def test_a_root_in_the_mapping_of_a_token_is_reported_also_with_a_parent(write_sheet: Callable[..., str]) -> None:
    path = write_sheet(
        f"plugins:\n  {SHOW}\n  shot: {{hierarchy: '{{root}}/shot', mapping: '/{{FILE}}', uses: [show],"
        " mapping_details: {FILE: {mapping: '{root}/{SHOT}'}}}"
    )
    assert [(code, level) for code, level, *_ in places_of(api.check(path))] == [("root-without-uses", "error")]


@pytest.mark.parametrize(
    "own, uses, doubled",
    [
        ("show/task", "[show]", ["show/show/task"]),
        ("show/shot/task", "[show, show/shot]", ["show/show/shot/task"]),
        ("task", "[show]", []),
        ("showroom/task", "[show]", []),
        ("'{root}/show/task'", "[show]", []),
        ("lib/show", "[show]", []),
    ],
)
def test_a_place_that_repeats_its_parent_is_reported_once_for_a_plugin(
    write_sheet: Callable[..., str], own: str, uses: str, doubled: list[str]
) -> None:
    shot = "shot: {hierarchy: show/shot, mapping: '/shots/{SHOT}'}"
    path = write_sheet(f"plugins:\n  {SHOW}\n  {shot}\n  task: {{hierarchy: {own}, mapping: '/x/{{TASK}}', uses: {uses}}}\n")
    findings = [finding for finding in api.check(path) if finding.code == "doubled-place"]
    assert [finding.message.split("which makes ")[1] for finding in findings] == [repr(place) for place in doubled]


def doubled_separators(path: str) -> list[tuple[int, int]]:
    return [(finding.source.line, finding.source.column) for finding in api.check(path) if finding.code == "doubled-separator"]


@pytest.mark.parametrize(
    "parent, child, expected",
    [
        ("/s/{SHOW}/", "{root}/{TASK}", [(2, 46)]),
        ("/s/{SHOW}/", "/{TASK}", [(2, 46)]),
        ("/s/{SHOW}/", "{root}{TASK}", []),
        ("/", "{root}/{TASK}", [(2, 37)]),
        ("/s/{SHOW}", "{root}/{TASK}", []),
        ("Z:/", "{root}/{TASK}", [(2, 39)]),
        ("s3://b/{SHOW}", "{root}/{TASK}", []),
        ("//b/{SHOW}", "{root}/{TASK}", []),
        ("/s//{SHOW}", "{root}/{TASK}", [(2, 39)]),
    ],
)
def test_separators_that_follow_one_another_are_reported_where_the_first_is_written(
    write_sheet: Callable[..., str], parent: str, child: str, expected: list[tuple[int, int]]
) -> None:
    path = write_sheet(
        f"plugins:\n  show: {{hierarchy: show, mapping: '{parent}', path: true}}\n"
        f"  task: {{hierarchy: '{{root}}/task', mapping: '{child}', uses: [show]}}\n"
        f"  more: {{hierarchy: '{{root}}/more', mapping: '{child}', uses: [show]}}\n"
    )
    assert doubled_separators(path) == expected


def test_a_doubled_separator_of_a_text_that_is_no_path_is_its_authors_own(write_sheet: Callable[..., str]) -> None:
    assert doubled_separators(write_sheet("plugins: {a: {hierarchy: a, mapping: 'a//{A}'}}")) == []
