"""What measures the branches that tests take sees every process, leaves out what it says, and agrees with the page."""

from __future__ import annotations

import configparser
import textwrap
from functools import lru_cache
from pathlib import Path

import branches
import pytest
from branches import ROOT, Branch, Judged, Measurement

#: A package as small as can be: one branch for each way to reach it.
PACKAGE = '''
    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        import decimal

    def told(way):
        if way == "itself":
            return 1
        if way == "child with an environment":
            return 2
        if way == "forked":
            return 3
        if way == "ended by a signal":
            return 4
        if way == "nobody":
            return 5
        return 6
'''
#: Its tests. The last one fails, which must lose nothing.
TESTS = '''
    import os, signal, subprocess, sys, time
    import ways

    SEARCH = {"PYTHONPATH": os.environ["PYTHONPATH"]}

    def test_itself():
        assert ways.told("itself") == 1

    def test_a_child_with_an_environment():
        subprocess.run([sys.executable, "-c", "import ways; ways.told('child with an environment')"], env=SEARCH, check=True)

    def test_forked():
        child = os.fork()
        if not child:
            ways.told("forked")
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0

    def test_ended_by_a_signal():
        code = "import ways, time; ways.told('ended by a signal'); print(flush=True); time.sleep(600)"
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
            child.stdout.readline()
            child.terminate()

    def test_that_fails():
        assert ways.told("else") == "something else"
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the package, its tests, and what our ``setup.cfg`` says about coverage.py."""
    root = tmp_path / "project"
    for name, text in {"ways/__init__.py": PACKAGE, "tests/test_it.py": TESTS}.items():
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text(textwrap.dedent(text), encoding="utf-8")
    rules = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    (root / "setup.cfg").write_text(rules[rules.index("[coverage:run]") : rules.index("[flake8]")], encoding="utf-8")
    return root


def test_every_process_is_measured_and_what_nobody_takes_is_named(project: Path, tmp_path: Path) -> None:
    pytest.importorskip("coverage")
    measurement = Measurement(tmp_path / "measured", project)
    measurement.begin(anew=True)
    assert "1 failed, 4 passed" in measurement.measure("tests", ["tests"])
    report = measurement.report()
    found = list(branches.untaken(report, project))
    assert [(branch.function, branch.text, branch.to_text) for branch in found] == [("told", 'if way == "nobody":', "return 5")]
    assert report["totals"]["num_branches"] == 10
    told = "\n".join(branches.told(report, [], project))
    assert "Others: 1." in told and "90.00 % of 10 branches" in told
    row = Judged("ways/__init__.py", "told", '"nobody"')
    assert "Others: 0." in "\n".join(branches.told(report, [row], project))
    assert "told: if gone" in "\n".join(branches.told(report, [row, Judged("ways/__init__.py", "told", "if gone")], project))


def test_what_was_measured_of_another_package_is_not_added_to(project: Path, tmp_path: Path) -> None:
    measurement = Measurement(tmp_path / "measured", project)
    measurement.begin(anew=False)
    measurement.data_of("tests/cli").touch()
    measurement.begin(anew=False)
    assert measurement.data_of("tests/cli").exists()
    (project / "ways" / "more.py").touch()
    with pytest.raises(SystemExit, match="has changed"):
        measurement.report()
    measurement.begin(anew=False)
    assert not measurement.data_of("tests/cli").exists()


def test_a_folder_of_somebody_else_is_left_alone(project: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    with pytest.raises(SystemExit, match="something else"):
        Measurement(tmp_path, project).begin(anew=True)
    assert (tmp_path / "kept").exists()


def test_every_test_is_in_one_part() -> None:
    found = [ROOT / place for places in branches.parts().values() for place in places]
    tests = [test for place in found for test in (place.rglob("test_*.py") if place.is_dir() else [place])]
    assert sorted(tests) == sorted((ROOT / "tests").rglob("test_*.py"))


def test_only_what_type_checkers_read_is_left_out() -> None:
    rules = configparser.RawConfigParser()
    rules.read(ROOT / "setup.cfg", encoding="utf-8")
    assert rules["coverage:report"]["exclude_lines"].split("\n")[1:] == [r"^\s*if TYPE_CHECKING:", r"^\s*@overload"]
    assert not {"omit", "exclude_also"} & {*rules["coverage:run"], *rules["coverage:report"]}
    assert [path for path in (ROOT / "ways").rglob("*.py") if "pragma:" in path.read_text(encoding="utf-8")] == []


@lru_cache(maxsize=None)
def functions_of(file: str) -> set[str]:
    """Return the names of a module's functions."""
    source = (ROOT / file).read_text(encoding="utf-8")
    return {branches.MODULE, *(name for name, _, _ in branches.functions(source))}


def test_what_the_page_judges_is_there() -> None:
    """If this fails, a function has gone or has another name: mend its rows, or remove them."""
    rows = branches.judged()
    assert len(rows) > 1
    assert [row for row in rows if not (ROOT / row.file).exists() or row.function not in functions_of(row.file)] == []


def test_a_row_finds_its_branch_again_when_lines_move() -> None:
    row = Judged("ways/a.py", "A.read", "if os.name")
    assert row.is_about(Branch("ways/a.py", "A.read", 30, 'if os.name == "nt":', 31, "pass"))
    assert not row.is_about(Branch("ways/a.py", "A.write", 30, 'if os.name == "nt":', 31, "pass"))
