"""A table is the same in Arrow, polars, pandas and Dask as it is plain. Each is skipped where it isn't installed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import pytest
from conftest import PLUGIN_SHEETS  # type: ignore[import-not-found]

from ways.api import Session
from ways.snapshot.resolving import Resolver, resolver

TEXTS = [
    "/mnt/projects/dune", "/mnt/projects/dune/sequences/rvr/rvr_0040", "/somewhere/else", "/mnt/library/fire", "/mnt/projects/D",
] * 40  # fmt: skip


@pytest.fixture(scope="module")
def resolve() -> Resolver:
    session = Session(overrides={"WAYS_PLATFORM": "linux", "WAYS_PRIORITY": "master"})
    session.add_search_path(str(PLUGIN_SHEETS / "film"))
    return resolver(session.snapshot())


def digest(table: dict[str, Iterable[Any]]) -> str:
    return hashlib.sha256(json.dumps({name: list(column) for name, column in table.items()}).encode()).hexdigest()


@pytest.fixture(scope="module")
def plain(resolve: Resolver) -> str:
    table = resolve(TEXTS)
    assert set(table["status"]) == {"resolved", "unresolved"} and list(table) == resolve.columns
    return digest(table)


def without_nan(frame: Any) -> dict[str, list[Any]]:
    """Return the columns of a frame of pandas; what is missing is ``None``, whichever way the version of pandas writes it."""
    table: dict[str, list[Any]] = frame.astype(object).where(frame.notna(), None).to_dict("list")
    return table


def frame_of(part: Any, resolve: Resolver) -> Any:
    """Return a part of a column as a frame of pandas."""
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(resolve(part), index=part.index, columns=resolve.columns, dtype=object)


def test_of_arrow(resolve: Resolver, plain: str) -> None:
    arrow = pytest.importorskip("pyarrow")
    schema = arrow.schema(dict.fromkeys(resolve.columns, arrow.string()))
    column = arrow.chunked_array([TEXTS[:70], TEXTS[70:]])
    assert digest(arrow.table(resolve(column), schema=schema).to_pydict()) == plain
    # Batches of it are of one schema, though a token may have no value in one of them.
    parts = [arrow.table(resolve(chunk), schema=schema) for chunk in column.chunks]
    assert digest(arrow.concat_tables(parts).to_pydict()) == plain


def test_of_polars(resolve: Resolver, plain: str) -> None:
    polars = pytest.importorskip("polars")
    schema = dict.fromkeys(resolve.columns, polars.String)
    frame = polars.LazyFrame({"text": TEXTS})
    made = frame.map_batches(lambda part: polars.DataFrame(resolve(part["text"]), schema=schema), schema=schema)
    assert digest(made.collect().to_dict(as_series=False)) == plain


def test_of_pandas(resolve: Resolver, plain: str) -> None:
    pandas = pytest.importorskip("pandas")
    assert digest(without_nan(pandas.DataFrame(resolve(pandas.Series(TEXTS))))) == plain


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_of_dask(resolve: Resolver, plain: str) -> None:
    pandas, frames = pytest.importorskip("pandas"), pytest.importorskip("dask.dataframe")
    column = frames.from_pandas(pandas.Series(TEXTS, name="text"), npartitions=4)
    meta = pandas.DataFrame(columns=resolve.columns, dtype=object)
    made = column.map_partitions(frame_of, resolve, meta=meta)
    assert digest(without_nan(made.compute(scheduler="threads"))) == plain


def test_of_dask_has_one_key_in_every_process(resolve: Resolver) -> None:
    base = pytest.importorskip("dask.base")
    other = resolver(resolve.session.snapshot())
    assert base.tokenize(resolve) == base.tokenize(other) != base.tokenize(resolver(resolve.session.snapshot(), "job"))


def test_missing_texts_are_rows_with_an_error(resolve: Resolver) -> None:
    pandas = pytest.importorskip("pandas")
    table = resolve(pandas.Series(["/mnt/projects/dune", None, float("nan")], dtype=object))
    assert table["text"] == ["/mnt/projects/dune", None, None]
    assert table["status"] == ["resolved", "unresolved", "unresolved"]
