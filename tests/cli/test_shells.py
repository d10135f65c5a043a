"""Completion in real shells: keys are typed in a terminal, and the command tells what words it got."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from ways.cli.complete.scripts import SCRIPTS

if sys.platform == "win32":
    pytest.skip("Windows has no terminals of this kind", allow_module_level=True)

from cli.terminal import Terminal, installed  # noqa: E402

SHEET = """
globals: {syntax: 2}
plugins:
  job: {hierarchy: job, mapping: 'jobs/{JOB}'}
  step:
    hierarchy: job/step
    mapping: 'jobs/{JOB}/{STEP}'
    mapping_details:
      STEP: {choices: {animation: anm, layout: lay out, dollar: '$x"y'}}
  other: {hierarchy: my place/new, mapping: '{X}'}
"""


@pytest.fixture(scope="module", params=installed())
def terminal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "sheet.yml").write_text(SHEET, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAYS_DESCRIPTORS", "sheet.yml")
        patch.setenv("WAYS_CACHE", "0")
        patch.setenv("LC_ALL", "C.UTF-8")
        opened = Terminal(request.param, folder)
    yield opened
    opened.close()


def test_a_shell_is_here() -> None:
    """Those that are not installed are not tried; bash always is."""
    assert {"bash"} <= set(installed()) <= set(SCRIPTS)


@pytest.mark.parametrize(
    "keys, words",
    [
        ("ways tre", ["tree"]),
        ("ways tree job/s", ["tree", "job/step"]),
        ("ways tree my", ["tree", "my place/new"]),
        ('ways tree "my pl', ["tree", "my place/new"]),
        ("ways format job/step ST", ["format", "job/step", "STEP="]),
        ("ways format job/step STEP=a", ["format", "job/step", "STEP=anm"]),
        ("ways format job/step STEP=la", ["format", "job/step", "STEP=lay out"]),
        ('ways format job/step "STEP=la', ["format", "job/step", "STEP=lay out"]),
        ("ways format job/step 'STEP=la", ["format", "job/step", "STEP=lay out"]),
        ("ways format job/step STEP=\\$", ["format", "job/step", 'STEP=$x"y']),
        ("ways explain job/step:mapping_details.ST", ["explain", "job/step:mapping_details.STEP"]),
        ("ways resolve --to=win", ["resolve", "--to=windows"]),
        ("ways --sheets she", ["--sheets", "sheet.yml"]),
        ("true; ways tree job/s", ["tree", "job/step"]),
    ],
    ids=lambda value: value.replace("/", "-") if isinstance(value, str) else "",
)
def test_a_word_is_completed(terminal: Terminal, keys: str, words: list[str]) -> None:
    assert terminal.typed(keys) == words


def test_ways_to_go_on_are_shown(terminal: Terminal) -> None:
    seen = terminal.shown("ways ")
    assert all(name in seen for name in ("tree", "resolve", "format", "doctor"))
