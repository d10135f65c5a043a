"""Words of automata: the shortest one, one with a given character, one that two have in common, and samples."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from ways.regex.charset import CharSet, common, literal, shown
from ways.regex.glushkov import Positions

#: Samples are no longer than these, where a shorter one can be had.
_LONG = 8
#: So many steps of a search, and it has no answer.
_BUDGET = 100_000
_START = -1

State = TypeVar("State", bound=Hashable)


class TooMuch(Exception):
    """A search that would take too long."""


def shortest(machine: Positions) -> str | None:
    """Return a shortest word, or ``None`` where there is none at all."""
    return _found(_START, lambda place: _next(machine, place), lambda place: _is_end(machine, place))


def word_with(machine: Positions, letter: str) -> str | None:
    """Return a shortest word that has a character in it, or ``None`` where none has.

    :raises TooMuch: that can't be told in reasonable time.
    """
    wanted = literal(letter)

    def steps(state: tuple[int, bool]) -> Iterator[tuple[tuple[int, bool], CharSet]]:
        for place, letters in _next(machine, state[0]):
            yield (place, state[1]), letters
            if not state[1] and (shared := common(letters, wanted)):
                yield (place, True), shared

    return _found((_START, False), steps, lambda state: state[1] and _is_end(machine, state[0]))


def common_word(left: Positions, right: Positions) -> str | None:
    """Return a shortest word of both, or ``None`` where they have none in common.

    :raises TooMuch: that can't be told in reasonable time.
    """

    def steps(state: tuple[int, int]) -> Iterator[tuple[tuple[int, int], CharSet]]:
        for one, letters in _next(left, state[0]):
            for other, more in _next(right, state[1]):
                if shared := common(letters, more):
                    yield (one, other), shared

    return _found((_START, _START), steps, lambda state: _is_end(left, state[0]) and _is_end(right, state[1]))


class _Walk(NamedTuple):
    """A walk through an automaton that likes some characters, and knows its way out."""

    machine: Positions
    liked: str
    chooser: random.Random
    #: The number of characters to the nearest end, by place.
    distance: dict[int, int]

    def word(self) -> str:
        """Return a word; the machine has one."""
        place, text = _START, ""
        while True:
            ahead = [(other, letters) for other, letters in _next(self.machine, place) if other in self.distance]
            may_end = _is_end(self.machine, place)
            if not ahead or (may_end and (len(text) >= _LONG or self.chooser.random() < 0.3)):
                return text
            if len(text) >= _LONG:
                ahead = [min(ahead, key=lambda step: self.distance[step[0]])]
            place, letters = self.chooser.choice(ahead)
            text += self.letter(letters)

    def letter(self, letters: CharSet) -> str:
        """Return one of *letters*; in every second case one that is liked, where there is one."""
        liked = [letter for letter in self.liked if letter in letters]
        if liked and self.chooser.random() < 0.5:
            return self.chooser.choice(liked)
        plain = [letter for letter in "abmz019AZ_" if letter in letters]
        return self.chooser.choice(plain) if plain else shown(letters, 1)[0]


def samples(machine: Positions, liked: str, count: int) -> list[str]:
    """Return up to *count* words, the same ones each time; with many of the characters that are liked."""
    distance = _distances(machine)
    if not any(place in distance for place in machine.first):
        return [""] if machine.is_nullable else []
    walk = _Walk(machine, liked, random.Random(count), distance)
    return list(dict.fromkeys(walk.word() for _ in range(count)))


def _distances(machine: Positions) -> dict[int, int]:
    """Return how many characters it takes from each place to an end, for those from which there is one."""
    before: dict[int, list[int]] = {}
    for place, following in enumerate(machine.follow):
        for other in following:
            before.setdefault(other, []).append(place)
    distance = dict.fromkeys(machine.last, 0)
    waiting = list(machine.last)
    for place in waiting:
        for other in before.get(place, ()):
            if other not in distance:
                distance[other] = distance[place] + 1
                waiting.append(other)
    return distance


def _next(machine: Positions, place: int) -> Iterator[tuple[int, CharSet]]:
    following: Iterable[int] = machine.first if place == _START else machine.follow[place]
    return ((other, machine.letters[other]) for other in following)


def _is_end(machine: Positions, place: int) -> bool:
    return machine.is_nullable if place == _START else place in machine.last


def _found(
    start: State, steps: Callable[[State], Iterable[tuple[State, CharSet]]], is_end: Callable[[State], bool]
) -> str | None:
    """Return the text along a shortest way to an end."""
    came: dict[Any, tuple[Any, CharSet] | None] = {start: None}
    waiting: list[State] = [start]
    for state in waiting:
        if is_end(state):
            return _text(state, came)
        if len(came) > _BUDGET:
            raise TooMuch
        for other, letters in steps(state):
            if other not in came:
                came[other] = (state, letters)
                waiting.append(other)
    return None


def _text(state: Any, came: dict[Any, tuple[Any, CharSet] | None]) -> str:
    letters = []
    while (step := came[state]) is not None:
        state, found = step
        letters.append(shown(found, 1)[0])
    return "".join(reversed(letters))
