"""The slow, obvious way to match: try everything, one character at a time, and count the tries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ways.regex.parse_tree import ops, parse


class TooMany(Exception):
    """More tries than anyone waits for."""


class Backtracker:
    """Counts what it takes to go through every way to read the start of a text."""

    def __init__(self, expression: str, limit: int = 200_000) -> None:
        self.tree = list(parse(expression).operations)
        self.limit = limit
        self.tries = 0

    def count(self, text: str) -> int:
        """Return the number of tries, or the limit where there are more."""
        self.tries = 0
        try:
            for _ in self._sequence(self.tree, text, 0):
                pass
        except TooMany:
            return self.limit
        return self.tries

    def _sequence(self, tree: Sequence[Any], text: str, place: int) -> Iterator[int]:
        if not tree:
            yield place
            return
        for end in self._one(*tree[0], text, place):
            yield from self._sequence(tree[1:], text, end)

    def _one(self, operation: Any, argument: Any, text: str, place: int) -> Iterator[int]:
        if operation is ops.SUBPATTERN:
            yield from self._sequence(list(argument[3]), text, place)
        elif operation is ops.BRANCH:
            for branch in argument[1]:
                yield from self._sequence(list(branch), text, place)
        elif operation is ops.MAX_REPEAT:
            least, most, tree = argument
            yield from self._repeat(least, most, list(tree), text, place)
        else:
            self.tries += 1
            if self.tries >= self.limit:
                raise TooMany
            if place < len(text) and self._takes(operation, argument, text[place]):
                yield place + 1

    def _repeat(self, least: int, most: Any, tree: Sequence[Any], text: str, place: int) -> Iterator[int]:
        if most is ops.MAXREPEAT or most > 0:
            fewer = most if most is ops.MAXREPEAT else most - 1
            for end in self._sequence(tree, text, place):
                # One round that takes nothing is not followed by another.
                if end > place:
                    yield from self._repeat(max(0, least - 1), fewer, tree, text, end)
                elif least <= 1:
                    yield end
        if not least:
            yield place

    @staticmethod
    def _takes(operation: Any, argument: Any, letter: str) -> bool:
        if operation is ops.LITERAL:
            return bool(argument == ord(letter))
        assert operation is ops.IN, operation
        return any(argument == ord(letter) for kind, argument in argument if kind is ops.LITERAL) or any(
            found[0] <= ord(letter) <= found[1] for kind, found in argument if kind is ops.RANGE
        )
