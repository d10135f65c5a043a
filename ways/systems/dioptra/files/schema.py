"""The shape of Dioptra's resource files, in both grammars: what its JSON Schemas say, with better words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ways.sheets.document import Pointer
from ways.systems.dioptra.files.base import Teller, kind

#: The grammars: ``tasks`` of a plugin is an array of tables, or a table of such arrays.
ARRAY, TABLE = "array", "table"


class Is(NamedTuple):
    """A plain value."""

    words: str
    fits: Callable[[Any], bool]


class Each(NamedTuple):
    """An array whose items all have one shape."""

    item: Shape
    words: str = "an array"


class Table(NamedTuple):
    """A table."""

    keys: Mapping[str, Shape]
    required: tuple[str, ...] = ()
    #: What an unknown key is: ``error``, ``lax`` where Dioptra ignores it, ``warning``.
    unknown: str = "error"
    #: What to say of keys that people write all the same.
    hints: Mapping[str, str] = {}


Shape = Is | Each | Table


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float))


TEXT = Is("a text", _is_text)
TRUTH = Is("true or false", _is_truth)
ANY_TABLE = Is("a table", _is_table)
SCALAR = Is("a text, a number, true or false", _is_scalar)
_TABLES = "an array of tables"

_INPUT = Table({"name": TEXT, "type": TEXT, "required": TRUTH}, ("name", "type"))
_OUTPUT = Table({"name": TEXT, "type": TEXT}, ("name", "type"), hints={"required": "Only an input can be required."})
_TASK_KEYS: dict[str, Shape] = {
    "filename": TEXT,
    "name": TEXT,
    "input_params": Each(_INPUT, _TABLES),
    "output_params": Each(_OUTPUT, _TABLES),
}
_TASK = Table(_TASK_KEYS, tuple(_TASK_KEYS))
_ARTIFACT_KEYS: dict[str, Shape] = {"filename": TEXT, "name": TEXT, "output_params": Each(_OUTPUT, _TABLES)}
_ARTIFACT = Table(_ARTIFACT_KEYS, tuple(_ARTIFACT_KEYS), hints={"input_params": "An artifact task has outputs only."})
_TASK_TABLE = Table({"functions": Each(_TASK, _TABLES), "artifacts": Each(_ARTIFACT, _TABLES)}, unknown="lax")
_TASKS: dict[str, Shape] = {ARRAY: Each(_TASK, _TABLES), TABLE: _TASK_TABLE}

_PARAM = Table({"name": TEXT, "type": TEXT, "default_value": SCALAR}, ("name", "type"))
_ARTIFACT_PARAM = Table({"name": TEXT, "output_params": Each(_OUTPUT, _TABLES)}, ("name", "output_params"))
_ENTRYPOINT_KEYS: dict[str, Shape] = {
    "path": TEXT,
    "name": TEXT,
    "description": TEXT,
    "params": Each(_PARAM, _TABLES),
    "plugins": Each(TEXT, "an array of texts"),
}
_NEWER_KEYS: dict[str, Shape] = {
    "artifact_params": Each(_ARTIFACT_PARAM, _TABLES),
    "artifact_plugins": Each(TEXT, "an array of texts"),
}
_ENTRYPOINTS = {
    ARRAY: Table(
        _ENTRYPOINT_KEYS, ("path",), hints=dict.fromkeys(_NEWER_KEYS, "Only files whose 'tasks' are a table have it.")
    ),
    TABLE: Table({**_ENTRYPOINT_KEYS, **_NEWER_KEYS}, ("path",)),
}
_TYPE = Table({"name": TEXT, "description": TEXT, "structure": ANY_TABLE}, ("name",))
_NAME_HINT = {"name": "The name of a plugin comes from its path."}


def resource_shape(grammar: str) -> Table:
    """Return the shape of a whole file. The name of an entrypoint is optional in both grammars."""
    plugin = Table({"path": TEXT, "description": TEXT, "tasks": _TASKS[grammar]}, ("path",), hints=_NAME_HINT)
    keys = {
        "plugins": Each(plugin, _TABLES),
        "plugin_param_types": Each(_TYPE, _TABLES),
        "entrypoints": Each(_ENTRYPOINTS[grammar], _TABLES),
    }
    return Table(keys, unknown="warning")


def grammar_of(data: Mapping[str, Any]) -> str:
    """Return which grammar a file is written in; that of the first plugin whose tasks tell."""
    for plugin in _tables(data.get("plugins")):
        if isinstance(plugin.get("tasks"), (list, dict)):
            return ARRAY if isinstance(plugin["tasks"], list) else TABLE
    is_newer = any(not _NEWER_KEYS.keys().isdisjoint(entry) for entry in _tables(data.get("entrypoints")))
    return TABLE if is_newer else ARRAY


def _tables(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def check_shape(value: Any, shape: Shape, pointer: Pointer, teller: Teller) -> None:
    """Note everything in *value* that hasn't the *shape* it should."""
    if isinstance(shape, Is):
        if not shape.fits(value):
            teller.tell(pointer, "type", shape.words, kind(value))
    elif isinstance(shape, Each):
        _check_each(value, shape, pointer, teller)
    elif not isinstance(value, dict):
        teller.tell(pointer, "type", "a table", kind(value))
    else:
        _check_table(value, shape, pointer, teller)


def _check_each(value: Any, shape: Each, pointer: Pointer, teller: Teller) -> None:
    if not isinstance(value, list):
        help = f"Write [[{pointer[-1]}]]." if isinstance(value, dict) and len(pointer) == 1 else ""
        return teller.tell(pointer, "type", shape.words, kind(value), help=help)
    for index, item in enumerate(value):
        check_shape(item, shape.item, (*pointer, index), teller)


def _check_table(value: Mapping[str, Any], shape: Table, pointer: Pointer, teller: Teller) -> None:
    for key in shape.required:
        if key not in value:
            teller.tell(pointer, "missing-key", f"the key {key!r}", "none")
    for key, item in value.items():
        if key in shape.keys:
            check_shape(item, shape.keys[key], (*pointer, key), teller)
        elif key in shape.hints:
            expected = f"one of {', '.join(shape.keys)}"
            teller.tell((*pointer, key), "unknown-key", expected, f"the key {key!r}", help=shape.hints[key])
        else:
            is_error = shape.unknown == "error" or (shape.unknown == "lax" and teller.is_strict)
            teller.tell_unknown((*pointer, key), shape.keys, level="error" if is_error else "warning")


def unit_of(pointer: Pointer) -> Pointer:
    """Return the smallest part around a place that stands or falls as one: a task, a parameter, a plugin, a type, ..."""
    inner = pointer[2] if len(pointer) > 2 else ""
    if inner in ("params", "artifact_params") and len(pointer) > 3:
        return pointer[:4]
    if inner == "tasks":
        return pointer[: 5 if pointer[3:4] in (("functions",), ("artifacts",)) else 4]
    return pointer[:2]
