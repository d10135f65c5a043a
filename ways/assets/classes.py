"""AssetClasses: your class for the Assets of a place and, if you say so, of the places below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ways.assets.asset import Asset
from ways.contexts.context import Context
from ways.hierarchy import Hierarchy
from ways.lightweight import Lock

Init = Callable[..., Any]


class _Entry(NamedTuple):
    class_type: type
    init: Init
    serves_children: bool


class AssetClasses:
    """Classes by place. Belongs to one session."""

    def __init__(self) -> None:
        self._entries: dict[Hierarchy, _Entry] = {}
        self._lock = Lock()
        #: Whether a class was ever registered.
        self.is_used = False

    def register(self, class_type: type, hierarchy: Hierarchy, init: Init | None, children: bool) -> None:
        """Let *class_type* make the Assets of *hierarchy*; with *children*, of every place below as well."""
        with self._lock:
            self.is_used = True
            self._entries = {**self._entries, hierarchy: _Entry(class_type, init or class_type, children)}

    @property
    def entries(self) -> dict[Hierarchy, _Entry]:
        """The classes by place, with what makes an Asset."""
        return self._entries

    def info(self, place: Any) -> tuple[type | None, Init | None]:
        """Return the class of a place and what makes one, or ``(None, None)``: the nearest that serves it."""
        hierarchy = Hierarchy.of(place)
        for end in range(len(hierarchy), -1, -1):
            entry = self._entries.get(Hierarchy(hierarchy[:end]))
            if entry and (end == len(hierarchy) or entry.serves_children):
                return entry.class_type, entry.init
        return None, None

    def serve(self, context: Context) -> bool:
        """Whether the Assets of a Context have a class of their own."""
        return self.maker(Hierarchy.of(context.hierarchy)) is not Asset

    def maker(self, hierarchy: Hierarchy) -> Init:
        """Return what makes the Assets of a place: the class that serves it, or :class:`Asset`."""
        return self.info(hierarchy)[1] or Asset

    def reset(self, hierarchies: Iterable[Any] = ()) -> None:
        """Forget the classes of these places, or every class; one text is one place."""
        given = [hierarchies] if isinstance(hierarchies, str) else hierarchies
        places = {Hierarchy.of(place) for place in given}
        with self._lock:
            kept = {place: entry for place, entry in self._entries.items() if places and place not in places}
            self._entries = kept
