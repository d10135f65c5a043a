"""The formats of sheets: our own four, and the table that picks the format of a file."""

from __future__ import annotations

from collections.abc import Sequence

from ways.usercode import Failed, call
from ways.limits import DEFAULT_LIMITS, Limits
from ways.sheets.document import Draft, Problem, Source
from ways.sheets.formats.foreign import FOREIGN_FORMATS, SystemFormats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.metadata import EntryPoint

    from ways.sheets.formats.base import Files, SheetFormat

    TextReader = Callable[[str, Source, Limits], Draft]

#: The entry-point group in which packages offer formats.
ENTRY_POINTS = "ways.sheet_formats"
#: Bytes at the beginning of a file, by which its format is picked.
HEAD = 1 << 16


def _reader(name: str) -> TextReader:
    """Return the reader in the module of that name; a parser costs up to 20 ms to import, so only at first need."""
    from importlib import import_module

    read: TextReader = import_module(f"ways.sheets.formats.{name}").read
    return read


class TextFormat:
    """A format whose files are text, read by one module; *others* are tried where it can't read a file at all."""

    def __init__(self, name: str, suffixes: tuple[str, ...], reader: str, *others: str) -> None:
        self.name = name
        self.suffixes = suffixes
        self._reader = reader
        self._others = others

    def looks_like(self, name: str, head: bytes) -> bool:
        """Whether the file's name ends as this format's do; letter case doesn't matter."""
        return name.lower().endswith(self.suffixes)

    def read(self, data: bytes, source: Source, files: Files | None = None, *, limits: Limits = DEFAULT_LIMITS) -> Draft:
        """Return what *data* says."""
        from ways.sheets.files import bytes_to_text

        text = bytes_to_text(data, source)
        if isinstance(text, Problem):
            return Draft(None, problems=(text,), is_lost=True)
        draft = _reader(self._reader)(text, source, limits)
        if not draft.is_lost or any(problem.code == "limit" for problem in draft.problems):
            return draft
        for reader in self._others:
            other = _reader(reader)(text, source, limits)
            # A lone text is what YAML makes of nearly any broken file: that is no sheet.
            if not other.is_lost and isinstance(other.data, dict):
                note = f"not {self.name.upper()}, read all the same"
                warnings = [item._replace(level="warning", message=f"{note}: {item.message}") for item in draft.problems]
                return other._replace(problems=(*warnings, *other.problems))
        return draft


#: In the order in which one folder's info files are looked for.
NATIVE_FORMATS: tuple[SheetFormat, ...] = (
    TextFormat("json", (".json",), "json_text", "yaml_text"),
    TextFormat("yaml", (".yml", ".yaml"), "yaml_text", "json_text"),
    TextFormat("toml", (".toml",), "toml_text"),
    TextFormat("python", (".py",), "python_text"),
)
ALL_FORMATS: tuple[SheetFormat, ...] = (*FOREIGN_FORMATS, *NATIVE_FORMATS)


class FormatTable:
    """The formats that a session reads, in the order in which it tries them.

    :param formats: all formats; if absent, this package's foreign formats and then its native ones.
    """

    def __init__(self, formats: Sequence[SheetFormat] = ALL_FORMATS) -> None:
        self.formats = tuple(formats)
        #: What is wrong with formats that were to be in the table.
        self.problems: tuple[Problem, ...] = ()

    @classmethod
    def installed(cls) -> FormatTable:
        """Return a table with the formats of all installed packages before those of this package."""
        from importlib.metadata import entry_points

        installed: list[SheetFormat] = []
        problems = []
        for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
            # The package is another's code; it costs its format, and nothing else.
            offered = call(_formats_at, point)
            if isinstance(offered, Failed):
                message = f"the format {point.name!r} can't be used: {offered}"
                problems.append(Problem(Source(point.value), message, code="format"))
            else:
                installed += offered
        table = cls((*installed, *ALL_FORMATS))
        table.problems = tuple(problems)
        return table

    def with_formats(self, *formats: SheetFormat) -> FormatTable:
        """Return a table with these formats before its own."""
        return FormatTable((*formats, *self.formats))

    def updating(self) -> FormatTable:
        """Return a table in which a later file of another system updates what an earlier one declares, where the system knows that."""
        table = FormatTable([item.updating() if isinstance(item, SystemFormats) else item for item in self.formats])
        table.problems = self.problems
        return table

    @property
    def added(self) -> tuple[SheetFormat, ...]:
        """The formats from other packages."""
        return tuple(item for item in self.formats if item not in ALL_FORMATS)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The endings of sheets, in lower case; those of other systems come last."""
        formats = sorted(self.formats, key=lambda item: isinstance(item, SystemFormats))
        return tuple(dict.fromkeys(suffix for item in formats for suffix in item.suffixes))

    def reads(self, name: str) -> bool:
        """Whether one of the formats reads a file of this name."""
        return name.lower().endswith(self.suffixes)

    def pick(self, name: str, head: bytes, by: str = "") -> SheetFormat | None:
        """Return the format of a file with this name that begins with *head*, or ``None``.

        :param by: the format of the sheet that named the file; it reads the file if no foreign format claims it.
        """
        for item in self.formats:
            if by and item in NATIVE_FORMATS:
                break
            picked = item.pick(name, head) if isinstance(item, SystemFormats) else item if self._takes(item, name, head) else None
            if picked is not None:
                return picked
        return self.named(by) if by else None

    def named(self, name: str) -> SheetFormat | None:
        """Return the format of this name; ``None`` if there is none, or it is another system's and was never needed."""
        for item in self.formats:
            named = item.named(name) if isinstance(item, SystemFormats) else item if item.name == name else None
            if named is not None:
                return named
        return None

    def _takes(self, item: SheetFormat, name: str, head: bytes) -> bool:
        """Whether a format says that a file is its own; one that raises is a problem, and counts as no."""
        takes = call(item.looks_like, name, head)
        if not isinstance(takes, Failed):
            return bool(takes)
        message = f"the format {item.name!r} can't tell which files are its own: {takes}"
        problem = Problem(Source(item.name), message, code="format")
        # Once for each format: it may fail at every file.
        if all(known.source != problem.source for known in self.problems):
            self.problems = (*self.problems, problem)
        return False

    def is_native(self, sheet_format: SheetFormat) -> bool:
        """Whether a format is one of our own four, rather than another system's."""
        return sheet_format in NATIVE_FORMATS


def _formats_at(point: EntryPoint) -> list[SheetFormat]:
    """Return the formats that an entry point names: one, several, or a class of one.

    :raises TypeError: it is none.
    """
    offered = point.load()
    items = offered if isinstance(offered, (tuple, list)) else (offered,)
    formats = [item() if isinstance(item, type) else item for item in items]
    for item in formats:
        suffixes = getattr(item, "suffixes", None)
        has_suffixes = isinstance(suffixes, tuple) and all(isinstance(suffix, str) for suffix in suffixes)
        is_named = isinstance(getattr(item, "name", None), str) and has_suffixes
        if not is_named or not callable(getattr(item, "read", None)) or not callable(getattr(item, "looks_like", None)):
            raise TypeError(f"{item!r} is not a sheet format: it needs name, suffixes, looks_like and read")
    return formats
