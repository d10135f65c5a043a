"""What is reported of ImJoy files that people wrote is true: each file here has the shape of a real one that was misjudged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ways.api import Draft, FolderDescriptor, Session, Source
from ways.opening import checked_sessions
from ways.systems import imjoy
from ways.systems.imjoy.files.format import IMJOY_FORMATS

GOOD = {"name": "Spot", "type": "native-python", "version": "0.1.0", "api_version": "0.1.8"}
SCRIPT = '<script lang="python">\napi.export(1)\n</script>\n'


def file_of(config: dict[str, Any], blocks: str = SCRIPT) -> str:
    return f'<config lang="json">\n{json.dumps(config)}\n</config>\n{blocks}'


def read(text: str) -> Draft:
    return IMJOY_FORMATS[0].read(text.encode(), Source("here/a.imjoy.html", "imjoy"))


def told(text: str) -> list[tuple[str, str, int]]:
    return [(problem.code, problem.level, problem.source.line) for problem in read(text).problems]


# --- tags


@pytest.mark.parametrize("tag, name", [("Windows-CPU", "Windows-GPU"), ("gpu 1", "gpu 2"), ("v1", "v2"), ("Linux CPU", "CPU")])
def test_another_tag_is_no_misspelt_one(tag: str, name: str) -> None:
    draft = read(file_of({**GOOD, "tags": ["a", tag], "env": {"a": "", name: ""}}))
    (problem,) = draft.problems
    assert problem.code == "tag-missing" and problem.help == f"There are values for: a, {name}."


def test_a_name_that_is_another_tag_is_not_offered() -> None:
    draft = read(file_of({**GOOD, "tags": ["Window", "Windows"], "flags": {"Windows": []}}))
    assert [problem.help for problem in draft.problems] == ["There are values for: Windows."]


@pytest.mark.parametrize("tag, name", [("Window-GPU", "Windows-GPU"), ("MacOS CPU", "macOS CPU"), ("Windows GPU", "Windows-GPU")])
def test_a_name_that_differs_by_a_slip_is_offered(tag: str, name: str) -> None:
    draft = read(file_of({**GOOD, "tags": ["a", tag], "env": {"a": "", name: ""}}))
    assert [problem.help for problem in draft.problems] == [f"Did you mean {name!r}?"]


# --- types of old files

OLD = {"name": "Spot", "version": "0.1.0", "api_version": "0.1.1", "tags": ["nativePy", "webPy"]}
BY_TAG = {"webPy": "webpython", "nativePy": "pyworker"}


@pytest.mark.parametrize("key", ["mode", "type"])
def test_an_old_type_may_differ_by_tag(key: str) -> None:
    draft = read(file_of({**OLD, key: BY_TAG}))
    made = draft.data["plugins"]  # type: ignore[index]
    assert {name: plugin["data"]["type"] for name, plugin in made.items()} == {
        "Spot": "native-python", "Spot@nativePy": "native-python", "Spot@webPy": "web-python"
    }
    assert [plugin["data"]["_imjoy"]["runs_in"] for plugin in made.values()] == ["engine", "engine", "browser"]
    assert all("mode" not in plugin["data"] for plugin in made.values()) and draft.problems == ()


def test_the_type_of_a_tag_is_where_its_mode_is_written() -> None:
    draft = read(file_of({**OLD, "mode": {**BY_TAG, "webPy": "webpy"}}))
    (problem,) = draft.problems
    assert (problem.code, str(problem).split(": ")[1]) == ("type", "mode.webPy")
    top = ("plugins", "Spot@nativePy", "data", "type")
    assert draft.positions[top] == (2, draft.positions[top][1]) and top[:2] + ("data", "mode") not in draft.positions


def test_a_tag_whose_type_is_not_given_has_that_of_mode() -> None:
    draft = read(file_of({**OLD, "type": {"webPy": "webpython"}, "mode": "pyworker"}))
    made = draft.data["plugins"]  # type: ignore[index]
    assert [plugin["data"]["type"] for plugin in made.values()] == ["native-python", "native-python", "web-python"]


def test_a_type_of_old_files_that_is_none_goes_before_mode() -> None:
    made = read(file_of({**OLD, "tags": [], "type": "demo/hello", "mode": "pyworker"})).data["plugins"]  # type: ignore[index]
    assert made["Spot"]["data"]["type"] == "demo/hello"


# --- scripts that are elsewhere


@pytest.mark.parametrize(
    "more",
    [
        {"type": "rpc-window", "base_frame": "https://h/a.html"},
        {"type": "iframe", "base_frame": "https://h/a.html"},
        {"type": "web-worker", "base_worker": "https://h/a.js"},
        {"type": "rpc-worker", "base_worker": "https://h/a.js"},
        {"type": "window", "passive": True},
        {"type": "collection"},
        {"type": "rpc-window", "tags": ["a"], "base_frame": {"a": "https://h/a.html"}},
    ],
    ids=lambda more: f"{more['type']} {list(more)[1:]}",
)
def test_a_plugin_whose_code_is_elsewhere_needs_no_script(more: dict[str, Any]) -> None:
    assert told(file_of({**GOOD, **more}, "")) == []


def test_a_window_without_any_code_needs_one() -> None:
    assert told(file_of({**GOOD, "type": "rpc-window"}, "")) == [("no-script", "warning", 1)]


# --- what swallows a close tag

DOCS = "<docs>\nuse <script> here\n</docs>\n"


@pytest.mark.parametrize(
    "text, expected",
    [
        (file_of(GOOD, DOCS + SCRIPT), ("unclosed-block", "warning", 5)),
        (DOCS + file_of(GOOD), ("unclosed-block", "error", 2)),
        (file_of(GOOD, DOCS), ("unclosed-block", "warning", 5)),
        (file_of(GOOD, "<window>\n<style>\nb {}\n</window>\n" + SCRIPT), ("unclosed-block", "warning", 5)),
        (file_of(GOOD, "<docs>\n<!-- to do\n</docs>\n" + SCRIPT), ("unclosed-block", "warning", 5)),
        (file_of(GOOD, "<docs>\n\n<!-- to do\n</docs>\n<!-- -->" + SCRIPT), ("unclosed-block", "warning", 6)),
        (file_of(GOOD, SCRIPT + "<docs>\nnever closed\n"), ("unclosed-block", "warning", 7)),
    ],
    ids=["script", "script before the config", "script to the end", "style", "comment", "comment that ends later", "nothing"],
)
def test_what_hides_a_close_tag_is_reported_where_it_is(text: str, expected: tuple[str, str, int]) -> None:
    assert told(text) == [expected]


def test_what_hides_a_close_tag_is_named() -> None:
    (problem,) = read(file_of(GOOD, DOCS + SCRIPT)).problems
    assert problem.message == "<script> inside <docs> hides </docs>: everything up to </script> in line 9 is its text"
    assert problem.source.column == 5


CUT = '<script lang="javascript">\nlet a = "<script></script>"; if (a <b) { a > 3 }\n</script>\n'


@pytest.mark.parametrize("blocks", [CUT, CUT + "<docs>x</docs>\n"], ids=["at the end", "before docs"])
def test_a_script_that_ends_in_its_own_text_is_reported_there(blocks: str) -> None:
    text = file_of({**GOOD, "type": "window"}, blocks)
    assert told(text) == [("script-cut", "warning", 5)]
    assert "a second </script>, in line 6, closes nothing" in str(read(text).problems[0])


def test_a_script_in_docs_is_text() -> None:
    assert told(file_of(GOOD, SCRIPT + "<docs>end it with </script></docs><docs><script>a</script></docs>")) == []


# --- addresses of files that are loaded


def plugin(name: str, **more: Any) -> dict[str, Any]:
    return {**GOOD, "name": name, **more}


@pytest.mark.parametrize("manifest", [True, False], ids=["listed", "a folder"])
@pytest.mark.parametrize(
    "address",
    [
        "https://raw.githubusercontent.com/studio/Tools/master/sub/b.imjoy.html",
        "https://raw.githubusercontent.com/studio/Tools/refs/heads/main/sub/b.imjoy.html@gpu",
        "https://raw.githubusercontent.com/studio/Tools/feature/x/sub/b.imjoy.html",
        "https://github.com/studio/Tools/blob/4063b24/sub/b.imjoy.html",
        "https://raw.githubusercontent.com/studio/Tools/master/sub/b.imjoy.html?raw=1",
    ],
)
def test_the_raw_address_of_a_file_that_is_loaded_is_that_plugin(tmp_path: Path, address: str, manifest: bool) -> None:
    folder = tmp_path / "Tools"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.imjoy.html").write_text(file_of(plugin("A", dependencies=[address])), encoding="utf-8")
    (folder / "sub" / "b.imjoy.html").write_text(file_of(plugin("B", tags=["cpu", "gpu"])), encoding="utf-8")
    session = Session()
    if manifest:
        listed = {"repository": "studio/tools", "plugins": [plugin("A", uri="a.imjoy.html"), plugin("B", uri="sub/b.imjoy.html")]}
        (folder / "manifest.imjoy.json").write_text(json.dumps(listed), encoding="utf-8")
        session.add_search_path(folder / "manifest.imjoy.json")
    else:
        session.add_search_path(folder)
        session.add_search_path(folder / "sub")
    assert imjoy.dependency_problems(session) == []
    assert imjoy.find(session, address).data["name"] == "B"


@pytest.mark.parametrize("address", ["studio/other/master/b.imjoy.html", "studio/tools/b.imjoy.html", "studio/tools/master/x/b.imjoy.html"])
def test_the_address_of_another_file_is_still_missing(tmp_path: Path, address: str) -> None:
    listed = {"repository": "studio/tools", "plugins": [plugin("B", uri="sub/b.imjoy.html")]}
    (tmp_path / "manifest.imjoy.json").write_text(json.dumps(listed), encoding="utf-8")
    session = Session()
    session.add_search_path(tmp_path / "manifest.imjoy.json")
    with pytest.raises(imjoy.ImJoyError, match="isn't loaded"):
        imjoy.find(session, f"https://raw.githubusercontent.com/{address}")


# --- folders without a manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository's folder with a plugin below it, and files of other programs."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "a.imjoy.html").write_text(file_of(plugin("A")), encoding="utf-8")
    (tmp_path / "package.json").write_text('{"name": "a", "plugins": [{"name": "b"}]}', encoding="utf-8")
    (tmp_path / "setup.py").write_text("from setuptools import setup\nsetup(name='a')\n", encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text("site_name: a\nplugins: [search]\n", encoding="utf-8")
    return tmp_path


def names_in(session: Session) -> list[str]:
    return [context.data["name"] for context in imjoy.plugins(session)]


def test_a_folder_without_a_manifest_reads_its_plugin_files(folder: Path) -> None:
    session = Session()
    session.add_search_path(folder / "plugins")
    assert names_in(session) == ["A"] and session.problems == []


def test_a_folder_with_plugin_files_deeper_says_what_would_read_them(folder: Path) -> None:
    session = Session()
    session.add_search_path(folder)
    (problem,) = session.problems
    assert names_in(session) == [] and problem.code == "sheets-below"
    assert "a.imjoy.html" in problem.message and "'recursive: true'" in problem.help


def test_a_folder_that_is_recursive_reads_all_of_its_plugin_files(folder: Path) -> None:
    (folder / ".ways_plugin_info.yml").write_text("recursive: true\n", encoding="utf-8")
    session = Session()
    session.add_search_path(folder)
    assert names_in(session) == ["A"] and session.problems == []
    assert [Path(path).name for path in FolderDescriptor(folder).paths() if str(path).endswith(".html")] == ["a.imjoy.html"]


def test_a_check_of_a_folder_reads_the_plugin_files_below_it(folder: Path) -> None:
    sessions = checked_sessions([folder])
    assert [name for session in sessions for name in names_in(session)] == ["A"]
    assert [problem for session in sessions for problem in session.problems] == []
