"""The mistakes that people make in sheets, each told where it is, in their words, and with what to write instead."""

from __future__ import annotations

import re

import pytest
import yaml

from ways.sheets.document import Source
from ways.sheets.formats import yaml_text
from ways.sheets.formats.table import FormatTable

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
    "a line too deep": ("plugins:\n  a:\n    hierarchy: x\n      mapping: /x\n", 4, 7, "indented too deep", "as line 3 does"),
    "a line too deep by one": ("plugins:\n  a:\n    hierarchy: x\n     mapping: /x\n    uses: [b]\n", 4, 6, "indented too deep"),
    "a line not deep enough": ("plugins:\n  a:\n    hierarchy: x\n   mapping: /x\n", 4, 4, "indented too little", "as line 3 does"),
    "a plugin not deep enough": (
        "plugins:\n  a:\n    hierarchy: x\n b:\n    hierarchy: y\n", 4, 2, "indented too little", "as line 2 does"),
    "an item not deep enough": ("plugins:\n  a:\n    uses:\n      - b\n     - c\n", 5, 6, "indented too little", "as line 4 does"),
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
    "a key that begins with an at sign": ("plugins:\n  @a:\n    hierarchy: x\n", 2, 3, "a key that begins with @ must be quoted: '@a'"),
    "a colon and a space": ("plugins:\n  a:\n    mapping: a: b\n", 3, 14, "has ': ' in it must be quoted: 'a: b'"),
    "two documents": ("plugins: {}\n---\nplugins: {}\n", 2, 1, "a second document begins here", "make a file of each"),
    "a comment of another language": ("plugins:\n  // the shots\n  a: {hierarchy: x}\n", 2, 3, "a comment begins with #"),
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
