"""The page: the places, plugins and findings of a session in one HTML file that needs no network."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable
from functools import partial
from html import escape
from importlib.resources import files
from typing import Any

from ways import api
from ways.regex.budget import Question
from ways.regex.javascript import class_ranges
from ways.report.place_tables import PlaceTables
from ways.report.worlds import WorldTable

#: With more places than these, the page doesn't say who would win without the winner: that takes as long as all the rest.
RUNNERS_UP = 500
#: Steps that are taken to find runners-up, for one page: of each place, one for each two of its plugins. Places of as many
#: plugins as they are nested would take the third power of their number.
RUNNER_UP_STEPS = 200_000
SCRIPTS = ("resolve.js", "tree.js", "page.js")
Progress = Callable[[Iterable[Any]], Iterable[Any]]


def data(session: api.Session, title: str = "", progress: Progress = iter) -> dict[str, Any]:
    """Return what the page shows, as plain data.

    :param progress: receives the places and returns them one by one, so that it can draw a bar.
    """
    # All platforms and layers share what mappings have in common.
    tables = PlaceTables(session.ready_pool.patterns.skeletons)
    places = session.hierarchies()
    with_runner_up = len(places) <= RUNNERS_UP and sum(map(partial(_runner_up_steps, session), places)) <= RUNNER_UP_STEPS
    contexts = [tables.place(session, place, with_runner_up=with_runner_up) for place in progress(places)]
    world_table = WorldTable(session, places, partial(tables.place, with_runner_up=False), tables.skeleton_of)
    # All samples together are one question: those that can't be told in it are left out.
    with Question(session.limits):
        worlds = list(world_table.worlds())
    settings = session.settings
    return {
        # A word of the command line may be bytes that are no text.
        "title": title.encode("utf-8", "replace").decode() or "Ways",
        "version": api.__version__,
        "platform": settings.platform,
        "priority": list(settings.priority),
        "longest": session.limits.text,
        "contexts": contexts,
        "changed": world_table.changed,
        "worlds": worlds,
        "plugins": tables.plugins,
        "paths": list(tables.paths),
        "reasons": [sentence for _, sentence in tables.reasons.values()],
        "findings": [finding.as_dict() for finding in session.check()],
        "tokens": world_table.patterns.tokens,
        "entries": world_table.patterns.entries,
        "groupings": world_table.groupings,
        "classes": class_ranges(),
    }


def _runner_up_steps(session: api.Session, place: tuple[str, ...]) -> int:
    context = session.get_context(place)
    return 0 if context is None else len(context.records) ** 2


def page(content: dict[str, Any]) -> str:
    """Return the page for what :func:`data` returns. No text in it is read as HTML or as a script."""
    style, script = _part("page.css"), "".join(map(_part, SCRIPTS))
    policy = f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    parts = {
        "policy": escape(policy),
        "title": escape(content["title"]),
        "style": style,
        "script": script,
        "data": packed(shared(content)),
    }
    text = _part("page.html")
    for name, part in parts.items():
        text = text.replace(f"<!--{name}-->", part)
    return text


def shared(content: dict[str, Any]) -> dict[str, Any]:
    """Return what the page shows with each field and token once, in ``rows``; the places have their numbers.

    A browser reads ten thousand places in a fourth of the time.
    """
    rows: list[Any] = []
    # What is shared is one object.
    numbers: dict[int, int] = {}

    def number_of(row: Any) -> int:
        number = numbers.setdefault(id(row), len(rows))
        if number == len(rows):
            rows.append(row)
        return number

    places = {
        name: [{**place, **{key: [number_of(row) for row in place[key]] for key in ("fields", "tokens")}} for place in content[name]]
        for name in ("contexts", "changed")
    }
    return {**content, **places, "rows": rows}


def packed(content: Any) -> str:
    """Return data compressed and written in letters and digits. Ten thousand places have much in common."""
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return base64.b64encode(zlib.compress(plain, 9)).decode("ascii")


def _part(name: str) -> str:
    return files("ways.report").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
