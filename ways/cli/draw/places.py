"""Places, resolved texts and sheets as tables and trees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ways.cli.draw.shapes import CUT, Branch, Column, FittedLine, Line, Span, Table, cells

#: The style of a mapping, and of a place that was found.
MAPPING = "cyan"
#: Between a place and its mapping.
_GAP = "  "


def resolution(record: Mapping[str, Any], notes: Iterable[tuple[str, str]] = ()) -> list[Span]:
    """Return a text as people read it: its place, and a line for each token; or why there is none, and *notes* on it."""
    if record["status"] != "resolved":
        reason: list[Span] = [(record["text"], "bold"), (f"\n  {record['status']}", "bold red"), (f": {record['error']}", "")]
        return reason + [span for name, text in notes for span in ((f"\n  {name}", "bold"), (f": {text}", ""))]
    layer = f" [{record['assignment']}]" if record["assignment"] else ""
    tier = "" if record["tier"] == "a" else f"  (tier {record['tier']})"
    width = max(map(len, record["values"]), default=0)
    values = [span for name, value in record["values"].items() for span in ((f"\n  {name:<{width}}", "bold"), (f" = {value}", ""))]
    return [(record["text"], "bold"), (f"\n  {record['hierarchy']}", MAPPING), (f"{layer}{tier}", ""), *values]


def context(record: Mapping[str, Any]) -> Table:
    """Return a Context as a table of its fields."""
    table = Table(Column(style="bold", is_whole=True), Column(is_folded=True))
    layer = f"  [{record['assignment']}]" if record["assignment"] else ""
    rows: list[tuple[str, str]] = [("hierarchy", record["hierarchy"] + layer)]
    rows.append(("mapping", record["mapping"] if record["mapping"] is not None else f"none: {record['error']}"))
    rows += _column("tokens", (_token_line(token) for token in record["tokens"]))
    rows += _column("data", (f"{key}: {value!r}" for key, value in record["data"].items()))
    rows.append(("platforms", ", ".join(record["platforms"])))
    rows.append(("groups", ", ".join(record["groups"])))
    rows.append(("path", "yes" if record["path"] else "no"))
    if record["max_folder"]:
        rows.append(("max_folder", record["max_folder"]))
    rows += _column("plugins", (_plugin_line(plugin) for plugin in record["plugins"]))
    rows += _column("variants", (line for variant in record["variants"] for line in _variant_lines(variant, record)))
    table.rows += rows
    return table


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
    return f"{plugin['source']}  {plugin['name']}{layer} at {plugin['hierarchy']}"


def tree(nodes: Iterable[Mapping[str, Any]], top: str) -> Branch:
    """Return places as a tree, each with its mapping."""
    drawn = Branch(_place(top))
    for node in nodes:
        _grow(drawn, node)
    return drawn


def _place(name: str, mapping: str = "") -> FittedLine:
    """Return a place with its mapping, on one line. Of a mapping that is too long the start is left out, never a part of a token."""

    def fitted(room: int) -> Line:
        shown = name if cells(name) <= room else _cut_end(name, room)
        left = room - cells(shown) - len(_GAP)
        fitting = mapping if cells(mapping) <= left else _cut_start(mapping, left)
        line = Line((shown, "bold"))
        return line.add(f"{_GAP}{fitting}", f"not bold {MAPPING}") if fitting else line

    return FittedLine(fitted)


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


def _grow(branch: Branch, node: Mapping[str, Any]) -> None:
    below = branch.add(_place(node["hierarchy"].rpartition("/")[2] or node["hierarchy"], node["mapping"] or ""))
    for child in node["children"]:
        _grow(below, child)


def sheets(records: Iterable[Mapping[str, Any]]) -> Table:
    """Return the sheets as a table."""
    numbers = (Column(name, is_right=True) for name in ("plugins", "problems"))
    table = Table(*numbers, Column("format"), Column("sheet", is_folded=True))
    for record in records:
        count = str(record["plugins"]) if record["readable"] else "unreadable"
        table.rows.append((count, str(len(record["problems"])), record["format"], record["path"]))
    return table
