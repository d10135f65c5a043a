"""Faults of mappings and tokens, reported at load with place and caret; the other plugins load."""

from __future__ import annotations

import pytest

from ways.api import Session

CASES = {
    "open": ("mapping: 'x[_{A}'", "mapping", "This bracket is never closed", "x[_{A}\n   ^"),
    "closed": ("mapping: 'x_{A}]'", "mapping", "This bracket closes nothing", "x_{A}]\n       ^"),
    "no-token": ("mapping: '{A}[x]'", "mapping", "This optional part has no token", "{A}[x]\n     ^^^"),
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


@pytest.mark.parametrize(
    "written, found",
    [
        ("mapping: 'x_{A:%d.%d}'", "found '%d.%d', in which the day stands twice"),
        ("mapping: 'x_{A}', mapping_details: {A: {format: '%Y-%m-%Y'}}", "found '%Y-%m-%Y', in which the year stands twice"),
        ("mapping: 'x_{A}', mapping_details: {A: {mapping: '{B:%j.%j}'}}", "in which the day of the year stands twice"),
    ],
    ids=["inline", "key", "mapping of a token"],
)
def test_a_date_that_has_a_part_twice_is_one_error(session: Session, write_sheet, written, found):
    session.add_search_path(write_sheet(f"globals: {{syntax: 2}}\nplugins: {{bad: {{hierarchy: bad, {written}}}}}\n"))
    [problem] = session.problems
    assert (problem.level, problem.code) == ("error", "token-language") and problem.message.endswith(found)
    assert ("{MAJOR:d}.{MINOR:d}" in problem.help) == ("%d.%d" in found)


@pytest.mark.parametrize("spec", ["%Y/%Y-%m-%d", "%Y-%m-%d %%%%", "%a %A", "%H %I%p"])
def test_a_date_may_have_a_part_again_in_another_folder_or_in_another_form(session: Session, write_sheet, spec):
    session.add_search_path(write_sheet(f"globals: {{syntax: 2}}\nplugins: {{good: {{hierarchy: good, mapping: 'x/{{A:{spec}}}'}}}}\n"))
    assert not session.problems


def test_in_syntax_1_a_date_that_has_a_part_twice_is_a_warning(session: Session, write_sheet):
    session.add_search_path(write_sheet("plugins: {good: {hierarchy: good, mapping: 'x_{A:%d.%d}'}}\n"))
    assert [problem.level for problem in session.problems] == ["warning"] and session.get_context("good") is not None


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


@pytest.mark.parametrize(
    "spec, written",
    [
        ("%04d", "{A:04d} for a number of 4 digits"),
        ("####", "{A:04d} for a number of 4 digits"),
        ("3", "{A:03d} for a number of 3 digits"),
    ],
)
def test_how_a_number_is_written_is_told(session: Session, write_sheet, spec, written):
    session.add_search_path(write_sheet(f"globals: {{syntax: 2}}\nplugins: {{a: {{hierarchy: a, mapping: 'x{{A:{spec}}}'}}}}\n"))
    [problem] = session.problems
    assert problem.help == f"Write {written}."


def test_a_format_in_the_mapping_counts_for_what_the_details_say(session: Session, write_sheet):
    details = "{A: {choices: [x1]}, B: {choices: [x1]}, C: {mapping: '{B:d}'}}"
    session.add_search_path(write_sheet(f"plugins: {{a: {{hierarchy: a, mapping: '{{A:d}}/{{C}}', mapping_details: {details}}}}}\n"))
    assert [problem.source.pointer[2:] for problem in session.problems] == [
        ("mapping_details", name, "choices") for name in ("A", "B")
    ]


def test_a_token_loses_the_key_that_can_not_be_used_and_no_other(session: Session, write_sheet):
    details = "{A: {format: foo, default: b, choices: [a, b]}}"
    session.add_search_path(write_sheet(f"plugins: {{a: {{hierarchy: a, mapping: '{{A}}', mapping_details: {details}}}}}\n"))
    assert [problem.source.pointer[-1] for problem in session.problems] == ["format"]
    assert session.need_context("a").get_mapping_details() == {"A": {"default": "b", "choices": ["a", "b"]}}


def test_the_mapping_of_a_token_is_checked_as_that_of_the_place(session: Session, write_sheet):
    text = "globals: {syntax: 2}\nplugins: {a: {hierarchy: a, mapping: 'x{A}', mapping_details: {A: {mapping: 'x[_{B}'}}}}\n"
    session.add_search_path(write_sheet(text))
    assert [problem.source.pointer[2:] for problem in session.problems] == [("mapping_details", "A", "mapping")]


def test_a_circle_that_another_plugin_may_end_is_no_fault_of_the_sheet(session: Session, write_sheet):
    circle = "hierarchy: a, syntax: 2, mapping: 'x{A}', mapping_details: {A: {mapping: '{B}'}, B: {mapping: '{A}'}}"
    ends = "hierarchy: a, syntax: 2, mapping_details: {B: {parse: {regex: '[a-z]+'}}}"
    session.add_search_path(write_sheet(f"plugins: {{a: {{{circle}}}, b: {{{ends}}}}}\n"))
    assert session.problems == [] and session.read("xyz", "a").values == {"B": "yz"}
