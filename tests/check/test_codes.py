"""Each code of a finding: a sheet on which it fires, with line and column, and one that is nearly it and has no finding."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ways import api
from ways.check.codes import FINDING_CODES
from ways.check.findings import Finding

SHEETS = Path(__file__).parent / "sheets"
#: Codes that no sheet in YAML has.
ELSEWHERE = {
    "archive-member", "encoding", "unreadable", "format", "python", "not-run", "descriptor", "plugin", "settings",
    "too-many-sheets", "unknown-finding", "becomes-strict", "unknown-layer", "sheets-below", "owner",
}  # fmt: skip
CODES = sorted(path.stem for path in SHEETS.glob("*.yml") if not path.stem.endswith(".near"))
NEAR = sorted(path.stem for path in SHEETS.glob("*.near.yml"))


def places_of(findings: list[Finding]) -> list[tuple[str, int, int]]:
    return [(finding.code, finding.source.line, finding.source.column) for finding in findings]


def test_every_code_has_a_sheet_and_one_that_is_nearly_it() -> None:
    assert set(CODES) | ELSEWHERE == set(FINDING_CODES)
    assert {f"{code}.near" for code in CODES} == set(NEAR)


@pytest.mark.parametrize("code", CODES)
def test_a_code_fires_on_its_sheet_at_the_right_place_and_alone(code: str) -> None:
    path = SHEETS / f"{code}.yml"
    # The first line of each sheet says where.
    line, column = re.findall(r"\d+", path.read_text(encoding="utf-8").splitlines()[0])
    findings = api.check(path)
    assert places_of(findings) == [(code, int(line), int(column))]
    assert findings[0].source.path == str(path)


@pytest.mark.parametrize("code", CODES)
def test_a_finding_is_as_bad_as_its_code_or_less(code: str) -> None:
    order = ("error", "warning", "note")
    findings = api.check(SHEETS / f"{code}.yml")
    assert all(order.index(finding.level) >= order.index(FINDING_CODES[code].level) for finding in findings)


@pytest.mark.parametrize("name", NEAR)
def test_a_sheet_that_is_nearly_it_has_no_finding(name: str) -> None:
    assert api.check(SHEETS / f"{name}.yml") == []


@pytest.mark.parametrize(
    "code, name, text, place",
    [
        ("encoding", "a.yml", b"plugins: {a: {hierarchy: \xff}}", (1, 26)),
        ("syntax", "a.py", b"plugins = {", (1, 11)),
        ("syntax", "a.json", b'{"plugins": {', (1, 13)),
        ("syntax", "a.toml", b"[plugins", (1, 1)),
        ("not-run", "a.py", b"plugins = dict(a=1)", (1, 1)),
    ],
    ids=["encoding", "python", "json", "toml", "computed"],
)
def test_a_file_that_says_nothing_is_reported(tmp_path: Path, code: str, name: str, text: bytes, place: tuple[int, int]) -> None:
    path = tmp_path / name
    path.write_bytes(text)
    assert places_of(api.check(path)) == [(code, *place)]


def test_a_python_sheet_that_raises_is_reported(session: api.Session, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("plugins = {}\n1 / 0\n", encoding="utf-8")
    session.add_search_path(tmp_path)
    assert places_of(session.check()) == [("python", 2, 1)]


def test_sound_python_sheets_are_silent(session: api.Session, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("plugins = {'a': {'hierarchy': 'a', 'mapping': '/' + 'a'}}\n", encoding="utf-8")
    session.add_search_path(tmp_path)
    assert session.check() == []


def test_a_file_that_is_no_sheet_by_its_name_is_reported(session: api.Session, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("plugins: {}", encoding="utf-8")
    session.add_search_path(tmp_path / "a.txt")
    assert places_of(session.check()) == [("format", 0, 0)]


class _Recipe:
    """A plugin as another package may give it."""

    fault: Exception | None = None

    def get_hierarchy(self) -> str:
        return "recipe"

    def get_mapping(self) -> str:
        if self.fault:
            raise self.fault
        return "/recipes/{DISH}"


@pytest.mark.parametrize("fault, codes", [(RuntimeError("closed"), ["plugin"]), (None, [])], ids=["failing", "sound"])
def test_a_plugin_that_fails_to_answer_anew_is_reported(session: api.Session, fault: Exception | None, codes: list[str]) -> None:
    recipe = _Recipe()
    session.add_plugin(recipe)
    recipe.fault = fault
    session.refresh()
    assert [finding.code for finding in session.check()] == codes


def test_a_link_that_leads_nowhere_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "gone.yml"
    path.symlink_to(tmp_path / "nothing.yml")
    assert [code for code, *_ in places_of(api.check(tmp_path))] == ["unreadable"]


def test_a_search_path_that_is_not_there_is_reported(session: api.Session) -> None:
    session.add_search_path("/no/such/folder")
    assert [finding.code for finding in session.check()] == ["descriptor"]


def test_both_lines_of_a_duplicate_key_are_reported() -> None:
    finding = api.check(SHEETS / "duplicate-key.yml")[0]
    assert [(place.source.line, place.source.column) for place in finding.related] == [(5, 5)]


def test_both_places_of_a_copied_uuid_are_reported() -> None:
    finding = api.check(SHEETS / "duplicate-uuid.yml")[0]
    assert [(place.source.line, place.source.column) for place in finding.related] == [(5, 5)]


@pytest.mark.parametrize("code", ["unknown-parent", "unknown-key", "unknown-platform", "unknown-reference", "unreachable-assignment"])
def test_a_slip_is_reported_with_the_nearest_name(code: str) -> None:
    assert api.check(SHEETS / f"{code}.yml")[0].help.startswith("Did you mean ")


@pytest.mark.parametrize("code", ["misread-mapping", "crossing-expression"])
def test_a_finding_that_needs_one_has_a_witness(code: str) -> None:
    assert api.check(SHEETS / f"{code}.yml")[0].witness


def test_the_witness_of_a_misread_mapping_is_read_otherwise_than_the_message_says_it_was_written() -> None:
    finding = api.check(SHEETS / "misread-mapping.yml")[0]
    session = api.Session()
    session.add_search_path(str(SHEETS / "misread-mapping.yml"))
    written, read = (dict(re.findall(r"(\w+)=(\w+)", part)) for part in finding.message.split(" as "))
    assert session.read(finding.witness).values == read != written


@pytest.mark.parametrize("place", ["''", "[]", "' '"])
def test_a_plugin_that_stands_nowhere_is_reported_and_one_that_adds_to_its_parent_is_not(tmp_path: Path, place: str) -> None:
    path = tmp_path / "a.yml"
    relative = f"b: {{data: {{x: 1}}, hierarchy: {place}, uses: [a]}}"
    path.write_text(f"plugins:\n  a: {{hierarchy: a, mapping: /a}}\n  {relative}\n  c: {{hierarchy: {place}}}\n", encoding="utf-8")
    assert places_of(api.check(path)) == [("illegal-hierarchy", 4, 7)]
