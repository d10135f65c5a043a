"""The page as text: what is in it, and that nothing in the sheets becomes a part of it."""

from __future__ import annotations

import base64
import json
import os
import re
import zlib
from html.parser import HTMLParser
from typing import Any

import pytest
from click.testing import CliRunner

from ways.assets.quick import QuickReader
from ways.cli.main import main
from ways.errors import MatchTimeoutError
from ways.pattern.builder import Builder
from ways.pattern.template import Template
from ways.report.page import data, page
from ways.session import Session

HOSTILE = "</script><script>alert(1)</script><!--data--> \" ' & <img src=x onerror=alert(1)>"


@pytest.fixture
def content(load) -> dict:
    return data(load(SHEET))


SHEET = """
globals: {syntax: 2}
plugins:
  job: {hierarchy: job, mapping: '/jobs/{JOB}', path: true, data: {fps: 24}, mapping_details: {JOB: {parse: {regex: '[a-z]+'}}}}
  late: {hierarchy: job, data: {fps: 25}}
  file: {hierarchy: '{root}/file', mapping: '{root}/{NAME}[_{NOTE}].txt', uses: [job], mapping_details: {NAME: {parse: {regex: '[a-z]+'}}}}
  odd: {hierarchy: odd, mapping: '/odd/{X}', mapping_details: {X: {parse: {regex: '(?>a+)b'}}}}
  none: {hierarchy: none}
"""


def unpacked(text: str) -> dict:
    packed = re.search(r'id="data">([A-Za-z0-9+/=]*)</script>', text)
    assert packed
    content = json.loads(zlib.decompress(base64.b64decode(packed[1])))
    rows = content.pop("rows")
    for place in (*content["contexts"], *content["changed"]):
        place.update((key, [rows[number] for number in place[key]]) for key in ("fields", "tokens"))
    content["row_count"] = len(rows)
    return content


def test_each_place_is_there_with_its_fields_and_lines(content: dict) -> None:
    assert [context["name"] for context in content["contexts"]] == ["job", "job/file", "odd", "none"]
    name, value, _, error, claims, _ = next(field for field in content["contexts"][0]["fields"] if field[0] == "data.fps")
    assert (name, value, error) == ("data.fps", "25", None)
    assert [(claim[0], claim[3], claim[5]) for claim in claims] == [("winner", 5, "25"), ("loser", 4, "24")]
    assert content["paths"][claims[0][2]].endswith("sheet.yml")


def test_a_mapping_is_there_in_pieces(content: dict) -> None:
    entry = next(entry for entry in content["entries"] if entry["name"] == "job/file")
    texts = [leaf if isinstance(leaf, str) else leaf[0] for leaf in entry["leaves"]]
    assert texts == ["/jobs/", "JOB", "/", "NAME", "_", "NOTE", ".txt"]
    assert [names for _, names, _, _ in entry["options"]] == [["NOTE"]]


def test_samples_have_what_python_reads(content: dict) -> None:
    entry = next(entry for entry in content["entries"] if entry["name"] == "job")
    assert ["/jobs/a", {"JOB": "a"}] in entry["samples"]
    assert ["/jobs/a\n", None] in entry["samples"]


def test_what_a_browser_cannot_read_is_marked(content: dict) -> None:
    entry = next(entry for entry in content["entries"] if entry["name"] == "odd")
    assert entry["marked"] and "shapes" not in entry


def test_each_variant_is_there_with_its_conditions(load) -> None:
    sheet = "plugins: {a: {hierarchy: a, mapping: '{X}'}, b: {hierarchy: a, mapping: '{X}!', when: {X: [1]}}}"
    entries = data(load(sheet))["entries"]
    assert [(entry["when"]["conditions"], entry["when"]["holds"]) for entry in entries] == [([{"X": ["1"]}], []), ([{"X": ["1"]}], [0])]


def test_places_share_what_their_tokens_have_in_common(load) -> None:
    places = (f"  p{number}: {{hierarchy: p{number}, mapping: '/p{number}/{{A:d}}'}}\n" for number in range(20))
    sheet = f"globals: {{syntax: 2}}\nplugins:\n{''.join(places)}"
    assert len(data(load(sheet))["tokens"]) == 1


@pytest.mark.parametrize("owner, method", [(Template, "__init__"), (Builder, "expression")])
def test_mappings_that_differ_in_plain_text_are_parsed_and_compiled_once(monkeypatch, owner: type, method: str) -> None:
    calls: list[object] = []
    whole = getattr(owner, method)
    monkeypatch.setattr(owner, method, lambda self, *args: (calls.append(self), whole(self, *args))[1])
    counts = []
    for count in (10, 30):
        session = Session()
        session.add_plugins(job={"hierarchy": "job", "mapping": "/jobs", "path": True, "syntax": 2})
        for number in range(count):
            mapping = f"{{root}}/p{number}/{{A:d}}[_{{B:w}}]"
            session.add_plugins(**{f"p{number}": {"hierarchy": f"job/p{number}", "uses": ["job"], "mapping": mapping, "syntax": 2}})
        monkeypatch.setattr(session, "check", lambda: [])
        calls.clear()
        content = data(session)
        counts.append(len(calls))
        assert len(content["contexts"]) == count + 1 and len(content["worlds"]) == 2
        assert all(entry["samples"] for entry in content["entries"] if not entry["windows"])
    assert 0 < counts[0] == counts[1]


def test_platforms_and_layers_share_what_is_the_same(load) -> None:
    content = data(load("""
plugins:
  a: {hierarchy: a, mapping: /a, platforms: [linux]}
  other: {hierarchy: a, mapping: /b, platforms: [darwin]}
  top: {hierarchy: b, mapping: /t, assignment: moon}
  b: {hierarchy: b, mapping: '/c', path: true}
  c: {hierarchy: c, mapping: /d}
"""))
    worlds = {(world["platform"], *world["priority"]): world for world in content["worlds"]}
    orders = (["master"], ["master", "moon"])
    assert list(worlds) == [(platform, *layers) for layers in orders for platform in ("linux", "darwin", "windows")]
    assert content["worlds"][0]["contexts"] == {}
    assert [content["changed"][number]["mapping"] for number in worlds["darwin", "master", "moon"]["contexts"].values()] == ["/b", "/t"]
    assert len(content["changed"]) == 3


def test_findings_are_there(load) -> None:
    content = data(load("plugins: {a: {hierarchy: a, maping: x}}"))
    assert any("maping" in finding["message"] for finding in content["findings"])


def test_the_page_says_what_the_data_says(content: dict) -> None:
    told = unpacked(page(content))
    del told["row_count"]
    assert told == json.loads(json.dumps(content))


def test_what_places_share_stands_once_in_the_page(load) -> None:
    places = "".join(f"  p{number}: {{hierarchy: job/p{number}, mapping: '/jobs/{{JOB}}/{number}'}}\n" for number in range(50))
    job = "  job: {hierarchy: job, mapping: '/jobs/{JOB}', data: {fps: 24}, mapping_details: {JOB: {parse: {regex: '[a-z]+'}}}}\n"
    # The mapping and the groups of each place; the two fields that the job gives for all; and the token.
    assert unpacked(page(data(load(f"plugins:\n{job}{places}"))))["row_count"] == 51 * 2 + 2 + 1


class Elements(HTMLParser):
    """Counts the elements of a page, and collects what is fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.names.append(tag)
        self.fetched += [value for name, value in attrs if name in ("src", "srcset", "action") or (name == "href" and value[:1] != "#")]


def elements(text: str) -> Elements:
    parser = Elements()
    parser.feed(text)
    return parser


def test_nothing_in_a_sheet_becomes_a_part_of_the_page(session: Session, content: dict) -> None:
    session.add_plugins(**{HOSTILE: {"hierarchy": "a", "mapping": "{X}" + HOSTILE.replace("{", ""), "data": {HOSTILE: HOSTILE}}})
    hostile = page(data(session, title=HOSTILE))
    assert elements(hostile).names == elements(page(content)).names
    assert HOSTILE not in hostile and unpacked(hostile)["title"] == HOSTILE


def test_the_page_needs_no_network(content: dict) -> None:
    text = page(content)
    assert elements(text).fetched == []
    assert "default-src &#x27;none&#x27;" in text and not re.search(r"https?:|url\(|@import|fetch\(|XMLHttp", text)


def test_the_command_writes_the_page(write_sheet, tmp_path) -> None:
    out = tmp_path / "out.html"
    result = CliRunner().invoke(main, ["--sheets", write_sheet(SHEET), "report", str(out), "--format", "json", "--title", "Mine"])
    content = json.loads(result.stdout)
    assert (content["contexts"], content["marked"], content["bytes"]) == (4, 1, out.stat().st_size)
    assert "<title>Mine</title>" in out.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_is_reported(write_sheet, tmp_path) -> None:
    result = CliRunner().invoke(main, ["--sheets", write_sheet(SHEET), "report", str(tmp_path / "no" / "out.html")])
    assert (result.exit_code, "No such file" in result.stderr) == (2, True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this machine has no named pipes")
def test_what_is_no_file_stays_as_it_is(write_sheet, tmp_path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    result = CliRunner().invoke(main, ["--sheets", write_sheet(SHEET), "report", str(pipe)])
    assert (result.exit_code, pipe.is_fifo()) == (2, True)
    assert "is no file, and stays as it is" in result.output


def test_a_link_stays_a_link_to_the_page(write_sheet, tmp_path) -> None:
    page, link = tmp_path / "page.html", tmp_path / "link.html"
    link.symlink_to(page)
    CliRunner().invoke(main, ["--sheets", write_sheet(SHEET), "report", str(link)])
    assert link.is_symlink() and page.is_file()


@pytest.mark.parametrize(
    "mapping, details, words",
    [
        ("x" + "".join(f"[_{number}{{T{number}}}]" for number in range(11)), {}, "too many optional parts"),
        ("/{D}", {"D": {"parse": {"regex": "(?>a)b"}}}, "JavaScript has no atomic group"),
    ],
    ids=["parts", "group"],
)
def test_a_place_that_a_browser_can_not_read_says_why(mapping: str, details: dict[str, Any], words: str) -> None:
    session = Session()
    session.add_plugins(a={"hierarchy": "a", "syntax": 2, "mapping": mapping, "mapping_details": details})
    assert words in data(session)["entries"][0]["marked"]


def test_a_sample_that_takes_too_long_is_left_out(load, monkeypatch: pytest.MonkeyPatch) -> None:
    session = load("plugins: {a: {hierarchy: a, mapping: '/x/{A}'}}")

    def late(*args: object) -> None:
        raise MatchTimeoutError("/x/a", "/x/{A}", 0.1)

    monkeypatch.setattr(session, "read", late)
    # A text is read by its place alone where what places share doesn't decide.
    monkeypatch.setattr(QuickReader, "read_at", lambda *args: None)
    assert data(session)["entries"][0]["samples"] == []


KINDS = """
globals: {syntax: 2}
plugins:
  choices: {hierarchy: choices, mapping: '/c/{X}', mapping_details: {X: {choices: [anim, light]}}}
  numbers: {hierarchy: numbers, mapping: '/n/{X:03d}'}
  fixed: {hierarchy: fixed, mapping: '/f/{X:.2f}'}
  dates: {hierarchy: dates, mapping: '/d/{X:%Y%m%d}'}
  frames: {hierarchy: frames, mapping: '/s/{X}.exr', mapping_details: {X: {format: 04d, sequence: true}}}
  segments: {hierarchy: segments, mapping: '/p/{X}/end', mapping_details: {X: {segments: true}}}
  refers: {hierarchy: refers, mapping: '/r/{X}', mapping_details: {X: {parse: {regex: '(a|b)x\\1'}}}}
  loops: {hierarchy: loops, mapping: '/l/{X}', mapping_details: {X: {parse: {regex: '([a-z]+_)*[a-z]+'}}}}
  written: {hierarchy: written, mapping: '/w/{P}', mapping_details: {P: {mapping: '{A}-{B}'}, A: {parse: {regex: '[a-z]+'}}}}
  same: {hierarchy: same, mapping: '/w/{P}', mapping_details: {P: {mapping: '{A}-{B}'}, A: {parse: {regex: '[a-z]+'}}}}
"""


def test_each_kind_of_token_is_told_in_words_and_with_samples_that_are_true(load: Any) -> None:
    session = load(KINDS)
    told = json.dumps(data(session))
    for words in (
        "one of anim, light", "format 03d", "format .2f", "format %Y%m%d", "a frame number or a pad such as ####",
        "names with / between them", "regex (a|b)x", "regex ([a-z]+_)*[a-z]+",
    ):  # fmt: skip
        assert json.dumps(words)[1:-1] in told, words


def test_many_optional_parts_are_left_to_the_program(load: Any) -> None:
    parts = "".join(f"[_{letter}{{{letter.upper()}}}]" for letter in "abcdefghijklmnopq")
    told = data(load(f"globals: {{syntax: 2}}\nplugins:\n  many: {{hierarchy: many, mapping: '/m/x{parts}'}}\n"))
    assert "it has too many optional parts" in json.dumps(told)
