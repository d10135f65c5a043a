"""``python -m tests.systems.openassetio.versions``: OpenAssetIO's compliance suite with each release that hosts bring.

Makes a virtual environment for each in a temporary folder; needs the network, and a Python that has wheels of all of them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from ways.systems.openassetio.__main__ import PLUGIN_PATH

ROOT = Path(__file__).resolve().parents[3]
#: The release, and how many tests of its suite are skipped: 1.0.0b2 has two for a rule that later releases dropped.
RELEASES = {"1.0.2": 0, "1.0.0": 0, "1.0.0rc1.post0": 0, "1.0.0b2.post1": 2}
PACKAGES = ("pyyaml", "regex", "parse", "platformdirs", "click", "rich")


def said_with(release: str, folder: Path) -> str:
    """Return what the compliance suite of a release says."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    subprocess.run([python, "-m", "pip", "install", "-q", f"openassetio=={release}", *PACKAGES], check=True)
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "OPENASSETIO_PLUGIN_PATH": PLUGIN_PATH, "WAYS_DESCRIPTORS": ""}
    command = [python, "-m", "openassetio.test.manager", "-f", Path(__file__).parent / "fixtures.py"]
    return subprocess.run(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8").stdout


def main() -> None:
    """Print a line for each release; end with 1 if one of them isn't as expected."""
    is_good = True
    for release, skipped in RELEASES.items():
        with tempfile.TemporaryDirectory() as folder:
            said = said_with(release, Path(folder))
        ran = re.search(r"^Ran (\d+) tests", said, re.MULTILINE)
        expected = f"OK (skipped={skipped})" if skipped else "OK"
        if ran and int(ran[1]) - skipped >= 69 and said.rstrip().endswith(f"\n{expected}"):
            print(f"{release}: {ran[0]}, {expected}")
        else:
            is_good = False
            print(f"{release}: not as expected\n{said}")
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
