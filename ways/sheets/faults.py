"""What is wrong with the text of a sheet, for people: the place, a line with a caret, and what to write instead."""

from __future__ import annotations

import re

from ways.errors import caret
from ways.sheets.document import Draft, Problem, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple

#: What ends a line in YAML; JSON, TOML and Python know fewer, and none of the others is usual in them.
_LINE_BREAK = "\r\n|[\n\r\x85\u2028\u2029]"
#: Characters of a text on which corrections are tried. Greater texts were written by a program, and trying takes too long.
LARGEST = 300_000
#: Characters of a line that are shown, and how many of them before the fault.
_SHOWN, _BEFORE = 100, 60


class Fault(NamedTuple):
    """One mistake in a text. Lines and columns count from 1."""

    line: int
    column: int
    #: What is wrong, in one sentence without a full stop.
    message: str
    #: What to write instead; ``""`` where that isn't sure.
    help: str = ""
    #: Characters that are wrong.
    length: int = 1
    expected: str = ""
    found: str = ""


def fault_at(
    text: str, index: int, message: str, help: str = "", length: int = 1, expected: str = "", found: str = ""
) -> Fault:
    """Return the Fault at a character of *text*, of which line breaks are those of JSON and TOML."""
    line, column = text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
    return Fault(line, column, message, help, length, expected, found)


def lines_of(text: str) -> list[str]:
    """Return the lines of *text*, without what ends them."""
    return re.split(_LINE_BREAK, text)


def item_end(line: str, start: int) -> int:
    """Return where an item ends that begins at *start* within braces or brackets."""
    depth = 0
    for index in range(start, len(line)):
        letter = line[index]
        depth += (letter in "{[") - (letter in "}]")
        if depth < 0 or (letter == "," and not depth) or line[index : index + 2] == " #":
            return index
    return len(line)


def excerpt_of(line: str, column: int, length: int = 1) -> str:
    """Return *line* with a caret below the characters that are wrong; of a long line, the part around them."""
    start = min(column - 1, len(line))
    end = min(start + max(1, length), len(line))
    first = max(0, start - _BEFORE) if len(line) > _SHOWN else 0
    before, within, after = (_shown(part) for part in (line[first:start], line[start:end], line[end : first + _SHOWN]))
    head = "..." if first else ""
    tail = "..." if len(line) > first + _SHOWN else ""
    within = within[: max(1, _SHOWN - len(before))]
    return caret(f"{head}{before}{within}{after}{tail}".rstrip(), (len(head + before), len(head + before + within)))


def _shown(text: str) -> str:
    """Return *text* as a terminal shows it in as many columns as it has characters; a tab takes four."""
    return "".join(letter if letter.isprintable() else "    " if letter == "\t" else "\ufffd" for letter in text)


def lost(fault: Fault, text: str, source: Source) -> Draft:
    """Return the Draft of a sheet that can't be read for *fault*."""
    # Only YAML takes further characters for line breaks.
    lines = lines_of(text) if source.format == "yaml" else re.split("\r?\n", text)
    line = min(max(1, fault.line), len(lines))
    column = min(max(1, fault.column), len(lines[line - 1]) + 1)
    at, excerpt = source._replace(line=line, column=column), excerpt_of(lines[line - 1], column, fault.length)
    problem = Problem(at, fault.message, "error", "syntax", fault.expected, fault.found, fault.help, excerpt)
    return Draft(None, problems=(problem,), is_lost=True)
