"""Mapping text to literals and tokens, with spans."""

from __future__ import annotations

import re
from collections.abc import Container

from ways.errors import PatternError
from ways.pattern.types import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple

#: A token is a brace, one or more characters that are no braces, and a brace. Everything else is literal.
_TOKEN = re.compile(r"\{([^{}]+)\}")
#: In the second syntax brackets stand around what may be left out. Inside a token they are part of its name.
_ITEM = re.compile(r"\{([^{}]+)\}|\[\[|\]\]|\[|\]")
_BRACKET = re.compile(r"\{[^{}]+\}|([\[\]])")

#: Optional parts that may lie in each other, at most.
MAX_PARTS = 20


class Piece(NamedTuple):
    """A run of literal text, or one token, of a mapping."""

    #: The literal text itself, or the token's name.
    text: str
    is_token: bool
    #: Where the piece starts in the mapping, braces included.
    start: int
    #: The format that stands after the token's name, as in ``{VERSION:03d}``; ``''`` for none.
    format: str = ""
    #: The optional parts it stands in, outermost first, each by the place of its bracket in the mapping.
    options: tuple[int, ...] = ()

    def __str__(self) -> str:
        if not self.is_token:
            return self.text
        return f"{{{self.text}:{self.format}}}" if self.format else f"{{{self.text}}}"


def scan(mapping: str, syntax: int = 1, names: Container[str] | None = None) -> tuple[Piece, ...]:
    """Return the pieces of *mapping* in order; in the first syntax they are, joined as text, *mapping* again.

    In the second syntax ``[...]`` is a part that may be left out, and ``[[`` and ``]]`` are brackets that mean
    nothing; where two parts are open, ``]]`` closes both.

    :param names: the tokens that have details; where given, ``{A:S}`` is the token A with the format S, if S is known
        and no entry is called ``A:S``.
    :raises PatternError: a bracket has no partner, or a part in brackets has no token.
    """
    pieces = _scanned(mapping) if syntax == 1 else _Brackets(mapping).pieces()
    return pieces if names is None or ":" not in mapping else tuple(_typed(piece, names) for piece in pieces)


def token_names(mapping: str) -> list[str]:
    """Return what stands between braces in *mapping*, in order; a repeated token stands there again."""
    return _TOKEN.findall(mapping)


def escaped(mapping: str) -> str:
    """Return a mapping of the first syntax as the second one writes it: its brackets mean nothing."""
    return _BRACKET.sub(lambda match: match[0] + (match[1] or ""), mapping)


def _scanned(mapping: str) -> tuple[Piece, ...]:
    pieces = []
    end = 0
    for match in _TOKEN.finditer(mapping):
        if match.start() > end:
            pieces.append(Piece(mapping[end : match.start()], False, end))
        pieces.append(Piece(match[1], True, match.start()))
        end = match.end()
    if end < len(mapping):
        pieces.append(Piece(mapping[end:], False, end))
    return tuple(pieces)


def _typed(piece: Piece, names: Container[str]) -> Piece:
    name, _, spec = piece.text.partition(":")
    if not piece.is_token or not name or not spec or piece.text in names or kind_of(spec) is None:
        return piece
    return piece._replace(text=name, format=spec)


class _Brackets:
    """Reads one mapping of the second syntax."""

    def __init__(self, mapping: str) -> None:
        self.mapping = mapping
        self._pieces: list[Piece] = []
        self._open: list[int] = []
        #: Parts that hold a token.
        self._filled: set[int] = set()

    def pieces(self) -> tuple[Piece, ...]:
        end = 0
        for match in _ITEM.finditer(self.mapping):
            start, text = match.start(), match[0]
            self._literal(self.mapping[end:start], end)
            end = match.end()
            if match[1]:
                self._filled.update(self._open)
                self._pieces.append(Piece(match[1], True, start, "", tuple(self._open)))
            elif text == "[":
                if len(self._open) == MAX_PARTS:
                    raise PatternError(f"More than {MAX_PARTS} optional parts lie in each other", self.mapping, (start, start + 1))
                self._open.append(start)
            elif text == "]" or (text == "]]" and len(self._open) > 1):
                for place in range(start, end):
                    self._close(place)
            else:
                self._literal(text[0], start)
        self._literal(self.mapping[end:], end)
        if self._open:
            raise self._error("This bracket is never closed", self._open[-1])
        return tuple(self._pieces)

    def _literal(self, text: str, start: int) -> None:
        last = self._pieces[-1] if self._pieces else None
        if last and not last.is_token and last.options == tuple(self._open):
            self._pieces[-1] = last._replace(text=last.text + text)
        elif text:
            self._pieces.append(Piece(text, False, start, "", tuple(self._open)))

    def _close(self, place: int) -> None:
        if not self._open:
            raise self._error("This bracket closes nothing", place)
        opened = self._open.pop()
        if opened not in self._filled:
            raise self._error("This optional part has no token, so it could never be left out", opened, place + 1)

    def _error(self, message: str, start: int, end: int = 0) -> PatternError:
        help = "write a literal bracket twice: [[ or ]]."
        return PatternError(f"{message}; {help}", self.mapping, (start, end or start + 1))


def expand_string(pattern: str, text: str) -> dict[str, str]:
    """Return the values that *text* has for the tokens of *pattern*, or ``{}``, as leniently as Ways 0.1.

    The text is split from the right, each time at the *last* occurrence of the literal before a token, so a token
    takes as much as possible to its left. Text outside the first and the last literal is ignored; a repeated token
    keeps its leftmost value.

    :raises ValueError: two tokens of *pattern* are next to each other.
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
