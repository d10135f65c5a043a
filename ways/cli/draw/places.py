"""Places, resolved texts and sheets as tables and trees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ways.cli.draw.shapes import BREAK, CUT, Branch, Column, FittedLine, Line, Span, Table, cells
from ways.errors import led_by

#: The style of a mapping, and of a place that was found.
MAPPING = "cyan"
#: Between a place and its mapping.
_GAP = "  "
#: A mapping that names each token before it, as the entrypoints of another system have; it is read from its beginning.
_CALL = re.compile(r"([^{}()]*)\(([^{}()=,]+=\{[^{}]*\}(?:, [^{}()=,]+=\{[^{}]*\})*)\)")
_ARGUMENT = re.compile(r"([^{}()=, ][^{}()=,]*)=\{")
#: Columns that such a mapping takes in a tree, at most.
_MOST_OF_CALL = 72
#: Characters that one value of the data takes on a line of its own; a longer one is shown item by item.
_MOST_OF_VALUE = 120
#: Spaces before the deepest of these items.
_DEEPEST = 8


def resolution(record: Mapping[str, Any], notes: Iterable[tuple[str, str]] = ()) -> list[Span]:
    """Return a text as people read it: its place, and a line for each token; or why there is none, and *notes* on it."""
    if record["status"] != "resolved":
        reason: list[Span] = [(record["text"], "bold"), BREAK, (f"  {record['status']}", "bold red"), (led_by(": ", record["error"]), "")]
        return reason + [span for name, text in notes for span in (BREAK, (f"  {name}", "bold"), (f": {text}", ""))]
    layer = f" [{record['assignment']}]" if record["assignment"] else ""
    tier = "" if record["tier"] == "a" else f"  (tier {record['tier']})"
    width = max(map(len, record["values"]), default=0)
    values = [span for name, value in record["values"].items() for span in (BREAK, (f"  {name:<{width}}", "bold"), (f" = {value}", ""))]
    return [(record["text"], "bold"), BREAK, (f"  {record['hierarchy']}", MAPPING), (f"{layer}{tier}", ""), *values]


def context(record: Mapping[str, Any]) -> Table:
    """Return a Context as a table of its fields."""
    table = Table(Column(style="bold", is_whole=True), Column(is_folded=True))
    layer = f"  [{record['assignment']}]" if record["assignment"] else ""
    rows: list[tuple[str, str]] = [("hierarchy", record["hierarchy"] + layer)]
    rows.append(("mapping", record["mapping"] if record["mapping"] is not None else led_by("none: ", record["error"])))
    rows += _column("tokens", (_token_line(token) for token in record["tokens"]))
    rows += _column("data", (line for key, value in record["data"].items() for line in _data_lines(f"{key}", value)))
    rows.append(("platforms", ", ".join(record["platforms"])))
    rows.append(("groups", ", ".join(record["groups"])))
    rows.append(("path", "yes" if record["path"] else "no"))
    if record["max_folder"]:
        rows.append(("max_folder", record["max_folder"]))
    rows += _column("plugins", (_plugin_line(plugin) for plugin in record["plugins"]))
    rows += _column("variants", (line for variant in record["variants"] for line in _variant_lines(variant, record)))
    for row in rows:
        table.add(*row)
    return table


def _data_lines(name: str, value: Any, margin: str = "") -> Iterator[str]:
    """Yield a value of the data on one line; of one that is too long for that, each item on one, such as the steps of a graph."""
    line = f"{margin}{name}: {value!r}"
    if len(line) <= _MOST_OF_VALUE or not value or not isinstance(value, (dict, list, tuple)) or len(margin) >= _DEEPEST:
        yield line
        return
    yield f"{margin}{name}:"
    items = value.items() if isinstance(value, dict) else ((f"{number}", item) for number, item in enumerate(value, 1))
    for key, item in items:
        yield from _data_lines(str(key), item, f"{margin}  ")


def _column(name: str, lines: Iterable[str]) -> list[tuple[str, str]]:
    return [(name if index == 0 else "", line) for index, line in enumerate(lines)]


def _token_line(token: Mapping[str, Any]) -> str:
    parts = [f"{engine} {expression}" for engine, expression in token["parse"].items()]
    if token["mapping"]:
        parts.insert(0, f"= {token['mapping']}")
    if token["format"]:
        parts.append(f"format {token['format']}")
    if token["choices"]:
        labels = token["labels"] or {}
        shown = {text: f"{text}: {labels[text]}" if text in labels else text for text in token["choices"].values()}
        choices = (shown[text] if value == text else f"{value} ({shown[text]})" for value, text in token["choices"].items())
        parts.append(f"one of {', '.join(choices)}")
    if token["default"] is not None:
        parts.append(f"default {token['default']}")
    return f"{token['name']}  {'; '.join(parts) or 'anything but a separator'}"


def _variant_lines(variant: Mapping[str, Any], place: Mapping[str, Any]) -> Iterable[str]:
    """Yield a variant's plugins, its mapping, and the tokens and data that it has otherwise than the place."""
    for plugin in variant["plugins"]:
        yield f"{_plugin_line(plugin)} when {_conditions(plugin['when'])}"
    yield f"    {variant['mapping'] or 'no mapping'}"
    yield from (f"    {_token_line(token)}" for token in variant["tokens"] if token not in place["tokens"])
    data = place["data"]
    yield from (f"    {key}: {value!r}" for key, value in variant["data"].items() if key not in data or data[key] != value)


def _conditions(when: Mapping[str, list[str]]) -> str:
    return ", ".join(f"{token} is {' or '.join(values)}" for token, values in when.items())


def _plugin_line(plugin: Mapping[str, Any]) -> str:
    layer = "" if plugin["assignment"] == "master" else f" [{plugin['assignment']}]"
    # A format that refuses what two files declare adds the path to the name.
    name, _, path = plugin["name"].rpartition(" of ")
    name = name if name and plugin["source"].startswith(f"{path}:") else plugin["name"]
    return f"{plugin['source']}  {name}{layer} at {plugin['hierarchy']}"


def tree(nodes: Iterable[Mapping[str, Any]], top: str, *, is_whole: bool = False) -> Branch:
    """Return places as a tree, each with its mapping.

    :param is_whole: whether to show each mapping as it is, however long.
    """
    drawn = Branch(_place(top))
    for node in nodes:
        _grow(drawn, node, is_whole=is_whole)
    return drawn


def _place(name: str, mapping: str = "", *, is_whole: bool = False) -> FittedLine:
    """Return a place with its mapping, on one line. Of a mapping that is too long the start is left out, never a part of a token."""

    def fitted(room: int) -> Line:
        shown = name if cells(name) <= room else _cut_end(name, room)
        left = room - cells(shown) - len(_GAP)
        short = mapping if is_whole else _short_call(mapping, min(left, _MOST_OF_CALL))
        fitting = short if cells(short) <= left else _cut_start(short, left)
        line = Line((shown, "bold"))
        return line.add(f"{_GAP}{fitting}", f"not bold {MAPPING}") if fitting else line

    return FittedLine(fitted)


def _short_call(mapping: str, room: int) -> str:
    """Return a mapping that is a call, ``bake(flour={flour}, mark={mark})``, with as many names alone as there is room for.

    Any other mapping, and one that is short enough, is returned as it is.
    """
    call = _CALL.fullmatch(mapping) if cells(mapping) > room else None
    if call is None:
        return mapping
    names = _ARGUMENT.findall(call[2])
    short = f"{call[1]}({', '.join(names)})"
    for count in range(len(names) - 1, -1, -1):
        if cells(short) <= room:
            break
        short = f"{call[1]}({', '.join([*names[:count], f'{CUT} {len(names) - count} more'])})"
    return short


def _cut_end(text: str, room: int) -> str:
    from rich.cells import set_cell_size

    return set_cell_size(text, room - 1).rstrip() + CUT if room > 0 else ""


def _cut_start(mapping: str, room: int) -> str:
    """Return as much of the end of a mapping as there is room for, behind a mark; ``""`` where that is nothing."""
    ends = range(max(0, len(mapping) - room), len(mapping))
    start = next((start for start in ends if cells(mapping[start:]) < room), len(mapping))
    if mapping.rfind("{", 0, start) > mapping.rfind("}", 0, start):
        start = mapping.find("}", start) + 1 or len(mapping)
    # A whole folder is read more easily than the end of one.
    start = next((index for index in range(start, len(mapping)) if mapping[index] in "/\\{"), start)
    return CUT + mapping[start:] if room > 0 else ""


def _grow(branch: Branch, node: Mapping[str, Any], *, is_whole: bool) -> None:
    name = node["hierarchy"].rpartition("/")[2] or node["hierarchy"]
    below = branch.add(_place(name, node["mapping"] or "", is_whole=is_whole))
    for child in node["children"]:
        _grow(below, child, is_whole=is_whole)


def sheets(records: Iterable[Mapping[str, Any]]) -> Table:
    """Return the sheets as a table."""
    numbers = (Column(name, is_right=True) for name in ("plugins", "problems"))
    table = Table(*numbers, Column("format"), Column("sheet", is_folded=True))
    for record in records:
        count = str(record["plugins"]) if record["readable"] else "unreadable"
        cells_of = ("", "", "no sheet") if record["format"] is None else (count, str(len(record["problems"])), record["format"])
        table.add(*cells_of, record["path"])
    return table
