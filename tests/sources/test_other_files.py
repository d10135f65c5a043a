"""Files of other programs in a folder of sheets: they are passed over, and are no sheets until one of them is named."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from ways.api import FileDescriptor, GitLocalDescriptor, Session, check
from ways.cli.main import main

pytestmark = pytest.mark.portability

SHEET = "plugins: {shot: {hierarchy: shot, mapping: /shot}}"
OTHERS = {
    "package.json": '{"name": "web", "plugins": ["prettier"]}',
    "mkdocs.yml": "site_name: x\nplugins:\n  - search\n  - social: {cards: true}\n",
    "material.yml": "plugins:\n  - search\nemoji: !!python/name:material.emoji\n",
    "tsconfig.json": '{\n  // as it is written\n  "compilerOptions": {"plugins": [{"name": "a"}]}\n}',
    "pyproject.toml": "[tool.ruff]\nline-length = 100\n",
    "switches.toml": "plugins = ['a', 'b']\n",
    "netlify.toml": "[[plugins]]\npackage = '@a/b'\n",
    "versions.yml": "plugins:\n  eslint: 1\n  prettier: 2\n",
    "lock.json": "[1, 2]",
    "words.yml": "only a text",
    "many.yml": "a: 1\n---\nb: 2\n",
    "template.yml": "{% if x %}\n: : :\n",
    "nothing.yml": "plugins:\n",
    "far.yml": "parameters: {a: {hierarchy: a}}\n",
}
SHEETS = {
    "one.yml": SHEET,
    "one.toml": "[plugins.shot]\nhierarchy = 'shot'\n",
    "one.json": '{"plugins": {"shot": {"hierarchy": "shot"}}}',
    "empty.yml": "",
    "none.yml": "plugins: {}\n",
    "half.yml": "plugins: {a: 1, shot: {hierarchy: shot}}\n",
    "near.yml": "plugin: {shot: {hierarchy: shot}}\n",
    "upper.yml": "Plugins: {shot: {hierarchy: shot}}\n",
    "syntax.yml": "globals: {syntax: 2}\nplugins: [shot]\n",
    "open.yml": "plugins: [\n",
    "open.toml": "[plugins.shot\nhierarchy = 1\n",
    "open.json": '{"a": 1, "plugins": {"shot": {"hierarchy": }}',
}


def put(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def loaded(path: object) -> Session:
    session = Session()
    session.add_search_path(str(path))
    return session


def names(paths: list[str]) -> list[str]:
    return sorted(Path(path).name for path in paths)


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_of_another_program_is_passed_over_in_a_folder(tmp_path: Path, name: str) -> None:
    session = loaded(put(tmp_path, {name: OTHERS[name], "sheet.yaml": SHEET}))
    assert session.problems == [] and names([sheet.source.path for sheet in session.sheets]) == ["sheet.yaml"]
    assert names(session.passed_over()) == [name] and session.hierarchies() == [("shot",)]
    assert check(tmp_path) == []


@pytest.mark.parametrize("name", OTHERS)
def test_one_that_is_named_must_be_a_sheet(tmp_path: Path, name: str) -> None:
    session = loaded(put(tmp_path, {name: OTHERS[name]}) / name)
    assert any(problem.level == "error" for problem in session.problems) and session.passed_over() == []
    descriptor = FileDescriptor(str(tmp_path / name))
    assert session.problems == list(descriptor.load(session.reader).problems)


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_never_passed_over(tmp_path: Path, name: str) -> None:
    session = loaded(put(tmp_path, {name: SHEETS[name]}))
    assert session.passed_over() == [] and names([sheet.source.path for sheet in session.sheets]) == [name]


@pytest.mark.parametrize("pack", ["zip", "gztar"])
def test_an_archive_passes_over_the_same(tmp_path: Path, pack: str) -> None:
    folder = put(tmp_path / "folder", {**OTHERS, **SHEETS})
    path = shutil.make_archive(str(tmp_path / "packed"), pack, folder)
    session = loaded(path)
    assert names(session.passed_over()) == sorted(OTHERS) == names(loaded(folder).passed_over())
    named = loaded(f"{path}/package.json")
    assert [problem.code for problem in named.problems if problem.level == "error"] == ["type"] and named.passed_over() == []


@pytest.mark.parametrize("branch", ["v1", "master"], ids=["commit", "files"])
def test_a_git_repository_passes_over_the_same(tmp_path: Path, branch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = put(tmp_path / "repository", {**OTHERS, "sheet.yaml": SHEET})
    own = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    for command in (["init", "-qb", "master"], ["add", "."], [*own, "commit", "-qm", "all"], ["tag", "v1"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True, capture_output=True)
    for items, passed_over in (["."], sorted(OTHERS)), (["package.json"], []):
        session = Session()
        session.add_search_path(GitLocalDescriptor(str(folder), items, branch))
        assert names(session.passed_over()) == passed_over
        assert [problem.level for problem in session.problems if problem.level == "error"] == ([] if passed_over else ["error"])


def test_a_file_that_becomes_a_sheet_is_one_and_one_that_breaks_stays(tmp_path: Path) -> None:
    session = loaded(put(tmp_path, {"a.yml": "a: 1", "b.yml": SHEET}))
    assert session.hierarchies() == [("shot",)] and not session.loader.is_stale()
    put(tmp_path, {"a.yml": SHEET.replace("shot", "take")})
    assert session.loader.is_stale()
    session.refresh()
    assert sorted(session.hierarchies()) == [("shot",), ("take",)] and session.passed_over() == []
    # What was a sheet, and can't be read any more, keeps what it said.
    put(tmp_path, {"a.yml": "[[["})
    session.refresh()
    assert sorted(session.hierarchies()) == [("shot",), ("take",)] and names([session.problems[0].source.path]) == ["a.yml"]
    put(tmp_path, {"a.yml": "b: 2"})
    session.refresh()
    assert session.hierarchies() == [("shot",)] and names(session.passed_over()) == ["a.yml"] and session.problems == []


def test_the_shell_lists_them_where_it_is_asked(tmp_path: Path) -> None:
    folder = str(put(tmp_path, {"package.json": OTHERS["package.json"], "sheet.yaml": SHEET}))
    run = CliRunner().invoke
    assert "package.json" not in run(main, ["--sheets", folder, "sheets"]).output
    result = run(main, ["--sheets", folder, "sheets", "--all"])
    assert result.exit_code == 0 and result.stdout.splitlines()[-1].split() == ["no", "sheet", f"{folder}/package.json"]
    records = [json.loads(line) for line in run(main, ["--sheets", folder, "sheets", "--all", "--format", "json"]).stdout.splitlines()]
    assert [(record["format"], record["plugins"]) for record in records] == [("yaml", 1), (None, 0)]
    result = run(main, ["check", folder])
    assert (result.exit_code, result.output) == (0, "no findings in 1 sheet\n")


def test_a_folder_that_gives_nothing_says_what_was_looked_for(tmp_path: Path) -> None:
    folder = put(tmp_path, {"package.json": OTHERS["package.json"], "mkdocs.yml": OTHERS["mkdocs.yml"]})
    for command in (["--sheets", str(folder), "tree"], ["--sheets", str(folder), "sheets"], ["check", str(folder)]):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 2 and "files in it that end with .json, .yml, .yaml, .toml" in result.stderr
        assert f"There is none in {folder}/mkdocs.yml and 1 more." in result.stderr
        assert f"write 'recursive: true' into {folder}/.ways_plugin_info.yml." in result.stderr
    bare = tmp_path / "bare"
    bare.mkdir()
    assert "There is none in" not in CliRunner().invoke(main, ["check", str(bare)]).stderr
    # A sheet below is named; a file of another program below is none.
    put(tmp_path, {"bare/a/package.json": OTHERS["package.json"]})
    assert "sheet stands directly" not in CliRunner().invoke(main, ["--sheets", str(bare), "tree"]).stderr
    put(tmp_path, {"bare/b/sheet.yml": SHEET})
    assert "deeper there is 'b/sheet.yml'" in CliRunner().invoke(main, ["--sheets", str(bare), "tree"]).stderr


def test_a_folder_beside_other_files_is_checked_by_its_folders(tmp_path: Path) -> None:
    other = OTHERS["package.json"]
    put(tmp_path, {"package.json": other, "a/sheet.yml": SHEET, "b/package.json": other, "b/c/sheet.yml": SHEET})
    result = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert (result.exit_code, result.output) == (0, "no findings in 2 sheets\n")


PROGRAMS = {
    "setup.py": "from setuptools import setup\nsetup(name='x')\nraise SystemExit\n",
    "conf.py": "extensions = ['a']\n",
    "words.py": '"""Words."""\n',
    "list.py": "plugins = ['a', 'b']\n",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_python_program_is_no_sheet_of_its_folder(tmp_path: Path, name: str) -> None:
    folder = put(tmp_path, {name: PROGRAMS[name], "below/sheet.yml": SHEET})
    session = loaded(folder)
    assert names(session.passed_over()) == [name] and session.sheets == []
    assert [problem.code for problem in session.problems] == ["sheets-below"]
    put(folder, {"sheet.yml": SHEET})
    assert loaded(folder).problems == [] and check(folder) == []


@pytest.mark.parametrize("name", ["setup.py", "conf.py", "words.py"])
def test_a_check_reads_the_folders_below_that_of_a_python_program(tmp_path: Path, name: str) -> None:
    put(tmp_path, {name: PROGRAMS[name], "below/sheet.yml": "plugins: {shot: {hierarchy: 3}}"})
    assert [finding.code for finding in check(tmp_path)] == ["type"]


def test_a_python_sheet_is_one_of_its_folder(tmp_path: Path) -> None:
    folder = put(tmp_path, {"a.py": "plugins = {'shot': {'hierarchy': 'shot'}}\n", "b.py": "def get_sheet():\n    return {}\n"})
    session = loaded(folder)
    assert names([sheet.source.path for sheet in session.sheets]) == ["a.py", "b.py"] and session.passed_over() == []


def test_a_python_program_that_is_not_trusted_is_none_of_its_sheets(tmp_path: Path) -> None:
    folder = put(tmp_path / "f", {"setup.py": PROGRAMS["setup.py"], "sheet.yml": SHEET})
    archive = shutil.make_archive(str(tmp_path / "a"), "zip", folder)
    session = loaded(archive)
    assert session.problems == [] and names(session.passed_over()) == ["setup.py"]
    put(folder, {"sheet.py": "plugins = {}\n"})
    assert [problem.code for problem in loaded(shutil.make_archive(str(tmp_path / "b"), "zip", folder)).problems] == ["untrusted"]
