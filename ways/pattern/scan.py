"""Mapping text to literals and tokens, with spans."""

from __future__ import annotations

import re
from typing import NamedTuple

#: A token is a brace, one or more characters that are no braces, and a brace. Everything else is literal.
_TOKEN = re.compile(r"\{([^{}]+)\}")


class Piece(NamedTuple):
    """A run of literal text, or one token, of a mapping."""

    #: The literal text itself, or the token's name.
    text: str
    is_token: bool
    #: Where the piece starts in the mapping, braces included.
    start: int

    def __str__(self) -> str:
        return f"{{{self.text}}}" if self.is_token else self.text


def scan(mapping: str) -> tuple[Piece, ...]:
    """Return the pieces of *mapping* in order; joined as text, they are *mapping* again."""
    pieces = []
    end = 0
    for found in _TOKEN.finditer(mapping):
        if found.start() > end:
            pieces.append(Piece(mapping[end : found.start()], False, end))
        pieces.append(Piece(found[1], True, found.start()))
        end = found.end()
    if end < len(mapping):
        pieces.append(Piece(mapping[end:], False, end))
    return tuple(pieces)


def token_names(mapping: str) -> list[str]:
    """Return the names of the tokens in *mapping*, in order, repeats kept."""
    return _TOKEN.findall(mapping)


def expand_string(pattern: str, text: str) -> dict[str, str]:
    """Return the values that *text* has for the tokens of *pattern*, or ``{}``; the lenient way of Ways 0.1.

    The text is split from the right, each time at the *last* occurrence of the literal before a token, so a token
    takes as much as it can to its left. Text outside the first and the last literal is ignored; a repeated token
    keeps its leftmost value.

    :raises ValueError: two tokens of *pattern* stand side by side.
    """
    pieces = scan(pattern)
    if any(left.is_token and right.is_token for left, right in zip(pieces, pieces[1:])):
        raise ValueError(f"The tokens of {pattern!r} stand side by side: there is no text to split at.")
    values: dict[str, str] = {}
    rest = text
    name = ""
    for piece in reversed(pieces):
        if piece.is_token:
            name = piece.text
            values[name] = rest
            continue
        head, literal, tail = rest.rpartition(piece.text)
        if not literal:
            return {}
        if name:
            values[name] = tail
        rest, name = head, ""
    return {name: values[name] for name in reversed(values)}
