"""What a conversion of sheets to ``syntax: 2`` would change or refuse: told, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import PLUGIN_SHEETS  # type: ignore[import-not-found]

from ways import api

JOB = "job: {hierarchy: job, mapping: '/jobs/{JOB}', mapping_details: {JOB: {parse: {regex: '[a-z]+'}}}}"


@pytest.fixture
def preview(write_sheet: Callable[..., str]) -> Callable[..., list[api.Finding]]:
    """Write plugins as a sheet, each on a line from the second on, and return what its conversion would do."""

    def check(*plugins: str) -> list[api.Finding]:
        return api.check(write_sheet("\n".join(["plugins:", *(f"  {plugin}" for plugin in plugins)])), as_syntax=2)

    return check


def told(findings: list[api.Finding]) -> list[tuple[str, str, int]]:
    return [(finding.code, finding.level, finding.source.line) for finding in findings]


def test_each_place_that_becomes_strict_is_a_note_with_the_tokens_nothing_is_said_of(preview: Callable[..., list[api.Finding]]) -> None:
    findings = preview(JOB, "shot: {hierarchy: '{root}/shot', mapping: '{root}/{SHOT}', uses: [job]}")
    assert told(findings) == [("becomes-strict", "note", 2), ("becomes-strict", "note", 3)]
    assert ["SHOT" in finding.help for finding in findings] == [False, True]


@pytest.mark.parametrize(
    "mapping, level", [("/a/{A}[_{B}]", "warning"), ("/a/{A}[1]", "error"), ("/a/{A}[", "error"), ("/a/[[{A}]]", "warning")]
)
def test_brackets_that_get_a_meaning_are_told(preview: Callable[..., list[api.Finding]], mapping: str, level: str) -> None:
    findings = preview(f"a: {{hierarchy: a, mapping: '{mapping}'}}")
    assert [finding.level for finding in findings if finding.code == "syntax-2"] == [level]
    assert len([finding for finding in findings if finding.level == "error"]) == (level == "error")


def test_brackets_of_a_parent_are_told_at_the_parent_alone(preview: Callable[..., list[api.Finding]]) -> None:
    findings = preview("a: {hierarchy: a, mapping: '/a/{A}[1]'}", "b: {hierarchy: '{root}/b', mapping: '{root}/{B}', uses: [a]}")
    assert told(findings) == [("syntax-2", "error", 2), ("becomes-strict", "note", 3)]


def test_a_plugin_that_would_not_load_is_an_error(preview: Callable[..., list[api.Finding]]) -> None:
    [finding] = preview("a: {hierarchy: a, mapping: '/a/{A:%03d}'}")
    assert (finding.code, finding.level) == ("token-language", "error") and "the plugin doesn't load" in finding.message


@pytest.mark.parametrize("key", ["path: 'no'", "folder: 'false'", "when: {A: yes}", "mapping_details: {A: {default: off}}"])
def test_a_value_of_a_wrong_type_that_is_taken_today_is_an_error(preview: Callable[..., list[api.Finding]], key: str) -> None:
    [finding] = [finding for finding in preview(f"a: {{hierarchy: a, mapping: '/a/{{A}}', {key}}}") if finding.level == "error"]
    assert finding.code == "type" and "with `syntax: 2` the plugin doesn't load" in finding.message


def test_values_that_are_not_read_back_are_told_as_refused(preview: Callable[..., list[api.Finding]]) -> None:
    findings = preview("a: {hierarchy: a, mapping: '/a/{A:d}_{B:d}{C:d}'}")
    assert [finding.code for finding in findings if "with `syntax: 2` these values are refused" in finding.message] == ["misread-mapping"]


def test_texts_of_two_places_are_told_as_refused(preview: Callable[..., list[api.Finding]]) -> None:
    findings = preview("a: {hierarchy: a, mapping: '/a/{A}'}", "b: {hierarchy: b, mapping: '/a/{B}'}")
    assert [finding.code for finding in findings if "with `syntax: 2` such a text is refused" in finding.message] == ["overlap"]


def test_two_readings_that_only_optional_parts_make_are_told(preview: Callable[..., list[api.Finding]]) -> None:
    a = "a: {hierarchy: a, mapping: '/a/{A}[_{B}]', mapping_details: {A: {parse: {regex: '[a-z]+'}}, B: {parse: {regex: '[0-9]+'}}}}"
    b = "b: {hierarchy: b, mapping: '/a/{C}', mapping_details: {C: {parse: {regex: '[a-z]+'}}}}"
    assert ("overlap", "error") in {(finding.code, finding.level) for finding in preview(a, b)}


def test_sheets_that_are_converted_have_nothing_to_tell() -> None:
    assert api.check(PLUGIN_SHEETS / "film", as_syntax=2) == []


def test_nothing_changes_on_disk_and_in_the_session(session: api.Session, write_sheet: Callable[..., str]) -> None:
    path = Path(write_sheet(f"plugins:\n  {JOB}\n"))
    session.add_search_path(str(path))
    before = path.read_bytes(), path.stat().st_mtime_ns, session.registry.now
    assert session.check(as_syntax=2)
    assert (path.read_bytes(), path.stat().st_mtime_ns, session.registry.now) == before
    assert [plugin.syntax for plugin in session.get_all_plugins()] == [1]


def test_levels_and_codes_are_left_out_as_of_any_check(write_sheet: Callable[..., str]) -> None:
    path = write_sheet(f"plugins:\n  {JOB}\n")
    assert api.check(path, as_syntax=2, level="warning") == api.check(path, as_syntax=2, ignore=["becomes-strict"]) == []


def test_another_syntax_is_an_error(write_sheet: Callable[..., str]) -> None:
    with pytest.raises(ValueError, match="Sheets can be tried as those of syntax 2, not 3."):
        api.check(write_sheet(f"plugins:\n  {JOB}\n"), as_syntax=3)


def test_what_is_no_sheet_of_the_first_syntax_stays_as_it_is(session: api.Session, write_sheet) -> None:
    session.add_search_path(write_sheet("plugins: {old: {hierarchy: old, mapping: '/old/{A}'}, bare: {hierarchy: bare}}"))
    session.add_plugins(made={"hierarchy": "made", "mapping": "/made/[{A}]"}, new={"hierarchy": "new", "syntax": 2, "mapping": "/new/{A}"})
    assert {finding.source.path for finding in session.check(as_syntax=2)} <= {"<python>", session.get_all_plugins()[0].source.path}
    assert "/new" not in "".join(finding.message for finding in session.check(as_syntax=2))
