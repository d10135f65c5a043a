"""Variants: which plugins with ``when`` take part at a place, for each set of values that an Asset may have."""

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
#: After so many plugins were left out, any other is left out too, without being tried.
_TRIED = 200
#: So many plugins can't make more variants than :data:`MAX_VARIANTS`.
FEW = MAX_VARIANTS.bit_length() - 2


class Condition(NamedTuple):
    """A plugin that takes part only for some values."""

    plugin: DataPlugin
    #: Token to the texts that it may have.
    wants: Mapping[str, frozenset[str]]

    def holds(self, value_of: Callable[[str], str]) -> bool:
        """Whether the plugin takes part for these values."""
        return all(value_of(token) in texts for token, texts in self.wants.items())


def selected(conditions: Iterable[Condition], value_of: Callable[[str], str]) -> frozenset[DataPlugin]:
    """Return the plugins that take part for some values."""
    return frozenset(condition.plugin for condition in conditions if condition.holds(value_of))


def variants_of(conditions: Sequence[Condition]) -> list[frozenset[DataPlugin]]:
    """Return each set of plugins that some values select, also the empty one; those of fewer plugins first."""
    order = {condition.plugin: number for number, condition in enumerate(conditions)}
    return sorted(_sets(conditions), key=lambda plugins: (len(plugins), sorted(order[plugin] for plugin in plugins)))


def _sets(conditions: Sequence[Condition]) -> set[frozenset[DataPlugin]]:
    """Return the same in no order.

    It starts with all plugins. For one token after the other, each set becomes one set for each value that is named, without
    the plugins that this value excludes; sets that are equal are followed once.
    """
    sets = {frozenset(condition.plugin for condition in conditions)}
    for token in dict.fromkeys(token for condition in conditions for token in condition.wants):
        excluded = _excluded(token, conditions)
        sets = {plugins - without for plugins in sets for without in excluded}
    return sets


def divided(conditions: Iterable[Condition]) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """Return the conditions that count at a place, and those that would make more than :data:`MAX_VARIANTS` variants."""
    counted: list[Condition] = []
    left_out: list[Condition] = []
    #: What was tried: as more are counted, what didn't fit doesn't fit later.
    tried: dict[frozenset[tuple[str, frozenset[str]]], bool] = {}
    for condition in conditions:
        fits = len(counted) < FEW
        if not fits and len(left_out) < _TRIED:
            wants = frozenset(condition.wants.items())
            if wants not in tried:
                tried[wants] = len(_sets([*counted, condition])) <= MAX_VARIANTS
            fits = tried[wants]
        (counted if fits else left_out).append(condition)
    return tuple(counted), tuple(left_out)


def _excluded(token: str, conditions: Sequence[Condition]) -> set[frozenset[DataPlugin]]:
    """Return the plugins that each named value of a token excludes, and those that any other value excludes."""
    asking = [condition for condition in conditions if token in condition.wants]
    named = {text for condition in asking for text in condition.wants[token]}
    excluded = {
        frozenset(condition.plugin for condition in asking if text not in condition.wants[token]) for text in named
    }
    return excluded | {frozenset(condition.plugin for condition in asking)}
