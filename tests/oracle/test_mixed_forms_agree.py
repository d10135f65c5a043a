"""Mappings over all forms mixed are read, written and valued as trying everything says, alone and through a sheet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracle.mixed_oracle import Fault, Language
from oracle.mixed_worlds import World, texts_of, values_of, worlds

from ways.api import AmbiguousContextError, ContextNotFoundError, ParseError, Session, WaysError
from ways.errors import AmbiguousReadingError, PatternError
from ways.pattern.pattern import Pattern
from ways.pattern.scan import scan
from ways.pattern.template import Template

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))
#: Longer texts take the oracle too long, and say nothing more.
LONGEST = 18
#: Parts in parts, and rows of closing brackets of any length after them.
BRACKETS = st.lists(st.sampled_from(["[_", "[", "]", "]]", "]]]", "]]]]", "[[", "{A}", "{A}", "_", "{A]]}"]), max_size=8).map("".join)


def language_of(world: World) -> Language:
    """Return what the oracle makes of a mapping that can be read."""
    try:
        language = world.language
    except Fault:
        assume(False)
        raise
    assume(len([node for node in language.leaves if node[0].kind == "token"]) <= 7)
    return language


def pattern_of(world: World) -> Pattern:
    return Pattern(Template.of(world.mapping, world.details, 2, dict.fromkeys(world.details, 2)))


def short(text: str) -> str:
    assume(len(text) <= LONGEST)
    return text


@settings(SLOW, max_examples=300)
@given(st.one_of(st.text("[]{}Aa_", max_size=9), BRACKETS))
def test_brackets_are_understood_alike(mapping: str) -> None:
    try:
        nodes = Language.of(mapping, {}).leaves
    except Fault:
        with pytest.raises(PatternError):
            scan(mapping, 2, {})
        return
    expected = [(node.text, node.kind == "token", len(around)) for node, around in nodes]
    got = []
    for piece in scan(mapping, 2, {}):
        texts = [piece.text] if piece.is_token else piece.text
        got += [(text, piece.is_token, len(piece.options)) for text in texts]
    assert got == expected


@settings(SLOW, max_examples=400)
@given(worlds(), st.data())
def test_a_text_has_the_parts_and_values_of_trying_everything(world: World, data: st.DataObject) -> None:
    language = language_of(world)
    pattern = pattern_of(world)
    text = short(data.draw(texts_of(world, language)))
    expected = language.readings(text)
    got = pattern.readings(text)
    assert len(got) == min(len(expected), 2)
    order = {option.number: place for place, option in enumerate(pattern.template.options)}
    for reading in got:
        assert dict(reading.values) == expected.get(frozenset(order[number] for number in reading.present))
    if len(expected) > 1:
        with pytest.raises(AmbiguousReadingError):
            pattern.match(text)
    else:
        assert pattern.match(text) == (language.leaf_values(*expected.values()) if expected else None)


@settings(SLOW, max_examples=300)
@given(worlds(), st.data())
def test_values_are_written_exactly_where_they_are_read_again(world: World, data: st.DataObject) -> None:
    language = language_of(world)
    values = data.draw(values_of(world, language))
    lacking = data.draw(st.sampled_from([None, None, None, *sorted(values)]))
    values = {name: value for name, value in values.items() if name != lacking}
    short(language.written(values))
    pattern = pattern_of(world)
    try:
        got: str | None = pattern.format(values)
    except WaysError:
        got = None
    assert got == language.formatted(values)
    if got is not None:
        assert pattern.match(got) == values
    try:
        filled: str | None = pattern.fill(values)[0]
    except WaysError:
        filled = None
    assert filled == language.allowed(values)


@settings(SLOW, max_examples=150)
@given(worlds(), st.data())
def test_what_is_read_is_written_as_the_same_text(world: World, data: st.DataObject) -> None:
    language = language_of(world)
    text = short(data.draw(texts_of(world, language)))
    pattern = pattern_of(world)
    readings = pattern.readings(text)
    if len(readings) == 1:
        assert pattern.format(pattern.parse(text)) == text


# --- the same through a sheet


@contextmanager
def loaded(world: World, folder: Path) -> Iterator[Session]:
    """A session that read the mapping from a sheet."""
    path = folder / "sheet.yml"
    plugin = {"hierarchy": "it", "mapping": world.mapping, "mapping_details": world.details}
    path.write_text(yaml.safe_dump({"globals": {"syntax": 2}, "plugins": {"it": plugin}}), encoding="utf-8")
    session = Session()
    session.add_search_path(str(path))
    with session.active():
        yield session


def is_bad(language: Language) -> bool:
    """Whether the sheet is refused: nothing is always there."""
    return all(around for _, around in language.leaves)


@settings(SLOW, max_examples=120)
@given(world=worlds(), data=st.data())
def test_a_session_reads_writes_and_types_alike(world: World, data: st.DataObject, tmp_path_factory: Any) -> None:
    language = language_of(world)
    assume(not is_bad(language))
    text = short(data.draw(texts_of(world, language)))
    expected = list(language.readings(text).values())
    with loaded(world, tmp_path_factory.mktemp("world")) as session:
        assert not session.problems
        if len(expected) != 1:
            with pytest.raises(AmbiguousContextError if expected else ContextNotFoundError):
                session.read(text)
            with pytest.raises(AmbiguousContextError if expected else ParseError):
                session.read(text, "it")
            return
        read, values = session.read(text), language.leaf_values(expected[0])
        assert read.values == values == session.read(text, "it").values
        assert session.format("it", values) == text
        asset = session.get_asset(text, strict=True)
        assert asset.info == values and asset.get_str() == text
        said = {name: language.value(name, found) for name, found in expected[0].items()}
        nothing = {name: "" for name in (*language.tokens, *language.parents) if name not in said}
        got = {name: asset.get_value(name) for name in (*said, *nothing)}
        assert got == said | nothing
        assert {name: type(value) for name, value in got.items()} == {name: type(v) for name, v in (said | nothing).items()}
        told = {name: said[name] for name in values}
        assert session.format("it", told) == text == session.get_asset(told, "it").get_str()


@settings(SLOW, max_examples=80)
@given(world=worlds(), data=st.data())
def test_a_session_writes_exactly_what_it_reads_again(world: World, data: st.DataObject, tmp_path_factory: Any) -> None:
    language = language_of(world)
    assume(not is_bad(language))
    values = data.draw(values_of(world, language))
    # A value of no text counts as none where the token can't be empty.
    assume(all(value or language.fits(name, "") for name, value in values.items()))
    short(language.written(values))
    texts: list[str | None] = []
    with loaded(world, tmp_path_factory.mktemp("world")) as session:
        for ambiguous in ("", "allow"):
            try:
                texts.append(session.format("it", values, ambiguous=ambiguous))
            except WaysError:
                texts.append(None)
        many = [session.format_many("it", [values], ambiguous=ambiguous) for ambiguous in ("", "allow")]
    assert texts == [language.formatted(values), language.allowed(values)]
    assert texts == [None if isinstance(text, WaysError) else text for (text,) in many]


@settings(SLOW, max_examples=60)
@given(world=worlds(), data=st.data())
def test_a_default_fills_what_always_stands_there_and_nothing_else(world: World, data: st.DataObject, tmp_path_factory: Any) -> None:
    language = language_of(world)
    assume(not is_bad(language))
    filled = {name: data.draw(st.sampled_from(world.fitting[name])) for name in language.tokens if data.draw(st.booleans())}
    defaults = {name: text for name, text in filled.items() if text}
    given = {name: data.draw(st.sampled_from(world.fitting[name])) for name in language.tokens if name not in filled}
    details = {name: {**entry, "default": _default(language, name, defaults)} for name, entry in world.details.items() if name in defaults}
    world = world._replace(details={**world.details, **details})
    values = {**{name: text for name, text in defaults.items() if name in language.always}, **given}
    short(language.written(values))
    with loaded(world, tmp_path_factory.mktemp("world")) as session:
        assert not session.problems
        try:
            got: str | None = session.format("it", given)
        except WaysError:
            got = None
    assert got == language.formatted(values)


def _default(language: Language, name: str, texts: dict[str, str]) -> Any:
    # A choice is named by its value: its text may be another type in YAML.
    return language.value(name, texts[name]) if language.choices(name) else texts[name]
