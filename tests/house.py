"""The plan of the house: which room may import which, and which floor each stands on.

``python -m tests.house`` draws it anew as ``docs/explanation/house.svg``.
"""

from __future__ import annotations

import ast
from pathlib import Path

import ways

PACKAGE = Path(ways.__file__).parent

#: Room -> the rooms it may import. A room is a module, or a folder with all modules below it that are in no other room.
MAY_IMPORT: dict[str, set[str]] = {
    "": set(),
    "lightweight": set(),
    "errors": set(),
    "logs": set(),
    "usercode": {"errors"},
    "limits": {"lightweight", "errors"},
    "hierarchy": {"errors"},
    "regex": {"lightweight", "errors", "limits"},
    "settings": {"limits", "lightweight", "errors"},
    "pattern": {"regex", "limits", "lightweight", "errors"},
    "sheets": {"usercode", "logs", "limits", "lightweight", "", "errors"},
    "plugins": {"limits", "lightweight", "errors", "hierarchy", "regex", "pattern", "sheets"},
    "registry": {"lightweight", "errors", "hierarchy", "plugins"},
    "sources": {
        "usercode", "logs", "limits", "lightweight", "errors", "hierarchy", "settings", "sheets", "plugins", "registry",
    },
    "contexts": {"limits", "lightweight", "errors", "hierarchy", "settings", "regex", "pattern", "plugins", "registry"},
    "assets": {
        "usercode", "logs", "limits", "lightweight", "errors", "hierarchy", "settings", "regex", "pattern", "plugins", "contexts",
    },
    "explain": {
        "limits", "lightweight", "errors", "hierarchy", "settings", "regex", "pattern", "sheets", "plugins", "registry", "sources",
        "contexts", "assets",
    },
    "check": {
        "limits", "lightweight", "errors", "hierarchy", "settings", "regex", "pattern", "sheets", "plugins", "registry", "contexts",
        "assets",
    },
    "compare": {"errors", "hierarchy", "sheets", "plugins", "contexts", "assets"},
    "watch": {"usercode", "logs", "errors", "sheets", "sources"},
    "snapshot": {
        "usercode", "limits", "lightweight", "", "errors", "hierarchy", "settings", "sheets", "plugins", "registry", "sources",
        "contexts", "assets",
    },
    "session": {
        "usercode", "limits", "lightweight", "errors", "hierarchy", "settings", "sheets", "plugins", "registry", "sources", "contexts",
        "assets", "explain", "check", "compare", "watch", "snapshot",
    },
    "opening": {"limits", "errors", "settings", "sheets", "plugins", "sources", "check", "compare", "session"},
    "declare": {"errors", "hierarchy", "contexts", "session"},
    "api": {
        "limits", "lightweight", "", "errors", "usercode", "hierarchy", "settings", "pattern", "sheets", "plugins", "sources",
        "contexts", "assets", "explain", "check", "compare", "snapshot", "watch", "session", "opening", "declare",
    },
    "report": {"api", "regex"},
    "cli": {"lightweight", "", "api", "report"},
    "systems": set(),
    "systems.shared": {"limits", "lightweight", "errors", "usercode", "sheets", "regex"},
    "systems.usd": {"lightweight", "usercode", "api", "errors", "sheets", "systems.shared", "systems.usd.files"},
    "systems.usd.files": {"hierarchy", "regex", "limits", "lightweight", "errors", "usercode", "sheets", "systems.shared"},
    "systems.dioptra": {"lightweight", "usercode", "api", "errors", "sheets", "systems.shared", "systems.dioptra.files"},
    "systems.dioptra.files": {"hierarchy", "regex", "limits", "lightweight", "errors", "usercode", "sheets", "systems.shared"},
    "systems.imjoy": {"lightweight", "usercode", "api", "errors", "sheets", "systems.shared", "systems.imjoy.files"},
    "systems.imjoy.files": {"hierarchy", "regex", "limits", "lightweight", "errors", "usercode", "sheets", "systems.shared"},
    "integrations": set(),
    "__main__": {"cli"},
}


def name_of(path: Path) -> str:
    """Return the name of the module at *path*, below ``ways``; ``""`` for ``ways`` itself."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").removesuffix(".")


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def room_of(module: str) -> str:
    """Return the room of a module: the longest name in the table that it begins with."""
    parts = module.split(".")
    return next((room for end in range(len(parts), 0, -1) if (room := ".".join(parts[:end])) in MAY_IMPORT), "")


def imported_modules(path: Path) -> set[str]:
    """Return the modules below ``ways`` that the file at *path* imports, also in functions and under ``TYPE_CHECKING``."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: write absolute imports"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        # What is imported from a module is a module itself, or something in it.
        for name in (name for name in names if name.startswith("ways.")):
            below = name.removeprefix("ways.")
            modules.add(below if below in MODULES else below.rpartition(".")[0])
    return modules


def floors() -> list[list[str]]:
    """Return the rooms of each floor, the lowest floor first: a room stands above every room that it may import."""
    left = dict(MAY_IMPORT)
    rows: list[list[str]] = []
    while left:
        row = [room for room, below in left.items() if not (below - {room}) & set(left)]
        assert row, f"a circle among {sorted(left)}"
        rows.append(row)
        for room in row:
            del left[room]
    return rows
