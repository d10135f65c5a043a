"""The checks, in the order in which they are made; and what makes them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ways.check.expressions import check_expressions, check_separators
from ways.check.findings import Finding, in_order
from ways.check.layers import check_assignments, check_overridden
from ways.check.loaded import check_loaded
from ways.check.mappings import check_parents_of_tokens, check_readable, check_reading, check_syntax
from ways.check.collisions import check_overlaps
from ways.check.references import check_references
from ways.check.relations import check_hierarchies, check_parents, check_platforms, check_resolving
from ways.check.tokens import (
    check_braces,
    check_conditions,
    check_neighbours,
    check_token_keys,
    check_undescribed,
    check_unused,
)
from ways.check.world import World

Check = Callable[[World], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    check_loaded,
    check_hierarchies,
    check_parents,
    check_resolving,
    check_platforms,
    check_assignments,
    check_overridden,
    check_unused,
    check_undescribed,
    check_neighbours,
    check_braces,
    check_references,
    check_token_keys,
    check_conditions,
    check_expressions,
    check_separators,
    check_readable,
    check_parents_of_tokens,
    check_reading,
    check_syntax,
    check_overlaps,
)


def check_world(world: World) -> list[Finding]:
    """Return everything that any check finds, each once, in the order of sheets and lines."""
    found = dict.fromkeys(finding for check in CHECKS for finding in check(world))
    return sorted(found, key=in_order)
