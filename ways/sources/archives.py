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
from collections.abc import Callable, Container, Iterable, Iterator
from functools import partial
from io import BytesIO
from typing import IO, NamedTuple, Protocol

from ways.errors import did_you_mean
from ways.limits import DEFAULT_LIMITS, Limits
from ways.sheets.document import Problem, Sheet, Source
from ways.sheets.files import open_plain, path_in, places_below, plain_place
from ways.sheets.formats.base import Files
from ways.sheets.reader import SheetReader
from ways.sheets.store.stamps import Stamp
from ways.sources.descriptors import FileDescriptor
from ways.sources.load_sheets import LoadedPlugins

__all__ = ["ArchiveDescriptor"]

#: Bytes of one member of an archive. The limit of a source holds for the archive as it lies there, and for all that is in it.
MAX_MEMBER = 16 << 20
#: Members of an archive, links and folders counted, if the limit of files isn't less; parts of a name, and its characters.
MAX_MEMBERS, MAX_PARTS, MAX_NAME = 10_000, 64, 1024
#: Packed bytes may become this many times as many; or :data:`FREE`, if that is more.
MAX_RATIO, FREE = 200, 1 << 20
#: Streams one after another, and bytes of memory that unpacking xz may take.
MAX_STREAMS, MAX_WORK = 100, 128 << 20

#: Names in a folder that a message shows.
MAX_SHOWN = 10

#: What broken archives raise.
BROKEN = (
    OSError, EOFError, ValueError, LookupError, OverflowError, RecursionError, MemoryError, NotImplementedError, RuntimeError,
    struct.error, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile,
)  # fmt: skip


class ArchiveError(ValueError):
    """An archive that is refused as a whole."""


class ArchiveTooLarge(Exception):
    """An archive, or something in it, is larger than it may be.

    :param most: how much there may be of what the limit *name* counts.
    """

    def __init__(self, message: str, name: str = "", most: int = 0) -> None:
        super().__init__(message)
        self.name = name
        self.most = most

    def told(self, limits: Limits) -> str:
        """Return what is wrong, and how the limit is raised, if it is one that can be."""
        is_raised = self.name and getattr(limits, self.name) == self.most
        return f"{self}. {limits.to_raise(self.name)}" if is_raised else str(self)


class ArchiveDescriptor(FileDescriptor):
    """The sheets of an archive: those at its top, or those that you name.

    If the archive contains only one folder, those in that folder. Includes the folders below if the archive's own info file says
    ``recursive: true``.

    :param path: the archive.
    :param items: sheets in it, or folders of sheets, relative to it; if absent, its top.
    """

    def __init__(self, path: str, items: str | Iterable[str] = ()) -> None:
        super().__init__([items] if isinstance(items, str) else items)
        self.path = os.fspath(path)
        #: The paths of the sheets that the archive had when it could be read last.
        self._last: tuple[str, ...] = ()
        #: The limits that held when it was read last.
        self._limits = DEFAULT_LIMITS
        #: The stamp that the archive had when it was read last.
        self._stamp: Stamp | None = None

    def on_disk(self) -> list[str]:
        """Return the path of the archive."""
        return [self.path]

    def differs(self, known: Container[str], reader: SheetReader) -> bool:
        """Whether the archive was replaced or removed. Doesn't unpack it to compare the contents."""
        return _stamp_of(self.path) != self._stamp

    def load(self, reader: SheetReader) -> LoadedPlugins:
        """Return the plugins of every sheet; if the archive can't be opened, a problem for each sheet it had before."""
        self._stamp, self._limits = _stamp_of(self.path), reader.limits
        try:
            items = self._items()
            archive = Archive(self.path, reader.limits)
        except (OSError, ArchiveError) as error:
            reason = (error.strerror or "") if isinstance(error, OSError) else ""
            message = f"expected a readable archive, found: {reason or error}" if isinstance(error, OSError) else str(error)
            problem = Problem(Source(self.path, "archive", is_trusted=False), message, "error", "unreadable", found=reason)
            # A refresh keeps what each sheet gave last.
            sheets = [Sheet(Source(path, is_trusted=False), problems=(problem,)) for path in self._last or (self.path,)]
            return LoadedPlugins((), tuple(sheets), (problem,), ())
        loaded = self._load_sheets(self._places(archive, reader), reader, within=archive)
        loaded = _with_names_nearby(loaded, archive, items)
        self._last = tuple(sheet.source.path for sheet in loaded.sheets)
        return loaded._replace(problems=(*archive.problems, *loaded.problems))

    def paths(self, reader: SheetReader | None = None) -> Iterator[str]:
        """Yield the paths of the sheets, as in their ``Source``, in the order of registration.

        :raises OSError: the archive can't be read.
        :raises ArchiveError: it isn't an archive, Ways refuses it, or what is named lies elsewhere.
        """
        archive = Archive(self.path, (reader or self.reader).limits)
        return (path_in(archive, place) for place in self._places(archive, reader or self.reader))

    def files(self, path: str) -> Files:
        """Return the files of the archive.

        :raises OSError: the archive can't be read, is none, or is refused.
        """
        try:
            return Archive(self.path, self._limits)
        except ArchiveError as error:
            raise OSError(22, str(error), self.path) from error

    def _places(self, archive: Archive, reader: SheetReader) -> Iterator[str]:
        """Yield where the sheets are in the archive."""
        names = archive.list()
        # An archive that holds nothing but one folder is that folder.
        top = names[0].rstrip("/") if len(names) == 1 and names[0].endswith("/") else ""
        for item in self._items() or [top]:
            if archive.is_folder(item):
                is_recursive = reader.info(path_in(archive, item), archive).is_recursive
                places = places_below(archive, plain_place(item), reader.limits, is_recursive=is_recursive)
                yield from sorted(self._readable(places, reader), key=os.fsencode)
            else:
                yield item

    def _items(self) -> list[str]:
        """Return what is named in the archive, with slashes between the parts.

        :raises ArchiveError: it lies elsewhere.
        """
        items = [os.fspath(item).replace(os.sep, "/") for item in self.items]
        outside = next((item for item in items if ".." in item.split("/")), None)
        if outside is not None:
            raise ArchiveError(f"expected a file or folder below the archive's root, found {outside!r}")
        return items

    def is_found(self, path: str) -> bool:
        """Whether the sheet at a place in the archive was found in a folder of it, rather than named itself."""
        return plain_place(path) not in map(plain_place, self._items())

    def _is_own(self) -> bool:
        # The caller named the archive, and need not have seen what is in it.
        return False

    def __repr__(self) -> str:
        return f"{type(self).__name__}(path={self.path!r}, items={list(self.items)!r})"


def _with_names_nearby(loaded: LoadedPlugins, archive: Archive, items: Iterable[str]) -> LoadedPlugins:
    """Return a load whose problem for each of *items* that the archive hasn't says what it has instead."""
    absent = {path_in(archive, item): item for item in items if not (archive.is_file(item) or archive.is_folder(item))}
    if not absent:
        return loaded

    def mended(problem: Problem) -> Problem:
        if problem.code != "unreadable" or problem.source.path not in absent:
            return problem
        item = absent[problem.source.path]
        found = f"no {item!r} in {os.path.basename(archive.root)!r}"
        help = f"{archive.names_near(item)}{did_you_mean(plain_place(item), archive.places())}"
        return problem._replace(message=f"expected a file or folder in the archive, found {found}", found=found, help=help)

    sheets = tuple(sheet._replace(problems=tuple(map(mended, sheet.problems))) for sheet in loaded.sheets)
    return loaded._replace(sheets=sheets, problems=tuple(map(mended, loaded.problems)))


def _stamp_of(path: str) -> Stamp | None:
    """Return the stamp of a file, or ``None`` if it can't be looked at."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


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
    :param limits: how many files and bytes it may hold.
    :raises OSError: it can't be read.
    :raises ArchiveError: it is no archive, is too great, or has a member whose name leads out of it.
    """

    def __init__(self, root: str, limits: Limits = DEFAULT_LIMITS) -> None:
        self.root = root
        self._limits = limits
        self._most_members = min(MAX_MEMBERS, limits.files)
        self.problems: list[Problem] = []
        self._files: dict[str, bytes] = {}
        self._folders: dict[str, set[str]] = {"": set()}
        with open(open_plain(root), "rb") as file:
            data = file.read(limits.source + 1)
        if len(data) > limits.source:
            raise ArchiveError(f"expected an archive of at most {limits.source} bytes, found a greater one. {limits.to_raise('source')}")
        #: Bytes that all members together may have.
        self._most = min(limits.source, max(FREE, MAX_RATIO * len(data)))
        is_zip = data.startswith((b"PK\3\4", b"PK\5\6"))
        try:
            self._fill(self._zip_members(data) if is_zip else self._tar_members(decompress(data, limits.source)))
        except ArchiveTooLarge as error:
            raise ArchiveError(error.told(limits)) from error
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

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder at *path*."""
        return plain_place(path) in self._folders

    def is_file(self, path: str) -> bool:
        """Whether there is a file at *path*."""
        return plain_place(path) in self._files

    def places(self) -> Iterator[str]:
        """Yield where each file and folder is."""
        yield from self._files
        yield from self._folders

    def names_near(self, path: str) -> str:
        """Return in words what is in the folder in which *path* should be, or in the nearest one around that."""
        folder = plain_place(path)
        while folder not in self._folders:
            folder = folder.rpartition("/")[0]
        names = self.list(folder)
        more = f" and {len(names) - MAX_SHOWN} more" if len(names) > MAX_SHOWN else ""
        return f"{repr(folder) if folder else 'Its top'} has {', '.join(names[:MAX_SHOWN]) or 'nothing'}{more}."

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

    def _too_many(self) -> ArchiveTooLarge:
        most = self._most_members
        return ArchiveTooLarge(f"expected at most {most} members in an archive, found more", "files", most)

    def _zip_members(self, data: bytes) -> Iterator[_Member]:
        # zipfile reads the whole list of members before it gives the first.
        if data.count(b"PK\1\2") > self._most_members:
            raise self._too_many()
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
            if number >= self._most_members:
                raise self._too_many()
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
                raise ArchiveTooLarge(f"expected at most {self._most} bytes in this archive, found more", "source", self._most)
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
            raise ArchiveTooLarge(f"expected at most {most} bytes in this archive, found more", "source", most)
        if not decompressor.eof:
            raise EOFError("it ends too early")
        # Noughts at the end are filling.
        data = decompressor.unused_data.lstrip(b"\0")
        if not data:
            return b"".join(parts)
    raise ArchiveTooLarge(f"expected at most {MAX_STREAMS} packed streams, found more")
