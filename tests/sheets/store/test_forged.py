"""Entries that another wrote: without the secret they are ignored, and with it they have nothing called that no sheet names."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ways.api import Session
from ways.errors import RefusedCallError
from ways.plugins.lazy import made_places
from ways.sheets.document import Source
from ways.sheets.store import compiled, stamps
from ways.sheets.store.compiled import StoredSheet, entry_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the folders are set by XDG_CACHE_HOME and XDG_STATE_HOME")

SHEET = """
    plugins:
      job: {hierarchy: job, mapping: '/jobs/{JOB}/{N}', mapping_details: {JOB: {}, N: {before_return: int}}}
      other: {hierarchy: other, mapping: '/other/{JOB}'}
"""


@pytest.fixture(autouse=True)
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The store is on, and sheets need not wait until their stamps are old; the folder of a test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("WAYS_CACHE", "1")
    monkeypatch.setattr(stamps, "FRESH", 0)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file that is there once a module has been imported that no sheet names."""
    (tmp_path / "modules").mkdir()
    code = f"open({str(tmp_path / 'SANG')!r}, 'w').close()\ndef sing(value): return value\n"
    (tmp_path / "modules" / "forged_canary.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path / "modules")
    yield tmp_path / "SANG"
    sys.modules.pop("forged_canary", None)


def opened(path: str) -> Session:
    session = Session()
    session.add_search_path(path)
    return session


def value(session: Session, token: str, place: str = "job") -> Any:
    asset = session.get_asset({"JOB": "a", "N": "007"} if place == "job" else {"JOB": "a"}, place)
    assert asset is not None
    return asset.get_value(token)


def forge(path: str, change: Callable[[dict[str, Any]], object], secret: bytes | None = None) -> None:
    """Write the entry of a sheet again with other values of its plugins; with the right seals, or with those of a secret."""
    session = Session()
    store = session.loader.any_store()
    os.environ["WAYS_CACHE"] = "0"
    session.add_search_path(path)
    os.environ["WAYS_CACHE"] = "1"
    (sheet,) = session.sheets
    for record in sheet.plugins:
        change(record.values)  # type: ignore[arg-type]
    made = made_places(sheet, list(session.registry.now.plugins))
    for name in os.listdir(os.path.join(store.folder, "entries")):
        with open(os.path.join(store.folder, "entries", name), "wb") as file:
            file.write(entry_of(name, sheet, made, store.secret if secret is None else secret))


def sing(values: dict[str, Any]) -> None:
    """Have a function called that the sheet doesn't name."""
    for token in ("JOB", "N"):
        details = {**values.get("mapping_details", {})}
        values["mapping_details"] = {**details, token: {"before_return": ("forged_canary.sing",)}}


# --- without the secret


@pytest.mark.parametrize("mode", ["1", "strict"])
def test_an_entry_that_another_secret_seals_is_ignored_and_written_anew(
    write_sheet: Callable[..., str], canary: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_sheet(SHEET)
    opened(path)
    forge(path, lambda values: (sing(values), values.update(mapping="/forged/{JOB}")), b"x" * 32)
    monkeypatch.setenv("WAYS_CACHE", mode)
    for _ in range(2):
        session = opened(path)
        assert value(session, "JOB") == "a" and value(session, "N") == 7 and not canary.exists()
        assert session.need_context("other").get_mapping() == "/other/{JOB}"


def test_an_unkeyed_seal_is_none(write_sheet: Callable[..., str], canary: Path) -> None:
    path = write_sheet(SHEET)
    opened(path)
    forge(path, sing, b"")
    assert value(opened(path), "JOB") == "a" and not canary.exists()


def test_a_cache_of_another_machine_is_ignored(homes: Path, write_sheet: Callable[..., str]) -> None:
    path = write_sheet(SHEET)
    opened(path)
    shutil.rmtree(homes / "state")
    before = set(os.listdir(homes / "cache/ways/sheets/entries"))
    assert opened(path).need_context("job").get_mapping() == "/jobs/{JOB}/{N}"
    assert before < set(os.listdir(homes / "cache/ways/sheets/entries"))


def test_a_restored_secret_opens_a_restored_cache(homes: Path, write_sheet: Callable[..., str]) -> None:
    path = write_sheet(SHEET)
    opened(path)
    shutil.copytree(homes / "state", homes / "kept")
    shutil.rmtree(homes / "state")
    shutil.copytree(homes / "kept", homes / "state")
    before = set(os.listdir(homes / "cache/ways/sheets/entries"))
    opened(path)
    assert before == set(os.listdir(homes / "cache/ways/sheets/entries"))


def test_a_piece_counts_only_where_it_was_sealed(write_sheet: Callable[..., str]) -> None:
    path = write_sheet(SHEET)
    opened(path)
    store = Session().loader.any_store()
    (name,) = os.listdir(os.path.join(store.folder, "entries"))
    with open(store._entry_path(name), "rb") as file:
        data = file.read()
    other = "0" * 40
    with open(store._entry_path(other), "wb") as file:
        file.write(data.replace(name.encode(), other.encode()))
    assert store.open(name, Source(path)) is not None and store.open(other, Source(path)) is None


# --- with the secret: as the same user


@pytest.mark.parametrize("mode", ["1", "strict"])
@pytest.mark.parametrize("is_made", [False, True], ids=["made at need", "all made"])
def test_nothing_is_called_that_the_sheet_does_not_name(
    write_sheet: Callable[..., str],
    canary: Path,
    mode: str,
    is_made: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = write_sheet(SHEET)
    opened(path)
    forge(path, sing)
    monkeypatch.setenv("WAYS_CACHE", mode)
    session = opened(path)
    if is_made:
        session.add_plugins(more={"hierarchy": "more", "mapping": "/more"})
    with caplog.at_level(logging.WARNING, "ways"):
        assert value(session, "JOB") == "a"
    assert "as the store of compiled sheets says" in caplog.text
    assert value(session, "N") == 7 and value(session, "JOB", "other") == "a" and not canary.exists()


def test_a_forged_entry_is_removed_and_the_sheet_read_anew(write_sheet: Callable[..., str], canary: Path) -> None:
    path = write_sheet(SHEET)
    opened(path)
    forge(path, lambda values: (sing(values), values.update(mapping="/forged/{JOB}/{N}")))
    session = opened(path)
    # What is data is as the entry says: it could have been written into the sheet.
    assert session.need_context("job").get_mapping() == "/forged/{JOB}/{N}"
    assert value(session, "N") == 7
    session.refresh()
    assert session.need_context("job").get_mapping() == "/jobs/{JOB}/{N}"
    assert opened(path).need_context("job").get_mapping() == "/jobs/{JOB}/{N}" and not canary.exists()


def test_a_catalog_is_removed_with_a_forged_entry(homes: Path, write_sheet: Callable[..., str]) -> None:
    for number in range(5):
        write_sheet(SHEET, f"many/{number}.yml")
    opened(str(homes / "many"))
    session = opened(str(homes / "many"))
    forged = [
        sheet for sheet in session.loader.state.sheets.values() if isinstance(sheet, StoredSheet) and sheet.in_catalog is not None
    ]
    indexes = homes / "cache/ways/sheets/indexes"
    assert forged and os.listdir(indexes)
    forged[0].drop()
    assert os.listdir(indexes) == [] and os.listdir(indexes.parent / "entries") == []
    assert opened(str(homes / "many")).need_context("job").get_mapping() == "/jobs/{JOB}/{N}"


@pytest.mark.parametrize("wrong", [{"follow": ["evil.py"]}, {"format": "python"}, {"format": "usd"}], ids=str)
def test_an_entry_leads_to_no_other_file_and_is_of_no_other_format(
    homes: Path, write_sheet: Callable[..., str], canary: Path, wrong: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_sheet(SHEET)
    (homes / "evil.py").write_text("import forged_canary\nplugins = {}\n", encoding="utf-8")
    real = compiled.EntryBuilder.build
    monkeypatch.setattr(compiled.EntryBuilder, "build", lambda self, values, meta: real(self, values, {**meta, **wrong}))
    opened(path)
    monkeypatch.undo()
    for name, folder in (("XDG_CACHE_HOME", "cache"), ("XDG_STATE_HOME", "state")):
        monkeypatch.setenv(name, str(homes / folder))
    monkeypatch.setenv("WAYS_CACHE", "1")
    session = opened(path)
    assert session.need_context("job").get_mapping() == "/jobs/{JOB}/{N}" and len(session.sheets) == 1 and not canary.exists()


def test_a_snapshot_carries_no_function_that_the_sheet_does_not_name(write_sheet: Callable[..., str], canary: Path) -> None:
    path = write_sheet(SHEET)
    opened(path)
    forge(path, sing)
    restored = Session.from_snapshot(opened(path).snapshot())
    assert value(restored, "JOB") == "a" and value(restored, "N") == 7 and not canary.exists()


# --- what is changed meanwhile


def test_what_the_sheet_says_now_is_called(write_sheet: Callable[..., str]) -> None:
    path = write_sheet(SHEET)
    opened(path)
    session = opened(path)
    write_sheet(SHEET.replace("before_return: int", "before_return: float").replace("/jobs", "/work"))
    assert repr(value(session, "N")) == "7.0"


def test_a_sheet_that_can_not_be_read_any_more_has_nothing_called(write_sheet: Callable[..., str]) -> None:
    path = write_sheet(SHEET)
    opened(path)
    session = opened(path)
    write_sheet("plugins: {")
    with pytest.raises(RefusedCallError, match="can't be read any more"):
        value(session, "N")
    write_sheet(SHEET)
    assert value(session, "N") == 7


def test_a_sheet_is_read_once_for_its_functions(write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_sheet(SHEET)
    opened(path)
    session = opened(path)
    (sheet,) = session.loader.state.sheets.values()
    assert isinstance(sheet, StoredSheet)
    read: list[object] = []
    real = sheet.read_again
    monkeypatch.setattr(sheet, "read_again", lambda: (read.append(sheet), real())[1])
    assert session.get_asset({"JOB": "a", "N": "007"}, "job").get_value("JOB") == "a" and read == []  # type: ignore[union-attr]
    assert [value(session, "N") for _ in range(3)] == [7, 7, 7] and len(read) == 1
