"""The WAYS_* variables (``docs/reference/environment.rst``): each has its default and its rules, and a change answers at once."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ways import settings
from ways.contexts.context import Context
from ways.errors import SettingsError
from ways.session import Session
from ways.settings import LiveSettings, Settings, expand_order, parse_order, raw_environ

LAYERS = """
    plugins:
      one: {hierarchy: job, mapping: /master, data: {from: master}}
      two: {hierarchy: job, mapping: /client, data: {from: client}, assignment: client}
      three: {hierarchy: job, mapping: /windows, platforms: windows, data: {os: windows}}
"""
SEP = os.pathsep


def test_other_modules_ask_the_settings_for_variables() -> None:
    package = Path(settings.__file__).parent
    readers = {path.relative_to(package).as_posix() for path in package.rglob("*.py") if "os.environ" in path.read_text(encoding="utf-8")}
    engine_env, programs = {"contexts/filling.py", "contexts/parser.py"}, {"sources/git_program.py"}
    # What is started inherits variables; and other systems have variables of their own.
    programs |= {f"systems/imjoy/{name}.py" for name in ("interpreters", "preparing", "worker")}
    systems = {"systems/usd/plug.py", "systems/usd/tf.py", "systems/imports/toolkit.py"}
    assert {name for name in readers if not name.startswith("cli/")} == {"settings.py"} | engine_env | programs | systems


# --- defaults


def test_the_platform_is_that_of_the_machine():
    assert Settings.from_environ({}).platform == platform.system().lower()


def test_the_platform_of_windows_is_known_without_asking_uname(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert settings.default_platform() == "windows"


def test_the_known_platforms_are_four():
    assert Settings.from_environ({}).platforms == {"darwin", "java", "linux", "windows"}


def test_the_priority_is_master_alone():
    assert Settings.from_environ({}).priority == ("master",)


def test_the_parsers_are_regex_and_the_order_of_expansion_is_default_then_regex():
    assert parse_order({}) == ("regex",) and expand_order({}) == ("default", "regex")


# --- values


def test_lists_are_split_at_the_path_separator_and_not_stripped():
    assert Settings.from_environ({"WAYS_PRIORITY": f"master{SEP} client"}).priority == ("master", " client")


def test_a_set_but_empty_list_is_one_empty_item():
    empty = Settings.from_environ({"WAYS_PLATFORMS": "", "WAYS_PRIORITY": ""})
    assert empty.platforms == {""} and empty.priority == ("",)


@pytest.mark.parametrize("name, is_known", [("linux", True), ("Linux", False), ("amiga", False)])
def test_the_current_platform_is_known_by_its_exact_letters(name, is_known):
    assert Settings.from_environ({"WAYS_PLATFORM": name}).knows_platform is is_known


def test_an_assignment_that_is_repeated_counts_where_it_stands_last():
    assert Settings.from_environ({"WAYS_PRIORITY": SEP.join("aba")}).priority == ("b", "a")


def test_parsers_and_expansion_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("WAYS_PARSERS", f"glob{SEP}regex")
    monkeypatch.setenv("WAYS_EXPAND_CHOICE_ORDER", "regex")
    assert parse_order() == ("glob", "regex") and expand_order() == ("regex",)


@hypothesis_settings(deadline=None)
@given(st.lists(st.text("abc ", min_size=1), min_size=1))
def test_what_is_joined_by_the_separator_is_split_into_the_same(items):
    assert settings.split_paths(SEP.join(items), ()) == tuple(items)


# --- what a Context makes of them


def test_a_platform_that_is_not_known_silences_every_plugin(load, monkeypatch):
    context = load(LAYERS).get_context("job")
    monkeypatch.setenv("WAYS_PLATFORM", "amiga")
    assert context.plugins == [] and context.data == {}


def test_no_known_platform_silences_every_plugin(load, monkeypatch):
    context = load(LAYERS).get_context("job")
    monkeypatch.setenv("WAYS_PLATFORMS", "")
    assert context.plugins == []


def test_only_validating_a_plugin_raises_for_an_unknown_platform(load, monkeypatch):
    load(LAYERS)
    monkeypatch.setenv("WAYS_PLATFORM", "amiga")
    with pytest.raises(OSError, match="amiga"):
        Context.validate_plugin("not even a plugin")


def test_the_platforms_of_a_plugin_without_any_are_exactly_the_known_ones(load, monkeypatch):
    context = load("plugins: {a: {hierarchy: job}}").get_context("job")
    monkeypatch.setenv("WAYS_PLATFORMS", f"linux{SEP}amiga")
    assert context.get_platforms() == {"linux", "amiga"}


@pytest.mark.parametrize(
    "priority, expected",
    [("master", "/master"), (f"master{SEP}client", "/client"), (f"client{SEP}master", "/master"), ("client", "/client")],
)
def test_of_the_priority_the_later_assignment_wins(load, monkeypatch, priority, expected):
    monkeypatch.setenv("WAYS_PRIORITY", priority)
    assert load(LAYERS).get_context("job").get_mapping() == expected


def test_a_set_but_empty_priority_has_no_plugins(load, monkeypatch):
    monkeypatch.setenv("WAYS_PRIORITY", "")
    assert load(LAYERS).get_context("job").plugins == []


def test_an_assignment_that_is_not_in_the_priority_is_not_looked_at(load, monkeypatch):
    monkeypatch.setenv("WAYS_PRIORITY", "client")
    assert load(LAYERS).get_context("job").data == {"from": "client"}


# --- live


@pytest.fixture(params=["monkeypatch", "mock.patch.dict", "replaced os.environ"])
def change(request, monkeypatch):
    """Return a function that sets variables, in one of the ways that tests and tools do it."""
    if request.param == "mock.patch.dict":
        with mock.patch.dict(os.environ):
            yield os.environ.update
    elif request.param == "monkeypatch":
        yield lambda values: [monkeypatch.setenv(name, value) for name, value in values.items()]
    else:
        yield lambda values: monkeypatch.setattr(os, "environ", {**os.environ, **values})


@pytest.mark.parametrize(
    "values, expected",
    [
        ({"WAYS_PLATFORM": "windows"}, {"from": "master", "os": "windows"}),
        ({"WAYS_PLATFORMS": "windows"}, {}),
        ({"WAYS_PRIORITY": f"master{SEP}client"}, {"from": "client"}),
    ],
    ids=["platform", "platforms", "priority"],
)
def test_a_variable_answers_at_the_next_question(load, change, values, expected):
    context = load(LAYERS).get_context("job")
    assert context.data == {"from": "master"}
    change(values)
    assert context.data == expected


def test_a_variable_that_is_taken_away_answers_too(load, monkeypatch):
    monkeypatch.setenv("WAYS_PRIORITY", "client")
    context = load(LAYERS).get_context("job")
    assert context.data == {"from": "client"}
    monkeypatch.delenv("WAYS_PRIORITY")
    assert context.data == {"from": "master"}


def test_a_variable_is_back_when_the_patch_is_undone(load):
    context = load(LAYERS).get_context("job")
    with mock.patch.dict(os.environ, {"WAYS_PRIORITY": "client"}):
        assert context.data == {"from": "client"}
    assert context.data == {"from": "master"}


def test_an_environ_that_was_replaced_before_the_session_began_answers_live(write_sheet, monkeypatch):
    replaced = {"WAYS_PLATFORM": "linux"}
    monkeypatch.setattr(os, "environ", replaced)
    session = Session()
    session.add_search_path(write_sheet(LAYERS))
    replaced["WAYS_PRIORITY"] = "client"
    assert session.get_context("job").data == {"from": "client"}


def test_a_whole_environ_can_be_cleared(load, monkeypatch):
    monkeypatch.setattr(settings, "default_platform", lambda: "windows")
    context = load(LAYERS).get_context("job")
    with mock.patch.dict(os.environ, clear=True):
        assert context.data == {"from": "master", "os": "windows"}


def test_the_same_settings_are_the_same_object():
    live = LiveSettings()
    assert live.now() is live.now()


def test_the_settings_change_only_with_their_variables(monkeypatch):
    live = LiveSettings()
    before = live.now()
    monkeypatch.setenv("SOMETHING_ELSE", "1")
    assert live.now() is before


def test_raw_values_are_read_again_each_time(monkeypatch):
    raw = raw_environ()
    before = raw()
    monkeypatch.setenv("WAYS_PRIORITY", "client")
    assert raw() != before


def test_looking_for_the_table_leaves_nothing_in_the_environment():
    before = dict(os.environ)
    raw_environ()
    assert dict(os.environ) == before


def test_an_environ_of_another_kind_is_read_the_portable_way(monkeypatch):
    monkeypatch.setattr(os, "environ", {"WAYS_PLATFORM": "windows"})
    assert raw_environ()() == ("windows", None, None, None)


def test_an_override_stands_in_for_the_environment(monkeypatch):
    monkeypatch.setenv("WAYS_PLATFORM", "linux")
    assert LiveSettings({"WAYS_PLATFORM": "windows"}).now().platform == "windows"


def test_two_sessions_can_be_on_two_platforms(write_sheet):
    path = write_sheet(LAYERS)
    here, there = Session(), Session(overrides={"WAYS_PLATFORM": "windows"})
    for session in (here, there):
        session.add_search_path(path)
    assert here.get_context("job").get_mapping() == "/master"
    assert there.get_context("job").get_mapping() == "/windows"


# --- WAYS_DESCRIPTORS


def test_descriptors_are_loaded_at_the_first_question(write_sheet, monkeypatch):
    monkeypatch.setenv("WAYS_DESCRIPTORS", write_sheet(LAYERS))
    session = Session.from_environ()
    assert session.get_context("job").get_mapping() == "/master"


def test_several_descriptors_are_loaded_in_order(write_sheet, monkeypatch):
    first = write_sheet("plugins: {a: {hierarchy: job, mapping: /first}}", "first.yml")
    second = write_sheet("plugins: {a: {hierarchy: job, mapping: /second}}", "second.yml")
    monkeypatch.setenv("WAYS_DESCRIPTORS", f"{first}{SEP} {SEP}{SEP} {second} ")
    assert Session.from_environ().get_context("job").get_mapping() == "/second"


def test_a_descriptor_that_leads_nowhere_is_recorded_and_the_others_load(write_sheet, monkeypatch, tmp_path):
    monkeypatch.setenv("WAYS_DESCRIPTORS", SEP.join([str(tmp_path / "nowhere"), write_sheet(LAYERS)]))
    session = Session.from_environ()
    assert session.get_context("job") is not None
    assert [result.status for result in session.descriptor_results] == ["failed", "success"]
    assert session.descriptor_results[0].reason == "resolution_failure"


def test_empty_descriptors_load_nothing(monkeypatch):
    monkeypatch.setenv("WAYS_DESCRIPTORS", "")
    assert Session.from_environ().get_all_plugins() == []


def test_nothing_escapes_from_a_load_by_the_environment(write_sheet, monkeypatch):
    broken = "plugins: {a: {hierarchy: '{root}/a', uses: [b, b]}, b: {hierarchy: b}}"
    monkeypatch.setenv("WAYS_DESCRIPTORS", write_sheet(broken))
    session = Session.from_environ()
    assert session.get_context("b") is not None
    assert [problem.code for problem in session.problems] == ["duplicate-uses"]


def test_a_path_that_holds_a_dollar_is_taken_as_it_is_written(write_sheet, monkeypatch, tmp_path):
    write_sheet(LAYERS, "$JOB/sheet.yml")
    monkeypatch.setenv("JOB", "elsewhere")
    monkeypatch.setenv("WAYS_DESCRIPTORS", str(tmp_path / "$JOB"))
    assert Session.from_environ().get_context("job") is not None


# --- WAYS_PLUGINS


def test_plugin_files_run_after_the_sheets_were_loaded(write_sheet, monkeypatch, tmp_path):
    monkeypatch.setenv("WAYS_DESCRIPTORS", write_sheet(LAYERS))
    asks = "from ways import api\n\ndef main():\n    assert api.get_context('job').get_mapping() == '/master'\n"
    monkeypatch.setenv("WAYS_PLUGINS", write_sheet(asks, "asks.py"))
    assert [result.status for result in Session.from_environ().results()[1]] == ["success"]


def test_of_a_folder_the_python_files_directly_in_it_run(write_sheet, monkeypatch, tmp_path):
    for name in ("b.PY", "a.py", "no.txt", "below/c.py"):
        write_sheet("", f"files/{name}")
    monkeypatch.setenv("WAYS_PLUGINS", str(tmp_path / "files"))
    items = [str(result.item) for result in Session.from_environ().results()[1]]
    assert [os.path.basename(item) for item in items] == ["a.py", "b.PY"]


def test_a_plugin_file_that_is_not_there_is_recorded(monkeypatch, tmp_path):
    monkeypatch.setenv("WAYS_PLUGINS", str(tmp_path / "nowhere.py"))
    (result,) = Session.from_environ().results()[1]
    assert (result.status, result.reason) == ("failed", "import_failure")


# --- what stands in for a variable


@pytest.mark.parametrize(
    "overrides, told",
    [
        ({"WAYS_PLATFROM": "linux"}, "Did you mean 'WAYS_PLATFORM'?"),
        ({"WAYS_CACHE": "off"}, "WAYS_CACHE='off': expected one of 0, 1, strict."),
        ({"WAYS_CACHE": 0}, "WAYS_CACHE=0: expected a text"),
        ({"WAYS_PRIORITY": ["master"]}, "WAYS_PRIORITY=['master']: expected a text"),
    ],
    ids=["name", "value", "number", "list"],
)
def test_what_can_not_stand_in_for_a_variable_is_refused(overrides, told):
    with pytest.raises(SettingsError) as caught:
        Session(overrides=overrides)
    assert told in str(caught.value) and caught.value.variable == next(iter(overrides))


def test_what_is_no_variable_of_ours_may_stand_in():
    assert Session(overrides={"XDG_CACHE_HOME": "/x", "WAYS_CACHE": "strict"}).overrides["XDG_CACHE_HOME"] == "/x"


def test_a_bad_value_in_the_environment_stops_nothing(monkeypatch):
    monkeypatch.setenv("WAYS_CACHE", "off")
    assert settings.cache_mode(os.environ) == "1" and Session().settings.platform


@pytest.mark.parametrize(
    "system, cache, state",
    [
        ("win32", os.path.join("L", "ways", "Cache"), os.path.join("L", "ways")),
        ("darwin", "/home/me/Library/Caches/ways", "/home/me/Library/Application Support/ways"),
        ("linux", "/home/me/.cache/ways", "/home/me/.local/state/ways"),
    ],
)
def test_each_system_has_its_folders(monkeypatch, system, cache, state):
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setattr(sys, "platform", system)
    environ = {"LOCALAPPDATA": "L"}
    assert (settings.cache_folder(environ), settings.state_folder(environ)) == (cache, state)


def test_names_of_variables_have_no_letter_case_on_windows(monkeypatch):
    allowed = {"WAYS_ENV_ALLOW": "Job:STUDIO_*"}
    asked = ("JOB", "Job", "studio_x", "STUDIO_X", "other")
    assert [settings.is_env_allowed(name, allowed) for name in asked] == [False, True, False, True, False]
    monkeypatch.setattr(sys, "platform", "win32")
    assert [settings.is_env_allowed(name, allowed) for name in asked] == [True, True, True, True, False]
