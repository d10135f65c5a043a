"""The scripts of docs/howto/many-paths.rst print what the page shows. Each is skipped where what it needs isn't installed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from documentation.examples import DOCS, ROOT, blocks

BLOCKS = list(blocks((DOCS / "howto" / "many-paths.rst").read_text(encoding="utf-8")))
#: Each script, and the block after it.
SCRIPTS = {
    block.options["caption"]: (block.text, after.text)
    for block, after in zip(BLOCKS, BLOCKS[1:])
    if block.options.get("caption", "").startswith("with_")
}


@pytest.mark.parametrize(
    ("name", "needs"), [("with_polars.py", ["polars"]), ("with_dask.py", ["dask.dataframe", "pandas"]), ("with_arrow.py", ["pyarrow"])]
)
def test_a_script_prints_what_the_page_shows(name: str, needs: list[str]) -> None:
    for module in needs:
        pytest.importorskip(module, reason=f"{name} needs {module}")
    script, shown = SCRIPTS[name]
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == shown
