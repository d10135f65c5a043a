"""Python's regular expressions written in JavaScript with the same meaning.

An expression for which JavaScript has nothing of the same meaning is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ways.regex.charset import category, of_operation
from ways.regex.parse_tree import CATEGORIES, UNREADABLE, Operation, ParsedExpression, ops, parse

_ASCII_CLASSES = {
    r"\d": "0-9",
    r"\s": r"\t-\r ",
    r"\w": "0-9A-Z_a-z",
    r"\D": r"\u{0}-\/:-\u{10FFFF}",
    r"\S": r"\u{0}-\u{8}\u{e}-\u{1f}!-\u{10FFFF}",
    r"\W": r"\u{0}-\/:-@\[-\^`\{-\u{10FFFF}",
}
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ :=,;!@#%&'\"<>~/")
_WORD = "[{{w}}]"
_ASCII_WORD = "[0-9A-Z_a-z]"


class Untranslatable(Exception):
    """JavaScript has nothing that means the same; the text says what."""


class Translation(NamedTuple):
    """An expression for the flag ``u`` that fits whole texts, and the number of each group that it has.

    A class of characters stands in it as a letter in braces, ``\\w`` as ``[{{w}}]``: the reader puts what
    :func:`class_ranges` gives in its place.
    """

    text: str
    groups: tuple[int, ...]


def parse_for_javascript(expression: str) -> ParsedExpression:
    """Return an expression, read as Python reads it.

    :raises Untranslatable: it can't be read.
    """
    try:
        return parse(expression)
    except UNREADABLE as error:
        raise Untranslatable(f"it can't be read: {error}") from error


def to_javascript(expression: str | ParsedExpression, options: Mapping[int, bool] | None = None) -> Translation:
    """Return the JavaScript of an expression that a whole text must fit.

    :param options: group number -> whether the group is there, for groups that may be left out: each is then written,
        or left out, as said.
    :raises Untranslatable: JavaScript has nothing that means the same.
    """
    parsed = parse_for_javascript(expression) if isinstance(expression, str) else expression
    writer = _JavaScriptWriter(options or {})
    try:
        text = writer.sequence(parsed.operations, parsed.flags)
    except RecursionError as error:
        raise Untranslatable("it is too deep") from error
    return Translation(f"^(?:{text})$", tuple(writer.written))


class _JavaScriptWriter:
    """Writes one expression. A group is named ``g`` and its number."""

    def __init__(self, options: Mapping[int, bool]) -> None:
        self._options = options
        #: The numbers of the groups written so far.
        self.written: list[int] = []
        #: Those of them that have a value in every match that comes this far.
        self._always_set: set[int] = set()
        self._is_behind = False

    def sequence(self, tree: Iterable[Operation], flags: int) -> str:
        return "".join(self._item(operation, argument, flags) for operation, argument in tree)

    def _item(self, operation: Any, argument: Any, flags: int) -> str:
        method = _METHODS.get(operation)
        if method is None:
            raise Untranslatable(f"JavaScript has no {str(operation).lower().replace('_', ' ')}")
        text: str = method(self, argument, flags)
        return text

    def literal(self, code: int, flags: int) -> str:
        text = _characters(ops.LITERAL, code, flags)
        return f"[{text}]" if flags & re.IGNORECASE and text != character(code) else text

    def not_literal(self, code: int, flags: int) -> str:
        return f"[^{_characters(ops.LITERAL, code, flags)}]"

    def any(self, _: Any, flags: int) -> str:
        return r"[\s\S]" if flags & re.DOTALL else r"[^\n]"

    def members(self, items: Sequence[Operation], flags: int) -> str:
        is_negated = bool(items) and items[0][0] is ops.NEGATE
        members = "".join(_characters(kind, argument, flags) for kind, argument in items[is_negated:])
        return f"[{'^' if is_negated else ''}{members}]"

    def branch(self, argument: Any, flags: int) -> str:
        before = set(self._always_set)
        texts = []
        for tree in argument[1]:
            texts.append(self.sequence(tree, flags))
            self._always_set = set(before)
        return f"(?:{'|'.join(texts)})"

    def group(self, argument: Any, flags: int) -> str:
        number, added, removed, tree = argument
        text = self.sequence(tree, (flags | added) & ~removed)
        if number is None:
            return f"(?:{text})"
        self.written.append(number)
        self._always_set.add(number)
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
        before = set(self._always_set)
        text = self.sequence(tree, flags)
        if low == 0:
            self._always_set = before
        most = "" if high is ops.MAXREPEAT else int(high)
        return f"(?:{text}){{{low},{most}}}"

    def same(self, number: int, flags: int) -> str:
        if flags & re.IGNORECASE or self._is_behind:
            raise Untranslatable("it refers to a group in a way that only Python has")
        if number not in self.written:
            return "(?!)"
        # A group without a value fits nothing in Python, and everything in JavaScript.
        if number not in self._always_set:
            raise Untranslatable("it refers to a group that may have no value")
        return f"\\k<g{number}>"

    def conditional(self, argument: Any, flags: int) -> str:
        number, yes, no = argument
        if number in self.written and number not in self._always_set:
            raise Untranslatable("it asks whether a group has a value")
        chosen = yes if number in self._always_set else no
        return self.sequence(chosen, flags) if chosen is not None else ""

    def place(self, code: Any, flags: int) -> str:
        text = _PLACES.get((code, bool(flags & re.MULTILINE)), _PLACES.get((code, None)))
        if text is None:
            raise Untranslatable(f"JavaScript has no {str(code).lower().replace('_', ' ')}")
        return text.replace("[w]", _ASCII_WORD if flags & re.ASCII else _WORD)

    def looks(self, argument: Any, flags: int) -> str:
        return self._look(argument, flags, "=", "<=")

    def looks_not(self, argument: Any, flags: int) -> str:
        before = set(self._always_set)
        text = self._look(argument, flags, "!", "<!")
        self._always_set = before
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
    ops.LITERAL: _JavaScriptWriter.literal,
    ops.NOT_LITERAL: _JavaScriptWriter.not_literal,
    ops.ANY: _JavaScriptWriter.any,
    ops.IN: _JavaScriptWriter.members,
    ops.BRANCH: _JavaScriptWriter.branch,
    ops.SUBPATTERN: _JavaScriptWriter.group,
    ops.MAX_REPEAT: _JavaScriptWriter.greedy,
    ops.MIN_REPEAT: _JavaScriptWriter.lazy,
    ops.GROUPREF: _JavaScriptWriter.same,
    ops.GROUPREF_EXISTS: _JavaScriptWriter.conditional,
    ops.AT: _JavaScriptWriter.place,
    ops.ASSERT: _JavaScriptWriter.looks,
    ops.ASSERT_NOT: _JavaScriptWriter.looks_not,
    ops.FAILURE: _JavaScriptWriter.nothing,
}
#: Place, and whether lines count by themselves (None: both) -> JavaScript without the flag m.
_PLACES: Mapping[tuple[Any, bool | None], str] = {
    (ops.AT_BEGINNING, False): "^",
    (ops.AT_BEGINNING, True): r"(?<![^\n])",
    (ops.AT_BEGINNING_STRING, None): "^",
    (ops.AT_END, False): r"(?=\n?$)",
    (ops.AT_END, True): r"(?![^\n])",
    (ops.AT_END_STRING, None): "$",
    (ops.AT_BOUNDARY, None): "(?:(?<=[w])(?![w])|(?<![w])(?=[w]))",
}


def _only_group(tree: Any) -> int | None:
    """Return the number of the group that is all of *tree*."""
    operation, argument = tree[0] if len(tree) == 1 else (None, ())
    return argument[0] if operation is ops.SUBPATTERN and argument else None


def character(code: int) -> str:
    """Return a character as it is written anywhere in an expression."""
    return chr(code) if chr(code) in _PLAIN else f"\\u{{{code:x}}}"


def _characters(kind: Any, argument: Any, flags: int) -> str:
    """Return what one part of a class of characters is written as between brackets; a literal is such a part."""
    if kind is not ops.CATEGORY:
        letters = of_operation(ops.IN, ((kind, argument),), flags)
        assert letters is not None
        return "".join(_range(first, last) for first, last in letters.ranges)
    written = CATEGORIES[argument]
    return _ASCII_CLASSES[written] if flags & re.ASCII else f"{{{{{written[1]}}}}}"


def class_ranges() -> dict[str, str]:
    """Return, for ``w``, ``d``, ``s`` and their opposites, the characters that Python counts to each, as ranges."""
    return {written[1]: "".join(_range(*pair) for pair in category(written).ranges) for written in CATEGORIES.values()}


def _range(first: int, last: int) -> str:
    return character(first) if first == last else f"{character(first)}-{character(last)}"
