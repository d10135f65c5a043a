"""Paths of Windows (docs/howto/windows.rst): either separator, any case of the root, one way of writing."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from ways.api import WaysError
from ways.assets import disk
from ways.pattern import segment_reader
from ways.pattern.windows import lower, root_length, upper
from ways.session import Session

SHEET = r"""
    globals: {syntax: 2, path: true}
    plugins:
      job: {hierarchy: job, mapping: 'X:/jobs/{JOB}', platforms: windows}
      job_here: {hierarchy: job, mapping: '/jobs/{JOB}', platforms: linux}
      shot: {hierarchy: '{root}/shot', uses: [job], mapping: '{root}/{SHOT}'}
      plate: {hierarchy: '{root}/plate', uses: [job/shot], mapping: '{root}/plates/v{V:03d}[_{PASS}].exr'}
      share: {hierarchy: share, mapping: '//Srv/Media/{A}/{B}', platforms: windows}
      any_share: {hierarchy: any_share, mapping: '//srv/{SHARE}/open/{B}', platforms: windows,
                  mapping_details: {SHARE: {parse: {regex: '[a-z]+'}}}}
      drive: {hierarchy: drive, mapping: '{D}:/d/{B}', platforms: windows, mapping_details: {D: {choices: [P, q]}}}
      parts: {hierarchy: parts, mapping: 'Z:/{P}/z', platforms: windows, mapping_details: {P: {mapping: '{A}/{B}'}}}
      url: {hierarchy: url, mapping: 'http://x/{A}/{B}', path: false}
"""
TEXTS = [
    ("X:\\jobs\\a", "job", "X:\\jobs\\a"),
    ("x:/jobs/a", "job", "X:\\jobs\\a"),
    ("x:\\jobs/a/", "job", "X:\\jobs\\a"),
    ("x:/jobs\\a/b", "job/shot", "X:\\jobs\\a\\b"),
    ("x:/jobs/a/b/plates/v003.exr", "job/shot/plate", "X:\\jobs\\a\\b\\plates\\v003.exr"),
    ("x:/jobs/a/b/plates/v003_matte.exr", "job/shot/plate", "X:\\jobs\\a\\b\\plates\\v003_matte.exr"),
    ("//SRV/mEDIA/a/b", "share", "\\\\Srv\\Media\\a\\b"),
    ("\\\\srv\\media/a\\b", "share", "\\\\Srv\\Media\\a\\b"),
    ("//SRV/ABC/open/1", "any_share", "\\\\srv\\abc\\open\\1"),
    ("p:/d/1", "drive", "P:\\d\\1"),
    ("Q:\\d/1", "drive", "q:\\d\\1"),
    ("z:/a/b/z", "parts", "Z:\\a\\b\\z"),
    ("http://x/a/b", "url", "http://x/a/b"),
]
STRANGERS = ["X:/Jobs/a", "Y:/jobs/a", "x:jobs/a", "/jobs/a", "//Srv/Other/a/b", "x:/jobs//a", "http:\\\\x\\a\\b"]


@pytest.fixture
def windows(write_sheet):
    """A session on Windows."""
    session = Session(overrides={"WAYS_PLATFORM": "windows"})
    session.add_search_path(write_sheet(SHEET))
    return session


@pytest.mark.parametrize("text, place, written", TEXTS)
def test_a_path_is_read_by_every_door_and_written_as_the_sheet_has_it(windows, text, place, written):
    context = windows.get_context(place)
    assert windows.read(text).hierarchy == place
    for asset in (
        windows.get_asset(text),
        windows.get_asset(text, place),
        windows.get_asset(text, strict=True),
        *windows.get_assets([text]),
        *windows.get_assets([text], place),
    ):
        assert (asset.context, asset.get_str()) == (context, written)
    for where in (..., context):
        [(_, reading)] = windows.read_many([text], where)
        assert windows.format(place, reading.values) == written
        columns = windows.get_assets([text], where, as_columns=True)
        assert columns[place]["text"] == [text] and "" not in columns
    told = windows.explain_text(text)
    assert told.status == "resolved" and told.attempts[0].hierarchy == place


@pytest.mark.parametrize("text", STRANGERS)
def test_another_path_is_none(windows, text):
    with pytest.raises(WaysError):
        windows.read(text)
    for place in ("job", "job/shot", "share", "url"):
        with pytest.raises(WaysError):
            windows.read(text, place)


@pytest.mark.parametrize("text", ["\\\\?\\X:\\jobs\\a", "//?/X:/jobs/a", "\\\\.\\X:\\jobs\\a", "//./X:/jobs/a"])
@pytest.mark.parametrize("place", [..., "job"])
def test_a_prefix_of_windows_is_refused_by_name(windows, text, place):
    with pytest.raises(WaysError, match="Ways refuses paths that begin with") as caught:
        windows.read(text, place)
    assert text[:4].replace("/", "\\") in str(caught.value) and "write X:" in str(caught.value)


def test_the_prefix_of_a_share_is_named_with_what_to_write(windows):
    with pytest.raises(WaysError, match=r"write \\\\Srv\\Media"):
        windows.read("\\\\?\\UNC\\Srv\\Media\\a\\b")


def test_a_value_holds_neither_separator(windows):
    for value in ("a/b", "a\\b"):
        with pytest.raises(WaysError):
            windows.format("job", {"JOB": value})
        with pytest.raises(WaysError):
            windows.get_asset({"JOB": value}, "job").get_str()


def test_the_first_texts_and_the_later_ones_are_read_alike(windows):
    assets = [windows.get_asset(f"x:/jobs/j{number}/s{number}", "job/shot") for number in range(40)]
    assert [asset.get_str() for asset in assets] == [f"X:\\jobs\\j{number}\\s{number}" for number in range(40)]
    found = [windows.get_asset(f"x:/jobs\\j{number}/s{number}") for number in range(40)]
    assert found == assets


def test_a_backslash_stays_a_character_elsewhere(write_sheet):
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_search_path(write_sheet(SHEET))
    assert session.read("/jobs/a\\b").values == {"JOB": "a\\b"}
    with pytest.raises(WaysError):
        session.read("\\jobs\\a")


def test_a_path_says_how_far_it_fits_as_elsewhere(windows, write_sheet):
    linux = Session(overrides={"WAYS_PLATFORM": "linux"})
    linux.add_search_path(write_sheet(SHEET))
    for text in ("/jobs/a/b/plate/v003.exr", "/jobs/a/b/plates/v3.exr", "/jobz", "/jobs/a/b/plates/v003_.exr"):
        here, there = linux.explain_text(text).attempts, windows.explain_text(f"x:{text}").attempts
        reach = [{item.hierarchy: item.position for item in some if item.hierarchy.startswith("job")} for some in (here, there)]
        assert {place: position + 2 for place, position in reach[0].items()} == reach[1]


def test_an_index_on_disk_knows_the_forms(write_sheet, tmp_path, monkeypatch):
    sheet = write_sheet(SHEET)
    os.utime(sheet, (1, 1))
    monkeypatch.setenv("WAYS_CACHE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    is_open = []
    for _ in range(3):
        session = Session(overrides={"WAYS_PLATFORM": "windows"})
        session.add_search_path(sheet)
        for text, place, written in TEXTS:
            is_open.append(session.finder().index.is_on_disk)
            assert session.read(text).hierarchy == place
            assert session.get_asset(text).get_str() == written
        session.finder().index.groups


@pytest.mark.parametrize("pattern, expected", [("job/shot/plate", ["v001.exr", "v002_matte.exr"]), ("job/shot", ["b", "c"])])
def test_what_is_found_on_disk_is_written_as_the_sheet_has_it(windows, tmp_path, monkeypatch, pattern, expected):
    for path in ("a/b/plates/v001.exr", "a/b/plates/v002_matte.exr", "a/c/plates"):
        (tmp_path / path).mkdir(parents=True)

    def here(path):
        assert path.startswith("X:\\jobs")
        return str(tmp_path) + path.removeprefix("X:\\jobs").replace("\\", "/")

    stand_in = SimpleNamespace(
        scandir=lambda path: os.scandir(here(path)),
        path=SimpleNamespace(lexists=lambda path: os.path.lexists(here(path))),
        DirEntry=os.DirEntry,
        fsdecode=os.fsdecode,
    )
    monkeypatch.setattr(disk, "os", stand_in)
    monkeypatch.setattr(disk, "default_platform", lambda: "windows")
    for module in (disk, segment_reader):
        monkeypatch.setattr(module, "PATH_SEPARATORS", "/\\")
    texts = sorted(asset.get_str() for asset in windows.find_assets(pattern, {"JOB": "a"}))
    assert [text.rpartition("\\")[2] for text in texts] == expected
    assert all(text.startswith("X:\\jobs\\a\\") for text in texts)


@pytest.mark.parametrize(
    "text, length",
    [("X:\\a", 2), ("x:", 2), ("\\\\s\\t\\u", 5), ("\\\\s\\t", 5), ("\\\\s", 3), ("\\a", 0), ("ä:\\a", 0), ("", 0), ("a\\b", 0)],
)
def test_a_root_is_the_drive_or_server_and_share(text, length):
    assert root_length(text) == length


def test_letter_case_keeps_the_length():
    text = "İßX\\ﬁ"
    assert len(lower(text)) == len(upper(text)) == len(text)
