"""Checks of how a plugin joins its parent: ``{root}`` without one, a place inside itself, and separators that meet."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ways.check.findings import Finding, Related
from ways.check.scope import CheckScope, written_mappings
from ways.contexts.view import ResolvedContext
from ways.hierarchy import Hierarchy
from ways.plugins.plugin import DataPlugin
from ways.plugins.relative import ROOT
from ways.plugins.resolve import MappingPart
from ways.sheets.document import Source

#: Two separators or more that follow one another.
_SEPARATORS = re.compile(r"[/\\]{2,}")
#: What an address begins with: ``s3://``. A drive letter is none.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


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
            message = f"the hierarchy {own!r} is added to that of the parent {parent!r}, so the plugin stands at {plugin.hierarchy.text!r}"
            help = f"Write '{ROOT}/{'/'.join(parts[depth:])}' for {own!r}."
            yield Finding("doubled-place", "warning", scope.exact(source, own), message, help)


def check_doubled_separators(scope: CheckScope) -> Iterator[Finding]:
    """Yield each two separators that follow one another in a mapping: one ends the parent's, and one begins what is added."""
    reported: set[Source] = set()
    for view, _ in scope.templates:
        if not isinstance(view.mapping, str) or not _SEPARATORS.search(view.mapping):
            continue
        for finding in _doubled(scope, view):
            if finding.source not in reported:
                reported.add(finding.source)
                yield finding


def _doubled(scope: CheckScope, view: ResolvedContext) -> Iterator[Finding]:
    parts = view.provenance.mapping_parts or ()
    text = "".join(part.text for part in parts)
    begun = _ADDRESS.match(text)
    for match in _SEPARATORS.finditer(text, begun.end() if begun else 0):
        first, start = _part_at(parts, match.start())
        last, _ = _part_at(parts, match.end() - 1)
        # A network share begins with two, if its author wrote them so. Other texts than paths may have them anywhere.
        if first is last and (match.start() == 0 or not view.resolved.path):
            continue
        source = scope.exact(first.plugin.source_of("mapping"), first.plugin.mapping, _place_in(first, start))
        where = f"the mapping of {view.hierarchy.text!r} has {match[0]!r}"
        if first is last:
            message = f"{where}, so a path with one separator there doesn't fit it"
            yield Finding("doubled-separator", "warning", source, message, "Write one separator.")
        else:
            message = f"{where}: {first.plugin.mapping!r} ends with a separator, and what is added to it begins with one"
            help = "Leave out the separator at the end, or the one that follows {root}."
            related = (Related(last.plugin.source_of("mapping"), f"added here: {last.plugin.mapping}"),)
            yield Finding("doubled-separator", "warning", source, message, help, related)


def _part_at(parts: tuple[MappingPart, ...], place: int) -> tuple[MappingPart, int]:
    """Return the part of a mapping with the character at *place*, and which character of the part it is."""
    for part in parts:
        if place < len(part.text):
            return part, place
        place -= len(part.text)
    raise IndexError(place)


def _place_in(part: MappingPart, place: int) -> int:
    """Return which character of its plugin's whole mapping a character of a part is."""
    return max(0, part.plugin.mapping.find(part.text)) + place
