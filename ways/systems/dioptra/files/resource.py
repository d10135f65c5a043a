"""A resource file of Dioptra: its TOML as plain data with the position of everything, and its shape in both grammars."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

from ways.sheets.document import Draft, Pointer, Position, Problem, Source
from ways.sheets.files import bytes_to_text
from ways.sheets.formats import toml_text
from ways.sheets.schema import kind
from ways.systems.shared import Problems, exceeded_limit

#: How deep the values of a file may be nested, and how many of them there may be. What an alias stands for counts each time.
MAX_NESTING, MAX_VALUES = 100, 200_000
#: Problems of one file that are reported.
MAX_PROBLEMS = 1000
#: The grammars: ``tasks`` of a plugin is an array of tables, or a table of such arrays.
ARRAY, TABLE = "array", "table"


class Resource:
    """A resource file, read, with its shape checked.

    :param problems: the problems of the file, to which those of its shape are added.
    :param syntax: the problems of its TOML.
    """

    def __init__(self, data: dict[str, Any], problems: Problems, syntax: tuple[Problem, ...] = ()) -> None:
        self.data = data
        self.problems = problems
        self.syntax = syntax
        self.grammar = grammar_of(data)
        wrong = check_shape(data, resource_shape(self.grammar), (), problems)
        self._broken = {unit_of(pointer) for pointer in wrong}

    def tables(self, *pointer: object) -> Iterator[tuple[Pointer, dict[str, Any]]]:
        """Yield pointer and table of each item of an array of tables, but for items whose shape is wrong."""
        value: Any = self.data
        for part in pointer:
            is_there = part in value if isinstance(value, dict) else isinstance(value, list) and isinstance(part, int)
            value = value[part] if is_there else None
        for index, item in enumerate(value if isinstance(value, list) else ()):
            if isinstance(item, dict) and (*pointer, index) not in self._broken:
                yield (*pointer, index), item

    def is_whole(self, pointer: Pointer) -> bool:
        """Return whether everything at *pointer* and below has its shape."""
        return not any(broken[: len(pointer)] == pointer for broken in self._broken)

    def repeated(self, what: str, names: Collection[tuple[str, Pointer]]) -> set[Pointer]:
        """Report each name that an earlier one has too, with both lines; return the pointers of the later ones."""
        first: dict[str, Pointer] = {}
        again = set()
        for name, pointer in names:
            if name in first:
                line = self.problems.at(first[name]).line
                found = f"{name!r} again; it is already on line {line}"
                self.problems.add_mismatch("duplicate-name", f"each {what} once", found, pointer)
                again.add(pointer)
            first.setdefault(name, pointer)
        return again


def read_resource(data: bytes, source: Source, *, is_strict: bool) -> Resource | tuple[Problem, ...]:
    """Return a resource file, or its problems if it can't be read.

    :param is_strict: whether what Dioptra accepts, and is nearly always a mistake, is an error.
    """
    text = bytes_to_text(data, source)
    if isinstance(text, Problem):
        return (text,)
    draft: Draft = toml_text.read(text, source)
    if draft.is_lost and (problem := draft.problems[0]).code == "limit":
        # Its help tells how to raise the limit, which a session does for its own sheets only.
        return _too_much(source, problem.expected, problem.found, (problem.source.line, problem.source.column))
    if draft.is_lost or not isinstance(draft.data, dict):
        return draft.problems
    if limit := exceeded_limit(draft.data, depth=MAX_NESTING, values=MAX_VALUES):
        return _too_much(source, f"a file {limit}", "more")
    positions = {**dict(_inner_positions(text, draft.positions)), **draft.positions}
    problems = Problems(source, positions, is_strict=is_strict, most=MAX_PROBLEMS)
    return Resource(draft.data, problems, draft.problems)


def _too_much(source: Source, expected: str, found: str, at: Position = (1, 1)) -> tuple[Problem, ...]:
    problems = Problems(source)
    problems.add("too-much", f"expected {expected}, found {found}", expected=expected, found=found, at=at)
    return problems.of_sheet()


# Positions inside arrays and inline tables, which the reader of native TOML doesn't give.

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
_KEY = re.compile(rf"({_PART}(?:[ \t]*\.[ \t]*{_PART})*)[ \t]*=[ \t]*")
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
#: A text of several lines, a text of one line, or another value that is no array and no table.
_SCALAR = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' r"'''.*?'{3,5}|" r'"(?:\\.|[^"\\\n])*"|' r"'[^'\n]*'|" r"[^,\]}\n#]+", re.DOTALL
)


def _inner_positions(text: str, positions: Mapping[Pointer, Position]) -> Iterator[tuple[Pointer, Position]]:
    """Yield the positions of the items of arrays and the keys of inline tables.

    :param positions: those of the other keys.
    """
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    for pointer, (line, column) in positions.items():
        key = _KEY.match(text, starts[line - 1] + column - 1)
        # A dotted key gives each of its parts one position: the value is that of the longest pointer.
        if key is not None and text[key.end() : key.end() + 1] in ("[", "{"):
            parts = toml_text.parts_of(key[1])
            if pointer[-len(parts) :] == parts:
                yield from _value_positions(text, key.end(), pointer, (line, starts[line - 1]))


def _value_positions(text: str, index: int, pointer: Pointer, begins: tuple[int, int]) -> Iterator[tuple[Pointer, Position]]:
    """Yield the positions inside the array or table that begins at *index*.

    :param begins: the line in which it begins, and where that line starts.
    """
    line, line_start = begins
    last = index
    #: The values that aren't closed yet, and how many items each array of them had.
    stack = [(pointer, count() if text[index] == "[" else None)]
    index += 1
    while stack:
        index = _SPACE.match(text, index).end()  # type: ignore[union-attr]
        mark = text[index : index + 1]
        if mark in ("", "]", "}", ","):
            if mark != ",":
                stack.pop()
            index += 1
            continue
        (outer, numbers), at = stack[-1], index
        if numbers is not None:
            inside: Pointer = (*outer, next(numbers))
        else:
            if (key := _KEY.match(text, index)) is None:
                return
            inside, index = (*outer, *toml_text.parts_of(key[1])), key.end()
        line, line_start = line + text.count("\n", last, at), max(line_start, text.rfind("\n", last, at) + 1)
        last = at
        yield inside, (line, at - line_start + 1)
        if text[index : index + 1] in ("[", "{"):
            stack.append((inside, count() if text[index] == "[" else None))
            index += 1
        elif (scalar := _SCALAR.match(text, index)) is not None:
            index = scalar.end()
        else:
            return


# The shape, as Dioptra's JSON Schemas have it.


class Scalar(NamedTuple):
    """The shape of a plain value."""

    words: str
    types: tuple[type, ...]


class ArrayOf(NamedTuple):
    """The shape of an array whose items all have one shape."""

    item: Shape
    words: str = "an array"


class Table(NamedTuple):
    """The shape of a table."""

    keys: Mapping[str, Shape]
    required: tuple[str, ...] = ()
    #: What an unknown key is: ``error``, ``warning``, or ``lax``: an error in strict reading alone, as Dioptra ignores the key.
    unknown: str = "error"
    #: The help for keys that people write though they are unknown.
    hints: Mapping[str, str] = {}


Shape = Scalar | ArrayOf | Table

TEXT = Scalar("a text", (str,))
TRUTH = Scalar("true or false", (bool,))
ANY_TABLE = Scalar("a table", (dict,))
SCALAR = Scalar("a text, a number, true or false", (str, int, float, type(None)))
_TABLES = "an array of tables"

_INPUT = Table({"name": TEXT, "type": TEXT, "required": TRUTH}, ("name", "type"))
_OUTPUT = Table({"name": TEXT, "type": TEXT}, ("name", "type"), hints={"required": "Only an input can be required."})
_TASK_KEYS: dict[str, Shape] = {
    "filename": TEXT,
    "name": TEXT,
    "input_params": ArrayOf(_INPUT, _TABLES),
    "output_params": ArrayOf(_OUTPUT, _TABLES),
}
_TASK = Table(_TASK_KEYS, tuple(_TASK_KEYS))
_ARTIFACT_KEYS: dict[str, Shape] = {"filename": TEXT, "name": TEXT, "output_params": ArrayOf(_OUTPUT, _TABLES)}
_ARTIFACT = Table(_ARTIFACT_KEYS, tuple(_ARTIFACT_KEYS), hints={"input_params": "An artifact task has outputs only."})
_TASK_TABLE = Table({"functions": ArrayOf(_TASK, _TABLES), "artifacts": ArrayOf(_ARTIFACT, _TABLES)}, unknown="lax")
_TASKS: dict[str, Shape] = {ARRAY: ArrayOf(_TASK, _TABLES), TABLE: _TASK_TABLE}

_PARAM = Table({"name": TEXT, "type": TEXT, "default_value": SCALAR}, ("name", "type"))
_ARTIFACT_PARAM = Table({"name": TEXT, "output_params": ArrayOf(_OUTPUT, _TABLES)}, ("name", "output_params"))
_ENTRYPOINT_KEYS: dict[str, Shape] = {
    "path": TEXT,
    "name": TEXT,
    "description": TEXT,
    "params": ArrayOf(_PARAM, _TABLES),
    "plugins": ArrayOf(TEXT, "an array of texts"),
}
_NEWER_KEYS: dict[str, Shape] = {
    "artifact_params": ArrayOf(_ARTIFACT_PARAM, _TABLES),
    "artifact_plugins": ArrayOf(TEXT, "an array of texts"),
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
        "plugins": ArrayOf(plugin, _TABLES),
        "plugin_param_types": ArrayOf(_TYPE, _TABLES),
        "entrypoints": ArrayOf(_ENTRYPOINTS[grammar], _TABLES),
    }
    return Table(keys, unknown="warning")


def grammar_of(data: Mapping[str, Any]) -> str:
    """Return the grammar of a file: that of the first plugin with tasks, else that of the entrypoints' keys."""
    for plugin in tables_in(data.get("plugins")):
        if isinstance(plugin.get("tasks"), (list, dict)):
            return ARRAY if isinstance(plugin["tasks"], list) else TABLE
    is_newer = any(not _NEWER_KEYS.keys().isdisjoint(entry) for entry in tables_in(data.get("entrypoints")))
    return TABLE if is_newer else ARRAY


def tables_in(value: Any) -> list[dict[str, Any]]:
    """Return the tables of an array, whatever their shape; none if *value* is no array."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def check_shape(value: Any, shape: Shape, pointer: Pointer, problems: Problems) -> list[Pointer]:
    """Report everything in *value* that hasn't its *shape*.

    :returns: pointers of the values whose type is wrong, and of tables without a required key.
    """
    if isinstance(shape, Table):
        if isinstance(value, dict):
            return _check_table(value, shape, pointer, problems)
        expected, help = "a table", ""
    elif isinstance(shape, ArrayOf):
        if isinstance(value, list):
            items = enumerate(value)
            return [wrong for index, item in items for wrong in check_shape(item, shape.item, (*pointer, index), problems)]
        expected, help = shape.words, f"Write [[{pointer[-1]}]]." if isinstance(value, dict) and len(pointer) == 1 else ""
    elif isinstance(value, shape.types):
        return []
    else:
        expected, help = shape.words, ""
    problems.add_mismatch("type", expected, kind(value), pointer, help=help)
    return [pointer]


def _check_table(value: Mapping[str, Any], shape: Table, pointer: Pointer, problems: Problems) -> list[Pointer]:
    wrong = []
    for key in shape.required:
        if key not in value:
            problems.add_mismatch("missing-key", f"the key {key!r}", "none", pointer)
            wrong.append(pointer)
    for key, item in value.items():
        if key in shape.keys:
            wrong += check_shape(item, shape.keys[key], (*pointer, key), problems)
        elif key in shape.hints:
            expected = f"one of {', '.join(shape.keys)}"
            problems.add_mismatch("unknown-key", expected, f"the key {key!r}", (*pointer, key), help=shape.hints[key])
        else:
            is_error = shape.unknown == "error" or (shape.unknown == "lax" and problems.is_strict)
            problems.add_unknown_key((*pointer, key), shape.keys, level="error" if is_error else "warning")
    return wrong


def unit_of(pointer: Pointer) -> Pointer:
    """Return the smallest part around a pointer that is used or left out as a whole: a task, a parameter, a plugin, a type, ..."""
    inner = pointer[2] if len(pointer) > 2 else ""
    if inner in ("params", "artifact_params") and len(pointer) > 3:
        return pointer[:4]
    if inner == "tasks":
        return pointer[: 5 if pointer[3:4] in (("functions",), ("artifacts",)) else 4]
    return pointer[:2]


def wrong_path(path: str) -> str:
    """Return in words why a path that a file names isn't followed; ``""`` for a path that is."""
    parts = path.replace("\\", "/").split("/")
    if path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", path):
        return "an absolute path"
    if ".." in parts:
        return "a path with '..'"
    if "\0" in path or any(part.strip(".") == "" and len(part) > 2 for part in parts):
        return "a path that no file has"
    return "" if path else "nothing"
