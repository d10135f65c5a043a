"""A mapping with its tokens replaced: optional parts in each other, and brackets that mean nothing."""

from __future__ import annotations

import pytest

from ways.pattern.fill import Filling, fill
from ways.pattern.template import Template

pytestmark = pytest.mark.portability

PARSE = {"B": {"parse": {"regex": "b+", "glob": "*"}}}


def filled(mapping: str, *engines: str, syntax: int = 2, drops: bool = True, **values: str) -> str:
    template = Template.of(mapping, PARSE, syntax, {"B": syntax})
    return fill(template.pieces, template, Filling(engines, values, (), {}, drops=drops))


@pytest.mark.parametrize(
    "values, dropped, open_parts",
    [
        ({}, "x", "x[a[_{B}][-{C}]]"),
        ({"B": "b"}, "xa_b", "xa_b[-{C}]"),
        ({"C": "c"}, "xa-c", "xa[_{B}]-c"),
        ({"B": "b", "C": "c"}, "xa_b-c", "xa_b-c"),
    ],
    ids=str,
)
def test_a_part_without_tokens_of_its_own_is_there_with_a_part_in_it(values: dict[str, str], dropped: str, open_parts: str) -> None:
    assert filled("x[a[_{B}][-{C}]]", **values) == dropped
    assert filled("x[a[_{B}][-{C}]]", drops=False, **values) == open_parts


def test_a_part_three_deep_brings_those_around_it() -> None:
    assert [filled("x[a[b[c{D}]]]e", **values) for values in ({}, {"D": "d"})] == ["xe", "xabcde"]


@pytest.mark.parametrize(
    "engine, syntax, expected",
    [("glob", 1, "[[a]]/*"), ("glob", 2, "[[]a]/*"), ("regex", 1, "[[a]]/b+"), ("regex", 2, r"\[a\]/b+"), ("", 2, "[a]/{B}")],
)
def test_brackets_that_mean_nothing_mean_nothing_to_an_engine(engine: str, syntax: int, expected: str) -> None:
    assert filled("[[a]]/{B}", *filter(None, [engine]), syntax=syntax) == expected
