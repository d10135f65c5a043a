"""Formats of other systems: their entries in the table of formats, imported when a file may be one of theirs."""

from __future__ import annotations

from ways.usercode import Failed, call
from ways.sheets.document import Draft, Problem, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.sheets.document import DraftReader
    from ways.sheets.formats.base import Files, SheetFormat

#: Bytes of one sheet of another system.
MAX_FOREIGN = 16 << 20


class SystemFormats:
    """The formats of one system: which files may be theirs, and which module reads them.

    :param name: the system's name.
    :param module: the import path of its module, which has a tuple ``NAME_FORMATS``: ``USD_FORMATS`` for ``usd``.
    :param suffixes: endings that no other format has.
    :param names: whole names of its files.
    :param marks: pairs of an ending and bytes; a file of that ending whose beginning has these bytes may be one of its files.
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
        self._is_updating = False

    def updating(self) -> SystemFormats:
        """Return a copy whose later files update what earlier ones declare, where the system knows that."""
        other = SystemFormats(self.name, self._module, suffixes=self.suffixes, names=self._names, marks=self._marks)
        other._is_updating = True
        return other

    @property
    def formats(self) -> tuple[SheetFormat, ...]:
        """The formats themselves, imported."""
        if self._formats is None:
            from importlib import import_module

            formats: tuple[SheetFormat, ...] = getattr(import_module(self._module), f"{self.name.upper()}_FORMATS")
            if self._is_updating:
                formats = tuple(item.updating() if hasattr(item, "updating") else item for item in formats)
            self._formats = formats
        return self._formats

    def may_be(self, name: str, head: bytes) -> bool:
        """Whether a file may be one of theirs. Imports nothing."""
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
        """Return the format of that name if it was imported, or ``None``."""
        return next((item for item in self._formats or () if item.name == name), None)

    def looks_like(self, name: str, head: bytes) -> bool:
        """Whether the file is of one of the formats."""
        return self.pick(name, head) is not None

    def read(self, data: bytes, source: Source, files: Files | None = None) -> Draft:
        """Return what *data* says, read by the format whose file it is, or else by the first one."""
        picked = self.pick(source.path.replace("\\", "/").rsplit("/", 1)[-1], data) or self.formats[0]
        return picked.read(data, source, files)


#: Asked before the native formats, in this order. A system is added by its module and one entry here.
FOREIGN_FORMATS: tuple[SystemFormats, ...] = (
    SystemFormats("usd", "ways.systems.usd.files.format", names=("plugInfo.json",)),
    SystemFormats(
        "dioptra",
        "ways.systems.dioptra.files.format",
        names=("dioptra.toml",),
        # Native TOML has [plugins.name]: it must not cost the import of these.
        marks=tuple((".toml", mark) for mark in (b"[[", b"plugins = [", b"plugins=[", b"entrypoints", b"plugin_param_types")),
    ),
    SystemFormats("imjoy", "ways.systems.imjoy.files.format", suffixes=(".imjoy.html",), names=("manifest.imjoy.json",)),
)


def help_for(data: bytes, source: Source) -> str:
    """Return what would help with a file that is no sheet, if it is one that the files of a system name; ``""`` if not."""
    helps = [item.help_for for system in FOREIGN_FORMATS for item in system.formats if hasattr(item, "help_for")]
    return next((text for help_of in helps if (text := help_of(data, source))), "")


def read_by(sheet_format: DraftReader, data: bytes, source: Source, files: Files | None) -> Draft:
    """Return what a format reads of a file. If the format raises, which it must not, only this file is lost."""
    if len(data) > MAX_FOREIGN:
        message = f"expected at most {MAX_FOREIGN >> 20} MiB of {sheet_format.name}, found {len(data)} bytes"
        return Draft(None, problems=(Problem(source, message, code="unreadable"),), is_lost=True)
    # The format may be foreign code.
    draft: object = call(sheet_format.read, data, source, files)
    if isinstance(draft, Draft):
        return draft
    reason = draft if isinstance(draft, Failed) else f"it gives {type(draft).__name__}, where a Draft is expected"
    problem = Problem(source, f"the format {sheet_format.name!r} can't read it: {reason}", code="format")
    return Draft(None, problems=(problem,), is_lost=True)
