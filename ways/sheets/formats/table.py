"""FormatTable: which format reads this file."""

from __future__ import annotations

from collections.abc import Sequence

from ways.sheets.formats.native import NATIVE_FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.sheets.formats.base import SheetFormat


class FormatTable:
    """The formats that a session reads, in the order in which they are asked."""

    def __init__(self, formats: Sequence[SheetFormat] = NATIVE_FORMATS) -> None:
        self.formats = tuple(formats)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How the names of sheets may end, in lower case."""
        return tuple(suffix for item in self.formats for suffix in item.suffixes)

    def reads(self, name: str) -> bool:
        """Whether a file of this name is a sheet of one of the formats."""
        return name.lower().endswith(self.suffixes)

    def pick(self, name: str, head: bytes) -> SheetFormat | None:
        """Return the format of a file of this name that begins with *head*, or ``None``."""
        return next((item for item in self.formats if item.looks_like(name, head)), None)
