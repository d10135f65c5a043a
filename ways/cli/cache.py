"""``ways cache``: where the compiled sheets are, and how to remove them."""

from __future__ import annotations

from typing import Any

import click

from ways import api
from ways.cli.command import Choice, formats, helped
from ways.cli.draw.console import as_json
from ways.cli.streams import complain, write, write_for_people


@helped
@click.argument("action", type=Choice(("info", "clear")))
@formats("text", "json")
def cache(action: str, form: str | None) -> None:
    """Show or clear the cache of compiled sheets.

    Clearing it is safe: Ways compiles the sheets again the next time it loads them.

    Documentation: docs/explanation/store.rst

    \b
    Examples:
      ways cache info
      ways cache clear
    """
    session = api.Session()
    if action == "clear":
        record: dict[str, Any] = {"removed": session.clear_cache(lambda path, reason: complain(f"ways: {path} is left: {reason}"))}
    else:
        record = session.get_cache_info()
    if form == "json":
        write(as_json(record))
    else:
        for name, value in record.items():
            write_for_people(f"{name}: {value}")
