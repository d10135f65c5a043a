"""Manifests of ImJoy repositories: what they list, where it stands, and what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ways.api import Session
from ways.systems.imjoy.files import manifest as imjoy_manifest


def plugin(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "window", "version": "0.1.0", "api_version": "0.1.8", **more}


def manifest(*plugins: object, **more: Any) -> str:
    return json.dumps({"name": "Tools", "repository": "studio/tools", "plugins": plugins, **more}, indent=1)


def file_of(config: dict[str, Any]) -> str:
    return f'<config lang="json">\n{json.dumps(config)}\n</config>\n<script>x</script>'


@pytest.fixture
def load(tmp_path: Path) -> Any:
    def write(text: str, **files: dict[str, Any]) -> Session:
        (tmp_path / "manifest.imjoy.json").write_text(text, encoding="utf-8")
        for place, config in files.items():
            path = tmp_path / f"{place.replace('__', '/')}.imjoy.html"
            path.parent.mkdir(exist_ok=True)
            path.write_text(file_of(config), encoding="utf-8")
        session = Session()
        session.add_search_path(str(tmp_path / "manifest.imjoy.json"))
        return session

    return write


def places(session: Session) -> list[str]:
    return ["/".join(place) for place in session.hierarchies()]


def problems_of(session: Session) -> list[tuple[str, str, str]]:
    return [(problem.code, problem.level, str(problem).split(": ")[1]) for problem in session.problems]


def test_the_files_that_a_manifest_lists_stand_below_its_repository(load: Any) -> None:
    session = load(manifest(plugin("A"), plugin("B c", uri="sub/b.imjoy.html")), A=plugin("A"), sub__b=plugin("B c"))
    assert session.problems == []
    assert places(session) == ["imjoy/studio/tools", "imjoy/studio/tools/A", "imjoy/studio/tools/B c"]
    assert [Path(sheet.source.path).name for sheet in session.sheets] == ["manifest.imjoy.json", "A.imjoy.html", "b.imjoy.html"]


def test_a_file_is_right_where_the_manifest_says_otherwise(load: Any) -> None:
    session = load(manifest(plugin("A")), A=plugin("A", version="0.2.0"))
    assert session.get_context("imjoy/studio/tools/A").data["version"] == "0.2.0"
    assert problems_of(session) == [("manifest-differs", "warning", "version")]


def test_a_plugin_whose_file_is_absent_is_as_the_manifest_says(load: Any) -> None:
    session = load(manifest(plugin("A", tags=["x", "y"], requirements={"x": ["a.js"], "y": []})))
    context = session.get_context("imjoy/studio/tools/A")
    assert context.data["requirements"] == ["a.js"] and context.data["_imjoy"]["uri"] == "A.imjoy.html"
    assert session.get_context("imjoy/studio/tools/A", assignment="y").data["requirements"] == []
    assert problems_of(session) == [("file-missing", "warning", "plugins[0].uri")]
    assert session.problems[0].source.line == 5


def test_a_plugin_elsewhere_is_listed_and_never_fetched(load: Any) -> None:
    session = load(manifest(plugin("A"), plugin("B", uri="https://h/b.imjoy.html"), uri_root="https://h/x/"))
    uris = [session.get_context(f"imjoy/studio/tools/{name}").data["_imjoy"]["uri"] for name in "AB"]
    assert uris == ["https://h/x/A.imjoy.html", "https://h/b.imjoy.html"] and session.problems == []


@pytest.mark.parametrize(
    "root, uri, is_there",
    [
        ("", r"sub\b.imjoy.html", True),
        ("sub", "b.imjoy.html", True),
        ("/sub/", "sub/b.imjoy.html", True),
        ("sub", None, False),
        ("", "./sub//b.imjoy.html", True),
    ],
    ids=["backslash", "root", "root in both", "by name", "dots"],
)
def test_the_file_of_an_entry_is_found_below_its_root(load: Any, root: str, uri: str | None, is_there: bool) -> None:
    entry = plugin("B") if uri is None else plugin("B", uri=uri)
    session = load(manifest(entry, uri_root=root), sub__b=plugin("B"))
    assert len(session.sheets) == (2 if is_there else 1)


@pytest.mark.parametrize("uri", ["../b.imjoy.html", "/../b.imjoy.html", "C:/b.imjoy.html", r"..\b.imjoy.html", "a/../../b.imjoy.html"])
def test_a_file_outside_of_the_repository_is_not_read(load: Any, tmp_path: Path, uri: str) -> None:
    (tmp_path.parent / "b.imjoy.html").write_text(file_of(plugin("B")), encoding="utf-8")
    session = load(manifest(plugin("B", uri=uri)))
    assert places(session) == ["imjoy/studio/tools"]
    assert problems_of(session) == [("path-escape", "error", "plugins[0].uri")]


def test_a_disabled_plugin_is_named_and_left_out(load: Any) -> None:
    session = load(manifest(plugin("A", disabled=True), plugin("B")), A=plugin("A"), B=plugin("B"))
    assert places(session) == ["imjoy/studio/tools", "imjoy/studio/tools/B"] and session.problems == []
    said = session.get_context("imjoy/studio/tools").data["_repository"]
    assert (said["plugins"], said["disabled"], said["origin"]) == (["B"], ["A"], "studio/tools")


def test_a_plugin_inherits_nothing_of_its_repository_but_who_that_is(load: Any) -> None:
    session = load(manifest(plugin("A"), description="of all", version="9"), A=plugin("A"))
    data = session.get_context("imjoy/studio/tools/A").data
    assert "description" not in data and data["version"] == "0.1.0" and data["_repository"]["description"] == "of all"


def test_a_file_that_no_entry_names_is_reported(load: Any) -> None:
    session = load(manifest(), sub__b=plugin("B"))
    assert problems_of(session) == [("unlisted-file", "warning", "plugins")]


def test_a_whole_folder_is_read_once_and_other_files_are_local(load: Any, tmp_path: Path) -> None:
    load(manifest(plugin("A")), A=plugin("A"), B=plugin("B"))
    session = Session()
    session.add_search_path(str(tmp_path))
    assert sorted(places(session)) == ["imjoy/local/B", "imjoy/studio/tools", "imjoy/studio/tools/A"]


@pytest.mark.parametrize(
    "plugins, code, where",
    [
        ([3], "config-not-mapping", "plugins[0]"),
        ([{}], "name", "plugins[0]"),
        ([{"name": "a/b"}], "name", "plugins[0].name"),
        ([plugin("A", uri="https://h/a"), plugin("A")], "duplicate-plugin", "plugins[1]"),
        ([plugin("A b", uri="https://h/a"), plugin("A_b")], "duplicate-plugin", "plugins[1]"),
        ([plugin("A", uri=3)], "uri", "plugins[0].uri"),
        ([plugin("A", uri="https://h/a", type="windw")], "type", "plugins[0].type"),
    ],
    ids=["number", "no name", "slash", "twice", "nearly twice", "uri", "type"],
)
def test_what_is_wrong_with_an_entry_costs_that_entry(load: Any, plugins: list[Any], code: str, where: str) -> None:
    session = load(manifest(*plugins, plugin("Good", uri="https://h/good.imjoy.html")))
    assert [(one, at) for one, _, at in problems_of(session)] == [(code, where)]
    assert "imjoy/studio/tools/Good" in places(session)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"plugins": 3}'])
def test_a_manifest_that_cannot_be_read_is_reported(load: Any, text: str) -> None:
    session, code = load(text), "syntax" if text == "{" else "manifest-plugins"
    assert [problem.code for problem in session.problems] == [code] and places(session) == []


def test_an_empty_list_is_a_repository(load: Any) -> None:
    assert places(load(manifest())) == ["imjoy/studio/tools"]


@pytest.mark.parametrize(
    "url", ["https://github.com/o/n.git", "git@github.com:o/n.git", "https://user:secret@github.com/o/n", "ssh://git@github.com/o/n"]
)
def test_the_repository_is_that_of_the_clone(load: Any, tmp_path: Path, url: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text(f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {url}\n[branch "x"]\n', encoding="utf-8")
    session = load(json.dumps({"plugins": [plugin("A")]}), A=plugin("A"))
    assert places(session) == ["imjoy/o/n", "imjoy/o/n/A"]


def test_the_repository_is_its_folder_where_nothing_else_says(load: Any, tmp_path: Path) -> None:
    session = load(json.dumps({"plugins": [plugin("A")]}), A=plugin("A"))
    assert session.get_context(("imjoy", tmp_path.name, "A")) is not None


@pytest.mark.parametrize(
    "text, values",
    [
        ("studio/tools:A", {"OWNER": "studio", "REPO": "tools", "PLUGIN": "A"}),
        ("studio/tools:A@y", {"OWNER": "studio", "REPO": "tools", "PLUGIN": "A", "TAG": "y"}),
        ("studio/tools@4063b24:A@x", {"OWNER": "studio", "REPO": "tools", "COMMIT": "4063b24", "PLUGIN": "A", "TAG": "x"}),
        ("studio/tools@feature/x:A", {"OWNER": "studio", "REPO": "tools", "COMMIT": "feature/x", "PLUGIN": "A"}),
    ],
)
def test_a_uri_finds_its_plugin(load: Any, text: str, values: dict[str, str]) -> None:
    session = load(manifest(plugin("A", tags=["x", "y"]), plugin("B")))
    asset = session.get_asset(text)
    assert asset.context.hierarchy == ("imjoy", "studio", "tools", "A")
    assert session.read(text).values == values
    assert session.format(asset.context.hierarchy, values) == text


def test_no_more_plugins_and_names_are_looked_at_than_the_limits_say(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imjoy_manifest, "MAX_ENTRIES", 2)
    monkeypatch.setattr(imjoy_manifest, "MAX_NAMES", 1)
    session = load(manifest(*(plugin(name) for name in "ABC")), A=plugin("A"), B=plugin("B"), C=plugin("C"))
    assert [code for code, _, _ in problems_of(session)] == ["too-large"] and len(session.sheets) == 3


def test_each_of_many_plugins_costs_no_more_than_the_first(load: Any) -> None:
    session = load(manifest(*(plugin(f"p{number}", uri="https://h/x.imjoy.html") for number in range(2500))))
    assert len(session.hierarchies()) == 2501
    last = session.need_context("imjoy/studio/tools/p2499").plugins[-1]
    assert last.source_of("data", "name").line > last.source_of("data").line > 10_000
