"""What other processes do for a session: read many texts, and walk folders. They have a Snapshot, and make a session of it."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from ways.assets.disk import FoundPath, Part, Report, mapped_variants, walk_part
from ways.contexts.context import Context
from ways.hierarchy import Hierarchy
from ways.lightweight import Lock
from ways.session import Session
from ways.snapshot.restore import overrides_of
from ways.snapshot.snapshot import Snapshot

#: So many sessions are kept in a process; most processes work for one snapshot.
MOST_SESSIONS = 8
#: So many parts of a walk are given to an engine, or wait to be taken from it, at a time.
MOST_PARTS = 256
#: Seconds of one wait for an engine.
WAIT = 1.0
#: The sessions of this process, by the digests of their snapshots.
_sessions: dict[str, Session] = {}
_lock = Lock()


class Resolver:
    """A function: it takes texts, and returns their table as :meth:`ways.api.Session.table` does.

    It holds the snapshot as bytes, so it can be pickled, and it answers alike in every process. A process makes one session for all
    resolvers of one digest, when the first of them is called.
    """

    #: The digest of the snapshot.
    digest: str
    #: The place of all texts, or ``''``.
    place: str
    #: Whether the whole text and every value must fit.
    strict: bool

    def __init__(self, snapshot: Snapshot, place: str, strict: bool) -> None:
        self.digest = snapshot.digest
        self.place = place
        self.strict = strict
        self._data = pickle.dumps(snapshot)

    def __call__(self, texts: Iterable[Any]) -> dict[str, list[Any]]:
        """Return the table of these texts."""
        return self.session.table(texts, self.place, self.strict)

    @property
    def columns(self) -> list[str]:
        """The columns of each table."""
        return self.session.table_columns(self.place, self.strict)

    @property
    def session(self) -> Session:
        """The session of the snapshot in this process."""
        session = _sessions.get(self.digest)
        return self._made() if session is None else session

    def _made(self) -> Session:
        with _lock:
            session = _sessions.get(self.digest)
            if session is None:
                session = Session.from_snapshot(pickle.loads(self._data))
                while len(_sessions) >= MOST_SESSIONS:
                    del _sessions[next(iter(_sessions))]
                _sessions[self.digest] = session
            return session

    def _key(self) -> tuple[str, str, bool]:
        return self.digest, self.place, self.strict

    def __dask_tokenize__(self) -> tuple[str, str, str, bool]:
        # Dask gives work of the same token the same key, in every process.
        return "ways.snapshot.resolver", *self._key()

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Resolver) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"<Resolver of the snapshot {self.digest[:12]}>"


def resolver(snapshot: Snapshot, place: Any = "", strict: bool = True) -> Resolver:
    """Return a function that takes texts and returns their table, in this process and in others.

    :param snapshot: what it answers from; later changes of sheets don't count.
    :param place: the place of all texts, as a hierarchy; if absent, found for each text.
    :param strict: as for :meth:`ways.api.Session.table`.
    :raises SnapshotError: *snapshot* is none, or another version of Ways made it (a TypeError).
    """
    overrides_of(snapshot)
    return Resolver(snapshot, Hierarchy.of(place).text if place else "", strict)


# --- walks


class EngineWalk:
    """Walks the parts of a walk by an engine; see :data:`ways.assets.disk.WalkParts`.

    :param engine: what :class:`ways.systems.engine.base.Engine` describes.
    """

    def __init__(self, snapshot: Snapshot, engine: Any) -> None:
        self._resolver = resolver(snapshot)
        self._engine = engine

    def __call__(
        self, context: Context, values: Mapping[str, Any], parts: Sequence[Part], is_sorted: bool, report: Report
    ) -> Iterator[list[FoundPath]]:
        """Yield what lies in each of *parts*, in their order.

        :raises EngineError: the engine is lost.
        """
        walk = partial(_walked, self._resolver, tuple(context.hierarchy), context.assignment, dict(values), is_sorted)
        views = mapped_variants(context)
        for part, (found, reports) in zip(parts, self._in_order(partial(walk, part) for part in parts)):
            for path, reason in reports:
                report(path, reason)
            yield [FoundPath(path, leaves, views[part.variant]) for path, leaves in found]

    def _in_order(self, works: Iterable[partial[Any]]) -> Iterator[Walked]:
        """Yield the result of each piece of work, in order; a few of them are carried out at a time."""
        numbers: dict[Any, int] = {}
        done: dict[int, Walked] = {}
        left, given, taken = iter(works), 0, 0
        try:
            while True:
                while given - taken < MOST_PARTS and (work := next(left, None)) is not None:
                    numbers[self._engine.submit(work)] = given
                    given += 1
                if taken == given:
                    return
                while taken not in done:
                    for change in self._engine.wait(list(numbers), WAIT):
                        if change.state == "failed":
                            raise change.error
                        if change.state == "done":
                            done[numbers.pop(change.ticket)] = change.result
                            self._engine.cancel([change.ticket])
                yield done.pop(taken)
                taken += 1
        finally:
            self._engine.cancel(list(numbers))


#: What a part holds: for each thing its path and the values of its leaf tokens; and what is reported.
Walked = tuple[list[tuple[str, dict[str, str]]], list[tuple[str, str]]]


def _walked(resolve: Resolver, place: tuple[str, ...], layer: str, values: dict[str, Any], is_sorted: bool, part: Part) -> Walked:
    """Return what lies in one part of a walk, in the process that has to walk it."""
    reports: list[tuple[str, str]] = []
    context = resolve.session.need_context(place, layer)
    found = walk_part(context, values, part, is_sorted=is_sorted, report=lambda path, reason: reports.append((path, reason)))
    return [(item.path, item.values) for item in found], reports
