"""Every page of the documentation: what it shows is what happens."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from documentation.examples import DOCS, ROOT, SHEET_SUFFIXES, Page, blocks, pages

from ways.api import Session

#: Pages whose examples need an extra, and the package that it brings.
OF_EXTRAS = {"howto/editorial.rst": "opentimelineio", "howto/openassetio.rst": "openassetio"}
NAMES = [path.relative_to(DOCS).as_posix() for path in pages()]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to be in, a session that loads WAYS_DESCRIPTORS at first use, and an environment of its own."""
    monkeypatch.chdir(tmp_path)
    with mock.patch.dict(os.environ), Session.from_environ().active():
        yield tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_examples_of_a_page_hold(name: str, world: Path) -> None:
    """Each file loads, each command prints what the page shows, each ``>>>`` answers what stands below it."""
    if name in OF_EXTRAS:
        pytest.importorskip(OF_EXTRAS[name], reason=f"the page needs {OF_EXTRAS[name]}")
    page = Page(DOCS / name, world)
    page.run()
    assert not page.failures, "\n\n".join(page.failures)


TAUGHT = ["tutorial.rst", *(name for name in NAMES if name.startswith(("howto/", "explanation/")))]


@pytest.mark.parametrize("name", TAUGHT)
def test_a_page_that_teaches_has_examples(name: str, tmp_path: Path) -> None:
    """The examples are found: a page that teaches has at least four."""
    assert len(Page(DOCS / name, tmp_path).events()) >= 4


def test_a_wrong_answer_is_noticed(tmp_path: Path, world: Path) -> None:
    """A page that shows something else than what happens fails, for each kind of example."""
    text = "Title\n=====\n\n.. code-block:: yaml\n   :caption: a.yml\n\n   plugins: 1\n\n"
    text += ".. code-block:: console\n\n   $ echo yes\n   no\n\n>>> 1 + 1\n3\n"
    (tmp_path / "page.rst").write_text(text, encoding="utf-8")
    page = Page(tmp_path / "page.rst", world)
    page.run()
    assert len(page.failures) == (2 if os.name == "nt" else 3)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_page_includes_exists(name: str) -> None:
    """Each file that a page includes is there."""
    page = DOCS / name
    included = [block.argument for block in blocks(page.read_text(encoding="utf-8")) if block.kind == "literalinclude"]
    assert all((page.parent / path).is_file() for path in included)


@pytest.mark.parametrize("name", NAMES)
def test_every_page_can_be_reached(name: str) -> None:
    """Each page stands in a toctree."""
    listed = set()
    for page in pages():
        for found in re.finditer(r"^\.\. toctree::\n((?:   .*\n|\n)*)", page.read_text(encoding="utf-8") + "\n", re.MULTILINE):
            entries = [line.strip() for line in found[1].splitlines() if line.strip() and not line.strip().startswith(":")]
            listed |= {(page.parent / f"{entry}.rst").resolve() for entry in entries}
    assert name == "index.rst" or (DOCS / name).resolve() in listed


def test_every_plugin_sheet_is_shown() -> None:
    """Each file of plugin_sheets is included on some page, whole."""
    shown = {
        (page.parent / block.argument).resolve()
        for page in pages()
        for block in blocks(page.read_text(encoding="utf-8"))
        if block.kind == "literalinclude" and "lines" not in block.options
    }
    sheets = {path for path in (ROOT / "plugin_sheets").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert sheets <= shown, sorted(str(path) for path in sheets - shown)


#: Pages, and the sheets on them, that show what the first syntax does.
OF_THE_FIRST_SYNTAX = {
    ("decisions/0027-strict-by-language.rst", "both.yml"),
    ("howto/check-sheets.rst", "first.yml"),
    ("howto/come-from-ways-0.1.rst", "jobs.yml"),
    ("howto/come-from-ways-0.1.rst", "show/jobs.yml"),
    ("howto/come-from-ways-0.1.rst", "show/shots.yml"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_sheet_on_a_page_is_in_the_second_syntax(name: str) -> None:
    """Readers copy a sheet that loads, and its places have to be strict."""
    for block in blocks((DOCS / name).read_text(encoding="utf-8")):
        caption = block.options.get("caption", "")
        is_sheet = block.kind == "code-block" and caption.endswith(SHEET_SUFFIXES) and re.search(r"\bplugins\b", block.text)
        if is_sheet and "broken" not in block.options.get("class", "") and (name, caption) not in OF_THE_FIRST_SYNTAX:
            assert re.search(r"\bsyntax\W+2\b", block.text), f"line {block.line}: {caption}"


def test_every_plugin_sheet_of_our_own_is_in_the_second_syntax() -> None:
    """So are those that ``ways init`` writes."""
    of_others = [ROOT / "plugin_sheets" / "foreign" / system for system in ("dioptra", "imjoy", "usd")]
    of_others.append(ROOT / "plugin_sheets" / "imports")
    sheets = [path for path in (ROOT / "plugin_sheets").rglob("*") if path.suffix in (*SHEET_SUFFIXES, ".py")]
    own = [path for path in sheets if not path.name.startswith(".") and not set(of_others) & set(path.parents)]
    for path in (*own, *(ROOT / "ways" / "cli").rglob("*.yml")):
        assert re.search(r"\bsyntax\W+2\b", path.read_text(encoding="utf-8")), path
