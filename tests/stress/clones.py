"""Clones, and sheets that are read from them, when processes are killed, disks are full, and others do the same at once."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import product
from typing import Any

from ways.sources.git import GitRemoteDescriptor
from ways.sheets.reader import SheetReader

from .crashes import ERRORS, FOR_GOOD, cases
from .faults import Ended, Fault, ended, files_below, folder
from .runner import Outcome, Scenario
from .world import caching

#: Nobody's configuration, and a name for who commits.
_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "tester@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}  # fmt: skip
#: A sheet that is said to be missing is one that is missing.
TOLD = [name for name in ERRORS if name != "ENOENT"]
#: What the next one removes.
_LEFT = (".ways-clone-", ".new-", ".lock", "tmp_")


class Origin:
    """A repository that changes, a cache that holds a clone of it, and what went wrong."""

    def __init__(self, place: str) -> None:
        self.path = os.path.join(place, "origin")
        self.cache = os.path.join(place, "cache")
        self.wrong: list[str] = []
        self.commits = 0
        self._git("init", "--quiet", "--initial-branch=master", self.path)
        os.mkdir(os.path.join(self.path, "sheets"))
        os.symlink("a.yml", os.path.join(self.path, "sheets", "b.yml"))
        os.symlink("../../outside.yml", os.path.join(self.path, "sheets", "c.yml"))
        self.commit()

    def _git(self, *arguments: str) -> None:
        os.makedirs(self.path, exist_ok=True)
        subprocess.run(["git", "-C", self.path, *arguments], check=True, env={**os.environ, **_GIT}, capture_output=True)

    def commit(self) -> None:
        """Say something else from now on."""
        self.commits += 1
        with open(os.path.join(self.path, "sheets", "a.yml"), "w", encoding="utf-8") as file:
            file.write(f"plugins: {{job: {{hierarchy: job, mapping: '/{self.commits}'}}}}\n")
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", "change")

    def ask(self) -> Any:
        """Return what the clone says now, with problems: made if need be, and brought up to date."""
        with caching(self.cache, WAYS_CACHE="0", **_GIT):
            # As from elsewhere: of a path, git would link the files, and to harm a clone would harm the origin.
            descriptor = GitRemoteDescriptor(f"file://{self.path}", "sheets")
            descriptor.load(SheetReader())
            loading = descriptor.load(SheetReader())
        return [plugin.get_mapping() for plugin in loading.plugins], [problem.message for problem in loading.problems]

    def run(self, fault: Fault | None = None, before: Callable[[], object] = lambda: None) -> Ended:
        """Ask in a process of its own."""
        return ended(self.ask, fault, before)

    def expect(self, what: str) -> None:
        """Note whether a healthy process says what the origin says, and leaves nothing that another left."""
        got = self.run()
        if got.given != [[f"/{self.commits}"] * 2, []] or got.told:
            self.wrong.append(f"{what}: {_last(got.told) or got.given}, not {self.commits}")
        if left := self.left():
            self.wrong.append(f"{what}: {left} is left")

    def expect_no_lie(self, got: Ended, what: str) -> None:
        """Note whether a process that met a fault gave an old or a new state, or told what was wrong."""
        states = [[f"/{number}"] * 2 for number in range(1, self.commits + 1)]
        if got.given is not None and got.given[0] not in states and not got.given[1]:
            self.wrong.append(f"{what}: {got.given}")
        if got.given is None and not got.was_killed and not _is_told(got.told):
            self.wrong.append(f"{what}: {_last(got.told)}")

    def left(self) -> list[str]:
        """Return what killed processes left behind."""
        return [name for name in files_below(self.cache) if any(mark in name for mark in _LEFT)]

    def prepare(self, state: str) -> None:
        """Let the cache be empty, or a clone that is as the origin or older."""
        if state == "empty":
            shutil.rmtree(self.cache, ignore_errors=True)
            return
        if not os.path.isdir(self.cache):
            self.expect("a healthy start")
        if state == "older":
            self.commit()


def _is_told(text: str) -> bool:
    """Whether a process ended with an error that says what is wrong: of git, or of the system."""
    return _last(text).startswith(("ways.sources.git_program.Git", "OSError", "PermissionError", "FileNotFoundError", "FileExistsError"))


def _last(text: str) -> str:
    return text.strip().splitlines()[-1] if text.strip() else ""


STATES = ("empty", "older", "same")


@contextmanager
def origin() -> Iterator[Origin]:
    """Give a repository and an empty cache."""
    with folder() as place:
        yield Origin(place)


def clone_kills(seconds: float) -> Outcome:
    """Kill a process at each step that it takes itself: before each program it starts, and at each thing in the cache."""
    tried = 0
    with origin() as it:
        steps = [Fault(it.cache, at) for at in range(1, 90)] + [Fault("", at) for at in range(1, 30)]
        for fault, state in cases(seconds, steps, STATES):
            it.prepare(state)
            got = it.run(fault)
            tried += got.was_killed
            it.expect_no_lie(got, f"{fault}, {state}")
            it.expect(f"after {fault}, {state}")
    return Outcome(tried, f"{tried} kills while cloning, fetching, reading: the next one right, nothing left", tuple(it.wrong))


def clone_interrupts(seconds: float) -> Outcome:
    """Kill a process and the git that it runs, or it alone, after any time."""
    tried, chance = 0, random.Random(1)
    with origin() as it:
        for state, is_all, rest in cases(seconds, STATES, (True, False), range(4)):
            it.prepare(state)
            _interrupted(it, chance.random() * 0.4, is_all)
            tried += 1
            if not rest:
                _wait_for_git(it)
                it.expect(f"after a kill, {state}, {'all' if is_all else 'alone'}")
        _wait_for_git(it)
        it.expect("in the end")
    return Outcome(tried, f"{tried} kills at any time, of git too: the next one right, nothing left over", tuple(it.wrong))


def _interrupted(it: Origin, after: float, is_all: bool) -> None:
    child = os.fork()
    if not child:
        os.setsid()
        ended(it.ask) if is_all else _alone(it)
        os._exit(0)
    time.sleep(after)
    try:
        os.killpg(child, signal.SIGKILL) if is_all else os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        pass
    os.waitpid(child, 0)


def _alone(it: Origin) -> None:
    """Ask in this very process, so that a git it started lives on when it is killed."""
    os.dup2(os.open(os.devnull, os.O_RDWR), 2)
    try:
        it.ask()
    finally:
        os._exit(0)


def _wait_for_git(it: Origin) -> None:
    """Wait until no program works in the cache any more."""
    while True:
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, encoding="utf-8").stdout
        if f"-C {it.cache}" not in listed:
            return
        time.sleep(0.05)


def clone_errors(seconds: float) -> Outcome:
    """Let each call fail, once or from then on; let the process and git write few bytes only, or open few files."""
    tried = 0
    with origin() as it:
        faults: list[Any] = [Fault(it.cache, *more) for more in product(range(1, 90), TOLD, (1, FOR_GOOD))]
        faults += [(resource.RLIMIT_FSIZE, size) for size in range(0, 3000, 61)] * 8
        faults += [(resource.RLIMIT_NOFILE, count) for count in range(8, 24)] * 8
        for fault, state in cases(seconds, faults, STATES):
            it.prepare(state)
            tried += 1
            limited = None if isinstance(fault, Fault) else partial(_limited, it, *fault)
            it.expect_no_lie(ended(limited) if limited else it.run(fault), f"{fault}, {state}")
            it.expect(f"after {fault}, {state}")
    return Outcome(tried, f"{tried} failing calls and full disks: told, or right; the next one right, nothing left over", tuple(it.wrong))


def _limited(it: Origin, kind: int, soft: int) -> Any:
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (soft, hard))
    try:
        return it.ask()
    finally:
        resource.setrlimit(kind, (hard, hard))


def clone_crowds(seconds: float, count: int = 6) -> Outcome:
    """Let some processes clone, fetch and read the same at once."""
    tried = 0
    with origin() as it:
        for (state,) in cases(seconds, STATES):
            it.prepare(state)
            reading, writing = os.pipe()
            children = [_waiting(it, reading, writing) for _ in range(count)]
            os.close(reading)
            os.close(writing)
            results = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
            tried += count
            it.wrong += [f"{sum(map(bool, results))} of {count} were wrong, {state}"] * any(results)
            it.expect(f"after a crowd, {state}")
    return Outcome(tried, f"{tried} processes, {count} at once: each right, nothing left over", tuple(it.wrong))


def _waiting(it: Origin, reading: int, writing: int) -> int:
    child = os.fork()
    if child:
        return child
    os.close(writing)
    os.read(reading, 1)
    got = it.run()
    os._exit(0 if got.given == [[f"/{it.commits}"] * 2, []] else 1)


def clone_damage(seconds: float) -> Outcome:
    """Remove, empty and change each file of the cache, and add some."""
    tried = 0
    with origin() as it:
        for harm, at in cases(seconds, HARMS, range(200)):
            it.prepare("same")
            files = [name for name in files_below(it.cache) if not os.path.islink(os.path.join(it.cache, name))]
            name = files[at % len(files)]
            HARMS[harm](os.path.join(it.cache, name))
            tried += 1
            it.expect(f"{name}: {harm}")
            if it.wrong:
                shutil.rmtree(it.cache)
    return Outcome(tried, f"{tried} files of clones removed, emptied, changed: every answer right", tuple(it.wrong[:20]))


def _changed(path: str) -> None:
    with open(path, "rb") as file:
        data = file.read()
    os.chmod(path, 0o600)
    with open(path, "wb") as file:
        file.write(data.replace(b"/", b"%") if b"/" in data else data[::-1])


def _added(path: str) -> None:
    with open(os.path.join(os.path.dirname(path), "zz.yml"), "w", encoding="utf-8") as file:
        file.write("plugins: {more: {hierarchy: more, mapping: /more}}\n")


def _emptied(path: str) -> None:
    os.chmod(path, 0o600)
    os.truncate(path, 0)


HARMS: dict[str, Callable[[str], object]] = {
    "removed": os.unlink,
    "emptied": _emptied,
    "changed": _changed,
    "another beside it": _added,
    "its folder removed": lambda path: shutil.rmtree(os.path.dirname(path)),
}

SCENARIOS = {
    "clone-kills": Scenario("a process that clones is killed at each step", clone_kills),
    "clone-interrupts": Scenario("a process that clones is killed after any time, with git or without", clone_interrupts),
    "clone-errors": Scenario("a process that clones meets errors and full disks", clone_errors),
    "clone-crowds": Scenario("many processes clone the same at once", clone_crowds),
    "clone-damage": Scenario("files of clones are removed and changed", clone_damage),
}
