"""A git repository as the program ``git`` tells of it, and its sheets at one commit written out. Nothing of it is run."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from ways.errors import WaysError
from ways.plugins.descriptors import FileDescriptor

#: Seconds that one git command may take.
TIMEOUT = 120
#: No hooks, no helpers that a repository names.
_SAFE = ("-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "core.fsmonitor=false")
#: No questions to a person, and no file fetched from elsewhere while another is read.
_ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
#: Variables that point git at another repository, as they do inside a hook: ``git rev-parse --local-env-vars``.
_OF_ANOTHER_REPOSITORY = frozenset(
    f"GIT_{name}"
    for name in (
        "ALTERNATE_OBJECT_DIRECTORIES COMMON_DIR CONFIG CONFIG_COUNT CONFIG_PARAMETERS DIR GRAFT_FILE IMPLICIT_WORK_TREE "
        "INDEX_FILE INTERNAL_SUPER_PREFIX NAMESPACE NO_REPLACE_OBJECTS OBJECT_DIRECTORY PREFIX REPLACE_REF_BASE SHALLOW_FILE "
        "WORK_TREE"
    ).split()
)
#: What no part of a path may have.
_SEPARATORS = "\\:" if os.name == "nt" else ""


class GitError(WaysError, OSError):
    """A git repository can't be read, or has no such branch, tag or commit."""


class _Entry(NamedTuple):
    """A file or link in a commit."""

    path: str
    blob: str
    is_link: bool


def git(folder: str, *arguments: str, given: bytes = b"") -> bytes:
    """Return what git prints in *folder*; *given* is what it reads.

    :raises GitError: it failed, took too long, or isn't there.
    """
    if any("\0" in argument for argument in (folder, *arguments)):
        raise GitError(f"git {arguments[0]} can't be asked of a name with a NUL character: {arguments[-1]!r}.")
    own = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_REPOSITORY}
    # A folder that merely lies inside a repository is none itself.
    ceiling = {"GIT_CEILING_DIRECTORIES": os.path.dirname(os.path.realpath(folder))}
    command = ("git", *_SAFE, "-C", folder, *arguments)
    try:
        done = subprocess.run(
            command, capture_output=True, input=given, timeout=TIMEOUT, env={**own, **_ENVIRONMENT, **ceiling}
        )
    except FileNotFoundError:
        raise GitError("git is not installed: sheets in git repositories need the program 'git'.") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git {arguments[0]} took more than {TIMEOUT} seconds.") from None
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(f"git {arguments[0]} failed: {told[-1] if told else f'exit {done.returncode}'}")
    return done.stdout


def answer(folder: str, *arguments: str) -> str | None:
    """Return what git prints in *folder* as a text, or ``None`` where it has no answer."""
    try:
        return git(folder, *arguments).decode("utf-8", "replace").strip()
    except GitError:
        return None


def repository_of(path: str) -> str:
    """Return the repository that an absolute path lies in, whether or not there is anything at the path itself.

    :raises GitError: it lies in none.
    """
    folder = path
    while not os.path.exists(os.path.join(folder, ".git")) and not _is_bare(folder):
        if os.path.dirname(folder) == folder:
            raise GitError(f"{path!r} is in no git repository.")
        folder = os.path.dirname(folder)
    return folder


def _is_bare(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "HEAD")) and os.path.isdir(os.path.join(folder, "objects"))


def commit_of(repository: str, *names: str) -> str | None:
    """Return the commit that the first known one of these names stands for: a branch, a tag or a commit."""
    for name in names:
        # No name of git's own starts so; an option must not be made of it, whatever git's version.
        if name.startswith("-"):
            continue
        found = answer(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if found:
            return found
    return None


def names_in(repository: str) -> str:
    """Return the branches and tags of a repository, the first twenty, as one text."""
    listed = git(repository, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
    return ", ".join(listed.decode("utf-8", "replace").split()[:20])


def store_of(repository: str) -> str:
    """Return the cache folder for what is written out of one repository."""
    import platformdirs

    name = hashlib.sha256(repository.encode("utf-8", "surrogateescape")).hexdigest()[:20]
    return os.path.join(platformdirs.user_cache_dir("ways", appauthor=False), "git", name)


def written_out(repository: str, commit: str, store: str) -> str:
    """Return the folder with the sheets of one commit, written there first if need be; links that lead out are left."""
    folder = os.path.join(store, commit)
    if os.path.isdir(folder):
        # Those that were used last are kept.
        with suppress(OSError):
            os.utime(folder)
        return folder
    os.makedirs(store, mode=0o700, exist_ok=True)
    place = tempfile.mkdtemp(prefix=".new-", dir=store)
    try:
        _write_out(repository, commit, os.path.realpath(place))
        os.rename(place, folder)
    except OSError:
        # Another process may have been first; what it wrote is the same.
        if not os.path.isdir(folder):
            raise
    finally:
        shutil.rmtree(place, ignore_errors=True)
    _drop_others(store, commit)
    return folder


def _write_out(repository: str, commit: str, folder: str) -> None:
    # By plumbing rather than 'git archive' or a checkout: these run the filters that a repository's configuration names,
    # and leave out what its attributes say.
    entries = list(_entries(repository, commit))
    # Every folder before any file, and links last: nothing is ever written through a link.
    for entry in entries:
        os.makedirs(os.path.join(folder, os.path.dirname(entry.path)), exist_ok=True)
    links = []
    for entry, content in zip(entries, _contents(repository, entries)):
        path = os.path.join(folder, entry.path)
        if entry.is_link:
            links.append((path, os.fsdecode(content)))
        # A hostile tree may name a file and a folder alike, or one file twice: the first counts.
        elif not os.path.exists(path):
            with open(path, "xb") as file:
                file.write(content)
    _link(links, folder)


def _link(links: Iterable[tuple[str, str]], folder: str) -> None:
    """Make links, and then remove each that leads nowhere, or out of *folder*."""
    made = []
    for path, target in links:
        if not os.path.lexists(path) and "\0" not in target:
            os.symlink(target, path)
            made.append(path)
    for path in made:
        try:
            is_inside = os.path.realpath(path, strict=True).startswith(folder + os.sep)
        except OSError:
            is_inside = False
        if not is_inside:
            os.unlink(path)


def _entries(repository: str, commit: str) -> Iterator[_Entry]:
    """Yield the sheets and links of a commit; what else it holds, no descriptor would read."""
    endings = FileDescriptor.get_supported_extensions()
    for line in git(repository, "ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]:
        about, _, name = line.partition(b"\t")
        mode, kind, blob = about.decode("ascii").split()
        path, is_link = os.fsdecode(name), mode == "120000"
        if kind == "blob" and (is_link or path.lower().endswith(endings)) and _is_plain(path):
            yield _Entry(path, blob, is_link)


def _is_plain(path: str) -> bool:
    """Whether a path leads down only: a hostile tree may hold others."""
    parts = path.split("/")
    return not any(part in ("", ".", "..") or any(mark in part for mark in _SEPARATORS) for part in parts)


def _contents(repository: str, entries: Sequence[_Entry]) -> Iterator[bytes]:
    """Yield the content of each entry."""
    told = git(repository, "cat-file", "--batch", given="".join(f"{entry.blob}\n" for entry in entries).encode("ascii"))
    start = 0
    for entry in entries:
        end = told.index(b"\n", start)
        about = told[start:end].split()
        if about[1:2] != [b"blob"]:
            raise GitError(f"{repository!r} doesn't hold the content of {entry.path!r}")
        size = int(about[2])
        yield told[end + 1 : end + 1 + size]
        # One line break follows the content.
        start = end + 1 + size + 1


def _drop_others(store: str, commit: str) -> None:
    """Keep the three newest commits of a store: others may be in use, but nothing may grow without end."""
    folders = [entry for entry in os.scandir(store) if entry.is_dir() and len(entry.name) == len(commit)]
    for entry in sorted(folders, key=lambda entry: entry.stat().st_mtime_ns, reverse=True)[3:]:
        if entry.name != commit:
            shutil.rmtree(entry.path, ignore_errors=True)
