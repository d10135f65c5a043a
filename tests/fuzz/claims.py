"""What holds for whatever a reader of sheets gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ways.sheets import schema
from ways.sheets.document import Draft, PluginRecord, Position, Problem, Source


def lines_of(text: str) -> list[list[str]]:
    """Return the lines of a text by each notion of a line that a format has."""
    return [text.splitlines() or [""], re.split("\r\n?|\n", text), text.split("\n")]


def is_inside(position: Position, lines: Sequence[Sequence[str]]) -> bool:
    """Whether a position is that of a character, or of the end of a line; or none at all."""
    line, column = position
    if position == (0, 0):
        return True
    return any(1 <= line <= len(some) and 1 <= column <= len(some[line - 1]) + 1 for some in lines) or (
        # The end of a text that ends with a line break.
        column == 1 and line == len(lines[0]) + 1
    )


def check_draft(draft: Draft, text: str, source: Source) -> tuple[PluginRecord, ...]:
    """Check a draft and what the schema makes of it; return its plugins."""
    lines = lines_of(text)
    for pointer, position in draft.positions.items():
        assert is_inside(position, lines), f"{pointer} at {position}"
    check_problems(draft.problems, lines)
    assert not draft.is_lost or any(problem.level == "error" for problem in draft.problems)
    if draft.is_lost:
        return ()
    plugins, problems = schema.check(draft, source)
    check_problems(problems, lines)
    for record in plugins:
        assert is_inside((record.source.line, record.source.column), lines), record.source
        for key in record.values:
            at = record.source_of(key)
            assert is_inside((at.line, at.column), lines), at
    return plugins


def check_problems(problems: Iterable[Problem], lines: Sequence[Sequence[str]]) -> None:
    """Check that each problem can be shown, and points into the file."""
    for problem in problems:
        assert problem.message and problem.code and problem.level in ("error", "warning")
        assert str(problem) and problem.as_dict()
        assert is_inside((problem.source.line, problem.source.column), lines), problem
