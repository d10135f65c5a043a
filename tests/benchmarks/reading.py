"""Rows of sheets in JSON and TOML, read with the position of every key."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from typing import Any

from ways.sheets.formats import json_text, toml_text
from ways.sheets.document import Source

from .native import native_studio
from .runner import Contest, Row, Sizes, Timer, once


def as_json(plugins: dict[str, dict[str, Any]]) -> str:
    """Return a sheet of *plugins* in JSON, as people indent it."""
    return json.dumps({"globals": {"syntax": 2}, "plugins": plugins}, indent=4)


def as_toml(plugins: dict[str, dict[str, Any]]) -> str:
    """Return a sheet of *plugins* in TOML: a table for each block, literal texts where they can be."""
    return "\n".join(["[globals]", "syntax = 2", *_tables({"plugins": plugins}, ""), ""])


def _tables(values: dict[str, Any], path: str) -> Iterator[str]:
    plain = {key: value for key, value in values.items() if not isinstance(value, dict)}
    if plain or not values:
        yield f"\n[{path}]"
        yield from (f"{key} = {_value(value)}" for key, value in plain.items())
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _tables(value, f"{path}.{key}" if path else key)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return f"'{value}'" if isinstance(value, str) and "'" not in value else json.dumps(value)


def _m(sizes: Sizes) -> Iterator[Contest]:
    plugins: dict[str, dict[str, Any]] = {}
    for number, sheet in enumerate(native_studio(sizes.places[0]).sheets):
        plugins.update(sheet)
    for label, text, read, loads, target in (
        ("JSON, against json.loads", as_json(plugins), json_text.read, json.loads, 3.0),
        ("TOML, against tomllib.loads", as_toml(plugins), toml_text.read, tomllib.loads, 2.5),
    ):
        assert read(text, Source("studio")).data == loads(text)
        ours = once(lambda text=text, read=read: _positions(read, text))  # type: ignore[misc]
        limit: Timer = once(lambda text=text, loads=loads: loads(text))  # type: ignore[misc]
        yield Contest(f"a sheet of {len(text) // 1000:,} kB in {label}", ours, limit, target)


def _positions(read: Any, text: str) -> Any:
    draft = read(text, Source("studio"))
    # Asked, not only promised.
    return draft, draft.positions[("plugins",)], len(draft.positions)


ROWS = (Row("M", "a sheet in JSON and TOML with positions, against their parsers", "the studio of syntax 2 in one sheet", _m),)
