"""Names that a text must have to fit in any tier. That nothing is lost is proven in tests/oracle/test_lenient_agrees.py."""

from __future__ import annotations

import pytest

from ways.pattern.literals import NamedItems, Names, names_in


@pytest.mark.parametrize(
    "mapping, syntax, whole, starts",
    [
        ("/jobs/{JOB}/scenes/v{V}", 1, {"jobs", "scenes"}, {"v"}),
        ("/a/b", 1, {"a"}, {"b"}),
        ("a/{A}.x/b", 1, set(), {"b"}),
        ("\\jobs\\{JOB}/x/{A}", 1, {"jobs", "x"}, set()),
        ("/a/b[/c/d/{X}]/e/f", 2, {"a", "e"}, {"b", "f"}),
        ("/a/b[/c/d/{X}]/e/f", 1, {"a", "b[", "c", "d", "e"}, {"f"}),
        ("{A}_{B}", 2, set(), set()),
    ],
)
def test_a_name_stands_between_separators_outside_of_parts(mapping: str, syntax: int, whole: set[str], starts: set[str]) -> None:
    names = names_in(mapping, syntax)
    assert names.whole - {""} == whole
    assert names.starts == starts


def test_few_of_many_items_are_looked_at() -> None:
    items = NamedItems((names_in(f"/jobs/{{JOB}}/kind{number}/{{A}}"), number) for number in range(1000))
    assert items.near("/jobs/dune/kind7/x") == [7]
    assert items.near("/jobs/dune/nothing/x") == []
    assert NamedItems([(Names(), 1), (names_in("/a/b"), 2)]).near("/a/bx") == [1, 2]
