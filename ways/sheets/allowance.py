"""How much of one source is listed and read: the same limits for a folder, an archive, a commit and what sheets name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from ways.limits import Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.sheets.formats.base import Files


class SourceLimitError(OSError):
    """A source has more files, or more bytes, than a limit says."""

    def __init__(self, limits: Limits, name: str, path: str) -> None:
        super().__init__(27, f"expected {limits.expected(name)}, found more", path)
        self.limits = limits
        self.name = name

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}. {self.limits.to_raise(self.name)}"


class Allowance:
    """What may still be read in one load of a source."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._left = limits.source

    def take(self, size: int) -> bool:
        """Count so many bytes that were read; return whether they are within the limit."""
        self._left -= size
        return self._left >= 0


class LimitedFiles:
    """Files of a source that a format lists and reads, within what may be read of the source."""

    def __init__(self, files: Files, allowance: Allowance) -> None:
        self.root = files.root
        self._files = files
        self._allowance = allowance

    def list(self, folder: str = "") -> list[str]:
        """Return the names in *folder*. See :class:`~ways.sheets.formats.base.Files`.

        :raises SourceLimitError: they are too many.
        """
        names = self._files.list(folder)
        if len(names) > self._allowance.limits.files:
            raise SourceLimitError(self._allowance.limits, "files", folder)
        return names

    def is_link(self, path: str) -> bool:
        """Whether *path* itself is a link."""
        return self._files.is_link(path)

    def read(self, path: str) -> bytes:
        """Return what the file at *path* holds. See :class:`~ways.sheets.formats.base.Files`.

        :raises SourceLimitError: it is more than may still be read.
        """
        data = self._files.read(path)
        if not self._allowance.take(len(data)):
            raise SourceLimitError(self._allowance.limits, "source", path)
        return data

    def content_name(self, path: str) -> str:
        """Return a name of the content of the file at *path*. See :class:`~ways.sheets.formats.base.Files`."""
        return self._files.content_name(path)


def names_in(folder: str, limits: Limits) -> list[str]:
    """Return the names of all that is in a folder on disk.

    :raises SourceLimitError: they are too many.
    :raises OSError: it can't be listed.
    """
    names = os.listdir(folder)
    if len(names) > limits.files:
        raise SourceLimitError(limits, "files", folder)
    return names


def folders_below(
    folder: str, limits: Limits, *, note: Callable[[OSError], object] = lambda error: None
) -> Iterator[tuple[str, list[str]]]:
    """Yield a folder on disk with the names of its files, and each folder below it. No folder is entered through a link.

    :param note: takes the error of each folder that can't be listed.
    :raises SourceLimitError: there are too many files and folders.
    """
    waiting = [folder]
    count = 0
    while waiting:
        base = waiting.pop()
        names: list[str] = []
        try:
            with os.scandir(base) as entries:
                for entry in entries:
                    count += 1
                    if count > limits.files:
                        raise SourceLimitError(limits, "files", folder)
                    if not _is_folder(entry):
                        names.append(entry.name)
                    elif not entry.is_symlink():
                        waiting.append(entry.path)
        except SourceLimitError:
            raise
        except OSError as error:
            note(error)
            continue
        yield base, names


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
