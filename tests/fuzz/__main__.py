"""``python -m tests.fuzz [TARGET|all] [FILE ...] [--minutes M] [--jobs N]``: list, fuzz, or run inputs once more."""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, NamedTuple

from .runner import CORPUS, ENVIRONMENT, HERE, clean_environment, targets, tried

#: Seconds after which libFuzzer ends an input that hangs. Far more than any takes on a busy machine.
HANGS = 300
#: Inputs that go wrong, after which no more are looked for in one run.
MOST_CRASHES = 10
_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)|^#(\d+)\s", re.M)


class Run(NamedTuple):
    """How the fuzzing of one target went."""

    name: str
    executions: int
    minutes: float
    log: Path
    crashes: tuple[Path, ...]

    def __str__(self) -> str:
        wrong = f"{len(self.crashes)} went wrong" if self.crashes else "all as they should be"
        told = f"{self.name}: {self.executions} inputs in {self.minutes:.1f} minutes, {wrong}"
        again = "".join(f"\n  python -m tests.fuzz {self.name} {path}" for path in self.crashes)
        return f"{told}; {self.log}{again}"


def main() -> int:
    """Do what the command line says; return how the process ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", nargs="?", default="", help="Its name, or all; without it, they are listed.")
    parser.add_argument("files", nargs="*", type=Path, help="Inputs to run once more, rather than to fuzz.")
    parser.add_argument("--minutes", type=float, default=5.0, help="How long each is fuzzed.")
    parser.add_argument("--jobs", type=int, default=1, help="How many at a time.")
    default = Path(tempfile.gettempdir(), "ways-fuzz")
    parser.add_argument("--folder", type=Path, default=default, help=f"For what is found, and the growing corpus; {default}.")
    asked = parser.parse_args()
    known = targets()
    if not asked.target:
        print("\n".join(f"{name}: {target.summary}" for name, target in known.items()))
        return 0
    if asked.target not in (*known, "all"):
        parser.error(f"no such target: {asked.target}; known are {', '.join(known)}")
    if asked.files:
        return again(asked.target, asked.files)
    if importlib.util.find_spec("atheris") is None:
        parser.error("fuzzing needs atheris: pip install -e '.[fuzz]'")
    names = list(known) if asked.target == "all" else [asked.target]
    with ThreadPoolExecutor(asked.jobs) as pool:
        runs = pool.map(lambda name: fuzzed(name, asked.minutes, asked.folder / name), names)
        return 1 if any([told(run) for run in runs]) else 0


def told(run: Run) -> bool:
    """Print a run, and return whether anything went wrong."""
    print(run, flush=True)
    return bool(run.crashes)


def again(name: str, files: Iterable[Path]) -> int:
    """Run inputs of a target; the first that goes wrong raises what it raises."""
    os.environ.update(ENVIRONMENT)
    for path in files:
        print(f"{name}: {path}", flush=True)
        tried(targets()[name], path.read_bytes())
    return 0


def fuzzed(name: str, minutes: float, folder: Path) -> Run:
    """Fuzz one target in a process of its own; the corpus that grows in *folder* is used by the next run too."""
    grown, crashes = folder / "corpus", folder / "crashes"
    for place in (grown, crashes):
        place.mkdir(parents=True, exist_ok=True)
    before = set(crashes.iterdir())
    log, executions, started = folder / "log", 0, time.monotonic()
    with log.open("wb") as file:
        while True:
            left = minutes * 60 - (time.monotonic() - started)
            known, begins = set(crashes.iterdir()), file.tell()
            code = _child(name, max(1, round(left)), folder, file)
            text = log.read_bytes()[begins:].decode("utf-8", "replace")
            executions += max((int(one or other) for one, other in _RUNS.findall(text)), default=0)
            new = set(crashes.iterdir()) - before
            # One that went wrong ends the process: another goes on, unless it would only end at the same input.
            if not code or left < 1 or len(new) >= MOST_CRASHES or known == set(crashes.iterdir()):
                break
    return Run(name, executions, (time.monotonic() - started) / 60, log, tuple(sorted(new)) or ((log,) if code else ()))


def _child(name: str, seconds: int, folder: Path, log: IO[bytes]) -> int:
    """Fuzz until an input goes wrong, or the time is over; return how the process ended."""
    limits = [f"-max_total_time={seconds}", "-print_final_stats=1", "-rss_limit_mb=2048"]
    # A slow one is told by the target, in time of its own process.
    limits += [f"-timeout={HANGS}", f"-report_slow_units={HANGS}"]
    seeds = [str(CORPUS / name)] if (CORPUS / name).is_dir() else []
    command = [sys.executable, "-m", f"{__package__}.child", name, *limits, f"-artifact_prefix={folder / 'crashes'}/"]
    command += [str(folder / "corpus"), *seeds]
    return subprocess.run(command, cwd=HERE.parent.parent, env=clean_environment(), stdout=log, stderr=log).returncode


if __name__ == "__main__":
    sys.exit(main())
