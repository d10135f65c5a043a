"""JSON text to plain data and positions. Strict but for a trailing comma, which is forgiven."""

from __future__ import annotations

import re
from json import decoder
from typing import Any

from ways.limits import DEFAULT_LIMITS, Limits
from ways.sheets.document import Draft, Pointer, Position, Problem, Source, limit_problem
from ways.sheets.faults import Fault, fault_at, item_end, lost

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None}


class _NotJSON(Exception):
    """The text is no JSON at ``position``, or passes a limit there."""

    def __init__(self, expected: str, position: int, limit: str = "", *, is_in_text: bool = False) -> None:
        super().__init__(expected or limit)
        self.expected = expected
        self.position = position
        self.limit = limit
        #: Whether the fault is in a text in double quotes.
        self.is_in_text = is_in_text


def read(text: str, source: Source, limits: Limits = DEFAULT_LIMITS) -> Draft:
    """Return the data, the position of every key and every list item, and the duplicate keys."""
    if not text.strip():
        return Draft(None)
    scanner = _JSONScanner(text, source, limits)
    try:
        data = scanner.document()
    except _NotJSON as wrong:
        line, column = scanner.position(wrong.position)
        if wrong.limit:
            much = limit_problem(limits, wrong.limit, source._replace(line=line, column=column))
            return Draft(None, problems=(much,), is_lost=True)
        return lost(_fault(text, wrong), text, source)
    except RecursionError:
        # The limit was raised beyond what Python's own stack can hold, or the caller has used that up.
        problem = Problem(source._replace(line=1, column=1), "nested too deeply", "error", "syntax")
        return Draft(None, problems=(problem,), is_lost=True)
    return Draft(data, scanner.positions, tuple(scanner.problems))


def _fault(text: str, wrong: _NotJSON) -> Fault:
    """Return what is wrong with a text that is no JSON."""
    index, expected = wrong.position, wrong.expected
    rest = text[index:]
    found = repr(rest[0]) if rest else "the end of the file"
    if wrong.is_in_text:
        return _text_fault(text, index)
    if not rest and (opened := _open_bracket(text)) is not None:
        return fault_at(text, opened, f"the {text[opened]} that is opened here is not closed", "", 1, _CLOSING[text[opened]], found)
    for sign, message, help in _HINTS:
        if (match := re.compile(sign).match(text, index)) is not None:
            return fault_at(text, index, message, match.expand(help), len(match[0]), expected, found)
    start = index - 1 if text[index - 1 : index] == "{" and re.match(r"[^\s{}\"',]+\}", rest) else index
    if expected.startswith(("a value", "a key")) and re.match(r"[A-Za-z_/@*%{][^\s\"',]*\s*(?:$|[\n,}\]])", text[start:]):
        value = text[start : item_end(text, start)].partition("\n")[0].rstrip()
        help = f'Write: "{value}".'
        return fault_at(text, start, "a text must stand in double quotes", help, len(value), "double quotes", value)
    before = len(text[:index].rstrip())
    if expected.startswith("',' or") and _BEGINNING.match(rest) and before < index:
        return fault_at(text, before, "no ',' between two items", "Write a ',' here.", 1, "','", found)
    return fault_at(text, index, f"expected {expected}, found {found}", _help(text, index), 1, expected, found)


def _help(text: str, index: int) -> str:
    """Return what helps where something else stands than is expected."""
    letter, before = text[index : index + 1], text[:index].rstrip()[-1:]
    if letter in ("}", "]"):
        opened = _open_bracket(text[:index])
        if opened is None:
            return "Leave it out: it closes nothing."
        return f"The {text[opened]} in line {fault_at(text, opened, '').line} is not closed."
    if letter == "," and before in (",", "[", "{"):
        return "Leave it out."
    return 'The text before it has ended; write \\" for a quote within a text.' if before == '"' and letter.isalnum() else ""


def _text_fault(text: str, index: int) -> Fault:
    """Return what is wrong with a text in double quotes that begins, or has its fault, at *index*."""
    if text[index : index + 1] == "u" and text[index - 1 : index] == "\\":
        index -= 1
    if text[index : index + 1] == "\\":
        sign = text[index : index + 2]
        message = f"{sign} in a text: write \\{sign} for a backslash"
        return fault_at(text, index, message, "In JSON a backslash has a meaning of its own.", 2, "two backslashes", sign)
    line = text.rfind("\n", 0, index) + 1
    start = index if text[index : index + 1] == '"' else _last_open_quote(text, line, index)
    if start is not None and (text[index : index + 1] in ("\n", "\r", "") or start == index):
        message = "the quote that is opened here is not closed on its line"
        return fault_at(text, start, message, "", max(1, index - start), "a closing quote", "the end of the line")
    expected = "the rest of a text in double quotes"
    found = repr(text[index : index + 1])
    help = "Write \\t for a tab." if text[index : index + 1] == "\t" else ""
    return fault_at(text, index, f"expected {expected}, found {found}", help, 1, expected, found)


def _last_open_quote(text: str, start: int, end: int) -> int | None:
    """Return where a quote stands between *start* and *end* that has no partner before *end*."""
    opened: int | None = None
    for match in re.compile(r'\\.|"').finditer(text, start, end):
        if match[0] == '"':
            opened = match.start() if opened is None else None
    return opened


def _open_bracket(text: str) -> int | None:
    """Return where the innermost bracket is opened that isn't closed at the end of *text*."""
    opened = []
    for match in re.finditer(r'"(?:\\.|[^"\\])*"|[{}\[\]]', text):
        if match[0] in "{[":
            opened.append(match.start())
        elif match[0] in "}]" and opened:
            opened.pop()
    return opened[-1] if opened else None


_CLOSING = {"{": "'}'", "[": "']'"}
#: What may begin an item.
_BEGINNING = re.compile(r"[\"{\[\d-]|true|false|null")
#: What people write in JSON out of habit; what is wrong with it, and its mend.
_HINTS = (
    (r"'([^'\"\n]*)'?", "JSON has double quotes only", r'Write: "\1".'),
    (r"(?://|/\*|#).*", "JSON has no comments", "Leave it out, or make the sheet YAML."),
    (r"[Tt]r?u?e?\b", "JSON writes true in small letters", "Write: true."),
    (r"[Ff]a?l?s?e?\b", "JSON writes false in small letters", "Write: false."),
    (r"[Nn]ull?\b|None\b|undefined\b", "JSON writes null where there is nothing", "Write: null."),
    (r"-?(NaN|Infinity)\b", r"JSON has no such number", r'Write a text: "\1".'),
    (r"([A-Za-z_/@*%$][^\s,:\"'{}\]]*)(?=\s*:)", "a key must stand in double quotes", r'Write: "\1".'),
)


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
            raise _NotJSON("the rest of a text in double quotes", getattr(error, "pos", index), is_in_text=True) from None
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
