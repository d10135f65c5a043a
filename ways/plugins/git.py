"""Sheets in git repositories: a revision is written out to a folder of its own, and nothing of it is run."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence

from ways.errors import WaysError
from ways.plugins.descriptors import FileDescriptor, FolderDescriptor
from ways.plugins.load import Loading
from ways.sheets.document import Problem, Source
from ways.sheets.reader import SheetReader

DEFAULT_BRANCH = "master"
#: Seconds that one git command may take.
TIMEOUT = 120
#: A clone must not run anything: no hooks, no helpers named by the remote, no questions to a person.
_SAFE = ("-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "core.fsmonitor=false")
_ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


class GitError(WaysError, OSError):
    """A git repository can't be read, or has no such branch, tag or commit."""


class _Revision(FileDescriptor):
    """Files and folders of a repository, as they are in one branch, tag or commit."""

    def __init__(self, items: Iterable[str], branch: str) -> None:
        super().__init__(list(items))
        self.branch = branch

    def folder(self) -> str:
        """Return the folder that holds the repository's files."""
        raise NotImplementedError

    def inside(self) -> list[str]:
        """Return the items, relative to the repository."""
        raise NotImplementedError

    def paths(self) -> Iterator[str]:
        """Yield the sheets' paths, in the order in which they are registered."""
        folder = self.folder()
        for item in self.inside():
            path = os.path.normpath(os.path.join(folder, item))
            yield from FolderDescriptor(path).paths() if os.path.isdir(path) else FileDescriptor(path).paths()


class GitLocalDescriptor(_Revision):
    """Sheets of a repository on this disk.

    The files as they lie there where its current branch is the one wanted, or where it is no repository; another
    branch, tag or commit is written out to a cache folder, and nothing in the repository changes.

    :param path: the repository's root; of several, the first.
    :param items: files and folders in it, absolute or relative to it.
    :param branch: a branch, tag or commit.
    :raises OSError: an item isn't there.
    :raises GitError: there is no such branch, tag or commit.
    """

    def __init__(self, path: str | Sequence[str], items: str | Iterable[str], branch: str = DEFAULT_BRANCH) -> None:
        self.path = os.fspath(path if isinstance(path, (str, os.PathLike)) else path[0])
        given = [items] if isinstance(items, str) else list(items)
        super().__init__((os.path.normpath(os.path.join(self.path, item)) for item in given), branch)
        self._commit = self._other_commit()
        self.is_trusted = self._commit is None
        folder = self.folder()
        for item in self.inside():
            if not os.path.exists(os.path.join(folder, item)):
                where = f"{self.path!r}" if self._commit is None else f"{branch!r} of {self.path!r}"
                raise FileNotFoundError(2, f"There is no {item!r} in {where}")

    def folder(self) -> str:
        """Return the folder that holds the repository's files."""
        return self.path if self._commit is None else written_out(self.path, self._commit, store_of(self.path))

    def inside(self) -> list[str]:
        """Return the items, relative to the repository."""
        return [os.path.relpath(item, self.path) for item in self.items]

    def load(self, reader: SheetReader) -> Loading:
        """Return the plugins of every sheet, and what is wrong with any; asks anew which commit is meant."""
        self._commit = self._other_commit()
        return super().load(reader)

    def _other_commit(self) -> str | None:
        """Return the commit to write out, or ``None`` where the files that lie there are meant."""
        if not os.path.exists(os.path.join(self.path, ".git")):
            return None
        if _current_branch(self.path) == self.branch:
            return None
        commit = _commit(self.path, self.branch)
        # 'master' is what is meant by saying nothing: many repositories have no branch of that name.
        if commit is None and self.branch == DEFAULT_BRANCH:
            return None
        if commit is None:
            raise GitError(f"{self.path!r} has no branch, tag or commit {self.branch!r}; it has {_names(self.path)}.")
        return commit


class GitRemoteDescriptor(_Revision):
    """Sheets of a repository elsewhere: cloned once, asked for news on refresh, and read from the last good clone.

    :param url: what ``git clone`` takes.
    :param items: files and folders in it, relative to it.
    :param path: the folder to clone into; a folder that holds something is used as it is. A cache folder, if empty.
    :param branch: a branch, tag or commit.
    :raises GitError: it can't be cloned, or has no such branch, tag or commit.
    """

    #: A clone is somebody else's text.
    is_trusted = False

    def __init__(self, url: str, items: str | Iterable[str], path: str = "", branch: str = DEFAULT_BRANCH) -> None:
        super().__init__([items] if isinstance(items, str) else items, branch)
        self.url = url
        self.path = path or os.path.join(store_of(url), "clone")
        self._is_loaded = False
        self._news: Problem | None = None
        self._is_own = not _holds_something(self.path) or os.path.exists(os.path.join(self.path, _MARK))
        if not _holds_something(self.path):
            self._clone()
        self.commit = self._wanted()

    def folder(self) -> str:
        """Return the folder that holds the repository's files."""
        return written_out(self.path, self.commit, store_of(self.url)) if self.commit else self.path

    def inside(self) -> list[str]:
        """Return the items, relative to the repository."""
        return [os.path.relpath(item, self.path) if os.path.isabs(item) else item for item in self.items]

    def load(self, reader: SheetReader) -> Loading:
        """Return the plugins of every sheet; from the second time on, ask the remote for news first."""
        if self._is_loaded and self._is_own:
            self._fetch()
            self.commit = self._wanted()
        self._is_loaded = True
        loading = super().load(reader)
        return loading._replace(problems=(*loading.problems, self._news)) if self._news else loading

    def _clone(self) -> None:
        os.makedirs(os.path.dirname(os.path.abspath(self.path)), exist_ok=True)
        # Into a folder beside it first: a clone that breaks off leaves nothing that looks whole.
        place = tempfile.mkdtemp(prefix=".clone-", dir=os.path.dirname(os.path.abspath(self.path)))
        try:
            _git(place, "clone", "--quiet", "--no-checkout", "--no-recurse-submodules", "--", self.url, place)
            if _commit(place, "HEAD"):
                _git(place, "checkout", "--quiet", "--detach", _commit(place, self.branch) or "HEAD")
            with open(os.path.join(place, _MARK), "w", encoding="utf-8") as mark:
                mark.write(self.url)
            if os.path.isdir(self.path):
                os.rmdir(self.path)
            os.rename(place, self.path)
        finally:
            # Gone by now, unless something broke off on the way.
            shutil.rmtree(place, ignore_errors=True)

    def _fetch(self) -> None:
        try:
            _git(self.path, "fetch", "--quiet", "--prune", "--tags", "--force", "origin")
            self._news = None
        except GitError as error:
            message = f"no news from the remote, the last clone is used: {error}"
            self._news = Problem(Source(self.url, "git"), message, "warning", "remote")

    def _wanted(self) -> str | None:
        commit = _commit(self.path, self.branch)
        if commit is None and self.branch == DEFAULT_BRANCH:
            return _commit(self.path, "origin/HEAD") if self._is_own else None
        if commit is None:
            raise GitError(f"{self.url!r} has no branch, tag or commit {self.branch!r}; it has {_names(self.path)}.")
        return commit


#: Says that a clone is ours, and may be brought up to date.
_MARK = os.path.join(".git", "ways-clone")


def store_of(repository: str) -> str:
    """Return the cache folder for what is written out of one repository."""
    import platformdirs

    name = hashlib.sha256(repository.encode("utf-8", "surrogateescape")).hexdigest()[:20]
    return os.path.join(platformdirs.user_cache_dir("ways", appauthor=False), "git", name)


def written_out(repository: str, commit: str, store: str) -> str:
    """Return the folder with the files of one commit, written there first if need be; links that lead out are left."""
    folder = os.path.join(store, commit)
    if os.path.isdir(folder):
        return folder
    os.makedirs(store, mode=0o700, exist_ok=True)
    archive = _git(repository, "archive", "--format=tar", commit)
    place = tempfile.mkdtemp(prefix=".new-", dir=store)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(place, filter=_only_inside)
    try:
        os.rename(place, folder)
    except OSError:
        # Another process was first; what it wrote is the same.
        shutil.rmtree(place, ignore_errors=True)
    _drop_others(store, commit)
    return folder


def _only_inside(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    try:
        return tarfile.data_filter(member, folder)
    except tarfile.FilterError:
        return None


def _drop_others(store: str, commit: str) -> None:
    """Keep the three newest commits of a store: others may be in use, but nothing may grow without end."""
    folders = [entry for entry in os.scandir(store) if entry.is_dir() and len(entry.name) == len(commit)]
    for entry in sorted(folders, key=lambda entry: entry.stat().st_mtime_ns, reverse=True)[3:]:
        if entry.name != commit:
            shutil.rmtree(entry.path, ignore_errors=True)


def _git(folder: str, *arguments: str) -> bytes:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ("git", *_SAFE, "-C", folder, *arguments)
    try:
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT, env={**environment, **_ENVIRONMENT}
        )
    except FileNotFoundError:
        raise GitError("git is not installed: sheets in git repositories need the program 'git'.") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git {arguments[0]} took more than {TIMEOUT} seconds.") from None
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(f"git {arguments[0]} failed: {told[-1] if told else f'exit {done.returncode}'}")
    return done.stdout


def _commit(repository: str, name: str) -> str | None:
    """Return the commit that a branch, tag or commit name stands for; a remote's branch before a local one."""
    if name.startswith("-"):
        return None
    for candidate in (f"refs/remotes/origin/{name}", name):
        try:
            found = _git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{candidate}^{{commit}}")
        except GitError:
            continue
        return found.decode("ascii").strip()
    return None


def _current_branch(repository: str) -> str:
    try:
        return _git(repository, "symbolic-ref", "--quiet", "--short", "HEAD").decode("utf-8").strip()
    except GitError:
        return ""


def _names(repository: str) -> str:
    listed = _git(repository, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
    return ", ".join(listed.decode("utf-8").split()[:20]) or "none"


def _holds_something(path: str) -> bool:
    return os.path.isdir(path) and bool(os.listdir(path))
