"""The fields of a place: each decision with everything that people ask about it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from functools import cached_property
from typing import Any

from ways.contexts.context import Context
from ways.contexts.state import RegistryView, ViewCache
from ways.contexts.view import ResolvedContext
from ways.errors import AmbiguousContextError, WaysError
from ways.explain.decide import Decision, Keys, Loss, decisions, said
from ways.explain.reasons import RULES, Reason
from ways.explain.record import Claim, ConditionExplanation, FieldExplanation, Link, PlatformDecision, PluginReference
from ways.explain.way import Standing, Way
from ways.hierarchy import Hierarchy
from ways.pattern.solve import find_value, texts_of
from ways.plugins.merge import folder_text
from ways.plugins.plugin import DataPlugin
from ways.registry import RegistrySnapshot

#: Parents followed at most: circles are cut before.
_FAR = 100


class Fields:
    """Tells the fields of one Context in one of its variants.

    :param values: of an Asset, if it is one that is explained.
    """

    def __init__(
        self, context: Context, view: ResolvedContext, values: Mapping[str, Any] | None = None, *, with_runner_up: bool = True
    ) -> None:
        self.context = context
        self.view = view
        self.values = values
        self.way = Way(view)
        self._has_runner_up = with_runner_up
        self._reduced: dict[object, dict[Keys, Decision]] = {}
        self._chains: dict[DataPlugin, tuple[Link, ...]] = {}

    @cached_property
    def decisions(self) -> dict[Keys, Decision]:
        """What was decided, by the path of each key."""
        return decisions(self.way)

    def told(self) -> Iterator[FieldExplanation]:
        """Yield each field."""
        for keys, decision in self.decisions.items():
            yield self._field(keys, decision)
        if not self.view.variant:
            yield from self._set_by_hand()

    def claim(self, keys: Keys, standing: Standing, reason: Reason, lost_to: DataPlugin | None = None) -> Claim:
        """Return what one plugin says of a field."""
        plugin = standing.plugin
        return Claim(
            plugin=str(plugin.name),
            hierarchy=plugin.hierarchy.text,
            assignment=plugin.assignment,
            source=plugin.source_of(*keys),
            value=_shown(said(plugin, keys)),
            reason=reason,
            why=reason.told,
            lost_to=None if lost_to is None else PluginReference.of(lost_to, *keys),
            platform=self._platform(plugin),
            uses=self._chain(plugin),
            when=tuple(self.conditions(plugin)),
            record=plugin,
        )

    def claims_of(self, plugins: Container[DataPlugin], keys: Keys, decision: Decision) -> Iterator[Claim]:
        """Yield what some plugins say of a field: the winner, the parts, the losers."""
        if decision.winner is not None and decision.winner.plugin in plugins:
            yield self.claim(keys, decision.winner, decision.reason)
        yield from (self.claim(keys, part, Reason.PART) for part in decision.parts if part.plugin in plugins)
        yield from (self._loser(keys, loss) for loss in decision.losses if loss.standing.plugin in plugins)

    def conditions(self, plugin: DataPlugin) -> Iterator[ConditionExplanation]:
        """Yield each token of a plugin's ``when``, and whether it has one of the values."""
        if not plugin.when:
            return
        template = self.view.template
        texts = None if self.values is None else texts_of(self.values, template)
        known = {condition.plugin: condition.wants for condition in (*self.view.conditions, *self.view.left_out)}
        for token, named in plugin.when.items():
            wants = known.get(plugin, {}).get(token) or frozenset(map(str, named))
            found = None if texts is None else find_value(token, texts, template, self.context.patterns)
            holds = plugin in self.view.variant if found is None else found in wants
            source = plugin.source_of("when", token)
            yield ConditionExplanation(token=token, wants=tuple(sorted(wants)), found=found, holds=holds, source=source)

    def _field(self, keys: Keys, decision: Decision) -> FieldExplanation:
        value, error = self._value(keys)
        winner = decision.winner
        return FieldExplanation(
            name=".".join(map(str, keys)),
            value=value,
            rule=RULES[keys[0]],
            winner=None if winner is None else self.claim(keys, winner, decision.reason),
            parts=tuple(self.claim(keys, part, Reason.PART) for part in decision.parts),
            losers=tuple(self._loser(keys, loss) for loss in decision.losses),
            runner_up=None if winner is None or not self._has_runner_up else self._runner_up(keys, winner.plugin),
            is_changed=keys[0] == "data" and self._is_changed(keys[1]),
            error=error,
        )

    def _loser(self, keys: Keys, loss: Loss) -> Claim:
        return self.claim(keys, loss.standing, loss.reason, loss.to)

    def _value(self, keys: Keys) -> tuple[Any, str | None]:
        """Return what the place answers, and why it doesn't."""
        view, resolved = self.view, self.view.resolved
        if keys[0] == "mapping":
            return (view.mapping, None) if isinstance(view.mapping, str) else (None, str(view.mapping))
        if keys[0] == "data":
            data = resolved.data if view.variant else self.context.data
            return data.get(keys[1]), None
        if keys[0] == "mapping_details":
            return resolved.mapping_details.get(keys[1]), None
        if keys[0] == "platforms":
            common = view.state.settings.platforms if resolved.platforms is None else resolved.platforms
            return (set(common) if resolved.plugins else set()), None
        if keys[0] == "max_folder":
            return folder_text(resolved.max_folder, view.state.settings.platform.lower()), None
        found = getattr(resolved, keys[0])
        return (False if found is None else found), None

    def _is_changed(self, key: Any) -> bool:
        if self.view.variant:
            return False
        loaded = self.view.resolved.data
        return bool(key not in loaded and key in self.context.data) or self.context.data.get(key) != loaded.get(key)

    def _set_by_hand(self) -> Iterator[FieldExplanation]:
        known = {keys[1] for keys in self.decisions if keys[0] == "data"}
        for key in self.context.data:
            if key not in known:
                yield self._field(("data", key), Decision())

    def _platform(self, plugin: DataPlugin) -> PlatformDecision:
        settings = self.view.state.settings
        return PlatformDecision(
            current=settings.platform,
            named=None if plugin.platforms is None else tuple(sorted(plugin.platforms)),
            takes_part=settings.knows_platform and plugin.takes_part(settings.platform),
            source=plugin.source_of("platforms") if "platforms" in plugin.info else None,
        )

    def _chain(self, plugin: DataPlugin) -> tuple[Link, ...]:
        """Return the links of a plugin; it may have a say of many fields."""
        if plugin not in self._chains:
            self._chains[plugin] = tuple(self._links(plugin))
        return self._chains[plugin]

    def _links(self, plugin: DataPlugin) -> Iterator[Link]:
        """Yield the parents of a relative plugin: its own, that of the plugin there, and so on."""
        seen: set[DataPlugin] = set()
        following: DataPlugin | None = plugin
        while following is not None and following.parent is not None and following not in seen and len(seen) < _FAR:
            seen.add(following)
            parent = following.parent
            giving = self.way.resolver.mapping_source(parent)
            giver = None if giving is None else giving.writer or giving.appends[-1]
            number = next((number for number, used in enumerate(following.uses) if Hierarchy.of(used) == parent), 0)
            told = None if giver is None else PluginReference.of(giver, "mapping")
            yield Link(hierarchy=parent.text, source=following.source_of("uses", number), giver=told)
            following = giver

    def _runner_up(self, keys: Keys, winner: DataPlugin) -> PluginReference | None:
        """Return the plugin that would win without the entry of *winner*."""
        entry = entry_of(winner)
        if entry not in self._reduced:
            self._reduced[entry] = self._without(entry)
        decision = self._reduced[entry].get(keys)
        found = decision.winner if decision else None
        return None if found is None else PluginReference.of(found.plugin, *keys)

    def _without(self, entry: object) -> dict[Keys, Decision]:
        """Return what would be decided without one entry of a sheet."""
        old = self.view.state
        state = RegistryView(_without(old, entry, ENTRIES.of(self.context.pool, old)), old.settings)
        variant = frozenset(plugin for plugin in self.view.variant if entry_of(plugin) != entry)
        layer = self.view.assignment
        try:
            if self.values is not None:
                base = ResolvedContext(state, self.view.hierarchy, state.resolver(layer), layer)
                view = base.variant_of(self.values, self.context.patterns)
            else:
                view = ResolvedContext(state, self.view.hierarchy, state.resolver(layer, variant), layer, variant)
            return decisions(Way(view))
        except (AmbiguousContextError, WaysError):
            return {}


def entry_of(plugin: DataPlugin) -> object:
    """Return what tells the entry of a sheet that a plugin was made of; several plugins may be of one."""
    if plugin.source.line:
        return plugin.source
    return id(plugin.original if plugin.record is None else plugin.record)


#: The plugins of each entry of a sheet.
ENTRIES: ViewCache[object, set[DataPlugin]] = ViewCache()


def _without(state: RegistryView, entry: object, entries: dict[object, set[DataPlugin]]) -> RegistrySnapshot:
    """Return the snapshot of *state* without the plugins of one entry; *entries* is filled if it is empty."""
    snapshot = state.snapshot
    if not entries:
        for plugin in snapshot.plugins:
            entries.setdefault(entry_of(plugin), set()).add(plugin)
    gone = entries[entry]
    places = dict(snapshot.places)
    for place in {plugin.hierarchy for plugin in gone}:
        layers = {name: tuple(plugin for plugin in some if plugin not in gone) for name, some in places[place].items()}
        places[place] = {name: some for name, some in layers.items() if some}
    plugins = tuple(plugin for plugin in snapshot.plugins if plugin not in gone)
    conditional = tuple(plugin for plugin in snapshot.conditional if plugin not in gone)
    return snapshot._replace(places=places, plugins=plugins, conditional=conditional)


def _shown(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value
