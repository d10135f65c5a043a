"""The README's Python example runs as it stands; ``.ci/run`` runs its commands."""

from __future__ import annotations

import re
import textwrap

import pytest

from conftest import ROOT

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
    assert len(re.findall(r"^   \$ ", README, re.MULTILINE)) == 2
