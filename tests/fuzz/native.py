"""The native formats: any bytes give a draft, whose positions lie in the file, and which says what other readers say."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from typing import Any

from ways.sheets.files import bytes_to_text
from ways.sheets.document import Draft, Problem, Source
from ways.sheets.formats import json_text, python_text, yaml_text
from ways.sheets.formats.table import NATIVE_FORMATS

from .claims import check_draft, check_problems, lines_of
from .runner import Target

_FORMATS = {found.name: found for found in NATIVE_FORMATS}


def _read(name: str, data: bytes) -> tuple[Draft, str, Source]:
    """Return what the format makes of a file, checked, and the file as text; ``""`` where it is none."""
    source = Source(f"sheet.{name}", name, is_trusted=False)
    draft = _FORMATS[name].read(data, source)
    text = bytes_to_text(data, source)
    if isinstance(text, Problem):
        assert draft.is_lost and draft.problems == (text,)
        return draft, "", source
    check_draft(draft, text, source)
    return draft, text, source


def yaml(data: bytes) -> None:
    _, text, source = _read("yaml", data)
    quick = yaml_text._read_fast(text)
    if quick is not None:
        whole = yaml_text._read_all(text, source)
        assert same(quick.data, whole.data) and dict(quick.positions) == dict(whole.positions)


def _refused(constant: str) -> Any:
    raise ValueError(constant)


def _or_none(read: Callable[[str], Any], text: str) -> Any:
    """Return what another reader says; a number of too many digits is an error for it as well."""
    try:
        return read(text)
    except (ValueError, RecursionError):
        return None


def strict_json(text: str) -> Any:
    return json.loads(text, parse_constant=_refused)


def json_sheet(data: bytes) -> None:
    _, text, source = _read("json", data)
    draft = json_text.read(text, source)
    expected = _or_none(strict_json, text)
    if expected is not None:
        assert not draft.is_lost and same(draft.data, expected)
    lines = text.split("\n")
    for pointer, (line, column) in draft.positions.items():
        if isinstance(pointer[-1], str):
            assert lines[line - 1][column - 1] == '"', pointer


def toml(data: bytes) -> None:
    draft, text, _ = _read("toml", data)
    expected = _or_none(tomllib.loads, text)
    assert draft.is_lost or same(draft.data, expected)
    assert draft.is_lost or set(draft.positions) >= {(key,) for key in expected or ()}


def python(data: bytes) -> None:
    """An untrusted sheet isn't run; what its text tells is where the keys of its literals stand. Nothing is run here."""
    source = Source("sheet.py", "python", is_trusted=False)
    draft = _FORMATS["python"].read(data, source)
    text = bytes_to_text(data, source)
    if isinstance(text, Problem):
        assert draft.is_lost and draft.problems[0].code == "encoding"
        return
    tree = python_text.parsed(text, source)
    if isinstance(tree, Draft) and not tree.is_lost:
        # It is no sheet.
        assert (draft.data, draft.is_lost, *draft.problems) == (None, False)
        return
    assert draft.is_lost and draft.problems[0].code == "untrusted"
    if isinstance(tree, Draft):
        check_problems(tree.problems, lines_of(text))
    else:
        check_draft(Draft({}, python_text.positions(tree, text)), text, source)


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal and of the same types, all the way down; what is no number equals itself."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) or (one != one and other != other)


TARGETS = {
    "yaml": Target("a YAML sheet gives a draft or problems; the quick reader says what the whole one says", yaml),
    "json": Target("a JSON sheet gives a draft or problems; strict JSON is what the standard library reads", json_sheet),
    "toml": Target("a TOML sheet gives a draft or problems; it says what tomllib says, and each key has a place", toml),
    "python": Target("a Python sheet is not run; as a tree it gives positions or problems", python),
}
