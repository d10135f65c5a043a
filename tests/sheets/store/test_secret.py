"""The secret of the store: this user's alone, made once, and never somebody else's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ways.session import Session
from ways.sheets.store.secret import NAME, SIZE, secret_in
from ways.sheets.store.store import Store

pytestmark = pytest.mark.skipif(os.name != "posix", reason="owners and permissions are those of POSIX")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ways"


def test_it_is_made_once_for_its_owner_alone(folder: Path) -> None:
    secret = secret_in(str(folder))
    assert secret is not None and len(secret) == SIZE and secret_in(str(folder)) == secret
    assert (folder / NAME).stat().st_mode & 0o777 == 0o600 and folder.stat().st_mode & 0o777 == 0o700
    assert os.listdir(folder) == [NAME]


def test_two_users_have_two(tmp_path: Path) -> None:
    assert secret_in(str(tmp_path / "a")) != secret_in(str(tmp_path / "b"))


@pytest.mark.parametrize("umask", [0, 0o077])
def test_it_is_its_owners_alone_whatever_the_umask(folder: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        assert secret_in(str(folder))
    finally:
        os.umask(before)
    assert (folder / NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode, content", [(0o644, b"x" * SIZE), (0o640, b"x" * SIZE), (0o600, b""), (0o600, b"x" * (SIZE + 1))])
def test_one_that_others_could_read_or_that_is_damaged_is_made_anew(folder: Path, mode: int, content: bytes) -> None:
    folder.mkdir(parents=True, mode=0o700)
    (folder / NAME).write_bytes(content)
    (folder / NAME).chmod(mode)
    secret = secret_in(str(folder))
    assert secret not in (None, b"x" * SIZE) and (folder / NAME).read_bytes() == secret
    assert (folder / NAME).stat().st_mode & 0o777 == 0o600


def _link(folder: Path) -> None:
    (folder.parent / "theirs").write_bytes(b"x" * SIZE)
    (folder.parent / "theirs").chmod(0o600)
    (folder / NAME).symlink_to(folder.parent / "theirs")


def _dangling(folder: Path) -> None:
    (folder / NAME).symlink_to(folder.parent / "nowhere")


def _another_owner(folder: Path) -> None:
    (folder / NAME).write_bytes(b"x" * SIZE)
    os.chown(folder / NAME, 12345, 12345)


def _linked_folder(folder: Path) -> None:
    folder.rmdir()
    (folder.parent / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(folder.parent / "elsewhere")


OBSTACLES: dict[str, Callable[[Path], object]] = {
    "a link": _link,
    "a link that leads nowhere": _dangling,
    "a folder": lambda folder: (folder / NAME).mkdir(),
    "a pipe": lambda folder: os.mkfifo(folder / NAME),
    "a folder that others may write to": lambda folder: folder.chmod(0o777),
    "a folder that is a link": _linked_folder,
    "a file for a folder": lambda folder: (folder.rmdir(), folder.write_bytes(b"")),
}
OF_ANOTHER: dict[str, Callable[[Path], object]] = {
    "another's file": _another_owner,
    "another's folder": lambda folder: os.chown(folder, 12345, 12345),
}
as_root = pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root gives files away")


@pytest.mark.parametrize(
    "obstacle",
    [*(pytest.param(put, id=name) for name, put in OBSTACLES.items())]
    + [pytest.param(put, id=name, marks=as_root) for name, put in OF_ANOTHER.items()],
)
def test_what_is_not_ours_is_never_used_nor_followed(folder: Path, obstacle: Callable[[Path], object]) -> None:
    folder.mkdir(parents=True, mode=0o700)
    obstacle(folder)
    before = sorted(os.listdir(folder.parent))
    assert secret_in(str(folder)) is None and sorted(os.listdir(folder.parent)) == before
    assert not (folder.parent / "nowhere").exists()


@pytest.mark.parametrize("folder", ["", "state/ways", "~/.local/state/ways"])
def test_without_a_home_there_is_none(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert secret_in(folder) is None and os.listdir(tmp_path) == []


def test_where_it_has_no_place_of_its_own_it_lies_among_the_entries(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = Store(str(tmp_path / "cache" / "sheets"), "release", secret_folder=str(tmp_path / "file" / "ways"))
    assert store.secret == (tmp_path / "cache" / "sheets" / NAME).read_bytes()
    assert Store(str(tmp_path / "cache" / "sheets"), "release").secret == store.secret


@pytest.mark.skipif(sys.platform != "linux", reason="the folders are set by XDG_CACHE_HOME and XDG_STATE_HOME")
def test_without_any_place_for_it_the_sheets_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_sheet: Callable[..., str]
) -> None:
    monkeypatch.setenv("WAYS_CACHE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "cache" / "ways" / "sheets" / NAME).mkdir(parents=True)
    (tmp_path / "cache" / "ways" / "sheets").chmod(0o700)
    path = write_sheet("plugins: {job: {hierarchy: job, mapping: /jobs}}")
    for _ in range(2):
        session = Session()
        session.add_search_path(path)
        assert session.need_context("job").get_mapping() == "/jobs"
    info = session.get_cache_info()
    assert info["entries"] == 0 and "there is no place for its secret" in info["state"]


def test_many_processes_make_one(folder: Path) -> None:
    code = f"from ways.sheets.store.secret import secret_in; print(secret_in({str(folder)!r}).hex())"
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, encoding="utf-8") for _ in range(8)]
    assert len({process.communicate(timeout=120)[0] for process in running}) == 1 and os.listdir(folder) == [NAME]


def test_a_file_system_without_links_has_one_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    assert secret_in(str(folder)) == (folder / NAME).read_bytes() and os.listdir(folder) == [NAME]
