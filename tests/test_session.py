"""Sessions: what is loaded and when, and what two of them share. The rules are in docs/explanation/sessions-and-threads.rst."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ways import api
from ways.api import Session, current_session
from ways.errors import ActionNotFoundError, ContextNotFoundError, SheetErrors, SheetSchemaError

pytestmark = pytest.mark.portability

#: Long enough for any machine: a test that waits for this has failed.
LONG = 60


class Place:
    """A plugin from Python."""

    def __init__(self, hierarchy: str, **answers: Any) -> None:
        self.hierarchy = hierarchy
        self.data = answers

    def get_hierarchy(self) -> str:
        return self.hierarchy


@pytest.fixture
def environment(write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Session]:
    """Set WAYS_DESCRIPTORS and WAYS_PLUGINS to these paths, and return a session that loads them at its first use."""

    def set_and_make(descriptors: list[str], plugins: list[str] | None = None) -> Session:
        monkeypatch.setenv("WAYS_DESCRIPTORS", os.pathsep.join(descriptors))
        monkeypatch.setenv("WAYS_PLUGINS", os.pathsep.join(plugins or []))
        return Session.from_environ()

    return set_and_make


@pytest.fixture
def job(environment: Callable[..., Session], write_sheet: Callable[..., str]) -> Iterator[Session]:
    """The current session, which has not loaded its one sheet with ``job`` yet."""
    session = environment([write_sheet("plugins: {job: {hierarchy: job, mapping: '/{JOB}'}}", "job.yml")])
    with session.active():
        yield session


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A module ``gate`` that test and plugin file share."""
    module = SimpleNamespace(seen=[], started=threading.Event(), go=threading.Event())
    monkeypatch.setitem(sys.modules, "gate", module)
    return module


# --- which session is meant


def test_the_module_functions_serve_the_current_session() -> None:
    one, other = Session(), Session()
    one.add_plugins(a={"hierarchy": "a"})
    with one.active():
        assert api.get_context("a") is one.get_context("a")
        with other.active():
            assert (current_session(), api.get_context("a")) == (other, None)
        assert current_session() is one


def test_a_thread_inside_a_block_has_the_session_of_the_process(session: Session) -> None:
    seen: list[Session] = []
    thread = threading.Thread(target=lambda: seen.append(current_session()))
    thread.start()
    thread.join(LONG)
    assert seen and seen[0] is not session


def test_the_session_of_the_process_is_made_once() -> None:
    seen: list[Session] = []
    threads = [threading.Thread(target=lambda: seen.append(current_session())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert len(set(map(id, seen))) == 1


def test_a_block_that_ends_with_an_error_gives_the_session_back(session: Session) -> None:
    with pytest.raises(KeyError), Session().active():
        raise KeyError
    assert current_session() is session


# --- two sessions share nothing


def test_plugins_contexts_and_data_of_two_sessions_are_apart() -> None:
    one, other = Session(), Session()
    for session in (one, other):
        session.add_plugins(a={"hierarchy": "a", "data": {"x": {"y": 1}}})
    assert one.get_context("a") is not other.get_context("a")
    one.need_context("a").data["x"]["y"] = 2
    assert other.need_context("a").data == {"x": {"y": 1}}


def test_one_plugin_object_in_two_sessions_keeps_their_data_apart() -> None:
    one, other, place = Session(), Session(), Place("a", x={"y": 1})
    one.add_plugin(place)
    other.add_plugin(place)
    one.need_context("a").data["x"]["y"] = 2
    assert (other.need_context("a").data, place.data) == ({"x": {"y": 1}}, {"x": {"y": 1}})


def test_actions_defaults_aliases_and_asset_classes_of_two_sessions_are_apart() -> None:
    one, other = Session(), Session()
    other.add_plugins(a={"hierarchy": "a"})
    one.add_action(len, context="a")
    one.add_action_default("size", 1)
    one.register_context_alias("b", "a")
    one.register_asset_class(dict, "a")
    with other.active(), pytest.raises(ActionNotFoundError):
        other.need_context("a").actions.size()
    assert (other.get_action("len", "a"), other.get_context("b")) == (None, None)
    assert (other.resolve_alias("b"), other.asset_classes.info("a")) == (("b",), (None, None))


def test_clear_and_problems_of_two_sessions_are_apart() -> None:
    one, other = Session(), Session()
    other.add_plugins(a={"hierarchy": "a"})
    one.add_search_path("/no/such/path")
    assert (len(one.problems), other.problems, other.results()[0]) == (1, [], [])
    one.clear()
    assert other.get_context("a") is not None


def test_a_context_stays_with_the_session_that_made_it(session: Session) -> None:
    other = Session()
    other.add_plugins(a={"hierarchy": "a"}, b={"hierarchy": "a", "assignment": "job"})
    context = other.need_context("a")
    assert context.checkout("job") is other.get_context("a", "job")
    assert session.get_context("a") is None


@pytest.mark.platform("linux")
def test_settings_of_a_session_can_stand_in_for_the_environment() -> None:
    one, other = Session(overrides={"WAYS_PLATFORM": "windows"}), Session()
    for session in (one, other):
        session.add_plugins(a={"hierarchy": "a", "mapping": "/a", "path": True})
    assert (one.need_context("a").get_mapping(), other.need_context("a").get_mapping()) == ("\\a", "/a")


# --- a class body runs once in a process


PLUGINS_MODULE = """
from ways import api

class Plate(api.Plugin):
    def get_hierarchy(self):
        return "plate"

class Look(api.Action):
    @classmethod
    def get_hierarchy(cls):
        return "plate"
"""


def test_a_module_imported_in_one_session_registers_nothing_in_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "studio_of_one.py").write_text(PLUGINS_MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    one, other = Session(), Session()
    for session in (one, other):
        with session.active():
            module = __import__("studio_of_one")
    assert (one.hierarchies(), other.hierarchies(), other.get_action("Look", "plate")) == ([("plate",)], [], None)
    other.add_plugin(module.Plate)
    other.add_action(module.Look)
    assert (other.hierarchies(), other.get_action("Look", "plate")) == ([("plate",)], module.Look)


def test_what_a_description_imports_registers_where_it_is_added(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "studio_of_another.py").write_text(f"{PLUGINS_MODULE}\ndef none():\n    return []\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    other = Session()
    other.add_search_path("create_using=studio_of_another.none")
    assert (other.hierarchies(), session.hierarchies()) == ([("plate",)], [])


# --- first use loads


def test_a_new_session_is_empty(environment: Callable[..., Session], write_sheet: Callable[..., str]) -> None:
    environment([write_sheet("plugins: {job: {hierarchy: job}}")])
    assert (Session().hierarchies(), Session.from_environ().hierarchies()) == ([], [("job",)])


class Late(api.Plugin):
    add_to_registry = False

    def get_hierarchy(self) -> str:
        return "late"


def _plugin_statement() -> None:
    type("Later", (Late,), {"add_to_registry": True})


def _action_statement() -> None:
    type("Later", (api.Action,), {"get_hierarchy": classmethod(lambda cls: "late")})


FIRST_USES: dict[str, Callable[[], Any]] = {
    "get_context": lambda: api.get_context("job"),
    "get_asset": lambda: api.get_asset({"JOB": "x"}, "job"),
    "Context": lambda: api.Context("job"),
    "add_search_path": lambda: api.add_search_path([]),
    "add_plugin": lambda: api.add_plugin("/no/such/file.py"),
    "register_plugin": lambda: api.register_plugin(Late()),
    "Plugin": _plugin_statement,
    "Action": _action_statement,
    "add_action": lambda: api.add_action(len, context="a"),
    "add_action_default": lambda: api.add_action_default("x", 1),
    "Find.add_to_defaults": lambda: api.Find.add_to_defaults("x", 1),
    "Find.clear": lambda: api.Find.clear(),
    "register_asset_class": lambda: api.register_asset_class(dict, "a"),
    "get_asset_class": lambda: api.get_asset_class("a"),
    "get_asset_info": lambda: api.get_asset_info("a"),
    "reset_asset_classes": lambda: api.reset_asset_classes(),
    "register_context_alias": lambda: api.register_context_alias("a", "b"),
    "resolve_alias": lambda: api.resolve_alias("a"),
    "clear_aliases": lambda: api.clear_aliases(),
    "clear_contexts": lambda: api.clear_contexts(),
    "get_action": lambda: api.get_action("x", "a"),
    "get_actions": lambda: api.get_actions("a"),
    "get_action_names": lambda: api.get_action_names("a"),
    "get_actions_info": lambda: api.get_actions_info("a"),
    "get_all_plugins": lambda: api.get_all_plugins(),
    "get_plugins": lambda: api.get_plugins("a"),
    "trace_context": lambda: api.trace_context("a"),
    "trace_hierarchy": lambda: api.trace_hierarchy("a"),
    "trace_assignment": lambda: api.trace_assignment("a"),
    "trace_actions": lambda: api.trace_actions("a"),
    "trace_all_load_results": lambda: api.trace_all_load_results(),
    "get_all_hierarchies": lambda: api.get_all_hierarchies(),
    "get_all_assignments": lambda: api.get_all_assignments(),
    "get_child_hierarchies": lambda: api.get_child_hierarchies("a"),
    "get_all_hierarchy_trees": lambda: api.get_all_hierarchy_trees(),
    "get_all_action_hierarchies": lambda: api.get_all_action_hierarchies(),
    "problems": lambda: current_session().problems,
    "sheets": lambda: current_session().sheets,
    "refresh": lambda: current_session().refresh(),
    "add_plugins": lambda: current_session().add_plugins(a={"hierarchy": "a"}),
}


@pytest.mark.parametrize("was_enabled", [True, False])
def test_a_load_leaves_the_collector_as_it_was(
    session: Session, write_sheet: Callable[..., str], was_enabled: bool
) -> None:
    """Also after a failure, and with objects that the host froze."""
    (gc.enable if was_enabled else gc.disable)()
    at_first, thresholds = gc.get_freeze_count(), gc.get_threshold()
    try:
        session.add_search_path(write_sheet("plugins: {a: {hierarchy: job, uuid: x}, b: {hierarchy: b}}"))
        with pytest.raises(ValueError):
            session.add_search_path(write_sheet("plugins: {a: {hierarchy: c, uses: [x, x]}}", "twice.yml"))
        session.refresh()
        assert gc.isenabled() is was_enabled and gc.get_freeze_count() <= at_first
        assert gc.get_threshold() == thresholds
        gc.freeze()
        frozen = gc.get_freeze_count()
        session.refresh()
        assert 0 < gc.get_freeze_count() <= frozen
    finally:
        gc.unfreeze()
        gc.enable()


@pytest.mark.parametrize("name", FIRST_USES)
def test_the_first_use_loads_what_the_environment_names(job: Session, name: str) -> None:
    FIRST_USES[name]()
    assert [(sheet.source.path.endswith("job.yml")) for sheet in job.loader.sheets.values()] == [True]


def test_what_is_registered_first_of_all_stands_behind_what_the_environment_names(job: Session) -> None:
    api.register_plugin(Place("mine"))
    assert job.hierarchies() == [("job",), ("mine",)]


def test_the_first_use_loads_once(job: Session) -> None:
    for _ in range(3):
        job.hierarchies()
    assert len(job.results()[0]) == 1


def test_clear_counts_as_loaded(job: Session) -> None:
    api.clear()
    assert (job.hierarchies(), job.results()) == ([], ([], []))


def test_clear_in_use_brings_nothing_back(job: Session) -> None:
    assert job.get_context("job") is not None
    job.clear()
    assert (job.get_context("job"), job.sheets, job.problems) == (None, [], [])
    job.refresh()
    assert job.hierarchies() == []


def test_descriptors_are_loaded_before_plugin_files(environment: Callable[..., Session], write_sheet: Callable[..., str]) -> None:
    file = write_sheet("import ways.api\nassert ways.api.get_context('job')\nways.api.add_action(len, context='job')", "p.py")
    session = environment([write_sheet("plugins: {job: {hierarchy: job}}")], [file])
    assert session.get_action("len", "job") is len
    assert [result.status for group in session.results() for result in group] == ["success", "success"]


def test_the_session_is_current_before_its_files_run(
    environment: Callable[..., Session], write_sheet: Callable[..., str], gate: SimpleNamespace
) -> None:
    file = write_sheet(f"import gate, ways.api\ngate.seen.append(ways.api.current_session())\n{PLUGINS_MODULE}", "p.py")
    session = environment([], [file])
    assert session.hierarchies() == [("plate",)]
    assert gate.seen == [session]


WAITS = """
import gate, ways.api
gate.started.set()
assert gate.go.wait(60)
ways.api.register_plugin(gate.place)
"""


@pytest.mark.parametrize("load", ["hierarchies", "init_plugins"])
def test_other_threads_wait_until_everything_is_loaded(
    environment: Callable[..., Session], write_sheet: Callable[..., str], gate: SimpleNamespace, load: str
) -> None:
    session = environment([], [write_sheet(WAITS, "p.py")])
    gate.place = Place("late")
    threads = [threading.Thread(target=getattr(session, load))]
    threads += [threading.Thread(target=lambda: gate.seen.append(session.get_context("late"))) for _ in range(4)]
    threads[0].start()
    assert gate.started.wait(LONG)
    for thread in threads[1:]:
        thread.start()
    assert gate.seen == []
    gate.go.set()
    for thread in threads:
        thread.join(LONG)
    assert gate.seen == [session.get_context("late")] * 4 and gate.seen[0] is not None


# --- nothing escapes from the load at first use


BAD_SHEETS = {
    "duplicate uses": "plugins: {x: {hierarchy: x, uses: [a, a]}}",
    "duplicate uuid": "plugins: {x: {hierarchy: x, uuid: u}, y: {hierarchy: y, uuid: u}}",
    "syntax": "plugins: {x: [",
    "missing hierarchy": "plugins: {x: {mapping: x}}",
    "no plugins": "[]",
}


@pytest.mark.parametrize("text", BAD_SHEETS.values(), ids=BAD_SHEETS)
def test_a_bad_sheet_is_a_problem_and_a_log_line_and_the_rest_is_loaded(
    environment: Callable[..., Session], write_sheet: Callable[..., str], caplog: pytest.LogCaptureFixture, text: str
) -> None:
    session = environment([write_sheet(text, "bad.yml"), write_sheet("plugins: {job: {hierarchy: job}}", "good.yml")])
    with caplog.at_level(logging.WARNING, "ways"):
        assert session.get_context("job") is not None
    assert [problem.source.path.endswith("bad.yml") for problem in session.problems] == [True]
    assert "bad.yml" in caplog.text


@pytest.mark.parametrize("name, error", [("duplicate uses", ValueError), ("duplicate uuid", RuntimeError)])
def test_what_an_explicit_load_raises_becomes_a_load_result(
    environment: Callable[..., Session], write_sheet: Callable[..., str], name: str, error: type[Exception]
) -> None:
    path = write_sheet(BAD_SHEETS[name])
    records = [result.as_dict() for result in environment([path]).results()[0]]
    assert [(record["item"], record["status"]) for record in records] == [(path, "success"), (path, "failed")]
    assert records[1]["reason"] == api.LOAD_FAILURE_KEY
    assert isinstance(records[1]["exception"], error) and records[1]["traceback"]


BAD_DESCRIPTIONS = ["/no/such/path", "create_using=no_such_module.x", "create_using=ways.api.GitLocalDescriptor", "a=b&c=d"]


@pytest.mark.parametrize("description", BAD_DESCRIPTIONS)
def test_a_bad_description_is_recorded_and_the_rest_is_loaded(
    environment: Callable[..., Session], write_sheet: Callable[..., str], description: str
) -> None:
    session = environment([description, write_sheet("plugins: {job: {hierarchy: job}}")])
    assert session.hierarchies() == [("job",)]
    assert [result.status for result in session.results()[0]] == ["failed", "success"]


BAD_CODE = ["1 +", "raise KeyError", "def main(): raise KeyError", "raise SystemExit(3)", "def main(): raise SystemExit"]


@pytest.mark.parametrize("text", BAD_CODE, ids=str)
def test_a_bad_plugin_file_is_recorded_and_the_rest_is_run(
    environment: Callable[..., Session], write_sheet: Callable[..., str], text: str
) -> None:
    session = environment([], [write_sheet(text, "bad.py"), "/no/such/file.py", write_sheet(PLUGINS_MODULE, "good.py")])
    assert session.hierarchies() == [("plate",)]
    assert [result.status for result in session.results()[1]] == ["failed", "failed", "success"]


def test_a_descriptor_that_raises_is_recorded_and_the_rest_is_loaded(
    environment: Callable[..., Session], write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gate", SimpleNamespace(raises=type("Raises", (), {"get_plugins": lambda self: 1 / 0})))
    session = environment(["create_using=gate.raises", write_sheet("plugins: {job: {hierarchy: job}}")])
    assert session.hierarchies() == [("job",)]
    assert [result.reason for result in session.results()[0]] == ["", api.LOAD_FAILURE_KEY, ""]


# --- the folders that are used without WAYS_DESCRIPTORS


@pytest.fixture
def folders(write_sheet: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet in the user's configuration folder, and one in the site's."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", os.pathsep.join([str(tmp_path / "near"), str(tmp_path / "far")]))
    for name in ("user", "near", "far"):
        write_sheet(f"plugins: {{job: {{hierarchy: job, data: {{by: {name}}}}}}}", f"{name}/ways/sheet.yml")


@pytest.mark.skipif(sys.platform != "linux", reason="the folders are those of Linux")
def test_without_descriptors_the_configuration_folders_are_used_the_users_last(
    folders: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WAYS_DESCRIPTORS")
    session = Session.from_environ()
    assert [sheet.source.path.split(os.sep)[-3] for sheet in session.sheets] == ["far", "near", "user"]
    assert session.need_context("job").data == {"by": "user"}


@pytest.mark.skipif(sys.platform != "linux", reason="the folders are those of Linux")
def test_empty_descriptors_are_none_at_all(folders: None) -> None:
    assert Session.from_environ().hierarchies() == []


@pytest.mark.skipif(sys.platform != "linux", reason="the folders are those of Linux")
def test_configuration_folders_that_are_not_there_are_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAYS_DESCRIPTORS")
    for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    assert (Session.from_environ().sheets, Session.from_environ().problems) == ([], [])


# --- refresh


def test_an_edited_sheet_changes_on_refresh_and_not_before(load: Callable[..., Session], write_sheet: Callable[..., str]) -> None:
    session = load("plugins: {job: {hierarchy: job, mapping: '/old'}}")
    context = session.need_context("job")
    write_sheet("plugins: {job: {hierarchy: job, mapping: '/new/er'}}")
    assert context.get_mapping() == "/old"
    session.refresh()
    assert (context.get_mapping(), session.get_context("job")) == ("/new/er", context)


def test_a_deleted_plugin_is_gone_after_refresh_and_so_is_its_context(
    load: Callable[..., Session], write_sheet: Callable[..., str]
) -> None:
    session = load("plugins: {a: {hierarchy: a}, b: {hierarchy: b}}")
    assert session.get_context("b") is not None
    write_sheet("plugins: {a: {hierarchy: a}}")
    session.refresh()
    assert (session.hierarchies(), session.get_context("b")) == ([("a",)], None)


def test_a_deleted_sheet_is_gone_after_refresh(load: Callable[..., Session], tmp_path: Path) -> None:
    session = load("plugins: {a: {hierarchy: a}}", "a.yml")
    load("plugins: {b: {hierarchy: b}}", "b.yml")
    (tmp_path / "a.yml").unlink()
    session.refresh()
    assert (session.hierarchies(), len(session.sheets)) == ([("b",)], 1)


def test_a_new_sheet_in_a_folder_is_there_after_refresh(session: Session, write_sheet: Callable[..., str], tmp_path: Path) -> None:
    session.add_search_path(str(tmp_path))
    write_sheet("plugins: {a: {hierarchy: a}}")
    assert session.hierarchies() == []
    session.refresh()
    assert session.hierarchies() == [("a",)]


def test_a_sheet_that_no_longer_reads_keeps_its_plugins_at_their_place_in_the_order(
    load: Callable[..., Session], write_sheet: Callable[..., str]
) -> None:
    session = load("plugins: {a: {hierarchy: a, data: {by: one}}}", "one.yml")
    load("plugins: {b: {hierarchy: a, data: {by: two}}}", "two.yml")
    write_sheet("plugins: {a: [", "one.yml")
    for _ in range(2):
        session.refresh()
    assert session.need_context("a").data == {"by": "two"}
    assert [plugin.name for plugin in session.get_all_plugins()] == ["a", "b"]
    assert [problem.code for problem in session.problems] == ["syntax"]


def test_a_sheet_that_reads_again_is_as_it_is_then(load: Callable[..., Session], write_sheet: Callable[..., str]) -> None:
    session = load("plugins: {a: {hierarchy: a}}")
    write_sheet("plugins: {a: [")
    session.refresh()
    write_sheet("plugins: {b: {hierarchy: b}}")
    session.refresh()
    assert (session.hierarchies(), session.problems) == ([("b",)], [])


def test_objects_from_python_stay_on_refresh_where_they_were(load: Callable[..., Session], session: Session) -> None:
    session.add_plugin(Place("a", by="python"))
    load("plugins: {a: {hierarchy: a, data: {by: sheet}}}")
    assert session.need_context("a").data == {"by": "sheet"}
    session.refresh()
    assert session.need_context("a").data == {"by": "sheet"}
    assert len(session.get_all_plugins()) == 2


def test_actions_aliases_asset_classes_and_changes_to_data_stay_on_refresh(load: Callable[..., Session]) -> None:
    session = load("plugins: {a: {hierarchy: a, data: {x: 1}}}")
    session.add_action(len, context="a")
    session.register_context_alias("b", "a")
    session.register_asset_class(dict, "a")
    session.need_context("a").data["y"] = 2
    session.refresh()
    assert (session.get_action("len", "a"), session.resolve_alias("b")) == (len, ("a",))
    assert (session.asset_classes.info("a")[0], session.need_context("b").plugins) == (dict, session.get_all_plugins())
    assert session.need_context("a").data == {"x": 1, "y": 2}


def test_an_object_from_python_is_asked_anew_on_refresh(session: Session) -> None:
    place = Place("a", x=1)
    session.add_plugin(place)
    place.data, place.hierarchy = {"x": 2}, "b"
    assert session.need_context("a").data == {"x": 1}
    session.refresh()
    assert (session.need_context("b").data, session.get_context("a")) == ({"x": 2}, None)


def test_an_object_that_can_no_longer_answer_stays_as_it_was(session: Session) -> None:
    place = Place("a", x=1)
    session.add_plugin(place)
    del place.hierarchy
    session.refresh()
    assert session.need_context("a").data == {"x": 1}
    assert ["AttributeError" in problem.message for problem in session.problems] == [True]


def test_a_descriptor_is_asked_anew_and_one_that_fails_keeps_what_it_gave(session: Session) -> None:
    given: list[Any] = [[Place("a")], [Place("b")], None]
    session.add_search_path(lambda: given.pop(0))
    session.refresh()
    assert (session.hierarchies(), session.problems) == ([("b",)], [])
    session.refresh()
    assert session.hierarchies() == [("b",)]
    assert ["TypeError" in problem.message for problem in session.problems] == [True]


def test_a_plugin_that_cannot_be_one_on_refresh_costs_only_itself(session: Session) -> None:
    given: list[Any] = [Place("a")]
    session.add_search_path(lambda: given)
    given += [object(), Place("b")]
    session.refresh()
    assert session.hierarchies() == [("a",), ("b",)]
    assert [problem.code for problem in session.problems] == ["descriptor"]


def test_a_path_that_was_missing_is_loaded_on_refresh_once_it_is_there(
    session: Session, write_sheet: Callable[..., str], tmp_path: Path
) -> None:
    session.add_search_path(str(tmp_path / "later"))
    session.add_search_path([Place("a")])
    write_sheet("plugins: {b: {hierarchy: b}}", "later/sheet.yml")
    session.refresh()
    assert (session.hierarchies(), session.problems) == ([("b",), ("a",)], [])
    assert [result.status for result in session.results()[0]] == ["failed", "success", "success"]


def test_a_path_that_is_still_missing_is_still_a_problem_after_refresh(session: Session) -> None:
    session.add_search_path("/no/such/path")
    session.refresh()
    assert [problem.code for problem in session.problems] == ["descriptor"]


def test_a_clash_is_told_again_on_refresh_and_gone_once_mended(load: Callable[..., Session], write_sheet: Callable[..., str]) -> None:
    with pytest.raises(RuntimeError):
        load(BAD_SHEETS["duplicate uuid"])
    session = current_session()
    session.refresh()
    assert [problem.code for problem in session.problems] == ["duplicate-uuid"]
    write_sheet("plugins: {x: {hierarchy: x, uuid: u}, y: {hierarchy: y, uuid: v}}")
    session.refresh()
    assert (session.problems, session.hierarchies()) == ([], [("x",), ("y",)])


def test_what_was_refused_is_not_tried_again_on_refresh(session: Session) -> None:
    session.add_plugins(a={"hierarchy": "a", "uuid": "u"})
    with pytest.raises(RuntimeError):
        session.add_plugins(b={"hierarchy": "b", "uuid": "u"})
    session.refresh()
    assert (session.hierarchies(), session.problems) == ([("a",)], [])


def test_adding_never_purges(load: Callable[..., Session], write_sheet: Callable[..., str]) -> None:
    session = load("plugins: {a: {hierarchy: a}}", "one.yml")
    write_sheet("plugins: {b: {hierarchy: b}}", "one.yml")
    session.add_search_path(write_sheet("plugins: {c: {hierarchy: c}}", "two.yml"))
    assert session.hierarchies() == [("a",), ("c",)]


def test_a_warning_does_not_keep_a_plugin_out_and_an_error_does(session: Session) -> None:
    session.add_plugins(fine={"hierarchy": "fine", "maping": "/fine"})
    assert session.get_context("fine") is not None
    with pytest.raises(ValueError, match="expected the key 'hierarchy'"):
        session.add_plugins(bad={"mapping": "/bad"})


def test_one_thing_wrong_with_plugins_is_told_with_its_parts(session: Session) -> None:
    with pytest.raises(SheetSchemaError) as caught:
        session.add_plugins(shot={"hierarchy": "shot", "path": [True]})
    error = caught.value
    assert (error.pointer, error.expected, error.found) == ("plugins.shot.path", "true or false", "a list")
    assert str(error) == "<python>: plugins.shot.path: expected true or false, found a list"


def test_several_things_wrong_with_plugins_are_told_together(session: Session) -> None:
    with pytest.raises(SheetErrors) as caught:
        session.add_plugins(shot={}, good={"hierarchy": "good"}, job={"hierarchy": "job", "path": [True]})
    assert [error.pointer for error in caught.value.errors] == ["plugins.shot", "plugins.job.path"]
    assert session.get_all_plugins() == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda session: session.get_asset("/jobs/owl"),
        lambda session: session.get_asset("/jobs/owl", strict=True),
        lambda session: session.get_asset({"JOB": "owl"}),
        lambda session: session.get_asset({"JOB": "owl"}, strict=True),
        lambda session: session.get_asset("/jobs/owl", "job"),
        lambda session: session.need_context("job"),
        lambda session: session.need_context("job", "master"),
        lambda session: session.read("/jobs/owl"),
        lambda session: session.format("job", {"JOB": "owl"}),
        lambda session: list(session.find_assets("job")),
        lambda session: session.explain("job"),
        lambda session: session.translate("/jobs/owl", "windows"),
    ],
)
def test_where_nothing_is_loaded_each_question_says_what_loads_sheets(ask, monkeypatch):
    monkeypatch.setenv("WAYS_DESCRIPTORS", "/sheets")
    told = r"Session\(\) starts empty: .*add_search_path, .*Session.from_environ\(\), which loads what WAYS_DESCRIPTORS names"
    with pytest.raises(ContextNotFoundError, match=told):
        ask(Session())
    session = Session()
    session.add_plugins(other={"hierarchy": "other", "mapping": "/other/{OTHER}", "syntax": 2})
    with pytest.raises(ContextNotFoundError) as caught:
        ask(session)
    assert "Nothing is loaded" not in str(caught.value)
