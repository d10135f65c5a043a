"""Addresses of git repositories, as Dioptra writes them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ways.api import GitError, Session
from ways.systems.dioptra import GitAddress, GitAddressError, git_source, parse_git_address

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="the program git is not installed")
TOML = '[[plugin_param_types]]\nname = "{0}"\n'


@pytest.mark.parametrize(
    "text, expected",
    [
        ("https://h/o/r", GitAddress("https://h/o/r")),
        ("https://h/o/r.git#dev", GitAddress("https://h/o/r.git", "dev")),
        ("https://h/o/r#feature/x", GitAddress("https://h/o/r", "feature/x")),
        ("https://h/o/r;a,b#v1", GitAddress("https://h/o/r", "v1", ("a", "b"))),
        ("ssh://git@h/o/r;extra/plugins/", GitAddress("ssh://git@h/o/r", "", ("extra/plugins",))),
        ("git@h.org:o/r.git;a", GitAddress("git@h.org:o/r.git", "", ("a",))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_address_names_a_branch_and_folders(text: str, expected: GitAddress) -> None:
    assert parse_git_address(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "-x", "--upload-pack=x", "ext::sh -c x", "http://h/o/r", "ftp://h/o/r", "file:///o/r", "/o/r", "https://h/o/r#-x",
        "https://h/o/r;../x", "https://-h/o/r", "ssh://-oProxyCommand=x/o", "https://h/r;a\\b",
    ],
)  # fmt: skip
def test_what_git_could_run_or_reach_elsewhere_is_refused(text: str) -> None:
    with pytest.raises(GitAddressError):
        parse_git_address(text)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A repository with a resource file that says otherwise on the branch ``dev``, and its address."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "repository"
    (folder / "extra").mkdir(parents=True)
    run = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(folder)]
    subprocess.run([*run, "init", "-q", "-b", "main"], check=True)
    for name, branch in (("old", "main"), ("new", "dev")):
        subprocess.run([*run, "checkout", "-q", "-B", branch], check=True)
        (folder / "extra" / "dioptra.toml").write_text(TOML.format(name), encoding="utf-8")
        subprocess.run([*run, "add", "."], check=True)
        subprocess.run([*run, "commit", "-q", "-m", name], check=True)
    subprocess.run([*run, "checkout", "-q", "main"], check=True)
    return f"file://{folder}"


@pytest.mark.parametrize("ending, name", [("", "old"), ("#dev", "new"), (";extra", "old"), (";extra,docs/more#dev", "new")])
def test_resources_are_read_of_the_branch_that_is_named(repository: str, ending: str, name: str) -> None:
    session = Session()
    session.add_search_path(git_source(repository + ending, "extra/dioptra.toml", may_be_file=True))
    assert list(session.need_context("dioptra/types").data) == [name] and not session.problems
    assert not session.sheets[0].source.is_trusted


def test_a_branch_or_file_that_is_not_there_is_reported(repository: str) -> None:
    with pytest.raises(GitError, match="nosuch"):
        git_source(f"{repository}#nosuch", "extra/dioptra.toml", may_be_file=True)
    with pytest.raises(OSError, match=r"dioptra\.toml"):
        git_source(repository, may_be_file=True)
