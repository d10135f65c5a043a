"""The checks, in the order in which they are made; and what makes them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ways.check.findings import Finding, in_order
from ways.check.loaded import check_loaded
from ways.check.world import World

Check = Callable[[World], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    check_loaded,
)


def check_world(world: World) -> list[Finding]:
    """Return everything that any check finds, each once, in the order of sheets and lines."""
    found = dict.fromkeys(finding for check in CHECKS for finding in check(world))
    return sorted(found, key=in_order)
