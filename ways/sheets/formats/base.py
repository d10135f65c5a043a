"""The protocols that a format of sheets meets: what it reads, and what it answers."""

from __future__ import annotations

from collections.abc import Callable

from ways.sheets.document import Draft, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object


class Files(Protocol):
    """The files below one root (a folder, an archive, a commit), and none outside it.

    Paths are relative to the root, with slashes between their parts.
    """

    #: What stands before the paths of its files in a Source.
    root: str

    def list(self, folder: str = "") -> list[str]:
        """Return the names in *folder*, sorted, each folder's with a slash at its end; an OSError if it can't be."""

    def is_link(self, path: str) -> bool:
        """Whether *path* itself is a link."""

    def read(self, path: str) -> bytes:
        """Return what the file at *path* holds; an OSError if it can't be read."""

    def content_name(self, path: str) -> str:
        """Return a name that no other content of a file with this name has, or ``""`` if only reading it could tell.

        An OSError if there is no such file.
        """


#: Returns the files that the sheet at a path may list and read.
FilesOf = Callable[[str], Files]


class SheetFormat(Protocol):
    """Reads one kind of file."""

    #: A short name, shown to people: ``yaml``.
    name: str
    #: How the names of its files end, in lower case.
    suffixes: tuple[str, ...]

    def looks_like(self, name: str, head: bytes) -> bool:
        """Whether a file of this name, which begins with these bytes, is of this format."""

    def read(self, data: bytes, source: Source, files: Files | None = None) -> Draft:
        """Return what *data* says. Never raises for what a file may hold: that is a problem of the draft.

        ``follow`` of the draft names further sheets, as *files* takes them. A named sheet is read by the format that
        recognizes it, else by this format. The draft's ``follow_format`` reads it in place of a format of the same name.
        """
