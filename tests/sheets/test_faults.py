"""The mistakes that people make in sheets, each told where it is, in their words, and with what to write instead."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from conftest import PLUGIN_SHEETS
from hypothesis import given, settings
from hypothesis import strategies as st
from click.testing import CliRunner

from ways.cli.main import main
from ways.sheets.document import Source
from ways.sheets.faults import lines_of
from ways.sheets.formats import yaml_text
from ways.sheets.formats.table import FormatTable
from ways.sheets.reader import SheetReader

#: Name: the sheet, line and column of the mistake, and words of the message and of the help.
YAML = {
    "a value that begins with a brace": (
        "plugins:\n  a:\n    mapping: {root}/x\n    path: true\n", 3, 14, "begins with { must be quoted: '{root}/x'"),
    "such a value at the end": (
        "plugins:\n  a:\n    path: true\n    hierarchy: {root}/x", 4, 16, "begins with { must be quoted: '{root}/x'"),
    "such an item of a list": ("plugins:\n  a:\n    uses:\n      - {root}/x\n      - b\n", 4, 9, "must be quoted: '{root}/x'"),
    "such a value in braces": ("plugins:\n  a: {hierarchy: {root}/x, uses: [b]}\n", 2, 18, "must be quoted: '{root}/x'"),
    "a token in a value in braces": (
        "plugins:\n  a: {hierarchy: x, mapping: /j/{JOB}}\n", 2, 30, "has { in it must be quoted: '/j/{JOB}'"),
    "every value in braces": ("plugins:\n  a: {hierarchy: {root}/x, mapping: {root}/{X}}\n", 2, 18, "must be quoted: '{root}/x'"),
    "every value that begins with a brace": ("plugins:\n  a:\n    hierarchy: {root}/x\n    mapping: {root}/y\n", 3, 16, "'{root}/x'"),
    "a typed token": ("plugins:\n  a:\n    mapping: {V:03d}.exr\n", 3, 14, "must be quoted: '{V:03d}.exr'"),
    "an optional part": ("plugins:\n  a:\n    mapping: [_{A}].exr\n", 3, 14, "begins with [ must be quoted: '[_{A}].exr'"),
    "a comment behind it": ("plugins:\n  a:\n    mapping: {root}/x # the shot\n", 3, 14, "must be quoted: '{root}/x'"),
    "a backslash in double quotes": ('plugins:\n  a:\n    data: {x: "\\d+"}\n', 3, 16, r"use single quotes, or write \\d", r"'\d+'"),
    "a Windows path": ('plugins:\n  a:\n    mapping: "C:\\jobs"\n', 3, 17, r"use single quotes, or write \\j", r"'C:\jobs'"),
    "a Windows path of users": ('plugins:\n  a:\n    mapping: "C:\\users"\n', 3, 17, r"use single quotes, or write \\u"),
    "a share": ('plugins:\n  a:\n    mapping: "\\\\srv\\jobs"\n', 3, 20, r"use single quotes, or write \\j"),
    "a tab in front": ("plugins:\n  a:\n\thierarchy: x\n", 3, 1, "a tab in the indentation"),
    "a tab behind spaces": ("plugins:\n  a:\n  \thierarchy: x\n", 3, 3, "a tab in the indentation"),
    "a tab that goes deeper": ("plugins:\n  a:\n    hierarchy: x\n\t\tmapping: /x\n", 4, 1, "a tab in the indentation"),
    "a line too deep": ("plugins:\n  a:\n    hierarchy: x\n      mapping: /x\n", 4, 7, "indented too deep", "like line 3"),
    "a line too deep by one": ("plugins:\n  a:\n    hierarchy: x\n     mapping: /x\n    uses: [b]\n", 4, 6, "indented too deep"),
    "a line not deep enough": ("plugins:\n  a:\n    hierarchy: x\n   mapping: /x\n", 4, 4, "indented too little", "like line 3"),
    "a plugin not deep enough": (
        "plugins:\n  a:\n    hierarchy: x\n b:\n    hierarchy: y\n", 4, 2, "indented too little", "like line 2"),
    "an item not deep enough": ("plugins:\n  a:\n    uses:\n      - b\n     - c\n", 5, 6, "indented too little", "like line 4"),
    "no colon": ("plugins:\n  a:\n    hierarchy x\n    mapping: /x\n", 3, 14, "no ':' after the key 'hierarchy'", "hierarchy: x"),
    "no colon at the end": (
        "plugins:\n  a:\n    mapping: /x\n    hierarchy x\n", 4, 14, "no ':' after the key 'hierarchy'", "hierarchy: x"),
    "no colon after the first key": ("plugins\n  a:\n    hierarchy: x\n", 1, 8, "no ':' after the key 'plugins'"),
    "no colon after a name": ("plugins:\n  a\n    hierarchy: x\n", 2, 4, "no ':' after the key 'a'"),
    "an equals sign": ("plugins:\n  a:\n    hierarchy = x\n    mapping: /x\n", 3, 14, "'=' after the key 'hierarchy'", "hierarchy: x"),
    "no space": ("plugins:\n  a:\n    hierarchy:x\n    mapping: /x\n", 3, 14, "no space after the ':' of 'hierarchy'", "hierarchy: x"),
    "no space at the end": ("plugins:\n  a:\n    mapping: /x\n    hierarchy:x\n", 4, 14, "no space after the ':'", "hierarchy: x"),
    "no space and a brace": (
        "plugins:\n  a:\n    path: true\n    mapping:{root}/x\n", 4, 12, "no space after the ':'", "mapping: '{root}/x'"),
    "a quote that stays open": ("plugins:\n  a:\n    hierarchy: 'x\n    mapping: /x\n", 3, 16, "opened here is not closed", "'x'"),
    "a quote that the next one closes": (
        "plugins:\n  a:\n    hierarchy: 'x\n    mapping: '/x'\n", 3, 16, "opened here is not closed", "'x'"),
    "a double quote that stays open": (
        'plugins:\n  a:\n    hierarchy: "x\n    mapping: "/x"\n', 3, 16, "opened here is not closed", '"x"'),
    "a quote that stays open in braces": (
        "plugins:\n  a: {hierarchy: 'x, mapping: /x}\n  b: {hierarchy: b}\n", 2, 18, "opened here is not closed"),
    "a bracket that stays open": (
        "plugins:\n  a:\n    uses: [x, y\n    mapping: /x\n", 3, 11, "the [ that is opened here",
        "Write ] at the end of line 3"),
    "a brace that stays open": (
        "plugins:\n  a: {hierarchy: x, mapping: '/x'\n  b: {hierarchy: y}\n", 2, 6, "the { that is opened here is not closed"),
    "a brace that stays open at the end": (
        "plugins:\n  a: {hierarchy: x,\n    mapping: '/x'\n", 2, 6, "the { that is opened here is not closed"),
    "a brace too many": ("plugins:\n  a: {hierarchy: x}}\n  b: {hierarchy: y}\n", 2, 20, "a } that closes nothing"),
    "an apostrophe": ("plugins:\n  a:\n    hierarchy: 'it's'\n    mapping: /x\n", 3, 19, "ends the text", "'it''s'"),
    "text behind a quote": (
        "plugins:\n  a:\n    mapping: '{root}'/x\n    path: true\n", 3, 22, "text behind the closing quote", "'{root}/x'"),
    "no comma": ("plugins:\n  a: {hierarchy: x mapping: y}\n", 2, 19, "no ',' between two items", "x, mapping:"),
    "a star": ("plugins:\n  a:\n    mapping: */x\n", 3, 14, "begins with * must be quoted: '*/x'"),
    "a star and a name": ("plugins:\n  a:\n    groups: *x\n", 3, 13, "begins with * must be quoted: '*x'"),
    "a star in a list": ("plugins:\n  a: {groups: [*]}\n", 2, 16, "begins with * must be quoted: '*'"),
    "an at sign": ("plugins:\n  a:\n    mapping: @x\n", 3, 14, "begins with @ must be quoted: '@x'"),
    "a percent sign": ("plugins:\n  a:\n    mapping: %x\n", 3, 14, "begins with % must be quoted: '%x'"),
    "an ampersand": ("plugins:\n  a:\n    mapping: &/x\n", 3, 14, "begins with & must be quoted: '&/x'"),
    "a backtick": ("plugins:\n  a:\n    mapping: `x`\n", 3, 14, "begins with ` must be quoted: '`x`'"),
    "an exclamation mark": ("plugins:\n  a:\n    mapping: !x\n", 3, 14, "begins with ! must be quoted: '!x'"),
    "a greater sign": ("plugins:\n  a:\n    mapping: > x\n", 3, 14, "begins with > must be quoted: '> x'"),
    "a hyphen": (
        "plugins:\n  a:\n    uses: - x\n", 3, 11, "begins with - must be quoted: '- x'", "For a list, write [x]"),
    "a key that begins with an at sign": ("plugins:\n  @a:\n    hierarchy: x\n", 2, 3, "a key that begins with @ must be quoted: '@a'"),
    "a colon and a space": ("plugins:\n  a:\n    mapping: a: b\n", 3, 14, "has ': ' in it must be quoted: 'a: b'"),
    "no colon in braces": ("plugins:\n  a: {hierarchy: x, mapping '/j/{JOB}'}\n", 2, 28, "no ':' after the key 'mapping'"),
    "a double quote that goes on to a backslash": (
        'plugins:\n  " a:\n    id: x\n    path: \'\\d\'\n', 2, 3, "the quote that is opened here goes on to line 4"),
    "two documents": ("plugins: {}\n---\nplugins: {}\n", 2, 1, "a second document begins here", "make a file of each"),
    "a comment of another language": ("plugins:\n  // the shots\n  a: {hierarchy: x}\n", 2, 3, "a comment begins with #"),
}  # fmt: skip
TOML = {
    "a text without quotes": ("[plugins.a]\nhierarchy = x\n", 2, 13, "a text must be quoted: 'x'"),
    "a value that begins with a brace": ("[plugins.a]\nhierarchy = {root}/x # c\nb = 'c'\n", 2, 13, "must be quoted: '{root}/x'"),
    "such a value in braces": ("[plugins]\na = {hierarchy = {root}/x, mapping = 'y'}\n", 2, 18, "must be quoted: '{root}/x'"),
    "items without quotes": ("[plugins.a]\nuses = [x, y]\n", 2, 9, "must be quoted: 'x'"),
    "a star": ("[plugins.a]\ngroups = [*]\n", 2, 11, "must be quoted: '*'"),
    "an optional part": ("[plugins.a]\nmapping = [v]/y\n", 2, 11, "must be quoted: '[v]/y'"),
    "a version": ("[plugins.a]\nid = 1.0.2\n", 2, 6, "must be quoted: '1.0.2'"),
    "a backslash in double quotes": ('[plugins.a]\nmapping = "\\d+"\n', 2, 12, r"use single quotes, or write \\d", r"'\d+'"),
    "a Windows path": ('[plugins.a]\nmapping = "C:\\jobs"\n', 2, 14, r"use single quotes, or write \\j"),
    "a Windows path of users": ('[plugins.a]\nmapping = "C:\\users"\n', 2, 14, r"use single quotes, or write \\u"),
    "a backslash in the second of two texts": (
        '[plugins.a]\nuses = ["a", "\\d+"]\n', 2, 15, r"use single quotes, or write \\d", r"'\d+'"),
    "a backslash beside a quote": ('[plugins.a]\nmapping = "it\'s \\d"\n', 2, 17, r"use single quotes, or write \\d"),
    "text behind a quote": ("[plugins.a]\nmapping = '{root}'/x\n", 2, 11, "must be quoted: '{root}/x'"),
    "a colon": ("[plugins.a]\nhierarchy: 'x'\n", 2, 10, "':' after the key hierarchy, where TOML has '='", "hierarchy = 'x'"),
    "a colon and no quotes": ("[plugins.a]\nhierarchy: x\n", 2, 10, "':' after the key hierarchy", "hierarchy = 'x'"),
    "no equals sign": ("[plugins.a]\nhierarchy 'x'\n", 2, 10, "no '=' after the key hierarchy", "hierarchy = 'x'"),
    "a slash in a table's name": ("[plugins.job/shot]\nhierarchy = 'x'\n", 1, 10, "must be quoted: 'job/shot'", "[plugins.'job/shot']"),
    "a slash in a key": ("[plugins.a]\nx/y = 'x'\n", 2, 1, "the key x/y must be quoted: 'x/y'"),
    "a table twice": ("[plugins.a]\nid = 1\n[plugins.a]\n", 3, 1, "the table [plugins.a] again; it is already on line 1"),
    "a key twice": ("[plugins.a]\nid = 1\nid = 2\n", 3, 1, "the key id again; it is already on line 2"),
    "braces over two lines": ("[plugins]\na = {hierarchy = 'x',\nid = 1}\n", 2, 5, "goes on in the next line"),
    "a comma too many": ("[plugins]\na = {hierarchy = 'x',}\n", 2, 21, "no ',' may stand before the }"),
    "no comma": ("[plugins]\na = {hierarchy = 'x' id = 1}\n", 2, 21, "no ',' between two items"),
    "no comma in a list": ("[plugins.a]\nuses = ['x' 'y']\n", 2, 12, "no ',' between two items"),
    "a quote that stays open": ("[plugins.a]\nhierarchy = 'x\nid = 1\n", 2, 13, "opened here is not closed", "'x'"),
    "quotes that stay open": ('[plugins.a]\nhierarchy = """x\nid = 1\n', 2, 13, "the quotes that are opened here are not closed"),
    "a bracket that stays open": ("[plugins.a]\nuses = ['x'\nid = 1\n", 2, 8, "the [ that is opened here is not closed"),
    "a header that stays open": ("[plugins.a\nid = 1\n", 1, 1, "the [ that is opened here is not closed", "[plugins.a]"),
    "true written great": ("[plugins.a]\npath = True\n", 2, 8, "True is no truth value in TOML", "Write: true"),
    "yes": ("[plugins.a]\npath = yes\n", 2, 8, "yes is no truth value in TOML", "Write: true"),
    "no value": ("[plugins.a]\npath =\n", 2, 7, "no value after the key path"),
    "an apostrophe": ("[plugins.a]\nid = 'it's'\n", 2, 6, 'must be quoted: "it\'s"'),
}  # fmt: skip
JSON = {
    "single quotes": ('{"plugins": {\n  \'a\': []}, "x": [}', 2, 3, "JSON has double quotes only", 'Write: "a"'),
    "a comment": ('{"plugins": [ // none\n', 1, 15, "JSON has no comments"),
    "a comment of a script": ('{"plugins": [ # none\n', 1, 15, "JSON has no comments"),
    "no comma between keys": ('{"plugins": {\n  "a": 1\n  "b": 2}}', 2, 9, "no ',' between two items"),
    "no comma between items": ('{"plugins": ["a" "b" "c"]]', 1, 17, "no ',' between two items"),
    "a comma too many": ('{"plugins": [1,, 2]}', 1, 16, "expected a value, found ','", "Leave it out"),
    "a brace that stays open": ('{"plugins": {\n  "a": {"hierarchy": "x"}\n', 1, 13, "the { that is opened here is not closed"),
    "a brace too many": ('{"plugins": {}}}', 1, 16, "found '}'", "it closes nothing"),
    "a bracket closed by a brace": ('{"plugins": [\n1}}', 2, 2, "found '}'", "The [ in line 1 is not closed"),
    "a quote that stays open": ('{"plugins": {"a": "x\n}}', 1, 19, "opened here is not closed on its line"),
    "a quote that stays open behind one in a text": (
        '{"plugins": {"a": "x\\"y\n}}', 1, 19, "opened here is not closed on its line"),
    "a quote within a text": ('{"plugins": "a "b" c"}', 1, 17, "expected ',' or '}', found 'b'", 'write \\" for a quote'),
    "a backslash": ('{"plugins": "\\d+"}', 1, 14, r"write \\d for a backslash"),
    "a Windows path": ('{"plugins": "C:\\users"}', 1, 16, r"write \\u for a backslash"),
    "a number that is none": ('{"plugins": NaN]}', 1, 13, "JSON has no such number"),
    "a truth value of Python": ('{"plugins": [True}', 1, 14, "JSON writes true in small letters"),
    "nothing of Python": ('{"plugins": [None}', 1, 14, "JSON writes null"),
    "a key without quotes": ('{"plugins": {a: [}}', 1, 14, "a key must stand in double quotes", 'Write: "a"'),
    "a text without quotes": ('{"plugins": {"a": /x/{JOB}}, [}', 1, 19, "a text must stand in double quotes", 'Write: "/x/{JOB}"'),
    "a text that begins with a brace": ('{"plugins": {"a": {root}/x}}', 1, 19, "a text must stand in double quotes", 'Write: "{root}/x"'),
    "no colon": ('{"plugins" {}]', 1, 12, "expected ':' after the key, found '{'"),
}  # fmt: skip
PYTHON = {
    "a bracket that closes nothing": ("plugins = {}\nx = )\n", 2, 5, "expected Python, found unmatched ')'"),
    "a brace that stays open": ("plugins = {'a': {\n", 1, 17, "expected Python, found '{' was never closed"),
    "a Windows path": ("plugins = {'a': 'C:\\users'}\n", 1, 27, "expected Python", r"Write r before the quotes"),
}  # fmt: skip
#: Words of PyYAML and libyaml.
RAW = re.compile(r"\b(scalar|flow|node|token|block (?!of keys)|sequence|stream|indicator|simple key|mapping values|while \w+ing)\b")


def read(name, text):
    """Return the Draft of a sheet, read as a file of that name is."""
    data = text if isinstance(text, bytes) else text.encode()
    return FormatTable().pick(name, data).read(data, Source(name, name.partition(".")[2]))


def check(name, text, line, column, *words):
    draft = read(name, text)
    (problem,) = draft.problems
    told = str(problem)
    assert draft.is_lost and problem.code == "syntax" and problem.level == "error"
    assert (problem.source.line, problem.source.column) == (line, column), told
    assert all(part in f"{problem.message}. {problem.help}" for part in words), told
    assert "\n" not in problem.message and RAW.search(problem.message) is None, told
    shown, caret = problem.excerpt.split("\n")
    assert shown.rstrip() and set(caret.strip()) == {"^"}


@pytest.mark.parametrize("name", YAML)
def test_a_mistake_in_yaml_is_told_with_its_place_and_its_mend(name):
    check("b.yml", *YAML[name])


@pytest.mark.parametrize("name", YAML)
def test_without_libyaml_it_is_told_alike(monkeypatch, name):
    monkeypatch.setattr(yaml_text, "_Loader", yaml.SafeLoader)
    check("b.yml", *YAML[name])


@pytest.mark.parametrize("name", TOML)
def test_a_mistake_in_toml_is_told_with_its_place_and_its_mend(name):
    check("b.toml", *TOML[name])


@pytest.mark.parametrize("name", JSON)
def test_a_mistake_in_json_is_told_with_its_place_and_its_mend(name):
    check("b.json", *JSON[name])


@pytest.mark.parametrize("name", PYTHON)
def test_a_mistake_in_python_is_told_with_its_place(name):
    check("b.py", *PYTHON[name])


@pytest.mark.parametrize("text", ["{'plugins': {'a': {'hierarchy': 'x'}}}", "{plugins: {a: {hierarchy: x}}} # one"])
def test_json_that_yaml_can_read_is_read_and_told_as_a_warning(text):
    draft = read("b.json", text)
    (problem,) = draft.problems
    assert draft.data == {"plugins": {"a": {"hierarchy": "x"}}} and problem.level == "warning" and problem.excerpt


_A = "plugins:\n  a:\n    hierarchy: x\n"
#: What can be read, and holds something else than it may.
WRONG_VALUES = {
    "a token without quotes": ("b.yml", "plugins:\n  a:\n    hierarchy: {JOB}\n", 3, 16, "begins with { must be quoted: '{JOB}'"),
    "a token in braces": ("b.yml", "plugins:\n  a: {hierarchy: x, mapping: {root}}\n", 2, 30, "must be quoted: '{root}'"),
    "a token in a list": ("b.yml", _A + "    uses:\n      - {root}\n", 5, 9, "must be quoted: '{root}'"),
    "a token of a token": ("b.yml", _A + "    mapping_details: {S: {mapping: {A}}}\n", 4, 36, "must be quoted: '{A}'"),
    "an octal number": ("b.yml", _A + "    mapping: 0010\n", 4, 5, "the number 8, which is what 0010 means", "'0010'"),
    "yes": ("b.yml", _A + "    mapping: yes\n", 4, 5, "which is what yes means without quotes", "'yes'"),
    "a version": ("b.yml", _A + "    assignment: 1.0\n", 4, 5, "found the number 1.0", "Write it in quotes: '1.0'"),
    "a date": ("b.yml", _A + "    mapping: 2020-01-01\n", 4, 5, "the date 2020-01-01", "'2020-01-01'"),
    "no in a list": ("b.yml", _A + "    groups: [a, no]\n", 4, 17, "which is what no means without quotes", "'no'"),
    "a value with an anchor": ("b.yml", _A + "    mapping: &m yes\n", 4, 5, "which is what yes means without quotes", "quotes: 'yes'"),
    "a list for a sheet": ("b.yml", "- a\n", 1, 1, "expected a block of keys with 'plugins' in it, found a list"),
    "a text for a sheet": ("b.yml", "plugins:{}\n", 1, 1, "found the text 'plugins:{}'", "a space after the ':': plugins: {}"),
    "a list of plugins": ("b.yml", "plugins:\n  - hierarchy: a\n", 1, 1, "found a list", "Give each plugin a name"),
    "a path for a plugin": ("b.yml", "plugins:\n  shot: /p/x\n", 2, 3, "the text '/p/x'", "{hierarchy: shot, mapping: '/p/x'}"),
    "a key without a space": ("b.yml", "plugins:\n  a:\n    hierarchy:x\n", 2, 3, "found the text", "a space after the ':': hierarchy: x"),
    "plugins not deep enough": ("b.yml", "plugins:\na:\n  hierarchy: x\n", 1, 1, "found nothing", "Indent the lines below 'plugins'"),
    "an expression alone": ("b.yml", _A + "    mapping_details: {A: {parse: 'a+'}}\n", 4, 27, "the text 'a+'", "{regex: 'a+'}"),
    "a number in JSON": ("b.json", '{"plugins": {"a": {"hierarchy": 7}}}', 1, 20, "found the number 7", 'Write it in quotes: "7"'),
    "a number in TOML": ("b.toml", "[plugins.a]\nhierarchy = 0.10 # c\n", 2, 1, "which is what 0.10 means", "'0.10'"),
    "a number in Python": ("b.py", "plugins = {'a': {'hierarchy': 3}}\n", 1, 18, "found the number 3", "'3'"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_VALUES)
def test_a_wrong_value_is_told_with_its_line_and_its_mend(tmp_path, name):
    file, text, line, column, *words = WRONG_VALUES[name]
    (tmp_path / file).write_text(text)
    problem = next(item for item in SheetReader().read(str(tmp_path / file)).problems if item.code == "type")
    assert (problem.source.line, problem.source.column) == (line, column), str(problem)
    assert all(part in f"{problem.message}. {problem.help}" for part in words), str(problem)
    shown, caret = problem.excerpt.split("\n")
    assert shown.rstrip() and set(caret.strip()) == {"^"}


#: What is repeated by an alias, where the fault is written, and words of its message.
ALIASES = {
    "a block": ("a: {mapping_details: &t {F: {format: 4}}}, b: {mapping_details: *t}", "format: 4", "Write 04d"),
    "a value": ("a: {mapping_details: {F: {default: &d yes}}}, b: {mapping_details: {G: {default: *d}}}", "default: &d", "quotes: 'yes'"),
    "a block in a block": ("a: &a {mapping_details: &t {F: {format: 4}}}, b: *a, c: {mapping_details: *t}", "format: 4", "Write 04d"),
    "a merged block": ("a: &a {path: 7}, b: {<<: *a}", "path: 7", "found the number 7"),
    "merged blocks": ("a: &a {path: 7}, b: &b {path: true}, c: {<<: [*a, *b]}, d: {<<: [*b, *a]}", "path: 7", "found the number 7"),
}


@pytest.mark.parametrize("name", ALIASES)
def test_a_wrong_value_that_is_repeated_is_told_once_where_it_is_written(tmp_path, name):
    plugins, fault, words = ALIASES[name]
    text = f"globals: {{hierarchy: x, syntax: 2}}\nplugins: {{{plugins}}}\n"
    (tmp_path / "b.yml").write_text(text)
    [problem] = SheetReader().read(str(tmp_path / "b.yml")).problems
    assert (problem.source.line, problem.source.column) == (2, text.splitlines()[1].index(fault) + 1)
    assert words in f"{problem.message}. {problem.help}" and "*" not in problem.message + problem.help


@pytest.mark.parametrize("uses", ["max_folder: *n", "uses: [*n]"], ids=["another key", "an item"])
def test_a_value_that_is_wrong_only_where_it_is_repeated_is_told_there(tmp_path, uses):
    (tmp_path / "b.yml").write_text(f"plugins:\n  a: {{hierarchy: x, search: &n no}}\n  b: {{hierarchy: y, {uses}}}\n")
    [problem] = SheetReader().read(str(tmp_path / "b.yml")).problems
    assert problem.source.line == 3 and "found the truth value False" in problem.message and not problem.help


def test_a_key_that_takes_the_place_of_a_merged_one_is_told_itself(tmp_path):
    (tmp_path / "b.yml").write_text("plugins:\n  a: &a {hierarchy: x, max_folder: /x}\n  b: {<<: *a, max_folder: 7}\n")
    [problem] = SheetReader().read(str(tmp_path / "b.yml")).problems
    assert (problem.source.line, problem.source.column) == (3, 15)


def test_an_alias_that_leads_to_itself_by_a_duplicate_key_ends(tmp_path):
    (tmp_path / "b.yml").write_text("plugins:\n  a: {hierarchy: &x {b: 1}}\n  a: {hierarchy: {b: *x}}\n")
    assert [problem.code for problem in SheetReader().read(str(tmp_path / "b.yml")).problems] == ["duplicate-key", "type"]


def test_a_key_that_holds_its_value_is_told(tmp_path):
    (tmp_path / "b.yml").write_text("plugins: {a: {hierarchy:x, mapping: y}}\n")
    problems = SheetReader().read(str(tmp_path / "b.yml")).problems
    assert [problem.code for problem in problems] == ["unknown-key", "missing-key"]
    assert all("Write a space after the ':': hierarchy: x" in problem.help for problem in problems)


@pytest.mark.parametrize("command", ["check", "sheets", "doctor"])
def test_each_command_shows_the_line_and_the_mend(tmp_path, command):
    (tmp_path / "a.yml").write_text("plugins: {good: {hierarchy: good}}")
    (tmp_path / "b.yml").write_text(YAML["a value that begins with a brace"][0])
    result = CliRunner().invoke(main, ["--sheets", str(tmp_path), command])
    shown = result.output
    assert "b.yml:3:14" in shown and "must be quoted: '{root}/x'" in shown
    assert re.search(r"mapping: \{root\}/x\n +\^{8}\n", shown)


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_data_has_the_message_in_one_line_and_the_excerpt_by_itself(tmp_path, form):
    (tmp_path / "b.yml").write_text(YAML["a value that begins with a brace"][0])
    result = CliRunner().invoke(main, ["check", str(tmp_path / "b.yml"), "--format", form])
    data = json.loads(result.output)
    result = data["runs"][0]["results"][0] if form == "sarif" else data
    message = result["message"]["text"] if form == "sarif" else result["message"]
    excerpt = (result["properties"] if form == "sarif" else result)["excerpt"]
    assert "\n" not in message and excerpt == "    mapping: {root}/x\n" + " " * 13 + "^" * 8


#: Our own sheets, of those that aren't long.
OURS = sorted(path for path in PLUGIN_SHEETS.rglob("*") if path.suffix in (".yml", ".json", ".toml") and path.stat().st_size < 6000)
SIGNS = st.sampled_from("{}[]'\":,-&*!|>%@`# \t\n=\\a1")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(OURS), st.integers(0, 6000), st.sampled_from(["", "keep"]), st.one_of(st.just(""), SIGNS))
def test_one_damaged_character_is_told_inside_the_file_and_in_our_words(path, index, kept, sign):
    text = path.read_text(encoding="utf-8")
    index %= len(text)
    damaged = text[:index] + sign + (text[index] if kept else "") + text[index + 1 :]
    lines = lines_of(damaged)
    for problem in read(f"b{path.suffix}", damaged).problems:
        line, column = problem.source.line, problem.source.column
        assert 1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) + 1
        assert "\n" not in problem.message and RAW.search(re.sub("'.*'", "", problem.message)) is None
        assert problem.excerpt or problem.code != "syntax"
