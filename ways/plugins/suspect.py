"""Which plugins have mappings that may be wrong: only for these is what reads mappings loaded, which takes 14 ms."""

from __future__ import annotations

from ways.sheets.document import PluginRecord

#: The keys of a token that say what its text looks like, and may contradict each other.
TYPE_KEYS = ("format", "choices", "default", "sequence")


def may_be_wrong(record: PluginRecord) -> bool:
    """Whether anything is written that only newer sheets have: the others cost nothing more."""
    mapping, details = record.values.get("mapping") or "", record.values.get("mapping_details") or {}
    if _has_spec(mapping) or record.values.get("syntax") == 2:
        return True
    return any(key in entry for entry in details.values() for key in TYPE_KEYS) or any(
        _has_spec(entry.get("mapping") or "") for entry in details.values()
    )


def _has_spec(mapping: str) -> bool:
    """Whether a colon stands in braces, as in ``{VERSION:03d}``; that of a drive, ``Z:``, is none."""
    return ":" in mapping and any(":" in part.partition("}")[0] for part in mapping.split("{")[1:])
