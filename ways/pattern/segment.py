"""One segment of a path as a pattern of its own: what one folder's names are matched with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from ways.regex.expression import embed
from ways.regex.guard import Match, Piece, guarded, pieces_of
from ways.pattern.template import Leaf, Template


class SegmentPattern:
    """Matches names against one segment; values that are known are given, and must stand where their token does.

    :param groups: group to token, for the values that a name adds.
    :param known: tokens of the segment whose values are known before.
    """

    def __init__(self, fullmatch: Match, groups: tuple[tuple[str, str], ...], known: tuple[str, ...]) -> None:
        self._read = _Names(fullmatch, groups).__getitem__
        self._known = known

    def reader(self, values: Mapping[str, str]) -> Callable[[str], dict[str, str] | None]:
        """Return a function that gives the values which a name adds to *values*, or ``None`` where it doesn't fit.

        The dicts are shared: whoever hands them out copies them.
        """
        if not self._known:
            return self._read
        # Known values are matched as text in front, so that one pattern serves whatever they are. No name has a NUL.
        front = "".join(f"{values[token]}\0" for token in self._known)
        return lambda name: self._read(front + name)


class _Names(dict[str, "dict[str, str] | None"]):
    """Names with the values they have; one is matched when it is first asked for. A tree has the same in many folders."""

    #: Names that are kept at most.
    LIMIT = 10_000

    def __init__(self, fullmatch: Match, groups: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._fullmatch = fullmatch
        self._groups = groups

    def __missing__(self, name: str) -> dict[str, str] | None:
        if len(self) >= self.LIMIT:
            self.clear()
        found = self._fullmatch(name)
        values = self[name] = None if found is None else {token: found[group] for group, token in self._groups}
        return values


def segment_pattern(template: Template, leaves: Sequence[Leaf], known: Iterable[str]) -> SegmentPattern:
    """Return the pattern of one segment of *template*.

    An expression that would mean something else inside a larger pattern stands for any name: who uses the pattern asks
    the whole mapping in the end.

    :raises re.error: an expression is no regular expression.
    """
    group_of = {token: f"_{number}" for number, token in enumerate(known)}
    ahead = tuple(group_of)
    written = [f"(?P<{group}>[^\0]*)\0" for group in group_of.values()]
    count = len(group_of)
    pieces: list[Piece] | None = []
    for leaf in leaves:
        pieces = _joined(pieces, _pieces(template, leaf, leaf.text in group_of))
        if not leaf.is_token:
            written.append(re.escape(leaf.text))
        elif leaf.text in group_of:
            written.append(f"(?P={group_of[leaf.text]})")
        else:
            group_of[leaf.text] = f"_{len(group_of)}"
            expression, groups = _expression(template, leaf.text, count + 1)
            written.append(f"(?P<{group_of[leaf.text]}>{expression})")
            count += 1 + groups
    added = tuple((group, token) for token, group in group_of.items() if token not in ahead)
    return SegmentPattern(guarded(re.compile("".join(written)), pieces), added, ahead)


def _pieces(template: Template, leaf: Leaf, is_known: bool) -> tuple[Piece, ...] | None:
    if not leaf.is_token:
        return (leaf.text,)
    return () if is_known else pieces_of(_expression(template, leaf.text, 0)[0])


def _joined(pieces: list[Piece] | None, more: tuple[Piece, ...] | None) -> list[Piece] | None:
    return None if pieces is None or more is None else [*pieces, *more]


def _expression(template: Template, token: str, groups_before: int) -> tuple[str, int]:
    spec = template.spec(token)
    written = spec.reads
    if written is None:
        return "(?s:.+)", 0
    if spec.is_plain and not spec.is_read_whole:
        return "(?s:.*)", 0
    return embed(written, groups_before)
