"""Everything that a session says of some sheets: as a function, and as a program that is started by its path.

The program waits until its standard input ends, so that many may begin at once; then it imports the package, and prints.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

TEXTS = ("/jobs/dune", "/jobs/dune/s10", "/mnt/dune/v003", "/nowhere/at/all")


def answers(sheets: str, texts: Iterable[str] = TEXTS) -> Any:
    """Return what a new session says of the sheets in a folder: one place first, then texts, and then everything."""
    from ways.session import Session

    session = Session()
    session.add_search_path(sheets)
    return told(session, texts)


def told(session: Any, texts: Iterable[str] = TEXTS) -> Any:
    """Return what a session says, as plain data that JSON gives back as it was."""
    said: list[Any] = [_context(session, "job/shot")]
    said += [[text, _asset(session, text)] for text in texts]
    said += [_context(session, place) for place in sorted(session.place_texts())]
    said += [str(problem) for problem in session.problems]
    said += sorted(f"{plugin} {plugin.get_assignment()}" for plugin in session.get_all_plugins())
    return json.loads(json.dumps(said, default=repr))


def _asset(session: Any, text: str) -> Any:
    try:
        asset = session.get_asset(text)
    except ValueError as error:
        return type(error).__name__
    return asset and [str(asset.context.get_hierarchy()), dict(asset.info)]


def _context(session: Any, place: str) -> Any:
    context = session.get_context(place)
    if context is None:
        return None
    sources = [[str(source) for source in plugin.sources] for plugin in context.records]
    return [str(place), context.get_mapping(), context.get_mapping_details(), dict(context.data), context.get_groups(), sources]


if __name__ == "__main__":
    sys.stdin.read()
    print(json.dumps(answers(sys.argv[1])))
