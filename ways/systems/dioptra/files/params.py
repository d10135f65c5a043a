"""The parameters of an entrypoint: what each type takes as its default, and the tokens that become of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ways.sheets.document import Pointer
from ways.systems.dioptra.files.base import Teller, kind, names_twice


class Param(NamedTuple):
    """A parameter of an entrypoint."""

    name: str
    type: str
    pointer: Pointer
    #: The default as it is written, and as its type takes it; of no use where there is none.
    written: Any = None
    default: Any = None
    has_default: bool = False

    def token(self) -> dict[str, Any]:
        """Return the details of the token that the parameter becomes."""
        details: dict[str, Any] = {"parse": {"regex": _EXPRESSIONS[self.type]}}
        if self.has_default:
            details["default"] = self._default_text()
        return details

    def _default_text(self) -> str:
        """Return the default as it is written; where that is laxer than a value may be, as it is meant."""
        text = as_text(self.written)
        return text if re.fullmatch(_EXPRESSIONS[self.type], text) else as_text(self.default)


def as_text(value: Any) -> str:
    """Return a value as people write it for a parameter."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if value is None or isinstance(value, (bool, list, dict)) else str(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else as_text(value)


def _integer(value: Any) -> int:
    if isinstance(value, (bool, float)):
        raise ValueError
    return int(value)


def _float(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError
    return float(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[value.lower()]


def _list(value: Any) -> list[Any]:
    return _json(value, list)  # type: ignore[no-any-return]


def _mapping(value: Any) -> dict[str, Any]:
    return _json(value, dict)  # type: ignore[no-any-return]


def _json(value: Any, wanted: type) -> Any:
    found = json.loads(value)
    if not isinstance(found, wanted):
        raise ValueError
    return found


#: Each type of a parameter, and how a default becomes one of it.
TYPES: Mapping[str, Callable[[Any], Any]] = {
    "string": _text,
    "float": _float,
    "integer": _integer,
    "boolean": _boolean,
    "list": _list,
    "mapping": _mapping,
}
#: What they raise.
BAD_DEFAULT = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
_WORDS = {
    "integer": "a whole number",
    "float": "a number",
    "boolean": "true or false",
    "list": "a JSON array as a text",
    "mapping": "a JSON object as a text",
}
#: What the text of a value looks like.
_EXPRESSIONS = {
    "string": r"[\s\S]*",
    "integer": r"[+-]?[0-9]+(?:_[0-9]+)*",
    "float": r"[+-]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?|[+-]?(?:nan|inf)",
    "boolean": "[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]",
    "list": r"\[[\s\S]*\]",
    "mapping": r"\{[\s\S]*\}",
}


def read_params(entry: Mapping[str, Any], pointer: Pointer, teller: Teller) -> list[Param]:
    """Return the parameters of an entrypoint in order; note what is wrong with any."""
    items = [
        ((*pointer, "params", index), item)
        for index, item in enumerate(entry.get("params", ()))
        if not teller.is_broken((*pointer, "params", index))
    ]
    again = names_twice(teller, "parameter", [(item["name"], (*where, "name")) for where, item in items])
    kept = [(where, item) for where, item in items if (*where, "name") not in again]
    return [param for where, item in kept for param in _param(item, where, teller)]


def _param(item: Mapping[str, Any], pointer: Pointer, teller: Teller) -> list[Param]:
    name, written = item["name"], item["type"]
    if not name.strip():
        teller.tell((*pointer, "name"), "bad-name", "a name", repr(name))
        return []
    if written not in TYPES:
        help = teller.meant(written, list(TYPES))
        teller.tell((*pointer, "type"), "unknown-type", f"one of {', '.join(TYPES)}", repr(written), help=help)
        return []
    if "default_value" not in item:
        return [Param(name, written, pointer)]
    value = item["default_value"]
    try:
        return [Param(name, written, pointer, value, TYPES[written](value), True)]
    except BAD_DEFAULT:
        where = (*pointer, "default_value")
        teller.tell(where, "bad-default", f"{_WORDS[written]} for the parameter {name!r}", kind(value))
        return [Param(name, written, pointer)]
