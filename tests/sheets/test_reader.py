"""The reader: a file is read once as long as it is the same; info files (docs/reference/sheet-keys.rst) speak for those below."""

from __future__ import annotations

import os

import pytest

from ways.sheets import files
from ways.sheets.formats.table import FormatTable
from ways.sheets.reader import Info, ReadContext, SheetReader

pytestmark = pytest.mark.portability

ONE = "plugins: {a: {hierarchy: one}}"


def places(sheet):
    return [plugin.values["hierarchy"] for plugin in sheet.plugins]


# --- which file is a sheet


@pytest.mark.parametrize(
    "name, expected",
    [
        ("a.json", "json"), ("a.yml", "yaml"), ("a.yaml", "yaml"), ("a.YML", "yaml"), ("a.toml", "toml"), ("a.py", "python"),
        ("a.txt", None), ("yml", None), ("a.yml.bak", None),
    ],
)  # fmt: skip
def test_the_ending_says_the_format_in_any_case(name, expected):
    found = FormatTable().pick(name, b"")
    assert (found.name if found else None) == expected and FormatTable().reads(name) is (expected is not None)


def test_endings_are_looked_for_in_the_order_of_0_1():
    assert FormatTable().suffixes[:3] == (".json", ".yml", ".yaml")


def test_a_file_of_no_format_is_told(write_sheet):
    (problem,) = SheetReader().read(write_sheet(ONE, "a.txt")).problems
    assert problem.code == "format" and ".json, .yml, .yaml, .toml, .py" in problem.message


# --- reading again


def test_an_unchanged_file_is_read_once(write_sheet):
    reader, path = SheetReader(), write_sheet(ONE)
    assert reader.read(path) is reader.read(path)


def test_a_changed_file_is_read_again(write_sheet):
    reader = SheetReader()
    reader.read(write_sheet(ONE))
    assert places(reader.read(write_sheet("plugins: {a: {hierarchy: another}}"))) == ["another"]


def test_a_file_with_another_stamp_is_read_again(write_sheet):
    reader, path = SheetReader(), write_sheet(ONE)
    first = reader.read(path)
    os.utime(path, ns=(1, 1))
    assert reader.read(path) is not first


def test_a_file_that_is_replaced_by_another_is_read_again(write_sheet, tmp_path):
    reader, path = SheetReader(), write_sheet(ONE)
    reader.read(path)
    other = write_sheet("plugins: {a: {hierarchy: two}}", "other.yml")
    os.utime(other, ns=(os.stat(path).st_atime_ns, os.stat(path).st_mtime_ns))
    os.replace(other, path)
    assert places(reader.read(path)) == ["two"]


def test_a_file_that_is_gone_is_unreadable(write_sheet):
    reader, path = SheetReader(), write_sheet(ONE)
    reader.read(path)
    os.remove(path)
    assert not reader.read(path).is_readable


def test_a_python_sheet_runs_each_time(write_sheet, monkeypatch):
    reader, path = SheetReader(), write_sheet("import os\nplugins = {'a': {'hierarchy': os.environ['PLACE']}}", "a.py")
    monkeypatch.setenv("PLACE", "one")
    assert places(reader.read(path)) == ["one"]
    monkeypatch.setenv("PLACE", "two")
    assert places(reader.read(path)) == ["two"]


def test_a_sheet_that_was_not_trusted_runs_once_it_is(write_sheet):
    reader, path = SheetReader(), write_sheet("plugins = {'a': {'hierarchy': 'one'}}", "a.py")
    assert not reader.read(path, ReadContext(is_trusted=False)).is_readable
    assert places(reader.read(path, ReadContext(is_trusted=True))) == ["one"]


# --- info files


@pytest.mark.parametrize("name", [".ways_plugin_info.json", ".ways_plugin_info.yml", ".ways_plugin_info.yaml"])
def test_an_info_file_gives_an_assignment(write_sheet, tmp_path, name):
    write_sheet('{"assignment": "client", "recursive": true}', name)
    info = SheetReader().info(str(tmp_path))
    assert info[:5] == Info("client", True)[:5] and info.source.path == str(tmp_path / name)


def test_an_info_file_may_be_written_with_a_trailing_comma_or_as_yaml(write_sheet, tmp_path):
    write_sheet('{"assignment": client,}', ".ways_plugin_info.json")
    assert SheetReader().info(str(tmp_path)).assignment == "client"


def test_the_other_name_that_0_1_taught_is_read_too(write_sheet, tmp_path):
    write_sheet("assignment: client", ".waypoint_plugin_info.yml")
    assert SheetReader().info(str(tmp_path)).assignment == "client"


def test_our_own_name_goes_first(write_sheet, tmp_path):
    write_sheet("assignment: other", ".waypoint_plugin_info.json")
    write_sheet("assignment: client", ".ways_plugin_info.yaml")
    assert SheetReader().info(str(tmp_path)).assignment == "client"


def test_json_goes_before_yaml(write_sheet, tmp_path):
    write_sheet("assignment: other", ".ways_plugin_info.yml")
    write_sheet('{"assignment": "client"}', ".ways_plugin_info.json")
    assert SheetReader().info(str(tmp_path)).assignment == "client"


def test_the_nearest_info_file_above_counts(write_sheet, tmp_path):
    write_sheet("assignment: far", ".ways_plugin_info.yml")
    write_sheet("assignment: near", "a/.ways_plugin_info.yml")
    write_sheet(ONE, "a/b/c/sheet.yml")
    assert SheetReader().info(str(tmp_path / "a/b/c")).assignment == "near"


def test_without_an_info_file_there_are_the_defaults(tmp_path):
    assert SheetReader().info(str(tmp_path)) == Info("", False)


@pytest.mark.parametrize("text", ["", "\n", "- a", "{}"], ids=["empty", "blank", "list", "no key"])
def test_an_info_file_that_says_nothing_means_the_defaults(write_sheet, tmp_path, text):
    write_sheet(text, ".ways_plugin_info.yml")
    assert SheetReader().info(str(tmp_path))[:5] == Info("", False)[:5]


def test_a_broken_info_file_means_the_defaults_and_is_told_once(session, write_sheet, tmp_path):
    write_sheet("assignment: [", ".ways_plugin_info.yml")
    for name in ("a", "b"):
        write_sheet(f"plugins: {{{name}: {{hierarchy: {name}}}}}", f"{name}.yml")
    session.add_search_path(str(tmp_path))
    assert [problem.code for problem in session.problems] == ["syntax"]
    assert session.get_context("a", "master") is not None and session.get_context("b", "master") is not None


def test_an_info_file_without_an_ending_is_not_read(write_sheet, tmp_path):
    write_sheet("assignment: client", ".ways_plugin_info")
    assert SheetReader().info(str(tmp_path)) == Info("", False)


def test_a_file_below_a_root_may_not_be_too_great(tmp_path, monkeypatch):
    (tmp_path / "great").write_bytes(b"x" * 11)
    monkeypatch.setattr(files, "MAX_FILE", 10)
    with pytest.raises(OSError, match="a file of more than 10 bytes"):
        files.FolderFiles(str(tmp_path)).read("great")
