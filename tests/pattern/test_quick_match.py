"""Which texts a match alone decides, for each form of the language."""

from __future__ import annotations

from typing import Any

import pytest

from ways.errors import MatchTimeoutError
from ways.pattern.exact_reader import ExactReader
from ways.pattern.pattern import Pattern
from ways.pattern.quick_match import are_parts_told
from ways.pattern.template import Template
from ways.regex import timed_engine

LETTERS = {"parse": {"regex": "[a-z]+"}}


def pattern_of(mapping: str, **details: dict[str, Any]) -> Pattern:
    return Pattern(Template.of(mapping, details, 2, dict.fromkeys(details, 2)))


@pytest.fixture(autouse=True)
def nothing_is_read_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let neither the exact reader nor the timed engine answer."""
    monkeypatch.setattr(ExactReader, "read", None)
    monkeypatch.setattr(timed_engine, "compiled_by_regex", None)


@pytest.mark.parametrize(
    "mapping, details, text, values",
    [
        ("/p/{A}.{V:03d}.exr", {}, "/p/a.003.exr", {"A": "a", "V": "003"}),
        ("/p/{A}.{D:%Y%m%d}", {}, "/p/a.20240229", {"A": "a", "D": "20240229"}),
        ("/p/{A}_{B}", {"A": {"choices": {"animation": "anm"}}}, "/p/anm_x", {"A": "anm", "B": "x"}),
        ("/p/{A}/{A}_{B}", {}, "/p/a/a_b", {"A": "a", "B": "b"}),
        ("/p/{P}.x", {"P": {"mapping": "{A}_{B}", "parse": {"regex": "[a-z]_.+"}}}, "/p/a_b.x", {"A": "a", "B": "b"}),
        ("/p/{A}.{F:04d}.exr", {"F": {"sequence": True}}, "/p/a.1001-1100x2####.exr", {"A": "a", "F": "1001-1100x2####"}),
        ("/p/{A}/{A}.{F}.exr", {"F": {"sequence": True}}, "/p/a/a.1001.exr", {"A": "a", "F": "1001"}),
        ("/p/{A}/x/{B}", {"A": {"segments": True}}, "/p/a/b/x/c", {"A": "a/b", "B": "c"}),
        ("/p/{A}[-{N}].{E}", {"A": LETTERS}, "/p/a-n.exr", {"A": "a", "N": "n", "E": "exr"}),
        ("/p/{A}[-{N}].{E}", {"A": LETTERS}, "/p/a.exr", {"A": "a", "E": "exr"}),
        ("/p/{A}[_{N}].{E}", {}, "/p/a.exr", {"A": "a", "E": "exr"}),
        ("/p[/{A}]/x/{B}", {}, "/p/x/b", {"B": "b"}),
        ("/p/[{A}-{C}-][{A}_]{B}", {"B": LETTERS}, "/p/a_b", {"A": "a", "B": "b"}),
    ],
)
def test_a_match_alone_reads_each_form(mapping: str, details: dict[str, Any], text: str, values: dict[str, str]) -> None:
    pattern = pattern_of(mapping, **details)
    match = pattern.match_complete(text)
    assert match is not None and pattern.values(match) == values and list(pattern.values(match)) == list(values)
    assert pattern.match_complete(text + "/y") is None


@pytest.mark.parametrize(
    "mapping, details, text",
    [
        ("/p/{A}[_{N}].{E}", {}, "/p/a_n.exr"),
        ("/p/{P}_{C}", {"P": {"mapping": "{A}_{B}", "parse": {"regex": "._."}}}, "/p/a_b_c_d"),
        ("/p/{A}.{D:%Y%m%d}", {}, "/p/a.20240230"),
    ],
    ids=["two sets of parts", "another division", "no day"],
)
def test_what_a_match_cannot_decide_is_left_to_the_exact_reading(mapping: str, details: dict[str, Any], text: str) -> None:
    with pytest.raises(MatchTimeoutError):
        pattern_of(mapping, **details).match_complete(text)


@pytest.mark.parametrize(
    "mapping, is_told",
    [
        ("/{X}/{A}[-{N}].{X}", True),
        ("/{A}[-{N}][_{B}].{X}", True),
        ("/{A}[-{N}[_{B}]].{X}", True),
        ("/{A}.{B}[-{N}]", True),
        ("/[{X}-]{A}.{B}", True),
        ("/{X}[-{N}].exr", False),
        ("/{X}_{A}[-{N}].{B}", False),
        ("/{A}[.{N}].{X}", False),
        ("/{A}[-{N}][-{B}].{X}", False),
        ("/{A}[a{N}].{X}", False),
        ("/{A}[{N}].{X}", False),
        ("/{A}[/{N}]/{X}", False),
        ("/{S}/{A}[-{N}].exr", False),
        ("/{A}[-{N}]{B}", True),
    ],
)
def test_parts_are_told_where_a_character_decides(mapping: str, is_told: bool) -> None:
    details = {name: LETTERS for name in "ABN"} | {"S": {"segments": True}}
    assert are_parts_told(Template.of(mapping, details, 2)) is is_told


@pytest.mark.parametrize(
    "mapping, is_told",
    [("[-{A}][_{B}]-b", False), ("[-{A}][_{B}].b", True), ("[-{A}][_{B}]c-b", False), ("x[-{A}]_b", True), ("x[_{A}]_b", False)],
)
def test_a_part_is_told_by_what_may_follow_in_its_place(mapping: str, is_told: bool) -> None:
    assert are_parts_told(Template.of(mapping, {"A": LETTERS, "B": LETTERS}, 2, {"A": 2, "B": 2})) is is_told
