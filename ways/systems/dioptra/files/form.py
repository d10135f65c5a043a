"""The description of an entrypoint that Dioptra's task engine reads, made of what files declare."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

from ways.systems.dioptra.files.entrypoints import value_of

#: The engine's name for the type of an entrypoint's parameter. For other types the engine goes by the default.
_ENGINE_TYPES = {"string": "string", "boolean": "boolean", "integer": "integer", "float": "number"}


def form_of(
    entry: Mapping[str, Any],
    *,
    defaults: Mapping[str, Any],
    tasks: Iterable[tuple[str, Mapping[str, Any]]],
    types: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the description of an entrypoint.

    :param entry: its table of the resource file, with the graph.
    :param defaults: the default of each parameter that has one, as it is written.
    :param tasks: name and table of each function task of its plugins; the table has the ``id`` as well.
    :param types: the table of each type, by name.
    """
    parameters: dict[str, dict[str, Any]] = {}
    for item in named(entry.get("params")):
        name, type = item["name"], str(item.get("type"))
        parameter = parameters[name] = {}
        if name in defaults:
            # A default that isn't of its type is left out, and so is a type that no parameter has. Both are reported where
            # the file is read, and where the entrypoint is validated.
            with contextlib.suppress(ValueError):
                parameter["default"] = value_of(type, defaults[name])
        if type in _ENGINE_TYPES:
            parameter["type"] = _ENGINE_TYPES[type]
    forms: dict[str, dict[str, Any]] = {}
    for name, table in tasks:
        forms[name] = {"plugin": table["id"], "inputs": [dict(item) for item in table.get("input_params", ())]}
        if outputs := table.get("output_params"):
            forms[name]["outputs"] = _outputs(outputs)
    graph = entry.get("graph", {})
    return {
        "types": {name: dict(item.get("structure", {})) for name, item in types.items()},
        "parameters": parameters,
        "tasks": forms,
        "artifact_inputs": {item["name"]: _outputs(named(item.get("output_params"))) for item in named(entry.get("artifact_params"))},
        "graph": dict(graph) if isinstance(graph, Mapping) else graph,
        "artifact_outputs": entry.get("artifact_outputs", {}),
    }


def named(items: Any) -> list[Mapping[str, Any]]:
    """Return the tables of a file that have a name. The others were reported when the file was read."""
    given = items if isinstance(items, (list, tuple)) else ()
    return [item for item in given if isinstance(item, Mapping) and isinstance(item.get("name"), str)]


def _outputs(written: Iterable[Mapping[str, Any]]) -> Any:
    """Return outputs as the engine reads them: one as a mapping, several as a list of mappings."""
    each = [{item["name"]: item["type"]} for item in written]
    return each[0] if len(each) == 1 else each
