"""Checks of plugins among each other: hierarchies, parents that don't exist, circles, and platforms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ways.check.findings import Finding, Related
from ways.check.scope import CheckScope, other_case
from ways.contexts.state import RegistryView
from ways.errors import HierarchyError, MappingLimitError, RelativeCycleError, WaysError
from ways.hierarchy import Hierarchy
from ways.plugins.plugin import DataPlugin
from ways.plugins.relative import ROOT, Circles, uses_number
from ways.sheets.document import Source


def check_hierarchies(scope: CheckScope) -> Iterator[Finding]:
    """Yield each hierarchy that no Context can have."""
    for plugin in scope.plugins:
        own = Hierarchy.of(plugin.info.get("hierarchy") or plugin.hierarchy)
        if not plugin.hierarchy:
            message = "the hierarchy is empty, so that no Context can be asked for"
            yield Finding("illegal-hierarchy", "error", plugin.source_of("hierarchy"), message, "Name a place, such as job/shot.")
            continue
        if "\\" in own.text:
            # Among the problems of the load.
            continue
        # What a relative plugin takes over from its parent is reported at the parent; {root} without one by another check.
        parts = [part.replace(ROOT, "root") for part in own]
        try:
            Hierarchy(parts).check()
        except HierarchyError as error:
            message = f"the h{str(error).rstrip('.')[5:]}"
            yield Finding("illegal-hierarchy", "error", plugin.source_of("hierarchy"), message)


def check_uuids(scope: CheckScope) -> Iterator[Finding]:
    """Yield each uuid that plugins of one name have at different places: those of other names are refused at the load."""
    first: dict[str, DataPlugin] = {}
    for plugin in scope.records:
        other = first.setdefault(plugin.uuid, plugin) if plugin.uuid else plugin
        places, others = ({copy.hierarchy for copy in scope.copies[id(each.record or each)]} for each in (plugin, other))
        if other is not plugin and places != others:
            message = f"the plugin {plugin.name!r} has the uuid {plugin.uuid!r} of a plugin of that name at another place"
            related = (Related(other.source_of("uuid"), f"the uuid of {other.name!r} at {other.hierarchy.text!r}"),)
            help = "Give each plugin a uuid of its own."
            yield Finding("duplicate-uuid", "warning", plugin.source_of("uuid"), message, help, related)


def check_parents(scope: CheckScope) -> Iterator[Finding]:
    """Yield each parent that doesn't exist, and each circle of plugins that use each other."""
    existing = scope.existing_places | {plugin.hierarchy for plugin in scope.plugins if not plugin.is_self_append}
    reported: set[frozenset[Source]] = set()
    circles = Circles(scope.plugins, {plugin.hierarchy for plugin in scope.plugins})
    #: The circles that were looked at, by id.
    seen: set[int] = set()
    for plugin in scope.plugins:
        # If another plugin would make the parent, but its own parent doesn't exist, that other plugin is reported.
        if plugin.parent is None or scope.state.snapshot.resolve_alias(plugin.parent) in existing:
            continue
        circle = circles.of(plugin)
        if not circle:
            parent = plugin.parent.text
            close = scope.did_you_mean(parent, scope.place_names)
            message = f"the plugin {plugin.name!r} uses {parent!r}, a place that has no plugin"
            yield Finding("unknown-parent", "error", parent_source(plugin), message, close or "Add that place, or name another.")
        elif id(circle) not in seen:
            seen.add(id(circle))
            members = frozenset(other.source for other in circle)
            if members in reported:
                continue
            reported.add(members)
            message = f"relative plugins use each other in a circle: {' -> '.join(repr(other.name) for other in circle)}"
            related = tuple(Related(parent_source(other), f"{other.name!r} uses this") for other in circle[1:-1])
            yield Finding("circle", "error", parent_source(circle[0]), message, "Let one of them stand by itself.", related)


def parent_source(plugin: DataPlugin) -> Source:
    """Return where the parent of a relative plugin is written."""
    index = uses_number(plugin)
    return plugin.source_of("uses") if index is None else plugin.source_of("uses", index)


def check_resolving(scope: CheckScope) -> Iterator[Finding]:
    """Yield each relative plugin whose parent has no mapping on some platform, or whose mapping contains itself there."""
    lacking: dict[DataPlugin, dict[str, None]] = {}
    resolved: set[tuple[DataPlugin, str]] = set()
    circles: dict[frozenset[str], Finding] = {}
    for state in scope.states:
        for plugin, error in _resolved_relatives(scope, state):
            if error is None:
                resolved.add((plugin, state.settings.platform))
            elif isinstance(error, MappingLimitError):
                # Mappings made of one that is too large are too large as well: only the first is reported.
                circles.setdefault(frozenset([error.name]), Finding("limit", "error", plugin.source_of("mapping"), str(error)))
            elif isinstance(error, RelativeCycleError):
                message = f"mappings refer to each other in a circle: {' -> '.join(error.chain)}"
                finding = Finding("circle", "error", parent_source(plugin), message, "Let one of them stand by itself.")
                circles.setdefault(frozenset(error.chain), finding)
            else:
                lacking.setdefault(plugin, {})[state.settings.platform] = None
    yield from circles.values()
    for plugin, names in lacking.items():
        # One order of layers that gives the parent a mapping is enough.
        if platforms := [name for name in names if (plugin, name) not in resolved]:
            yield _lacking(scope, plugin, platforms)


def _resolved_relatives(scope: CheckScope, state: RegistryView) -> Iterator[tuple[DataPlugin, WaysError | None]]:
    """Yield each relative plugin with the error why its place has no mapping, or ``None`` if it has one."""
    resolver = state.resolver("", None)
    for place in scope.places_in(state):
        for plugin in resolver.plugins_at(place):
            if plugin.parent is None or not plugin.mapping or plugin.is_self_append or plugin.parent not in scope.existing_places:
                continue
            try:
                resolver.mapping_parts(place)
                yield plugin, None
            except (RelativeCycleError, MappingLimitError) as error:
                yield plugin, error
            except WaysError as error:
                # If the parent is relative too, the parent is reported.
                if not any(other.mapping for other in resolver.plugins_at(plugin.parent)):
                    yield plugin, error


def _lacking(scope: CheckScope, plugin: DataPlugin, platforms: Sequence[str]) -> Finding:
    parent = plugin.parent.text if plugin.parent is not None else ""
    everywhere = set(platforms) >= {name for name in scope.platforms if plugin.takes_part(name)}
    where = "any platform" if everywhere else ", ".join(platforms)
    message = f"the plugin {plugin.name!r} has no mapping on {where}: its parent {parent!r} has none there"
    help = "Give the parent a mapping there, or name the plugin's own platforms."
    if everywhere and (other_place := scope.in_other_case(parent)):
        help = f"Did you mean {other_place!r}?{other_case(parent, other_place)}"
    related = tuple(
        Related(other.source_of("mapping"), f"the mapping of {parent!r} on {', '.join(sorted(other.platforms or ['every platform']))}")
        for other in scope.plugins
        if other.hierarchy == plugin.parent and other.mapping and not everywhere
    )
    return Finding("unresolved-parent", "error" if everywhere else "warning", parent_source(plugin), message, help, related)


def check_platforms(scope: CheckScope) -> Iterator[Finding]:
    """Yield each name of a platform that isn't known. A plugin for such platforms alone never takes part."""
    known = {name.lower(): name for name in scope.settings.platforms}
    for plugin in scope.records:
        for name in sorted(plugin.platforms or ()):
            if name in known:
                continue
            message = f"there is no platform {name!r}: the platforms are {', '.join(sorted(known.values()))}"
            close = scope.nearest(name, known)
            help = f"Did you mean {known[close]!r}?" if close else "Name it in WAYS_PLATFORMS too, or leave it out."
            index = next((number for number, text in enumerate(plugin.info.get("platforms") or ()) if text == name), 0)
            yield Finding("unknown-platform", "error" if close else "warning", plugin.source_of("platforms", index), message, help)
