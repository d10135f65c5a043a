"""Expressions of ``re`` written for ``regex``, the engine that stops when its time is up.

The two engines read the same text differently: other flags, sets in sets, errors that are allowed, names of properties, and
a newer Unicode. So ``regex`` never gets what a sheet has written, but what ``re`` read in it, with each set of characters
written out as ``re`` counts it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from ways.regex.charset import CharSet, category, charset, every_character, of_class, without
from ways.regex.parse_tree import CATEGORIES, REPEATS, Operation, flags_within, ops, parse

#: The characters of a category in Unicode. Of those that one engine doesn't know yet: see :func:`knows_letters_of`.
_OF_UNICODE = {r"\w": r"\p{L}\p{N}_", r"\d": r"\p{Nd}", r"\s": r"\s\x1c-\x1f"}
_OF_ASCII = {r"\w": "0-9A-Z_a-z", r"\d": "0-9", r"\s": r"\t-\r "}
_PLACES = {
    ops.AT_BEGINNING: r"\A",
    ops.AT_BEGINNING_STRING: r"\A",
    ops.AT_END: r"(?=\n?\Z)",
    ops.AT_END_STRING: r"\Z",
}
_PLACES_OF_LINES = {ops.AT_BEGINNING: r"(?<![^\n])", ops.AT_END: r"(?![^\n])"}
_LOOKS = {(ops.ASSERT, 1): "(?=", (ops.ASSERT, -1): "(?<=", (ops.ASSERT_NOT, 1): "(?!", (ops.ASSERT_NOT, -1): "(?<!"}
_GREED = {ops.MAX_REPEAT: "", ops.MIN_REPEAT: "?", ops.POSSESSIVE_REPEAT: "+"}
#: Older versions of Python find ``\B`` nowhere in an empty text.
_NOT_EMPTY = "" if re.match(r"\B", "") else r"(?!\A\Z)"


def compiled_by_regex(expression: str) -> Any:
    """Return *expression* compiled by ``regex``; it means what it does to ``re``, and its groups have the same numbers and names.

    :raises re.error: it is no regular expression.
    """
    import regex

    parsed = parse(expression)
    written = _Writer({number: name for name, number in parsed.group_names.items()}).sequence(parsed.operations, parsed.flags)
    return regex.compile(written, regex.VERSION1, cache_pattern=False)


def knows_letters_of(timed: Any, text: str) -> bool:
    """Whether the same characters of *text* are letters, digits and spaces to *timed*, an expression compiled here, and to ``re``.

    Each engine has a Unicode of its own: a letter that is new in one is none to the other.
    """
    return text.isascii() or not any(category in timed.pattern for category in _OF_UNICODE.values()) or not _unsure().search(text)


@cache
def _unsure() -> re.Pattern[str]:
    """Return the expression of a character that is a letter, a digit or a space to one engine only."""
    import regex

    parts = []
    for written, of_unicode in _OF_UNICODE.items():
        runs = regex.compile(f"[{of_unicode}]+", regex.VERSION1, cache_pattern=False).finditer(every_character())
        letters, own = charset(tuple((run.start(), run.end() - 1) for run in runs)), category(written)
        parts += [_ranges(without(letters, own)), _ranges(without(own, letters))]
    return re.compile(f"[{''.join(parts)}]") if any(parts) else re.compile("(?!)")


class _Writer:
    """Writes what ``re`` read in an expression for ``regex``, without any flags."""

    def __init__(self, names: dict[int, str]) -> None:
        self._names = names

    def sequence(self, tree: Iterable[Operation], flags: int) -> str:
        return "".join([self._one(operation, argument, flags) for operation, argument in tree])

    def _one(self, operation: Any, argument: Any, flags: int) -> str:
        if operation is ops.LITERAL and not flags & re.IGNORECASE:
            return _literal(argument)
        if operation is ops.ANY:
            return "[^\\n]" if not flags & re.DOTALL else "(?s:.)"
        if operation in (ops.LITERAL, ops.NOT_LITERAL, ops.IN):
            return _set(_items_of(operation, argument), flags)
        if operation is ops.BRANCH:
            return f"(?:{'|'.join([self.sequence(branch, flags) for branch in argument[1]])})"
        if operation is ops.SUBPATTERN:
            number, _, _, inner = argument
            opening = "(?:" if number is None else f"(?P<{self._names[number]}>" if number in self._names else "("
            return f"{opening}{self.sequence(inner, flags_within(flags, argument))})"
        if operation in REPEATS:
            least, most, inner = argument
            times = f"{{{least},{'' if most is ops.MAXREPEAT else most}}}"
            # Possessive, re gives back nothing of any round, also of those that must be.
            opening = "(?>" if operation is ops.POSSESSIVE_REPEAT else "(?:"
            return f"{opening}{self.sequence(inner, flags)}){times}{_GREED[operation]}"
        if operation is ops.ATOMIC_GROUP:
            return f"(?>{self.sequence(argument, flags)})"
        if operation in (ops.ASSERT, ops.ASSERT_NOT):
            direction, inner = argument
            return f"{_LOOKS[operation, direction]}{self.sequence(inner, flags)})"
        if operation is ops.GROUPREF:
            return f"\\g<{argument}>"
        if operation is ops.GROUPREF_EXISTS:
            number, present, absent = argument
            return f"(?({number}){self.sequence(present, flags)}|{self.sequence(absent or (), flags)})"
        if operation is ops.AT:
            return _place(argument, flags)
        assert operation is ops.FAILURE, operation
        return "(?!)"


def _items_of(operation: Any, argument: Any) -> tuple[Operation, ...]:
    """Return the items of a class that takes the characters of an operation."""
    if operation is ops.IN:
        return tuple(argument)
    item = (ops.LITERAL, argument)
    return (item,) if operation is ops.LITERAL else ((ops.NEGATE, None), item)


def _set(items: tuple[Operation, ...], flags: int) -> str:
    """Return a class for ``regex``."""
    is_negated = items[0][0] is ops.NEGATE
    plain = tuple(item for item in items if item[0] in (ops.LITERAL, ops.RANGE))
    if flags & re.IGNORECASE and plain:
        # The engine of re is asked which letters are equal. Categories hold all forms of a letter or none.
        written = _ranges(of_class(plain, flags & (re.IGNORECASE | re.ASCII)))
    else:
        written = "".join([_literal(what) if kind is ops.LITERAL else _range(*what) for kind, what in plain])
    written += "".join([_category(CATEGORIES[what], bool(flags & re.ASCII)) for kind, what in items if kind is ops.CATEGORY])
    return f"[^{written}]" if is_negated else f"[{written}]"


def _category(written: str, is_ascii: bool) -> str:
    r"""Return the characters of ``\d``, ``\D``, ``\s``, ``\S``, ``\w`` or ``\W`` as a part of a class."""
    if written.isupper():
        return f"[^{_category(written.lower(), is_ascii)}]"
    return (_OF_ASCII if is_ascii else _OF_UNICODE)[written]


def _place(place: Any, flags: int) -> str:
    if place in (ops.AT_BOUNDARY, ops.AT_NON_BOUNDARY):
        return _boundary(place is ops.AT_BOUNDARY, bool(flags & re.ASCII))
    return _PLACES_OF_LINES.get(place, _PLACES[place]) if flags & re.MULTILINE else _PLACES[place]


def _boundary(is_one: bool, is_ascii: bool) -> str:
    word = f"[{_category(chr(92) + 'w', is_ascii)}]"
    if is_one:
        return f"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))"
    return f"{_NOT_EMPTY}(?:(?<={word})(?={word})|(?<!{word})(?!{word}))"


def _ranges(letters: CharSet) -> str:
    return "".join([_range(first, last) for first, last in letters.ranges])


def _range(first: int, last: int) -> str:
    return _literal(first) if first == last else f"{_literal(first)}-{_literal(last)}"


def _literal(code: int) -> str:
    letter = chr(code)
    return letter if letter.isalnum() and letter.isascii() else f"\\U{code:08x}"
