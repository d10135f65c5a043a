"""How tokens are written: slips in their names, spaces, braces and formats, each told at exactly the text that is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ways import api

SHOT = "SHOT: {parse: {regex: 's[0-9]+'}}"
VERSION = "VERSION: {parse: {regex: 'v[0-9]+'}}"
#: Says that the details of SHOT and VERSION are used.
USED = "{hierarchy: used, mapping: '/used/{SHOT}/{VERSION}'}"


def texts_at(path: str, findings: list[api.Finding]) -> list[str]:
    """Return the text that each finding points at, to the end of its line."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    return [lines[finding.source.line - 1][finding.source.column - 1 :] for finding in findings]


def of_code(code: str, findings: list[api.Finding]) -> list[api.Finding]:
    return [finding for finding in findings if finding.code == code]


@pytest.fixture
def shots(write_sheet: Callable[..., str]) -> Callable[[str], str]:
    """Write a sheet with one place below another that describes SHOT and VERSION, and return its path."""

    def write(mapping: str) -> str:
        return write_sheet(
            "plugins:\n"
            f"  top: {{hierarchy: used, mapping: '/used/{{SHOT}}/{{VERSION}}', mapping_details: {{{SHOT}, {VERSION}}}}}\n"
            f"  shot:\n    hierarchy: used/shot\n    mapping: '{mapping}'\n"
        )

    return write


def test_each_token_with_a_name_like_another_is_reported_also_several_in_one_mapping(shots: Callable[[str], str]) -> None:
    path = shots("/x/{SHTO}/{VERSON}/{shot}")
    findings = of_code("undescribed-token", api.check(path))
    case = " It differs from 'shot' only in upper and lower case."
    assert [finding.help for finding in findings] == ["Did you mean 'SHOT'?", "Did you mean 'VERSION'?", f"Did you mean 'SHOT'?{case}"]
    assert [text[:4] for text in texts_at(path, findings)] == ["SHTO", "VERS", "shot"]


@pytest.mark.parametrize("one, other", [("CAMERA_L", "CAMERA_R"), ("FRAME_IN", "FRAME_OUT"), ("PART1", "PART2"), ("HEAD", "HEAP")])
def test_words_that_differ_by_what_they_mean_are_no_slips(write_sheet: Callable[..., str], one: str, other: str) -> None:
    described = f"a: {{hierarchy: a, mapping: '/a/{{{one}}}/{{X}}', mapping_details: {{{one}: {{default: a}}}}}}"
    path = write_sheet(f"plugins:\n  {described}\n  b: {{hierarchy: a/b, mapping: '/b/{{{other}}}/{{X}}/{{Y}}'}}")
    assert of_code("undescribed-token", api.check(path)) == []


@pytest.mark.parametrize("token", ["Shot", "SH_OT", "SHTO"])
def test_a_name_that_differs_by_case_or_order_alone_is_reported_beside_the_other_one(shots: Callable[[str], str], token: str) -> None:
    findings = of_code("undescribed-token", api.check(shots(f"/x/{{SHOT}}/{{{token}}}/{{KIND}}")))
    assert [finding.help.partition("? ")[0].rstrip("?") for finding in findings] == ["Did you mean 'SHOT'"]


CASE = "It differs from {!r} only in upper and lower case."


@pytest.mark.parametrize(
    "code, plugins, name, help",
    [
        ("unknown-parent", "b: {hierarchy: b, uses: [show]}", "show", "Did you mean 'Show'?"),
        ("unresolved-parent", "b: {hierarchy: show/x}, c: {hierarchy: c, mapping: /c, uses: [show]}", "show", "Did you mean 'Show'?"),
        ("unknown-reference", "b: {hierarchy: b, mapping: '{@show}/b'}", "show", "Did you mean {@Show}?"),
        ("unused-details", "b: {hierarchy: b, mapping: '{k}', mapping_details: {K: {}}}", "K", "Did you mean 'k', which has none?"),
        ("unreachable-assignment", "b: {hierarchy: b, assignment: Master}", "Master", "Did you mean 'master'?"),
        ("impossible-condition", "b: {hierarchy: Show, when: {s: a}}", "s", "Did you mean 'S'?"),
    ],
)
def test_a_name_that_differs_by_case_alone_is_reported_as_that(
    write_sheet: Callable[..., str], code: str, plugins: str, name: str, help: str
) -> None:
    path = write_sheet(f"plugins: {{a: {{hierarchy: Show, mapping: '/shows/{{S}}', mapping_details: {{S: {{default: a}}}}}}, {plugins}}}")
    [finding] = of_code(code, api.check(path))
    assert finding.help == f"{help} {CASE.format(name)}"


def test_a_parent_that_differs_by_more_than_case_is_reported_without_that(write_sheet: Callable[..., str]) -> None:
    path = write_sheet("plugins: {a: {hierarchy: Show, mapping: /s}, b: {hierarchy: b, uses: [Shows]}}")
    [finding] = of_code("unknown-parent", api.check(path))
    assert finding.help == "Did you mean 'Show'?"


@pytest.mark.parametrize("token", ["sesion", "sesssion", "sessiion", "sessin"])
def test_a_name_with_a_letter_too_many_is_reported_beside_the_other_one(write_sheet: Callable[..., str], token: str) -> None:
    details = "session: {parse: {regex: '[a-z]+'}}"
    mapping = f"/x/[{{session}}/]{{OTHER}}/a[_ses-{{{token}}}]"
    path = write_sheet(f"plugins: {{a: {{hierarchy: a, syntax: 2, mapping: '{mapping}', mapping_details: {{{details}}}}}}}")
    [finding] = of_code("undescribed-token", api.check(path))
    assert finding.help == "Did you mean 'session'?"


@pytest.mark.parametrize("one, other", [("STAGE", "STATE"), ("SHOT", "SHOTS"), ("NAME", "RENAME"), ("left", "cleft"), ("class", "classy")])
def test_two_words_in_one_mapping_are_no_slip(write_sheet: Callable[..., str], one: str, other: str) -> None:
    entry = f"hierarchy: a, mapping: '/x/{{{one}}}/{{{other}}}/{{KIND}}', mapping_details: {{{one}: {{parse: {{regex: '[a-z]+'}}}}}}"
    assert of_code("undescribed-token", api.check(write_sheet(f"plugins: {{a: {{{entry}}}}}"))) == []


@pytest.mark.parametrize("token", ["SHOT_2", "SHOT_NAME", "SHOW", "VERSIONS_OUT", "VERSION_A", "SHOT2"])
def test_a_name_that_means_something_else_is_not_reported(shots: Callable[[str], str], token: str) -> None:
    assert of_code("undescribed-token", api.check(shots(f"/x/{{{token}}}/{{KIND}}"))) == []


def test_of_two_names_without_details_the_rarer_one_is_reported(write_sheet: Callable[..., str]) -> None:
    mappings = {"a": "/a/{SHOT}", "b": "/b/{SHOT}", "c": "/c/{SHTO}"}
    lines = [f"  {place}: {{hierarchy: {place}, mapping: '{mapping}'}}" for place, mapping in mappings.items()]
    [finding] = api.check(write_sheet("\n".join(["plugins:", *lines])))
    assert (finding.code, finding.help) == ("undescribed-token", "Did you mean 'SHOT'?")


def test_a_slip_whose_details_nothing_uses_is_reported_once_with_both_places(write_sheet: Callable[..., str]) -> None:
    details = "mapping_details:\n      VERSION: {default: '1'}"
    path = write_sheet(f"plugins:\n  a:\n    hierarchy: a\n    mapping: '/a/{{VERSON}}/{{X}}'\n    {details}")
    [finding] = api.check(path)
    assert (finding.code, finding.help) == ("unused-details", "Did you mean 'VERSON', which has none?")
    assert [(place.source.line, place.source.column) for place in finding.related] == [(4, 19)]


@pytest.mark.parametrize(
    "mapping, level, text, help",
    [
        ("/x/{ SHOT }", "error", "{ SHOT }", "Write {SHOT}."),
        ("/x/{SHOT }", "error", "{SHOT }", "Write {SHOT}."),
        ("/x/{ SHOT:03d}", "error", "{ SHOT:03d}", "Write {SHOT:03d}."),
        ("/x/{ }", "error", "{ }", "Write a token as {NAME}."),
        ("/x/{a b}", "warning", "{a b}", "Write {a_b}."),
    ],
)
def test_a_name_that_is_not_what_its_author_means_is_reported(
    shots: Callable[[str], str], mapping: str, level: str, text: str, help: str
) -> None:
    path = shots(mapping)
    [finding] = of_code("token-name", api.check(path))
    assert (finding.level, finding.help) == (level, help)
    assert texts_at(path, [finding]) == [f"{text}'"]


@pytest.mark.parametrize("spec, known", [("%03d", "03d"), ("####", "04d"), ("3d", "03d"), ("int", "")])
def test_a_format_of_another_tool_is_told_once_with_ours(shots: Callable[[str], str], spec: str, known: str) -> None:
    [finding] = [finding for finding in api.check(shots(f"/x/{{SHOT}}/{{VERSION}}/{{X:{spec}}}")) if finding.level != "note"]
    assert finding.code == "token-language"
    assert finding.help.startswith(f"Write {{X:{known}}}") if known else finding.help == ""


@pytest.mark.parametrize(
    "mapping, texts",
    [
        ("/x/{}/a", ["{}/a"]), ("/x/{{SHOT}}/a", ["{{SHOT}}/a"]), ("/x/{SHOT/a", ["{SHOT/a"]), ("/x/SHOT}/{", ["}/{", "{"]),
        ("/x/{{SHOT}/a", ["{{SHOT}/a"]),
    ],
)  # fmt: skip
def test_each_brace_that_is_no_part_of_a_token_is_reported(shots: Callable[[str], str], mapping: str, texts: list[str]) -> None:
    path = shots(mapping)
    findings = of_code("stray-brace", api.check(path))
    assert texts_at(path, findings) == [f"{text}'" for text in texts]


@pytest.mark.parametrize(
    "sheet, code",
    [
        ("plugins:\n  a:\n    hierarchy: a\n    mapping: >\n      /x/{ SHOT }", (5, 10)),
        ("plugins:\n  a:\n    hierarchy: a\n    mapping: \"/x\\t/{ SHOT }\"", (4, 20)),
        ("plugins:\n  a: {hierarchy: a, mapping: '/x/{ SHOT }'}", (2, 34)),
    ],
    ids=["block", "escapes", "flow"],
)
def test_the_place_is_that_of_the_text_or_of_its_key(write_sheet: Callable[..., str], sheet: str, code: tuple[int, int]) -> None:
    [finding] = of_code("token-name", api.check(write_sheet(sheet)))
    assert (finding.source.line, finding.source.column) == code


@pytest.mark.parametrize("key, engine", [("pattern", "regex"), ("regx", "regex"), ("wildcard", "glob")])
def test_an_engine_by_another_name_is_reported_with_ours(write_sheet: Callable[..., str], key: str, engine: str) -> None:
    sheet = f"plugins: {{a: {{hierarchy: a, mapping: '/x/{{A}}', mapping_details: {{A: {{parse: {{{key}: 'a'}}}}}}}}}}"
    [finding] = api.check(write_sheet(sheet))
    assert (finding.code, finding.help) == ("unknown-engine", f"Did you mean {engine!r}?")
