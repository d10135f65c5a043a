"""Plain data to bytes and back; any bytes at all give data or Damaged."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ways.sheets.store.codec import MAX_DEPTH, Damaged, Unstorable, pack, unpack

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(st.characters()),
    st.binary(),
    st.dates(),
    st.datetimes().map(lambda time: time.replace(fold=0)),
    st.times().map(lambda time: time.replace(fold=0)),
    st.datetimes(timezones=st.just(datetime.timezone(datetime.timedelta(minutes=90)))).map(lambda time: time.replace(fold=0)),
)
KEYS = st.one_of(st.text(), st.integers(), st.none(), st.booleans(), st.tuples(st.text(), st.integers()))
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner), st.lists(inner).map(tuple), st.dictionaries(KEYS, inner), st.sets(st.one_of(st.text(), st.integers()))
    ),
)


@given(DATA)
def test_what_is_encoded_is_decoded(value: object) -> None:
    found = unpack(pack(value))
    assert found == value
    assert repr(type(found)) == repr(type(value))
    if not isinstance(value, (set, frozenset)) and "{" not in repr(value):
        assert repr(found) == repr(value)


@given(DATA.map(pack), st.data())
def test_any_changed_bytes_are_data_or_damaged(data: bytes, choice: st.DataObject) -> None:
    place = choice.draw(st.integers(0, len(data) - 1))
    kind = choice.draw(st.sampled_from(["cut", "change", "add"]))
    changed = {"cut": data[:place], "add": data + b"N"}.get(kind, data[:place] + choice.draw(st.binary(max_size=6)) + data[place + 1 :])
    try:
        unpack(changed)
    except Damaged:
        pass


@given(st.binary(max_size=60))
def test_any_bytes_are_data_or_damaged(data: bytes) -> None:
    try:
        unpack(data)
    except Damaged:
        pass


@pytest.mark.parametrize("value", [object(), {"a": 1j}, [range(2)], type("Str", (str,), {})("x")], ids=lambda value: type(value).__name__)
def test_other_things_are_refused(value: object) -> None:
    with pytest.raises(Unstorable):
        pack(value)


@pytest.mark.parametrize("around", [lambda held: [held], lambda held: (held,), lambda held: {1: held}], ids=["list", "tuple", "dict"])
def test_depth_has_a_bound_both_ways(around: Callable[[object], object]) -> None:
    value: object = None
    for _ in range(MAX_DEPTH):
        value = around(value)
    assert unpack(pack(value)) == value
    with pytest.raises(Unstorable):
        pack(around(around(value)))
    with pytest.raises(Damaged):
        unpack(b"L\1\0\0\0" * 5000 + b"N")


@pytest.mark.parametrize(
    "value, is_json", [(1, True), (-1.5, True), (True, True), ("x", True), (None, True), (1 << 70, False), ((), False)]
)
def test_what_json_can_say_is_written_as_json(value: object, is_json: bool) -> None:
    for data in ([value], {"a": value}, [[{"a": value}]]):
        assert (pack(data)[:1] == b"J") == is_json and unpack(pack(data)) == data


def test_a_size_beyond_the_end_asks_for_no_memory() -> None:
    with pytest.raises(Damaged):
        unpack(b"L\xff\xff\xff\xff")


def test_what_is_no_number_is_still_none() -> None:
    assert math.isnan(unpack(pack(math.nan)))


def test_aliases_of_aliases_are_too_much() -> None:
    value: list[object] = ["x"] * 10
    for _ in range(12):
        value = [value] * 10
    with pytest.raises(Unstorable):
        pack(value)


@pytest.mark.parametrize("parts", [{"fold": 1}, {"tzinfo": ZoneInfo("Europe/Berlin")}], ids=["fold", "zone"])
def test_a_time_that_would_come_back_as_another_is_refused(parts: dict[str, Any]) -> None:
    value = datetime.datetime(2024, 1, 1, **parts)
    with pytest.raises(Unstorable):
        pack(value)


def test_a_letter_of_no_type_is_damage() -> None:
    with pytest.raises(Damaged, match="no type has the letter"):
        unpack(b"?\0\0\0\0")
