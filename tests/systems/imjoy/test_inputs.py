"""Whether data fits the ``inputs`` of a plugin, keyword by keyword."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ways.api import Session
from ways.errors import MissingExtraError
from ways.systems import imjoy
from ways.systems.imjoy.files.inputs import BadSchema, fits

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


# --- what JSON schema says, and nothing that a stranger's schema could do


@pytest.mark.parametrize(
    "schema, value, expected",
    [
        ({"patternProperties": {"^a": {"type": "string"}}}, {"a1": "x", "b": 1}, True),
        ({"patternProperties": {"^a": {"type": "string"}}}, {"a1": 1}, False),
        ({"patternProperties": {"^a": {}}, "additionalProperties": {"type": "string"}}, {"a1": 1, "b": "x"}, True),
        ({"patternProperties": {"^a": {}}, "additionalProperties": {"type": "string"}}, {"b": 1}, False),
        ({"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 2}}, "a", False),
        ({"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 2}}, 3, True),
        ({"contains": {"const": 1}}, [True, 0], False),
        ({"uniqueItems": True}, [1, 1.0], False),
        ({"type": "array", "items": {"type": "number"}}, (1, 2), True),
        ({"type": "integer"}, True, False),
        ({"pattern": r"(?<name>a)\k<name>"}, "xaa", True),
        ({"pattern": r"(?<!a)b"}, "ab", False),
        ({"$ref": "#/properties/y", "minimum": 9}, 1, True),
        ({"multipleOf": 2}, 3, False),
    ],
    ids=repr,
)
def test_a_keyword_of_draft_7_counts(schema: dict[str, Any], value: Any, expected: bool) -> None:
    whole = {"type": "object", "properties": {"x": schema, "y": {"type": "number"}}, "required": ["x"]}
    assert fits(whole, {"x": value}) is expected


def refused(schema: Any, data: Any) -> str:
    with pytest.raises(BadSchema) as error:
        fits({"type": "object", "properties": {"x": schema}, "definitions": doubling(), "required": []}, data)
    return str(error.value)


def doubling() -> dict[str, Any]:
    """Return schemas each of which asks the one before it twice."""
    made: dict[str, Any] = {"a0": {"type": "number"}}
    for number in range(1, 40):
        made[f"a{number}"] = {"allOf": [{"$ref": f"#/definitions/a{number - 1}"}] * 2}
    return made


def test_a_reference_out_of_the_schema_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.urlopen", lambda *args, **options: pytest.fail("something was fetched"))
    for address in ("https://h/a.json", "file:///etc/passwd", "http://json-schema.org/draft-07/other"):
        assert refused({"$ref": address}, {"x": 1}) == f"there is no {address!r}"


@pytest.mark.parametrize("below", [{"$ref": "#/nope"}, {"pattern": "("}, {"file": 3}, {"minimum": "1"}], ids=repr)
def test_a_reference_to_what_is_no_schema_is_not_followed(below: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": {"x": {"$ref": "#/other/a"}}, "other": {"a": below}}
    with pytest.raises(BadSchema, match="there is no schema at '#/other/a'"):
        fits(schema, {"x": "a"})


def test_the_name_of_a_part_of_a_schema_means_nothing() -> None:
    named = {"$id": "https://h/x", "properties": {"z": {"$ref": "#/definitions/n"}}}
    schema = {"type": "object", "properties": {"x": named}, "definitions": {"n": {"type": "number"}}}
    assert fits(schema, {"x": {"z": 1}}) and not fits(schema, {"x": {"z": "1"}})


def test_a_schema_that_refers_to_itself_is_refused() -> None:
    assert refused({"$ref": "#/properties/x"}, {"x": 1}) == "it refers to itself without end"


def test_a_schema_asks_for_a_limited_number_of_comparisons() -> None:
    assert "comparisons" in refused({"$ref": "#/definitions/a39"}, {"x": 1})


@pytest.mark.parametrize("where", ["$schema", "anyOf", "patternProperties", "additionalProperties"])
def test_each_search_for_a_pattern_has_a_limit(where: str) -> None:
    slow, text = "(?:(a|aa)+)+$", "a" * 60 + "b"
    below: dict[str, Any] = {"$schema": "http://json-schema.org/draft-07/schema#", "pattern": slow}
    schema, value = {
        "$schema": (below, text),
        "anyOf": ({"anyOf": [{"type": "null"}, below]}, text),
        "patternProperties": ({"patternProperties": {slow: {}}}, {text: 1}),
        "additionalProperties": ({"patternProperties": {slow: {}}, "additionalProperties": False}, {text: 1}),
    }[where]
    assert refused(schema, {"x": value}).endswith("takes more than 1.0 seconds")


# --- without the extra


@pytest.fixture
def without_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)


def session_of(folder: Path, **more: Any) -> Session:
    config = {"name": "A", "type": "native-python", "version": "1", "api_version": "0.1.8", **more}
    text = f'<config lang="json">\n{json.dumps(config)}\n</config>\n<script lang="python">x</script>'
    (folder / "a.imjoy.html").write_text(text, encoding="utf-8")
    session = Session()
    session.add_search_path(folder)
    return session


@pytest.mark.usefixtures("without_extra")
def test_without_the_extra_plugins_are_read_and_matching_says_what_is_missing(tmp_path: Path) -> None:
    session = session_of(tmp_path, inputs={"type": "object", "properties": {"x": {"type": "str"}}})
    assert session.problems == []
    (told,) = session.need_context("imjoy/local/A").data["_imjoy"]["diagnostics"]
    assert (told["code"], told["level"]) == ("inputs-schema", "info") and "[imjoy]'" in told["message"]
    with pytest.raises(MissingExtraError, match="Inputs of ImJoy's plugins need the package jsonschema: pip install"):
        imjoy.matching(session, {"x": 1})


@pytest.mark.usefixtures("without_extra")
def test_without_the_extra_plugins_without_inputs_match_nothing(tmp_path: Path) -> None:
    assert imjoy.matching(session_of(tmp_path), {"x": 1}) == []


# --- schemas that are none, told at their line

WRONG: dict[str, tuple[Any, str, str]] = {
    "a type": ({"type": "object", "properties": {"x": {"type": "str"}}}, "error", "properties.x.type"),
    "a short form": ({"x": {"type": "str"}}, "error", "x.type"),
    "a pattern": ({"x": {"pattern": "("}}, "warning", "x.pattern"),
    "a pattern of names": ({"type": "object", "properties": {}, "patternProperties": {"(": {}}}, "warning", "patternProperties.("),
    "a nested pattern": ({"x": {"anyOf": [{"not": {"pattern": "("}}]}}, "warning", "x.anyOf[0].not.pattern"),
    "no schema": ({"x": 3}, "error", "x"),
    "properties": ({"type": "object", "properties": 3}, "error", "properties"),
    "required": ({"x": {"required": True}}, "error", "x.required"),
    "no choice": ({"x": {"enum": []}}, "error", "x.enum"),
    "a choice twice": ({"x": {"enum": ["a", {"b": 1}, {"b": 1}]}}, "error", "x.enum"),
    "a reference to nothing": ({"x": {"$ref": "#/definitions/y"}}, "error", "x.$ref"),
    "a reference elsewhere": ({"x": {"$ref": "https://h/a.json"}}, "error", "x.$ref"),
    "a file": ({"file": {"maxSize": 3}}, "error", "file"),
    "a file of an ending": ({"x": {"file": {"ext": 3}}}, "error", "x.file"),
    "a size": ({"x": {"file": {"ext": "a", "maxSize": "3"}}}, "error", "x.file"),
    "a media type": ({"x": {"file": {"mime": "("}}}, "warning", "x.file"),
    "a type of arrays": ({"ndarray": {"dtype": "int7"}}, "error", "ndarray"),
    "a shape": ({"ndarray": {"shape": "2"}}, "error", "ndarray"),
    "a number of dimensions": ({"ndarray": {"ndim": "2"}}, "error", "ndarray"),
    "a shape of other dimensions": ({"ndarray": {"shape": [1, None], "ndim": [1, 3]}}, "error", "ndarray"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_a_schema_that_is_none_is_reported_at_its_key(tmp_path: Path, case: tuple[Any, str, str]) -> None:
    inputs, level, where = case
    for key, expected in (("inputs", level), ("outputs", "warning")):
        (problem,) = session_of(tmp_path, **{key: inputs}).problems
        assert (problem.code, problem.level) == (f"{key}-schema", expected)
        assert str(problem.source.pointer[1:]) == str(tuple(pointer_of(where))) and problem.source.line == 2


def test_a_property_that_is_required_by_itself_has_a_hint(tmp_path: Path) -> None:
    inputs = {"type": {"enum": ["localization/table"], "required": True}, "table": {"type": "object", "required": True}}
    (problem,) = session_of(tmp_path, inputs=inputs).problems
    assert problem.help.startswith("Remove it: all properties are required") and problem.source.pointer[-1] == "required"


def pointer_of(text: str) -> list[str | int]:
    """Return the parts of a key in dots and brackets."""
    return [int(part) if part.isdigit() else part for part in text.replace("]", "").replace("[", ".").split(".")]


@pytest.mark.parametrize(
    "inputs",
    [
        {"type": "object", "properties": {"name": {"type": "string", "pattern": r".*\.(tif|tiff)$"}}}, {"file": {"ext": "png"}},
        {"file": "any"}, {"ndarray": {"shape": [None, 2], "ndim": 2, "dtype": ["uint8"]}}, {"type": "url", "extension": "zarr"},
        {"type": "object", "properties": {"pattern": {"type": "string"}, "file": {"type": "object"}}}, {}, {"a": True},
        {"x": {"enum": [{"pattern": "("}], "default": {"file": 3}, "unknown": {"pattern": 3}}}, {"x": {"pattern": r"(?<y>\d)\/"}},
        {"x": {"$ref": "#/properties/y"}, "y": {}}, {"x": {"enum": [1, True, "1", None]}},
        {"x": {"$ref": "http://json-schema.org/draft-07/schema#"}},
    ],
    ids=repr,
)
def test_a_schema_that_is_one_is_not_reported(tmp_path: Path, inputs: Any) -> None:
    assert session_of(tmp_path, inputs=inputs).problems == []
