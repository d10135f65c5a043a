"""Python's regular expressions written in JavaScript with the same meaning.

An expression for which JavaScript has nothing of the same meaning is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ways.regex.charset import category, of_operation
from ways.regex.parse_tree import CATEGORIES, UNREADABLE, Operation, ParsedExpression, flags_within, ops, parse

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
    """An expression for the flag ``u``, and the number of each group that it has.

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


def to_javascript(expression: str | ParsedExpression, *, is_whole: bool = True) -> Translation:
    """Return the JavaScript of an expression.

    :param is_whole: whether a whole text must fit it; else it is a part of a larger expression.
    :raises Untranslatable: JavaScript has nothing that means the same.
    """
    parsed = parse_for_javascript(expression) if isinstance(expression, str) else expression
    writer = _JavaScriptWriter()
    try:
        text = writer.sequence(parsed.operations, parsed.flags)
    except RecursionError as error:
        raise Untranslatable("it is too deep") from error
    return Translation(f"^(?:{text})$" if is_whole else f"(?:{text})", tuple(writer.written))


class _JavaScriptWriter:
    """Writes one expression. A group is named ``g`` and its number."""

    def __init__(self) -> None:
        #: The numbers of the groups written so far.
        self.written: list[int] = []
        #: Those of them that have a value in every match that comes this far.
        self._always_set: set[int] = set()
        self._is_behind = False
        self._is_repeated = False

    def sequence(self, tree: Iterable[Operation], flags: int) -> str:
        return "".join(self._item(operation, argument, flags) for operation, argument in tree)

    def _item(self, operation: Any, argument: Any, flags: int) -> str:
        if operation is ops.LITERAL:
            text = _characters(ops.LITERAL, argument, flags)
            return f"[{text}]" if flags & re.IGNORECASE and text != character(argument) else text
        if operation is ops.NOT_LITERAL:
            return f"[^{_characters(ops.LITERAL, argument, flags)}]"
        if operation is ops.ANY:
            return r"[\s\S]" if flags & re.DOTALL else r"[^\n]"
        if operation is ops.IN:
            is_negated = bool(argument) and argument[0][0] is ops.NEGATE
            members = "".join(_characters(kind, member, flags) for kind, member in argument[is_negated:])
            return f"[{'^' if is_negated else ''}{members}]"
        if operation is ops.BRANCH:
            before = set(self._always_set)
            texts = []
            for tree in argument[1]:
                texts.append(self.sequence(tree, flags))
                self._always_set = set(before)
            return f"(?:{'|'.join(texts)})"
        if operation is ops.SUBPATTERN:
            number, _, _, tree = argument
            text = self.sequence(tree, flags_within(flags, argument))
            if number is None:
                return f"(?:{text})"
            self.written.append(number)
            self._always_set.add(number)
            return f"(?<g{number}>{text})"
        if operation in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            least, most, tree = argument
            return self._repeat(least, most, tree, flags, is_lazy=operation is ops.MIN_REPEAT)
        if operation is ops.GROUPREF:
            return self._reference(argument, flags)
        if operation is ops.GROUPREF_EXISTS:
            number, yes, no = argument
            # In a later round, a group that stands behind has a value.
            if number not in self._always_set and (number in self.written or self._is_repeated):
                raise Untranslatable("it asks whether a group has a value")
            chosen = yes if number in self._always_set else no
            return self.sequence(chosen, flags) if chosen is not None else ""
        if operation is ops.AT:
            place = _PLACES.get((argument, bool(flags & re.MULTILINE)), _PLACES.get((argument, None)))
            if place is None:
                raise Untranslatable(f"JavaScript has no {_in_words(argument)}")
            return place.replace("[w]", _ASCII_WORD if flags & re.ASCII else _WORD)
        if operation in (ops.ASSERT, ops.ASSERT_NOT):
            direction, tree = argument
            return self._look(direction, tree, flags, is_negative=operation is ops.ASSERT_NOT)
        if operation is ops.FAILURE:
            return "(?!)"
        raise Untranslatable(f"JavaScript has no {_in_words(operation)}")

    def _repeat(self, least: int, most: Any, tree: Any, flags: int, *, is_lazy: bool) -> str:
        before = set(self._always_set)
        was_repeated = self._is_repeated
        self._is_repeated = was_repeated or most is ops.MAXREPEAT or most > 1
        text = self.sequence(tree, flags)
        self._is_repeated = was_repeated
        if least == 0:
            self._always_set = before
        if may_be_empty(tree):
            # Python takes a round that matches nothing, and JavaScript goes back behind it.
            if most is ops.MAXREPEAT or most > 1:
                raise Untranslatable("it repeats what may be empty")
            if (least, most) == (0, 1):
                return f"(?:|{text})" if is_lazy else f"(?:{text}|)"
        return f"(?:{text}){{{least},{'' if most is ops.MAXREPEAT else int(most)}}}{'?' if is_lazy else ''}"

    def _reference(self, number: int, flags: int) -> str:
        if flags & re.IGNORECASE or self._is_behind:
            raise Untranslatable("it refers to a group in a way that only Python has")
        # A group without a value fits nothing in Python, and everything in JavaScript.
        if number not in self._always_set:
            raise Untranslatable("it refers to a group that may have no value")
        return f"\\k<g{number}>"

    def _look(self, direction: int, tree: Any, flags: int, *, is_negative: bool) -> str:
        before = set(self._always_set)
        was_behind = self._is_behind
        self._is_behind = was_behind or direction < 0
        text = self.sequence(tree, flags)
        self._is_behind = was_behind
        if is_negative:
            self._always_set = before
        return f"(?{'<' if direction < 0 else ''}{'!' if is_negative else '='}{text})"


def may_be_empty(tree: Iterable[Operation]) -> bool:
    """Whether operations in a row may match without taking a character. True if that is not known."""
    return all(map(_takes_nothing, tree))


def _takes_nothing(item: Operation) -> bool:
    operation, argument = item
    if operation in (ops.MAX_REPEAT, ops.MIN_REPEAT):
        return argument[0] == 0 or may_be_empty(argument[2])
    if operation is ops.SUBPATTERN:
        return may_be_empty(argument[3])
    if operation is ops.BRANCH:
        return any(map(may_be_empty, argument[1]))
    return operation not in (ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN)


def _in_words(name: Any) -> str:
    return str(name).lower().replace("_", " ")


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
