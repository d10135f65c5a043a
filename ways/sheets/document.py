"""What reading a sheet gives: frozen records that say where they were written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ways.errors import lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, NamedTuple, Protocol

    from ways.limits import Limits

    Level = Literal["error", "warning"]

    class DraftReader(Protocol):
        """Reads files into Drafts: a SheetFormat, or what reads the files that one sheet names."""

        name: str

        def read(self, data: bytes, source: Source, files: Any = None) -> Draft: ...

else:
    from ways.lightweight import NamedTuple

ENVIRONMENT_FAILURE_KEY = "environment_failure"
IMPORT_FAILURE_KEY = "import_failure"
LOAD_FAILURE_KEY = "load_failure"
NOT_CALLABLE_KEY = "not_callable"
RESOLUTION_FAILURE_KEY = "resolution_failure"

#: Where a value stands in a sheet: ``("plugins", "shot", "mapping")``.
Pointer = tuple[object, ...]
#: Line and column, both counted from 1.
Position = tuple[int, int]
#: The problems that cost the whole sheet.
UNREADABLE = frozenset({"syntax", "encoding", "unreadable", "format", "python", "untrusted"})
#: Bits of a whole number that Python certainly writes: it has fewer than 4,300 digits.
_MAX_BITS = 14_000
#: Aliases that may lead into one another.
_MOST_ALIASES = 100


#: The formats of Plugin Sheets; ``""`` where nothing was read.
NATIVE_FORMAT_NAMES = frozenset(("", "yaml", "json", "toml", "python"))


class Source(NamedTuple):
    """Where something is written. As text: ``path:line:column``, or the module and name if it was made in Python."""

    path: str
    format: str = ""
    pointer: Pointer = ()
    line: int = 0
    column: int = 0
    #: Whether code named in it may run.
    is_trusted: bool = True
    #: The sheets through which this one was reached, nearest last.
    chain: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path

    @property
    def is_native(self) -> bool:
        """Whether it is a Plugin Sheet or made in Python, rather than a file of another program."""
        return self.format in NATIVE_FORMAT_NAMES

    def at(self, pointer: Pointer, positions: Mapping[Pointer, Position]) -> Source:
        """Return the source of something inside this one; if its position is unknown, that of its container."""
        line, column = position_of(pointer, positions)
        # Made anew rather than by _replace, which takes three times as long: it is done for each plugin.
        return Source(self.path, self.format, pointer, line, column, self.is_trusted, self.chain)


def position_of(pointer: Pointer, positions: Mapping[Pointer, Position]) -> Position:
    """Return the position of *pointer*, or of the nearest thing around it; ``(0, 0)`` where nothing is known."""
    for end in range(len(pointer), 0, -1):
        if (position := positions.get(pointer[:end])) is not None:
            return position
    return (0, 0)


def written_at(pointer: Pointer, aliases: Mapping[Pointer, Pointer]) -> Pointer:
    """Return where that which *pointer* leads to is written; *pointer* itself if no alias is on the way.

    :param aliases: see :class:`Draft`.
    """
    # Where keys are duplicate, an alias may lead to itself.
    for _ in range(_MOST_ALIASES if aliases else 0):
        end = next((end for end in range(1, len(pointer) + 1) if pointer[:end] in aliases), 0)
        if not end:
            break
        pointer = aliases[pointer[:end]] + pointer[end:]
    return pointer


def pointer_text(pointer: Pointer) -> str:
    """Return a pointer as people write it: ``plugins.shot.mapping``, ``plugins.shot.uses[1]``."""
    text = ""
    for part in pointer:
        text += f"[{part}]" if isinstance(part, int) and text else f".{part}" if text else str(part)
    return text


class Problem(NamedTuple):
    """Something wrong with a sheet: what, where, what Ways expected and found, and what would help."""

    source: Source
    message: str
    level: Level = "error"
    #: A short name for the kind of problem: ``syntax``, ``encoding``, ``unreadable``, ``type``, ``missing-key``, ...
    code: str = "syntax"
    expected: str = ""
    found: str = ""
    help: str = ""
    #: The text that is wrong, and a line that points at the fault; ``""`` where the message says it all.
    excerpt: str = ""

    def __str__(self) -> str:
        pointer = pointer_text(self.source.pointer)
        text = f"{self.source}: {pointer + ': ' if pointer else ''}{self.message}"
        text = f"{text}. {self.help}" if self.help else text
        return lines(text, *(f"  {line}" for line in self.excerpt.splitlines()))

    def as_dict(self) -> dict[str, Any]:
        """Return the problem as plain data."""
        return {
            "level": self.level,
            "code": self.code,
            "path": self.source.path,
            "line": self.source.line,
            "column": self.source.column,
            "pointer": pointer_text(self.source.pointer),
            "message": self.message,
            "expected": self.expected,
            "found": self.found,
            "help": self.help,
            "excerpt": self.excerpt,
        }


def has_too_many_digits(number: int) -> bool:
    """Whether a whole number has more digits than Python writes; notations other than the decimal one let it in."""
    return number.bit_length() > _MAX_BITS


def limit_problem(limits: Limits, name: str, source: Source, found: str = "more") -> Problem:
    """Return the problem that something in a sheet is greater than it may be."""
    expected = limits.expected(name)
    return Problem(source, f"expected {expected}, found {found}", "error", "limit", expected, found, limits.to_raise(name))


class PluginRecord(NamedTuple):
    """One plugin as its sheet writes it: keys checked and normalized, perhaps still relative."""

    name: object
    #: Key to normalized value, for each key that is written (globals included).
    values: Mapping[str, Any]
    source: Source
    #: Where each key, and each thing below it, is written.
    positions: Mapping[Pointer, Position]

    def source_of(self, *keys: object) -> Source:
        """Return where a key of this plugin is written: ``source_of("mapping_details", "SHOT")``."""
        pointer = (*self.source.pointer, *keys)
        if keys and keys[0] not in self.values:
            return self.source
        own = self.source.at(pointer, self.positions)
        inherited = self.positions.get(("globals", keys[0])) if keys else None
        written = self.source.pointer + keys[:1] in self.positions
        return own if written or inherited is None else self.source.at(("globals", *keys), self.positions)


class Sheet(NamedTuple):
    """One sheet that was read: its plugins in order, and its problems."""

    source: Source
    plugins: tuple[PluginRecord, ...] = ()
    problems: tuple[Problem, ...] = ()
    #: Further files that this one names.
    follow: tuple[str, ...] = ()
    #: Whether its format could read nothing of it.
    is_lost: bool = False
    #: Bytes that were read of it, or that it had when it was stored.
    size: int = 0
    #: Whether it is a file of another program, as far as that shows: one that was found in a folder is passed over.
    is_other: bool = False
    #: Those of ``follow`` that each sheet which names them has read for itself.
    follow_each: tuple[str, ...] = ()

    def whole(self) -> Sheet:
        """Return this sheet with all of its plugins unpacked."""
        return self

    @property
    def is_readable(self) -> bool:
        """Whether any of it could be read."""
        return not self.is_lost and not any(
            problem.level == "error" and problem.code in UNREADABLE for problem in self.problems
        )


class MisreadNumber(NamedTuple):
    """A number whose text is another one than was written: 010 without quotes is 8 in YAML."""

    pointer: Pointer
    position: Position
    written: str
    value: float


class Draft(NamedTuple):
    """What a format reads from a file: plain data in the native shape, not yet validated."""

    data: object
    positions: Mapping[Pointer, Position] = {}
    problems: tuple[Problem, ...] = ()
    follow: Sequence[str] = ()
    #: Whether nothing could be read.
    is_lost: bool = False
    #: Reads the sheets of ``follow``, in place of their format, if that has the same name. It may know what the file says.
    follow_format: DraftReader | None = None
    #: Those of ``follow`` that add something else to each sheet that names them, and are read once for each.
    follow_each: Sequence[str] = ()
    misread: Sequence[MisreadNumber] = ()
    #: Where an alias stands, or a key that is merged in -> where that is written.
    aliases: Mapping[Pointer, Pointer] = {}


class LoadResult(NamedTuple):
    """The outcome of one attempt to load something."""

    #: The description, or the path of a sheet or plugin file.
    item: object
    status: Literal["success", "failed"]
    #: A short name of what went wrong, such as ``import_failure``; ``""`` if nothing did.
    reason: str = ""
    details: str = ""
    traceback: str = ""
    error: Exception | None = None
    #: What gives the plugins, made of the description: a function, or a list of plugins.
    description: object = None
    uuid: str = ""

    @property
    def is_success(self) -> bool:
        """Whether it loaded."""
        return self.status == "success"

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain data, without empty values."""
        texts = {"item": self.item, "status": self.status, "reason": self.reason, "details": self.details}
        record = {key: value for key, value in texts.items() if value != "" or key == "item"}
        for key, value in (("description", self.description), ("exception", self.error), ("uuid", self.uuid)):
            if value is not None and value != "":
                record[key] = value
        if self.reason:
            record["traceback"] = self.traceback or None
        return record
