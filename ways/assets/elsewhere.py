"""Texts of other platforms: what one is on another platform, and where else one fits that fits nowhere here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ways.assets.finding import Finder
from ways.assets.reading import STRICT_TIERS, Candidate, PathText, as_text, read_text
from ways.assets.writing import translated
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.contexts.state import RegistryView, ViewCache
from ways.errors import (
    AmbiguousContextError,
    AmbiguousReadingError,
    ContextNotFoundError,
    ParseError,
    UnresolvedMappingError,
    WaysError,
    lines,
)
from ways.limits import check_length
from ways.regex.budget import Question
from ways.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

#: Finders with other settings, in the state that was asked last.
_FINDERS: ViewCache[Settings, Finder] = ViewCache()
#: The other platforms to ask, for texts with a backslash and without.
_PLATFORMS: ViewCache[bool, list[str]] = ViewCache()

#: Plugins above which no index of another platform, or of the other layers, is made for a message.
MOST_PLUGINS = 4000
#: Places that a message names at most.
MOST = 3

FinderOf = Callable[[str], Finder]


class Elsewhere(NamedTuple):
    """A place that a text fits on another platform, or in a layer without priority."""

    hierarchy: str
    #: The platform; ``""`` for the current one.
    platform: str = ""
    #: The layer; ``""`` for those that have priority.
    assignment: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the place as plain data."""
        return self._asdict()

    def __str__(self) -> str:
        if self.platform:
            return f"on {self.platform} it fits {self.hierarchy!r}"
        return f"in the layer {self.assignment!r}, which WAYS_PRIORITY does not name, it fits {self.hierarchy!r}"


class Translation(NamedTuple):
    """A text as it is on another platform."""

    text: str
    #: The platform that the text was of, and what it is there.
    from_platform: str
    candidate: Candidate

    @property
    def hierarchy(self) -> str:
        """The place, as text."""
        return self.candidate.hierarchy

    def as_dict(self) -> dict[str, Any]:
        """Return the translation as plain data."""
        return {"platform": self.from_platform, "to": self.text, **self.candidate.as_dict()}

    def __str__(self) -> str:
        return f"from {self.from_platform}, as {self.hierarchy}: {self.text}"


def translation(
    pool: ContextPool, finder: FinderOf, text: PathText, platform: str, context: Any = ..., from_platform: str | None = None
) -> Translation:
    """Return what *text* is on another platform; see :meth:`Session.translation`."""
    text = as_text(text)
    check_length(len(text), pool.limits, text)
    with Question(pool.limits):
        return _on_platform(pool, finder, text, platform, context, from_platform)


def _on_platform(
    pool: ContextPool, finder: FinderOf, text: str, platform: str, context: Any, from_platform: str | None
) -> Translation:
    state = pool.state()
    context = pool.context_or_find(context)
    place = None if context is ... else pool.require_context(context)[0]
    state.on(platform)
    if from_platform:
        state.on(from_platform)
        return _translation(pool, finder, state, text, platform, place, from_platform)
    current = state.settings.platform
    try:
        return _translation(pool, finder, state, text, platform, place, current)
    except AmbiguousReadingError:
        raise
    except (ContextNotFoundError, ParseError, UnresolvedMappingError) as error:
        not_here = error
    found: dict[str, Translation] = {}
    for other in sorted(state.settings.platforms - {current}):
        try:
            answer = _translation(pool, finder, state, text, platform, place, other)
        except AmbiguousReadingError:
            raise
        except (ContextNotFoundError, ParseError, UnresolvedMappingError):
            continue
        found.setdefault(answer.text, answer)
    if not found:
        raise not_here
    if len(found) > 1:
        first = f"{text!r} is of several platforms, and differs on {platform}:"
        message = lines(first, *(f"  {answer}" for answer in found.values()), "Say which it is of: from_platform=...")
        raise AmbiguousContextError(text, list(found.values()), message)
    return next(iter(found.values()))


def _translation(
    pool: ContextPool, finder: FinderOf, state: RegistryView, text: str, platform: str, place: Context | None, source: str
) -> Translation:
    there = state if source == state.settings.platform else state.on(source)
    if place is not None:
        candidate = read_text(place, text, STRICT_TIERS, place.view_in(there))
    elif there is state:
        candidate = finder("").find_text(text, STRICT_TIERS)
    else:
        candidate = _finder_of(pool, state, there).find_text(text, STRICT_TIERS)
    return Translation(translated(candidate.context, candidate.values, platform, candidate.view), source, candidate)


def _finder_of(pool: ContextPool, state: RegistryView, there: RegistryView) -> Finder:
    finders = _FINDERS.of(pool, state)
    return finders.get(there.settings) or finders.setdefault(there.settings, Finder(pool, there))


def elsewhere(
    pool: ContextPool, finder: Finder, text: PathText, context: Any = None, *, is_quick: bool = False
) -> list[Elsewhere]:
    """Return where a text fits that fits nowhere here; see :meth:`Session.elsewhere`.

    :param is_quick: leave out what takes longer than a person waits for an error.
    """
    text = as_text(text)
    if len(text) > pool.limits.text:
        return []
    with Question(pool.limits):
        return _elsewhere(pool, finder, text, context, is_quick)


def _elsewhere(pool: ContextPool, finder: Finder, text: str, context: Any, is_quick: bool) -> list[Elsewhere]:
    state = pool.state()
    place = context if isinstance(context, Context) else pool.get(context) if context else None
    found = []
    if (place is not None or state.is_strict) and not list(_places_in(state, text, place or finder)):
        layers = _layers_to_add(state, place)
        if not is_quick or place is not None or len(layers) * len(finder.index.plugins) <= MOST_PLUGINS:
            for layer in layers:
                there = state.with_layer(layer)
                where = place or _finder_of(pool, state, there)
                found += [Elsewhere(hierarchy, "", layer) for hierarchy in _places_in(there, text, where)]
    for platform in _other_platforms(pool, state, has_backslash="\\" in text):
        there = state.on(platform)
        where = _finder_of(pool, state, there) if place is None else place
        if not is_quick or isinstance(where, Context) or _is_quick(where):
            found += [Elsewhere(hierarchy, platform) for hierarchy in _places_in(there, text, where)]
    return list(dict.fromkeys(found))


def _layers_to_add(state: RegistryView, place: Context | None) -> list[str]:
    """Return the layers without priority in which a text may fit: those with a plugin, for a place those that may change it."""
    layers = state.snapshot.assignments - set(state.assignments(""))
    if place is None or not layers:
        return sorted(layers)
    if place.assignment:
        return []
    counting = {layer for at in place.view.resolver.dependencies(place.view.real_hierarchy) for layer in state.snapshot.layers_at(at)}
    return sorted(layers & counting)


def _is_quick(finder: Finder) -> bool:
    """Whether an answer takes no longer than a person waits for an error: making the index of many places takes seconds."""
    return finder.index.is_ready or len(finder.index.plugins) <= MOST_PLUGINS


def _other_platforms(pool: ContextPool, state: RegistryView, *, has_backslash: bool) -> list[str]:
    """Return the platforms on which a text may be something else than on the current one.

    Platforms that no plugin names are all alike, but for paths of Windows.
    """
    known = _PLATFORMS.of(pool, state)
    if has_backslash not in known:
        current, named = state.settings.platform, state.snapshot.platforms
        names = {name for name in state.settings.platforms if name.lower() in named}
        if has_backslash:
            names.update(name for name in state.settings.platforms if name.lower() == "windows")
        others = sorted(name for name in state.settings.platforms - names if name.lower() != "windows")
        alike = [] if not named or current in others else ["linux"] if "linux" in others else others[:1]
        known[has_backslash] = [name for name in (*sorted(names), *alike) if name != current]
    return known[has_backslash]


def elsewhere_in_words(pool: ContextPool, finder: Finder, text: str, context: Context | None = None) -> str:
    """Return the same as sentences for the end of a message; ``""`` for nowhere."""
    sentences = (str(item) for item in elsewhere(pool, finder, text, context, is_quick=True)[:MOST])
    return "".join(f" {sentence[0].upper()}{sentence[1:]}." for sentence in sentences)


def _places_in(there: RegistryView, text: str, where: Context | Finder) -> Iterator[str]:
    try:
        if isinstance(where, Context):
            yield read_text(where, text, STRICT_TIERS, where.view_in(there)).hierarchy
        elif where.index.near(text):
            # Asked first, as most texts fit nowhere, and an error takes longer.
            yield where.find_text(text, STRICT_TIERS).hierarchy
    except AmbiguousContextError as error:
        yield from dict.fromkeys(str(item.as_dict().get("hierarchy")) for item in error.candidates)
    except WaysError:
        return
