"""The compiled store: any bytes in it are ignored or read, and what it says is what the sheet says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from ways.errors import WaysError
from ways.session import Session
from ways.plugins.lazy import made_places
from ways.sheets.store import entry_file as entry_module
from ways.sheets.store.codec import Damaged, Unstorable, pack, unpack
from ways.sheets.document import Source
from ways.sheets.store.compiled import StoredSheet
from ways.sheets.store.places import PlaceTable
from ways.sheets.store.store import Store

from .draws import Draws
from .native import same
from .place import folder, written
from .runner import Target

_KEY = "0" * 40
_HEAD, _SEAL = entry_module._HEAD, entry_module.SEAL
_SHEET = b"""\
globals: {syntax: 2}
plugins:
  job: {hierarchy: job, mapping: '/jobs/{JOB}', mapping_details: {JOB: {parse: {regex: '[a-z]+'}}}, data: {n: 1, d: 2020-01-01}}
  shot: {hierarchy: '{root}/shot', uses: [job], mapping: '{root}/{SHOT}[_{V:03d}]', platforms: [linux], when: {V: 1}, uuid: u}
  wrong: {mapping: 1}
"""


def codec(data: bytes) -> None:
    """Bytes give plain data that is written as bytes of the same, or are damaged."""
    try:
        value = unpack(data)
    except Damaged:
        return
    try:
        again = pack(value)
    except Unstorable:
        return
    assert same(unpack(again), value)


# --- entries


def _entry() -> bytes:
    """Return the entry of a sheet with some of everything."""
    store = Store(folder("first"), "release")
    session = Session()
    session.add_search_path(written("entry.yml", _SHEET))
    (sheet,) = session.sheets
    made = made_places(sheet, [plugin for plugin in session.registry.now.plugins])
    store.keep(_KEY, sheet, made)
    with open(store._entry_path(_KEY), "rb") as file:
        return file.read()


_ENTRY: list[bytes] = []


def _pieces(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield where each piece of an entry is sealed for, begins and ends, its seal left out; head and table among them."""
    yield 0, 0, _HEAD - _SEAL
    at = _HEAD - _SEAL - 12
    start = int.from_bytes(data[at : at + 4], "little")
    yield _HEAD, _HEAD, start - _SEAL
    while start + 4 + _SEAL < len(data):
        length = int.from_bytes(data[start : start + 4], "little")
        yield start, start + 4, start + 4 + length
        start += 4 + length + _SEAL


def _forged(draws: Draws, data: bytes, secret: bytes) -> bytes:
    """Return an entry in which some bytes differ, and each seal is right."""
    changed = bytearray(data)
    places = list(_pieces(data))
    for _ in range(1 + draws.number(5)):
        _, start, end = draws.pick(places)
        changed[start + draws.number(65535) % (end - start)] = draws.number(255)
    own = entry_module._secret_of(_KEY, secret)
    for place, start, end in places:
        changed[end : end + _SEAL] = entry_module._seal(bytes(changed[start:end]), own, place)
    return bytes(changed)


def entry(data: bytes) -> None:
    """An entry of any bytes, or ours with some changed, is read or ignored, piece by piece, however it is asked."""
    _ENTRY[:] = _ENTRY or [_entry()]
    draws = Draws(data)
    kind = draws.number(2)
    store = Store(folder("store"), "release")
    changed = draws.rest() if kind == 2 else _forged(draws, _ENTRY[0], store.secret)
    store._writer.write(store._entry_path(_KEY), changed)
    small = entry_module.SMALL if kind else 0
    with mock.patch.object(entry_module, "SMALL", small):
        found = store.open(_KEY, Source("sheet.yml"))
        if found is None:
            return
        assert all(str(problem) for problem in found.problems)
        questions: list[Callable[[], Any]] = [found.places, found.whole, lambda: _records(found)]
        questions += [lambda name=name: PlaceTable(found.entry).rows(name) for name in ("job", "job/shot", "none")]
        questions += [lambda name=name: PlaceTable(found.entry).with_literal(name) for name in ("", "jobs")]
        questions += [lambda: PlaceTable(found.entry).below("job"), lambda: PlaceTable(found.entry).words(), found.made_places]
        questions += [lambda: PlaceTable(found.entry).of_sheet(0), lambda: PlaceTable(found.entry).notes.crossing_tokens()]
        questions += [lambda start=start: found.record(start) for start in found.conditional if isinstance(start, int)]
        for question in questions:
            try:
                question()
            except Damaged:
                continue


def _records(found: StoredSheet) -> list[Any]:
    """Return each record's place, and where it is written."""
    return [(start, record.source_of("mapping"), dict(record.positions), rows) for start, record, rows in found.records()]


# --- what the store says


def _told(path: str, overrides: dict[str, str]) -> list[Any]:
    """Return what a session says of one sheet."""
    session = Session(overrides=overrides)
    answers: list[Any] = []
    try:
        session.add_search_path(path)
    except (RuntimeError, ValueError) as error:
        answers.append(str(error))
    answers.append([place.text for place in session.hierarchies()])
    for place in session.hierarchies()[:8]:
        try:
            context = session.get_context(place)
            assert context is not None
            answers.append((repr(dict(context.data)), repr(context.get_mapping_details()), context.get_groups(), context.get_mapping()))
        except WaysError as error:
            answers.append(str(error))
    answers.append([(str(p), p.get_uuid(), p.assignment, str(p.source), str(p.source_of("mapping"))) for p in session.get_all_plugins()])
    answers.append([str(problem) for problem in session.problems])
    return answers


def stored(data: bytes) -> None:
    """The first byte says which format; the rest is a sheet, which is asked past the store, into it and out of it."""
    ending = ("yml", "json", "toml")[data[0] % 3] if data else "yml"
    path = written(f"sheet.{ending}", data[1:])
    usual = {"XDG_CACHE_HOME": folder("cache")}
    plain = _told(path, {**usual, "WAYS_CACHE": "0"})
    for _ in range(2):
        assert _told(path, {**usual, "WAYS_CACHE": "1"}) == plain
    Session(overrides={**usual, "WAYS_CACHE": "1"}).clear_cache()


TARGETS = {
    "codec": Target("bytes give plain data that comes back from its bytes, or are damaged", codec),
    "entry": Target("an entry of the store, whatever its bytes, is read or ignored", entry, 1000),
    "stored": Target("a sheet out of the store says what the sheet says", stored),
}
