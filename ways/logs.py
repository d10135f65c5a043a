"""Log messages for operators. :mod:`logging` is imported at first need, because that takes longer than most answers."""

from __future__ import annotations

import sys

from ways.errors import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: The names of the loggers below ``ways``; see ``docs/reference/logging.rst``.
LOADING = "ways.loading"
ASSETS = "ways.assets"
STORE = "ways.store"
WATCH = "ways.watch"

ERROR, WARNING, INFO, DEBUG = 40, 30, 20, 10


#: What is called before the first message is logged.
_waiting: list[Callable[[], object]] = []


def before_messages(prepare: Callable[[], object]) -> None:
    """Call *prepare*, which sets up handlers: now if :mod:`logging` is imported, else before the first message is logged."""
    if "logging" in sys.modules:
        prepare()
    else:
        _waiting.append(prepare)


def log(name: str, level: int, message: str, *arguments: Any, error: Exception | None = None) -> None:
    """Log a message; with the traceback of *error*, if there is one.

    A message below the level of a warning is dropped until the program has imported :mod:`logging`: without that, nobody
    has set up a handler for it.
    """
    if level < WARNING and "logging" not in sys.modules:
        return
    import logging

    while _waiting:
        _waiting.pop(0)()
    # A name out of a sheet must not look like another line of the log.
    shown = [visible(argument) if isinstance(argument, str) else argument for argument in arguments]
    logging.getLogger(name).log(level, message, *shown, exc_info=error, stacklevel=2)
