"""The tasks of a Python file as Dioptra would declare them: names and types of inputs and outputs. Nothing is run."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from ways.systems.dioptra.files.code import decode, imported, is_register, parameters_of
from ways.systems.dioptra.files.types import BUILT_IN
from ways.systems.shared import parse_python

#: Types of Python under the names that Dioptra has for them.
_RENAMED = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
#: Annotations whose text names a type. Others get a generated name, such as ``type1``.
_NAMED = (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp)


class Input(NamedTuple):
    """One parameter of a task."""

    name: str
    type: str
    required: bool


class Output(NamedTuple):
    """What a task returns."""

    name: str
    type: str


class NewType(NamedTuple):
    """A type that the resource file has to declare: its name, and the annotation for which it stands."""

    name: str
    description: str


class Signature(NamedTuple):
    """A function task, as its Python file describes it."""

    name: str
    line: int
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    new_types: tuple[NewType, ...]


def signatures(code: bytes | str) -> list[Signature]:
    r"""Return the tasks of a Python file, in order: functions at its top that ``dioptra.pyplugs.register`` decorates.

    >>> [task] = signatures("from dioptra.pyplugs import register\\n@register\\ndef f(a: int, b: list[str] = ()) -> None: ...")
    >>> task.inputs, task.new_types
    ((Input(name='a', type='integer', required=True), Input(name='b', type='list_str', required=False)), \
(NewType(name='list_str', description='list[str]'),))

    :raises BadCode: it is no Python, no UTF-8, or more than 1 MiB.
    """
    text = decode(code if isinstance(code, bytes) else code.encode("utf-8", "surrogatepass"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.encode() for line in text.split("\n")]
    names: dict[str, str] = {}
    tasks = []
    for node in parse_python(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update(imported(node))
        elif isinstance(node, ast.FunctionDef) and any(is_register(decorator, names) for decorator in node.decorator_list):
            tasks.append(_signature(node, lines))
    return tasks


def type_name(annotation: str) -> str:
    """Return the name of the type that an annotation's text writes; ``""`` if no name can be made of it.

    >>> type_name("Optional[float]"), type_name("np.ndarray"), type_name("str"), type_name("3d")
    ('optional_float', 'np_ndarray', 'string', '')
    """
    plain = re.sub(r"[^a-z0-9_]+", "_", re.sub(r"\s+", "", annotation).lower()).strip("_")
    name = _RENAMED.get(plain, plain)
    return name if re.match("[a-z]", name) else ""


def _signature(node: ast.FunctionDef, lines: list[bytes]) -> Signature:
    given = list(parameters_of(node.args))
    returns = node.returns
    has_output = returns is not None and not (isinstance(returns, ast.Constant) and returns.value is None)
    annotations = [annotation for _, annotation, _ in given] + ([returns] if has_output else [])
    written = [_text(annotation, lines) for annotation in annotations]
    keys = [(_type_text(annotation, text), text) for annotation, text in zip(annotations, written)]
    names = {key: type_name(key[0]) for key in keys}
    in_use = {*names.values(), *BUILT_IN}
    free = (name for number in range(1, len(keys) + len(in_use) + 1) if (name := f"type{number}") not in in_use)
    types: list[str] = []
    new_types: dict[str, str] = {}
    for annotation, key in zip(annotations, keys):
        if annotation is None:
            types.append(next(free))
            continue
        names[key] = names[key] or next(free)
        types.append(names[key])
        if names[key] not in BUILT_IN:
            new_types.setdefault(names[key], key[1])
    inputs = tuple(Input(name, type, is_required) for (name, _, is_required), type in zip(given, types))
    outputs = (Output("output", types[-1]),) if has_output else ()
    return Signature(node.name, node.lineno, inputs, outputs, tuple(NewType(name, text) for name, text in new_types.items()))


def _type_text(node: ast.expr | None, text: str) -> str:
    """Return the text that names the type of an annotation; ``""`` if none does."""
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, str)):
        return "null" if node.value is None else node.value
    is_union = not isinstance(node, ast.BinOp) or isinstance(node.op, ast.BitOr)
    return text if isinstance(node, _NAMED) and is_union else ""


def _text(node: ast.expr | None, lines: list[bytes]) -> str:
    """Return an annotation as it is written, without its quotes if it is a text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if node is None or node.end_lineno is None or node.end_col_offset is None:
        return ""
    written = lines[node.lineno - 1 : node.end_lineno]
    written[-1] = written[-1][: node.end_col_offset]
    written[0] = written[0][node.col_offset :]
    return b"\n".join(written).decode()
