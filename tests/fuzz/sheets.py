"""Sheets of odd shapes, made by choices: many of one thing, things in each other, circles, and values that no key takes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from .draws import Draws

#: How many there are of one thing, and how many plugins a sheet has at most: what grows too fast shows well before.
COUNTS = (1, 1, 2, 3, 8, 30, 100)
MOST = 250
#: What ends a line and would begin another in what a command writes, if it were let through.
FORGED = "\nforged"
#: In any text of a plugin: its number, that before, that after it (of the last: the first), and a place of as many parts.
_NUMBER, _BEFORE, _AFTER, _DEEP = "§", "¶", "¤", "¬"

_PLACES = (
    "a", "a/b", "a/b/c", "a/§", "a/b/§", "b/§/c", "p§", "a", "a/§", "p§", "p§/a", "¬", "a/¬", "{root}", "{root}/r",
    "{root}/§", "", "*", "x%2Fy",
    "a//b", "/a", "a\\b", "a" + FORGED, "\u00e9", "a b", "{root}/{root}",
)  # fmt: skip
_PARENTS = ("a", "a/b", "a/§", "p§", "p¶", "p¤", "¬", "*", "a/*", "*/*", "p*", "none", "", "{root}", "x%2Fy", "a" + FORGED)
_PIECES = (
    "/", "/", "_", "-", "a", "j/a/", "/§/", "/{A}", "_{B}", "§", "{A}", "{B}", "{C}", "{P}", "{T§}", "{A:03d}",
    "{A:%Y}", "{root}", "{root}/§", "{@a}", "{@a/b}", "{@p¶}", "{@p¤}",
    "{@a/§}", "[_{A}]", "[{A}]", "[/{B}[_{C}]]", "[[", "]]", "[", "]", "{", "}", "\\", "%", "{}", FORGED, "\u00e9",
    "\0", "{A" + FORGED + "}",
)  # fmt: skip
_EXPRESSIONS = (
    "[a-z]+", r"\d+", r"\w+", ".*", "(a|aa)+b", r"(?:\w|\w\w)+", "(?P<x>a)(?P=x)", "(?i)ab?", "[[a-z]+", "(",
    "a{3,2}", r"(?<=a)b", r"[^/]+", "", "a|",
    r"(?:[a-z]+_?)+", "(?:a" + FORGED + ")?",
)  # fmt: skip
#: What is written again and again: a piece, or two that stand around what is in the middle.
_REPEATED = (
    ("(?:a|b)*", ""), ("[a-z]{1,9}", ""), (r"\w+", ""), ("(?:", ")+"), ("(?:", "){2}"), ("(?=", ")"), ("a?", ""), ("x|", ""), ("[ab]", ""),
)  # fmt: skip
_FORMATS = ("d", "03d", "-d", "x", ".2f", "w", "l", "s", "%Y-%m-%d", "%H", "09999d", "q", "", FORGED)
_CHOICES = ("a", "b", "§", "a§", "ab", "a/b", "", 1, 2, 1.5, True, None, {"text": "i", "label": "one" + FORGED}, FORGED)
_TEXTS = ("/", "a", "b", "_", "-", "1", "007", "ab", "j/a/", "p", "v", "#", "\u00e9", FORGED)
_ODD = (None, True, 0, 7, -1.5, "", "a", [], ["a"], {}, {"a": 1}, [[[]]], {"": {"": ""}}, FORGED, "1", 10**30)


def sheet(draws: Draws, *, most: int = MOST) -> dict[str, Any]:
    """Return a sheet of *most* plugins at most as plain data."""
    plugins: dict[str, Any] = {}
    for kind in range(1 + draws.number(3)):
        made, count = _plugin(draws), draws.pick(COUNTS)
        name = draws.pick(("k", "name" + FORGED, "plugins", "\u00e9"))
        for number in range(min(count, most - len(plugins))):
            plugins[f"{name}{kind}_{number}"] = _numbered(made, number, count)
    found: dict[str, Any] = {"globals": {"syntax": draws.pick((2, 2, 2, 1))}, "plugins": plugins}
    for _ in range(draws.number(2)):
        key = draws.pick(tuple(_KEYS))
        found["globals"][key] = _numbered(_KEYS[key](draws), 0, 1)
    return found


def text_of(found: Mapping[str, Any], draws: Draws) -> bytes:
    """Return a sheet as JSON, which is YAML as well, on a line or on many."""
    return json.dumps(found, indent=draws.pick((None, 1)), ensure_ascii=draws.flag()).encode("utf-8", "surrogatepass")


def texts(draws: Draws) -> str:
    """Return a text such as one of these mappings may read."""
    return "".join(draws.pick(_TEXTS) for _ in range(draws.number(8)))


def _plugin(draws: Draws) -> dict[str, Any]:
    made: dict[str, Any] = {"hierarchy": _place(draws), "mapping": _mapping(draws)}
    for _ in range(draws.number(5)):
        key = draws.pick(tuple(_KEYS))
        made[key] = _KEYS[key](draws)
    if draws.number(15) == 15:
        made[draws.pick((*_KEYS, "mappings", "x" + FORGED))] = draws.pick(_ODD)
    return made


def _numbered(value: Any, number: int, count: int) -> Any:
    """Return *value* as the plugin of that number has it."""
    if isinstance(value, str):
        for sign, text in ((_NUMBER, number), (_BEFORE, max(0, number - 1)), (_AFTER, (number + 1) % count)):
            value = value.replace(sign, str(text))
        return value.replace(_DEEP, "/".join("d" * (number + 1)))
    if isinstance(value, dict):
        return {_numbered(key, number, count): _numbered(inner, number, count) for key, inner in value.items()}
    return [_numbered(inner, number, count) for inner in value] if isinstance(value, list) else value


def _place(draws: Draws) -> Any:
    place = draws.pick(_PLACES)
    return place.split("/") if draws.number(15) == 15 else place


def _mapping(draws: Draws) -> str:
    written = ""
    for _ in range(1 + draws.number(3)):
        kind, piece, count = draws.number(7), draws.pick(_PIECES), draws.pick(COUNTS)
        if kind == 7:
            written += "[_" * min(count, 21) + piece + "]" * min(count, 21)
        elif kind == 6:
            written += "".join(f"{{T{number}}}{draws.pick('/_-a')}" for number in range(min(count, 30)))
        else:
            written += piece * count if kind == 5 else piece
    return written


def _details(draws: Draws) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(1 + draws.number(4)):
        names = [draws.pick(("A", "B", "C", "P", "T§", "U" + FORGED, "root", ""))]
        if draws.number(3) == 3:
            names = [f"T{number}" for number in range(draws.pick(COUNTS))]
        entry = _token(draws)
        found.update(dict.fromkeys(names, entry))
    return found


def _token(draws: Draws) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for _ in range(draws.number(3)):
        key = draws.pick(tuple(_DETAILS))
        entry[key] = _DETAILS[key](draws)
    return entry


def _expression(draws: Draws) -> str:
    if draws.number(2) < 2:
        return draws.pick(_EXPRESSIONS)
    (before, after), count = draws.pick(_REPEATED), draws.pick(COUNTS)
    return before * count + draws.pick(_EXPRESSIONS) + after * count


def _choices(draws: Draws) -> Any:
    if draws.flag():
        return [draws.pick(_CHOICES) for _ in range(draws.number(5))]
    count, sign = draws.pick(COUNTS), draws.pick(("a", "ab", "v"))
    return [f"{sign}{number}" for number in range(count)] if draws.flag() else [sign * (number + 1) for number in range(count)]


def _data(draws: Draws) -> Any:
    found: Any = draws.pick(_ODD)
    for _ in range(draws.pick(COUNTS)):
        found = [found] if draws.number(3) == 3 else {draws.pick(("a", "b", "§", "", "a.b", FORGED)): found}
    wide = {f"k{number}": number for number in range(draws.pick(COUNTS))} if draws.flag() else {}
    return {"deep": found, **wide}


def _parents(draws: Draws) -> Any:
    some = [draws.pick(_PARENTS) for _ in range(1 + draws.number(3))]
    if draws.number(3) == 3:
        start = draws.pick(("p", "a/"))
        some = [f"{start}{number}" for number in range(draws.pick(COUNTS))]
    return some[0] if len(some) == 1 else some


def _conditions(draws: Draws) -> dict[str, Any]:
    names = ("A", "B", "C", "P", "T§", "none")
    return {draws.pick(names): draws.pick(("a", "b", "§", ["a", "§"], 1, "", FORGED)) for _ in range(1 + draws.number(2))}


#: How each key of a plugin is made; the order is that of the bytes that choose one.
_KEYS: Mapping[str, Callable[[Draws], Any]] = {
    "mapping_details": _details,
    "uses": _parents,
    "when": _conditions,
    "data": _data,
    "platforms": lambda draws: draws.pick(("linux", "windows", ["linux", "darwin"], "*", "§", ["a" * 30] * 30)),
    "assignment": lambda draws: draws.pick(("master", "layer§", "x" + FORGED, "")),
    "groups": lambda draws: [f"g{number}" for number in range(draws.pick(COUNTS))],
    "uuid": lambda draws: draws.pick(("u", "u§", 1, FORGED)),
    "max_folder": lambda draws: draws.pick(("/", "{A}", "{root}", "{@a}", "/a/{A}", FORGED)),
    "path": lambda draws: draws.flag(),
    "folder": lambda draws: draws.flag(),
    "search": lambda draws: draws.flag(),
    "ambiguous": lambda draws: draws.pick(("allow", "refuse")),
    "openassetio": lambda draws: {draws.pick(("traits", "mime", "publish", "§")): draws.pick((True, ["a"], "a" + FORGED, 1))},
    "syntax": lambda draws: draws.pick((1, 2)),
    "hierarchy": _place,
    "mapping": _mapping,
}
_DETAILS: Mapping[str, Callable[[Draws], Any]] = {
    "parse": lambda draws: {draws.pick(("regex", "regex", "regex", "glob", "env", "own")): _expression(draws)},
    "choices": _choices,
    "format": lambda draws: draws.pick(_FORMATS),
    "mapping": _mapping,
    "default": lambda draws: draws.pick(("a", "1", 1, "", FORGED)),
    "required": lambda draws: draws.flag(),
    "segments": lambda draws: draws.flag(),
    "sequence": lambda draws: draws.flag(),
    "before_return": lambda draws: draws.pick(("int", "none.such", ["str.upper"], "os.getcwd" + FORGED)),
}
