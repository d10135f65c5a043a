"""Variants: what a place is for Assets of some values, where plugins say ``when``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ways.plugins.plugin import DataPlugin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple

#: The most variants of one place.
MAX_VARIANTS = 32
#: Plugins that may be too many before the others are, without being tried.
_TRIED = 200
#: So many plugins can't make more variants than that.
FEW = MAX_VARIANTS.bit_length() - 2


class Condition(NamedTuple):
    """A plugin that takes part only for some values."""

    plugin: DataPlugin
    #: Token to the texts of which it must have one.
    wants: Mapping[str, frozenset[str]]

    def holds(self, value_of: Callable[[str], str]) -> bool:
        """Whether it takes part for these values."""
        return all(value_of(token) in texts for token, texts in self.wants.items())


def selected(conditions: Iterable[Condition], value_of: Callable[[str], str]) -> frozenset[DataPlugin]:
    """Return the plugins that take part for some values."""
    return frozenset(condition.plugin for condition in conditions if condition.holds(value_of))


def variants_of(conditions: Sequence[Condition]) -> list[frozenset[DataPlugin]]:
    """Return each set of plugins that some values select, the empty one among them; fewer conditions first.

    Token by token, the values that are named tell the plugins that still may take part; sets that are the same from
    there on are followed once.
    """
    found = {frozenset(condition.plugin for condition in conditions)}
    for token in dict.fromkeys(token for condition in conditions for token in condition.wants):
        barred = _barred(token, conditions)
        found = {still - without for still in found for without in barred}
    order = {condition.plugin: number for number, condition in enumerate(conditions)}
    return sorted(found, key=lambda plugins: (len(plugins), sorted(order[plugin] for plugin in plugins)))


def divided(conditions: Iterable[Condition]) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """Return the conditions that count at a place, and those that would make more than :data:`MAX_VARIANTS` variants."""
    kept: list[Condition] = []
    left_out: list[Condition] = []
    for condition in conditions:
        may_fit = len(left_out) < _TRIED
        fits = len(kept) < FEW or (may_fit and len(variants_of([*kept, condition])) <= MAX_VARIANTS)
        (kept if fits else left_out).append(condition)
    return tuple(kept), tuple(left_out)


def _barred(token: str, conditions: Sequence[Condition]) -> set[frozenset[DataPlugin]]:
    """Return, for each value of a token and for any other value, the plugins that it keeps out."""
    asking = [condition for condition in conditions if token in condition.wants]
    named = {text for condition in asking for text in condition.wants[token]}
    barred = {
        frozenset(condition.plugin for condition in asking if text not in condition.wants[token]) for text in named
    }
    return barred | {frozenset(condition.plugin for condition in asking)}
