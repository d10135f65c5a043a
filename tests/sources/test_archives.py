"""Archives as search paths: their sheets load, and a Source tells archive, member and line."""

from __future__ import annotations

import io
import json
import os
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from systems.dioptra import dioptra_tree

from ways.api import Session
from ways.cli.main import main
from ways.sources.archives import ArchiveDescriptor
from ways.sources.descriptions import encode

SHEET = b"plugins:\n  note:\n    hierarchy: note\n    mapping: '/notes/{DAY}'\n"
DIOPTRA = {
    "dioptra.toml": dioptra_tree.WHOLE.encode(),
    "graph.yaml": dioptra_tree.GRAPH.encode(),
    "plugins/oven/steps.py": dioptra_tree.CODE.encode(),
}


def pack(path: Path, files: dict[str, bytes]) -> Path:
    """Write an archive of the kind that its name says."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return path
    packer = {".gz": "w:gz", ".tgz": "w:gz", ".bz2": "w:bz2", ".xz": "w:xz"}.get(path.suffix, "w")
    with tarfile.open(path, packer) as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def load(path: Any, **options: Any) -> Session:
    session = Session()
    session.add_search_path(str(path) if isinstance(path, Path) else path, **options)
    return session


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz", "a.ZIP".lower()])
@pytest.mark.parametrize("top", ["", "./", "kitchen-1.0/"], ids=["plain", "dot", "folder"])
def test_an_archive_gives_what_its_folder_gives(tmp_path: Path, name: str, top: str) -> None:
    for place, data in DIOPTRA.items():
        (tmp_path / "plain" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "plain" / place).write_bytes(data)
    plain, packed = load(tmp_path / "plain"), load(pack(tmp_path / name, {top + place: data for place, data in DIOPTRA.items()}))
    assert packed.problems == [] and packed.hierarchies() == plain.hierarchies()
    for place in plain.hierarchies():
        assert packed.get_context(place).data == plain.get_context(place).data
    assert sorted(os.listdir(tmp_path)) == sorted(["plain", name])


def test_a_source_tells_archive_member_and_line(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", DIOPTRA)
    sources = {str(plugin.source) for plugin in load(path).get_all_plugins()}
    assert {f"{path}/dioptra.toml:1:3", f"{path}/graph.yaml:1:1"} <= sources


def test_a_problem_in_an_archive_tells_its_line(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.tar.gz", {**DIOPTRA, "graph.yaml": b"\na: {bake: 1, fry: 2}"})
    assert str(load(path).problems[0]).startswith(f"{path}/graph.yaml:2:1: a: expected exactly one task in a step")


def test_one_sheet_of_an_archive_is_named_as_its_source_is(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.tgz", {f"extra/{place}": data for place, data in {**DIOPTRA, "b/note.yml": SHEET}.items()} | {"x": b""})
    assert load(path).hierarchies() == []
    session = load(f"{path}/extra/dioptra.toml")
    assert (session.problems, session.hierarchies()[-1]) == ([], ("dioptra", "entrypoints", "bread"))
    assert load(f"{path}/extra/b/note.yml").hierarchies() == [("note",)]
    told = encode({"create_using": "ways.sources.archives.ArchiveDescriptor", "path": str(path), "items": "extra/b/note.yml"})
    assert load(told).hierarchies() == [("note",)]


@pytest.mark.parametrize("item", ["absent.yml", "../note.yml", "/etc/passwd"])
def test_a_member_that_is_not_there_is_a_problem(tmp_path: Path, item: str) -> None:
    session = load(f"{pack(tmp_path / 'a.zip', {'note.yml': SHEET})}/{item}")
    assert [problem.code for problem in session.problems] == ["unreadable"]


def test_native_sheets_load_and_python_does_not_run(tmp_path: Path) -> None:
    files = {"note.yml": SHEET, "code.py": b"raise SystemExit('I was run')\nplugins = {}", ".hidden.yml": b"?"}
    session = load(pack(tmp_path / "a.tar", files))
    assert session.hierarchies() == [("note",)]
    assert [problem.code for problem in session.problems] == ["untrusted"]
    assert not session.get_all_plugins()[0].source.is_trusted


def test_an_archive_is_trusted_where_the_caller_says_so(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.tar", {"code.py": b"plugins = {'a': {'hierarchy': 'a'}}"})
    assert load(path, trust=True).hierarchies() == [("a",)]


def test_info_files_count_inside_an_archive_and_beside_it(tmp_path: Path) -> None:
    (tmp_path / ".ways_plugin_info.yml").write_text("assignment: outside", encoding="utf-8")
    deep = {"top/sub/note.yml": SHEET, "top/z.yml": b""}
    info = {"top/.ways_plugin_info.yml": b"recursive: true\nassignment: inside"}
    assert load(pack(tmp_path / "a.tar", deep)).hierarchies() == []
    session = load(pack(tmp_path / "b.tar", {**deep, **info}))
    assert [plugin.assignment for plugin in session.get_all_plugins()] == ["inside"]
    session = load(pack(tmp_path / "c.tar", {"note.yml": SHEET}))
    assert [plugin.assignment for plugin in session.get_all_plugins()] == ["outside"]


def test_a_refused_archive_is_a_problem_and_nothing_else(tmp_path: Path) -> None:
    for name, files in (("a.zip", {"note.yml": SHEET, "../x.yml": SHEET}), ("b.tar", {"note.yml": SHEET, "/x.yml": SHEET})):
        session = load(pack(tmp_path / name, files))
        assert [(problem.code, problem.source.path) for problem in session.problems] == [("unreadable", str(tmp_path / name))]
        assert session.hierarchies() == [] and not any(sheet.source.is_trusted for sheet in session.sheets)
    (tmp_path / "c.zip").write_bytes(b"garbage")
    assert "expected a tar or zip archive" in load(tmp_path / "c.zip").problems[0].message


def test_a_refresh_reads_the_archive_again_and_keeps_what_was_good(tmp_path: Path) -> None:
    session = load(pack(tmp_path / "a.zip", {"note.yml": SHEET}))
    pack(tmp_path / "a.zip", {"note.yml": SHEET.replace(b"note", b"page"), "more.yml": SHEET})
    session.refresh()
    assert sorted(session.hierarchies()) == [("note",), ("page",)]
    (tmp_path / "a.zip").write_bytes(b"PK\3\4")
    session.refresh()
    assert sorted(session.hierarchies()) == [("note",), ("page",)] and len(session.problems) == 1


def test_a_descriptor_gives_paths_and_plugins(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"note.yml": SHEET})
    descriptor = ArchiveDescriptor(str(path))
    assert list(descriptor.paths()) == [f"{path}/note.yml"]
    assert [(plugin.name, assignment) for plugin, assignment in descriptor.get_plugins()] == [("note", "master")]
    assert repr(descriptor) == f"ArchiveDescriptor(path={str(path)!r}, items=[])"


@pytest.mark.parametrize("command", [["tree"], ["sheets"], ["context", "dioptra/entrypoints/bread"]], ids=lambda command: command[0])
def test_the_shell_takes_an_archive(tmp_path: Path, command: list[str]) -> None:
    path = pack(tmp_path / "a.tar.gz", DIOPTRA)
    result = CliRunner().invoke(main, ["--sheets", str(path), *command, "--format", "json"])
    assert result.exit_code == 0 and "bread" in result.output or f"{path}/graph.yaml" in result.output
    assert [json.loads(line) for line in result.stdout.splitlines()]
