"""What one Context comes to at one moment, and what keeps it up to date. No Context is known here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from operator import itemgetter

from ways.contexts.state import LiveRegistry, RegistryView
from ways.errors import AmbiguousContextError, ContextNotFoundError, PatternError, WaysError
from ways.hierarchy import Hierarchy
from ways.lightweight import cached_property
from ways.plugins.plugin import DataPlugin
from ways.plugins.resolve import MappingPart, Resolved, Resolver, join_parts

# The rooms of the token engine load with the first text: the mapping of a place is composed without them.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from ways.contexts.filling import KnownFilling
    from ways.contexts.variants import Condition
    from ways.pattern.pattern import Pattern, PatternCache
    from ways.pattern.segments import MatchShape
    from ways.pattern.skeletons import Skeletons
    from ways.pattern.template import Template
    from ways.pattern.token import TokenSpec
    from ways.pattern.windows import PathForms
    from ways.plugins.provenance import Provenance

    #: The pattern of a variant, and what the others read: what it writes counts if it is read by none of them.
    VariantWriter = tuple[Pattern, Sequence[Callable[[str], object]]]
else:
    from ways.lightweight import NamedTuple


#: Selections of variants that are kept at most.
_MANY_SELECTIONS = 1000


class ResolvedContext:
    """What one Context comes to in one RegistryView. Computed at first need, and never changed.

    :param variant: the plugins with ``when`` that take part.
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
        #: Returns whether the registry and the settings are still the same.
        self.is_live = state.is_live
        self.hierarchy = hierarchy
        self.real_hierarchy = state.snapshot.resolve_alias(hierarchy)
        self.variant = variant
        self.assignment = assignment
        #: Resolves places for this assignment and variant.
        self.resolver = resolver
        self.resolved: Resolved = self.resolver.at(self.real_hierarchy)
        #: What reads and writes by the mapping, once it was asked for, if it serves all values: see
        #: :meth:`LiveContext.get_pattern`. And the same, whichever values it serves.
        self.pattern: Pattern | None = None
        self._strict_pattern: Pattern | None = None
        self._text_patterns: Sequence[Pattern] | None = None
        #: The plugins that some values of :attr:`asked_tokens` select.
        self._selections: dict[tuple[Any, ...], frozenset[DataPlugin]] = {}
        self._writers: dict[Any, VariantWriter] = {}
        self._forms: PathForms | None = None
        #: The mapping as only the environment fills it, by the arguments it was asked for with.
        self.fillings: dict[object, KnownFilling] = {}
        #: How much the mapping says of its texts, by the optional parts that are there.
        self.ranks: dict[frozenset[int], Any] = {}
        #: The same place before values select a variant; ``None`` if that is this one.
        self._base: ResolvedContext | None = None

    @property
    def base(self) -> ResolvedContext:
        """The same place before values select a variant."""
        return self._base or self

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """The plugins that take part here for some values only."""
        return self._divided[0]

    @property
    def left_out(self) -> tuple[Condition, ...]:
        """The plugins that never take part here, as there would be too many variants."""
        return self._divided[1]

    @cached_property
    def _divided(self) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
        conditional = self.state.snapshot.conditional
        if not conditional:
            return (), ()
        everything = self.state.resolver(self.assignment, None)
        places = everything.dependencies(self.real_hierarchy)
        near = places & self.state.conditional_places
        here = {plugin for place in near for plugin in everything.plugins_at(place) if plugin.when}
        if not here:
            return (), ()
        # Few sheets have conditions: the first Context of the others comes sooner without this module.
        from ways.contexts.variants import Condition, divided

        try:
            spec = self.template.spec
        except PatternError:
            # Told where this place is asked for. Whoever looks for another one asks each place for its variants.
            from ways.pattern.template import Template

            details, syntaxes = self.token_details
            spec = Template.of("", details, self.syntax, syntaxes).spec
        # Of all plugins together: they share the choices of a token.
        texts = {token: _texts_of(spec(token), token, here) for token in dict.fromkeys(token for plugin in here for token in plugin.when)}
        return divided(
            Condition(plugin, {token: texts[token][plugin] for token in plugin.when})
            for plugin in conditional
            if plugin in here
        )

    @property
    def variants(self) -> tuple[ResolvedContext, ...]:
        """This one, and one for each other set of plugins that some values select."""
        # A view that held itself would live on after its last user.
        return (self, *self._other_variants) if self.conditions else (self,)

    @cached_property
    def _other_variants(self) -> tuple[ResolvedContext, ...]:
        from ways.contexts.variants import variants_of

        views = []
        for variant in filter(None, variants_of(self.conditions)):
            resolver = self.state.resolver(self.assignment, variant)
            view = ResolvedContext(self.state, self.hierarchy, resolver, self.assignment, variant)
            view._divided, view._base = self._divided, self
            views.append(view)
        return tuple(views)

    @property
    def has_own_mapping(self) -> bool:
        """Whether a plugin at exactly this place has a mapping."""
        return self.resolver.has_own_mapping(self.real_hierarchy)

    @property
    def is_searched(self) -> bool:
        """Whether texts and values are found to be of this place; if not, it has to be named."""
        return self.resolved.search is not False

    @property
    def platforms(self) -> set[str]:
        """The platforms on which every plugin here takes part, as WAYS_PLATFORMS spells them; none if there is no plugin."""
        if not self.resolved.plugins:
            return set()
        platforms, known = self.resolved.platforms, self.state.settings.platforms
        if platforms is None:
            return set(known)
        # Plugins hold them in lower case; a known one keeps the case that WAYS_PLATFORMS has.
        return {name for name in known if name.lower() in platforms}.union(platforms - {name.lower() for name in known})

    @property
    def ambiguous(self) -> str:
        """``allow`` or ``refuse``: whether a text of this place is written that can be read in other ways, too."""
        return self.resolved.ambiguous or "refuse"

    @property
    def condition_count(self) -> int:
        """The number of conditions that the values of an Asset meet if this is its variant."""
        return sum(len(plugin.when) for plugin in self.variant)

    @cached_property
    def is_read_alike(self) -> bool:
        """Whether each text means the same in all variants of the place, so that one pattern serves them all."""
        if not self.conditions:
            return True
        try:
            first, *others = (
                (view.mapping, view.syntax, view.token_details, view.resolved.path, view.is_searched, view.has_own_mapping)
                for view in self.base.variants
            )
        except WaysError:
            return False
        return all(other == first for other in others)

    @cached_property
    def _asked(self) -> Sequence[tuple[Mapping[str, frozenset[str]], bool]] | None:
        """What the values in a text are asked, and the answers by which they select this variant; ``None`` if that isn't told by them.

        It is where the tokens have a value in each text, and mean the same in all variants.
        """
        try:
            templates = [view.template for view in self.base.variants]
        except WaysError:
            return None
        for name in self.asked_tokens:
            spec = templates[0].spec(name)
            if any(template.spec(name) != spec or name not in template.fixed_tokens for template in templates):
                return None
            # A text that equals the value of another choice stands for that where it is given.
            if any(spec.given_text(text) != text for _, text in spec.choices):
                return None
        return [(condition.wants, condition.plugin in self.variant) for condition in self.conditions]

    def text_pattern(self, patterns: PatternCache) -> Pattern | None:
        """Return what quickly reads the texts of this variant, where each reads others; ``None`` where that can't be told.

        :raises WaysError: the mapping of a variant can't be read.
        """
        is_told = self.conditions and not self.is_read_alike and self._asked is not None
        return self.strict_pattern(patterns) if is_told and not (self.is_strict and self.is_gone) else None

    def text_patterns(self, patterns: PatternCache) -> Sequence[Pattern]:
        """Return what quickly reads the texts of each of the variants; nothing where one can't refuse a text."""
        if self._text_patterns is None:
            try:
                found = [view.text_pattern(patterns) for view in self.base.variants]
                told = [pattern for pattern in found if pattern is not None and pattern.can_refuse]
            except WaysError:
                found, told = [], []
            self._text_patterns = told if len(told) == len(found) else ()
        return self._text_patterns

    def selected(self, values: Mapping[str, Any], patterns: PatternCache) -> ResolvedContext:
        """Return the variant that the values in a text select, of variants that read each text alike."""
        return self.base._by_plugins[self.selection(values, patterns)]

    @cached_property
    def _by_plugins(self) -> Mapping[frozenset[DataPlugin], ResolvedContext]:
        return {view.variant: view for view in self.variants}

    def writer_of(self, values: Mapping[str, Any], patterns: PatternCache) -> VariantWriter | None:
        """Return what writes given values as the variant that they select, of variants that read texts differently.

        ``None`` where that can't be told at once.
        """
        base = self.base
        try:
            return base._writers[base._asked_of(values)]
        except (KeyError, TypeError):
            pass
        told = base.text_patterns(patterns)
        named: dict[str, Any] = {token: values.get(token) for token in base.asked_tokens}
        if not told or not all(type(value) is str and value for value in named.values()):
            return None
        met = (condition for condition in base.conditions if condition.holds(named.__getitem__))
        chosen = frozenset(condition.plugin for condition in met)
        number = next(number for number, view in enumerate(base.variants) if view.variant == chosen)
        if told[number].has_mixed_choices:
            return None
        others = (*told[:number], *told[number + 1 :])
        if len(base._writers) >= _MANY_SELECTIONS:
            base._writers.clear()
        writer = base._writers[base._asked_of(values)] = (told[number], tuple(other.match_at_once for other in others))
        return writer

    @cached_property
    def _asked_of(self) -> Callable[[Mapping[str, Any]], Any]:
        return itemgetter(*self.asked_tokens)

    @cached_property
    def asked_tokens(self) -> tuple[str, ...]:
        """The tokens whose values decide which variant counts."""
        return tuple(dict.fromkeys(token for condition in self.conditions for token in condition.wants))

    def is_selected(self, values: Mapping[str, Any], patterns: PatternCache) -> bool:
        """Whether *values*, as this variant reads them, select this variant."""
        return not self.conditions or self.selection(values, patterns) == self.variant

    def selection(self, values: Mapping[str, Any], patterns: PatternCache) -> frozenset[DataPlugin]:
        """Return the plugins with ``when`` that take part for *values*, as this variant reads them."""
        from ways.contexts.variants import selected

        key = tuple(map(values.get, self.asked_tokens))
        if None in key:
            # One is put together, or there is none.
            from ways.pattern.solve import find_value

            return selected(self.conditions, lambda token: find_value(token, values, self.template, patterns))
        known = self._selections.get(key)
        if known is None:
            if len(self._selections) >= _MANY_SELECTIONS:
                self._selections.clear()
            known = self._selections[key] = selected(self.conditions, values.__getitem__)
        return known

    def _takes(self, values: Mapping[str, Any], patterns: PatternCache) -> bool:
        from ways.pattern.solve import texts_of
        from ways.pattern.token import TokenSpec

        try:
            return self.is_selected(texts_of(values, self.template, write=TokenSpec.given_text), patterns)
        except WaysError:
            return False

    def variant_of(self, values: Mapping[str, Any], patterns: PatternCache) -> ResolvedContext:
        """Return the variant that *values* select: the one with most conditions, or this one.

        :raises AmbiguousContextError: they select several variants with as many conditions.
        """
        if not self.conditions:
            return self
        from ways.regex.budget import TimeBudget

        with TimeBudget(self.state.limits):
            fitting = [view for view in self.variants if view._takes(values, patterns)] or [self]
        most = max(view.condition_count for view in fitting)
        best = [view for view in fitting if view.condition_count == most]
        if len(best) > 1:
            raise AmbiguousContextError(str(dict(values)), best)
        return best[0]

    def as_dict(self) -> dict[str, Any]:
        """Return the place and the conditions of the variant as plain data."""
        return {"hierarchy": self.hierarchy.text, "when": [dict(plugin.when) for plugin in self._variant_in_order]}

    def __str__(self) -> str:
        names = ", ".join(f"{plugin.name} ({plugin.source_of('when')})" for plugin in self._variant_in_order)
        return f"{self.hierarchy.text} with {names}" if names else self.hierarchy.text

    @property
    def _variant_in_order(self) -> list[DataPlugin]:
        """The plugins of the variant in the order of their registration: a set has them in another order in each process."""
        return [condition.plugin for condition in self.conditions if condition.plugin in self.variant]

    @cached_property
    def mapping_parts(self) -> tuple[MappingPart, ...] | WaysError:
        """The mapping in parts, each with its plugin; or the error that says why there is none."""
        try:
            parts = self.resolver.mapping_parts(self.real_hierarchy)
        except WaysError as error:
            # It is kept: what was on the stack is let go.
            return error.with_traceback(None)
        if not self.resolved.path:
            return parts
        old, new = ("/", "\\") if self.is_windows_path else ("\\", "/")
        # Most mappings have no other separator, and share the parts of the resolver.
        if not any([old in part.text for part in parts]):
            return parts
        return tuple(MappingPart(part.text.replace(old, new), part.plugin) for part in parts)

    @property
    def is_windows_path(self) -> bool:
        """Whether the mapping is a file path of Windows: texts may have either separator, and a root in any letter case."""
        return bool(self.resolved.path) and self.state.is_windows

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
        return self._copy_details()

    @cached_property
    def _copy_details(self) -> Callable[[], dict[str, Any]]:
        from ways.contexts.data import copiers, copy_with

        return partial(copy_with, copiers(self.resolved.mapping_details))

    @cached_property
    def _written(self) -> tuple[str, int] | WaysError:
        """The mapping and its syntax, or why there is none."""
        parts = self.mapping_parts
        return parts if isinstance(parts, WaysError) else join_parts([(part.text, part.plugin.syntax) for part in parts])

    @property
    def syntax(self) -> int:
        """The language that the mapping is written in."""
        return self._written[1] if isinstance(self._written, tuple) else 1

    @cached_property
    def is_strict(self) -> bool:
        """Whether texts, values and what is written are held to the rules of the mapping.

        WAYS_STRICT decides, else the language of the plugin that wrote the last part of the mapping: in any variant of the
        place, as an Asset may come to be of each.
        """
        forced = self.state.settings.strict
        return any(view._ends_in_syntax_2 for view in self.base.variants) if forced is None else forced

    @property
    def _ends_in_syntax_2(self) -> bool:
        parts = self.mapping_parts
        if isinstance(parts, tuple):
            return bool(parts) and parts[-1].plugin.syntax == 2
        # Where the parent takes no part, or nothing is inherited, there is no mapping, and no values to be taken.
        resolver, place = self.resolver, self.real_hierarchy
        return not resolver.takes_from_above(place) or any(plugin.mapping and plugin.syntax == 2 for plugin in resolver.plugins_at(place))

    @cached_property
    def is_gone(self) -> bool:
        """Whether no plugin stands at this place: a refresh took it away from those who have its Context still."""
        return not self.state.snapshot.places.get(self.real_hierarchy)

    def refuse_if_gone(self) -> None:
        """Refuse a strict place that a refresh took away: in the first syntax it is written as the place above it.

        :raises ContextNotFoundError: no plugin stands at it any more.
        """
        if self.is_strict and self.is_gone:
            raise ContextNotFoundError(self.hierarchy.text, [place.text for place in self.state.snapshot.places])

    @cached_property
    def token_details(self) -> tuple[Mapping[str, Mapping[str, Any]], Mapping[str, int]]:
        """What tokens may hold, and their syntaxes, as they are read: with the mappings they refer to.

        :raises UnresolvedMappingError: a place that a token refers to has no mapping.
        :raises MappingLimitError: they, or the mapping, hold more than they may.
        """
        from ways.pattern.measure import check_measure

        details, syntaxes = self.resolver.details(self.real_hierarchy)
        if self.is_windows_path:
            from ways.pattern.windows import with_backslashes

            # A token with an expression says itself what stands between its parts.
            written = {name: entry for name, entry in details.items() if "/" in (entry.get("mapping") or "") and not entry.get("parse")}
            details = {**details, **{name: {**entry, "mapping": with_backslashes(entry["mapping"])} for name, entry in written.items()}}
            segments = {name: {**entry, "segments": "\\"} for name, entry in details.items() if entry.get("segments")}
            details = {**details, **segments} if segments else details
        check_measure(self._written[0] if isinstance(self._written, tuple) else "", details, self.state.limits)
        return details, syntaxes

    def where(self, token: str) -> str:
        """Return the place, and where the rules of a token are written: its details, else the mapping that it stands in."""
        provenance, place = self.provenance, self.hierarchy.text
        # Not the plugin that gives a default alone.
        plugin = provenance.plugin_of(("mapping_details", token, "parse")) if token in self.template.specs else None
        source = plugin.source_of("mapping_details", token) if plugin is not None else None
        source = source or provenance.source_of_mapping(token)
        return place if source is None else f"{place} ({source})"

    @cached_property
    def provenance(self) -> Provenance:
        """Which plugins gave what this Context answers."""
        from ways.plugins.provenance import Provenance

        return Provenance(self.resolver, self.real_hierarchy)

    @cached_property
    def template(self) -> Template:
        """The mapping, parsed; an empty template if there is none.

        :raises PatternError: it can't be read.
        """
        if self._strict_pattern is not None:
            return self._strict_pattern.template
        mapping = self._written[0] if isinstance(self._written, tuple) else ""
        details, syntaxes = self.token_details
        return _template_of(mapping, details, self.syntax, syntaxes)

    def strict_pattern(self, patterns: PatternCache) -> Pattern:
        """Return what reads and writes by the mapping, whichever values it serves; the same at each call.

        :raises PatternError: the mapping can't be read.
        """
        if self._strict_pattern is None:
            from ways.pattern.pattern import STRICT, Pattern

            details, syntaxes = self.token_details
            mapping = self._written[0] if isinstance(self._written, tuple) else ""
            selected = () if self.is_read_alike else self._asked or ()
            first = patterns.first_reader(mapping, details, self.syntax, syntaxes) if not selected else None
            template: Template | Callable[[], Template]
            if first is None or "template" in vars(self):
                # A mapping whose first texts nothing reads is parsed now, so that the caller sees its errors.
                template = self.template
            else:
                template = partial(_template_of, mapping, details, self.syntax, syntaxes)
            is_windows = self.is_windows_path
            self._strict_pattern = Pattern(
                template,
                STRICT,
                patterns,
                first=first,
                is_path=bool(self.resolved.path),
                is_windows=is_windows,
                is_strict=self.is_strict,
                is_live=self.is_live,
                longest=self.state.limits.text,
                selected=selected,
            )
        return self._strict_pattern

    def forms(self, text: str) -> Sequence[str]:
        """Return the forms in which the mapping of a path of Windows may read *text*, the best first."""
        if self._forms is None:
            from ways.pattern.windows import PathForms

            self._forms = PathForms(self.template)
        return self._forms(text)

    def shape(self, shapes: Skeletons) -> MatchShape:
        """Return what an index needs to know of the mapping; in most cases without parsing it.

        :raises UnresolvedMappingError: there is none.
        :raises PatternError: it can't be read.
        """
        mapping = self.get_mapping()
        details, syntaxes = self.token_details
        shape = shapes.shape(mapping, details, self.syntax, syntaxes, lambda: self.template)
        if not self.is_windows_path:
            return shape
        from ways.pattern.windows import index_shape

        # Its texts may have several forms, which no skeleton knows.
        return index_shape(shape)._replace(skeleton=None)


def _template_of(mapping: str, details: Mapping[str, Any], syntax: int, syntaxes: Mapping[str, int]) -> Template:
    from ways.pattern.template import Template

    return Template.of(mapping, details, syntax, syntaxes)


class LiveContext:
    """A place and an assignment in one session, and what they come to at each moment.

    The base of :class:`ways.contexts.context.Context`: what parsers and actions need of it.
    """

    def __init__(self, live: LiveRegistry, hierarchy: Hierarchy, assignment: str) -> None:
        self._pool = live
        self._hierarchy = hierarchy
        self._assignment = assignment
        self._view: ResolvedContext | None = None
        #: Whether its session keeps it, so that it outlives whoever asked for it.
        self.is_kept = False

    @property
    def pool(self) -> LiveRegistry:
        """The pool that this Context belongs to."""
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
    def view(self) -> ResolvedContext:
        """What this Context comes to at this moment."""
        view = self._view
        if view is None or not view.is_live():
            view = self._view = self._resolved_in(self._pool.state())
            if self.is_kept:
                self._pool.until_changed(self.forget_view)
        return view

    def forget_view(self) -> None:
        """Forget what this Context came to; the next question finds it anew."""
        self._view = None

    def view_in(self, state: RegistryView) -> ResolvedContext:
        """Return what this Context comes to in one view of the registry."""
        view = self._view
        if view is not None and view.state is state:
            return view
        kept = state.kept_views
        view = None if kept is None else kept.get((self._hierarchy, self._assignment))
        if view is None:
            view = self._resolved_in(state)
            if kept is not None:
                kept[self._hierarchy, self._assignment] = view
        if state.is_live():
            self._view = view
            if self.is_kept:
                self._pool.until_changed(self.forget_view)
        return view

    def _resolved_in(self, state: RegistryView) -> ResolvedContext:
        return ResolvedContext(state, self._hierarchy, state.resolver(self._assignment), self._assignment)

    def view_of(self, values: Mapping[str, Any]) -> ResolvedContext:
        """Return the variant that an Asset of these values has: plugins with ``when`` take part for some values only.

        :raises AmbiguousContextError: several variants fit them equally.
        """
        view = self.view
        return view.variant_of(values, self.patterns) if view.conditions else view

    def view_on(self, platform: str) -> ResolvedContext:
        """Return what this Context comes to on another platform.

        :raises PlatformError: the platform is unknown.
        """
        return self.view_in(self._pool.state().on(platform))

    def get_pattern(self) -> Pattern | None:
        """Return the fast reader and writer of the mapping of this moment; ``None`` where values decide what it is.

        :raises PatternError: the mapping can't be read.
        """
        view = self._view
        # As a method, and without asking for the state: a property costs 50 ns more, and reading by a pattern takes 600.
        if view is None or not view.is_live():
            view = self.view
        return view.pattern or self.pattern_of(view)

    def get_view(self) -> ResolvedContext:
        """Return :attr:`view`, 50 ns sooner: reading by a pattern takes 600."""
        view = self._view
        return self.view if view is None or not view.is_live() else view

    def pattern_of(self, view: ResolvedContext) -> Pattern | None:
        """Return the same for one of the views of this Context.

        :raises PatternError: the mapping can't be read.
        """
        if not view.is_read_alike or not isinstance(view.mapping, str) or (view.is_strict and view.is_gone):
            return None
        pattern = view.pattern = view.base.strict_pattern(self.patterns)
        return pattern


class VariantMismatch(NamedTuple):
    """A reading of a text by one variant of a place whose values select another variant."""

    values: Mapping[str, str]
    view: ResolvedContext
    #: The plugins with ``when`` that take part for these values.
    selected: frozenset[DataPlugin]

    def __str__(self) -> str:
        more, fewer = self.selected - self.view.variant, self.view.variant - self.selected
        what = f"meet the condition of {_names(more)}" if more else f"don't meet the condition of {_names(fewer)}"
        return (
            f"It fits {self.view.get_mapping()!r}, a mapping of {self.view.hierarchy.text}, but its values {what}, "
            "so another mapping applies."
        )


def _names(plugins: Iterable[DataPlugin]) -> str:
    return " and ".join(sorted(f"{plugin.name} ({plugin.source_of('when')})" for plugin in plugins))


def _texts_of(spec: TokenSpec, token: str, plugins: Collection[DataPlugin]) -> dict[DataPlugin, frozenset[str]]:
    """Return, of each plugin whose ``when`` names values of a token, the texts of these values."""
    asking = {plugin: plugin.when[token] for plugin in plugins if token in plugin.when}
    written = spec.texts([value for values in asking.values() for value in values])
    # No Asset has a value that can't be written.
    return {plugin: frozenset(text for _, text in islice(written, len(values)) if text is not None) for plugin, values in asking.items()}
