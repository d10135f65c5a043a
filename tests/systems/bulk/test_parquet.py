"""Parquet files: their columns and types stay, and what is no whole Parquet file is refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from systems.bulk.bulk_things import parts_in, rows_of, run, studio

from ways.errors import MissingExtraError
from ways.systems.bulk.layout import BulkError


def test_without_arrow_the_error_names_the_extra(tmp_path: Path) -> None:
    with mock.patch.dict(sys.modules, {"pyarrow": None}):
        sys.modules.pop("ways.systems.bulk.parquet_file", None)
        (tmp_path / "in.parquet").touch()
        said = r"Parquet files need the package pyarrow: pip install 'ways-resolver\[arrow\]'"
        with pytest.raises(MissingExtraError, match=said):
            run(str(tmp_path / "in.parquet"), tmp_path / "out", form="parquet")


@pytest.fixture
def arrow() -> Any:
    pytest.importorskip("pyarrow", reason="the extra 'arrow' is not installed")
    import pyarrow
    import pyarrow.dataset
    import pyarrow.parquet

    return pyarrow


TEXTS = [text for _, text, _ in rows_of(95)]


def written(arrow: Any, file: Path, groups: int = 1000, **columns: Any) -> str:
    arrow.parquet.write_table(arrow.table(columns), file, row_group_size=groups)
    return str(file)


@pytest.mark.parametrize("groups", [1, 7, 10, 25, 1000])
@pytest.mark.parametrize("rows", [10, 30, 100])
def test_rows_keep_their_columns_and_get_those_of_a_table(arrow: Any, tmp_path: Path, groups: int, rows: int) -> None:
    columns = {"id": list(range(95)), "path": TEXTS, "tags": [[number, None] for number in range(95)]}
    source = written(arrow, tmp_path / "in.parquet", groups, **columns)
    done = run(source, tmp_path / "out", form="parquet", rows=rows)
    table = studio().table(TEXTS)
    del table["text"]
    assert len(parts_in(tmp_path / "out")) == len(done.done) == -(-95 // rows)
    # What reads folders of Parquet files passes over the manifest.
    found = arrow.dataset.dataset(tmp_path / "out").to_table()
    assert found.to_pydict() == {**columns, **table}
    assert [str(kind) for kind in found.schema.types[:3]] == ["int64", "string", "list<element: int64>"]


@pytest.mark.parametrize("kind", ["string", "large_string", "dictionary", "string_view"])
def test_texts_may_be_of_any_kind_of_text(arrow: Any, tmp_path: Path, kind: str) -> None:
    if not hasattr(arrow, kind):
        pytest.skip(f"this pyarrow has no {kind}")
    plain = arrow.array([*TEXTS, None])
    column = plain.dictionary_encode() if kind == "dictionary" else plain.cast(getattr(arrow, kind)())
    run(written(arrow, tmp_path / "in.parquet", text=column), tmp_path / "out", form="parquet")
    found = arrow.dataset.dataset(tmp_path / "out").to_table().to_pydict()
    assert found["status"] == studio().table([*TEXTS, None])["status"] and found["error"][-1].endswith("found None")


def test_bytes_that_are_no_text_are_a_row_with_an_error(arrow: Any, tmp_path: Path) -> None:
    # Nothing checks that they are UTF-8: a file may say so and have others.
    column = arrow.array([b"/jobs/a", b"/jobs/\xff", None]).view(arrow.string())
    run(written(arrow, tmp_path / "in.parquet", text=column), tmp_path / "out", form="parquet")
    found = arrow.parquet.read_table(tmp_path / "out" / "part-000000.parquet")
    assert found["status"].to_pylist() == ["resolved", "unresolved", "unresolved"]
    assert r"found bytearray(b'/jobs/\xff')" in found["error"].to_pylist()[1]
    assert found["text"].cast(arrow.binary()).to_pylist() == [b"/jobs/a", b"/jobs/\xff", None]


def test_a_file_without_rows_has_one_part(arrow: Any, tmp_path: Path) -> None:
    done = run(written(arrow, tmp_path / "in.parquet", text=arrow.array([], arrow.string())), tmp_path / "out", form="parquet")
    assert (done.rows, len(done.done)) == (0, 1)
    assert arrow.dataset.dataset(tmp_path / "out").to_table().column_names == ["text", *studio().table_columns()[1:]]


def test_what_is_no_table_of_texts_is_refused(arrow: Any, tmp_path: Path) -> None:
    whole = Path(written(arrow, tmp_path / "in.parquet", text=TEXTS, id=list(range(95)))).read_bytes()
    for message, data, column in [
        ("in.parquet: this is no Parquet file, or not a whole one", whole[:-20], ""),
        ("in.parquet: this is no Parquet file, or not a whole one", b"", ""),
        ("in.parquet: this is no Parquet file, or not a whole one", b"text\n/jobs/a\n", ""),
        ("in.parquet: the column 'id' has no texts", whole, "id"),
        ("in.parquet: there is no column 'path': it has 'text', 'id'", whole, "path"),
    ]:
        (tmp_path / "in.parquet").write_bytes(data)
        with pytest.raises(BulkError, match=message):
            run(str(tmp_path / "in.parquet"), tmp_path / "out", form="parquet", column=column)
    with pytest.raises(FileNotFoundError):
        run(str(tmp_path / "no.parquet"), tmp_path / "out", form="parquet")
    with pytest.raises(BulkError, match="no column has texts: it has 'id'"):
        run(written(arrow, tmp_path / "in.parquet", id=[1]), tmp_path / "out", form="parquet")
    assert not (tmp_path / "out").exists()


def test_a_damaged_part_costs_itself(arrow: Any, tmp_path: Path) -> None:
    source = Path(written(arrow, tmp_path / "in.parquet", 10, text=TEXTS))
    data = bytearray(source.read_bytes())
    meta = arrow.parquet.ParquetFile(source).metadata.row_group(3).column(0)
    start = meta.dictionary_page_offset or meta.data_page_offset
    data[start : start + meta.total_compressed_size] = b"\xff" * meta.total_compressed_size
    source.write_bytes(data)
    done = run(str(source), tmp_path / "out", form="parquet")
    assert [failure.part for failure in done.failures] == ["part-000003.parquet"] and len(done.done) == 9
