"""Whether data fits the ``inputs`` of a plugin, keyword by keyword."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ways.systems.imjoy.inputs import BadSchema, fits

IMAGE = SimpleNamespace(shape=(4, 3), dtype="uint8")
FILE = {"name": "A.TIF", "type": "image/tiff", "size": 10}


def of(**schema: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"x": schema}}


@pytest.mark.parametrize(
    "schema, value, expected",
    [
        ({"properties": {"y": False}}, 7, True),
        ({"properties": {"y": False}}, {"y": 1}, False),
        ({"additionalProperties": False}, 7, True),
        ({"additionalProperties": False}, {"y": 1}, False),
        ({"items": [{"type": "string"}, {"type": "number"}]}, ["a", 1], True),
        ({"items": [{"type": "string"}, {"type": "number"}]}, ["a", "b"], False),
        ({"items": [{"type": "string"}, {"type": "number"}]}, ["a"], True),
        ({"ndarray": {"ndim": 2}}, IMAGE, True),
        ({"ndarray": {"ndim": [1, 3]}}, IMAGE, False),
        ({"ndarray": {"shape": [None, 3], "dtype": "uint8"}}, IMAGE, True),
        ({"ndarray": {}}, [[1]], False),
        ({"file": {"ext": "tif", "maxSize": 20}}, FILE, True),
        ({"file": {"ext": "tif", "maxSize": 5}}, FILE, False),
        ({"file": {"ext": "tif", "maxSize": 20}}, {**FILE, "size": "10"}, False),
        ({"file": {"ext": "tif"}}, {"name": "a.tif"}, True),
    ],
    ids=repr,
)
def test_a_value_fits_its_keyword_or_not(schema: dict[str, Any], value: Any, expected: bool) -> None:
    assert fits(of(**schema), {"x": value}) is expected


def test_a_url_may_have_any_ending_where_none_is_named() -> None:
    assert fits({"type": "url"}, {"url": "https://h/a.zip"}) and not fits({"type": "url"}, {"url": 7})
    assert fits({"type": "url", "extension": [".zip"]}, {"url": "https://h/a.ZIP?x"})
    assert not fits({"type": "url", "extension": [".zip"]}, {"url": "https://h/a.tar"})


@pytest.mark.parametrize("pattern", ["(" * 70 + "a" + ")" * 70, "(?:(?:a{90}){90}){90}", "(", r"(a|(?1)(?1))+", r"(?:\p{L}*)+"])
def test_a_pattern_beyond_the_limits_is_no_schema(pattern: str) -> None:
    with pytest.raises(BadSchema, match="is no pattern"):
        fits(of(pattern=pattern), {"x": "a"})
