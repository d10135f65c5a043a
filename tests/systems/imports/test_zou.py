"""File trees of Zou, and what becomes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from systems.imports.alike import FEW, assert_alike, codes_of, json_file, session_of

from ways.systems.imports import UnreadableError, import_from

SHOT = "<Project>/shots/<Sequence>/<Shot>/<TaskType>"


def tree(folder: str = SHOT, file: str = "<Project>_<Shot>_v<Version>", style: str = "lowercase", **more: Any) -> dict[str, Any]:
    sections = {"folder_path": {"shot": folder, "style": style}, "file_name": {"shot": file, "style": style}}
    return {"working": {"mountpoint": "/simple", "root": "productions", **sections, **more}}


def test_a_file_is_in_the_folder_of_its_entity(tmp_path: Path) -> None:
    session = session_of(import_from("zou", json_file(tmp_path, tree())), tmp_path)
    values = {"Project": "dune", "Sequence": "sq_01", "Shot": "sh010", "TaskType": "anim", "Version": 7}
    assert session.format("working/shot/file", values) == "/simple/productions/dune/shots/sq_01/sh010/anim/dune_sh010_v007"


def test_a_tree_in_a_project_is_read_as_well(tmp_path: Path) -> None:
    done = import_from("zou", json_file(tmp_path, {"name": "Dune", "file_tree": tree()}))
    assert done.sheet.places == import_from("zou", json_file(tmp_path, tree())).sheet.places


def test_the_style_of_values_is_told(tmp_path: Path) -> None:
    assert codes_of(import_from("zou", json_file(tmp_path, tree()))) == [("style", 7), ("style", 11)]


def test_the_text_of_a_file_name_is_written_as_zou_does(tmp_path: Path) -> None:
    done = import_from("zou", json_file(tmp_path, tree(file="-PR.<Project>..V<Version>-", style="uppercase")))
    assert "{root}/PR_{Project}_V{Version}'" in done.sheet.text


@pytest.mark.parametrize(
    ("more", "code", "help"),
    [
        ({"file": "<Project>_<OuputType>"}, "unknown-token", "Write <OutputType>."),
        ({"file": "--"}, "no-file-name", ""),
        ({"file": ""}, "empty", ""),
        ({"folder": "<Project>/{x}"}, "braces", ""),
    ],
)
def test_what_cannot_be_said_is_left_out(tmp_path: Path, more: dict[str, str], code: str, help: str) -> None:
    report = import_from("zou", json_file(tmp_path, tree(**more))).report
    (remark,) = [remark for remark in report.remarks if remark.left_out]
    assert (remark.code, remark.help) == (code, help) and report.counts["template"] == (1, 1)


def test_a_token_in_two_letter_cases_is_left_out(tmp_path: Path) -> None:
    data = tree()
    data["working"]["file_name"]["style"] = "uppercase"
    assert ("two-styles", 10) in codes_of(import_from("zou", json_file(tmp_path, data)))


def test_other_keys_and_fields_are_told(tmp_path: Path) -> None:
    data = tree(folder="<Project.color>/x", other=1)
    data["working"]["folder_path"] |= {"rushes": "<Project>/rushes", "representation": "ma"}
    done = import_from("zou", json_file(tmp_path, {**data, "x": 1}))
    assert {code for code, _ in codes_of(done)} == {"style", "unknown-field", "unknown-key"}
    assert ("unknown-entity", 8) in codes_of(done, "note") and "working/rushes" in done.sheet.places


def test_a_kind_of_file_without_a_mount_point_has_a_path_of_its_name(tmp_path: Path) -> None:
    data = tree(mountpoint="", root=None)
    done = import_from("zou", json_file(tmp_path, data))
    assert ("no-path", 2) in codes_of(done) and "mapping: '/working'" in done.sheet.text


def test_an_id_keeps_its_signs_and_case(tmp_path: Path) -> None:
    assert_alike("zou", tree("<Project>/<Shot.id>", "<Shot.id>_<Name>"))


@pytest.mark.parametrize("text", ["[]", "{}", '{"working": {"mountpoint": "/"}}', "{", "1"])
def test_other_files_are_unreadable(tmp_path: Path, text: str) -> None:
    (tmp_path / "tree.json").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableError):
        import_from("zou", str(tmp_path / "tree.json"))


TOKENS = ["<Project>", "<Sequence>", "<Shot>", "<TaskType>", "<Version>", "<Name>", "<Asset.name>", "<Instance.number>", "Wip"]
parts = st.lists(st.sampled_from(TOKENS), min_size=1, max_size=4, unique=True)
joint = st.sampled_from(["_", "-", ".", "_v", "__"])


@FEW
@given(parts, parts, joint, st.sampled_from(["lowercase", "uppercase", ""]), st.sampled_from(["/productions", "P:", "/a/b"]))
def test_generated_trees_write_and_read_alike(folder: list[str], file: list[str], sign: str, style: str, mount: str) -> None:
    file = file if any(part.startswith("<") for part in file) else [*file, "<Project>"]
    assert_alike("zou", tree("/".join(folder), sign.join(file), style, mountpoint=mount), count=2)
