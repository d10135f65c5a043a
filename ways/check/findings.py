"""Findings: what is wrong with sheets, or will be, as frozen records that can be written as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ways.errors import lines
from ways.sheets.document import Problem, Source, pointer_text
from ways.sheets.schema import FINDING_LEVELS

FindingLevel = Literal["error", "warning", "note"]
#: From the worst to the least.
LEVELS: tuple[FindingLevel, ...] = FINDING_LEVELS


@dataclass(frozen=True, slots=True)
class Related:
    """Another position that belongs to a finding, and why."""

    source: Source
    message: str

    def __str__(self) -> str:
        return f"{self.source}: {self.message}"

    def as_dict(self) -> dict[str, Any]:
        """Return the place as plain data."""
        return {**_place(self.source), "message": self.message}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: what, where, how serious, and what would help."""

    #: A short name for the kind of thing: ``unknown-parent``, ``overlap``, ...
    code: str
    level: FindingLevel
    source: Source
    message: str
    #: What to do about it; ``""`` if the message says it.
    help: str = ""
    related: tuple[Related, ...] = ()
    #: A text for which it is so: one that fits two places, or that a mapping reads otherwise than it writes it, ...
    witness: str = ""
    #: The text that is wrong, and a line that points at the fault.
    excerpt: str = ""

    @classmethod
    def of_problem(cls, problem: Problem, related: tuple[Related, ...] = ()) -> Finding:
        """Return a problem from loading as a finding with the same code, level and position."""
        pointer = pointer_text(problem.source.pointer)
        message = f"{pointer}: {problem.message}" if pointer else problem.message
        return cls(problem.code, problem.level, problem.source, message, problem.help, related, excerpt=problem.excerpt)

    def __str__(self) -> str:
        below = self.excerpt.splitlines()
        below += [f"help: {self.help}"] if self.help else []
        below += [f"see: {place}" for place in self.related]
        below += [f"witness: {self.witness}"] if self.witness else []
        return lines(f"{self.source}: {self.level}: {self.message} [{self.code}]", *(f"  {line}" for line in below))

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as plain data."""
        return {
            "code": self.code,
            "level": self.level,
            **_place(self.source),
            "message": self.message,
            "help": self.help,
            "excerpt": self.excerpt,
            "related": [place.as_dict() for place in self.related],
            "witness": self.witness,
        }


def in_order(finding: Finding) -> tuple[object, ...]:
    """Return what findings are sorted by: sheet, line, column, then the worst first."""
    source = finding.source
    return source.path, source.line, source.column, LEVELS.index(finding.level), finding.code, finding.message


def _place(source: Source) -> dict[str, Any]:
    pointer = pointer_text(source.pointer)
    return {"path": source.path, "line": source.line, "column": source.column, "pointer": pointer}
