"""Checks of layers: assignments without priority, and plugins that later ones replace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ways.check.findings import Finding, Related
from ways.check.scope import CheckScope, is_written
from ways.errors import nearest
from ways.hierarchy import Hierarchy
from ways.plugins.merge import MERGE_RULES
from ways.plugins.plugin import DataPlugin
from ways.plugins.resolve import Resolved, counting_mappings
from ways.sheets.document import Source
from ways.sheets.schema import DEFAULT_GROUPS

#: The keys that say something about a place. A plugin without any of them only makes the place exist.
_FIELDS = ("mapping", "mapping_details", "data", "groups", "path", "folder", "search", "ambiguous", "max_folder")


def check_assignments(scope: CheckScope) -> Iterator[Finding]:
    """Yield each layer that is missing in WAYS_PRIORITY, if that is probably a mistake."""
    priority = scope.settings.priority
    for layer in scope.layers:
        # A layer that a format makes, of a tag or a branch, is no slip of an author.
        plugins = [plugin for plugin in scope.records if plugin.assignment == layer and is_written(plugin.source)]
        if layer in priority or not plugins:
            continue
        reached = {plugin.hierarchy for plugin in scope.plugins if plugin.assignment in priority}
        own = {plugin.hierarchy for plugin in scope.plugins if plugin.assignment == layer}
        close = nearest(layer, [name for name in (*priority, *scope.layers) if name != layer], cutoff=0.8)
        if close:
            reason = f"its name is much like {close!r}"
        elif scope.is_priority_given:
            reason = f"the priority is {':'.join(priority)}"
        elif own.isdisjoint(reached):
            reason = "none of its places is there without it"
        else:
            continue
        source, *others = (plugin.source_of("assignment") if "assignment" in plugin.info else plugin.source for plugin in plugins)
        message = f"the assignment {layer!r} is in no priority, so its plugins count only where it is named: {reason}"
        help = f"Did you mean {close!r}?" if close else f"Name it in WAYS_PRIORITY, beside {', '.join(priority) or 'none'}."
        related = tuple(Related(other, "in the same assignment") for other in others)
        yield Finding("unreachable-assignment", "warning", source, message, help, related)


def check_overridden(scope: CheckScope) -> Iterator[Finding]:
    """Yield each plugin that changes nothing, because later plugins of its place and layer replace all that it says."""
    for plugin in scope.records:
        if hiding := _overriding(scope, plugin):
            places = ", ".join(dict.fromkeys(repr(copy.hierarchy.text) for copy in scope.copies[id(plugin.record or plugin)]))
            message = f"the plugin {plugin.name!r} changes nothing at {places}: later plugins replace all that it says"
            related = tuple(Related(other.source, f"{other.name!r} counts instead") for other in hiding)
            help = "Remove it, or say in another layer what differs."
            yield Finding("overridden-plugin", "warning", plugin.source, message, help, related)


def check_replaced(scope: CheckScope) -> Iterator[Finding]:
    """Yield each mapping that another plugin of its place and layer replaces, where not all of its plugin is replaced.

    A later plugin for fewer platforms, or for one of the places that ``*`` stands for, is an exception that its author means.
    """
    reported: set[Source] = set()
    for place, layers in scope.state.snapshot.places.items():
        for plugins in layers.values():
            # Most places have one plugin in a layer.
            writers = [plugin for plugin in plugins if plugin.mapping] if len(plugins) > 1 else []
            writers = [plugin for plugin in writers if not plugin.when and not plugin.is_self_append and is_written(plugin.source)]
            for number, plugin in enumerate(writers):
                later = reversed(writers[number + 1 :])
                winner = next((other for other in later if _takes_mapping(scope, plugin, other)), None)
                if winner is None or (winner.mapping, winner.parent) == (plugin.mapping, plugin.parent):
                    continue
                source = plugin.source_of("mapping")
                if source not in reported and not _overriding(scope, plugin):
                    reported.add(source)
                    yield _replaced(scope, place, plugin, winner)


def _replaced(scope: CheckScope, place: Hierarchy, plugin: DataPlugin, winner: DataPlugin) -> Finding:
    common = _common_platforms(scope, plugin, winner)
    where = "" if common == _platforms_of(scope, plugin) else f" on {', '.join(sorted(common))}"
    message = (
        f"the mapping {plugin.mapping!r} of {place.text!r}, in the plugin {plugin.name!r}, counts for nothing{where}: "
        f"the later plugin {winner.name!r} of the layer {plugin.assignment!r} replaces it"
    )
    help = "Remove one of the two, or tell them apart: by assignment, platforms or when."
    related = (Related(winner.source_of("mapping"), f"counts instead: {winner.mapping}"),)
    return Finding("replaced-mapping", "warning", plugin.source_of("mapping"), message, help, related)


def _platforms_of(scope: CheckScope, plugin: DataPlugin) -> frozenset[str]:
    return frozenset(name for name in scope.settings.platforms if plugin.takes_part(name))


def _common_platforms(scope: CheckScope, plugin: DataPlugin, other: DataPlugin) -> frozenset[str]:
    return _platforms_of(scope, plugin) & _platforms_of(scope, other)


def _takes_mapping(scope: CheckScope, plugin: DataPlugin, later: DataPlugin) -> bool:
    """Whether the mapping of a later plugin replaces that of *plugin* on some platform, and is no exception to it."""
    is_one_of_many = _is_of_wildcard(plugin) and not _is_of_wildcard(later)
    is_narrower = _platforms_of(scope, later) < _platforms_of(scope, plugin)
    return bool(_common_platforms(scope, plugin, later)) and not is_one_of_many and not is_narrower


def _is_of_wildcard(plugin: DataPlugin) -> bool:
    """Whether a relative plugin stands at one of the places that a ``*`` of its ``uses`` stands for."""
    return plugin.parent is not None and all(Hierarchy.of(used) != plugin.parent for used in plugin.uses)


def _overriding(scope: CheckScope, plugin: DataPlugin) -> dict[DataPlugin, None]:
    """Return the plugins that replace all that a plugin says, wherever it stands; none if some of it counts."""
    if plugin.when or not any(plugin.info.get(field) not in (None, "", {}, DEFAULT_GROUPS) for field in _FIELDS):
        return {}
    hiding: dict[DataPlugin, None] = {}
    copies = scope.copies[id(plugin.record or plugin)]
    return hiding if all(_is_hidden(scope, copy, hiding) for copy in copies) else {}


def _is_hidden(scope: CheckScope, plugin: DataPlugin, hiding: dict[DataPlugin, None]) -> bool:
    """Whether a plugin counts on none of its platforms. The plugins that replace it are added to *hiding*."""
    is_hidden = False
    for platform in scope.platforms:
        if not plugin.takes_part(platform):
            continue
        here = list(scope.state_of(platform, plugin.assignment).resolver("").plugins_at(plugin.hierarchy))
        later = here[here.index(plugin) + 1 :] if plugin in here else []
        without = [other for other in here if other is not plugin]
        is_same = later and _merged_fields(here, plugin.hierarchy) == _merged_fields(without, plugin.hierarchy)
        if not is_same or not _replaces_all(plugin, later):
            return False
        hiding.update(dict.fromkeys(later))
        is_hidden = True
    return is_hidden


def _replaces_all(plugin: DataPlugin, later: Sequence[DataPlugin]) -> bool:
    """Whether later plugins give all that *plugin* gives."""
    tokens = {token for other in later for token in other.mapping_details}
    keys = {key for other in later for key in other.data}
    has_mapping = not plugin.mapping or any(other.mapping and not other.is_self_append for other in later)
    return has_mapping and tokens >= plugin.mapping_details.keys() and keys >= plugin.data.keys()


def _merged_fields(own: Sequence[DataPlugin], place: Hierarchy) -> tuple[object, ...]:
    """Return the fields that plugins of one place give by themselves, and those of them whose mappings count."""
    resolved = Resolved(place)
    fields = resolved._asdict()
    for plugin in own:
        for field, rule in MERGE_RULES.items():
            fields[field] = rule(fields[field], plugin)
    return (*(fields[field] for field in MERGE_RULES), counting_mappings(own))
