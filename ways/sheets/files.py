"""The files of sheets: those below one root, which is all that a format may look at, and their bytes as text."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator

from ways.sheets.document import Problem, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.sheets.formats.base import Files

#: Bytes of one file that a sheet names.
MAX_FILE = 64 << 20
#: Byte-order marks, and the encodings that they name.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class FolderFiles:
    """The files below a folder on disk. A link that leads out of it is as good as absent."""

    def __init__(self, root: str) -> None:
        self.root = root or os.curdir
        self._real = os.path.realpath(self.root)

    def list(self, folder: str = "") -> list[str]:
        """Return the names in *folder*, sorted, each folder's with a slash at its end.

        :raises OSError: it isn't there, can't be read, or lies outside.
        """
        path = self._inside(folder)
        names = []
        with os.scandir(path) as entries:
            for entry in entries:
                if not entry.is_symlink() or self._holds(os.path.realpath(entry.path)):
                    names.append(f"{entry.name}/" if _is_folder(entry) else entry.name)
        return sorted(names)

    def is_link(self, path: str) -> bool:
        """Whether *path* itself is a link."""
        return os.path.islink(os.path.join(self.root, plain_place(path)))

    def read(self, path: str) -> bytes:
        """Return what the file at *path* holds.

        :raises OSError: it isn't there, is no file, can't be read, lies outside, or is greater than 64 MiB.
        """
        real = self._inside(path)
        # A pipe or a device would keep the reader waiting.
        if os.path.exists(real) and not os.path.isfile(real):
            raise IsADirectoryError(21, "no file", path)
        with open(real, "rb") as file:
            data = file.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            raise OSError(27, f"a file of more than {MAX_FILE} bytes", path)
        return data

    def content_name(self, path: str) -> str:
        """Return ``""``: what a file on disk holds is known by reading it."""
        return ""

    def _inside(self, path: str) -> str:
        real = os.path.realpath(os.path.join(self.root, plain_place(path)))
        if os.pardir in path.split("/") or os.path.isabs(path) or not self._holds(real):
            raise PermissionError(13, "outside the folder of the sheets", path)
        return real

    def _holds(self, real: str) -> bool:
        return real == self._real or real.startswith(self._real.rstrip(os.sep) + os.sep)


def plain_place(path: str) -> str:
    """Return a place below a root without ``.`` and empty parts."""
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def places_below(files: Files, folder: str, *, is_recursive: bool) -> Iterator[str]:
    """Yield the files in a folder, as places below the root: all of them, or those directly in it that aren't hidden.

    No folder is entered through a link.

    :raises OSError: a folder can't be listed.
    """
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        for name in files.list(here):
            path = f"{here}/{name}" if here else name
            if not name.endswith("/"):
                if is_recursive or not name.startswith("."):
                    yield path
            elif is_recursive and not files.is_link(path.rstrip("/")):
                waiting.append(path.rstrip("/"))


def place_in(files: Files, path: str) -> str:
    """Return where the file that a Source calls *path* is below the root, with slashes between the parts."""
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
