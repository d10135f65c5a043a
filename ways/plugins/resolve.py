"""Resolver: the plugins of a place to one Resolved, which names the places that it was merged from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ways.errors import MOST_SHOWN, MappingLimitError, RelativeCycleError, UnresolvedMappingError, nearest
from ways.hierarchy import Hierarchy
from ways.lightweight import cached_property
from ways.limits import DEFAULT_LIMITS, Limits
from ways.logs import LOADING, WARNING, log
from ways.plugins.merge import MERGE_RULES, MERGED_BY_KEY, is_default_alone, merged_details, overlaid
from ways.plugins.plugin import DataPlugin
from ways.plugins.relative import ROOT, Circles, below
from ways.settings import DEFAULT_ASSIGNMENT, PLATFORMS_ENV_VAR, PRIORITY_ENV_VAR, order_of_layers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

#: What a reference to the mapping of another place, or of another token, begins with.
REFERENCE = "{@"
_REFERENCE = r"\{@([^{}]+)\}"


class MappingPart(NamedTuple):
    """A part of a mapping, and the plugin that wrote it."""

    text: str
    plugin: DataPlugin


class MappingSource(NamedTuple):
    """The plugins at one place whose mappings count, and the places whose mappings stand in theirs."""

    place: Hierarchy
    #: The plugin whose mapping counts; ``None`` if there are only plugins that append to the mapping of the place above.
    writer: DataPlugin | None
    appends: tuple[DataPlugin, ...]
    #: The place whose mapping stands in the writer's, or before what is appended; ``None`` for none.
    base: Hierarchy | None
    references: tuple[Hierarchy, ...]

    @property
    def plugins(self) -> list[DataPlugin]:
        """The plugins, strongest first."""
        return [*reversed(self.appends), *((self.writer,) if self.writer else ())]


class Scope(NamedTuple):
    """The platform and the layers that a Resolver looks at."""

    platform: str
    is_platform_known: bool
    #: Their assignments, the strongest last.
    assignments: tuple[str, ...]
    #: Whether these are the layers of WAYS_PRIORITY, rather than one that was named.
    is_priority: bool
    #: Returns the plugins that stand exactly at a place and take part here, for some values or for all.
    plugins_at: Callable[[Hierarchy], Sequence[DataPlugin]]
    #: Returns the plugins that stand exactly at a place, by layer; all there are.
    layers_at: Callable[[Hierarchy], Mapping[str, Sequence[DataPlugin]]]
    #: Returns whether the platform and the layers are those of this moment.
    is_live: Callable[[], bool]

    @property
    def layers(self) -> str:
        """The words that name the layers."""
        named = f"{PRIORITY_ENV_VAR}={os.pathsep.join(self.assignments)}"
        return f"in the layers of {named}" if self.is_priority else f"in the layer {self.assignments[0]!r}"

    def __str__(self) -> str:
        unknown = "" if self.is_platform_known else f", which is none of {PLATFORMS_ENV_VAR},"
        return f"on the platform {self.platform!r}{unknown} and {self.layers}"


class Resolved(NamedTuple):
    """What the plugins of a place amount to. Its dicts are shared with other places: copy them before you hand them out."""

    hierarchy: Hierarchy
    #: The plugins that take part, of this place and of each one above it: shortest first, then by priority.
    plugins: tuple[DataPlugin, ...] = ()
    mapping_details: Mapping[str, Mapping[str, Any]] = {}
    #: Token to the syntax that its details are written in, where that isn't 1.
    syntaxes: Mapping[str, int] = {}
    data: Mapping[Any, Any] = {}
    platforms: frozenset[str] | None = None
    groups: tuple[str, ...] = ("*",)
    path: Any = None
    folder: Any = None
    search: bool | None = None
    ambiguous: str | None = None
    openassetio: Mapping[str, Any] = {}
    max_folder: tuple[str, ...] = ()
    #: The place elsewhere that gives the mapping; its token details and path flag count where nothing nearer gives any.
    parent: Hierarchy | None = None
    #: The places whose mappings stand in that of this place; their token details count least.
    references: tuple[Hierarchy, ...] = ()


class _Needs(NamedTuple):
    """What a place depends on."""

    #: The places that depend on each other, itself among them.
    circle: frozenset[Hierarchy]
    #: Places on the longest way to one that depends on no other; those above a place don't count.
    height: int


class Everything:
    """Every plugin there is, as all resolvers of one state need it: for layers and variants, what is said of it is found once."""

    def __init__(self, plugins: Sequence[DataPlugin]) -> None:
        self.plugins = plugins

    @cached_property
    def places(self) -> set[Hierarchy]:
        """The places at which any plugin stands."""
        return {plugin.hierarchy for plugin in self.plugins}

    @cached_property
    def circles(self) -> Circles:
        """What finds the relative plugins that wait for each other."""
        return Circles(self.plugins, self.places)

    @cached_property
    def orphans(self) -> Mapping[tuple[str, ...], Sequence[DataPlugin]]:
        """The relative plugins whose parent no plugin makes, by the last part of their places."""
        orphans: dict[tuple[str, ...], list[DataPlugin]] = {}
        for plugin in self.plugins:
            if plugin.parent is not None and plugin.parent not in self.places and not plugin.wildcard:
                orphans.setdefault(plugin.hierarchy[-1:], []).append(plugin)
        return orphans


class Resolver:
    """Resolves places in one state of the registry, for one platform and one order of assignments.

    A place is merged from the place above it and its own plugins, at first need, and then kept: places share what they
    have in common.

    :param plugins_at: returns the plugins that stand exactly at a place and take part, the strongest last.
    :param everything: every plugin there is, to say why a parent has no mapping.
    :param scope: the platform and the layers, if those are known.
    """

    def __init__(
        self,
        plugins_at: Callable[[Hierarchy], Sequence[DataPlugin]],
        everything: Sequence[DataPlugin] | Everything = (),
        limits: Limits = DEFAULT_LIMITS,
        scope: Scope | None = None,
    ) -> None:
        self.plugins_at = plugins_at
        self._scope = scope
        self.limits = limits
        self._everything = everything if isinstance(everything, Everything) else Everything(everything)
        self._resolved: dict[Hierarchy, Resolved] = {}
        self._mappings: dict[Hierarchy, tuple[MappingPart, ...] | None] = {}
        #: How many places each mapping is made of, one after the other.
        self._depths: dict[Hierarchy, int] = {}
        self._sources: dict[Hierarchy, MappingSource | None] = {}
        #: The places that token details, and those that the path flag, come from.
        self._merged: tuple[dict[Hierarchy, tuple[Hierarchy, ...]], dict[Hierarchy, tuple[Hierarchy, ...]]] = ({}, {})
        #: What the merge of each place needs, where that was asked.
        self._needs: dict[Hierarchy, _Needs] = {}
        #: What :meth:`dependencies` gives for places that have others below them.
        self._dependencies: dict[Hierarchy, set[Hierarchy]] = {}

    def at(self, hierarchy: Hierarchy) -> Resolved:
        """Return what *hierarchy* amounts to."""
        resolved = self._resolved.get(hierarchy)
        if resolved is None:
            resolved = self._resolved[hierarchy] = self._merge(hierarchy)
        return resolved

    def mapping(self, hierarchy: Hierarchy) -> str:
        """Return the mapping of *hierarchy*, every ``{root}`` replaced.

        :raises UnresolvedMappingError: nothing gives a mapping.
        :raises RelativeCycleError: relative plugins use each other in a circle.
        :raises MappingLimitError: it would be longer, or made of more places, than it may.
        """
        return "".join(part.text for part in self.mapping_parts(hierarchy))

    def mapping_parts(self, hierarchy: Hierarchy) -> tuple[MappingPart, ...]:
        """Return the mapping of *hierarchy* in parts, each with the plugin that wrote it. Raises as :meth:`mapping`."""
        parts = self._parts(hierarchy, {})
        if parts is None or self._is_bare(hierarchy):
            raise self._unresolved_error(hierarchy)
        return parts

    def has_mapping(self, hierarchy: Hierarchy) -> bool:
        """Whether a place has a mapping. It takes no words to say why not.

        :raises RelativeCycleError: relative plugins use each other in a circle.
        :raises MappingLimitError: it would be longer, or made of more places, than it may.
        """
        if self._parts(hierarchy, {}) is not None:
            return not self._is_bare(hierarchy)
        if self._stop(hierarchy) is not None:
            return False
        if chain := self._circle_above(self.at(hierarchy).plugins):
            raise _circle_error(chain)
        return False

    def has_own_mapping(self, hierarchy: Hierarchy) -> bool:
        """Whether a plugin at exactly this place has a mapping."""
        return any(plugin.mapping for plugin in self.plugins_at(hierarchy))

    def takes_from_above(self, hierarchy: Hierarchy) -> bool:
        """Whether a place without a mapping of its own may have that of a place above it.

        It may not where its own mappings, or those of a place between, are for other platforms or layers, and where no plugin
        stands at it: what is above would be a wrong path there. In the first syntax it is taken all the same.
        """
        return self._stop(hierarchy) is None and not self._is_bare(hierarchy)

    def _absent_mappings(self, place: Hierarchy) -> list[DataPlugin]:
        """Return the plugins that give a place its mappings, if none of these is for this platform and these layers.

        ``[]`` if there are none, or only those of the first syntax: such a place has the mapping of the place above it.
        """
        if self._scope is None:
            return []
        given = [plugin for plugins in self._layers_of(place).values() for plugin in plugins if plugin.mapping]
        if all([plugin.syntax == 1 for plugin in given]):
            return []
        here = self._scope.plugins_at(place)
        return [] if any([plugin.mapping and not plugin.is_self_append for plugin in here]) else given

    def _stop(self, hierarchy: Hierarchy) -> Hierarchy | None:
        """Return the place whose absent mappings leave *hierarchy* without one: itself, or the nearest above; ``None`` for none."""
        for place in reversed([*hierarchy.ancestors]):
            if any([plugin.mapping and not plugin.is_self_append for plugin in self.plugins_at(place)]):
                return None
            if self._absent_mappings(place):
                return place
        return None

    def _is_bare(self, hierarchy: Hierarchy) -> bool:
        """Whether a place is only there for others below it, and what is above it has a mapping of the second syntax."""
        if self.plugins_at(hierarchy) or self._scope is None or self._layers_of(hierarchy):
            return False
        source = self.mapping_source(hierarchy)
        return source is not None and any([plugin.syntax != 1 for plugin in source.plugins])

    def _merge(self, hierarchy: Hierarchy) -> Resolved:
        if not hierarchy:
            return Resolved(hierarchy)
        above = self.at(Hierarchy(hierarchy[:-1]))
        own = tuple(self.plugins_at(hierarchy))
        fields: dict[str, Any] = {
            **dict(zip(Resolved._fields, above)),
            **_OF_PLACE_ITSELF,
            "hierarchy": hierarchy,
            "plugins": above.plugins + own,
        }
        parent = mapping_parent(own)
        # The parent gives this place its mapping, and what its tokens need. In a circle there is no mapping; of a place
        # above, all is inherited already.
        if parent is not None and not hierarchy.starts_with(parent) and not self._leads_to(parent, hierarchy):
            distant = self.at(parent)
            fields |= _with_details(fields, distant)
            fields["path"] = distant.path if fields["path"] is None else fields["path"]
            fields["parent"] = parent
        for place in self._references(own, fields["mapping_details"]):
            if not self._leads_to(place, hierarchy):
                fields |= _with_details(fields, self.at(place))
                fields["references"] += (place,)
        # Keys that many plugins give are put in one dict: a new one for each plugin would take the square of their number.
        whole: dict[str, dict[Any, Any]] = {}
        for plugin in own:
            if plugin.mapping_details and (plugin.syntax != 1 or fields["syntaxes"]):
                if "syntaxes" not in whole:
                    fields["syntaxes"] = whole["syntaxes"] = {**fields["syntaxes"]}
                for name, entry in plugin.mapping_details.items():
                    if is_default_alone(entry) and name in fields["mapping_details"]:
                        continue
                    # Where it stands in the dict says nothing.
                    if plugin.syntax == 1:
                        whole["syntaxes"].pop(name, None)
                    else:
                        whole["syntaxes"][name] = plugin.syntax
            # What a plugin doesn't give stays as it is, but for its groups.
            for field in (*plugin.info, "groups"):
                rule = MERGE_RULES.get(field)
                if field in whole:
                    given = getattr(plugin, field) or {}
                    whole[field].update(overlaid(whole[field], given) if rule is merged_details else given)
                elif rule is not None:
                    before = fields[field]
                    fields[field] = rule(before, plugin)
                    if rule in MERGED_BY_KEY and fields[field] is not before:
                        whole[field] = fields[field]
        return Resolved._make(fields.values())

    def mapping_source(self, hierarchy: Hierarchy) -> MappingSource | None:
        """Return what gives the mapping of a place: of the nearest place that has one; ``None`` if no plugin has one."""
        if hierarchy not in self._sources:
            self._sources[hierarchy] = self._mapping_source(hierarchy)
        return self._sources[hierarchy]

    def _mapping_source(self, hierarchy: Hierarchy) -> MappingSource | None:
        upwards = reversed([*hierarchy.ancestors])
        place = next((place for place in upwards if self.has_own_mapping(place) or self._absent_mappings(place)), None)
        if place is None or not self.has_own_mapping(place):
            return None
        own, details = self.plugins_at(place), self.at(place).mapping_details
        writer, appends = writer_and_appends(own)
        base = Hierarchy(place[:-1]) if writer is None else writer.parent
        texts = (plugin.mapping for plugin in counting_mappings(own))
        references = [other for text in texts for _, other in self._split_references(text, details) if other]
        return MappingSource(place, writer, tuple(appends), base or None, tuple(references))

    def merged_places(self, place: Hierarchy, *, with_references: bool) -> tuple[Hierarchy, ...]:
        """Return the places whose plugins are merged into *place*, weakest first; one that comes twice, where it is strongest.

        :param with_references: whether those count whose mappings stand in its own; only their token details do.
        """
        if not place:
            return ()
        known = self._merged[with_references]
        # Without recursion: the way to the last may be long.
        waiting = [place]
        while waiting:
            here = waiting[-1]
            resolved = self.at(here)
            sources = [*(reversed(resolved.references) if with_references else ()), *((resolved.parent,) if resolved.parent else ())]
            sources = [source for source in (*sources, Hierarchy(here[:-1])) if source]
            if unknown := [source for source in sources if source not in known]:
                waiting += unknown
            else:
                places = [other for source in sources for other in known[source]]
                known[here] = tuple(dict.fromkeys((here, *reversed(places))))[::-1]
                waiting.pop()
        return known[place]

    def _leads_to(self, start: Hierarchy, goal: Hierarchy) -> bool:
        """Whether the mapping of *start*, a place that *goal* needs, depends on *goal*; or on more places than the limit allows.

        A place depends on those above it, on its parent, and on those that it refers to.
        """
        if goal not in self._needs:
            self._merge_needed(goal)
        return start in self._needs[goal].circle or self._needs[start].height > self.limits.expansion

    def _merge_needed(self, hierarchy: Hierarchy) -> None:
        """Find what *hierarchy* depends on, and merge it, each place after those that it depends on itself.

        So neither many ways to a place nor a long one to the last cost more than the places and references that there are.
        """
        for circle in self._circles_below(hierarchy):
            if hierarchy not in circle:
                for place in sorted(circle, key=len):
                    self.at(place)

    def _circles_below(self, hierarchy: Hierarchy) -> list[list[Hierarchy]]:
        """Return what *hierarchy* depends on and wasn't found before: places that depend on each other in one list, after what they need.

        This is Tarjan's algorithm for strongly connected components, without recursion. Other threads may find some of them
        meanwhile: the places of a circle become known all at once.
        """
        found: list[list[Hierarchy]] = []
        #: Where each place stands on the stack, and the least that it leads to.
        numbers: dict[Hierarchy, int] = {}
        least: dict[Hierarchy, int] = {}
        stack: list[Hierarchy] = []
        next_steps: dict[Hierarchy, Sequence[tuple[Hierarchy, int]]] = {}
        waiting: list[tuple[Hierarchy, Iterator[tuple[Hierarchy, int]]]] = []
        following: Hierarchy | None = hierarchy
        while following is not None or waiting:
            if following is not None:
                numbers[following] = least[following] = len(stack)
                stack.append(following)
                next_steps[following] = self._steps(following)
                waiting.append((following, iter(next_steps[following])))
            place, steps = waiting[-1]
            following = None
            for other, _ in steps:
                if other in numbers:
                    least[place] = min(least[place], numbers[other])
                elif other not in self._needs:
                    following = other
                    break
            if following is not None:
                continue
            waiting.pop()
            if waiting:
                least[waiting[-1][0]] = min(least[waiting[-1][0]], least[place])
            if least[place] == numbers[place]:
                circle = stack[numbers[place] :]
                del stack[numbers[place] :]
                after = [step for one in circle for step in next_steps.pop(one)]
                for one in circle:
                    del numbers[one]
                # Where another thread was first, this one passed over what was known, and may have a part of the circle alone.
                if place not in self._needs:
                    inside = frozenset(circle)
                    height = max((self._needs[other].height + step for other, step in after if other not in inside), default=0)
                    self._needs.update(dict.fromkeys(circle, _Needs(inside, height)))
                found.append(circle)
        return found

    def _steps(self, place: Hierarchy) -> list[tuple[Hierarchy, int]]:
        """Return the places that *place* depends on, and 0 for the one above it, 1 for each other."""
        own = self.plugins_at(place)
        others = dict.fromkeys((mapping_parent(own), *self._references(own, {})), 1)
        return [(other, step) for other, step in {**others, Hierarchy(place[:-1]): 0}.items() if other]

    def dependencies(self, hierarchy: Hierarchy) -> set[Hierarchy]:
        """Return every place whose plugins may change what *hierarchy* amounts to, itself among them."""
        above = Hierarchy(hierarchy[:-1])
        if above and above not in self._dependencies:
            self._dependencies[above] = self.dependencies(above)
        # Those of the place above are complete: all places below it share them.
        seen = {*self._dependencies[above]} if above else set()
        waiting = [hierarchy]
        while waiting:
            place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            waiting += self.direct_dependencies(place)
        return seen

    def direct_dependencies(self, hierarchy: Hierarchy) -> list[Hierarchy]:
        """Return the places that *hierarchy* takes something from at once: those it uses or refers to, and the one above it."""
        own = self.plugins_at(hierarchy)
        above = [Hierarchy(hierarchy[:-1])] if len(hierarchy) > 1 else []
        return [*(plugin.parent for plugin in own if plugin.parent is not None), *self._references(own, {}), *above]

    def _references(self, own: Sequence[DataPlugin], details: Mapping[str, Any]) -> Iterator[Hierarchy]:
        """Yield the places whose mappings stand in those of *own*."""
        for plugin in own:
            texts = [plugin.mapping, *[entry["mapping"] for entry in plugin.mapping_details.values() if "mapping" in entry]]
            for text in texts:
                if text and REFERENCE in text:
                    known = {**details, **plugin.mapping_details}
                    yield from (place for _, place in self._split_references(text, known) if place is not None)

    def _split_references(self, text: str, details: Mapping[str, Any]) -> Iterator[tuple[str, Hierarchy | None]]:
        """Yield the parts of a mapping, and in the place of each ``{@job/shot}`` the hierarchy it names."""
        # Imported here: few sheets refer to other places.
        import re

        end = 0
        for match in re.finditer(_REFERENCE, text):
            is_token = match[0][1:-1] in details or bool((details.get(match[1]) or {}).get("mapping"))
            place = None if is_token else Hierarchy.of(match[1])
            # A place counts even if its plugins are all on another platform or in another layer.
            if place and (place in self._occupied() or self.plugins_at(place)):
                yield text[end : match.start()], None
                yield "", place
                end = match.end()
        yield text[end:], None

    def _circle_of(self, plugin: DataPlugin) -> list[DataPlugin]:
        """Return the relative plugins that one waits for in a circle; ``[]`` if there are none."""
        if plugin.parent in self._occupied():
            # Returned early: this is asked for each place below one without a mapping.
            return []
        return self._everything.circles.of(plugin)

    def _circle_above(self, plugins: Sequence[DataPlugin]) -> list[DataPlugin]:
        """Return the circle that the last relative plugin of a place waits for; ``[]`` if there is none."""
        last = next((plugin for plugin in reversed(plugins) if plugin.mapping and plugin.parent is not None), None)
        return [] if last is None else self._circle_of(last)

    def _occupied(self) -> set[Hierarchy]:
        """Return the places at which any plugin stands."""
        return self._everything.places

    def details(self, hierarchy: Hierarchy) -> tuple[Mapping[str, Mapping[str, Any]], Mapping[str, int]]:
        """Return the details of the tokens of a place, and their syntaxes, with every reference to a place replaced.

        :raises UnresolvedMappingError: a place that a token refers to has no mapping.
        """
        resolved = self.at(hierarchy)
        details, syntaxes = resolved.mapping_details, resolved.syntaxes
        for name, entry in details.items():
            if REFERENCE in (entry.get("mapping") or ""):
                parts = self.parts_of_token(hierarchy, name)
                own = syntaxes.get(name, 1)
                text, syntax = join_parts((part, own) if isinstance(part, str) else (part.text, part.plugin.syntax) for part in parts)
                details = {**details, name: {**entry, "mapping": text}}
                syntaxes = {**syntaxes, name: syntax}
        return details, syntaxes

    def parts_of_token(self, hierarchy: Hierarchy, token: str) -> Iterator[str | MappingPart]:
        """Yield the mapping of a token in parts: what stands in its details as text, and the parts of each place that it refers to.

        :raises UnresolvedMappingError: a place that it refers to has no mapping.
        """
        details = self.at(hierarchy).mapping_details
        for text, place in self._split_references(details[token].get("mapping") or "", details):
            yield from (text,) if place is None else self.mapping_parts(place)

    def _parts(self, hierarchy: Hierarchy, path: dict[Hierarchy, None]) -> tuple[MappingPart, ...] | None:
        """Return the mapping of a place in parts; ``None`` if nothing gives one.

        :param path: the places that wait for this one, each for the next: their order counts, and whether a place is among them.
        """
        if not hierarchy:
            return None
        # The length counts what is known already: the answer doesn't depend on the order of questions.
        if (steps := len(path) + self._depths.get(hierarchy, 1)) > self.limits.expansion:
            raise self._limit_error("expansion", steps, hierarchy)
        if hierarchy in self._mappings:
            return self._mappings[hierarchy]
        if hierarchy in path:
            waiting = list(path)
            circle = [*waiting[waiting.index(hierarchy) :], hierarchy]
            raise RelativeCycleError([place.text for place in circle])
        own = self.plugins_at(hierarchy)
        writer, appends = writer_and_appends(own)
        if is_own := writer is not None or bool(appends):
            here = {**path, hierarchy: None}
            parts = self._with_references(self._own_parts(writer, appends, here), here)
            self._check_length(parts or (), hierarchy)
            others = [Hierarchy(hierarchy[:-1]) if writer is None else writer.parent]
        else:
            # Those between have none; to go up one by one would take as many calls in each other.
            # The place itself isn't looked up among the known ones: another thread may have put it there since.
            above = reversed([*hierarchy.ancestors][:-1])
            known = (place for place in above if place in self._mappings or self.has_own_mapping(place) or self._absent_mappings(place))
            giver = Hierarchy() if self._absent_mappings(hierarchy) else next(known, Hierarchy())
            parts, others = self._parts(giver, path), [giver]
        if any([REFERENCE in plugin.mapping for plugin in own]):
            others += self._references(own, self.at(hierarchy).mapping_details)
        self._depths[hierarchy] = is_own + max([self._depths.get(place, 0) for place in others if place is not None], default=0)
        self._mappings[hierarchy] = parts
        return parts

    def _with_references(
        self, parts: tuple[MappingPart, ...] | None, path: dict[Hierarchy, None]
    ) -> tuple[MappingPart, ...] | None:
        """Return *parts* with the mapping of each place that they refer to; ``None`` if one has none.

        :param path: as for :meth:`_parts`, and the place itself at its end.
        """
        if parts is None or not any([REFERENCE in part.text for part in parts]):
            return parts
        here = next(reversed(path))
        details = self.at(here).mapping_details
        expanded: list[MappingPart] = []
        for part in parts:
            for text, place in self._split_references(part.text, details):
                inner = (MappingPart(text, part.plugin),) if place is None else self._parts(place, path)
                if inner is None:
                    return None
                expanded += inner
                self._check_length(expanded, here)
        return tuple(part for part in expanded if part.text)

    def _own_parts(
        self, writer: DataPlugin | None, appends: Sequence[DataPlugin], path: dict[Hierarchy, None]
    ) -> tuple[MappingPart, ...] | None:
        """Return the mapping of a place with one of its own: the writer's, then what is appended."""
        if writer is None:
            here = next(reversed(path))
            root = None if self._absent_mappings(here) else self._parts(Hierarchy(here[:-1]), path)
            parts = self._root_of(appends[0], root)
        elif writer.parent is not None:
            parts = self._with_root(writer, self._root_of(writer, self._parts(writer.parent, path)))
        else:
            parts = (MappingPart(writer.mapping, writer),)
        for plugin in appends:
            # In the first syntax a plugin appends to a place without a mapping as to an empty one.
            parts = self._with_root(plugin, () if parts is None and plugin.syntax == 1 else parts)
        return parts

    def _root_of(self, plugin: DataPlugin, root: tuple[MappingPart, ...] | None) -> tuple[MappingPart, ...] | None:
        """Return the mapping of a relative plugin's parent, for that plugin; ``None`` where no plugin of the parent takes part.

        The mapping of the places above the parent would lack what the parent's own plugins say. In the first syntax it
        is taken all the same, and the log says so.
        """
        if self._has_parent(plugin):
            return root
        if plugin.syntax != 1:
            return None
        is_used = root is not None or plugin.is_self_append
        if is_used and self._scope is not None and self._scope.is_live() and self._layers_of(plugin.parent or Hierarchy()):
            log(LOADING, WARNING, "%s: its mapping lacks that of its parent: %s", plugin.hierarchy.text, self._lack(plugin))
        return root

    def _has_parent(self, plugin: DataPlugin) -> bool:
        """Whether a plugin stands at the parent of a relative one and takes part here; other than those that append to it."""
        parent = plugin.parent
        if parent is None:
            return True
        here = self.plugins_at(parent) or (self._scope.plugins_at(parent) if self._scope else ())
        return any(not other.is_self_append for other in here) if plugin.is_self_append else bool(here)

    def _layers_of(self, place: Hierarchy) -> dict[str, list[DataPlugin]]:
        """Return the plugins at a place by layer, on any platform; not those that append to it."""
        layers = self._scope.layers_at(place).items() if self._scope else ()
        others = {name: [plugin for plugin in plugins if not plugin.is_self_append] for name, plugins in layers}
        return {name: plugins for name, plugins in others.items() if plugins}

    def _lack(self, plugin: DataPlugin) -> str:
        """Return the words that say why the parent of a relative plugin gives it no mapping."""
        parent = plugin.parent or Hierarchy()
        uses = f"its relative plugin at {plugin.source} uses {parent.text!r}, which has no mapping here"
        if not self._has_parent(plugin):
            return f"{uses}: {self._absence(parent)}"
        stop = self._stop(parent)
        return uses if stop is None else f"{uses}: {self._why_absent(parent, stop)[1]}"

    def _absence(self, place: Hierarchy) -> str:
        """Return the words that say why no plugin takes part at a place."""
        layers, scope = self._layers_of(place), self._scope
        if scope is None or not layers:
            return "it has no plugin"
        return f"none of its plugins applies {scope}; {place.text!r} is in {_in_words(layers)}{self._order_for(layers)}"

    def _absence_of_mapping(self, hierarchy: Hierarchy) -> str:
        """Return the words that say why the plugins of a place that have a mapping take no part; ``""`` where none has one."""
        for place in reversed([*hierarchy.ancestors]):
            layers = {
                name: with_mapping
                for name, plugins in self._layers_of(place).items()
                if (with_mapping := [plugin for plugin in plugins if plugin.mapping])
            }
            if layers and self._scope is not None:
                others = f"{place.text!r} has one in {_in_words(layers)}{self._order_for(layers)}"
                here = next((plugin for plugin in self._scope.plugins_at(place) if plugin.mapping), None)
                if here is not None:
                    others = f"the one at {here.source} applies only for some values (when)"
                return f"no plugin that has one applies {self._scope}; {others}"
        return ""

    def _order_for(self, layers: Mapping[str, Sequence[DataPlugin]]) -> str:
        """Return the advice to look at one of *layers*, too; ``""`` where that gives no plugin on this platform."""
        scope = self._scope
        if scope is None or not scope.assignments or not layers.keys().isdisjoint(scope.assignments):
            return ""
        names = [name for name, plugins in layers.items() if any(plugin.takes_part(scope.platform) for plugin in plugins)]
        if not names or not scope.is_platform_known:
            return ""
        name = DEFAULT_ASSIGNMENT if DEFAULT_ASSIGNMENT in names else min(names)
        # Layers are mostly written over the default one.
        is_over = name != DEFAULT_ASSIGNMENT and DEFAULT_ASSIGNMENT in scope.assignments
        names = [*scope.assignments, name] if is_over else [name, *scope.assignments]
        order = order_of_layers(names, {plugin.assignment for plugin in self._everything.plugins})
        return f": {'set' if scope.is_priority else 'name no layer, and set'} {PRIORITY_ENV_VAR}={order}"

    def _first_lacking(self, plugin: DataPlugin) -> DataPlugin:
        """Return, of a relative plugin without a mapping and the parents that it uses, the first that lacks its parent."""
        seen: set[DataPlugin] = set()
        while plugin not in seen and plugin.parent is not None and self._has_parent(plugin):
            seen.add(plugin)
            plugin = next((other for other in counting_mappings(self.plugins_at(plugin.parent)) if other.parent is not None), plugin)
        return plugin

    def _with_root(self, plugin: DataPlugin, root: tuple[MappingPart, ...] | None) -> tuple[MappingPart, ...] | None:
        """Return a relative plugin's mapping with *root* for each ``{root}``, or after it."""
        if root is None:
            return None
        if ROOT not in plugin.mapping:
            return (*root, MappingPart(plugin.mapping, plugin))
        parts: list[MappingPart] = []
        # Checked before: each ``{root}`` is replaced by the whole mapping of the parent.
        self._check_length(root, plugin.hierarchy, plugin.mapping.count(ROOT))
        for index, text in enumerate(plugin.mapping.split(ROOT)):
            parts += root if index else ()
            parts += [MappingPart(text, plugin)] if text else []
        return tuple(parts)

    def _check_length(self, parts: Sequence[MappingPart], place: Hierarchy, times: int = 1) -> None:
        """Raise MappingLimitError for a mapping that would be too long; a part without text counts as one character."""
        length = sum([len(part.text) or 1 for part in parts]) * times
        if length > self.limits.mapping:
            raise self._limit_error("mapping", length, place)

    def _limit_error(self, name: str, count: int, place: Hierarchy) -> MappingLimitError:
        limits = self.limits
        message = f"{place.text!r}: expected {limits.expected(name)}, found {count}. {limits.to_raise(name, count)}"
        return MappingLimitError(name, getattr(limits, name), count, message)

    def _unresolved_error(self, hierarchy: Hierarchy) -> UnresolvedMappingError | RelativeCycleError:
        plugins = self.at(hierarchy).plugins
        where = ""
        stop = self._stop(hierarchy) if self._scope is not None and self._scope.is_platform_known else None
        if stop is not None and not self.has_own_mapping(stop):
            where, reason = self._why_absent(hierarchy, stop)
        elif self._is_bare(hierarchy):
            reason = self._why_bare(hierarchy)
        elif chain := self._circle_above(plugins):
            return _circle_error(chain)
        elif relative := [plugin for plugin in plugins if plugin.mapping and plugin.parent is not None]:
            reason = self._lack(self._first_lacking(relative[-1]))
        elif missing := [place for place in self._references(plugins, {}) if self._parts(place, {}) is None]:
            reason = f"it refers to {missing[0].text!r}, which has no mapping here"
        elif plugins:
            reason = self._absence_of_mapping(hierarchy) or f"none of its plugins has one; the last of them is {plugins[-1].source}"
        else:
            reason = self._absence(hierarchy)
        return UnresolvedMappingError(hierarchy.text, plugins, f"{hierarchy.text!r} has no mapping{where}: {reason}.")

    def _why_absent(self, hierarchy: Hierarchy, stop: Hierarchy) -> tuple[str, str]:
        """Return the words that say where a place has no mapping, and why, of which *stop* has the absent mappings."""
        scope, absent = self._scope, self._absent_mappings(stop)
        assert scope is not None
        elsewhere = [plugin for plugin in absent if not plugin.takes_part(scope.platform)]
        aside = [plugin for plugin in absent if plugin.assignment not in scope.assignments]
        where = " and ".join([*([f"on {scope.platform}"] if elsewhere else []), *([scope.layers] if aside else [])])
        told: list[str] = []
        for plugin in absent[:MOST_SHOWN]:
            platforms = [f"for {', '.join(sorted(plugin.platforms or ()))}"] if plugin in elsewhere else []
            layer = [f"in the layer {plugin.assignment!r}"] if plugin in aside else []
            told.append(f"{plugin.source_of('mapping')}, " * (len(absent) > 1) + " and ".join([*platforms, *layer]))
        told += [f"{len(absent) - MOST_SHOWN} more"] if len(absent) > MOST_SHOWN else []
        owner = "its" if stop == hierarchy else f"it would take that of {stop.text!r}, whose"
        if len(absent) == 1:
            reason = f"{owner} only plugin with one ({absent[0].source}) is {told[0]}"
        else:
            reason = f"{owner} plugins with one are {'; '.join(told)}"
        reason += self._order_for(self._layers_of(stop)) if aside else ""
        return f" {where}", reason if aside else f"{reason}. Add one for {scope.platform}"

    def _why_bare(self, hierarchy: Hierarchy) -> str:
        """Return the words that say why a place without plugins has no mapping, and which plugin may be meant to stand there."""
        names = [place.text for place in self._occupied()]
        orphans = [(plugin, (plugin.parent or Hierarchy()).text) for plugin in self._everything.orphans.get(hierarchy[-1:], ())]
        others = [(plugin, parent, nearest(parent, names)) for plugin, parent in orphans]
        meant = [each for each in others if each[2] and below(Hierarchy.of(each[2]), each[0].info["hierarchy"]) == hierarchy]
        reason = "no plugin stands at this place"
        for plugin, parent, close in (meant or others)[:1]:
            hint = f" (did you mean {close!r}?)" if close else ""
            reason += f". The plugin {plugin.name!r} at {plugin.source} uses {parent!r}, a place that has no plugin{hint}"
        return reason


def _circle_error(chain: Sequence[DataPlugin]) -> RelativeCycleError:
    shown = [f"{plugin.name} ({plugin.source})" for plugin in chain[:MOST_SHOWN]]
    return RelativeCycleError([*shown, *([f"{len(chain) - MOST_SHOWN} more"] if len(chain) > MOST_SHOWN else [])])


def _in_words(layers: Mapping[str, Sequence[DataPlugin]]) -> str:
    """Return the words that name some layers, each with the platforms of its plugins."""
    return " and ".join(f"the layer {name!r}{_on_platforms(plugins)}" for name, plugins in sorted(layers.items()))


def _on_platforms(plugins: Sequence[DataPlugin]) -> str:
    """Return the words that name the platforms of some plugins; ``""`` where they take part on every one."""
    names = {name for plugin in plugins for name in plugin.platforms or ()}
    return "" if any(plugin.platforms is None for plugin in plugins) else f" (on {', '.join(sorted(names))})"


def join_parts(pairs: Iterable[tuple[str, int]]) -> tuple[str, int]:
    """Return texts with their syntaxes as one text and its syntax: 2 if one of them is written in it."""
    parts = list(pairs)
    numbers = {number for _, number in parts}
    syntax = max(numbers, default=1)
    if len(numbers) < 2:
        return "".join([text for text, _ in parts]), syntax
    from ways.pattern.scan import escaped

    texts = (text if number == syntax else escaped(text) for text, number in parts)
    return "".join(texts), syntax


#: Fields that no place inherits.
_OF_PLACE_ITSELF: Mapping[str, Any] = {"search": None, "ambiguous": None, "openassetio": {}, "parent": None, "references": ()}


def _with_details(fields: Mapping[str, Any], other: Resolved) -> dict[str, Any]:
    """Return the details of a place with those of *other*, whose mapping it takes, where it has none for a token."""
    nearer = fields["mapping_details"]
    others = {name: syntax for name, syntax in other.syntaxes.items() if name not in nearer}
    return {
        "mapping_details": {**other.mapping_details, **overlaid(other.mapping_details, nearer)},
        "syntaxes": {**others, **fields["syntaxes"]},
    }


def writer_and_appends(own: Sequence[DataPlugin]) -> tuple[DataPlugin | None, list[DataPlugin]]:
    """Return, of the plugins at one place, the one whose mapping counts, and those that append to it."""
    plugins = own if len(own) == 1 and own[0].mapping else [plugin for plugin in own if plugin.mapping]
    if len(plugins) == 1 and not plugins[0].is_self_append:
        # So it is at most places.
        return plugins[0], []
    appends = [plugin for plugin in plugins if plugin.is_self_append]
    last = next((index for index in reversed(range(len(plugins))) if not plugins[index].is_self_append), None)
    if last is None:
        return None, appends
    # A plugin appends whatever the order in its own layer, and over every weaker layer; the mapping of a stronger
    # layer replaces it.
    stronger = {plugin.assignment for plugin in plugins[last:]}
    return plugins[last], [plugin for plugin in appends if plugin.assignment in stronger]


def counting_mappings(own: Sequence[DataPlugin]) -> tuple[DataPlugin, ...]:
    """Return, of the plugins at one place, those whose mappings count: the writer, then those that append to it."""
    writer, appends = writer_and_appends(own)
    return (writer, *appends) if writer else tuple(appends)


def mapping_parent(own: Sequence[DataPlugin]) -> Hierarchy | None:
    """Return the parent of the plugin whose mapping counts; ``None`` if none does, or an absolute one."""
    writer, _ = writer_and_appends(own)
    return writer.parent if writer else None
