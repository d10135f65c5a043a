"""The secret of a user: 32 random bytes in a file that only he can read. What they seal, nobody else can have written."""

from __future__ import annotations

import os

from ways.logs import INFO, STORE, log
from ways.sheets.store.entry_file import BINARY, is_private, open_file

SIZE = 32
NAME = "store-secret"


def secret_in(folder: str) -> bytes | None:
    """Return the secret that lies in a folder; one is made if there is none. ``None`` if there can be none.

    The folder is made if it is missing. One that is a link, that others may write to, or that another owns has no secret,
    and nor has one where something else than a file of this user stands in its place.
    """
    if not os.path.isabs(folder):
        return None
    path = os.path.join(folder, NAME)
    try:
        found = _read(folder, path)
        if not found:
            # What others could read, or is damaged, is replaced; what another process made meanwhile stays.
            _make(folder, path, is_anew=found is not None)
            found = _read(folder, path)
        return found or None
    except OSError as error:
        log(STORE, INFO, "%s: there is no secret of the store: %s", path, error)
        return None


def _read(folder: str, path: str) -> bytes | None:
    """Return the secret at *path*; ``None`` if there is none, and no bytes if others could read it or it isn't whole.

    :raises OSError: it can't be read, or may not be believed.
    """
    try:
        if not is_private(os.lstat(folder)):
            raise PermissionError(folder)
        file = open_file(path)
    except FileNotFoundError:
        return None
    try:
        secret = os.read(file, SIZE + 1)
        is_open = os.name == "posix" and bool(os.fstat(file).st_mode & 0o077)
    finally:
        os.close(file)
    return b"" if is_open or len(secret) != SIZE else secret


def _make(folder: str, path: str, *, is_anew: bool) -> None:
    """Put a new secret in its place.

    :param is_anew: whether it takes the place of what is there.
    :raises OSError: it can't be done.
    """
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        if not is_private(os.lstat(folder)):
            raise PermissionError(folder) from None
    new = f"{path}.{os.getpid()}.{os.urandom(6).hex()}.new"
    try:
        file = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | BINARY, 0o600)
        try:
            os.write(file, os.urandom(SIZE))
        finally:
            os.close(file)
        if is_anew:
            os.replace(new, path)
        else:
            _put_first(new, path)
    finally:
        _remove(new)


def _put_first(new: str, path: str) -> None:
    """Give a file its name, unless another has it already."""
    try:
        os.link(new, path)
    except FileExistsError:
        return
    except (AttributeError, NotImplementedError, OSError):
        # There are file systems without links. The file that comes last stays: entries of the others are written anew.
        os.replace(new, path)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
