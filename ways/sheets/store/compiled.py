"""Sheets to the bytes of entries: what is written once, and read piece by piece."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ways.sheets.store.codec import Unstorable, pack
from ways.sheets.document import PluginRecord, Problem, Sheet
from ways.sheets.store.entry import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ways.sheets.document import Pointer, Position
    from ways.sheets.store.store import Row


def entry_of(key: str, sheet: Sheet, rows: Sequence[Sequence[Row]] | None) -> bytes:
    """Return the bytes of an entry: its records, and where those start that make a place.

    :param rows: what each of its plugins makes; ``None`` if that can't be told for each by itself.
    :raises Unstorable: it is too much, or no plain data.
    """
    grouped = _grouped(sheet.plugins[0].positions if sheet.plugins else {})
    others = [group for head, group in grouped.items() if head[0] != "plugins" or len(head) == 1]
    shared = {pointer: position for group in others for pointer, position in group.items()}
    records = [
        _told(record, grouped.get(record.source.pointer, {}), rows[number] if rows else [])
        for number, record in enumerate(sheet.plugins)
    ]
    written = Written(key, records, len({place for row in rows or () for place, _ in row}))
    held: dict[str, list[tuple[int, int]]] = {}
    for start, row in zip(written.starts, rows or ()):
        for place, parent in row:
            held.setdefault(place, []).append((start, parent))
    meta = {
        "format": sheet.source.format,
        "follow": list(sheet.follow),
        "problems": [_told_problem(problem) for problem in sheet.problems],
        "is_plain": rows is not None,
        "records": len(sheet.plugins),
        "plugins": sum(map(len, rows or ())),
        "conditional": [start for start, record in zip(written.starts, sheet.plugins) if record.values.get("when")],
        "positions": shared,
        # All names by themselves: a shell that completes one has no time to look into every bucket.
        "places": written.add("\n".join(sorted(held))),
    }
    return written.whole(held, meta)


def _told(record: PluginRecord, positions: Mapping[Pointer, Position], rows: Sequence[Row]) -> tuple[Any, ...]:
    """Return a record as plain data."""
    position = (record.source.line, record.source.column)
    return record.name, dict(record.values), position, pack(_flat(positions)), [tuple(row) for row in rows]


def _flat(positions: Mapping[Pointer, Position]) -> tuple[Any, ...]:
    """Return positions as the last part of each pointer, its depth, its line and its column.

    :raises Unstorable: one stands before what it lies in, or deeper than a byte can say.
    """
    if max(map(len, positions), default=0) > 255:
        raise Unstorable("too deep")
    path: Pointer = ()
    for pointer in positions:
        if pointer[:-1] != path[: len(pointer) - 1] and path:
            raise Unstorable("positions in no order")
        path = pointer
    depths = bytes(map(len, positions))
    from array import array

    numbers = array("I", [number for position in positions.values() for number in position])
    first = next(iter(positions), ())
    return first[:-1], [pointer[-1] for pointer in positions], depths, numbers.tobytes()


def _grouped(positions: Mapping[Pointer, Position]) -> dict[Pointer, dict[Pointer, Position]]:
    """Return positions by the first two parts of their pointers."""
    grouped: dict[Pointer, dict[Pointer, Position]] = {}
    for pointer, position in positions.items():
        grouped.setdefault(pointer[:2], {})[pointer] = position
    return grouped


def _told_problem(problem: Problem) -> tuple[Any, ...]:
    source = problem.source
    return (source.pointer, source.line, source.column), *problem[1:]
