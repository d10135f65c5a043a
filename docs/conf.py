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
html_theme = "furo"
html_title = "Ways"
# Everything a page needs lies beside it, search included: the pages can be read from a folder, without a network.
html_theme_options = {"sidebar_hide_name": False, "navigation_with_keys": True}
highlight_language = "none"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
# Links inside of these pages are checked; those of others change when nothing here does, and need a network.
linkcheck_ignore = [r"https?://"]
