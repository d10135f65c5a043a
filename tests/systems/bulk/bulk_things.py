"""What tests of large files share: a small studio, files of texts, and what a run left of them."""

from __future__ import annotations

import csv
import hashlib
import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ways.api import Resolver, Session, resolver
from ways.systems.bulk.run import MANIFEST, Outcome, resolve_file
from ways.systems.engine.serial import SerialEngine


def studio() -> Session:
    """Return a session with two places, ``job`` and ``job/shot``."""
    session = Session()
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/jobs/{JOB}", "mapping_details": {"JOB": {"parse": {"regex": "[a-z]+"}}}, "syntax": 2},
        shot={"hierarchy": "{root}/shot", "uses": ["job"], "mapping": "{root}/{SHOT:03d}", "syntax": 2},
    )
    return session


def studio_resolver() -> Resolver:
    """Return the resolver of :func:`studio`."""
    return resolver(studio().snapshot())


def rows_of(count: int) -> Iterator[tuple[str, ...]]:
    """Yield rows of a number, a text, and a note that CSV has to quote; each seventh text is nothing."""
    for number in range(count):
        text = f"/jobs/dune/{number % 1000:03d}" if number % 7 else f"/nowhere/{number}"
        yield str(number), text, f'a "note",\nof {number}'


def write_csv(path: Path, rows: Iterable[Iterable[str]], head: Iterable[str] = ("id", "text", "note")) -> str:
    """Write a CSV file, and return its path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return str(path)


@contextmanager
def serial(parts: int) -> Iterator[SerialEngine]:
    """Open the engine that does one part after another."""
    with closing(SerialEngine()) as engine:
        yield engine


def run(source: str, out: str | Path, **more: Any) -> Outcome:
    """Resolve a CSV file in this process, ten rows a part, unless *more* says otherwise."""
    options = {"form": "csv", "open_engine": serial, "rows": 10, "resolver": studio_resolver(), **more}
    return resolve_file(options.pop("resolver"), options.pop("form"), source, str(out), options.pop("open_engine"), **options)


def parts_in(out: str | Path) -> list[Path]:
    """Return the files of parts in a folder. Nothing else but the manifest is there."""
    names = sorted(os.listdir(out))
    assert MANIFEST in names and all(name == MANIFEST or name.startswith("part-") for name in names), names
    return [Path(out) / name for name in names if name != MANIFEST]


def digest_of(out: str | Path) -> str:
    """Return the digest of all parts, one behind the other."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in parts_in(out))).hexdigest()


def table_in(out: str | Path) -> list[dict[str, str]]:
    """Return the rows of all parts of CSV."""
    rows: list[dict[str, str]] = []
    for path in parts_in(out):
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            rows += csv.DictReader(file)
    return rows


class Poisoned(Resolver):
    """A resolver that ends the process for one text, and raises for another."""

    def __call__(self, texts: Iterable[Any]) -> dict[str, list[Any]]:
        """Return the table of these texts."""
        texts = list(texts)
        if "/kill" in texts:
            os.kill(os.getpid(), signal.SIGKILL)
        if "/raise" in texts:
            raise ValueError("it can't be")
        return super().__call__(texts)


def other_studio() -> Session:
    """Return a session with one place more. Processes know resolvers by their digests, so it has another."""
    session = studio()
    session.add_plugins(poison={"hierarchy": "poison", "mapping": "/poison", "syntax": 2})
    return session


def poisoned() -> Resolver:
    """Return a resolver of :func:`other_studio` that is poisoned."""
    return Poisoned(other_studio().snapshot(), "", True)
