"""Whose files are believed that nobody named: info files above a sheet, and what lies in configuration folders.

See ``docs/explanation/security.rst``. Windows says of no file who may write to it, so there all are believed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator

from ways.sheets.document import Problem, Source

#: Stands for every user.
ANYBODY = "*"
_HELP = "If it is meant, set WAYS_OWNERS={name}."
#: Links in a row that are followed; systems end at as many.
_MOST_LINKS = 40


def doubt(path: str, status: os.stat_result, named: str, owners: Collection[str]) -> Problem | None:
    """Return why an info file isn't believed; ``None`` if it is.

    It is believed if it and its folder belong to this user, to root, to the owner of what was named or to one of *owners*, and
    nobody else may write to them, unless he may write to what was named as well. Where it is a link, so must be what it leads
    to, with all links on the way.

    :param status: of the file, once it is open.
    :param named: the file or folder that was named, and above which the info file was searched.
    :param owners: names or numbers of users, or :data:`ANYBODY`.
    """
    if os.name != "posix" or ANYBODY in owners:
        return None
    below = _status(named)
    believed = _believed(owners) | ({below.st_uid} if below is not None else set())
    for owned, each in ((path, status), *_steps(path)):
        if each.st_uid not in believed:
            return _problem(path, f"{_called(owned, path)} belongs to {_user(each.st_uid)}", named, _name(each.st_uid))
        if not stat.S_ISLNK(each.st_mode) and (others := _writers(each, below)):
            return _problem(path, f"{others} may write to {_called(owned, path)}", named, ANYBODY)
    return None


def _steps(path: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield a file and its folder, then, where it is a link, what it leads to and the folder of that, and so on.

    A link belongs to the user who made it, whatever it leads to.
    """
    for _ in range(_MOST_LINKS):
        folder = os.path.dirname(path)
        found = os.lstat(path)
        yield path, found
        yield folder, os.stat(folder)
        if not stat.S_ISLNK(found.st_mode):
            return
        path = os.path.join(folder, os.readlink(path))


def doubt_of_configuration(path: str, owners: Collection[str]) -> Problem | None:
    """Return why a configuration folder, or a sheet in one, isn't believed; ``None`` if it is.

    It is believed if it belongs to this user, to root or to one of *owners*, and nobody else may write to it, nor to a folder
    above it.
    """
    if os.name != "posix" or ANYBODY in owners:
        return None
    believed = _believed(owners)
    for each in (os.lstat(path), os.stat(path)):
        if each.st_uid not in believed:
            return _problem(path, f"it belongs to {_user(each.st_uid)}", "", _name(each.st_uid))
        if not stat.S_ISLNK(each.st_mode) and (others := _writers(each, None)):
            return _problem(path, f"{others} may write to it", "", ANYBODY)
    above = os.path.dirname(os.path.realpath(path))
    while above != os.path.dirname(above):
        if os.stat(above).st_mode & (stat.S_IWOTH | stat.S_ISVTX) == stat.S_IWOTH:
            return _problem(path, f"anybody may write to {above!r}", "", ANYBODY)
        above = os.path.dirname(above)
    return None


def doubt_of_file(status: os.stat_result, owners: Collection[str]) -> str:
    """Return why somebody else than this user, root and *owners* may have changed a file, with what would help; ``""`` if nobody may."""
    if os.name != "posix" or ANYBODY in owners:
        return ""
    if status.st_uid not in _believed(owners):
        return f"it belongs to {_user(status.st_uid)}. {_HELP.format(name=_name(status.st_uid))[:-1]}"
    others = _writers(status, None)
    return f"{others} may write to it. {_HELP.format(name=ANYBODY)[:-1]}" if others else ""


def _believed(owners: Collection[str]) -> set[int]:
    users = {0, os.geteuid()}
    for name in owners:
        if name.isdecimal():
            users.add(int(name))
        elif name:
            import pwd

            try:
                users.add(pwd.getpwnam(name).pw_uid)
            except KeyError:
                continue
    return users


def _writers(status: os.stat_result, below: os.stat_result | None) -> str:
    """Return who else may write to a file, or change what lies in a folder: not those who may do so to *below* as well."""
    mode = status.st_mode
    if stat.S_ISDIR(mode) and mode & stat.S_ISVTX:
        # There each changes only what is his own, and that is looked at by itself.
        return ""
    if mode & stat.S_IWOTH and not (below is not None and below.st_mode & stat.S_IWOTH):
        return "anybody"
    is_shared = below is not None and below.st_mode & stat.S_IWGRP and below.st_gid == status.st_gid
    if mode & stat.S_IWGRP and not is_shared and not is_private_group(status.st_gid):
        return f"the group {_group(status.st_gid)}"
    return ""


def is_private_group(group: int) -> bool:
    """Whether nobody is in a group but root, or this user: many systems give each user a group of his name."""
    if group == 0:
        return True
    import grp
    import pwd

    try:
        name, found = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(group)
    except KeyError:
        return False
    return found.gr_name == name and not set(found.gr_mem) - {name}


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None


def _problem(path: str, reason: str, named: str, allowed: str) -> Problem:
    what = f"an info file, searched above {named!r}, is not believed" if named else "it lies in a configuration folder, and is not believed"
    return Problem(Source(path), f"{what}: {reason}", "warning", "owner", found=reason, help=_HELP.format(name=allowed))


def _called(path: str, file: str) -> str:
    if path == file:
        return "it"
    return f"its folder {path!r}" if path == os.path.dirname(file) else f"{path!r}, to which it leads,"


def _name(user: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def _user(user: int) -> str:
    name = _name(user)
    return f"the user {name}" if name == str(user) else f"{name} (user {user})"


def _group(group: int) -> str:
    import grp

    try:
        return grp.getgrgid(group).gr_name
    except KeyError:
        return str(group)
