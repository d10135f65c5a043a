"""Git descriptors (docs/explanation/store.rst, security.rst), tried against real repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ways.api import GitError, GitLocalDescriptor, GitRemoteDescriptor, GitRevisionDescriptor, Session, encode, resolve_descriptor
from ways.sources import git_program
from ways.sources import repository as repositories

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="the program git is not installed")


@pytest.fixture(autouse=True)
def _git_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache, an identity and no configuration but the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Tester")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "tester@example.com")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


class Repository:
    """A repository with one branch, and what a test does to it."""

    def __init__(self, path: Path, branch: str = "master") -> None:
        self.path = path
        path.mkdir(parents=True)
        self.git("init", "--quiet", f"--initial-branch={branch}")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(self.path), *arguments], check=True, capture_output=True, encoding="utf-8")
        return done.stdout.strip()

    def write(self, name: str, text: str) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def commit(self, mapping: str, name: str = "sheets/job.yml") -> str:
        self.write(name, sheet(mapping))
        return self.commit_all()

    def commit_all(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "change")
        return self.git("rev-parse", "HEAD")


def sheet(mapping: str) -> str:
    return f"plugins: {{job: {{hierarchy: job, mapping: '{mapping}'}}}}\n"


def mapping(session: Session) -> str:
    return session.need_context("job").get_mapping()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return two_branches(tmp_path / "repository")


def two_branches(path: Path) -> Repository:
    """Return a repository whose master says ``/master/{JOB}`` and whose branch ``next`` says ``/next/{JOB}``."""
    made = Repository(path)
    made.commit("/master/{JOB}")
    made.git("tag", "v1")
    made.git("checkout", "--quiet", "-b", "next")
    made.commit("/next/{JOB}")
    made.git("checkout", "--quiet", "master")
    return made


def remote(repository: Repository, **more: Any) -> dict[str, Any]:
    url = f"file://{repository.path}"
    return {"create_using": "ways.api.GitRemoteDescriptor", "url": url, "items": "sheets", **more}


def failure(session: Session) -> str:
    """Return why the last description failed; it must have failed to resolve."""
    result = session.results()[0][-1]
    assert (result.status, result.reason) == ("failed", "resolution_failure")
    return result.traceback


# --- GitLocalDescriptor


def test_a_local_descriptor_tells_path_branch_and_absolute_items(repository: Repository) -> None:
    descriptor = GitLocalDescriptor(str(repository.path), ["sheets", str(repository.path / "sheets" / "job.yml")])
    assert descriptor.path == str(repository.path)
    assert descriptor.branch == "master"
    assert descriptor.items == [str(repository.path / "sheets"), str(repository.path / "sheets" / "job.yml")]


def test_the_first_of_several_paths_is_the_root(repository: Repository) -> None:
    assert GitLocalDescriptor([str(repository.path), "elsewhere"], "sheets").path == str(repository.path)


def test_items_are_absolute_below_a_relative_path_too(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository.path.parent)
    assert GitLocalDescriptor("repository", "./sheets/../sheets").items == [str(repository.path / "sheets")]


@pytest.mark.parametrize("item", ["missing", "{root}/missing.yml"], ids=["relative", "absolute"])
def test_a_missing_item_is_an_os_error(repository: Repository, item: str) -> None:
    with pytest.raises(FileNotFoundError, match="There is no 'missing"):
        GitLocalDescriptor(str(repository.path), item.format(root=repository.path))


@pytest.mark.parametrize("revision, item", [("next", "a\0b"), ("a\0b", "job.yml")], ids=["item", "revision"])
def test_a_name_that_git_can_not_be_given_is_an_error_of_ours(repository: Repository, revision: str, item: str) -> None:
    with pytest.raises(OSError, match="a.x00b"):
        GitRevisionDescriptor(revision, str(repository.path / item))


def test_a_missing_item_is_a_resolution_failure_of_its_description(session: Session, repository: Repository) -> None:
    description = {"create_using": GitLocalDescriptor, "path": str(repository.path), "items": "missing"}
    assert session.add_search_path(description) is None
    assert "There is no 'missing'" in failure(session)


def test_a_folder_that_is_no_repository_is_read_as_it_lies(session: Session, tmp_path: Path) -> None:
    (tmp_path / "job.yml").write_text(sheet("/plain"), encoding="utf-8")
    session.add_search_path(GitLocalDescriptor(str(tmp_path), ["job.yml"]))
    assert mapping(session) == "/plain"


def test_the_current_branch_is_read_as_it_lies_and_not_as_it_was_committed(session: Session, repository: Repository) -> None:
    repository.write("sheets/job.yml", sheet("/edited"))
    session.add_search_path(GitLocalDescriptor(str(repository.path), "sheets", "master"))
    assert mapping(session) == "/edited"


@pytest.mark.parametrize("branch, expected", [("next", "/next/{JOB}"), ("v1", "/master/{JOB}"), ("", "/next/{JOB}")],
                         ids=["branch", "tag", "commit"])  # fmt: skip
def test_another_branch_tag_or_commit_is_read_and_nothing_in_the_repository_changes(
    session: Session, repository: Repository, branch: str, expected: str
) -> None:
    before = sorted(repository.path.rglob("*"))
    session.add_search_path(GitLocalDescriptor(str(repository.path), "sheets", branch or repository.git("rev-parse", "next")))
    assert mapping(session) == expected
    assert (repository.git("status", "--short"), sorted(repository.path.rglob("*"))) == ("", before)


def test_the_own_branch_of_a_local_clone_counts_before_the_one_of_its_remote(
    session: Session, repository: Repository, tmp_path: Path
) -> None:
    subprocess.run(["git", "clone", "--quiet", str(repository.path), str(tmp_path / "clone")], check=True)
    clone = Repository.__new__(Repository)
    clone.path = tmp_path / "clone"
    clone.git("checkout", "--quiet", "next")
    clone.commit("/mine/{JOB}")
    clone.git("checkout", "--quiet", "master")
    session.add_search_path(GitLocalDescriptor(str(clone.path), "sheets", "next"))
    assert mapping(session) == "/mine/{JOB}"


def test_an_unknown_branch_is_an_error_that_names_those_there_are(repository: Repository) -> None:
    with pytest.raises(GitError, match="no branch, tag or commit 'nxt'; it has master, next, v1"):
        GitLocalDescriptor(str(repository.path), "sheets", "nxt")


def test_the_default_branch_is_what_lies_there_in_a_repository_without_a_master(session: Session, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository", branch="main")
    repository.commit("/main/{JOB}")
    session.add_search_path(GitLocalDescriptor(str(repository.path), "sheets"))
    assert mapping(session) == "/main/{JOB}"


def test_a_local_branch_that_moves_is_seen_on_refresh(session: Session, repository: Repository) -> None:
    session.add_search_path(GitLocalDescriptor(str(repository.path), "sheets", "next"))
    repository.git("checkout", "--quiet", "next")
    repository.commit("/moved/{JOB}")
    repository.git("checkout", "--quiet", "master")
    assert mapping(session) == "/next/{JOB}"
    session.refresh()
    assert mapping(session) == "/moved/{JOB}"


def test_an_item_that_leads_out_of_another_branch_is_not_there(repository: Repository) -> None:
    (repository.path.parent / "outside.yml").write_text(sheet("/outside"), encoding="utf-8")
    with pytest.raises(FileNotFoundError, match="not inside"):
        GitLocalDescriptor(str(repository.path), "../outside.yml", "next")


def test_a_folder_without_sheets_in_another_branch_is_there_and_gives_nothing(session: Session, repository: Repository) -> None:
    repository.git("checkout", "--quiet", "next")
    repository.write("notes/readme.txt", "nothing")
    repository.commit_all()
    repository.git("checkout", "--quiet", "master")
    assert session.add_search_path(GitLocalDescriptor(str(repository.path), "notes", "next"))
    assert session.get_all_plugins() == []


# --- GitRemoteDescriptor


@pytest.mark.parametrize("scheme", ["", "file://"], ids=["path", "file"])
def test_a_remote_is_cloned_into_the_cache_and_read(
    session: Session, repository: Repository, tmp_path: Path, scheme: str
) -> None:
    descriptor = GitRemoteDescriptor(f"{scheme}{repository.path}", "sheets")
    session.add_search_path(descriptor)
    assert mapping(session) == "/master/{JOB}"
    assert Path(descriptor.path).is_relative_to(tmp_path / "cache")


@pytest.mark.parametrize("branch", ["next", "v1", "commit"])
def test_a_branch_tag_or_commit_of_a_remote_is_read(session: Session, repository: Repository, branch: str) -> None:
    wanted = repository.git("rev-parse", "next") if branch == "commit" else branch
    session.add_search_path(remote(repository, branch=wanted))
    assert mapping(session) == ("/master/{JOB}" if branch == "v1" else "/next/{JOB}")


def test_dict_and_encoded_text_describe_the_same_remote(repository: Repository) -> None:
    given = remote(repository, branch="next")
    from_dict, from_text = resolve_descriptor(given), resolve_descriptor(encode(given))
    assert from_dict == from_text
    assert (from_text.url, from_text.branch, from_text.items) == (given["url"], "next", ["sheets"])


def test_the_default_branch_of_a_remote_without_a_master_is_its_own(session: Session, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository", branch="trunk")
    repository.commit("/trunk/{JOB}")
    session.add_search_path(remote(repository))
    assert mapping(session) == "/trunk/{JOB}"


def test_a_relative_path_is_a_remote_as_seen_from_here(
    session: Session, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository.path.parent)
    session.add_search_path(GitRemoteDescriptor("repository", "sheets"))
    monkeypatch.chdir("/")
    session.refresh()
    assert (mapping(session), session.problems) == ("/master/{JOB}", [])


def test_a_clone_in_a_path_shows_the_files_of_the_branch(session: Session, repository: Repository, tmp_path: Path) -> None:
    session.add_search_path(remote(repository, path=str(tmp_path / "clone"), branch="next"))
    assert (tmp_path / "clone" / "sheets" / "job.yml").read_text(encoding="utf-8") == sheet("/next/{JOB}")
    assert mapping(session) == "/next/{JOB}"


def test_a_path_that_is_a_repository_already_is_not_cloned_over(session: Session, repository: Repository) -> None:
    before = sorted(repository.path.rglob("*"))
    session.add_search_path(remote(repository, url="file:///no/such/repository", path=str(repository.path)))
    assert mapping(session) == "/master/{JOB}"
    assert sorted(repository.path.rglob("*")) == before


def test_a_full_folder_inside_another_repository_is_read_as_it_lies(session: Session, repository: Repository) -> None:
    repository.write("inner/sheets/job.yml", sheet("/inner"))
    session.add_search_path(remote(repository, path=str(repository.path / "inner")))
    assert mapping(session) == "/inner"


def test_the_second_session_uses_the_first_ones_clone(repository: Repository) -> None:
    first, second = GitRemoteDescriptor(str(repository.path), "sheets"), GitRemoteDescriptor(str(repository.path), "sheets")
    assert (first.path, first.commit, first.folder()) == (second.path, second.commit, second.folder())


def test_a_remote_branch_that_moves_is_seen_on_refresh_and_not_before(session: Session, repository: Repository) -> None:
    session.add_search_path(remote(repository))
    repository.commit("/moved/{JOB}")
    assert mapping(session) == "/master/{JOB}"
    session.refresh()
    assert mapping(session) == "/moved/{JOB}"


def test_a_tag_that_moves_is_seen_on_refresh(session: Session, repository: Repository) -> None:
    session.add_search_path(remote(repository, branch="v1"))
    repository.commit("/moved/{JOB}")
    repository.git("tag", "--force", "v1")
    session.refresh()
    assert mapping(session) == "/moved/{JOB}"


def test_the_files_in_a_path_follow_the_branch_on_refresh(session: Session, repository: Repository, tmp_path: Path) -> None:
    session.add_search_path(remote(repository, path=str(tmp_path / "clone")))
    repository.commit("/moved/{JOB}")
    session.refresh()
    assert (tmp_path / "clone" / "sheets" / "job.yml").read_text(encoding="utf-8") == sheet("/moved/{JOB}")


def test_a_branch_that_is_younger_than_the_clone_is_asked_for(session: Session, repository: Repository) -> None:
    GitRemoteDescriptor(f"file://{repository.path}", "sheets")
    repository.git("checkout", "--quiet", "-b", "young")
    repository.commit("/young/{JOB}")
    session.add_search_path(remote(repository, branch="young"))
    assert mapping(session) == "/young/{JOB}"


def test_a_vanished_remote_works_from_the_last_good_clone_and_says_so(session: Session, repository: Repository) -> None:
    session.add_search_path(remote(repository))
    shutil.rmtree(repository.path)
    session.refresh()
    assert mapping(session) == "/master/{JOB}"
    assert [(problem.level, problem.code) for problem in session.problems] == [("warning", "remote")]


def test_a_new_session_works_offline_too(session: Session, repository: Repository) -> None:
    GitRemoteDescriptor(f"file://{repository.path}", "sheets")
    shutil.rmtree(repository.path)
    session.add_search_path(remote(repository))
    assert (mapping(session), session.problems) == ("/master/{JOB}", [])


def test_news_come_again_when_the_remote_is_back(session: Session, repository: Repository, tmp_path: Path) -> None:
    session.add_search_path(remote(repository))
    repository.path.rename(tmp_path / "away")
    session.refresh()
    (tmp_path / "away").rename(repository.path)
    repository.commit("/back/{JOB}")
    session.refresh()
    assert (mapping(session), session.problems) == ("/back/{JOB}", [])


def test_a_branch_that_is_deleted_keeps_its_last_good_plugins(session: Session, repository: Repository) -> None:
    session.add_search_path(remote(repository, branch="next"))
    repository.git("branch", "--quiet", "-D", "next")
    session.refresh()
    assert mapping(session) == "/next/{JOB}"
    assert ["no branch, tag or commit 'next'" in problem.message for problem in session.problems] == [True]


def test_a_remote_that_was_never_reached_is_tried_again_on_refresh(
    session: Session, repository: Repository, tmp_path: Path
) -> None:
    repository.path.rename(tmp_path / "away")
    assert session.add_search_path(remote(repository)) is None
    assert "git clone failed" in failure(session)
    (tmp_path / "away").rename(repository.path)
    session.refresh()
    assert (mapping(session), session.problems) == ("/master/{JOB}", [])


def test_a_clone_that_breaks_off_leaves_nothing_behind(session: Session, repository: Repository, tmp_path: Path) -> None:
    session.add_search_path(remote(repository, url="file:///no/such/repository", path=str(tmp_path / "below" / "clone")))
    assert list((tmp_path / "below").iterdir()) == []


def test_an_empty_remote_has_none_of_the_items(session: Session, tmp_path: Path) -> None:
    assert session.add_search_path(remote(Repository(tmp_path / "empty"))) is None
    assert "There is no 'sheets'" in failure(session)


@pytest.mark.parametrize("item", ["missing", "../outside", "/etc"])
def test_an_item_that_a_remote_does_not_have_is_a_resolution_failure(
    session: Session, repository: Repository, item: str
) -> None:
    assert session.add_search_path(remote(repository, items=item)) is None
    assert "FileNotFoundError" in failure(session)


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_what_is_cached_is_the_users_own_and_a_clone_in_a_path_is_like_any_folder(
    repository: Repository, tmp_path: Path
) -> None:
    cached = GitRemoteDescriptor(str(repository.path), "sheets")
    shown = GitRemoteDescriptor(str(repository.path), "sheets", str(tmp_path / "shown"))
    (tmp_path / "plain").mkdir()
    assert Path(cached.path).parent.stat().st_mode & 0o077 == 0
    assert Path(shown.path).stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_nothing_of_a_commit_is_written_out(session: Session, repository: Repository, tmp_path: Path) -> None:
    session.add_search_path(GitLocalDescriptor(str(repository.path), "sheets", "next"))
    session.add_search_path(GitRevisionDescriptor("v1", str(repository.path / "sheets")))
    assert mapping(session) == "/master/{JOB}" and not (tmp_path / "cache").exists()


def test_a_sheet_of_a_commit_is_called_by_repository_and_revision(session: Session, repository: Repository) -> None:
    session.add_search_path(GitLocalDescriptor(str(repository.path), "sheets", "next"))
    assert [sheet.source.path for sheet in session.sheets] == [f"{repository.path}@next/sheets/job.yml"]


def test_a_sheet_that_breaks_in_a_later_commit_keeps_its_last_good_plugins(session: Session, repository: Repository) -> None:
    session.add_search_path(remote(repository))
    repository.write("sheets/job.yml", "plugins: [")
    repository.commit_all()
    session.refresh()
    assert mapping(session) == "/master/{JOB}" and [problem.code for problem in session.problems] == ["syntax"]


# --- one program for all files of a load, and the store


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The programs that read objects, as they are started."""
    started: list[subprocess.Popen[bytes]] = []
    real = git_program.start

    def start(folder: str, command: str, *more: str, **pipes: Any) -> subprocess.Popen[bytes]:
        process = real(folder, command, *more, **pipes)
        started.extend([process] if command == "cat-file" else [])
        return process

    monkeypatch.setattr(git_program, "start", start)
    return started


def test_one_program_reads_all_files_of_a_load_and_ends_with_it(repository: Repository, programs: list[subprocess.Popen[bytes]]) -> None:
    for number in range(5):
        repository.write(f"sheets/{number}.yml", sheet(f"/{number}"))
    repository.commit_all()
    (repository.path / "sheets" / "link.yml").symlink_to("job.yml")
    repository.commit_all()
    descriptor = GitRevisionDescriptor("HEAD", str(repository.path / "sheets"))
    programs.clear()
    assert len(descriptor.get_plugins()) == 7
    assert len(programs) == 1 and programs[0].poll() is not None


def test_the_program_ends_where_a_load_fails(
    repository: Repository, programs: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise MemoryError

    descriptor = GitRevisionDescriptor("HEAD", str(repository.path / "sheets"))
    monkeypatch.setattr("ways.sources.load_sheets._plugins_of", failing)
    with pytest.raises(MemoryError):
        descriptor.load(descriptor.reader)
    assert [process.poll() is None for process in programs] == [False, False]


def test_a_refresh_reads_no_file_whose_content_is_the_same(repository: Repository, programs: list[subprocess.Popen[bytes]]) -> None:
    session = Session()
    session.add_search_path(GitLocalDescriptor(str(repository.path), "sheets", "next"))
    assert len(programs) == 2
    session.refresh()
    assert len(programs) == 2


def test_a_sheet_of_a_commit_is_stored_by_its_content(
    repository: Repository, programs: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAYS_CACHE", "1")
    for revision in ("master", "v1"):
        session = Session()
        session.add_search_path(GitRevisionDescriptor(revision, str(repository.path / "sheets")))
        assert mapping(session) == "/master/{JOB}" and len(session.get_all_plugins()) == 1
    # Two names of one commit: the second session reads nothing but which files there are.
    assert len(programs) == 3 and session.get_cache_info()["entries"] == 1


def test_a_damaged_entry_is_read_from_the_commit(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_CACHE", "1")
    for _ in range(2):
        session = Session()
        session.add_search_path(GitRevisionDescriptor("HEAD", str(repository.path / "sheets")))
        assert mapping(session) == "/master/{JOB}"
    (entry,) = (tmp_path / "cache").rglob("entries/*")
    data = entry.read_bytes()
    # Beyond the description, which is looked at when it is opened.
    entry.write_bytes(data.replace(b"/master", b"/forged"))
    session = Session()
    session.add_search_path(GitRevisionDescriptor("HEAD", str(repository.path / "sheets")))
    assert mapping(session) == "/master/{JOB}"


def test_one_content_under_two_names_is_read_by_the_format_of_each(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_CACHE", "1")
    text = '{"Plugins": [{"Type": "python", "Name": "a"}], "plugins": {"b": {"hierarchy": "b"}}}'
    repository.write("sheets/plugInfo.json", text)
    repository.write("sheets/native.json", text)
    repository.commit_all()
    for _ in range(2):
        session = Session()
        session.add_search_path(GitRevisionDescriptor("HEAD", str(repository.path / "sheets")))
        assert {sheet.source.path.rpartition("/")[2]: sheet.source.format for sheet in session.sheets} == {
            "job.yml": "yaml", "native.json": "json", "plugInfo.json": "usd",
        }  # fmt: skip


def test_an_object_that_replaces_another_is_not_read(session: Session, repository: Repository) -> None:
    (repository.path / "other").write_text(sheet("/other"), encoding="utf-8")
    repository.git("replace", "next:sheets/job.yml", repository.git("hash-object", "-w", "other"))
    session.add_search_path(GitLocalDescriptor(str(repository.path), "sheets", "next"))
    assert mapping(session) == "/next/{JOB}"


def test_a_file_that_is_greater_than_any_sheet_is_told_and_costs_nothing_else(
    session: Session, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write("sheets/great.yml", sheet("/great") + "#" * 500)
    repository.write("sheets/later.yml", "plugins: {later: {hierarchy: later}}")
    repository.commit_all()
    monkeypatch.setattr(repositories, "MAX_FILE", 200)
    session.add_search_path(GitRevisionDescriptor("HEAD", str(repository.path / "sheets")))
    assert [problem.code for problem in session.problems] == ["unreadable"] and len(session.get_all_plugins()) == 2


def test_info_files_of_a_commit_speak_for_its_folders(session: Session, repository: Repository) -> None:
    repository.write("sheets/.ways_plugin_info.yml", "{recursive: true, assignment: client}")
    repository.write("sheets/below/deep.yml", "plugins: {deep: {hierarchy: deep}}")
    repository.commit_all()
    session.add_search_path(GitRevisionDescriptor("HEAD", str(repository.path / "sheets")))
    assert {plugin.assignment for plugin in session.get_all_plugins()} == {"client"} and session.get_context("deep")


# --- nothing of a repository runs, and nothing leads out of it


PYTHON_SHEET = "open({path!r}, 'w').close()\nplugins = {{'ran': {{'hierarchy': 'ran'}}}}\n"


@pytest.mark.parametrize("kind", ["local", "remote"])
def test_a_python_sheet_of_a_repository_does_not_run(session: Session, repository: Repository, tmp_path: Path, kind: str) -> None:
    repository.git("checkout", "--quiet", "next")
    repository.write("sheets/code.py", PYTHON_SHEET.format(path=str(tmp_path / "ran")))
    repository.commit_all()
    repository.git("checkout", "--quiet", "master")
    local = GitLocalDescriptor(str(repository.path), "sheets", "next")
    session.add_search_path(local if kind == "local" else remote(repository, branch="next"))
    assert not (tmp_path / "ran").exists()
    assert (mapping(session), [problem.code for problem in session.problems]) == ("/next/{JOB}", ["untrusted"])


def test_a_python_sheet_of_a_clone_runs_where_the_caller_trusts_it(
    session: Session, repository: Repository, tmp_path: Path
) -> None:
    repository.write("sheets/code.py", PYTHON_SHEET.format(path=str(tmp_path / "ran")))
    repository.commit_all()
    session.add_search_path(remote(repository), trust=True)
    assert session.get_context("ran")


def test_what_lies_there_is_trusted_only_as_long_as_it_is_what_is_read(repository: Repository) -> None:
    descriptor = GitLocalDescriptor(str(repository.path), "sheets")
    assert descriptor.is_trusted
    repository.git("checkout", "--quiet", "next")
    descriptor.load(descriptor.reader)
    assert not descriptor.is_trusted


HOOKS = ["post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc", "post-rewrite", "post-merge"]


def test_no_hook_filter_or_monitor_of_a_local_repository_runs(session: Session, repository: Repository, tmp_path: Path) -> None:
    repository.git("checkout", "--quiet", "next")
    repository.write(".gitattributes", "*.yml filter=evil\nsheets export-ignore\n")
    repository.commit_all()
    repository.git("checkout", "--quiet", "master")
    program = f"#!/bin/sh\ntouch '{tmp_path}/ran'\ncat\n"
    for path in [*(repository.path / ".git" / "hooks" / name for name in HOOKS), tmp_path / "program"]:
        path.parent.mkdir(exist_ok=True)
        path.write_text(program, encoding="utf-8")
        path.chmod(0o755)
    for name in ("filter.evil.smudge", "filter.evil.clean", "core.fsmonitor", "core.pager", "tar.tar.command", "core.sshCommand"):
        repository.git("config", name, str(tmp_path / "program"))
    session.add_search_path(GitLocalDescriptor(str(repository.path), "sheets", "next"))
    session.add_search_path(remote(repository, branch="next", path=str(tmp_path / "clone")))
    session.refresh()
    assert mapping(session) == "/next/{JOB}"
    assert not (tmp_path / "ran").exists()


def test_a_link_that_leads_out_is_left_and_one_that_stays_inside_is_kept(
    session: Session, repository: Repository, tmp_path: Path
) -> None:
    (tmp_path / "secret.yml").write_text("plugins: {secret: {hierarchy: secret}}", encoding="utf-8")
    (repository.path / "sheets" / "secret.yml").symlink_to(tmp_path / "secret.yml")
    (repository.path / "sheets" / "up.yml").symlink_to("../../secret.yml")
    (repository.path / "elsewhere.yml").symlink_to("sheets/job.yml")
    repository.commit_all()
    descriptor = GitRemoteDescriptor(str(repository.path), ["sheets", "elsewhere.yml"])
    session.add_search_path(descriptor)
    assert session.hierarchies() == [("job",)]
    assert [os.path.relpath(path, descriptor.folder()) for path in descriptor.paths()] == ["sheets/job.yml", "elsewhere.yml"]


def test_a_link_that_leads_out_by_way_of_another_is_left(session: Session, repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "secret.yml").write_text("plugins: {secret: {hierarchy: secret}}", encoding="utf-8")
    (repository.path / "sheets" / "deep").mkdir()
    (repository.path / "sheets" / "deep" / "up").symlink_to("..", target_is_directory=True)
    (repository.path / "sheets" / "secret.yml").symlink_to("deep/up/../../../secret.yml")
    (repository.path / "sheets" / "whole").symlink_to(tmp_path, target_is_directory=True)
    repository.commit_all()
    session.add_search_path(remote(repository, items=["sheets", "sheets/deep"]))
    assert session.hierarchies() == [("job",)]


def tree_with(repository: Repository, name: str, text: str) -> str:
    """Return a commit whose tree has an entry of that name, which git itself would refuse to add."""
    blob = repository.git("hash-object", "-w", str(repository.write("text", text)))
    content = f"100644 {name}\0".encode() + bytes.fromhex(blob)
    made = subprocess.run(
        ["git", "-C", str(repository.path), "hash-object", "-t", "tree", "-w", "--stdin", "--literally"],
        input=content, capture_output=True, check=True,
    )  # fmt: skip
    return repository.git("commit-tree", "-m", "hostile", made.stdout.decode().strip())


def test_a_tree_with_a_path_that_leads_out_writes_nothing_outside(repository: Repository, tmp_path: Path) -> None:
    commit = tree_with(repository, "../../../outside.yml", sheet("/outside"))
    descriptor = GitLocalDescriptor(str(repository.path), ".", commit)
    assert list(descriptor.paths()) == []
    assert not list(tmp_path.rglob("outside.yml"))


@pytest.mark.parametrize("url", ["--upload-pack=touch ran", "-x", "ext::sh -c 'touch ran'"], ids=["option", "dash", "ext"])
def test_a_url_that_would_run_something_is_refused(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert session.add_search_path({"create_using": GitRemoteDescriptor, "url": url, "items": "sheets"}) is None
    assert "GitError" in failure(session)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("branch", ["--output=ran", "-x", "--upload-pack=touch ran"])
@pytest.mark.parametrize("kind", [GitLocalDescriptor, GitRemoteDescriptor], ids=["local", "remote"])
def test_a_branch_that_looks_like_an_option_is_only_a_name(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Any, branch: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GitError, match="no branch, tag or commit '-"):
        kind(str(repository.path), "sheets", branch=branch)
    assert not (tmp_path / "ran").exists()


def test_variables_of_another_repository_are_not_followed(
    session: Session, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repository(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    session.add_search_path(GitLocalDescriptor(str(repository.path), "sheets", "next"))
    session.add_search_path(remote(repository, branch="next"))
    assert (mapping(session), session.problems) == ("/next/{JOB}", [])


def test_without_git_a_repository_is_read_as_it_lies_and_a_remote_is_an_error(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert list(GitLocalDescriptor(str(repository.path), "sheets").paths())
    with pytest.raises(GitError, match="git is not installed"):
        GitRemoteDescriptor(str(repository.path), "sheets")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a shell script in the place of git."""

    def write(text: str) -> None:
        (tmp_path / "git").write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tmp_path / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return write


@pytest.mark.skipif(os.name == "nt", reason="the program is a shell script")
def test_a_git_that_takes_too_long_is_given_up(
    tmp_path: Path, program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    program("sleep 60 & wait")
    monkeypatch.setattr(git_program, "TIMEOUT", 0.05)
    with pytest.raises(GitError, match="git version took more than"):
        git_program.git(str(tmp_path), "version")


@pytest.mark.skipif(os.name == "nt", reason="the program is a shell script")
def test_a_file_of_a_commit_that_takes_too_long_is_given_up(
    tmp_path: Path, program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    program("exec sleep 60")
    monkeypatch.setattr(git_program, "TIMEOUT", 0.05)
    with pytest.raises(GitError, match="git cat-file took more than"):
        repositories.ObjectReader(str(tmp_path)).read("0" * 40, "blob", "a.yml")


@pytest.mark.parametrize("harm", ["removed", "another in its place"])
def test_a_content_that_is_lost_is_told(session: Session, repository: Repository, harm: str) -> None:
    blob = repository.git("rev-parse", "next:sheets/job.yml")
    path = repository.path / ".git" / "objects" / blob[:2] / blob[2:]
    path.unlink()
    if harm == "another in its place":
        other = repository.git("rev-parse", "master:sheets/job.yml")
        shutil.copy(repository.path / ".git" / "objects" / other[:2] / other[2:], path)
    with pytest.raises(GitError, match="doesn't hold the content of 'sheets/job.yml'"):
        session.add_search_path(GitLocalDescriptor(str(repository.path), "sheets", "next"))
    assert len(session.problems) == 1 and session.get_all_plugins() == []


def test_what_a_commit_does_not_have_is_told_as_of_a_folder(repository: Repository) -> None:
    with repositories.CommitFiles(str(repository.path), repository.git("rev-parse", "HEAD"), str(repository.path)) as files:
        assert files.list("sheets") == ["job.yml"] and files.has("sheets/job.yml") and not files.has("sheets/none.yml")
        for folder in ("none", "sheets/job.yml", "sheets/none/deep"):
            with pytest.raises(FileNotFoundError, match="no such folder"):
                files.list(folder)
        for path in ("none.yml", "sheets", "sheets/job.yml/deep"):
            with pytest.raises(FileNotFoundError, match="no such file"):
                files.read(path)
        for path in ("../job.yml", "sheets/../../job.yml", "/etc/passwd"):
            with pytest.raises(PermissionError, match="outside the commit"):
                files.read(path)


def test_a_folder_outside_of_any_repository_has_none(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="is in no git repository"):
        repositories.repository_of(str(tmp_path / "none"))


def test_a_bare_repository_is_found_above_a_folder_in_it(repository: Repository, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(repository.path), str(bare)], check=True)
    assert repositories.repository_of(str(bare / "sheets" / "none")) == str(bare)
