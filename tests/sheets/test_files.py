"""Bytes to text: UTF-8, or what the byte-order mark says."""

from __future__ import annotations

import codecs
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.sheets import owners
from ways.sheets.files import FolderFiles, bytes_to_text
from ways.sheets.document import Problem, Source

pytestmark = pytest.mark.portability

HERE = Source("a.yml")
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


def test_text_without_a_mark_is_utf_8():
    assert bytes_to_text("größe: 3".encode(), HERE) == "größe: 3"


@pytest.mark.parametrize("encoding", MARKS)
def test_a_mark_says_the_encoding_and_is_not_part_of_the_text(encoding):
    assert bytes_to_text(MARKS[encoding] + "größe".encode(encoding), HERE) == "größe"


@pytest.mark.parametrize(
    "data, position, byte",
    [(b"a: \xff", (1, 4), "0xff"), (b"a: 1\nb: \xe4\n", (2, 4), "0xe4"), ("ä".encode() + b"\xff", (1, 2), "0xff")],
    ids=["first line", "second line", "after a letter of two bytes"],
)
def test_what_is_no_utf_8_is_a_problem_with_its_position(data, position, byte):
    problem = bytes_to_text(data, HERE)
    assert isinstance(problem, Problem)
    assert (problem.source.line, problem.source.column) == position
    assert problem.message == f"expected UTF-8 text, found the byte {byte}" and "UTF-8" in problem.help


def test_half_a_letter_of_utf_16_is_a_problem():
    problem = bytes_to_text(codecs.BOM_UTF16_LE + "ab".encode("utf-16-le")[:-1], HERE)
    assert isinstance(problem, Problem) and (problem.source.line, problem.source.column) == (1, 2)


@settings(deadline=None)
@given(st.text())
def test_utf_8_comes_back_as_it_was(text):
    assert bytes_to_text(codecs.BOM_UTF8 + text.encode(), HERE) == text


@settings(deadline=None)
@given(st.binary(max_size=20))
def test_any_bytes_give_a_text_or_a_problem(data):
    found = bytes_to_text(data, HERE)
    assert isinstance(found, (str, Problem))


def test_a_name_that_no_file_has_is_none(tmp_path):
    (tmp_path / "a.yml").write_text("x", encoding="utf-8")
    files = FolderFiles(str(tmp_path))
    assert files.read("a.yml") == b"x"
    for ask in (files.read, files.open, files.status):
        with pytest.raises(FileNotFoundError):
            ask("a\0.yml")
        with pytest.raises(OSError):
            ask("../" + tmp_path.name + "/a.yml")


@pytest.mark.skipif(os.name != "posix", reason="there are no users of that kind")
def test_owners_are_named_by_number_or_name_and_who_is_unknown_owns_nothing():
    own = {0, os.geteuid()}
    assert owners._believed(["4711", "root", "no such user", ""]) == own | {4711}
    assert owners.is_private_group(0) and not owners.is_private_group(4_294_000_000)
