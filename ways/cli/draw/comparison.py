"""The answers of diff, drawn for people: ``-`` what was, ``+`` what is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.cells import cell_len
from rich.text import Text

Record = Mapping[str, Any]
#: Change -> the mark of a line, and its colour.
MARKS: Mapping[str, tuple[str, str]] = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}
#: Key of a record -> what a line of it looks like.
SIDES: Mapping[str, str] = {"old": "removed", "new": "added"}
#: What it looks like, the text, and where it is written.
Line = tuple[str, str, "str | None"]


def contexts(records: Iterable[Record]) -> Iterator[Text]:
    """Yield each Context that changes, as lines.

    What a single layer, or a Context for Assets of some values, has in common with the whole Context is drawn once.
    """
    drawn: dict[str, list[Record]] = {}
    for record in records:
        before = drawn.setdefault(record["hierarchy"], [])
        fields = [field for field in record["fields"] if _values(field) not in map(_values, before)]
        if fields or not before:
            yield _block(_heading(record), record["change"], [line for field in fields for line in _lines(field)])
        before += fields


def path(record: Record) -> Text:
    """Return a path that resolves differently, with what it was and what it is."""
    lines = [(change, _reading(record[side]), record[side]["source"]) for side, change in SIDES.items()]
    return _block(record["text"], record["change"], lines)


def _values(field: Record) -> tuple[Any, ...]:
    return field["field"], field["change"], field["old"], field["new"]


def _heading(record: Record) -> str:
    layer = f" [{record['assignment']}]" if record["assignment"] else ""
    values = [f"{token} is {' or '.join(texts)}" for token, texts in record["when"].items()]
    when = f" when {', '.join(values)}" if values else ""
    return f"{record['hierarchy']}{layer}{when}"


def _lines(field: Record) -> Iterator[Line]:
    """Yield what a field was, and what it is; or only one of the two."""
    for side, change in SIDES.items():
        if field["change"] in (change, "changed"):
            yield change, f"{field['field']}: {_value(field[side])}", field[f"{side}_source"]


def _block(heading: str, change: str, lines: Iterable[Line]) -> Text:
    """Return a heading with its lines below it, their sources one below the other."""
    mark, style = MARKS[change]
    block = Text(f"{mark} {heading}", style=f"bold {style}")
    rows = list(lines)
    width = max((cell_len(text) for _, text, source in rows if source), default=0)
    for side, text, source in rows:
        mark, style = MARKS[side]
        block.append(f"\n  {mark} {text}", style=f"not bold {style}")
        if source:
            block.append(f"{' ' * (width - cell_len(text))}  {source}", style="not bold dim default")
    return block


def _value(value: Any) -> str:
    """Return a value as text: a text as it stands, unless it would look like something else."""
    written = json.dumps(value, ensure_ascii=not str(value).isprintable())
    if not isinstance(value, str) or value != value.strip() or not value.isprintable():
        return written
    try:
        json.loads(value)
    except ValueError:
        return value or written
    return written


def _reading(reading: Record) -> str:
    if reading["status"] != "resolved":
        return f"{reading['status']}: {reading['error']}"
    layer = f" [{reading['assignment']}]" if reading["assignment"] else ""
    values = ", ".join(f"{name}={value}" for name, value in reading["values"].items())
    return f"{reading['hierarchy']}{layer}: {values}" if values else f"{reading['hierarchy']}{layer}"
