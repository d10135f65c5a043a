"""Outlines: what the text of one plugin's mapping says of all texts that fit it, whatever the other plugins say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ways.plugins.plugin import DataPlugin
from ways.plugins.relative import ROOT
from ways.plugins.resolve import REFERENCE
from ways.regex.expression import may_hold
from ways.sheets.store.places import Outline, TokenNotes

_SEPARATORS = "/\\"
_SEPARATOR = re.compile(r"[/\\]")
_TOKEN = re.compile(r"\{([^{}]+)\}")
#: What makes a segment other than plain text: a token, a stray brace, the end of an optional part.
_NOT_PLAIN = frozenset("\0{}[]")


def outline_of(plugin: DataPlugin) -> Outline | None:
    """Return the outline of a plugin's mapping; ``None`` if it has none."""
    mapping = plugin.mapping
    if not mapping:
        return None
    parent = "" if plugin.parent is None else plugin.parent.text
    platforms = None if plugin.platforms is None else sorted(plugin.platforms)
    layer = plugin.info.get("assignment") or ""
    pieces = _TOKEN.split(mapping)
    tokens = [name for name in pieces[1::2] if not (parent and f"{{{name}}}" == ROOT)]
    count, literals = _segments("\0".join(pieces[::2]))
    if any(name.startswith(REFERENCE[1:]) or not _is_inside(name) or _is_any_text(name.partition(":")[2]) for name in tokens):
        count = None
    glued = bool(parent) and _is_glued(mapping)
    if glued and ROOT not in mapping:
        # The first segment continues the last one of the parent.
        literals.pop(_SEPARATOR.split(mapping, maxsplit=1)[0].lower(), None)
    names = dict.fromkeys(part for name in tokens for part in (name, name.partition(":")[0]))
    return Outline(count, list(literals), list(names), parent, layer, platforms, bool(plugin.when), glued)


def _segments(text: str) -> tuple[int | None, dict[str, None]]:
    """Return how many separators stand in a mapping whose tokens are NULs, and its segments of text alone, in lower case.

    :returns: ``None`` for the number where optional parts hold separators.
    """
    if "[[" in text or "]]" in text:
        return None, {}
    literals: dict[str, None] = {}
    segments = _SEPARATOR.split(text)
    depth = 0
    is_even = True
    for segment in segments:
        if depth == 0 and segment and _NOT_PLAIN.isdisjoint(segment):
            literals[segment.lower()] = None
        for letter in segment:
            depth = max(0, depth + (letter == "[") - (letter == "]"))
        is_even = is_even and depth == 0
    return (len(segments) - 1 if is_even else None), (literals if depth == 0 else {})


def _is_glued(mapping: str) -> bool:
    """Whether the mapping of a relative plugin continues a segment of its parent's."""
    before, _, after = mapping.partition(ROOT)
    if ROOT not in mapping:
        return mapping[0] not in _SEPARATORS
    return bool(before) or ROOT in after or after[:1] not in ("", *_SEPARATORS)


def _is_any_text(format: object) -> bool:
    """Whether a format is that of any text, with separators too."""
    return isinstance(format, str) and format.endswith("s")


def _is_inside(text: str) -> bool:
    """Whether a text lies within one segment."""
    return "/" not in text and "\\" not in text


def token_notes(plugins: Iterable[DataPlugin]) -> TokenNotes:
    """Return what the details of plugins say of where their tokens may reach."""
    crossing: dict[str, None] = {}
    parts: dict[str, dict[str, None]] = {}
    seen: set[int] = set()
    for plugin in plugins:
        # The copies of a relative plugin share their details.
        if not plugin.mapping_details or id(plugin.mapping_details) in seen:
            continue
        seen.add(id(plugin.mapping_details))
        for token, entry in plugin.mapping_details.items():
            name = str(token)
            if not all(map(_is_inside, _texts(entry))) or _crosses(entry):
                crossing[name] = None
            inner = _TOKEN.findall(str(entry.get("mapping") or ""))
            if inner:
                parts.setdefault(name, {}).update((part, None) for text in inner for part in (text, text.partition(":")[0]))
    return TokenNotes(list(crossing), {name: list(inner) for name, inner in parts.items()})


def _texts(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts in a token's details that its values may hold."""
    for key in ("mapping", "format", "choices"):
        waiting = [entry.get(key)]
        while waiting:
            item = waiting.pop()
            if isinstance(item, str):
                yield item
            elif isinstance(item, Mapping):
                waiting += (*item, *item.values())
            elif isinstance(item, (list, tuple)):
                waiting += item


def _crosses(entry: Mapping[str, Any]) -> bool:
    """Whether a token's expression, or what else its details say, allows values of several segments."""
    parse = entry.get("parse")
    expression = parse.get("regex") if isinstance(parse, Mapping) else None
    if REFERENCE in str(entry.get("mapping") or "") or entry.get("segments") or _is_any_text(entry.get("format")):
        return True
    return isinstance(expression, str) and any(may_hold(expression, letter) for letter in _SEPARATORS)
