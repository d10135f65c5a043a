"""Archives: what is in them, what is refused, and what they give as search paths. Nothing of them reaches the disk."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from systems.dioptra import dioptra_tree

from ways.cli.main import main
from ways.session import Session
from ways.limits import Limits
from ways.sources import archives
from ways.sources.archives import Archive, ArchiveDescriptor, ArchiveError
from ways.sources.descriptions import encode

SHEET = b"plugins:\n  note:\n    hierarchy: note\n    mapping: '/notes/{DAY}'\n"
DIOPTRA = {
    "dioptra.toml": dioptra_tree.WHOLE.encode(),
    "graph.yaml": dioptra_tree.GRAPH.encode(),
    "plugins/oven/steps.py": dioptra_tree.CODE.encode(),
}
IMJOY = (
    b'<config lang="json">{"name": "A", "type": "window", "version": "1", "api_version": "0.1.8"}</config>'
    b'<script lang="javascript">api.export({})</script>'
)
FILES = {"a.yml": b"a", "sub/b.yml": b"b", "sub/deep/c.yml": b"c"}


def tar(members: Any, mode: str = "w") -> bytes:
    """Return a tar of names and contents; a TarInfo instead of a content is taken as it is."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:
        for name, content in members:
            info = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = 0 if isinstance(content, tarfile.TarInfo) else len(content)
            archive.addfile(info, None if isinstance(content, tarfile.TarInfo) else io.BytesIO(content))
    return data.getvalue()


def zipped(members: Any, packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of names and contents; a name may be a ZipInfo."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", packed) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


PACKERS: dict[str, Callable[[Any], bytes]] = {
    "tar": tar,
    "gzip": lambda members: tar(members, "w:gz"),
    "bzip2": lambda members: tar(members, "w:bz2"),
    "xz": lambda members: tar(members, "w:xz"),
    "zip": zipped,
    "zip, stored": lambda members: zipped(members, zipfile.ZIP_STORED),
    "zip, bzip2": lambda members: zipped(members, zipfile.ZIP_BZIP2),
}


def opened(folder: Path, data: bytes) -> Archive:
    path = folder / "plugins.archive"
    path.write_bytes(data)
    return Archive(str(path))


def write_archive(path: Path, files: dict[str, bytes]) -> Path:
    """Write an archive of the kind that its name says."""
    mode = {".gz": "w:gz", ".tgz": "w:gz", ".bz2": "w:bz2", ".xz": "w:xz"}.get(path.suffix, "w")
    path.write_bytes(zipped(files.items()) if path.suffix == ".zip" else tar(files.items(), mode))
    return path


def load(path: Any, **options: Any) -> Session:
    session = Session()
    session.add_search_path(str(path) if isinstance(path, Path) else path, **options)
    return session


@pytest.mark.parametrize("pack", PACKERS.values(), ids=list(PACKERS))
def test_what_is_packed_is_listed_and_read(tmp_path: Path, pack: Callable[[Any], bytes]) -> None:
    archive = opened(tmp_path, pack(FILES.items()))
    assert (archive.list(), archive.list("sub"), archive.list("sub/deep/")) == (["a.yml", "sub/"], ["b.yml", "deep/"], ["c.yml"])
    assert {name: archive.read(f"./{name}") for name in FILES} == FILES
    assert archive.problems == [] and not archive.is_link("a.yml")


NAMES = st.lists(st.text("ab", min_size=1, max_size=2), min_size=1, max_size=3).map("/".join)


@pytest.mark.parametrize("pack", [PACKERS["tar"], PACKERS["zip"]], ids=["tar", "zip"])
@given(files=st.dictionaries(NAMES, st.binary(max_size=9), max_size=6))
def test_what_is_packed_comes_back(pack: Callable[[Any], bytes], files: dict[str, bytes], tmp_path_factory: Any) -> None:
    archive = opened(tmp_path_factory.mktemp("packed"), pack(files.items()))
    kept = {place: data for place, data in files.items() if not _is_wrong(place, list(files))}
    assert {place: archive.read(place) for place in _all(archive, "")} == kept
    assert len(archive.problems) == len(files) - len(kept)


def _is_wrong(place: str, names: list[str]) -> bool:
    """Whether a file lies below one that stands before it, or is a folder of one that does."""
    before = names[: names.index(place)]
    good: list[str] = []
    for name in [*before, place]:
        if any(name.startswith(f"{other}/") or other.startswith(f"{name}/") for other in good):
            if name == place:
                return True
        else:
            good.append(name)
    return False


def _all(archive: Archive, folder: str) -> list[str]:
    found = []
    for name in archive.list(folder):
        path = f"{folder}/{name}" if folder else name
        found += _all(archive, path.rstrip("/")) if name.endswith("/") else [path]
    return found


@pytest.mark.parametrize("path", ["", "sub", "absent", "sub/absent", "../a.yml"])
def test_what_is_no_file_can_not_be_read(tmp_path: Path, path: str) -> None:
    with pytest.raises(FileNotFoundError):
        opened(tmp_path, tar(FILES.items())).read(path)


@pytest.mark.parametrize("path", ["a.yml", "absent", ".."])
def test_what_is_no_folder_can_not_be_listed(tmp_path: Path, path: str) -> None:
    with pytest.raises(FileNotFoundError):
        opened(tmp_path, tar(FILES.items())).list(path)


@pytest.mark.parametrize("pack", [PACKERS["tar"], PACKERS["zip"]], ids=["tar", "zip"])
@pytest.mark.parametrize(
    "name, found",
    [
        ("../x", "'..'"), ("a/../b", "'..'"), ("a/..", "'..'"), ("/abs/x", "an absolute path"), ("C:/x", "an absolute path"),
        ("\\x", "an absolute path"), ("a\\..\\x", "'..'"), ("a\\b", "parts paths elsewhere"),
        ("/".join("a" * 65), "too long"), ("a" * 1025, "too long"),
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_costs_the_archive(tmp_path: Path, pack: Any, name: str, found: str) -> None:
    with pytest.raises(ArchiveError, match="below the archive's root, found") as caught:
        opened(tmp_path, pack([("good.yml", b""), (name, b"x")]))
    assert found in str(caught.value)
    assert os.listdir(tmp_path) == ["plugins.archive"]


def special(kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo("odd")
    info.type, info.linkname = kind, target
    return info


SPECIAL = {
    "a symbolic link": (special(tarfile.SYMTYPE, "good.yml"), "a link: it is left out"),
    "one that leads up": (special(tarfile.SYMTYPE, "../secret"), "a link that leads out of it"),
    "one to a root": (special(tarfile.SYMTYPE, "/etc/passwd"), "a link that leads out of it"),
    "a hard link": (special(tarfile.LNKTYPE, "good.yml"), "a link: it is left out"),
    "a hard link up": (special(tarfile.LNKTYPE, "../secret"), "a link that leads out of it"),
    "a pipe": (special(tarfile.FIFOTYPE), "a device or a pipe"),
    "a device": (special(tarfile.CHRTYPE), "a device or a pipe"),
}


@pytest.mark.parametrize("member, found", SPECIAL.values(), ids=list(SPECIAL))
def test_what_is_no_plain_file_is_a_problem_and_left_out(tmp_path: Path, member: tarfile.TarInfo, found: str) -> None:
    archive = opened(tmp_path, tar([("odd", member), ("good.yml", b"a")]))
    assert archive.list() == ["good.yml"]
    (problem,) = archive.problems
    assert (problem.code, problem.level, os.path.basename(problem.source.path)) == ("archive-member", "error", "odd")
    assert found in problem.message


def zip_special(mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("odd")
    info.external_attr = mode << 16
    return info


@pytest.mark.parametrize("mode, found", [(stat.S_IFLNK, "a link"), (stat.S_IFIFO, "a device or a pipe")])
def test_a_zip_has_plain_files_alone_too(tmp_path: Path, mode: int, found: str) -> None:
    archive = opened(tmp_path, zipped([(zip_special(mode), "../x"), ("good.yml", b"a")]))
    assert archive.list() == ["good.yml"] and found in archive.problems[0].message


@pytest.mark.parametrize("packed, found", [(zipfile.ZIP_LZMA, "packed in a way"), (0, "encrypted")], ids=["lzma", "encrypted"])
def test_a_zip_member_that_can_not_be_unpacked_is_left_out(tmp_path: Path, packed: int, found: str) -> None:
    data = bytearray(zipped([("odd", b"x")], packed))
    if not packed:
        data[data.index(b"PK\1\2") + 8] |= 1
    assert found in opened(tmp_path, bytes(data)).problems[0].message


def test_a_sparse_file_is_left_out(tmp_path: Path) -> None:
    info = tarfile.TarInfo("odd")
    info.type = tarfile.GNUTYPE_SPARSE
    data = bytearray(tar([("odd", info)], "w"))
    data[483:495] = b"77777777777\0"
    data[148:156] = b"        "
    data[148:156] = f"{sum(data[:512]):06o}\0 ".encode()
    archive = opened(tmp_path, bytes(data))
    assert archive.list() == [] and "a sparse file" in archive.problems[0].message


def test_of_two_members_of_one_name_the_first_is_read(tmp_path: Path) -> None:
    archive = opened(tmp_path, tar([("a", b"first"), ("./a", b"second"), ("a/b", b"below")]))
    assert (archive.list(), archive.read("a"), len(archive.problems)) == (["a"], b"first", 2)


BROKEN = {
    "nothing": b"",
    "garbage": b"\x00\x01garbage" * 200,
    "a text": b"plugins: {}\n",
    "gzip of garbage": gzip.compress(b"garbage"),
    "half a gzip": gzip.compress(tar(FILES.items()))[:40],
    "a broken gzip": gzip.compress(tar(FILES.items()))[:30] + b"\0" * 60,
    "half a bzip2": bz2.compress(tar(FILES.items()))[:40],
    "half an xz": lzma.compress(tar(FILES.items()))[:40],
    "half a tar": tar([("a", b"x" * 2000)])[:1000],
    "half a zip": zipped(FILES.items())[:60],
    "a zip with a wrong sum": zipped([("a", b"abcabc")], zipfile.ZIP_STORED).replace(b"abcabc", b"abcabd"),
    "long names without end": tar([("a" * 200, b"")])[:1024] * 5000,
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=list(BROKEN))
def test_what_is_no_whole_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ArchiveError):
        opened(tmp_path, data)


@given(data=st.binary(max_size=600), head=st.sampled_from([b"", b"PK\3\4", b"PK\5\6", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0"]))
def test_any_bytes_are_an_archive_or_refused(data: bytes, head: bytes, tmp_path_factory: Any) -> None:
    try:
        opened(tmp_path_factory.mktemp("any"), head + data)
    except ArchiveError as error:
        assert str(error)


@given(at=st.integers(0, 5000), byte=st.integers(0, 255), kind=st.sampled_from(["tar", "gzip", "zip"]))
def test_one_wrong_byte_never_gets_out(at: int, byte: int, kind: str, tmp_path_factory: Any) -> None:
    data = bytearray(PACKERS[kind]([("a", b"x" * 700), ("b/c", b"y")]))
    data[at % len(data)] = byte
    try:
        archive = opened(tmp_path_factory.mktemp("byte"), bytes(data))
    except ArchiveError as error:
        assert str(error)
    else:
        assert all(archive.read(place) is not None for place in _all(archive, ""))


NOUGHTS = b"\0" * (3 << 20)


@pytest.mark.parametrize("pack", [PACKERS[kind] for kind in ("gzip", "bzip2", "xz", "zip", "zip, bzip2")])
def test_a_small_archive_that_unfolds_without_end_is_refused(tmp_path: Path, pack: Any) -> None:
    with pytest.raises(ArchiveError, match="at most 1048576 bytes"):
        opened(tmp_path, pack([("a", NOUGHTS)]))


@pytest.mark.parametrize("pack", [PACKERS["tar"], PACKERS["zip, stored"]], ids=["tar", "zip"])
@pytest.mark.parametrize(
    "limits, message",
    [
        (Limits(source=5000), "an archive of at most 5000 bytes, found a greater one. To allow more, set WAYS_LIMITS=source="),
        (Limits(files=2), "at most 2 members"),
    ],
    ids=["source", "files"],
)
def test_the_limits_of_a_source_are_kept(tmp_path: Path, limits: Limits, message: str, pack: Any) -> None:
    (tmp_path / "archive").write_bytes(pack([("a", b"x" * 1000), ("b", b"x" * 2500), ("c", b"x" * 1600)]))
    Archive(str(tmp_path / "archive"))
    with pytest.raises(ArchiveError, match=message):
        Archive(str(tmp_path / "archive"), limits)


def test_what_is_in_an_archive_has_the_limit_of_a_source(tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(gzip.compress(tar([("a", b"x" * 1000), ("b", b"x" * 2500)])))
    with pytest.raises(ArchiveError, match="at most 2500 bytes"):
        Archive(str(tmp_path / "archive"), Limits(source=2500))


LIMITS = {"MAX_MEMBERS": (2, "at most 2 members"), "MAX_MEMBER": (2000, "members of at most 0 MiB")}


@pytest.mark.parametrize("pack", [PACKERS["tar"], PACKERS["zip, stored"]], ids=["tar", "zip"])
@pytest.mark.parametrize("name", LIMITS)
def test_each_limit_is_kept(tmp_path: Path, monkeypatch: Any, name: str, pack: Any) -> None:
    limit, message = LIMITS[name]
    data = pack([("a", b"x" * 1000), ("b", b"x" * 2500), ("c", b"x" * 1600)])
    opened(tmp_path, data)
    monkeypatch.setattr(archives, name, limit)
    with pytest.raises(ArchiveError, match=message):
        opened(tmp_path, data)


def test_a_zip_that_lies_about_a_size_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped([("a", NOUGHTS)]))
    at = data.index(b"PK\1\2")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    with pytest.raises(ArchiveError):
        opened(tmp_path, bytes(data))


def test_streams_one_after_another_are_one_archive_up_to_a_limit(tmp_path: Path) -> None:
    data = tar(FILES.items())
    assert opened(tmp_path, gzip.compress(data[:600]) + gzip.compress(data[600:]) + b"\0" * 10).list() == ["a.yml", "sub/"]
    with pytest.raises(ArchiveError, match=f"at most {archives.MAX_STREAMS} packed streams"):
        opened(tmp_path, gzip.compress(b"") * 5000)


def test_an_archive_is_a_plain_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "absent"):
        with pytest.raises(OSError):
            Archive(str(path))


@pytest.mark.parametrize("header", [b"b.yml" + b"0" * 100, b"M" * 512], ids=["cut", "changed"])
def test_a_header_that_is_none_is_a_problem_with_its_place(tmp_path: Path, header: bytes) -> None:
    (tmp_path / "a.tar").write_bytes(tar([("a.yml", b"a")])[:1024] + header)
    archive = Archive(str(tmp_path / "a.tar"))
    assert archive.list() == ["a.yml"] and "neither at byte 1024" in archive.problems[0].message


def test_a_member_with_a_wrong_size_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "sheets.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.yml", "plugins: {a: {hierarchy: a}}")
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    size = int.from_bytes(data[at + 24 : at + 28], "little")
    data[at + 24 : at + 28] = (size + 9).to_bytes(4, "little")
    path.write_bytes(data)
    (problem,) = load(path).problems
    assert f"expected {size + 9} bytes in 'a.yml', found {size}" in problem.message


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz", "a.ZIP".lower()])
@pytest.mark.parametrize("top", ["", "./", "kitchen-1.0/"], ids=["plain", "dot", "folder"])
def test_an_archive_gives_what_its_folder_gives(tmp_path: Path, name: str, top: str) -> None:
    for place, data in DIOPTRA.items():
        (tmp_path / "plain" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "plain" / place).write_bytes(data)
    plain, packed = load(tmp_path / "plain"), load(write_archive(tmp_path / name, {top + place: data for place, data in DIOPTRA.items()}))
    assert packed.problems == [] and packed.hierarchies() == plain.hierarchies()
    for place in plain.hierarchies():
        assert packed.get_context(place).data == plain.get_context(place).data
    assert sorted(os.listdir(tmp_path)) == sorted(["plain", name])


def test_a_source_has_archive_member_and_line(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.zip", DIOPTRA)
    sources = {str(plugin.source) for plugin in load(path).get_all_plugins()}
    assert {f"{path}/dioptra.toml:1:3", f"{path}/graph.yaml:1:1"} <= sources


def test_a_problem_in_an_archive_has_its_line(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.tar.gz", {**DIOPTRA, "graph.yaml": b"\na: {bake: 1, fry: 2}"})
    assert str(load(path).problems[0]).startswith(f"{path}/graph.yaml:2:1: a: expected exactly one task in a step")


def test_one_sheet_of_an_archive_is_named_as_its_source_is(tmp_path: Path) -> None:
    files = {f"extra/{place}": data for place, data in {**DIOPTRA, "b/note.yml": SHEET}.items()}
    path = write_archive(tmp_path / "a.tgz", {**files, "x": b""})
    assert load(path).hierarchies() == []
    session = load(f"{path}/extra/dioptra.toml")
    assert (session.problems, session.hierarchies()[-1]) == ([], ("dioptra", "entrypoints", "bread"))
    assert load(f"{path}/extra/b/note.yml").hierarchies() == [("note",)]
    description = encode({"create_using": "ways.sources.archives.ArchiveDescriptor", "path": str(path), "items": "extra/b/note.yml"})
    assert load(description).hierarchies() == [("note",)]


@pytest.mark.parametrize("item", ["absent.yml", "../note.yml", "/etc/passwd"])
def test_a_member_that_is_not_there_is_a_problem(tmp_path: Path, item: str) -> None:
    session = load(f"{write_archive(tmp_path / 'a.zip', {'note.yml': SHEET})}/{item}")
    assert [problem.code for problem in session.problems] == ["unreadable"]


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
@pytest.mark.parametrize("at", ["", "/"], ids=["plain", "slash"])
def test_a_folder_in_an_archive_gives_what_it_gives_on_disk(tmp_path: Path, name: str, at: str) -> None:
    files = {f"extra/kitchen/{place}": data for place, data in DIOPTRA.items()}
    path = write_archive(tmp_path / name, {**files, "extra/note.yml": SHEET, "x": b""})
    session = load(f"{path}/extra/kitchen{at}")
    assert session.problems == []
    assert {sheet.source.path for sheet in session.sheets} == {f"{path}/extra/kitchen/{place}" for place in DIOPTRA}
    info = {"extra/.ways_plugin_info.yml": b"recursive: true"}
    path = write_archive(tmp_path / f"b-{name}", {"extra/deep/note.yml": SHEET, "note.yml": SHEET, **info})
    assert [sheet.source.path for sheet in load(f"{path}/extra").sheets] == [f"{path}/extra/deep/note.yml"]


def test_an_archive_with_a_slash_behind_it_is_the_archive(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.zip", {"note.yml": SHEET})
    assert load(f"{path}/").hierarchies() == load(f"{path}/.//").hierarchies() == [("note",)]


@pytest.mark.parametrize(
    ("place", "data", "hierarchy"),
    [
        ("sub/plugInfo.json", b'{"Plugins": [{"Name": "lens", "Type": "resource", "Info": {}}]}', "usd"),
        ("sub/a.imjoy.html", IMJOY, "imjoy"),
        ("sub/note.toml", b"[plugins.note]\nhierarchy = 'note'", "note"),
        ("sub/note.json", b'{"plugins": {"note": {"hierarchy": "note"}}}', "note"),
    ],
)
@pytest.mark.parametrize("name", ["a.tar.bz2", "a.zip"])
def test_any_system_s_file_is_named_in_an_archive(tmp_path: Path, name: str, place: str, data: bytes, hierarchy: str) -> None:
    path = f"{write_archive(tmp_path / name, {place: data, 'other.yml': SHEET})}/{place}"
    for command in (["--sheets", path, "tree"], ["check", path, "--level", "error"]):
        result = CliRunner().invoke(main, command)
        assert (result.exit_code, result.stderr) == (0, "")
    assert {place[0] for place in load(path).hierarchies()} == {hierarchy}
    assert not any(sheet.source.is_trusted for sheet in load(path).sheets)


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ("extra/not.yml", "'extra' has b/, note.yml. Did you mean 'extra/note.yml'?"),
        ("zzzzzzzzzzzz", "Its top has extra/, x."),
        ("x/note.yml", "Its top has extra/, x. Did you mean 'extra/note.yml'?"),
        ("extra/b/deep/qqqqqqqqqqqqqqqqqqqqqqq", "'extra/b' has page.yml."),
    ],
)
def test_what_an_archive_has_instead_is_shown(tmp_path: Path, item: str, told: str) -> None:
    path = write_archive(tmp_path / "a.zip", {"extra/note.yml": SHEET, "extra/b/page.yml": SHEET, "x": b""})
    (problem,) = load(f"{path}/{item}").problems
    assert problem.source.path == f"{path}/{item}" and problem.help == told
    assert problem.message == f"expected a file or folder in the archive, found no {item!r} in 'a.zip'"
    for command, code in ((["--sheets", f"{path}/{item}", "tree"], 2), (["check", f"{path}/{item}"], 1)):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == code and told in result.output and "Traceback" not in result.output


def test_no_more_than_ten_names_of_an_archive_are_shown(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.zip", {f"{number:02}.yml": SHEET for number in range(12)})
    assert load(f"{path}/note").problems[0].help.endswith("08.yml, 09.yml and 2 more.")


@pytest.mark.parametrize("item", ["../a.zip", "sub/../note.yml", ".."])
def test_nothing_outside_an_archive_is_named_by_it(tmp_path: Path, item: str) -> None:
    path = write_archive(tmp_path / "a.zip", {"note.yml": SHEET})
    (problem,) = load(f"{path}/{item}").problems
    assert str(problem) == f"{path}: expected a file or folder below the archive's root, found {item!r}"
    with pytest.raises(ArchiveError):
        list(ArchiveDescriptor(str(path), item).paths())


@pytest.mark.parametrize("command", [["tree"], ["check"]])
def test_no_archive_is_none(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "a.yml").write_bytes(SHEET)
    for path in ("none.zip/note.yml", "a.yml/note.yml", "a.yml/"):
        named = f"{tmp_path}/{path}"
        result = CliRunner().invoke(main, ["check", named] if command == ["check"] else ["--sheets", named, *command])
        assert result.exit_code == 2 and "there is no such file or folder." in result.stderr


def test_native_sheets_load_and_python_does_not_run(tmp_path: Path) -> None:
    files = {"note.yml": SHEET, "code.py": b"raise SystemExit('I was run')\nplugins = {}", ".hidden.yml": b"?"}
    session = load(write_archive(tmp_path / "a.tar", files))
    assert session.hierarchies() == [("note",)]
    assert [problem.code for problem in session.problems] == ["untrusted"]
    assert not session.get_all_plugins()[0].source.is_trusted


def test_an_archive_is_trusted_where_the_caller_says_so(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.tar", {"code.py": b"plugins = {'a': {'hierarchy': 'a'}}"})
    assert load(path, trust=True).hierarchies() == [("a",)]


def test_info_files_count_inside_an_archive_and_beside_it(tmp_path: Path) -> None:
    (tmp_path / ".ways_plugin_info.yml").write_text("assignment: outside", encoding="utf-8")
    deep = {"top/sub/note.yml": SHEET, "top/z.yml": b""}
    info = {"top/.ways_plugin_info.yml": b"recursive: true\nassignment: inside"}
    assert load(write_archive(tmp_path / "a.tar", deep)).hierarchies() == []
    session = load(write_archive(tmp_path / "b.tar", {**deep, **info}))
    assert [plugin.assignment for plugin in session.get_all_plugins()] == ["inside"]
    session = load(write_archive(tmp_path / "c.tar", {"note.yml": SHEET}))
    assert [plugin.assignment for plugin in session.get_all_plugins()] == ["outside"]


def test_a_refused_archive_is_a_problem_and_nothing_else(tmp_path: Path) -> None:
    for name, files in (("a.zip", {"note.yml": SHEET, "../x.yml": SHEET}), ("b.tar", {"note.yml": SHEET, "/x.yml": SHEET})):
        session = load(write_archive(tmp_path / name, files))
        assert [(problem.code, problem.source.path) for problem in session.problems] == [("unreadable", str(tmp_path / name))]
        assert session.hierarchies() == [] and not any(sheet.source.is_trusted for sheet in session.sheets)
    (tmp_path / "c.zip").write_bytes(b"garbage")
    assert "expected a tar or zip archive" in load(tmp_path / "c.zip").problems[0].message


def test_a_refresh_reads_the_archive_again_and_keeps_what_was_good(tmp_path: Path) -> None:
    session = load(write_archive(tmp_path / "a.zip", {"note.yml": SHEET}))
    write_archive(tmp_path / "a.zip", {"note.yml": SHEET.replace(b"note", b"page"), "more.yml": SHEET})
    session.refresh()
    assert sorted(session.hierarchies()) == [("note",), ("page",)]
    (tmp_path / "a.zip").write_bytes(b"PK\3\4")
    session.refresh()
    assert sorted(session.hierarchies()) == [("note",), ("page",)] and len(session.problems) == 1


def test_a_descriptor_gives_paths_and_plugins(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.zip", {"note.yml": SHEET})
    descriptor = ArchiveDescriptor(str(path))
    assert list(descriptor.paths()) == [f"{path}/note.yml"]
    assert [(plugin.name, assignment) for plugin, assignment in descriptor.get_plugins()] == [("note", "master")]
    assert repr(descriptor) == f"ArchiveDescriptor(path={str(path)!r}, items=[])"


@pytest.mark.parametrize("command", [["tree"], ["sheets"], ["context", "dioptra/entrypoints/bread"]], ids=lambda command: command[0])
def test_the_shell_takes_an_archive(tmp_path: Path, command: list[str]) -> None:
    path = write_archive(tmp_path / "a.tar.gz", DIOPTRA)
    result = CliRunner().invoke(main, ["--sheets", str(path), *command, "--format", "json"])
    assert result.exit_code == 0 and "bread" in result.output or f"{path}/graph.yaml" in result.output
    assert [json.loads(line) for line in result.stdout.splitlines()]


def test_folders_of_a_zip_are_folders(tmp_path: Path) -> None:
    archive = opened(tmp_path, zipped([("sheets/", b""), ("sheets/a.yml", b"a"), ("empty/deep/", b"")]))
    assert [archive.list(folder) for folder in ("", "sheets", "empty")] == [["empty/", "sheets/"], ["a.yml"], ["deep/"]]
    assert archive.problems == []


def test_a_folder_where_a_file_is_gives_nothing(tmp_path: Path) -> None:
    folder = tarfile.TarInfo("a/b")
    folder.type = tarfile.DIRTYPE
    archive = opened(tmp_path, tar([("a", b"text"), ("a/b", folder)]))
    assert archive.list() == ["a"] and archive.read("a") == b"text"


def test_no_more_than_a_hundred_members_are_told(tmp_path: Path) -> None:
    pipes = [tarfile.TarInfo(f"pipe{number}") for number in range(150)]
    for pipe in pipes:
        pipe.type = tarfile.FIFOTYPE
    archive = opened(tmp_path, tar([("", pipe) for pipe in pipes] + [("good.yml", b"a")]))
    assert len(archive.problems) == 100 and archive.list() == ["good.yml"]
