"""The form of an ImJoy plugin: its key ``ui``, which asks for the parameters of its ``run``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ways.sheets.document import Pointer
from ways.systems.shared import Problems

#: The value that a widget without a placeholder begins with, by its type. Other types begin with none.
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


class FormError(Exception):
    """The reason why a form can't be read from ``offset`` on."""

    def __init__(self, code: str, message: str, offset: int) -> None:
        super().__init__(message)
        self.code = code
        self.offset = offset


class Widget(NamedTuple):
    """One field of a form."""

    #: The text before the field.
    label: str
    values: Mapping[str, Any]
    #: Where the field begins in the form's text, in characters.
    offset: int

    @property
    def key(self) -> str:
        """The name of the field's value; ``""`` for a field without a value."""
        return str(self.values.get("dataID") or self.values.get("id") or "")

    def as_dict(self) -> dict[str, Any]:
        """Return the field as plain data, with the value that it begins with, if there is one."""
        kind = self.values.get("type")
        default = self.values.get("placeholder", DEFAULTS.get(kind) if isinstance(kind, str) else None)
        data = {**self.values, "label": self.label, "key": self.key}
        return data if default is None or kind == "color" else {**data, "default": default}


def form_text(value: Any, pointer: Pointer, problems: Problems) -> str:
    """Return the text of a form that is a text, or a list of texts and objects."""
    if value is None or value == "" or value is False:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_line(item) for item in value)
    problems.add("ui-type", f"expected a text or a list, found {value!r:.60}: there is no form", pointer)
    return ""


def _line(item: Any) -> str:
    """Return what an item of a list adds to the text of a form."""
    if isinstance(item, dict):
        item = "".join(f"{key}: {part if isinstance(part, str) else _json(part)}" for key, part in item.items())
    return f"{item if isinstance(item, str) else _json(item)}<br>"


def _place(value: Any, pointer: Pointer, text: str, offset: int) -> tuple[Pointer, str]:
    """Return where a character of a form is: the item of a list that it is in, and the words that say so.

    :param text: the whole form, as :func:`form_text` returns it.
    """
    for number, item in enumerate(value if isinstance(value, list) else ()):
        line = _line(item)
        if offset < len(line):
            pointer, text = (*pointer, number), line.removesuffix("<br>")
            break
        offset -= len(line)
    start = 0 if offset < 60 else offset - 20
    return pointer, f"at character {offset + 1} of {'...' if start else ''}{text[start : start + 60]!r}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def parameters(value: Any, pointer: Pointer, problems: Problems) -> list[dict[str, Any]]:
    """Return the fields of a form as plain data; report what is wrong with it, unknown types and repeated ids.

    A form that can't be read to its end has the fields up to there.
    """
    text = form_text(value, pointer, problems)
    if len(text) > MAX_FORM:
        problems.add("ui-type", f"expected a form of at most {MAX_FORM} characters, found {len(text)}", pointer)
        return []
    widgets: list[Widget] = []
    try:
        for widget in _widgets(text):
            widgets.append(widget)
    except FormError as error:
        help = "Each widget is a {...}: {id: 'n', type: 'number'}."
        at, where = _place(value, pointer, text, error.offset)
        problems.add(error.code, f"{error}, {where}", at, help=help)
    usable: list[dict[str, Any]] = []
    keys: set[str] = set()
    for widget in widgets:
        kind = widget.values.get("type")
        at, where = _place(value, pointer, text, widget.offset)
        if not isinstance(kind, str) or (kind not in WIDGETS and "/" not in kind):
            fault = f"unknown type {kind!r}" if kind is not None else "a widget without a type"
            problems.add("ui-widget", f"{fault}, {where}", at, help=f"Those that are known: {', '.join(WIDGETS)}.")
        elif widget.key and widget.key in keys:
            problems.add("ui-id", f"the id {widget.key!r} stands twice, {where}", at, help="Give each widget another id.")
        else:
            usable.append(widget.as_dict())
        keys.add(widget.key)
    return usable


def _widgets(text: str) -> Iterator[Widget]:
    """Yield the fields of a form.

    :raises FormError: the form can't be read any further.
    """
    at = 0
    while (brace := re.compile(r"[{}]").search(text, at)) is not None:
        if brace[0] == "}":
            raise FormError("ui-braces", "a '}' without a '{' before it", brace.start())
        label = re.sub(r"<[^<>]*>", " ", text[at : brace.start()]).strip()
        reader = _Reader(text, brace.start())
        value, at = reader.value(brace.start(), 0)
        yield Widget(label, value, brace.start())


class _Reader:
    """Reads JSON as people write it by hand: keys without quotes, either quote, a comma too many, ``.5``.

    :param start: where the widget begins, which is said of what never ends.
    """

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = start

    def value(self, at: int, depth: int) -> tuple[Any, int]:
        """Return the value that begins at a character, and where it ends.

        :raises FormError: there is none.
        """
        letter = self.text[at : at + 1]
        if depth > MAX_NESTING:
            raise FormError("ui-syntax", f"nested more than {MAX_NESTING} deep", at)
        if letter == "{":
            return self._object(at, depth)
        if letter == "[":
            return self._array(at, depth)
        if letter in ("'", '"'):
            return self._string(at)
        if number := _NUMBER.match(self.text, at):
            text = number[0]
            return int(text) if re.fullmatch(r"[-+]?\d{1,18}", text) else float(text), number.end()
        word = _WORD.match(self.text, at)
        if word is None or word[0] not in _CONSTANTS:
            raise self._expected("a value", at)
        return _CONSTANTS[word[0]], word.end()

    def _object(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        built: dict[str, Any] = {}
        at = self._skip(at + 1)
        while self.text[at : at + 1] != "}":
            if self.text[at : at + 1] in ("'", '"'):
                key, at = self._string(at)
            elif word := _WORD.match(self.text, at):
                key, at = word[0], word.end()
            else:
                raise self._expected("a key", at)
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
            raise FormError("ui-braces", "a text in quotes that never ends", at)
        return "".join(letters), index + 1

    def _skip(self, at: int) -> int:
        return _BLANK.match(self.text, at).end()  # type: ignore[union-attr]

    def _expected(self, what: str, at: int) -> FormError:
        if at >= len(self.text):
            return FormError("ui-braces", "a '{' that is never closed", self.start)
        return FormError("ui-syntax", f"expected {what}, found {self.text[at]!r}", at)
