"""The pages build."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from documentation.examples import DOCS


@pytest.mark.skipif(importlib.util.find_spec("sphinx") is None, reason="Sphinx is not installed (extra 'docs')")
def test_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    """Sphinx, for which a warning is an error, makes a page of each file."""
    options = ["-q", "-W", "-b", "html", "-d", str(tmp_path / "trees")]
    command = [sys.executable, "-m", "sphinx", *options, str(DOCS), str(tmp_path / "html")]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONWARNINGS": ""}, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "html" / "tutorial.html").is_file()
