"""What the checks look at: sheets, plugins, and each place as every platform and order of layers sees it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from ways.check.reach import LayerReach
from ways.check.shapes import ViewShapes
from ways.contexts.pool import ContextPool
from ways.contexts.state import RegistryView
from ways.contexts.view import ResolvedContext
from ways.errors import nearest
from ways.hierarchy import Hierarchy
from ways.pattern.scan import token_names
from ways.pattern.template import REFERENCE, Template
from ways.plugins.plugin import DataPlugin
from ways.plugins.resolve import Resolver
from ways.sheets.document import Problem, Sheet, Source
from ways.sheets.files import open_plain
from ways.sheets.reader import Info

#: Names that one run of the checks compares with others, to say which was meant. It takes about a second.
MOST_COMPARISONS = 100_000

#: Places of which one run of the checks looks at what they come to with a further layer, for each such layer together.
MOST_LAYERED = 100_000

#: Plugins that the places of one run of the checks may have together, those of the places above counted again for each.
MOST_PLUGINS_OF_PLACES = 3_000_000


class CheckScope:
    """What one run of the checks looks at. What several checks ask for is made once. Nothing in it runs or changes.

    :param is_priority_given: whether WAYS_PRIORITY is set.
    :param info_of: returns what the nearest info file says of the sheet at a path.
    :param has_files: whether the sheets are where they say; those of a snapshot may be gone, or others by now.
    """

    def __init__(
        self,
        pool: ContextPool,
        sheets: Sequence[Sheet],
        problems: Sequence[Problem],
        *,
        is_priority_given: bool = False,
        info_of: Callable[[str], Info] = lambda path: Info(),
        has_files: bool = True,
    ) -> None:
        self.pool = pool
        self.sheets = tuple(sheets)
        self.problems = tuple(problems)
        self.is_priority_given = is_priority_given
        self.info_of = info_of
        self.has_files = has_files
        self.state = pool.state()
        self.settings = self.state.settings
        #: The lines of each sheet in which a place was looked up.
        self._lines: dict[str, list[str]] = {}
        self._states: dict[tuple[str, str], RegistryView] = {}
        #: What the mappings of views have in common.
        self.shapes = ViewShapes()
        #: Names that may still be compared for a hint.
        self._comparisons = MOST_COMPARISONS
        self._used_places: dict[int, frozenset[Hierarchy]] = {}

    def nearest(self, name: str, known: Collection[str], *, cutoff: float = 0.6) -> str:
        """Return the name in *known*, other than *name*, that is closest to it; ``''`` where none is close.

        A run of the checks compares so many names; after that, findings have no such hint.
        """
        self._comparisons -= len(known)
        return nearest(name, (other for other in known if other != name), cutoff=cutoff) if self._comparisons >= 0 else ""

    def did_you_mean(self, name: str, known: Collection[str]) -> str:
        """Return ``"Did you mean 'x'?"``, or ``""``. See :meth:`nearest`."""
        close = self.nearest(name, known)
        return f"Did you mean {close!r}?{other_case(name, close)}" if close else ""

    def in_other_case(self, place: str) -> str:
        """Return a place whose name differs from that of *place* in case alone; ``""`` if there is none."""
        return next((name for name in self._places_by_letters.get(place.casefold(), ()) if name != place), "")

    @cached_property
    def _places_by_letters(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in sorted(self.place_names):
            found.setdefault(name.casefold(), []).append(name)
        return found

    def used_places(self, plugin: DataPlugin) -> frozenset[Hierarchy]:
        """Return the places that a plugin uses, as it names them: it is made for each of them."""
        key = id(plugin.record or plugin)
        if key not in self._used_places:
            self._used_places[key] = frozenset(map(Hierarchy.of, plugin.uses))
        return self._used_places[key]

    def exact(self, source: Source, text: str, offset: int = 0) -> Source:
        """Return where *text* is written in the value of the key at *source*; *source* itself if that can't be told.

        The sheet is read again, as the load keeps the places of keys alone. Text that is folded, or written with escapes,
        is not found.

        :param offset: a character of *text*: its place is returned.
        """
        lines = self._lines.get(source.path)
        if lines is None:
            lines = self._lines[source.path] = _lines_of(source.path) if self.has_files else []
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
    def readings(self) -> Mapping[str, Mapping[tuple[str, ...], Mapping[str, None]]]:
        """For each file that other files name, the places that each of these reads from it, by the chain of files."""
        found: dict[str, dict[tuple[str, ...], dict[str, None]]] = {}
        for plugin in self.plugins:
            if plugin.source.chain:
                places = found.setdefault(plugin.source.path, {}).setdefault(plugin.source.chain, {})
                places[plugin.hierarchy.text] = None
        return found

    @cached_property
    def place_names(self) -> frozenset[str]:
        """The names of :attr:`existing_places`."""
        return frozenset(place.text for place in self.existing_places)

    @cached_property
    def using(self) -> dict[Hierarchy, list[DataPlugin]]:
        """Place -> the relative plugins that use it."""
        using: dict[Hierarchy, list[DataPlugin]] = {}
        for plugin in self.plugins:
            if plugin.parent is not None:
                using.setdefault(self.state.snapshot.resolve_alias(plugin.parent), []).append(plugin)
        return using

    @cached_property
    def mappings_with(self) -> dict[str, tuple[DataPlugin, tuple[str, ...]]]:
        """Token -> the first plugin with a mapping that has it, and the keys that lead to the mapping."""
        found: dict[str, tuple[DataPlugin, tuple[str, ...]]] = {}
        for plugin in self.records:
            for keys, mapping in written_mappings(plugin):
                for name in token_names(mapping):
                    found.setdefault(name, (plugin, keys))
        return found

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
    def reach(self) -> LayerReach:
        """Which places each layer reaches."""
        return LayerReach(self.state.snapshot, self.pool.limits)

    @cached_property
    def further_layers(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The layers without priority to look at, and those that are left out as all together reach too many places."""
        counting, left = frozenset(self.settings.priority), MOST_LAYERED
        further: tuple[list[str], list[str]] = [], []
        for layer in self.layers:
            if layer not in counting:
                left -= len(self.reach.places(layer)) if left >= 0 else 0
                further[left < 0].append(layer)
        return tuple(further[0]), tuple(further[1])

    @cached_property
    def priorities(self) -> tuple[tuple[str, ...], ...]:
        """The orders of layers to look at: the one that is set, and for each other layer that one with the layer on top."""
        own = self.settings.priority
        return (own, *((*own, layer) for layer in self.further_layers[0]))

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

    def places_in(self, state: RegistryView) -> Sequence[Hierarchy]:
        """Return the places to look at in one of :attr:`states`: with a further layer, those that it reaches."""
        if state.settings.priority == self.settings.priority:
            return self.places
        reached = self.reach.places(state.settings.priority[-1])
        # Of few places, each is put where it stands among all.
        return sorted((place for place in reached if place in self._numbers), key=self._numbers.__getitem__)

    @cached_property
    def _numbers(self) -> dict[Hierarchy, int]:
        return {place: number for number, place in enumerate(self.places)}

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
    def legal_names(self) -> tuple[str, ...]:
        """The names of :attr:`places`."""
        return tuple(place.text for place in self.places)

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
    def unused_details(self) -> dict[tuple[int, str], tuple[DataPlugin, frozenset[str]]]:
        """Id of a record and token -> plugin and the tokens of the mappings there, for details of a token that none of these has.

        It is empty if all places together have too many plugins.
        """
        # Most records count at places with the same tokens: these sets are shared.
        used: dict[int, frozenset[str]] = {}
        left = MOST_PLUGINS_OF_PLACES
        for place in self.places:
            # Every plugin that may count at the place, on any layer and platform.
            dependencies = self.resolver_of_all.dependencies(self.state.snapshot.resolve_alias(place))
            seen = [plugin for other in dependencies for plugin in self.resolver_of_all.plugins_at(other)]
            left -= len(seen)
            if left < 0:
                return {}
            tokens = frozenset(_tokens_used(seen))
            for plugin in seen:
                key = id(plugin.record or plugin)
                known = used.get(key)
                used[key] = tokens if known is None or known <= tokens else known if tokens <= known else known | tokens
        nothing: frozenset[str] = frozenset()
        unused: dict[tuple[int, str], tuple[DataPlugin, frozenset[str]]] = {}
        for plugin in self.records:
            key = id(plugin.record or plugin)
            there = used.get(key, nothing)
            unused |= {(key, token): (plugin, there) for token in plugin.mapping_details if token not in there}
        return unused

    @cached_property
    def resolver_of_all(self) -> Resolver:
        """A resolver of the plugins of all layers and platforms together."""
        return Resolver(self.state.snapshot.plugins_at(self.layers), self.plugins, self.pool.limits)

    @cached_property
    def views(self) -> tuple[ResolvedContext, ...]:
        """Each place with its own mapping, in every variant, on every platform and with every order of layers that changes it."""
        views: list[ResolvedContext] = []
        for state in self.states:
            resolver, known = state.resolver(""), state.kept_views
            assert known is not None
            for place in self.places_in(state):
                if resolver.has_own_mapping(place):
                    view = known[place, ""] = ResolvedContext(state, place, resolver)
                    # If there are conditions, the variants are known only where the mapping can be read.
                    can_vary = not self.state.snapshot.conditional or self.shapes.is_readable(view)
                    views += view.variants if can_vary else (view,)
        return tuple(views)

    def with_fault(self, may_have: Callable[[Template], bool]) -> Iterator[tuple[ResolvedContext, Template]]:
        """Yield each different mapping that may have a fault, with the first view that has it. See :class:`ViewShapes`."""
        return self.shapes.with_fault(self.views, may_have)


def other_case(name: str, close: str) -> str:
    """Return a sentence that says that two names differ in case alone, with a space before it; ``""`` if they don't."""
    is_same = name != close and name.casefold() == close.casefold()
    return f" It differs from {name!r} only in upper and lower case." if is_same else ""


def _lines_of(path: str) -> list[str]:
    """Return the lines of a sheet; none if it is in an archive or a commit, or isn't there any more."""
    try:
        with open(open_plain(path), encoding="utf-8-sig", errors="replace", newline="") as file:
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
    # A token that is made of tokens with values has a value too, and may be given instead of them.
    above: dict[str, list[str]] = {}
    for token, names in inner.items():
        for name in names:
            above.setdefault(name, []).append(token)
    lacking = {token: len(names) for token, names in inner.items()}
    waiting = list(used)
    for token in waiting:
        whole = []
        for other in above.get(token, ()):
            lacking[other] -= 1
            whole += [] if lacking[other] else [other]
        new = {*inner.get(token, ()), *whole} - used
        used |= new
        waiting += new
    return used


def _names(mapping: str) -> Iterator[str]:
    for name in token_names(mapping):
        yield name
        yield name.partition(":")[0].removeprefix(REFERENCE)
