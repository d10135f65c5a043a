"""Projects of Prism, and what becomes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from documentation.examples import DOCS, literals, tables
from systems.imports.alike import FEW, assert_alike, codes_of, json_file, session_of, verified

from ways.systems.imports import UnreadableError
from ways.systems.imports import codes_of as system_codes
from ways.systems.imports import import_from

ASSET = {"folder": "chars", "asset": "hero", "department": "rig", "task": "body", "version": "v0003", "extension": ".ma"}
SHOT = {"sequence": "sq01", "shot": "sh010", "identifier": "beauty", "version": "v0003", "extension": ".exr", "frame": 1001}
BY_MEDIA = '[expression,# note\nif context.get("mediaType") == "2drenders":\n\ttemplate = "{}"\nelse:\n\ttemplate = "{}"]'


def project(**items: str) -> dict[str, Any]:
    return {"globals": {"project_name": "dune"}, "folder_structure": {name: {"value": value} for name, value in items.items()}}


def test_an_item_below_an_entity_is_a_place_below_assets_and_shots(tmp_path: Path) -> None:
    done = import_from("prism", json_file(tmp_path, project()))
    session = session_of(done, tmp_path)
    text = session.format("project/assets/departments/tasks/assetScenefiles", ASSET)
    assert text == "/dune/03_Production/Assets/chars/hero/Scenefiles/rig/body/hero_body_v0003.ma"
    assert session.read(text).values == ASSET
    assert "project/sequences/shots/departments/tasks" in done.sheet.places.values()


def test_a_template_made_by_code_for_two_kinds_of_media_is_two_places(tmp_path: Path) -> None:
    session = session_of(import_from("prism", json_file(tmp_path, project())), tmp_path)
    flat = "project/sequences/shots/2drenders/renderVersions/aovs/renderFilesShots"
    assert session.format(flat, SHOT).endswith("/Renders/2dRender/beauty/v0003/sq01-sh010_beauty_v0003.1001.exr")
    deep = session.format(flat.replace("2drenders", "3drenders"), {**SHOT, "aov": "rgb"})
    assert deep.endswith("/Renders/3dRender/beauty/v0003/rgb/sq01-sh010_beauty_v0003_rgb.1001.exr")


def test_a_project_of_prism_needs_no_file_to_say_what_is_usual(tmp_path: Path) -> None:
    done = import_from("prism", json_file(tmp_path, {"globals": {}}))
    assert codes_of(done) == [] and done.report.counts["template"] == (47, 0)
    assert [code for code, _ in codes_of(done, "note")] == ["default", "not-paths", "project-path"]


def test_yaml_is_read_as_well(tmp_path: Path) -> None:
    folder = tmp_path / "00_Pipeline"
    folder.mkdir()
    (folder / "pipeline.yml").write_text("folder_structure:\n  tasks: {value: '@department_path@/T/@task@'}\n", encoding="utf-8")
    session = session_of(import_from("prism", str(tmp_path)), tmp_path)
    values = {key: ASSET[key] for key in ("asset", "department", "task")}
    assert session.format("project/assets/departments/tasks", values).endswith("/hero/Scenefiles/rig/T/body")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("odd", "[expression,import os\ntemplate = os.getcwd()]", "expression"),
        ("odd", '[expression,if context.get("user") == "a":\n template="a"\nelse:\n template="b"]', "expression"),
        ("odd", "[expression,(]", "expression"),
        ("odd", "@project_path@/a@b", "definition"),
        ("odd", "@project_path@/@a b@", "definition"),
        ("odd", "@project_path@a", "definition"),
        ("odd", "@project_path@/{a}", "braces"),
        ("odd", "@project_path@/@sequence_path@", "nested-path"),
        ("odd", "@nothing_path@/a", "undefined-path"),
        ("textures", "", "definition"),
    ],
)
def test_what_cannot_be_said_is_left_out_with_its_line(tmp_path: Path, name: str, value: str, code: str) -> None:
    done = import_from("prism", json_file(tmp_path, project(**{name: value})))
    assert codes_of(done) == [(code, 6)] and not any(place.endswith(name) for place in done.sheet.places)


def test_what_begins_with_something_left_out_is_left_out(tmp_path: Path) -> None:
    done = import_from("prism", json_file(tmp_path, project(playblasts="@entity_path@/{", playblastVersions="@playblast_path@/@version@")))
    assert {code for code, _ in codes_of(done)} == {"braces", "left-out-above"}
    assert done.report.counts["template"] == (41, 4)


def test_the_folders_of_prism_1_are_told(tmp_path: Path) -> None:
    data = {"globals": {"project_name": "dune"}, "paths": {"assets": "Assets"}}
    done = import_from("prism", json_file(tmp_path, data, "pipeline.json"))
    assert codes_of(done) == [("unknown-key", 5)]


@pytest.mark.parametrize("name", ["../x", "a{b}[c]", "dune "])
def test_a_name_that_is_no_folder_is_written_alike(tmp_path: Path, name: str) -> None:
    assert_alike("prism", {"globals": {"project_name": name}}, 1, "pipeline.json")


def test_a_circle_is_left_out(tmp_path: Path) -> None:
    done = import_from("prism", json_file(tmp_path, project(departments="@task_path@/a", tasks="@department_path@/b")))
    assert {code for code, _ in codes_of(done)} == {"reference-circle", "left-out-above"}


def test_each_default_is_as_prism_has_it(tmp_path: Path) -> None:
    from ways.systems.imports.prism import _ITEMS

    items = {name: BY_MEDIA.format(*value) if isinstance(value, tuple) else value for name, (_, value) in _ITEMS.items()}
    path = json_file(tmp_path, project(**items))
    assert import_from("prism", path).report.counts["template"] == (47, 0)
    assert import_from("prism", path).report.is_all_said
    found = verified("prism", path)
    assert (found.compared, found.ambiguous, found.differences) == (141, 0, ())


@pytest.mark.parametrize("text", ["[]", "{}", '{"folder_structure": 1}', "{", "\xff"])
def test_other_files_are_unreadable(tmp_path: Path, text: str) -> None:
    (tmp_path / "pipeline.json").write_text(text, encoding="latin-1")
    with pytest.raises(UnreadableError):
        import_from("prism", str(tmp_path))


words = st.sampled_from(["@user@", "@comment@", "@unit@", "Renders", "x-1"])
rest = st.lists(words, min_size=1, max_size=2, unique=True).map("_".join)
ending = st.sampled_from(["", "@.(frame)@@extension@", "@_(wedge)@", "_@version@@extension@", "/@version@@._(layer)@"])


@FEW
@given(rest, rest, rest, ending, st.booleans())
def test_generated_projects_write_and_read_alike(folder: str, below: str, other: str, end: str, is_by_media: bool) -> None:
    version = f"@render_path@/{other}/@version@"
    items = {
        "assets": f"@project_path@/{folder}/@asset_path@",
        "sequences": f"@project_path@/{below}/@sequence@",
        "shots": "@sequence_path@/@shot@",
        "departments": f"@entity_path@/{other}/@department@",
        "tasks": "@department_path@/@task@",
        "shotScenefiles": f"@task_path@/@sequence@-@shot@_@task@{end}",
        "assetScenefiles": f"@task_path@/@asset@_@task@{end}",
        **{kind: f"@entity_path@/{kind}/@identifier@" for kind in ("3drenders", "2drenders")},
        "renderVersions": BY_MEDIA.format("@render_path@/@version@", version) if is_by_media else version,
    }
    assert_alike("prism", project(**items), count=1)


def test_the_page_tells_each_code() -> None:
    [table] = tables((DOCS / "howto" / "come-from-prism.rst").read_text(encoding="utf-8"))
    codes = system_codes("prism")
    assert [(literals(row[0])[0], row[1].strip()) for row in table[1:]] == [(code, codes[code].level) for code in codes]


def test_what_prism_adds_is_compared_as_well(tmp_path: Path) -> None:
    path = json_file(tmp_path, {"globals": {"project_name": "dune"}}, "pipeline.json")
    found = verified("prism", path)
    assert set(found.templates) == import_from("prism", path).report.templates and found.differences == ()
