"""The places as the page shows them: for each field which plugins give it, where, and why their values count or not."""

from __future__ import annotations

import json
from typing import Any

from ways import api


class PlaceTables:
    """Makes the records of places. Plugins, paths and reasons stand in tables, and in the records by their numbers."""

    def __init__(self) -> None:
        self.paths: dict[str, int] = {}
        self.reasons: dict[str, tuple[int, str]] = {}
        self.plugins: list[list[Any]] = []
        self._numbers: dict[int, int] = {}

    def place(self, session: api.Session, hierarchy: tuple[str, ...], *, with_runner_up: bool) -> dict[str, Any]:
        """Return the record of one place, as a session sees it."""
        name = api.join_hierarchy(hierarchy)
        try:
            explanation = session.explain(hierarchy, with_runner_up=with_runner_up)
        except (api.WaysError, ValueError) as error:
            return {"name": name, "error": str(error), "fields": [], "tokens": []}
        mapping = next((field for field in explanation.fields if field.name == "mapping"), None)
        return {
            "name": name,
            "mapping": mapping.value if mapping and isinstance(mapping.value, str) else None,
            "error": mapping.error if mapping else None,
            "path": bool(session.need_context(hierarchy).view.resolved.path),
            "fields": [self._field(field) for field in explanation.fields if field.claims or field.error],
            "tokens": [
                [token.name, token.parent, [[rule.kind.value, rule.text] for rule in token.rules], token.is_required, token.default]
                for token in explanation.tokens
            ],
        }

    def _field(self, field: Any) -> list[Any]:
        runner_up = None if field.runner_up is None else self._plugin(field.runner_up.record)
        table: list[list[Any]] = []
        for state, claims in (("winner", (field.winner,) if field.winner else ()), ("part", field.parts), ("loser", field.losers)):
            for claim in claims:
                lost_to = None if claim.lost_to is None else self._plugin(claim.lost_to.record)
                place = [self._path(claim.source.path), claim.source.line, claim.source.column]
                reason = self.reasons.setdefault(claim.reason.value, (len(self.reasons), claim.reason.sentence))[0]
                table.append([state, self._plugin(claim.record), *place, shown(claim.value), reason, lost_to])
        return [field.name, shown(field.value), field.rule, field.error, table, runner_up]

    def _path(self, path: str) -> int:
        return self.paths.setdefault(path, len(self.paths))

    def _plugin(self, plugin: Any) -> int:
        """Return the number of a plugin in the table."""
        number = self._numbers.get(id(plugin))
        if number is None:
            number = self._numbers[id(plugin)] = len(self.plugins)
            source = plugin.source
            place = [self._path(source.path), source.line, source.column]
            self.plugins.append([str(plugin.name), plugin.hierarchy.text, plugin.assignment, *place])
        return number


def shown(value: Any) -> str | None:
    """Return a value as a readable text; ``None`` for ``None``."""
    if value is None or isinstance(value, str):
        return value
    try:
        return json.dumps(value, default=_plain, ensure_ascii=False)
    except (TypeError, ValueError):
        return str(value)


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else str(value)
