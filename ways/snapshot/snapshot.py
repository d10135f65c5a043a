"""Snapshot: everything that a session answers from, as texts, bytes, numbers and tuples of these."""

from __future__ import annotations

import os
import sys

from ways.sheets.store.codec import pack
from ways.snapshot.file import digest_of, save_body

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

#: The number of the layout; it is raised when a field changes its meaning.
LAYOUT = 4

#: The parts of a hierarchy.
Parts = tuple[str, ...]

#: The kinds of things that can't travel.
VALUE, OBJECT, ACTION, DEFAULT, CLASS = KINDS = ("value", "object", "action", "default", "class")


class Omission(NamedTuple):
    """Something that can't travel to another process."""

    #: One of :data:`KINDS`: a value in a plugin or in the data of a Context, the object that a plugin was read from, an
    #: action, the default of an action, or the class of Assets.
    kind: str
    #: Where it is: ``the plugin shot (shots.yml:3:5): data.tool``.
    where: str
    #: What it is, and why it can't travel.
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


class SheetPart(NamedTuple):
    """One sheet, as encoded plain data."""

    #: Source, follow, problems, and whether it is lost.
    head: bytes
    #: Its plugins as they are written, each with its index in the snapshot's positions.
    records: tuple[tuple[bytes, int], ...] = ()
    #: Instead of these, all of it as the store has it, and the layer of its plugins that name none.
    entry: bytes = b""
    assignment: str = ""


class Snapshot(NamedTuple):
    """A frozen copy of everything that a session needs to answer. ``session.snapshot()`` returns one.

    ``Session.from_snapshot(snapshot)`` makes a session of it. A snapshot contains only texts, bytes, numbers
    and tuples of these, so you can pickle it, compare it, and use it as a key. Two snapshots of the same :attr:`digest` answer alike.
    """

    layout: int
    #: The version of Ways that made it.
    version: str
    #: Platform, platforms, priority and WAYS_STRICT at the moment of the snapshot; they no longer follow the environment.
    settings: tuple[str, Parts, Parts, str]
    #: Which of these variables were set; the others had their defaults.
    given: Parts
    #: Name and number of each limit.
    limits: tuple[tuple[str, int], ...]
    #: The session's overrides of other WAYS_* variables.
    overrides: tuple[tuple[str, str], ...]
    #: What info files say of the sheets: for each folder of some.
    infos: tuple[bytes, ...]
    #: Where things are written in the sheets: for each set of positions, its parts.
    positions: tuple[tuple[bytes, ...], ...]
    sheets: tuple[SheetPart, ...]
    #: What finds the places of the entries; empty if the sheets have none, or are few.
    catalog: bytes
    #: The plugins in the order of registration; none if the sheets have entries.
    plugins: tuple[bytes, ...]
    #: How many plugins there are.
    plugin_count: int
    problems: bytes
    aliases: tuple[tuple[Parts, Parts], ...]
    #: Place, assignment, name, and the import name of the action.
    actions: tuple[tuple[Parts, str, str, str], ...]
    #: Place or ``None``, name, and the value: an import name as text, or encoded plain data.
    defaults: tuple[tuple[Parts | None, str, str | bytes], ...]
    #: Place, the import names of the class and of the callable that makes one, and whether it serves children.
    classes: tuple[tuple[Parts, str, str, bool], ...]
    #: Place, assignment, whether the Context was made by force, and the changes to its data.
    contexts: tuple[tuple[Parts, str, bool, bytes], ...]
    #: What was left out.
    left_out: tuple[Omission, ...] = ()

    def to_bytes(self) -> bytes:
        """Return all of it as bytes: the same in every process."""
        return pack(_plain(self), max_values=sys.maxsize)

    def save(self, path: str | os.PathLike[str], *, force: bool = False) -> int:
        """Write it to a file for ``Session.from_snapshot(path)``, whole or not at all; return the file's size in bytes.

        :param force: whether a file that is there is replaced.
        :raises FileExistsError: something is there.
        :raises OSError: the file can't be written; what was there stays.
        """
        return save_body(self.to_bytes(), self.version, os.fspath(path), force=force)

    @property
    def digest(self) -> str:
        """The SHA-256 of :meth:`to_bytes`, as 64 hexadecimal digits."""
        return digest_of(self.to_bytes())

    def __repr__(self) -> str:
        return f"<Snapshot of {self.plugin_count} plugins in {len(self.sheets)} sheets, {len(self.left_out)} things left out>"


def _plain(value: Any) -> Any:
    """Return *value* with plain tuples for records, and plain texts for those of subclasses."""
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    return str.__str__(value) if isinstance(value, str) else value
