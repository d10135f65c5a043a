"""The value search agrees with the slow and obvious one."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle import match_oracle, value_oracle
from oracle.worlds import ALPHABET, LONGEST_FIRST
from ways.pattern.pattern import Pattern, PatternCache
from ways.pattern.solve import find_value
from ways.pattern.template import Template

SLOW = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
#: Each level is written by the ones below it, so that no circle can close.
LEVELS = (("G", "H"), ("P", "Q"), ("A", "B", "C"))
NAMES = [name for level in LEVELS for name in level]
VALUES = st.sampled_from(["a", "b1", "7", "ab", "a_b", "x-x", "1.1"])


@st.composite
def families(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Details of tokens over three levels, in any order; a token may have several parents."""
    details: dict[str, dict[str, Any]] = {}
    for number, level in enumerate(LEVELS):
        below = [name for lower in LEVELS[number + 1 :] for name in lower]
        for name in level:
            entry: dict[str, Any] = {}
            if below:
                joined = st.lists(st.sampled_from([*(f"{{{one}}}" for one in below), "_", "-", ".", "x"]), max_size=4)
                entry["mapping"] = "".join(draw(joined))
            if draw(st.integers(0, 3)):
                entry["parse"] = {"regex": draw(st.sampled_from(["[a-z]+", r"\d+", ".*", "a|b", *LONGEST_FIRST]))}
            details[name] = entry
    return {name: details[name] for name in draw(st.permutations(NAMES))}


@st.composite
def infos(draw: st.DrawFn, details: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Some values: any, empty ones too, or ones that were written by a parent's mapping."""
    info = {}
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3)):
        pieces = match_oracle.leaves(match_oracle.tree(f"{{{name}}}", details))
        fitting = "".join(draw(VALUES) if leaf.kind == "token" else leaf.text for leaf in pieces)
        info[name] = draw(st.sampled_from([fitting, fitting, f"{fitting}_", f"-{fitting}", draw(st.text(ALPHABET, max_size=4))]))
    return info


@SLOW
@given(st.data(), families())
def test_every_value_is_found_as_by_the_slow_search(data: st.DataObject, details: dict[str, dict[str, Any]]) -> None:
    info = data.draw(infos(details))
    template, patterns = Template.of("/{G}", details), PatternCache()
    for name in NAMES:
        assert find_value(name, info, template, patterns) == value_oracle.value(name, info, details), name


@SLOW
@given(st.data(), families(), st.sampled_from(["G", "H", "P", "Q"]))
def test_what_children_write_is_read_as_the_same_children(data: st.DataObject, details: dict[str, dict[str, Any]], parent: str) -> None:
    """Where a parent's text is read as the same values again, the parent may stand for its children."""
    template = Template.of(f"{{{parent}}}", details)
    pattern = Pattern(template)
    values = {name: data.draw(VALUES) for name in template.leaf_tokens}
    text = value_oracle.from_children(parent, values, details)
    if not text or pattern.match(text) != values:
        return
    mapping = details[parent]["mapping"]
    for name in template.leaf_tokens:
        if name in value_oracle.tokens(mapping) and value_oracle.direct_parents(name, details) == [parent]:
            assert find_value(name, {parent: text}, template, PatternCache()) == values[name]
