"""What a reader gives: neutral records, each of which says where it is written in the files of the other system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from ways.errors import WaysError, lines
from ways.sheets.document import Problem, Source

#: ``error``: something of the source isn't in the sheet, or behaves in another way. ``note``: nothing is lost, but you should know it.
Level = Literal["error", "note"]


class RootPath(NamedTuple):
    """Where a root is on one platform."""

    #: In the token language of ``syntax: 2``.
    mapping: str
    #: ``linux``, ``darwin`` or ``windows``; ``""`` for all.
    platform: str = ""
    #: The layer of a site; ``""`` for the default one.
    layer: str = ""


class Root(NamedTuple):
    """A place whose path differs from platform to platform, and below which others are."""

    name: str
    paths: tuple[RootPath, ...]
    source: Source
    #: What the tokens of its paths may hold, as in ``mapping_details``.
    details: Mapping[str, Mapping[str, Any]] = {}


class Key(NamedTuple):
    """What a token may hold."""

    #: Its name in the other system, which may differ from the name of the token; ``""`` if it is part of a template.
    name: str
    #: As in ``mapping_details``; empty for a token that takes any text.
    details: Mapping[str, Any]
    source: Source


class Template(NamedTuple):
    """A mapping with a name."""

    #: As the other system calls it. It may have ``/``, for a place within a place.
    name: str
    #: In the token language of ``syntax: 2``. It continues that of *base*. ``{@NAME}`` is the mapping of the key NAME among *keys*, or
    #: else of the template NAME.
    mapping: str
    source: Source
    #: The name of the root or template that it continues; ``""`` for none.
    base: str = ""
    #: What goes between the mapping of *base* and this one.
    joint: str = "/"
    #: The key of each token that has one. A token may have different keys in different templates.
    keys: Mapping[str, Key] = {}
    is_path: bool = True
    #: Whether it may be found by a text. If not, it is only written, or read by its name.
    search: bool = True
    #: What it is called where it is written, if one thing there becomes several templates; ``""`` for its name.
    origin: str = ""


class Remark(NamedTuple):
    """A line of the report: what can't be said in a sheet, or what you should know."""

    code: str
    message: str
    source: Source
    level: Level = "error"
    help: str = ""
    #: The kind and name of what is left out of the sheet for it, such as ``("template", "shot_work")``; ``None`` if nothing is.
    left_out: tuple[str, str] | None = None
    #: Other places that the message speaks of, each with what it is.
    related: tuple[tuple[Source, str], ...] = ()

    def __str__(self) -> str:
        text = f"{self.source}: {self.level}: {self.message} [{self.code}]"
        below = [f"help: {self.help}"] if self.help else []
        return lines(text, *(f"  {line}" for line in (*below, *(f"see: {source}: {what}" for source, what in self.related))))


class Code(NamedTuple):
    """A kind of remark."""

    level: Level
    meaning: str
    #: What to do about it.
    remedy: str


class Imported(NamedTuple):
    """All that a reader found."""

    #: As people write the name of the system.
    system: str
    #: The files that were read, in order.
    files: tuple[str, ...]
    roots: tuple[Root, ...] = ()
    keys: tuple[Key, ...] = ()
    templates: tuple[Template, ...] = ()
    remarks: tuple[Remark, ...] = ()
    #: The folder that positions in comments are relative to.
    folder: str = ""


class UnreadableError(WaysError, ValueError):
    """Nothing can be imported: the files can't be read, or aren't those of the system.

    :param problems: what is wrong with which file.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(lines(*map(str, problems)))
        self.problems = problems
