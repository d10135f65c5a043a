"""Formats that an installed package adds, in the shell: read where they are asked for, by every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ways.cli.main import main

FORMAT = """
from ways.api import Draft

class Lines:
    name = "lines"
    suffixes = (".lines",)

    def looks_like(self, name, head):
        return name.endswith(".lines")

    def read(self, data, source, files=None):
        pairs = [line.split("=") for line in data.decode().splitlines()]
        return Draft({"plugins": {place: {"hierarchy": place, "mapping": mapping} for place, mapping in pairs}})
"""


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder with a sheet of a format that a package adds, which lies on the path as pip leaves it."""
    site = tmp_path / "site"
    info = site / "toy_lines-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "toy_lines_format.py").write_text(FORMAT, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-lines\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[ways.sheet_formats]\nlines = toy_lines_format:Lines\n", encoding="utf-8")
    monkeypatch.syspath_prepend(site)
    (tmp_path / "sheets").mkdir()
    (tmp_path / "sheets" / "a.lines").write_text("note=/notes/{DAY}\n", encoding="utf-8")
    return str(tmp_path / "sheets")


@pytest.mark.parametrize(
    "command, told",
    [
        (["tree"], "note"), (["sheets"], "lines"), (["context", "note"], "/notes/{DAY}"), (["resolve", "/notes/1"], "DAY = 1"),
        (["explain", "note:mapping"], "a.lines"), (["format", "note", "DAY=1"], "/notes/1"), (["check"], "1 sheet"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)  # fmt: skip
def test_every_command_reads_them_where_they_are_asked_for(lines: str, command: list[str], told: str) -> None:
    result = CliRunner().invoke(main, ["--installed-formats", "--sheets", lines, *command])
    assert result.exit_code == 0 and told in result.stdout


def test_they_are_read_of_the_environment_too(lines: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_DESCRIPTORS", lines)
    result = CliRunner().invoke(main, ["tree", "--format", "json", "--installed-formats"])
    assert "note" in json.dumps(json.loads(result.stdout))


def test_nobody_runs_them_unasked(lines: str) -> None:
    result = CliRunner().invoke(main, ["--sheets", lines, "tree"])
    assert result.exit_code == 2 and "No sheet could be read" in result.stderr
