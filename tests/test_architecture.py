"""The floors of the house: imports point down. The plan stands in ``tests/house.py``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from house import MAY_IMPORT, MODULES, PACKAGE, floors, imported_modules, room_of


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str) -> None:
    room = room_of(module)
    assert {room_of(other) for other in imported_modules(MODULES[module])} - {room} <= MAY_IMPORT[room]


def test_every_room_has_its_floor() -> None:
    assert set(MAY_IMPORT) >= {module.split(".")[0] for module in MODULES}


def test_no_room_may_import_in_a_circle() -> None:
    assert sum(map(len, floors())) == len(MAY_IMPORT)


def test_no_modules_import_each_other_in_a_circle() -> None:
    below = {module: imported_modules(path) for module, path in MODULES.items()}

    def reached(module: str) -> set[str]:
        modules: set[str] = set()
        open_modules = list(below[module])
        while open_modules:
            other = open_modules.pop()
            if other not in modules:
                modules.add(other)
                open_modules += below[other]
        return modules

    assert [module for module in below if module in reached(module)] == []


def test_the_top_of_the_house_can_be_taken_in_at_a_glance() -> None:
    assert len({path.name for path in PACKAGE.iterdir()} - {"__pycache__"}) <= 31


FACES = {"snapshot", *(f"systems.{name}" for name in ("usd", "dioptra", "imjoy", "imports", "otio"))}


@pytest.mark.parametrize("module", [name for name, path in MODULES.items() if name and path.name == "__init__.py"])
def test_packages_below_the_top_hold_a_docstring_only(module: str) -> None:
    assert module in FACES or len(ast.parse(MODULES[module].read_text(encoding="utf-8")).body) == 1


#: What catches nearly everything, and so what we got wrong ourselves.
BROAD = {"Exception", "BaseException"}
#: The one function that may: all calls of foreign code that must not fail go through it. The process of an ImJoy plugin can't
#: import the package, and has a door of its own.
DOORS = ["systems.imjoy.child.attempt", "usercode.call", "usercode.call_without_exit"]


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


def test_everything_is_caught_at_the_doors_to_foreign_code_only() -> None:
    functions = [
        f"{'.'.join(path.relative_to(PACKAGE).with_suffix('').parts)}.{function}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for function in broad_handlers(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert functions == DOORS


#: The reader of regular expressions that re itself uses has no public name, and may change with any version of Python.
PRIVATE_OF_RE = {"_casefix", "_compiler", "_constants", "_parser", "_sre", "sre_compile", "sre_constants", "sre_parse"}


def names_in(path: Path) -> set[str]:
    """Return every name that a file imports, reads from an object, or has in a dotted name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    dotted = [alias.name for node in imports for alias in node.names] + [getattr(node, "module", None) or "" for node in imports]
    attributes = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("re.")]
    return {part for name in (*dotted, *attributes) for part in name.split(".")}


def test_one_module_touches_the_private_modules_of_re() -> None:
    paths = [*PACKAGE.rglob("*.py"), *Path(__file__).parent.rglob("*.py")]
    assert [path for path in paths if names_in(path) & PRIVATE_OF_RE] == [PACKAGE / "regex" / "parse_tree.py"]


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
