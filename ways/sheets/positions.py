"""Positions: where each key and list item of a sheet stands, found or unpacked when one is asked for."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import ItemsView, Iterator, Mapping, Sequence

from ways.sheets.document import Pointer, Position

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Positions that are kept once they are found; those of the heads that were asked for last, however many they are.
MOST_FOUND = 512
#: So many heads: what is looked up of one plugin after the other, and of one that all of them name.
LATEST = 2


class PositionsByHead(Mapping[Pointer, Position]):
    """The position of each key and list item, by its pointer. What lies below one plugin is found together, when it is asked for.

    Its *head* is the first two parts of a pointer, or the one that there is. Most questions are about a few heads.
    """

    __slots__ = ("_heads", "_found", "_count", "_last")

    def __init__(self, heads: dict[Pointer, Any] | None = None) -> None:
        self._heads = heads
        #: What was found, by head, the one asked for last at the end; and how many positions that are.
        self._found: dict[Pointer, dict[Pointer, Position]] = {}
        self._count = 0
        self._last: Pointer = ()

    def _find_heads(self) -> dict[Pointer, Any]:
        """Return what is known of each head, in the order of the text."""
        raise NotImplementedError

    def _head_position(self, known: Any) -> Position:
        """Return the position of a head of which this is known."""
        raise NotImplementedError

    def _below(self, head: Pointer, known: Any) -> Iterator[tuple[Pointer, Position]]:
        """Yield a head and what lies below it, but for other heads, each with its position; in the order of the text."""
        raise NotImplementedError

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
        known = heads.get(pointer[:2])
        if known is None:
            return default
        if len(pointer) <= 2:
            return self._head_position(known)
        head = pointer[:2]
        found = self._found.get(head)
        if found is None:
            found = self._keep(head, dict(self._below(head, known)))
        elif head != self._last:
            self._last = head
            # Another thread may have let go of it.
            self._found[head] = self._found.pop(head, found)
        return found.get(pointer, default)

    def _keep(self, head: Pointer, found: dict[Pointer, Position]) -> dict[Pointer, Position]:
        self._last = head
        self._found[head] = found
        self._count += len(found)
        for other in list(self._found)[:-LATEST]:
            if self._count <= MOST_FOUND:
                break
            self._count -= len(self._found.pop(other, ()))
        return found

    def __iter__(self) -> Iterator[Pointer]:
        return (pointer for pointer, _ in self._pairs())

    def __len__(self) -> int:
        return sum(1 for _ in self._pairs())

    def items(self) -> ItemsView[Pointer, Position]:
        """Return each pointer with its position, in the order of the text."""
        return _Items(self)

    def _pairs(self) -> Iterator[tuple[Pointer, Position]]:
        heads = self._find_heads() if self._heads is None else self._heads
        return (pair for head, known in heads.items() for pair in self._below(head, known))


class _Items(ItemsView[Pointer, Position]):
    """The items of Positions: each head is looked at once."""

    _mapping: PositionsByHead

    def __iter__(self) -> Iterator[tuple[Pointer, Position]]:
        return self._mapping._pairs()


class Positions(PositionsByHead):
    """Positions that a reader found in one pass, packed: 17 bytes for each where a dict takes 200.

    :param keys: each key, or number of a list item, in the order of the text.
    :param indexes: how many characters stand before each of them.
    :param depths: how deep each of them lies, from 1 to 255.
    :param line_starts: how many characters stand before each line.
    """

    __slots__ = ("_keys", "_indexes", "_depths", "_line_starts")

    def __init__(self, keys: Sequence[Any], indexes: array[int], depths: bytes, line_starts: array[int]) -> None:
        super().__init__()
        self._keys = keys
        self._indexes = indexes
        self._depths = depths
        self._line_starts = line_starts

    def __len__(self) -> int:
        return len(self._keys)

    def _find_heads(self) -> dict[Pointer, tuple[int, int]]:
        # For each head its own number, and that of what comes after the last thing below it.
        keys, depths = self._keys, self._depths
        high = [index for index, depth in enumerate(depths) if depth <= 2]
        heads: dict[Pointer, tuple[int, int]] = {}
        top: Pointer = ()
        for index, end in zip(high, [*high[1:], len(keys)]):
            if depths[index] == 1:
                top = (keys[index],)
                heads[top] = index, index + 1
            else:
                heads[(*top, keys[index])] = index, end
        return heads

    def _head_position(self, span: tuple[int, int]) -> Position:
        return self._position(span[0])

    def _below(self, head: Pointer, span: tuple[int, int]) -> Iterator[tuple[Pointer, Position]]:
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
