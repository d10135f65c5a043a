"""The answers of diff, drawn for people: ``-`` what was, ``+`` what is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ways.cli.draw import shapes
from ways.errors import counted, led_by, visible

Record = Mapping[str, Any]
#: From so many places on, what one line of a sheet changes in them is drawn once.
FEWEST = 3
#: Names of places that are listed then.
SHOWN = 5
#: Change -> the mark of a line, and its color.
MARKS: Mapping[str, tuple[str, str]] = {
    "added": ("+", "green"),
    "removed": ("-", "red"),
    "changed": ("~", "yellow"),
    "untold": ("?", "magenta"),
}
#: Key of a record -> what a line of it looks like.
SIDES: Mapping[str, str] = {"old": "removed", "new": "added"}
#: What became of a path -> how that is said of one path, and of several.
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "removed": ("no longer resolves", "no longer resolve"),
    "added": ("resolves now", "resolve now"),
    "changed": ("resolves differently", "resolve differently"),
    "untold": ("couldn't be compared", "couldn't be compared"),
    "same": ("stays the same", "stay the same"),
    "unresolved": ("resolves on neither side", "resolve on neither side"),
}
#: What it looks like, the text, and where it is written.
Line = tuple[str, str, "str | None"]


def contexts(records: Iterable[Record], *, is_whole: bool = False) -> Iterator[shapes.Line]:
    """Yield each Context that changes, as lines; what one line of a sheet changes in many is drawn once, with their names.

    What a single layer, or a Context for Assets of some values, has in common with the whole Context is drawn once, too.

    :param is_whole: whether each Context is drawn by itself.
    """
    blocks = list(_blocks(records))
    causes = {} if is_whole else _causes(blocks)
    for heading, change, fields in blocks:
        single = []
        for field in fields:
            cause = causes.get(_cause(field)) if change == "changed" else None
            if cause is None:
                single.append(field)
            elif cause[0][1] is field:
                yield _moved(cause)
        if single or not fields:
            yield _block(heading, change, [line for field in single for line in _lines(field)])


def _blocks(records: Iterable[Record]) -> Iterator[tuple[str, str, list[Record]]]:
    """Yield the heading of each Context, what became of it, and its fields, without those that were told already."""
    drawn: dict[str, list[Record]] = {}
    for record in records:
        before = drawn.setdefault(record["hierarchy"], [])
        fields = [field for field in record["fields"] if _values(field) not in map(_values, before)]
        if fields or not before:
            yield _heading(record), record["change"], fields
        before += fields


def _causes(blocks: Iterable[tuple[str, str, list[Record]]]) -> dict[tuple[str | None, ...], list[tuple[str, Record]]]:
    """Return each cause that changes so many Contexts: with their headings, and the field that it changes there."""
    causes: dict[tuple[str | None, ...], list[tuple[str, Record]]] = {}
    for heading, change, fields in blocks:
        for field in fields if change == "changed" else ():
            causes.setdefault(_cause(field), []).append((heading, field))
    return {cause: moved for cause, moved in causes.items() if len(moved) >= FEWEST}


def _cause(field: Record) -> tuple[str | None, ...]:
    return field["field"], field["change"], field["old_source"], field["new_source"]


def _moved(cause: list[tuple[str, Record]]) -> shapes.Line:
    """Return what one line of a sheet changes in many Contexts: the first one as an example, and the names of some."""
    field = cause[0][1]
    where = (field["new_source"] or field["old_source"] or "").rpartition(":")[0] or "a default"
    is_same = all(_values(other) == _values(field) for _, other in cause)
    lines = _lines(field, "" if is_same else f" of {cause[0][0]}")
    return _block(f"{where} changes {counted(len(cause), 'place')}: {some_of([heading for heading, _ in cause])}", "changed", lines)


def some_of(names: Sequence[str]) -> str:
    """Return the first names of many, and how many more there are."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more:,} more; --all lists each" if more > 0 else "")


def path(record: Record) -> shapes.Line:
    """Return a path that resolves differently, with what it was, what it is, and where it would be."""
    lines: list[Line] = [(change, _reading(record[side]), record[side]["source"]) for side, change in SIDES.items()]
    if record["would_be"] is not None:
        lines.append(("added", led_by("would be: ", record["would_be"]), None))
    return _block(record["text"], record["change"], lines)


def counts(outcomes: Mapping[str, int]) -> shapes.Line:
    """Return how many paths there are, and how many of them became what."""
    parts = [f"{outcomes[name]:,} {said[outcomes[name] != 1]}" for name, said in OUTCOMES.items() if outcomes[name]]
    total = counted(sum(outcomes.values()), "path")
    return shapes.Line((f"{total}: {', '.join(parts)}" if parts else total, "bold"))


def _values(field: Record) -> tuple[Any, ...]:
    return field["field"], field["change"], field["old"], field["new"]


def _heading(record: Record) -> str:
    layer = f" [{record['assignment']}]" if record["assignment"] else ""
    values = [f"{token} is {' or '.join(texts)}" for token, texts in record["when"].items()]
    when = f" when {', '.join(values)}" if values else ""
    return f"{record['hierarchy']}{layer}{when}"


def _lines(field: Record, owner: str = "") -> Iterator[Line]:
    """Yield what a field was, and what it is; or only one of the two."""
    for side, change in SIDES.items():
        if field["change"] in (change, "changed"):
            yield change, f"{field['field']}{owner}: {_value(field[side])}", field[f"{side}_source"]


def _block(heading: str, change: str, lines: Iterable[Line]) -> shapes.Line:
    """Return a heading with its lines below it, their sources one below the other."""
    mark, style = MARKS[change]
    block = shapes.Line((f"{mark} {heading}", f"bold {style}"))
    rows = [(side, visible(text), source) for side, text, source in lines]
    width = max((shapes.cells(text) for _, text, source in rows if source), default=0)
    for side, text, source in rows:
        mark, style = MARKS[side]
        block.add(led_by(f"  {mark} ", text), f"not bold {style}", is_below=True)
        if source:
            block.add(f"{' ' * (width - shapes.cells(text))}  {source}", "not bold dim default")
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
        return led_by(f"{reading['status']}: ", reading["error"])
    layer = f" [{reading['assignment']}]" if reading["assignment"] else ""
    values = ", ".join(f"{name}={value}" for name, value in reading["values"].items())
    return f"{reading['hierarchy']}{layer}: {values}" if values else f"{reading['hierarchy']}{layer}"
