"""Every code of a finding, once: how bad it is, what it means, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ways.check.findings import FindingLevel


class Code(NamedTuple):
    """One kind of finding."""

    #: How bad it is at its worst.
    level: FindingLevel
    meaning: str
    remedy: str


FINDING_CODES: Mapping[str, Code] = {
    # What a load finds.
    "syntax": Code("error", "The sheet is not the YAML, JSON, TOML or Python it should be.", "Mend it at the place named."),
    "encoding": Code("error", "The sheet has bytes that are no text.", "Save it as UTF-8."),
    "unreadable": Code("error", "The file can't be read.", "See to its rights, or to where its link leads."),
    "format": Code("error", "No format reads a file of this name.", "Name it as one of the formats does."),
    "python": Code("error", "A Python sheet raised an error.", "Mend it at the place named."),
    "not-run": Code("note", "Only running it could tell what it says, so it was not looked at.", "Write plain data, or look yourself."),
    "descriptor": Code("error", "Nothing can be loaded from a search path.", "See whether it is there."),
    "missing-key": Code("error", "A plugin has no hierarchy, or a sheet no plugins.", "Add the key."),
    "type": Code("error", "A key holds something else than it may.", "Write what the message expects."),
    "duplicate-key": Code("error", "A key stands twice; the last one is used.", "Remove or rename one; both lines are told."),
    "unknown-key": Code("warning", "There is no such key, so it says nothing.", "Write the key that is meant, or put it under data."),
    "token-language": Code(
        "error", "A mapping or a token contradicts itself: brackets, formats, choices or a default.", "Mend what the message points at."
    ),
    "variants": Code("error", "Plugins with `when` make too many variants of a place.", "Let fewer tokens decide."),
    "duplicate-uses": Code("error", "A plugin names a parent twice.", "Remove one."),
    "duplicate-uuid": Code("error", "Another plugin has this uuid.", "Give each plugin a uuid of its own, or none."),
    "uses-itself": Code(
        "warning", "A plugin uses its own hierarchy, and so makes nothing.", "Name `{root}` as its hierarchy, or another parent."
    ),
    "plugin": Code("error", "A plugin made in Python fails to answer.", "Mend its code."),
}
