"""The sheets that are compared, and what a comparison returns: plain records."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.hierarchy import Hierarchy
from ways.sheets.document import Pointer, Problem, Source, pointer_text

#: What became of a thing; seen from the new sheets.
Change = Literal["added", "removed", "changed"]
#: Of a path also: what it is can't be told on one side at least, as it is too long, or takes too long.
PathChangeKind = Literal["added", "removed", "changed", "untold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedSheets:
    """Loaded sheets: one side of a comparison."""

    pool: ContextPool
    #: What is wrong with them.
    problems: tuple[Problem, ...] = ()
    #: Returns the name of a file for people: a revision of a repository is not read from the path that it is known by.
    shown: Callable[[str], str] = str

    @property
    def places(self) -> set[Hierarchy]:
        """Each place that has a Context."""
        snapshot = self.pool.registry.now
        return {place for place in (*snapshot.places, *snapshot.aliases) if place and place.is_legal}

    def layers_at(self, place: Hierarchy) -> set[str]:
        """Return the layers of the plugins exactly at a place."""
        snapshot = self.pool.registry.now
        return {name for name, plugins in snapshot.places.get(snapshot.resolve_alias(place), {}).items() if plugins}

    def context(self, place: Hierarchy, assignment: str) -> Context | None:
        """Return the Context of a place, or ``None`` if there is none."""
        return self.pool.get(place, assignment)

    def text_of(self, source: Source | None) -> str | None:
        """Return where something is written, as text: path, line and column."""
        return None if source is None else str(source._replace(path=self.shown(source.path)))

    #: The former name of :meth:`text_of`.
    told = text_of


class ComparisonRecord:
    """A record that can be returned as plain data."""

    __slots__: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain data, as JSON has it."""
        # The slots of a dataclass are its fields.
        return {name: plain(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange(ComparisonRecord):
    """One field of a Context that changes."""

    #: Where it stands, key by key: ``("data", "fps")``.
    field: Pointer
    change: Change
    #: ``None`` where it was not there; so is the source.
    old: Any = None
    new: Any = None
    #: Sheet, line and column of the plugin that gave the value.
    old_source: str | None = None
    new_source: str | None = None

    @property
    def name(self) -> str:
        """The name of the field: ``data.fps``."""
        return pointer_text(self.field)

    def as_dict(self) -> dict[str, Any]:
        """Return the change as plain data."""
        return {
            "field": self.name,
            "change": self.change,
            "old": plain(self.old),
            "new": plain(self.new),
            "old_source": self.old_source,
            "new_source": self.new_source,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextChange(ComparisonRecord):
    """A Context that changes, for all values or for some."""

    hierarchy: str
    #: The layer of plugins; ``""`` for all those that have priority.
    assignment: str
    change: Change
    #: Token to the values for which this holds; empty for the Context itself.
    when: Mapping[str, tuple[str, ...]]
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(ComparisonRecord):
    """How the sheets of one side read a path."""

    status: Literal["resolved", "unresolved", "ambiguous"]
    hierarchy: str | None = None
    assignment: str | None = None
    values: Mapping[str, str]
    #: Sheet, line and column of the mapping that it fits.
    source: str | None = None
    #: The places of an ambiguous path.
    candidates: tuple[str, ...] = ()
    #: Why it doesn't resolve.
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PathChange(ComparisonRecord):
    """A path that resolves differently, or may resolve differently."""

    text: str
    #: ``added`` where it didn't resolve before, ``removed`` where it does no longer; ``untold`` where a limit doesn't let it be told.
    change: PathChangeKind
    old: Reading
    new: Reading
    #: The path that the new sheets write for the old place and its values, if they read it as these again.
    would_be: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(ComparisonRecord):
    """What changes between two sets of sheets. Its truth value is false if nothing changes."""

    contexts: tuple[ContextChange, ...]
    paths: tuple[PathChange, ...]

    def __bool__(self) -> bool:
        return bool(self.contexts or self.paths)


def plain(value: Any) -> Any:
    """Return *value* as JSON has it: what JSON doesn't have becomes a text."""
    if isinstance(value, ComparisonRecord):
        return value.as_dict()
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if value is None or isinstance(value, (str, bool, int)) else str(value)
