"""The ``inputs`` of ImJoy's plugins: whether data fits them. They are a JSON schema with the keywords ``file`` and ``ndarray``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ways.regex.parse_tree import UNREADABLE, fault_of
from ways.regex.timed_engine import compiled_by_regex

#: How deep a schema may be nested, how many characters a text may have for a pattern to be searched, and for how many seconds.
MAX_NESTING, MAX_TEXT, SECONDS = 50, 100_000, 1.0
_DTYPES = ("int8", "int16", "int32", "uint8", "uint16", "uint32", "float32", "float64", "array")
_SHORT_FORMS = ("file", "ndarray")


class BadSchema(ValueError):
    """A schema that can't be checked."""


def fits(inputs: Any, data: Any) -> bool:
    """Return whether *data* fits the ``inputs`` of a plugin. Nothing fits a plugin without inputs, and ``None`` fits none.

    :raises BadSchema: *inputs* is no schema.
    """
    return inputs is not None and data is not None and _fits(normalized(inputs), data, 0)


def normalized(inputs: Any) -> Mapping[str, Any]:
    """Return ``inputs`` as a schema. A mapping that is no schema stands for the properties of an object, all of them required.

    :raises BadSchema: *inputs* is no mapping.
    """
    if not isinstance(inputs, dict):
        raise BadSchema(f"expected a block of keys, found {inputs!r:.60}")
    if len(inputs) == 1 and set(inputs) <= set(_SHORT_FORMS):
        return inputs
    if inputs.get("type") == "url":
        url = {"type": "string"}
        if endings := _texts(inputs.get("extension", [])):
            escaped = "|".join(re.escape(ending.lstrip(".")) for ending in endings)
            url["pattern"] = rf"(?i)\.(?:{escaped})(?:[?#].*)?$"
        return {"type": "object", "properties": {"url": url}, "required": ["url"]}
    is_schema = (inputs.get("type") == "object" and "properties" in inputs) or (inputs.get("type") == "array" and "items" in inputs)
    schema = inputs if is_schema else {"type": "object", "properties": inputs}
    if "properties" in schema and not isinstance(schema["properties"], dict):
        raise BadSchema("expected a block of properties")
    if schema.get("type") == "object" and "required" not in schema:
        return {**schema, "required": list(schema["properties"])}
    return schema


def _fits(schema: Any, value: Any, depth: int) -> bool:
    if depth > MAX_NESTING:
        raise BadSchema(f"nested more than {MAX_NESTING} deep")
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, dict):
        raise BadSchema(f"expected a schema, found {schema!r:.60}")
    for key in schema:
        if not _fits_keyword(key, schema, value, depth):
            return False
    return True


def _fits_keyword(key: str, schema: Mapping[str, Any], value: Any, depth: int) -> bool:
    """Return whether *value* fits one keyword of a schema. It fits keywords that are unknown, or for values of another type."""
    wanted = schema[key]
    match key:
        case "type":
            known = [_TYPES.get(name) for name in _texts(wanted)]
            if None in known:
                raise BadSchema(f"unknown type {wanted!r}")
            return any(check(value) for check in known if check is not None)
        case "properties":
            if not isinstance(wanted, dict):
                raise BadSchema("expected a block of properties")
            if not isinstance(value, Mapping):
                return True
            return all(_fits(below, value[name], depth + 1) for name, below in wanted.items() if name in value)
        case "additionalProperties":
            if not isinstance(value, Mapping):
                return True
            known = schema.get("properties", ())
            return all(_fits(wanted, item, depth + 1) for name, item in value.items() if name not in known)
        case "required":
            return not isinstance(value, Mapping) or all(name in value for name in _texts(wanted))
        case "items":
            items = value if isinstance(value, (list, tuple)) else ()
            if isinstance(wanted, list):
                return all(_fits(below, item, depth + 1) for below, item in zip(wanted, items))
            return all(_fits(wanted, item, depth + 1) for item in items)
        case "pattern":
            return not isinstance(value, str) or _has_match(wanted, value)
        case "enum":
            return any(_same(one, value) for one in _list(wanted))
        case "const":
            return _same(wanted, value)
        case "minimum" | "maximum":
            return not _is_number(value) or _is_within(key, value, wanted)
        case "minLength" | "maxLength":
            return not isinstance(value, str) or _is_within(key, len(value), wanted)
        case "minItems" | "maxItems":
            return not isinstance(value, (list, tuple)) or _is_within(key, len(value), wanted)
        case "anyOf" | "oneOf" | "allOf":
            count = sum(_fits(one, value, depth + 1) for one in _list(wanted))
            return count == len(wanted) if key == "allOf" else count == 1 if key == "oneOf" else count > 0
        case "not":
            return not _fits(wanted, value, depth + 1)
        case "file":
            return _fits_file(wanted, value)
        case "ndarray":
            return _fits_array(wanted, value)
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, Mapping),
    "array": lambda value: isinstance(value, (list, tuple)),
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def _has_match(pattern: Any, text: str) -> bool:
    """Return whether a pattern matches somewhere in a text; ``False`` for a text that is too long."""
    if not isinstance(pattern, str):
        raise BadSchema(f"expected a pattern, found {pattern!r:.60}")
    try:
        if (fault := fault_of(pattern)) is not None:
            raise BadSchema(f"{pattern!r:.60} is no pattern: {fault.message}")
        # What re can't read isn't measured, and no engine gets it.
        return len(text) <= MAX_TEXT and compiled_by_regex(pattern).search(text, timeout=SECONDS) is not None
    except UNREADABLE as error:
        raise BadSchema(f"{pattern!r:.60} is no pattern: {error}") from None
    except TimeoutError:
        raise BadSchema(f"{pattern!r} takes more than {SECONDS} seconds") from None


def _is_within(key: str, size: Any, limit: Any) -> bool:
    return bool(size >= _number(limit) if key.startswith("min") else size <= _number(limit))


def _number(value: Any) -> Any:
    if not _is_number(value):
        raise BadSchema(f"expected a number, found {value!r:.60}")
    return value


def _same(one: Any, other: Any) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _fits_file(wanted: Any, value: Any) -> bool:
    """Return whether *value* describes a file of the media type or ending, and of the size, that the schema asks for."""
    if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
        return False
    if isinstance(wanted, str):
        return True
    if not isinstance(wanted, dict) or not {"mime", "ext"} & set(wanted):
        raise BadSchema("'file' needs 'mime' or 'ext'")
    media, name, size = str(value.get("type", "")), value["name"].lower(), value.get("size")
    by_mime = "mime" not in wanted or any(_has_match(one, media) for one in _texts(wanted["mime"]))
    by_ending = "ext" not in wanted or any(name.endswith(f".{one.lower().lstrip('.')}") for one in _texts(wanted["ext"]))
    if not by_mime or not by_ending:
        return False
    if {"minSize", "maxSize", "size"}.isdisjoint(wanted):
        return True
    if not _is_number(size):
        return False
    exact = wanted.get("size", size)
    is_exact = size in exact if isinstance(exact, list) else size == exact
    return bool(is_exact and _number(wanted.get("minSize", size)) <= size <= _number(wanted.get("maxSize", size)))


def _fits_array(wanted: Any, value: Any) -> bool:
    """Return whether *value* has the ``shape``, ``dtype`` and ``ndim`` that the schema asks for.

    Any object with a shape and a dtype is an array.
    """
    if not isinstance(wanted, dict) or not set(_texts(wanted.get("dtype", []))) <= set(_DTYPES):
        raise BadSchema(f"'ndarray' needs a mapping, with one of {', '.join(_DTYPES)} as dtype")
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is None or dtype is None:
        return False
    dimensions = wanted.get("ndim", len(shape))
    asked = _list(wanted.get("shape", []))
    is_shape = "shape" not in wanted or (len(asked) == len(shape) and all(one in (None, size) for one, size in zip(asked, shape)))
    is_deep = len(shape) in (dimensions if isinstance(dimensions, list) else [dimensions])
    return is_shape and is_deep and ("dtype" not in wanted or str(dtype) in _texts(wanted["dtype"]))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BadSchema(f"expected a list, found {value!r:.60}")
    return value


def _texts(value: Any) -> list[str]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise BadSchema(f"expected a text or a list of texts, found {value!r:.60}")
    return items
