"""Names and addresses: hierarchies with any characters, encoded descriptions, and what git is asked for."""

from __future__ import annotations

import os
import subprocess
from functools import lru_cache

from ways.errors import HierarchyError, WaysError
from ways.hierarchy import Hierarchy, quoted_hierarchy
from ways.sources.descriptions import decode, encode
from ways.sources.git import GitError, GitLocalDescriptor, GitRevisionDescriptor, absolute_url
from ways.sources.repository import is_plain
from ways.session import Session
from ways.sheets.reader import SheetReader

from .draws import Draws
from .place import folder
from .runner import Target


def hierarchy(data: bytes) -> None:
    """Its text gives a place again; any parts have one text, which gives them back."""
    text = data.decode("utf-8", "surrogateescape")
    found = Hierarchy.of(text)
    assert Hierarchy.of(found.text) == found == Hierarchy.of(tuple(found))
    try:
        found.check()
    except HierarchyError as error:
        assert not found.is_legal and 0 <= error.position < len(error.text) and str(error)
    else:
        assert found.is_legal
        if found[:1] != ("/",):
            assert Hierarchy.of_plain(found.plain) == found
    parts = tuple(part for part in text.split("\0") if part)
    made = Hierarchy.of_plain(parts)
    assert made.plain == parts and made.is_legal and made.text == quoted_hierarchy(parts) and Hierarchy.of(made.text) == made
    _asked(text, made)


def _asked(text: str, made: Hierarchy) -> None:
    session = Session()
    if made:
        session.add_plugins(it={"hierarchy": made.text, "mapping": "/{A}"})
        context = session.get_context(made.plain)
        assert context is not None and context.hierarchy == made and context is session.get_context(made.text)
    try:
        session.get_context(text)
    except WaysError as error:
        assert str(error)


def address(data: bytes) -> None:
    """Any text is decoded; what it says is said by one address, too. An address of a repository is absolute, or refused."""
    text = data.decode("utf-8", "surrogateescape")
    said = decode(text)
    assert decode(encode(said)) == said
    try:
        where = absolute_url(text)
    except GitError as error:
        assert str(error)
    else:
        assert os.path.isabs(where) or where == text


# --- git


@lru_cache(maxsize=1)
def _repository() -> str:
    """Return a repository with a sheet, a branch and a tag."""
    path = folder("repository")
    with open(os.path.join(path, "sheet.yml"), "w", encoding="utf-8") as file:
        file.write("plugins: {a: {hierarchy: x, mapping: '/x/{A}'}}\n")
    os.environ["XDG_CACHE_HOME"] = folder("cache")
    person = ("-c", "user.name=n", "-c", "user.email=n@n", "-c", "commit.gpgsign=false")
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*person, "commit", "-qm", "m"], ["branch", "dev"], ["tag", "v1"]):
        subprocess.run(["git", "-C", path, *command], check=True, capture_output=True)
    return path


_REVISIONS = (
    "main", "dev", "v1", "HEAD", "HEAD~1", "-x", "--output=x", "main:", "@{u}", "master", "", "^main", "main..dev", ":/m", "HEAD^{tree}",
)  # fmt: skip
_ITEMS = ("sheet.yml", ".", "", "../x", "sheet.yml/", "none", "sub/../sheet.yml", "-n", ":(top)", "*", "a\0b", "\udcff", ".git/config")


def git(data: bytes) -> None:
    """A revision and an item, of those that matter or any text: sheets, or an error that says what there isn't."""
    draws = Draws(data)
    repository = _repository()
    own, kind = draws.flag(), draws.number(1)
    revision, item = draws.pick(_REVISIONS), draws.pick(_ITEMS)
    if own:
        rest = draws.rest().decode("utf-8", "surrogateescape")
        revision, item = rest[: len(rest) // 2], rest[len(rest) // 2 :]
    assert not is_plain(item) or os.path.normpath(os.path.join(repository, item)).startswith(repository + os.sep)
    try:
        if kind:
            found: GitRevisionDescriptor | GitLocalDescriptor = GitRevisionDescriptor.of(f"{revision}:{repository}/{item}")
        else:
            found = GitLocalDescriptor(repository, [item], revision)
        for path in found.paths():
            assert path.startswith(os.path.join(found.folder(), ""))
            assert found.shown(path) != path if isinstance(found, GitRevisionDescriptor) else True
        loading = found.load(SheetReader())
    except (WaysError, OSError) as error:
        assert str(error)
        return
    assert all(str(problem) for problem in loading.problems)


TARGETS = {
    "hierarchy": Target("a place has one text; parts of any characters come back from theirs", hierarchy, 200),
    "address": Target("any address is decoded, and what it says comes back from its encoding", address, 400),
    "git": Target("a revision and an item of a repository give sheets, or an error that says what there isn't", git, 60, 20.0),
}
