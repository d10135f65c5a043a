"""TOML text to plain data (by ``tomllib``) and positions (by a scanner of keys)."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from ways.limits import DEFAULT_LIMITS, Limits
from ways.sheets.document import Draft, Pointer, Position, Problem, Source, limit_problem, has_too_many_digits
from ways.sheets.faults import Fault, lost

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
_KEY = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_KEY})[ \t]*\]")
_PAIR = re.compile(rf"[ \t]*({_KEY})[ \t]*=")
_EACH_PART = re.compile(_PART)
#: What can hide a line break, a bracket or a quote inside a value.
_VALUE_ITEM = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|\#[^\n]*|[\[{]|[\]}]|\n')
#: A long text, a comment, a key, or another character: what matters to find where keys stand.
_LEXEME = re.compile(rf'"""|\'\'\'|#[^\n]*|(?P<key>{_KEY})|[^\n]')
#: Steps that tomllib may take for the parts of keys: some seconds.
_STEPS = 40_000_000

_LONG_NUMBER = re.compile(r"(?<![\w\"'.])\d[\d_]{4299,}")


def read(text: str, source: Source, limits: Limits = DEFAULT_LIMITS) -> Draft:
    """Return the data and the position of every key."""
    if (much := _beyond(text, source, limits)) is not None:
        return Draft(None, problems=(much,), is_lost=True)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # As with YAML, a good sheet needs none of its expressions.
        from ways.sheets.formats.toml_faults import fault_in, stop_of

        return lost(fault_in(text, stop_of(text, str(error))), text, source)
    except RecursionError:
        return lost(Fault(1, 1, "expected TOML, found nested too deeply", "", 1, "TOML", "nested too deeply"), text, source)
    except ValueError:
        # Python refuses whole numbers of more than 4,300 digits.
        found = "a number with too many digits"
        start = 0 if (number := _LONG_NUMBER.search(text)) is None else number.start()
        line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
        return lost(Fault(line, column, f"expected TOML, found {found}", "", 1, "TOML", found), text, source)
    if (amiss := _amiss(text, source, data, limits)) is not None:
        return Draft(None, problems=(amiss,), is_lost=True)
    return Draft(data, _positions(text, data))


def _beyond(text: str, source: Source, limits: Limits) -> Problem | None:
    """Return the problem that *text* holds more than a sheet may, if tomllib would take too long to read it."""
    # As many values as there are signs before one; those in texts count too.
    count = sum(map(text.count, ",=[{"))
    if count > limits.values:
        return limit_problem(limits, "values", source._replace(line=1, column=1))
    lines = text.split("\n")
    dots = [line.count(".") for line in lines]
    headers = max((number for number, line in zip(dots, lines) if line.lstrip().startswith("[")), default=0)
    # tomllib goes through a key's parts once for each of them, and through a header's for each key below it.
    if max(dots) < limits.depth and sum(number * number for number in dots) + headers * count <= _STEPS:
        return None
    return _long_key(text, source, limits, count)


def _long_key(text: str, source: Source, limits: Limits, count: int) -> Problem | None:
    """Return the problem that keys have too many parts, each or all together."""
    steps = most = index = 0
    while (item := _LEXEME.search(text, index)) is not None:
        index = item.end()
        if item[0] in ('"""', "'''"):
            index = _long_text_end(text, index, item[0])
            continue
        parts = len(_EACH_PART.findall(item[0])) if item["key"] and "." in item[0] else 1
        steps += parts * parts
        most = max(most, parts)
        if parts > limits.depth or steps + most * count > _STEPS:
            start = item.start()
            at = source._replace(line=text.count("\n", 0, start) + 1, column=start - text.rfind("\n", 0, start))
            if parts > limits.depth:
                return limit_problem(limits, "depth", at, f"{parts} parts of a key")
            return limit_problem(limits, "values", at)
    return None


def _amiss(text: str, source: Source, data: dict[str, Any], limits: Limits) -> Problem | None:
    """Return the problem that data is too deep, or has a number that Python can't write."""
    waiting: list[tuple[Any, Pointer]] = [(data, ())]
    while waiting:
        here, pointer = waiting.pop()
        is_deep = len(pointer) + 1 >= limits.depth
        for key, value in here.items() if isinstance(here, dict) else enumerate(here):
            if isinstance(value, (dict, list)) and not is_deep:
                waiting.append((value, (*pointer, key)))
            elif isinstance(value, (dict, list)):
                return limit_problem(limits, "depth", source.at((*pointer, key), _positions(text, data)))
            elif isinstance(value, int) and has_too_many_digits(value):
                at, found = source.at((*pointer, key), _positions(text, data)), "a number with too many digits"
                return Problem(at, f"expected TOML, found: {found}", "error", "syntax", "TOML", found)
    return None


def _positions(text: str, data: dict[str, Any]) -> dict[Pointer, Position]:
    """Return where each key is written, of those that *data* has."""
    positions: dict[Pointer, Position] = {}
    table: Pointer = ()
    counts: dict[Pointer, int] = {}
    index, line = 0, 1
    while index < len(text):
        end = text.find("\n", index)
        end = len(text) if end < 0 else end
        header = _HEADER.match(text, index, end)
        pair = None if header else _PAIR.match(text, index, end)
        if header:
            table = _numbered(parts_of(header[2]), counts, header[1] == "[[")
            _note(positions, data, table, (line, header.start(2) - index + 1))
        elif pair:
            _note(positions, data, (*table, *parts_of(pair[1])), (line, pair.start(1) - index + 1))
            end = _value_end(text, pair.end())
        line += text.count("\n", index, end) + 1
        index = end + 1
    return positions


def _note(positions: dict[Pointer, Position], data: Any, pointer: Pointer, at: Position) -> None:
    for count, part in enumerate(pointer, 1):
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return
        positions.setdefault(pointer[:count], at)


def parts_of(key: str) -> Pointer:
    """Return the parts of a dotted key, without their quotes."""
    return tuple(map(_plain, _EACH_PART.findall(key)))


def _plain(part: str) -> str:
    if part[0] not in "\"'":
        return part
    return next(iter(tomllib.loads(f"{part} = 0"))) if "\\" in part else part[1:-1]


def _numbered(parts: Pointer, counts: dict[Pointer, int], is_array: bool) -> Pointer:
    """Return the pointer of a table's header, with the numbers of the arrays of tables it stands in."""
    pointer: Pointer = ()
    for count, part in enumerate(parts, 1):
        pointer = (*pointer, part)
        if is_array and count == len(parts):
            counts[pointer] = counts.get(pointer, -1) + 1
        if pointer in counts:
            pointer = (*pointer, counts[pointer])
    return pointer


def _value_end(text: str, index: int) -> int:
    """Return where the line ends on which a value that begins at *index* ends."""
    depth = 0
    while (item := _VALUE_ITEM.search(text, index)) is not None:
        index = item.end()
        if item[0] in ('"""', "'''"):
            index = _long_text_end(text, index, item[0])
        elif item[0] in "[{":
            depth += 1
        elif item[0] in "]}":
            depth -= 1
        elif item[0] == "\n" and depth <= 0:
            return item.start()
    return len(text)


def _long_text_end(text: str, index: int, quote: str) -> int:
    while True:
        end = text.find(quote, index)
        if end < 0:
            return len(text)
        before = end
        while before > index and text[before - 1] == "\\":
            before -= 1
        if quote == "'''" or (end - before) % 2 == 0:
            # Up to two more quotes may belong to the text.
            return end + 3 + len(text[end + 3 : end + 5]) - len(text[end + 3 : end + 5].lstrip(quote[0]))
        index = end + 1
