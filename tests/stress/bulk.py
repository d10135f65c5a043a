"""Files that are resolved part by part, when their process is killed anywhere, the disk is full, or workers are killed."""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from pathlib import Path
from typing import Any
from unittest import mock

from ways.api import Resolver, Session, resolver
from ways.systems.bulk import run as running
from ways.systems.engine.serial import SerialEngine

from .faults import Fault, ended, folder
from .runner import Outcome, Scenario

#: Texts of a file, and those of a part.
COUNT, ROWS = 2000, 100
PARTS = COUNT // ROWS


def studio() -> Resolver:
    """Return the resolver of two places."""
    session = Session()
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/jobs/{JOB}", "syntax": 2},
        shot={"hierarchy": "{root}/shot", "uses": ["job"], "mapping": "{root}/{SHOT:03d}", "syntax": 2},
    )
    return resolver(session.snapshot())


def written(place: str) -> str:
    """Write a file of texts, and return its path."""
    path = os.path.join(place, "in.csv")
    texts = (f"{number},/jobs/dune/{number % 1000:03d}\n" if number % 9 else f"{number},/no\n" for number in range(COUNT))
    Path(path).write_text("".join(["id,text\n", *texts]), encoding="utf-8")
    return path


def serial(parts: int) -> AbstractContextManager[SerialEngine]:
    """Open the engine of this process."""
    return closing(SerialEngine())


def resolved(resolve: Resolver, source: str, out: str, engine: Any = serial, report: Callable[..., object] = lambda *_: None) -> int:
    """Resolve the file, and return how many parts are there."""
    # The manifest is written after each part: there are more moments to be killed in.
    with mock.patch.object(running, "_SELDOM", 0):
        return len(running.resolve_file(resolve, "csv", source, out, engine, rows=ROWS, report=report).done)


def digest_of(out: str) -> str:
    """Return the digest of all parts, or what else is there."""
    names = sorted(set(os.listdir(out)) - {running.MANIFEST})
    if names != [f"part-{number:06d}.csv" for number in range(PARTS)]:
        return str(names)
    return hashlib.sha256(b"".join(Path(out, name).read_bytes() for name in names)).hexdigest()


def run_faults(seconds: float) -> Outcome:
    """Kill the process of a run, or fill the disk, at any step, often twice; then let it go on."""
    until, chooser, tried, wrong = time.monotonic() + seconds, random.Random(1), Counter[str](), []
    with folder() as place:
        resolve, source, whole = studio(), written(place), os.path.join(place, "whole")
        os.mkdir(whole)
        steps = ended(lambda: resolved(resolve, source, whole), Fault(whole, 10**9)).steps
        expected = digest_of(whole)
        while time.monotonic() < until:
            out = os.path.join(place, f"out{tried.total()}")
            os.mkdir(out)
            harm = chooser.choice(["kill", "kill", "ENOSPC", "EIO"])
            told = []
            for _ in range(chooser.choice([1, 2])):
                fault = Fault(out, chooser.randint(1, steps), harm, 1 if harm == "kill" else 10**9)
                ended(lambda: resolved(resolve, source, out), fault)
                told.append(f"{harm} at step {fault.at}")
            tried[harm] += 1
            resolved(resolve, source, out)
            if digest_of(out) != expected:
                wrong.append(f"{', '.join(told)}: {digest_of(out)}")
    counts = ", ".join(f"{count} {harm}" for harm, count in tried.items())
    return Outcome(tried.total(), f"{counts}; {steps} steps of a run; the parts were the same each time", tuple(wrong))


def run_workers(seconds: float) -> Outcome:
    """Kill one of two workers, or both, while they do parts; each at least five times, whatever the time."""
    import psutil

    from ways.systems.engine import dask

    until, chooser, tried, wrong = time.monotonic() + seconds, random.Random(1), Counter[int](), []
    with folder() as place, dask.local(2) as engine:
        resolve, source, whole = studio(), written(place), os.path.join(place, "whole")
        resolved(resolve, source, whole)
        while time.monotonic() < until or min(tried[1], tried[2]) < 5:
            killed = 1 + tried.total() % 2
            tried[killed] += 1
            out, left, at = os.path.join(place, f"out{tried.total()}"), [killed], chooser.randint(1, PARTS // 2) * ROWS

            def kill(done: int, rows: int) -> None:
                for child in psutil.Process().children(recursive=True) if done >= at else ():
                    # One that was killed before may still be listed.
                    with suppress(psutil.Error):
                        if left[0] and "spawn_main" in " ".join(child.cmdline()):
                            child.kill()
                            left[0] -= 1

            count = resolved(resolve, source, out, lambda parts: nullcontext(engine), kill)
            if count != PARTS or digest_of(out) != digest_of(whole):
                wrong.append(f"{killed} killed at row {at}: {count} parts, {digest_of(out)}")
    told = f"{tried[1]} with one of two killed, {tried[2]} with both; the parts were the same each time"
    return Outcome(tried.total(), told, tuple(wrong))


SCENARIOS = {
    "bulk-faults": Scenario("resolve a file while its process is killed, or the disk is full, at any step", run_faults),
    "bulk-workers": Scenario("resolve a file while the processes of Dask are killed; this needs the extra dask", run_workers),
}
