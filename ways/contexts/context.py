"""Context: the public object of a place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ways.contexts.actions import Find, action_of, actions_of
from ways.contexts.state import LiveRegistry, RegistryView
from ways.contexts.view import LiveContext, ResolvedContext
from ways.errors import PlatformError
from ways.hierarchy import Hierarchy
from ways.lightweight import cached_property
from ways.plugins.merge import MERGE_RULES, folder_text
from ways.plugins.plugin import DataPlugin
from ways.plugins.resolve import Resolver
from ways.settings import WILDCARDS

# The rooms of the token engine load with the first text: the mapping of a place is composed without them.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

    from ways.contexts.data import ContextData, Overlay
    from ways.contexts.parser import ContextParser
    from ways.pattern.template import Template


class Context(LiveContext):
    """A place, with everything that the plugins there and above it define for one assignment.

    :func:`ways.api.get_context` returns one; the same place and assignment give the same object. It is always up to date: a
    new sheet or a changed WAYS_* variable takes effect at the next call.

    :param hierarchy: the place, as a text or as parts.
    :param assignment: one layer of plugins; ``''`` for all those in WAYS_PRIORITY, the last one strongest.
    :param connection: any object, which the property ``connection`` returns; it has no effect.
    :raises HierarchyError: *hierarchy* has a character that isn't allowed.
    """

    #: Returns the pool of the current session, for a Context that is made by calling the class.
    current_pool: ClassVar[Callable[[], LiveRegistry]]

    def __init__(
        self,
        hierarchy: Any,
        assignment: str | None = "",
        connection: Mapping[str, Any] | None = None,
        *,
        pool: LiveRegistry | None = None,
    ) -> None:
        live = pool if pool is not None else type(self).current_pool()
        super().__init__(live, Hierarchy.of(hierarchy).check(), assignment or "")
        self._connection = connection
        self._overlay: Overlay | None = None

    @property
    def plugins(self) -> list[Any]:
        """The active plugins, from the first part of the hierarchy to this place, strongest last."""
        return [plugin.original for plugin in self.view.resolved.plugins]

    @property
    def records(self) -> tuple[DataPlugin, ...]:
        """The same plugins as records, each with the sheet, line and column that it was read from."""
        return self.view.resolved.plugins

    @cached_property
    def connection(self) -> dict[str, Any]:
        """The merge rule of each field, by its name; changing the dict changes no rule."""
        return dict(MERGE_RULES if self._connection is None else self._connection)

    @property
    def data(self) -> Any:
        """The plugins' data, overlaid with what you set. See :class:`ways.contexts.data.ContextData`."""
        return self._data()

    @data.setter
    def data(self, value: Mapping[Any, Any]) -> None:
        self._data().replace(value)

    def _data(self) -> ContextData:
        if self._overlay is None:
            # Made at first need: it takes more memory than the rest of a Context, and its module has to be imported.
            from ways.contexts.data import Overlay

            with self._pool.data_lock:
                if self._overlay is None:
                    self._overlay = Overlay(self._pool.data_lock)
        return self._overlay.over(self.view.resolved.data)

    def data_changes(self) -> dict[Any, Any]:
        """Return what you set on the data, including values that you changed in place."""
        overlay = self._overlay
        return {} if overlay is None or overlay.current is None else overlay.current.changes()

    def __copy__(self) -> Context:
        # There is one Context for each place and assignment of a session.
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Context:
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        from ways.errors import SnapshotError

        message = (
            f"{self} belongs to its session, and can't be pickled. Send session.snapshot() and the hierarchy, and ask "
            "Session.from_snapshot(snapshot).get_context(hierarchy) there; of an Asset, send its text or its values."
        )
        raise SnapshotError((), message)

    @property
    def actions(self) -> Find:
        """The actions of this place, as attributes. Each is called with this Context as its first argument."""
        return Find(self)

    @property
    def template(self) -> Template:
        """The parsed mapping; an empty one if this Context has none."""
        return self.view.template

    def get_hierarchy(self) -> tuple[str, ...]:
        """Return the place, as a tuple of parts."""
        return self._hierarchy

    def get_assignment(self) -> str:
        """Return the layer of plugins; ``''`` for all those in WAYS_PRIORITY."""
        return self._assignment

    def get_mapping(self) -> str:
        """Return the mapping, with every ``{root}`` replaced. A file path has the platform's separators.

        :raises UnresolvedMappingError: no plugin sets one (a RuntimeError).
        :raises RelativeCycleError: relative plugins use each other in a circle (a RuntimeError and a ValueError).
        """
        return self.view.get_mapping()

    def get_mapping_details(self) -> dict[str, Any]:
        """Return the merged details of the tokens; for each token, the last entry counts; a default alone replaces the default."""
        return self.view.get_mapping_details()

    def get_mapping_tokens(self, mapping: str = "") -> list[str]:
        """Return the tokens in *mapping*, or in this Context's, in order and with repeats."""
        view = self.view
        if not mapping:
            return list(view.template.tokens) if view.get_mapping() else []
        from ways.pattern.scan import scan

        return [piece.text for piece in scan(mapping, 1, view.template.specs) if piece.is_token]

    def get_all_tokens(self) -> set[str]:
        """Return the tokens of the mapping, and of each token's own mapping."""
        view = self.view
        view.get_mapping()
        template = view.template
        return {*template.tokens, *(name for token in template.specs for name in template.children(token))}

    def get_platforms(self) -> set[str]:
        """Return the platforms on which all plugins here are active, as WAYS_PLATFORMS spells them; none if there is no plugin."""
        return self.view.platforms

    def get_groups(self) -> tuple[str, ...]:
        """Return the groups of the last plugin, ``('*',)`` if it has none."""
        return self.view.resolved.groups

    def get_max_folder(self) -> str:
        """Return the deepest folder that tools may make for this place, or ``''``."""
        view = self.view
        return folder_text(view.resolved.max_folder, view.state.settings.platform.lower())

    def is_path(self) -> Any:
        """Return whether the mapping is a file path, as the last plugin with ``path`` says; otherwise ``False``."""
        path = self.view.resolved.path
        return False if path is None else path

    def get_all_plugins(self, hierarchy: Any = "", assignment: str = "") -> list[Any]:
        """Return the plugins of this place and of each place above, including those of other platforms."""
        place = Hierarchy.of(hierarchy) if hierarchy else self._hierarchy
        return [plugin.original for plugin in self.all_records(place, assignment or self._assignment)]

    def all_records(self, place: Hierarchy, assignment: str) -> list[DataPlugin]:
        """Return the plugins of *place* and of each place above as records, including those of other platforms."""
        state = self._pool.state()
        at = state.snapshot.plugins_at(state.assignments(assignment))
        return [plugin for above in state.snapshot.resolve_alias(place).ancestors for plugin in at(above)]

    def limited_to(self, plugins: Sequence[DataPlugin]) -> Context:
        """Return a Context of this place as if only *plugins* were registered here and above; other places keep theirs."""
        return _LimitedContext(self, plugins)

    @classmethod
    def validate_plugin(cls, plugin: Any) -> Any:
        """Return *plugin* if it is active on the current platform.

        :raises PlatformError: it isn't, or the current platform is unknown (an OSError).
        """
        settings = cls.current_pool().settings.now()
        if not settings.knows_platform:
            raise PlatformError(settings.platform, settings.platforms)
        names = _platform_names(plugin)
        if WILDCARDS.intersection(names) or settings.platform.lower() in names:
            return plugin
        message = f"{plugin!r} applies on {', '.join(sorted(names))}, not on {settings.platform!r}."
        raise PlatformError(settings.platform, names, message)

    def is_folder(self) -> bool:
        """Return whether the place is a folder to make, as the last plugin with ``folder`` says."""
        return bool(self.view.resolved.folder)

    def is_searched(self) -> bool:
        """Return whether Ways considers this place when it finds the place of a text or of values."""
        return self.view.is_searched

    def get_ambiguous(self) -> str:
        """Return ``allow`` or ``refuse``: whether Ways writes texts of this place that it could read in other ways."""
        return self.view.ambiguous

    def get_openassetio(self) -> dict[str, Any]:
        """Return what the sheet says about this place to hosts that speak OpenAssetIO: the block ``openassetio``."""
        return dict(self.view.resolved.openassetio)

    def get_parser(self) -> ContextParser:
        """Return a new parser of this Context's mapping."""
        from ways.contexts.parser import ContextParser

        return ContextParser(self)

    def get_str(self, *args: Any, **kwargs: Any) -> str:
        """Return the mapping, filled in. See :meth:`ways.contexts.parser.ContextParser.get_str`."""
        return self.get_parser().get_str(*args, **kwargs)

    def get_action(self, name: str) -> Any:
        """Return the action of that name, from here or the nearest place above, or ``None``. A class is instantiated."""
        return action_of(self, name)

    def checkout(self, assignment: str = "master") -> Context | None:
        """Return the Context of the same place for another assignment, or ``None``."""
        context: Context | None = self._pool.get(self._hierarchy, assignment)
        return context

    def revert(self) -> None:
        """Undo every change to ``data``."""
        self._data().revert()

    def as_dict(self, changes: bool = True) -> dict[str, Any]:
        """Return this Context as a dict. Without *changes*, the data is as it was loaded."""
        from ways.contexts.data import deep_copy

        return {
            "assignment": self._assignment,
            "actions": deep_copy(actions_of(self)),
            "connection": dict(self.connection),
            "hierarchy": tuple(self._hierarchy),
            "data": deep_copy(dict(self.data)) if changes else self.data.loaded(),
        }

    def __repr__(self) -> str:
        return f"Context(hierarchy='{tuple(self._hierarchy)}', assignment={self._assignment}, data={dict(self.data)})"

    def __str__(self) -> str:
        return f"Context(hierarchy='{self._hierarchy.text}', assignment={self._assignment})"


class _LimitedContext(Context):
    """A Context that sees only some of the plugins that stand at its place and above."""

    def __init__(self, context: Context, plugins: Sequence[DataPlugin]) -> None:
        super().__init__(context.hierarchy, context.assignment, pool=context.pool)
        state = context.pool.state()
        real = state.snapshot.resolve_alias(self._hierarchy)
        elsewhere = state.snapshot.plugins_at(state.assignments(context.assignment), state.takes_part)

        def at(place: Hierarchy) -> Sequence[DataPlugin]:
            if not real.starts_with(place):
                return elsewhere(place)
            return [plugin for plugin in plugins if plugin.hierarchy == place and state.takes_part(plugin)]

        self._limited_view = ResolvedContext(state, self._hierarchy, Resolver(at))
        self._limited_view.conditions = ()

    @property
    def view(self) -> ResolvedContext:
        return self._limited_view

    def view_in(self, state: RegistryView) -> ResolvedContext:
        return self._limited_view


def _platform_names(plugin: Any) -> frozenset[str]:
    if isinstance(plugin, DataPlugin):
        return plugin.platforms or frozenset("*")
    getter = getattr(plugin, "get_platforms", None)
    names = getter() if callable(getter) else ("*",)
    texts = (names,) if isinstance(names, str) else names or ("*",)
    return frozenset(name.strip().lower() or "*" for text in texts for name in text.split(","))
