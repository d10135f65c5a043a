"""The registry and the settings of a session at one moment. No Context is known here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ways.errors import PlatformError
from ways.lightweight import Lock, cached_property
from ways.limits import DEFAULT_LIMITS, Limits
from ways.plugins.plugin import DataPlugin
from ways.plugins.resolve import Everything, Resolver, Scope
from ways.registry import Registry, RegistrySnapshot
from ways.settings import DESCRIPTORS_ENV_VAR, LiveSettings, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Generic, TypeVar

    from ways.hierarchy import Hierarchy
    from ways.pattern.pattern import PatternCache

    Key = TypeVar("Key")
    Value = TypeVar("Value")
    #: Defaults of actions by place, and by name; the place ``None`` serves every place.
    Defaults = dict[Hierarchy | None, dict[str, Any]]
else:
    from ways.lightweight import Generic

    Key = Value = None

#: Said where no plugin is registered.
NOTHING_LOADED = (
    "Nothing is loaded. Session() starts empty: call add_search_path, or use Session.from_environ(), which loads what "
    f"{DESCRIPTORS_ENV_VAR} names. What couldn't be loaded is in session.problems."
)

NO_VARIANT: frozenset[DataPlugin] = frozenset()


class RegistryView:
    """The registry and the settings at one moment, and the resolvers made of them.

    :param is_live: returns whether the registry and the settings are still these.
    """

    def __init__(
        self,
        snapshot: RegistrySnapshot,
        settings: Settings,
        is_live: Callable[[], bool] = lambda: False,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.is_live = is_live
        self.limits = limits
        self.snapshot = snapshot
        self.settings = settings
        self._resolvers: dict[tuple[str, frozenset[DataPlugin] | None], Resolver] = {}
        self._others: dict[Settings, RegistryView] = {}
        #: What each place and layer comes to here, where somebody asks for all of them more than once; ``None``: not kept.
        self.kept_views: dict[tuple[Hierarchy, str], Any] | None = None

    def on(self, platform: str) -> RegistryView:
        """Return the same registry as another platform sees it.

        :raises PlatformError: the platform is unknown.
        """
        if platform not in self.settings.platforms:
            raise PlatformError(platform, self.settings.platforms)
        if platform == self.settings.platform:
            return self
        return self._with(self.settings._replace(platform=platform))

    def with_layer(self, assignment: str) -> RegistryView:
        """Return the same registry as it is where *assignment* has priority, too, over all others."""
        return self._with(self.settings._replace(priority=(*self.settings.priority, assignment)))

    def _with(self, settings: Settings) -> RegistryView:
        view = self._others.get(settings)
        if view is None:
            view = self._others.setdefault(settings, RegistryView(self.snapshot, settings, limits=self.limits))
        return view

    @property
    def lack_of_plugins(self) -> str:
        """The words for the end of a message that say that nothing is loaded, and what would load it; ``""`` if something is."""
        return "" if self.snapshot.plugins else f" {NOTHING_LOADED}"

    @property
    def is_windows(self) -> bool:
        """Whether the platform is Windows."""
        return self.settings.platform.lower() == "windows"

    def resolver(self, assignment: str, variant: frozenset[DataPlugin] | None = NO_VARIANT) -> Resolver:
        """Return the resolver for one assignment, or for all those with priority (``''``).

        :param variant: the plugins with ``when`` that take part; ``None`` for all of them.
        """
        key = (assignment, variant)
        resolver = self._resolvers.get(key)
        if resolver is None:
            layers = self.assignments(assignment)
            at = self.snapshot.plugins_at(layers, self._filter(variant))
            everything = self.snapshot.plugins_at(layers, self.takes_part)
            platform, is_known = self.settings.platform, self.settings.knows_platform
            scope = Scope(platform, is_known, layers, not assignment, everything, self.snapshot.layers_at, self.is_live)
            resolver = self._resolvers.setdefault(key, Resolver(at, self._everything, self.limits, scope))
        return resolver

    @cached_property
    def _everything(self) -> Everything:
        return Everything(self.snapshot.plugins)

    @cached_property
    def conditional_places(self) -> frozenset[Hierarchy]:
        """The places of the plugins that take part for some values only."""
        return frozenset(plugin.hierarchy for plugin in self.snapshot.conditional)

    @property
    def is_strict(self) -> bool:
        """Whether the place of a text or of values is found strictly: as WAYS_STRICT says, else if a sheet is in syntax 2.

        An old mapping such as ``/jobs/{A}`` would otherwise take each text that doesn't fit its place in a newer sheet.
        """
        return self.snapshot.is_strict if self.settings.strict is None else self.settings.strict

    def _filter(self, variant: frozenset[DataPlugin] | None) -> Callable[[DataPlugin], bool]:
        if not self.snapshot.conditional or variant is None:
            return self.takes_part
        takes_part = self.takes_part
        return lambda plugin: (not plugin.when or plugin in variant) and takes_part(plugin)

    def assignments(self, assignment: str) -> tuple[str, ...]:
        """Return the assignments that count for a Context of *assignment*, strongest last."""
        return (assignment,) if assignment else tuple(dict.fromkeys(self.settings.priority))

    @property
    def takes_part(self) -> Callable[[DataPlugin], bool]:
        """Returns whether a plugin counts on the current platform; none does on a platform that isn't known."""
        # No method: this view keeps the resolvers, and each of them keeps it.
        return partial(_takes_part, self.settings.platform.lower() if self.settings.knows_platform else None)


def _takes_part(platform: str | None, plugin: DataPlugin) -> bool:
    return platform is not None and (plugin.platforms is None or platform in plugin.platforms)


class LiveRegistry:
    """The registry and the live settings of one session, and the view of them at this moment.

    The base of :class:`ways.contexts.pool.ContextPool`: what Contexts, parsers and actions need of it.
    """

    def __init__(self, registry: Registry, settings: LiveSettings, limits: Limits = DEFAULT_LIMITS) -> None:
        self.registry = registry
        self.settings = settings
        self.limits = limits
        self.action_defaults: Defaults = {}
        #: Held while the data of a Context changes.
        self.data_lock = Lock()
        self._view: RegistryView | None = None
        #: The state of the registry that :meth:`state` gave last; ``None`` in its place once there is another.
        self._held: list[RegistrySnapshot | None] = [None]
        #: What lets the Contexts of this session forget what they made of that state.
        self._forgetters: set[Callable[[], None]] = set()
        #: What :class:`ViewCache` keeps in this session.
        self._caches: dict[object, tuple[RegistryView, Any]] = {}
        #: Makes the Asset of values, a Context and its view, by the class of the place; ``None`` if no class was ever asked for.
        self.make_asset: Callable[[dict[str, Any], Any, Any], Any] | None = None

    @cached_property
    def patterns(self) -> PatternCache:
        """The compiled patterns of this session."""
        from ways.pattern.pattern import PatternCache

        return PatternCache()

    def state(self) -> RegistryView:
        """Return the view of this moment; the same object as long as nothing changed."""
        view = self._view
        if view is not None and view.is_live():
            return view
        snapshot, held = self.registry.now, self._held
        if held[0] is not snapshot:
            self._let_go()
            held = self._held = [snapshot]
        raw, settings = self.settings.now_with_key()
        view = self._view = RegistryView(snapshot, settings, self.settings.liveness_check(raw, self.registry, held), self.limits)
        return view

    def until_changed(self, forget: Callable[[], None]) -> None:
        """Call a function as soon as another state of the registry is asked for; once, however often this is asked."""
        self._forgetters.add(forget)

    def _let_go(self) -> None:
        """Forget what was made of the state of the registry before this one: each Context would keep its plugins."""
        self._held[0] = None
        forgetters, self._forgetters = self._forgetters, set()
        for forget in forgetters:
            forget()
        self._caches = {}
        if "patterns" in vars(self):
            self.patterns.age()

    def get(self, hierarchy: Any, assignment: str | None = "") -> Any:
        """Return the Context at a place, or ``None``; see :meth:`ways.contexts.pool.ContextPool.get`."""
        raise NotImplementedError

    def require_context(self, hierarchy: Any, assignment: str = "") -> tuple[Any, Any]:
        """Return a Context and its view; see :meth:`ways.contexts.pool.ContextPool.require_context`."""
        raise NotImplementedError


class ViewCache(Generic[Key, Value]):
    """One kind of value that is computed from a RegistryView: each session keeps those of the view that was asked for last.

    Make one in the module that computes the values, and use the dict it returns::

        ENTRIES: ViewCache[object, set[DataPlugin]] = ViewCache()
        entries = ENTRIES.of(pool, pool.state())      # dict[object, set[DataPlugin]]; empty after each change
    """

    def of(self, live: LiveRegistry, view: RegistryView) -> dict[Key, Value]:
        """Return the values that *live*'s session has for *view*, by key; add to them what you compute."""
        cached = live._caches.get(self)
        if cached is None or cached[0] is not view:
            cached = live._caches[self] = (view, {})
        values: dict[Key, Value] = cached[1]
        return values
