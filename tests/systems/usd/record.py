"""Records what OpenUSD itself answers to each row of the table: ``python -m tests.systems.usd.record``, where usd-core is installed.

WAYS_USD_PYTHON names another interpreter that has it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RECORD = HERE / "recorded.json"


def answers(python: str, package: str, root: str) -> list[Any]:
    """Return what a package answers to each row, in a new process."""
    command = [python, str(HERE / "usd_table.py"), package, root]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True, encoding="utf-8")
    given: list[Any] = json.loads(done.stdout.rpartition("@@ ")[2])
    return given


def main() -> None:
    with tempfile.TemporaryDirectory() as root:
        given = answers(os.environ.get("WAYS_USD_PYTHON") or sys.executable, "pxr", root)
    RECORD.write_text("[\n" + ",\n".join(map(json.dumps, given)) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
