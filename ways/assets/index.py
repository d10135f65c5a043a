"""The index of auto-find on disk: which places a text may be of, told without making every plugin.

What is kept is the skeletons of all mappings, each under a literal that stands in every text that fits; the world that
they are of is part of the entry's name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from ways.pattern.skeleton import Segment, Skeleton

#: What the world is: anything else that is asked for has another index.
World = tuple[object, ...]


class Kept(Protocol):
    """An index that was kept. Whatever is wrong with it is a ValueError."""

    meta: Any

    def find(self, name: str) -> Any:
        """Return what is held by *name*, or ``None``."""


class Indexes(Protocol):
    """Where indexes are kept."""

    def open_index(self, world: World) -> Kept | None:
        """Return the index of a world, if it is there and whole."""

    def keep_index(self, world: World, values: Mapping[str, Any], meta: Mapping[str, Any]) -> None:
        """Keep the index of a world; whatever hinders it, nothing is kept."""


#: Texts from which on it takes less time to know all places than to look at the kept index for each.
FEW = 500
#: A place, its literal segments with their numbers, and how its variable ones start and end; of a mapping whose tokens
#: may hold separators only the literal segments, without their numbers.
Row = tuple[str, tuple[Any, ...], tuple[Any, ...]]


def rows_of(found: Sequence[tuple[Skeleton, str]]) -> tuple[dict[str, list[Row]], list[str]]:
    """Return the rows of the skeletons of places, by the names under which :func:`near` looks, and the kinds of these."""
    counts = Counter(literal for skeleton, _ in found for form in skeleton.forms for literal in _literals(form))
    held: dict[str, list[Row]] = {}
    kinds: dict[str, None] = {}
    for skeleton, place in found:
        for form in skeleton.forms:
            kind = f"{skeleton.separator}{'+' if skeleton.crosses else len(form)}"
            anchor = min(_literals(form), key=counts.__getitem__, default=None)
            kinds[kind] = None
            held.setdefault(_name(kind, anchor), []).append((place, *_told(form, skeleton.crosses)))
    return held, list(kinds)


def near(kept: Kept, text: str) -> list[str]:
    """Return the places that *text* may be of, as texts; perhaps some more.

    :raises ValueError: the index is damaged.
    """
    places: dict[str, None] = {}
    for kind in kept.meta["kinds"]:
        separator, length = kind[0], kind[1:]
        segments = text.split(separator)
        if length not in ("+", str(len(segments))):
            continue
        for anchor in (None, *dict.fromkeys(segments)):
            for place, fixed, loose in kept.find(_name(kind, anchor)) or ():
                if _fits(segments, fixed, loose, crosses=length == "+"):
                    places[place] = None
    if not all(type(place) is str for place in places):
        raise ValueError("no places")
    return list(places)


def _name(kind: str, anchor: str | None) -> str:
    return kind if anchor is None else f"{kind} {anchor}"


def _literals(form: Iterable[Segment]) -> dict[str, None]:
    return {segment.start: None for segment in form if segment.is_fixed}


def _told(form: Sequence[Segment], crosses: bool) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    if crosses:
        return tuple(_literals(form)), ()
    fixed = tuple((index, segment.start) for index, segment in enumerate(form) if segment.is_fixed)
    loose = tuple((index, *segment[1:3]) for index, segment in enumerate(form) if not segment.is_fixed and any(segment[1:3]))
    return fixed, loose


def _fits(segments: Sequence[str], fixed: Sequence[Any], loose: Sequence[Any], *, crosses: bool) -> bool:
    if crosses:
        return all(literal in segments for literal in fixed)
    return all(segments[index] == literal for index, literal in fixed) and all(
        segments[index].startswith(start) and segments[index].endswith(end) for index, start, end in loose
    )


class StoredIndex:
    """The kept index of one world, if there is one.

    :param world: ``None`` for a world whose index can't be kept.
    """

    def __init__(self, world: World | None, indexes: Indexes | None) -> None:
        self._world = world
        self._indexes = indexes
        self._kept = indexes.open_index(world) if world is not None and indexes is not None else None
        self._left = FEW
        #: What stands at the places that were near a text; filled by who asks.
        self.entries: dict[str, Any] = {}

    @property
    def is_open(self) -> bool:
        """Whether :meth:`near` can tell."""
        return self._kept is not None and self._left > 0

    @property
    def is_all(self) -> bool:
        """Whether a text that fits nothing here fits nothing at all, strictly."""
        kept = self._kept
        return kept is not None and self._left > 0 and kept.meta.get("is_all") is True

    def near(self, text: str) -> list[str] | None:
        """Return the places that *text* may be of; ``None`` where that isn't known, or all of them had better be known."""
        kept = self._kept
        if kept is None or self._left <= 0:
            return None
        self._left -= 1
        try:
            return near(kept, text)
        except (ValueError, TypeError, LookupError):
            self._kept = None
            return None

    def keep(self, found: Sequence[tuple[Skeleton, str]], is_all: bool) -> None:
        """Keep the index of places, unless there is one.

        :param is_all: whether there are no others that serve where these don't.
        """
        if self._kept is None and self._world is not None and self._indexes is not None:
            held, kinds = rows_of(found)
            self._indexes.keep_index(self._world, held, {"kinds": kinds, "is_all": is_all})
