"""Faults of mappings and tokens, reported at load with place and caret; the other plugins load."""

from __future__ import annotations

import pytest

from ways.api import Session

CASES = {
    "open": ("mapping: 'x[_{A}'", "mapping", "This bracket is never closed", "x[_{A}\n   ^"),
    "closed": ("mapping: 'x_{A}]'", "mapping", "This bracket closes nothing", "x_{A}]\n       ^"),
    "no-token": ("mapping: '{A}[x]'", "mapping", "This part holds no token", "{A}[x]\n     ^^^"),
    "unknown-spec": ("mapping: 'x_{A:foo}'", "mapping", "expected a format such as", "x_{A:foo}\n       ^^^"),
    "two-inline": ("mapping: 'x_{A:03d}{A:d}'", "mapping", "two types: '03d' and 'd'", "x_{A:03d}{A:d}\n              ^"),
    "two-types": ("mapping: 'x_{A:03d}', mapping_details: {A: {format: d}}", "mapping", "two types", "x_{A:03d}\n    ^^^^^^^"),
    "empty": ("mapping: '[{A}]'", "mapping", "the mapping would be empty", "[{A}]\n  ^^^^^"),
    "empty-below": ("mapping: '{A}', mapping_details: {A: {mapping: '[{B}]'}}", "mapping", "would be empty", "{A}\n  ^^^"),
    "bad-format": ("mapping: 'x{A}', mapping_details: {A: {format: foo}}", "mapping_details.A.format", "found 'foo'", "x{A}\n   ^^^"),
    "choices-regex": (
        "mapping: 'x{A}', mapping_details: {A: {choices: [a, 1], parse: {regex: '[a-z]'}}}",
        "mapping_details.A.choices", "expected choices that fit the expression '[a-z]', found '1'", "x{A}\n   ^^^",
    ),
    "choices-format": (
        "mapping: 'x{A}', mapping_details: {A: {choices: [x1], format: d}}",
        "mapping_details.A.choices", "expected choices that fit the format 'd', found 'x1'", "x{A}\n   ^^^",
    ),
    "choices-twice": (
        "mapping: 'x{A}', mapping_details: {A: {choices: {a: x, b: x}}}",
        "mapping_details.A.choices", "found 'x' twice", "x{A}\n   ^^^",
    ),
    "choices-swapped": (
        "mapping: 'x{A}', mapping_details: {A: {choices: {a: b, b: a}}}",
        "mapping_details.A.choices", "found 'a' as both", "x{A}\n   ^^^",
    ),
    "default-choices": (
        "mapping: 'x{A}', mapping_details: {A: {choices: [anim, comp], default: anmi}}",
        "mapping_details.A.default", "Did you mean 'anim'?", "x{A}\n   ^^^",
    ),
    "default-format": (
        "mapping: 'x{A}', mapping_details: {A: {format: 03d, default: '7'}}",
        "mapping_details.A.default", "fits the format '03d', found '7'", "x{A}\n   ^^^",
    ),
    "sequence-format": (
        "mapping: 'x{A}', mapping_details: {A: {format: x, sequence: true}}",
        "mapping_details.A.sequence", "format of a sequence", "x{A}\n   ^^^",
    ),
    "sequence-choices": (
        "mapping: 'x{A}', mapping_details: {A: {choices: [1], sequence: true}}",
        "mapping_details.A.sequence", "no choices beside a sequence", "x{A}\n   ^^^",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_one_error_with_its_place_and_a_caret(session: Session, write_sheet, name):
    written, pointer, message, excerpt = CASES[name]
    sheet = "globals: {syntax: 2}\nplugins:\n  good: {hierarchy: good, mapping: 'good/{G}'}\n  bad: {hierarchy: bad, %s}\n"
    path = write_sheet(sheet % written)
    session.add_search_path(path)
    [problem] = session.problems
    assert (problem.level, problem.code, problem.source.line) == ("error", "token-language", 4)
    assert message in problem.message and problem.source.column > 1
    lines = str(problem).splitlines()
    assert lines[0].startswith(f"{path}:4:{problem.source.column}: plugins.bad.{pointer}: ")
    assert "\n".join(line[2:] if number == 0 else line for number, line in enumerate(lines[1:])) == excerpt
    assert session.read("good/1").hierarchy == "good"
    assert session.get_context("bad") is None


def test_in_syntax_1_a_token_that_cannot_be_used_only_loses_the_key(session: Session, write_sheet):
    session.add_search_path(write_sheet("plugins:\n  bad: {hierarchy: bad, mapping: 'x{A}', mapping_details: {A: {format: foo}}}\n"))
    assert [problem.level for problem in session.problems] == ["error"]
    assert session.get_asset({"A": "any"}, "bad").get_str() == "xany"


def test_old_sheets_keep_their_meaning(session: Session, write_sheet):
    session.add_search_path(write_sheet("""
        plugins:
          old: {hierarchy: old, mapping: 'old/[{A}]/{B:what}'}
          named: {hierarchy: named, mapping: 'named/{C:d}', mapping_details: {'C:d': {parse: {regex: '[a-z]+'}}}}
    """))
    assert [problem.level for problem in session.problems] == ["warning"]
    assert session.read("old/[1]/x").values == {"A": "1", "B:what": "x"}
    assert session.read("named/abc").values == {"C:d": "abc"}
    assert session.need_context("old").get_str() == "old/[{A}]/{B:what}"


WRONG = ["choices: 3", "choices: []", "choices: [yes]", "choices: [[a]]", "format: 3", "default: [1]", "sequence: []"]


@pytest.mark.parametrize("entry", WRONG)
def test_a_new_key_of_a_wrong_shape_is_ignored_with_a_warning(session: Session, write_sheet, entry):
    session.add_search_path(write_sheet("plugins:\n  a: {hierarchy: a, mapping: 'a/{A}', mapping_details: {A: {%s}}}\n" % entry))
    [problem] = session.problems
    assert problem.level == "warning" and "the key is ignored" in problem.message
    assert session.read("a/anything").values == {"A": "anything"}


def test_when_of_a_wrong_shape_is_ignored_with_a_warning(session: Session, write_sheet):
    session.add_search_path(write_sheet("plugins:\n  a: {hierarchy: a, mapping: 'a/{A}', when: [x]}\n"))
    assert [problem.level for problem in session.problems] == ["warning"]
    assert session.read("a/1").hierarchy == "a"
