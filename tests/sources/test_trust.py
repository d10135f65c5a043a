"""Trust: code runs where its source is trusted, and nowhere else. A canary in each place tells whether it was run."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ways.api import FolderDescriptor, GitLocalDescriptor, GitRemoteDescriptor, Session, check, open_world
from ways.cli.main import main
from ways.errors import RefusedCallError

MAPPING = "'/jobs/{T}'"
DETAILS = "{T: {before_return: canary.sing}}"
#: Sheets that each name code; the first text is one that the code's value is asked for by.
SHEETS = {
    "before_return": f"plugins: {{job: {{hierarchy: job, mapping: {MAPPING}, mapping_details: {DETAILS}}}}}",
    "globals": f"globals: {{mapping_details: {DETAILS}}}\nplugins: {{job: {{hierarchy: job, mapping: {MAPPING}}}}}",
    "above": f"plugins: {{top: {{hierarchy: top, mapping_details: {DETAILS}}}, job: {{hierarchy: job, mapping: {MAPPING}, uses: [top]}}}}",
    "reference": f"plugins: {{far: {{hierarchy: far, mapping: {MAPPING}, mapping_details: {DETAILS}}}, "
    "job: {hierarchy: job, mapping: '{@far}'}}",
    "distant": f"plugins: {{far: {{hierarchy: far, mapping: {MAPPING}, mapping_details: {DETAILS}}}, "
    "job: {hierarchy: 'job/{root}', mapping: '{root}', uses: [far]}}",
    "condition": f"plugins: {{job: {{hierarchy: job, mapping: {MAPPING}}}, "
    f"more: {{hierarchy: job, mapping_details: {DETAILS}, when: {{T: [x]}}}}}}",
    "python": "open('SANG', 'w').close()\nplugins = {'job': {'hierarchy': 'job', 'mapping': '/jobs/{T}'}}",
    "python function": "def get_sheet():\n    open('SANG', 'w').close()\n    return {'plugins': {'job': {'hierarchy': 'job'}}}",
    "tag": "plugins: {job: !!python/object/apply:canary.sing [x]}",
    "name tag": "plugins: {job: {hierarchy: job, data: {x: !!python/name:canary.sing ''}}}",
    "module tag": "plugins: {job: {hierarchy: job, data: {x: !!python/module:canary ''}}}",
    "new tag": "plugins: {job: {hierarchy: job, data: {x: !!python/object/new:canary.Bird {}}}}",
    "key tag": "plugins: {job: {hierarchy: job, data: {? !!python/object/apply:os.system ['touch SANG'] : 1}}}",
    "info": "plugins: {job: {hierarchy: job}}",
}
PYTHON = ("python", "python function")
#: What runs where it is trusted; tags never do.
TRUSTED = ("before_return", "globals", "above", "reference", "distant", "condition", *PYTHON)


@pytest.fixture(autouse=True)
def sang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that is there once any of the code has run; importing the canary is enough."""
    found = tmp_path / "SANG"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "modules").mkdir()
    sing = f"open({str(found)!r}, 'w').close()\n"
    (tmp_path / "modules" / "canary.py").write_text(f"{sing}def sing(value): return value + '!'\nclass Bird: pass\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path / "modules")
    monkeypatch.delitem(__import__("sys").modules, "canary", raising=False)
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Tester")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "tester@example.com")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return found


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A folder with one of the sheets."""
    made = tmp_path / "sheets"
    made.mkdir()
    (made / ("a.py" if request.param in PYTHON else "a.yml")).write_text(SHEETS[request.param], encoding="utf-8")
    if request.param == "info":
        (made / ".ways_plugin_info.yml").write_text("assignment: !!python/object/apply:canary.sing [x]", encoding="utf-8")
    return made


def ask_everything(session: Session) -> None:
    """Ask whatever may come by code that a sheet names."""
    for place in ("job", "job/far", "top/job"):
        context = session.get_context(place)
        asset = session.get_asset({"T": "x"}, context) if context is not None else None
        if asset is None:
            continue
        for ask in (asset.get_str, partial(asset.get_value, "T"), context.get_str, context.as_dict):
            try:
                ask()
            except (RefusedCallError, RuntimeError):
                continue
    session.refresh()
    assert session.explain_text("/jobs/x") and session.check() is not None


def cloned(folder: Path) -> str:
    """Return where a repository with the folder is."""
    for arguments in (["init", "-q", "-b", "master"], ["add", "-A"], ["commit", "-q", "-m", "sheets"]):
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)
    return str(folder)


def zipped(folder: Path) -> str:
    with zipfile.ZipFile(folder.parent / "a.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    return str(folder.parent / "a.zip")


def tarred(folder: Path) -> str:
    with tarfile.open(folder.parent / "a.tar.gz", "w:gz") as archive:
        archive.add(folder, ".")
    return str(folder.parent / "a.tar.gz")


def _add(description: object, trust: bool | None = None) -> None:
    session = Session()
    with session.active():
        session.add_search_path(description, trust=trust)
        ask_everything(session)


DOORS: dict[str, Callable[[Path], object]] = {
    "a folder that is not trusted": lambda folder: _add(str(folder), trust=False),
    "a zip archive": lambda folder: _add(zipped(folder)),
    "a tar archive": lambda folder: _add(tarred(folder)),
    "a clone": lambda folder: _add(GitRemoteDescriptor("file://" + cloned(folder), ".")),
    "a revision": lambda folder: _open_revision(folder),
    "check": lambda folder: check(str(folder)),
    "check in a shell": lambda folder: CliRunner().invoke(main, ["check", str(folder)]),
    "check of the environment": lambda folder: CliRunner().invoke(main, ["check"], env={"WAYS_DESCRIPTORS": str(folder)}),
}


def _open_revision(folder: Path) -> None:
    os.chdir(cloned(folder))
    try:
        world = open_world("HEAD:.")
    except Exception:  # The only sheet may be one that is not run: nothing of it can be read.
        return
    finally:
        os.chdir(folder.parent)
    for context in [world.pool.get(place) for place in ("job", "job/far", "top/job")]:
        if context is not None and (asset := Session().get_asset({"T": "x"}, context)) is not None:
            asset.get_value("T")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("folder", SHEETS, indirect=True)
def test_nothing_runs_that_is_not_trusted(folder: Path, door: str, sang: Path) -> None:
    if shutil.which("git") is None and door in ("a clone", "a revision"):
        return
    DOORS[door](folder)
    assert not sang.exists()


@pytest.mark.parametrize("folder", TRUSTED, indirect=True)
def test_where_it_is_trusted_it_runs(folder: Path, sang: Path) -> None:
    _add(str(folder))
    assert sang.exists()


@pytest.mark.parametrize("folder", sorted(set(SHEETS) - set(TRUSTED)), indirect=True)
def test_tags_build_nothing_even_where_the_sheet_is_trusted(folder: Path, sang: Path) -> None:
    _add(str(folder))
    assert not sang.exists()


def test_a_trusted_place_runs_nothing_that_one_it_refers_to_brings_along(tmp_path: Path, sang: Path) -> None:
    far = f"plugins: {{far: {{hierarchy: far, mapping: {MAPPING}, mapping_details: {DETAILS}}}}}"
    (tmp_path / "far.yml").write_text(far, encoding="utf-8")
    (tmp_path / "own.yml").write_text("plugins: {job: {hierarchy: job, mapping: '{@far}'}}", encoding="utf-8")
    session = Session()
    session.add_search_path(str(tmp_path / "far.yml"), trust=False)
    session.add_search_path(str(tmp_path / "own.yml"), trust=True)
    assert session.get_asset({"T": "x"}, "job").get_value("T") == "x" and not sang.exists()


def test_what_a_trusted_place_says_itself_runs_over_what_is_brought_along(tmp_path: Path, sang: Path) -> None:
    far = f"plugins: {{far: {{hierarchy: far, mapping: {MAPPING}, mapping_details: {{T: {{}}}}}}}}"
    own = f"plugins: {{job: {{hierarchy: job, mapping: '{{@far}}', mapping_details: {DETAILS}}}}}"
    (tmp_path / "far.yml").write_text(far, encoding="utf-8")
    (tmp_path / "own.yml").write_text(own, encoding="utf-8")
    session = Session()
    session.add_search_path(str(tmp_path / "far.yml"), trust=False)
    session.add_search_path(str(tmp_path / "own.yml"))
    assert session.get_asset({"T": "x"}, "job").get_value("T") == "x!" and sang.exists()


def test_plugins_of_a_repository_on_disk_are_the_callers_own(tmp_path: Path, sang: Path) -> None:
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "a.yml").write_text(SHEETS["before_return"], encoding="utf-8")
    session = Session()
    session.add_search_path(GitLocalDescriptor(cloned(tmp_path / "repo"), "."))
    assert session.get_asset({"T": "x"}, "job").get_value("T") == "x!"


def test_trust_is_of_the_call_and_not_of_the_descriptor(session: Session, tmp_path: Path) -> None:
    (tmp_path / "sheets").mkdir()
    (tmp_path / "sheets" / "a.py").write_text(SHEETS["python"], encoding="utf-8")
    descriptor = FolderDescriptor(str(tmp_path / "sheets"))
    session.add_search_path(descriptor, trust=False)
    session.refresh()
    assert [problem.code for problem in session.problems] == ["untrusted"] and descriptor.trust is None


def test_a_descriptor_that_asks_itself_for_its_plugins_has_the_trust_of_the_call(session: Session, tmp_path: Path, sang: Path) -> None:
    class Own(FolderDescriptor):
        def get_plugins(self, items: Any = None) -> Any:
            return super().get_plugins(items)

    (tmp_path / "sheets").mkdir()
    (tmp_path / "sheets" / "a.py").write_text(SHEETS["python"], encoding="utf-8")
    session.add_search_path(Own(str(tmp_path / "sheets")), trust=False)
    assert not sang.exists()


def test_a_module_that_a_trusted_sheet_names_is_imported_when_the_value_is_asked_for(tmp_path: Path, sang: Path) -> None:
    (tmp_path / "sheets").mkdir()
    (tmp_path / "sheets" / "a.yml").write_text(SHEETS["before_return"], encoding="utf-8")
    session = Session()
    session.add_search_path(str(tmp_path / "sheets"))
    asset = session.get_asset({"T": "x"}, "job")
    assert asset is not None and asset.get_str() == "/jobs/x" and asset.get_value("T", real=True) == "x"
    assert session.check() is not None and session.explain(asset) and not sang.exists()
    assert asset.get_value("T") == "x!" and sang.exists()
