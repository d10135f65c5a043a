"""The JSON Schema of a Plugin Sheet, for editors: made of the tables of keys, which stay the one place that says what may be."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from ways.sheets import schema
from ways.sheets.schema import PLUGIN_KEYS, TOKEN_KEYS, Key

Schema = dict[str, Any]

#: Lies beside this file: what :func:`schema_text` gave when it was last written.
FILE_NAME = "plugin-sheet.schema.json"
#: What a hierarchy may hold, with ``{root}`` for that of a parent. Where its parts begin and end, blanks don't count.
HIERARCHY = r"^(?:[A-Za-z0-9_\s/-]|\{root\})*$"
PARENT = r"^(?:[A-Za-z0-9_\s/-]|\{root\}|(?:^|/)\s*\*\s*(?=/|$))*$"

_TEXT = {"type": "string"}
_TEXTS = {"type": ["string", "array"], "items": _TEXT}
_PLACE = {"type": "string", "pattern": HIERARCHY}
_PLACES = {"type": ["string", "array"], "pattern": HIERARCHY, "items": _PLACE}
#: A parent may have ``*`` for a part.
_PARENTS = {**_PLACES, "pattern": PARENT, "items": {"type": "string", "pattern": PARENT}, "uniqueItems": True}
_WORD = {"type": ["string", "number"], "minLength": 1}
_VALUE = {"type": ["string", "number", "boolean"]}
_WRITTEN = {"type": ["string", "number"]}
_EXPRESSION = {"type": ["string", "number", "boolean", "object", "null"]}

#: What each rule of a key takes. Only words that JSON Schema has known since draft 7, and none beside a ``$ref``: many
#: editors are no further.
SHAPES: Mapping[Callable[[Any], Any], Schema] = {
    schema.anything: {},
    schema.yes_or_no: {},
    schema.text: _TEXT,
    schema.names: _TEXTS,
    schema.group_names: _TEXTS,
    schema.platform_names: _TEXTS,
    schema.place: _PLACES,
    schema.parents: _PARENTS,
    schema.mapping: {"type": "object"},
    schema.truth: _VALUE,
    schema.flag: {"type": "boolean"},
    schema.permission: {"enum": ["allow", "refuse"]},
    schema.scalar: _VALUE,
    schema.openassetio: {
        "type": "object",
        "properties": {
            "traits": _TEXTS, "required": _TEXTS, "mime": _TEXT, "publish": {"type": "boolean"}, "version": _TEXT, "frame": _TEXT,
        },
        "additionalProperties": False,
    },
    schema.identifier: {"type": ["string", "integer"]},
    schema.language: {"enum": [1, 2]},
    schema.choices: {
        "type": ["array", "object"],
        "minItems": 1,
        "items": _WORD,
        "minProperties": 1,
        "propertyNames": {"minLength": 1},
        "additionalProperties": {
            "type": ["string", "number", "object"],
            "minLength": 1,
            "properties": {"text": _WORD, "label": _WORD},
            "additionalProperties": False,
            "minProperties": 1,
        },
    },
    schema.conditions: {
        "type": "object",
        "additionalProperties": {"type": ["string", "number", "boolean", "array"], "items": _VALUE},
    },
    schema.expressions: {
        "type": "object",
        "properties": {
            "regex": {**_EXPRESSION, "description": "A Python regular expression that the whole value must fit."},
            "glob": {**_EXPRESSION, "description": "What replaces the token in a glob pattern, such as *."},
        },
        "additionalProperties": _EXPRESSION,
    },
    schema.tokens: {"type": "object", "additionalProperties": {"$ref": "#/$defs/token"}},
}
#: What each rule of ``syntax: 2`` takes that is narrower than the usual one.
STRICT_SHAPES: Mapping[Callable[[Any], Any], Schema] = {
    schema.flag: SHAPES[schema.flag],
    schema.written_scalar: _WRITTEN,
    schema.strict_conditions: {
        "type": "object",
        "additionalProperties": {"type": ["string", "number", "array"], "items": _WRITTEN, "minItems": 1},
    },
    schema.strict_expressions: {"type": "object", "additionalProperties": {"type": ["string", "object", "null"]}},
    schema.strict_tokens: {"type": "object", "additionalProperties": {"$ref": "#/$defs/strict-token"}},
}
#: Shown and offered by editors.
EXAMPLES: Mapping[str, list[Any]] = {
    "hierarchy": ["job", "job/shot", "{root}/plate"],
    "mapping": ["/jobs/{JOB}", "{root}/{SHOT}", "{root}/plate_v{VERSION:03d}"],
    "mapping_details": [{"JOB": {"parse": {"regex": "[a-z]+"}}}],
    "uses": ["job", ["job/shot", "job/asset"], ["project/*/department"]],
    "platforms": ["linux", "darwin", "windows", ["linux", "darwin"]],
    "assignment": ["master"],
    "data": [{"fps": 24}],
    "path": [True],
    "uuid": ["the-job-plugin"],
    "groups": [["production"]],
    "max_folder": ["/jobs"],
    "folder": [True],
    "search": [False],
    "ambiguous": ["allow"],
    "openassetio": [{"traits": ["twoDimensional.Image"], "mime": "image/x-exr", "publish": True}],
    "when": [{"JOB": "dune"}, {"JOB": ["dune", "arrakis"]}],
    "syntax": [2],
    "id": ["free for your own use"],
}
TOKEN_EXAMPLES: Mapping[str, list[Any]] = {
    "mapping": ["{NAME}_{NUMBER}"],
    "parse": [{"regex": r"\d+"}, {"regex": "[a-z]+", "glob": "*"}],
    "required": [False],
    "before_return": ["int"],
    "format": ["03d", ".2f", "%Y-%m-%d"],
    "choices": [["comp", "anim"], {"comp": "cmp", "anim": "ani"}, {"anim": {"text": "anm", "label": "Animation"}}],
    "segments": [True],
    "sequence": [True],
    "default": ["master"],
}


def get_sheet_schema() -> Schema:
    """Return the JSON Schema of a Plugin Sheet (draft 2020-12), as plain data."""
    keys = {key.name: _key(key, EXAMPLES) for key in PLUGIN_KEYS.values()}
    plugin = {
        "title": "plugin",
        "description": "One plugin: what it sets at a place.",
        "type": "object",
        "properties": keys,
        "additionalProperties": False,
    }
    token = {
        "title": "token",
        "description": "What a token accepts. You can add keys of your own.",
        "type": ["object", "null"],
        "properties": {key.name: _key(key, TOKEN_EXAMPLES) for key in TOKEN_KEYS.values()},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:ways:plugin-sheet",
        "title": "Plugin Sheet",
        "description": "Where files are, and how they are named.",
        "type": ["object", "null"],
        "properties": {
            "$schema": {"title": "$schema", "description": "Where an editor finds this schema. Ways ignores it."},
            "globals": {
                "title": "globals",
                "description": "Defaults for the plugins of this sheet.",
                "type": ["object", "null"],
                "properties": keys,
                "additionalProperties": False,
            },
            "plugins": {
                "title": "plugins",
                "description": "The plugins, each with its own name.",
                "type": "object",
                "additionalProperties": {"$ref": "#/$defs/plugin"},
            },
        },
        "additionalProperties": False,
        "allOf": [_IF_NOT_EMPTY, _WHERE_IT_STANDS, *_STRICT],
        "$defs": {
            "plugin": plugin,
            "token": token,
            "strict-plugin": {"type": "object", "properties": _strict_keys(PLUGIN_KEYS)},
            "strict-token": {"type": ["object", "null"], "properties": _strict_keys(TOKEN_KEYS)},
        },
    }


def get_sheet_schema_path() -> str:
    """Return the path of the file that has the JSON Schema of a Plugin Sheet, for the settings of an editor."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), FILE_NAME)


def schema_text() -> str:
    """Return the JSON Schema as the text of its file."""
    return json.dumps(get_sheet_schema(), indent=2) + "\n"


#: A sheet of nothing at all is none; any other has plugins.
_IF_NOT_EMPTY = {"if": {"minProperties": 1}, "then": {"required": ["plugins"]}}
#: What has a hierarchy; ``null`` is none.
_HAS_PLACE: Schema = {"type": "object", "required": ["hierarchy"], "properties": {"hierarchy": {"not": {"type": "null"}}}}
#: The one key that each plugin must have, if it isn't the same for all.
_WHERE_IT_STANDS: Schema = {
    "if": {"required": ["globals"], "properties": {"globals": _HAS_PLACE}},
    "else": {"properties": {"plugins": {"additionalProperties": _HAS_PLACE}}},
}
#: A plugin, or globals, of one token language.
_IS_ONE: Schema = {"type": "object", "required": ["syntax"], "properties": {"syntax": {"const": 1}}}
_IS_TWO: Schema = {"type": "object", "required": ["syntax"], "properties": {"syntax": {"const": 2}}}
_STRICT_PLUGIN: Schema = {"$ref": "#/$defs/strict-plugin"}
#: In plugins of ``syntax: 2`` keys hold less; in globals, as soon as one plugin is of it.
_STRICT: list[Schema] = [
    {
        "if": {"required": ["globals"], "properties": {"globals": _IS_TWO}},
        "then": {
            "properties": {
                "globals": _STRICT_PLUGIN,
                "plugins": {"additionalProperties": {"if": _IS_ONE, "else": _STRICT_PLUGIN}},
            }
        },
        "else": {"properties": {"plugins": {"additionalProperties": {"if": _IS_TWO, "then": _STRICT_PLUGIN}}}},
    },
    {
        "if": {"properties": {"plugins": {"additionalProperties": {"not": _IS_TWO}}}},
        "else": {"properties": {"globals": {"if": {"type": "object"}, "then": _STRICT_PLUGIN}}},
    },
]


def _strict_keys(keys: Mapping[str, Key]) -> Schema:
    return {key.name: _or_nothing(STRICT_SHAPES[key.strict]) for key in keys.values() if key.strict is not None}


def _key(key: Key, examples: Mapping[str, list[Any]]) -> Schema:
    """Return the schema of a key, which may also hold nothing, with what an editor shows of it."""
    shown = {"title": key.name, "description": f"{key.purpose} Value: {key.expected}.", "examples": examples[key.name]}
    return {**shown, **_or_nothing(SHAPES[key.normalize])}


def _or_nothing(shape: Schema) -> Schema:
    """Return *shape* with ``null``, which counts as absent."""
    if "enum" in shape:
        return {**shape, "enum": [*shape["enum"], None]}
    if "type" not in shape:
        return shape
    types = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    return {**shape, "type": [*types, "null"]}
