"""Sets of characters as ranges of their numbers, exactly as ``re`` sees them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from re import _constants  # type: ignore[attr-defined]
from typing import Any

#: First and last number of each run of characters, in order, apart from each other.
Letters = tuple[tuple[int, int], ...]

LAST = 0x10FFFF
ALL: Letters = ((0, LAST),)
NONE: Letters = ()
_CATEGORIES = {
    _constants.CATEGORY_DIGIT: (r"\d", False),
    _constants.CATEGORY_NOT_DIGIT: (r"\d", True),
    _constants.CATEGORY_SPACE: (r"\s", False),
    _constants.CATEGORY_NOT_SPACE: (r"\s", True),
    _constants.CATEGORY_WORD: (r"\w", False),
    _constants.CATEGORY_NOT_WORD: (r"\w", True),
}
#: What a sample is made of, the first that fits.
_PLAIN = (("a", "z"), ("0", "9"), ("A", "Z"), ("-", "-"), (".", "."), ("_", "_"), ("!", "~"))


def letters_of(operation: Any, argument: Any, flags: int) -> Letters:
    """Return the characters that a literal, a class or a dot of an expression stands for."""
    if operation is _constants.ANY:
        return ALL if flags & re.DOTALL else without(ALL, single(ord("\n")))
    items = [(_constants.LITERAL, argument)] if operation is not _constants.IN else list(argument)
    is_negated = operation is _constants.NOT_LITERAL or items[0][0] is _constants.NEGATE
    found = joined(part for kind, value in items if kind is not _constants.NEGATE for part in _of_item(kind, value, flags))
    return without(ALL, found) if is_negated else found


def single(code: int) -> Letters:
    """Return the set of one character."""
    return ((code, code),)


def joined(ranges: Iterable[tuple[int, int]]) -> Letters:
    """Return ranges in order, those that touch as one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return tuple(found)


@lru_cache(maxsize=4096)
def common(left: Letters, right: Letters) -> Letters:
    """Return the characters that both have."""
    found = []
    one = other = 0
    while one < len(left) and other < len(right):
        first, last = max(left[one][0], right[other][0]), min(left[one][1], right[other][1])
        if first <= last:
            found.append((first, last))
        if left[one][1] < right[other][1]:
            one += 1
        else:
            other += 1
    return tuple(found)


def without(left: Letters, right: Letters) -> Letters:
    """Return the characters of *left* that *right* hasn't."""
    gaps = []
    start = 0
    for first, last in right:
        if first > start:
            gaps.append((start, first - 1))
        start = last + 1
    return common(left, (*gaps, (start, LAST)) if start <= LAST else tuple(gaps))


def sample(letters: Letters) -> str:
    """Return one of these characters, a plain one where there is one."""
    for first, last in _PLAIN:
        if found := common(letters, ((ord(first), ord(last)),)):
            return chr(found[0][0])
    return chr(letters[0][0])


def _of_item(kind: Any, argument: Any, flags: int) -> Letters:
    if kind is _constants.CATEGORY:
        written, is_negated = _CATEGORIES[argument]
        found = _asked(written, flags & re.ASCII)
        return without(ALL, found) if is_negated else found
    if not flags & re.IGNORECASE:
        return (argument,) if kind is _constants.RANGE else single(argument)
    # What is alike but for its case is the engine's to say.
    ends = [f"\\U{code:08x}" for code in (argument if kind is _constants.RANGE else (argument,))]
    return _asked(f"[{'-'.join(ends)}]", re.IGNORECASE | flags & re.ASCII)


@lru_cache(maxsize=256)
def _asked(written: str, flags: int) -> Letters:
    """Return every character that the engine says fits."""
    everything = "".join(map(chr, range(LAST + 1)))
    return tuple((run.start(), run.end() - 1) for run in re.compile(f"(?:{written})+", flags).finditer(everything))
