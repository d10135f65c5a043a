"""Whether the store may be believed: edits that look like none, clocks that jump, other versions, damage, growth."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest import mock

import ways
from ways.session import Session
from ways.sheets import reader
from ways.sheets.store import entry_file as entry, stamps, writer as keeping

from .crashes import cases, environ, teller
from .faults import files_below, folder
from .runner import Outcome, Scenario
from .teller import answers, told
from .world import caching, store_of, world

HOUR = 3600 * 10**9


class Sheet:
    """A sheet that is edited all the time, and what it says now."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.said = 0
        self.write()

    @property
    def text(self) -> str:
        """What it says: always as many bytes."""
        mapping = f"/{self.said:09d}"
        return f"plugins: {{one: {{hierarchy: one, mapping: {mapping}}}, two: {{hierarchy: two, mapping: {mapping}}}}}\n"

    def edit(self, how: str) -> None:
        """Say something else, in the same file or in another that takes its place; with a time of one's own, or not."""
        self.said += 1
        before = os.stat(self.path)
        self.write() if "in place" in how else self.replace()
        times = {"same time": before.st_mtime_ns, "past": 1, "future": time.time_ns() + 9000 * HOUR}
        for word, when in times.items():
            if word in how:
                os.utime(self.path, ns=(when, when))

    def write(self) -> None:
        """Write to the file as it is."""
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(self.text)

    def replace(self) -> None:
        """Put another file in the place of this one."""
        with open(f"{self.path}.new", "w", encoding="utf-8") as file:
            file.write(self.text)
        os.replace(f"{self.path}.new", self.path)

    def is_told_by(self, session: Session) -> bool:
        """Whether a session says what the sheet says."""
        return said_by(session) == {f"/{self.said:09d}"}


def said_by(session: Session) -> set[str]:
    """Return what a session says of both places."""
    return {session.need_context(place).get_mapping() for place in ("one", "two")}


@contextmanager
def edited() -> Iterator[tuple[Sheet, str]]:
    """Give a sheet and a cache of its own."""
    with folder() as place, caching(os.path.join(place, "cache")):
        yield Sheet(os.path.join(place, "sheet.yml")), store_of(os.path.join(place, "cache"))


def loaded(path: str) -> Session:
    """Return a new session with this sheet."""
    session = Session()
    session.add_search_path(path)
    return session


HOW = ("in place", "in place, same time", "in place, past", "in place, future", "another", "another, same time", "another, future")
#: What the clock of the file system shows more than that of this machine, in ns.
SHIFTS = (0, -10 * 10**9, 10 * 10**9, -HOUR, HOUR, -9000 * HOUR, 9000 * HOUR)
#: In what steps a file system tells the time, in ns, and after how much time a stamp is believed here: ten times as fast as really.
STEPS, BELIEVED = (1, 10**7, 2 * 10**8), 25 * 10**7
#: How long nobody looks, in seconds.
PAUSES = (0, 0, 0, 0.05, 0.1, 0.3)


class FarClock:
    """Stands in for the stamps of a file system with a clock of its own, and for the clock of this machine, which may be set."""

    def __init__(self) -> None:
        self.shift, self.step, self.set_by = 0, 1, 0
        self._real = reader._stamp

    def stamp(self, *told: Any) -> tuple[int, int, int, int]:
        """Return the stamp of a file as that file system tells it."""
        size, mtime, ctime, inode = self._real(*told)
        return size, self._there(mtime), self._there(ctime), inode

    def _there(self, moment: int) -> int:
        return (moment + self.shift) // self.step * self.step

    def here(self) -> int:
        """Return what the clock of this machine shows."""
        return time.time_ns() + self.set_by


def clocks(seconds: float) -> Outcome:
    """Edit a sheet, to as many bytes, with times of every kind, on a file system whose clock is off and goes in steps."""
    tried, wrong, far, settled = 0, [], FarClock(), 0
    replaced = mock.patch.multiple(stamps, FRESH=BELIEVED, time_ns=far.here)
    with edited() as (sheet, _), mock.patch.dict(os.environ), replaced, mock.patch.object(reader, "_stamp", far.stamp):
        session = loaded(sheet.path)
        turns = cases(seconds, HOW, SHIFTS, STEPS, ("1", "1", "strict"), (1, 3), PAUSES, (0, 0, 0, HOUR))
        for how, far.shift, far.step, mode, looks, pause, jump in turns:
            os.environ["WAYS_CACHE"] = mode
            for _ in range(looks):
                loaded(sheet.path)
                time.sleep(pause)
            far.set_by += jump
            settled += loaded(sheet.path).reader._sheets[sheet.path, True].stat.is_settled  # type: ignore[union-attr]
            sheet.edit(how)
            session.refresh()
            tried += 1
            if not sheet.is_told_by(session) or not sheet.is_told_by(loaded(sheet.path)):
                wrong.append(f"{how}, {far.shift} ns in steps of {far.step}, {mode}: {said_by(session)}, not {sheet.said}")
    told = f"{tried} edits, {settled} of sheets whose stamp was believed, clocks seconds to a year off and set meanwhile: each seen"
    return Outcome(tried, told, tuple(wrong))


def moments(seconds: float) -> Outcome:
    """Edit a sheet after its stamp was taken and before it is read, or right after that, or both."""
    tried, wrong = 0, []
    read = reader._bytes
    with edited() as (sheet, _):
        for before, after in cases(seconds, (None, *HOW), (None, *HOW)):
            with mock.patch.object(reader, "_bytes", partial(_meanwhile, read, sheet, before, after)):
                loaded(sheet.path)
            tried += 1
            if not sheet.is_told_by(loaded(sheet.path)):
                wrong.append(f"{before}, {after}: not {sheet.said}")
    return Outcome(tried, f"{tried} sheets edited between stamp, reading and keeping: each edit seen", tuple(wrong))


def _meanwhile(
    read: Callable[..., bytes], sheet: Sheet, before: str | None, after: str | None, *told: object
) -> bytes:
    if before:
        sheet.edit(before)
    data = read(*told)
    if after:
        sheet.edit(after)
    return data


def replaced(seconds: float) -> Outcome:
    """Read a sheet in which another process puts another all the time."""
    tried, wrong = 0, []
    with edited() as (sheet, _):
        session = loaded(sheet.path)
        writer = os.fork()
        if not writer:
            _edit_on(sheet)
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                session.refresh()
                wrong += [f"half of each: {said}" for said in (said_by(session), said_by(loaded(sheet.path))) if len(said) != 1]
                tried += 2
        finally:
            os.kill(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
        sheet.edit("another")
        session.refresh()
        if not sheet.is_told_by(session) or not sheet.is_told_by(loaded(sheet.path)):
            wrong.append("the last edit was not seen")
    return Outcome(tried, f"{tried} reads of a sheet that is replaced all the time: one state each", tuple(wrong))


def _edit_on(sheet: Sheet) -> None:
    try:
        while True:
            sheet.edit("another")
    finally:
        os._exit(1)


def versions(seconds: float) -> Outcome:
    """Let versions of the package take turns with one cache; one of them writes another kind of bytes."""
    tried, wrong, most = 0, [], 0
    with folder() as place:
        homes = [_package(place, name) for name in ("9.1", "9.2")]
        cache = os.path.join(place, "cache")
        allowed = 2 * (len(world().files) + len(world().later))
        for number, _ in cases(seconds, range(4), "a"):
            done = subprocess.run(
                teller(), env=environ(cache, homes[number % 2]), capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL
            )
            tried += 1
            most = max(most, len(files_below(cache)))
            if done.stdout != world().printed or done.stderr or most > allowed:
                wrong.append(f"{homes[number % 2]}: {most} files, {done.stderr or done.stdout}")
    return Outcome(tried, f"{tried} starts of two versions in turns: each right, {most} files at most", tuple(wrong))


def _package(place: str, version: str) -> str:
    """Copy the package, as another version; the second one has other letters in its files."""
    home = os.path.join(place, version)
    own = os.path.dirname(os.path.abspath(ways.__file__))
    shutil.copytree(own, os.path.join(home, "ways"), ignore=shutil.ignore_patterns("__pycache__"))
    _rewrite(os.path.join(home, "ways", "__init__.py"), r'__version__ = ".*"', f'__version__ = "{version}"')
    if version == "9.2":
        _rewrite(os.path.join(home, "ways", "sheets", "store", "codec.py"), r'list: b"L", tuple: b"U"', 'list: b"U", tuple: b"L"')
    return home


def _rewrite(path: str, old: str, new: str) -> None:
    with open(path, encoding="utf-8") as file:
        text, count = re.subn(old, new, file.read())
    assert count == 1, path
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


#: What becomes of the bytes of a file: by a number, which is a place in them or a seed, and what else is in the cache.
HARMS: dict[str, Callable[[bytes, int, list[bytes]], bytes]] = {
    "a byte is another": lambda data, at, others: data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :],
    "a bit is another": lambda data, at, others: data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :],
    "it is cut": lambda data, at, others: data[:at],
    "zeros from here on": lambda data, at, others: data[:at] + bytes(len(data) - at),
    "the greatest number": lambda data, at, others: data[:at] + b"\xff" * 4 + data[at + 4 :],
    "another's bytes from here on": lambda data, at, others: data[:at] + others[at % len(others)][at:],
    "it goes on": lambda data, at, others: data + random.Random(at).randbytes(at),
    "anything": lambda data, at, others: random.Random(at).randbytes(at),
}


def damage(seconds: float) -> Outcome:
    """Harm each file of the cache at each place in each way: at rest, and while a session has it open."""
    tried, wrong = 0, []
    known = world()
    with folder() as cache, caching(cache):
        whole = _filled(cache, known.sheets)
        everywhere = [(name, at) for name, data in whole.items() for at in range(len(data))]
        for harm, (name, at), small in cases(seconds, HARMS, everywhere, (1 << 20, 0)):
            path = os.path.join(store_of(cache), name)
            with mock.patch.object(entry, "SMALL", small):
                begun = time.thread_time()
                session = loaded(known.sheets)
                _overwrite(path, HARMS[harm](whole[name], at, list(whole.values())))
                said = [told(session), answers(known.sheets)]
                session = None
            tried += 1
            if said != [known.answers] * 2 or time.thread_time() - begun > 10:
                wrong.append(f"{name}: {harm} at {at}, after {time.thread_time() - begun:.1f} s")
            _restore(store_of(cache), whole)
    return Outcome(tried, f"{tried} times a file was harmed, at rest and in use: ignored, every answer right", tuple(wrong[:20]))


def _filled(cache: str, sheets: str) -> dict[str, bytes]:
    """Let the cache be filled; return what each of its files holds."""
    for _ in range(2):
        answers(sheets)
    return {name: _content(os.path.join(store_of(cache), name)) for name in files_below(store_of(cache))}


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _overwrite(path: str, data: bytes) -> None:
    with open(path, "r+b") as file:
        file.write(data)
        file.truncate()


def _restore(store: str, whole: dict[str, bytes]) -> None:
    for name in set(files_below(store)) - set(whole):
        os.unlink(os.path.join(store, name))
    for name, data in whole.items():
        path = os.path.join(store, name)
        if not os.path.exists(path) or _content(path) != data:
            with open(path, "wb") as file:
                file.write(data)


#: Bytes that a file claims to have, and has, as far as its length tells: nothing was ever written there.
HUGE = (1 << 20, (64 << 20) - 1, 64 << 20, (64 << 20) + 1, 1 << 32, 1 << 40)


def huge(seconds: float) -> Outcome:
    """Make a file of the cache as long as a disk can say."""
    tried, wrong = 0, []
    known = world()
    with folder() as cache, caching(cache):
        whole = _filled(cache, known.sheets)
        for name, size in cases(seconds, whole, HUGE):
            os.truncate(os.path.join(store_of(cache), name), size)
            begun = time.thread_time()
            if answers(known.sheets) != known.answers or time.thread_time() - begun > 10:
                wrong.append(f"{name} of {size} bytes, after {time.thread_time() - begun:.1f} s")
            tried += 1
            _restore(store_of(cache), whole)
    return Outcome(tried, f"{tried} files of up to {HUGE[-1]} bytes: ignored, every answer right", tuple(wrong))


def store_growth(seconds: float) -> Outcome:
    """Edit a sheet on and on, in one long process and in new ones; with little room, so that it comes to an end."""
    tried, most, room, written = 0, 0, 256 << 10, 32 << 10
    wrong = []
    with edited() as (sheet, store), mock.patch.multiple(keeping, MAX_TOTAL=room, MAX_WRITTEN=written):
        session = loaded(sheet.path)
        for how, is_new in cases(seconds, HOW, (True, False)):
            sheet.edit(how)
            if is_new:
                loaded(sheet.path)
            session.refresh()
            tried += 1
            used = sum(os.stat(os.path.join(store, name)).st_blocks * 512 for name in files_below(store))
            most = max(most, used)
            if not sheet.is_told_by(session):
                wrong.append(f"not {sheet.said}")
    # One more for each of two sessions, that may be about to look.
    if most > room + 2 * written:
        wrong.append(f"{most} bytes")
    return Outcome(tried, f"{tried} edits: {most >> 10} kB at most where {room >> 10} were allowed", tuple(wrong))


SCENARIOS = {
    "clocks": Scenario("a sheet is edited to as many bytes, with any times, where clocks are off and jump", clocks),
    "moments": Scenario("a sheet is edited between its stamp and its reading", moments),
    "replaced": Scenario("a sheet is replaced while it is read", replaced),
    "versions": Scenario("two versions of the package share a cache", versions),
    "damage": Scenario("the files of the cache are harmed, at each byte", damage),
    "huge": Scenario("the files of the cache are as long as can be", huge),
    "store-growth": Scenario("a sheet is edited without end", store_growth),
}
