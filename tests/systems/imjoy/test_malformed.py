"""Each rule of ImJoy's formats about files that are wrong: what is reported, at which line of the file, and what is read all the same."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from ways.api import Draft, FormatTable, Session, Source
from ways.systems import imjoy
from ways.systems.imjoy.files.format import PluginFormat

GOOD = {"name": "Spot", "type": "native-python", "version": "0.1.0", "api_version": "0.1.8"}
SCRIPT = '<script lang="python">\napi.export(1)\n</script>\n'


def file_of(config: object, blocks: str = SCRIPT, lang: str = ' lang="json"') -> str:
    text = config if isinstance(config, str) else json.dumps(config)
    return f"<config{lang}>\n{text}\n</config>\n{blocks}"


def read(text: str, *, is_strict: bool = False) -> Draft:
    return PluginFormat(is_strict=is_strict).read(text.encode(), Source("here/a.imjoy.html", "imjoy"))


def told(text: str, *, is_strict: bool = False) -> list[tuple[str, str, int]]:
    return [(problem.code, problem.level, problem.source.line) for problem in read(text, is_strict=is_strict).problems]


def diagnostics(text: str) -> list[tuple[str, str, int]]:
    """Return what is only for information."""
    plugins = read(text).data["plugins"]  # type: ignore[index]
    found = plugins["Spot"]["data"]["_imjoy"]["diagnostics"]
    return [(item["code"], item["message"], item["line"]) for item in found if item["level"] == "info"]


# --- strict reading: an error of what ImJoy accepts

LAX: dict[str, tuple[dict[str, Any], str, str]] = {
    "no api_version": ({"api_version": None}, "api-version", "api_version"),
    "api_version as a number": ({"api_version": 0.1}, "version-type", "api_version"),
    "api_version as a list": ({"api_version": [0]}, "api-version", "api_version"),
    "version as a number": ({"version": 1}, "version-type", "version"),
    "version as a block": ({"version": {"a": 1}}, "value-type", "version"),
    "description": ({"description": 3}, "value-type", "description"),
    "icon": ({"icon": 3}, "value-type", "icon"),
    "icon of a tag": ({"tags": ["a"], "icon": {"a": 3}}, "value-type", "icon.a"),
    "cover": ({"cover": True}, "value-type", "cover"),
    "base_frame": ({"base_frame": 3}, "value-type", "base_frame"),
    "base_worker": ({"base_worker": []}, "value-type", "base_worker"),
    "lang": ({"lang": 3}, "value-type", "lang"),
    "uri": ({"uri": 3}, "value-type", "uri"),
    "passive": ({"passive": "yes"}, "value-type", "passive"),
    "runnable": ({"runnable": 0}, "value-type", "runnable"),
    "disabled": ({"disabled": "true"}, "value-type", "disabled"),
    "defaults": ({"defaults": [1]}, "value-type", "defaults"),
    "flags": ({"flags": 3}, "flags-type", "flags"),
    "a flag": ({"flags": ["a", 3]}, "flags-type", "flags[1]"),
    "labels": ({"labels": 3}, "labels-type", "labels"),
    "permissions": ({"permissions": {}}, "permissions-type", "permissions"),
    "dependencies": ({"dependencies": 3}, "dependencies-type", "dependencies"),
    "tags": ({"tags": "gpu"}, "tags-type", "tags"),
    "an unknown type": ({"type": "native_python"}, "type", "type"),
    "no type": ({"type": None}, "type", "type"),
}


@pytest.mark.parametrize("is_strict", [False, True], ids=["lenient", "strict"])
@pytest.mark.parametrize("case", LAX.values(), ids=LAX)
def test_what_imjoy_accepts_is_an_error_in_strict_reading_alone(case: tuple[dict[str, Any], str, str], is_strict: bool) -> None:
    config, code, where = case
    draft = read(file_of({**GOOD, **config}), is_strict=is_strict)
    (problem,) = draft.problems
    assert (problem.code, problem.level, str(problem).split(": ")[1]) == (code, "error" if is_strict else "warning", where)
    assert "Spot" in draft.data["plugins"]  # type: ignore[index]


def test_values_of_the_right_type_are_none_of_wrong_ones() -> None:
    right = {
        "description": "a", "icon": None, "cover": ["a"], "runnable": False, "passive": True, "defaults": {"w": 1}, "lang": None,
        "labels": ["a"], "flags": "functional", "disabled": False, "base_frame": None,
    }
    assert told(file_of({**GOOD, **right}), is_strict=True) == []


def test_a_session_can_read_strictly(tmp_path: Path) -> None:
    (tmp_path / "a.imjoy.html").write_text(file_of({**GOOD, "api_version": 0.1}), encoding="utf-8")
    listed = [{**GOOD, "name": "Far", "uri": "https://h/far.imjoy.html", "version": 1}, {**GOOD, "uri": "a.imjoy.html"}]
    (tmp_path / "manifest.imjoy.json").write_text(json.dumps({"plugins": listed}), encoding="utf-8")
    for formats, level in ((None, "warning"), (FormatTable().with_formats(*imjoy.strict_formats()), "error")):
        session = Session(formats=formats)
        session.add_search_path(tmp_path / "manifest.imjoy.json")
        assert {(problem.code, problem.level) for problem in session.problems} == {("version-type", level)}
        assert len(session.problems) == 2


# --- Python scripts

BROKEN = "\nx = 1\ndef f(:\n    pass\n"
OLD = "\nx = 1\nprint 'hello'\n"


def script(text: str, lang: str = "python", more: str = "") -> str:
    return f'<script lang="{lang}"{more}>{text}</script>\n'


def test_a_syntax_error_is_reported_at_its_line_of_the_file() -> None:
    text = file_of(GOOD, "<docs>a</docs>\n" + script(BROKEN))
    (problem,) = read(text).problems
    assert (problem.code, problem.level, problem.source.line, problem.source.column) == ("script-syntax", "error", 7, 7)
    assert problem.message.startswith(f"Python {sys.version_info[0]}.{sys.version_info[1]} can't read this script: ")


def test_the_column_counts_the_indentation_that_imjoy_takes_away() -> None:
    (problem,) = read(file_of(GOOD, "<script\n  lang='python'>\n    x = 1\n    y = = 2\n  </script>")).problems
    assert (problem.source.line, problem.source.column) == (7, 9)


def test_a_script_that_begins_beside_its_tag_is_at_its_column() -> None:
    (problem,) = read(file_of(GOOD, script("x = = 1"))).problems
    assert (problem.source.line, problem.source.column) == (4, 27)


DOCSTRING = '''
    class Plugin:
        """Does much.
{}More about it.
        """
    api.export(Plugin())
'''


@pytest.mark.parametrize(
    "line, column",
    [("", 1), ("  ", 3), ("\t", 1)],
    ids=["column 1", "less", "a tab"],
)
def test_a_docstring_with_less_indentation_is_reported_at_its_line(line: str, column: int) -> None:
    (problem,) = read(file_of(GOOD, script(DOCSTRING.format(line)))).problems
    assert (problem.code, problem.level, problem.source.line, problem.source.column) == ("script-syntax", "error", 7, column)
    assert "ImJoy takes away what all lines share" in problem.message and "Indent this line" in problem.help


def test_a_docstring_with_more_indentation_is_read() -> None:
    assert told(file_of(GOOD, script(DOCSTRING.format("        ")))) == []


@pytest.mark.parametrize(
    "text",
    [
        "\n", "", '\nx = "\\d"\n', "\r\nx = 1\r\n", "\n# only a comment", "\nasync def f():\n    await g()\n", "\nawait g()\n",
        "\n    # a comment that is indented\nx = 1\n", '\nx = """\n</b> <script>\n"""\n',
    ],
    ids=repr,
)
def test_a_script_that_python_reads_is_none_of_wrong_ones(text: str) -> None:
    assert told(file_of(GOOD, script(text))) == []


@pytest.mark.parametrize("text", ["\0", "(" * 1000, "x = " + "-" * 100_000 + "1", "\n\ud800".encode("utf-8", "replace").decode()])
def test_a_script_that_no_python_could_read_is_reported(text: str) -> None:
    assert {code for code, _, _ in told(file_of(GOOD, script(text)))} <= {"script-syntax"}


@pytest.mark.parametrize(
    "config, block",
    [
        ({}, script(BROKEN, "javascript")),
        ({}, script(BROKEN, "")),
        ({}, f"<script>{BROKEN}</script>"),
        ({}, script(BROKEN, "ijm")),
        ({}, script(BROKEN, more=' src="https://h/a.py"')),
        ({"type": "window"}, script(BROKEN)),
        ({"type": "jupyter-notebook"}, script(BROKEN)),
        ({"tags": ["a"]}, script(BROKEN, more=' tag="b"') + SCRIPT),
    ],
    ids=["javascript", "empty", "no language", "another language", "elsewhere", "a window", "a notebook", "no tag"],
)
def test_other_scripts_are_left_alone(config: dict[str, Any], block: str) -> None:
    assert told(file_of({**GOOD, **config}, block)) == []


@pytest.mark.parametrize("kind", ["native-python", "web-python", "web-python-window"])
def test_each_script_that_would_run_is_read(kind: str) -> None:
    config = {**GOOD, "type": kind, "tags": ["a", "b"]}
    blocks = SCRIPT + script(BROKEN, "Python") + script(BROKEN, more=' tag="b"')
    assert told(file_of(config, blocks)) == [("script-syntax", "error", 9), ("script-syntax", "error", 14)]


PYTHON_2 = ["conda create -n a python=2.7", "conda create python==2", ["conda create -y -n b python=2.7.18 numpy"]]


@pytest.mark.parametrize("env", PYTHON_2, ids=str)
def test_a_script_of_python_2_is_not_judged_by_python_3(env: object) -> None:
    text = file_of({**GOOD, "env": env}, script(OLD))
    assert told(text) == []
    ((code, message, line),) = diagnostics(text)
    assert (code, line) == ("script-syntax", 6) and message.endswith("; the plugin asks for Python 2")


@pytest.mark.parametrize(
    "more",
    [
        {"cmd": "python2"}, {"cmd": "python2 -u x"}, {"cmd": "python3.99"},
        {"env": "conda env create -f a.yml"}, {"env": "conda create -n a 'python<3'"},
    ],
    ids=str,
)
def test_a_script_of_a_python_that_is_not_known_is_not_judged(more: dict[str, Any]) -> None:
    text = file_of({**GOOD, **more}, script(OLD))
    assert "script-syntax" not in [code for code, _, _ in told(text)]
    assert [code for code, _, _ in diagnostics(text)] == ["script-syntax"]


@pytest.mark.parametrize("env", [None, *(f"conda create -n a {python}" for python in ("", "python=3", "python=3.6", "python=3.9"))])
def test_a_script_of_python_2_that_python_3_would_run_is_an_error(env: object) -> None:
    (problem,) = read(file_of({**GOOD, "env": env}, script(OLD))).problems
    assert (problem.code, problem.level, problem.source.line) == ("script-syntax", "error", 6)
    assert "written for Python 2" in problem.help


def test_words_that_became_keywords_are_not_judged_for_an_older_python() -> None:
    text = script("\nsess.run(x, async=True)\n")
    assert told(file_of({**GOOD, "env": "conda create -n a python=3.6"}, text)) == []
    assert told(file_of({**GOOD, "env": "conda create -n a python=3.7"}, text)) == [("script-syntax", "error", 5)]


def test_a_script_is_judged_for_each_tag_that_runs_it() -> None:
    config = {**GOOD, "tags": ["old", "new"], "env": {"old": "conda create -n a python=2.7", "new": None}}
    (problem,) = read(file_of(config, script(OLD))).problems
    assert problem.message.endswith("; it would run it for 'new'")


# --- files of environments

FILE = "conda env create -f environment.yml"


def loaded(folder: Path, config: dict[str, Any], **files: str) -> tuple[Session, list[tuple[str, str, str]]]:
    for name, text in {"a__imjoy__html": file_of({**GOOD, **config}), **files}.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    session = Session()
    session.add_search_path(folder / "a.imjoy.html")
    return session, [(problem.code, problem.level, str(problem).split(": ")[1]) for problem in session.problems]


def file_step(session: Session, place: str = "imjoy/local/Spot") -> dict[str, Any]:
    context = session.need_context(place)
    plan = context.data["_imjoy"]["plan"]
    assert imjoy.install_plan(context)["digest"] == plan["digest"]
    return next(step for step in plan["steps"] if step["kind"] == "env-file")


def test_an_environment_has_the_name_that_its_file_gives_it(tmp_path: Path) -> None:
    config = {"env": [FILE], "requirements": ["numpy"]}
    session, problems = loaded(tmp_path, config, environment__yml="name: cells\ndependencies: [numpy]\n")
    step = file_step(session)
    assert problems == [] and (step["details"], step["status"]) == ({"file": "environment.yml", "name": "cells"}, "planned")
    assert session.need_context("imjoy/local/Spot").data["_imjoy"]["plan"]["steps"][1]["environment"] == "cells"


def test_a_file_of_an_environment_that_nothing_brings_is_reported(tmp_path: Path) -> None:
    session, problems = loaded(tmp_path, {"env": [FILE]})
    assert problems == [("env-file", "warning", "env[0]")] and file_step(session)["status"] == "planned"


@pytest.mark.parametrize("text", ["dependencies: [numpy]\n", "name:\n", "- a\n", "", "name: [", "name: ../x\n"], ids=repr)
def test_a_file_that_names_no_environment_is_reported(tmp_path: Path, text: str) -> None:
    session, problems = loaded(tmp_path, {"env": [FILE]}, environment__yml=text)
    assert problems == [("env-file", "error", "env[0]")] and file_step(session)["status"] == "invalid"


def test_a_name_in_the_command_goes_before_that_of_the_file(tmp_path: Path) -> None:
    session, problems = loaded(tmp_path, {"env": FILE + " -n cells"}, environment__yml="dependencies: []\n")
    assert problems == [] and file_step(session)["details"]["name"] == "cells"


@pytest.mark.parametrize(
    "config",
    [
        {"env": ["conda env create -f r/environment.yml"], "requirements": ["repo:https://h/o/r"]},
        {"env": ["git clone https://h/o/r", "conda env create -f r/environment.yml"]},
        {"env": ["git clone https://h/o/r && conda env create -f r/environment.yml"]},
        {"env": FILE, "requirements": ["cmd: curl -O https://h/environment.yml"]},
    ],
    ids=["repo", "git", "git before it", "cmd"],
)
def test_a_file_that_the_plan_brings_may_be_anything(tmp_path: Path, config: dict[str, Any]) -> None:
    session, problems = loaded(tmp_path, config)
    assert problems == [] and file_step(session)["details"]["name"].startswith("the name in ")


def test_a_clone_of_the_plugins_own_repository_is_already_here(tmp_path: Path) -> None:
    config = {"env": "conda env create -f tools/env.yml", "requirements": ["repo:https://github.com/Studio/tools"], "uri": "a.imjoy.html"}
    listed = {"repository": "studio/tools", "plugins": [{**GOOD, **config}]}
    (tmp_path / "manifest.imjoy.json").write_text(json.dumps(listed), encoding="utf-8")
    (tmp_path / "env.yml").write_text("name: cells\n", encoding="utf-8")
    (tmp_path / "a.imjoy.html").write_text(file_of({**GOOD, **config}), encoding="utf-8")
    session = Session()
    session.add_search_path(tmp_path / "manifest.imjoy.json")
    assert session.problems == []
    assert file_step(session, "imjoy/studio/tools/Spot")["details"]["name"] == "cells"
