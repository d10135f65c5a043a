"""A git repository, as the program ``git`` shows it: its names, and the files of one commit. Nothing of it runs."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import time
from contextlib import suppress
from typing import NamedTuple

from ways.lightweight import Lock
from ways.sheets.files import MAX_FILE, plain_place
from ways.sources import git_program
from ways.sources.git_program import GitError, GitLimitError, Guard, answer, git

#: Bytes of a commit and of a folder in it, as git keeps them.
MAX_TREE = 16 << 20
#: How many links may lead from one to another, and bytes of what a link leads to.
MAX_LINKS, MAX_TARGET = 40, 4096
#: Bytes of a line that says which object follows.
_MAX_LINE = 4096
#: How the modes of folders, files and links begin.
_KINDS = (b"4", b"10", b"12")
#: What no part of a path may have.
_SEPARATORS = "\\:" if os.name == "nt" else ""
#: Files of a commit that are written to a folder that the caller named.
MAX_SHOWN = 1_000_000
#: The settings of a clone in the cache; those that say how it keeps its objects, and what tells of them; what would lead git to
#: other settings, files or objects.
_SETTINGS = "[core]\n\trepositoryformatversion = {version}\n\tbare = true\n\tlogallrefupdates = true\n"
_EXTENSIONS = (
    (r"(?im)^\s*objectformat\s*=\s*sha256\s*$", "\tobjectformat = sha256\n"),
    (r"(?im)^\s*refstorage\s*=\s*reftable\s*$", "\trefstorage = reftable\n"),
)
_LEADING = ("commondir", "gitdir", "config.worktree", "objects/info/alternates", "objects/info/http-alternates", "info/grafts")
#: No filter of a commit's own choice, and no other that the user has set, changes a file where it is written.
_NO_FILTERS = "* -filter"
#: Settings that a repository may have for itself where git asks its remote for news: they run nothing.
_PLAIN_SETTINGS = re.compile(
    r"core\.(?:repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks)"
    r"|extensions\.(?:objectformat|refstorage)|remote\.[^\n]*\.(?:url|fetch)|branch\..*|user\.(?:name|email)",
)


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
    folders = ("refs/heads", "refs/tags", "refs/remotes")
    listed = git(repository, "for-each-ref", "--count=20", "--format=%(refname:short)", *folders)
    return ", ".join(listed.decode("utf-8", "replace").split())


def settings_that_run(repository: str) -> list[str]:
    """Return the names of the settings of a repository by which git might run a program, or go another way, where it asks a remote.

    :raises GitError: git can't tell them.
    """
    listed = git(repository, "config", "--local", "--no-includes", "--null", "--name-only", "--list").decode("utf-8", "replace")
    return [name for name in dict.fromkeys(listed.split("\0")) if name and not _PLAIN_SETTINGS.fullmatch(name)]


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


class _Entry(NamedTuple):
    """A file, link or folder of a commit."""

    id: str
    is_link: bool = False
    is_folder: bool = False


class CommitFiles:
    """The files of one commit, read from the repository itself: nothing is checked out, and nothing is written.

    A folder is read when something in it is asked for, so the others cost nothing. In a ``with`` block, one ``git cat-file`` runs
    from the first object that is read to the end of the block; outside of it, one for each. A link that leads out of the commit, or
    to nothing, is as good as absent.

    :param root: the name of the commit's root in a Source.
    """

    def __init__(self, repository: str, commit: str, root: str) -> None:
        self.root = root
        self.commit = commit
        #: Why git could not give a file that the commit has, in the block that was opened last: the repository is damaged.
        self.failure: GitError | None = None
        self._objects = ObjectReader(repository)
        self._lock = Lock()
        #: How many blocks are open.
        self._depth = 0
        self._targets: dict[str, str] = {}
        #: The folders that were read, by their ids.
        self._folders: dict[str, dict[str, _Entry]] = {}
        self._top: _Entry | None = None

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
                self._objects.close()

    def list(self, folder: str = "") -> list[str]:
        """Return the names in *folder*, sorted, each folder's with a slash at its end.

        :raises OSError: there is no such folder.
        :raises GitError: git can't give what it holds.
        """
        with self:
            entry = self._at(folder)
            if entry is None or not entry.is_folder:
                raise FileNotFoundError(2, "no such folder in the commit", folder)
            place = plain_place(folder)
            names = []
            for name, own in self._names(entry, place).items():
                target = self._at(f"{place}/{name}") if own.is_link else own
                if target is not None:
                    names.append(f"{name}/" if target.is_folder else name)
            return sorted(names)

    def is_link(self, path: str) -> bool:
        """Whether *path* itself is a link."""
        above, _, name = plain_place(path).rpartition("/")
        with self:
            folder = self._at(above)
            own = self._names(folder, above).get(name) if folder is not None and folder.is_folder else None
            return own is not None and own.is_link

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder at *path*, or a link to one."""
        entry = self._at(path)
        return entry is not None and entry.is_folder

    def has(self, path: str) -> bool:
        """Whether the commit has a file, a folder or a link at *path*."""
        with self:
            return self._at(path) is not None or self.is_link(path)

    def content_name(self, path: str) -> str:
        """Return the id of the blob at *path*, with the file's name, by which its format is chosen.

        :raises OSError: there is no such file.
        """
        return f"git blob {self._file(path).id} {path.rpartition('/')[2]}"

    def read(self, path: str) -> bytes:
        """Return what the file at *path* holds.

        :raises OSError: there is no such file, or it is greater than 64 MiB.
        :raises GitError: git can't give its content.
        """
        return self._content(self._file(path), path)

    def _file(self, path: str) -> _Entry:
        if os.pardir in path.split("/") or path.startswith("/"):
            raise PermissionError(13, "outside the commit", path)
        entry = self._at(path)
        if entry is None or entry.is_folder:
            raise FileNotFoundError(2, "no such file in the commit", path)
        return entry

    def _content(self, entry: _Entry, path: str) -> bytes:
        content = self._object(entry.id, "blob", path, MAX_FILE)
        if content is None:
            raise OSError(27, f"a file of more than {MAX_FILE} bytes", path)
        return content

    def _object(self, id: str, kind: str, path: str, most: int) -> bytes | None:
        """Return what an object holds; ``None`` if that is more than *most* bytes."""
        try:
            with self._lock, self:
                return self._objects.read(id, kind, path, most)
        except GitError as error:
            self.failure = self.failure or error
            raise

    def _names(self, folder: _Entry, path: str) -> dict[str, _Entry]:
        """Return what is in a folder, by its names."""
        names = self._folders.get(folder.id)
        if names is None:
            content = self._object(folder.id, "tree", path or "the commit", MAX_TREE)
            if content is None:
                raise OSError(27, f"a folder whose list has more than {MAX_TREE} bytes", path)
            names = self._folders[folder.id] = _entries(content, len(folder.id) // 2)
        return names

    def _root(self) -> _Entry:
        """Return the commit's folder."""
        if self._top is None:
            content = self._object(self.commit, "commit", "the commit", MAX_TREE)
            kind, _, id = (content or b"").partition(b"\n")[0].partition(b" ")
            if kind != b"tree" or len(id) != len(self.commit) or not id.isalnum():
                raise GitError(f"the commit {self.commit} names no folder")
            self._top = _Entry(id.decode("ascii", "replace"), is_folder=True)
        return self._top

    def _at(self, path: str) -> _Entry | None:
        """Return what *path* leads to, through links; ``None`` if there is nothing, or it lies outside."""
        with self:
            here = [("", self._root())]
            waiting = path.split("/")[::-1]
            links = 0
            while waiting:
                part = waiting.pop()
                if part in ("", os.curdir):
                    continue
                if part == os.pardir:
                    if len(here) == 1:
                        return None
                    here.pop()
                    continue
                place, folder = here[-1]
                entry = self._names(folder, place).get(part) if folder.is_folder else None
                if entry is None:
                    return None
                place = f"{place}/{part}" if place else part
                if not entry.is_link:
                    here.append((place, entry))
                    continue
                if entry.id not in self._targets:
                    self._targets[entry.id] = os.fsdecode(self._object(entry.id, "blob", place, MAX_TARGET) or b"/")
                target = self._targets[entry.id]
                links += 1
                if links > MAX_LINKS or target.startswith("/"):
                    return None
                waiting += target.split("/")[::-1]
            return here[-1][1]


def _entries(content: bytes, id_size: int) -> dict[str, _Entry]:
    """Return what a folder holds, as git keeps it: for each entry its mode, its name and its id.

    A hostile one may have a name several times: a folder goes before a file, a file before a link, the first before others.
    """
    entries: dict[str, _Entry] = {}
    at = 0
    while at < len(content):
        end = content.find(b"\0", at)
        mode, _, name = content[at:end].partition(b" ")
        at = end + 1 + id_size
        if end < 0 or at > len(content):
            break
        part = os.fsdecode(name)
        kind = mode.lstrip(b"0")[:-4]
        # The others are commits of submodules.
        if kind not in _KINDS or "/" in part or not is_plain(part):
            continue
        entry = _Entry(content[end + 1 : at].hex(), is_link=kind == b"12", is_folder=kind == b"4")
        before = entries.get(part)
        if before is None or (entry.is_folder, not entry.is_link) > (before.is_folder, not before.is_link):
            entries[part] = entry
    return entries


def is_plain(path: str) -> bool:
    """Whether a path leads down only: a hostile tree may hold others."""
    parts = path.split("/")
    return not any(part in ("", ".", "..") or any(mark in part for mark in _SEPARATORS) for part in parts)


class ObjectReader:
    """Reads objects by one ``git cat-file --batch``, which starts with the first and ends with :meth:`close`."""

    def __init__(self, repository: str) -> None:
        self._repository = repository
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None

    def read(self, id: str, kind: str, path: str, most: int = MAX_FILE) -> bytes | None:
        """Return the content of an object: a blob, a tree or a commit; ``None`` if that has more than *most* bytes.

        :param path: what an error calls it.
        :raises GitError: the repository doesn't hold it, or git failed or took too long.
        """
        process, guard = self._running()
        assert process.stdin is not None and process.stdout is not None
        guard.deadline = time.monotonic() + git_program.TIMEOUT
        try:
            process.stdin.write(f"{id}\n".encode("ascii"))
            process.stdin.flush()
            answer = process.stdout.readline(_MAX_LINE).split()
            if answer[1:2] != [kind.encode()]:
                guard.check()
                raise GitError(f"{self._repository!r} doesn't hold the content of {path!r}")
            size = int(answer[2])
            if size > most:
                # The program would go on writing the content.
                self.close()
                return None
            # One line break follows the content.
            content = process.stdout.read(size + 1)[:size]
            # The store relies on it that an id stands for one content.
            digest = hashlib.new("sha1" if len(id) == 40 else "sha256", b"%s %d\0" % (kind.encode(), size), usedforsecurity=False)
            digest.update(content)
            if digest.hexdigest() != id:
                guard.check()
                raise GitError(f"{self._repository!r} doesn't hold the content of {path!r}, but another in its place")
            return content
        except (OSError, ValueError) as error:
            self.close()
            guard.check()
            raise error if isinstance(error, GitError) else GitError(f"git cat-file failed: {error}") from error
        finally:
            guard.deadline = None

    def _running(self) -> tuple[subprocess.Popen[bytes], Guard]:
        """Return the program, which is started if it doesn't run."""
        if self._process is None or self._guard is None:
            own, pipe, nowhere = self._repository, subprocess.PIPE, subprocess.DEVNULL
            self._process = git_program.start(own, "cat-file", "--batch", stdin=pipe, stderr=nowhere)
            self._guard = Guard(self._process, "cat-file")
        return self._process, self._guard

    def close(self) -> None:
        """End the program, if it runs."""
        guard, self._process, self._guard = self._guard, None, None
        if guard is not None:
            # It may be waiting until more of a content is read.
            guard.close()


def distrust(inside: str) -> None:
    """Write the settings of a clone in the cache as we write them, and remove what would lead git to another place.

    :param inside: the clone's folder ``.git``.
    :raises OSError: it can't be written.
    """
    path = os.path.join(inside, "config")
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            found = file.read(MAX_TREE)
    except FileNotFoundError:
        found = ""
    extensions = [line for pattern, line in _EXTENSIONS if re.search(pattern, found)]
    wanted = _SETTINGS.format(version=int(bool(extensions))) + "".join(("[extensions]\n", *extensions) if extensions else ())
    if found != wanted:
        # If this process is killed now, the next one tidies up.
        new = f"{path}.{os.getpid()}.lock"
        with open(new, "w", encoding="utf-8") as file:
            file.write(wanted)
        os.replace(new, path)
    for name in _LEADING:
        with suppress(FileNotFoundError, NotADirectoryError):
            os.unlink(os.path.join(inside, name))


def check_out(clone: str, commit: str) -> None:
    """Show the files of a commit in a clone that the caller named, as they are: no filter changes one.

    :raises GitLimitError: they are too many, or too great.
    :raises OSError: the clone can't be written.
    """
    _check_measure(clone, commit)
    # This file counts before those in the commit.
    attributes = os.path.join(clone, ".git", "info", "attributes")
    os.makedirs(os.path.dirname(attributes), exist_ok=True)
    with open(attributes, "a+", encoding="utf-8", errors="surrogateescape") as file:
        file.seek(0)
        if _NO_FILTERS not in file.read().splitlines():
            file.write(f"{_NO_FILTERS}\n")
    answer(clone, "checkout", "--quiet", "--detach", commit)


def _check_measure(repository: str, commit: str) -> None:
    """Check that the files of a commit may be written out: a few trees may stand for millions of files.

    :raises GitLimitError: they are too many, or too great.
    """
    process = git_program.start(
        repository, "ls-tree", "-r", "-z", "-l", "--full-tree", commit, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    count = size = 0
    with Guard(process, "ls-tree") as guard:
        left = b""
        while data := process.stdout.read(1 << 16):
            *lines, left = (left + data).split(b"\0")
            count += len(lines)
            size += sum(int(number) for line in lines if (number := line.partition(b"\t")[0].split()[-1]).isdigit())
            if count > MAX_SHOWN or size > git_program.MAX_CLONE:
                most = f"{MAX_SHOWN} files and {git_program.MAX_CLONE >> 20} MiB"
                raise GitLimitError(f"expected at most {most} to be written, found more in the commit {commit}")
    guard.check()


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
