"""A resource TOML as plain data, with the position of everything in it, inline tables and arrays included."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ways.sheets.files import bytes_to_text
from ways.sheets.document import Draft, Pointer, Position, Problem, Source
from ways.sheets.formats import toml_text
from ways.systems.dioptra.files.base import MAX_NESTING, MAX_VALUES, weight_of

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
_KEY = re.compile(rf"({_PART}(?:[ \t]*\.[ \t]*{_PART})*)[ \t]*=[ \t]*")
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
#: A text of several lines, a text of one, or any other value that is no array and no table.
_SCALAR = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' r"'''.*?'{3,5}|" r'"(?:\\.|[^"\\\n])*"|' r"'[^'\n]*'|" r"[^,\]}\n#]+", re.DOTALL
)


class Resource(NamedTuple):
    """A resource file, read."""

    data: dict[str, Any]
    positions: Mapping[Pointer, Position]
    problems: tuple[Problem, ...] = ()
    is_lost: bool = False


def read_resource(data: bytes, source: Source) -> Resource:
    """Return what a resource file holds, whatever its shape."""
    text = bytes_to_text(data, source)
    if isinstance(text, Problem):
        return Resource({}, {}, (text,), is_lost=True)
    if (long := toml_text.long_key(text)) is not None:
        return _too_much(source, long, f"keys of at most {toml_text.MAX_PARTS} parts", "a longer one")
    draft: Draft = toml_text.read(text, source)
    if draft.is_lost or not isinstance(draft.data, dict):
        return Resource({}, {}, draft.problems, is_lost=True)
    weight = weight_of(draft.data)
    if weight.depth > MAX_NESTING:
        return _too_much(source, (1, 1), f"values nested at most {MAX_NESTING} deep", str(weight.depth))
    if weight.values > MAX_VALUES:
        return _too_much(source, (1, 1), f"at most {MAX_VALUES} values", str(weight.values))
    return Resource(draft.data, {**dict(_inner(text, draft.positions)), **draft.positions}, draft.problems)


def _too_much(source: Source, at: Position, expected: str, found: str) -> Resource:
    here = source._replace(line=at[0], column=at[1])
    problem = Problem(here, f"expected {expected}, found {found}", "error", "too-much", expected, found)
    return Resource({}, {}, (problem,), is_lost=True)


class _Open(NamedTuple):
    """An array or inline table that isn't closed yet."""

    pointer: Pointer
    is_array: bool


def _inner(text: str, positions: Mapping[Pointer, Position]) -> Iterator[tuple[Pointer, Position]]:
    """Yield where the items of arrays and the keys of inline tables stand; *positions* has the other keys."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    for pointer, (line, column) in positions.items():
        key = _KEY.match(text, starts[line - 1] + column - 1)
        # A dotted key gives each of its parts one position: the value is that of the longest pointer.
        if key is not None and text[key.end() : key.end() + 1] in ("[", "{") and _ends_so(pointer, key[1], positions):
            yield from _value(text, key.end(), pointer, (line, starts[line - 1]))


def _ends_so(pointer: Pointer, key: str, positions: Mapping[Pointer, Position]) -> bool:
    count = len(toml_text.parts_of(key))
    return len(toml_text.parts_of(key)) <= len(pointer) and pointer[-count:] == toml_text.parts_of(key)


def _value(text: str, index: int, pointer: Pointer, begins: tuple[int, int]) -> Iterator[tuple[Pointer, Position]]:
    """Yield the positions inside the array or table that begins at *index*.

    :param begins: the line it begins on, and where that line starts.
    """
    line, line_start = begins
    last = index
    stack = [_Open(pointer, text[index] == "[")]
    counts = [0]
    index += 1
    while stack:
        index = _SPACE.match(text, index).end()  # type: ignore[union-attr]
        mark = text[index : index + 1]
        if mark in ("", "]", "}", ","):
            if mark != ",":
                stack.pop()
                counts.pop()
            index += 1
            continue
        here, at = stack[-1], index
        if here.is_array:
            inside: Pointer = (*here.pointer, counts[-1])
            counts[-1] += 1
        else:
            if (key := _KEY.match(text, index)) is None:
                return
            inside, index = (*here.pointer, *toml_text.parts_of(key[1])), key.end()
        line, line_start = line + text.count("\n", last, at), max(line_start, text.rfind("\n", last, at) + 1)
        last = at
        yield inside, (line, at - line_start + 1)
        if text[index : index + 1] in ("[", "{"):
            stack.append(_Open(inside, text[index] == "["))
            counts.append(0)
            index += 1
        elif (scalar := _SCALAR.match(text, index)) is not None:
            index = scalar.end()
        else:
            return
