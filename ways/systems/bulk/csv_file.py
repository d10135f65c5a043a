"""CSV files: rows with a head, as the standard library reads them. Bytes that are no UTF-8 are kept, as in a list of file names."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BufferedReader, StringIO
from itertools import islice
from typing import Any

from ways.systems.bulk.layout import BulkError, Layout, Part, column_of_texts

ENDING = ".csv"
#: Bytes of a line, at most. A file without line breaks is no CSV, and need not fit into memory.
MAX_LINE = 1 << 20
#: What the reader says, and what to say instead.
_CAUSES = {
    "field limit": "{}. Is there a quote that isn't closed?",
    "end of data": "{}. Is there a quote that isn't closed?",
    "new-line": "a carriage return stands alone. End lines as on Linux or Windows, and quote a text that has line breaks.",
}


class _Rows:
    """The rows of a file, from where it stands; empty lines are none.

    :param line: the number of the lines above.
    """

    def __init__(self, file: BufferedReader, path: str, line: int = 0) -> None:
        self._file = file
        self._path = path
        self._above = line
        self._reader = csv.reader(self._lines(), strict=True)
        #: The byte behind the last row.
        self.end = file.tell()
        #: The number of the line where the last row begins.
        self.line = line + 1

    def _lines(self) -> Iterator[str]:
        while line := self._file.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                raise csv.Error(f"a line has more than {MAX_LINE} bytes")
            self.end += len(line)
            yield line.decode("utf-8", "surrogateescape")

    def __iter__(self) -> Iterator[list[str]]:
        """Yield each row.

        :raises BulkError: something isn't CSV; the error has its line.
        """
        try:
            for row in self._reader:
                if row:
                    yield row
                self.line = self._above + self._reader.line_num + 1
        except csv.Error as error:
            why = next((why for mark, why in _CAUSES.items() if mark in str(error)), "{}.").format(error)
            raise BulkError(f"{self._path}:{self.line}: this is no CSV: {why}") from error


def layout(path: str, column: str, rows: int) -> Layout:
    """Return how a file is read, after a look at all of it.

    :param column: the one that has the texts; ``text``, or the only one, if empty.
    :param rows: how many a part has.
    :raises BulkError: it isn't CSV, it has no head, a row has more or fewer fields than that, or there is no such column.
    :raises OSError: it can't be read.
    """
    with open(path, "rb") as file:
        mark = file.read(len(codecs.BOM_UTF8))
        if mark.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise BulkError(f"{path}: this is UTF-16. Save it as UTF-8.")
        file.seek(len(mark) if mark == codecs.BOM_UTF8 else 0)
        found = _Rows(file, path)
        every = iter(found)
        names = next(every, None)
        if names is None:
            raise BulkError(f"{path}: the file is empty. Its first line names the columns, such as: text")
        chosen = column_of_texts(path, names, names, column)
        if not column and len(names) == 1 and {"/", "\\"}.intersection(chosen):
            raise BulkError(f"{path}: the first line names the columns, and {chosen!r} looks like a text. Put a line above it: text")
        return Layout(tuple(names), chosen, tuple(_parts(every, found, path, len(names), rows)))


def _parts(every: Iterator[list[str]], found: _Rows, path: str, fields: int, rows: int) -> Iterator[Part]:
    """Yield the parts of the rows below the head; one without rows if there are none.

    :raises BulkError: a row has more or fewer fields.
    """
    number, start, count = 0, found.end, 0
    for row in every:
        if len(row) != fields:
            raise BulkError(f"{path}:{found.line}: expected {fields} fields, as in the first line, found {len(row)}.")
        count += 1
        if count == rows:
            yield Part(number, start, count)
            number, start, count = number + 1, found.end, 0
    if count or not number:
        yield Part(number, start, count)


class CsvPart:
    """The rows of a part."""

    def __init__(self, path: str, layout: Layout, part: Part) -> None:
        """Read them.

        :raises BulkError: they are no longer there.
        :raises OSError: the file can't be read.
        """
        with open(path, "rb") as file:
            file.seek(part.start)
            self._rows = list(islice(_Rows(file, path), part.rows))
        if len(self._rows) != part.rows or {len(row) for row in self._rows} - {len(layout.names)}:
            raise BulkError(f"{path}: the file changed while it was read.")
        self._names = layout.names
        at = layout.names.index(layout.column)
        #: The text of each row.
        self.texts: list[Any] = [row[at] for row in self._rows]

    def with_columns(self, columns: Mapping[str, Sequence[str | None]]) -> bytes:
        """Return a file of these rows, with further columns."""
        written = StringIO(newline="")
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow([*self._names, *columns])
        values: Iterable[tuple[str | None, ...]] = zip(*columns.values())
        writer.writerows([(*row, *more) for row, more in zip(self._rows, values)])
        return written.getvalue().encode("utf-8", "surrogateescape")
