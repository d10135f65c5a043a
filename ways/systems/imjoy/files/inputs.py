"""The ``inputs`` of ImJoy's plugins: whether they are a JSON schema, with the keywords ``file`` and ``ndarray``, and data fits it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ways.errors import MissingExtraError
from ways.regex.parse_tree import UNREADABLE, fault_of
from ways.regex.timed_engine import compiled_by_regex
from ways.sheets.document import Pointer
from ways.systems.shared import exceeded_limit

#: How deep a schema may be nested, how many keywords are looked at for one value, how many characters a text may have for a pattern
#: to be searched, and for how many seconds.
MAX_NESTING, MAX_KEYWORDS, MAX_TEXT, SECONDS = 50, 100_000, 100_000, 1.0
_DTYPES = ("int8", "int16", "int32", "uint8", "uint16", "uint32", "float32", "float64", "array")
_SHORT_FORMS = ("file", "ndarray")
#: Keywords whose value holds schemas by name, a list of them, or is one.
_BY_NAME = ("properties", "patternProperties", "definitions", "dependencies")
_LISTED = ("anyOf", "oneOf", "allOf", "items")
_SINGLE = ("items", "additionalItems", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else")
#: What a group with a name begins with in JavaScript, and a reference to it, and how Python writes them.
_JAVASCRIPT = ((re.compile(r"\(\?<(?![=!])"), "(?P<"), (re.compile(r"\\k<(\w+)>"), r"(?P=\1)"))


class BadSchema(ValueError):
    """A schema that can't be checked.

    :param pointer: where the fault is in the schema as it is written.
    :param is_ours: whether it is one for Ways alone: a pattern that Python can't search for.
    """

    def __init__(self, message: str, pointer: Pointer = (), *, is_ours: bool = False) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.is_ours = is_ours


def fits(inputs: Any, data: Any) -> bool:
    """Return whether *data* fits the ``inputs`` of a plugin. Nothing fits a plugin without inputs, and ``None`` fits none.

    :raises BadSchema: *inputs* is no schema.
    :raises MissingExtraError: the package jsonschema isn't installed.
    """
    if inputs is None or data is None:
        return False
    schema = check_schema(inputs)
    from referencing import Registry

    try:
        # A registry that is given fetches nothing; the default one would.
        return bool(_validator()(schema, registry=Registry()).is_valid(data))
    except RecursionError:
        raise BadSchema("it refers to itself without end") from None


def check_schema(inputs: Any) -> Any:
    """Return *inputs* as a schema of draft 7, whose keywords ``file`` and ``ndarray`` say something.

    :raises BadSchema: it isn't.
    :raises MissingExtraError: the package jsonschema isn't installed.
    """
    written = normalized(inputs)
    if limit := exceeded_limit(written, depth=MAX_NESTING):
        raise BadSchema(f"expected a schema {limit}")
    validator = _validator()
    from jsonschema.exceptions import SchemaError
    from jsonschema_specifications import REGISTRY
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT7

    # Short forms are the properties of an object that isn't written.
    is_wrapped = written.get("properties") is inputs
    schema = _of_draft_7(written)
    try:
        validator.check_schema(schema, format_checker=None)
    except SchemaError as error:
        path = tuple(error.absolute_path)
        raise BadSchema(f"{error.message:.200}", path[1:] if is_wrapped else path) from None
    resolver = REGISTRY.resolver_with_root(DRAFT7.create_resource(schema))
    parts = {id(part) for part in _schemas_in(schema)}
    for path, reference in _values_of(schema, "$ref"):
        where = path[1:] if is_wrapped else path
        try:
            found = resolver.lookup(str(reference)).contents
        except Unresolvable:
            raise BadSchema(f"there is no {reference!r:.60}", where) from None
        # Under a key that means nothing, nobody has looked at what seems to be a schema.
        if id(found) not in parts and not isinstance(found, bool) and not str(reference).startswith("http"):
            raise BadSchema(f"there is no schema at {reference!r:.60}", where, is_ours=True)
    for keyword, check in (("file", _check_file), ("ndarray", _check_array), ("pattern", _check_pattern), ("enum", _check_enum)):
        for path, value in _values_of(schema, keyword):
            try:
                check(value)
            except BadSchema as error:
                raise BadSchema(str(error), path[1:] if is_wrapped else path, is_ours=error.is_ours) from None
    return schema


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
        raise BadSchema("expected a block of properties", ("properties",))
    if schema.get("type") == "object" and "required" not in schema:
        return {**schema, "required": list(schema["properties"])}
    return schema


def _of_draft_7(schema: Any) -> Any:
    """Return a schema without names of drafts, for which jsonschema would take validators of its own, and of its parts."""
    if isinstance(schema, list):
        return [_of_draft_7(item) for item in schema]
    if isinstance(schema, dict):
        return {key: _of_draft_7(value) for key, value in schema.items() if key not in ("$schema", "$id") or not isinstance(value, str)}
    return schema


def _schemas_in(schema: Any) -> Iterator[Any]:
    """Yield a schema and those in it."""
    yield schema
    for key, value in schema.items() if isinstance(schema, dict) else ():
        if key in _BY_NAME and isinstance(value, dict):
            below = list(value.values())
        else:
            below = value if key in _LISTED and isinstance(value, list) else [value] if key in _SINGLE else []
        for part in below:
            yield from _schemas_in(part)


def _values_of(schema: Any, keyword: str, path: Pointer = ()) -> Iterator[tuple[Pointer, Any]]:
    """Yield the values of a keyword in a schema, and where they are. What only looks like a schema has none."""
    if not isinstance(schema, dict):
        return
    if keyword in schema:
        yield (*path, keyword), schema[keyword]
    for key, value in schema.items():
        if key in _BY_NAME and isinstance(value, dict):
            for name, below in value.items():
                if keyword == "pattern" and key == "patternProperties":
                    yield (*path, key, name), name
                yield from _values_of(below, keyword, (*path, key, name))
        elif key in _LISTED and isinstance(value, list):
            for index, below in enumerate(value):
                yield from _values_of(below, keyword, (*path, key, index))
        elif key in _SINGLE:
            yield from _values_of(value, keyword, (*path, key))


def _validator() -> Any:
    """Return a class of validators for draft 7 with ImJoy's keywords. All validators made of it share a limit of keywords.

    :raises MissingExtraError: the package jsonschema isn't installed.
    """
    try:
        from jsonschema import Draft7Validator, validators
    except ImportError as error:
        raise MissingExtraError("jsonschema", "imjoy", "inputs of ImJoy's plugins") from error
    left = [MAX_KEYWORDS]
    keywords = {name: _Keyword(check, left) for name, check in {**Draft7Validator.VALIDATORS, **_OWN}.items()}
    types = Draft7Validator.TYPE_CHECKER.redefine("object", lambda checker, value: isinstance(value, Mapping))
    types = types.redefine("array", lambda checker, value: isinstance(value, (list, tuple)))
    return validators.extend(Draft7Validator, keywords, type_checker=types)


class _Keyword:
    """The check of one keyword, which counts how often it is asked.

    :param left: how often all keywords may still be asked, in a list of one.
    """

    def __init__(self, check: Callable[..., Iterable[Any] | None], left: list[int]) -> None:
        self.check = check
        self.left = left

    def __call__(self, validator: Any, wanted: Any, value: Any, schema: Any) -> Iterable[Any] | None:
        self.left[0] -= 1
        if self.left[0] < 0:
            raise BadSchema(f"it asks for more than {MAX_KEYWORDS} comparisons")
        return self.check(validator, wanted, value, schema)


def _errors(is_right: bool) -> list[Any]:
    """Return what jsonschema expects of a keyword: its errors."""
    from jsonschema.exceptions import ValidationError

    return [] if is_right else [ValidationError("it doesn't fit")]


def _pattern(validator: Any, wanted: Any, value: Any, schema: Any) -> list[Any]:
    return _errors(not isinstance(value, str) or _has_match(wanted, value))


def _pattern_properties(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[Any]:
    for pattern, below in wanted.items() if isinstance(value, Mapping) else ():
        for name, item in value.items():
            if _has_match(pattern, name):
                yield from validator.descend(item, below, path=name)


def _additional_properties(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[Any]:
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name, item in value.items() if isinstance(value, Mapping) else ():
        if name not in known and not any(_has_match(pattern, name) for pattern in patterns):
            yield from validator.descend(item, wanted, path=name)


def _file(validator: Any, wanted: Any, value: Any, schema: Any) -> list[Any]:
    return _errors(_is_file(wanted, value))


def _ndarray(validator: Any, wanted: Any, value: Any, schema: Any) -> list[Any]:
    return _errors(_is_array(wanted, value))


#: Keywords of ImJoy, and those of JSON schema that search for a pattern: here, each search has a time limit.
_OWN: Mapping[str, Callable[..., Iterable[Any]]] = {
    "pattern": _pattern, "patternProperties": _pattern_properties, "additionalProperties": _additional_properties,
    "file": _file, "ndarray": _ndarray,
}  # fmt: skip


def _check_pattern(pattern: Any) -> None:
    """Check that Python can search for a pattern.

    :raises BadSchema: it can't.
    """
    try:
        fault = fault_of(_python_pattern(pattern))
        if fault is None:
            compiled_by_regex(_python_pattern(pattern))
    except UNREADABLE as error:
        raise BadSchema(f"{pattern!r:.60} is no pattern: {error}", is_ours=True) from None
    if fault is not None:
        raise BadSchema(f"{pattern!r:.60} is no pattern: {fault.message}", is_ours=True)


def _check_enum(values: Any) -> None:
    """Check that the values to choose from are some, and each stands once.

    :raises BadSchema: they aren't.
    """
    texts = [json.dumps(value, sort_keys=True, default=str) for value in values]
    if not texts or len(set(texts)) < len(texts):
        raise BadSchema(f"expected different values under enum, found {values!r:.60}")


def _python_pattern(pattern: str) -> str:
    """Return a pattern of JavaScript as Python writes it: groups with names differ."""
    for written, replacement in _JAVASCRIPT:
        pattern = written.sub(replacement, pattern)
    return pattern


def _has_match(pattern: str, text: str) -> bool:
    """Return whether a pattern matches somewhere in a text; ``False`` for a text that is too long."""
    try:
        return len(text) <= MAX_TEXT and compiled_by_regex(_python_pattern(pattern)).search(text, timeout=SECONDS) is not None
    except TimeoutError:
        raise BadSchema(f"{pattern!r} takes more than {SECONDS} seconds") from None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _check_file(wanted: Any) -> None:
    """Check the value of the keyword ``file``: any text, or ``mime`` and ``ext`` with sizes.

    :raises BadSchema: it says nothing.
    """
    if isinstance(wanted, str):
        return
    if not isinstance(wanted, dict) or not {"mime", "ext"} & set(wanted):
        raise BadSchema("'file' needs 'mime' or 'ext'")
    for key in ("mime", "ext"):
        for text in _texts(wanted.get(key, [])):
            if key == "mime":
                _check_pattern(text)
    sizes = [wanted[key] for key in ("minSize", "maxSize") if key in wanted]
    exact = wanted.get("size", [])
    for size in [*sizes, *(exact if isinstance(exact, list) else [exact])]:
        if not _is_number(size):
            raise BadSchema(f"expected a number as size of a file, found {size!r:.60}")


def _is_file(wanted: Any, value: Any) -> bool:
    """Return whether *value* describes a file of the media type or ending, and of the size, that the schema asks for."""
    if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
        return False
    if isinstance(wanted, str):
        return True
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
    return bool(is_exact and wanted.get("minSize", size) <= size <= wanted.get("maxSize", size))


def _check_array(wanted: Any) -> None:
    """Check the value of the keyword ``ndarray``: ``shape``, ``dtype`` and ``ndim``.

    :raises BadSchema: no array has them.
    """
    if not isinstance(wanted, dict) or not set(_texts(wanted.get("dtype", []))) <= set(_DTYPES):
        raise BadSchema(f"'ndarray' needs a mapping, with one of {', '.join(_DTYPES)} as dtype")
    shape, dimensions = wanted.get("shape", []), wanted.get("ndim", [])
    if not isinstance(shape, list) or not all(one is None or _is_number(one) for one in shape):
        raise BadSchema(f"expected a list of numbers as shape, found {shape!r:.60}")
    counts = dimensions if isinstance(dimensions, list) else [dimensions]
    if not all(map(_is_number, counts)):
        raise BadSchema(f"expected a number as ndim, found {dimensions!r:.60}")
    if {"shape", "ndim"} <= set(wanted) and len(shape) not in counts:
        raise BadSchema(f"the shape {shape!r:.60} has {len(shape)} dimensions, and ndim is {dimensions!r:.60}")


def _is_array(wanted: Any, value: Any) -> bool:
    """Return whether *value* has the ``shape``, ``dtype`` and ``ndim`` that the schema asks for.

    Any object with a shape and a dtype is an array.
    """
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is None or dtype is None:
        return False
    dimensions, asked = wanted.get("ndim", len(shape)), wanted.get("shape", [])
    is_shape = "shape" not in wanted or (len(asked) == len(shape) and all(one in (None, size) for one, size in zip(asked, shape)))
    is_deep = len(shape) in (dimensions if isinstance(dimensions, list) else [dimensions])
    return is_shape and is_deep and ("dtype" not in wanted or str(dtype) in _texts(wanted["dtype"]))


def _texts(value: Any) -> list[str]:
    """Return a text, or a list of texts, as a list.

    :raises BadSchema: it is neither.
    """
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise BadSchema(f"expected a text or a list of texts, found {value!r:.60}")
    return items
