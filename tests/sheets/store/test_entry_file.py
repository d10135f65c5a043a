"""One file of the store: whatever its bytes are, it is read or damaged."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ways.sheets.store import entry_file as entry
from ways.sheets.store.codec import Damaged, Unstorable
from ways.sheets.store.entry_file import StoreEntry, EntryBuilder

KEY = "k" * 40
SECRET = b"s" * 32
#: The numbers in the head.
BUCKETS, START, META = range(3)


def read(tmp_path: Path, data: bytes) -> Any:
    path = tmp_path / KEY
    path.write_bytes(data)
    return StoreEntry(entry.open_file(str(path)), KEY, SECRET)


def with_number(data: bytes, index: int, value: int) -> bytes:
    """Return a file with another number in its head, and with the seal that it has then."""
    at, end = len(entry._MAGIC) + 40 + 4 * index, entry._HEAD - entry.SEAL
    head = data[:at] + entry._number(value) + data[at + 4 : end]
    return entry._sealed(head, entry._secret_of(KEY, SECRET), 0) + data[entry._HEAD :]


def test_what_is_held_by_a_name_is_found_by_it(tmp_path: Path) -> None:
    made = EntryBuilder(KEY, [["record"]], 2, SECRET)
    data = made.build({"a": made.starts[0], "b": 1}, {"m": 1})
    for found in (read(tmp_path, data), StoreEntry(data, KEY, SECRET)):
        assert found.meta == {"m": 1} and found.value(found.find("a")) == ["record"] and found.find("c") is None
        assert found.after(found.records) == found.piece(found.records)[1]


@pytest.mark.parametrize("index, value", [(BUCKETS, 0), (BUCKETS, 1 << 31), (START, 1)], ids=["none", "too many", "elsewhere"])
def test_a_head_without_a_table_is_damage(tmp_path: Path, index: int, value: int) -> None:
    with pytest.raises(Damaged, match="no table"):
        read(tmp_path, with_number(EntryBuilder(KEY, [], 1, SECRET).build({}, {}), index, value))


def test_a_description_that_is_none_is_damage(tmp_path: Path) -> None:
    made = EntryBuilder(KEY, [["record"]], 1, SECRET)
    with pytest.raises(Damaged, match="no description"):
        read(tmp_path, with_number(made.build({}, {}), META, made.starts[0]))


def test_a_length_that_no_piece_has_is_damage(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="beyond all bounds"):
        read(tmp_path, EntryBuilder(KEY, [], 1, SECRET).build({}, {})).piece(len(entry._MAGIC))


class OddBuckets(EntryBuilder):
    """Writes a list where names are held."""

    def add(self, value: Any) -> int:
        return super().add([1] if isinstance(value, dict) and "a" in value else value)


def test_a_bucket_that_holds_no_names_is_damage(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="no names"):
        read(tmp_path, OddBuckets(KEY, [], 1, SECRET).build({"a": 1}, {})).find("a")


@pytest.mark.parametrize("answer", [b"", OSError(5, "no disk")], ids=["short", "error"])
def test_a_great_file_that_can_not_be_read_further_is_damage(
    tmp_path: Path, answer: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pread(*_: object) -> object:
        if isinstance(answer, OSError):
            raise answer
        return answer

    monkeypatch.setattr(entry, "SMALL", 0)
    found = read(tmp_path, EntryBuilder(KEY, [["record"]], 1, SECRET).build({}, {}))
    monkeypatch.setattr(os, "pread", pread)
    with pytest.raises(Damaged, match="no disk|too early"):
        found.value(found.records)


def test_more_than_a_file_may_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "MAX_ENTRY", 100)
    with pytest.raises(Unstorable, match="too much"):
        EntryBuilder(KEY, ["x" * 100], 1, SECRET)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 16, 24, 31, 100, 1000])
def test_any_number_of_names_is_found(tmp_path: Path, count: int) -> None:
    values = {f"name{number}": number for number in range(count)}
    found = read(tmp_path, EntryBuilder(KEY, [["record"]], count, SECRET).build(values, {}))
    assert {name: found.find(name) for name in values} == values and found.find("other") is None
    assert found.value(found.records) == ["record"]
