"""What answers are drawn with: styles for people, plain text for a pipe, and one line of JSON for programs."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from ways.cli.draw import shapes
from ways.cli.draw.shapes import Drawing, Span
from ways.errors import Lines

#: How bad a thing is -> the style of the word that says it.
LEVEL_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}


def draw(*drawings: Drawing, width: int | None = None) -> None:
    """Draw on standard output, one below the other; lines are folded only on a terminal, or at a given *width*."""
    file = sys.stdout
    if width is None and not file.isatty():
        width = shapes.UNFOLDED
    if width == shapes.UNFOLDED and not _may_have_styles(file):
        text = shapes.plain_text(drawings, width)
        if text is not None:
            file.write(text)
            return
    from ways.cli.draw.styled import console, renderable

    drawn = console(file, width)
    if width != shapes.UNFOLDED or drawn.color_system is not None:
        drawn.print(renderable(drawings))
        return
    with drawn.capture() as captured:
        drawn.print(renderable(drawings))
    file.write("".join(f"{line.rstrip(' ')}\n" for line in captured.get().split("\n")[:-1]))


def write_spans(spans: Sequence[Span], plain: Callable[[str], None], file: TextIO) -> None:
    """Write texts in their styles where *file* has colors; else the texts alone, by *plain*. No line is folded."""
    spans = shapes.visible_spans(spans)
    # Importing what has styles takes longer than most answers.
    if _may_have_styles(file):
        from ways.cli.draw import styled

        if styled.write(spans, file):
            return
    plain(Lines("".join(text for text, _ in spans)))


def _may_have_styles(file: TextIO) -> bool:
    """Whether a file may be drawn on in styles: it is a terminal, or the environment says that it is as good as one."""
    return file.isatty() or bool(os.environ.get("FORCE_COLOR")) or os.environ.get("TTY_COMPATIBLE") == "1"


def with_level(text: str, level: str) -> list[Span]:
    """Return a line with the word for how bad it is, the first one, in its style."""
    before, word, after = text.partition(f"{level}: ")
    return [(before, ""), (word, LEVEL_STYLES.get(level, "")), (type(text)(after), "")]


def as_json(record: Any) -> str:
    """Return one JSON document on one line; what JSON has no word for, such as an infinite number, is written as text."""
    try:
        return json.dumps(record, default=_plain, allow_nan=False)
    except ValueError:
        return json.dumps(_spelled(record), default=_plain)


def _spelled(value: Any) -> Any:
    """Return a record with each number as text that JSON has no word for."""
    if isinstance(value, dict):
        return {key: _spelled(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_spelled(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else str(value)
