"""Faults of one process: it ends, or a call fails, at the nth thing that it does below a folder."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

#: What ends the process, beside the names of errno, which a call fails with.
KILL = "kill"
#: Seconds after which a process that was started here is one that hangs.
PATIENCE = 300


class Fault(NamedTuple):
    """What happens, and when."""

    #: Where a thing must be done to count; ``""`` for programs that are started.
    folder: str
    #: The number of the thing, from 1 on; 0 for none.
    at: int
    harm: str = KILL
    #: How many things fail from then on; a process that ended does none.
    times: int = 1


class Ended(NamedTuple):
    """How a process ended."""

    #: What it gave; ``None`` if it ended before that.
    given: Any
    was_killed: bool
    #: What it wrote to stderr, or why it failed.
    told: str
    #: How many things it did below the folder.
    steps: int


class _Steps:
    """Counts what a process does below a folder, and does harm at the right moment."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.count = 0
        self._files: set[int] = set()
        self._is_busy = False

    def start(self) -> None:
        """Begin to count. There is no way back: this is for a process that ends soon."""
        self._open, self._write, self._close = os.open, os.write, os.close
        os.open, os.write, os.close = self.open, self.write, self.close  # type: ignore[assignment]
        os.pread, os.read, os.fstat, os.stat = map(self._counted, (os.pread, os.read, os.fstat, os.stat))  # type: ignore[assignment]
        sys.addaudithook(self.audit)

    def step(self) -> None:
        """Count one thing, and do harm if it is the one."""
        self.count += 1
        fault = self.fault
        if not fault.at <= self.count < fault.at + fault.times or not fault.at:
            return
        if fault.harm == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(getattr(errno, fault.harm), os.strerror(getattr(errno, fault.harm)))

    def audit(self, event: str, told: tuple[Any, ...]) -> None:
        """Take what Python tells of: files opened, renamed, removed, folders made and listed, programs started."""
        if self._is_busy or not event.startswith(("open", "os.", "shutil.", "subprocess.")):
            return
        self._is_busy = True
        try:
            if event == "subprocess.Popen" if not self.fault.folder else any(map(self._is_below, told[:2])):
                self.step()
        finally:
            self._is_busy = False

    def _is_below(self, path: Any) -> bool:
        return isinstance(path, str) and path.startswith(self.fault.folder)

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        return lambda what, *more, **named: (self._took(what), call(what, *more, **named))[1]

    def _took(self, what: Any) -> None:
        if what in self._files if isinstance(what, int) else self.fault.folder and self._is_below(what):
            self.step()

    def open(self, path: Any, *more: Any, **named: Any) -> int:
        """Open a file, and remember it if it lies below the folder."""
        file = self._open(path, *more, **named)
        if self.fault.folder and self._is_below(path):
            self._files.add(file)
        return file

    def write(self, file: int, data: Any) -> int:
        """Write in two halves: a process that ends leaves whatever it has written."""
        if file not in self._files:
            return self._write(file, data)
        self.step()
        half = self._write(file, data[: len(data) // 2]) if len(data) > 1 else 0
        self.step()
        return half or self._write(file, data)

    def close(self, file: int) -> None:
        """Close a file; one that can't be closed without an error is closed all the same, as the system does."""
        is_ours = file in self._files
        self._files.discard(file)
        self._close(file)
        if is_ours:
            self.step()


def ended(work: Callable[[], Any], fault: Fault | None = None, before: Callable[[], object] = lambda: None) -> Ended:
    """Run *work* in a process of its own, a copy of this one, and return how it ended.

    :param before: what that process does first: it may give up rights, or lower its limits.
    """
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as told:
        child = os.fork()
        if not child:
            _work(work, fault or Fault("", 0), before, answer.fileno(), told.fileno())
        status = _status(child)
        answer.seek(0)
        told.seek(0)
        text, words = answer.read(), told.read().decode("utf-8", "replace")
    given, steps = json.loads(text) if text else (None, 0)
    return Ended(given, status == -signal.SIGKILL, words if not status or words else f"it ended with {status}", steps)


def _work(work: Callable[[], Any], fault: Fault, before: Callable[[], object], answer: int, told: int) -> None:
    """Do the work of a copy of this process, which ends here whatever happens."""
    status = 1
    try:
        os.dup2(told, 2)
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)
        signal.alarm(PATIENCE)
        steps = _Steps(fault)
        before()
        steps.start()
        given = work()
        # What is written down must not count, nor fail.
        steps.fault = Fault("", 0)
        with open(answer, "w", encoding="utf-8", closefd=False) as file:
            json.dump((given, steps.count), file)
        status = 0
    except BaseException:  # noqa: B902  # Nothing may come back to the caller of fork.
        import traceback

        traceback.print_exc(file=sys.stderr)
        sys.stderr.flush()
    finally:
        os._exit(status)


def _status(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@contextmanager
def folder() -> Iterator[str]:
    """Give a folder that vanishes in the end, whatever stands in it."""
    with tempfile.TemporaryDirectory(prefix="ways-stress-", ignore_cleanup_errors=True) as path:
        yield os.path.realpath(path)


def files_below(folder: str) -> list[str]:
    """Return every file below a folder, relative to it, sorted."""
    found = (os.path.join(here, name) for here, _, names in os.walk(folder) for name in names)
    return sorted(os.path.relpath(path, folder) for path in found)
