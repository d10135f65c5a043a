"""The texts that fit two mappings, where a token that stands more than once has one value."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ways.check.equal_values import with_equal_values
from ways.check.mapping_machines import MappingMachine, MappingMachines
from ways.contexts.view import ResolvedContext
from ways.regex.machine import ANYTHING, Machine, of_texts, one_of
from ways.regex.parse_tree import TooLargeError
from ways.regex.product import Product, Steps, TextSearch, all_texts, intersection, may_have_lead, product, texts_of_part

#: Values that are tried for a repeated token, and sets of such values that are tried for two mappings.
MOST_VALUES = 3
MOST_TRIES = 40

#: The values of repeated tokens: those of the first mapping, those of the second.
Fixed = tuple[Mapping[str, str], Mapping[str, str]]


class _UnsetToken(NamedTuple):
    """A repeated token whose value isn't set yet."""

    #: 0 for a token of the first mapping, 1 for one of the second.
    side: int
    token: str
    #: The values that it may have; more may fit.
    values: Machine


class IntersectionSearch:
    """Searches for texts that fit two mappings. Repeated tokens are set to one value after the other, until all are set."""

    def __init__(self, machines: MappingMachines, left: ResolvedContext, right: ResolvedContext) -> None:
        self._machines = machines
        self._views = (left, right)
        self._tries = 0
        #: Why texts may exist although none was found.
        self.doubts: dict[str, None] = {}
        #: Whether the products hold all texts that fit both.
        self.is_complete = True
        #: The machines of both in which no repeated token is set; and the texts of two of them, by their numbers.
        self._machines_unset = tuple(machines.of_mapping(view, {}) for view in self._views)
        self._unset: dict[tuple[int, int], Product | None] = {}

    def may_have_one_rank(self) -> bool:
        """Whether some text may have the same rank in both mappings; False if it is proved that none has.

        All that is looked at is before repeated tokens are set: setting them leaves fewer texts, with the same ranks.
        """
        lefts, rights = self._machines_unset
        try:
            commons = [self._common((left, right), ({}, {})) for left in lefts for right in rights]
        except TooLargeError:
            return True
        return any(common is not None and may_have_lead(common, 0, self._machines.steps) for common in commons)

    def products(self, fixed: Fixed = ({}, {})) -> Iterator[Product]:
        """Yield the texts of both in products. If there is none, and no doubt, no text fits both.

        :param fixed: the values of the repeated tokens that are set.
        """
        self._tries += 1
        if self._tries > MOST_TRIES:
            self._leave_out("a token occurs more than once, and no value was found that fits each time")
            return
        lefts, rights = (
            self._machines.of_mapping(view, values) if values else unset
            for view, values, unset in zip(self._views, fixed, self._machines_unset)
        )
        for left in lefts:
            for right in rights:
                yield from self._products_of((left, right), fixed)

    def _leave_out(self, reason: str) -> None:
        self.doubts[reason] = None
        self.is_complete = False

    def _products_of(self, machines: tuple[MappingMachine, MappingMachine], fixed: Fixed) -> Iterator[Product]:
        left, right = machines
        try:
            common = self._common(machines, fixed)
            if common is None:
                return
            tokens = self._unset_tokens(common, machines, fixed)
        except TooLargeError:
            self._leave_out("together they have too many states")
            return
        if tokens:
            yield from self._products_by_value(tokens, fixed)
        elif tokens is not None:
            self.doubts.update(dict.fromkeys((*left.doubts, *right.doubts)))
            yield common

    def _common(self, machines: tuple[MappingMachine, MappingMachine], fixed: Fixed) -> Product | None:
        """Return the texts of both machines; ``None`` if there can be none.

        :raises TooLargeError: together they have too many states.
        """
        if any(fixed):
            return _common_texts(*machines, self._machines.steps)
        left, right = machines
        key = (id(left), id(right))
        if key not in self._unset:
            self._unset[key] = _common_texts(left, right, self._machines.steps)
        return self._unset[key]

    def _products_by_value(self, tokens: list[_UnsetToken], fixed: Fixed) -> Iterator[Product]:
        """Yield the products for each value of one of *tokens*: of one with few values, if there is such a token."""
        try:
            values_of = [(token, product(token.values, ANYTHING, steps=self._machines.steps)) for token in tokens]
        except TooLargeError:
            self._leave_out("together they have too many states")
            return
        with_texts = ((token, values, all_texts(values, MOST_VALUES)) for token, values in values_of)
        token, values, texts = next((one for one in with_texts if one[2] is not None), (*values_of[0], None))
        if texts is None:
            self._leave_out(f"{token.token} occurs more than once, and not all of its values can be tried")
            search = TextSearch(values, visits=MOST_VALUES, spread=MOST_VALUES, steps=self._machines.steps)
            texts = list(itertools.islice(search, MOST_VALUES))
        for text in texts:
            left, right = ({**values, token.token: text} if side == token.side else values for side, values in enumerate(fixed))
            yield from self.products((left, right))

    def _unset_tokens(
        self, common: Product, machines: tuple[MappingMachine, MappingMachine], fixed: Fixed
    ) -> list[_UnsetToken] | None:
        """Return the repeated tokens without a value; ``None`` if one of them can't have the same value each time."""
        tokens = []
        for side, machine in enumerate(machines):
            for token, parts in machine.repeats.items():
                if token in fixed[side]:
                    continue
                template = self._views[side].template
                language = self._machines.of_token(template.spec(token), template.separators)
                values = language.machine
                for part in parts:
                    self._machines.steps.take(len(common.edges))
                    texts = texts_of_part(common, side, part)
                    if language.machine.fits(""):
                        # An empty value has no character that would belong to the part.
                        texts = one_of((texts, of_texts([""])))
                    values = intersection(values, texts, self._machines.steps)
                if values.is_empty:
                    return None
                tokens.append(_UnsetToken(side, token, values))
        return tokens


def _common_texts(left: MappingMachine, right: MappingMachine, steps: Steps) -> Product | None:
    both = product(left.machine, right.machine, steps=steps)
    if both.is_empty or not (left.repeats or right.repeats):
        return None if both.is_empty else both
    common = with_equal_values(both, (left.leaves, right.leaves), steps)
    return None if common is None or common.is_empty else common
