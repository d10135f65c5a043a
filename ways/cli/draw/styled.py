"""Drawings in colors, by rich. Importing it takes longer than most answers: a pipe gets its text without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from rich import table as rich_table
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from ways.cli.draw import shapes
from ways.cli.draw.shapes import Branch, Drawing, FittedLine, Line, Span, Table


def console(file: TextIO, width: int | None) -> Console:
    """Return what draws on a file, in so many columns; in those of the terminal, if that isn't said.

    Whether it has colors is for the file and the environment (NO_COLOR, FORCE_COLOR, TERM) to decide.
    """
    return Console(file=file, highlight=False, width=width)


def write(spans: Sequence[Span], file: TextIO) -> bool:
    """Write a line in its styles, and return whether *file* has any; if not, nothing is written. The line is not folded."""
    drawn = console(file, None if file.isatty() else shapes.UNFOLDED)
    if drawn.color_system is None:
        return False
    drawn.print(Text.assemble(*spans), soft_wrap=True)
    return True


def renderable(drawings: Iterable[Drawing]) -> RenderableType:
    """Return drawings, one below the other, as rich draws them."""
    return Group(*map(_renderable, drawings))


def _renderable(drawing: Drawing) -> RenderableType:
    if isinstance(drawing, Branch):
        return _tree(drawing)
    return _table(drawing) if isinstance(drawing, Table) else text_of(drawing)


def text_of(line: Line) -> Text:
    """Return a line as rich has it."""
    spans = iter(line.spans)
    text, style = next(spans, ("", ""))
    # What is added keeps the style of the first text, where it doesn't say otherwise.
    drawn = Text(text, style=style)
    for text, style in spans:
        drawn.append(text, style=style or None)
    return drawn


def _tree(branch: Branch) -> Tree:
    tree = Tree(_label(branch), guide_style="dim")
    _grow(tree, branch)
    return tree


def _grow(tree: Tree, branch: Branch) -> None:
    for below in branch.branches:
        _grow(tree.add(_label(below)), below)


def _label(branch: Branch) -> RenderableType:
    return text_of(branch.label) if isinstance(branch.label, Line) else _Fitted(branch.label)


class _Fitted:
    """A line that is made for the room that a console has. It is never folded."""

    def __init__(self, line: FittedLine) -> None:
        self._line = line

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[Text]:
        text = text_of(self._line.made(options.max_width))
        text.no_wrap, text.overflow = True, "crop" if self._line.is_cropped else None
        yield text


def _table(table: Table) -> rich_table.Table:
    if table.has_names:
        drawn = rich_table.Table(box=None, pad_edge=False, header_style="bold")
    else:
        drawn = rich_table.Table.grid(padding=(0, 2))
    for column in table.columns:
        drawn.add_column(
            column.name,
            style=column.style,
            justify="right" if column.is_right else "left",
            no_wrap=column.is_whole,
            overflow="fold" if column.is_folded else "ellipsis",
        )
    for row in table.rows:
        drawn.add_row(*map(Text, row))
    return drawn
