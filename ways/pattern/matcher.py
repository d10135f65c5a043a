"""Matcher: many patterns, one text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from ways.pattern.template import Template

Item = TypeVar("Item")


class Matcher(Generic[Item]):
    """Narrows many templates to those that one text may fit; each that is left must be confirmed by its own pattern.

    Built once and then only read.
    """

    def __init__(self, entries: Sequence[tuple[Template, Item]]) -> None:
        self._entries = [(*_ends(template), item) for template, item in entries]

    def candidates(self, text: str) -> Iterator[Item]:
        """Yield every item whose template *text* may fit as a whole, in the order given; perhaps some more."""
        return (item for start, end, item in self._entries if text.startswith(start) and text.endswith(end))


def _ends(template: Template) -> tuple[str, str]:
    """Return the literal text that every text of *template* begins and ends with."""
    leaves = template.leaves
    if not leaves:
        return "", ""
    first, last = leaves[0], leaves[-1]
    return "" if first.is_token else first.text, "" if last.is_token else last.text
