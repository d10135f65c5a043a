"""The JSON of plugInfo files: text to plain data and positions, by the rules of the registry of OpenUSD.

Other formats must not inherit these: lines of comment, the first of two equal keys, NaN, the end at the first value.

:func:`quick` reads nearly every file, by Python's own reader. :func:`parse` reads the others, and knows where everything is written.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from json import JSONDecoder
from math import isfinite
from operator import itemgetter
from typing import Any, NamedTuple

from ways.sheets.document import Pointer, Position
from ways.systems.shared import exceeded_limit

#: How deep a value may be nested.
MAX_DEPTH = 10_000
#: How deep a value may be nested and still have a position; a deeper one has that of the value around it.
_MAX_PLACE = 8
_COMMENT_LINE = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_ODD_NUMBER = re.compile(r"(-?)(NaN|Infinity|Inf)")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HEX = re.compile(r"u([0-9a-fA-F]{4})")
_WORDS = {"true": True, "false": False, "null": None}
_ODD_VALUES = {"NaN": float("nan"), "Inf": float("inf"), "Infinity": float("inf")}
#: Whole numbers outside these are floats.
_LEAST, _GREATEST = -(2**63), 2**64 - 1


class Wrong(Exception):
    """The text is no JSON at ``index``."""

    def __init__(self, expected: str, index: int) -> None:
        super().__init__(expected)
        self.expected = expected
        self.index = index


class Parsed(NamedTuple):
    """The first value of a text."""

    value: Any
    positions: Mapping[Pointer, Position]
    #: What the registry ignores in silence, as code, message and position: duplicate keys, for example.
    remarks: list[tuple[str, str, Position]]


class Positions(Mapping[Pointer, Position]):
    """Where everything in a file is written. The text is scanned for that when the first position is asked for.

    The text is kept: the positions are those of what was read, whatever has become of the file since.
    """

    __slots__ = ("_data", "_is_strict", "_known", "_items")

    def __init__(self, data: bytes, *, is_strict: bool, known: Mapping[Pointer, Position] | None = None) -> None:
        self._data = data
        self._is_strict = is_strict
        self._known = known
        self._items: dict[Pointer, dict[Pointer, Position]] | None = None

    def whole(self) -> Mapping[Pointer, Position]:
        """Return all of them."""
        if self._known is None:
            text = without_comments(self._data.decode("utf-8", "surrogateescape"))
            self._known = parse(text, is_strict=self._is_strict).positions
        return self._known

    def inside(self, pointer: Pointer) -> Mapping[Pointer, Position]:
        """Return those of one item of an array of the outermost object, such as ``("Plugins", 0)``: not to go through all of the file."""
        if self._items is None:
            items: dict[Pointer, dict[Pointer, Position]] = {}
            for place, position in self.whole().items():
                items.setdefault(place[:2], {})[place] = position
            self._items = items
        return self._items.get(pointer, {})

    def __getitem__(self, pointer: Pointer) -> Position:
        return self.whole()[pointer]

    def __iter__(self) -> Iterator[Pointer]:
        return iter(self.whole())

    def __len__(self) -> int:
        return len(self.whole())


#: Those of a file that couldn't be read.
NO_POSITIONS = Positions(b"", is_strict=True, known={})


class _Unsure(ValueError):
    """Python's own reader may read this in another way than :func:`parse`."""


def _sorted_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object, with sorted keys; the value of a key that stands twice would be the last one."""
    pairs.sort(key=_KEY)
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Unsure
    return value


def _whole_number(text: str) -> int:
    # Longer ones may be floats.
    if len(text) > 18:
        raise _Unsure
    return int(text)


def _decimal(text: str) -> float:
    value = float(text)
    # The exponent may be too great for OpenUSD, even of zero.
    if not isfinite(value) or "e" in text or "E" in text:
        raise _Unsure
    return value


_BLANK = " \t\n\r"
_KEY = itemgetter(0)
_raw_decode = JSONDecoder(object_pairs_hook=_sorted_object, parse_int=_whole_number, parse_float=_decimal).raw_decode


def quick(data: bytes, *, is_strict: bool) -> dict[str, Any] | None:
    """Return the object that a file holds, if Python's own reader is certain to read it as :func:`parse` does, without a remark.

    :returns: ``None`` where only :func:`parse` can tell.
    """
    try:
        text = data.decode()
        if "#" in text:
            text = without_comments(text)
        value, end = _raw_decode(text.lstrip(_BLANK))
    except (ValueError, RecursionError):
        # What is no JSON to Python may be some to the registry.
        return None
    is_sure = type(value) is dict and r"\ud" not in text and r"\uD" not in text
    if is_sure and text.count("{") + text.count("[") > MAX_DEPTH:
        is_sure = not exceeded_limit(value, depth=MAX_DEPTH)
    if is_sure and not is_strict:
        is_sure = not text.lstrip(_BLANK)[end:].strip(_BLANK)
    return value if is_sure else None


def without_comments(text: str) -> str:
    """Return *text* with each line blanked whose first mark is ``#``. Lines and columns stay the same."""
    # A bare carriage return or a form feed ends no line here.
    return _COMMENT_LINE.sub(lambda line: "\r" if line[0].endswith("\r") else "", text)


def first_wrong_byte(data: bytes) -> int | None:
    """Return which character of the text is a byte that is no UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(data[: error.start].decode("utf-8"))
    return None


def position_in(text: str, index: int) -> Position:
    """Return the line and column of a character of *text*."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def parse(text: str, *, is_strict: bool) -> Parsed:
    """Return the first value in *text*, which has no comment lines any more.

    :param is_strict: whether a comment behind a value is an error, as it is to the registry.
    :raises Wrong: it is no JSON.
    """
    return _Parser(text.partition("\0")[0], is_strict).whole()


class _Parser:
    """A machine without recursion: a file may be nested deeper than Python calls."""

    def __init__(self, text: str, is_strict: bool) -> None:
        self.text = text
        self.is_strict = is_strict
        self.positions: dict[Pointer, Position] = {}
        self.remarks: list[tuple[str, str, Position]] = []
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def whole(self) -> Parsed:
        value, end = self.value(self.skip(0))
        end = self.skip(end)
        if end < len(self.text):
            self.remark("text-after-value", "what stands behind the first value is ignored", end)
        return Parsed(value, self.positions, self.remarks)

    def position(self, index: int) -> Position:
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1

    def remark(self, code: str, message: str, index: int) -> None:
        self.remarks.append((code, message, self.position(index)))

    def skip(self, index: int) -> int:
        """Return where the next mark stands; behind comments, where they are allowed."""
        index = _SPACE.match(self.text, index).end()  # type: ignore[union-attr]
        while not self.is_strict and self.text.startswith("#", index):
            self.remark("trailing-comment", "a comment behind a value is an error to OpenUSD's own registry", index)
            end = self.text.find("\n", index)
            index = _SPACE.match(self.text, len(self.text) if end < 0 else end).end()  # type: ignore[union-attr]
        return index

    def value(self, index: int) -> tuple[Any, int]:
        """Return the value that starts at *index*, and where it ends."""
        holders: list[Any] = []
        pointer: list[Any] = []
        value, index, is_open = self.begin(index)
        while True:
            is_first = is_open
            if is_open:
                if len(holders) >= MAX_DEPTH:
                    raise Wrong(f"at most {MAX_DEPTH} values inside each other", index)
                holders.append(value)
                pointer.append(None)
            elif not holders:
                return value, index
            elif isinstance(holders[-1], list):
                holders[-1].append(value)
            elif pointer[-1] is not _Dropped:
                holders[-1][pointer[-1]] = value
            closing = "}" if isinstance(holders[-1], dict) else "]"
            index = self.skip(index)
            if self.text.startswith(closing, index):
                value, index, is_open = holders.pop(), index + 1, False
                pointer.pop()
                if isinstance(value, dict):
                    # By bytes, which is the order of characters. Bytes that are no UTF-8 stand above all characters here;
                    # their order in OpenUSD is not known.
                    value = dict(sorted(value.items()))
                continue
            if not is_first:
                if not self.text.startswith(",", index):
                    raise Wrong(f"',' or {closing!r}", index)
                index = self.skip(index + 1)
            value, index, is_open = self.begin(self.place(holders[-1], pointer, index))

    def begin(self, index: int) -> tuple[Any, int, bool]:
        """Return a value, or an empty object or array; the index behind it; and whether it is an object or array."""
        letter = self.text[index : index + 1]
        if letter in ("{", "["):
            return ({} if letter == "{" else []), index + 1, True
        if letter == '"':
            return *self.string(index), False
        return *self.scalar(index), False

    def place(self, holder: Any, pointer: list[Any], index: int) -> int:
        """Note the key or number of the next value of an object or array, and return where the value starts."""
        if isinstance(holder, list):
            pointer[-1] = len(holder)
            self.note(pointer, index)
            return index
        if not self.text.startswith('"', index):
            raise Wrong("a key in double quotes", index)
        key, end = self.string(index)
        if key in holder:
            self.remark("duplicate-key", f"expected each key once, found {key!r} again; the first one is used", index)
            # Its value is read and dropped.
            pointer[-1] = _Dropped
        else:
            pointer[-1] = key
            self.note(pointer, index)
        end = self.skip(end)
        if not self.text.startswith(":", end):
            raise Wrong("':' after the key", end)
        return self.skip(end + 1)

    def note(self, pointer: list[Any], index: int) -> None:
        if len(pointer) <= _MAX_PLACE and _Dropped not in pointer:
            self.positions[tuple(pointer)] = self.position(index)

    def scalar(self, index: int) -> tuple[Any, int]:
        for word, value in _WORDS.items():
            if self.text.startswith(word, index):
                return value, index + len(word)
        odd = _ODD_NUMBER.match(self.text, index)
        if odd:
            return -_ODD_VALUES[odd[2]] if odd[1] else _ODD_VALUES[odd[2]], odd.end()
        number = _NUMBER.match(self.text, index)
        if number is None:
            raise Wrong("a value", index)
        if self.text[number.end() : number.end() + 1] in (".", "e", "E"):
            raise Wrong("digits", number.end() + 1)
        if number[2] is None and number[3] is None and len(number[0]) <= 21:
            whole = int(number[0])
            if _LEAST <= whole <= _GREATEST:
                return whole, number.end()
        decimal = float(number[0])
        if decimal in (float("inf"), float("-inf")) or _is_too_great(number):
            raise Wrong("a number that fits a float", index)
        return decimal, number.end()

    def string(self, index: int) -> tuple[str, int]:
        """Return the text in double quotes at *index*, and where it ends."""
        start, parts = index, []
        index += 1
        while True:
            plain = _PLAIN.match(self.text, index)
            parts.append(plain[0])  # type: ignore[index]
            index = plain.end()  # type: ignore[union-attr]
            letter = self.text[index : index + 1]
            if letter == '"':
                return "".join(parts), index + 1
            if letter != "\\":
                raise Wrong("no raw control character in a text" if letter else "the end of the text", index if letter else start)
            part, index = self.escape(index + 1)
            parts.append(part)

    def escape(self, index: int) -> tuple[str, int]:
        letter = self.text[index : index + 1]
        if letter in _ESCAPES:
            return _ESCAPES[letter], index + 1
        code, end = self.hexadecimal(index)
        if 0xDC00 <= code < 0xE000:
            raise Wrong("a surrogate pair", index - 1)
        if not 0xD800 <= code < 0xDC00:
            return chr(code), end
        low, end = self.hexadecimal(end + 1) if self.text.startswith("\\u", end) else (0, end)
        if not 0xDC00 <= low < 0xE000:
            raise Wrong("a surrogate pair", index - 1)
        return chr(0x10000 + ((code - 0xD800) << 10) + low - 0xDC00), end

    def hexadecimal(self, index: int) -> tuple[int, int]:
        match = _HEX.match(self.text, index)
        if match is None:
            raise Wrong("an escape of JSON", index - 1)
        return int(match[1], 16), match.end()


def _is_too_great(match: re.Match[str]) -> bool:
    """Whether a number's exponent is too great, which is refused even if zero stands before it."""
    exponent = (match[3] or "e0")[1:]
    digits = exponent.lstrip("+").lstrip("0")
    return not exponent.startswith("-") and (len(digits) > 9 or int(digits or 0) > 308 + len(match[2] or ".") - 1)


class _Dropped:
    """Stands for the key of a value that is dropped."""


def plain_copy(value: Any) -> Any:
    """Return a copy of plain data, however deep."""
    try:
        return _copied_object(value) if isinstance(value, dict) else _copied_array(value) if isinstance(value, list) else value
    except RecursionError:
        return _copied_flat(value)


# The interpreter copies the whole, and only what holds something is copied by itself: half the time of a comprehension.


def _copied_object(value: dict[str, Any]) -> dict[str, Any]:
    copy = value.copy()
    for key, item in copy.items():
        kind = type(item)
        if kind is dict:
            copy[key] = _copied_object(item)
        elif kind is list:
            copy[key] = _copied_array(item)
    return copy


def _copied_array(value: list[Any]) -> list[Any]:
    for item in value:
        kind = type(item)
        if kind is dict or kind is list:
            break
    else:
        return value.copy()
    return [_copied_object(item) if type(item) is dict else _copied_array(item) if type(item) is list else item for item in value]


def _copied_flat(value: Any) -> Any:
    """Return the same without recursion."""
    result: list[Any] = [value]
    waiting: list[tuple[Any, Any]] = [(result, 0)]
    while waiting:
        holder, key = waiting.pop()
        item = holder[key]
        if isinstance(item, dict):
            holder[key] = item = dict(item)
            waiting += [(item, name) for name in item]
        elif isinstance(item, list):
            holder[key] = item = list(item)
            waiting += [(item, index) for index in range(len(item))]
    return result[0]
