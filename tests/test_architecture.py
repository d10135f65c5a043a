"""The floors of the house: imports point down. docs/decisions/0002 says where it differs from the first plan."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import ways

PACKAGE = Path(ways.__file__).parent

#: Room -> the rooms it may import; a room is a top-level module or folder of ``ways``.
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "lean": set(),
    "errors": set(),
    "foreign": set(),
    "logs": set(),
    "importing": {"errors"},
    "limits": {"lean", "errors"},
    "hierarchy": {"errors"},
    "settings": {"limits", "lean", "errors"},
    "pattern": {"limits", "lean", "errors"},
    "sheets": {"foreign", "logs", "limits", "lean", "__init__", "errors"},
    "plugins": {"foreign", "limits", "lean", "errors", "importing", "hierarchy", "pattern", "sheets"},
    "registry": {"lean", "errors", "hierarchy", "plugins"},
    "contexts": {"limits", "lean", "errors", "hierarchy", "settings", "pattern", "plugins", "registry"},
    "assets": {"foreign", "logs", "limits", "lean", "errors", "importing", "hierarchy", "settings", "pattern", "contexts"},
    "trace": {"errors", "hierarchy", "sheets", "plugins", "registry", "contexts", "assets"},
    "explain": {"limits", "errors", "hierarchy", "settings", "pattern", "sheets", "plugins", "registry", "contexts", "assets"},
    "check": {"limits", "errors", "hierarchy", "settings", "pattern", "sheets", "plugins", "registry", "contexts", "assets"},
    "compare": {"errors", "hierarchy", "sheets", "plugins", "contexts", "assets"},
    "watch": {"foreign", "logs", "errors", "settings"},
    "snapshot": {
        "foreign", "limits", "lean", "__init__", "errors", "importing", "hierarchy", "settings", "sheets", "plugins", "registry",
        "contexts", "assets",
    },
    "loading": {"foreign", "logs", "limits", "lean", "errors", "hierarchy", "settings", "sheets", "plugins", "registry"},
    "session": {
        "limits", "lean", "errors", "importing", "hierarchy", "settings", "sheets", "plugins", "registry", "loading", "contexts", "assets",
        "trace", "explain", "check", "compare", "watch",
        "snapshot",
    },
    "checking": {"limits", "errors", "settings", "sheets", "plugins", "check", "loading", "session"},
    "worlds": {"errors", "sheets", "plugins", "compare", "session"},
    "declare": {"errors", "hierarchy", "contexts", "session"},
    "api": {
        "limits", "__init__", "errors", "importing", "hierarchy", "settings", "pattern", "sheets", "plugins", "contexts", "assets",
        "trace", "explain", "check", "compare", "snapshot", "watch", "session", "checking", "worlds", "declare",
    },
    "report": {"api"},
    "cli": {"lean", "__init__", "api", "report"},
    "integrations": {"foreign", "api", "errors", "sheets"},
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


#: What catches nearly everything, and so what we got wrong ourselves.
BROAD = {"Exception", "BaseException"}
#: The one function that may: all calls of foreign code that must not fail go through it.
DOOR = "foreign.outcome"


def broad_handlers(tree: ast.AST, function: str = "") -> Iterator[str]:
    """Yield the name of each function that catches everything, once for each time that it does."""
    for node in ast.iter_child_nodes(tree):
        inner = node.name if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else function
        yield from broad_handlers(node, inner)
        caught = [node.type] if isinstance(node, ast.ExceptHandler) else []
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "suppress":
            caught = list(node.args)
        names = {name.id for kind in caught for name in ast.walk(kind or ast.Name("BaseException")) if isinstance(name, ast.Name)}
        if names & BROAD:
            yield function


def test_everything_is_caught_at_the_one_door_to_foreign_code_only() -> None:
    found = [
        f"{'.'.join(path.relative_to(PACKAGE).with_suffix('').parts)}.{function}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for function in broad_handlers(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == [DOOR]


@pytest.mark.parametrize(
    "text",
    ["try: 1\nexcept: 2", "try: 1\nexcept (ValueError, Exception): 2", "try: 1\nexcept* Exception: 2", "suppress(BaseException)"],
)
def test_each_way_to_catch_everything_is_seen(text: str) -> None:
    assert list(broad_handlers(ast.parse(f"def f():\n  {text.replace(chr(10), chr(10) + '  ')}"))) == ["f"]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_printed_outside_the_shell_and_nothing_is_warned(path: Path) -> None:
    calls = [ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert not {"warnings.warn", "warn"} & set(calls)
    assert "print" not in calls and "sys.stderr.write" not in calls or path.relative_to(PACKAGE).parts[0] == "cli"


def unsure_encodings(tree: ast.AST) -> Iterator[int]:
    """Yield the line of each call that reads or writes text in whatever encoding the machine prefers."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = [*node.args, *keywords.values()]
        is_sure = any(isinstance(item, ast.Constant) and isinstance(item.value, str) and item.value in _SURE for item in given)
        opens = isinstance(node.func, ast.Name) and name == "open"
        is_path = isinstance(node.func, ast.Attribute) and name in ("read_text", "write_text", "TextIOWrapper")
        is_text = opens or is_path or "text" in keywords and name in ("run", "Popen", "check_output")
        if is_text and not is_sure and "encoding" not in keywords:
            yield node.lineno


#: Modes of bytes, and the encoding itself where it is not named.
_SURE = {"rb", "wb", "xb", "ab", "rb+", "r+b", "w+b", "utf-8", "ascii", "latin-1"}


def test_every_text_file_has_an_encoding_that_is_named() -> None:
    marked = [path for path in Path(__file__).parent.rglob("*.py") if "mark.portability" in path.read_text(encoding="utf-8")]
    paths = [*sorted(PACKAGE.rglob("*.py")), *sorted(marked)]
    assert [f"{path}:{line}" for path in paths for line in unsure_encodings(ast.parse(path.read_text(encoding="utf-8")))] == []
