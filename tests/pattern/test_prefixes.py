"""Prefixes: a text that can go on to be one of a mapping is never refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracle.mixed_oracle import Fault
from oracle.mixed_worlds import World
from oracle.unicode_worlds import texts_of, worlds

from ways.errors import PatternError
from ways.pattern.pattern import Pattern
from ways.pattern.prefixes import Prefixes
from ways.pattern.template import Template


def prefixes(mapping: str, details: dict[str, Any] | None = None, **fixed: str) -> Prefixes:
    return Prefixes(Template.of(mapping, details or {}, 2, dict.fromkeys(details or {}, 2)), fixed)


def may_go_on(found: Prefixes, text: str) -> bool:
    return bool(found.after(found.start, text))


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.data())
def test_whatever_is_read_is_a_beginning_all_along(world: World, data: st.DataObject) -> None:
    try:
        language = world.language
        pattern = Pattern(Template.of(world.mapping, world.details, 2, dict.fromkeys(world.details, 2)))
        text = data.draw(texts_of(world, language))
        readings = pattern.readings(text)
    except (Fault, PatternError):
        assume(False)
    found = Prefixes(pattern.template, {})
    for reading in readings:
        assert found.may_end(found.after(found.start, text))
        fixed = Prefixes(pattern.template, {name: reading.values[name] for name in language.tokens[:1] if name in reading.values})
        assert fixed.may_end(fixed.after(fixed.start, text))


def test_a_part_may_be_there_or_not_and_goes_on() -> None:
    found = prefixes("/a/{A}[/b_{B}]/c", {"A": {"parse": {"regex": "[a-z]+"}}})
    assert all(map(lambda text: may_go_on(found, text), ["", "/", "/a/x", "/a/x/", "/a/x/c", "/a/x/b_1/", "/a/x/b_1/c"]))
    assert not any(map(lambda text: may_go_on(found, text), ["/b", "/a/1", "/a/x/d", "/a/x/b_1/d", "/a/x/c/"]))


def test_a_value_that_is_fixed_is_the_only_one() -> None:
    found = prefixes("/a/{A}[_{B}]", A="x")
    assert may_go_on(found, "/a/x_1") and not may_go_on(found, "/a/y")


@pytest.mark.parametrize("expression", ["(?:a?){1000}" * 15, "[ab]+" * 300, r"(?:\w{1,200}){1,200}"])
def test_a_great_expression_holds_what_its_characters_hold(expression: str) -> None:
    found = prefixes("/a/{A}/c", {"A": {"parse": {"regex": expression}}})
    assert may_go_on(found, "/a/aaab/c") and not may_go_on(found, "/b")


def test_a_text_with_many_characters_is_forgotten_in_time() -> None:
    found = prefixes("/a/{A}")
    text = "/a/" + "".join(map(chr, range(0x100, 0x100 + 60_000)))
    assert may_go_on(found, text) and may_go_on(found, text[:10])
    assert found.may_end(found.after(found.start, "/a/x"))
