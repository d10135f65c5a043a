"""The quick way through a plugInfo file gives what the scanner gives that knows each place, or nothing."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from systems.usd.usd_worlds import TOKENS, texts_world
from systems.usd.usd_worlds_wide import BEHIND, BETWEEN, VALUES, includes_world, metadata_world

from ways.sheets.document import Source
from ways.systems.usd.files.info import InfoFile, read_info
from ways.systems.usd.files import info as usd_info
from ways.systems.usd.files.json import MAX_DEPTH, Positions, Wrong, first_wrong_byte, parse, quick, without_comments

MARKS = ["a", "Plugins", "Info", "{", '":', '\\"', "#", "\ud800", "\U0001f600", "\\u0041", "\x7f"]
WORDS = st.one_of(st.text(max_size=6), st.sampled_from(MARKS))
SCALARS = st.one_of(WORDS, st.integers(), st.floats(), st.booleans(), st.none(), st.sampled_from(VALUES))
DATA = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)), max_leaves=14
)


def agrees(data: bytes) -> bool:
    """Whether the quick way took *data*, read either way; what it gives is compared."""
    took = []
    for is_strict in (True, False):
        value = quick(data, is_strict=is_strict)
        took.append(value is not None)
        if value is None:
            continue
        assert first_wrong_byte(data) is None
        parsed = parse(without_comments(data.decode("utf-8")), is_strict=is_strict)
        # As text, for NaN is not equal to itself, 1 is equal to 1.0, and two dicts are equal in any order.
        assert repr(parsed.value) == repr(value)
        assert is_strict or parsed.remarks == []
        positions = Positions(data, is_strict=is_strict)
        assert list(positions.items()) == list(parsed.positions.items()) and len(positions) == len(parsed.positions)
        for index in range(3):
            inside = {place: position for place, position in parsed.positions.items() if place[:2] == ("Plugins", index)}
            assert positions.inside(("Plugins", index)) == inside
    return any(took)


@given(st.dictionaries(WORDS, DATA, max_size=4), st.sampled_from([None, 1, "\t"]), st.booleans())
def test_what_is_dumped_is_read_alike(data: dict[str, object], indent: int | str | None, is_ascii: bool) -> None:
    agrees(json.dumps(data, indent=indent, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass"))


@given(DATA, st.data())
def test_what_is_damaged_is_read_alike(data: object, drawn: st.DataObject) -> None:
    text = json.dumps({"Plugins": [{"Type": "resource", "Info": data}, data], "a": data}, indent=drawn.draw(st.sampled_from([None, 2])))
    for _ in range(drawn.draw(st.integers(0, 3))):
        index = drawn.draw(st.integers(0, len(text)))
        text = text[:index] + drawn.draw(st.sampled_from([*TOKENS, *BETWEEN, ""])) + text[index + drawn.draw(st.integers(0, 2)) :]
    agrees((text + drawn.draw(st.sampled_from(BEHIND))).encode("utf-8", "surrogatepass"))


@given(st.lists(st.sampled_from([*TOKENS, "Inf", "-Infinity", "9" * 18, "9" * 19, "9" * 500, "1.5e-400", '"a":']), max_size=16))
def test_what_is_put_together_anyhow_is_read_alike(pieces: list[str]) -> None:
    agrees(f"{{{''.join(pieces)}}}".encode("utf-8", "surrogatepass"))
    agrees(('{"a":[' + ",".join(pieces) + "]}").encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=40))
def test_any_bytes_are_read_alike(data: bytes) -> None:
    agrees(data)
    agrees(b'{"a": "' + data + b'"}')


@pytest.mark.parametrize("depth", [5, 900, 990, 1_100, MAX_DEPTH - 2, MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 100_000])
def test_what_is_nested_deeply_is_read_alike(depth: int) -> None:
    data = b'{"a": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"
    if quick(data, is_strict=True) is not None:
        assert parse(data.decode(), is_strict=True)
    elif depth <= MAX_DEPTH:
        assert depth > 500
    else:
        with pytest.raises(Wrong):
            parse(data.decode(), is_strict=True)


def test_many_objects_beside_each_other_are_read_quickly_and_too_deep_ones_are_not() -> None:
    assert quick(json.dumps({"a": [{}] * (MAX_DEPTH + 5)}).encode(), is_strict=True) is not None


@pytest.mark.parametrize(
    "text, is_quick",
    [
        ('{"b": {"b": [1, {"c": 2.5}]}, "a": []}', True),
        ("# c\n{\n  # d\n}", True),
        ('{"a": NaN, "b": -Infinity}', True),
        ('{"a": Inf}', False),
        ('{"a": 1, "a": 2}', False),
        ('{"a": [{"c": 1, "c": 2}]}', False),
        ('{"a": 18446744073709551616}', False),
        ('{"a": 1e5}', False),
        ('{"a": "\\ud83d\\ude00"}', False),
        ('{"a": 1,}', False),
        ("[1]", False),
        ("\ufeff{}", False),
        ("", False),
    ],
)
def test_the_quick_way_takes_objects_without_a_doubt(text: str, is_quick: bool) -> None:
    assert agrees(text.encode()) is is_quick


def test_what_stands_behind_the_value_is_for_the_scanner_where_it_is_reported() -> None:
    assert quick(b"{} x", is_strict=True) == {} and quick(b"{} x", is_strict=False) is None and quick(b" {}\n", is_strict=False) == {}


def described(info: InfoFile) -> object:
    """Return everything that a file says, with where it is written."""
    entries = [
        (entry.kind, entry.name, entry.root, entry.path, entry.resource_path, repr(entry.info), repr(entry.written), entry.source)
        + (entry.is_utf8, list(entry.positions.items()), [entry.at("Info", "Types", name) for name in entry.types])
        for entry in info.entries
    ]
    includes = [(text, info.include_source(number)) for number, text in info.includes]
    return entries, includes, info.faults, info.is_lost


def texts_of_files(kind: str, seed: int, folder: Path) -> list[bytes]:
    {"texts": texts_world, "includes": includes_world, "metadata": metadata_world}[kind](seed, folder)
    texts = [path.read_bytes() for path in sorted(folder.rglob("*.json"))]
    random = Random(seed)
    # Some with a byte that is no UTF-8.
    broken = [text[:at] + b"\xff" + text[at:] for text in texts[:5] for at in [random.randint(0, len(text))]]
    return texts + broken


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["texts", "includes", "metadata"])
def test_a_file_says_the_same_without_the_quick_way(kind: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = texts_of_files(kind, seed, tmp_path)
    both = []
    for reader in (quick, lambda data, *, is_strict: None):
        monkeypatch.setattr(usd_info, "quick", reader)
        here = Source("/p/plugInfo.json", "usd")
        read = [read_info(data, here.path, here, is_strict=how) for data in texts for how in (True, False)]
        both.append([described(info) for info in read])
    assert both[0] == both[1]


def test_the_sheets_of_the_docs_are_read_quickly() -> None:
    files = sorted((ROOT / "plugin_sheets" / "foreign" / "usd").rglob("plugInfo.json"))
    assert files and all(quick(path.read_bytes(), is_strict=False) is not None for path in files)
