"""Matching, slow and obvious: every division of a text among the literals and tokens of a mapping is tried.

It shares no line with the package: it reads mappings and details itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Details = Mapping[str, Mapping[str, Any]]
Values = dict[str, str]


class Node(NamedTuple):
    """A piece of a mapping: literal text, a token, or a token with the pieces that it is written by."""

    kind: str
    text: str
    parts: tuple[Node, ...] = ()


def pieces(mapping: str) -> list[tuple[bool, str]]:
    """Return the pieces of *mapping*: whether each is a token, and its text or name."""
    found: list[tuple[bool, str]] = []
    literal = ""
    while mapping:
        end = mapping.find("}")
        name = mapping[1:end] if mapping[0] == "{" else ""
        if name and "{" not in name:
            found += [(False, literal)] if literal else []
            found.append((True, name))
            literal, mapping = "", mapping[end + 1 :]
        else:
            literal, mapping = literal + mapping[0], mapping[1:]
    return found + ([(False, literal)] if literal else [])


def tree(mapping: str, details: Details) -> tuple[Node, ...]:
    """Return *mapping* as pieces, each token that has a mapping with the pieces of that."""
    nodes = []
    for is_token, text in pieces(mapping):
        own = details.get(text, {}).get("mapping") if is_token else None
        if own and own != f"{{{text}}}":
            nodes.append(Node("parent", text, tree(own, details)))
        else:
            nodes.append(Node("token" if is_token else "literal", text))
    return tuple(nodes)


def leaves(nodes: Sequence[Node]) -> Iterator[Node]:
    """Yield the literals and the tokens without a mapping, in order."""
    for node in nodes:
        if node.kind == "parent":
            yield from leaves(node.parts)
        else:
            yield node


def expression(name: str, details: Details) -> str | None:
    """Return the regex of a token, written plainly or under its own name; ``None`` for none."""
    found = (details.get(name, {}).get("parse") or {}).get("regex")
    found = found.get(name) if isinstance(found, Mapping) else found
    return None if found is None else str(found)


def readings(mapping: str, details: Details, text: str) -> Iterator[Values]:
    """Yield the values of all tokens, parents too, for every valid division; longest values to the left first."""
    nodes = tree(mapping, details)
    separators = {letter for leaf in leaves(nodes) if leaf.kind == "literal" for letter in leaf.text} & {"/", "\\"}
    for end, values in _divisions(nodes, text, 0, {}, details, separators):
        if end == len(text):
            yield values


def leaf_names(mapping: str, details: Details) -> list[str]:
    """Return the tokens without a mapping, each once, in order."""
    return list(dict.fromkeys(leaf.text for leaf in leaves(tree(mapping, details)) if leaf.kind == "token"))


def _divisions(
    nodes: Sequence[Node], text: str, start: int, values: Values, details: Details, separators: set[str]
) -> Iterator[tuple[int, Values]]:
    if not nodes:
        yield start, values
        return
    for end, found in _ways(nodes[0], text, start, values, details, separators):
        yield from _divisions(nodes[1:], text, end, found, details, separators)


def _ways(
    node: Node, text: str, start: int, values: Values, details: Details, separators: set[str]
) -> Iterator[tuple[int, Values]]:
    if node.kind == "literal":
        if text.startswith(node.text, start):
            yield start + len(node.text), values
        return
    if node.kind == "parent":
        ends = _divisions(node.parts, text, start, values, details, separators)
    else:
        ends = ((end, values) for end in range(len(text), start - 1, -1))
    for end, found in ends:
        value = text[start:end]
        if _fits(node, value, details, separators) and found.get(node.text, value) == value:
            yield end, {**found, node.text: value}


def _fits(node: Node, value: str, details: Details, separators: set[str]) -> bool:
    own = expression(node.text, details)
    if own is not None:
        return re.fullmatch(own, value) is not None
    return node.kind == "parent" or (value != "" and not separators.intersection(value))
