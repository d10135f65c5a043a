"""Completion by click: for a command that :mod:`ways.cli.complete.words` doesn't know."""

from __future__ import annotations

from collections.abc import Sequence

from click.shell_completion import BashComplete

from ways.cli.main import main
from ways.cli.complete.request import VARIABLE, Item


def items(words: Sequence[str], start: str) -> list[Item]:
    """Return the ways to go on with *start* after *words*."""
    found = BashComplete(main, {}, "ways", VARIABLE).get_completions(list(words), start)
    return [Item(item.value, "file" if item.type in ("file", "dir") else "plain", item.help or "") for item in found]
