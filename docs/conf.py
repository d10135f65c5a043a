"""How Sphinx builds these pages: ``python -m sphinx -W -b html docs docs/_build/html``."""

from __future__ import annotations

import os

# The pages describe the package, not the sheets of whoever builds them.
os.environ["WAYS_DESCRIPTORS"] = ""

import ways  # noqa: E402

project = "Ways"
author = "The Ways developers"
version = release = ways.__version__
extensions = ["sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "Tells what a path is, and what the path of a thing is.", "page_width": "1100px"}
highlight_language = "none"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
