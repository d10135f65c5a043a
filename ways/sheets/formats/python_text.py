"""Python sheets: a module with ``plugins``, perhaps ``globals``, or ``get_sheet()``. Run only where it is trusted."""

from __future__ import annotations

import ast
import traceback
from collections.abc import Iterator
from typing import Any

from ways.sheets.document import Draft, Pointer, Position, Problem, Source


def read(text: str, source: Source) -> Draft:
    """Return what the module's names hold after it has run, and where a literal ``plugins`` writes them.

    A module that defines neither ``plugins`` nor ``get_sheet`` is no sheet, and isn't run.
    """
    if not source.is_trusted:
        message = "a Python sheet from a place that is not trusted: it was not run"
        help = "Pass trust=True, or --trust, if you know where it comes from."
        return _lost(source._replace(line=1, column=1), message, "untrusted", help)
    try:
        tree = ast.parse(text, source.path)
    except SyntaxError as error:
        at = source._replace(line=error.lineno or 1, column=error.offset or 1)
        return _lost(at, f"expected Python, found {error.msg}", "syntax")
    except (ValueError, RecursionError) as error:
        return _lost(source._replace(line=1, column=1), f"expected Python, found {error}", "syntax")
    if not _is_sheet(tree):
        return Draft(None)
    names: dict[str, Any] = {"__name__": "ways_sheet", "__file__": source.path, "__builtins__": __builtins__}
    try:
        exec(compile(tree, source.path, "exec"), names)
        data = _data(names)
    except Exception as error:  # The sheet is foreign code: whatever it raises is its own problem.
        return _lost(_raised_at(source, error), f"the sheet raised {type(error).__name__}: {error}", "python")
    return Draft(data, dict(_positions(tree)))


def _is_sheet(tree: ast.Module) -> bool:
    """Whether the module, at its top, binds a name that makes it a sheet; plugin files lie in the same folders."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == "plugins":
            return True
        if isinstance(node, (ast.FunctionDef, ast.alias)) and (node.name == "get_sheet" or node.name == "plugins"):
            return True
    return False


def _data(names: dict[str, Any]) -> object:
    if callable(names.get("get_sheet")):
        return names["get_sheet"]()
    return {key: names[key] for key in ("globals", "plugins") if key in names}


def _raised_at(source: Source, error: Exception) -> Source:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == source.path]
    return source._replace(line=lines[-1] if lines and lines[-1] else 1, column=1)


def _lost(source: Source, message: str, code: str, help: str = "") -> Draft:
    return Draft(None, problems=(Problem(source, message, "error", code, help=help),), is_lost=True)


def _positions(tree: ast.Module) -> Iterator[tuple[Pointer, Position]]:
    for statement in tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        for target in targets:
            if isinstance(target, ast.Name) and target.id in ("plugins", "globals"):
                yield (target.id,), (target.lineno, target.col_offset + 1)
                yield from _inside(getattr(statement, "value", None), (target.id,))


def _inside(node: ast.AST | None, pointer: Pointer) -> Iterator[tuple[Pointer, Position]]:
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values):
            if isinstance(key, ast.Constant):
                yield (*pointer, key.value), (key.lineno, key.col_offset + 1)
                yield from _inside(value, (*pointer, key.value))
    elif isinstance(node, (ast.List, ast.Tuple)):
        for index, item in enumerate(node.elts):
            yield (*pointer, index), (item.lineno, item.col_offset + 1)
            yield from _inside(item, (*pointer, index))
