"""What is greater in one plugin than it may be: told before anything is made of it, as making it is what takes long."""

from __future__ import annotations

from collections.abc import Iterator

from ways.hierarchy import MAX_PARTS
from ways.limits import Limits
from ways.plugins.relative import ROOT
from ways.sheets.document import PluginRecord, Problem, beyond

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def too_much(record: PluginRecord, limits: Limits) -> Problem | None:
    """Return the problem that a plugin, or what it writes of its tokens, is greater than it may be; else ``None``."""
    for name, count, *keys in _counts(record.values):
        if count > getattr(limits, name):
            return beyond(limits, name, record.source_of(*keys), str(count))
    return None


def _counts(values: Any) -> Iterator[tuple[Any, ...]]:
    """Yield limit, number and key of everything in a plugin that is counted."""
    mapping, details = values.get("mapping") or "", values.get("mapping_details") or {}
    own, uses = values.get("hierarchy") or "", values.get("uses") or ()
    yield "mapping", len(mapping), "mapping"
    yield "tokens", mapping.count("{"), "mapping"
    yield "tokens", len(details), "mapping_details"
    longest = max(map(len, uses), default=0)
    # A text of so many characters is long before its parts are counted: they are what is copied for each parent.
    yield "mapping", len(own) + own.count(ROOT) * longest, "hierarchy"
    yield "mapping", longest, "uses"
    deepest = max((parent.count("/") for parent in uses), default=-1) + 1
    yield "hierarchy", _depth(own, deepest), "hierarchy"
    total = 0
    for token, entry in details.items():
        yield "mapping", len(entry.get("mapping") or ""), "mapping_details", token, "mapping"
        total += sum(map(_length, (entry.get("parse") or {}).values()))
        yield "expression", total, "mapping_details", token, "parse"


def _depth(own: str, above: int) -> int:
    """Return how many parts a hierarchy has below a parent of so many."""
    parts = [part for part in own.split("/") if part.strip()]
    rooted = [part.count(ROOT) * above or 1 for part in parts if ROOT in part]
    found = len(parts) - len(rooted) + (sum(rooted) if rooted else above)
    # What no hierarchy can have at all is told where it is made.
    return found if found <= MAX_PARTS else 0


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str) else 8
