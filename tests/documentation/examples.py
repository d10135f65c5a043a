"""The examples on a page of the documentation, in order, and what runs them.

A page may hold these, and each is run from top to bottom in one empty folder:

- a ``code-block`` with a ``:caption:`` (or a ``:name:``, which docutils knows without Sphinx) is a file of that name; with
  ``:class: broken`` too, it is a sheet that has problems, without it a sheet that has none, and with ``:class: other`` a file of
  another program;
- a ``code-block:: console`` holds commands (``$``, continued by ``>``) and exactly what they print, both streams;
- a ``code-block:: text`` or ``powershell`` is shown and not run;
- a line that starts with ``>>>`` is Python, and what follows it is exactly what it answers.

``plugin_sheets`` stands in the folder, so that a page can name what it shows by ``literalinclude``.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
import sysconfig
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SHEET_SUFFIXES = (".yml", ".yaml", ".json", ".toml")

_DIRECTIVE = re.compile(r"( *)\.\. (code-block|literalinclude):: *(\S+) *$")
_OPTION = re.compile(r" *:([a-z-]+): *(.*)$")
_DONE = "@@ways-done@@"


class Block(NamedTuple):
    """A code-block or a literalinclude."""

    line: int
    kind: str
    #: The language, or the path that is included.
    argument: str
    options: dict[str, str]
    text: str
    #: The lines of the text on the page, counted from 0: first, and one after the last.
    span: tuple[int, int]


class Command(NamedTuple):
    """A command of a console block, and what it prints."""

    line: int
    text: str
    want: str
    span: tuple[int, int]


def pages() -> list[Path]:
    """Return every page of the documentation."""
    return sorted(path for path in DOCS.rglob("*.rst") if "_build" not in path.parts)


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a page's text."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if (found := _DIRECTIVE.match(line)) is None:
            continue
        indent = len(found[1])
        index, options = number + 1, {}
        while index < len(lines) and (option := _OPTION.match(lines[index])):
            options[option[1]] = option[2]
            index += 1
        start = index
        while index < len(lines) and (not lines[index].strip() or len(lines[index]) - len(lines[index].lstrip()) > indent):
            index += 1
        while start < index and not lines[start].strip():
            start += 1
        while index > start and not lines[index - 1].strip():
            index -= 1
        body = textwrap.dedent("\n".join(lines[start:index]))
        yield Block(number + 1, found[2], found[3], options, body + "\n" if body else "", (start, index))


def commands(block: Block) -> Iterator[Command]:
    """Yield the commands of a console block."""
    lines = block.text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    assert starts and starts[0] == 0, f"line {block.line}: a console block starts with a command"
    for start, end in zip(starts, [*starts[1:], len(lines)]):
        after = start + 1
        while after < end and lines[after].startswith("> "):
            after += 1
        text = "\n".join(line[2:] for line in lines[start:after])
        first = block.span[0]
        yield Command(first + start + 1, text, "\n".join(lines[after:end]), (first + after, first + end))


class Shell:
    """A shell that stays: what one command exports, the next one sees."""

    def __init__(self, folder: Path) -> None:
        path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
        own = {"PATH": path, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "HOME": str(folder)}
        # Colors are for a terminal; a caller's wish for them is not what the page shows.
        forced = ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE")
        kept = {name: value for name, value in os.environ.items() if name not in forced}
        environ = {**kept, **own}
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=folder, env=environ, text=True, encoding="utf-8",
        )  # fmt: skip

    def run(self, command: str) -> str:
        """Return what *command* prints, both streams, each line without spaces at its end."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{{ {command}\n}} </dev/null\nprintf '\\n{_DONE}\\n'\n")
        self._process.stdin.flush()
        lines = []
        for line in self._process.stdout:
            if line.strip() == _DONE:
                break
            lines.append(line.rstrip())
        # The line break before the mark is ours.
        return "\n".join(lines[:-1] if lines and not lines[-1] else lines)

    def close(self) -> None:
        """End the shell."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()


class Page:
    """One page, run in *folder*, which is the current one."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path
        self.folder = folder
        self.text = path.read_text(encoding="utf-8")
        self.failures: list[str] = []
        #: The span of each answer on the page, and what really came; for those that differ.
        self.answers: list[tuple[tuple[int, int], str]] = []
        self._shell: Shell | None = None
        self._names: dict[str, object] = {"__name__": "__main__"}
        self._runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)

    def events(self) -> list[tuple[int, object]]:
        """Return the examples, each with its line, from top to bottom."""
        events: list[tuple[int, object]] = []
        for block in blocks(self.text):
            is_console = block.kind == "code-block" and block.argument == "console"
            events += [(item.line, item) for item in commands(block)] if is_console else [(block.line, block)]
        examples = doctest.DocTestParser().get_examples(self.text, str(self.path))
        events += [(example.lineno + 1, example) for example in examples]
        return sorted(events, key=lambda pair: pair[0])

    def run(self) -> None:
        """Run every example; :attr:`failures` says what went otherwise than the page says."""
        (self.folder / "plugin_sheets").symlink_to(ROOT / "plugin_sheets", target_is_directory=True)
        try:
            for _, event in self.events():
                self._carry_out(event)
        finally:
            if self._shell:
                self._shell.close()

    def _carry_out(self, event: object) -> None:
        if isinstance(event, Command):
            self._command(event)
        elif isinstance(event, doctest.Example):
            self._example(event)
        elif isinstance(event, Block):
            self._file(event)

    def _command(self, command: Command) -> None:
        if sys.platform == "win32":
            return
        self._shell = self._shell or Shell(self.folder)
        got = self._shell.run(command.text)
        if got.rstrip("\n") != command.want.rstrip("\n"):
            self.answers.append((command.span, got))
            self.failures.append(f"line {command.line}: $ {command.text}\nexpected:\n{command.want}\ngot:\n{got}")

    def _example(self, example: doctest.Example) -> None:
        heard: list[str] = []
        test = doctest.DocTest([example], self._names, self.path.name, str(self.path), 0, None)
        self._runner.run(test, out=heard.append, clear_globs=False)
        self._names = test.globs
        if heard:
            self.failures.append(f"line {example.lineno + 1}: {''.join(heard)}")

    def _file(self, block: Block) -> None:
        if block.kind == "literalinclude" or block.argument in ("text", "powershell"):
            return
        name = block.options.get("caption", block.options.get("name"))
        if name is None:
            self.failures.append(f"line {block.line}: a block in {block.argument} without a caption: nothing tests it")
            return
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        if problems := problems_of(path, block):
            self.failures.append(f"line {block.line}: {name}:\n" + "\n".join(problems))


def problems_of(path: Path, block: Block) -> list[str]:
    """Return what is wrong with the sheet in a block; where it should be broken, that it isn't."""
    from ways.api import Session

    is_python_sheet = path.suffix == ".py" and re.search(r"^plugins\b|^def get_sheet\b", block.text, re.MULTILINE)
    if path.name.startswith(".ways_plugin_info") or not (path.suffix in SHEET_SUFFIXES or is_python_sheet):
        return []
    if block.options.get("class") == "other":
        return []
    session = Session()
    session.add_search_path(str(path))
    is_broken = "broken" in block.options.get("class", "")
    if is_broken:
        return [] if session.problems else ["the page says that it is broken, but it has no problem"]
    return [str(problem) for problem in session.problems]


def tables(text: str) -> list[list[list[str]]]:
    """Return the list-tables of a page: for each its rows, the heading first, and for each row its cells."""
    found: list[list[list[str]]] = []
    for part in re.split(r"^\.\. list-table::.*$", text, flags=re.MULTILINE)[1:]:
        rows: list[list[str]] = []
        for line in part.splitlines():
            if line and not line.startswith("   "):
                break
            if line.startswith("   * - "):
                rows.append([line[7:].strip()])
            elif re.match(r"     -( |$)", line):
                rows[-1].append(line[7:].strip())
            elif rows and line.strip():
                rows[-1][-1] += f" {line.strip()}"
        found.append(rows)
    return found


def literals(cell: str) -> list[str]:
    """Return what stands between double backquotes."""
    return re.findall(r"``([^`]+)``", cell)
