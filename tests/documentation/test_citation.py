"""The page about citing names this version."""

from __future__ import annotations

import yaml
from documentation.examples import DOCS, blocks

import ways

TEXT = (DOCS / "citation.rst").read_text(encoding="utf-8")
FILES = {block.options["caption"]: block.text for block in blocks(TEXT) if "caption" in block.options}


def test_each_way_to_cite_names_this_version() -> None:
    assert f"Version {ways.__version__}," in TEXT
    assert f"version = {{{ways.__version__}}}" in FILES["ways.bib"]


def test_the_citation_file_is_one() -> None:
    citation = yaml.safe_load(FILES["CITATION.cff"])
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert (citation["version"], citation["license"], citation["type"]) == (ways.__version__, "MIT", "software")
