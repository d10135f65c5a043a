"""Snapshots: a frozen copy answers as the session did, in this process and in others."""

from __future__ import annotations

import copy
import hashlib
import multiprocessing
import os
import pickle
import pickletools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from snapshot_things import TEXTS, Tool, answers_from, answers_of, make_shot, render

from ways.api import Asset, Plugin, Session, SnapshotError

SHEET = r"""
globals: {syntax: 2}
plugins:
  job: {hierarchy: job, mapping: '/jobs/{JOB}', data: {fps: 24, tags: [a]}, path: true}
  shot:
    hierarchy: shot
    uses: [job]
    mapping: '{root}/{SHOT}[/{VERSION:03d}]'
    mapping_details:
      JOB: {mapping: '{YEAR}_{NAME}'}
      YEAR: {parse: {regex: '\d{4}'}}
      NAME: {parse: {regex: '[a-z]+'}}
      SHOT: {choices: ['010', '020', '900'], default: '010'}
  late: {hierarchy: job/shot, when: {SHOT: '900'}, mapping: '/late/{JOB}/{SHOT}', data: {late: 1}}
  client: {hierarchy: job, assignment: client, mapping: '/client/{JOB}'}
"""


@pytest.fixture
def studio(load: Callable[..., Session]) -> Session:
    """A world with variants, an alias, a layer, data that was changed, an action and a class."""
    session = load(SHEET, "shots.yml")
    session.add_plugins(work={"hierarchy": "work", "mapping": "/work/{JOB}", "data": {"at": (1, 2)}})
    session.register_context_alias("film", "job/shot")
    context: Any = session.need_context("job")
    context.data["mine"] = {1: "x"}
    context.data["tags"].append("b")
    session.get_context("forced/place", force=True)
    session.add_action(render, context="job")
    session.add_action_default("publish", {"to": "farm"}, "job")
    session.register_asset_class(Tool, "work")
    session.register_asset_class(Asset, "job", make_shot, children=True)
    return session


# --- it answers the same


def test_a_snapshot_answers_as_its_session_did(studio: Session) -> None:
    assert answers_from(studio.snapshot()) == answers_of(studio)


def test_out_of_the_store_it_answers_the_same(studio: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WAYS_CACHE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sessions = [Session(), Session()]
    for session in sessions:
        session.add_search_path(str(tmp_path / "shots.yml"))
        session.add_action(render, context="job")
        session.add_action_default("publish", 1)
    assert answers_from(sessions[1].snapshot()) == answers_of(sessions[0])


@pytest.mark.parametrize("method", [name for name in ("spawn", "fork") if name in multiprocessing.get_all_start_methods()])
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_it_answers_the_same_in_another_process(studio: Session, method: str) -> None:
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.apply_async(answers_from, (studio.snapshot(),)).get(120) == answers_of(studio)


def test_it_doesnt_follow_what_comes_after(studio: Session, write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    before, snapshot = answers_of(studio), studio.snapshot()
    write_sheet("plugins: {}", "shots.yml")
    studio.refresh()
    monkeypatch.setenv("WAYS_PLATFORM", "windows")
    monkeypatch.setenv("WAYS_PRIORITY", "client")
    assert answers_from(snapshot) == before


def test_what_is_done_to_its_session_does_nothing_to_it(studio: Session) -> None:
    snapshot = studio.snapshot()
    copied = copy.deepcopy(snapshot)
    session = Session.from_snapshot(snapshot)
    context: Any = session.need_context("job")
    context.data["tags"].append("c")
    session.clear()
    assert snapshot == copied and answers_from(snapshot) == answers_of(studio)


def test_its_session_can_be_refreshed_and_added_to(studio: Session, write_sheet: Callable[..., str]) -> None:
    session = Session.from_snapshot(studio.snapshot())
    session.refresh()
    assert answers_of(session) == answers_of(studio)
    session.add_search_path(write_sheet("plugins: {more: {hierarchy: more, mapping: /more}}", "more.yml"))
    assert session.need_context("more").get_mapping() == "/more"


def test_a_snapshot_of_a_snapshots_session_is_the_same(studio: Session) -> None:
    snapshot = studio.snapshot()
    assert Session.from_snapshot(snapshot).snapshot() == snapshot


def test_a_sheet_that_could_not_be_read_is_told_of_too(load: Callable[..., Session]) -> None:
    session = load("plugins: [", "broken.yml")
    copied = Session.from_snapshot(session.snapshot())
    assert copied.problems == session.problems and [sheet.is_readable for sheet in copied.sheets] == [False]


# --- it is frozen, and no more than data


def test_it_pickles_and_is_equal_and_can_be_a_key(studio: Session) -> None:
    snapshot = studio.snapshot()
    again = pickle.loads(pickle.dumps(snapshot))
    assert again == snapshot and {snapshot: 1}[again] == 1


def test_its_pickle_names_nothing_but_its_own_records(studio: Session) -> None:
    """What a pickle imports stands in it by name: nothing of the user's, and nothing that runs."""
    names = [argument for operation, argument, _ in pickletools.genops(pickle.dumps(studio.snapshot(), 2)) if operation.name == "GLOBAL"]
    # The second protocol has no bytes of its own; the newer ones do.
    assert set(names) - {"_codecs encode", "__builtin__ bytes"} == {"ways.snapshot.snapshot Snapshot", "ways.snapshot.snapshot SheetPart"}


def test_it_holds_texts_bytes_numbers_and_tuples(studio: Session) -> None:
    assert kinds_in(tuple(studio.snapshot())) == {str, bytes, int, bool, tuple}


def kinds_in(value: Any) -> set[type]:
    """Return the types in nested tuples; that of a record counts as tuple."""
    if not isinstance(value, tuple):
        return {type(value)}
    return {tuple}.union(*map(kinds_in, value))


def test_its_digest_is_the_same_in_every_process(load: Callable[..., Session]) -> None:
    """The order of a set of texts differs from process to process; the digest doesn't."""
    session = load(SHEET, "shots.yml")
    session.add_plugins(tools={"hierarchy": "tools", "data": {"names": set("abcdefgh")}})
    snapshot = session.snapshot()
    code = "import pickle, sys; from ways.api import Session; s = pickle.load(sys.stdin.buffer)\n"
    code += "print(s.digest, Session.from_snapshot(s).snapshot().digest)"
    digests = set()
    for seed in ("1", "2"):
        environ = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(snapshot), env=environ, capture_output=True, check=True)
        digests.update(run.stdout.decode().split())
    assert digests == {snapshot.digest} == {hashlib.sha256(snapshot.to_bytes()).hexdigest()}


def test_each_field_is_in_its_digest(studio: Session) -> None:
    snapshot = studio.snapshot()
    changed = [snapshot._replace(**{name: 77}) for name in snapshot._fields]
    assert len({item.digest for item in [snapshot, *changed]}) == len(changed) + 1


def test_texts_of_subclasses_count_as_texts(studio: Session) -> None:
    class Name(str):
        def __str__(self) -> str:
            return "other"

    snapshot = studio.snapshot()
    assert snapshot._replace(version=Name(snapshot.version)).digest == snapshot.digest


def test_one_of_another_version_is_refused(studio: Session) -> None:
    with pytest.raises(SnapshotError, match="that was Ways 0.0"):
        Session.from_snapshot(studio.snapshot()._replace(version="0.0"))
    with pytest.raises(SnapshotError, match="it is dict"):
        Session.from_snapshot({})  # type: ignore[arg-type]


# --- what can't travel


class Written(Plugin):
    """A plugin with code."""

    add_to_registry = False

    def get_hierarchy(self) -> str:
        return "written"

    def get_mapping(self) -> str:
        return "/written/{A}"


@pytest.fixture
def encumbered(session: Session, tmp_path: Path) -> Session:
    """A world with one of each thing that can't travel."""
    file = tmp_path / "plugin_file.py"
    file.write_text("from ways.api import Action\nclass Filed(Action):\n    def get_hierarchy(): return 'job'\n", encoding="utf-8")

    class Local(Asset):
        pass

    job = {"hierarchy": "job", "mapping": "/{A}", "data": {"tool": print, "deep": {"er": [1, frozenset("x")], "is": 1}, "ok": 1}}
    session.add_plugins(job=job)
    session.add_plugin(Written)
    session.add_plugin_file(str(file))
    session.add_action(lambda it: it, "anonymous", "job")
    session.add_action_default("nothing", object())
    session.register_asset_class(Local, "job")
    session.need_context("job").data["mine"] = iter({1})
    return session


def test_one_error_names_all_that_cant_travel(encumbered: Session) -> None:
    with pytest.raises(SnapshotError) as caught:
        encumbered.snapshot()
    kinds = [(item.kind, item.where.replace("<python>:", "")) for item in caught.value.items]  # type: ignore[attr-defined]
    assert sorted(kind for kind, _ in kinds) == ["action", "action", "class", "default", "object", "value", "value", "value"]
    message = str(caught.value)
    for part in (
        "data.tool: <built-in function print> is no plain value", "data.deep.er.1: frozenset({'x'})", "the plugin Written",
        "the action anonymous of job", "a plugin file", "the default of the action nothing", "the class of Assets of job",
        "the data of job: mine",
    ):  # fmt: skip
        assert part in message, part


def test_what_cant_travel_is_left_out_on_request(encumbered: Session) -> None:
    snapshot = encumbered.snapshot(leave_out=True)
    session = Session.from_snapshot(snapshot)
    assert len(snapshot.left_out) == 8
    assert session.need_context("job").data == {"deep": {"is": 1}, "ok": 1}
    assert session.need_context("written").get_mapping() == "/written/{A}" and session.get_asset("/written/x").info == {"A": "x"}
    assert list(session.actions("job")) == []


def test_only_some_kinds_may_be_left_out(encumbered: Session) -> None:
    with pytest.raises(SnapshotError) as caught:
        encumbered.snapshot(leave_out={"object", "value", "default", "class"})
    assert {item.kind for item in caught.value.items} == {"action"}  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="no kind 'actions'; known are value, object, action, default, class"):
        encumbered.snapshot(leave_out=("actions",))


@pytest.mark.parametrize("data", ["endless", "deep", "many"])
def test_data_without_end_is_named_and_left_out(session: Session, data: str) -> None:
    endless: list[Any] = []
    endless.append(endless)
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    session.add_plugins(job={"hierarchy": "job", "data": {"y": 1}})
    session.need_context("job").data["x"] = {"endless": endless, "deep": deep, "many": [0] * 400_000}[data]
    with pytest.raises(SnapshotError, match="too deep"):
        session.snapshot()
    copied = Session.from_snapshot(session.snapshot(leave_out=True))
    assert copied.get_context("job") is None or copied.need_context("job").data == {"y": 1}


def test_an_action_that_isnt_there_on_arrival_is_named(studio: Session) -> None:
    place, layer, name, _ = studio.snapshot().actions[0]
    with pytest.raises(SnapshotError, match="the action render: no_such_module:render can't be imported here"):
        Session.from_snapshot(studio.snapshot()._replace(actions=((place, layer, name, "no_such_module:render"),)))


# --- copies of what belongs to a session


def test_a_context_is_copied_as_itself(studio: Session) -> None:
    context = studio.need_context("job")
    assert copy.copy(context) is context and copy.deepcopy([context])[0] is context


def test_an_asset_is_copied_with_values_of_its_own(studio: Session) -> None:
    for asset in (studio.get_asset(TEXTS[0]), studio.get_asset({"JOB": "2024_dune", "SHOT": "010"}, "job/shot")):
        other = copy.deepcopy(asset)
        assert other == asset and other.context is asset.context and other.get_str() == asset.get_str()
        other.info["NAME"] = "arrakis"
        assert asset.info != other.info
        assert copy.copy(asset) == asset


GIVERS: dict[str, Callable[[Session], Any]] = {
    "session": lambda studio: studio,
    "context": lambda studio: studio.need_context("job"),
    "asset": lambda studio: studio.get_asset(TEXTS[0]),
}


@pytest.mark.parametrize("give", GIVERS.values(), ids=list(GIVERS))
def test_what_belongs_to_a_session_is_pickled_by_no_one_but_a_snapshot(studio: Session, give: Callable[[Session], Any]) -> None:
    with pytest.raises(SnapshotError, match=r"session\.snapshot\(\)"):
        pickle.dumps(give(studio))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_session_is_copied_by_no_one_but_a_snapshot(studio: Session, copied: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"session\.snapshot\(\)"):
        copied(studio)
