"""A git repository as the program ``git`` tells of it, and its sheets at one commit written out. Nothing of it is run."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from ways.errors import WaysError
from ways.sources.descriptors import FileDescriptor
from ways.sources.tempdirs import held, scratch

#: Seconds that one git command may take.
TIMEOUT = 120
#: No hooks, no helpers that a repository names.
_SAFE = ("-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "core.fsmonitor=false")
#: Nothing goes on in the background; what another process has locked just now is waited for, so many milliseconds.
_STEADY = ("-c", "gc.autoDetach=false", "-c", "core.filesRefLockTimeout=10000", "-c", "core.packedRefsTimeout=10000")
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

    #: Whether it would be the same with another clone.
    is_final = False

    @classmethod
    def final(cls, message: str) -> GitError:
        """Return an error that another clone would not mend."""
        error = cls(message)
        error.is_final = True
        return error


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
    command = ("git", *_SAFE, *_STEADY, "-C", folder, *arguments)
    environ = {**own, **_ENVIRONMENT, **ceiling}
    try:
        done = subprocess.run(command, capture_output=True, input=given, timeout=TIMEOUT, env=environ, pass_fds=held())
    except FileNotFoundError:
        raise GitError.final("git is not installed: sheets in git repositories need the program 'git'.") from None
    except subprocess.TimeoutExpired:
        raise GitError.final(f"git {arguments[0]} took more than {TIMEOUT} seconds.") from None
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
    """Return the cache folder for what is written out of one repository.

    :raises GitError: there is no place for it.
    """
    import platformdirs

    name = hashlib.sha256(repository.encode("utf-8", "surrogateescape")).hexdigest()[:20]
    cache = platformdirs.user_cache_dir("ways", appauthor=False)
    if not os.path.isabs(cache):
        raise GitError.final("there is no folder for sheets out of git: set HOME or XDG_CACHE_HOME to an absolute path.")
    return os.path.join(cache, "git", name)


def written_out(repository: str, commit: str, store: str) -> str:
    """Return the folder with the sheets of one commit; links that lead out are left.

    It is written first if need be, and again where anything there is not as the commit has it: a cache may be cleaned up
    in parts, and a disk may forget.
    """
    folder = os.path.join(store, commit)
    entries = list(_entries(repository, commit))
    if _is_whole(repository, entries, folder):
        # Those that were used last are kept.
        with suppress(OSError):
            os.utime(folder)
        return folder
    os.makedirs(store, mode=0o700, exist_ok=True)
    with scratch(store, ".new-") as place:
        new = os.path.join(place, "new")
        os.mkdir(new)
        _write_out(repository, entries, os.path.realpath(new))
        put(new, folder, lambda: _is_whole(repository, entries, folder))
    _drop_others(store, commit)
    return folder


def put(new: str, folder: str, is_whole: Callable[[], bool]) -> None:
    """Put a folder in the place of another, unless another process was first, and what it made is whole.

    :param new: lies in a scratch folder, which takes what was there before.
    """
    for _ in range(10):
        with suppress(OSError):
            # An empty one is in the way on Windows only.
            os.rmdir(folder)
        try:
            os.rename(new, folder)
        except OSError:
            if not os.path.lexists(folder):
                raise
        else:
            return
        if is_whole():
            return
        # Another process may just do the same.
        with suppress(FileNotFoundError):
            os.rename(folder, f"{new}.{time.monotonic_ns()}")
    raise GitError(f"{folder!r} can't be written: another process does so all the time.")


def _write_out(repository: str, entries: Sequence[_Entry], folder: str) -> None:
    # By plumbing rather than 'git archive' or a checkout: these run the filters that a repository's configuration names,
    # and leave out what its attributes say.
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


def _is_whole(repository: str, entries: Iterable[_Entry], folder: str) -> bool:
    """Whether a folder holds what is written out of these entries, to the byte, and nothing else."""
    wanted: dict[str, _Entry] = {}
    for entry in entries:
        wanted.setdefault(entry.path, entry)
    found = set(_files_in(folder))
    absent = [entry for path, entry in wanted.items() if path not in found]
    if not os.path.isdir(folder) or not found <= set(wanted) or not all(entry.is_link for entry in absent):
        return False
    if not all(_is_as(wanted[path], os.path.join(folder, path)) for path in found):
        return False
    real = os.path.realpath(folder)
    targets = zip(absent, _contents(repository, absent)) if absent else ()
    return not any(_leads_inside(os.path.join(real, os.path.dirname(entry.path), os.fsdecode(target)), real) for entry, target in targets)


def _files_in(folder: str, above: str = "") -> Iterator[str]:
    """Yield everything in a folder that is no folder, relative to it."""
    try:
        with os.scandir(os.path.join(folder, above)) as found:
            items = list(found)
    except OSError:
        return
    for item in items:
        path = f"{above}/{item.name}" if above else item.name
        if item.is_dir(follow_symlinks=False):
            yield from _files_in(folder, path)
        else:
            yield path


def _is_as(entry: _Entry, path: str) -> bool:
    """Whether what lies there is as the commit has it."""
    try:
        if os.path.islink(path) != entry.is_link:
            return False
        content = os.fsencode(os.readlink(path)) if entry.is_link else _content(path)
    except OSError:
        return False
    algorithm = "sha1" if len(entry.blob) == 40 else "sha256"
    told = hashlib.new(algorithm, b"blob %d\0" % len(content), usedforsecurity=False)
    told.update(content)
    return told.hexdigest() == entry.blob


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _leads_inside(path: str, folder: str) -> bool:
    """Whether there is something at a path, and it lies in *folder*, wherever links lead."""
    try:
        return os.path.realpath(path, strict=True).startswith(folder + os.sep)
    except (OSError, ValueError):
        return False


def _link(links: Iterable[tuple[str, str]], folder: str) -> None:
    """Make links, and then remove each that leads nowhere, or out of *folder*."""
    made = []
    for path, target in links:
        if not os.path.lexists(path) and "\0" not in target:
            os.symlink(target, path)
            made.append(path)
    for path in made:
        if not _leads_inside(path, folder):
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
    now = time.time_ns()
    ages: list[tuple[int, str]] = []
    with os.scandir(store) as found:
        for item in found:
            if len(item.name) == len(commit) and item.name != commit:
                # Another process may have dropped it just now.
                with suppress(OSError):
                    ages.append((abs(now - item.stat(follow_symlinks=False).st_mtime_ns), item.path))
    for _, path in sorted(ages)[2:]:
        shutil.rmtree(path, ignore_errors=True)


def tidy(clone: str) -> None:
    """Remove what a git that was killed left in a clone: locks, and packs that were never finished. Nobody else may use it."""
    inside = os.path.join(clone, ".git")
    for folder, _, names in os.walk(inside):
        is_objects = folder.startswith(os.path.join(inside, "objects"))
        for name in names:
            # A branch may be called like a pack, but none like a lock.
            if name.endswith(".lock") or is_objects and name.startswith("tmp_"):
                with suppress(OSError):
                    os.unlink(os.path.join(folder, name))
