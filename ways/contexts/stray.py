"""VariantMismatch: a text that fits a variant of a place in all but the values that the variant is of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ways.contexts.context import ResolvedContext
from ways.plugins.plugin import DataPlugin


class VariantMismatch(NamedTuple):
    """A way to read a text by one variant of a place, although its values select another."""

    values: Mapping[str, str]
    view: ResolvedContext
    #: The plugins that say ``when`` and take part for these values.
    selected: frozenset[DataPlugin]

    def __str__(self) -> str:
        more, fewer = self.selected - self.view.variant, self.view.variant - self.selected
        what = f"those of {_listed(more)}" if more else f"not those of {_listed(fewer)}"
        return (
            f"It fits {self.view.get_mapping()!r}, a mapping of {self.view.hierarchy.text}, but its values are {what}, "
            "so that another mapping counts for them."
        )


def _listed(plugins: Iterable[DataPlugin]) -> str:
    return " and ".join(sorted(f"{plugin.name} ({plugin.source_of('when')})" for plugin in plugins))
