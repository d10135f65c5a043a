"""Two mappings: the texts that both fit, where tokens that stand more than once have one value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ways.check.equal_values import aligned
from ways.contexts.view import ResolvedContext
from ways.check.language import Languages, Shape
from ways.regex.machine import ANYTHING, Machine, intersection, of_texts, one_of
from ways.regex.parse_tree import TooLargeError
from ways.regex.product import Product, TextSearch, all_texts, product, texts_of_part

#: Values that are tried for a repeated token, and sets of such values that are tried for two mappings.
MOST_VALUES = 3
MOST_TRIES = 40

#: The values of repeated tokens: those of the first mapping, those of the second.
Fixed = tuple[Mapping[str, str], Mapping[str, str]]


class _Open(NamedTuple):
    """A repeated token whose value isn't set yet."""

    side: int
    token: str
    #: What it may be, or a little more.
    values: Machine


class Meeting:
    """Where two mappings meet. Repeated tokens are set to one value after the other, until none is left open."""

    def __init__(self, languages: Languages, left: ResolvedContext, right: ResolvedContext) -> None:
        self._languages = languages
        self._views = (left, right)
        self._tries = 0
        #: Why nothing can be said for sure where no text was found.
        self.doubts: dict[str, None] = {}
        #: Whether no text of both was left out, so that the products hold them all.
        self.is_complete = True

    def products(self) -> Iterator[Product]:
        """Yield texts of both, repeated tokens with one value each. Where there is none, and no doubt, they are apart."""
        yield from self._products(({}, {}))

    def _leave_out(self, reason: str) -> None:
        self.doubts[reason] = None
        self.is_complete = False

    def _products(self, fixed: Fixed) -> Iterator[Product]:
        self._tries += 1
        if self._tries > MOST_TRIES:
            self._leave_out("a token stands more than once, and no value was found that fits each time")
            return
        lefts, rights = (self._languages.shapes(view, values) for view, values in zip(self._views, fixed))
        for left in lefts:
            for right in rights:
                yield from self._of_shapes((left, right), fixed)

    def _of_shapes(self, shapes: tuple[Shape, Shape], fixed: Fixed) -> Iterator[Product]:
        try:
            found: Product | None = product(shapes[0].machine, shapes[1].machine)
            if found is None or found.is_empty:
                return
            found = aligned(found, (shapes[0].places, shapes[1].places)) if shapes[0].repeats or shapes[1].repeats else found
            tokens = None if found is None else self._open(found, shapes, fixed)
        except TooLargeError:
            self._leave_out("together they have too many states")
            return
        if found is None or tokens is None:
            return
        if tokens:
            yield from self._tried(tokens, fixed)
            return
        self.doubts.update(dict.fromkeys(doubt for shape in shapes for doubt in shape.doubts))
        yield found

    def _tried(self, tokens: list[_Open], fixed: Fixed) -> Iterator[Product]:
        """Yield what there is for each value of one of these: of one with few values, if there is such."""
        told = [(token, product(token.values, ANYTHING)) for token in tokens]
        known = ((token, values, all_texts(values, MOST_VALUES)) for token, values in told)
        token, values, texts = next((one for one in known if one[2] is not None), (*told[0], None))
        if texts is None:
            self._leave_out(f"{token.token} stands more than once, and not every value of it can be tried")
            texts = [text for text, _ in zip(TextSearch(values, visits=MOST_VALUES, spread=MOST_VALUES), range(MOST_VALUES))]
        for text in texts:
            left, right = ({**values, token.token: text} if side == token.side else values for side, values in enumerate(fixed))
            yield from self._products((left, right))

    def _open(self, found: Product, shapes: tuple[Shape, Shape], fixed: Fixed) -> list[_Open] | None:
        """Return the repeated tokens that have no value yet; ``None`` where one can't have the same value each time."""
        result = []
        for side, shape in enumerate(shapes):
            for token, places in shape.repeats.items():
                if token in fixed[side]:
                    continue
                values = self._values(found, side, token, places)
                if values.is_empty:
                    return None
                result.append(_Open(side, token, values))
        return result

    def _values(self, found: Product, side: int, token: str, places: tuple[int, ...]) -> Machine:
        template = self._views[side].template
        language = self._languages.of_token(template.spec(token), template.separators)
        values = language.machine
        for place in places:
            there = texts_of_part(found, side, place)
            if language.machine.fits(""):
                # Where it is empty, no character tells that it is there.
                there = one_of((there, of_texts([""])))
            values = intersection(values, there)
        return values
