"""The JSON Schema of a sheet: it and the loader agree, and differ only where the page for editors says so."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import PLUGIN_SHEETS
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ways.hierarchy import Hierarchy
from ways.sheets import schema
from ways.sheets.document import Draft, Problem, Source
from ways.sheets.formats.table import FormatTable
from ways.sheets.json_schema import (
    EXAMPLES,
    SHAPES,
    STRICT_SHAPES,
    TOKEN_EXAMPLES,
    get_sheet_schema,
    get_sheet_schema_path,
    schema_text,
)
from ways.sheets.schema import PLUGIN_KEYS, TOKEN_KEYS

VALIDATOR = jsonschema.Draft202012Validator(get_sheet_schema())
SHEETS = sorted(
    path
    for path in PLUGIN_SHEETS.rglob("*")
    if path.is_file() and not {"foreign", "imports"} & set(path.parts) and FormatTable().reads(path.name)
)


def is_valid(data: Any) -> bool:
    return VALIDATOR.is_valid(data)


def problems_of(data: Any) -> list[Problem]:
    return list(schema.check(Draft(data), Source("a.yml"))[1])


def token_sheet(key: str, value: Any) -> dict[str, Any]:
    return plugin_sheet("mapping_details", {"T": {key: value}})


def plugin_sheet(key: str, value: Any) -> dict[str, Any]:
    return {"plugins": {"a": {"hierarchy": "job", key: value}}}


# --- where the two differ, and nowhere else


def looks_misspelt(problem: Problem) -> bool:
    """A free key of a token that looks like a known one: how alike two words are, no schema can say."""
    return problem.code == "unknown-key" and "mapping_details" in problem.source.pointer


def hierarchies(data: Any) -> Iterator[Any]:
    """Yield each text, and each item of a list, that stands for a hierarchy."""
    for plugin in written_plugins(data):
        for key in ("hierarchy", "uses"):
            value = plugin.get(key)
            for text in value if isinstance(value, list) else [value]:
                # A parent may have * for a part.
                parts = text.split("/") if isinstance(text, str) and key == "uses" else ()
                yield "/".join("any" if part.strip() == "*" else part for part in parts) if parts else text


def written_plugins(data: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(data, dict):
        plugins = data.get("plugins")
        found = [data.get("globals"), *(plugins.values() if isinstance(plugins, dict) else ())]
        yield from (plugin for plugin in found if isinstance(plugin, dict))


def is_illegal(place: Any) -> bool:
    """The characters of a hierarchy: the loader leaves them to whoever asks for the Context, the schema tells at once."""
    return isinstance(place, str) and not Hierarchy.of(place.replace("{root}", "root")).is_legal


def uses_twice(plugin: Mapping[str, Any]) -> bool:
    """The same parent twice is told when the plugins are made; in globals, only if some plugin takes it over."""
    uses = plugin.get("uses")
    return isinstance(uses, list) and any(uses.count(parent) > 1 for parent in uses)


def is_refused(data: Any) -> bool:
    """Whether the loader tells of something that is wrong with the shape of a sheet."""
    problems = [problem for problem in problems_of(data) if not looks_misspelt(problem)]
    return bool(problems) or any(map(is_illegal, hierarchies(data))) or any(map(uses_twice, written_plugins(data)))


# --- generated sheets, as JSON has them: names are texts, and no whole number is written 1.0

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from((0.5, -2.25)),
    st.sampled_from(("", " ", "job", "job/shot", "{root}", "a.b!", "linux", "regex", "03d")),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(("", "A", "regex", "mapping", "fps")), inner, max_size=2)
    ),
    max_leaves=4,
)


def good(name: str, examples: Mapping[str, list[Any]]) -> st.SearchStrategy[Any]:
    return st.sampled_from(examples[name])


def languages() -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(({}, {}, {"syntax": 1}, {"syntax": 2}, {"syntax": None}))


def keys_of(names: Mapping[str, Any], examples: Mapping[str, list[Any]], *, most: int) -> st.SearchStrategy[dict[str, Any]]:
    """Some keys, most with what they may hold, now and then with anything, or of no known name."""
    known = st.sampled_from(sorted(names)).flatmap(
        lambda name: st.tuples(st.just(name), st.one_of(good(name, examples), good(name, examples), ANYTHING))
    )
    unknown = st.tuples(st.sampled_from(("x", "maping", "Hierarchy", "")), ANYTHING)
    return st.lists(st.one_of(*[known] * 12, unknown), max_size=most).map(dict)


TOKENS = st.dictionaries(st.sampled_from(("A", "B")), st.one_of(st.none(), keys_of(TOKEN_KEYS, TOKEN_EXAMPLES, most=3)), max_size=2)


@st.composite
def plugins(draw: st.DrawFn) -> Any:
    if draw(st.integers(0, 15)) == 0:
        return draw(ANYTHING)
    plugin = draw(keys_of(PLUGIN_KEYS, EXAMPLES, most=3))
    if draw(st.booleans()):
        plugin["mapping_details"] = draw(TOKENS)
    return plugin if draw(st.integers(0, 4)) == 0 else {"hierarchy": "job", **draw(languages()), **plugin}


@st.composite
def sheets(draw: st.DrawFn) -> Any:
    if draw(st.integers(0, 15)) == 0:
        return draw(ANYTHING)
    sheet = {"plugins": draw(st.dictionaries(st.sampled_from("ab"), plugins(), max_size=2))}
    if draw(st.booleans()):
        shared = draw(st.one_of(keys_of(PLUGIN_KEYS, EXAMPLES, most=2), ANYTHING))
        sheet["globals"] = {**draw(languages()), **shared} if isinstance(shared, dict) else shared
    extra = draw(st.sampled_from(({}, {}, {}, {}, {"$schema": "x"}, {"plugin": {}})))
    return {**sheet, **extra}


@settings(max_examples=1500)
@given(sheets())
def test_what_the_schema_refuses_is_what_the_loader_tells(data: Any) -> None:
    event("good" if is_valid(data) else "broken")
    assert is_valid(data) == (not is_refused(data)), [error.message for error in VALIDATOR.iter_errors(data)]


@settings(max_examples=400)
@given(st.sampled_from(sorted(PLUGIN_KEYS)), ANYTHING, languages())
def test_schema_and_loader_agree_on_each_key_of_a_plugin(name: str, value: Any, language: dict[str, Any]) -> None:
    data = {**plugin_sheet(name, value), "globals": language}
    assert is_valid(data) == (not is_refused(data))


@settings(max_examples=400)
@given(st.sampled_from(sorted(TOKEN_KEYS)), ANYTHING, languages())
def test_schema_and_loader_agree_on_each_key_of_a_token(name: str, value: Any, language: dict[str, Any]) -> None:
    data = token_sheet(name, value)
    data["globals"] = language
    assert is_valid(data) == (not is_refused(data))


@pytest.mark.parametrize(
    "data",
    [
        None, {}, [], "text", 3, {"globals": {}}, {"plugins": None}, {"plugins": {}}, {"$schema": "x"}, {"$schema": 1, "plugins": {}},
        {"plugins": {"a": None}}, {"plugins": {"a": {}}}, {"plugins": {"a": {"hierarchy": None}}},
        {"globals": {"hierarchy": "job"}, "plugins": {"a": {}}}, {"globals": {"hierarchy": None}, "plugins": {"a": {}}},
        {"globals": {"hierarchy": "job"}, "plugins": {"a": {"hierarchy": None}}}, {"globals": "", "plugins": {}},
        {"globals": None, "plugins": {}}, {"globals": {"hierarchy": "job", "x": 1}, "plugins": {"a": {}}},
    ],
    ids=repr,
)  # fmt: skip
def test_schema_and_loader_agree_on_the_shape_of_a_sheet(data: Any) -> None:
    assert is_valid(data) == (not problems_of(data))


# --- each difference, by one example


@pytest.mark.parametrize("place", ["a.b!", "job/é", "{zz}/x", ["job", "a:b"]], ids=str)
def test_the_schema_tells_of_characters_that_no_context_may_have(place: Any) -> None:
    assert not is_valid(plugin_sheet("hierarchy", place)) and not problems_of(plugin_sheet("hierarchy", place))


@pytest.mark.parametrize("place", ["job", "/job", " job / shot ", "job/shot\n", "{root}/plate", "lib{root}", "A-1_b c", ""], ids=repr)
def test_the_schema_takes_each_hierarchy_that_a_context_may_have(place: str) -> None:
    assert is_valid(plugin_sheet("hierarchy", place))


def test_the_schema_tells_of_a_parent_that_is_named_twice() -> None:
    assert not is_valid(plugin_sheet("uses", ["job", "job"])) and is_valid(plugin_sheet("uses", ["job", "shot"]))


def test_only_the_loader_tells_of_a_free_key_that_looks_misspelt() -> None:
    sheet = token_sheet("mappnig", "x")
    assert is_valid(sheet) and looks_misspelt(problems_of(sheet)[0])


def test_a_whole_number_with_a_point_is_one_to_the_schema_alone() -> None:
    assert is_valid(plugin_sheet("uuid", 1.0)) and problems_of(plugin_sheet("uuid", 1.0))


# --- the schema itself


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(get_sheet_schema())


def test_the_shipped_file_is_what_the_tables_make() -> None:
    """To write it anew: ``ways schema > ways/sheets/plugin-sheet.schema.json``."""
    assert Path(get_sheet_schema_path()).read_text(encoding="utf-8") == schema_text()


def test_each_rule_of_a_key_has_a_shape() -> None:
    assert {key.normalize for key in (*PLUGIN_KEYS.values(), *TOKEN_KEYS.values())} == set(SHAPES)
    assert {key.strict for key in (*PLUGIN_KEYS.values(), *TOKEN_KEYS.values()) if key.strict} == set(STRICT_SHAPES)


def test_each_key_is_described() -> None:
    made = get_sheet_schema()["$defs"]
    described = [*made["plugin"]["properties"].items(), *made["token"]["properties"].items()]
    assert [name for name, _ in described] == [*PLUGIN_KEYS, *TOKEN_KEYS]
    assert all(key["title"] == name and key["description"] and key["examples"] for name, key in described)


def test_nothing_stands_beside_a_reference() -> None:
    """Editors of draft 7 would not see it."""
    assert all(list(found) == ["$ref"] for found in objects_in(get_sheet_schema()) if "$ref" in found)


def objects_in(found: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(found, dict):
        yield found
    for inside in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from objects_in(inside)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_of_a_plugins_key_can_be_used(name: str) -> None:
    for value in EXAMPLES[name]:
        sheet = plugin_sheet(name, value)
        assert is_valid(sheet) and not problems_of(sheet)


@pytest.mark.parametrize("name", TOKEN_EXAMPLES)
def test_examples_of_a_tokens_key_can_be_used(name: str) -> None:
    for value in TOKEN_EXAMPLES[name]:
        assert is_valid(token_sheet(name, value)) and not problems_of(token_sheet(name, value))


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: str(path.relative_to(PLUGIN_SHEETS)))
def test_each_sheet_that_is_shown_is_valid(path: Path) -> None:
    found = FormatTable().pick(path.name, b"")
    assert found is not None
    draft = found.read(path.read_bytes(), Source(str(path), found.name))
    assert [error.message for error in VALIDATOR.iter_errors(draft.data)] == []


def test_there_are_sheets_of_each_native_format() -> None:
    assert {path.suffix for path in SHEETS} == {".yml", ".json", ".toml", ".py"}


def test_numbers_that_are_none_are_taken_by_both() -> None:
    assert is_valid(plugin_sheet("data", {"x": math.nan})) and not problems_of(plugin_sheet("data", {"x": math.nan}))
