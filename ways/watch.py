"""Watch: reads sheets again when they change, in its own thread. It is given four callables, and knows no session."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ways.errors import MissingExtraError
from ways.usercode import Failed, call
from ways.logs import ERROR, WATCH, log
from ways.sheets.document import Problem
from ways.sheets.reader import INFO_FILES
from ways.sources.origins import WatchedPaths

#: Seconds after which the thread looks whether it is to end.
_TICK = 0.25
#: Seconds to wait after the system refused to watch.
_PAUSE = 1.0
#: Looks at the stamps of all sheets take this part of the time at most.
_MOST_LOOKING = 0.02


class Watch:
    """Refreshes when a sheet changes, appears, or is renamed or removed. Runs until :meth:`stop`, or the end of its block.

    ``session.watch()`` makes one.

    :param refresh: reads everything again.
    :param problems: returns all current problems.
    :param places: returns the files and folders to watch now.
    :param is_stale: returns whether a sheet changed since it was read, judging by the stamps of files.
    :param on_refresh: called after each refresh with the paths that changed.
    :param on_problem: called with each new problem after a refresh.
    :param quiet: seconds without a change before the refresh, so that a series of changes is one refresh.
    :param poll: seconds between checks of all files, since the system doesn't report every change; 0 for none. Longer if
        a check takes long.
    :raises MissingExtraError: the package watchfiles isn't installed.
    """

    def __init__(
        self,
        refresh: Callable[[], object],
        problems: Callable[[], Iterable[Problem]],
        places: Callable[[], WatchedPaths],
        is_stale: Callable[[], bool],
        on_refresh: Callable[[frozenset[str]], object] | None = None,
        on_problem: Callable[[Problem], object] | None = None,
        *,
        quiet: float = 0.05,
        poll: float = 2.0,
    ) -> None:
        try:
            from watchfiles import watch
        except ImportError as error:
            raise MissingExtraError("watchfiles", "watch", "watched sheets") from error
        self._changes = watch
        self._read_again = refresh
        self._problems = problems
        self._places = places
        self._is_stale = is_stale
        self._on_refresh = on_refresh
        self._on_problem = on_problem
        self._quiet = quiet
        self._poll = poll
        self._known = set(problems())
        self._stop = threading.Event()
        self._ready = threading.Event()
        # No daemon: that would be cut off in the middle at the end of the process. It ends by itself with the main thread.
        self._thread = threading.Thread(target=self._run, name="ways.watch")
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether it still notices changes."""
        return self._thread.is_alive()

    def wait(self, seconds: float = 10.0) -> bool:
        """Wait until it notices changes, and return whether it does. Changes since the last load are included."""
        return self._ready.wait(seconds)

    def stop(self) -> None:
        """Stop watching; a running refresh finishes. You can call this twice, and from a callback."""
        self._stop.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def __enter__(self) -> Watch:
        self.wait()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _is_over(self) -> bool:
        return self._stop.is_set() or not threading.main_thread().is_alive()

    def _run(self) -> None:
        while not self._is_over():
            # The system's notices or another's descriptor may fail; the next change must be noticed all the same.
            outcome = call(self._watch_while_the_same)
            if isinstance(outcome, Failed):
                log(WATCH, ERROR, "watching the sheets failed; it goes on in %s s", _PAUSE, error=outcome.error)
                self._ready.clear()
                self._stop.wait(_PAUSE)

    def _watch_while_the_same(self) -> None:
        """Refresh at each change, until there is something else to watch."""
        scope = _Scope(self._places())
        due = time.monotonic() + self._poll
        for paths in self._noticed(scope.folders):
            if self._is_over():
                return
            relevant = frozenset(filter(scope.counts, paths)) | scope.replaced()
            # Once at first: something may have changed before the system began to report.
            if not relevant and (not self._ready.is_set() or (self._poll and time.monotonic() >= due)):
                begun = time.monotonic()
                is_stale = self._is_stale()
                due = time.monotonic() + max(self._poll, (time.monotonic() - begun) / _MOST_LOOKING)
            else:
                is_stale = False
            if relevant or is_stale:
                self._refresh(relevant)
            if paths.intersection(scope.folders) or (relevant and not scope.is_as(self._places())):
                # A folder of that name may be another one by now. The stamps show what changes until that one is watched.
                self._ready.clear()
                return
            self._ready.set()

    def _noticed(self, folders: Iterable[str]) -> Iterator[frozenset[str]]:
        """Yield the paths that changed; an empty set after each tick without changes."""
        quiet = max(1, int(1000 * self._quiet))
        batches = self._changes(
            *folders, watch_filter=None, step=quiet, debounce=max(1600, quiet), stop_event=self._stop,
            rust_timeout=int(1000 * _TICK), yield_on_timeout=True, raise_interrupt=False, recursive=False,
        )  # fmt: skip
        for changes in batches:
            folders_and_names = [os.path.split(path) for _, path in changes]
            yield frozenset(os.path.join(os.path.realpath(folder), name) for folder, name in folders_and_names)

    def _refresh(self, paths: frozenset[str]) -> None:
        self._read_again()
        problems = list(self._problems())
        new = [problem for problem in problems if problem not in self._known]
        self._known = set(problems)
        for problem in new:
            _call_back(self._on_problem, problem)
        _call_back(self._on_refresh, paths)


def _call_back(callback: Callable[[Any], object] | None, argument: Any) -> None:
    """Call what the user gave; an error that it raises is logged."""
    outcome = None if callback is None else call(callback, argument)
    if isinstance(outcome, Failed):
        log(WATCH, ERROR, "%r raised, called with %r", callback, argument, error=outcome.error)


class _Scope:
    """What is watched, and which changes there count."""

    def __init__(self, places: WatchedPaths) -> None:
        self._places = places
        #: What stood at each of the places that were named.
        self._identities = _identities(places.roots)
        everything = places.files | places.folders
        #: The folders in which an info file counts.
        self._beside = {os.path.dirname(path) for path in places.files} | places.folders
        #: Every folder above a file or folder that counts.
        self._above = {above for path in everything for above in _ancestors(path)}
        #: The folders whose entries are watched: that of each file, or the nearest above it that exists.
        self.folders = sorted(
            {_nearest_existing(folder) for folder in (*(os.path.dirname(path) for path in everything), *places.folders)}
        )

    def replaced(self) -> frozenset[str]:
        """Return the places that were named at which there is another folder now: what is above it may have been replaced.

        The system reports that of the folders that are watched alone.
        """
        return frozenset(path for path, there in _identities(self._places.roots).items() if there != self._identities[path])

    def is_as(self, places: WatchedPaths) -> bool:
        """Whether the same folders are to be watched for other places, and are still the same."""
        other = _Scope(places)
        return other.folders == self.folders and other._identities == self._identities

    def counts(self, path: str) -> bool:
        """Whether a change at *path* may change what is read."""
        folder, name = os.path.split(path)
        if path in self._places.files or path in self._places.folders or path in self._above:
            return True
        if folder in self._places.folders and (name.lower().endswith(self._places.suffixes) or os.path.isdir(path)):
            return True
        return folder in self._beside and name in INFO_FILES


def _identities(paths: Iterable[str]) -> dict[str, tuple[int, int] | None]:
    """Return which file or folder is at each path, links followed; ``None`` where there is none."""
    identities: dict[str, tuple[int, int] | None] = {}
    for path in paths:
        try:
            status = os.stat(path)
            identities[path] = (status.st_dev, status.st_ino)
        except (OSError, ValueError):
            identities[path] = None
    return identities


def _ancestors(path: str) -> Iterator[str]:
    while (above := os.path.dirname(path)) != path:
        yield above
        path = above


def _nearest_existing(folder: str) -> str:
    return next((path for path in (folder, *_ancestors(folder)) if os.path.isdir(path)), folder)
