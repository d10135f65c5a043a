"""What a file of texts is: its columns, and the parts that it is read in."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Sequence
from typing import NamedTuple

from ways.errors import WaysError, did_you_mean

#: The column that has the texts, unless another is named.
TEXT = "text"


class BulkError(WaysError, ValueError):
    """A file can't be read as a table of texts, or a folder isn't one that the parts may go to. Nothing was changed."""


class Part(NamedTuple):
    """Some rows of a file that follow each other."""

    number: int
    #: Where they begin: the byte in a CSV file, the row in a Parquet file.
    start: int
    rows: int


class Layout(NamedTuple):
    """How a file is read."""

    #: The names of all columns.
    names: tuple[str, ...]
    #: The one that has the texts.
    column: str
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        """The number of rows in the file."""
        return sum(part.rows for part in self.parts)


class Version(NamedTuple):
    """Which state of a file was looked at. A file that changes meanwhile is no longer the one whose parts are known."""

    path: str
    size: int
    #: Nanoseconds since 1970.
    changed: int

    @classmethod
    def of(cls, path: str) -> Version:
        """Return that of a file as it is now.

        :raises BulkError: it is a folder or a pipe, which can't be read again.
        :raises OSError: there is none.
        """
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise BulkError(f"{path}: expected a file, which each part is read from anew; found a folder, a pipe or a device.")
        return cls(path, status.st_size, status.st_mtime_ns)

    def need_same(self) -> None:
        """Check that the file is still as it was.

        :raises BulkError: it changed.
        :raises OSError: it is no longer there.
        """
        if Version.of(self.path) != self:
            raise BulkError(f"{self.path}: the file changed while it was read. Run it again, into another folder.")


def column_of_texts(path: str, names: Sequence[str], texts: Collection[str], wanted: str) -> str:
    """Return the column to read: the one that is *wanted*, or else ``text``, or the only one that has texts.

    :param names: all columns of the file.
    :param texts: those that have texts.
    :raises BulkError: there is no such column, or there are several.
    """
    shown = ", ".join(map(repr, names[:20])) + (", ..." if len(names) > 20 else "")
    if wanted and wanted not in names:
        raise BulkError(f"{path}: there is no column {wanted!r}: it has {shown}.{did_you_mean(wanted, names)}")
    if wanted and wanted not in texts:
        raise BulkError(f"{path}: the column {wanted!r} has no texts.")
    if wanted or TEXT in texts:
        return wanted or TEXT
    if not texts:
        raise BulkError(f"{path}: no column has texts: it has {shown}.")
    if len(texts) > 1:
        raise BulkError(f"{path}: which column has the texts? It has {shown}. Name one by --column.")
    return next(iter(texts))
