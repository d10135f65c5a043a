"""Records of texts as lines of JSON: each is the document that json writes of its record, and comes as soon as it can."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    pieces = [b"a\nb", b"c", b"\n\xff\xe2", b"\x82\xac\n\nd"]
    assert list(streams._texts_in(pieces, b"\n", 100)) == [["a"], ["bc"], ["\udcff€", ""], ["d"]]


@given(st.lists(st.binary(max_size=9).map(lambda piece: piece.replace(b"c", b"\n")), max_size=12), st.integers(0, 3))
def test_however_texts_arrive_each_is_whole_or_cut_beyond_the_limit(pieces: list[bytes], longest: int) -> None:
    told = [text for block in streams._texts_in(filter(None, pieces), b"\n", longest) for text in block]
    whole = b"".join(pieces).split(b"\n")
    assert len(told) == len(whole) - (not whole[-1])
    for text, data in zip(told, whole):
        if isinstance(text, streams.CutText):
            assert text.size == len(data) and len(text) == longest + 1
            assert data.startswith(text[:longest].encode("utf-8", "surrogateescape"))
        else:
            assert text.encode("utf-8", "surrogateescape") == data


def test_an_answer_does_not_wait_for_the_next_text(write_sheet: Callable[..., str]) -> None:
    command = [sys.executable, "-m", "ways", "--sheets", write_sheet(SHEET), "resolve", "--format", "json", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        for text in ("/jobs/a", "/jobs/b"):
            process.stdin.write(f"{text}\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["text"] == text
        process.stdin.close()
