"""Relations: which places the plugins of which others may change. No plugin of a compiled sheet is made for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ways.errors import HierarchyError
from ways.hierarchy import Hierarchy
from ways.plugins.lazy import LazyPlugins, Making, making_of
from ways.plugins.plugin import DataPlugin
from ways.plugins.resolve import REFERENCE

_NAME = re.compile(r"\{@([^{}]+)\}")


class Relations:
    """The places of some plugins, each with those from which it takes something: parents, and places that mappings refer to.

    There may be some too many: a ``{@name}`` may be that of a token.
    """

    def __init__(self, makings: Iterable[Making]) -> None:
        #: Each place, in the order of registration, with what it takes from.
        self.places: dict[Hierarchy, set[Hierarchy]] = {}
        self.add(makings)

    @classmethod
    def of(cls, plugins: Sequence[DataPlugin]) -> Relations:
        """Return the relations of plugins."""
        return cls(makings_of(plugins))

    def add(self, makings: Iterable[Making]) -> None:
        """Add more plugins."""
        known: dict[str, Hierarchy] = {}
        for values, place, parent, _ in makings:
            here = self.places.setdefault(_hierarchy(place, known), set())
            if parent:
                here.add(_hierarchy(parent, known))
            here.update(_references(values))

    def reached(self, starts: Iterable[Hierarchy]) -> set[Hierarchy]:
        """Return every place of which something may change where the plugins at *starts* do; these among them."""
        takers: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        known: set[tuple[str, ...]] = set()
        for place, others in self.places.items():
            for other in others:
                takers.setdefault(other, []).append(place)
            for end in (place, *others):
                # Each place takes from the one above it, also where no plugin stands there.
                at: tuple[str, ...] = end
                while at and at not in known:
                    known.add(at)
                    above = at[:-1]
                    takers.setdefault(above, []).append(at)
                    at = above
        reached: set[tuple[str, ...]] = set(starts)
        waiting = list(reached)
        while waiting:
            more = [taker for taker in takers.get(waiting.pop(), ()) if taker not in reached]
            reached.update(more)
            waiting += more
        return {place for place in self.places if place in reached}


def makings_of(plugins: Sequence[DataPlugin]) -> Iterator[Making]:
    """Yield of what each plugin is made: its keys, its place and its parent."""
    if isinstance(plugins, LazyPlugins):
        return plugins.makings()
    return map(making_of, plugins)


def _hierarchy(place: str | Hierarchy, known: dict[str, Hierarchy]) -> Hierarchy:
    if isinstance(place, Hierarchy):
        return place
    found = known.get(place)
    if found is None:
        found = known[place] = Hierarchy.of(place)
    return found


def _references(values: Mapping[str, Any]) -> Iterator[Hierarchy]:
    """Yield the places whose mappings may stand in those of a plugin."""
    details = values.get("mapping_details") or {}
    for text in (values.get("mapping") or "", *[entry.get("mapping") or "" for entry in details.values() if "mapping" in entry]):
        if REFERENCE in text:
            for name in _NAME.findall(text):
                try:
                    yield Hierarchy.of(name)
                except HierarchyError:
                    # It names no place.
                    continue
