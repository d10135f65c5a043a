"""Descriptors: sheets on disk, named one by one or by their folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from itertools import islice

from ways.lightweight import cached_property
from ways.plugins.plugin import DataPlugin
from ways.sheets.allowance import SourceLimitError, folders_below, names_in
from ways.sheets.document import Problem, Source, limit_problem
from ways.sheets.reader import INFO_FILES, PLUGIN_INFO_FILE_NAME, Info, ReadContext, SheetReader
from ways.sources.load_sheets import NOTHING, LoadedPlugins, load_sheets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from ways.sheets.files import FolderFiles
    from ways.sheets.formats.base import Files, FilesOf

__all__ = ["PLUGIN_INFO_FILE_NAME", "FileDescriptor", "FolderDescriptor"]

#: Folders below one without a sheet that are looked into for any.
_LOOKED_INTO = 200


class FileDescriptor:
    """Sheets that you name one by one, in the given order."""

    #: Whether the caller trusts the sheets; ``None`` if that isn't said. See :meth:`with_trust`.
    trust: bool | None = None
    #: Whether links may not lead out of :meth:`root`, where the sheets aren't trusted.
    has_bounds = False
    _last_load: LoadedPlugins = NOTHING

    def __init__(self, items: str | os.PathLike[str] | Iterable[str]) -> None:
        if isinstance(items, (str, os.PathLike)):
            items = [os.fspath(items)]
        # An iterator would be empty at the next refresh.
        self.items: Any = list(items) if isinstance(items, Iterator) else items

    @cached_property
    def reader(self) -> SheetReader:
        """What reads the sheets where no session does."""
        return SheetReader()

    @property
    def is_trusted(self) -> bool:
        """Whether code that the sheets name may run: as the caller says; if not given, whether the sheets are the caller's own."""
        return self._is_own() if self.trust is None else self.trust

    def with_trust(self, trust: bool) -> Self:
        """Return a copy of this descriptor with another setting of trust."""
        from copy import copy

        other = copy(self)
        other.trust = trust
        return other

    def _is_own(self) -> bool:
        """Whether the caller has named these very files, and so trusts them."""
        return True

    def paths(self, reader: SheetReader | None = None) -> Iterator[str]:
        """Yield the sheets' paths, in the order of registration.

        :param reader: knows the formats and reads info files; if absent, the descriptor's own.
        """
        paths: Iterator[str] = call_with_reader(self.paths_of, self.items, reader=reader)
        return paths

    def paths_of(self, items: Iterable[str], reader: SheetReader | None = None) -> Iterator[str]:
        """Yield the paths of the sheets that *items* stand for."""
        return (path for path in self._readable(map(os.fspath, items), reader) if _may_be_read(path))

    def _readable(self, paths: Iterable[str], reader: SheetReader | None) -> Iterable[str]:
        """Return those of *paths* that are sheets by name; of the reader's own formats too, where it has any."""
        formats = (reader or self.reader).own_formats
        if formats is None:
            return self.filter_plugin_files(paths)
        paths = list(paths)
        usual, known = self.get_supported_extensions(), set(self.filter_plugin_files(paths))
        return [path for path in paths if path in known or formats.reads(path) and not path.lower().endswith(usual)]

    def load(self, reader: SheetReader) -> LoadedPlugins:
        """Return the plugins and problems of every sheet."""
        loaded = self._load_sheets(call_with_reader(self.paths, reader=reader), reader, files=self.files)
        unused = tuple(call_with_reader(self.unused, reader=reader))
        return loaded._replace(problems=(*loaded.problems, *unused)) if unused else loaded

    def _load_sheets(
        self, paths: Iterable[str], reader: SheetReader, *, files: FilesOf | None = None, within: Files | None = None
    ) -> LoadedPlugins:
        bounds = self._bounds if within is None else None
        context = ReadContext(self.is_trusted, trusts_foreign=self.trust is True, bounds=bounds)
        self._last_load = load_sheets(
            paths, reader, context, before=self._last_load, files=files, within=within, named=self.named, is_found=self.is_found
        )
        return self._last_load

    def on_disk(self) -> Sequence[str | os.PathLike[str]]:
        """Return the files and folders on disk from which the sheets are read."""
        items: Sequence[str | os.PathLike[str]] = self.items
        return items

    def differs(self, known: Container[str], reader: SheetReader) -> bool:
        """Whether the sheets changed since the last load, judging by their names and stamps.

        :param known: the paths of the sheets that were read.
        """
        listed = list(call_with_reader(self.paths, reader=reader))
        return any(path not in known for path in listed) or self.has_left_out(listed)

    def has_left_out(self, listed: Sequence[str]) -> bool:
        """Whether a sheet of the last load is no longer accepted, and so isn't among those that are *listed*."""
        return False

    def unused(self, reader: SheetReader | None = None) -> Iterator[Problem]:
        """Yield a problem for each item that is a file, but not a sheet by its name."""
        return (self._no_sheet(path) for path in map(os.fspath, self.items) if self._is_no_sheet(path, reader) and os.path.isfile(path))

    def _is_no_sheet(self, path: str, reader: SheetReader | None) -> bool:
        return path not in self._readable([path], reader) and not _is_info_file(path)

    def _no_sheet(self, path: str) -> Problem:
        endings = ", ".join(self.get_supported_extensions())
        message = f"expected a sheet, whose name ends with one of {endings}, found {os.path.basename(path)!r}: it was not read"
        return Problem(Source(path), message, "warning", "format", endings)

    def files(self, path: str) -> Files:
        """Return the files that the sheet at *path* may list and read: those of its folder and below."""
        from ways.sheets.files import FolderFiles

        return FolderFiles(self.root(path))

    def root(self, path: str) -> str:
        """Return the folder that limits what the sheet at *path* may read."""
        return os.path.dirname(path)

    def named(self, path: str) -> str:
        """Return the file or folder that the caller named, through which Ways reads the sheet at *path*."""
        return path

    def is_found(self, path: str) -> bool:
        """Whether the sheet at *path* was found in a folder that the caller named, rather than named itself."""
        return False

    @property
    def _bounds(self) -> Callable[[str], FolderFiles] | None:
        """Returns the files that the sheet at a path must be among, links included; ``None`` where links may lead anywhere."""
        if self.is_trusted or not self.has_bounds:
            return None
        from ways.sheets.files import FolderFiles

        by_root: dict[str, FolderFiles] = {}

        def bounds(path: str) -> FolderFiles:
            root = self.root(path)
            return by_root.get(root) or by_root.setdefault(root, FolderFiles(root))

        return bounds

    def get_plugins(self, items: Iterable[str] | None = None) -> list[tuple[DataPlugin, str]]:
        """Return each plugin with its assignment, from *items* or from the descriptor's own.

        :raises DuplicateUsesError: a plugin names a parent twice.
        """
        if items is None:
            loaded = self.load(self.reader)
        else:
            paths = self.paths_of([items] if isinstance(items, str) else items)
            context = ReadContext(self.is_trusted, bounds=self._bounds)
            loaded = load_sheets(paths, self.reader, context, named=self.named, is_found=self.is_found)
        if loaded.errors:
            raise loaded.errors[0]
        return [(plugin, plugin.assignment) for plugin in loaded.plugins]

    @classmethod
    def get_supported_extensions(cls) -> tuple[str, ...]:
        """Return the endings of sheets, with their dots, in the order of search."""
        return SheetReader().formats.suffixes

    @classmethod
    def filter_plugin_files(cls, items: Iterable[str]) -> Iterator[str]:
        """Yield those of *items* that are sheets by name, without info files and other endings."""
        suffixes = cls.get_supported_extensions()
        return (item for item in items if item.lower().endswith(suffixes) and not _is_info_file(item))

    def get_plugin_info(self, path: str) -> dict[str, object]:
        """Return ``assignment`` and ``recursive`` from the nearest info file, or their defaults."""
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        info = self.reader.info(folder, named=self.named(path))
        return {"assignment": info.assignment or "master", "recursive": info.is_recursive}

    def __eq__(self, other: object) -> bool:
        return list(self.items) == list(other.items) if isinstance(other, FileDescriptor) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(items={self.items!r})"


class FolderDescriptor(FileDescriptor):
    """Every sheet in some folders: sorted within a folder, the folders in the given order.

    Includes the folders below, and hidden files, if the folder's info file says ``recursive: true``.
    """

    #: The errors of the folders that could not be listed the last time.
    errors: tuple[OSError, ...] = ()
    has_bounds = True
    #: Whether nobody named the folders: what others could have put there is left out then.
    is_searched = False
    #: What was left out the last time, and why.
    doubts: tuple[Problem, ...] = ()

    def is_found(self, path: str) -> bool:
        """Whether the sheet at *path* was found in a folder that the caller named, rather than named itself."""
        return True

    def has_left_out(self, listed: Sequence[str]) -> bool:
        """Whether a sheet of the last load is no longer accepted, and so isn't among those that are *listed*."""
        return self.is_searched and not {sheet.source.path for sheet in self._last_load.sheets if not sheet.source.chain} <= set(listed)

    def unused(self, reader: SheetReader | None = None) -> Iterator[Problem]:
        """Yield a problem for each folder whose sheets can't be listed, or are all in folders below."""
        for error in self.errors:
            if isinstance(error, SourceLimitError):
                yield limit_problem(error.limits, error.name, Source(error.filename), "more: none of its sheets is read")
                continue
            message = f"expected a folder that can be listed, found: {error.strerror}"
            yield Problem(Source(error.filename), message, "error", "unreadable", found=error.strerror or "")
        yield from self.doubts
        for folder in map(os.fspath, self.items):
            if any(isinstance(error, SourceLimitError) and error.filename == folder for error in self.errors):
                continue
            others = {sheet.source.path for sheet in self._last_load.sheets if sheet.is_other}
            has_sheet = any(path not in others for path in call_with_reader(self.paths_of, [folder], reader=reader))
            if not has_sheet and (sheet := self._sheet_below(folder, reader)):
                message = f"no sheet stands directly in this folder, but deeper there is {os.path.relpath(sheet, folder)!r}"
                info = os.path.join(folder, f"{PLUGIN_INFO_FILE_NAME}.yml")
                help = f"Name {os.path.dirname(sheet)!r}, or write 'recursive: true' into {info!r}."
                yield Problem(Source(folder), message, "warning", "sheets-below", help=help)

    def _sheet_below(self, folder: str, reader: SheetReader | None) -> str:
        """Return the first sheet in the folders below one, so far as a look at some of them finds any; else ``""``."""
        for base, folders, names in islice(os.walk(folder), _LOOKED_INTO):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            # Python files below are programs rather than sheets.
            shown = (name for name in sorted(names) if not name.startswith(".") and not name.endswith(".py"))
            paths = [os.path.join(base, name) for name in shown]
            found = super().paths_of(paths, reader) if base != folder else ()
            if sheet := next((path for path in found if not (reader or self.reader).is_other(path)), ""):
                return sheet
        return ""

    def paths(self, reader: SheetReader | None = None) -> Iterator[str]:
        """Yield the sheets' paths, in the order of registration. See :meth:`FileDescriptor.paths`."""
        self.errors = ()
        self.doubts = ()
        return super().paths(reader)

    def _note(self, error: OSError) -> None:
        self.errors += (error,)

    def paths_of(self, items: Iterable[str], reader: SheetReader | None = None) -> Iterator[str]:
        """Yield the paths of the sheets in the folders *items*."""
        for folder in map(os.fspath, items):
            try:
                if not stat.S_ISDIR(os.stat(folder).st_mode):
                    continue
            except (FileNotFoundError, NotADirectoryError, ValueError):
                continue
            except OSError as error:
                self._note(error)
                continue
            if self.is_searched and not self._is_believed(folder, reader):
                continue
            is_recursive = self.info_of(folder, reader or self.reader).is_recursive
            limits = (reader or self.reader).limits
            try:
                if is_recursive:
                    below = folders_below(folder, limits, note=self._note)
                    paths = [os.path.join(base, name) for base, names in below for name in names]
                else:
                    paths = [os.path.join(folder, name) for name in names_in(folder, limits) if not name.startswith(".")]
            except OSError as error:
                self._note(error)
                continue
            found = sorted(super().paths_of(paths, reader), key=os.fsencode)
            yield from (path for path in found if not self.is_searched or self._is_believed(path, reader))

    def info_of(self, folder: str, reader: SheetReader) -> Info:
        """Return the settings of the nearest info file for one of the folders."""
        bounds = self._bounds
        return reader.info(folder, named=folder, bounds=None if bounds is None else bounds(os.path.join(folder, "")))

    def _is_believed(self, path: str, reader: SheetReader | None) -> bool:
        from ways.sheets.owners import doubt_of_configuration

        try:
            doubt = doubt_of_configuration(path, (reader or self.reader).owners)
        except OSError:
            # Reading it says why.
            return True
        self.doubts += (doubt,) if doubt else ()
        return doubt is None

    def root(self, path: str) -> str:
        """Return the folder that contains the sheet at *path*; the sheets in it may name each other."""
        folders = [os.fspath(folder) for folder in self.items]
        return next((folder for folder in folders if path.startswith(os.path.join(folder, ""))), os.path.dirname(path))

    def named(self, path: str) -> str:
        """Return the folder through which Ways reads the sheet at *path*."""
        folders = [os.fspath(folder) for folder in self.items]
        return next((folder for folder in folders if path == folder or path.startswith(os.path.join(folder, ""))), path)


def _is_info_file(path: str) -> bool:
    return os.path.basename(path).lower() in INFO_FILES


def _may_be_read(path: str) -> bool:
    """Whether *path* is a file. A file that can't be looked at and a link that leads nowhere count: reading them says why."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except ValueError:
        return False
    except (FileNotFoundError, NotADirectoryError):
        return os.path.islink(path)
    except OSError:
        return True


def call_with_reader(method: Any, *arguments: Any, reader: SheetReader | None) -> Any:
    """Call ``paths``, ``paths_of`` or ``unused`` of a descriptor; a subclass may define them without the argument *reader*."""
    # What wraps an older method takes any arguments, and hands them on; what is no function has no code.
    code = getattr(method, "__code__", None)
    takes_reader = code is not None and "reader" in code.co_varnames[: code.co_argcount]
    return method(*arguments, reader) if takes_reader else method(*arguments)
