"""Descriptions: what stands for a descriptor, as a path, an encoded text, a dict or an object, and the descriptor itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from types import FunctionType

from ways.errors import WaysError
from ways.settings import DESCRIPTORS_ENV_VAR
from ways.sources.descriptors import FileDescriptor, FolderDescriptor
from ways.usercode import Failed, call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: What people write between paths. The first two are hardly ever in one.
_SEPARATORS = (";", "|", ",")
#: How the names of archives end.
ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".zip")


class DescriptorError(WaysError, ValueError):
    """A description of which no descriptor can be made."""


def encode(obj: Mapping[str, object]) -> str:
    """Return a dict as URL-encoded text; each item of a sequence repeats the key."""
    from urllib.parse import urlencode

    # A path may have bytes that are no UTF-8.
    return urlencode(obj, doseq=True, errors="surrogateescape")


def decode(obj: str) -> dict[str, Any]:
    """Return the dict that *obj* encodes: single values are texts, repeated ones lists; ``{}`` for a plain path."""
    # Every encoded address has this sign; importing urllib costs 3 ms.
    if "=" not in obj:
        return {}
    from urllib.parse import parse_qs

    values = parse_qs(obj, errors="surrogateescape")
    return {key: items[0] if len(items) == 1 else items for key, items in values.items()}


def resolve_descriptor(description: Any) -> Any:
    """Return the descriptor that loads what *description* stands for, or ``None``.

    A text is a path if it exists on disk, otherwise an encoded dict. A dict has ``create_using`` (a dotted name, class or
    function; if absent, folders), and arguments for it. A class is called. A function, an object with
    ``get_plugins``, or a list of plugins is used as it is.
    """
    try:
        return make_descriptor(description)
    except DescriptorError:
        return None


def make_descriptor(description: Any) -> Any:
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
    if archive := _archive_above(text):
        return _archive(*archive)
    encoded = decode(text)
    if encoded:
        return _of_dict(encoded)
    raise DescriptorError(f"there is no file or folder {text!r}{_separated_in_words(text)}")


def _separated_in_words(text: str) -> str:
    """Return how to write paths that stand in *text* with a wrong separator between them; ``""`` where it looks like one path."""
    for separator in (*_SEPARATORS, *((":", None) if os.pathsep == ":" else ())):
        paths = [path.strip() for path in text.split(separator) if path.strip()]
        if len(paths) > 1 and (separator in _SEPARATORS[:2] or any(map(os.path.exists, paths))):
            return f"; if these are several, {DESCRIPTORS_ENV_VAR} separates them by {os.pathsep!r}: {os.pathsep.join(paths)}"
    return ""


def _archive(path: str, *items: str) -> Any:
    from ways.sources.archives import ArchiveDescriptor

    return ArchiveDescriptor(path, items)


def is_in_archive(path: str) -> bool:
    """Whether *path* leads into an archive: ``notes.tar/note.yml``. Doesn't look whether the archive has it."""
    return bool(_archive_above(path))


def _archive_above(text: str) -> tuple[str, ...]:
    """Return the path of the archive that a name of something in it begins with, and the rest, as in a Source; else ``()``."""
    folders = text.replace(os.sep, "/").split("/")
    for end in range(len(folders) - 1, 0, -1):
        path = "/".join(folders[:end])
        if path.lower().endswith(ARCHIVES) and os.path.isfile(path):
            inside = "/".join(part for part in folders[end:] if part not in ("", "."))
            return (path, inside) if inside else (path,)
    return ()


def _of_dict(description: Mapping[str, Any]) -> Any:
    maker = description.get("create_using", FolderDescriptor)
    arguments = {key: value for key, value in description.items() if key not in ("create_using", "uuid")}
    # The maker is foreign code; what it raises is the reason why there is no descriptor.
    descriptor = call(_called, maker, arguments)
    if isinstance(descriptor, Failed):
        raise DescriptorError(f"{maker!r} gives no descriptor: {descriptor}") from descriptor.error
    return descriptor


def _called(maker: Any, arguments: Mapping[str, Any]) -> Any:
    if isinstance(maker, str):
        from ways.usercode import import_object

        maker = import_object(maker)
    if not isinstance(maker, FunctionType):
        return maker(**arguments)
    if not arguments:
        return maker
    import inspect
    from functools import partial

    try:
        inspect.signature(maker).bind(**arguments)
    except TypeError:
        return maker
    return partial(maker, **arguments)


def default_folders() -> list[str]:
    """Return the folders whose sheets are used without WAYS_DESCRIPTORS: the site's, then the user's."""
    return [folder for folder in possible_folders() if os.path.isdir(folder)]


def possible_folders() -> list[str]:
    """Return the folders of :func:`default_folders`, with those that don't exist."""
    import platformdirs

    site = platformdirs.site_config_dir("ways", appauthor=False, multipath=True).split(os.pathsep)
    folders = [*reversed(site), platformdirs.user_config_dir("ways", appauthor=False)]
    return list(dict.fromkeys(folders))
