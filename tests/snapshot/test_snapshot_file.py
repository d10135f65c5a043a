"""Snapshots as files: whole or refused, as good as the session that they were taken of, and code only where it is trusted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from snapshot_things import Tool, answers_of, make_shot, render

from ways import __version__, api
from ways.api import Asset, Limits, Session, Snapshot, SnapshotError
from ways.sheets.store.codec import pack
from ways.snapshot.file import save_body

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
      YEAR: {parse: {regex: '\d{4}'}, before_return: int}
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
    session.get_context("forced/place", force=True)
    session.add_action(render, context="job")
    session.add_action_default("publish", {"to": "farm"}, "job")
    session.register_asset_class(Tool, "work")
    session.register_asset_class(Asset, "job", make_shot, children=True)
    return session


@pytest.fixture
def plain(load: Callable[..., Session]) -> Session:
    """A world with nothing but a sheet."""
    return load("plugins: {job: {hierarchy: job, mapping: '/jobs/{JOB}'}}", "plain.yml")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a snapshot goes."""
    return tmp_path / "shot.ways"


def refusal(file: Path, **more: Any) -> str:
    """Return why a file is refused."""
    with pytest.raises(SnapshotError) as caught:
        Session.from_snapshot(file, **more)
    assert str(file) in str(caught.value)
    return str(caught.value)


def changed(snapshot: Snapshot, file: Path, **fields: Any) -> Path:
    """Write a file that is whole, with other fields than Ways writes."""
    save_body(snapshot._replace(**fields).to_bytes(), __version__, str(file), force=True)
    return file


# --- it answers the same


def test_a_trusted_file_answers_as_its_session_did(studio: Session, file: Path) -> None:
    snapshot = studio.snapshot()
    assert snapshot.save(file) == file.stat().st_size
    again = Session.from_snapshot(file, trust=True)
    assert answers_of(again) == answers_of(studio)
    assert again.snapshot() == snapshot and again.snapshot().digest in file.read_text("latin-1")


def test_the_sheets_are_not_needed(studio: Session, file: Path, tmp_path: Path) -> None:
    before = answers_of(studio)
    studio.snapshot().save(file)
    (tmp_path / "shots.yml").unlink()
    assert answers_of(Session.from_snapshot(file, trust=True)) == before


def test_what_is_loaded_again_is_the_same(studio: Session, file: Path) -> None:
    studio.snapshot().save(file)
    session = Session.from_snapshot(file, trust=True)
    session.refresh()
    assert answers_of(session) == answers_of(studio)
    session.init_plugins()
    session.need_context("job").data["mine"] = {1: "x"}
    assert answers_of(session) == answers_of(studio)
    session.clear()
    assert session.place_texts() == []


def test_another_platform_may_be_asked_for(load: Callable[..., Session], file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugins = {name: {"hierarchy": "job", "mapping": f"{name}:/{{JOB}}", "platforms": name} for name in ("linux", "windows")}
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_plugins(**plugins)
    session.snapshot().save(file)
    monkeypatch.setenv("WAYS_PLATFORM", "windows")
    assert Session.from_snapshot(file).need_context("job").get_mapping() == "linux:/{JOB}"
    there = Session.from_snapshot(file, overrides={"WAYS_PLATFORM": "windows"})
    assert there.need_context("job").get_mapping() == "windows:/{JOB}"
    assert there.with_overrides({"WAYS_PLATFORM": "linux"}).need_context("job").get_mapping() == "linux:/{JOB}"


def test_the_environment_gives_it_to_every_tool(plain: Session, file: Path, tmp_path: Path) -> None:
    plain.snapshot().save(file)
    code = "import ways.api as w\nfor _ in '12': print(w.get_asset('/jobs/x')); w.init_plugins()"
    env = {**os.environ, "WAYS_SNAPSHOT": str(file), "WAYS_DESCRIPTORS": "/nowhere", "WAYS_PLUGINS": "/nowhere"}
    lines = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, encoding="utf-8", check=True).stdout.splitlines()
    assert len(lines) == 2 and all("'JOB': 'x'" in line for line in lines)


def test_a_refused_file_in_the_environment_is_an_error_each_time(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_SNAPSHOT", str(file))
    for _ in range(2):
        with pytest.raises(SnapshotError, match="No such file"):
            Session.from_environ()
    monkeypatch.setenv("WAYS_SNAPSHOT", "")
    assert Session.from_environ().place_texts() == []


def test_its_bytes_are_the_same_in_every_process(tmp_path: Path, write_sheet: Callable[..., str]) -> None:
    sheet = write_sheet(SHEET, "shots.yml")
    code = "import sys; from ways.api import Session; s = Session(); s.add_search_path(sys.argv[1]); s.snapshot().save(sys.argv[2])"
    files = [tmp_path / seed for seed in ("1", "2", "3")]
    for file in files:
        subprocess.run([sys.executable, "-c", code, sheet, str(file)], env={**os.environ, "PYTHONHASHSEED": file.name}, check=True)
    assert len({file.read_bytes() for file in files}) == 1


def test_a_whole_corpus_answers_from_a_file(file: Path) -> None:
    folder = Path(__file__).resolve().parents[2] / "plugin_sheets" / "film"
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_search_path(str(folder))
    session.snapshot().save(file)
    again = Session.from_snapshot(file)
    assert again.place_texts() == session.place_texts()
    for place in session.place_texts():
        context, other = session.need_context(place), again.need_context(place)
        assert context.as_dict() == other.as_dict() and context.get_str() == other.get_str()


# --- code is only named


def test_no_code_runs_unless_it_is_trusted(studio: Session, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.snapshot().save(file)
    monkeypatch.setattr("ways.snapshot.restore.import_object", lambda name: pytest.fail(name))
    session = Session.from_snapshot(file)
    problem = session.problems[-1]
    assert (problem.code, problem.level) == ("not-run", "warning")
    assert "the action render of job, the class of Assets of work, the class of Assets of job" in str(problem)
    assert type(session.get_asset("/jobs/2024_dune")) is Asset
    with pytest.raises(api.WaysError, match="render"):
        session.need_context("job").actions.render()
    assert session.need_context("job").actions.publish() == {"to": "farm"}
    # Nor does before_return, though the sheet was trusted.
    assert session.need_context("job/shot").get_mapping_details()["YEAR"]
    assert session.get_asset("/jobs/2024_dune/010").get_value("YEAR") == "2024"
    assert not any(sheet.source.is_trusted for sheet in session.sheets)
    again = Session.from_snapshot(session.snapshot())
    assert not any(sheet.source.is_trusted for sheet in again.sheets) and not again.snapshot().actions


def test_what_cant_be_imported_is_named(studio: Session, file: Path) -> None:
    changed(studio.snapshot(), file, actions=((("job",), "master", "render", "no_such_module:render"),))
    assert "no_such_module" in refusal(file, trust=True)
    Session.from_snapshot(file)


def test_it_reads_no_more_of_the_environment(plain: Session, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    overrides = (("WAYS_ENV_ALLOW", "*"), ("WAYS_PLUGINS", "evil.py"), ("WAYS_OWNERS", "*"), ("WAYS_EXPAND_CHOICE_ORDER", "regex"))
    changed(plain.snapshot(), file, overrides=overrides)
    overrides_here = Session.from_snapshot(file).overrides
    assert overrides_here["WAYS_EXPAND_CHOICE_ORDER"] == "regex"
    assert not {"WAYS_ENV_ALLOW", "WAYS_PLUGINS", "WAYS_OWNERS"} & set(overrides_here)


def test_it_can_only_lower_the_limits(plain: Session, file: Path) -> None:
    great = Limits(text=10**9, time=5)
    changed(plain.snapshot(), file, limits=tuple(zip(great._fields, great)))
    assert Session.from_snapshot(file).limits == Limits(time=5)
    assert Session.from_snapshot(file, trust=True).limits == great
    assert Session.from_snapshot(file, limits=Limits(text=99)).limits == Limits(text=99, time=5)


# --- it is whole, or it is refused


def test_each_byte_counts(plain: Session, file: Path) -> None:
    plain.snapshot().save(file)
    whole = file.read_bytes()
    for index in range(len(whole)):
        file.write_bytes(whole[:index] + bytes([whole[index] ^ (1 << index % 8)]) + whole[index + 1 :])
        assert "refused" in refusal(file)
    for end in (0, 1, 14, 20, 90, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:end])
        assert "refused" in refusal(file)
    file.write_bytes(whole + b"N")
    assert "not whole" in refusal(file)


def test_another_version_is_named(plain: Session, file: Path) -> None:
    body = plain.snapshot().to_bytes()
    save_body(body, "0.0", str(file))
    assert f"Ways 0.0 made it, and this is {__version__}" in refusal(file)
    assert "another version" in refusal(changed(plain.snapshot(), file, layout=0))


#: Name, sources and source of a plugin.
ANY = ("a", (), ("p", "", (), 0, 0, True, ()))


@pytest.mark.parametrize(
    "field, value",
    [
        ("settings", ()), ("settings", ("linux", (), (), "7")), ("limits", (("text", "much"),)), ("limits", (("words", 1),)),
        ("infos", (b"N",)), ("infos", (pack(("f", "", False, [], "loud", (), ("p", "", (), 0, 0, True, ()), {}, 0)),)), ("catalog", b"N"),
        ("sheets", ((b"", (), b"", ""),)), ("plugins", (b"N",)), ("plugins", (pack(("master", ("a",), None, 7, 7)),)),
        ("plugins", (pack(("master", ("a",), None, *ANY, pack({"hierarchy": "a", "mapping": 5}))),)),
        ("plugins", (pack(("master", ("a",), None, *ANY, pack({"hierarchy": "a", "data": []}))),)),
        ("plugins", (pack(("master", ("a", "") * 200, None, *ANY, pack({"hierarchy": "a"}))),)),
        ("problems", pack([1])), ("problems", b"J[["), ("aliases", ((("a",), 1),)), ("contexts", ((("a",), "", True, b"?"),)),
        ("defaults", ((None, "publish", b"?"),)), ("left_out", ((1, 2, 3),)),
    ],
)  # fmt: skip
def test_whatever_stands_in_a_whole_file_is_refused_by_name(plain: Session, file: Path, field: str, value: Any) -> None:
    without = {"sheets": (), "catalog": b""} if field == "plugins" else {}
    assert "not as Ways writes it" in refusal(changed(plain.snapshot(), file, **{**without, field: value}))


def test_a_plugin_beyond_the_limits_is_refused(plain: Session, file: Path) -> None:
    plain.snapshot().save(file)
    with pytest.raises(SnapshotError, match="WAYS_LIMITS=mapping="):
        Session.from_snapshot(file, limits=Limits(mapping=3)).get_context("job")
    assert "WAYS_LIMITS=snapshot=" in refusal(file, limits=Limits(snapshot=99))


def test_what_is_no_file_is_refused(plain: Session, file: Path, tmp_path: Path) -> None:
    plain.snapshot().save(tmp_path / "real.ways")
    assert "Is a directory" in refusal(tmp_path)
    assert "No such file" in refusal(tmp_path / "none")
    with pytest.raises(SnapshotError, match="null"):
        Session.from_snapshot("a\0b")
    file.symlink_to(tmp_path / "real.ways")
    assert f"it is a link, and a job must get the file that it was given. Name that: {tmp_path / 'real.ways'}" in refusal(file)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert "it is no file" in refusal(tmp_path / "pipe")
        assert "refused" in refusal(Path("/dev/zero"))


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a file doesn't say who may change it")
def test_what_others_may_change_is_refused(plain: Session, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain.snapshot().save(file)
    file.chmod(0o646)
    assert "anybody may write to it. If it is meant, set WAYS_OWNERS=*" in refusal(file)
    file.chmod(0o644)
    monkeypatch.setattr("os.geteuid", lambda: 54321)
    owner = os.stat(file).st_uid
    if owner:
        assert "it belongs to" in refusal(file) and "set WAYS_OWNERS=" in refusal(file)
        monkeypatch.setenv("WAYS_OWNERS", str(owner))
    Session.from_snapshot(file)


# --- how it is written


def test_a_file_that_is_there_stays(plain: Session, file: Path, tmp_path: Path) -> None:
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError):
        plain.snapshot().save(file)
    assert file.read_text("utf-8") == "mine"
    link = tmp_path / "link"
    link.symlink_to(file)
    plain.snapshot().save(link, force=True)
    assert not link.is_symlink() and file.read_text("utf-8") == "mine"
    plain.snapshot().save(file, force=True)
    assert Session.from_snapshot(file).place_texts() == ["job"]
    with pytest.raises(FileExistsError):
        plain.snapshot().save(tmp_path, force=True)
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".new")]


def test_what_cant_be_written_leaves_nothing(plain: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError):
        plain.snapshot().save(tmp_path / "none" / "shot.ways")

    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        plain.snapshot().save(tmp_path / "shot.ways")
    assert {path.name for path in tmp_path.iterdir()} == {"plain.yml"}


def test_where_files_have_one_name_it_is_put_there_all_the_same(plain: Session, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    plain.snapshot().save(file)
    assert Session.from_snapshot(file).place_texts() == ["job"]


def test_of_two_writers_at_once_one_is_first(plain: Session, file: Path, tmp_path: Path) -> None:
    snapshot = plain.snapshot()

    def save(force: bool) -> bool:
        try:
            return bool(snapshot.save(file, force=force))
        except FileExistsError:
            return False

    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            file.unlink(missing_ok=True)
            assert sum(pool.map(save, [False] * 8)) == 1
            assert all(pool.map(save, [True] * 8))
            assert Session.from_snapshot(file).place_texts() == ["job"]
    assert {path.name for path in tmp_path.iterdir()} == {"plain.yml", "shot.ways"}
