"""The token language agrees with the slow obvious one: what fits, with which parts, to which values, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracle.language_oracle import flat, readings, tree, wanted

from ways.api import AmbiguousContextError, ContextNotFoundError, Session, WaysError
from ways.errors import AmbiguousReadingError
from ways.pattern.pattern import Pattern
from ways.pattern.template import Template

NAMES = "ABCDE"
LITERALS = ["_", "-", ".", "/", "v", "[[", "a", "1"]
ENTRIES: list[dict[str, Any]] = [
    {},
    {"parse": {"regex": "[a-z]+"}},
    {"parse": {"regex": r"\d+"}},
    # The longest first: an engine tries alternatives in their order.
    {"parse": {"regex": "ab|b_|a"}},
    {"parse": {"regex": "[a-z]*"}},
    {"parse": {"regex": "a(?=_)?b?"}},
    {"choices": ["a", "ab", "b"]},
    {"choices": {"one": "a", "two": "a_b"}},
    {"choices": [1, 2, 11]},
    {"format": "02d"},
    {"format": "d"},
    {"format": ".1f"},
    {"format": "%Y"},
    {"format": "l", "parse": {"regex": "a.*"}},
]


class World(NamedTuple):
    mapping: str
    details: dict[str, dict[str, Any]]
    formats: dict[str, str]


@st.composite
def pieces(draw: st.DrawFn, names: str, depth: int) -> str:
    """Some text of the second syntax that holds at least one token."""
    written = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["token", "literal", "part" if depth else "token"]))
        if kind == "token":
            written.append(f"{{{draw(st.sampled_from(names))}}}")
        elif kind == "literal":
            written.append(draw(st.sampled_from(LITERALS)))
        else:
            written.append(f"[{draw(st.sampled_from(['_', '-', '/', '.']))}{draw(pieces(names, depth - 1))}]")
    text = "".join(written)
    return text if "{" in text else f"{text}{{{draw(st.sampled_from(names))}}}"


@st.composite
def worlds(draw: st.DrawFn) -> World:
    mapping = "x" + draw(pieces(NAMES + "P", 2))
    details: dict[str, dict[str, Any]] = {name: dict(draw(st.sampled_from(ENTRIES))) for name in NAMES}
    if "{P}" in mapping:
        details["P"] = {"mapping": draw(st.sampled_from(["{A}", "{A}.{B}", "{A}[-{B}]", "[{D}-]{A}"]))}
        if draw(st.booleans()):
            details["P"]["parse"] = {"regex": draw(st.sampled_from(["[a-z.-]+", "a.*", r"[^_]*"]))}
    formats = {}
    if not details["C"] and draw(st.booleans()) and "{C}" in mapping:
        formats["C"] = draw(st.sampled_from(["03d", "w", "x"]))
        mapping = mapping.replace("{C}", f"{{C:{formats['C']}}}", 1)
    assume(not mapping.endswith("[[") and "[[{" not in mapping and "[[[" not in mapping)
    return World(mapping, details, formats if formats.get("C") != "x" else {})


VALUES = st.sampled_from(["a", "b", "ab", "a_b", "a-b", "1", "2", "11", "02", "7", "1.5", "2026", "abc", "01", "a.b", ""])
TEXTS = st.text("ab1_-./v2[", max_size=9)


def template_of(world: World) -> Template:
    return Template.of(world.mapping, world.details, 2, dict.fromkeys(world.details, 2))


def hexadecimal(world: World) -> bool:
    return ":x}" in world.mapping


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(worlds(), st.data())
def test_a_text_is_read_as_trying_everything_reads_it(world: World, data: st.DataObject) -> None:
    assume(not hexadecimal(world))
    template = template_of(world)
    pattern = Pattern(template)
    text = data.draw(st.one_of(TEXTS.map("x".__add__), written(world, template)))
    expected = readings(world.mapping, world.details, world.formats, text)
    got = pattern.readings(text)
    assert len(got) == min(len(expected), 2)
    values = [{name: reading.values[name] for name in template.leaf_tokens if name in reading.values} for reading in got]
    if len(expected) == 1:
        assert values == list(expected.values())
    else:
        assert all(value in list(expected.values()) for value in values)


@st.composite
def written(draw: st.DrawFn, world: World, template: Template) -> str:
    """A text as it would be written with some values, be they valid or not."""
    values = {name: draw(VALUES) for name in template.leaf_tokens if name in template.fixed_tokens or draw(st.booleans())}
    return template.writer.text(values)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(worlds(), st.data())
def test_values_are_written_exactly_when_they_would_be_read_back(world: World, data: st.DataObject) -> None:
    assume(not hexadecimal(world))
    template = template_of(world)
    nodes = tree(world.mapping, world.details)
    leaves = [node.text for node, _ in flat(nodes) if node.kind == "token"]
    values = {name: data.draw(VALUES) for name in dict.fromkeys(leaves) if data.draw(st.booleans()) or name in template.fixed_tokens}
    text = "".join(
        values[node.text] if node.kind == "token" else node.text
        for node, around in flat(nodes)
        if wanted(nodes, set(values)).issuperset(around)
    )
    would_be = readings(world.mapping, world.details, world.formats, text)
    pattern = Pattern(template)
    try:
        got: str | None = pattern.format(values)
    except (WaysError, AmbiguousReadingError):
        got = None
    assert got == (text if list(would_be.values()) == [values] else None)
    if got is not None:
        assert pattern.match(got) == values


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds(), data=st.data())
def test_a_session_reads_and_writes_the_same(world: World, data: st.DataObject, tmp_path_factory: Any) -> None:
    assume(not hexadecimal(world))
    plugins = {"it": {"hierarchy": "it", "mapping": world.mapping, "mapping_details": world.details}}
    path: Path = tmp_path_factory.mktemp("world") / "sheet.json"
    path.write_text(json.dumps({"globals": {"syntax": 2}, "plugins": plugins}), encoding="utf-8")
    session = Session()
    session.add_search_path(str(path))
    template = template_of(world)
    text = data.draw(st.one_of(TEXTS.map("x".__add__), written(world, template)))
    if session.get_context("it") is None:
        assert session.problems
        return
    expected = list(readings(world.mapping, world.details, world.formats, text).values())
    try:
        got: Any = session.read(text).values
    except AmbiguousContextError as error:
        got = error.candidates
    except ContextNotFoundError:
        got = None
    if len(expected) != 1:
        assert (got is None) == (not expected) and not isinstance(got, dict)
        return
    assert got == expected[0]
    asset = session.get_asset(text, strict=True)
    assert asset.get_str() == text == session.format("it", got)
    assert {name: template.spec(name).text(asset.get_value(name)) for name in got} == got
