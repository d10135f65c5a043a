"""Which findings are told: a level, codes that are ignored, and the ``check`` block of an info file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ways import api

#: A warning (unknown-key), an error (stray-brace) and a note (outranked-overlap).
SHEET = """
plugins:
  a: {hierarchy: a, mapping: '/a/{A}', maping: x}
  b: {hierarchy: b, mapping: '/b/{B'}
  c: {hierarchy: c, mapping: '/a/x'}
"""


@pytest.fixture
def sheet(tmp_path: Path) -> str:
    path = tmp_path / "inner" / "sheet.yml"
    path.parent.mkdir()
    path.write_text(SHEET, encoding="utf-8")
    return str(path)


@pytest.fixture
def say(tmp_path: Path) -> Callable[..., None]:
    """Write an info file with a ``check`` block into the folder above the sheet, or another one."""

    def write(block: str, folder: str = "") -> None:
        (tmp_path / folder / ".ways_plugin_info.yml").write_text(f"check: {block}\n", encoding="utf-8")

    return write


def codes(findings: list[api.Finding]) -> set[str]:
    return {finding.code for finding in findings}


@pytest.mark.parametrize(
    "level, expected",
    [
        ("error", {"stray-brace"}), ("warning", {"stray-brace", "unknown-key"}),
        ("note", {"stray-brace", "unknown-key", "outranked-overlap"}), (None, {"stray-brace", "unknown-key", "outranked-overlap"}),
    ],
)  # fmt: skip
def test_a_level_leaves_out_what_is_less_bad(sheet: str, level: str | None, expected: set[str]) -> None:
    assert codes(api.check(sheet, level=level)) == expected


def test_codes_that_are_ignored_are_left_out(sheet: str) -> None:
    assert codes(api.check(sheet, ignore=["stray-brace", "unknown-key"])) == {"outranked-overlap"}


def test_a_session_takes_the_same(session: api.Session, sheet: str) -> None:
    session.add_search_path(sheet)
    assert codes(session.check(level="warning", ignore=["stray-brace"])) == {"unknown-key"}


@pytest.mark.parametrize("check", [api.check, lambda path, **given: api.check_sessions(api.checked_sessions([path]), **given)])
def test_an_unknown_code_or_level_is_an_error_with_the_nearest(check: Callable[..., object], sheet: str) -> None:
    with pytest.raises(ValueError, match="There is no finding 'stray-brase'. Did you mean 'stray-brace'?"):
        check(sheet, ignore=["stray-brase"])
    with pytest.raises(ValueError, match="There is no level 'eror'.* Did you mean 'error'?"):
        check(sheet, level="eror")


def test_an_info_file_says_it_for_its_folder_and_those_below(sheet: str, say: Callable[..., None]) -> None:
    say("{level: warning, ignore: unknown-key}")
    assert codes(api.check(sheet)) == {"stray-brace"}


def test_the_nearest_info_file_counts_alone(sheet: str, say: Callable[..., None]) -> None:
    say("{ignore: unknown-key}")
    say("{ignore: [stray-brace]}", "inner")
    assert codes(api.check(sheet)) == {"unknown-key", "outranked-overlap"}


def test_a_level_that_is_asked_for_goes_before_the_one_of_an_info_file(sheet: str, say: Callable[..., None]) -> None:
    say("{level: error, ignore: stray-brace}")
    assert codes(api.check(sheet, level="note", ignore=["unknown-key"])) == {"outranked-overlap"}


def test_each_sheet_obeys_the_info_file_of_its_own_folder(sheet: str, say: Callable[..., None], tmp_path: Path) -> None:
    say("{level: error}", "inner")
    (tmp_path / "other.yml").write_text("plugins: {d: {hierarchy: d, maping: x}}", encoding="utf-8")
    findings = api.check(sheet, tmp_path / "other.yml")
    assert [(Path(finding.source.path).name, finding.code) for finding in findings] == [
        ("sheet.yml", "stray-brace"), ("other.yml", "unknown-key"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "block, code, place, help",
    [
        ("{ignore: [stray-brace, stray-brase]}", "unknown-finding", (1, 31), "Did you mean 'stray-brace'?"),
        ("{levl: error}", "unknown-key", (1, 9), "Did you mean 'level'?"),
        ("{level: errors}", "type", (1, 9), "Did you mean 'error'?"),
        ("{ignore: {a: b}}", "type", (1, 9), ""),
        ("error", "type", (1, 1), ""),
    ],
)
def test_what_is_wrong_with_the_block_is_a_finding(
    sheet: str, say: Callable[..., None], block: str, code: str, place: tuple[int, int], help: str
) -> None:
    say(block)
    [finding] = [finding for finding in api.check(sheet) if "plugin_info" in finding.source.path]
    assert (finding.code, finding.level, finding.help) == (code, "warning", help)
    assert (finding.source.line, finding.source.column) == place


def test_an_unknown_key_of_an_info_file_is_reported(sheet: str, tmp_path: Path) -> None:
    (tmp_path / ".ways_plugin_info.yml").write_text("asignment: x\n", encoding="utf-8")
    [finding] = [finding for finding in api.check(sheet) if "plugin_info" in finding.source.path]
    assert (finding.code, finding.help) == ("unknown-key", "Did you mean 'assignment'?")


def test_codes_of_other_systems_can_be_ignored_where_their_files_are(tmp_path: Path) -> None:
    (tmp_path / "plugInfo.json").write_text('{"Plugins": [{"Nme": "x"}]}', encoding="utf-8")
    [*findings] = api.check(tmp_path)
    others = {finding.code for finding in findings} - set(api.FINDING_CODES)
    assert others and not others & codes(api.check(tmp_path, ignore=others))


def test_a_session_and_the_api_answer_without_paths_alike(session: api.Session, sheet: str) -> None:
    session.add_search_path(sheet)
    assert api.check() == session.check() and api.check(level="error") == session.check(level="error")
    with pytest.raises(ValueError, match="stray-brase"):
        session.check(ignore=["stray-brase"])
