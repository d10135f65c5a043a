"""The plan of the house: which room may import which, and which floor each stands on.

``python -m tests.house`` draws it anew as ``docs/explanation/house.svg``.
"""

from __future__ import annotations

import ast
from html import escape
from pathlib import Path
from textwrap import wrap

import ways

PACKAGE = Path(ways.__file__).parent
PICTURE = Path(__file__).resolve().parent.parent / "docs" / "explanation" / "house.svg"

#: Pixels of the picture: its width, the space around a room, a line of text, and a letter of it.
WIDTH, GAP, LINE, LETTER = 1080, 10, 15, 6.6

#: Room -> the rooms it may import. A room is a module, or a folder with all modules below it that are in no other room.
MAY_IMPORT: dict[str, set[str]] = {
    "": set(),
    "lightweight": set(),
    "errors": {""},
    "logs": {"errors"},
    "usercode": {"errors"},
    "limits": {"lightweight", "errors"},
    "hierarchy": {"errors", "limits"},
    "regex": {"lightweight", "errors", "limits"},
    "settings": {"limits", "lightweight", "errors"},
    "pattern": {"regex", "limits", "lightweight", "errors"},
    "sheets": {"usercode", "logs", "limits", "lightweight", "", "errors"},
    "plugins": {"logs", "limits", "lightweight", "errors", "hierarchy", "settings", "regex", "pattern", "sheets"},
    "registry": {"lightweight", "errors", "hierarchy", "sheets", "plugins"},
    "sources": {
        "usercode", "logs", "limits", "lightweight", "errors", "hierarchy", "settings", "regex", "sheets", "plugins", "registry",
    },
    "contexts": {"logs", "limits", "lightweight", "errors", "hierarchy", "settings", "regex", "pattern", "plugins", "registry"},
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
    "compare": {"limits", "errors", "hierarchy", "sheets", "plugins", "contexts", "assets"},
    "watch": {"usercode", "logs", "errors", "sheets", "sources"},
    "snapshot": {
        "usercode", "limits", "lightweight", "", "errors", "hierarchy", "settings", "sheets", "plugins", "registry", "sources",
        "contexts", "assets",
    },
    "session": {
        "usercode", "limits", "lightweight", "errors", "hierarchy", "settings", "sheets", "plugins", "registry", "sources", "contexts",
        "assets", "explain", "check", "compare", "watch", "snapshot",
    },
    "snapshot.resolving": {"lightweight", "hierarchy", "contexts", "assets", "session", "snapshot"},
    "opening": {"limits", "errors", "settings", "sheets", "plugins", "sources", "check", "compare", "session"},
    "declare": {"errors", "hierarchy", "settings", "contexts", "session"},
    "api": {
        "limits", "lightweight", "", "errors", "usercode", "hierarchy", "settings", "pattern", "sheets", "plugins", "sources",
        "contexts", "assets", "explain", "check", "compare", "snapshot", "snapshot.resolving", "watch", "session", "opening",
        "declare",
    },
    "report": {"plugins", "explain", "api", "regex"},
    "cli": {
        "logs", "lightweight", "", "errors", "api", "report", "systems.dioptra", "systems.imjoy", "systems.imports", "systems.otio",
        "systems.bulk", "systems.engine",
    },
    "systems": set(),
    "systems.engine": {"errors", "usercode"},
    "systems.bulk": {"", "errors", "usercode", "sources", "api", "systems.engine", "systems.shared"},
    "systems.shared": {"limits", "lightweight", "errors", "usercode", "sheets", "regex"},
    "systems.usd": {"lightweight", "usercode", "api", "errors", "sheets", "systems.shared", "systems.usd.files"},
    "systems.usd.files": {"hierarchy", "regex", "limits", "lightweight", "errors", "usercode", "sheets", "systems.shared"},
    "systems.dioptra": {
        "lightweight", "usercode", "api", "errors", "sheets", "sources", "systems.engine", "systems.shared", "systems.dioptra.files",
    },
    "systems.dioptra.files": {"hierarchy", "regex", "limits", "lightweight", "errors", "usercode", "sheets", "systems.shared"},
    "systems.imjoy": {
        "regex", "lightweight", "usercode", "api", "errors", "sheets", "sources", "systems.shared", "systems.imjoy.files",
    },
    "systems.imjoy.files": {"hierarchy", "regex", "limits", "lightweight", "errors", "usercode", "sheets", "systems.shared"},
    "systems.imports": {"regex", "limits", "lightweight", "usercode", "api", "errors", "sheets", "systems.shared"},
    "systems.openassetio": {"usercode", "api", "errors", "sheets", "systems.shared"},
    "systems.otio": {"lightweight", "usercode", "api", "errors", "systems.openassetio"},
    "integrations": {"systems.usd", "systems.dioptra", "systems.imjoy"},
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


def top_rooms() -> list[list[str]]:
    """Return the entries of the package's top, floor by floor, the highest first; a folder stands at its highest room."""
    floor_of: dict[str, int] = {}
    for number, row in enumerate(floors()):
        # The resolver of a snapshot has a session, and is drawn with what it is made of.
        floor_of.update({room.partition(".")[0]: number for room in row if room and room != "snapshot.resolving"})
    # The systems' former name stands beside them.
    floor_of["integrations"] = floor_of["systems"]
    return [
        [room for room in sorted(floor_of) if floor_of[room] == number] for number in sorted(set(floor_of.values()), reverse=True)
    ]


def picture() -> str:
    """Return the house as an SVG picture: a row for each floor, a box for each room with what it is for and its modules."""
    boxes, top = "", GAP
    for row in top_rooms():
        drawn, height = _row(row, top)
        boxes += drawn
        top += height + GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" font-family="sans-serif">\n'
        f"<title>The rooms of the package: each imports only rooms below it</title>\n"
        f'<rect width="{WIDTH}" height="{top}" rx="8" fill="#f4f1ea"/>\n{boxes}</svg>\n'
    )


def _row(rooms: list[str], top: int) -> tuple[str, int]:
    """Return the boxes of a floor and their height; a folder with many modules has a wider box."""
    sizes = [max(2.2, len(_modules(room)) ** 0.5) for room in rooms]
    free = WIDTH - GAP * (len(rooms) + 1)
    widths = [round(free * size / sum(sizes)) for size in sizes]
    texts = [_lines(room, width) for room, width in zip(rooms, widths)]
    height = 34 + LINE * max(map(len, texts))
    boxes, left = "", GAP
    for room, width, lines in zip(rooms, widths, texts):
        boxes += _box(room, lines, (left, top, width, height))
        left += width + GAP
    return boxes, height


def _lines(room: str, width: int) -> list[tuple[str, str]]:
    """Return the lines of text in a room's box, each with its color."""
    letters = int((width - 16) / LETTER)
    return [
        *((line, "#333") for line in wrap(_subject(room), letters)),
        *((line, "#2f6690") for line in wrap("  ".join(_shown_modules(room)), letters)),
    ]


def _box(room: str, lines: list[tuple[str, str]], place: tuple[int, int, int, int]) -> str:
    left, top, width, height = place
    is_folder = (PACKAGE / room).is_dir()
    text = "".join(
        f'<text x="{left + 8}" y="{top + 40 + number * LINE}" font-size="12" fill="{color}">{escape(line)}</text>\n'
        for number, (line, color) in enumerate(lines)
    )
    return (
        f'<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="5" fill="{"#fff" if is_folder else "#fbfaf7"}" '
        f'stroke="#8a7f6a"/>\n<text x="{left + 8}" y="{top + 21}" font-size="15" font-weight="bold" fill="#222">'
        f'{room}{"/" if is_folder else ".py"}</text>\n{text}'
    )


def _shown_modules(room: str) -> list[str]:
    """Return the modules of a folder as the picture names them; of a folder in a folder of ``systems``, the folder alone."""
    names = [module.removeprefix(f"{room}.").replace(".", "/") for module in _modules(room) if module != room]
    return list(dict.fromkeys(f"{name.partition('/')[0]}/" if room == "systems" and "/" in name else name for name in names))


def _modules(room: str) -> list[str]:
    return [module for module, path in MODULES.items() if module.partition(".")[0] == room and path.name != "__init__.py"]


def _subject(room: str) -> str:
    """Return what a room is for: the first sentence of its docstring, without its name in front."""
    text = (ast.get_docstring(ast.parse(MODULES[room].read_text(encoding="utf-8"))) or "").partition("\n\n")[0]
    sentence = " ".join(text.split()).partition(". ")[0].replace("``", "").replace(":mod:", "").replace("`", "")
    name, colon, rest = sentence.partition(": ")
    return rest if colon and " " not in name else sentence


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
