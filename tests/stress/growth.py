"""What an answer costs, in time of the processor and in memory, as one thing in its world becomes twice as much, and twice again.

Each measurement has a process of its own. A doubling may cost 2.3 times as much; where it costs more, time and again, the
pair of axis and question stands in :data:`BOUNDED`, with the limit that ends it and what the worst within the limit costs.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import io
import json
import logging
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from ways import api
from ways.session import Session

from .axes import AXES, Axis, Grown

#: How many times as much a doubling may cost; and what nobody minds beyond that: seconds, and megabytes. As many were free in
#: the process before, more or less.
MOST, SMALL = 2.3, (0.05, 16.0)
#: Seconds of the processor that the answer about the largest size takes at least, or else the world that it is about; unless the
#: axis ends before.
ENOUGH, WHOLE = 0.3, 1.0
#: How often a doubling is tried until it is said to cost too much; seconds and bytes after which a process is ended.
TRIES, PATIENCE, ROOM = 6, 60, 4 << 30
#: How often a question about one text is asked after the first time.
AGAIN = 100


class Cost(NamedTuple):
    """Seconds of the processor, and megabytes at the peak beyond what there was before."""

    seconds: float
    megabytes: float

    def least(self, other: Cost) -> Cost:
        """Return the least of both."""
        return Cost(*map(min, self, other))

    def is_over(self, half: Cost) -> bool:
        """Return whether it is too much for twice the thing that costs *half*."""
        return any(much > MOST * few + small for few, much, small in zip(half, self, SMALL))


class Bound(NamedTuple):
    """Why a doubling may cost more, what ends it, and the most that it comes to within the limit."""

    why: str
    limit: str
    worst: Cost


_NESTED = "each place has the plugins of all places above it, and the answer tells each"
_PARTS = "each part is compared with those before it"
_HINTS = "each name is compared with all others, to say which was meant, while there are comparisons left"
_READING = f"{2 * AGAIN} questions, each of which may take as long as matching may"
_STORED = "a sheet with more values in one part is not stored, but read"
#: Pairs of axis and question that cost more than 2.3 times as much for a doubling, and end.
BOUNDED: Mapping[tuple[str, str], Bound] = {
    ("plugins", "stored"): Bound(_STORED, "values in one part of a compiled sheet", Cost(0.5, 45)),
    ("places", "stored"): Bound(_STORED, "values in one part of a compiled sheet", Cost(2.7, 138)),
    ("places of equal mappings", "stored"): Bound(_STORED, "values in one part of a compiled sheet", Cost(2.7, 138)),
    ("values of a sheet", "stored"): Bound(_STORED, "values in one part of a compiled sheet", Cost(1.0, 130)),
    ("keys of data", "stored"): Bound(_STORED, "values in one part of a compiled sheet", Cost(1.0, 130)),
    ("lines of a sheet in YAML", "stored"): Bound(_STORED, "values in one part of a compiled sheet", Cost(4.6, 170)),
    ("lines of a sheet in TOML", "stored"): Bound(_STORED, "values in one part of a compiled sheet", Cost(4.2, 220)),
    ("merges of a sheet in YAML", "stored"): Bound(_STORED, "values in one part of a compiled sheet", Cost(2.3, 82)),
    ("places of crossing mappings", "check"): Bound("each pair is tried", "steps of ways check", Cost(10.6, 170)),
    ("places of crossing mappings", "report"): Bound("the findings are in it", "steps of ways check", Cost(20.0, 240)),
    ("nested places", "diff"): Bound(_NESTED, "hierarchy", Cost(0.2, 21)),
    ("nested places", "check"): Bound(_NESTED, "hierarchy", Cost(0.3, 12)),
    ("nested places", "explain"): Bound(_NESTED, "hierarchy", Cost(1.2, 48)),
    ("nested places", "report"): Bound(_NESTED, "hierarchy", Cost(3.4, 42)),
    ("nested references", "report"): Bound("each mapping has all those that it takes in", "expansion", Cost(1.8, 9)),
    ("places with layers", "check"): Bound(_HINTS, "names that one ways check compares", Cost(7.3, 100)),
    ("layers", "check"): Bound(_HINTS, "names that one ways check compares", Cost(1.5, 66)),
    ("layers", "report"): Bound("the findings are in it", "names that one ways check compares", Cost(4.2, 160)),
    ("optional parts that are alike", "format"): Bound(_READING, "time", Cost(20.0, 6)),
    ("optional parts that are alike", "check"): Bound("all ways to divide a text are compared", "edges of a machine", Cost(0.8, 101)),
    ("optional parts that are alike", "report"): Bound("the findings are in it", "edges of a machine", Cost(0.9, 101)),
    ("optional parts that are alike", "find"): Bound(_PARTS, "tokens", Cost(0.5, 8)),
    ("tokens of a segment", "read"): Bound(_READING, "time", Cost(20.0, 4)),
    ("tokens of a segment", "format"): Bound(_READING, "time", Cost(20.0, 4)),
    ("tokens of a segment", "report"): Bound("samples are read", "time", Cost(0.9, 17)),
    ("tokens without expressions", "read"): Bound(_READING, "time", Cost(20.0, 4)),
    ("tokens without expressions", "format"): Bound(_READING, "time", Cost(20.0, 4)),
    ("tokens without expressions", "report"): Bound("samples are read", "time", Cost(0.7, 5)),
    ("parts of an expression", "check"): Bound("each is compared with the others", "edges of a machine", Cost(1.2, 57)),
    ("nested tokens", "find"): Bound("each token is replaced in all that it is in", "expansion", Cost(0.5, 1)),
}


class World:
    """A world on disk, in a folder that is the working folder of its process."""

    def __init__(self, grown: Grown, folder: str) -> None:
        self.grown, self.folder = grown, folder
        self.sheets = os.path.join(folder, "sheets")
        self.base = os.path.join(folder, "disk")
        self.overrides = {"WAYS_CACHE": "0", "WAYS_PLATFORM": "linux", **grown.overrides}
        _write(self.sheets, grown.sheets)

    @cached_property
    def loaded(self) -> Session:
        """A session that has read all sheets, and was asked nothing else."""
        return self.session()

    def session(self, **overrides: str) -> Session:
        """Return a session that has read all sheets."""
        session = Session(overrides={**self.overrides, **overrides})
        session.add_search_path(self.sheets)
        for name, place in self.grown.aliases.items():
            session.register_context_alias(name, place)
        session.get_all_plugins()
        return session

    def fill(self) -> None:
        """Make the files on disk."""
        for name in self.grown.files or [os.path.relpath(self.grown.text, self.base)]:
            path = os.path.join(self.base, name)
            # A name that no disk takes is looked for in vain.
            with contextlib.suppress(OSError, RecursionError):
                os.makedirs(os.path.dirname(path), exist_ok=True)
                open(path, "w", encoding="utf-8").close()

    def changed(self) -> str:
        """Return a folder with the same sheets, in which each mapping begins elsewhere."""
        other = os.path.join(self.folder, "changed")
        _write(other, {name: text.replace(self.base, self.base + "s") for name, text in self.grown.sheets.items()})
        return other


def _write(folder: str, sheets: Mapping[str, str]) -> None:
    os.mkdir(folder)
    for name, text in sheets.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)


def _tried(ask: Callable[[], object]) -> None:
    """Ask; an error is an answer, too."""
    with contextlib.suppress(api.WaysError, ValueError, RuntimeError, KeyError):
        ask()


def _load(world: World) -> Callable[[], object]:
    return lambda: world.session()


def _stored(world: World) -> Callable[[], object]:
    """Load what is in the store."""
    os.environ["XDG_CACHE_HOME"] = os.path.join(world.folder, "cache")
    # The stamps of files that were just made are not believed.
    for name in os.listdir(world.sheets):
        os.utime(os.path.join(world.sheets, name), (1e9, 1e9))
    for _ in range(2):
        world.session(WAYS_CACHE="1").get_context(world.grown.place)
    return lambda: world.session(WAYS_CACHE="1").get_context(world.grown.place)


def _read(world: World) -> Callable[[], object]:
    session, grown = world.loaded, world.grown

    def ask() -> None:
        for _ in range(AGAIN):
            _tried(lambda: session.read(grown.text))
            _tried(lambda: session.get_asset(grown.text, grown.place))

    return ask


def _format(world: World) -> Callable[[], object]:
    session, grown = world.loaded, world.grown

    def ask() -> None:
        for _ in range(AGAIN):
            _tried(lambda: session.format(grown.place, grown.values))
            _tried(lambda: session.get_asset(grown.values, grown.place))

    return ask


def _check(world: World) -> Callable[[], object]:
    return lambda: [finding.as_dict() for finding in world.loaded.check()]


def _explain(world: World) -> Callable[[], object]:
    session, grown = world.loaded, world.grown

    def ask() -> None:
        session.explain(grown.place).as_dict()
        _tried(lambda: session.explain_text(grown.text).as_dict())

    return ask


def _diff(world: World) -> Callable[[], object]:
    with Session(overrides=world.overrides).active():
        old, new = (api.open_world(path) for path in (world.sheets, world.changed()))

    def ask() -> None:
        for change in api.compare(old, new).contexts:
            change.as_dict()

    return ask


def _report(world: World) -> Callable[[], object]:
    from ways.report.page import data, page

    return lambda: page(data(world.loaded))


def _find(world: World) -> Callable[[], object]:
    world.fill()
    return lambda: _tried(lambda: list(world.loaded.find_assets(world.grown.place)))


def _sequences(world: World) -> Callable[[], object]:
    world.fill()
    return lambda: list(world.loaded.find_assets(world.grown.place, sequences=True, sort=True))


def _read_many(world: World) -> Callable[[], object]:
    session, texts = world.loaded, world.grown.texts
    return lambda: (list(session.read_many(texts)), session.get_assets(texts, as_columns=True))


def _lines(world: World) -> Callable[[], object]:
    """Ask by standard input, as ``ways resolve -`` does."""
    from ways.cli.main import main

    path = os.path.join(world.folder, "lines")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{text}\n" for text in world.grown.texts)
    os.dup2(os.open(path, os.O_RDONLY), 0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0)), encoding="utf-8")

    def ask() -> None:
        # It ends the process with 1 where a text fits nothing.
        with contextlib.suppress(SystemExit):
            main(["--sheets", world.sheets, "resolve", "--format", "json", "-"], standalone_mode=False)

    return ask


def _edits(world: World, session: Session, count: int) -> None:
    grown = world.grown
    for number in range(count):
        for name, text in grown.sheets.items():
            with open(os.path.join(world.sheets, name), "w", encoding="utf-8") as file:
                file.write(text.replace(world.base, f"{world.base}{number}"))
        session.refresh()
        session.need_context(grown.place).get_mapping()


def _refresh(world: World) -> Callable[[], object]:
    """Edit a small world as often as the size says."""
    count, world.grown = len(json.loads(world.grown.sheets["sheet.json"])["plugins"]), AXES["plugins"].made(20, world.base)
    session = world.session()
    return lambda: _edits(world, session, count)


def _sessions(world: World) -> Callable[[], object]:
    """Make, ask and drop as many sessions as the size says."""
    count, grown = len(json.loads(world.grown.sheets["sheet.json"])["plugins"]), AXES["plugins"].made(20, world.base)
    shutil.rmtree(world.sheets)
    _write(world.sheets, grown.sheets)

    def ask() -> None:
        for _ in range(count):
            world.session().read(grown.text)

    return ask


#: Each prepares a world, and returns what is measured. The first ones make sessions of their own.
QUESTIONS: Mapping[str, Callable[[World], Callable[[], object]]] = {
    "load": _load, "stored": _stored, "diff": _diff, "refresh": _refresh, "sessions": _sessions, "lines": _lines,
    "read": _read, "format": _format, "check": _check, "explain": _explain, "report": _report, "find": _find,
    "sequences": _sequences, "read many": _read_many,
}  # fmt: skip
OWN = ("load", "stored", "diff", "refresh", "sessions", "lines")
#: Those that are asked of each axis of sheets.
USUAL = ("load", "stored", "diff", "read", "format", "check", "explain", "report", "find")


def asked_of(axis: Axis) -> tuple[str, ...]:
    """Return the questions that are asked of an axis."""
    return axis.questions or USUAL


def in_memory(field: str) -> float:
    """Return how many megabytes this process has now (``VmRSS``), or had at most (``VmHWM``)."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith(field))


def _cost(world: World, question: str) -> Cost:
    """Return what an answer costs in this process."""
    ask = QUESTIONS[question](world)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        # The peak begins anew.
        file.write("5")
    before, started = in_memory("VmRSS"), time.process_time()
    ask()
    return Cost(time.process_time() - started, max(0.0, in_memory("VmHWM") - before))


def _costs(axis: Axis, questions: Sequence[str], size: int, folder: str) -> dict[str, Cost | None]:
    """Return what answers about a world cost, each in a copy of this process; and what making that world cost, without a name."""
    world = World(axis.made(size, os.path.join(folder, "disk")), folder)
    costs: dict[str, Cost | None] = {}
    for question in sorted(questions, key=list(QUESTIONS).index):
        if question not in OWN:
            world.loaded
        costs[question] = apart(lambda: _cost(world, question), PATIENCE)
    return {**costs, "": Cost(time.process_time(), 0)}


def apart(work: Callable[[], object], seconds: int) -> Any:
    """Return what *work* returns as JSON knows it, from a copy of this process.

    Nothing, if it took more seconds of the processor than that, or more memory than there is room for.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
            said = json.dumps(work()).encode()
            while said:
                said = said[os.write(writing, said) :]
        except MemoryError:
            pass
        except BaseException:
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="ascii") as file:
        said = file.read()
    os.waitpid(child, 0)
    return json.loads(said) if said else None


def in_folder(work: Callable[[str], object], seconds: int) -> Any:
    """Return what *work* returns of a folder that goes when it is done, as :func:`apart`."""
    with tempfile.TemporaryDirectory(prefix="ways-growth-") as folder:
        return apart(lambda: work(os.path.realpath(folder)), seconds)


def measured(axis: Axis, questions: Sequence[str], size: int) -> dict[str, Cost | None]:
    """Return what answers cost: nothing, where one took too long or too much memory, or the world itself did."""
    said = in_folder(lambda folder: _costs(axis, questions, size, folder), 2 * PATIENCE)
    return {name: cost and Cost(*cost) for name, cost in (said or dict.fromkeys((*questions, ""))).items()}


class Row(NamedTuple):
    """What was measured of one question along one axis, and what is to be said of it."""

    axis: str
    question: str
    sizes: tuple[int, ...]
    costs: tuple[Cost | None, ...]
    #: ``ok``, ``bounded``, or what is wrong.
    verdict: str

    def __str__(self) -> str:
        sizes = "/".join(map(str, self.sizes))
        seconds = " ".join(f"{cost.seconds:7.3f}" if cost else "      -" for cost in self.costs)
        memory = " ".join(f"{cost.megabytes:6.1f}" if cost else "     -" for cost in self.costs)
        return f"{self.axis:<38} {self.question:<9} {sizes:>24}  {seconds} s  {memory} MB  {self.verdict}"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**self._asdict(), "costs": [cost and cost._asdict() for cost in self.costs]}


def _sizes(axis: Axis) -> list[int]:
    """Return the sizes of an axis from small to large, each twice as much, up to the most."""
    shifts = range(min(8, max(2, axis.most.bit_length() - 4)), -1, -1)
    return [axis.most >> shift for shift in shifts]


def measured_rows(name: str, questions: Sequence[str]) -> Iterator[Row]:
    """Measure questions at sizes that are each twice as large, each until it takes long enough; judge its last three."""
    axis, left = AXES[name], list(questions)
    series: dict[str, list[tuple[int, Cost | None]]] = {question: [] for question in questions}
    for size in _sizes(axis):
        costs = measured(axis, left, size)
        is_last = size == axis.most or costs[""] is None or costs[""].seconds >= WHOLE
        for question in tuple(left):
            cost = costs[question]
            series[question].append((size, cost))
            if is_last or cost is None or cost.seconds >= PATIENCE / 4 or len(series[question]) > 2 and cost.seconds >= ENOUGH:
                left.remove(question)
                yield _row(name, question, series[question][-3:])
        if not left:
            break


def _row(name: str, question: str, series: list[tuple[int, Cost | None]]) -> Row:
    """Try again what seems to cost too much: something else may have been in the way. What is declared is tried once more."""
    sizes, costs = (list(column) for column in zip(*series))
    for index in range(1, len(sizes)):
        for _ in range(1 if (name, question) in BOUNDED else TRIES):
            few, much = costs[index - 1 : index + 1]
            if few is None or much is None or not much.is_over(few):
                break
            for place in (index - 1, index):
                again = measured(AXES[name], [question], sizes[place])[question]
                costs[place] = again and again.least(costs[place])
    return Row(name, question, tuple(sizes), tuple(costs), _verdict(name, question, costs))


def _verdict(name: str, question: str, costs: list[Cost | None]) -> str:
    is_over = None in costs or any(much.is_over(few) for few, much in zip(costs, costs[1:]) if few and much)
    bound = BOUNDED.get((name, question))
    if not is_over:
        return "ok" if bound is None else "ok, and needs no limit any more"
    if bound is None:
        return "OVER"
    worst = measured(AXES[name], [question], AXES[name].most)[question]
    if worst is None or any(much > 2 * told + small for much, told, small in zip(worst, bound.worst, SMALL)):
        return f"OVER: {worst and tuple(worst)} at the limit {bound.limit}, and {tuple(bound.worst)} were said"
    return f"bounded by {bound.limit}: {worst.seconds:.2f} s, {worst.megabytes:.0f} MB at most"


def rows(axes: list[str], questions: list[str]) -> Iterator[Row]:
    """Yield what is measured of some axes and questions; of all, where none are named."""
    for name, axis in AXES.items():
        asked = [question for question in asked_of(axis) if not questions or question in questions]
        if asked and (not axes or name in axes):
            yield from measured_rows(name, asked)


def _warm_up() -> None:
    """Import what the questions need, so that no process has to."""
    for name in ("plugins", "texts"):
        for question in (*USUAL, "read many"):
            with tempfile.TemporaryDirectory(prefix="ways-growth-") as folder:
                QUESTIONS[question](World(AXES[name].made(2, os.path.join(folder, "disk")), folder))()


def main(arguments: list[str]) -> int:
    """Measure, and print a row for each axis and question; return how the process ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress growth", description=__doc__, allow_abbrev=False)
    parser.add_argument("--axis", action="append", default=[], choices=AXES, metavar="AXIS", help=f"Which: {', '.join(AXES)}.")
    parser.add_argument("--question", action="append", default=[], choices=QUESTIONS, metavar="QUESTION", help=", ".join(QUESTIONS))
    parser.add_argument("--json", action="store_true", help="Print a line of JSON for each row.")
    asked = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    os.environ.update(WAYS_DESCRIPTORS="", WAYS_CACHE="0", WAYS_PLATFORM="linux")
    _warm_up()
    verdicts = []
    for row in rows(asked.axis, asked.question):
        verdicts.append(row.verdict.partition(" ")[0].strip(",:"))
        print(json.dumps(row.as_dict()) if asked.json else row, flush=True)
    if not asked.json:
        print(f"{len(verdicts)} rows: " + ", ".join(f"{verdicts.count(word)} {word}" for word in ("ok", "bounded", "OVER")))
    return 1 if "OVER" in verdicts else 0
