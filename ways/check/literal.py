"""The formats of a check: Python sheets are read and not run, so only plain data in them counts."""

from __future__ import annotations

import ast
from typing import Any

from ways.sheets.document import Draft, Problem, Source
from ways.sheets.formats.base import Files, SheetFormat
from ways.sheets.formats.table import ALL_FORMATS

#: Bytes of a Python sheet: the tree of one takes hundreds of times as many.
MAX_CODE = 1 << 20
_KEYS = ("globals", "plugins")


class LiteralPython:
    """The format of Python sheets whose ``plugins`` are plain data. Any other sheet gives a problem."""

    name = "python"
    suffixes: tuple[str, ...] = (".py",)

    def looks_like(self, name: str, head: bytes) -> bool:
        """Whether the file's name ends as this format's do; letter case doesn't matter."""
        return name.lower().endswith(self.suffixes)

    def read(self, data: bytes, source: Source, files: Files | None = None) -> Draft:
        """Return what the sheet would give if it ran, if that is known without running it."""
        from ways.sheets.files import bytes_to_text
        from ways.sheets.formats import python_text

        if len(data) > MAX_CODE:
            message = f"expected at most {MAX_CODE >> 10} KiB of Python to look at without running it, found {len(data)} bytes"
            return Draft(None, problems=(Problem(source, message, "error", "limit"),), is_lost=True)
        text = bytes_to_text(data, source)
        if isinstance(text, Problem):
            return Draft(None, problems=(text,), is_lost=True)
        draft = python_text.parsed(text, source)
        if isinstance(draft, Draft):
            return draft
        values = _literals(draft)
        if values is None:
            # One problem, as for a sheet that is not trusted.
            return python_text.read(text, source._replace(is_trusted=False))
        return Draft(values, python_text.positions(draft, text))


def _literals(tree: ast.Module) -> dict[str, Any] | None:
    """Return the sheet's names with their values; ``None`` if one is computed, or could be changed by other code."""
    values: dict[str, Any] = {}
    for statement in tree.body:
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if is_text or isinstance(statement, (ast.Import, ast.ImportFrom)):
            continue
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1 or not isinstance(statement.targets[0], ast.Name):
            return None
        try:
            value = ast.literal_eval(statement.value)
        except (ValueError, TypeError, MemoryError, RecursionError):
            return None
        if statement.targets[0].id in _KEYS:
            values[statement.targets[0].id] = value
    return values if "plugins" in values else None


#: The formats of this package, with Python sheets read and not run. Those that other packages offer are code: left out.
CHECKED_FORMATS: tuple[SheetFormat, ...] = (*(item for item in ALL_FORMATS if item.name != "python"), LiteralPython())
