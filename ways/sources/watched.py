"""Where on disk descriptors look: what has to be watched, so that a change is noticed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ways.sources.descriptors import FileDescriptor, FolderDescriptor


class Places(NamedTuple):
    """Files and folders that are read, by their real paths; they need not exist."""

    #: Sheets, archives, and files that may appear.
    files: frozenset[str]
    #: Where a new sheet may appear.
    folders: frozenset[str]
    #: How the names of sheets end, in lower case.
    suffixes: tuple[str, ...]


def places_of(
    descriptors: Iterable[Any], descriptions: Iterable[Any], sheets: Iterable[str], *, suffixes: tuple[str, ...]
) -> Places:
    """Return where *descriptors* look, and what was read.

    :param descriptions: what no descriptor could be made of: a path may come to be there.
    :param sheets: the paths of the sheets that were read.
    """
    own = [descriptor for descriptor in descriptors if isinstance(descriptor, FileDescriptor)]
    folders = {_real(folder) for descriptor in own if isinstance(descriptor, FolderDescriptor) for folder in _folders(descriptor)}
    named = [item for descriptor in own if not isinstance(descriptor, FolderDescriptor) for item in _texts(descriptor.items)]
    paths = [*named, *_texts(descriptions), *sheets]
    # A sheet in an archive has the archive's path in its own: what is there is the archive.
    return Places(frozenset(map(_real, map(_there, paths))), frozenset(folders), suffixes)


def _folders(descriptor: FolderDescriptor) -> Iterator[str]:
    for folder in _texts(descriptor.items):
        yield folder
        if descriptor.reader.info(folder).is_recursive:
            yield from (base for base, _, _ in os.walk(folder))


def _texts(items: Iterable[Any]) -> Iterator[str]:
    return (os.fspath(item) for item in items if isinstance(item, (str, os.PathLike)) and "=" not in os.fspath(item))


def _there(path: str) -> str:
    """Return *path*, or the file above it that it is said to be in."""
    above = path
    while not os.path.lexists(above) and os.path.dirname(above) != above:
        above = os.path.dirname(above)
    return above if os.path.isfile(above) else path


def _real(path: str) -> str:
    # Of a link that is changed, the folder it stands in is told.
    path = os.path.abspath(path)
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
