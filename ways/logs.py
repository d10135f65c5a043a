"""What an operator wants to know, told by :mod:`logging`, whose import takes longer than most answers."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The loggers below ``ways``, and what each tells of.
LOADING = "ways.loading"
ASSETS = "ways.assets"
STORE = "ways.store"
WATCH = "ways.watch"

ERROR, WARNING, INFO, DEBUG = 40, 30, 20, 10


def log(name: str, level: int, message: str, *arguments: Any, error: Exception | None = None) -> None:
    """Log a message; with the traceback of *error*, if there is one.

    Less than a warning is heard by nobody before somebody has set logging up, which takes its import: until then it is
    left at that.
    """
    if level < WARNING and "logging" not in sys.modules:
        return
    import logging

    logging.getLogger(name).log(level, message, *arguments, exc_info=error, stacklevel=2)
