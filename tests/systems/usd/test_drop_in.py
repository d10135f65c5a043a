"""A script for ``pxr`` does the same with ``ways.systems.usd`` in its place: name by name, and as a whole."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from systems.usd.record import RECORD, answers
from systems.usd.test_usd_peer import PEER
from systems.usd.usd_table import PAGE, ROWS, TF

HERE = Path(__file__).parent
RECORDED: list[Any] = json.loads(RECORD.read_text(encoding="utf-8"))
NUMBERED = [pytest.param(number, id=f"{number}-{subject}") for number, (subject, _) in enumerate(ROWS)]
needs_peer = pytest.mark.skipif(not PEER, reason="usd-core is not installed")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return answers(sys.executable, "ways.systems.usd", str(tmp_path_factory.mktemp("ours")))


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return answers(PEER, "pxr", str(tmp_path_factory.mktemp("theirs")))


def test_each_name_of_the_page_has_a_row() -> None:
    names = {*(f"Plug.{name}" for name in PAGE), *(f"Tf.{name}" for name in TF)}
    assert names == {subject for subject, _ in ROWS} and len(RECORDED) == len(ROWS)


@pytest.mark.parametrize("number", NUMBERED)
def test_each_row_gives_what_openusd_gave(number: int, ours: list[Any]) -> None:
    assert ours[number] == RECORDED[number], ROWS[number][1]


@needs_peer
@pytest.mark.parametrize("number", NUMBERED)
def test_openusd_gives_what_is_recorded(number: int, theirs: list[Any]) -> None:
    assert theirs[number] == RECORDED[number], ROWS[number][1]
