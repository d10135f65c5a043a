"""What can be compared: sheets, folders, revisions of a git repository, sessions; and what can't be read."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sources.test_git import Repository, _git_of_its_own

from ways.api import GitRevisionDescriptor, Session, SheetReadError, compare, open_world

Write = Callable[..., str]
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="the program git is not installed")
# The fixture of another file: a cache, an identity and no configuration but the test's own.
_git = _git_of_its_own


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository that is the current folder; a commit says ``/one/{JOB}``, the next ``/two/{JOB}``, its files ``/three/{JOB}``."""
    made = Repository(tmp_path / "repository")
    made.commit("/one/{JOB}")
    made.commit("/two/{JOB}")
    made.write("sheets/job.yml", (made.path / "sheets/job.yml").read_text(encoding="utf-8").replace("two", "three"))
    monkeypatch.chdir(made.path)
    return made


def mappings(old: str, new: str) -> list[tuple[str | None, str | None]]:
    """Return both mappings, and where they are written."""
    (change,) = compare(old, new).contexts
    (field,) = change.fields
    return [(field.old, field.old_source), (field.new, field.new_source)]


@needs_git
@pytest.mark.parametrize("path", ["sheets", "sheets/", "./sheets", "sheets/job.yml"])
def test_a_revision_is_compared_with_what_lies_there(repository: Repository, path: str) -> None:
    assert mappings(f"HEAD:{path}", "sheets") == [
        ("/two/{JOB}", "HEAD:sheets/job.yml:1:33"), ("/three/{JOB}", "sheets/job.yml:1:33")
    ]  # fmt: skip


@needs_git
def test_the_branch_that_is_checked_out_means_its_commit(repository: Repository) -> None:
    assert mappings("master:sheets", "sheets")[0] == ("/two/{JOB}", "master:sheets/job.yml:1:33")


@needs_git
def test_two_revisions_are_compared(repository: Repository) -> None:
    assert mappings("HEAD~1:sheets", "HEAD:sheets") == [
        ("/one/{JOB}", "HEAD~1:sheets/job.yml:1:33"), ("/two/{JOB}", "HEAD:sheets/job.yml:1:33")
    ]  # fmt: skip


@needs_git
def test_nothing_in_the_repository_changes(repository: Repository) -> None:
    before = repository.git("status", "--porcelain"), repository.git("rev-parse", "HEAD")
    compare("HEAD~1:sheets", "HEAD:sheets")
    assert (repository.git("status", "--porcelain"), repository.git("rev-parse", "HEAD")) == before


@needs_git
def test_a_path_is_relative_to_this_folder_or_else_to_the_repository(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository.path / "sheets")
    assert not compare("HEAD:.", "HEAD:sheets") and not compare("HEAD:job.yml", f"HEAD:{repository.path}/sheets")


@needs_git
def test_a_folder_that_is_no_longer_there_can_be_compared(repository: Repository) -> None:
    shutil.rmtree(repository.path / "sheets")
    (repository.path / "empty").mkdir()
    (change,) = compare("HEAD:sheets", "empty").contexts
    assert (change.hierarchy, change.change) == ("job", "removed")


@needs_git
def test_a_python_sheet_of_a_revision_runs_only_where_it_is_trusted(repository: Repository) -> None:
    repository.write("sheets/more.py", "plugins = {'more': {'hierarchy': 'more'}}\n")
    repository.commit_all()
    world = open_world("HEAD:sheets")
    assert [(problem.code, problem.source.path) for problem in world.problems] == [("untrusted", "HEAD:sheets/more.py")]
    assert len(compare("HEAD:sheets", "HEAD~1:sheets", trust=True).contexts) == 2


@needs_git
@pytest.mark.parametrize(
    "text, message",
    [
        ("nope:sheets", "no branch, tag or commit 'nope'"),
        ("HEAD:nope", "no 'nope'"),
        ("HEAD:../..", "in no git repository"),
        ("--help:sheets", "no branch, tag or commit"),
        (":sheets", "no branch, tag or commit"),
        ("a\0b:sheets", "no branch, tag or commit"),
        ("HEAD:/", "in no git repository"),
    ],
)
def test_a_revision_that_is_not_there_is_an_error(repository: Repository, text: str, message: str) -> None:
    with pytest.raises(SheetReadError, match=message):
        compare(text, "sheets")


@needs_git
def test_a_bare_repository_has_revisions_too(repository: Repository, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    repository.git("clone", "--quiet", "--bare", ".", str(bare))
    assert not compare(f"HEAD:{bare}/sheets", "HEAD:sheets")


@needs_git
def test_a_revision_is_a_descriptor_like_others(repository: Repository) -> None:
    session = Session()
    session.add_search_path(GitRevisionDescriptor("HEAD", "sheets"))
    assert session.need_context("job").get_mapping() == "/two/{JOB}"


@needs_git
def test_a_file_with_a_colon_in_its_name_is_itself(repository: Repository) -> None:
    path = repository.write("HEAD:sheets", "")
    path.rename(repository.path / "HEAD:sheets.yml")
    assert compare("HEAD:sheets.yml", "sheets").contexts[0].change == "added"


# --- what can't be read


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SheetReadError, match="nowhere: no sheet could be read"):
        compare(str(tmp_path / "nowhere"), str(tmp_path))


@pytest.mark.parametrize("name, text", [("a.yml", "plugins: ["), ("a.txt", "plugins: {}")], ids=["syntax", "no sheet"])
def test_what_is_no_sheet_is_told(write_sheet: Write, tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(OSError, match=name):
        compare(write_sheet(text, name), str(tmp_path))


def test_a_folder_without_sheets_is_a_world_without_places(tmp_path: Path, write_sheet: Write) -> None:
    (tmp_path / "empty").mkdir()
    sheet = write_sheet("plugins: {a: {hierarchy: a}}")
    assert [item.change for item in compare(str(tmp_path / "empty"), sheet).contexts] == ["added"]


def test_a_broken_sheet_beside_good_ones_costs_only_itself(tmp_path: Path, write_sheet: Write) -> None:
    write_sheet("plugins: {a: {hierarchy: a}}", "both/a.yml")
    write_sheet("plugins: [", "both/b.yml")
    world = open_world(str(tmp_path / "both"))
    assert [problem.code for problem in world.problems] == ["syntax"] and not compare(world, world)


def test_plugins_that_contradict_each_other_cost_only_themselves(write_sheet: Write) -> None:
    sheet = write_sheet("plugins: {a: {hierarchy: a}, b: {hierarchy: b, uses: [c, c]}}")
    assert [problem.code for problem in open_world(sheet).problems] == ["duplicate-uses"]


def test_a_world_has_the_settings_of_the_current_session(write_sheet: Write) -> None:
    sheet = write_sheet("plugins: {a: {hierarchy: a, mapping: '/a/b', path: true}}")
    with Session(overrides={"WAYS_PLATFORM": "windows"}).active():
        (change,) = compare(sheet, write_sheet("plugins: {}", "none.yml")).contexts
    assert change.fields[0].old == "\\a\\b"
