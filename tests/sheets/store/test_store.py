"""The store: a copy that may vanish, and is never trusted."""

from __future__ import annotations

import operator
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from ways import settings
from ways.cli.complete import suggest
from ways.cli.options import SharedOptions
from ways.plugins.lazy import LazyPlugins
from ways.session import Session
from ways.sheets import reader
from ways.sheets.store import compiled, writer as keeping
from ways.sheets.store import entry_file as entry_module
from ways.sheets.store import stamps
from ways.sheets.store.codec import Damaged, Unstorable
from ways.sheets.store.places import PlaceRow, rows_of_value
from ways.sheets.document import Source
from ways.sheets.store.store import Store

pytestmark = pytest.mark.portability

SHEET = """
    globals: {data: {show: dune}}
    plugins:
      job: {hierarchy: job, mapping: '/jobs/{JOB}', mapping_details: {JOB: {parse: {regex: '[a-z]+'}}}, path: true}
      shot: {hierarchy: shot, uses: [job], mapping: '{root}/{SHOT}'}
      both: {hierarchy: lib, uses: [job, job/shot], mapping: '{root}/lib'}
      night: {hierarchy: job/shot, mapping: '/night', assignment: night, data: {n: 1}}
"""
PLACES = ("job", "job/shot", "job/lib", "job/shot/lib")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Turn the store on, in a folder of the test's own; sheets need not wait until their stamps are old."""
    monkeypatch.setenv("WAYS_CACHE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(settings, "cache_folder", lambda environ: str(tmp_path / "cache" / "ways"))
    monkeypatch.setattr("ways.sources.loader.cache_folder", lambda environ: str(tmp_path / "cache" / "ways"))
    monkeypatch.setattr("ways.sources.loader.state_folder", lambda environ: str(tmp_path / "state" / "ways"))
    monkeypatch.setattr(stamps, "FRESH", 0)
    return tmp_path / "cache" / "ways" / "sheets"


@pytest.fixture
def sheet(write_sheet: Callable[..., str]) -> str:
    return write_sheet(SHEET)


def opened(path: str) -> Session:
    session = Session()
    session.add_search_path(path)
    return session


def is_shelved(session: Session) -> bool:
    return isinstance(session.registry.now.plugins, LazyPlugins)


def answers_of(session: Session) -> list[object]:
    """Return everything that a session says of its places."""
    answers: list[object] = [str(problem) for problem in session.problems]
    for place in PLACES:
        for layer in ("", "night"):
            context = session.get_context(place, layer)
            if context is None:
                answers.append(None)
                continue
            plugins = [(str(p), p.sources, p.get_uuid(), str(p.source_of("mapping")), p.assignment) for p in context.records]
            answers.append((context.view.mapping if isinstance(context.view.mapping, str) else repr(context.view.mapping), plugins))
            answers.append((context.get_mapping_details(), dict(context.data), context.is_path(), context.get_groups()))
    answers.append([(sheet.source, sheet.problems, [(r.name, r.values, r.source) for r in sheet.plugins]) for sheet in session.sheets])
    answers.append([str(plugin) for plugin in session.get_all_plugins()])
    return answers


def entries(cache: Path) -> list[Path]:
    return sorted((cache / "entries").iterdir())


def test_the_second_session_is_answered_from_the_store(sheet: str) -> None:
    first, second = opened(sheet), opened(sheet)
    assert (is_shelved(first), is_shelved(second)) == (False, True)
    assert answers_of(second) == answers_of(first)


@pytest.mark.platform("linux")
def test_one_place_is_read_by_itself(sheet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(sheet)
    session = opened(sheet)
    monkeypatch.setattr(LazyPlugins, "_everything", lambda self: pytest.fail("everything is not wanted"))
    assert session.need_context("job/shot").get_mapping() == "/jobs/{JOB}/{SHOT}"
    assert session.get_context("nowhere") is None


def test_of_plugins_with_conditions_the_others_are_not_made(write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = write_sheet(textwrap.dedent(SHEET) + "  hall: {hierarchy: '{root}', uses: [job/lib, job], data: {n: 2}, when: {JOB: [dune]}}\n")
    expected = [str(plugin) for plugin in opened(sheet).registry.now.conditional]
    monkeypatch.setattr(LazyPlugins, "_everything", lambda self: pytest.fail("everything is not wanted"))
    session = opened(sheet)
    assert [str(plugin) for plugin in session.registry.now.conditional] == expected
    assert len(expected) == 2 and is_shelved(session)


def test_plugins_are_counted_without_being_made(sheet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = opened(sheet)
    expected = dict(first.plugin_counts())
    assert expected == {sheet: 4}
    monkeypatch.setattr(LazyPlugins, "_everything", lambda self: pytest.fail("everything is not wanted"))
    monkeypatch.setattr(compiled.StoredSheet, "records", lambda self: pytest.fail("no record is wanted"))
    session = opened(sheet)
    assert dict(session.plugin_counts()) == expected
    assert [(sheet.source, sheet.problems, sheet.is_readable) for sheet in session.unopened_sheets()] == [
        (sheet.source, sheet.problems, sheet.is_readable) for sheet in first.sheets
    ]


def test_a_plugin_is_the_same_object_however_it_is_asked_for(sheet: str) -> None:
    opened(sheet)
    session = opened(sheet)
    (job,) = session.need_context("job").records
    assert session.get_all_plugins()[0] is job is session.need_context("job/shot").records[0]


@pytest.mark.platform("linux")
def test_the_copies_of_a_relative_plugin_have_one_record_however_they_are_asked_for(sheet: str) -> None:
    opened(sheet)
    session = opened(sheet)
    first, second = (session.need_context(place).plugins[-1] for place in ("job/lib", "job/shot/lib"))
    assert is_shelved(session)
    assert first.record is second.record


def test_an_unresolved_place_is_told_the_same_out_of_the_store(write_sheet: Callable[..., str]) -> None:
    path = write_sheet("""
        plugins:
          b: {hierarchy: b, uses: [job/b, a/b, lib], mapping: '{root}'}
          below: {hierarchy: '{root}/b', uses: [lib/a/b, job/Shot], mapping: '{root}/jobs', assignment: client}
          c: {hierarchy: '{root}/c', uses: [job/b, lib/c], mapping: 'x{root}'}
    """)
    told = []
    for _ in range(2):
        session = opened(path)
        session.need_context("job/b/c").plugins
        with pytest.raises(RuntimeError) as caught:
            session.need_context("lib/c/c").get_mapping()
        told.append(str(caught.value))
    assert told[0] == told[1]
    assert "it has no plugin" in told[0]


@pytest.mark.platform("linux")
def test_an_edited_sheet_is_never_answered_from_the_store(sheet: str) -> None:
    opened(sheet)
    opened(sheet)
    Path(sheet).write_text(Path(sheet).read_text(encoding="utf-8").replace("/jobs", "/work"), encoding="utf-8")
    assert opened(sheet).need_context("job").get_mapping() == "/work/{JOB}"


@pytest.mark.platform("linux")
def test_an_edit_that_no_stamp_shows_is_seen_while_the_stamp_is_fresh(sheet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "FRESH", 2_000_000_000)
    opened(sheet)
    stamp = reader._stamp(sheet)
    monkeypatch.setattr(reader, "_stamp", lambda *_: stamp)
    Path(sheet).write_text(Path(sheet).read_text(encoding="utf-8").replace("/jobs", "/work"), encoding="utf-8")
    assert opened(sheet).need_context("job").get_mapping() == "/work/{JOB}"


@pytest.mark.platform("linux")
def test_strict_looks_at_the_content_each_time(sheet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_CACHE", "strict")
    opened(sheet)
    stamp = reader._stamp(sheet)
    monkeypatch.setattr(reader, "_stamp", lambda *_: stamp)
    assert is_shelved(opened(sheet))
    Path(sheet).write_text(Path(sheet).read_text(encoding="utf-8").replace("/jobs", "/work"), encoding="utf-8")
    assert opened(sheet).need_context("job").get_mapping() == "/work/{JOB}"


@pytest.mark.platform("linux")
def test_a_session_that_is_refreshed_sees_the_edit(sheet: str) -> None:
    opened(sheet)
    session = opened(sheet)
    context = session.need_context("job")
    Path(sheet).write_text(Path(sheet).read_text(encoding="utf-8").replace("/jobs", "/work"), encoding="utf-8")
    session.refresh()
    assert context.get_mapping() == "/work/{JOB}"


def test_the_entry_of_one_content_serves_every_copy(sheet: str, write_sheet: Callable[..., str], cache: Path) -> None:
    opened(sheet)
    copy = write_sheet(SHEET, "copy.yml")
    session = opened(copy)
    assert is_shelved(session) and len(entries(cache)) == 1
    assert {str(plugin.source).partition(":")[0] for plugin in session.get_all_plugins()} == {copy}


def test_trust_and_layer_join_at_load(sheet: str, write_sheet: Callable[..., str]) -> None:
    opened(sheet)
    write_sheet("assignment: client\n", ".ways_plugin_info.yml")
    session = Session()
    session.add_search_path(sheet, trust=False)
    assert is_shelved(session)
    (job,) = session.need_context("job", "client").records
    assert (job.assignment, job.source.is_trusted) == ("client", False)


def test_no_entry_holds_a_path(sheet: str, cache: Path, tmp_path: Path) -> None:
    opened(sheet)
    assert all(os.fsencode(tmp_path) not in entry.read_bytes() for entry in entries(cache))


def test_nothing_is_kept_where_the_variable_says_so(sheet: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_CACHE", "0")
    opened(sheet)
    assert not cache.exists()


def test_python_sheets_are_not_kept(write_sheet: Callable[..., str], cache: Path) -> None:
    opened(write_sheet("plugins = {'a': {'hierarchy': 'job', 'mapping': '/x'}}", "sheet.py"))
    assert not cache.exists() or entries(cache) == []


def test_formats_of_others_are_not_kept(sheet: str, cache: Path) -> None:
    from ways.sheets.formats.table import FormatTable

    session = Session(formats=FormatTable())
    session.add_search_path(sheet)
    assert not cache.exists()


def test_folders_are_their_owners_alone(sheet: str, cache: Path) -> None:
    opened(sheet)
    assert [path.stat().st_mode & 0o777 for path in (cache, cache / "entries", cache / "stamps")] == [0o700] * 3
    assert {path.stat().st_mode & 0o777 for path in entries(cache)} == {0o600}


def test_a_folder_that_others_can_write_to_is_not_read(sheet: str, cache: Path) -> None:
    opened(sheet)
    cache.chmod(0o777)
    assert not is_shelved(opened(sheet))


def test_files_of_another_owner_are_not_read(sheet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(sheet)
    monkeypatch.setattr(entry_module, "is_own", lambda status: not (status.st_mode & 0o170000 == 0o100000))
    assert not is_shelved(opened(sheet))


def test_a_link_in_the_place_of_an_entry_is_not_followed(sheet: str, cache: Path, tmp_path: Path) -> None:
    opened(sheet)
    (entry,) = entries(cache)
    entry.rename(tmp_path / "elsewhere")
    entry.symlink_to(tmp_path / "elsewhere")
    assert not is_shelved(opened(sheet))


@pytest.mark.platform("linux")
def test_a_store_that_cannot_be_made_or_written_changes_nothing(sheet: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text("in the way", encoding="utf-8")
    assert opened(sheet).need_context("job").get_mapping() == "/jobs/{JOB}"
    cache.unlink()
    monkeypatch.setattr(os, "replace", lambda *names: (_ for _ in ()).throw(OSError("full")))
    assert opened(sheet).need_context("job").get_mapping() == "/jobs/{JOB}"
    assert entries(cache) == []


def test_a_damaged_store_is_ignored_wherever_the_damage_is(sheet: str, cache: Path) -> None:
    whole = answers_of(opened(sheet))
    (entry,) = entries(cache)
    data = entry.read_bytes()
    for place in range(0, len(data), max(1, len(data) // 150)):
        entry.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        assert answers_of(opened(sheet)) == whole, place
        entry.write_bytes(data[:place])
        assert answers_of(opened(sheet)) == whole, place


def test_a_damaged_entry_is_written_again(sheet: str, cache: Path) -> None:
    opened(sheet)
    (entry,) = entries(cache)
    data = entry.read_bytes()
    entry.write_bytes(b"ways")
    opened(sheet)
    assert entry.read_bytes() == data


def test_damaged_stamps_are_ignored(sheet: str, cache: Path) -> None:
    whole = answers_of(opened(sheet))
    (stamp,) = (cache / "stamps").iterdir()
    data = stamp.read_bytes()
    for place in range(len(data)):
        stamp.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        assert answers_of(opened(sheet)) == whole


def test_an_entry_that_goes_while_it_is_in_use_changes_nothing(sheet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_module, "SMALL", 0)
    whole = answers_of(opened(sheet))
    session = opened(sheet)
    store = session.loader.store()
    assert is_shelved(session) and store is not None and store.clear() == 2
    assert answers_of(session) == whole


def test_an_entry_that_is_cut_while_it_is_in_use_is_made_up_for(sheet: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_module, "SMALL", 0)
    whole = answers_of(opened(sheet))
    session = opened(sheet)
    (entry,) = entries(cache)
    os.truncate(entry, 100)
    assert answers_of(session) == whole


def test_another_release_reads_none_of_it(sheet: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(sheet)
    monkeypatch.setattr("ways.sources.loader.release", lambda: "another")
    assert not is_shelved(opened(sheet))
    assert len(entries(cache)) == 2


def test_the_oldest_go_once_there_is_too_much(cache: Path, write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        opened(write_sheet(SHEET.replace("dune", f"show{number}"), f"sheet{number}.yml"))
    monkeypatch.setattr(keeping, "MAX_TOTAL", 2 * sum(path.stat().st_size for path in entries(cache)) // 4)
    opened(write_sheet(SHEET.replace("dune", "last"), "last.yml"))
    assert len(entries(cache)) <= 3
    assert is_shelved(opened(str(Path(write_sheet("", "x.yml")).with_name("last.yml"))))


@pytest.mark.parametrize(
    "text",
    [
        "plugins:\n  a: {hierarchy: job, uuid: one}\n  b: {hierarchy: job/shot, uuid: one}\n",
        "plugins:\n  a: {hierarchy: job, uses: [x, x]}\n",
        "plugins:\n  a: {hierarchy: job, uses: [job]}\n  b: {hierarchy: job, mapping: /b}\n",
        "plugins:\n  a: {hierarchy: job, uses: [x, ' x']}\n",
        "plugins:\n  a: {hierarchy: job, mapping: '/{A:zz}', syntax: 2}\n  b: {hierarchy: job, maping: /b}\n",
        "plugins:\n  a: {hierarchy: job, data: {b: 1, b: 2}}\n",
        "plugins:\n  a: {hierarchy: '', mapping: /x}\n  b: {hierarchy: [job, shot], mapping: /y}\n",
        "plugins:\n  a: {hierarchy: job, mapping: '/{A}', when: {A: x}}\n  b: {hierarchy: job, mapping: '/b/{A}'}\n",
        "a: [",
        "",
        "plugins: {}\n",
    ],
    ids=["uuids", "uses-twice", "uses-itself", "one-place-twice", "faults", "duplicate-key", "places", "when", "lost", "empty", "none"],
)
def test_odd_sheets_say_the_same_out_of_the_store(write_sheet: Callable[..., str], text: str) -> None:
    path = write_sheet(text)
    answers = []
    for _ in range(3):
        session = Session()
        try:
            session.add_search_path(path)
        except (ValueError, RuntimeError) as error:
            answers.append((type(error), str(error)))
        answers.append(answers_of(session))
    assert answers[: len(answers) // 3] * 3 == answers


def test_sheets_beside_each_other_stay_on_the_shelf(tmp_path: Path, write_sheet: Callable[..., str]) -> None:
    for number in range(3):
        write_sheet(SHEET.replace("/jobs", f"/jobs{number}"), f"many/{number}.yml")
    folder, alone = str(tmp_path / "many"), write_sheet("plugins:\n  z: {hierarchy: z, mapping: /z}\n", "z.yml")
    sessions = []
    for _ in range(2):
        session = Session()
        session.add_search_path(folder)
        session.add_search_path(alone)
        session.add_search_path(alone)
        sessions.append(session)
    assert answers_of(sessions[0]) == answers_of(sessions[1])
    assert sessions[1].need_context("z").get_mapping() == "/z"
    assert len(sessions[1].get_all_plugins()) == 3 * 5 + 1


def test_plugins_from_python_join_those_on_the_shelf(sheet: str) -> None:
    opened(sheet)
    session = opened(sheet)
    records = session.need_context("job").records
    session.add_plugins(more={"hierarchy": "job", "data": {"more": 1}})
    assert not is_shelved(session)
    assert session.need_context("job").records[:1] == records
    assert session.need_context("job").data == {"show": "dune", "more": 1}


@pytest.fixture
def environ_session(sheet: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    opened(sheet)
    home = Path(settings.__file__).parent.parent
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    yield {**kept, "WAYS_DESCRIPTORS": sheet, "PYTHONPATH": str(home), "XDG_CACHE_HOME": str(tmp_path / "cache")}


HEAVY = {"logging", "pathlib", "json", "platform", "platformdirs", "urllib", "yaml", "regex", "parse", "dataclasses", "inspect"}
#: Loaded by an installation before us more often than not, and of no need here.
ALSO_HEAVY = {"typing", "re", "threading", "contextlib", "enum", "copy", "hashlib", "importlib", "warnings"}


@pytest.mark.platform("linux")
@pytest.mark.skipif(sys.platform != "linux", reason="the store's folder is set by XDG_CACHE_HOME")
@pytest.mark.parametrize(
    "question, needed",
    [
        ('get_context("job/shot").get_mapping() == "/jobs/{JOB}/{SHOT}"', set()),
        # A text is matched by re, which loads enum.
        ('get_asset("/jobs/dune/010").info == {"JOB": "dune", "SHOT": "010"}', {"re", "enum"}),
    ],
    ids=["context", "asset"],
)
def test_the_way_to_the_first_answer_out_of_the_store_is_lean(environ_session: dict[str, str], question: str, needed: set[str]) -> None:
    """The first answer loads none of the modules of docs/decisions/0008.

    ``-S`` skips ``site``, so that no module is loaded before; ``-P`` skips this folder, so that the package is the same.
    """
    code = f"import sys, ways.api; assert ways.api.{question}; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-PS", "-c", code], env=environ_session, check=True, capture_output=True, encoding="utf-8")
    assert (HEAVY | ALSO_HEAVY) & set(done.stdout.split()) == needed


@pytest.mark.platform("linux")
@pytest.mark.skipif(sys.platform != "linux", reason="the store's folder is set by XDG_CACHE_HOME")
def test_processes_share_a_store(environ_session: dict[str, str], cache: Path) -> None:
    code = 'import ways.api; print(ways.api.get_context("job/shot").get_mapping())'
    Store(str(cache), "x").clear()
    running = [
        subprocess.Popen([sys.executable, "-P", "-c", code], env=environ_session, stdout=subprocess.PIPE, encoding="utf-8")
        for _ in range(6)
    ]
    assert {process.communicate()[0] for process in running} == {"/jobs/{JOB}/{SHOT}\n"}
    assert not list(cache.rglob("*.new"))


@pytest.mark.parametrize("value", ["", "/somewhere", " "])
def test_the_folder_is_that_of_platformdirs(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    monkeypatch.setenv("XDG_STATE_HOME", value)
    assert settings.state_folder(os.environ) == platformdirs.user_state_dir("ways", appauthor=False)
    assert settings.cache_folder(os.environ) == platformdirs.user_cache_dir("ways", appauthor=False)


def test_a_sheet_of_aliases_of_aliases_is_not_kept(write_sheet: Callable[..., str], cache: Path) -> None:
    lines = ["plugins:", "  a:", "    hierarchy: job", "    data:", "      a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"      a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 5)]
    lines += ["      all: [*a4, *a4, *a4]"]
    session = opened(write_sheet("\n".join(lines)))
    assert session.get_context("job") is not None
    assert entries(cache) == []


def test_a_sheet_that_is_nested_deeper_than_an_entry_can_say_is_read_all_the_same(write_sheet: Callable[..., str], cache: Path) -> None:
    path = write_sheet(f"plugins: {{a: {{hierarchy: a, data: {{x: {'[' * 90}{']' * 90}}}}}}}")
    session = opened(path)
    assert session.problems == [] and len(session.get_all_plugins()) == 1 and entries(cache) == []


#: A problem whose message is a number.
PROBLEM = {"problems": [[[["plugins"], 1, 1], 3, "error", "c", "", "", "", ""]]}


@pytest.mark.parametrize(
    "meta",
    [{}, {"records": "1"}, {"problems": [([], 1, 1)]}, {"problems": [(None, 1, 1, "m", "error", "c", "", "", "", "")]}, PROBLEM],
    ids=["empty", "records", "short problem", "problem of nowhere", "problem without a text"],
)
def test_a_description_that_nobody_of_us_wrote_is_no_entry(cache: Path, meta: dict[str, object]) -> None:
    numbers = {"records": 0, "plugins": 0, "size": 0}
    lists = {"follow": [], "problems": [], "conditional": [], "assignments": [], "platforms": []}
    whole = {**numbers, **lists, "format": "yaml", "is_plain": True, "is_strict": False, "positions": {}}
    store = Store(str(cache), "release")
    for described, is_entry in ((whole, True), ({**whole, **meta} if meta else {}, False)):
        store._writer.write(store._entry_path("0" * 40), entry_module.EntryBuilder("0" * 40, [], 0, store.secret).build({}, described))
        assert (store.open("0" * 40, Source("sheet.yml")) is not None) == is_entry


@pytest.mark.parametrize(
    "wrong", [{2: 1}, {2: (1, "x")}, {2: (1, 2, 3)}, {3: [1, 2]}, {3: ("x", 1)}, {4: 1}, {0: "other"}, {1: (0,)}], ids=str
)
def test_a_note_of_another_shape_is_none(cache: Path, wrong: dict[int, object]) -> None:
    store, stamp = Store(str(cache), "release"), (1, 2, 3, 4)
    note = (os.path.abspath("sheet.yml"), stamp, (1, 2), (3, 4), "key")
    for fields, is_known in ((note, True), (tuple(wrong.get(index, field) for index, field in enumerate(note)), False), (note[:4], False)):
        store._keep_note(store._stamp_path("sheet.yml"), fields)
        assert (store.known("sheet.yml", stamp) is not None) == is_known


@pytest.mark.parametrize("fields", [("x", 1, 1), (0, "x", 1), (0, 1, "x"), (0, 1), (0, 1, 1, 2), 3], ids=str)
def test_a_row_of_another_shape_is_damage(fields: Any) -> None:
    assert rows_of_value([(0, 1, -1, None)]) == [PlaceRow(0, 1, -1, None)]
    with pytest.raises(Damaged):
        rows_of_value([(*fields, None) if isinstance(fields, tuple) else fields])


def test_an_entry_of_a_folder_that_is_open_to_others_is_damage(sheet: str, cache: Path) -> None:
    opened(sheet)
    (entry,) = entries(cache)
    again = [Session().loader.any_store() for _ in range(2)]
    assert again[0].entry(entry.name).key == entry.name
    cache.chmod(0o777)
    for name, store in zip((entry.name, f"../entries/{entry.name}"), (again[1], again[0])):
        with pytest.raises(Damaged):
            store.entry(name)


def forged(monkeypatch: pytest.MonkeyPatch, forge: Callable[[dict[str, Any], dict[str, Any]], None]) -> None:
    """Let every entry that is written be changed first: it is whole to the last byte, and wrong."""
    real = entry_module.EntryBuilder.build

    def whole(self: Any, names: Any, meta: Any) -> bytes:
        names, meta = dict(names), dict(meta)
        forge(names, meta)
        return real(self, names, meta)

    monkeypatch.setattr(entry_module.EntryBuilder, "build", whole)


FORGERIES: dict[str, Callable[[dict[str, Any], dict[str, Any]], object]] = {
    "no format": lambda names, meta: meta.pop("format", None),
    "problems of another shape": lambda names, meta: meta.update(problems=[1]),
    "no places": lambda names, meta: meta.pop("places", None),
    "another's record": lambda names, meta: names.update({"Pjob": names.get("Pjob/shot")}),
    "a parent that is not named": lambda names, meta: names.update({"Pjob": [[0, row[1], 7, None] for row in names.get("Pjob", ())]}),
    "another sheet": lambda names, meta: names.update({"Pjob": [[1, *row[1:]] for row in names.get("Pjob", ())]}),
    "a number for a list": lambda names, meta: names.update({place: 3 for place in names}),
    "texts for numbers": lambda names, meta: names.update({place: [[0, "x", "y", None]] for place in names}),
    "outlines of another shape": lambda names, meta: names.update({place: [[0, 1, 1, [1, 2]]] for place in names}),
    "no tokens": lambda names, meta: meta.update(tokens=[1]),
    "no table": lambda names, meta: meta.pop("table", None),
    "conditions beyond the end": lambda names, meta: meta.update(conditional=[1 << 40]),
    "conditions that are no starts": lambda names, meta: meta.update(conditional=["x"]),
    "conditions where none is": lambda names, meta: meta.update(conditional=[row[1] for row in names.get("Pjob", ())]),
    "places beyond the end": lambda names, meta: names.update({place: [[0, 1 << 40, -1, None]] for place in names}),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_an_entry_that_is_whole_and_wrong_changes_no_answer(sheet: str, forge: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = answers_of(opened(sheet))
    Store(opened(sheet).loader.any_store().folder, "x").clear()
    forged(monkeypatch, forge)
    for _ in range(3):
        assert answers_of(opened(sheet)) == expected
        assert set(PLACES) <= set(suggest.hierarchies(SharedOptions((sheet,)), ""))


RECORDS: dict[str, Callable[[Any], Any]] = {
    "no record": lambda record: 3,
    "a list for a text": lambda record: (record[0], {**record[1], "mapping": ["x"]}, *record[2:]),
    "rows of another shape": lambda record: (*record[:3], [3]),
    "rows of another place": lambda record: (*record[:3], [("other", -1)]),
    "a parent beyond": lambda record: (*record[:3], [(place, 9) for place, _ in record[3]]),
}


@pytest.mark.parametrize("forge", RECORDS.values(), ids=RECORDS)
def test_a_record_that_is_whole_and_wrong_changes_no_answer(sheet: str, forge: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = answers_of(opened(sheet))
    Store(opened(sheet).loader.any_store().folder, "x").clear()
    real = compiled._packable_record
    monkeypatch.setattr(compiled, "_packable_record", lambda *parts: forge(real(*parts)))
    for _ in range(3):
        assert answers_of(opened(sheet)) == expected


def test_positions_are_read_from_the_entry_and_the_sheet_is_left_alone(sheet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    positions = opened(sheet).sheets[0].plugins[0].positions
    plugins = opened(sheet).get_all_plugins()
    monkeypatch.setattr(reader, "_bytes", lambda *told: pytest.fail("the sheet is not wanted"))
    for plugin in plugins:
        heads = (plugin.source.pointer, ("plugins",))
        shown = {pointer: place for pointer, place in positions.items() if pointer[0] != "plugins" or pointer[:2] in heads}
        assert dict(plugin.record.positions) == shown and len(shown) > 5


def test_positions_that_are_gone_are_read_from_the_sheet(sheet: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_module, "SMALL", 0)
    positions = opened(sheet).sheets[0].plugins[0].positions
    job = opened(sheet).get_all_plugins()[0]
    (entry,) = entries(cache)
    os.truncate(entry, 100)
    assert dict(job.record.positions) == dict(positions)


def test_problems_are_read_from_the_entry(write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_sheet("plugins: {job: {hierarchy: job, mapping: /jobs, color: red}, shot: {hierarchy: shot, mapping: 1}}")
    expected = opened(path).problems
    monkeypatch.setattr(reader, "_bytes", lambda *told: pytest.fail("the sheet is not wanted"))
    assert opened(path).problems == expected and len(expected) == 2


@pytest.mark.parametrize("columns", [3, [[], ["a"], [1, 2], []], [[], ["a"], [1], ["x", 1]], [[], ["a"], [1], [1]]], ids=str)
def test_positions_that_are_none_are_damage(columns: Any) -> None:
    with pytest.raises(Damaged):
        compiled._from_columns(columns)


def test_positions_in_no_order_are_not_kept() -> None:
    with pytest.raises(Unstorable):
        compiled._columns({("a", "b"): (1, 1), ("c", "d"): (2, 1)})


def test_an_entry_that_would_be_too_great_is_not_kept(sheet: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_module, "MAX_ENTRY", 300)
    assert answers_of(opened(sheet)) and not list(cache.rglob("entries/*"))


def test_a_refresh_makes_no_plugin_anew_where_the_sheets_are_the_same(write_sheet: Callable[..., str]) -> None:
    folder = os.path.dirname(write_sheet("plugins: {a: {hierarchy: a}}", "a.yml"))
    write_sheet("plugins: {b: {hierarchy: b}}", "b.yml")
    opened(folder)
    session = opened(folder)
    session.refresh()
    plugins, generation = session.get_all_plugins(), session.registry.now.generation
    session.refresh()
    assert len(plugins) == 2 and all(map(operator.is_, session.get_all_plugins(), plugins))
    assert session.registry.now.generation == generation
