"""What answers are drawn with: a console for people, and one line of JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from ways.cli.streams import escaped

#: Columns of a drawing that a program or a file reads: wider than any line.
_UNFOLDED = 10_000


class SafeConsole(Console):
    """Draws no character that a terminal would obey."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(escaped(segment.text), segment.style)


def console() -> Console:
    """Return what draws on standard output; lines are folded only on a terminal."""
    return SafeConsole(highlight=False, width=None if sys.stdout.isatty() else _UNFOLDED)


def as_json(record: Any) -> str:
    """Return one JSON document on one line; what JSON has no word for is written as text."""
    return json.dumps(record, default=_plain)


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else str(value)
