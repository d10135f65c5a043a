"""``ways cache``: where the compiled sheets are, and how to remove them."""

from __future__ import annotations

from typing import Any

import click

from ways import api
from ways.cli.command import Choice, formats
from ways.cli.draw.console import as_json
from ways.cli.streams import write


@click.command(
    epilog="\b\nExample:\n  ways cache info\n  ways cache clear",
)
@click.argument("action", type=Choice(("info", "clear")))
@formats("text", "json")
def cache(action: str, form: str | None) -> None:
    """Tell where the compiled sheets are and how many; or remove them, which only costs the time to compile them again."""
    session = api.Session()
    record: dict[str, Any] = {"removed": session.clear_cache()} if action == "clear" else session.get_cache_info()
    if form == "json":
        write(as_json(record))
    else:
        write("\n".join(f"{name}: {value}" for name, value in record.items()))
