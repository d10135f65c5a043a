"""A whole repository: sheets, info files, links, archives, files of other systems and odd ones, loaded by every door."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from ways.session import Session
from ways.sheets.files import bytes_to_text
from ways.sheets.document import Problem
from ways.sources.git import GitLocalDescriptor

from .answers import asked, told
from .archives import CONTENTS, drawn_tar, drawn_zip
from .claims import check_problems, lines_of
from .draws import Draws
from .place import folder
from .runner import HERE, Target
from .sheets import sheet, text_of

_GOOD, _GOOD_PLACE = "good.yml", "the-good-one"
_GOOD_SHEET = b"globals: {syntax: 2}\nplugins: {good: {hierarchy: the-good-one, mapping: '/good/{A}'}}\n"
_FOLDERS = ("", "", "sub/", "sub/deeper/", ".hidden/", "plugins/", "graphs/", "a.yml/", "\u00e9/", "x\nforged/", "d/" * 60)
_NAMES = (
    "a.yml", "b.json", "c.toml", "d.py", "e.yaml", ".ways_plugin_info.yml", ".ways_plugin_info.json",
    ".waypoint_plugin_info.yml", "plugInfo.json",
    "dioptra.toml", "bread.yaml", "steps.py", "manifest.imjoy.json", "viewer.imjoy.html", "z.zip", "t.tar.gz",
    "README", ".a.yml", "A.YML", "x\nforged.yml",
    "\u00e9.yml", " .yml", "-n.yml", "*.yml", "n" * 200 + ".yml", "sub", "ab:c.yml", "a\\b.yml", "\udcff.yml",
)  # fmt: skip
_INFO = (
    b"recursive: true", b"recursive: true\nassignment: layer1", b"assignment: [", b"{}", b"recursive: 3",
    b"check: {level: error, ignore: [overlap]}",
    b"- a", b"", b"\xff", b"recursive: true\ncheck: {ignore: a}\nx: 1", b"recursive: false",
)  # fmt: skip
_TARGETS = (
    ".", "..", "a.yml", "sub", "../a.yml", "sub/deeper", "none", "/etc/passwd", "/dev/zero", "/dev/stdin",
    "/proc/self/mem", "loop", "/", "good.yml",
)  # fmt: skip
_LONGEST = 3000


class _File(NamedTuple):
    """One thing in the repository: a file of some bytes, or another thing that leads to *target*."""

    path: str
    kind: str = "file"
    content: bytes = b""
    target: str = ""


@lru_cache(maxsize=1)
def _shown() -> tuple[bytes, ...]:
    """Return the files of other systems that the project shows."""
    paths = sorted(path for path in (HERE.parent.parent / "plugin_sheets" / "foreign").rglob("*") if path.is_file())
    return tuple(path.read_bytes() for path in paths if path.stat().st_size <= _LONGEST)


def _content(draws: Draws, name: str) -> bytes:
    kind = draws.number(7)
    if "_plugin_info" in name and kind < 6:
        return draws.pick(_INFO)
    if kind < 3:
        return text_of(sheet(draws, most=20), draws)
    if kind < 5:
        found = draws.pick((*_shown(), *CONTENTS))
        at = draws.number(len(found))
        return found[:at] + draws.bytes(4) + found[at:] if kind == 4 else found
    return draws.pick((drawn_zip, drawn_tar))(draws) if kind == 5 else draws.bytes(200)


def _drawn(draws: Draws) -> dict[str, _File]:
    """Return things by their place; one that comes later takes the place of one before."""
    found: dict[str, _File] = {}
    for _ in range(1 + draws.number(9)):
        path = draws.pick(_FOLDERS) + draws.pick(_NAMES)
        kind = draws.pick(("file",) * 9 + ("link", "link", "folder", "fifo"))
        found[path] = _File(path, kind, _content(draws, path) if kind == "file" else b"", draws.pick(_TARGETS))
    return {**found, _GOOD: _File(_GOOD, "file", _GOOD_SHEET)}


def _made(root: str, files: Iterator[_File]) -> list[_File]:
    """Make the folder anew, and return what could be made: two may want the same name."""
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    made = []
    for each in files:
        path = os.path.join(root, each.path)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if each.kind == "link":
                os.symlink(each.target, path)
            elif each.kind == "fifo":
                os.mkfifo(path)
            elif each.kind == "folder":
                os.mkdir(path)
            else:
                with open(path, "xb") as file:
                    file.write(each.content)
        except OSError:
            continue
        made.append(each)
    return made


# --- doors


def _is_packed(path: str) -> bool:
    """Whether a name is let into an archive: others cost all of it."""
    return path.isprintable() and "\\" not in path


def _zipped(root: str, files: list[_File]) -> str:
    path = f"{root}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for each in files:
            if each.kind == "file" and _is_packed(each.path):
                archive.writestr(each.path, each.content)
    return path


def _committed(root: str) -> GitLocalDescriptor:
    person = ("-c", "user.name=n", "-c", "user.email=n@n", "-c", "commit.gpgsign=false", "-c", "core.fsync=none")
    for command in (["init", "-q", "-b", "main"], ["add", "-A", "."], [*person, "commit", "-qm", "m", "--no-verify"]):
        subprocess.run(["git", "-C", root, *command], check=True, capture_output=True)
    return GitLocalDescriptor(root, ["."], "main")


def _loaded(description: Any) -> Session:
    session = Session()
    asked(lambda: session.add_search_path(description, trust=False))
    return session


def _places(session: Session, root: str) -> set[tuple[str, str, str]]:
    """Return each plugin by the path of its sheet inside the source, its place and its layer."""
    plugins = session.registry.now.plugins
    return {(plugin.source.path.partition(root)[2].lstrip("/"), plugin.hierarchy.text, plugin.assignment) for plugin in plugins}


def _checked(session: Session, files: list[_File], root: str) -> None:
    """Check what holds for whatever a repository gives."""
    assert any(plugin.hierarchy.text == _GOOD_PLACE for plugin in session.registry.now.plugins)
    assert not any(plugin.source.is_trusted for plugin in session.registry.now.plugins)
    contents = {os.path.join(root, each.path): each.content for each in files if each.kind == "file"}
    for problem in session.problems:
        text = bytes_to_text(contents.get(problem.source.path, b""), problem.source)
        if problem.source.path in contents and not isinstance(text, Problem):
            check_problems([problem], lines_of(text))
        assert str(problem) and problem.as_dict() and len(str(problem).splitlines()) == 1 + len(problem.excerpt.splitlines())


def _questioned(session: Session) -> list[Any]:
    """Return what a session says of some places."""
    answers: list[Any] = [asked(lambda: session.need_context(_GOOD_PLACE).get_mapping())]
    for place in session.hierarchies()[:5]:
        context = asked(lambda: session.get_context(place))
        questions: list[Callable[[], Any]] = [lambda: context.get_str(), lambda: dict(context.data), lambda: context.get_mapping_details()]
        answers += [repr(asked(question)) for question in questions if not isinstance(context, str | None)]
        answers += [asked(lambda: session.explain(place, "mapping").as_dict())]
    answers += [repr(asked(lambda: session.read(text).values)) for text in ("/good/a", "/jobs/a")]
    return answers


def repository(data: bytes) -> None:
    """Drawn from any bytes: the folder, the same in an archive and in a commit, then after a file went."""
    draws = Draws(data)
    door, gone, info = draws.number(15), draws.number(255), draws.pick(_INFO)
    files = list(_drawn(draws).values())
    root = os.path.join(folder("tree"), "repo")
    if draws.flag():
        files.insert(0, _File(".ways_plugin_info.yml", "file", info))
    files = _made(root, iter(files))
    session = _loaded(root)
    _checked(session, files, root)
    answers, problems = _questioned(session), [str(problem) for problem in session.problems]
    again = _loaded(root)
    assert (answers, problems) == (_questioned(again), [str(problem) for problem in again.problems])
    is_plain = all(each.kind == "file" and _is_packed(each.path) for each in files)
    if door % 2 == 0:
        path = _zipped(root, files)
        zipped = _loaded(path)
        _checked(zipped, [], path)
        assert not is_plain or _places(zipped, path) == _places(session, root)
    if door == 1:
        commit = _loaded(_committed(root))
        _checked(commit, [], root)
        assert not is_plain or {place[1:] for place in _places(commit, root)} == {place[1:] for place in _places(session, root)}
        shutil.rmtree(os.path.join(root, ".git"))
    code, _, _ = told(["check", root, "--format", ("text", "json", "sarif")[gone % 3]])
    assert code in (0, 1)
    plain = [each for each in files if each.kind == "file" and each.path != _GOOD]
    if plain:
        os.unlink(os.path.join(root, plain[gone % len(plain)].path))
        session.refresh()
        fresh = _loaded(root)
        # Of a sheet that is there and can't be read any more, as a link to the file that went, what it gave stays.
        broken = {problem.source.path.partition(root)[2].lstrip("/") for problem in fresh.problems if problem.code == "unreadable"}
        places = _places(session, root)
        assert {place for place in places if place[0] not in broken} == _places(fresh, root)


TARGETS = {
    "repository": Target("a folder of anything, an archive and a commit of it give the good sheets, the same each time", repository),
}
