"""What the checks look at: sheets, plugins, and each place as every platform and order of layers sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from ways.check.shapes import ViewShapes
from ways.contexts.pool import ContextPool
from ways.contexts.state import RegistryView
from ways.contexts.view import ResolvedContext
from ways.hierarchy import Hierarchy
from ways.pattern.scan import token_names
from ways.pattern.template import REFERENCE, Template
from ways.plugins.plugin import DataPlugin
from ways.plugins.resolve import Resolver
from ways.sheets.document import Problem, Sheet, Source
from ways.sheets.reader import Info


class CheckScope:
    """What one run of the checks looks at. What several checks ask for is made once. Nothing in it runs or changes.

    :param is_priority_given: whether WAYS_PRIORITY is set.
    :param info_of: returns what the nearest info file says of a folder.
    """

    def __init__(
        self,
        pool: ContextPool,
        sheets: Sequence[Sheet],
        problems: Sequence[Problem],
        *,
        is_priority_given: bool = False,
        info_of: Callable[[str], Info] = lambda folder: Info(),
    ) -> None:
        self.pool = pool
        self.sheets = tuple(sheets)
        self.problems = tuple(problems)
        self.is_priority_given = is_priority_given
        self.info_of = info_of
        self.state = pool.state()
        self.settings = self.state.settings
        #: The lines of each sheet in which a place was looked up.
        self._lines: dict[str, list[str]] = {}
        self._states: dict[tuple[str, str], RegistryView] = {}
        #: What the mappings of views have in common.
        self.shapes = ViewShapes()

    def exact(self, source: Source, text: str, offset: int = 0) -> Source:
        """Return where *text* is written in the value of the key at *source*; *source* itself if that can't be told.

        The sheet is read again, as the load keeps the places of keys alone. Text that is folded, or written with escapes,
        is not found.

        :param offset: a character of *text*: its place is returned.
        """
        lines = self._lines.get(source.path)
        if lines is None:
            lines = self._lines[source.path] = _lines_of(source.path)
        if not 0 < source.line <= len(lines):
            return source
        line = lines[source.line - 1]
        key = str(source.pointer[-1]) if source.pointer and isinstance(source.pointer[-1], str) else ""
        # The file may have changed since it was loaded.
        start = line.find(key, source.column - 1, source.column + len(key) + 1)
        if start < 0:
            return source
        end = line.find(text, start + len(key))
        if end >= 0:
            return source._replace(column=end + offset + 1)
        # A value of several lines, or one that stands below its key.
        if line.rstrip().endswith((":", "|", ">", "-")):
            following = lines[source.line].find(text) if source.line < len(lines) else -1
            if following >= 0:
                return source._replace(line=source.line + 1, column=following + offset + 1)
        return source

    @cached_property
    def plugins(self) -> tuple[DataPlugin, ...]:
        """Every plugin, in the order of registration."""
        return tuple(self.state.snapshot.plugins)

    @cached_property
    def records(self) -> tuple[DataPlugin, ...]:
        """One plugin for each that is written in a sheet: the copies of a relative plugin say the same."""
        return tuple({id(plugin.record or plugin): plugin for plugin in reversed(self.plugins)}.values())[::-1]

    @cached_property
    def copies(self) -> dict[int, list[DataPlugin]]:
        """Id of a record -> the plugins that were made of it."""
        copies: dict[int, list[DataPlugin]] = {}
        for plugin in self.plugins:
            copies.setdefault(id(plugin.record or plugin), []).append(plugin)
        return copies

    @cached_property
    def platforms(self) -> tuple[str, ...]:
        """The platforms that sheets name; if they name none, the current one alone, as all are the same."""
        named = {name for plugin in self.plugins for name in plugin.platforms or ()}
        known = {name.lower(): name for name in self.settings.platforms}
        return tuple(sorted(known[name] for name in named if name in known)) or (self.settings.platform,)

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """The assignments of all plugins, in the order of registration."""
        return tuple(dict.fromkeys(plugin.assignment for plugin in self.plugins))

    @cached_property
    def priorities(self) -> tuple[tuple[str, ...], ...]:
        """The orders of layers to look at: the one that is set, and for each other layer that one with the layer on top."""
        own = self.settings.priority
        return (own, *((*own, layer) for layer in self.layers if layer not in own))

    @cached_property
    def states(self) -> tuple[RegistryView, ...]:
        """The registry as each platform and order of layers sees it."""
        states = []
        for platform in self.platforms:
            for priority in self.priorities:
                settings = self.settings._replace(platform=platform, priority=priority)
                states.append(RegistryView(self.state.snapshot, settings, limits=self.pool.limits))
                states[-1].kept_views = {}
        return tuple(states)

    def state_of(self, platform: str, layer: str) -> RegistryView:
        """Return the registry as one platform and one layer alone see it."""
        state = self._states.get((platform, layer))
        if state is None:
            settings = self.settings._replace(platform=platform, priority=(layer,))
            state = self._states[platform, layer] = RegistryView(self.state.snapshot, settings, limits=self.pool.limits)
        return state

    @cached_property
    def places(self) -> tuple[Hierarchy, ...]:
        """Every place with a plugin that a Context can be asked for."""
        return tuple(place for place in self.state.snapshot.places if place.is_legal)

    @cached_property
    def existing_places(self) -> frozenset[Hierarchy]:
        """Every place with a plugin, and those above it; a relative plugin counts if the place that it uses exists."""
        places: set[Hierarchy] = set()
        waiting: dict[Hierarchy, list[DataPlugin]] = {}
        for plugin in self.plugins:
            if plugin.parent is not None:
                waiting.setdefault(self.state.snapshot.resolve_alias(plugin.parent), []).append(plugin)
        new = [plugin for plugin in self.plugins if plugin.parent is None]
        for plugin in new:
            for place in plugin.hierarchy.ancestors:
                if place not in places:
                    places.add(place)
                    new += waiting.pop(place, ())
        return frozenset(places)

    @cached_property
    def unused_details(self) -> dict[tuple[int, str], tuple[DataPlugin, set[str]]]:
        """Id of a record and token -> plugin and the tokens of the mappings there, for details of a token that none of these has."""
        used: dict[int, set[str]] = {}
        for place in self.places:
            # Every plugin that may count at the place, on any layer and platform.
            dependencies = self.resolver_of_all.dependencies(self.state.snapshot.resolve_alias(place))
            seen = [plugin for other in dependencies for plugin in self.resolver_of_all.plugins_at(other)]
            tokens = _tokens_used(seen)
            for plugin in seen:
                used.setdefault(id(plugin.record or plugin), set()).update(tokens)
        unused: dict[tuple[int, str], tuple[DataPlugin, set[str]]] = {}
        for plugin in self.records:
            key = id(plugin.record or plugin)
            there = used.get(key, set())
            unused |= {(key, token): (plugin, there) for token in plugin.mapping_details if token not in there}
        return unused

    @cached_property
    def resolver_of_all(self) -> Resolver:
        """A resolver of the plugins of all layers and platforms together."""
        return Resolver(self.state.snapshot.plugins_at(self.layers), self.plugins, self.pool.limits)

    @cached_property
    def views(self) -> tuple[ResolvedContext, ...]:
        """Each place with its own mapping, in every variant, on every platform and with every order of layers."""
        views: list[ResolvedContext] = []
        for state in self.states:
            resolver, known = state.resolver(""), state.kept_views
            assert known is not None
            for place in self.places:
                if resolver.has_own_mapping(place):
                    view = self._same_view(state, place)
                    if view is not None:
                        # All is said of it already.
                        known[place, ""] = view
                        continue
                    view = known[place, ""] = ResolvedContext(state, place, resolver)
                    # If there are conditions, the variants are known only where the mapping can be read.
                    can_vary = not self.state.snapshot.conditional or self.shapes.is_readable(view)
                    views += view.variants if can_vary else (view,)
        return tuple(views)

    def _same_view(self, state: RegistryView, place: Hierarchy) -> ResolvedContext | None:
        """Return what a place came to with the order of layers that is set, if the further layer of *state* changes nothing there."""
        settings = state.settings
        if settings.priority == self.settings.priority:
            return None
        first = self.states[self.platforms.index(settings.platform) * len(self.priorities)]
        if self._layer_places[settings.priority[-1]].isdisjoint(
            state.resolver("", None).dependencies(state.snapshot.resolve_alias(place))
        ):
            return first.kept_views.get((place, "")) if first.kept_views is not None else None
        return None

    @cached_property
    def _layer_places(self) -> dict[str, set[Hierarchy]]:
        """Layer -> the places at which a plugin of it stands."""
        places: dict[str, set[Hierarchy]] = {}
        for plugin in self.plugins:
            places.setdefault(plugin.assignment, set()).add(plugin.hierarchy)
        return places

    def with_fault(self, may_have: Callable[[Template], bool]) -> Iterator[tuple[ResolvedContext, Template]]:
        """Yield each different mapping that may have a fault, with the first view that has it. See :class:`ViewShapes`."""
        return self.shapes.with_fault(self.views, may_have)


def _lines_of(path: str) -> list[str]:
    """Return the lines of a sheet; none if it is in an archive or a commit, or isn't there any more."""
    try:
        with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
            return file.read().replace("\r\n", "\n").split("\n")
    except (OSError, ValueError):
        return []


def source_of_token(view: ResolvedContext, token: str, *keys: str) -> Source:
    """Return where the details of a token are written; if it has none, where the mapping is."""
    return view.provenance.source_of(("mapping_details", token, *keys)) or source_of_mapping(view, token)


def source_of_mapping(view: ResolvedContext, token: str = "") -> Source:
    """Return where the part of a mapping with *token* is written, else its last part, else the last plugin with a mapping."""
    source = view.provenance.source_of_mapping(token)
    writers = [plugin for plugin in view.resolved.plugins if plugin.mapping]
    return source or (writers[-1].source_of("mapping") if writers else Source(""))


def is_written(source: Source) -> bool:
    """Whether an author of plugins wrote what stands there, rather than a format of another system generated it."""
    return source.is_native


def expressions(plugins: Iterable[DataPlugin]) -> Iterator[tuple[DataPlugin, str, str]]:
    """Yield each regular expression in the details of a token, with its plugin and the token."""
    from ways.pattern.token import TokenSpec

    for plugin in plugins:
        for name, entry in plugin.mapping_details.items():
            if entry and entry.get("parse"):
                expression = TokenSpec(name, parse=entry["parse"]).own_expression
                if expression is not None:
                    yield plugin, name, expression


def written_mappings(plugin: DataPlugin) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each mapping that a plugin writes, its own and those of its tokens, after the keys that lead to it."""
    if plugin.mapping:
        yield ("mapping",), plugin.mapping
    for name, entry in plugin.mapping_details.items():
        if entry.get("mapping"):
            yield ("mapping_details", name, "mapping"), str(entry["mapping"])


def _tokens_used(plugins: Iterable[DataPlugin]) -> set[str]:
    """Return the tokens in the mappings of *plugins*, those in the mappings of these tokens, and those made of them all."""
    inner: dict[str, set[str]] = {}
    used: set[str] = set()
    for plugin in plugins:
        used.update(_names(plugin.mapping))
        used.update(plugin.when)
        for name, entry in plugin.mapping_details.items():
            inner.setdefault(name, set()).update(_names(str(entry.get("mapping") or "")))
    while True:
        below = {name for token in used for name in inner.get(token, ())}
        # A token that is made of tokens with values has a value too, and may be given instead of them.
        above = {token for token, names in inner.items() if names and names <= used}
        if below | above <= used:
            return used
        used |= below | above


def _names(mapping: str) -> Iterator[str]:
    for name in token_names(mapping):
        yield name
        yield name.partition(":")[0].removeprefix(REFERENCE)
