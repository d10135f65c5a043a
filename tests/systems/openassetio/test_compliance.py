"""OpenAssetIO's own suite for managers, in fresh processes: all of it runs, and nothing is skipped."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

pytest.importorskip("openassetio", reason="needs the extra openassetio: pip install '.[openassetio]'")

from ways.systems.openassetio.__main__ import PLUGIN_PATH

FIXTURES = Path(__file__).parent / "fixtures.py"


def compliance(**variables: str) -> str:
    """Return what the suite says."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OPENASSETIO_")}
    done = subprocess.run(
        [sys.executable, "-m", "openassetio.test.manager", "-f", str(FIXTURES)],
        env={**environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def assert_all_ran(said: str) -> None:
    ran = re.search(r"^Ran (\d+) tests", said, re.MULTILINE)
    assert ran and int(ran[1]) >= 69, said
    assert re.search(r"^OK$", said, re.MULTILINE) and "skipped" not in said, said


def test_the_manager_complies_when_it_is_found_by_the_plugin_path() -> None:
    assert_all_ran(compliance(OPENASSETIO_PLUGIN_PATH=PLUGIN_PATH, OPENASSETIO_DISABLE_ENTRYPOINTS_PLUGINS="1", PYTHONPATH=str(ROOT)))


def test_the_manager_complies_when_it_is_found_by_its_entry_point(tmp_path: Path) -> None:
    """The entry points of setup.cfg, as an installation has them."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    group = "openassetio.manager_plugin"
    installed = tmp_path / "ways_resolver-0.0.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: ways-resolver\nVersion: 0.0.0\n", encoding="utf-8")
    lines = settings.get("options.entry_points", group)
    (installed / "entry_points.txt").write_text(f"[{group}]{lines}\n", encoding="utf-8")
    assert_all_ran(compliance(PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)])))
