"""A git repository, as the program ``git`` shows it: its names, and the files of one commit. Nothing of it runs."""

from __future__ import annotations

import hashlib
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from ways.errors import WaysError
from ways.lightweight import Lock
from ways.sheets.files import MAX_FILE, plain_place
from ways.sources.tempdirs import inherited_fds

#: Seconds that one git command may take, and that reading one file of a commit may take.
TIMEOUT = 120
#: No hooks, no helpers that a repository names.
_SAFE = ("-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "core.fsmonitor=false")
#: Nothing goes on in the background; what another process has locked just now is waited for, so many milliseconds.
_STEADY = ("-c", "gc.autoDetach=false", "-c", "core.filesRefLockTimeout=10000", "-c", "core.packedRefsTimeout=10000")
#: No questions to a person, no file fetched from elsewhere while another is read, and no object served in the place of
#: another: a blob's id stands for its content.
_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1", "LC_ALL": "C",
}  # fmt: skip
#: Variables that point git at another repository, as they do inside a hook: ``git rev-parse --local-env-vars``.
_OF_ANOTHER_REPOSITORY = frozenset(
    f"GIT_{name}"
    for name in (
        "ALTERNATE_OBJECT_DIRECTORIES COMMON_DIR CONFIG CONFIG_COUNT CONFIG_PARAMETERS DIR GRAFT_FILE IMPLICIT_WORK_TREE "
        "INDEX_FILE INTERNAL_SUPER_PREFIX NAMESPACE NO_REPLACE_OBJECTS OBJECT_DIRECTORY PREFIX REPLACE_REF_BASE SHALLOW_FILE "
        "WORK_TREE"
    ).split()
)
#: Bytes that git may print of the paths of one commit: those of a million files.
MAX_LISTING = 128 << 20
#: How many links may lead from one to another.
MAX_LINKS = 40
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


def git(folder: str, *arguments: str) -> bytes:
    """Return what git prints in *folder*.

    :raises GitError: it failed, took too long, or isn't installed.
    """
    if any("\0" in argument for argument in (folder, *arguments)):
        raise GitError(f"git {arguments[0]} can't be asked of a name with a NUL character: {arguments[-1]!r}.")
    try:
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, **_process(folder, arguments)
        )
    except FileNotFoundError:
        raise _not_installed() from None
    except subprocess.TimeoutExpired:
        raise _too_late(arguments[0]) from None
    if done.returncode:
        raise _failure(arguments[0], done.returncode, done.stderr)
    return done.stdout


def _start(folder: str, *arguments: str, stdin: int, stderr: int) -> subprocess.Popen[bytes]:
    """Return a git that works in *folder*, and whose output the caller reads.

    :raises GitError: it isn't installed, or can't be started.
    """
    try:
        return subprocess.Popen(stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, **_process(folder, arguments))
    except FileNotFoundError:
        raise _not_installed() from None
    except OSError as error:
        raise GitError.final(f"git can't be started: {error}") from error


def _process(folder: str, arguments: Sequence[str]) -> dict[str, Any]:
    """Return how a git is started that works in *folder*, as arguments of :mod:`subprocess`."""
    own = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_REPOSITORY}
    # A folder that merely lies inside a repository is none itself.
    ceiling = {"GIT_CEILING_DIRECTORIES": os.path.dirname(os.path.realpath(folder))}
    command = ("git", *_SAFE, *_STEADY, "-C", folder, *arguments)
    return {"args": command, "env": {**own, **_ENVIRONMENT, **ceiling}, "pass_fds": inherited_fds()}


def _not_installed() -> GitError:
    return GitError.final("git is not installed: sheets in git repositories need the program 'git'.")


def _too_late(command: str) -> GitError:
    return GitError.final(f"git {command} took more than {TIMEOUT} seconds.")


def _failure(command: str, code: int, errors: bytes) -> GitError:
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    return GitError(f"git {command} failed: {lines[-1] if lines else f'exit {code}'}")


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
    while not os.path.exists(os.path.join(folder, ".git")):
        is_bare = os.path.isfile(os.path.join(folder, "HEAD")) and os.path.isdir(os.path.join(folder, "objects"))
        if is_bare:
            break
        if os.path.dirname(folder) == folder:
            raise GitError(f"{path!r} is in no git repository.")
        folder = os.path.dirname(folder)
    return folder


def commit_of(repository: str, *names: str) -> str | None:
    """Return the commit that the first known one of these names stands for: a branch, a tag or a commit."""
    for name in names:
        # No branch, tag or commit begins so, and some versions of git would take it for an option.
        if name.startswith("-"):
            continue
        commit = answer(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if commit:
            return commit
    return None


def names_in(repository: str) -> str:
    """Return the branches and tags of a repository, the first twenty, as one text."""
    listed = git(repository, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
    return ", ".join(listed.decode("utf-8", "replace").split()[:20])


def cache_folder_of(repository: str) -> str:
    """Return the cache folder for the clone of one repository.

    :raises GitError: no cache folder is known.
    """
    import platformdirs

    name = hashlib.sha256(repository.encode("utf-8", "surrogateescape")).hexdigest()[:20]
    cache = platformdirs.user_cache_dir("ways", appauthor=False)
    if not os.path.isabs(cache):
        raise GitError.final("there is no folder for sheets out of git: set HOME or XDG_CACHE_HOME to an absolute path.")
    return os.path.join(cache, "git", name)


class _Blob(NamedTuple):
    """A file or link of a commit."""

    id: str
    is_link: bool


class CommitFiles:
    """The files of one commit, read from the repository itself: nothing is checked out, and nothing is written.

    In a ``with`` block, one ``git cat-file`` runs from the first file that is read to the end of the block; outside of it,
    one for each file. A link that leads out of the commit, or to nothing, is as good as absent.

    :param root: the name of the commit's root in a Source.
    :raises GitError: git can't list the commit.
    """

    def __init__(self, repository: str, commit: str, root: str) -> None:
        self.root = root
        self.commit = commit
        #: Why git could not give a file that the commit has, in the block that was opened last: the repository is damaged.
        self.failure: GitError | None = None
        self._blobs = BlobReader(repository)
        self._lock = Lock()
        #: How many blocks are open.
        self._depth = 0
        self._targets: dict[str, str] = {}
        self._entries, self._folders = _listing(repository, commit)

    def __enter__(self) -> CommitFiles:
        with self._lock:
            if not self._depth:
                self.failure = None
            self._depth += 1
        return self

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._depth -= 1
            if not self._depth:
                self._blobs.close()

    def list(self, folder: str = "") -> list[str]:
        """Return the names in *folder*, sorted, each folder's with a slash at its end.

        :raises OSError: there is no such folder.
        """
        with self:
            place = self._resolved(folder)
            if place not in self._folders:
                raise FileNotFoundError(2, "no such folder in the commit", folder)
            names = []
            for name in self._folders[place]:
                target = self._resolved(f"{place}/{name}")
                if target is not None:
                    names.append(f"{name}/" if target in self._folders else name)
            return sorted(names)

    def is_link(self, path: str) -> bool:
        """Whether *path* itself is a link."""
        blob = self._entries.get(plain_place(path))
        return blob is not None and blob.is_link

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder at *path*, or a link to one."""
        return self._resolved(path) in self._folders

    def has(self, path: str) -> bool:
        """Whether the commit has a file, a folder or a link at *path*."""
        place = plain_place(path)
        return place in self._entries or place in self._folders or self._resolved(path) is not None

    def content_name(self, path: str) -> str:
        """Return the id of the blob at *path*, with the file's name, by which its format is chosen.

        :raises OSError: there is no such file.
        """
        return f"git blob {self._blob(path).id} {path.rpartition('/')[2]}"

    def read(self, path: str) -> bytes:
        """Return what the file at *path* holds.

        :raises OSError: there is no such file, or it is greater than 64 MiB.
        :raises GitError: git can't give its content.
        """
        return self._content(self._blob(path), path)

    def _blob(self, path: str) -> _Blob:
        if os.pardir in path.split("/") or path.startswith("/"):
            raise PermissionError(13, "outside the commit", path)
        place = self._resolved(path)
        if place is None or place not in self._entries:
            raise FileNotFoundError(2, "no such file in the commit", path)
        return self._entries[place]

    def _content(self, blob: _Blob, path: str) -> bytes:
        try:
            with self._lock, self:
                content = self._blobs.read(blob.id, path)
        except GitError as error:
            self.failure = self.failure or error
            raise
        if content is None:
            raise OSError(27, f"a file of more than {MAX_FILE} bytes", path)
        return content

    def _resolved(self, path: str) -> str | None:
        """Return the place that *path* leads to, through links; ``None`` if there is nothing, or it lies outside."""
        here: list[str] = []
        waiting = path.split("/")[::-1]
        links = 0
        while waiting:
            part = waiting.pop()
            if part in ("", os.curdir):
                continue
            if part == os.pardir:
                if not here:
                    return None
                here.pop()
                continue
            place = "/".join((*here, part))
            blob = self._entries.get(place)
            if blob is not None and blob.is_link:
                if blob.id not in self._targets:
                    self._targets[blob.id] = os.fsdecode(self._content(blob, place))
                target = self._targets[blob.id]
                links += 1
                if links > MAX_LINKS or target.startswith("/"):
                    return None
                waiting += target.split("/")[::-1]
            elif place in self._folders or (blob is not None and not waiting):
                here.append(part)
            else:
                return None
        return "/".join(here)


def _listing(repository: str, commit: str) -> tuple[dict[str, _Blob], dict[str, set[str]]]:
    """Return the files and links of a commit by their paths, and the names in each folder. Raises GitError.

    A hostile tree may give one path several times: a folder goes before a file, a file before a link, the first before others.
    """
    files: dict[str, _Blob] = {}
    links: dict[str, _Blob] = {}
    folders: dict[str, set[str]] = {"": set()}
    for line in _printed_tree(repository, commit).split(b"\0")[:-1]:
        about, _, name = line.partition(b"\t")
        mode, kind, blob = about.decode("ascii").split()
        path = os.fsdecode(name)
        if kind == "blob" and is_plain(path):
            is_link = mode == "120000"
            (links if is_link else files).setdefault(path, _Blob(blob, is_link))
            while path:
                path, _, below = path.rpartition("/")
                names = folders.setdefault(path, set())
                if below in names:
                    break
                names.add(below)
    return {path: blob for path, blob in {**links, **files}.items() if path not in folders}, folders


def _printed_tree(repository: str, commit: str) -> bytes:
    """Return what git prints of all files and links of a commit.

    :raises GitError: it failed, took too long, or printed too much: a few trees may stand for millions of paths.
    """
    start = time.monotonic()
    process = _start(
        repository, "ls-tree", "-r", "-z", "--full-tree", commit, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    ending = threading.Timer(TIMEOUT, process.kill)
    ending.start()
    try:
        # At the end of this block its output is closed, which ends it if it would print more.
        with process:
            assert process.stdout is not None and process.stderr is not None
            printed = process.stdout.read(MAX_LISTING + 1)
            if len(printed) > MAX_LISTING:
                raise GitError.final(f"git ls-tree printed more than {MAX_LISTING >> 20} MiB: the commit {commit} has too many files.")
            errors = process.stderr.read()
    finally:
        ending.cancel()
    if process.returncode and time.monotonic() - start >= TIMEOUT:
        raise _too_late("ls-tree")
    if process.returncode:
        raise _failure("ls-tree", process.returncode, errors)
    return printed


def is_plain(path: str) -> bool:
    """Whether a path leads down only: a hostile tree may hold others."""
    parts = path.split("/")
    return not any(part in ("", ".", "..") or any(mark in part for mark in _SEPARATORS) for part in parts)


class BlobReader:
    """Reads the contents of blobs by one ``git cat-file --batch``, which starts with the first and ends with :meth:`close`."""

    def __init__(self, repository: str) -> None:
        self._repository = repository
        self._process: subprocess.Popen[bytes] | None = None
        #: Until when the content must be there that is being read; ``None`` while none is.
        self._deadline: float | None = None
        #: Whether the program was ended because it took too long.
        self._is_late = False
        self._closed = threading.Event()

    def read(self, blob: str, path: str) -> bytes | None:
        """Return the content of a blob; ``None`` if that has more than 64 MiB.

        :param path: what an error calls the file.
        :raises GitError: the repository doesn't hold it, or git failed or took too long.
        """
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        self._deadline = time.monotonic() + TIMEOUT
        try:
            process.stdin.write(f"{blob}\n".encode("ascii"))
            process.stdin.flush()
            answer = process.stdout.readline().split()
            if answer[1:2] != [b"blob"]:
                raise GitError(f"{self._repository!r} doesn't hold the content of {path!r}")
            size = int(answer[2])
            if size > MAX_FILE:
                # The program would go on writing the content.
                self.close()
                return None
            # One line break follows the content.
            content = process.stdout.read(size + 1)[:size]
            # The store relies on it that an id stands for one content.
            digest = hashlib.new("sha1" if len(blob) == 40 else "sha256", b"blob %d\0" % size, usedforsecurity=False)
            digest.update(content)
            if digest.hexdigest() != blob:
                raise GitError(f"{self._repository!r} doesn't hold the content of {path!r}, but another in its place")
            return content
        except (OSError, ValueError) as error:
            self.close()
            if self._is_late:
                raise _too_late("cat-file") from None
            raise error if isinstance(error, GitError) else GitError(f"git cat-file failed: {error}") from error
        finally:
            self._deadline = None

    def _end_if_late(self, process: subprocess.Popen[bytes], closed: threading.Event) -> None:
        """End the program if it takes too long to give a content; runs in another thread until the reader is closed."""
        while not closed.wait(min(1, TIMEOUT)):
            deadline = self._deadline
            if deadline is not None and time.monotonic() > deadline:
                self._is_late = True
                process.kill()
                return

    def _running(self) -> subprocess.Popen[bytes]:
        """Return the program, which is started if it doesn't run."""
        if self._process is None:
            self._is_late = False
            self._closed = threading.Event()
            pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            self._process = _start(self._repository, "cat-file", "--batch", **pipes)
            threading.Thread(target=self._end_if_late, args=(self._process, self._closed), daemon=True).start()
        return self._process

    def close(self) -> None:
        """End the program, if it runs."""
        process, self._process = self._process, None
        self._closed.set()
        if process is not None:
            # It may be waiting until more of a content is read.
            process.kill()
            with suppress(OSError):
                process.communicate()


def tidy(clone: str) -> None:
    """Remove what a killed git left in a clone: locks, and packs that were never finished. No other process may use it now."""
    inside = os.path.join(clone, ".git")
    for folder, _, names in os.walk(inside):
        is_objects = folder.startswith(os.path.join(inside, "objects"))
        for name in names:
            # A branch may be called like a pack, but none like a lock.
            if name.endswith(".lock") or is_objects and name.startswith("tmp_"):
                with suppress(OSError):
                    os.unlink(os.path.join(folder, name))
