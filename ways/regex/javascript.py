"""Python's regular expressions as JavaScript's, meaning the same; what has no counterpart is refused, never guessed."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

# The reader of regular expressions that re itself uses; it has no public name.
from re import _casefix, _constants, _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

#: Sets of characters, by the letter that stands for one here: \w is [{w}], and the page puts Python's own ranges there.
CLASSES: Mapping[Any, str] = {
    _constants.CATEGORY_DIGIT: "d",
    _constants.CATEGORY_NOT_DIGIT: "D",
    _constants.CATEGORY_SPACE: "s",
    _constants.CATEGORY_NOT_SPACE: "S",
    _constants.CATEGORY_WORD: "w",
    _constants.CATEGORY_NOT_WORD: "W",
}
_ASCII_CLASSES = {"d": "0-9", "s": r"\t-\r ", "w": "0-9A-Z_a-z"}
_ASCII_REST = {
    "D": r"\u{0}-\/:-\u{10FFFF}",
    "S": r"\u{0}-\u{8}\u{e}-\u{1f}!-\u{10FFFF}",
    "W": r"\u{0}-\/:-@\[-\^`\{-\u{10FFFF}",
}
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ :=,;!@#%&'\"<>~/")
_WORD = "[{{w}}]"
_ASCII_WORD = "[0-9A-Z_a-z]"


class Untranslatable(Exception):
    """JavaScript has nothing that means the same; the text says what."""


class Translation(NamedTuple):
    """An expression for the flag ``u`` that fits whole texts, and the number of each group that it has."""

    text: str
    groups: tuple[int, ...]


class Parsed(NamedTuple):
    """A regular expression, read."""

    tree: Any
    flags: int
    #: Group name to number.
    names: Mapping[str, int]

    @classmethod
    def of(cls, expression: str) -> Parsed:
        """Return an expression, read as Python reads it.

        :raises Untranslatable: it can't be read.
        """
        try:
            tree = _parser.parse(expression)
        except (re.error, RecursionError, OverflowError) as error:
            raise Untranslatable(f"it can't be read: {error}") from error
        return cls(tree, tree.state.flags | re.UNICODE, dict(tree.state.groupdict))


def translated(expression: str | Parsed, options: Mapping[int, bool] | None = None) -> Translation:
    """Return the JavaScript of an expression that a whole text must fit.

    :param options: for the number of a group that may lack: whether it is there. It is then no choice any more.
    :raises Untranslatable: JavaScript has nothing that means the same.
    """
    parsed = Parsed.of(expression) if isinstance(expression, str) else expression
    writer = _Writer(options or {})
    try:
        text = writer.sequence(parsed.tree, parsed.flags)
    except RecursionError as error:
        raise Untranslatable("it is too deep") from error
    return Translation(f"^(?:{text})$", tuple(writer.written))


class _Writer:
    """Writes one expression. Groups are called ``g`` and their number."""

    def __init__(self, options: Mapping[int, bool]) -> None:
        self._options = options
        #: Groups that were written; those among them that have a value whenever one comes past them.
        self.written: list[int] = []
        self._sure: set[int] = set()
        self._is_behind = False

    def sequence(self, tree: Iterable[tuple[Any, Any]], flags: int) -> str:
        return "".join(self._item(operation, argument, flags) for operation, argument in tree)

    def _item(self, operation: Any, argument: Any, flags: int) -> str:
        method = _METHODS.get(operation)
        if method is None:
            raise Untranslatable(f"JavaScript has no {str(operation).lower().replace('_', ' ')}")
        text: str = method(self, argument, flags)
        return text

    def literal(self, code: int, flags: int) -> str:
        codes = _variants(code, flags)
        return character(code) if len(codes) == 1 else f"[{''.join(map(character, sorted(codes)))}]"

    def not_literal(self, code: int, flags: int) -> str:
        return f"[^{''.join(map(character, sorted(_variants(code, flags))))}]"

    def any(self, _: Any, flags: int) -> str:
        return r"[\s\S]" if flags & re.DOTALL else r"[^\n]"

    def members(self, items: Sequence[tuple[Any, Any]], flags: int) -> str:
        is_negated = bool(items) and items[0][0] is _constants.NEGATE
        told = "".join(_member(kind, argument, flags) for kind, argument in items[is_negated:])
        return f"[{'^' if is_negated else ''}{told}]"

    def branch(self, argument: Any, flags: int) -> str:
        before = set(self._sure)
        texts = []
        for tree in argument[1]:
            texts.append(self.sequence(tree, flags))
            self._sure = set(before)
        return f"(?:{'|'.join(texts)})"

    def group(self, argument: Any, flags: int) -> str:
        number, added, removed, tree = argument
        text = self.sequence(tree, (flags | added) & ~removed)
        if number is None:
            return f"(?:{text})"
        self.written.append(number)
        self._sure.add(number)
        return f"(?<g{number}>{text})"

    def greedy(self, argument: Any, flags: int) -> str:
        low, high, tree = argument
        number = _only_group(tree)
        if (low, high) == (0, 1) and number is not None and number in self._options:
            return self.sequence(tree, flags) if self._options[number] else ""
        return self._repeated(low, high, tree, flags)

    def lazy(self, argument: Any, flags: int) -> str:
        low, high, tree = argument
        return f"{self._repeated(low, high, tree, flags)}?"

    def _repeated(self, low: int, high: Any, tree: Any, flags: int) -> str:
        before = set(self._sure)
        text = self.sequence(tree, flags)
        if low == 0:
            self._sure = before
        most = "" if high is _constants.MAXREPEAT else int(high)
        return f"(?:{text}){{{low},{most}}}"

    def same(self, number: int, flags: int) -> str:
        if flags & re.IGNORECASE or self._is_behind:
            raise Untranslatable("it refers to a group in a way of Python's own")
        if number not in self.written:
            return "(?!)"
        # A group without a value fits nothing in Python, and everything in JavaScript.
        if number not in self._sure:
            raise Untranslatable("it refers to a group that may have no value")
        return f"\\k<g{number}>"

    def conditional(self, argument: Any, flags: int) -> str:
        number, yes, no = argument
        if number in self.written and number not in self._sure:
            raise Untranslatable("it asks whether a group has a value")
        chosen = yes if number in self._sure else no
        return self.sequence(chosen, flags) if chosen is not None else ""

    def place(self, code: Any, flags: int) -> str:
        found = _PLACES.get((code, bool(flags & re.MULTILINE)), _PLACES.get((code, None)))
        if found is None:
            raise Untranslatable(f"JavaScript has no {str(code).lower().replace('_', ' ')}")
        return found.replace("[w]", _ASCII_WORD if flags & re.ASCII else _WORD)

    def looks(self, argument: Any, flags: int) -> str:
        return self._look(argument, flags, "=", "<=")

    def looks_not(self, argument: Any, flags: int) -> str:
        before = set(self._sure)
        text = self._look(argument, flags, "!", "<!")
        self._sure = before
        return text

    def _look(self, argument: Any, flags: int, ahead: str, behind: str) -> str:
        direction, tree = argument
        was_behind = self._is_behind
        self._is_behind = was_behind or direction < 0
        text = self.sequence(tree, flags)
        self._is_behind = was_behind
        return f"(?{ahead if direction > 0 else behind}{text})"

    def nothing(self, _: Any, flags: int) -> str:
        return "(?!)"


_METHODS: Mapping[Any, Any] = {
    _constants.LITERAL: _Writer.literal,
    _constants.NOT_LITERAL: _Writer.not_literal,
    _constants.ANY: _Writer.any,
    _constants.IN: _Writer.members,
    _constants.BRANCH: _Writer.branch,
    _constants.SUBPATTERN: _Writer.group,
    _constants.MAX_REPEAT: _Writer.greedy,
    _constants.MIN_REPEAT: _Writer.lazy,
    _constants.GROUPREF: _Writer.same,
    _constants.GROUPREF_EXISTS: _Writer.conditional,
    _constants.AT: _Writer.place,
    _constants.ASSERT: _Writer.looks,
    _constants.ASSERT_NOT: _Writer.looks_not,
    _constants.FAILURE: _Writer.nothing,
}
#: Place, and whether lines count by themselves (None: both) -> JavaScript without the flag m.
_PLACES: Mapping[tuple[Any, bool | None], str] = {
    (_constants.AT_BEGINNING, False): "^",
    (_constants.AT_BEGINNING, True): r"(?<![^\n])",
    (_constants.AT_BEGINNING_STRING, None): "^",
    (_constants.AT_END, False): r"(?=\n?$)",
    (_constants.AT_END, True): r"(?![^\n])",
    (_constants.AT_END_STRING, None): "$",
    (_constants.AT_BOUNDARY, None): "(?:(?<=[w])(?![w])|(?<![w])(?=[w]))",
}


def _only_group(tree: Any) -> int | None:
    """Return the number of the group that is all of *tree*."""
    operation, argument = tree[0] if len(tree) == 1 else (None, ())
    return argument[0] if operation is _constants.SUBPATTERN and argument else None


def character(code: int) -> str:
    """Return a character as it is written anywhere in an expression."""
    return chr(code) if chr(code) in _PLAIN else f"\\u{{{code:x}}}"


def _member(kind: Any, argument: Any, flags: int) -> str:
    """Return one part of a set of characters."""
    if kind is _constants.LITERAL:
        return "".join(map(character, sorted(_variants(argument, flags))))
    if kind is _constants.RANGE:
        low, high = argument
        more = _cased_like(low, high, bool(flags & re.ASCII)) if flags & re.IGNORECASE else ()
        return f"{character(low)}-{character(high)}" + "".join(map(character, more))
    letter = CLASSES[argument]
    return {**_ASCII_CLASSES, **_ASCII_REST}[letter] if flags & re.ASCII else f"{{{{{letter}}}}}"


def _variants(code: int, flags: int) -> Collection[int]:
    """Return every character that fits where *code* is written."""
    if not flags & re.IGNORECASE:
        return (code,)
    if flags & re.ASCII:
        letter = chr(code)
        return {ord(letter.lower()), ord(letter.upper())} if letter.isascii() else (code,)
    return _cases()[0].get(code, (code,))


def _cased_like(low: int, high: int, is_ascii: bool) -> list[int]:
    """Return the characters outside a range that fit where a character of it is written, case aside."""
    flags = re.IGNORECASE | (re.ASCII if is_ascii else 0)
    codes = range(128) if is_ascii else _cases()[1]
    return sorted({other for code in codes if low <= code <= high for other in _variants(code, flags) if not low <= other <= high})


@cache
def _cases() -> tuple[dict[int, frozenset[int]], tuple[int, ...]]:
    """Return, for each character that has another case, all that fit where it is written; and all such characters."""
    from _sre import unicode_tolower  # type: ignore[import-not-found]

    extra: Mapping[int, Sequence[int]] = _casefix._EXTRA_CASES
    lowers: dict[int, set[int]] = {}
    for code in range(sys.maxunicode + 1):
        lower = unicode_tolower(code)
        if lower != code:
            lowers.setdefault(lower, {lower}).add(code)
    for lower, others in extra.items():
        for other in others:
            lowers.setdefault(lower, {lower})
            lowers[lower] |= lowers.get(other, {other})
    found: dict[int, frozenset[int]] = {}
    for lower, codes in lowers.items():
        for code in codes:
            if unicode_tolower(code) == lower:
                found[code] = frozenset(codes)
    return found, tuple(sorted(found))


def class_ranges() -> dict[str, str]:
    r"""Return, for ``w``, ``d``, ``s`` and their opposites, the characters that Python counts to each, as ranges."""
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    return {letter: _ranges(letter, everything) for letter in "wWdDsS"}


def _ranges(letter: str, everything: str) -> str:
    runs = (found.span() for found in re.finditer(rf"\{letter}+", everything))
    return "".join(_range(start, end - 1) for start, end in runs)


def _range(low: int, high: int) -> str:
    return f"\\u{{{low:x}}}" if low == high else f"\\u{{{low:x}}}-\\u{{{high:x}}}"
