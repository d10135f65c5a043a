"""The quick way through a JSON sheet gives what the scanner gives that knows each place, or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ways.limits import DEFAULT_LIMITS, Limits
from ways.sheets.document import Source
from ways.sheets.formats import json_text

HERE = Source("sheet.json", "json")
#: Letters that mean something in JSON, in texts where they mean nothing; half of a surrogate pair among them.
WORDS = st.one_of(st.text(max_size=6), st.sampled_from(["a", "{", "[", '":', '\\"', ",]", "\ud800", "\u2028", "\U0001f600", "C:\\x", ",}"]))
SCALARS = st.one_of(WORDS, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none())
DATA = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)), max_leaves=14
)
#: Pieces of JSON that people write, and slips of theirs, put together anyhow.
PIECES = st.lists(
    st.sampled_from(
        ['"a":', '"b": 1', '"a": {', "[", "]", "}", "{", ",", ", ", "1", "-0", "01", "1.", "1e400", "9" * 5000, "true", "nul", "NaN"]
        + ["-Infinity", '"q"', '"\\u00e9"', '"\\ud800"', '"\\x"', '"open', "\n", "\r\n  ", "\t", ":", "'s'", "// c", "\ufeff", ",]", ",}"]
    ),
    max_size=16,
)
LIMITS = st.sampled_from([DEFAULT_LIMITS, *(Limits(depth=depth) for depth in (1, 2, 3, 4)), *(Limits(values=most) for most in (1, 3, 9))])


def agrees(text: str, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Whether the quick way took *text*; what is read is compared."""
    read = json_text.read(text, HERE, limits)
    if not text.strip():
        return False
    whole = json_text._read_all(text, HERE, limits)
    assert (repr(read.data), read.problems, read.is_lost) == (repr(whole.data), whole.problems, whole.is_lost)
    assert list(read.positions.items()) == list(whole.positions.items())
    assert len(read.positions) == len(whole.positions)
    for pointer, position in reversed(whole.positions.items()):
        assert read.positions.get(pointer) == position
    return isinstance(read.positions, json_text._JSONPositions)


@given(st.dictionaries(WORDS, DATA, max_size=4), st.sampled_from([None, 1, "\t"]), st.booleans(), LIMITS)
def test_what_is_dumped_is_read_alike(data: dict[str, object], indent: int | str | None, is_ascii: bool, limits: Limits) -> None:
    is_quick = agrees(json.dumps(data, indent=indent, ensure_ascii=is_ascii), limits)
    assert is_quick or limits != DEFAULT_LIMITS


@given(DATA, st.data())
def test_what_is_damaged_is_read_alike(data: object, drawn: st.DataObject) -> None:
    text = json.dumps({"plugins": data, "globals": {"a": data}}, indent=drawn.draw(st.sampled_from([None, 2])))
    index = drawn.draw(st.integers(0, len(text)))
    agrees(text[:index] + drawn.draw(st.sampled_from([*'{}[],:"\\ \n1\x00', ""])) + text[index + drawn.draw(st.integers(0, 2)) :])


@given(PIECES, st.booleans())
def test_what_is_put_together_anyhow_is_read_alike(pieces: list[str], is_object: bool) -> None:
    agrees(f"{{{''.join(pieces)}}}" if is_object else "".join(pieces))


@pytest.mark.parametrize("depth", [97, 98, 99, 100, 101, 5_000, 200_000])
@pytest.mark.parametrize("nested", [lambda count: "[" * count + "]" * count, lambda count: '{"a":' * count + "1" + "}" * count])
def test_what_is_nested_deeply_is_read_alike(depth: int, nested: Callable[[int], str]) -> None:
    agrees(f'{{"plugins": {nested(depth - 1)}}}')


@pytest.mark.parametrize(
    "text, is_quick",
    [
        ('{"a": {"b": [1, {"c": 2}]}, "d": []}', True),
        ('{"a": {"b": [1, {"c": 2,},], },\n}', True),
        ('{"a": {"b": ",]", "c": 1,},}', True),
        ('{"a": {"b": 1, "b": 2}}', False),
        ('{"a": 1, "a": 2}', False),
        ('{"a": {"b": [{"c": 1, "c": 2}]}}', False),
        ('{"a": [1,,]}', False),
        ('{"a": [,]}', False),
        ('{"a": NaN}', False),
        ("[1]", False),
    ],
)
def test_the_quick_way_takes_objects_without_a_fault(text: str, is_quick: bool) -> None:
    assert agrees(text) is is_quick


def test_a_text_without_an_end_takes_no_time() -> None:
    # Looked at from each quote anew, this would take hours.
    assert not agrees('{"a": "' + '\\"' * 500_000)
