"""The door for formats: which format reads a file, what its sheets may reach, and that it is never answered stale."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ways.api import Draft, FormatTable, Session
from ways.hierarchy import Hierarchy, quoted_hierarchy
from ways.limits import Limits
from ways.sources import load_sheets
from ways.sheets.files import FolderFiles
from ways.sheets.formats import foreign
from ways.sheets.formats.foreign import SystemFormats

pytestmark = pytest.mark.portability


class Lines:
    """A toy: each line a place, or ``@`` and a further file; ``*`` is every file in the folder."""

    name = "lines"
    suffixes = (".lines",)

    def looks_like(self, name: str, head: bytes) -> bool:
        return name.endswith(self.suffixes)

    def read(self, data: bytes, source: Any, files: Any = None) -> Draft:
        lines = data.decode().split()
        if "!" in lines:
            raise ZeroDivisionError("as bad as can be")
        named = [line[1:] for line in lines if line.startswith("@")]
        if "*" in lines:
            named += [name for name in files.list() if name.endswith(".lines")]
        plugins = {line: {"hierarchy": line, "data": {"here": source.path}} for line in lines if line[0] not in "@*"}
        return Draft({"plugins": plugins}, {("plugins", line): (lines.index(line) + 1, 1) for line in plugins}, follow=named)


@pytest.fixture
def empty() -> Session:
    """A session that reads lines."""
    return Session(formats=FormatTable().with_formats(Lines()))


@pytest.fixture
def lines(tmp_path: Path, empty: Session) -> Any:
    """A session that reads lines, and what writes some: ``lines({"a.lines": "job"})``."""
    session = empty

    def write(files: dict[str, str], add: str = "") -> Session:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        session.add_search_path(str(tmp_path / add))
        return session

    return write


def chains(session: Session) -> dict[str, list[str]]:
    return {Path(sheet.source.path).name: [Path(path).name for path in sheet.source.chain] for sheet in session.sheets}


def test_each_file_that_is_named_is_a_sheet_with_the_way_to_it(lines: Any) -> None:
    session = lines({"a.lines": "@b.lines", "b.lines": "job @sub/c.lines", "sub/c.lines": "shot"})
    assert chains(session) == {"a.lines": [], "b.lines": ["a.lines"], "c.lines": ["a.lines", "b.lines"]}
    assert session.get_context("shot").data["here"].endswith("c.lines")


def test_a_sheet_that_is_listed_first_still_stands_after_the_one_that_names_it(lines: Any) -> None:
    session = lines({"a.lines": "job", "b.lines": "shot @a.lines"})
    assert chains(session) == {"b.lines": [], "a.lines": ["b.lines"]}
    assert session.hierarchies() == [("shot",), ("job",)]


def test_circles_and_repeats_are_read_once(lines: Any, tmp_path: Path) -> None:
    (tmp_path / "link.lines").symlink_to(tmp_path / "b.lines")
    session = lines({"a.lines": "job @b.lines @./b.lines @link.lines", "b.lines": "shot @a.lines @b.lines"}, "a.lines")
    assert [sheet.source.path.rsplit("/", 1)[-1] for sheet in session.sheets] == ["a.lines", "b.lines"]
    assert len(session.get_all_plugins()) == 2 and session.problems == []


def test_a_file_without_an_ending_of_its_own_is_read_by_the_format_that_names_it(lines: Any) -> None:
    session = lines({"a.lines": "@more.txt @more.yml", "more.txt": "job", "more.yml": "shot"}, "a.lines")
    assert [sheet.source.format for sheet in session.sheets] == ["lines"] * 3


class NamedLines(Lines):
    """Reads the files that another names, and knows what names them."""

    def __init__(self, name: str, by: str) -> None:
        self.name = name
        self.by = by

    def read(self, data: bytes, source: Any, files: Any = None) -> Draft:
        return Draft({"plugins": {"one": {"hierarchy": data.decode(), "data": {"by": self.by}}}})


class KnownLines(Lines):
    """Gives its draft what reads the files that it names."""

    def __init__(self, follow_name: str) -> None:
        self.follow_name = follow_name

    def read(self, data: bytes, source: Any, files: Any = None) -> Draft:
        draft = super().read(data, source, files)
        return draft._replace(follow_format=NamedLines(self.follow_name, Path(source.path).name)) if draft.follow else draft


@pytest.mark.parametrize("name, data", [("lines", {"by": "a.lines"}), ("other", {"here": "b.lines"})])
def test_a_draft_may_bring_the_reader_of_what_it_names(tmp_path: Path, name: str, data: dict[str, str]) -> None:
    session = Session(formats=FormatTable().with_formats(KnownLines(name)))
    (tmp_path / "a.lines").write_text("@b.lines", encoding="utf-8")
    (tmp_path / "b.lines").write_text("job", encoding="utf-8")
    session.add_search_path(str(tmp_path))
    assert {key: Path(value).name for key, value in session.need_context("job").data.items()} == data


@pytest.mark.parametrize("named", ["../out.lines", "/etc/passwd", "link.lines", "folder", "absent.lines"])
def test_what_lies_outside_the_folder_is_not_read(lines: Any, tmp_path: Path, named: str) -> None:
    inside = tmp_path / "inside"
    (inside / "folder").mkdir(parents=True)
    (tmp_path / "out.lines").write_text("secret", encoding="utf-8")
    (inside / "link.lines").symlink_to(tmp_path / "out.lines")
    session = lines({"inside/a.lines": f"job @{named}"}, "inside/a.lines")
    assert session.hierarchies() == [("job",)]
    assert [(problem.code, problem.level) for problem in session.problems] == [("unreadable", "error")]


@pytest.mark.parametrize("limit", ["depth", "sheets"])
def test_no_more_sheets_are_followed_than_the_limit_says(lines: Any, empty: Session, monkeypatch: Any, limit: str) -> None:
    if limit == "depth":
        monkeypatch.setattr(load_sheets, "MAX_DEPTH", 3)
    else:
        empty.reader.limits = Limits(sheets=3)
    session = lines({f"{n}.lines": f"p{n} @{n + 1}.lines" for n in range(9)}, "0.lines")
    # The first one counts among the sheets, and names others at depth 1.
    assert len(session.sheets) == (4 if limit == "depth" else 3)
    assert [problem.code for problem in session.problems] == ["too-many-sheets"]
    assert [finding.code for finding in session.check()] == ["too-many-sheets"]


def test_a_format_that_raises_costs_its_file(lines: Any) -> None:
    session = lines({"a.lines": "!", "b.lines": "job"})
    assert session.hierarchies() == [("job",)]
    assert "can't read it: ZeroDivisionError: as bad as can be" in str(session.problems[0])


def test_a_file_that_is_too_great_costs_itself(lines: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(foreign, "MAX_FOREIGN", 8)
    session = lines({"a.lines": "far_too_long", "b.lines": "job"})
    assert [problem.code for problem in session.problems] == ["unreadable"]
    assert session.hierarchies() == [("job",)]


@pytest.mark.parametrize("trust, expected", [(None, False), (False, False), (True, True)])
def test_foreign_sheets_are_trusted_only_where_the_caller_says_so(lines: Any, tmp_path: Path, trust: Any, expected: bool) -> None:
    session = lines({"a.lines": "@b.lines", "b.lines": "job"})
    session.clear()
    session.add_search_path(str(tmp_path), trust=trust)
    assert {sheet.source.is_trusted for sheet in session.sheets} == {expected}


def test_refresh_sees_a_file_that_is_new_to_a_pattern(lines: Any, tmp_path: Path) -> None:
    session = lines({"a.lines": "*"}, "a.lines")
    (tmp_path / "b.lines").write_text("job", encoding="utf-8")
    session.refresh()
    assert session.hierarchies() == [("job",)]
    (tmp_path / "b.lines").unlink()
    session.refresh()
    assert session.hierarchies() == []


def test_a_sheet_that_no_longer_reads_keeps_what_it_named(lines: Any, tmp_path: Path) -> None:
    session = lines({"a.lines": "job @b.lines", "b.lines": "shot"}, "a.lines")
    (tmp_path / "a.lines").write_text("!", encoding="utf-8")
    session.refresh()
    assert session.hierarchies() == [("job",), ("shot",)]


def test_files_below_a_folder_are_listed_with_folders_marked(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "f").write_bytes(b"x")
    (tmp_path / "a" / "out").symlink_to(tmp_path.parent)
    (tmp_path / "a" / "in").symlink_to(tmp_path / "a" / "b")
    files = FolderFiles(str(tmp_path))
    assert files.list("a") == ["b/", "f", "in/"]
    assert (files.is_link("a/in"), files.is_link("a/b"), files.read("a/./f")) == (True, False, b"x")


# --- the table


def test_the_native_formats_are_asked_last() -> None:
    table = FormatTable().with_formats(Lines())
    assert table.formats[0].name == "lines"
    assert [item.name for item in table.formats[-4:]] == ["json", "yaml", "toml", "python"]


def offered(monkeypatch: pytest.MonkeyPatch, *found: Any) -> None:
    points = [SimpleNamespace(name=f"f{n}", value=f"package:f{n}", load=lambda item=item: item) for n, item in enumerate(found)]
    monkeypatch.setattr(metadata, "entry_points", lambda group: points if group == "ways.sheet_formats" else [])


@pytest.mark.parametrize("found", [Lines, Lines(), (Lines,), [Lines()]], ids=["class", "object", "tuple", "list"])
def test_installed_formats_are_those_of_the_entry_points(monkeypatch: pytest.MonkeyPatch, found: Any) -> None:
    offered(monkeypatch, found)
    assert FormatTable.installed().formats[0].name == "lines"
    assert "lines" not in [item.name for item in FormatTable().formats]


def test_an_installed_format_that_is_none_is_told_and_costs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    offered(monkeypatch, Lines, 7)
    session = Session(formats=FormatTable.installed())
    assert [str(problem) for problem in session.problems] == [
        "package:f1: the format 'f1' can't be used: TypeError: 7 is not a sheet format: it needs name, suffixes, looks_like and read"
    ]


def test_native_sheets_import_no_format_of_another_system(tmp_path: Path) -> None:
    for name, text in {"a.yml": "plugins: {a: {hierarchy: a}}", "b.json": "{}", "c.toml": ""}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    code = """if True:
        import sys
        from ways.sheets.formats.foreign import FOREIGN_FORMATS
        from ways.api import Session
        Session().add_search_path(sys.argv[1])
        print([system.name for system in FOREIGN_FORMATS if system._formats is not None or system._module in sys.modules])
    """
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, check=True, encoding="utf-8")
    assert done.stdout == "[]\n"


def test_a_system_asks_its_formats_only_for_files_that_may_be_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    module = SimpleNamespace(TOY_FORMATS=(Lines(),))
    monkeypatch.setitem(sys.modules, "toy_module", module)
    system = SystemFormats("toy", "toy_module", suffixes=(".lines",), names=("info.json",), marks=((".toml", b"[[toy"),))
    assert [system.may_be(*asked) for asked in (("A.LINES", b""), ("info.json", b""), ("x.toml", b"\n[[toys]]"))] == [True] * 3
    assert [system.may_be(*asked) for asked in (("Info.json", b""), ("x.toml", b"[toy]"), ("x.yml", b"[[toy"))] == [False] * 3
    assert system.pick("info.json", b"") is None and system.pick("x.lines", b"").name == "lines"  # type: ignore[union-attr]


# --- names of other systems as parts of a hierarchy

TEXT = st.text(min_size=1, max_size=8)


@given(st.lists(TEXT, min_size=1, max_size=3))
def test_any_text_can_be_a_part(parts: list[str]) -> None:
    made = Hierarchy.of(quoted_hierarchy(parts))
    assert made.is_legal and made.plain == tuple(parts)


@given(TEXT)
def test_a_part_has_one_spelling(part: str) -> None:
    every = "".join(f"%{byte:02x}" for byte in part.encode("utf-8", "surrogatepass"))
    assert Hierarchy.of(every) == Hierarchy.of_plain((part,))


@pytest.mark.parametrize("name", ["mod.Class", "A<1>", "a/b", "a%2Eb", " x ", "ä", "plain"])
def test_a_context_is_found_by_its_text_and_by_its_plain_parts(name: str) -> None:
    session = Session()
    session.add_plugins(one={"hierarchy": quoted_hierarchy(("types", name))})
    found = session.get_context(("types", name))
    assert found is not None and found is session.get_context(found.hierarchy)
    assert found is session.get_context(quoted_hierarchy(("types", name)))


def test_plain_parts_go_before_the_same_text_with_escapes() -> None:
    session = Session()
    session.add_plugins(dot={"hierarchy": "a%2Eb"}, escape={"hierarchy": "a%252Eb"})
    assert session.get_context(("a%2Eb",)).hierarchy == ("a%252Eb",)
    assert session.get_context("a%2Eb").hierarchy == ("a%2Eb",)


@pytest.mark.parametrize("text", ["a.b", "a%2Eb.c", "a%zz", "a%2", "%ff"])
def test_a_raw_illegal_character_stays_an_error(text: str) -> None:
    session = Session()
    session.add_plugins(one={"hierarchy": text})
    with pytest.raises(ValueError, match="has the character"):
        session.get_context(text)


def test_a_file_of_another_system_is_not_answered_out_of_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A native sheet of the same content is in the store, but the name tells that this one is another's."""
    monkeypatch.setenv("WAYS_CACHE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setitem(sys.modules, "toy_module", SimpleNamespace(TOY_FORMATS=(Lines(),)))
    system = SystemFormats("toy", "toy_module", suffixes=(), names=("info.lines.json",))
    monkeypatch.setattr(foreign, "FOREIGN_FORMATS", (system,))
    for name in ("a.json", "info.lines.json"):
        (tmp_path / name).write_text('{"plugins":{"a":{"hierarchy":"a"}}}', encoding="utf-8")
    for number in range(2):
        session = Session()
        session.reader.formats = FormatTable((system, *FormatTable().formats))
        monkeypatch.setattr(Lines, "looks_like", lambda self, name, head: name == "info.lines.json")
        session.add_search_path(str(tmp_path))
        assert {Path(sheet.source.path).name: sheet.source.format for sheet in session.sheets} == {
            "a.json": "json", "info.lines.json": "lines"
        }, number
