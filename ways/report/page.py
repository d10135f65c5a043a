"""The page: everything that a session knows, in one file that needs no network."""

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
from ways.report.patterns import entry_told
from ways.report.places import Told

#: Places up to which the page tells who would win in the place of the winner: that takes as long as all the rest.
RUNNERS_UP = 500
SCRIPTS = ("resolve.js", "tree.js", "page.js")
Progress = Callable[[Iterable[Any]], Iterable[Any]]


def data(session: api.Session, title: str = "", progress: Progress = iter) -> dict[str, Any]:
    """Return what the page shows, as plain data.

    :param progress: is handed what is gone through, for a bar.
    """
    told = Told(session)
    places = session.hierarchies()
    contexts = [told.place(place, with_runner_up=len(places) <= RUNNERS_UP) for place in progress(places)]
    groups, entries = _entries(session, {context["name"]: number for number, context in enumerate(contexts)}, contexts)
    settings = session.settings
    return {
        # A word of the command line may be bytes that are no text.
        "title": title.encode("utf-8", "replace").decode() or "Ways",
        "version": api.__version__,
        "platform": settings.platform,
        "priority": list(settings.priority),
        "contexts": contexts,
        "plugins": told.plugins,
        "paths": list(told.paths),
        "reasons": [sentence for _, sentence in told.reasons.values()],
        "findings": [finding.as_dict() for finding in session.check()],
        "entries": entries,
        "groups": groups,
        "classes": class_ranges(),
    }


def _entries(
    session: api.Session, numbers: dict[str, int], contexts: list[dict[str, Any]]
) -> tuple[list[list[int]], list[dict[str, Any]]]:
    """Return what texts can be read as, and the groups in which it is asked."""
    groups: list[list[int]] = []
    entries: list[dict[str, Any]] = []
    for group in session.targets():
        groups.append([])
        for entry in group:
            name = api.join_hierarchy(entry.context.hierarchy)
            number = numbers[name]
            if entry.context.assignment:
                # Found only in a layer that has no priority, so it is told as that.
                name = f"{name} [{entry.context.assignment}]"
            groups[-1].append(len(entries))
            entries.append({**entry_told(session, entry, number), "name": name})
    return groups, entries


def page(told: dict[str, Any]) -> str:
    """Return the page of what :func:`data` gives. Nothing in it can become a part of the page itself."""
    style, script = _part("page.css"), "".join(map(_part, SCRIPTS))
    policy = f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    parts = {
        "policy": escape(policy),
        "title": escape(told["title"]),
        "style": style,
        "script": script,
        "data": packed(told),
    }
    text = _part("page.html")
    for name, part in parts.items():
        text = text.replace(f"<!--{name}-->", part)
    return text


def packed(told: Any) -> str:
    """Return data as letters and digits: compressed, as ten thousand places repeat themselves."""
    plain = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return base64.b64encode(zlib.compress(plain, 9)).decode("ascii")


def _part(name: str) -> str:
    return files("ways.report").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
