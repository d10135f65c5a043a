"""What is checked of a plugin before it is made: that it isn't too large, and its language if there may be a fault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ways.limits import Limits, MAX_HIERARCHY
from ways.plugins.relative import ROOT
from ways.sheets.document import PluginRecord, Problem, limit_problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The keys of a token that say what its text looks like, and may contradict each other.
TYPE_KEYS = ("format", "choices", "default", "sequence")


def limits_exceeded(record: PluginRecord, limits: Limits) -> Problem | None:
    """Return the problem that a plugin, or what it gives of its tokens, is larger than it may be; else ``None``."""
    for name, count, *keys in _counts(record.values):
        if count > getattr(limits, name):
            return limit_problem(limits, name, record.source_of(*keys), str(count))
    return None


def _counts(values: Any) -> Iterator[tuple[Any, ...]]:
    """Yield limit, number and key of everything in a plugin that is counted."""
    mapping, details = values.get("mapping") or "", values.get("mapping_details") or {}
    own, uses = values.get("hierarchy") or "", values.get("uses") or ()
    yield "mapping", len(mapping), "mapping"
    yield "tokens", mapping.count("{"), "mapping"
    yield "tokens", len(details), "mapping_details"
    longest = max(map(len, uses), default=0)
    # The text is measured before its parts are counted: it is copied for each parent.
    yield "mapping", len(own) + own.count(ROOT) * longest, "hierarchy"
    yield "mapping", longest, "uses"
    deepest = max((parent.count("/") for parent in uses), default=-1) + 1
    yield "hierarchy", _depth(own, deepest), "hierarchy"
    total = 0
    for token, entry in details.items():
        yield "mapping", len(entry.get("mapping") or ""), "mapping_details", token, "mapping"
        # A value that is no text counts as 8 characters.
        total += sum(len(value) if isinstance(value, str) else 8 for value in (entry.get("parse") or {}).values())
        yield "expression", total, "mapping_details", token, "parse"


def _depth(own: str, above: int) -> int:
    """Return how many parts a hierarchy has below a parent of so many."""
    parts = [part for part in own.split("/") if part.strip()]
    rooted = [part.count(ROOT) * above or 1 for part in parts if ROOT in part]
    depth = len(parts) - len(rooted) + (sum(rooted) if rooted else above)
    # A depth that no hierarchy can have raises an error where the plugin is made.
    return depth if depth <= MAX_HIERARCHY else 0


def validated(record: PluginRecord) -> tuple[PluginRecord | None, Sequence[Problem]]:
    """Return *record* without the keys of tokens that can't be used, and what is wrong with its mapping and tokens.

    The record is ``None`` if its mapping can't be read.
    """
    if not needs_language_check(record):
        return record, ()
    # Loads what reads mappings, which takes 14 ms.
    from ways.plugins.language import check_language

    return check_language(record)


def needs_language_check(record: PluginRecord) -> bool:
    """Whether a plugin has something whose faults are found before use: syntax 2, formats, or other keys of types."""
    mapping, details = record.values.get("mapping") or "", record.values.get("mapping_details") or {}
    if _has_spec(mapping) or record.values.get("syntax") == 2:
        return True
    return any(key in entry for entry in details.values() for key in TYPE_KEYS) or any(
        _has_spec(entry.get("mapping") or "") for entry in details.values()
    )


def _has_spec(mapping: str) -> bool:
    """Whether a colon stands in braces, as in ``{VERSION:03d}``; that of a drive, ``Z:``, doesn't."""
    return ":" in mapping and any(":" in part.partition("}")[0] for part in mapping.split("{")[1:])
