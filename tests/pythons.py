"""``python -m tests.pythons``: print one Python of each version from 3.11 up that this machine has, but the one that runs this."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

#: The oldest that Ways runs on.
OLDEST = (3, 11)
_NAME = re.compile(r"python3(?:\.\d+)?(?:\.exe)?")
#: Says its version, where it can make a virtual environment: Debian takes the parts for that out of some.
_ASK = "import sys, venv, ensurepip; print(*sys.version_info[:3]) if sys.implementation.name == 'cpython' else None"


def places(environ: dict[str, str] | None = None) -> list[Path]:
    """Return the folders that may hold a Python: those of PATH, pyenv's, and the system's."""
    environ = dict(os.environ) if environ is None else environ
    home = Path(environ.get("PYENV_ROOT") or Path(environ.get("HOME", "/"), ".pyenv"))
    named = [Path(folder) for folder in environ.get("PATH", "").split(os.pathsep) if folder]
    return [*named, *sorted(home.glob("versions/*/bin")), Path("/usr/local/bin"), Path("/usr/bin")]


def candidates(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield each program in *folders* that is called as a Python is; one that goes by two names, once."""
    seen = set()
    for folder in folders:
        for path in sorted(folder.glob("python3*")):
            if _NAME.fullmatch(path.name) and path.resolve() not in seen:
                seen.add(path.resolve())
                yield path


def version_of(python: Path) -> tuple[int, ...] | None:
    """Return the version of a program that is a Python with which tests can be run, or ``None``."""
    try:
        done = subprocess.run([str(python), "-I", "-c", _ASK], capture_output=True, timeout=120, encoding="utf-8")
    except (OSError, subprocess.TimeoutExpired):
        return None
    numbers = done.stdout.split()
    return tuple(map(int, numbers)) if done.returncode == 0 and len(numbers) == 3 and all(map(str.isdecimal, numbers)) else None


def others(folders: Iterable[Path], own: tuple[int, ...] = sys.version_info[:2]) -> list[Path]:
    """Return a Python for each version from the oldest up but *own*, oldest first: that of the latest mending."""
    best: dict[tuple[int, ...], tuple[tuple[int, ...], Path]] = {}
    for python in candidates(folders):
        version = version_of(python)
        if version is None or version[:2] < OLDEST or version[:2] == own[:2]:
            continue
        held = best.get(version[:2])
        if held is None or held[0] < version:
            best[version[:2]] = (version, python)
    return [python for _, (_, python) in sorted(best.items())]


if __name__ == "__main__":
    for found in others(places()):
        print(found)
