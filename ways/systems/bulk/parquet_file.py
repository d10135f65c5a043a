"""Parquet files, by Arrow. Nothing else imports it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ways.errors import MissingExtraError
from ways.systems.bulk.layout import BulkError, Layout, Part, column_of_texts

try:
    import pyarrow
    from pyarrow import parquet
except ImportError as error:
    raise MissingExtraError("pyarrow", "arrow", "Parquet files") from error

ENDING = ".parquet"


def layout(path: str, column: str, rows: int) -> Layout:
    """Return how a file is read.

    :param column: the one that has the texts; ``text``, or the only one of texts, if empty.
    :param rows: how many a part has.
    :raises BulkError: it is no Parquet file, or not whole, or there is no such column.
    :raises OSError: it can't be read.
    """
    with _opened(path) as file:
        schema, count = file.schema_arrow, file.metadata.num_rows
    texts = [field.name for field in schema if _is_text(field.type)]
    chosen = column_of_texts(path, schema.names, texts, column)
    parts = [Part(number, start, min(rows, count - start)) for number, start in enumerate(range(0, max(count, 1), rows))]
    return Layout(tuple(schema.names), chosen, tuple(parts))


def _opened(path: str) -> Any:
    # A file that isn't there is told by the system.
    open(path, "rb").close()
    try:
        return parquet.ParquetFile(path)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise BulkError(f"{path}: this is no Parquet file, or not a whole one: {error}") from error


def _is_text(kind: Any) -> bool:
    kind = kind.value_type if pyarrow.types.is_dictionary(kind) else kind
    return bool(kind in (pyarrow.string(), pyarrow.large_string()) or str(kind) == "string_view")


class ParquetPart:
    """The rows of a part."""

    def __init__(self, path: str, layout: Layout, part: Part) -> None:
        """Read them.

        :raises BulkError: they are no longer there.
        :raises OSError: the file can't be read.
        """
        with _opened(path) as file:
            self._rows = _rows_at(file, part.start, part.rows)
        if self._rows.num_rows != part.rows:
            raise BulkError(f"{path}: the file changed while it was read.")
        column = self._rows.column(layout.names.index(layout.column))
        #: The text of each row; ``None`` where it has none, and a ``bytearray``, which is no text, where it isn't UTF-8.
        self.texts: list[Any] = _texts_of(column)

    def with_columns(self, columns: Mapping[str, Sequence[str | None]]) -> bytes:
        """Return a file of these rows, with further columns."""
        table = self._rows
        for name, values in columns.items():
            table = table.append_column(pyarrow.field(name, pyarrow.string()), pyarrow.array(values, pyarrow.string()))
        written = pyarrow.BufferOutputStream()
        parquet.write_table(table, written)
        data: bytes = written.getvalue().to_pybytes()
        return data


def _rows_at(file: Any, start: int, rows: int) -> Any:
    """Return rows as a table. Of a group of rows that is larger than that, no more than a batch is in memory at a time."""
    groups: list[int] = []
    above = begun = 0
    for number in range(file.metadata.num_row_groups):
        count = file.metadata.row_group(number).num_rows
        if above < start + rows and above + count > start:
            begun = begun if groups else above
            groups.append(number)
        above += count
    found, at = [], begun
    for batch in file.iter_batches(max(rows, 1), row_groups=groups, use_threads=False) if groups else ():
        first, last = max(start - at, 0), min(start + rows - at, batch.num_rows)
        if first < last:
            found.append(batch.slice(first, last - first))
        at += batch.num_rows
        if at >= start + rows:
            break
    return pyarrow.Table.from_batches(found, file.schema_arrow)


def _texts_of(column: Any) -> list[Any]:
    kind = column.type.value_type if pyarrow.types.is_dictionary(column.type) else column.type
    plain = column.cast(kind)
    try:
        texts: list[Any] = plain.to_pylist()
    except UnicodeDecodeError:
        return [_text_or_bytes(data) for data in plain.cast(pyarrow.large_binary()).to_pylist()]
    return texts


def _text_or_bytes(data: bytes | None) -> str | bytearray | None:
    try:
        return None if data is None else data.decode()
    except UnicodeDecodeError:
        # Bytes would count as a file name, whose values couldn't be written as texts.
        return bytearray(data or b"")
