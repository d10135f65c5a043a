"""Many at once: what many texts are, as columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ways.assets.read import Candidate
from ways.contexts.context import Context
from ways.errors import WaysError
from ways.hierarchy import Hierarchy
from ways.pattern.plan import Plan

#: The columns that stand beside those of the tokens: a text's number among all, and the text.
ROW, TEXT, ERROR = "row", "text", "error"


def columns(read: Iterable[tuple[str, Candidate | WaysError]]) -> dict[str, dict[str, list[Any]]]:
    """Return what was read as lists: for each place ``row``, ``text`` and a list for each leaf token.

    All lists of a place have one length. Texts that are nothing stand under ``""``, with ``error`` in words.
    """
    tables: dict[str, dict[str, list[Any]]] = {}
    for row, (text, found) in enumerate(read):
        if isinstance(found, WaysError):
            _append(tables.setdefault("", {}), {ROW: row, TEXT: text, ERROR: str(found)})
        else:
            _append(tables.setdefault(found.hierarchy, {}), {ROW: row, TEXT: text, **found.values})
    return tables


def columns_read(texts: list[str], plan: Plan, place: Context) -> dict[str, dict[str, list[Any]]] | None:
    """Return the same for texts of one place that all fit it by its plan; ``None`` where one doesn't."""
    values = plan.columns(texts) if texts else None
    if values is None:
        return None
    hierarchy = Hierarchy.of(place.hierarchy).text
    return {hierarchy: {ROW: list(range(len(texts))), TEXT: texts, **values}}


def _append(table: dict[str, list[Any]], values: dict[str, Any]) -> None:
    length = len(table.get(ROW, ()))
    for name, value in values.items():
        # A lenient reading may lack a token that an earlier one had, or have one that it lacked.
        table.setdefault(name, [None] * length).append(value)
    for column in table.values():
        if len(column) == length:
            column.append(None)
