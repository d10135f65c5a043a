"""The page: the places, plugins and findings of a session in one HTML file that needs no network."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable
from html import escape
from importlib.resources import files
from typing import Any

from ways import api
from ways.regex.javascript import class_ranges
from ways.report.patterns import pattern_data
from ways.report.place_tables import PlaceTables

#: With more places than these, the page doesn't say who would win without the winner: that takes as long as all the rest.
RUNNERS_UP = 500
SCRIPTS = ("resolve.js", "tree.js", "page.js")
Progress = Callable[[Iterable[Any]], Iterable[Any]]


def data(session: api.Session, title: str = "", progress: Progress = iter) -> dict[str, Any]:
    """Return what the page shows, as plain data.

    :param progress: receives the places and returns them one by one, so that it can draw a bar.
    """
    tables = PlaceTables(session)
    places = session.hierarchies()
    contexts = [tables.place(place, with_runner_up=len(places) <= RUNNERS_UP) for place in progress(places)]
    groups, entries = _entries(session, {context["name"]: number for number, context in enumerate(contexts)})
    settings = session.settings
    return {
        # A word of the command line may be bytes that are no text.
        "title": title.encode("utf-8", "replace").decode() or "Ways",
        "version": api.__version__,
        "platform": settings.platform,
        "priority": list(settings.priority),
        "contexts": contexts,
        "plugins": tables.plugins,
        "paths": list(tables.paths),
        "reasons": [sentence for _, sentence in tables.reasons.values()],
        "findings": [finding.as_dict() for finding in session.check()],
        "entries": entries,
        "groups": groups,
        "classes": class_ranges(),
    }


def _entries(session: api.Session, numbers: dict[str, int]) -> tuple[list[list[int]], list[dict[str, Any]]]:
    """Return the numbers of the entries that are tried together, group by group, and the entries: how a place is read.

    :param numbers: the name of a place -> its number in the page.
    """
    groups: list[list[int]] = []
    entries: list[dict[str, Any]] = []
    for group in session.entries():
        groups.append([])
        for target in group:
            name = api.join_hierarchy(target.context.hierarchy)
            number = numbers[name]
            if target.context.assignment:
                # Its layer has no priority, so that a text is found there only under the name of the layer.
                name = f"{name} [{target.context.assignment}]"
            groups[-1].append(len(entries))
            entries.append({**pattern_data(session, target, number), "name": name})
    return groups, entries


def page(content: dict[str, Any]) -> str:
    """Return the page for what :func:`data` returns. No text in it is read as HTML or as a script."""
    style, script = _part("page.css"), "".join(map(_part, SCRIPTS))
    policy = f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    parts = {
        "policy": escape(policy),
        "title": escape(content["title"]),
        "style": style,
        "script": script,
        "data": packed(content),
    }
    text = _part("page.html")
    for name, part in parts.items():
        text = text.replace(f"<!--{name}-->", part)
    return text


def packed(content: Any) -> str:
    """Return data compressed and written in letters and digits. Ten thousand places have much in common."""
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return base64.b64encode(zlib.compress(plain, 9)).decode("ascii")


def _part(name: str) -> str:
    return files("ways.report").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
