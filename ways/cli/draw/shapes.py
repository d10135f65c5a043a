"""Drawings before they are written: lines, trees and tables of texts in styles. What writes them is not known here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest

from ways.errors import visible

#: A text, and the style in which it is drawn.
Span = tuple[str, str]
#: Columns of a drawing that a program or a file reads: wider than any line.
UNFOLDED = 10_000
#: Stands for what a line has no room for.
CUT = "…"


#: Between two lines of one drawing. In any other text a line break is shown as an escape.
BREAK: Span = ("\n", "")


def visible_spans(spans: Iterable[Span]) -> list[Span]:
    """Return texts in styles as people can be shown them, with a break between two :class:`Lines`."""
    shown: list[Span] = []
    for span in spans:
        if span is BREAK:
            shown.append(span)
            continue
        for number, line in enumerate(visible(span[0]).split("\n")):
            shown += [BREAK, (line, span[1])] if number else [(line, span[1])]
    return shown


class Line:
    """Texts in styles, one after the other."""

    __slots__ = ("spans",)

    def __init__(self, *spans: Span) -> None:
        self.spans = visible_spans(spans)

    def add(self, text: str, style: str = "", *, is_below: bool = False) -> Line:
        """Add a text at the end.

        :param is_below: whether it begins a line.
        """
        self.spans += visible_spans([BREAK, (text, style)] if is_below else [(text, style)])
        return self

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.spans)


class FittedLine:
    """A line that is made for the room that there is, and never folded.

    :param made: returns it for so many columns.
    :param is_cropped: whether what goes beyond these is left out.
    """

    __slots__ = ("made", "is_cropped")

    def __init__(self, made: Callable[[int], Line], *, is_cropped: bool = False) -> None:
        self.made = made
        self.is_cropped = is_cropped


class Branch:
    """A line with the branches below it."""

    __slots__ = ("label", "branches")

    def __init__(self, label: Line | FittedLine) -> None:
        self.label = label
        self.branches: list[Branch] = []

    def add(self, text: Line | FittedLine | str, style: str = "") -> Branch:
        """Add a branch, and return it."""
        branch = Branch(Line((text, style)) if isinstance(text, str) else text)
        self.branches.append(branch)
        return branch


class Column:
    """A column of a table: its name, its style, and how its texts stand in it."""

    def __init__(
        self, name: str = "", style: str = "", *, is_right: bool = False, is_whole: bool = False, is_folded: bool = False
    ) -> None:
        self.name = name
        self.style = style
        #: Whether texts stand at its right side.
        self.is_right = is_right
        #: Whether its texts stay on one line; and whether they are folded in the middle of a word, where that is too long.
        self.is_whole = is_whole
        self.is_folded = is_folded


class Table:
    """Rows of texts in columns; the names of these stand above them, if they have any."""

    def __init__(self, *columns: Column) -> None:
        self.columns = columns
        self.rows: list[Sequence[str]] = []

    def add(self, *texts: str) -> None:
        """Add a row; of a text with several lines, each has a row."""
        for row in zip_longest(*(visible(text).split("\n") for text in texts), fillvalue=""):
            self.rows.append(row)

    @property
    def has_names(self) -> bool:
        return any(column.name for column in self.columns)


Drawing = Line | Branch | Table


def cells(text: str) -> int:
    """Return how many columns a text takes."""
    # All letters before the combining marks have the width of one column.
    if text.isprintable() and (text.isascii() or max(text) < "\u0300"):
        return len(text)
    # What rich knows of the others takes long to import.
    from rich.cells import cell_len

    return cell_len(text)


def plain_text(drawings: Iterable[Drawing], width: int) -> str | None:
    """Return drawings without styles, as rich draws them where nothing is folded at *width*, but without spaces to fill tables.

    :returns: ``None`` where rich might fold a line, or has a rule of its own for one of its characters.
    """
    lines: list[str] = []
    for drawing in drawings:
        if isinstance(drawing, Branch):
            _add_tree(lines, drawing, width)
        elif isinstance(drawing, Table):
            _add_table(lines, drawing)
        else:
            lines.append(drawing.text)
    text = "\n".join([*lines, ""])
    # A character takes two columns at most.
    if not _OWN_RULES.isdisjoint(text) or any(2 * len(line) > width for line in text.split("\n")):
        return None
    return text


#: Characters that rich leaves out, or makes into others.
_OWN_RULES = frozenset("\t\a\b\v\f\r")


def _add_tree(lines: list[str], branch: Branch, width: int, first: str = "", rest: str = "") -> None:
    """Add the lines of a branch and those below it.

    :param first: stands before the first line of the branch itself.
    :param rest: stands before its other lines, and before those below it.
    """
    label = branch.label
    text = (label if isinstance(label, Line) else label.made(width - len(first))).text
    lines.append(first + text if "\n" not in text else text.replace("\n", "\n" + rest).join((first, "")))
    if branch.branches:
        for below in branch.branches[:-1]:
            _add_tree(lines, below, width, rest + "├── ", rest + "│   ")
        _add_tree(lines, branch.branches[-1], width, rest + "└── ", rest + "    ")


def _add_table(lines: list[str], table: Table) -> None:
    rows = [[column.name for column in table.columns], *table.rows] if table.has_names else table.rows
    widths = [max(map(cells, texts), default=0) for texts in zip(*rows)]
    for row in rows:
        gaps = [" " * (room - cells(text)) for text, room in zip(row, widths)]
        # One long text would make all lines as long. Nothing stands behind the last text that isn't in it.
        if gaps and not table.columns[-1].is_right:
            gaps[-1] = ""
        lines.append("  ".join(gap + text if column.is_right else text + gap for text, gap, column in zip(row, gaps, table.columns)))
