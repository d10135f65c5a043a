"""The map of the house names files and names that are there, and its picture shows the house as it is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import house
import pytest
from documentation.examples import DOCS, ROOT

PAGE = (DOCS / "explanation" / "architecture.rst").read_text(encoding="utf-8")
#: A file, and the names in brackets behind it.
MENTIONS = re.findall(r"``((?:ways|tests)/[\w/]+(?:\.py|/))``(?:\s+\(((?:``\w+``(?:,\s+)?)+)\))?", PAGE)


def names_in(path: Path) -> set[str]:
    """Return every name that a module defines, methods included."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


@pytest.mark.parametrize(("place", "names"), MENTIONS, ids=[place for place, _ in MENTIONS])
def test_what_the_map_names_is_there(place: str, names: str) -> None:
    path = ROOT / place
    assert path.exists()
    assert not names or set(re.findall(r"``(\w+)``", names)) <= names_in(path)


def test_the_map_leads_into_every_room() -> None:
    rooms = {room for row in house.top_rooms() for room in row} - {"__main__", "integrations"}
    assert {room for room in rooms if not re.search(rf"ways/{room}\b|``{room}/``", PAGE)} == set()


def test_the_picture_shows_the_house() -> None:
    """If this fails, a module came, went or changed its subject: run ``python -m tests.house``."""
    assert house.PICTURE.read_text(encoding="utf-8") == house.picture()
