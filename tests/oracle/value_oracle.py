"""The value search of docs/explanation/token-engine.rst ("Finding one value"), slow and obvious: given, parents, children."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from oracle.match_oracle import Details, Values, expression, pieces, readings


def value(name: str, info: Mapping[str, str], details: Details) -> str:
    """Return the value of *name*, or ``''``."""
    if name in info:
        return info[name]
    return from_parents(name, dict(info), details, ()) or from_children(name, info, details)


def direct_parents(name: str, details: Details) -> list[str]:
    """Return the tokens whose own mapping holds *name*, in the order of the details."""
    return [parent for parent in details if name in tokens(details[parent].get("mapping", ""))]


def from_parents(name: str, known: Values, details: Details, below: tuple[str, ...]) -> str:
    """Search parent by parent, each before the next; one without a value is first searched for in its own parents."""
    for parent in direct_parents(name, details):
        if parent == name or parent in below:
            continue
        if parent not in known:
            found = from_parents(parent, known, details, (*below, name))
            if found:
                known[parent] = found
        if parent in known:
            for reading in ways_to_read(parent, known[parent], details):
                if reading.get(name):
                    return reading[name]
    return ""


def ways_to_read(parent: str, text: str, details: Details) -> Iterator[Mapping[str, str]]:
    """Yield what *text* says as a whole; split from the right at its literals; and by the start that its regex fits."""
    mapping = details[parent]["mapping"]
    whole = next(readings(mapping, details, text), None)
    if whole is not None:
        yield whole
    yield split(mapping, text)
    yield by_regex(mapping, text, details)


def split(mapping: str, text: str) -> Values:
    """Split *text* at the last occurrence of each literal, from the right; ``{}`` where that can't be."""
    parts = pieces(mapping)
    if any(left[0] and right[0] for left, right in zip(parts, parts[1:])):
        return {}
    found: Values = {}
    for index in range(len(parts) - 1, -1, -1):
        is_token, part = parts[index]
        if is_token:
            before = parts[index - 1][1] if index else ""
            if before not in text:
                return {}
            found[part] = text[text.rindex(before) + len(before) :] if before else text
        elif part not in text:
            return {}
        else:
            text = text[: text.rindex(part)]
    return found


def by_regex(mapping: str, text: str, details: Details) -> Values:
    """Match the start of *text* with the regex of each token in its place; ``{}`` where one has none."""
    written = regex_of(mapping, details)
    if written is None:
        return {}
    try:
        found = re.match(written, text)
    except re.error:
        return {}
    return {name: own for name, own in found.groupdict().items() if own is not None} if found else {}


def regex_of(mapping: str, details: Details) -> str | None:
    """Return *mapping* with a named group for each token: its own regex, else that of its mapping."""
    written = ""
    for is_token, part in pieces(mapping):
        own: str | None = part
        if is_token:
            own = expression(part, details)
            below = details.get(part, {}).get("mapping")
            if own is not None:
                own = f"(?P<{part}>{own})"
            elif below and below != f"{{{part}}}":
                own = regex_of(below, details)
        if own is None:
            return None
        written += own
    return written


def from_children(name: str, info: Mapping[str, str], details: Details) -> str:
    """Write *name* by its children, each given or written by its own; ``''`` where one is empty."""
    mapping = details.get(name, {}).get("mapping", "")
    if not tokens(mapping) or mapping == f"{{{name}}}":
        return ""
    written = ""
    for is_token, part in pieces(mapping):
        own = part
        if is_token:
            own = info[part] if part in info else from_children(part, info, details)
        if not own:
            return ""
        written += own
    return written


def tokens(mapping: str) -> list[str]:
    """Return the names of the tokens in *mapping*."""
    return [text for is_token, text in pieces(mapping) if is_token]
