"""Resolver: the plugins of a place to one Resolved, which names the places that it was merged from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ways.errors import MappingLimitError, RelativeCycleError, UnresolvedMappingError
from ways.hierarchy import Hierarchy
from ways.limits import DEFAULT_LIMITS, Limits
from ways.plugins.merge import MERGE_RULES
from ways.plugins.plugin import DataPlugin
from ways.plugins.relative import ROOT, circle_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

#: What a reference to the mapping of another place, or of another token, begins with.
REFERENCE = "{@"
_REFERENCE = r"\{@([^{}]+)\}"


class MappingPart(NamedTuple):
    """A stretch of a mapping, and the plugin that wrote it."""

    text: str
    plugin: DataPlugin


class MappingSource(NamedTuple):
    """The plugins at one place whose mappings count, and the places whose mappings they take in."""

    place: Hierarchy
    #: The plugin whose mapping counts; ``None`` where there are only some that append to what stands above.
    writer: DataPlugin | None
    appends: tuple[DataPlugin, ...]
    #: The place whose mapping stands in that of the writer, or before what is appended; ``None`` for none.
    base: Hierarchy | None
    references: tuple[Hierarchy, ...]

    @property
    def plugins(self) -> list[DataPlugin]:
        """The plugins, the one that has the last word first."""
        return [*reversed(self.appends), *((self.writer,) if self.writer else ())]


class Resolved(NamedTuple):
    """What a place amounts to. Its dicts are shared: whoever hands them out copies them."""

    hierarchy: Hierarchy
    #: The plugins that take part, of this place and of each one above it: shortest first, then by priority.
    plugins: tuple[DataPlugin, ...] = ()
    mapping_details: Mapping[str, Mapping[str, Any]] = {}
    #: The syntax that a token's details are written in, for each that isn't the first.
    syntaxes: Mapping[str, int] = {}
    data: Mapping[Any, Any] = {}
    platforms: frozenset[str] | None = None
    groups: tuple[str, ...] = ("*",)
    path: Any = None
    folder: Any = None
    max_folder: tuple[str, ...] = ()
    #: The place elsewhere that gives the mapping; its token details and path flag count where nothing nearer gives any.
    parent: Hierarchy | None = None
    #: The places whose mappings stand in that of this place; their token details count least.
    references: tuple[Hierarchy, ...] = ()


class Resolver:
    """Resolves places in one state of the registry, for one platform and one order of assignments.

    A place's answer is its parent's plus its own plugins, so levels share what they have in common; each is made at
    first need and kept.

    :param plugins_at: gives the plugins that stand exactly at a place and take part, last one strongest.
    :param everything: every plugin there is, to tell why a parent has no mapping.
    """

    def __init__(
        self,
        plugins_at: Callable[[Hierarchy], Sequence[DataPlugin]],
        everything: Sequence[DataPlugin] = (),
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.plugins_at = plugins_at
        self.limits = limits
        self._everything = everything
        self._resolved: dict[Hierarchy, Resolved] = {}
        self._mappings: dict[Hierarchy, tuple[MappingPart, ...] | None] = {}
        #: How many places lie on the way to each of them.
        self._depths: dict[Hierarchy, int] = {}
        self._places: set[Hierarchy] | None = None

    def at(self, hierarchy: Hierarchy) -> Resolved:
        """Return what *hierarchy* amounts to."""
        held = self._resolved.get(hierarchy)
        if held is None:
            held = self._resolved[hierarchy] = self._merge(hierarchy)
        return held

    def mapping(self, hierarchy: Hierarchy) -> str:
        """Return the mapping of *hierarchy*, every ``{root}`` replaced.

        :raises UnresolvedMappingError: nothing gives a mapping.
        :raises RelativeCycleError: relative plugins use each other in a circle.
        """
        return "".join(part.text for part in self.mapping_parts(hierarchy))

    def mapping_parts(self, hierarchy: Hierarchy) -> tuple[MappingPart, ...]:
        """Return the mapping of *hierarchy* in stretches, each with the plugin that wrote it. Raises as `mapping`."""
        found = self._parts(hierarchy, ())
        if found is None:
            raise self._unresolved(hierarchy)
        return found

    def has_own_mapping(self, hierarchy: Hierarchy) -> bool:
        """Whether a plugin at exactly this place has a mapping."""
        return any(plugin.mapping for plugin in self.plugins_at(hierarchy))

    def _merge(self, hierarchy: Hierarchy) -> Resolved:
        if not hierarchy:
            return Resolved(hierarchy)
        above = self.at(Hierarchy(hierarchy[:-1]))
        own = tuple(self.plugins_at(hierarchy))
        fields = above._asdict() | {"hierarchy": hierarchy, "plugins": above.plugins + own, "parent": None, "references": ()}
        if (parent := self._distant_parent(hierarchy, own)) is not None:
            fields |= _with_details(fields, parent)
            fields["path"] = parent.path if fields["path"] is None else fields["path"]
            fields["parent"] = parent.hierarchy
        for place in self._references(own, fields["mapping_details"]):
            if not self._leads_to(place, hierarchy):
                fields |= _with_details(fields, self.at(place))
                fields["references"] += (place,)
        for plugin in own:
            fields["syntaxes"] = _with_syntax(fields["syntaxes"], plugin)
            for field, rule in MERGE_RULES.items():
                fields[field] = rule(fields[field], plugin)
        return Resolved(**fields)

    def mapping_source(self, hierarchy: Hierarchy) -> MappingSource | None:
        """Return what gives the mapping of a place as far as one place says it; ``None`` where no plugin has one."""
        place = next((place for place in reversed([*hierarchy.ancestors]) if self.has_own_mapping(place)), None)
        if place is None:
            return None
        writer, appends = writers(self.plugins_at(place))
        base = Hierarchy(place[:-1]) if writer is None else writer.parent
        counting = [*([] if writer is None else [writer]), *appends]
        details = self.at(place).mapping_details
        references = [other for plugin in counting for _, other in self._cut(plugin.mapping, details) if other]
        return MappingSource(place, writer, tuple(appends), base or None, tuple(references))

    def _distant_parent(self, hierarchy: Hierarchy, own: Sequence[DataPlugin]) -> Resolved | None:
        """Return the parent that gives this place its mapping, if it is no prefix of it."""
        parent = mapping_parent(own)
        # In a circle there is no mapping, and nothing to bring along.
        if parent is None or hierarchy.starts_with(parent) or self._leads_to(parent, hierarchy):
            return None
        return self.at(parent)

    def _leads_to(self, start: Hierarchy, goal: Hierarchy) -> bool:
        """Whether resolving *start* would come back to *goal*, by parents or prefixes; or on and on as in a circle."""
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
        """Return every place whose plugins may have a say in what *hierarchy* is, itself among them."""
        seen: set[Hierarchy] = set()
        waiting = [hierarchy]
        while waiting:
            for place in waiting.pop().ancestors:
                if place not in seen:
                    seen.add(place)
                    own = self.plugins_at(place)
                    waiting += [plugin.parent for plugin in own if plugin.parent is not None]
                    waiting += self._references(own, {})
        return seen

    def _references(self, own: Sequence[DataPlugin], details: Mapping[str, Any]) -> Iterator[Hierarchy]:
        """Yield the places whose mappings stand in those of *own*."""
        for plugin in own:
            texts = (plugin.mapping, *(entry.get("mapping") or "" for entry in plugin.mapping_details.values()))
            for text in texts:
                if REFERENCE in text:
                    known = {**details, **plugin.mapping_details}
                    yield from (place for _, place in self._cut(text, known) if place is not None)

    def _cut(self, text: str, details: Mapping[str, Any]) -> Iterator[tuple[str, Hierarchy | None]]:
        """Yield the stretches of a mapping, and in the place of each ``{@job/shot}`` the hierarchy it names."""
        # Few sheets refer to other places; the others do without re.
        import re

        end = 0
        for found in re.finditer(_REFERENCE, text):
            is_token = found[0][1:-1] in details or bool((details.get(found[1]) or {}).get("mapping"))
            place = None if is_token else Hierarchy.of(found[1])
            if place and self._exists(place):
                yield text[end : found.start()], None
                yield "", place
                end = found.end()
        yield text[end:], None

    def _exists(self, place: Hierarchy) -> bool:
        """Whether a plugin stands at *place*, if only on other platforms or in other layers."""
        return place in self._made() or bool(self.plugins_at(place))

    def _made(self) -> set[Hierarchy]:
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
                    for text, place in self._cut(entry["mapping"], resolved.mapping_details)
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
        # However much of the way is known already, it is as long: what is asked first doesn't decide.
        if (steps := len(path) + self._depths.get(hierarchy, 1)) > self.limits.expansion:
            raise self._refused("expansion", steps, hierarchy)
        if hierarchy in self._mappings:
            return self._mappings[hierarchy]
        if hierarchy in path:
            circle = [*path[path.index(hierarchy) :], hierarchy]
            raise RelativeCycleError([place.text for place in circle])
        own = self.plugins_at(hierarchy)
        if any(plugin.mapping for plugin in own):
            parts = self._with_references(self._own_parts(own, (*path, hierarchy)), (*path, hierarchy))
            self._check_length(parts or (), hierarchy)
        else:
            parts = self._parts(Hierarchy(hierarchy[:-1]), path)
        self._depths[hierarchy] = self._depth(hierarchy, own)
        self._mappings[hierarchy] = parts
        return parts

    def _depth(self, hierarchy: Hierarchy, own: Sequence[DataPlugin]) -> int:
        """Return how many places lie on the way to the mapping of one, whose own are known."""
        writer, _ = writers(own)
        below = [Hierarchy(hierarchy[:-1]) if writer is None else writer.parent]
        if any(REFERENCE in plugin.mapping for plugin in own):
            below += self._references(own, self.at(hierarchy).mapping_details)
        is_own = any(plugin.mapping for plugin in own)
        return is_own + max((self._depths.get(place, 0) for place in below if place is not None), default=0)

    def _with_references(
        self, parts: tuple[MappingPart, ...] | None, path: tuple[Hierarchy, ...]
    ) -> tuple[MappingPart, ...] | None:
        """Return *parts* with the mapping of each place that they refer to; ``None`` if one has none."""
        if parts is None or not any(REFERENCE in part.text for part in parts):
            return parts
        details = self.at(path[-1]).mapping_details
        found: list[MappingPart] = []
        for part in parts:
            for text, place in self._cut(part.text, details):
                inner = (MappingPart(text, part.plugin),) if place is None else self._parts(place, path)
                if inner is None:
                    return None
                found += inner
                self._check_length(found, path[-1])
        return tuple(part for part in found if part.text)

    def _own_parts(self, own: Sequence[DataPlugin], path: tuple[Hierarchy, ...]) -> tuple[MappingPart, ...] | None:
        """Return the mapping of a place that has one of its own: the writer's, and what appends to it."""
        writer, appends = writers(own)
        if writer is None:
            parts = self._parts(Hierarchy(path[-1][:-1]), path)
        elif writer.parent is not None:
            parts = self._written(writer, self._parts(writer.parent, path))
        else:
            parts = (MappingPart(writer.mapping, writer),)
        for plugin in appends:
            # A place that has nothing yet is appended to as if it were empty.
            parts = self._written(plugin, parts or ())
        return parts

    def _written(self, plugin: DataPlugin, root: tuple[MappingPart, ...] | None) -> tuple[MappingPart, ...] | None:
        """Return a relative plugin's mapping with *root* for each ``{root}``, or after it."""
        if root is None:
            return None
        if ROOT not in plugin.mapping:
            return (*root, MappingPart(plugin.mapping, plugin))
        parts: list[MappingPart] = []
        # Each may stand for as much as there is already: nothing is made that is refused afterwards.
        self._check_length(root, plugin.hierarchy, plugin.mapping.count(ROOT))
        for index, text in enumerate(plugin.mapping.split(ROOT)):
            parts += root if index else ()
            parts += [MappingPart(text, plugin)] if text else []
        return tuple(parts)

    def _check_length(self, parts: Sequence[MappingPart], place: Hierarchy, times: int = 1) -> None:
        """Refuse a mapping that would be longer than one may be; a stretch of no text counts as one character."""
        length = sum(len(part.text) or 1 for part in parts) * times
        if length > self.limits.mapping:
            raise self._refused("mapping", length, place)

    def _refused(self, name: str, found: int, place: Hierarchy) -> MappingLimitError:
        limits = self.limits
        message = f"{place.text!r}: expected {limits.expected(name)}, found {found}. {limits.to_raise(name, found)}"
        return MappingLimitError(name, getattr(limits, name), found, message)

    def _unresolved(self, hierarchy: Hierarchy) -> UnresolvedMappingError | RelativeCycleError:
        plugins = self.at(hierarchy).plugins
        relative = [plugin for plugin in plugins if plugin.mapping and plugin.parent is not None]
        if relative and (chain := circle_of(relative[-1], self._everything, self._made())):
            return RelativeCycleError([f"{plugin.name} ({plugin.source})" for plugin in chain])
        if relative:
            parent = relative[-1].parent.text  # type: ignore[union-attr]
            reason = f"its relative plugin at {relative[-1].source} uses {parent!r}, which has no mapping here"
        elif missing := [place for place in self._references(plugins, {}) if self._parts(place, ()) is None]:
            reason = f"it refers to {missing[0].text!r}, which has no mapping here"
        elif plugins:
            reason = f"no plugin of it has one; the last is written at {plugins[-1].source}"
        else:
            reason = "it has no plugin on this platform and in these assignments"
        return UnresolvedMappingError(hierarchy.text, plugins, f"{hierarchy.text!r} has no mapping: {reason}.")


def join_parts(pairs: Iterable[tuple[str, int]]) -> tuple[str, int]:
    """Return texts with their syntaxes as one text and its syntax: the second, where one of them is written in it."""
    parts = list(pairs)
    syntax = max((number for _, number in parts), default=1)
    if all(number == syntax for _, number in parts):
        return "".join(text for text, _ in parts), syntax
    from ways.pattern.scan import escaped

    texts = (text if number == syntax else escaped(text) for text, number in parts)
    return "".join(texts), syntax


def _with_details(fields: Mapping[str, Any], other: Resolved) -> dict[str, Any]:
    """Return the details of a place with those of *other* below them.

    A mapping that comes from elsewhere brings what its tokens may hold, below all that stands nearer.
    """
    nearer = fields["mapping_details"]
    brought = {name: syntax for name, syntax in other.syntaxes.items() if name not in nearer}
    return {
        "mapping_details": {**other.mapping_details, **nearer},
        "syntaxes": {**brought, **fields["syntaxes"]},
    }


def _with_syntax(before: Mapping[str, int], plugin: DataPlugin) -> Mapping[str, int]:
    """Return *before* with the tokens that a plugin gives details to."""
    if not plugin.mapping_details or (plugin.syntax == 1 and not before):
        return before
    kept = {name: syntax for name, syntax in before.items() if name not in plugin.mapping_details}
    return kept if plugin.syntax == 1 else {**kept, **dict.fromkeys(plugin.mapping_details, plugin.syntax)}


def writers(own: Sequence[DataPlugin]) -> tuple[DataPlugin | None, list[DataPlugin]]:
    """Return, of the plugins at one place, the one whose mapping counts, and those that append to it."""
    bearing = [plugin for plugin in own if plugin.mapping]
    appends = [plugin for plugin in bearing if plugin.is_self_append]
    last = next((index for index in reversed(range(len(bearing))) if not bearing[index].is_self_append), None)
    if last is None:
        return None, appends
    # What appends holds whatever the order in its own layer, and over every weaker one; a stronger layer's mapping
    # replaces it.
    stronger = {plugin.assignment for plugin in bearing[last:]}
    return bearing[last], [plugin for plugin in appends if plugin.assignment in stronger]


def counting_mappings(own: Sequence[DataPlugin]) -> tuple[DataPlugin, ...]:
    """Return, of the plugins at one place, those whose mappings count: what writes it, then what appends to it."""
    writer, appends = writers(own)
    return (writer, *appends) if writer else tuple(appends)


def mapping_parent(own: Sequence[DataPlugin]) -> Hierarchy | None:
    """Return the parent of the plugin whose mapping counts; ``None`` if none does, or an absolute one."""
    writer, _ = writers(own)
    return writer.parent if writer else None
