"""Context: a place, resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence


from ways.contexts.actions import Find, action_of, actions_of
from ways.contexts.data import ContextData, Overlay, copied, fresh, shapes
from ways.contexts.variants import Condition, divided, selected, variants_of
from ways.errors import AmbiguousContextError, PlatformError, WaysError
from ways.hierarchy import Hierarchy
from ways.lightweight import cached_property
from ways.plugins.merge import MERGE_RULES, folder_text
from ways.plugins.plugin import DataPlugin
from ways.plugins.resolve import MappingPart, Resolved, Resolver, join_parts
from ways.settings import WILDCARDS

# The rooms of the token engine load with the first text: a place's mapping is told without them.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

    from ways.contexts.data import Shape
    from ways.contexts.pool import ContextPool, RegistryView
    from ways.contexts.parser import ContextParser, KnownFilling
    from ways.pattern.compiled import PatternCache
    from ways.pattern.plan import Plan
    from ways.pattern.skeleton import Skeleton, Skeletons
    from ways.pattern.template import Template
    from ways.pattern.token import TokenSpec


class ResolvedContext:
    """What one Context answers in one state of its world. Made once a state, and then only read.

    :param variant: the plugins that say ``when`` and take part.
    """

    def __init__(
        self,
        state: RegistryView,
        hierarchy: Hierarchy,
        resolver: Resolver,
        assignment: str = "",
        variant: frozenset[DataPlugin] = frozenset(),
    ) -> None:
        self.state = state
        #: Whether the world is still as it was.
        self.is_live = state.is_live
        self.hierarchy = hierarchy
        self.real_hierarchy = state.snapshot.resolve_alias(hierarchy)
        self.variant = variant
        self.assignment = assignment
        #: What the plugins of each place come to.
        self.resolver = resolver
        self.resolved: Resolved = self.resolver.at(self.real_hierarchy)
        #: The short ways of the mapping, once one was asked for. See :meth:`Context.get_plan`.
        self.plan: Plan | None = None
        #: What the mapping is when only the environment fills it, by what was asked for.
        self.fillings: dict[object, KnownFilling] = {}

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """The plugins that have a say here for some values only."""
        return self._divided[0]

    @property
    def left_out(self) -> tuple[Condition, ...]:
        """The plugins that have no say here, as there would be too many variants."""
        return self._divided[1]

    @cached_property
    def _divided(self) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
        conditional = self.state.snapshot.conditional
        if not conditional:
            return (), ()
        everything = self.state.resolver(self.assignment, None)
        touched = everything.dependencies(self.real_hierarchy)
        here = {plugin for place in touched for plugin in everything.plugins_at(place) if plugin.when}
        if not here:
            return (), ()
        spec = self.template.spec
        return divided(
            Condition(plugin, {token: _texts(spec(token), values) for token, values in plugin.when.items()})
            for plugin in conditional
            if plugin in here
        )

    @cached_property
    def variants(self) -> tuple[ResolvedContext, ...]:
        """This view, and one for each other set of plugins that some values select."""
        if not self.conditions:
            return (self,)
        return (self, *(self._varied(variant) for variant in variants_of(self.conditions) if variant))

    def _varied(self, variant: frozenset[DataPlugin]) -> ResolvedContext:
        view = ResolvedContext(self.state, self.hierarchy, self.state.resolver(self.assignment, variant), self.assignment, variant)
        view.conditions = self.conditions
        return view

    @property
    def has_own_mapping(self) -> bool:
        """Whether a plugin at exactly this place has a mapping."""
        return self.resolver.has_own_mapping(self.real_hierarchy)

    @property
    def condition_count(self) -> int:
        """The number of conditions that the values of an Asset meet for this view to be its own."""
        return sum(len(plugin.when) for plugin in self.variant)

    def is_selected(self, values: Mapping[str, Any], patterns: PatternCache) -> bool:
        """Whether *values*, as this view reads them, select the plugins that take part in it."""
        return not self.conditions or self.selection(values, patterns) == self.variant

    def selection(self, values: Mapping[str, Any], patterns: PatternCache) -> frozenset[DataPlugin]:
        """Return the plugins that say ``when`` and take part for *values*, as this view reads them."""
        from ways.pattern.solve import find_value

        return selected(self.conditions, lambda token: find_value(token, values, self.template, patterns))

    def _takes(self, values: Mapping[str, Any], patterns: PatternCache) -> bool:
        from ways.pattern.solve import texts_of

        try:
            return self.is_selected(texts_of(values, self.template), patterns)
        except WaysError:
            return False

    def of(self, values: Mapping[str, Any], patterns: PatternCache) -> ResolvedContext:
        """Return the variant that *values* select: the one with most conditions, or this one.

        :raises AmbiguousContextError: several do equally.
        """
        if not self.conditions:
            return self
        from ways.regex.guard import TimeBudget

        with TimeBudget():
            fitting = [view for view in self.variants if view._takes(values, patterns)] or [self]
        most = max(view.condition_count for view in fitting)
        best = [view for view in fitting if view.condition_count == most]
        if len(best) > 1:
            raise AmbiguousContextError(str(dict(values)), best)
        return best[0]

    def as_dict(self) -> dict[str, Any]:
        """Return the view as plain data."""
        return {"hierarchy": self.hierarchy.text, "when": [dict(plugin.when) for plugin in self.variant]}

    def __str__(self) -> str:
        names = ", ".join(f"{plugin.name} ({plugin.source_of('when')})" for plugin in self.variant)
        return f"{self.hierarchy.text} with {names}" if names else self.hierarchy.text

    @cached_property
    def mapping_parts(self) -> tuple[MappingPart, ...] | WaysError:
        """The mapping in stretches, each with its plugin; or the error that says why there is none."""
        try:
            parts = self.resolver.mapping_parts(self.real_hierarchy)
        except WaysError as error:
            return error
        if not self.resolved.path:
            return parts
        old, new = ("/", "\\") if self.state.settings.platform.lower() == "windows" else ("\\", "/")
        # Most have no other separator, and share what the resolver holds.
        if not any(old in part.text for part in parts):
            return parts
        return tuple(MappingPart(part.text.replace(old, new), part.plugin) for part in parts)

    @cached_property
    def mapping(self) -> str | WaysError:
        """The mapping, with the separators of the platform if it is a path; or why there is none."""
        return self._written[0] if isinstance(self._written, tuple) else self._written

    def get_mapping(self) -> str:
        """Return the mapping, or raise the error that says why there is none."""
        if isinstance(self.mapping, str):
            return self.mapping
        raise self.mapping.with_traceback(None)

    def get_mapping_details(self) -> dict[str, Any]:
        """Return a copy of the details of each token."""
        return fresh(self._shapes)

    @cached_property
    def _shapes(self) -> list[Shape]:
        return shapes(self.resolved.mapping_details)

    @cached_property
    def _written(self) -> tuple[str, int] | WaysError:
        """The mapping and its syntax, or why there is none."""
        parts = self.mapping_parts
        return parts if isinstance(parts, WaysError) else join_parts((part.text, part.plugin.syntax) for part in parts)

    @property
    def syntax(self) -> int:
        """The language that the mapping is written in."""
        return self._written[1] if isinstance(self._written, tuple) else 1

    def token_details(self) -> tuple[Mapping[str, Mapping[str, Any]], Mapping[str, int]]:
        """Return what tokens may hold, and their syntaxes, as they are read: with the mappings they refer to.

        :raises UnresolvedMappingError: a place that a token refers to has no mapping.
        :raises MappingLimitError: they, or the mapping, hold more than they may.
        """
        return self._token_details

    @cached_property
    def _token_details(self) -> tuple[Mapping[str, Mapping[str, Any]], Mapping[str, int]]:
        from ways.pattern.measure import check_measure

        details, syntaxes = self.resolver.details(self.real_hierarchy)
        check_measure(self._written[0] if isinstance(self._written, tuple) else "", details, self.state.limits)
        return details, syntaxes

    def givers(self) -> Iterator[DataPlugin]:
        """Yield the plugins that may give something here: nearest and strongest first, then those of other places."""
        yield from reversed(self.resolved.plugins)
        for place in self.resolver.dependencies(self.real_hierarchy):
            if not self.real_hierarchy.starts_with(place):
                yield from reversed(self.resolver.plugins_at(place))

    @cached_property
    def template(self) -> Template:
        """The mapping, parsed; of no text where there is none.

        :raises PatternError: it can't be read.
        """
        from ways.pattern.template import Template

        mapping = self._written[0] if isinstance(self._written, tuple) else ""
        details, syntaxes = self.token_details()
        return Template.of(mapping, details, self.syntax, syntaxes)

    def made_plan(self, patterns: PatternCache) -> Plan:
        """Return the short ways of the mapping.

        :raises PatternError: it can't be read.
        """
        from ways.pattern.plan import Plan

        details, syntaxes = self.token_details()
        first = None if syntaxes or self.syntax != 1 else patterns.parts.first(self.get_mapping(), details)
        if first is None:
            template = self.template
            return Plan(lambda: template, patterns, is_path=bool(self.resolved.path))
        return Plan(lambda: self.template, patterns, first, is_path=bool(self.resolved.path))

    @cached_property
    def walks(self) -> dict[frozenset[str], Any]:
        """What walks over folders made of the mapping, by the names of the tokens that they have values for."""
        return {}

    def skeleton(self, skeletons: Skeletons) -> Skeleton:
        """Return what an index needs to know of the mapping; in most cases without parsing it.

        :raises UnresolvedMappingError: there is none.
        :raises PatternError: it can't be read.
        """
        mapping = self.get_mapping()
        details, syntaxes = self.token_details()
        is_first = isinstance(self._written, tuple) and self._written[1] == 1 and not syntaxes
        return skeletons.of(mapping, details, lambda: self.template) if is_first else skeletons.of_template(self.template)

    def may_run(self, token: str) -> bool:
        """Whether the sheet that gives a token's details may have its functions run.

        They may have come along with a mapping from elsewhere: whoever gave the very entry counts, wherever it stands.
        """
        entry = self.resolved.mapping_details.get(token)
        if entry is None:
            return True
        # Of aliases in one sheet all have the same trust; an entry that nobody here gives is nobody's to run.
        given = [plugin.source.is_trusted for plugin in self.givers() if plugin.mapping_details.get(token) is entry]
        return bool(given) and all(given)


class Context:
    """A place in the world: everything that the plugins there, and above it, say for one assignment.

    Ask :func:`ways.api.get_context` for one; the same place and assignment give the same object. It answers live: a
    sheet that is added, or a WAYS_* variable that changes, changes its next answer.

    :param hierarchy: the place, as a text or as parts.
    :param assignment: one layer of plugins; ``''`` for all those in WAYS_PRIORITY, the last one strongest.
    :param connection: the merge rules, for those who ask; they can't be changed.
    :raises HierarchyError: *hierarchy* has a character that no hierarchy may have.
    """

    #: Gives the pool of the current session, for a Context that is made by calling the class.
    current_pool: ClassVar[Callable[[], ContextPool]]

    def __init__(
        self,
        hierarchy: Any,
        assignment: str | None = "",
        connection: Mapping[str, Any] | None = None,
        *,
        pool: ContextPool | None = None,
    ) -> None:
        self._pool = pool if pool is not None else type(self).current_pool()
        self._hierarchy = Hierarchy.of(hierarchy).check()
        self._assignment = assignment or ""
        self._connection = connection
        self._view: ResolvedContext | None = None
        self._overlay: Overlay | None = None

    @property
    def view(self) -> ResolvedContext:
        """What this Context answers at this moment."""
        view = self._view
        if view is None or not view.is_live():
            state = self._pool.state()
            view = self._view = ResolvedContext(state, self._hierarchy, state.resolver(self._assignment), self._assignment)
        return view

    def get_plan(self) -> Plan | None:
        """Return the short ways to read and write by the mapping of this moment; ``None`` where values decide what it is.

        :raises PatternError: the mapping can't be read.
        """
        view = self._view
        # As a method, and without asking for the state: a property costs 50 ns more, and reading by a plan takes 600.
        if view is None or not view.is_live():
            view = self.view
        return view.plan or self.plan_of(view)

    def view_in(self, state: RegistryView) -> ResolvedContext:
        """Return what this Context answers in one state of its world."""
        view = self._view
        if view is not None and view.state is state:
            return view
        view = ResolvedContext(state, self._hierarchy, state.resolver(self._assignment), self._assignment)
        if state.is_live():
            self._view = view
        return view

    def plan_of(self, view: ResolvedContext) -> Plan | None:
        """Return the same of a ResolvedContext of this Context.

        :raises PatternError: the mapping can't be read.
        """
        if view.conditions or not isinstance(view.mapping, str):
            return None
        plan = view.plan = view.made_plan(self.patterns)
        return plan

    def view_of(self, values: Mapping[str, Any]) -> ResolvedContext:
        """Return what this Context answers for an Asset of these values: plugins may say ``when`` they take part.

        :raises AmbiguousContextError: several variants fit them equally.
        """
        view = self.view
        return view.of(values, self.patterns) if view.conditions else view

    def view_on(self, platform: str) -> ResolvedContext:
        """Return what this Context answers on another platform.

        :raises PlatformError: it is none of the known platforms.
        """
        return self.view_in(self._pool.state().on(platform))

    @property
    def pool(self) -> ContextPool:
        """The pool this Context belongs to."""
        return self._pool

    @property
    def patterns(self) -> PatternCache:
        """The compiled patterns of this Context's session."""
        return self._pool.patterns

    @property
    def hierarchy(self) -> tuple[str, ...]:
        """The place, as a tuple of parts."""
        return self._hierarchy

    @property
    def assignment(self) -> str:
        """The layer of plugins; ``''`` for all those in WAYS_PRIORITY."""
        return self._assignment

    @property
    def plugins(self) -> list[Any]:
        """The plugins that take part: of each place from the first to this one, by priority, strongest last."""
        return [plugin.original for plugin in self.view.resolved.plugins]

    @property
    def records(self) -> tuple[DataPlugin, ...]:
        """What those plugins say, each with the sheet, line and column it is written at."""
        return self.view.resolved.plugins

    @cached_property
    def connection(self) -> dict[str, Any]:
        """The merge rules, for those who ask."""
        return dict(MERGE_RULES if self._connection is None else self._connection)

    @property
    def data(self) -> Any:
        """The plugins' data, and over it what you set. See :class:`ways.contexts.data.ContextData`."""
        return self._data()

    @data.setter
    def data(self, value: Mapping[Any, Any]) -> None:
        self._data().replace(value)

    def _data(self) -> ContextData:
        layer = self._overlay or self._new_overlay()
        return layer.shown(self.view.resolved.data)

    def _new_overlay(self) -> Overlay:
        # Made when it is asked for: it takes more than all else that a Context holds.
        with self._pool.data_lock:
            if self._overlay is None:
                self._overlay = Overlay(self._pool.data_lock)
            return self._overlay

    def data_changes(self) -> dict[Any, Any]:
        """Return what the user set on the data, what was changed in place among it."""
        layer = self._overlay
        return {} if layer is None or layer.now is None else layer.now.changes()

    def __copy__(self) -> Context:
        # It is the one Context of its place: a copy that answers otherwise would be none.
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
        """The actions of this place, as attributes; each gets this Context as its first argument."""
        return Find(self)

    @property
    def template(self) -> Template:
        """The mapping, parsed; of no text if this Context has none."""
        return self.view.template

    def get_hierarchy(self) -> tuple[str, ...]:
        """Return the place, as a tuple of parts."""
        return self._hierarchy

    def get_assignment(self) -> str:
        """Return the layer of plugins; ``''`` for all those in WAYS_PRIORITY."""
        return self._assignment

    def get_mapping(self) -> str:
        """Return the mapping, with every ``{root}`` replaced; a path has the separators of the platform.

        :raises UnresolvedMappingError: no plugin gives one (a RuntimeError).
        :raises RelativeCycleError: relative plugins use each other in a circle (a RuntimeError and a ValueError).
        """
        return self.view.get_mapping()

    def get_mapping_details(self) -> dict[str, Any]:
        """Return the details of each token, merged; the last plugin's entry for a token counts whole."""
        return self.view.get_mapping_details()

    def get_mapping_tokens(self, mapping: str = "") -> list[str]:
        """Return the tokens in *mapping*, or in this Context's, in order, repeats kept."""
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
        """Return the platforms on which every plugin here takes part; none without plugins."""
        view = self.view
        if not view.resolved.plugins:
            return set()
        platforms = view.resolved.platforms
        return set(view.state.settings.platforms if platforms is None else platforms)

    def get_groups(self) -> tuple[str, ...]:
        """Return the labels that the last plugin gives; ``('*',)`` for none."""
        return self.view.resolved.groups

    def get_max_folder(self) -> str:
        """Return the deepest folder that may be made for this place, or ``''``."""
        view = self.view
        return folder_text(view.resolved.max_folder, view.state.settings.platform.lower())

    def is_path(self) -> Any:
        """Return whether the mapping is a file path, as the last plugin that says so writes it; else ``False``."""
        path = self.view.resolved.path
        return False if path is None else path

    def get_all_plugins(self, hierarchy: Any = "", assignment: str = "") -> list[Any]:
        """Return the plugins of this place and of each one above it, also those of other platforms."""
        place = Hierarchy.of(hierarchy) if hierarchy else self._hierarchy
        return [plugin.original for plugin in self.all_records(place, assignment or self._assignment)]

    def all_records(self, place: Hierarchy, assignment: str) -> list[DataPlugin]:
        """Return what the plugins of *place* and of each place above it say, also those of other platforms."""
        state = self._pool.state()
        at = state.snapshot.plugins_at(state.assignments(assignment))
        return [plugin for above in state.snapshot.resolve_alias(place).ancestors for plugin in at(above)]

    def limited_to(self, plugins: Sequence[DataPlugin]) -> Context:
        """Return a Context that answers as if only *plugins* stood here and above; other places keep theirs."""
        return _LimitedContext(self, plugins)

    @classmethod
    def validate_plugin(cls, plugin: Any) -> Any:
        """Return *plugin* if it takes part on the current platform.

        :raises PlatformError: it doesn't, or the current platform is none of the known ones (an OSError).
        """
        settings = cls.current_pool().settings.now()
        if not settings.knows_platform:
            raise PlatformError(settings.platform, settings.platforms)
        names = _platform_names(plugin)
        if WILDCARDS.intersection(names) or settings.platform.lower() in names:
            return plugin
        message = f"{plugin!r} takes part on {', '.join(sorted(names))}, and not on {settings.platform!r}."
        raise PlatformError(settings.platform, names, message)

    def is_folder(self) -> bool:
        """Return whether the place is a folder to make, as the last plugin that says so writes it."""
        return bool(self.view.resolved.folder)

    def get_parser(self) -> ContextParser:
        """Return a new parser of this Context's mapping."""
        from ways.contexts.parser import ContextParser

        return ContextParser(self)

    def get_str(self, *args: Any, **kwargs: Any) -> str:
        """Return the mapping, filled in. See :meth:`ways.contexts.parser.ContextParser.get_str`."""
        return self.get_parser().get_str(*args, **kwargs)

    def get_action(self, name: str) -> Any:
        """Return the action of that name, here or at the nearest place above; a class is instantiated; else None."""
        return action_of(self, name)

    def checkout(self, assignment: str = "master") -> Context | None:
        """Return the Context of the same place for another assignment, or ``None``."""
        return self._pool.get(self._hierarchy, assignment)

    def revert(self) -> None:
        """Drop every change that was made to ``data``."""
        self._data().revert()

    def as_dict(self, changes: bool = True) -> dict[str, Any]:
        """Return what this Context is, as a dict; without *changes* the data is as it was loaded."""
        return {
            "assignment": self._assignment,
            "actions": copied(actions_of(self)),
            "connection": dict(self.connection),
            "hierarchy": tuple(self._hierarchy),
            "data": copied(dict(self.data)) if changes else self.data.loaded(),
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

        def at(place: Hierarchy) -> list[DataPlugin]:
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


def _texts(spec: TokenSpec, values: Iterable[Any]) -> frozenset[str]:
    """Return the texts of the values that a plugin's ``when`` names."""
    texts = set()
    for value in values:
        try:
            texts.add(spec.text(value))
        except ValueError:
            # No Asset has such a value.
            continue
    return frozenset(texts)


def _platform_names(plugin: Any) -> frozenset[str]:
    if isinstance(plugin, DataPlugin):
        return plugin.platforms or frozenset("*")
    getter = getattr(plugin, "get_platforms", None)
    found = getter() if callable(getter) else ("*",)
    texts = (found,) if isinstance(found, str) else found or ("*",)
    return frozenset(name.strip().lower() or "*" for text in texts for name in text.split(","))
