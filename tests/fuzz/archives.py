"""Archives: whatever lies in a tar or zip archive, nothing leads out of it, and nothing is more than the limits say."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress

from ways.limits import DEFAULT_LIMITS
from ways.sources.archives import MAX_MEMBER, Archive, ArchiveDescriptor, ArchiveError
from ways.sheets.reader import SheetReader

from .draws import Draws
from .place import folder, written
from .runner import Target

_NAMES = (
    "a.yml", "b.json", "sub/c.toml", "sub", "sub/", "./a.yml", "sub/../a.yml", "../a.yml", "/a.yml", "C:a.yml", "a\\b.yml", "", ".",
    ".ways_plugin_info.yml", "sub/.ways_plugin_info.yml", "d.py", "plugInfo.json", "manifest.imjoy.json", "x.imjoy.html", "a.yml/e.yml",
    "\u00e9.yml", "sub//f.yml", "g" * 300 + ".yml", "/".join("h" * 70), "dioptra.toml", "A.YML", "sub/c.toml ", "\udcff.yml", "i\0j.yml",
)  # fmt: skip
CONTENTS = (
    b"plugins: {a: {hierarchy: x, mapping: '/x/{A}'}}", b"recursive: true", b'{"plugins": {}}', b"", b"[plugins]\n", b"\xff\xfe",
    b"plugins: [",
    b"plugins = {}\nraise SystemExit", b"globals: {assignment: z}\nplugins: {a: {hierarchy: y}}", b"\0" * 3000, b"a" * 600,
)  # fmt: skip
_TYPES = tuple(bytes((code,)) for code in b"05123456gxSLKDM7")
_FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
_PACKERS: tuple[Callable[[bytes], bytes], ...] = (bytes, bytes, gzip.compress, bz2.compress, lzma.compress)
_BLOCK = 512


def _changed(draws: Draws, data: bytes) -> bytearray:
    """Return bytes with some of them changed, and perhaps the end cut off."""
    changed = bytearray(data)
    for _ in range(draws.number(6)):
        if changed:
            changed[draws.number(65535) % len(changed)] = draws.number(255)
    if draws.number(7) == 7:
        del changed[draws.number(65535) % (len(changed) + 1) :]
    return changed


def _with_sums(data: bytearray) -> bytes:
    """Return a tar whose headers have the sums that they should have: a change is then looked into."""
    for start in range(0, len(data) - _BLOCK + 1, _BLOCK):
        if data[start + 257 : start + 262] == b"ustar":
            data[start + 148 : start + 156] = b" " * 8
            data[start + 148 : start + 156] = b"%06o\0 " % sum(data[start : start + _BLOCK])
    return bytes(data)


def drawn_tar(draws: Draws) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=draws.pick(_FORMATS), errors="surrogateescape") as archive:
        for _ in range(draws.number(6)):
            info = tarfile.TarInfo(draws.pick(_NAMES))
            info.type, info.linkname = draws.pick(_TYPES), draws.pick(_NAMES)
            content = draws.pick(CONTENTS) if info.isreg() else b""
            info.size = len(content)
            # The oldest layout has no room for long names.
            with suppress(ValueError):
                archive.addfile(info, io.BytesIO(content))
    return draws.pick(_PACKERS)(_with_sums(_changed(draws, made.getvalue())))


def drawn_zip(draws: Draws) -> bytes:
    made = io.BytesIO()
    packings = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    with zipfile.ZipFile(made, "w") as archive:
        for _ in range(draws.number(6)):
            info = zipfile.ZipInfo(draws.pick(_NAMES).encode("utf-8", "replace").decode())
            info.external_attr = draws.pick((0, 0o100644, 0o120777, 0o040755, 0o010644)) << 16
            info.compress_type = draws.pick(packings)
            archive.writestr(info, draws.pick(CONTENTS))
    return bytes(_changed(draws, made.getvalue()))


def _files(archive: Archive, place: str = "", depth: int = 0) -> Iterator[str]:
    assert depth <= 64
    for name in archive.list(place):
        assert name.strip("/") not in ("", ".", "..") and "/" not in name[:-1] and "\\" not in name and "\0" not in name
        path = f"{place}/{name}" if place else name
        if name.endswith("/"):
            yield from _files(archive, path.rstrip("/"), depth + 1)
        else:
            yield path


def _checked(data: bytes, name: str) -> None:
    path = written(name, data)
    before = sorted(os.listdir(folder()))
    try:
        archive = Archive(path)
    except (OSError, ArchiveError) as error:
        assert str(error)
    else:
        contents = [archive.read(place) for place in _files(archive)]
        assert all(len(content) <= MAX_MEMBER for content in contents) and sum(map(len, contents)) <= DEFAULT_LIMITS.source
        assert all(str(problem) and problem.as_dict() for problem in archive.problems)
    loading = ArchiveDescriptor(path).load(SheetReader())
    assert all(sheet.source.path.startswith(path) and not sheet.source.is_trusted for sheet in loading.sheets)
    assert all(str(problem) and problem.as_dict() for problem in loading.problems)
    assert all(not plugin.source.is_trusted for plugin in loading.plugins)
    assert sorted(os.listdir(folder())) == before


def tar(data: bytes) -> None:
    """An even first byte: choices that make an archive; else the archive itself."""
    draws = Draws(data)
    _checked(drawn_tar(draws) if not draws.flag() else draws.rest(), "it.tar")


def zipped(data: bytes) -> None:
    """As for tar."""
    draws = Draws(data)
    _checked(drawn_zip(draws) if not draws.flag() else draws.rest(), "it.zip")


TARGETS = {
    "tar": Target("a tar archive is refused or read within its limits; no name leads out, nothing is written or trusted", tar),
    "zip": Target("a zip archive is refused or read within its limits; no name leads out, nothing is written or trusted", zipped),
}
