"""Descriptors: which sheets, in which order (docs/reference/sheet-keys.rst), and what stands for them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.sources.descriptions import decode, encode, resolve_descriptor
from ways.sources.descriptors import FileDescriptor, FolderDescriptor
from ways.session import Session

pytestmark = pytest.mark.portability

SHEET = "plugins: {a: {hierarchy: job}}"


def relative(descriptor, folder):
    return [os.path.relpath(path, folder) for path in descriptor.paths()]


# --- encode and decode


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(min_size=1),
        st.one_of(st.text(min_size=1), st.lists(st.text(min_size=1), min_size=2, max_size=4)),
        max_size=4,
    )
)
def test_encoding_and_decoding_undo_each_other(description):
    assert decode(encode(description)) == description


def test_the_items_of_a_list_each_repeat_their_key():
    encoded = encode({"items": ["a", "b"], "create_using": "x.y"})
    assert set(encoded.split("&")) == {"items=a", "items=b", "create_using=x.y"}


def test_a_path_of_bytes_that_are_no_utf8_comes_back():
    description = {"path": os.fsdecode(b"/caf\xe9/a b")}
    assert encode(description) == "path=%2Fcaf%E9%2Fa+b"
    assert decode(encode(description)) == description


def test_a_plain_path_decodes_to_nothing():
    assert decode("/plain/path") == {}


def test_blank_values_are_dropped():
    assert decode("a=&b=1") == {"b": "1"}


# --- reading folders


def test_a_folder_gives_its_sheets_sorted_by_their_bytes(write_sheet, tmp_path):
    for name in ("b.yml", "a.json", "C.YML", "a.toml", "no.txt", "z.py"):
        write_sheet(SHEET, name)
    assert relative(FolderDescriptor(str(tmp_path)), tmp_path) == ["C.YML", "a.json", "a.toml", "b.yml", "z.py"]


def test_a_folder_leaves_out_what_is_hidden_or_below(write_sheet, tmp_path):
    for name in (".hidden.yml", "below/a.yml", "a.yml"):
        write_sheet(SHEET, name)
    assert relative(FolderDescriptor(str(tmp_path)), tmp_path) == ["a.yml"]


def test_a_recursive_folder_gives_all_below_hidden_ones_too_but_no_info_file(write_sheet, tmp_path):
    write_sheet("recursive: true", ".ways_plugin_info.yml")
    for name in (".hidden.yml", "below/a.yml", "below/deep/b.json", "z.yml", "below/.ways_plugin_info.yml"):
        write_sheet(SHEET, name)
    assert relative(FolderDescriptor(str(tmp_path)), tmp_path) == [".hidden.yml", "below/a.yml", "below/deep/b.json", "z.yml"]


def test_folders_keep_the_order_in_which_they_are_given(write_sheet, tmp_path):
    for name in ("b/one.yml", "a/two.yml"):
        write_sheet(SHEET, name)
    folders = [str(tmp_path / "b"), str(tmp_path / "a")]
    assert relative(FolderDescriptor(folders), tmp_path) == ["b/one.yml", "a/two.yml"]


def test_the_order_of_sheets_decides_which_wins(session, write_sheet, tmp_path):
    for name in ("a", "b"):
        write_sheet(f"plugins: {{a: {{hierarchy: job, mapping: /{name}}}}}", f"{name}.yml")
    session.add_search_path(str(tmp_path))
    assert session.get_context("job").get_mapping() == "/b"


def test_a_file_for_a_folder_gives_nothing(write_sheet):
    assert list(FolderDescriptor(write_sheet(SHEET)).paths()) == []


def test_files_keep_their_order_and_missing_ones_are_skipped(write_sheet, tmp_path):
    paths = [write_sheet(SHEET, "b.yml"), str(tmp_path / "gone.yml"), write_sheet(SHEET, "a.yml")]
    assert relative(FileDescriptor(paths), tmp_path) == ["b.yml", "a.yml"]


def test_files_of_other_endings_and_info_files_are_left_out():
    assert list(FileDescriptor.filter_plugin_files(["a.yml", "b.txt", "/x/.ways_plugin_info.json", "C.JSON"])) == ["a.yml", "C.JSON"]


def test_the_supported_endings_begin_with_those_of_0_1():
    assert FileDescriptor.get_supported_extensions()[:3] == (".json", ".yml", ".yaml")


def test_the_sheets_path_is_written_as_the_folder_was(write_sheet, tmp_path, monkeypatch):
    write_sheet(SHEET, "sheets/a.yml")
    monkeypatch.chdir(tmp_path)
    ((plugin, _),) = FolderDescriptor("sheets").get_plugins()
    assert plugin.sources == (os.path.join("sheets", "a.yml"),)


# --- asking a descriptor


def test_a_descriptor_gives_each_plugin_with_its_assignment(write_sheet):
    path = write_sheet("plugins: {a: {hierarchy: a, assignment: client}, b: {hierarchy: b}}")
    assert [(plugin.name, layer) for plugin, layer in FileDescriptor(path).get_plugins()] == [("a", "client"), ("b", "master")]


def test_a_descriptor_gives_the_plugins_of_other_items_if_asked(write_sheet):
    path = write_sheet(SHEET)
    assert [plugin.name for plugin, _ in FileDescriptor([]).get_plugins(path)] == ["a"]


def test_a_descriptor_raises_a_parent_that_is_named_twice(write_sheet):
    with pytest.raises(ValueError, match="twice"):
        FileDescriptor(write_sheet("plugins: {a: {hierarchy: a, uses: [b, b]}}")).get_plugins()


def test_the_info_of_a_folder_has_its_defaults(tmp_path, write_sheet):
    assert FileDescriptor([]).get_plugin_info(str(tmp_path)) == {"assignment": "master", "recursive": False}


def test_the_info_of_a_sheet_is_that_of_its_folder(write_sheet):
    write_sheet("{assignment: client, recursive: true}", ".ways_plugin_info.yml")
    assert FileDescriptor([]).get_plugin_info(write_sheet(SHEET)) == {"assignment": "client", "recursive": True}


def test_descriptors_are_equal_if_their_items_are():
    assert FileDescriptor(["a"]) == FolderDescriptor(("a",)) and FileDescriptor("a") != FileDescriptor("b")


# --- what stands for a descriptor


def test_a_folder_or_file_on_disk_is_its_descriptor(write_sheet, tmp_path):
    path = write_sheet(SHEET)
    assert type(resolve_descriptor(str(tmp_path))) is FolderDescriptor
    assert type(resolve_descriptor(path)) is FileDescriptor and type(resolve_descriptor(Path(path))) is FileDescriptor


def test_a_folder_whose_name_looks_encoded_is_a_folder(write_sheet, tmp_path):
    write_sheet(SHEET, "a=b/sheet.yml")
    assert relative(resolve_descriptor(str(tmp_path / "a=b")), tmp_path) == ["a=b/sheet.yml"]


def test_a_dict_and_its_encoded_text_give_equal_descriptors():
    description = {"create_using": "ways.api.FileDescriptor", "items": "/no/x.py"}
    assert resolve_descriptor(description) == resolve_descriptor(encode(description)) == FileDescriptor("/no/x.py")


def test_without_a_maker_folders_are_meant():
    assert type(resolve_descriptor({"items": "/no"})) is type(resolve_descriptor("items=/no&items=/nowhere")) is FolderDescriptor


@pytest.mark.parametrize("description", ["/no/such/path", None, 3, b"/x", "create_using=no.such.thing", {"create_using": "os.sep"}])
def test_what_nothing_can_be_made_of_is_none(description):
    assert resolve_descriptor(description) is None


def test_a_link_that_leads_nowhere_is_told_of(session: Session, tmp_path: Path) -> None:
    (tmp_path / "gone.yml").symlink_to(tmp_path / "nowhere.yml")
    session.add_search_path(str(tmp_path))
    assert [problem.code for problem in session.problems] == ["unreadable"]


def test_a_subclass_may_list_its_sheets_without_a_reader(session: Session, tmp_path: Path) -> None:
    """As a subclass that was written before descriptors were given one."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.yml").write_text(f"plugins: {{{name}: {{hierarchy: {name}}}}}", encoding="utf-8")

    class FirstSheet(FolderDescriptor):
        def paths(self):
            return list(super().paths())[:1]

        def unused(self):
            return super().unused()

    def wrapped(method):
        return lambda *arguments: method(*arguments)

    class OnlyB(FolderDescriptor):
        @wrapped
        def paths_of(self, items):
            return (path for path in super().paths_of(items) if path.endswith("b.yml"))

    for descriptor in (FirstSheet(str(tmp_path)), OnlyB(str(tmp_path))):
        session.add_search_path(descriptor)
        session.refresh()
    assert session.place_texts() == ["a", "b"] and not session.problems
