"""A graph of steps as a tree, as a picture (SVG), and in the language of Graphviz (DOT)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from ways.cli.draw.shapes import Branch, Line
from ways.errors import visible

#: Pixels of a picture: the height of a box, the space between two boxes, around the text in one, and of a letter.
HEIGHT, GAP, ABOVE, PADDING, LETTER = 46, 24, 42, 14, 7.3
#: Characters of a line in a box.
MOST = 40
#: How often the boxes of a row are put in the order of those that they come from.
ROUNDS = 4


class _Box(NamedTuple):
    """A step, or an artifact that is read or saved."""

    key: str
    lines: tuple[str, str]
    #: The keys of the boxes that come before it.
    after: tuple[str, ...]
    is_artifact: bool


def tree(record: Mapping[str, Any]) -> Branch:
    """Return a plan as a tree of its parameters, steps and artifacts."""
    top = Branch(Line((record["entrypoint"], "bold")))
    parameters = [(name, f" = {_short(value)}") for name, value in record["parameters"].items()]
    parameters += [(name, " (no value)") for name in record["missing"]]
    _grow(top, "parameters", parameters)
    _grow(top, "artifact inputs", [(name, f" ({', '.join(outputs)})") for name, outputs in record["artifact_inputs"].items()])
    _grow(top, "steps", [(step["name"], f": {_call(step)}") for step in record["steps"]])
    saved = [(item["name"], f": {item['task']}({', '.join(_arguments([item['contents']], item['args']))})") for item in record["artifacts"]]
    _grow(top, "artifacts", saved)
    return top


def _grow(top: Branch, title: str, rows: Sequence[tuple[str, str]]) -> None:
    below = top.add(title, "dim") if rows else top
    for name, text in rows:
        below.add(Line((name, "bold"), (text, "")))


def _call(step: Mapping[str, Any]) -> str:
    text = f"{step['task']}({', '.join(_arguments(step['args'], step['kwargs']))})"
    shown = json.dumps([step["args"], step["kwargs"]], default=str)
    # What it waits for without taking anything from it.
    others = [name for name in step["after"] if f'"${name}"' not in shown and f'"${name}.' not in shown]
    return f"{text} after {', '.join(others)}" if others else text


def _arguments(args: Iterable[Any], kwargs: Mapping[str, Any]) -> list[str]:
    return [*map(_short, args), *(f"{name}={_short(value)}" for name, value in kwargs.items())]


def _short(value: Any) -> str:
    """Return a value as a graph writes it, cut if it is long."""
    is_reference = isinstance(value, str) and value.startswith("$") and not value.startswith("$$") and value != "$"
    text = value if is_reference else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 2 * MOST else f"{text[:2 * MOST - 1]}…"


def _boxes(record: Mapping[str, Any]) -> list[_Box]:
    """Return the boxes of a plan, each behind those that come before it."""
    steps = {step["name"]: f"step {step['name']}" for step in record["steps"]}
    inputs = {name: f"input {name}" for name in record["artifact_inputs"] if name not in steps}
    keys = {**inputs, **steps}
    boxes = [_Box(key, (name, "artifact input"), (), True) for name, key in inputs.items()]
    for step in record["steps"]:
        before = [keys[name] for name in (*step["after"], *step["artifact_inputs"]) if name in keys]
        boxes.append(_Box(steps[step["name"]], (step["name"], step["task"]), tuple(before), False))
    for item in record["artifacts"]:
        before = [keys[name] for name in item["after"] if name in keys]
        boxes.append(_Box(f"artifact {item['name']}", (item["name"], item["task"]), tuple(before), True))
    return boxes


def dot(record: Mapping[str, Any]) -> str:
    """Return a plan in the language of Graphviz."""
    boxes = _boxes(record)
    numbers = {box.key: f"n{number}" for number, box in enumerate(boxes)}
    lines = [f"digraph {_quoted(record['entrypoint'])} {{", "  node [shape=box];"]
    for box in boxes:
        # \n is a line break for Graphviz.
        label = "\\n".join(_quoted(line)[1:-1] for line in box.lines)
        style = ", style=rounded" if box.is_artifact else ""
        lines.append(f'  {numbers[box.key]} [label="{label}"{style}];')
    lines += [f"  {numbers[before]} -> {numbers[box.key]};" for box in boxes for before in box.after]
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    escaped = visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class _Place(NamedTuple):
    """Where a box is: its left side, top, and width."""

    x: float
    y: float
    width: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def svg(record: Mapping[str, Any]) -> str:
    """Return a plan as a picture: each box stands below all those that come before it."""
    boxes = {box.key: box for box in _boxes(record)}
    rows, lines = _rows(boxes)
    places, width = _places(boxes, rows)
    height = GAP + len(rows) * (HEIGHT + ABOVE) - ABOVE + GAP
    title = escape(visible(record["entrypoint"]))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
        ' font-family="ui-monospace, Menlo, Consolas, monospace" font-size="12">',
        f"<title>{title}</title>",
        '<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#667"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
    ]
    parts += [_line([places[key] for key in line]) for line in lines]
    parts += [part for box in boxes.values() for part in _drawn(box, places[box.key])]
    return "\n".join([*parts, "</svg>"])


def _rows(boxes: Mapping[str, _Box]) -> tuple[list[list[str]], list[list[str]]]:
    """Return the boxes in rows, and the lines between them as the keys from row to row.

    A box is as high as it can be below those that come before it, near to these. A line that crosses a row has a key in it, too:
    no box stands there.
    """
    depths: dict[str, int] = {}
    lines: list[list[str]] = []
    for key, box in boxes.items():
        depths[key] = 1 + max((depths[before] for before in box.after), default=-1)
        for before in dict.fromkeys(box.after):
            between = {f"line {len(lines)} {depth}": depth for depth in range(depths[before] + 1, depths[key])}
            depths |= between
            lines.append([before, *between, key])
    rows: list[list[str]] = [[] for _ in range(max(depths.values(), default=-1) + 1)]
    for key, depth in depths.items():
        rows[depth].append(key)
    above: dict[str, list[str]] = {key: [] for key in depths}
    below: dict[str, list[str]] = {key: [] for key in depths}
    for start, end in (pair for line in lines for pair in zip(line, line[1:])):
        above[end].append(start)
        below[start].append(end)
    #: How far to the right each is in its row.
    order = {key: index / max(1, len(row) - 1) for row in rows for index, key in enumerate(row)}
    for number in range(ROUNDS):
        near = (above, below)[number % 2]
        for row in rows[:: 1 if near is above else -1]:
            # A stable sort: what has no neighbors keeps its place.
            row.sort(key=lambda key: sum(order[other] for other in near[key]) / len(near[key]) if near[key] else order[key])
            order |= {key: index / max(1, len(row) - 1) for index, key in enumerate(row)}
    return rows, lines


def _places(boxes: Mapping[str, _Box], rows: Sequence[Sequence[str]]) -> tuple[dict[str, _Place], float]:
    widths = {key: 2 * PADDING + LETTER * max(len(_cut(line)) for line in box.lines) for key, box in boxes.items()}
    rooms = [sum(widths.get(key, 0.0) for key in row) + GAP * (len(row) - 1) for row in rows]
    whole = max(rooms, default=0.0) + 2 * GAP
    places: dict[str, _Place] = {}
    for number, (row, room) in enumerate(zip(rows, rooms)):
        x = (whole - room) / 2
        for key in row:
            places[key] = _Place(x, GAP + number * (HEIGHT + ABOVE), widths.get(key, 0.0))
            x += widths.get(key, 0.0) + GAP
    return places, whole


def _line(places: Sequence[_Place]) -> str:
    """Return a line from the bottom of the first place to the top of the last, straight down at those between."""
    x, y = places[0].middle, places[0].y + HEIGHT
    path = f"M{x:.1f} {y:.1f}"
    for place in places[1:]:
        end = place.y - (1 if place is places[-1] else 0)
        half = (y + end) / 2
        path += f"C{x:.1f} {half:.1f} {place.middle:.1f} {half:.1f} {place.middle:.1f} {end:.1f}"
        x, y = place.middle, place.y + HEIGHT
        path += f"V{y:.1f}" if place is not places[-1] else ""
    return f'<path d="{path}" fill="none" stroke="#667" marker-end="url(#end)"/>'


def _drawn(box: _Box, place: _Place) -> list[str]:
    name, below = (escape(_cut(line)) for line in box.lines)
    fill, corner = ("#eef6ee", 14) if box.is_artifact else ("#eef2fb", 4)
    return [
        f'<rect x="{place.x:.1f}" y="{place.y:.1f}" width="{place.width:.1f}" height="{HEIGHT}" rx="{corner}"'
        f' fill="{fill}" stroke="#667"/>',
        f'<text x="{place.middle:.1f}" y="{place.y + 19:.1f}" text-anchor="middle" font-weight="bold">{name}</text>',
        f'<text x="{place.middle:.1f}" y="{place.y + 36:.1f}" text-anchor="middle" fill="#445">{below}</text>',
    ]


def _cut(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= MOST else f"{shown[:MOST - 1]}…"
