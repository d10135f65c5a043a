"""Descriptors: where plugins are found; from a path, an encoded address, or anything that gives plugins."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FunctionType

from ways.errors import WaysError
from ways.usercode import Failed, call
from ways.sources.load import Loading, load_sheets
from ways.plugins.plugin import DataPlugin
from ways.sheets.document import Problem, Source
from ways.sheets.reader import INFO_FILE_NAMES, INFO_SUFFIXES, PLUGIN_INFO_FILE_NAME, SheetReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ways.sheets.formats.base import Files
    from ways.sheets.formats.table import FormatTable

__all__ = ["PLUGIN_INFO_FILE_NAME", "FileDescriptor", "FolderDescriptor", "decode", "encode", "resolve_descriptor"]

#: How the names of archives end.
ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".zip")
_INFO_FILES = frozenset(name + suffix for name in INFO_FILE_NAMES for suffix in INFO_SUFFIXES)


def encode(obj: Mapping[str, object]) -> str:
    """Return a dict as one text, URL-encoded; the items of a sequence each repeat their key."""
    from urllib.parse import urlencode

    # A path may have bytes that are no UTF-8.
    return urlencode(obj, doseq=True, errors="surrogateescape")


def decode(obj: str) -> dict[str, Any]:
    """Return the dict that *obj* encodes: one value as a text, a repeated one as a list; ``{}`` for a plain path."""
    # Only what stands in an encoded address has one of these; importing urllib costs 3 ms.
    if "=" not in obj:
        return {}
    from urllib.parse import parse_qs

    found = parse_qs(obj, errors="surrogateescape")
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}


class FileDescriptor:
    """Sheets named one by one, in the given order."""

    #: What the caller says of trust; ``None`` for nothing.
    trust: bool | None = None
    #: The formats of the session that loads it, if it has its own.
    formats: FormatTable | None = None

    def __init__(self, items: str | os.PathLike[str] | Iterable[str]) -> None:
        if isinstance(items, (str, os.PathLike)):
            items = [os.fspath(items)]
        # What can be gone through only once would be empty at the next refresh.
        self.items: Any = list(items) if isinstance(items, Iterator) else items
        self.reader = SheetReader()

    @property
    def is_trusted(self) -> bool:
        """Whether what the sheets name may run: as the caller says, else whether they are the caller's own."""
        return self._is_own() if self.trust is None else self.trust

    def _is_own(self) -> bool:
        return True

    def paths(self) -> Iterator[str]:
        """Yield the sheets' paths, in the order in which they are registered."""
        return self.paths_of(self.items)

    def paths_of(self, items: Iterable[str]) -> Iterator[str]:
        """Yield the paths of the sheets that *items* stand for."""
        paths = map(os.fspath, items)
        return (path for path in self._readable(paths) if _may_be_read(path))

    def _readable(self, paths: Iterable[str]) -> Iterable[str]:
        """Return those of *paths* that are sheets by name; of the session's own formats too, where it has any."""
        if self.formats is None:
            return self.filter_plugin_files(paths)
        paths = list(paths)
        usual, known = self.get_supported_extensions(), set(self.filter_plugin_files(paths))
        return [path for path in paths if path in known or self.formats.reads(path) and not path.lower().endswith(usual)]

    def load(self, reader: SheetReader) -> Loading:
        """Return the plugins of every sheet, and what is wrong with any."""
        self.formats = reader.own_formats
        loading = load_sheets(
            self.paths(), reader, is_trusted=self.is_trusted, trusts_foreign=self.trust is True, files=self.files
        )
        unused = tuple(self.unused())
        return loading._replace(problems=(*loading.problems, *unused)) if unused else loading

    def unused(self) -> Iterator[Problem]:
        """Yield a problem for each item that is there, and gives nothing."""
        for path in map(os.fspath, self.items):
            if path not in self._readable([path]) and os.path.isfile(path) and os.path.basename(path).lower() not in _INFO_FILES:
                endings = ", ".join(self.get_supported_extensions())
                message = f"expected a sheet, whose name ends with one of {endings}, found {os.path.basename(path)!r}: it was not read"
                yield Problem(Source(path), message, "warning", "format", endings)

    def files(self, path: str) -> Files:
        """Return the files that the sheet at *path* may list and read: those of its folder and below."""
        from ways.sheets.files import FolderFiles

        return FolderFiles(self.root(path))

    def root(self, path: str) -> str:
        """Return the folder that the sheet at *path* may not look out of."""
        return os.path.dirname(path)

    def get_plugins(self, items: Iterable[str] | None = None) -> list[tuple[DataPlugin, str]]:
        """Return each plugin with its assignment, from these items or from its own.

        :raises DuplicateUsesError: a plugin names a parent twice.
        """
        loading = self.load(self.reader) if items is None else self._load_items(items)
        if loading.errors:
            raise loading.errors[0]
        return [(plugin, plugin.assignment) for plugin in loading.plugins]

    def _load_items(self, items: Iterable[str]) -> Loading:
        paths = self.paths_of([items] if isinstance(items, str) else items)
        return load_sheets(paths, self.reader, is_trusted=self.is_trusted)

    @classmethod
    def get_supported_extensions(cls) -> tuple[str, ...]:
        """Return the endings of sheets, with their dots, in the order in which they are looked for."""
        return SheetReader().formats.suffixes

    @classmethod
    def filter_plugin_files(cls, items: Iterable[str]) -> Iterator[str]:
        """Yield those of *items* that are sheets by name: info files and other endings are left out."""
        suffixes = cls.get_supported_extensions()
        return (item for item in items if item.lower().endswith(suffixes) and os.path.basename(item).lower() not in _INFO_FILES)

    def get_plugin_info(self, path: str) -> dict[str, object]:
        """Return what the nearest info file says: ``assignment`` and ``recursive``, each with its default."""
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        info = self.reader.info(folder)
        return {"assignment": info.assignment or "master", "recursive": info.is_recursive}

    def __eq__(self, other: object) -> bool:
        return list(self.items) == list(other.items) if isinstance(other, FileDescriptor) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(items={self.items!r})"


class FolderDescriptor(FileDescriptor):
    """Every sheet in some folders: sorted within a folder, the folders in the given order.

    Below them too where the folder's info file says ``recursive: true``; hidden files only then.
    """

    #: What went wrong in listing the folders, the last time.
    errors: tuple[OSError, ...] = ()

    def unused(self) -> Iterator[Problem]:
        """Yield a problem for each folder whose sheets can't be listed."""
        for error in self.errors:
            message = f"expected a folder that can be listed, found: {error.strerror}"
            yield Problem(Source(error.filename), message, "error", "unreadable", found=error.strerror or "")

    def paths(self) -> Iterator[str]:
        """Yield the sheets' paths, in the order in which they are registered."""
        self.errors = ()
        return super().paths()

    def _note(self, error: OSError) -> None:
        self.errors += (error,)

    def paths_of(self, items: Iterable[str]) -> Iterator[str]:
        """Yield the paths of the sheets in the folders *items*."""
        return (path for folder in items for path in self._folder(os.fspath(folder)))

    def root(self, path: str) -> str:
        """Return which of the folders the sheet at *path* is in; the sheets below it may name each other."""
        folders = [os.fspath(folder) for folder in self.items]
        return next((folder for folder in folders if path.startswith(os.path.join(folder, ""))), os.path.dirname(path))

    def _folder(self, folder: str) -> list[str]:
        if not _is_folder(folder, self._note):
            return []
        is_recursive = self.reader.info(folder).is_recursive
        found = (_below if is_recursive else _directly_in)(folder, self._note)
        return sorted(super().paths_of(found), key=os.fsencode)


def _may_be_read(path: str) -> bool:
    """Whether *path* is a file. What can't be looked at, or leads nowhere, is told of rather than passed over."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except ValueError:
        return False
    except (FileNotFoundError, NotADirectoryError):
        return os.path.islink(path)
    except OSError:
        # Reading it will tell why.
        return True


def _is_folder(path: str, tell: Callable[[OSError], None]) -> bool:
    """Whether *path* is a folder; what keeps that from being known is told."""
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError as error:
        tell(error)
        return False


def _directly_in(folder: str, tell: Callable[[OSError], None]) -> Iterator[str]:
    try:
        names = os.listdir(folder)
    except OSError as error:
        tell(error)
        return iter(())
    return (os.path.join(folder, name) for name in names if not name.startswith("."))


def _below(folder: str, tell: Callable[[OSError], None]) -> Iterator[str]:
    return (os.path.join(base, name) for base, _, names in os.walk(folder, onerror=tell) for name in names)


class DescriptorError(WaysError, ValueError):
    """A description that nothing can be made of."""


def resolve_descriptor(description: Any) -> Any:
    """Return what gives the plugins that *description* stands for, or ``None``.

    A text is a path, if it is on disk, else an encoded dict. A dict has ``create_using`` (a dotted name, class or
    function; folders, if absent), and arguments for it. A class is called. A function, an object with
    ``get_plugins``, or a list of plugins is taken as it is.
    """
    try:
        return made(description)
    except DescriptorError:
        return None


def made(description: Any) -> Any:
    """Return what gives the plugins of *description*. See :func:`resolve_descriptor`.

    :raises DescriptorError: nothing can be made of it.
    """
    if isinstance(description, os.PathLike):
        description = os.fspath(description)
    if isinstance(description, str):
        return _of_text(description)
    if isinstance(description, Mapping):
        return _of_dict(description)
    if isinstance(description, type):
        return _of_dict({"create_using": description})
    is_list = isinstance(description, Iterable) and not isinstance(description, (bytes, bytearray))
    if is_list or callable(description) or hasattr(description, "get_plugins"):
        return description
    raise DescriptorError(f"expected a path, a dict or something that gives plugins, found {description!r}")


def _of_text(text: str) -> Any:
    if os.path.isdir(text):
        return FolderDescriptor(text)
    if text.lower().endswith(ARCHIVES) and os.path.isfile(text):
        return _archive(text)
    if os.path.isfile(text):
        return FileDescriptor(text)
    if (above := _archive_above(text)) is not None:
        return above
    encoded = decode(text)
    if encoded:
        return _of_dict(encoded)
    raise DescriptorError(f"there is no file or folder {text!r}")


def _archive(path: str, *items: str) -> Any:
    from ways.sources.archives import ArchiveDescriptor

    return ArchiveDescriptor(path, items)


def _archive_above(text: str) -> Any:
    """Return what gives one sheet in an archive, as a Source calls it: the archive's path, and the sheet's inside."""
    folders = text.replace(os.sep, "/").split("/")
    for end in range(len(folders) - 1, 0, -1):
        path = "/".join(folders[:end])
        if path.lower().endswith(ARCHIVES) and os.path.isfile(path):
            return _archive(path, "/".join(folders[end:]))
    return None


def _of_dict(description: Mapping[str, Any]) -> Any:
    maker = description.get("create_using", FolderDescriptor)
    arguments = {key: value for key, value in description.items() if key not in ("create_using", "uuid")}
    # The maker is foreign code; whatever it raises is why there is no descriptor.
    found = call(_made_by, maker, arguments)
    if isinstance(found, Failed):
        raise DescriptorError(f"{maker!r} gives no descriptor: {found}") from found.error
    return found


def _made_by(maker: Any, arguments: Mapping[str, Any]) -> Any:
    if isinstance(maker, str):
        from ways.usercode import import_object

        maker = import_object(maker)
    if isinstance(maker, FunctionType):
        from functools import partial

        return partial(maker, **arguments) if arguments and _takes(maker, arguments) else maker
    return maker(**arguments)


def _takes(function: Any, arguments: Mapping[str, Any]) -> bool:
    import inspect

    try:
        inspect.signature(function).bind(**arguments)
    except TypeError:
        return False
    return True
