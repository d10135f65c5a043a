"""Which places may differ between two sets of compiled sheets: those that what differs in the sheets can reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ways.compare.records import ComparedSheets
from ways.hierarchy import Hierarchy
from ways.plugins.lazy import LayeredSheet, LazyPlugins, Making
from ways.plugins.relations import Relations

#: What the plugins of each place say, with their parents and layers, in the order of registration.
_Contents = dict[Hierarchy, list[tuple[str, str, str]]]


def changed_places(old: ComparedSheets, new: ComparedSheets) -> set[Hierarchy] | None:
    """Return every place of which a Context may differ, and perhaps others; ``None`` where only asking all of them tells.

    Sheets of one content in one layer say the same. In the others, plugins are compared place by place; what changes there
    reaches the places below, those that are relative to it, and those whose mappings refer to it.
    """
    before, after = _plugins(old), _plugins(new)
    if before is None or after is None or not _are_asked_alike(old, new):
        return None
    first, last = _unlike(list(map(_name, before.parts)), list(map(_name, after.parts)))
    if first == len(before.parts) - last and first == len(after.parts) - last:
        return set()
    olds, news = (list(each.makings(slice(first, len(each.parts) - last))) for each in (before, after))
    relations = Relations.of(before)
    relations.add(news)
    return relations.reached(_changed(olds, news))


def _plugins(sheets: ComparedSheets) -> LazyPlugins | None:
    """Return the plugins of sheets if all of them come from compiled ones, and nothing else gives Contexts."""
    snapshot = sheets.pool.registry.now
    is_plain = not snapshot.aliases and not sheets.pool.forced and isinstance(snapshot.plugins, LazyPlugins)
    return snapshot.plugins if is_plain and isinstance(snapshot.plugins, LazyPlugins) else None


def _are_asked_alike(old: ComparedSheets, new: ComparedSheets) -> bool:
    return old.pool.settings.now() == new.pool.settings.now() and old.pool.limits == new.pool.limits


def _name(part: LayeredSheet) -> tuple[str, str]:
    return part.sheet.key, part.assignment


def _unlike(old: Sequence[object], new: Sequence[object]) -> tuple[int, int]:
    """Return how many items at the start are the same, and how many at the end."""
    least = min(len(old), len(new))
    first = next((index for index in range(least) if old[index] != new[index]), least)
    last = next((index for index in range(least - first) if old[-1 - index] != new[-1 - index]), least - first)
    return first, last


def _changed(old: Sequence[Making], new: Sequence[Making]) -> Iterator[Hierarchy]:
    """Yield each place that has other plugins, or the same in another order."""
    (olds, before), (news, after) = _contents(old), _contents(new)
    for place in olds.keys() | news.keys():
        if olds.get(place) != news.get(place):
            yield place
    if before != after:
        # Of too many plugins with conditions at a place, the order of all decides which ones count.
        yield from (place for place, _ in (*before, *after))


def _contents(makings: Sequence[Making]) -> tuple[_Contents, list[tuple[Hierarchy, str]]]:
    """Return what the plugins of each place say, in order; and all plugins with conditions, in order."""
    contents: _Contents = {}
    places: dict[str | Hierarchy, Hierarchy] = {}
    conditional = []
    for values, place, parent, assignment in makings:
        # As text, a number is told from another that equals it.
        said = repr(dict(values))
        here = places.get(place) or places.setdefault(place, Hierarchy.of(place))
        contents.setdefault(here, []).append((said, str(parent), assignment))
        if values.get("when"):
            conditional.append((here, said))
    return contents, conditional
