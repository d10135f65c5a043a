"""Formats of other systems: their rows in the table, imported when a file may be one of theirs and not before."""

from __future__ import annotations

from ways.usercode import Failed, call
from ways.sheets.document import Draft, Problem, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.sheets.formats.base import Files, SheetFormat


class Row:
    """The formats of one system: which files may be theirs, and which module reads them.

    :param name: the system's name.
    :param module: its module below ``ways.sheets.formats``; it has a tuple ``NAME_FORMATS``.
    :param suffixes: endings that no other format has.
    :param names: whole names of its files.
    :param marks: pairs of an ending and bytes; a file of that ending that begins with a text with these bytes may be.
    """

    def __init__(
        self,
        name: str,
        module: str,
        *,
        suffixes: tuple[str, ...] = (),
        names: tuple[str, ...] = (),
        marks: tuple[tuple[str, bytes], ...] = (),
    ) -> None:
        self.name = name
        self.suffixes = suffixes
        self._module = module
        self._names = names
        self._marks = marks
        self._formats: tuple[SheetFormat, ...] | None = None

    @property
    def formats(self) -> tuple[SheetFormat, ...]:
        """The formats themselves, imported."""
        if self._formats is None:
            from importlib import import_module

            found: tuple[SheetFormat, ...] = getattr(import_module(self._module), f"{self.name.upper()}_FORMATS")
            self._formats = found
        return self._formats

    def may_be(self, name: str, head: bytes) -> bool:
        """Whether it is worth asking the formats; told without importing them."""
        if name in self._names:
            return True
        lower = name.lower()
        if self.suffixes and lower.endswith(self.suffixes):
            return True
        return any(lower.endswith(suffix) and mark in head for suffix, mark in self._marks)

    def pick(self, name: str, head: bytes) -> SheetFormat | None:
        """Return the one of the formats whose file this is, or ``None``."""
        if not self.may_be(name, head):
            return None
        return next((item for item in self.formats if item.looks_like(name, head)), None)

    def named(self, name: str) -> SheetFormat | None:
        """Return the format of that name among those that were imported."""
        return next((item for item in self._formats or () if item.name == name), None)

    def looks_like(self, name: str, head: bytes) -> bool:
        """Whether the file is of one of the formats."""
        return self.pick(name, head) is not None

    def read(self, data: bytes, source: Source, files: Files | None = None) -> Draft:
        """Return what *data* says, by the first of the formats whose file it is."""
        found = self.pick(source.path.replace("\\", "/").rsplit("/", 1)[-1], data) or self.formats[0]
        return found.read(data, source, files)


#: Asked before the native formats, in this order. A format is added by its module and one row here.
FOREIGN_ROWS: tuple[Row, ...] = (
    Row("usd", "ways.systems.usd.files.format", names=("plugInfo.json",)),
    Row(
        "dioptra",
        "ways.systems.dioptra.files.format",
        names=("dioptra.toml",),
        # Native TOML has [plugins.name]: it must not cost the import of these.
        marks=tuple((".toml", mark) for mark in (b"[[", b"plugins = [", b"plugins=[", b"entrypoints", b"plugin_param_types")),
    ),
    Row("imjoy", "ways.systems.imjoy.files.format", suffixes=(".imjoy.html",), names=("manifest.imjoy.json",)),
)


def read_by(found: SheetFormat, data: bytes, source: Source, files: Files | None) -> Draft:
    """Return what a format makes of *data*; one that raises, against its promise, costs its file."""
    if len(data) > MAX_FOREIGN:
        message = f"expected at most {MAX_FOREIGN >> 20} MiB of {found.name}, found {len(data)} bytes"
        return Draft(None, problems=(Problem(source, message, code="unreadable"),), is_lost=True)
    # The format may be another's code; it costs this file, and nothing else.
    draft: object = call(found.read, data, source, files)
    if isinstance(draft, Draft):
        return draft
    told = draft if isinstance(draft, Failed) else f"it gives {type(draft).__name__}, where a Draft is expected"
    problem = Problem(source, f"the format {found.name!r} can't read it: {told}", code="format")
    return Draft(None, problems=(problem,), is_lost=True)


#: Bytes of one sheet of another system.
MAX_FOREIGN = 16 << 20
