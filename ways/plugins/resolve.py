"""Resolver: the plugins of a place to one Resolved, which names the places that it was merged from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ways.errors import MappingLimitError, RelativeCycleError, UnresolvedMappingError
from ways.hierarchy import Hierarchy
from ways.limits import DEFAULT_LIMITS, Limits
from ways.logs import LOADING, WARNING, log
from ways.plugins.merge import MERGE_RULES
from ways.plugins.plugin import DataPlugin
from ways.plugins.relative import ROOT, circle_of
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

    def __str__(self) -> str:
        named = f"{PRIORITY_ENV_VAR}={os.pathsep.join(self.assignments)}"
        layers = f"in the layers of {named}" if self.is_priority else f"in the layer {self.assignments[0]!r}"
        unknown = "" if self.is_platform_known else f", which is none of {PLATFORMS_ENV_VAR},"
        return f"on the platform {self.platform!r}{unknown} and {layers}"


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
    max_folder: tuple[str, ...] = ()
    #: The place elsewhere that gives the mapping; its token details and path flag count where nothing nearer gives any.
    parent: Hierarchy | None = None
    #: The places whose mappings stand in that of this place; their token details count least.
    references: tuple[Hierarchy, ...] = ()


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
        everything: Sequence[DataPlugin] = (),
        limits: Limits = DEFAULT_LIMITS,
        scope: Scope | None = None,
    ) -> None:
        self.plugins_at = plugins_at
        self._scope = scope
        self.limits = limits
        self._everything = everything
        self._resolved: dict[Hierarchy, Resolved] = {}
        self._mappings: dict[Hierarchy, tuple[MappingPart, ...] | None] = {}
        #: How many places each mapping is made of, one after the other.
        self._depths: dict[Hierarchy, int] = {}
        self._places: set[Hierarchy] | None = None
        self._sources: dict[Hierarchy, MappingSource | None] = {}
        #: The places that token details, and those that the path flag, come from.
        self._merged: tuple[dict[Hierarchy, tuple[Hierarchy, ...]], dict[Hierarchy, tuple[Hierarchy, ...]]] = ({}, {})
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
        parts = self._parts(hierarchy, ())
        if parts is None:
            raise self._unresolved_error(hierarchy)
        return parts

    def has_own_mapping(self, hierarchy: Hierarchy) -> bool:
        """Whether a plugin at exactly this place has a mapping."""
        return any(plugin.mapping for plugin in self.plugins_at(hierarchy))

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
        for plugin in own:
            if plugin.mapping_details and (plugin.syntax != 1 or fields["syntaxes"]):
                others = {name: syntax for name, syntax in fields["syntaxes"].items() if name not in plugin.mapping_details}
                own_syntaxes = {} if plugin.syntax == 1 else dict.fromkeys(plugin.mapping_details, plugin.syntax)
                fields["syntaxes"] = {**others, **own_syntaxes}
            # What a plugin doesn't give stays as it is, but for its groups.
            for field in (*plugin.info, "groups"):
                rule = MERGE_RULES.get(field)
                if rule is not None:
                    fields[field] = rule(fields[field], plugin)
        return Resolved._make(fields.values())

    def mapping_source(self, hierarchy: Hierarchy) -> MappingSource | None:
        """Return what gives the mapping of a place: of the nearest place that has one; ``None`` if no plugin has one."""
        if hierarchy not in self._sources:
            self._sources[hierarchy] = self._mapping_source(hierarchy)
        return self._sources[hierarchy]

    def _mapping_source(self, hierarchy: Hierarchy) -> MappingSource | None:
        place = next((place for place in reversed([*hierarchy.ancestors]) if self.has_own_mapping(place)), None)
        if place is None:
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
        if place not in known:
            resolved = self.at(place)
            sources = [*(reversed(resolved.references) if with_references else ()), *((resolved.parent,) if resolved.parent else ())]
            sources.append(Hierarchy(place[:-1]))
            places = [other for source in sources for other in self.merged_places(source, with_references=with_references)]
            known[place] = tuple(dict.fromkeys((place, *reversed(places))))[::-1]
        return known[place]

    def _leads_to(self, start: Hierarchy, goal: Hierarchy) -> bool:
        """Whether the mapping of *start* depends on *goal*, by parents or places above; or on more places than the limit allows."""
        seen: set[Hierarchy] = set()
        waiting, level = [start], 0
        while waiting:
            following: list[Hierarchy] = []
            for place in (above for below in waiting for above in below.ancestors):
                if place == goal:
                    return True
                if place not in seen:
                    seen.add(place)
                    own = self.plugins_at(place)
                    following += [mapping_parent(own) or Hierarchy(), *self._references(own, {})]
            waiting, level = [place for place in following if place], level + 1
            if level > self.limits.expansion and waiting:
                return True
        return False

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
            own = self.plugins_at(place)
            waiting += [plugin.parent for plugin in own if plugin.parent is not None]
            waiting += self._references(own, {})
            if len(place) > 1:
                waiting.append(Hierarchy(place[:-1]))
        return seen

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

    def _occupied(self) -> set[Hierarchy]:
        """Return the places at which any plugin stands."""
        if self._places is None:
            self._places = {plugin.hierarchy for plugin in self._everything}
        return self._places

    def details(self, hierarchy: Hierarchy) -> tuple[Mapping[str, Mapping[str, Any]], Mapping[str, int]]:
        """Return the details of the tokens of a place, and their syntaxes, with every reference to a place replaced.

        :raises UnresolvedMappingError: a place that a token refers to has no mapping.
        """
        resolved = self.at(hierarchy)
        details, syntaxes = resolved.mapping_details, resolved.syntaxes
        for name, entry in details.items():
            if REFERENCE in (entry.get("mapping") or ""):
                parts = [
                    part
                    for text, place in self._split_references(entry["mapping"], resolved.mapping_details)
                    for part in (self.mapping_parts(place) if place is not None else [(text, syntaxes.get(name, 1))])
                ]
                pairs = ((part.text, part.plugin.syntax) if isinstance(part, MappingPart) else part for part in parts)
                text, syntax = join_parts(pairs)
                details = {**details, name: {**entry, "mapping": text}}
                syntaxes = {**syntaxes, name: syntax}
        return details, syntaxes

    def _parts(self, hierarchy: Hierarchy, path: tuple[Hierarchy, ...]) -> tuple[MappingPart, ...] | None:
        if not hierarchy:
            return None
        # The length counts what is known already: the answer doesn't depend on the order of questions.
        if (steps := len(path) + self._depths.get(hierarchy, 1)) > self.limits.expansion:
            raise self._limit_error("expansion", steps, hierarchy)
        if hierarchy in self._mappings:
            return self._mappings[hierarchy]
        if hierarchy in path:
            circle = [*path[path.index(hierarchy) :], hierarchy]
            raise RelativeCycleError([place.text for place in circle])
        own = self.plugins_at(hierarchy)
        writer, appends = writer_and_appends(own)
        if is_own := writer is not None or bool(appends):
            here = (*path, hierarchy)
            parts = self._with_references(self._own_parts(writer, appends, here), here)
            self._check_length(parts or (), hierarchy)
        else:
            parts = self._parts(Hierarchy(hierarchy[:-1]), path)
        below = [Hierarchy(hierarchy[:-1]) if writer is None else writer.parent]
        if any([REFERENCE in plugin.mapping for plugin in own]):
            below += self._references(own, self.at(hierarchy).mapping_details)
        self._depths[hierarchy] = is_own + max([self._depths.get(place, 0) for place in below if place is not None], default=0)
        self._mappings[hierarchy] = parts
        return parts

    def _with_references(
        self, parts: tuple[MappingPart, ...] | None, path: tuple[Hierarchy, ...]
    ) -> tuple[MappingPart, ...] | None:
        """Return *parts* with the mapping of each place that they refer to; ``None`` if one has none."""
        if parts is None or not any([REFERENCE in part.text for part in parts]):
            return parts
        details = self.at(path[-1]).mapping_details
        expanded: list[MappingPart] = []
        for part in parts:
            for text, place in self._split_references(part.text, details):
                inner = (MappingPart(text, part.plugin),) if place is None else self._parts(place, path)
                if inner is None:
                    return None
                expanded += inner
                self._check_length(expanded, path[-1])
        return tuple(part for part in expanded if part.text)

    def _own_parts(
        self, writer: DataPlugin | None, appends: Sequence[DataPlugin], path: tuple[Hierarchy, ...]
    ) -> tuple[MappingPart, ...] | None:
        """Return the mapping of a place with one of its own: the writer's, then what is appended."""
        if writer is None:
            parts = self._root_of(appends[0], self._parts(Hierarchy(path[-1][:-1]), path))
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
        return uses if self._has_parent(plugin) else f"{uses}: {self._absence(parent)}"

    def _absence(self, place: Hierarchy) -> str:
        """Return the words that say why no plugin takes part at a place."""
        layers, scope = self._layers_of(place), self._scope
        if scope is None or not layers:
            return "no plugin stands there"
        return f"no plugin of it takes part {scope}; {place.text!r} stands in {_in_words(layers)}{self._order_for(layers)}"

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
                    others = f"the one at {here.source} takes part for some values alone (when)"
                return f"no plugin that has one takes part {self._scope}; {others}"
        return ""

    def _order_for(self, layers: Mapping[str, Sequence[DataPlugin]]) -> str:
        """Return the advice to look at one of *layers*, too; ``""`` where that gives no plugin on this platform."""
        scope = self._scope
        if scope is None or not scope.assignments or not layers.keys().isdisjoint(scope.assignments):
            return ""
        names = [name for name, plugins in layers.items() if any(plugin.takes_part(scope.platform) for plugin in plugins)]
        if not names or not scope.is_platform_known:
            return ""
        weakest = DEFAULT_ASSIGNMENT if DEFAULT_ASSIGNMENT in names else min(names)
        order = order_of_layers((weakest, *scope.assignments), {plugin.assignment for plugin in self._everything})
        return f": {'say' if scope.is_priority else 'ask without a layer, with'} {PRIORITY_ENV_VAR}={order}"

    def _first_lacking(self, plugin: DataPlugin) -> DataPlugin:
        """Return, of a relative plugin without a mapping and the parents that it uses, the first that lacks its parent."""
        seen: list[DataPlugin] = []
        while plugin not in seen and plugin.parent is not None and self._has_parent(plugin):
            seen.append(plugin)
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
        relative = [plugin for plugin in plugins if plugin.mapping and plugin.parent is not None]
        if relative and (chain := circle_of(relative[-1], self._everything, self._occupied())):
            return RelativeCycleError([f"{plugin.name} ({plugin.source})" for plugin in chain])
        if relative:
            reason = self._lack(self._first_lacking(relative[-1]))
        elif missing := [place for place in self._references(plugins, {}) if self._parts(place, ()) is None]:
            reason = f"it refers to {missing[0].text!r}, which has no mapping here"
        elif plugins:
            reason = self._absence_of_mapping(hierarchy) or f"no plugin of it has one; the last is written at {plugins[-1].source}"
        else:
            reason = f"it has no plugin on this platform and in these assignments: {self._absence(hierarchy)}"
        return UnresolvedMappingError(hierarchy.text, plugins, f"{hierarchy.text!r} has no mapping: {reason}.")


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
_OF_PLACE_ITSELF: Mapping[str, Any] = {"search": None, "ambiguous": None, "parent": None, "references": ()}


def _with_details(fields: Mapping[str, Any], other: Resolved) -> dict[str, Any]:
    """Return the details of a place with those of *other*, whose mapping it takes, where it has none for a token."""
    nearer = fields["mapping_details"]
    others = {name: syntax for name, syntax in other.syntaxes.items() if name not in nearer}
    return {
        "mapping_details": {**other.mapping_details, **nearer},
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
