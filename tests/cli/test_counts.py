"""How many plugins a sheet has: those that are used, and none that was refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ways.cli.main import main

SHEET = """
globals: {syntax: 2}
plugins:
  port: {hierarchy: port, mapping: '/ports/{PORT}'}
  quay: {hierarchy: '{root}/quay', mapping: '{root}/{QUAY}', uses: [port, port/old]}
  open: {hierarchy: open, mapping: '/open[_{A}'}
  deep: {hierarchy: DEEP, mapping: /deep}
  typo: {hierarchy: 5, mapping: /typo}
"""


@pytest.mark.parametrize("command, path", [("sheets", ("plugins",)), ("doctor", ("search_paths", 0, "plugins"))], ids=["sheets", "doctor"])
def test_a_plugin_that_was_refused_is_not_counted(tmp_path: Path, command: str, path: tuple[str | int, ...]) -> None:
    (tmp_path / "a.yml").write_text(SHEET.replace("DEEP", "/".join("d" * 300)), encoding="utf-8")
    told = json.loads(CliRunner().invoke(main, ["--sheets", str(tmp_path / "a.yml"), command, "--format", "json"]).stdout)
    for key in path:
        told = told[key]
    assert told == 2
