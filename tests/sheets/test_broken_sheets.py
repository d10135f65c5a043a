"""A sheet that is broken in any way gives a clear problem with its position, and the good sheets still answer."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.api import Session
from ways.errors import DuplicatePluginError, DuplicateUsesError
from ways.sheets.document import Source
from ways.sheets.formats.table import NATIVE_FORMATS
from ways.sheets.reader import SheetReader

GOOD = "plugins: {good: {hierarchy: good, mapping: /good, uuid: taken}}"

#: Name of the break: file name, content, line and column, code, and words of the message.
BREAKS = {
    "YAML syntax": (
        "b.yml", "plugins:\n  a:\n    hierarchy: 'x\n", 3, 16, "syntax",
        "the quote that is opened here is not closed",
    ),
    "a tab in YAML": (
        "b.yml", "plugins:\n  a:\n\thierarchy: x\n", 3, 1, "syntax", "a tab in the indentation",
    ),
    "a YAML tag that builds an object": (
        "b.yml", "plugins: !!python/object:os.error {}\n", 1, 10, "syntax", "the tag",
    ),
    "JSON syntax": (
        "b.json", '{"plugins": {\n  "a": {"hierarchy" "x"}}}', 2, 21, "syntax",
        "expected ':' after the key, found '\"'",
    ),
    "TOML syntax": ("b.toml", "[plugins.a]\nhierarchy = x\n", 2, 13, "syntax", "a text must be quoted: 'x'"),
    "Python syntax": ("b.py", "plugins = {}\nx = )\n", 2, 5, "syntax", "expected Python, found unmatched ')'"),
    "a Python sheet that raises": (
        "b.py", "plugins = {}\n\n1 / 0\n", 3, 1, "python", "the sheet raised ZeroDivisionError: division by zero",
    ),
    "bad UTF-8": ("b.yml", b"plugins:\n  \xff: {}\n", 2, 3, "encoding", "expected UTF-8 text, found the byte 0xff"),
    "a list for a sheet": (
        "b.yml", "- plugins\n", 1, 1, "type", "expected a block of keys with 'plugins' in it, found a list",
    ),
    "no plugins": ("b.yml", "globals: {}\n", 1, 1, "missing-key", "expected the key 'plugins', found none"),
    "plugins as a list": (
        "b.yml", "globals: {}\nplugins:\n  - a\n", 2, 1, "type",
        "plugins: expected a block of plugins, each with its name, found a list",
    ),
    "globals as a list": (
        "b.yml", "globals: [1]\nplugins: {}\n", 1, 1, "type", "expected a block of keys that each plugin gets",
    ),
    "a plugin that is a text": (
        "b.yml", "plugins:\n  a: x\n", 2, 3, "type", "plugins.a: expected a block of keys with 'hierarchy' in it, found the text 'x'",
    ),
    "no hierarchy": (
        "b.yml", "plugins:\n  a:\n    mapping: /x\n", 2, 3, "missing-key",
        "plugins.a: expected the key 'hierarchy', found none",
    ),
    "a hierarchy of the wrong type": (
        "b.yml", "plugins:\n  a:\n    hierarchy: 3\n", 3, 5, "type",
        "plugins.a.hierarchy: expected a text such as 'job/shot', found the number 3",
    ),
    "a misspelt key": (
        "b.yml", "plugins:\n  a:\n    hierarchy: x\n    maping: /x\n", 4, 5, "unknown-key",
        "found the key 'maping'. Did you mean 'mapping'?",
    ),
    "a misspelt key of a token": (
        "b.toml", "[plugins.a]\nhierarchy = 'x'\n[plugins.a.mapping_details.T]\nrequird = true\n", 4, 1, "unknown-key",
        "plugins.a.mapping_details.T.requird: expected one of",
    ),
    "a duplicate plugin": (
        "b.yml", "plugins:\n  a: {hierarchy: x}\n  b: {hierarchy: y}\n  a: {hierarchy: z}\n", 4, 3, "duplicate-key",
        "found the key 'a' again; it is already on line 2",
    ),
    "a duplicate key in JSON": (
        "b.json", '{"plugins": {"a": {\n "hierarchy": "x",\n "hierarchy": "y"}}}', 3, 2, "duplicate-key",
        "found the key 'hierarchy' again; it is already on line 2",
    ),
    "platforms as a mapping": (
        "b.yml", "plugins:\n  a:\n    hierarchy: x\n    platforms:\n      linux: 1\n", 4, 5, "type",
        "plugins.a.platforms: expected a platform or a list of platforms, found a block of keys",
    ),
    "a mapping as a number": (
        "b.yml", "plugins:\n  a: {hierarchy: x, mapping: 7}\n", 2, 21, "type",
        "plugins.a.mapping: expected a text such as '/jobs/{JOB}', found the number 7",
    ),
    "uses with a number in it": (
        "b.json", '{"plugins": {"a": {"hierarchy": "x", "uses": ["y",\n 3]}}}', 2, 2, "type",
        "plugins.a.uses[1]: expected a text, found the number 3",
    ),
    "before_return as a number": (
        "b.yml",
        "plugins:\n  a:\n    hierarchy: x\n    mapping_details:\n      T:\n        before_return: 3\n", 6, 9, "type",
        "plugins.a.mapping_details.T.before_return: expected a function's name or a list of them, found the number 3",
    ),
    "details as a list": (
        "b.py", "plugins = {'a': {'hierarchy': 'x',\n   'mapping_details': ['T']}}", 2, 4, "type",
        "expected a block of tokens with their details, found a list",
    ),
    "a parent twice": (
        "b.yml", "plugins:\n  a:\n    hierarchy: '{root}/x'\n    uses:\n      - y\n      - y\n", 6, 9, "duplicate-uses",
        "plugins.a.uses[1]: expected each parent once, found 'y' twice",
    ),
    "a plugin under itself": (
        "b.yml", "plugins:\n  a: {hierarchy: x, uses: [x]}\n", 2, 21, "uses-itself",
        "found 'x': the plugin makes nothing",
    ),
    "a uuid that is taken": (
        "x.yml", "plugins:\n  other:\n    hierarchy: x\n    uuid: taken\n", 4, 5, "duplicate-uuid",
        "the plugin 'other' has the uuid 'taken', which the plugin 'good'",
    ),
}  # fmt: skip
#: Of these, a folder can't tell whether they were to be sheets.
PASSED_OVER = {"a list for a sheet", "no plugins", "plugins as a list", "a plugin that is a text"}


def put(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def load_with_good_ones(session, folder, name, content):
    """Load a folder with a broken sheet between good ones, and return the path of the broken one."""
    put(folder, "a.yml", "plugins: {first: {hierarchy: first, mapping: /first}}")
    put(folder, "good.yml", GOOD)
    path = put(folder, name, content)
    try:
        session.add_search_path(str(folder))
    except (DuplicatePluginError, DuplicateUsesError):
        pass
    return path


@pytest.mark.parametrize("kind", BREAKS)
def test_a_broken_sheet_is_told_with_path_line_and_column(session, tmp_path, kind):
    name, content, line, column, code, words = BREAKS[kind]
    path = load_with_good_ones(session, tmp_path, name, content)
    if kind in PASSED_OVER:
        assert (session.problems, session.passed_over()) == ([], [str(path)])
        session = Session()
        session.add_search_path(path)
    assert session.passed_over() == []
    problems = [problem for problem in session.problems if problem.code == code]
    assert len(problems) == 1, [str(problem) for problem in session.problems]
    assert str(problems[0]).startswith(f"{path}:{line}:{column}: ") and words in str(problems[0])


@pytest.mark.parametrize("kind", BREAKS)
def test_the_good_sheets_beside_a_broken_one_answer(session, tmp_path, kind):
    name, content, *_ = BREAKS[kind]
    load_with_good_ones(session, tmp_path, name, content)
    assert session.get_context("first").get_mapping() == "/first"
    assert session.get_context("good").get_mapping() == "/good"


@pytest.mark.parametrize("kind, error", [("a parent twice", DuplicateUsesError), ("a uuid that is taken", DuplicatePluginError)])
def test_two_kinds_raise_once_all_that_is_good_is_loaded(session, tmp_path, kind, error):
    name, content, *_ = BREAKS[kind]
    put(tmp_path, "good.yml", GOOD)
    put(tmp_path, name, content)
    put(tmp_path, "z.yml", "plugins: {last: {hierarchy: last}}")
    with pytest.raises(error):
        session.add_search_path(str(tmp_path))
    assert session.get_context("good") is not None and session.get_context("last") is not None


@pytest.mark.parametrize("kind", sorted(set(BREAKS) - {"a parent twice", "a uuid that is taken"}))
def test_no_other_kind_raises(session, tmp_path, kind):
    name, content, *_ = BREAKS[kind]
    put(tmp_path, "good.yml", GOOD)
    put(tmp_path, name, content)
    session.add_search_path(str(tmp_path))


@pytest.mark.parametrize(
    "sheet, error, builtin",
    [
        ("plugins: {a: {hierarchy: x, uses: [y, y]}}", DuplicateUsesError, ValueError),
        ("plugins: {a: {hierarchy: x, uuid: u}, b: {hierarchy: y, uuid: u}}", DuplicatePluginError, RuntimeError),
    ],
    ids=["uses", "uuid"],
)
def test_what_escapes_is_the_class_that_it_always_was(session, write_sheet, sheet, error, builtin):
    with pytest.raises(builtin) as caught:
        session.add_search_path(write_sheet(sheet))
    assert type(caught.value) is error


def test_a_broken_plugin_costs_no_other_of_its_sheet(load):
    session = load("plugins: {a: {hierarchy: 3}, b: {hierarchy: b}, c: {hierarchy: '{root}/c', uses: [b]}}")
    assert session.get_context("b") is not None and session.get_context("b/c") is not None


def test_a_later_uuid_clash_costs_the_later_plugin_only(session, write_sheet):
    sheet = "plugins: {a: {hierarchy: a, uuid: u}, b: {hierarchy: b, uuid: u}, c: {hierarchy: c}}"
    with pytest.raises(RuntimeError):
        session.add_search_path(write_sheet(sheet))
    assert [session.get_context(place) is not None for place in "abc"] == [True, False, True]


def test_an_empty_sheet_is_skipped_without_a_word(session, tmp_path):
    load_with_good_ones(session, tmp_path, "b.yml", "# not yet\n")
    assert session.problems == []


@pytest.mark.parametrize("name", ["b.yml", "b.json", "b.toml", "b.py"])
def test_a_file_that_cannot_be_read_is_told(tmp_path, name):
    os.symlink(tmp_path / "nowhere", tmp_path / name)
    sheet = SheetReader().read(str(tmp_path / name))
    (problem,) = sheet.problems
    assert not sheet.is_readable and problem.code == "unreadable"
    assert str(problem).startswith(f"{tmp_path / name}: expected a readable file, found: No such file")


def test_a_folder_with_the_name_of_a_sheet_is_told(tmp_path):
    (tmp_path / "b.yml").mkdir()
    (problem,) = SheetReader().read(str(tmp_path / "b.yml")).problems
    assert problem.code == "unreadable" and "Is a directory" in problem.message


def test_yaml_in_a_file_for_json_loads_with_a_warning(session, write_sheet):
    path = write_sheet("plugins: {a: {hierarchy: job}}", "b.json")
    session.add_search_path(path)
    (problem,) = session.problems
    assert session.get_context("job") is not None
    assert problem.level == "warning" and str(problem).startswith(f"{path}:1:1: not JSON, read all the same: ")


def test_json_with_a_trailing_comma_loads_without_a_word(session, write_sheet):
    session.add_search_path(write_sheet('{"plugins": {"a": {"hierarchy": "job",},},}', "b.json"))
    assert session.problems == [] and session.get_context("job") is not None


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(NATIVE_FORMATS[:3]),
    st.one_of(st.binary(max_size=40), st.text("{}[]:,-&*!|>'\"\\ \n\tplugins=#%@`0e.", max_size=60).map(str.encode)),
)
def test_any_bytes_give_a_draft_and_never_an_error(sheet_format, data):
    draft = sheet_format.read(data, Source("b"))
    assert not draft.is_lost or any(problem.level == "error" and problem.source.line for problem in draft.problems)
