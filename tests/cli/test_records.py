"""Records of texts as lines of JSON: each is the document that json writes of its record, and comes as soon as it can."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from ways.api import TIERS, Session
from ways.cli import streams
from ways.cli.draw.console import as_json
from ways.cli.records import JsonLines, record_of

SHEET = """
    globals: {syntax: 2}
    plugins:
      job: {hierarchy: job, mapping: '/jobs/{JOB}', mapping_details: {JOB: {}}}
      shot: {hierarchy: job/shot, mapping: '/jobs/{JOB}/{NAME}[-{NOTE}]'}
      one: {hierarchy: one, mapping: '/same/{A}'}
      two: {hierarchy: two, mapping: '/same/{B}'}
"""
TEXTS = ["/jobs/%s", '/jobs/"\x1b', "/jobs/a/b", "/jobs/a/b-c", "/jobs/a/b", "/jobs/é\udcff/x-\\", "/same/a", "/nothing", ""]


@pytest.fixture
def session(write_sheet: Callable[..., str]) -> Session:
    session = Session()
    session.add_search_path(write_sheet(SHEET))
    return session


@pytest.mark.parametrize("tiers", [("a",), TIERS], ids=["strict", "lenient"])
def test_each_line_is_what_json_writes_of_the_record(session: Session, tiers: Any) -> None:
    answers = list(session.read_many(TEXTS * 2, tiers=tiers))
    written = JsonLines()
    assert written.lines(answers) == [as_json(record_of(text, answer)) for text, answer in answers]
    assert not written.is_good


def test_a_text_is_in_the_block_of_its_end() -> None:
    class Pipe(io.BytesIO):
        def read1(self, size: int = -1) -> bytes:
            return next(pieces, b"")

    pieces = iter([b"a\nb", b"c", b"\n\xff\xe2", b"\x82\xac\n\nd"])
    assert list(streams._blocks(Pipe(), b"\n")) == [["a"], ["bc"], ["\udcff€", ""], ["d"]]  # type: ignore[arg-type]


def test_an_answer_does_not_wait_for_the_next_text(write_sheet: Callable[..., str]) -> None:
    command = [sys.executable, "-m", "ways", "--sheets", write_sheet(SHEET), "resolve", "--format", "json", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        for text in ("/jobs/a", "/jobs/b"):
            process.stdin.write(f"{text}\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["text"] == text
        process.stdin.close()
