"""Engines: how an expression is read when a mapping is filled in, and what one token amounts to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from ways.errors import TokenCycleError
from ways.pattern.scan import Piece, scan, token_names
from ways.pattern.template import Template
from ways.pattern.token import TokenSpec

ENVIRONMENT_ENGINES = frozenset({"env", "environment", "env_vars"})
#: Rounds of filling and expanding when no depth is asked for: more than any sheet nests.
_NO_LIMIT = 10_000


class _Part(NamedTuple):
    """A stretch of a text that is being filled in: a token still, or text that stays."""

    text: str
    is_token: bool
    owners: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{{{self.text}}}" if self.is_token else self.text


class Filling(NamedTuple):
    """What a mapping is filled with."""

    engines: tuple[str, ...]
    groups: Mapping[str, object]
    holdout: Collection[str]
    environ: Mapping[str, str]
    #: Whether each value filled in is written as a named group, ``(?P<TOKEN>value)``.
    display: bool = False


def fill(mapping: str, specs: Mapping[str, TokenSpec], filling: Filling, depth: int = -1) -> str:
    """Return *mapping* with each token replaced by its value, its expression, or its child tokens.

    A round fills what it can, then expands what is left; *depth* rounds are made (-1: as many as it takes), and the
    last one of a given number fills once more. Tokens that nothing fills stay as they are.

    :raises TokenCycleError: tokens hold each other in a circle.
    """
    parts = [_Part(piece.text, piece.is_token) for piece in scan(mapping)]
    for number in range(depth if depth >= 0 else _NO_LIMIT if depth == -1 else 0):
        filled = [_filled(part, specs, filling) for part in parts]
        expanded = [new for part in filled for new in _expanded(part, specs, filling.holdout)]
        if expanded == parts:
            break
        parts = expanded
        if number + 1 == depth:
            parts = [_filled(part, specs, filling) for part in parts]
    return "".join(str(part) for part in parts)


def compose(template: Template, token: str, engine: str, *, own: bool = True) -> str | None:
    """Return the expression of *token* for *engine*: its own, or that of its mapping with its children's in place.

    A child with both counts by its mapping. ``None`` where some leaf below has no expression.

    :raises TokenCycleError: tokens hold each other in a circle.
    """
    spec = template.spec(token)
    written = spec.expression(engine)
    if not spec.splits or (own and written is not None):
        return written
    expressions = []
    for leaf in template.part(token).leaves:
        found = template.spec(leaf.text).expression(engine) if leaf.is_token else leaf.text
        if found is None:
            return None
        expressions.append(found)
    return "".join(expressions)


def named_groups(template: Template, token: str) -> str | None:
    """Return the composed regex of *token* with a named group for each token below it, or ``None``."""
    mapping = template.spec(token).mapping
    filling = Filling(("regex",), {}, (), {}, display=True)
    text = fill(mapping, template.specs, filling)
    known = set(template.part(token).all_tokens)
    return None if known.intersection(token_names(text)) else text


def group_dict(pattern: str | None, text: str) -> dict[str, str]:
    """Return the named groups of *pattern* at the start of *text*; ``{}`` where it doesn't match or is no regex."""
    if not pattern:
        return {}
    try:
        found = re.match(pattern, text)
    except (re.error, RecursionError):
        return {}
    return {name: value for name, value in found.groupdict().items() if value is not None} if found else {}


def _filled(part: _Part, specs: Mapping[str, TokenSpec], filling: Filling) -> _Part:
    if not part.is_token or part.text in filling.holdout:
        return part
    value = _value(part.text, specs, filling)
    if value is None:
        return part
    return _Part(f"(?P<{part.text}>{value})" if filling.display else value, False)


def _value(name: str, specs: Mapping[str, TokenSpec], filling: Filling) -> str | None:
    if name in filling.groups:
        return str(filling.groups[name])
    spec = specs.get(name)
    for engine in filling.engines:
        if engine.lower() in ENVIRONMENT_ENGINES:
            found = filling.environ.get(name)
        else:
            found = spec.expression(engine) if spec else None
        if found is not None:
            return found
    return None


def _expanded(part: _Part, specs: Mapping[str, TokenSpec], holdout: Collection[str]) -> Iterable[_Part]:
    spec = specs.get(part.text) if part.is_token and part.text not in holdout else None
    if spec is None or not spec.splits:
        return (part,)
    if part.text in part.owners:
        raise TokenCycleError([*part.owners[part.owners.index(part.text) :], part.text])
    owners = (*part.owners, part.text)
    pieces: tuple[Piece, ...] = scan(spec.mapping)
    return (_Part(piece.text, piece.is_token, owners) for piece in pieces)
