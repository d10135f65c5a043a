"""Positions: where each key and list item of a sheet stands, packed, and unpacked when one is asked for."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from ways.sheets.document import Pointer, Position

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Where a place's own position stands among the numbers, and where what is below it ends.
_Span = tuple[int, int]


class Positions(Mapping[Pointer, Position]):
    """The position of each key and list item, by its pointer. Holds 17 bytes for each where a dict takes 200.

    Most are never asked for. What lies below one plugin is unpacked together, at the first question about it.

    :param keys: each key, or number of a list item, in the order of the text.
    :param indexes: how many characters stand before each of them.
    :param depths: how deep each of them lies, from 1 to 255.
    :param line_starts: how many characters stand before each line.
    """

    __slots__ = ("_keys", "_indexes", "_depths", "_line_starts", "_heads", "_last")

    def __init__(self, keys: Sequence[Any], indexes: array[int], depths: bytes, line_starts: array[int]) -> None:
        self._keys = keys
        self._indexes = indexes
        self._depths = depths
        self._line_starts = line_starts
        self._heads: dict[Pointer, _Span] | None = None
        #: What was unpacked last: most questions are about one plugin after another.
        self._last: tuple[Pointer, dict[Pointer, Position]] = ((), {})

    def __getitem__(self, pointer: Pointer) -> Position:
        position: Position | None = self.get(pointer)
        if position is None:
            raise KeyError(pointer)
        return position

    def get(self, pointer: Pointer, default: Any = None) -> Any:
        """Return the position of *pointer*, or *default*."""
        heads = self._heads
        if heads is None:
            heads = self._heads = self._find_heads()
        span = heads.get(pointer[:2])
        if span is None:
            return default
        if len(pointer) <= 2:
            return self._position(span[0])
        if self._last[0] != pointer[:2]:
            self._last = (pointer[:2], dict(self._below(pointer[:2], span)))
        return self._last[1].get(pointer, default)

    def __iter__(self) -> Iterator[Pointer]:
        heads = self._find_heads()
        return (pointer for head in heads for pointer, _ in self._below(head, heads[head]))

    def __len__(self) -> int:
        return len(self._keys)

    def _find_heads(self) -> dict[Pointer, _Span]:
        """Return the span of each pointer of one or two parts; that of one part is the part alone."""
        keys, depths = self._keys, self._depths
        high = [index for index, depth in enumerate(depths) if depth <= 2]
        heads: dict[Pointer, _Span] = {}
        top: Pointer = ()
        for index, end in zip(high, [*high[1:], len(keys)]):
            if depths[index] == 1:
                top = (keys[index],)
                heads[top] = index, index + 1
            else:
                heads[(*top, keys[index])] = index, end
        return heads

    def _below(self, head: Pointer, span: _Span) -> Iterator[tuple[Pointer, Position]]:
        start, end = span
        yield head, self._position(start)
        path = list(head)
        for index in range(start + 1, end):
            path[self._depths[index] - 1 :] = [self._keys[index]]
            yield tuple(path), self._position(index)

    def _position(self, number: int) -> Position:
        index = self._indexes[number]
        line = bisect_right(self._line_starts, index)
        return line, index - self._line_starts[line - 1] + 1
