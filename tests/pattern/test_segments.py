"""What an index knows of a mapping. That it loses no text is proven in tests/oracle/test_match_agrees.py."""

from __future__ import annotations

from typing import Any

import pytest

from ways.pattern.segments import MatchShape, MatchShapes, SegmentShape
from ways.pattern.template import Template

DETAILS: dict[str, dict[str, Any]] = {
    "NAME": {"parse": {"regex": "[a-z]+"}},
    "KIND": {"parse": {"regex": "kind_[a-z]"}},
    "REST": {"parse": {"regex": ".+"}},
    "SHOT": {"mapping": "sh_{NUMBER}"},
    "DEEP": {"mapping": "{NAME}/{KIND}"},
}


def shape_of_text(mapping: str, details: dict[str, dict[str, Any]] = DETAILS) -> MatchShape:
    """Return the shape of a mapping that its text alone decides."""
    return MatchShapes().of(mapping, details, lambda: pytest.fail("the text decides"))


def shape_of_template(mapping: str, details: dict[str, dict[str, Any]] = DETAILS, syntax: int = 1) -> MatchShape:
    """Return the shape of a mapping, made of its Template."""
    return MatchShapes().of_template(Template.of(mapping, details, syntax))


@pytest.mark.parametrize(
    "mapping, segment",
    [
        ("/jobs", SegmentShape(True, "jobs", "jobs")),
        ("/{NAME}.exr", SegmentShape(False, "", ".exr")),
        ("/a_{KIND}", SegmentShape(False, "a_kind_", "")),
        ("/{SHOT}.{FREE}.x", SegmentShape(False, "sh_", ".x")),
        ("/v{REST}.x", SegmentShape(False, "v", ".x", crosses=True)),
    ],
    ids=["text", "a token", "an expression that starts with text", "a token written by another", "one that may cross"],
)
def test_a_segment_is_known_by_its_ends(mapping: str, segment: SegmentShape) -> None:
    assert shape_of_text(mapping) == shape_of_template(mapping)
    assert shape_of_text(mapping).separator == "/"
    assert shape_of_text(mapping).forms == ((SegmentShape(True, "", ""), segment),)


@pytest.mark.parametrize(
    "mapping, details",
    [
        ("/{V:03d}", {}),
        ("/{@SHOT}", DETAILS),
        ("/{DEEP}", DETAILS),
        ("/{a/b}", {}),
        ("/a{", {}),
        ("/{V}", {"V": {}, "W": {"mapping": "{V:03d}"}}),
    ],
    ids=["a format", "a reference", "a token of two segments", "a separator in a name", "a stray brace", "a format elsewhere"],
)
def test_a_template_is_asked_where_the_text_does_not_decide(mapping: str, details: dict[str, dict[str, Any]]) -> None:
    template = Template.of(mapping, details)
    calls = []
    assert MatchShapes().of(mapping, details, lambda: calls.append(1) or template) == shape_of_template(mapping, details)
    assert calls


def test_a_part_with_separators_makes_two_forms() -> None:
    shape = shape_of_template("/jobs[/{NAME}]/x", syntax=2)
    assert [[segment.start for segment in form] for form in shape.forms] == [["", "jobs", "x"], ["", "jobs", "", "x"]]


def test_tokens_that_are_written_by_each_other_take_a_template() -> None:
    details = {"A": {"mapping": "{B}x"}, "B": {"mapping": "{A}y"}}
    shape = MatchShapes().of("/{A}", details, lambda: Template.of("/{B}", {}))
    assert shape.forms == ((SegmentShape(True, "", ""), SegmentShape(False, "", "")),)


@pytest.mark.parametrize("shape_of", [shape_of_text, shape_of_template])
def test_a_path_of_windows_is_cut_at_its_own_separator(shape_of) -> None:
    # No token can hold a slash, so that a cut at slashes would lose no text either; but it would tell no folders apart.
    shape = shape_of(r"P:\jobs\{NAME}\{KIND}")
    assert (shape.separator, len(shape.forms[0]), shape.crosses) == ("\\", 4, False)
