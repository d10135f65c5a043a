"""Sheets in tar and zip archives: read in memory and checked. Nothing of an archive runs, and nothing is written to disk."""

from __future__ import annotations

import bz2
import lzma
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import BytesIO
from typing import IO, NamedTuple, Protocol

from ways.sheets.document import Problem, Sheet, Source
from ways.sheets.files import path_in, places_below, plain_place
from ways.sheets.reader import SheetReader
from ways.sources.descriptors import FileDescriptor
from ways.sources.load_sheets import LoadedPlugins

__all__ = ["ArchiveDescriptor"]

#: Bytes of an archive as it lies there, of all that is in it, and of one member.
MAX_PACKED, MAX_TOTAL, MAX_MEMBER = 64 << 20, 64 << 20, 16 << 20
#: Members of an archive, links and folders counted; parts of a name, and its characters.
MAX_MEMBERS, MAX_PARTS, MAX_NAME = 10_000, 64, 1024
#: Packed bytes may become this many times as many; or :data:`FREE`, if that is more.
MAX_RATIO, FREE = 200, 1 << 20
#: Streams one after another, and bytes of memory that unpacking xz may take.
MAX_STREAMS, MAX_WORK = 100, 128 << 20

#: What broken archives raise.
BROKEN = (
    OSError, EOFError, ValueError, LookupError, OverflowError, RecursionError, MemoryError, NotImplementedError, RuntimeError,
    struct.error, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile,
)  # fmt: skip


class ArchiveError(ValueError):
    """An archive that is refused as a whole."""


class ArchiveTooLarge(Exception):
    """An archive, or something in it, is greater than it may be."""


class ArchiveDescriptor(FileDescriptor):
    """The sheets of an archive: those at its top, or those that are named.

    An archive that holds nothing but one folder is that folder. Below it too where the archive's own info file says
    ``recursive: true``.

    :param path: the archive.
    :param items: sheets in it, relative to it; all at its top, if absent.
    """

    def __init__(self, path: str, items: str | Iterable[str] = ()) -> None:
        super().__init__([items] if isinstance(items, str) else items)
        self.path = os.fspath(path)
        #: The paths of the sheets that the archive had when it could be read last.
        self._last: tuple[str, ...] = ()

    def load(self, reader: SheetReader) -> LoadedPlugins:
        """Return the plugins of every sheet; of an archive that can't be opened, a problem for each sheet it had before."""
        try:
            archive = Archive(self.path)
        except (OSError, ArchiveError) as error:
            reason = (error.strerror or "") if isinstance(error, OSError) else ""
            message = f"expected a readable archive, found: {reason or error}" if isinstance(error, OSError) else str(error)
            problem = Problem(Source(self.path, "archive", is_trusted=False), message, "error", "unreadable", found=reason)
            # A refresh keeps what each sheet gave last.
            sheets = [Sheet(Source(path, is_trusted=False), problems=(problem,)) for path in self._last or (self.path,)]
            return LoadedPlugins((), tuple(sheets), (problem,), ())
        loaded = self._load_sheets(self._places(archive, reader), reader, within=archive)
        self._last = tuple(sheet.source.path for sheet in loaded.sheets)
        return loaded._replace(problems=(*archive.problems, *loaded.problems))

    def paths(self, reader: SheetReader | None = None) -> Iterator[str]:
        """Yield the paths that the sheets have in a Source, in the order in which they are registered.

        :raises OSError: the archive can't be read.
        :raises ArchiveError: it is none, or is refused.
        """
        archive = Archive(self.path)
        return (path_in(archive, place) for place in self._places(archive, reader or self.reader))

    def _places(self, archive: Archive, reader: SheetReader) -> Iterator[str]:
        """Yield where the sheets are in the archive."""
        items = [os.fspath(item).replace(os.sep, "/") for item in self.items]
        if items:
            yield from items
            return
        names = archive.list()
        # An archive that holds nothing but one folder is that folder.
        top = names[0].rstrip("/") if len(names) == 1 and names[0].endswith("/") else ""
        is_recursive = reader.info(path_in(archive, top), archive).is_recursive
        places = places_below(archive, top, is_recursive=is_recursive)
        yield from sorted(self._readable(places, reader), key=os.fsencode)

    def _is_own(self) -> bool:
        # The caller named the archive, and need not have seen what is in it.
        return False

    def __repr__(self) -> str:
        return f"{type(self).__name__}(path={self.path!r}, items={list(self.items)!r})"


class _Member(NamedTuple):
    """A member of an archive, as the archive describes it."""

    name: str
    #: ``file``, ``folder``, or what else it is.
    kind: str
    size: int
    #: Opens it for reading, if it is a file.
    open: Callable[[], IO[bytes]]


class Archive:
    """The files in an archive. A member that is no plain file is left out, and is a problem.

    :param root: the path of the archive, which stands before the paths of its members in a Source.
    :raises OSError: it can't be read.
    :raises ArchiveError: it is no archive, is too great, or has a member whose name leads out of it.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self._files: dict[str, bytes] = {}
        self._folders: dict[str, set[str]] = {"": set()}
        # A pipe or a device would keep the reader waiting.
        if os.path.exists(root) and not os.path.isfile(root):
            raise IsADirectoryError(21, "no file", root)
        with open(root, "rb") as file:
            data = file.read(MAX_PACKED + 1)
        if len(data) > MAX_PACKED:
            raise ArchiveError(f"expected an archive of at most {MAX_PACKED >> 20} MiB, found a greater one")
        #: Bytes that all members together may have.
        self._most = min(MAX_TOTAL, max(FREE, MAX_RATIO * len(data)))
        is_zip = data.startswith((b"PK\3\4", b"PK\5\6"))
        try:
            self._fill(self._zip_members(data) if is_zip else self._tar_members(decompress(data, MAX_TOTAL)))
        except ArchiveTooLarge as error:
            raise ArchiveError(str(error)) from error
        except ArchiveError:
            raise
        except BROKEN as error:
            raise ArchiveError(f"expected a tar or zip archive, found: {error or type(error).__name__}") from error

    def list(self, folder: str = "") -> list[str]:
        """Return the names in *folder*, sorted, each folder's with a slash at its end.

        :raises OSError: there is no such folder.
        """
        place = plain_place(folder)
        if place not in self._folders:
            raise FileNotFoundError(2, "no such folder in the archive", folder)
        return sorted(self._folders[place])

    def is_link(self, path: str) -> bool:
        """Return False: links in archives are left out."""
        return False

    def read(self, path: str) -> bytes:
        """Return what the file at *path* holds.

        :raises OSError: there is no such file.
        """
        data = self._files.get(plain_place(path))
        if data is None:
            raise FileNotFoundError(2, "no such file in the archive", path)
        return data

    def content_name(self, path: str) -> str:
        """Return ``""``: what a member holds is in memory already."""
        return ""

    def _tar_members(self, data: bytes) -> Iterator[_Member]:
        with tarfile.open(fileobj=BytesIO(data), mode="r:") as archive:
            for info in archive:
                # It returns None for what is no file, but only files are opened.
                yield _Member(info.name, _tar_kind(info), info.size, partial(archive.extractfile, info))  # type: ignore[arg-type]
            # tarfile stops without an error at a block that is neither a member nor the end.
            if data[archive.offset : archive.offset + tarfile.BLOCKSIZE].strip(b"\0"):
                found = f"neither at byte {archive.offset}: what follows is lost"
                message = f"expected the next member of the archive, or its end, found {found}"
                source = Source(self.root, "archive", is_trusted=False)
                self.problems.append(Problem(source, message, "error", "archive-member", "the next member", found))

    def _zip_members(self, data: bytes) -> Iterator[_Member]:
        # zipfile reads the whole list of members before it gives the first.
        if data.count(b"PK\1\2") > MAX_MEMBERS:
            raise ArchiveTooLarge(f"expected at most {MAX_MEMBERS} members in an archive, found more")
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for info in archive.infolist():
                yield _Member(info.orig_filename, _zip_kind(info), info.file_size, partial(archive.open, info))

    def _fill(self, members: Iterable[_Member]) -> None:
        """Read the members that are files, remember those that are folders, and note the others.

        :raises ArchiveTooLarge: a limit is passed.
        :raises ArchiveError: the name of a member leads out of the archive.
        """
        total = 0
        for number, member in enumerate(members):
            if number >= MAX_MEMBERS:
                raise ArchiveTooLarge(f"expected at most {MAX_MEMBERS} members in an archive, found more")
            if wrong := _wrong_name(member.name):
                raise ArchiveError(f"expected members below the archive's root, found {wrong}: {_shown(member.name)}")
            if member.kind == "folder":
                self._add_folder(plain_place(member.name))
                continue
            if member.kind != "file":
                self._note(member, f"{member.kind}: it is left out")
                continue
            if not 0 <= member.size <= MAX_MEMBER:
                found = f"{_shown(member.name)} with {member.size} bytes"
                raise ArchiveTooLarge(f"expected members of at most {MAX_MEMBER >> 20} MiB, found {found}")
            total += member.size
            if total > self._most:
                raise ArchiveTooLarge(f"expected at most {self._most} bytes in this archive, found more")
            with member.open() as file:
                self._add_file(member, file.read(MAX_MEMBER + 1))

    def _add_file(self, member: _Member, data: bytes) -> None:
        if len(data) != member.size:
            raise ArchiveTooLarge(f"expected {member.size} bytes in {_shown(member.name)}, found {len(data)}")
        place = plain_place(member.name)
        parts = place.split("/")
        above = next((path for end in range(len(parts) - 1, 0, -1) if (path := "/".join(parts[:end])) in self._files), None)
        if place in self._files or place in self._folders or not place:
            self._note(member, "its name a second time: the first is used")
        elif above is not None:
            self._note(member, f"it below {above!r}, which is a file: it is left out")
        else:
            self._files[place] = data
            folder, _, name = place.rpartition("/")
            self._add_folder(folder)
            self._folders[folder].add(name)

    def _add_folder(self, place: str) -> None:
        """Remember a folder and those around it, as far as none of them is a file."""
        here = ""
        for name in place.split("/") if place else ():
            below = f"{here}/{name}" if here else name
            if below in self._files:
                return
            self._folders[here].add(f"{name}/")
            self._folders.setdefault(below, set())
            here = below

    def _note(self, member: _Member, found: str) -> None:
        if len(self.problems) < 100:
            source = Source(os.path.join(self.root, plain_place(member.name)), "archive", is_trusted=False)
            message = f"expected a plain file in an archive, found {found}"
            self.problems.append(Problem(source, message, "error", "archive-member", "a plain file", found))


def _tar_kind(info: tarfile.TarInfo) -> str:
    if info.isdir():
        return "folder"
    if info.issym() or info.islnk():
        target = info.linkname
        inside = os.path.normpath(target if info.islnk() else f"{info.name}/../{target}")
        leads_out = inside.startswith(("/", "..")) or target.startswith("/")
        return "a link that leads out of it" if leads_out else "a link"
    if info.sparse is not None:
        return "a sparse file"
    return "file" if info.isreg() else "a device or a pipe"


def _zip_kind(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16
    if info.orig_filename.endswith("/"):
        return "folder"
    if stat.S_ISLNK(mode):
        return "a link"
    if info.flag_bits & 1:
        return "an encrypted file"
    # LZMA may ask for gigabytes to work in.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        return "a file packed in a way that isn't read"
    return "file" if not stat.S_IFMT(mode) or stat.S_ISREG(mode) else "a device or a pipe"


def _wrong_name(name: str) -> str:
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return "an absolute path"
    parts = name.replace("\\", "/").split("/")
    if ".." in parts:
        return "a path with '..'"
    if "\0" in name or "\\" in name:
        return "a path with a character that parts paths elsewhere"
    return "a path that is too long" if len(parts) > MAX_PARTS or len(name) > MAX_NAME else ""


def _shown(name: str) -> str:
    return repr(name if len(name) <= 80 else f"{name[:77]}...")


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


#: How packed bytes begin, and what unpacks them.
_PACKERS: tuple[tuple[bytes, Callable[[], _Decompressor]], ...] = (
    (b"\x1f\x8b", partial(zlib.decompressobj, wbits=31)),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\0", partial(lzma.LZMADecompressor, memlimit=MAX_WORK)),
)


def decompress(data: bytes, limit: int) -> bytes:
    """Return what is packed in *data* by gzip, bzip2 or xz; *data* itself, if nothing is.

    :raises ArchiveTooLarge: it is more than *limit* bytes, or more than the ratio allows.
    :raises EOFError: it ends too early.
    """
    make = next((make for mark, make in _PACKERS if data.startswith(mark)), None)
    if make is None:
        return data
    most = min(limit, max(FREE, MAX_RATIO * len(data)))
    parts: list[bytes] = []
    left = most
    for _ in range(MAX_STREAMS):
        decompressor = make()
        parts.append(decompressor.decompress(data, left + 1))
        left -= len(parts[-1])
        if left < 0:
            raise ArchiveTooLarge(f"expected at most {most} bytes in this archive, found more")
        if not decompressor.eof:
            raise EOFError("it ends too early")
        # Noughts at the end are filling.
        data = decompressor.unused_data.lstrip(b"\0")
        if not data:
            return b"".join(parts)
    raise ArchiveTooLarge(f"expected at most {MAX_STREAMS} packed streams, found more")
