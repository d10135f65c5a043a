"""Texts that most likely fit an expression, made by walking its parse tree.

What an expression looks at around a text is passed over, so a caller has to ask whether a text fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any, Protocol

from ways.regex.charset import CharSet, of_operation, shown
from ways.regex.parse_tree import REPEATS, UNREADABLE, ParsedExpression, flags_within, ops, parse

#: The number of a sample of each kind -> the characters it takes where it has a choice.
_LETTERS = ("a0_-", "Zé9 ", "ß٣x.", "日A5%")
#: How many kinds of samples there are.
KINDS = len(_LETTERS)
#: Characters of a sample at most.
LONGEST = 400
#: Operations that are gone through for one sample at most: what takes no characters may be repeated again and again.
_MOST_STEPS = 10_000
#: A sample by chance gets no longer than this where the expression allows it.
_LONG = 8


def samples_of_each_kind(parsed: ParsedExpression) -> Iterator[str]:
    """Yield texts of different kinds that most likely fit, and two that most likely don't; the same ones each time."""
    texts = [_SampleWriter(_TakeByKind(kind)).sample(parsed) for kind in range(KINDS)]
    for kind, text in enumerate(texts):
        if len(text) <= LONGEST:
            yield text
            if kind == 0:
                yield f"{text}\n" if text else "x"
    # Digits of another script, which \d takes and [0-9] doesn't; an empty text where there is no digit.
    yield re.sub("[0-9]", "٤", texts[0], count=2) if re.search("[0-9]", texts[0]) else ""


def samples_with(expression: str, preferred: str, count: int) -> list[str]:
    """Return up to *count* texts that most likely fit, with many of the *preferred* characters; the same ones each time.

    The list is empty if *expression* can't be read.
    """
    try:
        parsed = parse(expression)
        writer = _SampleWriter(_TakeByChance(preferred, Random(count)))
        return list(dict.fromkeys(writer.sample(parsed) for _ in range(count)))
    except UNREADABLE:
        return []


class _Taking(Protocol):
    """Decides what a sample takes where its expression leaves a choice."""

    def one_of(self, count: int) -> int:
        """Return the number of an alternative, from 0."""

    def times(self, least: int, most: float) -> int:
        """Return how often something is repeated."""

    def letter(self, letters: CharSet) -> str:
        """Return one of *letters*, which are not empty."""


class _TakeByKind:
    """Takes other alternatives, numbers and characters for each kind of sample."""

    def __init__(self, kind: int) -> None:
        self._kind = kind
        self._steps = 0

    def one_of(self, count: int) -> int:
        self._steps += 1
        return (self._kind * self._steps) % count

    def times(self, least: int, most: float) -> int:
        return int(min(most, least + 3, (max(least, 1), least, least + 2, least + 1)[self._kind]))

    def letter(self, letters: CharSet) -> str:
        first = next((letter for letter in _LETTERS[self._kind] if letter in letters), None)
        if first is not None:
            return first
        others = shown(letters, KINDS)
        return others[self._kind % len(others)]


class _TakeByChance:
    """Takes by chance: short repeats, and in every second case a preferred character, if there is one."""

    def __init__(self, preferred: str, chooser: Random) -> None:
        self._preferred = preferred
        self._chooser = chooser

    def one_of(self, count: int) -> int:
        return self._chooser.randrange(count)

    def times(self, least: int, most: float) -> int:
        count = least
        while count < min(most, max(least, _LONG)) and self._chooser.random() < 0.7:
            count += 1
        return count

    def letter(self, letters: CharSet) -> str:
        preferred = [letter for letter in self._preferred if letter in letters]
        if preferred and self._chooser.random() < 0.5:
            return self._chooser.choice(preferred)
        plain = [letter for letter in "abmz019AZ_" if letter in letters]
        return self._chooser.choice(plain) if plain else shown(letters, 1)[0]


class _SampleWriter:
    """Writes samples of one expression."""

    def __init__(self, taking: _Taking) -> None:
        self._taking = taking
        self._groups: dict[int, str] = {}
        self._steps = 0

    def sample(self, parsed: ParsedExpression) -> str:
        self._steps = 0
        return self.sequence(parsed.operations, parsed.flags)

    def sequence(self, operations: Any, flags: int) -> str:
        text = ""
        for operation, argument in operations:
            self._steps += 1
            if len(text) > LONGEST or self._steps > _MOST_STEPS:
                return text
            text += self._item(operation, argument, flags)
        return text

    def _item(self, operation: Any, argument: Any, flags: int) -> str:
        if operation is ops.LITERAL:
            return chr(argument)
        letters = of_operation(operation, argument, flags)
        if letters is not None:
            return self._taking.letter(letters) if letters else ""
        if operation is ops.BRANCH:
            return self.sequence(argument[1][self._taking.one_of(len(argument[1]))], flags)
        if operation in REPEATS:
            least, most, inner = argument
            times = self._taking.times(least, float("inf") if most is ops.MAXREPEAT else most)
            return "".join(self.sequence(inner, flags) for _ in range(min(times, 100)))
        if operation is ops.SUBPATTERN:
            number, _, _, inner = argument
            text = self.sequence(inner, flags_within(flags, argument))
            if number is not None:
                self._groups[number] = text
            return text
        if operation is ops.GROUPREF:
            return self._groups.get(argument, "")
        if operation is ops.GROUPREF_EXISTS:
            chosen = argument[1] if argument[0] in self._groups else argument[2]
            return self.sequence(chosen, flags) if chosen is not None else ""
        return self.sequence(argument, flags) if operation is ops.ATOMIC_GROUP else ""
