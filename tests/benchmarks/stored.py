"""Studios of syntax 2 on disk, with a store of their own, and processes that ask them."""

from __future__ import annotations

import atexit
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

import ways

from .native import Spot, native_studio
from .runner import Timer

_SHELL = "from ways.cli.entry import program\nprogram()\n"
#: What takes so many seconds runs once before it is timed.
_LONG = 3.0
#: How many places a sheet has, where there are tens and hundreds of them.
PLACES_PER_SHEET = 50


class Used(NamedTuple):
    """What a process took: the processor's time in seconds, and the greatest memory that it held, in bytes."""

    seconds: float
    peak: float


class Processes:
    """Runs code in processes of a clean Python: what a developer's own site-packages load at start is not measured."""

    def __init__(self, folder: Path) -> None:
        builder = venv.EnvBuilder(symlinks=True)
        builder.create(folder / "python")
        self.python = str(folder / "python" / "bin" / "python")
        #: What a console script of the package is.
        self.shell = str(folder / "python" / "bin" / "ways")
        Path(self.shell).write_text(_SHELL, encoding="utf-8")
        homes = (Path(ways.__file__).parent.parent, Path(yaml.__file__).parent.parent)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "WAYS_"))}
        # The caller's secret of the store, cache and configuration are his own.
        own = {f"XDG_{kind}_HOME": str(folder / "home" / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA", "STATE")}
        self.environment = {
            **kept, **own, "PYTHONPATH": os.pathsep.join(map(str, homes)), "WAYS_PLATFORM": "linux", "WAYS_CACHE": "0",
        }  # fmt: skip

    def run(self, *arguments: str, stdin: str = os.devnull, stdout: str = os.devnull, code: int = 0, **variables: str) -> Used:
        """Run Python with *arguments* and tell what it took.

        :raises AssertionError: the process didn't end with *code*.
        """
        environment = {**self.environment, **variables}
        with open(stdin, "rb") as source, open(stdout, "wb") as target:
            process = subprocess.Popen([self.python, *arguments], env=environment, stdin=source, stdout=target)
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == code, (arguments, process.returncode)
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return Used(usage.ru_utime + usage.ru_stime, float(peak))

    def timer(self, code: str, **variables: str) -> Timer:
        """Return a timer of a process that runs *code*; it ran twice before, so that its modules are compiled."""

        def timer() -> float:
            return self.run("-c", code, **variables).seconds

        timer()
        timer()
        return timer


class Stored:
    """A studio of syntax 2 in a folder, and a store that has its compiled sheets."""

    def __init__(self, count: int, sheets: int) -> None:
        self._edits = 0
        self.folder = Path(tempfile.mkdtemp())
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.processes = Processes(self.folder)
        studio = native_studio(count, sheets)
        self.spots: list[Spot] = studio.spots
        self.sheets = studio.write(self.folder / "sheets")
        self.label = f"{len(self.spots):,} places in {sheets} sheets"
        self.variables = {
            "WAYS_DESCRIPTORS": str(self.folder / "sheets"),
            "WAYS_CACHE": "1",
            "XDG_CACHE_HOME": str(self.folder / "cache"),
        }
        # What was changed a moment ago may change again unnoticed.
        time.sleep(2.1)
        for _ in range(2):
            self.ways("resolve", self.spots[-1].text)

    def ways(self, *arguments: str, stdin: str = os.devnull, stdout: str = os.devnull, code: int = 0) -> Used:
        """Run a command of the shell, which ends with *code*."""
        return self.processes.run(self.processes.shell, *arguments, stdin=stdin, stdout=stdout, code=code, **self.variables)

    def python(self, program: str, stdout: str = os.devnull, **variables: str) -> Used:
        """Run a program."""
        return self.processes.run("-c", program, stdout=stdout, **{**self.variables, **variables})

    def edit(self, number: int) -> None:
        """Write one of the sheets anew, with data that it never had."""
        self._edits += 1
        path = self.sheets[number]
        text, count = re.subn(r"label: \w+", f"label: edit{self._edits}", path.read_text("utf-8"), count=1)
        assert count == 1, path
        path.write_text(text, encoding="utf-8")


@functools.lru_cache(maxsize=None)
def stored(count: int, sheets: int = 0, purpose: str = "") -> Stored:
    """Return a studio on disk, made once; with sheets of one size if no number is given.

    :param purpose: whoever changes the sheets has a copy of them.
    """
    return Stored(count, sheets or max(2, count // PLACES_PER_SHEET))


def seconds(run: Callable[[], Used]) -> Timer:
    """Return a timer of what a process takes; it ran before, twice if it is short."""

    def timer() -> float:
        return run().seconds

    if timer() < _LONG:
        timer()
    return timer


def shell(world: Stored, *arguments: str) -> Timer:
    """Return a timer of a command of the shell."""
    return seconds(lambda: world.ways(*arguments))


def lines(path: Path, texts: Sequence[str]) -> str:
    """Write texts into a file, one a line; return its path."""
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return str(path)
