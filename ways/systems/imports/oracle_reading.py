"""Reads a text in every way that it can be read, for the oracles of systems whose own reading is simple."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

#: Readings of one text that are looked for, and the steps to find them.
MOST_READINGS, _MOST_STEPS = 50, 100_000
#: Parts that may be absent, and other pieces, of a template that is compared.
_MOST_PARTS, _MOST_PIECES = 10, 200


class Piece(NamedTuple):
    """A text, or a token, or a part that may be absent, of what another system writes."""

    text: str = ""
    token: str = ""
    part: tuple[Piece, ...] = ()


def is_short(pieces: Sequence[Piece]) -> bool:
    """Whether a template is short enough to try all of its choices."""
    return _count(pieces, parts=True) <= _MOST_PARTS and _count(pieces, parts=False) <= _MOST_PIECES


def _count(pieces: Sequence[Piece], *, parts: bool) -> int:
    return sum((parts + _count(piece.part, parts=parts)) if piece.part else not parts for piece in pieces)


def choices(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, ...]]:
    """Yield texts and tokens alone, for each choice of the parts that may be absent."""
    if not pieces:
        yield ()
        return
    head: Iterable[tuple[Piece, ...]] = (*choices(pieces[0].part), ()) if pieces[0].part else ((pieces[0],),)
    ends = list(choices(pieces[1:]))
    yield from (start + end for start in head for end in ends)


def readings(pieces: Sequence[Piece], text: str, fits: Callable[[str, str], bool]) -> list[dict[str, str]]:
    """Return the different ways to read a text, but for those above ``MOST_READINGS``: the text of each token.

    :param fits: whether a token may have a text.
    """
    found: list[dict[str, str]] = []
    steps = iter(range(_MOST_STEPS))
    for choice in choices(pieces):
        for reading in islice(_read(choice, text, {}, fits, steps), MOST_READINGS):
            if reading not in found:
                found.append(reading)
        if len(found) >= MOST_READINGS:
            break
    return found[:MOST_READINGS]


def _read(
    pieces: Sequence[Piece], text: str, known: Mapping[str, str], fits: Callable[[str, str], bool], steps: Iterator[int]
) -> Iterator[dict[str, str]]:
    if next(steps, None) is None:
        return
    if not pieces:
        if not text:
            yield dict(known)
        return
    piece, rest = pieces[0], pieces[1:]
    if not piece.token:
        if text.startswith(piece.text):
            yield from _read(rest, text[len(piece.text) :], known, fits, steps)
        return
    if piece.token in known:
        if text.startswith(known[piece.token]):
            yield from _read(rest, text[len(known[piece.token]) :], known, fits, steps)
        return
    after = rest[0].text if rest and not rest[0].token else ""
    for end in range(len(text), 0, -1):
        if text.startswith(after, end) and (rest or end == len(text)) and fits(piece.token, text[:end]):
            yield from _read(rest, text[end:], {**known, piece.token: text[:end]}, fits, steps)
