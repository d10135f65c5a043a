"""Draws: structured inputs out of any bytes. A byte that changes changes one choice; bytes that lack count as zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Draws:
    """Choices, made by bytes one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_over(self) -> bool:
        """Whether all bytes were used."""
        return self._at >= len(self._data)

    def number(self, most: int) -> int:
        """Return a number from 0 to *most*."""
        width = 1 if most < 256 else 2
        found = int.from_bytes(self._take(width), "little")
        return found % (most + 1)

    def flag(self) -> bool:
        return bool(self.number(1))

    def pick(self, choices: Sequence[Item]) -> Item:
        return choices[self.number(len(choices) - 1)]

    def text(self, alphabet: str, most: int) -> str:
        """Return a text of letters of *alphabet*; more than its length's worth of bytes is never used."""
        return "".join(self.pick(alphabet) for _ in range(self.number(most)))

    def bytes(self, most: int) -> bytes:
        return self._take(self.number(most))

    def rest(self) -> bytes:
        """Return all bytes that are left."""
        return self._take(len(self._data) - self._at)

    def _take(self, count: int) -> bytes:
        found = self._data[self._at : self._at + count]
        self._at += count
        return found
