"""The quick way through a YAML sheet gives what the builder that knows all of YAML gives, or nothing."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ways.sheets.document import Source
from ways.sheets.formats import yaml_text

HERE = Source("sheet.yml", "yaml")
WORDS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["a", "1", "1.5", "yes", "~", "null", "2020-01-01", "2020-99-99", "<<", "=", "0x1f"]),
    st.sampled_from(["é\u2028b", "x: y", "*", "&a", "!t"]),
)
NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False), st.booleans())
SCALARS = st.one_of(WORDS, NUMBERS, st.none(), st.dates(), st.binary(max_size=3))
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(WORDS, NUMBERS), inner, max_size=3)),
    max_leaves=12,
)
#: Pieces of YAML that people write, and slips of theirs, put together anyhow.
PIECES = st.lists(
    st.sampled_from(
        ["a:", "b: 1", "- x", "'q'", '"d\\n"', "{c: 1, c: 2}", "[1, yes]", "? k", ": v", "&n x", "*n", "!!str 1"]
        + ["<<: *n", "|\n  t", ">\n  t"]
        + ["# c", "---", "...", "\t", "\n", "\n  ", "\n    ", " ", "\x85", "\u2028", "é: ü", "\r\n", "=", "plugins:"]
        + ["~", "@", "%YAML 1.1", ","]
    ),
    max_size=14,
).map("".join)


def agrees(text: str) -> bool:
    """Whether the quick way took *text*; what it gives is compared."""
    quick = yaml_text._read_fast(text)
    if quick is None:
        return False
    whole = yaml_text._read_all(text, HERE)
    assert (repr(quick.data), quick.problems, quick.is_lost) == (repr(whole.data), whole.problems, whole.is_lost)
    assert dict(quick.positions) == dict(whole.positions)
    assert len(quick.positions) == len(whole.positions)
    assert all(quick.positions.get(pointer) == position for pointer, position in whole.positions.items())
    return True


@given(DATA, st.sampled_from([True, False, None]), st.booleans(), st.sampled_from([10, 80]))
def test_what_is_dumped_is_read_alike(data: object, flow: bool | None, is_unicode: bool, width: int) -> None:
    agrees(yaml.safe_dump({"plugins": data}, default_flow_style=flow, allow_unicode=is_unicode, width=width))


@given(PIECES)
def test_what_is_put_together_anyhow_is_read_alike(text: str) -> None:
    agrees(text)


@pytest.mark.parametrize("text", ["?", "a: 1\n?", "a:\n  ?", "?\n", "a: 1\n? \r", "?\x85"], ids=repr)
def test_a_key_of_nothing_stands_where_the_text_ends(text: str) -> None:
    assert agrees(text)


def test_the_quick_way_takes_plain_sheets_and_leaves_the_others() -> None:
    assert agrees("plugins:\n  a: {hierarchy: 'x/y', list: [1, {b: 2.5}], é: ü}\n")
    others = ("", "x", "- a", "a: &n 1", "a: *n", "a: !!str 1", "<<: {b: 1}", "a: 1\na: 2", "? [x]\n: 1", "a: 1\n---\nb: 2", "a: [")
    assert [text for text in others if agrees(text)] == []
    assert not agrees("a: " + "[" * 200 + "]" * 200)
