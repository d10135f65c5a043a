"""What Dioptra would suggest for the tasks of a Python file: names and types of inputs and outputs. Nothing is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from ways.systems.dioptra.files.code import decoded, imported, is_register, parsed
from ways.systems.dioptra.files.types import BUILT_IN

#: Types of Python under the names that Dioptra has for them.
_RENAMED = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
#: Annotations whose text names a type; any other gets a name that is made up.
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
    """A type that is to be declared: its name, and the annotation it stands for."""

    name: str
    description: str


class Signature(NamedTuple):
    """A function task, as its Python file has it."""

    name: str
    line: int
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    new_types: tuple[NewType, ...]


def signatures(code: bytes | str) -> list[Signature]:
    r"""Return the tasks of a Python file, in order: functions at its top that ``dioptra.pyplugs.register`` decorates.

    >>> [found] = signatures("from dioptra.pyplugs import register\\n@register\\ndef f(a: int, b: list[str] = ()) -> None: ...")
    >>> found.inputs, found.new_types
    ((Input(name='a', type='integer', required=True), Input(name='b', type='list_str', required=False)), \
(NewType(name='list_str', description='list[str]'),))

    :raises BadCode: it is no Python, no UTF-8, or too much of it.
    """
    text = decoded(code if isinstance(code, bytes) else code.encode("utf-8", "surrogatepass"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.encode() for line in text.split("\n")]
    names: dict[str, str] = {}
    found = []
    for node in parsed(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update(imported(node))
        elif isinstance(node, ast.FunctionDef) and any(is_register(decorator, names) for decorator in node.decorator_list):
            found.append(_signature(node, lines))
    return found


def type_name(annotation: str) -> str:
    """Return the name that an annotation's text gives a type; ``""`` where it gives none.

    >>> type_name("Optional[float]"), type_name("np.ndarray"), type_name("str"), type_name("3d")
    ('optional_float', 'np_ndarray', 'string', '')
    """
    plain = re.sub(r"[^a-z0-9_]+", "_", re.sub(r"\s+", "", annotation).lower()).strip("_")
    name = _RENAMED.get(plain, plain)
    return name if re.match("[a-z]", name) else ""


class _Types:
    """The names that the annotations of one function stand for."""

    def __init__(self, annotations: list[tuple[ast.expr | None, str]]) -> None:
        told = {(_told(node, text), text): type_name(_told(node, text)) for node, text in annotations if node is not None}
        in_use = {name for name in told.values() if name} | set(BUILT_IN)
        self._free = (name for number in range(1, len(annotations) + len(in_use) + 1) if (name := f"type{number}") not in in_use)
        self._names = told
        self.new: dict[str, str] = {}

    def name(self, node: ast.expr | None, text: str) -> str:
        """Return the name for an annotation; one of its own for what has none."""
        if node is None:
            return next(self._free)
        key = (_told(node, text), text)
        name = self._names[key] = self._names[key] or next(self._free)
        if name not in BUILT_IN:
            self.new.setdefault(name, text)
        return name


def _signature(node: ast.FunctionDef, lines: list[bytes]) -> Signature:
    given = [(name, _text(annotation, lines), annotation, is_required) for name, annotation, is_required in _parameters(node.args)]
    returns = node.returns
    has_output = returns is not None and not (isinstance(returns, ast.Constant) and returns.value is None)
    annotations = [(annotation, text) for _, text, annotation, _ in given]
    types = _Types([*annotations, *([(returns, _text(returns, lines))] if has_output else [])])
    inputs = tuple(Input(name, types.name(annotation, text), is_required) for name, text, annotation, is_required in given)
    outputs = (Output("output", types.name(returns, _text(returns, lines))),) if has_output else ()
    return Signature(node.name, node.lineno, inputs, outputs, tuple(NewType(name, text) for name, text in types.new.items()))


def _parameters(given: ast.arguments) -> Iterator[tuple[str, ast.expr | None, bool]]:
    """Yield name, annotation and whether it is required of each parameter but ``*args`` and ``**kwargs``."""
    positional = [*given.posonlyargs, *given.args]
    first_default = len(positional) - len(given.defaults)
    for index, parameter in enumerate(positional):
        yield parameter.arg, parameter.annotation, index < first_default
    for parameter, default in zip(given.kwonlyargs, given.kw_defaults):
        yield parameter.arg, parameter.annotation, default is None


def _told(node: ast.expr | None, text: str) -> str:
    """Return the text that names the type of an annotation; ``""`` where it has none."""
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, str)):
        return "null" if node.value is None else node.value
    is_union = not isinstance(node, ast.BinOp) or isinstance(node.op, ast.BitOr)
    return text if isinstance(node, _NAMED) and is_union else ""


def _text(node: ast.expr | None, lines: list[bytes]) -> str:
    """Return an annotation as it is written; of a text in quotes, what is inside."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if node is None or node.end_lineno is None or node.end_col_offset is None:
        return ""
    held = lines[node.lineno - 1 : node.end_lineno]
    held[-1] = held[-1][: node.end_col_offset]
    held[0] = held[0][node.col_offset :]
    return b"\n".join(held).decode()
