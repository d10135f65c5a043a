"""``python -m tests.raises [PYTEST ARGS]``: run the suite, and name each ``raise`` of the package that it never reaches.

The suite runs in a copy of the tree whose every ``raise`` first notes itself in a file: nothing is traced, so a run takes as
long as one without, and the processes that tests start are seen too.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent

#: What the copy's raises call. Each process notes a place once, with one write that no other can break up.
NOTER = '''
import os

noted = set()


def note(place):
    if place not in noted:
        noted.add(place)
        file = os.open({path!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, (place + "\\n").encode())
        os.close(file)
'''


class Raise(NamedTuple):
    """One ``raise`` statement: its file below the root, its line, its column in bytes, and its text."""

    file: str
    line: int
    column: int
    text: str

    @property
    def place(self) -> str:
        """Return ``file:line``."""
        return f"{self.file}:{self.line}"


def raises(root: Path = ROOT) -> Iterator[Raise]:
    """Yield every ``raise`` of the package, in the order of the files."""
    for path in sorted((root / "ways").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        lines = source.splitlines()
        found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Raise)]
        for node in sorted(found, key=lambda node: node.lineno):
            yield Raise(path.relative_to(root).as_posix(), node.lineno, node.col_offset, lines[node.lineno - 1].strip())


def noting(source: bytes, found: Iterable[Raise]) -> bytes:
    """Return *source* with a call in front of each ``raise``, on the same line, so that no line moves."""
    lines = source.split(b"\n")
    for item in found:
        line = lines[item.line - 1]
        call = f'from ways._noter import note as _noter_note; _noter_note("{item.place}"); '.encode()
        lines[item.line - 1] = line[: item.column] + call + line[item.column :]
    return b"\n".join(lines)


def copied(place: Path) -> Path:
    """Copy what git knows of the tree to *place*, as ``.ci/run`` does; return the copy."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    copy = place / "main"
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    if (ROOT.parent / "shared").exists():
        (place / "shared").symlink_to((ROOT.parent / "shared").resolve())
    return copy


def arm(copy: Path, found: Iterable[Raise], notes: Path) -> None:
    """Make each of the raises *found* in *copy* write to *notes*."""
    for file, items in groupby(found, key=lambda item: item.file):
        (copy / file).write_bytes(noting((copy / file).read_bytes(), items))
    (copy / "ways" / "_noter.py").write_text(NOTER.format(path=str(notes)), encoding="utf-8")


def unreached(arguments: list[str]) -> tuple[list[Raise], int]:
    """Run pytest with *arguments* in a copy; return each ``raise`` that nothing reached, and how many there are."""
    with tempfile.TemporaryDirectory(prefix="ways-raises-") as folder:
        notes = Path(folder) / "notes"
        copy = copied(Path(folder))
        # Looked for in the copy: somebody may be writing in the tree meanwhile.
        found = list(raises(copy))
        arm(copy, found, notes)
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *arguments], cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, check=False
        )
        reached = set(notes.read_text(encoding="utf-8").split("\n")) if notes.exists() else set()
        return [item for item in found if item.place not in reached], len(found)


def main() -> int:
    """Run, and print one line for each; return 1 if there are any."""
    left, count = unreached(sys.argv[1:])
    for item in left:
        print(f"{item.place}: {item.text}")
    print(f"{len(left)} of {count} raises are never reached.")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
