"""Sheets to plugins (docs/reference/sheet-keys.rst): layers, order, and everything that is wrong on the way."""

from __future__ import annotations

import pytest

from ways.sheets.reader import ReadContext, SheetReader
from ways.sources.load_sheets import load_sheets

pytestmark = pytest.mark.portability


def loaded(*paths, is_trusted=True):
    return load_sheets(paths, SheetReader(), ReadContext(is_trusted))


def test_plugins_come_in_the_order_of_the_sheets_and_in_them(write_sheet):
    second = write_sheet("plugins: {c: {hierarchy: c}, b: {hierarchy: b}}", "b.yml")
    first = write_sheet("plugins: {a: {hierarchy: a}}", "a.yml")
    assert [plugin.name for plugin in loaded(second, first).plugins] == ["c", "b", "a"]


def test_the_assignment_is_the_plugins_then_of_globals_then_of_the_info_file_then_master(write_sheet):
    write_sheet("assignment: info", "below/.ways_plugin_info.yml")
    sheet = "globals: {assignment: globals}\nplugins: {own: {hierarchy: a, assignment: own}, shared: {hierarchy: a}}"
    bare = "plugins: {bare: {hierarchy: a}}"
    paths = [write_sheet(sheet, "a.yml"), write_sheet(bare, "below/b.yml"), write_sheet(bare, "c.yml")]
    assert [(plugin.name, plugin.assignment) for plugin in loaded(*paths).plugins] == [
        ("own", "own"), ("shared", "globals"), ("bare", "info"), ("bare", "master"),
    ]  # fmt: skip


def test_globals_go_before_the_info_file(write_sheet):
    write_sheet("assignment: info", ".ways_plugin_info.yml")
    path = write_sheet("globals: {assignment: globals}\nplugins: {a: {hierarchy: a}}")
    assert loaded(path).plugins[0].assignment == "globals"


def test_a_duplicate_parent_is_an_error_and_a_problem_and_costs_one_plugin(write_sheet):
    result = loaded(write_sheet("plugins: {a: {hierarchy: a, uses: [b, b]}, b: {hierarchy: b}}"))
    assert [plugin.name for plugin in result.plugins] == ["b"]
    assert len(result.errors) == 1 and [problem.code for problem in result.problems] == ["duplicate-uses"]


def test_every_sheet_is_kept_with_its_problems(write_sheet):
    result = loaded(write_sheet("plugins: [", "bad.yml"), write_sheet("plugins: {}", "good.yml"))
    assert [sheet.is_readable for sheet in result.sheets] == [False, True]
    assert result.problems == result.sheets[0].problems


def test_an_untrusted_sheet_says_so_of_its_plugins(write_sheet):
    result = loaded(write_sheet("plugins: {a: {hierarchy: a}}"), is_trusted=False)
    assert not result.plugins[0].source.is_trusted


def test_an_untrusted_python_sheet_is_a_problem(write_sheet):
    result = loaded(write_sheet("plugins = {}\nraise SystemExit", "a.py"), is_trusted=False)
    assert [problem.code for problem in result.problems] == ["untrusted"] and result.plugins == ()
