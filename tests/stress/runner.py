"""Scenarios: one fault or input each, tried until the time is up."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

#: Modules of scenarios, each with a table ``SCENARIOS``.
MODULES: tuple[str, ...] = ("threads", "thread_data", "waits", "reload", "crashes", "belief", "clones", "redos", "bulk", "snapshots")

#: What is measured until it is done, and the module whose function ``main`` does so.
PROGRAMS: Mapping[str, str] = {"growth": "growth", "soak": "soak"}


class Outcome(NamedTuple):
    """How often a fault was tried, what happened, and what went wrong."""

    tried: int
    told: str
    wrong: tuple[str, ...] = ()


class Scenario(NamedTuple):
    """What is tried, and what tries it for so many seconds."""

    summary: str
    run: Callable[[float], Outcome]


def scenarios() -> Iterator[tuple[str, Scenario]]:
    """Yield each scenario with its name."""
    for module in MODULES:
        yield from importlib.import_module(f"tests.stress.{module}").SCENARIOS.items()
