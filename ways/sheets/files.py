"""The files of sheets: those below one root, which is all that a format may look at, and their bytes as text."""

from __future__ import annotations

import codecs
import errno
import os
import stat
from collections.abc import Iterator

from ways.limits import Limits
from ways.sheets.allowance import SourceLimitError
from ways.sheets.document import Problem, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.sheets.formats.base import Files

#: Bytes of one file that a sheet names.
MAX_FILE = 64 << 20
#: Links that may lead from one to another.
MAX_LINKS = 40
_LINK_OUT = "a link that leads out of the folder of the sheets"
#: How often a file is opened whose place somebody changes meanwhile.
_TRIES = 5
#: Whether the system opens a name in an open folder. Windows doesn't.
_BY_DESCRIPTOR = {os.open, os.stat, os.readlink} <= os.supports_dir_fd and os.scandir in os.supports_fd and hasattr(os, "O_NOFOLLOW")
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_PLAIN = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
#: A folder to list, and one to look for a name in, which needs no right to list it.
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_PATH = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)
#: Byte-order marks, and the encodings that they name.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class LeadsOut(PermissionError):
    """A path that leads out of a folder: by itself, or by a link on its way."""

    def __init__(self, path: str, found: str = "outside the folder of the sheets") -> None:
        super().__init__(13, found, path)


def open_plain(path: str, flags: int = 0, *, folder: int | None = None) -> int:
    """Return the plain file at *path*, open for reading. What was opened is looked at, and not what stood there before.

    A pipe or a device never keeps the reader waiting.

    :param flags: further flags of :func:`os.open`.
    :param folder: the open folder that *path* is in, if it isn't the current one.
    :raises OSError: it can't be opened, or is no plain file.
    """
    file = os.open(path, os.O_RDONLY | _PLAIN | flags, dir_fd=folder)
    try:
        mode = os.fstat(file).st_mode
        if stat.S_ISREG(mode):
            return file
        raise IsADirectoryError(21, "Is a directory", path) if stat.S_ISDIR(mode) else OSError(22, "no file", path)
    except OSError:
        os.close(file)
        raise


class FolderFiles:
    """The files below a folder on disk. A link that leads out of it is as good as absent.

    Each part of a path is looked at in the folder before it, which is open, and links are followed here and not by the system: so
    nobody can put one in the way between a look and the opening. Where the system can't do that, what was opened is compared with
    what the path leads to after that. The folder itself may be a link.
    """

    def __init__(self, root: str) -> None:
        self.root = root or os.curdir

    def list(self, folder: str = "") -> list[str]:
        """Return the names in *folder*, sorted, each folder's with a slash at its end.

        :raises OSError: it isn't there, can't be read, or lies outside.
        """
        place = plain_place(folder)
        with _Above(self.root, place) as (above, name):
            opened = os.open(name, _FOLDER | _NO_LINK, dir_fd=above) if _BY_DESCRIPTOR else -1
            try:
                with os.scandir(opened if _BY_DESCRIPTOR else name) as entries:
                    found = [(entry.name, entry.is_symlink(), _is_folder(entry)) for entry in entries]
            finally:
                if opened >= 0:
                    os.close(opened)
        names = []
        for name, is_link, is_folder in found:
            if is_link:
                try:
                    is_folder = stat.S_ISDIR(self.status(f"{place}/{name}" if place else name).st_mode)
                except LeadsOut:
                    continue
                except OSError:
                    is_folder = False
            names.append(f"{name}/" if is_folder else name)
        return sorted(names)

    def is_link(self, path: str) -> bool:
        """Whether *path* itself is a link."""
        return os.path.islink(os.path.join(self.root, plain_place(path)))

    def status(self, path: str) -> os.stat_result:
        """Return the status of what is at *path*, or of what a link there leads to.

        :raises OSError: it isn't there, or lies outside.
        """
        look = _Above(self.root, path)
        with look as (above, name):
            return look.status or os.stat(name, dir_fd=above, follow_symlinks=False)

    def open(self, path: str) -> int:
        """Return the plain file at *path*, open for reading.

        :raises OSError: it isn't there, is no plain file, can't be read, or lies outside.
        """
        for left in reversed(range(_TRIES)):
            try:
                with _Above(self.root, path) as (above, name):
                    if not stat.S_ISREG(os.stat(name, dir_fd=above, follow_symlinks=False).st_mode):
                        raise IsADirectoryError(21, "no file", path)
                    file = open_plain(name, _NO_LINK, folder=above)
            except OSError as error:
                if left and error.errno in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR):
                    # Somebody has just put a link there.
                    continue
                raise
            if _BY_DESCRIPTOR or self._is_same(file, name):
                return file
            os.close(file)
        raise LeadsOut(path)

    def read(self, path: str) -> bytes:
        """Return what the file at *path* holds.

        :raises OSError: it isn't there, is no file, can't be read, lies outside, or is greater than 64 MiB.
        """
        with open(self.open(path), "rb") as file:
            data = file.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            raise OSError(27, f"a file of more than {MAX_FILE} bytes", path)
        return data

    def content_name(self, path: str) -> str:
        """Return ``""``: what a file on disk holds is known by reading it."""
        return ""

    def _is_same(self, file: int, name: str) -> bool:
        """Whether an open file is what stands at a path below the root now."""
        return os.path.samestat(os.fstat(file), os.stat(_real(self.root, name)))


class _Above:
    """Opens the folder in which something below a root stands that is no link, and gives that folder and the name there.

    Where folders can't be open it gives ``None``, and the path at which it stands.

    :raises OSError: it isn't there, or lies outside.
    """

    def __init__(self, root: str, path: str) -> None:
        self._root = root
        self._path = path
        #: The status of what stands there, if it was looked at on the way.
        self.status: os.stat_result | None = None
        #: The open folders from the root on.
        self._folders: list[int] = []

    def __enter__(self) -> tuple[int | None, str]:
        path = self._path
        if os.pardir in path.split("/") or os.path.isabs(path):
            raise LeadsOut(path)
        if "\0" in path:
            raise FileNotFoundError(2, "no file has such a name", path)
        if not _BY_DESCRIPTOR:
            return None, _real(self._root, os.path.join(self._root, plain_place(path)))
        try:
            self._folders.append(os.open(self._root, _PATH))
            return self._followed()
        except OSError:
            self._close(0)
            raise

    def __exit__(self, *error: object) -> None:
        self._close(0)

    def _close(self, left: int) -> None:
        """Close the folders, down to so many from the root on."""
        while len(self._folders) > left:
            os.close(self._folders.pop())

    def _followed(self) -> tuple[int, str]:
        """Follow the path from the root, link by link; return the folder that it ends in, and the name there."""
        folders = self._folders
        waiting = plain_place(self._path).split("/")[::-1]
        links = 0
        while waiting:
            name = waiting.pop()
            if name in ("", os.curdir):
                continue
            if name == os.pardir:
                if len(folders) == 1:
                    raise LeadsOut(self._path, _LINK_OUT)
                self._close(len(folders) - 1)
                continue
            status = os.stat(name, dir_fd=folders[-1], follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode):
                links += 1
                if links > MAX_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), self._path)
                target = os.readlink(name, dir_fd=folders[-1])
                if os.path.isabs(target):
                    target = os.path.relpath(_real(self._root, target), os.path.realpath(self._root))
                    self._close(1)
                waiting += target.split("/")[::-1]
            elif any(part not in ("", os.curdir) for part in waiting):
                folders.append(os.open(name, _PATH | _NO_LINK, dir_fd=folders[-1]))
            else:
                self.status = status
                return folders[-1], name
        return folders[-1], os.curdir


def _real(root: str, path: str) -> str:
    """Return where *path* leads.

    :raises LeadsOut: that isn't below the root.
    """
    real, root = os.path.realpath(path), os.path.realpath(root)
    if real != root and not real.startswith(root.rstrip(os.sep) + os.sep):
        raise LeadsOut(path, _LINK_OUT)
    return real


def plain_place(path: str) -> str:
    """Return a place below a root without ``.`` and empty parts."""
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def places_below(files: Files, folder: str, limits: Limits, *, is_recursive: bool) -> Iterator[str]:
    """Yield the files in a folder, as places below the root: all of them, or those directly in it that aren't hidden.

    No folder is entered through a link.

    :raises OSError: a folder can't be listed.
    :raises SourceLimitError: there are too many files and folders.
    """
    waiting = [folder]
    count = 0
    while waiting:
        here = waiting.pop()
        names = files.list(here)
        count += len(names)
        if count > limits.files:
            raise SourceLimitError(limits, "files", path_in(files, folder))
        for name in names:
            path = f"{here}/{name}" if here else name
            if not name.endswith("/"):
                if is_recursive or not name.startswith("."):
                    yield path
            elif is_recursive and not files.is_link(path.rstrip("/")):
                waiting.append(path.rstrip("/"))


def place_in(files: Files, path: str) -> str:
    """Return where the file that a Source calls *path* is below the root, with slashes between the parts."""
    root = os.path.join(files.root, "")
    below = path[len(root) :] if path.startswith(root) else ""
    # Of many sheets in a folder each comes along here, and nearly all are written like this.
    if below and os.path.normpath(below) == below and not below.startswith((os.pardir, os.sep)):
        return below.replace(os.sep, "/")
    return os.path.relpath(path, files.root).replace(os.sep, "/")


def path_in(files: Files, place: str) -> str:
    """Return what a Source calls the file at *place* below the root. Undoes :func:`place_in`."""
    return os.path.normpath(os.path.join(files.root, plain_place(place)))


def bytes_to_text(data: bytes, source: Source) -> str | Problem:
    """Return *data* as text (in UTF-8, or in the encoding that its byte-order mark names), or the problem with it."""
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    body = data[len(mark) :]
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding, "replace")
        at = source._replace(line=before.count("\n") + 1, column=len(before) - before.rfind("\n"))
        expected, found = f"{encoding.upper()} text", f"the byte 0x{body[error.start]:02x}"
        help = "Save the sheet as UTF-8."
        return Problem(at, f"expected {expected}, found {found}", code="encoding", expected=expected, found=found, help=help)
