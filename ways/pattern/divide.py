"""Division: a text among literals and tokens, for mappings that no single regular expression can hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ways.pattern.template import Leaf, Template


class _Step(NamedTuple):
    """What comes next in a mapping: a literal, a token, or the start or the end of a token that others write."""

    kind: str
    text: str
    #: The literal text that stands right after, as far as it is known; ``None`` where no text comes after.
    following: str | None = ""
    #: The tokens that stand both before and after: what failed with one of their values may not with another.
    kept: tuple[str, ...] = ()


class _Place(NamedTuple):
    """How far a text is divided."""

    position: int
    #: Where each token that is being written by others starts.
    begun: tuple[int, ...]
    values: Mapping[str, str]


class Division:
    """Divides texts as one mapping says, longest values to the left first, and asks each expression of its value alone.

    Exact, and slow: the time grows with a power of the text's length. What failed once is not tried again, so it
    doesn't grow exponentially.

    :param expressions: what the value of each token must fit as a whole; a token that others write may have none.
    :param repeats_agree: whether a repeated token has one value.
    """

    def __init__(self, template: Template, expressions: Mapping[str, re.Pattern[str]], *, repeats_agree: bool) -> None:
        self._expressions = expressions
        self._repeats_agree = repeats_agree
        self._steps = _steps(template)

    def of(self, text: str) -> Mapping[str, str] | None:
        """Return the value of every token, or ``None`` where *text* doesn't fit."""
        return self._from(0, _Place(0, (), {}), text, set())

    def _from(self, number: int, place: _Place, text: str, failed: set[object]) -> Mapping[str, str] | None:
        if number == len(self._steps):
            return place.values if place.position == len(text) else None
        step = self._steps[number]
        key = (number, place.position, place.begun, *(place.values[name] for name in step.kept))
        if key in failed:
            return None
        for further in self._ways(step, place, text):
            found = self._from(number + 1, further, text, failed)
            if found is not None:
                return found
        failed.add(key)
        return None

    def _ways(self, step: _Step, place: _Place, text: str) -> Iterator[_Place]:
        """Yield each place that one step may lead to."""
        position, begun, values = place
        if step.kind == "open":
            yield place._replace(begun=(*begun, position))
        elif step.kind == "close":
            value = text[begun[-1] : position]
            if step.text not in self._expressions or self._expressions[step.text].fullmatch(value):
                yield _Place(position, begun[:-1], {step.text: value, **values})
        elif step.kind == "literal" or (self._repeats_agree and step.text in values):
            fixed = step.text if step.kind == "literal" else values[step.text]
            if text.startswith(fixed, position):
                yield place._replace(position=position + len(fixed))
        else:
            for end in _ends(step, text, position):
                value = text[position:end]
                if self._expressions[step.text].fullmatch(value):
                    yield _Place(end, begun, {step.text: value, **values})


def _ends(step: _Step, text: str, start: int) -> Iterator[int]:
    """Yield where the value of a token may end, the longest first."""
    if step.following is None:
        yield len(text)
        return
    yield from (end for end in range(len(text), start - 1, -1) if text.startswith(step.following, end))


def _steps(template: Template) -> list[_Step]:
    steps = list(_bare_steps(template))
    tokens = [step.text if step.kind == "token" else "" for step in steps]
    for number, step in enumerate(steps):
        rest = (other for other in steps[number + 1 :] if other.kind not in ("open", "close"))
        after = next(rest, None)
        following = None if after is None else after.text if after.kind == "literal" else ""
        kept = tuple(sorted({*tokens[:number]}.intersection(tokens[number:]) - {""}))
        steps[number] = step._replace(following=following, kept=kept)
    return steps


def _bare_steps(template: Template) -> Iterator[_Step]:
    owners: tuple[tuple[str, int], ...] = ()
    end = Leaf("", False, ())
    for leaf in (*template.leaves, end):
        kept = 0
        while kept < min(len(owners), len(leaf.owners)) and owners[kept] == leaf.owners[kept]:
            kept += 1
        yield from (_Step("close", name) for name, _ in reversed(owners[kept:]))
        yield from (_Step("open", name) for name, _ in leaf.owners[kept:])
        owners = leaf.owners
        if leaf is not end:
            yield _Step("token" if leaf.is_token else "literal", leaf.text)
