"""Configurations of Toolkit, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from documentation.examples import DOCS, literals, tables
from systems.imports.alike import remarks_of, session_of

from ways.errors import TokenValueError
from ways.systems.imports import Import, UnreadableError, codes_of, import_from, total, verify

SMALL = str(ROOT / "plugin_sheets" / "imports" / "toolkit")


def imported(folder: Path, templates: str, roots: str = "primary: {linux_path: /p, mac_path: /p, windows_path: /p}\n") -> Import:
    (folder / "core").mkdir(exist_ok=True)
    (folder / "core" / "templates.yml").write_text(templates, encoding="utf-8")
    (folder / "core" / "roots.yml").write_text(roots, encoding="utf-8")
    return import_from("toolkit", str(folder))


def test_the_same_input_gives_the_same_bytes() -> None:
    assert import_from("toolkit", SMALL).sheet.text == import_from("toolkit", SMALL).sheet.text


def test_templates_that_differ_in_their_parent_alone_are_one_plugin() -> None:
    places = import_from("toolkit", SMALL).sheet.places
    assert places["maya_shot_work"] == "primary/shot_root/maya_work" and places["maya_asset_work"] == "primary/asset_root/maya_work"


def test_a_key_that_another_name_stands_for_has_its_own_details(tmp_path: Path) -> None:
    done = import_from("toolkit", SMALL)
    values = {"tank_name": "dune", "Shot": "sh010", "name": "main", "version": 3}
    assert session_of(done, tmp_path).format("primary/client_movie", values) == "/mnt/projects/dune/delivery/sh010_main_v0003.mov"


def test_what_is_lost_is_told_with_its_line() -> None:
    assert remarks_of(import_from("toolkit", SMALL)) == [
        ("shotgun-field", 13), ("unused-key", 15), ("divided", 25), ("undefined-key", 29),
    ]  # fmt: skip


def test_a_root_that_is_not_defined_is_told_where_it_is_named(tmp_path: Path) -> None:
    templates = "keys: {Shot: {type: str}}\npaths:\n  a: {definition: 'a/{Shot}', root_name: film}\n  b: 'b/{Shot}'\n"
    done = imported(tmp_path, templates, "{}\n")
    assert remarks_of(done) == [("unknown-root", 3), ("unknown-root", 4)]
    assert session_of(done, tmp_path).format("film/a", {"tank_name": "dune", "Shot": "s"}) == "/film/dune/a/s"
    assert "# core/templates.yml:3 film\n" in done.sheet.text
    assert total(list(verify("toolkit", str(tmp_path), done.sheet, 5))).differences == ()


def test_a_root_has_the_paths_of_its_platforms(tmp_path: Path) -> None:
    roots = "primary: {linux_path: /mnt/p, mac_path: null, windows_path: '\\\\srv\\p'}\n"
    roots += "renders: {linux_path: /mnt/r, windows_path: 'R:/'}\n"
    done = imported(tmp_path, "keys: {Shot: {type: str}}\npaths: {a: 'x/{Shot}'}\n", roots)
    session = session_of(done, tmp_path)
    assert session.translate("/mnt/p/dune/x/s", "windows") == "\\\\srv\\p\\dune\\x\\s"
    assert "platforms: [linux, windows]" in done.sheet.text and "darwin" not in done.sheet.text


def test_a_template_may_be_called_as_its_root_is(tmp_path: Path) -> None:
    paths = "paths: {primary: 'x/{Shot}', primary_root: 'y', a: '@primary/{Shot}'}\n"
    done = imported(tmp_path, f"keys: {{Shot: {{type: str}}}}\n{paths}")
    session = session_of(done, tmp_path)
    assert session.format(done.sheet.places["primary"], {"tank_name": "d", "Shot": "s"}) == "/p/d/x/s"
    assert session.format(done.sheet.places["a"], {"tank_name": "d", "Shot": "s"}) == "/p/d/x/s/s"
    assert not done.report.remarks


def test_no_token_is_called_as_what_stands_above(tmp_path: Path) -> None:
    keys = "keys: {root: {type: str}, k: {type: str, alias: root}}\n"
    done = imported(tmp_path, keys + "paths:\n  a: 'x/{root}'\n  b: 'x/{k}'\n")
    assert [found for found in remarks_of(done) if found[0] == "key"] == [("key", 3), ("key", 4)]


def test_a_root_without_templates_splits_no_details(tmp_path: Path) -> None:
    roots = "primary: {linux_path: /p}\nrenders: {linux_path: /r}\n"
    sheet = imported(tmp_path, "keys: {Shot: {type: str, length: 3}}\npaths: {a: 'x/{Shot}'}\n", roots).sheet.text
    assert "  keys:\n    hierarchy: primary\n" in sheet and "  keys_of_renders:\n    hierarchy: renders\n" in sheet


def test_an_abstract_key_writes_its_default(tmp_path: Path) -> None:
    keys = "keys: {SEQ: {type: sequence, format_spec: '04'}, UDIM: {type: sequence, default: '<UDIM>'}}\n"
    session = session_of(imported(tmp_path, keys + "paths: {a: 'x/{SEQ}.exr', b: 'y/{UDIM}.tif'}\n"), tmp_path)
    assert session.format("primary/a", {"tank_name": "d"}) == "/p/d/x/%04d.exr"
    assert session.format("primary/b", {"tank_name": "d", "UDIM": 1001}) == "/p/d/y/1001.tif"


@pytest.mark.parametrize(
    "options, right, wrong",
    [
        ("filter_by: alphanumeric", "é9", "a_b"),
        ("filter_by: alpha", "é", "a9"),
        ("filter_by: '^[0-9]{4}_[a-z]{3}$'", "1234_abc", "1234_abcd"),
        ("filter_by: 'v'", "v1_old", "1v"),
        ("length: 3", "abc", "abcd"),
        ("filter_by: alphanumeric, length: 3", "abc", "a_c"),
        ("filter_by: '^a|^b$', length: 1", "a", "ab"),
        ("exclusions: [assets, tmp]", "asset", "assets"),
        ("choices: [L, R]", "L", "M"),
        ("choices: {ma: Maya Ascii}", "ma", "Maya Ascii"),
    ],
)
def test_what_a_key_allows_is_allowed(tmp_path: Path, options: str, right: str, wrong: str) -> None:
    done = imported(tmp_path, f"keys: {{k: {{type: str, {options}}}}}\npaths: {{a: 'x/{{k}}'}}\n")
    session = session_of(done, tmp_path)
    assert session.format("primary/a", {"tank_name": "d", "k": right}) == f"/p/d/x/{right}"
    with pytest.raises(TokenValueError):
        session.format("primary/a", {"tank_name": "d", "k": wrong})


@pytest.mark.parametrize("choices, label", [("[1, 2]", ""), ("{1: First, 2: Second}", "label: Second")])
def test_a_number_that_is_chosen_keeps_its_format(tmp_path: Path, choices: str, label: str) -> None:
    key = f"{{type: int, format_spec: '03', choices: {choices}, default: 1}}"
    done = imported(tmp_path, f"keys: {{version: {key}}}\npaths: {{a: 'x/v{{version}}'}}\n")
    session = session_of(done, tmp_path)
    assert session.format("primary/a", {"tank_name": "d", "version": 2}) == "/p/d/x/v002"
    assert session.format("primary/a", {"tank_name": "d"}) == "/p/d/x/v001"
    assert label in done.sheet.text and not done.report.remarks
    with pytest.raises(TokenValueError):
        session.format("primary/a", {"tank_name": "d", "version": 3})


@pytest.mark.parametrize(
    "key, code",
    [
        ("{type: str, shotgun_entity_type: Shot}", "shotgun-field"),
        ("{type: str, subset: '([A-Z])'}", "subset"),
        ("{type: str, validate_hook: x}", "option"),
        ("{type: str, default: c, choices: [a, b]}", "default"),
        ("{type: str, choices: [a, '']}", "choice"),
        ("{type: str, default: yes}", "default"),
        ("{type: str, filter_by: 'a^b'}", "expression"),
        ("{type: timestamp, default: now}", "default-now"),
        ("{type: int, format_spec: '3'}", "padding"),
        ("{type: int, format_spec: '03', strict_matching: false}", "lax-number"),
        ("{type: str, alias: 3}", "key"),
        ("{type: int, choices: [1, '2']}", "choice"),
        ("{type: int, choices: [-1, 2]}", "choice"),
        ("{type: int, choices: [1, 2], default: 3}", "default"),
    ],
)
def test_what_a_key_cannot_say_is_told(tmp_path: Path, key: str, code: str) -> None:
    done = imported(tmp_path, f"keys:\n  k: {key}\npaths: {{a: 'x/{{k}}'}}\n")
    assert remarks_of(done) == [(code, 2)] and done.sheet.places["a"] == "primary/a"


@pytest.mark.parametrize("key", ["{type: timestamp, format_spec: '%Q%%'}", "{type: timestamp, default: noon}"])
def test_a_key_that_ways_refuses_is_told(tmp_path: Path, key: str) -> None:
    done = imported(tmp_path, f"keys:\n  other: {{type: int}}\n  time: {key}\npaths: {{a: 'x/{{time}}.{{other}}'}}\n")
    assert ("refused", 3) in remarks_of(done) and not done.report.is_all_said


def test_a_path_below_another_root_is_a_token(tmp_path: Path) -> None:
    keys = "keys: {Shot: {type: str, length: 2}, take: {type: str}, name: {type: str, alias: inner}}\n"
    paths = "paths:\n  outer: 's/{Shot}[/{take}]'\n  inner: '@outer/work'\n"
    paths += "  a: {definition: '@inner/{take}', root_name: r}\n  b: {definition: 'x/@outer/@inner/{name}', root_name: r}\n"
    done = imported(tmp_path, keys + paths, "primary: {linux_path: /p, windows_path: 'P:'}\nr: {linux_path: /r, windows_path: 'R:'}\n")
    assert "mapping: '{root}/{@inner_path}/{take}'" in done.sheet.text
    assert "inner_path: {mapping: 's/{Shot}[/{take}]/work'}" in done.sheet.text
    session = session_of(done, tmp_path)
    values = {"tank_name": "d", "Shot": "s1", "take": "t", "inner": "n"}
    assert session.format("r/b", values) == "/r/d/x/s/s1/t/s/s1/t/work/n"
    assert session.translate("/r/d/x/s/s1/t/s/s1/t/work/n", "windows") == r"R:\d\x\s\s1\t\s\s1\t\work\n"
    found = total(list(verify("toolkit", str(tmp_path), done.sheet, 20)))
    assert found.compared == 80 and found.differences == ()


def test_values_that_share_a_text_are_written_and_nothing_is_lost(tmp_path: Path) -> None:
    done = imported(tmp_path, "keys: {Shot: {type: str}, name: {type: str}}\npaths: {a: '{Shot}_{name}'}\n")
    assert done.report.is_all_said and remarks_of(done) == [("divided", 2)]
    session = session_of(done, tmp_path)
    assert session.format("primary/a", {"tank_name": "d", "Shot": "s", "name": "x_y"}) == "/p/d/s_x_y"
    found = total(list(verify("toolkit", str(tmp_path), done.sheet, 200)))
    assert found.ambiguous and found.differences == ()


def test_braces_in_the_path_of_a_root_are_told(tmp_path: Path) -> None:
    roots = "primary:\n  linux_path: '/mnt/{p}'\n  mac_path: '${STORAGE}/p'\n'r{2}':\n"
    done = imported(tmp_path, "keys: {Shot: {type: str}}\npaths: {a: 'x/{Shot}'}\n", roots)
    assert remarks_of(done) == [("braces", 2), ("braces", 3), ("environment", 3), ("braces", 4), ("no-path", 4)]
    assert "mapping: '/mnt/p/{tank_name}'" in done.sheet.text and "mapping: '$STORAGE/p/{tank_name}'" in done.sheet.text


def test_an_empty_folder_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="expected core/templates.yml in this folder"):
        import_from("toolkit", str(tmp_path))


def test_the_page_tells_each_code() -> None:
    [table] = tables((DOCS / "howto" / "come-from-toolkit.rst").read_text(encoding="utf-8"))
    codes = codes_of("toolkit")
    assert [(literals(row[0])[0], row[1].strip()) for row in table[1:]] == [(code, codes[code].level) for code in codes]
