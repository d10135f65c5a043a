"""Sheets in git repositories: those of one branch, tag or commit. Nothing of a repository runs."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from typing import TypeVar

from ways.sheets.document import Problem, Source
from ways.sheets.files import path_in, places_below
from ways.sheets.formats.base import Files
from ways.sheets.reader import SheetReader
from ways.sources.descriptors import FileDescriptor, FolderDescriptor, call_with_reader
from ways.sources.load_sheets import LoadedPlugins
from ways.sources.git_program import TIMEOUT, TRANSPORTS, GitError, GitLimitError, absolute_url, answer, git
from ways.sources.ownership import close_to_others, is_own_folder, make_own, weakness
from ways.sources.repository import (
    CommitFiles,
    cache_folder_of,
    check_out,
    commit_of,
    distrust,
    is_plain,
    names_in,
    repository_of,
    settings_that_run,
    tidy,
)
from ways.sources.tempdirs import exclusive, locked_tempdir

__all__ = ["GitError", "GitLocalDescriptor", "GitRemoteDescriptor", "GitRevisionDescriptor"]

DEFAULT_BRANCH = "master"
#: Says that a clone is ours, and may be brought up to date.
_MARK = os.path.join(".git", "ways-clone")
#: How the names of the folders begin in which clones are made.
_CLONE_PREFIX = ".ways-clone-"
_Result = TypeVar("_Result")


class _Revision(FileDescriptor):
    """Files and folders of a repository, as they are in one branch, tag or commit."""

    #: The repository's root on this disk.
    path: str
    #: What the repository is known by.
    address: str
    #: The commit that is read; ``None`` where the files that lie there are meant.
    commit: str | None = None

    def __init__(self, items: Iterable[str], branch: str) -> None:
        super().__init__(list(items))
        self.branch = branch
        self._files: CommitFiles | None = None

    def folder(self) -> str:
        """Return what stands before the paths of the sheets: the repository's path, with ``@`` and the revision for a commit."""
        if self.commit is None:
            return self.path
        # A revision such as ':/..' would lead elsewhere as part of a path.
        return f"{self.path}@{self.branch if is_plain(self.branch) else self.commit}"

    def _commit_files(self) -> CommitFiles | None:
        """Return the files of the commit, or ``None`` where the files that lie there are meant."""
        if self.commit is None:
            return None
        if self._files is None or (self._files.commit, self._files.root) != (self.commit, self.folder()):
            self._files = CommitFiles(self.path, self.commit, self.folder())
        return self._files

    def inside(self) -> list[str]:
        """Return the items, relative to the repository.

        :raises FileNotFoundError: an item is not inside it.
        """
        root = os.path.abspath(self.path)
        paths = [os.path.relpath(os.path.join(root, item), root) for item in self.items]
        for item, path in zip(self.items, paths):
            if path.split(os.sep)[0] == os.pardir:
                raise FileNotFoundError(2, f"{item!r} is not inside {self.address!r}")
        return paths

    def paths(self, reader: SheetReader | None = None) -> Iterator[str]:
        """Yield the paths of the sheets, as in their ``Source``, in the order of registration."""
        files = self._commit_files()
        if files is not None:
            with files:
                yield from [path_in(files, place) for place in self._places(files, reader or self.reader)]
            return
        for item in self.inside():
            yield from _sheets_at(os.path.normpath(os.path.join(self.path, item)), reader or self.reader, self.is_trusted)

    def _places(self, files: CommitFiles, reader: SheetReader) -> Iterator[str]:
        """Yield the sheets in the commit, as places below its root."""
        for item in map(_place, self.inside()):
            if not files.is_folder(item):
                yield from self._readable([item] if files.has(item) else [], reader)
                continue
            is_recursive = reader.info(path_in(files, item), files).is_recursive
            places = places_below(files, item, reader.limits, is_recursive=is_recursive)
            yield from sorted(self._readable(places, reader), key=os.fsencode)

    def load(self, reader: SheetReader) -> LoadedPlugins:
        """Return the plugins and problems of every sheet.

        :raises GitError: git can't give what the commit holds.
        """
        files = self._commit_files()
        if files is None:
            return super().load(reader)
        with files:
            places = list(self._places(files, reader))
            loaded = self._load_sheets(places, reader, within=files)
            if files.failure is not None:
                raise files.failure
        return loaded._replace(problems=(*loaded.problems, *call_with_reader(self.unused, reader=reader)))

    def is_found(self, path: str) -> bool:
        """Whether the sheet at a path was found in a folder that is named, rather than named itself."""
        if self.commit is not None:
            return path not in map(_place, self.inside())
        return path not in (os.path.normpath(os.path.join(self.path, item)) for item in self.inside())

    def unused(self, reader: SheetReader | None = None) -> Iterator[Problem]:
        """Yield a problem for each item that is a file, but not a sheet by its name."""
        files = self._commit_files()
        if files is None:
            yield from super().unused(reader)
            return
        with files:
            for item in map(_place, self.inside()):
                if not files.is_folder(item) and files.has(item) and self._is_no_sheet(item, reader):
                    yield self._no_sheet(path_in(files, item))

    def files(self, path: str) -> Files:
        """Return the files of the commit, or those that lie in the repository."""
        return self._commit_files() or super().files(path)

    has_bounds = True

    def root(self, path: str) -> str:
        """Return the folder that holds the repository's sheets: they may name each other, and nothing outside."""
        return self.folder()

    def named(self, path: str) -> str:
        """Return the repository."""
        return self.path

    def _check_items(self) -> None:
        """Check that all items are there.

        :raises FileNotFoundError: of the first that isn't there.
        """
        files = self._commit_files()
        with files or nullcontext():
            for item in self.inside():
                if not (os.path.exists(os.path.join(self.path, item)) if files is None else files.has(_place(item))):
                    where = f"{self.address!r}" if self.commit is None else f"{self.branch!r} of {self.address!r}"
                    raise FileNotFoundError(2, f"There is no {item!r} in {where}")
                if files is not None and files.is_folder(_place(item)):
                    # While git runs: a load of sheets that are all in the store starts none then.
                    files.list(_place(item))

    def _other_commit(self) -> str | None:
        """Return the commit to read, or ``None`` where the files that lie there are meant."""
        if not _exists(os.path.join(self.path, ".git")):
            return None
        if answer(self.path, "symbolic-ref", "--quiet", "--short", "HEAD") == self.branch:
            return None
        commit = commit_of(self.path, self.branch, f"refs/remotes/origin/{self.branch}")
        # 'master' is what is meant by saying nothing: many repositories have no branch of that name.
        if commit is None and self.branch != DEFAULT_BRANCH:
            raise self._no_such_branch()
        return commit

    def _no_such_branch(self) -> GitError:
        names = names_in(self.path) or "none"
        return GitError.final(f"{self.address!r} has no branch, tag or commit {self.branch!r}; it has {names}.")


class GitLocalDescriptor(_Revision):
    """Sheets of a repository on this disk.

    The files on disk if *branch* is the current branch, or if *path* isn't a repository. Any other branch, tag
    or commit is read from git itself, without changing the repository.

    :param path: the repository's root; if you pass several, the first.
    :param items: files and folders in it, absolute or relative to it.
    :param branch: a branch, tag or commit.
    :raises OSError: an item doesn't exist.
    :raises GitError: there is no such branch, tag or commit.
    """

    def __init__(self, path: str | Sequence[str], items: str | Iterable[str], branch: str = DEFAULT_BRANCH) -> None:
        self.path = os.fspath(path if isinstance(path, (str, os.PathLike)) else path[0])
        self.address = os.path.abspath(self.path)
        given = [items] if isinstance(items, (str, os.PathLike)) else items
        super().__init__((os.path.abspath(os.path.join(self.path, item)) for item in given), branch)
        self.commit = self._other_commit()
        self._check_items()

    def load(self, reader: SheetReader) -> LoadedPlugins:
        """Return the plugins and problems of every sheet, at the commit that the branch or tag points to now."""
        self.commit = self._other_commit()
        return super().load(reader)

    def _is_own(self) -> bool:
        # The caller has named the files that lie there, and may never have seen those of another revision.
        return self.commit is None


class GitRevisionDescriptor(_Revision):
    """Sheets of a local repository at one of its revisions, whatever its working files are.

    :param revision: a commit, as git names it: a branch, a tag, ``HEAD~2``.
    :param path: a file or folder, which need not exist any more; a relative one is relative to the
        current folder, or else to the repository.
    :raises GitError: *path* isn't in a repository, or there is no such revision.
    :raises OSError: the revision has no such file or folder.
    """

    def __init__(self, revision: str, path: str) -> None:
        self.path = self.address = repository_of(os.path.abspath(path))
        super().__init__([path], revision)
        self.commit = commit_of(self.path, revision, f"refs/remotes/origin/{revision}")
        if self.commit is None:
            raise self._no_such_branch()
        choices = [os.path.abspath(path), *(() if os.path.isabs(path) else [os.path.join(self.path, path)])]
        files = self._commit_files()
        with files or nullcontext():
            existing = (item for item in choices if files is not None and files.has(_place(os.path.relpath(item, self.path))))
            self.items = [next(existing, choices[-1])]
            self._check_items()

    @classmethod
    def of(cls, text: str) -> GitRevisionDescriptor:
        """Return the descriptor of ``REVISION:PATH``. Raises the same errors as the class."""
        revision, _, path = text.partition(":")
        return cls(revision, path)

    def shown(self, path: str) -> str:
        """Return the path of one of these sheets as git writes it: ``HEAD:sheets/jobs.yml``."""
        inside = os.path.relpath(path, self.folder())
        is_inside = inside.split(os.sep)[0] != os.pardir
        return f"{self.branch}:{inside.replace(os.sep, '/')}" if is_inside else path

    def _is_own(self) -> bool:
        return False


class GitRemoteDescriptor(_Revision):
    """Sheets of a remote repository: cloned once, fetched at each refresh, and read from the last good clone.

    :param url: what ``git clone`` takes.
    :param items: files and folders in it, relative to it.
    :param path: the folder to clone into; a folder that isn't empty is used as it is. If absent, a cache folder.
    :param branch: a branch, tag or commit.
    :raises OSError: an item doesn't exist.
    :raises GitError: it can't be cloned, or has no such branch, tag or commit.
    """

    def __init__(self, url: str, items: str | Iterable[str], path: str = "", branch: str = DEFAULT_BRANCH) -> None:
        super().__init__([items] if isinstance(items, (str, os.PathLike)) else items, branch)
        self.url = url
        self.address = absolute_url(url)
        self.path = path or os.path.join(cache_folder_of(self.address), "clone")
        self._shows_files = bool(path)
        self._is_loaded = False
        self._news: Problem | None = None
        self._with_whole_clone(self._prepare)

    def _prepare(self) -> None:
        holds_something = os.path.isdir(self.path) and bool(os.listdir(self.path))
        if not holds_something or not (self._is_clone or self._shows_files):
            self._clone()
        elif self._is_clone and self._in_clone(self.path) is None:
            # The branch may be younger than the clone.
            self._fetch()
        self.commit = self._wanted()
        self._check_items()

    def load(self, reader: SheetReader) -> LoadedPlugins:
        """Return the plugins of every sheet; from the second time on, fetch first."""
        loaded = self._with_whole_clone(lambda: self._load_news(reader))
        return loaded._replace(problems=(*loaded.problems, self._news)) if self._news else loaded

    def _load_news(self, reader: SheetReader) -> LoadedPlugins:
        if self._is_loaded and self._is_clone:
            self._fetch()
            self.commit = self._wanted()
            if self._news is None:
                self._check_out(self.path)
        self._is_loaded = True
        return super().load(reader)

    def _with_whole_clone(self, work: Callable[[], _Result]) -> _Result:
        """Return what *work* returns; if it fails, call it again, with a new clone if the one in the cache is damaged."""
        self._take_cache()
        try:
            return work()
        except GitError as error:
            if self._shows_files or error.is_final:
                raise
        # If it is whole, another process has just put one there.
        if not self._is_whole():
            self._clone()
        return work()

    def _take_cache(self) -> None:
        """Make the folder of the clone in the cache, and write the settings of the clone, if it is there, as we write them.

        :raises GitError: another user could change the clone.
        """
        if self._shows_files:
            return
        above = os.path.dirname(self.path)
        cache = os.path.dirname(os.path.dirname(above))
        os.makedirs(os.path.dirname(cache), exist_ok=True)
        make_own(cache, os.path.dirname(above), above)
        if reason := weakness(above):
            help = "close the folder to others, or name another one by XDG_CACHE_HOME"
            raise GitError.final(f"a clone must lie where nobody else can change it, and {reason}: {help}")
        if self._is_clone:
            inside = os.path.join(self.path, ".git")
            close_to_others(self.path)
            close_to_others(inside)
            distrust(inside)

    def _is_whole(self) -> bool:
        """Whether the clone in the cache is complete; a check that takes too long counts as yes."""
        try:
            if self._is_clone:
                git(self.path, "fsck", "--no-dangling")
        except GitError as error:
            return error.is_final
        return self._is_clone

    def _is_own(self) -> bool:
        # The sheets of a clone are written by others.
        return False

    @property
    def _is_clone(self) -> bool:
        """Whether the folder is a clone that we made, and may bring up to date. Raises OSError if it can't be looked at."""
        # What another user has put into the cache, and what leads out of it, is not of our make.
        is_ours = self._shows_files or all(map(is_own_folder, (self.path, os.path.join(self.path, ".git"))))
        return _exists(os.path.join(self.path, _MARK)) and is_ours

    def _clone(self, *, is_wanted: bool = False) -> None:
        """Make a clone.

        :param is_wanted: also in the place of one that looks whole.
        """
        above = os.path.dirname(os.path.abspath(self.path))
        os.makedirs(above, exist_ok=True)
        # Into a folder beside it first: a clone that breaks off leaves nothing that looks whole.
        with locked_tempdir(above, _CLONE_PREFIX) as beside:
            clone = os.path.join(beside, "clone")
            inside = os.path.join(clone, ".git")
            # All objects come by git's own transport, also from a folder: nothing of it is linked or copied as it is.
            options = ("--quiet", "--no-checkout", "--no-local", "--no-recurse-submodules", "--template=", "--origin=origin")
            git(beside, "clone", *options, "--", self.address, clone, transports=TRANSPORTS, growing=beside)
            if self._shows_files:
                close_to_others(inside)
            else:
                distrust(inside)
            self._check_out(clone)
            with open(os.path.join(clone, _MARK), "w", encoding="utf-8") as mark:
                mark.write(self.url)
            _put(clone, self.path, lambda: not is_wanted and self._may_stay())

    def _may_stay(self) -> bool:
        """Whether what lies in the place of a clone is one: another process has just made it.

        :raises FileExistsError: it is none, and not in the cache.
        """
        if self._shows_files and not self._is_clone:
            raise FileExistsError(17, f"{self.path!r} is in the way of a clone")
        return self._is_clone and (self._shows_files or self._is_whole())

    def _check_out(self, clone: str) -> None:
        """Show the files of the commit in a folder that the caller named; sheets are never read there."""
        commit = self._in_clone(clone) if self._shows_files else None
        if commit is not None:
            check_out(clone, commit)

    def _fetch(self) -> None:
        self._news = None
        inside = os.path.join(self.path, ".git")
        try:
            if self._shows_files:
                _check_own(self.path)
            # One after the other: git would let one of two fail. What is left in a folder that the caller named may be
            # the caller's own git at work.
            with exclusive(inside, TIMEOUT) as is_exclusive:
                if is_exclusive and not self._shows_files:
                    tidy(self.path)
                # A clone in the cache has no settings that name its remote.
                remote = ("origin",) if self._shows_files else (self.address, "+refs/heads/*:refs/remotes/origin/*")
                options = ("--quiet", "--prune", "--tags", "--force", "--no-recurse-submodules")
                try:
                    git(self.path, "fetch", *options, "--", *remote, transports=TRANSPORTS, growing=inside)
                except GitLimitError:
                    if is_exclusive and not self._shows_files:
                        tidy(self.path)
                    raise
                return
        except OSError as error:
            reason = error
        if not self._shows_files and not getattr(reason, "is_final", False):
            with suppress(OSError):
                # If it is the clone, another one helps; if it is the remote, there is none.
                self._clone(is_wanted=True)
                return
        message = f"no news from the remote, the last clone is used: {reason}"
        self._news = Problem(Source(self.url, "git"), message, "warning", "remote")

    def _wanted(self) -> str | None:
        if not self._is_clone:
            return self._other_commit()
        commit = self._in_clone(self.path)
        # A repository without any commit has no names at all.
        if commit is None and (self.branch != DEFAULT_BRANCH or names_in(self.path)):
            raise self._no_such_branch()
        return commit

    def _in_clone(self, clone: str) -> str | None:
        """Return the commit that is meant in a clone, whose own branches are as old as itself: the remote's count."""
        default = ["refs/remotes/origin/HEAD"] if self.branch == DEFAULT_BRANCH else []
        return commit_of(clone, f"refs/remotes/origin/{self.branch}", self.branch, *default)


def _check_own(clone: str) -> None:
    """Check that nobody but this user says what git does where it asks for news of a clone that the caller named.

    :raises GitError: another user could say it, or a setting of the clone does.
    """
    for folder in (clone, os.path.join(clone, ".git")):
        if reason := weakness(folder, above=False):
            raise GitError.final(f"{reason}, and could have git run anything: close it to others")
    if names := settings_that_run(clone):
        help = "fetch there yourself, or remove it"
        raise GitError.final(f"the clone has the setting {names[0]}, which could have git run something: {help}")


def _place(item: str) -> str:
    """Return a path below the repository as a place in a commit."""
    return "" if item == os.curdir else item.replace(os.sep, "/")


def _put(new: str, folder: str, is_whole: Callable[[], bool]) -> None:
    """Put a folder in the place of another, unless another process was first, and what it made is whole.

    :param new: lies in a temporary folder, which takes what was there before.
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


def _sheets_at(path: str, reader: SheetReader, is_trusted: bool) -> list[str]:
    """Return the sheets in a folder, or the one that *path* is.

    :raises OSError: *path*, or the folder, can't be looked at. A path at which there is nothing has no sheets.
    """
    try:
        is_folder = stat.S_ISDIR(os.stat(path).st_mode)
    except FileNotFoundError:
        is_folder = False
    if not is_folder:
        return list(FileDescriptor(path).paths(reader))
    folder = FolderDescriptor(path).with_trust(is_trusted)
    paths = list(folder.paths(reader))
    if folder.errors:
        raise folder.errors[0]
    return paths


def _exists(path: str) -> bool:
    """Whether there is anything at *path*.

    :raises OSError: that can't be known now; ``os.path.exists`` would say no, and no sheet would be read.
    """
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
