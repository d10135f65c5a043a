"""JSON text to plain data and positions. Strict but for a trailing comma, which is forgiven."""

from __future__ import annotations

import re
from json import decoder
from typing import Any

from ways.limits import DEFAULT_LIMITS, Limits
from ways.sheets.document import Draft, Pointer, Position, Problem, Source, limit_problem

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None}


class _NotJSON(Exception):
    """The text is no JSON at ``position``, or passes a limit there."""

    def __init__(self, expected: str, position: int, limit: str = "") -> None:
        super().__init__(expected or limit)
        self.expected = expected
        self.position = position
        self.limit = limit


def read(text: str, source: Source, limits: Limits = DEFAULT_LIMITS) -> Draft:
    """Return the data, the position of every key and every list item, and the duplicate keys."""
    if not text.strip():
        return Draft(None)
    scanner = _JSONScanner(text, source, limits)
    try:
        data = scanner.document()
    except _NotJSON as wrong:
        line, column = scanner.position(wrong.position)
        at = source._replace(line=line, column=column)
        found = repr(text[wrong.position]) if wrong.position < len(text) else "the end of the file"
        message = f"expected {wrong.expected}, found {found}"
        syntax = Problem(at, message, "error", "syntax", wrong.expected, found)
        return Draft(None, problems=(limit_problem(limits, wrong.limit, at) if wrong.limit else syntax,), is_lost=True)
    except RecursionError:
        # The limit was raised beyond what Python's own stack can hold, or the caller has used that up.
        problem = Problem(source._replace(line=1, column=1), "nested too deeply", "error", "syntax")
        return Draft(None, problems=(problem,), is_lost=True)
    return Draft(data, scanner.positions, tuple(scanner.problems))


class _JSONScanner:
    def __init__(self, text: str, source: Source, limits: Limits) -> None:
        self.text = text
        self.source = source
        self._limits = limits
        self._count = 0
        self.positions: dict[Pointer, Position] = {}
        self.problems: list[Problem] = []
        # Positions are asked in order, so the line is counted on from the last one.
        self._line, self._line_start, self._counted = 1, 0, 0

    def position(self, index: int) -> Position:
        """Return the line and column of a character."""
        if index < self._counted:
            self._line, self._line_start, self._counted = 1, 0, 0
        self._line += self.text.count("\n", self._counted, index)
        self._line_start = max(self._line_start, self.text.rfind("\n", self._counted, index) + 1)
        self._counted = index
        return self._line, index - self._line_start + 1

    def document(self) -> Any:
        value, end = self._value(self._skip(0), ())
        end = self._skip(end)
        if end != len(self.text):
            raise _NotJSON("the end of the file", end)
        return value

    def _skip(self, index: int) -> int:
        return _SPACE.match(self.text, index).end()  # type: ignore[union-attr]

    def _value(self, index: int, pointer: Pointer) -> tuple[Any, int]:
        letter = self.text[index : index + 1]
        self._count += 1
        if self._count > self._limits.values:
            raise _NotJSON("", index, "values")
        if letter in ("{", "["):
            if len(pointer) >= self._limits.depth:
                raise _NotJSON("", index, "depth")
            return self._object(index, pointer) if letter == "{" else self._array(index, pointer)
        if letter == '"':
            return self._string(index)
        if (number := _NUMBER.match(self.text, index)) is not None:
            try:
                return float(number[0]) if number[1] or number[2] else int(number[0]), number.end()
            except ValueError:
                # Python refuses whole numbers of more than 4,300 digits.
                raise _NotJSON("a number with fewer digits", index) from None
        for word, value in _WORDS.items():
            if self.text.startswith(word, index):
                return value, index + len(word)
        raise _NotJSON("a value", index)

    def _string(self, index: int) -> tuple[str, int]:
        try:
            text, end = decoder.scanstring(self.text, index + 1, True)  # type: ignore[attr-defined]
        except ValueError as error:
            raise _NotJSON("the rest of a text in double quotes", getattr(error, "pos", index)) from None
        return text, end

    def _array(self, index: int, pointer: Pointer) -> tuple[list[Any], int]:
        items: list[Any] = []
        index = self._skip(index + 1)
        while self.text[index : index + 1] != "]":
            place = (*pointer, len(items))
            self.positions[place] = self.position(index)
            value, index = self._value(index, place)
            items.append(value)
            index = self._after_item(index, "]")
        return items, index + 1

    def _object(self, index: int, pointer: Pointer) -> tuple[dict[str, Any], int]:
        built: dict[str, Any] = {}
        index = self._skip(index + 1)
        while self.text[index : index + 1] != "}":
            if self.text[index : index + 1] != '"':
                raise _NotJSON("a key in double quotes or '}'", index)
            key, end = self._string(index)
            self._note(built, key, (*pointer, key), index)
            end = self._skip(end)
            if self.text[end : end + 1] != ":":
                raise _NotJSON("':' after the key", end)
            built[key], index = self._value(self._skip(end + 1), (*pointer, key))
            index = self._after_item(index, "}")
        return built, index + 1

    def _after_item(self, index: int, closing: str) -> int:
        index = self._skip(index)
        if self.text[index : index + 1] == ",":
            return self._skip(index + 1)
        if self.text[index : index + 1] != closing:
            raise _NotJSON(f"',' or {closing!r}", index)
        return index

    def _note(self, built: dict[str, Any], key: str, place: Pointer, index: int) -> None:
        at = self.position(index)
        if key in built and len(self.problems) <= self._limits.problems:
            found = f"the key {key!r} again; it stands in line {self.positions[place][0]} already"
            source = self.source._replace(pointer=place, line=at[0], column=at[1])
            message = f"expected each key once, found {found}; this one, the last, is used"
            self.problems.append(Problem(source, message, "error", "duplicate-key", "each key once", found))
        self.positions[place] = at
