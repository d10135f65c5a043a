"""Checks of how a plugin names its parent: ``{root}`` without one, and a place inside itself."""

from __future__ import annotations

from collections.abc import Iterator

from ways.check.findings import Finding
from ways.check.scope import CheckScope, written_mappings
from ways.hierarchy import Hierarchy
from ways.plugins.plugin import DataPlugin
from ways.plugins.relative import ROOT
from ways.sheets.document import Source


def check_roots(scope: CheckScope) -> Iterator[Finding]:
    """Yield each ``{root}`` that no parent stands for."""
    for plugin in scope.records:
        if ROOT in str(plugin.info.get("hierarchy") or "") and not plugin.uses:
            source = scope.exact(plugin.source_of("hierarchy"), ROOT)
            message = f"the hierarchy of {plugin.name!r} has {ROOT}, but the plugin uses no parent that it could stand for"
            yield Finding("root-without-uses", "error", source, message, "Name the parent: uses: [PLACE].")
            continue
        for keys, mapping in written_mappings(plugin):
            # A plugin's own mapping is the only one in which the parent's is put.
            if ROOT not in mapping or (plugin.uses and keys == ("mapping",)) or _has_details_of_root(scope, plugin):
                continue
            source = scope.exact(plugin.source_of(*keys), ROOT)
            if keys == ("mapping",):
                message = f"the mapping of {plugin.name!r} has {ROOT}, but the plugin uses no parent: it is a token named 'root'"
                yield Finding("root-without-uses", "error", source, message, _how_to_use(scope, plugin))
            else:
                message = f"the mapping of the token {keys[1]!r} has {ROOT}, which is no parent's there, but a token named 'root'"
                help = f"Write {ROOT} in the mapping of the plugin, or another token here."
                yield Finding("root-without-uses", "error", source, message, help)


def _has_details_of_root(scope: CheckScope, plugin: DataPlugin) -> bool:
    """Whether the author describes a token of this name, and so means it."""
    name = ROOT.strip("{}")
    return any(name in scope.resolver_of_all.at(copy.hierarchy).mapping_details for copy in scope.copies[id(plugin.record or plugin)])


def _how_to_use(scope: CheckScope, plugin: DataPlugin) -> str:
    *above, last = plugin.hierarchy or ("",)
    if above and Hierarchy(above) in scope.existing_places:
        return f"To build on {'/'.join(above)!r}: hierarchy: '{ROOT}/{last}' and uses: [{'/'.join(above)}]."
    return f"Name the parent, uses: [PLACE], with a hierarchy such as '{ROOT}/{last}'; or give the token 'root' details."


def check_doubled_places(scope: CheckScope) -> Iterator[Finding]:
    """Yield each relative plugin whose hierarchy begins with that of its parent, so that it stands at it twice."""
    used = {plugin.parent for plugin in scope.plugins if plugin.parent is not None}
    reported: set[Source] = set()
    for plugin in scope.plugins:
        own = str(plugin.info.get("hierarchy") or "")
        if plugin.parent is None or ROOT in own:
            continue
        parts, depth = Hierarchy.of(own), len(plugin.parent)
        # Whoever uses the place by its doubled name means it.
        if len(parts) <= depth or parts[:depth] != plugin.parent or any(place.starts_with(plugin.hierarchy) for place in used):
            continue
        source = plugin.source_of("hierarchy")
        if source not in reported:
            reported.add(source)
            parent = plugin.parent.text
            message = f"the hierarchy {own!r} is added to the parent {parent!r}, which makes {plugin.hierarchy.text!r}"
            help = f"Write '{ROOT}/{'/'.join(parts[depth:])}' for {own!r}."
            yield Finding("doubled-place", "warning", scope.exact(source, own), message, help)
