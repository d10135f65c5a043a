"""Targets: one kind of input each, and what must hold for every one of them."""

from __future__ import annotations

import importlib
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
#: Modules of targets, each with a table ``TARGETS``.
MODULES: tuple[str, ...] = ("native", "foreign", "patterns", "archives", "names", "stored", "world", "answers", "repositories", "imported")
#: What the caller's own environment must not change. No target runs code that an input names.
ENVIRONMENT = {"WAYS_DESCRIPTORS": "", "WAYS_CACHE": "0", "WAYS_PLATFORM": "linux"}


class TooSlow(AssertionError):
    """An input took longer than any may."""


class TooMuch(AssertionError):
    """An input took more memory than any may."""


class Target(NamedTuple):
    """What is fuzzed."""

    #: The property, as a sentence.
    summary: str
    #: Raises for an input for which it doesn't hold.
    run: Callable[[bytes], None]
    #: Bytes of the longest input.
    longest: int = 4096
    #: Seconds of this process's own time that one input may take, with the instrumentation of a fuzzer.
    seconds: float = 5.0
    #: Bytes of memory that one input may take.
    memory: int = 1 << 30


def targets() -> dict[str, Target]:
    """Return each target by its name."""
    # The oracles that some compare with are modules beside this package.
    if (tests := str(HERE.parent)) not in sys.path:
        sys.path.append(tests)
    return dict(sorted(_all_targets()))


def _all_targets() -> Iterator[tuple[str, Target]]:
    for module in MODULES:
        yield from importlib.import_module(f".{module}", __package__).TARGETS.items()


def tried(target: Target, data: bytes) -> None:
    """Run one input.

    :raises TooSlow: it took too long.
    :raises TooMuch: it took too much memory; or whatever else the target raises.
    """
    started = time.process_time()
    with warnings.catch_warnings():
        # Python warns of odd expressions, dates and escapes in what it is given to read; we log each problem.
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            with _ceiling(target.memory):
                target.run(data)
        finally:
            logging.disable(logging.NOTSET)
    taken = time.process_time() - started
    if taken > target.seconds:
        raise TooSlow(f"{taken:.1f} s, where {target.seconds} are the most")


@contextmanager
def _ceiling(size: int) -> Iterator[None]:
    """Let little more memory than so much be taken in the block, where the system can see to that: Linux.

    What is taken and given back by code that goes on without is seen by the most that the process ever had.
    """
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most, limit = _most(), _taken() + size * 5 // 4
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    try:
        yield
    except MemoryError as error:
        raise TooMuch(f"more than {size} bytes") from error
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    if _most() - most > size:
        raise TooMuch(f"{_most() - most} bytes, where {size} are the most")


def _taken() -> int:
    """Return the bytes of this process's addresses."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _most() -> int:
    """Return the most bytes of memory that this process ever had."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def seeds(name: str) -> list[Path]:
    """Return the files of the corpus of a target, in order."""
    return sorted(path for path in (CORPUS / name).glob("*") if path.is_file())


def clean_environment() -> dict[str, str]:
    """Return the environment that targets run in."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("WAYS_")}
    return {**kept, **ENVIRONMENT}
