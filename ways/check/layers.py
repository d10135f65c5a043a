"""Checks of layers: assignments without priority, and plugins that later ones replace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ways.check.findings import Finding, Related
from ways.check.scope import CheckScope, is_written, other_case
from ways.hierarchy import Hierarchy
from ways.plugins.merge import deepest_folders, is_default_alone
from ways.plugins.plugin import DataPlugin
from ways.sheets.document import Source
from ways.sheets.schema import DEFAULT_GROUPS

#: The keys that say something about a place. A plugin without any of them only makes the place exist.
_FIELDS = ("mapping", "mapping_details", "data", "groups", "path", "folder", "search", "ambiguous", "openassetio", "max_folder")
#: Other plugins that a finding names, at most.
MOST_RELATED = 20
#: Fields that the last plugin decides which gives one.
_OF_LAST = ("path", "folder", "search", "ambiguous")


def check_assignments(scope: CheckScope) -> Iterator[Finding]:
    """Yield each layer that is missing in WAYS_PRIORITY, if that is probably a mistake."""
    priority = scope.settings.priority
    counting = frozenset(priority)
    reached = {plugin.hierarchy for plugin in scope.plugins if plugin.assignment in counting}
    records: dict[str, list[DataPlugin]] = {}
    for plugin in scope.records:
        # A layer that a format makes, of a tag or a branch, is no slip of an author.
        if is_written(plugin.source):
            records.setdefault(plugin.assignment, []).append(plugin)
    for layer in scope.layers:
        plugins = records.get(layer)
        if layer in counting or not plugins:
            continue
        close = scope.nearest(layer, (*priority, *scope.layers), cutoff=0.8)
        if close:
            reason = f"its name is similar to {close!r}"
        elif scope.is_priority_given:
            reason = f"the priority is {':'.join(priority)}"
        elif scope.reach.layers[layer].isdisjoint(reached):
            reason = "none of its places is there without it"
        else:
            continue
        named = plugins[: MOST_RELATED + 1]
        source, *others = (plugin.source_of("assignment") if "assignment" in plugin.info else plugin.source for plugin in named)
        message = f"the assignment {layer!r} is in no priority, so its plugins count only where it is named: {reason}"
        help = f"Name it in WAYS_PRIORITY, beside {', '.join(priority) or 'none'}."
        help = f"Did you mean {close!r}?{other_case(layer, close)}" if close else help
        related = tuple(Related(other, "in the same assignment") for other in others)
        yield Finding("unreachable-assignment", "warning", source, message, help, related)


def check_overridden(scope: CheckScope) -> Iterator[Finding]:
    """Yield each plugin that changes nothing, because later plugins of its place and layer replace all that it says."""
    hidden = _HiddenPlugins(scope)
    for plugin in scope.records:
        if (hiding := hidden.by(plugin)) and not _is_updated(plugin, hiding):
            places = ", ".join(dict.fromkeys(repr(copy.hierarchy.text) for copy in scope.copies[id(plugin.record or plugin)]))
            message = f"the plugin {plugin.name!r} changes nothing at {places}: later plugins replace all that it says"
            related = tuple(Related(other.source, f"{other.name!r} counts instead") for other in hiding)
            help = "Remove it, or say in another layer what differs."
            yield Finding("overridden-plugin", "warning", plugin.source, message, help, related)


def _is_updated(plugin: DataPlugin, hiding: Iterable[DataPlugin]) -> bool:
    """Whether one of the plugins that replace a plugin is meant to: it is the same one in a later file of another system."""
    return bool(plugin.uuid) and not is_written(plugin.source) and any(other.uuid == plugin.uuid for other in hiding)


def check_replaced(scope: CheckScope) -> Iterator[Finding]:
    """Yield each mapping that another plugin of its place and layer replaces, where not all of its plugin is replaced.

    A later plugin for fewer platforms, or for one of the places that ``*`` stands for, is an exception that its author means.
    """
    reported: set[Source] = set()
    # Records of which it is known whether they are reported: a relative plugin may stand at thousands of places.
    decided: set[int] = set()
    hidden = _HiddenPlugins(scope)
    for place, layers in scope.state.snapshot.places.items():
        for plugins in layers.values():
            # Most places have one plugin in a layer.
            writers = [plugin for plugin in plugins if plugin.mapping] if len(plugins) > 1 else []
            writers = [plugin for plugin in writers if not plugin.when and not plugin.is_self_append and is_written(plugin.source)]
            for plugin, winner in _with_winners(scope, writers) if len(writers) > 1 else ():
                record = id(plugin.record or plugin)
                if record in decided or (winner.mapping, winner.parent) == (plugin.mapping, plugin.parent):
                    continue
                decided.add(record)
                source = plugin.source_of("mapping")
                if source not in reported and not hidden.by(plugin) and not _is_updated(plugin, (winner,)):
                    reported.add(source)
                    yield _replaced(scope, place, plugin, winner)


def _with_winners(scope: CheckScope, writers: Sequence[DataPlugin]) -> list[tuple[DataPlugin, DataPlugin]]:
    """Return each plugin whose mapping a later one replaces, with the last that does."""
    found: list[tuple[DataPlugin, DataPlugin]] = []
    # Whether a plugin replaces another depends on these alone: of those with the same, the last counts.
    later: dict[tuple[frozenset[str], bool], DataPlugin] = {}
    for plugin in reversed(writers):
        own, is_of_wildcard = kind = _platforms_of(scope, plugin), _is_of_wildcard(scope, plugin)
        for (platforms, is_other_of_wildcard), other in later.items():
            # A narrower one, and one for a single place, is an exception.
            if not own.isdisjoint(platforms) and not platforms < own and not (is_of_wildcard and not is_other_of_wildcard):
                found.append((plugin, other))
                break
        later.setdefault(kind, plugin)
    return found[::-1]


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


def _is_of_wildcard(scope: CheckScope, plugin: DataPlugin) -> bool:
    """Whether a relative plugin stands at one of the places that a ``*`` of its ``uses`` stands for."""
    return plugin.parent is not None and plugin.parent not in scope.used_places(plugin)


class _HiddenPlugins:
    """Which plugins count nowhere, as later ones of their place and layer replace all that they say."""

    def __init__(self, scope: CheckScope) -> None:
        self._scope = scope
        self._places: dict[tuple[str, str, Hierarchy], _LayerOfPlace] = {}
        self._known: dict[int, dict[DataPlugin, None]] = {}

    def by(self, plugin: DataPlugin) -> dict[DataPlugin, None]:
        """Return plugins that replace all that a plugin says, wherever it stands: some of them; none if some of it counts."""
        # All plugins that were made of one entry of a sheet say the same.
        key = id(plugin.record or plugin)
        if key not in self._known:
            self._known[key] = self._replacing(plugin)
        return self._known[key]

    def _replacing(self, plugin: DataPlugin) -> dict[DataPlugin, None]:
        if plugin.when or not any(plugin.info.get(field) not in (None, "", {}, DEFAULT_GROUPS) for field in _FIELDS):
            return {}
        hiding: dict[DataPlugin, None] = {}
        copies = self._scope.copies[id(plugin.record or plugin)]
        return hiding if all(self._is_hidden(copy, hiding) for copy in copies) else {}

    def _is_hidden(self, plugin: DataPlugin, hiding: dict[DataPlugin, None]) -> bool:
        """Whether a plugin counts on none of its platforms. Plugins that replace it are added to *hiding*."""
        is_hidden = False
        for platform in self._scope.platforms:
            if not plugin.takes_part(platform):
                continue
            key = (platform, plugin.assignment, plugin.hierarchy)
            if key not in self._places:
                resolver = self._scope.state_of(platform, plugin.assignment).resolver("")
                self._places[key] = _LayerOfPlace(resolver.plugins_at(plugin.hierarchy))
            later = self._places[key].replacing(plugin)
            if not later:
                return False
            hiding.update(dict.fromkeys(later[: max(0, MOST_RELATED - len(hiding))]))
            is_hidden = True
        return is_hidden


class _LayerOfPlace:
    """The plugins of one layer at one place that take part on one platform, and what of each counts."""

    def __init__(self, plugins: Sequence[DataPlugin]) -> None:
        self._plugins = plugins
        self._numbers = {plugin: number for number, plugin in enumerate(plugins)} if len(plugins) > 1 else {}
        #: What a plugin gives -> the number of the last plugin that gives it.
        self._last: dict[tuple[str, object], int] = {}
        #: The numbers of the plugins that give each field which the last one decides.
        self._giving: dict[str, list[int]] = {field: [] for field in _OF_LAST}
        for plugin, number in self._numbers.items():
            for token, entry in plugin.mapping_details.items():
                self._last["default", token] = number
                if not is_default_alone(entry):
                    self._last["mapping_details", token] = number
            self._last.update((("data", key), number) for key in plugin.data)
            self._last.update((("openassetio", key), number) for key in plugin.openassetio)
            if plugin.mapping and not plugin.is_self_append:
                self._last["mapping", ""] = number
            for field, numbers in self._giving.items():
                if getattr(plugin, field) is not None:
                    numbers.append(number)
        #: How many plugins name platforms, and the platforms that all of them name, or all but one.
        self._limited = sum(plugin.platforms is not None for plugin in self._numbers)
        counts = Counter(name for plugin in self._numbers for name in plugin.platforms or ())
        self._on_all_but_one = frozenset(name for name, count in counts.items() if count >= self._limited - 1)
        self._folders = [plugin for plugin in self._numbers if plugin.max_folder]

    def replacing(self, plugin: DataPlugin) -> Sequence[DataPlugin]:
        """Return the later plugins if they replace all that a plugin says; none if some of it counts, or there are none."""
        number = self._numbers.get(plugin)
        if number is None or number == len(self._plugins) - 1 or not self._is_given_again(plugin, number):
            return ()
        # Without it, everything has to be the same.
        if any(numbers[-1:] == [number] and not self._is_given_before(field, numbers) for field, numbers in self._giving.items()):
            return ()
        if not self._is_same_on_platforms(plugin) or plugin.max_folder and not self._has_same_folders(plugin):
            return ()
        return self._plugins[number + 1 : number + 1 + MOST_RELATED]

    def _is_given_again(self, plugin: DataPlugin, number: int) -> bool:
        """Whether later plugins give each of its tokens, each key of its data, and a mapping if it has one that is no addition."""
        if plugin.mapping and (plugin.is_self_append or self._last.get(("mapping", ""), -1) <= number):
            return False
        details = plugin.mapping_details.items()
        tokens = (("default" if is_default_alone(entry) else "mapping_details", token) for token, entry in details)
        keys = (*tokens, *(("data", key) for key in plugin.data), *(("openassetio", key) for key in plugin.openassetio))
        return all(self._last[key] > number for key in keys)

    def _is_given_before(self, field: str, numbers: Sequence[int]) -> bool:
        """Whether the last plugin that gives a field gives what the one before it does."""
        before = getattr(self._plugins[numbers[-2]], field) if len(numbers) > 1 else None
        return bool(before == getattr(self._plugins[numbers[-1]], field))

    def _is_same_on_platforms(self, plugin: DataPlugin) -> bool:
        """Whether each platform that a plugin leaves out is left out by another one, too."""
        return plugin.platforms is None or (self._limited > 1 and self._on_all_but_one <= plugin.platforms)

    def _has_same_folders(self, plugin: DataPlugin) -> bool:
        if len(self._folders) > MOST_RELATED:
            return False
        with_it: tuple[str, ...] = ()
        without: tuple[str, ...] = ()
        for other in self._folders:
            with_it = deepest_folders(with_it, other)
            without = without if other is plugin else deepest_folders(without, other)
        return with_it == without
