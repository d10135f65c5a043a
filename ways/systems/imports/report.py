"""What became of each thing of the source: the remarks in order, and how many of each kind are in the sheet or left out."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from ways.sheets.document import Source
from ways.systems.imports.records import Imported, Level, Remark
from ways.systems.imports.writing import Sheet


class Report(NamedTuple):
    """The report of an import. Each root, key and template is in a comment of the sheet, or left out by one remark."""

    system: str
    remarks: tuple[Remark, ...]
    #: Kind of thing -> how many are in the sheet, and how many are left out.
    counts: dict[str, tuple[int, int]]
    places: dict[str, str]
    #: Name of each root and template -> where it is written.
    sources: dict[str, Source]
    #: Names of the templates in the sheet.
    templates: frozenset[str]
    #: The files that were read.
    files: tuple[str, ...]

    @property
    def is_all_said(self) -> bool:
        """Whether the sheet says all that the source says."""
        return not any(remark.level == "error" for remark in self.remarks)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "system": self.system,
            "counts": {kind: {"written": written, "left_out": left} for kind, (written, left) in self.counts.items()},
            "remarks": [remark_dict(remark) for remark in self.remarks],
            "places": self.places,
        }


def report_of(imported: Imported, sheet: Sheet) -> Report:
    """Return the report of what was read and written."""
    remarks = sorted((*imported.remarks, *sheet.remarks), key=_in_order)
    left = Counter(remark.left_out[0] for remark in remarks if remark.left_out)
    unused = {remark.left_out for remark in remarks if remark.left_out and remark.code == "unused-key"}
    keys = sum(("key", key.name) not in unused for key in imported.keys)
    found = {"root": len(imported.roots), "key": keys, "template": len(imported.templates)}
    counts = {kind: (count, left[kind]) for kind, count in found.items() if count or left[kind]}
    sources = {root.name: root.source for root in imported.roots} | {item.name: item.source for item in imported.templates}
    names = frozenset(item.name for item in imported.templates)
    return Report(imported.system, tuple(remarks), counts, dict(sheet.places), sources, names, imported.files)


def remark_dict(remark: Remark) -> dict[str, Any]:
    """Return a remark as plain data."""
    source = remark.source
    return {
        "code": remark.code,
        "level": remark.level,
        "path": source.path,
        "line": source.line,
        "column": source.column,
        "message": remark.message,
        "help": remark.help,
        "left_out": list(remark.left_out) if remark.left_out else None,
    }


def _in_order(remark: Remark) -> tuple[object, ...]:
    levels: tuple[Level, ...] = ("error", "note")
    return remark.source.path, remark.source.line, remark.source.column, levels.index(remark.level), remark.code, remark.message
