"""A Snapshot as a function of many texts, which can be sent to other processes."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from typing import Any

from ways.hierarchy import Hierarchy
from ways.lightweight import Lock
from ways.session import Session
from ways.snapshot.restore import overrides_of
from ways.snapshot.snapshot import Snapshot

#: So many sessions are kept in a process; most processes work for one snapshot.
MOST_SESSIONS = 8
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
