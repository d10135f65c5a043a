"""The places that a registry makes in its session: each plugin, and each type of which it is the owner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from ways import api
from ways.systems.usd.plugins import Plugin
from ways.sheets import schema
from ways.sheets.document import Draft
from ways.systems.usd.files.format import TYPES, places_of, type_name_of


class Places:
    """What one registration adds to a session. Asked again, it says the same."""

    def __init__(self, plugins: Sequence[Plugin], owned: Sequence[tuple[Plugin, str]]) -> None:
        self._plugins = list(plugins)
        self._owned = {(id(plugin), name) for plugin, name in owned}

    def get_plugins(self) -> list[tuple[Any, str]]:
        """Return each plugin of a place, with the layer that it stands in."""
        return [(made, api.DEFAULT_ASSIGNMENT) for plugin in self._plugins for made in self._places(plugin)]

    def _places(self, plugin: Plugin) -> list[Any]:
        written, positions = places_of([plugin.entry])
        source = plugin.entry.source._replace(pointer=(), line=0, column=0)
        kept = {name: value for name, value in written.items() if self._is_owned(plugin, value)}
        records, _ = schema.check(Draft({"plugins": kept}, positions), source)
        return [
            api.DataPlugin.from_record(
                record, api.DEFAULT_ASSIGNMENT, cast(Any, api.split_hierarchy(record.values["hierarchy"]))
            )
            for record in records
        ]

    def _is_owned(self, plugin: Plugin, written: dict[str, Any]) -> bool:
        """Whether a place is of the plugin itself, of a type of its own, or of what is only named as a base."""
        name = type_name_of(written, plugin.entry)
        return name is None or (id(plugin), name) in self._owned

    def __repr__(self) -> str:
        return f"Places({', '.join(plugin.name for plugin in self._plugins)})"


def type_place_text(name: str) -> str:
    """Return the hierarchy of a type."""
    return api.quoted_hierarchy((*TYPES, name))
