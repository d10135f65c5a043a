"""Files that are made to take long or to do harm, for each system that keeps its templates in files of data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ways.systems.imports import UnreadableError, import_from, verify

SYSTEMS = ("ayon", "prism", "zou")


def text_of(system: str, template: Any, more: dict[str, Any] | None = None) -> str:
    data: dict[str, Any] = {
        "ayon": {"templates": {"a": {"b": template}, **(more or {})}},
        "prism": {"folder_structure": {"odd": template, **(more or {})}},
        "zou": {"working": {"mountpoint": "/x", "folder_path": {"shot": template, **(more or {})}}},
    }
    return json.dumps(data[system])


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(
    "data", [b"\xff\xfe{}", b"{" * 5000, b" " * (11 << 20), b'{"a": "\xe9"}', b"\x00" * 100, b'{"a": 1' + b"0" * 5000 + b"}"]
)
def test_bytes_that_are_no_file_of_the_system_are_unreadable(system: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / "pipeline.json").write_bytes(data)
    with pytest.raises(UnreadableError):
        import_from(system, str(tmp_path / "pipeline.json"))


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(
    "template",
    [
        "<{a}" * 3000 + ">" * 3000,
        "<" * 5000,
        "{a}" * 3000,
        "<{a}>" * 1500,
        "@project_path@" + "/@a@" * 3000,
        "@project_path@/" + "@.(a)@" * 1500,
        "<Project>" * 3000,
        "{@b}",
        "{" * 5000,
        "@" * 5001,
        "\0\n\t\x7f\u2028",
        "[" * 3000,
    ],
)
def test_a_strange_template_is_written_or_left_out(system: str, template: str, tmp_path: Path) -> None:
    path = tmp_path / "pipeline.json"
    path.write_text(text_of(system, template), encoding="utf-8")
    done = import_from(system, str(path))
    list(verify(system, str(path), done.sheet, 1))
    assert all(line.isprintable() for line in done.sheet.text.splitlines())


def test_references_that_double_are_left_out(tmp_path: Path) -> None:
    doubling = {f"a{number + 1}": f"{{@a{number}}}{{@a{number}}}" for number in range(60)}
    for start in ("", "{x}"):
        (tmp_path / "a.json").write_text(text_of("ayon", "{@a60}", {"common": {"a0": start, **doubling}}), encoding="utf-8")
        assert import_from("ayon", str(tmp_path / "a.json")).report.counts["template"] == (0, 1)


def test_a_long_chain_is_left_out(tmp_path: Path) -> None:
    chain = {f"a{number + 1}": f"{{@a{number}}}" for number in range(3000)}
    (tmp_path / "a.json").write_text(text_of("ayon", "{@a3000}", {"common": {"a0": "{x}", **chain}}), encoding="utf-8")
    assert import_from("ayon", str(tmp_path / "a.json")).report.counts["template"] == (0, 1)
    items = {f"a{number + 1}": f"@a{number}_path@/b" for number in range(3000)}
    (tmp_path / "p.json").write_text(text_of("prism", "@a3000_path@", {"a0": "@project_path@/a", **items}), encoding="utf-8")
    assert import_from("prism", str(tmp_path / "p.json")).report.counts["template"][1] > 2900


def test_items_of_one_key_do_not_multiply_without_end(tmp_path: Path) -> None:
    levels = {
        f"l{level}n{number}": {"key": f"@k{level}_path@", "value": f"@k{level - 1}_path@/x" if level else "@project_path@/x"}
        for level in range(8)
        for number in range(8)
    }
    (tmp_path / "p.json").write_text(text_of("prism", "a", levels), encoding="utf-8")
    with pytest.raises(UnreadableError, match="expected at most 2000 places"):
        import_from("prism", str(tmp_path / "p.json"))


@pytest.mark.parametrize(
    "text",
    [
        "folder_structure: !!python/object/apply:os.system ['touch made']\n",
        "b0: &b0 [x, x]\n" + "".join(f"b{n + 1}: &b{n + 1} [*b{n}, *b{n}]\n" for n in range(40)),
        "folder_structure: &a {a: *a}\n",
        "folder_structure: [\n",
    ],
)
def test_yaml_that_builds_objects_or_grows_is_unreadable(text: str, tmp_path: Path) -> None:
    (tmp_path / "pipeline.yml").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableError):
        import_from("prism", str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pipeline.yml"]


def test_code_of_a_project_is_not_run(tmp_path: Path) -> None:
    made = tmp_path / "made"
    code = f"[expression,open({str(made)!r}, 'w')\ntemplate = 'x']"
    (tmp_path / "pipeline.json").write_text(text_of("prism", code), encoding="utf-8")
    done = import_from("prism", str(tmp_path))
    list(verify("prism", str(tmp_path), done.sheet, 2))
    assert not made.exists() and "expression" in {remark.code for remark in done.report.remarks}


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("value", [None, 1, 1.5, True, [], {}, ["a"], [{"name": "a"}], {"value": None}, "{version:>3}"])
def test_values_of_other_types_are_told_and_not_compared(system: str, value: Any, tmp_path: Path) -> None:
    for more in ({"odd": value}, {"b": {"c": value}}, {"style": value}):
        path = tmp_path / "pipeline.json"
        path.write_text(text_of(system, value, more), encoding="utf-8")
        done = import_from(system, str(path))
        list(verify(system, str(path), done.sheet, 1))


def test_a_sheet_of_which_all_is_left_out_is_a_sheet(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text_of("ayon", "{@nothing}"), encoding="utf-8")
    assert import_from("ayon", str(tmp_path / "a.json")).sheet.text.endswith("plugins: {}\n")
