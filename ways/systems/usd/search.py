"""The standard search: what PXR_PLUGINPATH_NAME names."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ways.systems.usd.errors import fault
from ways.sheets.document import Source
from ways.systems.shared import Fault

PATH_VARIABLE = "PXR_PLUGINPATH_NAME"
DISABLE_VARIABLE = "PXR_DISABLE_STANDARD_PLUG_SEARCH_PATH"
_YES = frozenset({"1", "true", "yes", "on"})


def is_disabled(environ: Mapping[str, str]) -> bool:
    """Whether the environment forbids the search."""
    return environ.get(DISABLE_VARIABLE, "").lower() in _YES


def searched(value: str) -> tuple[list[str], list[Fault]]:
    """Return the paths that are searched, in order, and a warning for each that isn't."""
    paths = [path for path in value.split(os.pathsep) if path]
    return [path for path in paths if os.path.isabs(path)], [_relative(path) for path in paths if not os.path.isabs(path)]


def _relative(path: str) -> Fault:
    message = f"{path!r} is relative to the folder of OpenUSD's library, which isn't here: it isn't searched"
    return fault("relative-search-path", message, Source(PATH_VARIABLE, "usd"), level="warning")
