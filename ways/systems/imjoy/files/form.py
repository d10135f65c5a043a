"""``ui`` of an ImJoy plugin: the form that asks for the parameters of its ``run``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ways.sheets.document import Pointer
from ways.systems.imjoy.files.report import Report

#: Widget to what it holds where its own placeholder doesn't say; others hold nothing.
DEFAULTS: Mapping[str, Any] = {"number": 3, "string": "???"}
WIDGETS = (
    "number", "string", "choose", "color", "button", "save", "ops", "variableName", "instructions/repeat",
    "instructions/comment", "math/set", "math/operation", "math/if",
)
#: Longest form, and how deep a widget may be nested.
MAX_FORM, MAX_NESTING = 100_000, 30
_WORD = re.compile(r"[A-Za-z0-9_]+")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_BLANK = re.compile(r"\s*")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_CONSTANTS = {"true": True, "false": False, "null": None}


class Wrong(Exception):
    """A form that can't be read from ``offset`` on."""

    def __init__(self, code: str, message: str, offset: int) -> None:
        super().__init__(message)
        self.code = code
        self.offset = offset


class Widget(NamedTuple):
    """One field of a form."""

    #: The text before it.
    label: str
    values: Mapping[str, Any]
    offset: int

    @property
    def key(self) -> str:
        """What its value is called; ``""`` for one that gives none."""
        return str(self.values.get("dataID") or self.values.get("id") or "")

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, with the value it begins with, if any."""
        kind = self.values.get("type")
        default = self.values.get("placeholder", DEFAULTS.get(kind) if isinstance(kind, str) else None)
        told = {**self.values, "label": self.label, "key": self.key}
        return told if default is None or kind == "color" else {**told, "default": default}


def form_text(value: Any, pointer: Pointer, report: Report) -> str:
    """Return the text of a form that is a text, or a list of texts and objects."""
    if value is None or value == "" or value is False:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(f"{_item_text(item)}<br>" for item in value)
    report.tell("ui-type", f"expected a text or a list, found {value!r:.60}: there is no form", pointer)
    return ""


def _item_text(item: Any) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, dict):
        return "".join(f"{key}: {value if isinstance(value, str) else _json(value)}" for key, value in item.items())
    return _json(item)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def parameters(value: Any, pointer: Pointer, report: Report) -> list[dict[str, Any]]:
    """Return the fields of a form as plain data, and tell what is wrong with it."""
    text = form_text(value, pointer, report)
    if len(text) > MAX_FORM:
        report.tell("ui-type", f"expected a form of at most {MAX_FORM} characters, found {len(text)}", pointer)
        return []
    found: list[Widget] = []
    try:
        _read(text, found)
    except Wrong as wrong:
        help = "Each widget is a {...}: {id: 'n', type: 'number'}."
        report.tell(wrong.code, f"{wrong}, at character {wrong.offset + 1} of {text[:60]!r}", pointer, help=help)
    return [widget.as_dict() for widget in _checked(found, text, pointer, report)]


def _checked(found: list[Widget], text: str, pointer: Pointer, report: Report) -> list[Widget]:
    keys: set[str] = set()
    good = []
    for widget in found:
        kind, where = widget.values.get("type"), f"at character {widget.offset + 1} of {text[:60]!r}"
        if not isinstance(kind, str) or (kind not in WIDGETS and "/" not in kind):
            problem = f"unknown type {kind!r}" if kind is not None else "a widget without a type"
            report.tell("ui-widget", f"{problem}, {where}", pointer, help=f"Those that are known: {', '.join(WIDGETS)}.")
        elif widget.key and widget.key in keys:
            report.tell("ui-id", f"the id {widget.key!r} stands twice, {where}", pointer, help="Give each widget an id of its own.")
        else:
            good.append(widget)
        keys.add(widget.key)
    return good


def _read(text: str, found: list[Widget]) -> None:
    """Add the widgets of *text* to *found*.

    :raises Wrong: it can't be read any further.
    """
    at = 0
    while (brace := re.compile(r"[{}]").search(text, at)) is not None:
        if brace[0] == "}":
            raise Wrong("ui-braces", "a '}' without a '{' before it", brace.start())
        label = re.sub(r"<[^<>]*>", " ", text[at : brace.start()]).strip()
        reader = _Reader(text, brace.start())
        value, at = reader.value(brace.start(), 0)
        found.append(Widget(label, value, brace.start()))


class _Reader:
    """Reads JSON as people write it by hand: keys without quotes, either quote, a comma too many, ``.5``.

    :param start: where the widget begins, for what never ends.
    """

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = start

    def value(self, at: int, depth: int) -> tuple[Any, int]:
        """Return the value at a place, and where it ends."""
        letter = self.text[at : at + 1]
        if depth > MAX_NESTING:
            raise Wrong("ui-syntax", f"nested more than {MAX_NESTING} deep", at)
        if letter == "{":
            return self._object(at, depth)
        if letter == "[":
            return self._array(at, depth)
        if letter in ("'", '"') and letter:
            return self._string(at)
        if number := _NUMBER.match(self.text, at):
            return _number(number[0]), number.end()
        word = _WORD.match(self.text, at)
        if word is None or word[0] not in _CONSTANTS:
            raise self._expected("a value", at)
        return _CONSTANTS[word[0]], word.end()

    def _object(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        built: dict[str, Any] = {}
        at = self._skip(at + 1)
        while self.text[at : at + 1] != "}":
            key, at = self._key(at)
            at = self._skip(at)
            if self.text[at : at + 1] != ":":
                raise self._expected(f"a ':' after {key!r}", at)
            built[key], at = self.value(self._skip(at + 1), depth + 1)
            at = self._after(at, "}")
        return built, at + 1

    def _array(self, at: int, depth: int) -> tuple[list[Any], int]:
        items: list[Any] = []
        at = self._skip(at + 1)
        while self.text[at : at + 1] != "]":
            item, at = self.value(at, depth + 1)
            items.append(item)
            at = self._after(at, "]")
        return items, at + 1

    def _after(self, at: int, closing: str) -> int:
        at = self._skip(at)
        if self.text[at : at + 1] == ",":
            return self._skip(at + 1)
        if self.text[at : at + 1] != closing:
            raise self._expected(f"',' or {closing!r}", at)
        return at

    def _key(self, at: int) -> tuple[str, int]:
        if self.text[at : at + 1] in ("'", '"') and at < len(self.text):
            return self._string(at)
        word = _WORD.match(self.text, at)
        if word is None:
            raise self._expected("a key", at)
        return word[0], word.end()

    def _string(self, at: int) -> tuple[str, int]:
        quote, letters, index = self.text[at], [], at + 1
        while index < len(self.text) and self.text[index] != quote:
            if self.text[index] == "\\" and index + 1 < len(self.text):
                index += 1
                letters.append(_ESCAPED.get(self.text[index], self.text[index]))
            else:
                letters.append(self.text[index])
            index += 1
        if index >= len(self.text):
            raise Wrong("ui-braces", f"a text in quotes that never ends, in the '{{' at character {self.start + 1}", at)
        return "".join(letters), index + 1

    def _skip(self, at: int) -> int:
        return _BLANK.match(self.text, at).end()  # type: ignore[union-attr]

    def _expected(self, what: str, at: int) -> Wrong:
        if at >= len(self.text):
            return Wrong("ui-braces", "a '{' that is never closed", self.start)
        return Wrong("ui-syntax", f"expected {what}, found {self.text[at]!r}", at)


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"[-+]?\d{1,18}", text) else float(text)
