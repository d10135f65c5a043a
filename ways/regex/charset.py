"""CharSet: which characters one place of a text may have; of all that Unicode has, as Python's own engine knows them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

# The reader of regular expressions that re itself uses; it has no public name.
from re import _constants  # type: ignore[attr-defined]
from typing import Any

from ways.regex.expression import CATEGORIES

LAST = 0x10FFFF
#: What a person would take first to show what a text may be.
_LIKED = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_-.+=,@#%~ !$&'()[]{};^`:*?\"<>|/\\"
#: Flags that decide which characters a class holds.
_TELLING = re.IGNORECASE | re.ASCII

Range = tuple[int, int]


class CharSet:
    """Characters, as ranges of code points: sorted, apart, and never changed."""

    __slots__ = ("ranges",)

    def __init__(self, ranges: tuple[Range, ...]) -> None:
        self.ranges = ranges

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __contains__(self, character: str) -> bool:
        code = ord(character)
        return any(first <= code <= last for first, last in self.ranges)

    def __repr__(self) -> str:
        return f"CharSet({self.ranges[:4]!r}{'...' if len(self.ranges) > 4 else ''})"

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def characters(self) -> Iterator[str]:
        """Yield the characters, those that people like to see first."""
        yield from (letter for letter in _LIKED if letter in self)
        yield from (chr(code) for code in self._codes() if chr(code) not in _LIKED)

    def _codes(self) -> Iterator[int]:
        held = [code for first, last in self.ranges for code in range(first, min(last, first + 64) + 1)]
        # What can't be seen, or can't be written to a file, stands for others only where nothing else does.
        yield from sorted(held, key=lambda code: (not chr(code).isprintable(), 0xD800 <= code <= 0xDFFF))
        yield from (code for first, last in self.ranges for code in range(first + 65, last + 1))


@lru_cache(maxsize=65536)
def charset(ranges: tuple[Range, ...]) -> CharSet:
    """Return the set of these ranges, which are sorted and apart; the same one each time, so that it is found fast."""
    return CharSet(ranges)


@lru_cache(maxsize=65536)
def shown(one: CharSet, count: int) -> tuple[str, ...]:
    """Return up to *count* characters of a set that people like to see."""
    return tuple(itertools.islice(one.characters(), count))


EVERY = charset(((0, LAST),))
NONE = charset(())


def literal(character: str) -> CharSet:
    """Return the set of one character."""
    return charset(((ord(character), ord(character)),))


def except_for(characters: str) -> CharSet:
    """Return the set of all but some characters."""
    return without(EVERY, union(map(literal, characters)))


@lru_cache(maxsize=65536)
def common(left: CharSet, right: CharSet) -> CharSet:
    """Return what both hold."""
    if left is right or right is EVERY:
        return left
    if left is EVERY:
        return right
    found: list[Range] = []
    one, other = iter(left.ranges), iter(right.ranges)
    a, b = next(one, None), next(other, None)
    while a and b:
        first, last = max(a[0], b[0]), min(a[1], b[1])
        if first <= last:
            found.append((first, last))
        if a[1] < b[1]:
            a = next(one, None)
        else:
            b = next(other, None)
    return charset(tuple(found))


@lru_cache(maxsize=65536)
def without(left: CharSet, right: CharSet) -> CharSet:
    """Return what the first holds and the second doesn't."""
    return common(left, _opposite(right))


def union(sets: Iterable[CharSet]) -> CharSet:
    """Return what any of them holds."""
    found: list[Range] = []
    for first, last in sorted(pair for one in sets for pair in one.ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return charset(tuple(found))


@lru_cache(maxsize=4096)
def _opposite(one: CharSet) -> CharSet:
    found: list[Range] = []
    start = 0
    for first, last in one.ranges:
        if start < first:
            found.append((start, first - 1))
        start = last + 1
    return charset((*found, (start, LAST)) if start <= LAST else tuple(found))


def of_operation(operation: Any, argument: Any, flags: int) -> CharSet | None:
    """Return the characters that one operation of a parsed expression takes; ``None`` where it isn't of one character."""
    if operation is _constants.ANY:
        return EVERY if flags & re.DOTALL else except_for("\n")
    if operation is _constants.LITERAL:
        return of_class(((operation, argument),), flags & _TELLING)
    if operation is _constants.NOT_LITERAL:
        return of_class(((_constants.NEGATE, None), (_constants.LITERAL, argument)), flags & _TELLING)
    return of_class(tuple(argument), flags & _TELLING) if operation is _constants.IN else None


@lru_cache(maxsize=4096)
def of_class(items: tuple[tuple[Any, Any], ...], flags: int) -> CharSet:
    """Return the characters of a class of a parsed expression, as the engine itself takes them."""
    is_negated = any(kind is _constants.NEGATE for kind, _ in items)
    named = [(kind, argument) for kind, argument in items if kind is not _constants.NEGATE]
    found = union(_of_item(kind, argument, flags) for kind, argument in named)
    if flags & re.IGNORECASE:
        found = _in_any_case(found, named, flags)
    return _opposite(found) if is_negated else found


def _of_item(kind: Any, argument: Any, flags: int) -> CharSet:
    if kind is _constants.LITERAL:
        return charset(((argument, argument),))
    if kind is _constants.RANGE:
        return charset((tuple(argument),))
    return _category(CATEGORIES[argument], flags & re.ASCII)


@lru_cache(maxsize=16)
def _category(written: str, flags: int) -> CharSet:
    everything = "".join(map(chr, range(LAST + 1)))
    return charset(tuple((found.start(), found.end() - 1) for found in re.finditer(f"{written}+", everything, flags)))


def _in_any_case(found: CharSet, items: Iterable[tuple[Any, Any]], flags: int) -> CharSet:
    """Return what a class holds where case is ignored: the engine is asked for each character that has a case."""
    written = "".join(_written(kind, argument) for kind, argument in items)
    cased = _cased()
    matched = union(literal(letter) for letter in re.findall(f"[{written}]", cased.text, flags))
    return union((without(found, cased.set), matched))


def _written(kind: Any, argument: Any) -> str:
    if kind is _constants.LITERAL:
        return f"\\U{argument:08x}"
    if kind is _constants.RANGE:
        return f"\\U{argument[0]:08x}-\\U{argument[1]:08x}"
    return CATEGORIES[argument]


class _Cased:
    """Every character that is another one in some other case."""

    def __init__(self) -> None:
        letters = map(chr, range(LAST + 1))
        self.text = "".join(x for x in letters if x.lower() != x or x.upper() != x or x.title() != x)
        self.set = union(map(literal, self.text))


@lru_cache(maxsize=1)
def _cased() -> _Cased:
    return _Cased()
