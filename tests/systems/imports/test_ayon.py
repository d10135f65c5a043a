"""Anatomies of AYON and OpenPype, and what becomes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from documentation.examples import DOCS, literals, tables
from systems.imports.alike import FEW, assert_alike, codes_of, json_file, remarks_of, session_of, verified

from ways.systems.imports import UnreadableError
from ways.systems.imports import codes_of as system_codes
from ways.systems.imports import import_from

COMMON = {
    "version_padding": 3,
    "version": "v{version:0>{@version_padding}}",
    "frame_padding": 4,
    "frame": "{frame:0>{@frame_padding}}",
}
ROOTS = [{"name": "work", "linux": "/mnt/projects", "windows": "W:/projects", "darwin": "/Volumes/projects"}]
WORK = {
    "name": "default",
    "directory": "{root[work]}/{project[name]}/{hierarchy}/{folder[name]}/work/{task[name]}",
    "file": "{folder[name]}_{task[name]}_{@version}<_{comment}><.{@frame}>.{ext}",
}
FOLDER = {"project.name": "dune", "folder.name": "sh010", "task.name": "anim"}
VALUES = {**FOLDER, "version": 7, "ext": "ma"}


def anatomy(**templates: Any) -> dict[str, Any]:
    return {"roots": ROOTS, "templates": {**COMMON, "work": [WORK], **templates}}


def test_a_path_is_written_and_read(tmp_path: Path) -> None:
    session = session_of(import_from("ayon", json_file(tmp_path, anatomy())), tmp_path)
    text = session.format("work/default/file", {**VALUES, "hierarchy": "shots/sq01", "comment": "fix"})
    assert text == "/mnt/projects/dune/shots/sq01/sh010/work/anim/sh010_anim_v007_fix.ma"
    assert session.read(text, "work/default/file").values["hierarchy"] == "shots/sq01"


def test_a_folder_at_the_top_has_no_hierarchy(tmp_path: Path) -> None:
    session = session_of(import_from("ayon", json_file(tmp_path, anatomy())), tmp_path)
    assert session.format("work/default", FOLDER) == "/mnt/projects/dune/sh010/work/anim"


def test_a_published_frame_is_no_part_of_the_extension(tmp_path: Path) -> None:
    session = session_of(import_from("ayon", json_file(tmp_path, anatomy())), tmp_path)
    asset = session.get_asset("/mnt/projects/dune/sh010/work/anim/sh010_anim_v007.1001.exr")
    assert (asset.get_value("frame"), asset.get_value("ext")) == (1001, "exr")


def test_a_site_is_a_layer_with_its_own_root(tmp_path: Path) -> None:
    json_file(tmp_path, {"berlin": {"work": "/berlin"}, "oslo": {"cache": "/x"}}, "roots.json")
    done = import_from("ayon", json_file(tmp_path, anatomy()))
    session = session_of(done, tmp_path, WAYS_PRIORITY="master:berlin")
    assert session.format("work/default", FOLDER) == "/berlin/dune/sh010/work/anim"
    assert codes_of(done) == [("unknown-root", 6)]


def test_the_entity_of_a_project_is_read_as_well(tmp_path: Path) -> None:
    templates = {"common": COMMON, "work": {"default": {key: WORK[key] for key in ("directory", "file")}}}
    project = {"name": "dune", "code": "dn", "config": {"roots": {"work": ROOTS[0]}, "templates": templates}}
    own = import_from("ayon", json_file(tmp_path, project)).sheet.places
    assert own == import_from("ayon", json_file(tmp_path, anatomy())).sheet.places


def test_openpype_keeps_roots_and_templates_in_two_files(tmp_path: Path) -> None:
    group = {"folder": WORK["directory"], "file": WORK["file"], "path": "{@folder}/{@file}"}
    json_file(tmp_path, {"defaults": COMMON, "work": group, "publish": group}, "templates.json")
    json_file(tmp_path, {"work": {"linux": "/mnt", "windows": "W:/"}}, "roots.json")
    done = import_from("ayon", str(tmp_path))
    session = session_of(done, tmp_path)
    assert session.format("work/folder/path", VALUES) == "/mnt/dune/sh010/work/anim/sh010_anim_v007.ma"
    assert session.format("file_names/work", {key: VALUES[key] for key in VALUES if key != "project.name"}) == "sh010_anim_v007.ma"
    assert not verified("ayon", str(tmp_path / "templates.json")).differences


def test_an_unused_template_is_no_key_that_is_written(tmp_path: Path) -> None:
    templates = {"spare": "{root[work]}/{x}", "a": {"b": "{root[work]}/y"}}
    done = import_from("ayon", json_file(tmp_path, {"roots": [{"name": "work", "linux": "/m"}], "templates": templates}))
    assert done.report.counts["key"] == (0, 1)


def test_two_templates_of_one_name_are_told(tmp_path: Path) -> None:
    templates = {"a": {"b": {"file": "{root[work]}/{x}"}}, "a/b": {"file": "{root[work]}/y/{x}"}}
    done = import_from("ayon", json_file(tmp_path, {"roots": [{"name": "work", "linux": "/m"}], "templates": templates}))
    assert [code for code, _ in codes_of(done)] == ["definition"] and done.report.counts["template"] == (1, 1)


def test_the_labels_of_roots_are_no_root(tmp_path: Path) -> None:
    json_file(tmp_path, {"work": WORK}, "templates.json")
    json_file(tmp_path, {"work": {"linux": "/mnt"}, "__dynamic_keys_labels__": {"work": "Work"}}, "roots.json")
    done = import_from("ayon", str(tmp_path))
    assert "labels" not in done.sheet.text and ("label", 5) in remarks_of(done)


def test_common_templates_are_told_in_the_comment_of_their_token_or_as_unused(tmp_path: Path) -> None:
    data = anatomy(studio="acme", prefix="{@studio}_", others=[{"name": "x", "value": "{@prefix}{a}"}])
    done = import_from("ayon", json_file(tmp_path, data))
    assert "version: {format: 03d}  # file.json:12 version, 11 version_padding" in done.sheet.text
    assert codes_of(done, "note") == [("written-out", 22), ("written-out", 23)]


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{root[work]}/{@nothing}", "undefined-reference"),
        ("{root[work]}/{version:>3}", "format"),
        ("{root[work]}/{version:0>3}_{version:0>4}", "two-formats"),
        ("{root[work]}/{version:0>3}_{version}", "two-formats"),
        ("{root[work]}/<a<_{comment}>>", "optional-part"),
        ("{root[work]}/{{a}}", "braces"),
        ("{root[work]}/{a", "braces"),
        ("{root[work]}/{a.b}", "definition"),
        ("{root[work]}x/{a}", "definition"),
        ("a/{root[work]}/{b}", "definition"),
        ("{@value}", "reference-circle"),
    ],
)
def test_what_cannot_be_said_is_left_out_with_its_line(tmp_path: Path, template: str, code: str) -> None:
    done = import_from("ayon", json_file(tmp_path, anatomy(others=[{"name": "odd", "value": template}])))
    assert codes_of(done) == [(code, 25)] and "others/odd" not in done.sheet.places
    assert done.report.counts["template"] == (2, 1)


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{root[work]}/{TASK[name]}", "case-variant"),
        ("{root[work]}/{yyyy}{mm}", "date"),
        ("{root[cache]}/{a}", "unknown-root"),
        ("{thumbnail_root}/{a}", "unknown-root"),
    ],
)
def test_what_is_said_in_another_way_is_told_with_its_line(tmp_path: Path, template: str, code: str) -> None:
    done = import_from("ayon", json_file(tmp_path, anatomy(others=[{"name": "odd", "value": template}])))
    assert {*codes_of(done)} == {(code, 25)} and "others/odd" in done.sheet.places


def test_the_path_of_a_folder_begins_with_a_slash_there_only() -> None:
    others = [{"name": name, "value": f"{{root[work]}}/{{user}}{sign}{{folder[path]}}/x"} for name, sign in (("a", ""), ("b", "/"))]
    assert_alike("ayon", anatomy(others=others))


def test_a_root_without_a_path_here_gives_places_of_other_platforms(tmp_path: Path) -> None:
    data = anatomy(others=[{"name": "a", "value": "{root[unreal]}/{b}"}])
    data["roots"] = [*ROOTS, {"name": "unreal", "windows": "D:\\Unreal", "linux": ""}]
    done = import_from("ayon", json_file(tmp_path, data))
    assert session_of(done, tmp_path, WAYS_PLATFORM="windows").format("unreal/others/a", {"b": "x"}) == "D:\\Unreal\\x"


def test_a_missing_padding_is_that_of_the_settings(tmp_path: Path) -> None:
    others = [{"name": "a", "value": "{root[work]}/{@version}"}]
    data = {"roots": ROOTS, "templates": {"version": COMMON["version"], "others": others}}
    assert codes_of(import_from("ayon", json_file(tmp_path, data))) == [("padding", 1)]


def test_text_in_angle_brackets_without_a_key_is_text(tmp_path: Path) -> None:
    done = import_from("ayon", json_file(tmp_path, anatomy(others=[{"name": "a", "value": "{root[work]}/<b>[c]/{d} > {e}"}])))
    assert session_of(done, tmp_path).format("work/others/a", {"d": 1, "e": 2}) == "/mnt/projects/<b>[c]/1 > 2"


def test_a_duplicate_name_is_told_with_both_lines(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"templates": {\n"a": {"b": "{c}"},\n"a": {"b": "{d}"}}}', encoding="utf-8")
    (remark,) = import_from("ayon", str(tmp_path / "a.json")).report.remarks[:1]
    assert (remark.code, remark.source.line, remark.related[0][0].line) == ("duplicate-key", 2, 3)


@pytest.mark.parametrize("text", ['{"templates": 1}', "[]", "{}", '{"templates": {"version_padding": 3}}', "{", ""])
def test_other_files_are_unreadable(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableError):
        import_from("ayon", str(tmp_path / "a.json"))


KEYS = ("{project[name]}", "{project[code]}", "{folder[name]}", "{task[name]}", "{product[name]}", "{@version}", "{user}", "shots", "v2")
segment = st.one_of(st.lists(st.sampled_from(KEYS), min_size=1, max_size=2, unique=True).map("_".join), st.just("{hierarchy}"))
directory = st.lists(segment, min_size=1, max_size=5, unique=True).map(lambda parts: "/".join(("{root[work]}", *parts)))
optional = st.sampled_from(["<_{comment}>", "<.{@frame}>", "<_{output}<-{variant}>>", "<_{udim}>", ""])
file = st.tuples(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True).map("_".join), optional, optional).map(
    lambda parts: f"{''.join(dict.fromkeys(parts))}.{{ext}}"
)
group = st.fixed_dictionaries({"directory": directory, "file": file})


@FEW
@given(st.lists(group, min_size=1, max_size=3), st.integers(2, 5), st.booleans())
def test_generated_anatomies_write_and_read_alike(groups: list[dict[str, str]], padding: int, is_old: bool) -> None:
    common = {**COMMON, "version_padding": padding}
    if is_old:
        old = [{"folder": group["directory"], "file": group["file"], "path": "{@folder}/{@file}"} for group in groups]
        named = {f"g{number}": group for number, group in enumerate(old)}
        assert_alike("ayon", {"roots": {"work": {"linux": "/mnt"}}, "templates": {"defaults": common, **named}}, count=2)
    else:
        listed = [{"name": f"g{number}", **g} for number, g in enumerate(groups)]
        assert_alike("ayon", {"roots": ROOTS, "templates": {**common, "publish": listed}}, count=2)


def test_the_page_tells_each_code() -> None:
    [table] = tables((DOCS / "howto" / "come-from-ayon.rst").read_text(encoding="utf-8"))
    codes = system_codes("ayon")
    assert [(literals(row[0])[0], row[1].strip()) for row in table[1:]] == [(code, codes[code].level) for code in codes]
