"""Sets of characters: which ones of Unicode a class such as ``\\w`` or ``[^a-z]`` holds in Python's regular expressions."""

from __future__ import annotations

import itertools
import re
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

from ways.regex.parse_tree import CATEGORIES, Operation, TooLargeError, ops

LAST = 0x10FFFF
#: The characters that are shown first as examples of a set.
_SHOWN_FIRST = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_-.+=,@#%~ !$&'()[]{};^`:*?\"<>|/\\"
#: The flags that decide which characters a class holds.
_CLASS_FLAGS = re.IGNORECASE | re.ASCII

Range = tuple[int, int]
#: Ranges of the different sets of one expression; ``\w`` has seven hundred.
MOST_RANGES = 10_000
#: Ranges of all sets that are kept: some hundred bytes each.
_MOST_RANGES = 500_000
_made = 0


class CharSet:
    """A set of characters: ranges of code points, sorted and with gaps between them. Never changed."""

    __slots__ = ("ranges",)

    def __init__(self, ranges: tuple[Range, ...]) -> None:
        self.ranges = ranges

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __contains__(self, character: str) -> bool:
        code = ord(character)
        place = bisect_right(self.ranges, (code, LAST))
        return place > 0 and code <= self.ranges[place - 1][1]

    def __repr__(self) -> str:
        return f"CharSet({self.ranges[:4]!r}{'...' if len(self.ranges) > 4 else ''})"

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def characters(self) -> Iterator[str]:
        """Yield the characters: first those that are easy to read, then the others."""
        yield from (letter for letter in _SHOWN_FIRST if letter in self)
        starts = [code for first, last in self.ranges for code in range(first, min(last, first + 64) + 1)]
        # Characters that can't be seen, or can't be written to a file, come last.
        starts.sort(key=lambda code: (not chr(code).isprintable(), 0xD800 <= code <= 0xDFFF))
        others = (code for first, last in self.ranges for code in range(first + 65, last + 1))
        yield from (chr(code) for code in itertools.chain(starts, others) if chr(code) not in _SHOWN_FIRST)


class CharSets:
    """The sets of one expression, each once."""

    __slots__ = ("_known", "_ranges")

    def __init__(self) -> None:
        self._known: set[CharSet] = set()
        self._ranges = 0

    def add(self, letters: CharSet) -> None:
        """Note a set.

        :raises TooLargeError: they have too many ranges together. What two of them share is one more set.
        """
        if letters not in self._known:
            self._known.add(letters)
            self._ranges += len(letters.ranges)
            if self._ranges > MOST_RANGES:
                raise TooLargeError


@lru_cache(maxsize=65536)
def charset(ranges: tuple[Range, ...]) -> CharSet:
    """Return the set of *ranges*, which are sorted and have gaps between them: the same object for the same ranges, if still kept."""
    global _made
    _made += len(ranges)
    if _made > _MOST_RANGES:
        # Of sets as large as ``\w`` the caches would hold some GB.
        _made = 0
        for kept in (charset, shown, common, without, _opposite, of_class):
            kept.cache_clear()
    return CharSet(ranges)


@lru_cache(maxsize=65536)
def shown(letters: CharSet, count: int) -> tuple[str, ...]:
    """Return up to *count* characters of a set, easy ones to read first."""
    return tuple(itertools.islice(letters.characters(), count))


EVERY = charset(((0, LAST),))


def literal(character: str) -> CharSet:
    """Return the set of one character."""
    return charset(((ord(character), ord(character)),))


def except_for(characters: str) -> CharSet:
    """Return the set of all but some characters."""
    return without(EVERY, union(map(literal, characters)))


@lru_cache(maxsize=65536)
def common(left: CharSet, right: CharSet) -> CharSet:
    """Return the characters that both have."""
    if left is right or right is EVERY:
        return left
    if left is EVERY:
        return right
    ranges: list[Range] = []
    one, other = iter(left.ranges), iter(right.ranges)
    a, b = next(one, None), next(other, None)
    while a and b:
        first, last = max(a[0], b[0]), min(a[1], b[1])
        if first <= last:
            ranges.append((first, last))
        if a[1] < b[1]:
            a = next(one, None)
        else:
            b = next(other, None)
    return charset(tuple(ranges))


@lru_cache(maxsize=65536)
def without(left: CharSet, right: CharSet) -> CharSet:
    """Return the characters of *left* that *right* hasn't."""
    return common(left, _opposite(right))


def union(sets: Iterable[CharSet]) -> CharSet:
    """Return the characters that any of *sets* has."""
    ranges: list[Range] = []
    for first, last in sorted(pair for letters in sets for pair in letters.ranges):
        if ranges and first <= ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], max(last, ranges[-1][1]))
        else:
            ranges.append((first, last))
    return charset(tuple(ranges))


@lru_cache(maxsize=4096)
def _opposite(letters: CharSet) -> CharSet:
    ranges: list[Range] = []
    start = 0
    for first, last in letters.ranges:
        if start < first:
            ranges.append((start, first - 1))
        start = last + 1
    return charset((*ranges, (start, LAST)) if start <= LAST else tuple(ranges))


def of_operation(operation: Any, argument: Any, flags: int) -> CharSet | None:
    """Return the characters that one operation of a parsed expression takes; ``None`` if it takes no single character."""
    if operation is ops.ANY:
        return EVERY if flags & re.DOTALL else except_for("\n")
    if operation is ops.LITERAL:
        return of_class(((operation, argument),), flags & _CLASS_FLAGS)
    if operation is ops.NOT_LITERAL:
        return of_class(((ops.NEGATE, None), (ops.LITERAL, argument)), flags & _CLASS_FLAGS)
    return of_class(tuple(argument), flags & _CLASS_FLAGS) if operation is ops.IN else None


@lru_cache(maxsize=4096)
def of_class(items: tuple[Operation, ...], flags: int) -> CharSet:
    """Return the characters of a class of a parsed expression, as the engine itself counts them.

    :param flags: ``IGNORECASE`` and ``ASCII`` count.
    """
    is_negated = False
    sets: list[CharSet] = []
    written = ""
    for kind, argument in items:
        if kind is ops.NEGATE:
            is_negated = True
        elif kind is ops.LITERAL:
            sets.append(charset(((argument, argument),)))
            written += f"\\U{argument:08x}"
        elif kind is ops.RANGE:
            sets.append(charset((tuple(argument),)))
            written += f"\\U{argument[0]:08x}-\\U{argument[1]:08x}"
        else:
            sets.append(category(CATEGORIES[argument], bool(flags & re.ASCII)))
            written += CATEGORIES[argument]
    letters = union(sets)
    if flags & re.IGNORECASE:
        # The engine is asked about each character that has a case.
        cased, all_cased = _cased()
        matched = union(literal(letter) for letter in re.findall(f"[{written}]", cased, flags))
        letters = union((without(letters, all_cased), matched))
    return _opposite(letters) if is_negated else letters


@lru_cache(maxsize=None)
def category(written: str, is_ascii: bool = False) -> CharSet:
    r"""Return the characters of ``\d``, ``\D``, ``\s``, ``\S``, ``\w`` or ``\W``."""
    if written.isupper():
        return _opposite(category(written.lower(), is_ascii))
    letters, flags = (every_character()[:128], re.ASCII) if is_ascii else (every_character(), re.UNICODE)
    return charset(tuple((run.start(), run.end() - 1) for run in re.finditer(f"{written}+", letters, flags)))


@cache
def every_character() -> str:
    """Return all characters that Unicode has room for, in order. Made once: it takes 40 ms, and 4.5 MB."""
    codes = array("I", range(LAST + 1)).tobytes()
    return codes.decode("utf-32-le" if sys.byteorder == "little" else "utf-32-be", "surrogatepass")


@cache
def _cased() -> tuple[str, CharSet]:
    """Return every character that is another one in some other case, as a text and as a set."""
    every, size = every_character(), 256
    blocks = (every[start : start + size] for start in range(0, LAST, size))
    # Most blocks have no such character. Looking at whole blocks first takes a tenth of the time.
    letters = (letter for block in blocks if not block.lower() == block == block.upper() for letter in block)
    cased = "".join(x for x in letters if x.lower() != x or x.upper() != x or x.title() != x)
    return cased, union(map(literal, cased))
