"""plugInfo files as sheets: which places they make, where these are written, and what is wrong with them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from conftest import PLUGIN_SHEETS
from hypothesis import given
from hypothesis import strategies as st

from ways.api import Session
from ways.sheets.document import Source
from ways.systems.usd.files import paths as usd_paths
from ways.systems.usd.files.format import PlugInfoFormat
from ways.systems.usd.files.info import joined, read_info, resource_path
from ways.systems.usd.files.json import MAX_DEPTH, Wrong, parse, plain_copy, without_comments
from ways.systems.usd.files.paths import PatternError, RealDisk, expanded, included
from ways.systems.usd.files.patterns import matches_name

pytestmark = pytest.mark.portability

PLUGIN = {"Type": "resource", "Name": "inks", "Info": {"Types": {"Ink": {"bases": ["Tool"], "color": "black"}}}}


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    """Write plugInfo files (data, or their text), and load the folder or one of them."""

    def load(files: dict[str, Any], add: str = "") -> Session:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        session = Session()
        session.add_search_path(str(tmp_path / add))
        return session

    return load


def codes(session: Session) -> list[tuple[str, str]]:
    return [(problem.code, problem.level) for problem in session.problems]


# --- places


def test_each_type_and_each_plugin_is_a_place(desk: Any) -> None:
    session = desk({"plugInfo.json": {"Plugins": [PLUGIN]}})
    assert [place.text for place in session.hierarchies()] == ["usd/plugins/resource/inks", "usd/types/Ink", "usd/types/Tool"]
    assert session.get_context("usd/types/Ink").data == {"bases": ["Tool"], "color": "black"}
    assert session.problems == []


def test_what_is_only_named_as_a_base_has_no_data_and_says_why(desk: Any) -> None:
    context = desk({"plugInfo.json": {"Plugins": [PLUGIN]}}).get_context("usd/types/Tool")
    assert dict(context.data) == {}
    assert [plugin.name for plugin in context.records] == ["Tool, named only as a base"]


@pytest.mark.parametrize("name", ["mod.Class", "_Base<1>", "ns::Type", "a/b", " "])
def test_any_name_of_a_type_has_a_place(desk: Any, name: str) -> None:
    session = desk({"plugInfo.json": {"Plugins": [{**PLUGIN, "Info": {"Types": {name: {"here": True}}}}]}})
    assert session.get_context(("usd", "types", name)).data["here"] is True


def test_the_place_of_a_plugin_has_all_that_is_no_type(desk: Any, tmp_path: Path) -> None:
    info = {"Types": {"Ink": {}}, "PluginDependencies": {"A": ["B"]}, "Own": 1}
    session = desk({"plugInfo.json": {"Plugins": [{**PLUGIN, "Info": info, "ResourcePath": "res"}]}})
    data = session.get_context("usd/plugins/resource/inks").data
    assert data["Info"] == {"PluginDependencies": {"A": ["B"]}, "Own": 1}
    assert (data["path"], data["resourcePath"]) == (f"{tmp_path}/", f"{tmp_path}/res")


@pytest.mark.platform("linux")
def test_a_resource_is_an_asset_of_its_plugin(desk: Any, tmp_path: Path) -> None:
    session = desk({"plugInfo.json": {"Plugins": [PLUGIN]}})
    asset = session.get_asset(f"{tmp_path}/icons/ink.png", context="usd/plugins/resource/inks")
    assert asset.get_value("RESOURCE") == "icons/ink.png"


def test_places_know_their_lines() -> None:
    session = Session()
    session.add_search_path(str(PLUGIN_SHEETS / "foreign" / "usd"))
    plugin = session.get_context("usd/types/desk_brushes%2ECharcoal").records[0]
    sources = [plugin.source, *(plugin.source_of("data", key) for key in ("alias", "displayName", "widths"))]
    assert [(source.line, source.column) for source in sources] == [(12, 21), (14, 25), (15, 25), (16, 25)]
    assert plugin.source.chain == (str(PLUGIN_SHEETS / "foreign" / "usd" / "plugInfo.json"),)


def test_a_line_is_of_the_place_that_has_what_is_written_there(desk: Any, tmp_path: Path) -> None:
    session = desk({"plugInfo.json": json.dumps({"Plugins": [PLUGIN]}, indent=0)})
    lines = (tmp_path / "plugInfo.json").read_text(encoding="utf-8").splitlines()
    path, color = str(tmp_path / "plugInfo.json"), next(number for number, text in enumerate(lines, 1) if "color" in text)
    of_color, of_plugin = session.explain_line(path, color), session.explain_line(path, 3)
    assert of_color.pointers == ("plugins.resource inks: Ink.data.color",)
    assert {(effect.hierarchy, effect.field) for effect in of_color.reached} == {("usd/types/Ink", "data.color")}
    assert of_plugin.pointers == ("plugins.resource inks.hierarchy", "plugins.resource inks.data")


def test_two_plugins_of_one_name_both_have_their_say_as_in_any_sheets(desk: Any) -> None:
    files = {name: {"Plugins": [{**PLUGIN, "Info": {"Types": {"Ink": {name[0]: 1}}}}]} for name in ("a/plugInfo.json", "b/plugInfo.json")}
    session = desk({**files, "plugInfo.json": {"Includes": ["*/"]}}, "plugInfo.json")
    assert session.get_context("usd/types/Ink").data == {"a": 1, "b": 1}


# --- includes


@pytest.mark.parametrize(
    "includes, names",
    [
        (["a/"], ["a"]),
        (["a/plugInfo.json", "a/"], ["a"]),
        (["*/"], ["a", "b"]),
        (["**/"], ["a", "b"]),
        (["[^a]/"], []),
        (["[^a]*/"], ["b"]),
        (["b/deep/x.json"], ["x"]),
        (["b/**/*.json"], ["x"]),
    ],
    ids=str,
)
def test_includes_are_followed(desk: Any, includes: list[str], names: list[str]) -> None:
    files = {f"{name}/plugInfo.json": {"Plugins": [{**PLUGIN, "Name": name, "Info": {}}]} for name in "ab"}
    files["b/deep/x.json"] = {"Plugins": [{**PLUGIN, "Name": "x", "Info": {}}]}
    session = desk({**files, "plugInfo.json": {"Includes": includes}}, "plugInfo.json")
    assert [place[-1] for place in session.hierarchies()] == names


@pytest.mark.parametrize(
    "include, code, level",
    [
        ("nowhere/", "nothing-included", "warning"),
        ("x*/", "nothing-included", "warning"),
        ("..//", "outside", "warning"),
        ("/etc/plugInfo.json", "outside", "warning"),
        ("../**/", "outside", "warning"),
        ("sub", "include-is-folder", "error"),
        ("**]/", "bad-pattern", "error"),
        (7, "include-not-string", "error"),
    ],
    ids=str,
)
def test_includes_that_lead_nowhere_are_reported_with_their_line(desk: Any, include: Any, code: str, level: str) -> None:
    session = desk({"sub/x": "", "plugInfo.json": '{\n "Includes": [\n  %s\n ]\n}' % json.dumps(include)})
    assert [(problem.code, problem.level, problem.source.line) for problem in session.problems] == [(code, level, 3)]


def test_a_pattern_in_a_folder_with_brackets_finds_what_is_there(desk: Any) -> None:
    session = desk({"p[1]/in/plugInfo.json": {"Plugins": [PLUGIN]}, "p[1]/plugInfo.json": {"Includes": ["*/"]}}, "p[1]")
    assert session.get_context("usd/types/Ink") is not None


def test_an_include_that_is_added_is_seen_by_a_refresh(desk: Any, tmp_path: Path) -> None:
    session = desk({"plugInfo.json": {"Includes": ["*/"]}}, "plugInfo.json")
    (tmp_path / "late").mkdir()
    (tmp_path / "late" / "plugInfo.json").write_text(json.dumps({"Plugins": [PLUGIN]}), encoding="utf-8")
    session.refresh()
    assert session.get_context("usd/types/Ink") is not None


def test_a_pattern_looks_at_no_more_names_than_it_may(desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usd_paths, "MAX_NAMES", 20)
    files = {f"d{n}/e/x.txt": "" for n in range(20)}
    assert codes(desk({**files, "plugInfo.json": {"Includes": ["**/"]}}, "plugInfo.json")) == [("too-many-files", "error")]
    with pytest.raises(PatternError):
        expanded(f"{tmp_path}/**/", RealDisk())


# --- what is laxer than the registry, and reported


@pytest.mark.parametrize(
    "text, code",
    [
        ('{"Plugins": [{"Type": "module", "Name": "m", "LibraryPath": "m.so", "Info": {}}]}', "module-type"),
        ('{"Type": "resource", "Name": "m", "Info": {}}', "bare-plugin"),
        ('{"Plugins": [] # none yet\n}', "trailing-comment"),
        ('{"Plugins": [], "Plugins": []}', "duplicate-key"),
        ('{"Plugins": []} and more', "text-after-value"),
        ('{"Plugins": [{"Type": "resource", "Name": "m", "Info": {"Types": []}}]}', "wrong-shape"),
    ],
)
def test_what_the_registry_would_refuse_or_drop_is_a_warning(desk: Any, text: str, code: str) -> None:
    session = desk({"plugInfo.json": text})
    assert codes(session) == [(code, "warning")]


def test_strictly_the_same_files_are_read_as_the_registry_does() -> None:
    bare = read_info(b'{"Type": "resource", "Name": "m", "Info": {}}', "/p/plugInfo.json", Source("p"), is_strict=True)
    assert [fault.code for fault in bare.faults] == ["unknown-key"] * 3 and not bare.entries
    module = read_info(b'{"Plugins": [{"Type": "module"}]}', "/p/plugInfo.json", Source("p"), is_strict=True)
    assert [(fault.code, fault.parts["key"], fault.parts["index"]) for fault in module.faults] == [("plugin-key", "Type", "0")]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "\ufeff{}", "[" * (MAX_DEPTH + 2)],
    ids=["empty", "open", "array", "mark", "deep"],
)
def test_what_is_no_object_costs_the_sheet_and_no_more(desk: Any, text: str) -> None:
    session = desk({"plugInfo.json": text, "native.json": '{"plugins": {"a": {"hierarchy": "a"}}}'})
    assert codes(session)[0] == ("syntax", "error")
    assert session.hierarchies() == [("a",)]


def test_a_file_that_no_longer_reads_keeps_its_last_good_places(desk: Any, tmp_path: Path) -> None:
    session = desk({"plugInfo.json": {"Plugins": [PLUGIN], "Includes": ["in/"]}, "in/plugInfo.json": {"Plugins": []}})
    before = session.hierarchies()
    (tmp_path / "plugInfo.json").write_text("{", encoding="utf-8")
    session.refresh()
    assert session.hierarchies() == before and codes(session) == [("syntax", "error")]


def test_bytes_that_are_no_utf8_are_reported_with_their_place(tmp_path: Path) -> None:
    draft = PlugInfoFormat().read(b'{\n "\xff": 1}', Source("plugInfo.json"))
    assert draft.is_lost
    assert (draft.problems[0].code, draft.problems[0].source.line, draft.problems[0].source.column) == ("encoding", 2, 3)


def test_metadata_that_is_nested_too_deep_costs_its_plugin(desk: Any) -> None:
    deep: Any = 1
    for _ in range(150):
        deep = [deep]
    session = desk({"plugInfo.json": {"Plugins": [PLUGIN, {**PLUGIN, "Name": "deep", "Info": {"x": deep}}]}})
    assert codes(session) == [("too-deep", "error")]
    assert session.get_context("usd/types/Ink") is not None


@given(st.binary(max_size=40) | st.text('{}[]",:#\\n1e-.Plugins Includes', max_size=60).map(str.encode))
def test_no_bytes_make_the_reader_raise(data: bytes) -> None:
    draft = PlugInfoFormat().read(data, Source("plugInfo.json"))
    assert draft.is_lost or isinstance(draft.data, dict)


# --- text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.booleans())
def test_what_json_writes_is_read_as_it_was(value: Any, is_ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii, indent=1)
    try:
        value_read = parse(text, is_strict=True).value
    except Wrong:
        # Python writes lone surrogates, which are no text.
        assert "\\ud" in json.dumps(value)
        return
    assert value_read == value and plain_copy(value_read) == value
    assert "#" in text or without_comments(text) == text


@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, 5])
def test_a_value_may_be_nested_deeper_than_python_calls(depth: int) -> None:
    assert parse("[" * depth + "]" * depth, is_strict=True).positions[0,] == (1, 2)


@pytest.mark.parametrize(
    "text, blanked",
    [("# a\n{}", "\n{}"), (" \t#\n{}", "\n{}"), ("{#\n}", "{#\n}"), ("\f# a", "\f# a"), ("#\r\n{}", "\r\n{}"), ("#\r{}", "")],
)
def test_only_whole_lines_are_comments(text: str, blanked: str) -> None:
    assert without_comments(text) == blanked


# --- patterns and paths


@pytest.mark.parametrize(
    "part, name, expected",
    [
        ("*", "a", True),
        ("*", ".a", False),
        (".*", ".a", True),
        ("?", ".", False),
        ("[.]a", ".a", False),
        ("[!a]", "b", True),
        ("[^a]", "a", False),
        ("[[:digit:]]x", "7x", True),
        ("[]a]", "]", True),
        ("[a-]", "-", True),
        ("\\*", "*", True),
        ("[z", "[z", True),
        ("[\\]]", "]", True),
        ("a*b*c", "axxbxxc", True),
        ("a*b*c", "axxcxxb", False),
    ],
)
def test_patterns_of_c(part: str, name: str, expected: bool) -> None:
    assert matches_name(part, name) is expected


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    assert not matches_name("*a" * 100 + "b", "a" * 250)


@pytest.mark.parametrize(
    "root, written, expected",
    [("/p/", None, "/p/"), ("/p", None, "/"), ("/p", "", "/p"), ("/p", "/r//", "/r//"), ("/p/", "r/", "/p/r"), ("/p", "..", "/")],
)
def test_where_resources_are(root: str, written: str | None, expected: str) -> None:
    assert resource_path(root, written) == expected


@pytest.mark.parametrize(
    "include, expected",
    [("a/", "/d/a/"), ("../a", "/a"), ("/x//y/", "/x//y/"), ("", ""), ("./a//b", "/d/a/b"), ("*/", "/d/*/")],
)
def test_includes_are_relative_to_their_file(include: str, expected: str) -> None:
    assert included("/d/plugInfo.json", include) == expected
    assert joined("/", "x") == "//x"


@pytest.mark.parametrize("text", ['{"a" 1}', '["\\udc00"]', '["\\ud800x"]', '["\\ud800\\u0041"]'], ids=["colon", "low", "alone", "pair"])
def test_what_is_no_json_is_wrong(text: str) -> None:
    with pytest.raises(Wrong):
        parse(text, is_strict=True)


def test_what_is_no_file_has_nothing_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "great").write_bytes(b"x" * 11)
    monkeypatch.setattr(usd_paths, "MAX_BYTES", 10)
    for name, number in (("pipe", 22), ("great", 27), ("a\0b", 22)):
        with pytest.raises(OSError) as caught:
            RealDisk().read(f"{tmp_path}/{name}")
        assert caught.value.errno == number
    assert RealDisk().read(str(tmp_path)) == b""


@pytest.mark.parametrize(
    "pattern, expected",
    [
        ("*//", "a/ b/"),
        ("*///", "a/ b/"),
        ("//*//", "//a/ //b/"),
        ("*//c/", "a//c/"),
        ("*///c//", "a//c/"),
        ("a//*//", "a//c/"),
        ("*//plugInfo.json", "a// b//"),
        ("*/.//", "a/./ b/./"),
        ("[ab]*//c*///d*/", "a//c//d/"),
    ],
)
def test_slashes_of_a_pattern_show_as_in_c(tmp_path: Path, pattern: str, expected: str) -> None:
    for folder in ("a/c/d", "b", "empty"):
        (tmp_path / folder).mkdir(parents=True)
    for folder in ("a", "b", "a/c", "a/c/d"):
        (tmp_path / folder / "plugInfo.json").touch()
    found = [file.removeprefix(f"{tmp_path}/") for file in expanded(f"{tmp_path}/{pattern}", RealDisk())]
    assert found == [f"{folder}plugInfo.json" for folder in expected.split()]
