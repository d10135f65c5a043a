"""Python sheets (docs/reference/formats.rst): they run only where they are trusted, and a literal has positions."""

from __future__ import annotations

import textwrap

import pytest

from ways.sheets.document import Draft, Source
from ways.sheets.formats import python_text

HERE = Source("a.py", "python")


def read(text, *, is_trusted=True):
    return python_text.read(textwrap.dedent(text), HERE._replace(is_trusted=is_trusted))


def test_plugins_and_globals_are_the_sheet():
    draft = read("""
        globals = {"assignment": "client"}
        plugins = {name: {"hierarchy": name} for name in ("a", "b")}
    """)
    assert draft.data == {"globals": {"assignment": "client"}, "plugins": {"a": {"hierarchy": "a"}, "b": {"hierarchy": "b"}}}


def test_the_builtin_globals_is_not_the_sheets():
    assert read("plugins = {}").data == {"plugins": {}}


def test_get_sheet_returns_the_same():
    assert read("def get_sheet():\n    return {'plugins': {}}").data == {"plugins": {}}


@pytest.mark.parametrize(
    "text",
    [
        "raise ValueError('this is a plugin file')",
        "def main():\n    plugins = []\n\nraise ValueError('it runs')",
        "class Setup:\n    plugins = []\n    def get_sheet(self): ...\n\nraise ValueError('it runs')",
        "get = lambda: [plugins for plugins in ()]\nraise ValueError('it runs')",
        "import plugins.x as y\nraise ValueError('it runs')",
    ],
    ids=["nothing", "in a function", "in a class", "in a lambda", "imported under another name"],
)
def test_a_module_that_binds_no_plugins_at_its_top_is_no_sheet_and_does_not_run(text):
    assert read(text) == Draft(None)


@pytest.mark.parametrize(
    "text",
    [
        "if True:\n    plugins = {'a': {}}",
        "plugins: dict = {'a': {}}",
        "(plugins, other) = ({'a': {}}, 1)",
        "for plugins in ({}, {'a': {}}): pass",
    ],
    ids=["in an if", "annotated", "unpacked", "in a loop"],
)
def test_every_way_to_bind_plugins_at_the_top_counts(text):
    assert read(text).data == {"plugins": {"a": {}}}


def test_a_sheet_can_be_imported_from_elsewhere(tmp_path, monkeypatch):
    (tmp_path / "of_the_studio.py").write_text("SHEET = {'a': {}}", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert read("from of_the_studio import SHEET as plugins").data == {"plugins": {"a": {}}}


def test_a_sheet_knows_its_own_file():
    assert read("plugins = {__file__: {}}").data == {"plugins": {"a.py": {}}}


def test_a_sheet_has_no_future_but_its_own():
    assert read("def f(x: int): ...\nplugins = dict(f.__annotations__)").data == {"plugins": {"x": int}}


def test_an_untrusted_sheet_does_not_run():
    draft = read("plugins = {}\nraise ValueError('it runs')", is_trusted=False)
    (problem,) = draft.problems
    assert draft.is_lost and problem.code == "untrusted" and "not run" in problem.message and "trust=True" in problem.help


@pytest.mark.parametrize(
    "text, position, code, words",
    [
        ("plugins = {\n", (1, 11), "syntax", "expected Python, found '{' was never closed"),
        ("plugins = {}\nreturn 3\n", (2, 1), "syntax", "'return' outside function"),
        ("plugins = {}\n\nraise ValueError('no disk')\n", (3, 1), "python", "raised ValueError: no disk"),
        ("plugins = {}\ndef get_sheet():\n    return 1 / 0\n", (3, 1), "python", "ZeroDivisionError"),
        ("plugins = 1\0", (1, 1), "syntax", "null bytes"),
        ("import nothing_like_this\nplugins = {}", (1, 1), "python", "ModuleNotFoundError"),
    ],
    ids=["open brace", "return", "raises", "get_sheet raises", "null byte", "missing module"],
)
def test_what_is_wrong_is_told_with_its_position(text, position, code, words):
    draft = python_text.read(text, HERE)
    (problem,) = draft.problems
    assert draft.is_lost and problem.code == code and words in problem.message
    assert (problem.source.line, problem.source.column) == position


def test_a_literal_says_where_its_keys_are():
    positions = read("""\
        plugins = {
            "shot": {"hierarchy": "a", "uses": ["b", "c"]},
            "é": {"mapping": 3},
        }
    """).positions
    assert positions[("plugins",)] == (1, 1) and positions[("plugins", "shot")] == (2, 5)
    assert positions[("plugins", "shot", "uses", 1)] == (2, 46) and positions[("plugins", "é", "mapping")] == (3, 11)


def test_a_computed_dict_stands_where_it_is_assigned():
    assert read("x = 1\nplugins = {name: {} for name in 'ab'}").positions == {("plugins",): (2, 1)}


def test_what_get_sheet_returns_stands_where_it_is_written():
    positions = read("def get_sheet():\n    return {'plugins': {'a': {}}}").positions
    assert positions[("plugins", "a")] == (2, 25)


def test_what_get_sheet_computes_stands_at_the_function():
    assert read("\ndef get_sheet():\n    return dict(plugins={})").positions == {("plugins",): (2, 1)}
