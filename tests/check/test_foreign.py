"""What other systems write into their templates, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from ways import api

SHEET = """
globals: {syntax: 2}
plugins:
  shot_root: {hierarchy: job/shot, mapping: '/shots/{SHOT:03d}'}
  work: {hierarchy: work, mapping: '%s', mapping_details: {NAME: {%s}}}
"""


def foreign(path: str) -> list[str]:
    """Return the help of each finding of something foreign."""
    return [finding.help for finding in api.check(path) if finding.code.startswith("foreign-")]


@pytest.mark.parametrize(
    "details, expression, good, bad",
    [
        ("filter_by: alphanumeric", r"[^\W_]+", "é1", "a_b"),
        ("filter_by: alpha", r"[^\W_0-9]+", "é", "a1"),
        (r"filter_by: 'v\d+'", r"v\d+", "v12", "12"),
        ("exclusions: [assets]", r"(?!assets$)[^/\\]+", "assets2", "assets"),
        ("exclusions: assets", r"(?!assets$)[^/\\]+", "assets2", "assets"),
        ("exclusions: [a.b, c]", r"(?!(?:a\.b|c)$)[^/\\]+", "axb", "c"),
        ("exclusions: [a], parse: {regex: a|b}", "(?!a$)(?:a|b)", "b", "a"),
        ("length: 3", r"[^/\\]{3}", "abc", "ab"),
        ("length: 3, parse: {regex: '[a-z]+'}", "(?=.{3}$)[a-z]+", "abc", "ab"),
    ],
)
def test_a_key_of_tk_core_is_answered_with_an_expression(
    write_sheet: Callable[..., str], details: str, expression: str, good: str, bad: str
) -> None:
    assert foreign(write_sheet(SHEET % ("/{NAME}", details))) == [f"Write parse: {{regex: '{expression}'}}."]
    assert re.fullmatch(expression, good) and not re.fullmatch(expression, bad)


def test_keys_of_one_token_are_answered_with_one_expression(write_sheet: Callable[..., str]) -> None:
    helps = foreign(write_sheet(SHEET % ("/{NAME}", "filter_by: alpha, length: 2, exclusions: [ab]")))
    assert helps == [r"Write parse: {regex: '(?!ab$)[^\W_0-9]{2}'}."] * 3


@pytest.mark.parametrize(
    "details, help",
    [
        (
            "alias: VERSION, format: 04d",
            "Write {VERSION} in the mapping in place of {NAME}: a token can have another format at each place.",
        ),
        ("subset: '([A-Z])'", "If the whole text is in the path, give NAME a mapping of the tokens that it consists of."),
        ("length: 1, choices: [a, b]", "Remove it: choices already says what the token holds."),
    ],
    ids=["alias", "subset", "choices"],
)
def test_other_keys_of_tk_core_are_answered_with_what_to_do(write_sheet: Callable[..., str], details: str, help: str) -> None:
    assert foreign(write_sheet(SHEET % ("/{NAME}", details))) == [help]


@pytest.mark.parametrize(
    "mapping, place", [("@shot_root/{NAME}", "job/shot"), ("@sequence_root/{NAME}", "sequence_root")], ids=["known", "unknown"]
)
def test_a_reference_of_tk_core_is_answered_with_those_of_ways(write_sheet: Callable[..., str], mapping: str, place: str) -> None:
    assert foreign(write_sheet(SHEET % (mapping, ""))) == [f"Write {{@{place}}}, or {{root}} with uses: [{place}]."]


@pytest.mark.parametrize("value, text, label", [("ma", "Maya Ascii (.ma)", "'Maya Ascii (.ma)'"), (1, "The artist's", "'The artist''s'")])
def test_a_text_that_looks_like_a_label_is_answered_with_how_to_write_one(
    write_sheet: Callable[..., str], value: object, text: str, label: str
) -> None:
    [finding] = api.check(write_sheet(SHEET % ("/{NAME}", f'choices: {{{value}: "{text}", b: "another label"}}')))
    assert (finding.code, finding.level) == ("choice-label", "note")
    assert finding.help == f"In Ways, the text on the right stands in the path. For a label, write {{text: {value}, label: {label}}}."
