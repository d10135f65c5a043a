"""Snapshot: everything that a session answers from, as texts, bytes and tuples of these."""

from __future__ import annotations

from typing import NamedTuple

#: How a snapshot is laid out; another number is another snapshot.
LAYOUT = 1

#: The parts of a hierarchy.
Parts = tuple[str, ...]

#: The kinds of things that can't travel.
VALUE, OBJECT, ACTION, DEFAULT, CLASS = KINDS = ("value", "object", "action", "default", "class")


class Left(NamedTuple):
    """Something that can't travel."""

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
    """One sheet: the bytes are those of plain data."""

    #: Source, follow, problems, and whether it is lost.
    head: bytes
    #: Its plugins as they are written, each with the number of its positions.
    records: tuple[tuple[bytes, int], ...]


class Snapshot(NamedTuple):
    """A frozen copy of a session's world. Made by ``session.snapshot()``, asked by ``Session.from_snapshot(snapshot)``.

    It holds texts, bytes, numbers and tuples of these, and nothing else: it can be pickled, compared, and used as a key.
    """

    layout: int
    #: The version of Ways that made it.
    version: str
    #: Platform, platforms and priority at that moment; they don't follow the environment any more.
    settings: tuple[str, Parts, Parts]
    #: What stood in for other WAYS_* variables.
    overrides: tuple[tuple[str, str], ...]
    #: Where things are written, in pieces.
    positions: tuple[tuple[bytes, ...], ...]
    sheets: tuple[SheetPart, ...]
    #: The plugins in the order of registration.
    plugins: tuple[bytes, ...]
    problems: bytes
    aliases: tuple[tuple[Parts, Parts], ...]
    #: Place, assignment, name, and where the action is found.
    actions: tuple[tuple[Parts, str, str, str], ...]
    #: Place or ``None``, name, and the value; a text that is where it is found, else bytes.
    defaults: tuple[tuple[Parts | None, str, str | bytes], ...]
    #: Place, where the class and what makes one are found, and whether it serves children.
    classes: tuple[tuple[Parts, str, str, bool], ...]
    #: Place, assignment, whether it was made by force, and what was changed in its data.
    contexts: tuple[tuple[Parts, str, bool, bytes], ...]
    #: What was left out.
    left_out: tuple[Left, ...] = ()

    def __repr__(self) -> str:
        return f"<Snapshot of {len(self.plugins)} plugins in {len(self.sheets)} sheets, {len(self.left_out)} things left out>"
