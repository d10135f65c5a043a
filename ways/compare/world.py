"""ComparedSheets: one of the two things that are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.hierarchy import Hierarchy
from ways.sheets.document import Problem, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedSheets:
    """Some sheets, loaded, as they are compared."""

    pool: ContextPool
    #: What is wrong with them.
    problems: tuple[Problem, ...] = ()
    #: Returns what people call a path on this disk: a revision is not read from where it is known by.
    shown: Callable[[str], str] = str

    @property
    def places(self) -> set[Hierarchy]:
        """Each place that a Context can be asked for."""
        snapshot = self.pool.registry.now
        return {place for place in (*snapshot.places, *snapshot.aliases) if place and place.is_legal}

    def layers_at(self, place: Hierarchy) -> set[str]:
        """Return the layers of the plugins that stand exactly at a place."""
        snapshot = self.pool.registry.now
        return {name for name, plugins in snapshot.places.get(snapshot.resolve_alias(place), {}).items() if plugins}

    def context(self, place: Hierarchy, assignment: str) -> Context | None:
        """Return the Context of a place, or ``None`` where there is none."""
        return self.pool.get(place, assignment)

    def told(self, source: Source | None) -> str | None:
        """Return where something is written, as people read it."""
        return None if source is None else str(source._replace(path=self.shown(source.path)))
