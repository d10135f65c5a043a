"""Snapshots as files: three lines of text, which say what it is, then the bytes of the Snapshot.

A file is believed to be whole, never to be anybody's in particular: its digest says nothing of who wrote it. So it is checked
as a sheet of a stranger is, and none of its code runs unless the caller trusts it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection

from ways import __version__
from ways.errors import SnapshotError
from ways.limits import Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MARK = b"ways snapshot\n"
#: Bytes of each of the lines before the snapshot, at most: the mark, the version of Ways, and the digest.
_MAX_LINE = 80
#: Fewer bytes than this are digested before hashlib is imported.
_SMALL = 256 << 10
_BINARY = getattr(os, "O_BINARY", 0)
#: A link isn't followed, and a pipe doesn't keep the reader waiting.
_PLAIN = _BINARY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def digest_of(body: bytes) -> str:
    """Return the SHA-256 of the bytes of a snapshot, as 64 hexadecimal digits."""
    sha256: Any = None
    # hashlib takes 4 ms to import, and is five times as fast.
    for module in ("_sha2", "_sha256") if len(body) < _SMALL else ():
        try:
            sha256 = __import__(module).sha256
            break
        except ImportError:
            continue
    if sha256 is None:
        from hashlib import sha256
    return str(sha256(body).hexdigest())


def save_body(body: bytes, version: str, path: str, *, force: bool = False) -> int:
    """Write the bytes of a snapshot to a file, whole or not at all; return its size.

    :param version: that of Ways.

    :param force: whether a file that is there is replaced. A link is replaced itself, and not what it leads to.
    :raises FileExistsError: something is there; with *force*, something that is neither file nor link.
    :raises OSError: it can't be written; what was there stays.
    """
    data = b"".join([MARK, version.encode(), b"\n", digest_of(body).encode(), b"\n", body])
    if os.path.lexists(path):
        mode = os.lstat(path).st_mode
        if not force or not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
    # Nobody who may write to the folder, too, can have put a link there: the name is new, and a file that is there isn't opened.
    new = f"{path}.{os.urandom(6).hex()}.new"
    # Nobody else may change it; whoever may read what this user writes may read it.
    file = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, 0o644)
    try:
        with open(file, "wb") as target:
            target.write(data)
            target.flush()
            os.fsync(file)
        if force:
            os.replace(new, path)
            return len(data)
        _put_if_free(new, path)
    except OSError:
        os.unlink(new)
        raise
    return len(data)


def _put_if_free(new: str, path: str) -> None:
    """Give a file another name, if there is nothing of that name; another process may have been first.

    :raises FileExistsError: there is.
    """
    try:
        os.link(new, path)
    except FileExistsError:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path) from None
    except OSError:
        # This file system has no second names.
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path) from None
        os.replace(new, path)
    else:
        os.unlink(new)


def read_body(path: str, *, limits: Limits, owners: Collection[str]) -> bytes:
    """Return the bytes of the snapshot in a file: whole, but maybe other than Ways writes.

    :param owners: the users, besides this one and root, whose files are believed.
    :raises SnapshotError: there is none, it isn't whole, another version of Ways made it, or another user may have changed it.
    """
    mark, version, digest, body = _read(path, limits, owners)
    if mark != MARK:
        raise refused(path, "it is no snapshot. Make one: ways snapshot FILE")
    if version != __version__.encode() + b"\n":
        written = version.decode("utf-8", "replace")[:40].rstrip()
        raise refused(path, f"Ways {written} made it, and this is {__version__}. Make it anew with this version, or use that one")
    if digest != digest_of(body).encode() + b"\n":
        raise refused(path, "it is not whole: its digest differs. Copy it again, or make it anew")
    return body


def _read(path: str, limits: Limits, owners: Collection[str]) -> list[bytes]:
    """Return the three lines of a file, and what stands behind them.

    :raises SnapshotError: it is no file that may be read.
    """
    try:
        if stat.S_ISLNK(os.lstat(path).st_mode):
            raise refused(path, f"it is a link, and a job must get the file that it was given. Name that: {os.path.realpath(path)}")
        with open(os.open(path, os.O_RDONLY | _PLAIN), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise refused(path, "it is no file")
            if reason := _doubt(status, owners):
                raise refused(path, reason)
            if status.st_size > limits.snapshot:
                message = f"expected {limits.expected('snapshot')}, found {status.st_size}. {limits.to_raise('snapshot', status.st_size)}"
                raise SnapshotError((), f"{path}: {message}")
            return [*(file.readline(_MAX_LINE) for _ in range(3)), file.read(limits.snapshot)]
    except (OSError, ValueError) as error:
        raise refused(path, getattr(error, "strerror", None) or str(error)) from error


def _doubt(status: os.stat_result, owners: Collection[str]) -> str:
    """Return why somebody else than this user, root and *owners* may have changed a file; ``""`` if nobody may."""
    if os.name != "posix" or (status.st_uid in (0, os.geteuid()) and not status.st_mode & 0o022):
        return ""
    from ways.sheets.owners import doubt_of_file

    return doubt_of_file(status, owners)


def refused(path: str, why: str) -> SnapshotError:
    """Return the error that a snapshot file is refused."""
    return SnapshotError((), f"{path}: the snapshot is refused: {why}.")
