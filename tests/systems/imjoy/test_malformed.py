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

pytestmark = pytest.mark.portability

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


def test_a_python_2_that_is_a_requirement_counts() -> None:
    assert told(file_of({**GOOD, "env": "conda create -n a", "requirements": ["conda: python=2.7 numpy"]}, script(OLD))) == []


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


# --- the rules of the file format, one by one: what is reported, with a word of the message and one of the help

JSON = '{"name": "Spot", "type": "window", "api_version": "0.1.8"%s}'
LOST: dict[str, tuple[str, str, int, str, str]] = {
    "an empty file": ("", "no-config", 1, "found none", "<config"),
    "a blank file": ("\n \n", "no-config", 1, "found none", "<config"),
    "no config": ("\n<docs>x</docs>\n", "no-config", 1, "found none", "<config"),
    "text alone": ("config", "no-config", 1, "found none", "<config"),
    "blocks inside html": (f"<html>\n<body>\n{file_of(GOOD)}</body></html>", "no-config", 3, "inside <html>", "Take <html> away"),
    "upper case": ('\n<CONFIG lang="json">{}</CONFIG>', "no-config", 2, "found <CONFIG>", "lower case"),
    "a comment": ('\n<!-- <config lang="json">{}</config> -->\n<docs/>', "no-config", 2, "found none", "<config"),
    "a comment that never ends": ('\n<!-- \n<config lang="json">{}</config>', "unclosed-block", 2, "never ends", "-->"),
    "a condition that never ends": ('<![if x\n<config lang="json">{}</config>', "unclosed-block", 1, "never ends", "]>"),
    "config not closed": ('\n<config lang="json">\n{}\n<script>x</script>\n', "unclosed-block", 2, "opened in line 2", "</config>"),
    "config closed by another name": ('<config lang="json">\n{}\n</conf>\n', "unclosed-block", 1, "opened in line 1", "</config>"),
    "a tag that never ends": ('<config lang="json"\n{}\n', "no-config", 1, "found none", "<config"),
    "link before config": (f'<link rel="stylesheet" href="a.css">\n{file_of(GOOD)}', "unclosed-block", 1, "<link>", "'/>'"),
    "br before config": (f"\n<br>\n{file_of(GOOD)}", "unclosed-block", 2, "<br>", "'/>'"),
    "script in docs before config": (f"<docs>\n<script>\n</docs>\n{file_of(GOOD)}", "unclosed-block", 2, "hides </docs>", "&lt;"),
    "lang xml": (file_of(GOOD, lang=' lang="xml"'), "config-language", 1, "lang='xml'", 'lang="json"'),
    "lang JSON": (file_of(GOOD, lang=' lang="JSON"'), "config-language", 1, "lang='JSON'", 'lang="json"'),
    "no lang": (file_of(GOOD, lang=""), "config-language", 1, "no lang", 'lang="yaml"'),
    "an old version that is no JSON": (file_of("name: A", lang=""), "config-language", 1, "no lang", 'lang="yaml"'),
    "a comment in JSON": (file_of('{\n// x\n"name": "A"}'), "config-syntax", 3, "JSON", "without comments"),
    "single quotes": (file_of("{'name': 'A'}"), "config-syntax", 2, "JSON", "single quotes"),
    "a key without quotes": (file_of('{name: "A"}'), "config-syntax", 2, "double quotes", "without comments"),
    "NaN": (file_of('{"name": "A",\n"x": NaN}'), "config-syntax", 3, "JSON", "without comments"),
    "Infinity": (file_of('{"x": -Infinity}'), "config-syntax", 2, "JSON", "without comments"),
    "a close tag in a text": (file_of('{"name": "</config>"}'), "config-syntax", 2, "not closed on its line", "without comments"),
    "an open tag in a text": (file_of(JSON % ', "x": "<config>"'), "unclosed-block", 1, "never closed", "</config>"),
    "nothing in it": (file_of(""), "config-syntax", 1, "found nothing", ""),
    "YAML that never ends": (file_of("name: [", lang=" lang=yaml"), "config-syntax", 2, "the [", ""),
    "a function in YAML": (file_of("name: !!js/function 'x'", lang=" lang=yaml"), "config-syntax", 2, "YAML", ""),
    "null": (file_of("null"), "config-not-mapping", 1, "nothing", "'{' and '}'"),
    "a list": (file_of("[1]"), "config-not-mapping", 1, "list", "'{' and '}'"),
    "a number": (file_of("3"), "config-not-mapping", 1, "number", "'{' and '}'"),
    "a text": (file_of('"x"'), "config-not-mapping", 1, "text", "'{' and '}'"),
    "a list in YAML": (file_of("- a", lang=" lang=yaml"), "config-not-mapping", 1, "list", "'{' and '}'"),
}


@pytest.mark.parametrize("case", LOST.values(), ids=LOST)
def test_a_file_without_a_configuration_is_lost_and_says_why(case: tuple[str, str, int, str, str]) -> None:
    text, code, line, word, help = case
    draft = read(text)
    (problem,) = draft.problems
    assert draft.is_lost and (problem.code, problem.level, problem.source.line) == (code, "error", line)
    assert word in problem.message and help in problem.help


@pytest.mark.parametrize("text, lang", [('{"name": "A",\n"name": "B"}', "json"), ("name: A\nname: B", "yaml")], ids=["JSON", "YAML"])
def test_a_key_that_stands_twice_is_an_error_and_the_last_one_counts(text: str, lang: str) -> None:
    assert ("duplicate-key", "error", 3) in told(file_of(text, lang=f" lang={lang}"))


TAGGED = {"tags": ["CPU", "GPU"]}
KEPT: dict[str, tuple[dict[str, Any], str, str, str, str, str]] = {
    "requirements without tags": ({"requirements": {"gpu": ["x"]}}, "override-without-tags", "error", "requirements", "no tags", '"tags"'),
    "env with no tag in tags": ({"tags": [], "env": {"gpu": ["x"]}}, "override-without-tags", "error", "env", "no tags", '"tags"'),
    "icon without tags": ({"icon": {"gpu": "x"}}, "override-without-tags", "error", "icon", "no tags", '"tags"'),
    "ui as an object": ({"ui": {"id": "a"}}, "override-without-tags", "error", "ui", "no tags", "text or a list"),
    "tags as a text": ({"tags": "gpu"}, "tags-type", "warning", "tags", "'gpu'", ""),
    "tags as an object": ({"tags": {"a": 1}}, "tags-type", "error", "tags", "a list of tags", ""),
    "an empty tag": ({"tags": ["a", " "]}, "tags-type", "error", "tags[1]", "' '", ""),
    "a tag twice": ({"tags": ["a", "b", "a"]}, "duplicate-tag", "error", "tags[2]", "'a'", "Take one"),
    "a tag without a value": ({**TAGGED, "env": {"CPU": ""}}, "tag-missing", "warning", "env", "'GPU'", "CPU"),
    "pip without a package": ({"requirements": ["pip:"]}, "requirement-empty", "error", "requirements[0]", "'pip:'", "Say what"),
    "cmd without a command": ({"requirements": ["cmd: "]}, "requirement-empty", "error", "requirements[0]", "'cmd: '", "Say what"),
    "an empty requirement": ({"requirements": ["a", ""]}, "requirement-empty", "warning", "requirements[1]", "installs nothing", ""),
    "an unknown prefix": ({"requirements": ["Pip:x"]}, "requirement-prefix", "error", "requirements[0]", "'Pip'", "'pip:'"),
    "a folder above": ({"requirements": ["repo:https://h/r ../../etc"]}, "path-escape", "error", "requirements[0]", "'../../etc'", "below"),
    "a folder elsewhere": ({"requirements": ["repo:https://h/r /abs"]}, "path-escape", "error", "requirements[0]", "'/abs'", "below"),
    "a clone without a folder": ({"requirements": ["repo:https://h/r/"]}, "repo-folder", "error", "requirements[0]", "no folder", "FOLDER"),
    "a requirement that is a list": ({"requirements": [["a"]]}, "requirements-type", "error", "requirements[0]", "['a']", ""),
    "an option that is not allowed": (
        {"requirements": ["pip: -i https://h x"]}, "installer-option", "error", "requirements[0]", "'-i'", "--upgrade",
    ),
    "a URL that runs something": ({"requirements": ["repo:ext::sh x"]}, "unsafe-url", "error", "requirements[0]", "ext::sh", "https"),
    "an environment elsewhere": ({"env": "conda create -n ../x"}, "env-name", "error", "env", "'../x'", "letters"),
    "inputs of no kind": ({"inputs": [1]}, "inputs-type", "warning", "inputs", "[1]", ""),
    "outputs of no kind": ({"outputs": "x"}, "outputs-type", "warning", "outputs", "'x'", ""),
    "env as a number": ({"env": 5}, "env-type", "error", "env", "5", "conda create"),
    "an item of env without a type": ({"env": [{"options": {}}]}, "env-type", "error", "env[0]", "found none", "gputil"),
    "an item of env that is a list": ({"env": [["x"]]}, "env-type", "error", "env[0]", "['x']", "conda create"),
    "an item of env of another type": ({"env": [{"type": "x"}]}, "env-object", "warning", "env[0]", "'x'", "gputil"),
    "a file without a name": ({"env": "conda env create -f"}, "env-file", "error", "env", "names no file", "-f FILE"),
    "a shell to start": ({"cmd": "python; rm -rf x"}, "consent-required", "warning", "cmd", "rm -rf x", "Write 'python'"),
    "a start that is no text": ({"cmd": ["python"]}, "cmd-type", "error", "cmd", "['python']", ""),
    "a brace that stays open": ({"ui": "x {id:'a',type:'number'"}, "ui-braces", "error", "ui", "at character 3", "{id: 'n'"),
    "a brace that was not opened": ({"ui": "} {id:'a',type:'number'}"}, "ui-braces", "error", "ui", "at character 1 ", "{id: 'n'"),
    "an empty widget": ({"ui": "{}"}, "ui-widget", "error", "ui", "without a type", "number"),
    "a word in braces": ({"ui": "{hello}"}, "ui-syntax", "error", "ui", "at character 7", "{id: 'n'"),
    "a key with a minus": ({"ui": "{my-id: 'a', type: 'number'}"}, "ui-syntax", "error", "ui", "at character 4", "{id: 'n'"),
    "an unknown widget": ({"ui": "{id:'a',type:'slider'}"}, "ui-widget", "error", "ui", "'slider'", "choose"),
    "one id twice": ({"ui": "{id:'a',type:'number'} {id:'a',type:'string'}"}, "ui-id", "error", "ui", "'a'", "another id"),
    "a form that is a number": ({"ui": 3}, "ui-type", "error", "ui", "3", ""),
    "a type that is nearly one": ({"type": "native_python"}, "type", "warning", "type", "'native_python'", "'native-python'"),
    "a type of another engine": ({"type": "r-shiny"}, "type", "warning", "type", "'r-shiny'", "native-python"),
    "no type": ({"type": None}, "type", "warning", "type", "found none", "native-python"),
    "mode of a newer file": (
        {"type": None, "mode": "pyworker", "api_version": "0.1.2"}, "type", "warning", "mode", "found none", '"type": "native-python"',
    ),
    "gui for ui": ({"gui": "x"}, "gui", "warning", "gui", "is read as 'ui'", "'ui'"),
    "gui beside ui": ({"gui": "x", "ui": "y"}, "gui", "warning", "gui", "is ignored", "'ui'"),
    "a dependency that names nothing": ({"dependencies": ["a/b:"]}, "uri", "error", "dependencies[0]", "names no plugin", "OWNER"),
    "a dependency with two colons": ({"dependencies": ["a/b:x:y"]}, "uri", "error", "dependencies[0]", "2 colons", "OWNER"),
    "a page as dependency": (
        {"dependencies": ["https://kaibu.org/#/app"]}, "uri-external", "error", "dependencies[0]", "web page", "browser",
    ),
    "a path as dependency": ({"dependencies": ["./p.imjoy.html"]}, "uri", "error", "dependencies[0]", "is a path", "search path"),
    "a page without a file": (
        {"dependencies": ["https://github.com/o/r/tree/master/y.imjoy.html"]}, "uri", "error", "dependencies[0]", "no file", "blob",
    ),
    "a style in a worker": (
        {"type": "web-worker", "requirements": ["a.css"]}, "requirement-style", "error", "requirements[0]", "a.css", "no styles",
    ),
    "nothing for a page": (
        {"type": "window", "requirements": ["vue"]}, "requirement-unprocessed", "warning", "requirements[0]", "vue", "js:",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", KEPT.values(), ids=KEPT)
def test_a_value_that_is_wrong_costs_itself_and_says_why(case: tuple[dict[str, Any], str, str, str, str, str]) -> None:
    config, code, level, where, word, help = case
    draft = read(file_of(json.dumps({**GOOD, **config}, indent=2)))
    (problem,) = draft.problems
    assert (problem.code, problem.level, str(problem).split(": ")[1]) == (code, level, where)
    assert problem.source.line > 2 and problem.source.column == 3 + 2 * where.count("[")
    assert word in str(problem) and help in str(problem) and "Spot" in draft.data["plugins"]  # type: ignore[index]


@pytest.mark.parametrize("name", [None, 12, "", " ", "a/b", ["A"]], ids=repr)
def test_a_plugin_without_a_usable_name_is_none(name: object) -> None:
    draft = read(file_of({**GOOD, "name": name}))
    (problem,) = draft.problems
    assert (problem.code, problem.level, draft.data) == ("name", "error", {"plugins": {}}) and repr(name)[:5] in problem.message


READ_ALL_THE_SAME: dict[str, str] = {
    "a byte-order mark": "\ufeff" + file_of(GOOD),
    "line ends of Windows": file_of(GOOD).replace("\n", "\r\n"),
    "text around blocks": f"Hello <3 you\n{file_of(GOOD)}\nand & more",
    "html in a text": file_of(JSON.replace("window", "native-python") % ', "description": "<b>x</b> <br> a < b, x<y and z>w"'),
    "a sample in docs": file_of(GOOD, '<docs>see <config lang="json">{}</config></docs>' + SCRIPT),
    "an address in docs": file_of(GOOD, "<docs><https://h/x> and <b>bold</docs>" + SCRIPT),
    "a comment": "<!-- <config>{</config> -->" + file_of(GOOD),
    "a doctype": "<!DOCTYPE html>\n" + file_of(GOOD),
    "a link that is closed": '<link rel="stylesheet" href="a.css"/>\n' + file_of(GOOD),
    "another block": "<workflow>x</workflow>\n" + file_of(GOOD),
    "close tags of nothing": "</p></br></x>" + file_of(GOOD),
    "blanks around '='": file_of(GOOD, lang=' lang = "json"'),
    "a style in a window": file_of(GOOD, "<window><style>b {}</style><script>x</script></window>" + SCRIPT),
    "an old version without lang": file_of({**GOOD, "api_version": "0.1.5"}, lang=""),
}


@pytest.mark.parametrize("text", READ_ALL_THE_SAME.values(), ids=READ_ALL_THE_SAME)
def test_what_looks_wrong_and_is_right_is_not_reported(text: str) -> None:
    draft = read(text)
    assert draft.problems == () and list(draft.data["plugins"]) == ["Spot"]  # type: ignore[index]


def test_a_second_configuration_is_ignored_and_reported() -> None:
    text = file_of(GOOD) + file_of({"name": "B"})
    assert told(text) == [("duplicate-config", "warning", 7)]
    assert told(text, is_strict=True) == [("duplicate-config", "error", 7)]


def test_a_block_that_the_file_ends_in_is_reported_and_the_rest_is_read() -> None:
    assert told(file_of(GOOD, SCRIPT + "<docs>x\n")) == [("unclosed-block", "warning", 7)]
    assert told(file_of(GOOD, "<script>\nx\n")) == [("unclosed-block", "warning", 4)]


def test_a_comment_that_never_ends_hides_the_rest_of_the_file() -> None:
    assert told(file_of(GOOD, SCRIPT + "<!-- to do\n" + SCRIPT)) == [("unclosed-block", "warning", 7)]


def test_a_script_whose_tag_is_empty_belongs_to_no_tag() -> None:
    assert told(file_of({**GOOD, "tags": ["a"]}, '<script tag="">x</script>')) == [("no-script", "warning", 1)]


def test_a_key_of_nobody_is_kept_and_only_information() -> None:
    text = file_of({**GOOD, "color": 1, "_id": "x"})
    assert told(text) == [] and [code for code, _, _ in diagnostics(text)] == ["unknown-key", "reserved-key"]


def test_an_attachment_that_is_absent_is_no_problem() -> None:
    made = read(file_of(GOOD, SCRIPT + "<attachment>x</attachment>")).data["plugins"]  # type: ignore[index]
    assert made["Spot"]["data"]["_imjoy"]["attachments"] == {}


def test_the_gui_of_a_file_is_its_form() -> None:
    made = read(file_of({**GOOD, "gui": "{id: 'n', type: 'number'}"})).data["plugins"]  # type: ignore[index]
    assert [field["key"] for field in made["Spot"]["data"]["_imjoy"]["parameters"]] == ["n"]


FORGIVEN = {
    "a comma at the end": ("{id:'a',type:'number',}", {}),
    "a number without a nought": ("{id:'a',type:'number',step:.1}", {"step": 0.1}),
    "a colon in a text": ("{id:'a',type:'string',placeholder:'10:30 https://x'}", {"placeholder": "10:30 https://x"}),
    "an apostrophe": ("""{id:'a',type:'string',placeholder:"it's"}""", {"placeholder": "it's"}),
    "an apostrophe with a backslash": (r"{id:'a',type:'string',placeholder:'it\'s'}", {"placeholder": "it's"}),
    "a brace in a text": ("{id:'a',type:'string',placeholder:'}'}", {"placeholder": "}"}),
    "signs of html": ("{id:'a',type:'choose',options:['<b>','&lt;']}", {"options": ["<b>", "&lt;"]}),
}


@pytest.mark.parametrize("case", FORGIVEN.values(), ids=FORGIVEN)
def test_a_form_that_people_write_by_hand_is_read(case: tuple[str, dict[str, Any]]) -> None:
    ui, expected = case
    text = file_of({**GOOD, "ui": ui})
    (field,) = read(text).data["plugins"]["Spot"]["data"]["_imjoy"]["parameters"]  # type: ignore[index]
    assert told(text) == [] and {key: field[key] for key in expected} == expected


def test_a_fault_in_a_form_of_several_lines_is_told_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "form.imjoy.html"
    path.write_text(
        """<config lang="json">
{
  "name": "Form", "type": "native-python", "version": "0.1.0", "api_version": "0.1.8",
  "ui": ["a {id: 'a', type: 'number'}",
         {"careful": {"id": "careful", "type": "checkbox"}},
         "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb {id: 'b', type: 'slider'}",
         "c {id: 'c, type: 'number'}"]
}
</config>
<script lang="python">pass</script>
""",
        encoding="utf-8",
    )
    session = Session()
    session.add_search_path(str(path))
    assert [str(problem).removeprefix(f"{path}:").partition(". ")[0] for problem in session.problems] == [
        "7:10: ui[3]: expected ',' or '}', found 'n', at character 19 of \"c {id: 'c, type: 'number'}\"",
        "5:10: ui[1]: unknown type 'checkbox', at character 10 of 'careful: {\"id\": \"careful\", \"type\": \"checkbox\"}'",
        "6:10: ui[2]: unknown type 'slider', at character 80 of ...\"bbbbbbbbbbbbbbbbbbb {id: 'b', type: 'slider'}\"",
    ]
