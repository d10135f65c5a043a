"""What is drawn for a pipe is what rich draws without colors, and rich isn't imported for it."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable

import pytest
from cli.test_main import SHEET
from hypothesis import given
from hypothesis import strategies as st

from ways.cli.draw.console import draw
from ways.cli.draw.places import _short_call
from ways.cli.draw.shapes import Branch, Column, Drawing, FittedLine, Line, Table, plain_text
from ways.cli.draw.styled import console, renderable

WIDTH = 200
TEXTS = st.text(st.sampled_from("aZ {}/[]:_\n\t\r…界́üé\xad\u02ff "), max_size=12)
LINES = st.builds(lambda pairs: Line(*pairs), st.lists(st.tuples(TEXTS, st.sampled_from(["", "bold", "dim"])), min_size=1, max_size=3))
LABELS = LINES | st.builds(lambda text: FittedLine(lambda room: Line((text[:room].replace("\n", " "), ""))), TEXTS)


def _branch(label: Line | FittedLine, below: list[Branch]) -> Branch:
    branch = Branch(label)
    branch.branches += below
    return branch


def _table(columns: list[Column], texts: list[str]) -> Table:
    table = Table(*columns)
    rows = len(texts) // len(columns)
    for number in range(rows):
        table.add(*texts[number * len(columns) : (number + 1) * len(columns)])
    return table


BRANCHES = st.recursive(st.builds(Branch, LABELS), lambda below: st.builds(_branch, LABELS, st.lists(below, max_size=3)), max_leaves=8)
COLUMNS = st.lists(st.builds(Column, st.sampled_from(["a", "plugins"]), is_right=st.booleans(), is_folded=st.booleans()), min_size=1)
TABLES = st.builds(_table, COLUMNS, st.lists(TEXTS, max_size=9))


@given(st.lists(LINES | BRANCHES | TABLES, min_size=1, max_size=3))
def test_plain_text_is_what_rich_draws_without_colors(drawings: list[Drawing]) -> None:
    file = io.StringIO()
    console(file, WIDTH).print(renderable(drawings))
    plain = plain_text(drawings, WIDTH)
    # But for what fills its tables.
    assert plain is None or [line.rstrip(" ") for line in plain.split("\n")] == [line.rstrip(" ") for line in file.getvalue().split("\n")]


@pytest.mark.parametrize("text", ["x" * 300, "x" * 6000, "a\tb" * 30], ids=["long", "longer", "tabs"])
def test_a_long_text_makes_no_other_line_long(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(Column(), Column())
    for row in (("name", "short "), ("data", text)):
        table.add(*row)
    draw(table)
    assert capsys.readouterr().out.split("\n")[0] in ("name  short", "name  short ")


def test_what_may_be_folded_is_left_to_rich() -> None:
    assert plain_text([Line(("x" * 100, ""))], WIDTH) is not None
    assert plain_text([Line(("x" * 101, ""))], WIDTH) is None


@pytest.mark.parametrize("command", ["tree", "sheets", "context job", "explain job", "explain --path /jobs/foo", "resolve /jobs/foo"])
def test_a_pipe_needs_no_rich(write_sheet: Callable[..., str], command: str) -> None:
    code = "import sys; from ways.cli.main import main; main(sys.argv[1:], standalone_mode=False)"
    code = f"import atexit, sys; atexit.register(lambda: print(*[n for n in sys.modules if n.startswith('rich')], file=sys.stderr))\n{code}"
    call = [sys.executable, "-c", code, "--sheets", write_sheet(SHEET), *command.split()]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    assert done.stdout and done.stderr == "\n"


@pytest.mark.parametrize(
    ("mapping", "room", "short"),
    [
        ("bake(flour={flour}, mark={mark})", 40, "bake(flour={flour}, mark={mark})"),
        ("bake(flour={flour}, mark={mark})", 20, "bake(flour, mark)"),
        ("bake(flour={flour}, mark={mark})", 16, "bake(… 2 more)"),
        ("bake(flour={flour}, mark={mark})", 2, "bake(… 2 more)"),
        ("bake(of it={of it}, mark={mark})", 17, "bake(of it, mark)"),
        # No call: what names no token, or goes on behind it.
        ("/jobs/{JOB}/bake({flour}, mark={mark})", 10, "/jobs/{JOB}/bake({flour}, mark={mark})"),
        ("bake(flour={flour}).txt", 10, "bake(flour={flour}).txt"),
        ("bake()", 2, "bake()"),
    ],
)
def test_a_call_is_shortened_to_its_first_names(mapping: str, room: int, short: str) -> None:
    assert _short_call(mapping, room) == short
