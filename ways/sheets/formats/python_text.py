"""Python sheets: a module with ``plugins``, perhaps ``globals``, or ``get_sheet()``. Run only where it is trusted."""

from __future__ import annotations

import ast
import re
import traceback
from collections.abc import Iterator, Sequence
from types import CodeType
from typing import Any

from ways.usercode import Failed, call, call_without_exit
from ways.limits import DEFAULT_LIMITS, Limits
from ways.sheets.document import Draft, Pointer, Position, Problem, Source
from ways.sheets.faults import Fault, lost


#: Characters of Python from a source that isn't trusted that are parsed, to see whether they are a sheet.
MAX_UNTRUSTED = 1 << 20


def read(text: str, source: Source, limits: Limits = DEFAULT_LIMITS) -> Draft:
    """Return what the module's names hold after it has run, and where a literal ``plugins`` writes them.

    A module that defines neither ``plugins`` nor ``get_sheet`` is no sheet, and isn't run.
    """
    tree = parsed(text, source) if source.is_trusted or len(text) <= MAX_UNTRUSTED else Draft(None, is_lost=True)
    if isinstance(tree, Draft) and not tree.is_lost:
        return tree
    if not source.is_trusted:
        message = "a Python sheet from a source that is not trusted: Ways did not run it"
        help = "Pass trust=True, or --trust, if you know where it comes from."
        return _lost(source._replace(line=1, column=1), message, "untrusted", help)
    if isinstance(tree, Draft):
        return tree
    code = compile(tree, source.path, "exec", dont_inherit=True)
    # The sheet is foreign code: what it raises is a problem of the sheet, and it can't end the program.
    data = call(call_without_exit, _run, code, source.path)
    if isinstance(data, Failed):
        # An error that would have ended the program comes from the one that the sheet raised.
        errors = [error for error in (data.error.__cause__, data.error) if error]
        frames = [frame for error in errors for frame in traceback.extract_tb(error.__traceback__)]
        lines = [frame.lineno for frame in frames if frame.filename == source.path]
        at = source._replace(line=lines[-1] if lines and lines[-1] else 1, column=1)
        return _lost(at, f"the sheet raised {data}", "python")
    return Draft(data, positions(tree, text))


def parsed(text: str, source: Source) -> ast.Module | Draft:
    """Return the module that *text* is, not run; or, as a draft, that it is none, or no sheet."""
    try:
        tree = ast.parse(text, source.path)
        compile(tree, source.path, "exec", dont_inherit=True)
    except SyntaxError as error:
        line, column, found = error.lineno or 1, error.offset or 1, error.msg
        length = (error.end_offset or 0) - column if error.end_lineno == error.lineno else 1
        help = "Write r before the quotes of a text with backslashes: r'C:\\users'." if "unicodeescape" in found else ""
        return lost(Fault(line, column, f"expected Python, found {found}", help, length, "Python", found), text, source)
    except (ValueError, RecursionError, MemoryError) as error:
        found = str(error) or "something nested too deeply"
        return _lost(source._replace(line=1, column=1), f"expected Python, found {found}", "syntax")
    # Plugin files lie in the same folders: a sheet binds one of two names at its top.
    return Draft(None) if {"plugins", "get_sheet"}.isdisjoint(_bound(tree)) else tree


def positions(tree: ast.Module, text: str) -> dict[Pointer, Position]:
    """Return where each key of a literal is written; for a dict that is computed, where it is assigned."""
    lines = re.split("\r\n?|\n", text)
    written: dict[Pointer, Position] = {}
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "get_sheet":
            written[("plugins",)] = _position(statement, lines)
            for node in ast.walk(statement):
                if isinstance(node, ast.Return):
                    written.update(_inside(node.value, (), lines))
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        for target in targets:
            if isinstance(target, ast.Name) and target.id in ("plugins", "globals"):
                written[(target.id,)] = _position(target, lines)
                written.update(_inside(getattr(statement, "value", None), (target.id,), lines))
    return written


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that are bound in *node*, outside of functions and classes in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        elif isinstance(child, ast.alias):
            yield child.asname or child.name
        elif isinstance(child, _OWN_SCOPES):
            yield getattr(child, "name", "")
        else:
            yield from _bound(child)


_OWN_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def _run(code: CodeType, path: str) -> object:
    names: dict[str, Any] = {"__name__": "ways_sheet", "__file__": path, "__builtins__": __builtins__}
    exec(code, names)
    if callable(names.get("get_sheet")):
        return names["get_sheet"]()
    return {key: names[key] for key in ("globals", "plugins") if key in names}


def _lost(source: Source, message: str, code: str, help: str = "") -> Draft:
    return Draft(None, problems=(Problem(source, message, "error", code, help=help),), is_lost=True)


def _inside(node: ast.AST | None, pointer: Pointer, lines: Sequence[str]) -> Iterator[tuple[Pointer, Position]]:
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values):
            if isinstance(key, ast.Constant):
                yield (*pointer, key.value), _position(key, lines)
                yield from _inside(value, (*pointer, key.value), lines)
    elif isinstance(node, (ast.List, ast.Tuple)):
        for index, item in enumerate(node.elts):
            yield (*pointer, index), _position(item, lines)
            yield from _inside(item, (*pointer, index), lines)


def _position(node: ast.stmt | ast.expr, lines: Sequence[str]) -> Position:
    if lines[node.lineno - 1].isascii():
        return node.lineno, node.col_offset + 1
    # The tree counts columns in bytes of UTF-8.
    before = lines[node.lineno - 1].encode()[: node.col_offset]
    return node.lineno, len(before.decode()) + 1
