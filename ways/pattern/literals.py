"""Names that stand in every text of a mapping, however loosely it is read: they narrow what a lenient reading has to try."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Generic, NamedTuple, TypeVar

    Item = TypeVar("Item")
else:
    from ways.lightweight import Generic, NamedTuple

    Item = None


_TOKEN = re.compile(r"\{[^{}]+\}")
_SEPARATOR = re.compile(r"[/\\]")


class Names(NamedTuple):
    """What stands in each text of a mapping."""

    #: Names between two separators.
    whole: frozenset[str] = frozenset()
    #: How names behind a separator start.
    starts: frozenset[str] = frozenset()


def names_in(mapping: str, syntax: int = 1) -> Names:
    """Return what stands in each text which has the literals of a mapping outside of optional parts.

    >>> names = names_in("/jobs/{JOB}/scenes/v{V}/a/{NAME}/end")
    >>> sorted(names.whole), sorted(names.starts)
    (['a', 'jobs', 'scenes'], ['end', 'v'])
    """
    texts = [mapping]
    if syntax != 1:
        # What stands before the first bracket and behind the last one is in no part.
        before, bracket, rest = mapping.partition("[")
        texts = [before, rest.rpartition("]")[2]] if bracket else [mapping]
    literals = [_SEPARATOR.split(literal) for text in texts for literal in _TOKEN.split(text)]
    whole = frozenset(name for names in literals for name in names[1:-1])
    return Names(whole, frozenset(names[-1] for names in literals if len(names) > 1 and names[-1]))


class NamedItems(Generic[Item]):
    """Items, each with the names that a text must have; found by the rarest of them.

    :param entries: each item with its names; an item without any is always found.
    """

    def __init__(self, entries: Iterable[tuple[Names, Item]]) -> None:
        self._entries = list(entries)
        counts = Counter(key for names, _ in self._entries for key in _keys(names))
        self._loose: list[int] = []
        self._by_name: dict[str, list[int]] = {}
        #: The same by the start of a name, for each length of it.
        self._by_start: dict[int, dict[str, list[int]]] = {}
        for number, (names, _) in enumerate(self._entries):
            rarest = min(_keys(names), key=lambda key: (counts[key], key), default=None)
            if rarest is None:
                self._loose.append(number)
                continue
            name, is_whole = rarest
            table = self._by_name if is_whole else self._by_start.setdefault(len(name), {})
            table.setdefault(name, []).append(number)

    def near(self, text: str) -> list[Item]:
        """Return the items whose names may all stand in *text*, in the order given."""
        _, *behind = _SEPARATOR.split(text)
        names = {*behind[:-1]}
        numbers = {*self._loose, *(number for name in names for number in self._by_name.get(name, ()))}
        for length, table in self._by_start.items():
            numbers.update(number for start in {name[:length] for name in behind} for number in table.get(start, ()))
        return [item for known, item in map(self._entries.__getitem__, sorted(numbers)) if known.whole <= names]


def _keys(names: Names) -> list[tuple[str, bool]]:
    return [*((name, True) for name in names.whole), *((name, False) for name in names.starts)]
