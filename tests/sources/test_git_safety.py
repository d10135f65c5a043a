"""Nothing of a repository runs, whoever made it, and git reaches a remote by its own transports alone (docs/explanation/security.rst)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sources.test_git import Repository, _git_of_its_own, mapping, remote, sheet, two_branches  # noqa: F401
from users import NOBODY, as_root, ask_as_nobody

from ways.api import GitError, GitLocalDescriptor, GitRemoteDescriptor, GitRevisionDescriptor, Session
from ways.sources import git_program, ownership
from ways.sources.git_program import absolute_url

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="the program git is not installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="modes, owners and scripts are those of POSIX"),
]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return two_branches(tmp_path / "repository")


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A program that writes a file ``ran`` beside itself."""
    program = tmp_path / "canary"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\ncat >/dev/null 2>&1\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    return program


def has_run(canary: Path) -> bool:
    return (canary.parent / "ran").exists()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write what the user has set for git: ``settings("safe.directory", "*")``."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))

    def write(name: str, value: str) -> None:
        subprocess.run(["git", "config", "--file", str(tmp_path / "gitconfig"), "--add", name, value], check=True)

    return write


def give(path: Path, user: int) -> None:
    """Give a folder, and all below it, to another user."""
    for base, folders, names in os.walk(path):
        for name in (*folders, *names):
            os.lchown(os.path.join(base, name), user, user)
    os.lchown(path, user, user)


# --- addresses


@pytest.mark.parametrize(
    "url",
    [
        "foo::bar", "fd::7,8/x", "ext::sh -c 'touch ran'", "::x", "foo://host/x", "HTTPS://host/x", "ftp://host/x", "-oProxyCommand=x:y",
        "ssh://-oProxyCommand=x/y", "ssh://me@-oProxyCommand=x/y", "https://host/a\nhost=other", "host:a\x00b", "https://host/\x1b[2J",
    ],
)  # fmt: skip
def test_an_address_that_git_has_no_transport_for_never_reaches_git(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_program, "start", lambda *_, **__: pytest.fail("git was started"))
    with pytest.raises(GitError, match="expected the address of a git repository"):
        GitRemoteDescriptor(url, "sheets")


@pytest.mark.parametrize(
    "url",
    [
        "https://host/x", "http://host:80/x", "ssh://me@host:22/x", "git+ssh://host/x", "git://host/x", "file:///x", "me@host:x/y",
        "host:x",
        "ssh://me@[::1]/x", "[::1]:x", "/x/a::b", "/x", "https://me:secret@host/x",
    ],
)  # fmt: skip
def test_an_address_that_git_reaches_itself_is_as_it_was_given(url: str) -> None:
    assert absolute_url(url) == url


def test_no_other_program_reaches_a_remote_by_a_setting_either(
    repository: Repository, canary: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary.rename(canary.with_name("git-remote-foo"))
    monkeypatch.setenv("PATH", f"{canary.parent}{os.pathsep}{os.environ['PATH']}")
    settings("url.foo::.insteadOf", "https://host/")
    settings("protocol.allow", "always")
    with pytest.raises(GitError, match="transport 'foo' not allowed"):
        GitRemoteDescriptor("https://host/x", "sheets")
    assert not has_run(canary)


def test_whoever_allows_fewer_transports_is_heard(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "https:foo")
    with pytest.raises(GitError, match="transport 'file' not allowed"):
        GitRemoteDescriptor(f"file://{repository.path}", "sheets")


def test_variables_that_change_what_git_prints_or_runs_are_not_given_to_it(
    session: Session, repository: Repository, canary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"GIT_FLUSH": "0", "GIT_TRACE": "1", "GIT_EXTERNAL_DIFF": str(canary), "GIT_PAGER": str(canary)}.items():
        monkeypatch.setenv(name, value)
    session.add_search_path(GitLocalDescriptor(str(repository.path), "sheets", "next"))
    session.add_search_path(remote(repository, branch="next"))
    assert mapping(session) == "/next/{JOB}" and not has_run(canary)


# --- the cache


def cached(repository: Repository) -> GitRemoteDescriptor:
    return GitRemoteDescriptor(f"file://{repository.path}", "sheets")


#: Settings that have git run a program, or go another way, when it asks for news or reads.
SETTINGS = {
    "core.sshCommand": "{canary}", "core.fsmonitor": "{canary}", "core.hooksPath": "{folder}", "core.alternateRefsCommand": "{canary}",
    "core.pager": "{canary}", "credential.helper": "!{canary}", "core.askPass": "{canary}", "remote.origin.uploadpack": "{canary}",
    "uploadpack.packObjectsHook": "{canary}", "core.gitProxy": "{canary}", "url.ssh://host/.insteadOf": "file:///", "core.worktree": "/",
    "include.path": "{folder}/more", "gc.recentObjectsHook": "{canary}", "remote.origin.vcs": "foo", "extensions.partialClone": "origin",
}  # fmt: skip


def plant(inside: Path, canary: Path) -> None:
    """Put settings, hooks and files into a repository that would have git run a program, or lead it elsewhere."""
    (canary.parent / "more").write_text(f"[core]\n\tsshCommand = {canary}\n", encoding="utf-8")
    for name, value in SETTINGS.items():
        text = value.format(canary=canary, folder=canary.parent)
        subprocess.run(["git", "config", "--file", str(inside / "config"), name, text], check=True)
    (inside / "hooks").mkdir(exist_ok=True)
    for hook in (inside / "hooks" / "reference-transaction", inside / "hooks" / "pre-auto-gc", canary.parent / "reference-transaction"):
        shutil.copy(canary, hook)


def test_no_setting_of_a_clone_in_the_cache_is_believed(session: Session, repository: Repository, canary: Path) -> None:
    descriptor = cached(repository)
    plant(Path(descriptor.path) / ".git", canary)
    (Path(descriptor.path) / ".git" / "commondir").write_text(str(canary.parent), encoding="utf-8")
    (Path(descriptor.path) / ".git" / "objects" / "info").mkdir(exist_ok=True)
    (Path(descriptor.path) / ".git" / "objects" / "info" / "alternates").write_text(str(canary.parent), encoding="utf-8")
    session.add_search_path(remote(repository))
    repository.commit("/moved/{JOB}")
    session.refresh()
    assert (mapping(session), session.problems, has_run(canary)) == ("/moved/{JOB}", [], False)


@as_root
@pytest.mark.parametrize("part", ["", "clone", "clone/.git"])
def test_a_clone_that_another_user_put_into_the_cache_is_not_used(
    session: Session, repository: Repository, canary: Path, settings: Any, part: str
) -> None:
    settings("safe.directory", "*")
    descriptor = cached(repository)
    plant(Path(descriptor.path) / ".git", canary)
    other = Repository(canary.parent / "other")
    other.commit("/planted/{JOB}")
    subprocess.run(["git", "-C", descriptor.path, "fetch", "-q", other.path, "+master:refs/remotes/origin/master"],
                   env={**os.environ, "GIT_CONFIG_COUNT": "0"}, capture_output=True)  # fmt: skip
    (canary.parent / "ran").unlink(missing_ok=True)
    give(Path(descriptor.path).parent / part, NOBODY)
    session.add_search_path(remote(repository))
    session.refresh()
    found = [problem.message for problem in session.problems]
    if part:
        # The folder around it is ours: the clone is made anew.
        assert (mapping(session), found) == ("/master/{JOB}", [])
    else:
        assert len(found) == 1 and "belongs to another user" in found[0] and not session.get_all_plugins()
    assert not has_run(canary)


@pytest.mark.parametrize("mode", [0o777, 0o772])
def test_a_cache_that_others_may_write_to_holds_no_clone(repository: Repository, tmp_path: Path, mode: int) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(mode)
    with pytest.raises(GitError, match=f"others may write to '{tmp_path / 'cache'}'.*XDG_CACHE_HOME"):
        cached(repository)
    assert not list((tmp_path / "cache").rglob("*.git"))


def test_folders_of_the_cache_that_are_ours_are_closed_to_others(session: Session, repository: Repository) -> None:
    above = Path(cached(repository).path).parent
    for folder in (above, above.parent, above.parent.parent):
        folder.chmod(0o777)
    session.add_search_path(remote(repository))
    assert (mapping(session), session.problems) == ("/master/{JOB}", [])
    assert [folder.stat().st_mode & 0o022 for folder in (above, above.parent, above.parent.parent)] == [0, 0, 0]


@as_root
def test_a_link_in_a_shared_folder_that_another_user_made_leads_to_no_cache(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o1777)
    (tmp_path / "own").mkdir()
    (tmp_path / "shared" / "cache").symlink_to(tmp_path / "own")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "shared" / "cache"))
    assert cached(repository).commit
    os.lchown(tmp_path / "shared" / "cache", NOBODY, NOBODY)
    with pytest.raises(GitError, match="shared/cache' belongs to another user"):
        cached(repository)


@as_root
def test_another_user_finds_no_cache_in_the_folder_of_this_one(repository: Repository, tmp_path: Path) -> None:
    folder = Path("/tmp") / f"ways-test-{os.getpid()}"
    folder.mkdir(mode=0o755)
    try:
        assert ask_as_nobody(lambda: ownership.weakness(str(folder))) == f"'{folder}' belongs to another user"
        os.chown(folder, NOBODY, NOBODY)
        assert ask_as_nobody(lambda: ownership.weakness(str(folder))) == ""
    finally:
        folder.rmdir()
    assert ownership.weakness(str(tmp_path)) == ""


# --- a clone in a folder that the caller named


def shown(repository: Repository, tmp_path: Path) -> dict[str, Any]:
    return remote(repository, path=str(tmp_path / "clone"))


def test_a_named_clone_with_settings_that_run_something_is_not_asked_for_news(
    session: Session, repository: Repository, canary: Path
) -> None:
    session.add_search_path(shown(repository, canary.parent))
    repository.commit("/moved/{JOB}")
    plant(canary.parent / "clone" / ".git", canary)
    session.refresh()
    (problem,) = session.problems
    assert problem.code == "remote" and "the clone has the setting core." in problem.message
    assert mapping(session) == "/master/{JOB}" and not has_run(canary)


@pytest.mark.parametrize("name", ["", ".git"])
def test_a_named_clone_that_others_may_write_to_is_not_asked_for_news(
    session: Session, repository: Repository, tmp_path: Path, name: str
) -> None:
    session.add_search_path(shown(repository, tmp_path))
    repository.commit("/moved/{JOB}")
    (tmp_path / "clone" / name).chmod(0o777)
    session.refresh()
    assert [("others may write to" in problem.message, problem.code) for problem in session.problems] == [(True, "remote")]
    assert mapping(session) == "/master/{JOB}"


@as_root
def test_a_named_clone_of_another_user_is_read_and_not_asked_for_news(
    session: Session, repository: Repository, canary: Path, settings: Any
) -> None:
    settings("safe.directory", "*")
    session.add_search_path(shown(repository, canary.parent))
    plant(canary.parent / "clone" / ".git", canary)
    give(canary.parent / "clone", NOBODY)
    session.refresh()
    assert ["belongs to another user" in problem.message for problem in session.problems] == [True]
    assert mapping(session) == "/master/{JOB}" and not has_run(canary)


def test_no_filter_of_the_user_changes_a_file_that_is_shown(
    session: Session, repository: Repository, canary: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write(".gitattributes", "*.yml filter=lfs\n[attr]big filter=lfs\nsheets/* big\n")
    repository.commit_all()
    for name in ("smudge", "process", "clean"):
        settings(f"filter.lfs.{name}", str(canary))
    session.add_search_path(shown(repository, canary.parent))
    assert (canary.parent / "clone" / "sheets" / "job.yml").read_text(encoding="utf-8") == sheet("/master/{JOB}")
    with monkeypatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        repository.commit("/moved/{JOB}")
    session.refresh()
    assert mapping(session) == "/moved/{JOB}" and not has_run(canary)


def test_no_template_of_the_user_comes_into_a_clone(
    session: Session, repository: Repository, canary: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = canary.parent / "template" / "hooks"
    hooks.mkdir(parents=True)
    shutil.copy(canary, hooks / "post-checkout")
    settings("init.templateDir", str(canary.parent / "template"))
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(canary.parent / "template"))
    session.add_search_path(shown(repository, canary.parent))
    assert not list((canary.parent / "clone").rglob("post-checkout")) and not has_run(canary)


# --- a repository that is only read


@as_root
def test_nothing_of_another_users_repository_runs_where_it_is_read(
    session: Session, repository: Repository, canary: Path, settings: Any
) -> None:
    settings("safe.directory", "*")
    repository.write(".gitattributes", "*.yml diff=evil filter=evil\n")
    repository.commit_all()
    for name in ("diff.evil.textconv", "diff.evil.command", "diff.external", "filter.evil.smudge", "log.showSignature", "gpg.program"):
        repository.git("config", name, str(canary))
    plant(repository.path / ".git", canary)
    give(repository.path, NOBODY)
    session.add_search_path(GitRevisionDescriptor("next", str(repository.path / "sheets")))
    session.add_search_path(GitLocalDescriptor(str(repository.path), "sheets", "v1"))
    session.refresh()
    assert mapping(session) == "/master/{JOB}" and not has_run(canary)


def test_a_content_that_a_partial_clone_lacks_is_not_fetched(session: Session, repository: Repository, canary: Path) -> None:
    blob = repository.git("rev-parse", "next:sheets/job.yml")
    (repository.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    for name, value in {
        "core.repositoryFormatVersion": "1", "extensions.partialClone": "origin", "remote.origin.promisor": "true",
        "remote.origin.url": "ssh://host/x", "core.sshCommand": str(canary),
    }.items():  # fmt: skip
        repository.git("config", name, value)
    with pytest.raises(GitError, match="doesn't hold the content"):
        session.add_search_path(GitLocalDescriptor(str(repository.path), "sheets", "next"))
    assert not has_run(canary)


def test_links_on_the_way_are_followed_step_by_step(tmp_path: Path) -> None:
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "side").mkdir()
    (tmp_path / "side" / "link").symlink_to(os.path.join("..", ".", "real"))
    assert ownership.weakness(str(tmp_path / "side" / "link" / "deep")) == ""
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(OSError):
        ownership.weakness(str(tmp_path / "round"))


def test_a_file_where_a_folder_shall_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(FileExistsError):
        ownership.make_own(str(tmp_path / "taken"))
    ownership.make_own(str(tmp_path / "new"), str(tmp_path / "new" / "inner"), str(tmp_path / "new"))
    assert (tmp_path / "new" / "inner").stat().st_mode & 0o777 == 0o700
