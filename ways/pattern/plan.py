"""Plan: what is known of a mapping before there is a text or a value, for the common case of a mapping that is plain."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from operator import itemgetter
from typing import Any

from ways.errors import PatternError
from ways.pattern.compiled import CompiledPattern, PatternCache
from ways.pattern.scan import Piece
from ways.pattern.template import Leaf, Template

Match = Callable[[str], "re.Match[str] | None"]


class Plan:
    """Short ways to read and write by one mapping. Never changes; each answer agrees with the long way, or is ``None``.

    What is plain enough for a short way is told once; everything else takes the long way.
    """

    def __init__(self, template: Template, patterns: PatternCache) -> None:
        self.template = template
        self._patterns = patterns
        #: Tokens whose value is not just its text.
        self.special = frozenset(
            name for name, spec in template.all_specs.items() if spec.before_return or not spec.is_plain
        )
        self._found: dict[str, Callable[[Mapping[str, Any]], str | None]] = {}

    @cached_property
    def read(self) -> Match:
        """Matches a text that fits strictly, where there is but one reading; :meth:`values` tells what a match says."""
        return _nothing if self._pattern is None else self._pattern.regex.fullmatch

    @cached_property
    def complete(self) -> Match:
        """The same, where each match gives every token a value that an Asset needs."""
        return self.read if _gives_all(self.template) else _nothing

    @cached_property
    def _pattern(self) -> CompiledPattern | None:
        return _single(self.template, self._patterns)

    @cached_property
    def _groups(self) -> tuple[str | None, ...]:
        """The token of each group, in order; ``None`` for a group inside a token's own expression."""
        assert self._pattern is not None
        named = {number: self._pattern.groups.get(name) for name, number in self._pattern.regex.groupindex.items()}
        return tuple(named.get(number + 1) for number in range(self._pattern.regex.groups))

    @cached_property
    def _others(self) -> tuple[str | None, ...]:
        """What stands in :attr:`_groups` and is no leaf token."""
        return tuple({*self._groups}.difference(self.template.leaf_tokens))

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The group of each leaf token whose value is just its text."""
        leaves = {*self.template.leaf_tokens} - self.special
        return {name: number for number, name in enumerate(self._groups, 1) if name in leaves}

    def values(self, match: re.Match[str]) -> dict[str, str]:
        """Return the value of each leaf token in a match of :attr:`read`."""
        found = dict(zip(self._groups, match.groups()))
        for name in self._others:
            del found[name]
        return found  # type: ignore[return-value]

    def columns(self, matches: Iterable[re.Match[str]]) -> dict[str, list[str]]:
        """Return the values of each leaf token in many matches, in their order."""
        columns = zip(*[match.groups() for match in matches])
        leaves = {*self.template.leaf_tokens}
        return {name: list(column) for name, column in zip(self._groups, columns) if name in leaves}

    def written(self, values: Mapping[str, Any]) -> str | None:
        """Return the text that these values have, where they are those of all leaf tokens and nothing else."""
        writer = self._writer
        return writer(values) if writer is not None and len(values) == len(self.template.leaf_tokens) else None

    @cached_property
    def _writer(self) -> Writer | None:
        template = self.template
        parents = {*template.all_tokens}.difference(template.leaf_tokens)
        # A token that stands in another one may be read from it, rather than written by its children.
        is_flat = not any(next(template.parents(name), None) for name in parents)
        is_filled = all(template.children(name) for name in parents)
        if not template.is_plain or not is_flat or not is_filled or not template.leaf_tokens:
            return None
        return Writer(template.leaves)

    def value(self, name: str, values: Mapping[str, Any]) -> Any:
        """Return the value of a token: given, read from the parent that counts most, or written by its children."""
        if name in self.special:
            return None
        if name in values:
            return values[name]
        finder = self._found.get(name)
        if finder is None:
            finder = self._found[name] = self._finder(name)
        return finder(values)

    def _finder(self, name: str) -> Callable[[Mapping[str, Any]], str | None]:
        template = self.template
        if not template.is_plain or len(self._found) > len(template.specs) + len(template.all_tokens):
            return _nothing_of
        parent = next((other for other in template.parents(name) if other != name), None)
        if parent is not None:
            return self._reader(name, parent)
        pieces, specs = template.pieces_of(name), template.specs
        children = template.children(name)
        is_flat = not any(piece.options or (piece.text in specs and specs[piece.text].splits) for piece in pieces if piece.is_token)
        return Writer(pieces) if template.spec(name).splits and children and is_flat else _nothing_of

    def _reader(self, name: str, parent: str) -> Callable[[Mapping[str, Any]], str | None]:
        try:
            pattern = _single(self.template.part(parent), self._patterns)
        except PatternError:
            pattern = None
        group = next((group for group, token in pattern.groups.items() if token == name), "") if pattern else ""
        return Reader(parent, pattern.regex, group) if pattern and group else _nothing_of


class Writer:
    """Writes values between literals: one look-up for all of them, and one ``%``."""

    __slots__ = ("_form", "_get", "_is_one")

    def __init__(self, pieces: Iterable[Piece | Leaf]) -> None:
        pieces = tuple(pieces)
        names = [piece.text for piece in pieces if piece.is_token]
        self._form = "".join("%s" if piece.is_token else piece.text.replace("%", "%%") for piece in pieces)
        self._get = itemgetter(*names)
        self._is_one = len(names) == 1

    def __call__(self, values: Mapping[str, Any]) -> str | None:
        """Return the text, or ``None`` where a value lacks or is empty."""
        try:
            found = self._get(values)
        except KeyError:
            return None
        if self._is_one:
            found = (found,)
        return self._form % found if all(found) else None


class Reader:
    """Reads one token's value from that of the token it stands in."""

    __slots__ = ("_parent", "_fullmatch", "_number")

    def __init__(self, parent: str, regex: re.Pattern[str], group: str) -> None:
        self._parent = parent
        self._fullmatch = regex.fullmatch
        self._number = regex.groupindex[group]

    def __call__(self, values: Mapping[str, Any]) -> str | None:
        """Return the value, or ``None`` where there is none or it is empty."""
        if self._parent not in values:
            return None
        found = self._fullmatch(str(values[self._parent]))
        return found[self._number] or None if found is not None else None


def _nothing(text: str) -> re.Match[str] | None:
    return None


def _nothing_of(values: Mapping[str, Any]) -> str | None:
    return None


def _single(template: Template, patterns: PatternCache) -> CompiledPattern | None:
    """Return the strict pattern of a template if a match says all there is to say.

    :raises PatternError: the template has none.
    """
    pattern = patterns.get(template)
    return pattern if template.mapping and pattern.says_all else None


def _gives_all(template: Template) -> bool:
    """Whether the values of all leaf tokens give each other token a value too.

    One that is written by others has none where they are all empty, or where no token stands in it.
    """
    leaves = template.leaf_tokens
    parents = {*template.all_tokens}.difference(leaves)
    if not all(template.children(name) for name in parents):
        return False
    return not parents or not any((fits := template.spec(name).fits()) and fits("") for name in leaves)
