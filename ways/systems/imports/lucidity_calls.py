"""The calls of ``Template`` in Python files: what is written out in them, found without running anything.

A text may be written, or be the name of a text that is assigned once, or a sum of these.
"""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.sheets.document import Source
from ways.systems.imports.records import UnreadableError
from ways.systems.imports.source_files import MAX_FILES, problem, read_text

#: Constants of ``Template`` -> their numbers.
CONSTANTS = {"ANCHOR_START": 1, "ANCHOR_END": 2, "ANCHOR_BOTH": 3, "RELAXED": 1, "STRICT": 2}
_ARGUMENTS = (
    "name", "pattern", "anchor", "default_placeholder_expression", "duplicate_placeholder_mode", "template_resolver",
)  # fmt: skip


class TemplateCall(NamedTuple):
    """One call of ``Template``."""

    #: Those arguments that are written out, by name.
    arguments: Mapping[str, Any]
    source: Source
    #: Whether it is in the list that is returned, as far as that shows.
    is_returned: bool
    #: Whether it is carried out once, with all of its arguments written out.
    is_plain: bool


def files_at(path: str) -> list[str]:
    """Return the Python files at *path*, sorted."""
    if not os.path.isdir(path):
        return [path]
    found = []
    for folder, folders, names in os.walk(path):
        folders.sort()
        found += [os.path.join(folder, name) for name in sorted(names) if name.endswith(".py")]
        if len(found) > MAX_FILES:
            raise UnreadableError((problem(path, f"expected at most {MAX_FILES} Python files, found more"),))
    return found


def calls_in(path: str) -> list[TemplateCall] | None:
    """Return the calls of a file with the function ``register``, in order; ``None`` if there is no such function.

    Calls elsewhere in the file, and a function that only returns what other code makes, are none that are plain.

    :raises UnreadableError: it can't be read, or isn't Python.
    """
    text = read_text(path)
    try:
        with warnings.catch_warnings():
            # Expressions are often written without r before their quotes.
            warnings.simplefilter("ignore")
            module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        # Older versions of Python raise a ValueError for a NUL.
        line = getattr(error, "lineno", None) or 1
        raise UnreadableError((problem(path, "expected Python", "syntax", line),)) from error
    register = next((node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == "register"), None)
    if register is None:
        return None
    constants = _constants([*module.body, *register.body])
    returned = _returned(register)
    straight = {id(node) for statement in _straight(register.body) for node in _plain_walk(statement)}
    found = [node for node in ast.walk(module) if isinstance(node, ast.Call) and _called(node) == "Template"]
    elsewhere: list[ast.expr | ast.stmt] = list(_made_elsewhere(register, found, module))
    if not found and not elsewhere and returned != set():
        elsewhere.append(register)

    def source_of(node: ast.expr | ast.stmt) -> Source:
        return Source(path, "python", line=node.lineno, column=node.col_offset + 1)

    calls = [TemplateCall({}, source_of(node), is_returned=True, is_plain=False) for node in elsewhere]
    for node in found:
        arguments, is_written = _arguments(node, constants)
        is_returned = returned is None or id(node) in returned
        calls.append(TemplateCall(arguments, source_of(node), is_returned, is_written and id(node) in straight))
    return sorted(calls, key=lambda call: (call.source.line, call.source.column))


def _arguments(node: ast.Call, constants: Mapping[str, ast.expr]) -> tuple[dict[str, Any], bool]:
    """Return the arguments that are written out, and whether all are, but for the resolver."""
    arguments: dict[str, Any] = {}
    is_written = True
    for name, value in [*zip(_ARGUMENTS, node.args), *((str(keyword.arg), keyword.value) for keyword in node.keywords)]:
        if name == "template_resolver":
            continue
        try:
            arguments[name] = _value(value, constants)
        except ValueError:
            is_written = False
    return arguments, is_written


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""


def _straight(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that are carried out once, whatever is the case."""
    for statement in statements:
        if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return)):
            yield statement


def _plain_walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and those below it, but for what may be carried out any number of times."""
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda, ast.IfExp, ast.BoolOp)):
        return
    yield node
    for inner in ast.iter_child_nodes(node):
        yield from _plain_walk(inner)


def _constants(statements: Iterable[ast.stmt]) -> dict[str, ast.expr]:
    """Return what each name is assigned, of those that are assigned once."""
    found: dict[str, list[ast.expr | None]] = {}
    for statement in statements:
        is_plain = isinstance(statement, ast.Assign) and len(statement.targets) == 1
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                value = statement.value if is_plain and isinstance(statement, ast.Assign) and node is statement.targets[0] else None
                found.setdefault(node.id, []).append(value)
    return {name: values[0] for name, values in found.items() if len(values) == 1 and values[0] is not None}


def _value(node: ast.expr, constants: Mapping[str, ast.expr], depth: int = 0) -> Any:
    """Return what an expression stands for.

    :raises ValueError: only running it would tell.
    """
    if depth > 50:
        raise ValueError("too deep")
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name) and node.id in constants:
        return _value(constants[node.id], constants, depth + 1)
    if isinstance(node, ast.Attribute) and node.attr in CONSTANTS:
        return CONSTANTS[node.attr]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = (_value(side, constants, depth + 1) for side in (node.left, node.right))
        if isinstance(left, str) and isinstance(right, str) and len(left) + len(right) <= 100_000:
            return left + right
    raise ValueError("made by code")


def _returned(register: ast.FunctionDef) -> set[int] | None:
    """Return the calls in what a function returns, by their ids; ``None`` if only running it would tell."""
    values = {
        statement.targets[0].id: statement.value
        for statement in register.body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }
    returns = [node for node in ast.walk(register) if isinstance(node, ast.Return)]
    if len(returns) != 1 or returns[0].value is None:
        return None
    value: ast.expr = returns[0].value
    elements: list[ast.expr] = []
    if isinstance(value, ast.Name):
        for node in ast.walk(register):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                if node.func.value.id == value.id:
                    if node.func.attr != "append":
                        return None
                    elements += node.args
        value = values.get(value.id, value)
    if not isinstance(value, (ast.List, ast.Tuple)):
        return None
    elements += value.elts
    return {id(values.get(element.id, element) if isinstance(element, ast.Name) else element) for element in elements}


def _made_elsewhere(register: ast.FunctionDef, templates: Sequence[ast.Call], module: ast.Module) -> Iterator[ast.expr]:
    """Yield the parts of what a function returns that have no call of ``Template`` in this file: other code makes them."""
    own = {id(node) for node in templates}
    with_calls = {
        node.name: node
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef) and any(id(inner) in own for inner in ast.walk(node))
    }
    returned = [node.value for node in ast.walk(register) if isinstance(node, ast.Return) and node.value is not None]
    names = {value.id for value in returned if isinstance(value, ast.Name)}
    parts: list[ast.expr] = [value for value in returned if not isinstance(value, ast.Name)]
    for node in ast.walk(register):
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id in names for target in targets):
                parts.append(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            if node.func.value.id in names:
                parts += node.args
    while parts:
        part = parts.pop()
        if isinstance(part, (ast.List, ast.Tuple)):
            parts += part.elts
        elif isinstance(part, ast.Starred):
            parts.append(part.value)
        elif isinstance(part, ast.BinOp):
            parts += [part.left, part.right]
        elif isinstance(part, ast.Call) and _called(part) not in with_calls and not any(id(node) in own for node in ast.walk(part)):
            yield part
