"""What is handed out: the description for an index, and the files of both distributions."""

from __future__ import annotations

import configparser
import importlib.util
import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path
from types import ModuleType

import docutils.core
import docutils.nodes
import docutils.utils
import pytest

import ways
from conftest import ROOT

ADDRESS = "https://code.test/studio/ways"


def _setup() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ways_setup", ROOT / "setup.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SETUP = _setup()


def document(text: str) -> docutils.nodes.document:
    """Read a text as an index does: what docutils has to say about it is an error, and it opens no file."""
    settings = {
        "halt_level": 2, "report_level": 2, "file_insertion_enabled": False, "raw_enabled": False, "warning_stream": io.StringIO(),
        "syntax_highlight": "none",
    }  # fmt: skip
    return docutils.core.publish_doctree(text, settings_overrides=settings)


def links(text: str) -> list[str]:
    return [str(node["refuri"]) for node in document(text).findall(docutils.nodes.reference) if "refuri" in node]


def pictures(text: str) -> list[str]:
    return [str(node["uri"]) for node in document(text).findall(docutils.nodes.image)]


# --- the description


LINKED = {
    "a name": ("Read the `tutorial <docs/tutorial.rst>`_ first.", "Read the tutorial first.", "docs/tutorial.rst"),
    "no name": ("The `tutorial <docs/tutorial.rst>`__", "The tutorial", "docs/tutorial.rst"),
    "two lines": ("The `long\ntutorial\n<docs/tutorial.rst>`_", "The long\ntutorial", "docs/tutorial.rst"),
    "a section": ("`Keys <docs/keys.rst#when>`_, here", "Keys, here", "docs/keys.rst#when"),
    "after code": ("``a <b>`` and `c <d.rst>`_", "``a <b>`` and c", "d.rst"),
    "in a list": ("- a\n- `b <c.rst>`_\n", "- a\n- b\n", "c.rst"),
    "in a note": (".. note::\n\n   `b <c.rst>`_\n", ".. note::\n\n   b\n", "c.rst"),
    "before a block": ("`a <b.rst>`_::\n\n   `x <y>`_\n", "a::\n\n   `x <y>`_\n", "b.rst"),
}


@pytest.mark.parametrize("text, plain, path", LINKED.values(), ids=LINKED)
def test_a_relative_link_is_absolute_below_an_address_and_plain_without_one(text: str, plain: str, path: str) -> None:
    assert SETUP.description(text, "") == plain and links(plain) == []
    assert links(SETUP.description(text, ADDRESS)) == [f"{ADDRESS}/blob/main/{path}"]


KEPT = {
    "absolute": "See `Python <https://www.python.org/>`_ and https://www.sphinx-doc.org.",
    "mail": "`Write <somebody@studio.test>`_",
    "a section of this page": "`Below <#below>`__",
    "inline code": "Write ``\\`tutorial <docs/tutorial.rst>\\`_`` there.",
    "a block": "Write::\n\n   `tutorial <docs/tutorial.rst>`_\n\n   .. image:: docs/a.svg\n\nthere.",
    "a block of code": ".. code-block:: rst\n   :number-lines:\n\n   `tutorial <docs/tutorial.rst>`_\n\n     .. image:: docs/a.svg\n",
    "a block in a list": "- Write::\n\n    `tutorial <docs/tutorial.rst>`_\n\n- there",
    "a picture elsewhere": ".. image:: https://studio.test/a.svg\n   :target: https://studio.test\n",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
@pytest.mark.parametrize("url", ["", ADDRESS], ids=["no address", "an address"])
def test_code_and_absolute_links_stay(text: str, url: str) -> None:
    document(text)
    assert SETUP.description(text, url) == text


PICTURED = {
    "an image": "Above.\n\n.. image:: docs/pictures/a.svg\n\nBelow.",
    "with options": "Above.\n\n.. image:: docs/pictures/a.svg\n   :alt: A tree.\n   :target: docs/tree.rst\n\nBelow.",
    "a figure": "Above.\n\n.. figure:: docs/pictures/a.svg\n   :alt: A tree.\n\n   What `it <docs/it.rst>`_ shows.\n\n   More.\n\nBelow.",
    "at the end": "Above.\n\nBelow.\n\n.. image:: docs/pictures/a.svg\n   :alt: A tree.\n",
}


@pytest.mark.parametrize("text", PICTURED.values(), ids=PICTURED)
def test_a_relative_picture_is_absolute_below_an_address_and_left_out_without_one(text: str) -> None:
    assert pictures(SETUP.description(text, ADDRESS)) == [f"{ADDRESS}/raw/main/docs/pictures/a.svg"]
    assert document(SETUP.description(text, "")).astext() == "Above.\n\nBelow."


def test_the_link_of_a_picture_is_below_the_address() -> None:
    assert links(SETUP.description(PICTURED["with options"], ADDRESS)) == [f"{ADDRESS}/blob/main/docs/tree.rst"]


def test_a_picture_of_elsewhere_loses_its_relative_link_alone() -> None:
    text = ".. image:: https://studio.test/a.svg\n   :target: docs/a.rst\n   :alt: A tree.\n"
    assert SETUP.description(text, "") == ".. image:: https://studio.test/a.svg\n   :alt: A tree.\n"


@pytest.mark.parametrize("url", ["", ADDRESS], ids=["no address", "an address"])
def test_the_readme_is_shown_by_an_index_without_dead_links(url: str) -> None:
    shown = SETUP.description((ROOT / "README.rst").read_text(encoding="utf-8"), url)
    assert [link for link in (*links(shown), *pictures(shown)) if SETUP.is_relative(link)] == []


def test_links_of_the_project_are_made_of_its_address() -> None:
    assert SETUP.project_urls("") == {}
    assert set(SETUP.project_urls(ADDRESS)) == {"Documentation", "Source", "Changelog", "Issues"}
    for name, url in SETUP.project_urls(ADDRESS).items():
        path = url.removeprefix(f"{ADDRESS}/blob/main/")
        assert url in (ADDRESS, f"{ADDRESS}/issues") or (ROOT / path).is_file(), name


# --- the distributions


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source with what tools leave behind, so that nothing is built into the source itself."""
    place = tmp_path_factory.mktemp("source") / "ways"
    ignored = shutil.ignore_patterns(".git", ".venv", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", "_build")
    shutil.copytree(ROOT, place, ignore=ignored)
    for folder in ("tests/__pycache__", "docs/_build", "plugin_sheets/.pytest_cache"):
        (place / folder).mkdir()
        (place / folder / "left").write_text("", encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def built(tree: Path) -> tuple[str, Path]:
    """What the tools for packages call, without a network: what it says, and the folder with both distributions."""
    code = "from setuptools.build_meta import __legacy__ as build; build.build_sdist('dist'); build.build_wheel('dist')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace"
    )
    assert done.returncode == 0, done.stdout
    return done.stdout, tree / "dist"


@pytest.fixture(scope="module")
def wheel(built: tuple[str, Path]) -> Iterator[zipfile.ZipFile]:
    (path,) = built[1].glob("*.whl")
    assert path.name == f"ways_resolver-{ways.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(path) as file:
        yield file


@pytest.fixture(scope="module")
def about(wheel: zipfile.ZipFile) -> Message:
    """The metadata of the wheel."""
    (name,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    return Parser().parsestr(wheel.read(name).decode("utf-8"))


def files_below(*tops: str) -> set[str]:
    """Return the files of the source in these folders, without what tools leave behind."""
    paths = (path for top in tops for path in (ROOT / top).rglob("*") if path.is_file())
    names = (path.relative_to(ROOT).parts for path in paths if path.suffix != ".pyc")
    return {"/".join(parts) for parts in names if not set(parts) & set(SETUP.LEFTOVERS)}


def test_a_wheel_has_the_whole_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    found = {name for name in wheel.namelist() if not name.partition("/")[0].endswith(".dist-info")}
    assert found == files_below("ways")
    assert found >= {"ways/py.typed", "ways/sheets/plugin-sheet.schema.json", "ways/report/page.html", "ways/cli/starter.yml"}


def test_a_source_distribution_has_the_tests_the_documentation_and_the_sheets(built: tuple[str, Path]) -> None:
    (path,) = built[1].glob("*.tar.gz")
    with tarfile.open(path) as file:
        found = {name.partition("/")[2] for name in (item.name for item in file if item.isfile())}
    made = {name for name in found if name.startswith("ways_resolver.egg-info/")} | {"PKG-INFO"}
    tops = {"LICENSE", "README.rst", "setup.cfg", "setup.py"}
    assert found - made == files_below("ways", *SETUP.SOURCES) | tops


def test_a_build_warns_of_nothing_that_is_deprecated(built: tuple[str, Path]) -> None:
    assert "Deprecat" not in built[0] and "deprecat" not in built[0]


def test_the_metadata_have_the_license_as_an_expression_and_the_description_of_an_index(about: Message) -> None:
    assert (about["Name"], about["License-Expression"]) == (ways.__distribution__, "MIT")
    assert about["Requires-Python"] == ">=3.11" and about["Description-Content-Type"] == "text/x-rst"
    url = settings().get("metadata", "url", fallback="")
    description = SETUP.description((ROOT / "README.rst").read_text(encoding="utf-8"), url)
    assert str(about.get_payload()).split() == description.split()
    assert (about["Project-URL"] is not None) == bool(url)


def test_one_line_of_the_settings_gives_all_links(tmp_path: Path) -> None:
    """The address of the project makes those of the description, and those beside it."""
    (tmp_path / "ways").mkdir()
    for name in ("setup.py", "LICENSE", "ways/__init__.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    text = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("url =")]
    (tmp_path / "setup.cfg").write_text("".join(lines).replace("[metadata]", f"[metadata]\nurl = {ADDRESS}/", 1), encoding="utf-8")
    (tmp_path / "README.rst").write_text("Read the `tutorial <docs/tutorial.rst>`_.\n", encoding="utf-8")
    code = "from setuptools.build_meta import __legacy__ as build; build.prepare_metadata_for_build_wheel('.')"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.DEVNULL, check=True)
    (path,) = tmp_path.glob("*.dist-info/METADATA")
    about = Parser().parsestr(path.read_text(encoding="utf-8"))
    assert str(about.get_payload()).strip() == f"Read the `tutorial <{ADDRESS}/blob/main/docs/tutorial.rst>`_."
    beside = dict(link.split(", ", 1) for link in about.get_all("Project-URL", []) if not link.startswith("Homepage"))
    assert beside == SETUP.project_urls(ADDRESS)


def test_the_command_has_the_name_of_the_distribution_too(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith("/entry_points.txt"))
    scripts = configparser.ConfigParser()
    scripts.read_string(wheel.read(name).decode("utf-8"))
    assert dict(scripts["console_scripts"]) == dict.fromkeys(["ways", ways.__distribution__], "ways.cli.entry:program")


def settings() -> configparser.RawConfigParser:
    read = configparser.RawConfigParser()
    read.read(ROOT / "setup.cfg", encoding="utf-8")
    return read
