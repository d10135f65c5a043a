"""The Python files of a Dioptra plugin, read as syntax alone: which functions and classes are there. Nothing is run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

#: Bytes of one Python file that is looked into.
MAX_CODE = 1 << 20
_REGISTER = "dioptra.pyplugs.register"
_INTERFACE = "dioptra.sdk.api.artifact.ArtifactTaskInterface"
#: What every artifact task has.
METHODS = ("serialize", "deserialize", "validation")


class Parameter(NamedTuple):
    """One parameter of a function."""

    name: str
    is_required: bool


class Function(NamedTuple):
    """A function at the top of a file."""

    name: str
    line: int
    parameters: tuple[Parameter, ...]
    #: Whether it takes any further keyword.
    takes_more: bool
    #: Whether it is registered as a task; ``None`` where its decorators don't tell.
    is_task: bool | None


class Class(NamedTuple):
    """A class at the top of a file."""

    name: str
    line: int
    methods: frozenset[str]
    #: Whether it derives from nothing but Dioptra's interface of artifact tasks.
    is_artifact: bool


class Module(NamedTuple):
    """What a Python file defines at its top."""

    functions: Mapping[str, Function]
    classes: Mapping[str, Class]


class BadCode(ValueError):
    """A file that is no Python: where, and why."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def read_module(data: bytes) -> Module:
    """Return what a Python file defines at its top.

    :raises BadCode: it is no UTF-8, no Python, or too much of it.
    """
    return _module(parsed(decoded(data)))


def decoded(data: bytes) -> str:
    """Return the text of a Python file.

    :raises BadCode: it is no UTF-8, or too much.
    """
    if len(data) > MAX_CODE:
        raise BadCode(f"more than {MAX_CODE >> 20} MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadCode(f"the byte 0x{data[error.start]:02x}, which is no UTF-8", data.count(b"\n", 0, error.start) + 1) from None


def parsed(text: str) -> ast.Module:
    """Return the syntax of a Python file.

    :raises BadCode: it is no Python.
    """
    try:
        # What the file does badly is its author's business, and must not be told as if we did it.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise BadCode(error.msg, error.lineno or 1, error.offset or 1) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise BadCode(str(error) or "code nested too deeply") from None


def _module(tree: ast.Module) -> Module:
    functions: dict[str, Function] = {}
    classes: dict[str, Class] = {}
    names: dict[str, str] = {}
    for node in _top(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update(imported(node))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            functions[node.name] = _function(node, names)
        elif isinstance(node, ast.ClassDef):
            methods = [item.name for item in node.body if isinstance(item, ast.FunctionDef)]
            is_artifact = bool(node.bases) and all(_dotted(base, names) == _INTERFACE for base in node.bases)
            classes[node.name] = Class(node.name, node.lineno, frozenset(methods), is_artifact)
    return Module(functions, classes)


def _top(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a module, those under ``if``, ``try`` and ``with`` at its top among them."""
    waiting = list(reversed(body))
    while waiting:
        node = waiting.pop()
        yield node
        inner: list[ast.stmt] = []
        if isinstance(node, ast.If | ast.Try):
            inner = [*node.body, *node.orelse]
        elif isinstance(node, ast.With):
            inner = node.body
        waiting += reversed(inner)


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Yield the names that an import binds, and what each stands for."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, f"{'.' * node.level}{node.module or ''}.{alias.name}"
        elif alias.asname:
            yield alias.asname, alias.name
        else:
            top = alias.name.partition(".")[0]
            yield top, top


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, names: Mapping[str, str]) -> Function:
    told = [is_register(decorator, names) for decorator in node.decorator_list]
    is_task = True if True in told else None if None in told else False
    takes_more = node.args.kwarg is not None
    return Function(node.name, node.lineno, tuple(_parameters(node.args)), takes_more, is_task)


def _parameters(given: ast.arguments) -> Iterator[Parameter]:
    positional = [*given.posonlyargs, *given.args]
    first_default = len(positional) - len(given.defaults)
    for index, parameter in enumerate(positional):
        yield Parameter(parameter.arg, index < first_default)
    for parameter, default in zip(given.kwonlyargs, given.kw_defaults):
        yield Parameter(parameter.arg, default is None)


def is_register(decorator: ast.expr, names: Mapping[str, str]) -> bool | None:
    """Whether a decorator registers a task; ``None`` where no import says what it is."""
    found = _dotted(decorator.func if isinstance(decorator, ast.Call) else decorator, names)
    return None if found is None else found == _REGISTER


def _dotted(node: ast.expr, names: Mapping[str, str]) -> str | None:
    """Return what a dotted name stands for, by the imports up to it; ``None`` where they don't tell."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return None
    return ".".join([names[node.id], *reversed(parts)])
