"""The store of compiled sheets when processes are killed, disks are full, and folders are not what they should be."""

from __future__ import annotations

import os
import random
import resource
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle, product
from typing import Any

import ways

from .faults import Ended, Fault, ended, files_below, folder
from .runner import Outcome, Scenario
from .teller import answers, told
from .world import World, caching, store_of, world

#: What any call may fail with.
ERRORS = ("ENOSPC", "EIO", "EMFILE", "EACCES", "EROFS", "EDQUOT", "ENOENT", "ESTALE")
#: From the nth thing on, everything fails.
FOR_GOOD = 10**9
#: Someone who owns nothing here.
NOBODY = 65534


class Trial:
    """One cache, what a reader must say with it, and what went wrong."""

    def __init__(self, cache: str, known: World) -> None:
        self.cache = cache
        self.known = known
        self.wrong: list[str] = []
        self.most = 0

    def run(self, fault: Fault | None = None, before: Callable[[], object] = lambda: None, **environ: str) -> Ended:
        """Ask in a process of its own."""
        return ended(partial(self._ask, environ), fault, before)

    def _ask(self, environ: dict[str, str]) -> Any:
        with caching(self.cache, **environ):
            return answers(self.known.sheets)

    def expect(self, got: Ended, what: str, *, may_be_killed: bool = False) -> None:
        """Note whether a process said what is right, and nothing else."""
        self.most = max(self.most, len(files_below(self.cache)))
        if got.was_killed and may_be_killed:
            return
        if got.given != self.known.answers or got.told:
            self.wrong.append(f"{what}: {got.told or 'another answer'}")

    def expect_files(self, what: str) -> None:
        """Note whether the cache holds what one process leaves, or the next one after it, and nothing else."""
        files = set(files_below(store_of(self.cache)))
        if not set(self.known.files) <= files <= {*self.known.files, *self.known.later}:
            self.wrong.append(f"{what}: {sorted(files)} are there")

    def expect_nothing_left(self, what: str) -> None:
        """Note the same once a process has written to the cache: one that finds everything there looks for nothing that was left."""
        self.prepare("partly")
        self.expect(self.run(), f"{what}, with something to write")
        self.expect_files(what)

    def prepare(self, state: str) -> None:
        """Let the cache be empty, full, or in parts, with an edge that each run finds elsewhere."""
        store = store_of(self.cache)
        if state == "empty":
            shutil.rmtree(store, ignore_errors=True)
            return
        self.expect(self.run(), "a healthy start")
        for number, name in enumerate(files_below(store)):
            if state == "partly" and number % 3:
                os.unlink(os.path.join(store, name))


@contextmanager
def trial() -> Iterator[Trial]:
    """Give an empty cache."""
    with folder() as cache:
        yield Trial(cache, world())


def cases(seconds: float, *choices: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield all combinations in some order, again and again until the time is up; one at least."""
    combined = list(product(*choices))
    random.Random(1).shuffle(combined)
    end = time.monotonic() + seconds
    for number, case in enumerate(cycle(combined)):
        if number and time.monotonic() > end:
            return
        yield case


def processes(seconds: float, most: int = 200) -> Outcome:
    """Start many processes at once on an empty cache; they wait for each other before they import anything."""
    tried, wrong = 0, []
    count = most if seconds >= 10 else 12
    for _ in cases(seconds, [0]):
        with trial() as it:
            got = _at_once(it, count)
            right = sum(output == it.known.printed for output in got)
            tried += count
            if right < count:
                wrong.append(f"{count - right} of {count} answered {next(out for out in got if out != it.known.printed)!r}")
            it.expect_files("after all have ended")
            wrong += it.wrong
    return Outcome(tried, f"{tried} processes, {count} at once on an empty cache: each right, the cache as one leaves it", tuple(wrong))


def _at_once(it: Trial, count: int) -> list[str]:
    """Return what so many processes print that begin at the same moment."""
    reading, writing = os.pipe()
    running = [
        subprocess.Popen(teller(), stdin=reading, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environ(it.cache), encoding="utf-8")
        for _ in range(count)
    ]
    os.close(reading)
    # Each waits until its input ends.
    os.close(writing)
    return [process.communicate()[0] for process in running]


def teller() -> list[str]:
    """Return the command that says everything of the world's sheets."""
    return [sys.executable, "-PX", "dev", os.path.join(os.path.dirname(__file__), "teller.py"), world().sheets]


def environ(cache: str, package: str = "") -> dict[str, str]:
    """Return the environment of a process that is started; the *package* is this very one, if absent."""
    home = package or os.path.dirname(os.path.dirname(os.path.abspath(ways.__file__)))
    own = {name: value for name, value in os.environ.items() if not name.startswith(("WAYS", "PYTHON", "COV"))}
    return {**own, "WAYS_CACHE": "1", "XDG_CACHE_HOME": cache, "WAYS_DESCRIPTORS": "", "WAYS_PLATFORM": "linux", "PYTHONPATH": home}


#: What stands in the cache when something happens.
STATES = ("empty", "full", "partly")


def _steps(it: Trial) -> range:
    """Return the numbers of the things that a process does with an empty cache."""
    return range(1, it.run(Fault(it.cache, 0)).steps + 1)


def kills(seconds: float) -> Outcome:
    """Kill a process at each step; mostly nobody comes after it but the next one to be killed."""
    tried = 0
    with trial() as it:
        steps = _steps(it)
        for at, state, is_followed in cases(seconds, steps, STATES, (True, *[False] * 9)):
            if is_followed:
                it.prepare(state)
            got = it.run(Fault(it.cache, at))
            tried += got.was_killed
            it.expect(got, f"killed at {at}", may_be_killed=True)
            if is_followed:
                it.expect(it.run(), f"after a kill at {at}, {state}")
                it.expect_nothing_left(f"after a kill at {at}, {state}")
    most = len(it.known.files) + len(it.known.later) + 1
    wrong = it.wrong + [f"{it.most} files, not {most}"] * (it.most > most)
    return Outcome(tried, f"{tried} kills at {len(steps)} points: every reader right, one file left over at most", tuple(wrong))


def errors(seconds: float) -> Outcome:
    """Let each call fail, once or from then on, with each error."""
    tried = 0
    with trial() as it:
        for at, name, state, times in cases(seconds, _steps(it), ERRORS, STATES, (1, FOR_GOOD)):
            tried += 1
            it.prepare(state)
            it.expect(it.run(Fault(it.cache, at, name, times)), f"{name} at {at}, {state}, {times} times")
        it.expect(it.run(), "in the end")
        it.expect_nothing_left("in the end")
    return Outcome(tried, f"{tried} calls failed ({', '.join(ERRORS)}): every answer right, nothing left over", tuple(it.wrong))


def limits(seconds: float) -> Outcome:
    """Let a process write files of so many bytes only, or open so few."""
    tried = 0
    soft = [(resource.RLIMIT_FSIZE, size) for size in range(0, 6000, 53)] + [(resource.RLIMIT_NOFILE, count) for count in range(1, 5)]
    with trial() as it:
        for (kind, most), state in cases(seconds, soft, STATES):
            tried += 1
            it.prepare(state)
            it.expect(ended(partial(_limited, it, kind, most)), f"limit {kind} of {most}, {state}")
            it.expect(it.run(), f"after limit {kind} of {most}, {state}")
            it.expect_files(f"after limit {kind} of {most}, {state}")
    return Outcome(tried, f"{tried} processes that could write few bytes or open few files: every answer right", tuple(it.wrong))


def _limited(it: Trial, kind: int, most: int) -> Any:
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (_number_beyond(most) if kind == resource.RLIMIT_NOFILE else most, hard))
    try:
        return it._ask({})
    finally:
        resource.setrlimit(kind, (hard, hard))


def _number_beyond(count: int) -> int:
    """Return the number below which so many more files can be opened: those that are open leave gaps between them."""
    files = [os.open(os.curdir, os.O_RDONLY) for _ in range(count)]
    for file in files:
        os.close(file)
    return max(files) + 1


_TMPFS = 'mount -t tmpfs -o "$1" tmpfs "$2" && shift 2 && exec "$@"'


def full_disk(seconds: float) -> Outcome:
    """Put the cache on a disk of so few blocks or files, in a name space of its own; and on one that is read-only."""
    tried, wrong = 0, []
    disks = [f"size={4 * blocks}k" for blocks in range(1, 14)] + [f"size=1m,nr_inodes={count}" for count in range(1, 16)] + ["ro"]
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        return Outcome(0, "not possible here: unshare -rm is refused")
    with trial() as it:
        for (disk,) in cases(seconds, disks):
            command = ["unshare", "-rm", "sh", "-c", _TMPFS, "sh", disk, it.cache, *teller()]
            done = subprocess.run(command, env=environ(it.cache), capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL)
            tried += 1
            if done.stdout != it.known.printed or done.stderr:
                wrong.append(f"{disk}: {done.stderr or done.stdout}")
    return Outcome(tried, f"{tried} starts on full and read-only disks: every answer right", tuple(wrong))


def _in_the_way(path: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write("in the way")


def _linked(path: str, target: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(target, path)


def _made(path: str, mode: int, owner: int = -1) -> None:
    os.makedirs(path)
    if owner >= 0:
        os.chown(path, owner, owner)
    os.chmod(path, mode)


def _filled(it: Trial, harm: Callable[[str], object]) -> None:
    """Do something to every file of a full cache."""
    it.expect(it.run(), "before")
    for name in files_below(store_of(it.cache)):
        path = os.path.join(store_of(it.cache), name)
        os.unlink(path)
        harm(path)


#: Case -> what is done to the folder of the store beforehand.
FOLDERS: dict[str, Callable[[Trial], object]] = {
    "nothing": lambda it: None,
    "cache is a file": lambda it: (os.rmdir(it.cache), _in_the_way(it.cache)),
    "its folder is a file": lambda it: _in_the_way(os.path.dirname(store_of(it.cache))),
    "it is a file": lambda it: _in_the_way(store_of(it.cache)),
    "entries are a file": lambda it: _in_the_way(os.path.join(store_of(it.cache), "entries")),
    "it is a link to a folder": lambda it: (os.mkdir(f"{it.cache}/own", 0o700), _linked(store_of(it.cache), f"{it.cache}/own")),
    "it is a link to nothing": lambda it: _linked(store_of(it.cache), f"{it.cache}/nothing"),
    "it is a link to itself": lambda it: _linked(store_of(it.cache), store_of(it.cache)),
    "entries are a link": lambda it: _linked(os.path.join(store_of(it.cache), "entries"), it.cache),
    "anyone can write to it": lambda it: (it.run(), os.chmod(store_of(it.cache), 0o777)),
    "nobody can write to it": lambda it: _made(store_of(it.cache), 0o500),
    "nobody can read it": lambda it: _made(store_of(it.cache), 0),
    "nobody can read entries": lambda it: (it.run(), os.chmod(os.path.join(store_of(it.cache), "entries"), 0)),
    "folders for files": lambda it: _filled(it, os.mkdir),
    "pipes for files": lambda it: _filled(it, os.mkfifo),
    "links to themselves for files": lambda it: _filled(it, lambda path: os.symlink(path, path)),
    "files that nobody can read": lambda it: _filled(it, lambda path: os.close(os.open(path, os.O_CREAT, 0))),
}
if os.name == "posix" and os.getuid() == 0:
    FOLDERS["another owns it"] = lambda it: _made(store_of(it.cache), 0o755, NOBODY)
    FOLDERS["another owns entries"] = lambda it: (it.run(), os.chown(os.path.join(store_of(it.cache), "entries"), NOBODY, NOBODY))
    FOLDERS["another owns the files"] = lambda it: _filled(
        it, lambda path: os.chown(path, NOBODY, NOBODY) if _in_the_way(path) is None else None
    )
MEANWHILE = "it is removed meanwhile"
#: Case -> the variables that are other than usual, with ``*`` for a folder of the test's own; ``""`` for one that is missing.
HOMES: dict[str, dict[str, str]] = {
    "a home that isn't there": {"HOME": "*/no/home", "XDG_CACHE_HOME": "", "XDG_STATE_HOME": ""},
    "a cache that isn't absolute": {"XDG_CACHE_HOME": "cache"},
    "a cache that can't be": {"XDG_CACHE_HOME": "*/\u1234/" + "x" * 300},
    "a cache below a file": {"XDG_CACHE_HOME": os.path.abspath(__file__)},
    "no place for the secret": {"XDG_STATE_HOME": os.path.abspath(__file__)},
    "no place that is absolute for the secret": {"XDG_STATE_HOME": "state"},
}
if os.name == "posix" and os.getuid() == 0:
    # Another would have a home all the same: that of the list of users.
    HOMES["no home"] = {"HOME": "", "XDG_CACHE_HOME": "", "XDG_STATE_HOME": ""}
#: A user whom no list names.
NAMELESS = 54321


def folders(seconds: float) -> Outcome:
    """Make of the store's folder what it should not be, or let it vanish; also as a user who may do nothing."""
    tried, wrong = 0, []
    who = (_as_nobody, _as_usual) if os.getuid() == 0 else (_as_usual,)
    for name, before in cases(seconds, (*FOLDERS, *HOMES, MEANWHILE), who):
        with trial() as it:
            os.chmod(it.cache, 0o777)
            if name == MEANWHILE:
                it.expect(ended(partial(_removed_meanwhile, it), before=before), name)
            elif name in HOMES:
                variables = {key: value.replace("*", it.cache) for key, value in HOMES[name].items()}
                here = os.path.join(it.cache, "here")
                os.mkdir(here)
                os.chmod(here, 0o777)
                it.expect(it.run(before=partial(_in_folder, here, _as_nameless if name == "no home" else before), **variables), name)
                wrong += [f"{name}: {found} in the current folder" for found in os.listdir(here)]
            else:
                FOLDERS[name](it)
                it.expect(it.run(before=before), name)
                it.expect(it.run(before=before), f"{name}, again")
            wrong += it.wrong
            tried += 1
    return Outcome(tried, f"{tried} times one of {len(FOLDERS) + len(HOMES) + 1} odd folders: every answer right", tuple(wrong))


def _in_folder(path: str, before: Callable[[], object]) -> None:
    os.chdir(path)
    before()


def _as_nameless() -> None:
    os.setgid(NAMELESS)
    os.setuid(NAMELESS)


def _as_usual() -> None:
    return


def _as_nobody() -> None:
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def _removed_meanwhile(it: Trial) -> Any:
    """Answer with a session whose store is removed while it runs; what it makes anew must be its user's alone."""
    from ways.session import Session

    os.umask(0)
    with caching(it.cache):
        session = Session()
        for sheet in sorted(os.listdir(it.known.sheets)):
            session.add_search_path(os.path.join(it.known.sheets, sheet))
            if stat.S_IMODE(os.stat(store_of(it.cache)).st_mode) != 0o700:
                raise PermissionError("others may look into it")
            shutil.rmtree(os.path.join(it.cache, "ways"))
        session.refresh()
        return told(session)


SCENARIOS = {
    "processes": Scenario("many processes start at once on an empty cache", processes),
    "kills": Scenario("a process is killed at each step of writing to the cache", kills),
    "errors": Scenario("each call on the cache fails with each error", errors),
    "limits": Scenario("a process may write few bytes, or open few files", limits),
    "full-disk": Scenario("the cache lies on a disk that is full or read-only", full_disk),
    "folders": Scenario("the cache's folder is not what it should be", folders),
}
