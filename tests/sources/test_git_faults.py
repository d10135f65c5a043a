"""Clones and written-out sheets under faults, each tried briefly; ``python -m tests.stress`` tries them at length."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sources.test_git import Repository, _git_of_its_own  # noqa: F401
from stress import clones

from ways.api import GitError, GitLocalDescriptor, GitRemoteDescriptor, GitRevisionDescriptor, Session
from ways.sources import repository, tempdirs as scratch

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="the program git is not installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="there is no fork, and no lock on a folder"),
]


@pytest.fixture
def origin(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "origin")
    made.commit("/old")
    return made


@pytest.fixture
def other_branch(origin: Repository) -> GitLocalDescriptor:
    """Sheets that are written out, with a link that leads in and one that leads out."""
    origin.git("checkout", "--quiet", "-b", "other")
    os.symlink("job.yml", origin.path / "sheets" / "again.yml")
    os.symlink("../../outside.yml", origin.path / "sheets" / "out.yml")
    origin.commit("/new")
    origin.git("checkout", "--quiet", "master")
    return GitLocalDescriptor(str(origin.path), "sheets", branch="other")


def mappings(descriptor: object) -> list[str]:
    return [plugin.get_mapping() for plugin, _ in descriptor.get_plugins()]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", clones.SCENARIOS)
def test_a_fault_gives_no_wrong_answer_and_leaves_nothing_behind(name: str) -> None:
    assert clones.SCENARIOS[name].run(1).wrong == ()


# --- what was written out


HARMS: dict[str, Callable[[Path], object]] = {
    "removed": lambda path: path.unlink(),
    "emptied": lambda path: path.write_bytes(b""),
    "changed": lambda path: path.write_bytes(path.read_bytes().replace(b"/new", b"/bad")),
    "link removed": lambda path: (path.parent / "again.yml").unlink(),
    "link to another": lambda path: ((path.parent / "again.yml").unlink(), (path.parent / "again.yml").symlink_to("out.yml")),
    "link for a file": lambda path: (path.unlink(), path.symlink_to("again.yml")),
    "another added": lambda path: shutil.copy(path, path.parent / "more.yml"),
    "a folder for a file": lambda path: (path.unlink(), path.mkdir()),
    "all removed": lambda path: shutil.rmtree(path.parent.parent),
}


@pytest.mark.parametrize("harm", HARMS)
def test_what_is_not_as_the_commit_has_it_is_written_out_again(other_branch: GitLocalDescriptor, harm: str) -> None:
    HARMS[harm](Path(other_branch.folder()) / "sheets" / "job.yml")
    assert mappings(other_branch) == ["/new", "/new"]
    assert sorted(os.listdir(Path(other_branch.folder()) / "sheets")) == ["again.yml", "job.yml"]


def test_what_is_as_the_commit_has_it_is_not_written_again(other_branch: GitLocalDescriptor) -> None:
    before = os.stat(other_branch.folder()).st_ino
    assert mappings(other_branch) == ["/new", "/new"] and os.stat(other_branch.folder()).st_ino == before


def test_a_commit_that_another_process_drops_meanwhile_is_no_fault(
    other_branch: GitLocalDescriptor, origin: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = os.path.dirname(other_branch.folder())
    os.symlink("nowhere", os.path.join(store, "0" * 40))
    for number in range(6):
        origin.commit(f"/{number}")
        GitRevisionDescriptor("HEAD", str(origin.path / "sheets")).folder()
    assert len([name for name in os.listdir(store) if not name.startswith(".")]) <= 4


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
    with scratch.scratch(str(tmp_path), ".new-") as first, scratch.scratch(str(tmp_path), ".new-") as second:
        assert {first, second, str(tmp_path / ".new-not-ours")} == {entry.path for entry in os.scandir(tmp_path)}
    assert os.listdir(tmp_path) == [".new-not-ours"]


@pytest.mark.parametrize("age, is_left", [(0, True), (2 * scratch.ABANDONED, False), (-2 * scratch.ABANDONED, False)])
def test_where_there_are_no_locks_time_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: int, is_left: bool) -> None:
    monkeypatch.setattr(scratch, "fcntl", None)
    left = tmp_path / ".new-0123abcd"
    left.mkdir()
    os.utime(left, (left.stat().st_mtime - age,) * 2)
    with scratch.scratch(str(tmp_path), ".new-"), scratch.alone(str(tmp_path), 0) as is_alone:
        assert left.exists() == is_left and not is_alone


def test_one_waits_for_the_other_as_long_as_it_may(tmp_path: Path) -> None:
    with scratch.alone(str(tmp_path), 0) as first, scratch.alone(str(tmp_path), 0.1) as second:
        assert (first, second) == (True, False)
    with scratch.alone(str(tmp_path), 0) as third:
        assert third


def test_a_program_holds_the_locks_of_its_own_thread_only(tmp_path: Path) -> None:
    found: list[tuple[int, ...]] = []
    with scratch.alone(str(tmp_path), 0):
        other = threading.Thread(target=lambda: found.append(scratch.held()))
        other.start()
        other.join()
        assert len(scratch.held()) == 1
    assert found == [()] and scratch.held() == ()


def test_a_folder_that_is_always_another_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new").mkdir()
    monkeypatch.setattr(os, "rename", lambda *names: (tmp_path / "folder").mkdir(exist_ok=True) or os.listdir(tmp_path / "nowhere"))
    with pytest.raises(GitError, match="all the time"):
        repository.put(str(tmp_path / "new"), str(tmp_path / "folder"), lambda: False)


# --- what can't be looked at


@pytest.mark.parametrize("what", ["sheets", "sheets/job.yml"])
def test_what_cannot_be_looked_at_is_told(other_branch: GitLocalDescriptor, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    path, look = os.path.join(other_branch.folder(), what), os.stat
    other_branch.get_plugins()

    def failing(name: object, *more: object, **named: object) -> os.stat_result:
        if name == path:
            raise OSError(116, "Stale file handle")
        return look(name, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", failing)
    session = Session()
    with suppress(OSError):
        session.add_search_path(other_branch)
    assert "Stale file handle" in " ".join(str(problem) for problem in session.problems)
