"""Positions: where each key and list item of a sheet stands, packed, and told when asked."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ways.sheets.document import Pointer, Position

#: No column may be as great, nor any depth greater than 255.
MAX_COLUMN = 1 << 16

#: Where a place's own position stands among the numbers, and where what is below it ends.
_Span = tuple[int, int]


class Positions(Mapping[Pointer, Position]):
    """The position of each key and list item, by its pointer. Holds 16 bytes for each where a dict takes 200.

    Most are never asked for. What lies below one plugin is unpacked together, at the first question about it.

    :param keys: each key, or number of a list item, in the order of the text.
    :param codes: for each of them ``line << 24 | column << 8 | depth``, line and column counted from 0, depth from 1.
    """

    __slots__ = ("_keys", "_codes", "_heads", "_held")

    def __init__(self, keys: Sequence[Any], codes: array[int]) -> None:
        self._keys = keys
        self._codes = codes
        self._heads: dict[Pointer, _Span] | None = None
        #: What was unpacked last: questions come in flocks.
        self._held: tuple[Pointer, dict[Pointer, Position]] = ((), {})

    def __getitem__(self, pointer: Pointer) -> Position:
        found: Position | None = self.get(pointer)
        if found is None:
            raise KeyError(pointer)
        return found

    def get(self, pointer: Pointer, default: Any = None) -> Any:
        """Return the position of *pointer*, or *default*."""
        heads = self._heads
        if heads is None:
            heads = self._heads = self._found_heads()
        span = heads.get(pointer[:2])
        if span is None:
            return default
        if len(pointer) <= 2:
            return _position(self._codes[span[0]])
        if self._held[0] != pointer[:2]:
            self._held = (pointer[:2], dict(self._below(pointer[:2], span)))
        return self._held[1].get(pointer, default)

    def below(self, head: Pointer) -> dict[Pointer, Position]:
        """Return what lies at and below the first two parts of a pointer."""
        heads = self._heads or self._found_heads()
        return dict(self._below(head, heads[head])) if head in heads else {}

    def __iter__(self) -> Iterator[Pointer]:
        heads = self._found_heads()
        return (pointer for head in heads for pointer, _ in self._below(head, heads[head]))

    def __len__(self) -> int:
        return len(self._codes)

    def _found_heads(self) -> dict[Pointer, _Span]:
        """Return the span of each pointer of one or two parts; that of one part is the part alone."""
        keys, codes = self._keys, self._codes
        high = [index for index, code in enumerate(codes) if code & 255 <= 2]
        heads: dict[Pointer, _Span] = {}
        top: Pointer = ()
        for index, end in zip(high, [*high[1:], len(codes)]):
            if codes[index] & 255 == 1:
                top = (keys[index],)
                heads[top] = index, index + 1
            else:
                heads[(*top, keys[index])] = index, end
        return heads

    def _below(self, head: Pointer, span: _Span) -> Iterator[tuple[Pointer, Position]]:
        start, end = span
        yield head, _position(self._codes[start])
        path = list(head)
        for index in range(start + 1, end):
            code = self._codes[index]
            path[(code & 255) - 1 :] = [self._keys[index]]
            yield tuple(path), _position(code)


def _position(code: int) -> Position:
    return (code >> 24) + 1, (code >> 8 & 0xFFFF) + 1
