"""``python -m tests.branches [PART ...]``: measure which branches of the package the suite takes, and list the others.

The suite runs under coverage.py (the extra ``test``) part by part: each folder of ``tests``, and the files beside them. The
processes that tests start or fork are measured too. What was measured stays in a folder, so that a run can go on where another ended:

    python -m tests.branches                   everything anew
    python -m tests.branches --add             only the parts that aren't measured yet
    python -m tests.branches tests/cli --add   this part anew, beside what is there
    python -m tests.branches --report          nothing; only what is there is told

It takes two to three times as long as the suite. What must be excluded from the count is said in ``setup.cfg``, and nowhere else.
A test that fails doesn't lose what was measured: some look at times, modules or memory, which coverage.py changes.
"""

from __future__ import annotations

import argparse
import ast
import configparser
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
#: The page that names each branch no test takes here, and says why.
PAGE = ROOT / "docs" / "reference" / "coverage.rst"
#: Below this many of a hundred branches, the command ends with 1.
LEAST = 97.0
#: The name of the part that the files beside the folders make.
FILES = "tests/*.py"
#: What stands in the place of a function's name for what is in none.
MODULE = "module"
#: How coverage.py hands its settings to a process that is started.
_HANDED_ON = "COVERAGE_PROCESS_CONFIG"
#: A row of the page: its file, its function, and a text of the line on which the branch begins.
_ROW = re.compile(r"\* - ``(ways/[\w/]+\.py)``\n\s+- ``([\w.]+)``: ``(.+?)``\n")


class Branch(NamedTuple):
    """A branch that was not taken: where it begins, and the line it leads to, below zero for the end of the function."""

    file: str
    function: str
    line: int
    text: str
    to: int
    to_text: str

    def __str__(self) -> str:
        goal = f"line {self.to}: {self.to_text}" if self.to > 0 else "the end"
        return f"{self.file}:{self.line}: {self.function}: {self.text}  never leads to {goal}"


class Judged(NamedTuple):
    """A row of the page: a branch, named so that it is found again when lines move."""

    file: str
    function: str
    text: str

    def is_about(self, branch: Branch) -> bool:
        """Return whether the row speaks of *branch*."""
        return (self.file, self.function) == branch[:2] and self.text in branch.text


def parts(root: Path = ROOT) -> dict[str, list[str]]:
    """Return what is measured at once, by name: each folder that has tests, then the files beside the folders."""
    tests = root / "tests"
    folders = sorted(path for path in tests.iterdir() if path.is_dir() and any(path.rglob("test_*.py")))
    found = {f"tests/{path.name}": [f"tests/{path.name}"] for path in folders}
    return {**found, FILES: sorted(f"tests/{path.name}" for path in tests.glob("test_*.py"))}


def settings(root: Path, folder: Path, *, has_contexts: bool = False) -> Path:
    """Write what ``setup.cfg`` says about coverage.py into *folder*, with where the data goes; return the file."""
    own, made = configparser.RawConfigParser(), configparser.RawConfigParser()
    own.read(root / "setup.cfg", encoding="utf-8")
    for name in own.sections():
        if name.startswith("coverage:"):
            made[name.removeprefix("coverage:")] = own[name]
    made["run"]["data_file"] = str(folder / "data")
    if has_contexts:
        made["run"]["dynamic_context"] = "test_function"
    path = folder / "settings.cfg"
    with open(path, "w", encoding="utf-8") as file:
        made.write(file)
    return path


def state(root: Path = ROOT) -> str:
    """Return a digest of the package: what was measured of another can't be added to."""
    digest = hashlib.sha256()
    for path in sorted((root / "ways").rglob("*.py")):
        digest.update(f"{path.relative_to(root)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def pytest_configure() -> None:
    """As a plugin of pytest: make each process that a test starts be measured, also where the test gives it an environment."""
    start = subprocess.Popen.__init__

    def start_measured(self: subprocess.Popen[Any], *arguments: Any, **given: Any) -> None:
        if given.get("env") is not None and _HANDED_ON in os.environ:
            given["env"] = {_HANDED_ON: os.environ[_HANDED_ON], **given["env"]}
        start(self, *arguments, **given)

    subprocess.Popen.__init__ = start_measured  # type: ignore[method-assign]


class Measurement:
    """What was measured of one state of the package, in a folder: for each part its data and its log."""

    def __init__(self, folder: Path, root: Path = ROOT) -> None:
        self.folder = folder
        self.root = root

    def begin(self, *, anew: bool) -> None:
        """Make the folder; remove what is in it if it is of another state of the package, or shall be measured *anew*."""
        stamp = self.folder / "state"
        if self.folder.exists() and (anew or not stamp.exists() or stamp.read_text(encoding="ascii") != state(self.root)):
            if not stamp.exists() and any(self.folder.iterdir()):
                raise SystemExit(f"{self.folder} holds something else; name another folder by --folder.")
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        stamp.write_text(state(self.root), encoding="ascii")

    def data_of(self, part: str) -> Path:
        """Return where the data of *part* is once it is measured."""
        return self.folder / (re.sub(r"\W+", "-", part).strip("-") + ".data")

    def measure(self, part: str, tests: Iterable[str], *, has_contexts: bool = False) -> str:
        """Run the tests of *part*, and put what all their processes noted together; return what happened, in a line."""
        began = time.monotonic()
        data = self.data_of(part)
        notes = data.with_suffix(".parts")
        shutil.rmtree(notes, ignore_errors=True)
        notes.mkdir()
        # A test may go on as another user, and that process notes what it reaches too.
        notes.chmod(0o777)
        rules = settings(self.root, notes, has_contexts=has_contexts)
        # Empty: where this is run by a test that is measured itself, the two are kept apart.
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys((str(self.root), str(ROOT)))), _HANDED_ON: ""}
        with open(data.with_suffix(".log"), "wb") as log:
            subprocess.run(
                [sys.executable, "-m", "coverage", "run", f"--rcfile={rules}", "-m", "pytest", "-q", "--tb=short", "-p", "tests.branches",
                 "-p", "no:cacheprovider", *tests],
                cwd=self.root, env=environ, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._combine(rules, data, *notes.glob("data.*"))
        shutil.rmtree(notes)
        lines = data.with_suffix(".log").read_text(encoding="utf-8", errors="replace").splitlines()
        return f"{part}: {lines[-1] if lines else 'nothing ran'} ({time.monotonic() - began:.0f} s, {data.with_suffix('.log')})"

    def report(self) -> dict[str, Any]:
        """Return what coverage.py reports of all parts that are measured."""
        measured = sorted(self.folder.glob("*.data"))
        if not measured:
            raise SystemExit(f"Nothing is measured in {self.folder}.")
        if (self.folder / "state").read_text(encoding="ascii") != state(self.root):
            raise SystemExit("The package has changed since it was measured, so the lines are others: measure it anew.")
        rules = settings(self.root, self.folder)
        whole, told = self.folder / "combined.sqlite", self.folder / "report.json"
        self._combine(rules, whole, *measured)
        self._coverage("json", f"--rcfile={rules}", f"--data-file={whole}", "--include=ways/*", "-q", "-o", str(told))
        found: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
        return found

    def _combine(self, rules: Path, data: Path, *found: Path) -> None:
        data.unlink(missing_ok=True)
        self._coverage("combine", f"--rcfile={rules}", f"--data-file={data}", "-q", "--keep", *map(str, found))

    def _coverage(self, *command: str) -> None:
        done = subprocess.run([sys.executable, "-m", "coverage", *command], cwd=self.root, capture_output=True, encoding="utf-8")
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)


def untaken(report: dict[str, Any], root: Path = ROOT) -> Iterator[Branch]:
    """Yield each branch that was not taken, in the order of the files."""
    for name, file in sorted(report["files"].items()):
        source = (root / name).read_text(encoding="utf-8")
        lines, spans = source.splitlines(), functions(source)
        for line, to in file["missing_branches"]:
            # The innermost function is the one that begins last.
            around = max(((first, function) for function, first, last in spans if first <= line <= last), default=(0, MODULE))[1]
            yield Branch(name, around, line, lines[line - 1].strip(), to, lines[abs(to) - 1].strip())


def table(report: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each file that isn't wholly reached, the worst first: branches, and lines that never run."""
    found = {name: file["summary"] for name, file in report["files"].items()}
    for name in sorted(found, key=lambda name: (found[name]["percent_branches_covered"], name)):
        told = found[name]
        if told["missing_branches"] or told["missing_lines"]:
            never = f"; lines {_ranges(report['files'][name]['missing_lines'])}" if told["missing_lines"] else ""
            taken = f"{told['covered_branches']} of {told['num_branches']} branches"
            yield f"{told['percent_branches_covered']:6.1f} %  {name}: {taken}{never}"


def _ranges(numbers: list[int]) -> str:
    """Return numbers in order as text: ``3-5, 9``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def judged(page: Path = PAGE) -> list[Judged]:
    """Return the rows of the page."""
    return [Judged(*row) for row in _ROW.findall(page.read_text(encoding="utf-8"))]


def functions(source: str) -> list[tuple[str, int, int]]:
    """Return each function of a module: its name (``Class.method``), its first and its last line."""
    found: list[tuple[str, int, int]] = []
    waiting: list[tuple[str, ast.AST]] = [("", ast.parse(source))]
    while waiting:
        above, node = waiting.pop()
        for child in ast.iter_child_nodes(node):
            name = above
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                name = f"{above}.{child.name}".lstrip(".")
                if not isinstance(child, ast.ClassDef):
                    found.append((name, child.lineno, child.end_lineno or child.lineno))
            waiting.append((name, child))
    return found


def told(report: dict[str, Any], rows: Iterable[Judged], root: Path = ROOT) -> Iterator[str]:
    """Yield the lines that the command prints about what was measured."""
    rows, untold = list(rows), list(untaken(report, root))
    yield from table(report)
    others = [branch for branch in untold if not any(row.is_about(branch) for row in rows)]
    page = PAGE.relative_to(ROOT)
    yield f"\nBranches never taken that {page} judges: {len(untold) - len(others)}. Others: {len(others)}."
    yield from map(str, others)
    if stale := [row for row in rows if not any(row.is_about(branch) for branch in untold)]:
        yield f"\nRows of {page} that name no branch which is never taken: {len(stale)}."
        yield from (f"{row.file}: {row.function}: {row.text}" for row in stale)
    total = report["totals"]
    yield (
        f"\n{total['percent_branches_covered']:.2f} % of {total['num_branches']} branches, "
        f"{total['percent_statements_covered']:.2f} % of {total['num_statements']} statements, {total['percent_covered']:.2f} % of both."
    )


def main() -> int:
    """Measure what was asked for, and print it; return 1 if less than ``LEAST`` of a hundred branches were taken."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.branches", description=(__doc__ or "").partition(":\n\n")[0],
    )  # fmt: skip
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"What is run: a folder, a file, or {FILES!r}; all, if absent.")
    parser.add_argument("--add", action="store_true", help="Keep what is measured of the package as it is now.")
    parser.add_argument("--report", action="store_true", help="Run nothing, and tell what is there.")
    parser.add_argument("--jobs", type=int, default=1, help="How many parts run at once.")
    parser.add_argument("--contexts", action="store_true", help="Note which test reached each line.")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir(), "ways-branches"), help="Where the data is.")
    asked = parser.parse_args()
    measurement = Measurement(asked.folder.resolve())
    if not asked.report:
        measurement.begin(anew=not asked.add)
        known = parts()
        chosen = {part.rstrip("/"): known.get(part.rstrip("/"), [part]) for part in asked.parts}
        if not chosen:
            chosen = {part: tests for part, tests in known.items() if not measurement.data_of(part).exists()}
        with ThreadPoolExecutor(asked.jobs) as workers:
            running = [workers.submit(measurement.measure, part, tests, has_contexts=asked.contexts) for part, tests in chosen.items()]
            for run in running:
                print(run.result(), flush=True)
    report = measurement.report()
    for line in told(report, judged()):
        print(line)
    return 0 if report["totals"]["percent_branches_covered"] >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
