"""The floors of the house: imports point down. docs/decisions/0002 says where it differs from the first plan."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import ways

PACKAGE = Path(ways.__file__).parent

#: Room -> the rooms it may import; a room is a top-level module or folder of ``ways``.
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "lean": set(),
    "errors": set(),
    "importing": {"errors"},
    "hierarchy": {"errors"},
    "settings": {"lean", "errors"},
    "pattern": {"lean", "errors"},
    "sheets": {"lean", "__init__", "errors"},
    "plugins": {"lean", "errors", "importing", "hierarchy", "pattern", "sheets"},
    "registry": {"lean", "errors", "hierarchy", "plugins"},
    "contexts": {"lean", "errors", "hierarchy", "settings", "pattern", "plugins", "registry"},
    "assets": {"lean", "errors", "importing", "hierarchy", "settings", "pattern", "contexts"},
    "trace": {"errors", "hierarchy", "sheets", "plugins", "registry", "contexts", "assets"},
    "explain": {"errors", "hierarchy", "settings", "pattern", "sheets", "plugins", "registry", "contexts", "assets"},
    "check": {"errors", "hierarchy", "settings", "pattern", "sheets", "plugins", "registry", "contexts", "assets"},
    "compare": {"errors", "hierarchy", "sheets", "plugins", "contexts", "assets"},
    "watch": {"errors", "settings"},
    "loading": {"lean", "errors", "hierarchy", "settings", "sheets", "plugins", "registry"},
    "session": {
        "lean", "errors", "importing", "hierarchy", "settings", "sheets", "plugins", "registry", "loading", "contexts", "assets",
        "trace", "explain", "check", "compare", "watch",
    },
    "checking": {"errors", "settings", "sheets", "plugins", "check", "loading", "session"},
    "worlds": {"errors", "sheets", "plugins", "compare", "session"},
    "declare": {"errors", "hierarchy", "contexts", "session"},
    "api": {
        "__init__", "errors", "importing", "hierarchy", "settings", "pattern", "sheets", "plugins", "contexts", "assets",
        "trace", "explain", "check", "compare", "session", "checking", "worlds", "declare",
    },
    "report": {"api"},
    "cli": {"lean", "__init__", "api", "report"},
    "integrations": {"api", "errors", "sheets"},
    "__main__": {"cli"},
}


def imported_rooms(path: Path) -> set[str]:
    """Return the rooms that the file at *path* imports, wherever in the file it does so."""
    rooms: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: write absolute imports"
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        else:
            continue
        rooms.update(name.split(".")[1] for name in modules if name.startswith("ways."))
    return {"__init__" if room == "__version__" else room for room in rooms}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    assert imported_rooms(path) - {room, "api" if room == "cli" else room} <= MAY_IMPORT[room]


def test_every_room_has_its_floor() -> None:
    assert set(MAY_IMPORT) >= {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in PACKAGE.rglob("*.py")}


def test_no_room_may_import_in_a_circle() -> None:
    done: set[str] = set()
    while len(done) < len(MAY_IMPORT):
        ready = {room for room, below in MAY_IMPORT.items() if room not in done and below - {room} <= done}
        assert ready, f"a circle among {set(MAY_IMPORT) - done}"
        done |= ready


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*/__init__.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_packages_below_the_top_hold_a_docstring_only(path: Path) -> None:
    assert len(ast.parse(path.read_text(encoding="utf-8")).body) == 1


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_broad_except_stands_only_around_foreign_code(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    for line in lines:
        if "except Exception" in line or "except BaseException" in line:
            assert "# " in line, f"{path}: say which foreign code this is around"
