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
        call = f'__import__("ways._noter", fromlist="n").note("{item.place}"); '.encode()
        lines[item.line - 1] = line[: item.column] + call + line[item.column :]
    return b"\n".join(lines)


def copied(place: Path, notes: Path) -> Path:
    """Copy what git knows of the tree to *place*, with raises that write to *notes*; return the copy."""
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
    by_file: dict[str, list[Raise]] = {}
    for item in raises(copy):
        by_file.setdefault(item.file, []).append(item)
    for file, found in by_file.items():
        (copy / file).write_bytes(noting((copy / file).read_bytes(), found))
    (copy / "ways" / "_noter.py").write_text(NOTER.format(path=str(notes)), encoding="utf-8")
    return copy


def unreached(arguments: list[str]) -> tuple[int, list[Raise]]:
    """Run pytest with *arguments* in a copy; return how it ended, and each ``raise`` that nothing reached."""
    with tempfile.TemporaryDirectory(prefix="ways-raises-") as folder:
        notes = Path(folder) / "notes"
        copy = copied(Path(folder), notes)
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *arguments], cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, check=False
        )
        reached = set(notes.read_text(encoding="utf-8").split("\n")) if notes.exists() else set()
        return ran.returncode, [item for item in raises() if item.place not in reached]


def main() -> int:
    """Run, and print one line for each; return 1 if there are any."""
    _, left = unreached(sys.argv[1:])
    for item in left:
        print(f"{item.place}: {item.text}")
    print(f"{len(left)} of {len(list(raises()))} raises are never reached.")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
