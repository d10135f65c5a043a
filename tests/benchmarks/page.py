"""What stands in the docs: the figures as tables, and plots against the number of places."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .runner import Figure, Row

_WIDTHS = "46 14 14 10 10 6"


def shown(value: float, unit: str) -> str:
    """Return a figure as people read it: three digits, in a fitting unit."""
    if unit == "bytes":
        return f"{value / 1e6:,.1f} MB" if value >= 1e6 else f"{value:,.0f} bytes"
    if unit != "s":
        return f"{value:,.0f}"
    for factor, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if value >= factor:
            return f"{value / factor:.3g} {name}"
    return f"{value * 1e9:.3g} ns"


def tables(found: Sequence[Figure], rows: Mapping[str, Row], head: Mapping[str, Any]) -> str:
    """Return the figures in reStructuredText: a table for each row, and one of the peers."""
    machine = head["machine"]
    when = f"{head['date'][:10]}: {machine['system']}, {machine['cores']} cores, Python {machine['python']}, mode {head['mode']}"
    lines = [".. Written by the benchmark command; see performance.rst.", "", f"Measured on {when}.", ""]
    for name in dict.fromkeys(figure.row for figure in found):
        lines += _table(rows[name], [figure for figure in found if figure.row == name])
    return "\n".join([*lines, *_peers(found)])


def _table(row: Row, found: Sequence[Figure]) -> Iterator[str]:
    yield f".. list-table:: {row.name}: {_plain(row.what)}. World: {_plain(row.world)}."
    yield from ("   :header-rows: 1", f"   :widths: {_WIDTHS}", "")
    yield from _line(("What", "Ours", "Limit", "Ratio", "At most", "Met"))
    for figure in found:
        target = "told only" if figure.target is None else f"{figure.target:.3g}"
        met = "" if figure.target is None else "yes" if figure.is_met else "no"
        ours, limit = (shown(value, figure.unit) for value in (figure.ours, figure.limit))
        yield from _line((_plain(figure.label), ours, limit, f"{figure.ratio:.3g}", target, met))
    yield ""


def _peers(found: Sequence[Figure]) -> Iterator[str]:
    beside = [figure for figure in found if figure.peers]
    if not beside:
        return
    yield from (".. list-table:: Beside others, on the same run", "   :header-rows: 1", "   :widths: 34 66", "")
    yield from _line(("What", "Times"))
    for figure in beside:
        times = {"Ways": figure.ours, "limit": figure.limit, **figure.peers}
        told = ", ".join(f"{who} {shown(value, figure.unit)}" for who, value in times.items())
        yield from _line((f"{figure.row}: {_plain(figure.label)}", told))
    yield ""


def _line(cells: Iterable[str]) -> Iterator[str]:
    for number, cell in enumerate(cells):
        yield f"   {'*' if number == 0 else ' '} - {cell}".rstrip()


def _plain(text: str) -> str:
    """Return a text as reStructuredText; what stands in backticks is code."""
    return re.sub(r"`+([^`]+)`+", r"``\1``", re.sub(r"([*|\\])", r"\\\1", text))


class Line(NamedTuple):
    """One line of a plot: its name, and its points."""

    name: str
    points: Sequence[tuple[float, float]]


_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 720, 420, 80, 56, 190, 60
#: For light paper and for dark: the paper, the ink, the grid, and the lines. All are told apart without color, by their marks.
_LIGHT = ("#ffffff", "#222222", "#dddddd", "#0b62a4", "#b5460f", "#2f7d32", "#7b3fa0", "#8a6d00", "#5b6670")
_DARK = ("#15181c", "#e8e8e8", "#3a3f45", "#6db3f2", "#ff9e64", "#7fd083", "#d2a8ff", "#e3c34a", "#aab4be")
_MARKS = ("circle", "square", "diamond", "triangle", "ring", "cross")


def plot(title: str, across: str, up: str, lines: Sequence[Line], unit: str = "s") -> str:
    """Return a plot as SVG, both axes by powers of ten; legible on light and on dark paper."""
    points = [point for line in lines for point in line.points]
    columns, rows = (_decades(point[axis] for point in points) for axis in (0, 1))
    middle, foot = (_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - _BOTTOM + 18
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" role="img">',
        f"<title>{_xml(title)}</title>",
        f"<desc>{_xml('; '.join(_told(line, unit) for line in lines))}</desc>",
        f"<style>{_style(_LIGHT)} @media (prefers-color-scheme: dark) {{ {_style(_DARK)} }}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>',
        f'<text class="ink" x="{_LEFT}" y="28" font-size="16" font-weight="bold">{_xml(title)}</text>',
        f'<text class="ink" x="{middle:.0f}" y="{_HEIGHT - 14}" font-size="13" text-anchor="middle">{_xml(across)}</text>',
        f'<text class="ink" x="{_LEFT}" y="46" font-size="13">{_xml(up)}</text>',
    ]
    for power in range(columns[0], columns[1] + 1):
        x = _place(10.0**power, columns, _LEFT, _WIDTH - _RIGHT)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>')
        parts.append(f'<text class="ink" x="{x:.1f}" y="{foot}" font-size="12" text-anchor="middle">{10**power:,}</text>')
    for power in range(rows[0], rows[1] + 1):
        y = _place(10.0**power, rows, _HEIGHT - _BOTTOM, _TOP)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        label = shown(10.0**power, unit)
        parts.append(f'<text class="ink" x="{_LEFT - 8}" y="{y + 4:.1f}" font-size="12" text-anchor="end">{label}</text>')
    for number, line in enumerate(lines):
        parts += _drawn(number, line, columns, rows)
    return "\n".join([*parts, "</svg>", ""])


def _drawn(number: int, line: Line, columns: tuple[int, int], rows: tuple[int, int]) -> Iterator[str]:
    places = []
    for across, up in line.points:
        places.append((_place(across, columns, _LEFT, _WIDTH - _RIGHT), _place(up, rows, _HEIGHT - _BOTTOM, _TOP)))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield f'<polyline class="line{number}" fill="none" stroke-width="2" points="{path}"/>'
    for x, y in places:
        yield _mark(number, x, y)
    x, y = _WIDTH - _RIGHT + 22, _TOP + 10 + 24 * number
    yield _mark(number, x, y)
    yield f'<text class="ink" x="{x + 12}" y="{y + 4}" font-size="12">{_xml(line.name)}</text>'


def _mark(number: int, x: float, y: float) -> str:
    kind = _MARKS[number % len(_MARKS)]
    if kind in ("circle", "ring"):
        fill = "" if kind == "circle" else ' fill="none" style="fill:none"'
        return f'<circle class="mark{number}"{fill} cx="{x:.1f}" cy="{y:.1f}" r="4" stroke-width="2"/>'
    corners = {
        "square": ((-4, -4), (4, -4), (4, 4), (-4, 4)),
        "diamond": ((0, -6), (6, 0), (0, 6), (-6, 0)),
        "triangle": ((0, -5), (5, 4), (-5, 4)),
        "cross": ((-5, -5), (0, -1), (5, -5), (1, 0), (5, 5), (0, 1), (-5, 5), (-1, 0)),
    }[kind]
    path = " ".join(f"{x + across:.1f},{y + up:.1f}" for across, up in corners)
    return f'<polygon class="mark{number}" points="{path}" stroke-width="1"/>'


def _style(colors: Sequence[str]) -> str:
    paper, ink, grid, *lines = colors
    rules = [f".paper {{ fill: {paper} }}", f".ink {{ fill: {ink} }}", f".grid {{ stroke: {grid} }}"]
    for number, color in enumerate(lines):
        rules.append(f".line{number} {{ stroke: {color} }} .mark{number} {{ fill: {color}; stroke: {color} }}")
    return " ".join(rules)


def _decades(values: Iterable[float]) -> tuple[int, int]:
    """Return the powers of ten between which all values lie."""
    logs = [math.log10(value) for value in values]
    low, high = math.floor(min(logs) + 1e-9), math.ceil(max(logs) - 1e-9)
    return low, max(high, low + 1)


def _place(value: float, powers: tuple[int, int], low: float, high: float) -> float:
    return low + (math.log10(value) - powers[0]) / (powers[1] - powers[0]) * (high - low)


def _told(line: Line, unit: str) -> str:
    return f"{line.name}: " + ", ".join(f"{across:,.0f} {shown(up, unit)}" for across, up in line.points)


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def median(timer: Any, rounds: int) -> float:
    """Return the median of so many goes."""
    return statistics.median(timer() for _ in range(rounds))
