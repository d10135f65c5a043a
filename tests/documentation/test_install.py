"""The page about installing agrees with ``setup.cfg``, and its files are what rez and conda read."""

from __future__ import annotations

import configparser
import re
from types import SimpleNamespace

import yaml
from documentation.examples import DOCS, ROOT, blocks, literals, tables

import ways

TEXT = (DOCS / "howto" / "install.rst").read_text(encoding="utf-8")
FILES = {block.options["caption"]: block.text for block in blocks(TEXT) if "caption" in block.options}


def setting(section: str, name: str) -> str:
    settings = configparser.RawConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    return settings.get(section, name)


def required() -> set[str]:
    """Return the names of the packages that Ways always needs."""
    return {line.split()[0] for line in setting("options", "install_requires").splitlines() if line}


def test_the_tables_name_each_extra_once() -> None:
    settings = configparser.RawConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    assert [literals(row[0])[0] for table in tables(TEXT) for row in table[1:]] == settings.options("options.extras_require")


def test_the_page_names_the_pythons_that_the_metadata_names() -> None:
    named = re.findall(r"Python :: (3\.\d+)", setting("metadata", "classifiers"))
    assert f"CPython {', '.join(named[:-1])} or {named[-1]}," in TEXT
    assert setting("options", "python_requires") == f">={named[0]}"


def test_what_rez_reads_is_python_with_our_name_version_and_command() -> None:
    paths: dict[str, list[str]] = {"PYTHONPATH": [], "PATH": []}
    env = SimpleNamespace(**{name: SimpleNamespace(append=folders.append) for name, folders in paths.items()})
    package: dict[str, object] = {"env": env}
    exec(compile(FILES["ways/package.py"], "package.py", "exec"), package)
    assert (package["name"], package["version"], package["tools"]) == ("ways", ways.__version__, ["ways"])
    assert str(package["build_command"]).endswith(f" {ways.__distribution__}=={ways.__version__}")
    package["commands"]()  # type: ignore[operator]
    assert paths == {"PYTHONPATH": ["{root}/python"], "PATH": ["{root}/python/bin"]}


def test_what_conda_reads_names_what_ways_needs() -> None:
    environment = yaml.safe_load(FILES["environment.yml"])
    python, *packages, pip, by_pip = environment["dependencies"]
    assert python == f"python={setting('options', 'python_requires').removeprefix('>=')}"
    assert (set(packages), pip, by_pip) == (required(), "pip", {"pip": [ways.__distribution__]})
