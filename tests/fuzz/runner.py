"""Targets: one kind of input each, and what must hold for every one of them."""

from __future__ import annotations

import importlib
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
#: Modules of targets, each with a table ``TARGETS``.
MODULES: tuple[str, ...] = ("native", "foreign", "patterns", "archives", "names", "stored", "world")
#: What the caller's own environment must not change. No target runs code that an input names.
ENVIRONMENT = {"WAYS_DESCRIPTORS": "", "WAYS_CACHE": "0", "WAYS_PLATFORM": "linux"}


class TooSlow(AssertionError):
    """An input took longer than any may."""


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

    :raises TooSlow: it took too long; or whatever else the target raises.
    """
    started = time.process_time()
    with warnings.catch_warnings():
        # Python warns of odd expressions, dates and escapes in what it is given to read; we log each problem.
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            target.run(data)
        finally:
            logging.disable(logging.NOTSET)
    taken = time.process_time() - started
    if taken > target.seconds:
        raise TooSlow(f"{taken:.1f} s, where {target.seconds} are the most")


def seeds(name: str) -> list[Path]:
    """Return the files of the corpus of a target, in order."""
    return sorted(path for path in (CORPUS / name).glob("*") if path.is_file())


def clean_environment() -> dict[str, str]:
    """Return the environment that targets run in."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("WAYS_")}
    return {**kept, **ENVIRONMENT}
