"""Whose a folder is: whether another user could change what this process finds in it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from ways.sheets.owners import is_private_group

#: How many links may lead from one to another.
_MAX_LINKS = 40


def weakness(folder: str, *, above: bool = True) -> str:
    """Return, in words, why another user could change what is in *folder*, or what it is; ``""`` if none but root could.

    It must be this user's own, and nobody else may write to it. The folders above it, and links on the way, must be this user's or
    root's, and nobody else may put another thing in their place. Lists of rights beside the mode (ACLs) aren't looked at.

    :param above: whether those above it are looked at.
    :raises OSError: it isn't there, or can't be looked at.
    """
    if os.name != "posix":
        return ""
    status = os.stat(folder)
    if status.st_uid != os.getuid():
        return f"{folder!r} belongs to another user"
    if _is_open(status):
        return f"others may write to {folder!r}"
    for path, _ in steps_to(folder) if above else ():
        status = os.lstat(path)
        if status.st_uid not in (0, os.getuid()):
            return f"{path!r} belongs to another user"
        # In a folder such as /tmp, whoever made a thing alone may remove it.
        if not stat.S_ISLNK(status.st_mode) and _is_open(status) and not status.st_mode & stat.S_ISVTX:
            return f"others may write to {path!r}"
    return ""


def steps_to(path: str) -> Iterator[tuple[str, bool]]:
    """Yield each folder and link that leads to *path*, itself at last, and whether it is a link.

    :raises OSError: too many links lead from one to another. All that can be followed were yielded.
    """
    drive, rest = os.path.splitdrive(os.path.abspath(path))
    here = drive + os.sep
    waiting = rest.split(os.sep)[::-1]
    links = 0
    yield here, False
    while waiting:
        part = waiting.pop()
        if part in ("", os.curdir):
            continue
        if part == os.pardir:
            here = os.path.dirname(here)
            continue
        step = os.path.join(here, part)
        try:
            target = os.readlink(step)
        except (OSError, ValueError):
            yield step, False
            here = step
            continue
        yield step, True
        links += 1
        if links > _MAX_LINKS:
            raise OSError(40, "Too many levels of symbolic links", path)
        drive, rest = os.path.splitdrive(target)
        here = drive + os.sep if os.path.isabs(target) else here
        waiting += rest.split(os.sep)[::-1]


def _is_open(status: os.stat_result) -> bool:
    """Whether another user may write to something of this mode; a group in which nobody else is doesn't count."""
    if status.st_mode & stat.S_IWOTH:
        return True
    return bool(status.st_mode & stat.S_IWGRP) and not is_private_group(status.st_gid)


def make_own(*folders: str) -> None:
    """Make each of *folders* that is missing, for this user alone; of one that is this user's, take the others' right to write.

    :raises OSError: one can't be made.
    """
    for folder in folders:
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            if not os.path.isdir(folder):
                raise
        close_to_others(folder)


def close_to_others(folder: str) -> None:
    """Take from others the right to write to a folder of this user's; one of another user, and a link, stay as they are.

    :raises OSError: it isn't there.
    """
    status = os.lstat(folder)
    if os.name == "posix" and status.st_uid == os.getuid() and stat.S_ISDIR(status.st_mode) and status.st_mode & 0o022:
        os.chmod(folder, stat.S_IMODE(status.st_mode) & ~0o022)


def is_own_folder(path: str) -> bool:
    """Whether there is a folder of this user's at *path*, and no link to one."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and (os.name != "posix" or status.st_uid == os.getuid())
