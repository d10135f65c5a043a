"""What each key of a plugInfo entry may hold, in the order and words in which the registry of OpenUSD says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

KINDS = ("library", "python", "resource")


def kind_of(value: Any) -> str:
    """Return what a JSON value is, in words."""
    names = {dict: "an object", list: "an array", str: "a text", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")


Check = Callable[[dict[str, Any], str], str]
#: What the registry says of a key that holds something else.
_NO_STRING, _MISSING = "doesn't hold a string", "is missing"


def _type(item: dict[str, Any], kind: str) -> str:
    return _string(item, "Type", is_needed=True) or ("" if kind else "doesn't hold a valid type")


def _name(item: dict[str, Any], kind: str) -> str:
    return _string(item, "Name", is_needed=True) or ("" if item["Name"] else "doesn't hold a valid name")


def _root(item: dict[str, Any], kind: str) -> str:
    return _string(item, "Root") or ("doesn't hold a valid path" if item.get("Root") == "" else "")


def _library_path(item: dict[str, Any], kind: str) -> str:
    return _string(item, "LibraryPath", is_needed=kind == "library")


def _resource_path(item: dict[str, Any], kind: str) -> str:
    return _string(item, "ResourcePath")


def _info(item: dict[str, Any], kind: str) -> str:
    if "Info" not in item:
        return _MISSING
    return "" if isinstance(item["Info"], dict) else "doesn't hold an object"


def _string(item: dict[str, Any], key: str, *, is_needed: bool = False) -> str:
    if key not in item:
        return _MISSING if is_needed else ""
    return "" if isinstance(item[key], str) else _NO_STRING


#: The keys in the order in which they are checked: the first that fails drops the entry.
CHECKS: tuple[tuple[str, Check], ...] = (
    ("Type", _type),
    ("Name", _name),
    ("Root", _root),
    ("LibraryPath", _library_path),
    ("ResourcePath", _resource_path),
    ("Info", _info),
)
_EXPECTED = {
    "Type": "'library', 'python' or 'resource'",
    "Name": "a name",
    "Root": "a path",
    "LibraryPath": "a path",
    "ResourcePath": "a path",
    "Info": "an object",
}


def said(key: str, wrong: str) -> str:
    return f"expected {_EXPECTED[key]}, but the key {key!r} {wrong}"
