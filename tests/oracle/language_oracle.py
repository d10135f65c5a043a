"""The whole token language, slow and obvious: every set of optional parts and every division of a text is tried.

It shares no line with the package: it reads mappings and details itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

Details = Mapping[str, Mapping[str, Any]]


class Node(NamedTuple):
    """A piece of a mapping: ``literal``, ``token``, ``parent`` or ``part``; the last two hold pieces themselves."""

    kind: str
    text: str
    inside: tuple[Node, ...] = ()
    #: Tells one part from another.
    number: tuple[int, ...] = ()


class Read(NamedTuple):
    """How far a text is read."""

    at: int
    values: dict[str, str]
    present: frozenset[tuple[int, ...]]


def tree(mapping: str, details: Details, place: tuple[int, ...] = ()) -> tuple[Node, ...]:
    """Return a mapping of the second syntax as nested pieces."""
    found, end = _nodes(mapping, 0, details, place, inside=False)
    assert end == len(mapping)
    return tuple(found)


def _nodes(text: str, at: int, details: Details, place: tuple[int, ...], inside: bool) -> tuple[list[Node], int]:
    found: list[Node] = []
    while at < len(text):
        if text[at] == "{":
            end = text.index("}", at)
            found.append(_token(text[at + 1 : end], details, (*place, at)))
            at = end + 1
        elif text[at : at + 2] in ("[[", "]]") and not (text[at] == "]" and inside):
            found.append(Node("literal", text[at]))
            at += 2
        elif text[at] == "[":
            part, after = _nodes(text, at + 1, details, place, inside=True)
            found.append(Node("part", "", tuple(part), (*place, at)))
            at = after
        elif text[at] == "]":
            return found, at + 1
        else:
            found.append(Node("literal", text[at]))
            at += 1
    return found, at


def _token(name: str, details: Details, place: tuple[int, ...]) -> Node:
    name = name.partition(":")[0]
    own = details.get(name, {}).get("mapping")
    return Node("parent", name, tree(own, details, place)) if own else Node("token", name)


def flat(nodes: Sequence[Node], around: tuple[tuple[int, ...], ...] = ()) -> Iterator[tuple[Node, tuple[tuple[int, ...], ...]]]:
    """Yield each literal and leaf token with the parts it stands in."""
    for node in nodes:
        if node.kind in ("literal", "token"):
            yield node, around
        else:
            yield from flat(node.inside, (*around, node.number) if node.kind == "part" else around)


def wanted(nodes: Sequence[Node], filled: set[str]) -> frozenset[tuple[int, ...]]:
    """Return the parts that are there when the leaf tokens *filled* have a value."""
    found: set[tuple[int, ...]] = set()
    for node in nodes:
        if node.kind == "parent" or (node.kind == "part" and _calls(node, filled)):
            found |= {node.number} if node.kind == "part" else set()
            found |= wanted(node.inside, filled)
    return frozenset(found)


def _calls(part: Node, filled: set[str]) -> bool:
    direct = [node.text for node, around in flat(part.inside) if node.kind == "token" and not around]
    if direct:
        return filled.issuperset(direct)
    return any(_calls(inner, filled) for inner in _parts(part.inside))


def _parts(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        if node.kind == "part":
            yield node
        elif node.kind == "parent":
            yield from _parts(node.inside)


def readings(mapping: str, details: Details, formats: Mapping[str, str], text: str) -> dict[frozenset[Any], dict[str, str]]:
    """Return, for each set of parts with which *text* fits, the values of the leaf tokens: longest first to the left."""
    nodes = tree(mapping, details)
    leaves = {node.text for node, _ in flat(nodes) if node.kind == "token"}
    separators = {letter for node, _ in flat(nodes) if node.kind == "literal" for letter in node.text} & {"/", "\\"}
    world = _World(details, formats, separators)
    found: dict[frozenset[Any], dict[str, str]] = {}
    for read in world.along(nodes, text, Read(0, {}, frozenset())):
        values = {name: value for name, value in read.values.items() if name in leaves}
        if read.at == len(text) and read.present == wanted(nodes, set(values)):
            found.setdefault(read.present, values)
    return found


class _World(NamedTuple):
    details: Details
    formats: Mapping[str, str]
    separators: set[str]

    def along(self, nodes: Sequence[Node], text: str, read: Read) -> Iterator[Read]:
        if not nodes:
            yield read
            return
        for further in self.one(nodes[0], text, read):
            yield from self.along(nodes[1:], text, further)

    def one(self, node: Node, text: str, read: Read) -> Iterator[Read]:
        if node.kind == "literal":
            if text.startswith(node.text, read.at):
                yield read._replace(at=read.at + len(node.text))
        elif node.kind == "part":
            yield from self.along(node.inside, text, read._replace(present=read.present | {node.number}))
            yield read
        elif node.kind == "parent":
            for further in self.along(node.inside, text, read):
                yield from self.taken(node.text, text[read.at : further.at], further)
        else:
            for end in range(len(text), read.at - 1, -1):
                yield from self.taken(node.text, text[read.at : end], read._replace(at=end), is_leaf=True)

    def taken(self, name: str, value: str, read: Read, is_leaf: bool = False) -> Iterator[Read]:
        if read.values.get(name, value) == value and self.fits(name, value, is_leaf):
            yield read._replace(values={**read.values, name: value})

    def fits(self, name: str, value: str, is_leaf: bool) -> bool:
        entry = self.details.get(name, {})
        regex, spec = (entry.get("parse") or {}).get("regex"), entry.get("format") or self.formats.get(name)
        choices = entry.get("choices")
        if not (regex or spec or choices):
            return not is_leaf or (value != "" and not self.separators.intersection(value))
        texts = choices.values() if isinstance(choices, Mapping) else choices
        return (
            (not regex or re.fullmatch(regex, value) is not None)
            and (not choices or value in map(str, texts))
            and (not spec or is_written(spec, value))
        )


def is_written(spec: str, text: str) -> bool:
    """Whether Python's ``format`` writes *text* for some value."""
    if spec in ("w", "l"):
        return re.fullmatch(r"\w+" if spec == "w" else "[A-Za-z]+", text) is not None
    try:
        value: Any = datetime.strptime(text, spec) if "%" in spec else float(text) if spec.endswith("f") else int(text)
    except ValueError:
        return False
    return format(value, spec) == text
