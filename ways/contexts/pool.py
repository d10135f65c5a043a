"""ContextPool: one Context per place; aliases; and the state that Contexts answer from."""

from __future__ import annotations

from collections.abc import Callable, Mapping


from ways.contexts.context import Context
from ways.contexts.variants import FEW, Condition
from ways.errors import AliasError, PlatformError
from ways.hierarchy import Hierarchy
from ways.lightweight import Lock, cached_property
from ways.limits import DEFAULT_LIMITS, Limits
from ways.plugins.plugin import DataPlugin
from ways.plugins.resolve import Resolver
from ways.registry import Registry, RegistrySnapshot
from ways.settings import LiveSettings, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ways.contexts.actions import Defaults
    from ways.pattern.compiled import PatternCache

    #: A hierarchy, and the assignment that is looked at there.
    Place = tuple[Hierarchy, str]

NO_VARIANT: frozenset[DataPlugin] = frozenset()


class RegistryView:
    """The registry and the settings at one moment, and what was resolved from them."""

    def __init__(
        self, snapshot: RegistrySnapshot, settings: Settings, is_live: Callable[[], bool] = lambda: False, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        #: Whether the registry and the settings are still these.
        self.is_live = is_live
        self.limits = limits
        self.snapshot = snapshot
        self.settings = settings
        self._resolvers: dict[tuple[str, frozenset[DataPlugin] | None], Resolver] = {}
        #: Made by higher rooms from this state, at first need: the matcher of auto-find, for one.
        self.extras: dict[str, Any] = {}

    def on(self, platform: str) -> RegistryView:
        """Return the same state as another platform sees it.

        :raises PlatformError: it is none of the known platforms.
        """
        if platform not in self.settings.platforms:
            raise PlatformError(platform, self.settings.platforms)
        if platform == self.settings.platform:
            return self
        held = self.extras.get(f"on:{platform}")
        if held is None:
            held = self.extras[f"on:{platform}"] = RegistryView(self.snapshot, self.settings._replace(platform=platform), limits=self.limits)
        found: RegistryView = held
        return found

    def resolver(self, assignment: str, variant: frozenset[DataPlugin] | None = NO_VARIANT) -> Resolver:
        """Return the resolver for one assignment, or for all those with priority (``''``).

        :param variant: the plugins that say ``when`` and take part; ``None`` for all of them.
        """
        key = (assignment, variant)
        held = self._resolvers.get(key)
        if held is None:
            at = self.snapshot.plugins_at(self.assignments(assignment), self._filter(variant))
            held = self._resolvers.setdefault(key, Resolver(at, self.snapshot.plugins, self.limits))
        return held

    @property
    def world(self) -> tuple[object, ...] | None:
        """What names this state for good, in every process; ``None`` where not all of it comes from compiled sheets."""
        digests = getattr(self.snapshot.plugins, "digests", None)
        if not digests or self.snapshot.conditional or self.snapshot.aliases:
            return None
        platform, platforms, priority = self.settings
        return digests, platform, tuple(sorted(platforms)), priority

    def _filter(self, variant: frozenset[DataPlugin] | None) -> Callable[[DataPlugin], bool]:
        if not self.snapshot.conditional or variant is None:
            return self.takes_part
        return lambda plugin: (not plugin.when or plugin in variant) and self.takes_part(plugin)

    def assignments(self, assignment: str) -> tuple[str, ...]:
        """Return the assignments that a Context of *assignment* looks at, strongest last."""
        return (assignment,) if assignment else tuple(dict.fromkeys(self.settings.priority))

    def takes_part(self, plugin: DataPlugin) -> bool:
        """Whether *plugin* answers on the current platform; none does on one that isn't known."""
        return self.settings.knows_platform and plugin.takes_part(self.settings.platform)


class ContextPool:
    """The Contexts of one session."""

    def __init__(self, registry: Registry, settings: LiveSettings, limits: Limits = DEFAULT_LIMITS) -> None:
        self.registry = registry
        self.settings = settings
        self.limits = limits
        self.action_defaults: Defaults = {}
        #: Held by who changes the data of a Context.
        self.data_lock = Lock()
        #: The Contexts; and those that were made by force: they are there whether or not a plugin is. Both in one, so
        #: that nobody finds one of them cleared and the other not.
        self._kept: tuple[dict[Place, Context], set[Place]] = ({}, set())
        #: The answers to texts, in one state of the registry.
        self._by_text: tuple[RegistrySnapshot, dict[tuple[str, str], Context]] = (registry.now, {})
        self._state: RegistryView | None = None

    @cached_property
    def patterns(self) -> PatternCache:
        """The compiled patterns of these Contexts."""
        from ways.pattern.compiled import PatternCache

        return PatternCache()

    def state(self) -> RegistryView:
        """Return the state of this moment; the same object as long as nothing changed."""
        held = self._state
        if held is not None and held.is_live():
            return held
        snapshot = self.registry.now
        raw, settings = self.settings.now_with_key()
        state = self._state = RegistryView(snapshot, settings, self.settings.watch(raw, self.registry, snapshot), self.limits)
        return state

    def get(
        self,
        hierarchy: Any,
        assignment: str | None = "",
        *,
        follow_alias: bool = False,
        force: bool = False,
        connection: Mapping[str, Any] | None = None,
    ) -> Context | None:
        """Return the Context at *hierarchy*, or ``None`` where nothing is registered there.

        :param connection: what a Context that is made now tells as its merge rules.
        :raises HierarchyError: something is, but the hierarchy has an illegal character.
        """
        assignment = assignment or ""
        snapshot, by_text = self._by_text
        if snapshot is not self.registry.now:
            snapshot, by_text = self._by_text = (self.registry.now, {})
        if isinstance(hierarchy, str) and not follow_alias and not force:
            held = by_text.get((hierarchy, assignment))
            if held is not None:
                return held
        if isinstance(hierarchy, Context):
            return hierarchy
        place = self._plain(hierarchy, snapshot) or Hierarchy.of(hierarchy)
        found = self.at(snapshot.resolve_alias(place) if follow_alias else place, assignment, snapshot, force=force, connection=connection)
        if found is not None and isinstance(hierarchy, str) and not follow_alias:
            by_text[(hierarchy, assignment)] = found
        return found

    def at(
        self,
        place: Hierarchy,
        assignment: str,
        snapshot: RegistrySnapshot,
        *,
        force: bool = False,
        connection: Mapping[str, Any] | None = None,
    ) -> Context | None:
        """Return the Context at a place, or ``None`` where nothing was registered there in that state of the registry."""
        key = (place, assignment)
        contexts, forced = self._kept
        if not force and key not in forced and not _exists(snapshot, place, assignment):
            return None
        found = contexts.get(key) or contexts.setdefault(key, Context(*key, connection, pool=self))
        if force:
            forced.add(key)
        return found

    def in_state(self, hierarchy: Any, assignment: str, state: RegistryView) -> Context | None:
        """Return the Context at *hierarchy* as :meth:`get` does, as it was in one state of the world."""
        if isinstance(hierarchy, Context):
            return hierarchy
        place = self._plain(hierarchy, state.snapshot) or Hierarchy.of(hierarchy)
        return self.at(place, assignment, state.snapshot)

    def _plain(self, parts: Any, snapshot: RegistrySnapshot) -> Hierarchy | None:
        """Return the place that has exactly these parts, with characters that only other systems' names have."""
        if isinstance(parts, (str, Hierarchy)) or not isinstance(parts, (tuple, list)):
            return None
        if not all(isinstance(part, str) and part for part in parts) or Hierarchy(parts).has_plain_letters:
            return None
        place = Hierarchy.of_plain(parts)
        return place if _exists(snapshot, place, "") else None

    @property
    def contexts(self) -> list[Context]:
        """Every Context that was made and is kept."""
        return list(self._kept[0].values())

    @property
    def forced(self) -> list[tuple[Hierarchy, str]]:
        """The places and assignments of those that were made by force."""
        return list(self._kept[1])

    def suggestions(self) -> list[str]:
        """Return the hierarchies there are, as texts."""
        return [place.text for place in self.registry.now.places]

    def register_alias(self, alias: Any, old: Any) -> None:
        """Let *alias* stand for *old*, which need not exist.

        :raises AliasError: they are the same place, the alias is taken, or a circle would close.
        """
        with self.registry.lock:
            self._register_alias(Hierarchy.of(alias), Hierarchy.of(old))

    def _register_alias(self, name: Hierarchy, real: Hierarchy) -> None:
        aliases = self.registry.now.aliases
        if name == real:
            raise AliasError(name.text, [name.text], f"{name.text!r} can't be an alias of itself.")
        if name in aliases:
            raise AliasError(name.text, [aliases[name].text], f"{name.text!r} is an alias already, of {aliases[name].text!r}.")
        chain = [real]
        while chain[-1] in aliases:
            chain.append(aliases[chain[-1]])
        if name in chain:
            texts = [name.text, *(place.text for place in chain[: chain.index(name) + 1])]
            raise AliasError(name.text, texts, f"The aliases would close a circle: {' -> '.join(texts)}.")
        self.registry.set_aliases({**aliases, name: real})

    def clear_aliases(self) -> None:
        """Forget every alias."""
        self.registry.set_aliases({})

    def surplus(self) -> list[tuple[Condition, Hierarchy]]:
        """Return the plugins that would make more variants of a place than there may be, each with such a place."""
        state = self.state()
        if len(state.snapshot.conditional) <= FEW:
            return []
        held = state.extras.get("surplus")
        if held is None:
            found: dict[DataPlugin, tuple[Condition, Hierarchy]] = {}
            for place in state.snapshot.places:
                context = self.get(place) if place.is_legal else None
                for condition in context.view.left_out if context is not None else ():
                    found.setdefault(condition.plugin, (condition, place))
            held = state.extras["surplus"] = list(found.values())
        surplus: list[tuple[Condition, Hierarchy]] = held
        return surplus

    def clear_contexts(self) -> None:
        """Forget every Context object, and the changes to their data with them; plugins stay."""
        self._kept = ({}, set())
        self._by_text = (self.registry.now, {})

    def clear(self) -> None:
        """Forget everything but the settings."""
        self.registry.clear()
        self.clear_contexts()
        vars(self).pop("patterns", None)
        self.action_defaults.clear()


def _exists(snapshot: RegistrySnapshot, place: Hierarchy, assignment: str) -> bool:
    """Whether a plugin is registered at *place*: in *assignment*, or in any at all for ``''``."""
    layers = snapshot.places.get(snapshot.resolve_alias(place))
    return bool(layers) and (not assignment or bool(layers.get(assignment)))  # type: ignore[union-attr]
