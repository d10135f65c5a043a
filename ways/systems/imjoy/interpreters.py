"""The interpreters of Python on this machine: that of this process, those on the PATH, those of pyenv and of the launcher ``py``."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress

from ways.errors import ImJoyError

#: The oldest Python that a plugin can run in here.
OLDEST = (3, 8)
#: Seconds in which an interpreter has to say its version.
_PATIENCE = 20
_ASK = "import sys; print(sys.executable); print(*sys.version_info[:3])"


def find_interpreter(version: str = "") -> str:
    """Return the path of an interpreter whose version begins with *version*, such as ``3.11`` or ``3.11.7``.

    Without a version, it is that of this process, if that is a Python and not a program that has one inside.

    :raises ImJoyError: there is none, or plugins can't run in that version; its code is ``no-python``.
    """
    wanted = tuple(int(part) for part in version.split(".") if part.isdigit())
    if wanted and wanted < OLDEST[: len(wanted)]:
        oldest = ".".join(map(str, OLDEST))
        raise ImJoyError("no-python", f"the plugin asks for Python {version}, and plugins run in Python {oldest} or newer")
    for command in _candidates(wanted):
        path, found = _asked(command)
        if path and found >= OLDEST and found[: len(wanted)] == wanted:
            return path
    help = "Ways looked for it on the PATH, in pyenv, and by the launcher 'py'."
    raise ImJoyError("no-python", f"there is no Python {version} on this machine".replace("  ", " "), help)


def _candidates(wanted: Sequence[int]) -> Iterator[Sequence[str]]:
    """Yield commands that may start an interpreter of a version, the most likely first."""
    is_python = re.match(r"python|pypy", os.path.basename(sys.executable or ""), re.IGNORECASE)
    if is_python and sys.version_info[: len(wanted)] == tuple(wanted):
        yield (sys.executable,)
    short = ".".join(map(str, wanted[:2]))
    for name in (f"python{short}", "python3", "python"):
        if path := shutil.which(name):
            yield (path,)
    yield from ((path,) for path in _of_pyenv(wanted))
    if launcher := shutil.which("py"):
        yield (launcher, f"-{short or 3}")


def _of_pyenv(wanted: Sequence[int]) -> list[str]:
    """Return the interpreters that pyenv has installed, the newest first."""
    root = os.environ.get("PYENV_ROOT") or os.path.join(os.path.expanduser("~"), ".pyenv")
    found = []
    with suppress(OSError):
        for name in os.listdir(os.path.join(root, "versions")):
            numbers = tuple(int(part) for part in name.split(".") if part.isdecimal())
            if len(numbers) == 3 and numbers[: len(wanted)] == tuple(wanted):
                found.append((numbers, os.path.join(root, "versions", name, "bin", "python")))
    return [path for _, path in sorted(found, reverse=True)]


def _asked(command: Sequence[str]) -> tuple[str, tuple[int, ...]]:
    """Return the path and the version that an interpreter says it has; ``""`` for what is none that works."""
    with suppress(OSError, subprocess.SubprocessError, ValueError):
        done = subprocess.run(
            [*command, "-I", "-c", _ASK], capture_output=True, stdin=subprocess.DEVNULL, timeout=_PATIENCE, check=True
        )
        path, numbers = os.fsdecode(done.stdout).splitlines()[-2:]
        return path, tuple(map(int, numbers.split()))
    return "", ()
