"""Texts that an expression fits, a few of different kinds; made by walking it, so that they need no luck."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from re import _constants  # type: ignore[attr-defined]
from typing import Any

from ways.regex.javascript import Parsed

#: What is tried where any character out of many would do: by the number of the sample.
_LETTERS = ("a0_-", "Zé9 ", "ß٣x.", "日A5%")
#: Characters of a sample at most.
LONGEST = 400
#: How many ways there are to choose.
KINDS = len(_LETTERS)


def samples(parsed: Parsed) -> Iterator[str]:
    """Yield texts that most likely fit, and some that hardly do. Whoever uses them asks."""
    for kind in range(KINDS):
        text = _Walk(kind).sequence(parsed.tree, parsed.flags)
        if len(text) <= LONGEST:
            yield text
            yield from (_spoilt(text),) if kind == 0 else ()
    yield _spoilt_digits(_Walk(0).sequence(parsed.tree, parsed.flags))


def _spoilt(text: str) -> str:
    return f"{text}\n" if text else "x"


def _spoilt_digits(text: str) -> str:
    """Return *text* with digits of another script, which \\d takes and [0-9] doesn't; nothing at all where it has none."""
    return re.sub("[0-9]", "٤", text, count=2) if re.search("[0-9]", text) else ""


class _Walk:
    """One way through an expression."""

    def __init__(self, kind: int) -> None:
        self._kind = kind
        self._steps = 0
        self._groups: dict[int, str] = {}

    def sequence(self, tree: Any, flags: int) -> str:
        text = ""
        for operation, argument in tree:
            if len(text) > LONGEST:
                return text
            text += self._item(operation, argument, flags)
        return text

    def _item(self, operation: Any, argument: Any, flags: int) -> str:
        if operation is _constants.LITERAL:
            return chr(argument)
        if operation in (_constants.NOT_LITERAL, _constants.ANY, _constants.IN):
            return self._one_of(operation, argument, flags)
        if operation is _constants.BRANCH:
            return self.sequence(argument[1][self._choice(len(argument[1]))], flags)
        if operation in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
            low, high, tree = argument
            return self._repeated(low, high, tree, flags)
        if operation is _constants.SUBPATTERN:
            return self._group(argument, flags)
        if operation is _constants.GROUPREF:
            return self._groups.get(argument, "")
        if operation is _constants.GROUPREF_EXISTS:
            chosen = argument[1] if argument[0] in self._groups else argument[2]
            return self.sequence(chosen, flags) if chosen is not None else ""
        return self.sequence(argument, flags) if operation is _constants.ATOMIC_GROUP else ""

    def _choice(self, count: int) -> int:
        self._steps += 1
        return (self._kind * self._steps) % count

    def _repeated(self, low: int, high: Any, tree: Any, flags: int) -> str:
        most = low + 3 if high is _constants.MAXREPEAT else int(high)
        count = min(most, (max(low, 1), low, low + 2, low + 1)[self._kind])
        return "".join(self.sequence(tree, flags) for _ in range(min(count, 100)))

    def _group(self, argument: Any, flags: int) -> str:
        number, added, removed, tree = argument
        text = self.sequence(tree, (flags | added) & ~removed)
        if number is not None:
            self._groups[number] = text
        return text

    def _one_of(self, operation: Any, argument: Any, flags: int) -> str:
        """Return a character that fits a set; by turns the first, the last, and one that is unlike both."""
        if operation is _constants.IN and argument[0][0] is not _constants.NEGATE:
            kind, value = argument[self._choice(len(argument))]
            if kind is _constants.LITERAL:
                return chr(value)
            if kind is _constants.RANGE:
                return chr(value[self._kind % 2])
            return _of_category(value, self._kind)
        barred = _barred(operation, argument)
        return next((letter for letter in _LETTERS[self._kind] + "bcy12" if letter not in barred), "")


def _barred(operation: Any, argument: Any) -> Sequence[str]:
    """Return the characters of ours that don't fit a set which says what is not in it."""
    if operation is _constants.ANY:
        return "\n"
    if operation is _constants.NOT_LITERAL:
        return chr(argument)
    return [letter for letter in "".join(_LETTERS) + "bcy12" if any(_holds(kind, value, letter) for kind, value in argument[1:])]


def _holds(kind: Any, value: Any, letter: str) -> bool:
    if kind is _constants.LITERAL:
        return chr(value) == letter
    if kind is _constants.RANGE:
        return bool(value[0] <= ord(letter) <= value[1])
    return re.fullmatch(_PATTERNS[value], letter) is not None


_PATTERNS = {
    _constants.CATEGORY_DIGIT: r"\d",
    _constants.CATEGORY_NOT_DIGIT: r"\D",
    _constants.CATEGORY_SPACE: r"\s",
    _constants.CATEGORY_NOT_SPACE: r"\S",
    _constants.CATEGORY_WORD: r"\w",
    _constants.CATEGORY_NOT_WORD: r"\W",
}


def _of_category(category: Any, kind: int) -> str:
    letters = _LETTERS[kind] + "".join(_LETTERS) + "\t"
    return next(letter for letter in letters if re.fullmatch(_PATTERNS[category], letter))
