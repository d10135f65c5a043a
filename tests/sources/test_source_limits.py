"""One table of limits for every source: a folder, files, an archive, a commit, a clone (docs/reference/limits.rst)."""

from __future__ import annotations

import io
import os
import resource
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sources.test_git import Repository, _git_of_its_own  # noqa: F401

from ways.api import FileDescriptor, GitError, GitLocalDescriptor, GitRemoteDescriptor, GitRevisionDescriptor, Limits, Session
from ways.sheets.allowance import SourceLimitError
from ways.sources import git_program
from ways.sources import repository as repositories

with_git = pytest.mark.skipif(shutil.which("git") is None, reason="the program git is not installed")


def sheet(name: str, size: int = 200) -> str:
    text = f"plugins: {{{name}: {{hierarchy: {name}}}}}\n#"
    return text + "x" * (size - len(text))


def folder_of(path: Path, names: str, **more: str) -> Path:
    """Return a folder with a sheet of 200 bytes for each letter."""
    path.mkdir(parents=True, exist_ok=True)
    for name in names:
        (path / f"{name}.yml").write_text(sheet(name), encoding="utf-8")
    for name, text in more.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def archive_of(path: Path, names: str) -> str:
    with tarfile.open(path, "w") as archive:
        for name in names:
            info = tarfile.TarInfo(f"{name}.yml")
            info.size = 200
            archive.addfile(info, io.BytesIO(sheet(name).encode()))
    return str(path)


def repository_of(path: Path, names: str) -> Repository:
    made = Repository(path)
    folder_of(path / "sheets", names)
    made.commit_all()
    return made


#: By the kind of a source, what makes one of these sheets.
SOURCES: dict[str, Callable[[Path, str], Any]] = {
    "folder": lambda path, names: str(folder_of(path, names)),
    "files": lambda path, names: FileDescriptor([str(folder_of(path, names) / f"{name}.yml") for name in names]),
    "revision": lambda path, names: GitRevisionDescriptor("HEAD", str(repository_of(path, names).path / "sheets")),
    "local": lambda path, names: GitLocalDescriptor(str(repository_of(path, names).path), "sheets"),
    "clone": lambda path, names: GitRemoteDescriptor(f"file://{repository_of(path, names).path}", "sheets"),
}  # fmt: skip


@with_git
@pytest.mark.parametrize("is_stored", [False, True], ids=["", "stored"])
@pytest.mark.parametrize("kind", SOURCES)
def test_of_every_source_as_many_bytes_are_read_as_the_limit_says(
    kind: str, is_stored: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAYS_CACHE", "1" if is_stored else "0")
    description = SOURCES[kind](tmp_path / "it", "abcd")
    for limits, expected in (
        *[(Limits(source=most), names) for most, names in ((800, "abcd"), (799, "abc"), (400, "ab"))],
        *[(Limits(source=most), names) for most, names in ((799, "abc"), (800, "abcd"))],
    ):
        session = Session(limits=limits)
        session.add_search_path(description)
        assert [place for place in "abcd" if session.get_context(place)] == list(expected)
        assert [problem.code for problem in session.problems] == ["limit"] * (expected != "abcd")
        if session.problems:
            (problem,) = session.problems
            assert problem.source.path.endswith(f"{'abcd'[len(expected)]}.yml") and "WAYS_LIMITS=source=" in problem.help
        session.refresh()
        assert [place for place in "abcd" if session.get_context(place)] == list(expected)


@with_git
@pytest.mark.parametrize("kind", ["folder", "revision", "clone"])
def test_of_every_source_as_many_files_are_listed_as_the_limit_says(kind: str, tmp_path: Path) -> None:
    description = SOURCES[kind](tmp_path / "it", "abcd")
    session = Session(limits=Limits(files=4))
    session.add_search_path(description)
    assert (len(session.get_all_plugins()), session.problems) == (4, [])
    session = Session(limits=Limits(files=3))
    if kind == "folder":
        session.add_search_path(description)
        assert [problem.code for problem in session.problems] == ["limit"]
    else:
        with pytest.raises(SourceLimitError, match="at most 3 files and folders in one source, found more.*WAYS_LIMITS=files="):
            session.add_search_path(description)
    assert not session.get_all_plugins()


def test_files_below_a_folder_count_where_it_is_recursive(tmp_path: Path) -> None:
    folder_of(tmp_path / "below", "ab", **{"notes.txt": ""})
    for text, expected in (("recursive: true", ["limit"]), ("recursive: false", ["sheets-below"])):
        (tmp_path / ".ways_plugin_info.yml").write_text(text, encoding="utf-8")
        session = Session(limits=Limits(files=4))
        session.add_search_path(str(tmp_path))
        assert [problem.code for problem in session.problems] == expected


def test_an_archive_has_the_same_limits(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "it.tar", "abcd")
    for limits in (Limits(files=3), Limits(source=799)):
        session = Session(limits=limits)
        session.add_search_path(path)
        assert [problem.code for problem in session.problems] == ["unreadable"] and not session.get_all_plugins()


def test_info_files_of_many_folders_have_a_limit(tmp_path: Path) -> None:
    (tmp_path / ".ways_plugin_info.yml").write_text("recursive: true", encoding="utf-8")
    for name in "abc":
        folder_of(tmp_path / name, name, **{".ways_plugin_info.yml": "recursive: true\n#" + "x" * 400})
    session = Session(limits=Limits(source=1000))
    session.add_search_path(str(tmp_path))
    assert [place for place in "abc" if session.get_context(place)] == ["a", "b"]
    assert [(problem.code, "info files" in problem.message) for problem in session.problems] == [("limit", True)]


def test_files_that_a_format_reads_count_too(tmp_path: Path) -> None:
    reached: list[str] = []

    class Format:
        name, suffixes = "wide", (".wide",)

        def looks_like(self, name: str, head: bytes) -> bool:
            return name.endswith(".wide")

        def read(self, data: bytes, source: object, files: Any = None) -> Any:
            from ways.api import Draft

            for name in files.list():
                try:
                    files.read(name)
                    reached.append(name)
                except OSError as error:
                    assert "at most 500 bytes in one source" in str(error)
            return Draft({"plugins": {}})

    from ways.api import FormatTable

    folder_of(tmp_path, "", **{"it.wide": "", "x.txt": "x" * 300, "y.txt": "y" * 300})
    session = Session(FormatTable([Format()]), limits=Limits(source=500))
    session.add_search_path(str(tmp_path))
    assert reached == ["it.wide", "x.txt"]


# --- hostile repositories


def in_little_memory(code: str, path: str, megabytes: int, env: dict[str, str]) -> str:
    """Return what *code* prints in a process of so much memory."""
    limit = megabytes << 20
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, encoding="utf-8", timeout=600, env={**os.environ, **env},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


ASK = """if True:
    import sys
    from ways.api import GitRevisionDescriptor, Session
    session = Session()
    session.add_search_path(GitRevisionDescriptor("HEAD", sys.argv[1]))
    print(len(session.sheets), [problem.code for problem in session.problems])
"""


@with_git
@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is limited as on Linux")
def test_one_great_content_under_many_names_is_read_a_few_times(tmp_path: Path) -> None:
    made = Repository(tmp_path / "it")
    (made.path / "sheets").mkdir()
    made.write("sheets/00.yml", "plugins: {a: {hierarchy: a}}\n#" + "x" * (15 << 20))
    for number in range(1, 60):
        os.link(made.path / "sheets" / "00.yml", made.path / "sheets" / f"{number:02}.yml")
    made.commit_all()
    told = in_little_memory(ASK, str(made.path / "sheets"), 1000, {"XDG_CACHE_HOME": str(tmp_path / "cache"), "WAYS_CACHE": "1"})
    assert told.split(" ", 1) == ["4", "['limit']\n"]
    assert sum(path.stat().st_size for path in tmp_path.rglob("cache/**/*") if path.is_file()) < 1 << 20


def tree_of_trees(made: Repository, depth: int) -> str:
    """Return a tree in which each folder has the same folder twice, *depth* deep, with a sheet in the last."""
    tree = made.git("rev-parse", "HEAD:sheets")
    for _ in range(depth):
        both = f"040000 tree {tree}\ta\n040000 tree {tree}\tb\n"
        done = subprocess.run(["git", "-C", str(made.path), "mktree"], input=both.encode(), check=True, capture_output=True)
        tree = done.stdout.decode().strip()
    return tree


@with_git
@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is limited as on Linux")
def test_a_few_trees_that_stand_for_millions_of_files_cost_what_is_asked_for(tmp_path: Path) -> None:
    made = repository_of(tmp_path / "it", "a")
    tree = tree_of_trees(made, 40)
    info = made.git("hash-object", "-w", str(made.write("info", "recursive: true")))
    listed = f"040000 tree {tree}\tdeep\n100644 blob {info}\t.ways_plugin_info.yml\n"
    done = subprocess.run(["git", "-C", str(made.path), "mktree"], input=listed.encode(), check=True, capture_output=True)
    commit = made.git("commit-tree", "-m", "hostile", done.stdout.decode().strip())
    one = GitRevisionDescriptor(commit, str(made.path / "deep" / "/".join("ab" * 20)))
    assert [os.path.basename(path) for path in one.paths()] == ["a.yml"]
    made.git("update-ref", "HEAD", commit)
    code = ASK.replace("    session.add", "    try:\n        session.add").replace(
        "    print(len", "    except OSError as error:\n        print(error)\n    print(len"
    )
    told = in_little_memory(code, str(made.path), 1000, {})
    assert "at most 100000 files and folders in one source" in told and told.endswith("0 ['descriptor']\n")


@with_git
def test_a_clone_that_grows_too_great_is_given_up_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Repository(tmp_path / "it")
    (made.path / "great").write_bytes(os.urandom(300_000))
    made.commit_all()
    monkeypatch.setattr(git_program, "MAX_CLONE", 200_000)
    with pytest.raises(GitError, match="would make a clone of more than 0 MiB. Clone it yourself"):
        GitRemoteDescriptor(f"file://{made.path}", ".")
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


@with_git
def test_a_clone_that_would_grow_too_great_keeps_its_last_commit(
    tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = repository_of(tmp_path / "it", "a")
    session.add_search_path(GitRemoteDescriptor(f"file://{made.path}", "sheets"))
    (made.path / "great").write_bytes(os.urandom(300_000))
    made.commit_all()
    monkeypatch.setattr(git_program, "MAX_CLONE", 200_000)
    session.refresh()
    assert [problem.code for problem in session.problems] == ["remote"] and session.get_context("a") is not None


@with_git
@pytest.mark.parametrize("limit, most", [("MAX_SHOWN", 100), ("MAX_CLONE", 100_000)])
def test_a_commit_of_too_many_files_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    made = Repository(tmp_path / "it")
    made.write("sheets/a.yml", sheet("a", 10_000))
    made.commit_all()
    made.git("update-ref", "HEAD", made.git("commit-tree", "-m", "hostile", tree_of_trees(made, 12)))
    monkeypatch.setattr(repositories if limit == "MAX_SHOWN" else git_program, limit, most)
    with pytest.raises(GitError, match="to be written, found more"):
        GitRemoteDescriptor(f"file://{made.path}", ".", str(tmp_path / "clone"))
    assert not (tmp_path / "clone").exists()


@with_git
def test_what_a_git_prints_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = repository_of(tmp_path / "it", "a")
    monkeypatch.setattr(git_program, "MAX_PRINTED", 10)
    with pytest.raises(GitError, match="git rev-parse printed more than"):
        git_program.git(str(made.path), "rev-parse", "HEAD")
