"""Plugin files: each rule of WAYS_PLUGINS in docs/reference/environment.rst, and what is recorded of each file."""

from __future__ import annotations

import os
import py_compile
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ways import api
from ways.api import Session

pytestmark = pytest.mark.portability


@pytest.fixture
def run(session: Session, write_sheet: Callable[..., str]) -> Callable[..., dict[str, Any]]:
    """Write a plugin file, add it, and return its record."""

    def add(text: str, name: str = "plugin.py") -> dict[str, Any]:
        api.add_plugin(write_sheet(text, name))
        return api.trace_all_plugin_results()[-1]

    return add


REGISTERS = """
    from ways import api

    class Place(api.Plugin):
        def get_hierarchy(self):
            return "place"

    class Act(api.Action):
        @classmethod
        def get_hierarchy(cls):
            return "place"
"""


# --- what runs, and what is recorded


def test_a_file_runs_and_then_its_main(run: Callable[..., dict[str, Any]]) -> None:
    text = "import ways.api\ndef main():\n    ways.api.add_search_path([PLACE])\n"
    record = run(text + "PLACE = ways.api.DataPlugin('a', (), {'hierarchy': 'a'}, 'master')\n")
    assert api.get_all_hierarchies() == {("a",)}
    assert set(record) == {"item", "status"}
    assert record["status"] == "success"


def test_adding_a_file_returns_nothing(session: Session, write_sheet: Callable[..., str]) -> None:
    assert api.add_plugin(write_sheet("")) is None


def test_a_file_is_recorded_by_its_path(run: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    assert run("def main(): pass")["item"] == str(tmp_path / "plugin.py")


def test_a_file_may_have_any_ending(run: Callable[..., dict[str, Any]]) -> None:
    assert run("def main(): pass", "plugin.anything")["status"] == "success"


def test_a_compiled_file_runs(session: Session, write_sheet: Callable[..., str], tmp_path: Path) -> None:
    py_compile.compile(write_sheet(REGISTERS), str(tmp_path / "compiled.pyc"))
    session.add_plugin_file(str(tmp_path / "compiled.pyc"))
    assert session.hierarchies() == [("place",)]


def test_a_file_without_main_is_a_success_with_a_detail(run: Callable[..., dict[str, Any]]) -> None:
    assert run("")["details"] == "no_main_function"


def test_the_uuid_of_a_file_is_in_its_record(run: Callable[..., dict[str, Any]]) -> None:
    assert run("WAYS_UUID = 'one'\ndef main(): pass")["uuid"] == "one"
    assert "uuid" not in run("WAYS_UUID = None")


@pytest.mark.parametrize("text", ["1 +", "raise KeyError('early')", "import no_such_module_at_all"], ids=str)
def test_a_file_that_cannot_be_imported_is_recorded_so(run: Callable[..., dict[str, Any]], text: str) -> None:
    record = run(f"WAYS_UUID = 'one'\n{text}")
    assert (record["status"], record["reason"]) == ("failed", api.IMPORT_FAILURE_KEY)
    assert set(record) == {"item", "status", "reason", "exception", "traceback"}
    assert type(record["exception"]).__name__ in record["traceback"]


def test_a_missing_file_is_recorded_as_one_that_cannot_be_imported(session: Session) -> None:
    api.add_plugin("/no/such/file.py")
    record = api.trace_all_plugin_results()[-1]
    assert (record["item"], record["reason"]) == ("/no/such/file.py", api.IMPORT_FAILURE_KEY)


def test_a_main_that_raises_is_recorded_so(run: Callable[..., dict[str, Any]]) -> None:
    record = run("WAYS_UUID = 'one'\ndef main():\n    raise KeyError('late')")
    assert (record["status"], record["reason"], record["uuid"]) == ("failed", api.LOAD_FAILURE_KEY, "one")
    assert isinstance(record["exception"], KeyError) and "late" in record["traceback"]


def test_classes_are_registered_even_if_main_fails(run: Callable[..., dict[str, Any]]) -> None:
    run(f"{REGISTERS}\n    def main():\n        raise KeyError('late')")
    assert api.get_all_hierarchies() == {("place",)}
    assert api.get_action_names("place") == ["Act"]


def test_a_system_exit_goes_on_from_a_file_that_was_asked_for(session: Session, write_sheet: Callable[..., str]) -> None:
    with pytest.raises(SystemExit):
        session.add_plugin_file(write_sheet("raise SystemExit(3)", "exits.py"))


def test_each_file_has_a_module_of_its_own(run: Callable[..., dict[str, Any]]) -> None:
    """REC of 9.4: nothing of the file before is left."""
    run("WAYS_UUID = 'one'\nLEFT = 1\ndef main(): pass", "one.py")
    record = run("HAS = 'LEFT' in globals() or 'main' in globals()\nassert not HAS", "two.py")
    assert (record["details"], "uuid" in record) == ("no_main_function", False)


def test_a_module_of_a_file_can_be_found_while_it_runs(run: Callable[..., dict[str, Any]]) -> None:
    text = "from __future__ import annotations\nimport dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int\n"
    assert run(f"{text}def main(): A(1)")["status"] == "success"


def test_an_edited_file_runs_as_it_is_now(run: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    run("WAYS_UUID = 'a'")
    assert run("WAYS_UUID = 'b'")["uuid"] == "b"
    assert not (tmp_path / "__pycache__").exists()


def test_everything_of_the_api_works_inside_main(run: Callable[..., dict[str, Any]], write_sheet: Callable[..., str]) -> None:
    sheet = write_sheet("plugins: {job: {hierarchy: job, mapping: '/{JOB}'}}")
    text = """
        from ways import api

        class Own(api.Asset):
            pass

        def main():
            api.add_search_path({sheet!r})
            context = api.get_context("job")
            api.register_asset_class(Own, context)
            assert type(api.get_asset("/dune", context="job")) is Own
            assert api.trace_hierarchy("job") == ("job",)
    """
    assert run(text.replace("{sheet!r}", repr(sheet)))["status"] == "success"
    assert type(api.get_asset("/dune")).__name__ == "Own"


def test_a_file_added_to_a_session_that_is_not_current_registers_there(
    session: Session, write_sheet: Callable[..., str]
) -> None:
    other = Session()
    other.add_plugin_file(write_sheet(REGISTERS, "plugin.py"))
    assert (other.hierarchies(), session.hierarchies()) == ([("place",)], [])


def test_a_folder_gives_its_python_files_in_order_and_none_below(
    session: Session, write_sheet: Callable[..., str], tmp_path: Path
) -> None:
    for name in ("b.PY", "a.py", "__init__.py", "below/c.py", "d.txt"):
        write_sheet("", name)
    (tmp_path / "folder.py").mkdir()
    session.add_plugin_file(str(tmp_path))
    assert [os.path.basename(str(result.item)) for result in session.plugin_results] == ["__init__.py", "a.py", "b.PY"]


def test_a_failure_is_a_log_line(run: Callable[..., dict[str, Any]], caplog: pytest.LogCaptureFixture) -> None:
    run("raise KeyError('early')")
    assert "plugin.py: import_failure: 'early'" in caplog.text


# --- files that the environment names


@pytest.fixture
def environment(write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Session]:
    """Set WAYS_DESCRIPTORS and WAYS_PLUGINS to files with these texts, and return a session that loads them."""

    def set_and_make(sheet: str = "plugins: {job: {hierarchy: job, mapping: '/{JOB}'}}", *files: str) -> Session:
        monkeypatch.setenv("WAYS_DESCRIPTORS", write_sheet(sheet))
        paths = [write_sheet(text, f"plugin{number}.py") for number, text in enumerate(files)]
        monkeypatch.setenv("WAYS_PLUGINS", os.pathsep.join(paths))
        return Session.from_environ()

    return set_and_make


SEES = """
    import gate
    from ways import api

    def main():
        gate.seen.append(api.get_context("job") is not None)
        api.register_asset_class(api.Asset, api.get_context("job"))
"""


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A module ``gate`` through which a plugin file tells its test things."""
    made = SimpleNamespace(seen=[])
    monkeypatch.setitem(sys.modules, "gate", made)
    return made


def test_descriptors_are_loaded_before_plugin_files(environment: Callable[..., Session], gate: SimpleNamespace) -> None:
    """REC of 9.5."""
    session = environment("plugins: {job: {hierarchy: job}}", SEES)
    assert session.results()[1][0].is_success
    assert gate.seen == [True]


def test_init_plugins_forgets_everything_and_loads_again(environment: Callable[..., Session], gate: SimpleNamespace) -> None:
    session = environment("plugins: {job: {hierarchy: job}}", SEES)
    session.add_plugins(mine={"hierarchy": "mine"})
    session.init_plugins()
    assert session.hierarchies() == [("job",)]
    assert (len(gate.seen), len(session.plugin_results)) == (2, 1)


def test_init_plugins_reads_the_variables_as_they_are_now(
    environment: Callable[..., Session], write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = environment()
    assert session.hierarchies() == [("job",)]
    monkeypatch.setenv("WAYS_DESCRIPTORS", write_sheet("plugins: {other: {hierarchy: other}}", "other.yml"))
    session.init_plugins()
    assert session.hierarchies() == [("other",)]


def test_a_file_that_calls_init_plugins_does_not_run_forever(
    environment: Callable[..., Session], gate: SimpleNamespace
) -> None:
    text = "import gate, ways.api\ngate.seen.append(1)\nways.api.init_plugins()"
    session = environment("plugins: {job: {hierarchy: job}}", text)
    session.hierarchies()
    assert gate.seen == [1]


def test_clear_empties_everything(load: Callable[..., Session], run: Callable[..., dict[str, Any]]) -> None:
    session = load("plugins: {job: {hierarchy: job, mapping: '/{JOB}'}}")
    run(REGISTERS)
    api.add_action_default("x", 1)
    api.register_context_alias("short", "job")
    api.register_asset_class(dict, "job")
    api.clear()
    assert (api.get_all_plugins(), api.get_context("job"), api.get_action("Act", "place")) == ([], None, None)
    assert (session.results(), api.Find.defaults, api.get_asset_info("job")) == (([], []), {}, (None, None))
    assert api.resolve_alias("short") == ("short",)


def test_items_of_the_variables_are_stripped_and_blank_ones_skipped(
    write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAYS_DESCRIPTORS", f" {write_sheet('plugins: {job: {hierarchy: job}}')} :: ".replace(":", os.pathsep))
    session = Session.from_environ()
    assert (session.hierarchies(), len(session.results()[0])) == ([("job",)], 1)
