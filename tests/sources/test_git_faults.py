"""Clones under faults, each tried briefly; ``python -m tests.stress`` tries them at length."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from sources.test_git import Repository, _git_of_its_own  # noqa: F401
from stress import clones

from ways.api import GitError, GitLocalDescriptor, GitRemoteDescriptor, Session
from ways.sources import git, tempdirs

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="the program git is not installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="there is no fork, and no lock on a folder"),
]


@pytest.fixture
def origin(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "origin")
    made.commit("/old")
    return made


def mappings(descriptor: object) -> list[str]:
    return [plugin.get_mapping() for plugin, _ in descriptor.get_plugins()]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", clones.SCENARIOS)
def test_a_fault_gives_no_wrong_answer_and_leaves_nothing_behind(name: str) -> None:
    assert clones.SCENARIOS[name].run(1).wrong == ()


# --- clones


def test_a_clone_that_lost_its_mark_is_made_again(origin: Repository) -> None:
    descriptor = GitRemoteDescriptor(f"file://{origin.path}", "sheets")
    os.unlink(os.path.join(descriptor.path, ".git", "ways-clone"))
    assert mappings(GitRemoteDescriptor(f"file://{origin.path}", "sheets")) == ["/old"]


def test_a_damaged_clone_that_the_caller_named_is_left_to_the_caller(origin: Repository, tmp_path: Path) -> None:
    path = tmp_path / "own"
    GitRemoteDescriptor(f"file://{origin.path}", "sheets", str(path))
    (path / ".git" / "HEAD").write_bytes(b"")
    with pytest.raises(GitError):
        GitRemoteDescriptor(f"file://{origin.path}", "sheets", str(path))
    assert (path / ".git" / "HEAD").read_bytes() == b""


def test_locks_and_packs_of_a_killed_git_are_removed_before_the_next(origin: Repository) -> None:
    descriptor = GitRemoteDescriptor(f"file://{origin.path}", "sheets")
    inside = Path(descriptor.path) / ".git"
    left = [inside / name for name in ("packed-refs.lock", "shallow.lock", "objects/tmp_obj_abc", "objects/pack/tmp_pack_x")]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    descriptor.load(descriptor.reader)
    origin.commit("/new")
    assert mappings(descriptor) == ["/new"] and not any(path.exists() for path in left)


def test_a_branch_may_be_called_like_what_is_left(origin: Repository) -> None:
    origin.git("branch", "tmp_pack")
    descriptor = GitRemoteDescriptor(f"file://{origin.path}", "sheets", branch="tmp_pack")
    descriptor.load(descriptor.reader)
    assert mappings(descriptor) == ["/old"] and descriptor._news is None


def test_a_clone_while_there_is_no_remote_is_not_lost(origin: Repository) -> None:
    descriptor = GitRemoteDescriptor(f"file://{origin.path}", "sheets")
    descriptor.load(descriptor.reader)
    origin.path.rename(origin.path.with_name("gone"))
    loading = descriptor.load(descriptor.reader)
    assert len(loading.plugins) == 1 and [problem.code for problem in loading.problems] == ["remote"]


def test_without_a_home_it_is_told_what_to_set(origin: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *names, **more: "~/.cache/ways")
    with pytest.raises(GitError, match="set HOME or XDG_CACHE_HOME"):
        GitRemoteDescriptor(f"file://{origin.path}", "sheets")


# --- folders to make something in


def test_a_folder_in_use_is_not_removed_and_one_that_was_left_is(tmp_path: Path) -> None:
    (tmp_path / ".new-0123abcd").mkdir()
    (tmp_path / ".new-not-ours").mkdir()
    with tempdirs.locked_tempdir(str(tmp_path), ".new-") as first, tempdirs.locked_tempdir(str(tmp_path), ".new-") as second:
        assert {first, second, str(tmp_path / ".new-not-ours")} == {entry.path for entry in os.scandir(tmp_path)}
    assert os.listdir(tmp_path) == [".new-not-ours"]


@pytest.mark.parametrize("age, is_left", [(0, True), (2 * tempdirs.ABANDONED, False), (-2 * tempdirs.ABANDONED, False)])
def test_where_there_are_no_locks_time_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: int, is_left: bool) -> None:
    monkeypatch.setattr(tempdirs, "fcntl", None)
    left = tmp_path / ".new-0123abcd"
    left.mkdir()
    os.utime(left, (left.stat().st_mtime - age,) * 2)
    with tempdirs.locked_tempdir(str(tmp_path), ".new-"), tempdirs.exclusive(str(tmp_path), 0) as is_alone:
        assert left.exists() == is_left and not is_alone


def test_one_waits_for_the_other_as_long_as_it_may(tmp_path: Path) -> None:
    with tempdirs.exclusive(str(tmp_path), 0) as first, tempdirs.exclusive(str(tmp_path), 0.1) as second:
        assert (first, second) == (True, False)
    with tempdirs.exclusive(str(tmp_path), 0) as third:
        assert third


def test_a_program_holds_the_locks_of_its_own_thread_only(tmp_path: Path) -> None:
    found: list[tuple[int, ...]] = []
    with tempdirs.exclusive(str(tmp_path), 0):
        other = threading.Thread(target=lambda: found.append(tempdirs.inherited_fds()))
        other.start()
        other.join()
        assert len(tempdirs.inherited_fds()) == 1
    assert found == [()] and tempdirs.inherited_fds() == ()


def test_a_folder_that_is_always_another_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new").mkdir()
    monkeypatch.setattr(os, "rename", lambda *names: (tmp_path / "folder").mkdir(exist_ok=True) or os.listdir(tmp_path / "nowhere"))
    with pytest.raises(GitError, match="all the time"):
        git._put(str(tmp_path / "new"), str(tmp_path / "folder"), lambda: False)


# --- what can't be looked at


@pytest.mark.parametrize("what", ["sheets", "sheets/job.yml"])
def test_what_cannot_be_looked_at_is_told(origin: Repository, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    descriptor = GitLocalDescriptor(str(origin.path), "sheets")
    path, look = os.path.join(descriptor.folder(), what), os.stat
    descriptor.get_plugins()

    def failing(name: object, *more: object, **named: object) -> os.stat_result:
        if name == path:
            raise OSError(116, "Stale file handle")
        return look(name, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", failing)
    session = Session()
    with suppress(OSError):
        session.add_search_path(descriptor)
    assert "Stale file handle" in " ".join(str(problem) for problem in session.problems)


@pytest.mark.parametrize("name", [".git", ".git/ways-clone"])
def test_a_clone_that_cannot_be_looked_at_is_told_and_not_taken_for_an_empty_folder(
    origin: Repository, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    descriptor = GitRemoteDescriptor(f"file://{origin.path}", "sheets")
    descriptor.load(descriptor.reader)
    look = os.stat

    def failing(path: object, *more: object, **named: object) -> os.stat_result:
        if path == os.path.join(descriptor.path, name):
            raise OSError(24, "Too many open files")
        return look(path, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", failing)
    with pytest.raises(OSError, match="Too many open files"):
        descriptor._other_commit() if name == ".git" else descriptor._wanted()
