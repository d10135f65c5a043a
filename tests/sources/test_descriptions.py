"""Descriptions: what each stands for (``resolve_descriptor``), what is recorded of it, and what it may give.

Which sheets a descriptor of files or folders reads is in test_descriptors.py.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ways import api
from ways.api import DataPlugin, FileDescriptor, FolderDescriptor, Session, decode, encode, resolve_descriptor

SHEET = "plugins: {a: {hierarchy: a}}"


class Place:
    """A plugin that is no subclass of anything: a hierarchy and data are enough."""

    def __init__(self, hierarchy: Any, data: Any = None) -> None:
        self.hierarchy = hierarchy
        self.data = data

    def get_hierarchy(self) -> Any:
        return self.hierarchy


class StudioDb:
    """A descriptor as studios write one."""

    def __init__(self, **options: Any) -> None:
        self.options = options

    def get_plugins(self) -> list[Any]:
        return [Place("plate"), (Place("shot"), "job")]


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module ``studio`` that can be imported."""
    made = ModuleType("studio")
    vars(made)["StudioDb"] = StudioDb
    monkeypatch.setitem(sys.modules, "studio", made)
    return made


def last_record(session: Session) -> dict[str, Any]:
    return session.results()[0][-1].as_dict()


# --- encode and decode


@pytest.mark.parametrize("given", [{"items": ["/a b", "/c&d=e%"], "uuid": "ü"}, {"items": "/x:y;z"}], ids=["list", "text"])
def test_decode_undoes_encode(given: dict[str, Any]) -> None:
    assert decode(encode(given)) == given


# --- what a description stands for


def test_a_folder_is_a_folder_descriptor_and_a_file_of_any_name_a_file_descriptor(write_sheet: Callable[..., str]) -> None:
    path = write_sheet(SHEET, "sheet.any")
    assert type(resolve_descriptor(os.path.dirname(path))) is FolderDescriptor
    assert type(resolve_descriptor(path)) is FileDescriptor
    assert resolve_descriptor(Path(path)).items == [path]


def test_a_dict_without_a_maker_is_folders() -> None:
    descriptor = resolve_descriptor({"items": ["/a", "/b"]})
    assert (type(descriptor), descriptor.items) == (FolderDescriptor, ["/a", "/b"])


def test_an_encoded_text_without_a_maker_is_a_folder() -> None:
    """REC of 9.1.1."""
    assert type(resolve_descriptor("items=%2Fa")) is FolderDescriptor


def test_what_a_dict_names_need_not_exist() -> None:
    descriptor = resolve_descriptor({"create_using": "ways.api.FileDescriptor", "items": "/no/x.py"})
    assert (type(descriptor), descriptor.items) == (FileDescriptor, ["/no/x.py"])


def test_a_dict_and_the_text_that_encodes_it_give_equal_descriptors() -> None:
    given = {"create_using": "ways.api.FileDescriptor", "items": "/no/x.py", "uuid": "one"}
    assert resolve_descriptor(given) == resolve_descriptor(encode(given))


def test_a_path_with_an_equals_sign_is_looked_for_on_disk_first(session: Session, write_sheet: Callable[..., str]) -> None:
    """REC of 9.1.1."""
    session.add_search_path(os.path.dirname(write_sheet(SHEET, "show=dune/sheet.yml")))
    session.add_search_path(write_sheet("plugins: {b: {hierarchy: b}}", "show=dune.yml"))
    assert session.hierarchies() == [("a",), ("b",)]


def test_a_folder_literally_called_by_a_variable_is_that_folder(
    session: Session, write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOB", "elsewhere")
    session.add_search_path(os.path.dirname(write_sheet(SHEET, "$JOB/sheet.yml")))
    assert session.hierarchies() == [("a",)]


def test_an_encoded_folder_called_by_a_variable_is_that_folder(
    session: Session, write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOB", "elsewhere")
    session.add_search_path(encode({"items": os.path.dirname(write_sheet(SHEET, "$JOB/sheet.yml"))}))
    assert session.hierarchies() == [("a",)]


@pytest.mark.parametrize("maker", ["studio.StudioDb", "studio:StudioDb", StudioDb], ids=["dotted", "colon", "class"])
def test_a_class_is_made_with_the_keys_but_uuid_and_create_using(studio: ModuleType, maker: Any) -> None:
    descriptor = resolve_descriptor({"create_using": maker, "uuid": "db", "show": "dune"})
    assert descriptor.options == {"show": "dune"}


def test_create_using_an_instance_calls_it_and_takes_what_it_returns(studio: ModuleType) -> None:
    vars(studio)["instance"] = type("Maker", (), {"__call__": lambda self, **keys: [Place(keys["place"])]})()
    assert resolve_descriptor("create_using=studio.instance&place=plate")[0].hierarchy == "plate"


def test_a_function_is_not_called_before_its_plugins_are_wanted() -> None:
    called: list[str] = []
    function = resolve_descriptor({"create_using": lambda: called.append("now")})
    assert callable(function)
    assert called == []


def test_a_function_gets_the_keys_if_it_accepts_them(session: Session) -> None:
    """REC of 12.2."""
    session.add_search_path({"create_using": lambda place: [Place(place)], "place": "plate"})
    assert session.hierarchies() == [("plate",)]


def test_a_function_that_does_not_accept_the_keys_is_called_without(session: Session) -> None:
    session.add_search_path({"create_using": lambda: [Place("plate")], "other": "ignored"})
    assert session.hierarchies() == [("plate",)]


DIRECT: dict[str, Any] = {
    "function": lambda: [Place("plate")],
    "generator": lambda: (Place(name) for name in ["plate"]),
    "class": type("Db", (), {"get_plugins": lambda self: [Place("plate")]}),
    "object": type("Db", (), {"get_plugins": lambda self: (Place("plate"),)})(),
    "list": [Place("plate")],
    "tuple of pairs": ((Place("plate"), "master"),),
    "callable object": type("Db", (), {"__call__": lambda self: [Place("plate")]})(),
}


@pytest.mark.parametrize("given", DIRECT.values(), ids=DIRECT)
def test_what_gives_plugins_can_be_added_directly(session: Session, given: Any) -> None:
    """REC of 9.1.4."""
    assert session.add_search_path(given) is not None
    assert session.get_plugins("plate")


UNUSABLE = [None, 5, 1.5, b"/tmp", object(), "", "/no/such/path", {"create_using": "no.such.thing"}]


@pytest.mark.parametrize("given", UNUSABLE, ids=lambda given: repr(given).partition(" at ")[0])
def test_what_nothing_can_be_made_of_is_none_and_a_resolution_failure(session: Session, given: Any) -> None:
    """REC of 9.1.4."""
    assert resolve_descriptor(given) is None
    assert session.add_search_path(given) is None
    assert session.results()[0][-1].reason == api.RESOLUTION_FAILURE_KEY


@pytest.mark.parametrize("source", ["1 +", "raise SystemError('at import')", "import no_such_module_at_all"], ids=str)
def test_a_maker_whose_module_is_broken_is_a_resolution_failure(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    (tmp_path / "broken_studio.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert session.add_search_path("create_using=broken_studio.Db") is None
    assert last_record(session)["reason"] == api.RESOLUTION_FAILURE_KEY


def broken(*given: Any) -> Any:
    raise KeyError("broken")


def test_a_maker_that_raises_is_a_resolution_failure_that_tells_why(session: Session) -> None:
    session.add_search_path({"create_using": type("Broken", (), {"__init__": broken})})
    assert last_record(session)["reason"] == api.RESOLUTION_FAILURE_KEY
    assert "KeyError" in last_record(session)["traceback"]


# --- what is returned and recorded


def test_adding_returns_what_gives_the_plugins(session: Session, write_sheet: Callable[..., str]) -> None:
    returned = session.add_search_path(write_sheet(SHEET))
    assert returned.__self__ == FileDescriptor([write_sheet(SHEET)])
    assert session.add_search_path(DIRECT["function"]) is DIRECT["function"]


def test_add_descriptor_is_the_same_function() -> None:
    assert api.add_descriptor is api.add_search_path


def test_a_success_is_recorded_with_the_callable(session: Session, write_sheet: Callable[..., str]) -> None:
    path = write_sheet(SHEET)
    returned = session.add_search_path(path)
    assert last_record(session) == {"item": path, "status": "success", "description": returned}


def test_a_list_is_recorded_as_a_success_that_could_not_be_called(session: Session) -> None:
    given = DIRECT["list"]
    session.add_search_path(given)
    expected = {"item": given, "status": "success", "description": given, "reason": "not_callable", "traceback": None}
    assert last_record(session) == expected


def test_what_cannot_be_resolved_is_recorded_with_its_traceback(session: Session) -> None:
    session.add_search_path("/no/such/path")
    record = last_record(session)
    assert (record["item"], record["status"], record["reason"]) == ("/no/such/path", "failed", "resolution_failure")
    assert set(record) == {"item", "status", "reason", "traceback"}
    assert "/no/such/path" in record["traceback"]


def test_what_is_no_descriptor_is_recorded_with_what_it_is(session: Session) -> None:
    assert session.add_search_path({"create_using": type("Nothing", (), {})}) is None
    record = last_record(session)
    assert (record["status"], record["reason"]) == ("failed", "not_callable")
    assert set(record) == {"item", "status", "reason", "traceback", "description"}


def test_a_failure_is_a_log_line_and_nothing_is_printed(
    session: Session, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """REC of 9.2."""
    session.add_search_path("/no/such/path")
    assert "/no/such/path" in caplog.text
    assert capsys.readouterr().out == ""


def test_plugins_and_pairs_can_be_mixed_and_bare_ones_are_master(session: Session) -> None:
    bare = type("Bare", (Place,), {"get_assignment": lambda self: "elsewhere"})("bare")
    session.add_search_path(lambda: [(Place("pair"), "job"), bare, Place("other")])
    assert [len(session.get_plugins(place, layer)) for place, layer in [("pair", "job"), ("bare", "master")]] == [1, 1]
    assert session.get_plugins("bare", "elsewhere") == []


@pytest.mark.parametrize("hierarchy", ["job/shot", " job // shot/", ("job", "shot"), ["job/shot"]], ids=repr)
def test_a_foreign_plugin_needs_a_hierarchy_in_any_form_and_data(session: Session, hierarchy: Any) -> None:
    """REC of 9.2: a text is normalized."""
    session.add_search_path([Place(hierarchy, {"owner": "td"})])
    context = session.get_context("job/shot")
    assert context is not None and context.data == {"owner": "td"}


def test_none_for_plugins_is_a_type_error_after_the_success_was_recorded(session: Session) -> None:
    with pytest.raises(TypeError, match="NoneType"):
        session.add_search_path(lambda: None)
    assert last_record(session)["status"] == "success"


def test_a_plugin_that_cannot_be_one_costs_only_itself(session: Session) -> None:
    with pytest.raises(ValueError, match="hierarchy"):
        session.add_search_path([object(), Place("plate")])
    assert session.hierarchies() == [("plate",)]


def test_a_duplicate_use_is_raised_after_everything_good_was_registered(load: Callable[..., Session], session: Session) -> None:
    with pytest.raises(ValueError, match="twice"):
        load("plugins: {bad: {hierarchy: x, uses: [a, a]}, good: {hierarchy: good}}")
    assert session.hierarchies() == [("good",)]
    assert last_record(session)["status"] == "success"


def test_a_uuid_clash_is_raised_after_everything_good_was_registered(load: Callable[..., Session], session: Session) -> None:
    with pytest.raises(RuntimeError, match="uuid"):
        load("plugins: {a: {hierarchy: a, uuid: u}, b: {hierarchy: b, uuid: u}, c: {hierarchy: c}}")
    assert session.hierarchies() == [("a",), ("c",)]


def test_one_name_may_have_its_uuid_in_two_files(load: Callable[..., Session]) -> None:
    load("plugins: {a: {hierarchy: a, uuid: u}}", "one.yml")
    assert len(load("plugins: {a: {hierarchy: b, uuid: u}}", "two.yml").get_all_plugins()) == 2


def test_a_resolution_failure_raises_nothing_and_the_rest_is_loaded(session: Session, write_sheet: Callable[..., str]) -> None:
    session.add_search_path("/no/such/path")
    session.add_search_path(write_sheet(SHEET))
    assert session.hierarchies() == [("a",)]


def test_a_second_descriptor_does_not_load_the_first_again(session: Session) -> None:
    """REC of 3.9."""
    called: list[str] = []
    session.add_search_path(lambda: called.append("first") or [])
    session.add_search_path(lambda: [])
    assert called == ["first"]


def test_a_descriptor_that_raised_does_not_poison_the_next(session: Session, write_sheet: Callable[..., str]) -> None:
    with pytest.raises(KeyError):
        session.add_search_path(broken)
    session.add_search_path(write_sheet(SHEET))
    assert session.hierarchies() == [("a",)]


def test_without_update_a_descriptor_is_loaded_with_the_next_one(session: Session, write_sheet: Callable[..., str]) -> None:
    session.add_search_path([Place("first")], update=False)
    assert session.hierarchies() == []
    session.add_search_path(write_sheet(SHEET))
    assert session.hierarchies() == [("first",), ("a",)]


def test_without_update_a_descriptor_is_loaded_on_refresh(session: Session) -> None:
    session.add_search_path([Place("first")], update=False)
    session.refresh()
    assert session.hierarchies() == [("first",)]


def test_a_plugin_of_two_descriptors_is_registered_once(session: Session, write_sheet: Callable[..., str]) -> None:
    """REC of 3.9."""
    path = write_sheet(SHEET)
    for description in (path, os.path.dirname(path)):
        session.add_search_path(description)
    assert len(session.get_all_plugins()) == 1


def test_a_sheet_that_is_moved_away_keeps_its_context_when_another_is_added(
    load: Callable[..., Session], write_sheet: Callable[..., str]
) -> None:
    session = load(SHEET, "one/sheet.yml")
    os.remove(session.sheets[0].source.path)
    session.add_search_path(write_sheet("plugins: {b: {hierarchy: b}}", "two/sheet.yml"))
    assert session.get_context("a") is not None


def test_problems_of_sheets_are_logged(load: Callable[..., Session], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "ways"):
        load("plugins: {a: {hierarchy: a, maping: x}, b: {}}")
    assert "'mapping'" in caplog.text and "hierarchy" in caplog.text


@pytest.mark.parametrize("trust, expected", [(None, True), (True, True), (False, False)])
def test_trust_is_the_callers_word_and_else_given_to_the_own_disk(
    session: Session, write_sheet: Callable[..., str], trust: bool | None, expected: bool
) -> None:
    session.add_search_path(write_sheet("plugins = {'a': {'hierarchy': 'a'}}", "sheet.py"), trust=trust)
    assert (session.get_context("a") is not None) is expected


# --- descriptors of one's own


def test_a_custom_descriptor_gives_plugins_to_several_layers(session: Session, studio: ModuleType) -> None:
    session.add_search_path("create_using=studio.StudioDb&uuid=db")
    assert session.get_plugins("plate", "master") and session.get_plugins("shot", "job")
    assert api.trace_all_load_results()["descriptors"]["db"]["status"] == "success"


def test_a_subclass_with_plugins_of_its_own_is_asked_for_them(session: Session) -> None:
    class Own(FolderDescriptor):
        def get_plugins(self, items: Any = None) -> Any:
            return [(Place("own"), "master")]

    session.add_search_path(Own("/no/such/folder"))
    assert session.hierarchies() == [("own",)]


# --- what descriptors of files and folders tell


def test_items_of_a_file_descriptor_are_a_list_for_one_and_else_what_was_given() -> None:
    given = ("/a.yml", "/b.yml")
    assert FileDescriptor("/a.yml").items == ["/a.yml"]
    assert FileDescriptor(given).items is given


def test_items_that_can_be_gone_through_once_are_kept(session: Session, write_sheet: Callable[..., str]) -> None:
    session.add_search_path(FileDescriptor(iter([write_sheet(SHEET)])))
    session.refresh()
    assert session.hierarchies() == [("a",)]


def test_get_plugins_gives_data_plugins_whose_sources_are_the_file(write_sheet: Callable[..., str]) -> None:
    path = write_sheet(SHEET)
    ((plugin, assignment),) = FileDescriptor(path).get_plugins()
    assert (type(plugin), plugin.sources, assignment) == (DataPlugin, (path,), "master")


def test_get_plugins_takes_other_items_and_a_text_is_one_of_them(write_sheet: Callable[..., str]) -> None:
    path = write_sheet(SHEET)
    assert len(FileDescriptor([]).get_plugins(path)) == len(FileDescriptor([]).get_plugins([path])) == 1
    assert len(FolderDescriptor([]).get_plugins([os.path.dirname(path)])) == 1


def test_get_plugins_of_a_broken_sheet_gives_what_can_be_read(write_sheet: Callable[..., str]) -> None:
    paths = [write_sheet("plugins: {a: [", "broken.yml"), write_sheet(SHEET)]
    assert [plugin.name for plugin, _ in FileDescriptor(paths).get_plugins()] == ["a"]


def test_plugin_files_are_told_one_by_one() -> None:
    found = FileDescriptor.filter_plugin_files(["/a.yml", "/.waypoint_plugin_info.json", "/d"])
    assert isinstance(found, Iterator)
    assert list(found) == ["/a.yml"]


def test_a_descriptor_is_equal_to_no_other_kind_of_thing() -> None:
    assert FileDescriptor("/a") != "/a"


def test_folders_named_like_sheets_are_no_sheets(session: Session, tmp_path: Path) -> None:
    (tmp_path / "folder.yml").mkdir()
    session.add_search_path(str(tmp_path))
    assert (session.sheets, session.problems) == ([], [])


@pytest.mark.skipif(os.pathsep != ":", reason="on Windows a colon is part of a path")
@pytest.mark.parametrize("text", ["{a};{b}", "{a}, {b}", "nowhere;{b}", "nowhere|neither", "{a} {b}", "nowhere,{b}", "{a}:{b}"])
def test_paths_with_a_wrong_separator_are_told_with_the_right_one(tmp_path: Path, text: str) -> None:
    paths = {name: str(tmp_path / name) for name in "ab"}
    for path in paths.values():
        os.mkdir(path)
    session = Session()
    assert session.add_search_path(text.format(**paths)) is None
    pieces = text.replace(";", ":").replace(",", ":").replace("|", ":").replace(" ", ":").replace("::", ":")
    assert f"WAYS_DESCRIPTORS separates them by ':': {pieces.format(**paths)}" in str(session.problems[0])


@pytest.mark.parametrize("text", ["nowhere", "no where", "no,where", "/nowhere/file.yml"])
def test_one_path_that_is_not_there_is_no_list(text: str) -> None:
    session = Session()
    session.add_search_path(text)
    assert "separates" not in str(session.problems[0])
