"""How deep data are and how many values they hold, counted as in the text of a sheet: for data that come without such a text.

The formats of our own sheets count while they read, and so stop sooner. What a Python sheet, a file of another system or a
plugin made in Python gives is counted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ways.limits import Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


#: What holds other values, and what surely doesn't. Texts don't.
_HOLDERS = (Mapping, list, tuple, set, frozenset)
_PLAIN = frozenset((str, int, float, bool, bytes, type(None)))


def excess_of_data(data: Any, limits: Limits) -> tuple[str, int] | None:
    """Return the limit that data go beyond, ``depth`` or ``values``, and how far they were counted; ``None`` if they don't.

    What stands in several places counts each time, but is looked at once. What holds itself is deeper than any limit.
    """
    count = 0
    seen: set[int] = set()
    waiting: list[tuple[Any, int]] = [(data, 1)] if isinstance(data, _HOLDERS) else []
    while waiting:
        item, depth = waiting.pop()
        if depth > limits.depth:
            return "depth", depth
        count += len(item)
        # With the data themselves.
        if count >= limits.values:
            return "values", count + 1
        if parts := _holders_in(item):
            if id(item) in seen:
                return _excess_of_shared(data, limits)
            seen.add(id(item))
            waiting += [(part, depth + 1) for part in parts]
    return None


def _holders_in(item: Any) -> list[Any]:
    """Return the blocks and lists that stand directly in one."""
    parts: Iterable[Any] = (*item, *item.values()) if isinstance(item, Mapping) else item
    return [part for part in parts if type(part) not in _PLAIN and isinstance(part, _HOLDERS)]


def _excess_of_shared(data: Any, limits: Limits) -> tuple[str, int] | None:
    """Return as :func:`excess_of_data` what data go beyond in which something stands in several places."""
    #: By its id, what was measured: itself, so that nothing else gets that id; its values, and how deep it is.
    measured: dict[int, tuple[Any, int, int]] = {}
    #: What is being measured, each in the one before it.
    around: dict[int, _Measure] = {}
    waiting = [_Measure(data)]
    while waiting:
        measure = waiting[-1]
        around[id(measure.item)] = measure
        for part in measure.parts:
            known = measured.get(id(part))
            depth = len(waiting) + (1 if known is None else known[2])
            if depth > limits.depth or id(part) in around:
                return "depth", max(depth, limits.depth + 1)
            if known is None:
                waiting.append(_Measure(part))
                break
            measure.add(known[1], known[2])
        else:
            if measure.values > limits.values:
                return "values", measure.values
            waiting.pop()
            del around[id(measure.item)]
            measured[id(measure.item)] = measure.item, measure.values, measure.depth
            if waiting:
                waiting[-1].add(measure.values, measure.depth)
    return None


class _Measure:
    """How much one block or list holds, as far as it was looked at."""

    __slots__ = ("item", "parts", "values", "depth")

    def __init__(self, item: Any) -> None:
        self.item = item
        #: The blocks and lists in it that are still to be measured.
        self.parts: Iterator[Any] = iter(_holders_in(item))
        #: Itself, and what is in it but these.
        self.values = 1 + len(item)
        self.depth = 1

    def add(self, values: int, depth: int) -> None:
        """Add a block or list that is in it."""
        # It was counted as one value.
        self.values += values - 1
        self.depth = max(self.depth, depth + 1)
