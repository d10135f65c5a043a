"""JSON text to plain data and positions. Strict but for a trailing comma, which is forgiven."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from json import decoder
from typing import Any

from ways.limits import DEFAULT_LIMITS, Limits
from ways.sheets.document import Draft, Pointer, Position, Problem, Source, limit_problem
from ways.sheets.faults import Fault, fault_at, item_end, lost
from ways.sheets.positions import PositionsByHead

_SPACE = re.compile(r"[ \t\n\r]*")
_TEXT = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
#: A key up to its value: in the first group the key, if no letter in it has another meaning, in the second its text.
_KEY = rf'(?:"([^"\\\x00-\x1f]*+)"|({_TEXT}))[ \t\n\r]*+:[ \t\n\r]*+'
_FIRST_KEY = re.compile(rf"[ \t\n\r]*+{_KEY}", re.DOTALL)
_NEXT_KEY = re.compile(rf"[ \t\n\r]*+,[ \t\n\r]*+{_KEY}", re.DOTALL)
#: What stands between two items.
_COMMA = re.compile(r"[ \t\n\r]*+,[ \t\n\r]*+")
#: The start of a key, or of an item of a list, in a text without faults; and all texts, which may hold any letter.
_START = re.compile(rf"[{{\[,][ \t\n\r]*+(?![\]}}])()(?:{_TEXT}(?:[ \t\n\r]*+:[ \t\n\r]*+(?:{_TEXT})?+)?+)?+", re.DOTALL)
#: A comma behind the last item; in the group, what holds another comma. A text without an end is taken whole.
_LAST_COMMA = re.compile(rf'({_TEXT[:-1]}(?:"|\\?\Z)|[{{\[,][ \t\n\r]*+,)|,(?=[ \t\n\r]*+[\]}}])', re.DOTALL)
#: From here on Python's own stack may be too small for the scanner, which then says so.
_DEEPEST = 100
_CONTAINERS = frozenset((dict, list))
#: The line and column of an entry, where it begins, and where its value does.
_Entry = tuple[int, int, int, int]
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
    # Each value takes two characters, and has one of these signs before it, but for one: the quick way needs not count.
    may_be_much = len(text) > 2 * limits.values and sum(map(text.count, ",[{")) >= limits.values
    quick = None if may_be_much else _read_fast(text, limits)
    return _read_all(text, source, limits) if quick is None else quick


def _read_all(text: str, source: Source, limits: Limits = DEFAULT_LIMITS) -> Draft:
    """Return what *text* says, by the scanner that knows each place in it."""
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


class _Unusual(Exception):
    """Something that is left to the scanner which knows each place."""


def _built(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the dict of *pairs*.

    :raises _Unusual: a key stands twice.
    """
    built = dict(pairs)
    if len(built) != len(pairs):
        raise _Unusual
    return built


def _no_constant(text: str) -> Any:
    """NaN and the infinities are no JSON."""
    raise _Unusual


#: Returns the value that begins at a character, and where it ends. It is written in C, and takes a tenth of the scanner's time.
_scan_once: Callable[[str, int], tuple[Any, int]] = decoder.JSONDecoder(  # type: ignore[attr-defined]
    object_pairs_hook=_built, parse_constant=_no_constant
).scan_once


def _read_fast(text: str, limits: Limits) -> Draft | None:
    """Return what *text* says if it is an object without a fault but for commas behind last items; else ``None``.

    Python's own decoder reads each entry of the object, and each entry of those, of which only the positions are noted.
    """
    draft = _fast_draft(text, limits)
    if draft is not None or not (commas := [match.start() for match in _LAST_COMMA.finditer(text) if match[1] is None]):
        return draft
    # With blanks in their place, all else stays where it is.
    starts, ends = (0, *(comma + 1 for comma in commas)), (*commas, len(text))
    return _fast_draft(" ".join(text[start:end] for start, end in zip(starts, ends)), limits)


def _fast_draft(text: str, limits: Limits) -> Draft | None:
    start = _after_space(text, 0)
    if text[start : start + 1] != "{":
        return None
    heads = _HeadScanner(text, min(_DEEPEST, limits.depth))
    try:
        data, end = heads.object(start)
    except (_Unusual, ValueError, StopIteration, RecursionError):
        return None
    return Draft(data, _JSONPositions(text, heads.entries)) if _after_space(text, end) == len(text) else None


def _after_space(text: str, index: int) -> int:
    return _SPACE.match(text, index).end()  # type: ignore[union-attr]


def _is_deep(data: Any, most: int) -> bool:
    """Whether data is made of objects and lists in each other, more than there may be."""
    level = [data]
    for _ in range(most + 1):
        level = [box for box in level if box.__class__ in _CONTAINERS]
        if not level:
            return False
        level = list(chain.from_iterable(box.values() if box.__class__ is dict else box for box in level))
    return True


class _HeadScanner:
    """Reads an object, and notes where its entries stand, and the entries of these. Python's decoder reads what is deeper.

    :param most: objects and lists in each other.
    """

    def __init__(self, text: str, most: int) -> None:
        self.text = text
        self.entries: dict[Pointer, _Entry] = {}
        self._most = most
        self._lines = _LineCount(text, 1, 0, 0)

    def object(self, index: int, head: Pointer = ()) -> tuple[dict[str, Any], int]:
        """Return the object that begins at *index*, and where it ends.

        :raises _Unusual: there is something else than is expected; the decoder raises ValueError or StopIteration.
        """
        text, entries, position = self.text, self.entries, self._lines.position
        read = self._inner if head else self._outer
        built: dict[str, Any] = {}
        match = _FIRST_KEY.match(text, index + 1)
        if match is None:
            return built, _closed(text, index + 1, "}")
        while match is not None:
            key = match[1]
            index = match.start(1) - 1
            if key is None:
                index = match.start(2)
                key = decoder.scanstring(text, index + 1, True)[0]  # type: ignore[attr-defined]
            if key in built:
                raise _Unusual
            pointer, start = (*head, key), match.end()
            entries[pointer] = *position(index), index, start
            built[key], end = read(start, pointer)
            match = _NEXT_KEY.match(text, end)
        return built, _closed(text, end, "}")

    def _array(self, index: int, head: Pointer) -> tuple[list[Any], int]:
        text, built = self.text, list[Any]()
        index = _after_space(text, index + 1)
        if text[index : index + 1] == "]":
            return built, index + 1
        while True:
            pointer = (*head, len(built))
            self.entries[pointer] = *self._lines.position(index), index, index
            value, end = self._inner(index, pointer)
            built.append(value)
            match = _COMMA.match(text, end)
            if match is None:
                return built, _closed(text, end, "]")
            index = match.end()

    def _outer(self, start: int, pointer: Pointer) -> tuple[Any, int]:
        letter = self.text[start : start + 1]
        if letter in ("{", "[") and self._most < 2:
            raise _Unusual
        if letter == "{":
            return self.object(start, pointer)
        return self._array(start, pointer) if letter == "[" else _scan_once(self.text, start)

    def _inner(self, start: int, pointer: Pointer) -> tuple[Any, int]:
        read = value, end = _scan_once(self.text, start)
        most = self._most - 2
        # There are at least as many brackets as there are in each other.
        if self.text.count("{", start, end) + self.text.count("[", start, end) > most and _is_deep(value, most):
            raise _Unusual
        return read


def _closed(text: str, index: int, closing: str) -> int:
    """Return where an object or list ends whose last item ends at *index*."""
    index = _after_space(text, index)
    if text[index : index + 1] != closing:
        raise _Unusual
    return index + 1


class _LineCount:
    """Counts lines from one place of a text to the next."""

    def __init__(self, text: str, line: int, line_start: int, counted: int) -> None:
        self._text = text
        self._line, self._line_start, self._counted = line, line_start, counted

    def position(self, index: int) -> Position:
        """Return the line and column of a character that stands behind the one asked for before."""
        if breaks := self._text.count("\n", self._counted, index):
            self._line += breaks
            self._line_start = self._text.rfind("\n", self._counted, index) + 1
        self._counted = index
        return self._line, index - self._line_start + 1


class _JSONPositions(PositionsByHead):
    """The positions in a text without faults: those below an entry are found in its own text, when one is asked for."""

    __slots__ = ("_text",)

    def __init__(self, text: str, entries: dict[Pointer, _Entry]) -> None:
        super().__init__(entries)
        self._text = text

    def _head_position(self, entry: _Entry) -> Position:
        return entry[0], entry[1]

    def _below(self, head: Pointer, entry: _Entry) -> Iterator[tuple[Pointer, Position]]:
        line, column, index, start = entry
        yield head, (line, column)
        if len(head) == 1 or self._text[start] not in "{[":
            return
        # Read again rather than kept: whoever was given the data may have changed it.
        value, end = _scan_once(self._text, start)
        keys: list[Any] = []
        depths = bytearray()
        _add_keys(value, len(head) + 1, keys, depths)
        count = _LineCount(self._text, line, index - column + 1, index)
        path = list(head)
        for key, depth, match in zip(keys, depths, _START.finditer(self._text, start, end)):
            path[depth - 1 :] = [key]
            yield tuple(path), count.position(match.start(1))


def _add_keys(value: Any, depth: int, keys: list[Any], depths: bytearray) -> None:
    """Add each key of an object and number of an item, and how deep it lies, in the order of the text."""
    is_object = value.__class__ is dict
    for key, inner in value.items() if is_object else enumerate(value):
        keys.append(key)
        depths.append(depth)
        if inner.__class__ in _CONTAINERS:
            _add_keys(inner, depth + 1, keys, depths)


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
            found = f"the key {key!r} again; it is already on line {self.positions[place][0]}"
            source = self.source._replace(pointer=place, line=at[0], column=at[1])
            message = f"expected each key once, found {found}; Ways uses the last one"
            self.problems.append(Problem(source, message, "error", "duplicate-key", "each key once", found))
        self.positions[place] = at
