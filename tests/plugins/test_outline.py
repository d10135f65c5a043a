"""Outlines: what the text of a mapping says of the texts that fit it."""

from __future__ import annotations

from typing import Any

import pytest

from ways.hierarchy import Hierarchy
from ways.plugins.outline import outline_of, token_notes
from ways.plugins.plugin import DataPlugin
from ways.sheets.document import PluginRecord, Source

pytestmark = pytest.mark.portability


def plugin(mapping: str, parent: str = "", **values: Any) -> DataPlugin:
    record = PluginRecord("p", {"mapping": mapping, **values}, Source("sheet.yml", "yaml", ("plugins", "p"), 1, 1), {})
    return DataPlugin.from_record(record, "master", Hierarchy.of("p"), Hierarchy.of(parent) if parent else None)


@pytest.mark.parametrize(
    "mapping, separators, literals",
    [
        ("jobs", 0, ["jobs"]),
        ("/Jobs/{JOB}\\Shots/x{SHOT}", 4, ["jobs", "shots"]),
        ("/a/{JOB}/a", 3, ["a"]),
        # Optional parts: between separators they change no number; around them, nobody knows it.
        ("/a[_b]/c", 2, ["c"]),
        ("/a[[/c", None, []),
        ("/a]]/c", None, []),
        ("/a[_b]/c[_d][_e]/f", 3, ["f"]),
        ("/a[/b]/c", None, ["c"]),
        ("/a[/b[/x]/y]/c", None, ["c"]),
        ("/a[_b[/x]_y]/c", None, ["c"]),
        # A stray bracket is text in the first syntax. One that nothing closes may leave out all that follows.
        ("/a]/b", 2, ["b"]),
        ("/a]]/b[/c]/d", None, []),
        ("]/a[/b/c", None, []),
        # Of these tokens nobody knows how many segments they are.
        ("/a/{@b}/c", None, ["a", "c"]),
        ("/a/{B:s}/c", None, ["a", "c"]),
        ("/a/{B:03d}/c", 3, ["a", "c"]),
        ("/a/{B/C}/c", None, ["a", "c"]),
    ],
)
def test_separators_and_literals_of_a_mapping(mapping: str, separators: int | None, literals: list[str]) -> None:
    outline = outline_of(plugin(mapping))
    assert outline is not None and (outline.separators, outline.literals) == (separators, literals)


@pytest.mark.parametrize(
    "mapping, is_glued, separators, literals, tokens",
    [
        ("/Lib/{A}", False, 2, ["lib"], ["A"]),
        ("\\lib", False, 1, ["lib"], []),
        ("Lib/{A}/x", True, 2, ["x"], ["A"]),
        ("lib", True, 0, [], []),
        ("{root}", False, 0, [], []),
        ("{root}/lib", False, 1, ["lib"], []),
        ("{root}\\lib", False, 1, ["lib"], []),
        ("{root}_lib/x", True, 1, ["x"], []),
        ("x/{root}/lib", True, 2, ["x", "lib"], []),
        ("{root}/{A}/{root}", True, 2, [], ["A"]),
    ],
)
def test_what_a_relative_mapping_continues(mapping: str, is_glued: bool, separators: int, literals: list[str], tokens: list[str]) -> None:
    outline = outline_of(plugin(mapping, "job/shot"))
    assert outline is not None and outline.parent == "job/shot"
    assert (outline.is_glued, outline.separators, outline.literals, outline.tokens) == (is_glued, separators, literals, tokens)


def test_root_is_a_token_like_others_without_a_parent() -> None:
    outline = outline_of(plugin("/{root}/{A:03d}"))
    assert outline is not None and outline.tokens == ["root", "A:03d", "A"] and not outline.is_glued


@pytest.mark.parametrize(
    "values, is_sure",
    [({}, True), ({"assignment": "night"}, False), ({"platforms": ("linux",)}, False), ({"when": {"A": ("x",)}}, False)],
    ids=str,
)
def test_a_plugin_surely_takes_part_where_it_names_no_condition(values: dict[str, Any], is_sure: bool) -> None:
    outline = outline_of(plugin("/a", **values))
    assert outline is not None and outline.is_sure is is_sure


@pytest.mark.parametrize(
    "entry, is_crossing",
    [
        ({}, False),
        ({"mapping": "{B}_{C}"}, False),
        ({"mapping": "{B}/{C}"}, True),
        ({"mapping": "{@job}"}, True),
        ({"choices": ["a", "b"]}, False),
        ({"choices": {"a": "x\\y"}}, True),
        ({"format": "s"}, True),
        ({"segments": True}, True),
        ({"parse": {"regex": r"\w+"}}, False),
        ({"parse": {"regex": ".+"}}, True),
    ],
    ids=str,
)
def test_tokens_whose_values_may_hold_a_separator_are_noted(entry: dict[str, Any], is_crossing: bool) -> None:
    notes = token_notes([plugin("/{A}", mapping_details={"A": entry})])
    assert notes.crossing == (["A"] if is_crossing else [])
