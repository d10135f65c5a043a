"""Sheets in tar and zip archives: read where they are, and nothing of them is run or written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from ways.sources.descriptors import FileDescriptor
from ways.sources.load import Loading, load_sheets
from ways.sources.archive import Archive, ArchiveError
from ways.sheets.document import Problem, Sheet, Source
from ways.sheets.files import path_in
from ways.sheets.reader import SheetReader

__all__ = ["ArchiveDescriptor"]


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
        self._last: tuple[str, ...] = ()

    def load(self, reader: SheetReader) -> Loading:
        """Return the plugins of every sheet; of one that can't be opened, a problem for each sheet it had before."""
        try:
            archive = Archive(self.path)
        except (OSError, ArchiveError) as error:
            return self._lost(error)
        self.formats = reader.own_formats
        loading = load_sheets(
            list(self._places(archive, reader)), reader, is_trusted=self.is_trusted, trusts_foreign=self.trust is True, within=archive
        )
        self._last = tuple(sheet.source.path for sheet in loading.sheets)
        return loading._replace(problems=(*archive.problems, *loading.problems))

    def paths(self) -> Iterator[str]:
        """Yield what a Source calls the sheets, in the order in which they are registered.

        :raises OSError: the archive can't be read.
        :raises ArchiveError: it is none, or is refused.
        """
        archive = Archive(self.path)
        return (path_in(archive, place) for place in self._places(archive, self.reader))

    def _places(self, archive: Archive, reader: SheetReader) -> Iterator[str]:
        """Yield where the sheets are in the archive."""
        items = [os.fspath(item).replace(os.sep, "/") for item in self.items]
        if items:
            yield from items
            return
        top = _top(archive)
        is_recursive = reader.info(path_in(archive, top), archive).is_recursive
        found = _below(archive, top) if is_recursive else _directly_in(archive, top)
        yield from sorted(self._readable(found), key=os.fsencode)

    def _lost(self, error: OSError | ArchiveError) -> Loading:
        found = error.strerror if isinstance(error, OSError) else ""
        message = f"expected a readable archive, found: {found or error}" if isinstance(error, OSError) else str(error)
        problem = Problem(Source(self.path, "archive", is_trusted=False), message, "error", "unreadable", found=found or "")
        # A refresh keeps what each sheet gave last.
        sheets = [Sheet(Source(path, is_trusted=False), problems=(problem,)) for path in self._last or (self.path,)]
        return Loading((), tuple(sheets), (problem,), ())

    def _is_own(self) -> bool:
        # What is packed, nobody has looked at.
        return False

    def __repr__(self) -> str:
        return f"{type(self).__name__}(path={self.path!r}, items={list(self.items)!r})"


def _top(archive: Archive) -> str:
    """Return the folder that the archive is, if it holds no other thing; else its root."""
    names = archive.list()
    return names[0].rstrip("/") if len(names) == 1 and names[0].endswith("/") else ""


def _directly_in(archive: Archive, folder: str) -> list[str]:
    names = [name for name in archive.list(folder) if not name.endswith("/") and not name.startswith(".")]
    return [f"{folder}/{name}" if folder else name for name in names]


def _below(archive: Archive, folder: str) -> Iterator[str]:
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        for name in archive.list(here):
            path = f"{here}/{name}" if here else name
            if name.endswith("/"):
                waiting.append(path.rstrip("/"))
            else:
                yield path
