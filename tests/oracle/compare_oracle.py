"""What a comparison must say, by asking each Context of both worlds everything through its public face."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ways.api import ContextChange, FieldChange, Session, WaysError

#: Field -> the answer of a Context of which nothing is said.
DEFAULTS: dict[str, Any] = {"groups": ("*",), "path": False, "folder": False, "max_folder": ""}


def answers_at(session: Session, place: Any, layer: str) -> dict[str, Any] | None:
    """Return everything that the Context at *place* answers; ``None`` where there is none."""
    context = session.get_context(place, layer)
    if context is None:
        return None
    try:
        mapping = context.get_mapping()
    except WaysError:
        mapping = None
    return {
        "mapping": mapping,
        "mapping_details": context.get_mapping_details(),
        "data": dict(context.data),
        "platforms": sorted(context.get_platforms()),
        "groups": context.get_groups(),
        "path": context.is_path(),
        "folder": context.is_folder(),
        "max_folder": context.get_max_folder(),
    }


def contexts(*sessions: Session) -> set[tuple[tuple[str, ...], str]]:
    """Return the place and layer of each Context of some worlds."""
    places = {place for session in sessions for place in session.hierarchies()}
    layers = {"", *(name for session in sessions for name in session.registry.now.assignments)}
    return {(place, layer) for place in places for layer in layers}


def applied(before: Mapping[str, Any], change: ContextChange, known: Iterable[str]) -> dict[str, Any]:
    """Return what a Context answers once a change was made to what it answered before."""
    after = _copied(dict(before))
    for field in change.fields:
        if field.field[0] in after:
            _apply(after, field, sorted(known))
    return after


def _apply(after: dict[str, Any], change: FieldChange, known: list[str]) -> None:
    inside = after
    for key in change.field[:-1]:
        inside = inside[key]
    key = change.field[-1]
    if change.change != "removed":
        inside[key] = tuple(change.new) if change.field == ("groups",) else change.new
    elif len(change.field) == 1:
        inside[key] = {**DEFAULTS, "mapping": None, "platforms": known}[key]
    else:
        del inside[key]


def same(one: Any, other: Any) -> bool:
    """Whether two answers are written alike; ``1``, ``1.0`` and ``true`` are not."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _copied(value: Any) -> Any:
    return {key: _copied(item) for key, item in value.items()} if isinstance(value, dict) else value
