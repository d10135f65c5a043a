"""Addresses of Dioptra's resources in a git repository, as Dioptra writes them: ``URL;FOLDER,FOLDER#BRANCH``."""

from __future__ import annotations

import re
from typing import NamedTuple

from ways.api import GitRemoteDescriptor
from ways.errors import WaysError

_SAFE = re.compile(r"(?:https|ssh)://[^/\s-]|[\w.]+@\w[\w.-]*:", re.IGNORECASE)
_FILE = re.compile(r"file://|/|\.{1,2}/", re.IGNORECASE)


class GitAddressError(WaysError, ValueError):
    """An address of a git repository that Ways refuses to clone."""


class GitAddress(NamedTuple):
    """A repository, its branch or tag, and the folders that are needed."""

    url: str
    #: A branch, tag or commit; the repository's default branch, if empty.
    branch: str = ""
    #: The folders that Dioptra would check out, besides the files at the top; all, if empty.
    folders: tuple[str, ...] = ()


def parse_git_address(text: str, *, may_be_file: bool = False) -> GitAddress:
    """Return the parts of ``URL;FOLDER,FOLDER#BRANCH``. A folder may have slashes.

    >>> parse_git_address("https://h.org/o/r.git;extra/plugins,docs#dev")
    GitAddress(url='https://h.org/o/r.git', branch='dev', folders=('extra/plugins', 'docs'))

    :param may_be_file: whether it may be a path or ``file:`` too, besides ``https:`` and ``ssh:``.
    :raises GitAddressError: it is no such address, or git could take it for an option or a command.
    """
    address, _, branch = text.strip().partition("#")
    url, _, written = address.partition(";")
    if not (_SAFE.match(url) or (may_be_file and _FILE.match(url))):
        allowed = "https, ssh or file" if may_be_file else "https or ssh"
        raise GitAddressError(f"{text!r} is no address of a git repository over {allowed}")
    if branch.startswith("-"):
        raise GitAddressError(f"{branch!r} in {text!r} is no branch or tag")
    folders = tuple(folder.strip("/") for folder in written.split(",") if folder.strip("/"))
    if wrong := [folder for folder in folders if ".." in folder.split("/") or "\\" in folder]:
        raise GitAddressError(f"{wrong[0]!r} in {text!r} leads out of the repository")
    return GitAddress(url, branch, folders)


def git_source(text: str, config: str = "dioptra.toml", *, may_be_file: bool = False) -> GitRemoteDescriptor:
    """Return a descriptor of a repository's resource file: ``session.add_search_path(git_source(URL))``.

    The whole repository is cloned, once, whichever folders the address names.

    :param config: the resource file, from the repository's top.
    :param may_be_file: as in :func:`parse_git_address`.
    :raises GitAddressError: see :func:`parse_git_address`.
    :raises GitError: git can't clone it, or it has no such branch or tag.
    :raises OSError: it has no such file.
    """
    address = parse_git_address(text, may_be_file=may_be_file)
    options = {"branch": address.branch} if address.branch else {}
    return GitRemoteDescriptor(address.url, [config], **options)
