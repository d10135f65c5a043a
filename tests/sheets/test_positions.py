"""Each format says where a plugin, a key and a nested token are written."""

from __future__ import annotations

import json

import pytest

from ways.sheets.document import Source
from ways.sheets.formats import yaml_text
from ways.sheets.reader import SheetReader

pytestmark = pytest.mark.portability

#: Format: the sheet, and where the plugin, its mapping, the token SHOT, its regex and the second parent are written.
SHEETS = {
    "shots.yml": (
        """\
globals:
  path: true
plugins:
  shot:
    hierarchy: job/shot
    mapping: '/{SHOT}'
    mapping_details:
      SHOT:
        parse:
          regex: '.+'
    uses: [a, b]
""",
        [(4, 3), (6, 5), (8, 7), (10, 11), (11, 15), (2, 3)],
    ),
    "shots.json": (
        """\
{"globals": {"path": true},
 "plugins": {
  "shot": {
    "hierarchy": "job/shot", "mapping": "/{SHOT}",
    "mapping_details": {
      "SHOT": {"parse": {"regex": ".+"}}
    },
    "uses": ["a",
             "b"]
  }
}}
""",
        [(3, 3), (4, 30), (6, 7), (6, 26), (9, 14), (1, 14)],
    ),
    "shots.toml": (
        """\
[globals]
path = true

[plugins.shot]
hierarchy = "job/shot"
  mapping = "/{SHOT}"
uses = ["a", "b"]

[plugins.shot.mapping_details.SHOT]
required = true
parse.regex = '.+'
""",
        [(4, 2), (6, 3), (9, 2), (11, 1), (7, 1), (2, 1)],
    ),
    "shots.py": (
        """\
globals = {"path": True}
plugins = {
    "shot": {
        "hierarchy": "job/shot",
        "mapping": "/{SHOT}",
        "mapping_details": {"SHOT": {"parse": {"regex": ".+"}}},
        "uses": ["a", "b"],
    }
}
""",
        [(3, 5), (5, 9), (6, 29), (6, 48), (7, 23), (1, 12)],
    ),
}
KEYS = [(), ("mapping",), ("mapping_details", "SHOT"), ("mapping_details", "SHOT", "parse", "regex"), ("uses", 1), ("path",)]


@pytest.mark.parametrize("name", SHEETS)
@pytest.mark.parametrize("index", range(len(KEYS)), ids=["plugin", "key", "token", "regex", "parent", "key of globals"])
def test_a_thing_knows_where_it_is_written(write_sheet, name, index):
    text, positions = SHEETS[name]
    (record,) = SheetReader().read(write_sheet(text, name)).plugins
    source = record.source_of(*KEYS[index])
    assert (source.line, source.column) == positions[index]


@pytest.mark.parametrize("name", SHEETS)
def test_all_formats_say_the_same(write_sheet, name):
    (record,) = SheetReader().read(write_sheet(SHEETS[name][0], name)).plugins
    assert record.values == {
        "path": True,
        "hierarchy": "job/shot",
        "mapping": "/{SHOT}",
        "mapping_details": record.values["mapping_details"],
        "uses": ("a", "b"),
    }
    assert record.values["mapping_details"]["SHOT"]["parse"] == {"regex": ".+"}


def test_a_plugin_keeps_its_position_all_the_way_to_the_context(load):
    session = load("plugins:\n  shot:\n    hierarchy: job\n    mapping: /x\n")
    (record,) = session.get_context("job").records
    assert (record.source.line, record.source_of("mapping").line) == (2, 4)


def test_windows_line_ends_count_once(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b'{"plugins": {\r\n  "a": {"hierarchy": "x"}\r\n}}')
    (record,) = SheetReader().read(str(path)).plugins
    assert (record.source.line, record.source.column) == (2, 3)


def test_an_aliased_mapping_stands_where_its_key_does(write_sheet):
    text = "plugins:\n  a: {hierarchy: a, data: &d {x: 1}}\n  b:\n    hierarchy: b\n    data: *d\n"
    _, record = SheetReader().read(write_sheet(text)).plugins
    assert record.source_of("data", "x").line == 5


def test_what_is_looked_up_in_turn_in_a_great_plugin_and_in_small_ones_is_found_once_in_each(monkeypatch):
    plugins = {f"p{number}": {"data": {"a": 1}} for number in range(50)} | {"great": {"data": {f"k{number}": 1 for number in range(600)}}}
    source = Source("a.yml")
    positions = yaml_text.read(json.dumps({"plugins": plugins}, indent=1), source).positions
    found = []
    below = type(positions)._below
    monkeypatch.setattr(type(positions), "_below", lambda self, head, known: (found.append(head), below(self, head, known))[1])
    for number in range(50):
        assert positions["plugins", "great", "data", "k7"] and positions["plugins", f"p{number}", "data", "a"]
    assert len(found) == 51
    assert len(positions._found) == 2
