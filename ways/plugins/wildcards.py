"""``*`` in ``uses``: a copy of a relative plugin for each place that fits, made again when a plugin is added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy

from ways.hierarchy import Hierarchy
from ways.limits import DEFAULT_LIMITS, MAX_HIERARCHY
from ways.plugins.plugin import DataPlugin
from ways.plugins.relative import ANY, below, is_wildcard, parts_of
from ways.sheets.document import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Copies that all wildcards together make, at most.
MOST_COPIES = DEFAULT_LIMITS.plugins


class WildcardCopies:
    """Makes the copies; the same copy each time, as long as its place is there."""

    def __init__(self) -> None:
        self._copies: dict[tuple[DataPlugin, Hierarchy], DataPlugin] = {}

    def expanded(self, registered: Sequence[DataPlugin]) -> tuple[list[DataPlugin], tuple[Problem, ...]]:
        """Return plugins with the copies of each that stands for some in its place, and what is wrong with these.

        The places are those of plugins that name theirs: a copy makes no place for another.
        """
        tree = _tree(plugin.hierarchy for plugin in registered if not plugin.wildcard)
        expanded: list[DataPlugin] = []
        problems: list[Problem] = []
        copies: dict[tuple[DataPlugin, Hierarchy], DataPlugin] = {}
        #: The parents of each record so far: a place is used once, however often it fits.
        taken: dict[tuple[object, ...], set[Hierarchy]] = {}
        for plugin in registered:
            if not plugin.wildcard:
                expanded.append(plugin)
                continue
            record = (plugin.source, plugin.name, plugin.assignment)
            used = taken.setdefault(record, {Hierarchy.of(text) for text in plugin.uses if not is_wildcard(text)})
            is_found = False
            for parent in _matching(tree, parts_of(plugin.wildcard)):
                is_found = True
                place = below(parent, plugin.info["hierarchy"])
                if parent in used or len(place) > MAX_HIERARCHY:
                    continue
                if len(copies) >= MOST_COPIES:
                    message = f"{plugin.wildcard!r} in 'uses', with those before it, makes over {MOST_COPIES} plugins; the rest is left out"
                    problems.append(_problem(plugin, message, "limit"))
                    break
                used.add(parent)
                key = (plugin, parent)
                copies[key] = self._copies.get(key) or _copy(plugin, place, parent)
                expanded.append(copies[key])
            if not is_found:
                message = f"{plugin.wildcard!r} in 'uses' matches no place, so the plugin {str(plugin.name)!r} adds nothing for it"
                problems.append(_problem(plugin, message, "unmatched-uses"))
        self._copies = copies
        return expanded, tuple(problems)


def _copy(plugin: DataPlugin, place: Hierarchy, parent: Hierarchy) -> DataPlugin:
    made = copy(plugin)
    made.hierarchy, made.parent, made.wildcard, made.author = place, parent, "", None
    return made


def _problem(plugin: DataPlugin, message: str, code: str) -> Problem:
    source = plugin.source_of("uses", plugin.uses.index(plugin.wildcard))
    return Problem(source, message, "warning", code, "a place that fits", repr(plugin.wildcard))


def _tree(places: Iterable[Hierarchy]) -> dict[Any, Any]:
    """Return places by their parts, one inside the next; under ``None`` stands the place that ends there."""
    tree: dict[Any, Any] = {}
    for place in places:
        node = tree
        for part in place:
            node = node.setdefault(part, {})
        node[None] = place
    return tree


def _matching(tree: dict[Any, Any], parts: Sequence[str]) -> Iterator[Hierarchy]:
    """Yield the places that fit; only the branches that may fit are looked at."""
    if not parts:
        if None in tree:
            yield tree[None]
        return
    part = parts[0]
    names = [name for name in tree if name is not None] if part == ANY else Hierarchy.of(part)
    for name in names:
        if name in tree:
            yield from _matching(tree[name], parts[1:])
