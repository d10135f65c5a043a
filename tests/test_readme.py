"""The README's Python example runs as it stands; ``.ci/run`` runs its commands."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from conftest import ROOT
from documentation.examples import Page, blocks

pytestmark = pytest.mark.portability

README = (ROOT / "README.rst").read_text(encoding="utf-8")


def _block(after: str) -> str:
    """Return the indented block that follows a line."""
    start = README.index(after) + len(after)
    found = re.match(r"\n\n((?:   .*\n|\n)+)", README[start:])
    assert found, after
    return textwrap.dedent(found[1]).strip("\n") + "\n"


def test_the_python_example_prints_what_the_readme_says(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(_block(".. code-block:: python"), "README.rst", "exec"), {"__name__": "readme"})
    assert capsys.readouterr().out == _block("It prints::")


def test_the_python_example_has_at_most_twenty_statements_and_two_commands_set_up_all() -> None:
    lines = [line for line in _block(".. code-block:: python").splitlines() if line]
    assert len(lines) <= 22
    assert len(re.findall(r"^   \$ python3 -m venv ", README, re.MULTILINE)) == 2


def test_what_the_readme_shows_is_what_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sheets load and its commands print what stands below them, but for those that make an environment."""
    lines = README.splitlines()
    for block in blocks(README):
        if block.argument == "python" or block.text.startswith("$ python3 -m venv"):
            lines[block.line - 1 : block.span[1]] = [""] * (block.span[1] - block.line + 1)
    (tmp_path / "README.rst").write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    page = Page(tmp_path / "README.rst", tmp_path)
    page.run()
    assert not page.failures, "\n\n".join(page.failures)
    assert len(page.events()) >= 9


def test_what_the_readme_links_to_is_there() -> None:
    links = re.findall(r"<([^<>`\s]+)>`_|image:: (\S+)", README)
    places = [link or picture for link, picture in links if "://" not in link]
    assert len(places) >= 20 and [place for place in places if not (ROOT / place).exists()] == []
