"""What answers are drawn with: a console for people, and one line of JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from ways.cli.streams import escaped

#: Columns of a drawing that a program or a file reads: wider than any line.
UNFOLDED = 10_000
#: Stands for what a line has no room for.
CUT = "…"
#: A text, and the style in which it is drawn.
Span = tuple[str, str]
#: How bad a thing is -> the style of the word that says it.
LEVEL_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}


class SafeConsole(Console):
    """Draws no character that a terminal would obey."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(escaped(segment.text), segment.style)


def console(file: TextIO | None = None, width: int | None = None) -> Console:
    """Return what draws on standard output, or on another file; lines are folded only on a terminal, or at a given *width*.

    Whether it has colours is for the file and the environment (NO_COLOR, FORCE_COLOR, TERM) to decide.
    """
    file = file or sys.stdout
    return SafeConsole(file=file, highlight=False, width=width or (None if file.isatty() else UNFOLDED))


def write_spans(spans: Sequence[Span], plain: Callable[[str], None], file: TextIO) -> None:
    """Write a line in its styles where *file* has colours; else its text alone, by *plain*. No line is folded."""
    # Making a console takes longer than most answers: no pipe needs one, unless it is asked for.
    if file.isatty() or os.environ.get("FORCE_COLOR"):
        drawn = console(file)
        if drawn.color_system is not None:
            drawn.print(Text.assemble(*spans), soft_wrap=True)
            return
    plain("".join(text for text, _ in spans))


def with_level(text: str, level: str) -> list[Span]:
    """Return a line with the word for how bad it is, the first one, in its style."""
    before, word, after = text.partition(f"{level}: ")
    return [(before, ""), (word, LEVEL_STYLES.get(level, "")), (after, "")]


def as_json(record: Any) -> str:
    """Return one JSON document on one line; what JSON has no word for is written as text."""
    return json.dumps(record, default=_plain)


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else str(value)
