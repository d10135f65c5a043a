"""Layers: assignments that nothing looks at, and plugins that others hide whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ways.check.findings import Finding, Related
from ways.check.world import World
from ways.contexts.state import RegistryView
from ways.errors import nearest
from ways.hierarchy import Hierarchy
from ways.plugins.merge import MERGE_RULES
from ways.plugins.plugin import DataPlugin
from ways.plugins.resolve import Resolved, counting_mappings
from ways.sheets.document import Source
from ways.sheets.schema import DEFAULT_GROUPS

#: Keys that say something of a place; a plugin without any only says that the place is there.
_FIELDS = ("mapping", "mapping_details", "data", "groups", "path", "folder", "max_folder")


def check_assignments(world: World) -> Iterator[Finding]:
    """Yield each layer that WAYS_PRIORITY leaves out, where that is likely to be a slip."""
    priority = world.settings.priority
    for layer in world.layers:
        if layer in priority:
            continue
        plugins = [plugin for plugin in world.records if plugin.assignment == layer]
        reason = _reason(world, layer)
        if reason:
            plugin = plugins[0]
            known = ", ".join(priority) or "none"
            message = f"the assignment {layer!r} is in no priority, so nothing that is asked for without naming it has a say: {reason}"
            related = tuple(Related(_source(other), "in the same assignment") for other in plugins[1:])
            yield Finding("unreachable-assignment", "warning", _source(plugin), message, _help(world, layer, known), related)


def _reason(world: World, layer: str) -> str:
    """Return why a layer without priority looks like a slip; ``""`` where it is just one for another day."""
    others = [name for name in (*world.settings.priority, *world.layers) if name != layer]
    if nearest(layer, others, cutoff=0.8):
        return f"its name is much like {nearest(layer, others, cutoff=0.8)!r}"
    if world.is_priority_given:
        return f"the priority is {':'.join(world.settings.priority)}"
    reached = {plugin.hierarchy for plugin in world.plugins if plugin.assignment in world.settings.priority}
    own = {plugin.hierarchy for plugin in world.plugins if plugin.assignment == layer}
    return "" if own & reached else "none of its places is there without it"


def _help(world: World, layer: str, known: str) -> str:
    close = nearest(layer, [name for name in (*world.settings.priority, *world.layers) if name != layer], cutoff=0.8)
    return f"Did you mean {close!r}?" if close else f"Name it in WAYS_PRIORITY, beside {known}."


def _source(plugin: DataPlugin) -> Source:
    return plugin.source_of("assignment") if "assignment" in plugin.info else plugin.source


def check_overridden(world: World) -> Iterator[Finding]:
    """Yield each plugin without which nothing would be different, as others of its place and layer replace all it says."""
    for plugin in world.records:
        copies = world.copies[id(plugin.record or plugin)]
        if plugin.when or not any(plugin.info.get(field) not in (None, "", {}, DEFAULT_GROUPS) for field in _FIELDS):
            continue
        hiding: dict[DataPlugin, None] = {}
        if all(_is_hidden(world, copy, hiding) for copy in copies):
            places = ", ".join(dict.fromkeys(repr(copy.hierarchy.text) for copy in copies))
            message = f"the plugin {plugin.name!r} changes nothing at {places}: later plugins replace all that it says"
            related = tuple(Related(other.source, f"{other.name!r} counts instead") for other in hiding)
            help = "Remove it, or say in another layer what differs."
            yield Finding("overridden-plugin", "warning", plugin.source, message, help, related)


def _is_hidden(world: World, plugin: DataPlugin, hiding: dict[DataPlugin, None]) -> bool:
    """Whether a plugin has no say on any platform it takes part on; *hiding* is told what replaces it."""
    is_hidden = False
    for platform in world.platforms:
        if not plugin.takes_part(platform):
            continue
        state = world.state_of(platform, plugin.assignment)
        later = _later(state, plugin)
        if not later or not _is_same(state, plugin, later):
            return False
        hiding.update(dict.fromkeys(later))
        is_hidden = True
    return is_hidden


def _later(state: RegistryView, plugin: DataPlugin) -> list[DataPlugin]:
    """Return the plugins at the place of *plugin* that count for more than it does."""
    here = list(state.resolver("").plugins_at(plugin.hierarchy))
    return here[here.index(plugin) + 1 :] if plugin in here else []


def _is_same(state: RegistryView, plugin: DataPlugin, later: Sequence[DataPlugin]) -> bool:
    """Whether a place is the same without one of its plugins, and all that says is said again by later ones."""
    resolver = state.resolver("")
    own = tuple(resolver.plugins_at(plugin.hierarchy))
    without = tuple(other for other in own if other is not plugin)
    return _amounts_to(own, plugin.hierarchy) == _amounts_to(without, plugin.hierarchy) and _says_again(plugin, later)


def _says_again(plugin: DataPlugin, later: Sequence[DataPlugin]) -> bool:
    tokens = {token for other in later for token in other.mapping_details}
    keys = {key for other in later for key in other.data}
    has_mapping = not plugin.mapping or any(other.mapping and not other.is_self_append for other in later)
    return has_mapping and tokens >= plugin.mapping_details.keys() and keys >= plugin.data.keys()


def _amounts_to(own: Sequence[DataPlugin], place: Hierarchy) -> tuple[object, ...]:
    """Return what plugins of one place amount to by themselves: the fields, and whose mappings count."""
    resolved = Resolved(place)
    fields = resolved._asdict()
    for plugin in own:
        for field, rule in MERGE_RULES.items():
            fields[field] = rule(fields[field], plugin)
    return (*(fields[field] for field in MERGE_RULES), counting_mappings(own))
